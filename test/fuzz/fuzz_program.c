/*
 * fuzz_program.c
 *		Program documents, and damaged blocks of compiled ones.
 *
 * An input that begins with "{" is a document.  Whatever compiles must be
 * sound, and its text must compile to the same bytes and give the same text.
 * Any other input is damage, three bytes each (place, place, value), done to
 * the block of a program that has something of everything: what is still
 * called sound must be readable to the last byte.
 */
#include "postgres.h"

#include "fuzz.h"

#include "mb/pg_wchar.h"
#include "program/bind.h"
#include "program/text.h"

static const char everything[] =
"{\"program\": \"p\", \"timezone\": \"UTC\", \"decimals\": 2,"
" \"metrics\": {\"nights\": {\"sum\": \"quantity\", \"where\": {\"any\": [\"stay\"], \"none\": [\"x\"]}}},"
" \"earn\": [{\"points\": 2, \"per\": 5, \"name\": \"base\", \"where\": {\"all\": [\"a\"]}, \"from\": \"2020-01-01\"},"
"            {\"table\": [[0, 1], [30, 2]]}],"
" \"multiply\": [{\"by\": {\"A\": 2, \"B\": 3}}],"
" \"bonus\": [{\"on\": \"review\", \"points\": 5, \"per\": \"day\"}, {\"on\": {\"every\": 10, \"of\": \"nights\"}, \"points\": 1}],"
" \"caps\": [{\"points\": 100, \"per\": \"day\"}],"
" \"hold\": [{\"for\": \"2 days\", \"until\": \"2020-01-01\"}, {\"for\": \"3 days\", \"from\": \"2020-01-01 12:30\"}],"
" \"expire\": [{\"kind\": \"inactivity\", \"after\": \"1 year\", \"resets_by\": [\"visit\"], \"snap\": \"09-30\","
"              \"suspend\": {\"tiers\": [\"A\", \"B\"]}}],"
" \"redeem\": {\"minimum\": 5}, \"refund\": {\"short\": \"forgive\"},"
" \"tiers\": {\"rollover\": {\"of\": \"nights\"}, \"window\": \"year from 04-01\","
"             \"levels\": [{\"name\": \"A\", \"needs\": [{\"nights\": 10, \"orders\": 2}]}, {\"name\": \"B\", \"at\": 2}]}}";

static bool
any_zone(const char *name)
{
	return strcmp(name, "nowhere") != 0;
}

static Program *
compile(const char *text)
{
	return program_from_json(json_read(text, strlen(text), PG_UTF8, "loyalty.program"), any_zone);
}

static char *
text_of(const Program *program)
{
	StringInfoData out;

	initStringInfo(&out);
	program_to_json(&out, program);
	return out.data;
}

static void
bind_to_utc(const Program *program)
{
	static const int64 starts[] = {PG_INT64_MIN};
	static const int32 offsets[] = {0};
	static const Zone utc = {1, starts, offsets};
	Bound	   *bounds = palloc(program->rules * sizeof(Bound));

	program_bind(program, &utc, bounds);
	for (uint32 i = 0; i < program->rules; i++)
		fuzz_expect(bounds[i].from < bounds[i].until);
}

static void
try_document(const char *document)
{
	Program    *program = compile(document);
	char	   *text;
	Program    *again;

	fuzz_expect(VARSIZE(program) == program->size);
	fuzz_expect(program_is_sound(program, program->size));
	bind_to_utc(program);
	text = text_of(program);
	again = compile(text);
	fuzz_expect(again->size == program->size && memcmp(again, program, program->size) == 0);
	fuzz_expect(strcmp(text_of(again), text) == 0);
}

static void
try_damage(const uint8 *data, size_t size)
{
	Program    *program = compile(everything);
	uint32		block = program->size;
	uint8	   *bytes = palloc(block);

	/* a block of exactly its size, so that reading beyond it shows */
	memcpy(bytes, program, block);
	for (; size >= 3; data += 3, size -= 3)
		bytes[(data[0] << 8 | data[1]) % block] = data[2];
	if (!program_is_sound((Program *) bytes, block))
		return;
	text_of((Program *) bytes);
	bind_to_utc((Program *) bytes);
}

void
fuzz_one(const uint8 *data, size_t size)
{
	if (size > 0 && data[0] == '{')
		try_document(fuzz_text(data, size));
	else
		try_damage(data, size);
}
