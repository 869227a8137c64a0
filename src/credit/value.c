/*
 * value.c
 *		The SQL type loyalty.credit: a document.
 */
#include "postgres.h"

#include "credit/text.h"
#include "credit/value.h"

DOCUMENT_TYPE(credit, CreditPolicy, 1)
