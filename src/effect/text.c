/*
 * text.c
 *		The text of an effect: see effect.h.
 */
#include "postgres.h"

#include "document/read.h"
#include "effect/effect.h"

#include "utils/memutils.h"

static const char *const side_names[SIDES] = {"members", "others"};
static const char *const sum_names[SUMS] = {"after", "after2", "before", "before2", "product"};

int
strata_compare(const char *a, size_t alen, const char *b, size_t blen)
{
	int			c;

	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	c = memcmp(a, b, Min(alen, blen));
	return c != 0 ? c : (alen > blen) - (alen < blen);
}

char *
canonical_number(const char *text, size_t len, int whole_digits, int places)
{
	const char *p = text;
	const char *end = text + len;
	bool		negative = p < end && *p == '-';
	const char *whole;
	const char *point;
	const char *last;
	char	   *result;

	p += negative;
	for (whole = p; p < end && *p >= '0' && *p <= '9'; p++)
		;
	point = p;
	if (p < end && *p == '.')
		p++;
	for (; p < end && *p >= '0' && *p <= '9'; p++)
		;
	if (p != end || point == whole)
		return NULL;

	while (whole < point - 1 && *whole == '0')
		whole++;
	/* without a point it stands at the end: zeros before it stay */
	for (last = end; last > point && (last[-1] == '0' || last[-1] == '.'); last--)
		;
	if (point - whole > whole_digits || last - point - 1 > places)
		return NULL;
	negative = negative && !(last == point && point - whole == 1 && *whole == '0');
	result = palloc(last - whole + 2);
	result[0] = '-';
	memcpy(result + negative, whole, last - whole);
	result[negative + (last - whole)] = '\0';
	return result;
}

/* ---------------- reading ---------------- */

typedef struct Reading
{
	stratum_fn	fn;
	void	   *arg;
	bool		any;			/* has a stratum been read? */
	bool		earlier;		/* do they have an earlier period? */
} Reading;

/* A whole number that may be as large as a bigint. */
static int64
read_count(const JsonNode *node, int64 least)
{
	int64		n = -1;

	if (node->type == JSON_NUMBER && node->len <= EFFECT_COUNT_DIGITS && strspn(node->text, "0123456789") == node->len)
	{
		n = 0;
		for (const char *p = node->text; *p; p++)
		{
			if (__builtin_mul_overflow(n, 10, &n) || __builtin_add_overflow(n, *p - '0', &n))
			{
				n = -1;
				break;
			}
		}
	}
	if (n < least)
		value_refuse(node, least > 0 ? "must be a whole number above 0" : "must be a whole number, not below 0",
					 value_found(node), NULL);
	return n;
}

static const char *
read_sum(const JsonNode *node, Sum sum)
{
	int			times = sum_is_square(sum) ? 2 : 1;
	int			whole = EFFECT_COUNT_DIGITS + times * EFFECT_WHOLE_DIGITS;
	char	   *number = NULL;

	if (node->type == JSON_NUMBER)
		number = canonical_number(node->text, node->len, whole, times * EFFECT_PLACES);
	if (number == NULL)
		value_refuse(node, psprintf("must be a number of up to %d digits before the decimal point and %d after it", whole,
									times * EFFECT_PLACES),
					 value_found(node), "Write it without an exponent and without quotes.");
	return number;
}

static void
read_cell(Reading *r, const JsonNode *node, Cell *cell)
{
	static const char *const keys[] = {"n", "after", "after2", "before", "before2", "product", NULL};
	static const char *hint = "A group has the number of its customers, \"n\", and the sums of \"after\", its squares \"after2\", and with an earlier period \"before\", \"before2\" and \"product\".";
	bool		earlier;

	value_keys(node, keys);
	cell->n = read_count(value_need(node, "n", hint), 1);
	earlier = json_member(node, sum_names[SUM_BEFORE]) != NULL;
	if (r->any && earlier != r->earlier)
		value_refuse(node, earlier ? "has an earlier period, unlike those before it" : "has no earlier period, unlike those before it", NULL, hint);
	r->any = true;
	r->earlier = earlier;
	for (int sum = 0; sum < (earlier ? SUMS : SUMS_WITHOUT_BEFORE); sum++)
		cell->sums[sum] = read_sum(value_need(node, sum_names[sum], hint), sum);
	for (int sum = SUMS_WITHOUT_BEFORE; !earlier && sum < SUMS; sum++)
		value_only_with(node, sum_names[sum], "\"before\"");
}

static void
read_stratum(JsonNode *node, void *arg)
{
	static const char *const keys[] = {"stratum", "members", "others", NULL};
	Reading    *r = arg;
	Stratum		stratum = {0};
	const JsonNode *name;
	bool		is_text;

	value_keys(node, keys);
	name = json_member(node, "stratum");
	is_text = name && name->type == JSON_STRING;
	if (!is_text && !(name && name->type == JSON_NULL))
		value_refuse(name ? name : node, name ? "must be a string or null" : "needs a \"stratum\", a string or null",
					 name ? value_found(name) : NULL, NULL);
	if (is_text)
	{
		stratum.name = name->text;
		stratum.len = name->len;
	}
	for (int side = 0; side < SIDES; side++)
	{
		const JsonNode *cell = json_member(node, side_names[side]);

		if (cell)
			read_cell(r, cell, &stratum.cells[side]);
	}
	if (stratum.cells[MEMBERS].n == 0 && stratum.cells[OTHERS].n == 0)
		value_refuse(node, "has nobody in it", NULL, "Give \"members\", \"others\" or both.");
	r->fn(&stratum, node, r->arg);
}

void
effect_read(const char *text, size_t len, int encoding, EffectHead *head, stratum_fn fn, void *arg)
{
	static const char *const keys[] = {"earlier", "skipped", "strata", NULL};
	Reading		r = {fn, arg, false, false};
	const JsonNode *document = json_read_around(text, len, encoding, "effect", "strata", read_stratum, &r);
	const JsonNode *strata;
	const JsonNode *skipped;

	value_keys(document, keys);
	strata = value_need(document, "strata", "Write the strata as a list, which may be empty.");
	if (strata->type != JSON_ARRAY)
		value_refuse(strata, "must be a list", value_found(strata), NULL);
	skipped = json_member(document, "skipped");
	head->skipped = skipped ? read_count(skipped, 0) : 0;
	head->earlier = value_truth_or(document, "earlier", false);
	if (r.any && r.earlier != head->earlier)
		value_refuse(document, r.earlier ? "needs \"earlier\": true" : "must not have \"earlier\": true",
					 r.earlier ? "Its strata have an earlier period." : "Its strata have no earlier period.", NULL);
}

/* ---------------- writing ---------------- */

void
effect_write_head(StringInfo out, const EffectHead *head)
{
	appendStringInfoChar(out, '{');
	if (head->earlier)
		appendStringInfoString(out, "\"earlier\": true, ");
	if (head->skipped != 0)
		appendStringInfo(out, "\"skipped\": " INT64_FORMAT ", ", head->skipped);
	appendStringInfoString(out, "\"strata\": [");
}

void
effect_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("effect is too large"),
			 errdetail("A value of type loyalty.effect, and what the aggregate loyalty.effect() gathers for it, must stay below 1 GB."),
			 errhint("Use fewer strata, such as ranges instead of single values.")));
}

/* at most what a stratum takes beside its name */
#define STRATUM_SIZE	8192

StaticAssertDecl(SIDES * SUMS * (EFFECT_COUNT_DIGITS + 2 * (EFFECT_WHOLE_DIGITS + EFFECT_PLACES) + 20) + 200 < STRATUM_SIZE,
				 "the text of a stratum has its bound");

void
effect_write_stratum(StringInfo out, const Stratum *stratum, bool earlier)
{
	/* an escape is 6 bytes */
	if (stratum->len * 6 + STRATUM_SIZE >= MaxAllocSize - (size_t) out->len)
		effect_too_large();
	appendStringInfoString(out, "{\"stratum\": ");
	if (stratum->name)
		json_append_string(out, stratum->name, stratum->len);
	else
		appendStringInfoString(out, "null");
	for (int side = 0; side < SIDES; side++)
	{
		const Cell *cell = &stratum->cells[side];

		if (cell->n == 0)
			continue;
		appendStringInfo(out, ", \"%s\": {\"n\": " INT64_FORMAT, side_names[side], cell->n);
		for (int sum = 0; sum < (earlier ? SUMS : SUMS_WITHOUT_BEFORE); sum++)
			appendStringInfo(out, ", \"%s\": %s", sum_names[sum], cell->sums[sum]);
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, '}');
}

void
effect_write_end(StringInfo out)
{
	appendStringInfoString(out, "]}");
}
