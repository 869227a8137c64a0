/*
 * rate.c
 *		The yearly rate at which payments are worth nothing together.
 *
 * What is looked for is x = ln(1 + r).  Sums are scaled so that no term is
 * greater than its amount, which leaves signs and roots as they are.
 */
#include "postgres.h"

#include "credit/rate.h"

#include "miscadmin.h"

#include <math.h>

#define DAYS_A_YEAR	365.0
#define LOOKS		1000		/* for a change of sign that the ends do not show */
#define STEPS		200			/* more than halving a double takes */
#define NOISE		1e-12		/* of the terms of a sum that should be 0 */

typedef struct Worth
{
	double		sum;
	double		slope;			/* by x */
	double		terms;			/* sum of the magnitudes */
} Worth;

static Worth
worth(const Flow *flows, int n, double x)
{
	int32		from = flows[x < 0 ? n - 1 : 0].day;
	Worth		w = {0, 0, 0};

	for (int i = 0; i < n; i++)
	{
		double		years = (flows[i].day - from) / DAYS_A_YEAR;
		double		term = flows[i].amount * exp(-x * years);

		w.sum += term;
		w.slope -= years * term;
		w.terms += fabs(term);
	}
	return w;
}

/* The root between two ends at which the signs differ: Newton's steps, and halves where they lead astray. */
static double
root_between(const Flow *flows, int n, double below, double above)
{
	bool		rises = worth(flows, n, above).sum > 0;
	double		x = below < 0 && above > 0 ? 0 : below + (above - below) / 2;

	for (int i = 0; i < STEPS; i++)
	{
		Worth		w = worth(flows, n, x);
		double		next = x - w.sum / w.slope;

		CHECK_FOR_INTERRUPTS();
		if (w.sum == 0)
			return x;
		if ((w.sum > 0) == rises)
			above = x;
		else
			below = x;
		if (!(next > below && next < above))
			next = below + (above - below) / 2;
		if (next == x || next == below || next == above)
			return next;
		x = next;
	}
	return x;
}

/* The place between two ends, on one side of 0, at which the slope changes its sign. */
static double
turn_between(const Flow *flows, int n, double below, double above)
{
	bool		rises = worth(flows, n, below).slope > 0;

	for (int i = 0; i < STEPS; i++)
	{
		double		x = below + (above - below) / 2;

		if (x == below || x == above)
			break;
		if ((worth(flows, n, x).slope > 0) == rises)
			below = x;
		else
			above = x;
	}
	return below;
}

/* Both ends have one sign: look between them for a place that has not, or where the sum just touches 0. */
static bool
look_between(const Flow *flows, int n, double least, double most, double *x)
{
	bool		positive = flows[0].amount > 0;
	double		before = least;

	for (int i = 1; i <= LOOKS; i++)
	{
		/* closest around 0, which is one of the places */
		double		at = sinh(asinh(least) + (asinh(most) - asinh(least)) * i / LOOKS);
		Worth		left;
		Worth		right;

		CHECK_FOR_INTERRUPTS();
		if (before < 0 && at > 0)
			at = 0;
		left = worth(flows, n, before);
		right = worth(flows, n, at);
		if ((right.sum > 0) != positive)
		{
			*x = right.sum == 0 ? at : root_between(flows, n, before, at);
			return true;
		}
		if (at != 0 && (left.slope > 0) != (right.slope > 0))
		{
			double		turn = turn_between(flows, n, before, at);
			Worth		there = worth(flows, n, turn);

			if (fabs(there.sum) <= NOISE * there.terms)
			{
				*x = turn;
				return true;
			}
			if ((there.sum > 0) != positive)
			{
				*x = root_between(flows, n, before, turn);
				return true;
			}
		}
		before = at;
	}
	return false;
}

bool
rate_solve(const Flow *flows, int n, double *rate)
{
	double		sum = 0;
	double		least;
	double		most;
	double		x;
	bool		positive = false;
	bool		negative = false;

	for (int i = 0; i < n; i++)
	{
		positive |= flows[i].amount > 0;
		negative |= flows[i].amount < 0;
		sum += fabs(flows[i].amount);
	}
	if (!positive || !negative)
		return false;
	/* beyond these the first, or the last, outweighs all others */
	most = 1 + log1p(sum / fabs(flows[0].amount)) * DAYS_A_YEAR / (flows[1].day - flows[0].day);
	least = -1 - log1p(sum / fabs(flows[n - 1].amount)) * DAYS_A_YEAR / (flows[n - 1].day - flows[n - 2].day);
	if ((flows[0].amount > 0) != (flows[n - 1].amount > 0))
		x = root_between(flows, n, least, most);
	else if (!look_between(flows, n, least, most, &x))
		return false;
	*rate = expm1(x);
	return true;
}
