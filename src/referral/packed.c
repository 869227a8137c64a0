/*
 * packed.c
 *		The stored form of referrals: see referrals.h.
 */
#include "postgres.h"

#include "base/bytes.h"
#include "document/site.h"
#include "referral/referrals.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#define AHEAD	16				/* ids are fetched so many before their turn */

enum { REFERRER_ONLY, BROUGHT_BY_NOBODY, BROUGHT_BY };

void
referrals_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("referrals are too large"),
			 errdetail("Those of one value must fit into 1 GB.")));
	pg_unreachable();
}

static inline uint64
link_of(const Referrals *referrals, uint32 i)
{
	if (!referrals->customers[i])
		return REFERRER_ONLY;
	return referrals->referrers[i] == NO_ID ? BROUGHT_BY_NOBODY : (uint64) BROUGHT_BY + referrals->referrers[i];
}

/* an id and what belongs to it, which takes 20 bytes at most */
static uint8 *
write_one(uint8 *p, const Referrals *referrals, const int64 *integers, uint32 i, int64 unit)
{
	if (integers)
		p = id_write_integer(p, integers[i]);
	else
	{
		memcpy(p, referrals->ids[i].bytes, referrals->ids[i].len);
		p += referrals->ids[i].len;
	}
	p = leb_write(p, link_of(referrals, i));
	return referrals->customers[i] ? leb_write(p, zigzag(DECIMAL_IN_UNITS(referrals->values[i], unit))) : p;
}

struct varlena *
referrals_pack(const Referrals *referrals, const int64 *integers)
{
	int			zeros = 18;
	int64		unit;
	size_t		room = VARHDRSZ + STAMPED_HEAD + LEB_MAX_BYTES + 1;
	struct varlena *result;
	uint8	   *p;

	for (uint32 i = 0; i < referrals->n; i++)
	{
		zeros = decimal_zeros(referrals->values[i], zeros);
		room += (integers ? INTEGER_ID_SIZE : referrals->ids[i].len) + 2 * LEB_MAX_BYTES;
	}
	unit = decimal_power10[zeros];
	result = palloc_extended(room, MCXT_ALLOC_HUGE);
	p = leb_write((uint8 *) VARDATA(result) + STAMPED_HEAD, referrals->n);
	*p++ = (uint8) zeros;
	for (uint32 i = 0; i < referrals->n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		/* ids stand where they were gathered */
		if (integers == NULL && i + AHEAD < referrals->n)
			__builtin_prefetch(referrals->ids[i + AHEAD].bytes);
		p = write_one(p, referrals, integers, i, unit);
	}
	return stamped_value(result, p, REFERRALS_VERSION, referrals_too_large);
}

static const uint8 *
read_one(Referrals *referrals, uint32 i, const uint8 *p, const uint8 *end, int64 unit)
{
	uint64		link;
	uint64		value;
	int128		v;

	if ((p = id_read(p, end, &referrals->ids[i])) == NULL || referrals->ids[i].len == 0 ||
		(p = leb_read(p, end, &link)) == NULL || link >= (uint64) BROUGHT_BY + referrals->n)
		return NULL;
	referrals->customers[i] = link != REFERRER_ONLY;
	referrals->referrers[i] = link < BROUGHT_BY ? NO_ID : (uint32) (link - BROUGHT_BY);
	referrals->values[i] = 0;
	if (link == REFERRER_ONLY)
		return p;
	if ((p = leb_read(p, end, &value)) == NULL)
		return NULL;
	v = (int128) unzigzag(value) * unit;
	referrals->values[i] = (Decimal) v;
	return v > -DECIMAL_LIMIT && v < DECIMAL_LIMIT ? p : NULL;
}

static bool
unpack(Referrals *referrals, const uint8 *bytes, size_t len)
{
	const uint8 *end = bytes + len;
	const uint8 *p = stamped(bytes, len, REFERRALS_VERSION);
	uint64		n;
	int64		unit;

	/* each takes three bytes at least */
	if (p == NULL || (p = leb_read(p, end, &n)) == NULL || p == end || *p > 18 || n > (size_t) (end - p) / 3)
		return false;
	unit = decimal_power10[*p++];
	referrals->n = (uint32) n;
	referrals->ids = palloc_extended(Max(n, 1) * sizeof(Id), MCXT_ALLOC_HUGE);
	referrals->referrers = palloc_extended(Max(n, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	referrals->values = palloc_extended(Max(n, 1) * sizeof(Decimal), MCXT_ALLOC_HUGE);
	referrals->customers = palloc_extended(Max(n, 1) * sizeof(bool), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if ((p = read_one(referrals, i, p, end, unit)) == NULL)
			return false;
	}
	return p == end;
}

void
referrals_unpack(Referrals *referrals, const uint8 *bytes, size_t len)
{
	if (!unpack(referrals, bytes, len))
		sql_type_damaged("referrals");
}

void
referrals_open(Referrals *referrals, Datum value)
{
	size_t		len;
	const char *bytes = sql_type_bytes(value, &len);

	referrals_unpack(referrals, (const uint8 *) bytes, len);
}
