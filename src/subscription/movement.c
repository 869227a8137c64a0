/*
 * movement.c
 *		How MRR moved within a period: see movement.h.
 */
#include "postgres.h"

#include "subscription/movement.h"

const char *const movement_name[MOVEMENT_KINDS] = {
	[MOVEMENT_NEW] = "new",
	[MOVEMENT_REACTIVATION] = "reactivation",
	[MOVEMENT_EXPANSION] = "expansion",
	[MOVEMENT_CONTRACTION] = "contraction",
	[MOVEMENT_CHURN] = "churn",
};

/* the windows of reactivation are added in UTC */
static const int64 utc_starts[] = {PG_INT64_MIN};
static const int32 utc_offsets[] = {0};
static const Zone utc = {1, utc_starts, utc_offsets};

/* the first step at or after an instant */
static int
step_find(const Step *steps, int n, int64 at)
{
	int			lo = 0;
	int			hi = n;

	while (lo < hi)
	{
		int			mid = lo + (hi - lo) / 2;

		if (steps[mid].at < at)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

StepRange
steps_within(const Step *steps, int n, int64 from, int64 until)
{
	StepRange	range = {steps, step_find(steps, n, from), 0};

	range.until = range.from + step_find(steps + range.from, n - range.from, until);
	return range;
}

Monthly
steps_start(const StepRange *range)
{
	return range->from > 0 ? range->steps[range->from - 1].mrr : 0;
}

Monthly
steps_end(const StepRange *range)
{
	return range->until > 0 ? range->steps[range->until - 1].mrr : 0;
}

static inline Monthly
mrr_before(const Step *steps, int i)
{
	return i > 0 ? steps[i - 1].mrr : 0;
}

/*
 * Is the rise from 0 at this step near enough to the paid spell before it?
 * Where the step before has brought 0, that is when the spell ended.
 */
static bool
within_window(const Step *steps, int i, const MovementRules *rules)
{
	int			hint = 0;
	int			hint_after = 0;

	return i > 0 && (!rules->has_window ||
					 steps[i].at < zone_add(&utc, steps[i - 1].at, &rules->window, 1, &hint, &hint_after));
}

/* A change that did not begin at 0, or ended there. */
static MovementKind
change_kind(Monthly before, Monthly after)
{
	if (after == 0)
		return MOVEMENT_CHURN;
	return after > before ? MOVEMENT_EXPANSION : MOVEMENT_CONTRACTION;
}

static bool
net_movement(const StepRange *range, const MovementRules *rules, Movement *movement)
{
	Monthly		before = steps_start(range);
	Monthly		after = steps_end(range);

	if (before == after)
		return false;
	movement->at = range->steps[range->until - 1].at;
	movement->mrr = after;
	movement->change = after - before;
	if (before > 0)
		movement->kind = change_kind(before, after);
	else
	{
		int			rise = range->until - 1;

		while (mrr_before(range->steps, rise) > 0)
			rise--;
		/* who had never paid before the period is new, whatever came within it */
		movement->kind = range->from > 0 && within_window(range->steps, rise, rules) ?
			MOVEMENT_REACTIVATION : MOVEMENT_NEW;
	}
	return true;
}

bool
movement_next(const StepRange *range, const MovementRules *rules, int *i, Movement *movement)
{
	const Step *step = &range->steps[*i];
	Monthly		before;

	if (*i >= range->until)
		return false;
	if (rules->net)
	{
		*i = range->until;
		return net_movement(range, rules, movement);
	}
	before = mrr_before(range->steps, *i);
	movement->at = step->at;
	movement->mrr = step->mrr;
	movement->change = step->mrr - before;
	if (before > 0)
		movement->kind = change_kind(before, step->mrr);
	else
		movement->kind = within_window(range->steps, *i, rules) ? MOVEMENT_REACTIVATION : MOVEMENT_NEW;
	(*i)++;
	return true;
}
