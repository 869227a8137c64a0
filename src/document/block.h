/*
 * block.h
 *		A compiled document: one piece of memory, aligned to 8 bytes, in which
 *		lists and names are offsets from its beginning, so that it can be copied
 *		as it is.
 *
 * It begins with its size in bytes, a uint32.
 */
#ifndef LOYALTY_BLOCK_H
#define LOYALTY_BLOCK_H

#include "postgres.h"

typedef struct BlockList
{
	uint32		at;				/* offset of the first element, aligned to 8 */
	uint32		n;
} BlockList;

typedef struct BlockName
{
	uint32		at;				/* offset of the bytes, which a NUL follows */
	uint32		len;			/* 0: none */
} BlockName;

#define BLOCK_LIST(block, list, type) \
	((const type *) ((const char *) (block) + (list).at))
#define BLOCK_NAME(block, name) \
	((const char *) (block) + (name).at)

#define BLOCK_MAX_SIZE	(1024 * 1024)

#define BLOCK_BUCKETS	1024

typedef struct StoredName
{
	BlockName	name;
	uint32		next;			/* in its bucket, as index + 1; 0 ends it */
} StoredName;

/* A block under construction.  It moves as it grows. */
typedef struct Block
{
	const char *type;			/* the SQL type, for errors */
	char	   *data;
	uint32		len;
	uint32		room;
	uint32		head;			/* bytes at the beginning that block_finish writes */
	StoredName *names;			/* every distinct name in it */
	uint32		nnames;
	uint32		names_room;
	uint32		buckets[BLOCK_BUCKETS];
} Block;

/* Begin a block whose head will have so many bytes. */
extern void block_init(Block *block, const char *type, size_t head);

/* Equal names are kept once: they have the same offset. */
extern BlockName block_name(Block *block, const char *s, size_t len);
extern bool block_name_is(const Block *block, BlockName name, const char *s);

/* A list is added when it is complete. */
extern BlockList block_list(Block *block, const void *elements, uint32 n, size_t size);

/* Close the block with its head, and the size in that: palloc'd. */
extern void *block_finish(Block *block, const void *head);

#endif							/* LOYALTY_BLOCK_H */
