/*
 * times.c
 *		What rules say about the year: its end, and windows that begin with it.
 */
#include "postgres.h"

#include "program/reading.h"

uint32
value_year_end(const JsonNode *node, const char *const *words, uint32 year, uint32 month_day,
			   uint32 *month, uint32 *day)
{
	uint32		kind = year;

	/* the 1st of January is the year itself */
	if (node->type == JSON_STRING && month_day_from_text(node, node->text, month, day))
		return *month == 1 && *day == 1 ? year : month_day;
	if (node->type == JSON_STRING)
	{
		for (kind = 0; words[kind]; kind++)
		{
			if (strcmp(words[kind], node->text) == 0)
			{
				*month = *day = kind == year ? 1 : 0;
				return kind;
			}
		}
	}
	value_refuse(node, "is not one of the accepted values", value_found(node),
				 value_accepted(words, "or a day MM-DD such as \"09-30\"", node->type == JSON_STRING ? node->text : NULL));
}

bool
value_window(const JsonNode *node, uint32 *window, uint32 *month, uint32 *day)
{
	static const char from[] = "year from ";

	if (node->type != JSON_STRING)
		return false;
	*month = *day = 1;
	*window = WINDOW_CALENDAR_YEAR;
	if (strcmp(node->text, "calendar year") == 0)
		return true;
	if (strncmp(node->text, from, strlen(from)) == 0 &&
		month_day_from_text(node, node->text + strlen(from), month, day))
	{
		/* the year from 01-01 is the calendar's */
		if (*month != 1 || *day != 1)
			*window = WINDOW_YEAR_FROM;
		return true;
	}
	*month = *day = 0;
	if (strcmp(node->text, "membership year") == 0)
		*window = WINDOW_MEMBERSHIP_YEAR;
	else if (strcmp(node->text, "lifetime") == 0)
		*window = WINDOW_LIFETIME;
	else
		return false;
	return true;
}
