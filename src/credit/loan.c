/*
 * loan.c
 *		The loans of a history: see loan.h.
 *
 * Money is counted by the day: what falls due does so as a day begins.  So an
 * instant is the last day that has begun by then.
 */
#include "postgres.h"

#include "credit/figures.h"
#include "credit/loan.h"

#include "miscadmin.h"
#include "utils/memutils.h"

const char *const loan_status_name[] = {"repaid", "written off", "default", "late", "open"};

static const Span no_span = {0, 0, 0};

/* ---------------- what is due, owed, repaid ---------------- */

/* How many rows have fallen due, and a span more ago, by a day. */
static int
rows_fallen(const Loan *loan, const Span *ago, int32 day)
{
	bool		at_once = ago->months == 0 && ago->days == 0;
	int			below = 0;
	int			above = loan->n;

	while (below < above)
	{
		int			middle = below + (above - below) / 2;

		if ((at_once ? loan->days[middle] : day_add(loan->days[middle], ago, 1)) <= day)
			below = middle + 1;
		else
			above = middle;
	}
	return below;
}

static inline Decimal
until_row(const Loan *loan, int n)
{
	return n > 0 ? loan->until[n - 1] : 0;
}

/* The first row that what was repaid does not cover. */
static int
first_uncovered(const Loan *loan)
{
	int			below = 0;
	int			above = loan->n;

	while (below < above)
	{
		int			middle = below + (above - below) / 2;

		if (loan->until[middle] <= loan->repaid)
			below = middle + 1;
		else
			above = middle;
	}
	return below;
}

/* The principal that what was repaid has not brought back: by rows, interest first; else the fee comes back with it. */
static Decimal
principal_open(const Loans *loans, const Loan *loan)
{
	int			k;
	Decimal		open;
	Decimal		part;

	if (loan->rows == NULL)
		return loan->advance.amount - (loan->repaid - credit_fee_part(loans->bound, loan->fee, loan->repaid, loan->total));
	k = first_uncovered(loan);
	open = k > 0 ? loan->rows[k - 1].balance : loan->advance.amount;
	part = loan->repaid - until_row(loan, k);
	if (k < loan->n && part > 0)
		open -= Max(part - loan->rows[k].interest, 0);
	return open;
}

Decimal
loan_owed(const Loans *loans, const Loan *loan, int32 day)
{
	int			k;
	int32		last;
	Decimal		owed;

	if (!loan_is_open(loan))
		return 0;
	if (loan->rows == NULL)
		return loan->total - loan->repaid;
	k = rows_fallen(loan, &no_span, day);
	last = k > 0 ? loan->days[k - 1] : loan->from;
	owed = until_row(loan, k) + (k > 0 ? loan->rows[k - 1].balance : loan->advance.amount) - loan->repaid;
	if (k < loan->n && day > last)
		owed += credit_round(loans->bound, (int128) loan->rows[k].interest * (day - last), loan->days[k] - last);
	return Max(owed, 0);
}

/* What fell due, a span more ago, and was not repaid. */
static Decimal
fallen_open(const Loan *loan, const Span *ago, int32 day, Decimal owed)
{
	Decimal		open = until_row(loan, rows_fallen(loan, ago, day)) - loan->repaid;

	return Max(Min(open, owed), 0);
}

Decimal
loan_due(const Loans *loans, const Loan *loan, int32 day)
{
	Decimal		owed = loan_owed(loans, loan, day);

	return owed == 0 ? 0 : fallen_open(loan, &no_span, day, owed);
}

/* ---------------- what happens to loans ---------------- */

/* Sales make due what is repaid as a share of them. */
static void
reach_day(Loans *loans, Loan *loan, int32 day)
{
	if (loan->terms->terms->instalments > 0)
		return;
	share_reach(&loan->share, &loans->sales, day);
	loan->n = loan->share.n;
	loan->days = loan->share.days;
	loan->until = loan->share.until;
}

static void
begin_instalments(Loans *loans, Loan *loan)
{
	const Payments *payments = plans_payments(loans->plans, loans->bound, loan->terms, loan->advance.amount);

	loan->n = payments->n;
	loan->until = payments->until;
	loan->rows = loan->terms->terms->bears_interest ? payments->rows : NULL;
	loan->days = plans_days(loans->plans, loans->bound, loan->terms, loan->from);
	loan->total = loan->until[loan->n - 1];
}

static void
begin_share(Loans *loans, Loan *loan)
{
	loan->total = loan->advance.amount + credit_fee(loans->bound, loan->terms, loan->advance.amount);
	share_begin(&loan->share, loans->bound, loan->terms->terms, loan->from, loan->total, &loans->sales);
	loans->shares++;
}

static Loan *
new_loan(Loans *loans)
{
	if (loans->n == loans->room)
	{
		loans->room = Max(4, 2 * loans->room);
		loans->list = loans->n == 0 ? palloc(loans->room * sizeof(Loan)) :
			repalloc_huge(loans->list, loans->room * sizeof(Loan));
		loans->open = loans->n == 0 ? palloc(loans->room * sizeof(uint64)) :
			repalloc_huge(loans->open, loans->room * sizeof(uint64));
	}
	loans->open[loans->nopen++] = loans->n;
	return memset(&loans->list[loans->n++], 0, sizeof(Loan));
}

static void
begin_loan(Loans *loans, const Event *advance)
{
	bool		is_named = (advance->has & EVENT_HAS_NAME) != 0;
	const char *name = is_named ? (const char *) advance->name.data : NULL;
	const BoundTerms *terms = credit_terms(loans->bound, name, advance->name.len);
	Loan	   *loan = new_loan(loans);

	loan->advance = *advance;
	loan->terms = terms;
	loan->from = clock_days(&loans->clock, advance->at);
	loan->closed_at = INSTANT_NEVER;
	if (terms->terms->instalments > 0)
		begin_instalments(loans, loan);
	else
		begin_share(loans, loan);
	loan->fee = loan->total - advance->amount;
}

/* Only those are looked at any more to which money may come. */
static void
forget_closed(Loans *loans)
{
	uint64		kept = 0;

	for (uint64 i = 0; i < loans->nopen; i++)
	{
		const Loan *loan = &loans->list[loans->open[i]];

		if (loan_is_open(loan) || (loan->is_written_off && loan->recovered < loan->lost_owed))
			loans->open[kept++] = loans->open[i];
	}
	loans->nopen = kept;
}

/* Cover of a loan so much, of what there is. */
static void
cover(Loans *loans, Loan *loan, Decimal most, const Event *repayment, int32 day, Decimal *left)
{
	Decimal		taken = Min(*left, most);

	if (taken <= 0)
		return;
	*left -= taken;
	loan->repaid += taken;
	if (loan_owed(loans, loan, day) == 0)
		loan->closed_at = repayment->at;
}

/* What comes for loans of its ref: first what is owed, or of one written off what was. */
static void
cover_ref(Loans *loans, const Event *repayment, int32 day, Decimal *left)
{
	for (uint64 i = 0; i < loans->nopen && *left > 0; i++)
	{
		Loan	   *loan = &loans->list[loans->open[i]];

		CHECK_FOR_INTERRUPTS();
		if (!ref_equal(&loan->advance, repayment))
			continue;
		if (loan->is_written_off)
		{
			Decimal		taken = Min(*left, loan->lost_owed - loan->recovered);

			loan->recovered += taken;
			*left -= taken;
			continue;
		}
		cover(loans, loan, loan_owed(loans, loan, day), repayment, day, left);
	}
}

/* Then what is due, then what is owed, of the oldest first; the rest nowhere. */
static void
repay(Loans *loans, const Event *repayment)
{
	int32		day = day_begun(&loans->clock, repayment->at);
	Decimal		left = repayment->amount;

	for (uint64 i = 0; i < loans->nopen; i++)
		reach_day(loans, &loans->list[loans->open[i]], day);
	if (event_has_ref(repayment))
		cover_ref(loans, repayment, day, &left);
	for (int what = 0; what < 2; what++)
	{
		for (uint64 i = 0; i < loans->nopen && left > 0; i++)
		{
			Loan	   *loan = &loans->list[loans->open[i]];

			CHECK_FOR_INTERRUPTS();
			cover(loans, loan, what == 0 ? loan_due(loans, loan, day) : loan_owed(loans, loan, day), repayment, day, &left);
		}
	}
	forget_closed(loans);
}

static void
write_off(Loans *loans, const Event *activity)
{
	int32		day = day_begun(&loans->clock, activity->at);

	for (uint64 i = 0; i < loans->nopen; i++)
	{
		Loan	   *loan = &loans->list[loans->open[i]];

		CHECK_FOR_INTERRUPTS();
		if (!loan_is_open(loan) || !ref_equal(&loan->advance, activity))
			continue;
		reach_day(loans, loan, day);
		loan->is_written_off = true;
		loan->lost = principal_open(loans, loan);
		loan->lost_owed = loan_owed(loans, loan, day);
		loan->closed_at = activity->at;
	}
	forget_closed(loans);
}

static void
add_sale(Loans *loans, const Event *event)
{
	if (loans->shares > 0 && !event_is_credit(event))
		sales_add(&loans->sales, clock_days(&loans->clock, event->at), event->kind == EVENT_PURCHASE ? event->amount : -event->amount);
}

void
loans_begin(Loans *loans, const BoundCredit *bound, Plans *plans, int32 today)
{
	memset(loans, 0, sizeof(*loans));
	loans->bound = bound;
	loans->plans = plans;
	loans->today = today;
	clock_begin(&loans->clock, bound->zone, INSTANT_MIN);
}

void
loans_read(Loans *loans, const uint8 *history, size_t len, int64 asof)
{
	static const char written_off[] = "written off";
	HistoryCursor cursor;
	Event		event;

	if (loans->plans)
		loans->plans->history++;
	history_open(&cursor, history, len);
	if (!history_has_kind(&cursor, EVENT_ADVANCE))
		return;
	while (history_next(&cursor, &event) && event.at <= asof)
	{
		switch ((EventKind) event.kind)
		{
			case EVENT_ADVANCE:
				begin_loan(loans, &event);
				break;
			case EVENT_REPAYMENT:
				repay(loans, &event);
				break;
			case EVENT_PURCHASE:
			case EVENT_REFUND:
				add_sale(loans, &event);
				break;
			case EVENT_ACTIVITY:
				if (event.name.len == strlen(written_off) && memcmp(event.name.data, written_off, strlen(written_off)) == 0)
					write_off(loans, &event);
				break;
			case EVENT_SUBSCRIPTION:
			case EVENT_REDEMPTION:
			case EVENT_ADJUSTMENT:
			case EVENT_EXPENSE:
			case EVENT_GRANT:
			case EVENT_USAGE:
				break;
		}
	}
	for (uint64 i = 0; i < loans->nopen; i++)
		reach_day(loans, &loans->list[loans->open[i]], loans->today);
}

/* ---------------- how they stand ---------------- */

int
loan_next(const Loan *loan, int k, int32 day, Decimal *open)
{
	if (!loan_is_open(loan) || loan->terms->terms->instalments == 0)
		return -1;
	k = Max(k, Max(rows_fallen(loan, &no_span, day), first_uncovered(loan)));
	for (; k < loan->n; k++)
	{
		*open = loan->until[k] - Max(loan->repaid, until_row(loan, k));
		if (*open > 0)
			return k;
	}
	return -1;
}

/* How probable a loss is. */
static Decimal
loss_probability(const CreditPolicy *policy, int32 overdue_since, int32 today)
{
	const LossStep *steps = CREDIT_LOSSES(policy);
	Decimal		probability = steps[0].probability;

	for (uint32 i = 1; i < policy->losses.n && day_add(overdue_since, &steps[i].after, 1) <= today; i++)
		probability = steps[i].probability;
	return probability;
}

void
loan_state(const Loans *loans, const Loan *loan, LoanState *state)
{
	const CreditPolicy *policy = loans->bound->policy;
	int32		today = loans->today;

	memset(state, 0, sizeof(*state));
	state->overdue_since = DAY_NEVER;
	state->next = -1;
	state->status = loan->is_written_off ? LOAN_WRITTEN_OFF : LOAN_REPAID;
	if (!loan_is_open(loan))
		return;
	state->status = LOAN_OPEN;
	state->principal = principal_open(loans, loan);
	state->owed = loan_owed(loans, loan, today);
	state->due = fallen_open(loan, &no_span, today, state->owed);
	state->overdue = fallen_open(loan, &policy->grace, today, state->owed);
	if (state->overdue > 0)
	{
		state->overdue_since = day_add(loan->days[first_uncovered(loan)], &policy->grace, 1);
		state->status = day_add(state->overdue_since, &policy->defaults, 1) <= today ? LOAN_DEFAULT : LOAN_LATE;
	}
	state->next = loan_next(loan, 0, today, &state->next_due);
	if (policy->losses.n > 0)
		state->expected_loss = credit_round(loans->bound, (int128) state->principal * loss_probability(policy, state->overdue_since, today) * policy->given_default,
											(int128) DECIMAL_ONE * DECIMAL_ONE);
}
