/*
 * value.c
 *		The SQL type loyalty.tariff: a document.
 */
#include "postgres.h"

#include "tariff/text.h"
#include "tariff/value.h"

DOCUMENT_TYPE(tariff, Tariff, 1)
