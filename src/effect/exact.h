/*
 * exact.h
 *		Exact fractions of numerics, for what is computed from sums before it
 *		becomes double precision.
 */
#ifndef LOYALTY_EXACT_H
#define LOYALTY_EXACT_H

#include "postgres.h"

#include "fmgr.h"

/* numerics; the denominator is not 0 */
typedef struct Exact
{
	Datum		num;
	Datum		den;
} Exact;

extern Datum numeric_from_text(const char *text);
extern Datum numeric_plus(Datum a, Datum b);
extern Datum numeric_minus(Datum a, Datum b);
extern Datum numeric_times(Datum a, Datum b);
extern Datum numeric_trimmed(Datum value);
extern int	numeric_sign_of(Datum value);	/* -1, 0, 1 */

extern Exact exact_numeric(Datum numeric);
extern Exact exact_whole(int64 value);
extern Exact exact_plus(Exact a, Exact b);
extern Exact exact_minus(Exact a, Exact b);
extern Exact exact_times(Exact a, Exact b);
extern Exact exact_over(Exact a, Exact b);
extern int	exact_sign(Exact a);
extern double exact_double(Exact a);

#endif							/* LOYALTY_EXACT_H */
