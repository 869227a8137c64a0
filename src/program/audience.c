/*
 * audience.c
 *		Reading plans, and for whom a rule is.
 */
#include "postgres.h"

#include "event/event.h"
#include "program/reading.h"

/* ---------------- plans ---------------- */

static int
compare_keys(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->key, (*(const JsonNode *const *) b)->key);
}

static void
read_plan(Reading *r, const JsonNode *node, PaidPlan *plan)
{
	static const char *const keys[] = {"any", "grace", "trial", NULL};
	static const char *const hint = "List the plans of subscriptions that are this one, such as [\"plus monthly\", \"plus yearly\"].";
	const JsonNode *any;
	const JsonNode *grace;

	value_keys(node, keys);
	plan->name = value_key(&r->block, node);
	any = json_member(node, "any");
	if (any)
	{
		const JsonNode **names;
		int			n = 0;

		value_array(any, PROGRAM_MAX_PLANS, hint);
		names = palloc(any->count * sizeof(const JsonNode *));
		for (const JsonNode *name = any->first; name; name = name->next)
			names[n++] = name;
		plan->any = value_names(&r->block, names, n);
	}
	else
		plan->any = block_list(&r->block, &plan->name, 1, sizeof(ProgramName));
	grace = json_member(node, "grace");
	if (grace)
		plan->grace = value_span(grace, POSITIVE);
	plan->trial = value_truth_or(node, "trial", true);
}

/* The plans, by name. */
void
read_plans(Reading *r, const JsonNode *node)
{
	static const char *const hint = "Name each plan: {\"plus\": {\"any\": [\"plus monthly\", \"plus yearly\"], \"grace\": \"7 days\"}}.";
	const JsonNode *given[PROGRAM_MAX_PLANS];
	int			n = 0;

	if (node == NULL)
		return;
	if (node->type != JSON_OBJECT)
		value_refuse(node, "must be an object", value_found(node), hint);
	if (node->count > PROGRAM_MAX_PLANS)
		value_too_many(node, "plans", PROGRAM_MAX_PLANS);
	for (const JsonNode *child = node->first; child; child = child->next)
		given[n++] = child;
	qsort(given, n, sizeof(const JsonNode *), compare_keys);
	for (int i = 0; i < n; i++)
		read_plan(r, given[i], &r->plans[r->nplans++]);
}

/* ---------------- for whom ---------------- */

static uint32
anchor_number(Reading *r, const JsonNode *node)
{
	ProgramName stored = strcmp(node->text, FIRST_PURCHASE) == 0 ? value_name(&r->block, node) :
		value_activity(r, node, "Give the name of an activity, such as \"birthday\", or \"first purchase\".");

	for (uint32 i = 0; i < r->nanchors; i++)
	{
		if (r->anchors[i].at == stored.at)
			return i;
	}
	if (r->nanchors == PROGRAM_MAX_ANCHORS)
		value_too_many(node->parent, "activities in all", PROGRAM_MAX_ANCHORS);
	r->anchors[r->nanchors] = stored;
	return r->nanchors++;
}

static void
read_within(Reading *r, const JsonNode *node, Audience *audience)
{
	static const char *const keys[] = {"after", "for", NULL};
	static const char *const hint = "Say after which activity, and for how long: {\"after\": \"birthday\", \"for\": \"30 days\"}.";
	const JsonNode *after;

	value_keys(node, keys);
	after = value_need(node, "after", hint);
	if (after->type != JSON_STRING)
		value_refuse(after, "must be a string", value_found(after), hint);
	audience->anchor = anchor_number(r, after);
	audience->within = value_span(value_need(node, "for", hint), POSITIVE);
}

void
read_audience(Reading *r, const JsonNode *node, Audience *audience)
{
	const JsonNode *plan = json_member(node, "plan");
	const JsonNode *within = json_member(node, "within");
	const JsonNode *first = json_member(node, "first");

	if (plan)
		audience->plans = value_plans(r, plan);
	if (within)
		read_within(r, within, audience);
	if (first)
		audience->first = value_whole(first, 1, PROGRAM_MAX_FIRST);
	audience->some = plan || within || first;
}
