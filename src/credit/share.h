/*
 * share.h
 *		What is due of a loan that is repaid as a share of sales.
 */
#ifndef LOYALTY_SHARE_H
#define LOYALTY_SHARE_H

#include "credit/bind.h"

/* Net sales of the days on which something was sold or sent back, ascending. */
typedef struct SalesDay
{
	int32		day;
	int128		net;
} SalesDay;

typedef struct SalesDays
{
	SalesDay   *list;
	uint64		n;
	uint64		room;
} SalesDays;

extern void sales_add(SalesDays *sales, int32 day, Decimal net);

/* What was due of a loan by the beginning of some day, as far as that was worked out. */
typedef struct Share
{
	const BoundCredit *bound;
	const CreditTerms *terms;
	int32		from;			/* the day of the advance */
	Decimal		total;

	/* so far */
	uint64		next;			/* of the days of sales */
	int128		sum;			/* of net sales since the advance */
	int128		highest;		/* that it was at the end of a day, at least 0 */
	Decimal		of_sales;		/* the share of that: what sales have made due */
	int32		period;			/* how many of the minimum are over */
	int32		period_ends;	/* the one that is not */
	Decimal		before;			/* what sales had made due before it */

	/* dates at whose beginning something fell due, and all that had by then */
	int			n;
	int			room;
	int32	   *days;
	Decimal    *until;
} Share;

extern void share_begin(Share *share, const BoundCredit *bound, const CreditTerms *terms, int32 from, Decimal total,
						const SalesDays *sales);

/* Work it out up to the beginning of a day; sales of the days before it are known. */
extern void share_reach(Share *share, const SalesDays *sales, int32 day);

#endif							/* LOYALTY_SHARE_H */
