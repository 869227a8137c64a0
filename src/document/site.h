/*
 * site.h
 *		What a call site has worked out from a large value, kept as long as the
 *		site lives.
 *
 * Types that aggregates write about a whole population are asked about each
 * customer, row by row.  Such a value begins with its version byte and a stamp,
 * a hash of all that follows: from these and its length it is known again
 * without being read.  One that is stored out of line is known by its pointer,
 * so that not even its head is fetched.
 *
 * Rows may ask for many values in turn, a ranking for each country.  All of
 * them are kept, up to SITE_MEMORY; then the site begins again.
 */
#ifndef LOYALTY_SITE_H
#define LOYALTY_SITE_H

#include "postgres.h"

#include "fmgr.h"

#define SITE_MEMORY		(64 * 1024 * 1024)

/* the version byte and the stamp */
#define STAMPED_HEAD	(1 + sizeof(uint64))

/* What is worked out, of so many bytes, zeroed before; it may allocate in the current context, and not keep `bytes`. */
typedef struct SiteUse
{
	size_t		size;
	void		(*work_out) (void *kept, const uint8 *bytes, size_t len);
} SiteUse;

/* Write the head of bytes whose rest is complete. */
extern void stamp(uint8 *bytes, size_t len, uint8 version);

/*
 * Such bytes as a value.  All but their head is written, from VARDATA on up to `end`,
 * in more room than they need.  Calls `too_large` where no value can be so long.
 */
extern struct varlena *stamped_value(struct varlena *room, const uint8 *end, uint8 version, void (*too_large) (void));

/* What stands after the head of such bytes, or NULL if they have another head. */
extern const uint8 *stamped(const uint8 *bytes, size_t len, uint8 version);

/* What was worked out from an argument.  The site stands in fn_extra, which is its own. */
extern void *site_kept(FunctionCallInfo fcinfo, int arg, const SiteUse *use);

/* A place for something else that the function keeps; NULL to begin with. */
extern void **site_own(FunctionCallInfo fcinfo);

#endif							/* LOYALTY_SITE_H */
