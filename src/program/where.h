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

#define WHERE_MAX_TAGS	64		/* of each */

extern void read_where(Block *block, const JsonNode *object, BlockList *any, BlockList *all, BlockList *none);
extern void put_where(Writer *w, BlockList any, BlockList all, BlockList none);

#endif							/* LOYALTY_WHERE_H */
