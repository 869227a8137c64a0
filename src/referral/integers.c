/*
 * integers.c
 *		Referrals from rows whose ids are integers.
 *
 * All ids that stand in the rows, each with its row, are sorted by their digits.
 * Then those of one customer stand side by side: gone through once they number
 * the referrers, a second time they add up what the rows say.
 */
#include "postgres.h"

#include "base/bytes.h"
#include "referral/gather.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define DIGITS_SORT		sort_places
#define DIGITS_ELEMENT	uint64
#define DIGITS_KEY(e)	(e)
#include "base/digits.h"

typedef struct Integers
{
	Decimal    *values;			/* of each row */
	uint32	   *referrers;		/* their numbers; NO_ID: nobody */
	uint64		lowest;			/* of all ids */
	size_t		n;				/* of the ids as they stand in the rows, several times */
	int			bits;			/* of a place */

	/*
	 * For each an integer: its distance from the lowest, and in the lower bits its
	 * place, which is twice its row, and 1 more for the referrer.
	 */
	uint64	   *places;
	uint64	   *space;			/* for as many */
} Integers;

static void *
make_array(size_t n, size_t size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE);
}

static void
put_id(Integers *integers, int64 id, uint64 place)
{
	integers->places[integers->n++] = ((uint64) id - integers->lowest) << integers->bits | place;
}

static void
read_rows(Integers *integers, const IntegerRows *rows)
{
	const uint8 *p = rows->rows;
	IntegerRow	row;

	for (uint32 i = 0; i < rows->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		p = integer_rows_next(rows, p, &row);
		put_id(integers, row.customer, 2 * (uint64) i);
		if (row.brought)
			put_id(integers, row.referrer, 2 * (uint64) i + 1);
		integers->values[i] = row.value;
		/* some number, for now */
		integers->referrers[i] = row.brought ? 0 : NO_ID;
	}
	if (p != rows->end)
		sql_type_damaged("referrals");
}

static void
sort_ids(Integers *integers, int key_bits)
{
	uint64	   *places = integers->places;

	integers->space = make_array(integers->n, sizeof(uint64));
	integers->places = sort_places(places, integers->space, integers->n, integers->bits, key_bits);
	if (integers->places != places)
		integers->space = places;
}

static inline uint64
place_of(const Integers *integers, size_t i)
{
	return integers->places[i] & ((UINT64CONST(1) << integers->bits) - 1);
}

static inline uint64
key_of(const Integers *integers, size_t i)
{
	return integers->places[i] >> integers->bits;
}

/* Give the referrers their numbers; returns how many ids there are. */
static uint32
number_referrers(Integers *integers)
{
	uint32		n = 0;

	for (size_t i = 0; i < integers->n; i++)
	{
		uint64		place = place_of(integers, i);

		CHECK_FOR_INTERRUPTS();
		if (i + GATHER_AHEAD < integers->n)
			__builtin_prefetch(&integers->referrers[place_of(integers, i + GATHER_AHEAD) / 2], 1);
		if (i == 0 || key_of(integers, i) != key_of(integers, i - 1))
			n++;
		if (place % 2)
			integers->referrers[place / 2] = n - 1;
	}
	return n;
}

loyalty_compat_noreturn static void
refuse(const Said *said, int64 integer)
{
	uint8		bytes[INTEGER_ID_SIZE];
	Id			id = {bytes, (uint32) (id_write_integer(bytes, integer) - bytes)};

	said_refuse(said, id);
}

static void
add_up(Referrals *referrals, const Integers *integers, int64 *ids)
{
	size_t		end = 0;

	for (uint32 k = 0; k < referrals->n; k++)
	{
		Said		said = nothing_said;
		uint64		key = key_of(integers, end);

		CHECK_FOR_INTERRUPTS();
		ids[k] = (int64) (integers->lowest + key);
		for (; end < integers->n && key_of(integers, end) == key; end++)
		{
			uint64		place = place_of(integers, end);

			if (end + GATHER_AHEAD < integers->n)
			{
				uint64		ahead = place_of(integers, end + GATHER_AHEAD) / 2;

				__builtin_prefetch(&integers->values[ahead]);
				__builtin_prefetch(&integers->referrers[ahead]);
			}
			if (place % 2 == 0)
				said_add(&said, integers->values[place / 2], integers->referrers[place / 2]);
		}
		/* of several faults that of the least id, whatever came first */
		if (!said_is_sound(&said))
			refuse(&said, ids[k]);
		gathered_put(referrals, k, &said);
	}
}

int64 *
gather_integers(Referrals *referrals, const IntegerRows *rows)
{
	Integers	integers = {.lowest = (uint64) rows->lowest, .bits = bits_needed((uint64) rows->n * 2)};
	int			key_bits = bits_needed((uint64) rows->highest - integers.lowest);
	int64	   *ids;

	if (key_bits + integers.bits > 64)
		return NULL;
	integers.values = make_array(rows->n, sizeof(Decimal));
	integers.referrers = make_array(rows->n, sizeof(uint32));
	integers.places = make_array(2 * (size_t) rows->n, sizeof(uint64));
	read_rows(&integers, rows);
	sort_ids(&integers, key_bits);
	gathered_make(referrals, number_referrers(&integers));
	/* there are no more of them than places */
	ids = (int64 *) integers.space;
	add_up(referrals, &integers, ids);
	pfree(integers.places);
	pfree(integers.referrers);
	pfree(integers.values);
	return ids;
}
