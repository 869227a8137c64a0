/*
 * state.c
 *		The aggregate referrals(customer, referrer, value): its running state is
 *		its rows as they come (base/state.h), a value of type referrals in its
 *		open form.  They are put in order at the end only; the bounds of their
 *		ids, which stand before them, tell how.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "base/state.h"
#include "event/event_value.h"
#include "referral/referrals.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static void
damaged(void)
{
	sql_type_damaged("referrals");
}

static void
too_large(void)
{
	referrals_too_large();
}

static const StateType referrals_state = {REFERRALS_OPEN, damaged, too_large, NULL};

/* ---------------- the state ---------------- */

static IdBounds
bounds_of(const State *state)
{
	IdBounds	bounds;

	if (state->used < sizeof(bounds))
		damaged();
	memcpy(&bounds, state->rows, sizeof(bounds));
	return bounds;
}

static void
set_bounds(State *state, const IdBounds *bounds)
{
	memcpy(state->rows, bounds, sizeof(*bounds));
}

static void
add_bounds(State *state, const IdBounds *more)
{
	IdBounds	bounds = bounds_of(state);

	id_bounds_merge(&bounds, more);
	set_bounds(state, &bounds);
}

/* Referrals in their stored form, as another server may send a state. */
static void
add_stored(State *state, Datum value)
{
	Referrals	referrals;
	IdBounds	bounds;

	referrals_open(&referrals, value);
	for (uint32 i = 0; i < referrals.n; i++)
	{
		uint8		row[REFERRAL_ROW_SIZE];

		CHECK_FOR_INTERRUPTS();
		if (referrals.customers[i])
			state_append(state, row, referral_row_again(row, &referrals, i) - row, 1);
	}
	bounds = referrals_bounds(&referrals);
	add_bounds(state, &bounds);
}

static void
begin(State *state)
{
	state_append(state, (const uint8 *) &no_ids, sizeof(no_ids), 0);
}

static void
open_state(FunctionCallInfo fcinfo, State *state, size_t more)
{
	if (unlikely(!state_open(state, &referrals_state, fcinfo, more)))
	{
		state_init(state, &referrals_state, more);
		begin(state);
		add_stored(state, PG_GETARG_DATUM(0));
	}
	else if (state->used == 0)
		begin(state);
}

/* ---------------- the aggregate ---------------- */

/* The type that the ids have, found once per call site. */
static Oid
id_type(FunctionCallInfo fcinfo)
{
	Oid		   *type = fcinfo->flinfo->fn_extra;

	if (type == NULL)
	{
		type = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Oid));
		*type = ref_arg_type(fcinfo, 1);
		fcinfo->flinfo->fn_extra = type;
	}
	return *type;
}

PG_FUNCTION_INFO_V1(loyalty_referral_add);

/* transition */
Datum
loyalty_referral_add(PG_FUNCTION_ARGS)
{
	State		state;
	Event		customer;
	Event		referrer;
	uint8		customer_space[REF_SPACE];
	uint8		referrer_space[REF_SPACE];
	uint8		row[REFERRAL_ROW_SIZE];
	Decimal		value = 0;
	IdBounds	bounds;

	state_check_aggregate(fcinfo, "loyalty.referrals()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	customer.has = 0;
	ref_from_arg(fcinfo, 1, id_type(fcinfo), &customer, customer_space);
	referrer.has = 0;
	if (!PG_ARGISNULL(2))
		ref_from_arg(fcinfo, 2, id_type(fcinfo), &referrer, referrer_space);
	if (!PG_ARGISNULL(3))
		value = decimal_from_arg(PG_GETARG_DATUM(3), "value");
	open_state(fcinfo, &state, 0);
	state_append(&state, row, referral_row_write(row, &customer, &referrer, value) - row, 1);
	bounds = bounds_of(&state);
	id_bounds_add(&bounds, &customer);
	id_bounds_add(&bounds, &referrer);
	set_bounds(&state, &bounds);
	return state_result(&state);
}

PG_FUNCTION_INFO_V1(loyalty_referral_combine);

Datum
loyalty_referral_combine(PG_FUNCTION_ARGS)
{
	State		state;
	struct varlena *value;

	state_check_aggregate(fcinfo, "loyalty.referrals()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	value = state_value(PG_GETARG_DATUM(1));
	if (PG_ARGISNULL(0) && state_is_open(&referrals_state, value) && state_is_small(value))
		PG_RETURN_POINTER(value);
	open_state(fcinfo, &state, 0);
	if (state_is_open(&referrals_state, value))
	{
		State		other;
		IdBounds	bounds;

		state_read(&other, &referrals_state, value);
		bounds = bounds_of(&other);
		add_bounds(&state, &bounds);
		state_append(&state, other.rows + sizeof(bounds), other.used - sizeof(bounds), other.n);
	}
	else
		add_stored(&state, PointerGetDatum(value));
	return state_result(&state);
}

Datum
referrals_normalize(Datum value)
{
	struct varlena *plain = state_value(value);
	State		state;
	IdBounds	bounds;

	if (!state_is_open(&referrals_state, plain))
		return PointerGetDatum(plain);
	state_read(&state, &referrals_state, plain);
	bounds = bounds_of(&state);
	return PointerGetDatum(referrals_gather(state.rows + sizeof(bounds), state.used - sizeof(bounds), state.n, &bounds));
}

PG_FUNCTION_INFO_V1(loyalty_referral_final);

Datum
loyalty_referral_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return referrals_normalize(PG_GETARG_DATUM(0));
}
