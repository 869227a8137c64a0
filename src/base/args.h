/*
 * args.h
 *		Arguments that many SQL functions take: an instant to ask about, a
 *		period, a span, a zone; and the row that some return.
 */
#ifndef LOYALTY_ARGS_H
#define LOYALTY_ARGS_H

#include "base/calendar.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "pgtime.h"
#include "utils/timestamp.h"

/* An instant to ask about; infinity is the end of the calendar. */
static inline int64
asof_arg(FunctionCallInfo fcinfo, int arg)
{
	int64		asof = PG_GETARG_TIMESTAMPTZ(arg);

	return Max(INSTANT_MIN, Min(asof, INSTANT_LIMIT - 1));
}

static inline Span
span_arg(FunctionCallInfo fcinfo, int arg)
{
	const Interval *interval = PG_GETARG_INTERVAL_P(arg);

	return (Span) {interval->month, interval->day, interval->time};
}

/* A period of whole microseconds, half-open; without a bound the ends of int64. */
typedef struct Instants
{
	int64		from;
	int64		until;
} Instants;

/* A range of instants; false if it is empty. */
extern bool period_from_range(Datum range, Instants *period);

/* The zone that a call site met last; zeroed to begin with. */
typedef struct ZoneArg
{
	const Zone *zone;
	char		name[TZ_STRLEN_MAX + 1];
} ZoneArg;

/* The zone of an argument, looked up once as long as the name stays the same. */
extern const Zone *zone_arg(FunctionCallInfo fcinfo, int arg, ZoneArg *last);

/* The same for a function that keeps nothing else in fn_extra. */
extern const Zone *zone_arg_kept(FunctionCallInfo fcinfo, int arg);

/* The row that a function returns, blessed, for as long as the call site lives. */
extern TupleDesc row_desc(FunctionCallInfo fcinfo);

#endif							/* LOYALTY_ARGS_H */
