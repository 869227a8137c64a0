/*
 * spells.c
 *		What sBG sees of a history: the unbroken times with a contract.
 */
#include "postgres.h"

#include "history/history_value.h"
#include "worth/spells.h"

#include "miscadmin.h"

/* ---------------- segments ---------------- */

typedef struct Segment
{
	bool		has_ref;
	bool		is_text;
	bool		counts;			/* a contract, as opposed to another promise of its ref */
	int64		ref;			/* the number, or which of the distinct texts */
	int64		start;
	int64		end;
	Decimal		amount;
} Segment;

static int
compare_refs(const Segment *a, const Segment *b)
{
	if (a->has_ref != b->has_ref)
		return a->has_ref ? 1 : -1;
	if (a->is_text != b->is_text)
		return a->is_text ? 1 : -1;
	if (a->ref != b->ref)
		return a->ref < b->ref ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

#define ST_SORT sort_by_ref
#define ST_ELEMENT_TYPE Segment
#define ST_COMPARE(a, b) compare_refs(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT sort_by_start
#define ST_ELEMENT_TYPE Segment
#define ST_COMPARE(a, b) ((a)->start < (b)->start ? -1 : (a)->start > (b)->start)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static bool
is_contract(const Event *event, const Span *unit)
{
	return event->amount > 0 && event->every == (unit->months > 0 ? unit->months : -(int64) unit->days);
}

static uint64
gather(HistoryCursor *cursor, const Span *unit, int64 asof, Segment *segments)
{
	Event		event;
	uint64		n = 0;

	while (history_next(cursor, &event) && event.at <= asof)
	{
		Segment    *segment = &segments[n];

		if (event.kind != EVENT_SUBSCRIPTION)
			continue;
		segment->has_ref = event_has_ref(&event);
		segment->is_text = (event.has & EVENT_HAS_REF_TEXT) != 0;
		segment->ref = segment->is_text ? (int64) cursor->columns[ATTRIBUTE_REF_TEXT].id : event.ref_number;
		segment->counts = is_contract(&event, unit);
		segment->start = event.at;
		segment->end = event.until;
		segment->amount = event.amount;
		if (!segment->has_ref)
			segment->ref = 0;
		n++;
	}
	return n;
}

static bool
same_ref(const Segment *a, const Segment *b)
{
	return a->has_ref && b->has_ref && a->is_text == b->is_text && a->ref == b->ref;
}

/* The next state of a ref ends the one before it; lines of one instant are one state. */
static void
end_states(Segment *segments, uint64 n)
{
	int64		next = INSTANT_NEVER;

	sort_by_ref(segments, n);
	for (uint64 i = n; i-- > 0;)
	{
		if (i + 1 == n || !same_ref(&segments[i], &segments[i + 1]))
			next = INSTANT_NEVER;
		else if (segments[i].start < segments[i + 1].start)
			next = segments[i + 1].start;
		segments[i].end = Min(segments[i].end, next);
	}
}

/* Those that count, with what has not happened by then taken off. */
static uint64
keep_contracts(Segment *segments, uint64 n, int64 asof)
{
	uint64		kept = 0;

	for (uint64 i = 0; i < n; i++)
	{
		if (!segments[i].counts || segments[i].start >= segments[i].end)
			continue;
		segments[kept] = segments[i];
		if (segments[kept].end > asof)
			segments[kept].end = INSTANT_NEVER;
		kept++;
	}
	return kept;
}

/* ---------------- spells ---------------- */

int
spells_look(Datum history, const Span *unit, int64 asof, Spell **spells)
{
	HistoryCursor cursor;
	Segment    *segments;
	uint64		n;
	int			count = 0;

	history_open_datum(&cursor, history);
	segments = palloc_extended(Max(cursor.n, 1) * sizeof(Segment), MCXT_ALLOC_HUGE);
	n = gather(&cursor, unit, asof, segments);
	end_states(segments, n);
	n = keep_contracts(segments, n, asof);
	sort_by_start(segments, n);

	*spells = palloc_extended(Max(n, 1) * sizeof(Spell), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < n; i++)
	{
		const Segment *segment = &segments[i];
		Spell	   *spell = count > 0 ? &(*spells)[count - 1] : NULL;

		if (spell == NULL || segment->start > spell->end)
		{
			spell = &(*spells)[count++];
			spell->start = segment->start;
			spell->end = segment->end;
			spell->first_amount = 0;
			spell->last_amount = 0;
		}
		if (segment->start == spell->start)
			spell->first_amount += segment->amount;
		if (segment->end > spell->end)
		{
			spell->end = segment->end;
			spell->last_amount = 0;
		}
		if (segment->end == spell->end)
			spell->last_amount += segment->amount;
	}
	pfree(segments);
	return count;
}

/* ---------------- renewals ---------------- */

void
dues_begin(Dues *dues, const Zone *zone, const Span *unit, int64 start)
{
	dues->zone = zone;
	dues->unit = *unit;
	dues->hint = 0;
	dues->start = zone_to_local(zone, start, &dues->hint);
}

int64
dues_at(Dues *dues, int k)
{
	int64		local = local_add(dues->start, &dues->unit, k);
	int64		at;

	if (local >= INSTANT_LIMIT + USECS_PER_DAY)
		return INSTANT_NEVER;
	at = zone_from_local(dues->zone, local, &dues->hint);
	return at >= INSTANT_LIMIT ? INSTANT_NEVER : at;
}

int
dues_before(Dues *dues, int64 at)
{
	int			least = 0;
	int			next;			/* one that is not */

	/* no month is shorter than 28 days */
	next = (int) (Max(at - dues->start, 0) / USECS_PER_DAY / (dues->unit.months > 0 ? 28 * dues->unit.months : dues->unit.days)) + 3;
	while (next - least > 1)
	{
		int			k = least + (next - least) / 2;

		if (dues_at(dues, k) < at)
			least = k;
		else
			next = k;
	}
	return least;
}
