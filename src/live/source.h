/*
 * source.h
 *		What a view reads, as it was when it was tracked.
 */
#ifndef LOYALTY_SOURCE_H
#define LOYALTY_SOURCE_H

#include "live/branch.h"
#include "live/live.h"

/* What a tracked table is: the driving one of some branches, parent in others. */
typedef struct Source
{
	int			number;
	Oid			relid;
	List	   *branches;		/* of Branch: those that it drives */
} Source;

/* What is tracked of a view (55000 if it is no longer as it was). */
extern List *sources_of(Oid events, const Live *live, List *branches);

/* Write down what it reads now. */
extern void sources_put(Oid events, const Live *live, List *branches);

#endif							/* LOYALTY_SOURCE_H */
