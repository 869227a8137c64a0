/*
 * write.c
 *		The readable form of a program: the document that compiles to it.
 *
 * Keys stand in one order, what is the default is left out, numbers are exact
 * and without trailing zeros: equal programs have equal texts.
 */
#include "postgres.h"

#include "document/write.h"
#include "event/event.h"
#include "program/sections.h"
#include "program/text.h"
#include "event/where.h"

static inline const Program *
program_of(const Writer *w)
{
	return w->document;
}

static ProgramName
tier_name(const Writer *w, uint32 tier)
{
	return PROGRAM_LIST(w->document, program_of(w)->tier_names, ProgramName)[tier];
}

static ProgramName
metric_name(const Writer *w, uint32 metric)
{
	return PROGRAM_LIST(w->document, program_of(w)->metrics, Metric)[metric].name;
}

/* one plan, or several */
static void
put_plans(Writer *w, const char *key, ProgramList plans, bool is_list)
{
	const uint32 *plan = PROGRAM_LIST(w->document, plans, uint32);
	const PaidPlan *all = PROGRAM_LIST(w->document, program_of(w)->plans, PaidPlan);

	if (plans.n == 0)
		return;
	write_key(w, key);
	if (plans.n == 1 && !is_list)
	{
		write_name(w, all[plan[0]].name);
		return;
	}
	write_begin(w, '[');
	for (uint32 i = 0; i < plans.n; i++)
	{
		write_element(w);
		write_name(w, all[plan[i]].name);
	}
	write_end(w, ']');
}

static void
put_tiers(Writer *w, const char *key, ProgramList tiers)
{
	const uint32 *tier = PROGRAM_LIST(w->document, tiers, uint32);

	if (tiers.n == 0)
		return;
	write_key(w, key);
	write_begin(w, '[');
	for (uint32 i = 0; i < tiers.n; i++)
	{
		write_element(w);
		write_name(w, tier_name(w, tier[i]));
	}
	write_end(w, ']');
}

static bool
is_nothing(const Span *span)
{
	return span->months == 0 && span->days == 0 && span->time == 0;
}

static void
put_span_if(Writer *w, const char *key, const Span *span)
{
	if (!is_nothing(span))
		put_span(w, key, span);
}

static void
put_audience(Writer *w, const Audience *audience)
{
	put_plans(w, "plan", audience->plans, false);
	if (!is_nothing(&audience->within))
	{
		write_key(w, "within");
		write_begin(w, '{');
		put_name(w, "after", PROGRAM_LIST(w->document, program_of(w)->anchors, ProgramName)[audience->anchor]);
		put_span(w, "for", &audience->within);
		write_end(w, '}');
	}
	if (audience->first > 0)
		put_whole(w, "first", audience->first);
}

/* ---------------- rules ---------------- */

static void
write_earn(Writer *w, const void *rule)
{
	const EarnRule *earn = rule;
	const Bracket *brackets = PROGRAM_LIST(w->document, earn->table, Bracket);

	if (earn->table.n > 0)
	{
		write_key(w, "table");
		write_begin(w, '[');
		for (uint32 i = 0; i < earn->table.n; i++)
		{
			write_element(w);
			write_begin(w, '[');
			write_element(w);
			write_decimal(w, brackets[i].from);
			write_element(w);
			write_decimal(w, brackets[i].points);
			write_end(w, ']');
		}
		write_end(w, ']');
	}
	else
	{
		put_decimal(w, "points", earn->points);
		if (earn->per != DECIMAL_ONE)
			put_decimal(w, "per", earn->per);
	}
	for (uint32 i = 1; of_words[i]; i++)
	{
		if (of_measures[i] == (Measure) earn->of)
			put_word(w, "of", of_words[i]);
	}
	if (earn->steps)
		put_truth(w, "steps", true);
	if (earn->minimum != PG_INT64_MIN)
		put_decimal(w, "minimum", earn->minimum);
	put_audience(w, &earn->audience);
}

static void
write_multiply(Writer *w, const void *rule)
{
	const MultiplyRule *multiply = rule;
	const TierFactor *factors = PROGRAM_LIST(w->document, multiply->by, TierFactor);

	if (multiply->by.n == 0)
		put_decimal(w, "by", multiply->factor);
	else
	{
		write_key(w, "by");
		write_begin(w, '{');
		for (uint32 i = 0; i < multiply->by.n; i++)
		{
			write_key_name(w, tier_name(w, factors[i].tier));
			write_decimal(w, factors[i].factor);
		}
		write_end(w, '}');
	}
	put_choice(w, "stack", stack_words, multiply->stack);
	put_audience(w, &multiply->audience);
}

/* Once in a lifetime goes without saying for these. */
static bool
bonus_is_once(const Writer *w, const BonusRule *bonus)
{
	return bonus->on == ON_FIRST_PURCHASE ||
		(bonus->on == ON_ACTIVITY && strcmp(PROGRAM_NAME(w->document, bonus->activity), "joined") == 0);
}

static void
write_milestone(Writer *w, const BonusRule *bonus)
{
	const Decimal *steps = PROGRAM_LIST(w->document, bonus->at, Decimal);

	write_begin(w, '{');
	if (bonus->at.n == 0)
		put_decimal(w, "every", bonus->every);
	if (bonus->above != 0)
		put_decimal(w, "above", bonus->above);
	if (bonus->at.n > 0)
	{
		write_key(w, "at");
		write_begin(w, '[');
		for (uint32 i = 0; i < bonus->at.n; i++)
		{
			write_element(w);
			write_decimal(w, steps[i]);
		}
		write_end(w, ']');
	}
	put_name(w, "of", metric_name(w, bonus->metric));
	if (bonus->window == WINDOW_YEAR_FROM)
		put_month_day(w, "window", "year from ", bonus->window_month, bonus->window_day);
	else
	{
		for (uint32 i = 1; milestone_window_words[i]; i++)
		{
			if (milestone_windows[i] == (WindowKind) bonus->window)
				put_word(w, "window", milestone_window_words[i]);
		}
	}
	write_end(w, '}');
}

static void
write_bonus(Writer *w, const void *rule)
{
	const BonusRule *bonus = rule;
	bool		lifetime = bonus->per == PER_LIFETIME;

	if (bonus->on == ON_FIRST_PURCHASE)
		put_word(w, "on", "first purchase");
	else if (bonus->on == ON_ACTIVITY)
		put_name(w, "on", bonus->activity);
	else
	{
		write_key(w, "on");
		write_milestone(w, bonus);
	}
	put_decimal(w, "points", bonus->points);
	/* "per" alone means once */
	if (bonus->times > 1 || (bonus->times == 1 && lifetime && !bonus_is_once(w, bonus)))
		put_whole(w, "times", bonus->times);
	if (!lifetime)
		put_word(w, "per", period_words[bonus->per]);
	if (!bonus->clawback)
		put_truth(w, "clawback", false);
	put_audience(w, &bonus->audience);
}

static void
write_cap(Writer *w, const void *rule)
{
	const CapRule *cap = rule;

	put_decimal(w, "points", cap->points);
	/* said even if it is the default: it is what the cap is about */
	put_word(w, "per", period_words[cap->per]);
}

static void
write_hold(Writer *w, const void *rule)
{
	put_span(w, "for", &((const HoldRule *) rule)->span);
}

/* the default of resets_by */
#define DEFAULT_RESETS ((1 << EVENT_PURCHASE) | (1 << EVENT_REDEMPTION))

static void
write_resets(Writer *w, const ExpireRule *expire)
{
	const ProgramName *names = PROGRAM_LIST(w->document, expire->reset_names, ProgramName);

	if (expire->reset_names.n == 0 && expire->reset_kinds == DEFAULT_RESETS)
		return;
	write_key(w, "resets_by");
	write_begin(w, '[');
	for (int kind = 0; kind < EVENT_KINDS; kind++)
	{
		if (expire->reset_kinds & (1u << kind))
		{
			write_element(w);
			write_word(w, event_kinds[kind].name);
		}
	}
	for (uint32 i = 0; i < expire->reset_names.n; i++)
	{
		write_element(w);
		write_name(w, names[i]);
	}
	write_end(w, ']');
}

static void
write_expire(Writer *w, const void *rule)
{
	const ExpireRule *expire = rule;

	put_word(w, "kind", expire_words[expire->kind]);
	if (expire->kind == EXPIRE_AGE || expire->kind == EXPIRE_INACTIVITY)
		put_span(w, "after", &expire->after);
	put_choice(w, "since", since_words, expire->since_release);
	if (expire->kind == EXPIRE_INACTIVITY)
		write_resets(w, expire);
	if (expire->period == END_MONTH_DAY)
		put_month_day(w, "period", "", expire->period_month, expire->period_day);
	else
		put_choice(w, "period", period_end_words, expire->period);
	put_plans(w, "plan", expire->plans, false);
	if (expire->snap == SNAP_MONTH_DAY)
		put_month_day(w, "snap", "", expire->snap_month, expire->snap_day);
	else
		put_choice(w, "snap", snap_words, expire->snap);
	if (expire->resume != RESUME_NONE)
	{
		write_key(w, "suspend");
		write_begin(w, '{');
		put_tiers(w, "tiers", expire->suspend_tiers);
		put_plans(w, "plans", expire->suspend_plans, true);
		put_choice(w, "resume", resume_words, expire->resume - RESUME_RESTART);
		write_end(w, '}');
	}
}

static void
write_redeem(Writer *w, const void *rule)
{
	const RedeemRule *redeem = rule;

	if (redeem->minimum != 0)
		put_decimal(w, "minimum", redeem->minimum);
	if (redeem->step != 0)
		put_decimal(w, "step", redeem->step);
	if (redeem->value != 0)
		put_decimal(w, "value", redeem->value);
	put_choice(w, "order", order_words, redeem->order);
}

static void
write_refund(Writer *w, const void *rule)
{
	const RefundRule *refund = rule;

	put_choice(w, "earned", earned_words, refund->earned);
	put_choice(w, "short", short_words, refund->shortfall);
	put_choice(w, "spent", spent_words, refund->spent);
	put_choice(w, "dated", dated_words, refund->dated);
}

static void
write_levels(Writer *w, ProgramList list)
{
	const Level *levels = PROGRAM_LIST(w->document, list, Level);

	write_key(w, "levels");
	write_begin(w, '[');
	for (uint32 i = 0; i < list.n; i++)
	{
		const Need *needs = PROGRAM_LIST(w->document, levels[i].needs, Need);

		write_element(w);
		write_begin(w, '{');
		put_name(w, "name", tier_name(w, levels[i].tier));
		if (levels[i].needs.n == 0 && levels[i].at != LEVEL_BY_PLAN)
			put_decimal(w, "at", levels[i].at);
		else if (levels[i].needs.n > 0)
		{
			write_key(w, "needs");
			write_begin(w, '[');
			for (uint32 j = 0; j < levels[i].needs.n; j++)
			{
				const Condition *conditions = PROGRAM_LIST(w->document, needs[j].conditions, Condition);

				write_element(w);
				write_begin(w, '{');
				for (uint32 k = 0; k < needs[j].conditions.n; k++)
				{
					write_key_name(w, metric_name(w, conditions[k].metric));
					write_decimal(w, conditions[k].at);
				}
				write_end(w, '}');
			}
			write_end(w, ']');
		}
		put_plans(w, "plan", levels[i].plans, false);
		write_end(w, '}');
	}
	write_end(w, ']');
}

static void
write_tiers(Writer *w, const void *rule)
{
	const TiersRule *tiers = rule;

	if (tiers->by != BY_SPEND)
		put_name(w, "by", metric_name(w, tiers->by));
	switch ((WindowKind) tiers->window)
	{
		case WINDOW_CALENDAR_YEAR:
			break;
		case WINDOW_YEAR_FROM:
			put_month_day(w, "window", "year from ", tiers->window_month, tiers->window_day);
			break;
		case WINDOW_MEMBERSHIP_YEAR:
			put_word(w, "window", "membership year");
			break;
		case WINDOW_ROLLING:
			put_span(w, "window", &tiers->span);
			break;
		case WINDOW_LIFETIME:
			put_word(w, "window", "lifetime");
			break;
		case WINDOW_MONTH:
			break;				/* of milestones only */
	}
	switch ((ValidKind) tiers->valid)
	{
		case VALID_YEAR_AFTER:
			break;
		case VALID_WINDOW:
			if (tiers->window != WINDOW_ROLLING)
				put_word(w, "valid", "window");
			break;
		case VALID_SPAN:
			put_span(w, "valid", &tiers->valid_span);
			break;
		case VALID_FOREVER:
			if (tiers->window != WINDOW_LIFETIME)
				put_word(w, "valid", "forever");
			break;
	}
	if (tiers->has_overhang)
		put_span(w, "overhang", &tiers->overhang);
	put_choice(w, "downgrade", downgrade_words, tiers->downgrade);
	put_choice(w, "on_refund", on_refund_words, tiers->latch);
	put_choice(w, "rate_at", rate_at_words, tiers->rate_after);
	if (tiers->has_rollover)
	{
		write_key(w, "rollover");
		write_begin(w, '{');
		put_name(w, "of", metric_name(w, tiers->rollover_metric));
		if (tiers->rollover_cap != PG_INT64_MAX)
			put_decimal(w, "cap", tiers->rollover_cap);
		write_end(w, '}');
	}
	write_levels(w, tiers->levels);
}

static void
write_voucher(Writer *w, const void *rule)
{
	const VoucherRule *voucher = rule;

	put_decimal(w, "points", voucher->points);
	put_decimal(w, "value", voucher->value);
	if (voucher->every > 0)
		put_span(w, "every", &(Span) {(int32) voucher->every, 0, 0});
	if (voucher->every > 0 && voucher->on_month == 0)
		put_span(w, "on", &voucher->on);
	else if (voucher->every > 0 && (voucher->on_month != 1 || voucher->on_day != 1))
		put_month_day(w, "on", "", voucher->on_month, voucher->on_day);
	put_span_if(w, "closing", &voucher->closing);
	if (voucher->minimum != voucher->points)
		put_decimal(w, "minimum", voucher->minimum);
	put_span_if(w, "valid", &voucher->valid);
	if (voucher->snap == SNAP_MONTH_DAY)
		put_month_day(w, "snap", "", voucher->snap_month, voucher->snap_day);
	else
		put_choice(w, "snap", snap_words, voucher->snap);
	if (voucher->each)
		put_truth(w, "each", true);
	put_tiers(w, "tiers", voucher->tiers);
	put_plans(w, "plan", voucher->plans, false);
}

static void
write_benefit(Writer *w, const void *rule)
{
	const BenefitRule *benefit = rule;
	const BenefitTier *tiers = PROGRAM_LIST(w->document, benefit->tiers, BenefitTier);

	if (benefit->quantity != PG_INT64_MAX)
		put_decimal(w, "quantity", benefit->quantity);
	for (uint32 i = 1; benefit_per_words[i]; i++)
	{
		if (benefit_periods[i] == (Period) benefit->per)
			put_word(w, "per", benefit_per_words[i]);
	}
	if (benefit->tiers.n > 0)
	{
		write_key(w, "tiers");
		write_begin(w, benefit->by_tier ? '{' : '[');
		for (uint32 i = 0; i < benefit->tiers.n; i++)
		{
			if (benefit->by_tier)
			{
				write_key_name(w, tier_name(w, tiers[i].tier));
				write_decimal(w, tiers[i].quantity);
			}
			else
			{
				write_element(w);
				write_name(w, tier_name(w, tiers[i].tier));
			}
		}
		write_end(w, benefit->by_tier ? '}' : ']');
	}
	if (benefit->on.at != benefit->rule.name.at)
		put_name(w, "on", benefit->on);
	put_audience(w, &benefit->audience);
}

/* ---------------- the document ---------------- */

/* by Section */
static void (*const writers[SECTIONS]) (Writer *w, const void *rule) = {
	write_earn, write_multiply, write_bonus, write_cap, write_hold, write_expire, write_redeem, write_refund, write_tiers,
	write_voucher, write_benefit
};

static void
write_rule(Writer *w, int section, const Rule *rule)
{
	write_begin(w, '{');
	if (rule->name.len > 0)
		put_name(w, "name", rule->name);
	writers[section] (w, rule);
	put_where(w, rule->any, rule->all, rule->none);
	if (rule->from != PG_INT64_MIN)
		put_local(w, "from", rule->from);
	if (rule->until != PG_INT64_MAX)
		put_local(w, "until", rule->until);
	write_end(w, '}');
}

static void
write_metrics(Writer *w)
{
	const Metric *metrics = PROGRAM_LIST(w->document, program_of(w)->metrics, Metric);

	if (program_of(w)->metrics.n == BUILTIN_METRICS)
		return;
	write_key(w, "metrics");
	write_begin(w, '{');
	for (uint32 i = BUILTIN_METRICS; i < program_of(w)->metrics.n; i++)
	{
		write_key_name(w, metrics[i].name);
		write_begin(w, '{');
		put_word(w, "sum", measure_words[metrics[i].measure]);
		put_where(w, metrics[i].any, metrics[i].all, metrics[i].none);
		write_end(w, '}');
	}
	write_end(w, '}');
}

static void
write_plans(Writer *w)
{
	const PaidPlan *plans = PROGRAM_LIST(w->document, program_of(w)->plans, PaidPlan);

	if (program_of(w)->plans.n == 0)
		return;
	write_key(w, "plans");
	write_begin(w, '{');
	for (uint32 i = 0; i < program_of(w)->plans.n; i++)
	{
		const ProgramName *any = PROGRAM_LIST(w->document, plans[i].any, ProgramName);

		write_key_name(w, plans[i].name);
		write_begin(w, '{');
		if (plans[i].any.n != 1 || any[0].at != plans[i].name.at)
			put_names(w, "any", plans[i].any);
		put_span_if(w, "grace", &plans[i].grace);
		if (!plans[i].trial)
			put_truth(w, "trial", false);
		write_end(w, '}');
	}
	write_end(w, '}');
}

void
program_to_json(StringInfo out, const Program *program)
{
	Writer		writer;
	Writer	   *w = &writer;

	write_init(w, out, program);
	write_begin(w, '{');
	put_name(w, "program", program->name);
	put_name(w, "timezone", program->timezone);
	if (program->decimals != 0)
		put_whole(w, "decimals", program->decimals);
	put_choice(w, "round", round_words, program->round);
	put_choice(w, "scope", scope_words, program->scope);
	write_metrics(w);
	write_plans(w);
	for (int section = 0; section < SECTIONS; section++)
	{
		uint32		n = section_list(program, section)->n;
		bool		is_list = n > 1 || !program_sections[section].versions;

		if (n == 0)
			continue;
		write_key(w, program_sections[section].key);
		if (is_list)
			write_begin(w, '[');
		else
			w->separator = "";
		for (uint32 i = 0; i < n; i++)
		{
			write_element(w);
			write_rule(w, section, section_rule(program, section, i));
		}
		if (is_list)
			write_end(w, ']');
	}
	write_end(w, '}');
}
