/*
 * settle.c
 *		Kept histories as sums: what was added less what was removed.
 *
 * A history has no negative events.  Where changes arrive in any order, a
 * removal may be met before what it removes; it is then kept as missing, and
 * takes out the event when that comes.  So the sum does not depend on order.
 */
#include "postgres.h"

#include "history/history_value.h"
#include "live/live.h"

#include "fmgr.h"

/*
 * settle(h, added, removed): the events of the first two less those of the
 * third; or, if "missing", the events of the third that the first two lack.
 * NULL stands for no events.
 */
static Datum
settle(FunctionCallInfo fcinfo, bool missing)
{
	Rows		rows;
	Rows		left;
	HistoryCursor all;
	HistoryCursor out;
	Event		event;
	Event		gone;
	bool		more;

	if (!missing && PG_ARGISNULL(1) && PG_ARGISNULL(2) && !PG_ARGISNULL(0))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	if (missing ? PG_ARGISNULL(2) : PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	rows_init(&rows, 1024);
	for (int i = 0; i < 2; i++)
	{
		if (!PG_ARGISNULL(i))
			rows_add_datum(&rows, PG_GETARG_DATUM(i));
	}
	if (PG_ARGISNULL(2))
		return history_from_rows(&rows);

	history_open_datum(&all, history_from_rows(&rows));
	history_open_datum(&out, PG_GETARG_DATUM(2));
	rows_init(&left, 1024);
	more = history_next(&out, &gone);
	while (history_next(&all, &event))
	{
		int			c = -1;

		while (more && (c = event_compare(&event, &gone)) > 0)
		{
			if (missing)
				rows_add(&left, &gone);
			more = history_next(&out, &gone);
		}
		if (more && c == 0)
			more = history_next(&out, &gone);
		else if (!missing)
			rows_add(&left, &event);
	}
	for (; more && missing; more = history_next(&out, &gone))
		rows_add(&left, &gone);
	if (missing && left.n == 0)
		PG_RETURN_NULL();
	return history_from_rows(&left);
}

PG_FUNCTION_INFO_V1(loyalty_live_settle);

Datum
loyalty_live_settle(PG_FUNCTION_ARGS)
{
	return settle(fcinfo, false);
}

PG_FUNCTION_INFO_V1(loyalty_live_missing);

Datum
loyalty_live_missing(PG_FUNCTION_ARGS)
{
	return settle(fcinfo, true);
}

Effect
history_effect(bool has_added, Datum added, bool has_removed)
{
	Effect		effect = has_removed ? EFFECT_LOWERS : EFFECT_RAISES;
	HistoryCursor cursor;
	Event		event;

	if (!has_added)
		return effect;
	history_open_datum(&cursor, added);
	while (effect < EFFECT_SPENDS && history_next(&cursor, &event))
		effect = Max(effect, event_effect(&event));
	return effect;
}

PG_FUNCTION_INFO_V1(loyalty_live_lowers);

/* lowers(added, removed): the same as a number */
Datum
loyalty_live_lowers(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT16((int16) history_effect(!PG_ARGISNULL(0), PG_GETARG_DATUM(0), !PG_ARGISNULL(1)));
}
