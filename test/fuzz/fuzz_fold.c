/*
 * fuzz_fold.c
 *		Programs folded over histories: no overrun, and answers that agree.
 *
 * An input is a document, a NUL, and a history: as text if that begins with a
 * bracket, as stored bytes if it begins with 'h', else events made up from
 * five bytes each.  Each fold is made twice: by one Fold that goes from
 * instant to instant and program to program, also after an error, as a call
 * site's does; and by a fresh one that writes the statement.
 */
#include "postgres.h"

#include "fuzz.h"

#include "base/zone.h"
#include "document/type.h"
#include "history/history_value.h"
#include "mb/pg_wchar.h"
#include "program/bind.h"
#include "program/text.h"
#include "standing/held.h"
#include "standing/benefits.h"
#include "standing/plain.h"

#include "utils/memutils.h"

extern Datum loyalty_history_in(PG_FUNCTION_ARGS);

#define HOUR	USECS_PER_HOUR
#define MOST_EVENTS 300

static const char other[] =
"{\"program\": \"other\", \"timezone\": \"UTC\", \"earn\": [{\"points\": 1, \"per\": 3}], \"bonus\": [{\"on\": \"first purchase\", \"points\": 5}],"
" \"caps\": [{\"points\": 90, \"per\": \"month\"}], \"hold\": {\"for\": \"14 days\"}, \"expire\": [{\"kind\": \"inactivity\", \"after\": \"1 year\"}],"
" \"tiers\": {\"window\": \"12 months\", \"levels\": [{\"name\": \"A\", \"at\": 50}, {\"name\": \"B\", \"at\": 100}]}}";

typedef struct Case
{
	const Program *program;
	const Bound *bounds;
	const Zone *zone;
	PlainProgram plain;
	const uint8 *history;
	size_t		len;
	bool		valid;			/* events as a constructor makes them */
} Case;

/* ---------------- programs ---------------- */

static void
prepare(Case *c, const char *document)
{
	Bound	   *bounds;

	c->program = program_from_json(json_read(document, strlen(document), PG_UTF8, "program"), zone_listed);
	c->zone = fuzz_zone(PROGRAM_NAME(c->program, c->program->timezone));
	bounds = palloc(Max(1, c->program->rules) * sizeof(Bound));
	program_bind(c->program, c->zone, bounds);
	c->bounds = bounds;
	plain_prepare(&c->plain, c->program, c->bounds, c->zone);
}

/* ---------------- histories ---------------- */

static Text
text_of(const char *s)
{
	return (Text) {(const uint8 *) s, (uint32) strlen(s)};
}

/* Some name that the program looks for in activities, or in subscriptions. */
static Text
name_for(const Program *program, EventKind kind, unsigned n)
{
	static const char *const names[] = {"joined", "review", "visit", "login"};

	if (kind == EVENT_SUBSCRIPTION)
	{
		const PaidPlan *plan = &PROGRAM_LIST(program, program->plans, PaidPlan)[program->plans.n ? n % program->plans.n : 0];

		return text_of(program->plans.n ? PROGRAM_NAME(program, *PROGRAM_LIST(program, plan->any, ProgramName)) : "plan");
	}
	if (n & 4 && program->anchors.n > 0)
		return text_of(PROGRAM_NAME(program, PROGRAM_LIST(program, program->anchors, ProgramName)[n % program->anchors.n]));
	if (n & 8 && program->benefits.n > 0)
		return text_of(PROGRAM_NAME(program, PROGRAM_LIST(program, program->benefits, BenefitRule)[n % program->benefits.n].on));
	return text_of(names[n % lengthof(names)]);
}

/* Five bytes: what, when (two), how much, which order and tags. */
static void
add_event(Rows *rows, const Program *program, const uint8 *p)
{
	static const Decimal amounts[] = {0, 1, 10000, 333333, 49990000, 100000000, 250500000, -5000000, DECIMAL_LIMIT - 1, 1 - DECIMAL_LIMIT};
	static const char *const vouchers[] = {"tvoucher 1", "tvoucher 2", "tvoucher 3", "tvoucher 20"};
	static const char *const tags[] = {NULL, "\1a", "\1b", "\1a\1b", "\1c", "\1a\1c", "\1b\1c", "\1a\1b\1c"};
	int64		at = date_to_days(2023, 12, 1) * USECS_PER_DAY + (p[1] << 8 | p[2]) * (HOUR / 2);
	Decimal		value = p[3] < lengthof(amounts) ? amounts[p[3]] : p[3] * DECIMAL_ONE;
	const Kind *kind;
	Event		event;

	event_init(&event, (EventKind) (p[0] % EVENT_KINDS), at - p[0] / 128);
	kind = &event_kinds[event.kind];
	if (event.has & (kind->not_negative | kind->positive))
		value = Max(value, -value);
	event.amount = event.has & EVENT_HAS_AMOUNT ? value : 0;
	if (event.has & EVENT_HAS_POINTS)
		event.points = event.kind == EVENT_ADJUSTMENT && p[4] & 0x80 ? -value : value;
	if (event.has & EVENT_HAS_NAME)
		event.name = name_for(program, (EventKind) event.kind, p[3]);
	if (event.kind == EVENT_SUBSCRIPTION)
	{
		event.name = name_for(program, EVENT_SUBSCRIPTION, p[3]);
		event.has |= EVENT_HAS_NAME;
	}
	if (event.kind == EVENT_GRANT)
		event.name = program->tier_names.n == 0 ? text_of("A") :
			text_of(PROGRAM_NAME(program, PROGRAM_LIST(program, program->tier_names, ProgramName)[p[3] % program->tier_names.n]));
	if (p[4] & 0x60 && kind->may_have & EVENT_HAS_UNTIL)
	{
		event.until = event.at + (p[4] & 0x60) * USECS_PER_DAY;
		event.has |= EVENT_HAS_UNTIL;
	}
	else if (p[4] & 0x60 && kind->may_have & EVENT_HAS_QUANTITY)
	{
		event.quantity = (p[4] >> 5 & 3) * DECIMAL_ONE - DECIMAL_ONE / 2;
		event.has |= EVENT_HAS_QUANTITY;
	}
	if (event.kind == EVENT_REDEMPTION && p[4] & 0x80)
	{
		event.ref_text = text_of(vouchers[p[4] & 3]);
		event.has |= EVENT_HAS_REF_TEXT;
	}
	else if (p[4] & 3 && kind->may_have & EVENT_HAS_REF)
	{
		event.ref_number = p[4] & 3;
		event.has |= EVENT_HAS_REF_NUMBER;
	}
	if (p[4] & 0x1C && kind->may_have & EVENT_HAS_TAGS)
	{
		event.tags = text_of(tags[p[4] >> 2 & 7]);
		event.has |= EVENT_HAS_TAGS;
	}
	if (event_is_valid(&event))
		rows_add(rows, &event);
}

static void
read_history(Case *c, const uint8 *data, size_t size)
{
	HistoryCursor cursor;
	Event		event;

	if (size > 0 && data[0] == 'h')
	{
		uint8	   *copy = palloc(size - 1);

		memcpy(copy, data + 1, size - 1);
		c->history = copy;
		c->len = size - 1;
	}
	else if (size > 0 && data[0] == '[')
		c->history = history_from_datum(DirectFunctionCall1(loyalty_history_in, CStringGetDatum(fuzz_text(data, size))), &c->len);
	else
	{
		Rows		rows;

		rows_init(&rows, 64);
		for (; size >= 5 && rows.n < MOST_EVENTS; data += 5, size -= 5)
			add_event(&rows, c->program, data);
		c->history = history_from_datum(history_from_rows(&rows), &c->len);
	}

	/* a few bytes can be millions of equal events: those are left to fuzz_history */
	c->valid = true;
	history_open(&cursor, c->history, c->len);
	if (cursor.n > MOST_EVENTS)
		sql_type_damaged("history");
	while (history_next(&cursor, &event))
		c->valid &= event_is_valid(&event);
}

/* ---------------- folds ---------------- */

typedef struct Written
{
	int64		at;				/* of the row before */
	Decimal		balance;
	int			rows;
} Written;

/* a program may make any number of vouchers of a point, and each is a row */
#define MOST_ROWS 20000

static void
write_entry(Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
			const char *rule, const Event *cause, void *arg)
{
	Written    *written = arg;

	if (kind == ENTRY_BEGIN)
		return;
	if (++written->rows > MOST_ROWS)
		fold_overflow();
	fuzz_expect(at >= written->at && at <= fold->asof);
	/* a row moves the balance by what it tells, or by less: pending, forgiven, dead */
	fuzz_expect(balance - written->balance >= Min(points, 0) && balance - written->balance <= Max(points, 0));
	fuzz_expect(rule == NULL || strlen(rule) <= DOCUMENT_MAX_TEXT * PROGRAM_MAX_RULES);
	written->at = at;
	written->balance = balance;
}

static void
expect_sound(Fold *fold)
{
	Decimal		available = 0;
	Decimal		pending = 0;

	for (int l = 0; l < fold->points.nlots; l++)
	{
		const Lot  *lot = &fold->points.lots[l];

		fuzz_expect(lot->remaining >= 0 && lot->earned >= 0 && lot->expired >= 0);
		/* only points given back may be more than what the lot stands at */
		fuzz_expect(lot->remaining <= lot->earned || fold->points.ntakings > 0);
		if (lot->remaining == 0)
			continue;
		fuzz_expect(lot->state != LOT_DEAD);
		fuzz_expect(lot_end(fold, l) > fold->asof);
		fuzz_expect((lot->state == LOT_PENDING) == (lot->active_at > fold->asof));
		if (lot->state == LOT_PENDING)
			pending += lot->remaining;
		else
			available += lot->remaining;
	}
	fuzz_expect(fold->points.available == available);
	fuzz_expect(fold->points.pending == pending);
	fuzz_expect(fold->points.debt >= 0);
	fuzz_expect(fold->points.debt == 0 || fold->points.available == 0);
}

/* A level is found where looking at one position after the other finds it. */
static void
expect_found(const Fold *fold, const Walk *walk)
{
	const Course *course = &walk->course;
	int			nlevels = (int) WALK_RULE(fold, walk)->levels.n;
	int			first[PROGRAM_MAX_LEVELS];
	int			last[PROGRAM_MAX_LEVELS];
	int128		running[PROGRAM_MAX_METRICS] = {0};
	int128		sums[PROGRAM_MAX_METRICS];

	for (int l = 0; l < nlevels; l++)
		first[l] = last[l] = NONE;
	for (int k = 0; k < course->npositions; k++)
	{
		for (int m = 0; m < course->nmetrics; m++)
			running[m] += course->added[k * course->nmetrics + m];
		course_at(course, k, sums);
		fuzz_expect(memcmp(sums, running, course->nmetrics * sizeof(int128)) == 0);
		for (int l = 0; l < nlevels; l++)
		{
			bool		met = level_met(fold, walk, l, running);

			if (course->flags[k] & COURSE_LOOK && met && first[l] == NONE)
				first[l] = k;
			if (course->flags[k] & COURSE_LOW && !met)
				last[l] = k;
		}
	}
	for (int l = 0; l < nlevels; l++)
	{
		fuzz_expect(level_first(fold, walk, 0, course->npositions, l, LEVEL_MET, NULL) == first[l]);
		fuzz_expect(level_last(fold, walk, 0, course->npositions, l, LEVEL_FAILS) == last[l]);
	}
}

/* Whatever way the walks went, they hold what there is to count. */
static void
expect_counted(Fold *fold)
{
	for (int v = 0; v < fold->tiers.now.nwalks; v++)
	{
		Walk	   *walk = &fold->tiers.now.walks[v];

		for (int m = 0; m < walk->nmetrics; m++)
		{
			int128		sum = walk->sums[m];

			for (int i = 0; i < walk->left; i++)
			{
				int			e = fold->counts.of_slot[walk->leaving[i].slot];

				sum += e == NONE ? 0 : ENTRY_VALUES(fold, e)[walk->metrics[m]];
			}
			for (int w = 0; w < walk->nwindows; w++)
				sum += walk->windows[w].sums[m];
			fuzz_expect(sum == fold->counts.totals[fold->counts.used[walk->metrics[m]]]);
		}
		for (int i = 1; i < walk->nleaving; i++)
			fuzz_expect(walk->leaving[i - 1].at <= walk->leaving[i].at);
		course_sum(fold, &walk->course);
		expect_found(fold, walk);
	}
}

/* Vouchers are as many as they are, and worth what those are that may be used. */
static void
expect_vouchers(Fold *fold)
{
	const Vouchers *vouchers = &fold->vouchers;
	const VoucherRule *rules = PROGRAM_LIST(fold->rules.program, fold->rules.program->vouchers, VoucherRule);
	const BenefitRule *benefits = PROGRAM_LIST(fold->rules.program, fold->rules.program->benefits, BenefitRule);
	int64		issued = 0;
	int128		value = 0;

	for (int i = 0; i < vouchers->nissues; i++)
	{
		const Issue *issue = &vouchers->issues[i];
		const Use  *uses = voucher_uses(fold, issue);

		fuzz_expect(issue->first == issued + 1 && issue->count > 0 && issue->nused >= 0 && issue->nused <= issue->count);
		fuzz_expect(issue->at <= fold->asof && issue->points > 0 && issue->value > 0);
		issued += issue->count;
		for (int64 k = 0; k < issue->nused; k++)
			fuzz_expect(uses[k].at > issue->at - 1 && uses[k].at < issue->expires_at && (k == 0 || uses[k].number > uses[k - 1].number));
		if (issue->expires_at > fold->asof)
			value += (int128) issue->value * (issue->count - issue->nused);
	}
	fuzz_expect(vouchers->issued == issued && vouchers->open_value == value);
	/* what was reached has been settled */
	for (uint32 i = 0; i < fold->rules.program->vouchers.n; i++)
		fuzz_expect(voucher_points(fold, &rules[i], INSTANT_NEVER) == fold->points.available - fold->points.debt);
	for (uint32 i = 0; i < fold->rules.program->benefits.n; i++)
	{
		Benefit		benefit;

		if (benefit_at(fold, &benefits[i], &benefit))
			fuzz_expect(benefit.used >= 0 && benefit.since <= fold->asof && benefit.until > fold->asof && benefit_remaining(&benefit) >= 0);
	}
}

/* False after an error. */
static bool
fold_to(Fold *fold, const Case *c, int64 asof, Standing *standing)
{
	volatile bool done = false;

	PG_TRY();
	{
		fold_run(fold, c->program, c->bounds, c->zone, c->history, c->len, asof);
		answer_standing(fold, standing);
		done = true;
	}
	PG_CATCH();
	{
		FlushErrorState();
	}
	PG_END_TRY();
	return done;
}

static void
expect_same(const Standing *a, const Standing *b)
{
	fuzz_expect(a->points == b->points && a->pending == b->pending && a->debt == b->debt);
	fuzz_expect(a->lifetime_points == b->lifetime_points);
	fuzz_expect(a->expiring == b->expiring && a->expiring_at == b->expiring_at);
	fuzz_expect(a->tier == b->tier && a->tier_since == b->tier_since && a->tier_until == b->tier_until);
	fuzz_expect(a->next_tier == b->next_tier && a->has_to_next == b->has_to_next);
	fuzz_expect(!a->has_to_next || a->to_next == b->to_next);
	fuzz_expect(a->has_qualifying == b->has_qualifying && (!a->has_qualifying || a->qualifying == b->qualifying));
}

static void
try_instant(Fold *fold, Case *c, int64 asof)
{
	Fold	   *fresh = palloc0(sizeof(Fold));
	Written		written = {PG_INT64_MIN, 0, 0};
	Standing	standing;
	Standing	again;
	bool		done = fold_to(fold, c, asof, &standing);

	if (done && c->valid)
	{
		expect_sound(fold);
		expect_counted(fold);
		expect_vouchers(fold);
		fuzz_expect(standing.points == fold->points.available - fold->points.debt && standing.debt == fold->points.debt);
		fuzz_expect(answer_expiring(fold, asof) == 0);
		fuzz_expect(standing.tier >= NONE && standing.tier < (int) c->program->tier_names.n);
		fuzz_expect(standing.tier_since <= asof && standing.tier_until > asof);
		fuzz_expect(standing.expiring <= answer_expiring(fold, standing.expiring_at));
		fuzz_expect(answer_expiring(fold, INSTANT_LIMIT - 1) <= fold->points.available + fold->points.pending);
	}
	fresh->context = CurrentMemoryContext;
	if (c->valid)
	{
		fresh->trail.write = write_entry;
		fresh->trail.arg = &written;
	}
	fuzz_expect(fold_to(fresh, c, asof, &again) == done || written.rows > MOST_ROWS);
	if (done && c->valid && written.rows <= MOST_ROWS)
	{
		expect_same(&standing, &again);
		fuzz_expect(written.balance == standing.points);
	}
	if (c->valid && c->plain.is_plain && plain_standing(&c->plain, c->history, c->len, asof, &again))
	{
		fuzz_expect(done);
		expect_same(&standing, &again);
	}
}

void
fuzz_one(const uint8 *data, size_t size)
{
	const uint8 *history = memchr(data, 0, size);
	Case		c = {0};
	Case		second = {0};
	HistoryCursor cursor;
	Event		event;
	Fold	   *fold;
	int64		instants[6];
	int			n = 0;

	if (history == NULL)
		return;
	prepare(&c, fuzz_text(data, history - data));
	history++;
	read_history(&c, history, size - (history - data));
	PG_TRY();
	{
		prepare(&second, other);
	}
	PG_CATCH();
	{
		fuzz_finding("the other program is refused");
	}
	PG_END_TRY();
	second.history = c.history;
	second.len = c.len;

	fold = palloc0(sizeof(Fold));
	fold->context = CurrentMemoryContext;
	history_open(&cursor, c.history, c.len);
	event.at = date_to_days(2025, 1, 1) * USECS_PER_DAY;
	while (history_next(&cursor, &event))
	{
		if (cursor.i == 1)
			instants[n++] = Max(event.at - 1, INSTANT_MIN);
		if (cursor.i == cursor.n / 2)
			instants[n++] = event.at;
	}
	instants[n++] = event.at;
	instants[n++] = Min(event.at + 100 * USECS_PER_DAY, INSTANT_LIMIT - 1);
	instants[n++] = Min(event.at + 1000 * USECS_PER_DAY, INSTANT_LIMIT - 1);
	instants[n++] = INSTANT_LIMIT - 1;
	for (int i = 0; i < n; i++)
	{
		Standing	standing;

		try_instant(fold, &c, instants[i]);
		fold_to(fold, &second, instants[i], &standing);
	}
}
