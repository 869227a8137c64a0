/*
 * emit.c
 *		Rows of a set that a function returns, with memory for one at a time.
 */
#include "postgres.h"

#include "base/emit.h"

#include "funcapi.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

void
emit_begin(Emitter *emitter, FunctionCallInfo fcinfo)
{
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	emitter->rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	emitter->row = AllocSetContextCreate(CurrentMemoryContext, "loyalty row", ALLOCSET_DEFAULT_SIZES);
	emitter->caller = CurrentMemoryContext;
}

void
emit_start(Emitter *emitter)
{
	emitter->caller = MemoryContextSwitchTo(emitter->row);
}

void
emit_row(Emitter *emitter, const Datum *values, const bool *nulls)
{
	tuplestore_putvalues(emitter->rsinfo->setResult, emitter->rsinfo->setDesc,
						 unconstify(Datum *, values), unconstify(bool *, nulls));
	MemoryContextSwitchTo(emitter->caller);
	MemoryContextReset(emitter->row);
}

Datum
emit_end(Emitter *emitter)
{
	MemoryContextDelete(emitter->row);
	return (Datum) 0;
}
