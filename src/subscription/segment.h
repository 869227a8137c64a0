/*
 * segment.h
 *		What subscription events promise: which segments are in force when, and
 *		what they bring a month.
 *
 * A segment is one subscription event.  It is in force from its instant to
 * before its end: its own `until`, or the next instant of its ref, whichever
 * comes first.  Segments of one ref and one instant are the ref's state from
 * then on; those without a ref stand each for itself.
 */
#ifndef LOYALTY_SEGMENT_H
#define LOYALTY_SEGMENT_H

#include "history/history.h"
#include "subscription/term.h"

/* Money a month: 128-bit counts of 10^-10, half away from zero beyond. */
typedef int128 Monthly;
#define MONTHLY_PLACES 10

typedef struct Segment
{
	int64		at;
	int64		end;			/* excluded; INSTANT_NEVER if open; never before `at` */
	int64		until;			/* its own; INSTANT_NEVER */
	int64		anchor;			/* renewals are counted from here, in whole terms */
	Decimal		amount;			/* a term, for all units; below 0 a discount */
	Decimal		quantity;
	Span		every;			/* months or days */
	Text		plan;			/* len 0: none */
	const Event *event;			/* the rest of it; NULL if it was not asked for */
	int			ref_form;		/* of these: 0 none, each for itself; 1 numbers; 2 texts */
	int64		ref_key;		/* the number, or the id of the text */
	bool		followed;		/* at `end` another segment of its ref comes into force */
} Segment;

typedef struct Segments
{
	int			n;
	Segment    *list;			/* in the history's order, so by `at` */
	Event	   *events;
} Segments;

/*
 * The segments of a history that begin up to and with `asof`: later ones are
 * not known yet, so they end none.  Texts point into the history.  The events
 * are twice as large: they are kept if asked for.
 */
extern void segments_read(Segments *segments, const uint8 *history, size_t len, int64 asof, bool with_events);

/* Set `end`, `anchor` and `followed` of all: each state of a ref ends the one before. */
extern void segments_link(Segments *segments);

/* Their numbers, those of one ref together and in order; without a ref each alone.  In palloc'd memory. */
extern int *segments_by_ref(const Segments *segments);

static inline bool
segments_same_ref(const Segment *a, const Segment *b)
{
	return a->ref_form != 0 && a->ref_form == b->ref_form && a->ref_key == b->ref_key;
}

/*
 * What a ref's state hands on to the one after it: for lines of each term,
 * above or below 0, the earliest anchor.  Who continues keeps it: a new price,
 * quantity or plan does not move the renewal day.
 */
typedef struct Handed
{
	Span		every;
	bool		is_discount;
	int64		anchor;
} Handed;

typedef struct Handover
{
	int			n;
	int			room;
	Handed	   *list;
} Handover;

/* A line of the state before, if it is in force right up to `at`. */
extern void handover_add(Handover *handover, const Segment *before, int64 at);

/* The anchor of a line that begins at `at`. */
extern int64 handover_anchor(const Handover *handover, int64 at, const Span *every, Decimal amount);

static inline bool
segment_in_force(const Segment *segment, int64 at)
{
	return segment->at <= at && at < segment->end;
}

extern Monthly segment_monthly(const Segment *segment);

/*
 * Renewals: the terms after the anchor's own that begin while the segment is in
 * force, by the zone's clock.  The first one at or after an instant;
 * INSTANT_NEVER, if the segment ends before.  Free segments have none.
 */
extern int64 segment_renewal(const Segment *segment, const Zone *zone, int64 from);

/* MRR as it changes: what holds from each instant on, never below 0.  Packed, for many are kept. */
typedef struct Step
{
	int64		at;
	Monthly		mrr;
} pg_attribute_packed() pg_attribute_aligned(8) Step;

/* In a palloc'd array; the first is above 0, each differs from the one before. */
extern int	segments_steps(const Segments *segments, Step **steps);

/* MRR at an instant */
extern Monthly segments_mrr(const Segments *segments, int64 at);

#endif							/* LOYALTY_SEGMENT_H */
