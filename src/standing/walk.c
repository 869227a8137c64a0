/*
 * walk.c
 *		A version of tiers as it goes through time: what there is to come to, what
 *		the clock does, what events change.
 */
#include "postgres.h"

#include "standing/rolling.h"
#include "standing/windows.h"

#include "miscadmin.h"

#define ALL_ADD		0xFFFF

/* ---------------- what there is to come to ---------------- */

static void
look_at_metric(const Fold *fold, Walk *walk, uint32 metric)
{
	if (walk->place[metric] < PROGRAM_MAX_METRICS)
		return;
	walk->place[metric] = (uint8) walk->nmetrics;
	walk->metrics[walk->nmetrics++] = fold->counts.place[metric];
}

/* The metrics at which a version looks. */
static void
find_metrics(const Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);

	walk->nmetrics = 0;
	memset(walk->place, PROGRAM_MAX_METRICS, sizeof(walk->place));
	look_at_metric(fold, walk, rule->by);
	if (rule->has_rollover)
		look_at_metric(fold, walk, rule->rollover_metric);
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		const Level *level = &LEVELS(fold, rule)[l];
		const Need *needs = PROGRAM_LIST(fold->rules.program, level->needs, Need);

		for (uint32 n = 0; n < level->needs.n; n++)
		{
			const Condition *c = PROGRAM_LIST(fold->rules.program, needs[n].conditions, Condition);

			for (uint32 i = 0; i < needs[n].conditions.n; i++)
				look_at_metric(fold, walk, c[i].metric);
		}
	}
}

#define ST_SORT sort_leaving
#define ST_ELEMENT_TYPE Leaving
#define ST_COMPARE(a, b) ((a)->at != (b)->at ? ((a)->at < (b)->at ? -1 : 1) : (a)->slot - (b)->slot)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* When entries of each slot leave a rolling window; those that never do are left out. */
static void
find_leaving(Fold *fold, Walk *walk)
{
	const Slots *slots = &fold->counts.slots;
	bool		sorted = true;

	walk->nleaving = 0;
	if (!is_rolling(WALK_RULE(fold, walk)))
		return;
	RESERVE(fold, walk, leaving, slots->ndates);
	for (int s = 0; s < slots->ndates; s++)
	{
		int64		at = s > 0 && slots->dates[s] == slots->dates[s - 1] && walk->nleaving > 0 ? walk->leaving[walk->nleaving - 1].at :
			clock_add(&fold->clock, slots->dates[s], &WALK_RULE(fold, walk)->span, 1);

		if (at == INSTANT_NEVER)
			continue;
		sorted &= walk->nleaving == 0 || walk->leaving[walk->nleaving - 1].at <= at;
		walk->leaving[walk->nleaving++] = (Leaving) {at, s};
	}
	if (!sorted)
		sort_leaving(walk->leaving, walk->nleaving);
}

static int
add_position(Fold *fold, Walk *walk, int64 date)
{
	*PUSH_TO(fold, walk, dates) = date;
	return walk->ndates - 1;
}

/*
 * Put slots, the version's beginning and, where each instant is a look, leavings
 * in their order: what leaves comes first in an instant, slots last.
 */
static void
find_positions(Fold *fold, Walk *walk)
{
	const Slots *slots = &fold->counts.slots;
	int64		begins = fold->rules.bounds[WALK_RULE(fold, walk)->rule.id].from;
	bool		instants = holds_while_met(WALK_RULE(fold, walk));
	int			slot = 0;
	int			left = 0;

	RESERVE(fold, walk, positions, slots->ndates);
	RESERVE(fold, walk, ends, slots->ndates);
	walk->ndates = 0;
	for (int s = 0; s < slots->ndates; s++)
		walk->ends[s] = PG_INT32_MAX;	/* for those that never leave */
	RESERVE(fold, walk, dates, slots->ndates * (instants ? 2 : 1) + 1);
	walk->begins = NONE;
	for (;;)
	{
		int64		enters = slot < slots->ndates ? slots->dates[slot] : INSTANT_NEVER;
		int64		leaves = instants && left < walk->nleaving ? walk->leaving[left].at : INSTANT_NEVER;
		int64		begin = walk->begins == NONE && begins != PG_INT64_MIN ? begins : INSTANT_NEVER;

		if (leaves != INSTANT_NEVER && leaves <= begin && leaves <= enters)
			walk->ends[walk->leaving[left++].slot] = add_position(fold, walk, leaves);
		else if (begin != INSTANT_NEVER && begin <= enters)
			walk->begins = add_position(fold, walk, begin);
		else if (enters != INSTANT_NEVER)
			walk->positions[slot++] = add_position(fold, walk, enters);
		else
			break;
	}
}

/* Up to where slots count in a rolling window. */
static void
find_ends(const Fold *fold, Walk *walk)
{
	int			end = 0;

	for (int s = 0; s < fold->counts.slots.ndates; s++)
		walk->ends[s] = Min(walk->ends[s], walk->ndates);
	for (int i = 0; i < walk->nleaving && !holds_while_met(WALK_RULE(fold, walk)); i++)
	{
		while (end < walk->ndates && walk->dates[end] < walk->leaving[i].at)
			end++;
		walk->ends[walk->leaving[i].slot] = end;
	}
}

/* Where each instant is a look: the last position of each. */
static void
find_looks(Fold *fold, Walk *walk)
{
	walk->nlooks = 0;
	for (int k = 0; k < walk->ndates; k++)
	{
		if (k + 1 < walk->ndates && walk->dates[k + 1] == walk->dates[k])
			continue;
		*PUSH_TO(fold, walk, looks) = k;
		course_flag(fold, &walk->course, k, COURSE_LOOK | COURSE_LOW, ALL_ADD);
	}
}

static int64
begins_at(const Fold *fold, const Walk *walk)
{
	return fold->rules.bounds[WALK_RULE(fold, walk)->rule.id].from;
}

/* Of what it has allocated before, it keeps the room. */
void
walk_begin(Fold *fold, Walk *walk, int version)
{
	const Bound *bound = &fold->rules.bounds[fold->rules.tiers[version].rule.id];

	walk->version = version;
	walk->ahead = false;
	walk->at = PG_INT64_MIN;
	walk->left = walk->nwindows = walk->nchanged = walk->nstands = 0;
	walk->entered = NONE;
	walk->again = walk->lowered = false;
	walk->before.noted = false;
	walk->before.nwindows = 0;
	held_begin(fold, &walk->held);
	held_begin(fold, &walk->earlier);
	find_metrics(fold, walk);
	memset(walk->sums, 0, sizeof(walk->sums));
	memset(walk->lost, 0, sizeof(walk->lost));

	find_leaving(fold, walk);
	find_positions(fold, walk);
	course_begin(fold, &walk->course, walk->ndates, walk->nmetrics);
	if (is_rolling(WALK_RULE(fold, walk)))
		find_ends(fold, walk);
	if (holds_while_met(WALK_RULE(fold, walk)))
		find_looks(fold, walk);
	walk->in_force_from = position_from(walk, bound->from);
	walk->in_force_until = position_from(walk, bound->until);
	walk->joins = position_from(walk, fold->joins_at);
	if (walk->joins == walk->begins && walk->begins < walk->ndates && walk->dates[walk->begins] == fold->joins_at)
		walk->joins++;
}

void
walk_copy(Fold *fold, Walk *to, Walk *from)
{
	if (holds_while_met(WALK_RULE(fold, from)) || (is_rolling(WALK_RULE(fold, from)) && begins_at(fold, from) > from->at))
		course_sum(fold, &from->course);
	memcpy(to, from, offsetof(Walk, windows));
	to->ahead = true;
	to->next = PG_INT64_MIN;
	windows_copy(fold, to, from);
	held_copy(fold, &to->held, &from->held);
}

/* ---------------- what the clock does ---------------- */

/* The version begins: what is met already is reached now. */
static void
begin(Fold *fold, Walk *walk)
{
	if (!walk->ahead && !holds_while_met(WALK_RULE(fold, walk)))
		course_flag(fold, &walk->course, walk->begins, COURSE_LOOK, ALL_ADD);
	if (!is_rolling(WALK_RULE(fold, walk)))
		window_look(fold, walk, window_of(fold, walk, walk->at, true), walk->at, NULL);
	else if (!holds_while_met(WALK_RULE(fold, walk)))
	{
		if (walk->ahead)
			course_at(&walk->course, walk->begins, walk->sums);
		extend(fold, walk, NULL, walk->at);
	}
}

/* Look where each instant is a look. */
static void
look_while_met(Fold *fold, Walk *walk)
{
	int			last;

	if (!holds_while_met(WALK_RULE(fold, walk)))
		return;
	if (walk->ahead)
	{
		last = position_from(walk, walk->at + 1) - 1;
		if (last >= 0)
			course_at(&walk->course, last, walk->sums);
		walk->next = PG_INT64_MIN;
	}
	while_look(fold, walk);
}

/* In a copy nothing changes until then. */
static int64
next_ahead(Fold *fold, Walk *walk)
{
	if (walk->next == PG_INT64_MIN)
		walk->next = while_next(fold, walk);
	return walk->next;
}

/* When the clock has something to do after the instant at which the walk stands. */
static int64
next_moment(Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	int64		begins = begins_at(fold, walk);
	int64		next = rule->has_rollover ? windows_next(fold, walk) : INSTANT_NEVER;

	if (begins > walk->at)
		next = Min(next, begins);
	if (!holds_while_met(rule))
		return next;
	if (walk->ahead)
		return Min(next, next_ahead(fold, walk));
	return walk->left < walk->nleaving ? Min(next, walk->leaving[walk->left].at) : next;
}

static void
go_on(Fold *fold, Walk *walk, int64 at)
{
	if (at <= walk->at)
		return;
	if (holds_while_met(WALK_RULE(fold, walk)))
		while_go_on(fold, walk);
	walk->at = at;
}

void
walk_to(Fold *fold, Walk *walk, int64 upto)
{
	for (;;)
	{
		int64		at = next_moment(fold, walk);

		CHECK_FOR_INTERRUPTS();
		if (at > upto)
			break;
		go_on(fold, walk, at);
		let_leave(fold, walk, at);
		if (WALK_RULE(fold, walk)->has_rollover)
			windows_carry(fold, walk);
		if (at == begins_at(fold, walk))
			begin(fold, walk);
		look_while_met(fold, walk);
	}
	let_leave(fold, walk, upto);
	go_on(fold, walk, upto);
}

int64
walk_next(Fold *fold, Walk *walk, int64 at)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	const Bound *bound = &fold->rules.bounds[rule->rule.id];
	int64		next = INSTANT_NEVER;

	if (bound->until > at)
		next = bound->until;
	if (bound->from > at)
		next = bound->from;
	for (int i = 0; i < walk->held.nsteps; i++)
	{
		if (walk->held.steps[i].from > at)
			next = Min(next, walk->held.steps[i].from);
	}
	for (int i = 0; i < walk->nstands; i++)
	{
		if (walk->stands[i].step.from > at)
			next = Min(next, walk->stands[i].step.from);
	}
	if (rule->has_rollover)
		next = Min(next, windows_next_reach(fold, walk, at));
	if (!holds_while_met(rule))
		return next;
	if (walk->ahead)
		return Min(next, next_ahead(fold, walk));
	return walk->left < walk->nleaving ? Min(next, walk->leaving[walk->left].at) : next;
}

/* ---------------- what events change ---------------- */

void
walk_remember(Fold *fold, Walk *walk)
{
	walk->before.noted = true;
	walk->before.nwindows = 0;
	memcpy(walk->before.sums, walk->sums, sizeof(walk->sums));
	/* what this instant's other events have won while the metric is, was not held before it */
	held_copy(fold, &walk->before.held, holds_while_met(WALK_RULE(fold, walk)) ? &walk->earlier : &walk->held);
}

/* Of an entry's values, those at which the walk looks; false if there are none. */
static bool
values_of(const Walk *walk, const int128 *all, int128 *values)
{
	bool		some = false;

	for (int m = 0; m < walk->nmetrics; m++)
	{
		values[m] = all[walk->metrics[m]];
		some |= values[m] != 0;
	}
	return some;
}

/* Metrics to which values add, a bit each. */
static uint16
adding(const Walk *walk, const int128 *values)
{
	uint16		bits = 0;

	for (int m = 0; m < walk->nmetrics; m++)
		bits |= values[m] > 0 ? 1 << m : 0;
	return bits;
}

/* Has an old entry left a rolling window by now? */
static bool
has_left(Fold *fold, const Walk *walk, const Entry *entry)
{
	return entry->date < walk->at && clock_add(&fold->clock, entry->date, &WALK_RULE(fold, walk)->span, 1) <= walk->at;
}

/* In a rolling window an entry counts from its position on. */
static void
rolling_count(Fold *fold, Walk *walk, int entry, const int128 *values)
{
	int			slot = fold->counts.entries[entry].slot;

	course_add(fold, &walk->course, walk->positions[slot], walk->ends[slot], values);
	for (int m = 0; m < walk->nmetrics && !has_left(fold, walk, &fold->counts.entries[entry]); m++)
		walk->sums[m] += values[m];
}

void
walk_enter(Fold *fold, Walk *walk, int e)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	const Entry *entry = &fold->counts.entries[e];
	int			position = walk->positions[entry->slot];
	bool		late = entry->previous != NONE;
	int128		values[PROGRAM_MAX_METRICS];

	(void) values_of(walk, ENTRY_VALUES(fold, e), values);
	walk->entered = late ? NONE : e;
	/* an order is looked at when all its lines are there */
	if (late && !holds_while_met(rule))
		course_flag(fold, &walk->course, walk->positions[fold->counts.entries[entry->previous].slot], 0, 0);
	if (is_rolling(rule))
	{
		rolling_count(fold, walk, e, values);
		if (!holds_while_met(rule) && entry->order != NONE && !entry->lowers)
			course_flag(fold, &walk->course, position, COURSE_LOOK, adding(walk, values));
		walk->again |= late;
		walk->order = entry->order;
		return;
	}
	window_count(fold, walk, window_of(fold, walk, entry->date, false), position, values, late);
	course_flag(fold, &walk->course, position, COURSE_LOOK | (entry->lowers ? COURSE_LOW : 0), ALL_ADD);
	walk->lowered |= entry->lowers;
	for (int m = 0; m < walk->nmetrics && entry->lowers; m++)
		walk->lost[m] += values[m];
}

/* A refund lowers the window of its own date; the net decides if that is its order's. */
static bool
lower_at_own_date(Fold *fold, Walk *walk, const Entry *entry, const int128 *values)
{
	int			position = walk->positions[fold->counts.slots.of_event[fold->now]];
	int64		start = window_of(fold, walk, entry->date, false)->start;
	Window	   *w = window_of(fold, walk, fold->at, false);

	if (w->start == start)
		return false;
	window_count(fold, walk, w, position, values, false);
	course_flag(fold, &walk->course, position, COURSE_LOOK | COURSE_LOW, ALL_ADD);
	walk->lowered = true;
	for (int m = 0; m < walk->nmetrics; m++)
		walk->lost[m] += values[m];
	return true;
}

void
walk_change(Fold *fold, Walk *walk, int e, const int128 *by, bool dated_refund)
{
	const Entry *entry = &fold->counts.entries[e];
	int128		values[PROGRAM_MAX_METRICS];

	if (!values_of(walk, by, values))
		return;
	if (is_rolling(WALK_RULE(fold, walk)))
	{
		rolling_count(fold, walk, e, values);
		walk->again = true;
		walk->order = entry->order;
	}
	else if (!dated_refund || !lower_at_own_date(fold, walk, entry, values))
		window_count(fold, walk, window_of(fold, walk, entry->date, false), walk->positions[entry->slot], values, true);
}

/* An order may add to other metrics than before. */
static void
flag_order(Fold *fold, Walk *walk, int order)
{
	int			last = fold->counts.of_order[order];
	int128		sums[PROGRAM_MAX_METRICS] = {0};
	int128		values[PROGRAM_MAX_METRICS];

	if (fold->counts.entries[last].lowers)
		return;
	for (int e = last; e != NONE; e = fold->counts.entries[e].previous)
	{
		(void) values_of(walk, ENTRY_VALUES(fold, e), values);
		for (int m = 0; m < walk->nmetrics; m++)
			sums[m] += values[m];
	}
	course_flag(fold, &walk->course, walk->positions[fold->counts.entries[last].slot], COURSE_LOOK, adding(walk, sums));
}

static void
look_rolling(Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	const Entry *entry = walk->entered == NONE ? NULL : &fold->counts.entries[walk->entered];
	int128		values[PROGRAM_MAX_METRICS];

	if (holds_while_met(rule))
	{
		if (walk->again)
			while_again(fold, walk);
		while_look(fold, walk);
	}
	else if (walk->again)
	{
		flag_order(fold, walk, walk->order);
		extend_again(fold, walk);
	}
	else if (entry && entry->order != NONE && !entry->lowers && rule_in_force(fold, &rule->rule, entry->date))
	{
		(void) values_of(walk, ENTRY_VALUES(fold, walk->entered), values);
		extend(fold, walk, values, entry->date);
	}
}

static void
look_fixed(Fold *fold, Walk *walk)
{
	if (walk->entered != NONE || walk->lowered)
	{
		Window	   *w = window_of(fold, walk, fold->at, false);

		w->lowered |= walk->lowered;
		if (!w->again)
			window_look(fold, walk, w, fold->at, walk->lowered ? walk->lost : NULL);
	}
	windows_look_again(fold, walk);
}

void
walk_look(Fold *fold, Walk *walk)
{
	if (is_rolling(WALK_RULE(fold, walk)))
		look_rolling(fold, walk);
	else
		look_fixed(fold, walk);
	if (walk->lowered)
		memset(walk->lost, 0, sizeof(walk->lost));
	walk->entered = NONE;
	walk->again = walk->lowered = false;
}

void
walk_stands(Fold *fold, Walk *walk, bool refund)
{
	if (is_rolling(WALK_RULE(fold, walk)))
		rolling_stand(fold, walk, refund);
	else
		windows_stand(fold, walk, refund);
}

void
walk_forget(Walk *walk)
{
	walk->before.noted = false;
	walk->before.nwindows = 0;
}

int
walk_falls(Fold *fold, Walk *walk, int level, Step *steps)
{
	return while_falls(fold, walk, level, steps);
}

int128
walk_sum(Fold *fold, Walk *walk, int metric)
{
	int128		sums[PROGRAM_MAX_METRICS];

	if (is_rolling(WALK_RULE(fold, walk)))
		return walk->sums[walk->place[metric]];
	window_sums(fold, walk, window_of(fold, walk, walk->at, false), sums);
	return sums[walk->place[metric]];
}
