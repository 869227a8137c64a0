/*
 * club.c
 *		The SQL functions that tell what a member has of a club: plans,
 *		vouchers, benefits.
 */
#include "postgres.h"

#include "base/args.h"
#include "base/emit.h"
#include "base/numeric.h"
#include "standing/benefits.h"
#include "standing/call.h"
#include "standing/settling.h"

#include "miscadmin.h"
#include "utils/builtins.h"

static Datum
name_datum(const Fold *fold, const ProgramName *name)
{
	return PointerGetDatum(cstring_to_text_with_len(PROGRAM_NAME(fold->rules.program, *name), (int) name->len));
}

PG_FUNCTION_INFO_V1(loyalty_standing_plans);

/* plans(h, program, asof): the plans that are held */
Datum
loyalty_standing_plans(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Fold	   *fold;
	const PaidPlan *plans;

	emit_begin(&emitter, fcinfo);
	fold = call_fold(fcinfo, asof_arg(fcinfo, 2), untold);
	plans = PROGRAM_LIST(fold->rules.program, fold->rules.program->plans, PaidPlan);
	for (uint32 p = 0; p < fold->rules.program->plans.n; p++)
	{
		const PlanRun *run = plan_held(fold, (int) p, fold->asof);
		Datum		values[4];
		bool		nulls[4] = {false};

		if (run == NULL)
			continue;
		emit_start(&emitter);
		values[0] = name_datum(fold, &plans[p].name);
		values[1] = TimestampTzGetDatum(run->from);
		values[2] = TimestampTzGetDatum(run->until);
		nulls[2] = run->until == INSTANT_NEVER;
		values[3] = BoolGetDatum(plan_in_grace(fold, (int) p, fold->asof));
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

/* A rule's name, or its place in the document. */
static Datum
voucher_rule_datum(const Fold *fold, const VoucherRule *rule, int i)
{
	return rule->rule.name.len ? name_datum(fold, &rule->rule.name) : CStringGetTextDatum(psprintf("vouchers[%d]", i));
}

static void
write_voucher(Fold *fold, Emitter *emitter, const Issue *issue, int64 number, const Use *use)
{
	const VoucherRule *rules = PROGRAM_LIST(fold->rules.program, fold->rules.program->vouchers, VoucherRule);
	char		name[VOUCHER_NAME_SIZE];
	Datum		values[8];
	bool		nulls[8] = {false};

	emit_start(emitter);
	voucher_name(number, name);
	values[0] = CStringGetTextDatum(name);
	values[1] = TimestampTzGetDatum(issue->at);
	values[2] = TimestampTzGetDatum(issue->expires_at);
	nulls[2] = issue->expires_at == INSTANT_NEVER;
	values[3] = decimal_to_numeric(issue->points);
	values[4] = decimal_to_numeric(issue->value);
	values[5] = CStringGetTextDatum(use ? "used" : issue->expires_at <= fold->asof ? "expired" : "open");
	nulls[6] = use == NULL;
	values[6] = use ? TimestampTzGetDatum(use->at) : 0;
	values[7] = voucher_rule_datum(fold, &rules[issue->rule], issue->rule);
	emit_row(emitter, values, nulls);
}

PG_FUNCTION_INFO_V1(loyalty_standing_vouchers);

/* vouchers(h, program, asof): all that have been issued */
Datum
loyalty_standing_vouchers(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Fold	   *fold;

	emit_begin(&emitter, fcinfo);
	fold = call_fold(fcinfo, asof_arg(fcinfo, 2), untold);
	for (int i = 0; i < fold->vouchers.nissues; i++)
	{
		const Issue *issue = &fold->vouchers.issues[i];
		Use		   *uses = voucher_uses(fold, issue);
		int64		k = 0;

		for (int64 number = issue->first; number < issue->first + issue->count; number++)
		{
			bool		used = k < issue->nused && uses[k].number == number;

			CHECK_FOR_INTERRUPTS();
			write_voucher(fold, &emitter, issue, number, used ? &uses[k] : NULL);
			k += used;
		}
		pfree(uses);
	}
	return emit_end(&emitter);
}

PG_FUNCTION_INFO_V1(loyalty_standing_next_voucher);

/* next_voucher(h, program, asof): what is missing to one, by rule */
Datum
loyalty_standing_next_voucher(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Fold	   *fold;
	const VoucherRule *rules;

	emit_begin(&emitter, fcinfo);
	fold = call_fold(fcinfo, asof_arg(fcinfo, 2), untold);
	rules = PROGRAM_LIST(fold->rules.program, fold->rules.program->vouchers, VoucherRule);
	for (int i = 0; i < (int) fold->rules.program->vouchers.n; i++)
	{
		const VoucherRule *rule = &rules[i];
		int64		settles_at = INSTANT_NEVER;
		Datum		values[3];
		bool		nulls[3] = {false};

		if (!voucher_rule_acts(fold, rule))
			continue;
		/* nobody knows when a membership has begun that has not */
		if (rule->every > 0 && (rule->on_month > 0 || fold->begun))
			settles_at = settles_after(&fold->clock, rule, fold->asof);
		if (settles_at >= fold->rules.bounds[rule->rule.id].until)
			settles_at = INSTANT_NEVER;
		emit_start(&emitter);
		values[0] = voucher_rule_datum(fold, rule, i);
		values[1] = decimal_to_numeric(Max(Max(rule->minimum, rule->points) - voucher_points(fold, rule, settles_at), 0));
		values[2] = TimestampTzGetDatum(settles_at);
		nulls[2] = settles_at == INSTANT_NEVER;
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

PG_FUNCTION_INFO_V1(loyalty_standing_benefits);

/* benefits(h, program, asof): those that the member has */
Datum
loyalty_standing_benefits(PG_FUNCTION_ARGS)
{
	Emitter		emitter;
	Fold	   *fold;
	const BenefitRule *rules;

	emit_begin(&emitter, fcinfo);
	fold = call_fold(fcinfo, asof_arg(fcinfo, 2), untold);
	rules = PROGRAM_LIST(fold->rules.program, fold->rules.program->benefits, BenefitRule);
	for (uint32 i = 0; i < fold->rules.program->benefits.n; i++)
	{
		Benefit		benefit;
		Datum		values[6];
		bool		nulls[6] = {false};

		if (!benefit_at(fold, &rules[i], &benefit))
			continue;
		emit_start(&emitter);
		values[0] = name_datum(fold, &rules[i].rule.name);
		nulls[1] = nulls[3] = benefit.quantity == PG_INT64_MAX;
		values[1] = nulls[1] ? 0 : decimal_to_numeric(benefit.quantity);
		values[2] = Int64GetDatum(benefit.used);
		values[3] = nulls[3] ? 0 : decimal_to_numeric(benefit_remaining(&benefit));
		nulls[4] = rules[i].per == PER_LIFETIME;
		nulls[5] = benefit.until == INSTANT_NEVER;
		values[4] = TimestampTzGetDatum(benefit.since);
		values[5] = TimestampTzGetDatum(benefit.until);
		emit_row(&emitter, values, nulls);
	}
	return emit_end(&emitter);
}

PG_FUNCTION_INFO_V1(loyalty_standing_entitled);

/* entitled(h, program, benefit, asof): is there any left of it? */
Datum
loyalty_standing_entitled(PG_FUNCTION_ARGS)
{
	const text *name = PG_GETARG_TEXT_PP(2);
	Fold	   *fold = call_fold(fcinfo, asof_arg(fcinfo, 3), untold);
	const BenefitRule *rules = PROGRAM_LIST(fold->rules.program, fold->rules.program->benefits, BenefitRule);

	for (uint32 i = 0; i < fold->rules.program->benefits.n; i++)
	{
		const ProgramName *its = &rules[i].rule.name;
		Benefit		benefit;

		if (its->len == VARSIZE_ANY_EXHDR(name) &&
			memcmp(PROGRAM_NAME(fold->rules.program, *its), VARDATA_ANY(name), its->len) == 0)
			PG_RETURN_BOOL(benefit_at(fold, &rules[i], &benefit) &&
						   (benefit.quantity == PG_INT64_MAX || benefit_remaining(&benefit) > 0));
	}
	PG_RETURN_BOOL(false);
}
