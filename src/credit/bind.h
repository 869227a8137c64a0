/*
 * bind.h
 *		A credit document with what is worked out from it once a session: its
 *		zone, what all annuities on the same terms share, and the dates that its
 *		decisions look back to.  And the days and money of it.
 */
#ifndef LOYALTY_CREDIT_BIND_H
#define LOYALTY_CREDIT_BIND_H

#include "base/clock.h"
#include "base/fraction.h"
#include "credit/annuity.h"
#include "credit/credit.h"

/*
 * A date that decisions look back to: some intervals before their own, and
 * perhaps some days on.  Each is there once.
 */
typedef struct LookBack
{
	Span		span;
	int			times;
	int			shift;
} LookBack;

/* within so many days it depends on the months' lengths whether an interval is over */
#define LOOK_SLACK	5

/* The places in the list of what a measure looks back to. */
typedef struct LooksBack
{
	int			from;
	int			before;			/* of growth: another interval before; of tenure and profitable: LOOK_SLACK days before */
	int			after;			/* ... and after */
} LooksBack;

typedef struct BoundNeeds
{
	const Needs *needs;
	LooksBack	by[MEASURES];
} BoundNeeds;

typedef struct BoundTerms
{
	const CreditTerms *terms;
	bool		has_rate;		/* else the annuity says nothing */
	Annuity		annuity;
	BoundNeeds	needs;
} BoundTerms;

typedef struct BoundCredit
{
	const CreditPolicy *policy;
	const Zone *zone;
	Decimal		unit;			/* the least money */
	uint64		serial;			/* never that of another in this session */
	BoundTerms *terms;
	BoundNeeds	qualify;
	bool		asks_orders;	/* somewhere */
	int		   *limits;			/* where each looks back to */
	int			months[CREDIT_MAX_MONTHS + 1];	/* those before a decision, as far as they are looked at */
	int			nlooks;
	LookBack   *looks;
} BoundCredit;

/* Allocates. */
extern void credit_bind(BoundCredit *bound, const CreditPolicy *policy, const Zone *zone);

/* The terms of that name, the first without a name; error 22023 if they are not there. */
extern const BoundTerms *credit_terms(const BoundCredit *bound, const char *name, size_t len);

/* num / den millionths, half up to the money of the document; 22003 if it is too large. */
extern Decimal credit_round(const BoundCredit *bound, int128 num, int128 den);

/* ---------------- days ---------------- */

/* A date and so many intervals; DAY_NEVER beyond the calendar. */
extern int32 day_add(int32 day, const Span *span, int times);

/* The instant that stands for a day's midnight; those of DAY_NEVER and beyond never come. */
static inline int64
day_begin(Clock *clock, int32 day)
{
	return day == DAY_NEVER ? INSTANT_NEVER : clock_from_local(clock, local_from_days(day));
}

/*
 * The last day that has begun at an instant.  Where clocks are put back at
 * midnight that is not always the one that they show.
 */
static inline int32
day_begun(Clock *clock, int64 at)
{
	int32		day = clock_days(clock, at);

	return day_begin(clock, day) > at ? day - 1 : day;
}

#endif							/* LOYALTY_CREDIT_BIND_H */
