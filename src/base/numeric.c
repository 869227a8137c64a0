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
#define NUM_LARGE_DIGITS	11		/* of the base in 128 bits, at any place of the point */

/* A numeric taken apart: digits of the base, of which the first counts base^weight. */
typedef struct Parts
{
	const char *digits;			/* int16s, not aligned */
	int			n;
	int			weight;
	bool		negative;
} Parts;

/* False for NaN and infinities. */
static inline bool
take_apart(Datum numeric, Parts *parts)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(numeric);
	const char *p = VARDATA_ANY(packed);
	int			size = (int) VARSIZE_ANY_EXHDR(packed);
	uint16		header;

	memcpy(&header, p, sizeof(header));
	p += sizeof(header);
	size -= sizeof(header);
	if ((header & NUM_FORM_MASK) == NUM_FORM_SPECIAL)
		return false;
	if ((header & NUM_FORM_MASK) == NUM_FORM_SHORT)
	{
		parts->negative = (header & NUM_SHORT_NEGATIVE) != 0;
		parts->weight = header & NUM_SHORT_WEIGHT;
		if (header & NUM_SHORT_WEIGHT_SIGN)
			parts->weight |= ~NUM_SHORT_WEIGHT;
	}
	else
	{
		int16		w;

		parts->negative = (header & NUM_FORM_MASK) == NUM_FORM_NEGATIVE;
		memcpy(&w, p, sizeof(w));
		p += sizeof(w);
		size -= sizeof(w);
		parts->weight = w;
	}
	parts->digits = p;
	parts->n = size / (int) sizeof(int16);
	return true;
}

/* a digit of the base; those behind the last are 0 */
static inline int16
digit_of(const Parts *parts, int i)
{
	int16		digit = 0;

	if (i < parts->n)
		memcpy(&digit, parts->digits + i * sizeof(int16), sizeof(digit));
	return digit;
}

DecimalStatus
decimal_from_numeric(Datum numeric, Decimal *value)
{
	Parts		parts;
	int64		acc = 0;

	if (!take_apart(numeric, &parts))
		return DECIMAL_NOT_A_NUMBER;
	if (parts.n == 0)
	{
		*value = 0;
		return DECIMAL_OK;
	}
	/* the first digit is never zero: weight 3 means at least 10^12 */
	if (parts.weight > 2)
		return DECIMAL_TOO_LARGE;

	/* digits of weight -1 and above, in ten-thousandths */
	for (int i = 0; i <= parts.weight + 1; i++)
		acc = acc * NUM_BASE + digit_of(&parts, i);
	acc *= 100;

	/* of the digit of weight -2 its upper half; nothing may follow */
	if (parts.weight + 2 < parts.n)
	{
		int16		digit = parts.weight + 2 >= 0 ? digit_of(&parts, parts.weight + 2) : 0;

		if (digit % 100 != 0 || parts.weight + 3 < parts.n)
			return DECIMAL_TOO_FINE;
		acc += digit / 100;
	}
	*value = parts.negative ? -acc : acc;
	return DECIMAL_OK;
}

DecimalStatus
fine_from_numeric(Datum numeric, int128 *value)
{
	static const int64 power[] = {1, NUM_BASE, NUM_BASE * NUM_BASE, INT64CONST(1000000000000), INT64CONST(10000000000000000)};
	Parts		parts;
	int128		acc = 0;
	int			missing;

	if (!take_apart(numeric, &parts))
		return DECIMAL_NOT_A_NUMBER;
	if (parts.n > 0)
	{
		if (parts.weight >= FINE_WHOLE / 4)
			return DECIMAL_TOO_LARGE;
		missing = parts.weight + 1 + FINE_PLACES / 4 - parts.n;
		if (missing < 0)
			return DECIMAL_TOO_FINE;
		for (int i = 0; i < parts.n; i++)
			acc = acc * NUM_BASE + digit_of(&parts, i);
		for (; missing > 4; missing -= 4)
			acc *= power[4];
		acc *= power[missing];
	}
	*value = parts.negative ? -acc : acc;
	return DECIMAL_OK;
}

/*
 * A magnitude above 0, of any size, with so many decimal places.
 */
static size_t
write_large(uint128 magnitude, bool negative, int places, char *p)
{
	int16		digits[NUM_LARGE_DIGITS] = {0};	/* from the last to the first */
	int			n = 0;
	int			whole;			/* how many digits of the base lie before the point */
	int			trimmed = 0;
	uint16		header;

	/* the point lies between two digits of the base */
	if (places % 4 != 0)
	{
		int			unit = (int) decimal_power10[places % 4];

		digits[n++] = (int16) (magnitude % unit * (NUM_BASE / unit));
		magnitude /= unit;
		places += 4 - places % 4;
	}
	for (; magnitude > 0; magnitude /= NUM_BASE)
		digits[n++] = (int16) (magnitude % NUM_BASE);
	whole = n - places / 4;

	/* neither leading nor trailing zeros are stored; the scale is what is shown */
	while (trimmed < n && digits[trimmed] == 0)
		trimmed++;
	places = Max(places - 4 * trimmed, 0);
	if (places > 0)
	{
		for (int last = digits[trimmed]; last % 10 == 0; last /= 10)
			places--;
	}
	header = (uint16) (NUM_FORM_SHORT | (negative ? NUM_SHORT_NEGATIVE : 0) | places << 7 |
					   (whole < 1 ? NUM_SHORT_WEIGHT_SIGN : 0) | ((whole - 1) & NUM_SHORT_WEIGHT));
	memcpy(p, &header, sizeof(header));
	p += sizeof(header);
	for (int i = n - 1; i >= trimmed; i--, p += sizeof(int16))
		memcpy(p, &digits[i], sizeof(int16));
	return sizeof(header) + (n - trimmed) * sizeof(int16);
}

/*
 * Values of up to 64 bits are written digit by digit; as everywhere, without
 * trailing zeros.
 */
size_t
decimal_write_numeric(int128 value, char *p)
{
	uint64		magnitude;
	uint64		whole;
	uint32		fraction;
	int16		digits[8];		/* from the last to the first */
	int			n = 0;
	int			weight = 0;
	int			places = DECIMAL_PLACES;
	uint16		header;

	if (value == 0)
	{
		header = NUM_FORM_SHORT;
		memcpy(p, &header, sizeof(header));
		return sizeof(header);
	}
	if (value > PG_INT64_MAX || value < -PG_INT64_MAX)
	{
		uint128		large = value < 0 ? -(uint128) value : (uint128) value;

		return write_large(large, value < 0, DECIMAL_PLACES, p);
	}
	magnitude = value < 0 ? (uint64) -value : (uint64) value;
	whole = magnitude / DECIMAL_ONE;
	fraction = (uint32) (magnitude % DECIMAL_ONE);
	if (fraction == 0)
		places = 0;
	else
	{
		uint32		rest = fraction;

		/* mostly cents */
		if (rest % 10000 == 0)
		{
			rest /= 10000;
			places -= 4;
		}
		for (; places > 1 && rest % 10 == 0; rest /= 10)
			places--;
		/* six places are one digit of four and the upper half of another */
		if (fraction % 100 != 0)
			digits[n++] = (int16) (fraction % 100 * 100);
		if (n > 0 || fraction / 100 != 0)
			digits[n++] = (int16) (fraction / 100);
		weight = -1;
	}
	if (whole > 0)
	{
		weight = -1;
		for (; whole > 0; whole /= NUM_BASE)
		{
			weight++;
			/* trailing zeros of a whole number are not stored */
			if (n > 0 || whole % NUM_BASE != 0)
				digits[n++] = (int16) (whole % NUM_BASE);
		}
	}
	else if (fraction > 0 && fraction < 100)
	{
		/* no leading zeros either */
		weight = -2;
		n = 1;
	}
	if (n == 0)
		weight = 0;

	header = (uint16) (NUM_FORM_SHORT | (value < 0 ? NUM_SHORT_NEGATIVE : 0) | places << 7 |
					   (weight < 0 ? NUM_SHORT_WEIGHT_SIGN : 0) | (weight & NUM_SHORT_WEIGHT));
	memcpy(p, &header, sizeof(header));
	for (int i = 0; i < n; i++)
		memcpy(p + sizeof(header) + i * sizeof(int16), &digits[n - 1 - i], sizeof(int16));
	return sizeof(header) + n * sizeof(int16);
}

Datum
decimal_to_numeric(int128 value)
{
	struct varlena *result = palloc(VARHDRSZ + DECIMAL_NUMERIC_SIZE);

	SET_VARSIZE(result, VARHDRSZ + decimal_write_numeric(value, VARDATA(result)));
	return PointerGetDatum(result);
}

Datum
scaled_to_numeric(int128 value, int places)
{
	struct varlena *result;

	if (value == 0)
		return decimal_to_numeric(0);
	result = palloc(VARHDRSZ + DECIMAL_NUMERIC_SIZE);
	SET_VARSIZE(result, VARHDRSZ + write_large(value < 0 ? -(uint128) value : (uint128) value, value < 0, places,
											   VARDATA(result)));
	return PointerGetDatum(result);
}

bool
numeric_to_scaled(Datum numeric, int places, int128 *value)
{
	const int128 limit = (int128) decimal_power10[18] * decimal_power10[17];
	const char *s = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));
	bool		negative = *s == '-';
	bool		point = false;
	int128		magnitude = 0;

	for (s += negative; *s; s++)
	{
		if (*s == '.' && !point)
		{
			point = true;
			continue;
		}
		/* the words for what is not finite have no digits; zeros may follow the places that are kept */
		if (*s < '0' || *s > '9' || (point && places == 0 && *s != '0') || magnitude >= limit)
			return false;
		if (point && places == 0)
			continue;
		magnitude = magnitude * 10 + (*s - '0');
		places -= point;
	}
	for (; places > 0; places--)
	{
		if (magnitude >= limit)
			return false;
		magnitude *= 10;
	}
	*value = negative ? -magnitude : magnitude;
	return true;
}

Decimal
decimal_below_numeric(Datum numeric, bool *above, const char *what)
{
	Decimal		value;
	DecimalStatus status = decimal_from_numeric(numeric, &value);

	*above = false;
	if (likely(status == DECIMAL_OK))
		return value;
	if (status == DECIMAL_TOO_FINE)
	{
		Datum		rounded = DirectFunctionCall2(numeric_round, numeric, Int32GetDatum(DECIMAL_PLACES));
		int			c = DatumGetInt32(DirectFunctionCall2(numeric_cmp, rounded, numeric));

		/* at the limit it was rounded to what is too large */
		status = decimal_from_numeric(rounded, &value);
		if (status == DECIMAL_OK)
		{
			*above = true;
			return value - (c > 0);
		}
	}
	if (status == DECIMAL_TOO_LARGE)
		return DatumGetBool(DirectFunctionCall2(numeric_gt, numeric, decimal_to_numeric(0))) ? DECIMAL_LIMIT : -DECIMAL_LIMIT;
	decimal_check(status, what);
	pg_unreachable();
}

Datum
numeric_ratio(Datum dividend, Datum divisor)
{
	return DirectFunctionCall1(numeric_trim_scale, DirectFunctionCall2(numeric_div, dividend, divisor));
}

Datum
decimal_ratio(int128 dividend, int128 divisor)
{
	return numeric_ratio(decimal_to_numeric(dividend), decimal_to_numeric(divisor));
}
