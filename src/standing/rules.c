/*
 * rules.c
 *		Which rule of the program applies.
 */
#include "postgres.h"

#include "standing/fold.h"

/* The part of a fold for a program and a history with so many lists of tags. */
void
rules_begin(Fold *fold, const Program *p, const Bound *bounds, int ntags)
{
	Rules	   *rules = &fold->rules;
	size_t		matches = (size_t) p->rules * (ntags + 1);

	rules->program = p;
	rules->bounds = bounds;
	rules->earn = PROGRAM_LIST(p, p->earn, EarnRule);
	rules->multiply = PROGRAM_LIST(p, p->multiply, MultiplyRule);
	rules->bonus = PROGRAM_LIST(p, p->bonus, BonusRule);
	rules->caps = PROGRAM_LIST(p, p->caps, CapRule);
	rules->expire = PROGRAM_LIST(p, p->expire, ExpireRule);
	rules->tiers = PROGRAM_LIST(p, p->tiers, TiersRule);
	rules->metrics = PROGRAM_LIST(p, p->metrics, Metric);
	if (matches > PG_INT32_MAX)
		history_too_large();
	rules->ntags = ntags;
	RESERVE(fold, rules, matches, (int) matches);
	memset(rules->matches, 0, matches);
}

bool
rule_in_force(const Fold *fold, const Rule *rule, int64 at)
{
	const Bound *bound = &fold->rules.bounds[rule->id];

	return bound->from <= at && at < bound->until;
}

bool
rule_matches(Fold *fold, const Rule *rule, Text tags, int tags_id)
{
	uint8	   *known;

	if (rule->any.n == 0 && rule->all.n == 0 && rule->none.n == 0)
		return true;
	known = &fold->rules.matches[rule->id * (fold->rules.ntags + 1) + tags_id + 1];
	if (*known == 0)
		*known = 1 + where_matches(fold->rules.program, &rule->any, &rule->all, &rule->none, tags);
	return *known == 2;
}

#define VERSION_AT(type, function, section) \
const type * \
function(const Fold *fold, int64 at) \
{ \
	const type *versions = PROGRAM_LIST(fold->rules.program, fold->rules.program->section, type); \
\
	for (uint32 i = 0; i < fold->rules.program->section.n; i++) \
	{ \
		if (rule_in_force(fold, &versions[i].rule, at)) \
			return &versions[i]; \
	} \
	return NULL; \
}

VERSION_AT(HoldRule, hold_at, hold)
VERSION_AT(RedeemRule, redeem_at, redeem)
static
VERSION_AT(RefundRule, refund_at, refund)

const RefundRule *
refund_now(Fold *fold)
{
	const RefundRule *rule = refund_at(fold, fold->at);

	return rule && rule_matches(fold, &rule->rule, fold->events[fold->now].tags,
								fold->event_tags[fold->now]) ? rule : NULL;
}

int
tiers_at(const Fold *fold, int64 at)
{
	for (uint32 i = 0; i < fold->rules.program->tiers.n; i++)
	{
		if (rule_in_force(fold, &fold->rules.tiers[i].rule, at))
			return (int) i;
	}
	return NONE;
}


/* Has some line of the order, from `from` up to `until`, the tag? */
static bool
lines_have_tag(const Fold *fold, int from, int until, const ProgramName *name)
{
	for (int l = from; l != NONE && l < until; l = fold->trade.lines[l].next)
	{
		if (tags_contain(line_tags(fold, &fold->trade.lines[l]), PROGRAM_NAME(fold->rules.program, *name), name->len))
			return true;
	}
	return false;
}

bool
lines_match(Fold *fold, const Rule *rule, int from, int until)
{
	const Line *line = &fold->trade.lines[from];
	bool		found = rule->any.n == 0;

	if (line->next == NONE || line->next >= until)
		return line_matches(fold, rule, line);
	for (uint32 i = 0; i < rule->any.n && !found; i++)
		found = lines_have_tag(fold, from, until, &PROGRAM_LIST(fold->rules.program, rule->any, ProgramName)[i]);
	for (uint32 i = 0; i < rule->all.n && found; i++)
		found = lines_have_tag(fold, from, until, &PROGRAM_LIST(fold->rules.program, rule->all, ProgramName)[i]);
	for (uint32 i = 0; i < rule->none.n && found; i++)
		found = !lines_have_tag(fold, from, until, &PROGRAM_LIST(fold->rules.program, rule->none, ProgramName)[i]);
	return found;
}

bool
order_matches(Fold *fold, const Order *order, const Rule *rule)
{
	return lines_match(fold, rule, order->first_line, PG_INT32_MAX);
}

int64
period_number(Fold *fold, int64 at, Period period)
{
	Date		date;
	int64		start;
	int64		end;

	switch (period)
	{
		case PER_LIFETIME:
			return 0;
		case PER_DAY:
			return clock_days(&fold->clock, at);
		case PER_WEEK:
			/* from Monday on; never below 0 */
			return (clock_days(&fold->clock, at) + MONDAY_OFFSET) / 7;
		case PER_MEMBERSHIP_YEAR:
			(void) clock_year(&fold->clock, clock_anchor(&fold->clock, at), at, &start, &end);
			return start;
		default:
			date = clock_date(&fold->clock, at);
			return period == PER_YEAR ? date.year : (int64) date.year * 12 + date.month;
	}
}
