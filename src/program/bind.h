/*
 * bind.h
 *		When the rules of a program are in force, in a time zone.
 */
#ifndef LOYALTY_BIND_H
#define LOYALTY_BIND_H

#include "program/program.h"

typedef struct Bound
{
	int64		from;			/* PG_INT64_MIN if always */
	int64		until;			/* excluded; PG_INT64_MAX if for ever */
} Bound;

/* Fill in the bounds of every rule, by its id; there are program->rules. */
extern void program_bind(const Program *program, const Zone *zone, Bound *bounds);

#endif							/* LOYALTY_BIND_H */
