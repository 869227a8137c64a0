/*
 * movement.h
 *		How MRR moved within a period.
 */
#ifndef LOYALTY_MOVEMENT_H
#define LOYALTY_MOVEMENT_H

#include "subscription/segment.h"

typedef enum MovementKind
{
	MOVEMENT_NEW, MOVEMENT_REACTIVATION, MOVEMENT_EXPANSION, MOVEMENT_CONTRACTION, MOVEMENT_CHURN
} MovementKind;

#define MOVEMENT_KINDS 5

extern const char *const movement_name[MOVEMENT_KINDS];

typedef struct Movement
{
	int64		at;
	MovementKind kind;
	Monthly		change;			/* signed */
	Monthly		mrr;			/* what holds then */
} Movement;

/* How movements are told apart and counted. */
typedef struct MovementRules
{
	bool		net;			/* one for the period at most, between its ends */
	bool		has_window;		/* who comes back later than this after the last paid spell is new */
	Span		window;
} MovementRules;

/* Part of a list of steps: those within a period of whole microseconds. */
typedef struct StepRange
{
	const Step *steps;
	int			from;
	int			until;			/* excluded */
} StepRange;

extern StepRange steps_within(const Step *steps, int n, int64 from, int64 until);

/* MRR just before the range, and at its end */
extern Monthly steps_start(const StepRange *range);
extern Monthly steps_end(const StepRange *range);

/*
 * The next movement of a range that begins at step *i (from its first one on);
 * false if there is none left.
 */
extern bool movement_next(const StepRange *range, const MovementRules *rules, int *i, Movement *movement);

#endif							/* LOYALTY_MOVEMENT_H */
