/*
 * json.c
 *		JSON texts as trees that remember where each value stands.
 */
#include "postgres.h"

#include <ctype.h>

#include "base/compat.h"
#include "document/json.h"

#include "miscadmin.h"
#include "utils/memutils.h"

typedef struct Builder
{
	const char *type;
	JsonNode   *open;			/* container being read, NULL at the top */
	JsonNode   *root;
	const char *key;			/* of the member to come */
	int			depth;
	int			nodes;

	/* element by element: the array is not kept */
	json_element_fn fn;
	void	   *arg;
	const char *list;			/* its key in the outermost object; NULL: it is the outermost value */
	JsonNode   *within;			/* the node of that key while its elements are read */
	MemoryContext element;
	MemoryContext caller;
	int			elements;
} Builder;

/* Is what comes next, or has just ended, one of the elements? */
static inline bool
at_elements(const Builder *b)
{
	return b->fn != NULL && b->open == NULL && (b->list == NULL || b->within != NULL);
}

static void
too_large(const Builder *b, const char *what, int limit)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("JSON text for type loyalty.%s is too large", b->type),
			 errdetail("At most %d %s are read.", limit, what)));
}

static JsonNode *
add_node(Builder *b, JsonType type)
{
	JsonNode   *node;
	JsonNode   *parent = b->open;

	if (++b->nodes > JSON_MAX_NODES)
		too_large(b, "values", JSON_MAX_NODES);
	node = palloc0(sizeof(JsonNode));
	node->type = type;
	node->parent = parent;
	if (parent == NULL)
	{
		b->root = node;
		node->parent = b->within;
		node->read_for = b->type;
		node->index = b->elements;
		node->element = b->fn != NULL && b->list == NULL;
		return node;
	}
	node->index = parent->count++;
	if (parent->type == JSON_OBJECT)
	{
		if (parent->count > JSON_MAX_KEYS)
			too_large(b, "keys of one object", JSON_MAX_KEYS);
		node->key = b->key;
		for (JsonNode *other = parent->first; other; other = other->next)
		{
			if (strcmp(other->key, node->key) == 0)
				ereport(ERROR,
						(errcode(ERRCODE_DUPLICATE_JSON_OBJECT_KEY_VALUE),
						 errmsg("invalid input for type loyalty.%s", b->type),
						 errdetail("Key \"%s\" is given twice.", json_path(other))));
		}
	}
	if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	parent->last = node;
	return node;
}

static void
not_an_array(const Builder *b)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type loyalty.%s", b->type),
			 errdetail("The outermost value must be an array.")));
}

static void
value_done(Builder *b)
{
	if (at_elements(b) && b->root != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		b->fn(b->root, b->arg);
		b->elements++;
		b->nodes = 0;
		b->root = NULL;
		MemoryContextReset(b->element);
	}
}

static void
open_container(Builder *b, JsonType type)
{
	if (++b->depth > JSON_MAX_DEPTH)
		too_large(b, "levels of nesting", JSON_MAX_DEPTH);
	if (b->fn != NULL && b->list == NULL && b->depth == 1)
	{
		if (type != JSON_ARRAY)
			not_an_array(b);
		return;
	}
	b->open = add_node(b, type);
	if (b->list && type == JSON_ARRAY && b->depth == 2 && b->open->key && strcmp(b->open->key, b->list) == 0)
	{
		b->within = b->open;
		b->open = NULL;
		b->root = NULL;
		MemoryContextSwitchTo(b->element);
	}
}

/* The array under the key has ended: on with the object around it. */
static void
close_list(Builder *b)
{
	MemoryContextSwitchTo(b->caller);
	b->open = b->root = b->within->parent;
	b->within = NULL;
}

static void
close_container(Builder *b)
{
	b->depth--;
	if (b->open == NULL)
	{
		if (b->within)
			close_list(b);
		return;
	}
	b->open = b->open->parent == b->within ? NULL : b->open->parent;
	value_done(b);
}

static loyalty_compat_json_result
object_start(void *state)
{
	open_container(state, JSON_OBJECT);
	return LOYALTY_COMPAT_JSON_DONE;
}

static loyalty_compat_json_result
array_start(void *state)
{
	open_container(state, JSON_ARRAY);
	return LOYALTY_COMPAT_JSON_DONE;
}

static loyalty_compat_json_result
container_end(void *state)
{
	close_container(state);
	return LOYALTY_COMPAT_JSON_DONE;
}

static loyalty_compat_json_result
member_start(void *state, char *key, bool isnull)
{
	((Builder *) state)->key = key;
	return LOYALTY_COMPAT_JSON_DONE;
}

static loyalty_compat_json_result
scalar(void *state, char *token, JsonTokenType type)
{
	Builder    *b = state;
	JsonNode   *node;

	if (b->fn != NULL && b->list == NULL && b->depth == 0)
		not_an_array(b);
	node = add_node(b, JSON_NULL);
	switch (type)
	{
		case JSON_TOKEN_STRING:
			node->type = JSON_STRING;
			break;
		case JSON_TOKEN_NUMBER:
			node->type = JSON_NUMBER;
			break;
		case JSON_TOKEN_TRUE:
		case JSON_TOKEN_FALSE:
			node->type = JSON_BOOL;
			node->truth = type == JSON_TOKEN_TRUE;
			break;
		default:
			break;
	}
	node->text = token;
	node->len = token ? strlen(token) : 0;
	value_done(b);
	return LOYALTY_COMPAT_JSON_DONE;
}

/* Where in a text of several lines; and who gives a name wants what is stored under it. */
static void
not_json(const Builder *b, JsonParseErrorType status, JsonLexContext *lex, const char *text, size_t len)
{
	char	   *what = json_errdetail(status, lex);
	bool		is_name = b->root == NULL && len > 0 && (isalpha((unsigned char) text[0]) || IS_HIGHBIT_SET(text[0]));

	if (memchr(text, '\n', len) != NULL)
		what = psprintf("Line %d: %s", (int) lex->line_number, what);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type loyalty.%s", b->type),
			 errdetail("%s", what),
			 is_name ? errhint("Give the JSON text itself, or the column that holds it, not a name.") : 0));
}

static void
parse(Builder *b, const char *text, size_t len, int encoding)
{
	JsonLexContext *lex = loyalty_compat_json_lexer(text, len, encoding);
	JsonSemAction actions = {0};
	JsonParseErrorType status;

	b->caller = CurrentMemoryContext;
	actions.semstate = b;
	actions.object_start = object_start;
	actions.object_end = container_end;
	actions.array_start = array_start;
	actions.array_end = container_end;
	actions.object_field_start = member_start;
	actions.scalar = scalar;

	if (b->fn != NULL)
	{
		b->element = AllocSetContextCreate(b->caller, "loyalty JSON element", ALLOCSET_DEFAULT_SIZES);
		if (b->list == NULL)
			MemoryContextSwitchTo(b->element);
	}
	status = pg_parse_json(lex, &actions);
	MemoryContextSwitchTo(b->caller);
	if (status != JSON_SUCCESS)
		not_json(b, status, lex, text, len);
	if (b->element)
		MemoryContextDelete(b->element);
}

JsonNode *
json_read(const char *text, size_t len, int encoding, const char *type)
{
	Builder		b = {0};

	b.type = type;
	parse(&b, text, len, encoding);
	return b.root;
}

void
json_read_array(const char *text, size_t len, int encoding, const char *type,
				json_element_fn fn, void *arg)
{
	Builder		b = {0};

	b.type = type;
	b.fn = fn;
	b.arg = arg;
	parse(&b, text, len, encoding);
}

JsonNode *
json_read_around(const char *text, size_t len, int encoding, const char *type, const char *key,
				 json_element_fn fn, void *arg)
{
	Builder		b = {0};

	b.type = type;
	b.list = key;
	b.fn = fn;
	b.arg = arg;
	parse(&b, text, len, encoding);
	return b.root;
}

const JsonNode *
json_member(const JsonNode *object, const char *key)
{
	for (const JsonNode *child = object->first; child; child = child->next)
	{
		if (strcmp(child->key, key) == 0)
			return child;
	}
	return NULL;
}

static void
append_path(StringInfo out, const JsonNode *node)
{
	if (node->parent)
		append_path(out, node->parent);
	else if (!node->element)
		return;
	if (node->key == NULL)
		appendStringInfo(out, "[%d]", node->index);
	else if (out->len > 0)
		appendStringInfo(out, ".%s", node->key);
	else
		appendStringInfoString(out, node->key);
}

char *
json_path(const JsonNode *node)
{
	StringInfoData path;

	initStringInfo(&path);
	append_path(&path, node);
	return path.data;
}

const char *
json_read_for(const JsonNode *node)
{
	while (node->parent)
		node = node->parent;
	return node->read_for;
}

const char *
json_type_name(JsonType type)
{
	switch (type)
	{
		case JSON_NULL:
			return "null";
		case JSON_BOOL:
			return "true or false";
		case JSON_NUMBER:
			return "a number";
		case JSON_STRING:
			return "a string";
		case JSON_ARRAY:
			return "an array";
		case JSON_OBJECT:
			return "an object";
	}
	return "";
}

void
json_append_string(StringInfo out, const char *s, size_t len)
{
	appendStringInfoCharMacro(out, '"');
	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) s[i];

		switch (c)
		{
			case '"':
				appendStringInfoString(out, "\\\"");
				break;
			case '\\':
				appendStringInfoString(out, "\\\\");
				break;
			case '\n':
				appendStringInfoString(out, "\\n");
				break;
			case '\t':
				appendStringInfoString(out, "\\t");
				break;
			default:
				if (c < 0x20)
					appendStringInfo(out, "\\u%04x", c);
				else
					appendStringInfoCharMacro(out, (char) c);
		}
	}
	appendStringInfoCharMacro(out, '"');
}
