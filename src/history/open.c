/*
 * open.c
 *		A history that is being gathered.
 *
 * All open histories of an aggregate's context share a pool of memory: a context
 * below it, and so gone with it, whichever way that goes.  Nothing in there is
 * freed by itself.  The executor adopts an object whose context is a child of
 * the aggregate's, and would delete that context if a transition ever answered
 * another object in place of this one.
 */
#include "postgres.h"

#include "base/state.h"
#include "history/history.h"
#include "history/open.h"

#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define CHUNK_MIN	52
#define CHUNK_MAX	32768		/* room is 16 bits */

#define BLOCK_MIN	1024		/* a context has that, and what follows it, at once */
#define BLOCK_MAX	(1024 * 1024)
#define LINE		64			/* of the cache */

/* memory to give out */
typedef struct Area
{
	uint8	   *next;
	size_t		room;
	size_t		block;			/* size of the block to come */
} Area;

typedef struct Pool
{
	dlist_node	node;			/* among all pools */
	MemoryContext aggregate;
	MemoryContext context;		/* a child of it */
	MemoryContextCallback gone;
	Area		opens;			/* the open histories, */
	Area		chunks;			/* and rows that do not fit into them */
} Pool;

typedef struct Chunk
{
	struct Chunk *before;		/* NULL: `first` is */
	uint32		offset;			/* bytes of rows before these */
	uint8		rows[FLEXIBLE_ARRAY_MEMBER];
} Chunk;

/* those of this process, the one used last in front: they are few */
static dlist_head pools = DLIST_STATIC_INIT(pools);

WaitingRows waiting_rows;

static void
forget_waiting(void)
{
	memset(&waiting_rows, 0, sizeof(waiting_rows));
}

/* One for which there is no memory is not lost: it waits on. */
static void
add_waiting(void)
{
	for (int i = 0; i < WAITING_ROWS; i++)
	{
		WaitingRow *row = &waiting_rows.rows[waiting_rows.next % WAITING_ROWS];

		if (row->open)
			open_put(row->open, row->row, row->len);
		row->open = NULL;
		waiting_rows.next++;
	}
}

/* ---------------- memory ---------------- */

static void
forget_pool(void *pool)
{
	if (waiting_rows.pool == pool)
		forget_waiting();
	dlist_delete(&((Pool *) pool)->node);
}

static Pool *
make_pool(MemoryContext aggregate)
{
	MemoryContext context = AllocSetContextCreate(aggregate, "loyalty history", ALLOCSET_DEFAULT_SIZES);
	Pool	   *pool = MemoryContextAlloc(context, sizeof(Pool));

	pool->aggregate = aggregate;
	pool->context = context;
	pool->opens = (Area) {.block = BLOCK_MIN};
	pool->chunks = (Area) {.block = BLOCK_MIN};
	pool->gone.func = forget_pool;
	pool->gone.arg = pool;
	MemoryContextRegisterResetCallback(context, &pool->gone);
	dlist_push_head(&pools, &pool->node);
	return pool;
}

static Pool *
pool_of(MemoryContext aggregate)
{
	dlist_iter	iter;

	dlist_foreach(iter, &pools)
	{
		Pool	   *pool = dlist_container(Pool, node, iter.cur);

		if (pool->aggregate == aggregate)
		{
			dlist_move_head(&pools, &pool->node);
			return pool;
		}
	}
	return make_pool(aggregate);
}

/* Rows for open histories in that block may wait. */
static void
note_block(Pool *pool, const uint8 *block, size_t size)
{
	uintptr_t	first = ((uintptr_t) block + UNIT_SIZE - 1) >> UNIT_BITS;
	uintptr_t	end = ((uintptr_t) block + size) >> UNIT_BITS;

	if (waiting_rows.pool != pool && first < end)
	{
		add_waiting();
		forget_waiting();
		waiting_rows.pool = pool;
	}
	for (uintptr_t unit = first; unit < end; unit++)
		waiting_rows.units[unit % UNITS_KNOWN] = unit;
}

static pg_noinline void
next_block(Pool *pool, Area *area, size_t size)
{
	/* a hash table shall not be full because of one of them */
	size_t		max = Min(BLOCK_MAX, (size_t) work_mem * 1024 / 16);

	area->room = Max(area->block, size + LINE);
	area->next = MemoryContextAlloc(pool->context, area->room);
	if (area->block < max)
		area->block *= 2;
	if (area == &pool->opens)
	{
		size_t		rest = (LINE - (uintptr_t) area->next % LINE) % LINE;

		note_block(pool, area->next, area->room);
		area->next += rest;
		area->room -= rest;
	}
}

static inline void *
pool_alloc(Pool *pool, Area *area, size_t size)
{
	void	   *result;

	size = MAXALIGN(size);
	if (unlikely(size > area->room))
		next_block(pool, area, size);
	result = area->next;
	area->next += size;
	area->room -= size;
	return result;
}

/* ---------------- rows ---------------- */

static inline const uint8 *
latest_rows(const OpenHistory *open)
{
	return open->last ? open->last->rows : open->first;
}

static inline size_t
length(const OpenHistory *open)
{
	return open->offset + (open->end - latest_rows(open));
}

/* Copy them all, the latest first. */
static void
copy_rows(const OpenHistory *open, uint8 *to)
{
	size_t		end = length(open);

	for (const Chunk *chunk = open->last; chunk; chunk = chunk->before)
	{
		CHECK_FOR_INTERRUPTS();
		__builtin_prefetch(chunk->before);
		memcpy(to + chunk->offset, chunk->rows, end - chunk->offset);
		end = chunk->offset;
	}
	memcpy(to, open->first, end);
}

/* ---------------- as an expanded object: the open form ---------------- */

static Size
get_flat_size(ExpandedObjectHeader *object)
{
	add_waiting();
	return VARHDRSZ + STATE_HEAD + length((const OpenHistory *) object);
}

static void
flatten_into(ExpandedObjectHeader *object, void *result, Size size)
{
	const OpenHistory *open = (const OpenHistory *) object;
	uint8	   *p = (uint8 *) VARDATA(result);
	uint32		len = (uint32) (size - VARHDRSZ - STATE_HEAD);

	SET_VARSIZE(result, size);
	p[0] = HISTORY_OPEN;
	memcpy(p + 1, &open->n, sizeof(uint32));
	memcpy(p + 1 + sizeof(uint32), &len, sizeof(uint32));
	copy_rows(open, p + STATE_HEAD);
}

static const ExpandedObjectMethods methods = {get_flat_size, flatten_into};

/* ---------------- what the aggregates do ---------------- */

OpenHistory *
open_create(MemoryContext aggregate)
{
	Pool	   *pool = pool_of(aggregate);
	OpenHistory *open = pool_alloc(pool, &pool->opens, sizeof(OpenHistory));

	EOH_init_header(&open->object, &methods, pool->context);
	open->end = open->first;
	open->n = 0;
	open->room = OPEN_FIRST;
	open->pool = pool;
	open->last = NULL;
	open->offset = 0;
	return open;
}

OpenHistory *
open_from_datum(Datum datum)
{
	ExpandedObjectHeader *object;

	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return NULL;
	object = DatumGetEOHP(datum);
	return object->eoh_methods == &methods ? (OpenHistory *) object : NULL;
}

/* A chunk more, as large as all before, for `len` bytes or the first of them. */
static void
grow(OpenHistory *open, size_t len)
{
	size_t		before = length(open);
	size_t		room = Max(Min(Max(len, before), CHUNK_MAX), CHUNK_MIN);
	Chunk	   *chunk;

	if (before + len > MaxAllocSize - VARHDRSZ - STATE_HEAD)
		history_too_large();
	chunk = pool_alloc(open->pool, &open->pool->chunks, offsetof(Chunk, rows) + room);
	chunk->before = open->last;
	chunk->offset = open->offset = (uint32) before;
	open->last = chunk;
	open->end = chunk->rows;
	open->room = (uint16) room;
}

void
open_append(OpenHistory *open, const uint8 *rows, size_t len, uint32 n)
{
	while (open->room < len)
	{
		/* what fits into a chunk is added whole or, if there is no memory for it, not at all */
		if (len > CHUNK_MAX)
		{
			size_t		part = open->room;

			CHECK_FOR_INTERRUPTS();
			memcpy(open->end, rows, part);
			open->end += part;
			rows += part;
			len -= part;
		}
		grow(open, len);
	}
	memcpy(open->end, rows, len);
	open->end += len;
	open->room -= (uint16) len;
	open->n += n;
}

const uint8 *
open_rows(const OpenHistory *open, size_t *len)
{
	uint8	   *rows;

	add_waiting();
	*len = length(open);
	if (open->last == NULL)
		return open->first;
	rows = palloc(*len);
	copy_rows(open, rows);
	return rows;
}
