/*
 * traded.h
 *		The common case with refunds and redemptions, in one pass.
 */
#ifndef LOYALTY_TRADED_H
#define LOYALTY_TRADED_H

#include "standing/plain.h"

/* The standing, if program and history are plain enough; false if it takes the whole fold. */
extern bool traded_standing(PlainProgram *plain, const uint8 *history, size_t len, int64 asof,
							Standing *standing);

/* The same for whether a redemption is overdrawn. */
extern bool traded_overdrawn(PlainProgram *plain, const uint8 *history, size_t len, bool *overdrawn);

#endif							/* LOYALTY_TRADED_H */
