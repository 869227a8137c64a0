/*
 * gather.c
 *		Referrals from rows in any order.
 *
 * Every id is numbered when it is met for the first time, and found again by
 * its bytes; in the end the ids are sorted and numbered anew.
 */
#include "postgres.h"

#include "base/compat.h"
#include "referral/referrals.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* one that was met; `number` is its place among the sorted ones as soon as that is known */
typedef struct Met
{
	Id			id;
	int128		value;
	uint32		referrer;
	uint32		number;
	bool		customer;
	bool		contested;		/* two have brought this one */
} Met;

/*
 * What an id is found by: a number itself, which needs no look at its bytes,
 * or their hash.
 */
typedef struct Key
{
	uint64		key;
	bool		is_number;
} Key;

typedef struct Slot
{
	uint64		key;
	uint32		met;			/* and 1; 0: empty */
	bool		is_number;
} Slot;

typedef struct Gathering
{
	Met		   *met;
	uint32		n;
	uint32		room;
	Slot	   *slots;			/* a power of 2, at least half of them empty */
	uint32		mask;
} Gathering;

static Key
key_of(Id id)
{
	Event		event;

	id_to_event(id, &event);
	if (event.has & EVENT_HAS_REF_NUMBER)
		return (Key) {(uint64) event.ref_number, true};
	return (Key) {hash_bytes_extended(id.bytes, (int) id.len, 0), false};
}

/* Where the search for a key begins: numbers that follow each other lie far apart. */
static inline uint32
slot_of(const Gathering *g, uint64 key)
{
	return (uint32) ((key * UINT64CONST(0x9E3779B97F4A7C15)) >> 32) & g->mask;
}

static void
make_slots(Gathering *g, uint32 slots)
{
	g->slots = palloc_extended(slots * sizeof(Slot), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	g->mask = slots - 1;
}

static Slot *
find_slot(const Gathering *g, Id id, Key key)
{
	for (uint32 i = slot_of(g, key.key);; i = (i + 1) & g->mask)
	{
		Slot	   *slot = &g->slots[i];
		Id			other;

		if (slot->met == 0)
			return slot;
		if (slot->key != key.key || slot->is_number != key.is_number)
			continue;
		other = g->met[slot->met - 1].id;
		if (key.is_number || (other.len == id.len && memcmp(other.bytes, id.bytes, id.len) == 0))
			return slot;
	}
}

static void
grow(Gathering *g)
{
	Slot	   *old = g->slots;
	uint32		n = g->mask + 1;

	if (n > PG_UINT32_MAX / 4)
		referrals_too_large();
	make_slots(g, n * 2);
	for (uint32 i = 0; i < n; i++)
	{
		uint32		k = slot_of(g, old[i].key);

		if (old[i].met == 0)
			continue;
		while (g->slots[k].met)
			k = (k + 1) & g->mask;
		g->slots[k] = old[i];
	}
	pfree(old);
	g->room *= 2;
	g->met = repalloc_huge(g->met, g->room * sizeof(Met));
}

static uint32
meet(Gathering *g, Id id, Key key)
{
	Slot	   *slot = find_slot(g, id, key);

	if (slot->met)
		return slot->met - 1;
	if (g->n == g->room)
	{
		grow(g);
		slot = find_slot(g, id, key);
	}
	*slot = (Slot) {key.key, g->n + 1, key.is_number};
	g->met[g->n] = (Met) {id, 0, NO_ID, 0, false, false};
	return g->n++;
}

/* Rows are looked at some at a time, so that where their ids may be is fetched meanwhile. */
#define BATCH	32
/* ... and what sorted ones refer to, which lies all over the place, so many before its turn */
#define AHEAD	16

typedef struct Found
{
	ReferralRow row;
	Key			customer;
	Key			referrer;
} Found;

static void
prepare(const Gathering *g, Found *found)
{
	found->customer = key_of(found->row.customer);
	__builtin_prefetch(&g->slots[slot_of(g, found->customer.key)]);
	if (found->row.referrer.len == 0)
		return;
	found->referrer = key_of(found->row.referrer);
	__builtin_prefetch(&g->slots[slot_of(g, found->referrer.key)]);
}

static void
add_row(Gathering *g, const Found *found)
{
	const ReferralRow *row = &found->row;
	uint32		customer = meet(g, row->customer, found->customer);
	uint32		referrer = row->referrer.len > 0 ? meet(g, row->referrer, found->referrer) : NO_ID;
	Met		   *met = &g->met[customer];

	met->customer = true;
	met->value += row->value;
	if (referrer == NO_ID)
		return;
	met->contested |= met->referrer != NO_ID && met->referrer != referrer;
	met->referrer = referrer;
}

/* ---------------- order ---------------- */

typedef struct Sorted
{
	int64		number;			/* of an id that is one */
	bool		is_number;
	uint32		met;
} Sorted;

static int
compare(const Sorted *a, const Sorted *b, const Gathering *g)
{
	if (a->is_number && b->is_number)
		return CMP(a->number, b->number);
	return id_compare(g->met[a->met].id, g->met[b->met].id);
}

#define ST_SORT sort_ids
#define ST_ELEMENT_TYPE Sorted
#define ST_COMPARE(a, b, g) compare(a, b, g)
#define ST_COMPARE_ARG_TYPE const Gathering
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static Sorted *
sort(const Gathering *g)
{
	Sorted	   *sorted = palloc_extended(Max(g->n, 1) * sizeof(Sorted), MCXT_ALLOC_HUGE);

	for (uint32 i = 0; i < g->n; i++)
	{
		Event		event;

		id_to_event(g->met[i].id, &event);
		sorted[i].met = i;
		sorted[i].is_number = (event.has & EVENT_HAS_REF_NUMBER) != 0;
		sorted[i].number = sorted[i].is_number ? event.ref_number : 0;
	}
	sort_ids(sorted, g->n, g);
	return sorted;
}

/* ---------------- what is wrong ---------------- */

static const char *
shown(Id id)
{
	char	   *text = palloc(REF_TEXT_SIZE);
	Event		event;

	id_to_event(id, &event);
	(void) ref_to_text(&event, text);
	return text;
}

/* Of several faults that of the least id, whatever came first. */
static void
check(const Met *met)
{
	if (met->contested)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customer \"%s\" has two referrers", shown(met->id)),
				 errhint("Decide in the query who brought a customer, such as the first who did.")));
	if (met->value <= -DECIMAL_LIMIT || met->value >= DECIMAL_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value of customer \"%s\" is too large", shown(met->id)),
				 errdetail("At most %d digits before the decimal point are kept.", DECIMAL_DIGITS)));
}

/* ---------------- all together ---------------- */

struct varlena *
referrals_gather(const uint8 *rows, size_t len)
{
	const uint8 *p = rows;
	const uint8 *end = rows + len;
	Gathering	g = {0};
	Referrals	referrals = {0};
	Sorted	   *sorted;
	struct varlena *result;

	g.room = 32;
	g.met = palloc(g.room * sizeof(Met));
	make_slots(&g, 2 * g.room);
	while (p < end)
	{
		Found		found[BATCH];
		int			n = 0;

		CHECK_FOR_INTERRUPTS();
		for (; n < BATCH && p < end; n++)
		{
			if ((p = referral_row_read(p, end, &found[n].row)) == NULL)
				sql_type_damaged("referrals");
			prepare(&g, &found[n]);
		}
		for (int i = 0; i < n; i++)
			add_row(&g, &found[i]);
	}

	sorted = sort(&g);
	for (uint32 i = 0; i < g.n; i++)
	{
		if (i + AHEAD < g.n)
			__builtin_prefetch(&g.met[sorted[i + AHEAD].met], 1);
		check(&g.met[sorted[i].met]);
		g.met[sorted[i].met].number = i;
	}
	referrals.n = g.n;
	referrals.ids = palloc_extended(Max(g.n, 1) * sizeof(Id), MCXT_ALLOC_HUGE);
	referrals.referrers = palloc_extended(Max(g.n, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	referrals.values = palloc_extended(Max(g.n, 1) * sizeof(Decimal), MCXT_ALLOC_HUGE);
	referrals.customers = palloc_extended(Max(g.n, 1) * sizeof(bool), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < g.n; i++)
	{
		const Met  *met = &g.met[sorted[i].met];

		if (i + 2 * AHEAD < g.n)
			__builtin_prefetch(&g.met[sorted[i + 2 * AHEAD].met]);
		if (i + AHEAD < g.n && g.met[sorted[i + AHEAD].met].referrer != NO_ID)
			__builtin_prefetch(&g.met[g.met[sorted[i + AHEAD].met].referrer]);
		referrals.ids[i] = met->id;
		referrals.referrers[i] = met->referrer == NO_ID ? NO_ID : g.met[met->referrer].number;
		referrals.values[i] = (Decimal) met->value;
		referrals.customers[i] = met->customer;
	}
	result = referrals_pack(&referrals);
	pfree(referrals.ids);
	pfree(referrals.referrers);
	pfree(referrals.values);
	pfree(referrals.customers);
	pfree(sorted);
	pfree(g.slots);
	pfree(g.met);
	return result;
}
