/*
 * gather.c
 *		Referrals from rows in any order.
 *
 * Ids are sorted and numbered (number.c); then the rows are read once more, and
 * what they say is added up by those numbers.
 */
#include "postgres.h"

#include "referral/number.h"
#include "referral/referrals.h"

#include "miscadmin.h"
#include "utils/memutils.h"

/* what the rows of all say */
typedef struct Said
{
	Referrals	referrals;
	int128	   *values;			/* sums, as large as they may become on the way */
	bool	   *contested;		/* two have brought this one */
} Said;

static void *
make_array(uint32 n, size_t size)
{
	return palloc_extended(Max(n, 1) * size, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
}

static void
add_up(Said *said, const Numbers *numbers, const uint8 *rows, size_t len)
{
	Referrals  *referrals = &said->referrals;
	const uint8 *p = rows;
	ReferralRow row;

	for (uint32 i = 0; i < numbers->rows; i++)
	{
		uint32		customer = numbers->of[i].customer;
		uint32		referrer = numbers->of[i].referrer;

		CHECK_FOR_INTERRUPTS();
		/* customers lie all over the place */
		if (i + NUMBERS_AHEAD < numbers->rows)
		{
			__builtin_prefetch(&said->values[numbers->of[i + NUMBERS_AHEAD].customer], 1);
			__builtin_prefetch(&referrals->referrers[numbers->of[i + NUMBERS_AHEAD].customer], 1);
		}
		p = referral_row_read(p, rows + len, &row);
		Assert(p);
		referrals->customers[customer] = true;
		said->values[customer] += row.value;
		if (referrer == NO_ID)
			continue;
		said->contested[customer] |= referrals->referrers[customer] != NO_ID && referrals->referrers[customer] != referrer;
		referrals->referrers[customer] = referrer;
	}
}

static const char *
shown(Id id)
{
	char	   *text = palloc(REF_TEXT_SIZE);
	Event		event;

	id_to_event(id, &event);
	(void) ref_to_text(&event, text);
	return text;
}

/* Of several faults that of the least id, whatever came first. */
static void
check(const Said *said, uint32 i)
{
	if (said->contested[i])
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customer \"%s\" has two referrers", shown(said->referrals.ids[i])),
				 errhint("Decide in the query who brought a customer, such as the first who did.")));
	if (said->values[i] <= -DECIMAL_LIMIT || said->values[i] >= DECIMAL_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value of customer \"%s\" is too large", shown(said->referrals.ids[i])),
				 errdetail("At most %d digits before the decimal point are kept.", DECIMAL_DIGITS)));
}

struct varlena *
referrals_gather(const uint8 *rows, size_t len)
{
	Numbers		numbers;
	Said		said = {0};
	struct varlena *result;

	numbers_make(&numbers, rows, len);
	said.referrals.n = numbers.n;
	said.referrals.ids = numbers.ids;
	said.referrals.referrers = make_array(numbers.n, sizeof(uint32));
	said.referrals.values = make_array(numbers.n, sizeof(Decimal));
	said.referrals.customers = make_array(numbers.n, sizeof(bool));
	said.values = make_array(numbers.n, sizeof(int128));
	said.contested = make_array(numbers.n, sizeof(bool));
	for (uint32 i = 0; i < numbers.n; i++)
		said.referrals.referrers[i] = NO_ID;
	add_up(&said, &numbers, rows, len);
	for (uint32 i = 0; i < numbers.n; i++)
	{
		check(&said, i);
		said.referrals.values[i] = (Decimal) said.values[i];
	}
	result = referrals_pack(&said.referrals);
	pfree(said.contested);
	pfree(said.values);
	pfree(said.referrals.customers);
	pfree(said.referrals.values);
	pfree(said.referrals.referrers);
	pfree(numbers.ids);
	pfree(numbers.of);
	return result;
}
