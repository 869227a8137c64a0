/*
 * caps.h
 *		Points of orders as the program grants them: rounded, then capped.
 */
#ifndef LOYALTY_CAPS_H
#define LOYALTY_CAPS_H

#include "base/fraction.h"
#include "program/program.h"
#include "standing/vector.h"

/* What has come of an order. */
typedef struct Rating
{
	Fraction	earned;			/* before rounding */
	Decimal		rounded;		/* before caps */
	Decimal		granted;		/* after caps: what its lot has got */
	Decimal		wanted;			/* the same, while being rated again */
	int			lot;			/* where they are; NONE for a minus */
} Rating;

/* Days and periods as a whole, up to the last order rated. */
typedef struct Rates
{
	bool		runs;			/* days or periods are rounded or capped as a whole */
	int64		day;
	Fraction	day_earned;
	Decimal		day_rounded;
	int64		cap_period[PROGRAM_MAX_RULES];
	int128		cap_wanted[PROGRAM_MAX_RULES];	/* without the cap */
	Decimal		cap_granted[PROGRAM_MAX_RULES];
	int			rated;			/* orders in these figures */
	VECTOR(int, owing);			/* orders that have been granted less */
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
