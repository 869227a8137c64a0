/*
 * change.h
 *		What a change of the shop's tables does to a live history, as SQL.
 *
 * Every statement here finds the transition tables loyalty_new and loyalty_old
 * of the trigger that runs it.
 */
#ifndef LOYALTY_CHANGE_H
#define LOYALTY_CHANGE_H

#include "live/source.h"
#include "live/statement.h"

typedef enum StepKind
{
	STEP_CHANGE,				/* appends fragments; tells which lower a balance */
	STEP_LOCK,					/* waits for others */
	STEP_GATE,					/* the same; what follows up to its end is for nothing if it finds no row */
	STEP_SAME,					/* must give the same in the latest snapshot */
	STEP_NONE_LEFT,				/* must give no row in the latest snapshot */
	STEP_LOSE					/* what the latest snapshot sees is removed, see lose_sql */
} StepKind;

typedef struct Step
{
	StepKind	kind;
	Statement	statement;
	int			skip;			/* STEP_GATE: so many steps */
} Step;

typedef enum Action
{
	ACTION_INSERT, ACTION_UPDATE, ACTION_DELETE, ACTION_TRUNCATE
} Action;

/* What to run when that table, or that partition of it, has been changed. */
extern List *change_steps(const Live *live, List *sources, Action action, Oid table, Oid firing);

/* The base row of customer $1, if there is one; make it if there is none. */
extern char *known_sql(const Live *live);
extern char *make_known_sql(const Live *live);

/* Append a fragment: customer $1 has gained $2 and lost $3. */
extern char *append_sql(const Live *live, int source);

/* Append fragments of $1, an array of customers, and $2, one of what each loses. */
extern char *lose_sql(const Live *live, int source);

/* Bring fragments of the customers in $1 into their base rows; first lock those. */
extern char *lock_sql(const Live *live);
extern char *settle_sql(const Live *live);

/* whether there are fragments of them */
extern char *unsettled_sql(const Live *live);

/* whether one of them has no base row */
extern char *gone_sql(const Live *live);

/* Customers without events: $1, an array, of those who have none; or all, as far as can be seen. */
extern char *empty_sql(const Live *live);
extern char *forget_sql(const Live *live);

/*
 * Of a customer whose history is $1, after a statement that added $2 and
 * removed $3: the redemption that is more overdrawn than without it.
 */
extern char *explain_sql(const Live *live);

/* All that the sources' tables hold: rows of NAME_row, and (customer, event) */
extern char *fill_rows_sql(const Live *live, const Source *source, const Branch *branch);
extern char *all_events_sql(const Live *live, List *sources);

#endif							/* LOYALTY_CHANGE_H */
