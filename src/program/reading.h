/*
 * reading.h
 *		What the files that read a program document share.
 *
 * read.c goes through the document; rules.c, levels.c and rewards.c read the
 * rules of the sections, audience.c for whom they are; named.c knows what they
 * refer to.
 */
#ifndef LOYALTY_READING_H
#define LOYALTY_READING_H

#include "program/sections.h"
#include "program/text.h"
#include "event/where.h"

typedef struct Reading
{
	Block		block;			/* so far */

	/* what rules refer to by its name */
	Metric		metrics[PROGRAM_MAX_METRICS];
	uint32		nmetrics;
	ProgramName tiers[PROGRAM_MAX_TIERS];
	uint32		ntiers;
	PaidPlan	plans[PROGRAM_MAX_PLANS];
	uint32		nplans;
	ProgramName anchors[PROGRAM_MAX_ANCHORS];
	uint32		nanchors;
} Reading;

/* named.c: the number of a metric or a tier by its name, which stands at the node */
extern uint32 value_metric(const Reading *r, const JsonNode *node, const char *name);
extern uint32 value_tier(const Reading *r, const JsonNode *node, const char *name);

/* a list of tiers, sorted, each once; a plan's name or a list of them, the same */
extern ProgramList value_tiers(Reading *r, const JsonNode *node, const char *hint);
extern ProgramList value_plans(Reading *r, const JsonNode *node);

/*
 * No activity may be named like a kind of event: one would be taken for the
 * other; nor like a first purchase.  The hint is for who names a kind; may be
 * NULL.
 */
extern void value_not_kind(const JsonNode *node, const char *hint);
extern ProgramName value_activity(Reading *r, const JsonNode *node, const char *hint);

/* A day MM-DD, as "01-01", or as the word of another list. */
extern uint32 value_year_end(const JsonNode *node, const char *const *words, uint32 year, uint32 month_day,
							 uint32 *month, uint32 *day);
/* One of the windows that begin on a day of the calendar or of the member: which, and its first day. */
extern bool value_window(const JsonNode *node, uint32 *window, uint32 *month, uint32 *day);

/* what every rule may carry */
#define RULE_KEYS "name", "from", "until", "where"
/* and those that are not for everybody */
#define AUDIENCE_KEYS "plan", "within"

/* audience.c: the plans, and for whom a rule is */
extern void read_plans(Reading *r, const JsonNode *node);
extern void read_audience(Reading *r, const JsonNode *node, Audience *audience);

/* rules.c, levels.c, rewards.c: one rule of each section; they fill in all but its Rule */
extern void read_earn(Reading *r, const JsonNode *node, void *rule);
extern void read_multiply(Reading *r, const JsonNode *node, void *rule);
extern void read_bonus(Reading *r, const JsonNode *node, void *rule);
extern void read_cap(Reading *r, const JsonNode *node, void *rule);
extern void read_hold(Reading *r, const JsonNode *node, void *rule);
extern void read_expire(Reading *r, const JsonNode *node, void *rule);
extern void read_redeem(Reading *r, const JsonNode *node, void *rule);
extern void read_refund(Reading *r, const JsonNode *node, void *rule);
extern void read_tiers(Reading *r, const JsonNode *node, void *rule);
extern void read_voucher(Reading *r, const JsonNode *node, void *rule);
extern void read_benefit(Reading *r, const JsonNode *node, void *rule);
extern void read_metrics(Reading *r, const JsonNode *node);

#endif							/* LOYALTY_READING_H */
