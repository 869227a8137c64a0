/*
 * writer.h
 *		A fragment appended, without a query.
 */
#ifndef LOYALTY_WRITER_H
#define LOYALTY_WRITER_H

#include "live/direct.h"
#include "live/live.h"

#include "utils/snapshot.h"

/* How the base table is looked into and the fragment table written to. */
typedef struct Writer Writer;

/* NULL if the tables are not as keep() made them; allocates in the current context. */
extern Writer *writer_make(const Live *live);

/* Both want the tables locked.  Whether there is a base row of the customer: */
extern bool writer_is_known(const Writer *writer, Datum customer, Snapshot snapshot);

extern void writer_append(const Writer *writer, int source, const Gain *gain);

#endif							/* LOYALTY_WRITER_H */
