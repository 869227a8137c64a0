/*
 * wide.h
 *		Exact sums of 192 bits: room for 2^63 squares of decimals.
 */
#ifndef LOYALTY_WIDE_H
#define LOYALTY_WIDE_H

#include "postgres.h"

/* in two's complement */
typedef struct Wide
{
	uint64		low;
	uint64		middle;
	uint64		high;
} Wide;

#define WIDE_TEXT_SIZE	64

static inline void
wide_add_parts(Wide *sum, uint128 low, uint64 high)
{
	uint128		before = (uint128) sum->middle << 64 | sum->low;
	uint128		after = before + low;

	sum->low = (uint64) after;
	sum->middle = (uint64) (after >> 64);
	sum->high += high + (after < before);
}

static inline void
wide_add(Wide *sum, int128 value)
{
	wide_add_parts(sum, (uint128) value, value < 0 ? PG_UINT64_MAX : 0);
}

static inline void
wide_add_wide(Wide *sum, const Wide *other)
{
	wide_add_parts(sum, (uint128) other->middle << 64 | other->low, other->high);
}

/* a count of 10^-places as the shortest exact text; returns its length */
extern int	wide_to_text(const Wide *value, int places, char *buf);

#endif							/* LOYALTY_WIDE_H */
