/*
 * strata.c
 *		Sums by stratum, as the aggregate gathers them: see strata.h.
 *
 * The bytes may come from anywhere (a state can be sent, or be the initial
 * condition of somebody's own aggregate): every offset is looked at before it
 * is followed.
 */
#include "postgres.h"

#include "effect/strata.h"

#include "common/hashfn.h"
#include "common/int.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/numeric.h"

#define STATE_MARK		0xE5
#define FIRST_BUCKETS	8
#define NULL_NAME		PG_UINT32_MAX

typedef struct Head
{
	int64		skipped;
	uint32		earlier;
	uint32		table;			/* of offsets of strata; 0: free */
	uint32		buckets;		/* a power of 2, at least twice the strata */
	uint32		unused;
} Head;

/* what stands before a stratum's name */
typedef struct StoredStratum
{
	uint32		hash;
	uint32		len;			/* NULL_NAME: the stratum NULL */
	StoredCell	cells[SIDES];
} StoredStratum;

static void
damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("state of the aggregate loyalty.effect() is damaged")));
}

static const StateType strata_state = {STATE_MARK, damaged, effect_too_large, NULL};

/* ---------------- bytes ---------------- */

/* So many bytes at an offset. */
static inline uint8 *
bytes_at(const State *state, uint32 at, size_t size)
{
	if (unlikely(at + size > state->used))
		damaged();
	return state->rows + at;
}

/* Room for so many bytes more, zeroed; the rest may move. */
static uint32
allocate(State *state, size_t size)
{
	uint32		at;

	if (size > MaxAllocSize)
		effect_too_large();
	if (state->room - state->used < size)
		state_grow(state, size);
	at = state->used;
	memset(state->rows + at, 0, size);
	state->used += (uint32) size;
	return at;
}

static inline uint32
offset_at(const uint8 *p)
{
	uint32		offset;

	memcpy(&offset, p, sizeof(offset));
	return offset;
}

static inline Head
head_of(const State *state)
{
	Head		head;

	memcpy(&head, bytes_at(state, 0, sizeof(Head)), sizeof(Head));
	if (unlikely(head.buckets < FIRST_BUCKETS || (head.buckets & (head.buckets - 1)) != 0))
		damaged();
	return head;
}

static inline void
put_head(State *state, const Head *head)
{
	memcpy(bytes_at(state, 0, sizeof(Head)), head, sizeof(Head));
}

/* ---------------- the state ---------------- */

void
strata_open(State *state, FunctionCallInfo fcinfo, bool earlier)
{
	Head		head = {0};

	if (!state_open(state, &strata_state, fcinfo, PG_ARGISNULL(0) ?
					sizeof(Head) + FIRST_BUCKETS * sizeof(uint32) + sizeof(StoredStratum) : 0))
		damaged();
	if (state->used == 0)
	{
		allocate(state, sizeof(Head));
		head.earlier = earlier;
		head.buckets = FIRST_BUCKETS;
		head.table = allocate(state, FIRST_BUCKETS * sizeof(uint32));
		put_head(state, &head);
		return;
	}
	head = head_of(state);
	if ((head.earlier != 0) != earlier)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("effects with and without an earlier period cannot be merged"),
				 errhint("Gather all of them with effect(member, after), or all with effect(member, after, before).")));
}

void
strata_read(State *state, Datum value)
{
	struct varlena *packed = state_value(value);

	state_read(state, &strata_state, packed);
	(void) head_of(state);
}

EffectHead
strata_head(const State *state)
{
	Head		head = head_of(state);

	return (EffectHead) {head.earlier != 0, head.skipped};
}

loyalty_compat_noreturn static void
too_many(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("too many %s", what),
			 errdetail("Their number exceeds what a bigint can hold.")));
	pg_unreachable();
}

void
strata_skip(State *state, int64 rows)
{
	Head		head = head_of(state);

	if (pg_add_s64_overflow(head.skipped, rows, &head.skipped))
		too_many("rows");
	put_head(state, &head);
}

void
cell_count(StoredCell *cell, int64 n)
{
	if (pg_add_s64_overflow(cell->n, n, &cell->n))
		too_many("customers");
}

/* ---------------- strata by hash ---------------- */

static inline StoredStratum *
stratum_at(const State *state, uint32 at)
{
	/* not aligned: its fields are copied */
	return (StoredStratum *) bytes_at(state, at, sizeof(StoredStratum));
}

static inline bool
is_it(const State *state, uint32 at, uint32 hash, const char *name, uint32 len)
{
	const uint8 *stratum = (const uint8 *) stratum_at(state, at);

	return offset_at(stratum + offsetof(StoredStratum, hash)) == hash &&
		offset_at(stratum + offsetof(StoredStratum, len)) == len &&
		(name == NULL || memcmp(bytes_at(state, at + sizeof(StoredStratum), len), name, len) == 0);
}

/* The bucket of that stratum, or the free one that it would have; that at once if it is known to be new. */
static uint8 *
bucket_of(const State *state, const Head *head, uint32 hash, const char *name, uint32 len, bool is_new)
{
	uint8	   *table = bytes_at(state, head->table, head->buckets * sizeof(uint32));
	uint32		mask = head->buckets - 1;

	for (uint32 i = 0; i <= mask; i++)
	{
		uint8	   *bucket = table + ((hash + i) & mask) * sizeof(uint32);
		uint32		at = offset_at(bucket);

		if (at == 0 || (!is_new && is_it(state, at, hash, name, len)))
			return bucket;
	}
	damaged();
	pg_unreachable();
}

/* A table of twice the size. */
static void
rehash(State *state, Head *head)
{
	Head		old = *head;

	head->buckets *= 2;
	head->table = allocate(state, head->buckets * sizeof(uint32));
	for (uint32 i = 0; i < old.buckets; i++)
	{
		uint32		at;

		CHECK_FOR_INTERRUPTS();
		at = offset_at(bytes_at(state, old.table, old.buckets * sizeof(uint32)) + i * sizeof(uint32));

		if (at != 0)
			memcpy(bucket_of(state, head, offset_at((const uint8 *) stratum_at(state, at)), NULL, 0, true), &at, sizeof(at));
	}
	put_head(state, head);
}

static inline uint32
cell_at(uint32 stratum, Side side)
{
	return stratum + (uint32) (offsetof(StoredStratum, cells) + side * sizeof(StoredCell));
}

uint32
strata_cell(State *state, const char *name, size_t size, Side side)
{
	uint32		len = name ? (uint32) size : NULL_NAME;
	uint32		hash = name ? hash_bytes((const unsigned char *) name, (int) size) : 0;
	Head		head = head_of(state);
	uint32		at = offset_at(bucket_of(state, &head, hash, name, len, false));
	StoredStratum stratum = {0};

	if (likely(at != 0))
		return cell_at(at, side);
	if (head.buckets < 2 * (state->n + 1))
		rehash(state, &head);
	at = allocate(state, sizeof(StoredStratum) + size);
	stratum.hash = hash;
	stratum.len = len;
	memcpy(stratum_at(state, at), &stratum, sizeof(StoredStratum));
	if (name && size > 0)
		memcpy(bytes_at(state, at + sizeof(StoredStratum), size), name, size);
	memcpy(bucket_of(state, &head, hash, NULL, 0, true), &at, sizeof(at));
	state->n++;
	return cell_at(at, side);
}

void
cell_get(const State *state, uint32 at, StoredCell *cell)
{
	memcpy(cell, bytes_at(state, at, sizeof(StoredCell)), sizeof(StoredCell));
}

void
cell_put(State *state, uint32 at, const StoredCell *cell)
{
	memcpy(bytes_at(state, at, sizeof(StoredCell)), cell, sizeof(StoredCell));
}

/* ---------------- large sums ---------------- */

/*
 * Each is its length and what numeric sends, which the server checks when it
 * is read.  They are written where they stood if they still fit there, else to
 * a place of twice the size: what is left behind is never more than that.
 */
void
cell_get_large(const State *state, const StoredCell *cell, int n, Datum *sums)
{
	const uint8 *p = bytes_at(state, cell->large, cell->room);
	const uint8 *end = p + cell->room;

	for (int sum = 0; sum < n; sum++)
	{
		StringInfoData sent = {0};
		uint32		len;

		if ((size_t) (end - p) < sizeof(len))
			damaged();
		len = offset_at(p);
		p += sizeof(len);
		if ((size_t) (end - p) < len)
			damaged();
		sent.data = memcpy(palloc(len + 1), p, len);
		sent.len = sent.maxlen = (int) len;
		p += len;
		sums[sum] = DirectFunctionCall3(numeric_recv, PointerGetDatum(&sent), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	}
}

/* of all sums of a cell: digits of the base in two bytes, and what stands before them */
#define LARGE_SIZE (SUMS * (sizeof(uint32) + 16 + (EFFECT_COUNT_DIGITS + 2 * (EFFECT_WHOLE_DIGITS + EFFECT_PLACES)) / 2))

void
strata_reserve_large(State *state)
{
	if (state->room - state->used < 2 * LARGE_SIZE)
		state_grow(state, 2 * LARGE_SIZE);
}

void
cell_put_large(State *state, StoredCell *cell, int n, const Datum *sums)
{
	const bytea *sent[SUMS];
	size_t		size = 0;
	uint8	   *p;

	for (int sum = 0; sum < n; sum++)
	{
		sent[sum] = DatumGetByteaPP(DirectFunctionCall1(numeric_send, sums[sum]));
		size += sizeof(uint32) + VARSIZE_ANY_EXHDR(sent[sum]);
	}
	if (size > cell->room)
	{
		cell->room = (uint32) (2 * size);
		cell->large = allocate(state, cell->room);
	}
	p = bytes_at(state, cell->large, cell->room);
	for (int sum = 0; sum < n; sum++)
	{
		uint32		len = (uint32) VARSIZE_ANY_EXHDR(sent[sum]);

		memcpy(p, &len, sizeof(len));
		memcpy(p + sizeof(len), VARDATA_ANY(sent[sum]), len);
		p += sizeof(len) + len;
	}
}

/* ---------------- all of them ---------------- */

#define ST_SORT sort_found
#define ST_ELEMENT_TYPE FoundStratum
#define ST_COMPARE(a, b) strata_compare((a)->name, (a)->len, (b)->name, (b)->len)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

FoundStratum *
strata_sorted(const State *state)
{
	Head		head = head_of(state);
	const uint8 *table = bytes_at(state, head.table, head.buckets * sizeof(uint32));
	FoundStratum *found = palloc_extended(Max(state->n, 1) * sizeof(FoundStratum), MCXT_ALLOC_HUGE);
	uint32		n = 0;

	for (uint32 i = 0; i < head.buckets; i++)
	{
		uint32		at = offset_at(table + i * sizeof(uint32));
		FoundStratum *one = &found[n];
		uint32		len;

		if (at == 0)
			continue;
		CHECK_FOR_INTERRUPTS();
		if (n++ == state->n)
			damaged();
		len = offset_at((const uint8 *) stratum_at(state, at) + offsetof(StoredStratum, len));
		one->len = len == NULL_NAME ? 0 : len;
		one->name = len == NULL_NAME ? NULL : (const char *) bytes_at(state, at + sizeof(StoredStratum), len);
		for (int side = 0; side < SIDES; side++)
			one->cells[side] = cell_at(at, side);
	}
	if (n != state->n)
		damaged();
	if (n > 1)
		sort_found(found, n);
	return found;
}
