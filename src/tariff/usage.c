/*
 * usage.c
 *		Usage of a period, counted by the entries that price it.
 *
 * What rates an event changes only when a segment begins or ends, or an entry
 * of the tariff comes into force or goes out: between two such instants each
 * meter is looked up once.
 */
#include "postgres.h"

#include "event/where.h"
#include "tariff/charge.h"
#include "tariff/reprice.h"
#include "tariff/usage.h"

#include "miscadmin.h"

typedef struct RefKey
{
	int			form;			/* 1 a number, 2 a text */
	int64		key;			/* the number, or the id of the text */
} RefKey;

#define ST_SORT sort_refs
#define ST_ELEMENT_TYPE RefKey
#define ST_COMPARE(a, b) \
	((a)->form != (b)->form ? (a)->form - (b)->form : (a)->key < (b)->key ? -1 : (a)->key > (b)->key)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* What an entry has counted. */
typedef struct Count
{
	const MeterEntry *entry;	/* NULL: nothing yet */
	Text		plan;			/* whose entry it is; len 0 at the top level */
	int128		quantity;
	RefKey	   *refs;			/* OF_UNIQUE: as they came */
	int			nrefs;
	int			room;
} Count;

/* How a meter is rated, looked up when `changes` was so. */
typedef struct Rating
{
	uint64		changes;
	bool		is_priced;
	BlockList	meters;			/* where the entries are that price it */
	Text		plan;			/* whose they are */
	Text		meter;			/* len 0: nothing of it was left unpriced */
	int128		unpriced;
} Rating;

typedef struct Usage
{
	const BoundTariff *bound;
	const Segments *segments;
	int64		changes_at;		/* what is known of ratings holds before this */
	uint64		changes;		/* so far */
	int			begun;			/* segments of the list that began */
	int		   *in_force;		/* some of these are over */
	int			nin_force;
	Count	   *counts;			/* by MeterEntry.nth */
	Rating	   *ratings;		/* by the number of the meter's name in the history */
} Usage;

static inline bool
is_named(const Tariff *tariff, BlockName name, const Text *text)
{
	return name.len == text->len && memcmp(BLOCK_NAME(tariff, name), text->data, text->len) == 0;
}

/* Does one of these price the meter at the instant? */
static bool
prices_meter(const Usage *u, BlockList list, const Text *meter, int64 at)
{
	const MeterEntry *entries = TARIFF_METERS(u->bound->tariff, list);

	for (uint32 i = 0; i < list.n; i++)
	{
		if (is_named(u->bound->tariff, entries[i].meter, meter) && entry_in_force(u->bound, &entries[i].in_force, at))
			return true;
	}
	return false;
}

/* of two plans whose entries price a meter, the one that rates it */
static bool
comes_first(const Segment *a, const Segment *b)
{
	int			c = text_compare(a->plan, b->plan);

	if (c != 0)
		return c < 0;
	if (a->at != b->at)
		return a->at < b->at;
	/* a month counts as 30 days, as the server orders intervals */
	return a->every.months * 30 + a->every.days < b->every.months * 30 + b->every.days;
}

/* Who rates a meter at an instant: the plan held then, else the top level. */
static void
find_rating(const Usage *u, Rating *rating, const Text *meter, int64 at)
{
	const Segment *holder = NULL;

	rating->changes = u->changes;
	rating->meters = u->bound->tariff->meters;
	rating->plan.len = 0;
	for (int i = 0; i < u->nin_force; i++)
	{
		const Segment *segment = &u->segments->list[u->in_force[i]];
		const PlanEntry *entry;

		if (segment->amount < 0 || (holder && !comes_first(segment, holder)))
			continue;
		entry = plan_entry_at(u->bound, &segment->plan, &segment->every, at);
		if (entry == NULL || !prices_meter(u, entry->meters, meter, at))
			continue;
		holder = segment;
		rating->meters = entry->meters;
		rating->plan = segment->plan;
	}
	rating->is_priced = holder != NULL || prices_meter(u, rating->meters, meter, at);
}

/* Bring what is in force up to an instant, and see how long it holds. */
static void
usage_advance(Usage *u, int64 at)
{
	int			kept = 0;

	CHECK_FOR_INTERRUPTS();
	while (u->begun < u->segments->n && u->segments->list[u->begun].at <= at)
		u->in_force[u->nin_force++] = u->begun++;
	u->changes_at = u->begun < u->segments->n ? u->segments->list[u->begun].at : INSTANT_NEVER;
	for (int i = 0; i < u->nin_force; i++)
	{
		int64		end = u->segments->list[u->in_force[i]].end;

		if (end <= at)
			continue;
		u->in_force[kept++] = u->in_force[i];
		u->changes_at = Min(u->changes_at, end);
	}
	u->nin_force = kept;
	for (uint32 i = 0; i < u->bound->tariff->entries; i++)
	{
		const EntryBound *bound = &u->bound->bounds[i];

		if (bound->from > at)
			u->changes_at = Min(u->changes_at, bound->from);
		if (bound->until > at)
			u->changes_at = Min(u->changes_at, bound->until);
	}
	u->changes++;
}

static void
count_ref(Count *count, const HistoryCursor *cursor, const Event *event)
{
	RefKey	   *ref;

	if (!event_has_ref(event))
		return;
	if (count->nrefs == count->room)
	{
		count->room = Max(16, 2 * count->room);
		count->refs = count->nrefs == 0 ? palloc(count->room * sizeof(RefKey)) :
			repalloc_huge(count->refs, count->room * sizeof(RefKey));
	}
	ref = &count->refs[count->nrefs++];
	ref->form = (event->has & EVENT_HAS_REF_NUMBER) ? 1 : 2;
	ref->key = ref->form == 1 ? event->ref_number : (int64) cursor->columns[ATTRIBUTE_REF_TEXT].id;
}

static void
count_event(Usage *u, const Rating *rating, const MeterEntry *entry, const HistoryCursor *cursor, const Event *event)
{
	Count	   *count = &u->counts[entry->nth];
	bool		is_first = count->entry == NULL;

	count->entry = entry;
	count->plan = rating->plan;
	switch ((CountOf) entry->of)
	{
		case OF_SUM:
			count->quantity += event->quantity;
			break;
		case OF_COUNT:
			count->quantity += DECIMAL_ONE;
			break;
		case OF_MAX:
			count->quantity = is_first ? event->quantity : Max(count->quantity, event->quantity);
			break;
		case OF_LATEST:
			count->quantity = event->quantity;
			break;
		case OF_UNIQUE:
			count_ref(count, cursor, event);
			break;
	}
}

static void
rate_event(Usage *u, const HistoryCursor *cursor, const Event *event)
{
	const Tariff *tariff = u->bound->tariff;
	Rating	   *rating = &u->ratings[cursor->columns[ATTRIBUTE_NAME].id];
	const MeterEntry *entries;

	if (event->at >= u->changes_at)
		usage_advance(u, event->at);
	if (rating->changes != u->changes)
		find_rating(u, rating, &event->name, event->at);
	if (!rating->is_priced)
	{
		rating->meter = event->name;
		rating->unpriced += event->quantity;
		return;
	}
	entries = TARIFF_METERS(tariff, rating->meters);
	for (uint32 i = 0; i < rating->meters.n; i++)
	{
		const MeterEntry *entry = &entries[i];

		if (is_named(tariff, entry->meter, &event->name) && entry_in_force(u->bound, &entry->in_force, event->at) &&
			where_matches(tariff, &entry->any, &entry->all, &entry->none, event->tags))
			count_event(u, rating, entry, cursor, event);
	}
}

static int64
distinct_refs(Count *count)
{
	int64		n = 0;

	if (count->nrefs > 1)
		sort_refs(count->refs, count->nrefs);
	for (int i = 0; i < count->nrefs; i++)
		n += i == 0 || count->refs[i].form != count->refs[i - 1].form || count->refs[i].key != count->refs[i - 1].key;
	return n;
}

static void
put_usage(Bill *bill, const Tariff *tariff, Count *count, int64 from, int64 until)
{
	BillRow    *row = bill_row(bill);

	if (count->entry->of == OF_UNIQUE)
		count->quantity = (int128) distinct_refs(count) * DECIMAL_ONE;
	row->kind = BILL_USAGE;
	row->item.data = (const uint8 *) BLOCK_NAME(tariff, count->entry->item);
	row->item.len = count->entry->item.len;
	row->from = from;
	row->until = until;
	row->quantity = count->quantity;
	row->amount = exact_rounded(tariff, price_charge(tariff, &count->entry->price, count->quantity));
	row->is_priced = true;
	row->plan = count->plan;
}

/* A meter that nothing prices: its quantity is shown, so that it is missed. */
static void
put_unpriced(Bill *bill, const Rating *rating, int64 from, int64 until)
{
	BillRow    *row = bill_row(bill);

	row->kind = BILL_USAGE;
	row->item = rating->meter;
	row->from = from;
	row->until = until;
	row->quantity = rating->unpriced;
}

void
usage_rate(Bill *bill, const BoundTariff *bound, const Segments *repriced, const uint8 *history, size_t len,
		   int64 from, int64 until)
{
	Usage		u = {.bound = bound, .segments = repriced, .changes_at = PG_INT64_MIN};
	uint32		nmeters = bound->tariff->nmeters;
	HistoryCursor cursor;
	Event		event;

	history_open(&cursor, history, len);
	if (!history_has_kind(&cursor, EVENT_USAGE))
		return;
	u.in_force = palloc_extended(Max(repriced->n, 1) * sizeof(int), MCXT_ALLOC_HUGE);
	u.counts = palloc0(Max(nmeters, 1) * sizeof(Count));
	u.ratings = palloc_extended(Max(cursor.columns[ATTRIBUTE_NAME].count, 1) * sizeof(Rating), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	while (history_next(&cursor, &event) && event.at < until)
	{
		if (event.kind == EVENT_USAGE && event.at >= from)
			rate_event(&u, &cursor, &event);
	}
	for (uint32 i = 0; i < nmeters; i++)
	{
		if (u.counts[i].entry)
			put_usage(bill, bound->tariff, &u.counts[i], from, until);
	}
	for (uint32 i = 0; i < cursor.columns[ATTRIBUTE_NAME].count; i++)
	{
		if (u.ratings[i].meter.len > 0)
			put_unpriced(bill, &u.ratings[i], from, until);
	}
}
