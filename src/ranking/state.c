/*
 * state.c
 *		The aggregate ranking(value): its running state (base/state.h) is a value
 *		of type ranking in its open form.
 *
 * Its rows are runs, then loose values.  A loose value, 8 bytes, stands as it
 * came; the head counts those.  A run is a ranking in its stored form: when
 * many loose values have come they are sorted, and are one run with those that
 * stand there.  So equal values are only counted, the rest is dense, and each
 * process of a parallel plan sorts what it has read itself.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "base/state.h"
#include "ranking/ranking.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define MANY			32768	/* loose values that are worth sorting */

/* but there must be several for each that the runs have, and more if these have few in common */
#define PATIENCE		4
#define MUCH_PATIENCE	16
#define MOST			(1 << 25)	/* loose values are never more, or they alone would fill a state */

static void
damaged(void)
{
	sql_type_damaged("ranking");
}

/* ---------------- runs ---------------- */

typedef struct RunHead
{
	uint32		len;
	uint32		patience;		/* for how many loose values it is left alone */
} RunHead;

static size_t
runs_size(const State *state)
{
	if (state->n > state->used / sizeof(Decimal))
		damaged();
	return state->used - state->n * sizeof(Decimal);
}

/* The run that begins there; its bytes follow its head. */
static const uint8 *
run_read(const uint8 *p, const uint8 *end, RunHead *head)
{
	if ((size_t) (end - p) < sizeof(RunHead))
		damaged();
	memcpy(head, p, sizeof(RunHead));
	p += sizeof(RunHead);
	if (head->len > (size_t) (end - p))
		damaged();
	return p;
}

/* All that a state holds. */
static void
gather(Ranking *all, const State *state)
{
	const uint8 *end = state->rows + runs_size(state);
	RunHead		head;
	size_t		n = 1;
	Ranking    *parts;
	Decimal    *values = palloc_extended(Max(state->n, 1) * sizeof(Decimal), MCXT_ALLOC_HUGE);

	for (const uint8 *p = state->rows; p < end; p += head.len, n++)
		p = run_read(p, end, &head);
	parts = palloc_extended(n * sizeof(Ranking), MCXT_ALLOC_HUGE);
	memcpy(values, end, state->n * sizeof(Decimal));
	ranking_sort(&parts[0], values, state->n);
	n = 1;
	for (const uint8 *p = state->rows; p < end; p += head.len, n++)
	{
		p = run_read(p, end, &head);
		ranking_unpack(&parts[n], p, head.len);
	}
	ranking_merge(parts, n);
	*all = parts[0];
	pfree(parts);
}

/* Are there loose values enough to be sorted? */
static bool
is_time(const State *state)
{
	const uint8 *end = state->rows + runs_size(state);
	RunHead		head;
	uint64		patience = 0;

	for (const uint8 *p = state->rows; p < end; p += head.len)
	{
		p = run_read(p, end, &head);
		patience += head.patience;
	}
	return state->n >= Min(Max(patience, MANY), MOST);
}

/* Make one run of all. */
static void
make_run(State *state)
{
	Ranking		all;
	struct varlena *packed;
	RunHead		head;
	size_t		need;

	gather(&all, state);
	packed = ranking_pack(&all);
	head.len = (uint32) VARSIZE(packed) - VARHDRSZ;
	head.patience = (uint32) Min((uint64) all.n * (all.n > all.customers / 2 ? MUCH_PATIENCE : PATIENCE), PG_UINT32_MAX);
	state->n = 0;
	state->used = 0;
	need = sizeof(head) + head.len + MANY * sizeof(Decimal);
	if (state->room < need)
		state_grow(state, need);
	state_append(state, (const uint8 *) &head, sizeof(head), 0);
	state_append(state, (const uint8 *) VARDATA(packed), head.len, 0);
	ranking_free(&all);
	pfree(packed);
}

/* A process sorts what it has before it sends it. */
static void
settle(State *state)
{
	if (state->n >= MANY)
		make_run(state);
}

/* Runs of another state go in front of the loose values. */
static void
add_runs(State *state, const uint8 *runs, size_t len)
{
	size_t		loose = state->n * sizeof(Decimal);
	uint8	   *p;

	if (state->room - state->used < len)
		state_grow(state, len);
	p = state->rows + state->used - loose;
	memmove(p + len, p, loose);
	memcpy(p, runs, len);
	state->used += (uint32) len;
}

/* A ranking in its stored form, as another server may send a state: a run. */
static void
add_stored(State *state, Datum value)
{
	size_t		size;
	const char *bytes = sql_type_bytes(value, &size);
	RunHead		head = {(uint32) size, 0};

	add_runs(state, (const uint8 *) &head, sizeof(head));
	add_runs(state, (const uint8 *) bytes, size);
}

/* ---------------- the aggregate ---------------- */

static void
too_large(void)
{
	ranking_too_large();
}

static const StateType ranking_state = {RANKING_OPEN, damaged, too_large, settle};

static void
open_state(FunctionCallInfo fcinfo, State *state, size_t more)
{
	if (likely(state_open(state, &ranking_state, fcinfo, more)))
		return;
	state_init(state, &ranking_state, more);
	add_stored(state, PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(loyalty_ranking_add);

/* transition */
Datum
loyalty_ranking_add(PG_FUNCTION_ARGS)
{
	State		state;
	Decimal		value;

	state_check_aggregate(fcinfo, "loyalty.ranking()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	value = decimal_from_arg(PG_GETARG_DATUM(1), "value");
	open_state(fcinfo, &state, 0);
	if (unlikely(state.room - state.used < sizeof(Decimal)) && is_time(&state))
		make_run(&state);
	state_append(&state, (const uint8 *) &value, sizeof(Decimal), 1);
	return state_result(&state);
}

PG_FUNCTION_INFO_V1(loyalty_ranking_combine);

Datum
loyalty_ranking_combine(PG_FUNCTION_ARGS)
{
	State		state;
	struct varlena *value;

	state_check_aggregate(fcinfo, "loyalty.ranking()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	value = state_value(PG_GETARG_DATUM(1));
	if (state_is_open(&ranking_state, value))
	{
		State		other;
		size_t		runs;

		if (PG_ARGISNULL(0) && state_is_small(value))
			PG_RETURN_POINTER(value);
		state_read(&other, &ranking_state, value);
		runs = runs_size(&other);
		open_state(fcinfo, &state, other.used);
		add_runs(&state, other.rows, runs);
		state_append(&state, other.rows + runs, other.used - runs, other.n);
	}
	else
	{
		open_state(fcinfo, &state, 0);
		add_stored(&state, PointerGetDatum(value));
	}
	return state_result(&state);
}

Datum
ranking_normalize(Datum value)
{
	struct varlena *plain = state_value(value);
	State		state;
	Ranking		all;

	if (!state_is_open(&ranking_state, plain))
		return PointerGetDatum(plain);
	state_read(&state, &ranking_state, plain);
	gather(&all, &state);
	value = PointerGetDatum(ranking_pack(&all));
	ranking_free(&all);
	return value;
}

PG_FUNCTION_INFO_V1(loyalty_ranking_final);

Datum
loyalty_ranking_final(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return ranking_normalize(PG_GETARG_DATUM(0));
}
