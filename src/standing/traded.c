/*
 * traded.c
 *		The common case with refunds and redemptions, in one pass.
 *
 * Next to members who only buy come those who also send an order back and spend
 * their points.  Under a plain program (plain.c) an order of one line is little
 * to remember: its money, its points, its window and its tier.  Nothing in a
 * window lowers it but the refunds of its own orders, so it gives a level just
 * as long as what is left of it reaches that.
 *
 * What is harder to tell takes the fold: lines that join an order, money below
 * 0, refunds without an order, redemptions that pay for an order of their
 * instant, points given by hand and whatever else may happen.
 */
#include "postgres.h"

#include "standing/holding.h"
#include "standing/traded.h"

#include "miscadmin.h"

/* A purchase, which is an order of its own, and its lot. */
typedef struct Bought
{
	int64		ref;
	Decimal		amount;			/* left of it */
	Decimal		points;			/* that it has earned for that */
	Decimal		held;			/* of these, in its lot; when it died, once that has */
	int64		end;			/* of the lot */
	int16		window;
	int16		level;			/* that rates it; NONE */
} Bought;

typedef struct Pass
{
	PlainProgram *plain;
	int64		at;				/* how far the clock has come */
	Bought	   *bought;			/* refs ascend, if they have any */
	int			nbought;
	bool		has_refs;
	int		   *lots;			/* those with points, by end, then as they came */
	int			nlots;
	int			dead;			/* so many are */
	int			spent;			/* so many are, or hold nothing */
	Decimal		available;
	Decimal		debt;
	Decimal		lifetime;
	bool		overdrawn;		/* some redemption is */
	Holding		held;
	int			window;
	int			next;			/* level that it reaches next */
	int64		sums[PLAIN_YEARS];	/* what is left of the orders of each window */
} Pass;

/* Lots mostly end in the order in which they come; else all but these are of few days. */
#define MOST_MOVED	1000

/* ---------------- lots ---------------- */

static void
let_die(Pass *pass, int64 at)
{
	pass->at = at;
	while (pass->dead < pass->nlots && pass->bought[pass->lots[pass->dead]].end <= at)
		pass->available -= pass->bought[pass->lots[pass->dead++]].held;
	pass->spent = Max(pass->spent, pass->dead);
}

/* An order's points come into its lot, as far as nothing is owed. */
static bool
open_lot(Pass *pass, int b)
{
	Bought	   *bought = &pass->bought[b];
	Decimal		paid = Min(pass->debt, bought->points);
	int			place = pass->nlots;

	bought->held = bought->points;
	bought->end = plain_lot_end(pass->plain, pass->at);
	if (bought->end <= pass->at)
		return true;
	pass->debt -= paid;
	bought->held -= paid;
	if (bought->held == 0)
		return true;
	pass->available += bought->held;
	while (place > pass->dead && pass->bought[pass->lots[place - 1]].end > bought->end)
		place--;
	if (pass->nlots - place > MOST_MOVED)
		return false;
	memmove(&pass->lots[place + 1], &pass->lots[place], (pass->nlots - place) * sizeof(int));
	pass->lots[place] = b;
	pass->nlots++;
	pass->spent = Min(pass->spent, place);
	return true;
}

/* Take points from the lots, those that end first; what is not there is owed. */
static Decimal
draw(Pass *pass, Decimal points)
{
	while (points > 0 && pass->spent < pass->nlots)
	{
		Bought	   *bought = &pass->bought[pass->lots[pass->spent]];
		Decimal		part = Min(points, bought->held);

		CHECK_FOR_INTERRUPTS();
		bought->held -= part;
		pass->available -= part;
		points -= part;
		if (bought->held == 0)
			pass->spent++;
	}
	return points;
}

static bool
owe(Pass *pass, Decimal points)
{
	pass->debt += points;
	return pass->debt < DECIMAL_LIMIT;
}

/* Take points back: from their own lot, dead or alive, then from others. */
static bool
take(Pass *pass, Bought *bought, Decimal points)
{
	Decimal		own = Min(points, bought->held);

	pass->lifetime -= points;
	bought->points -= points;
	bought->held -= own;
	if (bought->end > pass->at)
		pass->available -= own;
	points = draw(pass, points - own);
	return pass->plain->forgives || owe(pass, points);
}

/* ---------------- tiers ---------------- */

static void
go_to_window(Pass *pass, int64 at)
{
	if (pass->plain->tiers == NULL)
		return;
	end_levels(pass->plain, &pass->held, at);
	if (at < pass->plain->starts[pass->window + 1])
		return;
	pass->window = window_at(pass->plain, at);
	pass->next = pass->plain->base + 1;
}

/* Until when windows give a level, as they are now. */
static int64
level_end(const Pass *pass, int level)
{
	int64		end = PG_INT64_MIN;

	for (int w = 0; w <= pass->window; w++)
	{
		if (pass->sums[w] >= pass->held.levels[level].at)
			end = Max(end, pass->plain->holds[w]);
	}
	return end;
}

/* Less is left of a window: levels that it no longer reaches it does not give. */
static void
lower(Pass *pass, int window, Decimal by)
{
	Holding    *held = &pass->held;
	int64		before = pass->sums[window];
	bool		any = false;

	pass->sums[window] -= by;
	for (int l = pass->plain->base + 1; l < held->nlevels; l++)
	{
		if (before < held->levels[l].at || pass->sums[window] >= held->levels[l].at)
			continue;
		held->ends[l] = level_end(pass, l);
		if (window == pass->window)
			pass->next = Min(pass->next, l);
		any = true;
	}
	if (any)
		fall_below(pass->plain, held, held->nlevels, pass->at);
}

/* ---------------- events ---------------- */

/* Each of these answers false if it takes the whole fold. */
static bool
buy(Pass *pass, const Event *event)
{
	const PlainProgram *plain = pass->plain;
	Bought	   *bought = &pass->bought[pass->nbought];

	if (event->amount < 0 ||
		(plain->tiers && (event->at < plain->starts[0] || event->at >= plain->starts[PLAIN_YEARS - 1])) ||
		(pass->has_refs && pass->nbought > 0 && event->ref_number <= bought[-1].ref))
		return false;
	bought->ref = event->ref_number;
	bought->amount = event->amount;
	bought->window = 0;
	bought->level = (int16) pass->held.level;
	if (plain->tiers)
	{
		go_to_window(pass, event->at);
		bought->level = (int16) pass->held.level;
		bought->window = (int16) pass->window;
		if (__builtin_add_overflow(pass->sums[pass->window], event->amount, &pass->sums[pass->window]))
			return false;
		pass->next = reach_levels(plain, &pass->held, pass->window, pass->sums[pass->window], pass->next, event->at);
		if (plain->tiers->rate_after)
			bought->level = (int16) pass->held.level;
	}
	bought->points = points_of(plain, event->amount, bought->level);
	bought->held = 0;
	bought->end = PG_INT64_MIN;
	pass->lifetime += bought->points;
	if (pass->lifetime >= DECIMAL_LIMIT)
		return false;
	pass->nbought++;
	return bought->points == 0 || open_lot(pass, pass->nbought - 1);
}

/* The order of a ref; NULL if there is none yet. */
static Bought *
find_bought(const Pass *pass, int64 ref)
{
	int			low = 0;
	int			high = pass->nbought;

	if (!pass->has_refs)
		return NULL;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (pass->bought[middle].ref < ref)
			low = middle + 1;
		else
			high = middle;
	}
	return low < pass->nbought && pass->bought[low].ref == ref ? &pass->bought[low] : NULL;
}

static bool
give_back(Pass *pass, const Event *event)
{
	Bought	   *bought = find_bought(pass, event->ref_number);
	Decimal		taken;
	Decimal		points;

	if (bought == NULL)
		return true;
	taken = Min(event->amount, bought->amount);
	bought->amount -= taken;
	if (pass->plain->tiers)
	{
		go_to_window(pass, event->at);
		lower(pass, bought->window, taken);
	}
	points = points_of(pass->plain, bought->amount, bought->level);
	return points <= bought->points && take(pass, bought, bought->points - points);
}

static bool
redeem(Pass *pass, const Event *event, int64 bought_at)
{
	const RedeemRule *rule = pass->plain->redeem;
	Decimal		balance = pass->available - pass->debt;

	if (event->at == bought_at && event_has_ref(event))
		return false;
	pass->overdrawn |= balance < event->points ||
		(rule && (balance < rule->minimum || (rule->step > 0 && event->points % rule->step != 0)));
	return owe(pass, draw(pass, event->points));
}

/* Are all events such, and of their orders either all or none known by a number? */
static bool
is_traded(const HistoryCursor *cursor, bool *has_refs)
{
	bool		any = false;

	for (int i = 0; cursor->n > 0 && i < cursor->nshapes; i++)
	{
		const Shape *shape = &cursor->shapes[i];
		bool		has_ref = (shape->has & EVENT_HAS_REF_NUMBER) != 0;

		switch ((EventKind) shape->kind)
		{
			case EVENT_PURCHASE:
				if ((shape->has & EVENT_HAS_REF_TEXT) || (any && has_ref != *has_refs))
					return false;
				any = true;
				*has_refs = has_ref;
				break;
			case EVENT_REFUND:
				if (!has_ref)
					return false;
				break;
			case EVENT_REDEMPTION:
				break;
			case EVENT_ACTIVITY:
			case EVENT_ADJUSTMENT:
			case EVENT_EXPENSE:
			case EVENT_GRANT:
			case EVENT_SUBSCRIPTION:
			case EVENT_USAGE:
			case EVENT_ADVANCE:
			case EVENT_REPAYMENT:
				return false;
		}
	}
	return true;
}

/* Walk the events up to an instant. */
static bool
walk(Pass *pass, HistoryCursor *cursor, int64 asof)
{
	int64		bought_at = PG_INT64_MIN;
	Event		event;

	while (history_next(cursor, &event) && event.at <= asof)
	{
		bool		done = false;

		CHECK_FOR_INTERRUPTS();
		let_die(pass, event.at);
		switch ((EventKind) event.kind)
		{
			case EVENT_PURCHASE:
				bought_at = event.at;
				done = buy(pass, &event);
				break;
			case EVENT_REFUND:
				done = give_back(pass, &event);
				break;
			case EVENT_REDEMPTION:
				done = redeem(pass, &event, bought_at);
				break;
			default:			/* there are no others */
				break;
		}
		if (!done)
			return false;
	}
	return true;
}

/* All of it up to an instant; false if it takes the whole fold. */
static bool
pass_begin(Pass *pass, PlainProgram *plain, const uint8 *history, size_t len, int64 asof)
{
	HistoryCursor cursor;

	history_open(&cursor, history, len);
	memset(pass, 0, sizeof(*pass));
	if (!plain->is_traded || cursor.n > PG_INT32_MAX / 4 || !is_traded(&cursor, &pass->has_refs))
		return false;
	pass->plain = plain;
	pass->next = plain->base + 1;
	holding_begin(plain, &pass->held);
	pass->bought = palloc_extended((cursor.n + 1) * sizeof(Bought), MCXT_ALLOC_HUGE);
	pass->lots = palloc_extended((cursor.n + 1) * sizeof(int), MCXT_ALLOC_HUGE);
	return walk(pass, &cursor, asof);
}

static void
pass_end(Pass *pass)
{
	if (pass->bought == NULL)
		return;
	pfree(pass->bought);
	pfree(pass->lots);
}

static void
answer(Pass *pass, int64 asof, Standing *s)
{
	const PlainProgram *plain = pass->plain;

	let_die(pass, asof);
	s->points = pass->available - pass->debt;
	s->pending = 0;
	s->debt = pass->debt;
	s->lifetime_points = pass->lifetime;
	s->expiring = 0;
	s->expiring_at = INSTANT_NEVER;
	for (int i = pass->spent; i < pass->nlots; i++)
	{
		const Bought *bought = &pass->bought[pass->lots[i]];

		if (bought->held == 0)
			continue;
		if (bought->end > s->expiring_at || bought->end == INSTANT_NEVER)
			break;
		s->expiring_at = bought->end;
		s->expiring += bought->held;
	}
	if (plain->tiers)
		end_levels(plain, &pass->held, asof);
	holding_answer(&pass->held, plain->tiers && asof < plain->starts[pass->window + 1] ? pass->sums[pass->window] : 0, s);
}

bool
traded_standing(PlainProgram *plain, const uint8 *history, size_t len, int64 asof, Standing *standing)
{
	Pass		pass;
	bool		done;

	if (plain->tiers && (asof < plain->starts[0] || asof >= plain->starts[PLAIN_YEARS - 1]))
		return false;
	done = pass_begin(&pass, plain, history, len, asof);
	if (done)
		answer(&pass, asof, standing);
	pass_end(&pass);
	return done;
}

bool
traded_overdrawn(PlainProgram *plain, const uint8 *history, size_t len, bool *overdrawn)
{
	Pass		pass;
	bool		done = pass_begin(&pass, plain, history, len, INSTANT_LIMIT - 1);

	*overdrawn = pass.overdrawn;
	pass_end(&pass);
	return done;
}
