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

static void
append_decimal(StringInfo out, const char *key, Decimal v)
{
	char		buf[DECIMAL_TEXT_SIZE];

	decimal_to_text(v, buf);
	appendStringInfo(out, ", \"%s\": %s", key, buf);
}

static void
append_text(StringInfo out, const char *key, const char *s, size_t len)
{
	appendStringInfo(out, ", \"%s\": ", key);
	json_append_string(out, s, len);
}

static void
append_instant(StringInfo out, const char *key, int64 at)
{
	char		buf[INSTANT_TEXT_SIZE];

	append_text(out, key, buf, instant_to_text(at, buf));
}

void
event_to_json(StringInfo out, const Event *event)
{
	char		buf[INSTANT_TEXT_SIZE];

	instant_to_text(event->at, buf);
	appendStringInfo(out, "{\"at\": \"%s\", \"kind\": \"%s\"", buf, event_kind_name[event->kind]);
	if (kind_has_name(event->kind))
		append_text(out, event->kind == EVENT_GRANT ? "tier" : "name",
					(const char *) event->name.data, event->name.len);
	if (kind_has_amount(event->kind))
		append_decimal(out, "amount", event->amount);
	if (kind_has_points(event->kind))
		append_decimal(out, "points", event->points);
	if (event->has & EVENT_HAS_COST)
		append_decimal(out, "cost", event->cost);
	if (event->has & EVENT_HAS_QUANTITY)
		append_decimal(out, "quantity", event->quantity);
	if (event->has & EVENT_HAS_UNTIL)
		append_instant(out, event->kind == EVENT_GRANT ? "until" : "expires", event->until);
	if (event->has & EVENT_HAS_TAGS)
	{
		const uint8 *p = event->tags.data;
		const uint8 *end = p + event->tags.len;
		const char *separator = ", \"tags\": [";
		Text		tag;

		while ((p = tags_next(p, end, &tag)) != NULL)
		{
			appendStringInfoString(out, separator);
			json_append_string(out, (const char *) tag.data, tag.len);
			separator = ", ";
		}
		appendStringInfoChar(out, ']');
	}
	if (event_has_ref(event))
	{
		char		ref[REF_TEXT_SIZE];

		append_text(out, "ref", ref, ref_to_text(event, ref));
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

	if (node->type != JSON_STRING || !instant_from_text(node->text, node->len, &at))
		refuse(node, "must be an instant of the years 0001 to 9999 with its offset from UTC",
			   "Write it like \"2025-03-10T12:00:00Z\" or \"2025-03-10 12:00:00+01\".");
	return at;
}

static Decimal
read_number(const JsonNode *node)
{
	Decimal		v;

	if (node->type != JSON_NUMBER)
		refuse(node, "must be a number", NULL);
	decimal_check(decimal_from_text(node->text, node->len, &v), node->key);
	return v;
}

/* a string that fits; `space` keeps it, as the tree is short-lived */
static Text
read_text(const JsonNode *node, const char *text, size_t len, StringInfo space)
{
	Text		result;

	if (text == NULL)
		refuse(node, "must be a string", NULL);
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

static const char *
string_of(const JsonNode *node)
{
	return node->type == JSON_STRING ? node->text : NULL;
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

/*
 * Read an event.  Its texts are kept in `space`, which this makes large enough
 * for any: it must not move while they are wanted.
 */
void
event_from_json(const JsonNode *node, Event *event, StringInfo space)
{
	const JsonNode *kind;
	const JsonNode *at;
	const JsonNode *child;
	bool		has_value = false;
	int			k = 0;

	resetStringInfo(space);
	enlargeStringInfo(space, EVENT_MAX_TAGS * (EVENT_MAX_TEXT + 1) + 2 * (EVENT_MAX_TEXT + 1));
	if (node->type != JSON_OBJECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input for type loyalty.event"),
				 errdetail("An event must be an object, not %s.", json_type_name(node->type))));
	at = json_member(node, "at");
	kind = json_member(node, "kind");
	if (at == NULL || kind == NULL)
		refuse(node, "needs the keys \"at\" and \"kind\"", NULL);
	while (k < EVENT_KINDS && (kind->type != JSON_STRING || strcmp(kind->text, event_kind_name[k]) != 0))
		k++;
	if (k == EVENT_KINDS)
		refuse(kind, "is none of the kinds of event",
			   "Kinds are activity, purchase, refund, redemption, adjustment, expense and grant.");
	event_init(event, (EventKind) k, read_instant(at));

	for (child = node->first; child; child = child->next)
	{
		const char *key = child->key;

		if (child == at || child == kind)
			continue;
		if (strcmp(key, "amount") == 0 && kind_has_amount(k))
		{
			event->amount = read_number(child);
			has_value = true;
		}
		else if (strcmp(key, "points") == 0 && kind_has_points(k))
		{
			event->points = read_number(child);
			has_value = true;
		}
		else if (strcmp(key, k == EVENT_GRANT ? "tier" : "name") == 0 && kind_has_name(k))
		{
			event->name = read_text(child, string_of(child), child->len, space);
			has_value = true;
		}
		else if (strcmp(key, "cost") == 0 && (k == EVENT_PURCHASE || k == EVENT_REFUND))
		{
			event->cost = read_number(child);
			if (event->cost != 0)
				event->has |= EVENT_HAS_COST;
		}
		else if (strcmp(key, "quantity") == 0 && (k == EVENT_PURCHASE || k == EVENT_REFUND))
		{
			event->quantity = read_number(child);
			if (k == EVENT_REFUND || event->quantity != DECIMAL_ONE)
				event->has |= EVENT_HAS_QUANTITY;
		}
		else if ((strcmp(key, "until") == 0 && k == EVENT_GRANT) ||
				 (strcmp(key, "expires") == 0 && k == EVENT_ADJUSTMENT))
		{
			event->until = read_instant(child);
			event->has |= EVENT_HAS_UNTIL;
		}
		else if (strcmp(key, "tags") == 0 && (k == EVENT_PURCHASE || k == EVENT_REFUND ||
											  k == EVENT_ADJUSTMENT || k == EVENT_EXPENSE))
			read_tags(child, event, space);
		else if (strcmp(key, "ref") == 0 && k != EVENT_EXPENSE && k != EVENT_GRANT)
		{
			Text		ref;

			if (child->type != JSON_STRING && child->type != JSON_NUMBER)
				refuse(child, "must be a string or a number", NULL);
			ref = read_text(child, child->text, child->len, space);
			/* one byte more for the form: appended so that it has room */
			appendStringInfoSpaces(space, 1);
			ref_from_text(event, pnstrdup((const char *) ref.data, ref.len), ref.len,
						  unconstify(uint8 *, ref.data));
		}
		else
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input for type loyalty.event"),
					 errdetail("An event of kind %s has no key \"%s\".", event_kind_name[k], key)));
	}
	if (!has_value)
		refuse(node, kind_has_amount(k) ? "of this kind needs an \"amount\"" :
			   kind_has_points(k) ? "of this kind needs \"points\"" :
			   k == EVENT_GRANT ? "of this kind needs a \"tier\"" : "of this kind needs a \"name\"", NULL);
	if (!event_is_valid(event))
		refuse(node, k == EVENT_REFUND ? "of kind refund may not have a negative number" :
			   k == EVENT_REDEMPTION ? "of kind redemption needs points greater than zero" :
			   "may not have an empty name", NULL);
}
