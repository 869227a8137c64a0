/*
 * fit.h
 *		A population's parameters, by maximum likelihood.
 *
 * A population is given by how many of its customers have the same history as
 * far as the model sees it, in ascending order: sums are formed in that order,
 * so the same customers give the same bits.
 */
#ifndef LOYALTY_FIT_H
#define LOYALTY_FIT_H

#include "worth/newton.h"
#include "worth/purchases.h"

#include <stddef.h>
#include <stdint.h>

/* customers with the same purchases, in days */
typedef struct BuyerGroup
{
	uint32_t	x;
	int32_t		t_x;
	int32_t		age;
	uint32_t	customers;
} BuyerGroup;

/* customers with the same repeat purchases and what they brought in all */
typedef struct SpendGroup
{
	uint32_t	x;				/* > 0 */
	uint32_t	customers;
	double		sum;			/* x * value, > 0 */
} SpendGroup;

/* spells of contracts: those lost at renewal `renewal`, or that have made so many */
typedef struct SpellGroup
{
	uint32_t	renewal;
	bool		lost;
	int64_t		spells;
} SpellGroup;

/*
 * What is known beforehand: as if so many customers more had been seen, with
 * these parameters for their most likely ones.
 */
typedef struct Prior
{
	int			n;				/* parameters; 0: nothing is known */
	double		parameters[NEWTON_MOST];
	double		precision[NEWTON_MOST][NEWTON_MOST];	/* of their logarithms */
} Prior;

/* called now and then; may not return */
typedef void (*fit_interrupt) (void);

typedef struct Fit
{
	double		parameters[NEWTON_MOST];
	Maximum		maximum;
	double		log_likelihood; /* without the prior */
} Fit;

/* `tables` has room for two doubles for every day up to DAY_TABLE, if there are as many. */
#define DAY_TABLE		65536

extern void fit_purchases(PurchaseKind kind, double day, const BuyerGroup *groups, size_t n,
						  const Prior *prior, double *tables, fit_interrupt interrupt, Fit *fit);
extern void fit_spend(const SpendGroup *groups, size_t n, const Prior *prior, fit_interrupt interrupt, Fit *fit);
extern void fit_renewals(const SpellGroup *groups, size_t n, const Prior *prior, fit_interrupt interrupt, Fit *fit);

#endif							/* LOYALTY_FIT_H */
