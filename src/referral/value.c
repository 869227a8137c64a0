/*
 * value.c
 *		The SQL type loyalty.referrals.  Text form: a JSON array of objects with
 *		a customer and, where there is one, a referrer and a value other than 0;
 *		by customer, but read in any order.  Rows of one customer add up.
 */
#include "postgres.h"

#include "document/read.h"
#include "event/event_value.h"
#include "referral/referrals.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

static const char *const keys[] = {"customer", "referrer", "value", NULL};

/* what reading an array hands from one element to the next: the rows so far */
typedef struct Reading
{
	uint8	   *rows;
	size_t		len;
	size_t		room;
	uint32		n;
	IdBounds	bounds;
} Reading;

/* What a key says of somebody; without it, or with null, nobody. */
static void
read_id(const JsonNode *element, const char *key, Event *event, uint8 *space)
{
	const JsonNode *node = json_member(element, key);

	event->has = 0;
	if (node == NULL || node->type == JSON_NULL)
		return;
	if (node->type != JSON_STRING && node->type != JSON_NUMBER)
		value_refuse(node, "must be a string or a number", value_found(node), NULL);
	if (node->len > EVENT_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("%s: is too long", json_path(node)),
				 errdetail("It has %zu bytes; at most %d are kept.", node->len, EVENT_MAX_TEXT)));
	ref_from_text(event, node->text, node->len, space);
}

static void
read_element(JsonNode *element, void *arg)
{
	Reading    *reading = arg;
	Event		customer;
	Event		referrer;
	uint8		customer_space[REF_SPACE];
	uint8		referrer_space[REF_SPACE];
	const JsonNode *value;

	value_keys(element, keys);
	(void) value_need(element, "customer", "Say whose row it is: {\"customer\": \"7\", \"referrer\": \"3\", \"value\": 12.50}.");
	read_id(element, "customer", &customer, customer_space);
	read_id(element, "referrer", &referrer, referrer_space);
	value = json_member(element, "value");
	if (reading->room - reading->len < REFERRAL_ROW_SIZE)
	{
		reading->room *= 2;
		reading->rows = repalloc_huge(reading->rows, reading->room);
	}
	reading->len = referral_row_write(reading->rows + reading->len, &customer, &referrer,
									  value && value->type != JSON_NULL ? value_number(value, ANY_SIGN) : 0) - reading->rows;
	reading->n++;
	id_bounds_add(&reading->bounds, &customer);
	id_bounds_add(&reading->bounds, &referrer);
}

static Datum
read_referrals(const SqlType *type, const char *text, size_t len)
{
	Reading		reading = {NULL, 0, 4 * REFERRAL_ROW_SIZE, 0, no_ids};

	reading.rows = palloc(reading.room);
	json_read_array(text, len, GetDatabaseEncoding(), type->name, read_element, &reading);
	return PointerGetDatum(referrals_gather(reading.rows, reading.len, reading.n, &reading.bounds));
}

static void
append_id(StringInfo out, const char *key, Id id)
{
	Event		event;
	char		text[REF_TEXT_SIZE];

	id_to_event(id, &event);
	appendStringInfo(out, "\"%s\": ", key);
	json_append_string(out, text, ref_to_text(&event, text));
}

static void
write_referrals(const SqlType *type, StringInfo out, Datum value)
{
	Referrals	referrals;
	const char *separator = "";

	referrals_open(&referrals, referrals_normalize(value));
	appendStringInfoChar(out, '[');
	for (uint32 i = 0; i < referrals.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!referrals.customers[i])
			continue;
		appendStringInfo(out, "%s{", separator);
		separator = ", ";
		append_id(out, "customer", referrals.ids[i]);
		if (referrals.referrers[i] != NO_ID)
		{
			appendStringInfoString(out, ", ");
			append_id(out, "referrer", referrals.ids[referrals.referrers[i]]);
		}
		if (referrals.values[i] != 0)
		{
			char		buf[DECIMAL_TEXT_SIZE];

			decimal_to_text(referrals.values[i], buf);
			appendStringInfo(out, ", \"value\": %s", buf);
		}
		appendStringInfoChar(out, '}');
	}
	appendStringInfoChar(out, ']');
}

/* Ids that a ref could be, in the one form that it has. */
static bool
ids_are_sound(const Referrals *referrals)
{
	for (uint32 i = 0; i < referrals->n; i++)
	{
		Event		event = {0};

		CHECK_FOR_INTERRUPTS();
		id_to_event(referrals->ids[i], &event);
		event_check_encoding(&event);
		if ((event.has & EVENT_HAS_REF_TEXT) && !ref_is_canonical(&event))
			return false;
	}
	return true;
}

/* The stored form; gathering its rows again must give the bytes that came. */
static Datum
receive_referrals(const SqlType *type, const char *bytes, int len)
{
	Referrals	referrals;
	uint8	   *rows;
	uint8	   *p;
	size_t		room = 0;
	uint32		n = 0;
	IdBounds	bounds;

	referrals_unpack(&referrals, (const uint8 *) bytes, len);
	if (!ids_are_sound(&referrals))
		return (Datum) 0;
	bounds = referrals_bounds(&referrals);
	for (uint32 i = 0; i < referrals.n; i++)
		room += referrals.ids[i].len + (referrals.referrers[i] == NO_ID ? 1 : referrals.ids[referrals.referrers[i]].len) + LEB_MAX_BYTES;
	rows = p = palloc_extended(Max(room, 1), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < referrals.n; i++)
	{
		if (!referrals.customers[i])
			continue;
		p = referral_row_again(p, &referrals, i);
		n++;
	}
	return sql_type_as_sent(PointerGetDatum(referrals_gather(rows, p - rows, n, &bounds)), bytes, len);
}

static void
send_referrals(const SqlType *type, StringInfo out, Datum value)
{
	size_t		len;
	const char *bytes = sql_type_bytes(referrals_normalize(value), &len);

	appendBinaryStringInfo(out, bytes, (int) len);
}

const SqlType referrals_type = {"referrals", read_referrals, write_referrals, receive_referrals, send_referrals, NULL};

SQL_TYPE_FUNCTIONS(referrals, &referrals_type)
