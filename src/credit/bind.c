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

/* ---------------- what decisions look back to ---------------- */

static int
look_back(BoundCredit *bound, const Span *span, int times, int shift)
{
	int			i = 0;

	while (i < bound->nlooks && !(bound->looks[i].span.months * bound->looks[i].times == span->months * times &&
								  bound->looks[i].span.days * bound->looks[i].times == span->days * times &&
								  bound->looks[i].shift == shift))
		i++;
	if (i == bound->nlooks)
		bound->looks[bound->nlooks++] = (LookBack) {*span, times, shift};
	return i;
}

static void
bind_needs(BoundCredit *bound, BoundNeeds *needs, const Needs *asked)
{
	needs->needs = asked;
	for (int m = 0; m < MEASURES; m++)
	{
		const Span *in = &asked->by[m].in;
		LooksBack  *looks = &needs->by[m];

		if (!(asked->asked & (UINT32_C(1) << m)))
			continue;
		looks->from = look_back(bound, in, 1, 0);
		if (m == MEASURE_GROWTH)
			looks->before = look_back(bound, in, 2, 0);
		if (m == MEASURE_TENURE || m == MEASURE_PROFITABLE)
		{
			looks->before = look_back(bound, in, 1, -LOOK_SLACK);
			looks->after = look_back(bound, in, 1, LOOK_SLACK);
		}
		bound->asks_orders |= m == MEASURE_ORDERS;
	}
}

static void
bind_limits(BoundCredit *bound)
{
	static const Span month = {1, 0, 0};
	const CreditLimit *limits = CREDIT_LIMITS(bound->policy);
	int			months = 0;

	bound->limits = palloc0(Max(bound->policy->limits.n, 1) * sizeof(int));
	for (uint32 i = 0; i < bound->policy->limits.n; i++)
	{
		if (limits[i].of == LIMIT_LOWEST_MONTH)
			months = Max(months, limits[i].in.months);
		else if (limits[i].of != LIMIT_AMOUNT)
			bound->limits[i] = look_back(bound, &limits[i].in, 1, 0);
	}
	for (int k = 1; k <= months; k++)
		bound->months[k] = look_back(bound, &month, k, 0);
}

void
credit_bind(BoundCredit *bound, const CreditPolicy *policy, const Zone *zone)
{
	static uint64 serial = 0;

	memset(bound, 0, sizeof(*bound));
	bound->policy = policy;
	bound->zone = zone;
	bound->unit = credit_unit(policy);
	bound->serial = ++serial;
	bound->looks = palloc(((policy->terms.n + 1) * MEASURES * 3 + policy->limits.n + CREDIT_MAX_MONTHS) * sizeof(LookBack));
	bind_needs(bound, &bound->qualify, &policy->qualify);
	bind_limits(bound);
	bound->terms = palloc0(policy->terms.n * sizeof(BoundTerms));
	for (uint32 i = 0; i < policy->terms.n; i++)
	{
		bind_terms(&bound->terms[i], &CREDIT_TERMS(policy)[i]);
		bind_needs(bound, &bound->terms[i].needs, &CREDIT_TERMS(policy)[i].needs);
	}
}

loyalty_compat_noreturn static void
refuse_terms(const BoundCredit *bound, const char *name, size_t len)
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

const BoundTerms *
credit_terms(const BoundCredit *bound, const char *name, size_t len)
{
	if (name == NULL)
		return &bound->terms[0];
	for (uint32 i = 0; i < bound->policy->terms.n; i++)
	{
		BlockName	each = bound->terms[i].terms->name;

		if (each.len == len && memcmp(BLOCK_NAME(bound->policy, each), name, len) == 0)
			return &bound->terms[i];
	}
	refuse_terms(bound, name, len);
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
