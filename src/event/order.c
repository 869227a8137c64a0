/*
 * order.c
 *		The order of a history's events, and so the order of a fold.
 *
 * Instants first; within one the kinds in their order, then refs (numbers by
 * value, texts bytewise, none last), then the events' own content.  Only equal
 * events compare equal, so the order in which rows arrive leaves no trace.
 */
#include "postgres.h"

#include "event/event.h"

/* content, what counts more first */
static const Attribute contents[] = {
	ATTRIBUTE_AMOUNT, ATTRIBUTE_COST, ATTRIBUTE_QUANTITY, ATTRIBUTE_POINTS, ATTRIBUTE_EVERY,
	ATTRIBUTE_NAME, ATTRIBUTE_UNTIL, ATTRIBUTE_TAGS
};

StaticAssertDecl(lengthof(contents) == ATTRIBUTES - 2, "every attribute but the refs has its place in the order");

/* how long terms are, as intervals compare: a month is 30 days */
static int64
length_of(int64 every)
{
	return every > 0 ? every * DAYS_PER_MONTH : -every;
}

static int
compare_attribute(const Event *a, const Event *b, Attribute attribute)
{
	int64		x;
	int64		y;

	switch (event_attributes[attribute].sort)
	{
		case VALUE_TERM:
			x = length_of(*event_number(a, attribute));
			y = length_of(*event_number(b, attribute));
			return CMP(x, y);
		case VALUE_DECIMAL:
		case VALUE_INSTANT:
		case VALUE_REF_NUMBER:
			x = *event_number(a, attribute);
			y = *event_number(b, attribute);
			return CMP(x, y);
		case VALUE_REF_TEXT:
		case VALUE_NAME:
			return text_compare(*event_text(a, attribute), *event_text(b, attribute));
		case VALUE_TAGS:
			return tags_compare(*event_text(a, attribute), *event_text(b, attribute));
	}
	pg_unreachable();
}

int
event_compare(const Event *a, const Event *b)
{
	int			c;

	if (a->at != b->at)
		return CMP(a->at, b->at);
	if (a->kind != b->kind)
		return CMP(event_kinds[a->kind].place, event_kinds[b->kind].place);
	if ((c = ref_compare(a, b)) != 0)
		return c;
	for (size_t i = 0; i < lengthof(contents); i++)
	{
		if ((c = compare_attribute(a, b, contents[i])) != 0)
			return c;
	}

	/* a month is not 30 days, nor a quantity of zero none */
	return a->every != b->every ? CMP(a->every, b->every) : CMP(a->has, b->has);
}
