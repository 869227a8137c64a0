/*
 * state.h
 *		The running state of an aggregate: rows of bytes in the order in which
 *		they come.
 *
 * The state is a value of a type of ours in its open form, changed in place
 * while it is a plain varlena of its own, and copied when it is anything else
 * (it travels from parallel workers as a tuple's field, so it may arrive with
 * a short header):
 *
 *		byte	the mark that tells the open form from others of the type
 *		4 bytes	number of rows
 *		4 bytes	bytes of rows
 *		rows, then spare room, zeroed
 *
 * One that outgrows STATE_LARGE becomes an expanded object, which the executor
 * leaves where it is: the same value stands in a context of its own, where it
 * grows without being copied.  A worker sends it without the spare room.
 *
 * A transition function opens the state of argument 0, writes a row to
 * rows + used, counts it and returns state_result().
 */
#ifndef LOYALTY_STATE_H
#define LOYALTY_STATE_H

#include "postgres.h"

#include "base/compat.h"

#include "fmgr.h"

#define STATE_HEAD	(1 + 2 * sizeof(uint32))
#define STATE_LARGE	(1024 * 1024)

struct State;

/* What distinguishes states of different types; two functions raise an error. */
typedef struct StateType
{
	uint8		mark;
	void		(*damaged) (void);
	void		(*too_large) (void);
	void		(*settle) (struct State *state);	/* do what can be done before a large one is sent; NULL: nothing */
} StateType;

typedef struct State
{
	const StateType *type;
	FunctionCallInfo fcinfo;	/* whose argument 0 it is; NULL: of none */
	struct varlena *datum;		/* the room it stands in, or the object that has it; NULL: none yet */
	uint32		n;				/* rows; as all of it, fewer than fit into 1 GB */
	uint32		used;			/* by them, in bytes */
	size_t		room;			/* for them */
	uint8	   *rows;
} State;

/* Is the value in the open form of the type?  It may be short, but not toasted. */
static inline bool
state_is_open(const StateType *type, const struct varlena *value)
{
	return VARSIZE_ANY_EXHDR(value) > 0 && (uint8) VARDATA_ANY(value)[0] == type->mark;
}

/* Read an open one; it is not to be written to. */
static inline void
state_read(State *state, const StateType *type, struct varlena *value)
{
	const uint8 *p = (const uint8 *) VARDATA_ANY(value);
	size_t		size = VARSIZE_ANY_EXHDR(value);

	if (size < STATE_HEAD || p[0] != type->mark)
		type->damaged();
	state->type = type;
	state->datum = value;
	memcpy(&state->n, p + 1, sizeof(uint32));
	memcpy(&state->used, p + 1 + sizeof(uint32), sizeof(uint32));
	state->room = size - STATE_HEAD;
	state->rows = unconstify(uint8 *, p) + STATE_HEAD;
	if (state->used > state->room)
		type->damaged();
}

/* What stands in a value, whether it is a large state or any other value; perhaps with a short header. */
extern struct varlena *state_value(Datum value);

/* Give the rows room for `more` bytes more; they move, and nothing is left where they were. */
extern void state_grow(State *state, size_t more);

/* An empty one; for argument 0 of a call. */
extern void state_begin(State *state, const StateType *type, FunctionCallInfo fcinfo, size_t more);

static inline void
state_init(State *state, const StateType *type, size_t more)
{
	state_begin(state, type, NULL, more);
}

/*
 * The state in argument 0, with room for `more` bytes, ours to write to; an
 * empty one if it is NULL.  False if the argument is no open form: what it is
 * then is for the caller to add.
 */
extern bool state_open_slowly(State *state, const StateType *type, struct varlena *value, size_t more);

static inline bool
state_open(State *state, const StateType *type, FunctionCallInfo fcinfo, size_t more)
{
	struct varlena *value;

	if (PG_ARGISNULL(0))
	{
		state_begin(state, type, fcinfo, more);
		return true;
	}
	state->fcinfo = fcinfo;
	value = (struct varlena *) PG_GETARG_POINTER(0);
	/* among many groups it is far away: fetch where the rows of most end together with the head */
	__builtin_prefetch((char *) value + 64, 1);
	__builtin_prefetch((char *) value + 128, 1);
	if (unlikely(!VARATT_IS_4B_U(value) || (uint8) VARDATA(value)[0] != type->mark))
		return state_open_slowly(state, type, value, more);
	state_read(state, type, value);
	if (unlikely(state->room - state->used < more))
		state_grow(state, more);
	return true;
}

/* Add rows to it, for which it may not have the room; if it has not, none of its own. */
static inline void
state_append(State *state, const uint8 *rows, size_t len, uint32 n)
{
	if (unlikely(state->room - state->used < len))
		state_grow(state, len);
	memcpy(state->rows + state->used, rows, len);
	state->used += (uint32) len;
	state->n += n;
}

/* Is it so small that a combine function had better answer it, where it has none, for the executor to copy? */
static inline bool
state_is_small(const struct varlena *value)
{
	return VARSIZE_ANY(value) < STATE_LARGE;
}

/* What a transition answers. */
static inline Datum
state_result(State *state)
{
	memcpy(state->rows - 2 * sizeof(uint32), &state->n, sizeof(uint32));
	memcpy(state->rows - sizeof(uint32), &state->used, sizeof(uint32));
	return PointerGetDatum(state->datum);
}

/* What it answers when its row has nothing to add. */
static inline Datum
state_unchanged(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* Refuse a call outside of the aggregate, which would change an argument in place. */
loyalty_compat_noreturn extern void state_outside(const char *aggregate);

static inline void
state_check_aggregate(FunctionCallInfo fcinfo, const char *aggregate)
{
	if (unlikely(!AggCheckCallContext(fcinfo, NULL)))
		state_outside(aggregate);
}

#endif							/* LOYALTY_STATE_H */
