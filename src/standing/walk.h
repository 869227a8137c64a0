/*
 * walk.h
 *		What a version of tiers counts, and what it gives.
 */
#ifndef LOYALTY_WALK_H
#define LOYALTY_WALK_H

#include "program/program.h"
#include "standing/course.h"

/* A fixed window. */
typedef struct Window
{
	int64		anchor;			/* local */
	int			nth;			/* year since the anchor */
	int64		start;
	int64		end;
	int			from;			/* positions ... */
	int			until;			/* ... excluded */
	bool		lowered;		/* some refund counts in it at its own date */
	bool		changed;		/* by the event that is under way */
	bool		again;			/* so that all of it is to be looked at again */
	int128		sums[PROGRAM_MAX_METRICS];	/* its own */
	int128		carried;		/* into the rollover metric */
	int64		reached[PROGRAM_MAX_LEVELS];	/* INSTANT_NEVER if not */
} Window;

/* An entry leaves a rolling window. */
typedef struct Leaving
{
	int64		at;
	int			slot;
} Leaving;

/* A tier held, perhaps on the way down from a higher level, which is what gave it. */
typedef struct Step
{
	int			tier;
	int			level;
	int64		from;
	int64		until;
} Step;

/*
 * A tier that the orders as they are now do not give, or not so long: a late
 * line has changed them.  It stands until a refund takes its level.
 */
typedef struct Stand
{
	int64		window;			/* that gave it: its start; INSTANT_NEVER if a rolling one */
	Step		step;
} Stand;

/* What a version gives. */
typedef struct Held
{
	int64		until[PROGRAM_MAX_TIERS];	/* the latest end given; PG_INT64_MIN */
	int64		seen[PROGRAM_MAX_TIERS];	/* when a rolling window last met what gave it */
	bool		met[PROGRAM_MAX_TIERS]; /* held while the metric is */
	VECTOR(Step, steps);		/* those that are not over */
} Held;

/* What it gave before an old order has changed, or a refund came. */
typedef struct Before
{
	bool		noted;
	VECTOR(Window, windows);	/* those that have changed */
	int128		sums[PROGRAM_MAX_METRICS];	/* in a rolling window */
	Held		held;
} Before;

/*
 * A version of tiers.  Its positions are the slots of entries (metrics.h), the
 * version's beginning, and, in a rolling window whose tiers are held while the
 * metric is, the leaving of entries: all in the order in which they count.
 */
typedef struct Walk
{
	int			version;
	bool		ahead;			/* a copy that looks ahead */
	int64		at;				/* up to and with this instant */

	/* what there is to come to */
	int			nmetrics;		/* that it looks at ... */
	uint8		metrics[PROGRAM_MAX_METRICS];	/* ... which are these */
	uint8		place[PROGRAM_MAX_METRICS]; /* the other way round */
	VECTOR(int64, dates);		/* of positions */
	VECTOR(int, positions);		/* of slots */
	VECTOR(int, ends);			/* of slots: up to where they count in a rolling window */
	int			begins;			/* position of the version's beginning; NONE */
	int			in_force_from;	/* positions ... */
	int			in_force_until; /* ... excluded */
	int			joins;			/* the first that comes after the joining */
	Course		course;

	VECTOR(int64, changed);		/* starts of fixed windows that the event has changed */

	/* a rolling window */
	VECTOR(Leaving, leaving);	/* slots by instant */
	int			left;			/* of those, have done so; in a copy nobody asks */
	int128		sums[PROGRAM_MAX_METRICS];
	VECTOR(int, looks);			/* positions that end an instant, while the metric is to hold */
	int64		next;			/* a copy that looks ahead: when it is next met or falls; PG_INT64_MIN until found */

	VECTOR(Stand, stands);

	/* what the event that is under way has changed */
	int			entered;		/* the entry that has come in order; NONE */
	bool		lowered;		/* a refund has taken this at its own date */
	int128		lost[PROGRAM_MAX_METRICS];
	bool		again;			/* an old entry has changed ... */
	int			order;			/* ... of this order */

	/* a copy has its own */
	VECTOR(Window, windows);	/* fixed ones, by start */
	Held		held;
	Held		earlier;		/* what was held before the instant, in a rolling window */
	Before		before;
} Walk;

extern void walk_begin(Fold *fold, Walk *walk, int version);
/* A copy that may look ahead; `to` keeps its own room. */
extern void walk_copy(Fold *fold, Walk *to, Walk *from);
/* Go on to an instant: what the clock does. */
extern void walk_to(Fold *fold, Walk *walk, int64 upto);
/* When the clock may next change which levels are held, their own ends apart. */
extern int64 walk_next(Fold *fold, Walk *walk, int64 at);

/* What the walk gives now is remembered, for walk_stands. */
extern void walk_remember(Fold *fold, Walk *walk);
/*
 * There is a new entry.  An old one counts more or less, or the refund that is
 * under way counts so much less at its own date.
 */
extern void walk_enter(Fold *fold, Walk *walk, int entry);
extern void walk_change(Fold *fold, Walk *walk, int entry, const int128 *by, bool dated_refund);
/* They are all there: look at what that gives. */
extern void walk_look(Fold *fold, Walk *walk);
/*
 * Of what the walk gave before, let stand what it gives no longer; but what a
 * refund has undone is taken.
 */
extern void walk_stands(Fold *fold, Walk *walk, bool refund);
/* Remember it no longer. */
extern void walk_forget(Walk *walk);
/* What a level that is held just while the metric is will give when it falls, if nothing happens; returns how many steps. */
extern int	walk_falls(Fold *fold, Walk *walk, int level, Step *steps);
/* A metric of the window in which the walk stands, with what was carried in. */
extern int128 walk_sum(Fold *fold, Walk *walk, int metric);

#endif							/* LOYALTY_WALK_H */
