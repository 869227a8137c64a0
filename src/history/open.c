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

/* the first has the rows of a customer with few orders */
#define CHUNK_FIRST	52
#define CHUNK_MAX	32768		/* room is 16 bits */

#define BLOCK_FIRST	1024		/* as a context has at once, with the next two */
#define BLOCK_MAX	(1024 * 1024)
#define BATCH_MAX	(1 << 21)	/* of what the executor points to, side by side */
#define BATCH_FAR	1024		/* so many are far away */

typedef struct Pool
{
	dlist_node	node;			/* among all pools */
	MemoryContext aggregate;
	MemoryContext context;		/* a child of it */
	MemoryContextCallback gone;
	uint8	   *block;			/* what is left of the latest */
	size_t		room;			/* in it */
	size_t		next_block;		/* size of it */
	OpenHistory *batch;			/* of handles to give out */
	int			left;			/* in it */
	int			next_batch;
} Pool;

typedef struct Chunk
{
	struct Chunk *before;
	uint32		offset;			/* of its rows among all: bytes before them */
	uint8		rows[FLEXIBLE_ARRAY_MEMBER];
} Chunk;

typedef struct OpenHead
{
	ExpandedObjectHeader object;
	Pool	   *pool;
	OpenHistory *open;
	Chunk	   *last;
	uint32		offset;			/* of its rows */
} OpenHead;

/* those of this process, the latest used first: they are few */
static dlist_head pools = DLIST_STATIC_INIT(pools);

WaitingRows waiting_rows;

static void
add_waiting(void)
{
	unsigned	next = waiting_rows.next;

	for (int i = 0; i < WAITING_ROWS; i++)
	{
		WaitingRow *waiting = &waiting_rows.rows[(next + i) % WAITING_ROWS];
		OpenHistory *open = waiting->open;

		waiting->open = NULL;
		if (open)
			open_put(open, waiting->row, waiting->len);
	}
}

static void
forget_pool(void *pool)
{
	if (waiting_rows.pool == pool)
		memset(&waiting_rows, 0, sizeof(waiting_rows));
	dlist_delete(&((Pool *) pool)->node);
}

static Pool *
make_pool(MemoryContext aggregate)
{
	MemoryContext context = AllocSetContextCreate(aggregate, "loyalty history", ALLOCSET_DEFAULT_SIZES);
	Pool	   *pool = MemoryContextAllocZero(context, sizeof(Pool));

	pool->aggregate = aggregate;
	pool->context = context;
	pool->next_block = BLOCK_FIRST;
	pool->next_batch = 1;
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

static void *
pool_alloc(Pool *pool, size_t size)
{
	void	   *result;

	size = MAXALIGN(size);
	if (size > pool->room)
	{
		/* no block shall be so large that a hash table were full of it */
		size_t		max = Min(BLOCK_MAX, (size_t) work_mem * 1024 / 16);

		if (size > pool->next_block / 4)
			return MemoryContextAlloc(pool->context, size);
		pool->block = MemoryContextAlloc(pool->context, pool->next_block);
		pool->room = pool->next_block;
		if (pool->next_block < max)
			pool->next_block *= 2;
	}
	result = pool->block;
	pool->block += size;
	pool->room -= size;
	return result;
}

static OpenHistory *
next_handle(Pool *pool)
{
	if (pool->left == 0)
	{
		pool->batch = pool_alloc(pool, pool->next_batch * sizeof(OpenHistory));
		pool->left = pool->next_batch;
		if (pool->left >= BATCH_FAR)
		{
			if (waiting_rows.pool != pool)
			{
				add_waiting();
				memset(&waiting_rows, 0, sizeof(waiting_rows));
				waiting_rows.pool = pool;
			}
			memmove(waiting_rows.arrays + 1, waiting_rows.arrays, (WAITING_ARRAYS - 1) * sizeof(waiting_rows.arrays[0]));
			waiting_rows.arrays[0].start = (char *) pool->batch;
			waiting_rows.arrays[0].size = pool->left * sizeof(OpenHistory);
		}
		pool->next_batch = Min(2 * pool->next_batch, BATCH_MAX);
	}
	pool->left--;
	return pool->batch++;
}

static inline OpenHead *
head_of(const OpenHistory *open)
{
	return (OpenHead *) DatumGetEOHP(open_to_datum(open));
}

static inline size_t
length(const OpenHead *head)
{
	return head->offset + (head->open->end - head->last->rows);
}

/* Copy the rows, the last chunk first. */
static void
copy_rows(const OpenHead *head, uint8 *to)
{
	const Chunk *chunk = head->last;
	size_t		end = length(head);

	for (; chunk; chunk = chunk->before)
	{
		CHECK_FOR_INTERRUPTS();
		memcpy(to + chunk->offset, chunk->rows, end - chunk->offset);
		end = chunk->offset;
	}
}

/* ---------------- as an expanded object: the open form ---------------- */

static Size
get_flat_size(ExpandedObjectHeader *object)
{
	add_waiting();
	return VARHDRSZ + STATE_HEAD + length((const OpenHead *) object);
}

static void
flatten_into(ExpandedObjectHeader *object, void *result, Size size)
{
	const OpenHead *head = (const OpenHead *) object;
	uint8	   *p = (uint8 *) VARDATA(result);
	uint32		len = (uint32) (size - VARHDRSZ - STATE_HEAD);

	SET_VARSIZE(result, size);
	p[0] = HISTORY_OPEN;
	memcpy(p + 1, &head->open->n, sizeof(uint32));
	memcpy(p + 1 + sizeof(uint32), &len, sizeof(uint32));
	copy_rows(head, p + STATE_HEAD);
}

static const ExpandedObjectMethods methods = {get_flat_size, flatten_into};

/* ---------------- what the aggregates do ---------------- */

OpenHistory *
open_create(MemoryContext aggregate)
{
	Pool	   *pool = pool_of(aggregate);
	OpenHistory *open = next_handle(pool);
	OpenHead   *head = pool_alloc(pool, sizeof(OpenHead) + offsetof(Chunk, rows) + CHUNK_FIRST);
	Chunk	   *chunk = (Chunk *) (head + 1);

	EOH_init_header(&head->object, &methods, pool->context);
	head->pool = pool;
	head->open = open;
	head->last = chunk;
	chunk->before = NULL;
	chunk->offset = head->offset = 0;
	memcpy(open->pointer, head->object.eoh_rw_ptr, EXPANDED_POINTER_SIZE);
	/* who may write has the pointer in front of what is written to */
	memcpy(head->object.eoh_rw_ptr, head->object.eoh_ro_ptr, EXPANDED_POINTER_SIZE);
	open->n = 0;
	open->end = chunk->rows;
	open->room = CHUNK_FIRST;
	return open;
}

void
open_prefetch_head(const OpenHistory *open)
{
	const OpenHead *head = head_of(open);

	__builtin_prefetch(&head->pool, 1);
	__builtin_prefetch(&head->offset, 1);
}

void
open_grow(OpenHistory *open, size_t len)
{
	OpenHead   *head = head_of(open);
	size_t		before = length(head);
	size_t		room = Min(Max(len, before / 2), CHUNK_MAX);
	Chunk	   *chunk;

	if (before + len > MaxAllocSize - VARHDRSZ - STATE_HEAD)
		history_too_large();
	room = MAXALIGN(offsetof(Chunk, rows) + Max(room, CHUNK_FIRST)) - offsetof(Chunk, rows);
	chunk = pool_alloc(head->pool, offsetof(Chunk, rows) + room);
	chunk->before = head->last;
	chunk->offset = head->offset = (uint32) before;
	head->last = chunk;
	open->end = chunk->rows;
	open->room = (uint16) room;
}

void
open_append(OpenHistory *open, const uint8 *rows, size_t len, uint32 n)
{
	while (len > 0)
	{
		size_t		part;

		CHECK_FOR_INTERRUPTS();
		if (open->room == 0)
			open_grow(open, len);
		part = Min(len, open->room);
		memcpy(open->end, rows, part);
		open->end += part;
		open->room -= (uint16) part;
		rows += part;
		len -= part;
	}
	open->n += n;
}

const uint8 *
open_rows(const OpenHistory *open, size_t *len)
{
	const OpenHead *head = head_of(open);
	uint8	   *rows;

	add_waiting();
	*len = length(head);
	if (head->last->before == NULL)
		return head->last->rows;
	rows = palloc(*len);
	copy_rows(head, rows);
	return rows;
}

OpenHistory *
open_from_datum(Datum datum)
{
	if (!VARATT_IS_EXTERNAL_EXPANDED(DatumGetPointer(datum)))
		return NULL;
	return ((OpenHead *) DatumGetEOHP(datum))->open;
}
