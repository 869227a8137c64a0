/*
 * bg.h
 *		BG/NBD and MBG/NBD: what is to be expected of a customer.
 */
#ifndef LOYALTY_BG_H
#define LOYALTY_BG_H

#include "worth/purchases.h"

extern double bg_alive(const Purchases *model, const Buyer *buyer);

/* of a customer who is still one */
extern double bg_expected(const Purchases *model, const Buyer *buyer, double t);
extern double bg_discounted(const Purchases *model, const Buyer *buyer, double t, double delta);

#endif							/* LOYALTY_BG_H */
