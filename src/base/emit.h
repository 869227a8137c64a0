/*
 * emit.h
 *		Rows of a set that a function returns, with memory for one at a time.
 *
 *		Emitter emitter;
 *
 *		emit_begin(&emitter, fcinfo);
 *		while (...)
 *		{
 *			emit_start(&emitter);		what is allocated from here ...
 *			values[0] = ...;
 *			emit_row(&emitter, values, nulls);	... to here is freed
 *		}
 *		return emit_end(&emitter);
 */
#ifndef LOYALTY_EMIT_H
#define LOYALTY_EMIT_H

#include "postgres.h"

#include "fmgr.h"
#include "nodes/execnodes.h"

typedef struct Emitter
{
	ReturnSetInfo *rsinfo;
	MemoryContext row;			/* emptied after each */
	MemoryContext caller;
} Emitter;

/* Columns are those that the query expects, so that the function need not be asked what it returns. */
extern void emit_begin(Emitter *emitter, FunctionCallInfo fcinfo);
extern void emit_start(Emitter *emitter);
extern void emit_row(Emitter *emitter, const Datum *values, const bool *nulls);
extern Datum emit_end(Emitter *emitter);

#endif							/* LOYALTY_EMIT_H */
