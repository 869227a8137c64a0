/*
 * lots.c
 *		Points in lots: held, released, spent, taken back, given back, owed.
 *
 * The balance is what open lots hold, less the debt.  Debt is paid when points
 * become available; while there is debt no open lot holds anything.
 *
 * A heap tells which lot the clock is to look at next; where ends move, by
 * inactivity or with tiers, it looks at all of them.  Lots stand in the order in
 * which they were earned.  As long as they die in that order too (in_order) they
 * are spent as they stand, else sorted.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

static Decimal
checked(Decimal points)
{
	if (points >= DECIMAL_LIMIT || points <= -DECIMAL_LIMIT)
		fold_overflow();
	return points;
}

static inline bool
ends_move(const Fold *fold)
{
	return fold->idles || fold->suspends;
}

/* When the clock is to look at a lot: it dies or is released. */
static inline int64
due_of(const Lot *lot)
{
	return lot->state == LOT_PENDING ? Min(lot->active_at, lot->expires_at) : lot->expires_at;
}

/* See to it; what is overdue, by rules that came with a late line, is due now. */
static void
note_due(Fold *fold, int l)
{
	int64		at = Max(due_of(&fold->lots[l]), fold->at);
	int			i;

	fold->next_due = Min(fold->next_due, at);
	if (ends_move(fold) || at == INSTANT_NEVER)
		return;
	PUSH(fold, due);
	for (i = fold->ndue - 1; i > 0 && at < fold->due[(i - 1) / 2].at; i = (i - 1) / 2)
		fold->due[i] = fold->due[(i - 1) / 2];
	fold->due[i] = (Due) {at, l};
}

/* The first lot of the heap, taken from it. */
static int
take_due(Fold *fold)
{
	int			first = fold->due[0].lot;
	Due			last = fold->due[--fold->ndue];
	int			i = 0;

	for (;;)
	{
		int			next = i * 2 + 1;

		if (next + 1 < fold->ndue && fold->due[next + 1].at < fold->due[next].at)
			next++;
		if (next >= fold->ndue || last.at <= fold->due[next].at)
			break;
		fold->due[i] = fold->due[next];
		i = next;
	}
	fold->due[i] = last;
	return first;
}

/* What a lot of that instant is like, before it has an order, lines or tags. */
Lot
lot_at(const Fold *fold, int64 at)
{
	Lot			lot = {0};

	lot.earned_at = lot.active_at = at;
	lot.ends_at = INSTANT_NEVER;
	lot.event = fold->now;
	lot.order = lot.bonus = lot.first_line = lot.tags_id = NONE;
	return lot;
}

/* An empty lot, governed by the rules of its instant. */
int
lot_make(Fold *fold, const Lot *like)
{
	Lot		   *lot = PUSH(fold, lots);

	*lot = *like;
	lot->state = lot->active_at > fold->at ? LOT_PENDING : LOT_OPEN;
	lot_governed(fold, lot);
	lot->expires_at = lot_end(fold, lot);
	if (fold->nlots > 1 && fold->in_order)
	{
		const Lot  *last = lot - 1;

		if (lot->fixed_end < last->fixed_end || lot->active_at < last->active_at ||
			lot->earned_at <= last->earned_at || lot->rules != last->rules ||
			lot->idle_own != 0 || last->idle_own != 0)
			fold->in_order = false;
	}
	return fold->nlots - 1;
}

static void
die(Fold *fold, Lot *lot, int64 at)
{
	Decimal		points = lot->remaining;

	if (lot->state == LOT_PENDING)
		fold->pending -= points;
	else
		fold->available -= points;
	lot->remaining = 0;
	lot->expired += points;
	lot->state = LOT_DEAD;
	if (points > 0)
		fold_emit(fold, at, ENTRY_EXPIRE, -points, lot_end_rule(fold, lot), lot->event);
}

/* Points into a lot whose time may have come or gone. */
static void
put(Fold *fold, int l, Decimal points)
{
	Lot		   *lot = &fold->lots[l];

	if (points == 0)
		return;

	/* an empty lot is not looked at by the clock */
	if (lot->state != LOT_DEAD && lot->expires_at <= fold->at)
		die(fold, lot, fold->at);
	else if (lot->state == LOT_PENDING && lot->active_at <= fold->at)
		lot->state = LOT_OPEN;
	switch (lot->state)
	{
		case LOT_DEAD:
			lot->expired += points;
			return;
		case LOT_PENDING:
			fold->pending = checked(fold->pending + points);
			if (lot->remaining == 0 || ends_move(fold))
				note_due(fold, l);
			break;
		case LOT_OPEN:
			{
				Decimal		paid = Min(fold->debt, points);

				fold->debt -= paid;
				points -= paid;
				fold->available = checked(fold->available + points);
				if (lot->remaining == 0 || ends_move(fold))
					note_due(fold, l);
				break;
			}
	}
	lot->remaining += points;
	fold->head = Min(fold->head, l);
}

/* Earn: more points for a lot. */
void
lot_give(Fold *fold, int l, Decimal points)
{
	Lot		   *lot = &fold->lots[l];

	const char *rule = NULL;

	if (fold->entry)
		rule = lot->bonus != NONE ? rule_label(fold, &fold->bonus[lot->bonus].rule, "bonus", lot->bonus) :
			lot->order != NONE ? order_rules(fold, &fold->orders[lot->order]) : NULL;
	lot->earned = checked(lot->earned + points);
	fold->lifetime += points;
	put(fold, l, points);
	lot = &fold->lots[l];
	if (lot->state == LOT_PENDING)
		fold_emit(fold, fold->at, ENTRY_HOLD, points, rule, fold->now);
	else
	{
		/* into a dead lot: shown to come and to go */
		Decimal		gone = lot->state == LOT_DEAD ? points : 0;

		fold->available += gone;
		fold_emit(fold, fold->at, lot->bonus != NONE ? ENTRY_BONUS : ENTRY_EARN, points, rule, fold->now);
		fold->available -= gone;
		if (gone > 0)
			fold_emit(fold, fold->at, ENTRY_EXPIRE, -gone, lot_end_rule(fold, lot), fold->now);
	}
}

/* Take points that are there out of a lot; returns how many. */
static Decimal
draw(Fold *fold, Lot *lot, Decimal points)
{
	Decimal		part = Min(points, lot->remaining);

	lot->remaining -= part;
	if (lot->state == LOT_PENDING)
		fold->pending -= part;
	else
		fold->available -= part;
	return part;
}

#define ST_SORT sort_lots
#define ST_ELEMENT_TYPE int
#define ST_COMPARE(a, b, fold) compare_lots(*(a), *(b), fold)
#define ST_COMPARE_ARG_TYPE Fold
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#include "lib/sort_template.h"

static int
compare_lots(int a, int b, Fold *fold)
{
	const Lot  *x = &fold->lots[a];
	const Lot  *y = &fold->lots[b];
	int			c;

	if (fold->expiring_first && x->expires_at != y->expires_at)
		return x->expires_at < y->expires_at ? -1 : 1;
	if (x->earned_at != y->earned_at)
		return x->earned_at < y->earned_at ? -1 : 1;
	c = ref_compare(&fold->events[x->event], &fold->events[y->event]);
	return c != 0 ? c : a < b ? -1 : a > b;
}

#define ST_SORT sort_lots
#define ST_ELEMENT_TYPE int
#define ST_COMPARE(a, b, fold) compare_lots(*(a), *(b), fold)
#define ST_COMPARE_ARG_TYPE Fold
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

static void
to_sort(Fold *fold, int n, int l)
{
	fold_reserve(fold, (void **) &fold->sorted, &fold->room_sorted, n + 1, sizeof(int));
	fold->sorted[n] = l;
}

/* Pass over the first lots if the clock has no more to do with them. */
static void
advance_head(Fold *fold)
{
	while (fold->head < fold->nlots &&
		   (fold->lots[fold->head].state == LOT_DEAD ||
			(fold->lots[fold->head].remaining == 0 && !ends_move(fold))))
		fold->head++;
}

static void
note_taking(Fold *fold, int redemption, int lot, Decimal points)
{
	if (redemption != NONE && points > 0)
	{
		Taking	   *taking = PUSH(fold, takings);

		taking->redemption = redemption;
		taking->lot = lot;
		taking->points = points;
	}
}

/*
 * Draw points from the lots in a state, in spending order; returns what could
 * not be had.
 */
static Decimal
draw_from(Fold *fold, LotState state, Decimal points, int redemption)
{
	const RedeemRule *rule = redeem_at(fold, fold->at);
	int			n = 0;

	if (points == 0 || (state == LOT_OPEN ? fold->available : fold->pending) == 0)
		return points;
	advance_head(fold);
	if (!fold->in_order)
		lots_look_again(fold);
	for (int l = fold->head; l < fold->nlots; l++)
	{
		if (fold->lots[l].state != state || fold->lots[l].remaining == 0)
			continue;
		if (fold->in_order)
		{
			Decimal		part = draw(fold, &fold->lots[l], points);

			points -= part;
			note_taking(fold, redemption, l, part);
			if (points == 0)
				return 0;
			continue;
		}
		to_sort(fold, n++, l);
	}
	fold->expiring_first = rule == NULL || rule->order == REDEEM_EXPIRING_FIRST;
	if (n > 1)
		sort_lots(fold->sorted, n, fold);
	for (int i = 0; i < n && points > 0; i++)
	{
		Decimal		part = draw(fold, &fold->lots[fold->sorted[i]], points);

		points -= part;
		note_taking(fold, redemption, fold->sorted[i], part);
	}
	return points;
}

/* The refund rule, if the program states one. */
static const char *
refund_label(Fold *fold)
{
	const RefundRule *rule = refund_now(fold);

	return rule ? VERSION_LABEL(fold, &rule->rule, refund, RefundRule) : NULL;
}

/*
 * Take points back: from their own lot (what of it has expired is not owed),
 * then from other pending lots, then from open ones; the rest is owed, or
 * forgiven.
 */
void
lot_take(Fold *fold, int l, Decimal points, bool forgive)
{
	Decimal		rest = points;

	fold->lifetime -= points;
	if (l != NONE)
	{
		Lot		   *lot = &fold->lots[l];
		Decimal		gone;

		lot->earned -= points;
		rest -= draw(fold, lot, rest);
		gone = Min(rest, lot->expired);
		lot->expired -= gone;
		rest -= gone;
	}
	rest = draw_from(fold, LOT_PENDING, rest, NONE);
	rest = draw_from(fold, LOT_OPEN, rest, NONE);
	if (!forgive)
		fold->debt = checked(fold->debt + rest);
	if (l != NONE && fold->lots[l].bonus != NONE)
		fold_emit(fold, fold->at, ENTRY_CLAWBACK, -points,
				  rule_label(fold, &fold->bonus[fold->lots[l].bonus].rule, "bonus", fold->lots[l].bonus), fold->now);
	else
		fold_emit(fold, fold->at, ENTRY_REFUND, -points, refund_label(fold), fold->now);
}

/* Spend points; what is not there becomes debt. */
void
points_spend(Fold *fold, Decimal points, int redemption)
{
	Decimal		rest = draw_from(fold, LOT_OPEN, points, redemption);

	fold->debt = checked(fold->debt + rest);
	note_taking(fold, redemption, NONE, rest);
}

static bool
paid_for(const Redemption *redemption, const Order *order)
{
	return redemption->ref == order->ref &&
		(redemption->has & EVENT_HAS_REF) == (order->has & EVENT_HAS_REF);
}

/* How many points have been redeemed with an order's ref. */
Decimal
points_redeemed(const Fold *fold, const Order *order)
{
	Decimal		sum = 0;

	for (int i = 0; i < fold->nredemptions; i++)
	{
		if (paid_for(&fold->redemptions[i], order))
			sum = checked(sum + fold->redemptions[i].points);
	}
	return sum;
}

/*
 * Give back points that an order had redeemed, last taken first, into the lots
 * they came from.  A part that had become debt lowers the debt; as far as that
 * has been paid since, it makes a new lot.
 */
void
points_return(Fold *fold, const Order *order, Decimal points)
{
	Decimal		all = points;

	for (int i = fold->ntakings - 1; i >= 0 && points > 0; i--)
	{
		Taking	   *taking = &fold->takings[i];
		Decimal		part;
		int			lot = taking->lot;
		Lot			like;

		if (taking->points == 0 || !paid_for(&fold->redemptions[taking->redemption], order))
			continue;
		part = Min(points, taking->points);
		taking->points -= part;
		points -= part;
		if (lot == NONE)
		{
			Decimal		lowered = Min(part, fold->debt);

			fold->debt -= lowered;
			part -= lowered;
			if (part == 0)
				continue;
			like = lot_at(fold, fold->at);
			lot = lot_make(fold, &like);
			fold->lots[lot].earned = part;
		}
		put(fold, lot, part);
	}
	fold_emit(fold, fold->at, ENTRY_RETURN, all, refund_label(fold), fold->now);
}

/* An adjustment: points by hand. */
void
lots_adjust(Fold *fold, int i)
{
	const Event *event = &fold->events[i];

	if (event->points > 0)
	{
		Lot			like = lot_at(fold, event->at);
		int			l;

		like.ends_at = event->until;
		like.tags = event->tags;
		like.tags_id = fold->event_tags[i];
		l = lot_make(fold, &like);
		fold->lots[l].earned = event->points;
		fold->lifetime += event->points;
		put(fold, l, event->points);
	}
	else if (event->points < 0)
		points_spend(fold, -event->points, NONE);
	fold_emit(fold, fold->at, ENTRY_ADJUST, event->points, NULL, i);
}

/* A redemption, as it stands; whether it broke the rule is noted. */
void
lots_redeem(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	const RedeemRule *rule = redeem_at(fold, fold->at);
	Decimal		balance = fold->available - fold->debt;
	int			redemption = NONE;

	if (balance < event->points ||
		(rule && (balance < rule->minimum || (rule->step > 0 && event->points % rule->step != 0))))
		fold->overdrawn = true;
	fold->now = i;
	expire_reset(fold, i);
	if (event_has_ref(event))
	{
		Redemption *r = PUSH(fold, redemptions);

		r->ref = fold->event_refs[i];
		r->has = event->has;
		r->points = event->points;
		redemption = fold->nredemptions - 1;
	}
	points_spend(fold, event->points, redemption);
	fold_emit(fold, fold->at, ENTRY_REDEEM, -event->points,
			  rule ? VERSION_LABEL(fold, &rule->rule, redeem, RedeemRule) : NULL, i);
}

/* Look at every lot again: ends may have moved. */
void
lots_look_again(Fold *fold)
{
	if (!ends_move(fold))
		return;
	expire_project(fold);
	fold->next_due = INSTANT_NEVER;
	for (int l = fold->head; l < fold->nlots; l++)
	{
		Lot		   *lot = &fold->lots[l];

		if (lot->state == LOT_DEAD)
			continue;
		CHECK_FOR_INTERRUPTS();
		lot->expires_at = lot_end(fold, lot);
		note_due(fold, l);
	}
}

/* A new line may bring its order's lot under other rules. */
void
lot_look_again(Fold *fold, int l)
{
	Lot		   *lot = &fold->lots[l];

	lot_governed(fold, lot);
	lot->expires_at = lot_end(fold, lot);
	note_due(fold, l);
	fold->in_order = false;
}

static void
release(Fold *fold, int l, int64 at)
{
	Lot		   *lot = &fold->lots[l];
	Decimal		points = lot->remaining;
	const HoldRule *hold = hold_at(fold, lot->earned_at);

	fold->pending -= points;
	lot->state = LOT_OPEN;
	lot->remaining = 0;
	if (points > 0)
	{
		put(fold, l, points);
		fold_emit(fold, at, ENTRY_RELEASE, points, hold ? VERSION_LABEL(fold, &hold->rule, hold, HoldRule) : NULL,
				  lot->event);
	}
}

/* What the clock does at an instant: first lots die, then lots are released, the oldest first. */
void
lots_tick(Fold *fold, int64 at)
{
	int			n = 0;

	fold->at = at;
	expire_project(fold);
	fold->next_due = INSTANT_NEVER;
	for (int l = fold->head; l < fold->nlots && ends_move(fold); l++)
	{
		Lot		   *lot = &fold->lots[l];

		CHECK_FOR_INTERRUPTS();
		if (lot->state == LOT_DEAD)
			continue;
		lot->expires_at = lot_end(fold, lot);
		if (due_of(lot) <= at)
			to_sort(fold, n++, l);
		else
			note_due(fold, l);
	}
	while (fold->ndue > 0 && fold->due[0].at <= at)
	{
		int			l = take_due(fold);

		/* an empty one is looked at when points come into it */
		if (fold->lots[l].state != LOT_DEAD && fold->lots[l].remaining > 0)
			to_sort(fold, n++, l);
	}
	if (fold->ndue > 0)
		fold->next_due = fold->due[0].at;

	fold->expiring_first = false;
	if (n > 1)
		sort_lots(fold->sorted, n, fold);
	for (int i = 0; i < n; i++)
	{
		Lot		   *lot = &fold->lots[fold->sorted[i]];

		if (lot->state != LOT_DEAD && lot->expires_at <= at)
			die(fold, lot, at);
	}
	for (int i = 0; i < n; i++)
	{
		Lot		   *lot = &fold->lots[fold->sorted[i]];

		if (lot->state != LOT_PENDING || lot->active_at > at)
			continue;
		release(fold, fold->sorted[i], at);
		if (ends_move(fold))
			note_due(fold, fold->sorted[i]);
	}
	advance_head(fold);
}
