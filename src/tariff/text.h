/*
 * text.h
 *		The readable form of a tariff: a JSON document.
 */
#ifndef LOYALTY_TARIFF_TEXT_H
#define LOYALTY_TARIFF_TEXT_H

#include "document/read.h"
#include "tariff/tariff.h"

#include "lib/stringinfo.h"

/* Check and compile a document: a palloc'd block.  Errors name the place. */
extern Tariff *tariff_from_json(const JsonNode *document, zone_listed_fn zone_listed);

/* The document that compiles to this tariff: keys in order, no defaults. */
extern void tariff_to_json(StringInfo out, const Tariff *tariff);

#endif							/* LOYALTY_TARIFF_TEXT_H */
