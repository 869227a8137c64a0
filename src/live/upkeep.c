/*
 * upkeep.c
 *		The SQL functions that look after live histories.
 *
 * Whatever evaluates the shop's view does so as its owner: who calls
 * rebuild() or verify() lends nobody their own rights.
 */
#include "postgres.h"

#include "live/change.h"
#include "live/place.h"
#include "live/progress.h"
#include "live/source.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

/* The live history that a caller may change. */
static void
open_own(Oid view, Live *live)
{
	live_open(view, live);
	if (!has_privs_of_role(GetUserId(), live->owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of live history \"%s\"", get_rel_name(view))));
}

static void
put_table(ReturnSetInfo *rsinfo, Oid relid, bool parent)
{
	List	   *all = find_all_inheritors(relid, AccessShareLock, NULL);
	ListCell   *lc;

	foreach(lc, all)
	{
		Datum		values[4] = {ObjectIdGetDatum(lfirst_oid(lc)), ObjectIdGetDatum(relid), BoolGetDatum(parent),
		BoolGetDatum(get_rel_relkind(lfirst_oid(lc)) == RELKIND_PARTITIONED_TABLE)};
		bool		nulls[4] = {false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
}

static void
put_tables(ReturnSetInfo *rsinfo, Oid events)
{
	ListCell   *lc;

	LockRelationOid(events, AccessShareLock);
	foreach(lc, branches_read(events))
	{
		const Branch *branch = lfirst(lc);
		ListCell   *lp;

		put_table(rsinfo, branch->relid, false);
		foreach(lp, branch->parents)
			put_table(rsinfo, ((Parent *) lfirst(lp))->relid, true);
	}
}

PG_FUNCTION_INFO_V1(loyalty_live_tables);

/*
 * live_tables(events): the tables that a view reads, with their partitions.
 * Anybody may ask, so it ends with the locks that it took: by a subtransaction,
 * which is the one that knows them all.
 */
Datum
loyalty_live_tables(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext caller = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	InitMaterializedSRF(fcinfo, 0);
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(caller);
	PG_TRY();
	{
		put_tables(rsinfo, PG_GETARG_OID(0));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(caller);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(caller);
	CurrentResourceOwner = owner;
	if (error)
		ReThrowError(error);
	return (Datum) 0;
}

static void
lock_tables(List *branches, const Live *live)
{
	List	   *tables = branches_tables(branches, true);
	ListCell   *lc;

	list_sort(tables, list_oid_cmp);
	foreach(lc, tables)
	{
		ListCell   *li;

		LockRelationOid(lfirst_oid(lc), ShareRowExclusiveLock);
		foreach(li, find_all_inheritors(lfirst_oid(lc), ShareRowExclusiveLock, NULL))
		{
			must_be_owned(lfirst_oid(li), live);
			if (get_rel_relkind(lfirst_oid(li)) == RELKIND_FOREIGN_TABLE)
				ereport(ERROR,
						(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						 errmsg("partition \"%s\" of \"%s\" is a foreign table", get_rel_name(lfirst_oid(li)), get_rel_name(lfirst_oid(lc))),
						 errdetail("Its rows change without a trigger."),
						 errhint("Detach it, or keep histories where the rows are.")));
		}
	}
}

static void
must_be_writable(const char *function)
{
	if (RecoveryInProgress())
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("loyalty.%s() cannot run on a standby", function),
				 errhint("Run it on the primary; what it changes comes here by itself.")));
	if (XactReadOnly)
		ereport(ERROR,
				(errcode(ERRCODE_READ_ONLY_SQL_TRANSACTION),
				 errmsg("loyalty.%s() cannot run in a read-only transaction", function)));
}

PG_FUNCTION_INFO_V1(loyalty_live_must_be_writable);

/* live_must_be_writable(function): for those that are not written in C */
Datum
loyalty_live_must_be_writable(PG_FUNCTION_ARGS)
{
	must_be_writable(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}

static void
must_read_committed(const char *function)
{
	must_be_writable(function);
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("loyalty.%s() must run at isolation level READ COMMITTED", function),
				 errdetail("The transaction's snapshot may be older than rows that have come since."),
				 errhint("BEGIN ISOLATION LEVEL READ COMMITTED, or call it on its own.")));
}

/* views that fed it and are no more; a regclass shows their number */
#define GONE "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = s.events)"

/* the views that feed a live history */
static List *
views_of(const Live *live)
{
	List	   *views = NIL;
	MemoryContext caller = CurrentMemoryContext;

	SPI_connect();
	run_once(psprintf("SELECT DISTINCT s.events::pg_catalog.oid FROM %s s WHERE NOT " GONE " ORDER BY 1", live->source_name), SPI_OK_SELECT);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Oid			view = DatumGetObjectId(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		MemoryContext spi = MemoryContextSwitchTo(caller);

		views = lappend_oid(views, view);
		MemoryContextSwitchTo(spi);
	}
	SPI_finish();
	return views;
}

PG_FUNCTION_INFO_V1(loyalty_live_bind);

/*
 * live_bind(live, events, function): lock what the view reads against changes
 * until the transaction's end, and write down what it reads.
 */
Datum
loyalty_live_bind(PG_FUNCTION_ARGS)
{
	Oid			events = PG_GETARG_OID(1);
	Live		live;
	Identity	before;
	List	   *branches;
	Relation	rel;
	Oid			type;

	must_read_committed(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	open_own(PG_GETARG_OID(0), &live);
	LockRelationOid(events, AccessShareLock);
	must_be_owned(events, &live);
	become(live.owner, false, &before);
	branches = branches_read(events);
	lock_tables(branches, &live);
	/* keys may have changed while we waited */
	branches = branches_read(events);
	rel = relation_open(events, NoLock);
	type = TupleDescAttr(RelationGetDescr(rel), 0)->atttypid;
	if (type != live.type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("customers are of type %s in view \"%s\" and of type %s in live history \"%s\"",
						format_type_be(type), RelationGetRelationName(rel), format_type_be(live.type), get_rel_name(live.view)),
				 errhint("Cast the view's first column, or keep histories of that type.")));
	if (OidIsValid(TupleDescAttr(RelationGetDescr(rel), 0)->attcollation) &&
		!get_collation_isdeterministic(TupleDescAttr(RelationGetDescr(rel), 0)->attcollation))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("customers of view \"%s\" have a nondeterministic collation", RelationGetRelationName(rel)),
				 errhint("Give the column a deterministic one, or make keys that are equal only if they are the same.")));
	relation_close(rel, NoLock);
	LockRelationOid(live.base, ShareRowExclusiveLock);
	sources_put(events, &live, branches);
	CacheInvalidateRelcacheByRelid(live.view);
	become_again(&before);
	PG_RETURN_VOID();
}

/* What feeds it, and the parts of a place. */
static List *
all_sources(const Live *live, Oid only, List **parts)
{
	List	   *views = OidIsValid(only) ? list_make1_oid(only) : views_of(live);
	List	   *sources = NIL;
	ListCell   *lc;

	foreach(lc, views)
	{
		List	   *branches;

		LockRelationOid(lfirst_oid(lc), AccessShareLock);
		branches = branches_read(lfirst_oid(lc));
		*parts = parts_add(*parts, lfirst_oid(lc), branches);
		sources = list_concat(sources, sources_of(lfirst_oid(lc), live, branches));
	}
	return sources;
}

/*
 * SQL that evaluates a view: errors say which row they are about, as far as it
 * has parts.  It is a phase, and reads the events that another query gives.
 */
static void
run_in_place(const Live *live, const char *sql, int expected, List *parts, Oid user, Phase phase, const char *events)
{
	Place		place;

	place_begin(&place, get_rel_name(live->view), parts, user);
	PG_TRY();
	{
		progress_phase(phase, events);
		run_once(sql, expected);
	}
	PG_CATCH();
	{
		place_end(&place);
		PG_RE_THROW();
	}
	PG_END_TRY();
	place_end(&place);
}

/*
 * Histories of events e, counted for loyalty.progress.  Events are counted
 * before they are grouped: a hash table that spills looks at some twice.
 */
#define HISTORIES_OF_COUNTED "SELECT c.customer, loyalty.live_count(1, loyalty.history(c.event)) AS history" \
	" FROM (SELECT e.customer, loyalty.live_count(0, e.event) AS event FROM "

/* Take in what the sources hold; begin anew if asked to. */
static void
fill(const Live *live, List *sources, bool anew, List *parts, Oid user)
{
	ListCell   *lc;

	fix_output();
	progress_begin(anew ? JOB_REBUILD : JOB_TRACK, live->view);
	if (anew)
	{
		progress_phase(PHASE_CLEARING, NULL);
		run_once(psprintf("DELETE FROM %s s WHERE " GONE, live->source_name), SPI_OK_DELETE);
		if (SPI_processed > 0)
			ereport(NOTICE,
					(errmsg("a view that fed \"%s\" is gone, and its events with it", get_rel_name(live->view))));
		run_once(psprintf("DELETE FROM %s", live->fragment_name), SPI_OK_DELETE);
		run_once(psprintf("DELETE FROM %s", live->row_name), SPI_OK_DELETE);
		run_once(psprintf("DELETE FROM %s", live->base_name), SPI_OK_DELETE);
	}
	foreach(lc, sources)
	{
		const Source *source = lfirst(lc);
		ListCell   *lb;

		ereport(NOTICE,
				(errmsg("reading \"%s\" (%d of %d)", get_rel_name(source->relid), foreach_current_index(lc) + 1,
						list_length(sources))));
		foreach(lb, source->branches)
		{
			char	   *sql;

			if (((Branch *) lfirst(lb))->parents == NIL)
				continue;
			sql = fill_rows_sql(live, source, lfirst(lb));
			run_in_place(live, sql, SPI_OK_INSERT, parts, user, PHASE_JOINED_ROWS, sql);
		}
	}
	if (sources != NIL)
	{
		char	   *events = all_events_sql(live, sources);

		run_in_place(live, psprintf("INSERT INTO %s AS b (customer, history) " HISTORIES_OF_COUNTED "(%s) e) c"
					 " GROUP BY c.customer ON CONFLICT (customer) DO UPDATE SET version = b.version + 1"
					 ", history = loyalty.settle(b.history, excluded.history, b.missing)"
					 ", missing = loyalty.missing(b.history, excluded.history, b.missing)",
					 live->base_name, events), SPI_OK_INSERT, parts, user, PHASE_HISTORIES, events);
		ereport(NOTICE,
				(errmsg("histories of " UINT64_FORMAT " customers are kept in \"%s\"", SPI_processed, get_rel_name(live->view))));
	}
	progress_end();
}

PG_FUNCTION_INFO_V1(loyalty_live_fill);

/* live_fill(live, events): take in what the view's tables hold; all views' anew if NULL */
Datum
loyalty_live_fill(PG_FUNCTION_ARGS)
{
	Live		live;
	Identity	before;
	List	   *sources;
	List	   *parts = NIL;

	if (PG_ARGISNULL(0))
		PG_RETURN_VOID();
	must_read_committed("rebuild");
	open_own(PG_GETARG_OID(0), &live);
	become(live.owner, false, &before);
	LockRelationOid(live.base, ShareRowExclusiveLock);
	sources = all_sources(&live, PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1), &parts);
	SPI_connect();
	fill(&live, sources, PG_ARGISNULL(1), parts, before.user);
	SPI_finish();
	become_again(&before);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(loyalty_live_unbind);

/* live_unbind(live, events): forget that the view is tracked */
Datum
loyalty_live_unbind(PG_FUNCTION_ARGS)
{
	Live		live;
	Identity	before;

	must_read_committed("untrack");
	open_own(PG_GETARG_OID(0), &live);
	become(live.owner, false, &before);
	SPI_connect();
	run_once(psprintf("DELETE FROM %s s WHERE s.events = %u", live.source_name, PG_GETARG_OID(1)), SPI_OK_DELETE);
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("view \"%s\" does not feed live history \"%s\"", get_rel_name(PG_GETARG_OID(1)), get_rel_name(live.view))));
	SPI_finish();
	CacheInvalidateRelcacheByRelid(live.view);
	become_again(&before);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(loyalty_live_views);

/* live_views(live): the views that feed it */
Datum
loyalty_live_views(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Live		live;
	Identity	before;
	List	   *views;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	open_own(PG_GETARG_OID(0), &live);
	become(live.owner, false, &before);
	views = views_of(&live);
	become_again(&before);
	foreach(lc, views)
	{
		Datum		value = ObjectIdGetDatum(lfirst_oid(lc));
		bool		isnull = false;

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, &value, &isnull);
	}
	return (Datum) 0;
}

/* customers looked at together; each such batch is a few statements */
#define COMPACT_BATCH 1000

/* the first column of what a query found, as an array */
static Datum
array_found(Oid type)
{
	ArrayBuildState *all = initArrayResult(type, CurrentMemoryContext, false);

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool		isnull;
		Datum		value = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);

		(void) accumArrayResult(all, value, isnull, type, CurrentMemoryContext);
	}
	SPI_freetuptable(SPI_tuptable);
	return makeArrayResult(all, CurrentMemoryContext);
}

PG_FUNCTION_INFO_V1(loyalty_live_compact);

/* compact(live, customers): fold fragments into base rows that nobody holds */
Datum
loyalty_live_compact(PG_FUNCTION_ARGS)
{
	Live		live;
	Identity	before;
	int64		left = PG_INT64_MAX;
	int64		folded = 0;
	Oid			types[2];
	Oid			lock_types[2];
	SPIPlanPtr	lock;
	SPIPlanPtr	settle;
	Portal		waiting;
	char	   *sql;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (!PG_ARGISNULL(1))
		left = PG_GETARG_INT32(1);
	if (left < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of customers must not be negative")));
	must_be_writable("compact");
	open_own(PG_GETARG_OID(0), &live);
	become(live.owner, true, &before);
	SPI_connect();

	/* each who has fragments now is tried once; more may come while we work */
	sql = psprintf("SELECT DISTINCT f.customer FROM %s f", live.fragment_name);
	waiting = SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, 0);
	types[0] = types[1] = lock_types[0] = get_array_type(live.type);
	lock_types[1] = INT8OID;
	sql = psprintf("SELECT b.customer FROM %s b WHERE b.customer %s ANY ($1) ORDER BY b.customer LIMIT $2 FOR UPDATE SKIP LOCKED",
				   live.base_name, live.equal);
	lock = SPI_prepare(sql, 2, lock_types);
	settle = SPI_prepare(settle_sql(&live), 2, types);
	while (left > 0)
	{
		Datum		values[2];
		char		nulls[2] = {' ', 'n'};
		bool		isnull;

		SPI_cursor_fetch(waiting, true, COMPACT_BATCH);
		if (SPI_processed == 0)
			break;
		values[0] = array_found(live.type);
		values[1] = Int64GetDatum(left);
		if (SPI_execute_plan(lock, values, NULL, false, 0) != SPI_OK_SELECT)
			elog(ERROR, "could not lock customers");
		left -= (int64) SPI_processed;
		values[0] = array_found(live.type);
		if (SPI_execute_plan(settle, values, nulls, false, 0) != SPI_OK_SELECT)
			elog(ERROR, "could not settle customers");
		folded += DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull));
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(waiting);
	SPI_finish();
	become_again(&before);
	PG_RETURN_INT64(folded);
}

PG_FUNCTION_INFO_V1(loyalty_live_forget);

/*
 * forget(live): drop the base rows of customers without events.  A statement
 * that finds a base row counts on it until its fragment is seen.
 */
Datum
loyalty_live_forget(PG_FUNCTION_ARGS)
{
	Live		live;
	Identity	before;
	Oid			type;
	Datum		empty;
	uint64		forgotten = 0;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	must_read_committed("forget");
	open_own(PG_GETARG_OID(0), &live);
	become(live.owner, false, &before);
	SPI_connect();
	run_once(empty_sql(&live), SPI_OK_SELECT);
	if (SPI_processed > 0)
	{
		type = get_array_type(live.type);
		empty = array_found(live.type);
		/* in the order of those who rebuild; others' fragments are there, or not begun */
		LockRelationOid(live.base, RowExclusiveLock);
		LockRelationOid(live.fragment, ShareRowExclusiveLock);
		if (SPI_execute_with_args(forget_sql(&live), 1, &type, &empty, NULL, false, 0) != SPI_OK_DELETE)
			elog(ERROR, "could not forget customers");
		forgotten = SPI_processed;
	}
	SPI_finish();
	become_again(&before);
	PG_RETURN_INT64((int64) forgotten);
}

PG_FUNCTION_INFO_V1(loyalty_live_set_program);

/* live_set_program(live, program): NULL takes it away */
Datum
loyalty_live_set_program(PG_FUNCTION_ARGS)
{
	Live		live;
	Identity	before;
	Oid			types[1] = {live_type("program")};
	Datum		values[1] = {PG_GETARG_DATUM(1)};

	must_be_writable("set_program");
	open_own(PG_GETARG_OID(0), &live);
	become(live.owner, false, &before);
	SPI_connect();
	if (PG_ARGISNULL(1))
		run_once(psprintf("DELETE FROM %s", live.program_name), SPI_OK_DELETE);
	else if (SPI_execute_with_args(psprintf("INSERT INTO %s AS p (program) VALUES ($1)"
											" ON CONFLICT (one) DO UPDATE SET program = excluded.program", live.program_name),
								   1, types, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not store the program");
	SPI_finish();
	become_again(&before);
	PG_RETURN_VOID();
}

PG_FUNCTION_INFO_V1(loyalty_live_differences);

/* live_differences(live): customers whose kept history is not what their views give */
Datum
loyalty_live_differences(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Live		live;
	Identity	before;
	StringInfoData events;
	char	   *sql;
	ListCell   *lc;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	open_own(PG_GETARG_OID(0), &live);
	become(live.owner, false, &before);
	initStringInfo(&events);
	appendStringInfo(&events, "SELECT NULL::%s AS customer, NULL::loyalty.event AS event", live.type_name);
	foreach(lc, views_of(&live))
	{
		Relation	rel = relation_open(lfirst_oid(lc), AccessShareLock);

		appendStringInfo(&events, " UNION ALL SELECT v.%s::%s, v.%s FROM %s v",
						 column_name(lfirst_oid(lc), 1), live.type_name, column_name(lfirst_oid(lc), 2), table_name(lfirst_oid(lc)));
		relation_close(rel, NoLock);
	}
	sql = psprintf("WITH event AS (%s), computed AS (" HISTORIES_OF_COUNTED "event e"
					 " WHERE e.customer IS NOT NULL AND e.event IS NOT NULL) c GROUP BY c.customer)"
					 ", fragment AS (SELECT f.customer, loyalty.history(f.added) AS added, loyalty.history(f.removed) AS removed"
					 " FROM %s f GROUP BY f.customer)"
					 ", kept AS (SELECT coalesce(b.customer, f.customer) AS customer, b.customer IS NULL AS lost"
					 ", loyalty.settle(b.history, f.added, loyalty.settle(b.missing, f.removed, NULL::loyalty.history)) AS history"
					 ", loyalty.missing(b.history, f.added, loyalty.settle(b.missing, f.removed, NULL::loyalty.history)) AS missing"
					 " FROM %s b FULL JOIN fragment f ON b.customer %s f.customer)"
					 " SELECT coalesce(k.customer, c.customer)::pg_catalog.text, k.history, c.history"
					 ", CASE WHEN k.lost THEN 'there is no base row'"
					 " WHEN EXISTS (SELECT 1 FROM %s s WHERE " GONE ") THEN 'a view that fed it is gone'"
					 " WHEN k.missing IS NOT NULL THEN 'a removal did not find its event: ' || k.missing::pg_catalog.text END"
					 " FROM kept k FULL JOIN computed c ON k.customer %s c.customer"
					 " WHERE k.lost OR k.missing IS NOT NULL"
					 " OR NOT loyalty.history_eq(coalesce(k.history, '[]'::loyalty.history), coalesce(c.history, '[]'::loyalty.history))"
					 " ORDER BY coalesce(k.customer, c.customer)",
					 events.data, live.fragment_name, live.base_name, live.equal, live.source_name, live.equal);
	SPI_connect();
	progress_begin(JOB_VERIFY, live.view);
	run_in_place(&live, sql, SPI_OK_SELECT, NIL, before.user, PHASE_HISTORIES, events.data);
	progress_end();
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		Datum		values[4];
		bool		nulls[4];

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, values, nulls);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	SPI_finish();
	become_again(&before);
	return (Datum) 0;
}
