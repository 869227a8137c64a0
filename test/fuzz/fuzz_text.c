/*
 * fuzz_text.c
 *		The readable forms: what is accepted is written and read again as it was.
 *
 * An input that begins with { is an event, with [ a history, anything else is
 * taken for an instant and for a number.
 */
#include "fuzz.h"

#include "base/calendar.h"
#include "base/decimal.h"
#include "event/event_value.h"
#include "history/history_value.h"

extern Datum loyalty_event_in(PG_FUNCTION_ARGS);
extern Datum loyalty_event_out(PG_FUNCTION_ARGS);
extern Datum loyalty_history_in(PG_FUNCTION_ARGS);
extern Datum loyalty_history_out(PG_FUNCTION_ARGS);

static void
fuzz_value(PGFunction in, PGFunction out, const char *text)
{
	Datum		value = DirectFunctionCall1(in, CStringGetDatum(text));
	char	   *written = DatumGetCString(DirectFunctionCall1(out, value));
	Datum		again = (Datum) 0;

	PG_TRY();
	{
		again = DirectFunctionCall1(in, CStringGetDatum(written));
	}
	PG_CATCH();
	{
		fuzz_finding("what was written is not read");
	}
	PG_END_TRY();
	fuzz_expect(fuzz_same(value, again));
}

static void
fuzz_instant(const char *text, size_t len)
{
	char		buf[INSTANT_TEXT_SIZE];
	int64		at;
	int64		again;

	if (!instant_from_text(text, len, &at))
		return;
	fuzz_expect(instant_is_valid(at));
	len = instant_to_text(at, buf);
	fuzz_expect(len == strlen(buf) && len < sizeof(buf));
	fuzz_expect(instant_from_text(buf, len, &again));
	fuzz_expect(again == at);
}

static void
fuzz_decimal(const char *text, size_t len)
{
	char		buf[DECIMAL_TEXT_SIZE];
	char	   *end;
	long double about;
	Decimal		v;
	Decimal		again;

	if (decimal_from_text(text, len, &v) != DECIMAL_OK)
		return;
	fuzz_expect(v > -DECIMAL_LIMIT && v < DECIMAL_LIMIT);
	len = decimal_to_text(v, buf);
	fuzz_expect(len == strlen(buf) && len < sizeof(buf));
	fuzz_expect(decimal_from_text(buf, len, &again) == DECIMAL_OK);
	fuzz_expect(again == v);

	/* libc reads it as the same number, as far as its digits go */
	about = strtold(text, &end) * DECIMAL_ONE;
	fuzz_expect(*end == '\0');
	fuzz_expect(about - v < 0.5 && v - about < 0.5);
}

void
fuzz_one(const uint8 *data, size_t size)
{
	char	   *text = fuzz_text(data, size);

	if (text[0] == '{')
		fuzz_value(loyalty_event_in, loyalty_event_out, text);
	else if (text[0] == '[')
		fuzz_value(loyalty_history_in, loyalty_history_out, text);
	else
	{
		fuzz_instant(text, strlen(text));
		fuzz_decimal(text, strlen(text));
	}
}
