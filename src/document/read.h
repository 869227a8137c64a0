/*
 * read.h
 *		Reading the values of a document from its JSON tree.
 *
 * Whatever is wrong is refused, with its place, what was found there and what
 * would be right: 22023, 22003 for numbers that cannot be kept, 54000 for what
 * is too much.
 */
#ifndef LOYALTY_READ_H
#define LOYALTY_READ_H

#include "base/calendar.h"
#include "base/compat.h"
#include "base/decimal.h"
#include "document/block.h"
#include "document/json.h"

#define DOCUMENT_MAX_TEXT	255		/* bytes of a name or tag */

/* No interval is longer: 1000 years. */
#define SPAN_MAX_MONTHS	12000
#define SPAN_MAX_DAYS	366000
#define SPAN_MAX_TIME	(SPAN_MAX_DAYS * USECS_PER_DAY)

/* ---------------- refusing: read.c ---------------- */

/* A sentence of what was found, and a hint, may be NULL. */
loyalty_compat_noreturn extern void value_refuse(const JsonNode *node, const char *problem, const char *found,
										 const char *hint);
loyalty_compat_noreturn extern void value_too_many(const JsonNode *node, const char *what, int limit);

/* what stands there, as a sentence */
extern char *value_found(const JsonNode *node);

/*
 * "Accepted: ..." for a hint: the words, in quotes, then what else may stand
 * there; and the one that was probably meant if something else was given.
 */
extern char *value_accepted(const char *const *words, const char *more, const char *given);

/* ---------------- objects and arrays: read.c ---------------- */

/* An object with no keys but these; a NULL ends them. */
extern void value_keys(const JsonNode *object, const char *const *keys);
extern const JsonNode *value_need(const JsonNode *object, const char *key, const char *hint);

/* A key that means something only together with another. */
extern void value_only_with(const JsonNode *object, const char *key, const char *other);

/* A list of 1 to `limit` elements. */
extern void value_array(const JsonNode *node, int limit, const char *hint);

/* ---------------- numbers, words, names: read.c ---------------- */

typedef enum Sign { NOT_NEGATIVE, POSITIVE, ANY_SIGN } Sign;

extern Decimal value_number(const JsonNode *node, Sign sign);
extern Decimal value_number_or(const JsonNode *object, const char *key, Sign sign, Decimal other);
extern uint32 value_whole(const JsonNode *node, int least, int most);
extern bool value_truth_or(const JsonNode *object, const char *key, bool other);

/* one of the words, as its index; a NULL ends them */
extern uint32 value_choice(const JsonNode *node, const char *const *words);
extern uint32 value_choice_or(const JsonNode *object, const char *key, const char *const *words, uint32 other);

/* a string, and a name that stands as a key: 1 to DOCUMENT_MAX_TEXT bytes */
extern BlockName value_name(Block *block, const JsonNode *node);
extern BlockName value_key(Block *block, const JsonNode *node);

/* Names whose order and repeats mean nothing: sorted, each once. */
extern BlockList value_names(Block *block, const JsonNode **nodes, int n);

/* words for a hint: names of a list whose elements begin with one, a NULL at the end */
extern const char **value_words(const Block *block, const void *elements, uint32 n, size_t size);

/*
 * The "timezone", which every document with days in it must have.  The caller
 * says how a zone is listed whose name is that but for upper and lower case
 * (NULL: there is none); without a caller who knows, any name is taken.
 */
typedef const char *(*zone_listed_fn) (const char *name);
extern BlockName value_zone(Block *block, const JsonNode *document, zone_listed_fn zone_listed);

/* ---------------- time: dates.c ---------------- */

/* Is it an interval, such as "1 year 6 months"?  One that is too long, or nothing where it must not be, is refused. */
extern bool span_from_text(const JsonNode *node, Sign sign, Span *span);
extern Span value_span(const JsonNode *node, Sign sign);

/* a day, or an instant of it, by the document's clock */
extern int64 value_local(const JsonNode *node);

/* Is it a day of every year, MM-DD?  One that no year has is refused. */
extern bool month_day_from_text(const JsonNode *node, const char *text, uint32 *month, uint32 *day);

/* what holds from a date to another (excluded), by its keys "from" and "until" */
typedef struct Dated
{
	const JsonNode *node;
	int64		from;			/* local; PG_INT64_MIN if always */
	int64		until;			/* PG_INT64_MAX if for ever */
} Dated;

extern void dated_read(const JsonNode *node, Dated *dated);

/* Sort versions by date; at no time may two of them be in force. */
extern void dated_order(Dated *versions, int n);

#endif							/* LOYALTY_READ_H */
