/*
 * tiers.c
 *		Which tier a member holds: what windows give, what hands grant, and what
 *		the clock takes away.
 *
 * A tier is held until an instant; the effective one is the highest held.  So
 * all that is kept is the latest end that each version of the rules has given
 * to each tier, and when the steps down from it begin and end.
 */
#include "postgres.h"

#include "standing/held.h"

#include "miscadmin.h"

/* The effective tier at an instant, and until when it is held. */
static int
effective(const Fold *fold, const TierState *state, int64 at, int64 *until)
{
	int			version = tiers_at(fold, at);
	const Level *levels;

	*until = INSTANT_NEVER;
	if (version == NONE)
		return NONE;
	levels = LEVELS(fold, &fold->rules.tiers[version]);
	for (int l = (int) fold->rules.tiers[version].levels.n - 1; l >= 0; l--)
	{
		int			tier = (int) levels[l].tier;
		int64		end = PG_INT64_MIN;

		if (level_is_base(&levels[l]))
			return tier;
		/* by a plan as long as the version that says so is in force */
		if (levels[l].plans.n > 0)
			end = plans_until(fold, &levels[l].plans, at);
		for (int i = 0; i < state->nkept; i++)
		{
			if (state->kept[i].tier == tier && state->kept[i].from <= at)
				end = Max(end, state->kept[i].until);
		}
		for (int v = 0; v < state->nwalks; v++)
		{
			const Walk *walk = &state->walks[v];

			end = Max(end, walk->held.met[tier] ? INSTANT_NEVER : walk->held.until[tier]);
			for (int i = 0; i < walk->held.nsteps; i++)
			{
				if (walk->held.steps[i].tier == tier && walk->held.steps[i].from <= at)
					end = Max(end, walk->held.steps[i].until);
			}
			for (int i = 0; i < walk->nstands; i++)
			{
				if (walk->stands[i].step.tier == tier && walk->stands[i].step.from <= at)
					end = Max(end, walk->stands[i].step.until);
			}
		}
		if (end > at)
		{
			*until = end;
			return tier;
		}
	}
	return NONE;
}

/* the rank of a tier in the version in force, NONE below all */
static int
rank_at(const Fold *fold, int tier, int64 at)
{
	int			version = tiers_at(fold, at);

	if (version == NONE || tier == NONE)
		return NONE;
	for (uint32 l = 0; l < fold->rules.tiers[version].levels.n; l++)
	{
		if ((int) LEVELS(fold, &fold->rules.tiers[version])[l].tier == tier)
			return (int) l;
	}
	return NONE;
}

/* Hold a tier whatever comes; what is over makes room. */
static void
keep(Fold *fold, TierState *state, int tier, int64 from, int64 until)
{
	int			n = 0;

	from = Max(from, fold->at);
	if (until <= from)
		return;
	for (int i = 0; i < state->nkept; i++)
	{
		Step	   *kept = &state->kept[i];

		if (kept->tier == tier && kept->from <= from && from <= kept->until)
		{
			kept->until = Max(kept->until, until);
			return;
		}
	}
	for (int i = 0; i < state->nkept; i++)
	{
		if (state->kept[i].until > fold->at)
			state->kept[n++] = state->kept[i];
	}
	state->nkept = n;
	*PUSH_TO(fold, state, kept) = (Step) {tier, NONE, from, until};
}

/* Which tier is effective, and when may the clock next change it? */
static void
look(Fold *fold, TierState *state, int64 at)
{
	state->tier = effective(fold, state, at, &state->next);
	for (int i = 0; i < state->nkept; i++)
	{
		if (state->kept[i].from > at)
			state->next = Min(state->next, state->kept[i].from);
	}
	for (int v = 0; v < state->nwalks; v++)
		state->next = Min(state->next, walk_next(fold, &state->walks[v], at));
}

/* Something may have changed at that instant. */
static void
settle(Fold *fold, TierState *state, int64 at)
{
	int			before = state->tier;
	int			version;

	look(fold, state, at);
	if (state->tier == before)
		return;
	if (state->changed_at != at)
	{
		state->changed_at = at;
		state->tier_before = before;
		state->since_before = state->since;
	}
	/* lost and won again in one instant: the run is not broken */
	state->since = state->tier == state->tier_before ? state->since_before : at;
	if (state->projected)
		return;
	version = tiers_at(fold, at);
	fold_emit(fold, at, state->tier != NONE && (before == NONE || rank_at(fold, state->tier, at) >= rank_at(fold, before, at)) ?
			  ENTRY_TIER_UP : ENTRY_TIER_DOWN, 0,
			  version == NONE ? NULL : VERSION_LABEL(fold, &fold->rules.tiers[version].rule, tiers, TiersRule), NONE);
}

void
tiers_begin(Fold *fold)
{
	TierState  *state = &fold->tiers.now;
	int			known = state->room_walks;
	int			nversions = (int) fold->rules.program->tiers.n;

	fold_reserve(fold, (void **) &state->walks, &state->room_walks, nversions, sizeof(Walk));
	if (state->room_walks > known)
		memset(&state->walks[known], 0, (state->room_walks - known) * sizeof(Walk));
	state->nwalks = nversions;
	for (int v = 0; v < nversions; v++)
		walk_begin(fold, &state->walks[v], v);
	state->nkept = 0;
	state->projected = false;
	state->since = state->changed_at = PG_INT64_MIN;
	state->tier = NONE;
	state->next = INSTANT_NEVER;
	fold->tiers.went_back = false;
	fold->tiers.stirred = true;
	if (nversions == 0)
		return;

	/* from the beginning of time, so that a version's start is seen as one */
	look(fold, state, PG_INT64_MIN + 1);
}

/* What refunds may not take: what is held now, with the ends that are known now. */
static void
latch(Fold *fold, int version)
{
	TierState  *state = &fold->tiers.now;
	Walk	   *walk = &state->walks[version];
	const TiersRule *rule = &fold->rules.tiers[version];

	for (uint32 t = 0; t < fold->rules.program->tier_names.n; t++)
		keep(fold, state, (int) t, fold->at, walk->held.until[t]);
	for (int i = 0; i < walk->held.nsteps; i++)
		keep(fold, state, walk->held.steps[i].tier, walk->held.steps[i].from, walk->held.steps[i].until);

	/* held while the metric is: until it falls, if nothing happens */
	for (int l = 0; l < (int) rule->levels.n; l++)
	{
		int			tier = (int) LEVELS(fold, rule)[l].tier;
		Step		steps[PROGRAM_MAX_LEVELS];
		int			n;

		if (!walk->held.met[tier])
			continue;
		n = walk_falls(fold, walk, l, steps);
		if (n == 0)
			keep(fold, state, tier, fold->at, INSTANT_NEVER);
		for (int i = 0; i < n; i++)
			keep(fold, state, steps[i].tier, steps[i].from, steps[i].until);
	}
}

void
tiers_back(Fold *fold)
{
	for (int v = 0; v < fold->tiers.now.nwalks; v++)
	{
		Walk	   *walk = &fold->tiers.now.walks[v];

		walk_to(fold, walk, fold->at);
		if (fold->rules.tiers[v].latch)
			latch(fold, v);
		walk_remember(fold, walk);
	}
	fold->tiers.went_back = true;
}

void
tiers_change(Fold *fold, int entry, const int128 *by, bool dated_refund)
{
	for (int v = 0; v < fold->tiers.now.nwalks; v++)
		walk_change(fold, &fold->tiers.now.walks[v], entry, by, dated_refund);
}

/* An entry comes in order. */
static void
come_to(Fold *fold, int entry, bool refund)
{
	bool		lowers = false;

	for (int m = 0; m < fold->counts.nused; m++)
		lowers |= ENTRY_VALUES(fold, entry)[m] < 0;
	for (int v = 0; v < fold->tiers.now.nwalks; v++)
	{
		Walk	   *walk = &fold->tiers.now.walks[v];

		walk_to(fold, walk, fold->at);
		if (fold->rules.tiers[v].latch && (lowers || !holds_while_met(&fold->rules.tiers[v])))
			latch(fold, v);
		if (refund)
			walk_remember(fold, walk);
	}
}

void
tiers_count(Fold *fold, int entry)
{
	TierState  *state = &fold->tiers.now;
	bool		refund = fold->events[fold->now].kind == EVENT_REFUND;
	bool		compare = refund || fold->tiers.went_back;

	if (state->nwalks == 0)
		return;
	if (!fold->tiers.went_back)
		come_to(fold, entry, refund);
	for (int v = 0; v < state->nwalks; v++)
	{
		Walk	   *walk = &state->walks[v];

		if (entry != NONE)
			walk_enter(fold, walk, entry);
		walk_look(fold, walk);
		if (compare && !fold->rules.tiers[v].latch)
			walk_stands(fold, walk, refund);
		if (compare)
			walk_forget(walk);
	}
	fold->tiers.went_back = false;
	fold->tiers.stirred = true;
	settle(fold, state, fold->at);
}

bool
tiers_stirred(Fold *fold)
{
	bool		stirred = fold->tiers.stirred;

	fold->tiers.stirred = false;
	return stirred;
}

void
tiers_stir(Fold *fold)
{
	fold->tiers.stirred = true;
}

/* A tier by hand: held until then, never shortened. */
void
tiers_grant(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	const ProgramName *names = PROGRAM_LIST(fold->rules.program, fold->rules.program->tier_names, ProgramName);

	fold_emit(fold, event->at, ENTRY_GRANT, 0, NULL, i);
	for (uint32 t = 0; t < fold->rules.program->tier_names.n; t++)
	{
		if (names[t].len == event->name.len &&
			memcmp(PROGRAM_NAME(fold->rules.program, names[t]), event->name.data, names[t].len) == 0)
		{
			keep(fold, &fold->tiers.now, (int) t, event->at, event->until);
			fold->tiers.stirred = true;
			settle(fold, &fold->tiers.now, event->at);
		}
	}
}

void
tiers_tick(Fold *fold, TierState *state, int64 at)
{
	for (int v = 0; v < state->nwalks; v++)
		walk_to(fold, &state->walks[v], at);
	fold->tiers.stirred |= !state->projected;
	settle(fold, state, at);
}

TierState *
tiers_look_ahead(Fold *fold)
{
	TierState  *ahead = &fold->tiers.ahead;
	TierState	own = *ahead;

	*ahead = fold->tiers.now;
	ahead->projected = true;
	ahead->walks = own.walks;
	ahead->room_walks = own.room_walks;
	fold_reserve(fold, (void **) &ahead->walks, &ahead->room_walks, ahead->nwalks, sizeof(Walk));
	if (ahead->room_walks > own.room_walks)
		memset(&ahead->walks[own.room_walks], 0, (ahead->room_walks - own.room_walks) * sizeof(Walk));
	for (int v = 0; v < ahead->nwalks; v++)
		walk_copy(fold, &ahead->walks[v], &fold->tiers.now.walks[v]);
	return ahead;
}

int64
tier_until(Fold *fold)
{
	TierState  *ahead = tiers_look_ahead(fold);

	for (;;)
	{
		int64		at = ahead->next;

		CHECK_FOR_INTERRUPTS();
		if (at == INSTANT_NEVER)
			return at;
		tiers_tick(fold, ahead, at);
		if (ahead->tier != fold->tiers.now.tier)
			return at;
	}
}

int128
tiers_qualifying(Fold *fold, int version, int metric)
{
	Walk	   *walk = &fold->tiers.now.walks[version];

	walk_to(fold, walk, fold->asof);
	return walk_sum(fold, walk, metric);
}
