/*
 * sums.c
 *		Running sums over a list.
 *
 * Terms stand in blocks; a tree has a leaf for each block that is whole.
 */
#include "postgres.h"

#include "standing/fold.h"

#define BLOCK	16

#define SUM_MOST	((int128) (((uint128) -1) >> 1))
#define SUM_LEAST	(-SUM_MOST)

static const SumNode nothing = {0, SUM_LEAST, SUM_MOST};

void
sums_begin(Sums *sums)
{
	sums->nterms = sums->nnodes = sums->leaves = 0;
}

static SumNode
joined(const SumNode *a, const SumNode *b)
{
	SumNode		node = {a->sum + b->sum, a->most, a->least};

	if (b->most != SUM_LEAST)
	{
		node.most = Max(node.most, a->sum + b->most);
		node.least = Min(node.least, a->sum + b->least);
	}
	return node;
}

static SumNode
block_node(const Sums *sums, int block)
{
	SumNode		node = nothing;

	for (int k = block * BLOCK; k < (block + 1) * BLOCK; k++)
	{
		if (sums->terms[k] == SUMS_NOTHING)
			continue;
		node.sum += sums->terms[k];
		node.most = Max(node.most, node.sum);
		node.least = Min(node.least, node.sum);
	}
	return node;
}

/* A block is whole, or has changed. */
static void
set_block(Sums *sums, int block)
{
	int			n = sums->leaves + block;

	sums->nodes[n] = block_node(sums, block);
	for (n /= 2; n > 0; n /= 2)
		sums->nodes[n] = joined(&sums->nodes[n * 2], &sums->nodes[n * 2 + 1]);
}

/* A tree with twice the room. */
static void
enlarge(Fold *fold, Sums *sums)
{
	int			old = sums->leaves;

	sums->leaves = Max(old * 2, 4);
	RESERVE(fold, sums, nodes, sums->leaves * 2);
	sums->nnodes = sums->leaves * 2;
	for (int n = 0; n < old; n++)
		sums->nodes[sums->leaves + n] = sums->nodes[old + n];
	for (int n = old; n < sums->leaves; n++)
		sums->nodes[sums->leaves + n] = nothing;
	for (int n = sums->leaves - 1; n > 0; n--)
		sums->nodes[n] = joined(&sums->nodes[n * 2], &sums->nodes[n * 2 + 1]);
}

void
sums_append(Fold *fold, Sums *sums, int64 term)
{
	*PUSH_TO(fold, sums, terms) = term;
	if (sums->nterms % BLOCK != 0)
		return;
	if (sums->nterms / BLOCK > sums->leaves)
		enlarge(fold, sums);
	set_block(sums, sums->nterms / BLOCK - 1);
}

void
sums_set(Sums *sums, int k, int64 term)
{
	sums->terms[k] = term;
	if (k / BLOCK < sums->nterms / BLOCK)
		set_block(sums, k / BLOCK);
}

static int128
sum_terms(const Sums *sums, int from, int until)
{
	int128		sum = 0;

	for (int k = from; k < until; k++)
		sum += sums->terms[k] == SUMS_NOTHING ? 0 : sums->terms[k];
	return sum;
}

int128
sums_of(const Sums *sums, int from, int until)
{
	int			first = (from + BLOCK - 1) / BLOCK;
	int			last = until / BLOCK;
	int128		sum;

	if (first >= last)
		return sum_terms(sums, from, until);
	sum = sum_terms(sums, from, first * BLOCK) + sum_terms(sums, last * BLOCK, until);
	for (first += sums->leaves, last += sums->leaves; first < last; first /= 2, last /= 2)
	{
		if (first % 2 == 1)
			sum += sums->nodes[first++].sum;
		if (last % 2 == 1)
			sum += sums->nodes[--last].sum;
	}
	return sum;
}

static inline bool
passes(int128 sum, SumTest test, int128 bound)
{
	return test == SUM_ANY || (test == SUM_ABOVE ? sum > bound : sum <= bound);
}

static inline bool
some_pass(const SumNode *node, int128 sum, SumTest test, int128 bound)
{
	return node->most != SUM_LEAST && passes(sum + (test == SUM_NOT_ABOVE ? node->least : node->most), test, bound);
}

/* Look at terms one by one; `until` if none passes. */
static int
find_term(const Sums *sums, int from, int until, int128 *sum, SumTest test, int128 bound)
{
	for (int k = from; k < until; k++)
	{
		if (sums->terms[k] == SUMS_NOTHING)
			continue;
		if (passes(*sum + sums->terms[k], test, bound))
			return k;
		*sum += sums->terms[k];
	}
	return until;
}

/* The first whole block from one on in which a term passes; the number of whole ones if there is none. */
static int
find_block(const Sums *sums, int block, int128 *sum, SumTest test, int128 bound)
{
	int			n = sums->leaves + block;

	if (block >= sums->nterms / BLOCK)
		return block;
	for (;;)
	{
		while (n % 2 == 0 && n > 1)
			n /= 2;
		if (some_pass(&sums->nodes[n], *sum, test, bound))
			break;
		*sum += sums->nodes[n].sum;
		n++;
		/* the last of its row */
		if ((n & (n - 1)) == 0)
			return sums->nterms / BLOCK;
	}
	while (n < sums->leaves)
	{
		n *= 2;
		if (!some_pass(&sums->nodes[n], *sum, test, bound))
			*sum += sums->nodes[n++].sum;
	}
	return n - sums->leaves;
}

int
sums_find(const Sums *sums, int from, int until, int128 *sum, SumTest test, int128 bound)
{
	int			edge = Min(until, (from + BLOCK - 1) / BLOCK * BLOCK);
	int128		start = *sum;
	int			k = find_term(sums, from, edge, sum, test, bound);
	int			block;

	if (k < edge || edge == until)
		return k;
	block = find_block(sums, edge / BLOCK, sum, test, bound);
	if (block * BLOCK < until)
		return find_term(sums, block * BLOCK, until, sum, test, bound);
	*sum = start + sums_of(sums, from, until);
	return until;
}
