/*
 * fuzz_history.c
 *		The binary forms: whatever bytes come, no overrun; and what is packed is
 *		unpacked as it was.
 *
 * The first byte says what the rest is: 'h' a history, 'e' an event, 'p'
 * events to pack, made up from the bytes so that all of them are valid.
 */
#include "fuzz.h"

#include "event/event_value.h"
#include "history/history_value.h"
#include "history/layout.h"

extern Datum loyalty_event_recv(PG_FUNCTION_ARGS);
extern Datum loyalty_event_send(PG_FUNCTION_ARGS);
extern Datum loyalty_history_recv(PG_FUNCTION_ARGS);
extern Datum loyalty_history_send(PG_FUNCTION_ARGS);
extern Datum loyalty_history_orders(PG_FUNCTION_ARGS);
extern Datum loyalty_history_payback(PG_FUNCTION_ARGS);

/* a function of one argument, which may answer NULL */
static Datum
call(PGFunction function, Datum arg)
{
	LOCAL_FCINFO(fcinfo, 1);

	InitFunctionCallInfoData(*fcinfo, NULL, 1, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = arg;
	fcinfo->args[0].isnull = false;
	return function(fcinfo);
}

static Datum
stored(const uint8 *data, size_t size)
{
	struct varlena *value = palloc(VARHDRSZ + size);

	SET_VARSIZE(value, VARHDRSZ + size);
	memcpy(VARDATA(value), data, size);
	return PointerGetDatum(value);
}

/* What can be done with an event whose bytes were accepted. */
static void
use_event(const Event *event)
{
	StringInfoData text;

	initStringInfo(&text);
	event_to_json(&text, event);
	fuzz_expect(event_compare(event, event) == 0);
	fuzz_expect(ref_equal(event, event));
	fuzz_expect(tags_count(event->tags) <= (int) event->tags.len);
	tags_contain(event->tags, "skin", 4);
}

/* Walk a history, use its events, and gather their rows. */
static bool
unpack(Datum history, Rows *rows)
{
	HistoryCursor cursor;
	Event		event;
	bool		valid = true;

	rows_init(rows, 64);
	history_open_datum(&cursor, history);
	/* a few bytes can be millions of equal events; some of them will do */
	while (cursor.i < 100000 && history_next(&cursor, &event))
	{
		use_event(&event);
		valid &= event_is_valid(&event);
		rows_add(rows, &event);
	}
	return valid && cursor.i == cursor.n;
}

/* What is packed comes out in order, and packs to the same bytes. */
static void
check_packed(Datum packed, uint64 n)
{
	HistoryCursor cursor;
	Event		events[2];
	Rows		rows;

	fuzz_expect(unpack(packed, &rows));
	fuzz_expect(rows.n == n);
	fuzz_expect(fuzz_same(history_from_rows(&rows), packed));
	history_open_datum(&cursor, packed);
	while (history_next(&cursor, &events[cursor.i % 2]))
		fuzz_expect(cursor.i < 2 || event_compare(&events[cursor.i % 2], &events[1 - cursor.i % 2]) <= 0);
	fuzz_expect(fuzz_same(call(loyalty_history_send, packed), packed));
}

static void
fuzz_stored_history(const uint8 *data, size_t size)
{
	Datum		value = stored(data, size);
	Rows		rows;

	if (unpack(value, &rows))
		check_packed(history_from_rows(&rows), rows.n);
	call(loyalty_history_orders, value);
	call(loyalty_history_payback, value);
	fuzz_expect(fuzz_holds(call(loyalty_history_recv, PointerGetDatum(fuzz_message(data, size))), data, size));
}

static void
fuzz_stored_event(const uint8 *data, size_t size)
{
	Datum		value = stored(data, size);
	Event		event;
	Rows		rows;

	event_from_datum(value, &event);
	use_event(&event);
	rows_init(&rows, 64);
	rows_add(&rows, &event);
	rows_add(&rows, &event);
	if (event_is_valid(&event))
		check_packed(history_from_rows(&rows), 2);
	value = call(loyalty_event_recv, PointerGetDatum(fuzz_message(data, size)));
	fuzz_expect(fuzz_holds(value, data, size));
	fuzz_expect(fuzz_holds(call(loyalty_event_send, value), data, size));
}

/* ---------------- events made up from bytes ---------------- */

typedef struct Source
{
	const uint8 *p;
	const uint8 *end;
} Source;

static uint64
take(Source *source, int bytes)
{
	uint64		v = 0;

	for (; bytes > 0 && source->p < source->end; bytes--)
		v = v << 8 | *source->p++;
	return v;
}

/* a number of 0 to 8 bytes, within a limit, of one of the units that are packed */
static int64
take_number(Source *source, const int64 *units, int64 limit)
{
	uint8		head = (uint8) take(source, 1);
	int64		unit = units[head / 9 % 4];

	return unzigzag(take(source, head % 9)) % (limit / unit) * unit;
}

static Decimal
take_decimal(Source *source)
{
	return take_number(source, decimal_units, DECIMAL_LIMIT);
}

static int64
take_instant(Source *source)
{
	return Max(take_number(source, instant_units, INSTANT_LIMIT), INSTANT_MIN);
}

static Text
take_text(Source *source)
{
	size_t		len = (size_t) take(source, 1);
	Text		text;

	text.len = (uint32) Min(len, (size_t) (source->end - source->p));
	text.data = source->p;
	source->p += text.len;
	return text;
}

static void
take_value(Source *source, Event *event, Attribute attribute)
{
	Text		text;

	switch (event_attributes[attribute].sort)
	{
		case VALUE_DECIMAL:
			*event_number(event, attribute) = take_decimal(source);
			break;
		case VALUE_TERM:
			*event_number(event, attribute) = unzigzag(take(source, 2));
			break;
		case VALUE_INSTANT:
			*event_number(event, attribute) = take_instant(source);
			break;
		case VALUE_REF_NUMBER:
			*event_number(event, attribute) = (int64) take(source, 8);
			break;
		case VALUE_REF_TEXT:
			text = take_text(source);
			ref_from_text(event, (const char *) text.data, text.len, palloc(REF_SPACE));
			return;
		case VALUE_NAME:
		case VALUE_TAGS:
			*event_text(event, attribute) = take_text(source);
			break;
	}
	event->has |= EVENT_HAS(attribute);
}

static bool
take_event(Source *source, Event *event)
{
	uint32		has = (uint32) take(source, 2);
	Attribute	attribute;

	event_init(event, (EventKind) (take(source, 1) % EVENT_KINDS), take_instant(source));
	has = event->has | (has & event_kinds[event->kind].may_have);
	if (has & EVENT_HAS_REF_NUMBER)
		has &= ~EVENT_HAS_REF_TEXT;
	while (next_attribute(&has, &attribute))
		take_value(source, event, attribute);
	return event_is_valid(event);
}

static int
compare_events(const void *a, const void *b)
{
	return event_compare(a, b);
}

#define MOST_EVENTS 200

static void
fuzz_pack(const uint8 *data, size_t size)
{
	Source		source = {data, data + size};
	Event	   *events = palloc(MOST_EVENTS * sizeof(Event));
	Event		event;
	HistoryCursor cursor;
	Rows		rows;
	Datum		packed;
	int			n = 0;

	rows_init(&rows, 64);
	while (n < MOST_EVENTS && source.p < source.end)
	{
		if (!take_event(&source, &events[n]))
			continue;
		rows_add(&rows, &events[n]);
		n++;
	}
	packed = history_from_rows(&rows);
	check_packed(packed, n);

	/* the same events as sorting alone brings about */
	qsort(events, n, sizeof(Event), compare_events);
	history_open_datum(&cursor, packed);
	for (int i = 0; i < n; i++)
	{
		fuzz_expect(history_next(&cursor, &event));
		fuzz_expect(event_compare(&event, &events[i]) == 0);
	}
	fuzz_expect(!history_next(&cursor, &event));
}

/* ---------------- what a client sends ---------------- */

static void
receive(void *arg)
{
	StringInfo	message = arg;

	call(message->data[message->cursor++] == 'e' ? loyalty_event_recv : loyalty_history_recv, PointerGetDatum(message));
}

void
fuzz_one(const uint8 *data, size_t size)
{
	if (size == 0)
		return;
	if (data[0] != 'p')
		fuzz_expect_client(fuzz_try(receive, fuzz_message(data, size)));
	switch (data[0])
	{
		case 'h':
			fuzz_stored_history(data + 1, size - 1);
			break;
		case 'e':
			fuzz_stored_event(data + 1, size - 1);
			break;
		case 'p':
			fuzz_pack(data + 1, size - 1);
			break;
	}
}
