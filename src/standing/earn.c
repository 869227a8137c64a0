/*
 * earn.c
 *		What an order earns: its rules, its factors, its rounding.
 *
 * All arithmetic is exact: a rate of 1 point per 3.00 is a fraction until the
 * one place where the program rounds.  The rules and the tier are those of the
 * order's date, whenever it is rated again.
 */
#include "postgres.h"

#include "standing/fold.h"

static int128
gcd(int128 a, int128 b)
{
	a = a < 0 ? -a : a;
	b = b < 0 ? -b : b;
	while (b > PG_INT64_MAX || (a > PG_INT64_MAX && b != 0))
	{
		int128		rest = a % b;

		a = b;
		b = rest;
	}
	if (b != 0)
	{
		uint64		x = (uint64) a;
		uint64		y = (uint64) b;

		while (y != 0)
		{
			uint64		rest = x % y;

			x = y;
			y = rest;
		}
		a = x;
	}
	return a;
}

static Fraction
reduced(int128 num, int128 den)
{
	int128		g = gcd(num, den);
	Fraction	f;

	if (den < 0)
		g = -g;
	f.num = num / g;
	f.den = den / g;
	return f;
}

/*
 * A fraction whose terms have grown beyond what can be multiplied further, to
 * 12 decimals of a millionth: that takes many partial refunds of one order.
 */
static Fraction
rounded_off(Fraction a)
{
	const int128 unit = INT64CONST(1000000000000);
	int128		whole;
	int128		rest;

	if (a.den <= unit)
		return a;
	whole = a.num / a.den;
	rest = a.num % a.den;
	while (a.den > PG_INT64_MAX)
	{
		a.den /= 2;
		rest /= 2;
	}
	if (__builtin_mul_overflow(whole, unit, &a.num))
		fold_overflow();
	a.num += rest * unit / a.den;
	return reduced(a.num, unit);
}

/* a x num / den */
Fraction
fraction_scale(Fraction a, int128 num, int128 den)
{
	Fraction	by;
	int128		g;

	if (num == den)
		return a;
	if (num == 0 || a.num == 0)
	{
		a.num = 0;
		a.den = 1;
		return a;
	}
	by = reduced(num, den);
	for (int attempt = 0;; attempt++)
	{
		Fraction	result;

		if (by.den > 1 && (g = gcd(a.num, by.den)) > 1)
		{
			a.num /= g;
			by.den /= g;
		}
		if (a.den > 1 && (g = gcd(by.num, a.den)) > 1)
		{
			by.num /= g;
			a.den /= g;
		}
		if (!__builtin_mul_overflow(a.num, by.num, &result.num) &&
			!__builtin_mul_overflow(a.den, by.den, &result.den))
			return result;
		if (attempt > 0)
			fold_overflow();
		a = rounded_off(a);
		by = rounded_off(by);
	}
}

Fraction
fraction_add(Fraction a, Fraction b)
{
	if (a.den == b.den)
	{
		if (__builtin_add_overflow(a.num, b.num, &a.num))
			fold_overflow();
		return a;
	}
	if (a.num == 0)
		return b;
	if (b.num == 0)
		return a;
	for (int attempt = 0;; attempt++)
	{
		int128		g = gcd(a.den, b.den);
		int128		left;
		int128		right;
		int128		den;

		if (!__builtin_mul_overflow(a.num, b.den / g, &left) &&
			!__builtin_mul_overflow(b.num, a.den / g, &right) &&
			!__builtin_mul_overflow(a.den, b.den / g, &den) &&
			!__builtin_add_overflow(left, right, &left))
			return reduced(left, den);
		if (attempt > 0)
			fold_overflow();
		a = rounded_off(a);
		b = rounded_off(b);
	}
}

/* The greatest whole number of millionths that it reaches. */
static int128
fraction_floor(Fraction f)
{
	int128		whole = f.num / f.den;

	return f.num < 0 && whole * f.den != f.num ? whole - 1 : whole;
}

/* The one rounding: on the magnitude, to the program's decimals. */
Decimal
points_round(const Program *program, Fraction f)
{
	int128		unit = program->round == ROUND_NONE ? 1 :
		decimal_power10[DECIMAL_PLACES - program->decimals];
	bool		negative = f.num < 0;
	int128		magnitude;
	int128		den;
	int128		whole;
	int128		rest;

	if (__builtin_mul_overflow(f.den, unit, &den))
	{
		f = rounded_off(f);
		den = f.den * unit;
	}
	magnitude = negative ? -f.num : f.num;
	whole = magnitude / den;
	rest = magnitude % den;
	switch ((RoundMode) program->round)
	{
		case ROUND_DOWN:
			break;
		case ROUND_UP:
			whole += rest > 0;
			break;
		case ROUND_HALF_UP:
		case ROUND_NONE:
			whole += rest >= den - rest;
			break;
	}
	if (whole >= DECIMAL_LIMIT / unit)
		fold_overflow();
	whole *= unit;
	return (Decimal) (negative ? -whole : whole);
}

/* What is counted of a line. */
static inline Fraction
counted(const Line *line, const EarnRule *rule)
{
	return rule->of == BY_QUANTITY ? line->quantity_earning : line->amount_earning;
}

/* Take a multiply rule that applies into account, if it has a factor for the tier. */
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

/* The last that replaces, else the largest if one is `max`, else the product. */
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

	for (uint32 i = 0; i < fold->program->multiply.n; i++)
	{
		const MultiplyRule *rule = &fold->multiply[i];

		if (rule_in_force(fold, &rule->rule, order->at) &&
			rule_matches(fold, &rule->rule, line->tags, line->tags_id))
			factors_add(&factors, fold->program, rule, order->tier);
	}
	return factors_result(&factors);
}

/* Points of a whole that is counted in one: steps and tables. */
static Decimal
points_of_total(const Program *program, const EarnRule *rule, Fraction total)
{
	const Bracket *brackets = PROGRAM_LIST(program, rule->table, Bracket);
	int128		whole = fraction_floor(total);
	int128		scaled;
	Decimal		points = 0;

	if (rule->table.n > 0)
	{
		for (uint32 i = 0; i < rule->table.n; i++)
		{
			if (brackets[i].from > whole)
				break;
			points = brackets[i].points;
		}
		return points;
	}
	/* whole steps of `per` */
	if (total.num <= 0)
		return 0;
	scaled = whole / rule->per;
	if (__builtin_mul_overflow(scaled, (int128) rule->points, &scaled) || scaled >= DECIMAL_LIMIT)
		fold_overflow();
	return (Decimal) scaled;
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

/* Points of one rule for a part of an order. */
static Fraction
rule_earns(Fold *fold, const Order *order, const EarnRule *rule, const Part *part)
{
	bool		whole = rule->table.n > 0 || rule->steps || rule->of == BY_ORDERS;
	bool		alone = fold->program->scope == SCOPE_LINE && rule->of != BY_ORDERS;
	Fraction	total = {0, 1}; /* counted, of all matching lines */
	Fraction	weighted = {0, 1};	/* counted x factor, of the part's */
	Fraction	alike = {0, 1}; /* factors of the part's */
	int			matching = 0;
	Fraction	points;

	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		const Line *line = &fold->lines[l];
		Fraction	value;
		Fraction	factor = {1, 1};

		if ((alone && !part_has(part, l)) ||
			!rule_matches(fold, &rule->rule, line->tags, line->tags_id) ||
			line->earns_no_more)
			continue;
		matching++;
		value = counted(line, rule);
		if (whole)
			total = fraction_add(total, value);
		if (!part_has(part, l))
			continue;
		if (part->factors && fold->program->multiply.n > 0)
			factor = factor_of(fold, order, line);
		weighted = fraction_add(weighted, fraction_scale(value, factor.num, factor.den));
		if (whole)
			alike = fraction_add(alike, factor);
	}
	if (!whole)
		return fraction_scale(weighted, rule->num, rule->den);
	if (matching == 0)
		return weighted;

	if (rule->of != BY_ORDERS)
		points = (Fraction) {points_of_total(fold->program, rule, total), 1};
	else if (rule->table.n > 0 || rule->steps)
		points = (Fraction) {points_of_total(fold->program, rule, (Fraction) {DECIMAL_ONE, 1}), 1};
	else
		points = fraction_scale((Fraction) {DECIMAL_ONE, 1}, rule->num, rule->den);

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

	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
		sum = fraction_add(sum, fold->lines[l].amount_earning);
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

	for (uint32 i = 0; i < fold->program->earn.n; i++)
	{
		const EarnRule *rule = &fold->earn[i];

		if (!rule_in_force(fold, &rule->rule, order->at) || (order->minus && rule->of == BY_ORDERS))
			continue;
		if (rule->minimum != PG_INT64_MIN && fraction_floor(money) < rule->minimum)
			continue;
		sum = fraction_add(sum, rule_earns(fold, order, rule, part));
	}
	return sum;
}

/* What remains of an order's points that refunds have reduced in proportion. */
static Fraction
remaining_share(const Order *order, Fraction points, Fraction money)
{
	Fraction	left;

	if (order->given_up.num == 0 || money.num == 0)
		return points;
	left = fraction_add(money, (Fraction) {-order->given_up.num, order->given_up.den});
	return fraction_scale(fraction_scale(points, left.num, money.num), money.den, left.den);
}

/*
 * What an order earns before rounding (under `scope: line` after it: each line
 * is rounded by itself), at least 0.
 */
Fraction
order_earns(Fold *fold, const Order *order)
{
	Part		part = {0, fold->nlines, true};
	Fraction	money = money_earning(fold, order);
	Fraction	sum = {0, 1};

	if (money.num < 0)
		return sum;
	if (fold->program->scope != SCOPE_LINE)
		sum = remaining_share(order, rules_earn(fold, order, &part, money), money);
	else
	{
		for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
		{
			Fraction	line;

			part.from = l;
			part.until = l + 1;
			line = remaining_share(order, rules_earn(fold, order, &part, money), money);
			sum = fraction_add(sum, (Fraction) {points_round(fold->program, line), 1});
		}
	}
	return sum.num < 0 ? (Fraction) {0, 1} : sum;
}

/* Points of a part of an order, line by line if that is the scope. */
static Fraction
lines_earn(Fold *fold, const Order *order, const Part *part, Fraction money)
{
	Fraction	sum = {0, 1};

	if (fold->program->scope != SCOPE_LINE)
		return rules_earn(fold, order, part, money);
	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
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

/* The metric points of the lines that an entry brought: the rules before factors. */
Fraction
order_raw_points(Fold *fold, const Order *order, const Entry *entry)
{
	Part		whole = {0, fold->nlines, false};
	Part		part = {entry->first_line, entry->first_line + entry->nlines, false};
	Fraction	money = money_earning(fold, order);

	/* an order whose points are below 0 as a whole has none */
	if (money.num < 0 || remaining_share(order, lines_earn(fold, order, &whole, money), money).num <= 0)
		return (Fraction) {0, 1};
	return remaining_share(order, lines_earn(fold, order, &part, money), money);
}

/* The earn rules and factors behind an order's points, for the statement. */
const char *
order_rules(Fold *fold, const Order *order)
{
	StringInfoData names;

	initStringInfo(&names);
	for (uint32 i = 0; i < fold->program->earn.n; i++)
	{
		const EarnRule *rule = &fold->earn[i];
		Part		part = {0, fold->nlines, false};

		if (rule_in_force(fold, &rule->rule, order->at) && rule_earns(fold, order, rule, &part).num != 0)
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 rule_label(fold, &rule->rule, "earn", (int) i));
	}
	for (uint32 i = 0; i < fold->program->multiply.n; i++)
	{
		const MultiplyRule *rule = &fold->multiply[i];
		const TierFactor *by = PROGRAM_LIST(fold->program, rule->by, TierFactor);
		bool		applies = rule->by.n == 0;

		for (uint32 k = 0; k < rule->by.n; k++)
			applies |= (int) by[k].tier == order->tier;
		if (applies && rule_in_force(fold, &rule->rule, order->at) && order_matches(fold, order, &rule->rule))
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 rule_label(fold, &rule->rule, "multiply", (int) i));
	}
	return names.data;
}

/* Has some line of the order, from `from` up to `until`, the tag? */
static bool
lines_have_tag(const Fold *fold, int from, int until, const ProgramName *name)
{
	for (int l = from; l != NONE && l < until; l = fold->lines[l].next)
	{
		if (tags_contain(fold->lines[l].tags, PROGRAM_NAME(fold->program, *name), name->len))
			return true;
	}
	return false;
}

/* A rule about several lines sees the tags of all of them together. */
bool
lines_match(Fold *fold, const Rule *rule, int from, int until)
{
	const Line *line = &fold->lines[from];
	bool		found = rule->any.n == 0;

	if (line->next == NONE || line->next >= until)
		return rule_matches(fold, rule, line->tags, line->tags_id);
	for (uint32 i = 0; i < rule->any.n && !found; i++)
		found = lines_have_tag(fold, from, until, &PROGRAM_LIST(fold->program, rule->any, ProgramName)[i]);
	for (uint32 i = 0; i < rule->all.n && found; i++)
		found = lines_have_tag(fold, from, until, &PROGRAM_LIST(fold->program, rule->all, ProgramName)[i]);
	for (uint32 i = 0; i < rule->none.n && found; i++)
		found = !lines_have_tag(fold, from, until, &PROGRAM_LIST(fold->program, rule->none, ProgramName)[i]);
	return found;
}

bool
order_matches(Fold *fold, const Order *order, const Rule *rule)
{
	return lines_match(fold, rule, order->first_line, PG_INT32_MAX);
}
