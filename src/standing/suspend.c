/*
 * suspend.c
 *		When a rule of expiry ends what it governs.
 *
 * Suspensions of a rule are a list that changes with the member's tier; of what
 * is foreseen perhaps with each event.  An end is worked out from all of them
 * (rule_end_from).  For lots that live it is enough to know a key that stays as
 * it is, and the few suspensions that are not over:
 *
 *		none, original	the key is the end without any; one that comes in a
 *						suspension waits until that ends
 *		restart			the same, but those that live when a suspension begins
 *						all get a new end; those that have lived through one
 *						have it in common
 *		freeze			the key is the local time of the end, less what was
 *						suspended before the lot; what was suspended since is
 *						added, then it is snapped
 *
 * A lesser key never comes to a later end, but where clocks skip an hour.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

static inline bool
is_empty(const Suspension *s)
{
	return s->until == s->from;
}

/* ---------------- ends ---------------- */

static int64
snapped(Fold *fold, int64 end, const ExpireRule *rule)
{
	if (rule->snap == SNAP_NONE || end == INSTANT_NEVER)
		return end;
	return clock_snap(&fold->clock, end, false, (Snap) rule->snap, rule->snap_month, rule->snap_day);
}

/* The end of the period in which an instant lies. */
static int64
period_end(Fold *fold, const ExpireRule *rule, int64 at)
{
	static const Span one_year = {12, 0, 0};

	if (rule->period == END_MEMBERSHIP_YEAR)
	{
		int64		local = clock_to_local(&fold->clock, at);
		int64		anchor = clock_anchor(&fold->clock, at);

		return clock_from_local(&fold->clock, local_add(anchor, &one_year, local_years(anchor, local) + 1));
	}
	/* strictly after: a period begins at its midnight */
	return clock_snap(&fold->clock, at, true, rule->period == END_CALENDAR_YEAR ? SNAP_YEAR : SNAP_MONTH_DAY,
					  rule->period_month, rule->period_day);
}

/* The end without suspensions, before it is snapped. */
static int64
term_end(Fold *fold, const ExpireRule *rule, int64 from)
{
	switch ((ExpireKind) rule->kind)
	{
		case EXPIRE_PERIOD_END:
			return period_end(fold, rule, from);
		case EXPIRE_PLAN_END:
			return plans_end_after(fold, &rule->plans, from);
		default:
			return clock_add(&fold->clock, from, &rule->after, 1);
	}
}

/* The same on the local clock, even where that skips it or shows it twice. */
static int64
term_end_local(Fold *fold, const ExpireRule *rule, int64 from)
{
	int64		end = term_end(fold, rule, from);

	if (end == INSTANT_NEVER)
		return INSTANT_LIMIT;
	return rule->kind == EXPIRE_PERIOD_END ? clock_to_local(&fold->clock, end) :
		local_add(clock_to_local(&fold->clock, from), &rule->after, 1);
}

/* The first suspension that is not over at an instant. */
static int
first_after(const Suspended *s, int64 at)
{
	int			low = 0;
	int			high = s->ntimes;

	/* mostly one of the last */
	if (s->past > 0 && s->times[s->past - 1].until <= at)
		low = s->past;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (s->times[middle].until <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Local time from the start of a suspension to an instant. */
static int64
local_since(Fold *fold, const Suspension *s, int64 at)
{
	return clock_to_local(&fold->clock, at) - clock_to_local(&fold->clock, Max(s->from, INSTANT_MIN));
}

/*
 * With what tiers and plans suspend.  Suspensions are in order; one that comes too late
 * changes nothing: a lot that is due exactly when the tier starts dies.
 */
int64
rule_end_from(Fold *fold, int i, int64 from)
{
	const ExpireRule *rule = &fold->rules.expire[i];
	const Suspended *suspended = &fold->suspensions.rules[i];
	int64		end = snapped(fold, term_end(fold, rule, from), rule);
	int64		local = 0;

	if (rule->resume == RESUME_NONE || suspended->ntimes == 0)
		return end;
	if (rule->resume == RESUME_FREEZE)
		local = term_end_local(fold, rule, from);
	for (int k = first_after(suspended, from); k < suspended->ntimes; k++)
	{
		const Suspension *s = &suspended->times[k];

		/* one that ended in the instant in which it began is none */
		if (s->until <= from || is_empty(s))
			continue;
		if (s->from >= end)
			break;
		switch ((Resume) rule->resume)
		{
			case RESUME_RESTART:
				if (s->until == INSTANT_NEVER)
					return INSTANT_NEVER;
				from = s->until;
				end = snapped(fold, term_end(fold, rule, from), rule);
				break;
			case RESUME_FREEZE:
				if (s->until == INSTANT_NEVER)
					return INSTANT_NEVER;
				/* the time spent in the tier, by the local clock */
				local += clock_to_local(&fold->clock, s->until) - clock_to_local(&fold->clock, Max(s->from, from));
				end = snapped(fold, clock_from_local(&fold->clock, local), rule);
				break;
			default:
				/* due meanwhile: it dies when the tier ends */
				end = Max(end, s->until);
				if (end == s->until)
					return end;
				break;
		}
	}
	return end;
}

/* ---------------- keys ---------------- */

int64
rule_key_from(Fold *fold, int i, int64 from)
{
	const ExpireRule *rule = &fold->rules.expire[i];
	const Suspended *suspended = &fold->suspensions.rules[i];
	int			k;
	int64		before;

	if (rule->resume != RESUME_FREEZE)
		return snapped(fold, term_end(fold, rule, from), rule);
	k = first_after(suspended, from);
	/* one that is to end at this very instant still lasts */
	if (suspended->past < suspended->known)
		k = Min(k, suspended->past);
	before = k < suspended->known ? suspended->times[k].before : suspended->frozen;
	if (k < suspended->known && suspended->times[k].from < from)
		before += local_since(fold, &suspended->times[k], from);
	return term_end_local(fold, rule, from) - before;
}

/* What has been frozen in all when a key comes to its end; that end. */
static int64
frozen_end(Fold *fold, int i, int64 key, int64 *frozen)
{
	const ExpireRule *rule = &fold->rules.expire[i];
	const Suspended *suspended = &fold->suspensions.rules[i];
	int64		end;

	*frozen = suspended->frozen;
	end = snapped(fold, clock_from_local(&fold->clock, key + *frozen), rule);
	for (int k = suspended->past; k < suspended->ntimes; k++)
	{
		const Suspension *s = &suspended->times[k];

		if (is_empty(s))
			continue;
		if (s->from >= end)
			break;
		if (s->until == INSTANT_NEVER)
			return INSTANT_NEVER;
		*frozen += local_since(fold, s, s->until);
		end = snapped(fold, clock_from_local(&fold->clock, key + *frozen), rule);
	}
	return end;
}

int64
rule_end_of_key(Fold *fold, int i, int64 key)
{
	const Suspended *suspended = &fold->suspensions.rules[i];
	int64		frozen;

	switch ((Resume) fold->rules.expire[i].resume)
	{
		case RESUME_FREEZE:
			return frozen_end(fold, i, key, &frozen);
		case RESUME_RESTART:
			return suspended->caught_from < key ? suspended->caught_end : key;
		case RESUME_ORIGINAL:
			for (int k = suspended->past; k < suspended->ntimes && suspended->times[k].from < key; k++)
			{
				if (key <= suspended->times[k].until && !is_empty(&suspended->times[k]))
					return suspended->times[k].until;
			}
			return key;
		case RESUME_NONE:
			break;
	}
	return key;
}

/* Does a suspension that is not over begin where two local times stand for an instant? */
static bool
any_begins_skipped(Fold *fold, const Suspended *suspended)
{
	int64		went_on;

	for (int k = suspended->past; k < suspended->ntimes; k++)
	{
		if (!is_empty(&suspended->times[k]) && clock_skipped(&fold->clock, suspended->times[k].from, &went_on) > 0)
			return true;
	}
	return false;
}

/*
 * Under `freeze`, where clocks skip an hour: its local times stand for the instants
 * of the hour after it, so keys that come to it are one course of ends, and those
 * that come to the hour after it, and later, another.  A suspension that begins in
 * that hour parts them further: each key for itself then.
 */
static int64
same_frozen_end(Fold *fold, int i, int64 key, int64 *end, int64 *most)
{
	int64		frozen;
	int64		local;
	int64		shown;

	*end = frozen_end(fold, i, key, &frozen);
	*most = key;
	if (any_begins_skipped(fold, &fold->suspensions.rules[i]))
		return key + 1;
	if (*end == INSTANT_NEVER)
	{
		*most = PG_INT64_MAX;
		return PG_INT64_MAX;
	}
	local = key + frozen;
	shown = clock_to_local(&fold->clock, *end);

	/* before and after it is snapped */
	for (int64 at = clock_from_local(&fold->clock, local);; at = *end)
	{
		int64		went_on;
		int64		skipped = clock_skipped(&fold->clock, at, &went_on);

		if (local < went_on)
		{
			*most = Max(key, Min(shown - skipped, went_on - 1) - frozen);
			return went_on - frozen;
		}
		if (at == *end)
			break;
	}
	if (fold->rules.expire[i].snap != SNAP_NONE)
		*most = Max(key, shown - frozen);
	return PG_INT64_MAX;
}

int64
rule_same_end(Fold *fold, int i, int64 key, int64 *end, int64 *most)
{
	Resume		resume = (Resume) fold->rules.expire[i].resume;

	if (resume == RESUME_FREEZE)
		return same_frozen_end(fold, i, key, end, most);
	*end = rule_end_of_key(fold, i, key);
	*most = *end == INSTANT_NEVER ? PG_INT64_MAX : key;
	if (resume == RESUME_RESTART && fold->suspensions.rules[i].caught_from < key)
		*most = PG_INT64_MAX;
	else if (resume == RESUME_ORIGINAL)
		*most = Max(*most, *end);
	return PG_INT64_MAX;
}

/* ---------------- suspensions ---------------- */

void
suspend_begin(Fold *fold)
{
	fold->suspensions.any = false;
	fold->suspensions.nforeseen = fold->suspensions.nforeseen_before = 0;
	for (uint32 i = 0; i < fold->rules.program->expire.n; i++)
	{
		Suspended  *s = &fold->suspensions.rules[i];

		fold->suspensions.any |= fold->rules.expire[i].resume != RESUME_NONE;
		s->ntimes = s->known = s->past = 0;
		s->frozen = 0;
		s->on = false;
		s->started_again = PG_INT64_MIN;
		s->caught_from = s->caught_end = s->again_end = INSTANT_NEVER;
	}
}

static bool
is_listed(const Fold *fold, const ExpireRule *rule, int tier)
{
	const uint32 *tiers = PROGRAM_LIST(fold->rules.program, rule->suspend_tiers, uint32);

	for (uint32 i = 0; i < rule->suspend_tiers.n; i++)
	{
		if ((int) tiers[i] == tier)
			return true;
	}
	return false;
}

/* Is a rule suspended by a tier, and by the plans held at an instant? */
static bool
is_suspended(const Fold *fold, int i, int tier, int64 at)
{
	const ExpireRule *rule = &fold->rules.expire[i];

	return rule->resume != RESUME_NONE && (is_listed(fold, rule, tier) || plans_hold(fold, &rule->suspend_plans, at));
}

/* The last suspension, if it has no end yet. */
static Suspension *
lasting(Suspended *s)
{
	return s->ntimes > 0 && s->times[s->ntimes - 1].lasts && s->times[s->ntimes - 1].until == INSTANT_NEVER ?
		&s->times[s->ntimes - 1] : NULL;
}

static void
suspend(Fold *fold, Suspended *s, int64 from)
{
	*PUSH_TO(fold, s, times) = (Suspension) {from, INSTANT_NEVER, true, s->frozen};
}

/* Nothing is foreseen. */
static void
forget(Suspended *s)
{
	s->ntimes = s->known;
	if (s->known > s->past)
		s->times[s->past].until = INSTANT_NEVER;
}

/* A suspension is over. */
static void
resume(Fold *fold, Suspended *s, int64 at)
{
	Suspension *last = lasting(s);

	if (last == NULL)
		return;
	last->until = at;
	last->lasts = false;
	s->past = s->ntimes;
	if (is_empty(last))
		return;
	s->frozen += local_since(fold, last, at);
	s->started_again = at;
}

/* One that was over goes on. */
static void
go_on(Suspended *s)
{
	Suspension *last = &s->times[s->ntimes - 1];

	last->until = INSTANT_NEVER;
	last->lasts = true;
	s->past--;
	s->frozen = last->before;
}

void
suspend_change(Fold *fold, int64 at)
{
	for (int i = 0; i < (int) fold->rules.program->expire.n; i++)
	{
		Suspended  *s = &fold->suspensions.rules[i];
		bool		before = s->on;

		s->on = is_suspended(fold, i, fold->tiers.now.tier, at);
		forget(s);
		if (before && !s->on)
			resume(fold, s, at);
		else if (s->on && !before)
		{
			/* ended and won again in one instant: not broken */
			if (s->past > 0 && s->times[s->past - 1].until == at)
				go_on(s);
			else
				suspend(fold, s, at);
		}
		s->known = s->ntimes;
	}
}

/* Under `restart`: what do lots come to that live through what is foreseen? */
static void
look_at(Fold *fold, int i)
{
	Suspended  *s = &fold->suspensions.rules[i];
	int			k = s->past;

	s->caught_from = s->caught_end = s->again_end = INSTANT_NEVER;
	if (fold->rules.expire[i].resume != RESUME_RESTART)
		return;
	while (k < s->ntimes && is_empty(&s->times[k]))
		k++;
	if (k < s->ntimes)
	{
		s->caught_from = s->times[k].from;
		s->caught_end = s->times[k].until == INSTANT_NEVER ? INSTANT_NEVER : rule_end_from(fold, i, s->times[k].until);
	}
	if (s->started_again != PG_INT64_MIN)
		s->again_end = rule_end_from(fold, i, s->started_again);
}

void
suspend_look_again(Fold *fold)
{
	for (int i = 0; i < (int) fold->rules.program->expire.n; i++)
		look_at(fold, i);
}

/* Add what a rule is suspended for to what is foreseen. */
static void
note_foreseen(Fold *fold, int i)
{
	const Suspended *s = &fold->suspensions.rules[i];

	for (int k = s->past; k < s->ntimes; k++)
		*PUSH_TO(fold, &fold->suspensions, foreseen) = (Foreseen) {i, s->times[k].from, s->times[k].until};
	/* what is over counts too */
	*PUSH_TO(fold, &fold->suspensions, foreseen) = (Foreseen) {i, s->started_again, s->past};
}

bool
suspend_foresee(Fold *fold)
{
	Suspensions *all = &fold->suspensions;
	TierState  *ahead = tiers_look_ahead(fold);
	int			n = (int) fold->rules.program->expire.n;
	int64		plan = plans_next(fold, fold->at);
	int64		at;
	bool		on[PROGRAM_MAX_RULES];

	for (int i = 0; i < n; i++)
	{
		forget(&all->rules[i]);
		on[i] = all->rules[i].on;
	}
	while ((at = Min(ahead->next, plan)) != INSTANT_NEVER)
	{
		CHECK_FOR_INTERRUPTS();
		if (at == ahead->next)
			tiers_tick(fold, ahead, at);
		if (at == plan)
			plan = plans_next(fold, at);
		for (int i = 0; i < n; i++)
		{
			Suspended  *s = &all->rules[i];
			bool		before = on[i];

			on[i] = is_suspended(fold, i, ahead->tier, at);
			if (on[i] && !before)
				suspend(fold, s, at);
			else if (before && !on[i] && lasting(s))
				lasting(s)->until = at;
		}
	}
	all->nforeseen = 0;
	for (int i = 0; i < n; i++)
		note_foreseen(fold, i);
	if (all->nforeseen == all->nforeseen_before &&
		memcmp(all->foreseen, all->foreseen_before, all->nforeseen * sizeof(Foreseen)) == 0)
		return false;
	RESERVE(fold, all, foreseen_before, all->nforeseen);
	memcpy(all->foreseen_before, all->foreseen, all->nforeseen * sizeof(Foreseen));
	all->nforeseen_before = all->nforeseen;
	suspend_look_again(fold);
	return true;
}
