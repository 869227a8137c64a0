/*
 * event.h
 *		One thing that happened to one customer.
 *
 * In memory an event is the struct below; stored, and in the running state of
 * an aggregate, it is a row: a few bytes that row.c writes and reads.  What
 * kinds there are, and what an event may carry, stands in two tables in kind.c:
 * rows, texts, the order and packed histories follow these.
 */
#ifndef LOYALTY_EVENT_H
#define LOYALTY_EVENT_H

#include "base/bytes.h"
#include "base/calendar.h"
#include "base/compat.h"
#include "base/decimal.h"

#include "lib/stringinfo.h"

/* Kinds.  The numbers are stored; the order within an instant is Kind's place. */
typedef enum EventKind
{
	EVENT_ACTIVITY = 0,
	EVENT_PURCHASE = 1,
	EVENT_REFUND = 2,
	EVENT_REDEMPTION = 3,
	EVENT_ADJUSTMENT = 4,
	EVENT_EXPENSE = 5,
	EVENT_GRANT = 6,
	EVENT_SUBSCRIPTION = 7,
	EVENT_USAGE = 8,
	EVENT_ADVANCE = 9,
	EVENT_REPAYMENT = 10,
} EventKind;

#define EVENT_KINDS 11

/*
 * What an event carries beside its instant.  The numbers are stored: they are
 * the bits of a row's shape, and the order of its values.  A new one goes last.
 */
typedef enum Attribute
{
	ATTRIBUTE_COST = 0,
	ATTRIBUTE_REF_NUMBER = 1,
	ATTRIBUTE_TAGS = 2,
	ATTRIBUTE_REF_TEXT = 3,
	ATTRIBUTE_QUANTITY = 4,
	ATTRIBUTE_UNTIL = 5,
	ATTRIBUTE_NAME = 6,
	ATTRIBUTE_AMOUNT = 7,
	ATTRIBUTE_POINTS = 8,
	ATTRIBUTE_EVERY = 9,
} Attribute;

#define ATTRIBUTES 10

#define EVENT_HAS(attribute)	(UINT32_C(1) << (attribute))
#define EVENT_HAS_COST			EVENT_HAS(ATTRIBUTE_COST)
#define EVENT_HAS_REF_NUMBER	EVENT_HAS(ATTRIBUTE_REF_NUMBER)
#define EVENT_HAS_TAGS			EVENT_HAS(ATTRIBUTE_TAGS)
#define EVENT_HAS_REF_TEXT		EVENT_HAS(ATTRIBUTE_REF_TEXT)
#define EVENT_HAS_QUANTITY		EVENT_HAS(ATTRIBUTE_QUANTITY)
#define EVENT_HAS_UNTIL			EVENT_HAS(ATTRIBUTE_UNTIL)
#define EVENT_HAS_NAME			EVENT_HAS(ATTRIBUTE_NAME)
#define EVENT_HAS_AMOUNT		EVENT_HAS(ATTRIBUTE_AMOUNT)
#define EVENT_HAS_POINTS		EVENT_HAS(ATTRIBUTE_POINTS)
#define EVENT_HAS_EVERY			EVENT_HAS(ATTRIBUTE_EVERY)
#define EVENT_HAS_REF			(EVENT_HAS_REF_NUMBER | EVENT_HAS_REF_TEXT)

/* Limits, so that every allocation is bounded by what one row can hold. */
#define EVENT_MAX_TAGS		64
#define EVENT_MAX_TEXT		255 /* bytes of a tag, name, tier or ref */
#define EVENT_MAX_MONTHS	12000	/* of a term: 1000 years */
#define EVENT_MAX_DAYS		366000

typedef struct Text
{
	const uint8 *data;
	uint32		len;
} Text;

#define CMP(a, b) ((a) < (b) ? -1 : (a) > (b))

/* bytewise; what begins another comes before it */
static inline int
text_compare(Text a, Text b)
{
	uint32		len = Min(a.len, b.len);
	int			c = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return c != 0 ? c : CMP(a.len, b.len);
}

/* the same; none comes last */
static inline int
text_compare_or_none(Text a, Text b)
{
	return a.len == 0 || b.len == 0 ? (a.len == 0) - (b.len == 0) : text_compare(a, b);
}

static inline bool
text_equal(Text a, Text b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* the form of a ref that is not a 64-bit number, in its first byte */
#define REF_TEXT	't'			/* followed by its bytes */
#define REF_UUID	'u'			/* followed by the 16 bytes of the uuid */

typedef struct Event
{
	int64		at;
	uint32		has;			/* EVENT_HAS_..., what its kind needs included */
	uint8		kind;
	Decimal		amount;
	Decimal		cost;			/* 0 if it has none */
	Decimal		quantity;		/* its kind's if it has none */
	Decimal		points;
	int64		every;			/* months, or days below 0: see event_every */
	int64		until;			/* INSTANT_NEVER if none */
	int64		ref_number;
	Text		ref_text;		/* form byte and bytes */
	Text		name;			/* of an activity, tier, plan, meter, terms */
	Text		tags;			/* encoded list, see tags_next */
} Event;

/* ---------------- kind.c ---------------- */

/* how a value is written */
typedef enum ValueSort
{
	VALUE_DECIMAL,
	VALUE_TERM,					/* stored as a decimal is */
	VALUE_INSTANT,
	VALUE_REF_NUMBER,
	VALUE_REF_TEXT,
	VALUE_NAME,
	VALUE_TAGS,
} ValueSort;

typedef struct AttributeInfo
{
	const char *key;			/* in the text form; a kind may have a word of its own */
	ValueSort	sort;
	size_t		place;			/* in the struct */
} AttributeInfo;

extern const AttributeInfo event_attributes[ATTRIBUTES];

/* what an event may do to a balance of points: see event_effect */
typedef enum Effect
{
	EFFECT_RAISES,				/* at most */
	EFFECT_LOWERS,
	EFFECT_SPENDS,				/* points, by the customer's or the shop's will */
} Effect;

typedef struct Kind
{
	const char *name;
	uint8		place;			/* in the order of an instant */
	uint32		needs;			/* what makes such an event */
	uint32		may_have;
	uint32		not_negative;
	uint32		positive;
	const char *name_key;		/* what the text form calls its name and end, if not so */
	const char *until_key;
	Decimal		quantity;		/* of one that does not say; 0: none */
	int64		every;
	int			revenue;		/* sign of its amount in revenue, */
	int			expense;		/* in cost, */
	int			cost;			/* and of its cost in cost */
	Effect		effect;
	Effect		effect_negative;	/* of one with a number below 0 */
	bool		is_for_rules;	/* do programs see it? */
} Kind;

extern const Kind event_kinds[EVENT_KINDS];

/* The kind of that name, or -1. */
extern int	event_kind_from_name(const char *name);
/* The word for an attribute in events of a kind. */
extern const char *event_key(EventKind kind, Attribute attribute);
extern Effect event_effect(const Event *event);

/* The bits of a set of attributes, one after the other: while (next_attribute(&set, &a)) */
static inline bool
next_attribute(uint32 *set, Attribute *attribute)
{
	if (*set == 0)
		return false;
	*attribute = (Attribute) pg_rightmost_one_pos32(*set);
	*set &= *set - 1;
	return true;
}

/* where an event keeps a value: numbers, terms and instants, or texts */
static inline int64 *
event_number(const Event *event, Attribute attribute)
{
	return (int64 *) ((char *) unconstify(Event *, event) + event_attributes[attribute].place);
}

static inline Text *
event_text(const Event *event, Attribute attribute)
{
	return (Text *) ((char *) unconstify(Event *, event) + event_attributes[attribute].place);
}

static inline bool
event_has_ref(const Event *event)
{
	return (event->has & EVENT_HAS_REF) != 0;
}

/* Whether a value goes without saying: a cost of 0, the quantity that its kind has anyway. */
static inline bool
event_implies(const Event *event, Attribute attribute)
{
	Decimal		quantity = event_kinds[event->kind].quantity;

	return attribute == ATTRIBUTE_COST ? event->cost == 0 :
		attribute == ATTRIBUTE_QUANTITY && quantity != 0 && event->quantity == quantity;
}

/* The event has a value now, unless that goes without saying. */
static inline void
event_note(Event *event, Attribute attribute)
{
	if (!event_implies(event, attribute))
		event->has |= EVENT_HAS(attribute);
}

/* what a subscription's amount is paid for */
static inline Span
event_every(const Event *event)
{
	Span		span = {0, 0, 0};

	if (event->every > 0)
		span.months = (int32) event->every;
	else
		span.days = (int32) -event->every;
	return span;
}

/* An event of a kind that has what its kind needs, yet without values. */
static inline void
event_init(Event *event, EventKind kind, int64 at)
{
	const Kind *k = &event_kinds[kind];

	/* in two steps, each so short that the compiler needs no loop for it: this is done for every event read */
	memset(&event->amount, 0, offsetof(Event, ref_text) - offsetof(Event, amount));
	memset(&event->ref_text, 0, sizeof(*event) - offsetof(Event, ref_text));
	event->at = at;
	event->kind = (uint8) kind;
	event->has = k->needs;
	event->quantity = k->quantity;
	event->every = k->every;
	event->until = INSTANT_NEVER;
}

/* ---------------- row.c: the stored row ---------------- */

/* The shape of an event: its kind, and what it has beyond what the kind needs. */
#define SHAPE_KIND_BITS	5

static inline uint64
event_shape(const Event *event)
{
	return (uint64) (event->has & ~event_kinds[event->kind].needs) << SHAPE_KIND_BITS | event->kind;
}

/* false if no event has such a shape */
extern bool event_from_shape(uint64 shape, EventKind *kind, uint32 *has);

/* an upper bound for the row of an event with those texts */
#define EVENT_ROW_FIXED		96
#define EVENT_ROW_SIZE(event) \
	(EVENT_ROW_FIXED + (event)->ref_text.len + (event)->name.len + (event)->tags.len)

extern uint8 *event_write(uint8 *p, const Event *event);
extern const uint8 *event_read(const uint8 *p, const uint8 *end, Event *event);

/* Whether terms and texts are such as code that reads them relies on. */
#define EVENT_HAS_CHECKED (EVENT_HAS_EVERY | EVENT_HAS_NAME | EVENT_HAS_TAGS | EVENT_HAS_REF_TEXT)
extern bool event_is_sound(const Event *event);

/* What no constructor would have made: NULL, or the rule that is broken, and by which attribute. */
extern const char *event_fault(const Event *event, Attribute *attribute);

/* Whether an event that was read could have been made by a constructor. */
extern bool event_is_valid(const Event *event);

/* ---------------- tags.c: a list keeps its order and repeats ---------------- */

extern const uint8 *tags_next(const uint8 *p, const uint8 *end, Text *tag);
extern int	tags_count(Text tags);
extern bool tags_contain(Text tags, const char *tag, size_t len);
extern bool tags_is_valid(Text tags);
extern int	tags_compare(Text a, Text b);

/* ---------------- ref.c: one text value however it came ---------------- */

extern void ref_from_text(Event *event, const char *text, size_t len, uint8 *space);
extern size_t ref_to_text(const Event *event, char *buf);
#define REF_TEXT_SIZE (EVENT_MAX_TEXT + 1)
#define REF_SPACE (EVENT_MAX_TEXT + 1)
extern bool ref_equal(const Event *a, const Event *b);
extern int	ref_compare(const Event *a, const Event *b);
extern bool ref_is_canonical(const Event *event);

/* ---------------- order.c: the order of a history, and so of a fold ---------------- */

extern int	event_compare(const Event *a, const Event *b);

/* ---------------- text.c: the readable form, a JSON object ---------------- */

struct JsonNode;
extern void event_to_json(StringInfo out, const Event *event);
extern void event_from_json(const struct JsonNode *node, Event *event, StringInfo space);

#endif							/* LOYALTY_EVENT_H */
