/*
 * call.c
 *		What claim(), confirm() and release() have in common.
 */
#include "postgres.h"

#include "deal/call.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

void
must_have_right(const Desk *desk, Oid relid, AclMode right)
{
	AclResult	result = pg_class_aclcheck(relid, GetUserId(), right);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, relid == desk->view ? OBJECT_VIEW : OBJECT_TABLE, get_rel_name(relid));
}

/* ---------------- customers ---------------- */

static int64
integer_of(Oid type, Datum value)
{
	return type == INT8OID ? DatumGetInt64(value) : type == INT4OID ? DatumGetInt32(value) : DatumGetInt16(value);
}

static bool
is_integer(Oid type)
{
	return type == INT8OID || type == INT4OID || type == INT2OID;
}

Datum
customer_from_arg(FunctionCallInfo fcinfo, int arg, const Desk *desk)
{
	static const Oid taken[] = {INT8OID, INT4OID, INT2OID, UUIDOID, TEXTOID, VARCHAROID, BPCHAROID};
	Oid			given = get_fn_expr_argtype(fcinfo->flinfo, arg);
	Oid			type = OidIsValid(given) ? getBaseType(given) : InvalidOid;
	Datum		value = PG_GETARG_DATUM(arg);
	bool		fits = false;
	Oid			function;
	Oid			param;
	bool		is_varlena;
	char	   *written;

	for (int i = 0; i < (int) lengthof(taken) && !fits; i++)
		fits = type == taken[i];
	if (!fits)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("customer must be an integer, a uuid or a text"),
				 errhint("Cast it to text.")));
	if (type == desk->key_type && type != BPCHAROID)
		return value;
	if (is_integer(type) && desk->key_type == INT8OID)
		return Int64GetDatum(integer_of(type, value));
	if (is_integer(type) && desk->key_type == INT4OID && integer_of(type, value) == (int32) integer_of(type, value))
		return Int32GetDatum((int32) integer_of(type, value));
	getTypeOutputInfo(type, &function, &is_varlena);
	written = OidOutputFunctionCall(function, value);
	getTypeInputInfo(desk->key_type, &function, &param);
	return OidInputFunctionCall(function, written, param, -1);
}

char *
customer_as_text(const Desk *desk, Datum customer)
{
	Oid			function;
	bool		is_varlena;

	getTypeOutputInfo(desk->key_type, &function, &is_varlena);
	return OidOutputFunctionCall(function, customer);
}

/* ---------------- begin and end ---------------- */

static TupleDesc
answer_desc(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TupleDesc	desc;

	if (rsinfo && IsA(rsinfo, ReturnSetInfo) && rsinfo->expectedDesc && rsinfo->expectedDesc->natts == 4)
		return BlessTupleDesc(rsinfo->expectedDesc);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return BlessTupleDesc(desc);
}

Datum
call_null(FunctionCallInfo fcinfo)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {true, true, true, true};

	return HeapTupleGetDatum(heap_form_tuple(answer_desc(fcinfo), values, nulls));
}

bool
call_begin(Call *call, FunctionCallInfo fcinfo, const char *function, AclMode right, int ref_arg, int asof_arg)
{
	Desk	   *desk;

	memset(call, 0, sizeof(*call));
	if (PG_ARGISNULL(0))
		return false;
	PreventCommandIfReadOnly(function);
	PreventCommandIfParallelMode(function);
	PreventCommandDuringRecovery(function);
	call->fcinfo = fcinfo;
	call->desk = desk = desk_find(PG_GETARG_OID(0));
	must_have_right(desk, desk->view, right);
	call->is_now = PG_ARGISNULL(asof_arg);
	if (!call->is_now)
	{
		if (!has_privs_of_role(GetUserId(), desk->owner))
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("only the owner of deals \"%s\" may give an instant", desk->name),
					 errhint("Leave it out: it is that of the call.")));
		call->t = PG_GETARG_TIMESTAMPTZ(asof_arg);
		if (TIMESTAMP_NOT_FINITE(call->t))
			ereport(ERROR,
					(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
					 errmsg("the instant of a call must be finite")));
	}
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return false;
	call->caller = CurrentMemoryContext;
	call->context = AllocSetContextCreate(CurrentMemoryContext, "loyalty deals call", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(call->context);
	become_owner(desk->owner, &call->before);
	/* whoever wrote the operators of another type may look up names */
	if (!desk->key_is_plain)
		set_for_queries(true, &call->before);
	call->name = PointerGetDatum(PG_GETARG_TEXT_PP(1));
	call->customer = customer_from_arg(fcinfo, 2, desk);
	call->has_ref = !PG_ARGISNULL(ref_arg);
	if (call->has_ref)
		call->ref = PointerGetDatum(PG_GETARG_TEXT_PP(ref_arg));
	return true;
}

void
call_queries(Call *call)
{
	if (call->has_queries)
		return;
	call->has_queries = true;
	set_for_queries(true, &call->before);
	SPI_connect();
	MemoryContextSwitchTo(call->context);
}

/*
 * Turns that have come are written down by whoever meets them, so that a claim
 * which is committed later changes none of them, and the next has less to work
 * out.  In a transaction that may take its time it is only the one that the
 * member is told of, for while it lasts others would wait for the rest.  That
 * comes last: nothing is waited for after it.
 */
static void
write_turns(Call *call)
{
	bool		all = !IsTransactionBlock() && !IsolationUsesXactSnapshot();

	for (int i = 0; call->has_turns && i < call->turns.nunits; i++)
	{
		const FreeUnit *unit = &call->turns.units[i];

		CHECK_FOR_INTERRUPTS();
		if (unit->now_free == unit->free || unit->is_in_hand || !(all || unit->unit == call->told))
			continue;
		call_queries(call);
		(void) turns_settle(call->desk, &call->deal, &call->turns, unit, call->t);
	}
}

Datum
call_answer(Call *call, const char *state, int64 until, int64 place)
{
	Datum		values[4];
	bool		nulls[4] = {false, until == NEVER, place == 0, !call->deal.has_price};
	Datum		result;

	call_look_away(call);
	write_turns(call);
	values[0] = CStringGetTextDatum(state);
	values[1] = TimestampTzGetDatum(until);
	values[2] = Int64GetDatum(place);
	values[3] = call->deal.price;
	/* before the memory of the queries goes */
	MemoryContextSwitchTo(call->caller);
	result = HeapTupleGetDatum(heap_form_tuple(answer_desc(call->fcinfo), values, nulls));
	if (call->has_queries)
		SPI_finish();
	become_again(&call->before);
	MemoryContextSwitchTo(call->caller);
	MemoryContextDelete(call->context);
	return result;
}

Datum
call_answer_claim(Call *call, const Claim *claim)
{
	int64		since;
	State		state = call_state(call, claim, &since);
	int64		place = 0;

	if (state == STATE_HELD && claim->is_turn)
		call->told = claim->unit;
	if (state == STATE_WAITING)
	{
		place = 1;
		if (call->has_turns && call->turns.nclaims > 0)
		{
			for (int i = 0; i < call->turns.nclaims && call->turns.claims[i].number < claim->number; i++)
				place += !call->turns.claims[i].is_turn;
		}
		else
			place += count_waiting_before(call->desk, call->name, GetActiveSnapshot(), claim->number);
	}
	return call_answer(call, state_names[state], state == STATE_HELD ? claim->until : NEVER, place);
}

/* ---------------- looking ---------------- */

void
call_look_away(Call *call)
{
	if (call->is_looking)
		PopActiveSnapshot();
	call->is_looking = false;
}

void
call_look(Call *call, bool all)
{
	Desk	   *desk = call->desk;
	bool		wanted = all;
	Snapshot	snapshot;

	CHECK_FOR_INTERRUPTS();
	call_look_away(call);
	/* an act of this transaction counts */
	CommandCounterIncrement();
	/* what was locked since the first look must not be kept while waiting for others */
	call->mine = claims_of_member(desk, call->name, call->customer, !call->has_looked, &call->nmine);
	call->has_looked = true;
	/* after what it has waited for */
	if (call->is_now)
		call->t = GetCurrentTimestamp();
	PushActiveSnapshot(GetTransactionSnapshot());
	call->is_looking = true;
	snapshot = GetActiveSnapshot();
	if (!deal_read(desk, call->name, snapshot, &call->deal))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no deal \"%s\" in \"%s\"", TextDatumGetCString(call->name), desk->name)));
	for (int i = 0; i < call->nmine && !wanted; i++)
		wanted = claim_waits(&call->mine[i]);
	call->has_turns = wanted && anybody_waits(desk, call->name, snapshot);
	if (!call->has_turns)
		return;
	turns_work_out(&call->turns, desk, &call->deal, snapshot, call->t);
	for (int i = 0; i < call->nmine; i++)
		turns_give(&call->turns, &call->mine[i]);
}

State
call_state(const Call *call, const Claim *claim, int64 *since)
{
	int64		asof = Max(call->t, claim->at);

	/* what was done was done, whatever instants come after it */
	if (claim->bought != NEVER)
		asof = Max(asof, claim->bought);
	if (claim->ended != NEVER)
		asof = Max(asof, claim->ended);
	if (claim->unit != 0)
		asof = Max(asof, claim->since);
	return claim_state(claim, &call->deal, asof, since);
}

const Claim *
call_with_ref(const Call *call)
{
	for (int i = 0; i < call->nmine; i++)
	{
		if (call->mine[i].has_ref &&
			DatumGetBool(DirectFunctionCall2Coll(texteq, call->desk->text_collation, call->mine[i].ref, call->ref)))
			return &call->mine[i];
	}
	return NULL;
}

const Claim *
call_newest(const Call *call, bool live)
{
	for (int i = call->nmine - 1; i >= 0; i--)
	{
		int64		since;

		if (!live || state_is_live(call_state(call, &call->mine[i], &since)))
			return &call->mine[i];
	}
	return NULL;
}

bool
call_has_locked(Call *call, int32 unit, int64 *claim, int64 *free)
{
	bool		had = list_member_int(call->locked, unit);

	call_queries(call);
	/* again, for what it is now */
	unit_wait(call->desk, call->name, unit, claim, free);
	if (!had)
		call->locked = lappend_int(call->locked, unit);
	return had;
}

/* ---------------- who may ---------------- */

/* A single boolean of one row at most. */
static bool
says_yes(Statement *statement, int nargs, Oid *types, Datum *values, const char *nulls)
{
	bool		isnull;

	statement_run(statement, nargs, types, values, nulls);
	return SPI_processed > 0 && DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)) && !isnull;
}

/* Is the benefit one that the member is entitled to? */
static bool
is_entitled(Call *call)
{
	Oid			types[3] = {call->desk->key_type, TEXTOID, TIMESTAMPTZOID};
	Datum		values[3] = {call->customer, call->deal.benefit, TimestampTzGetDatum(call->t)};

	return says_yes(&call->desk->is_entitled, 3, types, values, NULL);
}

bool
call_is_for_member(Call *call)
{
	Desk	   *desk = call->desk;
	const Deal *deal = &call->deal;
	Oid			types[4] = {desk->key_type, TEXTARRAYOID, TEXTOID, TIMESTAMPTZOID};
	Datum		values[4] = {call->customer, deal->tiers, deal->plan, TimestampTzGetDatum(call->t)};
	char		nulls[4] = {' ', deal->has_tiers ? ' ' : 'n', deal->has_plan ? ' ' : 'n', ' '};

	if (!(deal->has_tiers || deal->has_plan || deal->has_benefit) || call->t >= deal->everyone_from)
		return true;
	if (!OidIsValid(desk->live))
		return false;
	call_queries(call);
	return ((deal->has_tiers || deal->has_plan) && says_yes(&desk->is_member, 4, types, values, nulls)) ||
		(deal->has_benefit && is_entitled(call));
}
