/*
 * bonus.h
 *		Points for a first purchase, for activities, for milestones.
 */
#ifndef LOYALTY_BONUS_H
#define LOYALTY_BONUS_H

#include "program/program.h"
#include "standing/vector.h"

/* A bonus that was paid, perhaps for an order, and may be clawed back. */
typedef struct Paid
{
	int			rule;
	int			lot;
	int			order;			/* NONE */
	int64		multiple;		/* of a milestone; 0 otherwise */
	bool		held;
} Paid;

typedef struct Bonuses
{
	VECTOR(Paid, paid);
	int			taken_back;		/* of those */
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
