/*
 * state.c
 *		The aggregates' running state: rows in the order in which they come.
 *
 * It is a value of type history in its open form (base/state.h).  Rows are
 * sorted and packed at the end only, and in a copy: a window calls the final
 * function again and again.  The open form ends there: every other function
 * refuses it, output packs it first.
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

static const StateType history_state = {HISTORY_OPEN, damaged, history_too_large};

/* The state in argument 0, with room for `more` bytes, ours to write to. */
static void
open_state(FunctionCallInfo fcinfo, State *state, size_t more)
{
	Rows		rows;

	if (likely(state_open(state, &history_state, fcinfo, more)))
		return;

	/* a packed history, as another server sent it */
	rows_init(&rows, 1024);
	rows_add_datum(&rows, PG_GETARG_DATUM(0));
	state_init(state, &history_state, rows.len + more);
	memcpy(state->rows, rows.data, rows.len);
	state->used = (uint32) rows.len;
	state->n = (uint32) rows.n;
}

static void
check_in_aggregate(FunctionCallInfo fcinfo)
{
	state_check_aggregate(fcinfo, "loyalty.history()");
}

/* Room is asked for by what the row has, not by what it might: states stay small. */
static inline Datum
add_row(FunctionCallInfo fcinfo, const uint8 *row, size_t len)
{
	State		state;

	open_state(fcinfo, &state, len);
	/* cppcheck-suppress uninitvar */
	memcpy(state.rows + state.used, row, len);
	state.used += (uint32) len;
	state.n++;
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
	value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	if (state_is_open(&history_state, value))
	{
		State		other;

		state_read(&other, &history_state, value);
		open_state(fcinfo, &state, other.used);
		state_append(&state, other.rows, other.used, other.n);
	}
	else
	{
		HistoryCursor cursor;
		Event		event;

		history_open_datum(&cursor, PointerGetDatum(value));
		open_state(fcinfo, &state, 0);
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
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);
	State		state;

	if (!state_is_open(&history_state, value))
		return PointerGetDatum(value);
	state_read(&state, &history_state, value);
	return PointerGetDatum(history_pack(state.rows, state.used, state.n));
}

PG_FUNCTION_INFO_V1(loyalty_history_final);

Datum
loyalty_history_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return history_normalize(PG_GETARG_DATUM(0));
}
