/*
 * bill.h
 *		What is to be billed for a period: fees, credits, usage.
 */
#ifndef LOYALTY_BILL_H
#define LOYALTY_BILL_H

#include "subscription/segment.h"
#include "tariff/bind.h"

/* in the order of a bill */
typedef enum BillKind { BILL_CREDIT, BILL_FEE, BILL_USAGE } BillKind;

extern const char *const bill_kind_name[];

typedef struct BillRow
{
	BillKind	kind;
	Text		item;			/* plan or meter; len 0: none */
	int64		from;			/* what is paid for */
	int64		until;
	int128		quantity;
	Decimal		amount;
	bool		is_priced;		/* else the amount says nothing: no meter prices it */
	Text		plan;			/* len 0: none */
	const Event *event;			/* whose ref it has; NULL for usage */
} BillRow;

typedef struct Bill
{
	int			n;
	int			room;
	BillRow    *rows;			/* by kind, from, item, ref */
} Bill;

/* rows.c: a zeroed row more; all of them in their order */
extern BillRow *bill_row(Bill *bill);
extern void bill_sort(Bill *bill);

/* Both instants are those of a calendar, from < until. */
extern void bill_make(Bill *bill, const BoundTariff *bound, const uint8 *history, size_t len, int64 from, int64 until);

#endif							/* LOYALTY_BILL_H */
