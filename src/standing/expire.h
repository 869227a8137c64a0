/*
 * expire.h
 *		When a lot dies.
 */
#ifndef LOYALTY_EXPIRE_H
#define LOYALTY_EXPIRE_H

#include "program/program.h"
#include "standing/vector.h"

/* What governs a lot. */
typedef struct Life
{
	int64		fixed_end;		/* by hand, age or period, were nothing suspended */
	uint64		rules;			/* bit per expire rule that governs it */
	uint64		idle_own;		/* those whose clock starts with the lot */
} Life;

/* times in which an expire rule was suspended */
typedef struct Suspension
{
	int			rule;
	int64		from;
	int64		until;			/* as projected while it lasts */
	bool		lasts;
} Suspension;

typedef struct Expiry
{
	bool		idles;			/* some expire rule looks at inactivity */
	bool		suspends;
	VECTOR(Suspension, suspensions);	/* then those that are foreseen */
	int			known_suspensions;
	int64		reset_at[PROGRAM_MAX_RULES];	/* by expire rule; PG_INT64_MIN */
} Expiry;

typedef struct Lot Lot;

extern void expire_begin(Fold *fold);
/* An event that ends inactivity, for the rules that say so. */
extern void expire_reset(Fold *fold, int event);
/*
 * The member's tier has changed: suspend what it suspends, resume the rest.
 * All lots are to be looked at again.
 */
extern void expire_suspend(Fold *fold, int64 at, int before, int after);
/* Foresee the suspensions, if nothing happens from now on. */
extern void expire_project(Fold *fold);

/* Find the rules that govern a new lot, or one whose order has a new line. */
extern void lot_governed(Fold *fold, Lot *lot);
/* A lot's end if nothing happens from now on. */
extern int64 lot_end(Fold *fold, const Lot *lot);
/* Which rule ends a lot, for the statement. */
extern const char *lot_end_rule(Fold *fold, const Lot *lot);

#endif							/* LOYALTY_EXPIRE_H */
