/*
 * trigger.c
 *		The trigger on the shop's tables.
 */
#include "postgres.h"

#include "live/losers.h"
#include "live/place.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

/* a single value of the first row */
static int64
count_found(void)
{
	bool		isnull;

	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
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

	statement_run_latest(&step->statement, 0, NULL, NULL);
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
		statement_run(&feed->lose, 2, types, values, NULL);
		losers_gather(losers, feed);
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
	bool		is_known_still = true;
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
	{
		is_known = writer_is_known(writer, gain.customer, GetTransactionSnapshot());
		if (is_known && IsolationUsesXactSnapshot())
			is_known_still = writer_is_known(writer, gain.customer, GetLatestSnapshot());
	}
	else
	{
		set_for_queries(true, before);
		statement_run(&feed->known, 1, types, values, NULL);
		is_known = SPI_processed > 0;
		if (is_known && IsolationUsesXactSnapshot())
		{
			statement_run_latest(&feed->known, 1, types, values);
			is_known_still = SPI_processed > 0;
		}
	}
	if (!is_known_still)
		could_not_serialize();
	if (!is_known)
	{
		set_for_queries(true, before);
		statement_run(&feed->make_known, 1, types, values, NULL);
	}
	if (writer)
		writer_append(writer, feed->source, &gain);
	else
		statement_run(&feed->append, 3, types, values, nulls);

	effect = history_effect(gain.has_added, gain.added, gain.has_removed);
	if (effect > EFFECT_RAISES)
	{
		Loser	   *loser;

		MemoryContextSwitchTo(losers->context);
		loser = losers_add(losers);
		loser->change = gain;
		loser->effect = effect;
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
				statement_run(&step->statement, 0, NULL, NULL, NULL);
				losers_gather(losers, feed);
				break;
			case STEP_LOCK:
				statement_run(&step->statement, 0, NULL, NULL, NULL);
				break;
			case STEP_GATE:
				statement_run(&step->statement, 0, NULL, NULL, NULL);
				if (count_found() == 0)
					i += step->skip;
				break;
			case STEP_SAME:
				if (IsolationUsesXactSnapshot())
				{
					char	   *latest;

					statement_run_latest(&step->statement, 0, NULL, NULL);
					latest = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
					statement_run(&step->statement, 0, NULL, NULL, NULL);
					if (strcmp(latest, SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1)) != 0)
						could_not_serialize();
				}
				break;
			case STEP_NONE_LEFT:
				if (IsolationUsesXactSnapshot())
				{
					statement_run_latest(&step->statement, 0, NULL, NULL);
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

static void
run_feed(Feed *feed, TriggerData *trigger, Identity *before)
{
	Place		place;

	feed->running++;
	place_begin(&place, feed->name, feed->parts, before->user);
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
			losers_settle(&losers, feed);
		}
		SPI_finish();
	}
	PG_CATCH();
	{
		place_end(&place);
		feed->running--;
		PG_RE_THROW();
	}
	PG_END_TRY();
	place_end(&place);
	feed->running--;
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

	run_feed(feed_find(trigger, &before), trigger, &before);
	become_again(&before);
	return PointerGetDatum(NULL);
}
