/*
 * rolling.c
 *		Rolling windows: which levels they meet, and when.
 *
 * Where tiers are valid for an interval, each order looks when it comes, and
 * what it meets is held from then.  Where they are held while the metric is,
 * each instant is a look; what falls then is held for as long as it casts steps,
 * or by its overhang.
 *
 * When an old order has changed, only those looks are sought that still give
 * something: the last ones that meet a level, or after which it fell.
 */
#include "postgres.h"

#include "standing/rolling.h"

#include "miscadmin.h"

void
let_leave(const Fold *fold, Walk *walk, int64 upto)
{
	/* a copy asks the course */
	if (walk->ahead)
		return;
	for (; walk->left < walk->nleaving && walk->leaving[walk->left].at <= upto; walk->left++)
	{
		int			e = fold->counts.of_slot[walk->leaving[walk->left].slot];

		for (int m = 0; m < walk->nmetrics && e != NONE; m++)
			walk->sums[m] -= ENTRY_VALUES(fold, e)[walk->metrics[m]];
	}
}

/* No shorter than such a span, with what clamped days and clocks may take from it; 0 if that is nothing. */
static int64
span_at_least(const Span *span)
{
	int64		length = ((int64) span->months * 28 + span->days) * USECS_PER_DAY + span->time;

	return Max(0, length - (span->months > 0 ? 4 : 1) * USECS_PER_DAY);
}

/* ---------------- valid for an interval ---------------- */

/* What a look gives that meets a level. */
static Term
extended_term(Fold *fold, const TiersRule *rule, int64 at)
{
	if (rule->valid == VALID_FOREVER)
		return (Term) {0, NULL, 0};
	return (Term) {clock_to_local(&fold->clock, at), &rule->valid_span, 1};
}

void
extend(Fold *fold, Walk *walk, const int128 *values, int64 at)
{
	const TiersRule *rule = WALK_RULE(fold, walk);

	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		if (level_is_base(&WALK_LEVELS(fold, walk)[l]) || (values && !level_added(fold, walk, (int) l, values)) ||
			!level_met(fold, walk, (int) l, walk->sums))
			continue;
		hold(fold, walk, &walk->held, (int) l, extended_term(fold, rule, at), at);
	}
}

/* Looks that extend a level, before an instant: the last of them gives what it does. */
static void
extend_before(Fold *fold, Walk *walk, int level, int64 before)
{
	int			k = level_last(fold, walk, walk->in_force_from, Min(walk->in_force_until, position_from(walk, before)), level, LEVEL_EXTENDED);

	if (k != NONE)
		hold(fold, walk, &walk->held, level, extended_term(fold, WALK_RULE(fold, walk), walk->dates[k]), walk->dates[k]);
}

/*
 * The last look that extends a level gives the latest end, but where adding an
 * interval turns the order round: where several days come to the last of a month,
 * and where clocks are put forward or back.
 */
static void
extend_last(Fold *fold, Walk *walk, int level, int k)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	Clock	   *clock = &fold->clock;
	int64		at = walk->dates[k];
	int64		local = clock_to_local(clock, at);
	int			days = local_to_days(local);
	int			times = rule->downgrade == DOWNGRADE_ONE_STEP ? level + 1 : 1;

	hold(fold, walk, &walk->held, level, extended_term(fold, rule, at), at);
	for (int i = 0; i < 3 && rule->valid_span.months != 0 && date_from_days(days).day > 28; i++)
		extend_before(fold, walk, level, clock_from_local(clock, local_from_days(days - i)));
	if (clock_last_change(clock, at) > at - USECS_PER_DAY)
		extend_before(fold, walk, level, clock_last_change(clock, at));
	for (int n = 1; n <= times; n++)
	{
		int64		end = local_add(local, &rule->valid_span, n);
		int64		until = clock_from_local(clock, end);
		int64		change = until == INSTANT_NEVER ? PG_INT64_MIN : clock_last_change(clock, until);

		/* an end that the clock skips comes after the first ones that it does not */
		if (change > until - USECS_PER_DAY)
			extend_before(fold, walk, level, at - (end - clock_to_local(clock, change)));
	}
}

/* Under `one step`: the looks before the last whose steps may not be over. */
static void
extend_steps(Fold *fold, Walk *walk, int level, int last)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	int64		jump = span_at_least(&rule->valid_span);
	int			k = position_from(walk, fold->at - holds_longest(fold, walk, &rule->valid_span, 1));

	k = level_first(fold, walk, Max(k, walk->in_force_from), last, level, LEVEL_EXTENDED, NULL);
	while (k != NONE)
	{
		int64		at = walk->dates[k];
		int			next;

		CHECK_FOR_INTERRUPTS();
		hold(fold, walk, &walk->held, level, extended_term(fold, rule, at), at);
		/* steps that follow without a gap are one */
		next = level_last(fold, walk, k + 1, Min(last, position_from(walk, at + jump)), level, LEVEL_EXTENDED);
		k = next != NONE ? next : level_first(fold, walk, k + 1, last, level, LEVEL_EXTENDED, NULL);
	}
}

void
extend_again(Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);

	course_sum(fold, &walk->course);
	held_begin(fold, &walk->held);
	for (int l = 0; l < (int) rule->levels.n; l++)
	{
		int			last;

		if (level_is_base(&WALK_LEVELS(fold, walk)[l]))
			continue;
		last = level_last(fold, walk, walk->in_force_from, walk->in_force_until, l, LEVEL_EXTENDED);
		if (last == NONE)
			continue;
		if (rule->valid == VALID_FOREVER || rule->downgrade == DOWNGRADE_NEVER)
		{
			hold(fold, walk, &walk->held, l, (Term) {0, NULL, 0}, walk->dates[last]);
			continue;
		}
		if (rule->downgrade == DOWNGRADE_ONE_STEP)
			extend_steps(fold, walk, l, last);
		extend_last(fold, walk, l, last);
	}
}

/* ---------------- held while the metric is ---------------- */

static Term
fall_term(Fold *fold, const TiersRule *rule, int64 at)
{
	return (Term) {clock_to_local(&fold->clock, at), &rule->span, 0};
}

void
while_go_on(Fold *fold, Walk *walk)
{
	held_copy(fold, &walk->earlier, &walk->held);
}

void
while_look(Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	bool		in_force = rule_in_force(fold, &rule->rule, walk->at);

	held_copy(fold, &walk->held, &walk->earlier);
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		const Level *level = &WALK_LEVELS(fold, walk)[l];
		bool		was = walk->earlier.met[level->tier];

		if (level_is_base(level))
			continue;
		/* only in force one is won */
		walk->held.met[level->tier] = (was || in_force) && level_met(fold, walk, (int) l, walk->sums);
		if (was && !walk->held.met[level->tier])
			hold(fold, walk, &walk->held, (int) l, fall_term(fold, rule, walk->at), walk->at);
	}
}

int64
while_next(Fold *fold, Walk *walk)
{
	int			from = position_from(walk, walk->at + 1);
	int			next = walk->ndates;

	course_sum(fold, &walk->course);
	for (uint32 l = 0; l < WALK_RULE(fold, walk)->levels.n; l++)
	{
		const Level *level = &WALK_LEVELS(fold, walk)[l];
		int			k;

		if (level_is_base(level))
			continue;
		k = walk->held.met[level->tier] ? level_first(fold, walk, from, next, (int) l, LEVEL_FAILS, NULL) :
			level_first(fold, walk, Max(from, walk->in_force_from), Min(next, walk->in_force_until), (int) l, LEVEL_MET, NULL);
		if (k != NONE)
			next = k;
	}
	return next < walk->ndates ? walk->dates[next] : INSTANT_NEVER;
}

int
while_falls(Fold *fold, Walk *walk, int level, Step *steps)
{
	Term		term;
	int			k;

	course_sum(fold, &walk->course);
	k = level_first(fold, walk, position_from(walk, walk->at + 1), walk->ndates, level, LEVEL_FAILS, NULL);
	if (k == NONE)
		return 0;
	term = fall_term(fold, WALK_RULE(fold, walk), walk->dates[k]);
	return steps_of(fold, walk, level, &term, walk->dates[k], steps);
}

/* The first look after a position, NONE for the first of all. */
static int
look_after(const Walk *walk, int position)
{
	int			low = 0;
	int			high = walk->nlooks;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (walk->looks[middle] <= position)
			low = middle + 1;
		else
			high = middle;
	}
	return low < walk->nlooks ? walk->looks[low] : walk->ndates;
}

/* Was a level held from one look up to another, all of which meet it?  It must have been in force. */
static bool
was_held(const Fold *fold, const Walk *walk, int first, int last)
{
	const Bound *bound = &fold->rules.bounds[WALK_RULE(fold, walk)->rule.id];

	return first <= last && walk->dates[last] >= bound->from && walk->dates[first] < bound->until;
}

/* The last look before a position at which a level fell that was held; NONE. */
static int
fall_before(const Fold *fold, const Walk *walk, int level, int before)
{
	const Bound *bound = &fold->rules.bounds[WALK_RULE(fold, walk)->rule.id];

	for (;;)
	{
		int			last = level_last(fold, walk, 0, before, level, LEVEL_MET);
		int			first;

		if (last == NONE || walk->dates[last] < bound->from)
			return NONE;
		first = look_after(walk, level_last(fold, walk, 0, last, level, LEVEL_FAILS));
		if (look_after(walk, last) < before && was_held(fold, walk, first, last))
			return look_after(walk, last);
		/* it has not fallen yet, or was met only after the version's end */
		before = Min(first, walk->in_force_until);
	}
}

/* The first such look from a position on, before another; NONE. */
static int
fall_from(const Fold *fold, const Walk *walk, int level, int from, int before)
{
	while (from < before)
	{
		int			first = look_after(walk, level_last(fold, walk, 0, from, level, LEVEL_FAILS));
		int			fall;

		/* if it is not met there it must be first */
		if (first >= from)
			first = level_first(fold, walk, from, before, level, LEVEL_MET, NULL);
		if (first == NONE)
			return NONE;
		fall = level_first(fold, walk, Max(first, from), before, level, LEVEL_FAILS, NULL);
		if (fall == NONE)
			return NONE;
		if (was_held(fold, walk, first, position_from(walk, walk->dates[fall]) - 1))
			return fall;
		from = fall + 1;
	}
	return NONE;
}

static void
hold_fall(Fold *fold, Walk *walk, int level, int fall)
{
	hold(fold, walk, &walk->earlier, level, fall_term(fold, WALK_RULE(fold, walk), walk->dates[fall]), walk->dates[fall]);
}

/* What the falls of a level before a position still give. */
static void
hold_falls(Fold *fold, Walk *walk, int level, int before)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	int			last = fall_before(fold, walk, level, before);
	int64		jump = span_at_least(&rule->span);
	int			fall;

	if (last == NONE)
		return;
	hold_fall(fold, walk, level, last);
	if (rule->downgrade != DOWNGRADE_ONE_STEP)
		return;
	/* steps that follow without a gap are one; of the last days all count, for the ends of months */
	fall = fall_from(fold, walk, level, position_from(walk, fold->at - holds_longest(fold, walk, &rule->span, 0)), last);
	while (fall != NONE && fall < last)
	{
		int64		at = walk->dates[fall];
		int64		most = Min(at + jump, walk->dates[last] - 4 * USECS_PER_DAY);
		int			next = at < most ? fall_before(fold, walk, level, position_from(walk, most)) : NONE;

		CHECK_FOR_INTERRUPTS();
		hold_fall(fold, walk, level, fall);
		fall = next != NONE && next > fall ? next : fall_from(fold, walk, level, fall + 1, last);
	}
}

void
while_again(Fold *fold, Walk *walk)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	int			until = position_from(walk, walk->at);

	course_sum(fold, &walk->course);
	held_begin(fold, &walk->earlier);
	for (int l = 0; l < (int) rule->levels.n; l++)
	{
		const Level *level = &WALK_LEVELS(fold, walk)[l];
		int			failed;
		int			first;
		bool		met;

		if (level_is_base(level) || until == 0)
			continue;
		failed = level_last(fold, walk, 0, until, l, LEVEL_FAILS);
		first = look_after(walk, failed);
		met = first < until;
		walk->earlier.met[level->tier] = met && was_held(fold, walk, first, until - 1);
		if (rule->has_overhang || rule->downgrade != DOWNGRADE_EARNED)
			hold_falls(fold, walk, l, met ? failed + 1 : until);
	}
}

/* ---------------- what stands ---------------- */

/*
 * Did a rolling window meet a level before a refund?  What it counted when it
 * was last seen to, and all that has come since: what has merely left it
 * meanwhile still counts here.
 */
static bool
was_met(Fold *fold, const Walk *walk, int level, int64 seen)
{
	int64		refunded_leaves = clock_add(&fold->clock, fold->counts.refunded_date, &WALK_RULE(fold, walk)->span, 1);
	int128		sums[PROGRAM_MAX_METRICS];

	memcpy(sums, walk->before.sums, sizeof(sums));
	for (int k = walk->left - 1; k >= 0 && walk->leaving[k].at > seen; k--)
	{
		int			e = fold->counts.of_slot[walk->leaving[k].slot];

		CHECK_FOR_INTERRUPTS();
		for (int m = 0; m < walk->nmetrics && e != NONE; m++)
			sums[m] += ENTRY_VALUES(fold, e)[walk->metrics[m]];
	}
	/* as it was before the refund */
	for (int m = 0; m < walk->nmetrics && refunded_leaves > seen && refunded_leaves <= walk->at; m++)
		sums[m] -= fold->counts.refunded[walk->metrics[m]];
	return level_met(fold, walk, level, sums);
}

/*
 * A level is made shorter by refunds only, which tell the story again, and only
 * if the metric met it.  What stands beside the story a refund takes by the
 * metric of its instant.
 */
static void
level_stands(Fold *fold, Walk *walk, int level, bool refund)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	int			tier = (int) LEVELS(fold, rule)[level].tier;
	const Held *before = &walk->before.held;
	Term		now = fall_term(fold, rule, walk->at);
	Step		steps[PROGRAM_MAX_LEVELS];
	int64		known = before->until[tier];
	int64		end = walk->held.until[tier];

	if (refund && level_met(fold, walk, level, walk->before.sums) && !level_met(fold, walk, level, walk->sums))
		take_level(walk, INSTANT_NEVER, level);
	if (before->met[tier] || walk->held.met[tier])
		(void) steps_of(fold, walk, level, &now, walk->at, steps);
	if (before->met[tier])
		known = Max(known, steps[0].until);
	if (walk->held.met[tier])
		end = Max(end, steps[0].until);
	for (int i = 0; i < walk->nstands; i++)
	{
		if (walk->stands[i].step.level == level && walk->stands[i].step.tier == tier)
			end = Max(end, walk->stands[i].step.until);
	}
	if (known <= end || (refund && was_met(fold, walk, level, before->met[tier] ? walk->at - 1 : before->seen[tier])))
		return;
	if (before->met[tier])
		let_stand(fold, walk, INSTANT_NEVER, level, now, walk->at);
	add_stand(fold, walk, INSTANT_NEVER, (Step) {tier, level, PG_INT64_MIN, before->until[tier]});
	for (int i = 0; i < before->nsteps; i++)
	{
		if (before->steps[i].level == level)
			add_stand(fold, walk, INSTANT_NEVER, before->steps[i]);
	}
}

void
rolling_stand(Fold *fold, Walk *walk, bool refund)
{
	for (uint32 l = 0; l < WALK_RULE(fold, walk)->levels.n; l++)
	{
		if (!level_is_base(&WALK_LEVELS(fold, walk)[l]))
			level_stands(fold, walk, (int) l, refund);
	}
}
