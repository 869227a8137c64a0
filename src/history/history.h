/*
 * history.h
 *		All events of one customer: the packed form and how to walk it.
 *
 * A history is stored packed (packed.c) and built from rows (event/row.c):
 * whatever changes a history gathers rows and packs them.  Equal multisets of
 * events have the same bytes.
 */
#ifndef LOYALTY_HISTORY_H
#define LOYALTY_HISTORY_H

#include "event/event.h"

/* the first byte of a value: a version of the packed form, or the open form */
#define HISTORY_PACKED	1
#define HISTORY_OPEN	0xFF	/* running state of an aggregate, see state.c */

/* more than there can be: kinds, each with whatever it may have */
#define HISTORY_MAX_SHAPES 256

/*
 * The values of one attribute, a fixed number of bits for each event that has
 * it; of texts they are indexes into a list of the distinct ones.
 */
typedef struct Column
{
	uint64		pos;			/* bit of the next value */
	int			width;			/* bits of each */
	uint64		limit;			/* bit after the last */
	bool		is_signed;		/* zigzag */
	bool		checked;		/* each value must be held against the limits */
	int64		unit;			/* factor of each value */
	int64		base;			/* added to it, or the value before it */
	const uint8 *entries;		/* distinct texts */
	const uint8 *end;
	uint32		count;			/* of them; 0 if no event has the attribute */
	uint32		id;				/* which of them the last event has */
	uint32	   *offsets;		/* of the entries, made when first needed */
} Column;

/* what one sort of event has: the columns to read for it are the bits of `has` */
typedef struct Shape
{
	uint32		has;
	uint8		kind;
} Shape;

typedef struct HistoryCursor
{
	const uint8 *bits;
	const uint8 *end;
	uint64		n;				/* events in all */
	uint64		i;				/* events read */
	int64		at;				/* of the event read last; of the first, if none was */
	Column		time;
	Column		shape;
	Column		columns[ATTRIBUTES];
	int			nshapes;
	Shape		shapes[HISTORY_MAX_SHAPES];
} HistoryCursor;

/*
 * Walk a packed history.  Both raise XX001 on bytes that no history has, and
 * never look beyond them.  An event's texts point into the history.
 */
extern void history_open(HistoryCursor *cursor, const uint8 *data, size_t len);
extern bool history_next(HistoryCursor *cursor, Event *event);

/* Are there events of a kind? */
static inline bool
history_has_kind(const HistoryCursor *cursor, EventKind kind)
{
	for (int i = 0; i < cursor->nshapes; i++)
	{
		if (cursor->shapes[i].kind == kind)
			return true;
	}
	return false;
}

/*
 * Many purchases at a time, where a history holds nothing else and all or none
 * have a number as their ref: only instants and amounts, a column at a time.
 */
#define HISTORY_SALES 64

typedef struct Sales
{
	int			n;
	bool		distinct;		/* refs ascend, or there are none */
	int64		at[HISTORY_SALES];
	Decimal		amount[HISTORY_SALES];
} Sales;

extern bool history_is_sales(const HistoryCursor *cursor);
extern bool history_next_sales(HistoryCursor *cursor, Sales *sales);

/* The same with what they cost. */
extern bool history_next_lines(HistoryCursor *cursor, Sales *sales, Decimal *cost);

/* rows being gathered, in any order */
typedef struct Rows
{
	uint8	   *data;
	size_t		len;
	size_t		room;
	uint64		n;
} Rows;

extern void rows_init(Rows *rows, size_t room);
extern void rows_add(Rows *rows, const Event *event);
extern void rows_add_history(Rows *rows, const uint8 *data, size_t len);

/* Sort and pack rows: a palloc'd varlena. */
extern struct varlena *history_pack(const uint8 *rows, size_t len, uint64 n);

/* 54000 */
loyalty_compat_noreturn extern void history_too_large(void);

#endif							/* LOYALTY_HISTORY_H */
