/*
 * rollforward.c
 *		How a member's points went from one instant to another, for the books.
 *
 * Every entry of the statement is counted in the column of its kind.  What
 * entries say but the balance does not do is a column of its own: so the
 * columns add up exactly.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/numeric.h"
#include "standing/call.h"

#include "access/htup_details.h"
#include "funcapi.h"

typedef enum Movement
{
	MOVED_EARNED, MOVED_BONUS, MOVED_ADJUSTED, MOVED_REFUNDED, MOVED_REDEEMED, MOVED_SETTLED, MOVED_EXPIRED,
	MOVEMENTS,
	MOVED_NOTHING
} Movement;

typedef struct Rollforward
{
	Instants	period;
	bool		opened;			/* something has happened in the period */
	int128		opening;
	int128		moved[MOVEMENTS];
	int128		balance;		/* after the last entry */
} Rollforward;

/* Available points less debt, and pending ones. */
static int128
balance_of(const Fold *fold)
{
	return (int128) fold->points.available - fold->points.debt + fold->points.pending;
}

static Movement
movement_of(EntryKind kind)
{
	switch (kind)
	{
		case ENTRY_EARN:
		case ENTRY_HOLD:
			return MOVED_EARNED;
		case ENTRY_BONUS:
		case ENTRY_HOLD_BONUS:
			return MOVED_BONUS;
		case ENTRY_REFUND:
		case ENTRY_CLAWBACK:
		case ENTRY_RETURN:
			return MOVED_REFUNDED;
		case ENTRY_ADJUST:
			return MOVED_ADJUSTED;
		case ENTRY_REDEEM:
			return MOVED_REDEEMED;
		case ENTRY_ISSUE:
			return MOVED_SETTLED;
		case ENTRY_EXPIRE:
			return MOVED_EXPIRED;
		default:
			return MOVED_NOTHING;
	}
}

static void
count_entry(Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
			const char *rule, const Event *cause, void *arg)
{
	Rollforward *roll = arg;
	Movement	movement = movement_of(kind);

	if (kind == ENTRY_BEGIN)
		return;
	if (at >= roll->period.from && !roll->opened)
	{
		roll->opened = true;
		roll->opening = roll->balance;
	}
	if (at >= roll->period.from && movement != MOVED_NOTHING)
		roll->moved[movement] += points;
	roll->balance = balance_of(fold);
}

PG_FUNCTION_INFO_V1(loyalty_standing_rollforward);

/* rollforward(h, program, period): one row */
Datum
loyalty_standing_rollforward(PG_FUNCTION_ARGS)
{
	CallSite   *site = call_site(fcinfo);
	Rollforward roll = {0};
	Fold	   *fold;
	int128		rest;
	Datum		values[MOVEMENTS + 3];
	bool		nulls[MOVEMENTS + 3] = {false};

	if (!period_from_range(PG_GETARG_DATUM(2), &roll.period))
		PG_RETURN_NULL();
	if (site->desc == NULL)
		site->desc = row_desc(fcinfo);
	fold = call_fold(fcinfo, Max(Min(roll.period.until, INSTANT_LIMIT) - 1, INSTANT_MIN - 1), trail_to(count_entry, &roll));
	if (!roll.opened)
		roll.opening = roll.balance;
	rest = roll.balance - roll.opening;
	values[0] = decimal_to_numeric(roll.opening);
	for (int m = 0; m < MOVEMENTS; m++)
	{
		values[m + 1] = decimal_to_numeric(roll.moved[m]);
		rest -= roll.moved[m];
	}
	values[MOVEMENTS + 1] = decimal_to_numeric(rest);
	values[MOVEMENTS + 2] = decimal_to_numeric(balance_of(fold));
	return HeapTupleGetDatum(heap_form_tuple(site->desc, values, nulls));
}
