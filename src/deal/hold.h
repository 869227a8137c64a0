/*
 * hold.h
 *		Units and claims written.
 *
 * A unit is always locked before claims are, so that nobody waits in a circle.
 * All of it wants SPI connected, and the owner's settings.
 */
#ifndef LOYALTY_DEAL_HOLD_H
#define LOYALTY_DEAL_HOLD_H

#include "deal/turns.h"

/* Lock a unit if nobody else has it and it is still free since then. */
extern bool unit_lock(Desk *desk, Datum deal, int32 unit, int64 free);

/* Lock a unit, waiting for whoever has it; what it is then. */
extern void unit_wait(Desk *desk, Datum deal, int32 unit, int64 *claim, int64 *free);

/* It is for that claim since then, and free from another instant on. */
extern void unit_put(Desk *desk, Datum deal, int32 unit, int64 claim, int64 since, int64 free);

/* Store a claim that is held (with a unit) or waits (unit 0); 0 if its slot or ref is taken by now. */
extern int64 claim_put(Desk *desk, Datum deal, const Claim *claim);

/*
 * Write down the turns that a unit has had, up to that of a claim (0: all of
 * them); the unit is locked.  False if a claim is not what it was, or if it is
 * locked and `wait` says no: then nothing is written.
 */
extern bool turns_write(Desk *desk, const Deal *deal, const Turns *turns, int32 unit, int64 last, int64 asof, bool wait);

/* Write down all turns that a unit has had, if nobody else has it or a claim of theirs. */
extern bool turns_settle(Desk *desk, const Deal *deal, const Turns *turns, const FreeUnit *unit, int64 asof);

extern void claim_drop_slot(Desk *desk, int64 number);
extern void claim_buy(Desk *desk, int64 number, int64 at, Datum order_ref);
extern void claim_end(Desk *desk, int64 number, int64 at, State outcome);

/* The same for one that waits; false if it does so no more. */
extern bool claim_leave(Desk *desk, int64 number, int64 at, State outcome);

#endif							/* LOYALTY_DEAL_HOLD_H */
