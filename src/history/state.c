/*
 * state.c
 *		The aggregates' running state: rows in the order in which they come.
 *
 * It is a value of type history in its open form (base/state.h).  Rows are
 * sorted and packed at the end only, and in a copy: a window calls the final
 * function again and again.  The open form ends there: every other function
 * refuses it, output packs it first.
 *
 * Where base/state.h has its rows, the latest stand first, as many as fit beside
 * the head, and then all before them:
 *
 *		1 byte		bytes of the latest
 *		STAGE_SIZE	the latest, in the order in which they came
 *		rows		before them
 *
 * Among many groups each state is far away, and so is the end of a long one from
 * its head: most rows touch the head alone.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "base/state.h"
#include "document/type.h"
#include "event/event_value.h"
#include "history/history_value.h"

#include "utils/timestamp.h"

static void
damaged(void)
{
	sql_type_damaged("history");
}

static const StateType history_state = {HISTORY_OPEN, damaged, history_too_large, NULL};

/* so that the first size of a state is all stage */
#define STAGE_SIZE	114
#define STAGE_HEAD	(1 + STAGE_SIZE)

static inline uint8 *
stage_of(const State *state)
{
	return state->rows + 1;
}

static inline size_t
staged(const State *state)
{
	return state->rows[0];
}

static inline void
check_stage(const State *state)
{
	if (unlikely(state->used < STAGE_HEAD || staged(state) > STAGE_SIZE))
		damaged();
}

/* An empty state with room for so many bytes. */
static void
init_state(State *state, size_t more)
{
	state_init(state, &history_state, STAGE_HEAD + more);
	state->used = STAGE_HEAD;
}

/* The state in argument 0, ours to write to. */
static inline void
open_state(FunctionCallInfo fcinfo, State *state)
{
	Rows		rows;

	if (unlikely(PG_ARGISNULL(0)))
		init_state(state, 0);
	else if (likely(state_open(state, &history_state, fcinfo, 0)))
		check_stage(state);
	else
	{
		/* a packed history, as another server sent it */
		rows_init(&rows, 1024);
		rows_add_datum(&rows, PG_GETARG_DATUM(0));
		init_state(state, rows.len);
		state_append(state, rows.data, rows.len, (uint32) rows.n);
	}
}

/* Rows for which the stage has no room: it is emptied for them. */
static pg_noinline void
put_slowly(State *state, const uint8 *rows, size_t len, uint32 n)
{
	/* first, for the stage moves with the rest */
	if (state->room - state->used < staged(state))
		state_grow(state, staged(state));
	state_append(state, stage_of(state), staged(state), 0);
	state->rows[0] = 0;
	if (len > STAGE_SIZE)
	{
		state_append(state, rows, len, n);
		return;
	}
	memcpy(stage_of(state), rows, len);
	state->rows[0] = (uint8) len;
	state->n += n;
}

/* Rows that are the latest now. */
static inline void
put_rows(State *state, const uint8 *rows, size_t len, uint32 n)
{
	if (unlikely(staged(state) + len > STAGE_SIZE))
	{
		put_slowly(state, rows, len, n);
		return;
	}
	memcpy(stage_of(state) + staged(state), rows, len);
	state->rows[0] += (uint8) len;
	state->n += n;
}

static void
check_in_aggregate(FunctionCallInfo fcinfo)
{
	state_check_aggregate(fcinfo, "loyalty.history()");
}

static inline Datum
add_row(FunctionCallInfo fcinfo, const uint8 *row, size_t len)
{
	State		state;

	open_state(fcinfo, &state);
	put_rows(&state, row, len, 1);
	return state_result(&state);
}

PG_FUNCTION_INFO_V1(loyalty_history_add_event);

/* transition of history(event) */
Datum
loyalty_history_add_event(PG_FUNCTION_ARGS)
{
	const uint8 *row;
	size_t		len;

	check_in_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	row = event_row_from_datum(PG_GETARG_DATUM(1), &len);
	return add_row(fcinfo, row, len);
}

PG_FUNCTION_INFO_V1(loyalty_history_add_sale);

/* transition of history(at, amount) */
Datum
loyalty_history_add_sale(PG_FUNCTION_ARGS)
{
	Event		event;
	uint8		row[EVENT_ROW_FIXED];

	check_in_aggregate(fcinfo);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return state_unchanged(fcinfo);
	event_init(&event, EVENT_PURCHASE, PG_GETARG_TIMESTAMPTZ(1));
	check_instant(event.at, "at");
	event.amount = decimal_from_arg(PG_GETARG_DATUM(2), "amount");
	return add_row(fcinfo, row, event_write(row, &event) - row);
}

PG_FUNCTION_INFO_V1(loyalty_history_add_history);

/*
 * Transition of history(history), where the second argument is packed, and
 * combine function, where it is another state.
 */
Datum
loyalty_history_add_history(PG_FUNCTION_ARGS)
{
	State		state;
	struct varlena *value;

	check_in_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	value = state_value(PG_GETARG_DATUM(1));
	if (state_is_open(&history_state, value))
	{
		State		other;

		state_read(&other, &history_state, value);
		check_stage(&other);
		open_state(fcinfo, &state);
		if (other.used > STAGE_HEAD)
			state_append(&state, other.rows + STAGE_HEAD, other.used - STAGE_HEAD, 0);
		put_rows(&state, stage_of(&other), staged(&other), other.n);
	}
	else
	{
		HistoryCursor cursor;
		Event		event;

		history_open_datum(&cursor, PointerGetDatum(value));
		open_state(fcinfo, &state);
		while (history_next(&cursor, &event))
		{
			size_t		need = EVENT_ROW_SIZE(&event);

			if (state.room - state.used < need)
				state_grow(&state, need);
			state.used = (uint32) (event_write(state.rows + state.used, &event) - state.rows);
			state.n++;
		}
	}
	return state_result(&state);
}

Datum
history_normalize(Datum datum)
{
	struct varlena *value = state_value(datum);
	struct varlena *result;
	State		state;
	uint8	   *rows;
	size_t		len;

	if (!state_is_open(&history_state, value))
		return PointerGetDatum(value);
	state_read(&state, &history_state, value);
	check_stage(&state);
	len = state.used - STAGE_HEAD;
	if (len == 0)
		return PointerGetDatum(history_pack(stage_of(&state), staged(&state), state.n));

	/* the state is not ours to write to: both together */
	rows = palloc(len + staged(&state));
	memcpy(rows, state.rows + STAGE_HEAD, len);
	memcpy(rows + len, stage_of(&state), staged(&state));
	result = history_pack(rows, len + staged(&state), state.n);
	pfree(rows);
	return PointerGetDatum(result);
}

PG_FUNCTION_INFO_V1(loyalty_history_final);

Datum
loyalty_history_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return history_normalize(PG_GETARG_DATUM(0));
}
