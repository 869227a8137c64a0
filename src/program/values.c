/*
 * values.c
 *		Single values of a program document: numbers, words, names, intervals,
 *		dates.
 *
 * What is wrong is refused with its place, what was found there and what
 * would be right, so that an author can mend it without a manual.
 */
#include "postgres.h"

#include "program/reading.h"

#include "mb/pg_wchar.h"

/* how much of a value from the document a message shows */
#define SHOWN_BYTES 80

void
value_refuse(const JsonNode *node, const char *problem, const char *found, const char *hint)
{
	const char *path = json_path(node);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s: %s", *path ? path : "program", problem),
			 found ? errdetail("%s", found) : 0,
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

void
value_too_many(const JsonNode *node, const char *what, int limit)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%s: has too many %s", json_path(node), what),
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

/* what stands there, as a sentence */
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

/*
 * "Accepted: ..." for a hint: the words, in quotes, then what else may stand
 * there; and the one that was probably meant if something else was given.
 */
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

/* An object with no keys but these. */
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

/* A key that means something only together with another. */
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
				 errmsg("%s: has too many digits", json_path(node)),
				 errdetail("%s", value_found(node)),
				 errhint("At most %d digits before the decimal point and %d after it are kept.",
						 DECIMAL_DIGITS, DECIMAL_PLACES)));
	if (value < 0 || (value == 0 && sign == POSITIVE))
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

/* one of the words, as its index */
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

static ProgramName
name_from_text(Reading *r, const JsonNode *node, const char *text)
{
	size_t		len = strlen(text);

	if (len == 0)
		value_refuse(node, "must not be empty", NULL, NULL);
	if (len > PROGRAM_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 node->key == text ? errmsg("%s: has a name that is too long", json_path(node->parent)) :
				 errmsg("%s: is too long", json_path(node)),
				 errdetail("\"%s\" has %zu bytes; at most %d are kept.", shown(text), len, PROGRAM_MAX_TEXT)));
	return block_name(r, text, len);
}

ProgramName
value_name(Reading *r, const JsonNode *node)
{
	need_type(node, JSON_STRING, "must be a string");
	return name_from_text(r, node, node->text);
}

/* a name that stands as a key */
ProgramName
value_key(Reading *r, const JsonNode *node)
{
	return name_from_text(r, node, node->key);
}

static int
compare_texts(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->text, (*(const JsonNode *const *) b)->text);
}

/* Names whose order and repeats mean nothing: sorted, each once. */
ProgramList
value_names(Reading *r, const JsonNode **nodes, int n)
{
	ProgramName *names = palloc(Max(n, 1) * sizeof(ProgramName));
	uint32		kept = 0;

	for (int i = 0; i < n; i++)
		need_type(nodes[i], JSON_STRING, "must be a string");
	qsort(nodes, n, sizeof(const JsonNode *), compare_texts);
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || strcmp(nodes[i]->text, nodes[i - 1]->text) != 0)
			names[kept++] = value_name(r, nodes[i]);
	}
	return block_list(r, names, kept, sizeof(ProgramName));
}

/* ---------------- intervals and dates ---------------- */

static const struct
{
	const char *word;
	int32		months;
	int32		days;
	int64		time;
}			units[] = {
	{"year", 12, 0, 0},
	{"month", 1, 0, 0},
	{"week", 0, 7, 0},
	{"day", 0, 1, 0},
	{"hour", 0, 0, USECS_PER_HOUR},
	{"minute", 0, 0, USECS_PER_MINUTE},
	{"second", 0, 0, USECS_PER_SEC},
};

/* Is it an interval, such as "1 year 6 months"?  One that is too long is refused. */
bool
span_from_text(const JsonNode *node, Span *span)
{
	const char *s = node->text;
	int64		months = 0;
	int64		days = 0;
	int64		time = 0;
	unsigned	seen = 0;

	if (node->type != JSON_STRING)
		return false;
	do
	{
		int64		n = 0;
		size_t		unit = 0;
		size_t		len = 0;

		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++)
			n = Min(n * 10 + (*s - '0'), INT64CONST(1000000000000));
		while (*s == ' ')
			s++;
		while (s[len] >= 'a' && s[len] <= 'z')
			len++;
		while (unit < lengthof(units) &&
			   !(strncmp(s, units[unit].word, strlen(units[unit].word)) == 0 &&
				 (len == strlen(units[unit].word) ||
				  (len == strlen(units[unit].word) + 1 && s[len - 1] == 's'))))
			unit++;
		/* each unit once */
		if (unit == lengthof(units) || (seen & (1u << unit)))
			return false;
		seen |= 1u << unit;

		/* beyond its limit a number may stop growing */
		months += Min(n, SPAN_MAX_MONTHS + 1) * units[unit].months;
		days += Min(n, SPAN_MAX_DAYS + 1) * units[unit].days;
		if (units[unit].time > 0)
			time += Min(n, SPAN_MAX_TIME / units[unit].time + 1) * units[unit].time;
		s += len;
		while (*s == ' ')
			s++;
	} while (*s);

	if (months > SPAN_MAX_MONTHS || days > SPAN_MAX_DAYS || time > SPAN_MAX_TIME)
		value_refuse(node, "is too long an interval", value_found(node), "At most 1000 years are kept.");
	if (months == 0 && days == 0 && time == 0)
		value_refuse(node, "must be longer than nothing", value_found(node), NULL);
	span->months = (int32) months;
	span->days = (int32) days;
	span->time = time;
	return true;
}

Span
value_span(const JsonNode *node)
{
	Span		span;

	if (!span_from_text(node, &span))
		value_refuse(node, "must be an interval", value_found(node),
					 "Write it like \"14 days\", \"12 months\", \"1 year 6 months\" or \"36 hours\": whole numbers of years, months, weeks, days, hours, minutes, seconds.");
	return span;
}

/* exactly as many digits as the pattern has zeros, other characters as they are */
static bool
matches_pattern(const char *s, const char *pattern)
{
	for (; *pattern; s++, pattern++)
	{
		if (*pattern == '0' ? *s < '0' || *s > '9' : *s != *pattern)
			return false;
	}
	return *s == '\0';
}

static int
number_at(const char *s, int digits)
{
	int			n = 0;

	while (digits-- > 0)
		n = n * 10 + (*s++ - '0');
	return n;
}

/* a day, or an instant of it, by the program's clock */
int64
value_local(const JsonNode *node)
{
	static const char *const patterns[] = {
		"0000-00-00", "0000-00-00 00:00", "0000-00-00T00:00", "0000-00-00 00:00:00", "0000-00-00T00:00:00", NULL
	};
	const char *const *pattern = patterns;
	const char *s = node->text;
	int			year,
				month,
				day;
	int			hour = 0,
				minute = 0,
				second = 0;

	while (*pattern && !(node->type == JSON_STRING && matches_pattern(s, *pattern)))
		pattern++;
	if (*pattern == NULL)
		value_refuse(node, "must be a date or a local time", value_found(node),
					 "Write it like \"2025-03-10\" or \"2025-03-10 12:00\": the clock is that of the program's timezone, so there is no offset.");
	year = number_at(s, 4);
	month = number_at(s + 5, 2);
	day = number_at(s + 8, 2);
	if (strlen(*pattern) > 10)
	{
		hour = number_at(s + 11, 2);
		minute = number_at(s + 14, 2);
	}
	if (strlen(*pattern) > 16)
		second = number_at(s + 17, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		value_refuse(node, "is a day that the calendar does not have", value_found(node), NULL);
	if (hour > 23 || minute > 59 || second > 59)
		value_refuse(node, "is a time that no clock shows", value_found(node),
					 "Times are 00:00:00 to 23:59:59.");
	return local_from_days(date_to_days(year, month, day)) +
		(hour * INT64CONST(3600) + minute * 60 + second) * USECS_PER_SEC;
}

/* Is it a day of every year, MM-DD?  One that no year has is refused. */
bool
month_day_from_text(const JsonNode *node, const char *text, uint32 *month, uint32 *day)
{
	if (!matches_pattern(text, "00-00"))
		return false;
	*month = (uint32) number_at(text, 2);
	*day = (uint32) number_at(text + 3, 2);
	/* 02-29 is the 28th where there is no 29th */
	if (*month < 1 || *month > 12 || *day < 1 || (int) *day > days_in_month(2000, (int) *month))
		value_refuse(node, "is a day that no year has", value_found(node), "Write month and day: \"09-30\".");
	return true;
}

/* ---------------- what is named elsewhere ---------------- */

/* names of a list, for a hint */
static const char **
words_of(const Reading *r, const ProgramName *names, uint32 n, size_t stride)
{
	const char **words = palloc((n + 1) * sizeof(char *));

	for (uint32 i = 0; i < n; i++)
		words[i] = r->data + ((const ProgramName *) ((const char *) names + i * stride))->at;
	words[n] = NULL;
	return words;
}

/* a metric by its name, which stands at the node */
uint32
value_metric(const Reading *r, const JsonNode *node, const char *name)
{
	for (uint32 i = 0; name && i < r->nmetrics; i++)
	{
		if (block_name_is(r, r->metrics[i].name, name))
			return i;
	}
	value_refuse(node, "is not a metric of this program", name && name == node->key ? NULL : value_found(node),
				 psprintf("%s Others are defined under \"metrics\".",
						  value_accepted(words_of(r, &r->metrics[0].name, r->nmetrics, sizeof(Metric)), NULL, name)));
}

/* a tier by its name, which stands at the node */
uint32
value_tier(const Reading *r, const JsonNode *node, const char *name)
{
	for (uint32 i = 0; name && i < r->ntiers; i++)
	{
		if (block_name_is(r, r->tiers[i], name))
			return i;
	}
	value_refuse(node, "is not a tier of this program", name && name == node->key ? NULL : value_found(node),
				 r->ntiers == 0 ? "The program has no \"tiers\": add them." :
				 value_accepted(words_of(r, r->tiers, r->ntiers, sizeof(ProgramName)), NULL, name));
}
