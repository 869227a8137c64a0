/*
 * history_value.c
 *		The SQL type loyalty.history: input and output, casts, comparison.
 */
#include "postgres.h"

#include "document/json.h"
#include "document/type.h"
#include "event/event_value.h"
#include "history/history_value.h"

#include "mb/pg_wchar.h"

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

/* a JSON array of events, in any order */
static Datum
read_history(const SqlType *type, const char *text, size_t len)
{
	Reading		reading;

	rows_init(&reading.rows, 1024);
	reading.context = CurrentMemoryContext;
	initStringInfo(&reading.space);
	json_read_array(text, len, GetDatabaseEncoding(), type->name, read_element, &reading);
	return history_from_rows(&reading.rows);
}

static void
write_history(const SqlType *type, StringInfo out, Datum value)
{
	HistoryCursor cursor;
	Event		event;
	const char *separator = "";

	appendStringInfoChar(out, '[');
	history_open_datum(&cursor, history_normalize(value));
	while (history_next(&cursor, &event))
	{
		appendStringInfoString(out, separator);
		event_to_json(out, &event);
		separator = ", ";
	}
	appendStringInfoChar(out, ']');
}

/*
 * The packed form.  Every event must be one that a constructor could have
 * made, and packing them again must give the bytes that came.
 */
static Datum
receive_history(const SqlType *type, const char *bytes, int len)
{
	HistoryCursor cursor;
	Event		event;
	Rows		rows;

	if (len < 1 || (uint8) bytes[0] != HISTORY_PACKED)
		return (Datum) 0;
	rows_init(&rows, 1024);
	history_open(&cursor, (const uint8 *) bytes, len);
	while (history_next(&cursor, &event))
	{
		if (!event_is_valid(&event))
			return (Datum) 0;
		event_check_encoding(&event);
		rows_add(&rows, &event);
	}
	return sql_type_as_sent(history_from_rows(&rows), bytes, len);
}

static void
send_history(const SqlType *type, StringInfo out, Datum value)
{
	size_t		len;
	const uint8 *data = history_from_datum(history_normalize(value), &len);

	appendBinaryStringInfo(out, (const char *) data, (int) len);
}

/* Event by event; a history that is the beginning of another comes first. */
static int
compare_histories(Datum a, Datum b)
{
	HistoryCursor acursor;
	HistoryCursor bcursor;
	Event		ea;
	Event		eb;

	history_open_datum(&acursor, a);
	history_open_datum(&bcursor, b);
	for (;;)
	{
		bool		amore = history_next(&acursor, &ea);
		bool		bmore = history_next(&bcursor, &eb);
		int			c;

		if (!amore || !bmore)
			return (int) amore - (int) bmore;
		c = event_compare(&ea, &eb);
		if (c != 0)
			return c;
	}
}

static const SqlType history_type = {
	"history", read_history, write_history, receive_history, send_history, compare_histories
};

SQL_TYPE_FUNCTIONS(history, &history_type)
