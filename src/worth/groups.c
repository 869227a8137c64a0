/*
 * groups.c
 *		Customers of whom a fit sees the same.
 *
 * A few are compared.  Many are sorted by the digits of what they have: days and
 * transactions are small numbers, and of a sum above 0, whose bits ascend with
 * it, the first bits tell nearly all apart.
 */
#include "postgres.h"

#include "worth/groups.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define FEW			1024
#define SUM_BITS	22			/* two passes */

static int
compare_buyers(const BuyerGroup *a, const BuyerGroup *b)
{
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	if (a->t_x != b->t_x)
		return a->t_x < b->t_x ? -1 : 1;
	return a->age < b->age ? -1 : a->age > b->age;
}

static int
compare_spends(const SpendGroup *a, const SpendGroup *b)
{
	if (a->x != b->x)
		return a->x < b->x ? -1 : 1;
	return a->sum < b->sum ? -1 : a->sum > b->sum;
}

static int
compare_spells(const SpellGroup *a, const SpellGroup *b)
{
	if (a->lost != b->lost)
		return a->lost ? 1 : -1;
	return a->renewal < b->renewal ? -1 : a->renewal > b->renewal;
}

#define ST_SORT compare_and_sort_buyers
#define ST_ELEMENT_TYPE BuyerGroup
#define ST_COMPARE(a, b) compare_buyers(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT compare_and_sort_spends
#define ST_ELEMENT_TYPE SpendGroup
#define ST_COMPARE(a, b) compare_spends(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

#define ST_SORT compare_and_sort_spells
#define ST_ELEMENT_TYPE SpellGroup
#define ST_COMPARE(a, b) compare_spells(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* age in the lowest 32 bits, t_x in the next, then x */
#define DIGITS_SORT		sort_buyers_by
#define DIGITS_ELEMENT	BuyerGroup
#define DIGITS_KEY(e)	((uint128) (e).x << 64 | (uint64) (uint32) (e).t_x << 32 | (uint32) (e).age)
#include "base/digits.h"

static inline uint64
bits_of(double sum)
{
	uint64		bits;

	memcpy(&bits, &sum, sizeof(bits));
	return bits;
}

/* the sum in the lowest 64 bits, then x */
#define DIGITS_SORT		sort_spends_by
#define DIGITS_ELEMENT	SpendGroup
#define DIGITS_KEY(e)	((uint128) (e).x << 64 | bits_of((e).sum))
#include "base/digits.h"

static void
sort_buyers(BuyerGroup *buyers, size_t n)
{
	BuyerGroup *space;
	BuyerGroup *sorted;
	uint32		x = 0;
	uint32		t_x = 0;
	uint32		age = 0;

	if (n < FEW)
	{
		compare_and_sort_buyers(buyers, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
	{
		x |= buyers[i].x;
		t_x |= (uint32) buyers[i].t_x;
		age |= (uint32) buyers[i].age;
	}
	space = palloc_extended(n * sizeof(BuyerGroup), MCXT_ALLOC_HUGE);
	sorted = sort_buyers_by(buyers, space, n, 0, bits_needed(age));
	sorted = sort_buyers_by(sorted, sorted == buyers ? space : buyers, n, 32, bits_needed(t_x));
	sorted = sort_buyers_by(sorted, sorted == buyers ? space : buyers, n, 64, bits_needed(x));
	if (sorted != buyers)
		memcpy(buyers, sorted, n * sizeof(BuyerGroup));
	pfree(space);
}

static void
sort_spends(SpendGroup *spends, size_t n)
{
	SpendGroup *space;
	SpendGroup *sorted;
	uint32		x = 0;
	uint64		differ = 0;		/* bits in which some sums do */
	int			from;

	if (n < FEW)
	{
		compare_and_sort_spends(spends, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
	{
		x |= spends[i].x;
		differ |= bits_of(spends[i].sum) ^ bits_of(spends[0].sum);
	}
	from = Max(bits_needed(differ) - SUM_BITS, 0);
	space = palloc_extended(n * sizeof(SpendGroup), MCXT_ALLOC_HUGE);
	sorted = sort_spends_by(spends, space, n, from, bits_needed(differ) - from);
	sorted = sort_spends_by(sorted, sorted == spends ? space : spends, n, 64, bits_needed(x));
	if (sorted != spends)
		memcpy(spends, sorted, n * sizeof(SpendGroup));
	pfree(space);

	/* those with the same first bits */
	for (size_t begin = 0, end; begin < n; begin = end)
	{
		uint64		first = bits_of(spends[begin].sum) >> from;

		CHECK_FOR_INTERRUPTS();
		for (end = begin + 1; end < n && spends[end].x == spends[begin].x && bits_of(spends[end].sum) >> from == first;)
			end++;
		if (end - begin > 1)
			compare_and_sort_spends(spends + begin, end - begin);
	}
}

/* Keep equal neighbours once, with their number. */
#define MERGE(list, n, compare, number) \
	do { \
		size_t		kept_ = 0; \
		for (size_t i_ = 0; i_ < (n); i_++) \
		{ \
			if (kept_ > 0 && compare(&(list)[kept_ - 1], &(list)[i_]) == 0) \
				(list)[kept_ - 1].number++; \
			else \
				(list)[kept_++] = (list)[i_]; \
		} \
		(n) = kept_; \
	} while (0)

size_t
group_buyers(BuyerGroup *buyers, size_t n)
{
	sort_buyers(buyers, n);
	MERGE(buyers, n, compare_buyers, customers);
	return n;
}

size_t
group_spends(SpendGroup *spends, size_t n)
{
	sort_spends(spends, n);
	MERGE(spends, n, compare_spends, customers);
	return n;
}

size_t
group_spells(SpellGroup *spells, size_t n)
{
	compare_and_sort_spells(spells, n);
	MERGE(spells, n, compare_spells, spells);
	return n;
}
