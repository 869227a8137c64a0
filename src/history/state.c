/*
 * state.c
 *		The aggregates' running state: rows in the order in which they come.
 *
 * It is an open history (open.h), or, where something copied it on its way, a
 * value of type history in its open form (base/state.h).  Rows are sorted and
 * packed at the end only, and in a copy: a window calls the final function again
 * and again.  The open form ends there: every other function refuses it, output
 * packs it first.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "base/state.h"
#include "document/type.h"
#include "event/event_value.h"
#include "history/history_value.h"
#include "history/open.h"

#include "utils/timestamp.h"

static void
damaged(void)
{
	sql_type_damaged("history");
}

static const StateType history_state = {HISTORY_OPEN, damaged, history_too_large, NULL};

/* Add what another one has gathered, or what is packed. */
static void
add_value(OpenHistory *open, struct varlena *value)
{
	State		other;
	Rows		rows;

	if (state_is_open(&history_state, value))
	{
		state_read(&other, &history_state, value);
		open_add(open, other.rows, other.used, other.n);
		return;
	}
	rows_init(&rows, 1024);
	rows_add_datum(&rows, PointerGetDatum(value));
	open_add(open, rows.data, rows.len, (uint32) rows.n);
	pfree(rows.data);
}

/* The first row of a group, or a state that something copied. */
static pg_noinline OpenHistory *
begin(FunctionCallInfo fcinfo)
{
	MemoryContext aggregate;
	OpenHistory *open;

	if (!AggCheckCallContext(fcinfo, &aggregate))
		state_outside("loyalty.history()");
	open = open_create(aggregate);
	if (!PG_ARGISNULL(0))
		add_value(open, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0)));
	return open;
}

/* The state in argument 0, ours to write to: nobody outside of an aggregate has such a pointer. */
static inline OpenHistory *
open_state(FunctionCallInfo fcinfo)
{
	OpenHistory *open = NULL;

	if (!PG_ARGISNULL(0) && VARATT_IS_EXTERNAL_EXPANDED_RW(PG_GETARG_POINTER(0)))
		open = open_from_datum(PG_GETARG_DATUM(0));
	return likely(open) ? open : begin(fcinfo);
}

/* What a transition answers when it has nothing to add. */
static Datum
unchanged(FunctionCallInfo fcinfo)
{
	state_check_aggregate(fcinfo, "loyalty.history()");
	return state_unchanged(fcinfo);
}

static inline Datum
add_row(FunctionCallInfo fcinfo, const uint8 *row, size_t len)
{
	OpenHistory *open;

	if (!PG_ARGISNULL(0) && open_add_soon(PG_GETARG_DATUM(0), row, len))
		return PG_GETARG_DATUM(0);
	open = open_state(fcinfo);
	open_add(open, row, len, 1);
	return open_to_datum(open);
}

PG_FUNCTION_INFO_V1(loyalty_history_add_event);

/* transition of history(event) */
Datum
loyalty_history_add_event(PG_FUNCTION_ARGS)
{
	const uint8 *row;
	size_t		len;

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
	OpenHistory *open;

	if (PG_ARGISNULL(1))
		return unchanged(fcinfo);
	open = open_state(fcinfo);
	add_value(open, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
	return open_to_datum(open);
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
	const OpenHistory *open;
	const uint8 *rows;
	size_t		len;
	uint32		n;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	open = open_from_datum(PG_GETARG_DATUM(0));
	if (open == NULL)
		return history_normalize(PG_GETARG_DATUM(0));
	rows = open_rows(open, &len, &n);
	return PointerGetDatum(history_pack(rows, len, n));
}
