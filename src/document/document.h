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
 *	tariff/tariff.h		the compiled document: a struct that begins with `uint32 size`,
 *						with lists and names in it (block.h)
 *	tariff/read.c		tariff_from_json: the JSON tree to that struct.  read.h has
 *						what a value may be and how it is refused, with its place;
 *						event/where.h what rules say about tags
 *	tariff/write.c		tariff_to_json: back to text, by write.h
 *	tariff/value.c		DOCUMENT_TYPE(tariff, Tariff, 1), and for its functions in SQL
 *						a DocumentUse with what they work out once for each document
 *	Makefile			`+tariff` before `tariff` in SCRIPT: functions, operators, operator
 *						classes and casts are stamped from type.sql.in
 *	tariff/tariff.sql	COMMENT ON TYPE, and the functions
 *	test/fuzz/			a line in fuzz_document.c; test/stored/ has it from the next run
 *
 * Which types use what:
 *
 *	program, tariff, credit		all of it: people write them
 *	model						the same; the aggregate that fits one fills in the struct
 *								and ends with document_value
 *	ranking, referrals, effect	values that an aggregate writes, dense bytes rather than
 *								text: SQL_TYPE of type.h, json.h to read their text
 *								(json_read_array for a long list)
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
