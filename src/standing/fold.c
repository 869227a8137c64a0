/*
 * fold.c
 *		What every part of a fold uses: room, and rows of the statement.
 */
#include "postgres.h"

#include "standing/fold.h"

#include "utils/memutils.h"

void
fold_overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("points are out of range"),
			 errdetail("A program's points must stay below 10^%d.", DECIMAL_DIGITS)));
}

/* Room for n items; what is kept between folds is reused. */
void
fold_reserve(Fold *fold, void **items, int *room, int n, size_t size)
{
	int64		want;

	if (likely(*items != NULL && n <= *room))
		return;
	want = Max(16, Max((int64) *room * 2, n));
	if (want > PG_INT32_MAX || !AllocHugeSizeIsValid(want * size))
		history_too_large();
	if (*items == NULL)
		*items = MemoryContextAllocExtended(fold->context, want * size, MCXT_ALLOC_HUGE);
	else
		*items = repalloc_huge(*items, want * size);
	*room = (int) want;
}

/*
 * A row of the statement, where one is wanted, after what it tells has been
 * done; `event` caused it, or NONE.
 */
void
fold_emit(Fold *fold, int64 at, EntryKind kind, Decimal points, const char *rule, int event)
{
	if (fold->trail.write)
		fold_emit_for(fold, at, kind, points, rule, event == NONE ? NULL : &fold->events[event]);
}

void
fold_emit_for(Fold *fold, int64 at, EntryKind kind, Decimal points, const char *rule, const Event *cause)
{
	if (fold->trail.write)
		fold->trail.write(fold, at, kind, points, fold->points.available - fold->points.debt, rule, cause, fold->trail.arg);
}

/* A rule's name for the statement, or its place in the document. */
const char *
rule_label(const Fold *fold, const Rule *rule, const char *section, int i)
{
	if (fold->trail.write == NULL)
		return NULL;
	return rule->name.len ? PROGRAM_NAME(fold->rules.program, rule->name) : psprintf("%s[%d]", section, i);
}

/* The same for a section that has versions: its number only if there are several. */
const char *
version_label(const Fold *fold, const Rule *rule, const char *section, const void *versions, size_t size, uint32 n)
{
	if (fold->trail.write == NULL)
		return NULL;
	if (n == 1 && rule->name.len == 0)
		return section;
	return rule_label(fold, rule, section, (int) (((const char *) rule - (const char *) versions) / size));
}
