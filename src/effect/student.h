/*
 * student.h
 *		Student's distribution, and the normal one.  Without a server.
 */
#ifndef LOYALTY_STUDENT_H
#define LOYALTY_STUDENT_H

/* P(|T| > t) for t >= 0; df > 0, infinity for the normal distribution. */
extern double student_p(double t, double df);

/* t with P(|T| <= t) = level, 0 < level < 1; infinity if no double is as large. */
extern double student_quantile(double level, double df);

/* z with P(Z <= z) = p, 0 < p < 1. */
extern double normal_quantile(double p);

#endif							/* LOYALTY_STUDENT_H */
