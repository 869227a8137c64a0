/*
 * referral.c
 *		What the customers that somebody brought are worth.
 *
 * referral_value(referrals, customer, credit) is the sum, over as many levels
 * as there is credit for, of the credit times the values of those so many
 * levels below the customer; 0 for somebody who brought nobody or is not known.
 * Both functions are strict.
 */
#include "postgres.h"

#include "base/emit.h"
#include "base/numeric.h"
#include "document/site.h"
#include "event/event_value.h"
#include "referral/referrals.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define CREDIT_PLACES	20		/* are kept of a credit: what a third has in SQL */

/* ---------------- credit ---------------- */

loyalty_compat_noreturn static void
refuse_credit(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("credit must be 1 to %d numbers that are not negative", CREDIT_LEVELS),
			 errdetail("%s", detail),
			 errhint("'{1}' credits whom a customer brought, '{1,0.5}' also half of whom these brought.")));
	pg_unreachable();
}

static void
read_credit(ArrayType *array, Credit *credit)
{
	Datum	   *numbers;
	bool	   *nulls;

	if (ARR_NDIM(array) > 1)
		refuse_credit("It is an array of arrays.");
	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &numbers, &nulls, &credit->levels);
	if (credit->levels < 1 || credit->levels > CREDIT_LEVELS)
		refuse_credit(psprintf("There are %d.", credit->levels));
	credit->places = 0;
	for (int i = 0; i < credit->levels; i++)
	{
		if (nulls[i])
			refuse_credit(psprintf("Number %d is NULL.", i + 1));
		if (numeric_is_nan(DatumGetNumeric(numbers[i])) || numeric_is_inf(DatumGetNumeric(numbers[i])))
			decimal_check(DECIMAL_NOT_A_NUMBER, "credit");
		credit->places = Max(credit->places, DatumGetInt32(DirectFunctionCall1(numeric_min_scale, numbers[i])));
	}
	for (int i = 0; i < credit->levels; i++)
	{
		if (credit->places > CREDIT_PLACES || !numeric_to_scaled(numbers[i], credit->places, &credit->share[i]))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("credit has too many digits"),
					 errdetail("At most %d digits after the decimal point are kept.", CREDIT_PLACES)));
		if (credit->share[i] < 0)
			refuse_credit(psprintf("Number %d is %s.", i + 1, DatumGetCString(DirectFunctionCall1(numeric_out, numbers[i]))));
	}
}

static Datum
credited_value(const Credit *credit, int128 value)
{
	return DirectFunctionCall1(numeric_trim_scale, scaled_to_numeric(value, DECIMAL_PLACES + credit->places));
}

/* ---------------- referral_value ---------------- */

/* What a call site knows of referrals. */
typedef struct Known
{
	Referrals	referrals;
	Forest		forest;
	uint32	   *slots;			/* ids by their hash, and 1; a power of 2, half of them empty; 0: empty */
	uint32		mask;
	MemoryContext context;

	/* the credit that was asked for last, and who has it */
	struct varlena *array;
	Credit		credit;
	MemoryContext credited_context;
	Credited	credited;
} Known;

static void
work_out(void *kept, const uint8 *bytes, size_t len)
{
	Known	   *known = kept;
	Referrals  *referrals = &known->referrals;

	known->context = CurrentMemoryContext;
	referrals_unpack(referrals, memcpy(palloc(Max(len, 1)), bytes, len), len);
	forest_make(&known->forest, referrals);
	known->mask = 1;
	while (known->mask < referrals->n)
		known->mask = known->mask << 1 | 1;
	known->mask = known->mask << 1 | 1;
	known->slots = palloc_extended(((size_t) known->mask + 1) * sizeof(uint32), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < referrals->n; i++)
	{
		uint32		k = id_hash(referrals->ids[i]) & known->mask;

		CHECK_FOR_INTERRUPTS();
		while (known->slots[k])
			k = (k + 1) & known->mask;
		known->slots[k] = i + 1;
	}
}

static uint32
find(const Known *known, Id id)
{
	for (uint32 k = id_hash(id) & known->mask; known->slots[k]; k = (k + 1) & known->mask)
	{
		uint32		i = known->slots[k] - 1;

		if (id_equal(known->referrals.ids[i], id))
			return i;
	}
	return NO_ID;
}

/* Work out who has what of a credit, when it is met for the first time. */
static void
find_credit(Known *known, struct varlena *array)
{
	MemoryContext caller = CurrentMemoryContext;
	Credit		credit;

	if (known->array && VARSIZE_ANY(known->array) == VARSIZE_ANY(array) &&
		memcmp(known->array, array, VARSIZE_ANY(array)) == 0)
		return;
	read_credit((ArrayType *) PG_DETOAST_DATUM(PointerGetDatum(array)), &credit);
	known->array = NULL;
	if (known->credited_context)
		MemoryContextReset(known->credited_context);
	else
		known->credited_context = AllocSetContextCreate(known->context, "loyalty credit", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(known->credited_context);
	forest_credit(&known->credited, &known->forest, &known->referrals, &credit);
	known->credit = credit;
	known->array = memcpy(palloc(VARSIZE_ANY(array)), array, VARSIZE_ANY(array));
	MemoryContextSwitchTo(caller);
}

PG_FUNCTION_INFO_V1(loyalty_referral_value);

Datum
loyalty_referral_value(PG_FUNCTION_ARGS)
{
	static const SiteUse use = {sizeof(Known), work_out};
	Known	   *known = site_kept(fcinfo, 0, &use);
	Oid		  **type = (Oid **) site_own(fcinfo);
	Event		customer;
	uint8		space[REF_SPACE];
	uint8		bytes[ID_SIZE];
	uint32		i;

	if (*type == NULL)
	{
		Oid			found = ref_arg_type(fcinfo, 1);

		*type = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(Oid));
		**type = found;
	}
	find_credit(known, (struct varlena *) PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(2)));
	customer.has = 0;
	ref_from_arg(fcinfo, 1, **type, &customer, space);
	i = find(known, (Id) {bytes, (uint32) (id_write(bytes, &customer) - bytes)});
	PG_RETURN_DATUM(credited_value(&known->credit, i == NO_ID ? 0 : known->credited.values[i]));
}

/* ---------------- advocates ---------------- */

typedef struct Advocate
{
	int128		value;
	uint32		id;
} Advocate;

#define ST_SORT sort_advocates
#define ST_ELEMENT_TYPE Advocate
#define ST_COMPARE(a, b) ((a)->value != (b)->value ? ((a)->value < (b)->value ? 1 : -1) : CMP((a)->id, (b)->id))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

/* Everybody who is named as referrer; how many there are. */
static uint32
find_advocates(Advocate *advocates, const Referrals *referrals, const Credited *credited)
{
	bool	   *named = palloc_extended(Max(referrals->n, 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint32		n = 0;

	for (uint32 i = 0; i < referrals->n; i++)
	{
		if (referrals->referrers[i] != NO_ID)
			named[referrals->referrers[i]] = true;
	}
	for (uint32 i = 0; i < referrals->n; i++)
	{
		if (named[i])
			advocates[n++] = (Advocate) {credited->values[i], i};
	}
	pfree(named);
	return n;
}

PG_FUNCTION_INFO_V1(loyalty_referral_advocates);

/*
 * advocates(referrals, credit): all who are named as referrer, the most
 * valuable first, then as refs are ordered.
 */
Datum
loyalty_referral_advocates(PG_FUNCTION_ARGS)
{
	Referrals	referrals;
	Forest		forest;
	Credit		credit;
	Credited	credited;
	Advocate   *advocates;
	Emitter		emitter;
	uint32		n;

	read_credit(PG_GETARG_ARRAYTYPE_P(1), &credit);
	referrals_open(&referrals, PG_GETARG_DATUM(0));
	forest_make(&forest, &referrals);
	forest_credit(&credited, &forest, &referrals, &credit);
	advocates = palloc_extended(Max(referrals.n, 1) * sizeof(Advocate), MCXT_ALLOC_HUGE);
	n = find_advocates(advocates, &referrals, &credited);
	sort_advocates(advocates, n);

	emit_begin(&emitter, fcinfo);
	for (uint32 i = 0; i < n; i++)
	{
		uint32		id = advocates[i].id;
		bool		nulls[5] = {false};
		Datum		values[5];
		Event		customer;

		CHECK_FOR_INTERRUPTS();
		emit_start(&emitter);
		id_to_event(referrals.ids[id], &customer);
		values[0] = ref_datum(&customer);
		values[1] = Int64GetDatum((int64) credited.referred[id]);
		values[2] = Int64GetDatum((int64) credited.reached[id]);
		values[3] = credited_value(&credit, advocates[i].value);
		values[4] = BoolGetDatum(forest.circle[id]);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}
