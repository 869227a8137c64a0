/*
 * report.c
 *		The aggregate mrr_report: recurring revenue of a population.
 *
 * The state is a bytea: the struct below.  A report by months asks each
 * history once a month, mostly one after the other: a call site keeps the
 * steps of the history it read last.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/numeric.h"
#include "base/state.h"
#include "history/history_value.h"
#include "subscription/call.h"
#include "subscription/movement.h"

#include "funcapi.h"
#include "utils/memutils.h"

typedef struct Report
{
	Monthly		start;
	Monthly		end;
	Monthly		moved[MOVEMENT_KINDS];	/* gains and losses, all positive */
	Monthly		retained;		/* at the end, of those there at the start */
	Monthly		kept;			/* the same, of each no more than at the start */
	int64		customers_start;
	int64		customers_end;
	int64		customers_retained;
	int64		movements[MOVEMENT_KINDS];
} Report;

#define STATE_SIZE	(VARHDRSZ + sizeof(Report))

/* The steps of the history that a call site read last. */
typedef struct ReadLast
{
	MemoryContext context;		/* of the steps and the copy */
	struct varlena *history;	/* as it came; NULL: none yet */
	Step	   *steps;
	int			n;
} ReadLast;

/* larger histories are not kept: to compare them would cost as much as to read them */
#define KEPT_SIZE	8192

static void
read_steps(ReadLast *last, struct varlena *value)
{
	MemoryContext caller;
	Segments	segments;
	size_t		len;
	const uint8 *history;

	last->history = NULL;
	MemoryContextReset(last->context);
	caller = MemoryContextSwitchTo(last->context);
	history = history_from_datum(PointerGetDatum(value), &len);
	segments_read(&segments, history, len, INSTANT_NEVER);
	last->n = segments_steps(&segments, &last->steps);
	if (VARSIZE_ANY(value) <= KEPT_SIZE && (!VARATT_IS_EXTERNAL(value) || VARATT_IS_EXTERNAL_ONDISK(value)))
		last->history = memcpy(palloc(VARSIZE_ANY(value)), value, VARSIZE_ANY(value));
	MemoryContextSwitchTo(caller);
}

static ReadLast *
steps_arg(FunctionCallInfo fcinfo, int arg)
{
	ReadLast   *last = fcinfo->flinfo->fn_extra;
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(arg);

	if (last == NULL)
	{
		fcinfo->flinfo->fn_extra = last = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ReadLast));
		last->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "loyalty mrr_report", ALLOCSET_SMALL_SIZES);
	}

	/* a toasted one is known by its pointer, which stays while the query runs */
	if (last->history == NULL || VARSIZE_ANY(last->history) != VARSIZE_ANY(value) ||
		memcmp(last->history, value, VARSIZE_ANY(value)) != 0)
		read_steps(last, value);
	return last;
}

static void
report_add(Report *report, const StepRange *range, const MovementRules *rules)
{
	Monthly		start = steps_start(range);
	Monthly		end = steps_end(range);
	Movement	movement;
	int			i = range->from;

	report->start += start;
	report->end += end;
	report->customers_start += start > 0;
	report->customers_end += end > 0;
	if (start > 0)
	{
		report->customers_retained += end > 0;
		report->retained += end;
		report->kept += Min(start, end);
	}
	while (movement_next(range, rules, &i, &movement))
	{
		report->moved[movement.kind] += movement.change < 0 ? -movement.change : movement.change;
		report->movements[movement.kind]++;
	}
}

/* The state in an argument; it may have been sent, so that its length must be looked at. */
static void
state_get(FunctionCallInfo fcinfo, int arg, Report *report)
{
	const bytea *state = PG_GETARG_BYTEA_PP(arg);

	if (VARSIZE_ANY_EXHDR(state) != sizeof(Report))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("state of the aggregate loyalty.mrr_report() is damaged")));
	memcpy(report, VARDATA_ANY(state), sizeof(Report));
}

/* In the place of argument 0, if that is a state of our own to write to. */
static Datum
state_put(FunctionCallInfo fcinfo, const Report *report)
{
	bytea	   *state = PG_ARGISNULL(0) ? NULL : (bytea *) PG_GETARG_POINTER(0);

	if (state == NULL || !VARATT_IS_4B_U(state))
	{
		state = palloc(STATE_SIZE);
		SET_VARSIZE(state, STATE_SIZE);
	}
	memcpy(VARDATA(state), report, sizeof(Report));
	PG_RETURN_BYTEA_P(state);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_report_add);

/* transition of mrr_report(h, period) and mrr_report(h, period, net, reactivation_window) */
Datum
loyalty_subscription_report_add(PG_FUNCTION_ARGS)
{
	Report		report = {0};
	MovementRules rules;
	StepRange	range;
	Instants	period;
	const ReadLast *last;

	state_check_aggregate(fcinfo, "mrr_report");
	movement_rules_arg(fcinfo, 3, &rules);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || !period_from_range(PG_GETARG_DATUM(2), &period))
		return state_unchanged(fcinfo);
	if (!PG_ARGISNULL(0))
		state_get(fcinfo, 0, &report);
	last = steps_arg(fcinfo, 1);
	range = steps_within(last->steps, last->n, period.from, period.until);
	report_add(&report, &range, &rules);
	return state_put(fcinfo, &report);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_report_combine);

Datum
loyalty_subscription_report_combine(PG_FUNCTION_ARGS)
{
	Report		report = {0};
	Report		other;

	state_check_aggregate(fcinfo, "mrr_report");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	if (!PG_ARGISNULL(0))
		state_get(fcinfo, 0, &report);
	state_get(fcinfo, 1, &other);
	report.start += other.start;
	report.end += other.end;
	report.retained += other.retained;
	report.kept += other.kept;
	report.customers_start += other.customers_start;
	report.customers_end += other.customers_end;
	report.customers_retained += other.customers_retained;
	for (int kind = 0; kind < MOVEMENT_KINDS; kind++)
	{
		report.moved[kind] += other.moved[kind];
		report.movements[kind] += other.movements[kind];
	}
	return state_put(fcinfo, &report);
}

/* A ratio of two sums with so many places. */
static Datum
ratio(int128 dividend, int dividend_places, int128 divisor, int divisor_places, bool *isnull)
{
	*isnull = divisor == 0;
	return *isnull ? 0 : numeric_ratio(scaled_to_numeric(dividend, dividend_places), scaled_to_numeric(divisor, divisor_places));
}

PG_FUNCTION_INFO_V1(loyalty_subscription_report_final);

Datum
loyalty_subscription_report_final(PG_FUNCTION_ARGS)
{
	TupleDesc	desc = fcinfo->flinfo->fn_extra;
	Report		r;
	const Monthly *moved = r.moved;
	Datum		values[18];
	bool		nulls[18] = {false};

	if (desc == NULL)
		fcinfo->flinfo->fn_extra = desc = row_desc(fcinfo);
	state_get(fcinfo, 0, &r);
#define MONEY(sum) scaled_to_numeric(sum, MONTHLY_PLACES)
	values[0] = MONEY(r.start);
	values[1] = MONEY(moved[MOVEMENT_NEW]);
	values[2] = MONEY(moved[MOVEMENT_EXPANSION]);
	values[3] = MONEY(moved[MOVEMENT_REACTIVATION]);
	values[4] = MONEY(moved[MOVEMENT_CONTRACTION]);
	values[5] = MONEY(moved[MOVEMENT_CHURN]);
	values[6] = MONEY(r.end);
#undef MONEY
	values[7] = Int64GetDatum(r.customers_start);
	values[8] = Int64GetDatum(r.movements[MOVEMENT_NEW]);
	values[9] = Int64GetDatum(r.movements[MOVEMENT_REACTIVATION]);
	values[10] = Int64GetDatum(r.movements[MOVEMENT_CHURN]);
	values[11] = Int64GetDatum(r.customers_retained);
	values[12] = Int64GetDatum(r.customers_end);
	values[13] = ratio(r.retained, MONTHLY_PLACES, r.start, MONTHLY_PLACES, &nulls[13]);
	values[14] = ratio(r.kept, MONTHLY_PLACES, r.start, MONTHLY_PLACES, &nulls[14]);
	values[15] = ratio(r.customers_start - r.customers_retained, 0, r.customers_start, 0, &nulls[15]);
	values[16] = ratio(moved[MOVEMENT_NEW] + moved[MOVEMENT_EXPANSION] + moved[MOVEMENT_REACTIVATION], MONTHLY_PLACES,
					   moved[MOVEMENT_CONTRACTION] + moved[MOVEMENT_CHURN], MONTHLY_PLACES, &nulls[16]);
	values[17] = ratio(r.end, MONTHLY_PLACES, r.customers_end, 0, &nulls[17]);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}
