/*
 * gather.h
 *		What rows say of each customer, added up.
 */
#ifndef LOYALTY_GATHER_H
#define LOYALTY_GATHER_H

#include "referral/referrals.h"

/* memory that is gone through in no order is fetched so many steps before its turn */
#define GATHER_AHEAD	16

/* what the rows say of one, side by side in memory as they are asked for */
typedef struct Said
{
	int128		value;			/* a sum, as large as it may become on the way */
	uint32		referrer;
	bool		customer;
	bool		contested;		/* two have brought this one */
} Said;

static const Said nothing_said = {0, NO_ID, false, false};

static inline void
said_add(Said *said, Decimal value, uint32 referrer)
{
	said->customer = true;
	said->value += value;
	if (referrer == NO_ID)
		return;
	said->contested |= said->referrer != NO_ID && said->referrer != referrer;
	said->referrer = referrer;
}

/* Can that be? */
static inline bool
said_is_sound(const Said *said)
{
	return !said->contested && said->value > -DECIMAL_LIMIT && said->value < DECIMAL_LIMIT;
}

/* said.c: the error if it cannot. */
loyalty_compat_noreturn extern void said_refuse(const Said *said, Id id);

/* said.c: referrals without ids, with room for so many. */
extern void gathered_make(Referrals *referrals, uint32 n);

/* What was said of the i-th. */
static inline void
gathered_put(Referrals *referrals, uint32 i, const Said *said)
{
	referrals->referrers[i] = said->referrer;
	referrals->values[i] = (Decimal) said->value;
	referrals->customers[i] = said->customer;
}

/*
 * integers.c: n rows whose ids are all integers, not too far apart; the answer is
 * these, NULL if they are not such.
 */
extern int64 *gather_integers(Referrals *referrals, const uint8 *rows, size_t len, uint32 n);

#endif							/* LOYALTY_GATHER_H */
