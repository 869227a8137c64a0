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

/* ---------------- what is decided ---------------- */

typedef struct Deciding
{
	const BoundCredit *bound;
	Frames	   *frames;
	Figures    *figures;
	Decision   *decision;
	bool		in_full;		/* what there was is told, too */
} Deciding;

/* Is more or less there than a bound?  One beyond all numbers is not reached. */
static int
compare_figure(const Figure *figure, Decimal bound)
{
	int128		times;

	if (figure->den <= PG_INT64_MAX)
		times = (int128) bound * (int64) figure->den;
	else if (__builtin_mul_overflow((int128) bound, figure->den, &times))
		return bound > 0 ? -1 : 1;
	return (figure->num > times) - (figure->num < times);
}

static bool
is_at_least(const Figure *figure, Decimal bound)
{
	return figure->is_there && compare_figure(figure, bound) >= 0;
}

/* Field by field: to copy a struct would wait for its parts to be written. */
static inline void
note_figure(Figure *figure, bool is_there, int128 num, int128 den)
{
	figure->is_there = is_there;
	figure->num = num;
	figure->den = den;
}

static bool
measure_is_met(Deciding *d, Measure measure, const Asked *asked, const LooksBack *looks, Figure *figure)
{
	Figures    *figures = d->figures;
	int128		before;
	Sums		sums;

	switch (measure)
	{
		case MEASURE_TENURE:
			note_figure(figure, figures->first_purchase < d->decision->frame->at, 0, 1);
			return figure->is_there && figures_is_over(figures, &d->frames->clock, figures->first_purchase, &asked->in, looks);
		case MEASURE_SALES:
			sums = figures_since(figures, looks->from);
			note_figure(figure, true, sums_sales(&sums), 1);
			return is_at_least(figure, asked->bound);
		case MEASURE_PROFIT:
			note_figure(figure, true, figures_since(figures, looks->from).profit, 1);
			return is_at_least(figure, asked->bound);
		case MEASURE_ORDERS:
			note_figure(figure, true, (int128) DECIMAL_ONE *
						figures_orders(figures, looks->from, d->in_full ? PG_INT64_MAX : asked->bound / DECIMAL_ONE + 1), 1);
			return is_at_least(figure, asked->bound);
		case MEASURE_REFUNDS:
			sums = figures_since(figures, looks->from);
			note_figure(figure, sums.gross > 0, sums.refunded * DECIMAL_ONE, sums.gross);
			return figure->is_there && compare_figure(figure, asked->bound) <= 0;
		case MEASURE_GROWTH:
			sums = figures_since(figures, looks->from);
			before = figures_sales(figures, looks->before, looks->from);
			note_figure(figure, before > 0, (sums_sales(&sums) - before) * DECIMAL_ONE, before);
			return is_at_least(figure, asked->bound);
		case MEASURE_PROFITABLE:
			note_figure(figure, true, figures_trailing(figures, &d->frames->clock, &asked->in, looks), 1);
			return figure->num >= 0;
	}
	pg_unreachable();
}

/* What is missing, as bits. */
static uint32
needs_missing(Deciding *d, const BoundNeeds *bound, Figure *figures)
{
	uint32		missing = 0;

	for (int m = 0; m < MEASURES && bound->needs->asked >= BIT(m); m++)
	{
		if ((bound->needs->asked & BIT(m)) && !measure_is_met(d, (Measure) m, &bound->needs->by[m], &bound->by[m], &figures[m]))
			missing |= BIT(m);
	}
	return missing;
}

static int128
lowest_month(const Deciding *d, int months)
{
	const int  *looks = d->bound->months;
	Sums		sums = figures_since(d->figures, looks[1]);
	int128		lowest = sums_sales(&sums);

	for (int k = 2; k <= months; k++)
	{
		int128		sales = figures_sales(d->figures, looks[k], looks[k - 1]);

		lowest = Min(lowest, sales);
	}
	return lowest;
}

/* The least of the limits, in 10^-12; 0 if there are none. */
static int128
least_limit(const Deciding *d)
{
	const CreditLimit *limits = CREDIT_LIMITS(d->bound->policy);
	int128		least = 0;

	for (uint32 i = 0; i < d->bound->policy->limits.n; i++)
	{
		int128		of = DECIMAL_ONE;
		int128		limit;
		Sums		sums;

		switch ((LimitOf) limits[i].of)
		{
			case LIMIT_SALES:
				sums = figures_since(d->figures, d->bound->limits[i]);
				of = sums_sales(&sums);
				break;
			case LIMIT_PROFIT:
				of = figures_since(d->figures, d->bound->limits[i]).profit;
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
	int32		day = d->decision->frame->day;
	uint64		offered = 0;

	for (uint32 i = 0; i < d->bound->policy->terms.n; i++)
	{
		const CreditTerms *terms = d->bound->terms[i].terms;
		Figure		figures[MEASURES];

		if (terms->from <= day && day < terms->until && needs_missing(d, &d->bound->terms[i].needs, figures) == 0)
			offered |= UINT64CONST(1) << i;
	}
	return offered;
}

/* The decision of a day.  Unless in full it is only good for whether it qualifies. */
static void
decide(Deciding *d, Decision *decision, const Frame *frame, bool in_full)
{
	const CreditPolicy *policy = d->bound->policy;

	memset(decision, 0, offsetof(Decision, figures));
	decision->frame = frame;
	figures_look(d->figures, d->bound, d->frames, frame);
	d->decision = decision;
	d->in_full = in_full;
	decision->limit = least_limit(d);
	if (!is_enough(policy, offered(policy, decision->limit)))
		decision->reasons |= BIT(REASON_LIMIT);
	if (!in_full && decision->reasons != 0)
		return;
	decision->reasons |= needs_missing(d, &d->bound->qualify, decision->figures);
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
find_decision(Deciding *d, Decision *governing)
{
	Decision   *older = NULL;

	decide(d, governing, frames_get(d->frames, d->bound, 0), true);
	for (int n = 1; governing->reasons != 0; n++)
	{
		const Frame *frame = frames_get(d->frames, d->bound, n);

		CHECK_FOR_INTERRUPTS();
		if (frame == NULL)
			return;
		if (older == NULL)
			older = palloc0(sizeof(Decision));
		decide(d, older, frame, false);
		if (older->reasons == 0)
			decide(d, governing, frame, true);
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
		if (loan->advance.at >= offer->decision.frame->at)
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
offer_make(Offer *offer, Frames *frames, Loans *loans, const uint8 *history, size_t len)
{
	Figures		figures;
	Deciding	d = {loans->bound, frames, &figures, NULL, false};

	offer->reasons = 0;
	offer->least_repaid = NULL;
	figures_read(&figures, d.bound, history, len, frames_get(frames, d.bound, 0)->at);
	find_decision(&d, &offer->decision);
	offer->first_purchase = figures.first_purchase;
	if (figures.has_loans)
		loans_read(loans, history, len, frames->asof);
	look_at_loans(offer, loans);
	if (offer->decision.reasons != 0)
		offer->reasons = offer->decision.reasons;
	else if (offer->decision.frame->ends <= frames->today)
		offer->reasons = BIT(REASON_EXPIRED);
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
