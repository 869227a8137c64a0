/*
 * benefits.c
 *		What a member may have so many times in a period.
 */
#include "postgres.h"

#include "standing/benefits.h"
#include "standing/fold.h"

#include "miscadmin.h"

/* Does the member's tier have it, and how often? */
static bool
tier_has(const Fold *fold, const BenefitRule *rule, Decimal *quantity)
{
	const BenefitTier *tiers = PROGRAM_LIST(fold->rules.program, rule->tiers, BenefitTier);

	*quantity = rule->quantity;
	for (uint32 i = 0; i < rule->tiers.n; i++)
	{
		if ((int) tiers[i].tier != fold->tiers.now.tier)
			continue;
		if (rule->by_tier)
			*quantity = tiers[i].quantity;
		return true;
	}
	return rule->tiers.n == 0;
}

/* The period in which the fold's instant lies. */
static void
find_period(Fold *fold, Period per, Benefit *benefit)
{
	int			days = clock_days(&fold->clock, fold->asof);
	Date		date = date_from_days(days);
	int			from = days;
	int			until = days + 1;

	switch (per)
	{
		case PER_WEEK:
			from -= (days + MONDAY_OFFSET) % 7;
			until = from + 7;
			break;
		case PER_MONTH:
			from = date_to_days(date.year, date.month, 1);
			until = from + days_in_month(date.year, date.month);
			break;
		case PER_YEAR:
			from = date_to_days(date.year, 1, 1);
			until = date_to_days(date.year + 1, 1, 1);
			break;
		case PER_MEMBERSHIP_YEAR:
			(void) clock_year(&fold->clock, clock_anchor(&fold->clock, fold->asof), fold->asof, &benefit->since, &benefit->until);
			benefit->since = Min(benefit->since, fold->asof);
			return;
		case PER_LIFETIME:
			benefit->since = PG_INT64_MIN;
			benefit->until = INSTANT_NEVER;
			return;
		default:
			break;
	}
	/* of a midnight that comes twice, the other; and the calendar has an end */
	benefit->since = Min(clock_from_local(&fold->clock, local_from_days(from)), fold->asof);
	benefit->until = clock_from_local(&fold->clock, local_from_days(until));
}

static int64
times_used(const Fold *fold, const BenefitRule *rule, int64 since)
{
	int64		used = 0;

	for (int i = 0; i < fold->nevents; i++)
	{
		const Event *event = &fold->events[i];

		CHECK_FOR_INTERRUPTS();
		used += event->kind == EVENT_ACTIVITY && event->at >= since && event->name.len == rule->on.len &&
			memcmp(PROGRAM_NAME(fold->rules.program, rule->on), event->name.data, event->name.len) == 0;
	}
	return used;
}

bool
benefit_at(Fold *fold, const BenefitRule *rule, Benefit *benefit)
{
	if (!fold->begun || !rule_in_force(fold, &rule->rule, fold->asof) || !tier_has(fold, rule, &benefit->quantity) ||
		!audience_has(fold, &rule->audience, fold->asof))
		return false;
	find_period(fold, (Period) rule->per, benefit);
	benefit->used = times_used(fold, rule, benefit->since);
	return true;
}
