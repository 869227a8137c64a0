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
		"points", "per", "of", "steps", "table", "minimum", AUDIENCE_KEYS, "first", RULE_KEYS, NULL
	};
	EarnRule   *earn = rule;
	const JsonNode *table;
	int64		divisor;

	value_keys(node, keys);
	earn->of = of_measures[value_choice_or(node, "of", of_words, 0)];
	earn->minimum = value_number_or(node, "minimum", NOT_NEGATIVE, PG_INT64_MIN);
	read_audience(r, node, &earn->audience);
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
	static const char *const keys[] = {"by", "stack", AUDIENCE_KEYS, "first", RULE_KEYS, NULL};
	static const char *const hint = "Give a factor, such as 2, or one for each tier, such as {\"Gold\": 1.5}.";
	MultiplyRule *multiply = rule;
	TierFactor *factors;
	const JsonNode *by;
	uint32		n = 0;

	value_keys(node, keys);
	multiply->stack = value_choice_or(node, "stack", stack_words, STACK_MULTIPLY);
	read_audience(r, node, &multiply->audience);
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

static ProgramList
read_steps(Reading *r, const JsonNode *node)
{
	static const char *const hint = "List the numbers that are reached, lowest first: [40, 60].";
	Decimal    *steps;
	uint32		n = 0;

	value_array(node, PROGRAM_MAX_RULES, hint);
	steps = palloc(node->count * sizeof(Decimal));
	for (const JsonNode *step = node->first; step; step = step->next)
	{
		steps[n] = value_number(step, POSITIVE);
		if (n > 0 && steps[n] <= steps[n - 1])
			value_refuse(step, "must be greater than the one before it", value_found(step), hint);
		n++;
	}
	return block_list(&r->block, steps, n, sizeof(Decimal));
}

static void
read_milestone(Reading *r, const JsonNode *node, BonusRule *bonus)
{
	static const char *const keys[] = {"every", "above", "at", "of", "window", NULL};
	const JsonNode *at;
	const JsonNode *of;
	const JsonNode *window;

	value_keys(node, keys);
	bonus->on = ON_MILESTONE;
	at = json_member(node, "at");
	if (at)
	{
		if (json_member(node, "every"))
			value_refuse(at, "has no meaning together with \"every\"", NULL,
						 "Give \"every\", perhaps \"above\" a number, or a list of numbers in \"at\".");
		value_only_with(node, "above", "\"every\"");
		bonus->at = read_steps(r, at);
	}
	else
	{
		bonus->every = value_number(value_need(node, "every", "Say how far apart the milestones are, such as {\"every\": 10, \"of\": \"orders\"}, or list them in \"at\"."),
									POSITIVE);
		bonus->above = value_number_or(node, "above", NOT_NEGATIVE, 0);
	}
	window = json_member(node, "window");
	bonus->window = WINDOW_LIFETIME;
	if (window && window->type == JSON_STRING && strcmp(window->text, "month") == 0)
		bonus->window = WINDOW_MONTH;
	else if (window && !value_window(window, &bonus->window, &bonus->window_month, &bonus->window_day))
		value_refuse(window, "is not one of the accepted values", value_found(window),
					 value_accepted(milestone_window_words, NULL, window->type == JSON_STRING ? window->text : NULL));
	of = value_need(node, "of", "Name the metric that is counted, such as {\"every\": 10, \"of\": \"orders\"}.");
	bonus->metric = value_metric(r, of, of->type == JSON_STRING ? of->text : NULL);
}

void
read_bonus(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"on", "points", "times", "per", "clawback", AUDIENCE_KEYS, RULE_KEYS, NULL};
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
		bonus->activity = value_activity(r, on, "No activity may be named like a kind. For purchases write \"first purchase\", or a milestone such as {\"every\": 1, \"of\": \"orders\"}.");
		if (where)
			value_refuse(where, "has no meaning with an activity", NULL,
						 "An activity has no tags that it could look at; give what differs a name of its own, such as \"review with photo\".");
		bonus->on = ON_ACTIVITY;
		once = strcmp(on->text, "joined") == 0;
	}
	bonus->points = value_number(value_need(node, "points", "Say how many points the bonus gives."), POSITIVE);
	bonus->clawback = value_truth_or(node, "clawback", true);
	read_audience(r, node, &bonus->audience);

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
			value_not_kind(name, NULL);
			names[n++] = name;
		}
	}
	expire->reset_names = value_names(&r->block, names, n);
}

static void
read_suspend(Reading *r, const JsonNode *node, ExpireRule *expire)
{
	static const char *const keys[] = {"tiers", "plans", "resume", NULL};
	static const char *const hint = "List the tiers in which points do not expire, such as [\"Gold\"].";
	const JsonNode *plans;

	value_keys(node, keys);
	plans = json_member(node, "plans");
	if (plans)
	{
		value_array(plans, PROGRAM_MAX_PLANS, "List the plans with which points do not expire, such as [\"plus\"].");
		expire->suspend_plans = value_plans(r, plans);
	}
	if (plans == NULL || json_member(node, "tiers"))
		expire->suspend_tiers = value_tiers(r, value_need(node, "tiers", hint), hint);
	expire->resume = RESUME_RESTART + value_choice_or(node, "resume", resume_words, 0);
}

void
read_expire(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {
		"kind", "after", "since", "resets_by", "period", "plan", "snap", "suspend", RULE_KEYS, NULL
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
		value_only_with(node, "period", "\"kind\": \"period end\"");
	if (expire->kind == EXPIRE_PLAN_END)
	{
		value_only_with(node, "after", "\"kind\": \"age\" or \"inactivity\"");
		value_only_with(node, "suspend", "\"kind\": \"age\", \"inactivity\" or \"period end\"");
		expire->plans = value_plans(r, value_need(node, "plan", "Say with which plan points die, such as \"plan\": \"plus\"."));
	}
	else
		value_only_with(node, "plan", "\"kind\": \"plan end\"");
	if (expire->kind == EXPIRE_AGE || expire->kind == EXPIRE_INACTIVITY)
		expire->after = value_span(value_need(node, "after", "Say after how long points die, such as \"after\": \"12 months\"."), POSITIVE);
	else if (expire->kind == EXPIRE_PERIOD_END)
	{
		const JsonNode *period = json_member(node, "period");

		value_only_with(node, "after", "\"kind\": \"age\" or \"inactivity\"");
		expire->period = END_CALENDAR_YEAR;
		expire->period_month = expire->period_day = 1;
		if (period)
			expire->period = value_year_end(period, period_end_words, END_CALENDAR_YEAR, END_MONTH_DAY,
										   &expire->period_month, &expire->period_day);
	}
	expire->since_release = value_choice_or(node, "since", since_words, 0);
	if (expire->kind == EXPIRE_INACTIVITY)
		read_resets(r, json_member(node, "resets_by"), expire);

	snap = json_member(node, "snap");
	if (snap)
		expire->snap = value_year_end(snap, snap_words, SNAP_YEAR, SNAP_MONTH_DAY,
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
