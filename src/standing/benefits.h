/*
 * benefits.h
 *		What a member may have so many times in a period.
 */
#ifndef LOYALTY_BENEFITS_H
#define LOYALTY_BENEFITS_H

#include "program/program.h"
#include "standing/vector.h"

/* How it stands with one at the instant of the fold. */
typedef struct Benefit
{
	Decimal		quantity;		/* PG_INT64_MAX without limit */
	int64		used;
	int64		since;			/* the period; PG_INT64_MIN and INSTANT_NEVER if that is the lifetime */
	int64		until;
} Benefit;

/* False if the member does not have it. */
extern bool benefit_at(Fold *fold, const BenefitRule *rule, Benefit *benefit);

/* What is left of it; not of one without limit. */
static inline int128
benefit_remaining(const Benefit *benefit)
{
	return Max((int128) benefit->quantity - (int128) benefit->used * DECIMAL_ONE, 0);
}

#endif							/* LOYALTY_BENEFITS_H */
