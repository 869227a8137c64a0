/*
 * tariff.c
 *		The SQL functions of tariffs.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "base/numeric.h"
#include "base/zone.h"
#include "event/event_value.h"
#include "history/history_value.h"
#include "tariff/bill.h"
#include "tariff/charge.h"
#include "tariff/reprice.h"
#include "tariff/value.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

static void
bind_kept(void *kept, const void *compiled)
{
	const Tariff *tariff = compiled;

	tariff_bind(kept, tariff, zone_make(BLOCK_NAME(tariff, tariff->timezone)),
				palloc(Max(tariff->entries, 1) * sizeof(EntryBound)));
}

/* The tariff in an argument, worked out once a session. */
static const BoundTariff *
tariff_arg(FunctionCallInfo fcinfo, int arg)
{
	static DocumentUse use = {&tariff_type, sizeof(BoundTariff), bind_kept, NULL};

	return document_kept(&use, PG_GETARG_DATUM(arg));
}

/* The meter entry of a key that is in force, in a list of them. */
static const MeterEntry *
find_meter(const BoundTariff *bound, BlockList list, const text *key, int64 at)
{
	const MeterEntry *entries = TARIFF_METERS(bound->tariff, list);

	for (uint32 i = 0; i < list.n; i++)
	{
		if (entries[i].item.len == VARSIZE_ANY_EXHDR(key) &&
			memcmp(BLOCK_NAME(bound->tariff, entries[i].item), VARDATA_ANY(key), entries[i].item.len) == 0 &&
			entry_in_force(bound, &entries[i].in_force, at))
			return &entries[i];
	}
	return NULL;
}

/* A date is easily given in the place of the plan. */
static void
refuse_plan(const Tariff *tariff, const text *plan)
{
	const PlanEntry *entries = TARIFF_PLANS(tariff);
	StringInfoData names;

	initStringInfo(&names);
	for (uint32 i = 0; i < tariff->plans.n; i++)
	{
		if (i == 0 || entries[i].plan.at != entries[i - 1].plan.at)
			appendStringInfo(&names, "%s \"%s\"", names.len > 0 ? "," : "", BLOCK_NAME(tariff, entries[i].plan));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("plan \"%s\" is not in tariff \"%s\"", text_to_cstring(plan), BLOCK_NAME(tariff, tariff->name)),
			 names.len > 0 ? errdetail("Its plans are:%s.", names.data) : errdetail("It has no plans."),
			 errhint("The fourth argument is a plan; to give an instant write asof => '2026-01-01'.")));
}

/* The meter of the first of a plan's entries in force that has it. */
static const MeterEntry *
find_plan_meter(const BoundTariff *bound, const text *plan, const text *key, int64 at)
{
	const PlanEntry *entries = TARIFF_PLANS(bound->tariff);
	bool		is_there = false;

	for (uint32 i = 0; i < bound->tariff->plans.n; i++)
	{
		const MeterEntry *meter;

		if (entries[i].plan.len != VARSIZE_ANY_EXHDR(plan) ||
			memcmp(BLOCK_NAME(bound->tariff, entries[i].plan), VARDATA_ANY(plan), entries[i].plan.len) != 0)
			continue;
		is_there = true;
		if (entry_in_force(bound, &entries[i].in_force, at) &&
			(meter = find_meter(bound, entries[i].meters, key, at)) != NULL)
			return meter;
	}
	if (!is_there)
		refuse_plan(bound->tariff, plan);
	return NULL;
}

PG_FUNCTION_INFO_V1(loyalty_tariff_charge);

/* charge(tariff, meter, quantity, plan, asof); NULL plan: the top level */
Datum
loyalty_tariff_charge(PG_FUNCTION_ARGS)
{
	const BoundTariff *bound;
	const MeterEntry *meter;
	Decimal		quantity;
	int64		asof;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	bound = tariff_arg(fcinfo, 0);
	quantity = decimal_from_arg(PG_GETARG_DATUM(2), "quantity");
	asof = asof_arg(fcinfo, 4);
	if (PG_ARGISNULL(3))
		meter = find_meter(bound, bound->tariff->meters, PG_GETARG_TEXT_PP(1), asof);
	else
		meter = find_plan_meter(bound, PG_GETARG_TEXT_PP(3), PG_GETARG_TEXT_PP(1), asof);
	if (meter == NULL)
		PG_RETURN_NULL();
	return decimal_to_numeric(exact_rounded(bound->tariff, price_charge(bound->tariff, &meter->price, quantity)));
}

/* A segment as the event it stands for now. */
static void
add_segment(Rows *rows, const Segment *segment)
{
	Event		event = *segment->event;

	event.at = segment->at;
	event.amount = segment->amount;
	event.until = segment->until;
	if (segment->until != INSTANT_NEVER)
		event.has |= EVENT_HAS_UNTIL;
	rows_add(rows, &event);
}

PG_FUNCTION_INFO_V1(loyalty_tariff_reprice);

/* reprice(h, tariff) */
Datum
loyalty_tariff_reprice(PG_FUNCTION_ARGS)
{
	const BoundTariff *bound = tariff_arg(fcinfo, 1);
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);
	HistoryCursor cursor;
	Event		event;
	Segments	segments;
	Segments	repriced;
	Rows		rows;

	segments_read(&segments, history, len, INSTANT_NEVER, true);
	if (segments.n == 0)
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	segments_reprice(bound, &segments, &repriced);
	rows_init(&rows, 1024);
	history_open(&cursor, history, len);
	while (history_next(&cursor, &event))
	{
		if (event.kind != EVENT_SUBSCRIPTION)
			rows_add(&rows, &event);
	}
	for (int i = 0; i < repriced.n; i++)
		add_segment(&rows, &repriced.list[i]);
	return history_from_rows(&rows);
}

/* The bill of the arguments; false for an empty period. */
static bool
bill_args(FunctionCallInfo fcinfo, Bill *bill)
{
	const BoundTariff *bound = tariff_arg(fcinfo, 1);
	Instants	period;
	size_t		len;
	const uint8 *history;

	if (!period_from_range(PG_GETARG_DATUM(2), &period))
		return false;
	if (!instant_is_valid(period.from) || !instant_is_valid(period.until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("period of a bill must have both bounds"),
				 errhint("Write a range such as tstzrange('2026-01-01', '2026-02-01').")));
	history = history_from_datum(PG_GETARG_DATUM(0), &len);
	bill_make(bill, bound, history, len, period.from, period.until);
	return true;
}

/* A half-open range of instants. */
static Datum
range_datum(TypeCacheEntry *type, int64 from, int64 until)
{
	RangeBound	lower = {TimestampTzGetDatum(from), false, true, true};
	RangeBound	upper = {TimestampTzGetDatum(until), until == INSTANT_NEVER, false, false};

	return RangeTypePGetDatum(loyalty_compat_make_range(type, &lower, &upper));
}

PG_FUNCTION_INFO_V1(loyalty_tariff_bill);

/* bill(h, tariff, period) */
Datum
loyalty_tariff_bill(PG_FUNCTION_ARGS)
{
	TypeCacheEntry *type = lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
	Emitter		emitter;
	Bill		bill;

	emit_begin(&emitter, fcinfo);
	if (!bill_args(fcinfo, &bill))
		return emit_end(&emitter);
	for (int i = 0; i < bill.n; i++)
	{
		const BillRow *row = &bill.rows[i];
		Datum		values[7];
		bool		nulls[7] = {false};

		emit_start(&emitter);
		values[0] = CStringGetTextDatum(bill_kind_name[row->kind]);
		nulls[1] = row->item.len == 0;
		values[1] = nulls[1] ? 0 : text_datum(row->item);
		/* of usage the period as it was given */
		values[2] = row->kind == BILL_USAGE ? PG_GETARG_DATUM(2) : range_datum(type, row->from, row->until);
		values[3] = decimal_to_numeric(row->quantity);
		nulls[4] = !row->is_priced;
		values[4] = nulls[4] ? 0 : decimal_to_numeric(row->amount);
		nulls[5] = row->plan.len == 0;
		values[5] = nulls[5] ? 0 : text_datum(row->plan);
		nulls[6] = row->event == NULL || !event_has_ref(row->event);
		values[6] = nulls[6] ? 0 : ref_datum(row->event);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

PG_FUNCTION_INFO_V1(loyalty_tariff_billed);

/* billed(h, tariff, period): the sum of the bill */
Datum
loyalty_tariff_billed(PG_FUNCTION_ARGS)
{
	Bill		bill;
	int128		sum = 0;

	if (bill_args(fcinfo, &bill))
	{
		for (int i = 0; i < bill.n; i++)
			sum += bill.rows[i].is_priced ? bill.rows[i].amount : 0;
	}
	return decimal_to_numeric(sum);
}
