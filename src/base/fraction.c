/*
 * fraction.c
 *		Exact fractions of millionths.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/fraction.h"

loyalty_compat_noreturn static void
too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("result is out of range"),
			 errdetail("Products of points, money and rates must stay below 10^%d.", 2 * DECIMAL_DIGITS)));
}

static int128
gcd(int128 a, int128 b)
{
	a = a < 0 ? -a : a;
	b = b < 0 ? -b : b;
	while (b > PG_INT64_MAX || (a > PG_INT64_MAX && b != 0))
	{
		int128		rest = a % b;

		a = b;
		b = rest;
	}
	if (b != 0)
	{
		uint64		x = (uint64) a;
		uint64		y = (uint64) b;

		while (y != 0)
		{
			uint64		rest = x % y;

			x = y;
			y = rest;
		}
		a = x;
	}
	return a;
}

static Fraction
reduced(int128 num, int128 den)
{
	int128		g = gcd(num, den);
	Fraction	f;

	if (den < 0)
		g = -g;
	f.num = num / g;
	f.den = den / g;
	return f;
}

/*
 * A fraction whose terms have grown beyond what can be multiplied further, to
 * 12 decimals of a millionth: that takes many partial refunds of one order.
 */
static Fraction
rounded_off(Fraction a)
{
	const int128 unit = INT64CONST(1000000000000);
	int128		whole;
	int128		rest;

	if (a.den <= unit)
		return a;
	whole = a.num / a.den;
	rest = a.num % a.den;
	while (a.den > PG_INT64_MAX)
	{
		a.den /= 2;
		rest /= 2;
	}
	if (__builtin_mul_overflow(whole, unit, &a.num))
		too_large();
	a.num += rest * unit / a.den;
	return reduced(a.num, unit);
}

Fraction
fraction_scale(Fraction a, int128 num, int128 den)
{
	Fraction	by;
	int128		g;

	if (num == den)
		return a;
	if (num == 0 || a.num == 0)
	{
		a.num = 0;
		a.den = 1;
		return a;
	}
	by = reduced(num, den);
	for (int attempt = 0;; attempt++)
	{
		Fraction	result;

		if (by.den > 1 && (g = gcd(a.num, by.den)) > 1)
		{
			a.num /= g;
			by.den /= g;
		}
		if (a.den > 1 && (g = gcd(by.num, a.den)) > 1)
		{
			by.num /= g;
			a.den /= g;
		}
		if (!__builtin_mul_overflow(a.num, by.num, &result.num) &&
			!__builtin_mul_overflow(a.den, by.den, &result.den))
			return result;
		if (attempt > 0)
			too_large();
		a = rounded_off(a);
		by = rounded_off(by);
	}
}

Fraction
fraction_add(Fraction a, Fraction b)
{
	if (a.den == b.den)
	{
		if (__builtin_add_overflow(a.num, b.num, &a.num))
			too_large();
		return a;
	}
	if (a.num == 0)
		return b;
	if (b.num == 0)
		return a;
	for (int attempt = 0;; attempt++)
	{
		int128		g = gcd(a.den, b.den);
		int128		left;
		int128		right;
		int128		den;

		if (!__builtin_mul_overflow(a.num, b.den / g, &left) &&
			!__builtin_mul_overflow(b.num, a.den / g, &right) &&
			!__builtin_mul_overflow(a.den, b.den / g, &den) &&
			!__builtin_add_overflow(left, right, &left))
			return reduced(left, den);
		if (attempt > 0)
			too_large();
		a = rounded_off(a);
		b = rounded_off(b);
	}
}

int128
fraction_floor(Fraction f)
{
	int128		whole = f.num / f.den;

	return f.num < 0 && whole * f.den != f.num ? whole - 1 : whole;
}

int128
fraction_round(Fraction f, RoundMode mode, int decimals)
{
	int128		unit = mode == ROUND_NONE ? 1 : decimal_power10[DECIMAL_PLACES - decimals];
	bool		negative = f.num < 0;
	int128		magnitude;
	int128		den;
	int128		whole;
	int128		rest;

	if (__builtin_mul_overflow(f.den, unit, &den))
	{
		f = rounded_off(f);
		den = f.den * unit;
	}
	magnitude = negative ? -f.num : f.num;
	whole = magnitude / den;
	rest = magnitude % den;
	switch (mode)
	{
		case ROUND_DOWN:
			break;
		case ROUND_UP:
			whole += rest > 0;
			break;
		case ROUND_HALF_UP:
		case ROUND_NONE:
			whole += rest >= den - rest;
			break;
	}
	if (__builtin_mul_overflow(whole, unit, &whole))
		too_large();
	return negative ? -whole : whole;
}
