/*
 * report.c
 *		How claims stand, at any instant; and what the view counts.
 */
#include "postgres.h"

#include "base/emit.h"
#include "deal/call.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

/* An instant to ask about; there is no state of things at its very ends. */
static int64
instant_arg(FunctionCallInfo fcinfo, int arg)
{
	if (PG_ARGISNULL(arg))
		return GetCurrentTimestamp();
	return Min(PG_GETARG_TIMESTAMPTZ(arg), NEVER - 1);
}

/* Numbers of the claims that the caller's policies let them see, in order. */
static int64 *
visible_claims(Desk *desk, Datum deal, uint64 *n)
{
	Oid			types[1] = {TEXTOID};
	MemoryContext caller = CurrentMemoryContext;
	int			nest_level = NewGUCNestLevel();
	int64	   *numbers;

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	SPI_connect();
	statement_run(&desk->visible, 1, types, &deal, NULL);
	*n = SPI_processed;
	numbers = MemoryContextAllocHuge(caller, Max(1, *n) * sizeof(int64));
	for (uint64 i = 0; i < *n; i++)
	{
		bool		isnull;

		numbers[i] = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
	}
	SPI_finish();
	AtEOXact_GUC(false, nest_level);
	return numbers;
}

static bool
is_among(const int64 *numbers, uint64 n, int64 number)
{
	uint64		low = 0;

	while (low < n)
	{
		uint64		middle = low + (n - low) / 2;

		if (numbers[middle] < number)
			low = middle + 1;
		else
			n = middle;
	}
	return numbers[low] == number;
}

/* The claims of a deal that were there at an instant, in order, with the turns that are due by then. */
static Claim *
read_claims(Desk *desk, const Deal *deal, Snapshot snapshot, int64 asof, int *n)
{
	ClaimScan  *scan = claim_scan_begin(desk, deal->name, snapshot);
	Turns		turns;
	Claim	   *claims = NULL;
	Claim		claim;
	int			room = 0;

	*n = 0;
	while (claim_scan_next(scan, &claim, true))
	{
		if (claim.at <= asof)
			claims_add(&claims, n, &room, &claim);
	}
	claim_scan_end(scan);
	claims_sort(claims, *n);
	turns_work_out(&turns, desk, deal, snapshot, asof);
	for (int i = 0; i < *n; i++)
		turns_give(&turns, &claims[i]);
	return claims;
}

PG_FUNCTION_INFO_V1(loyalty_deal_claims);

/* claims(deals, deal, asof, customer): a row for each claim, in the order in which they came */
Datum
loyalty_deal_claims(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Identity	before;
	Desk	   *desk;
	Deal		deal;
	Datum		name;
	Datum		customer = (Datum) 0;
	int64		asof;
	int64	   *visible = NULL;
	uint64		nvisible = 0;
	Claim	   *claims;
	int			n;
	int64		waiting = 0;

	emit_begin(&emitter, fcinfo);
	if (PG_ARGISNULL(0))
		return emit_end(&emitter);
	desk = desk_find(PG_GETARG_OID(0));
	must_have_right(desk, desk->view, ACL_SELECT);
	must_have_right(desk, desk->deal, ACL_SELECT);
	must_have_right(desk, desk->unit, ACL_SELECT);
	must_have_right(desk, desk->claim, ACL_SELECT);
	if (PG_ARGISNULL(1))
		return emit_end(&emitter);
	asof = instant_arg(fcinfo, 2);
	name = PointerGetDatum(PG_GETARG_TEXT_PP(1));
	if (check_enable_rls(desk->claim, GetUserId(), true) == RLS_ENABLED)
		visible = visible_claims(desk, name, &nvisible);
	become_owner(desk->owner, &before);
	if (!desk->key_is_plain)
		set_for_queries(true, &before);
	if (!PG_ARGISNULL(3))
		customer = customer_from_arg(fcinfo, 3, desk);
	if (!deal_read(desk, name, GetActiveSnapshot(), &deal))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no deal \"%s\" in \"%s\"", TextDatumGetCString(name), desk->name)));
	claims = read_claims(desk, &deal, GetActiveSnapshot(), asof, &n);
	for (int i = 0; i < n; i++)
	{
		const Claim *claim = &claims[i];
		int64		since;
		State		state = claim_state(claim, &deal, asof, &since);
		bool		is_bought = claim->has_order_ref && claim->bought <= asof;
		Datum		values[8];
		bool		nulls[8] = {false, !claim->has_ref, false, false, false, state != STATE_HELD, state != STATE_WAITING, !is_bought};

		CHECK_FOR_INTERRUPTS();
		waiting += state == STATE_WAITING;
		if ((visible && !(nvisible > 0 && is_among(visible, nvisible, claim->number))) ||
			(!PG_ARGISNULL(3) &&
			 !DatumGetBool(FunctionCall2Coll(&desk->key_equal, desk->key_collation, claim->customer, customer))))
			continue;
		emit_start(&emitter);
		values[0] = CStringGetTextDatum(customer_as_text(desk, claim->customer));
		values[1] = claim->ref;
		values[2] = CStringGetTextDatum(state_names[state]);
		values[3] = TimestampTzGetDatum(claim->at);
		values[4] = TimestampTzGetDatum(since);
		values[5] = TimestampTzGetDatum(claim->until);
		values[6] = Int64GetDatum(waiting);
		values[7] = claim->order_ref;
		emit_row(&emitter, values, nulls);
	}
	become_again(&before);
	return emit_end(&emitter);
}

/* ---------------- the view ---------------- */

static const char *
deal_state(const Deal *deal, int64 free, int64 asof)
{
	if (asof >= deal->cancelled)
		return "cancelled";
	if (asof < deal->opens)
		return "upcoming";
	if (asof >= deal->closes)
		return "closed";
	return free > 0 ? "open" : "sold out";
}

PG_FUNCTION_INFO_V1(loyalty_deal_figures);

/* deal_figures(deal, unit, claim, name): how a deal stands now, by the tables of a desk */
Datum
loyalty_deal_figures(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Datum		values[6];
	bool		nulls[6] = {false};
	Desk	   *desk = desk_of_tables(PG_GETARG_OID(0), PG_GETARG_OID(1), PG_GETARG_OID(2));
	Datum		name = PointerGetDatum(PG_GETARG_TEXT_PP(3));
	Snapshot	snapshot = GetActiveSnapshot();
	Identity	before;
	Deal		deal;
	ClaimScan  *scan;
	Claim		claim;
	Turns		turns;
	int64		asof = GetCurrentTimestamp();
	int64		since;
	int64		count[STATE_CANCELLED + 1] = {0};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	must_have_right(desk, desk->deal, ACL_SELECT);
	must_have_right(desk, desk->unit, ACL_SELECT);
	must_have_right(desk, desk->claim, ACL_SELECT);
	become_owner(desk->owner, &before);
	if (!desk->key_is_plain)
		set_for_queries(true, &before);
	/* a function in the query may have changed it since the row was read */
	if (!deal_read(desk, name, snapshot, &deal))
	{
		become_again(&before);
		PG_RETURN_NULL();
	}
	turns_work_out(&turns, desk, &deal, snapshot, asof);
	scan = claim_scan_begin(desk, name, snapshot);
	while (claim_scan_next(scan, &claim, false))
	{
		turns_give(&turns, &claim);
		count[claim_state(&claim, &deal, asof, &since)]++;
	}
	claim_scan_end(scan);
	become_again(&before);

	values[1] = Int64GetDatum(deal.units - count[STATE_HELD] - count[STATE_BOUGHT]);
	values[0] = CStringGetTextDatum(deal_state(&deal, DatumGetInt64(values[1]), asof));
	values[2] = Int64GetDatum(count[STATE_HELD]);
	values[3] = Int64GetDatum(count[STATE_BOUGHT]);
	values[4] = Int64GetDatum(count[STATE_WAITING]);
	values[5] = Int64GetDatum(count[STATE_LAPSED]);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
