/*
 * text.c
 *		The readable form of an event: a JSON object.
 *
 * Instants are in UTC whatever the session's settings, numbers exact and
 * without trailing zeros; what an event does not have is left out.
 */
#include "postgres.h"

#include "document/json.h"
#include "event/event.h"

/* in which order what an event has is written */
static const Attribute written[] = {
	ATTRIBUTE_AMOUNT, ATTRIBUTE_POINTS, ATTRIBUTE_EVERY, ATTRIBUTE_NAME, ATTRIBUTE_COST, ATTRIBUTE_QUANTITY,
	ATTRIBUTE_UNTIL, ATTRIBUTE_TAGS, ATTRIBUTE_REF_NUMBER, ATTRIBUTE_REF_TEXT
};

StaticAssertDecl(lengthof(written) == ATTRIBUTES, "every attribute has its place in the text");

static void
append_tags(StringInfo out, Text tags)
{
	const uint8 *p = tags.data;
	const char *separator = "[";
	Text		tag;

	while ((p = tags_next(p, tags.data + tags.len, &tag)) != NULL)
	{
		appendStringInfoString(out, separator);
		json_append_string(out, (const char *) tag.data, tag.len);
		separator = ", ";
	}
	appendStringInfoChar(out, ']');
}

static void
append_value(StringInfo out, const Event *event, Attribute attribute)
{
	char		buf[Max(DECIMAL_TEXT_SIZE, Max(INSTANT_TEXT_SIZE, REF_TEXT_SIZE))];
	Span		every;

	switch (event_attributes[attribute].sort)
	{
		case VALUE_DECIMAL:
			decimal_to_text(*event_number(event, attribute), buf);
			appendStringInfoString(out, buf);
			break;
		case VALUE_TERM:
			every = event_every(event);
			appendStringInfo(out, "\"%d %s%s\"", every.months + every.days, every.months > 0 ? "month" : "day",
							 every.months + every.days == 1 ? "" : "s");
			break;
		case VALUE_INSTANT:
			json_append_string(out, buf, instant_to_text(*event_number(event, attribute), buf));
			break;
		case VALUE_REF_NUMBER:
		case VALUE_REF_TEXT:
			json_append_string(out, buf, ref_to_text(event, buf));
			break;
		case VALUE_NAME:
			json_append_string(out, (const char *) event_text(event, attribute)->data, event_text(event, attribute)->len);
			break;
		case VALUE_TAGS:
			append_tags(out, *event_text(event, attribute));
			break;
	}
}

void
event_to_json(StringInfo out, const Event *event)
{
	char		buf[INSTANT_TEXT_SIZE];

	instant_to_text(event->at, buf);
	appendStringInfo(out, "{\"at\": \"%s\", \"kind\": \"%s\"", buf, event_kinds[event->kind].name);
	for (size_t i = 0; i < lengthof(written); i++)
	{
		if (!(event->has & EVENT_HAS(written[i])))
			continue;
		appendStringInfo(out, ", \"%s\": ", event_key((EventKind) event->kind, written[i]));
		append_value(out, event, written[i]);
	}
	appendStringInfoChar(out, '}');
}

loyalty_compat_noreturn static void
refuse(const JsonNode *node, const char *message, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input for type loyalty.event"),
			 node->key ? errdetail("\"%s\" %s.", node->key, message) :
			 errdetail("An event %s.", message),
			 hint ? errhint("%s", hint) : 0));
}

static int64
read_instant(const JsonNode *node)
{
	int64		at;

	/* cppcheck-suppress nullPointerRedundantCheck */
	if (node->type != JSON_STRING || !instant_from_text(node->text, node->len, &at))
		refuse(node, "must be an instant of the years 0001 to 9999 with its offset from UTC",
			   "Write it like \"2025-03-10T12:00:00Z\" or \"2025-03-10 12:00:00+01\".");
	return at;
}

static Decimal
read_decimal(const JsonNode *node)
{
	Decimal		v;

	if (node->type != JSON_NUMBER)
		refuse(node, "must be a number", NULL);
	decimal_check(decimal_from_text(node->text, node->len, &v), node->key);
	return v;
}

/* The next part of a term, such as "6 months": whole units of months or of days; NULL if it is none. */
static const char *
term_part(const char *s, int64 *months, int64 *days)
{
	/* "mon" is what the server itself writes */
	static const struct
	{
		const char *word;
		int			months;
		int			days;
	}			units[] = {
		{"year", 12, 0}, {"month", 1, 0}, {"mon", 1, 0}, {"week", 0, 7}, {"day", 0, 1}
	};
	int64		n = 0;
	size_t		len = 0;

	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++)
		n = Min(n * 10 + (*s - '0'), EVENT_MAX_DAYS + 1);
	while (*s == ' ')
		s++;
	while (s[len] >= 'a' && s[len] <= 'z')
		len++;
	for (size_t i = 0; i < lengthof(units); i++)
	{
		size_t		word = strlen(units[i].word);

		if (strncmp(s, units[i].word, word) != 0 || (len != word && (len != word + 1 || s[word] != 's')))
			continue;
		*months += n * units[i].months;
		*days += n * units[i].days;
		for (s += len; *s == ' ';)
			s++;
		return s;
	}
	return NULL;
}

static int64
read_term(const JsonNode *node)
{
	const char *s = node->type == JSON_STRING ? node->text : NULL;
	int64		months = 0;
	int64		days = 0;

	do
		s = s ? term_part(s, &months, &days) : NULL;
	while (s && *s && months <= EVENT_MAX_MONTHS && days <= EVENT_MAX_DAYS);
	if (s == NULL || (months > 0) == (days > 0) || months > EVENT_MAX_MONTHS || days > EVENT_MAX_DAYS)
		refuse(node, "must be months or days, above 0 and at most 1000 years",
			   "Write it like \"1 month\", \"12 months\" or \"7 days\".");
	return months > 0 ? months : -days;
}

/* a string that fits; `space` keeps it, as the tree is short-lived */
static Text
read_text(const JsonNode *node, const char *text, size_t len, StringInfo space)
{
	Text		result;

	if (len > EVENT_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("invalid input for type loyalty.event"),
				 errdetail("\"%s\" is longer than %d bytes.",
						   node->key ? node->key : node->parent->key, EVENT_MAX_TEXT)));
	result.data = (uint8 *) space->data + space->len;
	result.len = (uint32) len;
	appendBinaryStringInfo(space, text, (int) len);
	return result;
}

static void
read_ref(const JsonNode *node, Event *event, StringInfo space)
{
	Text		ref;

	if (node->type != JSON_STRING && node->type != JSON_NUMBER)
		refuse(node, "must be a string or a number", NULL);
	ref = read_text(node, node->text, node->len, space);
	/* one byte more for the form: appended so that it has room */
	appendStringInfoSpaces(space, 1);
	ref_from_text(event, pnstrdup((const char *) ref.data, ref.len), ref.len, unconstify(uint8 *, ref.data));
}

static void
read_tags(const JsonNode *node, Event *event, StringInfo space)
{
	int			start = space->len;

	if (node->type != JSON_ARRAY)
		refuse(node, "must be an array of strings", NULL);
	if (node->count > EVENT_MAX_TAGS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("invalid input for type loyalty.event"),
				 errdetail("An event has at most %d tags.", EVENT_MAX_TAGS)));
	for (const JsonNode *tag = node->first; tag; tag = tag->next)
	{
		if (tag->type != JSON_STRING)
			refuse(node, "must be an array of strings", NULL);
		appendStringInfoChar(space, (char) tag->len);
		read_text(tag, tag->text, tag->len, space);
	}
	if (node->count > 0)
	{
		event->has |= EVENT_HAS_TAGS;
		event->tags.data = (uint8 *) space->data + start;
		event->tags.len = (uint32) (space->len - start);
	}
}

static void
read_value(const JsonNode *node, Event *event, Attribute attribute, StringInfo space)
{
	switch (event_attributes[attribute].sort)
	{
		case VALUE_DECIMAL:
			*event_number(event, attribute) = read_decimal(node);
			break;
		case VALUE_TERM:
			*event_number(event, attribute) = read_term(node);
			break;
		case VALUE_INSTANT:
			*event_number(event, attribute) = read_instant(node);
			break;
		case VALUE_REF_NUMBER:
		case VALUE_REF_TEXT:
			read_ref(node, event, space);
			return;
		case VALUE_NAME:
			if (node->type != JSON_STRING)
				refuse(node, "must be a string", NULL);
			*event_text(event, attribute) = read_text(node, node->text, node->len, space);
			break;
		case VALUE_TAGS:
			read_tags(node, event, space);
			return;
	}
	event_note(event, attribute);
}

static EventKind
read_kind(const JsonNode *node)
{
	StringInfoData names;
	/* cppcheck-suppress nullPointerRedundantCheck */
	int			kind = node->type == JSON_STRING ? event_kind_from_name(node->text) : -1;

	if (kind >= 0)
		return (EventKind) kind;
	initStringInfo(&names);
	for (int k = 0; k < EVENT_KINDS; k++)
		appendStringInfo(&names, "%s%s", k == 0 ? "" : k == EVENT_KINDS - 1 ? " and " : ", ", event_kinds[k].name);
	refuse(node, "is none of the kinds of event", psprintf("Kinds are %s.", names.data));
}

/* The attribute of a kind that has such a key. */
static bool
find_attribute(EventKind kind, const char *key, Attribute *attribute)
{
	uint32		rest = event_kinds[kind].needs | event_kinds[kind].may_have;

	while (next_attribute(&rest, attribute))
	{
		if (strcmp(event_key(kind, *attribute), key) == 0)
			return true;
	}
	return false;
}

/*
 * Read an event.  Its texts are kept in `space`, which this makes large enough
 * for any: it must not move while they are wanted.
 */
void
event_from_json(const JsonNode *node, Event *event, StringInfo space)
{
	const JsonNode *kind_node;
	const JsonNode *at;
	const char *fault;
	EventKind	kind;
	Attribute	attribute;
	uint32		missing;

	resetStringInfo(space);
	enlargeStringInfo(space, EVENT_MAX_TAGS * (EVENT_MAX_TEXT + 1) + 2 * (EVENT_MAX_TEXT + 1));
	if (node->type != JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type loyalty.event"),
				 errdetail("An event must be an object, not %s.", json_type_name(node->type))));
	at = json_member(node, "at");
	kind_node = json_member(node, "kind");
	if (at == NULL || kind_node == NULL)
		refuse(node, "needs the keys \"at\" and \"kind\"", NULL);
	kind = read_kind(kind_node);
	event_init(event, kind, read_instant(at));

	/* a term has a value if none is given */
	missing = event->has & ~EVENT_HAS_EVERY;
	for (const JsonNode *child = node->first; child; child = child->next)
	{
		if (child == at || child == kind_node)
			continue;
		if (!find_attribute(kind, child->key, &attribute))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input for type loyalty.event"),
					 errdetail("An event of kind %s has no key \"%s\".", event_kinds[kind].name, child->key)));
		read_value(child, event, attribute, space);
		missing &= ~EVENT_HAS(attribute);
	}
	if (next_attribute(&missing, &attribute))
		refuse(node, psprintf("of kind %s needs the key \"%s\"", event_kinds[kind].name, event_key(kind, attribute)), NULL);
	fault = event_fault(event, &attribute);
	if (fault)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type loyalty.event"),
				 errdetail("\"%s\" of an event of kind %s %s.", event_key(kind, attribute), event_kinds[kind].name, fault)));
}
