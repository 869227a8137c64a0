/*
 * calendar.h
 *		Instants, local clocks and calendar arithmetic, without a server.
 *
 * An instant is a timestamptz: microseconds since 2000-01-01 00:00 UTC.  A
 * local time has the same unit but is read off a zone's clock.  A zone is a
 * table of its transitions, made once per session (zone.h): going from one
 * clock to the other then takes a few nanoseconds.
 */
#ifndef LOYALTY_CALENDAR_H
#define LOYALTY_CALENDAR_H

#include "postgres.h"

#include "datatype/timestamp.h"

/* What events may be dated: years 0001 to 9999, in UTC. */
#define INSTANT_MIN		INT64CONST(-63082281600000000)
#define INSTANT_LIMIT	INT64CONST(252455616000000000)	/* 10000-01-01, excluded */
/* no end: later than every instant */
#define INSTANT_NEVER	PG_INT64_MAX

#define INSTANT_TEXT_SIZE 32

typedef struct Zone
{
	int			n;				/* segments */
	const int64 *starts;		/* first instant of each; starts[0] is the least int64 */
	const int32 *offsets;		/* seconds east of UTC within each */
} Zone;

/* a span as SQL's interval keeps it */
typedef struct Span
{
	int32		months;
	int32		days;
	int64		time;			/* microseconds */
} Span;

typedef struct Date
{
	int			year;
	int			month;			/* 1 to 12 */
	int			day;			/* 1 to 31 */
} Date;

static inline bool
instant_is_valid(int64 at)
{
	return at >= INSTANT_MIN && at < INSTANT_LIMIT;
}

/* days since 2000-01-01 <-> date */
extern int	date_to_days(int year, int month, int day);
extern Date date_from_days(int days);
extern int	days_in_month(int year, int month);

/* the day a local time falls on, as days since 2000-01-01 */
static inline int
local_to_days(int64 local)
{
	int64		d = local / USECS_PER_DAY;

	return (int) (local % USECS_PER_DAY < 0 ? d - 1 : d);
}

static inline int64
local_from_days(int days)
{
	return (int64) days * USECS_PER_DAY;
}

/*
 * The zone's clock at an instant; `hint` remembers the segment found last,
 * which makes walks in order cheap.  Start it at 0.
 */
extern int64 zone_to_local(const Zone *zone, int64 at, int *hint);

/* A time without a change of the clock: from an instant to before another. */
typedef struct ClockStretch
{
	int64		from;
	int64		until;			/* nothing, to begin with */
	int64		offset;			/* microseconds east of UTC */
} ClockStretch;

extern void zone_stretch(const Zone *zone, int64 at, ClockStretch *stretch);

/* The zone's clock, for those who ask for one instant after another. */
static inline int64
zone_to_local_along(const Zone *zone, int64 at, ClockStretch *stretch)
{
	if (unlikely(at < stretch->from || at >= stretch->until))
		zone_stretch(zone, at, stretch);
	return at + stretch->offset;
}

/*
 * The instant of a local time.  One that never was (clocks put forward) or
 * that was twice (put back) is resolved as the server resolves it.
 */
extern int64 zone_from_local(const Zone *zone, int64 local, int *hint);

/*
 * By how much the clocks were put forward, if that was less than so much before an
 * instant: a local time that they skipped, so much earlier than the one they show,
 * stands for it as well.  0 otherwise.  With which local time they went on.
 */
extern int64 zone_skipped(const Zone *zone, int64 at, int *hint, int64 *went_on);

/* Months (clamped to the month's end), then days, then time. */
extern int64 local_add(int64 local, const Span *span, int times);

/*
 * The instant one or more spans after another, by the zone's clock;
 * INSTANT_NEVER where it would leave the calendar.  The two instants have a
 * hint each.
 */
extern int64 zone_add(const Zone *zone, int64 at, const Span *span, int times, int *hint, int *hint_after);

/* Texts: ISO 8601, always in UTC on output, with an offset on input. */
extern int	instant_to_text(int64 at, char *buf);
extern bool instant_from_text(const char *s, size_t len, int64 *at);

#endif							/* LOYALTY_CALENDAR_H */
