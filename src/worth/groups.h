/*
 * groups.h
 *		Customers of whom a fit sees the same: groups, ascending.
 */
#ifndef LOYALTY_GROUPS_H
#define LOYALTY_GROUPS_H

#include "worth/fit.h"

/* Sort them, and keep equal ones once, with their number; returns how many are left. */
extern size_t group_buyers(BuyerGroup *buyers, size_t n);
extern size_t group_spends(SpendGroup *spends, size_t n);	/* of sums above 0 */
extern size_t group_spells(SpellGroup *spells, size_t n);

#endif							/* LOYALTY_GROUPS_H */
