/*
 * expire.c
 *		When a lot dies: age, inactivity, ends of periods, and tiers that
 *		suspend them.
 *
 * The rules in force when a lot was earned govern it for good.  Its end is the
 * earliest that any of them gives.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

#define RULE_BIT(i) (UINT64CONST(1) << (i))

void
expire_begin(Fold *fold)
{
	Expiry	   *expiry = &fold->expiry;

	expiry->suspends = expiry->idles = false;
	expiry->nsuspensions = expiry->known_suspensions = 0;
	for (uint32 i = 0; i < fold->rules.program->expire.n; i++)
	{
		expiry->reset_at[i] = PG_INT64_MIN;
		expiry->idles |= fold->rules.expire[i].kind == EXPIRE_INACTIVITY;
		expiry->suspends |= fold->rules.expire[i].resume != RESUME_NONE;
	}
}

static int64
snapped(Fold *fold, int64 end, const ExpireRule *rule)
{
	if (rule->snap == SNAP_NONE || end == INSTANT_NEVER)
		return end;
	return clock_snap(&fold->clock, end, false, (Snap) rule->snap, rule->snap_month, rule->snap_day);
}

/* The end of the period in which an instant lies. */
static int64
period_end(Fold *fold, const ExpireRule *rule, int64 at)
{
	static const Span one_year = {12, 0, 0};

	if (rule->period == END_MEMBERSHIP_YEAR)
	{
		int64		local = clock_to_local(&fold->clock, at);
		int64		anchor = clock_anchor(&fold->clock, at);

		return clock_from_local(&fold->clock, local_add(anchor, &one_year, local_years(anchor, local) + 1));
	}
	/* strictly after: a period begins at its midnight */
	return clock_snap(&fold->clock, at, true, rule->period == END_CALENDAR_YEAR ? SNAP_YEAR : SNAP_MONTH_DAY,
					 rule->period_month, rule->period_day);
}

/* Since when the rule counts for the lot; PG_INT64_MIN if it has not begun. */
static int64
counts_from(Fold *fold, const Lot *lot, int i)
{
	const ExpireRule *rule = &fold->rules.expire[i];

	if (rule->kind == EXPIRE_INACTIVITY)
		return lot->life.idle_own & RULE_BIT(i) ? Max(lot->earned_at, fold->expiry.reset_at[i]) : fold->expiry.reset_at[i];
	return rule->kind == EXPIRE_AGE && rule->since_release ? lot->active_at : lot->earned_at;
}

static int64
end_from(Fold *fold, const ExpireRule *rule, int64 from)
{
	return rule->kind == EXPIRE_PERIOD_END ? period_end(fold, rule, from) :
		clock_add(&fold->clock, from, &rule->after, 1);
}

/*
 * The end that one rule gives, counted from an instant, with what tiers
 * suspend.  Suspensions are in order; one that comes too late changes nothing:
 * a lot that is due exactly when the tier starts dies.
 */
static int64
rule_end_from(Fold *fold, int i, int64 from)
{
	const ExpireRule *rule = &fold->rules.expire[i];
	int64		raw = end_from(fold, rule, from);
	int64		end = snapped(fold, raw, rule);
	int64		local = raw == INSTANT_NEVER ? INSTANT_LIMIT :
		rule->kind == EXPIRE_PERIOD_END ? clock_to_local(&fold->clock, raw) :
		local_add(clock_to_local(&fold->clock, from), &rule->after, 1);

	for (int k = 0; k < fold->expiry.nsuspensions; k++)
	{
		const Suspension *s = &fold->expiry.suspensions[k];

		/* one that ended in the instant in which it began is none */
		if (s->rule != i || s->until <= from || s->until == s->from)
			continue;
		if (s->from >= end)
			break;
		switch ((Resume) rule->resume)
		{
			case RESUME_RESTART:
				if (s->until == INSTANT_NEVER)
					return INSTANT_NEVER;
				from = s->until;
				end = snapped(fold, end_from(fold, rule, from), rule);
				break;
			case RESUME_FREEZE:
				if (s->until == INSTANT_NEVER)
					return INSTANT_NEVER;
				/* the time spent in the tier, by the local clock */
				local += clock_to_local(&fold->clock, s->until) - clock_to_local(&fold->clock, Max(s->from, from));
				end = snapped(fold, clock_from_local(&fold->clock, local), rule);
				break;
			default:
				/* due meanwhile: it dies when the tier ends */
				end = Max(end, s->until);
				if (end == s->until)
					return end;
				break;
		}
	}
	return end;
}

static int64
rule_end(Fold *fold, const Lot *lot, int i)
{
	return rule_end_from(fold, i, counts_from(fold, lot, i));
}

void
lot_governed(Fold *fold, Lot *lot)
{
	lot->life.rules = lot->life.idle_own = 0;
	lot->life.fixed_end = lot->ends_at;
	for (uint32 i = 0; i < fold->rules.program->expire.n; i++)
	{
		const ExpireRule *rule = &fold->rules.expire[i];

		if (!rule_in_force(fold, &rule->rule, lot->earned_at))
			continue;
		if (lot->first_line != NONE ? !lines_match(fold, &rule->rule, lot->first_line, lot->until_line) :
			!rule_matches(fold, &rule->rule, lot->tags, lot->tags_id))
			continue;
		if (rule->kind == EXPIRE_INACTIVITY)
		{
			int64		reset = fold->expiry.reset_at[i];

			lot->life.rules |= RULE_BIT(i);
			if (reset == PG_INT64_MIN || rule_end_from(fold, (int) i, reset) <= lot->earned_at)
				lot->life.idle_own |= RULE_BIT(i);
		}
		else if (lot->ends_at == INSTANT_NEVER)
		{
			lot->life.rules |= RULE_BIT(i);
			if (rule->resume == RESUME_NONE)
				lot->life.fixed_end = Min(lot->life.fixed_end, rule_end(fold, lot, (int) i));
		}
	}
}

int64
lot_end(Fold *fold, const Lot *lot)
{
	int64		end = lot->life.fixed_end;

	if (!fold->expiry.idles && !fold->expiry.suspends)
		return end;
	for (uint32 i = 0; i < fold->rules.program->expire.n; i++)
	{
		const ExpireRule *rule = &fold->rules.expire[i];

		if ((lot->life.rules & RULE_BIT(i)) &&
			(rule->kind == EXPIRE_INACTIVITY || rule->resume != RESUME_NONE))
			end = Min(end, rule_end(fold, lot, (int) i));
	}
	return end;
}

const char *
lot_end_rule(Fold *fold, const Lot *lot)
{
	int			earliest = NONE;
	int64		end = INSTANT_NEVER;

	for (uint32 i = 0; i < fold->rules.program->expire.n && fold->trail.write; i++)
	{
		int64		by = lot->life.rules & RULE_BIT(i) ? rule_end(fold, lot, (int) i) : INSTANT_NEVER;

		if (by < end)
		{
			end = by;
			earliest = (int) i;
		}
	}
	return earliest == NONE ? NULL : rule_label(fold, &fold->rules.expire[earliest].rule, "expire", earliest);
}

void
expire_reset(Fold *fold, int i)
{
	const Event *event = &fold->events[i];

	if (!fold->expiry.idles)
		return;
	for (uint32 k = 0; k < fold->rules.program->expire.n; k++)
	{
		const ExpireRule *rule = &fold->rules.expire[k];
		const ProgramName *names = PROGRAM_LIST(fold->rules.program, rule->reset_names, ProgramName);
		bool		resets = (rule->reset_kinds & (1 << event->kind)) != 0;

		if (rule->kind != EXPIRE_INACTIVITY)
			continue;
		for (uint32 n = 0; n < rule->reset_names.n && !resets && event->kind == EVENT_ACTIVITY; n++)
			resets = names[n].len == event->name.len &&
				memcmp(PROGRAM_NAME(fold->rules.program, names[n]), event->name.data, names[n].len) == 0;
		if (resets)
			fold->expiry.reset_at[k] = event->at;
	}
}

static bool
is_listed(const Fold *fold, const ExpireRule *rule, int tier)
{
	const uint32 *tiers = PROGRAM_LIST(fold->rules.program, rule->suspend_tiers, uint32);

	for (uint32 i = 0; i < rule->suspend_tiers.n; i++)
	{
		if ((int) tiers[i] == tier)
			return true;
	}
	return false;
}

static void
suspend(Fold *fold, int rule, int64 from)
{
	Suspension *s = PUSH_TO(fold, &fold->expiry, suspensions);

	s->rule = rule;
	s->from = from;
	s->until = INSTANT_NEVER;
	s->lasts = true;
}

static void
resume(Fold *fold, int rule, int64 until, bool foreseen)
{
	for (int k = 0; k < fold->expiry.nsuspensions; k++)
	{
		Suspension *s = &fold->expiry.suspensions[k];

		if (s->rule == rule && s->lasts && s->until == INSTANT_NEVER)
		{
			s->lasts = foreseen;
			s->until = until;
		}
	}
}

/* Does a change of tier suspend the rule (1), or end that (-1)? */
static int
changes(const Fold *fold, int i, int before, int after)
{
	const ExpireRule *rule = &fold->rules.expire[i];

	return rule->resume == RESUME_NONE ? 0 :
		(int) is_listed(fold, rule, after) - (int) is_listed(fold, rule, before);
}

/*
 * Foresee the suspensions, if nothing happens from now on.  While an event is
 * booked what was foreseen before it stands: its points are taken from the lots
 * from which they would have been taken just before, whatever tier it costs.
 */
void
expire_project(Fold *fold)
{
	TierState  *ahead;

	if (!fold->expiry.suspends || fold->booking)
		return;
	fold->expiry.nsuspensions = fold->expiry.known_suspensions;
	for (int k = 0; k < fold->expiry.nsuspensions; k++)
	{
		if (fold->expiry.suspensions[k].lasts)
			fold->expiry.suspensions[k].until = INSTANT_NEVER;
	}
	ahead = tiers_look_ahead(fold);
	while (ahead->next != INSTANT_NEVER)
	{
		int64		at = ahead->next;
		int			before = ahead->tier;

		CHECK_FOR_INTERRUPTS();
		tiers_tick(fold, ahead, at);
		for (int i = 0; i < (int) fold->rules.program->expire.n; i++)
		{
			int			change = changes(fold, i, before, ahead->tier);

			if (change > 0)
				suspend(fold, i, at);
			else if (change < 0)
				resume(fold, i, at, true);
		}
	}
}

void
expire_suspend(Fold *fold, int64 at, int before, int after)
{
	fold->expiry.nsuspensions = fold->expiry.known_suspensions;
	for (int k = 0; k < fold->expiry.nsuspensions; k++)
	{
		if (fold->expiry.suspensions[k].lasts)
			fold->expiry.suspensions[k].until = INSTANT_NEVER;
	}
	for (int i = 0; i < (int) fold->rules.program->expire.n; i++)
	{
		int			change = changes(fold, i, before, after);
		Suspension *broken = NULL;

		if (change < 0)
			resume(fold, i, at, false);
		if (change <= 0)
			continue;

		/* ended and won again in one instant: not broken */
		for (int k = 0; k < fold->expiry.nsuspensions; k++)
		{
			if (fold->expiry.suspensions[k].rule == i && fold->expiry.suspensions[k].until == at)
				broken = &fold->expiry.suspensions[k];
		}
		if (broken)
		{
			broken->lasts = true;
			broken->until = INSTANT_NEVER;
		}
		else
			suspend(fold, i, at);
	}
	fold->expiry.known_suspensions = fold->expiry.nsuspensions;
}
