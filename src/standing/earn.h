/*
 * earn.h
 *		What an order earns.
 */
#ifndef LOYALTY_EARN_H
#define LOYALTY_EARN_H

#include "standing/fold.h"

/* The factors of the multiply rules that apply, being gathered; start with {.product = {1, 1}}. */
typedef struct Factors
{
	Fraction	product;
	Decimal		largest;
	Decimal		last;			/* of those that replace */
	bool		max;
	bool		replace;
} Factors;

/* Take a multiply rule that applies into account, if it has a factor for the tier. */
extern void factors_add(Factors *factors, const Program *program, const MultiplyRule *rule, int tier);
/* The last that replaces, else the largest if one is `max`, else the product. */
extern Fraction factors_result(const Factors *factors);

/* The one rounding: on the magnitude, to the program's decimals. */
extern Decimal points_round(const Program *program, Fraction f);

/*
 * What an order earns before rounding (under `scope: line` after it: each line
 * is rounded by itself), at least 0.
 */
extern Fraction order_earns(Fold *fold, const Order *order);
/* The metric points of some of its lines: the rules before factors. */
extern Fraction order_raw_points(Fold *fold, const Order *order, int first_line, int nlines);
/* The earn rules and factors behind an order's points, for the statement. */
extern const char *order_rules(Fold *fold, const Order *order);

#endif							/* LOYALTY_EARN_H */
