/*
 * pareto.h
 *		Pareto/NBD: what is to be expected of a customer.
 */
#ifndef LOYALTY_PARETO_H
#define LOYALTY_PARETO_H

#include "worth/purchases.h"

extern double pareto_alive(const Purchases *model, const Buyer *buyer);

/* of a customer who is still one */
extern double pareto_expected(const Purchases *model, const Buyer *buyer, double t);
extern double pareto_discounted(const Purchases *model, const Buyer *buyer, double t, double delta);
extern double pareto_again(const Purchases *model, const Buyer *buyer, double t);

#endif							/* LOYALTY_PARETO_H */
