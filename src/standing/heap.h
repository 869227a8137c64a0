/*
 * heap.h
 *		Items by a key, the least first.
 */
#ifndef LOYALTY_HEAP_H
#define LOYALTY_HEAP_H

#include "standing/vector.h"

typedef struct HeapItem
{
	int64		key;
	int			item;
} HeapItem;

typedef struct Heap
{
	VECTOR(HeapItem, items);
} Heap;

extern void heap_begin(Heap *heap);
extern void heap_push(Fold *fold, Heap *heap, int64 key, int item);
/* The first of them, of equal keys the least item; NULL if there is none. */
extern const HeapItem *heap_first(const Heap *heap);
extern void heap_drop(Heap *heap);

#endif							/* LOYALTY_HEAP_H */
