/*
 * branch.c
 *		A mapping view taken apart, and put into words again.
 *
 * A branch over one table is kept current by its rows alone.  One that joins
 * further tables is, if each is reached along a foreign key: then a row of the
 * first table finds at most one of each, and none of those comes or goes while
 * rows still point to it.  Everything else is refused.
 */
#include "postgres.h"

#include "base/compat.h"
#include "live/branch.h"
#include "live/citus.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/primnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parse_func.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

const char *
column_name(Oid relid, AttrNumber attnum)
{
	return quote_identifier(get_attname(relid, attnum, false));
}

char *
table_name(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

char *
equality_of(Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_EQ_OPR);
	HeapTuple	tuple;
	Form_pg_operator operator;
	char	   *result;

	if (!OidIsValid(entry->eq_opr))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an equality operator for type %s", format_type_be(type))));
	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(entry->eq_opr));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", entry->eq_opr);
	operator = (Form_pg_operator) GETSTRUCT(tuple);
	result = psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(operator->oprnamespace)),
					  NameStr(operator->oprname));
	ReleaseSysCache(tuple);
	return result;
}

/* what is being read, for messages */
typedef struct Reading
{
	Oid			view;
	int			branch;
	bool		in_parts;		/* it is a UNION ALL */
} Reading;

static void
refuse(const Reading *reading, char *reason, const char *remedy)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("histories of view \"%s\" cannot be kept current", get_rel_name(reading->view)),
			 reading->in_parts && reading->branch > 0 ?
			 errdetail("Part %d of its UNION ALL: %s", reading->branch, reason) : errdetail("%s", reason),
			 errhint("%s", remedy)));
}

/* something that does not always give the same for the same row */
typedef struct Mutable
{
	char	   *what;
	bool		zoned;			/* it depends on the session's time zone, no doubt */
} Mutable;

static bool
is_mutable(Oid function, void *context)
{
	Mutable    *mutable = context;

	if (func_volatile(function) == PROVOLATILE_IMMUTABLE)
		return false;
	mutable->what = psprintf("function %s()", get_func_name(function));
	mutable->zoned = strcmp(get_func_name(function), "timestamptz") == 0;
	return true;
}

static bool
find_mutable(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (check_functions_in_node(node, is_mutable, context))
		return true;
	if (IsA(node, SQLValueFunction) || IsA(node, NextValueExpr))
	{
		((Mutable *) context)->what = pstrdup("the session's date, time or user");
		return true;
	}
	return expression_tree_walker(node, find_mutable, context);
}

/* columns of one table that the branch looks at */
typedef struct Uses
{
	int			rti;
	Bitmapset  *columns;
	bool		other;			/* a system column, or the row as a whole */
} Uses;

static bool
find_uses(Node *node, void *context)
{
	Uses	   *uses = context;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
	{
		Var		   *var = (Var *) node;

		if (var->varno == uses->rti && var->varlevelsup == 0)
		{
			if (var->varattno <= 0)
				uses->other = true;
			else
				uses->columns = bms_add_member(uses->columns, var->varattno);
		}
		return false;
	}
	return expression_tree_walker(node, find_uses, context);
}

static Uses
uses_of(Query *query, int rti)
{
	Uses		uses = {.rti = rti};

	find_uses(loyalty_compat_flatten_join_vars(query, (Node *) query->targetList), &uses);
	find_uses(loyalty_compat_flatten_join_vars(query, (Node *) query->jointree), &uses);
	return uses;
}

/* a condition, and the tables that get no row unless it holds */
typedef struct Condition
{
	Expr	   *expr;
	Bitmapset  *tables;
} Condition;

/* tables of a FROM clause; those that an outer join may fill with NULLs apart */
typedef struct Tables
{
	Bitmapset  *all;			/* rtis */
	Bitmapset  *optional;
	List	   *conditions;		/* of Condition */
} Tables;

static void
read_condition(Query *query, Node *node, Bitmapset *tables, List **conditions)
{
	ListCell   *lc;

	if (node == NULL)
		return;
	foreach(lc, make_ands_implicit((Expr *) loyalty_compat_flatten_join_vars(query, node)))
	{
		Condition  *condition = palloc(sizeof(Condition));

		condition->expr = lfirst(lc);
		condition->tables = tables;
		*conditions = lappend(*conditions, condition);
	}
}

/* Read a FROM item; returns its tables. */
static Bitmapset *
read_from(const Reading *reading, Query *query, Node *node, bool optional, Tables *tables)
{
	Bitmapset  *here = NULL;

	if (node == NULL)
		return NULL;
	if (IsA(node, RangeTblRef))
	{
		int			rti = ((RangeTblRef *) node)->rtindex;

		tables->all = bms_add_member(tables->all, rti);
		if (optional)
			tables->optional = bms_add_member(tables->optional, rti);
		return bms_make_singleton(rti);
	}
	if (IsA(node, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) node;
		Bitmapset  *right;

		if (join->jointype != JOIN_INNER && join->jointype != JOIN_LEFT)
			refuse(reading, "It has a RIGHT or FULL JOIN.", "Begin with the table whose rows make the events, and LEFT JOIN the others.");
		here = read_from(reading, query, join->larg, optional, tables);
		right = read_from(reading, query, join->rarg, optional || join->jointype == JOIN_LEFT, tables);
		here = bms_union(here, right);
		/* an outer join's condition takes no row from its left side */
		read_condition(query, join->quals, join->jointype == JOIN_LEFT ? right : here, &tables->conditions);
	}
	else
	{
		FromExpr   *from = castNode(FromExpr, node);
		ListCell   *lc;

		foreach(lc, from->fromlist)
			here = bms_union(here, read_from(reading, query, lfirst(lc), optional, tables));
		read_condition(query, from->quals, here, &tables->conditions);
	}
	return here;
}

/* a table that a branch may read */
static void
check_table(const Reading *reading, Query *query, int rti)
{
	RangeTblEntry *rte = rt_fetch(rti, query->rtable);
	Relation	rel;
	char	   *name;
	const char *kind;
	Uses		uses;
	int			column = -1;

	if (rte->rtekind != RTE_RELATION)
		refuse(reading, "It reads something else than tables: a sub-select, a function or VALUES.",
			   "Name the tables themselves.");
	if (rte->tablesample != NULL)
		refuse(reading, "It reads a sample.", "Leave TABLESAMPLE out.");
	rel = relation_open(rte->relid, AccessShareLock);
	name = RelationGetRelationName(rel);
	if (rel->rd_rel->relkind == RELKIND_VIEW || rel->rd_rel->relkind == RELKIND_MATVIEW)
		refuse(reading, psprintf("\"%s\" is a view.", name), "Name the tables under it.");
	if (rel->rd_rel->relkind == RELKIND_FOREIGN_TABLE)
		refuse(reading, psprintf("\"%s\" is a foreign table: its rows change without our knowing.", name),
			   "Keep the histories where the table is.");
	if (rel->rd_rel->relkind != RELKIND_RELATION && rel->rd_rel->relkind != RELKIND_PARTITIONED_TABLE)
		refuse(reading, psprintf("\"%s\" is not a table.", name), "Name the tables themselves.");
	kind = shard_root_kind(rte->relid);
	if (kind)
		refuse(reading, psprintf("\"%s\" is %s: its rows lie in shards, where a trigger of its own does not see them.", name, kind),
			   "SELECT loyalty.track_shards(...) on each server keeps histories beside the shards.");
	if (IsCatalogRelation(rel))
		refuse(reading, psprintf("\"%s\" is a system catalog.", name), "Name tables of your own.");
	if (rel->rd_rel->relpersistence != RELPERSISTENCE_PERMANENT)
		refuse(reading, psprintf("\"%s\" is %s: its rows go without a trigger.", name,
								 rel->rd_rel->relpersistence == RELPERSISTENCE_TEMP ? "temporary" : "unlogged"),
			   "Make it an ordinary table.");
	if (rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE && !rte->inh)
		refuse(reading, psprintf("It reads ONLY \"%s\", which holds no rows itself.", name), "Leave ONLY out.");
	if (rel->rd_rel->relispartition)
		refuse(reading, psprintf("\"%s\" is a partition: what is done to its parent would pass it by.", name),
			   "Name the partitioned table, with a condition if need be.");
	if (has_superclass(rte->relid) || (rel->rd_rel->relkind == RELKIND_RELATION && has_subclass(rte->relid) &&
									   find_inheritance_children(rte->relid, AccessShareLock) != NIL))
		refuse(reading, psprintf("\"%s\" has inheritance children or parents.", name),
			   "Use declarative partitioning, or a branch over a table without them.");
	if (rel->rd_rel->relforcerowsecurity && rel->rd_rel->relrowsecurity)
		refuse(reading, psprintf("Row security is forced on \"%s\", so its owner does not see every row.", name),
			   "ALTER TABLE ... NO FORCE ROW LEVEL SECURITY, or keep histories of another table.");
	uses = uses_of(query, rti);
	if (uses.other)
		refuse(reading, psprintf("It uses a system column or a whole row of \"%s\".", name), "Name the columns that it needs.");
	while ((column = bms_next_member(uses.columns, column)) >= 0)
	{
		if (loyalty_compat_is_virtual(TupleDescAttr(RelationGetDescr(rel), column - 1)))
			refuse(reading, psprintf("Column \"%s\" of \"%s\" is a virtual generated column, which triggers do not get.",
									 get_attname(rte->relid, (AttrNumber) column, false), name),
				   "Make it STORED, or write its expression.");
	}
	relation_close(rel, NoLock);
}

/* whether parent gets no row unless its column is equal to that of child */
static bool
equates(List *conditions, int child, AttrNumber child_column, int parent, AttrNumber parent_column)
{
	ListCell   *lc;

	foreach(lc, conditions)
	{
		const Condition *condition = lfirst(lc);
		OpExpr	   *op = (OpExpr *) condition->expr;
		Node	   *left;
		Node	   *right;
		Var		   *l;
		Var		   *r;

		if (!bms_is_member(parent, condition->tables) || !IsA(op, OpExpr) || list_length(op->args) != 2 || !op_mergejoinable(op->opno, exprType(linitial(op->args))))
			continue;
		left = strip_implicit_coercions(linitial(op->args));
		right = strip_implicit_coercions(lsecond(op->args));
		if (!IsA(left, Var) || !IsA(right, Var))
			continue;
		l = (Var *) left;
		r = (Var *) right;
		if ((l->varno == child && l->varattno == child_column && r->varno == parent && r->varattno == parent_column) ||
			(l->varno == parent && l->varattno == parent_column && r->varno == child && r->varattno == child_column))
			return true;
	}
	return false;
}

/* The foreign key along which the conditions join parent to child; NULL if none. */
static Parent *
join_along_key(Query *query, List *conditions, int child, int parent)
{
	Oid			child_relid = rt_fetch(child, query->rtable)->relid;
	Oid			parent_relid = rt_fetch(parent, query->rtable)->relid;
	Relation	rel = relation_open(child_relid, AccessShareLock);
	ListCell   *lc;
	Parent	   *result = NULL;

	foreach(lc, RelationGetFKeyList(rel))
	{
		ForeignKeyCacheInfo *key = lfirst(lc);
		HeapTuple	tuple;
		Form_pg_constraint constraint;
		bool		holds;
		int			i;

		if (key->confrelid != parent_relid)
			continue;
		for (i = 0; i < key->nkeys; i++)
		{
			if (!equates(conditions, child, key->conkey[i], parent, key->confkey[i]))
				break;
		}
		if (i < key->nkeys)
			continue;
		tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(key->conoid));
		if (!HeapTupleIsValid(tuple))
			continue;
		constraint = (Form_pg_constraint) GETSTRUCT(tuple);
		holds = constraint->convalidated && !constraint->condeferrable && loyalty_compat_is_enforced(constraint);
		ReleaseSysCache(tuple);
		if (!holds)
			continue;
		result = palloc0(sizeof(Parent));
		result->relid = parent_relid;
		result->rti = parent;
		result->child = child;
		result->child_relid = child_relid;
		for (i = 0; i < key->nkeys; i++)
		{
			result->child_columns = lappend_int(result->child_columns, key->conkey[i]);
			result->columns = lappend_int(result->columns, key->confkey[i]);
		}
		result->used = uses_of(query, parent).columns;
		break;
	}
	relation_close(rel, NoLock);
	return result;
}

/* All other tables as parents, if every one is reached from that one; NIL if not. */
static List *
reach_all(Query *query, const Tables *tables, int root)
{
	Bitmapset  *reached = bms_make_singleton(root);
	List	   *parents = NIL;
	bool		more = true;

	while (more)
	{
		int			child = -1;

		more = false;
		while ((child = bms_next_member(reached, child)) >= 0 && !more)
		{
			int			parent = -1;

			while ((parent = bms_next_member(tables->all, parent)) >= 0)
			{
				Parent	   *found;

				if (bms_is_member(parent, reached))
					continue;
				found = join_along_key(query, tables->conditions, child, parent);
				if (found == NULL)
					continue;
				parents = lappend(parents, found);
				reached = bms_add_member(reached, parent);
				more = true;
				break;
			}
		}
	}
	return bms_equal(reached, tables->all) ? parents : NIL;
}

static List *
primary_key(Oid relid, bool deferrable)
{
	Oid			constraint;
	Bitmapset  *columns = get_primary_key_attnos(relid, deferrable, &constraint);
	List	   *key = NIL;
	int			column = -1;

	while ((column = bms_next_member(columns, column)) >= 0)
		key = lappend_int(key, column + FirstLowInvalidHeapAttributeNumber);
	return key;
}

static void
name_rows(Branch *branch)
{
	Bitmapset  *columns = uses_of(branch->query, branch->rti).columns;
	int			column = -1;

	branch->named = primary_key(branch->relid, true);
	branch->is_key_named = branch->named != NIL;
	while (!branch->is_key_named && (column = bms_next_member(columns, column)) >= 0)
		branch->named = lappend_int(branch->named, column);
}

static void
find_tables(const Reading *reading, Query *query, Branch *branch)
{
	Tables		tables = {0};
	int			rti = -1;

	read_from(reading, query, (Node *) query->jointree, false, &tables);
	if (bms_is_empty(tables.all))
		refuse(reading, "It reads no table.", "Each part makes events from the rows of a table.");
	while ((rti = bms_next_member(tables.all, rti)) >= 0)
		check_table(reading, query, rti);
	branch->rti = rti = -1;
	if (bms_num_members(tables.all) == 1)
		branch->rti = bms_singleton_member(tables.all);
	while (branch->rti < 0 && (rti = bms_next_member(tables.all, rti)) >= 0)
	{
		if (bms_is_member(rti, tables.optional))
			continue;
		branch->parents = reach_all(query, &tables, rti);
		if (branch->parents != NIL)
			branch->rti = rti;
	}
	if (branch->rti < 0)
		refuse(reading, "It joins tables that are not linked by a foreign key, or not all by its columns.",
			   "Each table must be joined by the key that another of them references, with a validated FOREIGN KEY that is NOT DEFERRABLE; or put the customer into the table itself.");
	branch->relid = rt_fetch(branch->rti, query->rtable)->relid;
	if (branch->parents != NIL && (branch->key = primary_key(branch->relid, false)) == NIL)
		refuse(reading, psprintf("\"%s\", whose rows make the events, has no primary key.", get_rel_name(branch->relid)),
			   "Add a PRIMARY KEY that is NOT DEFERRABLE: by it a row is known again when a table it is joined to changes.");
}

static Branch *
read_branch(Reading *reading, Query *query)
{
	Branch	   *branch = palloc0(sizeof(Branch));
	Mutable		mutable = {0};

	if (query->commandType != CMD_SELECT || query->hasAggs || query->groupClause || query->groupingSets || query->havingQual)
		refuse(reading, "It aggregates.", "Give each row's event; the histories are what is aggregated.");
	if (query->hasWindowFuncs)
		refuse(reading, "It has window functions.", "An event may depend on its own row only.");
	if (query->hasTargetSRFs)
		refuse(reading, "A row gives a set of events.", "Use one part of the UNION ALL for each event of a row.");
	if (query->hasSubLinks)
		refuse(reading, "It has a sub-select.", "Join the table along a foreign key instead.");
	if (query->distinctClause || query->limitCount || query->limitOffset || query->rowMarks)
		refuse(reading, "It has DISTINCT, LIMIT, OFFSET or a locking clause.", "Every row stands for itself: use WHERE.");
	if (query->cteList)
		refuse(reading, "It has a WITH clause.", "Name the tables themselves.");
	if (find_mutable((Node *) query->targetList, &mutable) || find_mutable((Node *) query->jointree, &mutable))
		refuse(reading, psprintf("It uses %s, which is not immutable: the same row may give another event later.", mutable.what),
			   mutable.zoned ?
			   "For a timestamp say \"AT TIME ZONE 'the/zone'\", for a date \"::timestamp AT TIME ZONE 'the/zone'\"." :
			   "An event may depend on its row only. Declare a function of your own IMMUTABLE if it is.");
	branch->number = reading->branch;
	branch->query = copyObject(query);
	branch->query->sortClause = NIL;
	find_tables(reading, branch->query, branch);
	name_rows(branch);
	return branch;
}

static List *
read_parts(Reading *reading, Query *query, Node *part)
{
	if (IsA(part, SetOperationStmt))
	{
		SetOperationStmt *set = (SetOperationStmt *) part;
		List	   *left;

		if (set->op != SETOP_UNION || !set->all)
		{
			reading->branch = 0;
			refuse(reading, "It has a UNION that is not UNION ALL, or INTERSECT or EXCEPT.", "Use UNION ALL; two equal events are two events.");
		}
		left = read_parts(reading, query, set->larg);
		return list_concat(left, read_parts(reading, query, set->rarg));
	}
	else
	{
		Query	   *leaf = rt_fetch(castNode(RangeTblRef, part)->rtindex, query->rtable)->subquery;

		if (leaf->setOperations)
			return read_parts(reading, leaf, leaf->setOperations);
		reading->branch++;
		return list_make1(read_branch(reading, leaf));
	}
}

/* "customer integer, total numeric" */
static char *
columns_of(TupleDesc desc)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < desc->natts; i++)
		appendStringInfo(&list, "%s%s %s", i > 0 ? ", " : "", quote_identifier(NameStr(TupleDescAttr(desc, i)->attname)),
						 format_type_be(TupleDescAttr(desc, i)->atttypid));
	return list.data;
}

List *
branches_read(Oid view)
{
	Relation	rel = relation_open(view, NoLock);
	Reading		reading = {.view = view};
	TupleDesc	desc = RelationGetDescr(rel);
	Query	   *query;
	List	   *branches;

	if (rel->rd_rel->relkind != RELKIND_VIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a view", RelationGetRelationName(rel)),
				 errhint("Events come from a view with two columns: the customer's key and the event.")));
	if (desc->natts != 2 ||
		strcmp(format_type_be_qualified(TupleDescAttr(desc, 1)->atttypid), "loyalty.event") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("view \"%s\" does not give events", RelationGetRelationName(rel)),
				 errdetail("Its columns: %s.", columns_of(desc)),
				 errhint("It must have two columns, in this order: the customer's key and a loyalty.event.")));
	query = get_view_query(rel);
	reading.in_parts = query->setOperations != NULL;
	if (query->cteList)
		refuse(&reading, "It has a WITH clause.", "Name the tables themselves.");
	if (query->setOperations)
	{
		if (query->limitCount || query->limitOffset)
			refuse(&reading, "It has LIMIT or OFFSET.", "Every row stands for itself: use WHERE.");
		branches = read_parts(&reading, query, query->setOperations);
	}
	else
	{
		reading.branch = 1;
		branches = list_make1(read_branch(&reading, query));
	}
	relation_close(rel, NoLock);
	return branches;
}

List *
branches_tables(List *branches, bool driving)
{
	List	   *tables = NIL;
	ListCell   *lc;

	foreach(lc, branches)
	{
		const Branch *branch = lfirst(lc);
		ListCell   *lp;

		if (driving)
			tables = list_append_unique_oid(tables, branch->relid);
		foreach(lp, branch->parents)
			tables = list_append_unique_oid(tables, ((Parent *) lfirst(lp))->relid);
	}
	return tables;
}

/* Make a range table entry one of a WITH query, or transition table, with the same columns. */
static void
replace_table(RangeTblEntry *rte, const char *name)
{
	Relation	rel = relation_open(rte->relid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(rel);
	List	   *names = NIL;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		names = lappend(names, makeString(pstrdup(column->attisdropped ? "" : NameStr(column->attname))));
	}
	rte->rtekind = RTE_CTE;
	rte->ctename = pstrdup(name);
	rte->alias = makeAlias(rte->eref->aliasname, NIL);
	rte->eref = makeAlias(rte->eref->aliasname, names);
	relation_close(rel, NoLock);
}

static Expr *
column_var(const Branch *branch, AttrNumber column)
{
	Oid			type;
	int32		typmod;
	Oid			collation;

	get_atttypetypmodcoll(branch->relid, column, &type, &typmod, &collation);
	return (Expr *) makeVar(branch->rti, column, type, typmod, collation, 0);
}

static Expr *
call_ours(char *function, Oid type, Oid collation, List *args)
{
	Oid			oid = LookupFuncName(list_make2(makeString("loyalty"), makeString(function)), -1, NULL, false);

	return (Expr *) makeFuncExpr(oid, type, args, collation, collation, COERCE_EXPLICIT_CALL);
}

/* live_done(CASE WHEN live_row(part, columns) THEN expr END), if that may fail */
static void
mark_row(const Branch *branch, Expr **expr)
{
	CaseExpr   *marked = makeNode(CaseExpr);
	CaseWhen   *when = makeNode(CaseWhen);
	List	   *args;
	ListCell   *lc;

	if (branch->part == 0 || branch->named == NIL || *expr == NULL || IsA(*expr, Var) || IsA(*expr, Const))
		return;
	args = list_make1(makeConst(INT4OID, -1, InvalidOid, sizeof(int32), Int32GetDatum(branch->part), false, true));
	foreach(lc, branch->named)
		args = lappend(args, column_var(branch, (AttrNumber) lfirst_int(lc)));
	when->expr = call_ours("live_row", BOOLOID, InvalidOid, args);
	when->result = *expr;
	marked->casetype = exprType((Node *) *expr);
	marked->casecollid = exprCollation((Node *) *expr);
	marked->args = list_make1(when);
	marked->defresult = (Expr *) makeNullConst(marked->casetype, -1, marked->casecollid);
	*expr = call_ours("live_done", marked->casetype, marked->casecollid, list_make1(marked));
}

char *
branch_sql(const Branch *branch, const char *instead, bool with_key)
{
	Query	   *query = copyObject(branch->query);
	ListCell   *lc;

	foreach(lc, query->targetList)
		mark_row(branch, &((TargetEntry *) lfirst(lc))->expr);
	/* a table that is read as a whole may have conditions that find its rows sooner */
	if (instead && branch->parents == NIL)
		mark_row(branch, (Expr **) &query->jointree->quals);
	if (with_key)
	{
		foreach(lc, branch->key)
		{
			int			resno = list_length(query->targetList) + 1;

			query->targetList = lappend(query->targetList,
										makeTargetEntry(column_var(branch, (AttrNumber) lfirst_int(lc)), (AttrNumber) resno,
														psprintf("key%d", resno - 2), false));
		}
	}
	if (instead)
		replace_table(rt_fetch(branch->rti, query->rtable), instead);
	return pg_get_querydef(query, false);
}
