/*
 * course.h
 *		How sums run over a row of positions: what is added at one counts up to
 *		another, and one may ask where they first or last are like this or that.
 */
#ifndef LOYALTY_COURSE_H
#define LOYALTY_COURSE_H

#include "standing/vector.h"

/* What a position is to be asked about. */
#define COURSE_LOOK	0x01		/* its sums */
#define COURSE_LOW	0x02		/* whether they are low */

/* What is known of some positions, by metric: sums run from the first of them. */
typedef struct CourseNode
{
	int128		sum;			/* over all of them */
	int128		most;			/* of the sums to look at ... */
	int128		adding;			/* ... of those of them that add to the metric */
	int128		least;			/* of those that may be low */
} CourseNode;

typedef struct Course
{
	int			npositions;
	int			nmetrics;
	VECTOR(int128, added);		/* position x metric: what begins to count there, less what ends */
	VECTOR(uint8, flags);
	VECTOR(uint16, adds);		/* bit per metric that adds */
	bool		summed;			/* there is a tree */
	VECTOR(CourseNode, nodes);	/* node x metric: a tree over blocks of positions ... */
	int			leaves;			/* ... of which there are so many, a power of 2 */
	VECTOR(int, changed);		/* blocks that are other than the tree knows ... */
	VECTOR(bool, is_changed);	/* ... by block */
} Course;

/* What is looked for: might it be among some, and is it at one? */
typedef struct CourseTest
{
	bool		(*among) (const struct CourseTest *test, const int128 *most, const int128 *adding, const int128 *least);
	bool		(*at) (const struct CourseTest *test, const int128 *sums, uint8 flags, uint16 adds);
} CourseTest;

extern void course_begin(Fold *fold, Course *course, int npositions, int nmetrics);
/* Add at a position what counts up to another. */
extern void course_add(Fold *fold, Course *course, int at, int until, const int128 *values);
extern void course_flag(Fold *fold, Course *course, int at, uint8 flags, uint16 adds);
/* Before one asks, after the last change. */
extern void course_sum(Fold *fold, Course *course);
extern void course_at(const Course *course, int at, int128 *sums);
/* The first, or the last, from one up to another, which is excluded; NONE. */
extern int	course_first(const Course *course, int from, int until, const CourseTest *test);
extern int	course_last(const Course *course, int from, int until, const CourseTest *test);

#endif							/* LOYALTY_COURSE_H */
