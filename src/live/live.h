/*
 * live.h
 *		A live history: a view (customer, history) and the tables under it.
 *
 * The tables are ordinary ones of the user's.  The view names them by
 * identity, in a call of loyalty.kept() that is always true; the triggers on
 * the shop's tables name the views in the same way (loyalty.feeds()).  So
 * names may change and dumps restore.  One file per matter:
 *
 *		live.c		a live history by identity
 *		upkeep.c	the SQL functions that look after it
 *		branch.c	the shop's view taken apart: what can be kept current
 *		source.c	the tables that it reads, as they were tracked
 *		change.c	what a change of a table does, as SQL
 *		statement.c	SQL with its plan
 *		feed.c		a trigger made ready: which statements
 *		trigger.c	the trigger: which of them, when
 *		losers.c	who may have lost by it; what is refused
 *		direct.c	a statement of one row, evaluated without a query
 *		writer.c	its fragment, appended without a query
 *		citus.c		what Citus says of a table
 *		distributed.c	live histories beside its shards
 *		place.c		which row of which table an error is about
 *		progress.c	how far a long job has come
 *		settle.c	histories as sums: added less removed
 */
#ifndef LOYALTY_LIVE_H
#define LOYALTY_LIVE_H

#include "postgres.h"

#include "base/compat.h"
#include "event/event.h"

#include "nodes/pg_list.h"
#include "utils/guc.h"

#define ERRCODE_NOT_ENOUGH_POINTS MAKE_SQLSTATE('L', 'Y', '0', '0', '1')

typedef struct Live
{
	Oid			view;
	Oid			owner;			/* of the view, and of each of the tables */
	Oid			base;
	Oid			fragment;
	Oid			source;
	Oid			program;
	Oid			row;
	Oid			type;			/* of the customer's key */
	const char *base_name;		/* qualified and quoted, as SQL wants them */
	const char *fragment_name;
	const char *source_name;
	const char *program_name;
	const char *row_name;
	const char *type_name;
	const char *equal;			/* how keys are compared */
} Live;

/* The caller's identity, to come back to. */
typedef struct Identity
{
	Oid			user;
	int			context;
	int			nest_level;
	bool		is_set;			/* set_for_queries has been called since */
} Identity;

/* The live history that a view is (42809 if it is none). */
extern void live_open(Oid view, Live *live);

/* Is it the function of ours of that name? */
extern bool is_ours(Oid function, const char *name);

/* The relations named in a call of that function of ours, which is part of the condition. */
extern bool marked(Node *condition, const char *function, int n, Oid *relids);

/* Refuse a relation whose owner is another one (42501). */
extern void must_be_owned(Oid relid, const Live *live);

/*
 * Act as the owner, with no rights beyond theirs and names looked up in
 * pg_catalog only; and as oneself again.  An error comes back by itself.
 */
extern void become(Oid owner, bool in_trigger, Identity *before);
extern void become_again(const Identity *before);

/* The first in two parts: settings matter only where names are looked up and queries planned. */
extern void become_owner(Oid owner, Identity *before);
extern void set_for_queries(bool in_trigger, Identity *before);

/* How values are written from here on, whatever the session's settings: keys are remembered as written. */
extern void fix_output(void);

extern Oid	live_type(const char *name);

/* Its tables are not as keep() makes them (55000). */
loyalty_compat_noreturn extern void live_damaged(Oid view);

/* settle.c: what such a change may do to a balance at most */
extern Effect history_effect(bool has_added, Datum added, bool has_removed);

#endif							/* LOYALTY_LIVE_H */
