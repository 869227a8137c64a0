/*
 * write.c
 *		The readable form of a model: the document that compiles to it.
 */
#include "postgres.h"

#include "document/write.h"
#include "worth/model.h"

#include "common/shortest_dec.h"

/* the shortest text that is this number again */
static void
write_double(Writer *w, double value)
{
	char		buf[DOUBLE_SHORTEST_DECIMAL_LEN];

	double_to_shortest_decimal_buf(value, buf);
	appendStringInfoString(w->out, buf);
}

static void
put_count(Writer *w, const char *key, int64 value)
{
	write_key(w, key);
	appendStringInfo(w->out, INT64_FORMAT, value);
}

static void
put_double(Writer *w, const char *key, double value)
{
	write_key(w, key);
	write_double(w, value);
}

/* numbers of both parts by the names of the parameters; nothing if neither has them */
static void
put_named(Writer *w, const char *key, const Model *model, bool errors)
{
	bool		begun = false;

	for (int p = 0; p < MODEL_PARTS; p++)
	{
		const ModelPart *part = &model->parts[p];
		const char *const *names = model_parameters(model->kind, p);

		if (!(errors ? part->has_errors : part->known))
			continue;
		if (!begun)
		{
			write_key(w, key);
			write_begin(w, '{');
			begun = true;
		}
		for (int i = 0; names[i]; i++)
			put_double(w, names[i], errors ? part->errors[i] : part->parameters[i]);
	}
	if (begun)
		write_end(w, '}');
}

static void
put_matrix(Writer *w, const ModelPart *part, int n)
{
	write_element(w);
	if (!part->has_covariance)
	{
		appendStringInfoString(w->out, "null");
		return;
	}
	write_begin(w, '[');
	for (int i = 0; i < n; i++)
	{
		write_element(w);
		write_begin(w, '[');
		for (int j = 0; j < n; j++)
		{
			write_element(w);
			write_double(w, part->covariance[i][j]);
		}
		write_end(w, ']');
	}
	write_end(w, ']');
}

static void
put_covariance(Writer *w, const Model *model)
{
	if (!model->parts[PART_PURCHASES].has_covariance && !model->parts[PART_SPEND].has_covariance)
		return;
	write_key(w, "covariance");
	write_begin(w, '[');
	for (int p = 0; p < MODEL_PARTS; p++)
		put_matrix(w, &model->parts[p], model_count_parameters(model->kind, p));
	write_end(w, ']');
}

static void
put_counts(Writer *w, const Model *model)
{
	if (!model->has_counts)
		return;
	put_count(w, "customers", model->customers);
	put_count(w, "repeat_customers", model->repeat_customers);
	put_count(w, "valued_customers", model->valued_customers);
	write_key(w, "skipped");
	write_begin(w, '{');
	put_count(w, "no purchase", model->no_purchase);
	put_count(w, "value not above 0", model->not_above);
	write_end(w, '}');
}

static void
put_log_likelihood(Writer *w, const char *key, const ModelPart *part)
{
	if (part->has_log_likelihood)
		put_double(w, key, part->log_likelihood);
}

static void
put_status(Writer *w, const char *key, const char *const *words, const ModelPart *part)
{
	if (part->status != PART_NOT_TRIED)
		put_word(w, key, words[part->status - PART_FITTED]);
}

void
model_to_json(StringInfo out, const Model *model)
{
	Writer		w;
	char		instant[INSTANT_TEXT_SIZE];

	write_init(&w, out, model);
	write_begin(&w, '{');
	put_name(&w, "timezone", model->timezone);
	put_choice(&w, "model", model_kinds, model->kind);
	if (model->unit.months != 0 || model->unit.days != MODEL_UNIT_DAYS)
		put_span(&w, "unit", &model->unit);
	put_choice(&w, "value", model_values, model->value);
	if (model->prior != 0)
		put_decimal(&w, "prior", model->prior);
	put_named(&w, "parameters", model, false);
	put_named(&w, "standard_errors", model, true);
	put_covariance(&w, model);
	put_counts(&w, model);
	put_log_likelihood(&w, "log_likelihood", &model->parts[PART_PURCHASES]);
	put_log_likelihood(&w, "spend_log_likelihood", &model->parts[PART_SPEND]);
	put_status(&w, "status", model_statuses, &model->parts[PART_PURCHASES]);
	put_status(&w, "spend_status", model_spend_statuses, &model->parts[PART_SPEND]);
	if (model->has_until)
	{
		instant_to_text(model->until, instant);
		put_word(&w, "until", instant);
	}
	write_end(&w, '}');
}
