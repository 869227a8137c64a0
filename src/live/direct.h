/*
 * direct.h
 *		A statement of one row, without a query.
 */
#ifndef LOYALTY_DIRECT_H
#define LOYALTY_DIRECT_H

#include "live/source.h"

#include "commands/trigger.h"

/* What the branches over one table make of a row. */
typedef struct Direct Direct;

/* What one customer gains and loses by it: histories. */
typedef struct Gain
{
	Datum		customer;
	Datum		added;
	Datum		removed;
	bool		has_added;
	bool		has_removed;
} Gain;

/* NULL if the source needs more than its own rows; allocates in the current context. */
extern Direct *direct_make(const Live *live, const Source *source, Relation rel);
extern void direct_free(Direct *direct);

/* Whether it calls functions of the server's and our own only, which look no names up. */
extern bool direct_is_blind(Direct *direct);

/*
 * false if the statement changed more than one row or customer.  Otherwise
 * *changed says whether there is a change, in the current context.
 */
extern bool direct_change(Direct *direct, const TriggerData *trigger, Gain *gain, bool *changed);

#endif							/* LOYALTY_DIRECT_H */
