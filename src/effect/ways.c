/*
 * ways.c
 *		The ways to read an effect: see ways.h.
 *
 * Means and squares around them are computed exactly from the sums; double
 * precision begins where they are put together.
 */
#include "postgres.h"

#include "document/type.h"
#include "effect/effect_value.h"
#include "effect/student.h"
#include "effect/ways.h"

#include "common/int.h"

#include <float.h>
#include <math.h>

/* ---------------- reading ---------------- */

static Exact
sum_of(const Total *total, Sum sum)
{
	return exact_numeric(total->sums[sum]);
}

/* a sum's mean */
static Exact
mean_of(const Total *total, Sum sum)
{
	return exact_over(sum_of(total, sum), exact_whole(total->n));
}

/* the sum of squares or products around the means */
static Exact
around_means(const Total *total, Sum square, Sum a, Sum b)
{
	return exact_minus(sum_of(total, square), exact_over(exact_times(sum_of(total, a), sum_of(total, b)), exact_whole(total->n)));
}

/* the variance that such a sum of squares makes */
static double
variance_of(Exact squares, int64 n)
{
	if (exact_sign(squares) < 0)
		sql_type_damaged("effect");
	return n > 1 ? exact_double(exact_over(squares, exact_whole(n - 1))) : 0;
}

static void
match_cell(Matching *m, const Total *cell, Side side, double weight)
{
	double		variance = variance_of(around_means(cell, SUM_AFTER2, SUM_AFTER, SUM_AFTER), cell->n);

	m->n[side] += cell->n;
	if (cell->n == 1)
	{
		m->singles[side] += weight * weight;
		m->singles2[side] += weight * weight * weight * weight;
	}
	else
	{
		double		freedom = (double) (cell->n - 1);
		double		part = weight * weight * variance / (double) cell->n;

		m->variance += part;
		m->by_freedom += part * part / freedom;
		m->pooled[side] += variance * freedom;
		m->freedom[side] += freedom;
	}
}

static void
match_stratum(Matching *m, const Total cells[SIDES])
{
	double		weight = (double) cells[MEMBERS].n;
	Exact		means[SIDES];

	for (int side = 0; side < SIDES; side++)
	{
		means[side] = mean_of(&cells[side], SUM_AFTER);
		m->means[side] += weight * exact_double(means[side]);
		match_cell(m, &cells[side], side, weight);
	}
	m->magnitude += weight * fabs(exact_double(means[OTHERS]));
	m->difference += weight * exact_double(exact_minus(means[MEMBERS], means[OTHERS]));
}

typedef struct Reading
{
	Study	   *study;
	MemoryContext context;
} Reading;

static void
read_stratum(const Stratum *stratum, const JsonNode *node, void *arg)
{
	const Reading *reading = arg;
	Study	   *study = reading->study;
	Total		cells[SIDES] = {0};

	study->has_strata |= stratum->name != NULL;
	for (int side = 0; side < SIDES; side++)
	{
		const Cell *cell = &stratum->cells[side];
		Total	   *total = &study->totals[side];

		cells[side].n = cell->n;
		if (cell->n == 0)
			continue;
		if (pg_add_s64_overflow(total->n, cell->n, &total->n))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("too many customers"),
					 errdetail("The strata have more of them than a bigint can hold.")));
		for (int sum = 0; sum < SUMS && cell->sums[sum]; sum++)
		{
			Datum		before = total->sums[sum];
			MemoryContext caller;

			cells[side].sums[sum] = numeric_from_text(cell->sums[sum]);
			caller = MemoryContextSwitchTo(reading->context);
			total->sums[sum] = numeric_plus(before, cells[side].sums[sum]);
			pfree(DatumGetPointer(before));
			MemoryContextSwitchTo(caller);
		}
	}
	if (cells[MEMBERS].n > 0 && cells[OTHERS].n > 0)
		match_stratum(&study->matching, cells);
}

void
study_read(Study *study, Datum effect)
{
	Reading		reading = {study, CurrentMemoryContext};

	for (int side = 0; side < SIDES; side++)
	{
		for (int sum = 0; sum < SUMS; sum++)
			study->totals[side].sums[sum] = exact_whole(0).num;
	}
	effect_walk(effect, &study->head, read_stratum, &reading);
}

/* ---------------- comparing ---------------- */

/* Everybody is compared, unless something is missing: false then. */
static bool
begin(const Study *study, bool needs_earlier, Comparison *c)
{
	memset(c, 0, sizeof(*c));
	for (int side = 0; side < SIDES; side++)
		c->n[side] = study->totals[side].n;
	if (needs_earlier && !study->head.earlier)
		c->reason = "no earlier period";
	else if (c->n[MEMBERS] == 0)
		c->reason = "no members";
	else if (c->n[OTHERS] == 0)
		c->reason = "no others";
	return c->reason == NULL;
}

static void
put_means(Comparison *c, const Exact means[SIDES])
{
	for (int side = 0; side < SIDES; side++)
		c->means[side] = exact_double(means[side]);
	c->difference = exact_double(exact_minus(means[MEMBERS], means[OTHERS]));
	c->has_difference = true;
}

/* The ratio of two means, if what it divides by is not 0. */
static void
put_ratio(Comparison *c, Exact mean, Exact by)
{
	c->has_ratio = exact_sign(by) != 0;
	if (c->has_ratio)
		c->ratio = exact_double(exact_over(mean, by));
}

static void
put_chance(Comparison *c, double variance, double df, double level)
{
	double		error = sqrt(variance);
	double		reach = student_quantile(level, df) * error;

	c->t = c->difference / error;
	c->df = df;
	c->p = student_p(fabs(c->t), df);
	c->low = c->difference - reach;
	c->high = c->difference + reach;
	c->has_chance = true;
}

/* Welch's t, from the sums of squares around the means of both groups. */
static void
put_welch(Comparison *c, const Exact squares[SIDES], double level)
{
	double		variances[SIDES];	/* of the means */
	double		variance;
	double		share;
	double		freedom = 0;

	if (c->n[MEMBERS] < 2 || c->n[OTHERS] < 2)
	{
		c->reason = "too few to tell chance";
		return;
	}
	for (int side = 0; side < SIDES; side++)
		variances[side] = variance_of(squares[side], c->n[side]) / (double) c->n[side];
	variance = variances[MEMBERS] + variances[OTHERS];
	if (variance == 0)
	{
		c->reason = "no variance";
		return;
	}
	for (int side = 0; side < SIDES; side++)
	{
		share = variances[side] / variance;
		freedom += share * share / (double) (c->n[side] - 1);
	}
	put_chance(c, variance, 1 / freedom, level);
}

void
compare_welch(const Study *study, double level, Comparison *c)
{
	Exact		means[SIDES];
	Exact		squares[SIDES];

	if (!begin(study, false, c))
		return;
	for (int side = 0; side < SIDES; side++)
	{
		means[side] = mean_of(&study->totals[side], SUM_AFTER);
		squares[side] = around_means(&study->totals[side], SUM_AFTER2, SUM_AFTER, SUM_AFTER);
	}
	put_means(c, means);
	put_ratio(c, means[MEMBERS], means[OTHERS]);
	put_welch(c, squares, level);
}

void
compare_did(const Study *study, double level, Comparison *c)
{
	const Total *totals = study->totals;
	Exact		means[SIDES];
	Exact		squares[SIDES];

	if (!begin(study, true, c))
		return;
	for (int side = 0; side < SIDES; side++)
	{
		const Total *total = &totals[side];
		Exact		product = around_means(total, SUM_PRODUCT, SUM_AFTER, SUM_BEFORE);

		means[side] = exact_minus(mean_of(total, SUM_AFTER), mean_of(total, SUM_BEFORE));
		squares[side] = exact_minus(exact_plus(around_means(total, SUM_AFTER2, SUM_AFTER, SUM_AFTER),
												around_means(total, SUM_BEFORE2, SUM_BEFORE, SUM_BEFORE)),
									 exact_plus(product, product));
	}
	put_means(c, means);
	/* (after / before of the members) / (after / before of the others), if neither divides by 0 */
	if (numeric_sign_of(totals[OTHERS].sums[SUM_BEFORE]) != 0)
		put_ratio(c, exact_times(mean_of(&totals[MEMBERS], SUM_AFTER), mean_of(&totals[OTHERS], SUM_BEFORE)),
				  exact_times(mean_of(&totals[MEMBERS], SUM_BEFORE), mean_of(&totals[OTHERS], SUM_AFTER)));
	put_welch(c, squares, level);
}

void
compare_cuped(const Study *study, double level, Comparison *c)
{
	const Total *totals = study->totals;
	Exact		products[SIDES];
	Exact		befores[SIDES];
	Exact		before;			/* of all customers */
	Exact		slope;
	Exact		means[SIDES];
	Exact		squares[SIDES];

	if (!begin(study, true, c))
		return;
	for (int side = 0; side < SIDES; side++)
	{
		products[side] = around_means(&totals[side], SUM_PRODUCT, SUM_AFTER, SUM_BEFORE);
		befores[side] = around_means(&totals[side], SUM_BEFORE2, SUM_BEFORE, SUM_BEFORE);
	}
	slope = exact_plus(befores[MEMBERS], befores[OTHERS]);
	if (exact_sign(slope) == 0)
	{
		c->reason = "earlier period does not vary";
		return;
	}
	slope = exact_over(exact_plus(products[MEMBERS], products[OTHERS]), slope);
	before = exact_over(exact_plus(sum_of(&totals[MEMBERS], SUM_BEFORE), sum_of(&totals[OTHERS], SUM_BEFORE)),
						exact_plus(exact_whole(totals[MEMBERS].n), exact_whole(totals[OTHERS].n)));
	for (int side = 0; side < SIDES; side++)
	{
		const Total *total = &totals[side];
		Exact		ahead = exact_minus(mean_of(total, SUM_BEFORE), before);
		Exact		twice = exact_plus(products[side], products[side]);

		/* of after - slope x before: after^2 - slope x (2 x product - slope x before^2) */
		means[side] = exact_minus(mean_of(total, SUM_AFTER), exact_times(slope, ahead));
		squares[side] = exact_minus(around_means(total, SUM_AFTER2, SUM_AFTER, SUM_AFTER),
									 exact_times(slope, exact_minus(twice, exact_times(slope, befores[side]))));
	}
	put_means(c, means);
	put_ratio(c, means[MEMBERS], means[OTHERS]);
	put_welch(c, squares, level);
}

void
compare_matched(const Study *study, double level, Comparison *c)
{
	const Matching *m = &study->matching;
	double		weight = (double) m->n[MEMBERS];
	double		variance = m->variance;
	double		by_freedom = m->by_freedom;

	begin(study, false, c);
	if (!study->has_strata)
		c->reason = "no strata";
	else if (c->reason == NULL && m->n[MEMBERS] == 0)
		c->reason = "no stratum has both";
	c->unmatched = study->totals[MEMBERS].n - m->n[MEMBERS];
	memcpy(c->n, m->n, sizeof(c->n));
	if (c->reason)
		return;

	for (int side = 0; side < SIDES; side++)
		c->means[side] = m->means[side] / weight;
	c->difference = m->difference / weight;
	c->has_difference = true;
	/* a sum that rounding alone keeps from being 0 is none to divide by */
	c->has_ratio = fabs(m->means[OTHERS]) > 4 * DBL_EPSILON * m->magnitude;
	if (c->has_ratio)
		c->ratio = m->means[MEMBERS] / m->means[OTHERS];

	for (int side = 0; side < SIDES; side++)
	{
		double		pool;

		if (m->freedom[side] == 0)
		{
			c->reason = "too few to tell chance";
			return;
		}
		pool = m->pooled[side] / m->freedom[side];
		variance += m->singles[side] * pool;
		by_freedom += m->singles2[side] * pool * pool / m->freedom[side];
	}
	if (variance == 0)
	{
		c->reason = "no variance";
		return;
	}
	put_chance(c, variance / (weight * weight), variance * variance / by_freedom, level);
}
