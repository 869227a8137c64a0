/*
 * figures.c
 *		What a customer's sales were between any two instants: see figures.h.
 */
#include "postgres.h"

#include "credit/figures.h"
#include "credit/loan.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

void
figures_read(Figures *figures, const uint8 *history, size_t len, int64 before)
{
	HistoryCursor cursor;
	Event		event;
	Sums		sums = {0, 0, 0};

	memset(figures, 0, sizeof(*figures));
	figures->history = history;
	figures->len = len;
	figures->first_purchase = INSTANT_NEVER;
	figures->before = before;
	history_open(&cursor, history, len);
	figures->at = palloc_extended(Max(cursor.n, 1) * sizeof(int64), MCXT_ALLOC_HUGE);
	figures->until = palloc_extended(Max(cursor.n, 1) * sizeof(Sums), MCXT_ALLOC_HUGE);
	while (history_next(&cursor, &event) && event.at < before)
	{
		const Kind *kind = &event_kinds[event.kind];
		Decimal		revenue = kind->revenue * event.amount;
		Decimal		cost = kind->cost * event.cost + kind->expense * event.amount;

		if ((kind->revenue == 0 && kind->expense == 0) || event_is_credit(&event))
			continue;
		if (event.kind == EVENT_PURCHASE)
		{
			figures->first_purchase = Min(figures->first_purchase, event.at);
			figures->nbought++;
			sums.gross += revenue;
		}
		else
			sums.refunded -= revenue;
		sums.profit += revenue - cost;
		figures->at[figures->n] = event.at;
		figures->until[figures->n++] = sums;
	}
}

/* How many came before an instant. */
static uint64
events_before(const Figures *figures, int64 at)
{
	uint64		below = 0;
	uint64		above = figures->n;

	while (below < above)
	{
		uint64		middle = below + (above - below) / 2;

		if (figures->at[middle] < at)
			below = middle + 1;
		else
			above = middle;
	}
	return below;
}

static Sums
sums_of(const Figures *figures, uint64 from, uint64 until)
{
	Sums		sums = {0, 0, 0};

	if (from >= until)
		return sums;
	sums = figures->until[until - 1];
	if (from > 0)
	{
		const Sums *less = &figures->until[from - 1];

		sums.gross -= less->gross;
		sums.refunded -= less->refunded;
		sums.profit -= less->profit;
	}
	return sums;
}

Sums
figures_between(const Figures *figures, int64 from, int64 until)
{
	return sums_of(figures, events_before(figures, from), events_before(figures, until));
}

/*
 * An event counts as long as its instant and the interval are not over.  Where
 * months have different lengths that is not in order of the instants, but only
 * within a few days.
 */
int128
figures_trailing(const Figures *figures, Clock *clock, int32 day, const Span *span)
{
	static const int slack = 5;
	int32		from = day_add(day, span, -1);
	int64		at = day_begin(clock, day);
	uint64		until = events_before(figures, at);
	uint64		first = events_before(figures, day_begin(clock, from - slack));
	uint64		all = Max(events_before(figures, day_begin(clock, from + slack)), first);
	int128		profit;

	all = Min(all, until);
	profit = sums_of(figures, all, until).profit;
	for (uint64 i = first; i < all; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (clock_add(clock, figures->at[i], span, 1) > at)
			profit += sums_of(figures, i, i + 1).profit;
	}
	return profit;
}

/* ---------------- orders ---------------- */

static bool
is_same_order(const Bought *a, const Bought *b)
{
	return a->form != 0 && a->form == b->form && a->key == b->key;
}

/* The purchase before each of the same order: mostly the one just before it, or none. */
static void
find_before(Figures *figures)
{
	uint64		n = figures->nbought;
	uint64		room = 16;
	int64	   *last;

	while (room < 2 * n)
		room *= 2;
	last = palloc_extended(room * sizeof(int64), MCXT_ALLOC_HUGE);
	memset(last, 0xFF, room * sizeof(int64));
	for (uint64 i = 0; i < n; i++)
	{
		Bought	   *bought = &figures->bought[i];
		uint64		at;

		CHECK_FOR_INTERRUPTS();
		bought->before = -1;
		if (bought->form == 0)
			continue;
		at = hash_combine(murmurhash32((uint32) bought->key), murmurhash32((uint32) (bought->key >> 32) + (uint32) bought->form)) & (room - 1);
		while (last[at] >= 0 && !is_same_order(&figures->bought[last[at]], bought))
			at = (at + 1) & (room - 1);
		bought->before = last[at];
		last[at] = (int64) i;
	}
	pfree(last);
}

/* Are numbers of orders in order?  Then lines of one follow each other. */
static bool
is_ascending(const Figures *figures)
{
	for (uint64 i = 0; i < figures->nbought; i++)
	{
		if (figures->bought[i].form != 1 || (i > 0 && figures->bought[i].key < figures->bought[i - 1].key))
			return false;
	}
	return true;
}

static void
read_orders(Figures *figures)
{
	HistoryCursor cursor;
	Event		event;
	uint64		n = 0;

	figures->bought = palloc_extended(Max(figures->nbought, 1) * sizeof(Bought), MCXT_ALLOC_HUGE);
	history_open(&cursor, figures->history, figures->len);
	while (n < figures->nbought && history_next(&cursor, &event))
	{
		Bought	   *bought = &figures->bought[n];

		if (event.kind != EVENT_PURCHASE || event_is_credit(&event))
			continue;
		bought->at = event.at;
		bought->form = (event.has & EVENT_HAS_REF_NUMBER) ? 1 : (event.has & EVENT_HAS_REF_TEXT) ? 2 : 0;
		bought->key = bought->form == 1 ? event.ref_number : bought->form == 2 ? (int64) cursor.columns[ATTRIBUTE_REF_TEXT].id : 0;
		n++;
	}
	if (!is_ascending(figures))
	{
		find_before(figures);
		return;
	}
	for (uint64 i = 0; i < n; i++)
		figures->bought[i].before = i > 0 && figures->bought[i - 1].key == figures->bought[i].key ? (int64) i - 1 : -1;
}

int64
figures_orders(Figures *figures, int64 from, int64 until, int64 enough)
{
	int64		first = 0;
	int64		above = (int64) figures->nbought;
	int64		orders = 0;

	if (figures->bought == NULL)
		read_orders(figures);
	while (first < above)
	{
		int64		middle = first + (above - first) / 2;

		if (figures->bought[middle].at < from)
			first = middle + 1;
		else
			above = middle;
	}
	for (int64 i = first; i < (int64) figures->nbought && figures->bought[i].at < until && orders < enough; i++)
	{
		CHECK_FOR_INTERRUPTS();
		orders += figures->bought[i].before < first;
	}
	return orders;
}
