/*
 * newton.c
 *		The maximum of a smooth function of a few positive parameters.
 */
#include "worth/newton.h"

#include <math.h>
#include <string.h>

#define MOST_STEPS		200
#define ENOUGH			1e-10	/* a step that would gain no more ends the search */
#define WIDEST_STEP		3.0		/* of the logarithms */
#define NARROWEST_STEP	1e-10
#define FLAT			1e-13	/* eigenvalues below that part of the largest are none */
#define NOISE			1e-13	/* differences of values below that part of them are none */

/* a symmetric matrix: columns of vectors are its eigenvectors */
typedef struct Eigen
{
	double		value[NEWTON_MOST];
	double		vectors[NEWTON_MOST][NEWTON_MOST];
} Eigen;

/* ---------------- symmetric matrices ---------------- */

/* Turn the plane of p and q so that m[p][q] becomes 0. */
static void
rotate(int n, double m[NEWTON_MOST][NEWTON_MOST], Eigen *eigen, int p, int q)
{
	double		theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
	double		t = (theta < 0 ? -1 : 1) / (fabs(theta) + sqrt(theta * theta + 1));
	double		c = 1 / sqrt(t * t + 1);
	double		s = t * c;

	for (int k = 0; k < n; k++)
	{
		double		a = m[k][p];
		double		b = m[k][q];

		m[k][p] = c * a - s * b;
		m[k][q] = s * a + c * b;
	}
	for (int k = 0; k < n; k++)
	{
		double		a = m[p][k];
		double		b = m[q][k];

		m[p][k] = c * a - s * b;
		m[q][k] = s * a + c * b;
		a = eigen->vectors[k][p];
		b = eigen->vectors[k][q];
		eigen->vectors[k][p] = c * a - s * b;
		eigen->vectors[k][q] = s * a + c * b;
	}
}

/* Jacobi's method */
static void
find_eigen(int n, double matrix[NEWTON_MOST][NEWTON_MOST], Eigen *eigen)
{
	double		m[NEWTON_MOST][NEWTON_MOST];

	memcpy(m, matrix, sizeof(m));
	memset(eigen, 0, sizeof(*eigen));
	for (int i = 0; i < n; i++)
		eigen->vectors[i][i] = 1;
	for (int sweep = 0; sweep < 50; sweep++)
	{
		bool		done = true;

		for (int p = 0; p < n; p++)
		{
			for (int q = p + 1; q < n; q++)
			{
				if (fabs(m[p][q]) <= 1e-18 * (fabs(m[p][p]) + fabs(m[q][q])))
					continue;
				rotate(n, m, eigen, p, q);
				done = false;
			}
		}
		if (done)
			break;
	}
	for (int i = 0; i < n; i++)
		eigen->value[i] = m[i][i];
}

static double
least_eigenvalue(int n, const Eigen *eigen)
{
	double		least = eigen->value[0];

	for (int i = 1; i < n; i++)
		least = fmin(least, eigen->value[i]);
	return least;
}

static double
largest_eigenvalue(int n, const Eigen *eigen)
{
	double		largest = 0;

	for (int i = 0; i < n; i++)
		largest = fmax(largest, fabs(eigen->value[i]));
	return largest;
}

static bool
is_definite(int n, const Eigen *eigen)
{
	return least_eigenvalue(n, eigen) > FLAT * largest_eigenvalue(n, eigen);
}

static void
inverse_of(int n, const Eigen *eigen, double inverse[NEWTON_MOST][NEWTON_MOST])
{
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
		{
			inverse[i][j] = 0;
			for (int k = 0; k < n; k++)
				inverse[i][j] += eigen->vectors[i][k] * eigen->vectors[j][k] / eigen->value[k];
		}
	}
}

bool
invert_definite(int n, double matrix[NEWTON_MOST][NEWTON_MOST], double inverse[NEWTON_MOST][NEWTON_MOST])
{
	Eigen		eigen;

	find_eigen(n, matrix, &eigen);
	if (!is_definite(n, &eigen))
		return false;
	inverse_of(n, &eigen, inverse);
	return true;
}

/* ---------------- steps ---------------- */

/* where the search stands, in logarithms */
typedef struct Place
{
	double		logs[NEWTON_MOST];
	Slope		slope;
	Eigen		eigen;			/* of minus the Hessian */
	double		along[NEWTON_MOST]; /* the gradient, in its eigenvectors */
} Place;

static void
look(int n, Place *place, newton_function function, void *arg)
{
	double		parameters[NEWTON_MOST] = {0};
	double		minus[NEWTON_MOST][NEWTON_MOST];
	Slope	   *slope = &place->slope;

	for (int i = 0; i < n; i++)
		parameters[i] = exp(place->logs[i]);
	memset(slope, 0, sizeof(*slope));
	function(parameters, slope, arg);

	/* d/d ln p = p d/dp */
	for (int i = 0; i < n; i++)
		slope->gradient[i] *= parameters[i];
	memset(minus, 0, sizeof(minus));
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j < n; j++)
		{
			slope->hessian[i][j] *= parameters[i] * parameters[j];
			if (i == j)
				slope->hessian[i][j] += slope->gradient[i];
			minus[i][j] = -slope->hessian[i][j];
		}
	}
	find_eigen(n, minus, &place->eigen);
	for (int k = 0; k < n; k++)
	{
		place->along[k] = 0;
		for (int i = 0; i < n; i++)
			place->along[k] += place->eigen.vectors[i][k] * slope->gradient[i];
	}
}

static double
length_with(int n, const Place *place, double shift)
{
	double		square = 0;

	for (int k = 0; k < n; k++)
	{
		double		part = place->along[k] / (place->eigen.value[k] + shift);

		square += part * part;
	}
	return sqrt(square);
}

/*
 * The step that gains most by the quadratic model, no longer than `radius`:
 * (minus the Hessian + shift)^-1 gradient.
 */
static void
find_step(int n, const Place *place, double radius, double *step)
{
	double		largest = largest_eigenvalue(n, &place->eigen);
	double		least = least_eigenvalue(n, &place->eigen);
	double		low = fmax(0, FLAT * largest - least);
	double		high;

	if (length_with(n, place, low) > radius)
	{
		high = fmax(fmax(2 * low, largest), 1e-300);
		while (length_with(n, place, high) > radius)
		{
			low = high;
			high *= 4;
		}
		for (int i = 0; i < 60; i++)
		{
			double		middle = 0.5 * (low + high);

			if (length_with(n, place, middle) > radius)
				low = middle;
			else
				high = middle;
		}
		low = high;
	}
	for (int i = 0; i < n; i++)
	{
		step[i] = 0;
		for (int k = 0; k < n; k++)
			step[i] += place->eigen.vectors[i][k] * place->along[k] / (place->eigen.value[k] + low);
	}
}

static double
expected_gain(int n, const Place *place, const double *step)
{
	double		gain = 0;

	for (int i = 0; i < n; i++)
	{
		gain += place->slope.gradient[i] * step[i];
		for (int j = 0; j < n; j++)
			gain += 0.5 * step[i] * place->slope.hessian[i][j] * step[j];
	}
	return gain;
}

/* What an unbounded Newton step would gain; infinite where there is no maximum to go to. */
static double
newton_gain(int n, const Place *place)
{
	double		gain = 0;

	if (!is_definite(n, &place->eigen))
		return INFINITY;
	for (int k = 0; k < n; k++)
		gain += 0.5 * place->along[k] * place->along[k] / place->eigen.value[k];
	return gain;
}

/* at a bound, and drawn beyond it */
static bool
runs_out(int n, const Place *place)
{
	for (int i = 0; i < n; i++)
	{
		if ((place->logs[i] <= log(NEWTON_LEAST) && place->slope.gradient[i] < 0) ||
			(place->logs[i] >= log(NEWTON_LARGEST) && place->slope.gradient[i] > 0))
			return true;
	}
	return false;
}

static void
move(int n, const Place *from, const double *step, Place *to)
{
	for (int i = 0; i < n; i++)
		to->logs[i] = fmin(fmax(from->logs[i] + step[i], log(NEWTON_LEAST)), log(NEWTON_LARGEST));
}

/*
 * Close to the maximum each step doubles the digits: go on while it does, so
 * that the result does not show where the search began.
 */
static void
polish(int n, Place *place, newton_function function, void *arg)
{
	double		gain = newton_gain(n, place);

	for (int i = 0; i < 4 && gain > 0; i++)
	{
		Place		next;
		double		step[NEWTON_MOST];
		double		left;

		find_step(n, place, WIDEST_STEP, step);
		move(n, place, step, &next);
		look(n, &next, function, arg);
		left = newton_gain(n, &next);
		if (!(left < gain))
			break;
		*place = next;
		if (left > 0.01 * gain)
			break;
		gain = left;
	}
}

void
newton_maximize(int n, double *parameters, newton_function function, void *arg, Maximum *maximum)
{
	Place		place;
	double		radius = 1;

	for (int i = 0; i < n; i++)
		place.logs[i] = fmin(fmax(log(parameters[i]), log(NEWTON_LEAST)), log(NEWTON_LARGEST));
	look(n, &place, function, arg);
	maximum->found = false;
	for (int i = 0; i < MOST_STEPS && radius > NARROWEST_STEP; i++)
	{
		Place		next;
		double		step[NEWTON_MOST];
		double		expected;
		double		gained;

		if (!isfinite(place.slope.value) || runs_out(n, &place))
			break;
		if (newton_gain(n, &place) <= ENOUGH)
		{
			maximum->found = true;
			break;
		}
		find_step(n, &place, radius, step);
		move(n, &place, step, &next);
		for (int j = 0; j < n; j++)
			step[j] = next.logs[j] - place.logs[j];
		expected = expected_gain(n, &place, step);
		look(n, &next, function, arg);
		gained = next.slope.value - place.slope.value;
		if (fabs(expected) < NOISE * fabs(place.slope.value) && fabs(gained) < 10 * NOISE * fabs(place.slope.value))
			gained = expected;
		if (gained >= 0.75 * expected)
			radius = fmin(2 * radius, WIDEST_STEP);
		else if (!(gained >= 0.25 * expected))
			radius *= 0.25;
		if (gained > 0)
			place = next;
	}
	if (maximum->found)
	{
		polish(n, &place, function, arg);
		inverse_of(n, &place.eigen, maximum->covariance);
	}
	maximum->value = place.slope.value;
	for (int i = 0; i < n; i++)
		parameters[i] = exp(place.logs[i]);
}
