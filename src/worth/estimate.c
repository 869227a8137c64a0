/*
 * estimate.c
 *		A model with the parameters of a population.
 */
#include "postgres.h"

#include "worth/estimate.h"

#include "miscadmin.h"

#include <math.h>

#define LEAST	10				/* repeat customers, lost contracts, values: fewer are too few */

static void
interrupt(void)
{
	CHECK_FOR_INTERRUPTS();
}

/* A number with 10 significant digits. */
static double
rounded(double value)
{
	char		text[32];

	snprintf(text, sizeof(text), "%.9e", value);
	return strtod(text, NULL);
}

/* as how many average customers of its population the model given counts, for each of these */
static double
prior_weight(const Model *given)
{
	return (double) given->prior / DECIMAL_ONE;
}

static bool
has_prior(const Model *given, int p)
{
	return given->prior > 0 && given->parts[p].known;
}

/* What the model given knows of a part beforehand. */
static Prior
prior_of(const Model *given, int p)
{
	const ModelPart *part = &given->parts[p];
	Prior		prior = {0};
	double		covariance[NEWTON_MOST][NEWTON_MOST];
	double		weight;

	if (!has_prior(given, p))
		return prior;
	if (!part->has_covariance || given->customers == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has a prior, and parameters without %s",
						part->has_covariance ? "customers" : "covariance"),
				 errhint("Fit all customers with \"prior\" first, then each part of them with the model that results; or leave \"prior\" out.")));
	prior.n = model_count_parameters(given->kind, p);
	memcpy(prior.parameters, part->parameters, sizeof(prior.parameters));
	memcpy(covariance, part->covariance, sizeof(covariance));
	if (!invert_definite(prior.n, covariance, prior.precision))
		elog(ERROR, "covariance is not positive definite");	/* as it was when the model was read */
	weight = prior_weight(given) / (double) given->customers;
	for (int i = 0; i < prior.n; i++)
	{
		for (int j = 0; j < prior.n; j++)
			prior.precision[i][j] *= weight;
	}
	return prior;
}

static void
keep_fit(ModelPart *part, const Fit *fit, int n)
{
	if (!fit->maximum.found)
	{
		part->status = PART_NO_MAXIMUM;
		return;
	}
	part->status = PART_FITTED;
	part->known = part->has_errors = part->has_covariance = part->has_log_likelihood = true;
	part->log_likelihood = rounded(fit->log_likelihood);
	for (int i = 0; i < n; i++)
	{
		part->parameters[i] = rounded(fit->parameters[i]);
		part->errors[i] = rounded(fit->parameters[i] * sqrt(fit->maximum.covariance[i][i]));
		for (int j = 0; j < n; j++)
			part->covariance[i][j] = rounded(fit->maximum.covariance[i][j]);
	}
}

static void
estimate_buying(const UsedModel *given, const Population *p, ModelPart *part)
{
	Prior		prior = prior_of(given->model, PART_PURCHASES);
	int32		oldest = 0;
	double	   *tables;
	Fit			fit = {0};

	if (prior.n == 0 && p->repeat_customers < LEAST)
	{
		part->status = PART_TOO_FEW;
		return;
	}
	for (size_t i = 0; i < p->nbuyers; i++)
		oldest = Max(oldest, p->buyers[i].age);
	tables = palloc(2 * Min(oldest + 1, DAY_TABLE) * sizeof(double));
	fit_purchases(given->purchases.kind, given->day, p->buyers, p->nbuyers, &prior, tables, interrupt, &fit);
	keep_fit(part, &fit, PURCHASE_PARAMETERS);
}

static void
estimate_spending(const UsedModel *given, const Population *p, ModelPart *part)
{
	Prior		prior = prior_of(given->model, PART_SPEND);
	Fit			fit = {0};

	if (prior.n == 0 && p->valued_customers < LEAST)
	{
		part->status = PART_TOO_FEW;
		return;
	}
	fit_spend(p->spends, p->nspends, &prior, interrupt, &fit);
	keep_fit(part, &fit, model_count_parameters(given->model->kind, PART_SPEND));
	if (part->status == PART_FITTED && part->parameters[1] <= 1)
		part->status = PART_NO_MEAN;
}

static void
estimate_renewing(const UsedModel *given, const Population *p, ModelPart *part)
{
	Prior		prior = prior_of(given->model, PART_PURCHASES);
	Fit			fit = {0};

	if (prior.n == 0 && p->lost < LEAST)
	{
		part->status = PART_TOO_FEW;
		return;
	}
	fit_renewals(p->spells, p->nspells, &prior, interrupt, &fit);
	keep_fit(part, &fit, model_count_parameters(given->model->kind, PART_PURCHASES));
}

/* The mean amount at a spell's start; a prior counts as so many spells. */
static void
estimate_amount(const UsedModel *given, const Population *p, ModelPart *part)
{
	double		sum = 0;
	double		spells = 0;

	if (has_prior(given->model, PART_SPEND))
	{
		spells = prior_weight(given->model);
		sum = spells * given->model->parts[PART_SPEND].parameters[0];
	}
	for (size_t i = 0; i < p->nspends; i++)
	{
		sum += p->spends[i].customers * p->spends[i].sum;
		spells += p->spends[i].customers;
	}
	part->known = spells > 0;
	if (part->known)
		part->parameters[0] = rounded(sum / spells);
}

Model *
estimate_model(const UsedModel *given, const Population *p, int64 until)
{
	Model	   *model = palloc(given->model->size);
	ModelPart  *purchases = &model->parts[PART_PURCHASES];
	ModelPart  *spend = &model->parts[PART_SPEND];

	memcpy(model, given->model, given->model->size);
	memset(model->parts, 0, sizeof(model->parts));
	model->has_counts = true;
	model->customers = p->customers;
	model->repeat_customers = p->repeat_customers;
	model->valued_customers = p->valued_customers;
	model->no_purchase = p->no_purchase;
	model->not_above = p->not_above;
	model->has_until = true;
	model->until = until;
	if (model_is_of_contracts(given))
	{
		estimate_renewing(given, p, purchases);
		if (purchases->known)
			estimate_amount(given, p, spend);
	}
	else
	{
		estimate_buying(given, p, purchases);
		estimate_spending(given, p, spend);
	}
	return model;
}
