/*
 * caps.h
 *		Points of orders as the program grants them: rounded, then capped.
 */
#ifndef LOYALTY_CAPS_H
#define LOYALTY_CAPS_H

#include "base/fraction.h"
#include "program/program.h"
#include "standing/sums.h"

/* What has come of an order. */
typedef struct Rating
{
	Decimal		granted;		/* points, which its lot has got */
	int			lot;			/* where they are; NONE for a minus */
} Rating;

/* An order where each day is rounded as a whole. */
typedef struct Rounded
{
	Fraction	earned;			/* before rounding */
	Fraction	day;			/* all that the day has earned up to it ... */
	Decimal		sum;			/* ... rounded */
	Decimal		points;			/* before caps */
} Rounded;

/* A day, month or year, and the first order in it. */
typedef struct PeriodStart
{
	int64		period;
	int			order;
} PeriodStart;

/* A minus that is larger than what it may take under a cap. */
typedef struct Bend
{
	int			order;
	Decimal		points;			/* that it would take, with a minus */
	Decimal		alone;			/* that it takes at most */
} Bend;

/* A cap: what orders bring to its periods. */
typedef struct Capped
{
	Sums		sums;			/* by order */
	VECTOR(Bend, bends);		/* by order */
	int128		wanted;			/* in the last period, as if without the cap */
} Capped;

/* Points that an order has on its way through the caps. */
typedef struct Flow
{
	int			order;
	Decimal		points;
} Flow;

typedef struct Rates
{
	bool		runs;			/* days or periods are rounded or capped as a whole */
	int			rated;			/* orders so far */
	struct
	{
		VECTOR(PeriodStart, starts);
	}			periods[PER_LIFETIME + 1];
	VECTOR(Rounded, rounded);	/* by order, if days are */
	Capped		caps[PROGRAM_MAX_RULES];
	VECTOR(Flow, flow);			/* orders that have changed, before a cap ... */
	VECTOR(Flow, capped);		/* ... and after it */
	VECTOR(Flow, owing);		/* orders that have been granted less, and how much */
} Rates;

extern void rates_begin(Fold *fold);
extern void rating_begin(Rating *rating);
/* An order has its lot from its first lines on: empty, it dies as one with points would. */
extern void rating_opens(Fold *fold, int order);
/* An order is new or has changed: rate it again, and with it whatever depends on it. */
extern void orders_rate(Fold *fold, int changed);
/* Take what orders have been granted less, in order of date. */
extern void orders_take(Fold *fold);

#endif							/* LOYALTY_CAPS_H */
