/*
 * losers.h
 *		Who may have lost by a statement, and whether their redemptions are
 *		still covered.
 */
#ifndef LOYALTY_LOSERS_H
#define LOYALTY_LOSERS_H

#include "live/feed.h"

/* What one customer may have lost by the statement. */
typedef struct Loser
{
	Gain		change;
	Effect		effect;			/* at REPEATABLE READ also those who but gained, see gone_sql */
} Loser;

typedef struct Losers
{
	MemoryContext context;
	Loser	   *items;
	int			n;
	int			room;
} Losers;

extern Loser *losers_add(Losers *losers);

/* Remember who may have lost, from rows (customer, added, removed, lowers). */
extern void losers_gather(Losers *losers, const Feed *feed);

/*
 * Bring what the statement appended into their base rows; a redemption that is
 * overdrawn by it is refused (LY001).
 */
extern void losers_settle(const Losers *losers, Feed *feed);

/* customers' keys as an array of SQL */
extern Datum keys_array(const Feed *feed, Datum *keys, int n);

#endif							/* LOYALTY_LOSERS_H */
