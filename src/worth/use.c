/*
 * use.c
 *		A model as functions use it: with its zone and numbers ready.
 */
#include "postgres.h"

#include "base/zone.h"
#include "worth/use.h"

static PurchaseKind
purchase_kind(ModelKind kind)
{
	return kind == MODEL_PARETO_NBD ? PURCHASES_PARETO : kind == MODEL_BG_NBD ? PURCHASES_BG : PURCHASES_MBG;
}

static void
work_out(void *arg, const void *compiled)
{
	UsedModel  *use = arg;
	const double *parameters;
	StringInfoData text;

	use->model = compiled;
	use->zone = zone_make(BLOCK_NAME(use->model, use->model->timezone));
	use->days = palloc(sizeof(Days));
	days_begin(use->days, use->zone);
	initStringInfo(&text);
	model_to_json(&text, use->model);
	use->text = text.data;
	use->len = text.len;

	parameters = use->model->parts[PART_PURCHASES].parameters;
	use->purchases.kind = purchase_kind(use->model->kind);
	use->purchases.r = parameters[0];
	use->purchases.alpha = parameters[1];
	use->purchases.leave = parameters[2];
	use->purchases.stay = parameters[3];
	use->renewals.alpha = parameters[0];
	use->renewals.beta = parameters[1];
	if (use->model->unit.days > 0)
		use->day = 1.0 / use->model->unit.days;
}

const UsedModel *
model_use(Datum model)
{
	static DocumentUse use = {&model_type, sizeof(UsedModel), work_out, NULL};

	return document_kept(&use, model);
}

bool
model_has(const UsedModel *use, int part)
{
	const ModelPart *asked = &use->model->parts[part];
	/* the mean amount of contracts is not fitted by itself */
	PartStatus	status = use->model->parts[model_is_of_contracts(use) ? PART_PURCHASES : part].status;

	if (!asked->known && status == PART_NOT_TRIED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no parameters of %s", part == PART_SPEND ? "what customers spend" : "how customers buy"),
				 errhint("Fit it to histories, as in SELECT loyalty.fit(h, model, asof) FROM ..., or write its \"parameters\".")));
	if (part == PART_SPEND && !model_is_of_contracts(use) && asked->known && asked->parameters[1] <= 1)
		return false;			/* q <= 1: no mean */
	return asked->known;
}
