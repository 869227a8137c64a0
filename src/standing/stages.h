/*
 * stages.h
 *		Milestones: the windows in which they count, and the steps reached there.
 */
#ifndef LOYALTY_STAGES_H
#define LOYALTY_STAGES_H

#include "program/program.h"
#include "standing/vector.h"

/* A window of a milestone; one that counts over the lifetime has one. */
typedef struct Stage
{
	int64		number;			/* of the window, by which they are in order */
	int128		sum;			/* of its metric; a lifetime's is in Counts.totals */
	bool		changed;		/* by the event that is under way */

	/* bonus.c's */
	int64		crossed;		/* steps */
	int			first;			/* bonuses paid for them that may be taken back, in order; NONE */
	int			last;
	int			held;			/* the last of those that are held; NONE */
} Stage;

/* Those of a rule. */
typedef struct Stages
{
	VECTOR(Stage, stages);
	VECTOR(int, changed);		/* those that are */
} Stages;

extern void stages_begin(Fold *fold);
/* Where some milestone has windows: a metric is about to change; it has, by something of that date. */
extern void stages_forget(Fold *fold);
extern void stages_count(Fold *fold, int64 date, int metric, int128 by);

/* How many steps of its milestone a window has reached. */
extern int64 stage_reached(const Fold *fold, const BonusRule *rule, const Stage *stage);

#endif							/* LOYALTY_STAGES_H */
