/*
 * numeric.h
 *		Decimals from and to the server's numeric.
 */
#ifndef LOYALTY_NUMERIC_H
#define LOYALTY_NUMERIC_H

#include "base/decimal.h"

#include "fmgr.h"
#include "utils/numeric.h"

extern DecimalStatus decimal_from_numeric(Datum numeric, Decimal *value);
extern Datum decimal_to_numeric(int128 value);

/*
 * Numbers between decimals and numerics, such as averages: counts of 10^-20,
 * below 10^16.
 */
#define FINE_WHOLE	16			/* digits before the point */
#define FINE_PLACES	20			/* after it; both whole digits of numeric's base */

extern DecimalStatus fine_from_numeric(Datum numeric, int128 *value);

/* The same without a length word, written to where it is to stand; returns its size. */
#define DECIMAL_NUMERIC_SIZE 28	/* enough for the 11 digits of any 128-bit sum */
extern size_t decimal_write_numeric(int128 value, char *p);

/* a count of 10^-places, without trailing zeros; at most 10^35 of them */
extern Datum scaled_to_numeric(int128 value, int places);

/* ... and back: false for what has more places, is above 10^35 of them, or not finite */
extern bool numeric_to_scaled(Datum numeric, int places, int128 *value);

/* The greatest decimal that a number of any size reaches, and whether it is above that; beyond what a Decimal keeps, its limit. */
extern Decimal decimal_below_numeric(Datum numeric, bool *above, const char *what);

/* a quotient to the places that numeric gives, without trailing zeros */
extern Datum numeric_ratio(Datum dividend, Datum divisor);

/* the quotient of two decimals as a numeric without trailing zeros */
extern Datum decimal_ratio(int128 dividend, int128 divisor);

/* A numeric argument, or an error that names it. */
static inline Decimal
decimal_from_arg(Datum numeric, const char *what)
{
	Decimal		value;

	decimal_check(decimal_from_numeric(numeric, &value), what);
	return value;
}

#endif							/* LOYALTY_NUMERIC_H */
