/*
 * windows.c
 *		What the windows of tiers count, and which levels they reach.
 *
 * Each version of tiers walks through the entries by date, and through what the
 * clock does between them: entries leave a rolling window, a window ends and
 * carries over, the version begins.  On the way it notes what it has changed,
 * so that it can go back to a date.  So when a refund or a late line changes an
 * old order, only what has come since is counted again.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

static const Span one_year = {12, 0, 0};

static inline bool
is_rolling(const TiersRule *rule)
{
	return rule->window == WINDOW_ROLLING;
}

/* Tiers of a rolling window may be held just while the metric is. */
bool
holds_while_met(const TiersRule *rule)
{
	return is_rolling(rule) && rule->valid == VALID_WINDOW;
}

/* held always, before any event too */
bool
level_is_base(const Level *level)
{
	return level->needs.n == 0 && level->at <= 0;
}

/* Does a vector of metrics reach a level? */
static bool
level_met(const Fold *fold, const TiersRule *rule, const Level *level, const int128 *sums)
{
	const Need *needs = PROGRAM_LIST(fold->rules.program, level->needs, Need);

	if (level->needs.n == 0)
		return metric_reaches(sums[rule->by], level->at);
	for (uint32 n = 0; n < level->needs.n; n++)
	{
		const Condition *c = PROGRAM_LIST(fold->rules.program, needs[n].conditions, Condition);
		bool		met = true;

		for (uint32 i = 0; i < needs[n].conditions.n && met; i++)
			met = metric_reaches(sums[c[i].metric], c[i].at);
		if (met)
			return true;
	}
	return false;
}

static inline const int128 *
values_of(const Fold *fold, int entry)
{
	return &fold->counts.values[entry * fold->rules.program->metrics.n];
}

static inline void
add_values(const Fold *fold, int128 *sums, int entry, int sign)
{
	const int128 *values = values_of(fold, entry);

	for (uint32 m = 0; m < fold->rules.program->metrics.n; m++)
		sums[m] += sign * values[m];
}

/* ---------------- what going back undoes ---------------- */

static void
note(Fold *fold, Walk *walk, ChangeKind kind, int item, int level, int128 before)
{
	Change	   *change;

	if (walk->ahead)
		return;
	change = PUSH_TO(fold, walk, changes);
	change->at = walk->at;
	change->kind = kind;
	change->item = item;
	change->level = level;
	change->before = before;
}

static void
undo(Walk *walk, const Change *change)
{
	int			i = change->item;

	switch (change->kind)
	{
		case CHANGE_UNTIL:
			walk->until[i] = (int64) change->before;
			break;
		case CHANGE_SEEN:
			walk->seen[i] = (int64) change->before;
			break;
		case CHANGE_MET:
			walk->met[i] = change->before != 0;
			break;
		case CHANGE_REACHED:
			walk->windows[i].reached[change->level] = (int64) change->before;
			break;
		case CHANGE_CARRIED:
			walk->windows[i].carried = change->before;
			break;
		case CHANGE_STEP:
			walk->steps[i].until = (int64) change->before;
			break;
		case CHANGE_STEPS:
			walk->nsteps--;
			break;
	}
}

/* ---------------- what a level that is reached gives ---------------- */

static void
set_until(Fold *fold, Walk *walk, int tier, int64 until)
{
	if (walk->until[tier] == until)
		return;
	note(fold, walk, CHANGE_UNTIL, tier, 0, walk->until[tier]);
	walk->until[tier] = until;
}

static void
add_step(Fold *fold, Walk *walk, int tier, int level, int64 from, int64 until)
{
	if (from >= until)
		return;
	for (int i = walk->nsteps - 1; i >= 0; i--)
	{
		Step	   *step = &walk->steps[i];

		if (step->tier != tier || step->level != level || from < step->from || from > step->until)
			continue;
		if (until > step->until)
		{
			note(fold, walk, CHANGE_STEP, i, 0, step->until);
			step->until = until;
		}
		return;
	}
	*PUSH_TO(fold, walk, steps) = (Step) {tier, level, from, until};
	note(fold, walk, CHANGE_STEPS, NONE, 0, 0);
}

static int64
with_overhang(Fold *fold, const TiersRule *rule, int64 local)
{
	if (rule->has_overhang && local < INSTANT_LIMIT)
		local = local_snap(local_add(local, &rule->overhang, 1), SNAP_MONTH, 0, 0);
	return clock_from_local(&fold->clock, local);
}

/* How long a level that was reached is held: local + times terms (none if that is now). */
typedef struct Term
{
	int64		local;
	const Span *span;			/* NULL: for ever */
	int			times;
} Term;

/*
 * What a level that was reached gives, with its end, and under `one step` the
 * levels below it, each a term longer; returns how many.
 */
static int
steps_of(Fold *fold, const Walk *walk, int level, const Term *term, Step *steps)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Level *levels = LEVELS(fold, rule);
	int64		from = PG_INT64_MIN;
	int			n = 0;

	if (rule->downgrade == DOWNGRADE_NEVER || term->span == NULL)
	{
		steps[0] = (Step) {(int) levels[level].tier, level, from, INSTANT_NEVER};
		return 1;
	}
	do
	{
		int64		until = n + term->times == 0 && !rule->has_overhang ? walk->at :
			with_overhang(fold, rule, local_add(term->local, term->span, term->times + n));

		steps[n] = (Step) {(int) levels[level - n].tier, level, from, until};
		from = until;
	} while (++n <= level && rule->downgrade == DOWNGRADE_ONE_STEP);
	return n;
}

/* A level was reached. */
static void
hold(Fold *fold, Walk *walk, int level, Term term)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	Step		steps[PROGRAM_MAX_LEVELS];
	int			n = steps_of(fold, walk, level, &term, steps);

	if (is_rolling(rule) && steps[0].until >= walk->until[steps[0].tier])
	{
		note(fold, walk, CHANGE_SEEN, steps[0].tier, 0, walk->seen[steps[0].tier]);
		walk->seen[steps[0].tier] = holds_while_met(rule) ? walk->at - 1 : walk->at;
	}
	set_until(fold, walk, steps[0].tier, Max(walk->until[steps[0].tier], steps[0].until));
	for (int i = 1; i < n; i++)
		add_step(fold, walk, steps[i].tier, level, steps[i].from, steps[i].until);
}

/* For how long, if a fixed window reached it at that instant? */
static Term
window_term(Fold *fold, const TiersRule *rule, const Window *w, int64 reached)
{
	if (rule->window == WINDOW_LIFETIME || rule->valid == VALID_FOREVER)
		return (Term) {0, NULL, 0};
	if (rule->valid == VALID_SPAN)
		return (Term) {clock_to_local(&fold->clock, reached), &rule->valid_span, 1};
	return (Term) {w->anchor, &one_year, w->nth + 1 + (rule->valid == VALID_YEAR_AFTER)};
}

static void
window_holds(Fold *fold, Walk *walk, const Window *w, int level)
{
	hold(fold, walk, level, window_term(fold, &fold->rules.tiers[walk->version], w, w->reached[level]));
}

/* ---------------- fixed windows ---------------- */

static int64
year_start(Fold *fold, int64 anchor, int nth)
{
	return clock_from_local(&fold->clock, local_add(anchor, &one_year, nth));
}

/*
 * The window in which a date lies, made if need be.  What the clock does comes
 * before a joining at that instant.
 */
static int
window_of(Fold *fold, Walk *walk, int64 date, bool clock)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	Window	   *w;
	int64		anchor = 0;
	int64		local;
	int64		start = PG_INT64_MIN;
	int64		end = INSTANT_NEVER;
	int			nth = 0;

	if (rule->window == WINDOW_MEMBERSHIP_YEAR)
		anchor = clock_anchor(&fold->clock, clock ? date - 1 : date);
	else if (rule->window != WINDOW_LIFETIME)
		anchor = local_from_days(date_to_days(2000, rule->window_month, rule->window_day));

	/* mostly the one that was made last */
	for (int i = walk->nwindows - 1; i >= 0; i--)
	{
		w = &walk->windows[i];
		if (w->anchor == anchor && w->start <= date && date < w->end)
			return i;
	}
	if (rule->window != WINDOW_LIFETIME)
	{
		local = clock_to_local(&fold->clock, date);
		nth = local_years(anchor, local);
		/* of a midnight that comes twice, the other */
		if (year_start(fold, anchor, nth) > date)
			nth--;
		start = year_start(fold, anchor, nth);
		end = year_start(fold, anchor, nth + 1);
	}
	/* the same year by another anchor: a late `joined` on the anniversary */
	for (int i = walk->nwindows - 1; i >= 0; i--)
	{
		if (walk->windows[i].start == start && walk->windows[i].end == end)
			return i;
	}
	w = PUSH_TO(fold, walk, windows);
	w->anchor = anchor;
	w->nth = nth;
	w->start = start;
	w->end = end;
	memset(w->sums, 0, sizeof(w->sums));
	w->carried = 0;
	for (int l = 0; l < PROGRAM_MAX_LEVELS; l++)
		w->reached[l] = INSTANT_NEVER;
	return walk->nwindows - 1;
}

static void
sums_with_carried(const Fold *fold, const TiersRule *rule, const Window *w, int128 *sums)
{
	memcpy(sums, w->sums, sizeof(w->sums));
	if (rule->has_rollover)
		sums[rule->rollover_metric] += w->carried;
}

/* Forget all that the version has given: some window has lost a level. */
static void
hold_again(Fold *fold, Walk *walk)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];

	for (uint32 t = 0; t < fold->rules.program->tier_names.n; t++)
		set_until(fold, walk, (int) t, PG_INT64_MIN);
	for (int i = 0; i < walk->nsteps; i++)
	{
		note(fold, walk, CHANGE_STEP, i, 0, walk->steps[i].until);
		walk->steps[i].until = PG_INT64_MIN;
	}
	for (int i = 0; i < walk->nwindows; i++)
	{
		for (uint32 l = 0; l < rule->levels.n; l++)
		{
			if (walk->windows[i].reached[l] != INSTANT_NEVER)
				window_holds(fold, walk, &walk->windows[i], (int) l);
		}
	}
}

/*
 * See which levels a window reaches now, if its version is in force.  A refund
 * that counts at its own date, and has taken `lost` from its metrics, may also
 * lose some: those that the metrics met before it.
 */
static void
window_look(Fold *fold, Walk *walk, int window, const int128 *lost)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Level *levels = LEVELS(fold, rule);
	Window	   *w = &walk->windows[window];
	int128		with[PROGRAM_MAX_METRICS];
	const int128 *sums = w->sums;
	int128		before[PROGRAM_MAX_METRICS];
	bool		in_force = rule_in_force(fold, &rule->rule, walk->at);
	bool		loses = false;

	if (!in_force && !lost)
		return;
	if (w->carried != 0)
	{
		sums_with_carried(fold, rule, w, with);
		sums = with;
	}
	for (uint32 m = 0; m < fold->rules.program->metrics.n && lost; m++)
		before[m] = sums[m] - lost[m];
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		bool		reached = w->reached[l] != INSTANT_NEVER;
		bool		met;

		if (level_is_base(&levels[l]) || (reached && !lost))
			continue;
		met = level_met(fold, rule, &levels[l], sums);
		if (met == reached || (met && !in_force) ||
			(!met && !level_met(fold, rule, &levels[l], before)))
			continue;
		note(fold, walk, CHANGE_REACHED, window, (int) l, w->reached[l]);
		w->reached[l] = met ? walk->at : INSTANT_NEVER;
		if (met)
			window_holds(fold, walk, w, (int) l);
		loses |= !met;
	}
	if (loses)
		hold_again(fold, walk);
}

/* What a window carries into the next one when it ends. */
static int128
carry_of(const Fold *fold, const TiersRule *rule, const Window *w)
{
	const Level *levels = LEVELS(fold, rule);
	int			metric = (int) rule->rollover_metric;
	int128		with[PROGRAM_MAX_METRICS];
	Decimal		threshold = 0;

	sums_with_carried(fold, rule, w, with);
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		const Need *needs = PROGRAM_LIST(fold->rules.program, levels[l].needs, Need);

		if (levels[l].needs.n == 0 && metric == (int) rule->by &&
			metric_reaches(with[metric], levels[l].at))
			threshold = Max(threshold, levels[l].at);
		for (uint32 n = 0; n < levels[l].needs.n; n++)
		{
			const Condition *c = PROGRAM_LIST(fold->rules.program, needs[n].conditions, Condition);

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

/* Has a window that begins at that instant been made? */
static bool
has_window(const Walk *walk, int64 start)
{
	for (int i = 0; i < walk->nwindows; i++)
	{
		if (walk->windows[i].start == start)
			return true;
	}
	return false;
}

/* A window ends now: what it carries over may reach a level in the next one. */
static void
carry_over(Fold *fold, Walk *walk)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];

	for (int i = 0; i < walk->nwindows; i++)
	{
		int128		carried;
		int			next;

		if (walk->windows[i].end != walk->at)
			continue;
		carried = carry_of(fold, rule, &walk->windows[i]);
		if (carried == 0 && !has_window(walk, walk->at))
			continue;
		next = window_of(fold, walk, walk->at, true);
		if (carried != walk->windows[next].carried)
		{
			note(fold, walk, CHANGE_CARRIED, next, 0, walk->windows[next].carried);
			walk->windows[next].carried = carried;
		}
		if (carried > 0)
			window_look(fold, walk, next, NULL);
	}
}

/*
 * Count an entry in its fixed window (sign 1), or take it out again; returns
 * the window, NONE if it does not count.  An order's entry is net of all its refunds: one that counts in
 * another window has not lowered it here.
 */
static int
count_fixed(Fold *fold, Walk *walk, int entry, int sign)
{
	const Entry *e = &fold->counts.entries[entry];
	int			w = window_of(fold, walk, e->date, false);

	if (e->undoes != NONE)
	{
		if (window_of(fold, walk, fold->counts.entries[e->undoes].date, false) == w)
			return NONE;		/* within one window the net decides */
	}
	else
	{
		for (int u = e->undone; u != NONE; u = fold->counts.entries[u].undone)
		{
			if (window_of(fold, walk, fold->counts.entries[u].date, false) != w)
				add_values(fold, walk->windows[w].sums, u, -sign);
		}
	}
	add_values(fold, walk->windows[w].sums, entry, sign);
	return w;
}

/* ---------------- rolling windows ---------------- */

/* Do values add to a metric that the level looks at? */
static bool
adds_to(const Fold *fold, const TiersRule *rule, const Level *level, const int128 *values)
{
	const Need *needs = PROGRAM_LIST(fold->rules.program, level->needs, Need);

	if (level->needs.n == 0)
		return values[rule->by] > 0;
	for (uint32 n = 0; n < level->needs.n; n++)
	{
		const Condition *c = PROGRAM_LIST(fold->rules.program, needs[n].conditions, Condition);

		for (uint32 i = 0; i < needs[n].conditions.n; i++)
		{
			if (values[c[i].metric] > 0)
				return true;
		}
	}
	return false;
}

/*
 * A look at a rolling window whose tiers are valid for an interval: every order
 * that adds to a level extends it, and so does the version's beginning (values
 * NULL).
 */
static void
rolling_look(Fold *fold, Walk *walk, const int128 *values)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Level *levels = LEVELS(fold, rule);

	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		if (level_is_base(&levels[l]) || (values && !adds_to(fold, rule, &levels[l], values)) ||
			!level_met(fold, rule, &levels[l], walk->sums))
			continue;
		hold(fold, walk, (int) l, rule->valid == VALID_FOREVER ? (Term) {0, NULL, 0} :
			 (Term) {clock_to_local(&fold->clock, walk->at), &rule->valid_span, 1});
	}
}

/* The last entry of an order, the k-th by date, looks. */
static void
order_looks(Fold *fold, Walk *walk, int k)
{
	const Entry *e = &fold->counts.entries[fold->tiers.by_date[k]];
	int128		values[PROGRAM_MAX_METRICS] = {0};

	if (e->lowers || e->order == NONE || !rule_in_force(fold, &fold->rules.tiers[walk->version].rule, e->date))
		return;
	/* all that the order has brought */
	for (; k >= 0; k--)
	{
		const Entry *other = &fold->counts.entries[fold->tiers.by_date[k]];

		if (other->order != e->order || other->undoes != NONE)
			break;
		add_values(fold, values, fold->tiers.by_date[k], 1);
	}
	rolling_look(fold, walk, values);
}

/* Is a level met now that was not, or the other way round?  Only in force one is won. */
static bool
turns(const Fold *fold, const Walk *walk, const Level *level, const int128 *sums, int64 at)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	bool		met = walk->met[level->tier];

	return !level_is_base(level) && level_met(fold, rule, level, sums) != met &&
		(met || (!walk->falling && rule_in_force(fold, &rule->rule, at)));
}

/* Tiers that are held while the metric is: which are now? */
static void
look_while_met(Fold *fold, Walk *walk)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Level *levels = LEVELS(fold, rule);

	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		bool	   *met = &walk->met[levels[l].tier];

		if (!turns(fold, walk, &levels[l], walk->sums, walk->at))
			continue;
		note(fold, walk, CHANGE_MET, (int) levels[l].tier, 0, *met);
		*met = !*met;
		if (!*met)
			hold(fold, walk, (int) l, (Term) {clock_to_local(&fold->clock, walk->at), &rule->span, 0});
	}
}

/* When that changes next, if nothing happens. */
static int64
next_turn(const Fold *fold, const Walk *walk)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	int128		sums[PROGRAM_MAX_METRICS];
	int			left = walk->left;

	memcpy(sums, walk->sums, sizeof(sums));
	while (left < walk->nleaving)
	{
		int64		at = walk->leaving[left].at;

		CHECK_FOR_INTERRUPTS();
		for (; left < walk->nleaving && walk->leaving[left].at == at; left++)
			add_values(fold, sums, walk->leaving[left].entry, -1);
		for (uint32 l = 0; l < rule->levels.n; l++)
		{
			if (turns(fold, walk, &LEVELS(fold, rule)[l], sums, at))
				return at;
		}
	}
	return INSTANT_NEVER;
}

/* ---------------- the walk ---------------- */

/* Of what it has allocated before, it keeps the room. */
void
walk_begin(Fold *fold, Walk *walk, int version)
{
	walk->version = version;
	walk->at = PG_INT64_MIN;
	walk->counted = walk->left = 0;
	walk->nwindows = walk->nsteps = walk->nstands = walk->nchanges = walk->nleaving = 0;
	memset(walk->sums, 0, sizeof(walk->sums));
	memset(walk->met, 0, sizeof(walk->met));
	for (uint32 t = 0; t < fold->rules.program->tier_names.n; t++)
		walk->until[t] = walk->seen[t] = PG_INT64_MIN;
}

void
walk_leaves(Fold *fold, Walk *walk, int entry)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Entry *e = &fold->counts.entries[entry];
	int64		at;
	int			k;

	if (!is_rolling(rule) || e->undoes != NONE)
		return;
	at = clock_add(&fold->clock, e->date, &rule->span, 1);
	if (at == INSTANT_NEVER)
		return;
	PUSH_TO(fold, walk, leaving);
	for (k = walk->nleaving - 1; k > 0 && at < walk->leaving[k - 1].at; k--)
		walk->leaving[k] = walk->leaving[k - 1];
	walk->leaving[k] = (Leaving) {at, entry};
}

/* When the clock has something to do after the instant at which the walk stands. */
static int64
next_moment(const Fold *fold, const Walk *walk)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	int64		next = INSTANT_NEVER;

	if (fold->rules.bounds[rule->rule.id].from > walk->at)
		next = fold->rules.bounds[rule->rule.id].from;
	if (holds_while_met(rule) && walk->left < walk->nleaving)
		next = Min(next, walk->leaving[walk->left].at);
	for (int i = 0; i < walk->nwindows && rule->has_rollover; i++)
	{
		if (walk->windows[i].end > walk->at)
			next = Min(next, walk->windows[i].end);
	}
	return next;
}

/* When the clock may next change which levels are held, their own ends apart. */
int64
walk_next(const Fold *fold, const Walk *walk, int64 at)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Bound *bound = &fold->rules.bounds[rule->rule.id];
	int64		next = INSTANT_NEVER;

	if (bound->until > at)
		next = bound->until;
	if (bound->from > at)
		next = bound->from;
	for (int i = 0; i < walk->nsteps; i++)
	{
		if (walk->steps[i].from > at && walk->steps[i].until > at)
			next = Min(next, walk->steps[i].from);
	}
	for (int i = 0; i < walk->nstands; i++)
	{
		if (walk->stands[i].step.from > at)
			next = Min(next, walk->stands[i].step.from);
	}
	for (int i = 0; i < walk->nwindows && rule->has_rollover; i++)
	{
		const Window *w = &walk->windows[i];

		if (w->end > at && w->end < next && carry_of(fold, rule, w) > 0)
			next = w->end;
	}
	if (holds_while_met(rule) && walk->left < walk->nleaving)
		next = Min(next, walk->ahead ? next_turn(fold, walk) : walk->leaving[walk->left].at);
	return next;
}

/* An order, or a refund, is looked at when all its lines are there. */
static bool
is_last_of_order(const Fold *fold, int k)
{
	const Entry *e = &fold->counts.entries[fold->tiers.by_date[k]];
	const Entry *next;

	if (k + 1 == fold->tiers.nby_date)
		return true;
	next = &fold->counts.entries[fold->tiers.by_date[k + 1]];
	if (e->undoes != NONE)
		return next->undoes == NONE || next->place != e->place;
	return next->order == NONE || next->undoes != NONE || next->order != e->order;
}

/* What a refund, whose last entry is the k-th by date, has taken at its own date. */
static void
sum_lost(const Fold *fold, int k, int128 *lost)
{
	int			place = fold->counts.entries[fold->tiers.by_date[k]].place;

	memset(lost, 0, PROGRAM_MAX_METRICS * sizeof(int128));
	for (; k >= 0 && fold->counts.entries[fold->tiers.by_date[k]].place == place; k--)
		add_values(fold, lost, fold->tiers.by_date[k], 1);
}

static void
count_next(Fold *fold, Walk *walk)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	int			k = walk->counted++;
	int			e = fold->tiers.by_date[k];

	if (!is_rolling(rule))
	{
		int			w = count_fixed(fold, walk, e, 1);

		int128		lost[PROGRAM_MAX_METRICS];

		if (w == NONE || !is_last_of_order(fold, k))
			return;
		if (fold->counts.entries[e].lowers)
			sum_lost(fold, k, lost);
		window_look(fold, walk, w, fold->counts.entries[e].lowers ? lost : NULL);
		return;
	}
	if (fold->counts.entries[e].undoes == NONE)
		add_values(fold, walk->sums, e, 1);
	if (!holds_while_met(rule) && is_last_of_order(fold, k))
		order_looks(fold, walk, k);
}

static void
let_leave(const Fold *fold, Walk *walk, int64 upto)
{
	while (walk->left < walk->nleaving && walk->leaving[walk->left].at <= upto)
		add_values(fold, walk->sums, walk->leaving[walk->left++].entry, -1);
}

/* Go on to an instant: the clock, then the entries of that instant. */
void
walk_to(Fold *fold, Walk *walk, int64 upto)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];

	for (;;)
	{
		int64		clock = next_moment(fold, walk);
		int64		at = clock;

		CHECK_FOR_INTERRUPTS();
		if (walk->counted < fold->tiers.nby_date)
			at = Min(at, fold->counts.entries[fold->tiers.by_date[walk->counted]].date);
		if (at > upto)
			break;
		walk->at = at;
		let_leave(fold, walk, at);
		if (at == clock && rule->has_rollover)
			carry_over(fold, walk);
		if (at == clock && at == fold->rules.bounds[rule->rule.id].from)
		{
			/* the version begins: what is met already is reached now */
			if (!is_rolling(rule))
				window_look(fold, walk, window_of(fold, walk, at, true), NULL);
			else if (!holds_while_met(rule))
				rolling_look(fold, walk, NULL);
		}
		while (walk->counted < fold->tiers.nby_date && fold->counts.entries[fold->tiers.by_date[walk->counted]].date == at)
			count_next(fold, walk);
		if (holds_while_met(rule))
			look_while_met(fold, walk);
	}
	let_leave(fold, walk, upto);
	walk->at = Max(walk->at, upto);
}

/* Go back to just before an instant. */
void
walk_back(Fold *fold, Walk *walk, int64 to)
{
	if (walk->at < to)
		return;
	while (walk->nchanges > 0 && walk->changes[walk->nchanges - 1].at >= to)
		undo(walk, &walk->changes[--walk->nchanges]);
	while (walk->left > 0 && walk->leaving[walk->left - 1].at >= to)
		add_values(fold, walk->sums, walk->leaving[--walk->left].entry, 1);
	while (walk->counted > 0 && fold->counts.entries[fold->tiers.by_date[walk->counted - 1]].date >= to)
	{
		int			e = fold->tiers.by_date[--walk->counted];

		CHECK_FOR_INTERRUPTS();
		if (!is_rolling(&fold->rules.tiers[walk->version]))
			count_fixed(fold, walk, e, -1);
		else if (fold->counts.entries[e].undoes == NONE)
			add_values(fold, walk->sums, e, -1);
	}
	walk->at = to - 1;
}

/* ---------------- what stands beside the story ---------------- */

static void
add_stand(Fold *fold, Walk *walk, int window, Step step)
{
	int			n = 0;

	step.from = Max(step.from, fold->at);
	if (step.until <= step.from)
		return;
	for (int i = 0; i < walk->nstands; i++)
	{
		Stand		other = walk->stands[i];

		if (other.window == window && other.step.level == step.level && other.step.tier == step.tier &&
			step.from >= other.step.from && step.from <= other.step.until)
		{
			/* one that goes on */
			step.from = other.step.from;
			step.until = Max(step.until, other.step.until);
		}
		else if (other.step.until > fold->at)
			walk->stands[n++] = other;
	}
	walk->nstands = n;
	*PUSH_TO(fold, walk, stands) = (Stand) {window, step};
}

/* What a level gave stands, for so long. */
static void
let_stand(Fold *fold, Walk *walk, int window, int level, Term term)
{
	Step		steps[PROGRAM_MAX_LEVELS];
	int			n = steps_of(fold, walk, level, &term, steps);

	for (int i = 0; i < n; i++)
		add_stand(fold, walk, window, steps[i]);
}

/* A refund takes a level, and with it what stands of it. */
static void
take_level(Walk *walk, int window, int level)
{
	int			n = 0;

	for (int i = 0; i < walk->nstands; i++)
	{
		if (walk->stands[i].window != window || walk->stands[i].step.level != level)
			walk->stands[n++] = walk->stands[i];
	}
	walk->nstands = n;
}

void
walk_remember(Fold *fold, Walk *walk, Before *before)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];

	memcpy(before->sums, walk->sums, sizeof(before->sums));
	/* what this instant's other events have won while the metric is, was not held before it */
	if (holds_while_met(rule))
		walk_back(fold, walk, fold->at);
	before->nwindows = walk->nwindows;
	RESERVE(fold, before, windows, walk->nwindows);
	if (walk->nwindows > 0)
		memcpy(before->windows, walk->windows, walk->nwindows * sizeof(Window));
	before->nsteps = walk->nsteps;
	RESERVE(fold, before, steps, walk->nsteps);
	if (walk->nsteps > 0)
		memcpy(before->steps, walk->steps, walk->nsteps * sizeof(Step));
	memcpy(before->until, walk->until, sizeof(before->until));
	memcpy(before->seen, walk->seen, sizeof(before->seen));
	memcpy(before->met, walk->met, sizeof(before->met));
}

/* In a fixed window the metric is that of the window. */
static void
window_stands(Fold *fold, Walk *walk, int window, const Window *before, bool refund)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Level *levels = LEVELS(fold, rule);
	const Window *w = &walk->windows[window];
	int128		sums_before[PROGRAM_MAX_METRICS];
	int128		sums[PROGRAM_MAX_METRICS];

	sums_with_carried(fold, rule, before, sums_before);
	sums_with_carried(fold, rule, w, sums);
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		if (level_is_base(&levels[l]))
			continue;
		if (refund && level_met(fold, rule, &levels[l], sums_before) && !level_met(fold, rule, &levels[l], sums))
			take_level(walk, window, (int) l);
		else if (before->reached[l] != INSTANT_NEVER && before->reached[l] != w->reached[l])
			let_stand(fold, walk, window, (int) l, window_term(fold, rule, before, before->reached[l]));
	}
}

/*
 * Did a rolling window meet a level before a refund?  What it counted when it
 * was last seen to, and all that has come since: what has merely left it
 * meanwhile still counts here.
 */
static bool
was_met(Fold *fold, const Walk *walk, const Level *level, const Before *before, int64 seen)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	int64		refunded_leaves = clock_add(&fold->clock, fold->counts.refunded_date, &rule->span, 1);
	int128		sums[PROGRAM_MAX_METRICS];

	memcpy(sums, before->sums, sizeof(sums));
	for (int k = walk->left - 1; k >= 0 && walk->leaving[k].at > seen; k--)
	{
		CHECK_FOR_INTERRUPTS();
		add_values(fold, sums, walk->leaving[k].entry, 1);
	}
	/* as it was before the refund */
	for (uint32 m = 0; m < fold->rules.program->metrics.n && refunded_leaves > seen && refunded_leaves <= walk->at; m++)
		sums[m] -= fold->counts.refunded[m];
	return level_met(fold, rule, level, sums);
}

/*
 * In a rolling window a level is made shorter by refunds only, which tell the
 * story again, and only if the metric met it.  What stands beside the story a
 * refund takes by the metric of its instant.
 */
static void
rolling_stands(Fold *fold, Walk *walk, int level, const Before *before, bool refund)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	const Level *l = &LEVELS(fold, rule)[level];
	Term		now = {clock_to_local(&fold->clock, walk->at), &rule->span, 0};
	Step		steps[PROGRAM_MAX_LEVELS];
	int64		known = before->until[l->tier];
	int64		end = walk->until[l->tier];

	if (refund && level_met(fold, rule, l, before->sums) && !level_met(fold, rule, l, walk->sums))
		take_level(walk, NONE, level);
	if (before->met[l->tier] || walk->met[l->tier])
		(void) steps_of(fold, walk, level, &now, steps);
	if (before->met[l->tier])
		known = Max(known, steps[0].until);
	if (walk->met[l->tier])
		end = Max(end, steps[0].until);
	for (int i = 0; i < walk->nstands; i++)
	{
		if (walk->stands[i].step.level == level && walk->stands[i].step.tier == (int) l->tier)
			end = Max(end, walk->stands[i].step.until);
	}
	if (known <= end ||
		(refund && was_met(fold, walk, l, before, before->met[l->tier] ? walk->at - 1 : before->seen[l->tier])))
		return;
	if (before->met[l->tier])
		let_stand(fold, walk, NONE, level, now);
	add_stand(fold, walk, NONE, (Step) {(int) l->tier, level, PG_INT64_MIN, before->until[l->tier]});
	for (int i = 0; i < before->nsteps; i++)
	{
		if (before->steps[i].level == level)
			add_stand(fold, walk, NONE, before->steps[i]);
	}
}

void
walk_stands(Fold *fold, Walk *walk, const Before *before, bool refund)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];

	for (int w = 0; w < before->nwindows; w++)
		window_stands(fold, walk, w, &before->windows[w], refund);
	for (uint32 l = 0; l < rule->levels.n && is_rolling(rule); l++)
	{
		if (!level_is_base(&LEVELS(fold, rule)[l]))
			rolling_stands(fold, walk, (int) l, before, refund);
	}
}

/* A metric of the window in which the walk stands, with what was carried in. */
int128
walk_sum(Fold *fold, Walk *walk, int metric)
{
	const TiersRule *rule = &fold->rules.tiers[walk->version];
	int128		sums[PROGRAM_MAX_METRICS];
	int			w;

	if (is_rolling(rule))
		return walk->sums[metric];
	w = window_of(fold, walk, walk->at, false);
	sums_with_carried(fold, rule, &walk->windows[w], sums);
	return sums[metric];
}

void
walk_copy(Fold *fold, Walk *to, const Walk *from)
{
	Walk		own = *to;

	*to = *from;
	to->ahead = true;
	to->windows = own.windows;
	to->room_windows = own.room_windows;
	to->steps = own.steps;
	to->room_steps = own.room_steps;
	RESERVE(fold, to, windows, to->nwindows);
	RESERVE(fold, to, steps, to->nsteps);
	if (to->nwindows > 0)
		memcpy(to->windows, from->windows, to->nwindows * sizeof(Window));
	if (to->nsteps > 0)
		memcpy(to->steps, from->steps, to->nsteps * sizeof(Step));
}

void
walk_fall(Fold *fold, Walk *walk)
{
	int			ntiers = (int) fold->rules.program->tier_names.n;
	int64		next;

	walk->falling = true;
	while (memchr(walk->met, 1, ntiers) && (next = walk_next(fold, walk, walk->at)) != INSTANT_NEVER)
		walk_to(fold, walk, next);
}
