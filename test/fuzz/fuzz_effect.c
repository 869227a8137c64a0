/*
 * fuzz_effect.c
 *		Effects: what is accepted is written and read again as it was, stratum by
 *		stratum.
 */
#include "postgres.h"

#include "fuzz.h"

#include "effect/effect.h"
#include "mb/pg_wchar.h"

typedef struct Written
{
	StringInfoData strata;
	bool		any;
} Written;

static void
write_stratum(const Stratum *stratum, const JsonNode *node, void *arg)
{
	Written    *written = arg;
	const Cell *cell = &stratum->cells[stratum->cells[MEMBERS].n > 0 ? MEMBERS : OTHERS];

	fuzz_expect(cell->n > 0);
	if (written->any)
		appendStringInfoString(&written->strata, ", ");
	written->any = true;
	effect_write_stratum(&written->strata, stratum, cell->sums[SUM_BEFORE] != NULL);
}

/* The canonical text of a text, but for the order of strata. */
static char *
rewritten(const char *text)
{
	Written		written = {0};
	EffectHead	head;
	StringInfoData out;

	initStringInfo(&written.strata);
	effect_read(text, strlen(text), PG_UTF8, &head, write_stratum, &written);
	initStringInfo(&out);
	effect_write_head(&out, &head);
	appendStringInfoString(&out, written.strata.data);
	effect_write_end(&out);
	return out.data;
}

static void
rewrite(void *arg)
{
	char	  **text = arg;

	*text = rewritten(*text);
}

void
fuzz_one(const uint8 *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	char	   *once;

	/* the server has seen to that */
	pg_verifymbstr(text, (int) strlen(text), false);
	once = text = rewritten(text);
	if (fuzz_try(rewrite, &text) != 0)
		fuzz_finding("what was written is not read");
	fuzz_expect(strcmp(once, text) == 0);
}
