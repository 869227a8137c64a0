/*
 * held.c
 *		Levels that are met, and what they give.
 *
 * A tier is given until an instant.  Under `one step` it casts steps down, each
 * from the end of the one above it.  What is over is forgotten.
 */
#include "postgres.h"

#include "standing/held.h"

/* ---------------- levels ---------------- */

static inline int128
sum_of(const Walk *walk, uint32 metric, const int128 *sums)
{
	return sums[walk->place[metric]];
}

/* Is some alternative met by all that it needs? */
static bool
needs_met(const Fold *fold, const Walk *walk, const Level *level, const int128 *sums)
{
	const Need *needs = PROGRAM_LIST(fold->rules.program, level->needs, Need);

	for (uint32 n = 0; n < level->needs.n; n++)
	{
		const Condition *c = PROGRAM_LIST(fold->rules.program, needs[n].conditions, Condition);
		bool		met = true;

		for (uint32 i = 0; i < needs[n].conditions.n && met; i++)
			met = metric_reaches(sum_of(walk, c[i].metric, sums), c[i].at);
		if (met)
			return true;
	}
	return false;
}

bool
level_met(const Fold *fold, const Walk *walk, int l, const int128 *sums)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	const Level *level = &LEVELS(fold, rule)[l];

	return level->needs.n == 0 ? metric_reaches(sum_of(walk, rule->by, sums), level->at) : needs_met(fold, walk, level, sums);
}

bool
level_added(const Fold *fold, const Walk *walk, int l, const int128 *values)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	const Level *level = &LEVELS(fold, rule)[l];
	const Need *needs = PROGRAM_LIST(fold->rules.program, level->needs, Need);

	if (level->needs.n == 0)
		return sum_of(walk, rule->by, values) > 0;
	for (uint32 n = 0; n < level->needs.n; n++)
	{
		const Condition *c = PROGRAM_LIST(fold->rules.program, needs[n].conditions, Condition);

		for (uint32 i = 0; i < needs[n].conditions.n; i++)
		{
			if (sum_of(walk, c[i].metric, values) > 0)
				return true;
		}
	}
	return false;
}

static void
with_carried(const LevelTest *t, const int128 *sums, int128 *with)
{
	for (int m = 0; m < t->walk->nmetrics; m++)
		with[m] = sums[m] + (t->carried ? t->carried[m] : 0);
}

/* Does what stands at a position add to the level? */
static bool
level_added_at(const LevelTest *t, uint16 adds)
{
	int128		values[PROGRAM_MAX_METRICS] = {0};

	for (int m = 0; m < t->walk->nmetrics; m++)
		values[m] = adds >> m & 1;
	return level_added(t->fold, t->walk, t->level, values);
}

/* What adds to a level with needs is known at a position only. */
static bool
level_among(const CourseTest *test, const int128 *most, const int128 *adding, const int128 *least)
{
	const LevelTest *t = (const LevelTest *) test;
	const int128 *sums = t->what == LEVEL_FAILS ? least : most;
	int128		with[PROGRAM_MAX_METRICS];

	if (t->what == LEVEL_EXTENDED && WALK_LEVELS(t->fold, t->walk)[t->level].needs.n == 0)
		sums = adding;
	with_carried(t, sums, with);
	return level_met(t->fold, t->walk, t->level, with) != (t->what == LEVEL_FAILS);
}

static bool
level_at(const CourseTest *test, const int128 *sums, uint8 flags, uint16 adds)
{
	const LevelTest *t = (const LevelTest *) test;
	int128		with[PROGRAM_MAX_METRICS];

	if (!(flags & (t->what == LEVEL_FAILS ? COURSE_LOW : COURSE_LOOK)))
		return false;
	if (t->what == LEVEL_EXTENDED && !level_added_at(t, adds))
		return false;
	with_carried(t, sums, with);
	return level_met(t->fold, t->walk, t->level, with) != (t->what == LEVEL_FAILS);
}

int
level_first(const Fold *fold, const Walk *walk, int from, int until, int level, LevelAt what, const int128 *carried)
{
	LevelTest	t = {{level_among, level_at}, fold, walk, level, what, carried};

	return course_first(&walk->course, from, until, &t.test);
}

int
level_last(const Fold *fold, const Walk *walk, int from, int until, int level, LevelAt what)
{
	LevelTest	t = {{level_among, level_at}, fold, walk, level, what, NULL};

	return course_last(&walk->course, from, until, &t.test);
}

int
position_from(const Walk *walk, int64 at)
{
	int			low = 0;
	int			high = walk->ndates;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (walk->dates[middle] < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* ---------------- what they give ---------------- */

static int64
with_overhang(Fold *fold, const TiersRule *rule, int64 local)
{
	if (rule->has_overhang && local < INSTANT_LIMIT)
		local = local_snap(local_add(local, &rule->overhang, 1), SNAP_MONTH, 0, 0);
	return clock_from_local(&fold->clock, local);
}

int
steps_of(Fold *fold, const Walk *walk, int level, const Term *term, int64 at, Step *steps)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
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
		int64		until = n + term->times == 0 && !rule->has_overhang ? at :
			with_overhang(fold, rule, local_add(term->local, term->span, term->times + n));

		steps[n] = (Step) {(int) levels[level - n].tier, level, from, until};
		from = until;
	} while (++n <= level && rule->downgrade == DOWNGRADE_ONE_STEP);
	return n;
}

void
held_begin(Fold *fold, Held *held)
{
	held->nsteps = 0;
	memset(held->met, 0, fold->rules.program->tier_names.n);
	for (uint32 t = 0; t < fold->rules.program->tier_names.n; t++)
		held->until[t] = held->seen[t] = PG_INT64_MIN;
}

void
held_copy(Fold *fold, Held *to, const Held *from)
{
	uint32		n = fold->rules.program->tier_names.n;

	memcpy(to->until, from->until, n * sizeof(int64));
	memcpy(to->seen, from->seen, n * sizeof(int64));
	memcpy(to->met, from->met, n);
	to->nsteps = from->nsteps;
	if (from->nsteps == 0)
		return;
	RESERVE(fold, to, steps, from->nsteps);
	memcpy(to->steps, from->steps, from->nsteps * sizeof(Step));
}

/* One step more, or a longer one; those that are over make room. */
static void
add_step(Fold *fold, Held *held, Step step)
{
	int			n = 0;

	if (step.from >= step.until || step.until <= fold->at)
		return;
	for (int i = 0; i < held->nsteps; i++)
	{
		Step	   *other = &held->steps[i];

		if (other->tier == step.tier && other->level == step.level && other->from <= step.from && step.from <= other->until)
		{
			other->until = Max(other->until, step.until);
			return;
		}
	}
	for (int i = 0; i < held->nsteps; i++)
	{
		if (held->steps[i].until > fold->at)
			held->steps[n++] = held->steps[i];
	}
	held->nsteps = n;
	*PUSH_TO(fold, held, steps) = step;
}

void
hold(Fold *fold, const Walk *walk, Held *held, int level, Term term, int64 at)
{
	Step		steps[PROGRAM_MAX_LEVELS];
	int			n = steps_of(fold, walk, level, &term, at, steps);
	int64	   *until = &held->until[steps[0].tier];
	int64	   *seen = &held->seen[steps[0].tier];
	int64		sees = holds_while_met(WALK_RULE(fold, walk)) ? at - 1 : at;

	if (steps[0].until > *until || (steps[0].until == *until && sees > *seen))
		*seen = sees;
	*until = Max(*until, steps[0].until);
	for (int i = 1; i < n; i++)
		add_step(fold, held, steps[i]);
}

/* no shorter than any of these spans is */
static int64
span_at_most(const Span *span, int times)
{
	int128		length = ((int128) span->months * 31 + span->days) * USECS_PER_DAY + span->time;

	return (int64) Min(length * times, (int128) 2 * INSTANT_LIMIT);
}

int64
holds_longest(const Fold *fold, const Walk *walk, const Span *span, int times)
{
	const TiersRule *rule = WALK_RULE(fold, walk);
	int64		overhang = rule->has_overhang ? span_at_most(&rule->overhang, 1) + 31 * USECS_PER_DAY : 0;

	if (rule->downgrade == DOWNGRADE_ONE_STEP)
		times += (int) rule->levels.n;
	/* clocks and clamped days move a few days at most */
	return span_at_most(span, times) + overhang + 4 * USECS_PER_DAY;
}

/* ---------------- what stands ---------------- */

void
add_stand(Fold *fold, Walk *walk, int64 window, Step step)
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

void
let_stand(Fold *fold, Walk *walk, int64 window, int level, Term term, int64 at)
{
	Step		steps[PROGRAM_MAX_LEVELS];
	int			n = steps_of(fold, walk, level, &term, at, steps);

	for (int i = 0; i < n; i++)
		add_stand(fold, walk, window, steps[i]);
}

void
take_level(Walk *walk, int64 window, int level)
{
	int			n = 0;

	for (int i = 0; i < walk->nstands; i++)
	{
		if (walk->stands[i].window != window || walk->stands[i].step.level != level)
			walk->stands[n++] = walk->stands[i];
	}
	walk->nstands = n;
}
