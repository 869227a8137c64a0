/*
 * type.c
 *		The SQL functions of a type with a JSON text form: input and output,
 *		casts, comparison.
 */
#include "postgres.h"

#include "document/type.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

const char *
sql_type_bytes(Datum value, size_t *len)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

	*len = VARSIZE_ANY_EXHDR(packed);
	return VARDATA_ANY(packed);
}

Datum
sql_type_as_sent(Datum value, const char *bytes, size_t len)
{
	size_t		size;
	const char *stored = sql_type_bytes(value, &size);

	return size == len && memcmp(stored, bytes, len) == 0 ? value : (Datum) 0;
}

Datum
sql_type_value(const char *bytes, size_t len)
{
	return PointerGetDatum(cstring_to_text_with_len(bytes, (int) len));
}

void
sql_type_damaged(const char *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored value of type loyalty.%s is damaged", type)));
	pg_unreachable();
}

/* ---------------- text ---------------- */

Datum
sql_type_in(const SqlType *type, FunctionCallInfo fcinfo)
{
	const char *text = PG_GETARG_CSTRING(0);

	return type->read(type, text, strlen(text));
}

static char *
text_of(const SqlType *type, Datum value)
{
	StringInfoData out;

	initStringInfo(&out);
	type->write(type, &out, value);
	return out.data;
}

Datum
sql_type_out(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_CSTRING(text_of(type, PG_GETARG_DATUM(0)));
}

/* ---------------- JSON ---------------- */

Datum
sql_type_to_json(const SqlType *type, FunctionCallInfo fcinfo)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	type->write(type, &out, PG_GETARG_DATUM(0));
	SET_VARSIZE(out.data, out.len);
	PG_RETURN_POINTER(out.data);
}

Datum
sql_type_from_json(const SqlType *type, FunctionCallInfo fcinfo)
{
	size_t		len;
	const char *text = sql_type_bytes(PG_GETARG_DATUM(0), &len);

	return type->read(type, text, len);
}

Datum
sql_type_to_jsonb(const SqlType *type, FunctionCallInfo fcinfo)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text_of(type, PG_GETARG_DATUM(0))));
}

Datum
sql_type_from_jsonb(const SqlType *type, FunctionCallInfo fcinfo)
{
	Jsonb	   *jb = PG_GETARG_JSONB_P(0);
	StringInfoData text;

	initStringInfo(&text);
	JsonbToCString(&text, &jb->root, (int) VARSIZE(jb));
	return type->read(type, text.data, text.len);
}

/* ---------------- binary ---------------- */

loyalty_compat_noreturn static void
refuse_binary(const SqlType *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
			 errmsg("invalid binary form of type loyalty.%s", type->name)));
	pg_unreachable();
}

/*
 * What is wrong with a client's bytes is the client's: their damage must not
 * look like a damaged table.
 */
static void
blame_client(void *arg)
{
	const SqlType *type = arg;
	int			code = geterrcode();

	if (code == ERRCODE_DATA_CORRUPTED)
		errmsg("invalid binary form of type loyalty.%s", type->name);
	else if (ERRCODE_TO_CATEGORY(code) != ERRCODE_DATA_EXCEPTION || code == ERRCODE_CHARACTER_NOT_IN_REPERTOIRE)
		return;
	errcode(ERRCODE_INVALID_BINARY_REPRESENTATION);
}

Datum
sql_type_recv(const SqlType *type, FunctionCallInfo fcinfo)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	int			len = buf->len - buf->cursor;
	const char *bytes = pq_getmsgbytes(buf, len);
	ErrorContextCallback context = {error_context_stack, blame_client, unconstify(SqlType *, type)};
	Datum		value;

	error_context_stack = &context;
	value = type->receive(type, bytes, len);
	error_context_stack = context.previous;
	if (value == (Datum) 0)
		refuse_binary(type);
	return value;
}

Datum
sql_type_send(const SqlType *type, FunctionCallInfo fcinfo)
{
	StringInfoData out;

	pq_begintypsend(&out);
	if (type->send)
		type->send(type, &out, PG_GETARG_DATUM(0));
	else
	{
		size_t		len;
		const char *bytes = sql_type_bytes(PG_GETARG_DATUM(0), &len);

		pq_sendbytes(&out, bytes, (int) len);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* ---------------- comparison ---------------- */

static int
compare_bytes(Datum a, Datum b)
{
	size_t		alen;
	size_t		blen;
	const char *abytes = sql_type_bytes(a, &alen);
	const char *bbytes = sql_type_bytes(b, &blen);
	int			c = memcmp(abytes, bbytes, Min(alen, blen));

	return c != 0 ? c : (alen > blen) - (alen < blen);
}

static int
compare(const SqlType *type, FunctionCallInfo fcinfo)
{
	return (type->compare ? type->compare : compare_bytes) (PG_GETARG_DATUM(0), PG_GETARG_DATUM(1));
}

static bool
same(FunctionCallInfo fcinfo)
{
	/* lengths differ more often than not, and are known without undoing compression */
	return toast_raw_datum_size(PG_GETARG_DATUM(0)) == toast_raw_datum_size(PG_GETARG_DATUM(1)) &&
		compare_bytes(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)) == 0;
}

Datum
sql_type_eq(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_BOOL(same(fcinfo));
}

Datum
sql_type_ne(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_BOOL(!same(fcinfo));
}

Datum
sql_type_lt(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_BOOL(compare(type, fcinfo) < 0);
}

Datum
sql_type_le(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_BOOL(compare(type, fcinfo) <= 0);
}

Datum
sql_type_gt(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_BOOL(compare(type, fcinfo) > 0);
}

Datum
sql_type_ge(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_BOOL(compare(type, fcinfo) >= 0);
}

Datum
sql_type_cmp(const SqlType *type, FunctionCallInfo fcinfo)
{
	PG_RETURN_INT32(compare(type, fcinfo));
}

Datum
sql_type_hash(const SqlType *type, FunctionCallInfo fcinfo)
{
	size_t		len;
	const char *bytes = sql_type_bytes(PG_GETARG_DATUM(0), &len);

	return hash_any((const unsigned char *) bytes, (int) len);
}

Datum
sql_type_hash_extended(const SqlType *type, FunctionCallInfo fcinfo)
{
	size_t		len;
	const char *bytes = sql_type_bytes(PG_GETARG_DATUM(0), &len);

	return hash_any_extended((const unsigned char *) bytes, (int) len, PG_GETARG_INT64(1));
}
