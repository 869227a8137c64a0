/*
 * vouchers.c
 *		Points that become vouchers; these are used, or die.
 *
 * Where nothing is there to be settled no day is looked at: a long time in
 * which nothing happens costs nothing.  Vouchers that were issued together are
 * kept as one, however many they are.
 */
#include "postgres.h"

#include "standing/fold.h"
#include "standing/settling.h"

#include "miscadmin.h"

static inline const VoucherRule *
rule_of(const Fold *fold, int i)
{
	return &PROGRAM_LIST(fold->rules.program, fold->rules.program->vouchers, VoucherRule)[i];
}

static inline int
nrules(const Fold *fold)
{
	return (int) fold->rules.program->vouchers.n;
}

void
vouchers_begin(Fold *fold)
{
	Vouchers   *vouchers = &fold->vouchers;

	vouchers->any = nrules(fold) > 0;
	vouchers->at_threshold = vouchers->instant_ends = false;
	vouchers->nissues = vouchers->nuses = 0;
	vouchers->issued = 0;
	vouchers->open_value = 0;
	vouchers->settled_at = vouchers->begun_at = PG_INT64_MIN;
	heap_begin(&vouchers->lapses);
	if (!vouchers->any)
		return;
	for (int i = 0; i < nrules(fold); i++)
	{
		vouchers->at_threshold |= rule_of(fold, i)->every == 0;
		vouchers->next[i] = PG_INT64_MIN;
	}
	RESERVE(fold, vouchers, used, fold->nrefs);
	memset(vouchers->used, 0, fold->nrefs * sizeof(bool));
}

void
vouchers_join(Fold *fold)
{
	for (int i = 0; i < nrules(fold); i++)
		fold->vouchers.next[i] = PG_INT64_MIN;
}

/* ---------------- names ---------------- */

static const char prefix[] = "voucher ";

void
voucher_name(int64 number, char *name)
{
	pg_snprintf(name, VOUCHER_NAME_SIZE, "%s" INT64_FORMAT, prefix, number);
}

/* Is a ref the name of a voucher?  A number too long for any is that of none. */
static bool
voucher_number(const Event *event, int64 *number)
{
	const uint8 *p = event->ref_text.data;
	const uint8 *end;

	if (!(event->has & EVENT_HAS_REF_TEXT) || event->ref_text.len < 1 + strlen(prefix) + 1 || p[0] != REF_TEXT ||
		memcmp(p + 1, prefix, strlen(prefix)) != 0)
		return false;
	end = p + event->ref_text.len;
	p += 1 + strlen(prefix);
	if (*p == '0')
		return false;
	for (*number = 0; p < end && *p >= '0' && *p <= '9'; p++)
		*number = *number > PG_INT64_MAX / 10 - 1 ? PG_INT64_MAX / 10 : *number * 10 + (*p - '0');
	return p == end;
}

/* A row of the statement for a voucher, which is the ref. */
static void
emit(Fold *fold, EntryKind kind, int64 at, int64 number, Decimal points, const char *label)
{
	uint8		text[1 + VOUCHER_NAME_SIZE];
	Event		event;

	text[0] = REF_TEXT;
	voucher_name(number, (char *) text + 1);
	event_init(&event, EVENT_REDEMPTION, at);
	event.has |= EVENT_HAS_REF_TEXT;
	event.ref_text = (Text) {text, (uint32) (1 + strlen((char *) text + 1))};
	fold_emit_for(fold, at, kind, points, label, &event);
}

static const char *
label_of(const Fold *fold, int i)
{
	return rule_label(fold, &rule_of(fold, i)->rule, "vouchers", i);
}

/* ---------------- settling ---------------- */

static int64
end_of(Fold *fold, const VoucherRule *rule, int64 at)
{
	int64		end;

	if (rule->valid.months == 0 && rule->valid.days == 0 && rule->valid.time == 0)
		return INSTANT_NEVER;
	end = clock_add(&fold->clock, at, &rule->valid, 1);
	return rule->snap == SNAP_NONE || end == INSTANT_NEVER ? end :
		clock_snap(&fold->clock, end, false, (Snap) rule->snap, (int) rule->snap_month, (int) rule->snap_day);
}

/* So many steps have become vouchers. */
static void
issue(Fold *fold, int i, int64 steps)
{
	Vouchers   *vouchers = &fold->vouchers;
	const VoucherRule *rule = rule_of(fold, i);
	int64		alike = rule->each ? 1 : steps;	/* steps of each */
	const char *label = label_of(fold, i);
	Issue	   *issue;

	*PUSH_TO(fold, vouchers, issues) = (Issue) {.rule = i, .at = fold->at, .last_use = NONE};
	issue = &vouchers->issues[vouchers->nissues - 1];
	issue->expires_at = end_of(fold, rule, fold->at);
	issue->first = vouchers->issued + 1;
	issue->count = steps / alike;
	issue->points = rule->points * alike;
	if (__builtin_mul_overflow(rule->value, alike, &issue->value) || issue->value >= DECIMAL_LIMIT ||
		__builtin_add_overflow(vouchers->issued, issue->count, &vouchers->issued))
		fold_overflow();
	vouchers->open_value += (int128) issue->value * issue->count;
	if (issue->expires_at != INSTANT_NEVER)
		heap_push(fold, &vouchers->lapses, issue->expires_at, vouchers->nissues - 1);
	for (int64 k = 0; fold->trail.write && k < issue->count; k++)
	{
		/* as if one had followed the other */
		Decimal		rest = issue->points * (issue->count - 1 - k);

		CHECK_FOR_INTERRUPTS();
		fold->points.available += rest;
		emit(fold, ENTRY_ISSUE, fold->at, issue->first + k, -issue->points, label);
		fold->points.available -= rest;
	}
}

/* Is a rule for the member as they are now? */
static bool
is_for_member(const Fold *fold, const VoucherRule *rule)
{
	const uint32 *tiers = PROGRAM_LIST(fold->rules.program, rule->tiers, uint32);
	bool		has_tier = rule->tiers.n == 0;

	for (uint32 k = 0; k < rule->tiers.n && !has_tier; k++)
		has_tier = (int) tiers[k] == fold->tiers.now.tier;
	return has_tier && (rule->plans.n == 0 || plans_hold(fold, &rule->plans, fold->at));
}

bool
voucher_rule_acts(const Fold *fold, const VoucherRule *rule)
{
	return rule_in_force(fold, &rule->rule, fold->at) && is_for_member(fold, rule);
}

/* Fewer points make no voucher. */
static inline Decimal
least_of(const VoucherRule *rule)
{
	return Max(rule->minimum, rule->points);
}

/* Are there points for one? */
static inline bool
may_settle(const Fold *fold, const VoucherRule *rule)
{
	return fold->points.available - fold->points.debt >= least_of(rule);
}

/* Lots earned from here on do not count on a day. */
static int64
closes_at(Fold *fold, const VoucherRule *rule, int64 at)
{
	if (rule->closing.months == 0 && rule->closing.days == 0 && rule->closing.time == 0)
		return INSTANT_NEVER;
	return clock_add(&fold->clock, at, &rule->closing, -1);
}

Decimal
voucher_points(Fold *fold, const VoucherRule *rule, int64 settles_at)
{
	return fold->points.available - fold->points.debt - points_since(fold, closes_at(fold, rule, settles_at));
}

static void
settle(Fold *fold, int i)
{
	const VoucherRule *rule = rule_of(fold, i);
	Decimal		points;

	if (!may_settle(fold, rule) || !voucher_rule_acts(fold, rule))
		return;
	points = voucher_points(fold, rule, fold->at);
	if (points < least_of(rule))
		return;
	points_convert(fold, points / rule->points * rule->points, closes_at(fold, rule, fold->at));
	issue(fold, i, points / rule->points);
}

/* ---------------- the clock ---------------- */

/* When a rule settles or begins, from an instant on, if all stays as it is. */
static int64
rule_next(Fold *fold, int i, int64 from)
{
	Vouchers   *vouchers = &fold->vouchers;
	const VoucherRule *rule = rule_of(fold, i);
	const Bound *bound = &fold->rules.bounds[rule->rule.id];

	if (!may_settle(fold, rule) || !is_for_member(fold, rule))
		return INSTANT_NEVER;
	from = Max(from, bound->from);
	if (rule->every == 0)
		return bound->from == from && bound->from > vouchers->begun_at ? bound->from : INSTANT_NEVER;
	if (vouchers->next[i] < from)
		vouchers->next[i] = settles_after(&fold->clock, rule, from - 1);
	return vouchers->next[i] < bound->until ? vouchers->next[i] : INSTANT_NEVER;
}

int64
vouchers_next(Fold *fold)
{
	Vouchers   *vouchers = &fold->vouchers;
	const HeapItem *lapse = heap_first(&vouchers->lapses);
	int64		from = Max(vouchers->settled_at + 1, fold->at);
	int64		next = lapse ? lapse->key : INSTANT_NEVER;

	for (int i = 0; i < nrules(fold); i++)
		next = Min(next, rule_next(fold, i, from));
	return next;
}

/* Vouchers that have not been used die. */
static void
lapse(Fold *fold, const Issue *issue, int64 at)
{
	const char *label = label_of(fold, issue->rule);
	const Use  *uses;
	int64		k = 0;

	fold->vouchers.open_value -= (int128) issue->value * (issue->count - issue->nused);
	if (fold->trail.write == NULL)
		return;
	uses = voucher_uses(fold, issue);
	for (int64 number = issue->first; number < issue->first + issue->count; number++)
	{
		CHECK_FOR_INTERRUPTS();
		if (k < issue->nused && uses[k].number == number)
			k++;
		else
			emit(fold, ENTRY_LAPSE, at, number, 0, label);
	}
}

void
vouchers_tick(Fold *fold, int64 at)
{
	Vouchers   *vouchers = &fold->vouchers;
	const HeapItem *first;

	while ((first = heap_first(&vouchers->lapses)) != NULL && first->key <= at)
	{
		lapse(fold, &vouchers->issues[first->item], at);
		heap_drop(&vouchers->lapses);
	}
	for (int i = 0; i < nrules(fold); i++)
	{
		const VoucherRule *rule = rule_of(fold, i);

		if (rule->every == 0)
			vouchers->instant_ends |= fold->rules.bounds[rule->rule.id].from == at;
		else if (vouchers->next[i] == at)
		{
			settle(fold, i);
			vouchers->next[i] = settles_after(&fold->clock, rule, at);
		}
	}
	vouchers->begun_at = at;
}

void
vouchers_clock_done(Fold *fold, int64 at)
{
	fold->vouchers.settled_at = at;
}

void
vouchers_end_instant(Fold *fold)
{
	Vouchers   *vouchers = &fold->vouchers;

	vouchers->instant_ends = false;
	vouchers->begun_at = fold->at;
	for (int i = 0; i < nrules(fold); i++)
	{
		if (rule_of(fold, i)->every == 0)
			settle(fold, i);
	}
}

/* ---------------- using ---------------- */

/* The issue with a number, NULL if it has not been issued. */
static Issue *
issue_of(Vouchers *vouchers, int64 number)
{
	int			low = 0;
	int			high = vouchers->nissues;

	if (number > vouchers->issued)
		return NULL;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (vouchers->issues[middle].first <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return &vouchers->issues[low - 1];
}

bool
vouchers_use(Fold *fold, int e)
{
	Vouchers   *vouchers = &fold->vouchers;
	const Event *event = &fold->events[e];
	Issue	   *issue;
	int64		number;

	if (!vouchers->any || !voucher_number(event, &number))
		return false;
	issue = issue_of(vouchers, number);
	if (issue == NULL || vouchers->used[fold->event_refs[e]] || issue->expires_at <= event->at)
	{
		vouchers->refusal = issue == NULL ? VOUCHER_UNKNOWN :
			vouchers->used[fold->event_refs[e]] ? VOUCHER_USED : VOUCHER_EXPIRED;
		fold->points.overdrawn = true;
		fold_emit(fold, event->at, ENTRY_REFUSED, 0, NULL, e);
		return true;
	}
	vouchers->used[fold->event_refs[e]] = true;
	*PUSH_TO(fold, vouchers, uses) = (Use) {number, event->at, issue->last_use};
	issue->last_use = vouchers->nuses - 1;
	issue->nused++;
	vouchers->open_value -= issue->value;
	fold_emit(fold, event->at, ENTRY_USE, 0, label_of(fold, issue->rule), e);
	return true;
}

static int
compare_uses(const void *a, const void *b)
{
	const Use  *ua = a;
	const Use  *ub = b;

	return (ua->number > ub->number) - (ua->number < ub->number);
}

Use *
voucher_uses(const Fold *fold, const Issue *issue)
{
	Use		   *uses = palloc(Max(issue->nused, 1) * sizeof(Use));
	int			n = 0;

	for (int u = issue->last_use; u != NONE; u = fold->vouchers.uses[u].previous)
		uses[n++] = fold->vouchers.uses[u];
	qsort(uses, n, sizeof(Use), compare_uses);
	return uses;
}
