/*
 * annuity.c
 *		What is paid each period: see annuity.h.
 *
 * The payment is a quotient of whole numbers that grow with the periods.  What
 * floating point estimates is a multiple of the unit or one beside it; which,
 * is found out by multiplying.
 */
#include "postgres.h"

#include "credit/annuity.h"

#include <math.h>

/* 600 periods of 46 bits each, and what they are multiplied with */
#define MOST_LIMBS	448

void
credit_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amount out of range"),
			 errdetail("What a loan costs has more than %d digits before the decimal point.", DECIMAL_DIGITS)));
	pg_unreachable();
}

static int64
common_divisor(int64 a, int64 b)
{
	while (b != 0)
	{
		int64		rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* ---------------- whole numbers ---------------- */

static void
multiply(Natural *a, uint64 by)
{
	uint64		carry = 0;

	for (int i = 0; i < a->n; i++)
	{
		uint128		product = (uint128) a->limbs[i] * by + carry;

		a->limbs[i] = (uint64) product;
		carry = (uint64) (product >> 64);
	}
	if (carry != 0)
	{
		Assert(a->n < MOST_LIMBS);
		a->limbs[a->n++] = carry;
	}
}

/* a = b * x - c * y, which is not negative */
static void
subtract_products(Natural *a, const Natural *b, uint64 x, const Natural *c, uint64 y)
{
	uint64		plus = 0;
	uint64		minus = 0;
	uint64		borrow = 0;
	int			n = Max(b->n, c->n) + 1;

	for (int i = 0; i < n; i++)
	{
		uint128		p = (uint128) (i < b->n ? b->limbs[i] : 0) * x + plus;
		uint128		m = (uint128) (i < c->n ? c->limbs[i] : 0) * y + minus;
		uint128		taken = (uint128) (uint64) m + borrow;

		plus = (uint64) (p >> 64);
		minus = (uint64) (m >> 64);
		borrow = (uint64) p < taken;
		a->limbs[i] = (uint64) p - (uint64) taken;
	}
	Assert(borrow == 0 && plus == minus);
	while (n > 0 && a->limbs[n - 1] == 0)
		n--;
	a->n = n;
}

static void
copy(Natural *a, const Natural *b)
{
	a->n = b->n;
	memcpy(a->limbs, b->limbs, b->n * sizeof(uint64));
}

static bool
is_greater(const Natural *a, const Natural *b)
{
	if (a->n != b->n)
		return a->n > b->n;
	for (int i = a->n - 1; i >= 0; i--)
	{
		if (a->limbs[i] != b->limbs[i])
			return a->limbs[i] > b->limbs[i];
	}
	return false;
}

static Natural
power(uint64 base, int exponent)
{
	uint64		limbs[MOST_LIMBS] = {0};
	Natural		work = {1, limbs};
	Natural		result;

	limbs[0] = 1;
	for (int i = 0; i < exponent; i++)
		multiply(&work, base);
	result.limbs = palloc((work.n + 1) * sizeof(uint64));
	copy(&result, &work);
	return result;
}

/* ---------------- payments ---------------- */

void
annuity_prepare(Annuity *annuity, int64 rate, int64 whole, int periods)
{
	int64		divisor = common_divisor(rate, whole);

	annuity->periods = periods;
	annuity->rate = rate / divisor;
	annuity->whole = whole / divisor;
	annuity->grown = power((uint64) (annuity->whole + annuity->rate), periods);
	annuity->flat = power((uint64) annuity->whole, periods);
	annuity->growth.limbs = palloc((annuity->grown.n + 1) * sizeof(uint64));
	subtract_products(&annuity->growth, &annuity->grown, 1, &annuity->flat, 1);
}

/* The payment as twice a dividend, and a divisor; a rounded one is found between them. */
typedef struct Quotient
{
	Natural		twice;
	Natural		divisor;
} Quotient;

/* Does the quotient, rounded half up, reach so many? */
static bool
reaches(const Quotient *quotient, int64 units)
{
	uint64		limbs[MOST_LIMBS] = {0};
	Natural		product = {0, limbs};

	if (units <= 0)
		return true;
	copy(&product, &quotient->divisor);
	multiply(&product, 2 * (uint64) units - 1);
	return !is_greater(&product, &quotient->twice);
}

/* The quotient rounded half up, from a number near it. */
static int64
round_quotient(const Quotient *quotient, int64 near)
{
	int64		step = 1;
	int64		below = near;
	int64		above;

	for (; !reaches(quotient, below); step *= 2)
		below = Max(below - step, 0);
	above = below + 1;
	for (step = 1; reaches(quotient, above); step *= 2)
	{
		below = above;
		above += step;
	}
	while (above - below > 1)
	{
		int64		middle = below + (above - below) / 2;

		if (reaches(quotient, middle))
			below = middle;
		else
			above = middle;
	}
	return below;
}

Decimal
annuity_payment(const Annuity *annuity, Decimal amount, Decimal residual, bool in_advance, Decimal unit)
{
	uint64		twice[MOST_LIMBS] = {0};
	uint64		divisor[MOST_LIMBS] = {0};
	Quotient	quotient = {{0, twice}, {0, divisor}};
	double		rate = (double) annuity->rate / annuity->whole;
	double		growth = annuity->periods * log1p(rate);
	double		payment = rate * (amount - residual * exp(-growth)) / -expm1(-growth) / (in_advance ? 1 + rate : 1);

	if (payment >= DECIMAL_LIMIT)
		credit_overflow();
	subtract_products(&quotient.twice, &annuity->grown, (uint64) amount, &annuity->flat, (uint64) residual);
	multiply(&quotient.twice, 2 * (uint64) annuity->rate);
	copy(&quotient.divisor, &annuity->growth);
	multiply(&quotient.divisor, (uint64) (annuity->whole * unit));
	if (in_advance)
	{
		multiply(&quotient.twice, (uint64) annuity->whole);
		multiply(&quotient.divisor, (uint64) (annuity->whole + annuity->rate));
	}
	return round_quotient(&quotient, (int64) (payment / unit)) * unit;
}
