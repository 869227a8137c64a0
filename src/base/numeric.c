/*
 * numeric.c
 *		Decimals from and to the server's numeric.
 *
 * This file alone knows how numeric is laid out on disk (unchanged since 9.1,
 * infinities since 14): reading the packed digits in place costs a fraction
 * of a call of the server's own arithmetic.  The regression tests compare it
 * with numeric's own text.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/numeric.h"

#include "utils/builtins.h"

/* the two header forms of numeric: see NumericChoice in the server's numeric.c */
#define NUM_FORM_MASK		0xC000
#define NUM_FORM_NEGATIVE	0x4000
#define NUM_FORM_SHORT		0x8000
#define NUM_FORM_SPECIAL	0xC000
#define NUM_SHORT_NEGATIVE	0x2000
#define NUM_SHORT_WEIGHT_SIGN 0x0040
#define NUM_SHORT_WEIGHT	0x003F
#define NUM_BASE			10000

DecimalStatus
decimal_from_numeric(Datum numeric, Decimal *value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(numeric);
	const char *p = VARDATA_ANY(packed);
	int			size = (int) VARSIZE_ANY_EXHDR(packed);
	uint16		header;
	bool		negative;
	int			weight;
	int			ndigits;
	int64		acc = 0;
	int			i;

	memcpy(&header, p, sizeof(header));
	p += sizeof(header);
	size -= sizeof(header);
	if ((header & NUM_FORM_MASK) == NUM_FORM_SPECIAL)
		return DECIMAL_NOT_A_NUMBER;
	if ((header & NUM_FORM_MASK) == NUM_FORM_SHORT)
	{
		negative = (header & NUM_SHORT_NEGATIVE) != 0;
		weight = header & NUM_SHORT_WEIGHT;
		if (header & NUM_SHORT_WEIGHT_SIGN)
			weight |= ~NUM_SHORT_WEIGHT;
	}
	else
	{
		int16		w;

		negative = (header & NUM_FORM_MASK) == NUM_FORM_NEGATIVE;
		memcpy(&w, p, sizeof(w));
		p += sizeof(w);
		size -= sizeof(w);
		weight = w;
	}
	ndigits = size / (int) sizeof(int16);
	if (ndigits == 0)
	{
		*value = 0;
		return DECIMAL_OK;
	}
	/* the first digit is never zero: weight 3 means at least 10^12 */
	if (weight > 2)
		return DECIMAL_TOO_LARGE;

	/* digits of weight -1 and above, in ten-thousandths */
	for (i = 0; i <= weight + 1; i++)
	{
		int16		digit = 0;

		if (i < ndigits)
			memcpy(&digit, p + i * sizeof(int16), sizeof(digit));
		acc = acc * NUM_BASE + digit;
	}
	acc *= 100;

	/* of the digit of weight -2 its upper half; nothing may follow */
	if (weight + 2 < ndigits)
	{
		int16		digit = 0;

		if (weight + 2 >= 0)
			memcpy(&digit, p + (weight + 2) * sizeof(int16), sizeof(digit));
		if (digit % 100 != 0 || weight + 3 < ndigits)
			return DECIMAL_TOO_FINE;
		acc += digit / 100;
	}
	*value = negative ? -acc : acc;
	return DECIMAL_OK;
}

Datum
decimal_to_numeric(int128 value)
{
	int			places = DECIMAL_PLACES;

	if (value > PG_INT64_MAX || value < PG_INT64_MIN)
	{
		char		buf[DECIMAL_TEXT_SIZE];

		decimal_to_text(value, buf);
		return DirectFunctionCall3(numeric_in, CStringGetDatum(buf),
								   ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	}
	else
	{
		int64		small = (int64) value;

		/* most amounts are whole cents: two steps instead of four */
		if (small % 10000 == 0)
		{
			small /= 10000;
			places -= 4;
		}
		while (places > 0 && small % 10 == 0)
		{
			small /= 10;
			places--;
		}
		return NumericGetDatum(int64_div_fast_to_numeric(small, places));
	}
}

Datum
decimal_ratio(int128 dividend, int128 divisor)
{
	return DirectFunctionCall1(numeric_trim_scale,
							   DirectFunctionCall2(numeric_div,
												   decimal_to_numeric(dividend),
												   decimal_to_numeric(divisor)));
}
