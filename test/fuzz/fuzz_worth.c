/*
 * fuzz_worth.c
 *		The numbers of src/worth: finite, in order, and with the derivatives
 *		that differences show.
 *
 * An input is ten bytes that choose a model, its parameters, a customer and a
 * time; further ones are five each and make a population that is fitted.  One
 * that begins with a capital P is what might stand in the aggregate's state.
 */
#include "postgres.h"

#include "fuzz.h"

#include "worth/fit.h"
#include "worth/likelihood.h"
#include "worth/population.h"

#include <math.h>

#define SLACK		1e-7
#define MOST_GROUPS	20

typedef struct Bytes
{
	const uint8 *at;
	const uint8 *end;
} Bytes;

static double
fraction(Bytes *bytes)
{
	return bytes->at < bytes->end ? *bytes->at++ / 255.0 : 0;
}

/* a number from one power of ten to another */
static double
magnitude(Bytes *bytes, double low, double high)
{
	return pow(10, low + (high - low) * fraction(bytes));
}

static int
whole(Bytes *bytes, int most)
{
	return (int) (pow(most + 1.0, fraction(bytes)) - 1);
}

/* ---------------- answers ---------------- */

static void
expect_between(double low, double value, double high)
{
	fuzz_expect(isfinite(value));
	fuzz_expect(value >= low * (1 - SLACK) - 1e-300);
	fuzz_expect(value <= high * (1 + SLACK) + 1e-300);
}

static void
try_answers(const Purchases *model, const Buyer *buyer, double t, double delta)
{
	double		alive = purchases_alive(model, buyer);
	double		all = (model->r + buyer->x) / (model->alpha + buyer->age) * t;
	double		expected = purchases_expected(model, buyer, t);
	double		discounted = purchases_discounted(model, buyer, t, delta);
	double		again = purchases_again(model, buyer, t);
	int64_t		bought;
	int64_t		lost;

	expect_between(0, alive, 1);
	expect_between(0, expected, alive * all);
	expect_between(expected, purchases_expected(model, buyer, 2 * t), 2 * expected);
	expect_between(expected * exp(-delta * t), discounted, expected);
	expect_between(discounted, purchases_discounted(model, buyer, INFINITY, delta), alive * all / (delta * t));
	expect_between(0, again, Min(alive, expected));

	bought = purchases_again_after(model, buyer, 0.5, 1, 100000);
	fuzz_expect(bought >= 1 && bought <= 100001);
	fuzz_expect(bought > 100000 || purchases_again(model, buyer, (double) bought) >= 0.5 * (1 - SLACK));
	fuzz_expect(bought == 1 || purchases_again(model, buyer, (double) bought - 1) <= 0.5 * (1 + SLACK));
	lost = purchases_lost_after(model, buyer, 0.5, 1, 100000);
	fuzz_expect(lost >= 0 && lost <= 100001);
}

/* ---------------- derivatives ---------------- */

/* a likelihood of some population */
typedef void (*likelihood_function) (const void *population, const double *parameters, Slope *slope);

static void
of_buyers(const void *population, const double *parameters, Slope *slope)
{
	const BuyerGroups *buyers = population;

	if (buyers->kind == PURCHASES_PARETO)
		pareto_likelihood(buyers, parameters, slope);
	else
		bg_likelihood(buyers, parameters, slope);
}

static void
of_spends(const void *population, const double *parameters, Slope *slope)
{
	spend_likelihood(population, parameters, slope);
}

static void
of_spells(const void *population, const double *parameters, Slope *slope)
{
	renewal_likelihood(population, parameters, slope);
}

static Slope
slope_at(likelihood_function likelihood, const void *population, const double *parameters)
{
	Slope		slope = {0};

	likelihood(population, parameters, &slope);
	fuzz_expect(isfinite(slope.value));
	return slope;
}

/* How the parameters' logarithms move value and gradient, by a small step to both sides. */
static void
try_derivatives(int n, likelihood_function likelihood, const void *population, const double *parameters)
{
	const double step = 1e-4;
	Slope		here = slope_at(likelihood, population, parameters);

	for (int i = 0; i < n; i++)
	{
		double		moved[NEWTON_MOST];
		Slope		up;
		Slope		down;
		double		scale = 1e-6 * (1 + fabs(here.value));

		memcpy(moved, parameters, n * sizeof(double));
		moved[i] = parameters[i] * (1 + step);
		up = slope_at(likelihood, population, moved);
		moved[i] = parameters[i] * (1 - step);
		down = slope_at(likelihood, population, moved);
		fuzz_expect(fabs((up.value - down.value) / (2 * step) - parameters[i] * here.gradient[i]) <=
					scale + 1e-4 * fabs(parameters[i] * here.gradient[i]) +
					1e-6 * fabs(parameters[i] * parameters[i] * here.hessian[i][i]));
		for (int j = 0; j < n; j++)
		{
			double		size = fabs(parameters[j] * here.gradient[j]) + fabs(parameters[j] * parameters[j] * here.hessian[j][j]) +
				fabs(parameters[i] * parameters[i] * here.hessian[i][i]);

			fuzz_expect(fabs(parameters[j] * ((up.gradient[j] - down.gradient[j]) / (2 * step) - parameters[i] * here.hessian[i][j])) <=
						scale + 1e-3 * size);
		}
	}
}

/* ---------------- fits ---------------- */

static void
try_fit(Bytes *bytes, PurchaseKind kind)
{
	BuyerGroup	groups[MOST_GROUPS];
	SpendGroup	spends[MOST_GROUPS];
	static double tables[2 * DAY_TABLE];
	Prior		none = {0};
	Fit			fit = {0};
	int			n = 0;
	int			nspends = 0;

	while (n < MOST_GROUPS && bytes->end - bytes->at >= 5)
	{
		BuyerGroup *group = &groups[n];

		/* ascending, as sorted ones are */
		group->x = (n == 0 ? 0 : groups[n - 1].x) + whole(bytes, 30);
		group->t_x = group->x == 0 ? 0 : (int32) group->x + whole(bytes, 1000);
		group->age = group->t_x + whole(bytes, 2000) + n;
		group->customers = 1 + whole(bytes, 100);
		if (group->x > 0)
			spends[nspends++] = (SpendGroup) {group->x, group->customers, magnitude(bytes, -2, 6)};
		n++;
	}
	if (n == 0)
		return;
	fit_purchases(kind, 1.0 / 7, groups, n, &none, tables, NULL, &fit);
	for (int i = 0; fit.maximum.found && i < PURCHASE_PARAMETERS; i++)
		fuzz_expect(fit.parameters[i] > NEWTON_LEAST && fit.parameters[i] < NEWTON_LARGEST && fit.maximum.covariance[i][i] > 0);
	if (nspends == 0)
		return;
	fit_spend(spends, nspends, &none, NULL, &fit);
	for (int i = 0; fit.maximum.found && i < 3; i++)
		fuzz_expect(fit.parameters[i] > 0 && isfinite(fit.parameters[i]) && fit.maximum.covariance[i][i] > 0);
}

/* ---------------- states ---------------- */

/* Whatever the bytes are, what is read of them is within its lists, and in order. */
static void
try_state(const uint8 *data, size_t size, bool contracts)
{
	Population	p;

	if (size == 0 || !population_read(&p, contracts, data + 1, size - 1, data[0]))
		return;
	fuzz_expect(p.customers + p.no_purchase == data[0]);
	for (size_t i = 1; i < p.nbuyers; i++)
		fuzz_expect(p.buyers[i - 1].x <= p.buyers[i].x);
	for (size_t i = 0; i < p.nspends; i++)
		fuzz_expect(p.spends[i].sum > 0 && isfinite(p.spends[i].sum));
	for (size_t i = 0; i < p.nspells; i++)
		fuzz_expect(p.spells[i].renewal > 0 || !p.spells[i].lost);
}

void
fuzz_one(const uint8 *data, size_t size)
{
	Bytes		bytes = {data, data + size};
	PurchaseKind kind = size > 0 ? data[0] % 3 : 0;
	double		parameters[PURCHASE_PARAMETERS];
	double		tables[2 * 128];
	BuyerGroup	group = {0, 0, 0, 1};
	BuyerGroups buyers = {kind, 1, &group, 1, 1, tables, NULL};
	SpendGroup	spend = {1, 3, 1};
	SpendGroups spends = {&spend, 1, 1, 1, NULL};
	SpellGroup	spell = {1, false, 3};
	SpellGroups spells = {&spell, 1, NULL};
	Purchases	model;
	Buyer		buyer;
	double		t;

	if (size > 1 && data[0] == 'P')
	{
		try_state(data + 2, size - 2, data[1] & 1);
		return;
	}
	bytes.at += size > 0;
	for (int i = 0; i < PURCHASE_PARAMETERS; i++)
		parameters[i] = magnitude(&bytes, -3, 4);
	model = (Purchases) {kind, parameters[0], parameters[1], parameters[2], parameters[3]};
	group.x = whole(&bytes, 60);
	group.t_x = group.x == 0 ? 0 : (int32) group.x + whole(&bytes, 3);
	group.age = group.t_x + whole(&bytes, 60);
	try_derivatives(PURCHASE_PARAMETERS, of_buyers, &buyers, parameters);
	spend.x = group.x + 1;
	spend.sum = parameters[3] * (1 + group.t_x);
	try_derivatives(3, of_spends, &spends, parameters);
	spell.renewal = group.x + 1;
	spell.lost = group.age % 2 == 1;
	try_derivatives(2, of_spells, &spells, parameters);

	buyer = (Buyer) {group.x, group.t_x, group.age};
	t = (model.alpha + buyer.age) * magnitude(&bytes, -4, 3);
	try_answers(&model, &buyer, t, magnitude(&bytes, -6, 1) / (model.alpha + buyer.age));
	try_fit(&bytes, kind);
}
