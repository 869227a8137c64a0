/*
 * open.h
 *		A history that is being gathered: rows in the order in which they come,
 *		as the running state of an aggregate.
 *
 * It is an expanded object (utils/expandeddatum.h) that the executor adopts and
 * that every transition answers again, so nothing is copied as it grows.  Who
 * copies it, as a worker does that sends it to the leader, gets the open form of
 * the type (base/state.h).
 *
 * Among many groups each is far away, and waiting for it would take longer than
 * all else that is done for a row.  So rows wait instead: see open_put_later().
 */
#ifndef LOYALTY_OPEN_H
#define LOYALTY_OPEN_H

#include "postgres.h"

#include "base/compat.h"

#include "utils/expandeddatum.h"

#define OPEN_FIRST	44			/* so that two lines of the cache hold a customer of few orders */

/* The first line is all that most rows touch beside the place where they go. */
typedef struct OpenHistory
{
	ExpandedObjectHeader object;
	uint8	   *end;			/* of the rows */
	uint32		n;				/* of them */
	uint16		room;			/* behind them */

	struct Pool *pool;
	struct Chunk *last;			/* where the latest rows are; NULL: in `first` */
	uint32		offset;			/* bytes of rows before these */
	uint8		first[OPEN_FIRST];
} OpenHistory;

/* An empty one, which lives as long as the aggregate's context. */
extern OpenHistory *open_create(MemoryContext aggregate);

/* Add many rows, or one that is long. */
extern void open_append(OpenHistory *open, const uint8 *rows, size_t len, uint32 n);

/* All rows, one after the other: where they stand, or a copy. */
extern const uint8 *open_rows(const OpenHistory *open, size_t *len);

/* The one that a datum points to, or NULL. */
extern OpenHistory *open_from_datum(Datum datum);

/* What an aggregate holds is the pointer inside. */
static inline OpenHistory *
open_from_own(Datum datum)
{
	return (OpenHistory *) (DatumGetPointer(datum) - offsetof(OpenHistory, object.eoh_rw_ptr));
}

static inline Datum
open_to_datum(OpenHistory *open)
{
	return EOHPGetRWDatum(&open->object);
}

/* Add a row. */
static inline void
open_put(OpenHistory *open, const uint8 *row, size_t len)
{
	if (unlikely(open->room < len))
	{
		open_append(open, row, len, 1);
		return;
	}
	memcpy(open->end, row, len);
	open->end += len;
	open->room -= (uint16) len;
	open->n++;
}

/*
 * Rows on their way to the open histories of one pool.  What a row touches is
 * fetched while others are made: first the open history, then the end of its
 * rows.  Whoever reads an open history adds them first; they go with their pool.
 */
#define WAITING_ROWS	8		/* a power of 2 */
#define WAITING_SIZE	48		/* longer ones do not wait */

typedef struct WaitingRow
{
	OpenHistory *open;			/* NULL: none */
	size_t		len;
	uint8		row[WAITING_SIZE];
} WaitingRow;

/*
 * To ask an open history whether it is one would be to wait for it.  But those
 * in memory that is the pool's are known by their addresses: by whole units, of
 * which each has its place.
 */
#define UNIT_BITS	14
#define UNIT_SIZE	((size_t) 1 << UNIT_BITS)
#define UNITS_KNOWN	4096

typedef struct WaitingRows
{
	struct Pool *pool;
	unsigned	next;			/* the oldest, whose place the next one takes */
	WaitingRow	rows[WAITING_ROWS];
	uintptr_t	units[UNITS_KNOWN];
} WaitingRows;

extern WaitingRows waiting_rows;

/* Does the datum point into the pool, and so to an open history that is ours to write to? */
static inline bool
may_wait(Datum datum)
{
	uintptr_t	unit = (uintptr_t) DatumGetPointer(datum) >> UNIT_BITS;

	return waiting_rows.units[unit % UNITS_KNOWN] == unit;
}

/* Add a row soon. */
static inline void
open_put_later(OpenHistory *open, const uint8 *row, size_t len)
{
	WaitingRow *oldest = &waiting_rows.rows[waiting_rows.next % WAITING_ROWS];
	const WaitingRow *half = &waiting_rows.rows[(waiting_rows.next + WAITING_ROWS / 2) % WAITING_ROWS];

	__builtin_prefetch(&open->end, 1);
	if (likely(half->open))
	{
		if (unlikely(half->open->room < half->len))
			__builtin_prefetch(&half->open->last, 1);
		else
		{
			__builtin_prefetch(half->open->end, 1);
			__builtin_prefetch(half->open->end + half->len - 1, 1);
		}
	}
	if (likely(oldest->open))
		open_put(oldest->open, oldest->row, oldest->len);
	oldest->open = open;
	oldest->len = len;
	memcpy(oldest->row, row, len);
	waiting_rows.next++;
}

#endif							/* LOYALTY_OPEN_H */
