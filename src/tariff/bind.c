/*
 * bind.c
 *		A tariff by its clock: see bind.h.
 */
#include "postgres.h"

#include "tariff/bind.h"

static int64
instant_of(const Zone *zone, int64 local)
{
	int			hint = 0;

	if (local == PG_INT64_MIN || local == PG_INT64_MAX)
		return local;
	return zone_from_local(zone, local, &hint);
}

static void
bind_entry(BoundTariff *bound, const InForce *in_force)
{
	bound->bounds[in_force->id] = (EntryBound) {
		instant_of(bound->zone, in_force->from), instant_of(bound->zone, in_force->until)
	};
}

static void
bind_meters(BoundTariff *bound, BlockList list)
{
	for (uint32 i = 0; i < list.n; i++)
		bind_entry(bound, &TARIFF_METERS(bound->tariff, list)[i].in_force);
}

void
tariff_bind(BoundTariff *bound, const Tariff *tariff, const Zone *zone, EntryBound *bounds)
{
	bound->tariff = tariff;
	bound->zone = zone;
	bound->bounds = bounds;
	for (uint32 i = 0; i < tariff->plans.n; i++)
	{
		bind_entry(bound, &TARIFF_PLANS(tariff)[i].in_force);
		bind_meters(bound, TARIFF_PLANS(tariff)[i].meters);
	}
	bind_meters(bound, tariff->meters);
}
