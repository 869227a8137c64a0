/*
 * claim.c
 *		claim(), confirm(), release().
 *
 * Each looks, decides, and then acts on rows that it has locked; where these
 * turn out to be others than they looked, it looks again.  What is waited for
 * is another call of the same member, and whoever has that member's own unit.
 */
#include "postgres.h"

#include "deal/call.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* ---------------- claim ---------------- */

/* units_try() */
static bool
try_lock(void *context, int32 unit, int64 free)
{
	Call	   *call = context;

	call_queries(call);
	if (!unit_lock(call->desk, call->name, unit, free))
		return false;
	call->locked = lcons_int(unit, call->locked);
	return true;
}

static bool
just_look(void *context, int32 unit, int64 free)
{
	return true;
}

/* A unit that is free after all turns, one that is locked already if there is one. */
static const FreeUnit *
unit_left(const Call *call, List *tried)
{
	const FreeUnit *left = NULL;

	for (int i = 0; i < call->turns.nunits; i++)
	{
		const FreeUnit *unit = &call->turns.units[i];

		if (unit->is_in_hand || unit->now_free > call->t || list_member_int(tried, unit->unit))
			continue;
		if (list_member_int(call->locked, unit->unit))
			return unit;
		if (left == NULL)
			left = unit;
	}
	return left;
}

/* What became of an attempt to take a unit. */
typedef enum Take
{
	TAKE_DONE, TAKE_NONE, TAKE_AGAIN
} Take;

/* Nobody waits, or so it looked. */
static Take
take_unclaimed(Call *call, int32 *unit)
{
	bool		somebody_waits;

	if (!units_try(call->desk, &call->deal, GetActiveSnapshot(), call->t, try_lock, call))
		return TAKE_NONE;
	*unit = linitial_int(call->locked);
	/* now that it is ours nobody can be given it: has somebody come to wait for it meanwhile? */
	PushActiveSnapshot(IsolationUsesXactSnapshot() ? GetLatestSnapshot() : GetTransactionSnapshot());
	somebody_waits = anybody_waits(call->desk, call->name, GetActiveSnapshot());
	PopActiveSnapshot();
	if (somebody_waits && IsolationUsesXactSnapshot())
		could_not_serialize();
	return somebody_waits ? TAKE_AGAIN : TAKE_DONE;
}

/* All who waited have had their turns: these are written down with the unit. */
static Take
take_after_turns(Call *call, int32 *unit)
{
	const FreeUnit *left;
	List	   *tried = NIL;

	while ((left = unit_left(call, tried)) != NULL)
	{
		tried = lappend_int(tried, left->unit);
		call_queries(call);
		if (!list_member_int(call->locked, left->unit))
		{
			if (!unit_lock(call->desk, call->name, left->unit, left->free))
				continue;
			call->locked = lappend_int(call->locked, left->unit);
			return TAKE_AGAIN;
		}
		*unit = left->unit;
		if (turns_write(call->desk, &call->deal, &call->turns, left->unit, 0, call->t, false))
			return TAKE_DONE;
	}
	return TAKE_NONE;
}

static Take
take_unit(Call *call, int32 *unit)
{
	if (!call->has_turns)
		return take_unclaimed(call, unit);
	return call->turns.all_served ? take_after_turns(call, unit) : TAKE_NONE;
}

static bool
is_unit_free(Call *call)
{
	if (!call->has_turns)
		return units_try(call->desk, &call->deal, GetActiveSnapshot(), call->t, just_look, NULL);
	return call->turns.all_served && unit_left(call, NIL) != NULL;
}

/* A claim of theirs that is over and still counted, of those on turns the one on the lowest unit; NULL if there is none. */
static const Claim *
slot_to_drop(const Call *call)
{
	const Claim *found = NULL;

	for (int i = 0; i < call->nmine; i++)
	{
		const Claim *claim = &call->mine[i];
		int64		since;

		if (claim->slot == 0 || claim->unit == 0 || state_is_live(call_state(call, claim, &since)))
			continue;
		if (found == NULL || claim->is_turn < found->is_turn || (claim->is_turn == found->is_turn && claim->unit < found->unit))
			found = claim;
	}
	return found;
}

/* Count it no more. */
static void
drop_slot(Call *call, const Claim *claim)
{
	int64		last;
	int64		free;

	call_queries(call);
	if (!claim->is_turn)
		claim_drop_slot(call->desk, claim->number);
	else if (call_has_locked(call, claim->unit, &last, &free))
		(void) turns_write(call->desk, &call->deal, &call->turns, claim->unit, claim->number, call->t, true);
}

/* How many live claims the member has, and the lowest number that none of them has. */
static int
count_live(const Call *call, int32 *slot)
{
	int			live = 0;
	Bitmapset  *taken = NULL;

	for (int i = 0; i < call->nmine; i++)
	{
		int64		since;

		if (!state_is_live(call_state(call, &call->mine[i], &since)))
			continue;
		live++;
		taken = bms_add_member(taken, call->mine[i].slot);
	}
	for (*slot = 1; bms_is_member(*slot, taken);)
		(*slot)++;
	return live;
}

static Datum
answer_sold_out(Call *call)
{
	int64		end = first_end(call->desk, call->name, GetActiveSnapshot(), call->t);

	for (int i = 0; call->has_turns && i < call->turns.nclaims; i++)
	{
		if (call->turns.claims[i].is_turn && call->turns.claims[i].until > call->t)
			end = Min(end, call->turns.claims[i].until);
	}
	return call_answer(call, "sold out", end, 0);
}

/* Store a claim on that unit, or one that waits (0); 0 if another call of the member came first. */
static int64
store(Call *call, int32 unit, int32 slot)
{
	Claim		claim = {.customer = call->customer, .has_ref = call->has_ref, .ref = call->ref, .slot = slot, .unit = unit,
	.at = call->t, .since = call->t, .until = instant_after(call->t, call->deal.hold)};
	int64		number;

	call_queries(call);
	number = claim_put(call->desk, call->name, &claim);
	if (number != 0 && unit != 0)
		unit_put(call->desk, call->name, unit, number, claim.since, claim.until);
	return number;
}

PG_FUNCTION_INFO_V1(loyalty_deal_claim);

/*
 * claim(deals, deal, customer, ref, asof): hold a unit, or wait for one, or say
 * why not.  42704: no such deal; 42809: not a view of deals; 42501: no right.
 */
Datum
loyalty_deal_claim(PG_FUNCTION_ARGS)
{
	Call		call;

	if (!call_begin(&call, fcinfo, "loyalty.claim()", ACL_INSERT, 3, 4))
		return call_null(fcinfo);
	for (;;)
	{
		const Claim *claim;
		int32		slot;
		int32		unit = 0;
		int64		number;

		call_look(&call, true);
		claim = call.has_ref ? call_with_ref(&call) : call_newest(&call, true);
		if (claim)
			return call_answer_claim(&call, claim);
		if (call.t >= call.deal.cancelled)
			return call_answer(&call, "cancelled", NEVER, 0);
		if (call.t < call.deal.opens)
			return call_answer(&call, "not open", call.deal.opens, 0);
		if (call.t >= call.deal.closes)
			return call_answer(&call, "closed", NEVER, 0);
		if (!call_is_for_member(&call))
			return call_answer(&call, "members only", NEVER, 0);
		if (count_live(&call, &slot) >= call.deal.each)
			return call_answer(&call, "limit", NEVER, 0);

		claim = slot_to_drop(&call);
		if (claim)
		{
			if (!call.deal.waitlist && !is_unit_free(&call))
				return answer_sold_out(&call);
			drop_slot(&call, claim);
			continue;
		}
		switch (take_unit(&call, &unit))
		{
			case TAKE_AGAIN:
				continue;
			case TAKE_NONE:
				if (!call.deal.waitlist)
					return answer_sold_out(&call);
				unit = 0;
				break;
			case TAKE_DONE:
				break;
		}
		number = store(&call, unit, slot);
		if (number == 0)
			continue;
		if (unit != 0)
			return call_answer(&call, state_names[STATE_HELD], instant_after(call.t, call.deal.hold), 0);
		call_look(&call, true);
		for (int i = 0; i < call.nmine; i++)
		{
			if (call.mine[i].number == number)
				return call_answer_claim(&call, &call.mine[i]);
		}
	}
}

/* ---------------- confirm ---------------- */

/* 2026-07-15T10:00:00Z, as in other errors */
static const char *
instant_as_json(int64 at)
{
	char		buf[MAXDATELEN + 1];
	int			zone = 0;
	char	   *offset;

	JsonEncodeDateTime(buf, TimestampTzGetDatum(at), TIMESTAMPTZOID, &zone);
	offset = strrchr(buf, '+');
	return offset ? psprintf("%.*sZ", (int) (offset - buf), buf) : pstrdup(buf);
}

/* Why a claim that stands so cannot be bought. */
static const char *
why_not(State state, int64 since)
{
	const char *at = timestamptz_to_str(since);

	switch (state)
	{
		case STATE_BOUGHT:
			return "another order has bought it";
		case STATE_WAITING:
			return "it is waiting";
		case STATE_LAPSED:
			return psprintf("its hold ended at %s", at);
		case STATE_RELEASED:
			return psprintf("it was released at %s", at);
		case STATE_CLOSED:
			return psprintf("it waited until the deal closed at %s", at);
		case STATE_CANCELLED:
			return psprintf("the deal was cancelled at %s", at);
		case STATE_HELD:
			break;
	}
	return "it is held";
}

/* LY002: nothing of the order may be stored. */
loyalty_compat_noreturn static void
refuse(Call *call, const Claim *claim)
{
	StringInfoData json;
	const char *deal = TextDatumGetCString(call->name);
	int64		since = NEVER;
	State		state = claim ? call_state(call, claim, &since) : STATE_HELD;
	const char *reason = claim ? state_names[state] : "no claim";

	initStringInfo(&json);
	appendStringInfoString(&json, "{\"deal\": ");
	escape_json(&json, deal);
	appendStringInfoString(&json, ", \"customer\": ");
	escape_json(&json, customer_as_text(call->desk, call->customer));
	if (call->has_ref)
	{
		appendStringInfoString(&json, ", \"ref\": ");
		escape_json(&json, TextDatumGetCString(call->ref));
	}
	appendStringInfo(&json, ", \"reason\": \"%s\", \"at\": \"%s\"", reason, instant_as_json(call->t));
	if (since != NEVER)
		appendStringInfo(&json, ", \"since\": \"%s\"", instant_as_json(since));
	appendStringInfoChar(&json, '}');
	ereport(ERROR,
			(errcode(ERRCODE_NOT_CONFIRMED),
			 errmsg("deal \"%s\" is not bought: %s", deal, claim ? why_not(state, since) : "there is no such claim"),
			 errdetail_internal("%s", json.data),
			 err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(call->desk->view))),
			 err_generic_string(PG_DIAG_TABLE_NAME, call->desk->name),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, reason)));
}

/* The claim that this order has bought, of the ref if one is given. */
static const Claim *
bought_by(const Call *call, Datum order_ref)
{
	for (int i = call->nmine - 1; i >= 0; i--)
	{
		const Claim *claim = &call->mine[i];
		int64		since;

		if (call_state(call, claim, &since) == STATE_BOUGHT && claim->has_order_ref &&
			DatumGetBool(DirectFunctionCall2Coll(texteq, call->desk->text_collation, claim->order_ref, order_ref)) &&
			(!call->has_ref || claim == call_with_ref(call)))
			return claim;
	}
	return NULL;
}

/* The held one that ends first. */
static const Claim *
held_first(const Call *call)
{
	const Claim *first = NULL;

	for (int i = 0; i < call->nmine; i++)
	{
		int64		since;

		if (call_state(call, &call->mine[i], &since) == STATE_HELD && (first == NULL || call->mine[i].until < first->until))
			first = &call->mine[i];
	}
	return first;
}

/*
 * Lock the unit of a claim that holds or has bought it, with the turns before it
 * written; it should be free from then on.  False: look again.
 */
static bool
secure_unit(Call *call, const Claim *claim, int64 free, bool *is_lost)
{
	int64		last;
	int64		now_free;
	bool		had = call_has_locked(call, claim->unit, &last, &now_free);

	if (claim->is_turn)
	{
		if (had)
			(void) turns_write(call->desk, &call->deal, &call->turns, claim->unit, claim->number, call->t, true);
		return false;
	}
	/* whoever came at its very end may have it */
	*is_lost = last != claim->number || now_free != free;
	return had || !*is_lost;
}

static Datum
confirm(FunctionCallInfo fcinfo, Datum order_ref)
{
	Call		call;

	if (!call_begin(&call, fcinfo, "loyalty.confirm()", ACL_UPDATE, 4, 5))
		return call_null(fcinfo);
	if (PG_ARGISNULL(3))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("order_ref must not be NULL"),
				 errhint("It is the key of the order that buys the unit.")));
	for (;;)
	{
		const Claim *claim;
		bool		is_lost;
		int64		since;

		call_look(&call, false);
		claim = bought_by(&call, order_ref);
		if (claim)
			return call_answer_claim(&call, claim);
		claim = call.has_ref ? call_with_ref(&call) : held_first(&call);
		if (claim == NULL && !call.has_ref)
			claim = call_newest(&call, false);
		if (claim && call_state(&call, claim, &since) == STATE_HELD)
		{
			if (!secure_unit(&call, claim, claim->until, &is_lost))
				continue;
			if (!is_lost)
			{
				claim_buy(call.desk, claim->number, Max(call.t, claim->since), order_ref);
				unit_put(call.desk, call.name, claim->unit, claim->number, claim->since, NEVER);
				return call_answer(&call, state_names[STATE_BOUGHT], NEVER, 0);
			}
			call.t = Max(call.t, claim->until);
		}
		refuse(&call, claim);
	}
}

PG_FUNCTION_INFO_V1(loyalty_deal_confirm_bigint);
PG_FUNCTION_INFO_V1(loyalty_deal_confirm_uuid);
PG_FUNCTION_INFO_V1(loyalty_deal_confirm_text);

/*
 * confirm(deals, deal, customer, order_ref, ref, asof): the order buys what is
 * held.  LY002 where nothing is; 22004 for a NULL order_ref.
 */
Datum
loyalty_deal_confirm_bigint(PG_FUNCTION_ARGS)
{
	return confirm(fcinfo, PG_ARGISNULL(3) ? (Datum) 0 : CStringGetTextDatum(psprintf(INT64_FORMAT, PG_GETARG_INT64(3))));
}

Datum
loyalty_deal_confirm_uuid(PG_FUNCTION_ARGS)
{
	return confirm(fcinfo, PG_ARGISNULL(3) ? (Datum) 0 :
				   CStringGetTextDatum(DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(3)))));
}

Datum
loyalty_deal_confirm_text(PG_FUNCTION_ARGS)
{
	return confirm(fcinfo, PG_ARGISNULL(3) ? (Datum) 0 : PG_GETARG_DATUM(3));
}

/* ---------------- release ---------------- */

PG_FUNCTION_INFO_V1(loyalty_deal_release);

/* release(deals, deal, customer, ref, asof): end a live claim; its unit is free from then on */
Datum
loyalty_deal_release(PG_FUNCTION_ARGS)
{
	Call		call;

	if (!call_begin(&call, fcinfo, "loyalty.release()", ACL_UPDATE, 3, 4))
		return call_null(fcinfo);
	for (;;)
	{
		const Claim *claim;
		bool		is_lost;
		int64		since;
		int64		at;
		State		state;

		call_look(&call, false);
		claim = call.has_ref ? call_with_ref(&call) : call_newest(&call, true);
		if (claim == NULL && !call.has_ref)
			claim = call_newest(&call, false);
		if (claim == NULL)
		{
			(void) call_answer(&call, "", NEVER, 0);
			return call_null(fcinfo);
		}
		state = call_state(&call, claim, &since);
		if (!state_is_live(state))
			return call_answer_claim(&call, claim);
		if (state == STATE_WAITING)
		{
			call_queries(&call);
			if (!claim_leave(call.desk, claim->number, Max(call.t, claim->at), STATE_RELEASED))
				continue;
		}
		else
		{
			if (!secure_unit(&call, claim, state == STATE_BOUGHT ? NEVER : claim->until, &is_lost))
				continue;
			if (is_lost)
			{
				call.t = Max(call.t, claim->until);
				return call_answer_claim(&call, claim);
			}
			at = Max(call.t, claim->bought == NEVER ? claim->since : claim->bought);
			claim_end(call.desk, claim->number, at, STATE_RELEASED);
			unit_put(call.desk, call.name, claim->unit, claim->number, claim->since, at);
		}
		return call_answer(&call, state_names[STATE_RELEASED], NEVER, 0);
	}
}
