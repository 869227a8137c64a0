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

#define KEPT_PROGRAMS 8

static KeptProgram kept_programs[KEPT_PROGRAMS];
static int	kept_last = 0;		/* used last */
static int	kept_oldest = 0;

static bool
is_kept(const KeptProgram *kept, const char *data, size_t size)
{
	return kept->context && kept->program->size == size &&
		memcmp((const char *) kept->program + VARHDRSZ, data, size - VARHDRSZ) == 0;
}

/*
 * The program of an argument.  Its bytes are compared with those met before in
 * the session; only new ones are checked, and bound to their zone.
 */
KeptProgram *
program_arg(FunctionCallInfo fcinfo, int arg)
{
	Datum		datum = PG_GETARG_DATUM(arg);
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(datum);
	size_t		size = VARSIZE_ANY_EXHDR(packed) + VARHDRSZ;
	const char *data = VARDATA_ANY(packed);
	const Program *program;
	KeptProgram kept;
	MemoryContext caller;

	if (is_kept(&kept_programs[kept_last], data, size))
		return &kept_programs[kept_last];
	for (int i = 0; i < KEPT_PROGRAMS; i++)
	{
		if (is_kept(&kept_programs[i], data, size))
		{
			kept_last = i;
			return &kept_programs[i];
		}
	}

	program = program_from_datum(datum);
	kept.context = AllocSetContextCreate(CurrentMemoryContext, "loyalty program", ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(kept.context);
	kept.zone = zone_make(PROGRAM_NAME(program, program->timezone));
	kept.program = palloc(program->size);
	memcpy(kept.program, program, program->size);
	kept.bounds = palloc(Max(1, program->rules) * sizeof(Bound));
	program_bind(kept.program, kept.zone, kept.bounds);
	plain_prepare(&kept.plain, kept.program, kept.bounds, kept.zone);
	MemoryContextSwitchTo(caller);

	/* nothing can fail any more */
	kept_last = kept_oldest;
	kept_oldest = (kept_oldest + 1) % KEPT_PROGRAMS;
	if (kept_programs[kept_last].context)
		MemoryContextDelete(kept_programs[kept_last].context);
	MemoryContextSetParent(kept.context, CacheMemoryContext);
	kept_programs[kept_last] = kept;
	return &kept_programs[kept_last];
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
