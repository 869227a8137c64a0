/*
 * bonus.h
 *		Points for a first purchase, for activities, for milestones.
 */
#ifndef LOYALTY_BONUS_H
#define LOYALTY_BONUS_H

#include "program/program.h"
#include "standing/vector.h"

/* A bonus that was paid and may have to be taken back. */
typedef struct Paid
{
	int			rule;
	int			lot;
	int			order;			/* NONE */
	int64		multiple;		/* of a milestone; 0 otherwise */
	bool		held;
} Paid;

/* What a milestone has paid and may take back: held are the first so many. */
typedef struct Multiples
{
	VECTOR(int, paid);			/* by multiple */
	int			held;
} Multiples;

typedef struct Bonuses
{
	VECTOR(Paid, paid);
	Multiples	multiples[PROGRAM_MAX_RULES];
	VECTOR(int, firsts);		/* paid for the first order */
	VECTOR(int, revised);		/* those that an event gives again, or takes */
	int			count[PROGRAM_MAX_RULES];	/* paid by a rule in its period ... */
	int64		period[PROGRAM_MAX_RULES];	/* ... which is this one */
	int64		milestone[PROGRAM_MAX_RULES];	/* multiples that have been crossed */
} Bonuses;

extern void bonuses_begin(Fold *fold);
extern void bonus_activity(Fold *fold, int event);
/*
 * What an event gives: bonuses that stand again, then firsts, then milestones,
 * perhaps with the lines of an order from first_line on (NONE for both).
 */
extern void bonus_gains(Fold *fold, int order, int first_line);
/* What it takes. */
extern void bonus_takings(Fold *fold);

#endif							/* LOYALTY_BONUS_H */
