/*
 * referrals.h
 *		Referrals: who brought whom, and what each customer is worth.
 *
 * It is no document type (document/document.h), for the reasons that a ranking
 * is none: an aggregate writes it, for populations of any size.
 *
 * Stored form: the head of a stamped value; the number of ids; how many
 * trailing zeros the millionths of all values have in common; then every id,
 * ascending, followed by 0 if it is named as referrer only, 1 for a customer
 * whom nobody brought, or 2 and the place of the referrer among the ids; and
 * for a customer the value.  Numbers are base-128 integers, those with a sign
 * have it in the lowest bit.
 *
 * An id is a ref (event/event.h): 1 and a number of 64 bits; or 1 more than
 * the length of its other form, and that.
 */
#ifndef LOYALTY_REFERRALS_H
#define LOYALTY_REFERRALS_H

#include "base/bytes.h"
#include "base/decimal.h"
#include "document/type.h"
#include "event/event.h"

#define REFERRALS_VERSION	1
#define REFERRALS_OPEN		0xFF	/* running state of the aggregate, see state.c */

/* nobody */
#define NO_ID	PG_UINT32_MAX

/* ---------------- ids and rows: row.c ---------------- */

/* the bytes of an id, which equal ones have in common; none has length 0 */
typedef struct Id
{
	const uint8 *bytes;
	uint32		len;
} Id;

#define ID_NUMBER		1		/* begins that of an integer */
#define ID_SIZE			(2 + EVENT_MAX_TEXT + 1)
#define INTEGER_ID_SIZE	(1 + LEB_MAX_BYTES)

/* An event's ref as an id, 0 for none, and back. */
extern uint8 *id_write(uint8 *p, const Event *event);
extern uint8 *id_write_integer(uint8 *p, int64 integer);
extern void id_to_event(Id id, Event *event);
extern int	id_compare(Id a, Id b);
extern bool id_equal(Id a, Id b);
extern uint32 id_hash(Id id);
extern bool id_is_integer(Id id);

/* The id that begins there, and what follows it; NULL if there is none.  A byte 0 is an id of length 0. */
extern const uint8 *id_read(const uint8 *p, const uint8 *end, Id *id);

/* Which ids there are: bounds of the integers, and whether there are others. */
typedef struct IdBounds
{
	int64		lowest;
	int64		highest;
	bool		others;
} IdBounds;

static const IdBounds no_ids = {PG_INT64_MAX, PG_INT64_MIN, false};

static inline void
id_bounds_add(IdBounds *bounds, const Event *event)
{
	if (event->has & EVENT_HAS_REF_NUMBER)
	{
		bounds->lowest = Min(bounds->lowest, event->ref_number);
		bounds->highest = Max(bounds->highest, event->ref_number);
	}
	else if (event_has_ref(event))
		bounds->others = true;
}

static inline void
id_bounds_merge(IdBounds *bounds, const IdBounds *more)
{
	bounds->lowest = Min(bounds->lowest, more->lowest);
	bounds->highest = Max(bounds->highest, more->highest);
	bounds->others |= more->others;
}

/* A customer, perhaps a referrer, and a value: what an aggregate gathers. */
typedef struct ReferralRow
{
	Id			customer;
	Id			referrer;
	Decimal		value;
} ReferralRow;

#define REFERRAL_ROW_SIZE	(2 * ID_SIZE + LEB_MAX_BYTES)

/* A row's value is mostly in cents: as many of them, or else of its smallest units, and which it is in the lowest bit. */
static inline uint8 *
row_value_write(uint8 *p, Decimal value)
{
	return leb_write(p, value % DECIMAL_CENT == 0 ? zigzag(value / DECIMAL_CENT) << 1 : zigzag(value) << 1 | 1);
}

static inline const uint8 *
row_value_read(const uint8 *p, const uint8 *end, Decimal *value)
{
	uint64		n;

	if ((p = leb_read(p, end, &n)) != NULL)
		*value = (Decimal) ((uint64) unzigzag(n >> 1) * (n & 1 ? 1 : DECIMAL_CENT));
	return p;
}

/* `referrer` may have no ref. */
extern uint8 *referral_row_write(uint8 *p, const Event *customer, const Event *referrer, Decimal value);
extern const uint8 *referral_row_read(const uint8 *p, const uint8 *end, ReferralRow *row);

/* ---------------- the value ---------------- */

typedef struct Referrals
{
	uint32		n;				/* ids */
	Id		   *ids;			/* ascending */
	uint32	   *referrers;		/* of each; NO_ID: nobody */
	Decimal    *values;			/* 0 of those who are no customers */
	bool	   *customers;		/* those who are */
} Referrals;

/* row.c: what was gathered of a customer, as a row again */
extern uint8 *referral_row_again(uint8 *p, const Referrals *referrals, uint32 i);

/* row.c: the bounds of all ids */
extern IdBounds referrals_bounds(const Referrals *referrals);

/* gather.c: n rows in any order, and the bounds of their ids; those of one customer add up */
extern struct varlena *referrals_gather(const uint8 *rows, size_t len, uint32 n, const IdBounds *bounds);

/* packed.c: the stored form, of integers if these are not NULL and instead of ids; ... */
extern struct varlena *referrals_pack(const Referrals *referrals, const int64 *integers);
/* ... and back, where ids point into the bytes; an error if it is none */
extern void referrals_unpack(Referrals *referrals, const uint8 *bytes, size_t len);
extern void referrals_open(Referrals *referrals, Datum value);
loyalty_compat_noreturn extern void referrals_too_large(void);

/* state.c: whatever may stand in an aggregate, in the stored form */
extern Datum referrals_normalize(Datum value);

/* value.c */
extern const SqlType referrals_type;

/* ---------------- forest.c: what credit goes to whom ---------------- */

#define CREDIT_LEVELS	64

/* For each level the credit, as a count of 10^-places. */
typedef struct Credit
{
	int			levels;
	int			places;
	int128		share[CREDIT_LEVELS];
} Credit;

typedef struct Forest
{
	uint32	   *up;				/* who gets credit for each: nobody for the steps of a circle */
	bool	   *circle;			/* who is in one */
} Forest;

typedef struct Credited
{
	int128	   *values;			/* what each id is credited with, as a count of 10^-(6 + places) */
	uint32	   *referred;		/* directly */
	uint32	   *reached;		/* within the levels */
} Credited;

extern void forest_make(Forest *forest, const Referrals *referrals);
extern void forest_credit(Credited *credited, const Forest *forest, const Referrals *referrals, const Credit *credit);

#endif							/* LOYALTY_REFERRALS_H */
