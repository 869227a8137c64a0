/*
 * lots.c
 *		Points in lots: held, released, spent, taken back, given back, owed.
 *
 * The balance is what open lots hold, less the debt.  Debt is paid when points
 * become available; while there is debt no open lot holds anything.
 *
 * Queues tell which lot the clock is to look at next, and which is spent first;
 * expire.c does where ends move.  A lot whose end is fixed and that is empty when
 * it comes is looked at only when points come into it.
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

void
points_begin(Fold *fold)
{
	Points	   *points = &fold->points;
	const RedeemRule *redeem = PROGRAM_LIST(fold->rules.program, fold->rules.program->redeem, RedeemRule);

	RESERVE(fold, points, lots, fold->nevents);
	RESERVE(fold, points, spent, fold->nrefs);
	for (int ref = 0; ref < fold->nrefs; ref++)
		points->spent[ref] = (Spent) {0, NONE};
	points->nlots = points->ntakings = 0;
	points->oldest_first = false;
	for (uint32 i = 0; i < fold->rules.program->redeem.n; i++)
		points->oldest_first |= redeem[i].order == REDEEM_OLDEST_FIRST;
	for (int pending = 0; pending < 2; pending++)
	{
		queue_begin(&points->ending[pending]);
		queue_begin(&points->oldest[pending]);
	}
	queue_begin(&points->deaths);
	queue_begin(&points->releases);
	points->available = points->pending = points->debt = 0;
	points->lifetime = 0;
	points->overdraws = points->overdrawn = points->released = false;
}

/* ---------------- which lots, in which order ---------------- */

/* Does a lot still hold points that it did when it was put there?  arg: is it pending */
static bool
holds_still(const Fold *fold, const Place *place, int arg)
{
	const Lot  *lot = &fold->points.lots[place->lot];

	return lot->remaining > 0 && lot->state == (arg ? LOT_PENDING : LOT_OPEN);
}

/* ... and the end with which it was? */
static bool
ends_still(const Fold *fold, const Place *place, int arg)
{
	return holds_still(fold, place, arg) && fold->points.lots[place->lot].life.fixed_end == place->key;
}

static bool
dies_still(const Fold *fold, const Place *place, int arg)
{
	const Lot  *lot = &fold->points.lots[place->lot];

	return lot->remaining > 0 && lot->state != LOT_DEAD && lot->life.fixed_end == place->key;
}

static bool
waits_still(const Fold *fold, const Place *place, int arg)
{
	return fold->points.lots[place->lot].state == LOT_PENDING;
}

/* A lot holds points now, or otherwise than before. */
static void
enqueue(Fold *fold, int l)
{
	Points	   *points = &fold->points;
	const Lot  *lot = &points->lots[l];
	int			pending = lot->state == LOT_PENDING;

	if (lot->life.fixed_end != INSTANT_NEVER || !(lot->life.rules & fold->expiry.moving))
		queue_push(fold, &points->ending[pending], lot->life.fixed_end, l);
	if (lot->life.fixed_end != INSTANT_NEVER)
		queue_push(fold, &points->deaths, lot->life.fixed_end, l);
	if (points->oldest_first)
		queue_push(fold, &points->oldest[pending], lot->earned_at, l);
	if (lot->life.rules & fold->expiry.moving)
		lot_moved(fold, l);
}

/* Of two lots the one that ends first. */
static int
earlier(Fold *fold, int a, int64 a_ends, int b, int64 b_ends)
{
	if (a == NONE || b == NONE)
		return a == NONE ? b : a;
	if (a_ends != b_ends)
		return a_ends < b_ends ? a : b;
	return a == b || lot_before(fold, a, b) ? a : b;
}

/*
 * The first of the pending lots to end where a rule that may be suspended counts
 * from the release: that is known for each by itself only.
 */
static int
first_awaiting(Fold *fold)
{
	const Queue *queue = &fold->points.releases;
	QueueCursor cursor = {0, 0};
	const Place *place;
	int			first = NONE;
	int64		first_ends = INSTANT_NEVER;

	while ((place = queue_each(queue, &cursor)) != NULL)
	{
		int64		end;

		CHECK_FOR_INTERRUPTS();
		if (!holds_still(fold, place, true))
			continue;
		end = lot_end(fold, place->lot);
		first = earlier(fold, first, first_ends, place->lot, end);
		if (first == place->lot)
			first_ends = end;
	}
	return first;
}

/* The lot, open or pending, from which points are taken first; NONE. */
static int
first_to_spend(Fold *fold, bool pending, bool oldest_first)
{
	Points	   *points = &fold->points;
	const Place *place;
	int			moving = NONE;
	int64		moving_ends = INSTANT_NEVER;

	if (oldest_first)
	{
		place = queue_first(fold, &points->oldest[pending], holds_still, pending);
		return place ? place->lot : NONE;
	}
	if (pending && fold->expiry.since_release)
		return first_awaiting(fold);
	place = queue_first(fold, &points->ending[pending], ends_still, pending);
	if (fold->expiry.moving)
		moving = expire_first(fold, pending ? RANK_PENDING : RANK_OPEN, &moving_ends);
	return place ? earlier(fold, place->lot, place->key, moving, moving_ends) : moving;
}

/* ---------------- lots ---------------- */

Lot
lot_at(const Fold *fold, int64 at)
{
	Lot			lot = {0};

	lot.earned_at = lot.active_at = at;
	lot.ends_at = INSTANT_NEVER;
	lot.event = fold->now;
	lot.order = lot.first_line = lot.tags_id = NONE;
	lot.bonus = NONE;
	return lot;
}

int
lot_make(Fold *fold, const Lot *like)
{
	Lot		   *lot = PUSH_TO(fold, &fold->points, lots);
	int			l = fold->points.nlots - 1;

	*lot = *like;
	lot->kind = fold->events[lot->event].at == lot->earned_at ? (int8) fold->events[lot->event].kind : NONE;
	lot->state = lot->active_at > fold->at ? LOT_PENDING : LOT_OPEN;
	lot_governed(fold, l);
	if (lot_end(fold, l) <= fold->at)
	{
		lot->state = LOT_DEAD;
		lot_moved(fold, l);
	}
	else if (lot->state == LOT_PENDING)
		queue_push(fold, &fold->points.releases, lot->active_at, l);
	return l;
}

static void
die(Fold *fold, int l, int64 at)
{
	Lot		   *lot = &fold->points.lots[l];
	Decimal		points = lot->remaining;
	const char *rule = points > 0 ? lot_end_rule(fold, l) : NULL;

	if (lot->state == LOT_PENDING)
		fold->points.pending -= points;
	else
		fold->points.available -= points;
	lot->remaining = 0;
	lot->expired += points;
	lot->state = LOT_DEAD;
	lot_moved(fold, l);
	if (points > 0)
		fold_emit(fold, at, ENTRY_EXPIRE, -points, rule, lot->event);
}

/* An empty lot whose end is fixed is not looked at by the clock: has its time come meanwhile? */
static bool
has_died(Fold *fold, int l)
{
	const Lot  *lot = &fold->points.lots[l];

	if (lot->state != LOT_DEAD && lot->life.fixed_end <= fold->at)
		die(fold, l, fold->at);
	return lot->state == LOT_DEAD;
}

/* Points into a lot whose time may have come. */
static void
put(Fold *fold, int l, Decimal points)
{
	Lot		   *lot = &fold->points.lots[l];
	Decimal		paid;

	if (points == 0)
		return;

	(void) has_died(fold, l);
	switch ((LotState) lot->state)
	{
		case LOT_DEAD:
			lot->expired += points;
			return;
		case LOT_PENDING:
			fold->points.pending = checked(fold->points.pending + points);
			break;
		case LOT_OPEN:
			paid = Min(fold->points.debt, points);
			fold->points.debt -= paid;
			points -= paid;
			fold->points.available = checked(fold->points.available + points);
			break;
	}
	lot->remaining += points;
	if (lot->remaining == points && points > 0)
		enqueue(fold, l);
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
		fold_emit(fold, fold->at, lot->bonus != NONE ? ENTRY_HOLD_BONUS : ENTRY_HOLD, points, rule, fold->now);
	else
	{
		/* into a dead lot: shown to come and to go */
		Decimal		gone = lot->state == LOT_DEAD ? points : 0;

		fold->points.available += gone;
		fold_emit(fold, fold->at, lot->bonus != NONE ? ENTRY_BONUS : ENTRY_EARN, points, rule, fold->now);
		fold->points.available -= gone;
		if (gone > 0)
			fold_emit(fold, fold->at, ENTRY_EXPIRE, -gone, lot_end_rule(fold, l), fold->now);
	}
}

/* Take points that are there out of a lot; returns how many. */
static Decimal
draw(Fold *fold, int l, Decimal points)
{
	Lot		   *lot = &fold->points.lots[l];
	Decimal		part = Min(points, lot->remaining);

	lot->remaining -= part;
	if (lot->state == LOT_PENDING)
		fold->points.pending -= part;
	else
		fold->points.available -= part;
	if (lot->remaining == 0 && part > 0)
		lot_moved(fold, l);
	return part;
}

static void
note_taking(Fold *fold, int ref, int lot, Decimal points)
{
	if (ref != NONE && points > 0)
	{
		*PUSH_TO(fold, &fold->points, takings) = (Taking) {fold->points.spent[ref].last, lot, points};
		fold->points.spent[ref].last = fold->points.ntakings - 1;
	}
}

/*
 * Draw points from the lots in a state, in spending order, for a redemption with
 * a ref perhaps; returns what could not be had.
 */
static Decimal
draw_from(Fold *fold, LotState state, Decimal points, int ref)
{
	const RedeemRule *rule;
	bool		pending = state == LOT_PENDING;

	if (points == 0 || (pending ? fold->points.pending : fold->points.available) == 0)
		return points;
	rule = redeem_at(fold, fold->at);
	while (points > 0)
	{
		int			l = first_to_spend(fold, pending, rule && rule->order == REDEEM_OLDEST_FIRST);
		Decimal		part;

		CHECK_FOR_INTERRUPTS();
		if (l == NONE)
			break;
		part = draw(fold, l, points);
		points -= part;
		note_taking(fold, ref, l, part);
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
		rest -= draw(fold, l, rest);
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
points_spend(Fold *fold, Decimal points, int ref)
{
	Decimal		rest = draw_from(fold, LOT_OPEN, points, ref);

	fold->points.debt = checked(fold->points.debt + rest);
	note_taking(fold, ref, NONE, rest);
}

Decimal
points_redeemed(const Fold *fold, int ref)
{
	return fold->points.spent[ref].points;
}

/*
 * Give back points that have been redeemed with a ref, last taken first, into
 * the lots they came from.  A part that had become debt lowers the debt; as far
 * as that has been paid since, it makes a new lot.
 */
void
points_return(Fold *fold, int ref, Decimal points)
{
	Decimal		rest = points;
	int			t;

	while (rest > 0 && (t = fold->points.spent[ref].last) != NONE)
	{
		Taking	   *taking = &fold->points.takings[t];
		Decimal		part = Min(rest, taking->points);
		int			lot = taking->lot;

		taking->points -= part;
		rest -= part;
		if (taking->points == 0)
			fold->points.spent[ref].last = taking->previous;
		if (lot == NONE)
		{
			Decimal		lowered = Min(part, fold->points.debt);
			Lot			like;

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
	fold_emit(fold, fold->at, ENTRY_RETURN, points, refund_label(fold), fold->now);
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
	int			ref = fold->event_refs[i];

	fold->points.overdraws = balance < event->points ||
		(rule && (balance < rule->minimum || (rule->step > 0 && event->points % rule->step != 0)));
	fold->points.overdrawn |= fold->points.overdraws;
	if (ref != NONE)
		fold->points.spent[ref].points = checked(fold->points.spent[ref].points + event->points);
	points_spend(fold, event->points, ref);
	fold_emit(fold, fold->at, ENTRY_REDEEM, -event->points,
			  rule ? VERSION_LABEL(fold, &rule->rule, redeem, RedeemRule) : NULL, i);
}

/* ---------------- points that become vouchers ---------------- */

/* Lots come in the order in which they were made: was this one, and so were all before it, made before an instant? */
static bool
is_made_before(const Fold *fold, const Lot *lot, int64 at)
{
	return lot->earned_at < at && fold->events[lot->event].at < at;
}

Decimal
points_since(const Fold *fold, int64 at)
{
	Decimal		sum = 0;

	for (int l = fold->points.nlots - 1; l >= 0 && !is_made_before(fold, &fold->points.lots[l], at); l--)
	{
		const Lot  *lot = &fold->points.lots[l];

		CHECK_FOR_INTERRUPTS();
		if (lot->state == LOT_OPEN && lot->earned_at >= at)
			sum += lot->remaining;
	}
	return sum;
}

/* Lots earned from an instant on are to be left out. */
static void
withhold(Fold *fold, int64 from)
{
	Points	   *points = &fold->points;

	points->nwithheld = 0;
	for (int l = points->nlots - 1; l >= 0 && !is_made_before(fold, &points->lots[l], from); l--)
	{
		Lot		   *lot = &points->lots[l];

		CHECK_FOR_INTERRUPTS();
		if (lot->state != LOT_OPEN || lot->earned_at < from || lot->remaining == 0)
			continue;
		*PUSH_TO(fold, points, withheld) = (Withheld) {l, lot->remaining};
		(void) draw(fold, l, lot->remaining);
	}
}

void
points_convert(Fold *fold, Decimal points, int64 before)
{
	withhold(fold, before);
	(void) draw_from(fold, LOT_OPEN, points, NONE);
	for (int k = 0; k < fold->points.nwithheld; k++)
	{
		const Withheld *withheld = &fold->points.withheld[k];

		fold->points.lots[withheld->lot].remaining = withheld->points;
		fold->points.available += withheld->points;
		enqueue(fold, withheld->lot);
	}
}

/* ---------------- the clock ---------------- */

void
lot_look_again(Fold *fold, int l)
{
	Lot		   *lot = &fold->points.lots[l];
	Life		before = lot->life;

	if (has_died(fold, l))
		return;
	lot_governed(fold, l);
	if (lot->remaining > 0 &&
		(lot->life.fixed_end != before.fixed_end || lot->life.rules != before.rules))
		enqueue(fold, l);
}

void
lots_look_again(Fold *fold, int first)
{
	for (int l = first; l < fold->points.nlots; l++)
		lot_look_again(fold, l);
}

int64
lots_next(Fold *fold)
{
	const Place *death = queue_first(fold, &fold->points.deaths, dies_still, 0);
	const Place *release = queue_first(fold, &fold->points.releases, waits_still, 0);
	int64		next = fold->expiry.moving ? expire_next(fold) : INSTANT_NEVER;

	if (death)
		next = Min(next, death->key);
	if (release)
		next = Min(next, release->key);
	/* what is overdue, by rules that came with a late line, is due now */
	return Max(next, fold->at);
}

static void
release(Fold *fold, int l, int64 at)
{
	Lot		   *lot = &fold->points.lots[l];
	Decimal		points = lot->remaining;
	const HoldRule *hold = hold_at(fold, lot->earned_at);

	if (lot->state != LOT_PENDING)
		return;
	fold->points.pending -= points;
	lot->state = LOT_OPEN;
	lot->remaining = 0;
	fold->points.released |= points > 0;
	lot_moved(fold, l);
	put(fold, l, points);
	if (points > 0)
		fold_emit(fold, at, ENTRY_RELEASE, points, hold ? VERSION_LABEL(fold, &hold->rule, hold, HoldRule) : NULL,
				  lot->event);
}

#define ST_SORT sort_lots
#define ST_ELEMENT_TYPE int
#define ST_COMPARE(a, b, fold) (*(a) == *(b) ? 0 : lot_before(fold, *(a), *(b)) ? -1 : 1)
#define ST_COMPARE_ARG_TYPE Fold
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sort the lots with which the clock has to do, the oldest first. */
static void
sort_now(Fold *fold)
{
	for (int i = 1; i < fold->points.nnow; i++)
	{
		if (!lot_before(fold, fold->points.now[i - 1], fold->points.now[i]))
		{
			sort_lots(fold->points.now, fold->points.nnow, fold);
			return;
		}
	}
}

/* What the clock does at an instant: first lots die, then lots are released, the oldest first. */
void
lots_tick(Fold *fold, int64 at)
{
	Points	   *points = &fold->points;
	const Place *place;

	points->nnow = 0;
	if (fold->expiry.moving)
	{
		expire_due(fold, at);
		for (int i = 0; i < fold->expiry.ndue; i++)
			*PUSH_TO(fold, points, now) = fold->expiry.due[i];
	}
	while ((place = queue_first(fold, &points->deaths, dies_still, 0)) != NULL && place->key <= at)
	{
		*PUSH_TO(fold, points, now) = place->lot;
		queue_shift(fold, &points->deaths);
	}
	sort_now(fold);
	for (int i = 0; i < points->nnow; i++)
	{
		if (points->lots[points->now[i]].state != LOT_DEAD)
			die(fold, points->now[i], at);
	}

	points->nnow = 0;
	while ((place = queue_first(fold, &points->releases, waits_still, 0)) != NULL && place->key <= at)
	{
		*PUSH_TO(fold, points, now) = place->lot;
		queue_shift(fold, &points->releases);
	}
	sort_now(fold);
	for (int i = 0; i < points->nnow; i++)
		release(fold, points->now[i], at);
}
