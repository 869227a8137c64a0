/*
 * effect.c
 *		The functions of effects: each way by itself, all side by side; sizes of
 *		groups; Student's distribution.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "effect/student.h"
#include "effect/ways.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include <float.h>
#include <math.h>

loyalty_compat_noreturn static void
refuse(const char *what, double value, const char *accepted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must be %s", what, accepted),
			 errdetail("It is %g.", value)));
	pg_unreachable();
}

/* An argument between 0 and 1, neither of them included. */
static double
share_arg(FunctionCallInfo fcinfo, int arg, const char *what)
{
	double		value = PG_GETARG_FLOAT8(arg);

	if (!(value > 0 && value < 1))
		refuse(what, value, "between 0 and 1, excluded");
	return value;
}

static double
finite_arg(FunctionCallInfo fcinfo, int arg, const char *what)
{
	double		value = PG_GETARG_FLOAT8(arg);

	if (!isfinite(value))
		refuse(what, value, "a finite number");
	return value;
}

/* ---------------- a way by itself ---------------- */

/* Values of double precision, NULL where there is none. */
static void
put_double(Datum *values, bool *nulls, int column, bool has, double value)
{
	nulls[column] = !has;
	values[column] = has ? Float8GetDatum(value) : 0;
}

static void
put_reason(Datum *values, bool *nulls, int column, const char *reason)
{
	nulls[column] = reason == NULL;
	values[column] = reason ? CStringGetTextDatum(reason) : 0;
}

static Datum
answer(FunctionCallInfo fcinfo, compare_fn compare)
{
	double		level = share_arg(fcinfo, 1, "level");
	Study		study = {0};
	Comparison	c;
	Datum		values[14];
	bool		nulls[14] = {false};

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = row_desc(fcinfo);
	study_read(&study, PG_GETARG_DATUM(0));
	compare(&study, level, &c);
	values[0] = Int64GetDatum(c.n[MEMBERS]);
	values[1] = Int64GetDatum(c.n[OTHERS]);
	put_double(values, nulls, 2, c.has_difference, c.means[MEMBERS]);
	put_double(values, nulls, 3, c.has_difference, c.means[OTHERS]);
	put_double(values, nulls, 4, c.has_difference, c.difference);
	put_double(values, nulls, 5, c.has_ratio, c.ratio);
	put_double(values, nulls, 6, c.has_chance, c.t);
	put_double(values, nulls, 7, c.has_chance, c.df);
	put_double(values, nulls, 8, c.has_chance, c.p);
	put_double(values, nulls, 9, c.has_chance, c.low);
	put_double(values, nulls, 10, c.has_chance, c.high);
	values[11] = Int64GetDatum(c.unmatched);
	values[12] = Int64GetDatum(study.head.skipped);
	put_reason(values, nulls, 13, c.reason);
	return HeapTupleGetDatum(heap_form_tuple(fcinfo->flinfo->fn_extra, values, nulls));
}

#define ANSWER(way) \
PG_FUNCTION_INFO_V1(loyalty_effect_##way); \
Datum \
loyalty_effect_##way(PG_FUNCTION_ARGS) \
{ \
	return answer(fcinfo, compare_##way); \
}

ANSWER(welch)
ANSWER(did)
ANSWER(cuped)
ANSWER(matched)

/* ---------------- all side by side ---------------- */

static const struct
{
	const char *way;
	const char *reading;
	compare_fn	compare;
	bool		is_effect;		/* may money be made of it? */
} ways[] = {
	{"raw", "a difference, no effect: who joins may have bought more before", compare_welch, false},
	{"did", "the effect if both groups would have moved alike without it", compare_did, true},
	{"cuped", "the effect if joining depends on the earlier period (or lot) alone", compare_cuped, true},
	{"matched", "the effect if joining depends on the strata alone", compare_matched, true},
};

PG_FUNCTION_INFO_V1(loyalty_effect_report);

Datum
loyalty_effect_report(PG_FUNCTION_ARGS)
{
	double		margin = finite_arg(fcinfo, 1, "margin");
	double		cost = finite_arg(fcinfo, 2, "cost");
	double		level = share_arg(fcinfo, 3, "level");
	Study		study = {0};
	Emitter		emitter;

	emit_begin(&emitter, fcinfo);
	study_read(&study, PG_GETARG_DATUM(0));
	for (size_t i = 0; i < lengthof(ways); i++)
	{
		Comparison	c;
		Datum		values[13];
		bool		nulls[13] = {false};
		double		money;

		emit_start(&emitter);
		ways[i].compare(&study, level, &c);
		money = (double) c.n[MEMBERS] * margin;
		values[0] = CStringGetTextDatum(ways[i].way);
		values[1] = CStringGetTextDatum(ways[i].reading);
		values[2] = Int64GetDatum(c.n[MEMBERS]);
		values[3] = Int64GetDatum(c.n[OTHERS]);
		put_double(values, nulls, 4, c.has_difference, c.difference);
		put_double(values, nulls, 5, c.has_ratio, c.ratio);
		put_double(values, nulls, 6, c.has_chance, c.low);
		put_double(values, nulls, 7, c.has_chance, c.high);
		put_double(values, nulls, 8, c.has_chance, c.p);
		put_double(values, nulls, 9, ways[i].is_effect && c.has_difference, c.difference * money - cost);
		put_double(values, nulls, 10, ways[i].is_effect && c.has_chance, c.low * money - cost);
		put_double(values, nulls, 11, ways[i].is_effect && c.has_chance, c.high * money - cost);
		put_reason(values, nulls, 12, c.reason);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

/* ---------------- sizes, and Student's t ---------------- */

/* how many customers a group needs */
static int64
group_size(double share, double total)
{
	double		n = ceil(share * total);

	/* the first double that a bigint cannot hold */
	if (!(n < 9223372036854775808.0))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too many customers"),
				 errdetail("It would take more of them than a bigint can hold.")));
	return (int64) n;
}

PG_FUNCTION_INFO_V1(loyalty_effect_sample_size);

Datum
loyalty_effect_sample_size(PG_FUNCTION_ARGS)
{
	double		sd = finite_arg(fcinfo, 0, "sd");
	double		effect = finite_arg(fcinfo, 1, "effect");
	double		share = share_arg(fcinfo, 2, "share");
	double		power = share_arg(fcinfo, 3, "power");
	double		alpha = share_arg(fcinfo, 4, "alpha");
	double		correlation = PG_GETARG_FLOAT8(5);
	double		q;
	double		ratio = sd / effect;
	double		total;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (sd <= 0)
		refuse("sd", sd, "greater than 0");
	if (effect == 0)
		refuse("effect", effect, "other than 0");
	if (!(fabs(correlation) < 1))
		refuse("correlation", correlation, "between -1 and 1, excluded");
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = row_desc(fcinfo);
	q = normal_quantile(power) - normal_quantile(alpha / 2);
	total = q * q * ratio * ratio * (1 - correlation) * (1 + correlation) / (share * (1 - share));
	values[0] = Int64GetDatum(group_size(share, total));
	values[1] = Int64GetDatum(group_size(1 - share, total));
	return HeapTupleGetDatum(heap_form_tuple(fcinfo->flinfo->fn_extra, values, nulls));
}

PG_FUNCTION_INFO_V1(loyalty_effect_student_t);

Datum
loyalty_effect_student_t(PG_FUNCTION_ARGS)
{
	double		level = share_arg(fcinfo, 0, "level");
	double		df = PG_GETARG_FLOAT8(1);
	double		t;

	if (!(df > 0))
		refuse("df", df, "greater than 0");
	t = student_quantile(level, df);
	if (isinf(t))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("t is too large for double precision"),
				 errdetail("level is %g, df %g.", level, df)));
	PG_RETURN_FLOAT8(t);
}
