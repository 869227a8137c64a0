/*
 * packed.c
 *		The stored form of a ranking: see ranking.h.
 */
#include "postgres.h"

#include "base/bytes.h"
#include "document/site.h"
#include "ranking/ranking.h"

#include "miscadmin.h"
#include "utils/memutils.h"

void
ranking_too_large(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("ranking is too large"),
			 errdetail("The values of one ranking must fit into 1 GB, and be at most %d.", RANKING_MAX)));
	pg_unreachable();
}

static inline int
leb_size(uint64 v)
{
	return v == 0 ? 1 : (bits_needed(v) + 6) / 7;
}

/* what stands for a value, but for the lowest bit */
static inline uint64
step(const Ranking *ranking, uint32 i, int64 unit)
{
	if (i == 0)
		return zigzag(DECIMAL_IN_UNITS(ranking->values[0], unit));
	return DECIMAL_IN_UNITS((uint64) ranking->values[i] - (uint64) ranking->values[i - 1], unit) - 1;
}

/* No fewer than the bytes of all values. */
static size_t
room_for(const Ranking *ranking, int64 unit)
{
	size_t		each = LEB_MAX_BYTES;

	if (ranking->n == 0)
		return 0;
	/* the first stands for itself; no step is wider than all are, no number greater than those whom others share a value with */
	if (ranking->n > 1)
		each = leb_size(((uint64) ranking->values[ranking->n - 1] - (uint64) ranking->values[0]) / unit << 1);
	if (ranking->customers > ranking->n)
		each += leb_size(ranking->customers - ranking->n);
	return LEB_MAX_BYTES + ranking->n * each;
}

struct varlena *
ranking_pack(const Ranking *ranking)
{
	int			zeros = 18;
	int64		unit;
	struct varlena *result;
	uint8	   *p;

	for (uint32 i = 0; i < ranking->n && zeros > 0; i++)
		zeros = decimal_zeros(ranking->values[i], zeros);
	unit = decimal_power10[zeros];

	result = palloc_extended(VARHDRSZ + STAMPED_HEAD + LEB_MAX_BYTES + 1 + room_for(ranking, unit), MCXT_ALLOC_HUGE);
	p = leb_write((uint8 *) VARDATA(result) + STAMPED_HEAD, ranking->n);
	*p++ = (uint8) zeros;
	for (uint32 i = 0; i < ranking->n; i++)
	{
		if (i % RANKING_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		p = leb_write(p, step(ranking, i, unit) << 1 | (ranking->counts[i] > 1));
		if (ranking->counts[i] > 1)
			p = leb_write(p, ranking->counts[i] - 2);
	}
	return stamped_value(result, p, RANKING_VERSION, ranking_too_large);
}

/* The value that a step leads to; false if there is none such. */
static bool
value_after(const Ranking *ranking, uint32 i, uint64 step, int64 unit, Decimal *value)
{
	int128		v = i == 0 ? (int128) unzigzag(step) * unit : ranking->values[i - 1] + ((int128) step + 1) * unit;

	*value = (Decimal) v;
	return v > -DECIMAL_LIMIT && v < DECIMAL_LIMIT;
}

/* False if the bytes are none that ranking_pack could have written, but for the stamp. */
static bool
unpack(Ranking *ranking, const uint8 *bytes, size_t len)
{
	const uint8 *end = bytes + len;
	const uint8 *p = stamped(bytes, len, RANKING_VERSION);
	uint64		n;
	uint64		customers = 0;
	int64		unit;

	/* each value takes a byte */
	if (p == NULL || (p = leb_read(p, end, &n)) == NULL || p == end || *p > 18 || n > (size_t) (end - p - 1))
		return false;
	unit = decimal_power10[*p++];
	ranking->n = (uint32) n;
	ranking->values = palloc_extended(Max(n, 1) * sizeof(Decimal), MCXT_ALLOC_HUGE);
	ranking->counts = palloc_extended(Max(n, 1) * sizeof(uint32), MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < n; i++)
	{
		uint64		head;
		uint64		several = 0;

		if (i % RANKING_CHECK == 0)
			CHECK_FOR_INTERRUPTS();
		if ((p = leb_read(p, end, &head)) == NULL || !value_after(ranking, i, head >> 1, unit, &ranking->values[i]))
			return false;
		if ((head & 1) && ((p = leb_read(p, end, &several)) == NULL || several > RANKING_MAX - 2))
			return false;
		ranking->counts[i] = (head & 1) ? (uint32) several + 2 : 1;
		customers += ranking->counts[i];
		if (customers > RANKING_MAX)
			return false;
	}
	ranking->customers = (uint32) customers;
	return p == end;
}

void
ranking_unpack(Ranking *ranking, const uint8 *bytes, size_t len)
{
	if (!unpack(ranking, bytes, len))
		sql_type_damaged("ranking");
}

void
ranking_open(Ranking *ranking, Datum value)
{
	size_t		len;
	const char *bytes = sql_type_bytes(value, &len);

	ranking_unpack(ranking, (const uint8 *) bytes, len);
}
