/*
 * member.h
 *		Who is a member of a paid plan: runs of segments that overlap or adjoin.
 */
#ifndef LOYALTY_MEMBER_H
#define LOYALTY_MEMBER_H

#include "subscription/segment.h"

typedef struct Membership
{
	bool		ever;			/* else nothing below says anything */
	bool		member;			/* the last run holds the instant */
	bool		paying;
	int64		since;			/* of the last run */
	int64		until;			/* its end as known then; INSTANT_NEVER if open */
	int64		term;			/* 0 until a paid segment of it has begun */
	int64		renews_at;		/* INSTANT_NEVER if it ends before */
} Membership;

/*
 * `plans` are the names that count as one plan; the segments are those known
 * at the instant.
 */
extern void membership_at(const Segments *segments, const Text *plans, int nplans, const Zone *zone, int64 asof,
						  Membership *membership);

/* just whether they are one */
extern bool membership_in_force(const Segments *segments, const Text *plans, int nplans, int64 asof);

#endif							/* LOYALTY_MEMBER_H */
