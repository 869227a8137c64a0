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
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parser.h"
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

/*
 * The tables are replaced in words, not in the query: a shard may have its
 * columns at other places than its table, and has them by the same names.
 * All of them are qualified here: a name without a schema is a WITH query's.
 */
static bool
replace_tables(Node *node, void *context)
{
	const Replacement *with = context;

	if (node == NULL)
		return false;
	if (IsA(node, RangeVar) && ((RangeVar *) node)->schemaname)
	{
		RangeVar   *name = (RangeVar *) node;
		Oid			relid = RangeVarGetRelid(name, NoLock, false);

		for (int i = 0; i < with->n; i++)
		{
			if (relid != with->tables[i])
				continue;
			if (name->alias == NULL)
				name->alias = makeAlias(name->relname, NIL);
			name->schemaname = get_namespace_name(get_rel_namespace(with->shards[i]));
			name->relname = get_rel_name(with->shards[i]);
			/* an oid may be any number, or one that has just been dropped */
			if (name->schemaname == NULL || name->relname == NULL)
				ereport(ERROR,
						(errcode(ERRCODE_UNDEFINED_TABLE),
						 errmsg("shard with OID %u does not exist", with->shards[i])));
			break;
		}
		return false;
	}
	return raw_expression_tree_walker(node, replace_tables, context);
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
	char	   *words;
	RawStmt    *statement;

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
	words = pg_get_querydef(copyObject(get_view_query(view)), false);
	relation_close(view, NoLock);
	statement = linitial_node(RawStmt, raw_parser(words, RAW_PARSE_DEFAULT));
	replace_tables(statement->stmt, &with);
	PG_RETURN_TEXT_P(cstring_to_text(pg_get_querydef(parse_analyze_fixedparams(statement, words, NULL, 0, NULL), false)));
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
