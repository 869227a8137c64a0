/*
 * text.h
 *		The readable form of a credit document: JSON.
 */
#ifndef LOYALTY_CREDIT_TEXT_H
#define LOYALTY_CREDIT_TEXT_H

#include "credit/credit.h"
#include "document/read.h"

#include "lib/stringinfo.h"

/* Check and compile a document: a palloc'd block.  Errors name the place. */
extern CreditPolicy *credit_from_json(const JsonNode *document, zone_listed_fn zone_listed);

/* The document that compiles to it: keys in order, no defaults. */
extern void credit_to_json(StringInfo out, const CreditPolicy *policy);

#endif							/* LOYALTY_CREDIT_TEXT_H */
