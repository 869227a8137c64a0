/*
 * caps.c
 *		Points of orders as the program grants them: rounded, then capped.
 *
 * What is rounded or capped over a period is a running sum over its orders by
 * date: each order gets the difference that it makes.  A cap is on the net, so
 * when an order shrinks, later ones of its periods regain room.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

static void
start_over(Fold *fold)
{
	fold->rated = 0;
	fold->day = PG_INT64_MIN;
	for (uint32 i = 0; i < fold->program->caps.n; i++)
		fold->cap_period[i] = PG_INT64_MIN;
}

static Decimal
round_order(Fold *fold, Order *order)
{
	Fraction	earned = order->earned;
	Decimal		before;
	int64		day;

	if (order->minus)
		earned.num = -earned.num;
	if (fold->program->scope != SCOPE_DAY || order->minus)
		return points_round(fold->program, earned);

	day = period_number(fold, order->at, PER_DAY);
	if (day != fold->day)
	{
		fold->day = day;
		fold->day_earned.num = 0;
		fold->day_earned.den = 1;
		fold->day_rounded = 0;
	}
	before = fold->day_rounded;
	fold->day_earned = fraction_add(fold->day_earned, earned);
	fold->day_rounded = points_round(fold->program, fold->day_earned);
	return fold->day_rounded - before;
}

/* Points of the next order by date. */
static Decimal
grant_order(Fold *fold, Order *order)
{
	const Program *p = fold->program;
	Decimal		points = round_order(fold, order);

	order->rounded = points;
	for (Period per = PER_ORDER; p->caps.n > 0 && per <= PER_LIFETIME; per++)
	{
		for (uint32 i = 0; i < p->caps.n; i++)
		{
			const CapRule *cap = &fold->caps[i];
			int64		period;
			Decimal		before;

			if (cap->per != per || !rule_in_force(fold, &cap->rule, order->at) ||
				!order_matches(fold, order, &cap->rule))
				continue;
			if (per == PER_ORDER)
			{
				points = Max(Min(points, cap->points), -cap->points);
				continue;
			}
			period = period_number(fold, order->at, per);
			if (fold->cap_period[i] != period)
			{
				fold->cap_period[i] = period;
				fold->cap_wanted[i] = 0;
				fold->cap_granted[i] = 0;
			}
			before = fold->cap_granted[i];
			fold->cap_wanted[i] += points;
			fold->cap_granted[i] = (Decimal) Min(fold->cap_wanted[i], (int128) cap->points);
			points = fold->cap_granted[i] - before;
		}
	}
	fold->rated++;
	return points;
}

/*
 * Move an order's points to what it is granted now.  Where one event gives and
 * takes, it gives first: what is to be taken waits for orders_take.
 */
static void
settle(Fold *fold, int o, Decimal points)
{
	Order	   *order = &fold->orders[o];
	Decimal		delta = points - order->granted;

	if (delta < 0)
	{
		order->wanted = points;
		*PUSH(fold, owing) = o;
		return;
	}
	order->granted = points;
	if (delta > 0 && order->minus)
	{
		/* a refund that takes less now: what it gives back is new */
		Lot			like = lot_at(fold, fold->at);

		like.event = order->event;
		like.first_line = order->first_line;
		like.until_line = PG_INT32_MAX;
		lot_give(fold, lot_make(fold, &like), delta);
	}
	else if (delta > 0)
	{
		if (order->lot == NONE)
		{
			const HoldRule *hold = hold_at(fold, order->at);
			Lot			like = lot_at(fold, order->at);
			int			lot;

			if (hold && order_matches(fold, order, &hold->rule))
				like.active_at = fold_add(fold, order->at, &hold->span);
			like.order = o;
			like.event = order->event;
			like.first_line = order->first_line;
			like.until_line = PG_INT32_MAX;
			lot = lot_make(fold, &like);
			order = &fold->orders[o];
			order->lot = lot;
		}
		lot_give(fold, order->lot, delta);
	}
}

/* Take what orders have been granted less, in order of date. */
void
orders_take(Fold *fold)
{
	const RefundRule *rule = refund_now(fold);
	bool		forgive = fold->events[fold->now].kind == EVENT_REFUND && rule && rule->shortfall == SHORT_FORGIVE;

	for (int i = 0; i < fold->nowing; i++)
	{
		Order	   *order = &fold->orders[fold->owing[i]];
		Decimal		delta = order->granted - order->wanted;

		order->granted = order->wanted;
		lot_take(fold, order->lot, delta, forgive);
	}
	fold->nowing = 0;
}

/*
 * An order is new or has changed: rate it again, and with it whatever depends
 * on it.
 */
void
orders_rate(Fold *fold, int changed)
{
	Order	   *order = &fold->orders[changed];

	if (order->changed)
	{
		order->earned = order_earns(fold, order);
		if (order->kept)
			order->earned.num = 0;
		order->changed = false;
	}
	if (!fold->runs)
	{
		settle(fold, changed, grant_order(fold, order));
		return;
	}
	if (fold->rated == 0)
		start_over(fold);
	if (changed == fold->rated)
	{
		settle(fold, changed, grant_order(fold, order));
		return;
	}

	start_over(fold);
	for (int i = 0; i < fold->norders; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fold->orders[i].wanted = grant_order(fold, &fold->orders[i]);
	}
	for (int i = 0; i < fold->norders; i++)
	{
		if (fold->orders[i].wanted != fold->orders[i].granted)
			settle(fold, i, fold->orders[i].wanted);
	}
}
