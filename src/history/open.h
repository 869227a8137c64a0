/*
 * open.h
 *		A history that is being gathered: rows in the order in which they come,
 *		as the running state of an aggregate.
 *
 * It is an expanded object (utils/expandeddatum.h) that the executor adopts and
 * that every transition answers again, so that nothing is copied as it grows.
 * Among many groups each of them is far away, and what a transition reads of it
 * would be waited for.  So that is little, and stands by itself: all that the
 * executor points to, and all that most transitions touch, are the 24 bytes of
 * an OpenHistory, side by side with those of the other groups.  Behind them are
 * a head, looked at now and then, and the rows in chunks, of which only the end
 * is written to, which nobody waits for.
 *
 * Whoever copies the object, and so sends it from a worker to the leader, gets
 * the open form of the type (base/state.h).
 */
#ifndef LOYALTY_OPEN_H
#define LOYALTY_OPEN_H

#include "postgres.h"

#include "base/compat.h"

#include "utils/expandeddatum.h"

typedef struct OpenHistory
{
	char		pointer[EXPANDED_POINTER_SIZE]; /* the only one to write through */
	uint16		room;			/* bytes left in the last chunk */
	uint32		n;				/* rows */
	uint8	   *end;			/* of them */
} OpenHistory;

/* An empty one, which lives as long as the aggregate's context. */
extern OpenHistory *open_create(MemoryContext aggregate);

/* Fetch what this needs. */
extern void open_prefetch_head(const OpenHistory *open);

/* A chunk more, for `len` bytes or part of them. */
extern void open_grow(OpenHistory *open, size_t len);

/* Add many rows. */
extern void open_append(OpenHistory *open, const uint8 *rows, size_t len, uint32 n);

/* All rows, one after the other: where they stand, or a copy. */
extern const uint8 *open_rows(const OpenHistory *open, size_t *len);

/* The one that a datum points to, or NULL; to write to it takes the pointer that is its own. */
extern OpenHistory *open_from_datum(Datum datum);

/* Is it the pointer to write through? */
static inline bool
open_is_own(Datum datum)
{
	return VARATT_IS_EXTERNAL_EXPANDED_RW(DatumGetPointer(datum));
}

static inline OpenHistory *
open_from_own(Datum datum)
{
	return (OpenHistory *) DatumGetPointer(datum);
}

static inline Datum
open_to_datum(const OpenHistory *open)
{
	return PointerGetDatum(open->pointer);
}

/* A row more has been written to the end. */
static inline void
open_took(OpenHistory *open, size_t len)
{
	open->end += len;
	open->room -= (uint16) len;
	open->n++;
}

/* Add a row. */
static inline void
open_put(OpenHistory *open, const uint8 *row, size_t len)
{
	if (unlikely(open->room < len))
		open_grow(open, len);
	memcpy(open->end, row, len);
	open_took(open, len);
}

/*
 * Rows on their way to the open histories of one pool, so that what they touch
 * is fetched from far away while others are made.  Whoever reads an open history
 * adds them first; they go with their pool.
 */
#define WAITING_ROWS	8		/* a power of 2 */
#define WAITING_SIZE	48
#define WAITING_ARRAYS	4

typedef struct WaitingRow
{
	OpenHistory *open;			/* NULL: none */
	size_t		len;
	uint8		row[WAITING_SIZE];
} WaitingRow;

typedef struct WaitingRows
{
	struct Pool *pool;
	struct
	{
		char	   *start;
		size_t		size;
	}			arrays[WAITING_ARRAYS]; /* where most of its open histories are */
	unsigned	next;			/* the oldest, whose place the next one takes */
	WaitingRow	rows[WAITING_ROWS];
} WaitingRows;

extern WaitingRows waiting_rows;

/* Is it the pointer to an open history of the pool?  It cannot be asked: it is far away. */
static inline bool
may_wait(Datum datum)
{
	bool		found = false;

	for (int i = 0; i < WAITING_ARRAYS; i++)
		found |= (size_t) (DatumGetPointer(datum) - waiting_rows.arrays[i].start) < waiting_rows.arrays[i].size;
	return found;
}

/* Add a row soon. */
static inline void
open_put_later(OpenHistory *open, const uint8 *row, size_t len)
{
	WaitingRow *waiting = &waiting_rows.rows[waiting_rows.next % WAITING_ROWS];
	const WaitingRow *half = &waiting_rows.rows[(waiting_rows.next + WAITING_ROWS / 2) % WAITING_ROWS];

	waiting_rows.next++;
	__builtin_prefetch(open, 1);
	__builtin_prefetch((char *) (open + 1) - 1, 1);
	if (likely(half->open))
	{
		if (half->open->room < half->len)
			open_prefetch_head(half->open);
		else
		{
			__builtin_prefetch(half->open->end, 1);
			__builtin_prefetch(half->open->end + half->len - 1, 1);
		}
	}
	if (likely(waiting->open))
		open_put(waiting->open, waiting->row, waiting->len);
	waiting->open = open;
	waiting->len = len;
	memcpy(waiting->row, row, len);
}

#endif							/* LOYALTY_OPEN_H */
