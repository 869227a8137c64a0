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

static int64
gcd(int128 a, int128 b)
{
	while (b != 0)
	{
		int128		rest = a % b;

		a = b;
		b = rest;
	}
	return (int64) (a < 0 ? -a : a);
}

Fraction
fraction_scale(Fraction a, int64 num, int64 den)
{
	int64		g;

	if (num == den)
		return a;
	if (num == 0)
	{
		a.num = 0;
		a.den = 1;
		return a;
	}
	g = gcd(num, den);
	num /= g;
	den /= g;
	if (den < 0)
	{
		num = -num;
		den = -den;
	}
	if (den > 1 && (g = gcd(a.num, den)) > 1)
	{
		a.num /= g;
		den /= g;
	}
	if (a.den > 1 && (g = gcd(num, a.den)) > 1)
	{
		num /= g;
		a.den /= g;
	}
	if (__builtin_mul_overflow(a.num, (int128) num, &a.num) ||
		__builtin_mul_overflow(a.den, den, &a.den))
		fold_overflow();
	return a;
}

Fraction
fraction_add(Fraction a, Fraction b)
{
	int64		g;

	if (a.den != b.den)
	{
		int64		up;

		if (a.num == 0)
			return b;
		if (b.num == 0)
			return a;
		g = gcd(a.den, b.den);
		up = b.den / g;
		if (__builtin_mul_overflow(b.num, (int128) (a.den / g), &b.num) ||
			__builtin_mul_overflow(a.num, (int128) up, &a.num) ||
			__builtin_mul_overflow(a.den, up, &a.den))
			fold_overflow();
	}
	if (__builtin_add_overflow(a.num, b.num, &a.num))
		fold_overflow();
	return a;
}

/* The one rounding: on the magnitude, to the program's decimals. */
Decimal
points_round(const Program *program, Fraction f)
{
	int128		unit = program->round == ROUND_NONE ? 1 :
		decimal_power10[DECIMAL_PLACES - program->decimals];
	bool		negative = f.num < 0;
	int128		magnitude = negative ? -f.num : f.num;
	int128		den;
	int128		whole;
	int128		rest;

	if (__builtin_mul_overflow((int128) f.den, unit, &den))
		fold_overflow();
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

/*
 * What is counted of a line.  Amounts are those before the refunds that took
 * from all lines alike: these scale the sum (see Order).
 */
static inline Decimal
counted(const Line *line, const EarnRule *rule, bool gross)
{
	if (rule->of == BY_QUANTITY)
		return gross ? line->quantity : line->quantity_left;
	return gross ? line->amount : line->amount_left;
}

/* The factor of the multiply rules for a line with those tags. */
static void
factor_of(Fold *fold, const Order *order, const Line *line, int64 *num, int64 *den)
{
	const Program *p = fold->program;
	Fraction	product = {1, 1};
	Decimal		largest = 0;
	Decimal		last = 0;
	bool		max = false;
	bool		replace = false;

	*num = *den = 1;
	for (uint32 i = 0; i < p->multiply.n; i++)
	{
		const MultiplyRule *rule = &fold->multiply[i];
		Decimal		factor = rule->factor;

		if (!rule_in_force(fold, &rule->rule, order->at) ||
			!rule_matches(fold, &rule->rule, line->tags, line->tags_id))
			continue;
		if (rule->by.n > 0)
		{
			const TierFactor *by = PROGRAM_LIST(p, rule->by, TierFactor);
			uint32		k = 0;

			while (k < rule->by.n && (int) by[k].tier != order->tier)
				k++;
			if (k == rule->by.n)
				continue;
			factor = by[k].factor;
		}
		largest = Max(largest, factor);
		max |= rule->stack == STACK_MAX;
		if (rule->stack == STACK_REPLACE)
		{
			replace = true;
			last = factor;
		}
		if (!replace && !max)
			product = fraction_scale(product, factor, DECIMAL_ONE);
	}
	if (replace || max)
	{
		product.num = product.den = 1;
		product = fraction_scale(product, replace ? last : largest, DECIMAL_ONE);
	}
	if (product.num > PG_INT64_MAX)
		fold_overflow();
	*num = (int64) product.num;
	*den = product.den;
}

/* What is left of an amount before the refunds that took from all lines alike. */
static inline Fraction
left_of(const Order *order, int128 amount, bool gross)
{
	Fraction	f;

	f.num = amount;
	f.den = 1;
	if (!gross && order->amount_left != order->amount_base)
		f = fraction_scale(f, order->amount_left, order->amount_base);
	return f;
}

/* Points of a whole that is counted in one: steps and tables. */
static Decimal
points_of_total(const Program *program, const EarnRule *rule, Fraction total)
{
	const Bracket *brackets = PROGRAM_LIST(program, rule->table, Bracket);
	int128		scaled;
	Decimal		points = 0;

	if (total.num <= 0)
		return 0;
	if (rule->table.n > 0)
	{
		for (uint32 i = 0; i < rule->table.n; i++)
		{
			if ((int128) brackets[i].from * total.den > total.num)
				break;
			points = brackets[i].points;
		}
		return points;
	}
	/* whole steps of `per` */
	scaled = total.num / ((int128) rule->per * total.den);
	if (__builtin_mul_overflow(scaled, (int128) rule->points, &scaled) || scaled >= DECIMAL_LIMIT)
		fold_overflow();
	return (Decimal) scaled;
}

/* Does the line count for the rule and the metric? */
static inline bool
line_matches(Fold *fold, const EarnRule *rule, const Line *line, const Metric *metric)
{
	return rule_matches(fold, &rule->rule, line->tags, line->tags_id) &&
		(metric == NULL ||
		 where_matches(fold, &metric->any, &metric->all, &metric->none, line->tags));
}

/* a line that has been given back entirely */
static inline bool
line_returned(const Order *order, const Line *line, bool gross)
{
	return !gross && (order->returned || (line->amount != 0 && line->amount_left == 0));
}

/*
 * Points of one rule for some of the order's lines: all of them, or one under
 * `scope: line`.  `factors` says whether multipliers apply.
 */
static Fraction
rule_earns(Fold *fold, const Order *order, const EarnRule *rule, int only, bool gross, bool factors,
		   const Entry *entry, const Metric *metric)
{
	Fraction	sum = {0, 1};
	Fraction	weighted = {0, 1};	/* counted x factor */
	int128		total = 0;		/* of what is counted, all matching lines */
	int128		basis = 0;		/* what the points are shared out by */
	int			matching = 0;
	Decimal		points;
	bool		rate = rule->table.n == 0 && !rule->steps && rule->of != BY_ORDERS;

	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		const Line *line = &fold->lines[l];
		Decimal		value;
		int64		num = 1;
		int64		den = 1;
		Fraction	part;

		if ((only != NONE && l != only) ||
			!rule_matches(fold, &rule->rule, line->tags, line->tags_id))
			continue;
		if (rule->of == BY_ORDERS && line_returned(order, line, gross))
			continue;
		value = counted(line, rule, gross);
		total += value;
		basis += value;
		matching++;
		if (metric && !line_matches(fold, rule, line, metric))
			continue;
		if (entry && (l < entry->first_line || l >= entry->first_line + entry->nlines))
			continue;
		if (factors)
			factor_of(fold, order, line, &num, &den);
		part.num = value;
		part.den = 1;
		weighted = fraction_add(weighted, fraction_scale(part, num, den));
	}
	if (matching == 0)
		return sum;

	if (rate)
	{
		if (rule->of != BY_QUANTITY && !gross && order->amount_left != order->amount_base)
			weighted = fraction_scale(weighted, order->amount_left, order->amount_base);
		return fraction_scale(weighted, rule->num, rule->den);
	}
	if (rule->of == BY_ORDERS)
	{
		Fraction	one = {DECIMAL_ONE, 1};

		if (rule->table.n > 0 || rule->steps)
			points = points_of_total(fold->program, rule, one);
		else
		{
			/* 1 order x points / per */
			one = fraction_scale(one, rule->num, rule->den);
			if (basis <= 0)
				return one;
			if (basis > PG_INT64_MAX)
				fold_overflow();
			weighted = fraction_scale(weighted, 1, (int64) basis);
			/* weighted is now the factor, shared out */
			if (weighted.num > PG_INT64_MAX || weighted.num < PG_INT64_MIN)
				fold_overflow();
			return fraction_scale(one, (int64) weighted.num, weighted.den);
		}
	}
	else
		points = points_of_total(fold->program, rule,
								 rule->of == BY_QUANTITY ? left_of(order, total, true) :
								 left_of(order, total, gross));
	sum.num = points;
	if (points == 0 || basis <= 0)
		return sum;

	/* shared out over the matching lines, each with its factor */
	if (basis > PG_INT64_MAX)
		fold_overflow();
	weighted = fraction_scale(weighted, 1, (int64) basis);
	if (weighted.num > PG_INT64_MAX || weighted.num < PG_INT64_MIN)
		fold_overflow();
	return fraction_scale(sum, (int64) weighted.num, weighted.den);
}

/* The rules that apply to an order at its date. */
static bool
rule_applies(Fold *fold, const Order *order, const EarnRule *rule, bool gross)
{
	if (!rule_in_force(fold, &rule->rule, order->at))
		return false;
	return rule->minimum == PG_INT64_MIN ||
		(gross ? order->amount : order->amount_left) >= rule->minimum;
}

static bool
counts_gross(const Order *order)
{
	return order->mode != EARNED_RECOMPUTE;
}

/*
 * What an order earns before rounding (under `scope: line` after it: each line
 * is rounded by itself), at least 0.
 */
Fraction
order_earns(Fold *fold, const Order *order)
{
	const Program *p = fold->program;
	bool		gross = counts_gross(order);
	Fraction	sum = {0, 1};

	if (!gross && (order->returned || order->amount_left < 0))
		return sum;
	if (p->scope == SCOPE_LINE)
	{
		for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
		{
			Fraction	line = {0, 1};

			for (uint32 i = 0; i < p->earn.n; i++)
			{
				if (rule_applies(fold, order, &fold->earn[i], gross))
					line = fraction_add(line, rule_earns(fold, order, &fold->earn[i], l, gross, true, NULL, NULL));
			}
			/* a share is rounded once, at the end */
			if (order->mode != EARNED_PROPORTIONAL)
			{
				line.num = points_round(p, line);
				line.den = 1;
			}
			sum = fraction_add(sum, line);
		}
	}
	else
	{
		for (uint32 i = 0; i < p->earn.n; i++)
		{
			if (rule_applies(fold, order, &fold->earn[i], gross))
				sum = fraction_add(sum, rule_earns(fold, order, &fold->earn[i], NONE, gross, true, NULL, NULL));
		}
	}
	if (order->mode == EARNED_PROPORTIONAL && order->amount_left != order->amount)
	{
		if (order->returned || order->amount == 0)
			sum.num = 0;
		else
			sum = fraction_scale(sum, order->amount_left, order->amount);
	}
	if (sum.num < 0)
		sum.num = 0;
	return sum;
}

/*
 * The metric points of the lines that an entry brought: the rules' sum before
 * factors, in units of 1 / points_den millionths.
 */
int128
order_raw_points(Fold *fold, const Order *order, const Entry *entry, const Metric *metric)
{
	const Program *p = fold->program;
	bool		gross = counts_gross(order);
	Fraction	sum = {0, 1};

	if (!gross && (order->returned || order->amount_left < 0))
		return 0;
	for (uint32 i = 0; i < p->earn.n; i++)
	{
		if (rule_applies(fold, order, &fold->earn[i], gross))
			sum = fraction_add(sum, rule_earns(fold, order, &fold->earn[i], NONE, gross, false, entry,
											   metric->any.n + metric->all.n + metric->none.n ? metric : NULL));
	}
	if (order->mode == EARNED_PROPORTIONAL && order->amount_left != order->amount)
	{
		if (order->returned || order->amount == 0)
			return 0;
		sum = fraction_scale(sum, order->amount_left, order->amount);
	}
	if (__builtin_mul_overflow(sum.num, (int128) fold->points_den, &sum.num))
		fold_overflow();
	return sum.num / sum.den;
}

/* The earn rules and factors behind an order's points, for the statement. */
const char *
order_rules(Fold *fold, const Order *order)
{
	StringInfoData names;

	initStringInfo(&names);
	for (uint32 i = 0; i < fold->program->earn.n; i++)
	{
		const Rule *rule = &fold->earn[i].rule;

		if (rule_applies(fold, order, &fold->earn[i], false) &&
			rule_earns(fold, order, &fold->earn[i], NONE, false, false, NULL, NULL).num != 0)
			appendStringInfo(&names, "%s%s", names.len ? ", " : "", rule_label(fold, rule, "earn", (int) i));
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

static bool
order_has_tag(const Fold *fold, const Order *order, const ProgramName *name)
{
	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		if (tags_contain(fold->lines[l].tags, PROGRAM_NAME(fold->program, *name), name->len))
			return true;
	}
	return false;
}

/* A rule about a whole order sees the tags of all its lines together. */
bool
order_matches(Fold *fold, const Order *order, const Rule *rule)
{
	const Line *line = &fold->lines[order->first_line];
	bool		found = rule->any.n == 0;

	if (line->next == NONE)
		return rule_matches(fold, rule, line->tags, line->tags_id);
	for (uint32 i = 0; i < rule->any.n && !found; i++)
		found = order_has_tag(fold, order, &PROGRAM_LIST(fold->program, rule->any, ProgramName)[i]);
	for (uint32 i = 0; i < rule->all.n && found; i++)
		found = order_has_tag(fold, order, &PROGRAM_LIST(fold->program, rule->all, ProgramName)[i]);
	for (uint32 i = 0; i < rule->none.n && found; i++)
		found = !order_has_tag(fold, order, &PROGRAM_LIST(fold->program, rule->none, ProgramName)[i]);
	return found;
}
