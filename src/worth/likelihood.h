/*
 * likelihood.h
 *		The log-likelihoods of populations, with their derivatives by the
 *		parameters.
 *
 * Each adds to a slope; the groups' order is the order of the sums.
 */
#ifndef LOYALTY_LIKELIHOOD_H
#define LOYALTY_LIKELIHOOD_H

#include "worth/fit.h"

typedef struct BuyerGroups
{
	PurchaseKind kind;
	double		day;			/* in units of time */
	const BuyerGroup *groups;
	size_t		n;
	size_t		step;			/* 1 for all groups; else every step-th of them */
	double	   *tables;			/* see fit.h */
	fit_interrupt interrupt;
} BuyerGroups;

typedef struct SpendGroups
{
	const SpendGroup *groups;
	size_t		n;
	size_t		step;
	double		unit;			/* of money, in which gamma counts */
	fit_interrupt interrupt;
} SpendGroups;

typedef struct SpellGroups
{
	const SpellGroup *groups;
	size_t		n;
	fit_interrupt interrupt;
} SpellGroups;

/* parameters r, alpha, a, b */
extern void bg_likelihood(const BuyerGroups *buyers, const double *parameters, Slope *slope);
/* r, alpha, s, beta */
extern void pareto_likelihood(const BuyerGroups *buyers, const double *parameters, Slope *slope);
/* p, q, gamma */
extern void spend_likelihood(const SpendGroups *spends, const double *parameters, Slope *slope);
/* alpha, beta */
extern void renewal_likelihood(const SpellGroups *spells, const double *parameters, Slope *slope);

#endif							/* LOYALTY_LIKELIHOOD_H */
