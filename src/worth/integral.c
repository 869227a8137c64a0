/*
 * integral.c
 *		Integrals of what decays over time.
 *
 * In s = ln(1 + v/base), base the smaller of p and q, the integrand has no
 * singularity nearer than pi to the real axis, and falls at its steepest at
 * most exponentially: Gauss and Legendre's rule on panels that double, from a
 * first one as wide as the fall is steep, is exact to 12 digits.
 */
#include "worth/integral.h"

#include <math.h>
#include <stdbool.h>

const double gauss_place[DECAY_POINTS / 2] = {
	0.12523340851146891547, 0.36783149899818019375, 0.5873179542866174473,
	0.76990267419430468704, 0.90411725637047485668, 0.98156063424671925069
};
const double gauss_weight[DECAY_POINTS / 2] = {
	0.249147045813402785, 0.23349253653835480876, 0.20316742672306592175,
	0.16007832854334622633, 0.10693932599531843096, 0.047175336386511827195
};

#define FIRST_FALL	4.0			/* the first panel: a fall by e^-4 */
#define WIDEST		2.0
#define NEGLIGIBLE	1e-14

/* How steeply the integrand's logarithm falls, in s. */
static double
steepness(const Decay *d, double base, double v)
{
	double		steep = d->mu / (d->p + v) + d->delta;

	if (d->nu > 0)
		steep += d->nu / (d->q + v);
	return steep * (base + v) - 1;
}

static DecayNode
take_node(const Decay *d, double base, double s, double weight)
{
	DecayNode	node;

	node.v = base * expm1(s);
	node.log_p = base == d->p ? s : log1p(node.v / d->p);
	node.log_q = d->nu == 0 ? 0 : base == d->q ? s : log1p(node.v / d->q);
	node.share = weight * base * exp(s - d->mu * node.log_p - d->nu * node.log_q - d->delta * node.v);
	return node;
}

int
decay_nodes(const Decay *d, double t, DecayNode *nodes)
{
	double		base = d->nu > 0 && d->q < d->p ? d->q : d->p;
	double		end = log1p(t / base);
	double		width = fmin(FIRST_FALL / fmax(steepness(d, base, 0), 1), WIDEST);
	double		start = 0;
	double		sum = 0;
	int			n = 0;

	while (start < end && n <= DECAY_NODES - DECAY_POINTS)
	{
		double		half = 0.5 * fmin(width, end - start);
		double		middle = start + half;
		double		panel = 0;
		double		steep;

		for (int i = 0; i < DECAY_POINTS / 2; i++)
		{
			nodes[n] = take_node(d, base, middle - half * gauss_place[i], half * gauss_weight[i]);
			panel += nodes[n++].share;
			nodes[n] = take_node(d, base, middle + half * gauss_place[i], half * gauss_weight[i]);
			panel += nodes[n++].share;
		}
		sum += panel;
		start = middle + half;

		/* it falls ever steeper: what is left is less than this */
		steep = steepness(d, base, base * expm1(start));
		if (steep > 0 && panel / (half * fmin(1, steep)) <= NEGLIGIBLE * sum)
			break;
		width = fmin(2 * width, WIDEST);
	}
	return n;
}

double
decay_integral(const Decay *d, double t)
{
	DecayNode	nodes[DECAY_NODES];
	int			n = decay_nodes(d, t, nodes);
	double		sum = 0;

	for (int i = 0; i < n; i++)
		sum += nodes[i].share;
	return sum;
}
