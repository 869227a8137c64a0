/*
 * strata.h
 *		Sums by stratum, as the aggregate gathers them.
 *
 * They stand in an aggregate's state (base/state.h), which is one piece of
 * bytes; what points to something in it is an offset:
 *
 *		head	rows skipped; where the table of strata by hash stands
 *		...		that table, strata, large sums, in the order in which they were
 *				needed; what has outgrown its place is left behind
 *
 * Sums of most values are integers; what has more digits is gathered apart from
 * them, as numerics ("large").
 */
#ifndef LOYALTY_STRATA_H
#define LOYALTY_STRATA_H

#include "base/state.h"
#include "effect/effect.h"
#include "effect/wide.h"

/* A stratum's sums of one group, as they stand in the state. */
typedef struct StoredCell
{
	int64		n;
	Wide		sums[SUMS];		/* of fine numbers (base/numeric.h), their squares and products */
	uint32		large;			/* where the large sums stand; 0: there are none */
	uint32		room;			/* for them, in bytes */
} StoredCell;

/* The state in argument 0, to be written to; an empty one for NULL.  Both forms in one state are an error (22023). */
extern void strata_open(State *state, FunctionCallInfo fcinfo, bool earlier);

/* A state in a value, to be read. */
extern void strata_read(State *state, Datum value);

extern EffectHead strata_head(const State *state);

/* Rows left out more. */
extern void strata_skip(State *state, int64 rows);

/* Where the cell of a stratum and group stands; the stratum is made if it is new. */
extern uint32 strata_cell(State *state, const char *name, size_t len, Side side);

/* Its content, there and back. */
extern void cell_get(const State *state, uint32 at, StoredCell *cell);
extern void cell_put(State *state, uint32 at, const StoredCell *cell);

/* Customers more. */
extern void cell_count(StoredCell *cell, int64 n);

/* Its large sums, as many numerics as there are sums.  There must be some to be got. */
extern void cell_get_large(const State *state, const StoredCell *cell, int n, Datum *sums);
extern void cell_put_large(State *state, StoredCell *cell, int n, const Datum *sums);

/* Make room now for the large sums of a cell, so that the state does not move as they are put. */
extern void strata_reserve_large(State *state);

/* All strata in their order, in palloc'd memory. */
typedef struct FoundStratum
{
	const char *name;			/* within the state; NULL: the stratum NULL */
	size_t		len;
	uint32		cells[SIDES];
} FoundStratum;

extern FoundStratum *strata_sorted(const State *state);

#endif							/* LOYALTY_STRATA_H */
