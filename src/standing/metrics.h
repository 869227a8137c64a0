/*
 * metrics.h
 *		What tiers and milestones count.
 */
#ifndef LOYALTY_METRICS_H
#define LOYALTY_METRICS_H

#include "base/fraction.h"
#include "program/program.h"
#include "standing/vector.h"

/*
 * What one event added to the metrics, for windows to gather: counted by its
 * order's date.
 */
typedef struct Entry
{
	int64		date;
	int			order;			/* NONE for an expense */
	int			place;			/* among those of its date: of its order's first entry */
	int			first_line;		/* of the order's lines, these */
	int			nlines;
	bool		first;			/* of its order: counts for `orders` */
	bool		lowers;			/* a refund that counts at its own date */
	int			undoes;			/* the entry whose value that refund lowers; NONE */
	int			undone;			/* the last that lowers this one's, or the one's before; NONE */
} Entry;

typedef struct Counts
{
	bool		any;			/* some tier or milestone looks at a metric */
	bool		used[PROGRAM_MAX_METRICS];
	VECTOR(Entry, entries);
	VECTOR(int128, values);		/* entry x metric */
	VECTOR(int, of_line);		/* the entry that counts a line */
	int128		totals[PROGRAM_MAX_METRICS];	/* lifetime, for milestones */
	int128		refunded[PROGRAM_MAX_METRICS];	/* by how much the last refund has changed them ... */
	int64		refunded_date;	/* ... in an order of that date */
} Counts;

extern void metrics_begin(Fold *fold);
/* Lines of an order that have just come. */
extern void metrics_add(Fold *fold, int order, int first_line, int nlines, bool first);
/* An order has been refunded. */
extern void metrics_refund(Fold *fold, int order, bool keep_points, bool dated_refund);
/* An expense; true if a metric has moved. */
extern bool metrics_expense(Fold *fold, int event);

/*
 * Sums are kept to 12 decimals; what rounding may leave of a third of a cent
 * must not keep a member below a threshold.
 */
#define METRIC_UNIT	INT64CONST(1000000)	/* of a millionth */
#define METRIC_NOISE INT64CONST(1000)

static inline int128
metric_sum(Decimal v)
{
	return (int128) v * METRIC_UNIT;
}

static inline bool
metric_reaches(int128 sum, Decimal threshold)
{
	return sum >= metric_sum(threshold) - METRIC_NOISE;
}

/* A sum as millionths, half up. */
static inline int128
metric_shown(int128 sum)
{
	int128		magnitude = sum < 0 ? -sum : sum;

	magnitude = (magnitude + METRIC_UNIT / 2) / METRIC_UNIT;
	return sum < 0 ? -magnitude : magnitude;
}

/* How many whole times `every` goes into a sum; not below 0. */
static inline int64
metric_multiples(int128 sum, Decimal every)
{
	int128		times = (sum + METRIC_NOISE) / ((int128) every * METRIC_UNIT);

	return (int64) Max(0, Min(times, PG_INT64_MAX));
}

#endif							/* LOYALTY_METRICS_H */
