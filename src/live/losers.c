/*
 * losers.c
 *		Who may have lost by a statement, and whether their redemptions are
 *		still covered.
 */
#include "postgres.h"

#include "history/history_value.h"
#include "live/losers.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

extern Datum loyalty_history_merge(PG_FUNCTION_ARGS);

Datum
keys_array(const Feed *feed, Datum *keys, int n)
{
	return PointerGetDatum(construct_array(keys, n, feed->key_type, feed->key_length, feed->key_by_value, feed->key_align));
}

static Datum
copy_history(Datum history)
{
	return PointerGetDatum(PG_DETOAST_DATUM_COPY(history));
}

Loser *
losers_add(Losers *losers)
{
	if (losers->n == losers->room)
	{
		losers->room = losers->room ? losers->room * 2 : 8;
		losers->items = losers->items ?
			repalloc_huge(losers->items, losers->room * sizeof(Loser)) : palloc(losers->room * sizeof(Loser));
	}
	return &losers->items[losers->n++];
}

void
losers_gather(Losers *losers, const Feed *feed)
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
		loser = losers_add(losers);
		datum = SPI_getbinval(tuple, desc, 1, &isnull);
		if (isnull || SPI_gettypeid(desc, 1) != feed->key_type)
			live_damaged(feed->view);
		loser->change.customer = datumCopy(datum, feed->key_by_value, feed->key_length);
		loser->effect = (Effect) DatumGetInt16(SPI_getbinval(tuple, desc, 4, &isnull));
		loser->change.has_added = loser->change.has_removed = false;
		if (loser->effect == EFFECT_SPENDS)
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

/* what explain_sql() tells of a redemption that is overdrawn */
enum
{
	DRAFT_POINTS, DRAFT_AVAILABLE, DRAFT_REASON, DRAFT_AT, DRAFT_EXPIRING, DRAFT_EXPIRING_AT, DRAFT_NEW,
	DRAFT_AT_JSON, DRAFT_EXPIRING_AT_JSON, DRAFT_REF, DRAFT_COLUMNS
};

/* overdrafts() gives its reasons in these words, of which some end in a number; some are of vouchers */
static const struct
{
	const char *words;
	const char *name;
	bool		voucher;
}			reasons[] = {
	{"not enough points", "not_enough_points", false},
	{"a redemption needs a balance of ", "minimum", false},
	{"points are redeemed in steps of ", "step", false},
	{"no such voucher", "no_such_voucher", true},
	{"voucher used", "voucher_used", true},
	{"voucher expired", "voucher_expired", true},
};

/* The name of a reason, the number that goes with it, and is it of a voucher? */
static const char *
name_reason(const char *reason, const char **number, bool *voucher)
{
	for (int i = 0; i < (int) lengthof(reasons); i++)
	{
		size_t		len = strlen(reasons[i].words);

		if (strncmp(reason, reasons[i].words, len) == 0)
		{
			*number = reason + len;
			*voucher = reasons[i].voucher;
			return reasons[i].name;
		}
	}
	elog(ERROR, "unknown reason of an overdraft: %s", reason);
}

/* "2025-04-02T10:00:00" and Z for UTC, which the cast has taken it to */
static void
put_instant(StringInfo json, const char *key, const char *value)
{
	appendStringInfo(json, ", \"%s\": %.*sZ\"", key, (int) strlen(value) - 1, value);
}

/* All of it in a form that programs read. */
static char *
draft_as_json(const Feed *feed, Datum customer, char *const *draft)
{
	StringInfoData json;
	const char *number;
	bool		voucher;
	const char *reason = name_reason(draft[DRAFT_REASON], &number, &voucher);
	Oid			out;
	bool		is_varlena;

	initStringInfo(&json);
	getTypeOutputInfo(feed->key_type, &out, &is_varlena);
	appendStringInfoString(&json, "{\"customer\": ");
	escape_json(&json, OidOutputFunctionCall(out, customer));
	appendStringInfo(&json, ", \"points\": %s, \"available\": %s, \"reason\": \"%s\"",
					 draft[DRAFT_POINTS], draft[DRAFT_AVAILABLE], reason);
	if (*number)
		appendStringInfo(&json, ", \"%s\": %s", reason, number);
	if (voucher)
	{
		appendStringInfoString(&json, ", \"voucher\": ");
		escape_json(&json, draft[DRAFT_REF]);
	}
	put_instant(&json, "at", draft[DRAFT_AT_JSON]);
	appendStringInfo(&json, ", \"new\": %s", draft[DRAFT_NEW][0] == 't' ? "true" : "false");
	if (draft[DRAFT_EXPIRING] && !voucher)
	{
		appendStringInfo(&json, ", \"expiring\": %s", draft[DRAFT_EXPIRING]);
		put_instant(&json, "expiring_at", draft[DRAFT_EXPIRING_AT_JSON]);
	}
	appendStringInfoChar(&json, '}');
	return json.data;
}

/* The message is for people; drivers hand out the fields, and mostly the detail. */
static void
refuse(const Feed *feed, Datum customer, char *const *draft)
{
	const char *number;
	bool		voucher;
	const char *reason = name_reason(draft[DRAFT_REASON], &number, &voucher);
	bool		new = draft[DRAFT_NEW][0] == 't';

	ereport(ERROR,
			(errcode(ERRCODE_NOT_ENOUGH_POINTS),
			 voucher && new ?
			 errmsg("use of \"%s\" refused: %s", draft[DRAFT_REF], draft[DRAFT_REASON]) :
			 voucher ?
			 errmsg("change refused: the use of \"%s\" at %s would find: %s", draft[DRAFT_REF], draft[DRAFT_AT], draft[DRAFT_REASON]) :
			 !new ?
			 errmsg("change refused: the redemption of %s points at %s would find %s available",
					draft[DRAFT_POINTS], draft[DRAFT_AT], draft[DRAFT_AVAILABLE]) :
			 draft[DRAFT_EXPIRING] ?
			 errmsg("redemption of %s points refused: %s; %s available, of which %s expire at %s",
					draft[DRAFT_POINTS], draft[DRAFT_REASON], draft[DRAFT_AVAILABLE], draft[DRAFT_EXPIRING], draft[DRAFT_EXPIRING_AT]) :
			 errmsg("redemption of %s points refused: %s; %s available",
					draft[DRAFT_POINTS], draft[DRAFT_REASON], draft[DRAFT_AVAILABLE]),
			 errdetail_internal("%s", draft_as_json(feed, customer, draft)),
			 err_generic_string(PG_DIAG_SCHEMA_NAME, get_namespace_name(get_rel_namespace(feed->view))),
			 err_generic_string(PG_DIAG_TABLE_NAME, get_rel_name(feed->view)),
			 err_generic_string(PG_DIAG_COLUMN_NAME, draft[DRAFT_AVAILABLE]),
			 err_generic_string(PG_DIAG_CONSTRAINT_NAME, reason)));
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
	char	   *draft[DRAFT_COLUMNS];

	for (int i = 0; i < losers->n; i++)
	{
		const Loser *loser = &losers->items[i];

		if (loser->effect != EFFECT_SPENDS ||
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
	statement_run(&feed->explain, 3, types, values, nulls);
	if (SPI_processed == 0)
		return;
	for (int i = 0; i < DRAFT_COLUMNS; i++)
		draft[i] = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, i + 1);
	refuse(feed, customer, draft);
}

/* keys of those whose change is of that sort, or worse, as an array of SQL */
static Datum
customers_of(const Losers *losers, const Feed *feed, Effect effect, bool or_worse, int *n)
{
	Datum	   *customers = palloc_extended(losers->n * sizeof(Datum), MCXT_ALLOC_HUGE);

	*n = 0;
	for (int i = 0; i < losers->n; i++)
	{
		const Loser *loser = &losers->items[i];

		if (loser->effect == effect || (or_worse && loser->effect > effect))
			customers[(*n)++] = loser->change.customer;
	}
	return keys_array(feed, customers, *n);
}

void
losers_settle(const Losers *losers, Feed *feed)
{
	Datum		values[2];
	Oid			types[2] = {feed->keys_type, feed->keys_type};
	int			nspenders;
	SPITupleTable *result;
	uint64		n;
	int			nothers;

	/* those who but gained were not locked, and their base rows may have gone since the snapshot */
	values[0] = customers_of(losers, feed, EFFECT_RAISES, false, &nothers);
	if (nothers > 0 && IsolationUsesXactSnapshot())
	{
		statement_run_latest(&feed->gone, 1, types, values);
		if (SPI_processed > 0)
			could_not_serialize();
	}

	values[0] = customers_of(losers, feed, EFFECT_LOWERS, true, &nothers);
	values[1] = customers_of(losers, feed, EFFECT_SPENDS, false, &nspenders);
	if (nothers == 0)
		return;
	statement_run(&feed->lock, 1, types, values, NULL);
	statement_run(&feed->settle, 2, types, values, NULL);
	result = SPI_tuptable;
	n = SPI_processed;

	/* who spends must know all: even a purchase or an expense can cost points */
	if (nspenders > 0 && IsolationUsesXactSnapshot())
	{
		statement_run_latest(&feed->unsettled, 1, types, &values[1]);
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
