/*
 * clock.c
 *		A customer's local clock.
 */
#include "postgres.h"

#include "base/clock.h"

static const Span one_year = {12, 0, 0};

/* What was found in the zone before serves again as long as the zone stays. */
void
clock_begin(Clock *clock, const Zone *zone, int64 first_at)
{
	if (clock->zone != zone)
		clock->hint = clock->hint_after = 0;
	clock->zone = zone;
	clock->first_at = first_at;
	clock->joined_at = INSTANT_NEVER;
}

/* Only the first joining counts; they come in order. */
void
clock_join(Clock *clock, int64 at)
{
	if (clock->joined_at == INSTANT_NEVER)
		clock->joined_at = at;
}

/* the instant of a local time, kept within the calendar */
static int64
from_local(const Zone *zone, int64 local, int *hint)
{
	if (local >= INSTANT_LIMIT)
		return INSTANT_NEVER;
	return zone_from_local(zone, Max(local, INSTANT_MIN), hint);
}

int64
clock_from_local(Clock *clock, int64 local)
{
	return from_local(clock->zone, local, &clock->hint);
}

/* The first `joined` up to then, else the first event. */
int64
clock_anchor(Clock *clock, int64 at)
{
	int64		from = clock->joined_at <= at ? clock->joined_at : clock->first_at;

	return local_from_days(clock_days(clock, from));
}

int
local_years(int64 anchor, int64 local)
{
	int			years = date_from_days(local_to_days(local)).year -
		date_from_days(local_to_days(anchor)).year;

	while (local_add(anchor, &one_year, years) > local)
		years--;
	while (local_add(anchor, &one_year, years + 1) <= local)
		years++;
	return years;
}

int
clock_year(Clock *clock, int64 anchor, int64 at, int64 *start, int64 *end)
{
	int			nth = local_years(anchor, clock_to_local(clock, at));

	*start = clock_from_local(clock, local_add(anchor, &one_year, nth));
	/* of a midnight that comes twice, the other */
	if (*start > at)
		*start = clock_from_local(clock, local_add(anchor, &one_year, --nth));
	*end = clock_from_local(clock, local_add(anchor, &one_year, nth + 1));
	return nth;
}

int64
local_snap(int64 local, Snap snap, int month, int day)
{
	int			days = local_to_days(local);
	Date		date;
	int			first;

	if (snap == SNAP_NONE || local >= INSTANT_LIMIT)
		return local;
	if (local != local_from_days(days))
		days++;					/* the next midnight */
	date = date_from_days(days);
	for (;;)
	{
		int			year = date.year;

		switch (snap)
		{
			case SNAP_MONTH:
			case SNAP_QUARTER:
				month = date.month;
				day = 1;
				if (snap == SNAP_QUARTER)
					month = (month - 1) / 3 * 3 + 1;
				break;
			case SNAP_YEAR:
				month = day = 1;
				break;
			default:
				break;
		}
		first = date_to_days(year, month, Min(day, days_in_month(year, month)));
		if (first >= days)
			return local_from_days(first);

		/* its beginning lies behind: look at the next one */
		if (snap == SNAP_MONTH || snap == SNAP_QUARTER)
		{
			date.month = month + (snap == SNAP_MONTH ? 1 : 3);
			if (date.month > 12)
			{
				date.month = 1;
				date.year++;
			}
		}
		else
			date.year++;
	}
}

int64
zone_snap(const Zone *zone, int64 at, bool after, Snap snap, int month, int day, int *hint)
{
	int64		local = zone_to_local(zone, at, hint);
	int64		today = local_from_days(local_to_days(local));
	int64		start = from_local(zone, local_snap(today, snap, month, day), hint);

	if (start > at || (start == at && !after))
		return start;
	return from_local(zone, local_snap(local + 1, snap, month, day), hint);
}
