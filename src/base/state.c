/*
 * state.c
 *		The running state of an aggregate.
 */
#include "postgres.h"

#include "base/state.h"

#include "utils/expandeddatum.h"
#include "utils/memutils.h"

#define STATE_FIRST	128			/* first size, a power of 2 with the header */

/* ---------------- large ones ---------------- */

typedef struct LargeState
{
	ExpandedObjectHeader header;
	const StateType *type;
	struct varlena *flat;		/* a state as others are, but that its spare room is not zeroed */
} LargeState;

static void
open_large(State *state, LargeState *large)
{
	state_read(state, large->type, large->flat);
	state->datum = (struct varlena *) DatumGetPointer(EOHPGetRWDatum(&large->header));
}

/* what others get to see of it */
static size_t
flat_size(ExpandedObjectHeader *header)
{
	LargeState *large = (LargeState *) header;
	State		state = {0};

	open_large(&state, large);
	if (large->type->settle)
	{
		large->type->settle(&state);
		(void) state_result(&state);
	}
	return VARHDRSZ + STATE_HEAD + state.used;
}

static void
flatten(ExpandedObjectHeader *header, void *result, Size size)
{
	memcpy(VARDATA(result), VARDATA(((LargeState *) header)->flat), size - VARHDRSZ);
	SET_VARSIZE(result, size);
}

static const ExpandedObjectMethods large_methods = {flat_size, flatten};

/* The large state that a value is; NULL if it is none. */
static LargeState *
large_of(const struct varlena *value)
{
	ExpandedObjectHeader *header;

	if (value == NULL || !VARATT_IS_EXTERNAL_EXPANDED(value))
		return NULL;
	header = DatumGetEOHP(PointerGetDatum(value));
	return header->eoh_methods == &large_methods ? (LargeState *) header : NULL;
}

static LargeState *
make_large(const StateType *type, MemoryContext aggregate)
{
	MemoryContext context = AllocSetContextCreate(aggregate, "loyalty aggregate", ALLOCSET_START_SMALL_SIZES);
	LargeState *large = MemoryContextAlloc(context, sizeof(LargeState));

	EOH_init_header(&large->header, &large_methods, context);
	large->type = type;
	return large;
}

/*
 * Is a state to become large, and below which context?  One that is large, but
 * no object, was made to be none by whoever calls, and will not be let be one.
 */
static bool
becomes_large(const State *state, size_t size, MemoryContext *aggregate)
{
	return size >= STATE_LARGE && state->fcinfo != NULL && (state->datum == NULL || VARSIZE_ANY(state->datum) < STATE_LARGE) &&
		AggCheckCallContext(state->fcinfo, aggregate);
}

struct varlena *
state_value(Datum value)
{
	LargeState *large = large_of((struct varlena *) DatumGetPointer(value));

	return large ? large->flat : PG_DETOAST_DATUM_PACKED(value);
}

/* ---------------- all ---------------- */

/* The size of a value with room for so much more. */
static size_t
grown(const State *state, size_t more)
{
	size_t		need = VARHDRSZ + STATE_HEAD + state->used + more;
	size_t		size = STATE_FIRST;

	while (size < need && size < MaxAllocSize)
		size *= 2;
	size = Min(size, MaxAllocSize);
	if (need > size)
		state->type->too_large();
	return size;
}

/* Let the rows stand in a value of some size from now on; those of a large one are there already. */
static void
stand_in(State *state, struct varlena *flat, size_t size)
{
	uint8	   *rows = (uint8 *) VARDATA(flat) + STATE_HEAD;

	SET_VARSIZE(flat, size);
	VARDATA(flat)[0] = (char) state->type->mark;
	if (state->used > 0 && state->rows != rows)
		memcpy(rows, state->rows, state->used);
	state->rows = rows;
	state->room = size - VARHDRSZ - STATE_HEAD;
}

/*
 * The room is made in the current context: the executor copies the state to
 * where states live, and frees the old one.  That of a large one is where it
 * lives.
 */
void
state_grow(State *state, size_t more)
{
	size_t		size = grown(state, more);
	LargeState *large = large_of(state->datum);
	MemoryContext aggregate;

	if (large)
	{
		large->flat = repalloc(large->flat, size);
		state->rows = (uint8 *) VARDATA(large->flat) + STATE_HEAD;
		stand_in(state, large->flat, size);
	}
	else if (becomes_large(state, size, &aggregate))
	{
		large = make_large(state->type, aggregate);
		large->flat = MemoryContextAlloc(large->header.eoh_context, size);
		stand_in(state, large->flat, size);
		state->datum = (struct varlena *) DatumGetPointer(EOHPGetRWDatum(&large->header));
	}
	else
	{
		state->datum = palloc(size);
		stand_in(state, state->datum, size);
		memset(state->rows + state->used, 0, state->room - state->used);
	}
}

void
state_begin(State *state, const StateType *type, FunctionCallInfo fcinfo, size_t more)
{
	memset(state, 0, sizeof(*state));
	state->type = type;
	state->fcinfo = fcinfo;
	state_grow(state, more);
}

bool
state_open_slowly(State *state, const StateType *type, struct varlena *value, size_t more)
{
	LargeState *large = large_of(value);

	/* a large one is ours to write to, unless it is passed for reading */
	if (large && VARATT_IS_EXTERNAL_EXPANDED_RW(value))
	{
		open_large(state, large);
		if (unlikely(state->room - state->used < more))
			state_grow(state, more);
		return true;
	}
	value = state_value(PointerGetDatum(value));
	if (!state_is_open(type, value))
		return false;
	state_read(state, type, value);
	state_grow(state, more);
	return true;
}

void
state_outside(const char *aggregate)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("aggregate's transition function called outside an aggregate"),
			 errhint("Use the aggregate %s.", aggregate)));
}
