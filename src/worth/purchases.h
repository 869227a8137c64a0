/*
 * purchases.h
 *		How often customers buy, and when they stop: three models of it.
 *
 * A customer buys at a rate that is Gamma(r, alpha) over the population, until
 * they leave.  Pareto/NBD: they may leave at any instant, at a rate that is
 * Gamma(s, beta).  BG/NBD: after each repeat purchase with a probability that
 * is Beta(a, b); MBG/NBD: after the first one too.
 *
 * Sources: Schmittlein, Morrison, Colombo 1987; Fader, Hardie, Lee 2005;
 * Batislam, Denizel, Filiztekin 2007; Hoppe, Wagner 2007.
 */
#ifndef LOYALTY_PURCHASES_H
#define LOYALTY_PURCHASES_H

#include <stdbool.h>
#include <stdint.h>

typedef enum PurchaseKind
{
	PURCHASES_MBG,
	PURCHASES_PARETO,
	PURCHASES_BG,
} PurchaseKind;

#define PURCHASE_PARAMETERS 4

typedef struct Purchases
{
	PurchaseKind kind;
	double		r;
	double		alpha;
	double		leave;			/* a, or s */
	double		stay;			/* b, or beta */
} Purchases;

/* what is known of a customer, in units of time */
typedef struct Buyer
{
	double		x;				/* repeat transactions */
	double		t_x;			/* from the first to the last */
	double		age;			/* from the first until now; T in the literature */
} Buyer;

/* the probability that the customer is still one */
extern double purchases_alive(const Purchases *model, const Buyer *buyer);

/* how many transactions are to be expected within t from now on */
extern double purchases_expected(const Purchases *model, const Buyer *buyer, double t);

/*
 * The same, each counted e^(-delta * when); t may be infinite if delta is not
 * 0.
 */
extern double purchases_discounted(const Purchases *model, const Buyer *buyer, double t, double delta);

/* the probability that there will be one within t from now on */
extern double purchases_again(const Purchases *model, const Buyer *buyer, double t);

/*
 * The least d of at least 1 for which purchases_again within d * day reaches
 * the probability; more than `most` if none does up to there.
 */
extern int64_t purchases_again_after(const Purchases *model, const Buyer *buyer, double probability,
									 double day, int64_t most);

/*
 * The least d of at least 0 for which the customer, silent since the last
 * transaction, would be one with less than that probability at t_x + d * day.
 */
extern int64_t purchases_lost_after(const Purchases *model, const Buyer *buyer, double below,
									double day, int64_t most);

#endif							/* LOYALTY_PURCHASES_H */
