/*
 * value.h
 *		Values of the SQL type loyalty.credit.
 */
#ifndef LOYALTY_CREDIT_VALUE_H
#define LOYALTY_CREDIT_VALUE_H

#include "document/document.h"

extern const DocumentType credit_type;

#endif							/* LOYALTY_CREDIT_VALUE_H */
