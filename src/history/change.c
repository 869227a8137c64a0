/*
 * change.c
 *		Histories from histories: merge, add, remove, cut; and their events.
 */
#include "postgres.h"

#include "base/emit.h"
#include "base/numeric.h"
#include "event/event_value.h"
#include "history/history_value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

PG_FUNCTION_INFO_V1(loyalty_history_merge);

/* merge(h, h): the events of both */
Datum
loyalty_history_merge(PG_FUNCTION_ARGS)
{
	Rows		rows;

	rows_init(&rows, 1024);
	rows_add_datum(&rows, PG_GETARG_DATUM(0));
	rows_add_datum(&rows, PG_GETARG_DATUM(1));
	return history_from_rows(&rows);
}

PG_FUNCTION_INFO_V1(loyalty_history_add);

/* add(h, event): NULL on either side adds nothing */
Datum
loyalty_history_add(PG_FUNCTION_ARGS)
{
	Rows		rows;
	Event		event;

	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	rows_init(&rows, 1024);
	if (!PG_ARGISNULL(0))
		rows_add_datum(&rows, PG_GETARG_DATUM(0));
	event_from_datum(PG_GETARG_DATUM(1), &event);
	rows_add(&rows, &event);
	return history_from_rows(&rows);
}

static void
not_in_there(const Event *event)
{
	StringInfoData text;

	initStringInfo(&text);
	event_to_json(&text, event);
	ereport(ERROR,
			(errcode(ERRCODE_NO_DATA_FOUND),
			 errmsg("event is not in the history"),
			 errdetail("There is no event equal to %s.", text.data)));
}

PG_FUNCTION_INFO_V1(loyalty_history_remove);

/* remove(h, h): both are in order, so one walk finds every match */
Datum
loyalty_history_remove(PG_FUNCTION_ARGS)
{
	HistoryCursor all;
	HistoryCursor out;
	Event		event;
	Event		gone;
	bool		more;
	Rows		rows;

	rows_init(&rows, 1024);
	history_open_datum(&all, PG_GETARG_DATUM(0));
	history_open_datum(&out, PG_GETARG_DATUM(1));
	more = history_next(&out, &gone);
	while (history_next(&all, &event))
	{
		int			c = more ? event_compare(&event, &gone) : -1;

		if (c > 0)
			not_in_there(&gone);
		if (c == 0)
			more = history_next(&out, &gone);
		else
			rows_add(&rows, &event);
	}
	if (more)
		not_in_there(&gone);
	return history_from_rows(&rows);
}

PG_FUNCTION_INFO_V1(loyalty_history_remove_event);

/* remove(h, event) */
Datum
loyalty_history_remove_event(PG_FUNCTION_ARGS)
{
	Event		event;
	Rows		rows;
	Datum		one;

	event_from_datum(PG_GETARG_DATUM(1), &event);
	rows_init(&rows, EVENT_ROW_SIZE(&event));
	rows_add(&rows, &event);
	one = history_from_rows(&rows);
	return DirectFunctionCall2(loyalty_history_remove, PG_GETARG_DATUM(0), one);
}

/* the events with from <= at < until */
static Datum
cut(Datum history, int64 from, int64 until)
{
	HistoryCursor cursor;
	Event		event;
	Rows		rows;

	rows_init(&rows, 1024);
	history_open_datum(&cursor, history);
	while (history_next(&cursor, &event) && event.at < until)
	{
		if (event.at >= from)
			rows_add(&rows, &event);
	}
	return history_from_rows(&rows);
}

PG_FUNCTION_INFO_V1(loyalty_history_during);

/* during(h, range): the part within */
Datum
loyalty_history_during(PG_FUNCTION_ARGS)
{
	RangeType  *range = PG_GETARG_RANGE_P(1);
	TypeCacheEntry *type = range_get_typcache(fcinfo, RangeTypeGetOid(range));
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;
	int64		from = PG_INT64_MIN;
	int64		until = PG_INT64_MAX;

	range_deserialize(type, range, &lower, &upper, &empty);
	if (empty)
		until = PG_INT64_MIN;
	else
	{
		/* instants are whole microseconds, and never the greatest int64 */
		if (!lower.infinite)
			from = DatumGetTimestampTz(lower.val) + (lower.inclusive || DatumGetTimestampTz(lower.val) == PG_INT64_MAX ? 0 : 1);
		if (!upper.infinite && DatumGetTimestampTz(upper.val) < PG_INT64_MAX)
			until = DatumGetTimestampTz(upper.val) + (upper.inclusive ? 1 : 0);
	}
	return cut(PG_GETARG_DATUM(0), from, until);
}

PG_FUNCTION_INFO_V1(loyalty_history_until);

/* until(h, asof): the part up to and including the instant */
Datum
loyalty_history_until(PG_FUNCTION_ARGS)
{
	int64		asof = PG_GETARG_TIMESTAMPTZ(1);

	return cut(PG_GETARG_DATUM(0), PG_INT64_MIN, asof < PG_INT64_MAX ? asof + 1 : asof);
}

static Datum
text_datum(Text text)
{
	return PointerGetDatum(cstring_to_text_with_len((const char *) text.data, (int) text.len));
}

static Datum
tags_datum(Text tags)
{
	Datum		elements[EVENT_MAX_TAGS];
	const uint8 *p = tags.data;
	Text		tag;
	int			n = 0;

	while (n < EVENT_MAX_TAGS && (p = tags_next(p, tags.data + tags.len, &tag)) != NULL)
		elements[n++] = text_datum(tag);
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

PG_FUNCTION_INFO_V1(loyalty_history_events);

/* events(h): a row each, in order */
Datum
loyalty_history_events(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	HistoryCursor cursor;
	Event		event;

	emit_begin(&emitter, fcinfo);
	history_open_datum(&cursor, PG_GETARG_DATUM(0));
	while (history_next(&cursor, &event))
	{
		Datum		values[13];
		bool		nulls[13];
		char		ref[REF_TEXT_SIZE];
		bool		sale = event.kind == EVENT_PURCHASE || event.kind == EVENT_REFUND;
		bool		until = (event.has & EVENT_HAS_UNTIL) != 0;

		/* the cursor's own list of texts stays in the caller's context */
		emit_start(&emitter);
		memset(nulls, true, sizeof(nulls));
#define COLUMN(i, given, value) \
		do { \
			if (given) \
			{ \
				values[i] = (value); \
				nulls[i] = false; \
			} \
		} while (0)
		COLUMN(0, true, TimestampTzGetDatum(event.at));
		COLUMN(1, true, CStringGetTextDatum(event_kind_name[event.kind]));
		COLUMN(2, kind_has_amount(event.kind), decimal_to_numeric(event.amount));
		COLUMN(3, sale, decimal_to_numeric(event.cost));
		COLUMN(4, event.kind == EVENT_PURCHASE || (event.has & EVENT_HAS_QUANTITY),
			   decimal_to_numeric(event.quantity));
		COLUMN(5, kind_has_points(event.kind), decimal_to_numeric(event.points));
		COLUMN(6, until && event.kind == EVENT_ADJUSTMENT, TimestampTzGetDatum(event.until));
		COLUMN(7, event.kind == EVENT_ACTIVITY, text_datum(event.name));
		COLUMN(8, event.kind == EVENT_GRANT, text_datum(event.name));
		COLUMN(9, until && event.kind == EVENT_GRANT, TimestampTzGetDatum(event.until));
		COLUMN(10, event.has & EVENT_HAS_TAGS, tags_datum(event.tags));
		COLUMN(11, event_has_ref(&event),
			   PointerGetDatum(cstring_to_text_with_len(ref, (int) ref_to_text(&event, ref))));
		COLUMN(12, true, event_to_datum(&event));
#undef COLUMN
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}
