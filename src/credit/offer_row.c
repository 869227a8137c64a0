/*
 * offer_row.c
 *		The SQL function offer: its row.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/numeric.h"
#include "credit/asked.h"
#include "credit/call.h"
#include "history/history_value.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Reasons or terms in words, which are few and mostly the same. */
#define SPOKEN_KEPT	32

typedef struct SpokenWords
{
	Datum		words;			/* an array; 0: none yet */
	uint64		bits;
} SpokenWords;

typedef struct Spoken
{
	MemoryContext context;
	uint64		serial;			/* of the document */
	SpokenWords reasons[SPOKEN_KEPT];
	SpokenWords terms[SPOKEN_KEPT];
	Questions	questions;
} Spoken;

static Spoken *
spoken_site(FunctionCallInfo fcinfo, CreditSite *site, const BoundCredit *bound)
{
	Spoken	   *spoken = site->spoken;
	MemoryContext caller;

	if (spoken == NULL)
	{
		spoken = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Spoken));
		spoken->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "loyalty offers", ALLOCSET_SMALL_SIZES);
		site->spoken = spoken;
	}
	if (spoken->serial != bound->serial)
	{
		MemoryContextReset(spoken->context);
		memset(spoken->reasons, 0, sizeof(spoken->reasons));
		memset(spoken->terms, 0, sizeof(spoken->terms));
		caller = MemoryContextSwitchTo(spoken->context);
		asked_prepare(&spoken->questions, bound->policy);
		MemoryContextSwitchTo(caller);
		spoken->serial = bound->serial;
	}
	return spoken;
}

/* The array of those words whose bits are set. */
static Datum
speak(Spoken *spoken, SpokenWords *kept, uint64 bits, const char *(*word) (const CreditPolicy *policy, int i), const CreditPolicy *policy)
{
	SpokenWords *place = &kept[bits % 31];
	Datum		texts[64];
	int			n = 0;
	MemoryContext caller;

	if (place->words != 0 && place->bits == bits)
		return place->words;
	for (int i = 0; i < 64; i++)
	{
		if (bits & (UINT64CONST(1) << i))
			texts[n++] = CStringGetTextDatum(word(policy, i));
	}
	caller = MemoryContextSwitchTo(spoken->context);
	if (place->words != 0)
		pfree(DatumGetPointer(place->words));
	place->words = 0;
	place->words = PointerGetDatum(n == 0 ? construct_empty_array(TEXTOID) :
								   construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT));
	place->bits = bits;
	MemoryContextSwitchTo(caller);
	return place->words;
}

static const char *
reason_word(const CreditPolicy *policy, int i)
{
	return reason_name[i];
}

static const char *
terms_word(const CreditPolicy *policy, int i)
{
	return BLOCK_NAME(policy, CREDIT_TERMS(policy)[i].name);
}

PG_FUNCTION_INFO_V1(loyalty_credit_offer);

/* offer(h, credit, asof): what may be lent now, or why nothing may be */
Datum
loyalty_credit_offer(PG_FUNCTION_ARGS)
{
	CreditSite *site = credit_site(fcinfo);
	int64		asof = asof_arg(fcinfo, 2);
	const BoundCredit *bound = credit_arg(fcinfo, 1);
	const CreditPolicy *policy = bound->policy;
	Spoken	   *spoken = spoken_site(fcinfo, site, bound);
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);
	Loans		loans;
	Offer		offer;
	Datum		values[8];
	bool		nulls[8] = {false};

	if (site->desc == NULL)
		site->desc = row_desc(fcinfo);
	frames_begin(&site->frames, bound, asof);
	loans_begin(&loans, bound, &site->plans, site->frames.today);
	offer_make(&offer, &site->frames, &loans, history, len);
	nulls[2] = nulls[3] = nulls[6] = offer.reasons != 0;
	nulls[6] |= policy->working_days == 0;
	values[0] = BoolGetDatum(offer.reasons == 0);
	values[1] = speak(spoken, spoken->reasons, offer.reasons, reason_word, policy);
	values[2] = nulls[2] ? 0 : decimal_to_numeric(offer.amount);
	values[3] = nulls[3] ? 0 : speak(spoken, spoken->terms, offer.decision.terms, terms_word, policy);
	values[4] = TimestampTzGetDatum(offer.decision.frame->at);
	values[5] = TimestampTzGetDatum(offer.decision.frame->ends_at);
	values[6] = nulls[6] ? 0 : DateADTGetDatum(credit_pay_by(policy, clock_days(&loans.clock, asof)));
	values[7] = asked_to_jsonb(&spoken->questions, &offer, &site->frames.clock);
	return HeapTupleGetDatum(heap_form_tuple(site->desc, values, nulls));
}
