/*
 * gamma.c
 *		The gamma function's logarithm and its derivatives, as differences.
 *
 * From GAMMA_LARGE on Stirling's series is exact to the last digit; below,
 * the recurrence G(z + 1) = z G(z) leads there.
 */
#include "worth/gamma.h"

#include <math.h>

#define GAMMA_LARGE	10.0

/* B(2k) / (2k (2k - 1)), the coefficients of z^(1 - 2k) in lnG */
static const double stirling[] = {
	1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156
};
#define STIRLING_TERMS ((int) (sizeof(stirling) / sizeof(stirling[0])))

/* what the series has beyond the closed terms: of lnG, digamma, trigamma */
static GammaStep
series(double z)
{
	double		y = 1 / (z * z);
	GammaStep	s = {0, 0, 0};

	for (int k = STIRLING_TERMS; k-- > 0;)
	{
		int			power = 2 * k + 1;

		s.log = s.log * y + stirling[k];
		s.digamma = s.digamma * y - power * stirling[k];
		s.trigamma = s.trigamma * y + power * (power + 1) * stirling[k];
	}
	s.log /= z;
	s.digamma *= y;
	s.trigamma *= y / z;
	return s;
}

static double
series_log(double z)
{
	double		y = 1 / (z * z);
	double		s = 0;

	for (int k = STIRLING_TERMS; k-- > 0;)
		s = s * y + stirling[k];
	return s / z;
}

/* lnG(z) = (z - 1/2) ln z - z + ln(2 pi) / 2 + series */
static double
large_step_log(double z, double d)
{
	return (z - 0.5) * log1p(d / z) + d * (log(z + d) - 1) + series_log(z + d) - series_log(z);
}

double
gamma_step_log(double z, double d)
{
	double		below = 0;		/* the product of the steps below, less 1 */

	if (d == 0)
		return 0;
	while (z < GAMMA_LARGE)
	{
		double		u = d / z;

		below += u + below * u;
		z++;
	}
	return large_step_log(z, d) - (below > 0 ? log1p(below) : 0);
}

GammaStep
gamma_step(double z, double d)
{
	GammaStep	step = {0, 0, 0};
	GammaStep	to;
	GammaStep	from;

	if (d == 0)
		return step;
	step.log = gamma_step_log(z, d);
	while (z < GAMMA_LARGE)
	{
		double		u = d / (z * (z + d));

		step.digamma += u;
		step.trigamma -= u * (1 / z + 1 / (z + d));
		z++;
	}
	to = series(z + d);
	from = series(z);
	step.digamma += log1p(d / z) + 0.5 * d / (z * (z + d)) + (to.digamma - from.digamma);
	step.trigamma += -d / (z * (z + d)) * (1 + 0.5 * (1 / z + 1 / (z + d))) + (to.trigamma - from.trigamma);
	return step;
}

GammaStep
gamma_value(double z)
{
	GammaStep	value = {0, 0, 0};
	GammaStep	tail;
	double		below = 1;

	while (z < GAMMA_LARGE)
	{
		below *= z;
		value.digamma -= 1 / z;
		value.trigamma += 1 / (z * z);
		z++;
	}
	tail = series(z);
	value.log = (z - 0.5) * log(z) - z + 0.91893853320467274178 + tail.log - log(below);
	value.digamma += log(z) - 0.5 / z + tail.digamma;
	value.trigamma += 1 / z + 0.5 / (z * z) + tail.trigamma;
	return value;
}

double
beta_step_log(double a, double b, double d)
{
	double		left = 0;

	/* (b + i) / (a + b + i) may be near 1, or near 0; the function is the same in a and d */
	if (d <= 8)
	{
		for (int i = 0; i < (int) d; i++)
			left += a < b + i ? log1p(-a / (a + b + i)) : log((b + i) / (a + b + i));
		return left;
	}
	return a < d ? gamma_step_log(b, a) - gamma_step_log(b + d, a) : gamma_step_log(b, d) - gamma_step_log(a + b, d);
}
