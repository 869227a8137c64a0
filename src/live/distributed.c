/*
 * distributed.c
 *		Shards of Citus: a view over their tables, and whether they are guarded.
 *
 * Nothing here needs Citus.
 */
#include "postgres.h"

#include "live/citus.h"
#include "live/live.h"

#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteSupport.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/snapmgr.h"

PG_FUNCTION_INFO_V1(loyalty_shard_is_root);

/* live_is_root(relation): do its rows lie in shards? */
Datum
loyalty_shard_is_root(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(shard_root_kind(PG_GETARG_OID(0)) != NULL);
}

/* tables, and a shard of each */
typedef struct Replacement
{
	int			n;
	const Oid  *tables;
	const Oid  *shards;
} Replacement;

/* A shard has the columns of its table at the same places, or a query of the one is none of the other. */
static void
check_layout(Oid table, Oid shard)
{
	Relation	a = table_open(table, AccessShareLock);
	Relation	b = table_open(shard, AccessShareLock);
	TupleDesc	left = RelationGetDescr(a);
	TupleDesc	right = RelationGetDescr(b);
	bool		equal = left->natts == right->natts;

	for (int i = 0; equal && i < left->natts; i++)
	{
		Form_pg_attribute l = TupleDescAttr(left, i);
		Form_pg_attribute r = TupleDescAttr(right, i);

		equal = l->attisdropped == r->attisdropped &&
			(l->attisdropped || (strcmp(NameStr(l->attname), NameStr(r->attname)) == 0 && l->atttypid == r->atttypid));
	}
	if (!equal)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("\"%s\" has its columns in another order than its shard \"%s\"", get_rel_name(table), get_rel_name(shard)),
				 errdetail("Columns were dropped before it was distributed, or before the shard was made."),
				 errhint("Distribute a table anew that has the same columns without gaps.")));
	table_close(b, NoLock);
	table_close(a, NoLock);
}

static bool
replace_tables(Node *node, void *context)
{
	const Replacement *with = context;

	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		RangeTblEntry *rte = (RangeTblEntry *) node;

		for (int i = 0; rte->rtekind == RTE_RELATION && i < with->n; i++)
		{
			if (rte->relid != with->tables[i])
				continue;
			check_layout(rte->relid, with->shards[i]);
			rte->relid = with->shards[i];
			break;
		}
		return false;
	}
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, replace_tables, context, QTW_EXAMINE_RTES_BEFORE);
	return expression_tree_walker(node, replace_tables, context);
}

static const Oid *
oids_of(ArrayType *array, int *n)
{
	if (ARR_NDIM(array) > 1 || ARR_HASNULL(array))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tables and shards must be two lists of one length")));
	*n = ARR_NDIM(array) == 0 ? 0 : ARR_DIMS(array)[0];
	return (const Oid *) ARR_DATA_PTR(array);
}

PG_FUNCTION_INFO_V1(loyalty_shard_query);

/* live_shard_query(events, tables, shards): the query of a view, of shards instead of their tables */
Datum
loyalty_shard_query(PG_FUNCTION_ARGS)
{
	Relation	view = relation_open(PG_GETARG_OID(0), AccessShareLock);
	Replacement with;
	int			nshards;
	Query	   *query;

	if (view->rd_rel->relkind != RELKIND_VIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a view", RelationGetRelationName(view))));
	with.tables = oids_of(PG_GETARG_ARRAYTYPE_P(1), &with.n);
	with.shards = oids_of(PG_GETARG_ARRAYTYPE_P(2), &nshards);
	if (with.n != nshards)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("tables and shards must be two lists of one length")));
	query = copyObject(get_view_query(view));
	relation_close(view, NoLock);
	replace_tables((Node *) query, &with);
	PG_RETURN_TEXT_P(cstring_to_text(pg_get_querydef(query, false)));
}

/* a table that its triggers count */
static bool
feeds(Relation rel)
{
	for (int i = 0; rel->trigdesc && i < rel->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &rel->trigdesc->triggers[i];

		if (TRIGGER_FOR_INSERT(trigger->tgtype) &&
			(trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN || trigger->tgenabled == TRIGGER_FIRES_ALWAYS) &&
			is_ours(trigger->tgfoid, "live_changed"))
			return true;
	}
	return false;
}

/*
 * Is it a shard that is being copied here?  What is written then was judged
 * where it came from.  Once Citus sends statements here the shard has arrived:
 * its place may still be but prepared on this server, and is waited for.
 */
static bool
is_arriving(Oid relid)
{
	Oid			places = get_relname_relid("pg_dist_placement", PG_CATALOG_NAMESPACE);
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(relid);
	SPIPlanPtr	plan;
	char	   *state;
	bool		arriving;

	if (!OidIsValid(places) || !OidIsValid(get_relname_relid("pg_dist_shard", PG_CATALOG_NAMESPACE)))
		return false;
	LockRelationOid(places, ShareLock);
	UnlockRelationOid(places, ShareLock);
	SPI_connect();
	plan = SPI_prepare("SELECT loyalty.live_shard_state($1)", 1, &type);
	if (plan == NULL || SPI_execute_snapshot(plan, &value, NULL, GetLatestSnapshot(), InvalidSnapshot, true, false, 0) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not ask for the place of shard %u", relid);
	state = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	arriving = state && strcmp(state, "away") == 0;
	SPI_finish();
	return arriving;
}

/* the same, asked once a statement: a shard is copied by few of many rows */
static bool
was_arriving(FmgrInfo *call, Oid relid)
{
	Oid		   *known = call->fn_extra;

	if (known && *known == relid)
		return true;
	if (!is_arriving(relid))
		return false;
	if (known == NULL)
		known = call->fn_extra = MemoryContextAlloc(call->fn_mcxt, sizeof(Oid));
	*known = relid;
	return true;
}

PG_FUNCTION_INFO_V1(loyalty_shard_guarded);

/* guarded(relation): true; 55000 where no live history counts what is written to that table */
Datum
loyalty_shard_guarded(PG_FUNCTION_ARGS)
{
	Oid			relid = PG_GETARG_OID(0);
	Relation	rel = try_relation_open(relid, AccessShareLock);
	bool		fed = rel != NULL && feeds(rel);

	if (rel != NULL)
		relation_close(rel, AccessShareLock);
	if (!fed && !was_arriving(fcinfo->flinfo, relid))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("\"%s\" feeds no live history", rel ? get_rel_name(relid) : "(gone)"),
				 errdetail("Points could be spent twice where nobody counts them."),
				 errhint("If it is a shard that has moved here: SELECT loyalty.track_shards(...) on this server. Else SELECT loyalty.track(...).")));
	PG_RETURN_BOOL(true);
}
