/*
 * construct.c
 *		The constructors: a shop's columns to events.
 *
 * NULL in the instant, or in the one value without which the event says
 * nothing, makes a NULL event.
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

static void
refuse_negative(const char *what, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s must not be negative", what),
			 errhint("%s", hint)));
}

static void
start_event(FunctionCallInfo fcinfo, Event *event, EventKind kind)
{
	event_init(event, kind, PG_GETARG_TIMESTAMPTZ(0));
	check_instant(event->at, "at");
}

/* a text argument of 1 to EVENT_MAX_TEXT bytes */
static Text
name_from_arg(Datum datum, const char *what)
{
	text	   *t = DatumGetTextPP(datum);
	Text		name;

	name.data = (uint8 *) VARDATA_ANY(t);
	name.len = (uint32) VARSIZE_ANY_EXHDR(t);
	if (name.len == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must not be empty", what)));
	if (name.len > EVENT_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("%s is too long", what),
				 errdetail("It has %u bytes; at most %d are kept.", name.len, EVENT_MAX_TEXT)));
	return name;
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

	if (PG_ARGISNULL(arg))
		return;
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

/* How a ref's type is read; one per call site, kept in fn_extra. */
typedef struct RefType
{
	Oid			type;
} RefType;

static const RefType ref_types[] = {
	{INT8OID}, {INT4OID}, {INT2OID}, {UUIDOID}, {TEXTOID}, {VARCHAROID}, {BPCHAROID}
};

static Oid
ref_type(FunctionCallInfo fcinfo, int arg)
{
	Oid			type;

	if (fcinfo->flinfo->fn_extra)
		return ((RefType *) fcinfo->flinfo->fn_extra)->type;
	type = get_fn_expr_argtype(fcinfo->flinfo, arg);
	if (OidIsValid(type))
		type = getBaseType(type);
	for (size_t i = 0; i < lengthof(ref_types); i++)
	{
		if (ref_types[i].type == type)
		{
			fcinfo->flinfo->fn_extra = unconstify(RefType *, &ref_types[i]);
			return type;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("ref must be an integer, a uuid or a text"),
			 errhint("Cast it to text.")));
}

/* The order's key; `space` has REF_SPACE bytes. */
static void
ref_from_arg(FunctionCallInfo fcinfo, int arg, Event *event, uint8 *space)
{
	struct varlena *t;
	size_t		len;

	if (PG_ARGISNULL(arg))
		return;
	switch (ref_type(fcinfo, arg))
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

static void
cost_from_arg(FunctionCallInfo fcinfo, int arg, Event *event)
{
	if (PG_ARGISNULL(arg))
		return;
	event->cost = decimal_from_arg(PG_GETARG_DATUM(arg), "cost");
	if (event->cost != 0)
		event->has |= EVENT_HAS_COST;
}

static void
until_from_arg(FunctionCallInfo fcinfo, int arg, const char *what, Event *event)
{
	if (PG_ARGISNULL(arg))
		return;
	event->until = PG_GETARG_TIMESTAMPTZ(arg);
	check_instant(event->until, what);
	event->has |= EVENT_HAS_UNTIL;
}

PG_FUNCTION_INFO_V1(loyalty_event_purchase);

/* purchase(at, amount, cost, quantity, tags, ref): money earned by a sale */
Datum
loyalty_event_purchase(PG_FUNCTION_ARGS)
{
	Event		event;
	uint8		space[REF_SPACE];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start_event(fcinfo, &event, EVENT_PURCHASE);
	event.amount = decimal_from_arg(PG_GETARG_DATUM(1), "amount");
	cost_from_arg(fcinfo, 2, &event);
	if (!PG_ARGISNULL(3))
	{
		event.quantity = decimal_from_arg(PG_GETARG_DATUM(3), "quantity");
		if (event.quantity != DECIMAL_ONE)
			event.has |= EVENT_HAS_QUANTITY;
	}
	tags_from_arg(fcinfo, 4, &event);
	ref_from_arg(fcinfo, 5, &event, space);
	return event_to_datum(&event);
}

PG_FUNCTION_INFO_V1(loyalty_event_refund);

/* refund(at, amount, cost, quantity, tags, ref): money given back */
Datum
loyalty_event_refund(PG_FUNCTION_ARGS)
{
	Event		event;
	uint8		space[REF_SPACE];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start_event(fcinfo, &event, EVENT_REFUND);
	event.amount = decimal_from_arg(PG_GETARG_DATUM(1), "amount");
	if (event.amount < 0)
		refuse_negative("amount of a refund",
						"Give the money that went back as a positive number, for example with abs().");
	cost_from_arg(fcinfo, 2, &event);
	if (event.cost < 0)
		refuse_negative("cost of a refund",
						"It is the cost that was recovered; what the return itself cost is an expense.");
	if (!PG_ARGISNULL(3))
	{
		event.quantity = decimal_from_arg(PG_GETARG_DATUM(3), "quantity");
		event.has |= EVENT_HAS_QUANTITY;
		if (event.quantity < 0)
			refuse_negative("quantity of a refund", "Give the units that came back as a positive number.");
	}
	tags_from_arg(fcinfo, 4, &event);
	ref_from_arg(fcinfo, 5, &event, space);
	return event_to_datum(&event);
}

PG_FUNCTION_INFO_V1(loyalty_event_redemption);

/* redemption(at, points, ref): points spent */
Datum
loyalty_event_redemption(PG_FUNCTION_ARGS)
{
	Event		event;
	uint8		space[REF_SPACE];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start_event(fcinfo, &event, EVENT_REDEMPTION);
	event.points = decimal_from_arg(PG_GETARG_DATUM(1), "points");
	if (event.points <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("points of a redemption must be greater than zero"),
				 errhint("Points granted or given back by hand are an adjustment.")));
	ref_from_arg(fcinfo, 2, &event, space);
	return event_to_datum(&event);
}

PG_FUNCTION_INFO_V1(loyalty_event_adjustment);

/* adjustment(at, points, expires, tags, ref): points granted or taken by hand */
Datum
loyalty_event_adjustment(PG_FUNCTION_ARGS)
{
	Event		event;
	uint8		space[REF_SPACE];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start_event(fcinfo, &event, EVENT_ADJUSTMENT);
	event.points = decimal_from_arg(PG_GETARG_DATUM(1), "points");
	until_from_arg(fcinfo, 2, "expires", &event);
	tags_from_arg(fcinfo, 3, &event);
	ref_from_arg(fcinfo, 4, &event, space);
	return event_to_datum(&event);
}

PG_FUNCTION_INFO_V1(loyalty_event_expense);

/* expense(at, amount, tags): a cost that belongs to no sale */
Datum
loyalty_event_expense(PG_FUNCTION_ARGS)
{
	Event		event;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start_event(fcinfo, &event, EVENT_EXPENSE);
	event.amount = decimal_from_arg(PG_GETARG_DATUM(1), "amount");
	tags_from_arg(fcinfo, 2, &event);
	return event_to_datum(&event);
}

PG_FUNCTION_INFO_V1(loyalty_event_activity);

/* activity(at, name, ref): something that moved no money */
Datum
loyalty_event_activity(PG_FUNCTION_ARGS)
{
	Event		event;
	uint8		space[REF_SPACE];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start_event(fcinfo, &event, EVENT_ACTIVITY);
	event.name = name_from_arg(PG_GETARG_DATUM(1), "name of an activity");
	ref_from_arg(fcinfo, 2, &event, space);
	return event_to_datum(&event);
}

PG_FUNCTION_INFO_V1(loyalty_event_grant_tier);

/* grant_tier(at, tier, until): a tier given by hand or bought */
Datum
loyalty_event_grant_tier(PG_FUNCTION_ARGS)
{
	Event		event;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	start_event(fcinfo, &event, EVENT_GRANT);
	event.name = name_from_arg(PG_GETARG_DATUM(1), "tier");
	until_from_arg(fcinfo, 2, "until", &event);
	return event_to_datum(&event);
}
