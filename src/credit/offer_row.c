/*
 * offer_row.c
 *		The SQL function offer: its row.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/numeric.h"
#include "credit/call.h"
#include "credit/offer.h"
#include "document/write.h"
#include "history/history_value.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

/* ---------------- what was asked, and what was there ---------------- */

static void
push_text(JsonbParseState **state, JsonbIteratorToken token, const char *s, int len)
{
	JsonbValue	value = {.type = jbvString};

	value.val.string.val = unconstify(char *, s);
	value.val.string.len = len;
	pushJsonbValue(state, token, &value);
}

static void
push_key(JsonbParseState **state, const char *key)
{
	push_text(state, WJB_KEY, key, (int) strlen(key));
}

static void
push_numeric(JsonbParseState **state, Datum numeric)
{
	JsonbValue	value = {.type = jbvNumeric};

	value.val.numeric = DatumGetNumeric(numeric);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_null(JsonbParseState **state)
{
	JsonbValue	value = {.type = jbvNull};

	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_span(JsonbParseState **state, const Span *span)
{
	StringInfoData text;
	Writer		w;

	initStringInfo(&text);
	write_init(&w, &text, NULL);
	write_span(&w, span);
	/* without the quotes */
	push_text(state, WJB_VALUE, text.data + 1, text.len - 2);
}

/* The longest span of months and days since an instant. */
static Span
span_since(Clock *clock, int64 since, const Decision *decision)
{
	Date		from = clock_date(clock, since);
	Date		until = date_from_days(decision->day);
	Span		span = {(until.year - from.year) * 12 + until.month - from.month, 0, 0};

	while (span.months > 0 && clock_add(clock, since, &span, 1) > decision->at)
		span.months--;
	span.days = (int32) ((decision->at - clock_add(clock, since, &span, 1)) / USECS_PER_DAY) + 1;
	while (span.days > 0 && clock_add(clock, since, &span, 1) > decision->at)
		span.days--;
	return span;
}

static void
push_figure(JsonbParseState **state, const Offer *offer, Clock *clock, Measure measure)
{
	const Figure *figure = &offer->decision.figures[measure];

	if (!figure->is_there)
		push_null(state);
	else if (measure == MEASURE_TENURE)
	{
		Span		tenure = span_since(clock, offer->first_purchase, &offer->decision);

		push_span(state, &tenure);
	}
	else if (figure->den == 1)
		push_numeric(state, decimal_to_numeric(figure->num));
	else
		push_numeric(state, decimal_ratio(figure->num, figure->den * DECIMAL_ONE));
}

/* {"sales": {"asked": 10000, "there": 8800}, ...}: for each rule of `qualify` */
static Datum
figures_datum(const Offer *offer, Loans *loans)
{
	const CreditPolicy *policy = loans->bound->policy;
	const Loan *loan = offer->least_repaid;
	JsonbParseState *state = NULL;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int m = 0; m < MEASURES; m++)
	{
		const Asked *asked = &policy->qualify.by[m];

		if (!(policy->qualify.asked & (UINT32_C(1) << m)))
			continue;
		push_key(&state, asked_words[m]);
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		push_key(&state, "asked");
		if (m == MEASURE_TENURE)
			push_span(&state, &asked->in);
		else
			push_numeric(&state, decimal_to_numeric(asked->bound));
		push_key(&state, "there");
		push_figure(&state, offer, &loans->clock, (Measure) m);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	push_key(&state, "repaid");
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	push_key(&state, "asked");
	push_numeric(&state, decimal_to_numeric(policy->repaid));
	push_key(&state, "there");
	if (loan)
		push_numeric(&state, decimal_ratio(loan->repaid, loan->total));
	else
		push_null(&state);
	pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/* ---------------- the row ---------------- */

static Datum
array_datum(Datum *texts, int n)
{
	return PointerGetDatum(n == 0 ? construct_empty_array(TEXTOID) :
						   construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT));
}

static Datum
reasons_datum(uint32 reasons)
{
	Datum		texts[REASONS];
	int			n = 0;

	for (int reason = 0; reason < REASONS; reason++)
	{
		if (reasons & (UINT32_C(1) << reason))
			texts[n++] = CStringGetTextDatum(reason_name[reason]);
	}
	return array_datum(texts, n);
}

static Datum
terms_datum(const CreditPolicy *policy, uint64 offered)
{
	Datum		texts[CREDIT_MAX_TERMS];
	int			n = 0;

	for (uint32 i = 0; i < policy->terms.n; i++)
	{
		if (offered & (UINT64CONST(1) << i))
			texts[n++] = CStringGetTextDatum(BLOCK_NAME(policy, CREDIT_TERMS(policy)[i].name));
	}
	return array_datum(texts, n);
}

PG_FUNCTION_INFO_V1(loyalty_credit_offer);

/* offer(h, credit, asof): what may be lent now, or why nothing may be */
Datum
loyalty_credit_offer(PG_FUNCTION_ARGS)
{
	CreditSite *site = credit_site(fcinfo);
	int64		asof = asof_arg(fcinfo, 2);
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);
	const BoundCredit *bound = credit_arg(fcinfo, 1);
	const CreditPolicy *policy = bound->policy;
	Loans		loans;
	Offer		offer;
	Datum		values[8];
	bool		nulls[8] = {false};

	if (site->desc == NULL)
		site->desc = row_desc(fcinfo);
	loans_read(&loans, bound, &site->plans, history, len, asof);
	offer_make(&offer, &loans, history, len);
	nulls[2] = nulls[3] = nulls[6] = offer.reasons != 0;
	nulls[6] |= policy->working_days == 0;
	values[0] = BoolGetDatum(offer.reasons == 0);
	values[1] = reasons_datum(offer.reasons);
	values[2] = nulls[2] ? 0 : decimal_to_numeric(offer.amount);
	values[3] = nulls[3] ? 0 : terms_datum(policy, offer.decision.terms);
	values[4] = TimestampTzGetDatum(offer.decision.at);
	values[5] = TimestampTzGetDatum(offer.valid_until);
	values[6] = nulls[6] ? 0 : DateADTGetDatum(credit_pay_by(policy, clock_days(&loans.clock, asof)));
	values[7] = figures_datum(&offer, &loans);
	return HeapTupleGetDatum(heap_form_tuple(site->desc, values, nulls));
}
