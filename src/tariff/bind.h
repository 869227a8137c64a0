/*
 * bind.h
 *		A tariff with what is worked out from it once a session: its zone, and
 *		the instants at which its entries come into force and go out of it.
 */
#ifndef LOYALTY_TARIFF_BIND_H
#define LOYALTY_TARIFF_BIND_H

#include "tariff/tariff.h"

/* Half-open; the ends of int64 for always and for ever. */
typedef struct EntryBound
{
	int64		from;
	int64		until;
} EntryBound;

typedef struct BoundTariff
{
	const Tariff *tariff;
	const Zone *zone;
	EntryBound *bounds;			/* by InForce.id */
} BoundTariff;

/* `bounds` has room for tariff->entries of them. */
extern void tariff_bind(BoundTariff *bound, const Tariff *tariff, const Zone *zone, EntryBound *bounds);

static inline bool
entry_in_force(const BoundTariff *bound, const InForce *in_force, int64 at)
{
	const EntryBound *b = &bound->bounds[in_force->id];

	return b->from <= at && at < b->until;
}

#endif							/* LOYALTY_TARIFF_BIND_H */
