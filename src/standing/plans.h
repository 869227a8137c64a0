/*
 * plans.h
 *		Which paid plans a member holds, since when and until when.
 *
 * Each subscription event is a time in which some plans are held, from its
 * instant to its own end, and the grace after that, but not beyond the next
 * event of its ref.  Times of a plan that overlap or touch are one run.
 */
#ifndef LOYALTY_PLANS_H
#define LOYALTY_PLANS_H

#include "program/program.h"
#include "standing/heap.h"

/* A time in which a subscription is a plan. */
typedef struct PlanTime
{
	int			plan;
	int			previous;		/* of the same ref and instant; NONE */
	int64		at;
	int64		until;			/* before any grace; INSTANT_NEVER */
	int64		end;			/* with it */
} PlanTime;

typedef struct PlanRun
{
	int64		from;
	int64		until;			/* as known so far, excluded; INSTANT_NEVER */
} PlanRun;

typedef struct PlanHeld
{
	VECTOR(PlanRun, runs);		/* in order */
	Heap		ends;			/* times by their end, the last first */
} PlanHeld;

typedef struct Plans
{
	bool		any;			/* the program has some */
	VECTOR(PlanTime, times);
	VECTOR(int, of_ref);		/* the last of those with which its last event began; NONE */
	PlanHeld	held[PROGRAM_MAX_PLANS];	/* by plan */
	int64		next;			/* when the clock ends one; INSTANT_NEVER */
} Plans;

extern void plans_begin(Fold *fold);

/*
 * The subscriptions of an instant, events from i on; returns the first one that
 * is none of them.  Is some plan held otherwise than before?
 */
extern int	plans_subscribe(Fold *fold, int i, bool *changed);
/* An instant at which plans end has come. */
extern void plans_tick(Fold *fold, int64 at);
/* When the next one ends after an instant, if nothing happens. */
extern int64 plans_next(const Fold *fold, int64 at);

/* The run in which a plan is held at an instant, as known now; NULL.  By grace alone? */
extern const PlanRun *plan_held(const Fold *fold, int plan, int64 at);
extern bool plan_in_grace(const Fold *fold, int plan, int64 at);
/* Is one of a list of plans held at an instant, as known now? */
extern bool plans_hold(const Fold *fold, const ProgramList *plans, int64 at);
/* Until when those are that are held at it; PG_INT64_MIN if none is. */
extern int64 plans_until(const Fold *fold, const ProgramList *plans, int64 at);
/* When they first end after an instant; INSTANT_NEVER if that is not known. */
extern int64 plans_end_after(const Fold *fold, const ProgramList *plans, int64 at);

#endif							/* LOYALTY_PLANS_H */
