/*
 * offer.c
 *		What a customer is offered at an instant.
 *
 * Decisions fall as days begin, over what happened before.  Of those in force
 * the newest that qualifies governs; what happened since may stand against it.
 */
#include "postgres.h"

#include "credit/offer.h"

#include "miscadmin.h"

const char *const reason_name[REASONS] = {
	"tenure", "sales", "orders", "profit", "refunds", "growth", "profitable",
	"limit", "terms", "expired", "used", "written off", "overdue", "open"
};

#define BIT(n) (UINT32_C(1) << (n))

/* ---------------- when it is decided ---------------- */

/* the first day of a month, so many months on */
static int32
first_of_month(Date date, int more)
{
	int			month = date.year * 12 + date.month - 1 + more;
	int			year = (month >= 0 ? month : month - 11) / 12;

	return date_to_days(year, month - year * 12 + 1, 1);
}

static int32
newest_decision(Decide decide, int32 day)
{
	/* 2000-01-03 was a Monday */
	int			weekday = ((day - 2) % 7 + 7) % 7;
	Date		date = date_from_days(day);

	switch (decide)
	{
		case DECIDE_DAY:
			return day;
		case DECIDE_WEEK:
			return day - weekday;
		case DECIDE_MONTH:
			return first_of_month(date, 0);
		case DECIDE_QUARTER:
			return first_of_month(date, -((date.month - 1) % 3));
	}
	pg_unreachable();
}

/* ---------------- what is decided ---------------- */

typedef struct Deciding
{
	const CreditPolicy *policy;
	Clock	   *clock;
	Figures		figures;
	Decision   *decision;
	bool		in_full;		/* what there was is told, too */
} Deciding;

/* Since so long before, or so many times as long. */
static int64
ago(const Deciding *d, const Span *span, int times)
{
	return day_begin(d->clock, day_add(d->decision->day, span, -times));
}

static Sums
sums_in(const Deciding *d, const Span *in)
{
	return figures_between(&d->figures, ago(d, in, 1), d->decision->at);
}

/* Is more or less there than a bound?  One beyond all numbers is not reached. */
static int
compare_figure(const Figure *figure, Decimal bound)
{
	int128		times;

	if (__builtin_mul_overflow((int128) bound, figure->den, &times))
		return bound > 0 ? -1 : 1;
	return (figure->num > times) - (figure->num < times);
}

static bool
is_at_least(const Figure *figure, Decimal bound)
{
	return figure->is_there && compare_figure(figure, bound) >= 0;
}

static bool
measure_is_met(Deciding *d, Measure measure, const Asked *asked, Figure *figure)
{
	Sums		sums;
	int128		before;

	*figure = (Figure) {true, 0, 1};
	switch (measure)
	{
		case MEASURE_TENURE:
			figure->is_there = d->figures.first_purchase < d->decision->at;
			return figure->is_there && clock_add(d->clock, d->figures.first_purchase, &asked->in, 1) <= d->decision->at;
		case MEASURE_SALES:
			sums = sums_in(d, &asked->in);
			figure->num = sums_sales(&sums);
			return is_at_least(figure, asked->bound);
		case MEASURE_PROFIT:
			figure->num = sums_in(d, &asked->in).profit;
			return is_at_least(figure, asked->bound);
		case MEASURE_ORDERS:
			figure->num = (int128) figures_orders(&d->figures, ago(d, &asked->in, 1), d->decision->at,
												  d->in_full ? PG_INT64_MAX : asked->bound / DECIMAL_ONE + 1) * DECIMAL_ONE;
			return is_at_least(figure, asked->bound);
		case MEASURE_REFUNDS:
			sums = sums_in(d, &asked->in);
			*figure = (Figure) {sums.gross > 0, sums.refunded * DECIMAL_ONE, sums.gross};
			return figure->is_there && compare_figure(figure, asked->bound) <= 0;
		case MEASURE_GROWTH:
			sums = figures_between(&d->figures, ago(d, &asked->in, 2), ago(d, &asked->in, 1));
			before = sums_sales(&sums);
			sums = sums_in(d, &asked->in);
			*figure = (Figure) {before > 0, (sums_sales(&sums) - before) * DECIMAL_ONE, before};
			return is_at_least(figure, asked->bound);
		case MEASURE_PROFITABLE:
			figure->num = figures_trailing(&d->figures, d->clock, d->decision->day, &asked->in);
			return figure->num >= 0;
	}
	pg_unreachable();
}

/* What is missing, as bits. */
static uint32
needs_missing(Deciding *d, const Needs *needs, Figure *figures)
{
	uint32		missing = 0;

	for (int m = 0; m < MEASURES; m++)
	{
		if ((needs->asked & BIT(m)) && !measure_is_met(d, (Measure) m, &needs->by[m], &figures[m]))
			missing |= BIT(m);
	}
	return missing;
}

static int128
lowest_month(const Deciding *d, int months)
{
	static const Span month = {1, 0, 0};
	int64		until = d->decision->at;
	int128		lowest = 0;

	for (int k = 1; k <= months; k++)
	{
		int64		from = ago(d, &month, k);
		Sums		sums = figures_between(&d->figures, from, until);
		int128		sales = sums_sales(&sums);

		lowest = k == 1 ? sales : Min(lowest, sales);
		until = from;
	}
	return lowest;
}

/* The least of the limits, in 10^-12; 0 if there are none. */
static int128
least_limit(const Deciding *d)
{
	const CreditLimit *limits = CREDIT_LIMITS(d->policy);
	int128		least = 0;

	for (uint32 i = 0; i < d->policy->limits.n; i++)
	{
		int128		of = DECIMAL_ONE;
		int128		limit;
		Sums		sums;

		switch ((LimitOf) limits[i].of)
		{
			case LIMIT_SALES:
				sums = sums_in(d, &limits[i].in);
				of = sums_sales(&sums);
				break;
			case LIMIT_PROFIT:
				of = sums_in(d, &limits[i].in).profit;
				break;
			case LIMIT_LOWEST_MONTH:
				of = lowest_month(d, limits[i].in.months);
				break;
			case LIMIT_AMOUNT:
				break;
		}
		if (__builtin_mul_overflow(of, (int128) limits[i].times, &limit))
			credit_overflow();
		least = i == 0 ? limit : Min(least, limit);
	}
	return least;
}

/* What is left of a limit, in whole steps. */
static int128
offered(const CreditPolicy *policy, int128 limit)
{
	int128		step = (int128) policy->step * DECIMAL_ONE;

	return limit <= 0 ? 0 : limit / step * policy->step;
}

static bool
is_enough(const CreditPolicy *policy, int128 amount)
{
	return amount > 0 && amount >= policy->minimum;
}

static uint64
terms_offered(Deciding *d)
{
	const CreditTerms *terms = CREDIT_TERMS(d->policy);
	uint64		offered = 0;

	for (uint32 i = 0; i < d->policy->terms.n; i++)
	{
		Figure		figures[MEASURES];

		if (terms[i].from <= d->decision->day && d->decision->day < terms[i].until &&
			needs_missing(d, &terms[i].needs, figures) == 0)
			offered |= UINT64CONST(1) << i;
	}
	return offered;
}

/* The decision of a day.  Unless in full it is only good for whether it qualifies. */
static void
decide(Deciding *d, Decision *decision, int32 day, bool in_full)
{
	const CreditPolicy *policy = d->policy;

	memset(decision, 0, sizeof(*decision));
	decision->day = day;
	decision->at = day_begin(d->clock, day);
	decision->ends = day_add(day, &policy->valid, 1);
	d->decision = decision;
	d->in_full = in_full;
	decision->limit = least_limit(d);
	if (!is_enough(policy, offered(policy, decision->limit)))
		decision->reasons |= BIT(REASON_LIMIT);
	if (!in_full && decision->reasons != 0)
		return;
	decision->reasons |= needs_missing(d, &policy->qualify, decision->figures);
	if (!in_full && decision->reasons != 0)
		return;
	decision->terms = terms_offered(d);
	if (decision->terms == 0)
		decision->reasons |= BIT(REASON_TERMS);
}

/*
 * The decision that governs: the newest in force that qualifies, else the
 * latest there was.
 */
static void
find_decision(Deciding *d, int32 today, Decision *governing)
{
	Decision	older;
	int32		day = governing->day;

	decide(d, governing, day, true);
	while (governing->reasons != 0)
	{
		CHECK_FOR_INTERRUPTS();
		day = newest_decision(d->policy->decide, day - 1);
		if (day_add(day, &d->policy->valid, 1) <= today)
			return;
		decide(d, &older, day, false);
		if (older.reasons == 0)
			decide(d, governing, day, true);
	}
}

/* ---------------- what stands against it ---------------- */

/* Is less repaid of one loan than of another, as a share? */
static bool
is_less_repaid(const Loan *a, const Loan *b)
{
	return (int128) a->repaid * b->total < (int128) b->repaid * a->total;
}

static void
look_at_loans(Offer *offer, const Loans *loans)
{
	const CreditPolicy *policy = loans->bound->policy;
	int128		owed = 0;
	int128		left;

	for (uint64 i = 0; i < loans->n; i++)
	{
		const Loan *loan = &loans->list[i];
		LoanState	state;

		CHECK_FOR_INTERRUPTS();
		if (loan->advance.at >= offer->decision.at)
			offer->reasons |= BIT(REASON_USED);
		if (loan->is_written_off)
			offer->reasons |= BIT(REASON_WRITTEN_OFF);
		if (!loan_is_open(loan))
			continue;
		loan_state(loans, loan, &state);
		owed += state.owed;
		if (state.overdue > 0)
			offer->reasons |= BIT(REASON_OVERDUE);
		if ((int128) loan->repaid * DECIMAL_ONE < (int128) policy->repaid * loan->total)
			offer->reasons |= BIT(REASON_OPEN);
		if (offer->least_repaid == NULL || is_less_repaid(loan, offer->least_repaid))
			offer->least_repaid = loan;
	}
	left = offer->decision.limit - owed * DECIMAL_ONE;
	offer->amount = offered(policy, left);
	if (offer->reasons == 0 && !is_enough(policy, offer->amount))
		offer->reasons = BIT(REASON_LIMIT);
}

void
offer_make(Offer *offer, Loans *loans, const uint8 *history, size_t len)
{
	const CreditPolicy *policy = loans->bound->policy;
	Deciding	d = {.policy = policy, .clock = &loans->clock};
	uint32		since;

	memset(offer, 0, sizeof(*offer));
	offer->decision.day = newest_decision(policy->decide, loans->today);
	figures_read(&d.figures, history, len, day_begin(d.clock, offer->decision.day));
	find_decision(&d, loans->today, &offer->decision);
	offer->valid_until = day_begin(d.clock, offer->decision.ends);
	offer->first_purchase = d.figures.first_purchase;
	look_at_loans(offer, loans);
	since = offer->reasons;
	if (offer->decision.reasons != 0)
		offer->reasons = offer->decision.reasons;
	else
		offer->reasons = offer->decision.ends <= loans->today ? BIT(REASON_EXPIRED) : since;
}

int32
credit_pay_by(const CreditPolicy *policy, int32 day)
{
	const int32 *holidays = BLOCK_LIST(policy, policy->holidays, int32);
	uint32		i = 0;

	for (uint32 n = 0; n < policy->working_days;)
	{
		int			weekday = ((++day - 2) % 7 + 7) % 7;

		while (i < policy->holidays.n && holidays[i] < day)
			i++;
		n += weekday < 5 && !(i < policy->holidays.n && holidays[i] == day);
	}
	return day;
}
