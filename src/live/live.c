/*
 * live.c
 *		Live histories by identity: which view is one, and whose.
 */
#include "postgres.h"

#include "live/branch.h"
#include "live/citus.h"
#include "live/live.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "rewrite/rewriteHandler.h"

static Oid
owner_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

Oid
live_type(const char *name)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						   ObjectIdGetDatum(get_namespace_oid("loyalty", false)));
}

/* what find_mark looks for and finds */
typedef struct Mark
{
	const char *function;
	int			n;
	Oid		   *relids;
} Mark;

bool
is_ours(Oid function, const char *name)
{
	char	   *its_name = get_func_name(function);
	char	   *schema = get_namespace_name(get_func_namespace(function));

	return its_name && schema && strcmp(its_name, name) == 0 && strcmp(schema, "loyalty") == 0;
}

static bool
find_mark(Node *node, void *context)
{
	Mark	   *mark = context;

	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && list_length(((FuncExpr *) node)->args) == mark->n)
	{
		FuncExpr   *call = (FuncExpr *) node;
		ListCell   *lc;

		if (is_ours(call->funcid, mark->function))
		{
			foreach(lc, call->args)
			{
				Const	   *value = lfirst(lc);

				if (!IsA(value, Const) || value->constisnull || value->consttype != REGCLASSOID)
					return false;
				mark->relids[foreach_current_index(lc)] = DatumGetObjectId(value->constvalue);
			}
			return true;
		}
	}
	return expression_tree_walker(node, find_mark, context);
}

bool
marked(Node *condition, const char *function, int n, Oid *relids)
{
	Mark		mark = {function, n, relids};

	return find_mark(condition, &mark);
}

void
must_be_owned(Oid relid, const Live *live)
{
	if (owner_of(relid) != live->owner)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" and live history \"%s\" have different owners", get_rel_name(relid), get_rel_name(live->view)),
				 errhint("The shop's tables, the view over them and the live history must have one owner.")));
}

void
live_damaged(Oid view)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the tables of live history \"%s\" are not as loyalty.keep() makes them", get_rel_name(view)),
			 errhint("Make another one, and track the view with it.")));
}

/* Values are taken as what these columns are. */
static void
check_columns(const Live *live)
{
	Oid			history = live_type("history");
	const struct
	{
		Oid			table;
		const char *name;
		Oid			type;
	}			columns[] = {
		{live->base, "history", history}, {live->base, "missing", history}, {live->base, "version", INT8OID},
		{live->fragment, "customer", live->type}, {live->fragment, "source", INT4OID},
		{live->fragment, "added", history}, {live->fragment, "removed", history},
		{live->source, "source", INT4OID}, {live->source, "events", REGCLASSOID},
		{live->source, "relation", REGCLASSOID}, {live->source, "definition", TEXTOID},
		{live->program, "program", live_type("program")},
		{live->row, "source", INT4OID}, {live->row, "branch", INT4OID}, {live->row, "key", JSONBOID},
		{live->row, "customer", live->type}, {live->row, "event", live_type("event")},
	};

	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		AttrNumber	column = get_attnum(columns[i].table, columns[i].name);

		if (column == InvalidAttrNumber || get_atttype(columns[i].table, column) != columns[i].type)
			live_damaged(live->view);
	}
}

void
live_open(Oid view, Live *live)
{
	Relation	rel = relation_open(view, AccessShareLock);
	Oid			relids[5] = {0};
	const char *kind;
	bool		found = false;

	memset(live, 0, sizeof(*live));
	live->view = view;
	if (rel->rd_rel->relkind == RELKIND_VIEW)
		found = marked((Node *) get_view_query(rel)->jointree, "kept", 5, relids);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a live history", RelationGetRelationName(rel)),
				 errhint("Live histories are views made by loyalty.keep().")));
	live->owner = rel->rd_rel->relowner;
	relation_close(rel, NoLock);
	live->base = relids[0];
	live->fragment = relids[1];
	live->source = relids[2];
	live->program = relids[3];
	live->row = relids[4];
	for (int i = 0; i < 5; i++)
	{
		must_be_owned(relids[i], live);
		if (get_rel_relkind(relids[i]) != RELKIND_RELATION)
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" is not a table", get_rel_name(relids[i]))));
		kind = shard_root_kind(relids[i]);
		if (kind)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("table \"%s\" of live history \"%s\" is %s", get_rel_name(relids[i]), get_rel_name(view), kind),
					 errdetail("A live history locks rows where they are."),
					 errhint("Keep histories beside the shards: loyalty.track_shards(...) on each server.")));
	}
	live->type = get_atttype(live->base, get_attnum(live->base, "customer"));
	check_columns(live);
	live->base_name = table_name(live->base);
	live->fragment_name = table_name(live->fragment);
	live->source_name = table_name(live->source);
	live->program_name = table_name(live->program);
	live->row_name = table_name(live->row);
	/* "character" would be a character(1) */
	live->type_name = format_type_extended(live->type, -1, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
	live->equal = equality_of(live->type);
}

static void
set_option(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

void
become_owner(Oid owner, Identity *before)
{
	GetUserIdAndSecContext(&before->user, &before->context);
	SetUserIdAndSecContext(owner, before->context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_RESTRICTED_OPERATION);
	before->nest_level = NewGUCNestLevel();
	before->is_set = false;
}

void
set_for_queries(bool in_trigger, Identity *before)
{
	if (before->is_set)
		return;
	before->is_set = true;
	set_option("search_path", "pg_catalog, pg_temp");
	/* an error rather than rows that policies hide */
	set_option("row_security", "off");
	/* tables that are not analyzed yet look large, and compiling takes a second */
	set_option("jit", "off");
	if (in_trigger)
		set_option("enable_seqscan", "off");
}

void
become(Oid owner, bool in_trigger, Identity *before)
{
	become_owner(owner, before);
	set_for_queries(in_trigger, before);
}

void
become_again(const Identity *before)
{
	AtEOXact_GUC(false, before->nest_level);
	SetUserIdAndSecContext(before->user, before->context);
}

void
fix_output(void)
{
	set_option("TimeZone", "UTC");
	set_option("DateStyle", "ISO, YMD");
	set_option("IntervalStyle", "postgres");
	set_option("bytea_output", "hex");
	set_option("extra_float_digits", "1");
}

PG_FUNCTION_INFO_V1(loyalty_live_true);

/* kept(), feeds(): marks that name relations by identity */
Datum
loyalty_live_true(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(true);
}

PG_FUNCTION_INFO_V1(loyalty_live_feed);

/* feed(trigger): the views that a trigger of ours names, NULLs if it is none */
Datum
loyalty_live_feed(PG_FUNCTION_ARGS)
{
	Oid			targets[2];
	Datum		values[2];
	bool		nulls[2] = {false};
	TupleDesc	desc;
	char	   *when = PG_ARGISNULL(0) ? NULL : TextDatumGetCString(PG_GETARG_DATUM(0));

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (when == NULL || !marked(stringToNode(when), "feeds", 2, targets))
		nulls[0] = nulls[1] = true;
	else
	{
		values[0] = ObjectIdGetDatum(targets[0]);
		values[1] = ObjectIdGetDatum(targets[1]);
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
