/*
 * fuzz_large.c
 *		What aggregates write about whole populations: rankings and referrals.
 *		Every input is tried as the text of each type, as what a client sends
 *		and as what is stored; and what it holds is answered about.
 */
#include "postgres.h"

#include "fuzz.h"

#include "document/site.h"
#include "mb/pg_wchar.h"
#include "ranking/ranking.h"
#include "referral/referrals.h"

static const SqlType *const types[] = {&ranking_type, &referrals_type};

typedef struct Try
{
	const SqlType *type;
	const uint8 *data;
	size_t		size;
} Try;

/* What became a value stays that value, whichever way it goes. */
static void
check_value(void *arg)
{
	const Try  *t = arg;
	Datum		value = PointerGetDatum(t->data);
	StringInfoData text;

	initStringInfo(&text);
	t->type->write(t->type, &text, value);
	fuzz_expect(fuzz_same(value, t->type->read(t->type, text.data, text.len)));
	fuzz_expect(fuzz_same(value, fuzz_receive(t->type, (const uint8 *) VARDATA_ANY(t->data), VARSIZE_ANY_EXHDR(t->data))));
}

static void
try_text(void *arg)
{
	const Try  *t = arg;
	Try			value = {t->type, NULL, 0};
	char	   *text = fuzz_text(t->data, t->size);

	/* the server has seen to that */
	pg_verifymbstr(text, (int) strlen(text), false);
	value.data = (const uint8 *) DatumGetPointer(t->type->read(t->type, text, strlen(text)));
	if (fuzz_try(check_value, &value) != 0)
		fuzz_finding("what was written is not read");
}

static void
try_message(void *arg)
{
	const Try  *t = arg;

	fuzz_receive(t->type, t->data, t->size);
}

/* Circles end; nobody is credited with more than all. */
static void
credit_all(const Referrals *referrals)
{
	Credit		credit = {2, 0, {1, 1}};
	Forest		forest;
	Credited	credited;

	forest_make(&forest, referrals);
	forest_credit(&credited, &forest, referrals, &credit);
	for (uint32 i = 0; i < referrals->n; i++)
	{
		fuzz_expect(credited.referred[i] <= credited.reached[i] && credited.reached[i] < referrals->n);
		fuzz_expect(!forest.circle[i] || (forest.up[i] == NO_ID && forest.circle[referrals->referrers[i]]));
	}
}

static void
try_stored(void *arg)
{
	const Try  *t = arg;

	if (t->type == &ranking_type)
	{
		Ranking		ranking;

		ranking_unpack(&ranking, t->data, t->size);
	}
	else
	{
		Referrals	referrals;

		referrals_unpack(&referrals, t->data, t->size);
		credit_all(&referrals);
	}
}

void
fuzz_one(const uint8 *data, size_t size)
{
	uint8	   *sent = palloc(size + STAMPED_HEAD);

	/* with a head that fits, which would hardly be found by trying */
	memcpy(sent + STAMPED_HEAD, data, size);
	stamp(sent, size + STAMPED_HEAD, 1);
	for (size_t i = 0; i < lengthof(types); i++)
	{
		Try			t = {types[i], data, size};
		Try			whole = {types[i], sent, size + STAMPED_HEAD};
		int			code;

		fuzz_try(try_text, &t);
		fuzz_expect_client(fuzz_try(try_message, &t));
		fuzz_expect_client(fuzz_try(try_message, &whole));
		code = fuzz_try(try_stored, &whole);
		fuzz_expect(code == 0 || code == ERRCODE_DATA_CORRUPTED);
	}
}
