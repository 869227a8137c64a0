/*
 * rows.c
 *		A desk's rows, read without a query.
 *
 * Most of what is asked during a sale is refused, and starting a query costs
 * more than all that a refusal has to look up.  So rows are read by the
 * table's indexes, as the server reads its catalogs.
 *
 * A unit's row says which claim had it last, since when, and from when on it
 * is free: the end of the hold, 'infinity' once it is bought.  So what is
 * free, and the next end of a hold, are the ends of one index.
 *
 * The units that a deal begins with are free since '-infinity', and nobody can
 * give that back: a row with it that has been replaced by a transaction which
 * is committed is gone for ever.  Until vacuum comes, the index is full of
 * such; so the session remembers before which unit there are none but those.
 */
#include "postgres.h"

#include "deal/rows.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/multixact.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* ---------------- scans ---------------- */

typedef struct RowScan
{
	Relation	rel;
	Relation	index;
	SysScanDesc scan;
} RowScan;

static void
scan_begin(RowScan *scan, Oid table, Oid index, Snapshot snapshot, int nkeys, ScanKey keys)
{
	scan->rel = table_open(table, AccessShareLock);
	scan->index = index_open(index, AccessShareLock);
	scan->scan = systable_beginscan_ordered(scan->rel, scan->index, snapshot, nkeys, keys);
}

static HeapTuple
scan_next(RowScan *scan)
{
	CHECK_FOR_INTERRUPTS();
	return systable_getnext_ordered(scan->scan, ForwardScanDirection);
}

static void
scan_end(RowScan *scan)
{
	systable_endscan_ordered(scan->scan);
	index_close(scan->index, NoLock);
	table_close(scan->rel, NoLock);
}

static void
key_deal(const Desk *desk, ScanKey key, AttrNumber column, Datum deal)
{
	ScanKeyEntryInitialize(key, 0, column, BTEqualStrategyNumber, InvalidOid, desk->text_collation, F_TEXTEQ, deal);
}

static Datum
get(HeapTuple tuple, const RowScan *scan, AttrNumber column, bool *isnull)
{
	return heap_getattr(tuple, column, RelationGetDescr(scan->rel), isnull);
}

static int64
get_instant(HeapTuple tuple, TupleDesc desc, AttrNumber column, int64 none)
{
	bool		isnull;
	Datum		value = heap_getattr(tuple, column, desc, &isnull);

	return isnull ? none : DatumGetTimestampTz(value);
}

/* ---------------- deals ---------------- */

void
deal_from_tuple(const Desk *desk, HeapTuple tuple, TupleDesc desc, Deal *deal)
{
	Datum		values[DEAL_COLUMNS];
	bool		nulls[DEAL_COLUMNS];

	memset(deal, 0, sizeof(*deal));
	for (int i = 0; i < DEAL_COLUMNS; i++)
		values[i] = heap_getattr(tuple, desk->column[i], desc, &nulls[i]);
	deal->name = values[DEAL_DEAL];
	deal->opens = DatumGetTimestampTz(values[DEAL_OPENS]);
	deal->closes = DatumGetTimestampTz(values[DEAL_CLOSES]);
	deal->units = DatumGetInt32(values[DEAL_UNITS]);
	deal->each = DatumGetInt32(values[DEAL_EACH]);
	deal->hold = DatumGetIntervalP(values[DEAL_HOLD])->time;
	deal->turn = nulls[DEAL_TURN] ? deal->hold : DatumGetIntervalP(values[DEAL_TURN])->time;
	deal->waitlist = DatumGetBool(values[DEAL_WAITLIST]);
	deal->has_tiers = !nulls[DEAL_TIERS];
	deal->tiers = values[DEAL_TIERS];
	deal->has_plan = !nulls[DEAL_PLAN];
	deal->plan = values[DEAL_PLAN];
	deal->has_benefit = !nulls[DEAL_BENEFIT];
	deal->benefit = values[DEAL_BENEFIT];
	deal->has_price = !nulls[DEAL_PRICE];
	deal->price = values[DEAL_PRICE];
	deal->everyone_from = nulls[DEAL_EVERYONE_FROM] ? NEVER : DatumGetTimestampTz(values[DEAL_EVERYONE_FROM]);
	deal->cancelled = nulls[DEAL_CANCELLED] ? NEVER : DatumGetTimestampTz(values[DEAL_CANCELLED]);
}

bool
deal_read(const Desk *desk, Datum name, Snapshot snapshot, Deal *deal)
{
	RowScan		scan;
	ScanKeyData key;
	HeapTuple	tuple;

	key_deal(desk, &key, desk->column[DEAL_DEAL], name);
	scan_begin(&scan, desk->deal, desk->deal_key, snapshot, 1, &key);
	tuple = scan_next(&scan);
	if (HeapTupleIsValid(tuple))
	{
		/* NOT NULL may have been taken away */
		tuple = heap_copytuple(tuple);
		for (int i = 0; i <= DEAL_WAITLIST; i++)
		{
			if (i != DEAL_TURN && heap_attisnull(tuple, desk->column[i], RelationGetDescr(scan.rel)))
				desk_damaged(desk);
		}
		deal_from_tuple(desk, tuple, RelationGetDescr(scan.rel), deal);
	}
	scan_end(&scan);
	return HeapTupleIsValid(tuple);
}

/* ---------------- claims ---------------- */

static const char *
outcome_name(Datum outcome)
{
	static const char *const names[] = {"released", "closed", "cancelled"};
	const text *given = DatumGetTextPP(outcome);

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (VARSIZE_ANY_EXHDR(given) == strlen(names[i]) && memcmp(VARDATA_ANY(given), names[i], strlen(names[i])) == 0)
			return names[i];
	}
	return names[0];
}

static void
claim_from_tuple(const Desk *desk, HeapTuple tuple, TupleDesc desc, Claim *claim, bool copied)
{
	Datum		values[CLAIM_COLUMNS];
	bool		nulls[CLAIM_COLUMNS];

	heap_deform_tuple(tuple, desc, values, nulls);
#define VALUE(column) values[(column) - 1]
#define IS_NULL(column) nulls[(column) - 1]
#define INSTANT(column) (IS_NULL(column) ? NEVER : DatumGetTimestampTz(VALUE(column)))
	memset(claim, 0, sizeof(*claim));
	claim->number = DatumGetInt64(VALUE(CLAIM_CLAIM));
	claim->has_ref = !IS_NULL(CLAIM_REF);
	claim->has_order_ref = !IS_NULL(CLAIM_ORDER_REF);
	if (copied)
	{
		claim->customer = datumCopy(VALUE(CLAIM_CUSTOMER), desk->key_by_value, desk->key_length);
		claim->ref = claim->has_ref ? datumCopy(VALUE(CLAIM_REF), false, -1) : 0;
		claim->order_ref = claim->has_order_ref ? datumCopy(VALUE(CLAIM_ORDER_REF), false, -1) : 0;
	}
	claim->slot = IS_NULL(CLAIM_SLOT) ? 0 : DatumGetInt32(VALUE(CLAIM_SLOT));
	claim->unit = IS_NULL(CLAIM_UNIT) ? 0 : DatumGetInt32(VALUE(CLAIM_UNIT));
	claim->at = INSTANT(CLAIM_AT);
	claim->since = INSTANT(CLAIM_SINCE);
	claim->until = INSTANT(CLAIM_UNTIL);
	claim->bought = INSTANT(CLAIM_BOUGHT);
	claim->ended = INSTANT(CLAIM_ENDED);
	claim->outcome = IS_NULL(CLAIM_OUTCOME) ? NULL : outcome_name(VALUE(CLAIM_OUTCOME));
#undef VALUE
#undef IS_NULL
#undef INSTANT
}

void
claims_add(Claim **claims, int *n, int *room, const Claim *claim)
{
	if (*n == *room)
	{
		*room = *room ? *room * 2 : 16;
		*claims = *claims ? repalloc_huge(*claims, *room * sizeof(Claim)) : palloc(*room * sizeof(Claim));
	}
	(*claims)[(*n)++] = *claim;
}

static int
compare_numbers(const void *a, const void *b)
{
	int64		x = ((const Claim *) a)->number;
	int64		y = ((const Claim *) b)->number;

	return x < y ? -1 : x > y;
}

void
claims_sort(Claim *claims, int n)
{
	if (n > 1)
		qsort(claims, n, sizeof(Claim), compare_numbers);
}

/* They as a snapshot sees them; answers the transaction to wait for, if one is changing one. */
static TransactionId
read_member(const Desk *desk, Datum deal, Datum customer, Snapshot snapshot, Claim **claims, int *n, uint64 *print)
{
	RowScan		scan;
	ScanKeyData keys[2];
	HeapTuple	tuple;
	int			room = 0;
	TransactionId busy = InvalidTransactionId;

	*claims = NULL;
	*n = 0;
	*print = 0;
	key_deal(desk, &keys[0], CLAIM_DEAL, deal);
	ScanKeyEntryInitialize(&keys[1], 0, CLAIM_CUSTOMER, BTEqualStrategyNumber, InvalidOid, desk->key_collation,
						   desk->key_equal.fn_oid, customer);
	scan_begin(&scan, desk->claim, desk->claim_member, snapshot, 2, keys);
	while (!TransactionIdIsValid(busy) && HeapTupleIsValid(tuple = scan_next(&scan)))
	{
		Claim		claim;

		if (snapshot->snapshot_type == SNAPSHOT_DIRTY)
			busy = TransactionIdIsValid(snapshot->xmin) ? snapshot->xmin : snapshot->xmax;
		claim_from_tuple(desk, tuple, RelationGetDescr(scan.rel), &claim, true);
		claims_add(claims, n, &room, &claim);
		/* in any order the same */
		*print += hash_combine64(hash_bytes_extended((const unsigned char *) &tuple->t_self, sizeof(ItemPointerData), 0), 1);
	}
	scan_end(&scan);
	return busy;
}

Claim *
claims_of_member(const Desk *desk, Datum deal, Datum customer, bool wait, int *n)
{
	Claim	   *claims = NULL;
	uint64		print = 0;
	TransactionId busy = InvalidTransactionId;

	while (wait)
	{
		SnapshotData dirty;

		InitDirtySnapshot(dirty);
		busy = read_member(desk, deal, customer, &dirty, &claims, n, &print);
		if (!TransactionIdIsValid(busy))
			break;
		XactLockTableWait(busy, NULL, NULL, XLTW_None);
	}
	if (!wait || IsolationUsesXactSnapshot())
	{
		int			nseen;
		uint64		print_seen;
		Claim	   *seen;

		PushActiveSnapshot(GetTransactionSnapshot());
		(void) read_member(desk, deal, customer, GetActiveSnapshot(), &seen, &nseen, &print_seen);
		PopActiveSnapshot();
		if (wait && (nseen != *n || print_seen != print))
			could_not_serialize();
		claims = seen;
		*n = nseen;
	}
	claims_sort(claims, *n);
	return claims;
}

struct ClaimScan
{
	const Desk *desk;
	RowScan		scan;
};

ClaimScan *
claim_scan_begin(const Desk *desk, Datum deal, Snapshot snapshot)
{
	ClaimScan  *scan = palloc(sizeof(ClaimScan));
	ScanKeyData key;

	scan->desk = desk;
	key_deal(desk, &key, CLAIM_DEAL, deal);
	scan_begin(&scan->scan, desk->claim, desk->claim_member, snapshot, 1, &key);
	return scan;
}

bool
claim_scan_next(ClaimScan *scan, Claim *claim, bool copied)
{
	HeapTuple	tuple = scan_next(&scan->scan);

	if (HeapTupleIsValid(tuple))
		claim_from_tuple(scan->desk, tuple, RelationGetDescr(scan->scan.rel), claim, copied);
	return HeapTupleIsValid(tuple);
}

void
claim_scan_end(ClaimScan *scan)
{
	scan_end(&scan->scan);
	pfree(scan);
}

Claim *
claims_waiting(const Desk *desk, Datum deal, Snapshot snapshot, int64 asof, int *n)
{
	RowScan		scan;
	ScanKeyData key;
	HeapTuple	tuple;
	Claim	   *claims = NULL;
	int			room = 0;

	*n = 0;
	key_deal(desk, &key, CLAIM_DEAL, deal);
	scan_begin(&scan, desk->claim, desk->claim_waiting, snapshot, 1, &key);
	while (HeapTupleIsValid(tuple = scan_next(&scan)))
	{
		Claim		claim;

		claim_from_tuple(desk, tuple, RelationGetDescr(scan.rel), &claim, false);
		if (claim.at <= asof)
			claims_add(&claims, n, &room, &claim);
	}
	scan_end(&scan);
	return claims;
}

bool
anybody_waits(const Desk *desk, Datum deal, Snapshot snapshot)
{
	RowScan		scan;
	ScanKeyData key;
	bool		found;

	key_deal(desk, &key, CLAIM_DEAL, deal);
	scan_begin(&scan, desk->claim, desk->claim_waiting, snapshot, 1, &key);
	found = HeapTupleIsValid(scan_next(&scan));
	scan_end(&scan);
	return found;
}

int64
count_waiting_before(const Desk *desk, Datum deal, Snapshot snapshot, int64 number)
{
	RowScan		scan;
	ScanKeyData keys[2];
	int64		n = 0;

	key_deal(desk, &keys[0], CLAIM_DEAL, deal);
	ScanKeyEntryInitialize(&keys[1], 0, CLAIM_CLAIM, BTLessStrategyNumber, InvalidOid, InvalidOid, F_INT8LT, Int64GetDatum(number));
	scan_begin(&scan, desk->claim, desk->claim_waiting, snapshot, 2, keys);
	while (HeapTupleIsValid(scan_next(&scan)))
		n++;
	scan_end(&scan);
	return n;
}

/* ---------------- units ---------------- */

/* Has a transaction other than ours locked the row? */
static bool
is_locked_by_another(HeapTupleHeader header)
{
	TransactionId xmax = HeapTupleHeaderGetRawXmax(header);
	MultiXactMember *members;
	int			n;
	bool		found = false;

	if (!(header->t_infomask & HEAP_XMAX_IS_MULTI))
		return !TransactionIdIsCurrentTransactionId(xmax) && TransactionIdIsInProgress(xmax);
	n = GetMultiXactIdMembers(xmax, &members, false, true);
	for (int i = 0; i < n && !found; i++)
		found = !TransactionIdIsCurrentTransactionId(members[i].xid) && TransactionIdIsInProgress(members[i].xid);
	if (n > 0)
		pfree(members);
	return found;
}

/*
 * Is the row being changed by a transaction that the snapshot does not see?
 * Then what it will be, if that is known.  Whoever changes it at this very
 * moment may be missed; taking it will tell.
 */
static void
look_at_hand(const RowScan *scan, HeapTuple tuple, FreeUnit *unit)
{
	HeapTupleHeader header = tuple->t_data;
	TransactionId xmax;
	TupleTableSlot *slot;
	ItemPointerData next;

	unit->is_in_hand = false;
	unit->hand = 0;
	unit->hand_since = unit->hand_free = NEVER;
	if (header->t_infomask & HEAP_XMAX_INVALID)
		return;
	if (HEAP_XMAX_IS_LOCKED_ONLY(header->t_infomask))
	{
		unit->is_in_hand = is_locked_by_another(header);
		return;
	}
	xmax = HeapTupleHeaderGetUpdateXid(header);
	if (!TransactionIdIsValid(xmax) || TransactionIdIsCurrentTransactionId(xmax) ||
		(!TransactionIdIsInProgress(xmax) && !TransactionIdDidCommit(xmax)))
		return;
	unit->is_in_hand = true;
	slot = table_slot_create(scan->rel, NULL);
	next = header->t_ctid;
	if (!ItemPointerEquals(&next, &tuple->t_self))
	{
		while (table_tuple_fetch_row_version(scan->rel, &next, SnapshotAny, slot))
		{
			bool		isnull;
			bool		should_free;
			HeapTuple	newer = ExecFetchSlotHeapTuple(slot, false, &should_free);

			if (!TransactionIdEquals(HeapTupleHeaderGetXmin(newer->t_data), xmax))
				break;
			unit->hand = DatumGetInt64(get(newer, scan, UNIT_CLAIM, &isnull));
			unit->hand_since = get_instant(newer, RelationGetDescr(scan->rel), UNIT_SINCE, NEVER);
			unit->hand_free = get_instant(newer, RelationGetDescr(scan->rel), UNIT_FREE, NEVER);
			next = newer->t_data->t_ctid;
			if (ItemPointerEquals(&next, &newer->t_self) || (newer->t_data->t_infomask & HEAP_XMAX_INVALID))
				break;
		}
	}
	ExecDropSingleTupleTableSlot(slot);
}

static void
read_unit(const Desk *desk, const RowScan *scan, HeapTuple tuple, FreeUnit *unit)
{
	bool		isnull;

	unit->unit = DatumGetInt32(get(tuple, scan, UNIT_UNIT, &isnull));
	unit->free = unit->now_free = get_instant(tuple, RelationGetDescr(scan->rel), UNIT_FREE, NEVER);
	look_at_hand(scan, tuple, unit);
}

static LowMark *
low_mark(Desk *desk, Datum deal)
{
	text	   *name = DatumGetTextPP(deal);
	int			len = (int) VARSIZE_ANY_EXHDR(name);
	uint32		hash = hash_bytes((const unsigned char *) VARDATA_ANY(name), len);
	LowMark    *mark = &desk->low[hash % LOW_MARKS];

	if (mark->deal == NULL || mark->hash != hash || mark->epoch != desk_epoch || strlen(mark->deal) != (size_t) len ||
		memcmp(mark->deal, VARDATA_ANY(name), len) != 0)
	{
		char	   *copy = MemoryContextAlloc(desk->context, len + 1);

		memcpy(copy, VARDATA_ANY(name), len);
		copy[len] = '\0';
		if (mark->deal)
			pfree(mark->deal);
		*mark = (LowMark) {desk_epoch, hash, 1, copy};
	}
	return mark;
}

/* Those that nobody ever held, from that number on. */
static void
scan_untouched(RowScan *scan, const Desk *desk, Datum deal, Snapshot snapshot, int32 from)
{
	ScanKeyData keys[3];

	key_deal(desk, &keys[0], UNIT_DEAL, deal);
	ScanKeyEntryInitialize(&keys[1], 0, UNIT_FREE, BTEqualStrategyNumber, InvalidOid, InvalidOid, F_TIMESTAMPTZ_EQ,
						   TimestampTzGetDatum(EVER));
	ScanKeyEntryInitialize(&keys[2], 0, UNIT_UNIT, BTGreaterEqualStrategyNumber, InvalidOid, InvalidOid, F_INT4GE, Int32GetDatum(from));
	scan_begin(scan, desk->unit, desk->unit_free, snapshot, 3, keys);
}

/* The others, those free up to an instant or those not yet free then. */
static void
scan_touched(RowScan *scan, const Desk *desk, Datum deal, Snapshot snapshot, int64 asof, bool is_free)
{
	ScanKeyData keys[3];

	key_deal(desk, &keys[0], UNIT_DEAL, deal);
	ScanKeyEntryInitialize(&keys[1], 0, UNIT_FREE, BTGreaterStrategyNumber, InvalidOid, InvalidOid, F_TIMESTAMPTZ_GT,
						   TimestampTzGetDatum(is_free ? EVER : asof));
	ScanKeyEntryInitialize(&keys[2], 0, UNIT_FREE, BTLessEqualStrategyNumber, InvalidOid, InvalidOid, F_TIMESTAMPTZ_LE,
						   TimestampTzGetDatum(asof));
	scan_begin(scan, desk->unit, desk->unit_free, snapshot, is_free ? 3 : 2, keys);
}

static void
add_units(const Desk *desk, RowScan *scan, int limit, FreeUnit **units, int *n, int *room)
{
	HeapTuple	tuple;
	int			loose = 0;

	while (loose < limit && HeapTupleIsValid(tuple = scan_next(scan)))
	{
		FreeUnit	unit;

		read_unit(desk, scan, tuple, &unit);
		loose += !unit.is_in_hand;
		if (*n == *room)
		{
			*room = *room ? *room * 2 : 16;
			*units = *units ? repalloc_huge(*units, *room * sizeof(FreeUnit)) : palloc(*room * sizeof(FreeUnit));
		}
		(*units)[(*n)++] = unit;
	}
}

FreeUnit *
units_free(Desk *desk, Datum deal, Snapshot snapshot, int64 asof, int limit, int *n)
{
	LowMark    *mark = low_mark(desk, deal);
	FreeUnit   *units = NULL;
	RowScan		scan;
	int			room = 0;

	*n = 0;
	if (mark->unit < PG_INT32_MAX)
	{
		scan_untouched(&scan, desk, deal, snapshot, mark->unit);
		add_units(desk, &scan, limit, &units, n, &room);
		scan_end(&scan);
	}
	scan_touched(&scan, desk, deal, snapshot, asof, true);
	add_units(desk, &scan, limit, &units, n, &room);
	scan_end(&scan);
	return units;
}

/* Offer what a scan finds; `first` gets the number of the first. */
static bool
try_scan(RowScan *scan, take_unit_fn take, void *context, int32 *first)
{
	HeapTuple	tuple;
	bool		taken = false;

	*first = PG_INT32_MAX;
	while (!taken && HeapTupleIsValid(tuple = scan_next(scan)))
	{
		bool		isnull;
		int32		unit = DatumGetInt32(get(tuple, scan, UNIT_UNIT, &isnull));

		if (*first == PG_INT32_MAX)
			*first = unit;
		taken = take(context, unit, get_instant(tuple, RelationGetDescr(scan->rel), UNIT_FREE, NEVER));
	}
	scan_end(scan);
	return taken;
}

bool
units_try(Desk *desk, const Deal *deal, Snapshot snapshot, int64 asof, take_unit_fn take, void *context)
{
	LowMark    *mark = low_mark(desk, deal->name);
	RowScan		scan;
	int32		first;

	/* not all at the same one, and not past all that are taken */
	if (mark->unit < deal->units)
	{
		int32		from = (int32) pg_prng_uint64_range(&pg_global_prng_state, mark->unit, deal->units);

		scan_untouched(&scan, desk, deal->name, snapshot, from);
		if (try_scan(&scan, take, context, &first))
			return true;
	}
	if (mark->unit < PG_INT32_MAX)
	{
		bool		taken;

		scan_untouched(&scan, desk, deal->name, snapshot, mark->unit);
		taken = try_scan(&scan, take, context, &first);
		/* an older snapshot may see a deal of this name that is gone */
		mark = low_mark(desk, deal->name);
		if (!IsolationUsesXactSnapshot())
			mark->unit = first;
		if (taken)
			return true;
	}
	scan_touched(&scan, desk, deal->name, snapshot, asof, true);
	return try_scan(&scan, take, context, &first);
}

int64
first_end(const Desk *desk, Datum deal, Snapshot snapshot, int64 asof)
{
	RowScan		scan;
	HeapTuple	tuple;
	int64		end = NEVER;

	scan_touched(&scan, desk, deal, snapshot, asof, false);
	tuple = scan_next(&scan);
	if (HeapTupleIsValid(tuple))
		end = get_instant(tuple, RelationGetDescr(scan.rel), UNIT_FREE, NEVER);
	scan_end(&scan);
	return end;
}
