/*
 * call.h
 *		What the SQL functions of this room share.
 */
#ifndef LOYALTY_SUBSCRIPTION_CALL_H
#define LOYALTY_SUBSCRIPTION_CALL_H

#include "subscription/movement.h"

#include "fmgr.h"

/*
 * The two switches of movements: `net` in an argument, the reactivation window
 * (NULL: none) in the next; without those arguments as if both were NULL.
 */
extern void movement_rules_arg(FunctionCallInfo fcinfo, int arg, MovementRules *rules);

#endif							/* LOYALTY_SUBSCRIPTION_CALL_H */
