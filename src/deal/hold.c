/*
 * hold.c
 *		Units and claims written.
 */
#include "postgres.h"

#include "deal/hold.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"

static char
null_if(bool isnull)
{
	return isnull ? 'n' : ' ';
}

bool
unit_lock(Desk *desk, Datum deal, int32 unit, int64 free)
{
	Oid			types[3] = {TEXTOID, INT4OID, TIMESTAMPTZOID};
	Datum		values[3] = {deal, Int32GetDatum(unit), TimestampTzGetDatum(free)};

	statement_run(&desk->lock_unit, 3, types, values, NULL);
	return SPI_processed > 0;
}

void
unit_wait(Desk *desk, Datum deal, int32 unit, int64 *claim, int64 *free)
{
	Oid			types[2] = {TEXTOID, INT4OID};
	Datum		values[2] = {deal, Int32GetDatum(unit)};
	bool		isnull;

	*claim = 0;
	*free = EVER;
	statement_run(&desk->wait_unit, 2, types, values, NULL);
	if (SPI_processed == 0)
		return;
	*claim = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	if (isnull)
		*claim = 0;
	*free = DatumGetTimestampTz(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
}

void
unit_put(Desk *desk, Datum deal, int32 unit, int64 claim, int64 since, int64 free)
{
	Oid			types[5] = {TEXTOID, INT4OID, INT8OID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[5] = {deal, Int32GetDatum(unit), Int64GetDatum(claim), TimestampTzGetDatum(since), TimestampTzGetDatum(free)};

	statement_run(&desk->put_unit, 5, types, values, NULL);
}

int64
claim_put(Desk *desk, Datum deal, const Claim *claim)
{
	Oid			types[8] = {TEXTOID, desk->key_type, TEXTOID, INT4OID, TIMESTAMPTZOID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Datum		values[8] = {deal, claim->customer, claim->ref, Int32GetDatum(claim->slot), TimestampTzGetDatum(claim->at),
	Int32GetDatum(claim->unit), TimestampTzGetDatum(claim->since), TimestampTzGetDatum(claim->until)};
	char		waits = null_if(claim->unit == 0);
	char		nulls[8] = {' ', ' ', null_if(!claim->has_ref), ' ', ' ', waits, waits, waits};
	bool		isnull;

	statement_run(&desk->put_claim, 8, types, values, nulls);
	if (SPI_processed == 0)
		return 0;
	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

/* Lock claims that wait; false if one does not, or somebody has it and `wait` says no. */
static bool
lock_claims(Desk *desk, Datum *numbers, int n, bool wait)
{
	Oid			types[1] = {INT8ARRAYOID};
	Datum		values[1];

	values[0] = PointerGetDatum(construct_array(numbers, n, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
	statement_run(wait ? &desk->lock_claims : &desk->try_claims, 1, types, values, NULL);
	return SPI_processed == (uint64) n;
}

bool
turns_write(Desk *desk, const Deal *deal, const Turns *turns, int32 unit, int64 last, int64 asof, bool wait)
{
	Oid			types[5] = {INT8OID, INT4OID, TIMESTAMPTZOID, TIMESTAMPTZOID, BOOLOID};
	const Claim **chain = palloc_extended(Max(1, turns->nclaims) * sizeof(Claim *), MCXT_ALLOC_HUGE);
	Datum	   *numbers = palloc_extended(Max(1, turns->nclaims) * sizeof(Datum), MCXT_ALLOC_HUGE);
	int			n = 0;

	for (int i = 0; i < turns->nclaims; i++)
	{
		const Claim *claim = &turns->claims[i];

		if (!claim->is_turn || claim->unit != unit)
			continue;
		numbers[n] = Int64GetDatum(claim->number);
		chain[n++] = claim;
		if (claim->number == last)
			break;
	}
	if (n == 0)
		return true;
	if (!lock_claims(desk, numbers, n, wait))
		return false;
	for (int i = 0; i < n; i++)
	{
		Datum		values[5] = {Int64GetDatum(chain[i]->number), Int32GetDatum(unit), TimestampTzGetDatum(chain[i]->since),
		TimestampTzGetDatum(chain[i]->until), BoolGetDatum(chain[i]->until > asof)};

		statement_run(&desk->put_turn, 5, types, values, NULL);
	}
	unit_put(desk, deal->name, unit, chain[n - 1]->number, chain[n - 1]->since, chain[n - 1]->until);
	return true;
}

bool
turns_settle(Desk *desk, const Deal *deal, const Turns *turns, const FreeUnit *unit, int64 asof)
{
	return !unit->is_in_hand && unit_lock(desk, deal->name, unit->unit, unit->free) &&
		turns_write(desk, deal, turns, unit->unit, 0, asof, false);
}

void
claim_drop_slot(Desk *desk, int64 number)
{
	Oid			types[1] = {INT8OID};
	Datum		values[1] = {Int64GetDatum(number)};

	statement_run(&desk->drop_slot, 1, types, values, NULL);
}

void
claim_buy(Desk *desk, int64 number, int64 at, Datum order_ref)
{
	Oid			types[3] = {INT8OID, TIMESTAMPTZOID, TEXTOID};
	Datum		values[3] = {Int64GetDatum(number), TimestampTzGetDatum(at), order_ref};

	statement_run(&desk->buy, 3, types, values, NULL);
}

static void
end_claim(Statement *statement, int64 number, int64 at, State outcome)
{
	Oid			types[3] = {INT8OID, TIMESTAMPTZOID, TEXTOID};
	Datum		values[3] = {Int64GetDatum(number), TimestampTzGetDatum(at), CStringGetTextDatum(state_names[outcome])};

	statement_run(statement, 3, types, values, NULL);
}

void
claim_end(Desk *desk, int64 number, int64 at, State outcome)
{
	end_claim(&desk->end, number, at, outcome);
}

bool
claim_leave(Desk *desk, int64 number, int64 at, State outcome)
{
	end_claim(&desk->leave, number, at, outcome);
	return SPI_processed > 0;
}
