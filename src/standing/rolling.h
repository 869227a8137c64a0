/*
 * rolling.h
 *		Rolling windows: which levels they meet, and when.
 */
#ifndef LOYALTY_ROLLING_H
#define LOYALTY_ROLLING_H

#include "standing/held.h"

/* Tiers valid for an interval: an order looks, or the version begins (values NULL). */
extern void extend(Fold *fold, Walk *walk, const int128 *values, int64 at);
/* An old order has changed: what all looks give. */
extern void extend_again(Fold *fold, Walk *walk);

/* Tiers held while the metric is: look at an instant. */
extern void while_look(Fold *fold, Walk *walk);
/* The walk goes on to another instant. */
extern void while_go_on(Fold *fold, Walk *walk);
/* An old order has changed: what was held before the instant. */
extern void while_again(Fold *fold, Walk *walk);
/* When some level is met or falls next, as it is now; INSTANT_NEVER. */
extern int64 while_next(Fold *fold, Walk *walk);
/* What a level will give when it falls. */
extern int	while_falls(Fold *fold, Walk *walk, int level, Step *steps);

/* Entries leave by an instant. */
extern void let_leave(const Fold *fold, Walk *walk, int64 upto);
/* What the walk gave before stands, or a refund has taken it. */
extern void rolling_stand(Fold *fold, Walk *walk, bool refund);

#endif							/* LOYALTY_ROLLING_H */
