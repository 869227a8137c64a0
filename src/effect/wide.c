/*
 * wide.c
 *		Texts of sums of 320 bits.
 */
#include "postgres.h"

#include "effect/wide.h"

#define CHUNK			UINT64CONST(1000000000000000000)
#define CHUNK_DIGITS	18
#define CHUNKS			6		/* 2^320 has 97 digits */

/* Divide by CHUNK in place; the rest. */
static uint64
divide(Wide *wide)
{
	uint64		rest = 0;

	for (int i = WIDE_LIMBS - 1; i >= 0; i--)
	{
		uint128		dividend = (uint128) rest << 64 | wide->limbs[i];

		wide->limbs[i] = (uint64) (dividend / CHUNK);
		rest = (uint64) (dividend % CHUNK);
	}
	return rest;
}

int
wide_to_text(const Wide *value, int places, char *buf)
{
	bool		negative = value->limbs[WIDE_LIMBS - 1] >> 63;
	Wide		rest = *value;
	char		digits[CHUNKS * CHUNK_DIGITS];	/* from the last to the first */
	int			n;
	int			first = 0;
	int			len = 0;

	if (negative)
	{
		for (int i = 0; i < WIDE_LIMBS; i++)
			rest.limbs[i] = ~rest.limbs[i];
		wide_add(&rest, 1);
	}
	for (int i = 0; i < CHUNKS; i++)
	{
		uint64		chunk = divide(&rest);

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
