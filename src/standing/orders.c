/*
 * orders.c
 *		Orders: their lines, and what refunds leave of them.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

static bool
is_ref(const Order *order, const Event *event, uint64 ref)
{
	const uint8 mask = EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT;

	return order->ref == ref && (order->event.has & mask) == (event->has & mask);
}

/* refs are mostly consecutive numbers: spread them */
static inline uint64
hash_of(uint64 ref)
{
	ref *= UINT64CONST(0x9E3779B97F4A7C15);
	return ref ^ ref >> 32;
}

/* The slot of a ref in the table: that of its order, or a free one. */
static int
slot_of(const Fold *fold, const Event *event, uint64 ref)
{
	int			slot = (int) (hash_of(ref) & (uint64) (fold->norder_table - 1));

	while (fold->order_table[slot] != NONE &&
		   !is_ref(&fold->orders[fold->order_table[slot]], event, ref))
		slot = (slot + 1) & (fold->norder_table - 1);
	return slot;
}

/* The order of a ref, or NONE. */
int
order_find(Fold *fold, const Event *event, uint64 ref)
{
	return fold->order_table[slot_of(fold, event, ref)];
}

static int
add_order(Fold *fold, int event, bool minus)
{
	Order	   *order = PUSH(fold, orders);

	memset(order, 0, sizeof(*order));
	order->event = fold->events[event];
	order->at = fold->at;
	order->ref = fold->event_refs[event];
	order->first_line = order->last_line = NONE;
	order->tier = fold->tier.tier;
	order->lot = NONE;
	order->minus = minus;
	order->changed = true;
	order->earned.den = 1;
	return fold->norders - 1;
}

static void
add_line(Fold *fold, int o, int event)
{
	const Event *e = &fold->events[event];
	Order	   *order = &fold->orders[o];
	Line	   *line = PUSH(fold, lines);
	int			this = fold->nlines - 1;

	line->tags = e->tags;
	line->tags_id = fold->event_tags[event];
	line->order = o;
	line->next = NONE;
	line->amount = line->amount_left = e->amount;
	line->quantity = line->quantity_left = e->quantity;
	line->cost = e->cost;
	if (order->last_line == NONE)
		order->first_line = this;
	else
		fold->lines[order->last_line].next = this;
	order->last_line = this;
	if (__builtin_add_overflow(order->amount, e->amount, &order->amount) ||
		__builtin_add_overflow(order->amount_base, e->amount, &order->amount_base) ||
		__builtin_add_overflow(order->amount_left, e->amount, &order->amount_left))
		fold_overflow();
}

/* Purchases of one instant and ref, events from i up to `until`. */
void
order_buy(Fold *fold, int i, int until)
{
	const Event *event = &fold->events[i];
	int			o = NONE;
	int			slot = 0;
	bool		first;
	int			first_line = fold->nlines;
	int			before = fold->tier.tier;
	int			version;

	if (event_has_ref(event))
	{
		slot = slot_of(fold, event, fold->event_refs[i]);
		o = fold->order_table[slot];
	}
	first = (o == NONE);
	if (first)
	{
		o = add_order(fold, i, false);
		if (fold->first_order == NONE)
			fold->first_order = o;
		if (event_has_ref(event))
			fold->order_table[slot] = o;
	}
	for (int k = i; k < until; k++)
		add_line(fold, o, k);
	fold->orders[o].changed = true;
	fold->orders[o].returned = false;

	/* the tier before, unless the program rates with the one that follows */
	tiers_count(fold, metrics_add(fold, o, first_line, fold->nlines - first_line, first));
	if (first)
	{
		version = tiers_at(fold, fold->at);
		fold->orders[o].tier = version != NONE && fold->tiers[version].rate_after ?
			fold->tier.tier : before;
	}
	orders_rate(fold, o);
	if (o == fold->first_order)
		bonus_first(fold, o);
	bonus_milestones(fold, o);
}

/*
 * Take an amount from some of an order's lines, those with the tags or all of
 * them, in proportion to what is left of each; the last one takes what rounding
 * leaves.  Lines must have been settled.
 */
static void
take_from_lines(Fold *fold, Order *order, int tags_id, bool all, Decimal amount, Decimal left)
{
	Decimal		rest = amount;
	int			last = NONE;

	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		if ((all || fold->lines[l].tags_id == tags_id) && fold->lines[l].amount_left != 0)
			last = l;
	}
	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		Line	   *line = &fold->lines[l];
		Decimal		part;

		if ((!all && line->tags_id != tags_id) || line->amount_left == 0)
			continue;
		part = l == last ? rest : (Decimal) ((int128) amount * line->amount_left / left);
		rest -= part;
		line->amount_left -= part;
	}
}

/* Make the lines say what is left of each, to the millionth, the total exact. */
static void
settle_lines(Fold *fold, Order *order)
{
	Decimal		taken = order->amount_base - order->amount_left;

	if (taken == 0)
		return;
	take_from_lines(fold, order, NONE, true, taken, order->amount_base);
	order->amount_base = order->amount_left;
}

static Decimal
share(Decimal value, Decimal part, Decimal whole)
{
	return (Decimal) ((int128) value * part / whole);
}

/* Take units back, in proportion to what is left of each line. */
static void
take_quantity(Fold *fold, Order *order, int tags_id, bool exact, Decimal quantity)
{
	Decimal		left = 0;
	Decimal		rest;
	int			last = NONE;

	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		if (!exact || fold->lines[l].tags_id == tags_id)
		{
			left += fold->lines[l].quantity_left;
			last = l;
		}
	}
	if (left <= 0)
		return;
	quantity = rest = Min(quantity, left);
	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		Line	   *line = &fold->lines[l];
		Decimal		part;

		if (exact && line->tags_id != tags_id)
			continue;
		part = l == last ? rest : share(quantity, line->quantity_left, left);
		rest -= part;
		line->quantity_left -= part;
	}
}

/* Points that paid for a returned order, as the rule gives them back. */
static void
return_spent(Fold *fold, int o, const RefundRule *rule)
{
	Order	   *order = &fold->orders[o];
	Decimal		redeemed;
	Decimal		back = 0;

	if (rule == NULL || rule->spent == SPENT_NONE)
		return;
	redeemed = points_redeemed(fold, order);
	if (order->returned)
		back = redeemed;
	else if (rule->spent == SPENT_PRO_RATA && order->amount > 0)
	{
		Fraction	f = {redeemed, 1};

		back = points_round(fold->program,
							fraction_scale(f, order->amount - order->amount_left, order->amount));
	}
	if (back > order->given_back)
	{
		Decimal		now = back - order->given_back;

		order->given_back = back;
		points_return(fold, order, now);
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
	const RefundRule *rule = refund_at(fold, fold->at);
	RefundEarned mode = rule ? (RefundEarned) rule->earned : EARNED_RECOMPUTE;
	Decimal		amount = event->amount;
	Decimal		taken;
	Order	   *order;
	int			o;

	if (!event_has_ref(event))
	{
		/* an order with a minus, rated like any */
		o = add_order(fold, i, true);
		add_line(fold, o, i);
		fold->orders[o].mode = (uint8) mode;
		tiers_count(fold, metrics_add(fold, o, fold->nlines - 1, 1, false));
		orders_rate(fold, o);
		bonus_milestones(fold, o);
		return;
	}

	o = order_find(fold, event, fold->event_refs[i]);
	if (o == NONE)
		return;
	order = &fold->orders[o];
	taken = Max(Min(amount, order->amount_left), 0);
	if (taken == 0)
		return;
	order->recovered += taken == amount ? event->cost : share(event->cost, taken, amount);

	/* money */
	if (event->has & EVENT_HAS_TAGS)
	{
		Decimal		theirs = 0;
		Decimal		part;

		settle_lines(fold, order);
		for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
		{
			if (fold->lines[l].tags_id == fold->event_tags[i])
				theirs += fold->lines[l].amount_left;
		}
		part = Max(Min(taken, theirs), 0);
		if (part > 0)
		{
			take_from_lines(fold, order, fold->event_tags[i], false, part, theirs);
			order->amount_base -= part;
			order->amount_left -= part;
		}
		order->amount_left -= taken - part;
	}
	else
		order->amount_left -= taken;
	order->returned = order->amount_left == 0;

	/* units: as given, else in proportion */
	if (event->has & EVENT_HAS_QUANTITY)
		take_quantity(fold, order, fold->event_tags[i], (event->has & EVENT_HAS_TAGS) != 0,
					  taken == amount ? event->quantity : share(event->quantity, taken, amount));
	else
	{
		Decimal		units = 0;

		for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
			units += fold->lines[l].quantity_left;
		take_quantity(fold, order, NONE, false,
					  order->returned ? units : share(units, taken, order->amount_left + taken));
	}

	if (mode != EARNED_KEEP)
		order->mode = (uint8) mode;
	metrics_refund(fold, o, mode == EARNED_KEEP, rule && rule->dated == DATED_REFUND);
	if (mode != EARNED_KEEP)
	{
		fold->orders[o].changed = true;
		orders_rate(fold, o);
	}
	if (fold->orders[o].returned)
		bonus_clawback(fold, o);
	bonus_milestones(fold, o);
	return_spent(fold, o, rule);
}
