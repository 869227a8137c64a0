/*
 * renewals.c
 *		sBG: customers with a contract, who leave when it is to be renewed.
 */
#include "worth/renewals.h"

#include "worth/chance.h"

#include <math.h>

#define FEW	1000				/* that many are added up one by one */

typedef struct Payments
{
	double		n;
	double		q;				/* what is left of one, after a term */
	double		lost;			/* 1 - q, which may be tiny */
} Payments;

/* of who leaves each time with probability p: a geometric series */
static double
given_p(const void *arg, double p)
{
	const Payments *payments = arg;
	double		stays = (1 - p) * payments->q;
	double		leaves = p + (1 - p) * payments->lost;	/* 1 - stays */

	/* all n of them, where nothing is lost */
	if (payments->n * leaves < 1e-12)
		return payments->n;
	return stays * -expm1(payments->n * log1p(-leaves)) / leaves;
}

double
renewals_sum(const Renewals *model, double n, double fading)
{
	Payments	payments = {n, exp(-fading), -expm1(-fading)};
	ChanceMean	mean = {model->alpha, model->beta, given_p, &payments, given_p(&payments, 0), 0};
	double		part = 1;
	double		sum = 0;

	if (n > FEW)
	{
		mean.scale = fmin(n, 1 / payments.lost);
		return chance_mean(&mean);
	}
	for (int i = 0; i < (int) n; i++)
	{
		part *= payments.q * renewals_next(model, i);
		sum += part;
	}
	return sum;
}
