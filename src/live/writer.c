/*
 * writer.c
 *		A fragment appended, without a query.
 *
 * That is done in the way of a subscriber that applies a change: indexes,
 * constraints and publications are minded, triggers and policies are not.  So
 * it is for tables that have none; others are written to by SQL.
 */
#include "postgres.h"

#include "live/writer.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "commands/sequence.h"
#include "executor/executor.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* columns of the fragment table */
enum
{
	FRAGMENT_CUSTOMER, FRAGMENT_ID, FRAGMENT_SOURCE, FRAGMENT_ADDED, FRAGMENT_REMOVED, FRAGMENT_COLUMNS
};

struct Writer
{
	Oid			base;
	Oid			base_key;		/* index */
	Oid			collation;
	RegProcedure equal;
	Oid			fragment;
	Oid			ids;			/* sequence */
};

static bool
forces_policies(Relation rel)
{
	return rel->rd_rel->relrowsecurity && rel->rd_rel->relforcerowsecurity;
}

/* Is the fragment table as it was made, so that nothing is passed by and nobody's functions are called? */
static bool
is_as_made(Relation rel)
{
	TupleConstr *constr = RelationGetDescr(rel)->constr;

	return RelationGetDescr(rel)->natts == FRAGMENT_COLUMNS &&
		list_length(RelationGetIndexList(rel)) == 1 &&
		rel->trigdesc == NULL && rel->rd_rules == NULL && !rel->rd_rel->relispartition &&
		!forces_policies(rel) &&
		constr && constr->num_defval == 0 && constr->num_check == 0 && !constr->has_generated_stored;
}

Writer *
writer_make(const Live *live)
{
	Writer	   *writer = palloc0(sizeof(Writer));
	Relation	fragment = table_open(live->fragment, AccessShareLock);
	Relation	base = table_open(live->base, AccessShareLock);
	Node	   *id = is_as_made(fragment) ? build_column_default(fragment, FRAGMENT_ID + 1) : NULL;
	bool		usable = false;

	writer->base = live->base;
	writer->fragment = live->fragment;
	(void) RelationGetIndexList(base);
	writer->base_key = base->rd_pkindex;
	if (id && IsA(id, NextValueExpr) && OidIsValid(writer->base_key) && !forces_policies(base))
	{
		Relation	index = index_open(writer->base_key, AccessShareLock);
		Oid			type = index->rd_opcintype[0];

		writer->ids = ((NextValueExpr *) id)->seqid;
		writer->collation = index->rd_indcollation[0];
		writer->equal = get_opcode(get_opfamily_member(index->rd_opfamily[0], type, type, BTEqualStrategyNumber));
		usable = index->rd_index->indnkeyatts == 1 && index->rd_index->indkey.values[0] == 1;
		index_close(index, NoLock);
	}
	table_close(base, NoLock);
	table_close(fragment, NoLock);
	return usable ? writer : NULL;
}

bool
writer_is_known(const Writer *writer, Datum customer, Snapshot snapshot)
{
	Relation	base = table_open(writer->base, NoLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	PushActiveSnapshot(snapshot);
	ScanKeyEntryInitialize(&key, 0, 1, BTEqualStrategyNumber, InvalidOid, writer->collation, writer->equal, customer);
	scan = systable_beginscan(base, writer->base_key, true, GetActiveSnapshot(), 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	PopActiveSnapshot();
	table_close(base, NoLock);
	return found;
}

void
writer_append(const Writer *writer, int source, const Gain *gain)
{
	Relation	fragment = table_open(writer->fragment, NoLock);
	EState	   *estate = CreateExecutorState();
	ResultRelInfo *result = makeNode(ResultRelInfo);
	TupleTableSlot *slot;

	/* 0: there is no range table */
	InitResultRelInfo(result, fragment, 0, NULL, 0);
	ExecOpenIndices(result, false);
	slot = ExecInitExtraTupleSlot(estate, RelationGetDescr(fragment), table_slot_callbacks(fragment));
	ExecClearTuple(slot);
	slot->tts_values[FRAGMENT_CUSTOMER] = gain->customer;
	slot->tts_values[FRAGMENT_ID] = Int64GetDatum(nextval_internal(writer->ids, false));
	slot->tts_values[FRAGMENT_SOURCE] = Int32GetDatum(source);
	slot->tts_values[FRAGMENT_ADDED] = gain->added;
	slot->tts_values[FRAGMENT_REMOVED] = gain->removed;
	memset(slot->tts_isnull, 0, FRAGMENT_COLUMNS * sizeof(bool));
	slot->tts_isnull[FRAGMENT_ADDED] = !gain->has_added;
	slot->tts_isnull[FRAGMENT_REMOVED] = !gain->has_removed;
	ExecStoreVirtualTuple(slot);
	ExecSimpleRelationInsert(result, estate, slot);
	ExecCloseIndices(result);
	ExecResetTupleTable(estate->es_tupleTable, false);
	FreeExecutorState(estate);
	table_close(fragment, NoLock);
}
