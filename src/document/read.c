/*
 * read.c
 *		Single values of a document: numbers, words, names.
 *
 * What is wrong is refused with its place, what was found there and what
 * would be right, so that an author can mend it without a manual.
 */
#include "postgres.h"

#include "document/read.h"

#include "mb/pg_wchar.h"

/* how much of a value from the document a message shows */
#define SHOWN_BYTES 80

/* a node's place; that of the document itself is the type's name */
static const char *
place(const JsonNode *node)
{
	return node->parent || node->element ? json_path(node) : json_read_for(node);
}

void
value_refuse(const JsonNode *node, const char *problem, const char *found, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s: %s", place(node), problem),
			 found ? errdetail("%s", found) : 0,
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

void
value_too_many(const JsonNode *node, const char *what, int limit)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%s: has too many %s", place(node), what),
			 errdetail("At most %d are kept.", limit)));
	pg_unreachable();
}

/* a text from the document, shortened if it is long */
static char *
shown(const char *s)
{
	size_t		len = 0;

	while (len < SHOWN_BYTES && s[len])
	{
		int			width = pg_mblen(s + len);

		/* a character cut short at the end */
		if (strnlen(s + len, width) < (size_t) width)
			break;
		len += width;
	}
	return psprintf("%.*s%s", (int) len, s, s[len] ? "..." : "");
}

char *
value_found(const JsonNode *node)
{
	switch (node->type)
	{
		case JSON_STRING:
			return psprintf("It is \"%s\".", shown(node->text));
		case JSON_NUMBER:
			return psprintf("It is %s.", shown(node->text));
		case JSON_BOOL:
			return psprintf("It is %s.", node->truth ? "true" : "false");
		default:
			return psprintf("It is %s.", json_type_name(node->type));
	}
}

/* ---------------- what was meant ---------------- */

#define WORD_MAX 24

static int
letter(char c)
{
	c = pg_tolower((unsigned char) c);
	return c == '_' || c == '-' ? ' ' : c;
}

/*
 * How many letters have to be changed, added, left out or swapped with their
 * neighbour to make one word of the other.
 */
static int
distance(const char *a, const char *b)
{
	int			rows[3][WORD_MAX + 1];
	int			alen = (int) strlen(a);
	int			blen = (int) strlen(b);

	if (alen > WORD_MAX || blen > WORD_MAX)
		return WORD_MAX;
	for (int j = 0; j <= blen; j++)
		rows[0][j] = j;
	for (int i = 1; i <= alen; i++)
	{
		int		   *row = rows[i % 3];
		const int  *above = rows[(i - 1) % 3];

		row[0] = i;
		for (int j = 1; j <= blen; j++)
		{
			int			same = letter(a[i - 1]) == letter(b[j - 1]);

			row[j] = Min(above[j - 1] + !same, Min(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && letter(a[i - 1]) == letter(b[j - 2]) && letter(a[i - 2]) == letter(b[j - 1]))
				row[j] = Min(row[j], rows[(i - 2) % 3][j - 2] + 1);
		}
	}
	return rows[alen % 3][blen];
}

/* the word that was probably meant, or NULL */
static const char *
nearest(const char *given, const char *const *words)
{
	const char *best = NULL;
	int			least = 3;

	for (; *words; words++)
	{
		int			d = distance(given, *words);

		if (d < least && d * 2 < (int) strlen(*words))
		{
			least = d;
			best = *words;
		}
	}
	return best;
}

static char *
list_words(const char *title, const char *const *words, const char *more, const char *given)
{
	StringInfoData out;
	const char *best = given ? nearest(given, words) : NULL;

	initStringInfo(&out);
	if (best)
		appendStringInfo(&out, "Perhaps you meant \"%s\". ", best);
	appendStringInfo(&out, "%s:", title);
	for (const char *const *word = words; *word; word++)
		appendStringInfo(&out, "%s \"%s\"", word > words ? "," : "", *word);
	if (more)
		appendStringInfo(&out, ", %s", more);
	appendStringInfoChar(&out, '.');
	return out.data;
}

char *
value_accepted(const char *const *words, const char *more, const char *given)
{
	return list_words("Accepted", words, more, given);
}

/* ---------------- objects and arrays ---------------- */

static void
need_type(const JsonNode *node, JsonType type, const char *problem)
{
	const char *hint = NULL;

	if (node->type == type)
		return;
	if (node->type == JSON_NULL)
		hint = "A key that has nothing to say is left out.";
	else if (type == JSON_NUMBER && node->type == JSON_STRING)
		hint = "Write a number without quotes.";
	else if (type == JSON_BOOL && node->type == JSON_STRING)
		hint = "Write true or false without quotes.";
	value_refuse(node, problem, value_found(node), hint);
}

void
value_keys(const JsonNode *object, const char *const *keys)
{
	if (object->type != JSON_OBJECT)
		value_refuse(object, "must be an object", value_found(object), list_words("Its keys", keys, NULL, NULL));
	for (const JsonNode *child = object->first; child; child = child->next)
	{
		const char *const *key = keys;

		while (*key && strcmp(*key, child->key) != 0)
			key++;
		if (*key == NULL)
			value_refuse(child, "unknown key", NULL, list_words("Accepted keys", keys, NULL, child->key));
	}
}

const JsonNode *
value_need(const JsonNode *object, const char *key, const char *hint)
{
	const JsonNode *node = json_member(object, key);
	const char *path;

	if (node && node->type != JSON_NULL)
		return node;
	path = json_path(object);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s%s%s: is missing", path, *path ? "." : "", key),
			 errhint("%s", hint)));
	pg_unreachable();
}

void
value_only_with(const JsonNode *object, const char *key, const char *other)
{
	const JsonNode *node = json_member(object, key);

	if (node)
		value_refuse(node, "has no meaning here", NULL,
					 psprintf("\"%s\" goes with %s only.", key, other));
}

void
value_array(const JsonNode *node, int limit, const char *hint)
{
	if (node->type != JSON_ARRAY)
		value_refuse(node, "must be a list", value_found(node), hint);
	if (node->count == 0)
		value_refuse(node, "must not be empty", NULL, hint);
	if (node->count > limit)
		value_too_many(node, "elements", limit);
}

/* ---------------- numbers and words ---------------- */

Decimal
value_number(const JsonNode *node, Sign sign)
{
	Decimal		value;

	need_type(node, JSON_NUMBER, "must be a number");
	if (decimal_from_text(node->text, node->len, &value) != DECIMAL_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s: has too many digits", place(node)),
				 errdetail("%s", value_found(node)),
				 errhint("At most %d digits before the decimal point and %d after it are kept.",
						 DECIMAL_DIGITS, DECIMAL_PLACES)));
	if (sign != ANY_SIGN && (value < 0 || (value == 0 && sign == POSITIVE)))
		value_refuse(node, sign == POSITIVE ? "must be greater than zero" : "must not be negative",
					 value_found(node), NULL);
	return value;
}

Decimal
value_number_or(const JsonNode *object, const char *key, Sign sign, Decimal other)
{
	const JsonNode *node = json_member(object, key);

	return node ? value_number(node, sign) : other;
}

uint32
value_whole(const JsonNode *node, int least, int most)
{
	Decimal		value;

	need_type(node, JSON_NUMBER, psprintf("must be a whole number from %d to %d", least, most));
	if (decimal_from_text(node->text, node->len, &value) != DECIMAL_OK || value % DECIMAL_ONE != 0 ||
		value < least * DECIMAL_ONE || value > most * DECIMAL_ONE)
		value_refuse(node, psprintf("must be a whole number from %d to %d", least, most),
					 value_found(node), NULL);
	return (uint32) (value / DECIMAL_ONE);
}

bool
value_truth_or(const JsonNode *object, const char *key, bool other)
{
	const JsonNode *node = json_member(object, key);

	if (node == NULL)
		return other;
	need_type(node, JSON_BOOL, "must be true or false");
	return node->truth;
}

uint32
value_choice(const JsonNode *node, const char *const *words)
{
	if (node->type == JSON_STRING)
	{
		for (uint32 i = 0; words[i]; i++)
		{
			if (strcmp(words[i], node->text) == 0)
				return i;
		}
	}
	value_refuse(node, "is not one of the accepted values", value_found(node),
				 value_accepted(words, NULL, node->type == JSON_STRING ? node->text : NULL));
}

uint32
value_choice_or(const JsonNode *object, const char *key, const char *const *words, uint32 other)
{
	const JsonNode *node = json_member(object, key);

	return node ? value_choice(node, words) : other;
}

static BlockName
name_from_text(Block *block, const JsonNode *node, const char *text)
{
	size_t		len = strlen(text);

	if (len == 0)
		value_refuse(node, "must not be empty", NULL, NULL);
	if (len > DOCUMENT_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 node->key == text ? errmsg("%s: has a name that is too long", place(node->parent)) :
				 errmsg("%s: is too long", place(node)),
				 errdetail("\"%s\" has %zu bytes; at most %d are kept.", shown(text), len, DOCUMENT_MAX_TEXT)));
	return block_name(block, text, len);
}

BlockName
value_name(Block *block, const JsonNode *node)
{
	need_type(node, JSON_STRING, "must be a string");
	return name_from_text(block, node, node->text);
}

BlockName
value_key(Block *block, const JsonNode *node)
{
	return name_from_text(block, node, node->key);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->text, (*(const JsonNode *const *) b)->text);
}

BlockList
value_names(Block *block, const JsonNode **nodes, int n)
{
	BlockName *names = palloc(Max(n, 1) * sizeof(BlockName));
	uint32		kept = 0;

	for (int i = 0; i < n; i++)
		need_type(nodes[i], JSON_STRING, "must be a string");
	qsort(nodes, n, sizeof(const JsonNode *), compare_texts);
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || strcmp(nodes[i]->text, nodes[i - 1]->text) != 0)
			names[kept++] = value_name(block, nodes[i]);
	}
	return block_list(block, names, kept, sizeof(BlockName));
}

const char **
value_words(const Block *block, const void *elements, uint32 n, size_t size)
{
	const char **words = palloc((n + 1) * sizeof(char *));

	for (uint32 i = 0; i < n; i++)
		words[i] = BLOCK_NAME(block->data, *(const BlockName *) ((const char *) elements + i * size));
	words[n] = NULL;
	return words;
}

/* ---------------- time zones ---------------- */

BlockName
value_zone(Block *block, const JsonNode *document, zone_listed_fn zone_listed)
{
	const char *hint = psprintf("Name the zone whose days and years the %s means, such as \"Europe/Berlin\"; the view pg_timezone_names lists them.",
								json_read_for(document));
	const JsonNode *node = value_need(document, "timezone", hint);
	BlockName	name = value_name(block, node);
	const char *listed = zone_listed ? zone_listed(node->text) : node->text;

	if (listed == NULL || strcmp(listed, node->text) != 0)
		value_refuse(node, "is not a time zone", value_found(node),
					 listed ? psprintf("Perhaps you meant \"%s\".", listed) : hint);
	return name;
}
