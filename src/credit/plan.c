/*
 * plan.c
 *		Instalments: see plan.h.
 */
#include "postgres.h"

#include "credit/plan.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

int
plan_rows(const BoundTerms *terms)
{
	return (int) terms->terms->instalments + (terms->terms->residual != 0);
}

Decimal
credit_fee(const BoundCredit *bound, const BoundTerms *terms, Decimal amount)
{
	return credit_round(bound, (int128) terms->terms->fee * amount, DECIMAL_ONE);
}

Decimal
credit_fee_part(const BoundCredit *bound, Decimal fee, Decimal repaid, Decimal total)
{
	return fee == 0 ? 0 : credit_round(bound, (int128) fee * repaid, total);
}

/* ---------------- payments ---------------- */

static void
put_row(Payments *payments, Decimal payment, Decimal interest, Decimal balance)
{
	int			k = payments->n++;

	if (__builtin_add_overflow(k > 0 ? payments->until[k - 1] : 0, payment, &payments->until[k]) ||
		balance >= DECIMAL_LIMIT)
		credit_overflow();
	payments->rows[k] = (PlanRow) {interest, balance};
}

/* The fee is spread over the payments as the principal is. */
static void
pay_with_fee(const BoundCredit *bound, const BoundTerms *terms, Decimal amount, Payments *payments)
{
	int			n = (int) terms->terms->instalments;
	Decimal		fee = credit_fee(bound, terms, amount);
	Decimal		total = amount + fee;
	Decimal		payment = credit_round(bound, total, n);
	Decimal		paid = 0;
	Decimal		of_fee = 0;

	for (int k = 1; k <= n; k++)
	{
		Decimal		now = k == n ? total - paid : Min(payment, total - paid);
		Decimal		fee_part;

		paid += now;
		fee_part = credit_fee_part(bound, fee, paid, total) - of_fee;
		of_fee += fee_part;
		put_row(payments, now, fee_part, amount - (paid - of_fee));
	}
}

static void
pay_with_interest(const BoundCredit *bound, const BoundTerms *terms, Decimal amount, Payments *payments)
{
	const Annuity *annuity = &terms->annuity;
	int			n = (int) terms->terms->instalments;
	bool		in_advance = terms_in_advance(terms->terms);
	Decimal		residual = credit_round(bound, (int128) terms->terms->residual * amount, DECIMAL_ONE);
	Decimal		payment = terms->has_rate ? annuity_payment(annuity, amount, residual, in_advance, bound->unit) :
		credit_round(bound, amount - residual, n);
	Decimal		balance = amount;

	for (int k = 1; k <= n; k++)
	{
		Decimal		interest = !terms->has_rate || (in_advance && k == 1) ? 0 :
			credit_round(bound, (int128) balance * annuity->rate, annuity->whole);
		Decimal		left = Max(balance + interest - residual, 0);
		Decimal		now = Min(payment, left);

		/* the last leaves the residual; in advance that has a period yet to grow in */
		if (k == n && !(in_advance && residual > 0))
			now = left;
		else if (k == n && terms->has_rate)
			now = Min(payment, balance + interest);
		balance += interest - now;
		put_row(payments, now, interest, balance);
	}
	if (residual > 0)
		put_row(payments, residual, residual - balance, 0);
}

void
plan_payments(const BoundCredit *bound, const BoundTerms *terms, Decimal amount, Payments *payments)
{
	payments->n = 0;
	if (terms->terms->bears_interest)
		pay_with_interest(bound, terms, amount, payments);
	else
		pay_with_fee(bound, terms, amount, payments);
}

/* ---------------- dates ---------------- */

void
plan_days(const BoundTerms *bound, int32 from, int n, int32 *days)
{
	const CreditTerms *terms = bound->terms;
	bool		in_advance = terms_in_advance(terms);
	int32		anchor = terms->has_first ? day_add(from, &terms->first, 1) : from;
	int			before = terms->has_first ? 1 : 0;

	for (int k = 1; k <= n; k++)
	{
		/* the residual comes with the last instalment, or a period after it */
		bool		with_last = k > (int) terms->instalments && !in_advance;

		days[k - 1] = day_add(anchor, &terms->every, k - before - with_last);
	}
}

/* ---------------- plans that are kept ---------------- */

static void
make_room(Payments *payments, MemoryContext context, int n)
{
	payments->until = MemoryContextAlloc(context, n * sizeof(Decimal));
	payments->rows = MemoryContextAlloc(context, n * sizeof(PlanRow));
}

const Payments *
plans_payments(Plans *plans, const BoundCredit *bound, const BoundTerms *terms, Decimal amount)
{
	uint32		id = terms->terms->id;
	int			n = plan_rows(terms);
	KeptPayments *kept = NULL;

	if (plans)
		kept = &plans->payments[murmurhash32((uint32) amount ^ (uint32) (amount >> 32) ^ id) % PLANS_KEPT];
	if (kept && kept->serial == bound->serial && kept->terms == id && kept->amount == amount)
	{
		kept->history = plans->history;
		return &kept->payments;
	}
	/* what this history has asked for must stay */
	if (kept == NULL || kept->history == plans->history)
	{
		Payments   *payments = palloc(sizeof(Payments));

		make_room(payments, CurrentMemoryContext, n);
		plan_payments(bound, terms, amount, payments);
		return payments;
	}
	kept->serial = 0;			/* none, should this fail */
	if (kept->room < n)
	{
		if (kept->room > 0)
		{
			pfree(kept->payments.until);
			pfree(kept->payments.rows);
		}
		kept->room = 0;
		make_room(&kept->payments, plans->context, n);
		kept->room = n;
	}
	plan_payments(bound, terms, amount, &kept->payments);
	kept->serial = bound->serial;
	kept->history = plans->history;
	kept->terms = id;
	kept->amount = amount;
	return &kept->payments;
}

const int32 *
plans_days(Plans *plans, const BoundCredit *bound, const BoundTerms *terms, int32 from)
{
	uint32		id = terms->terms->id;
	int			n = plan_rows(terms);
	KeptDays   *kept = NULL;

	if (plans)
		kept = &plans->days[murmurhash32((uint32) from ^ id << 24) % PLANS_KEPT];
	if (kept && kept->serial == bound->serial && kept->terms == id && kept->from == from)
	{
		kept->history = plans->history;
		return kept->days;
	}
	if (kept == NULL || kept->history == plans->history)
	{
		int32	   *days = palloc(n * sizeof(int32));

		plan_days(terms, from, n, days);
		return days;
	}
	kept->serial = 0;
	if (kept->room < n)
	{
		if (kept->room > 0)
			pfree(kept->days);
		kept->room = 0;
		kept->days = MemoryContextAlloc(plans->context, n * sizeof(int32));
		kept->room = n;
	}
	plan_days(terms, from, n, kept->days);
	kept->serial = bound->serial;
	kept->history = plans->history;
	kept->terms = id;
	kept->from = from;
	return kept->days;
}
