/*
 * rank.c
 *		Lots in an order.
 *
 * Most places come to a queue in their order, or in a few of them; others wait
 * in a heap.  A place is dropped when it is found first and holds no more.
 *
 * A ranking is a treap in the order of earning whose nodes know the least and the
 * greatest key below them.  Keys mostly rise in that order, so a range is found
 * along a few paths.
 */
#include "postgres.h"

#include "standing/fold.h"

bool
lot_before(const Fold *fold, int a, int b)
{
	const Lot  *x = &fold->points.lots[a];
	const Lot  *y = &fold->points.lots[b];
	int			c;

	if (x->earned_at != y->earned_at)
		return x->earned_at < y->earned_at;
	/* events of an instant and kind are in the order of their refs */
	if (x->event != y->event && x->kind == y->kind && x->kind != NONE)
		return x->event < y->event;
	c = x->event == y->event ? 0 : ref_compare(&fold->events[x->event], &fold->events[y->event]);
	return c != 0 ? c < 0 : a < b;
}

/* ---------------- queues ---------------- */

static inline bool
place_before(const Fold *fold, const Place *a, const Place *b)
{
	return a->key != b->key ? a->key < b->key : a->lot != b->lot && lot_before(fold, a->lot, b->lot);
}

void
queue_begin(Queue *queue)
{
	queue->nruns = queue->nheap = 0;
}

void
queue_push(Fold *fold, Queue *queue, int64 key, int lot)
{
	Place		place = {key, lot};
	int			i;

	for (int r = 0; r < QUEUE_RUNS; r++)
	{
		Run		   *run = &queue->runs[r];

		/* a new one, or all of it has gone: start over */
		if (r == queue->nruns || run->head == run->nplaces)
			run->head = run->nplaces = 0;
		queue->nruns = Max(queue->nruns, r + 1);
		if (run->nplaces == 0 || !place_before(fold, &place, &run->places[run->nplaces - 1]))
		{
			*PUSH_TO(fold, run, places) = place;
			return;
		}
	}
	PUSH_TO(fold, queue, heap);
	for (i = queue->nheap - 1; i > 0 && place_before(fold, &place, &queue->heap[(i - 1) / 2]); i = (i - 1) / 2)
		queue->heap[i] = queue->heap[(i - 1) / 2];
	queue->heap[i] = place;
}

static void
heap_shift(const Fold *fold, Queue *queue)
{
	Place		last = queue->heap[--queue->nheap];
	int			i = 0;

	for (;;)
	{
		int			next = i * 2 + 1;

		if (next + 1 < queue->nheap && place_before(fold, &queue->heap[next + 1], &queue->heap[next]))
			next++;
		if (next >= queue->nheap || !place_before(fold, &queue->heap[next], &last))
			break;
		queue->heap[i] = queue->heap[next];
		i = next;
	}
	queue->heap[i] = last;
}

/* The first place of all; NULL.  It is in that run, or in the heap (NULL). */
static inline const Place *
find_first(const Fold *fold, Queue *queue, Run **in)
{
	const Place *first = queue->nheap > 0 ? &queue->heap[0] : NULL;

	/* mostly all came in one order */
	if (likely(queue->nruns <= 1 && first == NULL))
	{
		*in = &queue->runs[0];
		return queue->nruns == 1 && (*in)->head < (*in)->nplaces ? &(*in)->places[(*in)->head] : NULL;
	}
	*in = NULL;
	for (int r = 0; r < queue->nruns; r++)
	{
		Run		   *run = &queue->runs[r];

		if (run->head == run->nplaces || (first != NULL && !place_before(fold, &run->places[run->head], first)))
			continue;
		first = &run->places[run->head];
		*in = run;
	}
	return first;
}

const Place *
queue_first(Fold *fold, Queue *queue, place_holds_fn holds, int arg)
{
	Run		   *in;

	for (int r = 0; r < queue->nruns; r++)
	{
		Run		   *run = &queue->runs[r];

		while (run->head < run->nplaces && !holds(fold, &run->places[run->head], arg))
			run->head++;
	}
	while (queue->nheap > 0 && !holds(fold, &queue->heap[0], arg))
		heap_shift(fold, queue);
	return find_first(fold, queue, &in);
}

void
queue_shift(Fold *fold, Queue *queue)
{
	Run		   *in;

	(void) find_first(fold, queue, &in);
	if (in)
		in->head++;
	else
		heap_shift(fold, queue);
}

const Place *
queue_each(const Queue *queue, QueueCursor *cursor)
{
	for (; cursor->run < queue->nruns; *cursor = (QueueCursor) {cursor->run + 1, 0})
	{
		const Run  *run = &queue->runs[cursor->run];

		if (run->head + cursor->place < run->nplaces)
			return &run->places[run->head + cursor->place++];
	}
	return cursor->place < queue->nheap ? &queue->heap[cursor->place++] : NULL;
}

/* ---------------- rankings ---------------- */

void
ranking_begin(Ranking *ranking, bool bounded)
{
	ranking->nnodes = 0;
	ranking->root = ranking->last = NONE;
	ranking->bounded = bounded;
}

/* Priorities are the lots' numbers, scattered. */
static inline uint32
priority(int lot)
{
	uint32		h = (uint32) lot;

	h = (h ^ h >> 16) * 0x45d9f3bU;
	h = (h ^ h >> 16) * 0x45d9f3bU;
	return h ^ h >> 16;
}

/* Work out what a node knows; false if it knew. */
static bool
learn(Ranking *ranking, int n)
{
	RankNode   *node = &ranking->nodes[n];
	bool		news = false;

	for (int g = 0; g < RANK_GROUPS; g++)
	{
		int64		least = node->groups & RANK_BIT(g) ? node->key : PG_INT64_MAX;

		if (node->left != NONE)
			least = Min(least, ranking->nodes[node->left].least[g]);
		if (node->right != NONE)
			least = Min(least, ranking->nodes[node->right].least[g]);
		news |= least != node->least[g];
		node->least[g] = least;
	}
	if (ranking->bounded)
	{
		int64		greatest = node->groups ? node->key : PG_INT64_MIN;

		if (node->left != NONE)
			greatest = Max(greatest, ranking->nodes[node->left].greatest);
		if (node->right != NONE)
			greatest = Max(greatest, ranking->nodes[node->right].greatest);
		news |= greatest != node->greatest;
		node->greatest = greatest;
	}
	return news;
}

static void
replace_child(Ranking *ranking, int parent, int child, int by)
{
	if (parent == NONE)
		ranking->root = by;
	else if (ranking->nodes[parent].left == child)
		ranking->nodes[parent].left = by;
	else
		ranking->nodes[parent].right = by;
	if (by != NONE)
		ranking->nodes[by].parent = parent;
}

/* Lift a node above its parent. */
static void
lift(Ranking *ranking, int n)
{
	RankNode   *nodes = ranking->nodes;
	int			p = nodes[n].parent;
	int			middle;

	replace_child(ranking, nodes[p].parent, p, n);
	if (nodes[p].left == n)
	{
		middle = nodes[n].right;
		nodes[p].left = middle;
		nodes[n].right = p;
	}
	else
	{
		middle = nodes[n].left;
		nodes[p].right = middle;
		nodes[n].left = p;
	}
	if (middle != NONE)
		nodes[middle].parent = p;
	nodes[p].parent = n;
	learn(ranking, p);
}

/* Hang a new node where it belongs. */
static void
hang(Fold *fold, Ranking *ranking, int n)
{
	RankNode   *nodes = ranking->nodes;
	int			p = ranking->last;

	nodes[n].left = nodes[n].right = nodes[n].parent = NONE;
	nodes[n].placed = true;
	if (p == NONE || lot_before(fold, p, n))
	{
		/* after all others */
		nodes[n].parent = p;
		if (p != NONE)
			nodes[p].right = n;
		else
			ranking->root = n;
		ranking->last = n;
	}
	else
	{
		int			at = ranking->root;

		while (at != NONE)
		{
			p = at;
			at = lot_before(fold, n, p) ? nodes[p].left : nodes[p].right;
		}
		if (lot_before(fold, n, p))
			nodes[p].left = n;
		else
			nodes[p].right = n;
		nodes[n].parent = p;
	}
	while (nodes[n].parent != NONE && priority(n) > priority(nodes[n].parent))
		lift(ranking, n);
}

void
ranking_set(Fold *fold, Ranking *ranking, int lot, int64 key, int groups)
{
	RankNode   *node;

	/* the greatest number stands for none */
	key = Min(key, PG_INT64_MAX - 1);
	if (lot >= ranking->nnodes)
	{
		if (groups == 0)
			return;
		RESERVE(fold, ranking, nodes, lot + 1);
		memset(&ranking->nodes[ranking->nnodes], 0, (lot + 1 - ranking->nnodes) * sizeof(RankNode));
		ranking->nnodes = lot + 1;
	}
	node = &ranking->nodes[lot];
	if (!node->placed)
	{
		if (groups == 0)
			return;
		for (int g = 0; g < RANK_GROUPS; g++)
			node->least[g] = PG_INT64_MAX;
		node->greatest = ranking->bounded ? PG_INT64_MIN : PG_INT64_MAX;
		hang(fold, ranking, lot);
	}
	else if (node->key == key && node->groups == groups)
		return;
	node->key = key;
	node->groups = (uint8) groups;
	while (lot != NONE && learn(ranking, lot))
		lot = ranking->nodes[lot].parent;
}

void
ranking_drop(Ranking *ranking, int lot)
{
	if (!ranking_has(ranking, lot))
		return;
	ranking->nodes[lot].groups = 0;
	while (lot != NONE && learn(ranking, lot))
		lot = ranking->nodes[lot].parent;
}

int64
ranking_least(const Ranking *ranking, RankGroup group)
{
	return ranking->root == NONE ? PG_INT64_MAX : ranking->nodes[ranking->root].least[group];
}

/* The least below a node from some number on, if it is less than another. */
static int64
least_below(const Ranking *ranking, int n, RankGroup group, int64 from, int64 least)
{
	while (n != NONE)
	{
		const RankNode *node = &ranking->nodes[n];

		if (node->greatest < from || node->least[group] >= least)
			break;
		if (node->least[group] >= from)
			return node->least[group];
		least = least_below(ranking, node->left, group, from, least);
		if ((node->groups & RANK_BIT(group)) && node->key >= from)
			least = Min(least, node->key);
		n = node->right;
	}
	return least;
}

int64
ranking_least_from(const Ranking *ranking, RankGroup group, int64 from)
{
	Assert(ranking->bounded);
	return least_below(ranking, ranking->root, group, from, PG_INT64_MAX);
}

/* The first below a node that is in a range. */
static int
first_below(const Ranking *ranking, int n, RankGroup group, int64 from, int64 most)
{
	while (n != NONE)
	{
		const RankNode *node = &ranking->nodes[n];
		int			first;

		if (node->least[group] > most || node->greatest < from)
			break;
		first = first_below(ranking, node->left, group, from, most);
		if (first != NONE)
			return first;
		if ((node->groups & RANK_BIT(group)) && node->key >= from && node->key <= most)
			return n;
		n = node->right;
	}
	return NONE;
}

int
ranking_first(const Ranking *ranking, RankGroup group, int64 from, int64 most)
{
	return first_below(ranking, ranking->root, group, from, Min(most, PG_INT64_MAX - 1));
}
