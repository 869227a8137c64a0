/*
 * rules.c
 *		Reading the rules of all sections but tiers.
 */
#include "postgres.h"

#include "event/event.h"
#include "program/reading.h"

/* ---------------- earn ---------------- */

static int64
greatest_common_divisor(int64 a, int64 b)
{
	while (b != 0)
	{
		int64		rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static ProgramList
read_table(Reading *r, const JsonNode *node)
{
	static const char *const hint = "Write a table as [[from, points], ...], lowest \"from\" first: each row holds up to the next.";
	Bracket    *brackets;
	uint32		n = 0;

	value_array(node, PROGRAM_MAX_BRACKETS, hint);
	brackets = palloc(node->count * sizeof(Bracket));
	for (const JsonNode *row = node->first; row; row = row->next)
	{
		if (row->type != JSON_ARRAY || row->count != 2)
			value_refuse(row, "must be a pair of numbers", NULL, hint);
		brackets[n].from = value_number(row->first, NOT_NEGATIVE);
		brackets[n].points = value_number(row->last, NOT_NEGATIVE);
		if (n > 0 && brackets[n].from <= brackets[n - 1].from)
			value_refuse(row->first, "must be greater than in the row before it", value_found(row->first), hint);
		n++;
	}
	return block_list(&r->block, brackets, n, sizeof(Bracket));
}

void
read_earn(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {
		"points", "per", "of", "steps", "table", "minimum", RULE_KEYS, NULL
	};
	EarnRule   *earn = rule;
	const JsonNode *table;
	int64		divisor;

	value_keys(node, keys);
	earn->of = of_measures[value_choice_or(node, "of", of_words, 0)];
	earn->minimum = value_number_or(node, "minimum", NOT_NEGATIVE, PG_INT64_MIN);
	earn->per = DECIMAL_ONE;
	table = json_member(node, "table");
	if (table)
	{
		if (json_member(node, "points"))
			value_refuse(table, "has no meaning together with \"points\"", NULL,
						 "Give a rate (\"points\" and \"per\") or a \"table\"; rules in the list add up.");
		value_only_with(node, "per", "\"points\"");
		value_only_with(node, "steps", "\"points\"");
		earn->table = read_table(r, table);
	}
	else
	{
		earn->points = value_number(value_need(node, "points", "Say how many points are earned \"per\" how much, such as \"points\": 1, \"per\": 1.00, or give a \"table\"."),
									NOT_NEGATIVE);
		earn->per = value_number_or(node, "per", POSITIVE, DECIMAL_ONE);
		earn->steps = value_truth_or(node, "steps", false);
	}
	divisor = greatest_common_divisor(earn->per, earn->points);
	earn->num = earn->points / divisor;
	earn->den = earn->per / divisor;
}

/* ---------------- multiply ---------------- */

static int
compare_factors(const void *a, const void *b)
{
	const TierFactor *fa = a;
	const TierFactor *fb = b;

	return (fa->tier > fb->tier) - (fa->tier < fb->tier);
}

void
read_multiply(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"by", "stack", RULE_KEYS, NULL};
	static const char *const hint = "Give a factor, such as 2, or one for each tier, such as {\"Gold\": 1.5}.";
	MultiplyRule *multiply = rule;
	TierFactor *factors;
	const JsonNode *by;
	uint32		n = 0;

	value_keys(node, keys);
	multiply->stack = value_choice_or(node, "stack", stack_words, STACK_MULTIPLY);
	by = value_need(node, "by", hint);
	if (by->type != JSON_OBJECT)
	{
		if (by->type != JSON_NUMBER)
			value_refuse(by, "must be a factor or an object", value_found(by), hint);
		multiply->factor = value_number(by, NOT_NEGATIVE);
		return;
	}
	if (by->count == 0)
		value_refuse(by, "must not be empty", NULL, hint);
	factors = palloc0(by->count * sizeof(TierFactor));
	for (const JsonNode *factor = by->first; factor; factor = factor->next)
	{
		factors[n].tier = value_tier(r, factor, factor->key);
		factors[n++].factor = value_number(factor, NOT_NEGATIVE);
	}
	qsort(factors, n, sizeof(TierFactor), compare_factors);
	multiply->by = block_list(&r->block, factors, n, sizeof(TierFactor));
}

/* ---------------- bonus ---------------- */

/* a text as people may write a word: without regard to case, with or without a plural s */
static bool
resembles(const char *text, const char *word)
{
	size_t		len = strlen(word);

	return pg_strncasecmp(text, word, len) == 0 &&
		(text[len] == '\0' || (text[len] == 's' && text[len + 1] == '\0'));
}

/* an activity may not be named like a kind of event: one would be taken for the other */
static void
refuse_kind(const JsonNode *node, const char *hint)
{
	for (int kind = 0; kind < EVENT_KINDS; kind++)
	{
		if (resembles(node->text, event_kinds[kind].name))
			value_refuse(node, "is named like a kind of event", value_found(node),
						 hint ? hint : psprintf(event_kinds[kind].is_for_rules ? "Write the kind as \"%s\"; no activity may be named like it." :
												"No program sees a %s, and no activity may be named like it.", event_kinds[kind].name));
	}
}

static void
read_milestone(Reading *r, const JsonNode *node, BonusRule *bonus)
{
	static const char *const keys[] = {"every", "of", NULL};
	const JsonNode *of;

	value_keys(node, keys);
	bonus->on = ON_MILESTONE;
	bonus->every = value_number(value_need(node, "every", "Say how far apart the milestones are, such as {\"every\": 10, \"of\": \"orders\"}."),
								POSITIVE);
	of = value_need(node, "of", "Name the metric that is counted, such as {\"every\": 10, \"of\": \"orders\"}.");
	bonus->metric = value_metric(r, of, of->type == JSON_STRING ? of->text : NULL);
}

void
read_bonus(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"on", "points", "times", "per", "clawback", RULE_KEYS, NULL};
	static const char *const hint = "Give \"first purchase\", the name of an activity such as \"joined\", or a milestone such as {\"every\": 10, \"of\": \"orders\"}.";
	/* how often a bonus is given has no "order" */
	const char *const *per_words = period_words + PER_DAY;
	BonusRule  *bonus = rule;
	const JsonNode *on;
	const JsonNode *where;
	const JsonNode *times;
	bool		once = false;

	value_keys(node, keys);
	on = value_need(node, "on", hint);
	where = json_member(node, "where");
	if (on->type == JSON_OBJECT)
	{
		read_milestone(r, on, bonus);
		if (where)
			value_refuse(where, "has no meaning with a milestone", NULL,
						 "Count tagged events only by a metric of its own: \"metrics\": {\"visits\": {\"sum\": \"orders\", \"where\": ...}}.");
	}
	else if (on->type != JSON_STRING)
		value_refuse(on, "must be a string or an object", value_found(on), hint);
	else if (strcmp(on->text, "first purchase") == 0)
	{
		bonus->on = ON_FIRST_PURCHASE;
		once = true;
	}
	else
	{
		if (resembles(on->text, "first purchase") || resembles(on->text, "first_purchase"))
			value_refuse(on, "is not the name of an activity", value_found(on), "Write \"first purchase\".");
		refuse_kind(on, "No activity may be named like a kind. For purchases write \"first purchase\", or a milestone such as {\"every\": 1, \"of\": \"orders\"}.");
		if (where)
			value_refuse(where, "has no meaning with an activity", NULL,
						 "An activity has no tags that it could look at; give what differs a name of its own, such as \"review with photo\".");
		bonus->on = ON_ACTIVITY;
		bonus->activity = value_name(&r->block, on);
		once = strcmp(on->text, "joined") == 0;
	}
	bonus->points = value_number(value_need(node, "points", "Say how many points the bonus gives."), POSITIVE);
	bonus->clawback = value_truth_or(node, "clawback", true);

	times = json_member(node, "times");
	bonus->per = PER_LIFETIME;
	if (json_member(node, "per"))
	{
		bonus->per = PER_DAY + value_choice(json_member(node, "per"), per_words);
		once = true;
	}
	if (times)
		bonus->times = value_whole(times, 1, BONUS_MAX_TIMES);
	else
		bonus->times = once ? 1 : 0;
}

/* ---------------- caps, hold ---------------- */

void
read_cap(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"points", "per", RULE_KEYS, NULL};
	CapRule    *cap = rule;

	value_keys(node, keys);
	cap->points = value_number(value_need(node, "points", "Say how many points can be earned at most."), NOT_NEGATIVE);
	cap->per = value_choice_or(node, "per", period_words, PER_ORDER);
}

void
read_hold(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"for", RULE_KEYS, NULL};
	HoldRule   *hold = rule;

	value_keys(node, keys);
	hold->span = value_span(value_need(node, "for", "Say how long points are pending, such as \"for\": \"14 days\"."), POSITIVE);
}

/* ---------------- expire ---------------- */

static void
read_resets(Reading *r, const JsonNode *node, ExpireRule *expire)
{
	static const char *const hint = "List kinds of event and names of activities, such as [\"purchase\", \"redemption\", \"login\"].";
	const JsonNode **names;
	int			n = 0;

	if (node == NULL)
	{
		expire->reset_kinds = (1 << EVENT_PURCHASE) | (1 << EVENT_REDEMPTION);
		return;
	}
	value_array(node, PROGRAM_MAX_RULES, hint);
	names = palloc(node->count * sizeof(const JsonNode *));
	for (const JsonNode *name = node->first; name; name = name->next)
	{
		int			kind;

		if (name->type != JSON_STRING)
			value_refuse(name, "must be a string", value_found(name), hint);
		kind = event_kind_from_name(name->text);
		if (kind >= 0 && !event_kinds[kind].is_for_rules)
			value_refuse(name, "is a kind of event that no program sees", value_found(name), hint);
		if (kind >= 0)
			expire->reset_kinds |= 1u << kind;
		else
		{
			refuse_kind(name, NULL);
			names[n++] = name;
		}
	}
	expire->reset_names = value_names(&r->block, names, n);
}

static int
compare_numbers(const void *a, const void *b)
{
	uint32		na = *(const uint32 *) a;
	uint32		nb = *(const uint32 *) b;

	return (na > nb) - (na < nb);
}

static void
read_suspend(Reading *r, const JsonNode *node, ExpireRule *expire)
{
	static const char *const keys[] = {"tiers", "resume", NULL};
	static const char *const hint = "List the tiers in which points do not expire, such as [\"Gold\"].";
	const JsonNode *list;
	uint32	   *tiers;
	uint32		n = 0;
	uint32		kept = 0;

	value_keys(node, keys);
	list = value_need(node, "tiers", hint);
	value_array(list, PROGRAM_MAX_TIERS, hint);
	tiers = palloc(list->count * sizeof(uint32));
	for (const JsonNode *tier = list->first; tier; tier = tier->next)
		tiers[n++] = value_tier(r, tier, tier->type == JSON_STRING ? tier->text : NULL);
	qsort(tiers, n, sizeof(uint32), compare_numbers);
	for (uint32 i = 0; i < n; i++)
	{
		if (i == 0 || tiers[i] != tiers[i - 1])
			tiers[kept++] = tiers[i];
	}
	expire->suspend_tiers = block_list(&r->block, tiers, kept, sizeof(uint32));
	expire->resume = RESUME_RESTART + value_choice_or(node, "resume", resume_words, 0);
}

/* a word, or a day of the year; the 1st of January is the year itself */
static uint32
read_year_end(const JsonNode *node, const char *const *words, uint32 year, uint32 month_day,
			  uint32 *month, uint32 *day)
{
	uint32		kind = year;

	if (node->type == JSON_STRING && month_day_from_text(node, node->text, month, day))
		return *month == 1 && *day == 1 ? year : month_day;
	if (node->type == JSON_STRING)
	{
		for (kind = 0; words[kind]; kind++)
		{
			if (strcmp(words[kind], node->text) == 0)
			{
				*month = *day = kind == year ? 1 : 0;
				return kind;
			}
		}
	}
	value_refuse(node, "is not one of the accepted values", value_found(node),
				 value_accepted(words, "or a day MM-DD such as \"09-30\"", node->type == JSON_STRING ? node->text : NULL));
}

void
read_expire(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {
		"kind", "after", "since", "resets_by", "period", "snap", "suspend", RULE_KEYS, NULL
	};
	ExpireRule *expire = rule;
	const JsonNode *snap;
	const JsonNode *suspend;

	value_keys(node, keys);
	expire->kind = value_choice_or(node, "kind", expire_words, EXPIRE_AGE);
	if (expire->kind != EXPIRE_AGE)
		value_only_with(node, "since", "\"kind\": \"age\"");
	if (expire->kind != EXPIRE_INACTIVITY)
		value_only_with(node, "resets_by", "\"kind\": \"inactivity\"");
	if (expire->kind != EXPIRE_PERIOD_END)
	{
		value_only_with(node, "period", "\"kind\": \"period end\"");
		expire->after = value_span(value_need(node, "after", "Say after how long points die, such as \"after\": \"12 months\"."), POSITIVE);
	}
	else
	{
		const JsonNode *period = json_member(node, "period");

		value_only_with(node, "after", "\"kind\": \"age\" or \"inactivity\"");
		expire->period = END_CALENDAR_YEAR;
		expire->period_month = expire->period_day = 1;
		if (period)
			expire->period = read_year_end(period, period_end_words, END_CALENDAR_YEAR, END_MONTH_DAY,
										   &expire->period_month, &expire->period_day);
	}
	expire->since_release = value_choice_or(node, "since", since_words, 0);
	if (expire->kind == EXPIRE_INACTIVITY)
		read_resets(r, json_member(node, "resets_by"), expire);

	snap = json_member(node, "snap");
	if (snap)
		expire->snap = read_year_end(snap, snap_words, SNAP_YEAR, SNAP_MONTH_DAY,
									 &expire->snap_month, &expire->snap_day);
	suspend = json_member(node, "suspend");
	if (suspend)
		read_suspend(r, suspend, expire);
}

/* ---------------- redeem, refund ---------------- */

void
read_redeem(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"minimum", "step", "value", "order", RULE_KEYS, NULL};
	RedeemRule *redeem = rule;
	const JsonNode *where;

	value_keys(node, keys);
	where = json_member(node, "where");
	if (where)
		value_refuse(where, "has no meaning here", NULL, "A redemption has no tags that it could look at.");
	redeem->minimum = value_number_or(node, "minimum", NOT_NEGATIVE, 0);
	redeem->step = value_number_or(node, "step", POSITIVE, 0);
	redeem->value = value_number_or(node, "value", NOT_NEGATIVE, 0);
	redeem->order = value_choice_or(node, "order", order_words, REDEEM_EXPIRING_FIRST);
}

void
read_refund(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"earned", "short", "spent", "dated", RULE_KEYS, NULL};
	RefundRule *refund = rule;

	value_keys(node, keys);
	refund->earned = value_choice_or(node, "earned", earned_words, EARNED_RECOMPUTE);
	refund->shortfall = value_choice_or(node, "short", short_words, SHORT_DEBT);
	refund->spent = value_choice_or(node, "spent", spent_words, SPENT_NONE);
	refund->dated = value_choice_or(node, "dated", dated_words, DATED_PURCHASE);
}
