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

/* what the rows say of one, side by side in memory as they are asked for */
typedef struct Said
{
	int128		value;			/* a sum, as large as it may become on the way */
	uint32		referrer;
	bool		customer;
	bool		contested;		/* two have brought this one */
} Said;

static void *
make_array(uint32 n, size_t size)
{
	return palloc_extended(Max((size_t) n, 1) * size, MCXT_ALLOC_HUGE);
}

static Said *
add_up(const Numbers *numbers, const uint8 *rows, size_t len)
{
	Said	   *all = make_array(numbers->n, sizeof(Said));
	const uint8 *p = rows;
	ReferralRow row;

	for (uint32 i = 0; i < numbers->n; i++)
		all[i] = (Said) {0, NO_ID, false, false};
	for (uint32 i = 0; i < numbers->rows; i++)
	{
		Said	   *said = &all[numbers->of[i].customer];
		uint32		referrer = numbers->of[i].referrer;

		CHECK_FOR_INTERRUPTS();
		/* customers lie all over the place */
		if (i + NUMBERS_AHEAD < numbers->rows)
			__builtin_prefetch(&all[numbers->of[i + NUMBERS_AHEAD].customer], 1);
		p = referral_row_read(p, rows + len, &row);
		Assert(p);
		said->customer = true;
		said->value += row.value;
		if (referrer == NO_ID)
			continue;
		said->contested |= said->referrer != NO_ID && said->referrer != referrer;
		said->referrer = referrer;
	}
	return all;
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
check(const Said *said, Id id)
{
	if (said->contested)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customer \"%s\" has two referrers", shown(id)),
				 errhint("Decide in the query who brought a customer, such as the first who did.")));
	if (said->value <= -DECIMAL_LIMIT || said->value >= DECIMAL_LIMIT)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value of customer \"%s\" is too large", shown(id)),
				 errdetail("At most %d digits before the decimal point are kept.", DECIMAL_DIGITS)));
}

struct varlena *
referrals_gather(const uint8 *rows, size_t len)
{
	Numbers		numbers;
	Said	   *said;
	Referrals	referrals;
	struct varlena *result;

	numbers_make(&numbers, rows, len);
	said = add_up(&numbers, rows, len);
	referrals.n = numbers.n;
	referrals.ids = numbers.ids;
	referrals.referrers = make_array(numbers.n, sizeof(uint32));
	referrals.values = make_array(numbers.n, sizeof(Decimal));
	referrals.customers = make_array(numbers.n, sizeof(bool));
	for (uint32 i = 0; i < numbers.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		check(&said[i], numbers.ids[i]);
		referrals.referrers[i] = said[i].referrer;
		referrals.values[i] = (Decimal) said[i].value;
		referrals.customers[i] = said[i].customer;
	}
	result = referrals_pack(&referrals);
	pfree(referrals.customers);
	pfree(referrals.values);
	pfree(referrals.referrers);
	pfree(said);
	pfree(numbers.ids);
	if (numbers.bytes)
		pfree(numbers.bytes);
	pfree(numbers.of);
	return result;
}
