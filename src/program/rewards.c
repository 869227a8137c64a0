/*
 * rewards.c
 *		Reading vouchers and benefits.
 */
#include "postgres.h"

#include "program/reading.h"

/* ---------------- vouchers ---------------- */

/* How many months lie between the days on which points are settled. */
static uint32
read_every(const JsonNode *node)
{
	static const char *const words[] = {"1 month", "2 months", "3 months", "4 months", "6 months", "12 months", NULL};
	Span		span;

	if (span_from_text(node, POSITIVE, &span) && span.days == 0 && span.time == 0 && span.months <= 12 &&
		12 % span.months == 0)
		return (uint32) span.months;
	value_refuse(node, "is not one of the accepted values", value_found(node),
				 value_accepted(words, NULL, node->type == JSON_STRING ? node->text : NULL));
}

/* From which day on: of the calendar, or so long after that of joining. */
static void
read_settling(const JsonNode *node, VoucherRule *voucher)
{
	const JsonNode *on = json_member(node, "on");
	const JsonNode *closing = json_member(node, "closing");

	voucher->on_month = voucher->on_day = 1;
	if (on && !(on->type == JSON_STRING && month_day_from_text(on, on->text, &voucher->on_month, &voucher->on_day)))
	{
		if (!span_from_text(on, POSITIVE, &voucher->on) || voucher->on.time != 0)
			value_refuse(on, "must be a day MM-DD, or an interval of months and days", value_found(on),
						 "Write \"02-10\" for a day of the year, or \"10 months\" for that long after a member's first day.");
		voucher->on_month = voucher->on_day = 0;
	}
	if (closing)
		voucher->closing = value_span(closing, POSITIVE);
}

void
read_voucher(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {
		"points", "value", "every", "on", "closing", "minimum", "valid", "snap", "each", "tiers", "plan",
		"name", "from", "until", NULL
	};
	VoucherRule *voucher = rule;
	const JsonNode *every;
	const JsonNode *valid;
	const JsonNode *snap;
	const JsonNode *tiers;
	const JsonNode *plan;

	value_keys(node, keys);
	voucher->points = value_number(value_need(node, "points", "Say how many points make a voucher."), POSITIVE);
	voucher->value = value_number(value_need(node, "value", "Say how much money these points are worth."), POSITIVE);
	voucher->minimum = value_number_or(node, "minimum", POSITIVE, voucher->points);
	every = json_member(node, "every");
	if (every)
	{
		voucher->every = read_every(every);
		read_settling(node, voucher);
	}
	else
	{
		value_only_with(node, "on", "\"every\"");
		value_only_with(node, "closing", "\"every\"");
	}
	valid = json_member(node, "valid");
	snap = json_member(node, "snap");
	if (valid)
		voucher->valid = value_span(valid, POSITIVE);
	else
		value_only_with(node, "snap", "\"valid\"");
	if (snap)
		voucher->snap = value_year_end(snap, snap_words, SNAP_YEAR, SNAP_MONTH_DAY, &voucher->snap_month, &voucher->snap_day);
	voucher->each = value_truth_or(node, "each", false);
	tiers = json_member(node, "tiers");
	if (tiers)
		voucher->tiers = value_tiers(r, tiers, "List the tiers whose points become vouchers, such as [\"Gold\"].");
	plan = json_member(node, "plan");
	if (plan)
		voucher->plans = value_plans(r, plan);
}

/* ---------------- benefits ---------------- */

static int
compare_tiers(const void *a, const void *b)
{
	const BenefitTier *ta = a;
	const BenefitTier *tb = b;

	return (ta->tier > tb->tier) - (ta->tier < tb->tier);
}

static void
read_benefit_tiers(Reading *r, const JsonNode *node, BenefitRule *benefit)
{
	static const char *const hint = "List the tiers that have it, such as [\"Gold\"], or say how often each does, such as {\"Silver\": 1, \"Gold\": 2}.";
	BenefitTier *tiers;
	uint32		n = 0;
	uint32		kept = 0;

	if (node->type != JSON_OBJECT)
		value_array(node, PROGRAM_MAX_TIERS, hint);
	else if (node->count == 0)
		value_refuse(node, "must not be empty", NULL, hint);
	tiers = palloc0(node->count * sizeof(BenefitTier));
	benefit->by_tier = node->type == JSON_OBJECT;
	for (const JsonNode *tier = node->first; tier; tier = tier->next)
	{
		const char *name = benefit->by_tier ? tier->key : tier->type == JSON_STRING ? tier->text : NULL;

		tiers[n].tier = value_tier(r, tier, name);
		tiers[n++].quantity = benefit->by_tier ? value_number(tier, NOT_NEGATIVE) : PG_INT64_MAX;
	}
	qsort(tiers, n, sizeof(BenefitTier), compare_tiers);
	for (uint32 i = 0; i < n; i++)
	{
		if (i == 0 || tiers[i].tier != tiers[i - 1].tier)
			tiers[kept++] = tiers[i];
	}
	benefit->tiers = block_list(&r->block, tiers, kept, sizeof(BenefitTier));
}

void
read_benefit(Reading *r, const JsonNode *node, void *rule)
{
	static const char *const keys[] = {"name", "quantity", "per", "tiers", "on", AUDIENCE_KEYS, "from", "until", NULL};
	BenefitRule *benefit = rule;
	const JsonNode *name;
	const JsonNode *tiers;
	const JsonNode *on;

	value_keys(node, keys);
	name = value_need(node, "name", "Give the benefit a name.");
	for (const JsonNode *other = node->parent->first; other != node; other = other->next)
	{
		const JsonNode *its = json_member(other, "name");

		if (its && its->type == JSON_STRING && name->type == JSON_STRING && strcmp(its->text, name->text) == 0)
			value_refuse(name, "is the name of two benefits", value_found(name), "Give each benefit a name of its own.");
	}
	benefit->quantity = value_number_or(node, "quantity", NOT_NEGATIVE, PG_INT64_MAX);
	benefit->per = benefit_periods[value_choice_or(node, "per", benefit_per_words, 0)];
	tiers = json_member(node, "tiers");
	if (tiers)
		read_benefit_tiers(r, tiers, benefit);
	if (benefit->by_tier && json_member(node, "quantity"))
		value_refuse(json_member(node, "quantity"), "has no meaning together with a quantity for each tier", NULL,
					 "Give \"quantity\" and a list of \"tiers\", or \"tiers\" as an object of tier and quantity.");
	on = json_member(node, "on");
	benefit->on = on ? value_activity(r, on, NULL) : value_name(&r->block, name);
	read_audience(r, node, &benefit->audience);
}
