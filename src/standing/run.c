/*
 * run.c
 *		A program folded over a history: the walk.
 *
 * Events of one instant come in the order of order.c, but a redemption with
 * the ref of a purchase of its instant comes before that instant's purchases:
 * an order cannot pay for itself.  What the clock does comes before them all.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"
#include "port/atomics.h"
#include "utils/memutils.h"

/* Which kinds the program sees, a bit each; a subscription only if a rule names it. */
static uint32
kinds_seen(const Program *p)
{
	const ExpireRule *expire = PROGRAM_LIST(p, p->expire, ExpireRule);
	uint32		seen = 0;

	for (int kind = 0; kind < EVENT_KINDS; kind++)
	{
		if (event_kinds[kind].is_for_rules && kind != EVENT_SUBSCRIPTION)
			seen |= 1u << kind;
	}
	for (uint32 i = 0; i < p->expire.n; i++)
		seen |= expire[i].reset_kinds;
	/* with plans it is an event like others */
	if (p->plans.n > 0)
		seen |= 1u << EVENT_SUBSCRIPTION;
	return seen;
}

/*
 * Where to look for a ref: numbers that follow each other, as most do, in one
 * line of the processor's cache; the lines are spread.
 */
static inline int
slot_of(const Fold *fold, uint64 ref)
{
	uint64		line = (ref >> 4) * UINT64CONST(0x9E3779B97F4A7C15);

	line ^= line >> 32;
	return (int) ((line << 4 | (ref & 15)) & (uint64) (fold->nref_table - 1));
}

/* The number of a ref that is a number itself, a new one if it is met first. */
static int
number_of(Fold *fold, uint64 ref)
{
	int			slot = slot_of(fold, ref);
	int			number;

	for (; (number = fold->ref_table[slot]) != NONE; slot = (slot + 1) & (fold->nref_table - 1))
	{
		if (fold->refs[number] == ref)
			return number;
	}
	number = fold->nrefs;
	*PUSH_TO(fold, fold, refs) = ref;
	return fold->ref_table[slot] = number;
}

/* The same of one that is a text, the so-manieth of the history. */
static int
number_of_text(Fold *fold, int text)
{
	while (fold->ntext_refs <= text)
		*PUSH_TO(fold, fold, text_refs) = NONE;
	if (fold->text_refs[text] == NONE)
	{
		fold->text_refs[text] = fold->nrefs;
		/* among the others it is never asked for */
		*PUSH_TO(fold, fold, refs) = 0;
	}
	return fold->text_refs[text];
}

/* A table of refs for so many events, at most half full. */
static void
refs_begin(Fold *fold, int nevents)
{
	int			slots = 16;

	while (slots < nevents * 2)
		slots *= 2;
	RESERVE(fold, fold, ref_table, slots);
	fold->nref_table = slots;
	memset(fold->ref_table, 0xFF, slots * sizeof(int));
	fold->nrefs = fold->ntext_refs = 0;
}

static bool
is_joining(const Event *event)
{
	return event->name.len == 6 && memcmp(event->name.data, "joined", 6) == 0;
}

/*
 * Read the history up to `asof`, all of it: rules may look ahead in an instant.
 * Returns how many lists of tags it has.
 */
static int
read_events(Fold *fold, const Program *program, const uint8 *history, size_t len)
{
	const uint32 seen = kinds_seen(program);
	HistoryCursor cursor;

	history_open(&cursor, history, len);
	if (cursor.n > PG_INT32_MAX / 4)
		history_too_large();
	fold->nevents = 0;
	fold->joins_at = INSTANT_NEVER;
	RESERVE(fold, fold, events, (int) cursor.n + 1);
	RESERVE(fold, fold, event_tags, (int) cursor.n);
	RESERVE(fold, fold, event_refs, (int) cursor.n);
	refs_begin(fold, (int) cursor.n);
	while (history_next(&cursor, &fold->events[fold->nevents]))
	{
		int			i = fold->nevents;
		const Event *event = &fold->events[i];

		if (event->at > fold->asof)
			break;
		if (!(seen & 1u << event->kind))
			continue;
		fold->event_tags[i] = event->has & EVENT_HAS_TAGS ? (int) cursor.columns[ATTRIBUTE_TAGS].id : NONE;
		fold->event_refs[i] = !event_has_ref(event) ? NONE :
			event->has & EVENT_HAS_REF_NUMBER ? number_of(fold, (uint64) event->ref_number) :
			number_of_text(fold, (int) cursor.columns[ATTRIBUTE_REF_TEXT].id);
		if (event->kind == EVENT_ACTIVITY && fold->joins_at == INSTANT_NEVER && is_joining(event))
			fold->joins_at = event->at;
		fold->nevents++;
	}
	return cursor.n > 0 ? (int) cursor.columns[ATTRIBUTE_TAGS].count : 0;
}

/* A membership begins with the first event, but without plans a subscription is only a promise. */
static int64
first_event(Fold *fold, const Program *p)
{
	fold->begun = true;
	for (int i = 0; i < fold->nevents; i++)
	{
		if (fold->events[i].kind != EVENT_SUBSCRIPTION || p->plans.n > 0)
			return fold->events[i].at;
	}
	fold->begun = false;
	return fold->asof;
}

/* Every part starts anew. */
static void
begin(Fold *fold, const Program *program, const Bound *bounds, const Zone *zone, int ntags)
{
	fold->booking = false;
	fold->at = fold->nevents > 0 ? fold->events[0].at : fold->asof;
	clock_begin(&fold->clock, zone, first_event(fold, program));
	rules_begin(fold, program, bounds, ntags);
	plans_begin(fold);
	anchors_begin(fold);
	orders_begin(fold);
	rates_begin(fold);
	bonuses_begin(fold);
	suspend_begin(fold);
	expire_begin(fold);
	points_begin(fold);
	metrics_begin(fold);
	tiers_begin(fold);
	vouchers_begin(fold);
	fold_emit(fold, fold->asof, ENTRY_BEGIN, 0, NULL, NONE);
}

/* What is foreseen to suspend the ends of lots may be other than it was. */
static void
foresee(Fold *fold)
{
	if (suspend_foresee(fold))
		expire_look_again(fold);
}

/* The tier was another one before, or a plan has ended: it may have suspended what ends lots, or begun to. */
static void
changed(Fold *fold, int64 at)
{
	if (!fold->suspensions.any)
		return;
	suspend_change(fold, at);
	foresee(fold);
}

/* Labels of the statement that have been written are not needed any more. */
static void
forget_labels(Fold *fold)
{
	if (fold->trail.labels)
		MemoryContextReset(fold->trail.labels);
}

/*
 * The clock's instant ends before it goes on to the next one, unless it is one
 * whose events follow: points that were released may reach a threshold.
 */
static bool
end_instant(Fold *fold, int64 next, int64 events_at)
{
	fold->vouchers.instant_ends |= fold->points.released && fold->vouchers.at_threshold;
	fold->points.released = false;
	if (!fold->vouchers.instant_ends || next == fold->at || fold->at == events_at)
		return false;
	vouchers_end_instant(fold);
	return true;
}

/* Bring the clock to an instant: what it does there comes before any event.  At which one do events follow? */
static void
tick(Fold *fold, int64 upto, int64 events_at)
{
	for (;;)
	{
		int64		lots = lots_next(fold);
		int64		tiers = fold->tiers.now.next;
		int64		plans = fold->plans.next;
		int64		vouchers = fold->vouchers.any ? vouchers_next(fold) : INSTANT_NEVER;
		int64		next = Min(Min(lots, tiers), plans);
		int			tier = fold->tiers.now.tier;

		if (fold->vouchers.any && end_instant(fold, Min(next, vouchers), events_at))
			continue;
		if (Min(next, vouchers) > upto)
			break;
		CHECK_FOR_INTERRUPTS();
		fold->at = Min(next, vouchers);
		/* after all else of the instant */
		if (vouchers < next)
		{
			vouchers_tick(fold, vouchers);
			forget_labels(fold);
			continue;
		}
		if (lots == fold->at)
			lots_tick(fold, lots);
		if (tiers == fold->at)
			tiers_tick(fold, &fold->tiers.now, tiers);
		if (plans == fold->at)
		{
			plans_tick(fold, plans);
			expire_plans(fold, plans);
		}
		if (fold->tiers.now.tier != tier || plans == fold->at)
			changed(fold, fold->at);
		forget_labels(fold);
	}
	fold->at = upto;
	vouchers_clock_done(fold, upto);
}

static void
redeem(Fold *fold, int i)
{
	fold->now = i;
	expire_reset(fold, i);
	if (!vouchers_use(fold, i))
		lots_redeem(fold, i);
}

/* The redemptions of this instant that pay for its purchases come before them. */
static void
redeem_first(Fold *fold, int from)
{
	int			i = from;

	for (; i < fold->nevents && fold->events[i].at == fold->at && fold->events[i].kind == EVENT_PURCHASE; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (fold->event_refs[i] != NONE)
			fold->bought[fold->event_refs[i]] = i;
	}
	for (; i < fold->nevents && fold->events[i].at == fold->at; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (fold->events[i].kind == EVENT_REDEMPTION && fold->event_refs[i] != NONE &&
			fold->bought[fold->event_refs[i]] >= from)
		{
			redeem(fold, i);
			fold->events[i].points = 0; /* done */
		}
	}
}

/* The events of an order's lines of one instant: from the first up to which? */
static int
lines_until(const Fold *fold, int first)
{
	int			until = first + 1;

	while (until < fold->nevents && fold->events[until].kind == EVENT_PURCHASE &&
		   fold->events[until].at == fold->at && fold->event_refs[until] == fold->event_refs[first] &&
		   fold->event_refs[first] != NONE)
		until++;
	return until;
}

/* Years of membership are counted anew from now on, also for lots of this instant. */
static void
join(Fold *fold, int64 at)
{
	int			first = fold->points.nlots;

	if (fold->clock.joined_at != INSTANT_NEVER)
		return;
	clock_join(&fold->clock, at);
	while (first > 0 && fold->points.lots[first - 1].earned_at == at)
		first--;
	lots_look_again(fold, first);
	suspend_look_again(fold);
	expire_look_again(fold);
	tiers_stir(fold);
	vouchers_join(fold);
}

/* The subscriptions of an instant come together; returns the next event. */
static int
subscribe(Fold *fold, int i)
{
	int			until = i + 1;
	bool		held_otherwise;

	if (!fold->plans.any)
	{
		expire_reset(fold, i);
		return until;
	}
	until = plans_subscribe(fold, i, &held_otherwise);
	for (int k = i; k < until; k++)
		expire_reset(fold, k);
	if (held_otherwise)
	{
		expire_plans(fold, fold->at);
		tiers_tick(fold, &fold->tiers.now, fold->at);
	}
	return until;
}

/* What an event does; returns the next one. */
static int
book(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	int			until = i + 1;

	fold->now = i;
	switch ((EventKind) event->kind)
	{
		case EVENT_ACTIVITY:
			if (is_joining(event))
				join(fold, event->at);
			anchors_activity(fold, i);
			expire_reset(fold, i);
			bonus_activity(fold, i);
			break;
		case EVENT_PURCHASE:
			until = lines_until(fold, i);
			expire_reset(fold, i);
			order_buy(fold, i, until);
			break;
		case EVENT_REFUND:
			expire_reset(fold, i);
			order_refund(fold, i);
			break;
		case EVENT_REDEMPTION:
			if (event->points > 0)
				redeem(fold, i);
			break;
		case EVENT_ADJUSTMENT:
			expire_reset(fold, i);
			lots_adjust(fold, i);
			break;
		case EVENT_EXPENSE:
			expire_reset(fold, i);
			if (metrics_expense(fold, i))
			{
				bonus_gains(fold, NONE, NONE);
				bonus_takings(fold);
			}
			break;
		case EVENT_GRANT:
			expire_reset(fold, i);
			tiers_grant(fold, i);
			break;
		case EVENT_SUBSCRIPTION:
			until = subscribe(fold, i);
			break;
		case EVENT_USAGE:
		case EVENT_ADVANCE:
		case EVENT_REPAYMENT:
			break;
	}
	return until;
}

/* what is known of fewer events is near enough */
#define FAR_EVENTS	1000

/*
 * Old orders to which events go back lie far from what is being folded: they are
 * fetched from memory meanwhile, an order first, then what belongs to it.
 */
static void
fetch_ahead(const Fold *fold, int i)
{
	const Trade *trade = &fold->trade;
	int			ref;
	int			o;

	if (i + 8 >= fold->nevents)
		return;
	ref = fold->event_refs[i + 8];
	if (ref != NONE && (o = trade->of_ref[ref]) != NONE)
	{
		__builtin_prefetch(&trade->orders[o]);
		__builtin_prefetch((const char *) (&trade->orders[o] + 1) - 1);
	}
	ref = fold->event_refs[i + 4];
	if (ref != NONE && (o = trade->of_ref[ref]) != NONE)
	{
		const Order *order = &trade->orders[o];

		__builtin_prefetch(&trade->lines[order->first_line]);
		if (order->rating.lot != NONE)
		{
			__builtin_prefetch(&fold->points.lots[order->rating.lot]);
			__builtin_prefetch((const char *) (&fold->points.lots[order->rating.lot] + 1) - 1);
		}
		if (fold->counts.any)
		{
			__builtin_prefetch(&fold->counts.entries[fold->counts.of_order[o]]);
			__builtin_prefetch(ENTRY_VALUES(fold, fold->counts.of_order[o]));
		}
	}
	/* or the compiler takes all this for nothing */
	pg_compiler_barrier();
}

static void
walk(Fold *fold)
{
	int64		redeemed_at = PG_INT64_MIN;
	bool		far = fold->nevents > FAR_EVENTS;
	int			i = 0;

	RESERVE(fold, fold, bought, fold->nrefs);
	memset(fold->bought, 0xFF, fold->nrefs * sizeof(int));
	while (i < fold->nevents)
	{
		const Event *event = &fold->events[i];
		bool		early = event->kind == EVENT_SUBSCRIPTION;
		int			lots;

		CHECK_FOR_INTERRUPTS();
		if (far)
			fetch_ahead(fold, i);
		/* a subscription comes before what the clock does in its instant */
		tick(fold, early ? event->at - 1 : event->at, event->at);
		fold->at = event->at;
		if (event->kind == EVENT_PURCHASE && redeemed_at != event->at &&
			i + 1 < fold->nevents && fold->events[i + 1].at == event->at)
		{
			redeem_first(fold, i);
			redeemed_at = event->at;
		}
		lots = fold->points.nlots;
		fold->booking = true;
		i = book(fold, i);
		fold->booking = false;
		if (fold->suspensions.any && tiers_stirred(fold))
		{
			/* an event's own points are booked before its tier ends any lot */
			suspend_change(fold, fold->at);
			lots_look_again(fold, lots);
			foresee(fold);
		}
		if (fold->vouchers.at_threshold && (i == fold->nevents || fold->events[i].at > fold->at))
		{
			/* what is overdue, or follows a subscription, comes before the end */
			tick(fold, fold->at, fold->at);
			vouchers_end_instant(fold);
		}
		forget_labels(fold);
	}
	tick(fold, fold->asof, INSTANT_NEVER);
}

void
fold_run(Fold *fold, const Program *program, const Bound *bounds, const Zone *zone,
		 const uint8 *history, size_t len, int64 asof)
{
	MemoryContext caller = CurrentMemoryContext;

	fold->asof = asof;
	begin(fold, program, bounds, zone, read_events(fold, program, history, len));
	if (fold->suspensions.any)
		changed(fold, PG_INT64_MIN + 1);
	if (fold->trail.labels)
		MemoryContextSwitchTo(fold->trail.labels);
	walk(fold);
	MemoryContextSwitchTo(caller);
}
