/*
 * integral.h
 *		Integrals of what decays over time.
 *
 *		integral 0..t of (1 + v/p)^-mu (1 + v/q)^-nu e^(-delta v) dv
 *
 * is what Pareto/NBD's likelihood, its next purchase and every discounted sum
 * come down to.  All terms are positive: nothing cancels, however large the
 * exponents are.
 */
#ifndef LOYALTY_INTEGRAL_H
#define LOYALTY_INTEGRAL_H

typedef struct Decay
{
	double		p;
	double		mu;
	double		q;				/* any, if nu is 0 */
	double		nu;
	double		delta;
} Decay;

/* a place at which the integrand is taken */
typedef struct DecayNode
{
	double		v;
	double		log_p;			/* ln(1 + v/p) */
	double		log_q;			/* ln(1 + v/q), 0 if nu is 0 */
	double		share;			/* of the integral */
} DecayNode;

#define DECAY_POINTS	12		/* of a panel */
#define DECAY_PANELS	80
#define DECAY_NODES		(DECAY_POINTS * DECAY_PANELS)

/*
 * Lay out the nodes, and answer how many there are: the shares add up to the
 * integral.  t may be infinite if it converges then.
 */
extern int	decay_nodes(const Decay *decay, double t, DecayNode *nodes);

extern double decay_integral(const Decay *decay, double t);

/* Gauss and Legendre's rule on (-1, 1): half of it, the other half mirrors it. */
extern const double gauss_place[DECAY_POINTS / 2];
extern const double gauss_weight[DECAY_POINTS / 2];

#endif							/* LOYALTY_INTEGRAL_H */
