/*
 * bonus.h
 *		Points for a first purchase, for activities, for milestones.
 */
#ifndef LOYALTY_BONUS_H
#define LOYALTY_BONUS_H

#include "standing/stages.h"

/* A bonus that was paid and may have to be taken back. */
typedef struct Paid
{
	int			rule;
	int			lot;
	int			order;			/* NONE */
	int64		step;			/* of a milestone; 0 otherwise */
	int			previous;		/* of its window; NONE */
	int			next;
	bool		held;
} Paid;

typedef struct Bonuses
{
	VECTOR(Paid, paid);
	bool		windows;		/* some milestone counts in windows of its own */
	Stages		stages[PROGRAM_MAX_RULES];	/* stages.c's */
	VECTOR(int, firsts);		/* paid for the first order */
	VECTOR(int, revised);		/* those that an event gives again, or takes */
	int			count[PROGRAM_MAX_RULES];	/* paid by a rule in its period ... */
	int64		period[PROGRAM_MAX_RULES];	/* ... which is this one */
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
