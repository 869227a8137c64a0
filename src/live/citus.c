/*
 * citus.c
 *		What Citus says of a table.  Its catalog is found by name, where it exists.
 */
#include "postgres.h"

#include "live/citus.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

const char *
shard_root_kind(Oid relid)
{
	Oid			catalog = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
	Relation	rel;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	const char *kind = NULL;
	AttrNumber	root;
	AttrNumber	method;
	AttrNumber	copies;

	if (!OidIsValid(catalog))
		return NULL;
	root = get_attnum(catalog, "logicalrelid");
	method = get_attnum(catalog, "partmethod");
	copies = get_attnum(catalog, "repmodel");
	if (get_atttype(catalog, root) != REGCLASSOID || get_atttype(catalog, method) != CHAROID || get_atttype(catalog, copies) != CHAROID)
		return NULL;
	rel = table_open(catalog, AccessShareLock);
	ScanKeyInit(&key, root, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(rel, InvalidOid, false, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		char		is_by = DatumGetChar(heap_getattr(tuple, method, RelationGetDescr(rel), &isnull));
		char		copied = DatumGetChar(heap_getattr(tuple, copies, RelationGetDescr(rel), &isnull));

		kind = is_by != 'n' ? "distributed" : copied == 't' ? "a reference table" : "managed by Citus";
	}
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return kind;
}
