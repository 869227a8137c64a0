/*
 * bonus.c
 *		Points for a first purchase, for activities, for milestones.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

void
bonuses_begin(Fold *fold)
{
	fold->bonuses.npaid = fold->bonuses.nfirsts = 0;
	for (uint32 i = 0; i < fold->rules.program->bonus.n; i++)
		fold->bonuses.count[i] = 0;
	stages_begin(fold);
}

/* May the rule pay once more in the period of this instant?  Counts it if so. */
static bool
may_pay(Fold *fold, int i, int64 at)
{
	const BonusRule *rule = &fold->rules.bonus[i];
	int64		period;

	if (rule->times == 0)
		return true;
	period = period_number(fold, at, (Period) rule->per);
	if (fold->bonuses.count[i] == 0 || fold->bonuses.period[i] != period)
	{
		fold->bonuses.period[i] = period;
		fold->bonuses.count[i] = 0;
	}
	if (fold->bonuses.count[i] >= (int) rule->times)
		return false;
	fold->bonuses.count[i]++;
	return true;
}

/*
 * Pay a bonus dated `at`.  One that a purchase causes is held like it, and its
 * lot carries the tags of the lines behind it; others have no order, and carry
 * those of their event.
 */
static void
pay(Fold *fold, int i, int64 at, int order, int first_line, int until_line, Stage *stage)
{
	const BonusRule *rule = &fold->rules.bonus[i];
	const HoldRule *hold = order != NONE ? hold_at(fold, at) : NULL;
	Lot			like = lot_at(fold, at);
	Paid	   *paid;
	int			lot;

	if (hold && lines_match(fold, &hold->rule, first_line, until_line))
		like.active_at = clock_add(&fold->clock, at, &hold->span, 1);
	like.order = order;
	like.first_line = first_line;
	like.until_line = until_line;
	if (order == NONE)
		like.tags_id = fold->event_tags[fold->now];
	like.bonus = (int8) i;
	lot = lot_make(fold, &like);
	lot_give(fold, lot, rule->points);
	if (rule->on == ON_ACTIVITY || (rule->on == ON_MILESTONE && !rule->clawback))
		return;					/* nothing takes it back */
	paid = PUSH_TO(fold, &fold->bonuses, paid);
	paid->rule = i;
	paid->lot = lot;
	paid->order = order;
	paid->step = stage ? stage->crossed : 0;
	paid->previous = stage ? stage->last : NONE;
	paid->next = NONE;
	paid->held = true;
	if (stage == NULL)
	{
		*PUSH_TO(fold, &fold->bonuses, firsts) = fold->bonuses.npaid - 1;
		return;
	}
	/* all before it are held, or it would not have been reached */
	if (stage->last == NONE)
		stage->first = fold->bonuses.npaid - 1;
	else
		fold->bonuses.paid[stage->last].next = fold->bonuses.npaid - 1;
	stage->last = stage->held = fold->bonuses.npaid - 1;
}

/* Take a paid bonus back, or give it again. */
static void
set_held(Fold *fold, Paid *paid, bool held)
{
	const RefundRule *refund = refund_now(fold);
	bool		forgive = fold->events[fold->now].kind == EVENT_REFUND &&
		refund && refund->shortfall == SHORT_FORGIVE;

	paid->held = held;
	if (held)
		lot_give(fold, paid->lot, fold->rules.bonus[paid->rule].points);
	else
		lot_take(fold, paid->lot, fold->rules.bonus[paid->rule].points, forgive);
}

/* Steps that a window has reached again, or has fallen below. */
static void
revise_stage(Fold *fold, const BonusRule *rule, Stage *stage, bool held)
{
	Bonuses    *bonuses = &fold->bonuses;
	int64		reached = stage_reached(fold, rule, stage);
	int			next;

	while (held && (next = stage->held == NONE ? stage->first : bonuses->paid[stage->held].next) != NONE &&
		   bonuses->paid[next].step <= reached)
		*PUSH_TO(fold, bonuses, revised) = stage->held = next;
	while (!held && stage->held != NONE && bonuses->paid[stage->held].step > reached)
	{
		*PUSH_TO(fold, bonuses, revised) = stage->held;
		stage->held = bonuses->paid[stage->held].previous;
	}
}

#define ST_SORT sort_revised
#define ST_ELEMENT_TYPE int
#define ST_COMPARE(a, b) (*(a) < *(b) ? -1 : *(a) > *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Bonuses that have been paid: give again those that stand once more, or take
 * those that no longer do, in the order in which they were paid.  With clawback
 * a milestone stands while its metric is there, another bonus until its order
 * has been returned.
 */
static void
revise(Fold *fold, bool held)
{
	Bonuses    *bonuses = &fold->bonuses;

	bonuses->nrevised = 0;
	for (int k = 0; k < bonuses->nfirsts; k++)
	{
		const Paid *paid = &bonuses->paid[bonuses->firsts[k]];

		if (fold->rules.bonus[paid->rule].clawback && paid->held != held &&
			fold->trade.orders[paid->order].returned != held)
			*PUSH_TO(fold, bonuses, revised) = bonuses->firsts[k];
	}
	for (uint32 i = 0; i < fold->rules.program->bonus.n; i++)
	{
		Stages	   *stages = &bonuses->stages[i];

		for (int k = 0; k < stages->nchanged; k++)
		{
			if (stages->stages[stages->changed[k]].first != NONE)
				revise_stage(fold, &fold->rules.bonus[i], &stages->stages[stages->changed[k]], held);
		}
	}
	if (bonuses->nrevised > 1)
		sort_revised(bonuses->revised, bonuses->nrevised);
	for (int k = 0; k < bonuses->nrevised; k++)
	{
		CHECK_FOR_INTERRUPTS();
		set_held(fold, &bonuses->paid[bonuses->revised[k]], held);
	}
}

/* The first order of all has come, or has a new line. */
static void
first_purchase(Fold *fold, int i, int o)
{
	const BonusRule *rule = &fold->rules.bonus[i];
	const Order *order = &fold->trade.orders[o];

	for (int k = 0; k < fold->bonuses.nfirsts; k++)
	{
		if (fold->bonuses.paid[fold->bonuses.firsts[k]].rule == i)
			return;
	}
	if (!order->returned && rule_in_force(fold, &rule->rule, order->at) && order_matches(fold, order, &rule->rule) &&
		audience_has_order(fold, &rule->audience, order) &&
		may_pay(fold, i, order->at))
		pay(fold, i, order->at, o, order->first_line, PG_INT32_MAX, NULL);
}

void
bonus_activity(Fold *fold, int e)
{
	const Event *event = &fold->events[e];

	for (uint32 i = 0; i < fold->rules.program->bonus.n; i++)
	{
		const BonusRule *rule = &fold->rules.bonus[i];

		if (rule->on == ON_ACTIVITY && rule->activity.len == event->name.len &&
			memcmp(PROGRAM_NAME(fold->rules.program, rule->activity), event->name.data, event->name.len) == 0 &&
			rule_in_force(fold, &rule->rule, event->at) &&
			rule_matches(fold, &rule->rule, event->tags, NONE) && audience_has(fold, &rule->audience, event->at) &&
			may_pay(fold, (int) i, event->at))
			pay(fold, (int) i, event->at, NONE, NONE, NONE, NULL);
	}
}

/*
 * Steps of a milestone that a window has crossed since the last look, perhaps
 * with the lines of an order from first_line on (NONE for both).  Each is paid
 * once, at its first crossing.
 */
static void
milestone(Fold *fold, int i, int s, int order, int first_line)
{
	const BonusRule *rule = &fold->rules.bonus[i];
	int64		reached = stage_reached(fold, rule, &fold->bonuses.stages[i].stages[s]);

	for (;;)
	{
		Stage	   *stage = &fold->bonuses.stages[i].stages[s];

		if (stage->crossed >= reached)
			break;
		/* crossed while not in force, or once too often: used up */
		CHECK_FOR_INTERRUPTS();
		if (!rule_in_force(fold, &rule->rule, fold->at) || !audience_has(fold, &rule->audience, fold->at) ||
			!may_pay(fold, i, fold->at))
		{
			stage->crossed = reached;
			break;
		}
		stage->crossed++;
		pay(fold, i, fold->at, order, first_line, fold->trade.nlines, stage);
	}
}

void
bonus_gains(Fold *fold, int order, int first_line)
{
	revise(fold, true);
	for (uint32 i = 0; i < fold->rules.program->bonus.n && order != NONE && order == fold->trade.first_order; i++)
	{
		if (fold->rules.bonus[i].on == ON_FIRST_PURCHASE)
			first_purchase(fold, (int) i, order);
	}
	for (uint32 i = 0; i < fold->rules.program->bonus.n; i++)
	{
		if (fold->rules.bonus[i].on == ON_MILESTONE)
		{
			for (int k = 0; k < fold->bonuses.stages[i].nchanged; k++)
				milestone(fold, (int) i, fold->bonuses.stages[i].changed[k], order, first_line);
		}
	}
}

void
bonus_takings(Fold *fold)
{
	revise(fold, false);
}
