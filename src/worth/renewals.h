/*
 * renewals.h
 *		sBG: customers with a contract, who leave when it is to be renewed.
 *
 * Each leaves at every renewal with a chance of their own, that is Beta(alpha,
 * beta) over all; after j renewals the part S(j) = B(alpha, beta+j) / B(alpha,
 * beta) is still there.  Source: Fader, Hardie 2007.
 */
#ifndef LOYALTY_RENEWALS_H
#define LOYALTY_RENEWALS_H

typedef struct Renewals
{
	double		alpha;
	double		beta;
} Renewals;

/* S(j+1) / S(j): the probability that who has made j renewals makes the next */
static inline double
renewals_next(const Renewals *model, double j)
{
	return (model->beta + j) / (model->alpha + model->beta + j);
}

/*
 * The sum of S(i) e^(-fading i) for i = 1 to n; n may be infinite if fading is
 * not 0.
 */
extern double renewals_sum(const Renewals *model, double n, double fading);

#endif							/* LOYALTY_RENEWALS_H */
