/*
 * zone.c
 *		Zone tables from the server's time zone library.
 */
#include "postgres.h"

#include "base/zone.h"

#include "pgtime.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

/* Beyond this year the cycle of 400 years repeats what the table holds. */
#define LAST_YEAR 2440

/* The tables made so far: a query of one row cannot afford to make them. */
typedef struct KnownZone
{
	char		name[TZ_STRLEN_MAX + 1];	/* as listed */
	Zone		zone;
} KnownZone;

static HTAB *known_zones = NULL;

/*
 * The zone of that name.  The server also reads a POSIX rule, such as "+02"
 * (which is west of Greenwich) or "Berlin1", where it knows no zone; after a
 * colon it looks for nothing but a file, which is what pg_timezone_names lists.
 */
static pg_tz *
find_zone(const char *name)
{
	char		file[TZ_STRLEN_MAX + 1];
	pg_tz	   *tz;

	if (strlen(name) >= TZ_STRLEN_MAX)
		return NULL;
	snprintf(file, sizeof(file), ":%s", name);
	tz = pg_tzset(file);
	/* nor does it list zones whose clocks count leap seconds */
	return tz && pg_tz_acceptable(tz) ? tz : NULL;
}

const char *
zone_listed(const char *name)
{
	pg_tz	   *tz = find_zone(name);

	return tz ? pg_get_timezone_name(tz) : NULL;
}

/* The transitions of a zone: the first from ever. */
static void
read_transitions(pg_tz *tz, Zone *zone)
{
	const pg_time_t epoch = (pg_time_t) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY;
	pg_time_t	t = INSTANT_MIN / USECS_PER_SEC + epoch - SECS_PER_DAY;
	pg_time_t	last = (pg_time_t) date_to_days(LAST_YEAR, 1, 1) * SECS_PER_DAY + epoch;
	int			room = 64;
	int			n = 0;
	int64	   *starts = palloc(room * sizeof(int64));
	int32	   *offsets = palloc(room * sizeof(int32));
	char	   *kept;

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

	kept = MemoryContextAlloc(TopMemoryContext, n * (sizeof(int64) + sizeof(int32)));
	zone->n = n;
	zone->starts = memcpy(kept, starts, n * sizeof(int64));
	zone->offsets = memcpy(kept + n * sizeof(int64), offsets, n * sizeof(int32));
	pfree(starts);
	pfree(offsets);
}

const Zone *
zone_make(const char *name)
{
	KnownZone  *known;
	pg_tz	   *tz;
	Zone		zone;
	bool		found;

	if (known_zones == NULL)
	{
		HASHCTL		control = {.keysize = TZ_STRLEN_MAX + 1, .entrysize = sizeof(KnownZone), .hcxt = TopMemoryContext};

		known_zones = hash_create("loyalty zones", 32, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	}
	known = hash_search(known_zones, name, HASH_FIND, NULL);
	if (known)
		return &known->zone;

	tz = find_zone(name);
	if (tz == NULL || strcmp(pg_get_timezone_name(tz), name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" not recognized", name),
				 tz ? errhint("Perhaps you meant \"%s\".", pg_get_timezone_name(tz)) :
				 errhint("See the view pg_timezone_names for the names that the server knows.")));
	read_transitions(tz, &zone);
	known = hash_search(known_zones, name, HASH_ENTER, &found);
	known->zone = zone;
	return &known->zone;
}
