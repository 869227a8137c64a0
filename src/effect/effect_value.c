/*
 * effect_value.c
 *		Values of the SQL type loyalty.effect.
 */
#include "postgres.h"

#include "document/document.h"
#include "effect/effect_value.h"
#include "effect/exact.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#define EFFECT_VERSION 1

/* how much of a stratum's name a message shows */
#define SHOWN_BYTES 80

static Datum effect_in(const SqlType *type, const char *text, size_t len);

static const DocumentType effect_type = {
	{"effect", effect_in, document_write, document_receive, document_send, NULL},
	EFFECT_VERSION, NULL, NULL
};
SQL_TYPE_FUNCTIONS(effect, &effect_type.type)

void
effect_begin(StringInfo out)
{
	initStringInfo(out);
	appendStringInfoSpaces(out, VARHDRSZ);
	appendStringInfoChar(out, EFFECT_VERSION);
}

Datum
effect_end(StringInfo out)
{
	SET_VARSIZE(out->data, out->len);
	return PointerGetDatum(out->data);
}

static const char *
stored_text(Datum value, size_t *len)
{
	const char *bytes = sql_type_bytes(value, len);

	if (*len < 1 || (uint8) bytes[0] != EFFECT_VERSION)
		sql_type_damaged("effect");
	(*len)--;
	return bytes + 1;
}

typedef struct Walk
{
	stratum_fn	fn;
	void	   *arg;
	ErrorContextCallback context;
} Walk;

/* What is wrong with a stratum is damage; what its taker cannot do with it is not. */
static void
hand_over(const Stratum *stratum, const JsonNode *node, void *arg)
{
	Walk	   *walk = arg;

	error_context_stack = walk->context.previous;
	walk->fn(stratum, node, walk->arg);
	error_context_stack = &walk->context;
}

void
effect_walk(Datum value, EffectHead *head, stratum_fn fn, void *arg)
{
	size_t		len;
	const char *text = stored_text(value, &len);
	Walk		walk = {fn, arg, {error_context_stack, document_blame_store, unconstify(char *, effect_type.type.name)}};

	error_context_stack = &walk.context;
	effect_read(text, len, GetDatabaseEncoding(), head, hand_over, &walk);
	error_context_stack = walk.context.previous;
}

bool
effect_earlier(Datum value)
{
	static const char begins[] = "{\"earlier\": true,";
	size_t		len;
	const char *text = stored_text(value, &len);

	return len >= strlen(begins) && memcmp(text, begins, strlen(begins)) == 0;
}

/* ---------------- input ---------------- */

/* A stratum as it was read: its canonical text, and what it is put in order by. */
typedef struct ReadStratum
{
	char	   *name;			/* NULL: the stratum NULL */
	size_t		len;
	size_t		at;				/* its text among all */
	size_t		size;
} ReadStratum;

typedef struct Input
{
	MemoryContext context;
	StringInfoData texts;
	ReadStratum *strata;
	uint32		n;
	uint32		room;
} Input;

#define ST_SORT sort_strata
#define ST_ELEMENT_TYPE ReadStratum
#define ST_COMPARE(a, b) strata_compare((a)->name, (a)->len, (b)->name, (b)->len)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* n times the sum of squares or products around the means; of squares never negative. */
static Datum
around_means(int64 n, const Cell *cell, Sum square, Sum a, Sum b)
{
	return numeric_minus(numeric_times(exact_whole(n).num, numeric_from_text(cell->sums[square])),
						 numeric_times(numeric_from_text(cell->sums[a]), numeric_from_text(cell->sums[b])));
}

/* Could these be the sums of so many customers? */
static bool
is_possible(const Cell *cell)
{
	Datum		after = around_means(cell->n, cell, SUM_AFTER2, SUM_AFTER, SUM_AFTER);
	Datum		before;
	Datum		both;
	int			sign = numeric_sign_of(after);

	if (sign < 0 || (cell->n == 1 && sign != 0))
		return false;
	if (cell->sums[SUM_BEFORE] == NULL)
		return true;
	before = around_means(cell->n, cell, SUM_BEFORE2, SUM_BEFORE, SUM_BEFORE);
	both = around_means(cell->n, cell, SUM_PRODUCT, SUM_AFTER, SUM_BEFORE);
	sign = numeric_sign_of(before);
	return sign >= 0 && (cell->n > 1 || sign == 0) &&
		numeric_sign_of(numeric_minus(numeric_times(after, before), numeric_times(both, both))) >= 0;
}

static void
take_stratum(const Stratum *stratum, const JsonNode *node, void *arg)
{
	Input	   *input = arg;
	MemoryContext caller;
	ReadStratum *one;
	bool		earlier = false;

	for (int side = 0; side < SIDES; side++)
	{
		const Cell *cell = &stratum->cells[side];

		if (cell->n == 0)
			continue;
		earlier = cell->sums[SUM_BEFORE] != NULL;
		if (!is_possible(cell))
			value_refuse(json_member(node, side == MEMBERS ? "members" : "others"), "has sums that no customers can have", NULL,
						 "A sum of squares is at least the square of the sum divided by \"n\", and the product agrees with both.");
	}
	caller = MemoryContextSwitchTo(input->context);
	if (input->n == input->room)
	{
		input->room = Max(16, 2 * input->room);
		input->strata = input->n == 0 ? palloc(input->room * sizeof(ReadStratum)) :
			repalloc_huge(input->strata, input->room * sizeof(ReadStratum));
	}
	one = &input->strata[input->n++];
	one->name = stratum->name ? pnstrdup(stratum->name, stratum->len) : NULL;
	one->len = stratum->len;
	one->at = input->texts.len;
	effect_write_stratum(&input->texts, stratum, earlier);
	one->size = input->texts.len - one->at;
	MemoryContextSwitchTo(caller);
}

loyalty_compat_noreturn static void
refuse_twice(const ReadStratum *stratum)
{
	const char *name = stratum->name;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("strata: a stratum is given twice"),
			 name ? errdetail("It is \"%s\".", pnstrdup(name, pg_mbcliplen(name, (int) stratum->len, SHOWN_BYTES))) :
			 errdetail("It is null."),
			 errhint("Each stratum is given once, with its members and its others.")));
	pg_unreachable();
}

static void
name_type(void *arg)
{
	errcontext("document of type loyalty.%s", (const char *) arg);
}

/* A text is stored as what it was understood as. */
static Datum
effect_in(const SqlType *type, const char *text, size_t len)
{
	ErrorContextCallback context = {error_context_stack, name_type, unconstify(char *, type->name)};
	Input		input = {.context = CurrentMemoryContext};
	EffectHead	head;
	StringInfoData out;

	error_context_stack = &context;
	initStringInfo(&input.texts);
	effect_read(text, len, GetDatabaseEncoding(), &head, take_stratum, &input);
	if (input.n > 1)
		sort_strata(input.strata, input.n);
	effect_begin(&out);
	effect_write_head(&out, &head);
	for (uint32 i = 0; i < input.n; i++)
	{
		const ReadStratum *one = &input.strata[i];

		CHECK_FOR_INTERRUPTS();
		if (i > 0 && strata_compare(one[-1].name, one[-1].len, one->name, one->len) == 0)
			refuse_twice(one);
		if (i > 0)
			appendStringInfoString(&out, ", ");
		appendBinaryStringInfo(&out, input.texts.data + one->at, (int) one->size);
	}
	effect_write_end(&out);
	error_context_stack = context.previous;
	return effect_end(&out);
}
