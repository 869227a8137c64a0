/*
 * rows.h
 *		The rows of a history in the making, in order.
 */
#ifndef LOYALTY_ROWS_H
#define LOYALTY_ROWS_H

#include "event/event.h"

/* as many events are looked at together */
#define ROWS_BATCH 32
/* no more are read but once, into structs, which then fit where they are found at once */
#define ROWS_READ 256

typedef struct RowRef
{
	int64		at;
	const void *event;			/* its row; as read, if all are */
} RowRef;

typedef struct SortedRows
{
	uint64		n;
	bool		read;			/* are all? */
	const uint8 *end;			/* of the rows */
	RowRef	   *refs;
	Event	   *events;			/* as read; else a batch of them */
	RowRef		few_refs[ROWS_BATCH];
	Event		few_events[ROWS_BATCH];
} SortedRows;

/* Put n rows in order; XX001 if the bytes are not as many.  The struct may not be moved. */
extern void rows_sort(SortedRows *sorted, const uint8 *rows, size_t len, uint64 n);

/* The next events from the i-th on, until the next call; returns how many. */
extern int	rows_batch(SortedRows *sorted, uint64 i, const Event **events);

extern void rows_release(SortedRows *sorted);

#endif							/* LOYALTY_ROWS_H */
