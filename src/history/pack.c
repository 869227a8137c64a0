/*
 * pack.c
 *		Rows to the packed form of a history (laid out in packed.c).
 *
 * Rows are put in order (rows.c), looked at once to learn each column's unit
 * and bits, and then written: some of them at a time, and of these a column at
 * a time.
 */
#include "postgres.h"

#include "history/history.h"
#include "history/layout.h"
#include "history/rows.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

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
	uint32		distinct;		/* of them */
	Text		text;			/* the last */
	size_t		size;			/* which they have as written */
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

/* a column's value of each event of a batch that has one */
#define FOR_VALUES(e, events, n, attribute) \
	for (int i_ = 0; i_ < (n); i_++) \
		if ((e = (events)[i_])->has & EVENT_HAS(attribute))

static void
plan_decimals(ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	FOR_VALUES(e, events, n, a)
	{
		Decimal		v = *event_number(e, a);

		plan->unit = decimal_unit(v, plan->unit);
		plan->largest = Max(plan->largest, v < 0 ? (uint64) -v : (uint64) v);
		plan->negative |= v < 0;
		plan->count++;
	}
}

static void
plan_instants(ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	FOR_VALUES(e, events, n, a)
	{
		int64		at = *event_number(e, a);

		plan->unit = instant_unit(at, plan->unit);
		plan->first = plan->count == 0 ? at : Min(plan->first, at);
		plan->last = plan->count == 0 ? at : Max(plan->last, at);
		plan->count++;
	}
}

static void
plan_ref_numbers(ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	FOR_VALUES(e, events, n, a)
	{
		int64		v = *event_number(e, a);
		uint64		step = (uint64) v - (uint64) plan->last;

		if (plan->count++ == 0)
			plan->first = v;
		else
		{
			plan->negative |= v < plan->last;
			plan->largest = Max(plan->largest, step);
			plan->largest_zigzag = Max(plan->largest_zigzag, zigzag((int64) step));
		}
		plan->last = v;
	}
}

static void
plan_texts(ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	FOR_VALUES(e, events, n, a)
	{
		Text		text = *event_text(e, a);
		uint8		head[LEB_MAX_BYTES];
		bool		found;

		if (plan->count++ == 0)
			plan->table = texts_create(CurrentMemoryContext, 8, NULL);
		else if (text_equal(text, plan->text))
			continue;
		plan->text = text;
		texts_insert(plan->table, text, &found);
		if (found)
			continue;
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

/* Shapes and instants; returns the attributes that some of the events have. */
static uint32
plan_heads(Plan *plan, const Event *const *events, int n)
{
	uint32		has = 0;

	for (int i = 0; i < n; i++)
	{
		const Event *e = events[i];
		uint64		shape = event_shape(e);
		int			k = find_shape(plan, shape);

		if (k == plan->nshapes)
		{
			if (k == HISTORY_MAX_SHAPES)
				elog(ERROR, "more than %d shapes of events", HISTORY_MAX_SHAPES);
			plan->nshapes++;
			plan->shapes[k] = (ShapePlan) {.shape = shape};
		}
		plan->shapes[k].count++;
		has |= e->has;

		plan->time.unit = instant_unit(e->at, plan->time.unit);
		if (plan->time.count++ == 0)
			plan->time.first = e->at;
		else
			plan->time.largest = Max(plan->time.largest, (uint64) (e->at - plan->time.last));
		plan->time.last = e->at;
	}
	return has;
}

static void
plan_batch(Plan *plan, const Event *const *events, int n)
{
	uint32		has = plan_heads(plan, events, n);
	Attribute	a;

	while (next_attribute(&has, &a))
	{
		ColumnPlan *column = &plan->columns[a];

		if (!(plan->has & EVENT_HAS(a)))
		{
			memset(column, 0, sizeof(ColumnPlan));
			column->unit = UNITS - 1;
			plan->has |= EVENT_HAS(a);
		}
		switch (event_attributes[a].sort)
		{
			case VALUE_DECIMAL:
			case VALUE_TERM:
				plan_decimals(column, events, n, a);
				break;
			case VALUE_INSTANT:
				plan_instants(column, events, n, a);
				break;
			case VALUE_REF_NUMBER:
				plan_ref_numbers(column, events, n, a);
				break;
			case VALUE_REF_TEXT:
			case VALUE_NAME:
			case VALUE_TAGS:
				plan_texts(column, events, n, a);
				break;
		}
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
	Text	   *sorted = palloc_extended(plan->distinct * sizeof(Text), MCXT_ALLOC_HUGE);
	uint32		n = 0;

	texts_start_iterate(plan->table, &it);
	while ((entry = texts_iterate(plan->table, &it)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		sorted[n++] = entry->text;
	}
	sort_texts(sorted, n);

	p = leb_write(p, n);
	p = leb_write(p, plan->size);
	for (uint32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		texts_lookup(plan->table, sorted[i])->id = i;
		p = leb_write(p, sorted[i].len);
		memcpy(p, sorted[i].data, sorted[i].len);
		p += sorted[i].len;
	}
	pfree(sorted);
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

static void
put_decimals(BitWriter *bits, ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	FOR_VALUES(e, events, n, a)
	{
		int64		v = in_decimal_units(*event_number(e, a), plan->unit);

		bits_put(bits, plan->width, plan->negative ? zigzag(v) : (uint64) v);
	}
}

static void
put_instants(BitWriter *bits, ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	FOR_VALUES(e, events, n, a)
	{
		bits_put(bits, plan->width, (uint64) in_instant_units(*event_number(e, a) - plan->first, plan->unit));
	}
}

/* differences from the one before; the first stands in the head */
static void
put_ref_numbers(BitWriter *bits, ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	FOR_VALUES(e, events, n, a)
	{
		int64		v = *event_number(e, a);
		uint64		step = (uint64) v - (uint64) plan->last;

		if (plan->count > 0)
			plan->count = 0;
		else
			bits_put(bits, plan->width, plan->negative ? zigzag((int64) step) : step);
		plan->last = v;
	}
}

static void
put_texts(BitWriter *bits, ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	const Event *e;

	if (plan->width == 0)
		return;
	FOR_VALUES(e, events, n, a)
	{
		bits_put(bits, plan->width, texts_lookup(plan->table, *event_text(e, a))->id);
	}
}

static void
put_column(BitWriter *bits, ColumnPlan *plan, const Event *const *events, int n, Attribute a)
{
	switch (event_attributes[a].sort)
	{
		case VALUE_DECIMAL:
		case VALUE_TERM:
			put_decimals(bits, plan, events, n, a);
			break;
		case VALUE_INSTANT:
			put_instants(bits, plan, events, n, a);
			break;
		case VALUE_REF_NUMBER:
			put_ref_numbers(bits, plan, events, n, a);
			break;
		case VALUE_REF_TEXT:
		case VALUE_NAME:
		case VALUE_TAGS:
			put_texts(bits, plan, events, n, a);
			break;
	}
}

/* Write what is left of a column's values, and note how far it went. */
static inline void
end_column(BitWriter *bits, const uint8 *buf, uint64 *pos)
{
	bits_flush(bits);
	*pos = (uint64) (bits->p - buf) * 8 + bits->filled;
}

static void
put_batch(uint8 *buf, Plan *plan, const Event *const *events, int n, bool first)
{
	BitWriter	bits;
	uint32		rest = plan->has;
	Attribute	a;

	if (plan->nshapes > 1)
	{
		bits_open(&bits, buf, plan->shape_pos);
		for (int i = 0; i < n; i++)
			bits_put(&bits, plan->shape_width, find_shape(plan, event_shape(events[i])));
		end_column(&bits, buf, &plan->shape_pos);
	}
	bits_open(&bits, buf, plan->time.pos);
	for (int i = 0; i < n; i++)
	{
		if (i > 0 || !first)
			bits_put(&bits, plan->time.width,
					 (uint64) in_instant_units(events[i]->at - plan->time.last, plan->time.unit));
		plan->time.last = events[i]->at;
	}
	end_column(&bits, buf, &plan->time.pos);
	while (next_attribute(&rest, &a))
	{
		bits_open(&bits, buf, plan->columns[a].pos);
		put_column(&bits, &plan->columns[a], events, n, a);
		end_column(&bits, buf, &plan->columns[a].pos);
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

static struct varlena *
empty_history(void)
{
	struct varlena *result = palloc(VARHDRSZ + 2);

	SET_VARSIZE(result, VARHDRSZ + 2);
	VARDATA(result)[0] = HISTORY_PACKED;
	VARDATA(result)[1] = 0;
	return result;
}

struct varlena *
history_pack(const uint8 *rows, size_t len, uint64 n)
{
	SortedRows	sorted;
	const Event *events[ROWS_BATCH];
	uint8		small_head[512];
	uint8	   *head = small_head;
	uint8	   *bits;
	Plan		plan;
	struct varlena *result;
	size_t		room;
	uint64		total = 0;
	int			batch;

	if (n == 0)
		return empty_history();
	rows_sort(&sorted, rows, len, n);

	/* learn what the columns need */
	memset(&plan, 0, offsetof(Plan, columns));
	plan.time.unit = UNITS - 1;
	for (uint64 i = 0; i < n; i += batch)
	{
		batch = rows_batch(&sorted, i, events);
		plan_batch(&plan, events, batch);
	}

	/* head and bits together; 9 bytes more, as the writer of bits needs */
	room = head_size(&plan);
	if (room > sizeof(small_head))
		head = palloc_extended(room, MCXT_ALLOC_HUGE);
	len = write_head(head, &plan, n, &total) - head;
	room = VARHDRSZ + len + (total + 7) / 8;
	if (room + 9 > MaxAllocSize)
		history_too_large();
	result = palloc0(room + 9);
	SET_VARSIZE(result, room);
	memcpy(VARDATA(result), head, len);
	if (head != small_head)
		pfree(head);
	bits = (uint8 *) VARDATA(result) + len;
	plan.time.last = plan.time.first;
	for (uint64 i = 0; i < n; i += batch)
	{
		batch = rows_batch(&sorted, i, events);
		put_batch(bits, &plan, events, batch, i == 0);
	}
	rows_release(&sorted);
	return result;
}
