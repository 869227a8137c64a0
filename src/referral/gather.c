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

typedef struct Slot
{
	uint32		hash;
	uint32		met;			/* and 1; 0: empty */
} Slot;

typedef struct Gathering
{
	Met		   *met;
	uint32		n;
	uint32		room;
	Slot	   *slots;			/* a power of 2, at least half of them empty */
	uint32		mask;
} Gathering;

static void
make_slots(Gathering *g, uint32 slots)
{
	g->slots = palloc_extended(slots * sizeof(Slot), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	g->mask = slots - 1;
}

static Slot *
find_slot(const Gathering *g, Id id, uint32 hash)
{
	for (uint32 i = hash & g->mask;; i = (i + 1) & g->mask)
	{
		Slot	   *slot = &g->slots[i];
		const Met  *met;

		if (slot->met == 0)
			return slot;
		met = &g->met[slot->met - 1];
		if (slot->hash == hash && met->id.len == id.len && memcmp(met->id.bytes, id.bytes, id.len) == 0)
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
		uint32		k = old[i].hash & g->mask;

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
meet(Gathering *g, Id id)
{
	uint32		hash = id_hash(id);
	Slot	   *slot = find_slot(g, id, hash);

	if (slot->met)
		return slot->met - 1;
	if (g->n == g->room)
	{
		grow(g);
		slot = find_slot(g, id, hash);
	}
	slot->hash = hash;
	slot->met = g->n + 1;
	g->met[g->n] = (Met) {id, 0, NO_ID, 0, false, false};
	return g->n++;
}

static void
add_row(Gathering *g, const ReferralRow *row)
{
	uint32		customer = meet(g, row->customer);
	uint32		referrer = row->referrer.len > 0 ? meet(g, row->referrer) : NO_ID;
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
		ReferralRow row;

		CHECK_FOR_INTERRUPTS();
		if ((p = referral_row_read(p, end, &row)) == NULL)
			sql_type_damaged("referrals");
		add_row(&g, &row);
	}

	sorted = sort(&g);
	for (uint32 i = 0; i < g.n; i++)
	{
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
