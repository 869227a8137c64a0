/*
 * tiers.h
 *		Which tier a member holds.
 */
#ifndef LOYALTY_TIERS_H
#define LOYALTY_TIERS_H

#include "standing/windows.h"

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
	VECTOR(int, by_date);		/* entries */
	VECTOR(Before, before);		/* by version */
	bool		went_back;		/* the walks stand before what has changed */
} Tiers;

extern void tiers_begin(Fold *fold);
/* Entries of that date are about to change: take all back that has been counted since. */
extern void tiers_back(Fold *fold, int64 date);
/* There are new entries, or old ones have changed: count them. */
extern void tiers_count(Fold *fold);
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
