/*
 * caps.c
 *		Points of orders as the program grants them: rounded, then capped.
 *
 * What is rounded or capped over a period is a running sum over its orders by
 * date: each order gets the difference that it makes.  A cap is on the net, so
 * when an order shrinks, later ones of its periods regain room.
 */
#include "postgres.h"

#include "standing/earn.h"

#include "miscadmin.h"

void
rates_begin(Fold *fold)
{
	fold->rates.rated = fold->rates.nowing = 0;
	fold->rates.runs = fold->rules.program->scope == SCOPE_DAY;
	for (uint32 i = 0; i < fold->rules.program->caps.n; i++)
		fold->rates.runs |= fold->rules.caps[i].per != PER_ORDER;
}

void
rating_begin(Rating *rating)
{
	memset(rating, 0, sizeof(*rating));
	rating->earned.den = 1;
	rating->lot = NONE;
}

void
rating_opens(Fold *fold, int o)
{
	const Order *order = &fold->trade.orders[o];
	const HoldRule *hold = hold_at(fold, order->at);
	Lot			like = lot_at(fold, order->at);

	if (hold && order_matches(fold, order, &hold->rule))
		like.active_at = clock_add(&fold->clock, order->at, &hold->span, 1);
	like.order = o;
	like.event = order->event;
	like.first_line = order->first_line;
	like.until_line = PG_INT32_MAX;
	fold->trade.orders[o].rating.lot = lot_make(fold, &like);
}

static void
start_over(Fold *fold)
{
	fold->rates.rated = 0;
	fold->rates.day = PG_INT64_MIN;
	for (uint32 i = 0; i < fold->rules.program->caps.n; i++)
		fold->rates.cap_period[i] = PG_INT64_MIN;
}

static Decimal
round_order(Fold *fold, Order *order)
{
	Fraction	earned = order->rating.earned;
	Decimal		before;
	int64		day;

	if (order->minus)
		earned.num = -earned.num;
	if (fold->rules.program->scope != SCOPE_DAY || order->minus)
		return points_round(fold->rules.program, earned);

	day = period_number(fold, order->at, PER_DAY);
	if (day != fold->rates.day)
	{
		fold->rates.day = day;
		fold->rates.day_earned.num = 0;
		fold->rates.day_earned.den = 1;
		fold->rates.day_rounded = 0;
	}
	before = fold->rates.day_rounded;
	fold->rates.day_earned = fraction_add(fold->rates.day_earned, earned);
	fold->rates.day_rounded = points_round(fold->rules.program, fold->rates.day_earned);
	return fold->rates.day_rounded - before;
}

/* Points of the next order by date. */
static Decimal
grant_order(Fold *fold, Order *order)
{
	const Program *p = fold->rules.program;
	Decimal		points = round_order(fold, order);
	Decimal		alone = -points;	/* what a minus would take under the caps so far, were there nothing else */

	order->rating.rounded = points;
	for (Period per = PER_ORDER; p->caps.n > 0 && per <= PER_LIFETIME; per++)
	{
		for (uint32 i = 0; i < p->caps.n; i++)
		{
			const CapRule *cap = &fold->rules.caps[i];
			int64		period;
			Decimal		before;

			if (cap->per != per || !rule_in_force(fold, &cap->rule, order->at) ||
				!order_matches(fold, order, &cap->rule))
				continue;
			alone = Min(alone, cap->points);
			if (per == PER_ORDER)
			{
				points = order->minus ? -alone : Min(points, cap->points);
				continue;
			}
			period = period_number(fold, order->at, per);
			if (fold->rates.cap_period[i] != period)
			{
				fold->rates.cap_period[i] = period;
				fold->rates.cap_wanted[i] = 0;
				fold->rates.cap_granted[i] = 0;
			}
			before = fold->rates.cap_granted[i];
			fold->rates.cap_wanted[i] += points;
			fold->rates.cap_granted[i] = (Decimal) Min(fold->rates.cap_wanted[i], (int128) cap->points);
			if (order->minus && before - fold->rates.cap_granted[i] > alone)
			{
				/* more than it would ever have brought is not in the net of the period either */
				fold->rates.cap_granted[i] = before - alone;
				fold->rates.cap_wanted[i] = before - alone;
			}
			points = fold->rates.cap_granted[i] - before;
		}
	}
	fold->rates.rated++;
	return points;
}

/*
 * Move an order's points to what it is granted now.  Where one event gives and
 * takes, it gives first: what is to be taken waits for orders_take.
 */
static void
settle(Fold *fold, int o, Decimal points)
{
	Order	   *order = &fold->trade.orders[o];
	Decimal		delta = points - order->rating.granted;

	if (delta < 0)
	{
		order->rating.wanted = points;
		*PUSH_TO(fold, &fold->rates, owing) = o;
		return;
	}
	order->rating.granted = points;
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
		lot_give(fold, order->rating.lot, delta);
}

void
orders_take(Fold *fold)
{
	const RefundRule *rule = refund_now(fold);
	bool		forgive = fold->events[fold->now].kind == EVENT_REFUND && rule && rule->shortfall == SHORT_FORGIVE;

	for (int i = 0; i < fold->rates.nowing; i++)
	{
		Order	   *order = &fold->trade.orders[fold->rates.owing[i]];
		Decimal		delta = order->rating.granted - order->rating.wanted;

		order->rating.granted = order->rating.wanted;
		lot_take(fold, order->rating.lot, delta, forgive);
	}
	fold->rates.nowing = 0;
}

void
orders_rate(Fold *fold, int changed)
{
	Order	   *order = &fold->trade.orders[changed];

	order->rating.earned = order_earns(fold, order);
	if (order->kept)
		order->rating.earned.num = 0;
	if (!fold->rates.runs)
	{
		settle(fold, changed, grant_order(fold, order));
		return;
	}
	if (fold->rates.rated == 0)
		start_over(fold);
	if (changed == fold->rates.rated)
	{
		settle(fold, changed, grant_order(fold, order));
		return;
	}

	start_over(fold);
	for (int i = 0; i < fold->trade.norders; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fold->trade.orders[i].rating.wanted = grant_order(fold, &fold->trade.orders[i]);
	}
	for (int i = 0; i < fold->trade.norders; i++)
	{
		if (fold->trade.orders[i].rating.wanted != fold->trade.orders[i].rating.granted)
			settle(fold, i, fold->trade.orders[i].rating.wanted);
	}
}
