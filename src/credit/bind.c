/*
 * bind.c
 *		A credit document with what is worked out from it: see bind.h.
 */
#include "postgres.h"

#include "credit/bind.h"

static void
bind_terms(BoundTerms *bound, const CreditTerms *terms)
{
	bool		by_months = terms->every.months != 0;

	bound->terms = terms;
	bound->has_rate = terms->interest != 0;
	if (bound->has_rate)
		annuity_prepare(&bound->annuity, terms->interest * (by_months ? terms->every.months : terms->every.days),
						(by_months ? 12 : 365) * DECIMAL_ONE, (int) terms->instalments);
}

void
credit_bind(BoundCredit *bound, const CreditPolicy *policy, const Zone *zone)
{
	static uint64 serial = 0;

	bound->policy = policy;
	bound->zone = zone;
	bound->unit = credit_unit(policy);
	bound->serial = ++serial;
	bound->terms = palloc(policy->terms.n * sizeof(BoundTerms));
	for (uint32 i = 0; i < policy->terms.n; i++)
		bind_terms(&bound->terms[i], &CREDIT_TERMS(policy)[i]);
}

const BoundTerms *
credit_find_terms(const BoundCredit *bound, const char *name, size_t len)
{
	if (name == NULL)
		return &bound->terms[0];
	for (uint32 i = 0; i < bound->policy->terms.n; i++)
	{
		BlockName	each = bound->terms[i].terms->name;

		if (each.len == len && memcmp(BLOCK_NAME(bound->policy, each), name, len) == 0)
			return &bound->terms[i];
	}
	return NULL;
}

void
credit_refuse_terms(const BoundCredit *bound, const char *name, size_t len)
{
	StringInfoData names;

	initStringInfo(&names);
	for (uint32 i = 0; i < bound->policy->terms.n; i++)
		appendStringInfo(&names, "%s \"%s\"", i > 0 ? "," : "", BLOCK_NAME(bound->policy, bound->terms[i].terms->name));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("terms \"%.*s\" are not in credit \"%s\"", (int) len, name, BLOCK_NAME(bound->policy, bound->policy->name)),
			 errdetail("Its terms are:%s.", names.data),
			 errhint("Terms once used stay in the document; \"until\" ends their being offered.")));
	pg_unreachable();
}

Decimal
credit_round(const BoundCredit *bound, int128 num, int128 den)
{
	int128		rounded = fraction_round((Fraction) {num, den}, ROUND_HALF_UP, (int) bound->policy->decimals);

	if (rounded >= DECIMAL_LIMIT || rounded <= -DECIMAL_LIMIT)
		credit_overflow();
	return (Decimal) rounded;
}

int32
day_add(int32 day, const Span *span, int times)
{
	int64		local;

	if (day == DAY_NEVER)
		return day;
	local = local_add(local_from_days(day), span, times);
	return local >= INSTANT_LIMIT ? DAY_NEVER : local_to_days(local);
}
