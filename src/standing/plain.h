/*
 * plain.h
 *		The common case in one pass: purchases under a plain program.
 */
#ifndef LOYALTY_PLAIN_H
#define LOYALTY_PLAIN_H

#include "standing/answer.h"

/* the years whose windows are kept ready */
#define PLAIN_FIRST_YEAR	1990
#define PLAIN_YEARS			80

/*
 * Instants of one local day that are all that far from where a lot's life
 * takes them.  Kept by day: calendar arithmetic costs ten times as much.
 */
typedef struct Stretch
{
	int64		from;
	int64		until;			/* excluded; both are 0 if there is none yet */
	int64		distance;
} Stretch;

#define PLAIN_STRETCHES 512

/* What a plain program comes down to, in its zone. */
typedef struct PlainProgram
{
	bool		is_plain;
	bool		is_traded;		/* and so are refunds and redemptions: traded.c */
	bool		forgives;		/* what a refund does not find is not owed */
	bool		whole;			/* points are whole, rounded down */
	const Program *program;
	const Zone *zone;
	const TiersRule *tiers;		/* NULL if it has none */
	const ExpireRule *expire;	/* NULL if points live for ever */
	const RedeemRule *redeem;	/* NULL if it has none */
	int64		shortest;		/* a lot dies no earlier than this after its purchase ... */
	int64		longest;		/* ... and no later than this */
	int			base;			/* level held always, NONE */
	int			hint;			/* for the zone, as in a fold */
	int			hint_after;
	Stretch    *stretches;		/* palloc'd; NULL if not used */
	Fraction	rate[PROGRAM_MAX_LEVELS + 1];	/* points per unit of money, by level + 1 ... */
	int64		millionths[PROGRAM_MAX_LEVELS + 1]; /* ... the same for whole points, if it is a decimal, else 0 */
	int64		starts[PLAIN_YEARS + 1];	/* windows */
	int64		holds[PLAIN_YEARS];	/* until when what a window reaches is held */
} PlainProgram;

extern void plain_prepare(PlainProgram *plain, const Program *program, const Bound *bounds,
						  const Zone *zone);

/* When a lot earned at an instant ends. */
extern int64 plain_lot_end(PlainProgram *plain, int64 at);

/* The standing, if the history is plain too; false if it takes the whole fold. */
extern bool plain_standing(PlainProgram *plain, const uint8 *history, size_t len, int64 asof,
						   Standing *standing);

#endif							/* LOYALTY_PLAIN_H */
