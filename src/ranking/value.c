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

static void
read_element(JsonNode *element, void *arg)
{
	Reading    *reading = arg;
	Decimal		value;
	uint32		count;

	if (element->type != JSON_ARRAY || element->count != 2)
		value_refuse(element, "must be a list of two numbers", value_found(element),
					 "Write the value and how many customers have it, such as [12.50, 3].");
	value = value_number(element->first, ANY_SIGN);
	count = value_whole(element->last, 1, RANKING_MAX);
	reading->customers += count;
	if (reading->customers > RANKING_MAX)
		ranking_too_large();
	if (reading->n == reading->room)
	{
		reading->room *= 2;
		reading->entries = repalloc_huge(reading->entries, reading->room * sizeof(Entry));
	}
	reading->entries[reading->n++] = (Entry) {value, count};
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

	ranking_unpack(&ranking, (const uint8 *) bytes, len);
	return sql_type_as_sent(PointerGetDatum(ranking_pack(&ranking)), bytes, len);
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
