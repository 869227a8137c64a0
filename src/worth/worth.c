/*
 * worth.c
 *		What a model expects of a customer: the functions in SQL.
 *
 * Each takes a history, a model, and an instant to ask about; a customer
 * without a transaction, and a part of the model that could not be fitted, are
 * answered with NULL.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/compat.h"
#include "base/numeric.h"
#include "worth/contracts.h"
#include "worth/spend.h"
#include "worth/use.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/fmgrprotos.h"

#include <math.h>

/* no day is later: 9999-12-31 */
#define LAST_DAY	((int) (INSTANT_LIMIT / USECS_PER_DAY) - 1)

/* a month of those who have no calendar yet, and a year of the discount */
#define DAYS_OF_MONTH	30.4375
#define DAYS_OF_YEAR	365.25

/* ---------------- arguments ---------------- */

/* The model of an argument, if it knows the part: NULL if answers are to be so. */
static const UsedModel *
model_arg(FunctionCallInfo fcinfo, int arg, int part)
{
	const UsedModel *use = model_use(PG_GETARG_DATUM(arg));

	return model_has(use, part) ? use : NULL;
}

static void
refuse_number(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s must be a finite number", what)));
}

static const Interval *
within_arg(FunctionCallInfo fcinfo, int arg)
{
	const Interval *within = PG_GETARG_INTERVAL_P(arg);

	if (loyalty_compat_interval_is_infinite(within))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("within must be finite"),
				 errhint("The value of a whole life is asked without it.")));
	if (within->month < 0 || within->day < 0 || within->time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("within must not be negative, nor any part of it"),
				 errhint("It is the time to look ahead, for example interval '1 year'.")));
	return within;
}

/* The days that an interval has from an instant on, by the zone's clock. */
static double
days_within(const Zone *zone, const Interval *within, int64 asof)
{
	Span		span = {within->month, within->day, within->time};
	int			hint = 0;
	int64		local = zone_to_local(zone, asof, &hint);
	int64		end = local_add(local, &span, 1);

	/* nobody buys after the end of the calendar */
	return (double) Max(Min(end, INSTANT_LIMIT) - local, 0) / USECS_PER_DAY;
}

/* what a call site asked for last, which is mostly the same for all customers */
typedef struct WithinArg
{
	const Zone *zone;			/* NULL to begin with */
	Interval	within;
	int64		asof;
	double		days;
} WithinArg;

/* The same in units of time. */
static double
units_within(FunctionCallInfo fcinfo, const UsedModel *use, const Interval *within, int64 asof)
{
	WithinArg  *last = fcinfo->flinfo->fn_extra;

	if (last == NULL)
		last = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(WithinArg));
	if (last->zone != use->zone || last->asof != asof || memcmp(&last->within, within, sizeof(Interval)) != 0)
	{
		last->zone = use->zone;
		last->within = *within;
		last->asof = asof;
		last->days = days_within(use->zone, within, asof);
	}
	return last->days * use->day;
}

static int64
instant_within(const UsedModel *use, const Interval *within, int64 asof)
{
	Span		span = {within->month, within->day, within->time};
	int			hint = 0;
	int			hint_after = 0;

	return zone_add(use->zone, asof, &span, 1, &hint, &hint_after);
}

static double
days_of_nobody(const Interval *within)
{
	return within->month * DAYS_OF_MONTH + within->day + (double) within->time / USECS_PER_DAY;
}

/* How fast worth fades, by day: (1 + discount)^(-1 / days of a year) = e^-fading. */
static double
fading_arg(FunctionCallInfo fcinfo, int arg)
{
	Numeric		discount = PG_GETARG_NUMERIC(arg);
	double		value;

	if (numeric_is_nan(discount) || numeric_is_inf(discount))
		refuse_number("discount");
	value = DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(discount)));
	if (value < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount must not be negative"),
				 errhint("It is by how much money a year from now is worth less: 0.10 for 10 %%.")));
	return log1p(value) / DAYS_OF_YEAR;
}

static double
whole_life_arg(FunctionCallInfo fcinfo, int arg)
{
	double		fading = fading_arg(fcinfo, arg);

	if (fading == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("discount must be greater than zero"),
				 errdetail("Without a discount a whole life may be worth any amount."),
				 errhint("Give a discount, such as 0.10, or the time to look ahead, such as interval '3 years'.")));
	return fading;
}

/* a probability between 0 and 1, neither of them */
static double
probability_arg(FunctionCallInfo fcinfo, int arg, const char *what)
{
	double		value = PG_GETARG_FLOAT8(arg);

	if (!isfinite(value))
		refuse_number(what);
	if (value <= 0 || value >= 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between 0 and 1", what),
				 errdetail("Neither of them is ever reached.")));
	return value;
}

/* ---------------- results ---------------- */

static double
need_finite(double value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("result is out of range"),
				 errhint("The model's parameters, or the discount, are extreme.")));
	return value;
}

static Datum
float_result(FunctionCallInfo fcinfo, double value)
{
	PG_RETURN_FLOAT8(need_finite(value));
}

/* Money: 6 decimals, half away from 0. */
static Datum
money_result(double value)
{
	double		millionths = round(need_finite(value) * DECIMAL_ONE);

	if (fabs(millionths) >= 1e38)
		need_finite(INFINITY);
	return decimal_to_numeric((int128) millionths);
}

/* Local midnight of a day, NULL after the last there is. */
static Datum
midnight_result(FunctionCallInfo fcinfo, const UsedModel *use, int64 day)
{
	int			hint = 0;

	if (day > LAST_DAY)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(zone_from_local(use->zone, local_from_days((int) day), &hint));
}

/* ---------------- buying ---------------- */

static void
buyer_row(const UsedModel *use, Datum history, int64 asof, Datum *values, bool *nulls)
{
	Seen		seen;

	model_look(use, history, asof, &seen);
	if (!seen.any)
		return;
	values[0] = Int64GetDatum(seen.x);
	values[1] = Int32GetDatum(seen.last - seen.first);
	values[2] = Int32GetDatum(seen.today - seen.first);
	nulls[0] = nulls[1] = nulls[2] = false;
	if (seen.x == 0)
		return;
	values[3] = decimal_ratio(seen.sum, (int128) seen.x * DECIMAL_ONE);
	nulls[3] = false;
}

/* of the last spell: renewals made, the day of the last, today, and the amount */
static void
contract_row(const UsedModel *use, Datum history, int64 asof, Datum *values, bool *nulls)
{
	Contract	contract;
	int			hint = 0;
	int			first;

	if (!contract_look(use, history, asof, &contract))
		return;
	first = local_to_days(contract.terms.local);
	values[0] = Int64GetDatum(contract.renewals);
	values[1] = Int32GetDatum(local_to_days(local_add(contract.terms.local, &use->model->unit, (int) contract.renewals)) - first);
	values[2] = Int32GetDatum(local_to_days(zone_to_local(use->zone, asof, &hint)) - first);
	values[3] = decimal_to_numeric(contract.spell.last_amount);
	memset(nulls, false, 4);
}

PG_FUNCTION_INFO_V1(loyalty_model_buying);

/* buying(h, model, asof): x, t_x, age, value */
Datum
loyalty_model_buying(PG_FUNCTION_ARGS)
{
	const UsedModel *use = model_use(PG_GETARG_DATUM(1));
	TupleDesc	desc = fcinfo->flinfo->fn_extra;
	int64		asof = asof_arg(fcinfo, 2);
	Datum		values[4] = {0};
	bool		nulls[4] = {true, true, true, true};

	if (desc == NULL)
		fcinfo->flinfo->fn_extra = desc = row_desc(fcinfo);
	if (model_is_of_contracts(use))
		contract_row(use, PG_GETARG_DATUM(0), asof, values, nulls);
	else
		buyer_row(use, PG_GETARG_DATUM(0), asof, values, nulls);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

/* ---------------- how often, and whether still ---------------- */

/* A customer as a model sees one: by the last contract, or by purchases. */
typedef struct Customer
{
	Contract	contract;
	Seen		seen;
	Buyer		buyer;
} Customer;

/* False if there is nothing to see, or no model to see it by. */
static bool
look(const UsedModel *use, Datum history, int64 asof, Customer *customer)
{
	if (use == NULL)
		return false;
	if (model_is_of_contracts(use))
		return contract_look(use, history, asof, &customer->contract);
	model_look(use, history, asof, &customer->seen);
	customer->buyer = buyer_seen(use, &customer->seen);
	return customer->seen.any;
}

PG_FUNCTION_INFO_V1(loyalty_model_alive);

Datum
loyalty_model_alive(PG_FUNCTION_ARGS)
{
	const UsedModel *use = model_arg(fcinfo, 1, PART_PURCHASES);
	int64		asof = asof_arg(fcinfo, 2);
	Customer	customer;

	if (!look(use, PG_GETARG_DATUM(0), asof, &customer))
		PG_RETURN_NULL();
	if (model_is_of_contracts(use))
		PG_RETURN_FLOAT8(customer.contract.running ? 1 : 0);
	return float_result(fcinfo, purchases_alive(&use->purchases, &customer.buyer));
}

PG_FUNCTION_INFO_V1(loyalty_model_expected_purchases);

/* expected_purchases(h, model, within, asof) */
Datum
loyalty_model_expected_purchases(PG_FUNCTION_ARGS)
{
	const UsedModel *use = model_arg(fcinfo, 1, PART_PURCHASES);
	const Interval *within = within_arg(fcinfo, 2);
	int64		asof = asof_arg(fcinfo, 3);
	Customer	customer;

	if (!look(use, PG_GETARG_DATUM(0), asof, &customer))
		PG_RETURN_NULL();
	if (model_is_of_contracts(use))
		return float_result(fcinfo, contract_expected(use, &customer.contract, instant_within(use, within, asof), 0));
	return float_result(fcinfo, purchases_expected(&use->purchases, &customer.buyer,
												   units_within(fcinfo, use, within, asof)));
}

static Datum
instant_result(FunctionCallInfo fcinfo, int64 at)
{
	if (at == INSTANT_NEVER)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(at);
}

PG_FUNCTION_INFO_V1(loyalty_model_next_purchase);

/* next_purchase(h, model, probability, asof) */
Datum
loyalty_model_next_purchase(PG_FUNCTION_ARGS)
{
	const UsedModel *use = model_arg(fcinfo, 1, PART_PURCHASES);
	double		probability = probability_arg(fcinfo, 2, "probability");
	int64		asof = asof_arg(fcinfo, 3);
	Customer	customer;

	if (!look(use, PG_GETARG_DATUM(0), asof, &customer))
		PG_RETURN_NULL();
	if (model_is_of_contracts(use))
		return instant_result(fcinfo, contract_next(use, &customer.contract, probability));
	return midnight_result(fcinfo, use,
						   customer.seen.today + purchases_again_after(&use->purchases, &customer.buyer, probability, use->day,
															  LAST_DAY - customer.seen.today));
}

PG_FUNCTION_INFO_V1(loyalty_model_presumed_lost);

/* presumed_lost(h, model, below, asof) */
Datum
loyalty_model_presumed_lost(PG_FUNCTION_ARGS)
{
	const UsedModel *use = model_arg(fcinfo, 1, PART_PURCHASES);
	double		below = probability_arg(fcinfo, 2, "below");
	int64		asof = asof_arg(fcinfo, 3);
	Customer	customer;

	if (!look(use, PG_GETARG_DATUM(0), asof, &customer))
		PG_RETURN_NULL();
	if (model_is_of_contracts(use))
		return instant_result(fcinfo, customer.contract.spell.end);
	return midnight_result(fcinfo, use,
						   customer.seen.last + purchases_lost_after(&use->purchases, &customer.buyer, below, use->day,
															LAST_DAY - customer.seen.last));
}

/* ---------------- what for ---------------- */

/* expected value of one transaction */
static double
value_of(const UsedModel *use, const Seen *seen)
{
	return spend_expected(use->model->parts[PART_SPEND].parameters, seen->x, (double) seen->sum / DECIMAL_ONE);
}

PG_FUNCTION_INFO_V1(loyalty_model_expected_value);

Datum
loyalty_model_expected_value(PG_FUNCTION_ARGS)
{
	const UsedModel *use = model_use(PG_GETARG_DATUM(1));
	/* the value of a contract is its amount: what is spent need not be known */
	bool		known = model_has(use, model_is_of_contracts(use) ? PART_PURCHASES : PART_SPEND);
	int64		asof = asof_arg(fcinfo, 2);
	Customer	customer;

	if (!known || !look(use, PG_GETARG_DATUM(0), asof, &customer))
		PG_RETURN_NULL();
	if (model_is_of_contracts(use))
		return decimal_to_numeric(customer.contract.running ? customer.contract.spell.last_amount : 0);
	return money_result(value_of(use, &customer.seen));
}

/* A model that knows what a lifetime value needs. */
static const UsedModel *
whole_model_arg(FunctionCallInfo fcinfo, int arg, bool spend_needed)
{
	const UsedModel *use = model_use(PG_GETARG_DATUM(arg));
	bool		purchases = model_has(use, PART_PURCHASES);
	bool		spend = !spend_needed || model_has(use, PART_SPEND);

	return purchases && spend ? use : NULL;
}

/* A contract's value is its amount. */
static const UsedModel *
customer_model_arg(FunctionCallInfo fcinfo, int arg)
{
	return whole_model_arg(fcinfo, arg, !model_is_of_contracts(model_use(PG_GETARG_DATUM(arg))));
}

/* What the transactions from now on are worth today: within an interval, or for ever. */
static Datum
lifetime_value(FunctionCallInfo fcinfo, const UsedModel *use, const Interval *within, double fading, int64 asof)
{
	Customer	customer;
	double		units;

	if (!look(use, PG_GETARG_DATUM(0), asof, &customer))
		PG_RETURN_NULL();
	if (model_is_of_contracts(use))
		return money_result((double) customer.contract.spell.last_amount / DECIMAL_ONE *
							contract_expected(use, &customer.contract, within ? instant_within(use, within, asof) : INSTANT_NEVER,
											  fading));
	units = within ? units_within(fcinfo, use, within, asof) : INFINITY;
	return money_result(value_of(use, &customer.seen) *
						purchases_discounted(&use->purchases, &customer.buyer, units, fading / use->day));
}

PG_FUNCTION_INFO_V1(loyalty_model_lifetime_value);

/* lifetime_value(h, model, within, discount, asof) */
Datum
loyalty_model_lifetime_value(PG_FUNCTION_ARGS)
{
	const UsedModel *use = customer_model_arg(fcinfo, 1);
	const Interval *within = within_arg(fcinfo, 2);
	double		fading = fading_arg(fcinfo, 3);

	if (use == NULL)
		PG_RETURN_NULL();
	return lifetime_value(fcinfo, use, within, fading, asof_arg(fcinfo, 4));
}

PG_FUNCTION_INFO_V1(loyalty_model_whole_life_value);

/* lifetime_value(h, model, discount, asof) */
Datum
loyalty_model_whole_life_value(PG_FUNCTION_ARGS)
{
	const UsedModel *use = customer_model_arg(fcinfo, 1);
	double		fading = whole_life_arg(fcinfo, 2);

	if (use == NULL)
		PG_RETURN_NULL();
	return lifetime_value(fcinfo, use, NULL, fading, asof_arg(fcinfo, 3));
}

/* ---------------- who is not a customer yet ---------------- */

/* The first purchase, and all that follow within so many days of it. */
static Datum
prospect_value(const UsedModel *use, double days, double fading)
{
	Buyer		nobody = {0, 0, 0};

	if (model_is_of_contracts(use))
		return money_result(use->model->parts[PART_SPEND].parameters[0] * (1 + contract_prospect(use, days, fading)));
	return money_result(spend_expected(use->model->parts[PART_SPEND].parameters, 0, 0) *
						(1 + purchases_discounted(&use->purchases, &nobody, days * use->day, fading / use->day)));
}

PG_FUNCTION_INFO_V1(loyalty_model_prospect_value);

/* prospect_value(model, within, discount) */
Datum
loyalty_model_prospect_value(PG_FUNCTION_ARGS)
{
	const UsedModel *use = whole_model_arg(fcinfo, 0, true);
	const Interval *within = within_arg(fcinfo, 1);
	double		fading = fading_arg(fcinfo, 2);

	if (use == NULL)
		PG_RETURN_NULL();
	return prospect_value(use, days_of_nobody(within), fading);
}

PG_FUNCTION_INFO_V1(loyalty_model_whole_prospect_value);

/* prospect_value(model, discount) */
Datum
loyalty_model_whole_prospect_value(PG_FUNCTION_ARGS)
{
	const UsedModel *use = whole_model_arg(fcinfo, 0, true);
	double		fading = whole_life_arg(fcinfo, 1);

	if (use == NULL)
		PG_RETURN_NULL();
	return prospect_value(use, INFINITY, fading);
}
