/*
 * club.c
 *		The SQL functions that tell what a member has of a club: plans.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "standing/call.h"

#include "miscadmin.h"
#include "utils/builtins.h"

static Datum
name_datum(const Fold *fold, const ProgramName *name)
{
	return PointerGetDatum(cstring_to_text_with_len(PROGRAM_NAME(fold->rules.program, *name), (int) name->len));
}

PG_FUNCTION_INFO_V1(loyalty_standing_plans);

/* plans(h, program, asof): the plans that are held */
Datum
loyalty_standing_plans(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Fold	   *fold;
	const PaidPlan *plans;

	emit_begin(&emitter, fcinfo);
	fold = call_fold(fcinfo, asof_arg(fcinfo, 2), untold);
	plans = PROGRAM_LIST(fold->rules.program, fold->rules.program->plans, PaidPlan);
	for (uint32 p = 0; p < fold->rules.program->plans.n; p++)
	{
		const PlanRun *run = plan_held(fold, (int) p, fold->asof);
		Datum		values[4];
		bool		nulls[4] = {false};

		if (run == NULL)
			continue;
		emit_start(&emitter);
		values[0] = name_datum(fold, &plans[p].name);
		values[1] = TimestampTzGetDatum(run->from);
		values[2] = TimestampTzGetDatum(run->until);
		nulls[2] = run->until == INSTANT_NEVER;
		values[3] = BoolGetDatum(plan_in_grace(fold, (int) p, fold->asof));
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}
