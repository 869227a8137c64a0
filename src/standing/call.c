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

/* More than this is not kept for the session: what some 50,000 events take. */
#define FOLD_MEMORY		(32 * 1024 * 1024)

/*
 * The session's fold.  Memory that is given back to the system and fetched again
 * costs as much as the fold that is done in it.  No fold begins within another.
 */
static Fold session_fold;
static bool is_folding = false;

/* Zeroed again, and all its memory free. */
static void
empty_fold(void)
{
	MemoryContext context = session_fold.context;

	memset(&session_fold, 0, sizeof(session_fold));
	session_fold.context = context;
	MemoryContextReset(context);
}

/* A call site goes: a large fold goes with it. */
static void
trim_fold(void *arg)
{
	if (session_fold.context && MemoryContextMemAllocated(session_fold.context, true) > FOLD_MEMORY)
		empty_fold();
}

static Fold *
fold_begin(void)
{
	if (session_fold.context == NULL)
		session_fold.context = AllocSetContextCreate(CacheMemoryContext, "loyalty fold", ALLOCSET_DEFAULT_SIZES);
	/* an error has ended the one before */
	if (is_folding)
		empty_fold();
	return &session_fold;
}

CallSite *
call_site(FunctionCallInfo fcinfo)
{
	CallSite   *site = fcinfo->flinfo->fn_extra;

	if (site == NULL)
	{
		site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallSite));
		site->gone.func = trim_fold;
		MemoryContextRegisterResetCallback(fcinfo->flinfo->fn_mcxt, &site->gone);
		fcinfo->flinfo->fn_extra = site;
	}
	return site;
}

Fold *
call_fold(FunctionCallInfo fcinfo, int64 asof, Trail trail)
{
	const KeptProgram *kept = program_arg(fcinfo, 1);
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);
	Fold	   *fold = fold_begin();

	(void) call_site(fcinfo);
	fold->trail = trail;
	is_folding = true;
	fold_run(fold, kept->program, kept->bounds, kept->zone, history, len, asof);
	is_folding = false;
	return fold;
}

Datum
tier_datum(const Program *program, int tier)
{
	const ProgramName *name = &PROGRAM_LIST(program, program->tier_names, ProgramName)[tier];

	return PointerGetDatum(cstring_to_text_with_len(PROGRAM_NAME(program, *name), (int) name->len));
}
