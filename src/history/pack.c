/*
 * pack.c
 *		Rows to the packed form of a history (laid out in packed.c).
 *
 * Rows are sorted, looked at once to learn each column's unit and bits, and
 * then written.
 */
#include "postgres.h"

#include "base/compat.h"
#include "history/history.h"
#include "history/layout.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

typedef struct RowRef
{
	int64		at;
	const uint8 *row;
	const Event *event;			/* as read, if there are few */
} RowRef;

#define FEW 32

/* Read a row, unless that has been done. */
static inline const Event *
event_of(const RowRef *ref, const uint8 *end, Event *space)
{
	if (ref->event)
		return ref->event;
	event_read(ref->row, end, space);
	return space;
}

static int
compare_rows(const RowRef *a, const RowRef *b, const uint8 *end)
{
	Event		ea;
	Event		eb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return event_compare(event_of(a, end, &ea), event_of(b, end, &eb));
}

#define ST_SORT sort_rows
#define ST_ELEMENT_TYPE RowRef
#define ST_COMPARE(a, b, end) compare_rows(a, b, end)
#define ST_COMPARE_ARG_TYPE const uint8
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* The distinct texts of a column. */
typedef struct TextEntry
{
	Text		text;
	uint32		hash;
	uint32		id;
	char		status;
} TextEntry;

#define SH_PREFIX texts
#define SH_ELEMENT_TYPE TextEntry
#define SH_KEY_TYPE Text
#define SH_KEY text
#define SH_HASH_KEY(table, key) hash_bytes((key).data, (int) (key).len)
#define SH_EQUAL(table, a, b) text_equal(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* what a column of values needs, and where they go */
typedef struct ColumnPlan
{
	uint64		count;			/* events that have one */
	int			width;			/* bits of each */
	uint64		pos;
	int			unit;			/* of decimals and instants: index into the units */
	bool		negative;		/* some decimal, or difference of numbers, is */
	uint64		largest;		/* magnitude, or difference from the one before */
	uint64		largest_zigzag;
	int64		first;			/* number; the least instant */
	int64		last;			/* number before; the greatest instant */
	texts_hash *table;			/* of texts */
	Text	   *sorted;
	uint32		distinct;
	size_t		size;			/* of the distinct ones as written */
} ColumnPlan;

typedef struct ShapePlan
{
	uint64		shape;
	uint64		count;
} ShapePlan;

typedef struct Plan
{
	uint32		has;			/* attributes that some event has */
	int			nshapes;
	int			shape_width;
	uint64		shape_pos;
	ColumnPlan	time;
	ColumnPlan	columns[ATTRIBUTES];	/* of those in `has` */
	ShapePlan	shapes[HISTORY_MAX_SHAPES];
} Plan;

void
history_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("history is too large"),
			 errdetail("The events of one history must fit into 1 GB."),
			 errhint("Group by customer, so that each has a history of its own.")));
}

void
rows_init(Rows *rows, size_t room)
{
	if (room > MaxAllocSize)
		history_too_large();
	rows->data = palloc(room);
	rows->room = room;
	rows->len = 0;
	rows->n = 0;
}

void
rows_add(Rows *rows, const Event *event)
{
	size_t		need = rows->len + EVENT_ROW_SIZE(event);

	if (need > rows->room)
	{
		rows->room = Min(Max(rows->room * 2, need), MaxAllocSize);
		if (need > rows->room)
			history_too_large();
		rows->data = repalloc(rows->data, rows->room);
	}
	rows->len = event_write(rows->data + rows->len, event) - rows->data;
	rows->n++;
}

void
rows_add_history(Rows *rows, const uint8 *data, size_t len)
{
	HistoryCursor cursor;
	Event		event;

	history_open(&cursor, data, len);
	while (history_next(&cursor, &event))
		rows_add(rows, &event);
}

/* Make the unit finer until it divides the value: constants, as division by a variable takes long. */
static inline int
plan_unit(int64 v, const int64 *units, int unit)
{
	while (unit > 0 && v % units[unit] != 0)
		unit--;
	return unit;
}

static inline void
plan_decimal(ColumnPlan *plan, Decimal v)
{
	plan->unit = plan_unit(v, decimal_units, plan->unit);
	plan->largest = Max(plan->largest, v < 0 ? (uint64) -v : (uint64) v);
	plan->negative |= v < 0;
}

static inline void
plan_instant(ColumnPlan *plan, int64 at)
{
	plan->unit = plan_unit(at, instant_units, plan->unit);
	plan->first = plan->count == 0 ? at : Min(plan->first, at);
	plan->last = plan->count == 0 ? at : Max(plan->last, at);
}

static inline void
plan_ref_number(ColumnPlan *plan, int64 v)
{
	if (plan->count == 0)
		plan->first = v;
	else
	{
		uint64		step = (uint64) v - (uint64) plan->last;

		plan->negative |= v < plan->last;
		plan->largest = Max(plan->largest, step);
		plan->largest_zigzag = Max(plan->largest_zigzag, zigzag((int64) step));
	}
	plan->last = v;
}

static void
plan_text(ColumnPlan *plan, Text text)
{
	bool		found;

	if (plan->count == 0)
		plan->table = texts_create(CurrentMemoryContext, 8, NULL);
	texts_insert(plan->table, text, &found);
	if (!found)
	{
		uint8		head[LEB_MAX_BYTES];

		plan->distinct++;
		plan->size += (leb_write(head, text.len) - head) + text.len;
	}
}

static inline int
find_shape(const Plan *plan, uint64 shape)
{
	int			i = 0;

	while (i < plan->nshapes && plan->shapes[i].shape != shape)
		i++;
	return i;
}

static void
plan_shape(Plan *plan, uint64 shape)
{
	int			i = find_shape(plan, shape);

	if (i == plan->nshapes)
	{
		if (i == HISTORY_MAX_SHAPES)
			elog(ERROR, "more than %d shapes of events", HISTORY_MAX_SHAPES);
		plan->nshapes++;
		plan->shapes[i] = (ShapePlan) {.shape = shape};
	}
	plan->shapes[i].count++;
}

/* attributes that no event had before */
static void
plan_columns(Plan *plan, uint32 fresh)
{
	Attribute	a;

	plan->has |= fresh;
	while (next_attribute(&fresh, &a))
	{
		memset(&plan->columns[a], 0, sizeof(ColumnPlan));
		plan->columns[a].unit = UNITS - 1;
	}
}

static void
plan_event(Plan *plan, const Event *event)
{
	uint32		rest = event->has;
	Attribute	a;

	plan_shape(plan, event_shape(event));
	plan->time.unit = plan_unit(event->at, instant_units, plan->time.unit);
	if (plan->time.count++ > 0)
		plan->time.largest = Max(plan->time.largest, (uint64) (event->at - plan->time.last));
	else
		plan->time.first = event->at;
	plan->time.last = event->at;
	if (rest & ~plan->has)
		plan_columns(plan, rest & ~plan->has);
	while (next_attribute(&rest, &a))
	{
		ColumnPlan *column = &plan->columns[a];

		switch (event_attributes[a].sort)
		{
			case VALUE_DECIMAL:
			case VALUE_TERM:
				plan_decimal(column, *event_number(event, a));
				break;
			case VALUE_INSTANT:
				plan_instant(column, *event_number(event, a));
				break;
			case VALUE_REF_NUMBER:
				plan_ref_number(column, *event_number(event, a));
				break;
			case VALUE_REF_TEXT:
			case VALUE_NAME:
			case VALUE_TAGS:
				plan_text(column, *event_text(event, a));
				break;
		}
		column->count++;
	}
}

static int
compare_text_entries(const Text *x, const Text *y)
{
	return text_compare(*x, *y);
}

#define ST_SORT sort_texts
#define ST_ELEMENT_TYPE Text
#define ST_COMPARE(a, b) compare_text_entries(a, b)
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

static int
compare_shapes(const void *a, const void *b)
{
	return CMP(((const ShapePlan *) a)->shape, ((const ShapePlan *) b)->shape);
}

static inline void
place(uint64 count, int width, uint64 *pos, uint64 *total)
{
	*pos = *total;
	*total += count * width;
}

static uint8 *
write_texts(uint8 *p, ColumnPlan *plan)
{
	texts_iterator it;
	TextEntry  *entry;
	uint32		n = 0;

	plan->sorted = palloc_extended(plan->distinct * sizeof(Text), MCXT_ALLOC_HUGE);
	texts_start_iterate(plan->table, &it);
	while ((entry = texts_iterate(plan->table, &it)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		plan->sorted[n++] = entry->text;
	}
	sort_texts(plan->sorted, n);

	p = leb_write(p, n);
	p = leb_write(p, plan->size);
	for (uint32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		texts_lookup(plan->table, plan->sorted[i])->id = i;
		p = leb_write(p, plan->sorted[i].len);
		memcpy(p, plan->sorted[i].data, plan->sorted[i].len);
		p += plan->sorted[i].len;
	}
	plan->width = bits_needed((uint64) n - 1);
	return p;
}

/* Write the head of a column, and give it its place. */
static uint8 *
write_column(uint8 *p, ColumnPlan *plan, Attribute attribute, uint64 *total)
{
	uint64		count = plan->count;

	switch (event_attributes[attribute].sort)
	{
		case VALUE_DECIMAL:
		case VALUE_TERM:
			plan->width = bits_needed(plan->largest / decimal_units[plan->unit]) + plan->negative;
			p = leb_write(p, (uint64) plan->width << 3 | (uint64) plan->negative << 2 | plan->unit);
			break;
		case VALUE_INSTANT:
			plan->width = bits_needed((uint64) (plan->last - plan->first) / instant_units[plan->unit]);
			*p++ = (uint8) (plan->unit << 6 | plan->width);
			p = leb_write(p, zigzag(plan->first / instant_units[plan->unit]));
			break;
		case VALUE_REF_NUMBER:
			plan->width = bits_needed(plan->negative ? plan->largest_zigzag : plan->largest);
			p = leb_write(p, (uint64) plan->width << 1 | plan->negative);
			p = leb_write(p, zigzag(plan->first));
			count--;			/* the first stands in the head */
			break;
		case VALUE_REF_TEXT:
		case VALUE_NAME:
		case VALUE_TAGS:
			p = write_texts(p, plan);
			break;
	}
	place(count, plan->width, &plan->pos, total);
	return p;
}

static inline void
put(uint8 *bits, uint64 *pos, int width, uint64 v)
{
	bits_put(bits, *pos, width, v);
	*pos += width;
}

/* the difference from the one before, of all but the first */
static inline void
put_ref_number(uint8 *bits, ColumnPlan *plan, int64 v)
{
	if (plan->count > 0)
		plan->count = 0;
	else
	{
		uint64		step = (uint64) v - (uint64) plan->last;

		put(bits, &plan->pos, plan->width, plan->negative ? zigzag((int64) step) : step);
	}
	plan->last = v;
}

static inline void
put_event(uint8 *bits, Plan *plan, const Event *event, bool first)
{
	Attribute	a;

	if (plan->nshapes > 1)
		put(bits, &plan->shape_pos, plan->shape_width, find_shape(plan, event_shape(event)));
	if (!first)
		put(bits, &plan->time.pos, plan->time.width,
			(uint64) (event->at - plan->time.last) / instant_units[plan->time.unit]);
	plan->time.last = event->at;
	for (uint32 rest = event->has; next_attribute(&rest, &a);)
	{
		ColumnPlan *column = &plan->columns[a];
		uint64		v = 0;

		switch (event_attributes[a].sort)
		{
			case VALUE_DECIMAL:
			case VALUE_TERM:
				v = (uint64) (*event_number(event, a) / decimal_units[column->unit]);
				if (column->negative)
					v = zigzag((int64) v);
				break;
			case VALUE_INSTANT:
				v = (uint64) (*event_number(event, a) - column->first) / instant_units[column->unit];
				break;
			case VALUE_REF_NUMBER:
				put_ref_number(bits, column, *event_number(event, a));
				continue;
			case VALUE_REF_TEXT:
			case VALUE_NAME:
			case VALUE_TAGS:
				if (column->width > 0)
					v = texts_lookup(column->table, *event_text(event, a))->id;
				break;
		}
		put(bits, &column->pos, column->width, v);
	}
}

/* Write all that stands before the bits, which places the columns; their bits in all are added to `total`. */
static uint8 *
write_head(uint8 *p, Plan *plan, uint64 n, uint64 *total)
{
	Attribute	a;

	*p++ = HISTORY_PACKED;
	p = leb_write(p, n);
	plan->time.width = Max(bits_needed(plan->time.largest / instant_units[plan->time.unit]), n > 1);
	*p++ = (uint8) (plan->time.unit << 6 | plan->time.width);
	p = leb_write(p, zigzag(plan->time.first / instant_units[plan->time.unit]));

	qsort(plan->shapes, plan->nshapes, sizeof(ShapePlan), compare_shapes);
	plan->shape_width = bits_needed((uint64) plan->nshapes - 1);
	p = leb_write(p, plan->nshapes);
	for (int i = 0; i < plan->nshapes; i++)
	{
		p = leb_write(p, plan->shapes[i].shape);
		if (plan->nshapes > 1)
			p = leb_write(p, plan->shapes[i].count);
	}
	place(plan->nshapes > 1 ? n : 0, plan->shape_width, &plan->shape_pos, total);
	place(n - 1, plan->time.width, &plan->time.pos, total);
	for (uint32 rest = plan->has; next_attribute(&rest, &a);)
		p = write_column(p, &plan->columns[a], a, total);
	return p;
}

/* An upper bound for it. */
static size_t
head_size(const Plan *plan)
{
	size_t		size = 256 + plan->nshapes * 2 * LEB_MAX_BYTES;
	Attribute	a;

	for (uint32 rest = plan->has; next_attribute(&rest, &a);)
		size += 2 * LEB_MAX_BYTES + plan->columns[a].size;
	return size;
}

struct varlena *
history_pack(const uint8 *rows, size_t len, uint64 n)
{
	RowRef		few[FEW];
	Event		few_events[FEW];
	RowRef	   *refs = few;
	const uint8 *p = rows;
	const uint8 *end = rows + len;
	bool		sorted = true;
	Plan		plan;
	Event		event = {0};
	struct varlena *result;
	size_t		room;
	uint64		total = 0;
	uint8	   *out;

	if (n == 0)
	{
		result = palloc(VARHDRSZ + 2);
		SET_VARSIZE(result, VARHDRSZ + 2);
		VARDATA(result)[0] = HISTORY_PACKED;
		VARDATA(result)[1] = 0;
		return result;
	}

	/* find the rows, put them in order; a row has more than its instant */
	if (n > len / sizeof(int64))
		event_damaged("history");
	if (n > FEW)
		refs = palloc_extended(n * sizeof(RowRef), MCXT_ALLOC_HUGE);
	for (uint64 i = 0; i < n; i++)
	{
		Event	   *read = n > FEW ? &event : &few_events[i];

		CHECK_FOR_INTERRUPTS();
		refs[i].row = p;
		refs[i].event = n > FEW ? NULL : read;
		p = event_read(p, end, read);
		if (p == NULL)
			event_damaged("history");
		refs[i].at = read->at;
		if (i > 0 && sorted)
			sorted = refs[i - 1].at < read->at ||
				(refs[i - 1].at == read->at && compare_rows(&refs[i - 1], &refs[i], end) <= 0);
	}
	if (p != end)
		event_damaged("history");
	if (!sorted)
		sort_rows(refs, n, unconstify(uint8 *, end));

	/* learn what the columns need */
	memset(&plan, 0, offsetof(Plan, columns));
	plan.time.unit = UNITS - 1;
	for (uint64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		plan_event(&plan, event_of(&refs[i], end, &event));
	}

	/* head and bits together; 9 bytes more so that bits_put has room */
	out = palloc_extended(head_size(&plan), MCXT_ALLOC_HUGE);
	len = write_head(out, &plan, n, &total) - out;
	room = VARHDRSZ + len + (total + 7) / 8;
	if (room + 9 > MaxAllocSize)
		history_too_large();
	result = palloc0(room + 9);
	SET_VARSIZE(result, room);
	memcpy(VARDATA(result), out, len);
	pfree(out);
	out = (uint8 *) VARDATA(result) + len;
	plan.time.last = plan.time.first;
	for (uint64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_event(out, &plan, event_of(&refs[i], end, &event), i == 0);
	}
	if (refs != few)
		pfree(refs);
	return result;
}
