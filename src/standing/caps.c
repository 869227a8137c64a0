/*
 * caps.c
 *		Points of orders as the program grants them: rounded, then capped.
 *
 * What is rounded or capped over a period is a running sum over its orders by
 * date: each order gets the difference that it makes.  A cap is on the net, so
 * when an order shrinks, later ones of its periods regain room.  Which ones that
 * are is found where the sums cross the cap, before or now.
 */
#include "postgres.h"

#include "standing/earn.h"

#include "miscadmin.h"

void
rates_begin(Fold *fold)
{
	Rates	   *rates = &fold->rates;

	rates->rated = rates->nowing = rates->nrounded = 0;
	for (Period per = PER_ORDER; per <= PER_LIFETIME; per++)
		rates->periods[per].nstarts = 0;
	rates->runs = fold->rules.program->scope == SCOPE_DAY;
	for (uint32 i = 0; i < fold->rules.program->caps.n; i++)
	{
		rates->runs |= fold->rules.caps[i].per != PER_ORDER;
		sums_begin(&rates->caps[i].sums);
		rates->caps[i].nbends = 0;
		rates->caps[i].wanted = 0;
	}
}

void
rating_begin(Rating *rating)
{
	rating->granted = 0;
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

/* ---------------- rounding ---------------- */

/* Points of an order by itself. */
static Decimal
rounded(const Fold *fold, const Order *order, Fraction earned)
{
	if (order->minus)
		earned.num = -earned.num;
	return points_round(fold->rules.program, earned);
}

/* Where the period of an order, or the one after it, begins; the number of orders if it is the last. */
static int
period_from(const Fold *fold, Period per, int order, bool after)
{
	const PeriodStart *starts = fold->rates.periods[per].starts;
	int			low = 0;
	int			high = fold->rates.periods[per].nstarts;

	/* mostly one of the last */
	if (high > 1 && starts[high - 2].order <= order)
		low = high - 2;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (starts[middle].order <= order)
			low = middle + 1;
		else
			high = middle;
	}
	if (!after)
		return starts[low - 1].order;
	return low < fold->rates.periods[per].nstarts ? starts[low].order : fold->rates.rated;
}

/* The next order: does it begin a period?  Each one is noted once. */
static bool
begins_period(Fold *fold, Period per, int o)
{
	PeriodStart *last = NULL;
	int64		period;

	if (fold->rates.periods[per].nstarts > 0)
		last = &fold->rates.periods[per].starts[fold->rates.periods[per].nstarts - 1];
	if (last && last->order == o)
		return true;
	period = period_number(fold, fold->trade.orders[o].at, per);
	if (last && last->period == period)
		return false;
	*PUSH_TO(fold, &fold->rates.periods[per], starts) = (PeriodStart) {period, o};
	return true;
}

static const Rounded day_begins = {{0, 1}, {0, 1}, 0, 0};

/* An order of a day as a whole gets the difference that it makes to what was before it. */
static Rounded
rounded_in_day(const Fold *fold, const Order *order, Fraction earned, const Rounded *before)
{
	Rounded		now = {earned, before->day, before->sum, 0};

	if (order->minus)
	{
		now.points = rounded(fold, order, earned);
		return now;
	}
	now.day = fraction_add(before->day, earned);
	now.sum = points_round(fold->rules.program, now.day);
	now.points = now.sum - before->sum;
	return now;
}

/* An order has changed: what does it come to, and those after it in its day? */
static void
round_day_again(Fold *fold, int changed, Fraction earned)
{
	Rounded    *all = fold->rates.rounded;
	int			until = period_from(fold, PER_DAY, changed, true);
	bool		first = changed == period_from(fold, PER_DAY, changed, false);

	all[changed].earned = earned;
	for (int o = changed; o < until; o++)
	{
		const Rounded *before = o == changed && first ? &day_begins : &all[o - 1];
		Rounded		now = rounded_in_day(fold, &fold->trade.orders[o], all[o].earned, before);
		Decimal		points = all[o].points;

		CHECK_FOR_INTERRUPTS();
		/* from here on as it was */
		if (o > changed && now.day.num == all[o].day.num && now.day.den == all[o].day.den)
			break;
		all[o] = now;
		if (o == changed || now.points != points)
			*PUSH_TO(fold, &fold->rates, flow) = (Flow) {o, now.points};
	}
}

/* ---------------- caps ---------------- */

static bool
takes_part(Fold *fold, const CapRule *cap, const Order *order)
{
	return rule_in_force(fold, &cap->rule, order->at) && order_matches(fold, order, &cap->rule);
}

/* Caps per order; they look at no other. */
static Decimal
cap_order(Fold *fold, const Order *order, Decimal points)
{
	for (uint32 i = 0; i < fold->rules.program->caps.n; i++)
	{
		const CapRule *cap = &fold->rules.caps[i];

		if (cap->per == PER_ORDER && takes_part(fold, cap, order))
			points = order->minus ? Max(points, -cap->points) : Min(points, cap->points);
	}
	return points;
}

/* What a minus would take of its own under a cap and those before it, were there nothing else. */
static Decimal
takes_alone(Fold *fold, const Order *order, int cap, Decimal own)
{
	Decimal		alone = -own;

	for (Period per = PER_ORDER; per <= (Period) fold->rules.caps[cap].per; per++)
	{
		for (int i = 0; i < (int) fold->rules.program->caps.n; i++)
		{
			const CapRule *rule = &fold->rules.caps[i];

			if (rule->per == per && (per < (Period) fold->rules.caps[cap].per || i <= cap) && takes_part(fold, rule, order))
				alone = Min(alone, rule->points);
		}
	}
	return alone;
}

/* The first bend at or after an order. */
static int
bend_from(const Capped *capped, int order)
{
	int			low = 0;
	int			high = capped->nbends;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (capped->bends[middle].order < order)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static Bend *
bend_at(const Capped *capped, int order)
{
	int			k = bend_from(capped, order);

	return k < capped->nbends && capped->bends[k].order == order ? &capped->bends[k] : NULL;
}

/*
 * What an order brings to the period.  More than a minus would ever have brought
 * is not in the net of the period either.
 */
static Decimal
brings(const CapRule *cap, const Bend *bend, Decimal points, int128 before)
{
	if (bend == NULL)
		return points;
	return (Decimal) (Max(before + points, Min(before, cap->points) - bend->alone) - before);
}

static Decimal
difference(const CapRule *cap, int128 before, int128 after)
{
	return (Decimal) (Min(after, cap->points) - Min(before, cap->points));
}

/* The next order comes to a cap with so many of its own points. */
static Decimal
cap_next(Fold *fold, int i, int o, Decimal points, Decimal own)
{
	const CapRule *cap = &fold->rules.caps[i];
	const Order *order = &fold->trade.orders[o];
	Capped	   *capped = &fold->rates.caps[i];
	const Bend *bend = NULL;
	int128		before;

	if (begins_period(fold, (Period) cap->per, o))
		capped->wanted = 0;
	if (!takes_part(fold, cap, order))
	{
		sums_append(fold, &capped->sums, SUMS_NOTHING);
		return points;
	}
	if (order->minus)
	{
		Decimal		alone = takes_alone(fold, order, i, own);

		/* as it comes to the cap, or might */
		if (-cap_order(fold, order, own) > alone)
		{
			*PUSH_TO(fold, capped, bends) = (Bend) {o, points, alone};
			bend = &capped->bends[capped->nbends - 1];
		}
	}
	before = capped->wanted;
	points = brings(cap, bend, points, before);
	sums_append(fold, &capped->sums, points);
	capped->wanted += points;
	return difference(cap, before, capped->wanted);
}

/* How far one has come with the orders of a period. */
typedef struct Passage
{
	int			order;
	int128		sum;			/* before it, as it is now */
	int128		shift;			/* by which that is more than it was */
} Passage;

/* One order of a period through its cap, with as many points if they are given. */
static void
pass_order(Fold *fold, int i, Passage *at, const Decimal *points)
{
	const CapRule *cap = &fold->rules.caps[i];
	Capped	   *capped = &fold->rates.caps[i];
	Bend	   *bend = bend_at(capped, at->order);
	Decimal		was = capped->sums.terms[at->order];
	Decimal		is;
	Decimal		given;

	if (bend && points)
		bend->points = *points;
	is = brings(cap, bend, bend ? bend->points : points ? *points : was, at->sum);
	if (is != was)
		sums_set(&capped->sums, at->order, is);
	given = difference(cap, at->sum, at->sum + is);
	if (points || given != difference(cap, at->sum - at->shift, at->sum - at->shift + was))
		*PUSH_TO(fold, &fold->rates, capped) = (Flow) {at->order, given};
	at->sum += is;
	at->shift += is - was;
	at->order++;
}

/*
 * Go on to the next order for which it matters that the sum has shifted, but not
 * beyond one that has changed itself.
 */
static void
pass_on(const Fold *fold, int i, Passage *at, int until)
{
	const CapRule *cap = &fold->rules.caps[i];
	const Capped *capped = &fold->rates.caps[i];
	int128		low = cap->points + Min(at->shift, 0);
	int128		high = cap->points + Max(at->shift, 0);
	int			bend = bend_from(capped, at->order);

	if (at->shift == 0)
	{
		at->sum += sums_of(&capped->sums, at->order, until);
		at->order = until;
		return;
	}
	if (bend < capped->nbends)
		until = Min(until, capped->bends[bend].order);
	/* below and above the cap, before and now, nothing changes */
	at->order = sums_find(&capped->sums, at->order, until, &at->sum,
						  at->sum <= low ? SUM_ABOVE : at->sum > high ? SUM_NOT_ABOVE : SUM_ANY,
						  at->sum <= low ? low : high);
}

/* An order that has changed comes to a cap under which it is, or is no longer, or was not. */
static void
pass_changed(Fold *fold, int i, Passage *at, Decimal points, bool takes_part_now)
{
	Capped	   *capped = &fold->rates.caps[i];
	int64		was = capped->sums.terms[at->order];

	if (takes_part_now)
	{
		if (was == SUMS_NOTHING)
			sums_set(&capped->sums, at->order, 0);
		pass_order(fold, i, at, &points);
		return;
	}
	if (was != SUMS_NOTHING)
	{
		sums_set(&capped->sums, at->order, SUMS_NOTHING);
		at->shift -= was;
	}
	*PUSH_TO(fold, &fold->rates, capped) = (Flow) {at->order, points};
	at->order++;
}

/* Orders of a period that have changed, from the k-th on; returns the first of another period. */
static int
cap_period_again(Fold *fold, int i, int k, int changed)
{
	const CapRule *cap = &fold->rules.caps[i];
	Capped	   *capped = &fold->rates.caps[i];
	int			first = fold->rates.flow[k].order;
	int			start = period_from(fold, (Period) cap->per, first, false);
	int			end = period_from(fold, (Period) cap->per, first, true);
	Passage		at = {first, sums_of(&capped->sums, start, first), 0};

	while (at.order < end)
	{
		int			until = k < fold->rates.nflow ? Min(fold->rates.flow[k].order, end) : end;

		CHECK_FOR_INTERRUPTS();
		if (at.order < until)
			pass_on(fold, i, &at, until);
		if (at.order < until)
			pass_order(fold, i, &at, NULL);
		else if (until < end)
		{
			pass_changed(fold, i, &at, fold->rates.flow[k].points,
						 until == changed ? takes_part(fold, cap, &fold->trade.orders[changed]) :
						 capped->sums.terms[until] != SUMS_NOTHING);
			k++;
		}
	}
	if (end == fold->rates.rated)
		capped->wanted = at.sum;
	return k;
}

/* Orders that have changed, through a cap: which ones does that change, and what is granted then? */
static void
cap_again(Fold *fold, int i, int changed)
{
	Rates	   *rates = &fold->rates;

	rates->ncapped = 0;
	for (int k = 0; k < rates->nflow;)
		k = cap_period_again(fold, i, k, changed);
	RESERVE(fold, rates, flow, rates->ncapped);
	memcpy(rates->flow, rates->capped, rates->ncapped * sizeof(Flow));
	rates->nflow = rates->ncapped;
}

/* ---------------- what is granted ---------------- */

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
		*PUSH_TO(fold, &fold->rates, owing) = (Flow) {o, -delta};
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
		const Flow *owed = &fold->rates.owing[i];
		Rating	   *rating = &fold->trade.orders[owed->order].rating;

		rating->granted -= owed->points;
		lot_take(fold, rating->lot, owed->points, forgive);
	}
	fold->rates.nowing = 0;
}

/* The next order: its points after rounding and caps. */
static Decimal
rate_next(Fold *fold, int o, Fraction earned)
{
	Rates	   *rates = &fold->rates;
	Order	   *order = &fold->trade.orders[o];
	Decimal		own;
	Decimal		points;

	if (fold->rules.program->scope == SCOPE_DAY)
	{
		Rounded		now = rounded_in_day(fold, order, earned,
										 begins_period(fold, PER_DAY, o) ? &day_begins : &rates->rounded[o - 1]);

		own = now.points;
		*PUSH_TO(fold, rates, rounded) = now;
	}
	else
		own = rounded(fold, order, earned);
	points = cap_order(fold, order, own);
	for (Period per = PER_DAY; rates->runs && per <= PER_LIFETIME; per++)
	{
		for (uint32 i = 0; i < fold->rules.program->caps.n; i++)
		{
			if (fold->rules.caps[i].per == per)
				points = cap_next(fold, (int) i, o, points, own);
		}
	}
	rates->rated++;
	return points;
}

/* An old order has changed, and with it what depends on it. */
static void
rate_again(Fold *fold, int changed, Fraction earned)
{
	Rates	   *rates = &fold->rates;

	rates->nflow = 0;
	if (fold->rules.program->scope == SCOPE_DAY)
		round_day_again(fold, changed, earned);
	else
		*PUSH_TO(fold, rates, flow) = (Flow) {changed, rounded(fold, &fold->trade.orders[changed], earned)};
	for (int k = 0; k < rates->nflow; k++)
		rates->flow[k].points = cap_order(fold, &fold->trade.orders[rates->flow[k].order], rates->flow[k].points);
	for (Period per = PER_DAY; rates->runs && per <= PER_LIFETIME; per++)
	{
		for (uint32 i = 0; i < fold->rules.program->caps.n; i++)
		{
			if (fold->rules.caps[i].per == per)
				cap_again(fold, (int) i, changed);
		}
	}
	for (int k = 0; k < rates->nflow; k++)
	{
		if (rates->flow[k].points != fold->trade.orders[rates->flow[k].order].rating.granted)
			settle(fold, rates->flow[k].order, rates->flow[k].points);
	}
}

void
orders_rate(Fold *fold, int changed)
{
	const Order *order = &fold->trade.orders[changed];
	Fraction	earned = {0, 1};

	if (!order->kept)
		earned = order_earns(fold, order);
	if (changed == fold->rates.rated)
		settle(fold, changed, rate_next(fold, changed, earned));
	else
		rate_again(fold, changed, earned);
}
