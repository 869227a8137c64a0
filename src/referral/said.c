/*
 * said.c
 *		What was said of a customer, as it becomes referrals; what cannot be.
 */
#include "postgres.h"

#include "referral/gather.h"

#include "utils/memutils.h"

static void *
make_array(uint32 n, size_t size)
{
	return palloc_extended(Max((size_t) n, 1) * size, MCXT_ALLOC_HUGE);
}

void
gathered_make(Referrals *referrals, uint32 n)
{
	referrals->n = n;
	referrals->ids = NULL;
	referrals->referrers = make_array(n, sizeof(uint32));
	referrals->values = make_array(n, sizeof(Decimal));
	referrals->customers = make_array(n, sizeof(bool));
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

void
said_refuse(const Said *said, Id id)
{
	if (said->contested)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("customer \"%s\" has two referrers", shown(id)),
				 errhint("Decide in the query who brought a customer, such as the first who did.")));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("value of customer \"%s\" is too large", shown(id)),
			 errdetail("At most %d digits before the decimal point are kept.", DECIMAL_DIGITS)));
	pg_unreachable();
}
