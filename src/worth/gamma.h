/*
 * gamma.h
 *		The gamma function's logarithm and its derivatives, as differences.
 *
 * Likelihoods need lnG(z + d) - lnG(z), and lose it when the two are worked
 * out one by one: lnG(100,000) has ten digits before the point.
 */
#ifndef LOYALTY_GAMMA_H
#define LOYALTY_GAMMA_H

/* f(z + d) - f(z) for f = lnG, digamma, trigamma */
typedef struct GammaStep
{
	double		log;
	double		digamma;
	double		trigamma;
} GammaStep;

/* z > 0, d >= 0 */
extern double gamma_step_log(double z, double d);
extern GammaStep gamma_step(double z, double d);

/* lnG, digamma and trigamma of z > 0 themselves */
extern GammaStep gamma_value(double z);

/*
 * ln B(a, b + d) - ln B(a, b), d whole: what is left after d chances to leave,
 * each taken with a probability that is Beta(a, b).
 */
extern double beta_step_log(double a, double b, double d);

#endif							/* LOYALTY_GAMMA_H */
