/*
 * expire.c
 *		Which rules end a lot, and which lot is the next to end.
 *
 * The rules in force when a lot was earned govern it for good.  Its end is the
 * earliest that any of them gives.  Where nothing moves that, it is known at
 * once.  Ends that move are kept by rule:
 *
 *		Lots under a rule of inactivity share one deadline, that of the last
 *		reset.  When it comes, all of them die.  Lots under a plan share the end of
 *		that as it is known; when it has come they keep it, whatever follows.
 *
 *		Others have a key (suspend.c), in whose order they end as things are
 *		foreseen, whatever is foreseen: those that would have ended before the
 *		last reset or before there was one, and those whose rule tiers suspend.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

#define RULE_BIT(i) (UINT64CONST(1) << (i))

/* the rules of a set of bits, from the first on */
#define FOR_RULES(i, bits) \
	for (uint64 left_ = (bits), i = 0; left_ != 0 && (i = pg_rightmost_one_pos64(left_), true); left_ &= left_ - 1)

/* Do lots share one deadline under a rule? */
static inline bool
is_shared(const ExpireRule *rule)
{
	return rule->kind == EXPIRE_INACTIVITY || rule->kind == EXPIRE_PLAN_END;
}

void
expire_begin(Fold *fold)
{
	Expiry	   *expiry = &fold->expiry;

	expiry->idles = expiry->since_release = false;
	expiry->moving = 0;
	expiry->ndue = 0;
	for (uint32 i = 0; i < fold->rules.program->expire.n; i++)
	{
		const ExpireRule *rule = &fold->rules.expire[i];
		Lifetime	   *term = &expiry->lifetimes[i];

		if (!is_shared(rule) && rule->resume == RESUME_NONE)
			continue;
		expiry->moving |= RULE_BIT(i);
		expiry->idles |= rule->kind == EXPIRE_INACTIVITY;
		expiry->since_release |= rule->kind == EXPIRE_AGE && rule->since_release;
		term->reset_at = PG_INT64_MIN;
		term->deadline = INSTANT_NEVER;
		term->plan_held = false;
		term->nsharing = term->nranked = term->nstarted = 0;
		term->again_at = PG_INT64_MIN;
		for (int state = 0; state < 2; state++)
			queue_begin(&term->holding[state]);
		ranking_begin(&term->keys, fold->rules.expire[i].resume == RESUME_FREEZE);
		ranking_begin(&term->again, false);
	}
}

/* ---------------- ends ---------------- */

/* Since when the rule counts for the lot; PG_INT64_MIN if it has not begun. */
static int64
counts_from(const Fold *fold, const Lot *lot, int i)
{
	const ExpireRule *rule = &fold->rules.expire[i];
	int64		reset_at = fold->expiry.lifetimes[i].reset_at;

	if (rule->kind == EXPIRE_INACTIVITY)
		return lot->life.own & RULE_BIT(i) ? Max(lot->earned_at, reset_at) : reset_at;
	return rule->kind == EXPIRE_AGE && rule->since_release ? lot->active_at : lot->earned_at;
}

/* Does the rule count from a release that is still to come? */
static inline bool
awaits_release(const Fold *fold, const Lot *lot, int i)
{
	return lot->state == LOT_PENDING && fold->rules.expire[i].kind == EXPIRE_AGE && fold->rules.expire[i].since_release;
}

/* The end that a rule gives a lot. */
static int64
rule_end(Fold *fold, int l, int i)
{
	const Lot  *lot = &fold->points.lots[l];
	Lifetime	   *term = &fold->expiry.lifetimes[i];

	if (lot->state != LOT_DEAD && (fold->expiry.moving & RULE_BIT(i)))
	{
		if (lot->life.shares & RULE_BIT(i))
			return term->deadline;
		if (ranking_has(&term->again, l))
			return fold->suspensions.rules[i].again_end;
		if (ranking_has(&term->keys, l))
			return rule_end_of_key(fold, i, term->keys.nodes[l].key);
	}
	return rule_end_from(fold, i, counts_from(fold, lot, i));
}

int64
lot_end(Fold *fold, int l)
{
	const Life *life = &fold->points.lots[l].life;
	int64		end = life->fixed_end;

	FOR_RULES(i, life->rules & fold->expiry.moving)
		end = Min(end, rule_end(fold, l, (int) i));
	return end;
}

const char *
lot_end_rule(Fold *fold, int l)
{
	int			earliest = NONE;
	int64		end = INSTANT_NEVER;

	if (fold->trail.write == NULL)
		return NULL;
	FOR_RULES(i, fold->points.lots[l].life.rules)
	{
		int64		by = rule_end(fold, l, (int) i);

		if (by < end)
		{
			end = by;
			earliest = (int) i;
		}
	}
	return earliest == NONE ? NULL : rule_label(fold, &fold->rules.expire[earliest].rule, "expire", earliest);
}

/* ---------------- what governs a lot ---------------- */

static int
groups_of(const Lot *lot)
{
	int			groups = lot->state == LOT_DEAD ? 0 : RANK_BIT(RANK_LIVE);

	if (lot->remaining > 0)
		groups |= lot->state == LOT_OPEN ? RANK_BIT(RANK_OPEN) : lot->state == LOT_PENDING ? RANK_BIT(RANK_PENDING) : 0;
	return groups;
}

static inline bool
holds_points(const Lot *lot)
{
	return lot->state != LOT_DEAD && lot->remaining > 0;
}

/* The lot shares the rule's deadline. */
static void
share(Fold *fold, int l, int i)
{
	Lot		   *lot = &fold->points.lots[l];
	Lifetime	   *term = &fold->expiry.lifetimes[i];

	lot->life.shares |= RULE_BIT(i);
	*PUSH_TO(fold, term, sharing) = l;
	if (holds_points(lot))
		queue_push(fold, &term->holding[lot->state == LOT_PENDING], lot->earned_at, l);
}

/* The lot gets a key. */
static void
rank(Fold *fold, int l, int i)
{
	Lot		   *lot = &fold->points.lots[l];
	Lifetime	   *term = &fold->expiry.lifetimes[i];
	int64		from = counts_from(fold, lot, i);

	lot->life.ranks |= RULE_BIT(i);
	ranking_drop(&term->keys, l);
	ranking_drop(&term->again, l);
	if (awaits_release(fold, lot, i))
		return;
	/* one that has just come under the rule may have been due before it was suspended */
	if (fold->rules.expire[i].resume == RESUME_RESTART && from < fold->suspensions.rules[i].started_again &&
		rule_end_from(fold, i, from) > fold->at)
	{
		ranking_set(fold, &term->again, l, 0, groups_of(lot));
		*PUSH_TO(fold, term, started) = l;
	}
	else
	{
		ranking_set(fold, &term->keys, l, rule_key_from(fold, i, from), groups_of(lot));
		*PUSH_TO(fold, term, ranked) = l;
	}
}

static bool
governs(Fold *fold, const Lot *lot, const Rule *rule)
{
	Text		none = {0};

	if (!rule_in_force(fold, rule, lot->earned_at))
		return false;
	return lot->first_line != NONE ? lines_match(fold, rule, lot->first_line, lot->until_line) :
		rule_matches(fold, rule, lot->tags_id == NONE ? none : fold->events[lot->event].tags, lot->tags_id);
}

/*
 * Does the lot not share the deadline?  Under a rule of inactivity its clock may
 * start with it; a plan that it was to die with may have ended.
 */
static bool
is_alone(Fold *fold, const Lot *lot, int i)
{
	const ExpireRule *rule = &fold->rules.expire[i];
	const Lifetime *term = &fold->expiry.lifetimes[i];

	if (rule->kind == EXPIRE_PLAN_END)
		return plans_end_after(fold, &rule->plans, lot->earned_at) <= fold->at;
	/* as last foreseen: a suspension of which nothing is foreseen yet has no end */
	return term->reset_at == PG_INT64_MIN || term->deadline <= lot->earned_at;
}

void
lot_governed(Fold *fold, int l)
{
	Lot		   *lot = &fold->points.lots[l];
	Life		before = lot->life;

	lot->life.rules = lot->life.own = 0;
	lot->life.fixed_end = lot->ends_at;
	for (uint32 i = 0; i < fold->rules.program->expire.n; i++)
	{
		const ExpireRule *rule = &fold->rules.expire[i];

		if ((!is_shared(rule) && lot->ends_at != INSTANT_NEVER) || !governs(fold, lot, &rule->rule))
			continue;
		lot->life.rules |= RULE_BIT(i);
		if (is_shared(rule))
			lot->life.own |= is_alone(fold, lot, (int) i) ? RULE_BIT(i) : 0;
		else if (rule->resume == RESUME_NONE)
			lot->life.fixed_end = Min(lot->life.fixed_end, rule_end_from(fold, (int) i, counts_from(fold, lot, (int) i)));
	}
	if (fold->expiry.moving == 0 || lot->state == LOT_DEAD)
		return;

	lot->life.shares &= lot->life.rules & ~lot->life.own;
	FOR_RULES(i, lot->life.rules & fold->expiry.moving & ~lot->life.shares)
	{
		if (is_shared(&fold->rules.expire[i]) && !(lot->life.own & RULE_BIT(i)))
			share(fold, l, (int) i);
	}
	lot->life.ranks = 0;
	FOR_RULES(i, lot->life.rules & fold->expiry.moving & ~lot->life.shares)
		rank(fold, l, (int) i);
	FOR_RULES(i, before.ranks & ~lot->life.ranks)
	{
		ranking_drop(&fold->expiry.lifetimes[i].keys, l);
		ranking_drop(&fold->expiry.lifetimes[i].again, l);
	}
}

void
lot_moved(Fold *fold, int l)
{
	Lot		   *lot = &fold->points.lots[l];

	FOR_RULES(i, lot->life.ranks)
	{
		Lifetime	   *term = &fold->expiry.lifetimes[i];

		if (lot->state == LOT_DEAD)
		{
			ranking_drop(&term->keys, l);
			ranking_drop(&term->again, l);
		}
		else if (ranking_has(&term->again, l))
			ranking_set(fold, &term->again, l, 0, groups_of(lot));
		else if (ranking_has(&term->keys, l))
			ranking_set(fold, &term->keys, l, term->keys.nodes[l].key, groups_of(lot));
		else
			rank(fold, l, (int) i);		/* its release was awaited */
	}
	if (!holds_points(lot))
		return;
	FOR_RULES(i, lot->life.shares)
		queue_push(fold, &fold->expiry.lifetimes[i].holding[lot->state == LOT_PENDING], lot->earned_at, l);
}

/* ---------------- resets and suspensions ---------------- */

static bool
resets(const Fold *fold, const ExpireRule *rule, const Event *event)
{
	const ProgramName *names = PROGRAM_LIST(fold->rules.program, rule->reset_names, ProgramName);

	if (rule->kind != EXPIRE_INACTIVITY)
		return false;
	if (rule->reset_kinds & (1 << event->kind))
		return true;
	for (uint32 n = 0; n < rule->reset_names.n && event->kind == EVENT_ACTIVITY; n++)
	{
		if (names[n].len == event->name.len &&
			memcmp(PROGRAM_NAME(fold->rules.program, names[n]), event->name.data, names[n].len) == 0)
			return true;
	}
	return false;
}

/* From now on lots with a clock of their own share the rule's. */
static void
share_all(Fold *fold, int i, const int *lots, int n)
{
	Lifetime	   *term = &fold->expiry.lifetimes[i];

	for (int k = 0; k < n; k++)
	{
		Lot		   *lot = &fold->points.lots[lots[k]];

		CHECK_FOR_INTERRUPTS();
		if (lot->state == LOT_DEAD || !(lot->life.ranks & RULE_BIT(i)))
			continue;
		lot->life.ranks &= ~RULE_BIT(i);
		ranking_drop(&term->keys, lots[k]);
		ranking_drop(&term->again, lots[k]);
		share(fold, lots[k], i);
	}
}

void
expire_reset(Fold *fold, int e)
{
	const Event *event = &fold->events[e];

	if (!fold->expiry.idles)
		return;
	FOR_RULES(i, fold->expiry.moving)
	{
		Lifetime	   *term = &fold->expiry.lifetimes[i];

		if (!resets(fold, &fold->rules.expire[i], event))
			continue;
		term->reset_at = event->at;
		term->deadline = rule_end_from(fold, (int) i, event->at);
		share_all(fold, (int) i, term->ranked, term->nranked);
		share_all(fold, (int) i, term->started, term->nstarted);
		term->nranked = term->nstarted = 0;
	}
}

/* The plan has ended: those that shared its end keep it. */
static void
keep_end(Fold *fold, int i)
{
	Lifetime   *term = &fold->expiry.lifetimes[i];

	for (int k = 0; k < term->nsharing; k++)
	{
		Lot		   *lot = &fold->points.lots[term->sharing[k]];

		CHECK_FOR_INTERRUPTS();
		if (lot->state == LOT_DEAD || !(lot->life.shares & RULE_BIT(i)))
			continue;
		lot->life.shares &= ~RULE_BIT(i);
		lot->life.own |= RULE_BIT(i);
		rank(fold, term->sharing[k], i);
	}
	term->nsharing = 0;
	term->deadline = INSTANT_NEVER;
}

void
expire_plans(Fold *fold, int64 at)
{
	FOR_RULES(i, fold->expiry.moving)
	{
		const ExpireRule *rule = &fold->rules.expire[i];
		Lifetime   *term = &fold->expiry.lifetimes[i];
		bool		held;

		if (rule->kind != EXPIRE_PLAN_END)
			continue;
		held = plans_hold(fold, &rule->plans, at);
		if (held)
			term->deadline = rule_end_from(fold, (int) i, at);
		else if (term->plan_held)
			keep_end(fold, (int) i);
		term->plan_held = held;
	}
}

/* Under `restart`, lots that lived when the last suspension ended are started again. */
static void
start_again(Fold *fold, int i)
{
	Lifetime	   *term = &fold->expiry.lifetimes[i];
	int64		again_at = fold->suspensions.rules[i].started_again;
	int			kept = 0;

	if (term->again_at == again_at)
		return;
	term->again_at = again_at;
	for (int k = 0; k < term->nranked; k++)
	{
		int			l = term->ranked[k];
		const Lot  *lot = &fold->points.lots[l];

		CHECK_FOR_INTERRUPTS();
		if (!ranking_has(&term->keys, l))
			continue;
		if (counts_from(fold, lot, i) >= again_at)
		{
			term->ranked[kept++] = l;
			continue;
		}
		ranking_drop(&term->keys, l);
		ranking_set(fold, &term->again, l, 0, groups_of(lot));
		*PUSH_TO(fold, term, started) = l;
	}
	term->nranked = kept;
}

void
expire_look_again(Fold *fold)
{
	FOR_RULES(i, fold->expiry.moving)
	{
		const ExpireRule *rule = &fold->rules.expire[i];
		Lifetime	   *term = &fold->expiry.lifetimes[i];

		if (rule->kind == EXPIRE_INACTIVITY && term->reset_at != PG_INT64_MIN)
			term->deadline = rule_end_from(fold, (int) i, term->reset_at);
		if (rule->resume == RESUME_RESTART)
			start_again(fold, (int) i);
	}
}

/* ---------------- the first to end ---------------- */

/* One of the lots that might come first. */
typedef struct Candidate
{
	int			lot;			/* NONE */
	int64		end;
} Candidate;

static void
consider(const Fold *fold, Candidate *best, int lot, int64 end)
{
	if (lot != NONE &&
		(best->lot == NONE || end < best->end || (end == best->end && lot != best->lot && lot_before(fold, lot, best->lot))))
		*best = (Candidate) {lot, end};
}

/* The first of the lots that have keys under a rule. */
static void
consider_keys(Fold *fold, Candidate *best, int i, RankGroup group)
{
	Lifetime	   *term = &fold->expiry.lifetimes[i];
	int64		key = ranking_least(&term->keys, group);
	int64		least = key;
	int64		end;
	int64		most;
	int64		next;

	while (key != PG_INT64_MAX)
	{
		CHECK_FOR_INTERRUPTS();
		next = rule_same_end(fold, i, key, &end, &most);
		/* by no more than a day does a clock part ends from their keys */
		if (key > least + USECS_PER_DAY && end > best->end)
			break;
		consider(fold, best, ranking_first(&term->keys, group, key, most), end);
		if (next == PG_INT64_MAX)
			break;
		key = ranking_least_from(&term->keys, group, next);
	}
	consider(fold, best, ranking_first(&term->again, group, PG_INT64_MIN, PG_INT64_MAX), fold->suspensions.rules[i].again_end);
}

int64
expire_next(Fold *fold)
{
	int64		next = INSTANT_NEVER;

	FOR_RULES(i, fold->expiry.moving)
	{
		Lifetime	   *term = &fold->expiry.lifetimes[i];
		Candidate	first = {NONE, INSTANT_NEVER};

		if (term->nsharing > 0)
			next = Min(next, term->deadline);
		consider_keys(fold, &first, (int) i, RANK_LIVE);
		next = Min(next, first.end);
	}
	return next;
}

void
expire_due(Fold *fold, int64 at)
{
	Expiry	   *expiry = &fold->expiry;

	expiry->ndue = 0;
	FOR_RULES(i, expiry->moving)
	{
		Lifetime	   *term = &expiry->lifetimes[i];
		Candidate	first;

		for (int k = 0; k < term->nsharing && term->deadline <= at; k++)
		{
			CHECK_FOR_INTERRUPTS();
			if (fold->points.lots[term->sharing[k]].life.shares & RULE_BIT(i))
				*PUSH_TO(fold, expiry, due) = term->sharing[k];
		}
		if (term->deadline <= at)
			term->nsharing = 0;
		for (;;)
		{
			CHECK_FOR_INTERRUPTS();
			first = (Candidate) {NONE, INSTANT_NEVER};
			consider_keys(fold, &first, (int) i, RANK_LIVE);
			if (first.lot == NONE || first.end > at)
				break;
			*PUSH_TO(fold, expiry, due) = first.lot;
			ranking_drop(&term->keys, first.lot);
			ranking_drop(&term->again, first.lot);
		}
	}
}

/* Does a lot still hold points in the state, under the deadline it shares?  arg: rule x 2 + is pending */
static bool
shares_still(const Fold *fold, const Place *place, int arg)
{
	const Lot  *lot = &fold->points.lots[place->lot];

	return lot->remaining > 0 && lot->state == (arg & 1 ? LOT_PENDING : LOT_OPEN) &&
		(lot->life.shares & RULE_BIT(arg >> 1));
}

int
expire_first(Fold *fold, RankGroup group, int64 *end)
{
	Candidate	first = {NONE, INSTANT_NEVER};
	int			pending = group == RANK_PENDING;

	FOR_RULES(i, fold->expiry.moving)
	{
		Lifetime	   *term = &fold->expiry.lifetimes[i];
		const Place *place = queue_first(fold, &term->holding[pending], shares_still, (int) i * 2 + pending);

		if (place)
			consider(fold, &first, place->lot, term->deadline);
		consider_keys(fold, &first, (int) i, group);
	}
	*end = first.end;
	return first.lot;
}
