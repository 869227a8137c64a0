/*
 * xirr.c
 *		The aggregate xirr: the yearly rate of payments.
 *
 * The state is a bytea of rows (base/state.h): the day, and the amount as the
 * server's numeric stands on disk.  So sums are exact, whatever the order.
 */
#include "postgres.h"

#include "base/bytes.h"
#include "base/numeric.h"
#include "base/state.h"
#include "credit/rate.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"

static void
state_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("state of the aggregate loyalty.xirr() is damaged")));
}

static void
state_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many payments for loyalty.xirr()"),
			 errdetail("Those of one group must fit into 1 GB."),
			 errhint("Sum them up by day first.")));
}

static const StateType xirr_state = {0x01, state_damaged, state_too_large, NULL};

PG_FUNCTION_INFO_V1(loyalty_credit_xirr_add);

/* transition of xirr(amount, day) */
Datum
loyalty_credit_xirr_add(PG_FUNCTION_ARGS)
{
	struct varlena *amount;
	State		state;
	uint8	   *p;
	size_t		size;
	int32		day;

	state_check_aggregate(fcinfo, "loyalty.xirr()");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return state_unchanged(fcinfo);
	amount = (struct varlena *) PG_GETARG_NUMERIC(1);
	day = PG_GETARG_DATEADT(2);
	if (numeric_is_nan((Numeric) amount) || numeric_is_inf((Numeric) amount))
		decimal_check(DECIMAL_NOT_A_NUMBER, "amount");
	if (DATE_NOT_FINITE(day))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("day must be finite")));
	size = VARSIZE(amount) - VARHDRSZ;
	if (!state_open(&state, &xirr_state, fcinfo, sizeof(day) + LEB_MAX_BYTES + size))
		state_damaged();
	p = state.rows + state.used;
	memcpy(p, &day, sizeof(day));
	p = leb_write(p + sizeof(day), size);
	memcpy(p, VARDATA(amount), size);
	state.used = (uint32) (p + size - state.rows);
	state.n++;
	return state_result(&state);
}

PG_FUNCTION_INFO_V1(loyalty_credit_xirr_combine);

/* combine function: one state behind the other */
Datum
loyalty_credit_xirr_combine(PG_FUNCTION_ARGS)
{
	State		state;
	State		more;

	state_check_aggregate(fcinfo, "loyalty.xirr()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	state_read(&more, &xirr_state, state_value(PG_GETARG_DATUM(1)));
	if (!state_open(&state, &xirr_state, fcinfo, more.used))
		state_damaged();
	memcpy(state.rows + state.used, more.rows, more.used);
	state.used += more.used;
	state.n += more.n;
	return state_result(&state);
}

typedef struct Paid
{
	int32		day;
	uint32		size;			/* of a numeric's bytes ... */
	const uint8 *amount;		/* ... which stand here */
} Paid;

#define ST_SORT sort_paid
#define ST_ELEMENT_TYPE Paid
#define ST_COMPARE(a, b) ((a)->day < (b)->day ? -1 : (a)->day > (b)->day)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static Paid *
read_rows(const State *state)
{
	const uint8 *p = state->rows;
	const uint8 *end = p + state->used;
	Paid	   *paid;

	/* the least that a row has */
	if (state->n > state->used / (sizeof(int32) + 1 + sizeof(uint16)))
		state_damaged();
	paid = palloc_extended(Max(state->n, 1) * sizeof(Paid), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < state->n; i++)
	{
		uint64		size;

		if ((size_t) (end - p) < sizeof(int32))
			state_damaged();
		memcpy(&paid[i].day, p, sizeof(int32));
		p = leb_read(p + sizeof(int32), end, &size);
		if (p == NULL || size > (uint64) (end - p) || size < sizeof(uint16))
			state_damaged();
		paid[i].size = (uint32) size;
		paid[i].amount = p;
		p += size;
	}
	return paid;
}

static Datum
paid_numeric(const Paid *paid)
{
	struct varlena *amount = palloc(VARHDRSZ + paid->size);

	SET_VARSIZE(amount, VARHDRSZ + paid->size);
	memcpy(VARDATA(amount), paid->amount, paid->size);
	return PointerGetDatum(amount);
}

PG_FUNCTION_INFO_V1(loyalty_credit_xirr_final);

/* xirr(amount, day): NULL unless there are both signs and two days */
Datum
loyalty_credit_xirr_final(PG_FUNCTION_ARGS)
{
	State		state;
	Paid	   *paid;
	Flow	   *flows;
	int			n = 0;
	double		rate;

	state_check_aggregate(fcinfo, "loyalty.xirr()");
	state_read(&state, &xirr_state, state_value(PG_GETARG_DATUM(0)));
	paid = read_rows(&state);
	sort_paid(paid, state.n);
	flows = palloc_extended(Max(state.n, 1) * sizeof(Flow), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < state.n;)
	{
		int32		day = paid[i].day;
		Datum		sum = paid_numeric(&paid[i]);

		for (i++; i < state.n && paid[i].day == day; i++)
		{
			CHECK_FOR_INTERRUPTS();
			sum = DirectFunctionCall2(numeric_add, sum, paid_numeric(&paid[i]));
		}
		flows[n].day = day;
		flows[n].amount = DatumGetFloat8(DirectFunctionCall1(numeric_float8, sum));
		n += flows[n].amount != 0;
	}
	if (!rate_solve(flows, n, &rate))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(rate);
}
