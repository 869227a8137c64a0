/*
 * reprice.c
 *		Subscriptions at the prices of a tariff: see reprice.h.
 */
#include "postgres.h"

#include "tariff/charge.h"
#include "tariff/reprice.h"

#include "miscadmin.h"

#define ST_SORT sort_segments
#define ST_ELEMENT_TYPE Segment
#define ST_COMPARE(a, b) ((a)->at != (b)->at ? ((a)->at < (b)->at ? -1 : 1) : event_compare((a)->event, (b)->event))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static bool
is_calendar_term(const Span *every)
{
	return every->months > 0 && 12 % every->months == 0;
}

void
segment_terms(const BoundTariff *bound, const Segment *segment, Terms *terms)
{
	if (bound->tariff->align == ALIGN_CALENDAR && is_calendar_term(&segment->every))
		terms_init_calendar(terms, bound->zone, &segment->every);
	else
		terms_init(terms, bound->zone, &segment->every, segment->anchor);
}

/* The entries of a plan and term stand together: the first, and how many. */
static const PlanEntry *
plan_entries(const Tariff *tariff, const Text *plan, const Span *every, int *n)
{
	const PlanEntry *entries = TARIFF_PLANS(tariff);
	const PlanEntry *first = NULL;

	*n = 0;
	for (uint32 i = 0; plan->len > 0 && i < tariff->plans.n; i++)
	{
		if (entries[i].every.months != every->months || entries[i].every.days != every->days ||
			entries[i].plan.len != plan->len || memcmp(BLOCK_NAME(tariff, entries[i].plan), plan->data, plan->len) != 0)
			continue;
		if (first == NULL)
			first = &entries[i];
		(*n)++;
	}
	return first;
}

const PlanEntry *
plan_entry_at(const BoundTariff *bound, const Text *plan, const Span *every, int64 at)
{
	int			n;
	const PlanEntry *entries = plan_entries(bound->tariff, plan, every, &n);

	for (int i = 0; i < n; i++)
	{
		if (entry_in_force(bound, &entries[i].in_force, at))
			return &entries[i];
	}
	return NULL;
}

/* A line of a ref's state, while its prices are followed. */
typedef struct Line
{
	Segment		segment;		/* as repriced, with its `end` */
	Decimal		own;			/* amount of the history */
	const PlanEntry *entries;	/* of its plan and term */
	int			nentries;
	Terms		terms;			/* at whose starts its price may change */
} Line;

typedef struct Repricing
{
	const BoundTariff *bound;
	Segments   *out;
	int			room;
	Handover	handover;		/* of the state before */
} Repricing;

static Segment *
put_segment(Repricing *r, const Segment *segment)
{
	Segments   *out = r->out;

	if (out->n == r->room)
	{
		r->room *= 2;
		out->list = repalloc_huge(out->list, r->room * sizeof(Segment));
	}
	out->list[out->n] = *segment;
	return &out->list[out->n++];
}

static Decimal
price_at(const Repricing *r, const Line *line, int64 at)
{
	for (int i = 0; i < line->nentries; i++)
	{
		const PlanEntry *entry = &line->entries[i];

		if (entry_in_force(r->bound, &entry->in_force, at))
			return exact_rounded(r->bound->tariff, plan_charge(r->bound->tariff, entry, line->segment.quantity));
	}
	return line->own;
}

/* The first instant after `at` at which the line renews for another price. */
static int64
next_change(const Repricing *r, Line *line, int64 at)
{
	int64		first = INSTANT_NEVER;

	for (int i = 0; i < 2 * line->nentries; i++)
	{
		const EntryBound *bound = &r->bound->bounds[line->entries[i / 2].in_force.id];
		int64		from = i % 2 == 0 ? bound->from : bound->until;
		int64		renewal;

		/* between two of these all renewals cost the same */
		if (from >= line->segment.end || from >= first)
			continue;
		renewal = terms_nth(&line->terms, terms_next(&line->terms, Max(from, at + 1)));
		if (renewal < line->segment.end && renewal < first && price_at(r, line, renewal) != line->segment.amount)
			first = renewal;
	}
	return first;
}

static bool
renews_at(Line *line, int64 at)
{
	return terms_nth(&line->terms, terms_next(&line->terms, at)) == at;
}

/*
 * A line is stated again.  While it costs nothing its terms run on from where
 * they began; once it costs something they have the anchor that it has then.
 */
static void
line_price(const Repricing *r, Line *line, int64 at, Decimal price, int64 anchor)
{
	line->segment.at = at;
	line->segment.amount = price;
	if (price != 0 && anchor != line->segment.anchor)
	{
		line->segment.anchor = anchor;
		segment_terms(r->bound, &line->segment, &line->terms);
	}
}

/* Follow one state's prices until another takes its place at `until`. */
static void
follow_state(Repricing *r, Line *lines, int n, int64 until)
{
	int64		at = lines[0].segment.at;

	for (;;)
	{
		int64		change = INSTANT_NEVER;

		for (int i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			change = Min(change, next_change(r, &lines[i], at));
		}
		if (change >= until)
			return;
		r->handover.n = 0;
		for (int i = 0; i < n; i++)
			handover_add(&r->handover, &lines[i].segment, change);
		for (int i = 0; i < n; i++)
		{
			Line	   *line = &lines[i];
			Decimal		price = line->segment.amount;

			if (line->segment.end <= change)
				continue;
			if (line->nentries > 0 && renews_at(line, change))
				price = price_at(r, line, change);
			line_price(r, line, change, price, handover_anchor(&r->handover, change, &line->segment.every, price));
			put_segment(r, &line->segment);
		}
		at = change;
	}
}

/* The same for one without a ref: it is cut, and each piece stands for itself. */
static void
follow_alone(Repricing *r, Line *line)
{
	int			piece = r->out->n - 1;
	int64		change;

	while ((change = next_change(r, line, line->segment.at)) != INSTANT_NEVER)
	{
		CHECK_FOR_INTERRUPTS();
		r->out->list[piece].until = change;
		line_price(r, line, change, price_at(r, line, change), change);
		put_segment(r, &line->segment);
		piece = r->out->n - 1;
	}
}

/* A line of the history, priced at its start. */
static void
line_init(Repricing *r, Line *line, const Segment *segment)
{
	memset(line, 0, sizeof(*line));
	line->segment = *segment;
	line->own = segment->amount;
	if (segment->amount > 0)
		line->entries = plan_entries(r->bound->tariff, &segment->plan, &segment->every, &line->nentries);
	if (line->nentries > 0)
		line->segment.amount = price_at(r, line, segment->at);
	line->segment.anchor = handover_anchor(&r->handover, segment->at, &segment->every, line->segment.amount);
	segment_terms(r->bound, &line->segment, &line->terms);
	put_segment(r, &line->segment);
}

static int
state_size(const Segments *segments, const int *of_ref, int n)
{
	int			size = 1;

	while (size < n && segments->list[of_ref[size]].at == segments->list[of_ref[0]].at)
		size++;
	return size;
}

static void
reprice_ref(Repricing *r, const Segments *segments, const int *of_ref, int n)
{
	Line	   *lines = NULL;
	int			nbefore = 0;

	for (int from = 0; from < n;)
	{
		int			size = state_size(segments, &of_ref[from], n - from);
		int64		until = from + size < n ? segments->list[of_ref[from + size]].at : INSTANT_NEVER;

		r->handover.n = 0;
		for (int i = 0; i < nbefore; i++)
			handover_add(&r->handover, &lines[i].segment, segments->list[of_ref[from]].at);
		if (lines)
			pfree(lines);
		lines = palloc_extended(size * sizeof(Line), MCXT_ALLOC_HUGE);
		for (int i = 0; i < size; i++)
			line_init(r, &lines[i], &segments->list[of_ref[from + i]]);
		if (lines[0].segment.ref_form == 0)
			follow_alone(r, &lines[0]);
		else
			follow_state(r, lines, size, until);
		nbefore = size;
		from += size;
	}
	if (lines)
		pfree(lines);
}

void
segments_reprice(const BoundTariff *bound, const Segments *segments, Segments *repriced)
{
	Repricing	r = {.bound = bound, .out = repriced, .room = Max(segments->n + 8, 16)};
	int		   *by_ref = segments_by_ref(segments);

	memset(repriced, 0, sizeof(*repriced));
	repriced->list = palloc_extended(r.room * sizeof(Segment), MCXT_ALLOC_HUGE);
	for (int from = 0; from < segments->n;)
	{
		int			next = from + 1;

		while (next < segments->n && segments_same_ref(&segments->list[by_ref[next]], &segments->list[by_ref[from]]))
			next++;
		reprice_ref(&r, segments, &by_ref[from], next - from);
		from = next;
	}
	pfree(by_ref);
	sort_segments(repriced->list, repriced->n);
	segments_link(repriced);
}
