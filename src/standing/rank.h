/*
 * rank.h
 *		Lots in an order: which comes first?
 *
 * Lots have an order of their own, that of their earning (ties by ref, then as
 * they were made).  A queue has the lots by a key that stays, ties by that
 * order.  A ranking finds the first lot, in that order, of those whose key is
 * in a range: for keys that many lots come to share, and for lots that come and
 * go.
 */
#ifndef LOYALTY_RANK_H
#define LOYALTY_RANK_H

#include "standing/vector.h"

/* Does lot a come before lot b in the order of earning? */
extern bool lot_before(const Fold *fold, int a, int b);

typedef struct Place
{
	int64		key;
	int			lot;
} Place;

/* Places that came in their order, from `head` on. */
typedef struct Run
{
	VECTOR(Place, places);
	int			head;
} Run;

/*
 * A few such, for lots of different rules mostly come each in their order, the
 * one with the latest last; and a heap of places that came in no order.
 */
#define QUEUE_RUNS 4

typedef struct Queue
{
	Run			runs[QUEUE_RUNS];
	int			nruns;			/* of these are in use */
	VECTOR(Place, heap);
} Queue;

/* What a place in a queue is still worth. */
typedef bool (*place_holds_fn) (const Fold *fold, const Place *place, int arg);

extern void queue_begin(Queue *queue);
extern void queue_push(Fold *fold, Queue *queue, int64 key, int lot);
/* The first place that still holds, NULL if none does; those before it are dropped. */
extern const Place *queue_first(Fold *fold, Queue *queue, place_holds_fn holds, int arg);
/* Drop the first place. */
extern void queue_shift(Fold *fold, Queue *queue);

/* All places of a queue, in no order: those from one on; NULL after the last.  Begin with {0, 0}. */
typedef struct QueueCursor
{
	int			run;			/* after the last comes the heap */
	int			place;
} QueueCursor;

extern const Place *queue_each(const Queue *queue, QueueCursor *cursor);

/* The groups of lots among which one may look; a lot may be in several. */
typedef enum RankGroup { RANK_LIVE, RANK_OPEN, RANK_PENDING } RankGroup;
#define RANK_GROUPS 3
#define RANK_BIT(group) (1 << (group))

/* A lot's node in a treap; nothing of it counts while it is in no group. */
typedef struct RankNode
{
	int64		key;
	int64		least[RANK_GROUPS]; /* key in the subtree; PG_INT64_MAX if none */
	int64		greatest;		/* of the lots there that are in a group; PG_INT64_MAX if nobody asks */
	int			parent;
	int			left;
	int			right;
	uint8		groups;			/* bit per group */
	bool		placed;			/* in the tree */
} RankNode;

typedef struct Ranking
{
	VECTOR(RankNode, nodes);	/* by lot */
	int			root;			/* NONE */
	int			last;			/* lot in the order of earning */
	bool		bounded;		/* one asks for keys from some number on */
} Ranking;

extern void ranking_begin(Ranking *ranking, bool bounded);
/* Give a lot its key and groups, new ones or others than it had. */
extern void ranking_set(Fold *fold, Ranking *ranking, int lot, int64 key, int groups);
/* Take it out of all groups. */
extern void ranking_drop(Ranking *ranking, int lot);
/* The least key in a group, and the least from some number on; PG_INT64_MAX if there is none. */
extern int64 ranking_least(const Ranking *ranking, RankGroup group);
extern int64 ranking_least_from(const Ranking *ranking, RankGroup group, int64 from);
/* The first lot of a group, in the order of earning, whose key is in that range; NONE. */
extern int	ranking_first(const Ranking *ranking, RankGroup group, int64 from, int64 most);

static inline bool
ranking_has(const Ranking *ranking, int lot)
{
	return lot < ranking->nnodes && ranking->nodes[lot].groups != 0;
}

#endif							/* LOYALTY_RANK_H */
