/*
 * figures.h
 *		What a customer's sales were between any two instants, from sums that are
 *		made once.
 */
#ifndef LOYALTY_FIGURES_H
#define LOYALTY_FIGURES_H

#include "credit/bind.h"
#include "history/history.h"

/* Sums over events that are not tagged as money of a loan. */
typedef struct Sums
{
	int128		gross;
	int128		refunded;
	int128		profit;
} Sums;

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
	const uint8 *history;
	size_t		len;
	uint64		n;
	int64	   *at;				/* of each event that moves a sum ... */
	Sums	   *until;			/* ... and all up to and with it */
	int64		first_purchase; /* INSTANT_NEVER: none */
	Bought	   *bought;			/* NULL: not asked for yet */
	uint64		nbought;
	int64		before;			/* events from here on are not seen */
} Figures;

extern void figures_read(Figures *figures, const uint8 *history, size_t len, int64 before);

/* Half-open. */
extern Sums figures_between(const Figures *figures, int64 from, int64 until);

static inline int128
sums_sales(const Sums *sums)
{
	return sums->gross - sums->refunded;
}

/* Orders, as orders(h) counts them; beyond `enough` they need not be counted. */
extern int64 figures_orders(Figures *figures, int64 from, int64 until, int64 enough);

/* The profit over the trailing interval at an instant, as unprofitable_since() sees it. */
extern int128 figures_trailing(const Figures *figures, Clock *clock, int32 day, const Span *span);

#endif							/* LOYALTY_FIGURES_H */
