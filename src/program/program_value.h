/*
 * program_value.h
 *		Values of the SQL type loyalty.program.
 */
#ifndef LOYALTY_PROGRAM_VALUE_H
#define LOYALTY_PROGRAM_VALUE_H

#include "document/document.h"

/* For a DocumentUse: what is compiled is a Program. */
extern const DocumentType program_type;

#endif							/* LOYALTY_PROGRAM_VALUE_H */
