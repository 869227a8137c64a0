/*
 * earn.c
 *		What an order earns: its rules, its factors, its rounding.
 *
 * All arithmetic is exact: a rate of 1 point per 3.00 is a fraction until the
 * one place where the program rounds.  The rules and the tier are those of the
 * order's date, whenever it is rated again.
 */
#include "postgres.h"

#include "standing/earn.h"

Decimal
points_round(const Program *program, Fraction f)
{
	int128		points = fraction_round(f, (RoundMode) program->round, (int) program->decimals);

	if (points >= DECIMAL_LIMIT || points <= -DECIMAL_LIMIT)
		fold_overflow();
	return (Decimal) points;
}

/* What is counted of a line. */
static inline Fraction
counted(const Fold *fold, const Line *line, const EarnRule *rule)
{
	return rule->of == BY_QUANTITY ? line_left(fold, line).quantity_earning : line_left(fold, line).amount_earning;
}

void
factors_add(Factors *factors, const Program *program, const MultiplyRule *rule, int tier)
{
	const TierFactor *by = PROGRAM_LIST(program, rule->by, TierFactor);
	Decimal		factor = rule->factor;

	if (rule->by.n > 0)
	{
		uint32		k = 0;

		while (k < rule->by.n && (int) by[k].tier != tier)
			k++;
		if (k == rule->by.n)
			return;
		factor = by[k].factor;
	}
	factors->largest = Max(factors->largest, factor);
	factors->max |= rule->stack == STACK_MAX;
	if (rule->stack == STACK_REPLACE)
	{
		factors->replace = true;
		factors->last = factor;
	}
	if (!factors->replace && !factors->max)
		factors->product = fraction_scale(factors->product, factor, DECIMAL_ONE);
}

Fraction
factors_result(const Factors *factors)
{
	if (!factors->replace && !factors->max)
		return factors->product;
	return fraction_scale((Fraction) {1, 1}, factors->replace ? factors->last : factors->largest, DECIMAL_ONE);
}

/* The factor of the multiply rules for a line. */
static Fraction
factor_of(Fold *fold, const Order *order, const Line *line)
{
	Factors		factors = {.product = {1, 1}};

	for (uint32 i = 0; i < fold->rules.program->multiply.n; i++)
	{
		const MultiplyRule *rule = &fold->rules.multiply[i];

		if (rule_in_force(fold, &rule->rule, order->at) &&
			line_matches(fold, &rule->rule, line) && audience_has_order(fold, &rule->audience, order))
			factors_add(&factors, fold->rules.program, rule, order->tier);
	}
	return factors_result(&factors);
}

/* Points of a whole that is counted in one: tables, and steps of the magnitude. */
static Decimal
points_of_total(const Program *program, const EarnRule *rule, Fraction total)
{
	const Bracket *brackets = PROGRAM_LIST(program, rule->table, Bracket);
	bool		negative = total.num < 0;
	int128		whole;
	int128		scaled;
	Decimal		points = 0;

	if (rule->table.n > 0)
	{
		whole = fraction_floor(total);
		for (uint32 i = 0; i < rule->table.n; i++)
		{
			if (brackets[i].from > whole)
				break;
			points = brackets[i].points;
		}
		return points;
	}
	/* whole steps of `per` */
	if (negative)
		total.num = -total.num;
	scaled = fraction_floor(total) / rule->per;
	if (__builtin_mul_overflow(scaled, (int128) rule->points, &scaled) || scaled >= DECIMAL_LIMIT)
		fold_overflow();
	return (Decimal) (negative ? -scaled : scaled);
}

/* Which lines are asked about: points of whole orders are shared out to them. */
typedef struct Part
{
	int			from;			/* line */
	int			until;			/* excluded */
	bool		factors;		/* do multipliers apply? */
} Part;

static bool
part_has(const Part *part, int l)
{
	return l >= part->from && l < part->until;
}

static bool
line_earns(Fold *fold, const EarnRule *rule, const Line *line)
{
	return !line->earns_no_more && line_matches(fold, &rule->rule, line);
}

/* What a rule gives for an order, however much it is. */
static Fraction
points_per_order(const Program *program, const EarnRule *rule)
{
	if (rule->table.n > 0 || rule->steps)
		return (Fraction) {points_of_total(program, rule, (Fraction) {DECIMAL_ONE, 1}), 1};
	return fraction_scale((Fraction) {DECIMAL_ONE, 1}, rule->num, rule->den);
}

/* By line these are one part, rounded once: that of the first line that matches. */
static Fraction
first_line_earns(Fold *fold, const Order *order, const EarnRule *rule, const Part *part)
{
	Fraction	points = {0, 1};
	int			l = order->first_line;

	while (l != NONE && !line_earns(fold, rule, &fold->trade.lines[l]))
		l = fold->trade.lines[l].next;
	if (l == NONE || !part_has(part, l))
		return points;
	points = points_per_order(fold->rules.program, rule);
	if (part->factors && fold->rules.program->multiply.n > 0)
	{
		Fraction	factor = factor_of(fold, order, &fold->trade.lines[l]);

		points = fraction_scale(points, factor.num, factor.den);
	}
	return points;
}

/* Points of one rule for a part of an order. */
static Fraction
rule_earns(Fold *fold, const Order *order, const EarnRule *rule, const Part *part)
{
	bool		whole = rule->table.n > 0 || rule->steps || rule->of == BY_ORDERS;
	bool		alone = fold->rules.program->scope == SCOPE_LINE;
	Fraction	total = {0, 1}; /* counted, of all matching lines */
	Fraction	weighted = {0, 1};	/* counted x factor, of the part's */
	Fraction	alike = {0, 1}; /* factors of the part's */
	int			matching = 0;
	Fraction	points;

	if (alone && rule->of == BY_ORDERS)
		return first_line_earns(fold, order, rule, part);
	for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
	{
		const Line *line = &fold->trade.lines[l];
		Fraction	value;
		Fraction	factor = {1, 1};

		if ((alone && !part_has(part, l)) || !line_earns(fold, rule, line))
			continue;
		matching++;
		value = counted(fold, line, rule);
		if (whole)
			total = fraction_add(total, value);
		if (!part_has(part, l))
			continue;
		if (part->factors && fold->rules.program->multiply.n > 0)
			factor = factor_of(fold, order, line);
		weighted = fraction_add(weighted, fraction_scale(value, factor.num, factor.den));
		if (whole)
			alike = fraction_add(alike, factor);
	}
	if (!whole)
		return fraction_scale(weighted, rule->num, rule->den);
	if (matching == 0)
		return weighted;

	points = rule->of == BY_ORDERS ? points_per_order(fold->rules.program, rule) :
		(Fraction) {points_of_total(fold->rules.program, rule, total), 1};

	/* shared out over the matching lines by what is counted, or alike */
	if (total.num != 0)
	{
		points = fraction_scale(points, weighted.num, total.num);
		return fraction_scale(points, total.den, weighted.den);
	}
	points = fraction_scale(points, alike.num, alike.den);
	return fraction_scale(points, 1, matching);
}

/* The money of an order that counts for what it earns. */
static Fraction
money_earning(const Fold *fold, const Order *order)
{
	Fraction	sum = {0, 1};

	for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
		sum = fraction_add(sum, line_left(fold, &fold->trade.lines[l]).amount_earning);
	return sum;
}

/*
 * Points of all rules that apply to an order at its date, for a part of it; a
 * refund without ref takes none that are given per order.
 */
static Fraction
rules_earn(Fold *fold, const Order *order, const Part *part, Fraction money)
{
	Fraction	sum = {0, 1};

	for (uint32 i = 0; i < fold->rules.program->earn.n; i++)
	{
		const EarnRule *rule = &fold->rules.earn[i];

		if (!rule_in_force(fold, &rule->rule, order->at) || (order->minus && rule->of == BY_ORDERS) ||
			!audience_has_order(fold, &rule->audience, order))
			continue;
		if (rule->minimum != PG_INT64_MIN && fraction_floor(money) < rule->minimum)
			continue;
		sum = fraction_add(sum, rule_earns(fold, order, rule, part));
	}
	return sum;
}

/* What remains of an order's points that refunds have reduced in proportion. */
static Fraction
remaining_share(const Fold *fold, const Order *order, Fraction points, Fraction money)
{
	Fraction	left;

	if (order->given_up == NONE || money.num == 0)
		return points;
	left = fold->trade.given_up[order->given_up];
	left.num = -left.num;
	left = fraction_add(money, left);
	return fraction_scale(fraction_scale(points, left.num, money.num), money.den, left.den);
}

Fraction
order_earns(Fold *fold, const Order *order)
{
	Part		part = {0, fold->trade.nlines, true};
	Fraction	money = money_earning(fold, order);
	Fraction	sum = {0, 1};

	if (money.num < 0 || order->void_of_points)
		return sum;
	if (fold->rules.program->scope != SCOPE_LINE)
		sum = remaining_share(fold, order, rules_earn(fold, order, &part, money), money);
	else
	{
		for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
		{
			Fraction	line;

			part.from = l;
			part.until = l + 1;
			line = remaining_share(fold, order, rules_earn(fold, order, &part, money), money);
			sum = fraction_add(sum, (Fraction) {points_round(fold->rules.program, line), 1});
		}
	}
	return sum.num < 0 ? (Fraction) {0, 1} : sum;
}

/* Points of a part of an order, line by line if that is the scope. */
static Fraction
lines_earn(Fold *fold, const Order *order, const Part *part, Fraction money)
{
	Fraction	sum = {0, 1};

	if (fold->rules.program->scope != SCOPE_LINE)
		return rules_earn(fold, order, part, money);
	for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
	{
		Part		line = *part;

		if (l < part->from || l >= part->until)
			continue;
		line.from = l;
		line.until = l + 1;
		sum = fraction_add(sum, rules_earn(fold, order, &line, money));
	}
	return sum;
}

Fraction
order_raw_points(Fold *fold, const Order *order, int first_line, int nlines)
{
	Part		whole = {0, fold->trade.nlines, false};
	Part		part = {first_line, first_line + nlines, false};
	Fraction	money = money_earning(fold, order);

	/* an order whose points are below 0 as a whole has none */
	if (money.num < 0 || order->void_of_points ||
		remaining_share(fold, order, lines_earn(fold, order, &whole, money), money).num <= 0)
		return (Fraction) {0, 1};
	return remaining_share(fold, order, lines_earn(fold, order, &part, money), money);
}

const char *
order_rules(Fold *fold, const Order *order)
{
	StringInfoData names;

	initStringInfo(&names);
	for (uint32 i = 0; i < fold->rules.program->earn.n; i++)
	{
		const EarnRule *rule = &fold->rules.earn[i];
		Part		part = {0, fold->trade.nlines, false};

		if (rule_in_force(fold, &rule->rule, order->at) && audience_has_order(fold, &rule->audience, order) &&
			rule_earns(fold, order, rule, &part).num != 0)
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 rule_label(fold, &rule->rule, "earn", (int) i));
	}
	for (uint32 i = 0; i < fold->rules.program->multiply.n; i++)
	{
		const MultiplyRule *rule = &fold->rules.multiply[i];
		const TierFactor *by = PROGRAM_LIST(fold->rules.program, rule->by, TierFactor);
		bool		applies = rule->by.n == 0;

		for (uint32 k = 0; k < rule->by.n; k++)
			applies |= (int) by[k].tier == order->tier;
		if (applies && rule_in_force(fold, &rule->rule, order->at) && order_matches(fold, order, &rule->rule) &&
			audience_has_order(fold, &rule->audience, order))
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 rule_label(fold, &rule->rule, "multiply", (int) i));
	}
	return names.data;
}
