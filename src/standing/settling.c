/*
 * settling.c
 *		The days on which points become vouchers.
 *
 * From a day of the year, anew each year; or from so long after the member's
 * first day on.
 */
#include "postgres.h"

#include "standing/settling.h"

/* How many terms of so many months lie between two local times, or one less. */
static int
terms_between(int64 from, int64 until, int every)
{
	Date		a = date_from_days(local_to_days(from));
	Date		b = date_from_days(local_to_days(until));

	return Max(0, ((b.year - a.year) * 12 + b.month - a.month) / every - 1);
}

/* The first of so many terms from a local midnight on that begins after an instant; INSTANT_NEVER. */
static int64
term_after(Clock *clock, int64 anchor, int every, int terms, int64 at)
{
	Span		span = {every, 0, 0};
	int			n = terms_between(anchor, clock_to_local(clock, at), every);
	int64		begins = INSTANT_NEVER;

	while (n < terms && (begins = clock_from_local(clock, local_add(anchor, &span, n))) <= at)
		n++;
	return n < terms ? begins : INSTANT_NEVER;
}

static int64
day_of(int year, const VoucherRule *rule)
{
	int			month = (int) rule->on_month;

	return local_from_days(date_to_days(year, month, Min((int) rule->on_day, days_in_month(year, month))));
}

int64
settles_after(Clock *clock, const VoucherRule *rule, int64 at)
{
	int64		anchor;
	int			year;

	if (rule->on_month == 0)
	{
		/* the first `joined` that is known, else the first event */
		anchor = local_add(clock_anchor(clock, INSTANT_LIMIT), &rule->on, 1);
		return anchor >= INSTANT_LIMIT ? INSTANT_NEVER : term_after(clock, anchor, (int) rule->every, PG_INT32_MAX, at);
	}
	year = clock_date(clock, at).year;
	if (clock_from_local(clock, day_of(year, rule)) > at)
		year--;
	/* the next year begins anew */
	return Min(term_after(clock, day_of(year, rule), (int) rule->every, 12 / (int) rule->every, at),
			   clock_from_local(clock, day_of(year + 1, rule)));
}
