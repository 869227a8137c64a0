/*
 * call.c
 *		What SQL functions share that fold a program over a history.
 */
#include "postgres.h"

#include "base/zone.h"
#include "history/history_value.h"
#include "program/program_value.h"
#include "standing/call.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

static void
work_out(void *arg, const void *compiled)
{
	KeptProgram *kept = arg;

	kept->program = compiled;
	kept->zone = zone_make(PROGRAM_NAME(kept->program, kept->program->timezone));
	kept->bounds = palloc(Max(1, kept->program->rules) * sizeof(Bound));
	program_bind(kept->program, kept->zone, kept->bounds);
	plain_prepare(&kept->plain, kept->program, kept->bounds, kept->zone);
}

KeptProgram *
program_arg(FunctionCallInfo fcinfo, int arg)
{
	static DocumentUse use = {&program_type, sizeof(KeptProgram), work_out, NULL};

	return document_kept(&use, PG_GETARG_DATUM(arg));
}

Trail
trail_to(fold_entry_fn write, void *arg)
{
	Trail		trail = {write, arg, NULL};

	trail.labels = AllocSetContextCreate(CurrentMemoryContext, "loyalty labels", ALLOCSET_DEFAULT_SIZES);
	return trail;
}

CallSite *
call_site(FunctionCallInfo fcinfo)
{
	CallSite   *site = fcinfo->flinfo->fn_extra;

	if (site == NULL)
	{
		site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallSite));
		site->fold.context = fcinfo->flinfo->fn_mcxt;
		fcinfo->flinfo->fn_extra = site;
	}
	return site;
}

Fold *
call_fold(FunctionCallInfo fcinfo, int64 asof, Trail trail)
{
	CallSite   *site = call_site(fcinfo);
	const KeptProgram *kept = program_arg(fcinfo, 1);
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);

	site->fold.trail = trail;
	fold_run(&site->fold, kept->program, kept->bounds, kept->zone, history, len, asof);
	return &site->fold;
}

Datum
tier_datum(const Program *program, int tier)
{
	const ProgramName *name = &PROGRAM_LIST(program, program->tier_names, ProgramName)[tier];

	return PointerGetDatum(cstring_to_text_with_len(PROGRAM_NAME(program, *name), (int) name->len));
}
