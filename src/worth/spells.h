/*
 * spells.h
 *		What sBG sees of a history: the unbroken times with a contract.
 *
 * A contract is a subscription of an amount above 0 whose term is the model's
 * unit; what is in force when is ruled as for all subscriptions.
 */
#ifndef LOYALTY_SPELLS_H
#define LOYALTY_SPELLS_H

#include "subscription/term.h"

typedef struct Spell
{
	int64		start;
	int64		end;			/* INSTANT_NEVER: it goes on at the instant asked about */
	int128		first_amount;	/* in force at its start */
	int128		last_amount;	/* in force last */
} Spell;

/* All that had begun by an instant, one after the other; nothing that comes later is known. */
extern int	spells_look(Datum history, const Span *unit, int64 asof, Spell **spells);

/* Its renewals: renewal k is due where term k of the spell begins. */
static inline void
spell_terms(Terms *terms, const Spell *spell, const Zone *zone, const Span *unit)
{
	terms_init(terms, zone, unit, spell->start);
}

/* At which one an ended spell was lost: the first that is due at its end or later. */
extern int64 spell_lost_at(const Spell *spell, const Zone *zone, const Span *unit);

/* How many were made by an instant. */
extern int64 spell_renewals(const Spell *spell, const Zone *zone, const Span *unit, int64 asof);

#endif							/* LOYALTY_SPELLS_H */
