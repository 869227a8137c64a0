/*
 * aggregate.c
 *		The aggregate effect: of customers, and of effects.
 *
 * The state is a bytea: see strata.h.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "document/document.h"
#include "effect/effect_value.h"
#include "effect/exact.h"
#include "effect/strata.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

static void
check_in_aggregate(FunctionCallInfo fcinfo)
{
	state_check_aggregate(fcinfo, "loyalty.effect()");
}

static int
sums_of(bool earlier)
{
	return earlier ? SUMS : SUMS_WITHOUT_BEFORE;
}

/* ---------------- sums of numerics ---------------- */

/* Sums of a cell more; what is not gathered as integers. */
static void
add_large(State *state, StoredCell *cell, int n, const Datum *more)
{
	Datum		sums[SUMS];

	if (cell->large != 0)
	{
		cell_get_large(state, cell, n, sums);
		for (int sum = 0; sum < n; sum++)
			sums[sum] = numeric_plus(sums[sum], more[sum]);
		more = sums;
	}
	cell_put_large(state, cell, n, more);
}

/* ---------------- customers ---------------- */

/* A value as an integer if it can be one; false for one that must be gathered as a numeric. */
static bool
fine_arg(Datum value, const char *what, int128 *fine)
{
	DecimalStatus status = fine_from_numeric(value, fine);

	if (unlikely(status == DECIMAL_NOT_A_NUMBER))
		decimal_check(status, what);
	return likely(status == DECIMAL_OK);
}

/* A value without trailing zeros; one with more digits than are summed is refused. */
static Datum
large_arg(Datum value, const char *what)
{
	const char *text;

	value = numeric_trimmed(value);
	text = DatumGetCString(DirectFunctionCall1(numeric_out, value));
	if (canonical_number(text, strlen(text), EFFECT_WHOLE_DIGITS, EFFECT_PLACES) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s has too many digits", what),
				 errdetail("At most %d digits before the decimal point and %d after it are summed.",
						   EFFECT_WHOLE_DIGITS, EFFECT_PLACES)));
	return value;
}

static void
add_customer(State *state, uint32 at, bool earlier, Datum after_arg, Datum before_arg)
{
	StoredCell	cell;
	int128		after;
	int128		before = 0;
	bool		is_fine;

	cell_get(state, at, &cell);
	cell_count(&cell, 1);
	/* both are looked at, whatever the first is */
	is_fine = fine_arg(after_arg, "after", &after);
	if (earlier)
		is_fine &= fine_arg(before_arg, "before", &before);
	if (is_fine)
	{
		wide_add(&cell.sums[SUM_AFTER], after);
		wide_add_product(&cell.sums[SUM_AFTER2], after, after);
		if (earlier)
		{
			wide_add(&cell.sums[SUM_BEFORE], before);
			wide_add_product(&cell.sums[SUM_BEFORE2], before, before);
			wide_add_product(&cell.sums[SUM_PRODUCT], after, before);
		}
	}
	else
	{
		Datum		more[SUMS];

		more[SUM_AFTER] = large_arg(after_arg, "after");
		more[SUM_AFTER2] = numeric_times(more[SUM_AFTER], more[SUM_AFTER]);
		if (earlier)
		{
			more[SUM_BEFORE] = large_arg(before_arg, "before");
			more[SUM_BEFORE2] = numeric_times(more[SUM_BEFORE], more[SUM_BEFORE]);
			more[SUM_PRODUCT] = numeric_times(more[SUM_AFTER], more[SUM_BEFORE]);
		}
		add_large(state, &cell, sums_of(earlier), more);
	}
	cell_put(state, at, &cell);
}

PG_FUNCTION_INFO_V1(loyalty_effect_add);

/* transition of effect(member, after), effect(member, after, before), effect(member, after, before, stratum) */
Datum
loyalty_effect_add(PG_FUNCTION_ARGS)
{
	bool		earlier = PG_NARGS() > 3;
	State		state;
	const char *name = NULL;
	size_t		len = 0;

	check_in_aggregate(fcinfo);
	strata_open(&state, fcinfo, earlier);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || (earlier && PG_ARGISNULL(3)))
	{
		strata_skip(&state, 1);
		return state_result(&state);
	}
	if (PG_NARGS() > 4 && !PG_ARGISNULL(4))
		name = sql_type_bytes(PG_GETARG_DATUM(4), &len);
	add_customer(&state, strata_cell(&state, name, len, PG_GETARG_BOOL(1) ? MEMBERS : OTHERS), earlier,
				 PG_GETARG_DATUM(2), earlier ? PG_GETARG_DATUM(3) : 0);
	return state_result(&state);
}

/* ---------------- other states, and effects ---------------- */

/* Strata that are added to a state, each in memory of its own that is emptied after it. */
typedef struct Merging
{
	State	   *state;
	MemoryContext context;		/* where the state grows */
} Merging;

/* A cell more; `large` may be NULL. */
static void
merge_cell(const Merging *m, const char *name, size_t len, Side side, const StoredCell *more, int n, const Datum *large)
{
	MemoryContext caller = MemoryContextSwitchTo(m->context);
	uint32		at = strata_cell(m->state, name, len, side);
	StoredCell	cell;

	strata_reserve_large(m->state);
	MemoryContextSwitchTo(caller);
	cell_get(m->state, at, &cell);
	cell_count(&cell, more->n);
	for (int sum = 0; sum < n; sum++)
		wide_add_wide(&cell.sums[sum], &more->sums[sum]);
	if (large)
		add_large(m->state, &cell, n, large);
	cell_put(m->state, at, &cell);
}

PG_FUNCTION_INFO_V1(loyalty_effect_combine);

Datum
loyalty_effect_combine(PG_FUNCTION_ARGS)
{
	State		state;
	State		other;
	EffectHead	head;
	const FoundStratum *found;
	Merging		merging = {&state, CurrentMemoryContext};
	MemoryContext one;

	check_in_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	strata_read(&other, PG_GETARG_DATUM(1));
	head = strata_head(&other);
	strata_open(&state, fcinfo, head.earlier);
	strata_skip(&state, head.skipped);
	found = strata_sorted(&other);
	one = AllocSetContextCreate(CurrentMemoryContext, "loyalty stratum", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(one);
	for (uint32 i = 0; i < other.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int side = 0; side < SIDES; side++)
		{
			StoredCell	more;
			Datum		large[SUMS];

			cell_get(&other, found[i].cells[side], &more);
			if (more.n == 0)
				continue;
			if (more.large != 0)
				cell_get_large(&other, &more, sums_of(head.earlier), large);
			merge_cell(&merging, found[i].name, found[i].len, side, &more, sums_of(head.earlier), more.large != 0 ? large : NULL);
		}
		MemoryContextReset(one);
	}
	MemoryContextSwitchTo(merging.context);
	MemoryContextDelete(one);
	return state_result(&state);
}

static void
merge_stratum(const Stratum *stratum, const JsonNode *node, void *arg)
{
	for (int side = 0; side < SIDES; side++)
	{
		const Cell *cell = &stratum->cells[side];
		StoredCell	more = {.n = cell->n};
		int			n = sums_of(cell->sums[SUM_BEFORE] != NULL);
		Datum		large[SUMS];

		if (cell->n == 0)
			continue;
		for (int sum = 0; sum < n; sum++)
			large[sum] = numeric_from_text(cell->sums[sum]);
		merge_cell(arg, stratum->name, stratum->len, side, &more, n, large);
	}
}

PG_FUNCTION_INFO_V1(loyalty_effect_merge);

/* transition of effect(effect) */
Datum
loyalty_effect_merge(PG_FUNCTION_ARGS)
{
	State		state;
	EffectHead	head;
	Merging		merging = {&state, CurrentMemoryContext};

	check_in_aggregate(fcinfo);
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	strata_open(&state, fcinfo, effect_earlier(PG_GETARG_DATUM(1)));
	effect_walk(PG_GETARG_DATUM(1), &head, merge_stratum, &merging);
	strata_skip(&state, head.skipped);
	return state_result(&state);
}

/* ---------------- the document ---------------- */

/* The sums of a cell: as integers, as numerics, or both. */
static void
cell_texts(const State *state, const StoredCell *stored, int n, Cell *cell)
{
	Datum		large[SUMS];

	cell->n = stored->n;
	if (cell->n == 0)
		return;
	if (stored->large != 0)
		cell_get_large(state, stored, n, large);
	for (int sum = 0; sum < n; sum++)
	{
		char	   *text = palloc(WIDE_TEXT_SIZE);

		wide_to_text(&stored->sums[sum], (sum_is_square(sum) ? 2 : 1) * FINE_PLACES, text);
		if (stored->large != 0)
			text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric_trimmed(numeric_plus(numeric_from_text(text), large[sum]))));
		cell->sums[sum] = text;
	}
}

PG_FUNCTION_INFO_V1(loyalty_effect_final);

Datum
loyalty_effect_final(PG_FUNCTION_ARGS)
{
	State		state;
	EffectHead	head;
	const FoundStratum *found;
	StringInfoData out;
	MemoryContext one;
	MemoryContext caller;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	strata_read(&state, PG_GETARG_DATUM(0));
	head = strata_head(&state);
	found = strata_sorted(&state);
	effect_begin(&out);
	effect_write_head(&out, &head);
	one = AllocSetContextCreate(CurrentMemoryContext, "loyalty stratum", ALLOCSET_SMALL_SIZES);
	for (uint32 i = 0; i < state.n; i++)
	{
		Stratum		stratum = {.name = found[i].name, .len = found[i].len};

		CHECK_FOR_INTERRUPTS();
		caller = MemoryContextSwitchTo(one);
		for (int side = 0; side < SIDES; side++)
		{
			StoredCell	cell;

			cell_get(&state, found[i].cells[side], &cell);
			cell_texts(&state, &cell, sums_of(head.earlier), &stratum.cells[side]);
		}
		MemoryContextSwitchTo(caller);
		if (i > 0)
			appendStringInfoString(&out, ", ");
		effect_write_stratum(&out, &stratum, head.earlier);
		MemoryContextReset(one);
	}
	effect_write_end(&out);
	MemoryContextDelete(one);
	return effect_end(&out);
}
