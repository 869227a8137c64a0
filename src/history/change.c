/*
 * change.c
 *		Histories from histories: merge, add, remove, cut; and their events.
 */
#include "postgres.h"

#include "base/emit.h"
#include "base/args.h"
#include "base/numeric.h"
#include "event/event_value.h"
#include "history/history_value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

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
	Instants	period;

	if (!period_from_range(PG_GETARG_DATUM(1), &period))
		period.until = PG_INT64_MIN;
	return cut(PG_GETARG_DATUM(0), period.from, period.until);
}

PG_FUNCTION_INFO_V1(loyalty_history_until);

/* until(h, asof): the part up to and including the instant */
Datum
loyalty_history_until(PG_FUNCTION_ARGS)
{
	int64		asof = PG_GETARG_TIMESTAMPTZ(1);

	return cut(PG_GETARG_DATUM(0), PG_INT64_MIN, asof < PG_INT64_MAX ? asof + 1 : asof);
}

/* the columns of events(): at, kind, one for each of these keys, event */
static const char *const columns[] = {
	"amount", "cost", "quantity", "points", "expires", "name", "tier", "every", "until", "tags", "ref"
};

#define EVENT_COLUMNS (lengthof(columns) + 3)

/* Where an attribute of a kind is shown: under its key there, or else under its own. */
static int
column_of(EventKind kind, Attribute attribute)
{
	const char *const keys[] = {event_key(kind, attribute), event_attributes[attribute].key};

	for (size_t k = 0; k < lengthof(keys); k++)
	{
		for (size_t i = 0; i < lengthof(columns); i++)
		{
			if (strcmp(columns[i], keys[k]) == 0)
				return (int) i + 2;
		}
	}
	elog(ERROR, "events() has no column \"%s\"", keys[0]);
}

static Datum
attribute_datum(const Event *event, Attribute attribute)
{
	switch (event_attributes[attribute].sort)
	{
		case VALUE_DECIMAL:
			return decimal_to_numeric(*event_number(event, attribute));
		case VALUE_TERM:
			return span_datum(event_every(event));
		case VALUE_INSTANT:
			return TimestampTzGetDatum(*event_number(event, attribute));
		case VALUE_REF_NUMBER:
		case VALUE_REF_TEXT:
			return ref_datum(event);
		case VALUE_NAME:
			return text_datum(*event_text(event, attribute));
		case VALUE_TAGS:
			return tags_datum(*event_text(event, attribute));
	}
	pg_unreachable();
}

static void
event_columns(const Event *event, Datum *values, bool *nulls)
{
	const Kind *kind = &event_kinds[event->kind];
	uint32		shown = event->has;
	Attribute	a;

	/* what goes without saying is shown, too */
	shown |= kind->may_have & EVENT_HAS_COST;
	if (kind->quantity != 0)
		shown |= EVENT_HAS_QUANTITY;

	memset(nulls, true, EVENT_COLUMNS * sizeof(bool));
	nulls[0] = nulls[1] = nulls[EVENT_COLUMNS - 1] = false;
	values[0] = TimestampTzGetDatum(event->at);
	values[1] = CStringGetTextDatum(kind->name);
	values[EVENT_COLUMNS - 1] = event_to_datum(event);
	while (next_attribute(&shown, &a))
	{
		int			i = column_of((EventKind) event->kind, a);

		values[i] = attribute_datum(event, a);
		nulls[i] = false;
	}
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
		Datum		values[EVENT_COLUMNS];
		bool		nulls[EVENT_COLUMNS];

		/* the cursor's own list of texts stays in the caller's context */
		emit_start(&emitter);
		event_columns(&event, values, nulls);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}
