/*
 * newton.h
 *		The maximum of a smooth function of a few positive parameters.
 */
#ifndef LOYALTY_NEWTON_H
#define LOYALTY_NEWTON_H

#include <stdbool.h>

#define NEWTON_MOST		4		/* parameters */

/* a value with its first and second derivatives */
typedef struct Slope
{
	double		value;
	double		gradient[NEWTON_MOST];
	double		hessian[NEWTON_MOST][NEWTON_MOST];	/* symmetric */
} Slope;

/* The function at a place: fills in a slope that is all 0. */
typedef void (*newton_function) (const double *parameters, Slope *slope, void *arg);

/* parameters are looked for between these */
#define NEWTON_LEAST	1e-6
#define NEWTON_LARGEST	1e6

typedef struct Maximum
{
	bool		found;
	double		value;			/* of the function */
	double		covariance[NEWTON_MOST][NEWTON_MOST];	/* of the parameters' logarithms: minus the inverse Hessian */
} Maximum;

/*
 * Newton's method in the logarithms of the parameters, each step kept within
 * a region in which the quadratic model has proved to be right.  The maximum
 * is found when minus the Hessian is positive definite and a step would gain
 * no more than 1e-10; it is not if that takes too many steps or a parameter
 * runs to its bound.  `parameters` is where it starts and where it ended.
 */
extern void newton_maximize(int n, double *parameters, newton_function function, void *arg,
							Maximum *maximum);

/* The inverse of a symmetric matrix; false if it is not positive definite. */
extern bool invert_definite(int n, double matrix[NEWTON_MOST][NEWTON_MOST],
							double inverse[NEWTON_MOST][NEWTON_MOST]);

#endif							/* LOYALTY_NEWTON_H */
