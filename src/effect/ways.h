/*
 * ways.h
 *		The ways to read an effect: members beside others.
 */
#ifndef LOYALTY_WAYS_H
#define LOYALTY_WAYS_H

#include "effect/effect.h"
#include "effect/exact.h"

/* All customers of a group: numerics. */
typedef struct Total
{
	int64		n;
	Datum		sums[SUMS];
} Total;

/* Sums over the strata that have both groups; a weight is a stratum's number of members. */
typedef struct Matching
{
	int64		n[SIDES];
	double		means[SIDES];	/* of weight x mean */
	double		magnitude;		/* of weight x |mean of others| */
	double		difference;		/* of weight x (mean of members - mean of others) */

	/* cells of two or more: weight^2 x variance / n, and its square / (n - 1) */
	double		variance;
	double		by_freedom;
	/* of those, by group: squares around their means, and degrees of freedom */
	double		pooled[SIDES];
	double		freedom[SIDES];
	/* cells of one, by group: weight^2, and its square */
	double		singles[SIDES];
	double		singles2[SIDES];
} Matching;

/* What all ways need of an effect. */
typedef struct Study
{
	EffectHead	head;
	Total		totals[SIDES];
	bool		has_strata;		/* any but NULL */
	Matching	matching;
} Study;

typedef struct Comparison
{
	int64		n[SIDES];
	int64		unmatched;
	const char *reason;			/* why something is missing; NULL: nothing is */
	bool		has_difference;	/* the next three */
	double		means[SIDES];
	double		difference;
	bool		has_ratio;
	double		ratio;
	bool		has_chance;		/* the rest */
	double		t;
	double		df;
	double		p;
	double		low;
	double		high;
} Comparison;

/* `study` is zeroed before. */
extern void study_read(Study *study, Datum effect);

/* `level` is that of the interval; errors are the caller's to see to. */
typedef void (*compare_fn) (const Study *study, double level, Comparison *c);
extern void compare_welch(const Study *study, double level, Comparison *c);
extern void compare_did(const Study *study, double level, Comparison *c);
extern void compare_cuped(const Study *study, double level, Comparison *c);
extern void compare_matched(const Study *study, double level, Comparison *c);

#endif							/* LOYALTY_WAYS_H */
