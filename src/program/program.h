/*
 * program.h
 *		What a shop promises: the compiled rules document.
 *
 * A program is compiled to a block (document/block.h).  It holds nothing that
 * depends on the server: local times stay local, the zone is a name.  bind.c
 * gives them the instants they have in that zone.
 */
#ifndef LOYALTY_PROGRAM_H
#define LOYALTY_PROGRAM_H

#include "base/clock.h"
#include "base/fraction.h"
#include "document/block.h"

typedef BlockList ProgramList;
typedef BlockName ProgramName;

#define PROGRAM_LIST	BLOCK_LIST
#define PROGRAM_NAME	BLOCK_NAME

/* limits: every allocation and loop of a fold is bounded by them */
#define PROGRAM_MAX_RULES	64		/* of one section */
#define PROGRAM_MAX_LEVELS	32		/* of one version of tiers */
#define PROGRAM_MAX_TIERS	64		/* names in all */
#define PROGRAM_MAX_METRICS	16		/* built-in ones included */
#define PROGRAM_MAX_BRACKETS 256	/* of one table */
#define PROGRAM_MAX_PLANS	64
#define PROGRAM_MAX_ANCHORS	256	/* of `within`, in all */
#define PROGRAM_MAX_FIRST	1000000	/* orders of `first` */

/* what every rule may carry */
typedef struct Rule
{
	ProgramName name;			/* shown in the statement */
	int64		from;			/* local; PG_INT64_MIN if always */
	int64		until;			/* local, excluded; PG_INT64_MAX if for ever */
	ProgramList any;			/* of ProgramName: at least one of these tags ... */
	ProgramList all;			/* ... and all of these ... */
	ProgramList none;			/* ... and none of these */
	uint32		id;				/* number of the rule within the program, from 0 */
} Rule;

/* A paid membership: which subscriptions are it. */
typedef struct PaidPlan
{
	ProgramName name;
	ProgramList any;			/* of ProgramName: plans of subscription events */
	Span		grace;			/* nothing if none */
	uint32		trial;			/* free ones count too */
} PaidPlan;

/* For whom a rule is, beside its `where`. */
typedef struct Audience
{
	ProgramList plans;			/* of uint32, indexes into Program.plans: one of them is held */
	Span		within;			/* so long after an anchor; nothing if always */
	uint32		anchor;			/* index into Program.anchors */
	uint32		first;			/* only the first so many orders; 0 if all */
	uint32		some;			/* it says something */
} Audience;

/* the anchor that is no activity */
#define FIRST_PURCHASE	"first purchase"

typedef enum Scope { SCOPE_ORDER, SCOPE_LINE, SCOPE_DAY } Scope;

/* what earn rules and metrics count; the first five metrics are these */
typedef enum Measure { BY_SPEND, BY_POINTS, BY_ORDERS, BY_QUANTITY, BY_PROFIT } Measure;
#define BUILTIN_METRICS 5

typedef struct Metric
{
	ProgramName name;			/* "spend", "points", "orders", "quantity", "profit", or given */
	ProgramList any;
	ProgramList all;
	ProgramList none;
	uint32		measure;		/* Measure */
} Metric;

typedef struct Bracket
{
	Decimal		from;			/* half-open, up to the next */
	Decimal		points;
} Bracket;

typedef struct EarnRule
{
	Rule		rule;
	Decimal		points;			/* per `per` of what is counted ... */
	Decimal		per;			/* > 0 */
	int64		num;			/* points / per, reduced; points per unit = num / den */
	int64		den;
	Decimal		minimum;		/* PG_INT64_MIN if none */
	ProgramList table;			/* ... or of Bracket, n > 0 */
	uint32		of;				/* Measure: BY_SPEND (amount), BY_QUANTITY or BY_ORDERS */
	uint32		steps;			/* whole steps only */
	Audience	audience;
} EarnRule;

typedef enum Stack { STACK_MULTIPLY, STACK_MAX, STACK_REPLACE } Stack;

typedef struct TierFactor
{
	Decimal		factor;
	uint32		tier;			/* index into Program.tier_names */
} TierFactor;

typedef struct MultiplyRule
{
	Rule		rule;
	Decimal		factor;			/* if by.n == 0 */
	ProgramList by;				/* of TierFactor */
	uint32		stack;			/* Stack */
	Audience	audience;
} MultiplyRule;

typedef enum BonusOn { ON_FIRST_PURCHASE, ON_ACTIVITY, ON_MILESTONE } BonusOn;
/* in the order in which caps act */
typedef enum Period
{
	PER_ORDER, PER_DAY, PER_WEEK, PER_MONTH, PER_YEAR, PER_MEMBERSHIP_YEAR, PER_LIFETIME
} Period;

typedef enum WindowKind
{
	WINDOW_CALENDAR_YEAR, WINDOW_YEAR_FROM, WINDOW_MEMBERSHIP_YEAR, WINDOW_ROLLING, WINDOW_LIFETIME, WINDOW_MONTH
} WindowKind;

typedef struct BonusRule
{
	Rule		rule;
	ProgramName activity;		/* if ON_ACTIVITY */
	Decimal		every;			/* if ON_MILESTONE: the steps are so far apart, > 0 ... */
	Decimal		above;			/* ... and begin here; */
	ProgramList at;				/* or of Decimal, ascending, n > 0 */
	Decimal		points;
	uint32		on;				/* BonusOn */
	uint32		metric;			/* of the milestone: index into Program.metrics */
	uint32		window;			/* in which it counts: WindowKind, no rolling one */
	uint32		window_month;	/* as in TiersRule */
	uint32		window_day;
	uint32		times;			/* how often in `per`; 0 = unlimited */
	uint32		per;			/* Period: PER_DAY to PER_LIFETIME */
	uint32		clawback;
	Audience	audience;		/* without `first` */
} BonusRule;

typedef struct CapRule
{
	Rule		rule;
	Decimal		points;
	uint32		per;			/* Period */
} CapRule;

typedef struct HoldRule
{
	Rule		rule;
	Span		span;
} HoldRule;

typedef enum ExpireKind { EXPIRE_AGE, EXPIRE_INACTIVITY, EXPIRE_PERIOD_END, EXPIRE_PLAN_END } ExpireKind;
typedef enum PeriodEnd { END_CALENDAR_YEAR, END_MEMBERSHIP_YEAR, END_MONTH_DAY } PeriodEnd;
typedef enum Resume { RESUME_NONE, RESUME_RESTART, RESUME_ORIGINAL, RESUME_FREEZE } Resume;

typedef struct ExpireRule
{
	Rule		rule;
	Span		after;			/* AGE and INACTIVITY */
	ProgramList reset_names;	/* of ProgramName: activities that reset INACTIVITY */
	ProgramList suspend_tiers;	/* of uint32, indexes into Program.tier_names */
	ProgramList suspend_plans;	/* of uint32, indexes into Program.plans */
	ProgramList plans;			/* PLAN_END: the same */
	uint32		kind;			/* ExpireKind */
	uint32		since_release;	/* AGE: since release instead of earning */
	uint32		reset_kinds;	/* bit 1 << EventKind */
	uint32		period;			/* PeriodEnd */
	uint32		period_month;
	uint32		period_day;
	uint32		snap;			/* Snap */
	uint32		snap_month;
	uint32		snap_day;
	uint32		resume;			/* Resume; RESUME_NONE without suspend */
} ExpireRule;

typedef enum RedeemOrder { REDEEM_EXPIRING_FIRST, REDEEM_OLDEST_FIRST } RedeemOrder;

typedef struct RedeemRule
{
	Rule		rule;
	Decimal		minimum;		/* 0 if none */
	Decimal		step;			/* 0 if none */
	Decimal		value;			/* money of one point; 0 if not given */
	uint32		order;			/* RedeemOrder */
} RedeemRule;

typedef enum RefundEarned { EARNED_RECOMPUTE, EARNED_PROPORTIONAL, EARNED_KEEP } RefundEarned;
typedef enum RefundShort { SHORT_DEBT, SHORT_FORGIVE } RefundShort;
typedef enum RefundSpent { SPENT_NONE, SPENT_FULL_ONLY, SPENT_PRO_RATA } RefundSpent;
typedef enum RefundDated { DATED_PURCHASE, DATED_REFUND } RefundDated;

typedef struct RefundRule
{
	Rule		rule;
	uint32		earned;			/* RefundEarned */
	uint32		shortfall;		/* RefundShort */
	uint32		spent;			/* RefundSpent */
	uint32		dated;			/* RefundDated */
} RefundRule;

typedef enum ValidKind { VALID_YEAR_AFTER, VALID_WINDOW, VALID_SPAN, VALID_FOREVER } ValidKind;
typedef enum Downgrade { DOWNGRADE_EARNED, DOWNGRADE_ONE_STEP, DOWNGRADE_NEVER } Downgrade;

typedef struct Condition
{
	Decimal		at;
	uint32		metric;			/* index into Program.metrics */
} Condition;

typedef struct Need
{
	ProgramList conditions;		/* of Condition, all to be met */
} Need;

typedef struct Level
{
	Decimal		at;				/* if needs.n == 0; LEVEL_BY_PLAN if only a plan gives it */
	ProgramList needs;			/* of Need, one to be met */
	ProgramList plans;			/* of uint32, indexes into Program.plans: each gives it too */
	uint32		tier;			/* index into Program.tier_names */
} Level;

/* a number that no metric reaches */
#define LEVEL_BY_PLAN PG_INT64_MAX

typedef struct TiersRule
{
	Rule		rule;
	ProgramList levels;			/* of Level, lowest first; empty in a gap-filling version never occurs */
	Decimal		rollover_cap;	/* PG_INT64_MAX if none */
	Span		span;			/* of a rolling window */
	Span		valid_span;
	Span		overhang;
	uint32		by;				/* index into Program.metrics */
	uint32		window;			/* WindowKind */
	uint32		window_month;	/* WINDOW_YEAR_FROM; 1, 1 for the calendar year */
	uint32		window_day;
	uint32		valid;			/* ValidKind */
	uint32		has_overhang;
	uint32		downgrade;		/* Downgrade */
	uint32		latch;			/* on_refund: latch */
	uint32		rate_after;		/* rate_at: after */
	uint32		has_rollover;
	uint32		rollover_metric;	/* index into Program.metrics */
} TiersRule;

/* Points become a voucher, or several. */
typedef struct VoucherRule
{
	Rule		rule;			/* no tags */
	Decimal		points;			/* a step > 0 ... */
	Decimal		value;			/* ... and its money, > 0 */
	Decimal		minimum;
	ProgramList tiers;			/* of uint32, indexes into Program.tier_names; one is held if n > 0 */
	ProgramList plans;			/* of uint32, indexes into Program.plans; the same */
	Span		on;				/* after the membership's first day, if on_month is 0 */
	Span		closing;		/* nothing if none */
	Span		valid;			/* nothing if for ever */
	uint32		every;			/* months; 0: as soon as the points are there */
	uint32		on_month;
	uint32		on_day;
	uint32		snap;			/* Snap, of valid */
	uint32		snap_month;
	uint32		snap_day;
	uint32		each;			/* a voucher for each step */
} VoucherRule;

/* How often members of a tier have a benefit. */
typedef struct BenefitTier
{
	Decimal		quantity;		/* PG_INT64_MAX without limit */
	uint32		tier;			/* index into Program.tier_names */
} BenefitTier;

typedef struct BenefitRule
{
	Rule		rule;			/* its name is the benefit's; no tags */
	Decimal		quantity;		/* PG_INT64_MAX without limit */
	ProgramName on;				/* the activity that uses it */
	ProgramList tiers;			/* of BenefitTier, by tier; every member has it if n == 0 */
	uint32		by_tier;		/* each tier has a quantity of its own */
	uint32		per;			/* Period: PER_DAY to PER_LIFETIME */
	Audience	audience;		/* without `first` */
} BenefitRule;

typedef struct Program
{
	uint32		size;			/* bytes in all */
	uint32		rules;			/* how many Rule there are: ids below it */
	ProgramName name;
	ProgramName timezone;
	ProgramList tier_names;		/* of ProgramName, every tier of every version once, in order of first mention */
	ProgramList metrics;		/* of Metric: the built-in ones, then the named ones */
	ProgramList plans;			/* of PaidPlan, by name */
	ProgramList anchors;		/* of ProgramName, activities and FIRST_PURCHASE: what `within` counts from */
	ProgramList earn;			/* of EarnRule, in the document's order */
	ProgramList multiply;		/* of MultiplyRule */
	ProgramList bonus;			/* of BonusRule */
	ProgramList caps;			/* of CapRule */
	ProgramList hold;			/* of HoldRule: versions, by from, not overlapping */
	ProgramList expire;			/* of ExpireRule: all that match apply */
	ProgramList redeem;			/* of RedeemRule: versions */
	ProgramList refund;			/* of RefundRule: versions */
	ProgramList tiers;			/* of TiersRule: versions */
	ProgramList vouchers;		/* of VoucherRule */
	ProgramList benefits;		/* of BenefitRule */
	uint32		decimals;		/* 0 to 6 */
	uint32		round;			/* RoundMode */
	uint32		scope;			/* Scope */
} Program;

#endif							/* LOYALTY_PROGRAM_H */
