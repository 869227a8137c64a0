/*
 * holding.h
 *		What a plain program makes of a purchase, and the tier held under it.
 */
#ifndef LOYALTY_HOLDING_H
#define LOYALTY_HOLDING_H

#include "standing/earn.h"
#include "standing/plain.h"

/* windows on average: how many have passed is found at once, or is one off */
#define AVERAGE_WINDOW	(INT64CONST(31556952) * USECS_PER_SEC)

/* The window, by number, that an instant of those kept ready falls into. */
static inline int
window_at(const PlainProgram *plain, int64 at)
{
	int			year = (int) ((at - plain->starts[0]) / AVERAGE_WINDOW);

	while (at < plain->starts[year])
		year--;
	while (at >= plain->starts[year + 1])
		year++;
	return year;
}

/* What a purchase earns. */
static inline Decimal
points_of(const PlainProgram *plain, Decimal amount, int level)
{
	int64		rate = plain->millionths[level + 1];
	int64		product;

	if (amount <= 0)
		return 0;
	/* whole points rounded down, the usual case, without a division of 128 bits */
	if (rate != 0 && !__builtin_mul_overflow(amount, rate, &product))
		return (int64) ((uint64) product / (DECIMAL_ONE * DECIMAL_ONE)) * DECIMAL_ONE;
	return points_round(plain->program,
						fraction_scale((Fraction) {amount, 1}, plain->rate[level + 1].num, plain->rate[level + 1].den));
}

/* The tier held, as it changes with the clock and with what is bought. */
typedef struct Holding
{
	const Level *levels;		/* lowest first */
	int			nlevels;		/* 0 without tiers */
	int			level;			/* NONE below the lowest */
	int64		until;			/* when it ends; INSTANT_NEVER */
	int64		since;			/* PG_INT64_MIN if from the start */
	int			before;			/* what it was before the instant of `since` ... */
	int64		before_since;	/* ... and since when that */
	int64		ends[PROGRAM_MAX_LEVELS];
} Holding;

static inline void
holding_begin(const PlainProgram *plain, Holding *h)
{
	h->levels = plain->tiers ? PROGRAM_LIST(plain->program, plain->tiers->levels, Level) : NULL;
	h->nlevels = plain->tiers ? (int) plain->tiers->levels.n : 0;
	h->level = h->before = plain->base;
	h->until = INSTANT_NEVER;
	h->since = h->before_since = PG_INT64_MIN;
	for (int l = 0; l < h->nlevels; l++)
		h->ends[l] = PG_INT64_MIN;
}

static inline void
set_level(Holding *h, int level, int64 until, int64 at)
{
	h->until = until;
	if (level == h->level)
		return;
	if (h->since != at)
	{
		h->before = h->level;
		h->before_since = h->since;
	}
	/* lost and won again in one instant: the run is not broken */
	h->since = level == h->before ? h->before_since : at;
	h->level = level;
}

/* The highest level below one that is held beyond an instant. */
static inline void
fall_below(const PlainProgram *plain, Holding *h, int level, int64 at)
{
	level--;
	while (level > plain->base && h->ends[level] <= at)
		level--;
	set_level(h, Max(level, plain->base), level > plain->base ? h->ends[level] : INSTANT_NEVER, at);
}

/* Bring the tier to an instant at which it has ended. */
static inline void
end_levels(const PlainProgram *plain, Holding *h, int64 at)
{
	while (h->until <= at)
		fall_below(plain, h, h->level, h->until);
}

/* The levels from `next` on that a window has reached with what was spent in it. */
static inline int
reach_levels(const PlainProgram *plain, Holding *h, int window, int64 spent, int next, int64 at)
{
	for (; next < h->nlevels && spent >= h->levels[next].at; next++)
	{
		h->ends[next] = Max(h->ends[next], plain->holds[window]);
		if (next >= h->level && h->ends[next] > at)
			set_level(h, next, h->ends[next], at);
	}
	return next;
}

/* What that says of a member's tier at the end, where the current window has come to so much. */
static inline void
holding_answer(const Holding *h, int64 spent, Standing *s)
{
	s->tier = s->next_tier = NONE;
	s->tier_since = PG_INT64_MIN;
	s->tier_until = INSTANT_NEVER;
	s->has_to_next = s->has_qualifying = false;
	if (h->nlevels == 0)
		return;
	s->tier = h->level == NONE ? NONE : (int) h->levels[h->level].tier;
	s->tier_since = h->level == NONE ? PG_INT64_MIN : h->since;
	s->tier_until = h->until;
	s->has_qualifying = true;
	s->qualifying = spent;
	if (h->level + 1 < h->nlevels)
	{
		s->next_tier = (int) h->levels[h->level + 1].tier;
		s->has_to_next = true;
		s->to_next = Max(0, h->levels[h->level + 1].at - spent);
	}
}

#endif							/* LOYALTY_HOLDING_H */
