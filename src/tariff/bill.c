/*
 * bill.c
 *		What is to be billed for a period: see bill.h.
 */
#include "postgres.h"

#include "tariff/charge.h"
#include "tariff/reprice.h"
#include "tariff/usage.h"

#include "miscadmin.h"

/* How long from one instant to another, as the tariff counts it. */
static int64
length_between(const BoundTariff *bound, int64 from, int64 until)
{
	int			hint = 0;

	if (bound->tariff->prorate == PRORATE_SECOND)
		return until - from;
	return local_to_days(zone_to_local(bound->zone, until, &hint)) - local_to_days(zone_to_local(bound->zone, from, &hint));
}

/*
 * The amount for what is left of a term at an instant within it: 0 for nothing,
 * or where parts are not counted.
 */
static bool
part_of_term(const BoundTariff *bound, Decimal amount, int64 start, int64 at, int64 end, Decimal *result)
{
	int64		left;

	if (bound->tariff->prorate == PRORATE_NONE)
		return false;
	/* a term that goes beyond the calendar ends with it */
	end = Min(end, INSTANT_LIMIT);
	left = length_between(bound, at, end);
	if (left <= 0)
		return false;
	*result = amount_part(bound->tariff, amount, left, length_between(bound, start, end));
	return true;
}

static void
put_amount(Bill *bill, BillKind kind, const Segment *segment, int64 from, int64 until, Decimal amount)
{
	BillRow    *row = bill_row(bill);

	row->kind = kind;
	row->item = row->plan = segment->plan;
	row->from = from;
	row->until = until;
	row->quantity = segment->quantity;
	row->amount = amount;
	row->is_priced = true;
	row->event = segment->event;
}

/* Charged in advance: at its start, and at each start of a term while it is in force. */
static void
put_fees(Bill *bill, const BoundTariff *bound, const Segment *segment, Terms *terms, int64 from, int64 until)
{
	int64		end = Min(segment->end, until);
	int64		n = terms_next(terms, Max(segment->at, from));
	int64		start = terms_nth(terms, n);
	Decimal		part;

	if (segment->at >= from && segment->at < end)
	{
		int64		of = terms_next(terms, segment->at);
		int64		next = terms_nth(terms, of);

		/* the beginning of a term is for the loop */
		if (next != segment->at &&
			part_of_term(bound, segment->amount, terms_nth(terms, of - 1), segment->at, next, &part))
			put_amount(bill, BILL_FEE, segment, segment->at, next, part);
	}
	while (start < end)
	{
		int64		next = terms_nth(terms, ++n);

		CHECK_FOR_INTERRUPTS();
		/* where the clocks skip a day two terms may begin at one instant */
		if (next > start)
			put_amount(bill, BILL_FEE, segment, start, next, amount_part(bound->tariff, segment->amount, 1, 1));
		start = next;
	}
}

/* Given back: the rest of the term in which it stops. */
static void
put_credit(Bill *bill, const BoundTariff *bound, const Segment *segment, Terms *terms, int64 from, int64 until)
{
	int64		n;
	int64		next;
	Decimal		part;

	if (segment->end < from || segment->end >= until || bound->tariff->credit == CREDIT_NEVER ||
		(bound->tariff->credit == CREDIT_CHANGE && !segment->followed))
		return;
	n = terms_next(terms, segment->end);
	next = terms_nth(terms, n);
	if (next != segment->end &&
		part_of_term(bound, segment->amount, terms_nth(terms, n - 1), segment->end, next, &part))
		put_amount(bill, BILL_CREDIT, segment, segment->end, next, -part);
}

void
bill_make(Bill *bill, const BoundTariff *bound, const uint8 *history, size_t len, int64 from, int64 until)
{
	Segments	segments;
	Segments	repriced;

	memset(bill, 0, sizeof(*bill));
	segments_read(&segments, history, len, INSTANT_NEVER, true);
	segments_reprice(bound, &segments, &repriced);
	for (int i = 0; i < repriced.n; i++)
	{
		const Segment *segment = &repriced.list[i];
		Terms		terms;

		CHECK_FOR_INTERRUPTS();
		if (segment->amount == 0 || segment->at >= segment->end || segment->at >= until || segment->end < from)
			continue;
		segment_terms(bound, segment, &terms);
		put_fees(bill, bound, segment, &terms, from, until);
		put_credit(bill, bound, segment, &terms, from, until);
	}
	usage_rate(bill, bound, &repriced, history, len, from, until);
	bill_sort(bill);
}
