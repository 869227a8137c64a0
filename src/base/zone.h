/*
 * zone.h
 *		Zone tables from the server's time zone library.
 *
 * A zone is a name that the view pg_timezone_names lists, spelled as there.
 */
#ifndef LOYALTY_ZONE_H
#define LOYALTY_ZONE_H

#include "base/calendar.h"

/*
 * The transitions of a zone, kept for the session; an error (22023) where
 * there is none of that name.
 */
extern const Zone *zone_make(const char *name);

/*
 * How a name is listed, whatever its upper and lower case; NULL if it is not.
 * What is answered stays for the session.
 */
extern const char *zone_listed(const char *name);

#endif							/* LOYALTY_ZONE_H */
