/*
 * plan.h
 *		Instalments: what an advance on such terms costs, and when.
 */
#ifndef LOYALTY_PLAN_H
#define LOYALTY_PLAN_H

#include "credit/bind.h"

typedef struct PlanRow
{
	Decimal		interest;		/* or the fee's part; the rest of the payment is principal */
	Decimal		balance;		/* of the principal, after it */
} PlanRow;

/* What is paid, whenever: all advances of that amount share it. */
typedef struct Payments
{
	int			n;
	Decimal    *until;			/* what is paid up to and with each row */
	PlanRow    *rows;
} Payments;

/* Rows that terms have at most: a residual is one more. */
#define PLAN_MAX_ROWS	(CREDIT_MAX_INSTALMENTS + 1)

/* Both have room for PLAN_MAX_ROWS, or as many as these terms have. */
extern int	plan_rows(const BoundTerms *terms);
extern void plan_payments(const BoundCredit *bound, const BoundTerms *terms, Decimal amount, Payments *payments);
extern void plan_days(const BoundTerms *terms, int32 from, int n, int32 *days);

/* The fee of an amount, and which part of a sum that was repaid of both is fee. */
extern Decimal credit_fee(const BoundCredit *bound, const BoundTerms *terms, Decimal amount);
extern Decimal credit_fee_part(const BoundCredit *bound, Decimal fee, Decimal repaid, Decimal total);

/*
 * Plans that a call site has made: mostly the next customer's advance is of an
 * amount, or a day, that was met before.  Zeroed to begin with, but for the
 * context.
 */
#define PLANS_KEPT	256

typedef struct KeptPayments
{
	uint64		serial;			/* of the document */
	uint64		history;		/* the one it was asked for last */
	uint32		terms;
	int			room;
	Decimal		amount;
	Payments	payments;
} KeptPayments;

typedef struct KeptDays
{
	uint64		serial;
	uint64		history;
	uint32		terms;
	int32		from;
	int			room;
	int32	   *days;
} KeptDays;

typedef struct Plans
{
	MemoryContext context;
	uint64		history;		/* which one is being read */
	KeptPayments payments[PLANS_KEPT];
	KeptDays	days[PLANS_KEPT];
} Plans;

/* The same as above, to be read only; NULL plans keep nothing. */
extern const Payments *plans_payments(Plans *plans, const BoundCredit *bound, const BoundTerms *terms, Decimal amount);
extern const int32 *plans_days(Plans *plans, const BoundCredit *bound, const BoundTerms *terms, int32 from);

#endif							/* LOYALTY_PLAN_H */
