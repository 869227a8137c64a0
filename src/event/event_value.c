/*
 * event_value.c
 *		The SQL type loyalty.event: input and output, casts, comparison.
 */
#include "postgres.h"

#include "base/json.h"
#include "event/event_value.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

const uint8 *
event_row_from_datum(Datum datum, size_t *len)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(datum);
	const uint8 *p = (const uint8 *) VARDATA_ANY(packed);
	size_t		size = VARSIZE_ANY_EXHDR(packed);

	if (size < 1 || p[0] != EVENT_VERSION)
		event_damaged("event");
	*len = size - 1;
	return p + 1;
}

void
event_from_datum(Datum datum, Event *event)
{
	size_t		len;
	const uint8 *row = event_row_from_datum(datum, &len);

	if (event_read(row, row + len, event) != row + len)
		event_damaged("event");
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

static Datum
event_from_text(const char *text)
{
	Event		event;
	StringInfoData space;

	initStringInfo(&space);
	event_from_json(json_read(text, strlen(text), GetDatabaseEncoding(), "loyalty.event"),
					&event, &space);
	return event_to_datum(&event);
}

static char *
event_to_text(Datum datum)
{
	Event		event;
	StringInfoData out;

	event_from_datum(datum, &event);
	initStringInfo(&out);
	event_to_json(&out, &event);
	return out.data;
}

PG_FUNCTION_INFO_V1(loyalty_event_in);

/* a JSON object, see text.c */
Datum
loyalty_event_in(PG_FUNCTION_ARGS)
{
	return event_from_text(PG_GETARG_CSTRING(0));
}

PG_FUNCTION_INFO_V1(loyalty_event_out);

Datum
loyalty_event_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(event_to_text(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(loyalty_event_recv);

/* version byte and row; everything is checked, the one way to write it too */
Datum
loyalty_event_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			len = buf->len - buf->cursor;
	const uint8 *p = (const uint8 *) pq_getmsgbytes(buf, len);
	Event		event;
	uint8	   *again;

	if (len >= 1 && p[0] == EVENT_VERSION &&
		event_read(p + 1, p + len, &event) == p + len && event_is_valid(&event))
	{
		again = palloc(EVENT_ROW_SIZE(&event));
		if (event_write(again, &event) - again == len - 1 && memcmp(again, p + 1, len - 1) == 0)
		{
			event_check_encoding(&event);
			return event_to_datum(&event);
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary form of type loyalty.event")));
}

PG_FUNCTION_INFO_V1(loyalty_event_send);

Datum
loyalty_event_send(PG_FUNCTION_ARGS)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbytes(&buf, VARDATA_ANY(packed), (int) VARSIZE_ANY_EXHDR(packed));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(loyalty_event_to_jsonb);

Datum
loyalty_event_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(event_to_text(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(loyalty_event_from_jsonb);

Datum
loyalty_event_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = PG_GETARG_JSONB_P(0);

	return event_from_text(JsonbToCString(NULL, &jb->root, (int) VARSIZE(jb)));
}

static int
compare(FunctionCallInfo fcinfo)
{
	Event		a;
	Event		b;

	event_from_datum(PG_GETARG_DATUM(0), &a);
	event_from_datum(PG_GETARG_DATUM(1), &b);
	return event_compare(&a, &b);
}

#define EVENT_COMPARISON(verb, operator) \
PG_FUNCTION_INFO_V1(loyalty_event_##verb); \
Datum \
loyalty_event_##verb(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(compare(fcinfo) operator 0); \
}

EVENT_COMPARISON(eq, ==)
EVENT_COMPARISON(ne, !=)
EVENT_COMPARISON(lt, <)
EVENT_COMPARISON(le, <=)
EVENT_COMPARISON(gt, >)
EVENT_COMPARISON(ge, >=)

PG_FUNCTION_INFO_V1(loyalty_event_cmp);

Datum
loyalty_event_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

PG_FUNCTION_INFO_V1(loyalty_event_hash);

/* equal events have equal rows */
Datum
loyalty_event_hash(PG_FUNCTION_ARGS)
{
	size_t		len;
	const uint8 *row = event_row_from_datum(PG_GETARG_DATUM(0), &len);

	return hash_any(row, (int) len);
}

PG_FUNCTION_INFO_V1(loyalty_event_hash_extended);

Datum
loyalty_event_hash_extended(PG_FUNCTION_ARGS)
{
	size_t		len;
	const uint8 *row = event_row_from_datum(PG_GETARG_DATUM(0), &len);

	return hash_any_extended(row, (int) len, PG_GETARG_INT64(1));
}
