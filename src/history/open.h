/*
 * open.h
 *		A history that is being gathered: rows in the order in which they come,
 *		as the running state of an aggregate.
 *
 * It is an expanded object (utils/expandeddatum.h) that the executor adopts and
 * that every transition answers again, so nothing is copied as it grows.  Who
 * copies it, as a worker does that sends it to the leader, gets the open form of
 * the type (base/state.h).
 */
#ifndef LOYALTY_OPEN_H
#define LOYALTY_OPEN_H

#include "postgres.h"

typedef struct OpenHistory OpenHistory;

/* An empty one, which lives as long as the aggregate's context. */
extern OpenHistory *open_create(MemoryContext aggregate);

/* The one that a datum points to; NULL if it points to something else. */
extern OpenHistory *open_from_datum(Datum datum);

/* What the aggregate holds, and its transitions answer. */
extern Datum open_to_datum(OpenHistory *open);

/* Add rows. */
extern void open_add(OpenHistory *open, const uint8 *rows, size_t len, uint32 n);

/*
 * Add a row to what the aggregate holds as soon as that is at hand; false if
 * there is no need to wait, or it cannot.
 */
extern bool open_add_soon(Datum datum, const uint8 *row, size_t len);

/* All rows, one after the other: where they stand, or a copy. */
extern const uint8 *open_rows(const OpenHistory *open, size_t *len, uint32 *n);

#endif							/* LOYALTY_OPEN_H */
