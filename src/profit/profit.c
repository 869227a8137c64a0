/*
 * profit.c
 *		What a history is worth: exact sums over its events.
 *
 * Money is what the shop's columns hold; results are exact numerics in that
 * unit.  An empty history has sums of 0 and no ratios, instants or spells.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/numeric.h"
#include "history/history_value.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

typedef struct Totals
{
	int128		purchased;
	int128		refunded;
	int128		cost;			/* net of what was recovered */
	int64		first;			/* purchase; INSTANT_NEVER if none */
	int64		last;
} Totals;

static inline int128
revenue_of(const Totals *t)
{
	return t->purchased - t->refunded;
}

static inline int128
profit_of(const Totals *t)
{
	return revenue_of(t) - t->cost;
}

/* what one event brings in, or takes back */
static inline Decimal
event_revenue(const Event *event)
{
	return event_kinds[event->kind].revenue * event->amount;
}

/* what one event costs, net of recovered */
static inline Decimal
event_cost(const Event *event)
{
	const Kind *kind = &event_kinds[event->kind];

	return kind->cost * event->cost + kind->expense * event->amount;
}

/* what one event earns */
static inline Decimal
event_profit(const Event *event)
{
	return event_revenue(event) - event_cost(event);
}

/* Without `with_cost` the cost may be left out: mostly it is not needed. */
static void
add_up(Datum history, bool with_cost, Totals *t)
{
	HistoryCursor cursor;
	Event		event;

	memset(t, 0, sizeof(*t));
	t->first = INSTANT_NEVER;
	history_open_datum(&cursor, history);
	if (!with_cost && cursor.n > 0 && history_is_sales(&cursor))
	{
		Sales		sales;

		t->first = cursor.at;
		while (history_next_sales(&cursor, &sales))
		{
			for (int i = 0; i < sales.n; i++)
				t->purchased += sales.amount[i];
		}
		t->last = cursor.at;
		return;
	}
	while (history_next(&cursor, &event))
	{
		if (event.kind == EVENT_PURCHASE)
		{
			t->purchased += event.amount;
			t->first = Min(t->first, event.at);
			t->last = event.at;
		}
		else if (event.kind == EVENT_REFUND)
			t->refunded += event.amount;
		t->cost += event_cost(&event);
	}
}

#define ST_SORT sort_numbers
#define ST_ELEMENT_TYPE int64
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* distinct refs of purchases, and purchases without one */
static int64
count_orders(Datum history)
{
	HistoryCursor cursor;
	const Column *texts = &cursor.columns[ATTRIBUTE_REF_TEXT];
	Event		event;
	int64		orders = 0;
	int64	   *numbers = NULL;
	uint64		n = 0;
	bool		ascending = true;
	bool	   *seen = NULL;

	history_open_datum(&cursor, history);
	if (cursor.n > 0 && history_is_sales(&cursor) && !(cursor.shapes[0].has & EVENT_HAS_REF_NUMBER))
		return (int64) cursor.n;
	while (history_next(&cursor, &event))
	{
		if (event.kind != EVENT_PURCHASE)
			continue;
		if (event.has & EVENT_HAS_REF_NUMBER)
		{
			if (numbers == NULL)
				numbers = palloc_extended(cursor.n * sizeof(int64), MCXT_ALLOC_HUGE);
			/* lines of one order mostly follow each other */
			if (n > 0 && numbers[n - 1] == event.ref_number)
				continue;
			ascending &= n == 0 || numbers[n - 1] < event.ref_number;
			numbers[n++] = event.ref_number;
		}
		else if (event.has & EVENT_HAS_REF_TEXT)
		{
			if (seen == NULL)
				seen = palloc0(texts->count);
			orders += !seen[texts->id];
			seen[texts->id] = true;
		}
		else
			orders++;
	}
	if (!ascending)
		sort_numbers(numbers, n);
	for (uint64 i = 0; i < n; i++)
		orders += i == 0 || numbers[i] != numbers[i - 1];
	return orders;
}

/*
 * When a customer paid back: the first instant at whose end cumulative profit
 * is at least 0 after having been below, or the first purchase, if until then
 * it never was.
 */
static int64
find_payback(Datum history)
{
	HistoryCursor cursor;
	Event		event;
	int128		sum = 0;
	bool		below = false;
	bool		bought = false;
	bool		more;

	history_open_datum(&cursor, history);
	more = history_next(&cursor, &event);
	while (more)
	{
		int64		at = event.at;

		for (; more && event.at == at; more = history_next(&cursor, &event))
		{
			sum += event_profit(&event);
			bought |= event.kind == EVENT_PURCHASE;
		}
		if (sum < 0)
			below = true;
		else if (below || bought)
			return at;
	}
	return INSTANT_NEVER;
}

static Datum
instant_or_null(FunctionCallInfo fcinfo, int64 at)
{
	if (at == INSTANT_NEVER)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(at);
}

/* No share of nothing, nor of less than nothing: there a loss would come out as a gain. */
static Datum
ratio_or_null(FunctionCallInfo fcinfo, int128 dividend, int128 divisor)
{
	if (divisor <= 0)
		PG_RETURN_NULL();
	return decimal_ratio(dividend, divisor);
}

/* a SQL function that is one expression over the sums */
#define TOTAL_FUNCTION(name, with_cost, expression) \
PG_FUNCTION_INFO_V1(loyalty_history_##name); \
Datum \
loyalty_history_##name(PG_FUNCTION_ARGS) \
{ \
	Totals		t; \
\
	add_up(PG_GETARG_DATUM(0), with_cost, &t); \
	return (expression); \
}

TOTAL_FUNCTION(revenue, false, decimal_to_numeric(revenue_of(&t)))
TOTAL_FUNCTION(gross_revenue, false, decimal_to_numeric(t.purchased))
TOTAL_FUNCTION(refunded, false, decimal_to_numeric(t.refunded))
TOTAL_FUNCTION(cost, true, decimal_to_numeric(t.cost))
TOTAL_FUNCTION(profit, true, decimal_to_numeric(profit_of(&t)))
TOTAL_FUNCTION(margin, true, ratio_or_null(fcinfo, profit_of(&t), revenue_of(&t)))
TOTAL_FUNCTION(first_purchase, false, instant_or_null(fcinfo, t.first))
TOTAL_FUNCTION(last_purchase, false, instant_or_null(fcinfo, t.first == INSTANT_NEVER ? t.first : t.last))

PG_FUNCTION_INFO_V1(loyalty_history_cost_of_tag);

/* cost(h, tag): the costs among all of them that carry the tag */
Datum
loyalty_history_cost_of_tag(PG_FUNCTION_ARGS)
{
	text	   *tag = PG_GETARG_TEXT_PP(1);
	HistoryCursor cursor;
	Event		event;
	int128		sum = 0;

	history_open_datum(&cursor, PG_GETARG_DATUM(0));
	while (history_next(&cursor, &event))
	{
		if (tags_contain(event.tags, VARDATA_ANY(tag), VARSIZE_ANY_EXHDR(tag)))
			sum += event_cost(&event);
	}
	return decimal_to_numeric(sum);
}

PG_FUNCTION_INFO_V1(loyalty_history_orders);

Datum
loyalty_history_orders(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(count_orders(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(loyalty_history_average_order_value);

/* revenue / orders, NULL without orders */
Datum
loyalty_history_average_order_value(PG_FUNCTION_ARGS)
{
	Totals		t;

	add_up(PG_GETARG_DATUM(0), false, &t);
	return ratio_or_null(fcinfo, revenue_of(&t), (int128) count_orders(PG_GETARG_DATUM(0)) * DECIMAL_ONE);
}

PG_FUNCTION_INFO_V1(loyalty_history_payback);

Datum
loyalty_history_payback(PG_FUNCTION_ARGS)
{
	return instant_or_null(fcinfo, find_payback(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(loyalty_history_profitability);

/* profitability(h): all of the above as one row */
Datum
loyalty_history_profitability(PG_FUNCTION_ARGS)
{
	Datum		history = PG_GETARG_DATUM(0);
	TupleDesc	desc = fcinfo->flinfo->fn_extra;
	Datum		values[11];
	bool		nulls[11] = {false};
	int128		revenue;
	int128		profit;
	int64		orders;
	int64		payback;
	Totals		t;

	if (desc == NULL)
		fcinfo->flinfo->fn_extra = desc = row_desc(fcinfo);
	add_up(history, true, &t);
	revenue = revenue_of(&t);
	profit = profit_of(&t);
	orders = count_orders(history);
	payback = find_payback(history);

	values[0] = decimal_to_numeric(revenue);
	values[1] = decimal_to_numeric(t.purchased);
	values[2] = decimal_to_numeric(t.refunded);
	values[3] = decimal_to_numeric(t.cost);
	values[4] = decimal_to_numeric(profit);
	nulls[5] = revenue <= 0;
	values[5] = nulls[5] ? 0 : decimal_ratio(profit, revenue);
	values[6] = Int64GetDatum(orders);
	nulls[7] = orders == 0;
	values[7] = nulls[7] ? 0 : decimal_ratio(revenue, (int128) orders * DECIMAL_ONE);
	nulls[8] = nulls[9] = t.first == INSTANT_NEVER;
	values[8] = TimestampTzGetDatum(t.first);
	values[9] = TimestampTzGetDatum(t.last);
	nulls[10] = payback == INSTANT_NEVER;
	values[10] = TimestampTzGetDatum(payback);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* A change of the profit over the trailing interval. */
typedef struct Change
{
	int64		at;
	Decimal		by;
} Change;

#define ST_SORT sort_changes
#define ST_ELEMENT_TYPE Change
#define ST_COMPARE(a, b) ((a)->at < (b)->at ? -1 : (a)->at > (b)->at)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

PG_FUNCTION_INFO_V1(loyalty_history_unprofitable_since);

/*
 * unprofitable_since(h, interval, asof, timezone): an event counts from its
 * instant on, while instant + interval > t on the zone's clock.
 */
Datum
loyalty_history_unprofitable_since(PG_FUNCTION_ARGS)
{
	Interval   *interval = PG_GETARG_INTERVAL_P(1);
	int64		asof = PG_GETARG_TIMESTAMPTZ(2);
	const Zone *zone = zone_arg_kept(fcinfo, 3);
	Span		span = {interval->month, interval->day, interval->time};
	HistoryCursor cursor;
	Event		event;
	Change	   *changes;
	uint64		n = 0;
	int			hint = 0;
	int			hint_after = 0;
	int128		sum = 0;
	int64		since = INSTANT_NEVER;

	if (span.months < 0 || span.days < 0 || span.time < 0 ||
		(span.months == 0 && span.days == 0 && span.time == 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("interval must be greater than zero, and no part of it negative"),
				 errhint("It is the time to look back, for example interval '1 year'.")));

	history_open_datum(&cursor, PG_GETARG_DATUM(0));
	changes = palloc_extended((cursor.n * 2 + 1) * sizeof(Change), MCXT_ALLOC_HUGE);
	while (history_next(&cursor, &event) && event.at <= asof)
	{
		Decimal		by = event_profit(&event);
		int64		gone;

		if (by == 0)
			continue;
		changes[n].at = event.at;
		changes[n++].by = by;
		gone = zone_add(zone, event.at, &span, 1, &hint, &hint_after);
		if (gone <= asof && gone != INSTANT_NEVER)
		{
			changes[n].at = gone;
			changes[n++].by = -by;
		}
	}

	/* not in order: Jan 31, 9:00 leaves before Jan 30, 10:00, a month later */
	sort_changes(changes, n);
	for (uint64 i = 0; i < n;)
	{
		int64		at = changes[i].at;

		for (; i < n && changes[i].at == at; i++)
			sum += changes[i].by;
		if (sum >= 0)
			since = INSTANT_NEVER;
		else if (since == INSTANT_NEVER)
			since = at;
	}
	return instant_or_null(fcinfo, since);
}
