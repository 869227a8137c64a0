/*
 * read.c
 *		A model from its JSON tree.
 */
#include "postgres.h"

#include "document/read.h"
#include "worth/model.h"

#include <math.h>

const char *const model_kinds[] = {"MBG/NBD", "Pareto/NBD", "BG/NBD", "sBG", NULL};
const char *const model_values[] = {"revenue", "profit", NULL};
const char *const model_statuses[] = {"fitted", "too few repeat customers", "no maximum", NULL};
const char *const model_spend_statuses[] = {"fitted", "too few values", "no maximum", "no mean", NULL};

static const char *const document_keys[] = {
	"timezone", "model", "unit", "value", "prior", "parameters", "standard_errors", "covariance",
	"customers", "repeat_customers", "valued_customers", "skipped", "log_likelihood",
	"spend_log_likelihood", "status", "spend_status", "until", NULL
};

/* what a parameter may be: where the formulas neither overflow nor vanish */
#define PARAMETER_LEAST		1e-9
#define PARAMETER_LARGEST	1e15

const char *const *
model_parameters(ModelKind kind, int part)
{
	static const char *const bg[] = {"r", "alpha", "a", "b", NULL};
	static const char *const pareto[] = {"r", "alpha", "s", "beta", NULL};
	static const char *const renewals[] = {"alpha", "beta", NULL};
	static const char *const spend[] = {"p", "q", "gamma", NULL};
	static const char *const amount[] = {"mean_value", NULL};

	if (part == PART_SPEND)
		return kind == MODEL_SBG ? amount : spend;
	return kind == MODEL_SBG ? renewals : kind == MODEL_PARETO_NBD ? pareto : bg;
}

int
model_count_parameters(ModelKind kind, int part)
{
	const char *const *names = model_parameters(kind, part);
	int			n = 0;

	while (names[n])
		n++;
	return n;
}

/* ---------------- numbers ---------------- */

/* a finite number */
static double
read_double(const JsonNode *node)
{
	double		value;

	if (node->type != JSON_NUMBER)
		value_refuse(node, "must be a number", value_found(node), NULL);
	value = strtod(node->text, NULL);
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s: is out of range", json_path(node)),
				 errdetail("%s", value_found(node))));
	return value;
}

static double
read_parameter(const JsonNode *node)
{
	double		value = read_double(node);

	if (value <= 0)
		value_refuse(node, "must be greater than zero", value_found(node), NULL);
	if (value < PARAMETER_LEAST || value > PARAMETER_LARGEST)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s: is out of range", json_path(node)),
				 errdetail("%s", value_found(node)),
				 errhint("Parameters are between %g and %g.", PARAMETER_LEAST, PARAMETER_LARGEST)));
	return value;
}

static int64
read_count(const JsonNode *object, const char *key)
{
	const JsonNode *node = json_member(object, key);
	Decimal		value;

	if (node == NULL)
		return 0;
	value = value_number(node, NOT_NEGATIVE);
	if (value % DECIMAL_ONE != 0)
		value_refuse(node, "must be a whole number", value_found(node), NULL);
	return value / DECIMAL_ONE;
}

/* ---------------- settings ---------------- */

static Span
read_unit(const JsonNode *document, ModelKind kind)
{
	const JsonNode *node = json_member(document, "unit");
	Span		unit = {0, MODEL_UNIT_DAYS, 0};

	if (node == NULL)
		return unit;
	unit = value_span(node, POSITIVE);
	if (unit.time != 0 || (unit.months != 0 && unit.days != 0) || (unit.months == 0 && unit.days == 0))
		value_refuse(node, "must be whole days, or whole months", value_found(node),
					 "It is the time in which parameters count, such as \"1 week\".");
	if (unit.months != 0 && kind != MODEL_SBG)
		value_refuse(node, "must be whole days", value_found(node),
					 "Months differ in length; only contracts (\"sBG\") have them.");
	return unit;
}

/* ---------------- what a fit adds ---------------- */

/*
 * Numbers by the names of the parameters, those of a part all or none: the
 * parameters themselves, or their standard errors.
 */
static void
read_named(const JsonNode *document, const char *key, Model *model, bool errors)
{
	const JsonNode *object = json_member(document, key);
	const char *keys[2 * NEWTON_MOST + 1];
	int			n = 0;

	if (object == NULL)
		return;
	for (int part = 0; part < MODEL_PARTS; part++)
	{
		for (const char *const *name = model_parameters(model->kind, part); *name; name++)
			keys[n++] = *name;
	}
	keys[n] = NULL;
	value_keys(object, keys);
	if (object->count == 0)
		value_refuse(object, "must not be empty", NULL, value_accepted(keys, NULL, NULL));

	for (int p = 0; p < MODEL_PARTS; p++)
	{
		ModelPart  *part = &model->parts[p];
		const char *const *names = model_parameters(model->kind, p);
		double	   *values = errors ? part->errors : part->parameters;
		bool	   *has = errors ? &part->has_errors : &part->known;

		for (int i = 0; names[i]; i++)
			*has |= json_member(object, names[i]) != NULL;
		for (int i = 0; *has && names[i]; i++)
			values[i] = read_parameter(value_need(object, names[i],
												  psprintf("These go together: %s",
														   value_accepted(names, NULL, NULL) + strlen("Accepted: "))));
	}
}

/* A symmetric and positive definite matrix. */
static void
read_matrix(const JsonNode *rows, int n, double matrix[NEWTON_MOST][NEWTON_MOST])
{
	double		inverse[NEWTON_MOST][NEWTON_MOST];
	int			i = 0;

	if (rows->type != JSON_ARRAY || rows->count != n)
		value_refuse(rows, psprintf("must be %d rows of as many numbers, or null", n), value_found(rows), NULL);
	for (const JsonNode *row = rows->first; row; row = row->next, i++)
	{
		int			j = 0;

		if (row->type != JSON_ARRAY || row->count != n)
			value_refuse(row, psprintf("must be a row of %d numbers", n), value_found(row), NULL);
		for (const JsonNode *cell = row->first; cell; cell = cell->next, j++)
			matrix[i][j] = read_double(cell);
	}
	for (i = 0; i < n; i++)
	{
		for (int j = 0; j < i; j++)
		{
			if (matrix[i][j] != matrix[j][i])
				value_refuse(rows, "is not symmetric", NULL, NULL);
		}
	}
	if (!invert_definite(n, matrix, inverse))
		value_refuse(rows, "is not positive definite", NULL, "It is the covariance of the parameters' logarithms.");
}

static void
read_covariance(const JsonNode *document, Model *model)
{
	const JsonNode *node = json_member(document, "covariance");
	const JsonNode *rows;
	int			p = 0;

	if (node == NULL)
		return;
	if (node->type != JSON_ARRAY || node->count != MODEL_PARTS)
		value_refuse(node, "must be two lists of rows", value_found(node),
					 "The first is for what customers buy by, the second for what they spend; null where it was not fitted.");
	for (rows = node->first; rows; rows = rows->next, p++)
	{
		ModelPart  *part = &model->parts[p];

		if (rows->type == JSON_NULL)
			continue;
		if (p == PART_SPEND && model->kind == MODEL_SBG)
			value_refuse(rows, "must be null", value_found(rows), "A mean amount has none.");
		read_matrix(rows, model_count_parameters(model->kind, p), part->covariance);
		part->has_covariance = true;
	}
}

static void
read_counts(const JsonNode *document, Model *model)
{
	static const char *const skipped_keys[] = {"no purchase", "value not above 0", NULL};
	static const JsonNode none = {.type = JSON_OBJECT};
	const JsonNode *skipped = json_member(document, "skipped");

	model->has_counts = json_member(document, "customers") || json_member(document, "repeat_customers") ||
		json_member(document, "valued_customers") || skipped;
	if (skipped)
		value_keys(skipped, skipped_keys);
	else
		skipped = &none;
	model->customers = read_count(document, "customers");
	model->repeat_customers = read_count(document, "repeat_customers");
	model->valued_customers = read_count(document, "valued_customers");
	model->no_purchase = read_count(skipped, "no purchase");
	model->not_above = read_count(skipped, "value not above 0");
}

static void
read_outcome(const JsonNode *document, const char *status, const char *const *words,
			 const char *log_likelihood, ModelPart *part)
{
	const JsonNode *node = json_member(document, status);

	if (node)
		part->status = PART_FITTED + value_choice(node, words);
	node = json_member(document, log_likelihood);
	if (node)
	{
		part->log_likelihood = read_double(node);
		part->has_log_likelihood = true;
	}
}

static void
read_until(const JsonNode *document, Model *model)
{
	const JsonNode *node = json_member(document, "until");

	if (node == NULL)
		return;
	if (node->type != JSON_STRING || !instant_from_text(node->text, node->len, &model->until))
		value_refuse(node, "must be an instant", value_found(node),
					 "Write date, time and offset, such as \"2026-01-01T00:00:00Z\".");
	model->has_until = true;
}

Model *
model_from_json(const JsonNode *document, zone_listed_fn zone_listed)
{
	Block		block;
	Model		model = {0};

	block_init(&block, "model", sizeof(Model));
	value_keys(document, document_keys);
	model.timezone = value_zone(&block, document, zone_listed);
	model.kind = value_choice_or(document, "model", model_kinds, MODEL_MBG_NBD);
	model.unit = read_unit(document, model.kind);
	model.value = value_choice_or(document, "value", model_values, MODEL_REVENUE);
	if (model.kind == MODEL_SBG && model.value == MODEL_PROFIT)
		value_refuse(json_member(document, "value"), "has no meaning here", NULL,
					 "What a contract costs to serve is not known to \"sBG\"; its value is the amount.");
	model.prior = value_number_or(document, "prior", NOT_NEGATIVE, 0);
	read_named(document, "parameters", &model, false);
	read_named(document, "standard_errors", &model, true);
	read_covariance(document, &model);
	read_counts(document, &model);
	read_outcome(document, "status", model_statuses, "log_likelihood", &model.parts[PART_PURCHASES]);
	read_outcome(document, "spend_status", model_spend_statuses, "spend_log_likelihood", &model.parts[PART_SPEND]);
	read_until(document, &model);
	return block_finish(&block, &model);
}
