/*
 * ranking.h
 *		A ranking: the numbers of all customers, lowest first, equal ones
 *		counted together.
 *
 * It is no document type (document/document.h): an aggregate writes it, for
 * populations of any size, and nobody edits it; as text it would be several
 * times as large, and be read again by every session.  It has a dense form of
 * its own, and the functions that are asked row by row read it once for each
 * call site (document/site.h).
 *
 * Stored form: the head of a stamped value; the number of distinct values; how
 * many trailing zeros their millionths have in common; then for each value its
 * distance from the one before, less 1, times 2, and 1 more if several have it,
 * followed in that case by their number less 2.  The first stands for itself,
 * its sign in the lowest bit.  All numbers are base-128 integers.
 */
#ifndef LOYALTY_RANKING_H
#define LOYALTY_RANKING_H

#include "base/decimal.h"
#include "document/type.h"

#include "fmgr.h"

#define RANKING_VERSION	1
#define RANKING_OPEN	0xFF	/* running state of the aggregate, see state.c */

/* So many customers are ranked: sums of their squares stay within 128 bits. */
#define RANKING_MAX		PG_INT32_MAX
#define RANKING_CHECK	65536	/* values between two looks whether to go on */

typedef struct Ranking
{
	uint32		n;				/* distinct values */
	uint32		customers;
	Decimal    *values;			/* ascending */
	uint32	   *counts;			/* who has each, >= 1 */
} Ranking;

/* packed.c: the stored form, and back; an error if it is none */
extern struct varlena *ranking_pack(const Ranking *ranking);
extern void ranking_unpack(Ranking *ranking, const uint8 *bytes, size_t len);
extern void ranking_open(Ranking *ranking, Datum value);
loyalty_compat_noreturn extern void ranking_too_large(void);

/* sort.c: values in any order to those of a ranking, in place */
extern void ranking_sort(Ranking *ranking, Decimal *values, size_t n);

/* merge.c: rankings, at least one, to a single one, which stands at the place of the first; the others are gone */
extern void ranking_merge(Ranking *rankings, size_t n);
extern void ranking_free(Ranking *ranking);

/* state.c: whatever may stand in an aggregate, in the stored form */
extern Datum ranking_normalize(Datum value);

/* value.c */
extern const SqlType ranking_type;

/* ---------------- ranked.c: what accessors ask, from one reading ---------------- */

typedef struct Ranked
{
	Ranking		ranking;
	uint32	   *below;			/* customers below each value, and below none */
	int128	   *sums;			/* of their values; NULL until asked for */
	int128		gains;			/* of the values above 0 */
	MemoryContext context;

	/* the limits that classes were asked for by last, and from which value on a customer has passed each */
	struct varlena *limits;
	Decimal    *passed;
	int			nlimits;
} Ranked;

/* The ranking of an argument. */
extern Ranked *ranked_arg(FunctionCallInfo fcinfo, int arg);

/* How many have less than a value, and how many have more; `above`: it is a little more than that. */
extern uint32 ranked_below(const Ranked *ranked, Decimal value, bool above);
extern uint32 ranked_over(const Ranked *ranked, Decimal value);

/* The sum of all values, and of the highest ones. */
extern int128 ranked_total(Ranked *ranked);
extern int128 ranked_top(Ranked *ranked, uint32 customers);

#endif							/* LOYALTY_RANKING_H */
