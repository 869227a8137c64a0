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

#include "standing/fold.h"

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
		for (int i = 0; i < state->nkept; i++)
		{
			if (state->kept[i].tier == tier && state->kept[i].from <= at)
				end = Max(end, state->kept[i].until);
		}
		for (int v = 0; v < state->nwalks; v++)
		{
			const Walk *walk = &state->walks[v];

			end = Max(end, walk->met[tier] ? INSTANT_NEVER : walk->until[tier]);
			for (int i = 0; i < walk->nsteps; i++)
			{
				if (walk->steps[i].tier == tier && walk->steps[i].from <= at)
					end = Max(end, walk->steps[i].until);
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

/* Hold a tier whatever comes. */
static void
keep(Fold *fold, TierState *state, int tier, int64 from, int64 until)
{
	if (until <= Max(from, fold->at))
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
	*PUSH_TO(fold, state, kept) = (Step) {tier, NONE, from, until};
}

/* Which tier is effective, and when may the clock next change it? */
static void
look(const Fold *fold, TierState *state, int64 at)
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
	known = fold->tiers.room_before;
	RESERVE(fold, &fold->tiers, before, nversions);
	if (fold->tiers.room_before > known)
		memset(&fold->tiers.before[known], 0, (fold->tiers.room_before - known) * sizeof(Before));
	for (int v = 0; v < nversions; v++)
		walk_begin(fold, &state->walks[v], v);
	state->nkept = 0;
	state->projected = false;
	state->since = state->changed_at = PG_INT64_MIN;
	state->tier = NONE;
	state->next = INSTANT_NEVER;
	fold->tiers.nby_date = 0;
	fold->tiers.went_back = false;
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
	int			ntiers = (int) fold->rules.program->tier_names.n;

	/* held while the metric is: until it falls, if nothing happens */
	if (memchr(walk->met, 1, ntiers))
	{
		walk = &tiers_look_ahead(fold)->walks[version];
		walk_fall(fold, walk);
	}
	for (int t = 0; t < ntiers; t++)
		keep(fold, state, t, fold->at, walk->met[t] ? INSTANT_NEVER : walk->until[t]);
	for (int i = 0; i < walk->nsteps; i++)
		keep(fold, state, walk->steps[i].tier, walk->steps[i].from, walk->steps[i].until);
}

void
tiers_back(Fold *fold, int64 date)
{
	for (int v = 0; v < fold->tiers.now.nwalks; v++)
	{
		walk_to(fold, &fold->tiers.now.walks[v], fold->at);
		if (fold->rules.tiers[v].latch)
			latch(fold, v);
		walk_remember(fold, &fold->tiers.now.walks[v], &fold->tiers.before[v]);
		walk_back(fold, &fold->tiers.now.walks[v], date);
	}
	fold->tiers.went_back = true;
}

/* Does an entry come before another one?  Those of late lines belong to their orders. */
static bool
comes_before(const Fold *fold, int a, int b)
{
	const Entry *x = &fold->counts.entries[a];
	const Entry *y = &fold->counts.entries[b];

	if (x->date != y->date)
		return x->date < y->date;
	return x->place != y->place ? x->place < y->place : a < b;
}

/* A new entry takes its place by date. */
static void
place(Fold *fold, int entry)
{
	int			k = fold->tiers.nby_date;

	PUSH_TO(fold, &fold->tiers, by_date);
	for (; k > 0 && comes_before(fold, entry, fold->tiers.by_date[k - 1]); k--)
		fold->tiers.by_date[k] = fold->tiers.by_date[k - 1];
	fold->tiers.by_date[k] = entry;

	for (int v = 0; v < fold->tiers.now.nwalks; v++)
		walk_leaves(fold, &fold->tiers.now.walks[v], entry);
}

void
tiers_count(Fold *fold)
{
	TierState  *state = &fold->tiers.now;
	bool		refund = fold->events[fold->now].kind == EVENT_REFUND;
	bool		compare = refund || fold->tiers.went_back;
	bool		lowers = false;

	if (state->nwalks == 0)
		return;
	for (int i = fold->tiers.nby_date * (int) fold->rules.program->metrics.n; i < fold->counts.nentries * (int) fold->rules.program->metrics.n; i++)
		lowers |= fold->counts.values[i] < 0;
	for (int v = 0; v < state->nwalks && !fold->tiers.went_back; v++)
	{
		bool		while_met = holds_while_met(&fold->rules.tiers[v]);

		walk_to(fold, &state->walks[v], fold->at);
		if (fold->rules.tiers[v].latch && (lowers || !while_met))
			latch(fold, v);
		if (compare)
			walk_remember(fold, &state->walks[v], &fold->tiers.before[v]);
		/* there all entries of an instant count as one */
		if (while_met)
			walk_back(fold, &state->walks[v], fold->at);
	}
	while (fold->tiers.nby_date < fold->counts.nentries)
		place(fold, fold->tiers.nby_date);
	for (int v = 0; v < state->nwalks; v++)
	{
		walk_to(fold, &state->walks[v], fold->at);
		if (compare && !fold->rules.tiers[v].latch)
			walk_stands(fold, &state->walks[v], &fold->tiers.before[v], refund);
	}
	fold->tiers.went_back = false;
	settle(fold, state, fold->at);
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
			settle(fold, &fold->tiers.now, event->at);
		}
	}
}

void
tiers_tick(Fold *fold, TierState *state, int64 at)
{
	for (int v = 0; v < state->nwalks; v++)
		walk_to(fold, &state->walks[v], at);
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
