/*
 * population.c
 *		What a fit sees of all customers.
 */
#include "postgres.h"

#include "base/bytes.h"
#include "worth/groups.h"
#include "worth/population.h"
#include "worth/spells.h"

#include "miscadmin.h"

#include <math.h>

/* ---------------- rows ---------------- */

static uint8 *
write_double(uint8 *p, double value)
{
	memcpy(p, &value, sizeof(double));
	return p + sizeof(double);
}

static uint8 *
buyer_row(const UsedModel *use, Datum history, int64 asof, size_t *size)
{
	uint8	   *row = palloc(3 * LEB_MAX_BYTES + sizeof(double));
	uint8	   *p = row;
	Seen		seen;

	model_look(use, history, asof, &seen);
	p = leb_write(p, seen.any ? (uint64) seen.x + 1 : 0);
	if (seen.any)
	{
		p = leb_write(p, seen.last - seen.first);
		p = leb_write(p, seen.today - seen.last);
	}
	if (seen.x > 0)
		p = write_double(p, (double) seen.sum / DECIMAL_ONE);
	*size = p - row;
	return row;
}

static uint8 *
contract_row(const UsedModel *use, Datum history, int64 asof, size_t *size)
{
	Spell	   *spells;
	int			n = spells_look(history, &use->model->unit, asof, &spells);
	uint8	   *row = palloc_extended(LEB_MAX_BYTES + n * (LEB_MAX_BYTES + sizeof(double)), MCXT_ALLOC_HUGE);
	uint8	   *p = leb_write(row, n);

	for (int i = 0; i < n; i++)
	{
		const Spell *spell = &spells[i];
		bool		lost = spell->end != INSTANT_NEVER;
		int64		renewals = spell_renewals(spell, use->zone, &use->model->unit, asof);

		CHECK_FOR_INTERRUPTS();
		p = leb_write(p, (uint64) (lost ? renewals + 1 : renewals) * 2 + lost);
		p = write_double(p, (double) spell->first_amount / DECIMAL_ONE);
	}
	*size = p - row;
	return row;
}

uint8 *
population_row(const UsedModel *use, Datum history, int64 asof, size_t *size)
{
	return model_is_of_contracts(use) ? contract_row(use, history, asof, size) : buyer_row(use, history, asof, size);
}

/* ---------------- reading them ---------------- */

typedef struct Rows
{
	const uint8 *at;			/* NULL: it was no row */
	const uint8 *end;
} Rows;

static uint64
read_number(Rows *rows, uint64 most)
{
	uint64		value = 0;

	if (rows->at)
		rows->at = leb_read(rows->at, rows->end, &value);
	if (value > most)
		rows->at = NULL;
	return value;
}

static double
read_double(Rows *rows)
{
	double		value = 0;

	if (rows->at == NULL || rows->end - rows->at < (ptrdiff_t) sizeof(double))
	{
		rows->at = NULL;
		return 0;
	}
	memcpy(&value, rows->at, sizeof(double));
	rows->at += sizeof(double);
	if (!isfinite(value))
		rows->at = NULL;
	return value;
}

static void
add_value(Population *p, uint32 x, double sum)
{
	if (sum > 0)
		p->spends[p->nspends++] = (SpendGroup) {x, 1, sum};
}

static void
read_buyer(Population *p, Rows *rows)
{
	uint64		transactions = read_number(rows, PG_UINT32_MAX);
	BuyerGroup	buyer = {0, 0, 0, 1};
	double		sum;

	if (transactions == 0)
	{
		p->no_purchase++;
		return;
	}
	buyer.x = (uint32) (transactions - 1);
	buyer.t_x = (int32) read_number(rows, PG_INT32_MAX / 2);
	buyer.age = buyer.t_x + (int32) read_number(rows, PG_INT32_MAX / 2);
	p->customers++;
	p->buyers[p->nbuyers++] = buyer;
	if (buyer.x == 0)
		return;
	sum = read_double(rows);
	add_value(p, buyer.x, sum);
	p->repeat_customers++;
	if (sum > 0)
		p->valued_customers++;
	else
		p->not_above++;
}

static void
read_contracts(Population *p, Rows *rows)
{
	uint64		n = read_number(rows, (uint64) (rows->end - rows->at));
	uint32		made = 0;

	if (n == 0)
	{
		p->no_purchase++;
		return;
	}
	for (uint64 i = 0; i < n; i++)
	{
		uint32		number = (uint32) read_number(rows, PG_INT32_MAX);
		double		amount = read_double(rows);
		SpellGroup	spell = {number / 2, (number & 1) != 0, 1};

		/* the first renewal at which one can be lost is 1 */
		if (spell.lost && spell.renewal == 0)
			rows->at = NULL;
		if (rows->at == NULL)
			return;
		made = spell.lost ? spell.renewal - 1 : spell.renewal;
		p->spells[p->nspells++] = spell;
		p->lost += spell.lost;
		add_value(p, 1, amount);
	}
	p->customers++;
	p->valued_customers++;
	p->repeat_customers += made > 0;	/* in the last */
}

bool
population_read(Population *p, bool contracts, const uint8 *data, size_t size, uint64 n)
{
	Rows		rows = {data, data + size};

	memset(p, 0, sizeof(*p));
	/* a customer takes a byte at least, a spell nine */
	if (n > size)
		return false;
	p->buyers = palloc_extended((contracts ? 0 : n) * sizeof(BuyerGroup), MCXT_ALLOC_HUGE);
	p->spells = palloc_extended((contracts ? size / 9 : 0) * sizeof(SpellGroup), MCXT_ALLOC_HUGE);
	p->spends = palloc_extended((contracts ? size / 9 : n) * sizeof(SpendGroup), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < n && rows.at; i++)
	{
		if (i % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
		if (contracts)
			read_contracts(p, &rows);
		else
			read_buyer(p, &rows);
	}
	if (rows.at != rows.end)
		return false;
	p->nbuyers = group_buyers(p->buyers, p->nbuyers);
	p->nspends = group_spends(p->spends, p->nspends);
	p->nspells = group_spells(p->spells, p->nspells);
	return true;
}
