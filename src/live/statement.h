/*
 * statement.h
 *		SQL, and its plan once it has been run.
 */
#ifndef LOYALTY_STATEMENT_H
#define LOYALTY_STATEMENT_H

#include "postgres.h"

#include "base/compat.h"

typedef struct Statement
{
	char	   *sql;
	struct _SPI_plan *plan;
} Statement;

/* Run it; the caller reads SPI_tuptable. */
extern void statement_run(Statement *statement, int nargs, Oid *types, Datum *values, const char *nulls);

/* The same in the latest snapshot, whatever the transaction's; for queries. */
extern void statement_run_latest(Statement *statement, int nargs, Oid *types, Datum *values);

/* SQL that is run once, and the SPI code that it must give */
extern void run_once(const char *sql, int expected);

extern void statement_free(Statement *statement);

/* The transaction's snapshot is too old for what must be known (40001). */
loyalty_compat_noreturn extern void could_not_serialize(void);

#endif							/* LOYALTY_STATEMENT_H */
