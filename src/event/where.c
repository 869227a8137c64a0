/*
 * where.c
 *		The "where" of a rule: which tags it looks for.
 */
#include "postgres.h"

#include "event/where.h"

static void
read_tags(Block *block, const JsonNode *where, const char *key, BlockList *tags)
{
	const JsonNode *node = json_member(where, key);
	const JsonNode **names;
	int			n = 0;

	if (node == NULL)
		return;
	value_array(node, WHERE_MAX_TAGS, "List at least one tag, such as [\"skin\"].");
	names = palloc(node->count * sizeof(const JsonNode *));
	for (const JsonNode *tag = node->first; tag; tag = tag->next)
		names[n++] = tag;
	*tags = value_names(block, names, n);
}

/* A tag cannot be asked for and excluded. */
static void
refuse_common(const Block *block, const JsonNode *where, BlockList wanted, BlockList none)
{
	const BlockName *a = BLOCK_LIST(block->data, wanted, BlockName);
	const BlockName *b = BLOCK_LIST(block->data, none, BlockName);

	for (uint32 i = 0; i < wanted.n; i++)
	{
		for (uint32 j = 0; j < none.n; j++)
		{
			if (a[i].at == b[j].at)
				value_refuse(json_member(where, "none"), "contradicts the tags that are asked for",
							 psprintf("\"%s\" is asked for and excluded.", BLOCK_NAME(block->data, a[i])), NULL);
		}
	}
}

void
read_where(Block *block, const JsonNode *object, BlockList *any, BlockList *all, BlockList *none)
{
	static const char *const keys[] = {"any", "all", "none", NULL};
	const JsonNode *where = json_member(object, "where");

	if (where == NULL)
		return;
	value_keys(where, keys);
	if (where->count == 0)
		value_refuse(where, "must not be empty", NULL, "Say which tags: {\"any\": [...], \"all\": [...], \"none\": [...]}.");
	read_tags(block, where, "any", any);
	read_tags(block, where, "all", all);
	read_tags(block, where, "none", none);
	refuse_common(block, where, *any, *none);
	refuse_common(block, where, *all, *none);
}

void
put_where(Writer *w, BlockList any, BlockList all, BlockList none)
{
	if (any.n == 0 && all.n == 0 && none.n == 0)
		return;
	write_key(w, "where");
	write_begin(w, '{');
	put_names(w, "any", any);
	put_names(w, "all", all);
	put_names(w, "none", none);
	write_end(w, '}');
}

static inline bool
has_tag(const void *block, const BlockList *list, uint32 i, Text tags)
{
	const BlockName *name = &BLOCK_LIST(block, *list, BlockName)[i];

	return tags_contain(tags, BLOCK_NAME(block, *name), name->len);
}

bool
where_matches(const void *block, const BlockList *any, const BlockList *all, const BlockList *none, Text tags)
{
	bool		found = any->n == 0;

	for (uint32 i = 0; i < any->n && !found; i++)
		found = has_tag(block, any, i, tags);
	for (uint32 i = 0; i < all->n && found; i++)
		found = has_tag(block, all, i, tags);
	for (uint32 i = 0; i < none->n && found; i++)
		found = !has_tag(block, none, i, tags);
	return found;
}
