/*
 * layout.h
 *		What the writer and the reader of the packed form share; see packed.c.
 */
#ifndef LOYALTY_LAYOUT_H
#define LOYALTY_LAYOUT_H

#include "postgres.h"

/* coarsest unit that divides every value of a column, by its stored number */
#define UNITS 4
extern const int64 instant_units[UNITS];
extern const int64 decimal_units[UNITS];

#endif							/* LOYALTY_LAYOUT_H */
