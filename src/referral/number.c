/*
 * number.c
 *		The ids of rows, sorted and numbered.
 *
 * Where all are integers not too far apart, as keys of tables mostly are, all
 * that stand in the rows are sorted by their digits.  Otherwise every id is numbered
 * when it is met for the first time, and found again by a hash of its bytes;
 * then those that differ are sorted and numbered anew.
 */
#include "postgres.h"

#include "referral/number.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* what is known of the rows before their ids are numbered */
typedef struct Look
{
	bool		integers;		/* so are all ids */
	int64		lowest;
	int64		highest;
} Look;

static void
look_at_id(Look *look, Id id)
{
	Event		event;

	look->integers = look->integers && id_is_integer(id);
	if (!look->integers)
		return;
	id_to_event(id, &event);
	look->lowest = Min(look->lowest, event.ref_number);
	look->highest = Max(look->highest, event.ref_number);
}

static Look
look_at_rows(Numbers *numbers, const uint8 *rows, size_t len)
{
	const uint8 *end = rows + len;
	Look		look = {true, PG_INT64_MAX, PG_INT64_MIN};

	numbers->rows = 0;
	for (const uint8 *p = rows; p < end; numbers->rows++)
	{
		ReferralRow row;

		CHECK_FOR_INTERRUPTS();
		if ((p = referral_row_read(p, end, &row)) == NULL)
			sql_type_damaged("referrals");
		look_at_id(&look, row.customer);
		if (row.referrer.len > 0)
			look_at_id(&look, row.referrer);
	}
	return look;
}

/* ---------------- integers ---------------- */

#define DIGITS_SORT		sort_by_digits
#define DIGITS_ELEMENT	uint64
#define DIGITS_KEY(e)	(e)
#include "base/digits.h"

/*
 * An integer and where it stands are one number: its distance from the lowest,
 * and in the lower bits twice its row, and 1 more for the referrer.
 */
static inline int
place_bits(const Numbers *numbers)
{
	return bits_needed((uint64) numbers->rows * 2);
}

static inline int
key_bits(const Look *look)
{
	return bits_needed((uint64) look->highest - (uint64) look->lowest);
}

static inline uint64
key_of(const Look *look, Id id, uint64 place, int bits)
{
	Event		event;

	id_to_event(id, &event);
	return ((uint64) event.ref_number - (uint64) look->lowest) << bits | place;
}

static void
number_integers(Numbers *numbers, const Look *look, const uint8 *rows, size_t len)
{
	int			bits = place_bits(numbers);
	size_t		room = (size_t) numbers->rows * 2 * sizeof(uint64);
	uint64	   *all = palloc_extended(room, MCXT_ALLOC_HUGE);
	uint64	   *space = palloc_extended(room, MCXT_ALLOC_HUGE);
	uint64	   *sorted;
	uint8	   *bytes;
	const uint8 *p = rows;
	size_t		n = 0;

	for (uint32 i = 0; i < numbers->rows; i++)
	{
		ReferralRow row;

		CHECK_FOR_INTERRUPTS();
		p = referral_row_read(p, rows + len, &row);
		all[n++] = key_of(look, row.customer, (uint64) i * 2, bits);
		if (row.referrer.len > 0)
			all[n++] = key_of(look, row.referrer, (uint64) i * 2 + 1, bits);
	}
	sorted = sort_by_digits(all, space, n, bits, key_bits(look));

	/* they are written anew, so that they stand in their order */
	bytes = numbers->bytes = palloc_extended(n * INTEGER_ID_SIZE, MCXT_ALLOC_HUGE);
	numbers->n = 0;
	for (size_t i = 0; i < n; i++)
	{
		uint64		place = sorted[i] & ((UINT64CONST(1) << bits) - 1);
		RowNumbers *of = &numbers->of[place / 2];

		CHECK_FOR_INTERRUPTS();
		if (i + NUMBERS_AHEAD < n)
			__builtin_prefetch(&numbers->of[(sorted[i + NUMBERS_AHEAD] & ((UINT64CONST(1) << bits) - 1)) / 2], 1);
		if (i == 0 || sorted[i] >> bits != sorted[i - 1] >> bits)
		{
			Event		event;
			Id		   *id = &numbers->ids[numbers->n++];

			event.has = EVENT_HAS_REF_NUMBER;
			event.ref_number = (int64) ((uint64) look->lowest + (sorted[i] >> bits));
			id->bytes = bytes;
			bytes = id_write(bytes, &event);
			id->len = (uint32) (bytes - id->bytes);
		}
		*(place % 2 ? &of->referrer : &of->customer) = numbers->n - 1;
	}
	pfree(all);
	pfree(space);
}

/* ---------------- ids of any sort ---------------- */

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
	for (uint32 i = 0; i < meeting->n; i++)
	{
		numbers->ids[i] = sorted[i].id;
		places[sorted[i].met] = i;
	}
	pfree(sorted);
	return places;
}

static void
number_any(Numbers *numbers, const uint8 *rows, size_t len)
{
	Meeting		meeting = {0};
	const uint8 *p = rows;
	uint32	   *places;

	meeting.met = palloc_extended(Max((size_t) numbers->rows, 1) * 2 * sizeof(Id), MCXT_ALLOC_HUGE);
	meeting.mask = 63;
	meeting.slots = make_slots(meeting.mask + 1);
	for (uint32 i = 0; i < numbers->rows; i++)
	{
		ReferralRow row;

		CHECK_FOR_INTERRUPTS();
		p = referral_row_read(p, rows + len, &row);
		numbers->of[i].customer = meet(&meeting, row.customer);
		if (row.referrer.len > 0)
			numbers->of[i].referrer = meet(&meeting, row.referrer);
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

void
numbers_make(Numbers *numbers, const uint8 *rows, size_t len)
{
	Look		look = look_at_rows(numbers, rows, len);

	numbers->of = palloc_extended(Max((size_t) numbers->rows, 1) * sizeof(RowNumbers), MCXT_ALLOC_HUGE);
	numbers->ids = palloc_extended(Max((size_t) numbers->rows, 1) * 2 * sizeof(Id), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < numbers->rows; i++)
		numbers->of[i].referrer = NO_ID;
	numbers->bytes = NULL;
	if (numbers->rows > 0 && look.integers && key_bits(&look) + place_bits(numbers) <= 64)
		number_integers(numbers, &look, rows, len);
	else
		number_any(numbers, rows, len);
}
