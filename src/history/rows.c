/*
 * rows.c
 *		Rows on their way to a history: gathered in any order, then sorted.
 */
#include "postgres.h"

#include "document/type.h"
#include "history/history.h"
#include "history/rows.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define SPREAD_BITS 12			/* so many places are still at hand */

void
history_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("history is too large"),
			 errdetail("The events of one history must fit into 1 GB."),
			 errhint("Group by customer, so that each has a history of its own.")));
}

void
rows_init(Rows *rows, size_t room)
{
	if (room > MaxAllocSize)
		history_too_large();
	rows->data = palloc(room);
	rows->room = room;
	rows->len = 0;
	rows->n = 0;
}

void
rows_add(Rows *rows, const Event *event)
{
	size_t		need = rows->len + EVENT_ROW_SIZE(event);

	if (need > rows->room)
	{
		rows->room = Min(Max(rows->room * 2, need), MaxAllocSize);
		if (need > rows->room)
			history_too_large();
		rows->data = repalloc(rows->data, rows->room);
	}
	rows->len = event_write(rows->data + rows->len, event) - rows->data;
	rows->n++;
}

void
rows_add_history(Rows *rows, const uint8 *data, size_t len)
{
	HistoryCursor cursor;
	Event		event;

	history_open(&cursor, data, len);
	while (history_next(&cursor, &event))
		rows_add(rows, &event);
}

/* Read a row, unless that has been done. */
static inline const Event *
event_of(const RowRef *ref, const SortedRows *rows, Event *space)
{
	if (rows->read)
		return ref->event;
	event_read(ref->event, rows->end, space);
	return space;
}

static int
compare_rows(const RowRef *a, const RowRef *b, const SortedRows *rows)
{
	Event		ea;
	Event		eb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return event_compare(event_of(a, rows, &ea), event_of(b, rows, &eb));
}

#define ST_SORT sort_refs
#define ST_ELEMENT_TYPE RowRef
#define ST_COMPARE(a, b, rows) compare_rows(a, b, rows)
#define ST_COMPARE_ARG_TYPE SortedRows
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/*
 * Put a few in the order of their instants: how many are earlier is each one's
 * place.  Without branches to foretell this is several times as fast as sorting.
 */
static void
rank_few(RowRef *refs, int n)
{
	RowRef		ranked[ROWS_BATCH];
	int			rank[ROWS_BATCH] = {0};

	for (int i = 1; i < n; i++)
	{
		int64		at = refs[i].at;
		int			earlier = 0;

		for (int k = 0; k < i; k++)
		{
			int			later = refs[k].at > at;

			rank[k] += later;
			earlier += !later;
		}
		rank[i] += earlier;
	}
	for (int i = 0; i < n; i++)
		ranked[rank[i]] = refs[i];
	/* cppcheck-suppress uninitvar */
	memcpy(refs, ranked, n * sizeof(RowRef));
}

/*
 * Put many in the order of their instants as far as these tell in their first
 * bits, of which there are about as many values as rows: what is spread over a
 * time is nearly sorted then.
 */
static void
spread_many(SortedRows *sorted, int64 first, int64 last)
{
	int			bits = Min(bits_needed(sorted->n), SPREAD_BITS);
	int			shift = Max(bits_needed((uint64) (last - first)) - bits, 0);
	uint32	   *ends = palloc0((sizeof(uint32)) << bits);
	uint32		end = 0;
	RowRef	   *spread = palloc_extended(sorted->n * sizeof(RowRef), MCXT_ALLOC_HUGE);

	for (uint64 i = 0; i < sorted->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		ends[(sorted->refs[i].at - first) >> shift]++;
	}
	for (int k = 0; k < 1 << bits; k++)
		ends[k] = end += ends[k];
	for (uint64 i = sorted->n; i-- > 0;)
	{
		CHECK_FOR_INTERRUPTS();
		spread[--ends[(sorted->refs[i].at - first) >> shift]] = sorted->refs[i];
	}
	pfree(sorted->refs);
	sorted->refs = spread;

	/* the ends are beginnings now */
	for (int k = 0; k < 1 << bits; k++)
	{
		end = k + 1 < 1 << bits ? ends[k + 1] : (uint32) sorted->n;
		if (end - ends[k] > 1)
			sort_refs(spread + ends[k], end - ends[k], sorted);
	}
	pfree(ends);
}

void
rows_sort(SortedRows *sorted, const uint8 *rows, size_t len, uint64 n)
{
	const uint8 *p = rows;
	bool		in_order = true;
	bool		few = n <= ROWS_BATCH;
	int64		first = INSTANT_LIMIT;
	int64		last = INSTANT_MIN;

	sorted->n = n;
	sorted->read = n <= ROWS_READ;
	sorted->end = rows + len;
	/* a row has more than its instant */
	if (n > len / sizeof(int64))
		sql_type_damaged("history");
	sorted->refs = few ? sorted->few_refs : palloc_extended(n * sizeof(RowRef), MCXT_ALLOC_HUGE);
	sorted->events = few || !sorted->read ? sorted->few_events : palloc(n * sizeof(Event));
	for (uint64 i = 0; i < n; i++)
	{
		Event	   *event = &sorted->events[sorted->read ? i : 0];
		RowRef	   *ref = &sorted->refs[i];

		CHECK_FOR_INTERRUPTS();
		ref->event = sorted->read ? (const void *) event : p;
		p = event_read(p, sorted->end, event);
		if (p == NULL)
			sql_type_damaged("history");
		ref->at = event->at;
		first = Min(first, ref->at);
		last = Max(last, ref->at);
		if (i > 0 && in_order)
			in_order = ref[-1].at < ref->at || (ref[-1].at == ref->at && compare_rows(ref - 1, ref, sorted) <= 0);
	}
	if (p != sorted->end)
		sql_type_damaged("history");
	if (in_order)
		return;
	if (!few)
	{
		spread_many(sorted, first, last);
		return;
	}
	rank_few(sorted->refs, (int) n);
	/* ranked ones may be of one instant still */
	sort_refs(sorted->refs, n, sorted);
}

int
rows_batch(SortedRows *sorted, uint64 i, const Event **events)
{
	int			n = (int) Min(sorted->n - i, ROWS_BATCH);

	CHECK_FOR_INTERRUPTS();
	for (int k = 0; k < n; k++)
		events[k] = event_of(&sorted->refs[i + k], sorted, &sorted->events[k]);
	return n;
}

void
rows_release(SortedRows *sorted)
{
	if (sorted->refs != sorted->few_refs)
		pfree(sorted->refs);
	if (sorted->events != sorted->few_events)
		pfree(sorted->events);
}
