/*
 * suspend.h
 *		When a rule of expiry ends what it governs: by the calendar, and by the
 *		times in which tiers or plans suspend it.
 */
#ifndef LOYALTY_SUSPEND_H
#define LOYALTY_SUSPEND_H

#include "program/program.h"
#include "standing/vector.h"

/* A time in which a rule was, is or will be suspended. */
typedef struct Suspension
{
	int64		from;
	int64		until;			/* as foreseen while it lasts */
	bool		lasts;			/* or is still to come */
	int64		before;			/* local time that was suspended before it */
} Suspension;

/* Those of one rule: what has been, then what is foreseen if nothing happens. */
typedef struct Suspended
{
	VECTOR(Suspension, times);	/* in order */
	int			known;			/* of those, have begun */
	int			past;			/* of those, are over */
	bool		on;				/* it is suspended */
	int64		frozen;			/* local time that was suspended by those */
	int64		started_again;	/* when the last that was not empty ended; PG_INT64_MIN */

	/* what lots come to under `restart`, as foreseen */
	int64		caught_from;	/* those that live then ... */
	int64		caught_end;
	int64		again_end;		/* those that were started again */
} Suspended;

/* A foreseen suspension, or the end of one. */
typedef struct Foreseen
{
	int64		rule;
	int64		from;
	int64		until;
} Foreseen;

typedef struct Suspensions
{
	bool		any;			/* some rule may be suspended */
	Suspended	rules[PROGRAM_MAX_RULES];
	VECTOR(Foreseen, foreseen); /* all that is, for all rules ... */
	VECTOR(Foreseen, foreseen_before);	/* ... and was when last looked */
} Suspensions;

extern void suspend_begin(Fold *fold);

/*
 * The member's tier has changed, or their plans: suspend what these suspend,
 * resume the rest.  Nothing is foreseen then until suspend_foresee.
 */
extern void suspend_change(Fold *fold, int64 at);

/* Foresee the suspensions; true if something is other than it was when last foreseen. */
extern bool suspend_foresee(Fold *fold);
/* The same suspensions may come to other ends: the member has joined. */
extern void suspend_look_again(Fold *fold);

/* The end that a rule gives, counted from an instant. */
extern int64 rule_end_from(Fold *fold, int rule, int64 from);

/*
 * What of a lot's end does not depend on what is still to come (see expire.c),
 * for a lot that lives now and is counted from an instant on.
 */
extern int64 rule_key_from(Fold *fold, int rule, int64 from);
/* The end that a key comes to, as foreseen. */
extern int64 rule_end_of_key(Fold *fold, int rule, int64 key);
/*
 * The same, and which keys come to it too: those from that one to `most`.  Greater
 * ones come to later ends, up to the key that is answered: from there on an end may
 * be as early, or earlier, by a clock that skips an hour.  PG_INT64_MAX: never again.
 */
extern int64 rule_same_end(Fold *fold, int rule, int64 key, int64 *end, int64 *most);

#endif							/* LOYALTY_SUSPEND_H */
