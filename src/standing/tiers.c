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
	levels = LEVELS(fold, &fold->tiers[version]);
	for (int l = (int) fold->tiers[version].levels.n - 1; l >= 0; l--)
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
	for (uint32 l = 0; l < fold->tiers[version].levels.n; l++)
	{
		if ((int) LEVELS(fold, &fold->tiers[version])[l].tier == tier)
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
	*PUSH_TO(fold, state, kept) = (Step) {tier, from, until};
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
			  version == NONE ? NULL : VERSION_LABEL(fold, &fold->tiers[version].rule, tiers, TiersRule), NONE);
	/* an event's own points are booked before its tier ends any lot */
	if (fold->suspends && !fold->booking)
		expire_suspend(fold, at, before, state->tier);
}

void
tiers_begin(Fold *fold)
{
	TierState  *state = &fold->tier;
	int			known = state->room_walks;
	int			nversions = (int) fold->program->tiers.n;

	fold_reserve(fold, (void **) &state->walks, &state->room_walks, nversions, sizeof(Walk));
	if (state->room_walks > known)
		memset(&state->walks[known], 0, (state->room_walks - known) * sizeof(Walk));
	state->nwalks = nversions;
	for (int v = 0; v < nversions; v++)
	{
		Walk	   *walk = &state->walks[v];

		walk->version = v;
		walk->at = PG_INT64_MIN;
		walk->counted = walk->left = 0;
		walk->nwindows = walk->nsteps = walk->nchanges = walk->nleaving = 0;
		memset(walk->sums, 0, sizeof(walk->sums));
		memset(walk->met, 0, sizeof(walk->met));
		for (uint32 t = 0; t < fold->program->tier_names.n; t++)
			walk->until[t] = PG_INT64_MIN;
	}
	state->nkept = 0;
	state->projected = false;
	state->since = state->changed_at = PG_INT64_MIN;
	state->tier = NONE;
	state->next = INSTANT_NEVER;
	fold->nby_date = 0;
	fold->went_back = false;
	if (nversions == 0)
		return;

	/* from the beginning of time, so that a version's start is seen as one */
	fold->at = Min(fold->first_at, fold->asof);
	look(fold, state, PG_INT64_MIN + 1);
	if (fold->suspends)
		expire_suspend(fold, PG_INT64_MIN + 1, NONE, state->tier);
}

/* What refunds may not take: what is held now, with the ends that are known now. */
static void
latch(Fold *fold, int version)
{
	TierState  *state = &fold->tier;
	Walk	   *walk = &state->walks[version];
	int			ntiers = (int) fold->program->tier_names.n;

	if (memchr(walk->met, 1, ntiers))
	{
		/* held while the metric is: until it falls, if nothing happens */
		int64		next;

		walk = &tiers_look_ahead(fold)->walks[version];
		walk->falling = true;
		while (memchr(walk->met, 1, ntiers) && (next = walk_next(fold, walk, walk->at)) != INSTANT_NEVER)
			walk_to(fold, walk, next);
	}
	for (int t = 0; t < ntiers; t++)
		keep(fold, state, t, fold->at, walk->met[t] ? INSTANT_NEVER : walk->until[t]);
	for (int i = 0; i < walk->nsteps; i++)
		keep(fold, state, walk->steps[i].tier, walk->steps[i].from, walk->steps[i].until);
}

/* Entries of that date are about to change: take all back that has been counted since. */
void
tiers_back(Fold *fold, int64 date)
{
	for (int v = 0; v < fold->tier.nwalks; v++)
	{
		walk_to(fold, &fold->tier.walks[v], fold->at);
		if (fold->tiers[v].latch)
			latch(fold, v);
		walk_back(fold, &fold->tier.walks[v], date);
	}
	fold->went_back = true;
}

/* Does an entry come before another one?  Those of late lines belong to their orders. */
static bool
comes_before(const Fold *fold, int a, int b)
{
	const Entry *x = &fold->entries[a];
	const Entry *y = &fold->entries[b];

	if (x->date != y->date)
		return x->date < y->date;
	return x->place != y->place ? x->place < y->place : a < b;
}

/* A new entry takes its place by date, and by when it leaves rolling windows. */
static void
place(Fold *fold, int entry)
{
	const Entry *e = &fold->entries[entry];
	int			k = fold->nby_date;

	PUSH(fold, by_date);
	for (; k > 0 && comes_before(fold, entry, fold->by_date[k - 1]); k--)
		fold->by_date[k] = fold->by_date[k - 1];
	fold->by_date[k] = entry;

	for (int v = 0; v < fold->tier.nwalks && e->undoes == NONE; v++)
	{
		Walk	   *walk = &fold->tier.walks[v];
		int64		at;

		if (fold->tiers[v].window != WINDOW_ROLLING)
			continue;
		at = fold_add(fold, e->date, &fold->tiers[v].span);
		if (at == INSTANT_NEVER)
			continue;
		PUSH_TO(fold, walk, leaving);
		for (k = walk->nleaving - 1; k > 0 && at < walk->leaving[k - 1].at; k--)
			walk->leaving[k] = walk->leaving[k - 1];
		walk->leaving[k] = (Leaving) {at, entry};
	}
}

/* There are new entries, or old ones have changed: count them. */
void
tiers_count(Fold *fold)
{
	TierState  *state = &fold->tier;
	bool		lowers = false;

	if (state->nwalks == 0)
		return;
	for (int i = fold->nby_date * (int) fold->program->metrics.n; i < fold->nentries * (int) fold->program->metrics.n; i++)
		lowers |= fold->values[i] < 0;
	for (int v = 0; v < state->nwalks && !fold->went_back; v++)
	{
		bool		while_met = holds_while_met(&fold->tiers[v]);

		walk_to(fold, &state->walks[v], fold->at);
		if (fold->tiers[v].latch && (lowers || !while_met))
			latch(fold, v);
		/* there all entries of an instant count as one */
		if (while_met)
			walk_back(fold, &state->walks[v], fold->at);
	}
	while (fold->nby_date < fold->nentries)
		place(fold, fold->nby_date);
	for (int v = 0; v < state->nwalks; v++)
		walk_to(fold, &state->walks[v], fold->at);
	fold->went_back = false;
	settle(fold, state, fold->at);
}

/* A tier by hand: held until then, never shortened. */
void
tiers_grant(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	const ProgramName *names = PROGRAM_LIST(fold->program, fold->program->tier_names, ProgramName);

	fold_emit(fold, event->at, ENTRY_GRANT, 0, NULL, i);
	for (uint32 t = 0; t < fold->program->tier_names.n; t++)
	{
		if (names[t].len == event->name.len &&
			memcmp(PROGRAM_NAME(fold->program, names[t]), event->name.data, names[t].len) == 0)
		{
			keep(fold, &fold->tier, (int) t, event->at, event->until);
			settle(fold, &fold->tier, event->at);
		}
	}
}

/* What the clock does at an instant. */
void
tiers_tick(Fold *fold, TierState *state, int64 at)
{
	if (!state->projected)
		fold->at = at;
	for (int v = 0; v < state->nwalks; v++)
		walk_to(fold, &state->walks[v], at);
	settle(fold, state, at);
}

/* A copy of a walk that goes ahead; it keeps its own room. */
static void
copy_walk(Fold *fold, Walk *to, const Walk *from)
{
	Walk		own = *to;

	*to = *from;
	to->ahead = true;
	to->windows = own.windows;
	to->room_windows = own.room_windows;
	to->steps = own.steps;
	to->room_steps = own.room_steps;
	fold_reserve(fold, (void **) &to->windows, &to->room_windows, to->nwindows, sizeof(Window));
	fold_reserve(fold, (void **) &to->steps, &to->room_steps, to->nsteps, sizeof(Step));
	if (to->nwindows > 0)
		memcpy(to->windows, from->windows, to->nwindows * sizeof(Window));
	if (to->nsteps > 0)
		memcpy(to->steps, from->steps, to->nsteps * sizeof(Step));
}

/* A copy of the state that may look ahead. */
TierState *
tiers_look_ahead(Fold *fold)
{
	TierState  *ahead = &fold->ahead;
	TierState	own = *ahead;

	*ahead = fold->tier;
	ahead->projected = true;
	ahead->walks = own.walks;
	ahead->room_walks = own.room_walks;
	fold_reserve(fold, (void **) &ahead->walks, &ahead->room_walks, ahead->nwalks, sizeof(Walk));
	if (ahead->room_walks > own.room_walks)
		memset(&ahead->walks[own.room_walks], 0, (ahead->room_walks - own.room_walks) * sizeof(Walk));
	for (int v = 0; v < ahead->nwalks; v++)
		copy_walk(fold, &ahead->walks[v], &fold->tier.walks[v]);
	return ahead;
}

/* When the effective tier changes next, if nothing happens. */
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
		if (ahead->tier != fold->tier.tier)
			return at;
	}
}

/* A metric of a version's current window, with what was carried in. */
int128
tiers_qualifying(Fold *fold, int version, int metric)
{
	Walk	   *walk = &fold->tier.walks[version];

	walk_to(fold, walk, fold->asof);
	return walk_sum(fold, walk, metric);
}
