/*
 * block.c
 *		The block of a program under construction.
 *
 * Lists are added when they are complete, so that only offsets point into the
 * block, which moves as it grows.  Padding is zero and equal names are kept
 * once: equal programs have equal bytes.
 */
#include "postgres.h"

#include "program/reading.h"

#include "common/hashfn.h"

/* Room for more bytes, all zero; returns their offset. */
static uint32
take(Reading *r, size_t size, size_t alignment)
{
	size_t		at = TYPEALIGN(alignment, r->len);

	if (at + size > PROGRAM_MAX_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("program is too large"),
				 errdetail("Compiled it would have more than %d bytes.", PROGRAM_MAX_SIZE)));
	if (at + size > r->room)
	{
		uint32		room = Max(r->room * 2, (uint32) (at + size));

		r->data = repalloc(r->data, room);
		memset(r->data + r->room, 0, room - r->room);
		r->room = room;
	}
	r->len = (uint32) (at + size);
	return (uint32) at;
}

void
block_init(Reading *r)
{
	memset(r, 0, sizeof(*r));
	r->room = 4096;
	r->data = palloc0(r->room);
	r->names_room = 64;
	r->names = palloc(r->names_room * sizeof(StoredName));
	take(r, sizeof(Program), 8);
}

bool
block_name_is(const Reading *r, ProgramName name, const char *s)
{
	return strcmp(r->data + name.at, s) == 0;
}

ProgramName
block_name(Reading *r, const char *s, size_t len)
{
	uint32	   *bucket = &r->buckets[hash_bytes((const unsigned char *) s, (int) len) % NAME_BUCKETS];
	ProgramName name;

	for (uint32 i = *bucket; i != 0; i = r->names[i - 1].next)
	{
		name = r->names[i - 1].name;
		if (name.len == len && memcmp(r->data + name.at, s, len) == 0)
			return name;
	}
	name.at = take(r, len + 1, 1);
	name.len = (uint32) len;
	memcpy(r->data + name.at, s, len);

	if (r->nnames == r->names_room)
	{
		r->names_room *= 2;
		r->names = repalloc(r->names, r->names_room * sizeof(StoredName));
	}
	r->names[r->nnames].name = name;
	r->names[r->nnames].next = *bucket;
	*bucket = ++r->nnames;
	return name;
}

ProgramList
block_list(Reading *r, const void *elements, uint32 n, size_t size)
{
	ProgramList list = {0, 0};

	if (n > 0)
	{
		list.at = take(r, n * size, 8);
		list.n = n;
		memcpy(r->data + list.at, elements, n * size);
	}
	return list;
}

/* Close the block with its head. */
Program *
block_finish(Reading *r, const Program *head)
{
	Program    *program;

	take(r, 0, 8);
	program = (Program *) r->data;
	memcpy(program, head, sizeof(Program));
	program->version = PROGRAM_VERSION;
	program->size = r->len;
	SET_VARSIZE(program, r->len);
	return program;
}
