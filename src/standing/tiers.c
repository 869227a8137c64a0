/*
 * tiers.c
 *		Which tier a member holds: what windows reach, what hands grant, and
 *		what the clock takes away.
 *
 * A tier is held until an instant; the effective one is the highest held.  So
 * all that is kept is, for each version of the rules and each tier, the latest
 * end that it has given.  An entry that adds to the metrics can only move ends
 * back; whatever takes away (refunds, lines of old orders) makes the version
 * count again from the start, with its orders at their dates and net of all
 * that is known now.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

static inline int64 *
earned_by(const Fold *fold, TierState *state, int version)
{
	return &state->earned[version * fold->program->tier_names.n];
}

static inline const Level *
levels_of(const Fold *fold, int version)
{
	return PROGRAM_LIST(fold->program, fold->tiers[version].levels, Level);
}

static inline bool
is_fixed(const TiersRule *rule)
{
	return rule->window != WINDOW_ROLLING;
}

/* held always, before any event too */
static bool
is_base(const Level *level)
{
	return level->needs.n == 0 && level->at <= 0;
}

/* Does a vector of metrics reach a level? */
static bool
level_met(const Fold *fold, const TiersRule *rule, const Level *level, const int128 *sums)
{
	const Need *needs = PROGRAM_LIST(fold->program, level->needs, Need);

	if (level->needs.n == 0)
		return metric_reaches(sums[rule->by], level->at);
	for (uint32 n = 0; n < level->needs.n; n++)
	{
		const Condition *c = PROGRAM_LIST(fold->program, needs[n].conditions, Condition);
		bool		met = true;

		for (uint32 i = 0; i < needs[n].conditions.n && met; i++)
			met = metric_reaches(sums[c[i].metric], c[i].at);
		if (met)
			return true;
	}
	return false;
}

/* The effective tier at an instant, and until when it is held. */
static int
effective(const Fold *fold, TierState *state, int64 at, int64 *until)
{
	int			version = tiers_at(fold, at);
	const Level *levels;

	*until = INSTANT_NEVER;
	if (version == NONE)
		return NONE;
	levels = levels_of(fold, version);
	for (int l = (int) fold->tiers[version].levels.n - 1; l >= 0; l--)
	{
		int			tier = (int) levels[l].tier;
		int64		end = state->granted[tier];

		if (is_base(&levels[l]))
			return tier;
		for (uint32 v = 0; v < fold->program->tiers.n; v++)
			end = Max(end, earned_by(fold, state, (int) v)[tier]);
		for (int i = 0; i < state->nsteps; i++)
		{
			if (state->steps[i].tier == tier && state->steps[i].from <= at)
				end = Max(end, state->steps[i].until);
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
		if ((int) levels_of(fold, version)[l].tier == tier)
			return (int) l;
	}
	return NONE;
}

static int64
with_overhang(Fold *fold, const TiersRule *rule, int64 local)
{
	if (rule->has_overhang && local < INSTANT_LIMIT)
		local = snap_local(local_add(local, &rule->overhang, 1), SNAP_MONTH, 0, 0);
	return fold_from_local(fold, local);
}

static void
add_step(Fold *fold, TierState *state, int version, int tier, int64 from, int64 until)
{
	Step	   *step;

	for (int i = 0; i < state->nsteps; i++)
	{
		step = &state->steps[i];
		if (step->version == version && step->tier == tier && step->from == from && step->until == until)
			return;
	}
	fold_reserve(fold, (void **) &state->steps, &state->room_steps, state->nsteps + 1, sizeof(Step));
	step = &state->steps[state->nsteps++];
	step->version = version;
	step->tier = tier;
	step->from = from;
	step->until = until;
}

/*
 * Record that a level was reached: its end, local + times terms, and under `one
 * step` the levels below it, each a term longer.
 */
static void
hold(Fold *fold, TierState *state, int version, int level, int64 local, const Span *term, int times)
{
	const TiersRule *rule = &fold->tiers[version];
	const Level *levels = levels_of(fold, version);
	int64	   *earned = &earned_by(fold, state, version)[levels[level].tier];
	int64		from;

	if (rule->downgrade == DOWNGRADE_NEVER || term == NULL)
	{
		*earned = INSTANT_NEVER;
		return;
	}
	from = with_overhang(fold, rule, local_add(local, term, times));
	*earned = Max(*earned, from);
	for (int n = 1; n <= level && rule->downgrade == DOWNGRADE_ONE_STEP; n++)
	{
		int64		until = with_overhang(fold, rule, local_add(local, term, times + n));

		add_step(fold, state, version, (int) levels[level - n].tier, from, until);
		from = until;
	}
}

/* Forget what a version has given. */
static void
forget(Fold *fold, TierState *state, int version)
{
	int64	   *earned = earned_by(fold, state, version);
	int			kept = 0;

	for (uint32 t = 0; t < fold->program->tier_names.n; t++)
		earned[t] = PG_INT64_MIN;
	for (int i = 0; i < state->nsteps; i++)
	{
		if (state->steps[i].version != version)
			state->steps[kept++] = state->steps[i];
	}
	state->nsteps = kept;
}

static const Span one_year = {12, 0, 0};

/* A level of a window was reached at that instant. */
static void
window_holds(Fold *fold, TierState *state, const Window *w, int level)
{
	const TiersRule *rule = &fold->tiers[w->version];

	if (rule->window == WINDOW_LIFETIME || rule->valid == VALID_FOREVER)
		hold(fold, state, w->version, level, 0, NULL, 0);
	else if (rule->valid == VALID_SPAN)
		hold(fold, state, w->version, level, fold_to_local(fold, w->reached[level]), &rule->valid_span, 1);
	else
		hold(fold, state, w->version, level, w->anchor, &one_year,
			 w->nth + 1 + (rule->valid == VALID_YEAR_AFTER));
}

/* The window of a version in which a date lies, made if need be. */
static int
window_of(Fold *fold, TierState *state, int version, int64 date)
{
	const TiersRule *rule = &fold->tiers[version];
	Window	   *w;
	int64		anchor = 0;
	int64		local;
	int			nth = 0;

	if (rule->window == WINDOW_LIFETIME)
	{
		for (int i = 0; i < state->nwindows; i++)
		{
			if (state->windows[i].version == version)
				return i;
		}
	}
	else
	{
		/* mostly the one that was made last */
		if (rule->window != WINDOW_MEMBERSHIP_YEAR)
		{
			for (int i = state->nwindows - 1; i >= 0; i--)
			{
				w = &state->windows[i];
				if (w->version == version && w->start <= date && date < w->end)
					return i;
			}
			anchor = local_from_days(date_to_days(2000, rule->window_month, rule->window_day));
		}
		else
			anchor = membership_anchor(fold, date);
		local = fold_to_local(fold, date);
		nth = date_from_days(local_to_days(local)).year - date_from_days(local_to_days(anchor)).year;
		while (local_add(anchor, &one_year, nth) > local)
			nth--;
		while (local_add(anchor, &one_year, nth + 1) <= local)
			nth++;
		for (int i = state->nwindows - 1; i >= 0; i--)
		{
			w = &state->windows[i];
			if (w->version == version && w->anchor == anchor && w->nth == nth)
				return i;
		}
	}
	fold_reserve(fold, (void **) &state->windows, &state->room_windows, state->nwindows + 1, sizeof(Window));
	w = &state->windows[state->nwindows++];
	w->version = version;
	w->anchor = anchor;
	w->nth = nth;
	if (rule->window == WINDOW_LIFETIME)
	{
		w->start = PG_INT64_MIN;
		w->end = INSTANT_NEVER;
	}
	else
	{
		w->start = fold_from_local(fold, local_add(anchor, &one_year, nth));
		w->end = fold_from_local(fold, local_add(anchor, &one_year, nth + 1));
	}
	memset(w->sums, 0, sizeof(w->sums));
	w->carried = 0;
	for (int l = 0; l < PROGRAM_MAX_LEVELS; l++)
		w->reached[l] = INSTANT_NEVER;
	return state->nwindows - 1;
}

static void
sums_with_carried(const Fold *fold, const Window *w, int128 *sums)
{
	const TiersRule *rule = &fold->tiers[w->version];

	memcpy(sums, w->sums, sizeof(w->sums));
	if (rule->has_rollover)
		sums[rule->rollover_metric] += w->carried;
}

/*
 * See which levels a window reaches at an instant at which its version is in
 * force.  A refund that counts at its own date may also lose some.
 */
static void
window_look(Fold *fold, TierState *state, Window *w, int64 at, bool lowers)
{
	const TiersRule *rule = &fold->tiers[w->version];
	const Level *levels = levels_of(fold, w->version);
	int128		with[PROGRAM_MAX_METRICS];
	const int128 *sums = w->sums;
	bool		in_force = rule_in_force(fold, &rule->rule, at);
	bool		lost = false;

	if (!in_force && !lowers)
		return;
	if (w->carried != 0)
	{
		sums_with_carried(fold, w, with);
		sums = with;
	}
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		bool		met;

		if (is_base(&levels[l]) || (w->reached[l] != INSTANT_NEVER && !lowers))
			continue;
		met = level_met(fold, rule, &levels[l], sums);
		if (met && w->reached[l] == INSTANT_NEVER && in_force)
		{
			w->reached[l] = at;
			window_holds(fold, state, w, (int) l);
		}
		else if (!met && w->reached[l] != INSTANT_NEVER)
		{
			w->reached[l] = INSTANT_NEVER;
			lost = state->replays || !rule->latch;
		}
	}
	if (lost)
	{
		forget(fold, state, w->version);
		for (int i = 0; i < state->nwindows; i++)
		{
			for (uint32 l = 0; l < rule->levels.n; l++)
			{
				if (state->windows[i].version == w->version &&
					state->windows[i].reached[l] != INSTANT_NEVER)
					window_holds(fold, state, &state->windows[i], (int) l);
			}
		}
	}
}

/* What a window that has ended carries into the next one. */
static int128
carry_of(const Fold *fold, const Window *w)
{
	const TiersRule *rule = &fold->tiers[w->version];
	const Level *levels = levels_of(fold, w->version);
	int			metric = (int) rule->rollover_metric;
	int128		with[PROGRAM_MAX_METRICS];
	Decimal		threshold = 0;

	sums_with_carried(fold, w, with);
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		const Need *needs = PROGRAM_LIST(fold->program, levels[l].needs, Need);

		if (levels[l].needs.n == 0 && metric == (int) rule->by &&
			metric_reaches(with[metric], levels[l].at))
			threshold = Max(threshold, levels[l].at);
		for (uint32 n = 0; n < levels[l].needs.n; n++)
		{
			const Condition *c = PROGRAM_LIST(fold->program, needs[n].conditions, Condition);

			for (uint32 i = 0; i < needs[n].conditions.n; i++)
			{
				if ((int) c[i].metric == metric && metric_reaches(with[metric], c[i].at))
					threshold = Max(threshold, c[i].at);
			}
		}
	}
	if (threshold == 0)
		return 0;
	return Max(0, Min(w->sums[metric] - metric_sum(threshold),
					  rule->rollover_cap == PG_INT64_MAX ? w->sums[metric] : metric_sum(rule->rollover_cap)));
}

/* The window before this one, or NULL. */
static Window *
window_before(TierState *state, const Window *w)
{
	for (int i = 0; i < state->nwindows; i++)
	{
		Window	   *before = &state->windows[i];

		if (before->version == w->version && before->anchor == w->anchor && before->nth == w->nth - 1)
			return before;
	}
	return NULL;
}

static void
carry_into(const Fold *fold, TierState *state, Window *w)
{
	const Window *before = fold->tiers[w->version].has_rollover ? window_before(state, w) : NULL;

	w->carried = before ? carry_of(fold, before) : 0;
}

/* Count an entry in the fixed windows of a version, and look what it reaches. */
static void
count_fixed(Fold *fold, TierState *state, int version, int entry, bool looks)
{
	const TiersRule *rule = &fold->tiers[version];
	const Entry *e = &fold->entries[entry];
	int			nmetrics = (int) fold->program->metrics.n;
	const int128 *values = &fold->values[entry * nmetrics];
	int			known = state->nwindows;
	int			i = window_of(fold, state, version, e->date);
	Window	   *w = &state->windows[i];

	if (i >= known && rule->has_rollover)
		carry_into(fold, state, w);
	if (e->undoes != NONE && window_of(fold, state, version, fold->entries[e->undoes].date) == i)
		return;					/* within one window the net decides */
	w = &state->windows[i];
	for (int m = 0; m < nmetrics; m++)
		w->sums[m] += values[m];
	if (looks)
		window_look(fold, state, w, e->date, e->lowers);
}

/*
 * Rolling windows.  An entry counts from its date until it leaves, a span
 * later.  With an interval of validity every order that adds looks; while the
 * metric holds, a level is held until the first instant at which it is not met.
 */
static int64
leaves_at(const Fold *fold, int entry, int version)
{
	return fold->leaves[entry * fold->program->tiers.n + version];
}

/* The sums of those that count at an instant among the first n entries by date. */
static void
rolling_sums(Fold *fold, int version, int64 at, const int *entries, int n, int128 *sums)
{
	int			nmetrics = (int) fold->program->metrics.n;

	memset(sums, 0, PROGRAM_MAX_METRICS * sizeof(int128));
	for (int k = 0; k < n; k++)
	{
		int			e = entries ? entries[k] : k;
		const Entry *entry = &fold->entries[e];

		CHECK_FOR_INTERRUPTS();
		if (entry->undoes != NONE || entry->date > at || leaves_at(fold, e, version) <= at)
			continue;
		for (int m = 0; m < nmetrics; m++)
			sums[m] += fold->values[e * nmetrics + m];
	}
}

/* Do values add to a metric that the level looks at? */
static bool
adds_to(const Fold *fold, const TiersRule *rule, const Level *level, const int128 *values)
{
	const Need *needs = PROGRAM_LIST(fold->program, level->needs, Need);

	if (level->needs.n == 0)
		return values[rule->by] > 0;
	for (uint32 n = 0; n < level->needs.n; n++)
	{
		const Condition *c = PROGRAM_LIST(fold->program, needs[n].conditions, Condition);

		for (uint32 i = 0; i < needs[n].conditions.n; i++)
		{
			if (values[c[i].metric] > 0)
				return true;
		}
	}
	return false;
}

/* The last of n entries looks, in a rolling window whose tiers are valid for an interval. */
static void
look_rolling(Fold *fold, TierState *state, int version, const int *entries, int n)
{
	const TiersRule *rule = &fold->tiers[version];
	const Level *levels = levels_of(fold, version);
	int			entry = entries ? entries[n - 1] : n - 1;
	int64		at = fold->entries[entry].date;
	int128		sums[PROGRAM_MAX_METRICS];
	int128		values[PROGRAM_MAX_METRICS] = {0};
	bool		summed = false;

	if (!rule_in_force(fold, &rule->rule, at) || fold->entries[entry].lowers ||
		fold->entries[entry].order == NONE)
		return;

	/* all that its order has brought */
	for (int k = n - 1; k >= 0; k--)
	{
		int			e = entries ? entries[k] : k;

		if (fold->entries[e].order != fold->entries[entry].order || fold->entries[e].undoes != NONE)
			break;
		for (uint32 m = 0; m < fold->program->metrics.n; m++)
			values[m] += fold->values[e * fold->program->metrics.n + m];
	}
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		if (is_base(&levels[l]) || !adds_to(fold, rule, &levels[l], values))
			continue;
		if (!summed)
			rolling_sums(fold, version, at, entries, n, sums);
		summed = true;
		if (!level_met(fold, rule, &levels[l], sums))
			continue;
		if (rule->valid == VALID_FOREVER)
			hold(fold, state, version, (int) l, 0, NULL, 0);
		else
			hold(fold, state, version, (int) l, fold_to_local(fold, at), &rule->valid_span, 1);
	}
}

/* An instant at which the sums of a rolling window change. */
typedef struct Moment
{
	int64		at;
	int			entry;
	bool		leaves;
} Moment;

static int
compare_moments(const Moment *a, const Moment *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	if (a->leaves != b->leaves)
		return a->leaves ? -1 : 1;
	return a->entry < b->entry ? -1 : a->entry > b->entry;
}

#define ST_SORT sort_moments
#define ST_ELEMENT_TYPE Moment
#define ST_COMPARE(a, b) compare_moments(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* Tiers held while the metric of a rolling window holds: a sweep over all of it. */
static void
sweep_rolling(Fold *fold, TierState *state, int version, int64 now_at, bool latch)
{
	const TiersRule *rule = &fold->tiers[version];
	const Level *levels = levels_of(fold, version);
	int			nmetrics = (int) fold->program->metrics.n;
	int128		sums[PROGRAM_MAX_METRICS] = {0};
	bool		met[PROGRAM_MAX_LEVELS] = {false};
	Moment	   *moments = palloc_extended((fold->nentries * 2 + 1) * sizeof(Moment), MCXT_ALLOC_HUGE);
	int			n = 0;

	if (!latch)
		forget(fold, state, version);
	for (int e = 0; e < fold->nentries; e++)
	{
		if (fold->entries[e].undoes != NONE)
			continue;
		moments[n++] = (Moment) {fold->entries[e].date, e, false};
		if (leaves_at(fold, e, version) != INSTANT_NEVER)
			moments[n++] = (Moment) {leaves_at(fold, e, version), e, true};
	}
	/* the version's beginning is a moment of its own */
	if (fold->bounds[rule->rule.id].from != PG_INT64_MIN)
		moments[n++] = (Moment) {fold->bounds[rule->rule.id].from, NONE, false};
	sort_moments(moments, n);
	for (int i = 0; i < n; i++)
	{
		int64		at = moments[i].at;

		CHECK_FOR_INTERRUPTS();
		for (int m = 0; m < nmetrics && moments[i].entry != NONE; m++)
		{
			int128		v = fold->values[moments[i].entry * nmetrics + m];

			sums[m] += moments[i].leaves ? -v : v;
		}
		if (i + 1 < n && moments[i + 1].at == at)
			continue;
		for (uint32 l = 0; l < rule->levels.n; l++)
		{
			bool		now;

			if (is_base(&levels[l]))
				continue;
			now = level_met(fold, rule, &levels[l], sums) &&
				(met[l] || (at <= now_at && rule_in_force(fold, &rule->rule, at)));
			if (met[l] && !now)
				hold(fold, state, version, (int) l, fold_to_local(fold, at), &rule->span, 0);
			met[l] = now;
		}
	}
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		if (met[l])
			hold(fold, state, version, (int) l, 0, NULL, 0);
	}
	pfree(moments);
}

/* When an entry leaves the rolling windows, by version. */
static void
set_leaves(Fold *fold, int entry)
{
	int			nversions = (int) fold->program->tiers.n;

	fold_reserve(fold, (void **) &fold->leaves, &fold->room_leaves, fold->nentries * nversions, sizeof(int64));
	for (int v = 0; v < nversions; v++)
	{
		fold->leaves[entry * nversions + v] = is_fixed(&fold->tiers[v]) ? INSTANT_NEVER :
			fold_add(fold, fold->entries[entry].date, &fold->tiers[v].span);
	}
}

/* Find when the clock may next change anything. */
static void
schedule(Fold *fold, TierState *state, int64 at, int64 until)
{
	int64		next = until;

	for (int i = 0; i < state->nsteps; i++)
	{
		if (state->steps[i].from > at)
			next = Min(next, state->steps[i].from);
	}
	for (uint32 v = 0; v < fold->program->tiers.n; v++)
	{
		const TiersRule *rule = &fold->tiers[v];
		const Bound *bound = &fold->bounds[rule->rule.id];

		if (bound->from > at)
			next = Min(next, bound->from);
		if (bound->until > at)
			next = Min(next, bound->until);
		if (rule->has_rollover)
		{
			for (int i = 0; i < state->nwindows; i++)
			{
				const Window *w = &state->windows[i];

				if (w->version == (int) v && w->end > at && carry_of(fold, w) > 0)
					next = Min(next, w->end);
			}
		}
		if (!is_fixed(rule) && rule->valid == VALID_WINDOW && fold->lowered)
		{
			/* when a minus leaves, the metric rises */
			for (int e = 0; e < fold->nentries; e++)
			{
				if (leaves_at(fold, e, (int) v) > at)
					next = Min(next, leaves_at(fold, e, (int) v));
			}
		}
	}
	state->next = next;
}

/* Something may have changed at that instant: which tier is effective now? */
static void
settle(Fold *fold, TierState *state, int64 at)
{
	int64		until;
	int			before = state->tier;
	int			version;

	state->tier = effective(fold, state, at, &until);
	schedule(fold, state, at, until);
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
	int			nearned = (int) (fold->program->tiers.n * fold->program->tier_names.n);
	int64		start = Min(fold->first_at, fold->asof);
	int64		until;

	fold_reserve(fold, (void **) &state->earned, &state->room_earned, nearned, sizeof(int64));
	state->nearned = nearned;
	for (int i = 0; i < nearned; i++)
		state->earned[i] = PG_INT64_MIN;
	for (uint32 i = 0; i < fold->program->tier_names.n; i++)
		state->granted[i] = PG_INT64_MIN;
	state->nwindows = state->nsteps = 0;
	state->projected = state->replays = false;
	state->since = state->changed_at = PG_INT64_MIN;
	state->tier = NONE;
	state->next = INSTANT_NEVER;
	fold->lowered = false;
	if (fold->program->tiers.n == 0)
		return;

	/* from the beginning of time, so that a version's start is seen as one */
	fold->at = start;
	state->tier = effective(fold, state, PG_INT64_MIN + 1, &until);
	schedule(fold, state, PG_INT64_MIN + 1, until);
	if (fold->suspends)
		expire_suspend(fold, PG_INT64_MIN + 1, NONE, state->tier);
}

/* A new entry: count it in every version. */
void
tiers_count(Fold *fold, int entry)
{
	TierState  *state = &fold->tier;
	const Entry *e;

	if (entry == NONE || fold->program->tiers.n == 0)
		return;
	e = &fold->entries[entry];
	while (fold->nleaves < fold->nentries)
		set_leaves(fold, fold->nleaves++);
	for (uint32 m = 0; m < fold->program->metrics.n; m++)
		fold->lowered |= fold->values[entry * fold->program->metrics.n + m] < 0;

	/* a line of an old order: counts at its date, so count again */
	if (e->date != e->seen_at)
	{
		tiers_recount(fold);
		return;
	}
	for (int v = 0; v < (int) fold->program->tiers.n; v++)
	{
		if (is_fixed(&fold->tiers[v]))
			count_fixed(fold, state, v, entry, true);
		else if (fold->tiers[v].valid == VALID_WINDOW)
			sweep_rolling(fold, state, v, fold->at, fold->tiers[v].latch);
		else
			look_rolling(fold, state, v, NULL, entry + 1);
	}
	settle(fold, state, fold->at);
}

/* entries by date: those of late lines belong to their orders */
static int
compare_entries(const void *a, const void *b, void *arg)
{
	const Fold *fold = arg;
	const Entry *x = &fold->entries[*(const int *) a];
	const Entry *y = &fold->entries[*(const int *) b];

	if (x->date != y->date)
		return x->date < y->date ? -1 : 1;
	if ((x->undoes != NONE) != (y->undoes != NONE))
		return x->undoes != NONE ? 1 : -1;
	/* an expense, which has no order, comes last */
	if (x->order != y->order)
		return (unsigned) x->order < (unsigned) y->order ? -1 : 1;
	return *(const int *) a < *(const int *) b ? -1 : 1;
}

/* A version begins: what is met already is reached then. */
static void
begin_version(Fold *fold, TierState *state, int version, int64 at)
{
	const TiersRule *rule = &fold->tiers[version];
	int128		sums[PROGRAM_MAX_METRICS];

	if (is_fixed(rule))
	{
		int			i = window_of(fold, state, version, at);

		window_look(fold, state, &state->windows[i], at, false);
		return;
	}
	if (rule->valid == VALID_WINDOW)
	{
		sweep_rolling(fold, state, version, at, false);
		return;
	}
	rolling_sums(fold, version, at, NULL, fold->nentries, sums);
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		if (!is_base(&levels_of(fold, version)[l]) &&
			level_met(fold, rule, &levels_of(fold, version)[l], sums))
			hold(fold, state, version, (int) l, fold_to_local(fold, at),
				 rule->valid == VALID_FOREVER ? NULL : &rule->valid_span, 1);
	}
}

/*
 * Windows end, after `since` and up to `upto`: what they carry over counts from
 * the next one's first instant on, and may reach a level there.
 */
static void
begin_windows(Fold *fold, TierState *state, int version, int64 since, int64 upto)
{
	if (!fold->tiers[version].has_rollover)
		return;
	for (;;)
	{
		int64		end = INSTANT_NEVER;
		Window	   *w;
		int			i;

		for (i = 0; i < state->nwindows; i++)
		{
			w = &state->windows[i];
			if (w->version == version && w->end > since && w->end <= upto)
				end = Min(end, w->end);
		}
		if (end == INSTANT_NEVER)
			return;
		CHECK_FOR_INTERRUPTS();
		i = window_of(fold, state, version, end);
		w = &state->windows[i];
		carry_into(fold, state, w);
		if (w->carried > 0)
			window_look(fold, state, w, w->start, false);
		since = end;
	}
}

/* What the clock does for a version between two instants. */
static void
pass_time(Fold *fold, TierState *state, int version, int64 since, int64 upto)
{
	int64		from = fold->bounds[fold->tiers[version].rule.id].from;

	if (from > since && from <= upto)
	{
		begin_windows(fold, state, version, since, from);
		begin_version(fold, state, version, from);
		since = from;
	}
	begin_windows(fold, state, version, since, upto);
}

/* An order is looked at when all its lines are there. */
static bool
is_last_of_order(const Fold *fold, const int *entries, int k)
{
	const Entry *e = &fold->entries[entries[k]];
	const Entry *next;

	if (k + 1 == fold->nentries)
		return true;
	next = &fold->entries[entries[k + 1]];
	return next->order == NONE || next->undoes != NONE || next->order != e->order;
}

/* Count a version again from the start, with the entries by date. */
static void
recount_fixed(Fold *fold, TierState *state, int version, const int *entries)
{
	int			nmetrics = (int) fold->program->metrics.n;
	int64		since = PG_INT64_MIN;

	for (int i = 0; i < state->nwindows; i++)
	{
		Window	   *w = &state->windows[i];

		if (w->version != version)
			continue;
		memset(w->sums, 0, sizeof(w->sums));
		w->carried = 0;
		for (int l = 0; l < PROGRAM_MAX_LEVELS; l++)
			w->reached[l] = INSTANT_NEVER;
	}
	for (int k = 0; k < fold->nentries; k++)
	{
		const Entry *e = &fold->entries[entries[k]];

		CHECK_FOR_INTERRUPTS();
		pass_time(fold, state, version, since, e->date);
		since = e->date;

		/* a refund dated elsewhere has lowered the order's entry: not here */
		for (int d = entries[k] + 1; d < fold->nentries && e->undoes == NONE; d++)
		{
			if (fold->entries[d].undoes == entries[k])
			{
				int			w = window_of(fold, state, version, e->date);

				if (window_of(fold, state, version, fold->entries[d].date) != w)
				{
					for (int m = 0; m < nmetrics; m++)
						state->windows[w].sums[m] -= fold->values[d * nmetrics + m];
				}
			}
		}
		count_fixed(fold, state, version, entries[k], is_last_of_order(fold, entries, k));
	}
	pass_time(fold, state, version, since, fold->at);
}

/* Count a version again; what has been won stays won if refunds take nothing. */
static void
recount(Fold *fold, TierState *state, int version, const int *entries)
{
	const TiersRule *rule = &fold->tiers[version];
	int64	   *earned = earned_by(fold, state, version);
	int64		before[PROGRAM_MAX_TIERS];
	Step	   *steps = NULL;
	int			nsteps = state->nsteps;
	int			n = (int) fold->program->tier_names.n;

	memcpy(before, earned, n * sizeof(int64));
	if (rule->latch && nsteps > 0)
	{
		steps = palloc_extended(nsteps * sizeof(Step), MCXT_ALLOC_HUGE);
		memcpy(steps, state->steps, nsteps * sizeof(Step));
	}
	forget(fold, state, version);
	state->replays = true;
	if (is_fixed(rule))
		recount_fixed(fold, state, version, entries);
	else if (rule->valid == VALID_WINDOW)
		sweep_rolling(fold, state, version, fold->at, false);
	else
	{
		pass_time(fold, state, version, PG_INT64_MIN, fold->at);
		for (int k = 0; k < fold->nentries; k++)
		{
			if (is_last_of_order(fold, entries, k))
				look_rolling(fold, state, version, entries, k + 1);
		}
	}
	state->replays = false;
	for (int t = 0; t < n && rule->latch; t++)
		earned[t] = Max(earned[t], before[t]);
	for (int i = 0; i < nsteps && steps; i++)
	{
		if (steps[i].version == version)
			add_step(fold, state, version, steps[i].tier, steps[i].from, steps[i].until);
	}
}

/* What has been counted is no longer so: count everything again. */
void
tiers_recount(Fold *fold)
{
	TierState  *state = &fold->tier;
	int		   *order;

	if (fold->program->tiers.n == 0)
		return;
	order = palloc_extended((fold->nentries + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	for (int e = 0; e < fold->nentries; e++)
		order[e] = e;
	qsort_arg(order, fold->nentries, sizeof(int), compare_entries, fold);
	/* an entry that undoes another was made without them */
	while (fold->nleaves < fold->nentries)
		set_leaves(fold, fold->nleaves++);
	for (int v = 0; v < (int) fold->program->tiers.n; v++)
		recount(fold, state, v, order);
	pfree(order);
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
			fold->tier.granted[t] = Max(fold->tier.granted[t], event->until);
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
	for (int v = 0; v < (int) fold->program->tiers.n; v++)
	{
		const TiersRule *rule = &fold->tiers[v];

		if (fold->bounds[rule->rule.id].from == at)
			begin_version(fold, state, v, at);
		else if (!is_fixed(rule) && rule->valid == VALID_WINDOW && fold->lowered)
			sweep_rolling(fold, state, v, at, true);
		begin_windows(fold, state, v, at - 1, at);
	}
	settle(fold, state, at);
}

/* A copy of the state that may look ahead. */
TierState *
tiers_look_ahead(Fold *fold)
{
	TierState  *ahead = &fold->ahead;
	TierState	kept = *ahead;

	*ahead = fold->tier;
	ahead->earned = kept.earned;
	ahead->room_earned = kept.room_earned;
	ahead->windows = kept.windows;
	ahead->room_windows = kept.room_windows;
	ahead->steps = kept.steps;
	ahead->room_steps = kept.room_steps;
	ahead->projected = true;
	fold_reserve(fold, (void **) &ahead->earned, &ahead->room_earned, ahead->nearned, sizeof(int64));
	fold_reserve(fold, (void **) &ahead->windows, &ahead->room_windows, ahead->nwindows, sizeof(Window));
	fold_reserve(fold, (void **) &ahead->steps, &ahead->room_steps, ahead->nsteps, sizeof(Step));
	if (ahead->nsteps > 0)
		memcpy(ahead->steps, fold->tier.steps, ahead->nsteps * sizeof(Step));
	if (ahead->nearned > 0)
		memcpy(ahead->earned, fold->tier.earned, ahead->nearned * sizeof(int64));
	if (ahead->nwindows > 0)
		memcpy(ahead->windows, fold->tier.windows, ahead->nwindows * sizeof(Window));
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
	const TiersRule *rule = &fold->tiers[version];
	int128		sums[PROGRAM_MAX_METRICS];

	if (!is_fixed(rule))
		rolling_sums(fold, version, fold->asof, NULL, fold->nentries, sums);
	else
	{
		int			known = fold->tier.nwindows;
		int			i = window_of(fold, &fold->tier, version, fold->asof);

		if (i >= known)
			carry_into(fold, &fold->tier, &fold->tier.windows[i]);
		sums_with_carried(fold, &fold->tier.windows[i], sums);
	}
	return sums[metric];
}
