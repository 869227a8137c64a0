/*
 * heap.c
 *		Items by a key, the least first.
 */
#include "postgres.h"

#include "standing/heap.h"

static inline bool
item_before(const HeapItem *a, const HeapItem *b)
{
	return a->key != b->key ? a->key < b->key : a->item < b->item;
}

void
heap_begin(Heap *heap)
{
	heap->nitems = 0;
}

void
heap_push(Fold *fold, Heap *heap, int64 key, int item)
{
	HeapItem	pushed = {key, item};
	int			i;

	PUSH_TO(fold, heap, items);
	for (i = heap->nitems - 1; i > 0 && item_before(&pushed, &heap->items[(i - 1) / 2]); i = (i - 1) / 2)
		heap->items[i] = heap->items[(i - 1) / 2];
	heap->items[i] = pushed;
}

const HeapItem *
heap_first(const Heap *heap)
{
	return heap->nitems > 0 ? &heap->items[0] : NULL;
}

void
heap_drop(Heap *heap)
{
	HeapItem	last = heap->items[--heap->nitems];
	int			i = 0;

	for (;;)
	{
		int			next = i * 2 + 1;

		if (next + 1 < heap->nitems && item_before(&heap->items[next + 1], &heap->items[next]))
			next++;
		if (next >= heap->nitems || !item_before(&heap->items[next], &last))
			break;
		heap->items[i] = heap->items[next];
		i = next;
	}
	heap->items[i] = last;
}
