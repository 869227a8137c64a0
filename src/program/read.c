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
	read_earn, read_multiply, read_bonus, read_cap, read_hold, read_expire, read_redeem, read_refund, read_tiers
};

static void
read_tags(Reading *r, const JsonNode *where, const char *key, ProgramList *tags)
{
	const JsonNode *node = json_member(where, key);
	const JsonNode **names;
	int			n = 0;

	if (node == NULL)
		return;
	value_array(node, PROGRAM_MAX_RULES, "List at least one tag, such as [\"skin\"].");
	names = palloc(node->count * sizeof(const JsonNode *));
	for (const JsonNode *tag = node->first; tag; tag = tag->next)
		names[n++] = tag;
	*tags = value_names(r, names, n);
}

/* A tag cannot be asked for and excluded. */
static void
refuse_common(Reading *r, const JsonNode *where, ProgramList wanted, ProgramList none)
{
	const ProgramName *a = (const ProgramName *) (r->data + wanted.at);
	const ProgramName *b = (const ProgramName *) (r->data + none.at);

	for (uint32 i = 0; i < wanted.n; i++)
	{
		for (uint32 j = 0; j < none.n; j++)
		{
			if (a[i].at == b[j].at)
				value_refuse(json_member(where, "none"), "contradicts the tags that are asked for",
							 psprintf("\"%s\" is asked for and excluded.", r->data + a[i].at), NULL);
		}
	}
}

void
read_where(Reading *r, const JsonNode *object, ProgramList *any, ProgramList *all, ProgramList *none)
{
	static const char *const keys[] = {"any", "all", "none", NULL};
	const JsonNode *where = json_member(object, "where");

	if (where == NULL)
		return;
	value_keys(where, keys);
	if (where->count == 0)
		value_refuse(where, "must not be empty", NULL, "Say which tags: {\"any\": [...], \"all\": [...], \"none\": [...]}.");
	read_tags(r, where, "any", any);
	read_tags(r, where, "all", all);
	read_tags(r, where, "none", none);
	refuse_common(r, where, *any, *none);
	refuse_common(r, where, *all, *none);
}

/* ---------------- sections ---------------- */

typedef struct Dated
{
	const JsonNode *node;
	int64		from;
	int64		until;
} Dated;

static void
read_dates(const JsonNode *node, Dated *dated)
{
	const JsonNode *from = NULL;
	const JsonNode *until = NULL;

	/* what is no object is refused by its reader */
	if (node->type == JSON_OBJECT)
	{
		from = json_member(node, "from");
		until = json_member(node, "until");
	}
	dated->node = node;
	dated->from = from ? value_local(from) : PG_INT64_MIN;
	dated->until = until ? value_local(until) : PG_INT64_MAX;
	if (from && until && dated->from >= dated->until)
		value_refuse(until, "must be later than \"from\"",
					 psprintf("It is \"%s\", \"from\" is \"%s\".", until->text, from->text),
					 "\"until\" is excluded: what holds on one day only ends on the day after it.");
}

static int
compare_dates(const void *a, const void *b)
{
	const Dated *da = a;
	const Dated *db = b;

	return (da->from > db->from) - (da->from < db->from);
}

/* Sort versions by date; at no time may two of them be in force. */
static void
order_versions(Dated *versions, int n)
{
	qsort(versions, n, sizeof(Dated), compare_dates);
	for (int i = 1; i < n; i++)
	{
		const Dated *before = &versions[i - 1];
		const JsonNode *until = json_member(before->node, "until");
		const JsonNode *from = json_member(versions[i].node, "from");

		if (versions[i].from < before->until)
			value_refuse(versions[i].node, psprintf("overlaps %s", json_path(before->node)),
						 psprintf("%s is in force %s%s, this one from %s.", json_path(before->node),
								  until ? "until " : "for ever", until ? until->text : "",
								  from ? from->text : "the beginning"),
						 from ? psprintf("Give %s \"until\": \"%s\".", json_path(before->node), from->text) :
						 "Give each version but the first a \"from\", and each but the last an \"until\".");
	}
}

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
			read_dates(child, &dated[n++]);
	}
	else if (node->type == JSON_OBJECT && (info->versions || section == SECTION_EXPIRE))
		read_dates(node, &dated[n++]);
	else
		value_refuse(node, info->versions ? "must be an object, or a list of dated ones" : "must be a list of rules",
					 value_found(node),
					 node->type == JSON_OBJECT ? "Put the rule in brackets: [{...}]." : NULL);
	for (int i = 0; i < n; i++)
	{
		if (dated[i].node->type != JSON_OBJECT)
			value_refuse(dated[i].node, "must be an object", value_found(dated[i].node), NULL);
	}
	if (info->versions)
		order_versions(dated, n);

	rules = palloc0(Max(n, 1) * info->size);
	for (int i = 0; i < n; i++)
	{
		Rule	   *rule = (Rule *) (rules + kept * info->size);
		const JsonNode *name;

		readers[section] (r, dated[i].node, rule);
		name = json_member(dated[i].node, "name");
		if (name)
			rule->name = value_name(r, name);
		rule->from = dated[i].from;
		rule->until = dated[i].until;
		read_where(r, dated[i].node, &rule->any, &rule->all, &rule->none);
		if (says_nothing(section, rule))
			memset(rule, 0, info->size);
		else
			kept++;
	}
	*unconstify(ProgramList *, section_list(head, section)) = block_list(r, rules, kept, info->size);
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
program_from_json(const JsonNode *document, zone_known_fn zone_known)
{
	static const char *const keys[] = {
		"program", "timezone", "decimals", "round", "scope", "metrics",
		"earn", "multiply", "bonus", "caps", "hold", "expire", "redeem", "refund", "tiers", NULL
	};
	static const char *const zone_hint = "Name the zone whose days and years the program means, such as \"Europe/Berlin\"; the view pg_timezone_names lists them.";
	Reading	   *r = palloc(sizeof(Reading));
	Program		head = {0};
	Program    *program;
	const JsonNode *node;

	value_keys(document, keys);
	block_init(r);
	head.name = value_name(r, value_need(document, "program", "Give the program a name."));
	node = value_need(document, "timezone", zone_hint);
	head.timezone = value_name(r, node);
	if (!zone_known(node->text))
		value_refuse(node, "is not a time zone", value_found(node), zone_hint);
	node = json_member(document, "decimals");
	head.decimals = node ? value_whole(node, 0, DECIMAL_PLACES) : 0;
	head.round = value_choice_or(document, "round", round_words, ROUND_DOWN);
	head.scope = value_choice_or(document, "scope", scope_words, SCOPE_ORDER);

	/* first what other rules refer to */
	read_metrics(r, json_member(document, "metrics"));
	read_section(r, document, SECTION_TIERS, &head);
	for (int section = 0; section < SECTION_TIERS; section++)
		read_section(r, document, section, &head);
	head.metrics = block_list(r, r->metrics, r->nmetrics, sizeof(Metric));
	head.tier_names = block_list(r, r->tiers, r->ntiers, sizeof(ProgramName));

	program = block_finish(r, &head);
	number_rules(program);
	return program;
}
