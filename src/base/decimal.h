/*
 * decimal.h
 *		Exact decimals: money, points and quantities are counts of millionths.
 *
 * A Decimal keeps 12 digits before the point and 6 after it; sums are formed
 * in 128 bits, where 10^20 of the largest values have room.
 */
#ifndef LOYALTY_DECIMAL_H
#define LOYALTY_DECIMAL_H

#include "postgres.h"

typedef int64 Decimal;

#define DECIMAL_DIGITS	12		/* before the point */
#define DECIMAL_PLACES	6		/* after the point */
#define DECIMAL_ONE		INT64CONST(1000000)
/* the first magnitude that is too large */
#define DECIMAL_LIMIT	(INT64CONST(1000000000000) * DECIMAL_ONE)

#define DECIMAL_TEXT_SIZE 48	/* enough for the text of any 128-bit sum */

typedef enum DecimalStatus
{
	DECIMAL_OK,
	DECIMAL_TOO_LARGE,
	DECIMAL_TOO_FINE,
	DECIMAL_NOT_A_NUMBER,		/* NaN, infinity, or not a number's text */
} DecimalStatus;

extern const int64 decimal_power10[19];

/* What most values are whole numbers of: dividing by a constant is several times as fast as by a variable. */
#define DECIMAL_CENT_ZEROS	4
#define DECIMAL_CENT		10000

/* A number's text as JSON and SQL write it: digits, point, exponent. */
extern DecimalStatus decimal_from_text(const char *s, size_t len, Decimal *value);

/* As many of so many trailing zeros as a value has, so that a common unit of several is found. */
static inline int
decimal_zeros(Decimal value, int zeros)
{
	if (zeros == DECIMAL_CENT_ZEROS && value % DECIMAL_CENT == 0)
		return zeros;
	while (value % decimal_power10[zeros] != 0)
		zeros--;
	return zeros;
}

/* How many of a unit that many values have in common; of a sign only if the value has one. */
#define DECIMAL_IN_UNITS(value, unit) \
	((unit) == DECIMAL_CENT ? (value) / DECIMAL_CENT : (value) / (unit))

/* The shortest exact text, without trailing zeros; returns its length. */
extern int	decimal_to_text(int128 value, char *buf);

/* Refuse what a Decimal cannot hold; `what` names the argument or key. */
extern void decimal_check(DecimalStatus status, const char *what);

#endif							/* LOYALTY_DECIMAL_H */
