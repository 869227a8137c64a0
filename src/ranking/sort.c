/*
 * sort.c
 *		The values of a ranking, from any order.
 *
 * Many are sorted by their digits, 11 bits at a time from the lowest: money
 * that fits into some 30 bits of cents takes three passes, which is several
 * times as fast as comparing.
 */
#include "postgres.h"

#include "base/bytes.h"
#include "ranking/ranking.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define FEW				1024	/* are compared */
#define DIGIT_BITS		11
#define DIGITS			(1 << DIGIT_BITS)
#define BLOCK			65536	/* values between two looks whether to go on */

#define ST_SORT sort_few
#define ST_ELEMENT_TYPE Decimal
#define ST_COMPARE(a, b) ((*(a) > *(b)) - (*(a) < *(b)))
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* One pass: keys by one of their digits, those with the same as they come. */
static void
sort_by_digit(const uint64 *keys, uint64 *sorted, size_t n, int shift)
{
	size_t		places[DIGITS] = {0};
	size_t		place = 0;

	for (size_t begin = 0; begin < n; begin += BLOCK)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t i = begin; i < Min(n, begin + BLOCK); i++)
			places[keys[i] >> shift & (DIGITS - 1)]++;
	}
	for (int digit = 0; digit < DIGITS; digit++)
	{
		size_t		count = places[digit];

		places[digit] = place;
		place += count;
	}
	for (size_t begin = 0; begin < n; begin += BLOCK)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t i = begin; i < Min(n, begin + BLOCK); i++)
			sorted[places[keys[i] >> shift & (DIGITS - 1)]++] = keys[i];
	}
}

/* Keys are distances from the lowest value, in units of what all have in common. */
static void
sort_many(Decimal *values, size_t n)
{
	Decimal		lowest = values[0];
	Decimal		highest = values[0];
	int			zeros = 18;
	uint64		unit;
	uint64	   *keys = (uint64 *) values;
	uint64	   *other = palloc_extended(n * sizeof(uint64), MCXT_ALLOC_HUGE);
	uint64	   *space = other;
	int			bits;

	for (size_t begin = 0; begin < n; begin += BLOCK)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t i = begin; i < Min(n, begin + BLOCK); i++)
		{
			lowest = Min(lowest, values[i]);
			highest = Max(highest, values[i]);
			zeros = decimal_zeros(values[i], zeros);
		}
	}
	unit = decimal_power10[zeros];
	for (size_t i = 0; i < n; i++)
		keys[i] = ((uint64) values[i] - (uint64) lowest) / unit;
	bits = bits_needed(((uint64) highest - (uint64) lowest) / unit);
	for (int shift = 0; shift < bits; shift += DIGIT_BITS)
	{
		uint64	   *sorted = other;

		sort_by_digit(keys, sorted, n, shift);
		other = keys;
		keys = sorted;
	}
	for (size_t i = 0; i < n; i++)
		values[i] = (Decimal) ((uint64) lowest + keys[i] * unit);
	pfree(space);
}

void
ranking_sort(Ranking *ranking, Decimal *values, size_t n)
{
	if (n > RANKING_MAX)
		ranking_too_large();
	if (n < FEW)
		sort_few(values, n);
	else
		sort_many(values, n);
	ranking->n = 0;
	ranking->customers = (uint32) n;
	ranking->values = values;
	ranking->counts = palloc_extended(Max(n, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < n; i++)
	{
		if (i > 0 && values[i] == values[ranking->n - 1])
		{
			ranking->counts[ranking->n - 1]++;
			continue;
		}
		values[ranking->n] = values[i];
		ranking->counts[ranking->n++] = 1;
	}
}
