/*
 * metrics.c
 *		What tiers and milestones count: spend, points, orders, quantity,
 *		profit, and sums over some of their lines.
 */
#include "postgres.h"

#include "standing/fold.h"

static void
use(Fold *fold, uint32 metric)
{
	fold->metric_used[metric] = true;
	fold->counts = true;
}

void
metrics_prepare(Fold *fold)
{
	const Program *p = fold->program;

	memset(fold->metric_used, 0, sizeof(fold->metric_used));
	memset(fold->totals, 0, sizeof(fold->totals));
	fold->counts = false;
	for (uint32 v = 0; v < p->tiers.n; v++)
	{
		const TiersRule *tiers = &fold->tiers[v];
		const Level *levels = PROGRAM_LIST(p, tiers->levels, Level);

		use(fold, tiers->by);
		if (tiers->has_rollover)
			use(fold, tiers->rollover_metric);
		for (uint32 l = 0; l < tiers->levels.n; l++)
		{
			const Need *needs = PROGRAM_LIST(p, levels[l].needs, Need);

			for (uint32 n = 0; n < levels[l].needs.n; n++)
			{
				const Condition *conditions = PROGRAM_LIST(p, needs[n].conditions, Condition);

				for (uint32 c = 0; c < needs[n].conditions.n; c++)
					use(fold, conditions[c].metric);
			}
		}
	}
	for (uint32 i = 0; i < p->bonus.n; i++)
	{
		if (fold->bonus[i].on == ON_MILESTONE)
			use(fold, fold->bonus[i].metric);
	}
}

/*
 * Sums are kept to 12 decimals; what rounding may leave of a third of a cent
 * must not keep a member below a threshold.
 */
#define METRIC_UNIT	INT64CONST(1000000)	/* of a millionth */
#define METRIC_NOISE INT64CONST(1000)

static int128
metric_from(Fraction f)
{
	bool		negative = f.num < 0;
	int128		magnitude = negative ? -f.num : f.num;
	int128		whole = magnitude / f.den;
	int128		rest = magnitude % f.den;

	while (f.den > PG_INT64_MAX)
	{
		f.den /= 2;
		rest /= 2;
	}
	/* sums of very many of them have room too */
	if (whole >= (int128) DECIMAL_LIMIT * DECIMAL_ONE)
		fold_overflow();
	whole = whole * METRIC_UNIT + (rest * METRIC_UNIT + f.den / 2) / f.den;
	return negative ? -whole : whole;
}

int128
metric_sum(Decimal v)
{
	return (int128) v * METRIC_UNIT;
}

bool
metric_reaches(int128 sum, Decimal threshold)
{
	return sum >= metric_sum(threshold) - METRIC_NOISE;
}

/* A sum as millionths, half up. */
int128
metric_shown(int128 sum)
{
	int128		magnitude = sum < 0 ? -sum : sum;

	magnitude = (magnitude + METRIC_UNIT / 2) / METRIC_UNIT;
	return sum < 0 ? -magnitude : magnitude;
}

/* How many whole times `every` goes into a sum; not below 0. */
int64
metric_multiples(int128 sum, Decimal every)
{
	int128		times = (sum + METRIC_NOISE) / ((int128) every * METRIC_UNIT);

	return (int64) Max(0, Min(times, PG_INT64_MAX));
}

/* What an entry adds to a metric, as its order stands now. */
static int128
measure(Fold *fold, const Entry *entry, const Metric *metric)
{
	const Order *order = &fold->orders[entry->order];
	Fraction	amount = {0, 1};
	Fraction	taken = {0, 1};
	Fraction	quantity = {0, 1};
	int128		cost = 0;
	int128		costs = 0;
	Fraction	result;

	if (metric->measure == BY_ORDERS)
	{
		/* once per order, with its first lines; any of its lines may match */
		bool		any = false;

		if (!entry->first || order->returned)
			return 0;
		for (int l = order->first_line; l != NONE && !any; l = fold->lines[l].next)
			any = !fold->lines[l].gone &&
				where_matches(fold, &metric->any, &metric->all, &metric->none, fold->lines[l].tags);
		return any ? (int128) DECIMAL_ONE * METRIC_UNIT : 0;
	}
	if (metric->measure == BY_POINTS)
	{
		if (order->kept)
			return 0;
		result = order_raw_points(fold, order, entry);
		return order->minus ? -metric_from(result) : metric_from(result);
	}

	for (int l = order->first_line; l != NONE; l = fold->lines[l].next)
	{
		const Line *line = &fold->lines[l];

		costs += line->cost;
		if (l < entry->first_line || l >= entry->first_line + entry->nlines ||
			!where_matches(fold, &metric->any, &metric->all, &metric->none, line->tags))
			continue;
		amount = fraction_add(amount, line->amount_left);
		taken = fraction_add(taken, (Fraction) {line->amount, 1});
		quantity = fraction_add(quantity, line->quantity_left);
		cost += line->cost;
	}
	switch ((Measure) metric->measure)
	{
		case BY_SPEND:
			result = amount;
			break;
		case BY_QUANTITY:
			result = quantity;
			break;
		default:
			result = fraction_add(amount, (Fraction) {-cost, 1});
			/* recovered cost goes with the money that went back */
			if (costs != order->cost_left && order->amount != order->amount_left)
			{
				amount.num = -amount.num;
				taken = fraction_add(taken, amount);
				result = fraction_add(result, fraction_scale(taken, costs - order->cost_left,
															 order->amount - order->amount_left));
			}
			else if (costs != order->cost_left && entry->first)
				result = fraction_add(result, (Fraction) {costs - order->cost_left, 1});
			break;
	}
	return order->minus ? -metric_from(result) : metric_from(result);
}

static Entry *
add_entry(Fold *fold, int order, int64 date, int first_line, int nlines, bool first)
{
	int			nmetrics = (int) fold->program->metrics.n;
	Entry	   *entry = PUSH(fold, entries);

	entry->order = order;
	entry->date = date;
	entry->place = fold->nentries - 1;
	entry->first_line = first_line;
	entry->nlines = nlines;
	entry->first = first;
	entry->lowers = false;
	entry->undoes = entry->undone = NONE;
	fold_reserve(fold, (void **) &fold->values, &fold->room_values, fold->nentries * nmetrics, sizeof(int128));
	memset(&fold->values[(fold->nentries - 1) * nmetrics], 0, nmetrics * sizeof(int128));
	return entry;
}

/* Measure an entry again, and tell by how much its values have changed. */
static void
measure_again(Fold *fold, int e, bool keep_points, int128 *delta)
{
	for (uint32 m = 0; m < fold->program->metrics.n; m++)
	{
		int128	   *value = &fold->values[e * fold->program->metrics.n + m];

		delta[m] = 0;
		if (!fold->metric_used[m] || (keep_points && fold->metrics[m].measure == BY_POINTS))
			continue;
		delta[m] = measure(fold, &fold->entries[e], &fold->metrics[m]) - *value;
		*value += delta[m];
		fold->totals[m] += delta[m];
	}
}

/* Lines of an order that have just come. */
void
metrics_add(Fold *fold, int order, int first_line, int nlines, bool first)
{
	int			nmetrics = (int) fold->program->metrics.n;
	Entry	   *entry;

	if (!fold->counts)
		return;
	if (fold->orders[order].first_line != first_line)
		tiers_back(fold, fold->orders[order].at);
	entry = add_entry(fold, order, fold->orders[order].at, first_line, nlines, first);
	if (fold->orders[order].first_line != first_line)
		entry->place = fold->lines[fold->orders[order].first_line].entry;
	entry->lowers = fold->orders[order].minus;
	for (int l = first_line; l < first_line + nlines; l++)
		fold->lines[l].entry = fold->nentries - 1;
	for (int m = 0; m < nmetrics; m++)
	{
		if (fold->metric_used[m])
		{
			int128		v = measure(fold, entry, &fold->metrics[m]);

			fold->values[(fold->nentries - 1) * nmetrics + m] = v;
			fold->totals[m] += v;
		}
	}
	if (!first)
	{
		/* what is shared out over an order's lines has new shares */
		int128		delta[PROGRAM_MAX_METRICS];
		int			last = fold->nentries - 1;

		for (int l = fold->orders[order].first_line; l != NONE; l = fold->lines[l].next)
		{
			if (fold->lines[l].entry != last)
			{
				last = fold->lines[l].entry;
				measure_again(fold, last, false, delta);
			}
		}
	}
	tiers_count(fold);
}

/* An expense lowers the metric profit. */
void
metrics_expense(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	int			nmetrics = (int) fold->program->metrics.n;
	bool		any = false;

	for (int m = 0; m < nmetrics; m++)
	{
		const Metric *metric = &fold->metrics[m];

		if (!fold->metric_used[m] || metric->measure != BY_PROFIT ||
			!where_matches(fold, &metric->any, &metric->all, &metric->none, event->tags))
			continue;
		if (!any)
			add_entry(fold, NONE, event->at, 0, 0, false);
		any = true;
		fold->values[(fold->nentries - 1) * nmetrics + m] = -event->amount * (int128) METRIC_UNIT;
		fold->totals[m] -= event->amount * (int128) METRIC_UNIT;
	}
	if (any)
	{
		tiers_count(fold);
		bonus_gains(fold, NONE, NONE);
		bonus_takings(fold);
	}
}

/*
 * An order has been refunded: what its entries add is less now.  A refund that
 * counts at its own date is an entry besides, for windows in which the order
 * does not lie.
 */
void
metrics_refund(Fold *fold, int order, bool keep_points, bool dated_refund)
{
	int			nmetrics = (int) fold->program->metrics.n;
	int			last = NONE;

	if (!fold->counts)
		return;
	tiers_back(fold, fold->orders[order].at);
	for (int l = fold->orders[order].first_line; l != NONE; l = fold->lines[l].next)
	{
		int			e = fold->lines[l].entry;
		int128		delta[PROGRAM_MAX_METRICS];

		if (e == last)
			continue;
		last = e;
		measure_again(fold, e, keep_points, delta);
		if (dated_refund)
		{
			Entry	   *entry = add_entry(fold, order, fold->at, 0, 0, false);

			entry->lowers = true;
			entry->undoes = e;
			entry->undone = fold->entries[e].undone;
			fold->entries[e].undone = fold->nentries - 1;
			memcpy(&fold->values[(fold->nentries - 1) * nmetrics], delta, nmetrics * sizeof(int128));
		}
	}
	tiers_count(fold);
}
