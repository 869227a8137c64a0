/*
 * windows.c
 *		Fixed windows: what counts in them, and which levels they reach.
 *
 * A level is reached at the first look that meets it, and lost by a refund that
 * counts at its own date; then it may be reached again.  While events come in
 * order one look follows the other.  When an old order has changed, its window
 * tells its story again, from one look at which something happens to the next.
 */
#include "postgres.h"

#include "standing/windows.h"

#include "miscadmin.h"

static const Span one_year = {12, 0, 0};

/* longer than any window of a year */
#define LONG_YEAR	(INT64CONST(370) * USECS_PER_DAY)

static int64
year_start(Fold *fold, int64 anchor, int nth)
{
	return clock_from_local(&fold->clock, local_add(anchor, &one_year, nth));
}

/* The year in which a date lies, counted from an anchor. */
static void
find_year(Fold *fold, int64 anchor, int64 date, Window *w)
{
	w->anchor = anchor;
	w->nth = local_years(anchor, clock_to_local(&fold->clock, date));
	/* of a midnight that comes twice, the other */
	if (year_start(fold, anchor, w->nth) > date)
		w->nth--;
	w->start = year_start(fold, anchor, w->nth);
	w->end = year_start(fold, anchor, w->nth + 1);
}

/* Which positions a window has.  Who joins within a year of before begins another one then. */
static void
find_positions(Fold *fold, const Walk *walk, Window *w)
{
	int64		joins_at = fold->joins_at;
	Window		before;
	Window		joined;

	w->from = position_from(walk, w->start);
	w->until = position_from(walk, w->end);
	if (WALK_RULE(fold, walk)->window != WINDOW_MEMBERSHIP_YEAR || joins_at < w->start || joins_at >= w->end)
		return;
	find_year(fold, local_from_days(clock_days(&fold->clock, fold->clock.first_at)), joins_at, &before);
	find_year(fold, local_from_days(clock_days(&fold->clock, joins_at)), joins_at, &joined);
	if (before.start == joined.start && before.end == joined.end)
		return;
	if (w->start == joined.start && w->end == joined.end)
		w->from = walk->joins;
	else
		w->until = walk->joins;
}

/* The first window that begins after an instant. */
static int
window_after(const Walk *walk, int64 at)
{
	int			low = 0;
	int			high = walk->nwindows;

	/* mostly the last */
	if (high > 0 && walk->windows[high - 1].start <= at)
		return high;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (walk->windows[middle].start <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static Window *
window_starting(Walk *walk, int64 start)
{
	int			k = window_after(walk, start) - 1;

	return k >= 0 && walk->windows[k].start == start ? &walk->windows[k] : NULL;
}

static Window *
make_window(Fold *fold, Walk *walk, const Window *like)
{
	int			k = window_after(walk, like->start);
	Window	   *w;

	PUSH_TO(fold, walk, windows);
	w = &walk->windows[k];
	memmove(w + 1, w, (walk->nwindows - 1 - k) * sizeof(Window));
	*w = *like;
	find_positions(fold, walk, w);
	w->changed = w->again = w->lowered = false;
	memset(w->sums, 0, sizeof(w->sums));
	w->carried = 0;
	for (int l = 0; l < PROGRAM_MAX_LEVELS; l++)
		w->reached[l] = INSTANT_NEVER;
	return w;
}

Window *
window_of(Fold *fold, Walk *walk, int64 date, bool clock)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	int			k = window_after(walk, date) - 1;
	Window		year = {.start = PG_INT64_MIN, .end = INSTANT_NEVER};
	int64		anchor;

	if (rule->window == WINDOW_LIFETIME)
		return walk->nwindows > 0 ? &walk->windows[0] : make_window(fold, walk, &year);
	anchor = rule->window == WINDOW_MEMBERSHIP_YEAR ? clock_anchor(&fold->clock, clock ? date - 1 : date) :
		local_from_days(date_to_days(2000, rule->window_month, rule->window_day));
	for (int i = k; i >= 0 && walk->windows[i].start > date - LONG_YEAR; i--)
	{
		if (walk->windows[i].anchor == anchor && date < walk->windows[i].end)
			return &walk->windows[i];
	}
	find_year(fold, anchor, date, &year);
	/* the same year by another anchor: a late `joined` on the anniversary */
	for (int i = k; i >= 0 && walk->windows[i].start >= year.start; i--)
	{
		if (walk->windows[i].start == year.start && walk->windows[i].end == year.end)
			return &walk->windows[i];
	}
	return make_window(fold, walk, &year);
}

/* What was carried in, by metric. */
static const int128 *
carried_in(const Fold *fold, const Walk *walk, const Window *w, int128 *carried)
{
	memset(carried, 0, walk->nmetrics * sizeof(int128));
	if (WALK_RULE(fold, walk)->has_rollover)
		carried[walk->place[WALK_RULE(fold, walk)->rollover_metric]] = w->carried;
	return carried;
}

void
window_sums(const Fold *fold, const Walk *walk, const Window *w, int128 *sums)
{
	int128		carried[PROGRAM_MAX_METRICS];

	carried_in(fold, walk, w, carried);
	for (int m = 0; m < walk->nmetrics; m++)
		sums[m] = w->sums[m] + carried[m];
}

/* ---------------- what they give ---------------- */

/* For how long, if a window reached a level at that instant? */
static Term
window_term(Fold *fold, const TiersRule *rule, const Window *w, int64 reached)
{
	if (rule->window == WINDOW_LIFETIME || rule->valid == VALID_FOREVER)
		return (Term) {0, NULL, 0};
	if (rule->valid == VALID_SPAN)
		return (Term) {clock_to_local(&fold->clock, reached), &rule->valid_span, 1};
	return (Term) {w->anchor, &one_year, w->nth + 1 + (rule->valid == VALID_YEAR_AFTER)};
}

/* Is what a window gave over, and what all gave before it? */
static bool
is_over(const Fold *fold, const Walk *walk, const Window *w)
{
	const TiersRule *rule = WALK_RULE(fold, walk);

	if (rule->downgrade == DOWNGRADE_NEVER || rule->valid == VALID_FOREVER || w->end == INSTANT_NEVER)
		return false;
	return w->end + (rule->valid == VALID_SPAN ? holds_longest(fold, walk, &rule->valid_span, 1) :
					 holds_longest(fold, walk, &one_year, 1)) <= fold->at;
}

/* Windows have reached other levels: tell anew what they give. */
static void
hold_again(Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);

	held_begin(fold, &walk->held);
	for (int i = walk->nwindows - 1; i >= 0 && !is_over(fold, walk, &walk->windows[i]); i--)
	{
		const Window *w = &walk->windows[i];

		for (uint32 l = 0; l < rule->levels.n; l++)
		{
			if (w->reached[l] != INSTANT_NEVER)
				hold(fold, walk, &walk->held, (int) l, window_term(fold, rule, w, w->reached[l]), walk->at);
		}
	}
}

/* ---------------- looks ---------------- */

/* The event changes a window: what it was is remembered. */
static void
touch(Fold *fold, Walk *walk, Window *w)
{
	int			k;

	if (w->changed)
		return;
	w->changed = true;
	if (walk->before.noted)
		*PUSH_TO(fold, &walk->before, windows) = *w;
	PUSH_TO(fold, walk, changed);
	for (k = walk->nchanged - 1; k > 0 && walk->changed[k - 1] > w->start; k--)
		walk->changed[k] = walk->changed[k - 1];
	walk->changed[k] = w->start;
}

void
window_count(Fold *fold, Walk *walk, Window *w, int position, const int128 *values, bool again)
{
	touch(fold, walk, w);
	w->again |= again;
	for (int m = 0; m < walk->nmetrics; m++)
		w->sums[m] += values[m];
	course_add(fold, &walk->course, position, w->until, values);
}

/*
 * The levels that a window reaches with such sums, and `held` then, if not NULL;
 * true if it loses one.  A refund takes a level that the metrics met before it.
 */
static bool
reach(Fold *fold, const Walk *walk, Window *w, const int128 *sums, int64 at, const int128 *lost, Held *held)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	bool		in_force = rule_in_force(fold, &rule->rule, at);
	bool		loses = false;
	int128		before[PROGRAM_MAX_METRICS];

	for (int m = 0; m < walk->nmetrics && lost; m++)
		before[m] = sums[m] - lost[m];
	for (uint32 l = 0; l < rule->levels.n && (in_force || lost); l++)
	{
		bool		reached = w->reached[l] != INSTANT_NEVER;
		bool		met;

		if (level_is_base(&WALK_LEVELS(fold, walk)[l]) || (reached && !lost))
			continue;
		met = level_met(fold, walk, (int) l, sums);
		if (met == reached || (met && !in_force) || (!met && !level_met(fold, walk, (int) l, before)))
			continue;
		w->reached[l] = met ? at : INSTANT_NEVER;
		if (met && held)
			hold(fold, walk, held, (int) l, window_term(fold, rule, w, at), at);
		loses |= !met;
	}
	return loses;
}

void
window_look(Fold *fold, Walk *walk, Window *w, int64 at, const int128 *lost)
{
	int128		sums[PROGRAM_MAX_METRICS];

	window_sums(fold, walk, w, sums);
	if (reach(fold, walk, w, sums, at, lost, &walk->held))
		hold_again(fold, walk);
}

/* The first position from one on at which a level may be reached or lost; the window's end. */
static int
next_turn(const Fold *fold, const Walk *walk, const Window *w, int level, int from, const int128 *carried)
{
	bool		reached = w->reached[level] != INSTANT_NEVER;
	int			k;

	if (level_is_base(&WALK_LEVELS(fold, walk)[level]) || (reached && !w->lowered))
		return w->until;
	k = reached ? level_first(fold, walk, from, w->until, level, LEVEL_FAILS, carried) :
		level_first(fold, walk, Max(from, walk->in_force_from), Min(w->until, walk->in_force_until), level, LEVEL_MET, carried);
	return k == NONE ? w->until : k;
}

/* Reach and lose levels at a position. */
static void
turn(Fold *fold, const Walk *walk, Window *w, int position, const int128 *carried)
{
	const Course *course = &walk->course;
	int128		sums[PROGRAM_MAX_METRICS];
	int128		lost[PROGRAM_MAX_METRICS];

	course_at(course, position, sums);
	memset(lost, 0, sizeof(lost));
	if (position > w->from)
		course_at(course, position - 1, lost);
	for (int m = 0; m < walk->nmetrics; m++)
	{
		lost[m] = sums[m] - lost[m];
		sums[m] += carried[m];
	}
	reach(fold, walk, w, sums, walk->dates[position], course->flags[position] & COURSE_LOW ? lost : NULL, NULL);
}

/* A window tells its story again; true if it is another one. */
static bool
tell_again(Fold *fold, Walk *walk, Window *w)
{
	int			nlevels = (int) WALK_RULE(fold, walk)->levels.n;
	int128		carried[PROGRAM_MAX_METRICS];
	int64		before[PROGRAM_MAX_LEVELS];
	int			turns[PROGRAM_MAX_LEVELS];

	course_sum(fold, &walk->course);
	memcpy(before, w->reached, sizeof(before));
	for (int l = 0; l < PROGRAM_MAX_LEVELS; l++)
		w->reached[l] = INSTANT_NEVER;
	carried_in(fold, walk, w, carried);
	if (w->carried > 0)
		reach(fold, walk, w, carried, w->start, NULL, NULL);
	for (int l = 0; l < nlevels; l++)
		turns[l] = next_turn(fold, walk, w, l, w->from, carried);
	for (;;)
	{
		int			k = w->until;

		CHECK_FOR_INTERRUPTS();
		for (int l = 0; l < nlevels; l++)
			k = Min(k, turns[l]);
		if (k == w->until)
			break;
		turn(fold, walk, w, k, carried);
		for (int l = 0; l < nlevels; l++)
		{
			if (turns[l] == k)
				turns[l] = next_turn(fold, walk, w, l, k + 1, carried);
		}
	}
	return memcmp(before, w->reached, sizeof(before)) != 0;
}

/* ---------------- what is carried over ---------------- */

/* What a window carries into the next one when it ends. */
static int128
carry_of(const Fold *fold, const Walk *walk, const Window *w)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	const Level *levels = LEVELS(fold, rule);
	int			metric = (int) rule->rollover_metric;
	int128		own = w->sums[walk->place[metric]];
	int128		with = own + w->carried;
	Decimal		threshold = 0;

	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		const Need *needs = PROGRAM_LIST(fold->rules.program, levels[l].needs, Need);

		if (levels[l].needs.n == 0 && metric == (int) rule->by && metric_reaches(with, levels[l].at))
			threshold = Max(threshold, levels[l].at);
		for (uint32 n = 0; n < levels[l].needs.n; n++)
		{
			const Condition *c = PROGRAM_LIST(fold->rules.program, needs[n].conditions, Condition);

			for (uint32 i = 0; i < needs[n].conditions.n; i++)
			{
				if ((int) c[i].metric == metric && metric_reaches(with, c[i].at))
					threshold = Max(threshold, c[i].at);
			}
		}
	}
	if (threshold == 0)
		return 0;
	return Max(0, Min(own - metric_sum(threshold),
					  rule->rollover_cap == PG_INT64_MAX ? own : metric_sum(rule->rollover_cap)));
}

/* The window into which an ended one carries more or less than before; NULL. */
static Window *
carry(Fold *fold, Walk *walk, int64 start, bool of_event)
{
	const Window *w = window_starting(walk, start);
	int64		end = w->end;
	int128		carried = carry_of(fold, walk, w);
	Window	   *next;

	if (carried == 0 && window_starting(walk, end) == NULL)
		return NULL;
	next = window_of(fold, walk, end, true);
	if (carried == next->carried)
		return NULL;
	if (of_event)
		touch(fold, walk, next);
	next->carried = carried;
	return next;
}

void
windows_look_again(Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	bool		again = false;

	for (int k = 0; k < walk->nchanged; k++)
	{
		Window	   *w = window_starting(walk, walk->changed[k]);

		if (w->again)
			again |= tell_again(fold, walk, w);
		if (rule->has_rollover && w->end <= walk->at)
		{
			w = carry(fold, walk, walk->changed[k], true);
			if (w)
				w->again = true;
		}
	}
	for (int k = 0; k < walk->nchanged; k++)
	{
		Window	   *w = window_starting(walk, walk->changed[k]);

		w->changed = w->again = false;
	}
	walk->nchanged = 0;
	if (again)
		hold_again(fold, walk);
}

/* The last windows, of which some may not have ended. */
static int
last_windows(const Walk *walk, int64 at)
{
	int			k = walk->nwindows;

	while (k > 0 && (walk->windows[k - 1].end > at || walk->windows[k - 1].start > at - LONG_YEAR))
		k--;
	return k;
}

int64
windows_next(const Fold *fold, const Walk *walk)
{
	int64		next = INSTANT_NEVER;

	for (int i = last_windows(walk, walk->at); i < walk->nwindows && WALK_RULE(fold, walk)->has_rollover; i++)
	{
		if (walk->windows[i].end > walk->at)
			next = Min(next, walk->windows[i].end);
	}
	return next;
}

void
windows_carry(Fold *fold, Walk *walk)
{
	for (int i = last_windows(walk, walk->at - 1); i < walk->nwindows; i++)
	{
		Window	   *next;

		if (walk->windows[i].end != walk->at)
			continue;
		next = carry(fold, walk, walk->windows[i].start, false);
		if (next && next->carried > 0)
			window_look(fold, walk, next, walk->at, NULL);
	}
}

int64
windows_next_reach(const Fold *fold, const Walk *walk, int64 at)
{
	int64		next = INSTANT_NEVER;

	for (int i = last_windows(walk, at); i < walk->nwindows && WALK_RULE(fold, walk)->has_rollover; i++)
	{
		const Window *w = &walk->windows[i];

		if (w->end > at && w->end < next && carry_of(fold, walk, w) > 0)
			next = w->end;
	}
	return next;
}

void
windows_copy(Fold *fold, Walk *to, const Walk *from)
{
	int			first = last_windows(from, from->at);

	to->nwindows = from->nwindows - first;
	RESERVE(fold, to, windows, to->nwindows);
	if (to->nwindows > 0)
		memcpy(to->windows, &from->windows[first], to->nwindows * sizeof(Window));
}

void
windows_stand(Fold *fold, Walk *walk, bool refund)
{
	const TiersRule *rule = WALK_RULE(fold, walk);

	for (int k = 0; k < walk->before.nwindows; k++)
	{
		const Window *before = &walk->before.windows[k];
		const Window *w = window_starting(walk, before->start);
		int128		sums_before[PROGRAM_MAX_METRICS];
		int128		sums[PROGRAM_MAX_METRICS];

		window_sums(fold, walk, before, sums_before);
		window_sums(fold, walk, w, sums);
		for (uint32 l = 0; l < rule->levels.n; l++)
		{
			if (level_is_base(&WALK_LEVELS(fold, walk)[l]))
				continue;
			if (refund && level_met(fold, walk, (int) l, sums_before) && !level_met(fold, walk, (int) l, sums))
				take_level(walk, w->start, (int) l);
			else if (before->reached[l] != INSTANT_NEVER && before->reached[l] != w->reached[l])
				let_stand(fold, walk, w->start, (int) l, window_term(fold, rule, before, before->reached[l]), walk->at);
		}
	}
}
