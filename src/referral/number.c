/*
 * number.c
 *		The ids of rows, of any sort, sorted and numbered.
 *
 * Every id is numbered when it is met for the first time, and found again by a
 * hash of its bytes; then those that differ are sorted and numbered anew.
 */
#include "postgres.h"

#include "referral/number.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* those that were met, and where they are found by their bytes */
typedef struct Slot
{
	uint32		hash;
	uint32		met;			/* and 1; 0: empty */
} Slot;

typedef struct Meeting
{
	Id		   *met;
	uint32		n;
	Slot	   *slots;			/* a power of 2, at least half of them empty */
	uint32		mask;
} Meeting;

static Slot *
make_slots(uint32 slots)
{
	return palloc_extended(slots * sizeof(Slot), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

static void
make_room(Meeting *meeting)
{
	Slot	   *old = meeting->slots;
	uint32		n = meeting->mask + 1;

	if (n > PG_UINT32_MAX / 4)
		referrals_too_large();
	meeting->slots = make_slots(n * 2);
	meeting->mask = n * 2 - 1;
	for (uint32 i = 0; i < n; i++)
	{
		uint32		k = old[i].hash & meeting->mask;

		if (old[i].met == 0)
			continue;
		while (meeting->slots[k].met)
			k = (k + 1) & meeting->mask;
		meeting->slots[k] = old[i];
	}
	pfree(old);
}

static uint32
meet(Meeting *meeting, Id id)
{
	uint32		hash = id_hash(id);

	if (meeting->n > meeting->mask / 2)
		make_room(meeting);
	for (uint32 i = hash & meeting->mask;; i = (i + 1) & meeting->mask)
	{
		Slot	   *slot = &meeting->slots[i];

		if (slot->met == 0)
		{
			meeting->met[meeting->n++] = id;
			*slot = (Slot) {hash, meeting->n};
			return meeting->n - 1;
		}
		if (slot->hash == hash && id_equal(meeting->met[slot->met - 1], id))
			return slot->met - 1;
	}
}

typedef struct Sorted
{
	Id			id;
	uint32		met;
} Sorted;

#define ST_SORT sort_ids
#define ST_ELEMENT_TYPE Sorted
#define ST_COMPARE(a, b) id_compare((a)->id, (b)->id)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* Sort those that were met; the answer is the place of each. */
static uint32 *
sort_met(Numbers *numbers, const Meeting *meeting)
{
	Sorted	   *sorted = palloc_extended(Max((size_t) meeting->n, 1) * sizeof(Sorted), MCXT_ALLOC_HUGE);
	uint32	   *places = palloc_extended(Max((size_t) meeting->n, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);

	for (uint32 i = 0; i < meeting->n; i++)
		sorted[i] = (Sorted) {meeting->met[i], i};
	sort_ids(sorted, meeting->n);
	numbers->n = meeting->n;
	numbers->ids = palloc_extended(Max((size_t) meeting->n, 1) * sizeof(Id), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < meeting->n; i++)
	{
		numbers->ids[i] = sorted[i].id;
		places[sorted[i].met] = i;
	}
	pfree(sorted);
	return places;
}

static void
count_rows(Numbers *numbers, const uint8 *rows, size_t len)
{
	const uint8 *end = rows + len;

	numbers->rows = 0;
	for (const uint8 *p = rows; p < end; numbers->rows++)
	{
		ReferralRow row;

		CHECK_FOR_INTERRUPTS();
		if ((p = referral_row_read(p, end, &row)) == NULL)
			sql_type_damaged("referrals");
	}
}

void
numbers_make(Numbers *numbers, const uint8 *rows, size_t len)
{
	Meeting		meeting = {0};
	const uint8 *p = rows;
	uint32	   *places;

	count_rows(numbers, rows, len);
	numbers->of = palloc_extended(Max((size_t) numbers->rows, 1) * sizeof(RowNumbers), MCXT_ALLOC_HUGE);
	meeting.met = palloc_extended(Max((size_t) numbers->rows, 1) * 2 * sizeof(Id), MCXT_ALLOC_HUGE);
	meeting.mask = 63;
	meeting.slots = make_slots(meeting.mask + 1);
	for (uint32 i = 0; i < numbers->rows; i++)
	{
		ReferralRow row;

		CHECK_FOR_INTERRUPTS();
		p = referral_row_read(p, rows + len, &row);
		numbers->of[i].customer = meet(&meeting, row.customer);
		numbers->of[i].referrer = row.referrer.len > 0 ? meet(&meeting, row.referrer) : NO_ID;
	}
	places = sort_met(numbers, &meeting);
	for (uint32 i = 0; i < numbers->rows; i++)
	{
		RowNumbers *of = &numbers->of[i];

		of->customer = places[of->customer];
		if (of->referrer != NO_ID)
			of->referrer = places[of->referrer];
	}
	pfree(places);
	pfree(meeting.slots);
	pfree(meeting.met);
}
