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

#include "standing/earn.h"

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
	return fold->expiry.idles || fold->expiry.suspends;
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
	int64		at = Max(due_of(&fold->points.lots[l]), fold->at);
	int			i;

	fold->points.next_due = Min(fold->points.next_due, at);
	if (ends_move(fold) || at == INSTANT_NEVER)
		return;
	PUSH_TO(fold, &fold->points, due);
	for (i = fold->points.ndue - 1; i > 0 && at < fold->points.due[(i - 1) / 2].at; i = (i - 1) / 2)
		fold->points.due[i] = fold->points.due[(i - 1) / 2];
	fold->points.due[i] = (Due) {at, l};
}

/* The first lot of the heap, taken from it. */
static int
take_due(Fold *fold)
{
	int			first = fold->points.due[0].lot;
	Due			last = fold->points.due[--fold->points.ndue];
	int			i = 0;

	for (;;)
	{
		int			next = i * 2 + 1;

		if (next + 1 < fold->points.ndue && fold->points.due[next + 1].at < fold->points.due[next].at)
			next++;
		if (next >= fold->points.ndue || last.at <= fold->points.due[next].at)
			break;
		fold->points.due[i] = fold->points.due[next];
		i = next;
	}
	fold->points.due[i] = last;
	return first;
}

void
points_begin(Fold *fold)
{
	Points	   *points = &fold->points;

	RESERVE(fold, points, lots, fold->nevents);
	points->nlots = points->ndue = points->nredemptions = points->ntakings = 0;
	points->head = 0;
	points->next_due = INSTANT_NEVER;
	points->available = points->pending = points->debt = 0;
	points->lifetime = 0;
	points->overdraws = points->overdrawn = false;
	points->in_order = true;
	for (uint32 i = 0; i < fold->rules.program->expire.n; i++)
		points->in_order &= fold->rules.expire[i].resume == RESUME_NONE;
}

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

int
lot_make(Fold *fold, const Lot *like)
{
	Lot		   *lot = PUSH_TO(fold, &fold->points, lots);

	*lot = *like;
	lot->state = lot->active_at > fold->at ? LOT_PENDING : LOT_OPEN;
	lot_governed(fold, lot);
	lot->expires_at = lot_end(fold, lot);
	if (fold->points.nlots > 1 && fold->points.in_order)
	{
		const Lot  *last = lot - 1;

		if (lot->life.fixed_end < last->life.fixed_end || lot->active_at < last->active_at ||
			lot->earned_at <= last->earned_at || lot->life.rules != last->life.rules ||
			lot->life.idle_own != 0 || last->life.idle_own != 0)
			fold->points.in_order = false;
	}
	/* where ends move, empty ones are looked at too */
	if (ends_move(fold))
		note_due(fold, fold->points.nlots - 1);
	return fold->points.nlots - 1;
}

static void
die(Fold *fold, Lot *lot, int64 at)
{
	Decimal		points = lot->remaining;

	if (lot->state == LOT_PENDING)
		fold->points.pending -= points;
	else
		fold->points.available -= points;
	lot->remaining = 0;
	lot->expired += points;
	lot->state = LOT_DEAD;
	if (points > 0)
		fold_emit(fold, at, ENTRY_EXPIRE, -points, lot_end_rule(fold, lot), lot->event);
}

/* An empty lot is not looked at by the clock: has its time come meanwhile? */
static bool
has_died(Fold *fold, Lot *lot)
{
	if (lot->state != LOT_DEAD && lot->expires_at <= fold->at)
		die(fold, lot, fold->at);
	return lot->state == LOT_DEAD;
}

/* Points into a lot whose time may have come or gone. */
static void
put(Fold *fold, int l, Decimal points)
{
	Lot		   *lot = &fold->points.lots[l];

	if (points == 0)
		return;

	if (!has_died(fold, lot) && lot->state == LOT_PENDING && lot->active_at <= fold->at)
		lot->state = LOT_OPEN;
	switch (lot->state)
	{
		case LOT_DEAD:
			lot->expired += points;
			return;
		case LOT_PENDING:
			fold->points.pending = checked(fold->points.pending + points);
			if (lot->remaining == 0 || ends_move(fold))
				note_due(fold, l);
			break;
		case LOT_OPEN:
			{
				Decimal		paid = Min(fold->points.debt, points);

				fold->points.debt -= paid;
				points -= paid;
				fold->points.available = checked(fold->points.available + points);
				if (lot->remaining == 0 || ends_move(fold))
					note_due(fold, l);
				break;
			}
	}
	lot->remaining += points;
	fold->points.head = Min(fold->points.head, l);
}

void
lot_give(Fold *fold, int l, Decimal points)
{
	Lot		   *lot = &fold->points.lots[l];

	const char *rule = NULL;

	if (fold->trail.write)
		rule = lot->bonus != NONE ? rule_label(fold, &fold->rules.bonus[lot->bonus].rule, "bonus", lot->bonus) :
			lot->order != NONE ? order_rules(fold, &fold->trade.orders[lot->order]) : NULL;
	lot->earned = checked(lot->earned + points);
	fold->points.lifetime += points;
	put(fold, l, points);
	lot = &fold->points.lots[l];
	if (lot->state == LOT_PENDING)
		fold_emit(fold, fold->at, ENTRY_HOLD, points, rule, fold->now);
	else
	{
		/* into a dead lot: shown to come and to go */
		Decimal		gone = lot->state == LOT_DEAD ? points : 0;

		fold->points.available += gone;
		fold_emit(fold, fold->at, lot->bonus != NONE ? ENTRY_BONUS : ENTRY_EARN, points, rule, fold->now);
		fold->points.available -= gone;
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
		fold->points.pending -= part;
	else
		fold->points.available -= part;
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
	const Lot  *x = &fold->points.lots[a];
	const Lot  *y = &fold->points.lots[b];
	int			c;

	if (fold->points.expiring_first && x->expires_at != y->expires_at)
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
	RESERVE(fold, &fold->points, sorted, n + 1);
	fold->points.sorted[n] = l;
}

/* Pass over the first lots if the clock has no more to do with them. */
static void
advance_head(Fold *fold)
{
	while (fold->points.head < fold->points.nlots &&
		   (fold->points.lots[fold->points.head].state == LOT_DEAD ||
			(fold->points.lots[fold->points.head].remaining == 0 && !ends_move(fold))))
		fold->points.head++;
}

static void
note_taking(Fold *fold, int redemption, int lot, Decimal points)
{
	if (redemption != NONE && points > 0)
	{
		Taking	   *taking = PUSH_TO(fold, &fold->points, takings);

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

	if (points == 0 || (state == LOT_OPEN ? fold->points.available : fold->points.pending) == 0)
		return points;
	advance_head(fold);
	if (!fold->points.in_order)
		lots_look_again(fold);
	for (int l = fold->points.head; l < fold->points.nlots; l++)
	{
		if (fold->points.lots[l].state != state || fold->points.lots[l].remaining == 0)
			continue;
		if (fold->points.in_order)
		{
			Decimal		part = draw(fold, &fold->points.lots[l], points);

			points -= part;
			note_taking(fold, redemption, l, part);
			if (points == 0)
				return 0;
			continue;
		}
		to_sort(fold, n++, l);
	}
	fold->points.expiring_first = rule == NULL || rule->order == REDEEM_EXPIRING_FIRST;
	if (n > 1)
		sort_lots(fold->points.sorted, n, fold);
	for (int i = 0; i < n && points > 0; i++)
	{
		Decimal		part = draw(fold, &fold->points.lots[fold->points.sorted[i]], points);

		points -= part;
		note_taking(fold, redemption, fold->points.sorted[i], part);
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

	fold->points.lifetime -= points;
	if (l != NONE)
	{
		Lot		   *lot = &fold->points.lots[l];
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
		fold->points.debt = checked(fold->points.debt + rest);
	if (l != NONE && fold->points.lots[l].bonus != NONE)
		fold_emit(fold, fold->at, ENTRY_CLAWBACK, -points,
				  rule_label(fold, &fold->rules.bonus[fold->points.lots[l].bonus].rule, "bonus", fold->points.lots[l].bonus), fold->now);
	else
		fold_emit(fold, fold->at, ENTRY_REFUND, -points, refund_label(fold), fold->now);
}

/* Spend points; what is not there becomes debt. */
static void
points_spend(Fold *fold, Decimal points, int redemption)
{
	Decimal		rest = draw_from(fold, LOT_OPEN, points, redemption);

	fold->points.debt = checked(fold->points.debt + rest);
	note_taking(fold, redemption, NONE, rest);
}

static bool
paid_for(const Redemption *redemption, uint64 ref, uint32 has)
{
	return redemption->ref == ref && (redemption->has & EVENT_HAS_REF) == (has & EVENT_HAS_REF);
}

Decimal
points_redeemed(const Fold *fold, uint64 ref, uint32 has)
{
	Decimal		sum = 0;

	for (int i = 0; i < fold->points.nredemptions; i++)
	{
		if (paid_for(&fold->points.redemptions[i], ref, has))
			sum = checked(sum + fold->points.redemptions[i].points);
	}
	return sum;
}

/*
 * Give back points that an order had redeemed, last taken first, into the lots
 * they came from.  A part that had become debt lowers the debt; as far as that
 * has been paid since, it makes a new lot.
 */
void
points_return(Fold *fold, uint64 ref, uint32 has, Decimal points)
{
	Decimal		all = points;

	for (int i = fold->points.ntakings - 1; i >= 0 && points > 0; i--)
	{
		Taking	   *taking = &fold->points.takings[i];
		Decimal		part;
		int			lot = taking->lot;
		Lot			like;

		if (taking->points == 0 || !paid_for(&fold->points.redemptions[taking->redemption], ref, has))
			continue;
		part = Min(points, taking->points);
		taking->points -= part;
		points -= part;
		if (lot == NONE)
		{
			Decimal		lowered = Min(part, fold->points.debt);

			fold->points.debt -= lowered;
			part -= lowered;
			if (part == 0)
				continue;
			like = lot_at(fold, fold->at);
			lot = lot_make(fold, &like);
			fold->points.lots[lot].earned = part;
		}
		put(fold, lot, part);
	}
	fold_emit(fold, fold->at, ENTRY_RETURN, all, refund_label(fold), fold->now);
}

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
		fold->points.lots[l].earned = event->points;
		fold->points.lifetime += event->points;
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
	Decimal		balance = fold->points.available - fold->points.debt;
	int			redemption = NONE;

	fold->points.overdraws = balance < event->points ||
		(rule && (balance < rule->minimum || (rule->step > 0 && event->points % rule->step != 0)));
	fold->points.overdrawn |= fold->points.overdraws;
	if (event_has_ref(event))
	{
		Redemption *r = PUSH_TO(fold, &fold->points, redemptions);

		r->ref = fold->event_refs[i];
		r->has = event->has;
		r->points = event->points;
		redemption = fold->points.nredemptions - 1;
	}
	points_spend(fold, event->points, redemption);
	fold_emit(fold, fold->at, ENTRY_REDEEM, -event->points,
			  rule ? VERSION_LABEL(fold, &rule->rule, redeem, RedeemRule) : NULL, i);
}

void
lots_look_again(Fold *fold)
{
	if (!ends_move(fold))
		return;
	expire_project(fold);
	fold->points.next_due = INSTANT_NEVER;
	for (int l = fold->points.head; l < fold->points.nlots; l++)
	{
		Lot		   *lot = &fold->points.lots[l];

		if (lot->state == LOT_DEAD)
			continue;
		CHECK_FOR_INTERRUPTS();
		lot->expires_at = lot_end(fold, lot);
		note_due(fold, l);
	}
}

void
lots_govern(Fold *fold, int first)
{
	for (int l = first; l < fold->points.nlots; l++)
		lot_governed(fold, &fold->points.lots[l]);
}

/* A new line may bring its order's lot under other rules, as long as it lives. */
void
lot_look_again(Fold *fold, int l)
{
	Lot		   *lot = &fold->points.lots[l];

	if (has_died(fold, lot))
		return;
	lot_governed(fold, lot);
	lot->expires_at = lot_end(fold, lot);
	note_due(fold, l);
	fold->points.in_order = false;
}

static void
release(Fold *fold, int l, int64 at)
{
	Lot		   *lot = &fold->points.lots[l];
	Decimal		points = lot->remaining;
	const HoldRule *hold = hold_at(fold, lot->earned_at);

	fold->points.pending -= points;
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

	expire_project(fold);
	fold->points.next_due = INSTANT_NEVER;
	for (int l = fold->points.head; l < fold->points.nlots && ends_move(fold); l++)
	{
		Lot		   *lot = &fold->points.lots[l];

		CHECK_FOR_INTERRUPTS();
		if (lot->state == LOT_DEAD)
			continue;
		lot->expires_at = lot_end(fold, lot);
		if (due_of(lot) <= at)
			to_sort(fold, n++, l);
		else
			note_due(fold, l);
	}
	while (fold->points.ndue > 0 && fold->points.due[0].at <= at)
	{
		int			l = take_due(fold);

		/* an empty one is looked at when points come into it */
		if (fold->points.lots[l].state != LOT_DEAD && fold->points.lots[l].remaining > 0)
			to_sort(fold, n++, l);
	}
	if (fold->points.ndue > 0)
		fold->points.next_due = fold->points.due[0].at;

	fold->points.expiring_first = false;
	if (n > 1)
		sort_lots(fold->points.sorted, n, fold);
	for (int i = 0; i < n; i++)
	{
		Lot		   *lot = &fold->points.lots[fold->points.sorted[i]];

		if (lot->state != LOT_DEAD && lot->expires_at <= at)
			die(fold, lot, at);
	}
	for (int i = 0; i < n; i++)
	{
		Lot		   *lot = &fold->points.lots[fold->points.sorted[i]];

		if (lot->state != LOT_PENDING || lot->active_at > at)
			continue;
		release(fold, fold->points.sorted[i], at);
		if (ends_move(fold))
			note_due(fold, fold->points.sorted[i]);
	}
	advance_head(fold);
}
