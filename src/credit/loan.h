/*
 * loan.h
 *		The loans of a history: advances, and what repayments have covered of
 *		them, up to an instant.
 */
#ifndef LOYALTY_LOAN_H
#define LOYALTY_LOAN_H

#include "credit/plan.h"
#include "credit/share.h"
#include "history/history.h"

typedef struct Loan
{
	Event		advance;		/* its texts point into the history */
	const BoundTerms *terms;
	int32		from;			/* the day of the advance */
	Decimal		total;			/* by plan */
	Decimal		fee;			/* of that */
	Decimal		repaid;
	int64		closed_at;		/* INSTANT_NEVER: it is open */

	/* instalments: their dates, what is due by then in all, and interest */
	int			n;
	const int32 *days;
	const Decimal *until;
	const PlanRow *rows;

	/* or a share of sales, whose dates and sums the three above are */
	Share		share;

	/* written off: principal and what was owed then, and what came later */
	bool		is_written_off;
	Decimal		lost;
	Decimal		lost_owed;
	Decimal		recovered;
} Loan;

typedef struct Loans
{
	const BoundCredit *bound;
	Plans	   *plans;
	Clock		clock;
	int32		today;			/* the last day that had begun at the instant */
	uint64		n;
	uint64		room;
	Loan	   *list;			/* by advance */
	uint64	   *open;			/* places of those to which money may still come */
	uint64		nopen;
	uint64		shares;			/* how many are repaid as a share of sales */
	SalesDays	sales;
} Loans;

/* None yet, at an instant; and those of a history: error 22023 for an advance on terms that the document lacks. */
extern void loans_begin(Loans *loans, const BoundCredit *bound, Plans *plans, int32 today);
extern void loans_read(Loans *loans, const uint8 *history, size_t len, int64 asof);

static inline bool
loan_is_open(const Loan *loan)
{
	return loan->closed_at == INSTANT_NEVER;
}

/* What closes it by that day, and what is due of it; 0 once it is closed. */
extern Decimal loan_owed(const Loans *loans, const Loan *loan, int32 day);
extern Decimal loan_due(const Loans *loans, const Loan *loan, int32 day);

typedef enum LoanStatus { LOAN_REPAID, LOAN_WRITTEN_OFF, LOAN_DEFAULT, LOAN_LATE, LOAN_OPEN } LoanStatus;

extern const char *const loan_status_name[];

/* How it stands on loans->today. */
typedef struct LoanState
{
	LoanStatus	status;
	Decimal		principal;
	Decimal		owed;
	Decimal		due;
	Decimal		overdue;
	int32		overdue_since;	/* DAY_NEVER: it is not */
	int			next;			/* row; -1: none */
	Decimal		next_due;		/* of that */
	Decimal		expected_loss;
} LoanState;

extern void loan_state(const Loans *loans, const Loan *loan, LoanState *state);

/* The first row from `k` on of which something is open that falls due after a day, and how much; -1: none. */
extern int	loan_next(const Loan *loan, int k, int32 day, Decimal *open);

#endif							/* LOYALTY_LOAN_H */
