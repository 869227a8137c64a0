/*
 * student.c
 *		Student's distribution: see student.h.
 *
 * P(|T| > t) is the regularized incomplete beta function of df / (df + t^2) for
 * df/2 and 1/2, and that a continued fraction.  Everything goes by logarithms,
 * so that neither ends are lost.
 */
#include "postgres.h"

#include "effect/student.h"

#include <float.h>
#include <math.h>

/* beyond that the fraction loses digits, and a transformed t is normal to more of them */
#define DF_NORMAL	1e6
/* from here on a series is more exact than a difference of two gammas */
#define GAMMA_SERIES 100.0

/* the logarithm of the beta function of a and 1/2 */
static double
log_beta(double a)
{
	int			sign;

	if (a < GAMMA_SERIES)
		return lgamma_r(a, &sign) + lgamma_r(0.5, &sign) - lgamma_r(a + 0.5, &sign);
	return 0.5 * (log(M_PI) - log(a)) + 1 / (8 * a) - 1 / (192 * a * a * a);
}

/* log(1 + e^x) */
static double
log_one_and_exp(double x)
{
	return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* The continued fraction of the incomplete beta function (Lentz's method); x below (a + 1) / (a + b + 2). */
static double
beta_fraction(double a, double b, double x)
{
	const double tiny = DBL_MIN / DBL_EPSILON;
	double		c = 1;
	double		d = 1 - (a + b) * x / (a + 1);
	double		result;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	result = d;
	/* it takes some sqrt(a) steps */
	for (int i = 1; i < 1000000; i++)
	{
		double		m = i;
		double		terms[2];
		double		change = 1;

		terms[0] = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		terms[1] = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
		for (int k = 0; k < 2; k++)
		{
			d = 1 + terms[k] * d;
			d = 1 / (fabs(d) < tiny ? tiny : d);
			c = 1 + terms[k] / c;
			c = fabs(c) < tiny ? tiny : c;
			change = c * d;
			result *= change;
		}
		if (fabs(change - 1) < DBL_EPSILON)
			break;
	}
	return result;
}

/*
 * Both P(|T| > t) and P(|T| <= t) for the logarithm of t: the smaller one is
 * computed, so that it has all its digits.
 */
static void
student_both(double log_t, double df, double *above, double *below)
{
	double		a = df / 2;
	double		odds = 2 * log_t - log(df); /* the logarithm of t^2 / df */
	double		log_x = -log_one_and_exp(odds);
	double		log_y = -log_one_and_exp(-odds);
	double		front;

	if (df > DF_NORMAL)
	{
		/* Wallace's transformation, exact to a multiple of 1 / df^2 */
		double		z = isinf(df) ? exp(log_t) : sqrt(df * log_one_and_exp(odds)) * (1 - 2 / (8 * df + 3));

		*above = erfc(z * M_SQRT1_2);
		*below = erf(z * M_SQRT1_2);
		return;
	}
	front = exp(a * log_x + 0.5 * log_y - log_beta(a));
	if (exp(log_x) < (a + 1) / (a + 2.5))
	{
		*above = front * beta_fraction(a, 0.5, exp(log_x)) / a;
		*below = 1 - *above;
	}
	else
	{
		*below = front * beta_fraction(0.5, a, exp(log_y)) / 0.5;
		*above = 1 - *below;
	}
}

double
student_p(double t, double df)
{
	double		above;
	double		below;

	if (t <= 0)
		return 1;
	student_both(log(t), df, &above, &below);
	return above;
}

/*
 * t for P(|T| > t), or else P(|T| <= t): Newton's method for the logarithm of
 * that over the one of t, kept between bounds that close in.
 */
static double
quantile(double p, bool is_above, double df)
{
	double		lowest = log(DBL_MIN);
	double		highest = log(DBL_MAX);
	double		log_t = 0;

	for (int i = 0; i < 200; i++)
	{
		double		above;
		double		below;
		double		off;
		double		slope;
		double		next;

		student_both(log_t, df, &above, &below);
		off = log(is_above ? above : below) - log(p);
		if (is_above ? off > 0 : off < 0)
			lowest = log_t;
		else
			highest = log_t;
		/* twice the density, times t */
		if (isinf(df))
			slope = sqrt(2 / M_PI) * exp(log_t - exp(2 * log_t) / 2);
		else
			slope = 2 * exp(log_t - log_beta(df / 2) - 0.5 * log(df) -
							(df + 1) / 2 * log_one_and_exp(2 * log_t - log(df)));
		slope = is_above ? -slope / above : slope / below;
		next = log_t - off / slope;
		if (!(next > lowest && next < highest))
			next = (lowest + highest) / 2;
		if (fabs(next - log_t) <= DBL_EPSILON * Max(1, fabs(log_t)))
			break;
		log_t = next;
	}
	return log_t < log(DBL_MAX) - 1e-9 ? exp(log_t) : HUGE_VAL;
}

double
student_quantile(double level, double df)
{
	return level > 0.5 ? quantile(1 - level, true, df) : quantile(level, false, df);
}

double
normal_quantile(double p)
{
	double		tails = 2 * Min(p, 1 - p);
	double		z;

	if (tails == 1)
		return 0;
	z = tails < 0.5 ? quantile(tails, true, HUGE_VAL) : quantile(1 - tails, false, HUGE_VAL);
	return p < 0.5 ? -z : z;
}
