/*
 * tags.c
 *		Lists of tags: each a length byte and that many bytes.
 *
 * A list keeps its order and repeats.
 */
#include "postgres.h"

#include "event/event.h"

/* The next tag of a list, or NULL at its end (or at bytes that are no list). */
const uint8 *
tags_next(const uint8 *p, const uint8 *end, Text *tag)
{
	if (p == NULL || p >= end || *p > end - p - 1)
		return NULL;
	tag->len = *p;
	tag->data = p + 1;
	return p + 1 + tag->len;
}

int
tags_count(Text tags)
{
	const uint8 *p = tags.data;
	Text		tag;
	int			n = 0;

	while (tags.len > 0 && (p = tags_next(p, tags.data + tags.len, &tag)) != NULL)
		n++;
	return n;
}

bool
tags_contain(Text tags, const char *tag, size_t len)
{
	const uint8 *p = tags.data;
	Text		each;

	while (tags.len > 0 && (p = tags_next(p, tags.data + tags.len, &each)) != NULL)
	{
		if (each.len == len && memcmp(each.data, tag, len) == 0)
			return true;
	}
	return false;
}

bool
tags_is_valid(Text tags)
{
	const uint8 *p = tags.data;
	const uint8 *end = tags.data + tags.len;
	Text		tag;
	int			n = 0;

	while (p < end)
	{
		p = tags_next(p, end, &tag);
		if (p == NULL)
			return false;
		n++;
	}
	return n > 0 && n <= EVENT_MAX_TAGS;
}
