/*
 * effect_value.h
 *		Values of the SQL type loyalty.effect.
 *
 * Stored form: a version byte and the canonical text.
 */
#ifndef LOYALTY_EFFECT_VALUE_H
#define LOYALTY_EFFECT_VALUE_H

#include "effect/effect.h"

/* A value in the making: its text is appended between these. */
extern void effect_begin(StringInfo out);
extern Datum effect_end(StringInfo out);

/* The strata of a value, one by one, and its head. */
extern void effect_walk(Datum value, EffectHead *head, stratum_fn fn, void *arg);

/* Has a value an earlier period? */
extern bool effect_earlier(Datum value);

#endif							/* LOYALTY_EFFECT_VALUE_H */
