/*
 * vector.h
 *		Lists of a fold that grow, and are kept for the next one.
 */
#ifndef LOYALTY_VECTOR_H
#define LOYALTY_VECTOR_H

#include "postgres.h"

#define NONE (-1)

typedef struct Fold Fold;

#define VECTOR(type, name) \
	type	   *name; \
	int			n##name; \
	int			room_##name

/* one more, in a vector of the fold or of something in it */
#define PUSH_TO(fold, owner, name) \
	(RESERVE(fold, owner, name, (owner)->n##name + 1), &(owner)->name[(owner)->n##name++])

/* room for so many */
#define RESERVE(fold, owner, name, n) \
	fold_reserve((fold), (void **) &(owner)->name, &(owner)->room_##name, (n), sizeof(*(owner)->name))

extern void fold_reserve(Fold *fold, void **items, int *room, int n, size_t size);

#endif							/* LOYALTY_VECTOR_H */
