/*
 * standing.c
 *		The SQL functions that give one answer: where a member stands.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/numeric.h"
#include "history/history_value.h"
#include "standing/call.h"
#include "standing/traded.h"
#include "standing/tuple.h"

#include "funcapi.h"
#include "utils/builtins.h"

/* A standing, without the fold if program and history are plain. */
static const KeptProgram *
run_standing(FunctionCallInfo fcinfo, int64 asof, Standing *standing)
{
	KeptProgram *kept = program_arg(fcinfo, 1);

	if (kept->plain.is_plain)
	{
		size_t		len;
		const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);

		if (plain_standing(&kept->plain, history, len, asof, standing) ||
			traded_standing(&kept->plain, history, len, asof, standing))
			return kept;
	}
	answer_standing(call_fold(fcinfo, asof, untold), standing);
	return kept;
}

PG_FUNCTION_INFO_V1(loyalty_standing_standing);

/* standing(h, program, asof): one row */
Datum
loyalty_standing_standing(PG_FUNCTION_ARGS)
{
	CallSite   *site = call_site(fcinfo);
	const KeptProgram *kept;
	Standing	s;

	if (site->desc == NULL)
		site->desc = row_desc(fcinfo);
	kept = run_standing(fcinfo, asof_arg(fcinfo, 2), &s);
	return standing_tuple(&s, kept->program, site->desc);
}

PG_FUNCTION_INFO_V1(loyalty_standing_points);

Datum
loyalty_standing_points(PG_FUNCTION_ARGS)
{
	Standing	s;

	run_standing(fcinfo, asof_arg(fcinfo, 2), &s);
	return decimal_to_numeric(s.points);
}

PG_FUNCTION_INFO_V1(loyalty_standing_pending);

Datum
loyalty_standing_pending(PG_FUNCTION_ARGS)
{
	Standing	s;

	run_standing(fcinfo, asof_arg(fcinfo, 2), &s);
	return decimal_to_numeric(s.pending);
}

PG_FUNCTION_INFO_V1(loyalty_standing_tier);

Datum
loyalty_standing_tier(PG_FUNCTION_ARGS)
{
	const KeptProgram *kept;
	Standing	s;

	kept = run_standing(fcinfo, asof_arg(fcinfo, 2), &s);
	if (s.tier == NONE)
		PG_RETURN_NULL();
	return tier_datum(kept->program, s.tier);
}

PG_FUNCTION_INFO_V1(loyalty_standing_expiring);

/* expiring(h, program, within, asof) */
Datum
loyalty_standing_expiring(PG_FUNCTION_ARGS)
{
	Interval   *within = PG_GETARG_INTERVAL_P(2);
	Span		span = {within->month, within->day, within->time};
	Fold	   *fold;

	if (span.months < 0 || span.days < 0 || span.time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("interval must not be negative"),
				 errhint("It is the time to look ahead, for example interval '30 days'.")));
	fold = call_fold(fcinfo, asof_arg(fcinfo, 3), untold);
	return decimal_to_numeric(answer_expiring(fold, clock_add(&fold->clock, fold->asof, &span, 1)));
}

PG_FUNCTION_INFO_V1(loyalty_standing_overdrawn);

Datum
loyalty_standing_overdrawn(PG_FUNCTION_ARGS)
{
	KeptProgram *kept = program_arg(fcinfo, 1);
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);
	HistoryCursor cursor;
	bool		overdrawn;

	history_open(&cursor, history, len);
	if (!history_has_kind(&cursor, EVENT_REDEMPTION))
		PG_RETURN_BOOL(false);
	if (kept->plain.is_plain && traded_overdrawn(&kept->plain, history, len, &overdrawn))
		PG_RETURN_BOOL(overdrawn);
	PG_RETURN_BOOL(call_fold(fcinfo, INSTANT_LIMIT - 1, untold)->points.overdrawn);
}

static Datum
times(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_mul, a, b);
}

/*
 * What open points are worth: each so much; or, in a program that does not say,
 * what the first rule in force makes of them.
 */
static Datum
value_of_points(const Fold *fold, const RedeemRule *redeem)
{
	const VoucherRule *vouchers = PROGRAM_LIST(fold->rules.program, fold->rules.program->vouchers, VoucherRule);
	Datum		points = decimal_to_numeric(Max(fold->points.available - fold->points.debt + fold->points.pending, 0));

	if (redeem && redeem->value > 0)
		return times(points, decimal_to_numeric(redeem->value));
	for (uint32 i = 0; i < fold->rules.program->vouchers.n; i++)
	{
		if (rule_in_force(fold, &vouchers[i].rule, fold->asof))
			return DirectFunctionCall2(numeric_div, times(points, decimal_to_numeric(vouchers[i].value)),
									   decimal_to_numeric(vouchers[i].points));
	}
	return decimal_to_numeric(0);
}

PG_FUNCTION_INFO_V1(loyalty_standing_liability);

/* liability(h, program, asof, share): open points and vouchers at what they are worth */
Datum
loyalty_standing_liability(PG_FUNCTION_ARGS)
{
	Decimal		share = decimal_from_arg(PG_GETARG_DATUM(3), "share");
	Fold	   *fold;
	const RedeemRule *rule;
	Datum		sum;

	if (share < 0 || share > DECIMAL_ONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("share must be between 0 and 1"),
				 errhint("It is the part of the points that is expected to be redeemed.")));
	fold = call_fold(fcinfo, asof_arg(fcinfo, 2), untold);
	rule = redeem_at(fold, fold->asof);
	if ((rule == NULL || rule->value == 0) && !fold->vouchers.any)
		PG_RETURN_NULL();
	sum = DirectFunctionCall2(numeric_add, value_of_points(fold, rule), decimal_to_numeric(fold->vouchers.open_value));
	return DirectFunctionCall1(numeric_trim_scale, times(sum, decimal_to_numeric(share)));
}
