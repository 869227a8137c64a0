/*
 * share.c
 *		What is due of a loan that is repaid as a share of sales: see share.h.
 */
#include "postgres.h"

#include "credit/share.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* Clocks that are put back at midnight show the day before once more; else days come in order. */
void
sales_add(SalesDays *sales, int32 day, Decimal net)
{
	uint64		i = sales->n;

	while (i > 0 && sales->list[i - 1].day > day)
		i--;
	if (i > 0 && sales->list[i - 1].day == day)
	{
		sales->list[i - 1].net += net;
		return;
	}
	if (sales->n == sales->room)
	{
		sales->room = Max(32, 2 * sales->room);
		sales->list = sales->n == 0 ? palloc(sales->room * sizeof(SalesDay)) :
			repalloc_huge(sales->list, sales->room * sizeof(SalesDay));
	}
	memmove(&sales->list[i + 1], &sales->list[i], (sales->n - i) * sizeof(SalesDay));
	sales->list[i] = (SalesDay) {day, net};
	sales->n++;
}

void
share_begin(Share *share, const BoundCredit *bound, const CreditTerms *terms, int32 from, Decimal total, const SalesDays *sales)
{
	memset(share, 0, sizeof(*share));
	share->bound = bound;
	share->terms = terms;
	share->from = from;
	share->total = total;
	/* those before are over; of the last few the clock will tell */
	share->next = sales->n > 2 ? sales->n - 2 : 0;
	share->period_ends = terms->has_minimum ? day_add(from, &terms->minimum_per, 1) : DAY_NEVER;
}

/* So much more is due at the beginning of a day; never more than the total in all. */
static void
fall_due(Share *share, int32 day, Decimal more)
{
	Decimal		until = share->n > 0 ? share->until[share->n - 1] : 0;

	more = Min(more, share->total - until);
	if (more <= 0)
		return;
	if (share->n > 0 && share->days[share->n - 1] == day)
	{
		share->until[share->n - 1] += more;
		return;
	}
	if (share->n == share->room)
	{
		share->room = Max(16, 2 * share->room);
		share->days = share->n == 0 ? palloc(share->room * sizeof(int32)) :
			repalloc_huge(share->days, share->room * sizeof(int32));
		share->until = share->n == 0 ? palloc(share->room * sizeof(Decimal)) :
			repalloc_huge(share->until, share->room * sizeof(Decimal));
	}
	share->days[share->n] = day;
	share->until[share->n++] = until + more;
}

static bool
is_all_due(const Share *share)
{
	return share->n > 0 && share->until[share->n - 1] == share->total;
}

/* The next day with sales is over. */
static void
end_day(Share *share, const SalesDay *sales)
{
	Decimal		before = share->of_sales;

	share->sum += sales->net;
	if (share->sum <= share->highest)
		return;					/* returns lower what follows, nothing is given back */
	share->highest = share->sum;
	/* beyond the total it does not matter how much */
	if (share->highest > (int128) share->total * DECIMAL_ONE / share->terms->share + 2 * DECIMAL_ONE)
		share->of_sales = Max(share->total, before);
	else
		share->of_sales = credit_round(share->bound, share->highest * share->terms->share, DECIMAL_ONE);
	fall_due(share, sales->day + 1, share->of_sales - before);
}

/* So is a period, in which a part of the total is due at least. */
static void
end_period(Share *share)
{
	Decimal		least = credit_round(share->bound, (int128) share->terms->minimum_part * share->total, DECIMAL_ONE);

	fall_due(share, share->period_ends, least - (share->of_sales - share->before));
	share->before = share->of_sales;
	share->period++;
	share->period_ends = least == 0 ? DAY_NEVER :
		day_add(share->from, &share->terms->minimum_per, share->period + 1);
}

void
share_reach(Share *share, const SalesDays *sales, int32 day)
{
	/* the day of the advance does not count */
	while (share->next < sales->n && sales->list[share->next].day <= share->from)
		share->next++;
	while (!is_all_due(share))
	{
		bool		has_sales = share->next < sales->n && sales->list[share->next].day < day;

		CHECK_FOR_INTERRUPTS();
		/* at one midnight what the day gave comes first */
		if (has_sales && sales->list[share->next].day < share->period_ends)
			end_day(share, &sales->list[share->next++]);
		else if (share->period_ends <= day)
			end_period(share);
		else
			break;
	}
}
