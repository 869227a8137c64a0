/*
 * model.h
 *		How the customers of a population buy and leave: a document.
 *
 *		{"timezone": "UTC", "model": "MBG/NBD", "unit": "1 week", "value": "revenue", "prior": 0,	settings
 *		 "parameters": {"r": 0.5, "alpha": 6.2, "a": 0.9, "b": 1.6, "p": 6.2, "q": 3.7, "gamma": 15.4},
 *		 "standard_errors": {...}, "covariance": [[[...], ...], [[...], ...]],						from here on
 *		 "customers": 2357, "repeat_customers": 946, "valued_customers": 946,						what a fit adds
 *		 "skipped": {"no purchase": 0, "value not above 0": 0},
 *		 "log_likelihood": -9582.1, "spend_log_likelihood": -4055.9,
 *		 "status": "fitted", "spend_status": "fitted", "until": "1997-09-30T00:00:00Z"}
 *
 * It has two parts, how often customers buy and what for, and may lack either.
 */
#ifndef LOYALTY_MODEL_H
#define LOYALTY_MODEL_H

#include "document/document.h"
#include "worth/newton.h"

typedef enum ModelKind
{
	MODEL_MBG_NBD,
	MODEL_PARETO_NBD,
	MODEL_BG_NBD,
	MODEL_SBG,
} ModelKind;

typedef enum ModelValue
{
	MODEL_REVENUE,
	MODEL_PROFIT,
} ModelValue;

/* how a fit went */
typedef enum PartStatus
{
	PART_NOT_TRIED,
	PART_FITTED,
	PART_TOO_FEW,
	PART_NO_MAXIMUM,
	PART_NO_MEAN,				/* of the spend: q <= 1 */
} PartStatus;

/* what people buy by, and what they spend: the order of the parts */
enum
{
	PART_PURCHASES, PART_SPEND, MODEL_PARTS
};

typedef struct ModelPart
{
	PartStatus	status;
	bool		known;			/* has parameters */
	bool		has_errors;
	bool		has_covariance;
	bool		has_log_likelihood;
	double		parameters[NEWTON_MOST];
	double		errors[NEWTON_MOST];	/* standard errors of the parameters */
	double		covariance[NEWTON_MOST][NEWTON_MOST];	/* of their logarithms */
	double		log_likelihood;
} ModelPart;

typedef struct Model
{
	uint32		size;
	BlockName	timezone;
	ModelKind	kind;
	Span		unit;
	ModelValue	value;
	Decimal		prior;
	ModelPart	parts[MODEL_PARTS];

	/* what a fit counted */
	bool		has_counts;
	int64		customers;		/* with a transaction */
	int64		repeat_customers;
	int64		valued_customers;
	int64		no_purchase;
	int64		not_above;		/* repeat customers whose value is not above 0 */
	bool		has_until;
	int64		until;
} Model;

/* The names of a part's parameters in their order; a NULL ends them. */
extern const char *const *model_parameters(ModelKind kind, int part);
extern int	model_count_parameters(ModelKind kind, int part);

/* read.c, write.c: the document, in and out */
extern Model *model_from_json(const JsonNode *document, zone_listed_fn zone_listed);
extern void model_to_json(StringInfo out, const Model *model);

/* the words for what it may be, in the order of the enums; NULL-terminated */
extern const char *const model_kinds[];
extern const char *const model_values[];
extern const char *const model_statuses[];	/* of purchases, from PART_FITTED on */
extern const char *const model_spend_statuses[];

#define MODEL_UNIT_DAYS	7		/* the default */

/* value.c */
extern const DocumentType model_type;

#endif							/* LOYALTY_MODEL_H */
