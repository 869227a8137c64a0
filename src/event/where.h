/*
 * where.h
 *		The "where" of a rule: which tags it looks for.
 *
 * At least one of the first, all of the second, none of the third; an empty
 * list asks for nothing.
 */
#ifndef LOYALTY_WHERE_H
#define LOYALTY_WHERE_H

#include "document/read.h"
#include "document/write.h"
#include "event/event.h"

#define WHERE_MAX_TAGS	64		/* of each */

extern void read_where(Block *block, const JsonNode *object, BlockList *any, BlockList *all, BlockList *none);
extern void put_where(Writer *w, BlockList any, BlockList all, BlockList none);

/* Does it take an event with such tags? */
extern bool where_matches(const void *block, const BlockList *any, const BlockList *all, const BlockList *none, Text tags);

#endif							/* LOYALTY_WHERE_H */
