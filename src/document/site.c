/*
 * site.c
 *		What a call site has worked out from a large value.
 */
#include "postgres.h"

#include "base/compat.h"
#include "document/site.h"

#include "access/detoast.h"
#include "common/hashfn.h"
#include "utils/memutils.h"

#define SITE_BUCKETS	256

/* Which value it is: length and stamp, or where it is stored out of line. */
typedef struct SiteKey
{
	uint64		stamp;
	uint64		size;
	bool		stored;
} SiteKey;

typedef struct SiteEntry
{
	struct SiteEntry *next;		/* in its bucket */
	SiteKey		key;
	MemoryContext context;		/* this, and all that it points to */
	void	   *kept;
} SiteEntry;

typedef struct Site
{
	SiteEntry  *last;			/* asked for */
	SiteEntry  *buckets[SITE_BUCKETS];
	size_t		memory;
	void	   *own;
} Site;

/* ---------------- heads ---------------- */

static uint64
stamp_of(const uint8 *bytes, size_t len)
{
	return hash_bytes_extended(bytes + STAMPED_HEAD, (int) (len - STAMPED_HEAD), 0);
}

void
stamp(uint8 *bytes, size_t len, uint8 version)
{
	uint64		hash = stamp_of(bytes, len);

	bytes[0] = version;
	memcpy(bytes + 1, &hash, sizeof(hash));
}

struct varlena *
stamped_value(struct varlena *room, const uint8 *end, uint8 version, void (*too_large) (void))
{
	uint8	   *bytes = (uint8 *) VARDATA(room);
	size_t		len = end - bytes;

	if (len > MaxAllocSize - VARHDRSZ)
		too_large();
	stamp(bytes, len, version);
	SET_VARSIZE(room, VARHDRSZ + len);
	return repalloc(room, VARHDRSZ + len);
}

const uint8 *
stamped(const uint8 *bytes, size_t len, uint8 version)
{
	return len < STAMPED_HEAD || bytes[0] != version ? NULL : bytes + STAMPED_HEAD;
}

static SiteKey
key_of(struct varlena *value)
{
	SiteKey		key = {0};

	if (VARATT_IS_EXTERNAL_ONDISK(value))
	{
		struct varatt_external stored;

		VARATT_EXTERNAL_GET_POINTER(stored, value);
		key.stamp = (uint64) stored.va_toastrelid << 32 | stored.va_valueid;
		key.size = (uint64) stored.va_extinfo << 32 | (uint32) stored.va_rawsize;
		key.stored = true;
		return key;
	}
	key.size = toast_raw_datum_size(PointerGetDatum(value));
	if (VARATT_IS_EXTENDED(value) && !VARATT_IS_SHORT(value))
		value = (struct varlena *) PG_DETOAST_DATUM_SLICE(PointerGetDatum(value), 0, STAMPED_HEAD);
	/* one that is too short is refused when it is read */
	if (VARSIZE_ANY_EXHDR(value) >= STAMPED_HEAD)
		memcpy(&key.stamp, VARDATA_ANY(value) + 1, sizeof(key.stamp));
	return key;
}

static inline bool
is_it(const SiteEntry *entry, const SiteKey *key)
{
	return entry->key.stamp == key->stamp && entry->key.size == key->size && entry->key.stored == key->stored;
}

/* ---------------- finding and making ---------------- */

static Site *
site_of(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Site));
	return fcinfo->flinfo->fn_extra;
}

static void
begin_again(Site *site)
{
	for (int i = 0; i < SITE_BUCKETS; i++)
	{
		SiteEntry  *next;

		for (SiteEntry *entry = site->buckets[i]; entry; entry = next)
		{
			next = entry->next;
			MemoryContextDelete(entry->context);
		}
		site->buckets[i] = NULL;
	}
	site->memory = 0;
}

static SiteEntry *
make(const SiteUse *use, struct varlena *value, const SiteKey *key, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "loyalty call site", ALLOCSET_SMALL_SIZES);
	struct varlena *plain = PG_DETOAST_DATUM_PACKED(PointerGetDatum(value));
	MemoryContext caller = MemoryContextSwitchTo(context);
	SiteEntry  *entry = palloc0(sizeof(SiteEntry));

	entry->key = *key;
	entry->context = context;
	entry->kept = palloc0(use->size);
	use->work_out(entry->kept, (const uint8 *) VARDATA_ANY(plain), VARSIZE_ANY_EXHDR(plain));
	MemoryContextSwitchTo(caller);
	if (plain != value)
		pfree(plain);

	/* nothing can fail any more */
	MemoryContextSetParent(context, parent);
	return entry;
}

void *
site_kept(FunctionCallInfo fcinfo, int arg, const SiteUse *use)
{
	Site	   *site = site_of(fcinfo);
	struct varlena *value = (struct varlena *) PG_GETARG_POINTER(arg);
	SiteKey		key = key_of(value);
	SiteEntry **bucket;
	SiteEntry  *entry = site->last;

	if (likely(entry && is_it(entry, &key)))
		return entry->kept;
	bucket = &site->buckets[(key.stamp ^ key.stamp >> 32) % SITE_BUCKETS];
	entry = *bucket;
	while (entry && !is_it(entry, &key))
		entry = entry->next;
	if (entry == NULL)
	{
		entry = make(use, value, &key, fcinfo->flinfo->fn_mcxt);
		if (site->memory > SITE_MEMORY)
			begin_again(site);
		site->memory += MemoryContextMemAllocated(entry->context, true);
		entry->next = *bucket;
		*bucket = entry;
	}
	site->last = entry;
	return entry->kept;
}

void **
site_own(FunctionCallInfo fcinfo)
{
	return &site_of(fcinfo)->own;
}
