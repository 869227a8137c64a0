/*
 * within.h
 *		For whom a rule is: who holds a plan, within a time after something, for
 *		their first orders.
 */
#ifndef LOYALTY_WITHIN_H
#define LOYALTY_WITHIN_H

#include "program/program.h"
#include "standing/vector.h"

typedef struct Order Order;

/* When what a `within` counts from has happened. */
typedef struct Anchor
{
	bool		first;			/* the first time alone counts */
	VECTOR(int64, times);		/* in order */
} Anchor;

typedef struct Anchors
{
	Anchor		of[PROGRAM_MAX_ANCHORS];	/* by Program.anchors */
} Anchors;

extern void anchors_begin(Fold *fold);

/* Is the rule for this member at an instant?  And for this order, at its date? */
extern bool audience_has(Fold *fold, const Audience *audience, int64 at);
extern bool audience_has_order(Fold *fold, const Audience *audience, const Order *order);

#endif							/* LOYALTY_WITHIN_H */
