/*
 * offer.h
 *		What a customer is offered at an instant.
 */
#ifndef LOYALTY_OFFER_H
#define LOYALTY_OFFER_H

#include "credit/figures.h"
#include "credit/loan.h"

/* Why nothing is offered, in the order in which it is said; the first are Measures. */
typedef enum Reason
{
	REASON_LIMIT = MEASURES,
	REASON_TERMS,
	REASON_EXPIRED,
	REASON_USED,
	REASON_WRITTEN_OFF,
	REASON_OVERDUE,
	REASON_OPEN,
} Reason;

#define REASONS (REASON_OPEN + 1)

extern const char *const reason_name[REASONS];

/* What there was of a measure: num / den; in what unit depends on it. */
typedef struct Figure
{
	bool		is_there;
	int128		num;
	int128		den;
} Figure;

typedef struct Decision
{
	const Frame *frame;
	uint32		reasons;		/* bits: 1 << Reason */
	uint64		terms;			/* bits: those offered, by id */
	int128		limit;			/* in 10^-12 */
	Figure		figures[MEASURES];
} Decision;

typedef struct Offer
{
	Decision	decision;		/* the one that governs */
	uint32		reasons;		/* none: qualified */
	int128		amount;			/* in 10^-6 */
	int64		first_purchase; /* that the decision knew; INSTANT_NEVER: none */
	const Loan *least_repaid;	/* the open loan of which least is; NULL: none is open */
} Offer;

/* At the instant of the frames; the loans are read if there are any. */
extern void offer_make(Offer *offer, Frames *frames, Loans *loans, const uint8 *history, size_t len);

/* The n-th working day after a day. */
extern int32 credit_pay_by(const CreditPolicy *policy, int32 day);

#endif							/* LOYALTY_OFFER_H */
