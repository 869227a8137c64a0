/*
 * answer.c
 *		What a fold says at its end.
 */
#include "postgres.h"

#include "standing/answer.h"

static void
answer_tier(Fold *fold, Standing *s)
{
	int			version = tiers_at(fold, fold->asof);
	const TiersRule *rule;
	const Level *levels;
	int			next = 0;
	int128		sum;

	s->tier = fold->tiers.now.tier;
	s->tier_since = s->tier == NONE ? PG_INT64_MIN : fold->tiers.now.since;
	s->tier_until = fold->rules.program->tiers.n > 0 ? tier_until(fold) : INSTANT_NEVER;
	s->next_tier = NONE;
	s->has_to_next = s->has_qualifying = false;
	if (version == NONE)
		return;
	rule = &fold->rules.tiers[version];
	levels = PROGRAM_LIST(fold->rules.program, rule->levels, Level);
	sum = tiers_qualifying(fold, version, (int) rule->by);
	s->has_qualifying = true;
	s->qualifying = metric_shown(sum);
	for (uint32 l = 0; l < rule->levels.n; l++)
	{
		if ((int) levels[l].tier == s->tier)
			next = (int) l + 1;
	}
	if (next < (int) rule->levels.n)
	{
		s->next_tier = (int) levels[next].tier;
		s->has_to_next = levels[next].needs.n == 0 && levels[next].at != LEVEL_BY_PLAN;
		if (s->has_to_next)
			s->to_next = Max(0, levels[next].at - s->qualifying);
	}
}

void
answer_standing(Fold *fold, Standing *s)
{
	s->points = fold->points.available - fold->points.debt;
	s->pending = fold->points.pending;
	s->debt = fold->points.debt;
	s->lifetime_points = fold->points.lifetime;
	s->expiring = 0;
	s->expiring_at = INSTANT_NEVER;
	for (int l = 0; l < fold->points.nlots; l++)
	{
		const Lot  *lot = &fold->points.lots[l];
		int64		end;

		if (lot->remaining == 0 || (end = lot_end(fold, l)) > s->expiring_at)
			continue;
		if (end < s->expiring_at)
			s->expiring = 0;
		s->expiring_at = end;
		s->expiring += lot->remaining;
	}
	if (s->expiring_at == INSTANT_NEVER)
		s->expiring = 0;
	answer_tier(fold, s);
}

/* Points whose projected end is not later than that instant. */
Decimal
answer_expiring(Fold *fold, int64 until)
{
	Decimal		sum = 0;

	for (int l = 0; l < fold->points.nlots; l++)
	{
		const Lot  *lot = &fold->points.lots[l];
		int64		end;

		if (lot->remaining > 0 && (end = lot_end(fold, l)) <= until && end != INSTANT_NEVER)
			sum += lot->remaining;
	}
	return sum;
}
