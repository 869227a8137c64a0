/*
 * spend.h
 *		What customers spend on a transaction: Gamma-Gamma.
 *
 * A customer's transactions are Gamma(p, v), and v is Gamma(q, gamma) over the
 * population.  Source: Fader, Hardie, Lee 2005; Fader, Hardie, note 025.
 */
#ifndef LOYALTY_SPEND_H
#define LOYALTY_SPEND_H

/*
 * The mean value of one who has brought `sum` by x repeat transactions: their
 * own mean and that of all, weighted by how much is known.  Parameters p, q,
 * gamma; q > 1.
 */
static inline double
spend_expected(const double *parameters, double x, double sum)
{
	return parameters[0] * (parameters[2] + sum) / (parameters[0] * x + parameters[1] - 1);
}

#endif							/* LOYALTY_SPEND_H */
