/*
 * history_value.h
 *		Values of the SQL type loyalty.history.
 */
#ifndef LOYALTY_HISTORY_VALUE_H
#define LOYALTY_HISTORY_VALUE_H

#include "history/history.h"

#include "fmgr.h"

/* The bytes of a packed history, not copied unless they were toasted. */
static inline const uint8 *
history_from_datum(Datum datum, size_t *len)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(datum);

	*len = VARSIZE_ANY_EXHDR(packed);
	return (const uint8 *) VARDATA_ANY(packed);
}

static inline void
history_open_datum(HistoryCursor *cursor, Datum datum)
{
	size_t		len;
	const uint8 *data = history_from_datum(datum, &len);

	history_open(cursor, data, len);
}

static inline void
rows_add_datum(Rows *rows, Datum datum)
{
	size_t		len;
	const uint8 *data = history_from_datum(datum, &len);

	rows_add_history(rows, data, len);
}

static inline Datum
history_from_rows(const Rows *rows)
{
	return PointerGetDatum(history_pack(rows->data, rows->len, rows->n));
}

/* state.c: whatever may stand in an aggregate, as a packed history */
extern Datum history_normalize(Datum datum);

#endif							/* LOYALTY_HISTORY_VALUE_H */
