/*
 * named.c
 *		What rules refer to by its name: metrics, tiers, plans, activities.
 */
#include "postgres.h"

#include "event/event.h"
#include "program/reading.h"

uint32
value_metric(const Reading *r, const JsonNode *node, const char *name)
{
	for (uint32 i = 0; name && i < r->nmetrics; i++)
	{
		if (block_name_is(&r->block, r->metrics[i].name, name))
			return i;
	}
	value_refuse(node, "is not a metric of this program", name && name == node->key ? NULL : value_found(node),
				 psprintf("%s Others are defined under \"metrics\".",
						  value_accepted(value_words(&r->block, r->metrics, r->nmetrics, sizeof(Metric)), NULL, name)));
}

uint32
value_tier(const Reading *r, const JsonNode *node, const char *name)
{
	for (uint32 i = 0; name && i < r->ntiers; i++)
	{
		if (block_name_is(&r->block, r->tiers[i], name))
			return i;
	}
	value_refuse(node, "is not a tier of this program", name && name == node->key ? NULL : value_found(node),
				 r->ntiers == 0 ? "The program has no \"tiers\": add them." :
				 value_accepted(value_words(&r->block, r->tiers, r->ntiers, sizeof(ProgramName)), NULL, name));
}

/* ---------------- lists of them ---------------- */

static int
compare_numbers(const void *a, const void *b)
{
	uint32		na = *(const uint32 *) a;
	uint32		nb = *(const uint32 *) b;

	return (na > nb) - (na < nb);
}

/* Order and repeats mean nothing. */
static ProgramList
numbers_list(Reading *r, uint32 *numbers, uint32 n)
{
	uint32		kept = 0;

	qsort(numbers, n, sizeof(uint32), compare_numbers);
	for (uint32 i = 0; i < n; i++)
	{
		if (i == 0 || numbers[i] != numbers[i - 1])
			numbers[kept++] = numbers[i];
	}
	return block_list(&r->block, numbers, kept, sizeof(uint32));
}

ProgramList
value_tiers(Reading *r, const JsonNode *node, const char *hint)
{
	uint32	   *tiers;
	uint32		n = 0;

	value_array(node, PROGRAM_MAX_TIERS, hint);
	tiers = palloc(node->count * sizeof(uint32));
	for (const JsonNode *tier = node->first; tier; tier = tier->next)
		tiers[n++] = value_tier(r, tier, tier->type == JSON_STRING ? tier->text : NULL);
	return numbers_list(r, tiers, n);
}

static uint32
value_plan(const Reading *r, const JsonNode *node)
{
	const char *name = node->type == JSON_STRING ? node->text : NULL;

	for (uint32 i = 0; name && i < r->nplans; i++)
	{
		if (block_name_is(&r->block, r->plans[i].name, name))
			return i;
	}
	value_refuse(node, "is not a plan of this program", value_found(node),
				 r->nplans == 0 ? "The program has no \"plans\": add them, such as {\"plus\": {}}." :
				 value_accepted(value_words(&r->block, r->plans, r->nplans, sizeof(PaidPlan)), NULL, name));
}

ProgramList
value_plans(Reading *r, const JsonNode *node)
{
	uint32		plans[PROGRAM_MAX_PLANS];
	uint32		n = 0;

	if (node->type != JSON_ARRAY)
		plans[n++] = value_plan(r, node);
	else
	{
		value_array(node, PROGRAM_MAX_PLANS, "Name one of \"plans\", or list several.");
		for (const JsonNode *plan = node->first; plan; plan = plan->next)
			plans[n++] = value_plan(r, plan);
	}
	return numbers_list(r, plans, n);
}

/* ---------------- activities ---------------- */

/* a text as people may write a word: without regard to case, with or without a plural s */
static bool
resembles(const char *text, const char *word)
{
	size_t		len = strlen(word);

	return pg_strncasecmp(text, word, len) == 0 &&
		(text[len] == '\0' || (text[len] == 's' && text[len + 1] == '\0'));
}

void
value_not_kind(const JsonNode *node, const char *hint)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++)
	{
		if (resembles(node->text, event_kinds[kind].name))
			value_refuse(node, "is named like a kind of event", value_found(node),
						 hint ? hint : psprintf(event_kinds[kind].is_for_rules ? "Write the kind as \"%s\"; no activity may be named like it." :
												"No program sees a %s, and no activity may be named like it.", event_kinds[kind].name));
	}
}

ProgramName
value_activity(Reading *r, const JsonNode *node, const char *hint)
{
	if (node->type == JSON_STRING)
	{
		if (resembles(node->text, FIRST_PURCHASE) || resembles(node->text, "first_purchase"))
			value_refuse(node, "is not the name of an activity", value_found(node),
						 strcmp(node->text, FIRST_PURCHASE) == 0 ? "A purchase is no activity." : "Write \"first purchase\".");
		value_not_kind(node, hint);
	}
	return value_name(&r->block, node);
}
