/*
 * merge.c
 *		Several rankings as one.
 */
#include "postgres.h"

#include "ranking/ranking.h"

#include "miscadmin.h"
#include "utils/memutils.h"

void
ranking_free(Ranking *ranking)
{
	pfree(ranking->values);
	pfree(ranking->counts);
}

static void
copy_rest(Ranking *to, const Ranking *from, uint32 i)
{
	memcpy(to->values + to->n, from->values + i, (from->n - i) * sizeof(Decimal));
	memcpy(to->counts + to->n, from->counts + i, (from->n - i) * sizeof(uint32));
	to->n += from->n - i;
}

/* Without branches, which could not be foretold. */
static Ranking
merge_two(const Ranking *a, const Ranking *b)
{
	Ranking		merged = {0, a->customers + b->customers, NULL, NULL};
	size_t		room = Max((size_t) a->n + b->n, 1);
	uint32		i = 0;
	uint32		j = 0;

	if ((uint64) a->customers + b->customers > RANKING_MAX)
		ranking_too_large();
	merged.values = palloc_extended(room * sizeof(Decimal), MCXT_ALLOC_HUGE);
	merged.counts = palloc_extended(room * sizeof(uint32), MCXT_ALLOC_HUGE);
	while (i < a->n && j < b->n)
	{
		Decimal		left = a->values[i];
		Decimal		right = b->values[j];
		bool		is_left = left <= right;
		bool		is_right = right <= left;

		if (merged.n % RANKING_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		merged.values[merged.n] = is_left ? left : right;
		merged.counts[merged.n++] = (a->counts[i] & -(uint32) is_left) + (b->counts[j] & -(uint32) is_right);
		i += is_left;
		j += is_right;
	}
	copy_rest(&merged, a, i);
	copy_rest(&merged, b, j);
	return merged;
}

void
ranking_merge(Ranking *rankings, size_t n)
{
	/* in pairs, so that each value is moved as often only as the number of rankings can be halved */
	for (size_t pairs = n / 2; n > 1; n -= pairs, pairs = n / 2)
	{
		for (size_t i = 0; i < pairs; i++)
		{
			Ranking		both = merge_two(&rankings[2 * i], &rankings[2 * i + 1]);

			ranking_free(&rankings[2 * i]);
			ranking_free(&rankings[2 * i + 1]);
			rankings[i] = both;
		}
		if (n % 2)
			rankings[pairs] = rankings[n - 1];
	}
}
