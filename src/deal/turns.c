/*
 * turns.c
 *		Whose turn it is: what follows from the rows, by the clock alone.
 *
 * A unit free since f goes to the claim that came first of those that wait, at
 * x = greatest(f, its own instant), for the deal's turn; then it is free again.
 * That goes on up to the instant that is asked about, or until the deal closes
 * or is cancelled.  Nothing is written: the turns are a function of what was
 * claimed, confirmed and released.
 *
 * A unit that somebody has in hand, in a transaction that is not committed,
 * has its turns up to the instant from which that transaction has it for a
 * claim; from then on it is for nobody else.  But where that transaction has
 * only written down a turn, as it is, that is all it did.
 */
#include "postgres.h"

#include "deal/turns.h"

#include "miscadmin.h"

/* more than are needed for the turns: others may be taking the first of those left */
#define SPARE_UNITS 64

const char *const state_names[] = {
	[STATE_HELD] = "held", [STATE_WAITING] = "waiting", [STATE_BOUGHT] = "bought", [STATE_LAPSED] = "lapsed",
	[STATE_RELEASED] = "released", [STATE_CLOSED] = "closed", [STATE_CANCELLED] = "cancelled",
};

static int
compare_units(const void *a, const void *b)
{
	const FreeUnit *x = a;
	const FreeUnit *y = b;

	if (x->free != y->free)
		return x->free < y->free ? -1 : 1;
	return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static void
give(Claim *claim, int32 unit, int64 since, int64 until)
{
	claim->is_turn = true;
	claim->unit = unit;
	claim->since = since;
	claim->until = until;
}

/* That claim among those stored as waiting; NULL if it is none of them. */
static Claim *
find_claim(const Turns *turns, int64 number)
{
	int			low = 0;
	int			high = turns->nclaims;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (turns->claims[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < turns->nclaims && turns->claims[low].number == number ? &turns->claims[low] : NULL;
}

/* Claims that somebody has in hand together with a unit have their turn there. */
static void
give_in_hand(Turns *turns, const Deal *deal)
{
	for (int i = 0; i < turns->nunits; i++)
	{
		FreeUnit   *unit = &turns->units[i];
		Claim	   *claim = unit->hand ? find_claim(turns, unit->hand) : NULL;

		unit->is_taken = unit->is_in_hand;
		if (claim == NULL || unit->hand_since == NEVER)
			continue;
		if (unit->hand_free == instant_after(unit->hand_since, deal->turn))
			unit->is_taken = false;
		else
			give(claim, unit->unit, unit->hand_since, instant_after(unit->hand_since, deal->turn));
	}
}

/*
 * Units in the order in which they are free: those that have not had a turn
 * yet, sorted, and behind them those that have, in a ring.  Turns are of one
 * length, so these come back in the order in which they went; all but, where
 * claims were stored in another order than they were made.
 */
typedef struct Line
{
	FreeUnit   *units;
	int			n;
	int			next;			/* of those that have had none */
	int		   *ring;
	int			first;
	int			count;
} Line;

static void
line_back(Line *line, int unit)
{
	int			at = line->count++;

	while (at > 0)
	{
		int			before = line->ring[(line->first + at - 1) % line->n];
		const FreeUnit *x = &line->units[before];
		const FreeUnit *y = &line->units[unit];

		if (x->now_free < y->now_free || (x->now_free == y->now_free && x->unit < y->unit))
			break;
		line->ring[(line->first + at) % line->n] = before;
		at--;
	}
	line->ring[(line->first + at) % line->n] = unit;
}

/* The unit free longest, -1 if there is none. */
static int
line_next(Line *line, bool *from_ring)
{
	int			fresh = line->next < line->n ? line->next : -1;
	int			back = line->count > 0 ? line->ring[line->first] : -1;

	*from_ring = fresh < 0 ||
		(back >= 0 && (line->units[back].now_free < line->units[fresh].now_free ||
					   (line->units[back].now_free == line->units[fresh].now_free &&
						line->units[back].unit < line->units[fresh].unit)));
	return *from_ring ? back : fresh;
}

static void
line_take(Line *line, bool from_ring)
{
	if (from_ring)
	{
		line->first = (line->first + 1) % line->n;
		line->count--;
	}
	else
		line->next++;
}

static void
give_turns(Turns *turns, const Deal *deal, int64 asof)
{
	Line		line = {.units = turns->units, .n = turns->nunits};
	int64		limit = Min(deal->closes, deal->cancelled);

	line.ring = palloc_extended(Max(1, line.n) * sizeof(int), MCXT_ALLOC_HUGE);
	for (int i = 0; i < turns->nclaims; i++)
	{
		Claim	   *claim = &turns->claims[i];
		bool		from_ring;
		int			unit;

		CHECK_FOR_INTERRUPTS();
		if (claim->is_turn)
			continue;
		while ((unit = line_next(&line, &from_ring)) >= 0)
		{
			FreeUnit   *u = &line.units[unit];
			int64		x = Max(u->now_free, claim->at);

			if (u->is_taken && x >= (u->hand_since == NEVER ? asof : u->hand_since))
			{
				line_take(&line, from_ring);
				continue;
			}
			if (x > asof || x >= limit)
				return;
			line_take(&line, from_ring);
			u->now_free = instant_after(x, deal->turn);
			give(claim, u->unit, x, u->now_free);
			line_back(&line, unit);
			break;
		}
		if (unit < 0)
			return;
	}
}

void
turns_work_out(Turns *turns, Desk *desk, const Deal *deal, Snapshot snapshot, int64 asof)
{
	memset(turns, 0, sizeof(*turns));
	/* most of the time none is free, and those who wait need not be looked at */
	turns->units = units_free(desk, deal->name, snapshot, asof, SPARE_UNITS, &turns->nunits);
	if (turns->nunits == 0)
		return;
	turns->claims = claims_waiting(desk, deal->name, snapshot, asof, &turns->nclaims);
	turns->units = units_free(desk, deal->name, snapshot, asof, turns->nclaims + SPARE_UNITS, &turns->nunits);
	if (turns->nunits > 1)
		qsort(turns->units, turns->nunits, sizeof(FreeUnit), compare_units);
	give_in_hand(turns, deal);
	give_turns(turns, deal, asof);
	turns->all_served = true;
	for (int i = 0; i < turns->nclaims && turns->all_served; i++)
		turns->all_served = turns->claims[i].is_turn;
}

void
turns_give(const Turns *turns, Claim *claim)
{
	const Claim *turn = claim_waits(claim) ? find_claim(turns, claim->number) : NULL;

	if (turn && turn->is_turn)
		give(claim, turn->unit, turn->since, turn->until);
}

State
claim_state(const Claim *claim, const Deal *deal, int64 asof, int64 *since)
{
	if (claim->ended <= asof && claim->ended != NEVER)
	{
		*since = claim->ended;
		return claim->outcome == NULL || claim->outcome[0] == 'r' ? STATE_RELEASED :
			claim->outcome[1] == 'l' ? STATE_CLOSED : STATE_CANCELLED;
	}
	if (claim->bought <= asof && claim->bought != NEVER)
	{
		*since = claim->bought;
		return STATE_BOUGHT;
	}
	if (claim->unit != 0 && claim->since <= asof)
	{
		if (deal->cancelled <= asof && deal->cancelled < claim->until)
		{
			*since = Max(deal->cancelled, claim->since);
			return STATE_CANCELLED;
		}
		*since = claim->until <= asof ? claim->until : claim->since;
		return claim->until <= asof ? STATE_LAPSED : STATE_HELD;
	}
	if (Min(deal->cancelled, deal->closes) <= asof)
	{
		*since = Max(Min(deal->cancelled, deal->closes), claim->at);
		return deal->cancelled <= deal->closes ? STATE_CANCELLED : STATE_CLOSED;
	}
	*since = claim->at;
	return STATE_WAITING;
}
