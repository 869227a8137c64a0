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
	Counts	   *counts = &fold->counts;

	if (counts->place[metric] < PROGRAM_MAX_METRICS)
		return;
	counts->place[metric] = (uint8) counts->nused;
	counts->used[counts->nused++] = (uint8) metric;
	counts->any = true;
}

/* Which metrics somebody looks at. */
static void
find_used(Fold *fold)
{
	const Program *p = fold->rules.program;

	fold->counts.nused = 0;
	fold->counts.any = false;
	memset(fold->counts.place, PROGRAM_MAX_METRICS, sizeof(fold->counts.place));
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

/* The events of an order's lines at one instant begin here: the events of the earlier ones are followed by it. */
static void
find_later(Fold *fold)
{
	Slots	   *slots = &fold->counts.slots;

	RESERVE(fold, slots, later, fold->nevents);
	RESERVE(fold, slots, last_of_ref, fold->nrefs);
	memset(slots->later, 0xFF, fold->nevents * sizeof(int));
	memset(slots->last_of_ref, 0xFF, fold->nrefs * sizeof(int));
	for (int i = 0; i < fold->nevents; i++)
	{
		int			ref = fold->event_refs[i];
		int			last;

		if (fold->events[i].kind != EVENT_PURCHASE || ref == NONE)
			continue;
		last = slots->last_of_ref[ref];
		/* lines of one instant are one step */
		if (last != NONE && fold->events[last].at == fold->events[i].at)
			continue;
		if (last != NONE)
			slots->later[last] = i;
		slots->last_of_ref[ref] = i;
	}
}

/* May an event make an entry of its own? */
static bool
takes_slot(const Fold *fold, int i)
{
	uint8		kind = fold->events[i].kind;

	return kind == EVENT_PURCHASE || kind == EVENT_REFUND || kind == EVENT_EXPENSE;
}

/* Give each event its slot, and its order's later lines the next ones. */
static void
find_slots(Fold *fold)
{
	Slots	   *slots = &fold->counts.slots;

	find_later(fold);
	RESERVE(fold, slots, of_event, fold->nevents);
	memset(slots->of_event, 0xFF, fold->nevents * sizeof(int));
	RESERVE(fold, slots, dates, fold->nevents);
	slots->ndates = 0;
	for (int i = 0; i < fold->nevents; i++)
	{
		if (!takes_slot(fold, i) || slots->of_event[i] != NONE)
			continue;
		/* a further line of an instant has none */
		if (fold->events[i].kind == EVENT_PURCHASE && i > 0 && fold->events[i - 1].kind == EVENT_PURCHASE &&
			fold->event_refs[i] != NONE && fold->event_refs[i - 1] == fold->event_refs[i] && fold->events[i - 1].at == fold->events[i].at)
			continue;
		for (int k = i; k != NONE; k = fold->events[i].kind == EVENT_PURCHASE ? slots->later[k] : NONE)
		{
			slots->of_event[k] = slots->ndates;
			slots->dates[slots->ndates++] = fold->events[i].at;
		}
	}
	RESERVE(fold, &fold->counts, of_slot, slots->ndates);
	memset(fold->counts.of_slot, 0xFF, slots->ndates * sizeof(int));
}

void
metrics_begin(Fold *fold)
{
	Counts	   *counts = &fold->counts;

	find_used(fold);
	memset(counts->totals, 0, sizeof(counts->totals));
	counts->nentries = 0;
	counts->slots.ndates = 0;
	if (!counts->any)
		return;
	RESERVE(fold, counts, entries, fold->nevents);
	RESERVE(fold, counts, of_line, fold->nevents);
	RESERVE(fold, counts, of_order, fold->nevents);
	if (fold->rules.program->tiers.n > 0)
		find_slots(fold);
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
				where_matches(fold->rules.program, &metric->any, &metric->all, &metric->none, line_tags(fold, &fold->trade.lines[l]));
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
			!where_matches(fold->rules.program, &metric->any, &metric->all, &metric->none, line_tags(fold, line)))
			continue;
		amount = fraction_add(amount, line_left(fold, line).amount);
		taken = fraction_add(taken, (Fraction) {line->amount, 1});
		quantity = fraction_add(quantity, line_left(fold, line).quantity);
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

/* A new entry, of the event that is being folded. */
static Entry *
add_entry(Fold *fold, int order, int64 date, int first_line, int nlines, bool first)
{
	Counts	   *counts = &fold->counts;
	Entry	   *entry = PUSH_TO(fold, counts, entries);
	int			e = counts->nentries - 1;

	entry->order = order;
	entry->date = date;
	entry->slot = counts->slots.ndates > 0 ? counts->slots.of_event[fold->now] : NONE;
	entry->previous = NONE;
	entry->first_line = first_line;
	entry->nlines = nlines;
	entry->first = first;
	entry->lowers = false;
	if (entry->slot != NONE)
		counts->of_slot[entry->slot] = e;
	RESERVE(fold, counts, values, counts->nentries * counts->nused);
	memset(ENTRY_VALUES(fold, e), 0, counts->nused * sizeof(int128));
	return entry;
}

/* Measure an entry again, and tell by how much its values have changed. */
static void
measure_again(Fold *fold, int e, bool keep_points, int128 *delta)
{
	for (int k = 0; k < fold->counts.nused; k++)
	{
		int			m = fold->counts.used[k];
		int128	   *value = &ENTRY_VALUES(fold, e)[k];

		delta[k] = 0;
		if (keep_points && fold->rules.metrics[m].measure == BY_POINTS)
			continue;
		delta[k] = measure(fold, &fold->counts.entries[e], &fold->rules.metrics[m]) - *value;
		*value += delta[k];
		fold->counts.totals[m] += delta[k];
		if (fold->bonuses.windows)
			stages_count(fold, fold->counts.entries[e].date, m, delta[k]);
	}
}

void
metrics_add(Fold *fold, int order, int first_line, int nlines, bool first)
{
	Counts	   *counts = &fold->counts;
	bool		late = fold->trade.orders[order].first_line != first_line;
	int128		delta[PROGRAM_MAX_METRICS];
	Entry	   *entry;
	int			e;

	if (!counts->any)
		return;
	if (fold->bonuses.windows)
		stages_forget(fold);
	if (late)
		tiers_back(fold);
	entry = add_entry(fold, order, fold->trade.orders[order].at, first_line, nlines, first);
	e = counts->nentries - 1;
	entry->previous = late ? counts->of_order[order] : NONE;
	entry->lowers = fold->trade.orders[order].minus;
	RESERVE(fold, counts, of_order, order + 1);
	counts->of_order[order] = e;
	RESERVE(fold, counts, of_line, first_line + nlines);
	for (int l = first_line; l < first_line + nlines; l++)
		counts->of_line[l] = e;
	measure_again(fold, e, false, delta);
	if (entry->lowers)
		memset(counts->refunded, 0, sizeof(counts->refunded));

	/* what is shared out over an order's lines has new shares */
	for (int other = entry->previous; other != NONE; other = counts->entries[other].previous)
	{
		measure_again(fold, other, false, delta);
		tiers_change(fold, other, delta, false);
	}
	tiers_count(fold, e);
}

/* An expense lowers the metric profit. */
bool
metrics_expense(Fold *fold, int i)
{
	const Event *event = &fold->events[i];
	bool		any = false;

	if (fold->bonuses.windows)
		stages_forget(fold);
	for (int k = 0; k < fold->counts.nused; k++)
	{
		int			m = fold->counts.used[k];
		const Metric *metric = &fold->rules.metrics[m];

		if (metric->measure != BY_PROFIT ||
			!where_matches(fold->rules.program, &metric->any, &metric->all, &metric->none, event->tags))
			continue;
		if (!any)
			add_entry(fold, NONE, event->at, 0, 0, false);
		any = true;
		ENTRY_VALUES(fold, fold->counts.nentries - 1)[k] = -event->amount * (int128) METRIC_UNIT;
		fold->counts.totals[m] -= event->amount * (int128) METRIC_UNIT;
		if (fold->bonuses.windows)
			stages_count(fold, event->at, m, -event->amount * (int128) METRIC_UNIT);
	}
	if (any)
		tiers_count(fold, fold->counts.nentries - 1);
	return any;
}

/*
 * An order has been refunded: what its entries add is less now.  A refund that
 * counts at its own date lowers windows in which the order does not lie then.
 */
void
metrics_refund(Fold *fold, int order, bool keep_points, bool dated_refund)
{
	int128		delta[PROGRAM_MAX_METRICS];

	if (!fold->counts.any)
		return;
	if (fold->bonuses.windows)
		stages_forget(fold);
	tiers_back(fold);
	memset(fold->counts.refunded, 0, sizeof(fold->counts.refunded));
	fold->counts.refunded_date = fold->trade.orders[order].at;
	for (int e = fold->counts.of_order[order]; e != NONE; e = fold->counts.entries[e].previous)
	{
		measure_again(fold, e, keep_points, delta);
		for (int k = 0; k < fold->counts.nused; k++)
			fold->counts.refunded[k] += delta[k];
		tiers_change(fold, e, delta, dated_refund);
	}
	tiers_count(fold, NONE);
}
