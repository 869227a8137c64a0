/*
 * contracts.h
 *		What is to be expected of a customer with a contract.
 */
#ifndef LOYALTY_CONTRACTS_H
#define LOYALTY_CONTRACTS_H

#include "worth/spells.h"
#include "worth/use.h"

typedef struct Contract
{
	bool		running;
	Spell		spell;			/* the last */
	int64		renewals;		/* that were made in it */
	int64		asof;
	Terms		terms;			/* renewal k is due where term k begins */
} Contract;

/* The last spell with a contract; false if there was none. */
extern bool contract_look(const UsedModel *use, Datum history, int64 asof, Contract *contract);

/*
 * The renewals to be expected up to and including an instant (INSTANT_NEVER:
 * for ever), each counted e^(-fading * days until it is due).
 */
extern double contract_expected(const UsedModel *use, Contract *contract, int64 until, double fading);

/* When the next one is due, if it comes with that probability; else INSTANT_NEVER. */
extern int64 contract_next(const UsedModel *use, Contract *contract, double probability);

/* The same sum for somebody who begins now, within so many days; may be infinite. */
extern double contract_prospect(const UsedModel *use, double days, double fading);

#endif							/* LOYALTY_CONTRACTS_H */
