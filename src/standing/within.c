/*
 * within.c
 *		For whom a rule is: see within.h.
 *
 * What a `within` counts from is noted as it comes.  An order asks for its own
 * date, whenever it is rated.
 */
#include "postgres.h"

#include "standing/fold.h"

static bool
name_is(const Fold *fold, const ProgramName *name, Text text)
{
	return name->len == text.len && memcmp(PROGRAM_NAME(fold->rules.program, *name), text.data, text.len) == 0;
}

void
anchors_begin(Fold *fold)
{
	for (uint32 a = 0; a < fold->rules.program->anchors.n; a++)
		fold->anchors.of[a].ntimes = 0;
}

/* It has happened: for the first time, if that alone counts? */
static void
note(Fold *fold, Text name, bool first)
{
	const Program *p = fold->rules.program;
	const ProgramName *names = PROGRAM_LIST(p, p->anchors, ProgramName);

	for (uint32 a = 0; a < p->anchors.n; a++)
	{
		Anchor	   *anchor = &fold->anchors.of[a];

		if (name_is(fold, &names[a], name) && !(first && anchor->ntimes > 0))
			*PUSH_TO(fold, anchor, times) = fold->at;
	}
}

void
anchors_activity(Fold *fold, int e)
{
	static const Text joined = {(const uint8 *) "joined", 6};
	Text		name = fold->events[e].name;

	note(fold, name, text_equal(name, joined));
}

void
anchors_first_order(Fold *fold)
{
	note(fold, (Text) {(const uint8 *) FIRST_PURCHASE, strlen(FIRST_PURCHASE)}, true);
}

/* The last time up to an instant; INSTANT_NEVER if there was none. */
static int64
anchor_at(const Anchor *anchor, int64 at)
{
	int			low = 0;
	int			high = anchor->ntimes;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (anchor->times[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? INSTANT_NEVER : anchor->times[low - 1];
}

static bool
is_within(Fold *fold, const Audience *audience, int64 at)
{
	int64		from = anchor_at(&fold->anchors.of[audience->anchor], at);

	return from != INSTANT_NEVER && at < clock_add(&fold->clock, from, &audience->within, 1);
}

static inline bool
has_within(const Audience *audience)
{
	return audience->within.months != 0 || audience->within.days != 0 || audience->within.time != 0;
}

bool
audience_fits(Fold *fold, const Audience *audience, int64 at)
{
	return (audience->plans.n == 0 || plans_hold(fold, &audience->plans, at)) &&
		(!has_within(audience) || is_within(fold, audience, at));
}

bool
audience_fits_order(Fold *fold, const Audience *audience, const Order *order)
{
	return (audience->first == 0 || (order->number > 0 && order->number <= (int) audience->first)) &&
		audience_fits(fold, audience, order->at);
}
