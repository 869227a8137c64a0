/*
 * write.c
 *		Writing a document's canonical text.
 */
#include "postgres.h"

#include "document/json.h"
#include "document/write.h"

void
write_init(Writer *w, StringInfo out, const void *document)
{
	w->out = out;
	w->document = document;
	w->separator = "";
}

/* ---------------- brackets, elements, keys ---------------- */

void
write_begin(Writer *w, char bracket)
{
	appendStringInfoChar(w->out, bracket);
	w->separator = "";
}

void
write_end(Writer *w, char bracket)
{
	appendStringInfoChar(w->out, bracket);
	w->separator = ", ";
}

void
write_element(Writer *w)
{
	appendStringInfoString(w->out, w->separator);
	w->separator = ", ";
}

static void
write_key_text(Writer *w, const char *key, size_t len)
{
	write_element(w);
	json_append_string(w->out, key, len);
	appendStringInfoString(w->out, ": ");
}

void
write_key(Writer *w, const char *key)
{
	write_key_text(w, key, strlen(key));
}

void
write_key_name(Writer *w, BlockName name)
{
	write_key_text(w, BLOCK_NAME(w->document, name), name.len);
}

/* ---------------- values ---------------- */

void
write_word(Writer *w, const char *word)
{
	json_append_string(w->out, word, strlen(word));
}

void
write_name(Writer *w, BlockName name)
{
	json_append_string(w->out, BLOCK_NAME(w->document, name), name.len);
}

void
write_decimal(Writer *w, Decimal value)
{
	char		buf[DECIMAL_TEXT_SIZE];

	appendBinaryStringInfo(w->out, buf, decimal_to_text(value, buf));
}

static void
append_units(StringInfo out, int64 n, const char *unit)
{
	if (n != 0)
		appendStringInfo(out, "%s" INT64_FORMAT " %s%s", out->data[out->len - 1] == '"' ? "" : " ",
						 n, unit, n == 1 ? "" : "s");
}

void
write_span(Writer *w, const Span *span)
{
	if (span->months == 0 && span->days == 0 && span->time == 0)
	{
		write_word(w, "0 days");
		return;
	}
	appendStringInfoChar(w->out, '"');
	append_units(w->out, span->months / 12, "year");
	append_units(w->out, span->months % 12, "month");
	append_units(w->out, span->days, "day");
	append_units(w->out, span->time / USECS_PER_HOUR, "hour");
	append_units(w->out, span->time / USECS_PER_MINUTE % 60, "minute");
	append_units(w->out, span->time / USECS_PER_SEC % 60, "second");
	appendStringInfoChar(w->out, '"');
}

/* ---------------- a key and its value ---------------- */

void
put_word(Writer *w, const char *key, const char *word)
{
	write_key(w, key);
	write_word(w, word);
}

/* a word that is not the default, which is the first */
void
put_choice(Writer *w, const char *key, const char *const *words, uint32 choice)
{
	if (choice != 0)
		put_word(w, key, words[choice]);
}

void
put_whole(Writer *w, const char *key, uint32 value)
{
	write_key(w, key);
	appendStringInfo(w->out, "%u", value);
}

void
put_truth(Writer *w, const char *key, bool value)
{
	write_key(w, key);
	appendStringInfoString(w->out, value ? "true" : "false");
}

void
put_decimal(Writer *w, const char *key, Decimal value)
{
	write_key(w, key);
	write_decimal(w, value);
}

void
put_name(Writer *w, const char *key, BlockName name)
{
	write_key(w, key);
	write_name(w, name);
}

/* nothing for no names */
void
put_names(Writer *w, const char *key, BlockList names)
{
	const BlockName *name = BLOCK_LIST(w->document, names, BlockName);

	if (names.n == 0)
		return;
	write_key(w, key);
	write_begin(w, '[');
	for (uint32 i = 0; i < names.n; i++)
	{
		write_element(w);
		write_name(w, name[i]);
	}
	write_end(w, ']');
}

void
put_span(Writer *w, const char *key, const Span *span)
{
	write_key(w, key);
	write_span(w, span);
}

void
put_local(Writer *w, const char *key, int64 local)
{
	int			days = local_to_days(local);
	int			seconds = (int) ((local - local_from_days(days)) / USECS_PER_SEC);
	Date		date = date_from_days(days);

	write_key(w, key);
	appendStringInfo(w->out, "\"%04d-%02d-%02d", date.year, date.month, date.day);
	if (seconds != 0)
		appendStringInfo(w->out, " %02d:%02d", seconds / 3600, seconds / 60 % 60);
	if (seconds % 60 != 0)
		appendStringInfo(w->out, ":%02d", seconds % 60);
	appendStringInfoChar(w->out, '"');
}

/* as "MM-DD", perhaps with words before it */
void
put_month_day(Writer *w, const char *key, const char *before, uint32 month, uint32 day)
{
	write_key(w, key);
	appendStringInfo(w->out, "\"%s%02u-%02u\"", before, month, day);
}
