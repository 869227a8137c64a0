/*
 * use.h
 *		A model as functions use it: with its zone and numbers ready.
 */
#ifndef LOYALTY_USE_H
#define LOYALTY_USE_H

#include "base/calendar.h"
#include "worth/model.h"
#include "worth/purchases.h"
#include "worth/renewals.h"
#include "worth/seen.h"

typedef struct UsedModel
{
	const Model *model;
	const Zone *zone;
	const char *text;			/* of the document */
	uint32		len;
	double		day;			/* in units; 0 of contracts with months */
	Days	   *days;

	/* if its parameters are known */
	Purchases	purchases;
	Renewals	renewals;		/* of a model of contracts, instead */
} UsedModel;

extern const UsedModel *model_use(Datum model);

static inline bool
model_is_of_contracts(const UsedModel *use)
{
	return use->model->kind == MODEL_SBG;
}

/*
 * Can a part be asked?  False if a fit could not find it: answers are NULL
 * then.  An error (22023) if nobody has tried.
 */
extern bool model_has(const UsedModel *use, int part);

/* What the model sees of a history, and in its units. */
static inline void
model_look(const UsedModel *use, Datum history, int64 asof, Seen *seen)
{
	seen_look(seen, history, use->days, use->model->value == MODEL_PROFIT, asof);
}

static inline Buyer
buyer_seen(const UsedModel *use, const Seen *seen)
{
	Buyer		buyer = {seen->x, (seen->last - seen->first) * use->day, (seen->today - seen->first) * use->day};

	return buyer;
}

#endif							/* LOYALTY_USE_H */
