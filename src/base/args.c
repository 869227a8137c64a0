/*
 * args.c
 *		Arguments that many SQL functions take.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/compat.h"
#include "base/zone.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"

bool
period_from_range(Datum range, Instants *period)
{
	static TypeCacheEntry *type = NULL; /* lives as long as the session */
	RangeBound	lower;
	RangeBound	upper;
	bool		empty;

	if (type == NULL)
		type = lookup_type_cache(TSTZRANGEOID, TYPECACHE_RANGE_INFO);
	range_deserialize(type, DatumGetRangeTypeP(range), &lower, &upper, &empty);
	period->from = PG_INT64_MIN;
	period->until = PG_INT64_MAX;
	/* instants are whole microseconds, and never the greatest int64 but for infinity */
	if (!empty && !lower.infinite)
	{
		period->from = DatumGetTimestampTz(lower.val);
		if (!lower.inclusive && period->from < PG_INT64_MAX)
			period->from++;
	}
	if (!empty && !upper.infinite)
	{
		period->until = DatumGetTimestampTz(upper.val);
		if (upper.inclusive && period->until < PG_INT64_MAX)
			period->until++;
	}
	return !empty;
}

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

TupleDesc
row_desc(FunctionCallInfo fcinfo)
{
	MemoryContext caller = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(caller);
	return desc;
}
