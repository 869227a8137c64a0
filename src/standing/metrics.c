/*
 * metrics.c
 *		What tiers and milestones count: spend, points, orders, quantity,
 *		profit, and sums over some of their lines.
 *
 * Sums are in millionths; points, which are counted before rounding, in
 * 1 / points_den of that, so that rates like 1 per 3.00 add up exactly.
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

	/* the least common denominator of the rates */
	fold->points_den = 1;
	for (uint32 i = 0; i < p->earn.n; i++)
	{
		int64		a = fold->points_den;
		int64		b = fold->earn[i].table.n || fold->earn[i].steps ? 1 : fold->earn[i].den;
		int64		whole;

		while (b != 0)
		{
			int64		rest = a % b;

			a = b;
			b = rest;
		}
		b = fold->earn[i].table.n || fold->earn[i].steps ? 1 : fold->earn[i].den;
		if (__builtin_mul_overflow(fold->points_den, b / a, &whole) || whole > DECIMAL_LIMIT)
			fold_overflow();
		fold->points_den = whole;
	}
}

/* A threshold in the unit of the metric's sums. */
int128
metric_threshold(const Fold *fold, int metric, Decimal at)
{
	return (int128) at * (fold->metrics[metric].measure == BY_POINTS ? fold->points_den : 1);
}

/* What an entry adds to a metric, as its order stands now. */
static int128
measure(Fold *fold, const Entry *entry, const Metric *metric)
{
	const Order *order = &fold->orders[entry->order];
	int128		amount = 0;
	int128		taken = 0;
	int128		cost = 0;
	int128		quantity = 0;
	bool		any = false;
	int128		result = 0;

	if (metric->measure == BY_POINTS)
	{
		if (order->minus && order->mode == EARNED_KEEP)
			return 0;
		result = order_raw_points(fold, order, entry, metric);
		return order->minus ? -result : result;
	}
	if (metric->measure == BY_ORDERS)
	{
		/* once per order, with its first lines; any of its lines may match */
		if (!entry->first || order->returned)
			return 0;
		for (int l = order->first_line; l != NONE && !any; l = fold->lines[l].next)
			any = where_matches(fold, &metric->any, &metric->all, &metric->none, fold->lines[l].tags);
		return any ? DECIMAL_ONE : 0;
	}
	for (int l = entry->first_line; l < entry->first_line + entry->nlines; l++)
	{
		const Line *line = &fold->lines[l];

		if (!where_matches(fold, &metric->any, &metric->all, &metric->none, line->tags))
			continue;
		amount += line->amount_left;
		taken += line->amount;
		cost += line->cost;
		quantity += line->quantity_left;
	}
	if (order->amount_left != order->amount_base)
		amount = amount * order->amount_left / order->amount_base;
	taken -= amount;
	switch ((Measure) metric->measure)
	{
		case BY_SPEND:
			result = amount;
			break;
		case BY_QUANTITY:
			result = quantity;
			break;
		default:
			result = amount - cost;
			/* recovered cost goes with the money that went back */
			if (order->amount != order->amount_left)
				result += order->recovered * taken / (order->amount - order->amount_left);
			break;
	}
	return order->minus ? -result : result;
}

static Entry *
add_entry(Fold *fold, int order, int64 date, int first_line, int nlines, bool first)
{
	int			nmetrics = (int) fold->program->metrics.n;
	Entry	   *entry = PUSH(fold, entries);

	entry->order = order;
	entry->date = date;
	entry->seen_at = fold->at;
	entry->first_line = first_line;
	entry->nlines = nlines;
	entry->first = first;
	entry->lowers = false;
	entry->undoes = NONE;
	fold_reserve(fold, (void **) &fold->values, &fold->room_values, fold->nentries * nmetrics, sizeof(int128));
	memset(&fold->values[(fold->nentries - 1) * nmetrics], 0, nmetrics * sizeof(int128));
	return entry;
}

/* Lines of an order that have just come; returns their entry, or NONE. */
int
metrics_add(Fold *fold, int order, int first_line, int nlines, bool first)
{
	int			nmetrics = (int) fold->program->metrics.n;
	Entry	   *entry;

	if (!fold->counts)
		return NONE;
	entry = add_entry(fold, order, fold->orders[order].at, first_line, nlines, first);
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
	return fold->nentries - 1;
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
		fold->values[(fold->nentries - 1) * nmetrics + m] = -event->amount;
		fold->totals[m] -= event->amount;
	}
	if (any)
	{
		tiers_count(fold, fold->nentries - 1);
		bonus_milestones(fold, NONE);
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
	for (int l = fold->orders[order].first_line; l != NONE; l = fold->lines[l].next)
	{
		int			e = fold->lines[l].entry;
		int128		delta[PROGRAM_MAX_METRICS] = {0};

		if (e == last)
			continue;
		last = e;
		for (int m = 0; m < nmetrics; m++)
		{
			int128	   *value = &fold->values[e * nmetrics + m];

			if (!fold->metric_used[m] || (keep_points && fold->metrics[m].measure == BY_POINTS))
				continue;
			delta[m] = measure(fold, &fold->entries[e], &fold->metrics[m]) - *value;
			*value += delta[m];
			fold->totals[m] += delta[m];
		}
		if (dated_refund)
		{
			Entry	   *entry = add_entry(fold, order, fold->at, 0, 0, false);

			entry->lowers = true;
			entry->undoes = e;
			memcpy(&fold->values[(fold->nentries - 1) * nmetrics], delta, nmetrics * sizeof(int128));
		}
	}
	tiers_recount(fold);
}
