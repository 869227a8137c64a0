/*
 * orders.c
 *		Orders: their lines, and what refunds leave of them.
 */
#include "postgres.h"

#include "standing/earn.h"

#include "miscadmin.h"

void
orders_begin(Fold *fold)
{
	Trade	   *trade = &fold->trade;

	RESERVE(fold, trade, of_ref, fold->nrefs);
	memset(trade->of_ref, 0xFF, fold->nrefs * sizeof(int));

	/* as many as most histories come to, rather than by doubling */
	RESERVE(fold, trade, orders, fold->nevents);
	RESERVE(fold, trade, lines, fold->nevents);
	trade->norders = trade->nlines = trade->nlefts = trade->ngiven_up = 0;
	trade->first_order = NONE;
	trade->nbought = 0;
}

static int
add_order(Fold *fold, int event, bool minus)
{
	Order	   *order = PUSH_TO(fold, &fold->trade, orders);

	memset(order, 0, sizeof(*order));
	order->event = event;
	order->at = fold->at;
	order->ref = fold->event_refs[event];
	order->first_line = order->last_line = NONE;
	order->tier = fold->tiers.now.tier;
	order->minus = minus;
	order->number = minus ? 0 : ++fold->trade.nbought;
	order->given_up = NONE;
	rating_begin(&order->rating);
	return fold->trade.norders - 1;
}

static void
add_line(Fold *fold, int o, int event)
{
	const Event *e = &fold->events[event];
	Order	   *order = &fold->trade.orders[o];
	Line	   *line = PUSH_TO(fold, &fold->trade, lines);
	int			this = fold->trade.nlines - 1;

	line->event = event;
	line->tags_id = fold->event_tags[event];
	line->next = line->left = NONE;
	line->amount = e->amount;
	line->quantity = e->quantity;
	line->cost = e->cost;
	line->gone = line->earns_no_more = false;
	if (order->last_line == NONE)
		order->first_line = this;
	else
		fold->trade.lines[order->last_line].next = this;
	order->last_line = this;
	if (__builtin_add_overflow(order->amount, e->amount, &order->amount) ||
		__builtin_add_overflow(order->cost_left, e->cost, &order->cost_left) ||
		__builtin_add_overflow(order->amount_left, e->amount, &order->amount_left))
		fold_overflow();
}

void
order_buy(Fold *fold, int i, int until)
{
	int			ref = fold->event_refs[i];
	int			o = ref == NONE ? NONE : fold->trade.of_ref[ref];
	bool		first = o == NONE;
	int			first_line = fold->trade.nlines;
	int			before = fold->tiers.now.tier;
	int			version;

	if (first)
	{
		o = add_order(fold, i, false);
		if (fold->trade.first_order == NONE)
		{
			fold->trade.first_order = o;
			anchors_first_order(fold);
		}
		if (ref != NONE)
			fold->trade.of_ref[ref] = o;
	}
	for (int k = i; k < until; k++)
		add_line(fold, o, k);
	/* returned, it stays so until its lines together bring money again */
	fold->trade.orders[o].returned &= fold->trade.orders[o].amount_left <= 0;
	fold->trade.orders[o].void_of_points &= fold->trade.orders[o].returned;
	/* the tier before, unless the program rates with the one that follows */
	metrics_add(fold, o, first_line, fold->trade.nlines - first_line, first);
	if (first)
	{
		version = tiers_at(fold, fold->at);
		fold->trade.orders[o].tier = version != NONE && fold->rules.tiers[version].rate_after ?
			fold->tiers.now.tier : before;
		rating_opens(fold, o);
	}
	orders_rate(fold, o);
	if (!first)
		lot_look_again(fold, fold->trade.orders[o].rating.lot);
	bonus_gains(fold, o, first_line);
	orders_take(fold);
	bonus_takings(fold);
}

/* The same tags, in whatever order. */
static bool
same_tags(Text a, Text b)
{
	for (int turn = 0; turn < 2; turn++)
	{
		const uint8 *p = a.data;
		Text		tag;
		Text		other = a;

		while (a.len > 0 && (p = tags_next(p, a.data + a.len, &tag)) != NULL)
		{
			if (!tags_contain(b, (const char *) tag.data, tag.len))
				return false;
		}
		a = b;
		b = other;
	}
	return true;
}

/* What a refund takes, and from what. */
typedef struct Take
{
	const Text *tags;			/* lines that have them; NULL for all */
	bool		units;			/* units rather than money */
	bool		along;			/* units go with the money */
	bool		earning;		/* lowers what the lines earn */
} Take;

static inline bool
takes_from(const Fold *fold, const Take *take, const Line *line)
{
	return take->tags == NULL || same_tags(line_tags(fold, line), *take->tags);
}

/* What is left of a line, to be changed. */
static Left *
left_of(Fold *fold, Line *line)
{
	Left		whole = line_left(fold, line);

	if (line->left == NONE)
	{
		*PUSH_TO(fold, &fold->trade, lefts) = whole;
		line->left = fold->trade.nlefts - 1;
	}
	return &fold->trade.lefts[line->left];
}

/* Leave a share of what is left; what earns loses as much. */
static void
scale(Fraction *left, Fraction *earning, bool lowers, int128 num, int128 den)
{
	Fraction	after = fraction_scale(*left, num, den);

	if (lowers && left->num == earning->num && left->den == earning->den)
		*earning = after;
	else if (lowers)
	{
		/* earlier refunds have left it as it was */
		left->num = -left->num;
		*earning = fraction_add(*earning, fraction_add(*left, after));
	}
	*left = after;
}

static void
scale_line(Fold *fold, Line *line, const Take *take, int128 num, int128 den)
{
	Left	   *left = left_of(fold, line);

	if (!take->units)
		scale(&left->amount, &left->amount_earning, take->earning, num, den);
	if (take->units || take->along)
		scale(&left->quantity, &left->quantity_earning, take->earning, num, den);
}

/* Has a line come back as a whole?  All its money has; of a free one, all its units. */
static bool
is_gone(const Line *line, Fraction amount, Fraction quantity)
{
	return line->amount != 0 ? amount.num == 0 : line->quantity != 0 && quantity.num == 0;
}

/* Take from lines in proportion to what is left of each; returns what they did not have. */
static Fraction
take_from_lines(Fold *fold, Order *order, const Take *take, Fraction amount)
{
	Fraction	left = {0, 1};
	Fraction	rest = {0, 1};
	Fraction	share;

	for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
	{
		const Line *line = &fold->trade.lines[l];

		if (takes_from(fold, take, line))
			left = fraction_add(left, take->units ? line_left(fold, line).quantity : line_left(fold, line).amount);
	}
	if (left.num <= 0 || amount.num <= 0)
		return amount;

	/* amount / left, at most 1 */
	share = fraction_scale(amount, left.den, left.num);
	if (share.num >= share.den)
	{
		left.num = -left.num;
		rest = fraction_add(amount, left);
		share.num = share.den;
	}
	for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
	{
		if (takes_from(fold, take, &fold->trade.lines[l]))
			scale_line(fold, &fold->trade.lines[l], take, share.den - share.num, share.den);
	}
	return rest;
}

/* The points of so much money are reduced in proportion. */
static void
give_up(Fold *fold, Order *order, Decimal amount)
{
	Fraction   *given_up;

	if (order->given_up == NONE)
	{
		*PUSH_TO(fold, &fold->trade, given_up) = (Fraction) {0, 1};
		order->given_up = fold->trade.ngiven_up - 1;
	}
	given_up = &fold->trade.given_up[order->given_up];
	*given_up = fraction_add(*given_up, (Fraction) {amount, 1});
}

/* Points that paid for a returned order, as the rule gives them back. */
static void
return_spent(Fold *fold, int o, const RefundRule *rule)
{
	Order	   *order = &fold->trade.orders[o];
	Decimal		redeemed;
	Decimal		back = 0;

	if (rule == NULL || rule->spent == SPENT_NONE)
		return;
	redeemed = points_redeemed(fold, order->ref);
	if (order->returned)
		back = redeemed;
	else if (rule->spent == SPENT_PRO_RATA && order->amount > 0)
	{
		Fraction	f = {redeemed, 1};

		back = points_round(fold->rules.program,
							fraction_scale(f, order->amount - order->amount_left, order->amount));
	}
	if (back > order->given_back)
	{
		Decimal		now = back - order->given_back;

		order->given_back = back;
		points_return(fold, order->ref, now);
	}
}

/*
 * A refund.  With a ref it undoes that order's share: of the lines that have
 * exactly its tags, if it has any, and for the rest of all lines alike.
 */
void
order_refund(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	const RefundRule *rule = refund_now(fold);
	RefundEarned mode = rule ? (RefundEarned) rule->earned : EARNED_RECOMPUTE;
	const Text *tags = event->has & EVENT_HAS_TAGS ? &event->tags : NULL;
	bool		along = !(event->has & EVENT_HAS_QUANTITY);
	Take		take = {tags, false, along, mode == EARNED_RECOMPUTE};
	Order	   *order;
	Decimal		taken;
	Fraction	rest;
	int			ref = fold->event_refs[i];
	int			o;

	if (ref == NONE)
	{
		/* an order with a minus, rated like any */
		o = add_order(fold, i, true);
		add_line(fold, o, i);
		fold->trade.orders[o].kept = mode == EARNED_KEEP;
		metrics_add(fold, o, fold->trade.nlines - 1, 1, false);
		orders_rate(fold, o);
		bonus_gains(fold, NONE, NONE);
		orders_take(fold);
		bonus_takings(fold);
		return;
	}

	/* an order that is not known, is gone, or has nothing to give back */
	o = fold->trade.of_ref[ref];
	if (o == NONE)
		return;
	order = &fold->trade.orders[o];
	if (order->returned || order->amount_left < 0)
	{
		/* but for what has been redeemed since */
		return_spent(fold, o, rule);
		return;
	}

	/* money, costs and units count each up to what remains of it */
	taken = Min(event->amount, order->amount_left);
	order->amount_left -= taken;
	order->cost_left -= Min(event->cost, Max(order->cost_left, 0));
	order->returned = order->amount_left == 0;
	order->void_of_points = order->returned && mode != EARNED_KEEP;
	rest = (Fraction) {taken, 1};
	if (tags)
		rest = take_from_lines(fold, order, &take, rest);
	take.tags = NULL;
	take_from_lines(fold, order, &take, rest);
	if (!along)
	{
		take.units = true;
		take.tags = tags;
		rest = (Fraction) {event->quantity, 1};
		if (tags)
			rest = take_from_lines(fold, order, &take, rest);
		take.tags = NULL;
		take_from_lines(fold, order, &take, rest);
	}
	for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
	{
		Line	   *line = &fold->trade.lines[l];
		Left	   *left;

		if (order->returned)
		{
			take.units = false;
			scale_line(fold, line, &take, 0, 1);
		}
		left = left_of(fold, line);
		if (order->void_of_points)
		{
			/* of lines that join it later these are no part */
			left->amount_earning = left->quantity_earning = (Fraction) {0, 1};
			line->earns_no_more = true;
		}
		line->gone |= order->returned || is_gone(line, left->amount, left->quantity);
		line->earns_no_more |= take.earning && is_gone(line, left->amount_earning, left->quantity_earning);
	}

	/* points that are reduced in proportion */
	if (order->void_of_points)
		order->given_up = NONE;
	else if (mode == EARNED_PROPORTIONAL)
		give_up(fold, order, taken);

	metrics_refund(fold, o, mode == EARNED_KEEP, rule && rule->dated == DATED_REFUND);
	if (mode != EARNED_KEEP)
		orders_rate(fold, o);
	bonus_gains(fold, NONE, NONE);
	orders_take(fold);
	bonus_takings(fold);
	return_spent(fold, o, rule);
}
