/*
 * fold.h
 *		A program folded over a history up to an instant.
 *
 * The fold walks the events in order; before each one the clock is brought up
 * to it (lots die and are released, tiers end).  One file per matter:
 *
 *		fold.c		the walk itself
 *		orders.c	lines and refunds: what is left of an order
 *		earn.c		what an order earns: rules, factors, rounding
 *		caps.c		days rounded and periods capped as a whole
 *		bonus.c		points for firsts, activities and milestones
 *		lots.c		points: hold, spend, take, give back, debt
 *		expire.c	when a lot dies
 *		metrics.c	what tiers and milestones count
 *		windows.c	what windows of tiers count, and which levels that reaches
 *		tiers.c		which tier is held, since when and until when
 *		answer.c	the answers at the end
 *
 * Nothing here knows the executor or the catalog.
 */
#ifndef LOYALTY_FOLD_H
#define LOYALTY_FOLD_H

#include "history/history.h"
#include "program/bind.h"
#include "program/program.h"

#define NONE (-1)

/* An exact count of millionths of a point: num / den, den > 0. */
typedef struct Fraction
{
	int128		num;
	int128		den;
} Fraction;

/* The factors of the multiply rules that apply, being gathered; start with {.product = {1, 1}}. */
typedef struct Factors
{
	Fraction	product;
	Decimal		largest;
	Decimal		last;			/* of those that replace */
	bool		max;
	bool		replace;
} Factors;

/* One purchase: a line of an order. */
typedef struct Line
{
	Text		tags;
	int			tags_id;		/* NONE without tags */
	int			order;
	int			next;			/* line of the same order */
	int			entry;			/* what metrics count it in */
	Decimal		amount;
	Decimal		quantity;
	Decimal		cost;
	bool		gone;			/* given back entirely */
	bool		earns_no_more;
	Fraction	amount_left;	/* after refunds, which may take thirds of a cent */
	Fraction	quantity_left;
	Fraction	amount_earning; /* the same, as far as refunds lower what it earns */
	Fraction	quantity_earning;
} Line;

/* Lines of one ref; or a refund without ref, which is an order with a minus. */
typedef struct Order
{
	int64		at;				/* instant of its first line */
	uint64		ref;			/* number, or id of the text */
	uint32		has;			/* which of them: EVENT_HAS_... */
	int			event;			/* its first line */
	int			first_line;
	int			last_line;
	int			tier;			/* that rates it; NONE */
	int			lot;			/* NONE as long as it never earned */
	bool		minus;
	bool		returned;		/* in full: nothing of its money is left */
	bool		kept;			/* a minus that takes no points */
	bool		changed;		/* must be rated again */
	Decimal		amount;			/* as bought, all lines */
	Decimal		amount_left;	/* after all refunds: the sum of its lines' */
	Decimal		cost_left;
	Fraction	given_up;		/* amount by which its points are reduced in proportion */
	Fraction	earned;			/* before rounding */
	Decimal		rounded;		/* before caps */
	Decimal		granted;		/* after caps: what its lot has got */
	Decimal		wanted;			/* the same, while being rated again */
	Decimal		given_back;		/* of the points that paid for it */
} Order;

typedef enum LotState { LOT_PENDING, LOT_OPEN, LOT_DEAD } LotState;

typedef struct Lot
{
	int64		earned_at;
	int64		active_at;
	int64		ends_at;		/* given by hand; INSTANT_NEVER if rules decide */
	int64		fixed_end;		/* by age or period, were nothing suspended */
	int64		expires_at;		/* as projected when last looked at */
	uint64		rules;			/* bit per expire rule that governs it */
	uint64		idle_own;		/* those whose clock starts with the lot */
	int			order;			/* NONE */
	int			event;			/* that made it */
	int			tags_id;
	Text		tags;			/* if it has no lines */
	int			first_line;		/* whose tags it carries, NONE ... */
	int			until_line;		/* ... with those of the same order before this one */
	LotState	state;
	int			bonus;			/* rule that made it; NONE */
	Decimal		earned;
	Decimal		remaining;
	Decimal		expired;
} Lot;

/* When the clock is to look at a lot. */
typedef struct Due
{
	int64		at;
	int			lot;
} Due;

/* Redemptions with a ref, and what they took, so that it can be given back. */
typedef struct Redemption
{
	uint64		ref;
	uint32		has;
	Decimal		points;
} Redemption;

typedef struct Taking
{
	int			redemption;		/* NONE */
	int			lot;			/* NONE: it became debt */
	Decimal		points;			/* not given back yet */
} Taking;

/* A bonus that was paid for an order and may be clawed back. */
typedef struct Paid
{
	int			rule;
	int			lot;
	int			order;			/* NONE */
	int64		multiple;		/* of a milestone; 0 otherwise */
	bool		held;
} Paid;

/*
 * What one event added to the metrics, for windows to gather: counted by its
 * order's date.
 */
typedef struct Entry
{
	int64		date;
	int			order;			/* NONE for an expense */
	int			place;			/* among those of its date: of its order's first entry */
	int			first_line;		/* of the order's lines, these */
	int			nlines;
	bool		first;			/* of its order: counts for `orders` */
	bool		lowers;			/* a refund that counts at its own date */
	int			undoes;			/* the entry whose value that refund lowers; NONE */
	int			undone;			/* the last that lowers this one's, or the one's before; NONE */
} Entry;

/* A fixed window of one version of tiers. */
typedef struct Window
{
	int64		anchor;			/* local */
	int			nth;			/* year since the anchor */
	int64		start;
	int64		end;
	int128		sums[PROGRAM_MAX_METRICS];	/* its own */
	int128		carried;		/* into the rollover metric */
	int64		reached[PROGRAM_MAX_LEVELS];	/* INSTANT_NEVER if not */
} Window;

/* An entry leaves a rolling window. */
typedef struct Leaving
{
	int64		at;
	int			entry;
} Leaving;

/* A tier held, perhaps on the way down from a higher one. */
typedef struct Step
{
	int			tier;
	int64		from;
	int64		until;
} Step;

typedef enum ChangeKind
{
	CHANGE_UNTIL, CHANGE_MET, CHANGE_REACHED, CHANGE_CARRIED, CHANGE_STEP,
	CHANGE_STEPS				/* one more */
} ChangeKind;

/* What a walk has changed at an instant. */
typedef struct Change
{
	int128		before;
	int64		at;
	ChangeKind	kind;
	int			item;			/* tier, window or step */
	int			level;			/* of a window */
} Change;

#define VECTOR(type, name) \
	type	   *name; \
	int			n##name; \
	int			room_##name

/*
 * How far a version of tiers has counted, what is in its windows, and what it
 * gives; windows.c tells more.
 */
typedef struct Walk
{
	int			version;
	bool		ahead;			/* a copy that looks ahead ... */
	bool		falling;		/* ... for what is lost only */
	int64		at;				/* up to and with this instant */
	int			counted;		/* entries by date */
	int128		sums[PROGRAM_MAX_METRICS];	/* in a rolling window */
	VECTOR(Leaving, leaving);	/* by instant */
	int			left;			/* of those, have done so */
	VECTOR(Window, windows);
	int64		until[PROGRAM_MAX_TIERS];	/* the latest end given; PG_INT64_MIN */
	bool		met[PROGRAM_MAX_TIERS]; /* held while the metric is */
	VECTOR(Step, steps);
	VECTOR(Change, changes);
} Walk;

/* Which tiers are held until when. */
typedef struct TierState
{
	VECTOR(Walk, walks);		/* by version */
	VECTOR(Step, kept);			/* granted by hand, or latched */
	int64		next;			/* when the clock may change it */
	int			tier;			/* effective, NONE */
	int64		since;			/* PG_INT64_MIN if from the start */
	int64		changed_at;		/* what it was before this instant: */
	int			tier_before;
	int64		since_before;
	bool		projected;		/* a copy that looks ahead */
} TierState;

typedef enum EntryKind
{
	ENTRY_EARN, ENTRY_BONUS, ENTRY_HOLD, ENTRY_RELEASE, ENTRY_REDEEM, ENTRY_EXPIRE, ENTRY_REFUND,
	ENTRY_RETURN, ENTRY_CLAWBACK, ENTRY_ADJUST, ENTRY_GRANT, ENTRY_TIER_UP, ENTRY_TIER_DOWN,
	ENTRY_BEGIN					/* before the first: the tier held from the start */
} EntryKind;

/* receives the statement's rows as they happen */
typedef struct Fold Fold;
typedef void (*fold_entry_fn) (Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
							   const char *rule, const Event *cause, void *arg);

/* times in which an expire rule was suspended */
typedef struct Suspension
{
	int			rule;
	int64		from;
	int64		until;			/* as projected while it lasts */
	bool		lasts;
} Suspension;

/* Zeroed to begin with; what it has allocated serves fold after fold. */
struct Fold
{
	MemoryContext context;		/* where that is */
	const Program *program;
	const Bound *bounds;
	const Zone *zone;
	int			hint;			/* for the zone: the walk ... */
	int			hint_after;		/* ... and what it adds spans to */
	int64		asof;

	/* the sections, resolved */
	const EarnRule *earn;
	const MultiplyRule *multiply;
	const BonusRule *bonus;
	const CapRule *caps;
	const ExpireRule *expire;
	const TiersRule *tiers;
	const Metric *metrics;
	bool		metric_used[PROGRAM_MAX_METRICS];
	bool		by_tier;		/* some rule looks at the tier */
	bool		runs;			/* days or periods are rounded or capped as a whole */
	bool		idles;			/* some expire rule looks at inactivity */
	bool		suspends;
	bool		counts;			/* some tier or milestone looks at a metric */

	/* the history */
	VECTOR(Event, events);
	VECTOR(int, event_tags);	/* ids, NONE */
	VECTOR(uint64, event_refs);
	int			ntags;
	VECTOR(uint8, matches);		/* rule x tags: 0 unknown, 1 no, 2 yes */
	int64		first_at;
	int64		joined_at;		/* INSTANT_NEVER */
	int			now;			/* event being folded */
	int64		at;				/* its instant */
	bool		booking;		/* it is under way */

	/* what has become of it */
	VECTOR(Order, orders);
	VECTOR(Line, lines);
	VECTOR(int, order_table);	/* ref -> order */
	VECTOR(Lot, lots);
	VECTOR(int, sorted);		/* scratch: lots in some order ... */
	bool		expiring_first; /* ... this one, or oldest first */
	VECTOR(Redemption, redemptions);
	VECTOR(Taking, takings);
	VECTOR(Paid, paid);
	int			taken_back;		/* of those */
	VECTOR(Entry, entries);
	VECTOR(int128, values);		/* entry x metric */
	VECTOR(int, by_date);		/* entries */
	bool		went_back;		/* the walks stand before what has changed */
	VECTOR(Suspension, suspensions);	/* then those that are foreseen */
	int			known_suspensions;
	int64		reset_at[PROGRAM_MAX_RULES];	/* by expire rule; PG_INT64_MIN */
	int			bonus_count[PROGRAM_MAX_RULES];
	int64		bonus_period[PROGRAM_MAX_RULES];
	int64		milestone[PROGRAM_MAX_RULES];
	int128		totals[PROGRAM_MAX_METRICS];	/* lifetime, for milestones */
	TierState	tier;
	TierState	ahead;			/* a copy that looks ahead */

	/* days and periods as a whole, up to the last order rated */
	int64		day;
	Fraction	day_earned;
	Decimal		day_rounded;
	int64		cap_period[PROGRAM_MAX_RULES];
	int128		cap_wanted[PROGRAM_MAX_RULES];	/* without the cap */
	Decimal		cap_granted[PROGRAM_MAX_RULES];
	int			rated;			/* orders in these figures */
	VECTOR(int, owing);			/* orders that have been granted less */
	int			first_order;	/* NONE */

	/* lots */
	int			head;			/* no lot before it is open or pending */
	bool		in_order;		/* lots die, and are released, in the order they stand */
	VECTOR(Due, due);			/* a heap, unless ends move */
	int64		next_due;		/* no lot dies or is released before */
	Decimal		available;
	Decimal		pending;
	Decimal		debt;
	int128		lifetime;
	bool		overdrawn;

	fold_entry_fn entry;
	void	   *entry_arg;
};

/* one more, in a vector of the fold or of something in it */
#define PUSH_TO(fold, owner, name) \
	(fold_reserve((fold), (void **) &(owner)->name, &(owner)->room_##name, (owner)->n##name + 1, \
				  sizeof(*(owner)->name)), &(owner)->name[(owner)->n##name++])
#define PUSH(fold, name) PUSH_TO(fold, fold, name)

#define LEVELS(fold, rule) PROGRAM_LIST((fold)->program, (rule)->levels, Level)

/* how a statement calls the version of a section that a rule is */
#define VERSION_LABEL(fold, rule, section, type) \
	version_label(fold, rule, #section, PROGRAM_LIST((fold)->program, (fold)->program->section, type), \
				  sizeof(type), (fold)->program->section.n)

/* fold.c */
extern void fold_reserve(Fold *fold, void **items, int *room, int n, size_t size);
extern void fold_run(Fold *fold, const Program *program, const Bound *bounds, const Zone *zone,
					 const uint8 *history, size_t len, int64 asof);
extern void fold_emit(Fold *fold, int64 at, EntryKind kind, Decimal points, const char *rule, int event);
extern const char *rule_label(const Fold *fold, const Rule *rule, const char *section, int i);
extern const char *version_label(const Fold *fold, const Rule *rule, const char *section, const void *versions,
								 size_t size, uint32 n);
extern bool rule_in_force(const Fold *fold, const Rule *rule, int64 at);
extern bool where_matches(const Fold *fold, const ProgramList *any, const ProgramList *all,
						  const ProgramList *none, Text tags);
extern bool rule_matches(Fold *fold, const Rule *rule, Text tags, int tags_id);
extern const HoldRule *hold_at(const Fold *fold, int64 at);
extern const RedeemRule *redeem_at(const Fold *fold, int64 at);
extern const RefundRule *refund_now(Fold *fold);
extern int	tiers_at(const Fold *fold, int64 at);
extern int64 period_number(Fold *fold, int64 at, Period period);
extern int64 fold_to_local(Fold *fold, int64 at);
extern int64 fold_from_local(Fold *fold, int64 local);
extern int64 fold_add(Fold *fold, int64 at, const Span *span);
extern int64 snap_instant(const Zone *zone, int64 at, bool after, Snap snap, int month, int day, int *hint);
extern int64 fold_snap(Fold *fold, int64 at, bool after, Snap snap, int month, int day);
extern int64 snap_local(int64 local, Snap snap, int month, int day);
extern int64 membership_anchor(Fold *fold, int64 at);
loyalty_compat_noreturn extern void fold_overflow(void);

/* earn.c */
extern Fraction order_earns(Fold *fold, const Order *order);
extern void factors_add(Factors *factors, const Program *program, const MultiplyRule *rule, int tier);
extern Fraction factors_result(const Factors *factors);
extern Decimal points_round(const Program *program, Fraction f);
extern Fraction fraction_add(Fraction a, Fraction b);
extern Fraction fraction_scale(Fraction a, int128 num, int128 den);
extern Fraction order_raw_points(Fold *fold, const Order *order, const Entry *entry);
extern const char *order_rules(Fold *fold, const Order *order);
extern bool lines_match(Fold *fold, const Rule *rule, int from, int until);
extern bool order_matches(Fold *fold, const Order *order, const Rule *rule);

/* caps.c */
extern void orders_rate(Fold *fold, int changed);
extern void orders_take(Fold *fold);

/* orders.c */
extern void order_buy(Fold *fold, int from, int until);
extern void order_refund(Fold *fold, int event);
extern int	order_find(Fold *fold, const Event *event, uint64 ref);

/* bonus.c */
extern void bonus_activity(Fold *fold, int event);
extern void bonus_gains(Fold *fold, int order, int first_line);
extern void bonus_takings(Fold *fold);

/* lots.c */
extern Lot	lot_at(const Fold *fold, int64 at);
extern int	lot_make(Fold *fold, const Lot *like);
extern void lot_give(Fold *fold, int lot, Decimal points);
extern void lot_take(Fold *fold, int lot, Decimal points, bool forgive);
extern void points_spend(Fold *fold, Decimal points, int redemption);
extern Decimal points_redeemed(const Fold *fold, const Order *order);
extern void points_return(Fold *fold, const Order *order, Decimal points);
extern void lots_adjust(Fold *fold, int event);
extern void lots_redeem(Fold *fold, int event);
extern void lots_tick(Fold *fold, int64 at);
extern void lots_look_again(Fold *fold);
extern void lot_look_again(Fold *fold, int lot);

/* expire.c */
extern void lot_governed(Fold *fold, Lot *lot);
extern int64 lot_end(Fold *fold, const Lot *lot);
extern void expire_reset(Fold *fold, int event);
extern const char *lot_end_rule(Fold *fold, const Lot *lot);
extern void expire_project(Fold *fold);
extern void expire_suspend(Fold *fold, int64 at, int before, int after);

/* metrics.c */
extern void metrics_prepare(Fold *fold);
extern void metrics_add(Fold *fold, int order, int first_line, int nlines, bool first);
extern void metrics_refund(Fold *fold, int order, bool keep_points, bool dated_refund);
extern void metrics_expense(Fold *fold, int event);
extern int128 metric_sum(Decimal v);
extern bool metric_reaches(int128 sum, Decimal threshold);
extern int128 metric_shown(int128 sum);
extern int64 metric_multiples(int128 sum, Decimal every);

/* windows.c */
extern bool level_is_base(const Level *level);
extern bool holds_while_met(const TiersRule *rule);
extern int64 walk_next(const Fold *fold, const Walk *walk, int64 at);
extern void walk_to(Fold *fold, Walk *walk, int64 upto);
extern void walk_back(Fold *fold, Walk *walk, int64 to);
extern int128 walk_sum(Fold *fold, Walk *walk, int metric);

/* tiers.c */
extern void tiers_begin(Fold *fold);
extern void tiers_back(Fold *fold, int64 date);
extern void tiers_count(Fold *fold);
extern void tiers_grant(Fold *fold, int event);
extern void tiers_tick(Fold *fold, TierState *state, int64 at);
extern TierState *tiers_look_ahead(Fold *fold);
extern int64 tier_until(Fold *fold);
extern int128 tiers_qualifying(Fold *fold, int version, int metric);

#endif							/* LOYALTY_FOLD_H */
