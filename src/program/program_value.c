/*
 * program_value.c
 *		The SQL type loyalty.program: a document.
 */
#include "postgres.h"

#include "program/program_value.h"
#include "program/text.h"

DOCUMENT_TYPE(program, Program, 1)
