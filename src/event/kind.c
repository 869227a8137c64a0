/*
 * kind.c
 *		The kinds of event, and what an event may carry: two tables.
 *
 * A new kind is a row here, its number in event.h, a constructor, and whatever
 * the rooms make of it that read it.  A new attribute is a row, its number, and
 * a field of Event.
 */
#include "postgres.h"

#include "event/event.h"

const AttributeInfo event_attributes[ATTRIBUTES] = {
	[ATTRIBUTE_COST] = {"cost", VALUE_DECIMAL, offsetof(Event, cost)},
	[ATTRIBUTE_REF_NUMBER] = {"ref", VALUE_REF_NUMBER, offsetof(Event, ref_number)},
	[ATTRIBUTE_TAGS] = {"tags", VALUE_TAGS, offsetof(Event, tags)},
	[ATTRIBUTE_REF_TEXT] = {"ref", VALUE_REF_TEXT, offsetof(Event, ref_text)},
	[ATTRIBUTE_QUANTITY] = {"quantity", VALUE_DECIMAL, offsetof(Event, quantity)},
	[ATTRIBUTE_UNTIL] = {"until", VALUE_INSTANT, offsetof(Event, until)},
	[ATTRIBUTE_NAME] = {"name", VALUE_NAME, offsetof(Event, name)},
	[ATTRIBUTE_AMOUNT] = {"amount", VALUE_DECIMAL, offsetof(Event, amount)},
	[ATTRIBUTE_POINTS] = {"points", VALUE_DECIMAL, offsetof(Event, points)},
	[ATTRIBUTE_EVERY] = {"every", VALUE_TERM, offsetof(Event, every)},
};

/* what lines of an order carry */
#define LINE	(EVENT_HAS_COST | EVENT_HAS_QUANTITY | EVENT_HAS_TAGS | EVENT_HAS_REF)

const Kind	event_kinds[EVENT_KINDS] = {
	[EVENT_SUBSCRIPTION] = {
		.name = "subscription", .place = 0,
		.needs = EVENT_HAS_AMOUNT | EVENT_HAS_EVERY,
		.may_have = EVENT_HAS_NAME | EVENT_HAS_QUANTITY | EVENT_HAS_UNTIL | EVENT_HAS_TAGS | EVENT_HAS_REF,
		.not_negative = EVENT_HAS_QUANTITY,
		.name_key = "plan", .quantity = DECIMAL_ONE, .every = 1,
		/* it may end a plan, or begin one for which points become a voucher */
		.effect = EFFECT_LOWERS,
		.is_for_rules = true,
	},
	[EVENT_ACTIVITY] = {
		.name = "activity", .place = 1,
		.needs = EVENT_HAS_NAME, .may_have = EVENT_HAS_REF,
		.is_for_rules = true,
	},
	[EVENT_PURCHASE] = {
		.name = "purchase", .place = 2,
		.needs = EVENT_HAS_AMOUNT, .may_have = LINE,
		.quantity = DECIMAL_ONE,
		.revenue = 1, .cost = 1, .effect_negative = EFFECT_LOWERS,
		.is_for_rules = true,
	},
	[EVENT_REFUND] = {
		.name = "refund", .place = 3,
		.needs = EVENT_HAS_AMOUNT, .may_have = LINE,
		.not_negative = EVENT_HAS_AMOUNT | EVENT_HAS_COST | EVENT_HAS_QUANTITY,
		.revenue = -1, .cost = -1, .effect = EFFECT_LOWERS,
		.is_for_rules = true,
	},
	[EVENT_REDEMPTION] = {
		.name = "redemption", .place = 4,
		.needs = EVENT_HAS_POINTS, .may_have = EVENT_HAS_REF,
		.positive = EVENT_HAS_POINTS,
		.effect = EFFECT_SPENDS,
		.is_for_rules = true,
	},
	[EVENT_ADJUSTMENT] = {
		.name = "adjustment", .place = 5,
		.needs = EVENT_HAS_POINTS, .may_have = EVENT_HAS_UNTIL | EVENT_HAS_TAGS | EVENT_HAS_REF,
		.until_key = "expires",
		.effect_negative = EFFECT_SPENDS,
		.is_for_rules = true,
	},
	[EVENT_EXPENSE] = {
		.name = "expense", .place = 6,
		.needs = EVENT_HAS_AMOUNT, .may_have = EVENT_HAS_TAGS,
		.expense = 1,
		.is_for_rules = true,
	},
	[EVENT_GRANT] = {
		.name = "grant", .place = 7,
		.needs = EVENT_HAS_NAME, .may_have = EVENT_HAS_UNTIL,
		.name_key = "tier",
		.is_for_rules = true,
	},
	[EVENT_USAGE] = {
		.name = "usage", .place = 8,
		.needs = EVENT_HAS_NAME, .may_have = EVENT_HAS_QUANTITY | EVENT_HAS_TAGS | EVENT_HAS_REF,
		.name_key = "meter", .quantity = DECIMAL_ONE,
	},
	[EVENT_ADVANCE] = {
		.name = "advance", .place = 9,
		.needs = EVENT_HAS_AMOUNT, .may_have = EVENT_HAS_NAME | EVENT_HAS_REF,
		.positive = EVENT_HAS_AMOUNT,
		.name_key = "terms",
	},
	[EVENT_REPAYMENT] = {
		.name = "repayment", .place = 10,
		.needs = EVENT_HAS_AMOUNT, .may_have = EVENT_HAS_REF,
		.positive = EVENT_HAS_AMOUNT,
	},
};

int
event_kind_from_name(const char *name)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++)
	{
		if (strcmp(name, event_kinds[kind].name) == 0)
			return kind;
	}
	return -1;
}

const char *
event_key(EventKind kind, Attribute attribute)
{
	if (attribute == ATTRIBUTE_NAME && event_kinds[kind].name_key)
		return event_kinds[kind].name_key;
	if (attribute == ATTRIBUTE_UNTIL && event_kinds[kind].until_key)
		return event_kinds[kind].until_key;
	return event_attributes[attribute].key;
}

Effect
event_effect(const Event *event)
{
	const Kind *kind = &event_kinds[event->kind];
	bool		negative = event->amount < 0 || event->quantity < 0 || event->points < 0;

	return negative ? Max(kind->effect, kind->effect_negative) : kind->effect;
}
