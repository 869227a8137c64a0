/*
 * stages.c
 *		The windows of milestones: see stages.h.
 *
 * A window begins with the first thing that counts in it.  That may come late:
 * an order that had no amount gets one by a line that is dated as it is.
 */
#include "postgres.h"

#include "standing/fold.h"

static bool
counts_in_windows(const BonusRule *rule)
{
	return rule->on == ON_MILESTONE && rule->window != WINDOW_LIFETIME;
}

void
stages_begin(Fold *fold)
{
	Bonuses    *bonuses = &fold->bonuses;

	bonuses->windows = false;
	for (uint32 i = 0; i < fold->rules.program->bonus.n; i++)
	{
		const BonusRule *rule = &fold->rules.bonus[i];
		Stages	   *stages = &bonuses->stages[i];

		stages->nstages = stages->nchanged = 0;
		if (rule->on != ON_MILESTONE)
			continue;
		if (counts_in_windows(rule))
			bonuses->windows = true;
		else
		{
			*PUSH_TO(fold, stages, stages) = (Stage) {.first = NONE, .last = NONE, .held = NONE};
			*PUSH_TO(fold, stages, changed) = 0;
		}
	}
}

void
stages_forget(Fold *fold)
{
	for (uint32 i = 0; i < fold->rules.program->bonus.n; i++)
	{
		Stages	   *stages = &fold->bonuses.stages[i];

		if (!counts_in_windows(&fold->rules.bonus[i]))
			continue;
		for (int k = 0; k < stages->nchanged; k++)
			stages->stages[stages->changed[k]].changed = false;
		stages->nchanged = 0;
	}
}

static int64
window_number(Fold *fold, const BonusRule *rule, int64 date)
{
	int64		start;
	int64		end;

	switch ((WindowKind) rule->window)
	{
		case WINDOW_MONTH:
			return period_number(fold, date, PER_MONTH);
		case WINDOW_MEMBERSHIP_YEAR:
			return period_number(fold, date, PER_MEMBERSHIP_YEAR);
		case WINDOW_YEAR_FROM:
			return clock_year(&fold->clock, local_from_days(date_to_days(2000, (int) rule->window_month, (int) rule->window_day)),
							  date, &start, &end);
		default:
			return period_number(fold, date, PER_YEAR);
	}
}

/* A window at a place; those from there on move up. */
static void
make_stage(Fold *fold, Stages *stages, int at, int64 number)
{
	PUSH_TO(fold, stages, stages);
	memmove(&stages->stages[at + 1], &stages->stages[at], (stages->nstages - 1 - at) * sizeof(Stage));
	stages->stages[at] = (Stage) {.number = number, .first = NONE, .last = NONE, .held = NONE};
	for (int k = 0; k < stages->nchanged; k++)
		stages->changed[k] += stages->changed[k] >= at;
}

static int
stage_of(Fold *fold, Stages *stages, int64 number)
{
	int			low = 0;
	int			high = stages->nstages;

	/* mostly the last */
	if (high > 0 && stages->stages[high - 1].number <= number)
		low = high - 1;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (stages->stages[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == stages->nstages || stages->stages[low].number != number)
		make_stage(fold, stages, low, number);
	return low;
}

void
stages_count(Fold *fold, int64 date, int metric, int128 by)
{
	for (uint32 i = 0; by != 0 && i < fold->rules.program->bonus.n; i++)
	{
		const BonusRule *rule = &fold->rules.bonus[i];
		Stages	   *stages = &fold->bonuses.stages[i];
		int			s;

		if (!counts_in_windows(rule) || (int) rule->metric != metric)
			continue;
		s = stage_of(fold, stages, window_number(fold, rule, date));
		stages->stages[s].sum += by;
		if (stages->stages[s].changed)
			continue;
		stages->stages[s].changed = true;
		*PUSH_TO(fold, stages, changed) = s;
	}
}

int64
stage_reached(const Fold *fold, const BonusRule *rule, const Stage *stage)
{
	const Decimal *at = PROGRAM_LIST(fold->rules.program, rule->at, Decimal);
	int128		sum = rule->window == WINDOW_LIFETIME ? fold->counts.totals[rule->metric] : stage->sum;
	int64		steps = 0;

	if (rule->at.n == 0)
		return metric_multiples(sum - metric_sum(rule->above), rule->every);
	while (steps < rule->at.n && metric_reaches(sum, at[steps]))
		steps++;
	return steps;
}
