/*
 * state.c
 *		The aggregates' running state: rows in the order in which they come.
 *
 * The state is a value of type history in its open form, changed in place
 * while it is a plain varlena of its own, and copied when it is anything else
 * (it travels from parallel workers as a tuple's field, so it may arrive with
 * a short header):
 *
 *		byte	HISTORY_OPEN
 *		4 bytes	number of rows
 *		4 bytes	bytes of rows
 *		rows, then spare room, zeroed
 *
 * Rows are sorted and packed at the end only, and in a copy: a window calls
 * the final function again and again.  The open form ends there: every other
 * function refuses it, output packs it first.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "event/event_value.h"
#include "history/history_value.h"

#include "utils/memutils.h"
#include "utils/timestamp.h"

#define STATE_HEAD	(1 + 2 * sizeof(uint32))
#define STATE_FIRST	128			/* first size, a power of 2 with the header */

typedef struct State
{
	struct varlena *datum;		/* the room it stands in */
	uint32		n;				/* all of it is less than 1 GB */
	uint32		used;
	size_t		room;			/* for rows */
	uint8	   *rows;
} State;

static void
read_state(State *state, struct varlena *value)
{
	const uint8 *p = (const uint8 *) VARDATA_ANY(value);
	size_t		size = VARSIZE_ANY_EXHDR(value);

	if (size < STATE_HEAD || p[0] != HISTORY_OPEN)
		event_damaged("history");
	memcpy(&state->n, p + 1, sizeof(uint32));
	memcpy(&state->used, p + 1 + sizeof(uint32), sizeof(uint32));
	state->datum = value;
	state->room = size - STATE_HEAD;
	state->rows = unconstify(uint8 *, p) + STATE_HEAD;
	if (state->used > state->room)
		event_damaged("history");
}

static void
write_counts(State *state)
{
	memcpy(state->rows - 2 * sizeof(uint32), &state->n, sizeof(uint32));
	memcpy(state->rows - sizeof(uint32), &state->used, sizeof(uint32));
}

/*
 * Move the state into fresh room for `more` bytes more.  It is made in the
 * current context: the executor copies it to where states live, and frees the
 * old one.
 */
static void
grow(State *state, size_t more)
{
	size_t		need = VARHDRSZ + STATE_HEAD + state->used + more;
	size_t		size = STATE_FIRST;
	struct varlena *datum;

	while (size < need && size < MaxAllocSize)
		size *= 2;
	size = Min(size, MaxAllocSize);
	if (need > size)
		history_too_large();
	datum = palloc(size);
	SET_VARSIZE(datum, size);
	VARDATA(datum)[0] = (char) HISTORY_OPEN;
	if (state->used > 0)
		memcpy(VARDATA(datum) + STATE_HEAD, state->rows, state->used);
	memset(VARDATA(datum) + STATE_HEAD + state->used, 0, size - VARHDRSZ - STATE_HEAD - state->used);
	state->datum = datum;
	state->rows = (uint8 *) VARDATA(datum) + STATE_HEAD;
	state->room = size - VARHDRSZ - STATE_HEAD;
}

/* The state in argument 0, with room for `more` bytes, ours to write to. */
static void
open_state(FunctionCallInfo fcinfo, State *state, size_t more)
{
	struct varlena *value;

	if (PG_ARGISNULL(0))
	{
		memset(state, 0, sizeof(*state));
		grow(state, more);
		return;
	}
	value = (struct varlena *) PG_GETARG_POINTER(0);
	/* with many groups a state is far away: fetch where its rows may end together with its head */
	__builtin_prefetch((char *) value + 64, 1);
	__builtin_prefetch((char *) value + 128, 1);
	if (likely(VARATT_IS_4B_U(value)) && (uint8) VARDATA(value)[0] == HISTORY_OPEN)
	{
		read_state(state, value);
		if (unlikely(state->room - state->used < more))
			grow(state, more);
		return;
	}

	/* short or toasted, or a packed history as another server sent it */
	value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	if (VARSIZE_ANY_EXHDR(value) > 0 && (uint8) VARDATA_ANY(value)[0] == HISTORY_OPEN)
	{
		read_state(state, value);
		grow(state, more);
	}
	else
	{
		Rows		rows;

		rows_init(&rows, 1024);
		rows_add_datum(&rows, PointerGetDatum(value));
		memset(state, 0, sizeof(*state));
		state->used = (uint32) rows.len;
		state->n = (uint32) rows.n;
		state->rows = rows.data;
		grow(state, more);
	}
}

static void
check_in_aggregate(FunctionCallInfo fcinfo)
{
	if (!AggCheckCallContext(fcinfo, NULL))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("aggregate's transition function called outside an aggregate"),
				 errhint("Use the aggregate loyalty.history().")));
}

static Datum
state_result(State *state)
{
	write_counts(state);
	PG_RETURN_POINTER(state->datum);
}

/* Room is asked for by what the row has, not by what it might: states stay small. */
static inline Datum
add_row(FunctionCallInfo fcinfo, const uint8 *row, size_t len)
{
	State		state;

	open_state(fcinfo, &state, len);
	memcpy(state.rows + state.used, row, len);
	state.used += (uint32) len;
	state.n++;
	return state_result(&state);
}

/* what a transition answers when its row has nothing to add */
static Datum
unchanged(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
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
		return unchanged(fcinfo);
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
		return unchanged(fcinfo);
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
		return unchanged(fcinfo);
	value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	if (VARSIZE_ANY_EXHDR(value) > 0 && (uint8) VARDATA_ANY(value)[0] == HISTORY_OPEN)
	{
		State		other;

		read_state(&other, value);
		open_state(fcinfo, &state, other.used);
		memcpy(state.rows + state.used, other.rows, other.used);
		state.used += other.used;
		state.n += other.n;
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
				grow(&state, need);
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

	if (VARSIZE_ANY_EXHDR(value) == 0 || (uint8) VARDATA_ANY(value)[0] != HISTORY_OPEN)
		return PointerGetDatum(value);
	read_state(&state, value);
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
