/*
 * progress.c
 *		How far a long job has come: the view loyalty.progress.
 *
 * It is kept where the server keeps that of its own commands: in the entry of
 * the process in shared memory, which pg_stat_progress_vacuum and the others
 * are read from.  So nothing is to be preloaded, it costs next to nothing, and
 * it ends with the transaction however that ends.  Which command it is, is told
 * by a number there.  Ours is far from theirs, and their views pass it by.
 */
#include "postgres.h"

#include "base/compat.h"
#include "live/progress.h"

#include "access/parallel.h"
#include "catalog/pg_authid.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "storage/proc.h"
#include "utils/acl.h"
#include "utils/backend_progress.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/plancache.h"
#include "utils/tuplestore.h"

#define OURS ((ProgressCommandType) 0x6C6F79)

/* what is told of a process; the two counters first */
enum
{
	EVENTS, CUSTOMERS, COUNTERS, EXPECTED = COUNTERS, JOB, PHASE, LEADER
};

static int64 counted[COUNTERS];

static bool
is_begun(void)
{
	return MyBEEntry && MyBEEntry->st_progress_command == OURS;
}

static void
begin(Oid live)
{
	memset(counted, 0, sizeof(counted));
	pgstat_progress_start_command(OURS, live);
	pgstat_progress_update_param(LEADER, MyProc->lockGroupLeader ? MyProc->lockGroupLeader->pid : MyProcPid);
}

void
progress_begin(Job job, Oid live)
{
	begin(live);
	pgstat_progress_update_param(JOB, job);
}

void
progress_end(void)
{
	if (is_begun())
		pgstat_progress_end_command();
}

/* rows that a query gives, or inserts, as the planner thinks */
static int64
rows_expected(const char *sql)
{
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);
	CachedPlan *cached = plan ? SPI_plan_get_cached_plan(plan) : NULL;
	Plan	   *top;
	double		rows;

	if (cached == NULL)
		elog(ERROR, "could not plan \"%s\"", sql);
	top = linitial_node(PlannedStmt, cached->stmt_list)->planTree;
	rows = IsA(top, ModifyTable) ? outerPlan(top)->plan_rows : top->plan_rows;
	ReleaseCachedPlan(cached, NULL);
	SPI_freeplan(plan);
	return rows < 1e18 ? (int64) rows : 0;
}

void
progress_phase(Phase phase, const char *sql)
{
	const int	params[] = {EVENTS, CUSTOMERS, EXPECTED, PHASE};
	const int64 values[] = {0, 0, sql && is_begun() ? rows_expected(sql) : 0, phase};

	if (!is_begun())
		return;
	memset(counted, 0, sizeof(counted));
	pgstat_progress_update_multi_param(lengthof(params), params, values);
}

PG_FUNCTION_INFO_V1(loyalty_live_count);

/*
 * live_count(counter, value): the same value, and one more of them.  Parallel
 * workers count for themselves; the view adds up.
 */
Datum
loyalty_live_count(PG_FUNCTION_ARGS)
{
	int			counter = PG_ARGISNULL(0) ? -1 : PG_GETARG_INT32(0);

	if (counter >= 0 && counter < COUNTERS)
	{
		if (IsParallelWorker() && !is_begun())
			begin(InvalidOid);
		if (is_begun())
			pgstat_progress_update_param(counter, ++counted[counter]);
	}
	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(1));
}

static Datum
name_of(int64 number, const char *const *names, int n, bool *isnull)
{
	*isnull = number < 1 || number > n;
	return *isnull ? (Datum) 0 : CStringGetTextDatum(names[number - 1]);
}

/* what a process says of a job of this database; NULL if nothing */
static const PgBackendStatus *
process_at(int index)
{
	const LocalPgBackendStatus *local = loyalty_compat_backend(index);
	const PgBackendStatus *process = local ? &local->backendStatus : NULL;

	return process && process->st_procpid > 0 && process->st_progress_command == OURS &&
		process->st_databaseid == MyDatabaseId ? process : NULL;
}

static bool
is_worker(const PgBackendStatus *process)
{
	return process->st_progress_param[LEADER] != process->st_procpid;
}

/* as for pg_stat_activity */
static bool
may_see(const PgBackendStatus *process)
{
	return has_privs_of_role(GetUserId(), process->st_userid) || has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS);
}

static int64
counted_by_all(const PgBackendStatus *leader, int counter)
{
	int64		count = 0;

	for (int i = pgstat_fetch_stat_numbackends(); i > 0; i--)
	{
		const PgBackendStatus *process = process_at(i);

		if (process && process->st_progress_param[LEADER] == leader->st_procpid)
			count += process->st_progress_param[counter];
	}
	return count;
}

PG_FUNCTION_INFO_V1(loyalty_live_progress);

/* live_progress(): the jobs of this database whose statistics the caller may see */
Datum
loyalty_live_progress(PG_FUNCTION_ARGS)
{
	static const char *const jobs[] = {"track", "rebuild", "verify"};
	static const char *const phases[] = {"clearing", "joined rows", "histories"};
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = pgstat_fetch_stat_numbackends(); i > 0; i--)
	{
		const PgBackendStatus *process = process_at(i);
		Datum		values[7];
		bool		nulls[7] = {false};

		if (process == NULL || is_worker(process) || !may_see(process))
			continue;
		values[0] = Int32GetDatum(process->st_procpid);
		values[1] = ObjectIdGetDatum(process->st_progress_command_target);
		values[2] = name_of(process->st_progress_param[JOB], jobs, lengthof(jobs), &nulls[2]);
		values[3] = name_of(process->st_progress_param[PHASE], phases, lengthof(phases), &nulls[3]);
		values[4] = Int64GetDatum(counted_by_all(process, EVENTS));
		values[5] = Int64GetDatum(process->st_progress_param[EXPECTED]);
		values[6] = Int64GetDatum(counted_by_all(process, CUSTOMERS));
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
