/*
 * gather.h
 *		What rows say of each customer, added up.
 */
#ifndef LOYALTY_GATHER_H
#define LOYALTY_GATHER_H

#include "base/bytes.h"
#include "referral/referrals.h"

/* memory that is gone through in no order is fetched so many steps before its turn */
#define GATHER_AHEAD	16

/* what the rows say of one, side by side in memory as they are asked for */
typedef struct Said
{
	int128		value;			/* a sum, as large as it may become on the way */
	uint32		referrer;
	bool		customer;
	bool		contested;		/* two have brought this one */
} Said;

static const Said nothing_said = {0, NO_ID, false, false};

static inline void
said_add(Said *said, Decimal value, uint32 referrer)
{
	said->customer = true;
	said->value += value;
	if (referrer == NO_ID)
		return;
	said->contested |= said->referrer != NO_ID && said->referrer != referrer;
	said->referrer = referrer;
}

/* Can that be? */
static inline bool
said_is_sound(const Said *said)
{
	return !said->contested && said->value > -DECIMAL_LIMIT && said->value < DECIMAL_LIMIT;
}

/* said.c: the error if it cannot. */
loyalty_compat_noreturn extern void said_refuse(const Said *said, Id id);

/* said.c: referrals without ids, with room for so many. */
extern void gathered_make(Referrals *referrals, uint32 n);

/* What was said of the i-th. */
static inline void
gathered_put(Referrals *referrals, uint32 i, const Said *said)
{
	referrals->referrers[i] = said->referrer;
	referrals->values[i] = (Decimal) said->value;
	referrals->customers[i] = said->customer;
}

/* ---------------- rows whose ids are all integers ---------------- */

typedef struct IntegerRow
{
	int64		customer;
	int64		referrer;		/* 0 for nobody */
	bool		brought;		/* by somebody */
	Decimal		value;
} IntegerRow;

#define INTEGER_ROW_MIN	4		/* bytes, the first of the customer, nobody, and one for each number */

static inline const uint8 *
integer_read(const uint8 *p, const uint8 *end, int64 *integer)
{
	uint64		n;

	if ((p = leb_read(p, end, &n)) != NULL)
		*integer = unzigzag(n);
	return p;
}

/* The row that begins there, and what follows it; NULL if it is none, or has other ids. */
static inline const uint8 *
integer_row_read(const uint8 *p, const uint8 *end, IntegerRow *row)
{
	if (end - p < 2 || *p != ID_NUMBER || (p = integer_read(p + 1, end, &row->customer)) == NULL || p == end || *p > ID_NUMBER)
		return NULL;
	row->brought = *p++ == ID_NUMBER;
	row->referrer = 0;
	if (row->brought && (p = integer_read(p, end, &row->referrer)) == NULL)
		return NULL;
	return row_value_read(p, end, &row->value);
}

/* n rows, and the bounds of their ids */
typedef struct IntegerRows
{
	const uint8 *rows;
	const uint8 *end;
	uint32		n;
	int64		lowest;
	int64		highest;
} IntegerRows;

/* The next one, which must be such a row, within those bounds. */
static inline const uint8 *
integer_rows_next(const IntegerRows *rows, const uint8 *p, IntegerRow *row)
{
	p = integer_row_read(p, rows->end, row);
	if (unlikely(p == NULL || row->customer < rows->lowest || row->customer > rows->highest ||
				 (row->brought && (row->referrer < rows->lowest || row->referrer > rows->highest))))
		sql_type_damaged("referrals");
	return p;
}

/*
 * Gather them; the answer is their ids.  dense.c, for ids close together: NULL if
 * something about the rows is wrong.  integers.c, for others: NULL if they are too
 * far apart.
 */
extern int64 *gather_dense(Referrals *referrals, const IntegerRows *rows);
extern int64 *gather_integers(Referrals *referrals, const IntegerRows *rows);

#endif							/* LOYALTY_GATHER_H */
