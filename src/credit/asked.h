/*
 * asked.h
 *		What was asked of a customer and what was there, as jsonb.
 */
#ifndef LOYALTY_ASKED_H
#define LOYALTY_ASKED_H

#include "credit/offer.h"

/* What of it is the same for all customers: made once for a document, in the current memory context. */
typedef struct Question
{
	int			rule;			/* Measure, or one more: repaid */
	uint32		len;
	const char *bytes;			/* to what was there */
} Question;

typedef struct Questions
{
	uint32		n;
	uint32		len;			/* of the beginning */
	const char *bytes;
	uint32		most;			/* room for all of it */
	Question	list[MEASURES + 1];
} Questions;

extern void asked_prepare(Questions *questions, const CreditPolicy *policy);

/* {"sales": {"asked": 10000, "there": 8800}, ...}: for each rule of `qualify` */
extern Datum asked_to_jsonb(const Questions *questions, const Offer *offer, Clock *clock);

#endif							/* LOYALTY_ASKED_H */
