/*
 * wide.h
 *		Exact sums of 320 bits: room for 2^63 squares of numbers of 127 bits.
 */
#ifndef LOYALTY_WIDE_H
#define LOYALTY_WIDE_H

#include "postgres.h"

#define WIDE_LIMBS		5
#define WIDE_TEXT_SIZE	120

/* in two's complement, from the lowest limb on */
typedef struct Wide
{
	uint64		limbs[WIDE_LIMBS];
} Wide;

static inline void
wide_add_wide(Wide *sum, const Wide *other)
{
	uint128		carry = 0;

	for (int i = 0; i < WIDE_LIMBS; i++)
	{
		carry += (uint128) sum->limbs[i] + other->limbs[i];
		sum->limbs[i] = (uint64) carry;
		carry >>= 64;
	}
}

static inline void
wide_add(Wide *sum, int128 value)
{
	uint64		sign = value < 0 ? PG_UINT64_MAX : 0;
	Wide		wide = {{(uint64) value, (uint64) (value >> 64), sign, sign, sign}};

	wide_add_wide(sum, &wide);
}

/* a x b more */
static inline void
wide_add_product(Wide *sum, int128 a, int128 b)
{
	uint128		x = a < 0 ? -(uint128) a : (uint128) a;
	uint128		y = b < 0 ? -(uint128) b : (uint128) b;
	uint128		low = (uint128) (uint64) x * (uint64) y;
	uint128		one = (uint128) (uint64) x * (uint64) (y >> 64);
	uint128		other = (uint128) (uint64) (x >> 64) * (uint64) y;
	uint128		high = (uint128) (uint64) (x >> 64) * (uint64) (y >> 64);
	uint128		middle = (low >> 64) + (uint64) one + (uint64) other;
	uint64		flip = (a < 0) != (b < 0) ? PG_UINT64_MAX : 0;
	Wide		wide;

	high += (one >> 64) + (other >> 64) + (middle >> 64);
	/* the product as it is, or with all bits turned and 1 more */
	wide = (Wide) {{(uint64) low ^ flip, (uint64) middle ^ flip, (uint64) high ^ flip, (uint64) (high >> 64) ^ flip, flip}};
	wide_add_wide(sum, &wide);
	if (flip)
		wide_add(sum, 1);
}

/* a count of 10^-places as the shortest exact text; returns its length */
extern int	wide_to_text(const Wide *value, int places, char *buf);

#endif							/* LOYALTY_WIDE_H */
