/*
 * settling.h
 *		The days on which points become vouchers.
 */
#ifndef LOYALTY_SETTLING_H
#define LOYALTY_SETTLING_H

#include "base/clock.h"
#include "program/program.h"

/*
 * The first midnight after an instant on which a rule with an `every` settles;
 * INSTANT_NEVER beyond the calendar.
 */
extern int64 settles_after(Clock *clock, const VoucherRule *rule, int64 at);

#endif							/* LOYALTY_SETTLING_H */
