/*
 * fuzz_bill.c
 *		Subscriptions and use, priced by tariffs: no overrun, and sums that agree.
 *
 * An input is a tariff, a NUL, and events made up from six bytes each.
 */
#include "postgres.h"

#include "fuzz.h"

#include "base/zone.h"
#include "history/history_value.h"
#include "mb/pg_wchar.h"
#include "subscription/member.h"
#include "subscription/movement.h"
#include "tariff/bill.h"
#include "tariff/reprice.h"
#include "tariff/text.h"


#define DAY(n)	(date_to_days(2024, 1, 1) * USECS_PER_DAY + (n) * USECS_PER_DAY)
#define MOST_EVENTS 200

static Text
text_of(const char *s)
{
	return (Text) {(const uint8 *) s, (uint32) strlen(s)};
}

/* Six bytes: what and whose, when (two), how much, for how long, which term and plan. */
static void
add_event(Rows *rows, const uint8 *p)
{
	static const Decimal amounts[] = {0, 10000000, 49990000, -5000000, 1, DECIMAL_LIMIT - 1, 1 - DECIMAL_LIMIT, 333333};
	static const int64 terms[] = {1, 12, -7, -1, 3, -30, 5, 12000};
	static const char *const names[] = {"a", "b", "pro", ""};
	Event		event;

	event_init(&event, p[0] & 1 ? EVENT_SUBSCRIPTION : EVENT_USAGE, DAY(0) + (p[1] << 8 | p[2]) * (USECS_PER_HOUR / 2));
	event.name = text_of(names[p[5] & 3]);
	if (event.name.len > 0)
		event.has |= EVENT_HAS_NAME;
	if (event.kind == EVENT_SUBSCRIPTION)
	{
		event.amount = amounts[p[3] & 7];
		event.every = terms[p[5] >> 2 & 7];
		if (p[4] & 0x80)
		{
			event.until = event.at + (p[4] & 0x7F) * USECS_PER_DAY;
			event.has |= EVENT_HAS_UNTIL;
		}
	}
	event.quantity = (p[3] >> 3) * DECIMAL_ONE / 2;
	event_note(&event, ATTRIBUTE_QUANTITY);
	if (p[0] & 0x0E)
	{
		event.ref_number = p[0] & 0x0E;
		event.has |= EVENT_HAS_REF_NUMBER;
	}
	if (event_is_valid(&event))
		rows_add(rows, &event);
}

static int128
charged(const Bill *bill)
{
	int128		sum = 0;

	for (int i = 0; i < bill->n; i++)
	{
		fuzz_expect(bill->rows[i].from < bill->rows[i].until);
		if (bill->rows[i].kind != BILL_USAGE)
			sum += bill->rows[i].amount;
	}
	return sum;
}

/* Fees and credits of adjoining periods add up. */
static void
check_bills(const BoundTariff *bound, const uint8 *history, size_t len)
{
	const int64 ends[] = {DAY(-1), DAY(31), DAY(100), DAY(1500)};
	Bill		whole;
	Bill		part;
	int128		sum = 0;

	bill_make(&whole, bound, history, len, ends[0], ends[3]);
	for (int i = 0; i < 3; i++)
	{
		bill_make(&part, bound, history, len, ends[i], ends[i + 1]);
		sum += charged(&part);
	}
	fuzz_expect(charged(&whole) == sum);
}

/* What is there at the start, and what came and went, is there at the end; as each instant says by itself. */
static void
check_movements(const Segments *segments, bool net)
{
	MovementRules rules = {.net = net};
	Movement	movement;
	Step	   *steps;
	int			n = segments_steps(segments, &steps);
	StepRange	range = steps_within(steps, n, DAY(20), DAY(200));
	Monthly		sum = steps_start(&range);
	int			i = range.from;

	while (movement_next(&range, &rules, &i, &movement))
	{
		sum += movement.change;
		fuzz_expect(movement.change != 0 && movement.mrr == sum);
		fuzz_expect(net || movement.mrr == segments_mrr(segments, movement.at));
	}
	fuzz_expect(sum == steps_end(&range));
}

static void
check_membership(const Segments *segments, const Zone *zone, int64 asof)
{
	Text		plan = text_of("a");
	Membership	m;

	membership_at(segments, &plan, 1, zone, asof, &m);
	fuzz_expect(m.member == membership_in_force(segments, &plan, 1, asof));
	fuzz_expect(!m.ever || (m.since <= asof && m.since < m.until));
	fuzz_expect(!m.paying || (m.member && m.term > 0));
	fuzz_expect(m.renews_at > asof);
}

void
fuzz_one(const uint8 *data, size_t size)
{
	const uint8 *end = memchr(data, 0, size);
	char	   *document = fuzz_text(data, size);
	const Tariff *tariff;
	BoundTariff bound;
	Segments	segments;
	Rows		rows;
	struct varlena *packed;
	size_t		len;
	const uint8 *history;
	int			nevents = 0;

	pg_verifymbstr(document, (int) strlen(document), false);
	tariff = tariff_from_json(json_read(document, strlen(document), PG_UTF8, "tariff"), zone_listed);
	tariff_bind(&bound, tariff, fuzz_zone(BLOCK_NAME(tariff, tariff->timezone)), palloc(Max(tariff->entries, 1) * sizeof(EntryBound)));
	rows_init(&rows, 1024);
	for (const uint8 *p = end ? end + 1 : data + size; p + 6 <= data + size && nevents < MOST_EVENTS; p += 6, nevents++)
		add_event(&rows, p);
	packed = (struct varlena *) DatumGetPointer(history_from_rows(&rows));
	history = history_from_datum(PointerGetDatum(packed), &len);

	segments_read(&segments, history, len, INSTANT_NEVER, true);
	check_movements(&segments, false);
	check_movements(&segments, true);
	segments_read(&segments, history, len, DAY(90), true);
	check_membership(&segments, bound.zone, DAY(90));
	check_bills(&bound, history, len);
}
