/*
 * lend.c
 *		The SQL functions over loans and plans.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "base/numeric.h"
#include "credit/call.h"
#include "credit/rate.h"
#include "event/event_value.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static Datum
money_datum(Decimal amount)
{
	return decimal_to_numeric(amount);
}

static Datum
terms_datum(const Loans *loans, const Loan *loan)
{
	return CStringGetTextDatum(BLOCK_NAME(loans->bound->policy, loan->terms->terms->name));
}

static void
put_instant(Datum *value, bool *null, int64 at, bool is_there)
{
	*null = !is_there;
	*value = TimestampTzGetDatum(at);
}

static void
put_ref(Datum *value, bool *null, const Loan *loan)
{
	*null = !event_has_ref(&loan->advance);
	*value = *null ? 0 : ref_datum(&loan->advance);
}

PG_FUNCTION_INFO_V1(loyalty_credit_loans);

/* loans(h, credit, asof): a row for each advance */
Datum
loyalty_credit_loans(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Loans		loans;

	emit_begin(&emitter, fcinfo);
	credit_loans(fcinfo, &loans);
	for (uint64 i = 0; i < loans.n; i++)
	{
		const Loan *loan = &loans.list[i];
		LoanState	state;
		Datum		values[18];
		bool		nulls[18] = {false};

		CHECK_FOR_INTERRUPTS();
		emit_start(&emitter);
		loan_state(&loans, loan, &state);
		put_ref(&values[0], &nulls[0], loan);
		values[1] = TimestampTzGetDatum(loan->advance.at);
		values[2] = terms_datum(&loans, loan);
		values[3] = money_datum(loan->advance.amount);
		values[4] = money_datum(loan->fee);
		values[5] = money_datum(loan->total);
		values[6] = money_datum(loan->repaid);
		values[7] = money_datum(state.principal);
		values[8] = money_datum(state.owed);
		values[9] = money_datum(state.due);
		values[10] = money_datum(state.overdue);
		put_instant(&values[11], &nulls[11], day_begin(&loans.clock, state.overdue_since), state.overdue > 0);
		put_instant(&values[12], &nulls[12], state.next < 0 ? 0 : day_begin(&loans.clock, loan->days[state.next]), state.next >= 0);
		nulls[13] = state.next < 0;
		values[13] = money_datum(state.next_due);
		values[14] = CStringGetTextDatum(loan_status_name[state.status]);
		put_instant(&values[15], &nulls[15], loan->closed_at, !loan_is_open(loan));
		values[16] = money_datum(loan->lost - loan->recovered);
		nulls[17] = loans.bound->policy->losses.n == 0;
		values[17] = money_datum(state.expected_loss);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

static Datum
sum_over_loans(FunctionCallInfo fcinfo, Decimal (*of) (const Loans *loans, const Loan *loan, int32 day))
{
	Loans		loans;
	int128		sum = 0;

	credit_loans(fcinfo, &loans);
	for (uint64 i = 0; i < loans.nopen; i++)
		sum += of(&loans, &loans.list[loans.open[i]], loans.today);
	return decimal_to_numeric(sum);
}

PG_FUNCTION_INFO_V1(loyalty_credit_owed);

/* owed(h, credit, asof): what closes all loans now */
Datum
loyalty_credit_owed(PG_FUNCTION_ARGS)
{
	return sum_over_loans(fcinfo, loan_owed);
}

PG_FUNCTION_INFO_V1(loyalty_credit_due);

/* due(h, credit, asof): what is to be debited now */
Datum
loyalty_credit_due(PG_FUNCTION_ARGS)
{
	return sum_over_loans(fcinfo, loan_due);
}

/* ---------------- what is to come ---------------- */

typedef struct Coming
{
	int32		day;
	Decimal		payment;
	uint64		loan;
	int			row;
} Coming;

static int
compare_coming(const Coming *a, const Coming *b)
{
	if (a->day != b->day)
		return a->day < b->day ? -1 : 1;
	if (a->loan != b->loan)
		return a->loan < b->loan ? -1 : 1;
	return a->row - b->row;
}

#define ST_SORT sort_coming
#define ST_ELEMENT_TYPE Coming
#define ST_COMPARE(a, b) compare_coming(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* The open parts of rows that fall due after today. */
static uint64
coming_rows(const Loans *loans, Coming **list)
{
	Coming	   *rows = NULL;
	uint64		n = 0;
	uint64		room = 0;

	for (uint64 i = 0; i < loans->nopen; i++)
	{
		const Loan *loan = &loans->list[loans->open[i]];
		Decimal		open;

		for (int k = 0; (k = loan_next(loan, k, loans->today, &open)) >= 0; k++)
		{
			CHECK_FOR_INTERRUPTS();
			if (n == room)
			{
				room = Max(64, 2 * room);
				rows = n == 0 ? palloc(room * sizeof(Coming)) : repalloc_huge(rows, room * sizeof(Coming));
			}
			rows[n++] = (Coming) {loan->days[k], open, loans->open[i], k};
		}
	}
	*list = rows;
	return n;
}

PG_FUNCTION_INFO_V1(loyalty_credit_expected_cash);

/* expected_cash(h, credit, asof): what is still to come by plan */
Datum
loyalty_credit_expected_cash(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Loans		loans;
	Coming	   *rows;
	uint64		n;

	emit_begin(&emitter, fcinfo);
	credit_loans(fcinfo, &loans);
	n = coming_rows(&loans, &rows);
	if (n > 1)
		sort_coming(rows, n);
	for (uint64 i = 0; i < n; i++)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		emit_start(&emitter);
		values[0] = TimestampTzGetDatum(day_begin(&loans.clock, rows[i].day));
		put_ref(&values[1], &nulls[1], &loans.list[rows[i].loan]);
		values[2] = money_datum(rows[i].payment);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

/* ---------------- plans ---------------- */

/* A plan of (credit, amount, at, terms); false if one that must not be is NULL. */
typedef struct PlanCall
{
	const BoundCredit *bound;
	const BoundTerms *terms;
	Decimal		amount;
	Clock		clock;
	int32		from;
} PlanCall;

static bool
plan_call(FunctionCallInfo fcinfo, PlanCall *call)
{
	int64		at;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return false;
	memset(call, 0, sizeof(*call));
	call->bound = credit_arg(fcinfo, 0);
	call->amount = decimal_from_arg(PG_GETARG_DATUM(1), "amount");
	if (call->amount <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("amount must be greater than zero")));
	at = PG_GETARG_TIMESTAMPTZ(2);
	check_instant(at, "at");
	call->terms = &call->bound->terms[0];
	if (!PG_ARGISNULL(3))
	{
		text	   *name = PG_GETARG_TEXT_PP(3);

		call->terms = credit_terms(call->bound, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	clock_begin(&call->clock, call->bound->zone, at);
	call->from = clock_days(&call->clock, at);
	return true;
}

PG_FUNCTION_INFO_V1(loyalty_credit_instalments);

/* instalments(credit, amount, at, terms) */
Datum
loyalty_credit_instalments(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	PlanCall	call;
	const Payments *payments;
	const int32 *days;

	emit_begin(&emitter, fcinfo);
	if (!plan_call(fcinfo, &call) || call.terms->terms->instalments == 0)
		return emit_end(&emitter);
	payments = plans_payments(NULL, call.bound, call.terms, call.amount);
	days = plans_days(NULL, call.bound, call.terms, call.from);
	for (int k = 0; k < payments->n; k++)
	{
		Decimal		payment = payments->until[k] - (k > 0 ? payments->until[k - 1] : 0);
		Datum		values[6];
		bool		nulls[6] = {false};

		emit_start(&emitter);
		values[0] = Int32GetDatum(k + 1);
		values[1] = TimestampTzGetDatum(day_begin(&call.clock, days[k]));
		values[2] = money_datum(payment);
		values[3] = money_datum(payments->rows[k].interest);
		values[4] = money_datum(payment - payments->rows[k].interest);
		values[5] = money_datum(payments->rows[k].balance);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

/* ---------------- what a plan costs a year ---------------- */

#define SHARE_MOST_DAYS	3650

/* Payments by day, the first of them the advance. */
typedef struct Flows
{
	int			n;
	Flow		list[SHARE_MOST_DAYS + PLAN_MAX_ROWS + 2];
} Flows;

static void
add_flow(Flows *flows, int32 day, double amount)
{
	if (flows->n > 0 && flows->list[flows->n - 1].day == day)
	{
		flows->list[flows->n - 1].amount += amount;
		if (flows->list[flows->n - 1].amount == 0)
			flows->n--;
	}
	else if (amount != 0)
		flows->list[flows->n++] = (Flow) {day, amount};
}

static void
flows_of_plan(const PlanCall *call, Flows *flows)
{
	const Payments *payments = plans_payments(NULL, call->bound, call->terms, call->amount);
	const int32 *days = plans_days(NULL, call->bound, call->terms, call->from);

	for (int k = 0; k < payments->n; k++)
		add_flow(flows, days[k], (double) (payments->until[k] - (k > 0 ? payments->until[k - 1] : 0)));
}

/* The same sales every day; false if that does not repay it. */
static bool
flows_of_share(const PlanCall *call, Decimal per_day, Flows *flows)
{
	Decimal		total = call->amount + credit_fee(call->bound, call->terms, call->amount);
	SalesDays	sales = {NULL, 0, 0};
	Share		share;

	share_begin(&share, call->bound, call->terms->terms, call->from, total, &sales);
	for (int i = 1; i <= SHARE_MOST_DAYS; i++)
		sales_add(&sales, call->from + i, per_day);
	share_reach(&share, &sales, call->from + SHARE_MOST_DAYS + 1);
	if (share.n == 0 || share.until[share.n - 1] != total)
		return false;
	for (int i = 0; i < share.n; i++)
		add_flow(flows, share.days[i] - 1, (double) (share.until[i] - (i > 0 ? share.until[i - 1] : 0)));
	return true;
}

PG_FUNCTION_INFO_V1(loyalty_credit_annual_rate);

/* annual_rate(credit, amount, at, terms, per_day) */
Datum
loyalty_credit_annual_rate(PG_FUNCTION_ARGS)
{
	PlanCall	call;
	Flows	   *flows;
	double		rate;

	if (!plan_call(fcinfo, &call))
		PG_RETURN_NULL();
	flows = palloc(sizeof(Flows));
	flows->n = 0;
	add_flow(flows, call.from, -(double) call.amount);
	if (call.terms->terms->instalments > 0)
		flows_of_plan(&call, flows);
	else if (PG_ARGISNULL(4) || !flows_of_share(&call, decimal_from_arg(PG_GETARG_DATUM(4), "per_day"), flows))
		PG_RETURN_NULL();
	if (!rate_solve(flows->list, flows->n, &rate))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(rate);
}
