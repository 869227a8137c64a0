/*
 * zone.h
 *		Zone tables from the server's time zone library.
 */
#ifndef LOYALTY_ZONE_H
#define LOYALTY_ZONE_H

#include "base/calendar.h"

/*
 * The transitions of a zone the server knows by that name, kept for the
 * session; an error (22023) where it knows none.
 */
extern const Zone *zone_make(const char *name);

/* whether the server knows the zone */
extern bool zone_exists(const char *name);

#endif							/* LOYALTY_ZONE_H */
