/*
 * write.h
 *		Writing a document's canonical text: the one text that all documents have
 *		which mean the same.
 *
 * Keys stand in one order, what is the default is left out, numbers are exact
 * and without trailing zeros.  A writer walks the compiled document, so that
 * how it was spelled can make no difference.
 */
#ifndef LOYALTY_WRITE_H
#define LOYALTY_WRITE_H

#include "base/calendar.h"
#include "base/decimal.h"
#include "document/block.h"

#include "lib/stringinfo.h"

typedef struct Writer
{
	StringInfo	out;
	const void *document;		/* compiled: where lists and names stand */
	const char *separator;		/* before the next key or element */
} Writer;

extern void write_init(Writer *w, StringInfo out, const void *document);

/* brackets, elements of a list, keys of an object */
extern void write_begin(Writer *w, char bracket);
extern void write_end(Writer *w, char bracket);
extern void write_element(Writer *w);
extern void write_key(Writer *w, const char *key);
extern void write_key_name(Writer *w, BlockName name);

/* a value, after its key or as an element */
extern void write_word(Writer *w, const char *word);
extern void write_name(Writer *w, BlockName name);
extern void write_decimal(Writer *w, Decimal value);
extern void write_span(Writer *w, const Span *span);

/* a key and its value */
extern void put_word(Writer *w, const char *key, const char *word);
extern void put_choice(Writer *w, const char *key, const char *const *words, uint32 choice);
extern void put_whole(Writer *w, const char *key, uint32 value);
extern void put_truth(Writer *w, const char *key, bool value);
extern void put_decimal(Writer *w, const char *key, Decimal value);
extern void put_name(Writer *w, const char *key, BlockName name);
extern void put_names(Writer *w, const char *key, BlockList names);
extern void put_span(Writer *w, const char *key, const Span *span);
extern void put_local(Writer *w, const char *key, int64 local);
extern void put_month_day(Writer *w, const char *key, const char *before, uint32 month, uint32 day);

#endif							/* LOYALTY_WRITE_H */
