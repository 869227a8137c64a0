/*
 * fit.c
 *		A population's parameters, by maximum likelihood.
 */
#include "worth/fit.h"

#include "worth/likelihood.h"

#include <math.h>
#include <string.h>

typedef void (*likelihood_function) (const void *population, const double *parameters, Slope *slope);

/* what is maximised: a likelihood, less the distance from what was known */
typedef struct Target
{
	likelihood_function likelihood;
	const void *population;
	const Prior *prior;
} Target;

/* The distance's derivatives are by the parameters themselves: d ln p = dp / p. */
static double
add_prior(const Prior *prior, const double *parameters, Slope *slope)
{
	double		distance[NEWTON_MOST];
	double		square = 0;

	for (int i = 0; i < prior->n; i++)
		distance[i] = log(parameters[i] / prior->parameters[i]);
	for (int i = 0; i < prior->n; i++)
	{
		double		pull = 0;

		for (int j = 0; j < prior->n; j++)
		{
			pull += prior->precision[i][j] * distance[j];
			if (slope)
				slope->hessian[i][j] -= prior->precision[i][j] / (parameters[i] * parameters[j]);
		}
		square += distance[i] * pull;
		if (slope)
		{
			slope->gradient[i] -= pull / parameters[i];
			slope->hessian[i][i] += pull / (parameters[i] * parameters[i]);
		}
	}
	return -0.5 * square;
}

static void
target_slope(const double *parameters, Slope *slope, void *arg)
{
	const Target *target = arg;

	target->likelihood(target->population, parameters, slope);
	slope->value += add_prior(target->prior, parameters, slope);
}

static void
fit_target(int n, const Target *target, const double *start, Fit *fit)
{
	memcpy(fit->parameters, start, n * sizeof(double));
	newton_maximize(n, fit->parameters, target_slope, (void *) target, &fit->maximum);
	fit->log_likelihood = fit->maximum.value - add_prior(target->prior, fit->parameters, NULL);
}

/* What was known beforehand, or else a guess, is where to begin ... */
static const double *
first_start(const Prior *prior, const double *guess)
{
	return prior->n > 0 ? prior->parameters : guess;
}

/*
 * ... with a part of a large population, every step-th group of it, and what
 * that says is where to begin with the whole.
 */
#define SAMPLE			4096	/* groups */

static void
fit_population(int n, const Target *target, size_t groups, size_t *step, const double *guess, Fit *fit)
{
	const double *start = first_start(target->prior, guess);
	Fit			sample;

	*step = groups / SAMPLE;
	if (*step > 1)
	{
		fit_target(n, target, start, &sample);
		if (sample.maximum.found)
			start = sample.parameters;
	}
	*step = 1;
	fit_target(n, target, start, fit);
}

static void
buyers_likelihood(const void *population, const double *parameters, Slope *slope)
{
	const BuyerGroups *buyers = population;

	if (buyers->kind == PURCHASES_PARETO)
		pareto_likelihood(buyers, parameters, slope);
	else
		bg_likelihood(buyers, parameters, slope);
}

void
fit_purchases(PurchaseKind kind, double day, const BuyerGroup *groups, size_t n,
			  const Prior *prior, double *tables, fit_interrupt interrupt, Fit *fit)
{
	BuyerGroups buyers = {kind, day, groups, n, 1, tables, interrupt};
	Target		target = {buyers_likelihood, &buyers, prior};
	double		customers = 0;
	double		purchases = 0;
	double		time = 0;
	double		guess[PURCHASE_PARAMETERS] = {1, day, 1, 1};

	/* as if all stayed, and half left after each purchase */
	for (size_t i = 0; i < n; i++)
	{
		customers += groups[i].customers;
		purchases += (double) groups[i].customers * (1 + (double) groups[i].x);
		time += (double) groups[i].customers * groups[i].age * day;
	}
	if (time > 0)
	{
		guess[1] = time / purchases;
		guess[3] = kind == PURCHASES_PARETO ? time / customers : 1;
	}
	fit_population(PURCHASE_PARAMETERS, &target, n, &buyers.step, guess, fit);
}

static void
spends_likelihood(const void *population, const double *parameters, Slope *slope)
{
	spend_likelihood(population, parameters, slope);
}

void
fit_spend(const SpendGroup *groups, size_t n, const Prior *prior, fit_interrupt interrupt, Fit *fit)
{
	SpendGroups spends = {groups, n, 1, 1, interrupt};
	Prior		scaled = *prior;
	Target		target = {spends_likelihood, &spends, &scaled};
	double		money = 0;
	double		purchases = 0;
	const double guess[] = {2, 3, 1};

	/* in units of what is spent on average: the bounds are the same in every currency */
	for (size_t i = 0; i < n; i++)
	{
		money += groups[i].customers * groups[i].sum;
		purchases += (double) groups[i].customers * groups[i].x;
	}
	if (purchases > 0)
		spends.unit = money / purchases;
	else if (prior->n > 0)
		spends.unit = prior->parameters[2];
	scaled.parameters[2] /= spends.unit;
	fit_population(3, &target, n, &spends.step, guess, fit);
	fit->parameters[2] *= spends.unit;
}

static void
spells_likelihood(const void *population, const double *parameters, Slope *slope)
{
	renewal_likelihood(population, parameters, slope);
}

void
fit_renewals(const SpellGroup *groups, size_t n, const Prior *prior, fit_interrupt interrupt, Fit *fit)
{
	SpellGroups spells = {groups, n, interrupt};
	Target		target = {spells_likelihood, &spells, prior};
	const double guess[] = {1, 1};

	fit_target(2, &target, first_start(prior, guess), fit);
}
