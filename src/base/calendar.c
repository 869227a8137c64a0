/*
 * calendar.c
 *		Instants, local clocks and calendar arithmetic, without a server.
 */
#include "postgres.h"

#include "base/calendar.h"

/* The Gregorian calendar, weekdays included, repeats after 400 years. */
#define USECS_PER_CYCLE	(INT64CONST(146097) * USECS_PER_DAY)

/* a table with transitions after 2400-01-01 has them for ever (see zone.c) */
#define ENDLESS_FROM	USECS_PER_CYCLE

/*
 * Days from civil dates and back by way of a year that starts in March, so
 * that the leap day comes last.
 */
int
date_to_days(int year, int month, int day)
{
	int			y = month <= 2 ? year - 1 : year;
	int			era = (y >= 0 ? y : y - 399) / 400;
	int			year_of_era = y - era * 400;
	int			day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int			day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 730425;
}

Date
date_from_days(int days)
{
	Date		date;
	int			shifted = days + 730425;
	int			era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int			day_of_era = shifted - era * 146097;
	int			year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int			day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int			month = (5 * day_of_year + 2) / 153;

	date.day = day_of_year - (153 * month + 2) / 5 + 1;
	date.month = month < 10 ? month + 3 : month - 9;
	date.year = year_of_era + era * 400 + (date.month <= 2);
	return date;
}

int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	if (month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)))
		return 29;
	return days[month - 1];
}

/*
 * The segment in which `at` lies.  Beyond the table's end the cycle of 400
 * years takes us back into it, as the server's own zone code does.
 */
static int
zone_find(const Zone *zone, int64 at, int *hint)
{
	int			lo = *hint;
	int			hi = lo + 1;
	int			step = 1;

	/* mostly in the segment or near it: ever wider steps, then between the last two */
	while (hi < zone->n && at >= zone->starts[hi])
	{
		lo = hi;
		hi += step;
		step *= 2;
	}
	hi = Min(hi, zone->n);
	while (at < zone->starts[lo])
	{
		hi = lo;
		lo = Max(lo - step, 0);
		step *= 2;
	}
	while (hi - lo > 1)
	{
		int			mid = lo + (hi - lo) / 2;

		if (at >= zone->starts[mid])
			lo = mid;
		else
			hi = mid;
	}
	return *hint = lo;
}

/* how many cycles to go back so that `t` and the day before are in the table */
static inline int64
cycles_beyond(const Zone *zone, int64 t)
{
	int64		end = zone->starts[zone->n - 1];

	/* a zone whose clocks no longer change keeps its last offset */
	if (t <= end || end < ENDLESS_FROM)
		return 0;
	return (t - end) / USECS_PER_CYCLE + 1;
}

int64
zone_to_local(const Zone *zone, int64 at, int *hint)
{
	int64		back = cycles_beyond(zone, at) * USECS_PER_CYCLE;

	return at + zone->offsets[zone_find(zone, at - back, hint)] * USECS_PER_SEC;
}

/* Put a stretch to where an instant is: beyond the table no longer than that. */
void
zone_stretch(const Zone *zone, int64 at, ClockStretch *stretch)
{
	int			hint = 0;
	int			i = zone_find(zone, at, &hint);

	stretch->from = at;
	stretch->until = at + 1;
	stretch->offset = zone_to_local(zone, at, &hint) - at;
	if (cycles_beyond(zone, at) > 0)
		return;
	stretch->from = zone->starts[i];
	if (i + 1 < zone->n)
		stretch->until = zone->starts[i + 1];
	else if (cycles_beyond(zone, INSTANT_LIMIT) == 0)
		stretch->until = INSTANT_LIMIT;
}

int64
zone_from_local(const Zone *zone, int64 local, int *hint)
{
	int64		back = cycles_beyond(zone, local + USECS_PER_DAY) * USECS_PER_CYCLE;
	int64		t = local - back;
	int			i = zone_find(zone, t - USECS_PER_DAY, hint);
	int64		before = t - zone->offsets[i] * USECS_PER_SEC;
	int64		after;
	int64		boundary;

	if (i + 1 >= zone->n)
		return before + back;
	boundary = zone->starts[i + 1];
	after = t - zone->offsets[i + 1] * USECS_PER_SEC;
	if (before < boundary && after < boundary)
		return before + back;
	if (before >= boundary && after >= boundary)
		return after + back;

	/* skipped: read the clock before the change; repeated: the one after it */
	return (before > after ? before : after) + back;
}

int64
zone_skipped(const Zone *zone, int64 at, int *hint, int64 *went_on)
{
	int64		back = cycles_beyond(zone, at) * USECS_PER_CYCLE;
	int			i = zone_find(zone, at - back, hint);
	int64		skipped;

	*went_on = PG_INT64_MIN;
	if (i == 0)
		return 0;
	skipped = (int64) (zone->offsets[i] - zone->offsets[i - 1]) * USECS_PER_SEC;
	if (at - back - zone->starts[i] >= skipped)
		return 0;
	*went_on = zone->starts[i] + back + zone->offsets[i] * USECS_PER_SEC;
	return skipped;
}

int64
local_add(int64 local, const Span *span, int times)
{
	if (span->months != 0)
	{
		int			days = local_to_days(local);
		Date		date = date_from_days(days);
		int64		month = (int64) date.year * 12 + (date.month - 1) + (int64) span->months * times;
		int			year;

		/* beyond every instant in either direction */
		if (month < 0 || month >= 12 * 20000)
			return month < 0 ? INSTANT_MIN - USECS_PER_DAY * 3 : INSTANT_NEVER;
		year = (int) (month / 12);
		date.month = (int) (month % 12) + 1;
		date.day = Min(date.day, days_in_month(year, date.month));
		local += local_from_days(date_to_days(year, date.month, date.day) - days);
	}
	if (span->days != 0 || span->time != 0)
	{
		int64		add;
		int64		more;

		if (__builtin_mul_overflow((int64) span->days * times, USECS_PER_DAY, &add) ||
			__builtin_mul_overflow(span->time, (int64) times, &more) ||
			__builtin_add_overflow(add, more, &add) ||
			__builtin_add_overflow(local, add, &local) ||
			local >= 2 * INSTANT_LIMIT)
			return (span->days < 0 || span->time < 0) ? INSTANT_MIN - USECS_PER_DAY * 3 : INSTANT_NEVER;
	}
	return local;
}

int64
zone_add(const Zone *zone, int64 at, const Span *span, int times, int *hint, int *hint_after)
{
	int64		local = local_add(zone_to_local(zone, at, hint), span, times);
	int64		after;

	/* a clock may be a day off the instants at either end of the calendar */
	if (local >= INSTANT_LIMIT + USECS_PER_DAY)
		return INSTANT_NEVER;
	if (local < INSTANT_MIN - USECS_PER_DAY)
		return INSTANT_MIN;
	after = zone_from_local(zone, local, hint_after);
	return after >= INSTANT_LIMIT ? INSTANT_NEVER : Max(after, INSTANT_MIN);
}

int
instant_to_text(int64 at, char *buf)
{
	int			days = local_to_days(at);
	int64		time = at - local_from_days(days);
	Date		date = date_from_days(days);
	int			micros = (int) (time % USECS_PER_SEC);
	int			seconds = (int) (time / USECS_PER_SEC);
	int			len = pg_snprintf(buf, INSTANT_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d",
								  date.year, date.month, date.day,
								  seconds / 3600, seconds / 60 % 60, seconds % 60);

	if (micros != 0)
	{
		len += pg_snprintf(buf + len, INSTANT_TEXT_SIZE - len, ".%06d", micros);
		while (buf[len - 1] == '0')
			len--;
	}
	buf[len++] = 'Z';
	buf[len] = '\0';
	return len;
}

/* exactly `digits` digits, or false */
static bool
read_digits(const char **s, const char *end, int digits, int *value)
{
	*value = 0;
	if (end - *s < digits)
		return false;
	for (; digits > 0; digits--, (*s)++)
	{
		if (**s < '0' || **s > '9')
			return false;
		*value = *value * 10 + (**s - '0');
	}
	return true;
}

static bool
read_char(const char **s, const char *end, char c)
{
	if (*s >= end || **s != c)
		return false;
	(*s)++;
	return true;
}

/*
 * YYYY-MM-DD, T or a space, HH:MM[:SS[.ffffff]], then Z or an offset as
 * +HH[[:]MM[:SS]].  Nothing else: an instant that depends on a session's
 * settings is no instant.
 */
bool
instant_from_text(const char *s, size_t len, int64 *at)
{
	const char *end = s + len;
	int			year,
				month,
				day,
				hour,
				minute,
				second = 0,
				micros = 0;
	int			sign = 0,
				offset_hour = 0,
				offset_minute = 0,
				offset_second = 0;

	if (!read_digits(&s, end, 4, &year) || !read_char(&s, end, '-') ||
		!read_digits(&s, end, 2, &month) || !read_char(&s, end, '-') ||
		!read_digits(&s, end, 2, &day) ||
		(!read_char(&s, end, 'T') && !read_char(&s, end, ' ')) ||
		!read_digits(&s, end, 2, &hour) || !read_char(&s, end, ':') ||
		!read_digits(&s, end, 2, &minute))
		return false;
	if (read_char(&s, end, ':'))
	{
		if (!read_digits(&s, end, 2, &second))
			return false;
		if (read_char(&s, end, '.'))
		{
			int			places = 0;

			while (s < end && *s >= '0' && *s <= '9' && places < 6)
			{
				micros = micros * 10 + (*s++ - '0');
				places++;
			}
			if (places == 0)
				return false;
			for (; places < 6; places++)
				micros *= 10;
		}
	}
	if (!read_char(&s, end, 'Z'))
	{
		if (read_char(&s, end, '+'))
			sign = 1;
		else if (read_char(&s, end, '-'))
			sign = -1;
		else
			return false;
		if (!read_digits(&s, end, 2, &offset_hour))
			return false;
		if (s < end)
		{
			read_char(&s, end, ':');
			if (!read_digits(&s, end, 2, &offset_minute))
				return false;
		}
		if (s < end && (!read_char(&s, end, ':') || !read_digits(&s, end, 2, &offset_second)))
			return false;
	}
	if (s != end || year < 1 || month < 1 || month > 12 || day < 1 ||
		day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59 ||
		offset_hour > 15 || offset_minute > 59 || offset_second > 59)
		return false;

	*at = local_from_days(date_to_days(year, month, day)) +
		(hour * INT64CONST(3600) + minute * 60 + second) * USECS_PER_SEC + micros -
		sign * (offset_hour * 3600 + offset_minute * 60 + offset_second) * USECS_PER_SEC;
	return instant_is_valid(*at);
}
