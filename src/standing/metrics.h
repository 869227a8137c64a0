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
	int			slot;			/* its place by date */
	int			previous;		/* entry of the same order; NONE */
	int			first_line;		/* of the order's lines, these */
	int			nlines;
	bool		first;			/* of its order: counts for `orders` */
	bool		lowers;			/* a refund that counts at its own date */
} Entry;

/*
 * Where entries come by date: a slot for each event that may make one.  Those of
 * an order's lines follow each other at its date, whenever they come.
 */
typedef struct Slots
{
	VECTOR(int64, dates);		/* by slot */
	VECTOR(int, of_event);		/* slots; NONE */
	VECTOR(int, later);			/* by event: the next lines of the same order; NONE */
	VECTOR(int, last_of_ref);	/* event */
} Slots;

typedef struct Counts
{
	bool		any;			/* some tier or milestone looks at a metric */
	int			nused;			/* metrics that are looked at ... */
	uint8		used[PROGRAM_MAX_METRICS];	/* ... which are these */
	uint8		place[PROGRAM_MAX_METRICS]; /* the other way round; PROGRAM_MAX_METRICS if not */
	Slots		slots;
	VECTOR(Entry, entries);
	VECTOR(int128, values);		/* entry x metric that is used */
	VECTOR(int, of_line);		/* the entry that counts a line */
	VECTOR(int, of_order);		/* the last entry of an order */
	VECTOR(int, of_slot);		/* the entry there; NONE */
	int128		totals[PROGRAM_MAX_METRICS];	/* lifetime, for milestones; by metric */
	int128		refunded[PROGRAM_MAX_METRICS];	/* by how much the last refund has changed those used ... */
	int64		refunded_date;	/* ... in an order of that date */
} Counts;

/* what an entry adds, by metric that is used */
#define ENTRY_VALUES(fold, e) (&(fold)->counts.values[(e) * (fold)->counts.nused])

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
	return threshold != LEVEL_BY_PLAN && sum >= metric_sum(threshold) - METRIC_NOISE;
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
