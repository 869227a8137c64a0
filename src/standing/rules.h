/*
 * rules.h
 *		Which rule of the program applies: by date, by tags, by version.
 */
#ifndef LOYALTY_STANDING_RULES_H
#define LOYALTY_STANDING_RULES_H

#include "event/where.h"
#include "program/bind.h"
#include "program/program.h"
#include "standing/vector.h"

typedef struct Rules
{
	const Program *program;
	const Bound *bounds;

	/* the sections, resolved */
	const EarnRule *earn;
	const MultiplyRule *multiply;
	const BonusRule *bonus;
	const CapRule *caps;
	const ExpireRule *expire;
	const TiersRule *tiers;
	const Metric *metrics;

	int			ntags;			/* different lists of tags in the history */
	VECTOR(uint8, matches);		/* rule x tags: 0 unknown, 1 no, 2 yes */
} Rules;

typedef struct Order Order;

extern void rules_begin(Fold *fold, const Program *program, const Bound *bounds, int ntags);
extern bool rule_in_force(const Fold *fold, const Rule *rule, int64 at);
/* Whether the rule's `where` takes such tags, looked up once for each list. */
extern bool rule_matches(Fold *fold, const Rule *rule, Text tags, int tags_id);
/* A rule about several lines of an order sees the tags of all of them together. */
extern bool lines_match(Fold *fold, const Rule *rule, int from, int until);
extern bool order_matches(Fold *fold, const Order *order, const Rule *rule);

/* The version of a section in force at an instant, or NULL in a gap. */
extern const HoldRule *hold_at(const Fold *fold, int64 at);
extern const RedeemRule *redeem_at(const Fold *fold, int64 at);
/* The same for the event being folded; `where` looks at its own tags. */
extern const RefundRule *refund_now(Fold *fold);
/* The same as a number, or NONE. */
extern int	tiers_at(const Fold *fold, int64 at);

/* so many days before 2000-01-03, a Monday, there were whole weeks */
#define MONDAY_OFFSET	(7 * 200000 - 2)

/* Which day, week, month or year of the program's calendar, or year of the member, an instant falls into. */
extern int64 period_number(Fold *fold, int64 at, Period period);

#endif							/* LOYALTY_STANDING_RULES_H */
