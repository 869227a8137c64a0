/*
 * report.c
 *		The aggregate mrr_report: recurring revenue of a population.
 *
 * The state is a bytea: the struct below.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/numeric.h"
#include "base/state.h"
#include "history/history_value.h"
#include "subscription/call.h"
#include "subscription/movement.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
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

/* A history that a call site has read: its steps, and after them itself as it came. */
typedef struct Read
{
	uint32		n;				/* steps */
	uint32		size;			/* of the history; 0 if it is too large to be known again */
	Step		steps[FLEXIBLE_ARRAY_MEMBER];
} Read;

/*
 * What a call site has read, in the order in which it came.  A report by months
 * asks for each history once a month: one history after the other for all
 * months, or all histories in the same order for each month.  So it is mostly
 * the one asked for last, or the one that came after it.
 */
typedef struct Reads
{
	MemoryContext context;		/* of all that follows, up to READS_SIZE */
	Size		used;
	char	   *block;			/* histories are small: many share one */
	Size		left;			/* of it */
	Read	  **list;
	int			n;
	int			room;
	int			last;
	Read	   *other;			/* one that was not kept */
	MemoryContext other_context;
} Reads;

/*
 * Where the server keeps the histories of a query in work_mem, to go through
 * them for each month, here they take a few times as much with their steps.
 */
#define READS_SIZE	((Size) work_mem * 1024 * 4)
#define BLOCK_SIZE	((Size) 64 * 1024)

/* to compare a larger one would cost as much as to read it */
#define KEPT_SIZE	8192

static inline bool
is_read(const Read *read, const struct varlena *value)
{
	return read->size != 0 && read->size == VARSIZE_ANY(value) && memcmp(&read->steps[read->n], value, read->size) == 0;
}

/* One more that is kept. */
static Read *
read_room(Reads *reads, Size size)
{
	char	   *room;

	if (reads->n == reads->room)
	{
		reads->room = Max(64, 2 * reads->room);
		reads->list = reads->n == 0 ? MemoryContextAlloc(reads->context, reads->room * sizeof(Read *)) :
			repalloc_huge(reads->list, reads->room * sizeof(Read *));
	}
	if (size > reads->left)
	{
		reads->left = Max(size, BLOCK_SIZE);
		reads->block = MemoryContextAllocHuge(reads->context, reads->left);
	}
	room = reads->block;
	reads->block += size;
	reads->left -= size;
	reads->used += size + sizeof(Read *);
	return reads->list[reads->last = reads->n++] = (Read *) room;
}

/* Read a history; a toasted one is known by its pointer, which stays while the query runs. */
static const Read *
read_history(Reads *reads, struct varlena *value)
{
	Segments	segments;
	Step	   *steps;
	size_t		len;
	const uint8 *history = history_from_datum(PointerGetDatum(value), &len);
	Read	   *read;
	uint32		n;
	uint32		known;
	Size		size;

	segments_read(&segments, history, len, INSTANT_NEVER, false);
	n = segments_steps(&segments, &steps);
	known = VARSIZE_ANY(value) <= KEPT_SIZE && (!VARATT_IS_EXTERNAL(value) || VARATT_IS_EXTERNAL_ONDISK(value)) ?
		VARSIZE_ANY(value) : 0;
	size = MAXALIGN(offsetof(Read, steps) + n * sizeof(Step) + known);
	if (known > 0 && reads->used < READS_SIZE)
		read = read_room(reads, size);
	else
	{
		MemoryContextReset(reads->other_context);
		read = reads->other = MemoryContextAllocHuge(reads->other_context, size);
	}
	read->n = n;
	read->size = known;
	memcpy(read->steps, steps, n * sizeof(Step));
	memcpy(&read->steps[n], value, known);
	return read;
}

static Reads *
reads_of(FunctionCallInfo fcinfo)
{
	Reads	   *reads = fcinfo->flinfo->fn_extra;

	if (reads == NULL)
	{
		fcinfo->flinfo->fn_extra = reads = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Reads));
		reads->context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "loyalty mrr_report", ALLOCSET_DEFAULT_SIZES);
		reads->other_context = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "loyalty mrr_report, one", ALLOCSET_SMALL_SIZES);
	}
	return reads;
}

static const Read *
steps_arg(FunctionCallInfo fcinfo, int arg)
{
	Reads	   *reads = reads_of(fcinfo);
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(arg);
	int			next = reads->last + 1 < reads->n ? reads->last + 1 : 0;

	if (reads->n > 0 && is_read(reads->list[reads->last], value))
		return reads->list[reads->last];
	if (reads->n > 0 && is_read(reads->list[next], value))
		return reads->list[reads->last = next];
	if (reads->other && is_read(reads->other, value))
		return reads->other;
	return read_history(reads, value);
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
	const Read *read;

	state_check_aggregate(fcinfo, "loyalty.mrr_report()");
	movement_rules_arg(fcinfo, 3, &rules);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || !period_from_range(PG_GETARG_DATUM(2), &period))
		return state_unchanged(fcinfo);
	if (!PG_ARGISNULL(0))
		state_get(fcinfo, 0, &report);
	read = steps_arg(fcinfo, 1);
	range = steps_within(read->steps, read->n, period.from, period.until);
	report_add(&report, &range, &rules);
	return state_put(fcinfo, &report);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_report_combine);

Datum
loyalty_subscription_report_combine(PG_FUNCTION_ARGS)
{
	Report		report = {0};
	Report		other;

	state_check_aggregate(fcinfo, "loyalty.mrr_report()");
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
