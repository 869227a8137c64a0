/*
 * purchases.c
 *		How often customers buy, and when they stop: three models of it.
 */
#include "worth/purchases.h"

#include "worth/bg.h"
#include "worth/pareto.h"

#include <math.h>

double
purchases_alive(const Purchases *model, const Buyer *buyer)
{
	return model->kind == PURCHASES_PARETO ? pareto_alive(model, buyer) : bg_alive(model, buyer);
}

double
purchases_expected(const Purchases *model, const Buyer *buyer, double t)
{
	double		alive = purchases_alive(model, buyer);

	if (model->kind == PURCHASES_PARETO)
		return alive * pareto_expected(model, buyer, t);
	return alive * bg_expected(model, buyer, t);
}

double
purchases_discounted(const Purchases *model, const Buyer *buyer, double t, double delta)
{
	double		alive;

	if (delta == 0)
		return purchases_expected(model, buyer, t);
	alive = purchases_alive(model, buyer);
	if (model->kind == PURCHASES_PARETO)
		return alive * pareto_discounted(model, buyer, t, delta);
	return alive * bg_discounted(model, buyer, t, delta);
}

/* P(a transaction within t), of a customer who is still one */
static double
again(const Purchases *model, const Buyer *buyer, double t)
{
	if (model->kind == PURCHASES_PARETO)
		return pareto_again(model, buyer, t);
	return -expm1(-(model->r + buyer->x) * log1p(t / (model->alpha + buyer->age)));
}

double
purchases_again(const Purchases *model, const Buyer *buyer, double t)
{
	return purchases_alive(model, buyer) * again(model, buyer, t);
}

/* ---------------- days ---------------- */

/* what is asked of a day; what holds on one holds on all that follow */
typedef struct Question
{
	const Purchases *model;
	const Buyer *buyer;
	double		day;			/* in units */
	double		limit;
	double		alive;
} Question;

typedef bool (*answer_function) (const Question *question, int64_t d);

/* The first day from `least` on, more than `most` if there is none: mostly it is a near one. */
static int64_t
first_day(answer_function holds, const Question *question, int64_t least, int64_t most)
{
	int64_t		step = 1;

	if (least > most || !holds(question, most))
		return most + 1;
	/* it holds on most; before least it does not */
	while (least < most && least + step < most)
	{
		if (holds(question, least + step - 1))
		{
			most = least + step - 1;
			break;
		}
		least += step;
		step *= 2;
	}
	while (least < most)
	{
		int64_t		d = least + (most - least) / 2;

		if (holds(question, d))
			most = d;
		else
			least = d + 1;
	}
	return least;
}

static bool
bought_by(const Question *q, int64_t d)
{
	return q->alive * again(q->model, q->buyer, (double) d * q->day) >= q->limit;
}

int64_t
purchases_again_after(const Purchases *model, const Buyer *buyer, double probability, double day, int64_t most)
{
	Question	question = {model, buyer, day, probability, purchases_alive(model, buyer)};

	return first_day(bought_by, &question, 1, most);
}

static bool
lost_by(const Question *q, int64_t d)
{
	Buyer		silent = *q->buyer;

	silent.age = silent.t_x + (double) d * q->day;
	return purchases_alive(q->model, &silent) < q->limit;
}

int64_t
purchases_lost_after(const Purchases *model, const Buyer *buyer, double below, double day, int64_t most)
{
	Question	question = {model, buyer, day, below, 0};

	return first_day(lost_by, &question, 0, most);
}
