/*
 * compat.h
 *		Differences between the server versions we support (15 to 19).  Version
 *		tests stand in this file only, under names of our own.
 */
#ifndef LOYALTY_COMPAT_H
#define LOYALTY_COMPAT_H

#include "postgres.h"

#include "common/jsonapi.h"

/* varlena macros have a header of their own since 16 */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* what marks a function that does not return stands before all else since 18 */
#if PG_VERSION_NUM >= 180000
#define loyalty_compat_noreturn pg_noreturn
#else
#define loyalty_compat_noreturn pg_attribute_noreturn()
#endif

/* the JSON parser's callbacks answer a status since 16 */
#if PG_VERSION_NUM >= 160000
typedef JsonParseErrorType loyalty_compat_json_result;
#define LOYALTY_COMPAT_JSON_DONE JSON_SUCCESS
#else
typedef void loyalty_compat_json_result;
#define LOYALTY_COMPAT_JSON_DONE
#endif

/* its lexer may live on the stack since 17; we let it allocate */
static inline JsonLexContext *
loyalty_compat_json_lexer(const char *text, size_t len, int encoding)
{
#if PG_VERSION_NUM >= 170000
	return makeJsonLexContextCstringLen(NULL, text, len, encoding, true);
#else
	return makeJsonLexContextCstringLen(unconstify(char *, text), (int) len, encoding, true);
#endif
}

/* intervals may be infinite since 17 */
#if PG_VERSION_NUM >= 170000
#define loyalty_compat_interval_is_infinite(interval) INTERVAL_NOT_FINITE(interval)
#else
#define loyalty_compat_interval_is_infinite(interval) false
#endif

/* a planner's root is an argument since 16 */
#if PG_VERSION_NUM >= 160000
#define loyalty_compat_flatten_join_vars(query, node) flatten_join_alias_vars(NULL, query, node)
#else
#define loyalty_compat_flatten_join_vars(query, node) flatten_join_alias_vars(query, node)
#endif

/* ranges may be made with soft errors since 16 */
#if PG_VERSION_NUM >= 160000
#define loyalty_compat_make_range(type, lower, upper) make_range(type, lower, upper, false, NULL)
#else
#define loyalty_compat_make_range(type, lower, upper) make_range(type, lower, upper, false)
#endif

/* generated columns may be virtual, and constraints not enforced, since 18 */
#if PG_VERSION_NUM >= 180000
#define loyalty_compat_is_virtual(column) ((column)->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
#define loyalty_compat_is_enforced(constraint) ((constraint)->conenforced)
#else
#define loyalty_compat_is_virtual(column) false
#define loyalty_compat_is_enforced(constraint) true
#endif

/* what names a cache in its callbacks has a type of its own since 19 */
#if PG_VERSION_NUM >= 190000
#define loyalty_compat_cache_id SysCacheIdentifier
#else
#define loyalty_compat_cache_id int
#endif

/* what processes say of themselves is found by another name since 16 */
#if PG_VERSION_NUM >= 160000
#define loyalty_compat_backend(index) pgstat_get_local_beentry_by_index(index)
#else
#define loyalty_compat_backend(index) pgstat_fetch_stat_local_beentry(index)
#endif

#endif							/* LOYALTY_COMPAT_H */
