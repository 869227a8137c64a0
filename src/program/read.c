/*
 * read.c
 *		Reading a program document: from a JSON tree to the compiled block.
 *
 * Pure: it knows nothing of the server but how to allocate and to raise an
 * error; whether a time zone exists is asked of the caller.
 */
#include "postgres.h"

#include "program/reading.h"

typedef void (*read_rule_fn) (Reading *r, const JsonNode *node, void *rule);

/* by Section */
static const read_rule_fn readers[SECTIONS] = {
	read_earn, read_multiply, read_bonus, read_cap, read_hold, read_expire, read_redeem, read_refund, read_tiers,
	read_voucher, read_benefit
};

/* ---------------- sections ---------------- */

/* A version that says nothing is as good as none. */
static bool
says_nothing(int section, const void *rule)
{
	const Rule *common = rule;

	if (common->name.len > 0)
		return false;
	if (section == SECTION_REDEEM)
	{
		const RedeemRule *redeem = rule;

		return redeem->minimum == 0 && redeem->step == 0 && redeem->value == 0 &&
			redeem->order == REDEEM_EXPIRING_FIRST;
	}
	if (section == SECTION_REFUND)
	{
		const RefundRule *refund = rule;

		return refund->earned == EARNED_RECOMPUTE && refund->shortfall == SHORT_DEBT &&
			refund->spent == SPENT_NONE && refund->dated == DATED_PURCHASE;
	}
	return false;
}

static void
read_section(Reading *r, const JsonNode *document, int section, Program *head)
{
	const SectionInfo *info = &program_sections[section];
	const JsonNode *node = json_member(document, info->key);
	Dated		dated[PROGRAM_MAX_RULES];
	char	   *rules;
	uint32		kept = 0;
	int			n = 0;

	if (node == NULL)
		return;
	if (node->type == JSON_ARRAY)
	{
		if (node->count > PROGRAM_MAX_RULES)
			value_too_many(node, "rules", PROGRAM_MAX_RULES);
		for (const JsonNode *child = node->first; child; child = child->next)
			dated_read(child, &dated[n++]);
	}
	else if (node->type == JSON_OBJECT && (info->versions || section == SECTION_EXPIRE))
		dated_read(node, &dated[n++]);
	else
		value_refuse(node, info->versions ? "must be an object, or a list of dated ones" : "must be a list of rules",
					 value_found(node),
					 node->type == JSON_OBJECT ? "Put the rule in brackets: [{...}]." :
					 section == SECTION_HOLD ? "Write it like {\"for\": \"14 days\"}." : NULL);
	for (int i = 0; i < n; i++)
	{
		if (dated[i].node->type != JSON_OBJECT)
			value_refuse(dated[i].node, "must be an object", value_found(dated[i].node), NULL);
		if (section == SECTION_TIERS && json_member(dated[i].node, "at"))
			value_refuse(json_member(dated[i].node, "at"), "goes with a level", NULL,
						 "Put all levels into one object: {\"levels\": [{\"name\": \"Silver\", \"at\": 0}, {\"name\": \"Gold\", \"at\": 500}]}.");
	}
	if (info->versions)
		dated_order(dated, n);

	rules = palloc0(Max(n, 1) * info->size);
	for (int i = 0; i < n; i++)
	{
		Rule	   *rule = (Rule *) (rules + kept * info->size);
		const JsonNode *name;

		readers[section] (r, dated[i].node, rule);
		name = json_member(dated[i].node, "name");
		if (name)
			rule->name = value_name(&r->block, name);
		rule->from = dated[i].from;
		rule->until = dated[i].until;
		read_where(&r->block, dated[i].node, &rule->any, &rule->all, &rule->none);
		if (says_nothing(section, rule))
			memset(rule, 0, info->size);
		else
			kept++;
	}
	*unconstify(ProgramList *, section_list(head, section)) = block_list(&r->block, rules, kept, info->size);
}

/* Number the rules in the order of the sections. */
static void
number_rules(Program *program)
{
	for (int section = 0; section < SECTIONS; section++)
	{
		for (uint32 i = 0; i < section_list(program, section)->n; i++)
			unconstify(Rule *, section_rule(program, section, i))->id = program->rules++;
	}
}

Program *
program_from_json(const JsonNode *document, zone_listed_fn zone_listed)
{
	static const char *const keys[] = {
		"program", "timezone", "decimals", "round", "scope", "metrics",
		"plans", "earn", "multiply", "bonus", "caps", "hold", "expire", "redeem", "refund", "tiers", "vouchers", "benefits", NULL
	};
	Reading	   *r = palloc0(sizeof(Reading));
	Program		head = {0};
	Program    *program;
	const JsonNode *node;

	value_keys(document, keys);
	block_init(&r->block, json_read_for(document), sizeof(Program));
	head.name = value_name(&r->block, value_need(document, "program", "Give the program a name."));
	head.timezone = value_zone(&r->block, document, zone_listed);
	node = json_member(document, "decimals");
	head.decimals = node ? value_whole(node, 0, DECIMAL_PLACES) : 0;
	head.round = value_choice_or(document, "round", round_words, ROUND_DOWN);
	head.scope = value_choice_or(document, "scope", scope_words, SCOPE_ORDER);

	/* first what other rules refer to */
	read_metrics(r, json_member(document, "metrics"));
	read_plans(r, json_member(document, "plans"));
	read_section(r, document, SECTION_TIERS, &head);
	for (int section = 0; section < SECTIONS; section++)
	{
		if (section != SECTION_TIERS)
			read_section(r, document, section, &head);
	}
	head.plans = block_list(&r->block, r->plans, r->nplans, sizeof(PaidPlan));
	head.anchors = block_list(&r->block, r->anchors, r->nanchors, sizeof(ProgramName));
	head.metrics = block_list(&r->block, r->metrics, r->nmetrics, sizeof(Metric));
	head.tier_names = block_list(&r->block, r->tiers, r->ntiers, sizeof(ProgramName));

	program = block_finish(&r->block, &head);
	number_rules(program);
	return program;
}
