/*
 * row.c
 *		The stored row of an event.
 *
 * A row is its shape (kind, and what it has), its instant as 8 bytes, and the
 * values of that shape in a fixed order.  It tells its own length.  Equal
 * events have equal rows, because every value has one way to be written:
 *
 *		shape		base-128: kind in the low 4 bits, EVENT_HAS_... above
 *		instant		8 bytes, little-endian
 *		amount or points, cost, quantity
 *					base-128: zigzag(cents) * 2, or zigzag(millionths) * 2 + 1
 *		ref number	base-128 of its zigzag
 *		ref text, name, tags
 *					base-128 length and bytes
 *		until		8 bytes
 */
#include "postgres.h"

#include "event/event.h"

#define MICROS_PER_CENT 10000

const char *const event_kind_name[EVENT_KINDS] = {
	"activity", "purchase", "refund", "redemption", "adjustment", "expense", "grant"
};

static inline uint8 *
write_decimal(uint8 *p, Decimal v)
{
	if (v % MICROS_PER_CENT == 0)
		return leb_write(p, zigzag(v / MICROS_PER_CENT) << 1);
	return leb_write(p, zigzag(v) << 1 | 1);
}

static inline const uint8 *
read_decimal(const uint8 *p, const uint8 *end, Decimal *v)
{
	uint64		raw;

	p = leb_read(p, end, &raw);
	if (p == NULL)
		return NULL;
	*v = unzigzag(raw >> 1);
	if (raw & 1)
	{
		/* whole cents have the shorter form */
		if (*v % MICROS_PER_CENT == 0)
			return NULL;
	}
	else
	{
		if (*v <= -DECIMAL_LIMIT / MICROS_PER_CENT || *v >= DECIMAL_LIMIT / MICROS_PER_CENT)
			return NULL;
		*v *= MICROS_PER_CENT;
	}
	return *v > -DECIMAL_LIMIT && *v < DECIMAL_LIMIT ? p : NULL;
}

static inline uint8 *
write_text(uint8 *p, Text text)
{
	p = leb_write(p, text.len);
	memcpy(p, text.data, text.len);
	return p + text.len;
}

static inline const uint8 *
read_text(const uint8 *p, const uint8 *end, Text *text)
{
	uint64		len;

	p = leb_read(p, end, &len);
	if (p == NULL || len > (uint64) (end - p))
		return NULL;
	text->data = p;
	text->len = (uint32) len;
	return p + len;
}

/* what an event of a kind may have */
static const uint8 kind_may_have[EVENT_KINDS] = {
	[EVENT_ACTIVITY] = EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT,
	[EVENT_PURCHASE] = EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT | EVENT_HAS_COST | EVENT_HAS_QUANTITY | EVENT_HAS_TAGS,
	[EVENT_REFUND] = EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT | EVENT_HAS_COST | EVENT_HAS_QUANTITY | EVENT_HAS_TAGS,
	[EVENT_REDEMPTION] = EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT,
	[EVENT_ADJUSTMENT] = EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT | EVENT_HAS_UNTIL | EVENT_HAS_TAGS,
	[EVENT_EXPENSE] = EVENT_HAS_TAGS,
	[EVENT_GRANT] = EVENT_HAS_UNTIL,
};

/* Whether a shape, kind and what it has as stored, is one of an event. */
bool
event_shape_is_valid(uint64 shape)
{
	uint64		kind = shape & 0x0F;
	uint64		has = shape >> 4;

	return kind < EVENT_KINDS && (has & ~(uint64) kind_may_have[kind]) == 0 &&
		(has & (EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT)) != (EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT);
}

/* Whether the texts of an event are as long as code that reads them relies on. */
bool
event_texts_fit(const Event *event)
{
	if (event->has & EVENT_HAS_REF_TEXT)
	{
		if (event->ref_text.len < 1 || event->ref_text.len > EVENT_MAX_TEXT + 1)
			return false;
		if (event->ref_text.data[0] == REF_UUID ? event->ref_text.len != 17 :
			event->ref_text.data[0] != REF_TEXT)
			return false;
	}
	if (kind_has_name(event->kind) && (event->name.len == 0 || event->name.len > EVENT_MAX_TEXT))
		return false;
	return !(event->has & EVENT_HAS_TAGS) || tags_is_valid(event->tags);
}

void
event_init(Event *event, EventKind kind, int64 at)
{
	memset(event, 0, sizeof(*event));
	event->kind = (uint8) kind;
	event->at = at;
	event->quantity = kind == EVENT_PURCHASE ? DECIMAL_ONE : 0;
	event->until = INSTANT_NEVER;
}

uint8 *
event_write(uint8 *p, const Event *event)
{
	p = leb_write(p, (uint64) event->has << 4 | event->kind);
	memcpy(p, &event->at, sizeof(int64));
	p += sizeof(int64);
	if (kind_has_amount(event->kind))
		p = write_decimal(p, event->amount);
	else if (kind_has_points(event->kind))
		p = write_decimal(p, event->points);
	if (event->has & EVENT_HAS_COST)
		p = write_decimal(p, event->cost);
	if (event->has & EVENT_HAS_QUANTITY)
		p = write_decimal(p, event->quantity);
	if (event->has & EVENT_HAS_REF_NUMBER)
		p = leb_write(p, zigzag(event->ref_number));
	else if (event->has & EVENT_HAS_REF_TEXT)
		p = write_text(p, event->ref_text);
	if (kind_has_name(event->kind))
		p = write_text(p, event->name);
	if (event->has & EVENT_HAS_TAGS)
		p = write_text(p, event->tags);
	if (event->has & EVENT_HAS_UNTIL)
	{
		memcpy(p, &event->until, sizeof(int64));
		p += sizeof(int64);
	}
	return p;
}

/*
 * Read one row; NULL if the bytes are no row.  What the values mean together
 * is not looked at here (event_is_valid does that for bytes from outside).
 */
const uint8 *
event_read(const uint8 *p, const uint8 *end, Event *event)
{
	uint64		shape;
	uint64		raw;

	p = leb_read(p, end, &shape);
	if (p == NULL || !event_shape_is_valid(shape) || end - p < (ptrdiff_t) sizeof(int64))
		return NULL;
	event->kind = shape & 0x0F;
	event->has = (uint8) (shape >> 4);
	memcpy(&event->at, p, sizeof(int64));
	p += sizeof(int64);

	event->amount = event->points = event->cost = 0;
	event->quantity = event->kind == EVENT_PURCHASE ? DECIMAL_ONE : 0;
	event->until = INSTANT_NEVER;
	event->ref_text.len = event->name.len = event->tags.len = 0;
	event->tags.data = NULL;
	if (kind_has_amount(event->kind))
		p = read_decimal(p, end, &event->amount);
	else if (kind_has_points(event->kind))
		p = read_decimal(p, end, &event->points);
	if (p && event->has & EVENT_HAS_COST)
		p = read_decimal(p, end, &event->cost);
	if (p && event->has & EVENT_HAS_QUANTITY)
		p = read_decimal(p, end, &event->quantity);
	if (p && event->has & EVENT_HAS_REF_NUMBER)
	{
		p = leb_read(p, end, &raw);
		if (p)
			event->ref_number = unzigzag(raw);
	}
	else if (p && event->has & EVENT_HAS_REF_TEXT)
		p = read_text(p, end, &event->ref_text);
	if (p && kind_has_name(event->kind))
		p = read_text(p, end, &event->name);
	if (p && event->has & EVENT_HAS_TAGS)
		p = read_text(p, end, &event->tags);
	if (p && event->has & EVENT_HAS_UNTIL)
	{
		if (end - p < (ptrdiff_t) sizeof(int64))
			return NULL;
		memcpy(&event->until, p, sizeof(int64));
		p += sizeof(int64);
		if (!instant_is_valid(event->until))
			return NULL;
	}
	if (p == NULL || !instant_is_valid(event->at) ||
		((event->has & (EVENT_HAS_REF_TEXT | EVENT_HAS_TAGS) || kind_has_name(event->kind)) &&
		 !event_texts_fit(event)))
		return NULL;
	return p;
}

/*
 * Whether an event that was read could have been made by a constructor: what
 * a value from outside must pass.  Texts' encoding is the caller's matter.
 */
bool
event_is_valid(const Event *event)
{
	if (!event_shape_is_valid((uint64) event->has << 4 | event->kind) || !event_texts_fit(event))
		return false;
	if (!instant_is_valid(event->at))
		return false;
	if ((event->has & EVENT_HAS_UNTIL) && !instant_is_valid(event->until))
		return false;
	if ((event->has & EVENT_HAS_COST) && event->cost == 0)
		return false;
	if ((event->has & EVENT_HAS_QUANTITY) && event->kind == EVENT_PURCHASE &&
		event->quantity == DECIMAL_ONE)
		return false;
	if (event->kind == EVENT_REFUND &&
		(event->amount < 0 || event->cost < 0 || event->quantity < 0))
		return false;
	if (event->kind == EVENT_REDEMPTION && event->points <= 0)
		return false;
	if (event->has & EVENT_HAS_REF_TEXT)
	{
		Event		again;
		uint8		space[REF_SPACE];
		char		text[REF_TEXT_SIZE];
		size_t		len;

		/* one value, one form: 5 may not come as text */
		len = ref_to_text(event, text);
		again.has = 0;
		ref_from_text(&again, text, len, space);
		if (!(again.has & EVENT_HAS_REF_TEXT) ||
			again.ref_text.len != event->ref_text.len ||
			memcmp(again.ref_text.data, event->ref_text.data, again.ref_text.len) != 0)
			return false;
	}
	return true;
}

/*
 * The next tag of a list, or NULL at its end (or at bytes that are no list).
 * A list is its tags, each a length byte and that many bytes.
 */
const uint8 *
tags_next(const uint8 *p, const uint8 *end, Text *tag)
{
	if (p == NULL || p >= end || *p > end - p - 1)
		return NULL;
	tag->len = *p;
	tag->data = p + 1;
	return p + 1 + tag->len;
}

int
tags_count(Text tags)
{
	const uint8 *p = tags.data;
	Text		tag;
	int			n = 0;

	while (tags.len > 0 && (p = tags_next(p, tags.data + tags.len, &tag)) != NULL)
		n++;
	return n;
}

bool
tags_contain(Text tags, const char *tag, size_t len)
{
	const uint8 *p = tags.data;
	Text		each;

	while (tags.len > 0 && (p = tags_next(p, tags.data + tags.len, &each)) != NULL)
	{
		if (each.len == len && memcmp(each.data, tag, len) == 0)
			return true;
	}
	return false;
}

bool
tags_is_valid(Text tags)
{
	const uint8 *p = tags.data;
	const uint8 *end = tags.data + tags.len;
	Text		tag;
	int			n = 0;

	while (p < end)
	{
		p = tags_next(p, end, &tag);
		if (p == NULL)
			return false;
		n++;
	}
	return n > 0 && n <= EVENT_MAX_TAGS;
}

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
	const uint8 mask = EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT;

	if ((a->has & mask) != (b->has & mask))
		return false;
	if (a->has & EVENT_HAS_REF_NUMBER)
		return a->ref_number == b->ref_number;
	if (a->has & EVENT_HAS_REF_TEXT)
		return a->ref_text.len == b->ref_text.len &&
			memcmp(a->ref_text.data, b->ref_text.data, a->ref_text.len) == 0;
	return true;
}

void
event_damaged(const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored value of type loyalty.%s is damaged", type)));
	pg_unreachable();
}
