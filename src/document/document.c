/*
 * document.c
 *		Documents as values: text in and out, binary form.
 */
#include "postgres.h"

#include "base/zone.h"
#include "document/document.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

static void
name_type(void *arg)
{
	errcontext("document of type loyalty.%s", (const char *) arg);
}

/*
 * The value that a text describes.  It is stored as what it was understood as;
 * that must be readable again, whatever the limits for a text.
 */
Datum
document_read(const SqlType *type, const char *text, size_t len)
{
	const DocumentType *document = (const DocumentType *) type;
	ErrorContextCallback context = {error_context_stack, name_type, unconstify(char *, type->name)};
	Datum		value;
	size_t		size;

	error_context_stack = &context;
	value = document_value(document, document->compile(json_read(text, len, GetDatabaseEncoding(), type->name), zone_listed));
	text = sql_type_bytes(value, &size);
	json_read(text + 1, size - 1, GetDatabaseEncoding(), type->name);
	error_context_stack = context.previous;
	return value;
}

Datum
document_value(const DocumentType *type, const void *compiled)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoSpaces(&out, VARHDRSZ);
	appendStringInfoCharMacro(&out, (char) type->version);
	type->put(&out, compiled);
	SET_VARSIZE(out.data, out.len);
	return PointerGetDatum(out.data);
}

/* The stored text is the text. */
void
document_write(const SqlType *type, StringInfo out, Datum value)
{
	size_t		len;
	const char *bytes = sql_type_bytes(value, &len);

	if (len < 1 || (uint8) bytes[0] != ((const DocumentType *) type)->version)
		sql_type_damaged(type->name);
	appendBinaryStringInfo(out, bytes + 1, (int) len - 1);
}

/* The binary form is the stored one, in the client's encoding; it is checked as text is. */
Datum
document_receive(const SqlType *type, const char *bytes, int len)
{
	const char *text;

	if (len < 1 || (uint8) bytes[0] != ((const DocumentType *) type)->version)
		return (Datum) 0;
	text = pg_client_to_server(bytes + 1, len - 1);
	return type->read(type, text, text == bytes + 1 ? (size_t) len - 1 : strlen(text));
}

void
document_send(const SqlType *type, StringInfo out, Datum value)
{
	StringInfoData text;

	initStringInfo(&text);
	document_write(type, &text, value);
	pq_sendbyte(out, ((const DocumentType *) type)->version);
	pq_sendtext(out, text.data, text.len);
}

/*
 * A stored text that does not compile is not what this extension wrote.  But a
 * time zone may be gone, which is not asked here; and any query may be
 * cancelled, or run out of memory.
 */
void
document_blame_store(void *arg)
{
	int			code = geterrcode();

	if (ERRCODE_TO_CATEGORY(code) == ERRCODE_DATA_EXCEPTION || code == ERRCODE_PROGRAM_LIMIT_EXCEEDED)
		errcode(ERRCODE_DATA_CORRUPTED);
	errcontext("stored document of type loyalty.%s", (const char *) arg);
}

const void *
document_compile(const DocumentType *type, Datum value)
{
	size_t		len;
	const char *bytes = sql_type_bytes(value, &len);
	ErrorContextCallback context = {error_context_stack, document_blame_store, unconstify(char *, type->type.name)};
	const void *compiled;

	if (len < 1 || (uint8) bytes[0] != type->version)
		sql_type_damaged(type->type.name);
	error_context_stack = &context;
	compiled = type->compile(json_read(bytes + 1, len - 1, GetDatabaseEncoding(), type->type.name), NULL);
	error_context_stack = context.previous;
	return compiled;
}
