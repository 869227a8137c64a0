/*
 * feed.c
 *		Feeds: kept for the session, and made anew whenever one of the tables or
 *		views has changed.
 *
 * Nothing in a trigger is code.  It names two views; the firing table must be
 * one that the first of them reads, and view, table and live history must have
 * one owner, as whom everything runs.  So a trigger made by somebody else on a
 * table of their own is refused.
 */
#include "postgres.h"

#include "live/feed.h"
#include "live/place.h"

#include "catalog/partition.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

typedef struct FeedEntry
{
	Oid			trigger;
	Feed	   *feed;
} FeedEntry;

static HTAB *feeds = NULL;
static Feed *replaced = NULL;	/* while they were running */
static bool some_are_stale = false;

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
			entry->feed->stale = some_are_stale = true;
	}
}

static void
free_feed(Feed *feed)
{
	for (int i = 0; i < feed->nsteps; i++)
		statement_free(&feed->steps[i].statement);
	statement_free(&feed->lock);
	statement_free(&feed->settle);
	statement_free(&feed->lose);
	statement_free(&feed->explain);
	statement_free(&feed->unsettled);
	statement_free(&feed->gone);
	statement_free(&feed->known);
	statement_free(&feed->make_known);
	statement_free(&feed->append);
	if (feed->direct)
		direct_free(feed->direct);
	MemoryContextDelete(feed->context);
}

/*
 * Free what is stale, of dropped live histories too, unless it is being run:
 * then, and if that fails, it is for the next time.
 */
static void
free_stale(void)
{
	HASH_SEQ_STATUS scan;
	FeedEntry  *entry;

	if (!some_are_stale)
		return;
	some_are_stale = false;
	hash_seq_init(&scan, feeds);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (!entry->feed->stale)
			continue;
		if (entry->feed->running > 0)
			some_are_stale = true;
		else
		{
			free_feed(entry->feed);
			hash_search(feeds, &entry->trigger, HASH_REMOVE, NULL);
		}
	}
	for (Feed **at = &replaced; *at;)
	{
		Feed	   *feed = *at;

		if (feed->running > 0)
		{
			some_are_stale = true;
			at = &feed->next;
		}
		else
		{
			*at = feed->next;
			free_feed(feed);
		}
	}
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
	/* what the live history has of it would stay, and what is done to it be missed: neither without a word */
	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("view \"%s\" no longer reads table \"%s\"", get_rel_name(events), RelationGetRelationName(rel)),
				 errdetail("Live history \"%s\" may still hold what it gave.", get_rel_name(view)),
				 errhint("SELECT loyalty.rebuild('%s') takes that out, and the triggers off the table.", table_name(view))));
	MemoryContextSwitchTo(context);
	feed = palloc0(sizeof(Feed));
	feed->context = context;
	feed->name = pstrdup(get_rel_name(view));
	feed->parts = parts_add(NIL, events, branches);
	MemoryContextSwitchTo(work);
	steps = change_steps(&live, sources, action_of(trigger), table, RelationGetRelid(rel));

	MemoryContextSwitchTo(context);
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
	feed->gone.sql = gone_sql(&live);
	feed->known.sql = known_sql(&live);
	feed->make_known.sql = make_known_sql(&live);
	feed->append.sql = append_sql(&live, feed->source);
	feed->history_type = live_type("history");
	feed->keys_type = get_array_type(live.type);
	get_typlenbyvalalign(live.type, &feed->key_length, &feed->key_by_value, &feed->key_align);
	/* a statement on a parent reads the tables that point to it, too */
	feed->locked = lcons_oid(events, branches_tables(branches, feed->direct == NULL));
	feed->relids = list_concat_unique_oid(list_make2_oid(RelationGetRelid(rel), view), feed->locked);
	feed->relids = list_append_unique_oid(feed->relids, table);
	feed->relids = lappend_oid(feed->relids, live.base);
	feed->relids = lappend_oid(feed->relids, live.fragment);
	feed->relids = lappend_oid(feed->relids, live.source);
	feed->relids = lappend_oid(feed->relids, live.program);
	feed->relids = lappend_oid(feed->relids, live.row);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(work);
	return feed;
}

/* Make it the trigger's. */
static void
keep_feed(Feed *feed, Oid trigger)
{
	bool		found;
	FeedEntry  *entry = hash_search(feeds, &trigger, HASH_ENTER, &found);

	if (found)
	{
		entry->feed->next = replaced;
		replaced = entry->feed;
		some_are_stale = true;
	}
	MemoryContextSetParent(feed->context, CacheMemoryContext);
	entry->feed = feed;
}

Feed *
feed_find(const TriggerData *trigger, Identity *before)
{
	Oid			targets[2];
	FeedEntry  *entry;
	Feed	   *feed;
	Node	   *when;

	if (feeds == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(FeedEntry), .hcxt = CacheMemoryContext};

		feeds = hash_create("loyalty feeds", 32, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
	}
	free_stale();
	entry = hash_search(feeds, &trigger->tg_trigger->tgoid, HASH_FIND, NULL);
	feed = entry ? entry->feed : NULL;
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
	keep_feed(feed, trigger->tg_trigger->tgoid);
	return feed;
}
