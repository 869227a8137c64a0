/*
 * block.c
 *		A compiled document under construction.
 *
 * Lists are added when they are complete, so that only offsets point into the
 * block, which moves as it grows.
 */
#include "postgres.h"

#include "document/block.h"

#include "common/hashfn.h"

/* Room for more bytes, all zero; returns their offset. */
static uint32
take(Block *block, size_t size, size_t alignment)
{
	size_t		at = TYPEALIGN(alignment, block->len);

	if (at + size > BLOCK_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s is too large", block->type),
				 errdetail("Compiled it would have more than %d bytes.", BLOCK_MAX_SIZE)));
	if (at + size > block->room)
	{
		uint32		room = Max(block->room * 2, (uint32) (at + size));

		block->data = repalloc(block->data, room);
		memset(block->data + block->room, 0, room - block->room);
		block->room = room;
	}
	block->len = (uint32) (at + size);
	return (uint32) at;
}

void
block_init(Block *block, const char *type, size_t head)
{
	memset(block, 0, sizeof(*block));
	block->type = type;
	block->room = 4096;
	block->data = palloc0(block->room);
	block->names_room = 64;
	block->names = palloc(block->names_room * sizeof(StoredName));
	block->head = (uint32) head;
	take(block, head, 8);
}

bool
block_name_is(const Block *block, BlockName name, const char *s)
{
	return strcmp(BLOCK_NAME(block->data, name), s) == 0;
}

BlockName
block_name(Block *block, const char *s, size_t len)
{
	uint32	   *bucket = &block->buckets[hash_bytes((const unsigned char *) s, (int) len) % BLOCK_BUCKETS];
	BlockName	name;

	for (uint32 i = *bucket; i != 0; i = block->names[i - 1].next)
	{
		name = block->names[i - 1].name;
		if (name.len == len && memcmp(BLOCK_NAME(block->data, name), s, len) == 0)
			return name;
	}
	name.at = take(block, len + 1, 1);
	name.len = (uint32) len;
	memcpy(block->data + name.at, s, len);

	if (block->nnames == block->names_room)
	{
		block->names_room *= 2;
		block->names = repalloc(block->names, block->names_room * sizeof(StoredName));
	}
	block->names[block->nnames].name = name;
	block->names[block->nnames].next = *bucket;
	*bucket = ++block->nnames;
	return name;
}

BlockList
block_list(Block *block, const void *elements, uint32 n, size_t size)
{
	BlockList	list = {0, 0};

	if (n > 0)
	{
		list.at = take(block, n * size, 8);
		list.n = n;
		memcpy(block->data + list.at, elements, n * size);
	}
	return list;
}

void *
block_finish(Block *block, const void *head)
{
	memcpy(block->data, head, block->head);
	memcpy(block->data, &block->len, sizeof(block->len));
	return block->data;
}
