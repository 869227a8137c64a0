/*
 * program_value.h
 *		Values of the SQL type loyalty.program.
 */
#ifndef LOYALTY_PROGRAM_VALUE_H
#define LOYALTY_PROGRAM_VALUE_H

#include "program/program.h"

#include "fmgr.h"

/*
 * The program of a datum, in place unless it was toasted, with every offset
 * and count checked: a damaged one is an error (XX001).  That costs about a
 * microsecond, so do it once for each value.
 */
extern const Program *program_from_datum(Datum datum);

#endif							/* LOYALTY_PROGRAM_VALUE_H */
