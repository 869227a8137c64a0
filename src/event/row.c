/*
 * row.c
 *		The stored row of an event.
 *
 * A row is its shape (kind, and what it has beyond what that needs), its instant
 * as 8 bytes, and the values of that shape in the order of their numbers.  It
 * tells its own length.  Equal events have equal rows, because every value has
 * one way to be written:
 *
 *		shape		base-128: kind in the low 5 bits, EVENT_HAS_... above
 *		instants	8 bytes, little-endian
 *		decimals, terms
 *					base-128: zigzag(cents) * 2, or zigzag(millionths) * 2 + 1
 *		ref number	base-128 of its zigzag
 *		texts, tags
 *					base-128 length and bytes
 */
#include "postgres.h"

#include "event/event.h"

#define MICROS_PER_CENT 10000

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

static inline const uint8 *
read_number(const uint8 *p, const uint8 *end, int64 *v)
{
	uint64		raw;

	p = leb_read(p, end, &raw);
	if (p)
		*v = unzigzag(raw);
	return p;
}

static inline uint8 *
write_instant(uint8 *p, int64 at)
{
	memcpy(p, &at, sizeof(at));
	return p + sizeof(at);
}

static inline const uint8 *
read_instant(const uint8 *p, const uint8 *end, int64 *at)
{
	if (end - p < (ptrdiff_t) sizeof(*at))
		return NULL;
	memcpy(at, p, sizeof(*at));
	return instant_is_valid(*at) ? p + sizeof(*at) : NULL;
}

static inline bool
from_shape(uint64 shape, EventKind *kind, uint32 *has)
{
	uint64		k = shape & ((1 << SHAPE_KIND_BITS) - 1);
	uint64		more = shape >> SHAPE_KIND_BITS;

	if (k >= EVENT_KINDS || (more & ~(uint64) event_kinds[k].may_have) != 0 || (more & EVENT_HAS_REF) == EVENT_HAS_REF)
		return false;
	*kind = (EventKind) k;
	*has = (uint32) more | event_kinds[k].needs;
	return true;
}

bool
event_from_shape(uint64 shape, EventKind *kind, uint32 *has)
{
	return from_shape(shape, kind, has);
}

uint8 *
event_write(uint8 *p, const Event *event)
{
	uint32		has = event->has;
	Attribute	a;

	p = leb_write(p, event_shape(event));
	p = write_instant(p, event->at);
	while (next_attribute(&has, &a))
	{
		switch (event_attributes[a].sort)
		{
			case VALUE_DECIMAL:
			case VALUE_TERM:
				p = write_decimal(p, *event_number(event, a));
				break;
			case VALUE_REF_NUMBER:
				p = leb_write(p, zigzag(*event_number(event, a)));
				break;
			case VALUE_INSTANT:
				p = write_instant(p, *event_number(event, a));
				break;
			case VALUE_REF_TEXT:
			case VALUE_NAME:
			case VALUE_TAGS:
				p = write_text(p, *event_text(event, a));
				break;
		}
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
	int64		at;
	EventKind	kind;
	uint32		has;
	uint32		rest;
	Attribute	a;

	p = leb_read(p, end, &shape);
	if (p == NULL || !from_shape(shape, &kind, &has))
		return NULL;
	p = read_instant(p, end, &at);
	if (p == NULL)
		return NULL;
	event_init(event, kind, at);
	event->has = rest = has;
	while (p && next_attribute(&rest, &a))
	{
		switch (event_attributes[a].sort)
		{
			case VALUE_DECIMAL:
			case VALUE_TERM:
				p = read_decimal(p, end, event_number(event, a));
				break;
			case VALUE_REF_NUMBER:
				p = read_number(p, end, event_number(event, a));
				break;
			case VALUE_INSTANT:
				p = read_instant(p, end, event_number(event, a));
				break;
			case VALUE_REF_TEXT:
			case VALUE_NAME:
			case VALUE_TAGS:
				p = read_text(p, end, event_text(event, a));
				break;
		}
	}
	return p && (!(has & EVENT_HAS_CHECKED) || event_is_sound(event)) ? p : NULL;
}

bool
event_is_sound(const Event *event)
{
	if (event->has & EVENT_HAS_REF_TEXT)
	{
		if (event->ref_text.len < 1 || event->ref_text.len > EVENT_MAX_TEXT + 1)
			return false;
		if (event->ref_text.data[0] == REF_UUID ? event->ref_text.len != 17 :
			event->ref_text.data[0] != REF_TEXT)
			return false;
	}
	if ((event->has & EVENT_HAS_NAME) && (event->name.len == 0 || event->name.len > EVENT_MAX_TEXT))
		return false;
	if ((event->has & EVENT_HAS_EVERY) &&
		(event->every == 0 || event->every > EVENT_MAX_MONTHS || event->every < -EVENT_MAX_DAYS))
		return false;
	return !(event->has & EVENT_HAS_TAGS) || tags_is_valid(event->tags);
}

const char *
event_fault(const Event *event, Attribute *attribute)
{
	const Kind *kind = &event_kinds[event->kind];
	uint32		rest = event->has & (kind->not_negative | kind->positive);

	while (next_attribute(&rest, attribute))
	{
		int64		v = *event_number(event, *attribute);

		if (v < 0 && (kind->not_negative & EVENT_HAS(*attribute)))
			return "must not be negative";
		if (v <= 0 && (kind->positive & EVENT_HAS(*attribute)))
			return "must be greater than zero";
	}
	*attribute = ATTRIBUTE_NAME;
	if ((event->has & EVENT_HAS_NAME) && event->name.len == 0)
		return "must not be empty";
	*attribute = ATTRIBUTE_UNTIL;
	if (event->kind == EVENT_SUBSCRIPTION && event->until < event->at)
		return "must not be before its beginning";
	return NULL;
}

/* Texts' encoding is the caller's matter. */
bool
event_is_valid(const Event *event)
{
	EventKind	kind;
	uint32		has;
	Attribute	attribute;

	if (!event_from_shape(event_shape(event), &kind, &has) || has != event->has ||
		!event_is_sound(event) || event_fault(event, &attribute))
		return false;

	/* one event, one form */
	while (next_attribute(&has, &attribute))
	{
		if (event_implies(event, attribute))
			return false;
	}
	return !(event->has & EVENT_HAS_REF_TEXT) || ref_is_canonical(event);
}
