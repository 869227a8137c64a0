/*
 * held.h
 *		Levels that are met, and what they give.
 */
#ifndef LOYALTY_HELD_H
#define LOYALTY_HELD_H

#include "standing/fold.h"

#define WALK_RULE(fold, walk) (&(fold)->rules.tiers[(walk)->version])
#define WALK_LEVELS(fold, walk) LEVELS(fold, WALK_RULE(fold, walk))

static inline bool
is_rolling(const TiersRule *rule)
{
	return rule->window == WINDOW_ROLLING;
}

/* Tiers of a rolling window may be held just while the metric is. */
static inline bool
holds_while_met(const TiersRule *rule)
{
	return is_rolling(rule) && rule->valid == VALID_WINDOW;
}

/* held always, before any event too */
static inline bool
level_is_base(const Level *level)
{
	return level->needs.n == 0 && level->at <= 0;
}

/* Do the sums of the walk's metrics reach a level?  Do some of these add to it? */
extern bool level_met(const Fold *fold, const Walk *walk, int level, const int128 *sums);
extern bool level_added(const Fold *fold, const Walk *walk, int level, const int128 *values);

/* Where a level is met, or is not, among the positions of the walk. */
typedef enum LevelAt
{
	LEVEL_MET,					/* when looked at */
	LEVEL_EXTENDED,				/* by one that adds to it */
	LEVEL_FAILS					/* where it may be low */
} LevelAt;

typedef struct LevelTest
{
	CourseTest	test;
	const Fold *fold;
	const Walk *walk;
	int			level;
	LevelAt		what;
	const int128 *carried;		/* added to all sums; NULL */
} LevelTest;

extern int	level_first(const Fold *fold, const Walk *walk, int from, int until, int level, LevelAt what, const int128 *carried);
extern int	level_last(const Fold *fold, const Walk *walk, int from, int until, int level, LevelAt what);
/* The first position from an instant on. */
extern int	position_from(const Walk *walk, int64 at);

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
extern int	steps_of(Fold *fold, const Walk *walk, int level, const Term *term, int64 at, Step *steps);

extern void held_begin(Fold *fold, Held *held);
extern void held_copy(Fold *fold, Held *to, const Held *from);
/* A level was reached at an instant. */
extern void hold(Fold *fold, const Walk *walk, Held *held, int level, Term term, int64 at);
/* How long after an instant something may still be held by what happens there, at most. */
extern int64 holds_longest(const Fold *fold, const Walk *walk, const Span *span, int times);

/* Let stand what a level gave, or a step of it; or take what stands of it. */
extern void let_stand(Fold *fold, Walk *walk, int64 window, int level, Term term, int64 at);
extern void add_stand(Fold *fold, Walk *walk, int64 window, Step step);
extern void take_level(Walk *walk, int64 window, int level);

#endif							/* LOYALTY_HELD_H */
