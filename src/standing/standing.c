/*
 * standing.c
 *		The SQL functions that fold a program over a history.
 */
#include "postgres.h"

#include "base/numeric.h"
#include "base/zone.h"
#include "history/history_value.h"
#include "program/program_value.h"
#include "standing/plain.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* What is worked out once for a program: its zone and instants. */
typedef struct KeptProgram
{
	const Program *program;
	Bound	   *bounds;
	const Zone *zone;
	PlainProgram plain;
} KeptProgram;

/* What a call site keeps between calls. */
typedef struct CallSite
{
	TupleDesc	desc;
	Fold		fold;
} CallSite;

static CallSite *
call_site(FunctionCallInfo fcinfo)
{
	CallSite   *site = fcinfo->flinfo->fn_extra;

	if (site == NULL)
	{
		site = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(CallSite));
		site->fold.context = fcinfo->flinfo->fn_mcxt;
		fcinfo->flinfo->fn_extra = site;
	}
	return site;
}

static void
work_out(void *arg, const void *compiled)
{
	KeptProgram *kept = arg;

	kept->program = compiled;
	kept->zone = zone_make(PROGRAM_NAME(kept->program, kept->program->timezone));
	kept->bounds = palloc(Max(1, kept->program->rules) * sizeof(Bound));
	program_bind(kept->program, kept->zone, kept->bounds);
	plain_prepare(&kept->plain, kept->program, kept->bounds, kept->zone);
}

/* The program of an argument. */
static KeptProgram *
program_arg(Datum datum)
{
	static DocumentUse use = {&program_type, sizeof(KeptProgram), work_out, NULL};

	return document_kept(&use, datum);
}

/* Fold the program in argument 1 over the history in argument 0. */
static Fold *
run(FunctionCallInfo fcinfo, int64 asof)
{
	CallSite   *site = call_site(fcinfo);
	const KeptProgram *kept = program_arg(PG_GETARG_DATUM(1));
	size_t		len;
	const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);

	site->fold.entry = NULL;
	fold_run(&site->fold, kept->program, kept->bounds, kept->zone, history, len, asof);
	return &site->fold;
}

/* The same for a whole standing, without the fold if everything is plain. */
static const KeptProgram *
run_standing(FunctionCallInfo fcinfo, int64 asof, Standing *standing)
{
	KeptProgram *kept = program_arg(PG_GETARG_DATUM(1));

	if (kept->plain.is_plain)
	{
		size_t		len;
		const uint8 *history = history_from_datum(PG_GETARG_DATUM(0), &len);

		if (plain_standing(&kept->plain, history, len, asof, standing))
			return kept;
	}
	answer_standing(run(fcinfo, asof), standing);
	return kept;
}

/* An instant to ask about; infinity is the end of the calendar. */
static int64
asof_arg(FunctionCallInfo fcinfo, int arg)
{
	int64		asof = PG_GETARG_TIMESTAMPTZ(arg);

	return Max(INSTANT_MIN, Min(asof, INSTANT_LIMIT - 1));
}

static Datum
tier_datum(const Program *program, int tier)
{
	const ProgramName *name = &PROGRAM_LIST(program, program->tier_names, ProgramName)[tier];

	return PointerGetDatum(cstring_to_text_with_len(PROGRAM_NAME(program, *name), (int) name->len));
}

/*
 * A row being written as it is to stand: what-if folds millions of histories,
 * and datums for heap_form_tuple to copy would cost as much as the folds.
 */
typedef struct Row
{
	HeapTupleHeader tuple;
	char	   *end;			/* of what is written */
	int			column;			/* next */
} Row;

#define ROW_COLUMNS		12
#define ROW_HEAD		MAXALIGN(SizeofHeapTupleHeader + BITMAPLEN(ROW_COLUMNS))
/* the most that a column takes beyond a text's bytes */
#define ROW_COLUMN_SIZE (VARHDRSZ_SHORT + DECIMAL_NUMERIC_SIZE)

static void
row_start(Row *row, size_t texts)
{
	row->tuple = palloc(ROW_HEAD + ROW_COLUMNS * ROW_COLUMN_SIZE + texts);
	memset(row->tuple, 0, ROW_HEAD);
	row->end = (char *) row->tuple + ROW_HEAD;
	row->column = 0;
}

static Datum
row_result(Row *row, TupleDesc desc)
{
	HeapTupleHeaderSetDatumLength(row->tuple, row->end - (char *) row->tuple);
	HeapTupleHeaderSetTypeId(row->tuple, desc->tdtypeid);
	HeapTupleHeaderSetTypMod(row->tuple, desc->tdtypmod);
	HeapTupleHeaderSetNatts(row->tuple, ROW_COLUMNS);
	ItemPointerSetInvalid(&row->tuple->t_ctid);
	row->tuple->t_hoff = ROW_HEAD;
	row->tuple->t_infomask = HEAP_HASNULL | HEAP_HASVARWIDTH;
	return HeapTupleHeaderGetDatum(row->tuple);
}

/* Columns not set are NULL. */
static inline void
row_set(Row *row)
{
	row->tuple->t_bits[row->column >> 3] |= (bits8) (1 << (row->column & 7));
	row->column++;
}

static inline void
row_align(Row *row, size_t unit)
{
	while ((row->end - (char *) row->tuple) % unit != 0)
		*row->end++ = '\0';
}

/* an instant, or NULL if it is this one */
static void
row_put_instant(Row *row, int64 at, int64 null)
{
	if (at == null)
	{
		row->column++;
		return;
	}
	row_align(row, ALIGNOF_DOUBLE);
	memcpy(row->end, &at, sizeof(at));
	row->end += sizeof(at);
	row_set(row);
}

/* its bytes are always few enough for a short header */
static void
row_put_decimal(Row *row, int128 value)
{
	size_t		size = decimal_write_numeric(value, row->end + VARHDRSZ_SHORT);

	SET_VARSIZE_SHORT(row->end, VARHDRSZ_SHORT + size);
	row->end += VARHDRSZ_SHORT + size;
	row_set(row);
}

/* the name of a tier, or NULL */
static void
row_put_tier(Row *row, const Program *program, const ProgramName *name)
{
	if (name == NULL)
	{
		row->column++;
		return;
	}
	if (name->len + VARHDRSZ_SHORT <= VARATT_SHORT_MAX)
	{
		SET_VARSIZE_SHORT(row->end, VARHDRSZ_SHORT + name->len);
		row->end += VARHDRSZ_SHORT;
	}
	else
	{
		row_align(row, ALIGNOF_INT);
		SET_VARSIZE(row->end, VARHDRSZ + name->len);
		row->end += VARHDRSZ;
	}
	memcpy(row->end, PROGRAM_NAME(program, *name), name->len);
	row->end += name->len;
	row_set(row);
}

PG_FUNCTION_INFO_V1(loyalty_standing_standing);

/* standing(h, program, asof): one row */
Datum
loyalty_standing_standing(PG_FUNCTION_ARGS)
{
	CallSite   *site = call_site(fcinfo);
	const Program *program;
	const ProgramName *tiers;
	const ProgramName *tier;
	const ProgramName *next;
	Standing	s;
	Row			row;

	if (site->desc == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(site->fold.context);
		TupleDesc	desc;

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "return type must be a row type");
		site->desc = BlessTupleDesc(CreateTupleDescCopy(desc));
		MemoryContextSwitchTo(caller);
	}
	program = run_standing(fcinfo, asof_arg(fcinfo, 2), &s)->program;

	tiers = PROGRAM_LIST(program, program->tier_names, ProgramName);
	tier = s.tier == NONE ? NULL : &tiers[s.tier];
	next = s.next_tier == NONE ? NULL : &tiers[s.next_tier];

	row_start(&row, (tier ? tier->len : 0) + (next ? next->len : 0));
	row_put_tier(&row, program, tier);
	row_put_instant(&row, s.tier_since, PG_INT64_MIN);
	row_put_instant(&row, s.tier_until, INSTANT_NEVER);
	row_put_tier(&row, program, next);
	if (s.has_to_next)
		row_put_decimal(&row, s.to_next);
	else
		row.column++;
	row_put_decimal(&row, s.points);
	row_put_decimal(&row, s.pending);
	row_put_decimal(&row, s.debt);
	row_put_decimal(&row, s.expiring);
	row_put_instant(&row, s.expiring_at, INSTANT_NEVER);
	row_put_decimal(&row, s.lifetime_points);
	if (s.has_qualifying)
		row_put_decimal(&row, s.qualifying);
	else
		row.column++;
	return row_result(&row, site->desc);
}

PG_FUNCTION_INFO_V1(loyalty_standing_points);

Datum
loyalty_standing_points(PG_FUNCTION_ARGS)
{
	Standing	s;

	run_standing(fcinfo, asof_arg(fcinfo, 2), &s);
	return decimal_to_numeric(s.points);
}

PG_FUNCTION_INFO_V1(loyalty_standing_pending);

Datum
loyalty_standing_pending(PG_FUNCTION_ARGS)
{
	Standing	s;

	run_standing(fcinfo, asof_arg(fcinfo, 2), &s);
	return decimal_to_numeric(s.pending);
}

PG_FUNCTION_INFO_V1(loyalty_standing_tier);

Datum
loyalty_standing_tier(PG_FUNCTION_ARGS)
{
	const KeptProgram *kept;
	Standing	s;

	kept = run_standing(fcinfo, asof_arg(fcinfo, 2), &s);
	if (s.tier == NONE)
		PG_RETURN_NULL();
	return tier_datum(kept->program, s.tier);
}

PG_FUNCTION_INFO_V1(loyalty_standing_expiring);

/* expiring(h, program, within, asof) */
Datum
loyalty_standing_expiring(PG_FUNCTION_ARGS)
{
	Interval   *within = PG_GETARG_INTERVAL_P(2);
	Span		span = {within->month, within->day, within->time};
	Fold	   *fold;

	if (span.months < 0 || span.days < 0 || span.time < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("interval must not be negative"),
				 errhint("It is the time to look ahead, for example interval '30 days'.")));
	fold = run(fcinfo, asof_arg(fcinfo, 3));
	return decimal_to_numeric(answer_expiring(fold, fold_add(fold, fold->asof, &span)));
}

PG_FUNCTION_INFO_V1(loyalty_standing_overdrawn);

Datum
loyalty_standing_overdrawn(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(run(fcinfo, INSTANT_LIMIT - 1)->overdrawn);
}

PG_FUNCTION_INFO_V1(loyalty_standing_liability);

/* liability(h, program, asof, share): open points at what they are worth */
Datum
loyalty_standing_liability(PG_FUNCTION_ARGS)
{
	Decimal		share = decimal_from_arg(PG_GETARG_DATUM(3), "share");
	Fold	   *fold;
	const RedeemRule *rule;
	Datum		points;

	if (share < 0 || share > DECIMAL_ONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("share must be between 0 and 1"),
				 errhint("It is the part of the points that is expected to be redeemed.")));
	fold = run(fcinfo, asof_arg(fcinfo, 2));
	rule = redeem_at(fold, fold->asof);
	if (rule == NULL || rule->value == 0)
		PG_RETURN_NULL();
	points = DirectFunctionCall2(numeric_mul,
								 decimal_to_numeric(Max(fold->available - fold->debt + fold->pending, 0)),
								 decimal_to_numeric(rule->value));
	return DirectFunctionCall1(numeric_trim_scale,
							   DirectFunctionCall2(numeric_mul, points, decimal_to_numeric(share)));
}

static void
put_row(ReturnSetInfo *rsinfo, Datum *values, bool *nulls)
{
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

static Datum
ref_datum(const Event *event)
{
	char		ref[REF_TEXT_SIZE];
	size_t		len = ref_to_text(event, ref);

	return PointerGetDatum(cstring_to_text_with_len(ref, (int) len));
}

/* Overdrawn redemptions as they are met. */
static void
write_overdraft(Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
				const char *rule, const Event *cause, void *arg)
{
	ReturnSetInfo *rsinfo = arg;
	const RedeemRule *redeem;
	Decimal		available = balance - points;
	char		number[DECIMAL_TEXT_SIZE];
	char	   *reason;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (kind != ENTRY_REDEEM || !fold->overdrawn)
		return;
	fold->overdrawn = false;
	redeem = redeem_at(fold, at);
	if (available < -points)
		reason = pstrdup("not enough points");
	else if (available < redeem->minimum)
	{
		decimal_to_text(redeem->minimum, number);
		reason = psprintf("a redemption needs a balance of %s", number);
	}
	else
	{
		decimal_to_text(redeem->step, number);
		reason = psprintf("points are redeemed in steps of %s", number);
	}
	values[0] = TimestampTzGetDatum(at);
	values[1] = decimal_to_numeric(-points);
	values[2] = decimal_to_numeric(available);
	values[3] = CStringGetTextDatum(reason);
	nulls[4] = !event_has_ref(cause);
	values[4] = nulls[4] ? 0 : ref_datum(cause);
	put_row(rsinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(loyalty_standing_overdrafts);

/* overdrafts(h, program): the redemptions that were not covered */
Datum
loyalty_standing_overdrafts(PG_FUNCTION_ARGS)
{
	CallSite   *site = call_site(fcinfo);
	const KeptProgram *kept;
	size_t		len;
	const uint8 *history;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	kept = program_arg(PG_GETARG_DATUM(1));
	history = history_from_datum(PG_GETARG_DATUM(0), &len);
	site->fold.entry = write_overdraft;
	site->fold.entry_arg = fcinfo->resultinfo;
	fold_run(&site->fold, kept->program, kept->bounds, kept->zone, history, len, INSTANT_LIMIT - 1);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(loyalty_standing_lots);

/* lots(h, program, asof): the lots that still hold points */
Datum
loyalty_standing_lots(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Fold	   *fold;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	fold = run(fcinfo, asof_arg(fcinfo, 2));
	lots_look_again(fold);
	for (int l = 0; l < fold->nlots; l++)
	{
		const Lot  *lot = &fold->lots[l];
		const Event *cause = &fold->events[lot->event];
		Datum		values[6];
		bool		nulls[6] = {false};

		CHECK_FOR_INTERRUPTS();
		if (lot->remaining == 0)
			continue;
		values[0] = TimestampTzGetDatum(lot->earned_at);
		values[1] = TimestampTzGetDatum(lot->active_at);
		values[2] = TimestampTzGetDatum(lot->expires_at);
		nulls[2] = lot->expires_at == INSTANT_NEVER;
		values[3] = decimal_to_numeric(lot->earned);
		values[4] = decimal_to_numeric(lot->remaining);
		nulls[5] = !event_has_ref(cause);
		values[5] = nulls[5] ? 0 : ref_datum(cause);
		put_row(rsinfo, values, nulls);
	}
	return (Datum) 0;
}

static const char *const entry_names[] = {
	"earn", "bonus", "hold", "release", "redeem", "expire", "refund",
	"return", "clawback", "adjust", "grant", "tier up", "tier down"
};

/* The statement as it is written; a change of tier comes last in its instant. */
typedef struct Statement
{
	ReturnSetInfo *rsinfo;
	int			shown;			/* tier of the rows, NONE */
	int64		changed_at;		/* of a change that is not shown yet */
	bool		changed;
	bool		up;
	int			tier;
	const char *rule;
	Decimal		balance;
} Statement;

static void
write_row(Fold *fold, Statement *st, int64 at, const char *entry, Decimal points, bool has_points,
		  const char *rule, const Event *cause)
{
	Datum		values[7];
	bool		nulls[7] = {false};

	values[0] = TimestampTzGetDatum(at);
	values[1] = CStringGetTextDatum(entry);
	nulls[2] = !has_points;
	values[2] = has_points ? decimal_to_numeric(points) : 0;
	values[3] = decimal_to_numeric(st->balance);
	nulls[4] = st->shown == NONE;
	values[4] = nulls[4] ? 0 : tier_datum(fold->program, st->shown);
	nulls[5] = rule == NULL;
	values[5] = rule ? CStringGetTextDatum(rule) : 0;
	nulls[6] = cause == NULL || !event_has_ref(cause);
	values[6] = nulls[6] ? 0 : ref_datum(cause);
	put_row(st->rsinfo, values, nulls);
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
			  0, false, st->rule, NULL);
}

static void
write_entry(Fold *fold, int64 at, EntryKind kind, Decimal points, Decimal balance,
			const char *rule, const Event *cause, void *arg)
{
	Statement  *st = arg;

	if (kind == ENTRY_BEGIN)
	{
		st->shown = fold->tier.tier;
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
		st->rule = rule;
		st->tier = fold->tier.tier;
		return;
	}
	if (kind == ENTRY_GRANT)
		rule = pnstrdup((const char *) cause->name.data, cause->name.len);
	write_row(fold, st, at, entry_names[kind], points, kind != ENTRY_GRANT, rule, cause);
}

PG_FUNCTION_INFO_V1(loyalty_standing_statement);

/* statement(h, program, asof): how it came about, a row each */
Datum
loyalty_standing_statement(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	CallSite   *site = call_site(fcinfo);
	const KeptProgram *kept;
	Statement	st = {0};
	size_t		len;
	const uint8 *history;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	kept = program_arg(PG_GETARG_DATUM(1));
	history = history_from_datum(PG_GETARG_DATUM(0), &len);
	st.rsinfo = rsinfo;
	st.shown = NONE;
	site->fold.entry = write_entry;
	site->fold.entry_arg = &st;
	fold_run(&site->fold, kept->program, kept->bounds, kept->zone, history, len, asof_arg(fcinfo, 2));
	show_tier(&site->fold, &st);
	return (Datum) 0;
}
