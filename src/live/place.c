/*
 * place.c
 *		Where an error comes from: live history, view, table and row.
 *
 * Nothing is looked up when an error has happened, and no pointer into what
 * was being evaluated is followed then: it may be gone.
 */
#include "postgres.h"

#include "live/live.h"
#include "live/place.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"

/* bytes of a value that are shown */
#define SHOWN 64

struct Part
{
	uint64		serial;			/* of all parts of the session */
	const char *name;			/* part 1 of view "v", table "t" */
	const char *columns;		/* key (a, b) */
	Oid			relid;
	int			n;
	AttrNumber	attnums[PLACE_COLUMNS];
	Oid			types[PLACE_COLUMNS];
	int16		length[PLACE_COLUMNS];
	bool		by_value[PLACE_COLUMNS];
	bool		is_plain[PLACE_COLUMNS];	/* can be written without the catalog's help */
	FmgrInfo	out[PLACE_COLUMNS];
	Oid			user;			/* who asked last ... */
	bool		is_shown;		/* ... and whether they may see the columns */
};

/* the innermost */
static Place *here = NULL;

/* Does the output function look at nothing but the value, or the session's settings? */
static bool
is_plain(Oid type, Oid out)
{
	return func_volatile(out) == PROVOLATILE_IMMUTABLE || type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

static Part *
part_make(Oid view, const Branch *branch, bool is_only)
{
	static uint64 serial = 0;
	Part	   *part = palloc0(sizeof(Part));
	StringInfoData columns;
	ListCell   *lc;

	part->serial = ++serial;
	part->relid = branch->relid;
	part->name = is_only ? psprintf("view \"%s\", table \"%s\"", get_rel_name(view), get_rel_name(branch->relid)) :
		psprintf("part %d of view \"%s\", table \"%s\"", branch->number, get_rel_name(view), get_rel_name(branch->relid));
	initStringInfo(&columns);
	appendStringInfoString(&columns, branch->is_key_named ? "key (" : "row with (");
	foreach(lc, branch->named)
	{
		int			i = part->n;
		Oid			out;
		bool		is_varlena;

		if (i == PLACE_COLUMNS)
		{
			appendStringInfoString(&columns, ", ...");
			break;
		}
		part->attnums[i] = (AttrNumber) lfirst_int(lc);
		part->types[i] = get_atttype(branch->relid, part->attnums[i]);
		get_typlenbyval(part->types[i], &part->length[i], &part->by_value[i]);
		getTypeOutputInfo(part->types[i], &out, &is_varlena);
		part->is_plain[i] = is_plain(part->types[i], out);
		fmgr_info_cxt(out, &part->out[i], CurrentMemoryContext);
		appendStringInfo(&columns, "%s%s", i ? ", " : "", get_attname(branch->relid, part->attnums[i], false));
		part->n++;
	}
	appendStringInfoString(&columns, ")=(");
	part->columns = columns.data;
	return part;
}

List *
parts_add(List *parts, Oid view, List *branches)
{
	ListCell   *lc;

	foreach(lc, branches)
	{
		Branch	   *branch = lfirst(lc);

		parts = lappend(parts, part_make(view, branch, list_length(branches) == 1));
		branch->part = list_length(parts);
	}
	return parts;
}

/* the columns of the row, as text that begins with their names */
static char *
row_text(Place *place, const Part *part)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, part->columns);
	for (int i = 0; i < part->n; i++)
	{
		PlaceColumn *column = &place->columns[i];

		if (place->slot)
		{
			column->value = slot_getattr(place->slot, part->attnums[i], &column->isnull);
			column->is_long = !part->by_value[i] && part->length[i] == -1 && !column->isnull &&
				VARATT_IS_EXTERNAL(DatumGetPointer(column->value));
		}
		if (i > 0)
			appendStringInfoString(&text, ", ");
		if (column->isnull)
			appendStringInfoString(&text, "null");
		else if (column->is_long || !part->is_plain[i])
			appendStringInfoString(&text, "...");
		else
		{
			char	   *value = OutputFunctionCall(unconstify(FmgrInfo *, &part->out[i]), column->value);
			int			len = (int) strlen(value);
			int			shown = pg_mbcliplen(value, len, SHOWN);

			appendStringInfo(&text, "%.*s%s", shown, value, shown < len ? "..." : "");
		}
	}
	appendStringInfoChar(&text, ')');
	return text.data;
}

/* the context of an error */
static void
tell(void *context)
{
	Place	   *place = context;
	const Part *part = place->part;

	/* what is refused by the program says all by itself */
	if (geterrcode() == ERRCODE_NOT_ENOUGH_POINTS)
		return;
	/* an error on the way from here is not about the row */
	place->part = NULL;
	if (part == NULL)
		errcontext("live history \"%s\"", place->live);
	else if (!part->is_shown || part->n == 0 || geterrcode() == ERRCODE_OUT_OF_MEMORY)
		errcontext("live history \"%s\", %s", place->live, part->name);
	else
		errcontext("live history \"%s\", %s, %s", place->live, part->name, row_text(place, part));
	/* it may have been but a notice */
	place->part = part;
}

static bool
may_see(const Part *part, Oid user)
{
	if (check_enable_rls(part->relid, user, true) == RLS_ENABLED)
		return false;
	if (pg_class_aclcheck(part->relid, user, ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (int i = 0; i < part->n; i++)
	{
		if (pg_attribute_aclcheck(part->relid, part->attnums[i], user, ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

void
place_begin(Place *place, const char *live, List *parts, Oid user)
{
	ListCell   *lc;

	place->live = live;
	place->parts = parts;
	place->part = NULL;
	foreach(lc, parts)
	{
		Part	   *part = lfirst(lc);

		if (part->user != user)
			part->is_shown = may_see(part, user);
		part->user = user;
	}
	place->callback.callback = tell;
	place->callback.arg = place;
	place->callback.previous = error_context_stack;
	error_context_stack = &place->callback;
	place->outer = here;
	here = place;
}

void
place_end(Place *place)
{
	here = place->outer;
	error_context_stack = place->callback.previous;
}

/* that part of the innermost place, if there is one */
static const Part *
part_here(int number)
{
	if (here == NULL || number < 1 || number > list_length(here->parts))
		return NULL;
	return list_nth(here->parts, number - 1);
}

void
place_enter(int part, TupleTableSlot *slot)
{
	if (here == NULL)
		return;
	here->part = part_here(part);
	here->slot = slot;
}

void
place_leave(void)
{
	if (here)
		here->part = NULL;
}

/* Are the arguments from the second on the part's columns? */
static bool
is_call_for(FunctionCallInfo fcinfo, const Part *part)
{
	if (PG_NARGS() != part->n + 1)
		return false;
	for (int i = 0; i < part->n; i++)
	{
		if (get_fn_expr_argtype(fcinfo->flinfo, i + 1) != part->types[i])
			return false;
	}
	return true;
}

static void
copy_column(PlaceColumn *column, Datum value, bool isnull, bool by_value, int16 length)
{
	column->isnull = isnull;
	column->is_long = false;
	if (isnull || by_value)
		column->value = value;
	else if (length == -1 && VARATT_IS_EXTERNAL(DatumGetPointer(value)))
		column->is_long = true;
	else
	{
		Size		size = length > 0 ? (Size) length : length == -1 ? VARSIZE_ANY(DatumGetPointer(value)) :
			strlen(DatumGetCString(value)) + 1;

		column->is_long = size > sizeof(column->space);
		if (!column->is_long)
			memcpy(&column->space, DatumGetPointer(value), size);
		column->value = PointerGetDatum(&column->space);
	}
}

PG_FUNCTION_INFO_V1(loyalty_live_row);

/*
 * live_row(part, columns ...): always true; the row that has these columns is
 * being evaluated.  Anybody may call it with anything.
 */
Datum
loyalty_live_row(PG_FUNCTION_ARGS)
{
	const Part *part = PG_ARGISNULL(0) ? NULL : part_here(PG_GETARG_INT32(0));
	uint64	   *known = fcinfo->flinfo->fn_extra;

	if (part == NULL)
		PG_RETURN_BOOL(true);
	if (known == NULL)
		known = fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(uint64));
	if (*known != part->serial)
	{
		if (!is_call_for(fcinfo, part))
			PG_RETURN_BOOL(true);
		*known = part->serial;
	}
	for (int i = 0; i < part->n; i++)
		copy_column(&here->columns[i], PG_GETARG_DATUM(i + 1), PG_ARGISNULL(i + 1), part->by_value[i], part->length[i]);
	here->slot = NULL;
	here->part = part;
	PG_RETURN_BOOL(true);
}

PG_FUNCTION_INFO_V1(loyalty_live_done);

/* live_done(value): the same value; the row is done */
Datum
loyalty_live_done(PG_FUNCTION_ARGS)
{
	place_leave();
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}
