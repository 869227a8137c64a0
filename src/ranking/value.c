/*
 * value.c
 *		The SQL type loyalty.ranking.  Text form: [[value, customers], ...],
 *		ascending; it is read in any order.
 */
#include "postgres.h"

#include "document/read.h"
#include "ranking/ranking.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* what reading an array hands from one element to the next */
typedef struct Entry
{
	Decimal		value;
	uint32		count;
} Entry;

typedef struct Reading
{
	Entry	   *entries;
	size_t		n;
	size_t		room;
	uint64		customers;
} Reading;

#define ST_SORT sort_entries
#define ST_ELEMENT_TYPE Entry
#define ST_COMPARE(a, b) (((a)->value > (b)->value) - ((a)->value < (b)->value))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

#define SHAPE "Write the value and how many customers have it, such as [12.50, 3]."

loyalty_compat_noreturn static void
refuse(const JsonNode *element, const JsonNode *node, int code, const char *problem)
{
	ereport(ERROR,
			(errcode(code),
			 errmsg("[%d]%s: %s", element->index, json_path(node), problem),
			 errdetail("%s", value_found(node)),
			 errhint("%s", SHAPE)));
	pg_unreachable();
}

static Decimal
read_number(const JsonNode *element, const JsonNode *node)
{
	Decimal		value;

	if (node->type != JSON_NUMBER)
		refuse(element, node, ERRCODE_INVALID_PARAMETER_VALUE, "must be a number");
	if (decimal_from_text(node->text, node->len, &value) != DECIMAL_OK)
		refuse(element, node, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE, "has too many digits");
	return value;
}

static void
read_element(JsonNode *element, void *arg)
{
	Reading    *reading = arg;
	Decimal		value;
	Decimal		count;

	if (element->type != JSON_ARRAY || element->count != 2)
		refuse(element, element, ERRCODE_INVALID_PARAMETER_VALUE, "must be a list of two numbers");
	value = read_number(element, element->first);
	count = read_number(element, element->last);
	if (count < DECIMAL_ONE || count % DECIMAL_ONE != 0)
		refuse(element, element->last, ERRCODE_INVALID_PARAMETER_VALUE, "must be a whole number of at least 1");
	reading->customers += count / DECIMAL_ONE;
	if (reading->customers > RANKING_MAX)
		ranking_too_large();
	if (reading->n == reading->room)
	{
		reading->room *= 2;
		reading->entries = repalloc_huge(reading->entries, reading->room * sizeof(Entry));
	}
	reading->entries[reading->n++] = (Entry) {value, (uint32) (count / DECIMAL_ONE)};
}

static Datum
read_ranking(const SqlType *type, const char *text, size_t len)
{
	Reading		reading = {NULL, 0, 64, 0};
	Ranking		ranking = {0};

	reading.entries = palloc(reading.room * sizeof(Entry));
	json_read_array(text, len, GetDatabaseEncoding(), type->name, read_element, &reading);
	sort_entries(reading.entries, reading.n);
	ranking.values = palloc_extended(Max(reading.n, 1) * sizeof(Decimal), MCXT_ALLOC_HUGE);
	ranking.counts = palloc_extended(Max(reading.n, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	for (size_t i = 0; i < reading.n; i++)
	{
		const Entry *entry = &reading.entries[i];

		if (ranking.n == 0 || ranking.values[ranking.n - 1] != entry->value)
		{
			ranking.values[ranking.n] = entry->value;
			ranking.counts[ranking.n++] = 0;
		}
		ranking.counts[ranking.n - 1] += entry->count;
	}
	ranking.customers = (uint32) reading.customers;
	return PointerGetDatum(ranking_pack(&ranking));
}

static void
write_ranking(const SqlType *type, StringInfo out, Datum value)
{
	Ranking		ranking;

	ranking_open(&ranking, ranking_normalize(value));
	appendStringInfoChar(out, '[');
	for (uint32 i = 0; i < ranking.n; i++)
	{
		char		buf[DECIMAL_TEXT_SIZE];

		CHECK_FOR_INTERRUPTS();
		decimal_to_text(ranking.values[i], buf);
		appendStringInfo(out, "%s[%s, %u]", i == 0 ? "" : ", ", buf, ranking.counts[i]);
	}
	appendStringInfoChar(out, ']');
}

/* The stored form; packing what it holds again must give the bytes that came. */
static Datum
receive_ranking(const SqlType *type, const char *bytes, int len)
{
	Ranking		ranking;
	struct varlena *result;

	ranking_unpack(&ranking, (const uint8 *) bytes, len);
	result = ranking_pack(&ranking);
	if (VARSIZE_ANY_EXHDR(result) != (size_t) len || memcmp(VARDATA_ANY(result), bytes, len) != 0)
		return (Datum) 0;
	return PointerGetDatum(result);
}

static void
send_ranking(const SqlType *type, StringInfo out, Datum value)
{
	size_t		len;
	const char *bytes = sql_type_bytes(ranking_normalize(value), &len);

	appendBinaryStringInfo(out, bytes, (int) len);
}

const SqlType ranking_type = {"ranking", read_ranking, write_ranking, receive_ranking, send_ranking, NULL};

SQL_TYPE_FUNCTIONS(ranking, &ranking_type)
