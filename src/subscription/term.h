/*
 * term.h
 *		Terms: a list without end of times in which each begins where the one
 *		before ends, counted from an anchor on a zone's clock.
 *
 * The nth term begins n spans after the anchor (not one span after the one
 * before: 31 Jan, 28 Feb, 31 Mar).
 */
#ifndef LOYALTY_TERM_H
#define LOYALTY_TERM_H

#include "base/calendar.h"

typedef struct Terms
{
	const Zone *zone;
	Span		every;			/* months or days */
	int64		anchor;			/* where term 0 begins */
	int64		local;			/* the same by the zone's clock */
	int			hint;
} Terms;

extern void terms_init(Terms *terms, const Zone *zone, const Span *every, int64 anchor);

/*
 * Terms of months that begin with the local year and every so many months on;
 * the months of a year must be a whole number of them.
 */
extern void terms_init_calendar(Terms *terms, const Zone *zone, const Span *every);

/* Where the nth term begins; INSTANT_NEVER beyond the calendar. */
extern int64 terms_nth(Terms *terms, int64 n);

/* The first term that begins at or after an instant. */
extern int64 terms_next(Terms *terms, int64 from);

#endif							/* LOYALTY_TERM_H */
