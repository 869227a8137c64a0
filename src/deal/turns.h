/*
 * turns.h
 *		Whose turn it is: what follows from the rows, by the clock alone.
 */
#ifndef LOYALTY_DEAL_TURNS_H
#define LOYALTY_DEAL_TURNS_H

#include "deal/rows.h"

/*
 * The claims stored as waiting up to an instant, with the turns that they have
 * had by then; none of them if no unit is free, for then there are no turns.
 */
typedef struct Turns
{
	int			nclaims;
	Claim	   *claims;			/* in the order of their numbers; is_turn: it has had one */
	int			nunits;
	FreeUnit   *units;			/* that took part */
	bool		all_served;		/* a unit may be free, and nobody waits */
} Turns;

extern void turns_work_out(Turns *turns, Desk *desk, const Deal *deal, Snapshot snapshot, int64 asof);

/* How a claim stands. */
typedef enum State
{
	STATE_HELD, STATE_WAITING, STATE_BOUGHT, STATE_LAPSED, STATE_RELEASED, STATE_CLOSED, STATE_CANCELLED
} State;

extern const char *const state_names[];

/* How it stands at an instant, its turn given if it has had one, and since when. */
extern State claim_state(const Claim *claim, const Deal *deal, int64 asof, int64 *since);

static inline bool
state_is_live(State state)
{
	return state == STATE_HELD || state == STATE_WAITING || state == STATE_BOUGHT;
}

/* Give a claim its turn if it waits and has had one. */
extern void turns_give(const Turns *turns, Claim *claim);

#endif							/* LOYALTY_DEAL_TURNS_H */
