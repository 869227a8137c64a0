/*
 * bg.c
 *		BG/NBD and MBG/NBD: what is to be expected of a customer.
 *
 * Who is still a customer buys at a rate that is Gamma(n, A), and leaves after
 * each purchase with a probability p that is Beta(a, b).  So the rate of
 * transactions t from now is
 *
 *		n/A E[(1 + p t/A)^-(n+1)] = n/A (1-z)^a 2F1(c - n - 1, a; c; z)
 *
 * with c = a + b and z = t/(A+t) (Euler's transformation of the textbooks'
 * 2F1).  The series in z is short for most customers.  It fails for z near 1
 * and, cancelling, where c is far below n or far above it: there the
 * expectation over p is taken as it stands (chance.h).
 */
#include "worth/bg.h"

#include "worth/chance.h"
#include "worth/integral.h"

#include <math.h>

/* of a customer who is still one */
typedef struct Future
{
	double		n;
	double		A;
	double		a;
	double		b;
	double		t;				/* until when */
	double		delta;
} Future;

#define SERIES_END		0.97	/* the largest z */
#define SERIES_TERMS	1024
#define PRECISION		1e-12	/* of a series */
#define RATE_PRECISION	1e-11	/* of one that is integrated */
#define TAIL			1e-11	/* of a continued fraction */
#define CANCELLED		1e-3	/* of the magnitudes at least that much must be left */

/*
 * ln(1 + x), and e^x - 1 where e^x is known: from where they do not cancel by
 * functions that take half the time.
 */
#define UNCANCELLED		1e-3

static inline double
quick_log1p(double x)
{
	return x > UNCANCELLED ? log(1 + x) : log1p(x);
}

static inline double
quick_expm1(double x, double power)
{
	return fabs(x) > UNCANCELLED ? power - 1 : expm1(x);
}

static Future
future_of(const Purchases *model, const Buyer *buyer, double t, double delta)
{
	Future		f;

	f.n = model->r + buyer->x;
	f.A = model->alpha + buyer->age;
	f.a = model->leave;
	f.b = model->stay + buyer->x + (model->kind == PURCHASES_MBG ? 1 : 0);
	f.t = t;
	f.delta = delta;
	return f;
}

double
bg_alive(const Purchases *model, const Buyer *buyer)
{
	double		chances = model->stay + buyer->x - (model->kind == PURCHASES_MBG ? 0 : 1);
	double		silence;

	if (model->kind == PURCHASES_BG && buyer->x == 0)
		return 1;
	silence = quick_log1p((buyer->age - buyer->t_x) / (model->alpha + buyer->t_x));
	return 1 / (1 + model->leave / chances * exp((model->r + buyer->x) * silence));
}

/* ---------------- the expectation over p ---------------- */

/* e^x E_nu(x), by its continued fraction (Steed's way) */
static double
scaled_exponential_integral(double nu, double x)
{
	double		b = x + nu;
	double		d = 1 / b;
	double		part = d;
	double		sum = d;

	for (int i = 1; i < 1000 && fabs(part) > TAIL * sum; i++)
	{
		b += 2;
		d = 1 / (b - i * (nu - 1 + i) * d);
		part *= b * d - 1;
		sum += part;
	}
	return sum;
}

/* transactions until t, discounted, of who leaves with probability p after each */
static double
given_p(const void *arg, double p)
{
	const Future *f = arg;
	Decay		decay = {f->A / p, f->n + 1, 1, 0, f->delta};

	if (f->delta == 0)
		return p * f->t < 1e-300 * f->A ? f->n * f->t / f->A : -expm1(-f->n * log1p(p * f->t / f->A)) / p;
	if (isinf(f->t) && f->delta * decay.p > 0.5)
		return f->n / p * scaled_exponential_integral(f->n + 1, f->delta * decay.p);
	return f->n / f->A * decay_integral(&decay, f->t);
}

/* the same for p = 0 */
static double
given_loyal(const Future *f)
{
	return f->n / f->A * (f->delta == 0 ? f->t : -expm1(-f->delta * f->t) / f->delta);
}

static double
expect_over_p(const Future *f)
{
	ChanceMean	mean = {f->a, f->b, given_p, f, given_loyal(f), 0};

	/* who leaves so rarely that nothing comes of it */
	mean.scale = f->n * (isinf(f->t) ? 1 / (f->delta * f->A) : f->t / f->A);
	return chance_mean(&mean);
}

/* ---------------- the series ---------------- */

/*
 * What the terms behind one of them add up to at most: a bound for the ratio
 * of each to the one before, less than 1 for a series that is to end here.
 */
static inline double
series_rest(double term, double z, double B, double e, double C, double j)
{
	double		ratio = z * fmax((e + j) / (j + 1), 1) * fmax(fabs(B + j) / (C + j), 1);

	return ratio < 1 ? fabs(term) * ratio / (1 - ratio) : INFINITY;
}

double
bg_expected(const Purchases *model, const Buyer *buyer, double t)
{
	Future		f = future_of(model, buyer, t, 0);
	double		z = t / (f.A + t);
	double		B = f.a + f.b - f.n - 1;
	double		C = f.a + f.b - 1;
	double		e = f.a - 1;
	double		L = -quick_log1p(t / f.A);
	double		power = exp(e * L);
	double		none = C * -(e == 0 ? L : quick_expm1(e * L, power) / e);	/* if all terms were 0 */
	double		small = PRECISION * fabs(none) / power;
	double		c = B * z;
	double		sum = 0;
	double		magnitude = 0;
	double		expected;
	double		j = 0;

	if (t == 0)
		return 0;
	for (int i = 1; z <= SERIES_END && i < SERIES_TERMS; i++)
	{
		/* counted along: made of i it would hold up the term */
		j++;
		sum += c;
		magnitude += fabs(c);
		/* only a term that is itself small ends it, and mostly that is seen at once: the bound is dearer than a term */
		if (fabs(c) < small + PRECISION * magnitude &&
			power * fabs(c) < PRECISION * fabs(none - power * sum) &&
			power * series_rest(c, z, B, e, C, j) < PRECISION * fabs(none - power * sum))
		{
			expected = none - power * sum;
			if (expected < CANCELLED * (fabs(none) + power * magnitude))
				break;
			return expected;
		}
		c *= z * (B + j) * (e + j) / ((C + j) * (j + 1));
	}
	return bg_discounted(model, buyer, t, 0);
}

/*
 * 2F1(c - n - 1, a; c; z) at the places of a panel, all at once; the last
 * place is the largest.  False if the terms cancel.
 */
static bool
series_at(const Future *f, const double *z, double *value)
{
	double		c = f->a + f->b;
	double		B = c - f->n - 1;
	double		term[DECAY_POINTS];
	double		magnitude = 0;
	const int	last = DECAY_POINTS - 1;

	for (int i = 0; i < DECAY_POINTS; i++)
		term[i] = value[i] = 1;
	for (int j = 0; j < SERIES_TERMS; j++)
	{
		double		factor = (B + j) * (f->a + j) / ((c + j) * (j + 1));

		for (int i = 0; i < DECAY_POINTS; i++)
		{
			term[i] *= factor * z[i];
			value[i] += term[i];
		}
		magnitude += fabs(term[last]);
		if (fabs(term[last]) < RATE_PRECISION * fabs(value[last]) &&
			series_rest(term[last], z[last], B, f->a, c, j + 1) < RATE_PRECISION * fabs(value[last]))
			return value[last] > CANCELLED * magnitude;
	}
	return false;
}

/* The integral of the rate, on panels as in integral.c; false if the series fails. */
static bool
integrate_series(const Future *f, double *sum)
{
	double		steep = (f->n + 1) * f->a / (f->a + f->b) + f->delta * f->A;
	double		width = fmin(4 / fmax(steep, 1), 2);
	double		end = log1p(f->t / f->A);

	*sum = 0;
	for (double start = 0; start < end;)
	{
		double		half = 0.5 * fmin(width, end - start);
		double		log_v[DECAY_POINTS];	/* ln(1 + t/A) */
		double		weight[DECAY_POINTS];
		double		z[DECAY_POINTS];
		double		value[DECAY_POINTS];

		for (int i = 0; i < DECAY_POINTS; i++)
		{
			int			k = i < DECAY_POINTS / 2 ? DECAY_POINTS / 2 - 1 - i : i - DECAY_POINTS / 2;
			double		place = i < DECAY_POINTS / 2 ? -gauss_place[k] : gauss_place[k];

			log_v[i] = start + half + half * place;
			weight[i] = half * gauss_weight[k];
			z[i] = -expm1(-log_v[i]);
		}
		if (!series_at(f, z, value))
			return false;
		for (int i = 0; i < DECAY_POINTS; i++)
			*sum += weight[i] * f->n * value[i] *
				exp((1 - f->a) * log_v[i] - f->delta * f->A * expm1(log_v[i]));
		start += 2 * half;
		width = fmin(2 * width, 2);
	}
	return true;
}

double
bg_discounted(const Purchases *model, const Buyer *buyer, double t, double delta)
{
	Future		f = future_of(model, buyer, t, delta);
	double		sum;

	if (t == 0)
		return 0;
	if (t / (f.A + t) <= SERIES_END && integrate_series(&f, &sum))
		return sum;
	return expect_over_p(&f);
}
