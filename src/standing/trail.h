/*
 * trail.h
 *		The statement's rows, told as they happen.
 */
#ifndef LOYALTY_TRAIL_H
#define LOYALTY_TRAIL_H

#include "base/compat.h"
#include "event/event.h"
#include "program/program.h"
#include "standing/vector.h"

typedef enum EntryKind
{
	ENTRY_EARN, ENTRY_BONUS, ENTRY_HOLD, ENTRY_HOLD_BONUS, ENTRY_RELEASE, ENTRY_REDEEM, ENTRY_EXPIRE, ENTRY_REFUND,
	ENTRY_RETURN, ENTRY_CLAWBACK, ENTRY_ADJUST, ENTRY_ISSUE, ENTRY_USE, ENTRY_LAPSE, ENTRY_GRANT, ENTRY_TIER_UP, ENTRY_TIER_DOWN,
	ENTRY_BEGIN,				/* before the first: the tier held from the start */
	ENTRY_REFUSED				/* a voucher that was not to be used; nothing is done */
} EntryKind;

typedef void (*fold_entry_fn) (Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
							   const char *rule, const Event *cause, void *arg);

/* Who asks for them sets this before the fold runs. */
typedef struct Trail
{
	fold_entry_fn write;		/* NULL: nobody does */
	void	   *arg;
	MemoryContext labels;		/* emptied after each event, if given */
} Trail;

/*
 * Tell what has been done.  `event` caused it, or NONE; `rule` is one of the
 * labels below, which live until the event is done.
 */
extern void fold_emit(Fold *fold, int64 at, EntryKind kind, Decimal points, const char *rule, int event);
/* The same with a cause that need not be of the history. */
extern void fold_emit_for(Fold *fold, int64 at, EntryKind kind, Decimal points, const char *rule, const Event *cause);

/* A rule's name, or its place in the document; NULL if nobody asks. */
extern const char *rule_label(const Fold *fold, const Rule *rule, const char *section, int i);
extern const char *version_label(const Fold *fold, const Rule *rule, const char *section, const void *versions,
								 size_t size, uint32 n);

/* how a statement calls the version of a section that a rule is */
#define VERSION_LABEL(fold, rule, section, type) \
	version_label(fold, rule, #section, PROGRAM_LIST((fold)->rules.program, (fold)->rules.program->section, type), \
				  sizeof(type), (fold)->rules.program->section.n)

loyalty_compat_noreturn extern void fold_overflow(void);

#endif							/* LOYALTY_TRAIL_H */
