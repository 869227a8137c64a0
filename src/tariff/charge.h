/*
 * charge.h
 *		What a quantity costs, and how money of a tariff is rounded.
 */
#ifndef LOYALTY_CHARGE_H
#define LOYALTY_CHARGE_H

#include "base/compat.h"
#include "tariff/tariff.h"

/* Money before it is rounded: counts of 10^-12. */
typedef int128 Exact;

/*
 * The charge for a quantity, in millionths: not below 0, less what is
 * included, in packages begun; 0 for 0, else by price or tiers; at least the
 * minimum, at most the maximum.  Error 22003 if it is too large.
 */
extern Exact price_charge(const Tariff *tariff, const Price *price, int128 quantity);

/* What a plan's entry costs a term for so many units. */
extern Exact plan_charge(const Tariff *tariff, const PlanEntry *entry, Decimal quantity);

/* Rounded once, as the tariff rounds, on the magnitude; the second is amount * part / whole. */
extern Decimal exact_rounded(const Tariff *tariff, Exact exact);
extern Decimal amount_part(const Tariff *tariff, Decimal amount, int64 part, int64 whole);

loyalty_compat_noreturn extern void charge_overflow(void);

#endif							/* LOYALTY_CHARGE_H */
