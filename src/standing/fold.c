/*
 * fold.c
 *		A program folded over a history: the walk.
 *
 * Events of one instant come in the order of order.c, but a redemption with
 * the ref of a purchase of its instant comes before that instant's purchases:
 * an order cannot pay for itself.  What the clock does comes before them all.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"
#include "utils/memutils.h"

void
fold_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("points are out of range"),
			 errdetail("A program's points must stay below 10^%d.", DECIMAL_DIGITS)));
}

/* Room for n items; what is kept between folds is reused. */
void
fold_reserve(Fold *fold, void **items, int *room, int n, size_t size)
{
	int64		want;

	if (likely(*items != NULL && n <= *room))
		return;
	want = Max(16, Max((int64) *room * 2, n));
	if (want > PG_INT32_MAX || !AllocHugeSizeIsValid(want * size))
		history_too_large();
	if (*items == NULL)
		*items = MemoryContextAllocExtended(fold->context, want * size, MCXT_ALLOC_HUGE);
	else
		*items = repalloc_huge(*items, want * size);
	*room = (int) want;
}

/*
 * A row of the statement, where one is wanted, after what it tells has been
 * done; `event` caused it, or NONE.
 */
void
fold_emit(Fold *fold, int64 at, EntryKind kind, Decimal points, const char *rule, int event)
{
	if (fold->entry)
		fold->entry(fold, at, kind, points, fold->available - fold->debt, rule,
					event == NONE ? NULL : &fold->events[event], fold->entry_arg);
}

/* A rule's name for the statement, or its place in the document. */
const char *
rule_label(const Fold *fold, const Rule *rule, const char *section, int i)
{
	if (fold->entry == NULL)
		return NULL;
	return rule->name.len ? PROGRAM_NAME(fold->program, rule->name) : psprintf("%s[%d]", section, i);
}

/* The same for a section that has versions: its number only if there are several. */
const char *
version_label(const Fold *fold, const Rule *rule, const char *section, const void *versions, size_t size, uint32 n)
{
	if (fold->entry == NULL)
		return NULL;
	if (n == 1 && rule->name.len == 0)
		return section;
	return rule_label(fold, rule, section, (int) (((const char *) rule - (const char *) versions) / size));
}

int64
fold_to_local(Fold *fold, int64 at)
{
	return zone_to_local(fold->zone, at, &fold->hint);
}

/* the instant of a local time, kept within the calendar */
static int64
from_local(const Zone *zone, int64 local, int *hint)
{
	if (local >= INSTANT_LIMIT)
		return INSTANT_NEVER;
	return zone_from_local(zone, Max(local, INSTANT_MIN), hint);
}

int64
fold_from_local(Fold *fold, int64 local)
{
	return from_local(fold->zone, local, &fold->hint);
}

int64
fold_add(Fold *fold, int64 at, const Span *span)
{
	return at == INSTANT_NEVER ? at : zone_add(fold->zone, at, span, 1, &fold->hint, &fold->hint_after);
}

/* Which day, month or year of the program's calendar an instant falls into. */
int64
period_number(Fold *fold, int64 at, Period period)
{
	int			days;
	Date		date;

	if (period == PER_LIFETIME)
		return 0;
	days = local_to_days(fold_to_local(fold, at));
	if (period == PER_DAY)
		return days;
	date = date_from_days(days);
	return period == PER_YEAR ? date.year : (int64) date.year * 12 + date.month;
}

/* The next local midnight that starts such a period; one that is stays. */
int64
snap_local(int64 local, Snap snap, int month, int day)
{
	int			days = local_to_days(local);
	Date		date;
	int			first;

	if (snap == SNAP_NONE || local >= INSTANT_LIMIT)
		return local;
	if (local != local_from_days(days))
		days++;					/* the next midnight */
	date = date_from_days(days);
	for (;;)
	{
		int			year = date.year;

		switch (snap)
		{
			case SNAP_MONTH:
			case SNAP_QUARTER:
				month = date.month;
				day = 1;
				if (snap == SNAP_QUARTER)
					month = (month - 1) / 3 * 3 + 1;
				break;
			case SNAP_YEAR:
				month = day = 1;
				break;
			default:
				break;
		}
		first = date_to_days(year, month, Min(day, days_in_month(year, month)));
		if (first >= days)
			return local_from_days(first);

		/* its beginning lies behind: look at the next one */
		if (snap == SNAP_MONTH || snap == SNAP_QUARTER)
		{
			date.month = month + (snap == SNAP_MONTH ? 1 : 3);
			if (date.month > 12)
			{
				date.month = 1;
				date.year++;
			}
		}
		else
			date.year++;
	}
}

/*
 * The first instant not before `at`, or after it, at which such a period
 * starts.  Where clocks skip midnight, the instant that stands for it counts.
 */
int64
snap_instant(const Zone *zone, int64 at, bool after, Snap snap, int month, int day, int *hint)
{
	int64		local = zone_to_local(zone, at, hint);
	int64		today = local_from_days(local_to_days(local));
	int64		start = from_local(zone, snap_local(today, snap, month, day), hint);

	if (start > at || (start == at && !after))
		return start;
	return from_local(zone, snap_local(local + 1, snap, month, day), hint);
}

int64
fold_snap(Fold *fold, int64 at, bool after, Snap snap, int month, int day)
{
	return snap_instant(fold->zone, at, after, snap, month, day, &fold->hint);
}

/*
 * Where the membership year of an instant is counted from: the first `joined`
 * up to then, else the first event.
 */
int64
membership_anchor(Fold *fold, int64 at)
{
	int64		from = fold->joined_at <= at ? fold->joined_at : fold->first_at;

	return local_from_days(local_to_days(fold_to_local(fold, from)));
}

bool
rule_in_force(const Fold *fold, const Rule *rule, int64 at)
{
	const Bound *bound = &fold->bounds[rule->id];

	return bound->from <= at && at < bound->until;
}

static bool
has_tag(const Fold *fold, const ProgramList *list, uint32 i, Text tags)
{
	const ProgramName *name = &PROGRAM_LIST(fold->program, *list, ProgramName)[i];

	return tags_contain(tags, PROGRAM_NAME(fold->program, *name), name->len);
}

bool
where_matches(const Fold *fold, const ProgramList *any, const ProgramList *all,
			  const ProgramList *none, Text tags)
{
	bool		found = any->n == 0;

	for (uint32 i = 0; i < any->n && !found; i++)
		found = has_tag(fold, any, i, tags);
	for (uint32 i = 0; i < all->n && found; i++)
		found = has_tag(fold, all, i, tags);
	for (uint32 i = 0; i < none->n && found; i++)
		found = !has_tag(fold, none, i, tags);
	return found;
}

/* Whether the rule's `where` takes such tags, looked up once for each list. */
bool
rule_matches(Fold *fold, const Rule *rule, Text tags, int tags_id)
{
	uint8	   *known;

	if (rule->any.n == 0 && rule->all.n == 0 && rule->none.n == 0)
		return true;
	known = &fold->matches[rule->id * (fold->ntags + 1) + tags_id + 1];
	if (*known == 0)
		*known = 1 + where_matches(fold, &rule->any, &rule->all, &rule->none, tags);
	return *known == 2;
}

/* The version of a section in force at an instant, or NULL in a gap. */
#define VERSION_AT(type, function, section) \
const type * \
function(const Fold *fold, int64 at) \
{ \
	const type *versions = PROGRAM_LIST(fold->program, fold->program->section, type); \
\
	for (uint32 i = 0; i < fold->program->section.n; i++) \
	{ \
		if (rule_in_force(fold, &versions[i].rule, at)) \
			return &versions[i]; \
	} \
	return NULL; \
}

VERSION_AT(HoldRule, hold_at, hold)
VERSION_AT(RedeemRule, redeem_at, redeem)
static
VERSION_AT(RefundRule, refund_at, refund)

/* The refund rule for the event being folded; `where` looks at its own tags. */
const RefundRule *
refund_now(Fold *fold)
{
	const RefundRule *rule = refund_at(fold, fold->at);

	return rule && rule_matches(fold, &rule->rule, fold->events[fold->now].tags,
								fold->event_tags[fold->now]) ? rule : NULL;
}

/* which version of tiers is in force, or NONE */
int
tiers_at(const Fold *fold, int64 at)
{
	for (uint32 i = 0; i < fold->program->tiers.n; i++)
	{
		if (rule_in_force(fold, &fold->tiers[i].rule, at))
			return (int) i;
	}
	return NONE;
}

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
	return seen;
}

/* Read the history up to `asof`, all of it: rules may look ahead in an instant. */
static void
read_events(Fold *fold, const uint8 *history, size_t len)
{
	const uint32 seen = kinds_seen(fold->program);
	HistoryCursor cursor;

	fold->nevents = fold->nevent_tags = fold->nevent_refs = 0;
	history_open(&cursor, history, len);
	if (cursor.n > PG_INT32_MAX / 4)
		history_too_large();
	fold_reserve(fold, (void **) &fold->events, &fold->room_events, (int) cursor.n + 1, sizeof(Event));
	fold_reserve(fold, (void **) &fold->event_tags, &fold->room_event_tags, (int) cursor.n, sizeof(int));
	fold_reserve(fold, (void **) &fold->event_refs, &fold->room_event_refs, (int) cursor.n, sizeof(uint64));
	while (history_next(&cursor, &fold->events[fold->nevents]))
	{
		const Event *event = &fold->events[fold->nevents];

		if (event->at > fold->asof)
			break;
		if (!(seen & 1u << event->kind))
			continue;
		fold->event_tags[fold->nevents] = event->has & EVENT_HAS_TAGS ? (int) cursor.columns[ATTRIBUTE_TAGS].id : NONE;
		fold->event_refs[fold->nevents] = event->has & EVENT_HAS_REF_NUMBER ?
			(uint64) event->ref_number : cursor.columns[ATTRIBUTE_REF_TEXT].id;
		fold->nevents++;
	}
	fold->ntags = cursor.n > 0 ? (int) cursor.columns[ATTRIBUTE_TAGS].count : 0;
}

/* A membership begins with the first event, but a subscription is only a promise. */
static int64
first_event(const Fold *fold)
{
	for (int i = 0; i < fold->nevents; i++)
	{
		if (fold->events[i].kind != EVENT_SUBSCRIPTION)
			return fold->events[i].at;
	}
	return fold->asof;
}

static void
begin(Fold *fold)
{
	const Program *p = fold->program;
	size_t		matches = (size_t) p->rules * (fold->ntags + 1);
	int			slots = 16;

	fold->earn = PROGRAM_LIST(p, p->earn, EarnRule);
	fold->multiply = PROGRAM_LIST(p, p->multiply, MultiplyRule);
	fold->bonus = PROGRAM_LIST(p, p->bonus, BonusRule);
	fold->caps = PROGRAM_LIST(p, p->caps, CapRule);
	fold->expire = PROGRAM_LIST(p, p->expire, ExpireRule);
	fold->tiers = PROGRAM_LIST(p, p->tiers, TiersRule);
	fold->metrics = PROGRAM_LIST(p, p->metrics, Metric);

	if (matches > PG_INT32_MAX)
		history_too_large();
	fold_reserve(fold, (void **) &fold->matches, &fold->room_matches, (int) matches, 1);
	memset(fold->matches, 0, matches);

	/* a table of refs, at most half full */
	while (slots < fold->nevents * 2)
		slots *= 2;
	fold_reserve(fold, (void **) &fold->order_table, &fold->room_order_table, slots, sizeof(int));
	fold->norder_table = slots;
	memset(fold->order_table, 0xFF, slots * sizeof(int));

	/* as many as most histories come to, rather than by doubling */
	fold_reserve(fold, (void **) &fold->orders, &fold->room_orders, fold->nevents, sizeof(*fold->orders));
	fold_reserve(fold, (void **) &fold->lines, &fold->room_lines, fold->nevents, sizeof(*fold->lines));
	fold_reserve(fold, (void **) &fold->lots, &fold->room_lots, fold->nevents, sizeof(*fold->lots));
	fold_reserve(fold, (void **) &fold->entries, &fold->room_entries, fold->nevents, sizeof(*fold->entries));

	fold->norders = fold->nlines = fold->nlots = fold->npaid = 0;
	fold->ndue = fold->nredemptions = fold->ntakings = fold->nsuspensions = fold->known_suspensions = 0;
	fold->nentries = fold->nvalues = 0;
	fold->first_at = first_event(fold);
	fold->joined_at = INSTANT_NEVER;
	fold->head = fold->taken_back = 0;
	fold->rated = fold->nowing = 0;
	fold->next_due = INSTANT_NEVER;
	fold->available = fold->pending = fold->debt = 0;
	fold->lifetime = 0;
	fold->overdrawn = false;
	fold->first_order = NONE;

	fold->runs = p->scope == SCOPE_DAY;
	for (uint32 i = 0; i < p->caps.n; i++)
		fold->runs |= fold->caps[i].per != PER_ORDER;
	fold->by_tier = fold->suspends = fold->idles = false;
	for (uint32 i = 0; i < p->multiply.n; i++)
		fold->by_tier |= fold->multiply[i].by.n > 0;
	for (uint32 i = 0; i < p->expire.n; i++)
	{
		fold->reset_at[i] = PG_INT64_MIN;
		fold->idles |= fold->expire[i].kind == EXPIRE_INACTIVITY;
		fold->suspends |= fold->expire[i].resume != RESUME_NONE;
	}
	fold->in_order = !fold->suspends;
	for (uint32 i = 0; i < p->bonus.n; i++)
	{
		fold->bonus_count[i] = 0;
		fold->milestone[i] = 0;
	}
	metrics_prepare(fold);
	tiers_begin(fold);
}

/* Bring the clock to an instant: what it does there comes before any event. */
static void
tick(Fold *fold, int64 at)
{
	for (;;)
	{
		int64		lots = fold->next_due;
		int64		tiers = fold->tier.next;
		int64		next = Min(lots, tiers);

		if (next > at)
			break;
		CHECK_FOR_INTERRUPTS();
		if (lots <= tiers)
			lots_tick(fold, lots);
		if (tiers <= lots)
			tiers_tick(fold, &fold->tier, tiers);
	}
	fold->at = at;
}

static bool
same_order(const Fold *fold, int a, int b)
{
	return event_has_ref(&fold->events[a]) &&
		fold->events[a].at == fold->events[b].at &&
		ref_equal(&fold->events[a], &fold->events[b]);
}

/* The redemptions of this instant that pay for its purchases come before them. */
static void
redeem_first(Fold *fold, int from)
{
	for (int i = from; i < fold->nevents && fold->events[i].at == fold->at; i++)
	{
		if (fold->events[i].kind != EVENT_REDEMPTION)
			continue;
		for (int k = from; fold->events[k].kind == EVENT_PURCHASE && fold->events[k].at == fold->at; k++)
		{
			CHECK_FOR_INTERRUPTS();
			if (same_order(fold, k, i))
			{
				lots_redeem(fold, i);
				fold->events[i].points = 0; /* done */
				break;
			}
		}
	}
}

void
fold_run(Fold *fold, const Program *program, const Bound *bounds, const Zone *zone,
		 const uint8 *history, size_t len, int64 asof)
{
	int64		redeemed_at = PG_INT64_MIN;
	int			i = 0;

	fold->program = program;
	fold->bounds = bounds;
	if (fold->zone != zone)
		fold->hint = fold->hint_after = 0;
	fold->zone = zone;
	fold->asof = asof;
	fold->booking = false;
	read_events(fold, history, len);
	begin(fold);
	fold_emit(fold, asof, ENTRY_BEGIN, 0, NULL, NONE);

	while (i < fold->nevents)
	{
		const Event *event = &fold->events[i];
		int			until = i + 1;
		int			tier;
		int			lots;

		CHECK_FOR_INTERRUPTS();
		/* a subscription comes before what the clock does in its instant */
		tick(fold, event->kind == EVENT_SUBSCRIPTION ? event->at - 1 : event->at);
		fold->at = event->at;
		if (event->kind == EVENT_PURCHASE && redeemed_at != event->at &&
			until < fold->nevents && fold->events[until].at == event->at)
		{
			redeem_first(fold, i);
			redeemed_at = event->at;
		}
		fold->now = i;
		fold->booking = true;
		tier = fold->tier.tier;
		lots = fold->nlots;
		switch ((EventKind) event->kind)
		{
			case EVENT_ACTIVITY:
				if (fold->joined_at == INSTANT_NEVER && event->name.len == 6 &&
					memcmp(event->name.data, "joined", 6) == 0)
					fold->joined_at = event->at;
				expire_reset(fold, i);
				bonus_activity(fold, i);
				break;
			case EVENT_PURCHASE:
				while (until < fold->nevents && fold->events[until].kind == EVENT_PURCHASE &&
					   same_order(fold, i, until))
					until++;
				expire_reset(fold, i);
				order_buy(fold, i, until);
				break;
			case EVENT_REFUND:
				expire_reset(fold, i);
				order_refund(fold, i);
				break;
			case EVENT_REDEMPTION:
				if (event->points > 0)
					lots_redeem(fold, i);
				break;
			case EVENT_ADJUSTMENT:
				expire_reset(fold, i);
				lots_adjust(fold, i);
				break;
			case EVENT_EXPENSE:
				expire_reset(fold, i);
				metrics_expense(fold, i);
				break;
			case EVENT_GRANT:
				expire_reset(fold, i);
				tiers_grant(fold, i);
				break;
			case EVENT_SUBSCRIPTION:
				expire_reset(fold, i);
				break;
			case EVENT_USAGE:
			case EVENT_ADVANCE:
			case EVENT_REPAYMENT:
				break;
		}
		fold->booking = false;
		if (fold->suspends)
		{
			expire_suspend(fold, fold->at, tier, fold->tier.tier);
			for (; lots < fold->nlots; lots++)
				lot_governed(fold, &fold->lots[lots]);
			lots_look_again(fold);
		}
		i = until;
	}
	tick(fold, asof);
}
