/*
 * read.c
 *		Reading a tariff: from a JSON tree to the compiled block.
 */
#include "postgres.h"

#include "event/where.h"
#include "tariff/text.h"

const char *const tariff_round_words[] = {"half up", "down", "up", "none", NULL};
const char *const prorate_words[] = {"day", "second", "none", NULL};
const char *const credit_words[] = {"change", "always", "never", NULL};
const char *const align_words[] = {"start", "calendar", NULL};
const char *const price_mode_words[] = {"graduated", "volume", NULL};
const char *const count_of_words[] = {"sum", "count", "max", "latest", "unique", NULL};

typedef struct Reading
{
	Block		block;			/* so far */
	uint32		entries;
	uint32		nmeters;
} Reading;

#define PRICE_KEYS "price", "tiers", "mode", "included", "size"

/* ---------------- what a quantity costs ---------------- */

static BlockList
read_tiers(Reading *r, const JsonNode *node)
{
	static const char *const keys[] = {"up_to", "price", "flat", NULL};
	static const char *const hint = "Write tiers as [{\"up_to\": 1000, \"price\": 0.10}, {\"price\": 0.05}]: ascending, the last without \"up_to\".";
	PriceTier  *tiers;
	uint32		n = 0;

	value_array(node, TARIFF_MAX_TIERS, hint);
	tiers = palloc0(node->count * sizeof(PriceTier));
	for (const JsonNode *tier = node->first; tier; tier = tier->next)
	{
		const JsonNode *up_to;

		value_keys(tier, keys);
		up_to = json_member(tier, "up_to");
		if (up_to && tier->next == NULL)
			value_refuse(up_to, "has no meaning in the last tier", NULL, hint);
		if (tier->next)
			up_to = value_need(tier, "up_to", hint);
		tiers[n].up_to = up_to ? value_number(up_to, POSITIVE) : PG_INT64_MAX;
		if (n > 0 && tiers[n].up_to <= tiers[n - 1].up_to)
			value_refuse(up_to, "must be greater than in the tier before it", value_found(up_to), hint);
		tiers[n].price = value_number_or(tier, "price", NOT_NEGATIVE, 0);
		tiers[n].flat = value_number_or(tier, "flat", NOT_NEGATIVE, 0);
		n++;
	}
	return block_list(&r->block, tiers, n, sizeof(PriceTier));
}

/* The keys of PRICE_KEYS, and of a meter "minimum" and "maximum". */
static void
read_price(Reading *r, const JsonNode *object, Price *price)
{
	const JsonNode *tiers = json_member(object, "tiers");
	const JsonNode *maximum = json_member(object, "maximum");

	price->is_given = tiers != NULL || json_member(object, "price") != NULL;
	price->maximum = PG_INT64_MAX;
	if (!price->is_given)
	{
		static const char *const others[] = {"mode", "included", "size"};

		for (size_t i = 0; i < lengthof(others); i++)
			value_only_with(object, others[i], "\"price\" or \"tiers\"");
		return;
	}
	if (tiers)
	{
		if (json_member(object, "price"))
			value_refuse(tiers, "has no meaning together with \"price\"", NULL,
						 "Give one price for all units (\"price\") or one for each tier (\"tiers\").");
		price->tiers = read_tiers(r, tiers);
		price->mode = value_choice_or(object, "mode", price_mode_words, MODE_GRADUATED);
	}
	else
	{
		value_only_with(object, "mode", "\"tiers\"");
		price->price = value_number_or(object, "price", NOT_NEGATIVE, 0);
	}
	price->included = value_number_or(object, "included", NOT_NEGATIVE, 0);
	price->size = value_number_or(object, "size", POSITIVE, 0);
	price->minimum = value_number_or(object, "minimum", NOT_NEGATIVE, 0);
	if (maximum)
	{
		price->maximum = value_number(maximum, NOT_NEGATIVE);
		if (price->maximum < price->minimum)
			value_refuse(maximum, "must not be less than \"minimum\"", value_found(maximum), NULL);
	}
}

/* ---------------- entries ---------------- */

static void
read_in_force(Reading *r, const Dated *dated, InForce *in_force)
{
	in_force->from = dated->from;
	in_force->until = dated->until;
	in_force->id = r->entries++;
}

/* One entry or a list of them, as they stand. */
static int
read_dated(const JsonNode *node, const char *what, Dated *dated)
{
	int			n = 0;

	if (node->type == JSON_ARRAY)
	{
		if (node->count > TARIFF_MAX_ENTRIES)
			value_too_many(node, what, TARIFF_MAX_ENTRIES);
		if (node->count == 0)
			value_refuse(node, "must not be empty", NULL, NULL);
		for (const JsonNode *child = node->first; child; child = child->next)
		{
			if (child->type != JSON_OBJECT)
				value_refuse(child, "must be an object", value_found(child), NULL);
			dated_read(child, &dated[n++]);
		}
	}
	else if (node->type == JSON_OBJECT)
		dated_read(node, &dated[n++]);
	else
		value_refuse(node, "must be an object, or a list of them", value_found(node), NULL);
	return n;
}

static int
compare_keys(const void *a, const void *b)
{
	return strcmp((*(const JsonNode *const *) a)->key, (*(const JsonNode *const *) b)->key);
}

/* The values of an object by their keys, in palloc'd memory. */
static const JsonNode **
by_key(const JsonNode *object, const char *what, const char *hint)
{
	const JsonNode **nodes;
	int			n = 0;

	if (object->type != JSON_OBJECT)
		value_refuse(object, "must be an object", value_found(object), hint);
	if (object->count > TARIFF_MAX_NAMED)
		value_too_many(object, what, TARIFF_MAX_NAMED);
	nodes = palloc(Max(object->count, 1) * sizeof(const JsonNode *));
	for (const JsonNode *child = object->first; child; child = child->next)
		nodes[n++] = child;
	qsort(nodes, n, sizeof(const JsonNode *), compare_keys);
	return nodes;
}

static void
read_meter(Reading *r, const JsonNode *key, const Dated *dated, MeterEntry *entry)
{
	static const char *const keys[] = {"meter", "of", "where", PRICE_KEYS, "minimum", "maximum", "from", "until", NULL};
	const JsonNode *node = dated->node;
	const JsonNode *meter = json_member(node, "meter");

	value_keys(node, keys);
	read_in_force(r, dated, &entry->in_force);
	entry->item = value_key(&r->block, key);
	entry->meter = meter ? value_name(&r->block, meter) : entry->item;
	entry->of = value_choice_or(node, "of", count_of_words, OF_SUM);
	read_where(&r->block, node, &entry->any, &entry->all, &entry->none);
	read_price(r, node, &entry->price);
	if (!entry->price.is_given)
		value_need(node, "price", "Say what a unit costs, such as \"price\": 0.10, or give \"tiers\".");
	entry->nth = r->nmeters++;
}

static BlockList
read_meters(Reading *r, const JsonNode *object)
{
	const JsonNode **nodes;
	MeterEntry *entries = NULL;
	uint32		n = 0;

	if (object == NULL)
		return (BlockList) {0};
	nodes = by_key(object, "meters", "Write meters as {\"calls\": {\"price\": 0.10}}.");
	for (int i = 0; i < object->count; i++)
	{
		Dated		dated[TARIFF_MAX_ENTRIES];
		int			more = read_dated(nodes[i], "entries", dated);

		dated_order(dated, more);
		entries = entries ? repalloc(entries, (n + more) * sizeof(MeterEntry)) : palloc(more * sizeof(MeterEntry));
		memset(&entries[n], 0, more * sizeof(MeterEntry));
		for (int k = 0; k < more; k++)
			read_meter(r, nodes[i], &dated[k], &entries[n++]);
	}
	return block_list(&r->block, entries, n, sizeof(MeterEntry));
}

/* A term: months or days. */
static Span
read_every(const JsonNode *entry)
{
	const JsonNode *node = json_member(entry, "every");
	Span		span = {1, 0, 0};

	if (node == NULL)
		return span;
	span = value_span(node, POSITIVE);
	if (span.time != 0 || (span.months != 0 && span.days != 0))
		value_refuse(node, "must be months or days", value_found(node), "A term is such as \"1 month\", \"1 year\" or \"7 days\".");
	return span;
}

static void
read_plan(Reading *r, const JsonNode *key, const Dated *dated, PlanEntry *entry)
{
	static const char *const keys[] = {"every", "fee", PRICE_KEYS, "meters", "from", "until", NULL};
	const JsonNode *node = dated->node;

	value_keys(node, keys);
	read_in_force(r, dated, &entry->in_force);
	entry->plan = value_key(&r->block, key);
	entry->every = read_every(node);
	entry->fee = value_number_or(node, "fee", NOT_NEGATIVE, 0);
	read_price(r, node, &entry->price);
	entry->meters = read_meters(r, json_member(node, "meters"));
}

/*
 * The entries of one plan: in the order in which their terms are named first,
 * those of one term by date.
 */
static int
order_by_term(Dated *dated, int n)
{
	Dated		ordered[TARIFF_MAX_ENTRIES];
	bool		taken[TARIFF_MAX_ENTRIES] = {false};
	int			done = 0;

	for (int i = 0; i < n; i++)
	{
		int			first = done;
		Span		every;

		if (taken[i])
			continue;
		every = read_every(dated[i].node);
		for (int k = i; k < n; k++)
		{
			Span		other = read_every(dated[k].node);

			if (taken[k] || other.months != every.months || other.days != every.days)
				continue;
			taken[k] = true;
			ordered[done++] = dated[k];
		}
		dated_order(&ordered[first], done - first);
	}
	/* cppcheck-suppress uninitvar */
	memcpy(dated, ordered, n * sizeof(Dated));
	return n;
}

static BlockList
read_plans(Reading *r, const JsonNode *object)
{
	const JsonNode **nodes;
	PlanEntry  *entries = NULL;
	uint32		n = 0;

	if (object == NULL)
		return (BlockList) {0};
	nodes = by_key(object, "plans", "Write plans as {\"pro\": {\"every\": \"1 month\", \"fee\": 49}}.");
	for (int i = 0; i < object->count; i++)
	{
		Dated		dated[TARIFF_MAX_ENTRIES];
		int			more = order_by_term(dated, read_dated(nodes[i], "entries", dated));

		entries = entries ? repalloc(entries, (n + more) * sizeof(PlanEntry)) : palloc(more * sizeof(PlanEntry));
		memset(&entries[n], 0, more * sizeof(PlanEntry));
		for (int k = 0; k < more; k++)
			read_plan(r, nodes[i], &dated[k], &entries[n++]);
	}
	return block_list(&r->block, entries, n, sizeof(PlanEntry));
}

Tariff *
tariff_from_json(const JsonNode *document, zone_listed_fn zone_listed)
{
	static const char *const keys[] = {
		"tariff", "timezone", "decimals", "round", "prorate", "credit", "align", "plans", "meters", NULL
	};
	Reading	   *r = palloc0(sizeof(Reading));
	Tariff		head = {0};
	const JsonNode *node;

	value_keys(document, keys);
	block_init(&r->block, json_read_for(document), sizeof(Tariff));
	head.name = value_name(&r->block, value_need(document, "tariff", "Give the tariff a name."));
	head.timezone = value_zone(&r->block, document, zone_listed);
	node = json_member(document, "decimals");
	head.decimals = node ? value_whole(node, 0, DECIMAL_PLACES) : 2;
	head.round = value_choice_or(document, "round", tariff_round_words, TARIFF_HALF_UP);
	head.prorate = value_choice_or(document, "prorate", prorate_words, PRORATE_DAY);
	head.credit = value_choice_or(document, "credit", credit_words, CREDIT_CHANGE);
	head.align = value_choice_or(document, "align", align_words, ALIGN_START);
	head.plans = read_plans(r, json_member(document, "plans"));
	head.meters = read_meters(r, json_member(document, "meters"));
	head.entries = r->entries;
	head.nmeters = r->nmeters;
	return block_finish(&r->block, &head);
}
