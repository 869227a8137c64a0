/*
 * gather.c
 *		Referrals from rows in any order.
 *
 * Ids are sorted and numbered, and what the rows say is added up by those
 * numbers.  Where they are integers, as keys of tables mostly are, it is done in
 * one go: by the ids themselves if these are close together (dense.c), else by
 * their digits (integers.c); other ids are looked up one by one (number.c).
 */
#include "postgres.h"

#include "referral/gather.h"
#include "referral/number.h"

#include "miscadmin.h"
#include "utils/memutils.h"

static Said *
add_up(const Numbers *numbers, const uint8 *rows, size_t len)
{
	Said	   *all = palloc_extended(Max((size_t) numbers->n, 1) * sizeof(Said), MCXT_ALLOC_HUGE);
	const uint8 *p = rows;
	ReferralRow row;

	for (uint32 i = 0; i < numbers->n; i++)
		all[i] = nothing_said;
	for (uint32 i = 0; i < numbers->rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		/* customers lie all over the place */
		if (i + GATHER_AHEAD < numbers->rows)
			__builtin_prefetch(&all[numbers->of[i + GATHER_AHEAD].customer], 1);
		p = referral_row_read(p, rows + len, &row);
		Assert(p);
		said_add(&all[numbers->of[i].customer], row.value, numbers->of[i].referrer);
	}
	return all;
}

static void
gather_any(Referrals *referrals, const uint8 *rows, size_t len)
{
	Numbers		numbers;
	Said	   *said;

	numbers_make(&numbers, rows, len);
	said = add_up(&numbers, rows, len);
	gathered_make(referrals, numbers.n);
	for (uint32 i = 0; i < numbers.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		/* of several faults that of the least id, whatever came first */
		if (!said_is_sound(&said[i]))
			said_refuse(&said[i], numbers.ids[i]);
		gathered_put(referrals, i, &said[i]);
	}
	referrals->ids = numbers.ids;
	pfree(said);
	pfree(numbers.of);
}

static int64 *
gather_if_integers(Referrals *referrals, const uint8 *bytes, size_t len, uint32 n, const IdBounds *bounds)
{
	IntegerRows rows = {bytes, bytes + len, n, bounds->lowest, bounds->highest};
	int64	   *ids;

	if (n == 0 || bounds->others)
		return NULL;
	if (n > len / INTEGER_ROW_MIN || bounds->lowest > bounds->highest)
		sql_type_damaged("referrals");
	ids = gather_dense(referrals, &rows);
	return ids ? ids : gather_integers(referrals, &rows);
}

struct varlena *
referrals_gather(const uint8 *rows, size_t len, uint32 n, const IdBounds *bounds)
{
	Referrals	referrals;
	int64	   *integers = gather_if_integers(&referrals, rows, len, n, bounds);
	struct varlena *result;

	if (integers == NULL)
		gather_any(&referrals, rows, len);
	result = referrals_pack(&referrals, integers);
	pfree(referrals.customers);
	pfree(referrals.values);
	pfree(referrals.referrers);
	pfree(integers ? (void *) integers : referrals.ids);
	return result;
}
