/*
 * rows.h
 *		A desk's rows, read without a query.
 */
#ifndef LOYALTY_DEAL_ROWS_H
#define LOYALTY_DEAL_ROWS_H

#include "deal/desk.h"

#include "utils/snapshot.h"
#include "utils/timestamp.h"

/* An instant that has not come and is not foreseen. */
#define NEVER		((int64) DT_NOEND)

/* Free since ever: the units that a deal begins with, until somebody holds them. */
#define EVER		((int64) DT_NOBEGIN)

typedef struct Deal
{
	Datum		name;			/* text */
	int64		opens;
	int64		closes;
	int32		units;
	int32		each;
	int64		hold;
	int64		turn;
	bool		waitlist;
	bool		has_tiers;
	bool		has_plan;
	bool		has_benefit;
	bool		has_price;
	Datum		tiers;
	Datum		plan;
	Datum		benefit;
	Datum		price;
	int64		everyone_from;
	int64		cancelled;
} Deal;

/* What is foreseen or has come of a claim; NEVER where nothing is. */
typedef struct Claim
{
	int64		number;
	Datum		customer;
	Datum		ref;
	Datum		order_ref;
	bool		has_ref;
	bool		has_order_ref;
	bool		is_turn;		/* unit, since, until are worked out, not stored */
	int32		slot;			/* 0: none */
	int32		unit;			/* 0: it waits, or waited in vain */
	int64		at;
	int64		since;
	int64		until;
	int64		bought;
	int64		ended;			/* released, or shut out when the deal was changed */
	const char *outcome;		/* by which it ended */
} Claim;

/* Is it stored as waiting?  Its turn may have come. */
static inline bool
claim_waits(const Claim *claim)
{
	return claim->unit == 0 && claim->ended == NEVER;
}

/* A unit that is free, or that somebody has in hand: in a transaction that is not committed. */
typedef struct FreeUnit
{
	int32		unit;
	int64		free;			/* since then, as stored */
	int64		now_free;		/* since then, after the turns that are due */
	bool		is_in_hand;
	bool		is_taken;		/* in hand, and not free any more from hand_since on */
	int64		hand;			/* number of the claim that it is for; 0 if not known */
	int64		hand_since;
	int64		hand_free;
} FreeUnit;

/* never beyond what an instant may be */
static inline int64
instant_after(int64 from, int64 span)
{
	return span > END_TIMESTAMP - 1 - from ? END_TIMESTAMP - 1 : from + span;
}

/* The deal of that name as a snapshot sees it. */
extern bool deal_read(const Desk *desk, Datum name, Snapshot snapshot, Deal *deal);

/* The same of a row in hand. */
extern void deal_from_tuple(const Desk *desk, HeapTuple tuple, TupleDesc desc, Deal *deal);

/*
 * A member's claims on a deal, in the order of their numbers, as they are now;
 * with `wait` transactions that are changing one are waited for.  40001 if the
 * transaction's snapshot is too old to see them so.
 */
extern Claim *claims_of_member(const Desk *desk, Datum deal, Datum customer, bool wait, int *n);

/* Gather claims, n of them in room for so many; and sort them by their numbers. */
extern void claims_add(Claim **claims, int *n, int *room, const Claim *claim);
extern void claims_sort(Claim *claims, int n);

/* All claims of a deal, one by one, in no order. */
typedef struct ClaimScan ClaimScan;
extern ClaimScan *claim_scan_begin(const Desk *desk, Datum deal, Snapshot snapshot);
extern bool claim_scan_next(ClaimScan *scan, Claim *claim, bool copied);
extern void claim_scan_end(ClaimScan *scan);

/* Those stored as waiting, in the order of their numbers, of at most that instant. */
extern Claim *claims_waiting(const Desk *desk, Datum deal, Snapshot snapshot, int64 asof, int *n);
extern bool anybody_waits(const Desk *desk, Datum deal, Snapshot snapshot);

/* How many of these have lower numbers. */
extern int64 count_waiting_before(const Desk *desk, Datum deal, Snapshot snapshot, int64 number);

/* Units free at an instant, the one free longest first, up to so many that are not in hand. */
extern FreeUnit *units_free(Desk *desk, Datum deal, Snapshot snapshot, int64 asof, int limit, int *n);

/*
 * Try those units one by one, beginning anywhere among those that nobody ever
 * held, until one is taken.
 */
typedef bool (*take_unit_fn) (void *context, int32 unit, int64 free);
extern bool units_try(Desk *desk, const Deal *deal, Snapshot snapshot, int64 asof, take_unit_fn take, void *context);

/* The first end of a hold after that instant; NEVER if nothing is held. */
extern int64 first_end(const Desk *desk, Datum deal, Snapshot snapshot, int64 asof);

#endif							/* LOYALTY_DEAL_ROWS_H */
