/*
 * kept.c
 *		Documents met in this session, compiled.
 *
 * A query asks for the same document row by row, a what-if for a whole grid of
 * them in turn.  They are found by their bytes as they stand in a row, still
 * compressed if they are, so that undoing that is not paid for row by row.
 *
 * Their memory is bounded.  The one that makes room is not that which was used
 * longest ago: a grid slightly too large would lose each document just before
 * its turn.  A hand goes round the buckets instead, so that a part stays.
 */
#include "postgres.h"

#include "document/document.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "utils/memutils.h"

#define KEPT_BUCKETS	1024
#define KEPT_MEMORY		(32 * 1024 * 1024)

typedef struct KeptDocument
{
	struct KeptDocument *next;	/* in its bucket */
	MemoryContext context;		/* this, and all that it points to */
	size_t		memory;			/* of that */
	uint64		used;			/* how many had been asked for when it was, last */
	DocumentUse *use;
	void	   *kept;

	/* its key: what follows the length word in a row */
	uint32		hash;
	uint32		len;
	bool		compressed;
	const char *bytes;
} KeptDocument;

static KeptDocument *buckets[KEPT_BUCKETS];
static size_t kept_memory = 0;
static uint64 asked_for = 0;
static uint32 hand = 0;

static inline bool
is_it(const KeptDocument *kept, const KeptDocument *key)
{
	return kept->len == key->len && kept->compressed == key->compressed &&
		memcmp(kept->bytes, key->bytes, key->len) == 0;
}

/* ---------------- making room ---------------- */

static void
forget(KeptDocument *kept)
{
	KeptDocument **link = &buckets[kept->hash % KEPT_BUCKETS];

	while (*link != kept)
		link = &(*link)->next;
	*link = kept->next;
	if (kept->use->last == kept)
		kept->use->last = NULL;
	kept_memory -= kept->memory;
	MemoryContextDelete(kept->context);
}

/* Forget others until there is room, but none that may be in use. */
static void
make_room(void)
{
	for (int tries = 0; tries < KEPT_BUCKETS && kept_memory > KEPT_MEMORY;)
	{
		KeptDocument *oldest = buckets[hand];

		for (KeptDocument *kept = oldest; kept; kept = kept->next)
		{
			if (kept->used < oldest->used)
				oldest = kept;
		}
		if (oldest && oldest->used + DOCUMENTS_IN_USE < asked_for)
		{
			forget(oldest);
			tries = 0;
		}
		else
			tries++;
		hand = (hand + 1) % KEPT_BUCKETS;
	}
}

/* ---------------- finding and making ---------------- */

static KeptDocument *
make(DocumentUse *use, const KeptDocument *key, Datum value)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "loyalty document", ALLOCSET_SMALL_SIZES);
	const void *compiled = document_compile(use->type, value);
	uint32		size = *(const uint32 *) compiled;
	MemoryContext caller = MemoryContextSwitchTo(context);
	KeptDocument *kept = palloc(sizeof(KeptDocument));

	*kept = *key;
	kept->context = context;
	kept->use = use;
	kept->bytes = memcpy(palloc(key->len), key->bytes, key->len);
	kept->kept = palloc0(use->size);
	use->work_out(kept->kept, memcpy(palloc(size), compiled, size));
	MemoryContextSwitchTo(caller);
	kept->memory = MemoryContextMemAllocated(context, true);

	/* nothing can fail any more */
	MemoryContextSetParent(context, CacheMemoryContext);
	kept->next = buckets[kept->hash % KEPT_BUCKETS];
	buckets[kept->hash % KEPT_BUCKETS] = kept;
	kept_memory += kept->memory;
	return kept;
}

void *
document_kept(DocumentUse *use, Datum value)
{
	struct varlena *stored = (struct varlena *) DatumGetPointer(value);
	KeptDocument key = {0};
	KeptDocument *kept = use->last;

	if (VARATT_IS_EXTERNAL(stored))
		stored = detoast_external_attr(stored);
	key.compressed = VARATT_IS_COMPRESSED(stored);
	key.len = key.compressed ? VARSIZE(stored) - VARHDRSZ : VARSIZE_ANY_EXHDR(stored);
	key.bytes = key.compressed ? VARDATA(stored) : VARDATA_ANY(stored);

	asked_for++;
	if (kept == NULL || !is_it(kept, &key))
	{
		key.hash = hash_bytes((const unsigned char *) key.bytes, (int) key.len);
		kept = buckets[key.hash % KEPT_BUCKETS];
		while (kept && !(kept->hash == key.hash && kept->use == use && is_it(kept, &key)))
			kept = kept->next;
		if (kept == NULL)
			kept = make(use, &key, PointerGetDatum(stored));
		use->last = kept;
		kept->used = asked_for;
		make_room();
	}
	kept->used = asked_for;
	return kept->kept;
}
