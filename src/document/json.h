/*
 * json.h
 *		JSON texts as trees that remember where each value stands.
 *
 * The server's parser does the reading.  Unlike jsonb a tree shows a key given
 * twice (an error here) and keeps numbers as they were written.
 */
#ifndef LOYALTY_JSON_H
#define LOYALTY_JSON_H

#include "postgres.h"

#include "lib/stringinfo.h"

typedef enum JsonType
{
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
} JsonType;

typedef struct JsonNode
{
	JsonType	type;
	bool		truth;			/* of a bool */
	int			index;			/* place in its array or object */
	bool		element;		/* of an array that is read one by one: it has no parent */
	int			count;			/* children */
	const char *key;			/* within an object */
	const char *text;			/* of a string or number, NUL-terminated */
	size_t		len;			/* of text */
	struct JsonNode *parent;
	struct JsonNode *first;
	struct JsonNode *last;
	struct JsonNode *next;
	const char *read_for;		/* of the outermost value: the SQL type */
} JsonNode;

#define JSON_MAX_DEPTH	32
#define JSON_MAX_KEYS	256		/* of one object */
#define JSON_MAX_NODES	65536	/* of one tree */

/*
 * Read one value.  `type` is the SQL type that it is read for, without its
 * schema, as error messages name it.  Errors: 22P02 for what is no JSON, 22030
 * for a key given twice, 54000 for depth and size.
 */
extern JsonNode *json_read(const char *text, size_t len, int encoding, const char *type);

/*
 * Read an array and hand over its elements one by one; each tree is gone after
 * its call, so that long arrays need little memory.
 */
typedef void (*json_element_fn) (JsonNode *element, void *arg);
extern void json_read_array(const char *text, size_t len, int encoding, const char *type,
							json_element_fn fn, void *arg);

/*
 * Read one value; if it is an object with an array under that key, hand over the
 * array's elements one by one, and answer the tree of all the rest.  What stands
 * after the array is not read yet while they come.
 */
extern JsonNode *json_read_around(const char *text, size_t len, int encoding, const char *type, const char *key,
								  json_element_fn fn, void *arg);

extern const JsonNode *json_member(const JsonNode *object, const char *key);

/* where a node stands, as in tiers.levels[2].at, nothing for the outermost; in palloc'd memory */
extern char *json_path(const JsonNode *node);

/* the SQL type that a node's tree is read for */
extern const char *json_read_for(const JsonNode *node);

/* what a node is, for messages: "a number", "an array" */
extern const char *json_type_name(JsonType type);

/* a string with JSON's quotes and escapes */
extern void json_append_string(StringInfo out, const char *s, size_t len);

#endif							/* LOYALTY_JSON_H */
