/*
 * figures.c
 *		What a customer's sales were between the dates that a decision looks back
 *		to: see figures.h.
 */
#include "postgres.h"

#include "credit/figures.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

bool
event_is_credit(const Event *event)
{
	return (event->has & EVENT_HAS_TAGS) && tags_contain(event->tags, "credit", strlen("credit"));
}

/* ---------------- decisions ---------------- */

/* the first day of a month, so many months on */
static int32
first_of_month(Date date, int more)
{
	int			month = date.year * 12 + date.month - 1 + more;
	int			year = (month >= 0 ? month : month - 11) / 12;

	return date_to_days(year, month - year * 12 + 1, 1);
}

/* The newest on a day. */
static int32
newest_decision(Decide decide, int32 day)
{
	/* 2000-01-03 was a Monday */
	int			weekday = ((day - 2) % 7 + 7) % 7;
	Date		date = date_from_days(day);

	switch (decide)
	{
		case DECIDE_DAY:
			return day;
		case DECIDE_WEEK:
			return day - weekday;
		case DECIDE_MONTH:
			return first_of_month(date, 0);
		case DECIDE_QUARTER:
			return first_of_month(date, -((date.month - 1) % 3));
	}
	pg_unreachable();
}

static int
compare_looks(const void *a, const void *b, void *arg)
{
	const int64 *at = arg;
	int64		x = at[*(const int *) a];
	int64		y = at[*(const int *) b];

	return (x > y) - (x < y);
}

static void
make_frame(Frames *frames, const BoundCredit *bound, Frame *frame, int32 day)
{
	frame->day = day;
	frame->at = day_begin(&frames->clock, day);
	frame->ends = day_add(day, &bound->policy->valid, 1);
	frame->ends_at = day_begin(&frames->clock, frame->ends);
	frame->looks = MemoryContextAlloc(frames->own, Max(bound->nlooks, 1) * sizeof(int64));
	frame->order = MemoryContextAlloc(frames->own, Max(bound->nlooks, 1) * sizeof(int));
	for (int i = 0; i < bound->nlooks; i++)
	{
		const LookBack *look = &bound->looks[i];

		frame->looks[i] = Min(day_begin(&frames->clock, day_add(day, &look->span, -look->times) + look->shift), frame->at);
		frame->order[i] = i;
	}
	qsort_arg(frame->order, bound->nlooks, sizeof(int), compare_looks, frame->looks);
}

static Frame *
add_frame(Frames *frames, const BoundCredit *bound, int32 day)
{
	if (frames->n == frames->room)
	{
		Frame	   *list = MemoryContextAlloc(frames->own, Max(4, 2 * frames->room) * sizeof(Frame));

		if (frames->n > 0)
			memcpy(list, frames->list, frames->n * sizeof(Frame));
		frames->list = list;
		frames->room = Max(4, 2 * frames->room);
	}
	make_frame(frames, bound, &frames->list[frames->n], day);
	return &frames->list[frames->n++];
}

void
frames_begin(Frames *frames, const BoundCredit *bound, int64 asof)
{
	int32		newest;

	if (frames->serial == bound->serial && frames->asof == asof)
		return;
	clock_begin(&frames->clock, bound->zone, asof);
	frames->today = day_begun(&frames->clock, asof);
	newest = newest_decision((Decide) bound->policy->decide, frames->today);
	if (frames->serial != bound->serial || frames->n == 0 || frames->list[0].day != newest)
	{
		frames->serial = 0;		/* none, should this fail */
		if (frames->own == NULL)
			frames->own = AllocSetContextCreate(frames->context, "loyalty decisions", ALLOCSET_SMALL_SIZES);
		MemoryContextReset(frames->own);
		frames->n = frames->room = 0;
		frames->before = MemoryContextAlloc(frames->own, Max(bound->nlooks, 1) * sizeof(uint64));
		add_frame(frames, bound, newest);
	}
	frames->serial = bound->serial;
	frames->asof = asof;
}

const Frame *
frames_get(Frames *frames, const BoundCredit *bound, int n)
{
	const Frame *frame;

	while (frames->n <= n)
	{
		CHECK_FOR_INTERRUPTS();
		add_frame(frames, bound, newest_decision((Decide) bound->policy->decide, frames->list[frames->n - 1].day - 1));
	}
	frame = &frames->list[n];
	return n == 0 || frame->ends > frames->today ? frame : NULL;
}

/* ---------------- a customer ---------------- */

static void
note_purchase(Figures *figures, const HistoryCursor *cursor, const Event *event)
{
	Bought	   *bought;

	figures->first_purchase = Min(figures->first_purchase, event->at);
	if (figures->bought == NULL)
		return;
	bought = &figures->bought[figures->nbought++];
	bought->at = event->at;
	bought->form = (event->has & EVENT_HAS_REF_NUMBER) ? 1 : (event->has & EVENT_HAS_REF_TEXT) ? 2 : 0;
	bought->key = bought->form == 1 ? event->ref_number : bought->form == 2 ? (int64) cursor->columns[ATTRIBUTE_REF_TEXT].id : 0;
}

/* Many lines at a time; false if each has to be an order, and some is not. */
static bool
read_lines(Figures *figures, HistoryCursor *cursor, int64 before, bool each_an_order)
{
	Moved	   *moved = figures->moved;
	Decimal		cost[HISTORY_SALES];
	Sales		sales;

	figures->first_purchase = cursor->at;
	while (history_next_lines(cursor, &sales, cost))
	{
		if (!sales.distinct && each_an_order)
			return false;
		for (int i = 0; i < sales.n && sales.at[i] < before; i++)
		{
			moved++;
			moved->at = sales.at[i];
			moved->until.gross = moved[-1].until.gross + sales.amount[i];
			moved->until.refunded = 0;
			moved->until.profit = moved[-1].until.profit + (sales.amount[i] - cost[i]);
		}
		if (sales.at[sales.n - 1] >= before)
			break;
	}
	figures->n = moved - figures->moved;
	figures->each_an_order = each_an_order;
	return true;
}

void
figures_read(Figures *figures, const BoundCredit *bound, const uint8 *history, size_t len, int64 before)
{
	HistoryCursor cursor;
	Event		event;
	Sums		sums = {0, 0, 0};

	memset(figures, 0, sizeof(*figures));
	figures->first_purchase = INSTANT_NEVER;
	history_open(&cursor, history, len);
	figures->has_loans = history_has_kind(&cursor, EVENT_ADVANCE);
	figures->moved = palloc_extended((cursor.n + 1) * sizeof(Moved), MCXT_ALLOC_HUGE);
	figures->moved[0] = (Moved) {{0, 0, 0}, PG_INT64_MIN};
	if (cursor.n > 0 && history_is_sales(&cursor) && cursor.nshapes == 1 && !(cursor.shapes[0].has & EVENT_HAS_TAGS))
	{
		if (read_lines(figures, &cursor, before, bound->asks_orders))
			return;
		history_open(&cursor, history, len);
	}
	if (bound->asks_orders)
		figures->bought = palloc_extended(Max(cursor.n, 1) * sizeof(Bought), MCXT_ALLOC_HUGE);
	while (history_next(&cursor, &event) && event.at < before)
	{
		const Kind *kind = &event_kinds[event.kind];
		Decimal		revenue = kind->revenue * event.amount;
		Decimal		cost = kind->cost * event.cost + kind->expense * event.amount;

		if ((kind->revenue == 0 && kind->expense == 0) || event_is_credit(&event))
			continue;
		if (event.kind == EVENT_PURCHASE)
		{
			note_purchase(figures, &cursor, &event);
			sums.gross += revenue;
		}
		else
			sums.refunded -= revenue;
		sums.profit += revenue - cost;
		figures->moved[++figures->n].at = event.at;
		figures->moved[figures->n].until = sums;
	}
}

/* How many came before an instant, which are no fewer than `from`. */
static inline uint64
moved_before(const Figures *figures, uint64 from, int64 at)
{
	uint64		step = 1;
	uint64		below = from;
	uint64		above;

	/* mostly the next few; else double the step, then halve */
	for (int i = 0; i < 4; i++, below++)
	{
		if (below == figures->n || figures->moved[below + 1].at >= at)
			return below;
	}
	while (below + step <= figures->n && figures->moved[below + step].at < at)
	{
		below += step;
		step *= 2;
	}
	above = Min(below + step, figures->n + 1);
	while (above - below > 1)
	{
		uint64		middle = below + (above - below) / 2;

		if (figures->moved[middle].at < at)
			below = middle;
		else
			above = middle;
	}
	return below;
}

void
figures_look(Figures *figures, const BoundCredit *bound, Frames *frames, const Frame *frame)
{
	uint64		n = 0;

	figures->frame = frame;
	figures->before = frames->before;
	for (int i = 0; i < bound->nlooks; i++)
	{
		int			look = frame->order[i];

		n = moved_before(figures, n, frame->looks[look]);
		figures->before[look] = n;
	}
	figures->all = moved_before(figures, n, frame->at);
}

bool
figures_is_over(const Figures *figures, Clock *clock, int64 at, const Span *span, const LooksBack *looks)
{
	if (at < figures->frame->looks[looks->before])
		return true;
	if (at > figures->frame->looks[looks->after])
		return false;
	return clock_add(clock, at, span, 1) <= figures->frame->at;
}

/*
 * An event counts as long as its instant and the interval are not over.  Where
 * months have different lengths that is not in order of the instants, but only
 * within a few days.
 */
int128
figures_trailing(const Figures *figures, Clock *clock, const Span *span, const LooksBack *looks)
{
	int128		profit = figures_since(figures, looks->after).profit;

	for (uint64 i = figures->before[looks->before] + 1; i <= figures->before[looks->after]; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!figures_is_over(figures, clock, figures->moved[i].at, span, looks))
			profit += figures->moved[i].until.profit - figures->moved[i - 1].until.profit;
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

/* Where numbers of orders ascend, lines of one follow each other; where that is not so, false. */
static bool
find_before_in_order(Figures *figures)
{
	for (uint64 i = 0; i < figures->nbought; i++)
	{
		Bought	   *bought = &figures->bought[i];

		if (bought->form != 1 || (i > 0 && bought->key < bought[-1].key))
			return false;
		bought->before = i > 0 && bought->key == bought[-1].key ? (int64) i - 1 : -1;
	}
	return true;
}

int64
figures_orders(Figures *figures, int look, int64 enough)
{
	int64		from = figures->frame->looks[look];
	int64		first = 0;
	int64		above = (int64) figures->nbought;
	int64		orders = 0;

	if (figures->each_an_order)
		return (int64) (figures->all - figures->before[look]);
	if (!figures->orders_found && !find_before_in_order(figures))
		find_before(figures);
	figures->orders_found = true;
	while (first < above)
	{
		int64		middle = first + (above - first) / 2;

		if (figures->bought[middle].at < from)
			first = middle + 1;
		else
			above = middle;
	}
	for (int64 i = first; i < (int64) figures->nbought && figures->bought[i].at < figures->frame->at && orders < enough; i++)
	{
		CHECK_FOR_INTERRUPTS();
		orders += figures->bought[i].before < first;
	}
	return orders;
}
