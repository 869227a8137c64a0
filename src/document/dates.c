/*
 * dates.c
 *		Values of a document that speak of time: intervals, dates, and what holds
 *		from one date to another.
 */
#include "postgres.h"

#include "document/read.h"

/* ---------------- intervals ---------------- */

static const struct
{
	const char *word;
	int32		months;
	int32		days;
	int64		time;
}			units[] = {
	{"year", 12, 0, 0},
	{"month", 1, 0, 0},
	{"week", 0, 7, 0},
	{"day", 0, 1, 0},
	{"hour", 0, 0, USECS_PER_HOUR},
	{"minute", 0, 0, USECS_PER_MINUTE},
	{"second", 0, 0, USECS_PER_SEC},
};

bool
span_from_text(const JsonNode *node, Sign sign, Span *span)
{
	const char *s = node->text;
	int64		months = 0;
	int64		days = 0;
	int64		time = 0;
	unsigned	seen = 0;

	if (node->type != JSON_STRING)
		return false;
	do
	{
		int64		n = 0;
		size_t		unit = 0;
		size_t		len = 0;

		if (*s < '0' || *s > '9')
			return false;
		for (; *s >= '0' && *s <= '9'; s++)
			n = Min(n * 10 + (*s - '0'), INT64CONST(1000000000000));
		while (*s == ' ')
			s++;
		while (s[len] >= 'a' && s[len] <= 'z')
			len++;
		while (unit < lengthof(units) &&
			   !(strncmp(s, units[unit].word, strlen(units[unit].word)) == 0 &&
				 (len == strlen(units[unit].word) ||
				  (len == strlen(units[unit].word) + 1 && s[len - 1] == 's'))))
			unit++;
		/* each unit once */
		if (unit == lengthof(units) || (seen & (1u << unit)))
			return false;
		seen |= 1u << unit;

		/* beyond its limit a number may stop growing */
		months += Min(n, SPAN_MAX_MONTHS + 1) * units[unit].months;
		days += Min(n, SPAN_MAX_DAYS + 1) * units[unit].days;
		if (units[unit].time > 0)
			time += Min(n, SPAN_MAX_TIME / units[unit].time + 1) * units[unit].time;
		s += len;
		while (*s == ' ')
			s++;
	} while (*s);

	if (months > SPAN_MAX_MONTHS || days > SPAN_MAX_DAYS || time > SPAN_MAX_TIME)
		value_refuse(node, "is too long an interval", value_found(node), "At most 1000 years are kept.");
	if (sign == POSITIVE && months == 0 && days == 0 && time == 0)
		value_refuse(node, "must be longer than nothing", value_found(node), NULL);
	span->months = (int32) months;
	span->days = (int32) days;
	span->time = time;
	return true;
}

Span
value_span(const JsonNode *node, Sign sign)
{
	Span		span;

	if (!span_from_text(node, sign, &span))
		value_refuse(node, "must be an interval", value_found(node),
					 "Write it like \"14 days\", \"12 months\", \"1 year 6 months\" or \"36 hours\": whole numbers of years, months, weeks, days, hours, minutes, seconds.");
	return span;
}

/* ---------------- dates and local times ---------------- */

/* exactly as many digits as the pattern has zeros, other characters as they are */
static bool
matches_pattern(const char *s, const char *pattern)
{
	for (; *pattern; s++, pattern++)
	{
		if (*pattern == '0' ? *s < '0' || *s > '9' : *s != *pattern)
			return false;
	}
	return *s == '\0';
}

static int
number_at(const char *s, int digits)
{
	int			n = 0;

	while (digits-- > 0)
		n = n * 10 + (*s++ - '0');
	return n;
}

int64
value_local(const JsonNode *node)
{
	static const char *const patterns[] = {
		"0000-00-00", "0000-00-00 00:00", "0000-00-00T00:00", "0000-00-00 00:00:00", "0000-00-00T00:00:00", NULL
	};
	const char *const *pattern = patterns;
	const char *s = node->text;
	int			year,
				month,
				day;
	int			hour = 0,
				minute = 0,
				second = 0;

	while (*pattern && !(node->type == JSON_STRING && matches_pattern(s, *pattern)))
		pattern++;
	if (*pattern == NULL)
		value_refuse(node, "must be a date or a local time", value_found(node),
					 psprintf("Write it like \"2025-03-10\" or \"2025-03-10 12:00\": the clock is that of the %s's timezone, so there is no offset.",
							  json_read_for(node)));
	year = number_at(s, 4);
	month = number_at(s + 5, 2);
	day = number_at(s + 8, 2);
	if (strlen(*pattern) > 10)
	{
		hour = number_at(s + 11, 2);
		minute = number_at(s + 14, 2);
	}
	if (strlen(*pattern) > 16)
		second = number_at(s + 17, 2);
	if (year < 1 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		value_refuse(node, "is a day that the calendar does not have", value_found(node), NULL);
	if (hour > 23 || minute > 59 || second > 59)
		value_refuse(node, "is a time that no clock shows", value_found(node),
					 "Times are 00:00:00 to 23:59:59.");
	return local_from_days(date_to_days(year, month, day)) +
		(hour * INT64CONST(3600) + minute * 60 + second) * USECS_PER_SEC;
}

bool
month_day_from_text(const JsonNode *node, const char *text, uint32 *month, uint32 *day)
{
	if (!matches_pattern(text, "00-00"))
		return false;
	*month = (uint32) number_at(text, 2);
	*day = (uint32) number_at(text + 3, 2);
	/* 02-29 is the 28th where there is no 29th */
	if (*month < 1 || *month > 12 || *day < 1 || (int) *day > days_in_month(2000, (int) *month))
		value_refuse(node, "is a day that no year has", value_found(node), "Write month and day: \"09-30\".");
	return true;
}

/* ---------------- from, until ---------------- */

void
dated_read(const JsonNode *node, Dated *dated)
{
	const JsonNode *from = NULL;
	const JsonNode *until = NULL;

	/* what is no object is refused by its reader */
	if (node->type == JSON_OBJECT)
	{
		from = json_member(node, "from");
		until = json_member(node, "until");
	}
	dated->node = node;
	dated->from = from ? value_local(from) : PG_INT64_MIN;
	dated->until = until ? value_local(until) : PG_INT64_MAX;
	if (from && until && dated->from >= dated->until)
		value_refuse(until, "must be later than \"from\"",
					 psprintf("It is \"%s\", \"from\" is \"%s\".", until->text, from->text),
					 "\"until\" is excluded: what holds on one day only ends on the day after it.");
}

static int
compare_dates(const void *a, const void *b)
{
	const Dated *da = a;
	const Dated *db = b;

	return (da->from > db->from) - (da->from < db->from);
}

void
dated_order(Dated *versions, int n)
{
	qsort(versions, n, sizeof(Dated), compare_dates);
	for (int i = 1; i < n; i++)
	{
		const Dated *before = &versions[i - 1];
		const JsonNode *until = json_member(before->node, "until");
		const JsonNode *from = json_member(versions[i].node, "from");

		if (versions[i].from < before->until)
			value_refuse(versions[i].node, psprintf("overlaps %s", json_path(before->node)),
						 psprintf("%s is in force %s%s, this one from %s.", json_path(before->node),
								  until ? "until " : "for ever", until ? until->text : "",
								  from ? from->text : "the beginning"),
						 from ? psprintf("Give %s \"until\": \"%s\".", json_path(before->node), from->text) :
						 "Give each version but the first a \"from\", and each but the last an \"until\".");
	}
}
