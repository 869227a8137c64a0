/*
 * member.c
 *		Who is a member of a paid plan: see member.h.
 */
#include "postgres.h"

#include "subscription/member.h"

#include "miscadmin.h"

/* Does the segment, as long as it is in force, make its customer a member? */
static bool
makes_member(const Segment *segment, const Text *plans, int nplans)
{
	if (segment->amount < 0 || segment->at == segment->end || segment->plan.len == 0)
		return false;
	for (int i = 0; i < nplans; i++)
	{
		if (text_equal(segment->plan, plans[i]))
			return true;
	}
	return false;
}

bool
membership_in_force(const Segments *segments, const Text *plans, int nplans, int64 asof)
{
	for (int i = 0; i < segments->n; i++)
	{
		if (segment_in_force(&segments->list[i], asof) && makes_member(&segments->list[i], plans, nplans))
			return true;
	}
	return false;
}

/* The next renewal of a segment, on a heap with the earliest on top. */
typedef struct Renewal
{
	int64		at;
	int64		nth;
	const Segment *segment;
	Terms		terms;
} Renewal;

static void
sift_down(Renewal *heap, int n, int i)
{
	Renewal		moved = heap[i];

	for (;;)
	{
		int			child = 2 * i + 1;

		if (child >= n)
			break;
		if (child + 1 < n && heap[child + 1].at < heap[child].at)
			child++;
		if (heap[child].at >= moved.at)
			break;
		heap[i] = heap[child];
		i = child;
	}
	heap[i] = moved;
}

/*
 * How many distinct instants after `first`, up to `asof`, begin a term: the
 * renewals of the segments, and the starts of those that are their own anchor.
 */
static int64
count_terms(const Segment *const *paid, int n, const Zone *zone, int64 first, int64 asof)
{
	Renewal    *heap = palloc(n * sizeof(Renewal));
	int			nheap = 0;
	int64		last = first;
	int64		count = 0;

	for (int i = 0; i < n; i++)
	{
		const Segment *segment = paid[i];
		Renewal    *next = &heap[nheap];

		next->segment = segment;
		terms_init(&next->terms, zone, &segment->every, segment->anchor);
		next->nth = terms_next(&next->terms, Max(first + 1, segment->at));
		next->at = terms_nth(&next->terms, next->nth);
		if (next->at <= asof && next->at < segment->end)
			nheap++;
	}
	for (int i = nheap / 2 - 1; i >= 0; i--)
		sift_down(heap, nheap, i);
	while (nheap > 0)
	{
		Renewal    *top = &heap[0];

		CHECK_FOR_INTERRUPTS();
		if (top->at > last)
		{
			last = top->at;
			count++;
		}
		top->at = terms_nth(&top->terms, ++top->nth);
		if (top->at > asof || top->at >= top->segment->end)
			heap[0] = heap[--nheap];
		if (nheap > 0)
			sift_down(heap, nheap, 0);
	}
	pfree(heap);
	return count;
}

void
membership_at(const Segments *segments, const Text *plans, int nplans, const Zone *zone, int64 asof,
			  Membership *membership)
{
	const Segment **paid = palloc(Max(segments->n, 1) * sizeof(Segment *));
	int			npaid = 0;		/* of the last run */

	memset(membership, 0, sizeof(*membership));
	membership->renews_at = INSTANT_NEVER;
	for (int i = 0; i < segments->n; i++)
	{
		const Segment *segment = &segments->list[i];

		if (!makes_member(segment, plans, nplans))
			continue;
		if (!membership->ever || segment->at > membership->until)
		{
			/* a gap starts a new run */
			membership->ever = true;
			membership->since = segment->at;
			membership->until = segment->end;
			npaid = 0;
		}
		membership->until = Max(membership->until, segment->end);
		if (segment->amount == 0)
			continue;
		paid[npaid++] = segment;
		if (segment_in_force(segment, asof))
		{
			membership->paying = true;
			membership->renews_at = Min(membership->renews_at, segment_renewal(segment, zone, asof + 1));
		}
	}
	membership->member = membership->ever && asof < membership->until;
	if (npaid > 0)
		membership->term = 1 + count_terms(paid, npaid, zone, paid[0]->at, asof);
	pfree(paid);
}
