/*
 * feed.c
 *		The trigger on the shop's tables.
 *
 * A feed is one trigger made ready: which view and live history it serves,
 * and the plans of the statements to run.  Feeds are kept for the session and
 * made anew whenever one of the tables or views has changed.
 *
 * Nothing in a trigger is code.  It names two views; the firing table must be
 * one that the first of them reads, and view, table and live history must have
 * one owner, as whom everything runs.  So a trigger made by somebody else on a
 * table of their own is refused.
 */
#include "postgres.h"

#include "history/history_value.h"
#include "live/change.h"
#include "live/direct.h"
#include "live/writer.h"

#include "access/xact.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/nodes.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

extern Datum loyalty_history_merge(PG_FUNCTION_ARGS);

#define ERRCODE_NOT_ENOUGH_POINTS MAKE_SQLSTATE('L', 'Y', '0', '0', '1')

typedef struct Feed
{
	Oid			trigger;		/* hash key */
	bool		stale;
	bool		replaced;		/* by a newer one, while being run */
	int			running;
	MemoryContext context;
	List	   *relids;			/* what it was made of ... */
	List	   *locked;			/* ... and of these the view and its tables */
	Oid			view;			/* of the live history, and ... */
	Oid			owner;
	Oid			base;			/* ... two of its tables */
	Oid			fragment;
	Oid			key_type;		/* of the customer */
	Oid			keys_type;		/* array of the customer's key */
	int16		key_length;
	bool		key_by_value;
	char		key_align;
	Oid			history_type;
	int			source;			/* of the firing table; 0 if it is but a parent */
	bool		writes_keys;	/* in NAME_row */
	int			nsteps;
	Step	   *steps;
	Statement	lock;
	Statement	settle;
	Statement	lose;
	Statement	explain;
	Statement	unsettled;
	Direct	   *direct;			/* NULL if every statement needs the steps */
	Writer	   *writer;			/* NULL if the tables are written to by SQL only */
	Statement	known;
	Statement	make_known;
	Statement	append;
} Feed;

/* What one customer may have lost by the statement. */
typedef struct Loser
{
	Gain		change;
	bool		spends;
} Loser;

typedef struct Losers
{
	MemoryContext context;
	Loser	   *items;
	int			n;
	int			room;
} Losers;

static HTAB *feeds = NULL;

typedef struct FeedEntry
{
	Oid			trigger;
	Feed	   *feed;
} FeedEntry;

/* relcache callback: whatever was made of that relation must be made anew */
static void
forget_relation(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS scan;
	FeedEntry  *entry;

	hash_seq_init(&scan, feeds);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->feed && (!OidIsValid(relid) || list_member_oid(entry->feed->relids, relid)))
			entry->feed->stale = true;
	}
}

static void
free_statement(Statement *statement)
{
	if (statement->plan)
		SPI_freeplan(statement->plan);
}

static void
free_feed(Feed *feed)
{
	for (int i = 0; i < feed->nsteps; i++)
		free_statement(&feed->steps[i].statement);
	free_statement(&feed->lock);
	free_statement(&feed->settle);
	free_statement(&feed->lose);
	free_statement(&feed->explain);
	free_statement(&feed->unsettled);
	free_statement(&feed->known);
	free_statement(&feed->make_known);
	free_statement(&feed->append);
	if (feed->direct)
		direct_free(feed->direct);
	MemoryContextDelete(feed->context);
}

static Action
action_of(const TriggerData *trigger)
{
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return ACTION_INSERT;
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return ACTION_UPDATE;
	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return ACTION_DELETE;
	return ACTION_TRUNCATE;
}

/* The table of the branches that fires: it, or what it is a partition of. */
static Oid
tracked_table(List *branches, Relation rel)
{
	List	   *tables = branches_tables(branches, true);
	List	   *candidates = list_make1_oid(RelationGetRelid(rel));
	ListCell   *lc;

	if (rel->rd_rel->relispartition)
		candidates = list_concat(candidates, get_partition_ancestors(RelationGetRelid(rel)));
	foreach(lc, candidates)
	{
		if (list_member_oid(tables, lfirst_oid(lc)))
			return lfirst_oid(lc);
	}
	return InvalidOid;
}

/* the source that it is, NULL if it is but a parent */
static const Source *
source_at(List *sources, Oid table)
{
	ListCell   *lc;

	foreach(lc, sources)
	{
		if (((Source *) lfirst(lc))->relid == table)
			return lfirst(lc);
	}
	return NULL;
}

/* Make the trigger ready; called as the caller, ends as the live history's owner. */
static Feed *
make_feed(const TriggerData *trigger, Oid events, Oid view, Identity *before)
{
	Relation	rel = trigger->tg_relation;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "loyalty feed", ALLOCSET_SMALL_SIZES);
	MemoryContext work;
	MemoryContext caller;
	Live		live;
	Feed	   *feed;
	List	   *branches;
	List	   *sources;
	List	   *steps = NIL;
	const Source *source;
	Oid			table;
	ListCell   *lc;

	/* the view's tree and all that is worked out from it are for now only */
	work = AllocSetContextCreate(CurrentMemoryContext, "loyalty view", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(work);
	live_open(view, &live);
	must_be_owned(events, &live);
	must_be_owned(RelationGetRelid(rel), &live);
	become(live.owner, true, before);
	branches = branches_read(events);
	sources = sources_of(events, &live, branches);
	table = tracked_table(branches, rel);
	source = source_at(sources, table);
	/* a table that the view does not read, a detached partition say, changes nothing */
	if (OidIsValid(table))
		steps = change_steps(&live, sources, action_of(trigger), table, RelationGetRelid(rel));

	MemoryContextSwitchTo(context);
	feed = palloc0(sizeof(Feed));
	feed->context = context;
	feed->view = view;
	feed->owner = live.owner;
	feed->base = live.base;
	feed->fragment = live.fragment;
	feed->key_type = live.type;
	feed->source = source ? source->number : 0;
	feed->steps = palloc0(Max(1, list_length(steps)) * sizeof(Step));
	foreach(lc, steps)
	{
		Step	   *step = &feed->steps[feed->nsteps++];

		*step = *(Step *) lfirst(lc);
		step->statement.sql = pstrdup(step->statement.sql);
		feed->writes_keys |= step->kind != STEP_CHANGE;
	}
	if (feed->nsteps == 1 && feed->steps[0].kind == STEP_CHANGE && source)
		feed->direct = direct_make(&live, source, rel);
	if (feed->direct)
		feed->writer = writer_make(&live);
	feed->lock.sql = lock_sql(&live);
	feed->settle.sql = settle_sql(&live);
	feed->lose.sql = lose_sql(&live, feed->source);
	feed->explain.sql = explain_sql(&live);
	feed->unsettled.sql = unsettled_sql(&live);
	feed->known.sql = known_sql(&live);
	feed->make_known.sql = make_known_sql(&live);
	feed->append.sql = append_sql(&live, feed->source);
	feed->history_type = live_type("history");
	feed->keys_type = get_array_type(live.type);
	get_typlenbyvalalign(live.type, &feed->key_length, &feed->key_by_value, &feed->key_align);
	feed->locked = lcons_oid(events, branches_tables(branches, false));
	feed->relids = list_append_unique_oid(list_copy(feed->locked), RelationGetRelid(rel));
	feed->relids = lappend_oid(feed->relids, table);
	feed->relids = lappend_oid(feed->relids, view);
	feed->relids = lappend_oid(feed->relids, live.base);
	feed->relids = lappend_oid(feed->relids, live.fragment);
	feed->relids = lappend_oid(feed->relids, live.source);
	feed->relids = lappend_oid(feed->relids, live.program);
	feed->relids = lappend_oid(feed->relids, live.row);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return feed;
}

/* The feed of a trigger, and the owner's identity. */
static Feed *
find_feed(const TriggerData *trigger, Identity *before)
{
	Oid			targets[2];
	FeedEntry  *entry;
	Feed	   *feed;
	bool		found;
	Node	   *when;

	if (feeds == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(FeedEntry), .hcxt = CacheMemoryContext};

		feeds = hash_create("loyalty feeds", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	}
	entry = hash_search(feeds, &trigger->tg_trigger->tgoid, HASH_ENTER, &found);
	if (!found)
		entry->feed = NULL;
	feed = entry->feed;

	if (feed && !feed->stale)
	{
		/* whoever changes one of those must be waited for, and is then noticed */
		ListCell   *lc;

		foreach(lc, feed->locked)
			LockRelationOid(lfirst_oid(lc), AccessShareLock);
	}
	if (feed && !feed->stale)
	{
		become_owner(feed->owner, before);
		return feed;
	}

	when = trigger->tg_trigger->tgqual ? stringToNode(trigger->tg_trigger->tgqual) : NULL;
	if (!marked(when, "feeds", 2, targets))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("trigger \"%s\" names no live history", trigger->tg_trigger->tgname),
				 errhint("Such triggers are made by loyalty.track().")));
	LockRelationOid(targets[0], AccessShareLock);
	feed = make_feed(trigger, targets[0], targets[1], before);
	entry = hash_search(feeds, &trigger->tg_trigger->tgoid, HASH_ENTER, &found);
	if (!found)
		entry->feed = NULL;
	if (entry->feed && entry->feed->running > 0)
		entry->feed->replaced = true;
	else if (entry->feed)
		free_feed(entry->feed);
	MemoryContextSetParent(feed->context, CacheMemoryContext);
	entry->feed = feed;
	return feed;
}

static void
make_plan(Statement *statement, int nargs, Oid *types)
{
	SPIPlanPtr	made;

	if (statement->plan)
		return;
	made = SPI_prepare(statement->sql, nargs, types);
	if (made == NULL)
		elog(ERROR, "SPI_prepare failed: %s: %s", SPI_result_code_string(SPI_result), statement->sql);
	SPI_keepplan(made);
	statement->plan = made;
}

static void
run(Statement *statement, int nargs, Oid *types, Datum *values, const char *nulls)
{
	int			result;

	make_plan(statement, nargs, types);
	result = SPI_execute_plan(statement->plan, values, nulls, false, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
}

/* a single value of the first row */
static int64
count_found(void)
{
	bool		isnull;

	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

static void
could_not_serialize(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to concurrent update"),
			 errdetail("Rows that this change concerns have come since the transaction's snapshot."),
			 errhint("The transaction might succeed if retried.")));
}

/* the same in the latest snapshot, whatever the transaction's; the caller reads SPI_tuptable */
static void
run_latest(Statement *statement, int nargs, Oid *types, Datum *values)
{
	int			result;

	make_plan(statement, nargs, types);
	CommandCounterIncrement();
	result = SPI_execute_snapshot(statement->plan, values, NULL, GetLatestSnapshot(), InvalidSnapshot, true, false, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(result));
}

/* customers' keys as an array of SQL */
static Datum
keys_array(const Feed *feed, Datum *keys, int n)
{
	return PointerGetDatum(construct_array(keys, n, feed->key_type, feed->key_length, feed->key_by_value, feed->key_align));
}

static Datum
copy_history(Datum history)
{
	return PointerGetDatum(PG_DETOAST_DATUM_COPY(history));
}

static Loser *
add_loser(Losers *losers)
{
	if (losers->n == losers->room)
	{
		losers->room = losers->room ? losers->room * 2 : 8;
		losers->items = losers->items ?
			repalloc_huge(losers->items, losers->room * sizeof(Loser)) : palloc(losers->room * sizeof(Loser));
	}
	return &losers->items[losers->n++];
}

/* Remember who may have lost, from rows (customer, added, removed, lowers). */
static void
gather_losers(const Feed *feed, Losers *losers)
{
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		MemoryContext caller;
		Loser	   *loser;
		bool		isnull;
		Datum		datum;

		CHECK_FOR_INTERRUPTS();
		caller = MemoryContextSwitchTo(losers->context);
		loser = add_loser(losers);
		datum = SPI_getbinval(tuple, desc, 1, &isnull);
		if (isnull || SPI_gettypeid(desc, 1) != feed->key_type)
			live_damaged(feed->view);
		loser->change.customer = datumCopy(datum, feed->key_by_value, feed->key_length);
		loser->spends = DatumGetInt16(SPI_getbinval(tuple, desc, 4, &isnull)) == EFFECT_SPENDS;
		loser->change.has_added = loser->change.has_removed = false;
		if (loser->spends)
		{
			datum = SPI_getbinval(tuple, desc, 2, &isnull);
			loser->change.has_added = !isnull;
			loser->change.added = isnull ? 0 : copy_history(datum);
			datum = SPI_getbinval(tuple, desc, 3, &isnull);
			loser->change.has_removed = !isnull;
			loser->change.removed = isnull ? 0 : copy_history(datum);
		}
		MemoryContextSwitchTo(caller);
	}
	SPI_freetuptable(SPI_tuptable);
}

/* STEP_LOSE: what the latest snapshot sees of a table about to be emptied */
static void
lose_all(Feed *feed, Step *step, Losers *losers)
{
	Datum	   *customers;
	Datum	   *removed;
	Datum		values[2];
	Oid			types[2] = {feed->keys_type, get_array_type(feed->history_type)};
	int			n;

	run_latest(&step->statement, 0, NULL, NULL);
	n = (int) Min(SPI_processed, (uint64) PG_INT32_MAX);
	if (n == 0)
		return;
	customers = palloc_extended(n * sizeof(Datum), MCXT_ALLOC_HUGE);
	removed = palloc_extended(n * sizeof(Datum), MCXT_ALLOC_HUGE);
	for (int i = 0; i < n; i++)
	{
		bool		isnull;

		customers[i] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull);
		removed[i] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull);
	}

	/* not more at a time than an array holds */
	for (int from = 0; from < n;)
	{
		int			until = from;
		Size		size = 0;

		while (until < n && (until == from || size < 64 * 1024 * 1024))
		{
			size += VARSIZE_ANY(DatumGetPointer(removed[until])) + 64;
			until++;
		}
		values[0] = keys_array(feed, customers + from, until - from);
		values[1] = PointerGetDatum(construct_array(removed + from, until - from, feed->history_type,
													-1, false, TYPALIGN_INT));
		run(&feed->lose, 2, types, values, NULL);
		gather_losers(feed, losers);
		from = until;
	}
}

/* A statement of one row and customer; false if it is not. */
static bool
run_directly(Feed *feed, const TriggerData *trigger, Losers *losers, Identity *before)
{
	Gain		gain;
	bool		changed;
	Datum		values[3];
	char		nulls[3] = {' ', ' ', ' '};
	Oid			types[3] = {feed->key_type, feed->history_type, feed->history_type};
	Writer	   *writer;
	bool		is_known;
	Effect		effect;

	if (feed->direct == NULL)
		return false;
	if (!direct_is_blind(feed->direct))
		set_for_queries(true, before);
	if (!direct_change(feed->direct, trigger, &gain, &changed))
		return false;
	if (!changed)
		return true;
	values[0] = gain.customer;
	values[1] = gain.added;
	values[2] = gain.removed;
	nulls[1] = gain.has_added ? ' ' : 'n';
	nulls[2] = gain.has_removed ? ' ' : 'n';

	/* a change of those tables is noticed now or waits for us */
	LockRelationOid(feed->base, AccessShareLock);
	LockRelationOid(feed->fragment, RowExclusiveLock);
	writer = feed->stale ? NULL : feed->writer;
	if (writer)
		is_known = writer_is_known(writer, gain.customer);
	else
	{
		set_for_queries(true, before);
		run(&feed->known, 1, types, values, NULL);
		is_known = SPI_processed > 0;
	}
	if (!is_known)
	{
		set_for_queries(true, before);
		run(&feed->make_known, 1, types, values, NULL);
	}
	if (writer)
		writer_append(writer, feed->source, &gain);
	else
		run(&feed->append, 3, types, values, nulls);

	effect = history_effect(gain.has_added, gain.added, gain.has_removed);
	if (effect > EFFECT_RAISES)
	{
		Loser	   *loser;

		MemoryContextSwitchTo(losers->context);
		loser = add_loser(losers);
		loser->change = gain;
		loser->spends = effect == EFFECT_SPENDS;
	}
	return true;
}

static void
run_steps(Feed *feed, Losers *losers)
{
	for (int i = 0; i < feed->nsteps; i++)
	{
		Step	   *step = &feed->steps[i];

		switch (step->kind)
		{
			case STEP_CHANGE:
				run(&step->statement, 0, NULL, NULL, NULL);
				gather_losers(feed, losers);
				break;
			case STEP_LOCK:
				run(&step->statement, 0, NULL, NULL, NULL);
				break;
			case STEP_GATE:
				run(&step->statement, 0, NULL, NULL, NULL);
				if (count_found() == 0)
					i += step->skip;
				break;
			case STEP_SAME:
				if (IsolationUsesXactSnapshot())
				{
					char	   *latest;

					run_latest(&step->statement, 0, NULL, NULL);
					latest = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
					run(&step->statement, 0, NULL, NULL, NULL);
					if (strcmp(latest, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)) != 0)
						could_not_serialize();
				}
				break;
			case STEP_NONE_LEFT:
				if (IsolationUsesXactSnapshot())
				{
					run_latest(&step->statement, 0, NULL, NULL);
					if (SPI_processed > 0)
						could_not_serialize();
				}
				break;
			case STEP_LOSE:
				lose_all(feed, step, losers);
				break;
		}
	}
}

/*
 * A customer's redemptions are overdrawn, with the statement's change in
 * history: complain, unless each was as much so without it.
 */
static void
check_overdraft(Feed *feed, const Losers *losers, Datum customer, Datum history)
{
	Datum		values[3] = {history};
	char		nulls[3] = {' ', 'n', 'n'};
	Oid			types[3] = {feed->history_type, feed->history_type, feed->history_type};
	TypeCacheEntry *type = lookup_type_cache(feed->key_type, TYPECACHE_EQ_OPR_FINFO);
	Oid			collation = get_typcollation(feed->key_type);
	char	   *text[6];
	char	   *customer_text;
	bool		own;
	bool		isnull;
	Oid			out;
	bool		is_varlena;

	for (int i = 0; i < losers->n; i++)
	{
		const Loser *loser = &losers->items[i];

		if (!loser->spends ||
			!DatumGetBool(FunctionCall2Coll(&type->eq_opr_finfo, collation, loser->change.customer, customer)))
			continue;
		if (loser->change.has_added)
		{
			values[1] = nulls[1] == 'n' ? loser->change.added :
				DirectFunctionCall2(loyalty_history_merge, values[1], loser->change.added);
			nulls[1] = ' ';
		}
		if (loser->change.has_removed)
		{
			values[2] = nulls[2] == 'n' ? loser->change.removed :
				DirectFunctionCall2(loyalty_history_merge, values[2], loser->change.removed);
			nulls[2] = ' ';
		}
	}
	run(&feed->explain, 3, types, values, nulls);
	if (SPI_processed == 0)
		return;
	for (int i = 0; i < 6; i++)
		text[i] = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1);
	own = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 7, &isnull));
	getTypeOutputInfo(feed->key_type, &out, &is_varlena);
	customer_text = OidOutputFunctionCall(out, customer);
	if (!own)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_ENOUGH_POINTS),
				 errmsg("change refused: the redemption of %s points at %s would find %s available", text[0], text[3], text[1]),
				 errdetail("Customer %s: %s.", customer_text, text[2])));
	ereport(ERROR,
			(errcode(ERRCODE_NOT_ENOUGH_POINTS),
			 text[4] ?
			 errmsg("redemption of %s points refused: %s; %s available, of which %s expire at %s",
					text[0], text[2], text[1], text[4], text[5]) :
			 errmsg("redemption of %s points refused: %s; %s available", text[0], text[2], text[1]),
			 errdetail("Customer %s, at %s.", customer_text, text[3])));
}

/* Bring what the statement appended into the base rows of those who may have lost. */
static void
settle_losers(Feed *feed, const Losers *losers)
{
	Datum	   *all = palloc_extended(losers->n * sizeof(Datum), MCXT_ALLOC_HUGE);
	Datum	   *spenders = palloc_extended(losers->n * sizeof(Datum), MCXT_ALLOC_HUGE);
	int			nspenders = 0;
	Datum		values[2];
	Oid			types[2] = {feed->keys_type, feed->keys_type};
	SPITupleTable *result;
	uint64		n;

	for (int i = 0; i < losers->n; i++)
	{
		all[i] = losers->items[i].change.customer;
		if (losers->items[i].spends)
			spenders[nspenders++] = losers->items[i].change.customer;
	}
	values[0] = keys_array(feed, all, losers->n);
	values[1] = keys_array(feed, spenders, nspenders);
	run(&feed->lock, 1, types, values, NULL);
	run(&feed->settle, 2, types, values, NULL);
	result = SPI_tuptable;
	n = SPI_processed;

	/* who spends must know all: even a purchase or an expense can cost points */
	if (nspenders > 0 && IsolationUsesXactSnapshot())
	{
		run_latest(&feed->unsettled, 1, types, &values[1]);
		if (SPI_processed > 0)
			could_not_serialize();
	}
	for (uint64 i = 0; i < n; i++)
	{
		bool		isnull;
		Datum		customers = SPI_getbinval(result->vals[i], result->tupdesc, 1, &isnull);
		Datum		expected = SPI_getbinval(result->vals[i], result->tupdesc, 3, &isnull);
		Datum		customer;

		if (DatumGetInt64(customers) != DatumGetInt64(expected))
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("live history \"%s\" lacks rows of customers it has fragments of", get_rel_name(feed->view)),
					 errhint("SELECT loyalty.rebuild('%s').", table_name(feed->view))));
		customer = SPI_getbinval(result->vals[i], result->tupdesc, 4, &isnull);
		if (!isnull)
			check_overdraft(feed, losers, customer,
							SPI_getbinval(result->vals[i], result->tupdesc, 5, &isnull));
	}
}

/* Run a feed; it may be met again meanwhile, by a trigger on our own tables. */
static void
run_feed(Feed *feed, TriggerData *trigger, Identity *before)
{
	feed->running++;
	PG_TRY();
	{
		Losers		losers = {.context = CurrentMemoryContext};

		SPI_connect();
		if (!run_directly(feed, trigger, &losers, before))
		{
			set_for_queries(true, before);
			if (SPI_register_trigger_data(trigger) != SPI_OK_TD_REGISTER)
				elog(ERROR, "could not register transition tables");
			if (feed->writes_keys)
				fix_output();
			run_steps(feed, &losers);
		}
		if (losers.n > 0)
		{
			set_for_queries(true, before);
			settle_losers(feed, &losers);
		}
		SPI_finish();
	}
	PG_FINALLY();
	{
		feed->running--;
	}
	PG_END_TRY();
	if (feed->replaced && feed->running == 0)
		free_feed(feed);
}

PG_FUNCTION_INFO_V1(loyalty_live_changed);

/* the trigger: after INSERT, UPDATE and DELETE, before TRUNCATE, for each statement */
Datum
loyalty_live_changed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Identity	before;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by the trigger manager", "loyalty.live_changed")));
	if (!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) ||
		(TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event) ? !TRIGGER_FIRED_BEFORE(trigger->tg_event) :
		 (!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		  (!TRIGGER_FIRED_BY_DELETE(trigger->tg_event) &&
		   (trigger->tg_trigger->tgnewtable == NULL || strcmp(trigger->tg_trigger->tgnewtable, "loyalty_new") != 0)) ||
		  (!TRIGGER_FIRED_BY_INSERT(trigger->tg_event) &&
		   (trigger->tg_trigger->tgoldtable == NULL || strcmp(trigger->tg_trigger->tgoldtable, "loyalty_old") != 0)))))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" is not one of those that loyalty.track() makes", trigger->tg_trigger->tgname)));

	/* a statement that changed no row changes no history */
	if ((trigger->tg_newtable == NULL || tuplestore_tuple_count(trigger->tg_newtable) == 0) &&
		(trigger->tg_oldtable == NULL || tuplestore_tuple_count(trigger->tg_oldtable) == 0) &&
		!TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		return PointerGetDatum(NULL);

	run_feed(find_feed(trigger, &before), trigger, &before);
	become_again(&before);
	return PointerGetDatum(NULL);
}
