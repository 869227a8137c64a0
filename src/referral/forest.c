/*
 * forest.c
 *		Who gets credit for whom.
 *
 * Everybody was brought by one at most, so whoever follows referrers upwards
 * ends at somebody whom nobody brought, or goes round in a circle.  Without
 * the steps of circles what is left are trees.  Credit is passed up a level at
 * a time, in one walk over all for each; nothing here recurs.
 */
#include "postgres.h"

#include "base/compat.h"
#include "referral/referrals.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static void *
make_array(uint32 n, size_t size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

/* Mark a circle that somebody of it was found to be in. */
static void
mark_circle(Forest *forest, const Referrals *referrals, uint32 i)
{
	for (; !forest->circle[i]; i = referrals->referrers[i])
		forest->circle[i] = true;
}

void
forest_make(Forest *forest, const Referrals *referrals)
{
	uint32	   *walks = make_array(referrals->n, sizeof(uint32));	/* which walk came by; 0: none yet */

	forest->up = make_array(referrals->n, sizeof(uint32));
	forest->circle = make_array(referrals->n, sizeof(bool));
	for (uint32 start = 0; start < referrals->n; start++)
	{
		uint32		i = start;

		/* upwards, to where somebody has been */
		while (i != NO_ID && walks[i] == 0)
		{
			CHECK_FOR_INTERRUPTS();
			walks[i] = start + 1;
			i = referrals->referrers[i];
		}
		/* where this walk itself has been, it has come back */
		if (i != NO_ID && walks[i] == start + 1)
			mark_circle(forest, referrals, i);
	}
	for (uint32 i = 0; i < referrals->n; i++)
		forest->up[i] = forest->circle[i] ? NO_ID : referrals->referrers[i];
	pfree(walks);
}

/* What stands so many levels below each: the sum of values, and how many. */
typedef struct Level
{
	int128	   *values;
	uint32	   *numbers;
} Level;

static Level
make_level(uint32 n)
{
	return (Level) {make_array(n, sizeof(int128)), make_array(n, sizeof(uint32))};
}

/* The next level from the last; how many that are in all. */
static uint64
pass_up(Level *next, const Level *last, const uint32 *up, uint32 n)
{
	uint64		passed = 0;

	memset(next->values, 0, n * sizeof(int128));
	memset(next->numbers, 0, n * sizeof(uint32));
	for (uint32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (last->numbers[i] == 0 || up[i] == NO_ID)
			continue;
		next->values[up[i]] += last->values[i];
		next->numbers[up[i]] += last->numbers[i];
		passed += last->numbers[i];
	}
	return passed;
}

static void
add_credit(Credited *credited, const Level *level, uint32 n, int128 share)
{
	for (uint32 i = 0; i < n; i++)
	{
		int128		value;

		if (__builtin_mul_overflow(level->values[i], share, &value) ||
			__builtin_add_overflow(credited->values[i], value, &credited->values[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("result is out of range"),
					 errdetail("Values times credit have too many digits."),
					 errhint("Round the credit.")));
		credited->reached[i] += level->numbers[i];
	}
}

void
forest_credit(Credited *credited, const Forest *forest, const Referrals *referrals, const Credit *credit)
{
	uint32		n = referrals->n;
	Level		last = make_level(n);
	Level		next = make_level(n);

	credited->values = make_array(n, sizeof(int128));
	credited->referred = make_array(n, sizeof(uint32));
	credited->reached = make_array(n, sizeof(uint32));
	for (uint32 i = 0; i < n; i++)
	{
		last.values[i] = referrals->values[i];
		last.numbers[i] = 1;
	}
	for (int l = 0; l < credit->levels && pass_up(&next, &last, forest->up, n) > 0; l++)
	{
		Level		level = next;

		if (l == 0)
			memcpy(credited->referred, level.numbers, n * sizeof(uint32));
		add_credit(credited, &level, n, credit->share[l]);
		next = last;
		last = level;
	}
	pfree(last.values);
	pfree(last.numbers);
	pfree(next.values);
	pfree(next.numbers);
}
