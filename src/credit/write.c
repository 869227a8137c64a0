/*
 * write.c
 *		The readable form of a credit document: the one that compiles to it.
 */
#include "postgres.h"

#include "credit/text.h"
#include "document/write.h"

static void
put_date(Writer *w, const char *key, int32 day)
{
	if (day != DAY_ALWAYS && day != DAY_NEVER)
		put_local(w, key, local_from_days(day));
}

static bool
is_days(const Span *span, int days)
{
	return span->months == 0 && span->days == days;
}

static void
put_needs(Writer *w, const Needs *needs)
{
	for (int m = 0; m < MEASURES; m++)
	{
		const Asked *asked = &needs->by[m];

		if (!(needs->asked & (UINT32_C(1) << m)))
			continue;
		if (m == MEASURE_TENURE || m == MEASURE_PROFITABLE)
		{
			put_span(w, asked_words[m], &asked->in);
			continue;
		}
		write_key(w, asked_words[m]);
		write_begin(w, '{');
		put_span(w, "in", &asked->in);
		put_decimal(w, m == MEASURE_REFUNDS ? "most" : "least", asked->bound);
		write_end(w, '}');
	}
}

static void
put_qualify(Writer *w, const CreditPolicy *policy)
{
	if (policy->qualify.asked == 0 && policy->repaid == DECIMAL_ONE)
		return;
	write_key(w, "qualify");
	write_begin(w, '{');
	put_needs(w, &policy->qualify);
	if (policy->repaid != DECIMAL_ONE)
		put_decimal(w, "repaid", policy->repaid);
	write_end(w, '}');
}

static void
put_limits(Writer *w, const CreditPolicy *policy)
{
	const CreditLimit *limits = CREDIT_LIMITS(policy);

	if (policy->limits.n == 0)
		return;
	write_key(w, "limit");
	write_begin(w, '[');
	for (uint32 i = 0; i < policy->limits.n; i++)
	{
		write_element(w);
		write_begin(w, '{');
		if (limits[i].of == LIMIT_AMOUNT)
			put_decimal(w, "amount", limits[i].times);
		else
		{
			put_word(w, "of", limit_words[limits[i].of]);
			put_span(w, "in", &limits[i].in);
			put_decimal(w, "times", limits[i].times);
		}
		write_end(w, '}');
	}
	write_end(w, ']');
}

static void
put_pay_out(Writer *w, const CreditPolicy *policy)
{
	const int32 *holidays = BLOCK_LIST(policy, policy->holidays, int32);

	if (policy->working_days == 0)
		return;
	write_key(w, "pay_out");
	write_begin(w, '{');
	put_whole(w, "working_days", policy->working_days);
	if (policy->holidays.n > 0)
	{
		write_key(w, "holidays");
		write_begin(w, '[');
		for (uint32 i = 0; i < policy->holidays.n; i++)
		{
			Date		date = date_from_days(holidays[i]);

			write_element(w);
			write_word(w, psprintf("%04d-%02d-%02d", date.year, date.month, date.day));
		}
		write_end(w, ']');
	}
	write_end(w, '}');
}

static void
put_instalments(Writer *w, const CreditTerms *terms)
{
	put_whole(w, "instalments", terms->instalments);
	if (terms->every.months != 1)
		put_span(w, "every", &terms->every);
	if (terms->has_first)
		put_span(w, "first", &terms->first);
	if (terms->residual != 0)
		put_decimal(w, "residual", terms->residual);
}

static void
put_share(Writer *w, const CreditTerms *terms)
{
	put_decimal(w, "share", terms->share);
	if (!terms->has_minimum)
		return;
	write_key(w, "minimum");
	write_begin(w, '{');
	put_decimal(w, "part", terms->minimum_part);
	put_span(w, "per", &terms->minimum_per);
	write_end(w, '}');
}

static void
write_terms(Writer *w, const CreditTerms *terms)
{
	write_begin(w, '{');
	put_name(w, "name", terms->name);
	if (terms->fee != 0)
		put_decimal(w, "fee", terms->fee);
	if (terms->bears_interest)
		put_decimal(w, "interest", terms->interest);
	if (terms->instalments > 0)
		put_instalments(w, terms);
	else
		put_share(w, terms);
	if (terms->needs.asked != 0)
	{
		write_key(w, "needs");
		write_begin(w, '{');
		put_needs(w, &terms->needs);
		write_end(w, '}');
	}
	put_date(w, "from", terms->from);
	put_date(w, "until", terms->until);
	write_end(w, '}');
}

static void
put_loss(Writer *w, const CreditPolicy *policy)
{
	const LossStep *steps = CREDIT_LOSSES(policy);

	if (policy->losses.n == 0)
		return;
	write_key(w, "loss");
	write_begin(w, '{');
	put_decimal(w, "given_default", policy->given_default);
	write_key(w, "probability");
	write_begin(w, '[');
	for (uint32 i = 0; i < policy->losses.n; i++)
	{
		write_element(w);
		write_begin(w, '[');
		write_element(w);
		write_span(w, &steps[i].after);
		write_element(w);
		write_decimal(w, steps[i].probability);
		write_end(w, ']');
	}
	write_end(w, ']');
	write_end(w, '}');
}

void
credit_to_json(StringInfo out, const CreditPolicy *policy)
{
	Writer		w;

	write_init(&w, out, policy);
	write_begin(&w, '{');
	put_name(&w, "credit", policy->name);
	put_name(&w, "timezone", policy->timezone);
	if (policy->decimals != 2)
		put_whole(&w, "decimals", policy->decimals);
	put_choice(&w, "decide", decide_words, policy->decide);
	if (!is_days(&policy->valid, 30))
		put_span(&w, "valid", &policy->valid);
	put_qualify(&w, policy);
	put_limits(&w, policy);
	if (policy->minimum != 0)
		put_decimal(&w, "minimum", policy->minimum);
	if (policy->step != credit_unit(policy))
		put_decimal(&w, "step", policy->step);
	put_pay_out(&w, policy);
	write_key(&w, "terms");
	write_begin(&w, '[');
	for (uint32 i = 0; i < policy->terms.n; i++)
	{
		write_element(&w);
		write_terms(&w, &CREDIT_TERMS(policy)[i]);
	}
	write_end(&w, ']');
	if (!is_days(&policy->grace, 1))
		put_span(&w, "grace", &policy->grace);
	if (!is_days(&policy->defaults, 90))
		put_span(&w, "default", &policy->defaults);
	put_loss(&w, policy);
	write_end(&w, '}');
}
