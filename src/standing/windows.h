/*
 * windows.h
 *		What the windows of tiers count, and which levels they reach.
 */
#ifndef LOYALTY_WINDOWS_H
#define LOYALTY_WINDOWS_H

#include "program/program.h"
#include "standing/vector.h"

/* A fixed window of one version of tiers. */
typedef struct Window
{
	int64		anchor;			/* local */
	int			nth;			/* year since the anchor */
	int64		start;
	int64		end;
	int128		sums[PROGRAM_MAX_METRICS];	/* its own */
	int128		carried;		/* into the rollover metric */
	int64		reached[PROGRAM_MAX_LEVELS];	/* INSTANT_NEVER if not */
} Window;

/* An entry leaves a rolling window. */
typedef struct Leaving
{
	int64		at;
	int			entry;
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
	int			window;			/* that gave it; NONE if a rolling one */
	Step		step;
} Stand;

typedef enum ChangeKind
{
	CHANGE_UNTIL, CHANGE_SEEN, CHANGE_MET, CHANGE_REACHED, CHANGE_CARRIED, CHANGE_STEP,
	CHANGE_STEPS				/* one more */
} ChangeKind;

/* What a walk has changed at an instant. */
typedef struct Change
{
	int128		before;
	int64		at;
	ChangeKind	kind;
	int			item;			/* tier, window or step */
	int			level;			/* of a window */
} Change;

/*
 * How far a version of tiers has counted, what is in its windows, and what it
 * gives; windows.c tells more.
 */
typedef struct Walk
{
	int			version;
	bool		ahead;			/* a copy that looks ahead ... */
	bool		falling;		/* ... for what is lost only */
	int64		at;				/* up to and with this instant */
	int			counted;		/* entries by date */
	int128		sums[PROGRAM_MAX_METRICS];	/* in a rolling window */
	VECTOR(Leaving, leaving);	/* by instant */
	int			left;			/* of those, have done so */
	VECTOR(Window, windows);
	int64		until[PROGRAM_MAX_TIERS];	/* the latest end given; PG_INT64_MIN */
	int64		seen[PROGRAM_MAX_TIERS];	/* when a rolling window last met what gave it */
	bool		met[PROGRAM_MAX_TIERS]; /* held while the metric is */
	VECTOR(Step, steps);
	VECTOR(Stand, stands);
	VECTOR(Change, changes);
} Walk;

/* What a walk gave before an old order has changed, or an entry came. */
typedef struct Before
{
	VECTOR(Window, windows);
	int128		sums[PROGRAM_MAX_METRICS];	/* in a rolling window */
	int64		until[PROGRAM_MAX_TIERS];
	int64		seen[PROGRAM_MAX_TIERS];
	bool		met[PROGRAM_MAX_TIERS];
	VECTOR(Step, steps);
} Before;

extern void walk_begin(Fold *fold, Walk *walk, int version);
/* A copy that may look ahead; `to` keeps its own room. */
extern void walk_copy(Fold *fold, Walk *to, const Walk *from);
/* A new entry will leave rolling windows. */
extern void walk_leaves(Fold *fold, Walk *walk, int entry);
/* When the clock may next change which levels are held, their own ends apart. */
extern int64 walk_next(const Fold *fold, const Walk *walk, int64 at);
/* Go on to an instant, or back to just before it. */
extern void walk_to(Fold *fold, Walk *walk, int64 upto);
extern void walk_back(Fold *fold, Walk *walk, int64 to);
/* Go on until nothing is held any more just because the metric is. */
extern void walk_fall(Fold *fold, Walk *walk);
/*
 * Of what a walk gave before, let stand what it gives no longer; but what a
 * refund has undone is taken.
 */
extern void walk_remember(Fold *fold, Walk *walk, Before *before);
extern void walk_stands(Fold *fold, Walk *walk, const Before *before, bool refund);
/* A metric of the window in which the walk stands, with what was carried in. */
extern int128 walk_sum(Fold *fold, Walk *walk, int metric);

/* held always, before any event too */
extern bool level_is_base(const Level *level);
/* Tiers of a rolling window may be held just while the metric is. */
extern bool holds_while_met(const TiersRule *rule);

#endif							/* LOYALTY_WINDOWS_H */
