/*
 * wide.c
 *		Texts of sums of 192 bits.
 */
#include "postgres.h"

#include "effect/wide.h"

#define CHUNK			UINT64CONST(1000000000000000000)
#define CHUNK_DIGITS	18
#define CHUNKS			4		/* 2^192 has 58 digits */

/* Divide by CHUNK in place; the rest. */
static uint64
divide(uint64 limbs[3])
{
	uint64		rest = 0;

	for (int i = 0; i < 3; i++)
	{
		uint128		dividend = (uint128) rest << 64 | limbs[i];

		limbs[i] = (uint64) (dividend / CHUNK);
		rest = (uint64) (dividend % CHUNK);
	}
	return rest;
}

int
wide_to_text(const Wide *value, int places, char *buf)
{
	bool		negative = value->high >> 63;
	uint64		limbs[3] = {value->high, value->middle, value->low};
	char		digits[CHUNKS * CHUNK_DIGITS];	/* from the last to the first */
	int			n;
	int			first = 0;
	int			len = 0;

	if (negative)
	{
		uint128		low = -((uint128) value->middle << 64 | value->low);

		limbs[0] = ~value->high + (low == 0);
		limbs[1] = (uint64) (low >> 64);
		limbs[2] = (uint64) low;
	}
	for (int i = 0; i < CHUNKS; i++)
	{
		uint64		chunk = divide(limbs);

		for (int k = 0; k < CHUNK_DIGITS; k++, chunk /= 10)
			digits[i * CHUNK_DIGITS + k] = (char) ('0' + chunk % 10);
	}
	for (n = lengthof(digits); n > places + 1 && digits[n - 1] == '0'; n--)
		;
	while (first < places && digits[first] == '0')
		first++;

	if (negative)
		buf[len++] = '-';
	for (int i = n - 1; i >= first; i--)
	{
		if (i == places - 1)
			buf[len++] = '.';
		buf[len++] = digits[i];
	}
	buf[len] = '\0';
	return len;
}
