/*
 * open.c
 *		A history that is being gathered.
 *
 * All open histories of an aggregate's context share a pool of memory: a context
 * below it, and so gone with it, whichever way that goes.  Nothing in there is
 * freed by itself.  The executor adopts an object whose context is a child of
 * the aggregate's, and would delete that context if a transition ever answered
 * another object in place of this one.
 *
 * Among many groups each open history is far away, and waiting for it would take
 * longer than all else that is done for a row.  So the row waits instead.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/state.h"
#include "history/history.h"
#include "history/open.h"

#include "lib/ilist.h"
#include "miscadmin.h"
#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#define LINE		64			/* of the cache */
#define FIRST_ROWS	44			/* so that two lines hold a customer of few orders */

#define CHUNK_MIN	52
#define CHUNK_MAX	32768		/* room is 16 bits */

#define BLOCK_MIN	1024		/* a context has that, and what follows it, at once */
#define BLOCK_MAX	(1024 * 1024)

/* memory to give out */
typedef struct Area
{
	uint8	   *next;
	size_t		room;
	size_t		block;			/* size of the block to come */
} Area;

typedef struct OpenPool
{
	dlist_node	node;			/* among all pools */
	MemoryContext aggregate;
	MemoryContext context;		/* a child of it */
	MemoryContextCallback gone;
	Area		opens;			/* the open histories, */
	Area		chunks;			/* and rows that do not fit into them */
} OpenPool;

typedef struct OpenChunk
{
	struct OpenChunk *before;	/* NULL: `first` is */
	uint32		offset;			/* bytes of rows before these */
	uint8		rows[FLEXIBLE_ARRAY_MEMBER];
} OpenChunk;

/* The first line is all that most rows touch beside the place where they go. */
struct OpenHistory
{
	ExpandedObjectHeader object;
	uint8	   *end;			/* of the rows */
	uint32		n;				/* of them */
	uint16		room;			/* behind them */

	OpenPool   *pool;
	OpenChunk  *last;			/* where the latest rows are; NULL: in `first` */
	uint32		offset;			/* bytes of rows before these */
	uint8		first[FIRST_ROWS];
};

/* those of this process, the one used last in front: they are few */
static dlist_head pools = DLIST_STATIC_INIT(pools);

/*
 * Rows on their way to the open histories of one pool.  What a row touches is
 * fetched while others are made: first the open history, then the end of its
 * rows.  Whoever reads an open history adds them first; they go with their pool.
 */
#define WAITING_ROWS	8
#define WAITING_SIZE	48		/* longer ones do not wait */

typedef struct WaitingRow
{
	OpenHistory *open;			/* NULL: none */
	size_t		len;
	uint8		row[WAITING_SIZE];
} WaitingRow;

/*
 * To ask a datum what it points to would be to wait for that.  But what points
 * into memory for the pool's open histories points to one; that memory is known
 * by its units, each of which has its place.
 */
#define UNIT_SIZE	16384
#define UNITS_KNOWN	4096

static struct
{
	OpenPool   *pool;
	unsigned	next;			/* the oldest, whose place the next one takes */
	WaitingRow	rows[WAITING_ROWS];
	uintptr_t	units[UNITS_KNOWN]; /* their numbers; 0: none */
}			waiting;

/* ---------------- memory ---------------- */

static void
forget_waiting(void)
{
	memset(&waiting, 0, sizeof(waiting));
}

static void
forget_pool(void *pool)
{
	if (waiting.pool == pool)
		forget_waiting();
	dlist_delete(&((OpenPool *) pool)->node);
}

static OpenPool *
make_pool(MemoryContext aggregate)
{
	MemoryContext context = AllocSetContextCreate(aggregate, "loyalty history", ALLOCSET_DEFAULT_SIZES);
	OpenPool   *pool = MemoryContextAlloc(context, sizeof(OpenPool));

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

static OpenPool *
pool_of(MemoryContext aggregate)
{
	dlist_iter	iter;

	dlist_foreach(iter, &pools)
	{
		OpenPool   *pool = dlist_container(OpenPool, node, iter.cur);

		if (pool->aggregate == aggregate)
		{
			dlist_move_head(&pools, &pool->node);
			return pool;
		}
	}
	return make_pool(aggregate);
}

StaticAssertDecl(sizeof(OpenHistory) % LINE == 0, "open histories begin where a line does");

static void add_waiting(void);

/* A block of open histories, rows for which may wait. */
static void
note_block(OpenPool *pool, const uint8 *block, size_t size)
{
	uintptr_t	first = ((uintptr_t) block + UNIT_SIZE - 1) / UNIT_SIZE;
	uintptr_t	end = ((uintptr_t) block + size) / UNIT_SIZE;

	if (waiting.pool != pool && first < end)
	{
		add_waiting();
		forget_waiting();
		waiting.pool = pool;
	}
	for (uintptr_t unit = first; unit < end; unit++)
		waiting.units[unit % UNITS_KNOWN] = unit;
}

static pg_noinline void
next_block(OpenPool *pool, Area *area, size_t size)
{
	/* a hash table shall not be full because of one of them */
	size_t		max = Min(BLOCK_MAX, (size_t) work_mem * 1024 / 16);
	size_t		room = Max(area->block, size + LINE);
	uint8	   *block = MemoryContextAlloc(pool->context, room);
	size_t		rest = (LINE - (uintptr_t) block % LINE) % LINE;

	area->next = block + rest;
	area->room = room - rest;
	if (area->block < max)
		area->block *= 2;
	if (area == &pool->opens)
		note_block(pool, block, room);
}

static inline void *
pool_alloc(OpenPool *pool, Area *area, size_t size)
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

/* A chunk more, as large as all before, for `len` bytes or the first of them. */
static void
grow(OpenHistory *open, size_t len)
{
	size_t		before = length(open);
	size_t		room = Max(Min(Max(len, before), CHUNK_MAX), CHUNK_MIN);
	OpenChunk  *chunk;

	if (before + len > MaxAllocSize - VARHDRSZ - STATE_HEAD)
		history_too_large();
	chunk = pool_alloc(open->pool, &open->pool->chunks, offsetof(OpenChunk, rows) + room);
	chunk->before = open->last;
	chunk->offset = open->offset = (uint32) before;
	open->last = chunk;
	open->end = chunk->rows;
	open->room = (uint16) room;
}

void
open_add(OpenHistory *open, const uint8 *rows, size_t len, uint32 n)
{
	while (unlikely(open->room < len))
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

/* One for which there is no memory is not lost: it waits on. */
static void
add_waiting(void)
{
	if (waiting.pool == NULL)
		return;
	for (int i = 0; i < WAITING_ROWS; i++)
	{
		WaitingRow *row = &waiting.rows[waiting.next % WAITING_ROWS];

		if (row->open)
			open_add(row->open, row->row, row->len, 1);
		row->open = NULL;
		waiting.next++;
	}
}

bool
open_add_soon(Datum datum, const uint8 *row, size_t len)
{
	uintptr_t	unit = (uintptr_t) DatumGetPointer(datum) / UNIT_SIZE;
	WaitingRow *oldest = &waiting.rows[waiting.next % WAITING_ROWS];
	const WaitingRow *half = &waiting.rows[(waiting.next + WAITING_ROWS / 2) % WAITING_ROWS];
	OpenHistory *open;

	if (waiting.units[unit % UNITS_KNOWN] != unit || len > WAITING_SIZE)
		return false;
	/* the datum is the pointer inside; beside it is the one for those who only read */
	open = (OpenHistory *) ((char *) DatumGetPointer(datum) - offsetof(OpenHistory, object.eoh_rw_ptr));
	if (unlikely((uintptr_t) open % LINE != 0))
		return false;
	__builtin_prefetch(&open->end, 1);
	/* not in a function of its own: gcc leaves out calls of what does nothing but fetch */
	if (likely(half->open))
	{
		if (unlikely(half->open->room < half->len))
			__builtin_prefetch(&half->open->last, 1);
		else
		{
			__builtin_prefetch(half->open->end, 1);
			__builtin_prefetch(half->open->end + half->len - 1, 1);
		}
	}
	if (likely(oldest->open))
		open_add(oldest->open, oldest->row, oldest->len, 1);
	oldest->open = open;
	oldest->len = len;
	memcpy(oldest->row, row, len);
	waiting.next++;
	return true;
}

/* Copy all rows, the latest first. */
static void
copy_rows(const OpenHistory *open, uint8 *to)
{
	size_t		end = length(open);

	for (const OpenChunk *chunk = open->last; chunk; chunk = chunk->before)
	{
		CHECK_FOR_INTERRUPTS();
		__builtin_prefetch(chunk->before);
		memcpy(to + chunk->offset, chunk->rows, end - chunk->offset);
		end = chunk->offset;
	}
	memcpy(to, open->first, end);
}

const uint8 *
open_rows(const OpenHistory *open, size_t *len, uint32 *n)
{
	uint8	   *rows;

	add_waiting();
	*len = length(open);
	*n = open->n;
	if (open->last == NULL)
		return open->first;
	rows = palloc(*len);
	copy_rows(open, rows);
	return rows;
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

OpenHistory *
open_create(MemoryContext aggregate)
{
	OpenPool   *pool = pool_of(aggregate);
	OpenHistory *open = pool_alloc(pool, &pool->opens, sizeof(OpenHistory));

	EOH_init_header(&open->object, &methods, pool->context);
	open->end = open->first;
	open->n = 0;
	open->room = FIRST_ROWS;
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

Datum
open_to_datum(OpenHistory *open)
{
	return EOHPGetRWDatum(&open->object);
}
