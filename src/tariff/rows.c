/*
 * rows.c
 *		The rows of a bill, as they are gathered and in their order.
 */
#include "postgres.h"

#include "tariff/bill.h"

#include "miscadmin.h"

const char *const bill_kind_name[] = {"credit", "fee", "usage"};

static int
compare_rows(const BillRow *a, const BillRow *b)
{
	int			c;

	if (a->kind != b->kind)
		return (int) a->kind - (int) b->kind;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if ((c = text_compare_or_none(a->item, b->item)) != 0)
		return c;
	if (a->event && b->event && (c = ref_compare(a->event, b->event)) != 0)
		return c;
	if ((c = text_compare_or_none(a->plan, b->plan)) != 0)
		return c;
	if (a->amount != b->amount)
		return a->amount < b->amount ? -1 : 1;
	return a->quantity < b->quantity ? -1 : a->quantity > b->quantity;
}

#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE BillRow
#define ST_COMPARE(a, b) compare_rows(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

BillRow *
bill_row(Bill *bill)
{
	if (bill->n == bill->room)
	{
		bill->room = Max(8, 2 * bill->room);
		bill->rows = bill->n == 0 ? palloc(bill->room * sizeof(BillRow)) :
			repalloc_huge(bill->rows, bill->room * sizeof(BillRow));
	}
	return memset(&bill->rows[bill->n++], 0, sizeof(BillRow));
}

void
bill_sort(Bill *bill)
{
	if (bill->n > 1)
		sort_rows(bill->rows, bill->n);
}
