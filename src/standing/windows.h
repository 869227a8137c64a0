/*
 * windows.h
 *		Fixed windows: what counts in them, and which levels they reach.
 */
#ifndef LOYALTY_WINDOWS_H
#define LOYALTY_WINDOWS_H

#include "standing/held.h"

/*
 * The window in which a date lies, made if need be.  What the clock does comes
 * before a joining at that instant.
 */
extern Window *window_of(Fold *fold, Walk *walk, int64 date, bool clock);
/* Its sums with what was carried in. */
extern void window_sums(const Fold *fold, const Walk *walk, const Window *w, int128 *sums);

/*
 * Something counts in a window from a position on.  If that is not the last one
 * that has been looked at, all of it must be looked at again.
 */
extern void window_count(Fold *fold, Walk *walk, Window *w, int position, const int128 *values, bool again);
/*
 * See which levels a window reaches at an instant.  A refund that counts at its
 * own date, and has taken `lost` from its metrics, may also lose some.
 */
extern void window_look(Fold *fold, Walk *walk, Window *w, int64 at, const int128 *lost);
/* All is there that the event has changed: look again, and see what follows for later windows. */
extern void windows_look_again(Fold *fold, Walk *walk);
/* What the windows gave before stands, or a refund has taken it. */
extern void windows_stand(Fold *fold, Walk *walk, bool refund);

/* When the next window ends that may carry over, after the walk; and what it then does. */
extern int64 windows_next(const Fold *fold, const Walk *walk);
extern void windows_carry(Fold *fold, Walk *walk);
/* When one may next reach something by that. */
extern int64 windows_next_reach(const Fold *fold, const Walk *walk, int64 at);
/* Those that have not ended, for a copy that looks ahead. */
extern void windows_copy(Fold *fold, Walk *to, const Walk *from);

#endif							/* LOYALTY_WINDOWS_H */
