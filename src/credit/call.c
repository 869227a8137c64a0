/*
 * call.c
 *		What the SQL functions of this room share.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/zone.h"
#include "credit/call.h"
#include "credit/value.h"
#include "history/history_value.h"

static void
bind_kept(void *kept, const void *compiled)
{
	const CreditPolicy *policy = compiled;

	credit_bind(kept, policy, zone_make(BLOCK_NAME(policy, policy->timezone)));
}

/* The document in an argument, worked out once a session. */
const BoundCredit *
credit_arg(FunctionCallInfo fcinfo, int arg)
{
	static DocumentUse use = {&credit_type, sizeof(BoundCredit), bind_kept, NULL};

	return document_kept(&use, PG_GETARG_DATUM(arg));
}

CreditSite *
credit_site(FunctionCallInfo fcinfo)
{
	CreditSite *site = fcinfo->flinfo->fn_extra;

	if (site == NULL)
	{
		site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CreditSite));
		site->plans.context = site->frames.context = fcinfo->flinfo->fn_mcxt;
		fcinfo->flinfo->fn_extra = site;
	}
	return site;
}

void
credit_loans(FunctionCallInfo fcinfo, Loans *loans)
{
	CreditSite *site = credit_site(fcinfo);
	const BoundCredit *bound = credit_arg(fcinfo, 1);
	int64		asof = asof_arg(fcinfo, 2);
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);

	frames_begin(&site->frames, bound, asof);
	loans_begin(loans, bound, &site->plans, site->frames.today);
	loans_read(loans, history, len, asof);
}
