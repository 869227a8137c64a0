/*
 * spells.h
 *		What sBG sees of a history: the unbroken times with a contract.
 *
 * A contract is a subscription of an amount above 0 whose term is the model's
 * unit; what is in force when is ruled as for all subscriptions.
 */
#ifndef LOYALTY_SPELLS_H
#define LOYALTY_SPELLS_H

#include "base/calendar.h"

typedef struct Spell
{
	int64		start;
	int64		end;			/* INSTANT_NEVER: it goes on at the instant asked about */
	int128		first_amount;	/* in force at its start */
	int128		last_amount;	/* in force last */
} Spell;

/* All that had begun by an instant, one after the other; nothing that comes later is known. */
extern int	spells_look(Datum history, const Span *unit, int64 asof, Spell **spells);

/* Renewals: they are due at start + k unit, k >= 1, by the zone's clock. */
typedef struct Dues
{
	const Zone *zone;
	Span		unit;
	int64		start;			/* local */
	int			hint;
} Dues;

extern void dues_begin(Dues *dues, const Zone *zone, const Span *unit, int64 start);

/* When it is due; INSTANT_NEVER beyond the calendar. */
extern int64 dues_at(Dues *dues, int k);

/* How many are due before an instant, or up to and including it. */
extern int	dues_before(Dues *dues, int64 at);

static inline int
dues_until(Dues *dues, int64 at)
{
	return dues_before(dues, at + 1);
}

#endif							/* LOYALTY_SPELLS_H */
