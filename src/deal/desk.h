/*
 * desk.h
 *		A desk of deals: a view and the tables under it.
 *
 * The tables are ordinary ones of the shop's.  The view names them by identity
 * in a call of loyalty.desk() that is always true; the trigger on the table of
 * deals names the view in the same way.  One file per matter:
 *
 *		desk.c		a desk by identity, kept for the session
 *		rows.c		its rows, read without a query
 *		turns.c		whose turn it is: what follows from the rows, by the clock alone
 *		hold.c		units and claims written
 *		call.c		what the calls have in common: rights, a member's claims, who may
 *		claim.c		claim(), confirm(), release()
 *		report.c	claims(), and what the view counts
 *		trigger.c	deals that come, change and go
 *
 * What is stored are the acts: claimed, confirmed, released.  A hold that has
 * ended and a turn that has come are worked out of them by whoever looks, and
 * are written down only together with an act on the same unit.  So looking
 * takes no locks, and all see the same.
 */
#ifndef LOYALTY_DESK_H
#define LOYALTY_DESK_H

#include "postgres.h"

#include "live/live.h"
#include "live/statement.h"

#include "fmgr.h"

/* columns of the table of deals, which may have others of the shop's */
typedef enum DealColumn
{
	DEAL_DEAL, DEAL_OPENS, DEAL_CLOSES, DEAL_UNITS, DEAL_EACH, DEAL_HOLD, DEAL_TURN, DEAL_WAITLIST, DEAL_TIERS,
	DEAL_PLAN, DEAL_BENEFIT, DEAL_EVERYONE_FROM, DEAL_PRICE, DEAL_LIST_PRICE, DEAL_CANCELLED, DEAL_COLUMNS
} DealColumn;

/* attribute numbers of the two others */
enum
{
	UNIT_DEAL = 1, UNIT_UNIT, UNIT_CLAIM, UNIT_SINCE, UNIT_FREE, UNIT_COLUMNS = UNIT_FREE
};
enum
{
	CLAIM_CLAIM = 1, CLAIM_DEAL, CLAIM_CUSTOMER, CLAIM_REF, CLAIM_SLOT, CLAIM_AT, CLAIM_UNIT, CLAIM_SINCE, CLAIM_UNTIL,
	CLAIM_BOUGHT, CLAIM_ORDER_REF, CLAIM_ENDED, CLAIM_OUTCOME, CLAIM_COLUMNS = CLAIM_OUTCOME
};

/* Where the first unit is that nobody ever held, as far as is known: see rows.c. */
typedef struct LowMark
{
	uint64		epoch;
	uint32		hash;
	int32		unit;
	char	   *deal;
} LowMark;
#define LOW_MARKS 64

typedef struct Desk
{
	Oid			id;				/* of the view, or of the table of deals if only the tables are known */
	bool		stale;
	struct Desk *next;			/* of those replaced while they were in use */
	MemoryContext context;
	Oid			view;
	Oid			deal;
	Oid			unit;
	Oid			claim;
	Oid			live;			/* who is a member; may be none */
	Oid			live_program;
	Oid			owner;			/* of all of them */
	const char *name;

	Oid			deal_key;		/* indexes: deal */
	Oid			unit_free;		/* deal, free, unit */
	Oid			claim_member;	/* deal, customer, slot */
	Oid			claim_waiting;	/* deal, claim of those that wait */
	AttrNumber	column[DEAL_COLUMNS];
	Oid			text_collation;

	Oid			key_type;		/* of the customer */
	int16		key_length;
	bool		key_by_value;
	bool		key_is_plain;	/* of the server's own, and compared by its functions */
	Oid			key_collation;
	FmgrInfo	key_equal;

	/* statements: see hold.c and call.c */
	Statement	lock_unit;
	Statement	wait_unit;
	Statement	put_unit;
	Statement	put_claim;
	Statement	lock_claims;
	Statement	try_claims;
	Statement	put_turn;
	Statement	drop_slot;
	Statement	buy;
	Statement	end;
	Statement	leave;
	Statement	is_member;
	Statement	is_entitled;
	Statement	visible;

	LowMark		low[LOW_MARKS];
} Desk;

/* The desk that a view is (42809 if it is none), ready; stays as it is until the transaction's next call. */
extern Desk *desk_find(Oid view);

/* The same by its tables, for the view itself. */
extern Desk *desk_of_tables(Oid deal, Oid unit, Oid claim);

/* Its tables are not as open_deals() makes them (55000). */
loyalty_compat_noreturn extern void desk_damaged(const Desk *desk);

/* Counts transactions and savepoints that were rolled back: what was seen of their rows is not so. */
extern uint64 desk_epoch;

#endif							/* LOYALTY_DESK_H */
