/*
 * decimal.c
 *		Texts of exact decimals.
 */
#include "postgres.h"

#include "base/decimal.h"

const int64 decimal_power10[19] = {
	INT64CONST(1),
	INT64CONST(10),
	INT64CONST(100),
	INT64CONST(1000),
	INT64CONST(10000),
	INT64CONST(100000),
	INT64CONST(1000000),
	INT64CONST(10000000),
	INT64CONST(100000000),
	INT64CONST(1000000000),
	INT64CONST(10000000000),
	INT64CONST(100000000000),
	INT64CONST(1000000000000),
	INT64CONST(10000000000000),
	INT64CONST(100000000000000),
	INT64CONST(1000000000000000),
	INT64CONST(10000000000000000),
	INT64CONST(100000000000000000),
	INT64CONST(1000000000000000000),
};

DecimalStatus
decimal_from_text(const char *s, size_t len, Decimal *value)
{
	const char *end = s + len;
	bool		negative = false;
	bool		point = false;
	bool		any = false;
	int64		exponent = 0;	/* of the digits gathered, as they stand */
	int64		digits = 0;
	int			kept = 0;		/* significant digits in `digits` */
	int64		zeros = 0;		/* zeros seen after the last kept digit */

	if (s < end && (*s == '-' || *s == '+'))
		negative = (*s++ == '-');
	for (; s < end; s++)
	{
		if (*s == '.' && !point)
			point = true;
		else if (*s >= '0' && *s <= '9')
		{
			any = true;
			if (point)
				exponent--;
			if (*s == '0')
				zeros += (kept > 0);
			else
			{
				/* 18 digits are all that a Decimal holds */
				if (kept + zeros + 1 > 18)
					return point ? DECIMAL_TOO_FINE : DECIMAL_TOO_LARGE;
				for (; zeros > 0; zeros--, kept++)
					digits *= 10;
				digits = digits * 10 + (*s - '0');
				kept++;
			}
		}
		else
			break;
	}
	if (!any)
		return DECIMAL_NOT_A_NUMBER;
	if (s < end && (*s == 'e' || *s == 'E'))
	{
		bool		minus = false;
		int64		e = 0;

		s++;
		if (s < end && (*s == '-' || *s == '+'))
			minus = (*s++ == '-');
		if (s == end)
			return DECIMAL_NOT_A_NUMBER;
		for (; s < end && *s >= '0' && *s <= '9'; s++)
			e = Min(e * 10 + (*s - '0'), INT64CONST(1000000000000));
		exponent += minus ? -e : e;
	}
	if (s != end)
		return DECIMAL_NOT_A_NUMBER;
	if (digits == 0)
	{
		*value = 0;
		return DECIMAL_OK;
	}

	/* digits x 10^(exponent + zeros), in millionths */
	exponent += zeros + DECIMAL_PLACES;
	while (exponent < 0 && digits % 10 == 0)
	{
		digits /= 10;
		exponent++;
	}
	if (exponent < 0)
		return DECIMAL_TOO_FINE;
	if (exponent > 18 || digits >= DECIMAL_LIMIT / decimal_power10[exponent] +
		(DECIMAL_LIMIT % decimal_power10[exponent] != 0))
		return DECIMAL_TOO_LARGE;
	digits *= decimal_power10[exponent];
	*value = negative ? -digits : digits;
	return DECIMAL_OK;
}

int
decimal_to_text(int128 value, char *buf)
{
	char		reversed[DECIMAL_TEXT_SIZE];
	unsigned __int128 rest = value < 0 ? -(unsigned __int128) value : (unsigned __int128) value;
	int			places = DECIMAL_PLACES;
	int			n = 0;
	int			len = 0;

	while (places > 0 && rest % 10 == 0)
	{
		rest /= 10;
		places--;
	}
	do
	{
		reversed[n++] = (char) ('0' + (int) (rest % 10));
		rest /= 10;
		if (n == places)
			reversed[n++] = '.';
	} while (rest > 0 || n < places);
	if (reversed[n - 1] == '.')
		reversed[n++] = '0';

	if (value < 0)
		buf[len++] = '-';
	while (n > 0)
		buf[len++] = reversed[--n];
	buf[len] = '\0';
	return len;
}

void
decimal_check(DecimalStatus status, const char *what)
{
	switch (status)
	{
		case DECIMAL_OK:
			return;
		case DECIMAL_TOO_LARGE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s is too large", what),
					 errdetail("At most %d digits before the decimal point are kept.", DECIMAL_DIGITS)));
			break;
		case DECIMAL_TOO_FINE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s has too many decimals", what),
					 errdetail("At most %d digits after the decimal point are kept.", DECIMAL_PLACES),
					 errhint("Round it where the rounding can be seen, for example with round(x, %d).",
							 DECIMAL_PLACES)));
			break;
		case DECIMAL_NOT_A_NUMBER:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s must be a finite number", what)));
			break;
	}
}
