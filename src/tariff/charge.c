/*
 * charge.c
 *		What a quantity costs: see charge.h.
 */
#include "postgres.h"

#include "tariff/charge.h"

void
charge_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("amount out of range"),
			 errdetail("A price times a quantity has more than %d digits before the decimal point.", DECIMAL_DIGITS)));
	pg_unreachable();
}

/* units times what one costs */
static Exact
times(int128 units, Decimal price)
{
	Exact		result;

	if (__builtin_mul_overflow(units, (int128) price, &result))
		charge_overflow();
	return result;
}

static Exact
plus(Exact a, Exact b)
{
	Exact		result;

	if (__builtin_add_overflow(a, b, &result))
		charge_overflow();
	return result;
}

/* For quantities above 0.  A tier holds what is above the `up_to` before it, to its own. */
static Exact
charge_by_tiers(const PriceTier *tiers, uint32 n, PriceMode mode, int128 quantity)
{
	Exact		sum = 0;
	int128		from = 0;

	for (uint32 i = 0; i < n && quantity > from; i++)
	{
		bool		last = quantity <= tiers[i].up_to || i == n - 1;

		if (mode == MODE_GRADUATED)
			sum = plus(plus(sum, times((last ? quantity : tiers[i].up_to) - from, tiers[i].price)), times(DECIMAL_ONE, tiers[i].flat));
		else if (last)
			sum = plus(times(quantity, tiers[i].price), times(DECIMAL_ONE, tiers[i].flat));
		if (last)
			break;
		from = tiers[i].up_to;
	}
	return sum;
}

Exact
price_charge(const Tariff *tariff, const Price *price, int128 quantity)
{
	Exact		charge = 0;

	if (!price->is_given)
		return 0;
	quantity = Max(Max(quantity, 0) - price->included, 0);
	if (price->size != 0)
		quantity = (quantity + price->size - 1) / price->size * DECIMAL_ONE;
	if (quantity > 0 && price->tiers.n > 0)
		charge = charge_by_tiers(BLOCK_LIST(tariff, price->tiers, PriceTier), price->tiers.n, price->mode, quantity);
	else if (quantity > 0)
		charge = times(quantity, price->price);
	charge = Max(charge, times(DECIMAL_ONE, price->minimum));
	if (price->maximum != PG_INT64_MAX)
		charge = Min(charge, times(DECIMAL_ONE, price->maximum));
	return charge;
}

Exact
plan_charge(const Tariff *tariff, const PlanEntry *entry, Decimal quantity)
{
	return plus(times(DECIMAL_ONE, entry->fee), price_charge(tariff, &entry->price, quantity));
}

/* dividend / divisor to the places of the tariff; the divisor is what one unit of the last place is. */
static Decimal
round_quotient(const Tariff *tariff, int128 dividend, int128 divisor, int places)
{
	int128		magnitude = dividend < 0 ? -dividend : dividend;
	int128		quotient = magnitude / divisor;
	int128		rest = magnitude % divisor;
	int64		unit = decimal_power10[DECIMAL_PLACES - places];

	if (tariff->round == TARIFF_UP ? rest > 0 : tariff->round != TARIFF_DOWN && rest >= divisor - rest)
		quotient++;
	if (quotient >= DECIMAL_LIMIT / unit)
		charge_overflow();
	return (Decimal) (dividend < 0 ? -quotient : quotient) * unit;
}

static int
rounded_places(const Tariff *tariff)
{
	return tariff->round == TARIFF_NONE ? DECIMAL_PLACES : (int) tariff->decimals;
}

Decimal
exact_rounded(const Tariff *tariff, Exact exact)
{
	int			places = rounded_places(tariff);

	return round_quotient(tariff, exact, (int128) decimal_power10[DECIMAL_PLACES - places] * DECIMAL_ONE, places);
}

Decimal
amount_part(const Tariff *tariff, Decimal amount, int64 part, int64 whole)
{
	int			places = rounded_places(tariff);

	return round_quotient(tariff, (int128) amount * part, (int128) decimal_power10[DECIMAL_PLACES - places] * whole, places);
}
