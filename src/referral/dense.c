/*
 * dense.c
 *		Referrals from rows whose ids are integers close together.
 *
 * What is said of an id stands at its distance from the lowest, so there is
 * nothing to sort; at the end the gaps are closed.  Rows that cannot be, or
 * whose values are too large on the way, are left to integers.c, which knows
 * what is wrong.
 */
#include "postgres.h"

#include "referral/gather.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define SPREAD	4				/* ids may be spread over so many for each row */
#define BLOCK	64				/* rows are read at once, and memory fetched for them */

typedef struct Dense
{
	int64		lowest;
	uint32		span;			/* of ids, from the lowest */
	Referrals  *referrals;		/* by distance from the lowest; so are referrers */
	bool	   *referring;		/* who is a referrer */
} Dense;

static inline uint32
distance(const Dense *dense, int64 id)
{
	return (uint32) ((uint64) id - (uint64) dense->lowest);
}

static void
make_empty(Dense *dense)
{
	gathered_make(dense->referrals, dense->span);
	memset(dense->referrals->referrers, 0xFF, dense->span * sizeof(uint32));
	memset(dense->referrals->values, 0, dense->span * sizeof(Decimal));
	memset(dense->referrals->customers, 0, dense->span * sizeof(bool));
	dense->referring = palloc_extended(dense->span * sizeof(bool), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* False if it cannot be. */
static inline bool
add_row(Dense *dense, const IntegerRow *row)
{
	Referrals  *referrals = dense->referrals;
	uint32		customer = distance(dense, row->customer);
	uint32		referrer = distance(dense, row->referrer);

	referrals->customers[customer] = true;
	if (__builtin_add_overflow(referrals->values[customer], row->value, &referrals->values[customer]))
		return false;
	if (!row->brought)
		return true;
	dense->referring[referrer] = true;
	if (referrals->referrers[customer] != NO_ID && referrals->referrers[customer] != referrer)
		return false;
	referrals->referrers[customer] = referrer;
	return true;
}

static bool
add_rows(Dense *dense, const IntegerRows *rows)
{
	IntegerRow	block[BLOCK];
	const uint8 *p = rows->rows;

	while (p < rows->end)
	{
		int			n = 0;

		CHECK_FOR_INTERRUPTS();
		for (; n < BLOCK && p < rows->end; n++)
		{
			p = integer_rows_next(rows, p, &block[n]);
			__builtin_prefetch(&dense->referrals->values[distance(dense, block[n].customer)], 1);
			__builtin_prefetch(&dense->referrals->referrers[distance(dense, block[n].customer)], 1);
		}
		for (int i = 0; i < n; i++)
			if (!add_row(dense, &block[i]))
				return false;
	}
	return true;
}

static inline bool
is_there(const Dense *dense, uint32 i)
{
	return dense->referrals->customers[i] || dense->referring[i];
}

/* Count those who are there; false if some value cannot be. */
static bool
count(Dense *dense)
{
	uint32		n = 0;

	for (uint32 i = 0; i < dense->span; i++)
	{
		if (i % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		n += is_there(dense, i);
		if (dense->referrals->values[i] <= -DECIMAL_LIMIT || dense->referrals->values[i] >= DECIMAL_LIMIT)
			return false;
	}
	dense->referrals->n = n;
	return true;
}

/* Move everybody to where their number says, which is never beyond where they stand. */
static void
close_gaps(Dense *dense)
{
	Referrals  *referrals = dense->referrals;
	uint32	   *numbers = palloc_extended(dense->span * sizeof(uint32), MCXT_ALLOC_HUGE);
	uint32		n = 0;

	for (uint32 i = 0; i < dense->span; i++)
	{
		if (i % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		numbers[i] = n;
		n += is_there(dense, i);
	}
	for (uint32 i = 0; i < dense->span; i++)
	{
		uint32		to = numbers[i];
		uint32		referrer = referrals->referrers[i];

		if (i % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		if (i + GATHER_AHEAD < dense->span && referrals->referrers[i + GATHER_AHEAD] != NO_ID)
			__builtin_prefetch(&numbers[referrals->referrers[i + GATHER_AHEAD]]);
		if (!is_there(dense, i))
			continue;
		referrals->referrers[to] = referrer == NO_ID ? NO_ID : numbers[referrer];
		referrals->values[to] = referrals->values[i];
		referrals->customers[to] = referrals->customers[i];
	}
	pfree(numbers);
}

/* The ids of those who are there. */
static int64 *
list_ids(const Dense *dense)
{
	int64	   *ids = palloc_extended((size_t) dense->referrals->n * sizeof(int64), MCXT_ALLOC_HUGE);
	uint32		n = 0;

	for (uint32 i = 0; n < dense->referrals->n; i++)
	{
		if (i % BLOCK == 0)
			CHECK_FOR_INTERRUPTS();
		if (is_there(dense, i))
			ids[n++] = (int64) ((uint64) dense->lowest + i);
	}
	return ids;
}

int64 *
gather_dense(Referrals *referrals, const IntegerRows *rows)
{
	uint64		span = (uint64) rows->highest - (uint64) rows->lowest;
	Dense		dense = {rows->lowest, (uint32) span + 1, referrals, NULL};
	int64	   *ids = NULL;

	if (span / SPREAD >= rows->n)
		return NULL;
	make_empty(&dense);
	if (add_rows(&dense, rows) && count(&dense))
	{
		/* before they move */
		ids = list_ids(&dense);
		if (referrals->n < dense.span)
			close_gaps(&dense);
	}
	else
	{
		pfree(referrals->referrers);
		pfree(referrals->values);
		pfree(referrals->customers);
	}
	pfree(dense.referring);
	return ids;
}
