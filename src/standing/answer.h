/*
 * answer.h
 *		What a fold says at its end.
 */
#ifndef LOYALTY_ANSWER_H
#define LOYALTY_ANSWER_H

#include "standing/fold.h"

typedef struct Standing
{
	int			tier;			/* index of its name; NONE */
	int64		tier_since;		/* PG_INT64_MIN if from the start */
	int64		tier_until;		/* INSTANT_NEVER if nothing is to change it */
	int			next_tier;		/* NONE */
	bool		has_to_next;
	bool		has_qualifying;
	int128		to_next;
	int128		qualifying;
	Decimal		points;
	Decimal		pending;
	Decimal		debt;
	Decimal		expiring;
	int64		expiring_at;	/* INSTANT_NEVER */
	int128		lifetime_points;
} Standing;

extern void answer_standing(Fold *fold, Standing *standing);
extern Decimal answer_expiring(Fold *fold, int64 until);

#endif							/* LOYALTY_ANSWER_H */
