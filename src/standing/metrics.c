/*
 * metrics.c
 *		What tiers and milestones count: spend, points, orders, quantity,
 *		profit, and sums over some of their lines.
 */
#include "postgres.h"

#include "standing/earn.h"

static void
use(Fold *fold, uint32 metric)
{
	fold->counts.used[metric] = true;
	fold->counts.any = true;
}

void
metrics_begin(Fold *fold)
{
	const Program *p = fold->rules.program;

	RESERVE(fold, &fold->counts, entries, fold->nevents);
	fold->counts.nentries = fold->counts.nvalues = fold->counts.nof_line = 0;
	memset(fold->counts.used, 0, sizeof(fold->counts.used));
	memset(fold->counts.totals, 0, sizeof(fold->counts.totals));
	fold->counts.any = false;
	for (uint32 v = 0; v < p->tiers.n; v++)
	{
		const TiersRule *tiers = &fold->rules.tiers[v];
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
		if (fold->rules.bonus[i].on == ON_MILESTONE)
			use(fold, fold->rules.bonus[i].metric);
	}
}

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

/* What an entry adds to a metric, as its order stands now. */
static int128
measure(Fold *fold, const Entry *entry, const Metric *metric)
{
	const Order *order = &fold->trade.orders[entry->order];
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
		for (int l = order->first_line; l != NONE && !any; l = fold->trade.lines[l].next)
			any = !fold->trade.lines[l].gone &&
				where_matches(fold->rules.program, &metric->any, &metric->all, &metric->none, fold->trade.lines[l].tags);
		return any ? (int128) DECIMAL_ONE * METRIC_UNIT : 0;
	}
	if (metric->measure == BY_POINTS)
	{
		if (order->kept)
			return 0;
		result = order_raw_points(fold, order, entry->first_line, entry->nlines);
		return order->minus ? -metric_from(result) : metric_from(result);
	}

	for (int l = order->first_line; l != NONE; l = fold->trade.lines[l].next)
	{
		const Line *line = &fold->trade.lines[l];

		costs += line->cost;
		if (l < entry->first_line || l >= entry->first_line + entry->nlines ||
			!where_matches(fold->rules.program, &metric->any, &metric->all, &metric->none, line->tags))
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
	int			nmetrics = (int) fold->rules.program->metrics.n;
	Entry	   *entry = PUSH_TO(fold, &fold->counts, entries);

	entry->order = order;
	entry->date = date;
	entry->place = fold->counts.nentries - 1;
	entry->first_line = first_line;
	entry->nlines = nlines;
	entry->first = first;
	entry->lowers = false;
	entry->undoes = entry->undone = NONE;
	RESERVE(fold, &fold->counts, values, fold->counts.nentries * nmetrics);
	memset(&fold->counts.values[(fold->counts.nentries - 1) * nmetrics], 0, nmetrics * sizeof(int128));
	return entry;
}

/* Measure an entry again, and tell by how much its values have changed. */
static void
measure_again(Fold *fold, int e, bool keep_points, int nmetrics, int128 *delta)
{
	for (int m = 0; m < nmetrics; m++)
	{
		int128	   *value = &fold->counts.values[e * nmetrics + m];

		delta[m] = 0;
		if (!fold->counts.used[m] || (keep_points && fold->rules.metrics[m].measure == BY_POINTS))
			continue;
		delta[m] = measure(fold, &fold->counts.entries[e], &fold->rules.metrics[m]) - *value;
		*value += delta[m];
		fold->counts.totals[m] += delta[m];
	}
}

void
metrics_add(Fold *fold, int order, int first_line, int nlines, bool first)
{
	int			nmetrics = (int) fold->rules.program->metrics.n;
	Entry	   *entry;

	if (!fold->counts.any)
		return;
	if (fold->trade.orders[order].first_line != first_line)
		tiers_back(fold, fold->trade.orders[order].at);
	entry = add_entry(fold, order, fold->trade.orders[order].at, first_line, nlines, first);
	if (fold->trade.orders[order].first_line != first_line)
		entry->place = fold->counts.of_line[fold->trade.orders[order].first_line];
	entry->lowers = fold->trade.orders[order].minus;
	if (entry->lowers)
		memset(fold->counts.refunded, 0, sizeof(fold->counts.refunded));
	RESERVE(fold, &fold->counts, of_line, first_line + nlines);
	for (int l = first_line; l < first_line + nlines; l++)
		fold->counts.of_line[l] = fold->counts.nentries - 1;
	for (int m = 0; m < nmetrics; m++)
	{
		if (fold->counts.used[m])
		{
			int128		v = measure(fold, entry, &fold->rules.metrics[m]);

			fold->counts.values[(fold->counts.nentries - 1) * nmetrics + m] = v;
			fold->counts.totals[m] += v;
		}
	}
	if (!first)
	{
		/* what is shared out over an order's lines has new shares */
		int128		delta[PROGRAM_MAX_METRICS];
		int			last = fold->counts.nentries - 1;

		for (int l = fold->trade.orders[order].first_line; l != NONE; l = fold->trade.lines[l].next)
		{
			if (fold->counts.of_line[l] != last)
			{
				last = fold->counts.of_line[l];
				measure_again(fold, last, false, (int) fold->rules.program->metrics.n, delta);
			}
		}
	}
	tiers_count(fold);
}

/* An expense lowers the metric profit. */
bool
metrics_expense(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	int			nmetrics = (int) fold->rules.program->metrics.n;
	bool		any = false;

	for (int m = 0; m < nmetrics; m++)
	{
		const Metric *metric = &fold->rules.metrics[m];

		if (!fold->counts.used[m] || metric->measure != BY_PROFIT ||
			!where_matches(fold->rules.program, &metric->any, &metric->all, &metric->none, event->tags))
			continue;
		if (!any)
			add_entry(fold, NONE, event->at, 0, 0, false);
		any = true;
		fold->counts.values[(fold->counts.nentries - 1) * nmetrics + m] = -event->amount * (int128) METRIC_UNIT;
		fold->counts.totals[m] -= event->amount * (int128) METRIC_UNIT;
	}
	if (any)
		tiers_count(fold);
	return any;
}

/*
 * An order has been refunded: what its entries add is less now.  A refund that
 * counts at its own date is an entry besides, for windows in which the order
 * does not lie.
 */
void
metrics_refund(Fold *fold, int order, bool keep_points, bool dated_refund)
{
	int			nmetrics = (int) fold->rules.program->metrics.n;
	int			last = NONE;
	int			place = NONE;

	if (!fold->counts.any)
		return;
	tiers_back(fold, fold->trade.orders[order].at);
	memset(fold->counts.refunded, 0, sizeof(fold->counts.refunded));
	fold->counts.refunded_date = fold->trade.orders[order].at;
	for (int l = fold->trade.orders[order].first_line; l != NONE; l = fold->trade.lines[l].next)
	{
		int			e = fold->counts.of_line[l];
		int128		delta[PROGRAM_MAX_METRICS];

		if (e == last)
			continue;
		last = e;
		measure_again(fold, e, keep_points, nmetrics, delta);
		for (int m = 0; m < nmetrics; m++)
			fold->counts.refunded[m] += delta[m];
		if (dated_refund)
		{
			Entry	   *entry = add_entry(fold, order, fold->at, 0, 0, false);

			entry->lowers = true;
			entry->undoes = e;
			/* all that a refund takes is one step */
			if (place == NONE)
				place = entry->place;
			entry->place = place;
			entry->undone = fold->counts.entries[e].undone;
			fold->counts.entries[e].undone = fold->counts.nentries - 1;
			memcpy(&fold->counts.values[(fold->counts.nentries - 1) * nmetrics], delta, nmetrics * sizeof(int128));
		}
	}
	tiers_count(fold);
}
