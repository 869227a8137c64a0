/*
 * figures.h
 *		What a customer's sales were between the dates that a decision looks back
 *		to, from sums that are made once.
 */
#ifndef LOYALTY_FIGURES_H
#define LOYALTY_FIGURES_H

#include "credit/bind.h"
#include "history/history.h"

/* Is it tagged as money of a loan?  Then it is no sale here. */
extern bool event_is_credit(const Event *event);

/* Sums over events that are not. */
typedef struct Sums
{
	int128		gross;
	int128		refunded;
	int128		profit;
} Sums;

static inline int128
sums_sales(const Sums *sums)
{
	return sums->gross - sums->refunded;
}

/* ---------------- decisions, and what they look back to ---------------- */

/* The day of a decision: for all customers the same. */
typedef struct Frame
{
	int32		day;			/* at whose beginning it falls */
	int64		at;
	int32		ends;			/* the day at whose beginning it is no longer in force */
	int64		ends_at;
	int64	   *looks;			/* by BoundCredit.looks: instants ... */
	int		   *order;			/* ... and their order */
} Frame;

/* What a call site has worked out: the newest decision at an instant, and those before it.  Zeroed, but for the context. */
typedef struct Frames
{
	MemoryContext context;
	MemoryContext own;			/* of what follows */
	uint64		serial;			/* of the document */
	int64		asof;
	int32		today;			/* the last day that had begun */
	Clock		clock;
	int			n;
	int			room;
	Frame	   *list;
	uint64	   *before;			/* room for a decision's */
} Frames;

extern void frames_begin(Frames *frames, const BoundCredit *bound, int64 asof);

/* The n-th decision back, 0 being the newest; NULL if it is not in force (but for the newest). */
extern const Frame *frames_get(Frames *frames, const BoundCredit *bound, int n);

/* ---------------- a customer ---------------- */

/* An event that moves a sum, and the sums up to and with it. */
typedef struct Moved
{
	Sums		until;
	int64		at;
} Moved;

/* A purchase, and the one before it of the same order. */
typedef struct Bought
{
	int64		at;
	int64		key;			/* number of the ref, or of its text in the history */
	int64		before;			/* -1: none */
	int			form;			/* 0: no ref; 1: a number; 2: a text */
} Bought;

typedef struct Figures
{
	bool		has_loans;		/* are there advances? */
	uint64		n;
	Moved	   *moved;			/* from 1 on; the one before has moved nothing */
	int64		first_purchase; /* INSTANT_NEVER: none */
	Bought	   *bought;			/* NULL: nobody asks for orders */
	uint64		nbought;
	bool		orders_found;
	bool		each_an_order;	/* all that moved are purchases, each of its own order */

	/* of the decision that is being made: how many events came before what it looks back to, and before itself */
	const Frame *frame;
	uint64	   *before;
	uint64		all;
} Figures;

/* Over events before an instant. */
extern void figures_read(Figures *figures, const BoundCredit *bound, const uint8 *history, size_t len, int64 before);
extern void figures_look(Figures *figures, const BoundCredit *bound, Frames *frames, const Frame *frame);

/* From there until the decision, or from one to another. */
static inline Sums
figures_since(const Figures *figures, int look)
{
	const Sums *all = &figures->moved[figures->all].until;
	const Sums *less = &figures->moved[figures->before[look]].until;

	return (Sums) {all->gross - less->gross, all->refunded - less->refunded, all->profit - less->profit};
}

static inline int128
figures_sales(const Figures *figures, int from, int until)
{
	return sums_sales(&figures->moved[figures->before[until]].until) - sums_sales(&figures->moved[figures->before[from]].until);
}

/* Orders since then, as orders(h) counts them; beyond `enough` they need not be counted. */
extern int64 figures_orders(Figures *figures, int look, int64 enough);

/* Is an interval since an instant over at the decision? */
extern bool figures_is_over(const Figures *figures, Clock *clock, int64 at, const Span *span, const LooksBack *looks);

/* The profit over the trailing interval, as unprofitable_since() sees it. */
extern int128 figures_trailing(const Figures *figures, Clock *clock, const Span *span, const LooksBack *looks);

#endif							/* LOYALTY_FIGURES_H */
