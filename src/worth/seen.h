/*
 * seen.h
 *		What a model sees of a history: the days on which a customer bought.
 */
#ifndef LOYALTY_SEEN_H
#define LOYALTY_SEEN_H

#include "base/calendar.h"
#include "base/decimal.h"

typedef struct Seen
{
	bool		any;			/* is there a transaction? */
	uint32		x;				/* transactions but for the first */
	int			first;			/* days, since 2000-01-01 */
	int			last;
	int			today;			/* of the instant asked about, not before `last` */
	int128		sum;			/* what the x brought: x * value */
} Seen;

/* The days of a zone, for those who ask for one customer after another. */
typedef struct Days
{
	const Zone *zone;
	ClockStretch stretch;		/* in which the last was */
	int64		asof;			/* asked for last, */
	int			today;			/* and its day; begin with those of one instant */
} Days;

extern void days_begin(Days *days, const Zone *zone);

/* Everything up to and including an instant, on the zone's days. */
extern void seen_look(Seen *seen, Datum history, Days *days, bool profit, int64 asof);

#endif							/* LOYALTY_SEEN_H */
