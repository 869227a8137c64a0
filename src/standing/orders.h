/*
 * orders.h
 *		Orders: their lines, and what refunds leave of them.
 */
#ifndef LOYALTY_ORDERS_H
#define LOYALTY_ORDERS_H

#include "base/fraction.h"
#include "event/event.h"
#include "standing/caps.h"

/* What is left of a line after refunds, which may take thirds of a cent. */
typedef struct Left
{
	Fraction	amount;
	Fraction	quantity;
	Fraction	amount_earning; /* the same, as far as refunds lower what it earns */
	Fraction	quantity_earning;
} Left;

/* One purchase: a line of an order. */
typedef struct Line
{
	Decimal		amount;
	Decimal		quantity;
	Decimal		cost;
	int			event;
	int			tags_id;		/* NONE without tags */
	int			next;			/* line of the same order */
	int			left;			/* what refunds have left; NONE: all */
	bool		gone;			/* given back entirely */
	bool		earns_no_more;
} Line;

/* Lines of one ref; or a refund without ref, which is an order with a minus. */
typedef struct Order
{
	int64		at;				/* instant of its first line */
	int			ref;			/* NONE */
	bool		minus;
	bool		returned;		/* in full: nothing of its money is left */
	bool		void_of_points; /* so that it earns nothing, whatever joins it */
	bool		kept;			/* a minus that takes no points */
	int			event;			/* its first line */
	int			first_line;
	int			last_line;
	int			tier;			/* that rates it; NONE */
	Decimal		amount;			/* as bought, all lines */
	Decimal		amount_left;	/* after all refunds: the sum of its lines' */
	Decimal		cost_left;
	Decimal		given_back;		/* of the points that paid for it */
	int			given_up;		/* amount by which its points are reduced in proportion; NONE */
	int			number;			/* of the member's orders, from 1 on; 0 of a minus */
	Rating		rating;			/* what it has got for it; caps.c's */
} Order;

typedef struct Trade
{
	VECTOR(Order, orders);
	VECTOR(Line, lines);
	VECTOR(Left, lefts);
	VECTOR(Fraction, given_up);
	VECTOR(int, of_ref);		/* order; NONE */
	int			first_order;	/* NONE */
	int			nbought;		/* orders that are no minus */
} Trade;

extern void orders_begin(Fold *fold);
/* Purchases of one instant and ref, events from i up to `until`. */
extern void order_buy(Fold *fold, int i, int until);
/* A refund. */
extern void order_refund(Fold *fold, int event);

#endif							/* LOYALTY_ORDERS_H */
