/*
 * document.h
 *		A type whose values are JSON documents that people write.
 *
 * Stored form: a version byte and the canonical text.  A document is compiled
 * on the way in, which checks it, and written again from what it was compiled
 * to; it is compiled once more in each session that uses it (document_kept).
 * So nothing that is stored depends on how it is laid out in memory.
 *
 *
 * To add a type, say `tariff`:
 *
 *	tariff/tariff.h		the compiled document: a struct that begins with `uint32 size`, with lists and
 *						names in it (block.h)
 *	tariff/read.c		tariff_from_json, from the JSON tree to that struct: read.h has what a value may
 *						be and how it is refused, event/where.h what rules say about tags
 *	tariff/write.c		tariff_to_json, from the struct to the canonical text, by write.h
 *	tariff/value.c		DOCUMENT_TYPE(tariff, Tariff, 1); and for the functions that take one a
 *						DocumentUse with what they work out once for each document
 *	tariff/tariff.sql	COMMENT ON TYPE, and those functions
 *	Makefile			`+tariff tariff` in SCRIPT: the type's own functions, operators, classes and
 *						casts are stamped from type.sql.in
 *	test/				`&tariff_type` in fuzz/fuzz_document.c; some documents in stored/values.sql
 *
 * What serves which type:
 *
 *	program, tariff, credit		all of it: people write them
 *	model						all of it; the aggregate that fits one fills in the struct and ends with
 *								document_value.  Numbers in double precision are to be added to read.h
 *								and write.h
 *	effect						written by an aggregate, but small and for people to read: the canonical text is
 *								stored; read and written element by element, so that it may be large
 *								(json_read_around)
 *	ranking, referrals			written by an aggregate, as dense bytes rather than text: SQL_TYPE_FUNCTIONS
 *								(type.h) and type.sql.in, json.h for their text (json_read_array where it is
 *								long).  A large value is not kept for the session, but what a call site has
 *								worked out from it is kept with that (site.h)
 *	event, history				the same
 *
 *
 * Stored forms are promises: what a released version has written, every later
 * one reads.  A new key with a default changes nothing.  What gives old text
 * another meaning needs a new version byte, and a reader of the old one in
 * document_compile and document_write, so that it is seen in the new form.
 * Values are compared by their bytes: an old form equals the new one only once
 * it was written again.
 */
#ifndef LOYALTY_DOCUMENT_H
#define LOYALTY_DOCUMENT_H

#include "document/read.h"
#include "document/type.h"

typedef struct DocumentType
{
	SqlType		type;			/* first, so that either can stand for the other */
	uint8		version;		/* of the stored form */

	/* the compiled document: a block */
	void	   *(*compile) (const JsonNode *document, zone_listed_fn zone_listed);

	/* its canonical text, appended */
	void		(*put) (StringInfo out, const void *compiled);
} DocumentType;

/* The value of a compiled document, and what a stored one compiles to. */
extern Datum document_value(const DocumentType *type, const void *compiled);
extern const void *document_compile(const DocumentType *type, Datum value);

/*
 * What a function needs of a document, kept for the session: the document
 * compiled, and whatever is worked out from it, such as its zone.
 */
typedef struct DocumentUse
{
	const DocumentType *type;
	size_t		size;			/* of the struct that work_out fills in, zeroed before */
	void		(*work_out) (void *kept, const void *compiled);
	struct KeptDocument *last;	/* NULL to begin with */
} DocumentUse;

/*
 * That struct for a document, made when these bytes are met for the first time.
 * What it points to may be allocated in the current memory context while it is
 * made, and not later.  It stays as it is until DOCUMENTS_IN_USE others have
 * been asked for; those that were not asked for lately make room for new ones.
 */
#define DOCUMENTS_IN_USE	16
extern void *document_kept(DocumentUse *use, Datum value);

/* An error context's function, with the type's name: what a stored text gets wrong is damage (XX001). */
extern void document_blame_store(void *arg);

/* SqlType's functions for documents */
extern Datum document_read(const SqlType *type, const char *text, size_t len);
extern void document_write(const SqlType *type, StringInfo out, Datum value);
extern Datum document_receive(const SqlType *type, const char *bytes, int len);
extern void document_send(const SqlType *type, StringInfo out, Datum value);

/*
 * A type and its functions: <noun>_type, of <noun>_from_json and <noun>_to_json
 * for the struct that it compiles to.
 */
#define DOCUMENT_TYPE(noun, Struct, version) \
static void * \
noun##_compile(const JsonNode *document, zone_listed_fn zone_listed) \
{ \
	return noun##_from_json(document, zone_listed); \
} \
static void \
noun##_put(StringInfo out, const void *compiled) \
{ \
	noun##_to_json(out, (const Struct *) compiled); \
} \
const DocumentType noun##_type = { \
	{#noun, document_read, document_write, document_receive, document_send, NULL}, \
	version, noun##_compile, noun##_put \
}; \
SQL_TYPE_FUNCTIONS(noun, &noun##_type.type)

#endif							/* LOYALTY_DOCUMENT_H */
