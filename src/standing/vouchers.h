/*
 * vouchers.h
 *		Points that become vouchers; these are used, or die.
 */
#ifndef LOYALTY_VOUCHERS_H
#define LOYALTY_VOUCHERS_H

#include "event/event.h"
#include "program/program.h"
#include "standing/heap.h"

/* Vouchers issued at once by a rule, all alike: numbers that follow each other. */
typedef struct Issue
{
	int			rule;
	int64		at;
	int64		expires_at;		/* INSTANT_NEVER */
	int64		first;			/* number */
	int64		count;
	Decimal		points;			/* of each */
	Decimal		value;			/* of each */
	int64		nused;
	int			last_use;		/* NONE */
} Issue;

typedef struct Use
{
	int64		number;
	int64		at;
	int			previous;		/* of the same issue; NONE */
} Use;

/* Why a voucher was not to be used. */
typedef enum VoucherRefusal { VOUCHER_UNKNOWN, VOUCHER_USED, VOUCHER_EXPIRED } VoucherRefusal;

typedef struct Vouchers
{
	bool		any;			/* the program has some */
	bool		at_threshold;	/* some as soon as the points are there */
	VECTOR(Issue, issues);		/* in order */
	VECTOR(Use, uses);
	VECTOR(bool, used);			/* by ref */
	int64		issued;			/* the last number */
	int128		open_value;		/* of those that may be used */
	Heap		lapses;			/* issues by their end */

	/* what the clock is to do */
	int64		next[PROGRAM_MAX_RULES];	/* by rule: when it settles; if that lies behind, nobody has asked */
	int64		settled_at;		/* all days up to it are over */
	int64		begun_at;		/* all rules that begin up to it have been looked at */
	bool		instant_ends;	/* at the end of the clock's instant thresholds are looked at */
	VoucherRefusal refusal;		/* of the last use that was refused */
} Vouchers;

extern void vouchers_begin(Fold *fold);
/* Years of membership are counted anew. */
extern void vouchers_join(Fold *fold);

/* When the clock has to do with vouchers; INSTANT_NEVER.  What it does then, after all else. */
extern int64 vouchers_next(Fold *fold);
extern void vouchers_tick(Fold *fold, int64 at);
/* The clock has done all that it does up to an instant, of which the events follow. */
extern void vouchers_clock_done(Fold *fold, int64 at);
/* All of an instant has happened: are thresholds reached? */
extern void vouchers_end_instant(Fold *fold);

/* A redemption: false if it is none of a voucher. */
extern bool vouchers_use(Fold *fold, int event);

/* Does a rule act for the member at the instant that the fold has come to? */
extern bool voucher_rule_acts(const Fold *fold, const VoucherRule *rule);
/* What counts of the balance on a day on which the rule settles. */
extern Decimal voucher_points(Fold *fold, const VoucherRule *rule, int64 settles_at);

#define VOUCHER_NAME_SIZE 32
/* The name of a voucher; `name` has room for it. */
extern void voucher_name(int64 number, char *name);

/* The uses of an issue, by number: a palloc'd array of nused. */
extern Use *voucher_uses(const Fold *fold, const Issue *issue);

#endif							/* LOYALTY_VOUCHERS_H */
