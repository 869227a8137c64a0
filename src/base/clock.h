/*
 * clock.h
 *		A customer's local clock: the days, months and years of a zone, those
 *		that are counted from the day of joining, and spans added by it.
 *
 * It needs a zone (zone.h makes one) and two instants of the customer: the
 * first event and, as soon as it is known, the first `joined`.
 */
#ifndef LOYALTY_CLOCK_H
#define LOYALTY_CLOCK_H

#include "base/calendar.h"

typedef struct Clock
{
	const Zone *zone;
	int			hint;			/* for the zone: what is asked about ... */
	int			hint_after;		/* ... and where spans lead to */
	int64		first_at;		/* the first event */
	int64		joined_at;		/* INSTANT_NEVER as long as nobody joined */
} Clock;

/* What an instant may be moved on to: the start of a month, quarter, year, or a day of the year. */
typedef enum Snap { SNAP_NONE, SNAP_MONTH, SNAP_QUARTER, SNAP_YEAR, SNAP_MONTH_DAY } Snap;

extern void clock_begin(Clock *clock, const Zone *zone, int64 first_at);
extern void clock_join(Clock *clock, int64 at);

/* Local times from instants and back; one beyond the calendar is INSTANT_NEVER. */
static inline int64
clock_to_local(Clock *clock, int64 at)
{
	return zone_to_local(clock->zone, at, &clock->hint);
}

extern int64 clock_from_local(Clock *clock, int64 local);

/* The day of an instant, and its date. */
static inline int
clock_days(Clock *clock, int64 at)
{
	return local_to_days(clock_to_local(clock, at));
}

static inline Date
clock_date(Clock *clock, int64 at)
{
	return date_from_days(clock_days(clock, at));
}

/* The instant `times` spans after another; from INSTANT_NEVER it stays there. */
static inline int64
clock_add(Clock *clock, int64 at, const Span *span, int times)
{
	return at == INSTANT_NEVER ? at : zone_add(clock->zone, at, span, times, &clock->hint, &clock->hint_after);
}

/* When the clock was last put forward or back, up to an instant; PG_INT64_MIN if never. */
static inline int64
clock_last_change(Clock *clock, int64 at)
{
	int			segment = clock->hint;

	(void) zone_to_local(clock->zone, at, &segment);
	return clock->zone->starts[segment];
}

/* If local times that the clock skipped stand for an instant as well: how much; see calendar.h. */
static inline int64
clock_skipped(Clock *clock, int64 at, int64 *went_on)
{
	return zone_skipped(clock->zone, at, &clock->hint, went_on);
}

/* Where the membership year of an instant is counted from, as local midnight. */
extern int64 clock_anchor(Clock *clock, int64 at);

/* Whole years from an anchor to a local time, anchor + n x year; negative before it. */
extern int	local_years(int64 anchor, int64 local);

/*
 * The year of a member in which an instant lies, counted from an anchor: which,
 * and where it begins and ends.
 */
extern int	clock_year(Clock *clock, int64 anchor, int64 at, int64 *start, int64 *end);

/* The next local midnight that starts such a period; one that is stays. */
extern int64 local_snap(int64 local, Snap snap, int month, int day);

/*
 * The first instant not before `at`, or after it, at which such a period
 * starts.  Where clocks skip midnight, the instant that stands for it counts.
 */
extern int64 zone_snap(const Zone *zone, int64 at, bool after, Snap snap, int month, int day, int *hint);

static inline int64
clock_snap(Clock *clock, int64 at, bool after, Snap snap, int month, int day)
{
	return zone_snap(clock->zone, at, after, snap, month, day, &clock->hint);
}

#endif							/* LOYALTY_CLOCK_H */
