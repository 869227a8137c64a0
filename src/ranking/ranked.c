/*
 * ranked.c
 *		What accessors ask of a ranking, from one reading for each call site.
 */
#include "postgres.h"

#include "document/site.h"
#include "ranking/ranking.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static void
work_out(void *kept, const uint8 *bytes, size_t len)
{
	Ranked	   *ranked = kept;
	const Ranking *ranking = &ranked->ranking;
	uint32		below = 0;

	ranking_unpack(&ranked->ranking, bytes, len);
	ranked->context = CurrentMemoryContext;
	ranked->below = palloc_extended(((size_t) ranking->n + 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < ranking->n; i++)
	{
		ranked->below[i] = below;
		below += ranking->counts[i];
	}
	ranked->below[ranking->n] = below;
}

Ranked *
ranked_arg(FunctionCallInfo fcinfo, int arg)
{
	static const SiteUse use = {sizeof(Ranked), work_out};

	return site_kept(fcinfo, arg, &use);
}

/* How many of the distinct values are below one; without branches, which could not be foretold. */
static inline uint32
values_below(const Ranking *ranking, Decimal value)
{
	const Decimal *from = ranking->values;
	uint32		n = ranking->n;

	if (n == 0)
		return 0;
	while (n > 1)
	{
		uint32		half = n / 2;

		__builtin_prefetch(from + half / 2);
		__builtin_prefetch(from + half + half / 2);
		from = from[half - 1] < value ? from + half : from;
		n -= half;
	}
	return (uint32) (from - ranking->values) + (*from < value);
}

uint32
ranked_below(const Ranked *ranked, Decimal value, bool above)
{
	return ranked->below[values_below(&ranked->ranking, value + above)];
}

uint32
ranked_over(const Ranked *ranked, Decimal value)
{
	return ranked->ranking.customers - ranked->below[values_below(&ranked->ranking, value + 1)];
}

static void
add_up(Ranked *ranked)
{
	const Ranking *ranking = &ranked->ranking;
	int128	   *sums = MemoryContextAllocHuge(ranked->context, ((size_t) ranking->n + 1) * sizeof(int128));

	sums[0] = 0;
	for (uint32 i = 0; i < ranking->n; i++)
	{
		int128		sum = (int128) ranking->values[i] * ranking->counts[i];

		if (i % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		sums[i + 1] = sums[i] + sum;
		ranked->gains += ranking->values[i] > 0 ? sum : 0;
	}
	ranked->sums = sums;
}

int128
ranked_total(Ranked *ranked)
{
	if (ranked->sums == NULL)
	{
		ranked->gains = 0;
		add_up(ranked);
	}
	return ranked->sums[ranked->ranking.n];
}

int128
ranked_top(Ranked *ranked, uint32 customers)
{
	int128		total = ranked_total(ranked);
	uint32		rest = ranked->ranking.customers - customers;
	uint32		from = 0;
	uint32		to = ranked->ranking.n;

	/* the value that the last of the rest has */
	while (from < to)
	{
		uint32		mid = from + (to - from) / 2;

		if (ranked->below[mid + 1] <= rest)
			from = mid + 1;
		else
			to = mid;
	}
	total -= ranked->sums[from];
	if (rest > ranked->below[from])
		total -= (int128) ranked->ranking.values[from] * (rest - ranked->below[from]);
	return total;
}
