/*
 * pareto.c
 *		Pareto/NBD: what is to be expected of a customer.
 *
 * Who is still a customer buys at a rate that is Gamma(r + x, alpha + T), and
 * stays until t from now with probability ((beta+T) / (beta+T+t))^s.
 */
#include "worth/pareto.h"

#include "worth/integral.h"

#include <math.h>

#define SERIES_TERMS	256
#define PRECISION		1e-13

/*
 * integral 0..v of (1 + u/p)^-mu (1 + u/q)^-nu du, expanded about the larger of
 * p and q: with small = M - D, (1 + u/small)^-e is a series in D / (M + u)
 * whose terms are all positive.  Long where p and q lie far apart: negative
 * then, for somebody else to do.
 */
static double
silence_series(const Decay *d, double v)
{
	double		M = fmax(d->p, d->q);
	double		small = fmin(d->p, d->q);
	double		e = d->p < d->q ? d->mu : d->nu;
	double		k = d->mu + d->nu - 1;
	double		z = (M - small) / M;
	double		y = M / (M + v);
	double		power = exp(k * log(y));
	double		c = 1;
	double		sum = 0;

	for (int j = 0; j < SERIES_TERMS; j++)
	{
		double		ratio = z * fmax((e + j) / (j + 1), 1);

		sum += c * (1 - power) / (k + j);
		if (ratio < 1 && c * ratio < PRECISION * (1 - ratio) * (k + j) * sum)
			return exp(e * log(small / M)) * M * sum;
		c *= z * (e + j) / (j + 1);
		power *= y;
	}
	return -1;
}

double
pareto_alive(const Purchases *model, const Buyer *buyer)
{
	Decay		left = {model->alpha + buyer->t_x, model->r + buyer->x,
	model->stay + buyer->t_x, model->leave + 1, 0};
	double		v = buyer->age - buyer->t_x;
	double		stayed = left.mu * log1p(v / left.p) + model->leave * log1p(v / left.q);
	double		gone = silence_series(&left, v);

	if (gone < 0)
		gone = decay_integral(&left, v);
	return 1 / (1 + model->leave / left.q * gone * exp(stayed));
}

double
pareto_expected(const Purchases *model, const Buyer *buyer, double t)
{
	double		G = model->stay + buyer->age;
	double		e = 1 - model->leave;
	double		L = log1p(t / G);

	return (model->r + buyer->x) / (model->alpha + buyer->age) * G * (e == 0 ? L : expm1(e * L) / e);
}

double
pareto_discounted(const Purchases *model, const Buyer *buyer, double t, double delta)
{
	Decay		decay = {model->stay + buyer->age, model->leave, 1, 0, delta};

	return (model->r + buyer->x) / (model->alpha + buyer->age) * decay_integral(&decay, t);
}

double
pareto_again(const Purchases *model, const Buyer *buyer, double t)
{
	Decay		decay = {model->alpha + buyer->age, model->r + buyer->x + 1,
	model->stay + buyer->age, model->leave, 0};

	return (model->r + buyer->x) / decay.p * decay_integral(&decay, t);
}
