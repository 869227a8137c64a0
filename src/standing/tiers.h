/*
 * tiers.h
 *		Which tier a member holds.
 */
#ifndef LOYALTY_TIERS_H
#define LOYALTY_TIERS_H

#include "standing/walk.h"

/* Which tiers are held until when. */
typedef struct TierState
{
	VECTOR(Walk, walks);		/* by version */
	VECTOR(Step, kept);			/* granted by hand, or latched */
	int64		next;			/* when the clock may change it */
	int			tier;			/* effective, NONE */
	int64		since;			/* PG_INT64_MIN if from the start */
	int64		changed_at;		/* what it was before this instant: */
	int			tier_before;
	int64		since_before;
	bool		projected;		/* a copy that looks ahead */
} TierState;

typedef struct Tiers
{
	TierState	now;
	TierState	ahead;			/* a copy that looks ahead */
	bool		went_back;		/* the event changes old entries */
	bool		stirred;		/* something has changed, and nobody has asked */
} Tiers;

extern void tiers_begin(Fold *fold);
/* Old entries are about to change; one of them has, or the refund that is under way counts at its own date. */
extern void tiers_back(Fold *fold);
extern void tiers_change(Fold *fold, int entry, const int128 *by, bool dated_refund);
/* There is a new entry perhaps, and all old ones have changed: see what that gives. */
extern void tiers_count(Fold *fold, int entry);
/* Has something changed since one last asked?  And something else has. */
extern bool tiers_stirred(Fold *fold);
extern void tiers_stir(Fold *fold);
/* A tier by hand. */
extern void tiers_grant(Fold *fold, int event);
/* What the clock does at an instant. */
extern void tiers_tick(Fold *fold, TierState *state, int64 at);
/* A copy of the state that may look ahead. */
extern TierState *tiers_look_ahead(Fold *fold);

/* When the effective tier changes next, if nothing happens. */
extern int64 tier_until(Fold *fold);
/* A metric of a version's current window, with what was carried in. */
extern int128 tiers_qualifying(Fold *fold, int version, int metric);

#endif							/* LOYALTY_TIERS_H */
