/*
 * guard.c
 *		Allocations that ASan can watch, linked in front of the server's by
 *		test/sanitize (ld --wrap).
 *
 * The server hands out pieces of large blocks, inside which ASan sees nothing.
 * A context whose largest block has 1 kB gives every allocation above 128
 * bytes a block of malloc's own; the few bytes to its aligned end are closed
 * too.  Each context that allocates gets one such child, so that the memory
 * lives as long as it should.
 */
#include "postgres.h"

#include <sanitizer/asan_interface.h>

#include "nodes/memnodes.h"
#include "utils/memutils.h"

static const char guard_name[] = "guard";

extern void *__real_MemoryContextAlloc(MemoryContext context, Size size);
extern void *__real_MemoryContextAllocZero(MemoryContext context, Size size);
extern void *__real_MemoryContextAllocExtended(MemoryContext context, Size size, int flags);

static MemoryContext
guard(MemoryContext parent)
{
	for (MemoryContext child = parent->firstchild; child; child = child->nextchild)
		if (child->name == guard_name)
			return child;
	return AllocSetContextCreateInternal(parent, guard_name, 0, 1024, 1024);
}

static void *
close_end(void *pointer, Size size)
{
	if (size > 128 && pointer != NULL)
		ASAN_POISON_MEMORY_REGION((char *) pointer + size, MAXALIGN(size) - size);
	return pointer;
}

void *
__wrap_MemoryContextAlloc(MemoryContext context, Size size)
{
	return close_end(__real_MemoryContextAlloc(guard(context), size), size);
}

void *
__wrap_MemoryContextAllocZero(MemoryContext context, Size size)
{
	return close_end(__real_MemoryContextAllocZero(guard(context), size), size);
}

void *
__wrap_MemoryContextAllocExtended(MemoryContext context, Size size, int flags)
{
	return close_end(__real_MemoryContextAllocExtended(guard(context), size, flags), size);
}

void *
__wrap_palloc(Size size)
{
	return __wrap_MemoryContextAlloc(CurrentMemoryContext, size);
}

void *
__wrap_palloc0(Size size)
{
	return __wrap_MemoryContextAllocZero(CurrentMemoryContext, size);
}

void *
__wrap_palloc_extended(Size size, int flags)
{
	return __wrap_MemoryContextAllocExtended(CurrentMemoryContext, size, flags);
}
