/*
 * estimate.h
 *		A model with the parameters of a population.
 */
#ifndef LOYALTY_ESTIMATE_H
#define LOYALTY_ESTIMATE_H

#include "worth/population.h"

/* The settings of the model given, and what the population says: palloc'd. */
extern Model *estimate_model(const UsedModel *given, const Population *population, int64 until);

#endif							/* LOYALTY_ESTIMATE_H */
