/*
 * asked.h
 *		What was asked of a customer and what was there, as jsonb.
 */
#ifndef LOYALTY_ASKED_H
#define LOYALTY_ASKED_H

#include "credit/offer.h"

/* {"sales": {"asked": 10000, "there": 8800}, ...}: for each rule of `qualify` */
extern Datum asked_to_jsonb(const Offer *offer, Loans *loans);

#endif							/* LOYALTY_ASKED_H */
