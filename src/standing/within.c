/*
 * within.c
 *		For whom a rule is: see within.h.
 *
 * What a `within` counts from is gathered before the walk: all that has
 * happened up to an instant counts for it, wherever it stands there.
 */
#include "postgres.h"

#include "standing/fold.h"

static bool
is_anchor(const Fold *fold, const ProgramName *name, const Event *event)
{
	return event->kind == EVENT_ACTIVITY && event->name.len == name->len &&
		memcmp(PROGRAM_NAME(fold->rules.program, *name), event->name.data, name->len) == 0;
}

static bool
name_is(const Fold *fold, const ProgramName *name, const char *word)
{
	return strcmp(PROGRAM_NAME(fold->rules.program, *name), word) == 0;
}

void
anchors_begin(Fold *fold)
{
	const Program *p = fold->rules.program;
	const ProgramName *names = PROGRAM_LIST(p, p->anchors, ProgramName);

	for (uint32 a = 0; a < p->anchors.n; a++)
	{
		Anchor	   *anchor = &fold->anchors.of[a];
		bool		purchase = name_is(fold, &names[a], FIRST_PURCHASE);

		anchor->ntimes = 0;
		anchor->first = purchase || name_is(fold, &names[a], "joined");
		for (int i = 0; i < fold->nevents && !(anchor->first && anchor->ntimes > 0); i++)
		{
			const Event *event = &fold->events[i];

			if (purchase ? event->kind == EVENT_PURCHASE : is_anchor(fold, &names[a], event))
				*PUSH_TO(fold, anchor, times) = event->at;
		}
	}
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
