/*
 * ranking.c
 *		Where a customer stands, and what the highest bring.
 *
 * Values are numbers of any size; NaN and infinity are an error (22003).  All
 * are strict.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "base/numeric.h"
#include "document/site.h"
#include "ranking/ranking.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define MAX_LIMITS	25			/* 26 letters */

static int
positive_arg(FunctionCallInfo fcinfo, int arg, const char *what)
{
	int			n = PG_GETARG_INT32(arg);

	if (n < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be at least 1", what),
				 errdetail("It is %d.", n)));
	return n;
}

static bool
numeric_less(Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_lt, a, b));
}

/* a share of the total, which is none where that is not above 0 */
static Datum
share(int128 sum, int128 total, bool *isnull)
{
	*isnull = total <= 0;
	return *isnull ? (Datum) 0 : decimal_ratio(sum, total);
}

PG_FUNCTION_INFO_V1(loyalty_ranking_bucket);

/*
 * bucket(ranking, value, buckets): 1 (low) to `buckets` (high), one more than
 * buckets x the share of customers below it reaches; equal values stand
 * together.  NULL for an empty ranking.
 */
Datum
loyalty_ranking_bucket(PG_FUNCTION_ARGS)
{
	const Ranked *ranked = ranked_arg(fcinfo, 0);
	bool		above;
	Decimal		value = decimal_below_numeric(PG_GETARG_DATUM(1), &above, "value");
	int			buckets = positive_arg(fcinfo, 2, "buckets");
	uint64		below;

	if (ranked->ranking.customers == 0)
		PG_RETURN_NULL();
	below = ranked_below(ranked, value, above);
	PG_RETURN_INT32((int32) Min((uint64) buckets, 1 + buckets * below / ranked->ranking.customers));
}

PG_FUNCTION_INFO_V1(loyalty_ranking_place);

/* place(ranking, value): 1 and the number of values greater, a bigint */
Datum
loyalty_ranking_place(PG_FUNCTION_ARGS)
{
	const Ranked *ranked = ranked_arg(fcinfo, 0);
	bool		above;
	Decimal		value = decimal_below_numeric(PG_GETARG_DATUM(1), &above, "value");

	/* what is a little above a decimal is still below the next one */
	PG_RETURN_INT64((int64) ranked_over(ranked, value) + 1);
}

/* ---------------- classes ---------------- */

loyalty_compat_noreturn static void
refuse_limits(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("limits must be at most %d numbers that ascend between 0 and 1", MAX_LIMITS),
			 errdetail("%s", detail),
			 errhint("The default '{0.8,0.95}' makes three classes: those who bring the first 80 %%, those up to 95 %%, the rest.")));
	pg_unreachable();
}

static int
limits_from_array(ArrayType *array, Datum **limits)
{
	Datum		zero = decimal_to_numeric(0);
	Datum		one = decimal_to_numeric(DECIMAL_ONE);
	bool	   *nulls;
	int			n;

	if (ARR_NDIM(array) > 1)
		refuse_limits("It is an array of arrays.");
	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, limits, &nulls, &n);
	if (n > MAX_LIMITS)
		refuse_limits(psprintf("There are %d.", n));
	for (int i = 0; i < n; i++)
	{
		Datum		limit = (*limits)[i];

		if (nulls[i])
			refuse_limits(psprintf("Limit %d is NULL.", i + 1));
		if (numeric_is_nan(DatumGetNumeric(limit)) || numeric_is_inf(DatumGetNumeric(limit)))
			decimal_check(DECIMAL_NOT_A_NUMBER, "limit");
		if (!numeric_less(zero, limit) || !numeric_less(limit, one) || (i > 0 && !numeric_less((*limits)[i - 1], limit)))
			refuse_limits(psprintf("Limit %d is %s.", i + 1, DatumGetCString(DirectFunctionCall1(numeric_out, limit))));
	}
	return n;
}

/*
 * The value that everybody who has passed a limit is below: the greatest whose
 * holders bring, together with those above them, that share of the gains.
 */
static Decimal
passed_below(const Ranked *ranked, Datum limit)
{
	const Ranking *ranking = &ranked->ranking;
	int128		total = ranked->sums[ranking->n];
	Datum		share = DirectFunctionCall2(numeric_mul, limit, decimal_to_numeric(ranked->gains));
	uint32		from = 0;
	uint32		to = ranking->n;

	/* nobody has any: nobody is behind anybody */
	if (ranked->gains == 0)
		return -DECIMAL_LIMIT;
	while (to - from > 1)
	{
		uint32		mid = from + (to - from) / 2;

		/* values below 0 are no part of what is shared */
		if (ranking->values[mid] <= 0 || !numeric_less(decimal_to_numeric(total - ranked->sums[mid]), share))
			from = mid;
		else
			to = mid;
	}
	return ranking->values[from];
}

/* What limits mean for this ranking, worked out when they are met for the first time. */
static void
find_limits(Ranked *ranked, struct varlena *limits)
{
	MemoryContext caller = CurrentMemoryContext;
	Datum	   *numbers;
	int			n;

	if (ranked->limits && VARSIZE_ANY(ranked->limits) == VARSIZE_ANY(limits) &&
		memcmp(ranked->limits, limits, VARSIZE_ANY(limits)) == 0)
		return;
	n = limits_from_array((ArrayType *) PG_DETOAST_DATUM(PointerGetDatum(limits)), &numbers);
	(void) ranked_total(ranked);
	MemoryContextSwitchTo(ranked->context);
	if (ranked->limits)
	{
		pfree(ranked->limits);
		ranked->limits = NULL;
		pfree(ranked->passed);
	}
	ranked->passed = palloc(Max(n, 1) * sizeof(Decimal));
	ranked->nlimits = n;
	ranked->limits = memcpy(palloc(VARSIZE_ANY(limits)), limits, VARSIZE_ANY(limits));
	MemoryContextSwitchTo(caller);
	for (int i = 0; i < n; i++)
		ranked->passed[i] = passed_below(ranked, numbers[i]);
}

PG_FUNCTION_INFO_V1(loyalty_ranking_abc_class);

/*
 * abc_class(ranking, value, limits): of what all values above 0 sum up to, the
 * share of those greater than this one; A if that is below the first limit, B
 * if below the second, and so on; the last letter for the rest and for values
 * not above 0.
 */
Datum
loyalty_ranking_abc_class(PG_FUNCTION_ARGS)
{
	Ranked	   *ranked = ranked_arg(fcinfo, 0);
	bool		above;
	Decimal		value = decimal_below_numeric(PG_GETARG_DATUM(1), &above, "value");
	int			class = 0;
	char		letter;

	find_limits(ranked, (struct varlena *) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(2)));
	if (value + above <= 0)
		class = ranked->nlimits;
	while (class < ranked->nlimits && value < ranked->passed[class])
		class++;
	letter = (char) ('A' + class);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(&letter, 1));
}

/* ---------------- the highest ---------------- */

PG_FUNCTION_INFO_V1(loyalty_ranking_whale_curve);

/*
 * whale_curve(ranking, points): rows for 0 to `points` equal parts of the
 * customers, at most a row for each, the highest first.
 */
Datum
loyalty_ranking_whale_curve(PG_FUNCTION_ARGS)
{
	Ranked	   *ranked = ranked_arg(fcinfo, 0);
	uint32		n = ranked->ranking.customers;
	uint32		points = Min((uint32) positive_arg(fcinfo, 1, "points"), n);
	int128		total = ranked_total(ranked);
	Emitter		emitter;

	emit_begin(&emitter, fcinfo);
	for (uint32 k = 0; k <= points; k++)
	{
		uint32		customers = k == 0 ? 0 : (uint32) (((uint64) k * n + points - 1) / points);
		int128		sum = ranked_top(ranked, customers);
		Datum		values[4];
		bool		nulls[4] = {false};

		CHECK_FOR_INTERRUPTS();
		emit_start(&emitter);
		values[0] = Int64GetDatum((int64) customers);
		values[1] = share(customers, n, &nulls[1]);
		values[2] = decimal_to_numeric(sum);
		values[3] = share(sum, total, &nulls[3]);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

PG_FUNCTION_INFO_V1(loyalty_ranking_top_share);

/*
 * top_share(ranking, fraction): the share of the total that the highest
 * ceil(fraction x N) bring; NULL where the total is not above 0.
 */
Datum
loyalty_ranking_top_share(PG_FUNCTION_ARGS)
{
	Ranked	   *ranked = ranked_arg(fcinfo, 0);
	Datum		fraction = PG_GETARG_DATUM(1);
	Datum		one = decimal_to_numeric(DECIMAL_ONE);
	Datum		customers;
	Datum		result;
	bool		isnull;

	if (numeric_is_nan(DatumGetNumeric(fraction)) || numeric_is_inf(DatumGetNumeric(fraction)))
		decimal_check(DECIMAL_NOT_A_NUMBER, "fraction");
	if (numeric_less(fraction, decimal_to_numeric(0)) || numeric_less(one, fraction))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("fraction must be from 0 to 1"),
				 errdetail("It is %s.", DatumGetCString(DirectFunctionCall1(numeric_out, fraction))),
				 errhint("A tenth of the customers is 0.1.")));
	customers = DirectFunctionCall2(numeric_mul, fraction, scaled_to_numeric(ranked->ranking.customers, 0));
	customers = DirectFunctionCall1(numeric_int8, DirectFunctionCall1(numeric_ceil, customers));
	result = share(ranked_top(ranked, (uint32) DatumGetInt64(customers)), ranked_total(ranked), &isnull);
	if (isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(result);
}

/* Twice the area below the curve of sums, over a customer each: that of n customers of one value after a sum. */
static inline int128
strip(int128 sum, Decimal value, uint32 n)
{
	return 2 * sum * n + (int128) value * n * n;
}

PG_FUNCTION_INFO_V1(loyalty_ranking_concentration);

/*
 * concentration(ranking): how much hangs on few.  peak is the height of the
 * whale curve, gains / total; stobachoff the area between curve and diagonal
 * as a part of what it could be with this peak: 0 if all bring the same.
 */
Datum
loyalty_ranking_concentration(PG_FUNCTION_ARGS)
{
	Ranked	   *ranked = ranked_arg(fcinfo, 0);
	void	  **desc = site_own(fcinfo);
	const Ranking *ranking = &ranked->ranking;
	int128		total = ranked_total(ranked);
	int128		sum = 0;
	int128		area = 0;
	Datum		values[7];
	bool		nulls[7] = {false};

	if (*desc == NULL)
		*desc = row_desc(fcinfo);
	for (uint32 i = ranking->n; i-- > 0;)
	{
		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		area += strip(sum, ranking->values[i], ranking->counts[i]);
		sum += (int128) ranking->values[i] * ranking->counts[i];
	}
	values[0] = Int64GetDatum((int64) ranking->customers);
	values[1] = decimal_to_numeric(total);
	values[2] = decimal_to_numeric(ranked->gains);
	values[3] = decimal_to_numeric(total - ranked->gains);
	values[4] = Int64GetDatum((int64) ranked_below(ranked, 0, false));
	values[5] = share(ranked->gains, total, &nulls[5]);
	nulls[6] = nulls[5];
	/* (area - 1/2) / (peak - 1/2), both multiplied by 2 N total */
	if (!nulls[6])
		values[6] = numeric_ratio(scaled_to_numeric(area - ranking->customers * total, 0),
								  DirectFunctionCall2(numeric_mul, scaled_to_numeric(2 * ranked->gains - total, 0),
													  scaled_to_numeric(ranking->customers, 0)));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(*desc, values, nulls)));
}
