/*
 * sums.h
 *		Running sums over a list, and where they cross a number.
 */
#ifndef LOYALTY_SUMS_H
#define LOYALTY_SUMS_H

#include "standing/vector.h"

/* a term that does not count: 0, and running sums are not looked at there */
#define SUMS_NOTHING PG_INT64_MIN

/* Over some terms: their sum, and the greatest and least running sum where they count. */
typedef struct SumNode
{
	int128		sum;
	int128		most;
	int128		least;
} SumNode;

typedef struct Sums
{
	VECTOR(int64, terms);
	VECTOR(SumNode, nodes);		/* a tree over whole blocks of terms ... */
	int			leaves;			/* ... for which it has room, a power of 2 */
} Sums;

typedef enum SumTest { SUM_ANY, SUM_ABOVE, SUM_NOT_ABOVE } SumTest;

extern void sums_begin(Sums *sums);
extern void sums_append(Fold *fold, Sums *sums, int64 term);
extern void sums_set(Sums *sums, int k, int64 term);
/* The sum of terms from one up to another, which is excluded. */
extern int128 sums_of(const Sums *sums, int from, int until);
/*
 * The first term from one up to another that counts and where the running sum,
 * begun with *sum, passes a test; `until` if there is none.  *sum is what it is
 * before that term then.
 */
extern int	sums_find(const Sums *sums, int from, int until, int128 *sum, SumTest test, int128 bound);

#endif							/* LOYALTY_SUMS_H */
