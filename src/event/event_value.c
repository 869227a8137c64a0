/*
 * event_value.c
 *		The SQL type loyalty.event: input and output, casts, comparison.
 */
#include "postgres.h"

#include "document/json.h"
#include "document/type.h"
#include "event/event_value.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

const uint8 *
event_row_from_datum(Datum datum, size_t *len)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(datum);
	const uint8 *p = (const uint8 *) VARDATA_ANY(packed);
	size_t		size = VARSIZE_ANY_EXHDR(packed);

	if (size < 1 || p[0] != EVENT_VERSION)
		sql_type_damaged("event");
	*len = size - 1;
	return p + 1;
}

void
event_from_datum(Datum datum, Event *event)
{
	size_t		len;
	const uint8 *row = event_row_from_datum(datum, &len);

	if (event_read(row, row + len, event) != row + len)
		sql_type_damaged("event");
}

Datum
event_to_datum(const Event *event)
{
	struct varlena *result = palloc(VARHDRSZ + 1 + EVENT_ROW_SIZE(event));
	uint8	   *p = (uint8 *) VARDATA(result);

	*p++ = EVENT_VERSION;
	p = event_write(p, event);
	SET_VARSIZE(result, p - (uint8 *) result);
	return PointerGetDatum(result);
}

void
check_instant(int64 at, const char *what)
{
	if (!instant_is_valid(at))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("%s is out of range", what),
				 errdetail("It must be an instant of the years 0001 to 9999; infinity is none."),
				 errhint("Use NULL where there is no such instant.")));
}

void
event_check_encoding(const Event *event)
{
	const uint8 *p = event->tags.data;
	Text		tag;

	if (event->has & EVENT_HAS_NAME)
		pg_verifymbstr((const char *) event->name.data, (int) event->name.len, false);
	if ((event->has & EVENT_HAS_REF_TEXT) && event->ref_text.data[0] == REF_TEXT)
		pg_verifymbstr((const char *) event->ref_text.data + 1, (int) event->ref_text.len - 1, false);
	if (event->has & EVENT_HAS_TAGS)
	{
		while ((p = tags_next(p, event->tags.data + event->tags.len, &tag)) != NULL)
			pg_verifymbstr((const char *) tag.data, (int) tag.len, false);
	}
}

PG_FUNCTION_INFO_V1(loyalty_event_is_kind);

/* is_event_kind(name): is there a kind of event of that name? */
Datum
loyalty_event_is_kind(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(event_kind_from_name(text_to_cstring(PG_GETARG_TEXT_PP(0))) >= 0);
}

/* ---------------- columns ---------------- */

Datum
text_datum(Text text)
{
	return PointerGetDatum(cstring_to_text_with_len((const char *) text.data, (int) text.len));
}

Datum
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

Datum
ref_datum(const Event *event)
{
	char		ref[REF_TEXT_SIZE];
	size_t		len = ref_to_text(event, ref);

	return PointerGetDatum(cstring_to_text_with_len(ref, (int) len));
}

Datum
span_datum(Span span)
{
	Interval   *interval = palloc0(sizeof(Interval));

	interval->month = span.months;
	interval->day = span.days;
	interval->time = span.time;
	return IntervalPGetDatum(interval);
}

/* ---------------- the SQL type ---------------- */

/* a JSON object, see text.c */
static Datum
read_event(const SqlType *type, const char *text, size_t len)
{
	Event		event;
	StringInfoData space;

	initStringInfo(&space);
	event_from_json(json_read(text, len, GetDatabaseEncoding(), type->name), &event, &space);
	return event_to_datum(&event);
}

static void
write_event(const SqlType *type, StringInfo out, Datum value)
{
	Event		event;

	event_from_datum(value, &event);
	event_to_json(out, &event);
}

/* version byte and row; everything is checked, the one way to write it too */
static Datum
receive_event(const SqlType *type, const char *bytes, int len)
{
	const uint8 *p = (const uint8 *) bytes;
	Event		event;
	uint8	   *again;

	if (len < 1 || p[0] != EVENT_VERSION ||
		event_read(p + 1, p + len, &event) != p + len || !event_is_valid(&event))
		return (Datum) 0;
	again = palloc(EVENT_ROW_SIZE(&event));
	if (event_write(again, &event) - again != len - 1 || memcmp(again, p + 1, len - 1) != 0)
		return (Datum) 0;
	event_check_encoding(&event);
	return event_to_datum(&event);
}

/* the order of a history */
static int
compare_events(Datum a, Datum b)
{
	Event		ea;
	Event		eb;

	event_from_datum(a, &ea);
	event_from_datum(b, &eb);
	return event_compare(&ea, &eb);
}

static const SqlType event_type = {"event", read_event, write_event, receive_event, NULL, compare_events};

SQL_TYPE_FUNCTIONS(event, &event_type)
