/*
 * trigger.c
 *		Deals that come, change and go: the trigger on the shop's table of them.
 */
#include "postgres.h"

#include "deal/call.h"
#include "live/branch.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* SQL that is run so rarely that no plan is kept. */
static uint64
run(const char *sql, int nargs, Oid *types, Datum *values)
{
	if (SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0) < 0)
		elog(ERROR, "could not run %s", sql);
	return SPI_processed;
}

static bool
has_claims(const Desk *desk, Datum deal)
{
	ClaimScan  *scan;
	Claim		claim;
	bool		found;

	PushActiveSnapshot(GetLatestSnapshot());
	scan = claim_scan_begin(desk, deal, GetActiveSnapshot());
	found = claim_scan_next(scan, &claim, false);
	claim_scan_end(scan);
	PopActiveSnapshot();
	return found;
}

/* The name of a deal goes: 23503 if there are claims on it. */
static void
must_have_no_claims(Desk *desk, const Deal *deal)
{
	bool		found = has_claims(desk, deal->name);

	if (!found)
	{
		/* some may be on their way */
		LockRelationOid(desk->claim, ShareRowExclusiveLock);
		found = has_claims(desk, deal->name);
	}
	if (found)
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("there are claims on deal \"%s\" of \"%s\"", TextDatumGetCString(deal->name), desk->name),
				 errhint("To end it, set \"closes\" or \"cancelled\".")));
}

static void
add_units(Desk *desk, const Deal *deal, int32 n, int64 free)
{
	Oid			types[3] = {TEXTOID, INT4OID, TIMESTAMPTZOID};
	Datum		values[3] = {deal->name, Int32GetDatum(n), TimestampTzGetDatum(free)};

	run(psprintf("INSERT INTO %s (deal, unit, free) SELECT $1, m.last + g, $3 FROM"
				 " (SELECT coalesce(max(u.unit), 0) AS last FROM %s u WHERE u.deal = $1) m, generate_series(1, $2) g",
				 table_name(desk->unit), table_name(desk->unit)), 3, types, values);
	/* what sessions remember of units that nobody ever held may be of a deal of this name that is gone */
	CacheInvalidateRelcacheByRelid(desk->unit);
}

/* Give the turns due until now; answers the units of which somebody else is busy with that. */
static Datum
give_turns(Desk *desk, const Deal *deal, int64 now)
{
	Turns		turns;
	Datum	   *busy;
	int			n = 0;

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	turns_work_out(&turns, desk, deal, GetActiveSnapshot(), now);
	busy = palloc_extended(Max(1, turns.nunits) * sizeof(Datum), MCXT_ALLOC_HUGE);
	for (int i = 0; i < turns.nunits; i++)
	{
		const FreeUnit *unit = &turns.units[i];

		CHECK_FOR_INTERRUPTS();
		if (unit->now_free != unit->free && !turns_settle(desk, deal, &turns, unit, now))
			busy[n++] = Int32GetDatum(unit->unit);
	}
	PopActiveSnapshot();
	return PointerGetDatum(construct_array(busy, n, INT4OID, sizeof(int32), true, TYPALIGN_INT));
}

/* What has been shut out stays so, whatever the deal becomes. */
static void
shut_out(Desk *desk, const Deal *deal, int64 now)
{
	const char *unit = table_name(desk->unit);
	const char *claim = table_name(desk->claim);
	bool		is_cancelled = deal->cancelled <= Min(deal->closes, now);
	Oid			types[3] = {TEXTOID, TIMESTAMPTZOID, TEXTOID};
	Datum		values[3] = {deal->name, TimestampTzGetDatum(deal->cancelled)};

	if (deal->cancelled <= now)
	{
		values[2] = CStringGetTextDatum(state_names[STATE_CANCELLED]);
		run(psprintf("UPDATE %s u SET free = greatest($2, u.since) WHERE u.deal = $1 AND u.free > $2 AND u.free < 'infinity'", unit),
			2, types, values);
		run(psprintf("UPDATE %s c SET ended = greatest($2, c.since), outcome = $3, slot = NULL WHERE c.deal = $1"
					 " AND c.until > $2 AND c.bought IS NULL AND c.ended IS NULL", claim), 3, types, values);
	}
	if (is_cancelled || deal->closes <= now)
	{
		values[1] = TimestampTzGetDatum(Min(deal->cancelled, deal->closes));
		values[2] = CStringGetTextDatum(state_names[is_cancelled ? STATE_CANCELLED : STATE_CLOSED]);
		run(psprintf("UPDATE %s c SET ended = greatest($2, c.at), outcome = $3, slot = NULL WHERE c.deal = $1"
					 " AND c.unit IS NULL AND c.ended IS NULL", claim), 3, types, values);
	}
}

/* Fewer units: only free ones go. */
static void
remove_units(Desk *desk, const Deal *deal, int32 n, int64 now, Datum busy)
{
	const char *unit = table_name(desk->unit);
	Oid			types[4] = {TEXTOID, INT4OID, TIMESTAMPTZOID, INT4ARRAYOID};
	Datum		values[4] = {deal->name, Int32GetDatum(n), TimestampTzGetDatum(now), busy};
	uint64		removed;

	removed = run(psprintf("DELETE FROM %s d WHERE d.deal = $1 AND d.unit = ANY (ARRAY(SELECT u.unit FROM %s u"
						   " WHERE u.deal = $1 AND u.free <= $3 AND u.unit <> ALL ($4) ORDER BY u.unit DESC LIMIT $2"
						   " FOR UPDATE SKIP LOCKED))", unit, unit), 4, types, values);
	if (removed < (uint64) n)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("units of deal \"%s\" cannot be %d fewer: %llu are free", TextDatumGetCString(deal->name), n,
						(unsigned long long) removed),
				 errdetail("The others are held or bought, or somebody is about to take them.")));
}

static void
change(Desk *desk, const Deal *old, const Deal *new)
{
	int64		now = GetCurrentTimestamp();
	Datum		busy;

	if (!DatumGetBool(DirectFunctionCall2Coll(texteq, desk->text_collation, old->name, new->name)))
	{
		Oid			types[2] = {TEXTOID, TEXTOID};
		Datum		values[2] = {old->name, new->name};

		must_have_no_claims(desk, old);
		run(psprintf("UPDATE %s u SET deal = $2 WHERE u.deal = $1", table_name(desk->unit)), 2, types, values);
		CacheInvalidateRelcacheByRelid(desk->unit);
	}
	busy = give_turns(desk, old, now);
	/* of a cancelled deal all units are free that are not bought */
	if (old->closes != new->closes || old->cancelled != new->cancelled || new->units < old->units)
		shut_out(desk, old, now);
	if (new->units > old->units)
		add_units(desk, new, new->units - old->units, now);
	else if (new->units < old->units)
		remove_units(desk, new, old->units - new->units, now, busy);
}

static void
remove_deal(Desk *desk, const Deal *deal)
{
	Oid			types[1] = {TEXTOID};
	Datum		values[1] = {deal->name};

	must_have_no_claims(desk, deal);
	run(psprintf("DELETE FROM %s u WHERE u.deal = $1", table_name(desk->unit)), 1, types, values);
	CacheInvalidateRelcacheByRelid(desk->unit);
}

/* The desk that the trigger names, whose table of deals fires. */
static Desk *
desk_of_trigger(const TriggerData *trigger)
{
	Oid			view;
	Desk	   *desk;

	if (trigger->tg_trigger->tgqual == NULL || !marked(stringToNode(trigger->tg_trigger->tgqual), "desk", 1, &view))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("trigger \"%s\" names no view of deals", trigger->tg_trigger->tgname),
				 errhint("Such triggers are made by loyalty.open_deals().")));
	desk = desk_find(view);
	if (desk->deal != RelationGetRelid(trigger->tg_relation))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" is not the table of deals \"%s\"", RelationGetRelationName(trigger->tg_relation), desk->name)));
	return desk;
}

PG_FUNCTION_INFO_V1(loyalty_deal_changed);

/* the trigger: after INSERT, UPDATE and DELETE for each row, before TRUNCATE */
Datum
loyalty_deal_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Identity	before;
	Desk	   *desk;
	Deal		old;
	Deal		new;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by the trigger manager", "loyalty.deal_changed")));
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("deals cannot be truncated"),
				 errhint("DELETE those without claims.")));
	if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) || !TRIGGER_FIRED_AFTER(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" is not one of those that loyalty.open_deals() makes", trigger->tg_trigger->tgname)));
	desk = desk_of_trigger(trigger);
	become(desk->owner, true, &before);
	SPI_connect();
	deal_from_tuple(desk, trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation), &old);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		add_units(desk, &old, old.units, EVER);
	else if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
	{
		deal_from_tuple(desk, trigger->tg_newtuple, RelationGetDescr(trigger->tg_relation), &new);
		change(desk, &old, &new);
	}
	else
		remove_deal(desk, &old);
	SPI_finish();
	become_again(&before);
	return PointerGetDatum(NULL);
}

PG_FUNCTION_INFO_V1(loyalty_deal_check_live);

/* desk_check_live(live, customer_type): may it say who the members of a new desk are? */
Datum
loyalty_deal_check_live(PG_FUNCTION_ARGS)
{
	Live		live;

	live_open(PG_GETARG_OID(0), &live);
	if (live.owner != GetUserId())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of live history \"%s\"", get_rel_name(live.view))));
	if (live.type != PG_GETARG_OID(1))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("customers are of type %s in live history \"%s\"", format_type_be(live.type), get_rel_name(live.view)),
				 errhint("Deals need keys of the same type.")));
	PG_RETURN_VOID();
}
