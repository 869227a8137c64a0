/*
 * usage.h
 *		Usage of a period, counted by the entries that price it.
 */
#ifndef LOYALTY_USAGE_H
#define LOYALTY_USAGE_H

#include "tariff/bill.h"

/* Adds the rows of usage; `repriced` are the history's segments by the tariff. */
extern void usage_rate(Bill *bill, const BoundTariff *bound, const Segments *repriced, const uint8 *history, size_t len,
					   int64 from, int64 until);

#endif							/* LOYALTY_USAGE_H */
