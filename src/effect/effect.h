/*
 * effect.h
 *		What a program brings: sums over customers, members beside others.
 *
 * A document: for each stratum and group the number of customers and the exact
 * sums of what they did after and before, of the squares and of the products.
 * In memory it is never whole: strata come and go one by one, since there may
 * be many.  Numbers are texts, canonical: exact, without trailing zeros.
 */
#ifndef LOYALTY_EFFECT_H
#define LOYALTY_EFFECT_H

#include "base/compat.h"
#include "document/json.h"

/* limits of `after` and `before`: squares of variances still fit a double */
#define EFFECT_WHOLE_DIGITS	50		/* before the decimal point */
#define EFFECT_PLACES		50		/* after it */
/* what 2^63 customers add to a sum's digits */
#define EFFECT_COUNT_DIGITS	19

typedef enum Side { MEMBERS, OTHERS } Side;

#define SIDES 2

/* What is summed; the last three only where there is an earlier period. */
typedef enum Sum { SUM_AFTER, SUM_AFTER2, SUM_BEFORE, SUM_BEFORE2, SUM_PRODUCT } Sum;

#define SUMS 5
#define SUMS_WITHOUT_BEFORE 2

/* is it a sum of squares or products? */
static inline bool
sum_is_square(Sum sum)
{
	return sum == SUM_AFTER2 || sum == SUM_BEFORE2 || sum == SUM_PRODUCT;
}

/* A stratum's customers of one group; n 0: none, and no sums. */
typedef struct Cell
{
	int64		n;
	const char *sums[SUMS];
} Cell;

typedef struct Stratum
{
	const char *name;			/* NULL: the stratum NULL */
	size_t		len;
	Cell		cells[SIDES];
} Stratum;

typedef struct EffectHead
{
	bool		earlier;		/* is there an earlier period? */
	int64		skipped;		/* rows left out for a NULL */
} EffectHead;

/*
 * Read a document: each stratum is handed over as it is met (what it points to
 * is gone after the call), then the head is complete.  Whatever is wrong by
 * itself is refused; that no stratum comes twice is for the caller to see to.
 */
typedef void (*stratum_fn) (const Stratum *stratum, const JsonNode *node, void *arg);
extern void effect_read(const char *text, size_t len, int encoding, EffectHead *head, stratum_fn fn, void *arg);

/* The canonical text: all but strata, each stratum, in their order, the end. */
extern void effect_write_head(StringInfo out, const EffectHead *head);
extern void effect_write_stratum(StringInfo out, const Stratum *stratum, bool earlier);
extern void effect_write_end(StringInfo out);

/* An error (54000): more than 1 GB. */
extern void effect_too_large(void);

/* The order of strata: by bytes, NULL last. */
extern int	strata_compare(const char *a, size_t alen, const char *b, size_t blen);

/*
 * A number as numeric writes it, in its canonical form, palloc'd; NULL if it
 * has more digits than these or is none.
 */
extern char *canonical_number(const char *text, size_t len, int whole_digits, int places);

#endif							/* LOYALTY_EFFECT_H */
