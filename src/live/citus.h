/*
 * citus.h
 *		Tables whose rows lie elsewhere: what Citus says of them.
 */
#ifndef LOYALTY_CITUS_H
#define LOYALTY_CITUS_H

#include "postgres.h"

/*
 * Is that a table of Citus' whose rows lie in shards?  Then what kind of one:
 * "distributed", "a reference table", or one that it "manages".  Else NULL.
 */
extern const char *shard_root_kind(Oid relid);

#endif							/* LOYALTY_CITUS_H */
