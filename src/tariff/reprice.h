/*
 * reprice.h
 *		Subscriptions at the prices of a tariff.
 */
#ifndef LOYALTY_REPRICE_H
#define LOYALTY_REPRICE_H

#include "subscription/segment.h"
#include "tariff/bind.h"

/* The terms of a segment: from its anchor, or those of the calendar where the tariff says so. */
extern void segment_terms(const BoundTariff *bound, const Segment *segment, Terms *terms);

/* The entry for a plan and term that is in force at an instant, or NULL. */
extern const PlanEntry *plan_entry_at(const BoundTariff *bound, const Text *plan, const Span *every, int64 at);

/*
 * The segments as the tariff prices them, linked.  One with an amount above 0
 * whose plan has an entry for its term costs what the entry in force says at
 * its start, and then at each renewal; in a gap of the entries its own amount.
 * Where that changes, the state of its ref is stated again at that instant;
 * without a ref it is cut in two.  Their events are those they came from.
 */
extern void segments_reprice(const BoundTariff *bound, const Segments *segments, Segments *repriced);

#endif							/* LOYALTY_REPRICE_H */
