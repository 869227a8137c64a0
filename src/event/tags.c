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

/* Tag by tag, bytewise; a list that begins another, or none, comes before it. */
int
tags_compare(Text a, Text b)
{
	const uint8 *p = a.len > 0 ? a.data : NULL;
	const uint8 *q = b.len > 0 ? b.data : NULL;
	Text		x = {0};
	Text		y = {0};

	for (;;)
	{
		int			c;

		p = p ? tags_next(p, a.data + a.len, &x) : NULL;
		q = q ? tags_next(q, b.data + b.len, &y) : NULL;
		if (p == NULL || q == NULL)
			return (p != NULL) - (q != NULL);
		if ((c = text_compare(x, y)) != 0)
			return c;
	}
}
