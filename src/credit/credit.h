/*
 * credit.h
 *		What a shop lends, to whom, and on which terms: the compiled document.
 *
 * One block of memory (document/block.h).  Dates are days since 2000-01-01 of
 * the document's clock, money is counted in millionths: see base/decimal.h.
 */
#ifndef LOYALTY_CREDIT_H
#define LOYALTY_CREDIT_H

#include "base/calendar.h"
#include "base/decimal.h"
#include "document/block.h"

/* limits: every allocation and loop of an answer is bounded by them */
#define CREDIT_MAX_TERMS		64
#define CREDIT_MAX_LIMITS		64
#define CREDIT_MAX_INSTALMENTS	600
#define CREDIT_MAX_MONTHS		120		/* that the lowest is looked for in */
#define CREDIT_MAX_WORKING_DAYS	366
#define CREDIT_MAX_HOLIDAYS		4096
#define CREDIT_MAX_STEPS		64		/* of the probability of a loss */

/* before and after every date */
#define DAY_ALWAYS	PG_INT32_MIN
#define DAY_NEVER	PG_INT32_MAX

typedef enum Decide { DECIDE_MONTH, DECIDE_DAY, DECIDE_WEEK, DECIDE_QUARTER } Decide;

/* What a decision asks for, in the order in which it says what is missing. */
typedef enum Measure
{
	MEASURE_TENURE,
	MEASURE_SALES,
	MEASURE_ORDERS,
	MEASURE_PROFIT,
	MEASURE_REFUNDS,
	MEASURE_GROWTH,
	MEASURE_PROFITABLE,
} Measure;

#define MEASURES 7

typedef struct Asked
{
	Span		in;				/* the time to look back, or the tenure */
	Decimal		bound;			/* at least, of refunds at most */
} Asked;

typedef struct Needs
{
	uint32		asked;			/* bits: 1 << Measure */
	uint32		unused;
	Asked		by[MEASURES];
} Needs;

typedef enum LimitOf { LIMIT_SALES, LIMIT_PROFIT, LIMIT_LOWEST_MONTH, LIMIT_AMOUNT } LimitOf;

typedef struct CreditLimit
{
	uint32		of;				/* LimitOf */
	uint32		unused;
	Span		in;
	Decimal		times;			/* or the amount */
} CreditLimit;

typedef struct CreditTerms
{
	BlockName	name;
	uint32		instalments;	/* 0: a share of sales */
	uint32		bears_interest;	/* if not, there may be a fee */
	Decimal		fee;			/* share of the amount */
	Decimal		interest;		/* nominal, a year */
	Decimal		residual;		/* share of the amount */
	Decimal		share;			/* of net sales */
	Span		every;
	Span		first;
	uint32		has_first;		/* if not, the first is due after `every` */
	uint32		has_minimum;
	Decimal		minimum_part;	/* of the total, a period */
	Span		minimum_per;
	int32		from;			/* dates: offered from ... */
	int32		until;			/* ... to before */
	uint32		id;				/* its place in the list */
	uint32		unused;
	Needs		needs;
} CreditTerms;

/* so probable is a loss once something has been overdue for so long */
typedef struct LossStep
{
	Span		after;
	Decimal		probability;
} LossStep;

typedef struct CreditPolicy
{
	uint32		size;
	uint32		decimals;
	BlockName	name;
	BlockName	timezone;
	uint32		decide;			/* Decide */
	uint32		working_days;	/* until the money comes; 0: nothing is promised */
	Span		valid;
	Decimal		repaid;			/* share of each open loan's total */
	Decimal		minimum;
	Decimal		step;
	Decimal		given_default;
	Span		grace;
	Span		defaults;		/* in default so long after that */
	BlockList	limits;			/* of CreditLimit; none: no offer */
	BlockList	holidays;		/* of int32: dates, ascending */
	BlockList	terms;			/* of CreditTerms */
	BlockList	losses;			/* of LossStep, ascending; none: nothing is said */
	Needs		qualify;
} CreditPolicy;

#define CREDIT_TERMS(policy)	BLOCK_LIST(policy, (policy)->terms, CreditTerms)
#define CREDIT_LIMITS(policy)	BLOCK_LIST(policy, (policy)->limits, CreditLimit)
#define CREDIT_LOSSES(policy)	BLOCK_LIST(policy, (policy)->losses, LossStep)

/* What is paid in advance falls due on the day itself. */
static inline bool
terms_in_advance(const CreditTerms *terms)
{
	return terms->has_first && terms->first.months == 0 && terms->first.days == 0;
}

/* the least money there is */
static inline Decimal
credit_unit(const CreditPolicy *policy)
{
	return decimal_power10[DECIMAL_PLACES - policy->decimals];
}

/* Its words, as the document has them; a NULL ends each list. */
extern const char *const decide_words[];
extern const char *const asked_words[];
extern const char *const limit_words[];

#endif							/* LOYALTY_CREDIT_H */
