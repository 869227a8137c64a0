/*
 * direct.c
 *		A statement of one row, without a query.
 *
 * Shops insert orders one at a time, and starting a query costs more than all
 * that it does to a single row.  The expressions of the view are evaluated as
 * they stand, by the executor's own means.
 */
#include "postgres.h"

#include "base/compat.h"
#include "event/event_value.h"
#include "history/history_value.h"
#include "live/direct.h"
#include "live/place.h"

#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/datum.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

/* customer, event and condition of a branch */
#define EXPRESSIONS 3

typedef struct DirectBranch
{
	int			part;			/* in a place */
	Node	   *source[EXPRESSIONS];	/* NULL: no condition */
	ExprState  *state[EXPRESSIONS];
} DirectBranch;

struct Direct
{
	MemoryContext context;		/* of the states */
	uint64		changes;		/* as of when the states were made */
	bool		is_blind;		/* as long as they are valid */
	bool		is_busy;
	ExprContext *econtext;
	TupleTableSlot *slot;
	Oid			collation;
	FmgrInfo   *equal;
	bool		by_value;
	int16		length;
	int			nbranches;
	DirectBranch branches[FLEXIBLE_ARRAY_MEMBER];
};

/*
 * Changes of functions and types that this session has heard of.  Expressions
 * hold the bodies of functions and the checks of domains; to make them again
 * costs less than to tell whose those are.  (The server's own cache of
 * expressions has no place for columns.)
 */
static uint64 changes = 0;

static void
count_change(Datum arg, loyalty_compat_cache_id cache, uint32 hash)
{
	changes++;
}

/* Somebody's function may look up names, whatever it is written in; the server's and ours do not. */
static bool
is_foreign(Oid function, void *context)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			language;

	if (!HeapTupleIsValid(tuple))
		return true;
	language = ((Form_pg_proc) GETSTRUCT(tuple))->prolang;
	ReleaseSysCache(tuple);
	return language != INTERNALlanguageId &&
		(language != ClanguageId ||
		 getExtensionOfObject(ProcedureRelationId, function) != get_extension_oid("loyalty", false));
}

static bool
looks_up(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_List:
		case T_Var:
		case T_Const:
		case T_NamedArgExpr:
		case T_RelabelType:
		case T_CollateExpr:
		case T_BoolExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CaseTestExpr:
		case T_CoalesceExpr:
		case T_ArrayExpr:
			break;
		case T_FuncExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_CoerceViaIO:
			if (check_functions_in_node(node, is_foreign, NULL))
				return true;
			break;
		case T_MinMaxExpr:
			if (is_foreign(lookup_type_cache(((MinMaxExpr *) node)->minmaxtype, TYPECACHE_CMP_PROC)->cmp_proc, NULL))
				return true;
			break;
		default:
			/* a domain may have any check, a cast to JSON may be anybody's */
			return true;
	}
	return expression_tree_walker(node, looks_up, NULL);
}

Direct *
direct_make(const Live *live, const Source *source, Relation rel)
{
	static bool listens = false;
	Direct	   *direct;
	ListCell   *lc;
	int			n = list_length(source->branches);

	if (source->relid != RelationGetRelid(rel))
		return NULL;
	if (!listens)
	{
		CacheRegisterSyscacheCallback(PROCOID, count_change, (Datum) 0);
		CacheRegisterSyscacheCallback(TYPEOID, count_change, (Datum) 0);
		listens = true;
	}
	direct = palloc0(offsetof(Direct, branches) + n * sizeof(DirectBranch));
	foreach(lc, source->branches)
	{
		const Branch *branch = lfirst(lc);
		DirectBranch *d = &direct->branches[direct->nbranches++];
		Node	   *customer = (Node *) linitial_node(TargetEntry, branch->query->targetList)->expr;

		if (branch->parents != NIL)
			return NULL;
		d->part = branch->part;
		d->source[0] = coerce_to_target_type(NULL, customer, exprType(customer), live->type, -1,
											 COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
		if (d->source[0] == NULL)
			elog(ERROR, "customers of branch %d are not of the live history's type", branch->number);
		d->source[0] = copyObject(d->source[0]);
		d->source[1] = (Node *) copyObject(lsecond_node(TargetEntry, branch->query->targetList)->expr);
		d->source[2] = copyObject(branch->query->jointree->quals);
	}
	direct->context = AllocSetContextCreate(CurrentMemoryContext, "loyalty expressions", ALLOCSET_SMALL_SIZES);
	direct->equal = &lookup_type_cache(live->type, TYPECACHE_EQ_OPR_FINFO)->eq_opr_finfo;
	direct->collation = get_typcollation(live->type);
	get_typlenbyval(live->type, &direct->length, &direct->by_value);
	direct->slot = MakeSingleTupleTableSlot(CreateTupleDescCopyConstr(RelationGetDescr(rel)), &TTSOpsMinimalTuple);
	return direct;
}

static void
forget(Direct *direct)
{
	if (direct->econtext)
		FreeExprContext(direct->econtext, true);
	direct->econtext = NULL;
	MemoryContextReset(direct->context);
}

void
direct_free(Direct *direct)
{
	forget(direct);
	ExecDropSingleTupleTableSlot(direct->slot);
}

/* Is it compiled, and no function changed since? */
static bool
is_current(const Direct *direct)
{
	return direct->econtext != NULL && direct->changes == changes;
}

bool
direct_is_blind(Direct *direct)
{
	if (is_current(direct))
		return direct->is_blind;
	direct->is_blind = true;
	for (int b = 0; b < direct->nbranches; b++)
	{
		for (int i = 0; i < EXPRESSIONS; i++)
			direct->is_blind &= !looks_up(direct->branches[b].source[i], NULL);
	}
	return direct->is_blind;
}

static void
prepare(Direct *direct)
{
	MemoryContext caller;

	if (is_current(direct))
		return;
	forget(direct);
	direct->changes = changes;
	caller = MemoryContextSwitchTo(direct->context);
	for (int b = 0; b < direct->nbranches; b++)
	{
		DirectBranch *branch = &direct->branches[b];

		for (int i = 0; i < EXPRESSIONS; i++)
		{
			branch->state[i] = NULL;
			if (branch->source[i] == NULL)
				continue;
			branch->state[i] = ExecInitExpr(expression_planner((Expr *) copyObject(branch->source[i])), NULL);
		}
	}
	direct->econtext = CreateStandaloneExprContext();
	MemoryContextSwitchTo(caller);
}

static bool
read_row(Direct *direct, Tuplestorestate *rows)
{
	tuplestore_select_read_pointer(rows, tuplestore_alloc_read_pointer(rows, EXEC_FLAG_REWIND));
	tuplestore_rescan(rows);
	return tuplestore_gettupleslot(rows, true, false, direct->slot);
}

/* Gather the row's events; false if they are of several customers. */
static bool
gather(Direct *direct, Tuplestorestate *rows, Datum *customer, bool *has_customer, Rows *events)
{
	ExprContext *econtext = direct->econtext;

	rows_init(events, 256);
	if (!read_row(direct, rows))
		return true;
	econtext->ecxt_scantuple = direct->slot;
	for (int b = 0; b < direct->nbranches; b++)
	{
		DirectBranch *branch = &direct->branches[b];
		Datum		datum[EXPRESSIONS] = {0};
		bool		isnull = false;
		Event		event;

		place_enter(branch->part, direct->slot);
		for (int i = EXPRESSIONS - 1; i >= 0 && !isnull; i--)
		{
			if (branch->state[i] == NULL)
				continue;
			datum[i] = ExecEvalExprSwitchContext(branch->state[i], econtext, &isnull);
			if (i == 2 && !isnull && !DatumGetBool(datum[i]))
				isnull = true;
		}
		place_leave();
		if (isnull)
			continue;
		if (*has_customer && !DatumGetBool(FunctionCall2Coll(direct->equal, direct->collation, *customer, datum[0])))
			return false;
		if (!*has_customer)
			*customer = datumCopy(datum[0], direct->by_value, direct->length);
		*has_customer = true;
		event_from_datum(datum[1], &event);
		rows_add(events, &event);
	}
	return true;
}

bool
direct_change(Direct *direct, const TriggerData *trigger, Gain *gain, bool *changed)
{
	bool		has_customer = false;
	volatile bool one = true;
	Rows		added = {0};
	Rows		removed = {0};

	/* a function that is evaluated may change the table in its turn, though it should not */
	if (direct->is_busy ||
		(trigger->tg_newtable && tuplestore_tuple_count(trigger->tg_newtable) > 1) ||
		(trigger->tg_oldtable && tuplestore_tuple_count(trigger->tg_oldtable) > 1))
		return false;
	prepare(direct);
	direct->is_busy = true;
	PG_TRY();
	{
		if (trigger->tg_newtable)
			one = gather(direct, trigger->tg_newtable, &gain->customer, &has_customer, &added);
		if (one && trigger->tg_oldtable)
			one = gather(direct, trigger->tg_oldtable, &gain->customer, &has_customer, &removed);
	}
	PG_FINALLY();
	{
		/* the row's memory goes with the statement */
		ExecClearTuple(direct->slot);
		ResetExprContext(direct->econtext);
		direct->is_busy = false;
	}
	PG_END_TRY();
	if (!one)
		return false;
	gain->has_added = added.n > 0;
	gain->has_removed = removed.n > 0;
	if (gain->has_added)
		gain->added = history_from_rows(&added);
	if (gain->has_removed)
		gain->removed = history_from_rows(&removed);
	*changed = gain->has_added || gain->has_removed;
	/* equal histories have equal bytes */
	if (gain->has_added && gain->has_removed && datumIsEqual(gain->added, gain->removed, false, -1))
		*changed = false;
	return true;
}
