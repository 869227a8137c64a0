/*
 * layout.h
 *		What the writer and the reader of the packed form share; see packed.c.
 */
#ifndef LOYALTY_LAYOUT_H
#define LOYALTY_LAYOUT_H

#include "postgres.h"

#include "datatype/timestamp.h"

/*
 * The coarsest unit that divides every value of a column, by its stored number.
 * Switches over constants, as dividing by a variable takes several times as long.
 */
#define UNITS 4
extern const int64 instant_units[UNITS];
extern const int64 decimal_units[UNITS];

/* the coarsest unit, not above one that divides the values before, of this value too */
static inline int
instant_unit(int64 at, int unit)
{
	switch (unit)
	{
		case 3:
			if (at % USECS_PER_DAY == 0)
				return 3;
			/* FALLTHROUGH */
		case 2:
			if (at % USECS_PER_SEC == 0)
				return 2;
			/* FALLTHROUGH */
		case 1:
			if (at % (USECS_PER_SEC / 1000) == 0)
				return 1;
			/* FALLTHROUGH */
		default:
			return 0;
	}
}

static inline int
decimal_unit(int64 v, int unit)
{
	switch (unit)
	{
		case 3:
			if (v % 1000000 == 0)
				return 3;
			/* FALLTHROUGH */
		case 2:
			if (v % 10000 == 0)
				return 2;
			/* FALLTHROUGH */
		case 1:
			if (v % 1000 == 0)
				return 1;
			/* FALLTHROUGH */
		default:
			return 0;
	}
}

static inline int64
in_instant_units(int64 at, int unit)
{
	switch (unit)
	{
		case 3:
			return at / USECS_PER_DAY;
		case 2:
			return at / USECS_PER_SEC;
		case 1:
			return at / (USECS_PER_SEC / 1000);
		default:
			return at;
	}
}

static inline int64
in_decimal_units(int64 v, int unit)
{
	switch (unit)
	{
		case 3:
			return v / 1000000;
		case 2:
			return v / 10000;
		case 1:
			return v / 1000;
		default:
			return v;
	}
}

#endif							/* LOYALTY_LAYOUT_H */
