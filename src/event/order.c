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

#define CMP(a, b) ((a) < (b) ? -1 : (a) > (b))

static int
compare_bytes(const uint8 *a, size_t alen, const uint8 *b, size_t blen)
{
	int			c = memcmp(a, b, Min(alen, blen));

	return c != 0 ? c : CMP(alen, blen);
}

static int
compare_texts(Text a, Text b)
{
	if (a.len == 0 || b.len == 0)
		return CMP(a.len, b.len);
	return compare_bytes(a.data, a.len, b.data, b.len);
}

/* a canonical integer beyond 64 bits, which only a text ref can be */
static bool
is_large_number(const char *text, size_t len)
{
	size_t		i = (len > 0 && text[0] == '-');

	if (len < 19 || text[i] == '0')
		return false;
	for (; i < len; i++)
	{
		if (text[i] < '0' || text[i] > '9')
			return false;
	}
	return true;
}

/* canonical integers by value */
static int
compare_numbers(const char *a, size_t alen, const char *b, size_t blen)
{
	bool		aminus = a[0] == '-';
	bool		bminus = b[0] == '-';
	int			c;

	if (aminus != bminus)
		return aminus ? -1 : 1;
	c = alen != blen ? CMP(alen, blen) : memcmp(a, b, alen);
	return aminus ? -c : c;
}

int
ref_compare(const Event *a, const Event *b)
{
	char		atext[REF_TEXT_SIZE];
	char		btext[REF_TEXT_SIZE];
	size_t		alen;
	size_t		blen;
	bool		anumber;
	bool		bnumber;

	if ((a->has & EVENT_HAS_REF_NUMBER) && (b->has & EVENT_HAS_REF_NUMBER))
		return CMP(a->ref_number, b->ref_number);
	if (!event_has_ref(a) || !event_has_ref(b))
		return event_has_ref(b) - event_has_ref(a);

	alen = ref_to_text(a, atext);
	blen = ref_to_text(b, btext);
	anumber = (a->has & EVENT_HAS_REF_NUMBER) || is_large_number(atext, alen);
	bnumber = (b->has & EVENT_HAS_REF_NUMBER) || is_large_number(btext, blen);
	if (anumber && bnumber)
		return compare_numbers(atext, alen, btext, blen);
	if (anumber != bnumber)
		return anumber ? -1 : 1;
	return compare_bytes((uint8 *) atext, alen, (uint8 *) btext, blen);
}

int
event_compare(const Event *a, const Event *b)
{
	int			c;

	if (a->at != b->at)
		return CMP(a->at, b->at);
	if (a->kind != b->kind)
		return CMP(a->kind, b->kind);
	if ((c = ref_compare(a, b)) != 0)
		return c;
	if (a->amount != b->amount)
		return CMP(a->amount, b->amount);
	if (a->cost != b->cost)
		return CMP(a->cost, b->cost);
	if (a->quantity != b->quantity)
		return CMP(a->quantity, b->quantity);
	if (a->points != b->points)
		return CMP(a->points, b->points);
	if (kind_has_name(a->kind) && (c = compare_texts(a->name, b->name)) != 0)
		return c;
	if (a->until != b->until)
		return CMP(a->until, b->until);
	if ((c = compare_texts(a->tags, b->tags)) != 0)
		return c;

	/* a quantity of zero is not the same as none */
	return CMP(a->has, b->has);
}
