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

static inline bool
same_text(Text a, Text b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

#define SH_PREFIX texts
#define SH_ELEMENT_TYPE TextEntry
#define SH_KEY_TYPE Text
#define SH_KEY text
#define SH_HASH_KEY(table, key) hash_bytes((key).data, (int) (key).len)
#define SH_EQUAL(table, a, b) same_text(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

typedef struct TextPlan
{
	uint64		count;			/* events that have one */
	texts_hash *table;
	Text	   *sorted;
	uint32		distinct;
	size_t		size;			/* of the entries as written */
	int			width;
	uint64		pos;
} TextPlan;

typedef struct DecimalPlan
{
	uint64		count;
	uint64		largest;		/* magnitude */
	bool		negative;
	int			unit;			/* index into decimal_units */
	int			width;
	uint64		pos;
} DecimalPlan;

typedef struct InstantPlan
{
	uint64		count;
	int64		least;
	int64		greatest;
	int64		largest;		/* difference from the one before */
	int			unit;
	int			width;
	uint64		pos;
} InstantPlan;

typedef struct NumberPlan
{
	uint64		count;
	int64		first;
	int64		last;
	uint64		largest;		/* plain difference, if none is negative */
	uint64		largest_zigzag;
	bool		negative;
	int			width;
	uint64		pos;
} NumberPlan;

typedef struct ShapePlan
{
	uint16		shape;
	uint64		count;
} ShapePlan;

typedef struct Plan
{
	InstantPlan time;
	InstantPlan until;
	DecimalPlan amount;
	DecimalPlan points;
	DecimalPlan cost;
	DecimalPlan quantity;
	NumberPlan	ref_number;
	TextPlan	ref_text;
	TextPlan	name;
	TextPlan	tags;
	int			nshapes;
	int			shape_width;
	uint64		shape_pos;
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

static inline void
plan_unit(int64 v, const int64 *units, int *unit)
{
	while (v % units[*unit] != 0)
		(*unit)--;
}

static inline void
plan_decimal(DecimalPlan *plan, Decimal v)
{
	uint64		magnitude = v < 0 ? (uint64) -v : (uint64) v;

	if (plan->count++ == 0)
		plan->unit = lengthof(decimal_units) - 1;
	plan_unit(v, decimal_units, &plan->unit);
	plan->largest = Max(plan->largest, magnitude);
	plan->negative |= v < 0;
}

static inline void
plan_number(NumberPlan *plan, int64 v)
{
	if (plan->count++ == 0)
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
plan_text(TextPlan *plan, Text text)
{
	bool		found;

	if (plan->count++ == 0)
		plan->table = texts_create(CurrentMemoryContext, 8, NULL);
	texts_insert(plan->table, text, &found);
	if (!found)
	{
		uint8		head[LEB_MAX_BYTES];

		plan->distinct++;
		plan->size += (leb_write(head, text.len) - head) + text.len;
	}
}

static void
plan_shape(Plan *plan, uint16 shape)
{
	int			i = 0;

	while (i < plan->nshapes && plan->shapes[i].shape != shape)
		i++;
	if (i == plan->nshapes)
	{
		plan->nshapes++;
		plan->shapes[i].shape = shape;
		plan->shapes[i].count = 0;
	}
	plan->shapes[i].count++;
}

static void
plan_event(Plan *plan, const Event *event)
{
	plan_shape(plan, (uint16) (event->has << 4 | event->kind));
	plan_unit(event->at, instant_units, &plan->time.unit);
	if (plan->time.count++ > 0)
		plan->time.largest = Max(plan->time.largest, event->at - plan->time.greatest);
	else
		plan->time.least = event->at;
	plan->time.greatest = event->at;
	if (kind_has_amount(event->kind))
		plan_decimal(&plan->amount, event->amount);
	else if (kind_has_points(event->kind))
		plan_decimal(&plan->points, event->points);
	else
		plan_text(&plan->name, event->name);
	if (event->has & EVENT_HAS_COST)
		plan_decimal(&plan->cost, event->cost);
	if (event->has & EVENT_HAS_QUANTITY)
		plan_decimal(&plan->quantity, event->quantity);
	if (event->has & EVENT_HAS_UNTIL)
	{
		plan_unit(event->until, instant_units, &plan->until.unit);
		plan->until.least = plan->until.count ? Min(plan->until.least, event->until) : event->until;
		plan->until.greatest = plan->until.count ? Max(plan->until.greatest, event->until) : event->until;
		plan->until.count++;
	}
	if (event->has & EVENT_HAS_REF_NUMBER)
		plan_number(&plan->ref_number, event->ref_number);
	else if (event->has & EVENT_HAS_REF_TEXT)
		plan_text(&plan->ref_text, event->ref_text);
	if (event->has & EVENT_HAS_TAGS)
		plan_text(&plan->tags, event->tags);
}

static int
compare_text_entries(const Text *x, const Text *y)
{
	int			c = memcmp(x->data, y->data, Min(x->len, y->len));

	return c != 0 ? c : (x->len > y->len) - (x->len < y->len);
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
	return (int) ((const ShapePlan *) a)->shape - (int) ((const ShapePlan *) b)->shape;
}

static inline void
place(uint64 count, int width, uint64 *pos, uint64 *total)
{
	*pos = *total;
	*total += count * width;
}

static uint8 *
write_decimals(uint8 *p, DecimalPlan *plan, uint64 *total)
{
	if (plan->count == 0)
		return p;
	plan->width = bits_needed(plan->largest / decimal_units[plan->unit]) + plan->negative;
	place(plan->count, plan->width, &plan->pos, total);
	return leb_write(p, (uint64) plan->width << 3 | (uint64) plan->negative << 2 | plan->unit);
}

static uint8 *
write_texts(uint8 *p, TextPlan *plan, uint64 *total)
{
	texts_iterator it;
	TextEntry  *entry;
	uint32		n = 0;

	if (plan->count == 0)
		return p;
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
	place(plan->count, plan->width, &plan->pos, total);
	return p;
}

static inline void
put(uint8 *bits, uint64 *pos, int width, uint64 v)
{
	bits_put(bits, *pos, width, v);
	*pos += width;
}

static inline void
put_decimal(uint8 *bits, DecimalPlan *plan, Decimal v)
{
	v /= decimal_units[plan->unit];
	put(bits, &plan->pos, plan->width, plan->negative ? zigzag(v) : (uint64) v);
}

static inline void
put_text(uint8 *bits, TextPlan *plan, Text text)
{
	put(bits, &plan->pos, plan->width, plan->width ? texts_lookup(plan->table, text)->id : 0);
}

static inline void
put_event(uint8 *bits, Plan *plan, const Event *event, bool first)
{
	if (plan->nshapes > 1)
	{
		uint16		shape = (uint16) (event->has << 4 | event->kind);
		int			i = 0;

		while (plan->shapes[i].shape != shape)
			i++;
		put(bits, &plan->shape_pos, plan->shape_width, i);
	}
	if (!first)
		put(bits, &plan->time.pos, plan->time.width,
			(uint64) (event->at - plan->time.least) / instant_units[plan->time.unit]);
	plan->time.least = event->at;
	if (kind_has_amount(event->kind))
		put_decimal(bits, &plan->amount, event->amount);
	else if (kind_has_points(event->kind))
		put_decimal(bits, &plan->points, event->points);
	else
		put_text(bits, &plan->name, event->name);
	if (event->has & EVENT_HAS_COST)
		put_decimal(bits, &plan->cost, event->cost);
	if (event->has & EVENT_HAS_QUANTITY)
		put_decimal(bits, &plan->quantity, event->quantity);
	if (event->has & EVENT_HAS_UNTIL)
		put(bits, &plan->until.pos, plan->until.width,
			(uint64) (event->until - plan->until.least) / instant_units[plan->until.unit]);
	if (event->has & EVENT_HAS_REF_NUMBER)
	{
		NumberPlan *number = &plan->ref_number;

		if (number->count > 0)
			number->count = 0;	/* the first stands in the head */
		else
		{
			uint64		step = (uint64) event->ref_number - (uint64) number->last;

			put(bits, &number->pos, number->width, number->negative ? zigzag((int64) step) : step);
		}
		number->last = event->ref_number;
	}
	else if (event->has & EVENT_HAS_REF_TEXT)
		put_text(bits, &plan->ref_text, event->ref_text);
	if (event->has & EVENT_HAS_TAGS)
		put_text(bits, &plan->tags, event->tags);
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
	memset(&plan, 0, offsetof(Plan, shapes));
	plan.time.unit = plan.until.unit = lengthof(instant_units) - 1;
	for (uint64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		plan_event(&plan, event_of(&refs[i], end, &event));
	}

	/* write the head, which places the columns */
	room = VARHDRSZ + 256 + plan.nshapes * 2 * LEB_MAX_BYTES +
		plan.ref_text.size + plan.name.size + plan.tags.size;
	out = palloc_extended(room, MCXT_ALLOC_HUGE);
	{
		uint8	   *q = out;

		*q++ = HISTORY_PACKED;
		q = leb_write(q, n);
		plan.time.width = Max(bits_needed((uint64) plan.time.largest / instant_units[plan.time.unit]), n > 1);
		*q++ = (uint8) (plan.time.unit << 6 | plan.time.width);
		q = leb_write(q, zigzag(plan.time.least / instant_units[plan.time.unit]));

		qsort(plan.shapes, plan.nshapes, sizeof(ShapePlan), compare_shapes);
		plan.shape_width = bits_needed((uint64) plan.nshapes - 1);
		q = leb_write(q, plan.nshapes);
		for (int i = 0; i < plan.nshapes; i++)
		{
			q = leb_write(q, plan.shapes[i].shape);
			if (plan.nshapes > 1)
				q = leb_write(q, plan.shapes[i].count);
		}
		place(plan.nshapes > 1 ? n : 0, plan.shape_width, &plan.shape_pos, &total);
		place(n - 1, plan.time.width, &plan.time.pos, &total);
		q = write_decimals(q, &plan.amount, &total);
		q = write_decimals(q, &plan.points, &total);
		q = write_decimals(q, &plan.cost, &total);
		q = write_decimals(q, &plan.quantity, &total);
		if (plan.until.count > 0)
		{
			int64		unit = instant_units[plan.until.unit];

			plan.until.width = bits_needed((uint64) (plan.until.greatest - plan.until.least) / unit);
			*q++ = (uint8) (plan.until.unit << 6 | plan.until.width);
			q = leb_write(q, zigzag(plan.until.least / unit));
			place(plan.until.count, plan.until.width, &plan.until.pos, &total);
		}
		if (plan.ref_number.count > 0)
		{
			NumberPlan *number = &plan.ref_number;

			number->width = bits_needed(number->negative ? number->largest_zigzag : number->largest);
			q = leb_write(q, (uint64) number->width << 1 | number->negative);
			q = leb_write(q, zigzag(number->first));
			place(number->count - 1, number->width, &number->pos, &total);
		}
		q = write_texts(q, &plan.ref_text, &total);
		q = write_texts(q, &plan.name, &total);
		q = write_texts(q, &plan.tags, &total);
		len = q - out;
	}

	/* head and bits together; 9 bytes more so that bits_put has room */
	room = VARHDRSZ + len + (total + 7) / 8;
	if (room + 9 > MaxAllocSize)
		history_too_large();
	result = palloc0(room + 9);
	SET_VARSIZE(result, room);
	memcpy(VARDATA(result), out, len);
	pfree(out);
	out = (uint8 *) VARDATA(result) + len;
	for (uint64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_event(out, &plan, event_of(&refs[i], end, &event), i == 0);
	}
	if (refs != few)
		pfree(refs);
	return result;
}
