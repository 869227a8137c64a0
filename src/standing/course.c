/*
 * course.c
 *		How sums run over a row of positions.
 *
 * Positions stand in blocks, over which there is a tree.  What is added is noted
 * where it begins to count and where it ends; the tree is brought up to that when
 * somebody asks, which few events make one do.
 */
#include "postgres.h"

#include "standing/fold.h"

#define BLOCK	16

#define SUM_MOST	((int128) (((uint128) -1) >> 2))
#define SUM_LEAST	(-SUM_MOST)

void
course_begin(Fold *fold, Course *course, int npositions, int nmetrics)
{
	course->npositions = npositions;
	course->nmetrics = nmetrics;
	course->summed = false;
	course->nchanged = 0;
	RESERVE(fold, course, added, npositions * nmetrics);
	RESERVE(fold, course, flags, npositions);
	RESERVE(fold, course, adds, npositions);
	memset(course->added, 0, (size_t) npositions * nmetrics * sizeof(int128));
	memset(course->flags, 0, npositions);
}

/* ---------------- what changes ---------------- */

/* Something has changed at a position. */
static void
note_change(Fold *fold, Course *course, int at)
{
	int			block = at / BLOCK;

	if (!course->summed || course->is_changed[block])
		return;
	course->is_changed[block] = true;
	*PUSH_TO(fold, course, changed) = block;
}

void
course_add(Fold *fold, Course *course, int at, int until, const int128 *values)
{
	int			n = course->nmetrics;

	if (until <= at)
		return;
	for (int m = 0; m < n; m++)
		course->added[at * n + m] += values[m];
	note_change(fold, course, at);
	if (until >= course->npositions)
		return;
	for (int m = 0; m < n; m++)
		course->added[until * n + m] -= values[m];
	note_change(fold, course, until);
}

void
course_flag(Fold *fold, Course *course, int at, uint8 flags, uint16 adds)
{
	if (course->flags[at] == flags && (!(flags & COURSE_LOOK) || course->adds[at] == adds))
		return;
	course->flags[at] = flags;
	course->adds[at] = adds;
	note_change(fold, course, at);
}

/* ---------------- the tree ---------------- */

/* What is known of a block. */
static void
look_at_block(Course *course, int block)
{
	int			from = block * BLOCK;
	int			until = Min(from + BLOCK, course->npositions);

	for (int m = 0; m < course->nmetrics; m++)
	{
		CourseNode	node = {0, SUM_LEAST, SUM_LEAST, SUM_MOST};

		for (int k = from; k < until; k++)
		{
			node.sum += course->added[k * course->nmetrics + m];
			if (course->flags[k] & COURSE_LOOK)
			{
				node.most = Max(node.most, node.sum);
				if (course->adds[k] & (1 << m))
					node.adding = Max(node.adding, node.sum);
			}
			if (course->flags[k] & COURSE_LOW)
				node.least = Min(node.least, node.sum);
		}
		course->nodes[(course->leaves + block) * course->nmetrics + m] = node;
	}
}

/* What is known of two nodes together. */
static void
look_at_node(Course *course, int n)
{
	for (int m = 0; m < course->nmetrics; m++)
	{
		CourseNode *node = &course->nodes[n * course->nmetrics + m];
		const CourseNode *left = &course->nodes[n * 2 * course->nmetrics + m];
		const CourseNode *right = left + course->nmetrics;

		node->sum = left->sum + right->sum;
		node->most = Max(left->most, left->sum + right->most);
		node->adding = Max(left->adding, left->sum + right->adding);
		node->least = Min(left->least, left->sum + right->least);
	}
}

static void
build(Fold *fold, Course *course)
{
	int			blocks = (course->npositions + BLOCK - 1) / BLOCK;

	for (course->leaves = 1; course->leaves < blocks; course->leaves *= 2)
		;
	RESERVE(fold, course, nodes, course->leaves * 2 * course->nmetrics);
	RESERVE(fold, course, is_changed, blocks);
	memset(course->is_changed, 0, blocks * sizeof(bool));
	/* beyond the last position a block is empty */
	for (int b = 0; b < course->leaves; b++)
		look_at_block(course, b);
	for (int n = course->leaves - 1; n > 0; n--)
		look_at_node(course, n);
	course->summed = true;
}

void
course_sum(Fold *fold, Course *course)
{
	int			n = course->nchanged;

	if (!course->summed)
	{
		build(fold, course);
		return;
	}
	for (int i = 0; i < n; i++)
	{
		look_at_block(course, course->changed[i]);
		course->is_changed[course->changed[i]] = false;
		course->changed[i] += course->leaves;
	}
	/* level by level; most that follow each other have the same node above them */
	for (int width = course->leaves; width > 1 && n > 0; width /= 2)
	{
		int			above = 0;

		for (int i = 0; i < n; i++)
		{
			int			node = course->changed[i] / 2;

			if (above > 0 && course->changed[above - 1] == node)
				continue;
			look_at_node(course, node);
			course->changed[above++] = node;
		}
		n = above;
	}
	course->nchanged = 0;
}

/* The sums at a block's positions, up to one; `sums` is what comes before the block, and then the last of them. */
static void
run_through(const Course *course, int block, int until, int128 *sums, int128 *all)
{
	int			n = course->nmetrics;

	for (int k = block * BLOCK; k < until; k++)
	{
		for (int m = 0; m < n; m++)
		{
			sums[m] += course->added[k * n + m];
			if (all)
				all[(k - block * BLOCK) * n + m] = sums[m];
		}
	}
}

void
course_at(const Course *course, int at, int128 *sums)
{
	Assert(course->summed && course->nchanged == 0);
	memset(sums, 0, course->nmetrics * sizeof(int128));
	for (int n = course->leaves + at / BLOCK; n > 1; n /= 2)
	{
		for (int m = 0; m < course->nmetrics && n % 2 == 1; m++)
			sums[m] += course->nodes[(n - 1) * course->nmetrics + m].sum;
	}
	run_through(course, at / BLOCK, at + 1, sums, NULL);
}

/* ---------------- finding ---------------- */

/* What is looked for, and where. */
typedef struct Search
{
	const Course *course;
	const CourseTest *test;
	int			from;
	int			until;
	bool		last;
} Search;

static bool
is_at(const Search *s, int k, const int128 *sums)
{
	return s->course->flags[k] != 0 && s->test->at(s->test, sums, s->course->flags[k], s->course->adds[k]);
}

static int
find_in_block(const Search *s, int block, const int128 *before)
{
	int			n = s->course->nmetrics;
	int			from = Max(s->from, block * BLOCK);
	int			until = Min(s->until, (block + 1) * BLOCK);
	int128		all[BLOCK * PROGRAM_MAX_METRICS];
	int128		sums[PROGRAM_MAX_METRICS];

	memcpy(sums, before, n * sizeof(int128));
	run_through(s->course, block, until, sums, all);
	for (int k = from; k < until && !s->last; k++)
	{
		if (is_at(s, k, &all[(k - block * BLOCK) * n]))
			return k;
	}
	for (int k = until - 1; k >= from && s->last; k--)
	{
		if (is_at(s, k, &all[(k - block * BLOCK) * n]))
			return k;
	}
	return NONE;
}

/* Below a node that stands over so many blocks from one on; `before` is the sum of what comes before it. */
static int
find_below(const Search *s, int n, int block, int blocks, const int128 *before)
{
	int			metrics = s->course->nmetrics;
	const CourseNode *node = &s->course->nodes[n * metrics];
	int128		most[PROGRAM_MAX_METRICS];
	int128		adding[PROGRAM_MAX_METRICS];
	int128		least[PROGRAM_MAX_METRICS];
	int128		right[PROGRAM_MAX_METRICS];
	int			half = blocks / 2;
	int			k;

	if (s->until <= block * BLOCK || s->from >= (block + blocks) * BLOCK)
		return NONE;
	for (int m = 0; m < metrics; m++)
	{
		/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): there are as many of each */
		most[m] = node[m].most + before[m];
		adding[m] = node[m].adding + before[m];
		least[m] = node[m].least + before[m];
	}
	if (!s->test->among(s->test, most, adding, least))
		return NONE;
	if (blocks == 1)
		return find_in_block(s, block, before);
	for (int m = 0; m < metrics; m++)
		right[m] = s->course->nodes[n * 2 * metrics + m].sum + before[m];
	if (s->last)
	{
		k = find_below(s, n * 2 + 1, block + half, half, right);
		return k != NONE ? k : find_below(s, n * 2, block, half, before);
	}
	k = find_below(s, n * 2, block, half, before);
	return k != NONE ? k : find_below(s, n * 2 + 1, block + half, half, right);
}

static int
find(const Course *course, int from, int until, const CourseTest *test, bool last)
{
	Search		s = {course, test, from, until, last};
	int128		nothing[PROGRAM_MAX_METRICS] = {0};

	Assert(course->summed && course->nchanged == 0);
	return from < until ? find_below(&s, 1, 0, course->leaves, nothing) : NONE;
}

int
course_first(const Course *course, int from, int until, const CourseTest *test)
{
	return find(course, from, until, test, false);
}

int
course_last(const Course *course, int from, int until, const CourseTest *test)
{
	return find(course, from, until, test, true);
}
