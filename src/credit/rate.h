/*
 * rate.h
 *		The yearly rate at which payments are worth nothing together.
 */
#ifndef LOYALTY_RATE_H
#define LOYALTY_RATE_H

#include "postgres.h"

typedef struct Flow
{
	int32		day;
	double		amount;			/* not 0 */
} Flow;

/*
 * r > -1 with sum of amount / (1 + r) ^ (days since the first / 365) = 0; days
 * ascend, each is there once.  False if there is none.  Of several, one.
 */
extern bool rate_solve(const Flow *flows, int n, double *rate);

#endif							/* LOYALTY_RATE_H */
