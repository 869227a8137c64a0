/*
 * term.c
 *		Terms counted from an anchor: see term.h.
 */
#include "postgres.h"

#include "subscription/term.h"

/* no month is longer */
#define MONTH_DAYS	INT64CONST(31)
/* more than the calendar has */
#define CALENDAR_MONTHS INT64CONST(130000)
#define CALENDAR_DAYS	INT64CONST(4000000)

void
terms_init(Terms *terms, const Zone *zone, const Span *every, int64 anchor)
{
	terms->zone = zone;
	terms->every = *every;
	terms->hint = 0;
	terms->anchor = anchor;
	terms->local = zone_to_local(zone, anchor, &terms->hint);
}

void
terms_init_calendar(Terms *terms, const Zone *zone, const Span *every)
{
	terms->zone = zone;
	terms->every = *every;
	terms->hint = 0;
	/* before all that can be asked about */
	terms->local = local_from_days(date_to_days(0, 1, 1));
	terms->anchor = terms->local - USECS_PER_DAY;
}

int64
terms_nth(Terms *terms, int64 n)
{
	int64		local;

	/* its own instant, where the clock showed its time twice */
	if (n == 0)
		return terms->anchor;
	if (n > (terms->every.months > 0 ? CALENDAR_MONTHS / terms->every.months : CALENDAR_DAYS / terms->every.days))
		return INSTANT_NEVER;
	local = local_add(terms->local, &terms->every, (int) n);
	if (local >= INSTANT_LIMIT)
		return INSTANT_NEVER;
	return zone_from_local(terms->zone, local, &terms->hint);
}

/* so many terms surely fit between two instants */
static int64
terms_between(const Terms *terms, int64 from, int64 until)
{
	/* less what clocks may be off */
	int64		days = (until - from) / USECS_PER_DAY - 2;

	return Max(0, terms->every.months > 0 ? days / (MONTH_DAYS * terms->every.months) : days / terms->every.days);
}

int64
terms_next(Terms *terms, int64 from)
{
	int64		n = 0;
	int64		at = terms->anchor;

	/* from below, in leaps that get shorter */
	while (at < from)
	{
		n += Max(1, terms_between(terms, at, from));
		at = terms_nth(terms, n);
	}
	return n;
}
