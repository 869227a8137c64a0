/*
 * program.c
 *		The SQL type loyalty.program: input and output, casts, comparison.
 *
 * The stored value is the compiled block itself, its first field the varlena
 * header.
 */
#include "postgres.h"

#include "base/json.h"
#include "base/zone.h"
#include "event/event.h"
#include "program/program_value.h"
#include "program/text.h"

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

const Program *
program_from_datum(Datum datum)
{
	/* aligned to 8 in any case: in a tuple as the type demands, else palloc'd */
	const Program *program = (const Program *) PG_DETOAST_DATUM(datum);

	if (!program_is_sound(program, VARSIZE(program)))
		event_damaged("program");
	return program;
}

static Datum
program_from_text(const char *text)
{
	JsonNode   *document = json_read(text, strlen(text), GetDatabaseEncoding(), "loyalty.program");

	return PointerGetDatum(program_from_json(document, zone_exists));
}

static char *
program_to_text(Datum datum)
{
	StringInfoData out;

	initStringInfo(&out);
	program_to_json(&out, program_from_datum(datum));
	return out.data;
}

PG_FUNCTION_INFO_V1(loyalty_program_in);

/* a JSON document */
Datum
loyalty_program_in(PG_FUNCTION_ARGS)
{
	return program_from_text(PG_GETARG_CSTRING(0));
}

PG_FUNCTION_INFO_V1(loyalty_program_out);

Datum
loyalty_program_out(PG_FUNCTION_ARGS)
{
	PG_RETURN_CSTRING(program_to_text(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(loyalty_program_recv);

/* version byte and text: what comes is checked as text input is */
Datum
loyalty_program_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);

	if (buf->cursor >= buf->len || pq_getmsgbyte(buf) != PROGRAM_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary form of type loyalty.program")));
	return program_from_text(pq_getmsgtext(buf, buf->len - buf->cursor, &(int) {0}));
}

PG_FUNCTION_INFO_V1(loyalty_program_send);

Datum
loyalty_program_send(PG_FUNCTION_ARGS)
{
	char	   *text = program_to_text(PG_GETARG_DATUM(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendbyte(&buf, PROGRAM_VERSION);
	pq_sendtext(&buf, text, (int) strlen(text));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

PG_FUNCTION_INFO_V1(loyalty_program_to_jsonb);

Datum
loyalty_program_to_jsonb(PG_FUNCTION_ARGS)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(program_to_text(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(loyalty_program_from_jsonb);

Datum
loyalty_program_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jb = PG_GETARG_JSONB_P(0);

	return program_from_text(JsonbToCString(NULL, &jb->root, (int) VARSIZE(jb)));
}

/* By text, which begins with the program's name. */
static int
compare(FunctionCallInfo fcinfo)
{
	return strcmp(program_to_text(PG_GETARG_DATUM(0)), program_to_text(PG_GETARG_DATUM(1)));
}

/* Equal programs have equal bytes, and only they. */
static bool
same_bytes(FunctionCallInfo fcinfo)
{
	struct varlena *a = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	struct varlena *b = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));

	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

PG_FUNCTION_INFO_V1(loyalty_program_eq);

Datum
loyalty_program_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(same_bytes(fcinfo));
}

PG_FUNCTION_INFO_V1(loyalty_program_ne);

Datum
loyalty_program_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!same_bytes(fcinfo));
}

#define PROGRAM_COMPARISON(verb, operator) \
PG_FUNCTION_INFO_V1(loyalty_program_##verb); \
Datum \
loyalty_program_##verb(PG_FUNCTION_ARGS) \
{ \
	PG_RETURN_BOOL(compare(fcinfo) operator 0); \
}

PROGRAM_COMPARISON(lt, <)
PROGRAM_COMPARISON(le, <=)
PROGRAM_COMPARISON(gt, >)
PROGRAM_COMPARISON(ge, >=)

PG_FUNCTION_INFO_V1(loyalty_program_cmp);

Datum
loyalty_program_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

PG_FUNCTION_INFO_V1(loyalty_program_hash);

Datum
loyalty_program_hash(PG_FUNCTION_ARGS)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));

	return hash_any((const unsigned char *) VARDATA_ANY(packed), (int) VARSIZE_ANY_EXHDR(packed));
}

PG_FUNCTION_INFO_V1(loyalty_program_hash_extended);

Datum
loyalty_program_hash_extended(PG_FUNCTION_ARGS)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));

	return hash_any_extended((const unsigned char *) VARDATA_ANY(packed),
							 (int) VARSIZE_ANY_EXHDR(packed), PG_GETARG_INT64(1));
}
