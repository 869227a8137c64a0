/*
 * fuzz.h
 *		What a fuzz target (fuzz_NAME.c) defines, and what it is given.
 */
#ifndef LOYALTY_FUZZ_H
#define LOYALTY_FUZZ_H

#include "postgres.h"

#include "base/calendar.h"
#include "base/compat.h"
#include "document/type.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

/*
 * The target: do something with one input.  An ERROR with an SQLSTATE ends it
 * quietly; an internal one (elog), an overrun, an overflow or a call of
 * something that stubs.c does not have is a finding.
 */
extern void fuzz_one(const uint8 *data, size_t size);

/* The input as a C string, up to its first NUL, and as a message for recv. */
extern char *fuzz_text(const uint8 *data, size_t size);
extern StringInfo fuzz_message(const uint8 *data, size_t size);
extern Datum fuzz_receive(const SqlType *type, const uint8 *data, size_t size);

/* Are these the bytes of a value; are those of two the same? */
extern bool fuzz_holds(Datum value, const uint8 *data, size_t size);
extern bool fuzz_same(Datum a, Datum b);

/* Do something that may fail: 0, or the SQLSTATE. */
extern int	fuzz_try(void (*function) (void *arg), void *arg);

/* Is this an expectation that holds?  If not, it is a finding. */
#define fuzz_expect(condition) \
	((condition) ? (void) 0 : fuzz_finding("expected: " #condition))
loyalty_compat_noreturn extern void fuzz_finding(const char *what);

/* UTC; any other name is a zone whose clocks skip and repeat midnights, and once a whole day. */
extern const Zone *fuzz_zone(const char *name);

/* A client's bytes are taken, or refused as such; never are they a damaged table. */
static inline void
fuzz_expect_client(int code)
{
	fuzz_expect(code == 0 || code == ERRCODE_INVALID_BINARY_REPRESENTATION ||
				code == ERRCODE_CHARACTER_NOT_IN_REPERTOIRE || code == ERRCODE_PROGRAM_LIMIT_EXCEEDED);
}

#endif							/* LOYALTY_FUZZ_H */
