/*
 * annuity.h
 *		What is paid each period so that an amount, with interest, is down to a
 *		residual after n of them: exact, rounded once.
 */
#ifndef LOYALTY_ANNUITY_H
#define LOYALTY_ANNUITY_H

#include "base/compat.h"
#include "base/decimal.h"

/* A whole number of any size: limbs of 64 bits, the least first. */
typedef struct Natural
{
	int			n;
	uint64	   *limbs;
} Natural;

/* What of it is the same for all amounts. */
typedef struct Annuity
{
	int			periods;
	int64		rate;			/* of a period, in lowest terms: rate / whole */
	int64		whole;
	Natural		grown;			/* (whole + rate) ^ periods */
	Natural		flat;			/* whole ^ periods */
	Natural		growth;			/* the difference */
} Annuity;

/* For a rate above 0; allocates. */
extern void annuity_prepare(Annuity *annuity, int64 rate, int64 whole, int periods);

/*
 * (amount q - residual) r / (q - 1) with q = (1 + r) ^ n, over 1 + r in advance;
 * half up to the unit.  0 <= residual <= amount.
 */
extern Decimal annuity_payment(const Annuity *annuity, Decimal amount, Decimal residual, bool in_advance, Decimal unit);

loyalty_compat_noreturn extern void credit_overflow(void);

#endif							/* LOYALTY_ANNUITY_H */
