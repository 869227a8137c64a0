/*
 * call.h
 *		What claim(), confirm() and release() have in common.
 */
#ifndef LOYALTY_DEAL_CALL_H
#define LOYALTY_DEAL_CALL_H

#include "deal/hold.h"

#define ERRCODE_NOT_CONFIRMED MAKE_SQLSTATE('L', 'Y', '0', '0', '2')

/* One call: (deals, deal, customer, ...) at an instant. */
typedef struct Call
{
	FunctionCallInfo fcinfo;
	Desk	   *desk;
	Identity	before;
	MemoryContext caller;
	MemoryContext context;		/* of the call */
	bool		has_queries;
	Datum		name;			/* of the deal */
	Datum		customer;		/* as a key of the desk's */
	bool		has_ref;
	Datum		ref;
	bool		is_now;			/* of the clock, when the member's claims have been read */
	int64		t;

	/* what was looked at last */
	bool		has_looked;
	bool		is_looking;		/* its snapshot is active */
	Deal		deal;
	int			nmine;
	Claim	   *mine;			/* the member's claims; turns are given */
	bool		has_turns;		/* else nobody waits */
	Turns		turns;
	List	   *locked;			/* units, as integers */
	int32		told;			/* unit of the turn that the answer is about; 0: none */
} Call;

/*
 * Check the caller's right on the view and act as its owner.  False if deal or
 * customer is NULL: then there is nothing to end, and the answer is call_null().
 */
extern bool call_begin(Call *call, FunctionCallInfo fcinfo, const char *function, AclMode right, int ref_arg, int asof_arg);
extern Datum call_null(FunctionCallInfo fcinfo);

/* Be ready for queries. */
extern void call_queries(Call *call);

/*
 * Look at the deal and the member's claims, the first time waiting for other
 * calls of the member that are under way; with `all` at those of all who wait.  What is seen
 * is of one snapshot, which is active until the next look or the end.
 */
extern void call_look(Call *call, bool all);
extern void call_look_away(Call *call);

/* How a claim of the member stands. */
extern State call_state(const Call *call, const Claim *claim, int64 *since);

/* The member's claim with the ref of the call; the newest of theirs, of live ones if so; NULL if there is none. */
extern const Claim *call_with_ref(const Call *call);
extern const Claim *call_newest(const Call *call, bool live);

/* Have a unit locked since before what was looked at last; false: it is locked now, look again. */
extern bool call_has_locked(Call *call, int32 unit, int64 *claim, int64 *free);

/* Whether the member may claim at the instant of the call. */
extern bool call_is_for_member(Call *call);

/* End it with an answer: how that claim stands, or other words. */
extern Datum call_answer_claim(Call *call, const Claim *claim);
extern Datum call_answer(Call *call, const char *state, int64 until, int64 place);

/* A customer's key in the type of the desk's, from an argument that is not NULL. */
extern Datum customer_from_arg(FunctionCallInfo fcinfo, int arg, const Desk *desk);

/* As the text that it is shown as. */
extern char *customer_as_text(const Desk *desk, Datum customer);

/* The caller lacks that right on a relation of the desk's: 42501. */
extern void must_have_right(const Desk *desk, Oid relid, AclMode right);

#endif							/* LOYALTY_DEAL_CALL_H */
