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
	VECTOR(int64, times);		/* in order */
} Anchor;

typedef struct Anchors
{
	Anchor		of[PROGRAM_MAX_ANCHORS];	/* by Program.anchors */
} Anchors;

extern void anchors_begin(Fold *fold);
/* An activity has come, or the first order. */
extern void anchors_activity(Fold *fold, int event);
extern void anchors_first_order(Fold *fold);

extern bool audience_fits(Fold *fold, const Audience *audience, int64 at);
extern bool audience_fits_order(Fold *fold, const Audience *audience, const Order *order);

/* Is the rule for this member at an instant?  Most are for all. */
static inline bool
audience_has(Fold *fold, const Audience *audience, int64 at)
{
	return !audience->some || audience_fits(fold, audience, at);
}

/* And for this order, at its date? */
static inline bool
audience_has_order(Fold *fold, const Audience *audience, const Order *order)
{
	return !audience->some || audience_fits_order(fold, audience, order);
}

#endif							/* LOYALTY_WITHIN_H */
