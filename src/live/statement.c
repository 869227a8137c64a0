/*
 * statement.c
 *		SQL, and its plan once it has been run.
 */
#include "postgres.h"

#include "live/statement.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "utils/snapmgr.h"

/* After an error: our own SQL tells nobody anything, so its line is taken out of the context. */
static void
rethrow_without(const char *sql, MemoryContext caller)
{
	ErrorData  *error;
	char	   *found;

	MemoryContextSwitchTo(caller);
	error = CopyErrorData();
	FlushErrorState();
	found = error->context ? strstr(error->context, sql) : NULL;
	if (found)
	{
		char	   *end = found + strlen(sql);

		while (found > error->context && found[-1] != '\n')
			found--;
		end += strcspn(end, "\n");
		if (*end)
			end++;
		else if (found > error->context)
			found--;
		memmove(found, end, strlen(end) + 1);
		if (*error->context == '\0')
			error->context = NULL;
	}
	ReThrowError(error);
}

static int
execute(Statement *statement, Datum *values, const char *nulls)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile int result = 0;

	PG_TRY();
	{
		result = SPI_execute_plan(statement->plan, values, nulls, false, 0);
	}
	PG_CATCH();
	{
		rethrow_without(statement->sql, caller);
	}
	PG_END_TRY();
	return result;
}

static void
make_plan(Statement *statement, int nargs, Oid *types)
{
	SPIPlanPtr	made;

	if (statement->plan)
		return;
	made = SPI_prepare(statement->sql, nargs, types);
	if (made == NULL)
		elog(ERROR, "SPI_prepare failed: %s: %s", SPI_result_code_string(SPI_result), statement->sql);
	SPI_keepplan(made);
	statement->plan = made;
}

void
statement_run(Statement *statement, int nargs, Oid *types, Datum *values, const char *nulls)
{
	int			result;

	make_plan(statement, nargs, types);
	result = execute(statement, values, nulls);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
}

void
could_not_serialize(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("could not serialize access due to concurrent update"),
			 errdetail("Rows that this change concerns have come since the transaction's snapshot."),
			 errhint("The transaction might succeed if retried.")));
}

void
statement_run_latest(Statement *statement, int nargs, Oid *types, Datum *values)
{
	int			result;

	make_plan(statement, nargs, types);
	CommandCounterIncrement();
	result = SPI_execute_snapshot(statement->plan, values, NULL, GetLatestSnapshot(), InvalidSnapshot, true, false, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_snapshot failed: %s", SPI_result_code_string(result));
}

void
statement_free(Statement *statement)
{
	if (statement->plan)
		SPI_freeplan(statement->plan);
	statement->plan = NULL;
}

void
run_once(const char *sql, int expected)
{
	MemoryContext caller = CurrentMemoryContext;
	volatile int result = 0;

	PG_TRY();
	{
		result = SPI_execute(sql, false, 0);
	}
	PG_CATCH();
	{
		rethrow_without(sql, caller);
	}
	PG_END_TRY();
	if (result != expected)
		elog(ERROR, "%s: %s", SPI_result_code_string(result), sql);
}
