/*
 * desk.c
 *		Desks by identity, kept for the session and made anew whenever one of
 *		their relations has changed.
 */
#include "postgres.h"

#include "deal/desk.h"
#include "live/branch.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/nbtree.h"
#include "access/relation.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "rewrite/rewriteHandler.h"
#include "storage/lmgr.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

uint64		desk_epoch = 0;

typedef struct DeskEntry
{
	Oid			id;
	Desk	   *desk;
} DeskEntry;

static HTAB *desks = NULL;
static Desk *retired = NULL;		/* while their transaction may still be using them */
static bool some_are_stale = false;
static bool in_use = false;		/* some of them, by this transaction */

/* relcache callback */
static void
forget_relation(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS scan;
	DeskEntry  *entry;

	hash_seq_init(&scan, desks);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		Desk	   *desk = entry->desk;

		if (!OidIsValid(relid) || relid == desk->view || relid == desk->deal || relid == desk->unit ||
			relid == desk->claim || (OidIsValid(desk->live) && (relid == desk->live || relid == desk->live_program)))
			desk->stale = some_are_stale = true;
	}
}

/* What this transaction has seen of its own rows is not so after a rollback, and not yet so after PREPARE. */
static void
at_end_of_transaction(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_ABORT && event != XACT_EVENT_COMMIT && event != XACT_EVENT_PREPARE)
		return;
	if (event != XACT_EVENT_COMMIT)
		desk_epoch++;
	in_use = false;
}

static void
at_end_of_savepoint(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		desk_epoch++;
}

void
desk_damaged(const Desk *desk)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the tables of deals \"%s\" are not as loyalty.open_deals() makes them", desk->name),
			 errhint("Make other ones, and copy the deals.")));
}

static Oid
owner_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

static void
must_be_owned_by(const Desk *desk, Oid relid)
{
	if (owner_of(relid) != desk->owner)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" and deals \"%s\" have different owners", get_rel_name(relid), desk->name)));
}

/* The index of a table on those columns, in that order. */
static Oid
index_on(const Desk *desk, Relation rel, int n, const AttrNumber *columns, bool is_partial)
{
	ListCell   *lc;
	Oid			found = InvalidOid;

	foreach(lc, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);
		bool		fits = index->rd_index->indisvalid && index->rd_rel->relam == BTREE_AM_OID &&
			index->rd_index->indnkeyatts == n && is_partial == (RelationGetIndexPredicate(index) != NIL);

		for (int i = 0; i < n && fits; i++)
			fits = index->rd_index->indkey.values[i] == columns[i] && index->rd_indoption[i] == 0;
		index_close(index, NoLock);
		if (fits)
			found = lfirst_oid(lc);
	}
	if (!OidIsValid(found))
		desk_damaged(desk);
	return found;
}

static void
must_be_column(const Desk *desk, Oid relid, AttrNumber column, const char *name, Oid type)
{
	if (get_attnum(relid, name) != column || column == InvalidAttrNumber || get_atttype(relid, column) != type)
		desk_damaged(desk);
}

/* Values are taken as what these columns are. */
static void
check_columns(Desk *desk)
{
	static const struct
	{
		const char *name;
		Oid			type;
	}			deal[DEAL_COLUMNS] = {
		{"deal", TEXTOID}, {"opens", TIMESTAMPTZOID}, {"closes", TIMESTAMPTZOID}, {"units", INT4OID}, {"each", INT4OID},
		{"hold", INTERVALOID}, {"turn", INTERVALOID}, {"waitlist", BOOLOID}, {"tiers", TEXTARRAYOID}, {"plan", TEXTOID},
		{"benefit", TEXTOID}, {"everyone_from", TIMESTAMPTZOID}, {"price", NUMERICOID}, {"list_price", NUMERICOID},
		{"cancelled", TIMESTAMPTZOID},
	},			unit[UNIT_COLUMNS] = {
		{"deal", TEXTOID}, {"unit", INT4OID}, {"claim", INT8OID}, {"since", TIMESTAMPTZOID}, {"free", TIMESTAMPTZOID},
	},			claim[CLAIM_COLUMNS] = {
		{"claim", INT8OID}, {"deal", TEXTOID}, {"customer", InvalidOid}, {"ref", TEXTOID}, {"slot", INT4OID},
		{"at", TIMESTAMPTZOID}, {"unit", INT4OID}, {"since", TIMESTAMPTZOID}, {"until", TIMESTAMPTZOID},
		{"bought", TIMESTAMPTZOID}, {"order_ref", TEXTOID}, {"ended", TIMESTAMPTZOID}, {"outcome", TEXTOID},
	};

	for (int i = 0; i < DEAL_COLUMNS; i++)
	{
		desk->column[i] = get_attnum(desk->deal, deal[i].name);
		must_be_column(desk, desk->deal, desk->column[i], deal[i].name, deal[i].type);
	}
	for (int i = 0; i < UNIT_COLUMNS; i++)
		must_be_column(desk, desk->unit, (AttrNumber) (i + 1), unit[i].name, unit[i].type);
	for (int i = 0; i < CLAIM_COLUMNS; i++)
		must_be_column(desk, desk->claim, (AttrNumber) (i + 1), claim[i].name,
					   i == CLAIM_CUSTOMER - 1 ? desk->key_type : claim[i].type);
}

static void
find_indexes(Desk *desk)
{
	Relation	deal = table_open(desk->deal, AccessShareLock);
	Relation	unit = table_open(desk->unit, AccessShareLock);
	Relation	claim = table_open(desk->claim, AccessShareLock);
	Relation	member;
	Oid			type;
	Oid			compare;

	desk->deal_key = index_on(desk, deal, 1, &desk->column[DEAL_DEAL], false);
	desk->unit_free = index_on(desk, unit, 3, (AttrNumber[]) {UNIT_DEAL, UNIT_FREE, UNIT_UNIT}, false);
	desk->claim_member = index_on(desk, claim, 3, (AttrNumber[]) {CLAIM_DEAL, CLAIM_CUSTOMER, CLAIM_SLOT}, false);
	desk->claim_waiting = index_on(desk, claim, 2, (AttrNumber[]) {CLAIM_DEAL, CLAIM_CLAIM}, true);
	member = index_open(desk->claim_member, AccessShareLock);
	desk->text_collation = member->rd_indcollation[0];
	desk->key_collation = member->rd_indcollation[1];
	type = member->rd_opcintype[1];
	fmgr_info_cxt(get_opcode(get_opfamily_member(member->rd_opfamily[1], type, type, BTEqualStrategyNumber)),
				  &desk->key_equal, desk->context);
	compare = index_getprocid(member, 2, BTORDER_PROC);
	desk->key_is_plain = desk->key_type < FirstNormalObjectId && desk->key_equal.fn_oid < FirstNormalObjectId && compare < FirstNormalObjectId;
	index_close(member, NoLock);
	table_close(claim, NoLock);
	table_close(unit, NoLock);
	table_close(deal, NoLock);
}

/* Their text; names are those of today. */
static void
write_statements(Desk *desk)
{
	const char *unit = table_name(desk->unit);
	const char *claim = table_name(desk->claim);

	desk->lock_unit.sql = psprintf("SELECT u.unit FROM %s u WHERE u.deal = $1 AND u.unit = $2 AND u.free = $3 FOR UPDATE SKIP LOCKED", unit);
	desk->wait_unit.sql = psprintf("SELECT u.claim, u.free FROM %s u WHERE u.deal = $1 AND u.unit = $2 FOR UPDATE", unit);
	desk->put_unit.sql = psprintf("UPDATE %s u SET claim = $3, since = $4, free = $5 WHERE u.deal = $1 AND u.unit = $2", unit);
	desk->put_claim.sql = psprintf("INSERT INTO %s (deal, customer, ref, slot, at, unit, since, until)"
								   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING claim", claim);
	desk->lock_claims.sql = psprintf("SELECT c.claim FROM %s c WHERE c.claim = ANY ($1) AND c.unit IS NULL AND c.ended IS NULL"
									 " ORDER BY c.claim FOR UPDATE", claim);
	desk->try_claims.sql = psprintf("%s SKIP LOCKED", desk->lock_claims.sql);
	desk->put_turn.sql = psprintf("UPDATE %s c SET unit = $2, since = $3, until = $4, slot = CASE WHEN $5 THEN c.slot END WHERE c.claim = $1", claim);
	desk->drop_slot.sql = psprintf("UPDATE %s c SET slot = NULL WHERE c.claim = $1", claim);
	desk->buy.sql = psprintf("UPDATE %s c SET bought = $2, order_ref = $3 WHERE c.claim = $1", claim);
	desk->end.sql = psprintf("UPDATE %s c SET ended = $2, outcome = $3, slot = NULL WHERE c.claim = $1", claim);
	desk->leave.sql = psprintf("UPDATE %s c SET ended = $2, outcome = $3, slot = NULL"
							   " WHERE c.claim = $1 AND c.unit IS NULL AND c.ended IS NULL", claim);
	desk->visible.sql = psprintf("SELECT c.claim FROM %s c WHERE c.deal = $1 ORDER BY c.claim", claim);
	if (OidIsValid(desk->live))
	{
		const char *live = table_name(desk->live);
		const char *program = table_name(desk->live_program);
		const char *equal = equality_of(desk->key_type);

		desk->is_member.sql =
			psprintf("SELECT coalesce(CASE WHEN $2 IS NOT NULL THEN loyalty.tier(k.history, p.program, $4) = ANY ($2) END, false)"
					 " OR coalesce(CASE WHEN $3 IS NOT NULL THEN (loyalty.membership(k.history, $3, $4,"
					 " coalesce(CAST(p.program AS pg_catalog.jsonb) ->> 'timezone', 'UTC'))).member END, false)"
					 " FROM %s k LEFT JOIN %s p ON true WHERE k.customer %s $1", live, program, equal);
		desk->is_entitled.sql =
			psprintf("SELECT coalesce(loyalty.entitled(k.history, p.program, $2, $3), false)"
					 " FROM %s k, %s p WHERE k.customer %s $1", live, program, equal);
	}
}

static void
free_desk(Desk *desk)
{
	Statement  *statements[] = {&desk->lock_unit, &desk->wait_unit, &desk->put_unit, &desk->put_claim, &desk->lock_claims,
		&desk->try_claims, &desk->put_turn, &desk->drop_slot, &desk->buy, &desk->end, &desk->leave, &desk->is_member,
	&desk->is_entitled, &desk->visible};

	for (int i = 0; i < (int) lengthof(statements); i++)
		statement_free(statements[i]);
	MemoryContextDelete(desk->context);
}

/* Free what is stale, of dropped desks too, at a transaction's first call. */
static void
free_stale(void)
{
	HASH_SEQ_STATUS scan;
	DeskEntry  *entry;

	if (!some_are_stale || in_use)
		return;
	some_are_stale = false;
	while (retired)
	{
		Desk	   *desk = retired;

		retired = desk->next;
		free_desk(desk);
	}
	hash_seq_init(&scan, desks);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->desk->stale)
		{
			free_desk(entry->desk);
			hash_search(desks, &entry->id, HASH_REMOVE, NULL);
		}
	}
}

/* Make a desk ready of the relations that it is made of; `view` and `live` may be none. */
static Desk *
make_desk(Oid id, Oid view, const Oid *tables, Oid live)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "loyalty deals", ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Desk	   *desk = palloc0(sizeof(Desk));
	AttrNumber	key;

	desk->id = id;
	desk->context = context;
	desk->view = view;
	desk->deal = tables[0];
	desk->unit = tables[1];
	desk->claim = tables[2];
	desk->name = get_rel_name(id);
	if (desk->name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", id)));
	desk->owner = owner_of(id);
	for (int i = 0; i < 3; i++)
	{
		must_be_owned_by(desk, tables[i]);
		if (get_rel_relkind(tables[i]) != RELKIND_RELATION)
			desk_damaged(desk);
	}
	key = get_attnum(desk->claim, "customer");
	if (key == InvalidAttrNumber)
		desk_damaged(desk);
	desk->key_type = get_atttype(desk->claim, key);
	get_typlenbyval(desk->key_type, &desk->key_length, &desk->key_by_value);
	if (OidIsValid(live))
	{
		Live		history;

		live_open(live, &history);
		must_be_owned_by(desk, live);
		if (history.type != desk->key_type)
			desk_damaged(desk);
		desk->live = live;
		desk->live_program = history.program;
	}
	check_columns(desk);
	find_indexes(desk);
	write_statements(desk);
	MemoryContextSwitchTo(caller);
	return desk;
}

static Desk *
keep_desk(Desk *desk)
{
	bool		found;
	DeskEntry  *entry = hash_search(desks, &desk->id, HASH_ENTER, &found);

	if (found)
	{
		entry->desk->next = retired;
		retired = entry->desk;
		some_are_stale = true;
	}
	MemoryContextSetParent(desk->context, CacheMemoryContext);
	entry->desk = desk;
	return desk;
}

/* The one that is kept, with its relations locked; NULL if it is to be made. */
static Desk *
kept_desk(Oid id)
{
	DeskEntry  *entry;
	Desk	   *desk;

	if (desks == NULL)
	{
		HASHCTL		control = {.keysize = sizeof(Oid), .entrysize = sizeof(DeskEntry), .hcxt = CacheMemoryContext};

		desks = hash_create("loyalty deals", 16, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
		CacheRegisterRelcacheCallback(forget_relation, (Datum) 0);
		RegisterXactCallback(at_end_of_transaction, NULL);
		RegisterSubXactCallback(at_end_of_savepoint, NULL);
	}
	free_stale();
	in_use = true;
	/* whoever changes one of them is waited for, and then noticed; a deal made anew is noticed in the same way */
	LockRelationOid(id, AccessShareLock);
	AcceptInvalidationMessages();
	entry = hash_search(desks, &id, HASH_FIND, NULL);
	desk = entry ? entry->desk : NULL;
	if (desk == NULL || desk->stale)
		return NULL;
	LockRelationOid(desk->deal, AccessShareLock);
	LockRelationOid(desk->unit, AccessShareLock);
	LockRelationOid(desk->claim, AccessShareLock);
	return desk->stale ? NULL : desk;
}

Desk *
desk_find(Oid view)
{
	Desk	   *desk = kept_desk(view);
	Oid			relids[4] = {0};
	Relation	rel;
	bool		found = false;

	if (desk)
		return desk;
	rel = relation_open(view, AccessShareLock);
	if (rel->rd_rel->relkind == RELKIND_VIEW)
	{
		Node	   *condition = (Node *) get_view_query(rel)->jointree;

		found = marked(condition, "desk", 4, relids) || marked(condition, "desk", 3, relids);
	}
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a view of deals", RelationGetRelationName(rel)),
				 errhint("Such views are made by loyalty.open_deals().")));
	relation_close(rel, NoLock);
	return keep_desk(make_desk(view, view, relids, relids[3]));
}

Desk *
desk_of_tables(Oid deal, Oid unit, Oid claim)
{
	Desk	   *desk = kept_desk(deal);

	if (desk && desk->unit == unit && desk->claim == claim)
		return desk;
	return keep_desk(make_desk(deal, InvalidOid, (Oid[]) {deal, unit, claim}, InvalidOid));
}
