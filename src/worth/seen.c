/*
 * seen.c
 *		What a model sees of a history: the days on which a customer bought.
 *
 * Orders and whatever else brought or cost money are items, each on a day; a
 * day with an order that stands is a transaction.  An item belongs to the last
 * transaction on or before its day, or to the first, which is not counted: so
 * one walk over the items by day gives all there is to see.
 */
#include "postgres.h"

#include "history/history_value.h"
#include "worth/seen.h"

#include "miscadmin.h"

/* ---------------- the walk by day ---------------- */

typedef struct Item
{
	int			day;
	bool		stands;			/* an order that makes a transaction */
	int128		value;
} Item;

typedef struct Walk
{
	Seen		seen;
	int			day;			/* of `stands` and `value`; none before the first item */
	bool		begun;
	bool		stands;
	int128		value;
} Walk;

static inline void
close_day(Walk *walk)
{
	Seen	   *seen = &walk->seen;

	if (walk->stands)
	{
		if (seen->any)
			seen->x++;
		else
			seen->first = walk->day;
		seen->any = true;
		seen->last = walk->day;
	}
	if (seen->x > 0)
		seen->sum += walk->value;
}

/* Items come in the order of their days. */
static inline void
add_item(Walk *walk, int day, bool stands, int128 value)
{
	if (walk->day != day || !walk->begun)
	{
		if (walk->begun)
			close_day(walk);
		walk->begun = true;
		walk->day = day;
		walk->stands = false;
		walk->value = 0;
	}
	walk->stands |= stands;
	walk->value += value;
}

static inline void
end_walk(Walk *walk, Seen *seen)
{
	if (walk->begun)
		close_day(walk);
	*seen = walk->seen;
}

/* ---------------- nothing but sales ---------------- */

/* Does an event of the history carry a cost? */
static bool
has_costs(const HistoryCursor *cursor)
{
	for (int i = 0; i < cursor->nshapes; i++)
	{
		if (cursor->shapes[i].has & EVENT_HAS_COST)
			return true;
	}
	return false;
}

/*
 * Each sale is an order.  False where it is not that simple: lines of one
 * order, or days that go back (a zone that moved over the date line).
 */
static bool
walk_sales(Seen *seen, HistoryCursor *cursor, Days *days, int64 asof)
{
	Walk		walk = {0};
	Sales		sales;

	while (history_next_sales(cursor, &sales))
	{
		if (!sales.distinct)
			return false;
		for (int i = 0; i < sales.n; i++)
		{
			int			day;

			if (sales.at[i] > asof)
			{
				end_walk(&walk, seen);
				return true;
			}
			day = local_to_days(zone_to_local_along(days->zone, sales.at[i], &days->stretch));
			if (walk.begun && day < walk.day)
				return false;
			add_item(&walk, day, sales.amount[i] >= 0, sales.amount[i]);
		}
	}
	end_walk(&walk, seen);
	return true;
}

/* ---------------- anything ---------------- */

/* a purchase or refund with a ref */
typedef struct Line
{
	int64		ref;			/* the number, or which of the distinct texts */
	uint64		place;			/* in the history */
	int			day;
	bool		is_text;
	bool		is_refund;
	int128		amount;
	int128		value;
} Line;

static int
compare_lines(const Line *a, const Line *b)
{
	if (a->is_text != b->is_text)
		return a->is_text ? 1 : -1;
	if (a->ref != b->ref)
		return a->ref < b->ref ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

#define ST_SORT sort_lines
#define ST_ELEMENT_TYPE Line
#define ST_COMPARE(a, b) compare_lines(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_items
#define ST_ELEMENT_TYPE Item
#define ST_COMPARE(a, b) ((a)->day < (b)->day ? -1 : (a)->day > (b)->day)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

typedef struct Gathered
{
	Line	   *lines;
	uint64		nlines;
	Item	   *items;
	uint64		nitems;
} Gathered;

static void
gather_item(Gathered *all, int day, bool stands, int128 value)
{
	Item	   *item = &all->items[all->nitems++];

	item->day = day;
	item->stands = stands;
	item->value = value;
}

static void
gather_event(Gathered *all, const HistoryCursor *cursor, const Event *event, int day, bool profit)
{
	Decimal		cost = profit ? event->cost : 0;
	bool		is_refund = event->kind == EVENT_REFUND;
	int128		amount = is_refund ? -(int128) event->amount : event->amount;
	int128		value = is_refund ? amount + cost : amount - cost;

	if (event->kind == EVENT_EXPENSE)
	{
		if (profit)
			gather_item(all, day, false, -(int128) event->amount);
	}
	else if (event->kind == EVENT_PURCHASE || is_refund)
	{
		if (event_has_ref(event))
		{
			Line	   *line = &all->lines[all->nlines++];

			line->is_text = (event->has & EVENT_HAS_REF_TEXT) != 0;
			line->ref = line->is_text ? (int64) cursor->columns[ATTRIBUTE_REF_TEXT].id : event->ref_number;
			line->place = cursor->i;
			line->day = day;
			line->is_refund = is_refund;
			line->amount = amount;
			line->value = value;
		}
		else
			gather_item(all, day, !is_refund && amount >= 0, value);
	}
}

/*
 * The lines of one ref are an order, dated by its first purchase; without one
 * they are refunds by themselves.
 */
static void
gather_order(Gathered *all, const Line *lines, uint64 n)
{
	const Line *first = NULL;
	int128		bought = 0;
	int128		refunded = 0;
	bool		has_refund = false;
	int128		value = 0;

	for (uint64 i = 0; i < n; i++)
	{
		if (lines[i].is_refund)
		{
			has_refund = true;
			refunded -= lines[i].amount;
		}
		else
		{
			bought += lines[i].amount;
			if (first == NULL)
				first = &lines[i];
		}
		value += lines[i].value;
	}
	if (first)
		gather_item(all, first->day, bought >= 0 && !(has_refund && bought - refunded <= 0), value);
	else
	{
		for (uint64 i = 0; i < n; i++)
			gather_item(all, lines[i].day, false, lines[i].value);
	}
}

static void
walk_all(Seen *seen, HistoryCursor *cursor, const Zone *zone, bool profit, int64 asof)
{
	Walk		walk = {0};
	Gathered	all = {NULL, 0, NULL, 0};
	Event		event;
	int			hint = 0;

	all.lines = palloc_extended(cursor->n * sizeof(Line), MCXT_ALLOC_HUGE);
	all.items = palloc_extended(cursor->n * sizeof(Item), MCXT_ALLOC_HUGE);
	while (history_next(cursor, &event) && event.at <= asof)
		gather_event(&all, cursor, &event, local_to_days(zone_to_local(zone, event.at, &hint)), profit);
	sort_lines(all.lines, all.nlines);
	for (uint64 i = 0; i < all.nlines;)
	{
		uint64		start = i;

		while (i < all.nlines && all.lines[i].ref == all.lines[start].ref && all.lines[i].is_text == all.lines[start].is_text)
			i++;
		gather_order(&all, &all.lines[start], i - start);
	}
	sort_items(all.items, all.nitems);
	for (uint64 i = 0; i < all.nitems; i++)
		add_item(&walk, all.items[i].day, all.items[i].stands, all.items[i].value);
	end_walk(&walk, seen);
	pfree(all.lines);
	pfree(all.items);
}

void
days_begin(Days *days, const Zone *zone)
{
	memset(days, 0, sizeof(*days));
	days->zone = zone;
	days->today = local_to_days(zone_to_local_along(zone, days->asof, &days->stretch));
}

void
seen_look(Seen *seen, Datum history, Days *days, bool profit, int64 asof)
{
	HistoryCursor cursor;
	int			hint = 0;
	bool		done = false;

	memset(seen, 0, sizeof(*seen));
	history_open_datum(&cursor, history);
	if (cursor.n == 0)
		return;
	if (history_is_sales(&cursor) && !(profit && has_costs(&cursor)))
	{
		done = walk_sales(seen, &cursor, days, asof);
		if (!done)
			history_open_datum(&cursor, history);
	}
	if (!done)
		walk_all(seen, &cursor, days->zone, profit, asof);
	if (days->asof != asof)
	{
		days->today = local_to_days(zone_to_local(days->zone, asof, &hint));
		days->asof = asof;
	}
	seen->today = Max(days->today, seen->last);
}
