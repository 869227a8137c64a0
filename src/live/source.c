/*
 * source.c
 *		What a view reads, as it was when it was tracked.
 */
#include "postgres.h"

#include "live/source.h"
#include "live/statement.h"

#include "access/relation.h"
#include "access/xlog.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/*
 * How a view is defined, and of what type are the keys of rows that are
 * remembered, as far as this very database can tell: a rename leaves it alone.
 * It is not comparable after a restore or an upgrade, whose dumps hold view
 * and histories alike.
 */
static char *
view_print(Oid events, List *branches)
{
	Relation	rel = relation_open(events, AccessShareLock);
	StringInfoData tree;
	uint64		hash;
	ListCell   *lc;

	initStringInfo(&tree);
	appendStringInfoString(&tree, nodeToString(get_view_query(rel)));
	relation_close(rel, NoLock);
	foreach(lc, branches)
	{
		const Branch *branch = lfirst(lc);
		ListCell   *lk;

		foreach(lk, branch->key)
			appendStringInfo(&tree, " %d:%u", lfirst_int(lk), get_atttype(branch->relid, (AttrNumber) lfirst_int(lk)));
	}
	hash = hash_bytes_extended((const unsigned char *) tree.data, tree.len, 0);
	return psprintf("%u/%d/%llx/%016llx", events, PG_VERSION_NUM / 10000, (unsigned long long) GetSystemIdentifier(),
					(unsigned long long) hash);
}

static void
must_be_unchanged(Oid events, const Live *live, const char *now, const char *then)
{
	size_t		prefix = strrchr(now, '/') - now;

	if (strncmp(now, then, prefix + 1) == 0 && strcmp(now, then) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("view \"%s\", or a key under it, has been changed since it was tracked", get_rel_name(events)),
				 errdetail("Live history \"%s\" holds what it gave before.", get_rel_name(live->view)),
				 errhint("SELECT loyalty.rebuild('%s').", table_name(live->view))));
}

/* Group branches by the table that drives them; numbers are still 0. */
static List *
sources_from(List *branches)
{
	List	   *sources = NIL;
	ListCell   *lc;

	foreach(lc, branches)
	{
		Branch	   *branch = lfirst(lc);
		Source	   *source = NULL;
		ListCell   *ls;

		foreach(ls, sources)
		{
			if (((Source *) lfirst(ls))->relid == branch->relid)
				source = lfirst(ls);
		}
		if (source == NULL)
		{
			source = palloc0(sizeof(Source));
			source->relid = branch->relid;
			sources = lappend(sources, source);
		}
		source->branches = lappend(source->branches, branch);
	}
	return sources;
}

List *
sources_of(Oid events, const Live *live, List *branches)
{
	List	   *sources = sources_from(branches);
	MemoryContext caller = CurrentMemoryContext;
	char	   *print = view_print(events, branches);
	SPIPlanPtr	plan;
	ListCell   *lc;

	/* an older snapshot may not see what track() has written */
	SPI_connect();
	plan = SPI_prepare(psprintf("SELECT s.source, s.relation::pg_catalog.oid, s.definition FROM %s s WHERE s.events = %u",
								live->source_name, events), 0, NULL);
	if (plan == NULL || SPI_execute_snapshot(plan, NULL, NULL, GetLatestSnapshot(), InvalidSnapshot, true, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read %s", live->source_name);
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("view \"%s\" does not feed live history \"%s\"", get_rel_name(events), get_rel_name(live->view)),
				 errhint("Views are bound to live histories by loyalty.track().")));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		bool		isnull[2];
		int32		number = DatumGetInt32(SPI_getbinval(tuple, desc, 1, &isnull[0]));
		Oid			relid = DatumGetObjectId(SPI_getbinval(tuple, desc, 2, &isnull[1]));
		char	   *definition = SPI_getvalue(tuple, desc, 3);

		if (isnull[0] || isnull[1] || number <= 0 || definition == NULL)
			live_damaged(live->view);
		else
			must_be_unchanged(events, live, print, definition);
		foreach(lc, sources)
		{
			Source	   *source = lfirst(lc);

			if (source->relid == relid)
				source->number = number;
		}
	}
	SPI_finish();
	MemoryContextSwitchTo(caller);
	foreach(lc, sources)
	{
		Source	   *source = lfirst(lc);

		if (source->number == 0)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("table \"%s\" of view \"%s\" is not tracked", get_rel_name(source->relid), get_rel_name(events)),
					 errhint("SELECT loyalty.rebuild('%s').", table_name(live->view))));
	}
	return sources;
}

void
sources_put(Oid events, const Live *live, List *branches)
{
	char	   *print = view_print(events, branches);
	List	   *relids = NIL;
	StringInfoData others;
	ListCell   *lc;

	SPI_connect();
	/* a table keeps its number: feeds know it, here and in other sessions */
	foreach(lc, sources_from(branches))
	{
		Oid			relid = ((Source *) lfirst(lc))->relid;

		relids = lappend_oid(relids, relid);
		run_once(psprintf("INSERT INTO %s AS s (source, events, relation, definition)"
					 " SELECT 1 + coalesce(max(o.source), 0), %u, %u, %s FROM %s o"
					 " ON CONFLICT (events, relation) DO UPDATE SET definition = excluded.definition",
					 live->source_name, events, relid, quote_literal_cstr(print), live->source_name), SPI_OK_INSERT);
	}
	initStringInfo(&others);
	foreach(lc, relids)
		appendStringInfo(&others, "%s%u", foreach_current_index(lc) ? ", " : "", lfirst_oid(lc));
	run_once(psprintf("DELETE FROM %s s WHERE s.events = %u AND s.relation <> ALL (ARRAY[%s]::pg_catalog.oid[])",
				 live->source_name, events, others.data), SPI_OK_DELETE);
	SPI_finish();
}
