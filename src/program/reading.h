/*
 * reading.h
 *		What the files that read a program document share.
 *
 * read.c goes through the document; values.c reads single values; rules.c and
 * levels.c read the rules of the sections; block.c keeps the result.
 */
#ifndef LOYALTY_READING_H
#define LOYALTY_READING_H

#include "base/compat.h"
#include "program/sections.h"
#include "program/text.h"

#define NAME_BUCKETS 1024

typedef struct StoredName
{
	ProgramName name;
	uint32		next;			/* in its bucket, as index + 1; 0 ends it */
} StoredName;

typedef struct Reading
{
	/* the block so far; it moves as it grows */
	char	   *data;
	uint32		len;
	uint32		room;
	StoredName *names;			/* every distinct name in it */
	uint32		nnames;
	uint32		names_room;
	uint32		buckets[NAME_BUCKETS];

	/* what rules refer to by its name */
	Metric		metrics[PROGRAM_MAX_METRICS];
	uint32		nmetrics;
	ProgramName tiers[PROGRAM_MAX_TIERS];
	uint32		ntiers;
} Reading;

/* block.c: the block under construction */
extern void block_init(Reading *r);
extern ProgramName block_name(Reading *r, const char *s, size_t len);
extern ProgramList block_list(Reading *r, const void *elements, uint32 n, size_t size);
extern bool block_name_is(const Reading *r, ProgramName name, const char *s);
extern Program *block_finish(Reading *r, const Program *head);

/* values.c: single values.  Whatever is wrong is refused. */
loyalty_compat_noreturn extern void value_refuse(const JsonNode *node, const char *problem, const char *found,
										 const char *hint);
loyalty_compat_noreturn extern void value_too_many(const JsonNode *node, const char *what, int limit);
extern char *value_found(const JsonNode *node);
extern char *value_accepted(const char *const *words, const char *more, const char *given);
extern void value_keys(const JsonNode *object, const char *const *keys);
extern const JsonNode *value_need(const JsonNode *object, const char *key, const char *hint);
extern void value_only_with(const JsonNode *object, const char *key, const char *other);
extern void value_array(const JsonNode *node, int limit, const char *hint);

typedef enum Sign { NOT_NEGATIVE, POSITIVE } Sign;

extern Decimal value_number(const JsonNode *node, Sign sign);
extern Decimal value_number_or(const JsonNode *object, const char *key, Sign sign, Decimal other);
extern uint32 value_whole(const JsonNode *node, int least, int most);
extern bool value_truth_or(const JsonNode *object, const char *key, bool other);
extern uint32 value_choice(const JsonNode *node, const char *const *words);
extern uint32 value_choice_or(const JsonNode *object, const char *key, const char *const *words, uint32 other);
extern ProgramName value_name(Reading *r, const JsonNode *node);
extern ProgramName value_key(Reading *r, const JsonNode *node);
extern ProgramList value_names(Reading *r, const JsonNode **nodes, int n);
extern bool span_from_text(const JsonNode *node, Span *span);
extern Span value_span(const JsonNode *node);
extern int64 value_local(const JsonNode *node);
extern bool month_day_from_text(const JsonNode *node, const char *text, uint32 *month, uint32 *day);
extern uint32 value_metric(const Reading *r, const JsonNode *node, const char *name);
extern uint32 value_tier(const Reading *r, const JsonNode *node, const char *name);

/* read.c: what every rule may carry */
#define RULE_KEYS "name", "from", "until", "where"
extern void read_where(Reading *r, const JsonNode *object, ProgramList *any, ProgramList *all, ProgramList *none);

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
