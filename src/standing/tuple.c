/*
 * tuple.c
 *		A standing as a row.
 *
 * The row is written as it is to stand: what-if folds millions of histories,
 * and datums for heap_form_tuple to copy would cost as much as the folds.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "standing/tuple.h"

#include "access/htup_details.h"
#include "funcapi.h"

typedef struct Row
{
	HeapTupleHeader tuple;
	char	   *end;			/* of what is written */
	int			column;			/* next */
} Row;

#define ROW_COLUMNS		12
#define ROW_HEAD		MAXALIGN(SizeofHeapTupleHeader + BITMAPLEN(ROW_COLUMNS))
/* the most that a column takes beyond a text's bytes */
#define ROW_COLUMN_SIZE (VARHDRSZ_SHORT + DECIMAL_NUMERIC_SIZE)

static void
row_start(Row *row, size_t texts)
{
	row->tuple = palloc(ROW_HEAD + ROW_COLUMNS * ROW_COLUMN_SIZE + texts);
	memset(row->tuple, 0, ROW_HEAD);
	row->end = (char *) row->tuple + ROW_HEAD;
	row->column = 0;
}

static Datum
row_result(Row *row, TupleDesc desc)
{
	HeapTupleHeaderSetDatumLength(row->tuple, row->end - (char *) row->tuple);
	HeapTupleHeaderSetTypeId(row->tuple, desc->tdtypeid);
	HeapTupleHeaderSetTypMod(row->tuple, desc->tdtypmod);
	HeapTupleHeaderSetNatts(row->tuple, ROW_COLUMNS);
	ItemPointerSetInvalid(&row->tuple->t_ctid);
	row->tuple->t_hoff = ROW_HEAD;
	row->tuple->t_infomask = HEAP_HASNULL | HEAP_HASVARWIDTH;
	return HeapTupleHeaderGetDatum(row->tuple);
}

/* Columns not set are NULL. */
static inline void
row_set(Row *row)
{
	row->tuple->t_bits[row->column >> 3] |= (uint8) (1 << (row->column & 7));
	row->column++;
}

static inline void
row_align(Row *row, size_t unit)
{
	while ((row->end - (char *) row->tuple) % unit != 0)
		*row->end++ = '\0';
}

/* an instant, or NULL if it is this one */
static void
row_put_instant(Row *row, int64 at, int64 null)
{
	if (at == null)
	{
		row->column++;
		return;
	}
	row_align(row, ALIGNOF_DOUBLE);
	memcpy(row->end, &at, sizeof(at));
	row->end += sizeof(at);
	row_set(row);
}

/* its bytes are always few enough for a short header */
static void
row_put_decimal(Row *row, int128 value)
{
	size_t		size = decimal_write_numeric(value, row->end + VARHDRSZ_SHORT);

	SET_VARSIZE_SHORT(row->end, VARHDRSZ_SHORT + size);
	row->end += VARHDRSZ_SHORT + size;
	row_set(row);
}

/* the name of a tier, or NULL */
static void
row_put_tier(Row *row, const Program *program, const ProgramName *name)
{
	if (name == NULL)
	{
		row->column++;
		return;
	}
	if (name->len + VARHDRSZ_SHORT <= VARATT_SHORT_MAX)
	{
		SET_VARSIZE_SHORT(row->end, VARHDRSZ_SHORT + name->len);
		row->end += VARHDRSZ_SHORT;
	}
	else
	{
		row_align(row, ALIGNOF_INT);
		SET_VARSIZE(row->end, VARHDRSZ + name->len);
		row->end += VARHDRSZ;
	}
	memcpy(row->end, PROGRAM_NAME(program, *name), name->len);
	row->end += name->len;
	row_set(row);
}

Datum
standing_tuple(const Standing *s, const Program *program, TupleDesc desc)
{
	const ProgramName *tiers = PROGRAM_LIST(program, program->tier_names, ProgramName);
	const ProgramName *tier = s->tier == NONE ? NULL : &tiers[s->tier];
	const ProgramName *next = s->next_tier == NONE ? NULL : &tiers[s->next_tier];
	Row			row;

	row_start(&row, (tier ? tier->len : 0) + (next ? next->len : 0));
	row_put_tier(&row, program, tier);
	row_put_instant(&row, s->tier_since, PG_INT64_MIN);
	row_put_instant(&row, s->tier_until, INSTANT_NEVER);
	row_put_tier(&row, program, next);
	if (s->has_to_next)
		row_put_decimal(&row, s->to_next);
	else
		row.column++;
	row_put_decimal(&row, s->points);
	row_put_decimal(&row, s->pending);
	row_put_decimal(&row, s->debt);
	row_put_decimal(&row, s->expiring);
	row_put_instant(&row, s->expiring_at, INSTANT_NEVER);
	row_put_decimal(&row, s->lifetime_points);
	if (s->has_qualifying)
		row_put_decimal(&row, s->qualifying);
	else
		row.column++;
	return row_result(&row, desc);
}
