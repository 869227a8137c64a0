/*
 * event.h
 *		One thing that happened to one customer.
 *
 * In memory an event is the struct below; stored, and in the running state of
 * an aggregate, it is a row: a few bytes that row.c writes and reads.
 */
#ifndef LOYALTY_EVENT_H
#define LOYALTY_EVENT_H

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/compat.h"
#include "base/decimal.h"

#include "lib/stringinfo.h"

/*
 * Kinds, in the order in which a fold takes the events of one instant.  The
 * numbers are stored: a new kind gets a new number, and its place in the order
 * in event_kind_order.
 */
typedef enum EventKind
{
	EVENT_ACTIVITY = 0,
	EVENT_PURCHASE = 1,
	EVENT_REFUND = 2,
	EVENT_REDEMPTION = 3,
	EVENT_ADJUSTMENT = 4,
	EVENT_EXPENSE = 5,
	EVENT_GRANT = 6,
} EventKind;

#define EVENT_KINDS 7

extern const char *const event_kind_name[EVENT_KINDS];

/*
 * What an event may carry beyond what its kind implies.  Stored beside the
 * kind, in the bits above it; further attributes take further bits.
 */
#define EVENT_HAS_COST		0x01
#define EVENT_HAS_REF_NUMBER 0x02
#define EVENT_HAS_TAGS		0x04
#define EVENT_HAS_REF_TEXT	0x08
#define EVENT_HAS_QUANTITY	0x10
#define EVENT_HAS_UNTIL		0x20
#define EVENT_HAS_ALL		0x3F

/* Limits, so that every allocation is bounded by what one row can hold. */
#define EVENT_MAX_TAGS		64
#define EVENT_MAX_TEXT		255 /* bytes of a tag, name, tier or ref */

typedef struct Text
{
	const uint8 *data;
	uint32		len;
} Text;

/* the form of a ref that is not a 64-bit number, in its first byte */
#define REF_TEXT	't'			/* followed by its bytes */
#define REF_UUID	'u'			/* followed by the 16 bytes of the uuid */

typedef struct Event
{
	int64		at;
	uint8		kind;
	uint8		has;			/* EVENT_HAS_... */
	Decimal		amount;			/* purchase, refund, expense */
	Decimal		cost;			/* 0 if it has none */
	Decimal		quantity;		/* of a purchase 1 if it has none */
	Decimal		points;			/* redemption, adjustment */
	int64		until;			/* of a grant or an adjustment; INSTANT_NEVER if none */
	int64		ref_number;
	Text		ref_text;		/* form byte and bytes */
	Text		name;			/* activity's name, grant's tier */
	Text		tags;			/* encoded list, see tags_next */
} Event;

/* an upper bound for the row of an event with those texts */
#define EVENT_ROW_FIXED		96
#define EVENT_ROW_SIZE(event) \
	(EVENT_ROW_FIXED + (event)->ref_text.len + (event)->name.len + (event)->tags.len)

static inline bool
kind_has_amount(EventKind kind)
{
	return kind == EVENT_PURCHASE || kind == EVENT_REFUND || kind == EVENT_EXPENSE;
}

static inline bool
kind_has_points(EventKind kind)
{
	return kind == EVENT_REDEMPTION || kind == EVENT_ADJUSTMENT;
}

static inline bool
kind_has_name(EventKind kind)
{
	return kind == EVENT_ACTIVITY || kind == EVENT_GRANT;
}

/* row.c: the stored row */
extern uint8 *event_write(uint8 *p, const Event *event);
extern const uint8 *event_read(const uint8 *p, const uint8 *end, Event *event);
extern bool event_shape_is_valid(uint64 shape);
extern bool event_texts_fit(const Event *event);
extern bool event_is_valid(const Event *event);
extern void event_init(Event *event, EventKind kind, int64 at);

/* tags: a list keeps its order and repeats */
extern const uint8 *tags_next(const uint8 *p, const uint8 *end, Text *tag);
extern int	tags_count(Text tags);
extern bool tags_contain(Text tags, const char *tag, size_t len);
extern bool tags_is_valid(Text tags);

/* refs: one text value however it came */
extern void ref_from_text(Event *event, const char *text, size_t len, uint8 *space);
extern size_t ref_to_text(const Event *event, char *buf);
#define REF_TEXT_SIZE (EVENT_MAX_TEXT + 1)
#define REF_SPACE (EVENT_MAX_TEXT + 1)
extern bool ref_equal(const Event *a, const Event *b);

static inline bool
event_has_ref(const Event *event)
{
	return (event->has & (EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT)) != 0;
}

/* order.c: the order of a history, and so of a fold */
extern int	event_compare(const Event *a, const Event *b);
extern int	ref_compare(const Event *a, const Event *b);

/* text.c: the readable form, a JSON object */
struct JsonNode;
extern void event_to_json(StringInfo out, const Event *event);
extern void event_from_json(const struct JsonNode *node, Event *event, StringInfo space);

/* Bytes that cannot be what this module wrote (XX001). */
loyalty_compat_noreturn extern void event_damaged(const char *type);

#endif							/* LOYALTY_EVENT_H */
