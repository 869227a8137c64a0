/*
 * place.h
 *		Where an error comes from: live history, view, table and row.
 *
 * Whoever reads the shop's log sees a statement on a table of theirs that has
 * failed with a message about events.  A place tells them more, as the error's
 * context.  In SQL a row says itself that it is being evaluated: branch_sql()
 * wraps what may fail in calls of loyalty.live_row() and live_done().
 */
#ifndef LOYALTY_PLACE_H
#define LOYALTY_PLACE_H

#include "live/branch.h"

#include "executor/tuptable.h"

/* columns by which a row is named; more are left out */
#define PLACE_COLUMNS 4

/* What is said of the rows of a branch. */
typedef struct Part Part;

typedef struct PlaceColumn
{
	Datum		value;
	bool		isnull;
	bool		is_long;		/* and left out */
	union
	{
		char		bytes[72];	/* of a value by reference */
		int64		alignment;
	}			space;
} PlaceColumn;

typedef struct Place
{
	const char *live;
	List	   *parts;			/* of Part, by their numbers from 1 */
	const Part *part;			/* of the row that is being evaluated; NULL if none is, else there is ... */
	TupleTableSlot *slot;		/* ... either the row, or ... */
	PlaceColumn columns[PLACE_COLUMNS];	/* ... copies of its columns */
	ErrorContextCallback callback;
	struct Place *outer;
} Place;

/* Number the branches of a view, and append what is said of them; in the current context. */
extern List *parts_add(List *parts, Oid view, List *branches);

/*
 * From here to the end errors are about them; rows are named to a user who may
 * see them.  It must end after an error too (in PG_CATCH, not PG_FINALLY, which
 * would put it back).
 */
extern void place_begin(Place *place, const char *live, List *parts, Oid user);
extern void place_end(Place *place);

/* A row is being evaluated, and is done. */
extern void place_enter(int part, TupleTableSlot *slot);
extern void place_leave(void);

#endif							/* LOYALTY_PLACE_H */
