/*
 * reading.h
 *		What the files that read a program document share.
 *
 * read.c goes through the document; rules.c and levels.c read the rules of the
 * sections; named.c knows what they refer to.
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
} Reading;

/* named.c: the number of a metric or a tier by its name, which stands at the node */
extern uint32 value_metric(const Reading *r, const JsonNode *node, const char *name);
extern uint32 value_tier(const Reading *r, const JsonNode *node, const char *name);

/* what every rule may carry */
#define RULE_KEYS "name", "from", "until", "where"

/* rules.c and levels.c: one rule of each section; they fill in all but its Rule */
extern void read_earn(Reading *r, const JsonNode *node, void *rule);
extern void read_multiply(Reading *r, const JsonNode *node, void *rule);
extern void read_bonus(Reading *r, const JsonNode *node, void *rule);
extern void read_cap(Reading *r, const JsonNode *node, void *rule);
extern void read_hold(Reading *r, const JsonNode *node, void *rule);
extern void read_expire(Reading *r, const JsonNode *node, void *rule);
extern void read_redeem(Reading *r, const JsonNode *node, void *rule);
extern void read_refund(Reading *r, const JsonNode *node, void *rule);
extern void read_tiers(Reading *r, const JsonNode *node, void *rule);
extern void read_metrics(Reading *r, const JsonNode *node);

#endif							/* LOYALTY_READING_H */
