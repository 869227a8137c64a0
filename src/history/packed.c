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
 *		then for each column that some shape has, in this order
 *		leb			amount, points, cost, quantity: bits * 8 + signed * 4 + unit
 *		byte, leb	until: unit and bits as for instants, then zigzag of the least
 *		leb, leb	ref numbers: bits * 2 + signed, then zigzag of the first
 *		leb, leb, list
 *					ref texts, names, tags: number of distinct ones, their bytes
 *					in all, then each as leb length and bytes, ascending
 *		bits		the columns: shape index, instants, and those above in the
 *					same order, each value with its column's bits
 *
 * Instants and ref numbers are differences from the one before.  Bits is the
 * least that fits the column's largest value (for instants at least 1, so that
 * no few bytes can claim to be a million events).  All of this follows from
 * the events alone, so equal histories have equal bytes.
 */
#include "postgres.h"

#include "history/history.h"
#include "history/layout.h"

#include "miscadmin.h"

const int64 instant_units[4] = {1, USECS_PER_SEC / 1000, USECS_PER_SEC, USECS_PER_DAY};
const int64 decimal_units[4] = {1, 1000, 10000, DECIMAL_ONE};

/* the bits of the whole calendar in each of them */
static const int instant_bits[4] = {59, 49, 39, 22};

StaticAssertDecl((INSTANT_LIMIT - INSTANT_MIN) >> 58 == 1 &&
				 (INSTANT_LIMIT - INSTANT_MIN) / 1000 >> 48 == 1 &&
				 (INSTANT_LIMIT - INSTANT_MIN) / USECS_PER_SEC >> 38 == 1 &&
				 (INSTANT_LIMIT - INSTANT_MIN) / USECS_PER_DAY >> 21 == 1,
				 "instant_bits must fit the calendar");

static void
damaged(void)
{
	event_damaged("history");
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
	column->left = count;
	column->width = (int) width;
	*total += count * width;
}

static const uint8 *
open_decimals(const uint8 *p, const uint8 *end, Column *column, uint64 count, uint64 *total)
{
	uint64		head;

	column->left = 0;
	if (count == 0)
		return p;
	p = need_leb(p, end, &head);
	column->unit = decimal_units[head & 3];
	column->is_signed = (head & 4) != 0;
	place_column(column, count, head >> 3, total);
	/* 2^59 millionths are less than the limit: narrower columns need no checks */
	column->checked = column->width > 59 - bits_needed((uint64) column->unit - 1);
	return p;
}

static const uint8 *
open_texts(const uint8 *p, const uint8 *end, TextColumn *column, uint64 count, uint64 *total)
{
	uint64		entries;
	uint64		size;

	column->index.left = 0;
	column->count = 0;
	column->offsets = NULL;
	if (count == 0)
		return p;
	p = need_leb(p, end, &entries);
	p = need_leb(p, end, &size);
	if (size > (uint64) (end - p) || entries == 0 || entries > size)
		damaged();
	column->entries = p;
	column->end = p + size;
	column->count = (uint32) entries;
	place_column(&column->index, count, bits_needed(entries - 1), total);
	return p + size;
}

void
history_open(HistoryCursor *c, const uint8 *data, size_t len)
{
	const uint8 *p = data;
	const uint8 *end = data + len;
	uint64		amounts = 0,
				points = 0,
				costs = 0,
				quantities = 0,
				untils = 0,
				numbers = 0,
				texts = 0,
				names = 0,
				tags = 0;
	uint64		total = 0;
	uint64		sum = 0;
	uint64		v;
	uint8		time_head;
	uint8		head;

	c->i = 0;
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

	p = need_leb(p, end, &v);
	if (v == 0 || v > HISTORY_MAX_SHAPES)
		damaged();
	c->nshapes = (int) v;
	for (int i = 0; i < c->nshapes; i++)
	{
		uint64		shape;
		uint64		count = c->n;
		EventKind	kind;

		p = need_leb(p, end, &shape);
		if (!event_shape_is_valid(shape))
			damaged();
		if (c->nshapes > 1)
			p = need_leb(p, end, &count);
		if (count == 0 || count > c->n)
			damaged();
		sum += count;
		c->shapes[i] = (uint16) shape;
		kind = (EventKind) (shape & 0x0F);
		shape >>= 4;
		if (kind_has_amount(kind))
			amounts += count;
		if (kind_has_points(kind))
			points += count;
		if (kind_has_name(kind))
			names += count;
		if (shape & EVENT_HAS_COST)
			costs += count;
		if (shape & EVENT_HAS_QUANTITY)
			quantities += count;
		if (shape & EVENT_HAS_UNTIL)
			untils += count;
		if (shape & EVENT_HAS_REF_NUMBER)
			numbers += count;
		else if (shape & EVENT_HAS_REF_TEXT)
			texts += count;
		if (shape & EVENT_HAS_TAGS)
			tags += count;
	}
	if (sum != c->n)
		damaged();

	place_column(&c->shape, c->nshapes > 1 ? c->n : 0, bits_needed((uint64) c->nshapes - 1), &total);
	place_column(&c->time, c->n - 1, time_head & 0x3F, &total);
	if (c->time.width > instant_bits[time_head >> 6] || (c->n > 1 && c->time.width == 0))
		damaged();
	p = open_decimals(p, end, &c->amount, amounts, &total);
	p = open_decimals(p, end, &c->points, points, &total);
	p = open_decimals(p, end, &c->cost, costs, &total);
	p = open_decimals(p, end, &c->quantity, quantities, &total);
	c->until.left = 0;
	if (untils > 0)
	{
		if (p == end)
			damaged();
		head = *p++;
		c->until.unit = instant_units[head >> 6];
		p = need_leb(p, end, &v);
		if (__builtin_mul_overflow(unzigzag(v), c->until.unit, &c->until.base) ||
			!instant_is_valid(c->until.base))
			damaged();
		place_column(&c->until, untils, head & 0x3F, &total);
		if (c->until.width > instant_bits[head >> 6])
			damaged();
	}
	c->ref_number.left = 0;
	if (numbers > 0)
	{
		p = need_leb(p, end, &v);
		c->ref_number.is_signed = (v & 1) != 0;
		/* the first stands in the head, not among the bits */
		place_column(&c->ref_number, numbers - 1, v >> 1, &total);
		c->ref_number.left = numbers;
		p = need_leb(p, end, &v);
		c->ref_number.base = unzigzag(v);
		c->ref_number.checked = true;	/* the first is still to come */
	}
	p = open_texts(p, end, &c->ref_text, texts, &total);
	p = open_texts(p, end, &c->name, names, &total);
	p = open_texts(p, end, &c->tags, tags, &total);

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

	if (unlikely(column->left == 0))
		damaged();
	column->left--;
	column->pos += column->width;
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

static Text
next_text(HistoryCursor *c, TextColumn *column, uint32 *id)
{
	uint64		i = next_bits(c, &column->index);
	uint64		len;
	const uint8 *p;
	Text		text;

	if (i >= column->count)
		damaged();
	if (column->offsets == NULL)
	{
		p = column->entries;
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
	p = need_leb(column->entries + column->offsets[i], column->end, &len);
	text.data = p;
	text.len = (uint32) len;
	*id = (uint32) i;
	return text;
}

bool
history_next(HistoryCursor *c, Event *event)
{
	uint32		shape;

	if (c->i >= c->n)
		return false;
	CHECK_FOR_INTERRUPTS();
	if (c->i++ > 0)
	{
		c->at += (int64) next_bits(c, &c->time) * c->time.unit;
		if (unlikely(c->at >= INSTANT_LIMIT))
			damaged();
	}
	shape = c->shapes[0];
	if (c->nshapes > 1)
	{
		uint64		i = next_bits(c, &c->shape);

		if (i >= (uint64) c->nshapes)
			damaged();
		shape = c->shapes[i];
	}

	event->at = c->at;
	event->kind = shape & 0x0F;
	event->has = (uint8) (shape >> 4);
	event->amount = kind_has_amount(event->kind) ? next_decimal(c, &c->amount) : 0;
	event->points = kind_has_points(event->kind) ? next_decimal(c, &c->points) : 0;
	event->cost = event->has & EVENT_HAS_COST ? next_decimal(c, &c->cost) : 0;
	event->quantity = event->has & EVENT_HAS_QUANTITY ? next_decimal(c, &c->quantity) :
		event->kind == EVENT_PURCHASE ? DECIMAL_ONE : 0;
	event->until = INSTANT_NEVER;
	event->ref_text.len = event->name.len = event->tags.len = 0;
	event->tags.data = NULL;
	if (event->has & EVENT_HAS_UNTIL)
	{
		event->until = c->until.base + (int64) next_bits(c, &c->until) * c->until.unit;
		if (event->until >= INSTANT_LIMIT)
			damaged();
	}
	if (event->has & EVENT_HAS_REF_NUMBER)
	{
		Column	   *column = &c->ref_number;

		if (unlikely(column->left == 0))
			damaged();
		if (column->checked)
		{
			column->checked = false;
			column->left--;
		}
		else
		{
			uint64		raw = next_bits(c, column);

			column->base = (int64) ((uint64) column->base +
									(column->is_signed ? (uint64) unzigzag(raw) : raw));
		}
		event->ref_number = column->base;
	}
	else if (event->has & EVENT_HAS_REF_TEXT)
		event->ref_text = next_text(c, &c->ref_text, &c->ref_id);
	if (kind_has_name(event->kind))
		event->name = next_text(c, &c->name, &c->name_id);
	if (event->has & EVENT_HAS_TAGS)
		event->tags = next_text(c, &c->tags, &c->tags_id);
	if ((event->has & (EVENT_HAS_REF_TEXT | EVENT_HAS_TAGS) || kind_has_name(event->kind)) &&
		!event_texts_fit(event))
		damaged();
	return true;
}

bool
history_is_sales(const HistoryCursor *c)
{
	for (int i = 0; c->n > 0 && i < c->nshapes; i++)
	{
		int			has = c->shapes[i] >> 4;

		if ((c->shapes[i] & 0x0F) != EVENT_PURCHASE || (has & EVENT_HAS_REF_TEXT) ||
			((has ^ c->shapes[0] >> 4) & EVENT_HAS_REF_NUMBER))
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
static void
next_narrow_sales(HistoryCursor *c, Sales *sales, bool has_ref)
{
	const uint8 *const bits = c->bits;
	const size_t size = c->end - c->bits;
	const uint64 at_mask = (UINT64CONST(1) << c->time.width) - 1;
	const uint64 amount_mask = (UINT64CONST(1) << c->amount.width) - 1;
	const uint64 ref_mask = has_ref ? (UINT64CONST(1) << c->ref_number.width) - 1 : 0;
	const int	ref_width = has_ref ? c->ref_number.width : 0;
	uint64		at_pos = c->time.pos;
	uint64		amount_pos = c->amount.pos;
	uint64		ref_pos = has_ref ? c->ref_number.pos : 0;
	const bool	is_signed = c->amount.is_signed;
	bool		same = false;
	int64		at = c->at;

	for (int i = 0; i < sales->n; i++)
	{
		uint64		raw = narrow_bits(bits, size, amount_pos, amount_mask);

		amount_pos += c->amount.width;
		sales->amount[i] = (is_signed ? unzigzag(raw) : (int64) raw) * c->amount.unit;
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
	c->amount.pos = amount_pos;
	if (has_ref)
	{
		c->ref_number.pos = ref_pos;
		sales->distinct = !same && !c->ref_number.is_signed;
	}
}

/* The next purchases, in order; false at the end. */
bool
history_next_sales(HistoryCursor *c, Sales *sales)
{
	Event		event;
	bool		has_ref;
	int64		ref;

	sales->n = (int) Min(c->n - c->i, HISTORY_SALES);
	sales->distinct = true;
	if (sales->n == 0)
		return false;
	CHECK_FOR_INTERRUPTS();
	has_ref = (c->shapes[0] >> 4 & EVENT_HAS_REF_NUMBER) != 0;

	ref = has_ref ? c->ref_number.base : 0;

	/* what head and shapes say leaves as many values in each column */
	if (likely((size_t) (c->end - c->bits) >= sizeof(uint64) && is_narrow(&c->time) &&
			   is_narrow(&c->amount) && !c->amount.checked && (!has_ref || is_narrow(&c->ref_number))))
	{
		next_narrow_sales(c, sales, has_ref);
		c->i += sales->n;
		return true;
	}
	for (int i = 0; i < sales->n && history_next(c, &event); i++)
	{
		sales->at[i] = event.at;
		sales->amount[i] = event.amount;
		if (!has_ref)
			continue;
		if (c->i > 1)
			sales->distinct &= event.ref_number > ref;
		ref = event.ref_number;
	}
	return true;
}
