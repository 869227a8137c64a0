/*
 * chance.h
 *		Means over customers who each leave with a chance p of their own, that
 *		is Beta(a, b) over all of them.
 */
#ifndef LOYALTY_CHANCE_H
#define LOYALTY_CHANCE_H

typedef struct ChanceMean
{
	double		a;
	double		b;
	double		(*given) (const void *arg, double p);	/* falls as p grows */
	const void *arg;
	double		at_zero;		/* its value for p = 0 */
	double		scale;			/* it is as good as that for p far below 1 / scale */
} ChanceMean;

/* The mean of what is given for each p. */
extern double chance_mean(const ChanceMean *mean);

#endif							/* LOYALTY_CHANCE_H */
