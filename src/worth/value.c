/*
 * value.c
 *		The SQL type loyalty.model: a document.
 */
#include "postgres.h"

#include "worth/model.h"

DOCUMENT_TYPE(model, Model, 1)
