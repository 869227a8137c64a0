/*
 * call.h
 *		What the SQL functions of this room share: the document of an argument,
 *		and what a call site keeps.
 */
#ifndef LOYALTY_CREDIT_CALL_H
#define LOYALTY_CREDIT_CALL_H

#include "credit/figures.h"
#include "credit/loan.h"

#include "access/tupdesc.h"
#include "fmgr.h"

typedef struct CreditSite
{
	TupleDesc	desc;			/* of its rows; NULL: not needed yet */
	Plans		plans;
	Frames		frames;
	struct Spoken *spoken;		/* offers in words: see offer_row.c */
} CreditSite;

extern const BoundCredit *credit_arg(FunctionCallInfo fcinfo, int arg);
extern CreditSite *credit_site(FunctionCallInfo fcinfo);

/* The loans of (h, credit, asof). */
extern void credit_loans(FunctionCallInfo fcinfo, Loans *loans);

#endif							/* LOYALTY_CREDIT_CALL_H */
