/*
 * asked.c
 *		What was asked of a customer and what was there, as jsonb.
 *
 * It is written as jsonb stands on disk (utils/jsonb.h): by the server's own
 * functions this would cost more than all the rest of an offer.  The regression
 * tests compare it with what the server makes of its text.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "credit/asked.h"

#include "utils/jsonb.h"

/* rules, in the order of jsonb's keys: by length, then bytewise; REPAID is none of the measures */
#define REPAID MEASURES

static const int by_key[] = {
	MEASURE_SALES, MEASURE_GROWTH, MEASURE_ORDERS, MEASURE_PROFIT, REPAID, MEASURE_TENURE, MEASURE_REFUNDS, MEASURE_PROFITABLE
};

#define RULES	lengthof(by_key)
#define SPAN_TEXT_SIZE	48

/* enough for the beginning of an object and its first pair; and for a value */
#define HEAD_SIZE	(VARHDRSZ + sizeof(uint32) + RULES * (2 * sizeof(JEntry) + 12) + VALUE_SIZE)
#define VALUE_SIZE	(2 * sizeof(uint32) + VARHDRSZ + Max(DECIMAL_NUMERIC_SIZE, SPAN_TEXT_SIZE))

#define QUESTION_COPIED	64

static const char *
rule_name(int rule)
{
	return rule == REPAID ? "repaid" : asked_words[rule];
}

/* ---------------- writing ---------------- */

typedef struct Bytes
{
	char	   *start;			/* aligned to 4 */
	char	   *p;
} Bytes;

/* zeros up to the next multiple of 4; there is room for 4 */
static inline void
align(Bytes *b)
{
	memset(b->p, 0, 4);
	b->p = b->start + TYPEALIGN(4, b->p - b->start);
}

static inline void
put_entry(char *entries, int i, uint32 kind, size_t len)
{
	JEntry		entry = kind | (uint32) len | (i == 0 ? JENTRY_HAS_OFF : 0);

	memcpy(entries + i * sizeof(JEntry), &entry, sizeof(entry));
}

/* An object's head; its entries follow and are returned. */
static char *
put_head(Bytes *b, uint32 pairs)
{
	uint32		head = pairs | JB_FOBJECT;
	char	   *entries;

	memcpy(b->p, &head, sizeof(head));
	entries = b->p + sizeof(head);
	b->p = entries + 2 * pairs * sizeof(JEntry);
	return entries;
}

static void
put_text(Bytes *b, const char *s, size_t len, char *entries, int i)
{
	memcpy(b->p, s, len);
	b->p += len;
	put_entry(entries, i, JENTRY_ISSTRING, len);
}

static inline void
put_number(Bytes *b, int128 decimal, char *entries, int i)
{
	char	   *before = b->p;
	char	   *numeric;

	align(b);
	numeric = b->p;
	b->p += VARHDRSZ;
	b->p += decimal_write_numeric(decimal, b->p);
	SET_VARSIZE(numeric, b->p - numeric);
	put_entry(entries, i, JENTRY_ISNUMERIC, b->p - before);
}

/* Units of an interval: digits, a space, the unit. */
static size_t
unit_to_text(char *s, int n, const char *unit)
{
	char		digits[16];
	int			len = 0;
	size_t		size = 0;

	for (int rest = n; rest > 0 || len == 0; rest /= 10)
		digits[len++] = (char) ('0' + rest % 10);
	while (len > 0)
		s[size++] = digits[--len];
	s[size++] = ' ';
	while (*unit)
		s[size++] = *unit++;
	if (n != 1)
		s[size++] = 's';
	return size;
}

static void
put_span(Bytes *b, const Span *span, char *entries, int i)
{
	const int	n[] = {span->months / 12, span->months % 12, span->days};
	static const char *const units[] = {"year", "month", "day"};
	char		text[SPAN_TEXT_SIZE];
	size_t		len = 0;

	for (int u = 0; u < 3; u++)
	{
		if (n[u] == 0 && !(u == 2 && len == 0))
			continue;
		if (len > 0)
			text[len++] = ' ';
		len += unit_to_text(text + len, n[u], units[u]);
	}
	put_text(b, text, len, entries, i);
}

/* ---------------- what was there ---------------- */

/* Whole days since the first purchase. */
static Span
tenure(const Offer *offer, Clock *clock)
{
	int64		local = clock_to_local(clock, offer->first_purchase);
	int			day = local_to_days(local);
	Span		span = {0, 0, 0};

	span.days = offer->decision.frame->day - day - (local > local_from_days(day));
	return span;
}

/* To 6 decimals, half up. */
static int128
figure_decimal(const Figure *figure)
{
	int128		whole;
	int128		rest;

	if (figure->den == 1 || figure->num == 0)
		return figure->num;
	if (figure->den <= PG_INT64_MAX && (int64) figure->num == figure->num)
	{
		/* faster, and mostly enough */
		whole = (int64) figure->num / (int64) figure->den;
		rest = (int64) figure->num % (int64) figure->den;
	}
	else
	{
		whole = figure->num / figure->den;
		rest = figure->num % figure->den;
	}
	rest = rest < 0 ? -rest : rest;
	if (rest >= figure->den - rest)
		whole += figure->num < 0 ? -1 : 1;
	return whole;
}

/* The third of a rule's entries. */
static inline void
put_there(Bytes *b, const Offer *offer, Clock *clock, int rule, char *entries)
{
	const Loan *loan = offer->least_repaid;
	Figure		repaid = {false, 0, 1};
	const Figure *figure = &repaid;

	if (rule != REPAID)
		figure = &offer->decision.figures[rule];
	else if (loan)
		repaid = (Figure) {true, (int128) loan->repaid * DECIMAL_ONE, loan->total};
	if (!figure->is_there)
		put_entry(entries, 3, JENTRY_ISNULL, 0);
	else if (rule == MEASURE_TENURE)
	{
		Span		span = tenure(offer, clock);

		put_span(b, &span, entries, 3);
	}
	else
		put_number(b, figure_decimal(figure), entries, 3);
}

static void
prepare_question(Question *question, const CreditPolicy *policy, int rule)
{
	Bytes		b;
	char	   *entries;

	b.start = b.p = palloc0(HEAD_SIZE);
	entries = put_head(&b, 2);
	put_text(&b, "asked", 5, entries, 0);
	put_text(&b, "there", 5, entries, 1);
	if (rule == MEASURE_TENURE)
		put_span(&b, &policy->qualify.by[rule].in, entries, 2);
	else
		put_number(&b, rule == REPAID ? policy->repaid : policy->qualify.by[rule].bound, entries, 2);
	question->rule = rule;
	question->bytes = b.start;
	question->len = (uint32) (b.p - b.start);
}

void
asked_prepare(Questions *questions, const CreditPolicy *policy)
{
	uint32		asked = policy->qualify.asked | UINT32_C(1) << REPAID;
	Bytes		b;
	char	   *entries;

	memset(questions, 0, sizeof(*questions));
	for (size_t i = 0; i < RULES; i++)
	{
		if (asked & (UINT32_C(1) << by_key[i]))
			prepare_question(&questions->list[questions->n++], policy, by_key[i]);
	}
	b.start = palloc(HEAD_SIZE);
	b.p = b.start + VARHDRSZ;
	entries = put_head(&b, questions->n);
	for (uint32 i = 0; i < questions->n; i++)
	{
		const char *name = rule_name(questions->list[i].rule);

		put_text(&b, name, strlen(name), entries, (int) i);
	}
	questions->bytes = b.start;
	questions->len = (uint32) (b.p - b.start);
	questions->most = questions->len + QUESTION_COPIED;
	for (uint32 i = 0; i < questions->n; i++)
		questions->most += questions->list[i].len + VALUE_SIZE;
}

Datum
asked_to_jsonb(const Questions *questions, const Offer *offer, Clock *clock)
{
	char	   *start = palloc(questions->most);
	Bytes		b = {start, start + questions->len};
	char	   *entries = start + VARHDRSZ + sizeof(uint32);

	memcpy(start, questions->bytes, questions->len);
	for (uint32 i = 0; i < questions->n; i++)
	{
		const Question *question = &questions->list[i];
		char	   *before = b.p;
		char	   *object;

		align(&b);
		object = b.p;
		/* of a known length it takes no call; what is too much is written over */
		memcpy(object, question->bytes, QUESTION_COPIED);
		if (question->len > QUESTION_COPIED)
			memcpy(object, question->bytes, question->len);
		b.p += question->len;
		put_there(&b, offer, clock, question->rule, object + sizeof(uint32));
		put_entry(entries, (int) (questions->n + i), JENTRY_ISCONTAINER, b.p - before);
	}
	SET_VARSIZE(start, b.p - start);
	return PointerGetDatum(start);
}
