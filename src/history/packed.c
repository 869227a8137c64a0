/*
 * packed.c
 *		The packed form of a history: what it looks like, and reading it.
 *
 *		byte		version
 *		leb			n, the number of events; nothing follows if it is 0
 *		byte		instants: unit (2 bits, see instant_units) and bits (6 bits)
 *		leb			zigzag of the first instant in that unit
 *		leb			number of shapes; for each, ascending, leb of the shape
 *					(kind and what it has, as in a row) and, if there are
 *					several, leb of how many events have it
 *		then for each attribute that some shape has, in the order of their numbers
 *		leb			decimals, terms: bits * 8 + signed * 4 + unit
 *		byte, leb	instants: unit and bits as above, then zigzag of the least
 *		leb, leb	ref numbers: bits * 2 + signed, then zigzag of the first
 *		leb, leb, list
 *					texts: number of distinct ones, their bytes in all, then each
 *					as leb length and bytes, ascending
 *		bits		the columns: shape index, instants, and those above in the
 *					same order, each value with its column's bits
 *
 * An event's instant and ref numbers are differences from the one before.  Bits is the
 * least that fits the column's largest value (for instants at least 1, so that
 * no few bytes can claim to be a million events).  All of this follows from
 * the events alone, so equal histories have equal bytes.
 */
#include "postgres.h"

#include "document/type.h"
#include "history/history.h"
#include "history/layout.h"

#include "miscadmin.h"

const int64 instant_units[UNITS] = {INSTANT_UNITS};
const int64 decimal_units[UNITS] = {DECIMAL_UNITS};

/* the bits of the whole calendar in each of them */
static const int instant_bits[UNITS] = {59, 49, 39, 22};

StaticAssertDecl((INSTANT_LIMIT - INSTANT_MIN) >> 58 == 1 &&
				 (INSTANT_LIMIT - INSTANT_MIN) / 1000 >> 48 == 1 &&
				 (INSTANT_LIMIT - INSTANT_MIN) / USECS_PER_SEC >> 38 == 1 &&
				 (INSTANT_LIMIT - INSTANT_MIN) / USECS_PER_DAY >> 21 == 1,
				 "instant_bits must fit the calendar");

static void
damaged(void)
{
	sql_type_damaged("history");
}

static inline const uint8 *
need_leb(const uint8 *p, const uint8 *end, uint64 *v)
{
	p = leb_read(p, end, v);
	if (p == NULL)
		damaged();
	return p;
}

/* Give a column its place in the bits, behind those before it. */
static inline void
place_column(Column *column, uint64 count, uint64 width, uint64 *total)
{
	if (width > 64)
		damaged();
	column->pos = *total;
	column->width = (int) width;
	*total += count * width;
	column->limit = *total;
}

static const uint8 *
open_decimals(const uint8 *p, const uint8 *end, Column *column, uint64 count, uint64 *total)
{
	uint64		head;

	p = need_leb(p, end, &head);
	column->unit = decimal_units[head & 3];
	column->is_signed = (head & 4) != 0;
	place_column(column, count, head >> 3, total);
	/* 2^59 millionths are less than the limit: narrower columns need no checks */
	column->checked = column->width > 59 - bits_needed((uint64) column->unit - 1);
	return p;
}

static const uint8 *
open_instants(const uint8 *p, const uint8 *end, Column *column, uint64 count, uint64 *total)
{
	uint64		v;
	uint8		head;

	if (p == end)
		damaged();
	head = *p++;
	column->unit = instant_units[head >> 6];
	p = need_leb(p, end, &v);
	if (__builtin_mul_overflow(unzigzag(v), column->unit, &column->base) || !instant_is_valid(column->base))
		damaged();
	place_column(column, count, head & 0x3F, total);
	if (column->width > instant_bits[head >> 6])
		damaged();
	return p;
}

static const uint8 *
open_ref_numbers(const uint8 *p, const uint8 *end, Column *column, uint64 count, uint64 *total)
{
	uint64		v;

	p = need_leb(p, end, &v);
	column->is_signed = (v & 1) != 0;
	/* the first stands in the head, not among the bits */
	place_column(column, count - 1, v >> 1, total);
	p = need_leb(p, end, &v);
	column->base = unzigzag(v);
	column->checked = true;		/* the first is still to come */
	return p;
}

static const uint8 *
open_texts(const uint8 *p, const uint8 *end, Column *column, uint64 count, uint64 *total)
{
	uint64		entries;
	uint64		size;

	p = need_leb(p, end, &entries);
	p = need_leb(p, end, &size);
	if (size > (uint64) (end - p) || entries == 0 || entries > size)
		damaged();
	column->entries = p;
	column->end = p + size;
	column->count = (uint32) entries;
	column->offsets = NULL;
	place_column(column, count, bits_needed(entries - 1), total);
	return p + size;
}

static const uint8 *
open_column(const uint8 *p, const uint8 *end, Column *column, Attribute attribute, uint64 count, uint64 *total)
{
	switch (event_attributes[attribute].sort)
	{
		case VALUE_DECIMAL:
		case VALUE_TERM:
			return open_decimals(p, end, column, count, total);
		case VALUE_INSTANT:
			return open_instants(p, end, column, count, total);
		case VALUE_REF_NUMBER:
			return open_ref_numbers(p, end, column, count, total);
		case VALUE_REF_TEXT:
		case VALUE_NAME:
		case VALUE_TAGS:
			return open_texts(p, end, column, count, total);
	}
	pg_unreachable();
}

/* Read which shapes there are, and how many values each column has. */
static const uint8 *
open_shapes(HistoryCursor *c, const uint8 *p, const uint8 *end, uint64 *counts)
{
	uint64		sum = 0;
	uint64		v;
	int64		before = -1;

	p = need_leb(p, end, &v);
	if (v == 0 || v > HISTORY_MAX_SHAPES)
		damaged();
	c->nshapes = (int) v;
	for (int i = 0; i < c->nshapes; i++)
	{
		uint64		shape;
		uint64		count = c->n;
		uint32		has;
		EventKind	kind;
		Attribute	a;

		p = need_leb(p, end, &shape);
		if (!event_from_shape(shape, &kind, &has) || (int64) shape <= before)
			damaged();
		before = (int64) shape;
		if (c->nshapes > 1)
			p = need_leb(p, end, &count);
		if (count == 0 || count > c->n)
			damaged();
		sum += count;
		c->shapes[i] = (Shape) {.has = has, .kind = (uint8) kind};
		for (uint32 rest = has; next_attribute(&rest, &a);)
			counts[a] += count;
	}
	if (sum != c->n)
		damaged();
	return p;
}

void
history_open(HistoryCursor *c, const uint8 *data, size_t len)
{
	const uint8 *p = data;
	const uint8 *end = data + len;
	uint64		counts[ATTRIBUTES] = {0};
	uint64		total = 0;
	uint64		v;
	uint8		time_head;

	c->i = 0;
	c->nshapes = 0;
	if (len < 2 || *p++ != HISTORY_PACKED)
		damaged();
	p = need_leb(p, end, &c->n);
	if (c->n == 0)
	{
		if (p != end)
			damaged();
		return;
	}
	/* each event but the first has at least one bit */
	if (c->n > (uint64) len * 8 + 1 || p == end)
		damaged();
	time_head = *p++;
	c->time.unit = instant_units[time_head >> 6];
	p = need_leb(p, end, &v);
	if (__builtin_mul_overflow(unzigzag(v), c->time.unit, &c->at) || !instant_is_valid(c->at))
		damaged();
	p = open_shapes(c, p, end, counts);

	place_column(&c->shape, c->nshapes > 1 ? c->n : 0, bits_needed((uint64) c->nshapes - 1), &total);
	place_column(&c->time, c->n - 1, time_head & 0x3F, &total);
	if (c->time.width > instant_bits[time_head >> 6] || (c->n > 1 && c->time.width == 0))
		damaged();
	for (int a = 0; a < ATTRIBUTES; a++)
	{
		c->columns[a].count = 0;
		if (counts[a] > 0)
			p = open_column(p, end, &c->columns[a], (Attribute) a, counts[a], &total);
	}

	/* now every value that a column's count allows lies within the bytes */
	if ((uint64) (end - p) != (total + 7) / 8)
		damaged();
	c->bits = p;
	c->end = end;
}

/* The next value of a column that has been placed. */
static inline uint64
next_bits(HistoryCursor *c, Column *column)
{
	uint64		pos = column->pos;
	uint64		next = pos + column->width;

	/* more events of a shape than its count said */
	if (unlikely(next > column->limit))
		damaged();
	column->pos = next;
	return bits_get(c->bits, c->end, pos, column->width);
}

static inline Decimal
next_decimal(HistoryCursor *c, Column *column)
{
	uint64		raw = next_bits(c, column);
	int64		v = column->is_signed ? unzigzag(raw) : (int64) raw;

	if (unlikely(column->checked) &&
		(v <= -DECIMAL_LIMIT / column->unit || v >= DECIMAL_LIMIT / column->unit))
		damaged();
	return v * column->unit;
}

static inline int64
next_instant(HistoryCursor *c, Column *column)
{
	int64		at = column->base + (int64) next_bits(c, column) * column->unit;

	if (unlikely(at >= INSTANT_LIMIT))
		damaged();
	return at;
}

static inline int64
next_ref_number(HistoryCursor *c, Column *column)
{
	uint64		raw;

	if (unlikely(column->checked))
	{
		column->checked = false;
		return column->base;
	}
	raw = next_bits(c, column);
	column->base = (int64) ((uint64) column->base + (column->is_signed ? (uint64) unzigzag(raw) : raw));
	return column->base;
}

/* Find out where each entry of a column of texts begins. */
static void
find_entries(Column *column)
{
	const uint8 *p = column->entries;
	uint64		len;

	column->offsets = palloc(column->count * sizeof(uint32));
	for (uint32 k = 0; k < column->count; k++)
	{
		CHECK_FOR_INTERRUPTS();
		column->offsets[k] = (uint32) (p - column->entries);
		p = need_leb(p, column->end, &len);
		if (len > (uint64) (column->end - p) || len > EVENT_MAX_TAGS * (EVENT_MAX_TEXT + 1))
			damaged();
		p += len;
	}
	if (p != column->end)
		damaged();
}

static Text
next_text(HistoryCursor *c, Column *column)
{
	uint64		i = next_bits(c, column);
	uint64		len;
	const uint8 *p;

	if (i >= column->count)
		damaged();
	if (column->offsets == NULL)
		find_entries(column);
	column->id = (uint32) i;
	p = need_leb(column->entries + column->offsets[i], column->end, &len);
	return (Text) {p, (uint32) len};
}

bool
history_next(HistoryCursor *c, Event *event)
{
	const Shape *shape = &c->shapes[0];
	Attribute	a;

	if (c->i >= c->n)
		return false;
	CHECK_FOR_INTERRUPTS();
	if (c->i++ > 0)
	{
		c->at += (int64) next_bits(c, &c->time) * c->time.unit;
		if (unlikely(c->at >= INSTANT_LIMIT))
			damaged();
	}
	if (c->nshapes > 1)
	{
		uint64		i = next_bits(c, &c->shape);

		if (i >= (uint64) c->nshapes)
			damaged();
		shape += i;
	}

	event_init(event, (EventKind) shape->kind, c->at);
	event->has = shape->has;
	for (uint32 rest = shape->has; next_attribute(&rest, &a);)
	{
		Column	   *column = &c->columns[a];

		switch (event_attributes[a].sort)
		{
			case VALUE_DECIMAL:
			case VALUE_TERM:
				*event_number(event, a) = next_decimal(c, column);
				break;
			case VALUE_INSTANT:
				*event_number(event, a) = next_instant(c, column);
				break;
			case VALUE_REF_NUMBER:
				*event_number(event, a) = next_ref_number(c, column);
				break;
			case VALUE_REF_TEXT:
			case VALUE_NAME:
			case VALUE_TAGS:
				*event_text(event, a) = next_text(c, column);
				break;
		}
	}
	if ((shape->has & EVENT_HAS_CHECKED) && !event_is_sound(event))
		damaged();
	return true;
}

bool
history_is_sales(const HistoryCursor *c)
{
	for (int i = 0; c->n > 0 && i < c->nshapes; i++)
	{
		uint32		has = c->shapes[i].has;

		if (c->shapes[i].kind != EVENT_PURCHASE || (has & EVENT_HAS_REF_TEXT) ||
			((has ^ c->shapes[0].has) & EVENT_HAS_REF_NUMBER))
			return false;
	}
	return true;
}

/* Values that lie within 8 bytes, wherever these start. */
static inline bool
is_narrow(const Column *column)
{
	return column->width <= 57;
}

/* A narrow value of at least 8 bytes: at their end the 8 reach back. */
static inline uint64
narrow_bits(const uint8 *bits, size_t size, uint64 pos, uint64 mask)
{
	size_t		start = Min(pos >> 3, size - sizeof(uint64));
	uint64		word;

	memcpy(&word, bits + start, sizeof(word));
	return (word >> ((pos - start * 8) & 63)) & mask;
}

/* All columns in one loop: most histories are short, and each loop's end costs. */
static pg_attribute_always_inline void
next_narrow_sales(HistoryCursor *c, Sales *sales, bool has_ref)
{
	Column	   *amounts = &c->columns[ATTRIBUTE_AMOUNT];
	Column	   *refs = &c->columns[ATTRIBUTE_REF_NUMBER];
	const uint8 *const bits = c->bits;
	const size_t size = c->end - c->bits;
	const uint64 at_mask = (UINT64CONST(1) << c->time.width) - 1;
	const uint64 amount_mask = (UINT64CONST(1) << amounts->width) - 1;
	const uint64 ref_mask = has_ref ? (UINT64CONST(1) << refs->width) - 1 : 0;
	const int	ref_width = has_ref ? refs->width : 0;
	uint64		at_pos = c->time.pos;
	uint64		amount_pos = amounts->pos;
	uint64		ref_pos = has_ref ? refs->pos : 0;
	const bool	is_signed = amounts->is_signed;
	bool		same = false;
	int64		at = c->at;

	for (int i = 0; i < sales->n; i++)
	{
		uint64		raw = narrow_bits(bits, size, amount_pos, amount_mask);

		amount_pos += amounts->width;
		sales->amount[i] = (is_signed ? unzigzag(raw) : (int64) raw) * amounts->unit;
		/* instant and ref of the first stand in the head */
		if (likely(c->i + i > 0))
		{
			at += (int64) narrow_bits(bits, size, at_pos, at_mask) * c->time.unit;
			at_pos += c->time.width;
			if (unlikely(at >= INSTANT_LIMIT))
				damaged();
			same |= narrow_bits(bits, size, ref_pos, ref_mask) == 0;
			ref_pos += ref_width;
		}
		sales->at[i] = at;
	}
	c->at = at;
	c->time.pos = at_pos;
	amounts->pos = amount_pos;
	if (has_ref)
	{
		refs->pos = ref_pos;
		sales->distinct = !same && !refs->is_signed;
	}
}

/* What they cost: all have a cost of their own, or none. */
static void
next_narrow_costs(HistoryCursor *c, int n, bool has_cost, Decimal *cost)
{
	Column	   *costs = &c->columns[ATTRIBUTE_COST];
	const size_t size = c->end - c->bits;
	const uint64 mask = has_cost ? (UINT64CONST(1) << costs->width) - 1 : 0;

	if (!has_cost)
	{
		memset(cost, 0, n * sizeof(Decimal));
		return;
	}
	for (int i = 0; i < n; i++)
	{
		uint64		raw = narrow_bits(c->bits, size, costs->pos, mask);

		costs->pos += costs->width;
		cost[i] = (costs->is_signed ? unzigzag(raw) : (int64) raw) * costs->unit;
	}
}

/* The next purchases, in order; false at the end. */
static pg_attribute_always_inline bool
next_sales(HistoryCursor *c, Sales *sales, Decimal *cost)
{
	const Column *amounts = &c->columns[ATTRIBUTE_AMOUNT];
	const Column *costs = &c->columns[ATTRIBUTE_COST];
	const bool	has_cost = (c->shapes[0].has & EVENT_HAS_COST) != 0;
	const Column *refs = &c->columns[ATTRIBUTE_REF_NUMBER];
	Event		event;
	bool		has_ref;
	int64		ref;

	sales->n = (int) Min(c->n - c->i, HISTORY_SALES);
	sales->distinct = true;
	if (sales->n == 0)
		return false;
	CHECK_FOR_INTERRUPTS();
	has_ref = (c->shapes[0].has & EVENT_HAS_REF_NUMBER) != 0;
	ref = has_ref ? refs->base : 0;

	/* what head and shapes say leaves as many values in each column */
	if (likely((size_t) (c->end - c->bits) >= sizeof(uint64) && is_narrow(&c->time) &&
			   is_narrow(amounts) && !amounts->checked && (!has_ref || is_narrow(refs)) &&
			   (cost == NULL || (c->nshapes == 1 && (!has_cost || (is_narrow(costs) && !costs->checked))))))
	{
		next_narrow_sales(c, sales, has_ref);
		if (cost)
			next_narrow_costs(c, sales->n, has_cost, cost);
		c->i += sales->n;
		return true;
	}
	for (int i = 0; i < sales->n && history_next(c, &event); i++)
	{
		sales->at[i] = event.at;
		sales->amount[i] = event.amount;
		if (cost)
			cost[i] = event.cost;
		if (!has_ref)
			continue;
		if (c->i > 1)
			sales->distinct &= event.ref_number > ref;
		ref = event.ref_number;
	}
	return true;
}

bool
history_next_sales(HistoryCursor *c, Sales *sales)
{
	return next_sales(c, sales, NULL);
}

bool
history_next_lines(HistoryCursor *c, Sales *sales, Decimal *cost)
{
	return next_sales(c, sales, cost);
}
