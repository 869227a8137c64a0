/*
 * plans.c
 *		Which paid plans a member holds: see plans.h.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "miscadmin.h"

void
plans_begin(Fold *fold)
{
	Plans	   *plans = &fold->plans;

	plans->any = fold->rules.program->plans.n > 0;
	plans->ntimes = 0;
	plans->next = INSTANT_NEVER;
	if (!plans->any)
		return;
	for (uint32 p = 0; p < fold->rules.program->plans.n; p++)
	{
		plans->held[p].nruns = 0;
		heap_begin(&plans->held[p].ends);
	}
	RESERVE(fold, plans, of_ref, fold->nrefs);
	memset(plans->of_ref, 0xFF, fold->nrefs * sizeof(int));
}

/* ---------------- what is held ---------------- */

/* The first run that ends after an instant: the one that holds it, if any does; NULL. */
static const PlanRun *
run_from(const PlanHeld *state, int64 at)
{
	int			low = 0;
	int			high = state->nruns;

	/* mostly the last */
	if (high > 1 && state->runs[high - 2].until <= at)
		low = high - 1;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (state->runs[middle].until <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low < state->nruns ? &state->runs[low] : NULL;
}

const PlanRun *
plan_held(const Fold *fold, int plan, int64 at)
{
	const PlanRun *run = run_from(&fold->plans.held[plan], at);

	return run && run->from <= at ? run : NULL;
}

bool
plan_in_grace(const Fold *fold, int plan, int64 at)
{
	for (int t = 0; t < fold->plans.ntimes; t++)
	{
		const PlanTime *time = &fold->plans.times[t];

		if (time->plan == plan && time->at <= at && at < time->until)
			return false;
	}
	return plan_held(fold, plan, at) != NULL;
}

int64
plans_until(const Fold *fold, const ProgramList *plans, int64 at)
{
	const uint32 *plan = PROGRAM_LIST(fold->rules.program, *plans, uint32);
	int64		until = PG_INT64_MIN;

	for (uint32 i = 0; i < plans->n; i++)
	{
		const PlanRun *run = plan_held(fold, (int) plan[i], at);

		if (run)
			until = Max(until, run->until);
	}
	return until;
}

bool
plans_hold(const Fold *fold, const ProgramList *plans, int64 at)
{
	return plans_until(fold, plans, at) != PG_INT64_MIN;
}

int64
plans_end_after(const Fold *fold, const ProgramList *plans, int64 at)
{
	const uint32 *plan = PROGRAM_LIST(fold->rules.program, *plans, uint32);
	int64		end = INSTANT_NEVER;
	int64		until;

	/* held then, or from when on */
	for (uint32 i = 0; i < plans->n; i++)
	{
		const PlanRun *run = run_from(&fold->plans.held[plan[i]], at);

		if (run)
			end = Min(end, Max(run->from, at));
	}
	/* where one ends another may go on */
	while (end != INSTANT_NEVER && (until = plans_until(fold, plans, end)) != PG_INT64_MIN)
		end = until;
	return end;
}

int64
plans_next(const Fold *fold, int64 at)
{
	int64		next = INSTANT_NEVER;

	for (uint32 p = 0; fold->plans.any && p < fold->rules.program->plans.n; p++)
	{
		const PlanHeld *state = &fold->plans.held[p];

		if (state->nruns > 0 && state->runs[state->nruns - 1].until > at)
			next = Min(next, state->runs[state->nruns - 1].until);
	}
	return next;
}

/* ---------------- what changes it ---------------- */

static inline bool
has_grace(const PaidPlan *plan)
{
	return plan->grace.months != 0 || plan->grace.days != 0 || plan->grace.time != 0;
}

static bool
is_plan(const Fold *fold, const PaidPlan *plan, Text name)
{
	const ProgramName *any = PROGRAM_LIST(fold->rules.program, plan->any, ProgramName);

	for (uint32 i = 0; i < plan->any.n; i++)
	{
		if (any[i].len == name.len && memcmp(PROGRAM_NAME(fold->rules.program, any[i]), name.data, name.len) == 0)
			return true;
	}
	return false;
}

/* The next event of a ref takes the place of what the one before it had begun. */
static void
end_ref(Fold *fold, int ref, int64 at)
{
	Plans	   *plans = &fold->plans;
	int			t = plans->of_ref[ref];

	if (t == NONE || plans->times[t].at == at)
		return;
	for (; t != NONE; t = plans->times[t].previous)
	{
		PlanTime   *time = &plans->times[t];

		time->until = Min(time->until, at);
		time->end = Min(time->end, at);
	}
	plans->of_ref[ref] = NONE;
}

static void
subscribe(Fold *fold, int i)
{
	const PaidPlan *all = PROGRAM_LIST(fold->rules.program, fold->rules.program->plans, PaidPlan);
	const Event *event = &fold->events[i];
	int			ref = fold->event_refs[i];

	if (ref != NONE)
		end_ref(fold, ref, event->at);
	/* cancelled at once it is none */
	if (event->amount < 0 || event->until <= event->at)
		return;
	for (uint32 p = 0; p < fold->rules.program->plans.n; p++)
	{
		PlanTime   *time;

		if ((event->amount == 0 && !all[p].trial) || !is_plan(fold, &all[p], event->name))
			continue;
		time = PUSH_TO(fold, &fold->plans, times);
		time->plan = (int) p;
		time->previous = ref == NONE ? NONE : fold->plans.of_ref[ref];
		time->at = event->at;
		time->until = event->until;
		time->end = has_grace(&all[p]) ? clock_add(&fold->clock, event->until, &all[p].grace, 1) : event->until;
		if (ref != NONE)
			fold->plans.of_ref[ref] = fold->plans.ntimes - 1;
		heap_push(fold, &fold->plans.held[p].ends, -time->end, fold->plans.ntimes - 1);
	}
}

/* Until when a plan is held that may have begun by now. */
static int64
last_end(const Fold *fold, PlanHeld *state)
{
	const HeapItem *first;

	/* those that have lost their place are dropped */
	while ((first = heap_first(&state->ends)) != NULL && fold->plans.times[first->item].end != -first->key)
		heap_drop(&state->ends);
	return first ? -first->key : PG_INT64_MIN;
}

/* What all subscriptions of an instant make of a plan. */
static bool
review(Fold *fold, PlanHeld *state, int64 at)
{
	PlanRun    *last = state->nruns > 0 ? &state->runs[state->nruns - 1] : NULL;
	int64		end = Max(last_end(fold, state), at);

	if (last == NULL || last->until < at)
	{
		if (end == at)
			return false;
		*PUSH_TO(fold, state, runs) = (PlanRun) {at, end};
		return true;
	}
	/* ends now, as was known: the clock has not told yet */
	if (last->until == end)
		return end == at;
	last->until = end;
	return true;
}

int
plans_subscribe(Fold *fold, int i, bool *changed)
{
	int64		at = fold->events[i].at;

	for (; i < fold->nevents && fold->events[i].kind == EVENT_SUBSCRIPTION && fold->events[i].at == at; i++)
	{
		CHECK_FOR_INTERRUPTS();
		subscribe(fold, i);
	}
	*changed = false;
	for (uint32 p = 0; p < fold->rules.program->plans.n; p++)
		*changed |= review(fold, &fold->plans.held[p], at);
	fold->plans.next = plans_next(fold, at);
	return i;
}

void
plans_tick(Fold *fold, int64 at)
{
	fold->plans.next = plans_next(fold, at);
}
