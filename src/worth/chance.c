/*
 * chance.c
 *		Means over customers who each leave with a chance of their own.
 *
 * The trapezoidal rule over the logit of p, in which all that matters is about
 * as wide as 1: its error falls exponentially with the step.  The sum goes on
 * for ever to both sides; from where p is as good as 0, or 1, its terms are a
 * geometric series.
 */
#include "worth/chance.h"

#include <float.h>
#include <math.h>

#define TAIL	1e-11			/* what may be left out */

double
chance_mean(const ChanceMean *m)
{
	double		mode = log(m->a / m->b);
	double		spread = sqrt(1 / m->a + 1 / m->b);
	double		step = fmin(0.36, 0.45 * spread);
	double		peak = -m->a * log1p(exp(-mode)) - m->b * log1p(exp(mode));
	double		least = log(TAIL) - log(fmin(fmax(fmax(m->scale, m->b), 1), DBL_MAX));
	double		most = log(fmax(m->a, 1) / TAIL);
	double		weights = 0;
	double		sum = 0;

	for (int side = -1; side <= 1; side += 2)
	{
		double		fall = exp(-step * (side < 0 ? m->a : m->b));

		for (int i = side < 0 ? 0 : 1;; i++)
		{
			double		v = mode + side * i * step;
			double		weight = exp(-m->a * log1p(exp(-v)) - m->b * log1p(exp(v)) - peak);
			double		all = weight / (1 - fall);	/* of this one and those beyond */

			if (v < least || v > most)
			{
				weights += all;
				sum += all * (side < 0 ? m->at_zero : m->given(m->arg, 1));
				break;
			}
			weights += weight;
			sum += weight * m->given(m->arg, 1 / (1 + exp(-v)));
			if (all * m->at_zero < TAIL * sum && all < TAIL * weights)
				break;
		}
	}
	return sum / weights;
}
