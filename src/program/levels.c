/*
 * levels.c
 *		Reading metrics and tiers.
 */
#include "postgres.h"

#include "program/reading.h"

/* ---------------- metrics ---------------- */

static int
compare_keys(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->key, (*(const JsonNode *const *) b)->key);
}

/* The built-in metrics, then those that the document defines, by name. */
void
read_metrics(Reading *r, const JsonNode *node)
{
	static const char *const keys[] = {"sum", "where", NULL};
	static const char *const hint = "Define a metric as {\"nights\": {\"sum\": \"quantity\", \"where\": {\"any\": [\"stay\"]}}}.";
	/* as in earn rules, money may be called amount */
	const char *const sum_words[] = {"spend", "points", "orders", "quantity", "profit", "amount", NULL};
	const JsonNode *given[PROGRAM_MAX_METRICS - BUILTIN_METRICS];
	int			n = 0;

	for (int i = 0; i < BUILTIN_METRICS; i++)
	{
		Metric	   *metric = &r->metrics[r->nmetrics++];

		metric->name = block_name(&r->block, measure_words[i], strlen(measure_words[i]));
		metric->measure = i;
	}
	if (node == NULL)
		return;
	if (node->type != JSON_OBJECT)
		value_refuse(node, "must be an object", value_found(node), hint);
	if (node->count > (int) lengthof(given))
		value_too_many(node, "metrics", lengthof(given));
	for (const JsonNode *child = node->first; child; child = child->next)
	{
		for (const char *const *word = sum_words; *word; word++)
		{
			if (strcmp(*word, child->key) == 0)
				value_refuse(child, "is the name of a metric that every program has", NULL, "Choose another name.");
		}
		given[n++] = child;
	}
	qsort(given, n, sizeof(const JsonNode *), compare_keys);
	for (int i = 0; i < n; i++)
	{
		Metric	   *metric = &r->metrics[r->nmetrics];

		value_keys(given[i], keys);
		metric->name = value_key(&r->block, given[i]);
		metric->measure = value_choice(value_need(given[i], "sum", hint), sum_words);
		if (metric->measure == BUILTIN_METRICS)
			metric->measure = BY_SPEND;
		read_where(&r->block, given[i], &metric->any, &metric->all, &metric->none);
		r->nmetrics++;
	}
}

/* ---------------- levels ---------------- */

static int
compare_conditions(const void *a, const void *b)
{
	const Condition *ca = a;
	const Condition *cb = b;

	return (ca->metric > cb->metric) - (ca->metric < cb->metric);
}

static ProgramList
read_needs(Reading *r, const JsonNode *node)
{
	static const char *const hint = "List the alternatives, each with what must be met together: [{\"nights\": 10}, {\"orders\": 5, \"spend\": 1000}].";
	Need	   *needs;
	uint32		n = 0;

	value_array(node, PROGRAM_MAX_RULES, hint);
	needs = palloc(node->count * sizeof(Need));
	for (const JsonNode *alternative = node->first; alternative; alternative = alternative->next)
	{
		Condition	conditions[PROGRAM_MAX_METRICS] = {0};
		uint32		m = 0;
		bool		something = false;

		if (alternative->type != JSON_OBJECT)
			value_refuse(alternative, "must be an object of metrics", value_found(alternative), hint);
		if (alternative->count == 0)
			value_refuse(alternative, "must not be empty", NULL, hint);
		/* keys differ, so there are no more of them than metrics */
		for (const JsonNode *child = alternative->first; child; child = child->next)
		{
			conditions[m].metric = value_metric(r, child, child->key);
			conditions[m].at = value_number(child, NOT_NEGATIVE);
			something |= conditions[m++].at > 0;
		}
		if (!something)
			value_refuse(alternative, "must ask for something greater than zero", NULL,
						 "A level that everybody has is one \"at\": 0.");
		qsort(conditions, m, sizeof(Condition), compare_conditions);
		needs[n++].conditions = block_list(&r->block, conditions, m, sizeof(Condition));
	}
	return block_list(&r->block, needs, n, sizeof(Need));
}

/* the number of a tier, a new one if no version has named it yet */
static uint32
tier_number(Reading *r, const JsonNode *name)
{
	ProgramName stored = value_name(&r->block, name);

	for (uint32 i = 0; i < r->ntiers; i++)
	{
		if (r->tiers[i].at == stored.at)
			return i;
	}
	if (r->ntiers == PROGRAM_MAX_TIERS)
		value_too_many(name->parent->parent, "tiers in all", PROGRAM_MAX_TIERS);
	r->tiers[r->ntiers] = stored;
	return r->ntiers++;
}

static const char *const levels_hint =
"List the levels, lowest first: [{\"name\": \"Silver\", \"at\": 0}, {\"name\": \"Gold\", \"at\": 500}].";

static ProgramList
read_levels(Reading *r, const JsonNode *node)
{
	static const char *const keys[] = {"name", "at", "needs", "plan", NULL};
	Level		levels[PROGRAM_MAX_LEVELS] = {0};
	const Level *before = NULL;	/* the last one with a number */
	uint32		n = 0;

	value_array(node, PROGRAM_MAX_LEVELS, levels_hint);
	for (const JsonNode *child = node->first; child; child = child->next)
	{
		Level	   *level = &levels[n];
		const JsonNode *name;
		const JsonNode *at;
		const JsonNode *needs;
		const JsonNode *plan;

		value_keys(child, keys);
		name = value_need(child, "name", "Give the level a name.");
		level->tier = tier_number(r, name);
		for (uint32 i = 0; i < n; i++)
		{
			if (levels[i].tier == level->tier)
				value_refuse(name, "is the name of two levels", value_found(name), "Give each level a name of its own.");
		}
		at = json_member(child, "at");
		needs = json_member(child, "needs");
		plan = json_member(child, "plan");
		if (plan)
			level->plans = value_plans(r, plan);
		if (at && needs)
			value_refuse(needs, "has no meaning together with \"at\"", NULL,
						 "\"needs\" may name the same metric: [{\"spend\": 500, \"orders\": 3}].");
		if (needs)
			level->needs = read_needs(r, needs);
		else if (plan && at == NULL)
			level->at = LEVEL_BY_PLAN;
		else
		{
			at = value_need(child, "at", "Say at how much the level is reached, or give its \"needs\", or the \"plan\" that gives it.");
			level->at = value_number(at, NOT_NEGATIVE);
			if (before && level->at <= before->at)
			{
				char		least[DECIMAL_TEXT_SIZE];

				decimal_to_text(before->at, least);
				value_refuse(at, "must be greater than the level before it",
							 psprintf("It is %s, \"%s\" is at %s.", at->text,
									  BLOCK_NAME(r->block.data, r->tiers[before->tier]), least), levels_hint);
			}
			before = level;
		}
		n++;
	}
	return block_list(&r->block, levels, n, sizeof(Level));
}

/* ---------------- a version of the tiers ---------------- */

static void
read_window(const JsonNode *node, TiersRule *tiers)
{
	static const char *const words[] = {"calendar year", "year from MM-DD", "membership year", "lifetime", NULL};

	tiers->window = WINDOW_CALENDAR_YEAR;
	tiers->window_month = tiers->window_day = 1;
	if (node == NULL || value_window(node, &tiers->window, &tiers->window_month, &tiers->window_day))
		return;
	if (span_from_text(node, POSITIVE, &tiers->span))
		tiers->window = WINDOW_ROLLING;
	else
		value_refuse(node, "is not one of the accepted values", value_found(node),
					 value_accepted(words, "or an interval such as \"12 months\"", node->type == JSON_STRING ? node->text : NULL));
}

static void
read_valid(const JsonNode *node, TiersRule *tiers)
{
	static const char *const words[] = {"1 year after window", "window", "forever", NULL};

	tiers->valid = tiers->window == WINDOW_LIFETIME ? VALID_FOREVER :
		tiers->window == WINDOW_ROLLING ? VALID_WINDOW : VALID_YEAR_AFTER;
	if (node == NULL)
		return;
	if (node->type == JSON_STRING && strcmp(node->text, "forever") == 0)
		tiers->valid = VALID_FOREVER;
	else if (node->type == JSON_STRING && strcmp(node->text, "window") == 0)
	{
		/* the lifetime is a window that does not end */
		if (tiers->window != WINDOW_LIFETIME)
			tiers->valid = VALID_WINDOW;
	}
	else if (node->type == JSON_STRING && strcmp(node->text, "1 year after window") == 0)
	{
		if (tiers->window == WINDOW_ROLLING)
			value_refuse(node, "has no meaning with a rolling window", NULL,
						 "A rolling window has no end: use \"window\" (held while the metric is), an interval such as \"1 year\" (from each time it is reached), or \"forever\".");
		if (tiers->window == WINDOW_LIFETIME)
			value_refuse(node, "has no meaning with the window \"lifetime\"", NULL,
						 "It has no end: leave \"valid\" out; what is reached is held for ever.");
		tiers->valid = VALID_YEAR_AFTER;
	}
	else if (span_from_text(node, POSITIVE, &tiers->valid_span))
	{
		if (tiers->window == WINDOW_LIFETIME)
			value_refuse(node, "has no meaning with the window \"lifetime\"", value_found(node),
						 "Leave \"valid\" out; what is reached is held for ever.");
		tiers->valid = VALID_SPAN;
	}
	else
		value_refuse(node, "is not one of the accepted values", value_found(node),
					 value_accepted(words, "or an interval such as \"18 months\"", node->type == JSON_STRING ? node->text : NULL));
}

/* Does some level have a threshold in this metric? */
static bool
has_threshold(const Reading *r, const TiersRule *tiers, uint32 metric)
{
	const Level *levels = BLOCK_LIST(r->block.data, tiers->levels, Level);

	for (uint32 i = 0; i < tiers->levels.n; i++)
	{
		const Need *needs = BLOCK_LIST(r->block.data, levels[i].needs, Need);

		if (levels[i].needs.n == 0 && levels[i].at > 0 && levels[i].at != LEVEL_BY_PLAN && tiers->by == metric)
			return true;
		for (uint32 j = 0; j < levels[i].needs.n; j++)
		{
			const Condition *conditions = BLOCK_LIST(r->block.data, needs[j].conditions, Condition);

			for (uint32 k = 0; k < needs[j].conditions.n; k++)
			{
				if (conditions[k].metric == metric && conditions[k].at > 0)
					return true;
			}
		}
	}
	return false;
}

static void
read_rollover(const Reading *r, const JsonNode *node, TiersRule *tiers)
{
	static const char *const keys[] = {"of", "cap", NULL};
	const JsonNode *of;

	value_keys(node, keys);
	if (tiers->window == WINDOW_ROLLING || tiers->window == WINDOW_LIFETIME)
		value_refuse(node, tiers->window == WINDOW_LIFETIME ? "has no meaning with the window \"lifetime\"" :
					 "has no meaning with a rolling window", NULL,
					 "It carries over from one year to the next: use \"calendar year\", \"year from MM-DD\" or \"membership year\".");
	of = value_need(node, "of", "Name the metric that is carried over, such as {\"of\": \"orders\", \"cap\": 40}.");
	tiers->has_rollover = true;
	tiers->rollover_metric = value_metric(r, of, of->type == JSON_STRING ? of->text : NULL);
	tiers->rollover_cap = value_number_or(node, "cap", POSITIVE, PG_INT64_MAX);
	if (!has_threshold(r, tiers, tiers->rollover_metric))
		value_refuse(of, "is a metric in which no level has a threshold", value_found(of),
					 "What is above the highest reached threshold is carried over: name the metric of the levels.");
}

void
read_tiers(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {
		"by", "window", "valid", "overhang", "downgrade", "on_refund", "rate_at", "rollover", "levels", RULE_KEYS, NULL
	};
	TiersRule  *tiers = rule;
	const JsonNode *by;
	const JsonNode *overhang;
	const JsonNode *rollover;
	const JsonNode *where;

	value_keys(node, keys);
	where = json_member(node, "where");
	if (where)
		value_refuse(where, "has no meaning here", NULL,
					 "Count tagged events only by a metric of its own: \"metrics\": {\"beauty\": {\"sum\": \"spend\", \"where\": ...}}.");
	by = json_member(node, "by");
	if (by)
		tiers->by = value_metric(r, by, by->type == JSON_STRING ? by->text : NULL);
	read_window(json_member(node, "window"), tiers);
	read_valid(json_member(node, "valid"), tiers);
	overhang = json_member(node, "overhang");
	if (overhang)
	{
		if (tiers->valid == VALID_FOREVER)
			value_refuse(overhang, "has no meaning with tiers that are held for ever", NULL, "Leave it out.");
		tiers->overhang = value_span(overhang, POSITIVE);
		tiers->has_overhang = true;
	}
	tiers->downgrade = value_choice_or(node, "downgrade", downgrade_words, DOWNGRADE_EARNED);
	tiers->latch = value_choice_or(node, "on_refund", on_refund_words, 0);
	tiers->rate_after = value_choice_or(node, "rate_at", rate_at_words, 0);
	tiers->levels = read_levels(r, value_need(node, "levels", levels_hint));
	rollover = json_member(node, "rollover");
	if (rollover)
		read_rollover(r, rollover, tiers);
}
