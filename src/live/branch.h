/*
 * branch.h
 *		A mapping view taken apart: which table each of its branches reads.
 */
#ifndef LOYALTY_BRANCH_H
#define LOYALTY_BRANCH_H

#include "postgres.h"

#include "nodes/bitmapset.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"

/* A table that a branch joins to, along a foreign key. */
typedef struct Parent
{
	Oid			relid;
	int			rti;
	int			child;			/* rti of the table that has the key */
	Oid			child_relid;
	List	   *child_columns;	/* attribute numbers, one for ... */
	List	   *columns;		/* ... each of these */
	Bitmapset  *used;			/* all that the branch looks at */
} Parent;

/* One part of the UNION ALL: rows of one table make an event each. */
typedef struct Branch
{
	int			number;			/* from 1 */
	Oid			relid;			/* that table */
	int			rti;
	Query	   *query;
	List	   *parents;		/* of Parent, each after its child; NIL if it stands alone */
	List	   *key;			/* columns of the table's primary key, if there are parents */
	List	   *named;			/* columns by which a row is named in errors: the primary key ... */
	bool		is_key_named;	/* ... or else those that the branch looks at */
	int			part;			/* its number in a place; 0: rows are not marked in SQL, see place.h */
} Branch;

/*
 * The branches of a view (columns customer, event), which the caller has
 * locked.  What could not be kept current is refused (0A000, 42809, 42804).
 */
extern List *branches_read(Oid view);

/* The tables that branches join to, each once; with those that drive them, or without. */
extern List *branches_tables(List *branches, bool driving);

/*
 * The branch as SQL, its table replaced by the relation of that name (a
 * transition table or WITH query), or as it is if NULL.  With its key, the
 * columns of the primary key follow the two others.
 */
extern char *branch_sql(const Branch *branch, const char *instead, bool with_key);

/* quoted name of a column; qualified name of a table */
extern const char *column_name(Oid relid, AttrNumber attnum);
extern char *table_name(Oid relid);

/* OPERATOR(schema.=): how values of that type are compared by default */
extern char *equality_of(Oid type);

#endif							/* LOYALTY_BRANCH_H */
