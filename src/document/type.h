/*
 * type.h
 *		An SQL type with a JSON text form: the functions that all of them have.
 *
 * Its values are bytes of which the first is the version of the form they are
 * stored in.  Equal values have equal bytes, and only they: so =, hash and,
 * unless the type has another one, the order are those of the bytes.
 *
 * SQL_TYPE_FUNCTIONS(noun, type) defines the functions that type.sql.in
 * declares: loyalty_<noun>_in, _out, _recv and so on.
 */
#ifndef LOYALTY_TYPE_H
#define LOYALTY_TYPE_H

#include "base/compat.h"

#include "fmgr.h"
#include "lib/stringinfo.h"

typedef struct SqlType SqlType;

struct SqlType
{
	const char *name;			/* without its schema */

	/* The value of a JSON text.  Whatever is wrong is an error. */
	Datum		(*read) (const SqlType *type, const char *text, size_t len);

	/* The text of a value, appended. */
	void		(*write) (const SqlType *type, StringInfo out, Datum value);

	/*
	 * The value of bytes that a client sent, which may be anything; 0 if they
	 * are none.  Errors that call them damaged or invalid become 22P03.
	 */
	Datum		(*receive) (const SqlType *type, const char *bytes, int len);

	/* The bytes for a client; NULL: as stored. */
	void		(*send) (const SqlType *type, StringInfo out, Datum value);

	/* The order; NULL: that of the bytes. */
	int			(*compare) (Datum a, Datum b);
};

/* The bytes of a value, in place unless it was toasted. */
extern const char *sql_type_bytes(Datum value, size_t *len);

/* A value of those bytes. */
extern Datum sql_type_value(const char *bytes, size_t len);

/* What a client's bytes stand for, if they are the bytes that it is stored in; else 0, as of `receive`. */
extern Datum sql_type_as_sent(Datum value, const char *bytes, size_t len);

/* Bytes that cannot be what this extension wrote (XX001). */
loyalty_compat_noreturn extern void sql_type_damaged(const char *type);

extern Datum sql_type_in(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_out(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_recv(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_send(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_to_json(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_from_json(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_to_jsonb(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_from_jsonb(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_eq(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_ne(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_lt(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_le(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_gt(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_ge(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_cmp(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_hash(const SqlType *type, FunctionCallInfo fcinfo);
extern Datum sql_type_hash_extended(const SqlType *type, FunctionCallInfo fcinfo);

#define SQL_TYPE_FUNCTION(noun, type, verb) \
PG_FUNCTION_INFO_V1(loyalty_##noun##_##verb); \
Datum \
loyalty_##noun##_##verb(PG_FUNCTION_ARGS) \
{ \
	return sql_type_##verb(type, fcinfo); \
}

#define SQL_TYPE_FUNCTIONS(noun, type) \
SQL_TYPE_FUNCTION(noun, type, in) \
SQL_TYPE_FUNCTION(noun, type, out) \
SQL_TYPE_FUNCTION(noun, type, recv) \
SQL_TYPE_FUNCTION(noun, type, send) \
SQL_TYPE_FUNCTION(noun, type, to_json) \
SQL_TYPE_FUNCTION(noun, type, from_json) \
SQL_TYPE_FUNCTION(noun, type, to_jsonb) \
SQL_TYPE_FUNCTION(noun, type, from_jsonb) \
SQL_TYPE_FUNCTION(noun, type, eq) \
SQL_TYPE_FUNCTION(noun, type, ne) \
SQL_TYPE_FUNCTION(noun, type, lt) \
SQL_TYPE_FUNCTION(noun, type, le) \
SQL_TYPE_FUNCTION(noun, type, gt) \
SQL_TYPE_FUNCTION(noun, type, ge) \
SQL_TYPE_FUNCTION(noun, type, cmp) \
SQL_TYPE_FUNCTION(noun, type, hash) \
SQL_TYPE_FUNCTION(noun, type, hash_extended)

#endif							/* LOYALTY_TYPE_H */
