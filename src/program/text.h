/*
 * text.h
 *		The readable form of a program: a JSON document.
 */
#ifndef LOYALTY_PROGRAM_TEXT_H
#define LOYALTY_PROGRAM_TEXT_H

#include "base/json.h"
#include "program/program.h"

/* whether there is a time zone of that name */
typedef bool (*zone_known_fn) (const char *name);

/*
 * Check and compile a document.  The block is palloc'd, with its varlena
 * header set.  Documents that mean the same, written differently, give the
 * same bytes.  Errors name the place: 22023, 22003 for numbers that cannot be
 * kept, 54000 for what is too large.
 */
extern Program *program_from_json(const JsonNode *document, zone_known_fn zone_known);

/* The document that compiles to this program: keys in order, no defaults. */
extern void program_to_json(StringInfo out, const Program *program);

#endif							/* LOYALTY_PROGRAM_TEXT_H */
