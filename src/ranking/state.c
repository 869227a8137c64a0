/*
 * state.c
 *		The aggregate ranking(value): its running state is the values as they
 *		come (base/state.h), 8 bytes each, a value of type ranking in its open
 *		form.  They are sorted at the end only, and in a copy.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "base/state.h"
#include "ranking/ranking.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static void
damaged(void)
{
	sql_type_damaged("ranking");
}

static void
too_large(void)
{
	ranking_too_large();
}

static const StateType ranking_state = {RANKING_OPEN, damaged, too_large};

static void
add_values(State *state, Decimal value, uint32 count)
{
	if (state->room - state->used < count * sizeof(Decimal))
		state_grow(state, count * sizeof(Decimal));
	for (uint32 i = 0; i < count; i++, state->used += sizeof(Decimal))
		memcpy(state->rows + state->used, &value, sizeof(Decimal));
	state->n += count;
}

/* A ranking in its stored form, as another server may send a state. */
static void
add_stored(State *state, Datum value)
{
	Ranking		ranking;

	ranking_open(&ranking, value);
	for (uint32 i = 0; i < ranking.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_values(state, ranking.values[i], ranking.counts[i]);
	}
}

static void
open_state(FunctionCallInfo fcinfo, State *state, size_t more)
{
	if (likely(state_open(state, &ranking_state, fcinfo, more)))
		return;
	state_init(state, &ranking_state, more);
	add_stored(state, PG_GETARG_DATUM(0));
	if (state->room - state->used < more)
		state_grow(state, more);
}

PG_FUNCTION_INFO_V1(loyalty_ranking_add);

/* transition */
Datum
loyalty_ranking_add(PG_FUNCTION_ARGS)
{
	State		state;
	Decimal		value;

	state_check_aggregate(fcinfo, "loyalty.ranking()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	value = decimal_from_arg(PG_GETARG_DATUM(1), "value");
	open_state(fcinfo, &state, sizeof(Decimal));
	memcpy(state.rows + state.used, &value, sizeof(Decimal));
	state.used += sizeof(Decimal);
	state.n++;
	return state_result(&state);
}

PG_FUNCTION_INFO_V1(loyalty_ranking_combine);

Datum
loyalty_ranking_combine(PG_FUNCTION_ARGS)
{
	State		state;
	struct varlena *value;

	state_check_aggregate(fcinfo, "loyalty.ranking()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	if (state_is_open(&ranking_state, value))
	{
		State		other;

		/* the first of them is taken as it is: the executor copies it */
		if (PG_ARGISNULL(0))
			PG_RETURN_POINTER(value);
		state_read(&other, &ranking_state, value);
		open_state(fcinfo, &state, other.used);
		state_append(&state, other.rows, other.used, other.n);
	}
	else
	{
		open_state(fcinfo, &state, 0);
		add_stored(&state, PointerGetDatum(value));
	}
	return state_result(&state);
}

Datum
ranking_normalize(Datum value)
{
	struct varlena *plain = PG_DETOAST_DATUM_PACKED(value);
	State		state;
	Ranking		ranking;
	Decimal    *values;

	if (!state_is_open(&ranking_state, plain))
		return PointerGetDatum(plain);
	state_read(&state, &ranking_state, plain);
	if ((uint64) state.n * sizeof(Decimal) != state.used)
		damaged();
	values = palloc_extended(Max(state.used, 1), MCXT_ALLOC_HUGE);
	memcpy(values, state.rows, state.used);
	ranking_sort(&ranking, values, state.n);
	value = PointerGetDatum(ranking_pack(&ranking));
	pfree(ranking.counts);
	pfree(values);
	return value;
}

PG_FUNCTION_INFO_V1(loyalty_ranking_final);

Datum
loyalty_ranking_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return ranking_normalize(PG_GETARG_DATUM(0));
}
