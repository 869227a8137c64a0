/*
 * ref.c
 *		Refs: the key of an order, one text value however it came.
 *
 * Integers of 64 bits are kept as numbers, uuids as their 16 bytes.  Each value
 * has one form only, so equal refs have equal bytes.
 */
#include "postgres.h"

#include "event/event.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* A canonical integer: 0, or digits without a leading zero, perhaps after a minus. */
static bool
is_number(const char *text, size_t len)
{
	size_t		i = (len > 0 && text[0] == '-');

	if (i == len || (text[i] == '0' && len > 1))
		return false;
	for (; i < len; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

static bool
uuid_from_text(const char *text, size_t len, uint8 *uuid)
{
	if (len != 36)
		return false;
	for (size_t i = 0, n = 0; i < len; i++)
	{
		int			high;
		int			low;

		if (i == 8 || i == 13 || i == 18 || i == 23)
		{
			if (text[i] != '-')
				return false;
			continue;
		}
		high = hex_value(text[i]);
		low = hex_value(text[i + 1]);
		if (high < 0 || low < 0)
			return false;
		uuid[n++] = (uint8) (high << 4 | low);
		i++;
	}
	return true;
}

/*
 * Give an event the ref of that text, at most EVENT_MAX_TEXT bytes.  Integers
 * of 64 bits and uuids have a short form; `space` holds what is not a number.
 */
void
ref_from_text(Event *event, const char *text, size_t len, uint8 *space)
{
	/* 18 digits always fit; a 19th is tried with care */
	if (len <= 20 && is_number(text, len))
	{
		bool		negative = text[0] == '-';
		int64		v = 0;
		bool		fits = true;

		for (size_t i = negative; i < len && fits; i++)
		{
			fits = !__builtin_mul_overflow(v, INT64CONST(10), &v) &&
				!__builtin_sub_overflow(v, (int64) (text[i] - '0'), &v);
		}
		if (fits && (negative || v != PG_INT64_MIN))
		{
			event->has |= EVENT_HAS_REF_NUMBER;
			event->ref_number = negative ? v : -v;
			return;
		}
	}
	event->has |= EVENT_HAS_REF_TEXT;
	event->ref_text.data = space;
	if (uuid_from_text(text, len, space + 1))
	{
		space[0] = REF_UUID;
		event->ref_text.len = 17;
	}
	else
	{
		space[0] = REF_TEXT;
		memcpy(space + 1, text, len);
		event->ref_text.len = (uint32) len + 1;
	}
}

/* The ref as text, NUL-terminated; returns its length, 0 if there is none. */
size_t
ref_to_text(const Event *event, char *buf)
{
	static const char hex[] = "0123456789abcdef";
	size_t		len = 0;

	buf[0] = '\0';
	if (event->has & EVENT_HAS_REF_NUMBER)
		return pg_snprintf(buf, REF_TEXT_SIZE, INT64_FORMAT, event->ref_number);
	if (!(event->has & EVENT_HAS_REF_TEXT))
		return 0;
	if (event->ref_text.data[0] == REF_UUID)
	{
		for (int i = 0; i < 16; i++)
		{
			uint8		b = event->ref_text.data[1 + i];

			if (i == 4 || i == 6 || i == 8 || i == 10)
				buf[len++] = '-';
			buf[len++] = hex[b >> 4];
			buf[len++] = hex[b & 15];
		}
	}
	else
	{
		len = event->ref_text.len - 1;
		memcpy(buf, event->ref_text.data + 1, len);
	}
	buf[len] = '\0';
	return len;
}

/* Both have no ref, or the same. */
bool
ref_equal(const Event *a, const Event *b)
{
	if ((a->has & EVENT_HAS_REF) != (b->has & EVENT_HAS_REF))
		return false;
	if (a->has & EVENT_HAS_REF_NUMBER)
		return a->ref_number == b->ref_number;
	return !(a->has & EVENT_HAS_REF_TEXT) || text_equal(a->ref_text, b->ref_text);
}

/* Whether a text ref, as read, is in the form that its text has: 5 may not come as text. */
bool
ref_is_canonical(const Event *event)
{
	Event		again;
	uint8		space[REF_SPACE];
	char		text[REF_TEXT_SIZE];
	size_t		len = ref_to_text(event, text);

	again.has = 0;
	ref_from_text(&again, text, len, space);
	return (again.has & EVENT_HAS_REF_TEXT) && text_equal(again.ref_text, event->ref_text);
}

/* canonical integers by value */
static int
compare_numbers(Text a, Text b)
{
	bool		aminus = a.data[0] == '-';
	bool		bminus = b.data[0] == '-';
	int			c;

	if (aminus != bminus)
		return aminus ? -1 : 1;
	c = a.len != b.len ? CMP(a.len, b.len) : text_compare(a, b);
	return aminus ? -c : c;
}

/* The text of a ref, where it stands or written to `buf`. */
static Text
shown(const Event *event, char *buf)
{
	if ((event->has & EVENT_HAS_REF_TEXT) && event->ref_text.data[0] == REF_TEXT)
		return (Text) {event->ref_text.data + 1, event->ref_text.len - 1};
	return (Text) {(const uint8 *) buf, (uint32) ref_to_text(event, buf)};
}

/* Numbers by value, also those beyond 64 bits, then texts bytewise, none last. */
int
ref_compare(const Event *a, const Event *b)
{
	char		atext[REF_TEXT_SIZE];
	char		btext[REF_TEXT_SIZE];
	Text		x;
	Text		y;
	bool		xnumber;
	bool		ynumber;

	if ((a->has & EVENT_HAS_REF_NUMBER) && (b->has & EVENT_HAS_REF_NUMBER))
		return CMP(a->ref_number, b->ref_number);
	if (!event_has_ref(a) || !event_has_ref(b))
		return event_has_ref(b) - event_has_ref(a);
	/* uuids go by their bytes as their texts do */
	if (!((a->has | b->has) & EVENT_HAS_REF_NUMBER) && a->ref_text.data[0] == REF_UUID && b->ref_text.data[0] == REF_UUID)
		return text_compare(a->ref_text, b->ref_text);

	x = shown(a, atext);
	y = shown(b, btext);
	xnumber = is_number((const char *) x.data, x.len);
	ynumber = is_number((const char *) y.data, y.len);
	if (xnumber != ynumber)
		return xnumber ? -1 : 1;
	return xnumber ? compare_numbers(x, y) : text_compare(x, y);
}
