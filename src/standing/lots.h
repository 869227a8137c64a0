/*
 * lots.h
 *		Points in lots: held, released, spent, taken back, given back, owed.
 */
#ifndef LOYALTY_LOTS_H
#define LOYALTY_LOTS_H

#include "event/event.h"
#include "standing/expire.h"

typedef enum LotState { LOT_PENDING, LOT_OPEN, LOT_DEAD } LotState;

typedef struct Lot
{
	int64		earned_at;
	int64		active_at;
	int64		ends_at;		/* given by hand; INSTANT_NEVER if rules decide */
	int64		expires_at;		/* as projected when last looked at */
	int			order;			/* NONE */
	int			event;			/* that made it */
	int			tags_id;
	Text		tags;			/* if it has no lines */
	int			first_line;		/* whose tags it carries, NONE ... */
	int			until_line;		/* ... with those of the same order before this one */
	LotState	state;
	int			bonus;			/* rule that made it; NONE */
	Decimal		earned;
	Decimal		remaining;
	Decimal		expired;
	Life		life;			/* expire.c's */
} Lot;

/* When the clock is to look at a lot. */
typedef struct Due
{
	int64		at;
	int			lot;
} Due;

/* Redemptions with a ref, and what they took, so that it can be given back. */
typedef struct Redemption
{
	uint64		ref;
	uint32		has;
	Decimal		points;
} Redemption;

typedef struct Taking
{
	int			redemption;		/* NONE */
	int			lot;			/* NONE: it became debt */
	Decimal		points;			/* not given back yet */
} Taking;

typedef struct Points
{
	VECTOR(Lot, lots);
	VECTOR(int, sorted);		/* scratch: lots in some order ... */
	bool		expiring_first; /* ... this one, or oldest first */
	VECTOR(Redemption, redemptions);
	VECTOR(Taking, takings);
	int			head;			/* no lot before it is open or pending */
	bool		in_order;		/* lots die, and are released, in the order they stand */
	VECTOR(Due, due);			/* a heap, unless ends move */
	int64		next_due;		/* no lot dies or is released before */
	Decimal		available;
	Decimal		pending;
	Decimal		debt;
	int128		lifetime;
	bool		overdraws;		/* the last redemption took more than it should */
	bool		overdrawn;		/* some did */
} Points;

extern void points_begin(Fold *fold);

/* What a lot of that instant is like, before it has an order, lines or tags. */
extern Lot	lot_at(const Fold *fold, int64 at);
/* An empty lot, governed by the rules of its instant. */
extern int	lot_make(Fold *fold, const Lot *like);
/* Earn: more points for a lot. */
extern void lot_give(Fold *fold, int lot, Decimal points);
/* Take points back: from their own lot, if any, then from others; the rest is owed, or forgiven. */
extern void lot_take(Fold *fold, int lot, Decimal points, bool forgive);

/* How many points have been redeemed with an order's ref, and giving some of them back. */
extern Decimal points_redeemed(const Fold *fold, uint64 ref, uint32 has);
extern void points_return(Fold *fold, uint64 ref, uint32 has, Decimal points);

/* An adjustment, or a redemption. */
extern void lots_adjust(Fold *fold, int event);
extern void lots_redeem(Fold *fold, int event);

/* What the clock does at an instant. */
extern void lots_tick(Fold *fold, int64 at);
/* Look at every lot again, or at one: ends may have moved. */
extern void lots_look_again(Fold *fold);
extern void lot_look_again(Fold *fold, int lot);
/* Lots from the first on were made by an event after which other rules hold. */
extern void lots_govern(Fold *fold, int first);

#endif							/* LOYALTY_LOTS_H */
