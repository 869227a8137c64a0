/*
 * read.c
 *		Reading a credit document: from a JSON tree to the compiled block.
 */
#include "postgres.h"

#include "credit/text.h"

const char *const decide_words[] = {"month", "day", "week", "quarter", NULL};
const char *const asked_words[] = {"tenure", "sales", "orders", "profit", "refunds", "growth", "profitable", NULL};
const char *const limit_words[] = {"sales", "profit", "lowest month", NULL};

#define MEASURE_KEYS "tenure", "sales", "orders", "profit", "refunds", "growth", "profitable"

/* ---------------- intervals, numbers, dates ---------------- */

static Span
read_span(const JsonNode *node, Sign sign)
{
	Span		span = value_span(node, sign);

	if (span.time != 0)
		value_refuse(node, "must be days, weeks, months or years", value_found(node), "Money is counted by the day.");
	return span;
}

/* months or days, not both */
static Span
read_term(const JsonNode *node, Sign sign)
{
	Span		span = read_span(node, sign);

	if (span.months != 0 && span.days != 0)
		value_refuse(node, "must be months or days", value_found(node), "It is such as \"1 month\", \"1 year\" or \"14 days\".");
	return span;
}

static Span
read_span_or(const JsonNode *object, const char *key, Sign sign, Span other)
{
	const JsonNode *node = json_member(object, key);

	return node ? read_span(node, sign) : other;
}

/* a number no greater than `most` whole ones */
static Decimal
read_number_to(const JsonNode *node, Sign sign, int most)
{
	Decimal		value = value_number(node, sign);

	if (value > most * DECIMAL_ONE)
		value_refuse(node, psprintf("must not be greater than %d", most), value_found(node), "Shares and rates are written as 0.1 for 10 %.");
	return value;
}

static int32
read_date(const JsonNode *node)
{
	int64		local = value_local(node);

	if (local != local_from_days(local_to_days(local)))
		value_refuse(node, "must be a date", value_found(node), "Write it like \"2025-03-10\".");
	return local_to_days(local);
}

/* Whatever the day it is counted from, no longer than to the same day a year later. */
static Span
read_valid(const JsonNode *document)
{
	const JsonNode *node = json_member(document, "valid");
	int64		march = local_from_days(date_to_days(2001, 3, 1));
	Span		span = {0, 30, 0};

	if (node == NULL)
		return span;
	span = read_span(node, POSITIVE);
	if (local_add(march, &span, 1) > local_from_days(date_to_days(2002, 3, 1)))
		value_refuse(node, "must not be longer than 1 year", value_found(node), "An offer rests on figures, which grow old.");
	return span;
}

/* ---------------- who qualifies ---------------- */

/* {"in": ..., "least": ...}, or "most" */
static void
read_measure(const JsonNode *node, const char *bound, Sign sign, Asked *asked)
{
	const char *const keys[] = {"in", bound, NULL};

	value_keys(node, keys);
	asked->in = read_span(value_need(node, "in", "Say how far to look back, such as \"in\": \"12 months\"."), POSITIVE);
	asked->bound = value_number(value_need(node, bound, psprintf("Say what is asked for, such as {\"in\": \"12 months\", \"%s\": ...}.", bound)), sign);
}

static void
read_needs(const JsonNode *object, Needs *needs)
{
	for (int m = 0; m < MEASURES; m++)
	{
		const JsonNode *node = json_member(object, asked_words[m]);
		Asked	   *asked = &needs->by[m];

		if (node == NULL)
			continue;
		needs->asked |= UINT32_C(1) << m;
		switch ((Measure) m)
		{
			case MEASURE_TENURE:
				asked->in = read_span(node, NOT_NEGATIVE);
				break;
			case MEASURE_PROFITABLE:
				asked->in = read_span(node, POSITIVE);
				break;
			case MEASURE_REFUNDS:
				read_measure(node, "most", NOT_NEGATIVE, asked);
				break;
			case MEASURE_SALES:
			case MEASURE_ORDERS:
				read_measure(node, "least", NOT_NEGATIVE, asked);
				break;
			case MEASURE_PROFIT:
			case MEASURE_GROWTH:
				read_measure(node, "least", ANY_SIGN, asked);
				break;
		}
	}
}

static void
read_qualify(const JsonNode *document, CreditPolicy *head)
{
	static const char *const keys[] = {MEASURE_KEYS, "repaid", NULL};
	const JsonNode *qualify = json_member(document, "qualify");
	const JsonNode *repaid;

	head->repaid = DECIMAL_ONE;
	if (qualify == NULL)
		return;
	value_keys(qualify, keys);
	read_needs(qualify, &head->qualify);
	repaid = json_member(qualify, "repaid");
	if (repaid)
		head->repaid = read_number_to(repaid, NOT_NEGATIVE, 1);
}

/* ---------------- how much ---------------- */

static void
read_limit(const JsonNode *node, CreditLimit *limit)
{
	static const char *const keys[] = {"of", "in", "times", "amount", NULL};
	static const char *const hint = "Write {\"of\": \"sales\", \"in\": \"12 months\", \"times\": 0.2}, or {\"amount\": 5000}.";
	const JsonNode *amount;
	const JsonNode *in;

	value_keys(node, keys);
	amount = json_member(node, "amount");
	if (amount)
	{
		static const char *const others[] = {"of", "in", "times"};

		for (size_t i = 0; i < lengthof(others); i++)
		{
			if (json_member(node, others[i]))
				value_refuse(json_member(node, others[i]), "has no meaning together with \"amount\"", NULL, hint);
		}
		limit->of = LIMIT_AMOUNT;
		limit->times = value_number(amount, NOT_NEGATIVE);
		return;
	}
	limit->of = value_choice(value_need(node, "of", hint), limit_words);
	in = value_need(node, "in", hint);
	limit->in = read_span(in, POSITIVE);
	if (limit->of == LIMIT_LOWEST_MONTH && (limit->in.days != 0 || limit->in.months > CREDIT_MAX_MONTHS))
		value_refuse(in, psprintf("must be 1 to %d whole months", CREDIT_MAX_MONTHS), value_found(in), "Write it like \"12 months\".");
	limit->times = value_number(value_need(node, "times", hint), POSITIVE);
}

static BlockList
read_limits(Block *block, const JsonNode *node)
{
	CreditLimit *limits;
	uint32		n = 0;

	if (node == NULL)
		return (BlockList) {0};
	value_array(node, CREDIT_MAX_LIMITS, "List what an offer may not exceed, such as [{\"amount\": 5000}].");
	limits = palloc0(node->count * sizeof(CreditLimit));
	for (const JsonNode *child = node->first; child; child = child->next)
		read_limit(child, &limits[n++]);
	return block_list(block, limits, n, sizeof(CreditLimit));
}

/* What is offered is money. */
static Decimal
read_step(const JsonNode *document, const CreditPolicy *head)
{
	const JsonNode *node = json_member(document, "step");
	Decimal		step;

	if (node == NULL)
		return credit_unit(head);
	step = value_number(node, POSITIVE);
	if (step % credit_unit(head) != 0)
		value_refuse(node, "must have no more decimals than money", value_found(node),
					 psprintf("\"decimals\" is %u.", head->decimals));
	return step;
}

static int
compare_dates(const void *a, const void *b)
{
	int32		x = *(const int32 *) a;
	int32		y = *(const int32 *) b;

	return (x > y) - (x < y);
}

static BlockList
read_holidays(Block *block, const JsonNode *node)
{
	static const char *const hint = "List dates: [\"2025-12-25\"].";
	int32	   *dates;
	int			n = 0;
	uint32		kept = 0;

	if (node == NULL || (node->type == JSON_ARRAY && node->count == 0))
		return (BlockList) {0};
	value_array(node, CREDIT_MAX_HOLIDAYS, hint);
	dates = palloc(node->count * sizeof(int32));
	for (const JsonNode *child = node->first; child; child = child->next)
		dates[n++] = read_date(child);
	qsort(dates, n, sizeof(int32), compare_dates);
	for (int i = 0; i < n; i++)
	{
		if (i == 0 || dates[i] != dates[i - 1])
			dates[kept++] = dates[i];
	}
	return block_list(block, dates, kept, sizeof(int32));
}

static void
read_pay_out(Block *block, const JsonNode *node, CreditPolicy *head)
{
	static const char *const keys[] = {"working_days", "holidays", NULL};

	if (node == NULL)
		return;
	value_keys(node, keys);
	head->working_days = value_whole(value_need(node, "working_days", "Say how many, such as \"working_days\": 5."), 1, CREDIT_MAX_WORKING_DAYS);
	head->holidays = read_holidays(block, json_member(node, "holidays"));
}

/* ---------------- on which terms ---------------- */

static void
read_minimum(const JsonNode *node, CreditTerms *terms)
{
	static const char *const keys[] = {"part", "per", NULL};
	static const char *const hint = "Write {\"part\": 0.1, \"per\": \"60 days\"}: so much of the total in each period, at least.";

	if (node == NULL)
		return;
	value_keys(node, keys);
	terms->has_minimum = true;
	terms->minimum_part = read_number_to(value_need(node, "part", hint), POSITIVE, 1);
	terms->minimum_per = read_span(value_need(node, "per", hint), POSITIVE);
}

static void
read_share(const JsonNode *node, CreditTerms *terms)
{
	static const char *const others[] = {"every", "first", "residual"};
	const JsonNode *interest = json_member(node, "interest");

	for (size_t i = 0; i < lengthof(others); i++)
		value_only_with(node, others[i], "\"instalments\"");
	if (interest)
		value_refuse(interest, "has no meaning together with \"share\"", NULL,
					 "What is repaid as a share of sales costs a \"fee\".");
	terms->share = read_number_to(json_member(node, "share"), POSITIVE, 1);
	read_minimum(json_member(node, "minimum"), terms);
}

static void
read_instalments(const JsonNode *node, CreditTerms *terms)
{
	const JsonNode *every = json_member(node, "every");
	const JsonNode *first = json_member(node, "first");
	const JsonNode *residual = json_member(node, "residual");

	value_only_with(node, "minimum", "\"share\"");
	terms->instalments = value_whole(json_member(node, "instalments"), 1, CREDIT_MAX_INSTALMENTS);
	terms->every = every ? read_term(every, POSITIVE) : (Span) {1, 0, 0};
	/* by days it is the same whether each is counted from the one before or from the beginning */
	if (first)
	{
		terms->first = read_term(first, NOT_NEGATIVE);
		terms->has_first = terms->first.days == 0 || terms->first.days != terms->every.days;
		if (!terms->has_first)
			terms->first = (Span) {0, 0, 0};
	}
	if (residual)
	{
		if (!terms->bears_interest)
			value_only_with(node, "residual", "\"interest\"");
		terms->residual = value_number(residual, NOT_NEGATIVE);
		if (terms->residual >= DECIMAL_ONE)
			value_refuse(residual, "must be below 1", value_found(residual), "It is a share of the amount, the buy-out at the end.");
	}
	/* at no interest, and all repaid by the instalments, it is as if none had been named */
	terms->bears_interest = terms->interest != 0 || terms->residual != 0;
}

static void
read_cost(const JsonNode *node, CreditTerms *terms)
{
	const JsonNode *fee = json_member(node, "fee");
	const JsonNode *interest = json_member(node, "interest");

	if (fee && interest)
		value_refuse(interest, "has no meaning together with \"fee\"", NULL, "A loan costs a share of its amount, or interest by time.");
	if (fee)
		terms->fee = value_number(fee, NOT_NEGATIVE);
	if (interest)
	{
		terms->interest = read_number_to(interest, NOT_NEGATIVE, 100);
		terms->bears_interest = true;
	}
}

static void
read_terms(Block *block, const JsonNode *node, CreditTerms *terms)
{
	static const char *const keys[] = {
		"name", "fee", "interest", "instalments", "every", "first", "residual", "share", "minimum", "needs", "from", "until", NULL
	};
	static const char *const needs_keys[] = {MEASURE_KEYS, NULL};
	const JsonNode *share;
	const JsonNode *needs;
	const JsonNode *from;
	const JsonNode *until;
	Dated		dated;

	value_keys(node, keys);
	terms->name = value_name(block, value_need(node, "name", "Give the terms a name: advances are made under it."));
	read_cost(node, terms);
	share = json_member(node, "share");
	if (share && json_member(node, "instalments"))
		value_refuse(share, "has no meaning together with \"instalments\"", NULL, "A loan is repaid by instalments or by a share of sales.");
	if (share)
		read_share(node, terms);
	else
	{
		value_need(node, "instalments", "Say how it is repaid: \"instalments\": 12, or \"share\": 0.1 of sales.");
		read_instalments(node, terms);
	}
	needs = json_member(node, "needs");
	if (needs)
	{
		value_keys(needs, needs_keys);
		read_needs(needs, &terms->needs);
	}
	from = json_member(node, "from");
	until = json_member(node, "until");
	terms->from = from ? read_date(from) : DAY_ALWAYS;
	terms->until = until ? read_date(until) : DAY_NEVER;
	dated_read(node, &dated);
}

static BlockList
read_all_terms(Block *block, const JsonNode *node)
{
	CreditTerms *terms;
	uint32		n = 0;

	value_array(node, CREDIT_MAX_TERMS, "List the terms: [{\"name\": \"a year\", \"interest\": 0.12, \"instalments\": 12}].");
	terms = palloc0(node->count * sizeof(CreditTerms));
	for (const JsonNode *child = node->first; child; child = child->next)
	{
		read_terms(block, child, &terms[n]);
		for (uint32 i = 0; i < n; i++)
		{
			if (terms[i].name.at == terms[n].name.at)
				value_refuse(json_member(child, "name"), "is there already", value_found(json_member(child, "name")),
							 "Advances name their terms: each name stands once.");
		}
		terms[n].id = n;
		n++;
	}
	return block_list(block, terms, n, sizeof(CreditTerms));
}

/* ---------------- what may be lost ---------------- */

/* longer, a month being 30 days as the server orders intervals */
static bool
is_longer(const Span *a, const Span *b)
{
	return (int64) a->months * DAYS_PER_MONTH + a->days > (int64) b->months * DAYS_PER_MONTH + b->days;
}

static void
read_loss(Block *block, const JsonNode *node, CreditPolicy *head)
{
	static const char *const keys[] = {"given_default", "probability", NULL};
	static const char *const hint = "Write [[\"0 days\", 0.02], [\"30 days\", 0.25]]: so long overdue, so probable.";
	const JsonNode *probability;
	LossStep   *steps;
	uint32		n = 0;

	if (node == NULL)
		return;
	value_keys(node, keys);
	head->given_default = read_number_to(value_need(node, "given_default", "Say which share of the principal is lost then, such as \"given_default\": 0.45."), NOT_NEGATIVE, 1);
	probability = value_need(node, "probability", hint);
	value_array(probability, CREDIT_MAX_STEPS, hint);
	steps = palloc0(probability->count * sizeof(LossStep));
	for (const JsonNode *pair = probability->first; pair; pair = pair->next)
	{
		LossStep   *step = &steps[n];

		if (pair->type != JSON_ARRAY || pair->count != 2)
			value_refuse(pair, "must be an interval and a number", value_found(pair), hint);
		step->after = read_span(pair->first, NOT_NEGATIVE);
		step->probability = read_number_to(pair->last, NOT_NEGATIVE, 1);
		if (n == 0 && (step->after.months != 0 || step->after.days != 0))
			value_refuse(pair->first, "must be \"0 days\"", value_found(pair->first), "The first counts for what is not overdue, too.");
		if (n > 0 && !is_longer(&step->after, &steps[n - 1].after))
			value_refuse(pair->first, "must be longer than the one before it", value_found(pair->first), hint);
		n++;
	}
	head->losses = block_list(block, steps, n, sizeof(LossStep));
}

CreditPolicy *
credit_from_json(const JsonNode *document, zone_listed_fn zone_listed)
{
	static const char *const keys[] = {
		"credit", "timezone", "decimals", "decide", "valid", "qualify", "limit", "minimum", "step", "pay_out", "terms", "grace", "default", "loss", NULL
	};
	Block	   *block = palloc(sizeof(Block));
	CreditPolicy head = {0};
	const JsonNode *node;

	value_keys(document, keys);
	block_init(block, json_read_for(document), sizeof(CreditPolicy));
	head.name = value_name(block, value_need(document, "credit", "Give it a name."));
	head.timezone = value_zone(block, document, zone_listed);
	node = json_member(document, "decimals");
	head.decimals = node ? value_whole(node, 0, DECIMAL_PLACES) : 2;
	head.decide = value_choice_or(document, "decide", decide_words, DECIDE_MONTH);
	head.valid = read_valid(document);
	read_qualify(document, &head);
	head.limits = read_limits(block, json_member(document, "limit"));
	head.minimum = value_number_or(document, "minimum", NOT_NEGATIVE, 0);
	head.step = read_step(document, &head);
	read_pay_out(block, json_member(document, "pay_out"), &head);
	head.terms = read_all_terms(block, value_need(document, "terms", "List the terms on which money is lent."));
	head.grace = read_span_or(document, "grace", NOT_NEGATIVE, (Span) {0, 1, 0});
	head.defaults = read_span_or(document, "default", NOT_NEGATIVE, (Span) {0, 90, 0});
	read_loss(block, json_member(document, "loss"), &head);
	return block_finish(block, &head);
}
