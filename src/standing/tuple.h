/*
 * tuple.h
 *		A standing as a row.
 */
#ifndef LOYALTY_TUPLE_H
#define LOYALTY_TUPLE_H

#include "standing/answer.h"

#include "access/tupdesc.h"

/* Its columns are those of standing(), and `desc` is theirs. */
extern Datum standing_tuple(const Standing *standing, const Program *program, TupleDesc desc);

#endif							/* LOYALTY_TUPLE_H */
