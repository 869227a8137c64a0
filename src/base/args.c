/*
 * args.c
 *		Arguments that many SQL functions take.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/compat.h"
#include "base/zone.h"

#include "utils/builtins.h"

const Zone *
zone_arg(FunctionCallInfo fcinfo, int arg, ZoneArg *last)
{
	text	   *name = PG_GETARG_TEXT_PP(arg);
	size_t		len = VARSIZE_ANY_EXHDR(name);

	if (last->zone == NULL || strlen(last->name) != len || memcmp(last->name, VARDATA_ANY(name), len) != 0)
	{
		const Zone *zone = zone_make(text_to_cstring(name));

		/* no name that is known is longer than there is room for */
		Assert(len <= TZ_STRLEN_MAX);
		memcpy(last->name, VARDATA_ANY(name), len);
		last->name[len] = '\0';
		last->zone = zone;
	}
	return last->zone;
}

const Zone *
zone_arg_kept(FunctionCallInfo fcinfo, int arg)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(ZoneArg));
	return zone_arg(fcinfo, arg, fcinfo->flinfo->fn_extra);
}
