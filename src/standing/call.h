/*
 * call.h
 *		What SQL functions share that fold a program over a history: the program
 *		of an argument, and the session's fold.
 */
#ifndef LOYALTY_CALL_H
#define LOYALTY_CALL_H

#include "standing/plain.h"

#include "access/tupdesc.h"
#include "fmgr.h"

/* What is worked out once for a program: its zone and instants. */
typedef struct KeptProgram
{
	const Program *program;
	Bound	   *bounds;
	const Zone *zone;
	PlainProgram plain;
} KeptProgram;

/* What a call site keeps between calls. */
typedef struct CallSite
{
	TupleDesc	desc;			/* of its rows; NULL: not needed yet */
	MemoryContextCallback gone;
} CallSite;

/* for folds of whose entries nobody asks */
static const Trail untold = {NULL, NULL, NULL};

/* Who is told of the fold's entries; what labels them is forgotten event by event. */
extern Trail trail_to(fold_entry_fn write, void *arg);

extern KeptProgram *program_arg(FunctionCallInfo fcinfo, int arg);
extern CallSite *call_site(FunctionCallInfo fcinfo);

/*
 * Fold the program in argument 1 over the history in argument 0, for whom `trail`
 * tells.  It stands until the next one.
 */
extern Fold *call_fold(FunctionCallInfo fcinfo, int64 asof, Trail trail);

/* The name of a tier as text. */
extern Datum tier_datum(const Program *program, int tier);

#endif							/* LOYALTY_CALL_H */
