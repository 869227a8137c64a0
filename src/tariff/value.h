/*
 * value.h
 *		Values of the SQL type loyalty.tariff.
 */
#ifndef LOYALTY_TARIFF_VALUE_H
#define LOYALTY_TARIFF_VALUE_H

#include "document/document.h"
#include "tariff/tariff.h"

extern const DocumentType tariff_type;

#endif							/* LOYALTY_TARIFF_VALUE_H */
