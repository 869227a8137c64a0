/*
 * exact.c
 *		Exact fractions of numerics.
 *
 * They are not reduced: the few steps from sums to a result, which have a
 * bounded number of digits, stay far below what a numeric can hold.
 */
#include "postgres.h"

#include "effect/exact.h"

#include "utils/builtins.h"
#include "utils/numeric.h"

Datum
numeric_from_text(const char *text)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

Datum
numeric_plus(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_add, a, b);
}

Datum
numeric_minus(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_sub, a, b);
}

Datum
numeric_times(Datum a, Datum b)
{
	return DirectFunctionCall2(numeric_mul, a, b);
}

Datum
numeric_trimmed(Datum value)
{
	return DirectFunctionCall1(numeric_trim_scale, value);
}

int
numeric_sign_of(Datum value)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, value, NumericGetDatum(int64_to_numeric(0))));
}

Exact
exact_numeric(Datum numeric)
{
	return (Exact) {numeric, NumericGetDatum(int64_to_numeric(1))};
}

Exact
exact_whole(int64 value)
{
	return exact_numeric(NumericGetDatum(int64_to_numeric(value)));
}

Exact
exact_plus(Exact a, Exact b)
{
	return (Exact) {numeric_plus(numeric_times(a.num, b.den), numeric_times(b.num, a.den)), numeric_times(a.den, b.den)};
}

Exact
exact_minus(Exact a, Exact b)
{
	return (Exact) {numeric_minus(numeric_times(a.num, b.den), numeric_times(b.num, a.den)), numeric_times(a.den, b.den)};
}

Exact
exact_times(Exact a, Exact b)
{
	return (Exact) {numeric_times(a.num, b.num), numeric_times(a.den, b.den)};
}

Exact
exact_over(Exact a, Exact b)
{
	return (Exact) {numeric_times(a.num, b.den), numeric_times(a.den, b.num)};
}

int
exact_sign(Exact a)
{
	return numeric_sign_of(a.num) * numeric_sign_of(a.den);
}

/* numeric gives a quotient at least as many significant digits as a double has */
double
exact_double(Exact a)
{
	return DatumGetFloat8(DirectFunctionCall1(numeric_float8, DirectFunctionCall2(numeric_div, a.num, a.den)));
}
