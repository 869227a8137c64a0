/*
 * number.h
 *		The ids of rows, sorted and numbered.
 */
#ifndef LOYALTY_NUMBER_H
#define LOYALTY_NUMBER_H

#include "referral/referrals.h"

typedef struct RowNumbers
{
	uint32		customer;
	uint32		referrer;		/* NO_ID: nobody */
} RowNumbers;

typedef struct Numbers
{
	uint32		n;
	Id		   *ids;			/* ascending, each once; they point into the rows */
	uint32		rows;
	RowNumbers *of;				/* the ids of each row */
} Numbers;

extern void numbers_make(Numbers *numbers, const uint8 *rows, size_t len);

#endif							/* LOYALTY_NUMBER_H */
