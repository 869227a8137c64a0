/*
 * sort.c
 *		The values of a ranking, from any order.
 */
#include "postgres.h"

#include "ranking/ranking.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define DIGITS_SORT		sort_by_digits
#define DIGITS_ELEMENT	uint64
#define DIGITS_KEY(e)	(e)
#include "base/digits.h"

#define FEW		1024			/* are compared */

#define ST_SORT sort_few
#define ST_ELEMENT_TYPE Decimal
#define ST_COMPARE(a, b) ((*(a) > *(b)) - (*(a) < *(b)))
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* Many are sorted by the digits of their distance from the lowest, in units of what all have in common: mostly cents. */
static void
sort_many(Decimal *values, size_t n)
{
	Decimal		lowest = values[0];
	Decimal		highest = values[0];
	int			zeros = 18;
	uint64		unit;
	uint64	   *space = palloc_extended(n * sizeof(uint64), MCXT_ALLOC_HUGE);
	uint64	   *keys = (uint64 *) values;

	for (size_t begin = 0; begin < n; begin += DIGIT_BLOCK)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t i = begin; i < Min(n, begin + DIGIT_BLOCK); i++)
		{
			lowest = Min(lowest, values[i]);
			highest = Max(highest, values[i]);
			zeros = decimal_zeros(values[i], zeros);
		}
	}
	unit = decimal_power10[zeros];
	for (size_t i = 0; i < n; i++)
		keys[i] = DECIMAL_IN_UNITS((uint64) values[i] - (uint64) lowest, unit);
	keys = sort_by_digits(keys, space, n, 0, bits_needed(((uint64) highest - (uint64) lowest) / unit));
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
