/*
 * text.h
 *		The readable form of a program: a JSON document.
 */
#ifndef LOYALTY_PROGRAM_TEXT_H
#define LOYALTY_PROGRAM_TEXT_H

#include "document/read.h"
#include "program/program.h"

#include "lib/stringinfo.h"

/*
 * Check and compile a document: a palloc'd block.  Documents that mean the
 * same, written differently, give the same.  Errors name the place.
 */
extern Program *program_from_json(const JsonNode *document, zone_listed_fn zone_listed);

/* The document that compiles to this program: keys in order, no defaults. */
extern void program_to_json(StringInfo out, const Program *program);

#endif							/* LOYALTY_PROGRAM_TEXT_H */
