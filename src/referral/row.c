/*
 * row.c
 *		Ids, and the rows that are gathered.
 */
#include "postgres.h"

#include "base/bytes.h"
#include "referral/referrals.h"

#include "common/hashfn.h"
#include "miscadmin.h"

uint8 *
id_write_integer(uint8 *p, int64 integer)
{
	*p++ = ID_NUMBER;
	return leb_write(p, zigzag(integer));
}

uint8 *
id_write(uint8 *p, const Event *event)
{
	if (event->has & EVENT_HAS_REF_NUMBER)
		return id_write_integer(p, event->ref_number);
	if (!event_has_ref(event))
	{
		*p++ = 0;
		return p;
	}
	p = leb_write(p, event->ref_text.len + 1);
	memcpy(p, event->ref_text.data, event->ref_text.len);
	return p + event->ref_text.len;
}

const uint8 *
id_read(const uint8 *p, const uint8 *end, Id *id)
{
	uint64		len;

	id->bytes = p;
	id->len = 0;
	if ((p = leb_read(p, end, &len)) == NULL || len > EVENT_MAX_TEXT + 2)
		return NULL;
	if (len == 0)
		return p;
	if (len == ID_NUMBER)
		p = leb_read(p, end, &len);
	else if (--len <= (size_t) (end - p) && (p[0] == REF_TEXT || (p[0] == REF_UUID && len == 1 + 16)))
		p += len;
	else
		return NULL;
	if (p)
		id->len = (uint32) (p - id->bytes);
	return p;
}

/* Of the event only its ref is touched. */
void
id_to_event(Id id, Event *event)
{
	const uint8 *end = id.bytes + id.len;
	uint64		n = 0;
	const uint8 *p = leb_read(id.bytes, end, &n);

	Assert(p);
	if (n == ID_NUMBER)
	{
		(void) leb_read(p, end, &n);
		event->has = EVENT_HAS_REF_NUMBER;
		event->ref_number = unzigzag(n);
		return;
	}
	event->has = EVENT_HAS_REF_TEXT;
	event->ref_text = (Text) {p, (uint32) (end - p)};
}

int
id_compare(Id a, Id b)
{
	Event		ea;
	Event		eb;

	id_to_event(a, &ea);
	id_to_event(b, &eb);
	return ref_compare(&ea, &eb);
}

bool
id_equal(Id a, Id b)
{
	return a.len == b.len && memcmp(a.bytes, b.bytes, a.len) == 0;
}

bool
id_is_integer(Id id)
{
	return id.bytes[0] == ID_NUMBER;
}

uint32
id_hash(Id id)
{
	return hash_bytes(id.bytes, (int) id.len);
}

uint8 *
referral_row_write(uint8 *p, const Event *customer, const Event *referrer, Decimal value)
{
	p = id_write(p, customer);
	p = id_write(p, referrer);
	return row_value_write(p, value);
}

const uint8 *
referral_row_read(const uint8 *p, const uint8 *end, ReferralRow *row)
{
	if ((p = id_read(p, end, &row->customer)) == NULL || row->customer.len == 0 ||
		(p = id_read(p, end, &row->referrer)) == NULL)
		return NULL;
	return row_value_read(p, end, &row->value);
}

uint8 *
referral_row_again(uint8 *p, const Referrals *referrals, uint32 i)
{
	static const uint8 none = 0;
	Id			customer = referrals->ids[i];
	Id			referrer = referrals->referrers[i] == NO_ID ? (Id) {&none, 1} : referrals->ids[referrals->referrers[i]];

	memcpy(p, customer.bytes, customer.len);
	p += customer.len;
	memcpy(p, referrer.bytes, referrer.len);
	return row_value_write(p + referrer.len, referrals->values[i]);
}

IdBounds
referrals_bounds(const Referrals *referrals)
{
	IdBounds	bounds = no_ids;

	for (uint32 i = 0; i < referrals->n; i++)
	{
		Event		event;

		CHECK_FOR_INTERRUPTS();
		id_to_event(referrals->ids[i], &event);
		id_bounds_add(&bounds, &event);
	}
	return bounds;
}
