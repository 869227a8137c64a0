/*
 * history_value.c
 *		The SQL type loyalty.history: input and output, casts, comparison.
 */
#include "postgres.h"

#include "base/json.h"
#include "event/event_value.h"
#include "history/history_value.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

/* what reading an array of events hands from one element to the next */
typedef struct Reading
{
	Rows		rows;
	MemoryContext context;		/* where rows grow */
	StringInfoData space;
} Reading;

static void
read_element(JsonNode *element, void *arg)
{
	Reading    *reading = arg;
	MemoryContext caller;
	Event		event;

	event_from_json(element, &event, &reading->space);
	caller = MemoryContextSwitchTo(reading->context);
	rows_add(&reading->rows, &event);
	MemoryContextSwitchTo(caller);
}

static Datum
history_from_text(const char *text)
{
	Reading		reading;

	rows_init(&reading.rows, 1024);
	reading.context = CurrentMemoryContext;
	initStringInfo(&reading.space);
	json_read_array(text, strlen(text), GetDatabaseEncoding(), "loyalty.history",
					read_element, &reading);
	return history_from_rows(&reading.rows);
}

static char *
history_to_text(Datum datum)
{
	HistoryCursor cursor;
	Event		event;
	StringInfoData out;
	const char *separator = "";

	initStringInfo(&out);
	appendStringInfoChar(&out, '[');
	history_open_datum(&cursor, history_normalize(datum));
	while (history_next(&cursor, &event))
	{
		appendStringInfoString(&out, separator);
		event_to_json(&out, &event);
		separator = ", ";
	}
	appendStringInfoChar(&out, ']');
	return out.data;
}

PG_FUNCTION_INFO_V1(loyalty_history_in);

/* a JSON array of events, in any order */
Datum
loyalty_history_in(PG_FUNCTION_ARGS)
{
	return history_from_text(PG_GETARG_CSTRING(0));
}

PG_FUNCTION_INFO_V1(loyalty_history_out);

Datum
loyalty_history_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(history_to_text(PG_GETARG_DATUM(0)));
}

static void
refuse_binary(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary form of type loyalty.history")));
}

PG_FUNCTION_INFO_V1(loyalty_history_recv);

/*
 * The packed form.  Every event must be one that a constructor could have
 * made, and packing them again must give the bytes that came.
 */
Datum
loyalty_history_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			len = buf->len - buf->cursor;
	const uint8 *data = (const uint8 *) pq_getmsgbytes(buf, len);
	HistoryCursor cursor;
	Event		event;
	Rows		rows;
	struct varlena *result;

	if (len < 1 || data[0] != HISTORY_PACKED)
		refuse_binary();
	rows_init(&rows, 1024);
	history_open(&cursor, data, len);
	while (history_next(&cursor, &event))
	{
		if (!event_is_valid(&event))
			refuse_binary();
		event_check_encoding(&event);
		rows_add(&rows, &event);
	}
	result = (struct varlena *) DatumGetPointer(history_from_rows(&rows));
	if (VARSIZE_ANY_EXHDR(result) != (size_t) len || memcmp(VARDATA_ANY(result), data, len) != 0)
		refuse_binary();
	PG_RETURN_POINTER(result);
}

PG_FUNCTION_INFO_V1(loyalty_history_send);

Datum
loyalty_history_send(PG_FUNCTION_ARGS)
{
	size_t		len;
	const uint8 *data = history_from_datum(history_normalize(PG_GETARG_DATUM(0)), &len);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbytes(&buf, (const char *) data, (int) len);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(loyalty_history_to_jsonb);

Datum
loyalty_history_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(history_to_text(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(loyalty_history_from_jsonb);

Datum
loyalty_history_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = PG_GETARG_JSONB_P(0);

	return history_from_text(JsonbToCString(NULL, &jb->root, (int) VARSIZE(jb)));
}

/* Event by event; a history that is the beginning of another comes first. */
static int
compare(FunctionCallInfo fcinfo)
{
	HistoryCursor a;
	HistoryCursor b;
	Event		ea;
	Event		eb;

	history_open_datum(&a, PG_GETARG_DATUM(0));
	history_open_datum(&b, PG_GETARG_DATUM(1));
	for (;;)
	{
		bool		amore = history_next(&a, &ea);
		bool		bmore = history_next(&b, &eb);
		int			c;

		if (!amore || !bmore)
			return (int) amore - (int) bmore;
		c = event_compare(&ea, &eb);
		if (c != 0)
			return c;
	}
}

/* Equal histories have equal bytes, and only they. */
static bool
same_bytes(FunctionCallInfo fcinfo)
{
	size_t		alen;
	size_t		blen;
	const uint8 *a = history_from_datum(PG_GETARG_DATUM(0), &alen);
	const uint8 *b = history_from_datum(PG_GETARG_DATUM(1), &blen);

	return alen == blen && memcmp(a, b, alen) == 0;
}

PG_FUNCTION_INFO_V1(loyalty_history_eq);

Datum
loyalty_history_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_bytes(fcinfo));
}

PG_FUNCTION_INFO_V1(loyalty_history_ne);

Datum
loyalty_history_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_bytes(fcinfo));
}

#define HISTORY_COMPARISON(verb, operator) \
PG_FUNCTION_INFO_V1(loyalty_history_##verb); \
Datum \
loyalty_history_##verb(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(compare(fcinfo) operator 0); \
}

HISTORY_COMPARISON(lt, <)
HISTORY_COMPARISON(le, <=)
HISTORY_COMPARISON(gt, >)
HISTORY_COMPARISON(ge, >=)

PG_FUNCTION_INFO_V1(loyalty_history_cmp);

Datum
loyalty_history_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

PG_FUNCTION_INFO_V1(loyalty_history_hash);

Datum
loyalty_history_hash(PG_FUNCTION_ARGS)
{
	size_t		len;
	const uint8 *data = history_from_datum(PG_GETARG_DATUM(0), &len);

	return hash_any(data, (int) len);
}

PG_FUNCTION_INFO_V1(loyalty_history_hash_extended);

Datum
loyalty_history_hash_extended(PG_FUNCTION_ARGS)
{
	size_t		len;
	const uint8 *data = history_from_datum(PG_GETARG_DATUM(0), &len);

	return hash_any_extended(data, (int) len, PG_GETARG_INT64(1));
}
