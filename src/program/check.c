/*
 * check.c
 *		Whether stored bytes are a program that can be used in place.
 *
 * No allocation, no error: whoever asks decides what a damaged one means.
 */
#include "postgres.h"

#include "event/event.h"
#include "program/sections.h"

typedef struct Check
{
	const Program *program;
	const char *base;
	uint32		size;
} Check;

static bool
list_is_sound(const Check *c, ProgramList list, uint32 least, uint32 most, size_t element)
{
	if (list.n == 0)
		return least == 0;
	return list.n >= least && list.n <= most && list.at % 8 == 0 && list.at >= sizeof(Program) &&
		list.at + (uint64) list.n * element <= c->size;
}

static bool
name_is_sound(const Check *c, ProgramName name, bool needed)
{
	if (name.len == 0)
		return !needed;
	return name.len <= PROGRAM_MAX_TEXT && name.at >= sizeof(Program) &&
		(uint64) name.at + name.len < c->size && c->base[name.at + name.len] == '\0';
}

static bool
names_are_sound(const Check *c, ProgramList list, uint32 most)
{
	const ProgramName *names = PROGRAM_LIST(c->program, list, ProgramName);

	if (!list_is_sound(c, list, 0, most, sizeof(ProgramName)))
		return false;
	for (uint32 i = 0; i < list.n; i++)
	{
		if (!name_is_sound(c, names[i], true))
			return false;
	}
	return true;
}

static bool
where_is_sound(const Check *c, ProgramList any, ProgramList all, ProgramList none)
{
	return names_are_sound(c, any, PROGRAM_MAX_RULES) && names_are_sound(c, all, PROGRAM_MAX_RULES) &&
		names_are_sound(c, none, PROGRAM_MAX_RULES);
}

static inline bool
decimal_is_sound(Decimal value)
{
	return value >= 0 && value < DECIMAL_LIMIT;
}

static inline bool
positive_is_sound(Decimal value)
{
	return value > 0 && value < DECIMAL_LIMIT;
}

static bool
span_is_sound(const Span *span)
{
	return span->months >= 0 && span->months <= SPAN_MAX_MONTHS &&
		span->days >= 0 && span->days <= SPAN_MAX_DAYS &&
		span->time >= 0 && span->time <= SPAN_MAX_TIME;
}

static bool
month_day_is_sound(uint32 month, uint32 day)
{
	return month >= 1 && month <= 12 && day >= 1 && day <= (uint32) days_in_month(2000, (int) month);
}

static bool
metric_is_sound(const Check *c, uint32 metric)
{
	return metric < c->program->metrics.n;
}

static bool
tier_is_sound(const Check *c, uint32 tier)
{
	return tier < c->program->tier_names.n;
}

/* ---------------- rules of each section ---------------- */

static bool
earn_is_sound(const Check *c, const void *rule)
{
	const EarnRule *earn = rule;
	const Bracket *brackets = PROGRAM_LIST(c->program, earn->table, Bracket);

	if (!list_is_sound(c, earn->table, 0, PROGRAM_MAX_BRACKETS, sizeof(Bracket)))
		return false;
	for (uint32 i = 0; i < earn->table.n; i++)
	{
		if (!decimal_is_sound(brackets[i].from) || !decimal_is_sound(brackets[i].points) ||
			(i > 0 && brackets[i].from <= brackets[i - 1].from))
			return false;
	}
	return decimal_is_sound(earn->points) && positive_is_sound(earn->per) &&
		decimal_is_sound(earn->num) && positive_is_sound(earn->den) &&
		(earn->minimum == PG_INT64_MIN || decimal_is_sound(earn->minimum)) &&
		(earn->of == BY_SPEND || earn->of == BY_QUANTITY || earn->of == BY_ORDERS) && earn->steps <= 1;
}

static bool
multiply_is_sound(const Check *c, const void *rule)
{
	const MultiplyRule *multiply = rule;
	const TierFactor *factors = PROGRAM_LIST(c->program, multiply->by, TierFactor);

	if (!list_is_sound(c, multiply->by, 0, PROGRAM_MAX_TIERS, sizeof(TierFactor)))
		return false;
	for (uint32 i = 0; i < multiply->by.n; i++)
	{
		if (!decimal_is_sound(factors[i].factor) || !tier_is_sound(c, factors[i].tier))
			return false;
	}
	return decimal_is_sound(multiply->factor) && multiply->stack <= STACK_REPLACE;
}

static bool
bonus_is_sound(const Check *c, const void *rule)
{
	const BonusRule *bonus = rule;

	return bonus->on <= ON_MILESTONE && name_is_sound(c, bonus->activity, bonus->on == ON_ACTIVITY) &&
		(bonus->on == ON_MILESTONE ? positive_is_sound(bonus->every) : bonus->every == 0) &&
		metric_is_sound(c, bonus->metric) && positive_is_sound(bonus->points) &&
		bonus->times <= BONUS_MAX_TIMES && bonus->per >= PER_DAY && bonus->per <= PER_LIFETIME &&
		bonus->clawback <= 1;
}

static bool
cap_is_sound(const Check *c, const void *rule)
{
	const CapRule *cap = rule;

	return decimal_is_sound(cap->points) && cap->per <= PER_LIFETIME;
}

static bool
hold_is_sound(const Check *c, const void *rule)
{
	return span_is_sound(&((const HoldRule *) rule)->span);
}

static bool
expire_is_sound(const Check *c, const void *rule)
{
	const ExpireRule *expire = rule;
	const uint32 *tiers = PROGRAM_LIST(c->program, expire->suspend_tiers, uint32);

	if (!list_is_sound(c, expire->suspend_tiers, 0, PROGRAM_MAX_TIERS, sizeof(uint32)))
		return false;
	for (uint32 i = 0; i < expire->suspend_tiers.n; i++)
	{
		if (!tier_is_sound(c, tiers[i]))
			return false;
	}
	return names_are_sound(c, expire->reset_names, PROGRAM_MAX_RULES) && span_is_sound(&expire->after) &&
		expire->kind <= EXPIRE_PERIOD_END && expire->since_release <= 1 && expire->reset_kinds < 1 << EVENT_KINDS &&
		expire->period <= END_MONTH_DAY && expire->snap <= SNAP_MONTH_DAY && expire->resume <= RESUME_FREEZE &&
		(expire->period != END_MONTH_DAY || month_day_is_sound(expire->period_month, expire->period_day)) &&
		(expire->snap != SNAP_MONTH_DAY || month_day_is_sound(expire->snap_month, expire->snap_day)) &&
		(expire->suspend_tiers.n > 0) == (expire->resume != RESUME_NONE);
}

static bool
redeem_is_sound(const Check *c, const void *rule)
{
	const RedeemRule *redeem = rule;

	return decimal_is_sound(redeem->minimum) && decimal_is_sound(redeem->step) &&
		decimal_is_sound(redeem->value) && redeem->order <= REDEEM_OLDEST_FIRST;
}

static bool
refund_is_sound(const Check *c, const void *rule)
{
	const RefundRule *refund = rule;

	return refund->earned <= EARNED_KEEP && refund->shortfall <= SHORT_FORGIVE &&
		refund->spent <= SPENT_PRO_RATA && refund->dated <= DATED_REFUND;
}

static bool
level_is_sound(const Check *c, const Level *level)
{
	const Need *needs = PROGRAM_LIST(c->program, level->needs, Need);

	if (!list_is_sound(c, level->needs, 0, PROGRAM_MAX_RULES, sizeof(Need)))
		return false;
	for (uint32 i = 0; i < level->needs.n; i++)
	{
		const Condition *conditions = PROGRAM_LIST(c->program, needs[i].conditions, Condition);

		if (!list_is_sound(c, needs[i].conditions, 1, PROGRAM_MAX_METRICS, sizeof(Condition)))
			return false;
		for (uint32 j = 0; j < needs[i].conditions.n; j++)
		{
			if (!metric_is_sound(c, conditions[j].metric) || !decimal_is_sound(conditions[j].at))
				return false;
		}
	}
	return decimal_is_sound(level->at) && tier_is_sound(c, level->tier);
}

static bool
tiers_are_sound(const Check *c, const void *rule)
{
	const TiersRule *tiers = rule;
	const Level *levels = PROGRAM_LIST(c->program, tiers->levels, Level);

	if (!list_is_sound(c, tiers->levels, 1, PROGRAM_MAX_LEVELS, sizeof(Level)))
		return false;
	for (uint32 i = 0; i < tiers->levels.n; i++)
	{
		if (!level_is_sound(c, &levels[i]))
			return false;
	}
	return (tiers->rollover_cap == PG_INT64_MAX || decimal_is_sound(tiers->rollover_cap)) &&
		span_is_sound(&tiers->span) && span_is_sound(&tiers->valid_span) && span_is_sound(&tiers->overhang) &&
		metric_is_sound(c, tiers->by) && tiers->window <= WINDOW_LIFETIME && tiers->valid <= VALID_FOREVER &&
		((tiers->window != WINDOW_CALENDAR_YEAR && tiers->window != WINDOW_YEAR_FROM) ||
		 month_day_is_sound(tiers->window_month, tiers->window_day)) &&
		tiers->has_overhang <= 1 && tiers->downgrade <= DOWNGRADE_NEVER && tiers->latch <= 1 &&
		tiers->rate_after <= 1 && tiers->has_rollover <= 1 && metric_is_sound(c, tiers->rollover_metric);
}

/* by Section */
static bool (*const checks[SECTIONS]) (const Check *c, const void *rule) = {
	earn_is_sound, multiply_is_sound, bonus_is_sound, cap_is_sound, hold_is_sound,
	expire_is_sound, redeem_is_sound, refund_is_sound, tiers_are_sound
};

/* ---------------- the whole ---------------- */

static inline bool
local_is_sound(int64 local)
{
	return local >= INSTANT_MIN && local < INSTANT_LIMIT;
}

static bool
rule_is_sound(const Check *c, const Rule *rule)
{
	return name_is_sound(c, rule->name, false) &&
		(rule->from == PG_INT64_MIN || local_is_sound(rule->from)) &&
		(rule->until == PG_INT64_MAX || local_is_sound(rule->until)) &&
		rule->from < rule->until && where_is_sound(c, rule->any, rule->all, rule->none);
}

static bool
metrics_are_sound(const Check *c)
{
	const Metric *metrics = PROGRAM_LIST(c->program, c->program->metrics, Metric);

	if (!list_is_sound(c, c->program->metrics, BUILTIN_METRICS, PROGRAM_MAX_METRICS, sizeof(Metric)))
		return false;
	for (uint32 i = 0; i < c->program->metrics.n; i++)
	{
		if (!name_is_sound(c, metrics[i].name, true) || metrics[i].measure >= BUILTIN_METRICS ||
			(i < BUILTIN_METRICS && metrics[i].measure != i) ||
			!where_is_sound(c, metrics[i].any, metrics[i].all, metrics[i].none))
			return false;
	}
	return true;
}

bool
program_is_sound(const Program *program, size_t size)
{
	Check		c = {program, (const char *) program, (uint32) size};
	uint32		id = 0;

	if (size < sizeof(Program) || size > PROGRAM_MAX_SIZE ||
		program->version != PROGRAM_VERSION || program->size != size)
		return false;
	if (!name_is_sound(&c, program->name, true) || !name_is_sound(&c, program->timezone, true) ||
		!names_are_sound(&c, program->tier_names, PROGRAM_MAX_TIERS) || !metrics_are_sound(&c) ||
		program->decimals > DECIMAL_PLACES || program->round > ROUND_NONE || program->scope > SCOPE_DAY)
		return false;
	for (int section = 0; section < SECTIONS; section++)
	{
		ProgramList list = *section_list(program, section);

		if (!list_is_sound(&c, list, 0, PROGRAM_MAX_RULES, program_sections[section].size))
			return false;
		for (uint32 i = 0; i < list.n; i++)
		{
			const Rule *rule = section_rule(program, section, i);

			/* numbered through, so that an array by id is as long as there are rules */
			if (rule->id != id++ || !rule_is_sound(&c, rule) || !checks[section] (&c, rule))
				return false;
			/* versions follow each other */
			if (program_sections[section].versions && i > 0 &&
				section_rule(program, section, i - 1)->until > rule->from)
				return false;
		}
	}
	return id == program->rules;
}
