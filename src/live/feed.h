/*
 * feed.h
 *		A trigger made ready: which view and live history it serves, and the
 *		statements to run.
 */
#ifndef LOYALTY_FEED_H
#define LOYALTY_FEED_H

#include "live/change.h"
#include "live/direct.h"
#include "live/writer.h"

#include "commands/trigger.h"

typedef struct Feed
{
	bool		stale;
	int			running;		/* it may be met again meanwhile, by a trigger on our own tables */
	struct Feed *next;			/* of those replaced while running */
	MemoryContext context;
	List	   *relids;			/* what it was made of ... */
	List	   *locked;			/* ... and of these the view and its tables */
	const char *name;
	List	   *parts;			/* of a place */
	Oid			view;			/* of the live history, and ... */
	Oid			owner;
	Oid			base;			/* ... two of its tables */
	Oid			fragment;
	Oid			key_type;		/* of the customer */
	Oid			keys_type;		/* array of the customer's key */
	int16		key_length;
	bool		key_by_value;
	char		key_align;
	Oid			history_type;
	int			source;			/* of the firing table; 0 if it is but a parent */
	bool		writes_keys;	/* in NAME_row */
	int			nsteps;
	Step	   *steps;
	Statement	lock;
	Statement	settle;
	Statement	lose;
	Statement	explain;
	Statement	unsettled;
	Statement	gone;
	Direct	   *direct;			/* NULL if every statement needs the steps */
	Writer	   *writer;			/* NULL if the tables are written to by SQL only */
	Statement	known;
	Statement	make_known;
	Statement	append;
} Feed;

/* The feed of a trigger; from then on the caller acts as the live history's owner. */
extern Feed *feed_find(const TriggerData *trigger, Identity *before);

#endif							/* LOYALTY_FEED_H */
