/*
 * construct.c
 *		The constructors: a shop's columns to events.
 *
 * NULL in the instant, or in the value without which the event says nothing,
 * makes a NULL event; any other NULL is as if the argument were left out.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "event/event_value.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* what to do where a number may not be so */
static const struct
{
	EventKind	kind;
	Attribute	attribute;
	const char *hint;
}			hints[] = {
	{EVENT_REFUND, ATTRIBUTE_AMOUNT, "Give the money that went back as a positive number, for example with abs()."},
	{EVENT_REFUND, ATTRIBUTE_COST, "It is the cost that was recovered; what the return itself cost is an expense."},
	{EVENT_REFUND, ATTRIBUTE_QUANTITY, "Give the units that came back as a positive number."},
	{EVENT_REDEMPTION, ATTRIBUTE_POINTS, "Points granted or given back by hand are an adjustment."},
	{EVENT_SUBSCRIPTION, ATTRIBUTE_QUANTITY, "A recurring discount is a subscription with a negative amount."},
	{EVENT_SUBSCRIPTION, ATTRIBUTE_UNTIL, "One that was cancelled at once ends where it begins."},
	{EVENT_ADVANCE, ATTRIBUTE_AMOUNT, "Money that came back is a repayment."},
	{EVENT_REPAYMENT, ATTRIBUTE_AMOUNT, "Leave out what was not paid, such as a debit that bounced."},
};

/* such as "name of an activity" */
static const char *
whose(const Event *event, Attribute attribute)
{
	const char *kind = event_kinds[event->kind].name;

	return psprintf("%s of %s %s", event_key((EventKind) event->kind, attribute), kind[0] == 'a' ? "an" : "a", kind);
}

static void
check_event(const Event *event)
{
	Attribute	attribute;
	const char *fault = event_fault(event, &attribute);
	const char *hint = NULL;

	if (likely(fault == NULL))
		return;
	for (size_t i = 0; i < lengthof(hints); i++)
	{
		if (hints[i].kind == (EventKind) event->kind && hints[i].attribute == attribute)
			hint = hints[i].hint;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s %s", whose(event, attribute), fault),
			 hint ? errhint("%s", hint) : 0));
}

static void
name_from_arg(FunctionCallInfo fcinfo, int arg, Event *event)
{
	text	   *t = PG_GETARG_TEXT_PP(arg);

	event->name.data = (uint8 *) VARDATA_ANY(t);
	event->name.len = (uint32) VARSIZE_ANY_EXHDR(t);
	event->has |= EVENT_HAS_NAME;
	if (event->name.len > EVENT_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("%s is too long", whose(event, ATTRIBUTE_NAME)),
				 errdetail("It has %u bytes; at most %d are kept.", event->name.len, EVENT_MAX_TEXT)));
}

/* Tags keep order and repeats; a NULL in the list is no tag. */
static void
tags_from_arg(FunctionCallInfo fcinfo, int arg, Event *event)
{
	ArrayType  *array;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int			count = 0;
	size_t		size = 0;
	uint8	   *p;

	array = PG_GETARG_ARRAYTYPE_P(arg);
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("tags must be a one-dimensional array")));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		size_t		len;

		if (nulls[i])
			continue;
		len = VARSIZE_ANY_EXHDR(DatumGetPointer(elements[i]));
		if (len > EVENT_MAX_TEXT)
			ereport(ERROR,
					(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
					 errmsg("tag is too long"),
					 errdetail("It has %zu bytes; at most %d are kept.", len, EVENT_MAX_TEXT)));
		size += 1 + len;
		count++;
	}
	if (count > EVENT_MAX_TAGS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many tags"),
				 errdetail("There are %d; an event has at most %d.", count, EVENT_MAX_TAGS)));
	if (count == 0)
		return;

	p = palloc(size);
	event->has |= EVENT_HAS_TAGS;
	event->tags.data = p;
	event->tags.len = (uint32) size;
	for (int i = 0; i < n; i++)
	{
		struct varlena *tag = (struct varlena *) DatumGetPointer(elements[i]);

		if (nulls[i])
			continue;
		*p = (uint8) VARSIZE_ANY_EXHDR(tag);
		memcpy(p + 1, VARDATA_ANY(tag), *p);
		p += 1 + *p;
	}
}

/* what a ref may be */
static const Oid ref_types[] = {INT8OID, INT4OID, INT2OID, UUIDOID, TEXTOID, VARCHAROID, BPCHAROID};

Oid
ref_arg_type(FunctionCallInfo fcinfo, int arg)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg);

	if (OidIsValid(type))
		type = getBaseType(type);
	for (size_t i = 0; i < lengthof(ref_types); i++)
	{
		if (ref_types[i] == type)
			return type;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("ref must be an integer, a uuid or a text"),
			 errhint("Cast it to text.")));
}

void
ref_from_arg(FunctionCallInfo fcinfo, int arg, Oid type, Event *event, uint8 *space)
{
	struct varlena *t;
	size_t		len;

	switch (type)
	{
		case INT8OID:
			event->ref_number = PG_GETARG_INT64(arg);
			event->has |= EVENT_HAS_REF_NUMBER;
			return;
		case INT4OID:
			event->ref_number = PG_GETARG_INT32(arg);
			event->has |= EVENT_HAS_REF_NUMBER;
			return;
		case INT2OID:
			event->ref_number = PG_GETARG_INT16(arg);
			event->has |= EVENT_HAS_REF_NUMBER;
			return;
		case UUIDOID:
			space[0] = REF_UUID;
			memcpy(space + 1, PG_GETARG_UUID_P(arg)->data, UUID_LEN);
			event->ref_text.data = space;
			event->ref_text.len = 1 + UUID_LEN;
			event->has |= EVENT_HAS_REF_TEXT;
			return;
		case BPCHAROID:
			t = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(arg));
			len = bpchartruelen(VARDATA_ANY(t), (int) VARSIZE_ANY_EXHDR(t));
			break;
		default:
			t = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(arg));
			len = VARSIZE_ANY_EXHDR(t);
			break;
	}
	if (len > EVENT_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("ref is too long"),
				 errdetail("It has %zu bytes; at most %d are kept.", len, EVENT_MAX_TEXT)));
	ref_from_text(event, VARDATA_ANY(t), len, space);
}

/* an interval of months or of days */
static void
every_from_arg(FunctionCallInfo fcinfo, int arg, Event *event)
{
	const Interval *every = PG_GETARG_INTERVAL_P(arg);

	event->every = every->month > 0 ? every->month : -(int64) every->day;
	if (every->time != 0 || every->month < 0 || every->day < 0 || (every->month > 0 && every->day > 0) ||
		!event_is_sound(event))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("every must be months or days, above 0 and at most 1000 years"),
				 errhint("Give for example interval '1 month', '1 year' or '7 days': months and days cannot be mixed, hours not be given.")));
}

/* The type of a ref, found once per call site: fn_extra points to it. */
static Oid
ref_type_kept(FunctionCallInfo fcinfo, int arg)
{
	if (fcinfo->flinfo->fn_extra == NULL)
	{
		Oid			type = ref_arg_type(fcinfo, arg);
		size_t		i = 0;

		while (ref_types[i] != type)
			i++;
		fcinfo->flinfo->fn_extra = unconstify(Oid *, &ref_types[i]);
	}
	return *(const Oid *) fcinfo->flinfo->fn_extra;
}

/* An event of the arguments: the instant, then the attributes; NULL if one of the first `needed` is. */
static Datum
construct(FunctionCallInfo fcinfo, EventKind kind, int needed, const Attribute *attributes, int n)
{
	Event		event;
	uint8		space[REF_SPACE];

	for (int arg = 0; arg < needed; arg++)
	{
		if (PG_ARGISNULL(arg))
			PG_RETURN_NULL();
	}
	event_init(&event, kind, PG_GETARG_TIMESTAMPTZ(0));
	check_instant(event.at, "at");
	for (int arg = 1; arg <= n; arg++)
	{
		Attribute	attribute = attributes[arg - 1];

		if (PG_ARGISNULL(arg))
			continue;
		switch (event_attributes[attribute].sort)
		{
			case VALUE_DECIMAL:
				*event_number(&event, attribute) = decimal_from_arg(PG_GETARG_DATUM(arg), event_attributes[attribute].key);
				event_note(&event, attribute);
				break;
			case VALUE_TERM:
				every_from_arg(fcinfo, arg, &event);
				break;
			case VALUE_INSTANT:
				*event_number(&event, attribute) = PG_GETARG_TIMESTAMPTZ(arg);
				check_instant(*event_number(&event, attribute), event_key(kind, attribute));
				event_note(&event, attribute);
				break;
			case VALUE_REF_NUMBER:
			case VALUE_REF_TEXT:
				ref_from_arg(fcinfo, arg, ref_type_kept(fcinfo, arg), &event, space);
				break;
			case VALUE_NAME:
				name_from_arg(fcinfo, arg, &event);
				break;
			case VALUE_TAGS:
				tags_from_arg(fcinfo, arg, &event);
				break;
		}
	}
	check_event(&event);
	return event_to_datum(&event);
}

#define CONSTRUCTOR(verb, kind, needed, ...) \
PG_FUNCTION_INFO_V1(loyalty_event_##verb); \
Datum \
loyalty_event_##verb(PG_FUNCTION_ARGS) \
{ \
	static const Attribute attributes[] = {__VA_ARGS__}; \
\
	return construct(fcinfo, kind, needed, attributes, lengthof(attributes)); \
}

/* purchase(at, amount, cost, quantity, tags, ref): money earned by a sale */
CONSTRUCTOR(purchase, EVENT_PURCHASE, 2,
			ATTRIBUTE_AMOUNT, ATTRIBUTE_COST, ATTRIBUTE_QUANTITY, ATTRIBUTE_TAGS, ATTRIBUTE_REF_TEXT)

/* refund(at, amount, cost, quantity, tags, ref): money given back */
CONSTRUCTOR(refund, EVENT_REFUND, 2,
			ATTRIBUTE_AMOUNT, ATTRIBUTE_COST, ATTRIBUTE_QUANTITY, ATTRIBUTE_TAGS, ATTRIBUTE_REF_TEXT)

/* redemption(at, points, ref): points spent */
CONSTRUCTOR(redemption, EVENT_REDEMPTION, 2, ATTRIBUTE_POINTS, ATTRIBUTE_REF_TEXT)

/* adjustment(at, points, expires, tags, ref): points granted or taken by hand */
CONSTRUCTOR(adjustment, EVENT_ADJUSTMENT, 2, ATTRIBUTE_POINTS, ATTRIBUTE_UNTIL, ATTRIBUTE_TAGS, ATTRIBUTE_REF_TEXT)

/* expense(at, amount, tags): a cost that belongs to no sale */
CONSTRUCTOR(expense, EVENT_EXPENSE, 2, ATTRIBUTE_AMOUNT, ATTRIBUTE_TAGS)

/* activity(at, name, ref): something that moved no money */
CONSTRUCTOR(activity, EVENT_ACTIVITY, 2, ATTRIBUTE_NAME, ATTRIBUTE_REF_TEXT)

/* grant_tier(at, tier, until): a tier given by hand or bought */
CONSTRUCTOR(grant_tier, EVENT_GRANT, 2, ATTRIBUTE_NAME, ATTRIBUTE_UNTIL)

/* subscription(at, amount, every, until, plan, quantity, tags, ref): a promise to pay again and again */
CONSTRUCTOR(subscription, EVENT_SUBSCRIPTION, 2,
			ATTRIBUTE_AMOUNT, ATTRIBUTE_EVERY, ATTRIBUTE_UNTIL, ATTRIBUTE_NAME, ATTRIBUTE_QUANTITY, ATTRIBUTE_TAGS, ATTRIBUTE_REF_TEXT)

/* usage(at, meter, quantity, tags, ref): so much was used */
CONSTRUCTOR(usage, EVENT_USAGE, 3, ATTRIBUTE_NAME, ATTRIBUTE_QUANTITY, ATTRIBUTE_TAGS, ATTRIBUTE_REF_TEXT)

/* advance(at, amount, terms, ref): money lent */
CONSTRUCTOR(advance, EVENT_ADVANCE, 2, ATTRIBUTE_AMOUNT, ATTRIBUTE_NAME, ATTRIBUTE_REF_TEXT)

/* repayment(at, amount, ref): lent money that came back */
CONSTRUCTOR(repayment, EVENT_REPAYMENT, 2, ATTRIBUTE_AMOUNT, ATTRIBUTE_REF_TEXT)
