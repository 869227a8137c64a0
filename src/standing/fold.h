/*
 * fold.h
 *		A program folded over a history up to an instant.
 *
 * The fold walks the events in order; before each one the clock is brought up
 * to it (lots die and are released, tiers end).  One file per matter, each with
 * a part of the fold that only it writes; a file uses those above it:
 *
 *		run.c		the walk itself: what follows from what
 *		orders.c	lines and refunds: what is left of an order
 *		caps.c		days rounded and periods capped as a whole
 *		bonus.c		points for firsts, activities and milestones
 *		stages.c	the windows of milestones, and the steps reached there
 *		lots.c		points: hold, spend, take, give back, debt
 *		expire.c	which rules end a lot, and which lot is the next
 *		rank.c		lots in an order
 *		suspend.c	when a rule of expiry ends what it governs
 *		metrics.c	what tiers and milestones count
 *		tiers.c		which tier is held, since when and until when
 *		walk.c		a version of tiers as it goes through time
 *		windows.c	what fixed windows count, and which levels that reaches
 *		rolling.c	the same of rolling ones
 *		held.c		what levels give that are reached
 *		course.c	how sums run over positions
 *		earn.c		what an order earns: rules, factors
 *		vouchers.c	points that become vouchers
 *		benefits.c	what a member may have so many times
 *		settling.c	the days on which they do
 *		within.c	for whom a rule is
 *		plans.c		which paid plans are held
 *		heap.c		items by a key, the least first
 *		sums.c		running sums, and where they cross a number
 *		rules.c		which rule applies
 *		fold.c		room, and rows of the statement
 *
 * At the end answer.c says what has come of it.  Nothing here knows the
 * executor or the catalog.
 */
#ifndef LOYALTY_FOLD_H
#define LOYALTY_FOLD_H

#include "base/clock.h"
#include "history/history.h"
#include "standing/bonus.h"
#include "standing/caps.h"
#include "standing/expire.h"
#include "standing/lots.h"
#include "standing/metrics.h"
#include "standing/orders.h"
#include "standing/plans.h"
#include "standing/rules.h"
#include "standing/suspend.h"
#include "standing/tiers.h"
#include "standing/trail.h"
#include "standing/vouchers.h"
#include "standing/within.h"

/* Zeroed to begin with; what it has allocated serves fold after fold. */
struct Fold
{
	MemoryContext context;		/* where that is */
	Trail		trail;			/* who asks for the statement's rows */

	/* the walk, run.c's */
	int64		asof;
	VECTOR(Event, events);
	VECTOR(int, event_tags);	/* ids, NONE */
	VECTOR(int, event_refs);	/* numbers from 0, NONE */
	VECTOR(uint64, refs);		/* those that are numbers, by theirs */
	VECTOR(int, text_refs);		/* those that are texts, by their place among these: numbers; NONE */
	VECTOR(int, ref_table);		/* hash of a ref -> its number */
	VECTOR(int, bought);		/* by ref: the last event that redeem_first saw */
	int64		joins_at;		/* the first `joined`; INSTANT_NEVER */
	bool		begun;			/* something has happened that begins a membership */
	int			now;			/* event being folded */
	int64		at;				/* its instant */
	bool		booking;		/* it is under way */

	Rules		rules;
	Clock		clock;
	Plans		plans;
	Anchors		anchors;		/* within.c */
	Trade		trade;			/* orders.c */
	Rates		rates;			/* caps.c */
	Bonuses		bonuses;
	Points		points;			/* lots.c */
	Suspensions suspensions;
	Expiry		expiry;
	Counts		counts;			/* metrics.c */
	Tiers		tiers;
	Vouchers	vouchers;
};

/* what a line was bought with, and what is left of it */
static inline Text
line_tags(const Fold *fold, const Line *line)
{
	return fold->events[line->event].tags;
}

/* most rules look at no tags, and those of an old line are far away */
static inline bool
line_matches(Fold *fold, const Rule *rule, const Line *line)
{
	return (rule->any.n == 0 && rule->all.n == 0 && rule->none.n == 0) ||
		rule_matches(fold, rule, line_tags(fold, line), line->tags_id);
}

static inline Left
line_left(const Fold *fold, const Line *line)
{
	Fraction	amount = {line->amount, 1};
	Fraction	quantity = {line->quantity, 1};

	return line->left == NONE ? (Left) {amount, quantity, amount, quantity} : fold->trade.lefts[line->left];
}

#define LEVELS(fold, rule) PROGRAM_LIST((fold)->rules.program, (rule)->levels, Level)

/* run.c */
extern void fold_run(Fold *fold, const Program *program, const Bound *bounds, const Zone *zone,
					 const uint8 *history, size_t len, int64 asof);

#endif							/* LOYALTY_FOLD_H */
