/*
 * state.c
 *		The running state of an aggregate.
 */
#include "postgres.h"

#include "base/state.h"

#include "utils/memutils.h"

#define STATE_FIRST	128			/* first size, a power of 2 with the header */

/*
 * The room is made in the current context: the executor copies the state to
 * where states live, and frees the old one.
 */
void
state_grow(State *state, size_t more)
{
	size_t		need = VARHDRSZ + STATE_HEAD + state->used + more;
	size_t		size = STATE_FIRST;
	struct varlena *datum;

	while (size < need && size < MaxAllocSize)
		size *= 2;
	size = Min(size, MaxAllocSize);
	if (need > size)
		state->type->too_large();
	datum = palloc(size);
	SET_VARSIZE(datum, size);
	VARDATA(datum)[0] = (char) state->type->mark;
	if (state->used > 0)
		memcpy(VARDATA(datum) + STATE_HEAD, state->rows, state->used);
	memset(VARDATA(datum) + STATE_HEAD + state->used, 0, size - VARHDRSZ - STATE_HEAD - state->used);
	state->datum = datum;
	state->rows = (uint8 *) VARDATA(datum) + STATE_HEAD;
	state->room = size - VARHDRSZ - STATE_HEAD;
}

void
state_init(State *state, const StateType *type, size_t more)
{
	memset(state, 0, sizeof(*state));
	state->type = type;
	state_grow(state, more);
}

bool
state_open_slowly(State *state, const StateType *type, struct varlena *value, size_t more)
{
	value = PG_DETOAST_DATUM_PACKED(PointerGetDatum(value));
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
