/*
 * fitting.c
 *		The aggregate fit(history, model, asof).
 *
 * Its running state (base/state.h), of type bytea, is a row of each customer
 * (population.h) in the order in which they come, after a head:
 *
 *		8 bytes		the latest instant asked about
 *		4 bytes		length of the model's text, and the text
 *
 * The final function sorts the rows, so their order cannot show.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/state.h"
#include "worth/estimate.h"

static void
state_damaged(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("state of loyalty.fit() is damaged")));
}

static void
state_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("loyalty.fit() would need more than 1 GB"),
			 errhint("Fit the model to a part of the customers: a tenth of so many is plenty.")));
}

static const StateType fit_state = {0xFE, state_damaged, state_too_large, NULL};

/* ---------------- the head ---------------- */

typedef struct Head
{
	int64		until;
	uint32		len;
	const char *model;			/* its text */
} Head;

#define HEAD_SIZE(len)	(sizeof(int64) + sizeof(uint32) + (len))

static Head
read_head(const State *state)
{
	Head		head;

	if (state->used < HEAD_SIZE(0))
		state_damaged();
	memcpy(&head.until, state->rows, sizeof(int64));
	memcpy(&head.len, state->rows + sizeof(int64), sizeof(uint32));
	if (state->used - HEAD_SIZE(0) < head.len)
		state_damaged();
	head.model = (const char *) state->rows + HEAD_SIZE(0);
	return head;
}

/* Open argument 0 with room for so many bytes, and put a head to it: the same model, and the later of two instants. */
static void
open_with_head(State *state, FunctionCallInfo fcinfo, const Head *given, size_t size)
{
	Head		head;

	if (!state_open(state, &fit_state, fcinfo, HEAD_SIZE(given->len) + size))
		state_damaged();
	if (PG_ARGISNULL(0))
	{
		memcpy(state->rows, &given->until, sizeof(int64));
		memcpy(state->rows + sizeof(int64), &given->len, sizeof(uint32));
		memcpy(state->rows + HEAD_SIZE(0), given->model, given->len);
		state->used = HEAD_SIZE(given->len);
		return;
	}
	head = read_head(state);
	if (head.len != given->len || memcmp(head.model, given->model, given->len) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model differs between rows"),
				 errhint("Each group is fitted with one model; group by it if it is a column.")));
	if (given->until > head.until)
		memcpy(state->rows, &given->until, sizeof(int64));
}

/* The model whose text stands there. */
static const UsedModel *
model_of_head(const Head *head)
{
	char	   *stored = palloc(head->len + 1);

	stored[0] = (char) model_type.version;
	memcpy(stored + 1, head->model, head->len);
	return model_use(sql_type_value(stored, head->len + 1));
}

static void
append(State *state, const uint8 *rows, size_t size, uint64 n)
{
	memcpy(state->rows + state->used, rows, size);
	state->used += size;
	state->n += n;
}

/* ---------------- the functions ---------------- */

/* a state that came as an argument */
static void
read_arg(FunctionCallInfo fcinfo, int arg, State *state, Head *head)
{
	struct varlena *value = state_value(PG_GETARG_DATUM(arg));

	if (!state_is_open(&fit_state, value))
		state_damaged();
	state_read(state, &fit_state, value);
	*head = read_head(state);
}

PG_FUNCTION_INFO_V1(loyalty_model_fit_add);

/* transition: one customer; a NULL among the arguments skips the row */
Datum
loyalty_model_fit_add(PG_FUNCTION_ARGS)
{
	const UsedModel *use;
	Head		head;
	uint8	   *row;
	size_t		size;
	State		state;

	state_check_aggregate(fcinfo, "loyalty.fit()");
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return state_unchanged(fcinfo);
	use = model_use(PG_GETARG_DATUM(2));
	head.until = asof_arg(fcinfo, 3);
	head.len = use->len;
	head.model = use->text;
	row = population_row(use, PG_GETARG_DATUM(1), head.until, &size);
	open_with_head(&state, fcinfo, &head, size);
	append(&state, row, size, 1);
	return state_result(&state);
}

PG_FUNCTION_INFO_V1(loyalty_model_fit_combine);

Datum
loyalty_model_fit_combine(PG_FUNCTION_ARGS)
{
	State		state;
	State		other;
	Head		head;

	state_check_aggregate(fcinfo, "loyalty.fit()");
	if (PG_ARGISNULL(1))
		return state_unchanged(fcinfo);
	read_arg(fcinfo, 1, &other, &head);
	open_with_head(&state, fcinfo, &head, other.used);
	append(&state, other.rows + HEAD_SIZE(head.len), other.used - HEAD_SIZE(head.len), other.n);
	return state_result(&state);
}

PG_FUNCTION_INFO_V1(loyalty_model_fit_final);

Datum
loyalty_model_fit_final(PG_FUNCTION_ARGS)
{
	const UsedModel *use;
	Population	population;
	State		state;
	Head		head;

	state_check_aggregate(fcinfo, "loyalty.fit()");
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	read_arg(fcinfo, 0, &state, &head);
	use = model_of_head(&head);
	if (!population_read(&population, model_is_of_contracts(use), state.rows + HEAD_SIZE(head.len),
						 state.used - HEAD_SIZE(head.len), state.n))
		state_damaged();
	return document_value(&model_type, estimate_model(use, &population, head.until));
}
