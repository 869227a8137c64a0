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
	int			order;			/* NONE */
	int			event;			/* that made it */
	int			tags_id;		/* of that, if it has no lines and carries them; NONE */
	int			first_line;		/* whose tags it carries, NONE ... */
	int			until_line;		/* ... with those of the same order before this one */
	uint8		state;			/* LotState */
	int8		bonus;			/* rule that made it; NONE */
	int8		kind;			/* of the event, if it is of the lot's instant; NONE */
	Decimal		earned;
	Decimal		remaining;
	Decimal		expired;
	Life		life;			/* expire.c's */
} Lot;

/* What a redemption with a ref took, so that it can be given back. */
typedef struct Taking
{
	int			previous;		/* of the same ref; NONE */
	int			lot;			/* NONE: it became debt */
	Decimal		points;			/* not given back yet */
} Taking;

/* What has been redeemed with a ref. */
typedef struct Spent
{
	Decimal		points;
	int			last;			/* taking that has not been given back whole; NONE */
} Spent;

/* Points of a lot that are left out for a moment. */
typedef struct Withheld
{
	int			lot;
	Decimal		points;
} Withheld;

typedef struct Points
{
	VECTOR(Lot, lots);
	VECTOR(Spent, spent);		/* by ref */
	VECTOR(Taking, takings);
	Queue		ending[2];		/* lots that hold points, by the end that is fixed: open, pending */
	Queue		oldest[2];		/* the same as earned, where some program spends them so */
	bool		oldest_first;	/* it does */
	Queue		deaths;			/* lots that hold points, by the end that is fixed */
	Queue		releases;		/* those that are pending, empty ones too */
	VECTOR(int, now);			/* lots with which the clock has to do now */
	Decimal		available;
	Decimal		pending;
	Decimal		debt;
	int128		lifetime;
	VECTOR(Withheld, withheld); /* while others become vouchers */
	bool		released;		/* some have been since one last asked */
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
/* A new line may bring its order's lot under other rules. */
extern void lot_look_again(Fold *fold, int lot);
/* The same for lots from the first on: the event that made them has changed the tier, or the anchor of years. */
extern void lots_look_again(Fold *fold, int first);

/* How many points have been redeemed with a ref, and giving some of them back. */
extern Decimal points_redeemed(const Fold *fold, int ref);
extern void points_return(Fold *fold, int ref, Decimal points);

/* An adjustment, or a redemption. */
extern void lots_adjust(Fold *fold, int event);
extern void lots_redeem(Fold *fold, int event);

/* What is available of lots earned from an instant on; and points of earlier lots are converted, as if spent. */
extern Decimal points_since(const Fold *fold, int64 at);
extern void points_convert(Fold *fold, Decimal points, int64 before);

/* When the clock has to do with some lot; INSTANT_NEVER. */
extern int64 lots_next(Fold *fold);
/* What it does at that instant. */
extern void lots_tick(Fold *fold, int64 at);

#endif							/* LOYALTY_LOTS_H */
