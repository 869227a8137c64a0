/*
 * subscription.c
 *		The SQL functions over the subscriptions of one history.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "base/numeric.h"
#include "event/event_value.h"
#include "history/history_value.h"
#include "subscription/call.h"
#include "subscription/member.h"
#include "subscription/movement.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

/* The segments of the history in argument 0 that are known at an instant. */
static void
segments_arg(FunctionCallInfo fcinfo, int64 asof, bool with_events, Segments *segments)
{
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);

	segments_read(segments, history, len, asof, with_events);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_mrr);

/* mrr(h, asof) */
Datum
loyalty_subscription_mrr(PG_FUNCTION_ARGS)
{
	int64		asof = asof_arg(fcinfo, 1);
	Segments	segments;

	segments_arg(fcinfo, asof, false, &segments);
	return scaled_to_numeric(segments_mrr(&segments, asof), MONTHLY_PLACES);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_first_paid);

/* first_paid(h): the first step is above 0 */
Datum
loyalty_subscription_first_paid(PG_FUNCTION_ARGS)
{
	Segments	segments;
	Step	   *steps;

	segments_arg(fcinfo, INSTANT_NEVER, false, &segments);
	if (segments_steps(&segments, &steps) == 0)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(steps[0].at);
}

/* by since, plan, ref, none last; then as they stand in the history */
static int
compare_in_force(const Segment *a, const Segment *b)
{
	int			c;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	c = text_compare_or_none(a->plan, b->plan);
	if (c == 0)
		c = ref_compare(a->event, b->event);
	return c != 0 ? c : (a > b) - (a < b);
}

typedef const Segment *SegmentPointer;

#define ST_SORT sort_in_force
#define ST_ELEMENT_TYPE SegmentPointer
#define ST_COMPARE(a, b) compare_in_force(*(a), *(b))
#define ST_CHECK_FOR_INTERRUPTS
#define ST_SCOPE static
#define ST_DECLARE
#define ST_DEFINE
#include "lib/sort_template.h"

PG_FUNCTION_INFO_V1(loyalty_subscription_subscriptions);

/* subscriptions(h, asof, timezone): the segments in force */
Datum
loyalty_subscription_subscriptions(PG_FUNCTION_ARGS)
{
	int64		asof = asof_arg(fcinfo, 1);
	const Zone *zone = zone_arg_kept(fcinfo, 2);
	Segments	segments;
	SegmentPointer *in_force;
	int			n = 0;
	Emitter		emitter;

	emit_begin(&emitter, fcinfo);
	segments_arg(fcinfo, asof, true, &segments);
	in_force = palloc_extended(Max(segments.n, 1) * sizeof(SegmentPointer), MCXT_ALLOC_HUGE);
	for (int i = 0; i < segments.n; i++)
	{
		if (segment_in_force(&segments.list[i], asof))
			in_force[n++] = &segments.list[i];
	}
	sort_in_force(in_force, n);
	for (int i = 0; i < n; i++)
	{
		const Segment *segment = in_force[i];
		int64		renews_at = segment_renewal(segment, zone, asof + 1);
		Datum		values[10];
		bool		nulls[10] = {false};

		emit_start(&emitter);
		nulls[0] = segment->plan.len == 0;
		values[0] = nulls[0] ? 0 : text_datum(segment->plan);
		values[1] = decimal_to_numeric(segment->amount);
		values[2] = span_datum(segment->every);
		values[3] = decimal_to_numeric(segment->quantity);
		values[4] = scaled_to_numeric(segment_monthly(segment), MONTHLY_PLACES);
		values[5] = TimestampTzGetDatum(segment->at);
		nulls[6] = segment->until == INSTANT_NEVER;
		values[6] = TimestampTzGetDatum(segment->until);
		nulls[7] = renews_at == INSTANT_NEVER;
		values[7] = TimestampTzGetDatum(renews_at);
		nulls[8] = (segment->event->has & EVENT_HAS_TAGS) == 0;
		values[8] = nulls[8] ? 0 : tags_datum(segment->event->tags);
		nulls[9] = !event_has_ref(segment->event);
		values[9] = nulls[9] ? 0 : ref_datum(segment->event);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

void
movement_rules_arg(FunctionCallInfo fcinfo, int arg, MovementRules *rules)
{
	memset(rules, 0, sizeof(*rules));
	if (PG_NARGS() <= arg)
		return;
	rules->net = !PG_ARGISNULL(arg) && PG_GETARG_BOOL(arg);
	if (PG_ARGISNULL(arg + 1))
		return;
	rules->has_window = true;
	rules->window = span_arg(fcinfo, arg + 1);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_movements);

/* movements(h, period, net, reactivation_window) */
Datum
loyalty_subscription_movements(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	MovementRules rules;
	Movement	movement;
	Segments	segments;
	Step	   *steps;
	StepRange	range;
	Instants	period;
	int			n;
	int			i;

	emit_begin(&emitter, fcinfo);
	movement_rules_arg(fcinfo, 2, &rules);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || !period_from_range(PG_GETARG_DATUM(1), &period))
		return emit_end(&emitter);
	segments_arg(fcinfo, INSTANT_NEVER, false, &segments);
	n = segments_steps(&segments, &steps);
	range = steps_within(steps, n, period.from, period.until);
	i = range.from;
	while (movement_next(&range, &rules, &i, &movement))
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		emit_start(&emitter);
		values[0] = TimestampTzGetDatum(movement.at);
		values[1] = CStringGetTextDatum(movement_name[movement.kind]);
		values[2] = scaled_to_numeric(movement.change, MONTHLY_PLACES);
		values[3] = scaled_to_numeric(movement.mrr, MONTHLY_PLACES);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

static Text
text_arg(Datum datum)
{
	text	   *name = DatumGetTextPP(datum);

	return (Text) {(const uint8 *) VARDATA_ANY(name), (uint32) VARSIZE_ANY_EXHDR(name)};
}

/* What a call of membership() keeps between calls. */
typedef struct MemberSite
{
	ZoneArg		zone;
	TupleDesc	desc;
} MemberSite;

static Datum
answer_membership(FunctionCallInfo fcinfo, const Text *plans, int n)
{
	MemberSite *site = fcinfo->flinfo->fn_extra;
	int64		asof = asof_arg(fcinfo, 2);
	const Zone *zone;
	Segments	segments;
	Membership	m;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (site == NULL)
	{
		fcinfo->flinfo->fn_extra = site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(MemberSite));
		site->desc = row_desc(fcinfo);
	}
	zone = zone_arg(fcinfo, 3, &site->zone);
	segments_arg(fcinfo, asof, false, &segments);
	membership_at(&segments, plans, n, zone, asof, &m);
	values[0] = BoolGetDatum(m.member);
	values[1] = BoolGetDatum(m.paying);
	nulls[2] = !m.ever;
	values[2] = TimestampTzGetDatum(m.since);
	nulls[3] = !m.ever || m.until == INSTANT_NEVER;
	values[3] = TimestampTzGetDatum(m.until);
	nulls[4] = !m.ever;
	values[4] = Int64GetDatum(m.term);
	nulls[5] = m.renews_at == INSTANT_NEVER;
	values[5] = TimestampTzGetDatum(m.renews_at);
	return HeapTupleGetDatum(heap_form_tuple(site->desc, values, nulls));
}

PG_FUNCTION_INFO_V1(loyalty_subscription_membership);

/* membership(h, plan, asof, timezone) */
Datum
loyalty_subscription_membership(PG_FUNCTION_ARGS)
{
	Text		plan = text_arg(PG_GETARG_DATUM(1));

	return answer_membership(fcinfo, &plan, 1);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_membership_of_any);

/* membership(h, plans, asof, timezone): several plans count as one */
Datum
loyalty_subscription_membership_of_any(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	bool	   *nulls;
	int			n;
	int			named = 0;
	Text	   *plans;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls, &n);
	plans = palloc(Max(n, 1) * sizeof(Text));
	for (int i = 0; i < n; i++)
	{
		if (!nulls[i])
			plans[named++] = text_arg(names[i]);
	}
	return answer_membership(fcinfo, plans, named);
}

PG_FUNCTION_INFO_V1(loyalty_subscription_subscribed);

/* subscribed(h, plan, asof): a member's segment is in force, whatever came before */
Datum
loyalty_subscription_subscribed(PG_FUNCTION_ARGS)
{
	Text		plan = text_arg(PG_GETARG_DATUM(1));
	int64		asof = asof_arg(fcinfo, 2);
	Segments	segments;

	segments_arg(fcinfo, asof, false, &segments);
	PG_RETURN_BOOL(membership_in_force(&segments, &plan, 1, asof));
}
