/*
 * digits.h
 *		Sorting by the digits of a number, 11 bits at a time from the lowest:
 *		what fits into some 30 bits takes three passes over it, which is several
 *		times as fast as comparing.
 *
 *	#define DIGITS_SORT		the function's name
 *	#define DIGITS_ELEMENT	the type that is sorted
 *	#define DIGITS_KEY(e)	its number, unsigned
 *	#include "base/digits.h"
 *
 * defines that function, static.  Elements of one number stay as they come.
 */
#include "base/bytes.h"

#include "miscadmin.h"

#define DIGITS_CONCAT(a, b)	CppConcat(a, b)
#define DIGITS_PASS		DIGITS_CONCAT(DIGITS_SORT, _once)

#define DIGIT_BITS		11
#define DIGIT_VALUES	(1 << DIGIT_BITS)
#define DIGIT_BLOCK		65536	/* elements between two looks whether to go on */

/* One pass: by one digit. */
static void
DIGITS_PASS(const DIGITS_ELEMENT *elements, DIGITS_ELEMENT *sorted, size_t n, int shift)
{
	size_t		places[DIGIT_VALUES] = {0};
	size_t		place = 0;

	for (size_t begin = 0; begin < n; begin += DIGIT_BLOCK)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t i = begin; i < Min(n, begin + DIGIT_BLOCK); i++)
			places[DIGITS_KEY(elements[i]) >> shift & (DIGIT_VALUES - 1)]++;
	}
	for (int digit = 0; digit < DIGIT_VALUES; digit++)
	{
		size_t		count = places[digit];

		places[digit] = place;
		place += count;
	}
	for (size_t begin = 0; begin < n; begin += DIGIT_BLOCK)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t i = begin; i < Min(n, begin + DIGIT_BLOCK); i++)
			sorted[places[DIGITS_KEY(elements[i]) >> shift & (DIGIT_VALUES - 1)]++] = elements[i];
	}
}

/* Sort by some bits of the numbers, with none above them; the answer is where it stands now, one of the two. */
static DIGITS_ELEMENT *
DIGITS_SORT(DIGITS_ELEMENT *elements, DIGITS_ELEMENT *space, size_t n, int from, int bits)
{
	for (int shift = from; shift < from + bits; shift += DIGIT_BITS)
	{
		DIGITS_ELEMENT *sorted = space;

		DIGITS_PASS(elements, sorted, n, shift);
		space = elements;
		elements = sorted;
	}
	return elements;
}

#undef DIGITS_SORT
#undef DIGITS_ELEMENT
#undef DIGITS_KEY
#undef DIGITS_PASS
#undef DIGITS_CONCAT
