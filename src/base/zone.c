/*
 * zone.c
 *		Zone tables from the server's time zone library.
 */
#include "postgres.h"

#include "base/zone.h"

#include "pgtime.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Beyond this year the cycle of 400 years repeats what the table holds. */
#define LAST_YEAR 2440

bool
zone_exists(const char *name)
{
	return pg_tzset(name) != NULL;
}

/* The tables made so far: a query of one row cannot afford to make them. */
typedef struct KnownZone
{
	pg_tz	   *tz;				/* lives as long as the session */
	Zone		zone;
	struct KnownZone *next;
} KnownZone;

static KnownZone *known_zones = NULL;

const Zone *
zone_make(const char *name)
{
	pg_tz	   *tz = pg_tzset(name);
	KnownZone  *known;
	int64	   *starts;
	int32	   *offsets;
	int			room = 64;
	int			n = 0;
	const pg_time_t epoch = (pg_time_t) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	pg_time_t	t = INSTANT_MIN / USECS_PER_SEC + epoch - SECS_PER_DAY;
	pg_time_t	last = (pg_time_t) date_to_days(LAST_YEAR, 1, 1) * SECS_PER_DAY + epoch;

	if (tz == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name),
				 errhint("See the view pg_timezone_names for the names that the server knows.")));

	for (known = known_zones; known; known = known->next)
	{
		if (known->tz == tz)
			return &known->zone;
	}

	starts = palloc(room * sizeof(int64));
	offsets = palloc(room * sizeof(int32));
	for (;;)
	{
		long int	before,
					after;
		int			before_dst,
					after_dst;
		pg_time_t	boundary;
		int			more = pg_next_dst_boundary(&t, &before, &before_dst, &boundary,
												&after, &after_dst, tz);

		if (n == 0)
		{
			starts[0] = PG_INT64_MIN;
			offsets[0] = (int32) before;
			n = 1;
		}
		if (more <= 0 || boundary >= last)
			break;
		if (n == room)
		{
			room *= 2;
			starts = repalloc(starts, room * sizeof(int64));
			offsets = repalloc(offsets, room * sizeof(int32));
		}
		starts[n] = (int64) (boundary - epoch) * USECS_PER_SEC;
		offsets[n] = (int32) after;
		n++;
		t = boundary;
	}

	known = MemoryContextAlloc(TopMemoryContext, sizeof(KnownZone) + n * (sizeof(int64) + sizeof(int32)));
	known->tz = tz;
	known->zone.n = n;
	known->zone.starts = memcpy(known + 1, starts, n * sizeof(int64));
	known->zone.offsets = memcpy((int64 *) (known + 1) + n, offsets, n * sizeof(int32));
	known->next = known_zones;
	known_zones = known;
	pfree(starts);
	pfree(offsets);
	return &known->zone;
}
