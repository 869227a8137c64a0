/*
 * contracts.c
 *		What is to be expected of a customer with a contract.
 */
#include "postgres.h"

#include "worth/contracts.h"

#include "miscadmin.h"

#include <math.h>

#define NEGLIGIBLE		1e-12	/* of a sum */
#define DAYS_OF_MONTH	30.4375 /* where there is no calendar */

bool
contract_look(const UsedModel *use, Datum history, int64 asof, Contract *contract)
{
	Spell	   *spells;
	int			n = spells_look(history, &use->model->unit, asof, &spells);

	if (n == 0)
		return false;
	contract->spell = spells[n - 1];
	pfree(spells);
	contract->running = contract->spell.end == INSTANT_NEVER;
	contract->renewals = spell_renewals(&contract->spell, use->zone, &use->model->unit, asof);
	contract->asof = asof;
	spell_terms(&contract->terms, &contract->spell, use->zone, &use->model->unit);
	return true;
}

/* Local days from one instant to another. */
static double
days_between(const UsedModel *use, int64 from, int64 to)
{
	int			hint = 0;
	int64		start = zone_to_local(use->zone, from, &hint);

	return (double) (zone_to_local(use->zone, to, &hint) - start) / USECS_PER_DAY;
}

double
contract_expected(const UsedModel *use, Contract *contract, int64 until, double fading)
{
	double		part = 1;
	double		sum = 0;

	if (!contract->running)
		return 0;
	for (int64 k = contract->renewals + 1;; k++)
	{
		int64		due = terms_nth(&contract->terms, k);
		double		term;

		CHECK_FOR_INTERRUPTS();
		if (due > until || due == INSTANT_NEVER)
			break;
		part *= renewals_next(&use->renewals, (double) (k - 1));
		term = part * exp(-fading * days_between(use, contract->asof, due));
		sum += term;

		/* each term is smaller than the one before by a term's discount at least */
		if (fading > 0 && term < NEGLIGIBLE * sum * -expm1(-fading))
			break;
	}
	return sum;
}

int64
contract_next(const UsedModel *use, Contract *contract, double probability)
{
	if (!contract->running || renewals_next(&use->renewals, (double) contract->renewals) < probability)
		return INSTANT_NEVER;
	return terms_nth(&contract->terms, contract->renewals + 1);
}

double
contract_prospect(const UsedModel *use, double days, double fading)
{
	const Span *unit = &use->model->unit;
	double		length = unit->months * DAYS_OF_MONTH + unit->days;

	return renewals_sum(&use->renewals, floor(days / length), fading * length);
}
