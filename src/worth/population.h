/*
 * population.h
 *		What a fit sees of all customers: rows of bytes in any order, and the
 *		groups that they become.
 *
 * A customer's row:
 *
 *		leb			transactions; nothing follows if there are none
 *		leb, leb	days from the first to the last, and from that until asof
 *		8 bytes		if x > 0: what the x brought, a double
 *
 * or, under a model of contracts:
 *
 *		leb			spells; for each
 *		leb			renewal * 2 + 1 where it was lost, or renewals made * 2
 *		8 bytes		the amount at its start, a double
 */
#ifndef LOYALTY_POPULATION_H
#define LOYALTY_POPULATION_H

#include "worth/fit.h"
#include "worth/use.h"

/* groups, ascending */
typedef struct Population
{
	BuyerGroup *buyers;
	size_t		nbuyers;
	SpendGroup *spends;			/* of contracts: amounts at a spell's start, x is 1 */
	size_t		nspends;
	SpellGroup *spells;
	size_t		nspells;

	/* customers: with a transaction, with a repeat one, without any; values above 0, and others */
	int64		customers;
	int64		repeat_customers;
	int64		no_purchase;
	int64		valued_customers;
	int64		not_above;
	int64		lost;			/* spells */
} Population;

/* A row of what the model sees of a history, as palloc'd bytes; `size` is their number. */
extern uint8 *population_row(const UsedModel *use, Datum history, int64 asof, size_t *size);

/* The groups of `n` customers; false if the bytes are not so many rows. */
extern bool population_read(Population *population, bool contracts, const uint8 *rows, size_t size, uint64 n);

#endif							/* LOYALTY_POPULATION_H */
