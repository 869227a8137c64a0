/*
 * course.c
 *		How sums run over a row of positions.
 *
 * Positions stand in blocks, over which there is a tree.  As long as nobody
 * asks, only what is added is noted, where it is.
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
	RESERVE(fold, course, sums, npositions * nmetrics);
	RESERVE(fold, course, ends, npositions);
	RESERVE(fold, course, flags, npositions);
	RESERVE(fold, course, adds, npositions);
	memset(course->sums, 0, (size_t) npositions * nmetrics * sizeof(int128));
	memset(course->ends, 0, npositions * sizeof(int));
	memset(course->flags, 0, npositions);
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
		CourseNode *node = &course->nodes[(course->leaves + block) * course->nmetrics + m];

		node->most = node->adding = SUM_LEAST;
		node->least = SUM_MOST;
		for (int k = from; k < until; k++)
		{
			int128		sum = course->sums[k * course->nmetrics + m];

			if (course->flags[k] & COURSE_LOOK)
			{
				node->most = Max(node->most, sum);
				if (course->adds[k] & (1 << m))
					node->adding = Max(node->adding, sum);
			}
			if (course->flags[k] & COURSE_LOW)
				node->least = Min(node->least, sum);
		}
		node->most += node->added;
		node->adding += node->added;
		node->least += node->added;
	}
}

static void
look_at_node(Course *course, int n)
{
	for (int m = 0; m < course->nmetrics; m++)
	{
		CourseNode *node = &course->nodes[n * course->nmetrics + m];
		const CourseNode *left = &course->nodes[n * 2 * course->nmetrics + m];
		const CourseNode *right = left + course->nmetrics;

		node->most = Max(left->most, right->most) + node->added;
		node->adding = Max(left->adding, right->adding) + node->added;
		node->least = Min(left->least, right->least) + node->added;
	}
}

void
course_sum(Fold *fold, Course *course)
{
	int			m = course->nmetrics;
	int			blocks = (course->npositions + BLOCK - 1) / BLOCK;

	if (course->summed)
		return;
	course->summed = true;

	/* what is added counts until it ends */
	RESERVE(fold, course, spare, (course->npositions + 1) * m);
	memset(course->spare, 0, (size_t) (course->npositions + 1) * m * sizeof(int128));
	for (int k = 0; k < course->npositions; k++)
	{
		for (int i = 0; i < m && course->ends[k] > 0; i++)
			course->spare[course->ends[k] * m + i] -= course->sums[k * m + i];
	}
	for (int k = 0; k < course->npositions; k++)
	{
		for (int i = 0; i < m; i++)
			course->sums[k * m + i] += course->spare[k * m + i] + (k > 0 ? course->sums[(k - 1) * m + i] : 0);
	}

	for (course->leaves = 1; course->leaves < blocks; course->leaves *= 2)
		;
	RESERVE(fold, course, nodes, course->leaves * 2 * m);
	for (int k = 0; k < course->leaves * 2 * m; k++)
		course->nodes[k] = (CourseNode) {0, SUM_LEAST, SUM_LEAST, SUM_MOST};
	for (int b = 0; b < blocks; b++)
		look_at_block(course, b);
	for (int n = course->leaves - 1; n > 0; n--)
		look_at_node(course, n);
}

/* Something has changed in a block. */
static void
look_up_from(Course *course, int block)
{
	look_at_block(course, block);
	for (int n = (course->leaves + block) / 2; n > 0; n /= 2)
		look_at_node(course, n);
}

/* Add to part of a block. */
static void
add_to_block(Course *course, int from, int until, const int128 *values)
{
	for (int k = from; k < until; k++)
	{
		for (int m = 0; m < course->nmetrics; m++)
			course->sums[k * course->nmetrics + m] += values[m];
	}
	look_up_from(course, from / BLOCK);
}

static void
add_to_node(Course *course, int n, const int128 *values)
{
	for (int m = 0; m < course->nmetrics; m++)
	{
		CourseNode *node = &course->nodes[n * course->nmetrics + m];

		node->added += values[m];
		node->most += values[m];
		node->adding += values[m];
		node->least += values[m];
	}
}

/* Add to whole blocks. */
static void
add_to_blocks(Course *course, int from, int until, const int128 *values)
{
	int			left = course->leaves + from;
	int			right = course->leaves + until;

	if (from >= until)
		return;
	for (; left < right; left /= 2, right /= 2)
	{
		if (left % 2 == 1)
			add_to_node(course, left++, values);
		if (right % 2 == 1)
			add_to_node(course, --right, values);
	}
	for (int n = (course->leaves + from) / 2; n > 0; n /= 2)
		look_at_node(course, n);
	for (int n = (course->leaves + until - 1) / 2; n > 0; n /= 2)
		look_at_node(course, n);
}

void
course_add(Course *course, int at, int until, const int128 *values)
{
	int			first = (at + BLOCK - 1) / BLOCK;
	int			last = until / BLOCK;

	if (!course->summed)
	{
		for (int m = 0; m < course->nmetrics; m++)
			course->sums[at * course->nmetrics + m] += values[m];
		course->ends[at] = until;
		return;
	}
	if (first > last)
	{
		add_to_block(course, at, until, values);
		return;
	}
	if (at < first * BLOCK)
		add_to_block(course, at, first * BLOCK, values);
	if (last * BLOCK < until)
		add_to_block(course, last * BLOCK, until, values);
	add_to_blocks(course, first, last, values);
}

void
course_flag(Course *course, int at, uint8 flags, uint16 adds)
{
	if (course->flags[at] == flags && (!(flags & COURSE_LOOK) || course->adds[at] == adds))
		return;
	course->flags[at] = flags;
	course->adds[at] = adds;
	if (course->summed)
		look_up_from(course, at / BLOCK);
}

void
course_at(const Course *course, int at, int128 *sums)
{
	memcpy(sums, &course->sums[at * course->nmetrics], course->nmetrics * sizeof(int128));
	for (int n = course->leaves + at / BLOCK; n > 0; n /= 2)
	{
		for (int m = 0; m < course->nmetrics; m++)
			sums[m] += course->nodes[n * course->nmetrics + m].added;
	}
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
is_at(const Search *s, int k, const int128 *above)
{
	const Course *course = s->course;
	int128		sums[PROGRAM_MAX_METRICS];

	if (course->flags[k] == 0)
		return false;
	for (int m = 0; m < course->nmetrics; m++)
		sums[m] = course->sums[k * course->nmetrics + m] + above[m];
	return s->test->at(s->test, sums, course->flags[k], course->adds[k]);
}

static int
find_in_block(const Search *s, int block, const int128 *above)
{
	int			from = Max(s->from, block * BLOCK);
	int			until = Min(s->until, (block + 1) * BLOCK);

	for (int k = from; k < until && !s->last; k++)
	{
		if (is_at(s, k, above))
			return k;
	}
	for (int k = until - 1; k >= from && s->last; k--)
	{
		if (is_at(s, k, above))
			return k;
	}
	return NONE;
}

/* Below a node that stands over so many blocks from one on; `above` is what was added above it. */
static int
find_below(const Search *s, int n, int block, int blocks, const int128 *above)
{
	const CourseNode *node = &s->course->nodes[n * s->course->nmetrics];
	int128		most[PROGRAM_MAX_METRICS];
	int128		adding[PROGRAM_MAX_METRICS];
	int128		least[PROGRAM_MAX_METRICS];
	int128		below[PROGRAM_MAX_METRICS];
	int			k;

	if (s->until <= block * BLOCK || s->from >= (block + blocks) * BLOCK)
		return NONE;
	for (int m = 0; m < s->course->nmetrics; m++)
	{
		most[m] = node[m].most + above[m];
		adding[m] = node[m].adding + above[m];
		least[m] = node[m].least + above[m];
		below[m] = node[m].added + above[m];
	}
	if (!s->test->among(s->test, most, adding, least))
		return NONE;
	if (blocks == 1)
		return find_in_block(s, block, below);
	k = find_below(s, n * 2 + s->last, block + (s->last ? blocks / 2 : 0), blocks / 2, below);
	return k != NONE ? k : find_below(s, n * 2 + !s->last, block + (s->last ? 0 : blocks / 2), blocks / 2, below);
}

static int
find(const Course *course, int from, int until, const CourseTest *test, bool last)
{
	Search		s = {course, test, from, until, last};
	int128		nothing[PROGRAM_MAX_METRICS] = {0};

	Assert(course->summed);
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
