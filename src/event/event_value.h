/*
 * event_value.h
 *		Values of the SQL type loyalty.event.
 */
#ifndef LOYALTY_EVENT_VALUE_H
#define LOYALTY_EVENT_VALUE_H

#include "event/event.h"

#include "fmgr.h"

/* One version byte, one row: see row.c. */
#define EVENT_VERSION 1

/* The event of a datum, whose bytes it points into. */
extern void event_from_datum(Datum datum, Event *event);
/* The row of a datum, unread: what an aggregate's state takes as it is. */
extern const uint8 *event_row_from_datum(Datum datum, size_t *len);
extern Datum event_to_datum(const Event *event);

/* Refuse an instant that no event may carry (22008). */
extern void check_instant(int64 at, const char *what);

/* Texts from outside must be valid in the database's encoding (22021). */
extern void event_check_encoding(const Event *event);

/* The type that an argument's ref has (42804 for one that is no ref), and the ref; `space` has REF_SPACE bytes. */
extern Oid	ref_arg_type(FunctionCallInfo fcinfo, int arg);
extern void ref_from_arg(FunctionCallInfo fcinfo, int arg, Oid type, Event *event, uint8 *space);

/* What an event holds, as columns of a row. */
extern Datum text_datum(Text text);
extern Datum tags_datum(Text tags);
extern Datum ref_datum(const Event *event);
extern Datum span_datum(Span span);

#endif							/* LOYALTY_EVENT_VALUE_H */
