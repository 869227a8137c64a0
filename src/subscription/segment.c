/*
 * segment.c
 *		What subscription events promise: see segment.h.
 */
#include "postgres.h"

#include "subscription/segment.h"

#include "miscadmin.h"

#define ST_SORT sort_steps
#define ST_ELEMENT_TYPE Step
#define ST_COMPARE(a, b) ((a)->at < (b)->at ? -1 : (a)->at > (b)->at)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static int
compare_refs(const Segment *list, int a, int b)
{
	if (list[a].ref_form != list[b].ref_form)
		return list[a].ref_form - list[b].ref_form;
	if (list[a].ref_key != list[b].ref_key)
		return list[a].ref_key < list[b].ref_key ? -1 : 1;
	return a - b;
}

#define ST_SORT sort_by_ref
#define ST_ELEMENT_TYPE int
#define ST_COMPARE_ARG_TYPE const Segment
#define ST_COMPARE(a, b, list) compare_refs(list, *(a), *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

int *
segments_by_ref(const Segments *segments)
{
	int		   *by_ref = palloc_extended(Max(segments->n, 1) * sizeof(int), MCXT_ALLOC_HUGE);

	for (int i = 0; i < segments->n; i++)
		by_ref[i] = i;
	sort_by_ref(by_ref, segments->n, segments->list);
	return by_ref;
}

/* What is handed on to lines of this term and sign, or NULL. */
static Handed *
handover_find(const Handover *handover, const Span *every, Decimal amount)
{
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; amount != 0 && i < handover->n; i++)
	{
		Handed	   *handed = &handover->list[i];

		if (handed->every.months == every->months && handed->every.days == every->days &&
			handed->is_discount == (amount < 0))
			return handed;
	}
	return NULL;
}

void
handover_add(Handover *handover, const Segment *before, int64 at)
{
	Handed	   *handed;

	if (before->amount == 0 || before->end < at || before->at >= at)
		return;
	handed = handover_find(handover, &before->every, before->amount);
	if (handed)
	{
		handed->anchor = Min(handed->anchor, before->anchor);
		return;
	}
	if (handover->n == handover->room)
	{
		handover->room = Max(8, 2 * handover->room);
		handover->list = handover->list == NULL ? palloc(handover->room * sizeof(Handed)) :
			repalloc_huge(handover->list, handover->room * sizeof(Handed));
	}
	handover->list[handover->n++] = (Handed) {before->every, before->amount < 0, before->anchor};
}

int64
handover_anchor(const Handover *handover, int64 at, const Span *every, Decimal amount)
{
	const Handed *handed = handover_find(handover, every, amount);

	return handed ? handed->anchor : at;
}

/* The states of one ref, in order; the handover is for use. */
static void
link_ref(Segment *list, const int *of_ref, int n, Handover *handover)
{
	int			before = 0;		/* of the state before, the first ... */
	int			nbefore = 0;	/* ... and how many */

	for (int from = 0; from < n;)
	{
		int64		at = list[of_ref[from]].at;
		int			next = from;
		bool		in_force = false;

		for (; next < n && list[of_ref[next]].at == at; next++)
			in_force |= list[of_ref[next]].until > at;
		handover->n = 0;
		for (int i = before; i < before + nbefore; i++)
		{
			Segment    *old = &list[of_ref[i]];

			old->end = Min(old->end, at);
			old->followed = in_force && old->end == at;
			handover_add(handover, old, at);
		}
		for (int i = from; i < next; i++)
			list[of_ref[i]].anchor = handover_anchor(handover, at, &list[of_ref[i]].every, list[of_ref[i]].amount);
		before = from;
		nbefore = next - from;
		from = next;
	}
}

void
segments_link(Segments *segments)
{
	Segment    *list = segments->list;
	Handover	handover = {0};
	int		   *by_ref;

	for (int i = 0; i < segments->n; i++)
	{
		list[i].end = list[i].until;
		list[i].anchor = list[i].at;
		list[i].followed = false;
	}
	if (segments->n < 2)
		return;
	by_ref = segments_by_ref(segments);
	for (int from = 0; from < segments->n;)
	{
		int			next = from + 1;

		while (next < segments->n && segments_same_ref(&list[by_ref[next]], &list[by_ref[from]]))
			next++;
		if (next > from + 1)
			link_ref(list, &by_ref[from], next - from, &handover);
		from = next;
	}
	if (handover.list)
		pfree(handover.list);
	pfree(by_ref);
}

/* Room for more, no more than there can be. */
static void
segments_grow(Segments *segments, size_t *room, uint64 nevents, bool with_events)
{
	*room = Min(nevents, *room == 0 ? 64 : *room * 8);
	segments->list = segments->n == 0 ? palloc(*room * sizeof(Segment)) :
		repalloc_huge(segments->list, *room * sizeof(Segment));
	if (with_events)
		segments->events = segments->n == 0 ? palloc(*room * sizeof(Event)) :
			repalloc_huge(segments->events, *room * sizeof(Event));
}

void
segments_read(Segments *segments, const uint8 *history, size_t len, int64 asof, bool with_events)
{
	HistoryCursor cursor;
	Event		event;
	size_t		room = 0;

	memset(segments, 0, sizeof(*segments));
	history_open(&cursor, history, len);
	if (!history_has_kind(&cursor, EVENT_SUBSCRIPTION))
		return;
	while (history_next(&cursor, &event) && event.at <= asof)
	{
		Segment    *segment;

		if (event.kind != EVENT_SUBSCRIPTION)
			continue;
		if ((size_t) segments->n == room)
			segments_grow(segments, &room, cursor.n, with_events);
		if (with_events)
			segments->events[segments->n] = event;
		segment = &segments->list[segments->n++];
		*segment = (Segment) {
			.at = event.at, .until = event.until, .amount = event.amount, .quantity = event.quantity,
			.every = event_every(&event), .plan = event.name
		};
		if (event.has & EVENT_HAS_REF_NUMBER)
		{
			segment->ref_form = 1;
			segment->ref_key = event.ref_number;
		}
		else if (event.has & EVENT_HAS_REF_TEXT)
		{
			segment->ref_form = 2;
			segment->ref_key = cursor.columns[ATTRIBUTE_REF_TEXT].id;
		}
	}
	for (int i = 0; with_events && i < segments->n; i++)
		segments->list[i].event = &segments->events[i];
	segments_link(segments);
}

/* a quotient, half away from zero */
static int128
divide_rounded(int128 dividend, int64 divisor)
{
	int128		magnitude = dividend < 0 ? -dividend : dividend;
	int128		quotient = (2 * magnitude + divisor) / ((int128) 2 * divisor);

	return dividend < 0 ? -quotient : quotient;
}

Monthly
segment_monthly(const Segment *segment)
{
	/* from millionths to ten-thousandths of them */
	int128		amount = (int128) segment->amount * 10000;

	if (segment->every.months > 0)
		return divide_rounded(amount, segment->every.months);
	if (segment->every.days % 7 == 0)
		return divide_rounded(amount * 52, (int64) 12 * (segment->every.days / 7));
	return divide_rounded(amount * 365, (int64) 12 * segment->every.days);
}

int64
segment_renewal(const Segment *segment, const Zone *zone, int64 from)
{
	Terms		terms;
	int64		at;

	if (segment->amount == 0)
		return INSTANT_NEVER;
	terms_init(&terms, zone, &segment->every, segment->anchor);
	at = terms_nth(&terms, Max(1, terms_next(&terms, Max(from, segment->at))));
	return at < segment->end ? at : INSTANT_NEVER;
}

int
segments_steps(const Segments *segments, Step **steps)
{
	Step	   *list = palloc_extended((size_t) Max(segments->n, 1) * 2 * sizeof(Step), MCXT_ALLOC_HUGE);
	int			nchanges = 0;
	int			n = 0;
	Monthly		sum = 0;

	for (int i = 0; i < segments->n; i++)
	{
		const Segment *segment = &segments->list[i];
		Monthly		monthly;

		if (segment->at == segment->end || segment->amount == 0)
			continue;
		monthly = segment_monthly(segment);
		list[nchanges++] = (Step) {segment->at, monthly};
		if (segment->end != INSTANT_NEVER)
			list[nchanges++] = (Step) {segment->end, -monthly};
	}
	sort_steps(list, nchanges);

	/* in place: a step is never written beyond the changes that were read */
	for (int i = 0; i < nchanges;)
	{
		int64		at = list[i].at;
		Monthly		mrr;

		for (; i < nchanges && list[i].at == at; i++)
			sum += list[i].mrr;
		mrr = Max(sum, 0);
		if (mrr != (n > 0 ? list[n - 1].mrr : 0))
			list[n++] = (Step) {at, mrr};
	}
	*steps = list;
	return n;
}

Monthly
segments_mrr(const Segments *segments, int64 at)
{
	Monthly		sum = 0;

	for (int i = 0; i < segments->n && segments->list[i].at <= at; i++)
	{
		if (segment_in_force(&segments->list[i], at))
			sum += segment_monthly(&segments->list[i]);
	}
	return Max(sum, 0);
}
