/*
 * fuzz_document.c
 *		Documents: what is accepted is written, stored and read again as it was.
 *
 * Every input is tried as the text of each type, as what a client sends, and
 * as what is stored.
 */
#include "postgres.h"

#include "fuzz.h"

#include "credit/value.h"
#include "mb/pg_wchar.h"
#include "program/program_value.h"
#include "tariff/value.h"
#include "worth/model.h"

/* a line for each document type */
static const DocumentType *const types[] = {
	&program_type,
	&tariff_type,
	&model_type,
	&credit_type,
};

typedef struct Try
{
	const DocumentType *type;
	const uint8 *data;
	size_t		size;
} Try;

static Datum
read_text(const SqlType *type, const char *text)
{
	return type->read(type, text, strlen(text));
}

/* What became a value stays that value, whichever way it goes. */
static void
check_value(void *arg)
{
	const Try  *t = arg;
	const SqlType *type = &t->type->type;
	Datum		value = PointerGetDatum(t->data);
	StringInfoData text;

	initStringInfo(&text);
	type->write(type, &text, value);
	fuzz_expect(fuzz_same(value, read_text(type, text.data)));
	fuzz_expect(fuzz_same(value, document_value(t->type, document_compile(t->type, value))));
	fuzz_expect(fuzz_same(value, fuzz_receive(type, (const uint8 *) VARDATA_ANY(t->data), VARSIZE_ANY_EXHDR(t->data))));
}

static void
try_text(void *arg)
{
	const Try  *t = arg;
	Try			value = {t->type, NULL, 0};
	char	   *text = fuzz_text(t->data, t->size);

	/* the server has seen to that */
	pg_verifymbstr(text, (int) strlen(text), false);
	value.data = (const uint8 *) DatumGetPointer(read_text(&t->type->type, text));
	if (fuzz_try(check_value, &value) != 0)
		fuzz_finding("what was written is not read");
}

static void
try_message(void *arg)
{
	const Try  *t = arg;

	fuzz_receive(&t->type->type, t->data, t->size);
}

static void
try_stored(void *arg)
{
	const Try  *t = arg;

	document_compile(t->type, sql_type_value((const char *) t->data, t->size));
}

void
fuzz_one(const uint8 *data, size_t size)
{
	for (size_t i = 0; i < lengthof(types); i++)
	{
		Try			t = {types[i], data, size};
		int			code;

		fuzz_try(try_text, &t);
		fuzz_expect_client(fuzz_try(try_message, &t));
		code = fuzz_try(try_stored, &t);
		fuzz_expect(code == 0 || code == ERRCODE_DATA_CORRUPTED);
	}
}
