/*
 * fraction.h
 *		Exact fractions of millionths: a rate of 1 point per 3.00 stays a third
 *		until the one place where it is rounded.
 */
#ifndef LOYALTY_FRACTION_H
#define LOYALTY_FRACTION_H

#include "base/decimal.h"

/* A count of millionths: num / den, den > 0.  Too large a result is an error (22003). */
typedef struct Fraction
{
	int128		num;
	int128		den;
} Fraction;

typedef enum RoundMode { ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, ROUND_NONE } RoundMode;

extern Fraction fraction_add(Fraction a, Fraction b);
/* a x num / den */
extern Fraction fraction_scale(Fraction a, int128 num, int128 den);
/* the greatest whole number of millionths that it reaches */
extern int128 fraction_floor(Fraction f);
/* on the magnitude, to so many decimals; ROUND_NONE keeps all 6 (half up beyond) */
extern int128 fraction_round(Fraction f, RoundMode mode, int decimals);

#endif							/* LOYALTY_FRACTION_H */
