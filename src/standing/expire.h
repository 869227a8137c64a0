/*
 * expire.h
 *		Which rules end a lot, and which lot is the next to end.
 */
#ifndef LOYALTY_EXPIRE_H
#define LOYALTY_EXPIRE_H

#include "program/program.h"
#include "standing/rank.h"

typedef struct Lot Lot;

/* What governs a lot: bits per expire rule. */
typedef struct Life
{
	int64		fixed_end;		/* by hand, or by rules that nothing moves */
	uint64		rules;			/* all that govern it */
	uint64		own;			/* of inactivity or a plan's end, whose deadline is the lot's own ... */
	uint64		shares;			/* ... or every lot's */
	uint64		ranks;			/* those under which it has a key */
} Life;

/* How a rule stands whose ends move. */
typedef struct Lifetime
{
	int64		reset_at;		/* the last event that ends inactivity; PG_INT64_MIN */
	int64		deadline;		/* that follows from it, or with which a plan ends */
	bool		plan_held;		/* that plan is */
	VECTOR(int, sharing);		/* lots that live until then: all but the dead */
	Queue		holding[2];		/* those of them that hold points, as earned: open, pending */
	VECTOR(int, ranked);		/* lots with keys ... */
	Ranking		keys;			/* ... see suspend.c */
	VECTOR(int, started);		/* lots that were started again ... */
	Ranking		again;
	int64		again_at;		/* ... for the last time then */
} Lifetime;

typedef struct Expiry
{
	bool		idles;			/* some rule looks at inactivity */
	uint64		moving;			/* rules whose ends move */
	bool		since_release;	/* a rule that may be suspended counts from the release */
	Lifetime	lifetimes[PROGRAM_MAX_RULES];
	VECTOR(int, due);			/* lots that die now */
} Expiry;

extern void expire_begin(Fold *fold);
/* An event that ends inactivity, for the rules that say so. */
extern void expire_reset(Fold *fold, int event);
/* Plans are held otherwise than before. */
extern void expire_plans(Fold *fold, int64 at);
/* The suspensions have changed, or what is foreseen of them. */
extern void expire_look_again(Fold *fold);

/* Find the rules that govern a lot: it is new, or its order has a new line. */
extern void lot_governed(Fold *fold, int lot);
/* It has got points or lost its last ones, was released or died. */
extern void lot_moved(Fold *fold, int lot);
/* Its end if nothing happens from now on. */
extern int64 lot_end(Fold *fold, int lot);
/* Which rule ends it, for the statement. */
extern const char *lot_end_rule(Fold *fold, int lot);

/* The next instant at which a lot ends by a rule whose ends move; INSTANT_NEVER. */
extern int64 expire_next(Fold *fold);
/* Gather the lots that have ended so by now in `due`. */
extern void expire_due(Fold *fold, int64 at);
/*
 * Of the lots of a group with ends that move, the first one to be spent, and
 * its end; NONE.
 */
extern int	expire_first(Fold *fold, RankGroup group, int64 *end);

#endif							/* LOYALTY_EXPIRE_H */
