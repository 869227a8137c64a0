/*
 * statement.c
 *		The SQL functions that give rows: lots, the statement, overdrafts.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "base/numeric.h"
#include "document/read.h"
#include "event/event_value.h"
#include "standing/call.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* Why a redemption was not covered. */
static char *
overdraft_reason(const RedeemRule *redeem, Decimal available, Decimal points)
{
	char		number[DECIMAL_TEXT_SIZE];

	if (available < points)
		return pstrdup("not enough points");
	if (available < redeem->minimum)
	{
		decimal_to_text(redeem->minimum, number);
		return psprintf("a redemption needs a balance of %s", number);
	}
	decimal_to_text(redeem->step, number);
	return psprintf("points are redeemed in steps of %s", number);
}

/* by VoucherRefusal */
static const char *const voucher_reasons[] = {"no such voucher", "voucher used", "voucher expired"};

/* Overdrawn redemptions as they are met. */
static void
write_overdraft(Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
				const char *rule, const Event *cause, void *arg)
{
	Emitter    *emitter = arg;
	Decimal		available = balance - points;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (kind != ENTRY_REFUSED && (kind != ENTRY_REDEEM || !fold->points.overdraws))
		return;
	emit_start(emitter);
	values[0] = TimestampTzGetDatum(at);
	values[1] = decimal_to_numeric(cause->points);
	values[2] = decimal_to_numeric(available);
	values[3] = CStringGetTextDatum(kind == ENTRY_REFUSED ? voucher_reasons[fold->vouchers.refusal] :
									overdraft_reason(redeem_at(fold, at), available, cause->points));
	nulls[4] = !event_has_ref(cause);
	values[4] = nulls[4] ? 0 : ref_datum(cause);
	emit_row(emitter, values, nulls);
}

PG_FUNCTION_INFO_V1(loyalty_standing_overdrafts);

/* overdrafts(h, program): the redemptions that were not covered */
Datum
loyalty_standing_overdrafts(PG_FUNCTION_ARGS)
{
	Emitter		emitter;

	emit_begin(&emitter, fcinfo);
	call_fold(fcinfo, INSTANT_LIMIT - 1, trail_to(write_overdraft, &emitter));
	return emit_end(&emitter);
}

PG_FUNCTION_INFO_V1(loyalty_standing_lots);

/* lots(h, program, asof): the lots that still hold points */
Datum
loyalty_standing_lots(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Fold	   *fold;

	emit_begin(&emitter, fcinfo);
	fold = call_fold(fcinfo, asof_arg(fcinfo, 2), untold);
	for (int l = 0; l < fold->points.nlots; l++)
	{
		const Lot  *lot = &fold->points.lots[l];
		const Event *cause = &fold->events[lot->event];
		Datum		values[6];
		bool		nulls[6] = {false};
		int64		end;

		CHECK_FOR_INTERRUPTS();
		if (lot->remaining == 0)
			continue;
		emit_start(&emitter);
		values[0] = TimestampTzGetDatum(lot->earned_at);
		values[1] = TimestampTzGetDatum(lot->active_at);
		end = lot_end(fold, l);
		values[2] = TimestampTzGetDatum(end);
		nulls[2] = end == INSTANT_NEVER;
		values[3] = decimal_to_numeric(lot->earned);
		values[4] = decimal_to_numeric(lot->remaining);
		nulls[5] = !event_has_ref(cause);
		values[5] = nulls[5] ? 0 : ref_datum(cause);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

static const char *const entry_names[] = {
	"earn", "bonus", "hold", "hold", "release", "redeem", "expire", "refund",
	"return", "clawback", "adjust", "issue", "use", "lapse", "grant", "tier up", "tier down"
};

/* The statement as it is written; a change of tier comes last in its instant. */
typedef struct Statement
{
	Emitter		emitter;
	int			shown;			/* tier of the rows, NONE */
	int64		changed_at;		/* of a change that is not shown yet */
	bool		changed;
	bool		up;
	int			tier;
	bool		has_rule;
	char		rule[DOCUMENT_MAX_TEXT + 1];
	Decimal		balance;
} Statement;

static void
write_row(Fold *fold, Statement *st, int64 at, const char *entry, Decimal points, bool has_points,
		  const char *rule, const Event *cause)
{
	Datum		values[7];
	bool		nulls[7] = {false};

	emit_start(&st->emitter);
	values[0] = TimestampTzGetDatum(at);
	values[1] = CStringGetTextDatum(entry);
	nulls[2] = !has_points;
	values[2] = has_points ? decimal_to_numeric(points) : 0;
	values[3] = decimal_to_numeric(st->balance);
	nulls[4] = st->shown == NONE;
	values[4] = nulls[4] ? 0 : tier_datum(fold->rules.program, st->shown);
	nulls[5] = rule == NULL;
	values[5] = rule ? CStringGetTextDatum(rule) : 0;
	nulls[6] = cause == NULL || !event_has_ref(cause);
	values[6] = nulls[6] ? 0 : ref_datum(cause);
	emit_row(&st->emitter, values, nulls);
}

static void
show_tier(Fold *fold, Statement *st)
{
	if (!st->changed)
		return;
	st->changed = false;
	if (st->tier == st->shown)
		return;
	st->shown = st->tier;
	write_row(fold, st, st->changed_at, entry_names[st->up ? ENTRY_TIER_UP : ENTRY_TIER_DOWN],
			  0, false, st->has_rule ? st->rule : NULL, NULL);
}

static void
write_entry(Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
			const char *rule, const Event *cause, void *arg)
{
	Statement  *st = arg;

	if (kind == ENTRY_REFUSED)
		return;
	if (kind == ENTRY_BEGIN)
	{
		st->shown = fold->tiers.now.tier;
		return;
	}
	if (st->changed && at != st->changed_at)
		show_tier(fold, st);
	st->balance = balance;
	if (kind == ENTRY_TIER_UP || kind == ENTRY_TIER_DOWN)
	{
		st->changed = true;
		st->changed_at = at;
		st->up = kind == ENTRY_TIER_UP;
		/* shown later, when labels are forgotten */
		st->has_rule = rule != NULL;
		if (rule)
			strlcpy(st->rule, rule, sizeof(st->rule));
		st->tier = fold->tiers.now.tier;
		return;
	}
	if (kind == ENTRY_GRANT)
		rule = pnstrdup((const char *) cause->name.data, cause->name.len);
	write_row(fold, st, at, entry_names[kind], points, kind != ENTRY_GRANT && kind != ENTRY_USE && kind != ENTRY_LAPSE, rule, cause);
}

PG_FUNCTION_INFO_V1(loyalty_standing_statement);

/* statement(h, program, asof): how it came about, a row each */
Datum
loyalty_standing_statement(PG_FUNCTION_ARGS)
{
	Statement	st = {.shown = NONE};

	emit_begin(&st.emitter, fcinfo);
	show_tier(call_fold(fcinfo, asof_arg(fcinfo, 2), trail_to(write_entry, &st)), &st);
	return emit_end(&st.emitter);
}
