/*
 * layout.h
 *		What the writer and the reader of the packed form share; see packed.c.
 */
#ifndef LOYALTY_LAYOUT_H
#define LOYALTY_LAYOUT_H

#include "postgres.h"

#include "base/decimal.h"

#include "datatype/timestamp.h"

/* the coarsest unit that divides every value of a column, by its stored number */
#define UNITS 4
#define INSTANT_UNITS 1, USECS_PER_SEC / 1000, USECS_PER_SEC, USECS_PER_DAY
#define DECIMAL_UNITS 1, 1000, 10000, DECIMAL_ONE

extern const int64 instant_units[UNITS];
extern const int64 decimal_units[UNITS];

/*
 * NAME_unit: of a unit that divides the values before, and those finer than it,
 * the coarsest that divides this value too.  in_NAME_units: a value in a unit.
 * Dividing by constants takes a fraction of what dividing by a variable does.
 */
#define UNIT_FUNCTIONS_OF(name, unit0, unit1, unit2, unit3) \
static inline int \
name##_unit(int64 v, int unit) \
{ \
	if (unit == 3 && v % (unit3) != 0) \
		unit = 2; \
	if (unit == 2 && v % (unit2) != 0) \
		unit = 1; \
	if (unit == 1 && v % (unit1) != 0) \
		unit = 0; \
	return unit; \
} \
\
static inline int64 \
in_##name##_units(int64 v, int unit) \
{ \
	return unit == 0 ? v : unit == 1 ? v / (unit1) : unit == 2 ? v / (unit2) : v / (unit3); \
}

#define UNIT_FUNCTIONS(name, units) UNIT_FUNCTIONS_OF(name, units)

UNIT_FUNCTIONS(instant, INSTANT_UNITS)
UNIT_FUNCTIONS(decimal, DECIMAL_UNITS)

#endif							/* LOYALTY_LAYOUT_H */
