/*
 * change.c
 *		What a change of the shop's tables does to a live history, as SQL.
 *
 * A branch over one table: its events of the new rows are gained, those of the
 * old rows lost.  That is right whatever else happens, for a sum of changes
 * does not depend on their order.
 *
 * A branch with parents: what a row gave is remembered, and looked up again as
 * the tables now are whenever the row or a parent has changed.  Transition
 * tables only tell which rows to look at.  So it does not matter which of
 * several triggers runs first, or that a parent is gone already.  Whoever
 * changes a row and whoever changes its parent meet at the parent's lock.
 *
 * Lookups are written so that they use an index however small the tables were
 * when the plan was made: plans are kept.
 */
#include "postgres.h"

#include "live/change.h"

#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* "p.a AS k1, p.b AS k2" */
static void
put_keys(StringInfo sql, Oid relid, List *columns, const char *prefix)
{
	ListCell   *lc;

	foreach(lc, columns)
		appendStringInfo(sql, "%s%s.%s AS k%d", foreach_current_index(lc) ? ", " : "", prefix,
						 column_name(relid, (AttrNumber) lfirst_int(lc)), foreach_current_index(lc) + 1);
}

/* "p.a = q.k1 AND p.b = q.k2" */
static void
put_match(StringInfo sql, Oid relid, List *columns, const char *prefix, const char *keys)
{
	ListCell   *lc;

	foreach(lc, columns)
		appendStringInfo(sql, "%s%s.%s %s %s.k%d", foreach_current_index(lc) ? " AND " : "", prefix,
						 column_name(relid, (AttrNumber) lfirst_int(lc)),
						 equality_of(get_atttype(relid, (AttrNumber) lfirst_int(lc))),
						 keys, foreach_current_index(lc) + 1);
}

/* "p.k1, p.k2" */
static void
put_key_names(StringInfo sql, List *columns, const char *prefix)
{
	for (int i = 1; i <= list_length(columns); i++)
		appendStringInfo(sql, "%s%sk%d", i > 1 ? ", " : "", prefix, i);
}

/*
 * After WITH ... change (customer, added, removed): append it, and tell who may
 * have lost; with an old snapshot, of all of them.
 */
static void
put_change(StringInfo sql, const Live *live, int source)
{
	appendStringInfo(sql,
					 ", known AS (INSERT INTO %s (customer) SELECT c.customer FROM change c"
					 " WHERE (SELECT b.version FROM %s b WHERE b.customer %s c.customer) IS NULL"
					 " ORDER BY c.customer ON CONFLICT (customer) DO NOTHING)"
					 ", put AS (INSERT INTO %s (customer, source, added, removed)"
					 " SELECT c.customer, %d, c.added, c.removed FROM change c RETURNING customer, added, removed)"
					 " SELECT p.customer, p.added, p.removed, p.lowers"
					 " FROM (SELECT put.*, loyalty.lowers(added, removed) AS lowers FROM put OFFSET 0) p WHERE p.lowers > 0"
					 " OR (SELECT pg_catalog.current_setting('transaction_isolation') NOT LIKE 'read %%')",
					 live->base_name, live->base_name, live->equal, live->fragment_name, source);
}

/* Events of the branches without parents, from that relation: SELECT customer, event, mark ... */
static bool
put_plain(StringInfo sql, const Live *live, const Source *source, const char *relation, const char *mark, bool first)
{
	ListCell   *lc;

	foreach(lc, source->branches)
	{
		Branch	   *branch = lfirst(lc);

		if (branch->parents != NIL)
			continue;
		appendStringInfo(sql, "%sSELECT b.customer::%s AS customer, b.event%s FROM (%s) b(customer, event)",
						 first ? "" : " UNION ALL ", live->type_name, mark, branch_sql(branch, relation, false));
		first = false;
	}
	return !first;
}

static bool
has_plain(const Source *source)
{
	ListCell   *lc;

	foreach(lc, source->branches)
	{
		if (((Branch *) lfirst(lc))->parents == NIL)
			return true;
	}
	return false;
}

static char *
plain_sql(const Live *live, const Source *source, Action action)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "WITH change AS MATERIALIZED (SELECT e.customer");
	switch (action)
	{
		case ACTION_INSERT:
			appendStringInfoString(&sql, ", loyalty.history(e.event) AS added, NULL::loyalty.history AS removed FROM (");
			put_plain(&sql, live, source, "loyalty_new", "", true);
			break;
		case ACTION_DELETE:
			appendStringInfoString(&sql, ", NULL::loyalty.history AS added, loyalty.history(e.event) AS removed FROM (");
			put_plain(&sql, live, source, "loyalty_old", "", true);
			break;
		default:
			appendStringInfoString(&sql,
								   ", loyalty.history(e.event) FILTER (WHERE e.gained) AS added"
								   ", loyalty.history(e.event) FILTER (WHERE NOT e.gained) AS removed FROM (");
			put_plain(&sql, live, source, "loyalty_new", ", true AS gained", true);
			put_plain(&sql, live, source, "loyalty_old", ", false AS gained", false);
			break;
	}
	appendStringInfoString(&sql, ") e WHERE e.customer IS NOT NULL AND e.event IS NOT NULL GROUP BY e.customer");
	if (action == ACTION_UPDATE)
		appendStringInfoString(&sql,
							   " HAVING NOT coalesce(loyalty.history_eq(loyalty.history(e.event) FILTER (WHERE e.gained),"
							   " loyalty.history(e.event) FILTER (WHERE NOT e.gained)), false)");
	appendStringInfoChar(&sql, ')');
	put_change(&sql, live, source->number);
	return sql.data;
}

/* WITH k: keys of the rows in the transition tables */
static void
put_row_keys(StringInfo sql, const Branch *branch, Action action)
{
	appendStringInfoString(sql, "WITH k AS MATERIALIZED (SELECT DISTINCT ");
	put_key_names(sql, branch->key, "x.");
	appendStringInfoString(sql, " FROM (");
	if (action != ACTION_DELETE)
	{
		appendStringInfoString(sql, "SELECT ");
		put_keys(sql, branch->relid, branch->key, "n");
		appendStringInfoString(sql, " FROM loyalty_new n");
	}
	if (action == ACTION_UPDATE)
		appendStringInfoString(sql, " UNION ALL ");
	if (action != ACTION_INSERT)
	{
		appendStringInfoString(sql, "SELECT ");
		put_keys(sql, branch->relid, branch->key, "o");
		appendStringInfoString(sql, " FROM loyalty_old o");
	}
	appendStringInfoString(sql, ") x)");
}

/* what the branch looks at in a parent, as text: "ROW(t.a, t.b)::text" */
static void
put_used(StringInfo sql, const Parent *parent)
{
	int			column = -1;
	bool		first = true;

	appendStringInfoString(sql, "ROW(");
	while ((column = bms_next_member(parent->used, column)) >= 0)
	{
		appendStringInfo(sql, "%st.%s", first ? "" : ", ", column_name(parent->relid, (AttrNumber) column));
		first = false;
	}
	appendStringInfoString(sql, ")::text");
}

/* WITH changed: keys of parents in which something that the branch looks at has changed */
static void
put_changed(StringInfo sql, const Parent *parent)
{
	static const char *const side[] = {"loyalty_new", "loyalty_old"};

	appendStringInfoString(sql, "WITH changed AS MATERIALIZED (SELECT DISTINCT ");
	put_key_names(sql, parent->columns, "x.");
	appendStringInfoString(sql, " FROM (");
	for (int i = 0; i < 2; i++)
	{
		appendStringInfoString(sql, i ? " UNION ALL SELECT " : "SELECT ");
		put_keys(sql, parent->relid, parent->columns, "t");
		appendStringInfoString(sql, ", ");
		put_used(sql, parent);
		appendStringInfo(sql, " AS used, %s AS side FROM %s t", i ? "-1" : "1", side[i]);
	}
	appendStringInfoString(sql, ") x GROUP BY ");
	put_key_names(sql, parent->columns, "x.");
	appendStringInfoString(sql, ", x.used HAVING sum(x.side) <> 0)");
}

static const Parent *
parent_at(const Branch *branch, int rti)
{
	ListCell   *lc;

	foreach(lc, branch->parents)
	{
		if (((Parent *) lfirst(lc))->rti == rti)
			return lfirst(lc);
	}
	return NULL;
}

/* The same and k: keys of the rows that point to such a parent, perhaps by way of others. */
static void
put_keys_of_parent(StringInfo sql, const Branch *branch, const Parent *parent)
{
	const char *from = "changed";
	int			n = 0;

	put_changed(sql, parent);
	for (;;)
	{
		const Parent *child = parent_at(branch, parent->child);
		List	   *columns = child ? child->columns : branch->key;
		char	   *name = child ? psprintf("way%d", ++n) : pstrdup("k");

		appendStringInfo(sql, ", %s AS MATERIALIZED (SELECT DISTINCT ", name);
		put_keys(sql, parent->child_relid, columns, "c");
		appendStringInfo(sql, " FROM %s s, %s c WHERE ", from, table_name(parent->child_relid));
		put_match(sql, parent->child_relid, parent->child_columns, "c", "s");
		appendStringInfoChar(sql, ')');
		if (child == NULL)
			return;
		parent = child;
		from = name;
	}
}

/* After WITH k: those rows as they are now */
static void
put_rows(StringInfo sql, const Branch *branch)
{
	appendStringInfo(sql, ", loyalty_now AS MATERIALIZED (SELECT c.* FROM k, LATERAL (SELECT * FROM %s c WHERE ",
					 table_name(branch->relid));
	put_match(sql, branch->relid, branch->key, "c", "k");
	appendStringInfoString(sql, " OFFSET 0) c)");
}

/* ... and what they give */
static void
put_key_array(StringInfo sql, const Branch *branch, const char *prefix)
{
	appendStringInfoString(sql, "pg_catalog.jsonb_build_array(");
	put_key_names(sql, branch->key, prefix);
	appendStringInfoChar(sql, ')');
}

static void
put_given(StringInfo sql, const Live *live, const Branch *branch, const char *instead)
{
	appendStringInfo(sql, "SELECT b.customer::%s AS customer, b.event, ", live->type_name);
	put_key_array(sql, branch, "b.");
	appendStringInfo(sql, " AS key FROM (%s) b(customer, event, ", branch_sql(branch, instead, true));
	put_key_names(sql, branch->key, "");
	appendStringInfoString(sql, ") WHERE b.customer IS NOT NULL AND b.event IS NOT NULL");
}

static Step *
step(List **steps, StepKind kind, char *sql)
{
	Step	   *s = palloc0(sizeof(Step));

	s->kind = kind;
	s->statement.sql = sql;
	*steps = lappend(*steps, s);
	return s;
}

/* All that a branch with parents needs, once the statement "keys" gives k. */
static void
add_joined(List **steps, const Live *live, const Source *source, const Branch *branch, const char *keys, bool only_new)
{
	StringInfoData sql;
	StringInfoData now;
	StringInfoData way;
	char	   *mine = psprintf("r.source = %d AND r.branch = %d", source->number, branch->number);
	ListCell   *lc;

	initStringInfo(&now);
	appendStringInfoString(&now, keys);
	put_rows(&now, branch);

	/* meet those who change a parent */
	initStringInfo(&way);
	appendStringInfoString(&way, now.data);
	foreach(lc, branch->parents)
	{
		const Parent *parent = lfirst(lc);

		appendStringInfo(&way, ", p%d AS MATERIALIZED (SELECT DISTINCT ", parent->rti);
		put_keys(&way, parent->child_relid, parent->child_columns, "c");
		if (parent->child == branch->rti)
			appendStringInfoString(&way, " FROM loyalty_now c)");
		else
		{
			const Parent *child = parent_at(branch, parent->child);

			appendStringInfo(&way, " FROM p%d s, %s c WHERE ", parent->child, table_name(parent->child_relid));
			put_match(&way, parent->child_relid, child->columns, "c", "s");
			appendStringInfoChar(&way, ')');
		}
		initStringInfo(&sql);
		appendStringInfo(&sql, "%s SELECT count(*) FROM (SELECT 1 FROM p%d s, %s t WHERE ", way.data, parent->rti,
						 table_name(parent->relid));
		put_match(&sql, parent->relid, parent->columns, "t", "s");
		appendStringInfoString(&sql, " ORDER BY ");
		put_key_names(&sql, parent->columns, "s.");
		appendStringInfoString(&sql, " FOR KEY SHARE OF t) l");
		step(steps, STEP_LOCK, sql.data);

		/* that lock does not mind that other columns have changed since the snapshot */
		initStringInfo(&sql);
		appendStringInfo(&sql, "%s SELECT count(*) || ':' || coalesce(sum(pg_catalog.hashtextextended(", way.data);
		put_used(&sql, parent);
		appendStringInfo(&sql, ", 0)), 0) FROM p%d s, %s t WHERE ", parent->rti, table_name(parent->relid));
		put_match(&sql, parent->relid, parent->columns, "t", "s");
		step(steps, STEP_SAME, sql.data);
	}

	if (!only_new)
	{
		/* meet those who change the same row, or another parent of it */
		initStringInfo(&sql);
		appendStringInfo(&sql, "%s SELECT count(*) FROM (SELECT 1 FROM %s r WHERE %s AND r.key = ANY (ARRAY(SELECT ",
						 keys, live->row_name, mine);
		put_key_array(&sql, branch, "k.");
		appendStringInfoString(&sql, " FROM k)) ORDER BY r.key FOR UPDATE) l");
		step(steps, STEP_LOCK, sql.data);

		initStringInfo(&sql);
		appendStringInfo(&sql, "%s, given AS MATERIALIZED (", now.data);
		put_given(&sql, live, branch, "loyalty_now");
		appendStringInfo(&sql, "), gone AS (DELETE FROM %s r WHERE %s AND r.key = ANY (ARRAY(SELECT ", live->row_name, mine);
		put_key_array(&sql, branch, "k.");
		appendStringInfo(&sql, " FROM k)) AND NOT EXISTS (SELECT 1 FROM given g WHERE g.key = r.key AND g.customer %s r.customer"
						 " AND loyalty.event_eq(g.event, r.event)) RETURNING r.customer, r.event)"
						 ", change AS MATERIALIZED (SELECT g.customer, NULL::loyalty.history AS added,"
						 " loyalty.history(g.event) AS removed FROM gone g GROUP BY g.customer)", live->equal);
		put_change(&sql, live, source->number);
		step(steps, STEP_CHANGE, sql.data);
	}

	initStringInfo(&sql);
	appendStringInfo(&sql, "%s, given AS MATERIALIZED (", now.data);
	put_given(&sql, live, branch, "loyalty_now");
	appendStringInfo(&sql, "), come AS (INSERT INTO %s (source, branch, key, customer, event)"
					 " SELECT %d, %d, g.key, g.customer, g.event FROM given g"
					 " WHERE (SELECT r.source FROM %s r WHERE %s AND r.key = g.key) IS NULL ORDER BY g.key"
					 " RETURNING customer, event)"
					 ", change AS MATERIALIZED (SELECT c.customer, loyalty.history(c.event) AS added,"
					 " NULL::loyalty.history AS removed FROM come c GROUP BY c.customer)",
					 live->row_name, source->number, branch->number, live->row_name, mine);
	put_change(&sql, live, source->number);
	step(steps, STEP_CHANGE, sql.data);
}

/* A parent has been updated. */
static void
add_parent(List **steps, const Live *live, const Source *source, const Branch *branch, const Parent *parent)
{
	StringInfoData keys;
	StringInfoData sql;
	Step	   *gate;
	int			before;

	initStringInfo(&sql);
	put_changed(&sql, parent);
	appendStringInfo(&sql, " SELECT count(*) FROM (SELECT 1 FROM changed s, %s t WHERE ", table_name(parent->relid));
	put_match(&sql, parent->relid, parent->columns, "t", "s");
	appendStringInfoString(&sql, " ORDER BY ");
	put_key_names(&sql, parent->columns, "s.");
	appendStringInfoString(&sql, " FOR UPDATE OF t) l");
	gate = step(steps, STEP_GATE, sql.data);
	before = list_length(*steps);

	initStringInfo(&keys);
	put_keys_of_parent(&keys, branch, parent);
	initStringInfo(&sql);
	appendStringInfo(&sql, "%s SELECT count(*) || ':' || coalesce(sum(pg_catalog.hashtextextended(ROW(", keys.data);
	put_key_names(&sql, branch->key, "k.");
	appendStringInfoString(&sql, ")::text, 0)), 0) FROM k");
	step(steps, STEP_SAME, sql.data);
	add_joined(steps, live, source, branch, keys.data, false);
	gate->skip = list_length(*steps) - before;
}

/* A table without partitions of its own is emptied. */
static void
add_truncate(List **steps, const Live *live, const Source *source, Oid table, Oid firing)
{
	ListCell   *lc;

	if (has_plain(source))
	{
		StringInfoData sql;

		initStringInfo(&sql);
		appendStringInfo(&sql, "WITH loyalty_old AS (SELECT * FROM %s)"
						 " SELECT e.customer, loyalty.history(e.event) FROM (", table_name(firing));
		put_plain(&sql, live, source, "loyalty_old", "", true);
		appendStringInfoString(&sql, ") e WHERE e.customer IS NOT NULL AND e.event IS NOT NULL GROUP BY e.customer");
		step(steps, STEP_LOSE, sql.data);
	}
	foreach(lc, source->branches)
	{
		const Branch *branch = lfirst(lc);
		StringInfoData mine;
		StringInfoData sql;

		if (branch->parents == NIL)
			continue;
		initStringInfo(&mine);
		appendStringInfo(&mine, "r.source = %d AND r.branch = %d", source->number, branch->number);
		if (firing != table)
		{
			appendStringInfoString(&mine, " AND r.key = ANY (ARRAY(SELECT ");
			put_key_array(&mine, branch, "k.");
			appendStringInfoString(&mine, " FROM (SELECT ");
			put_keys(&mine, branch->relid, branch->key, "t");
			appendStringInfo(&mine, " FROM %s t) k))", table_name(firing));
		}
		initStringInfo(&sql);
		appendStringInfo(&sql, "WITH gone AS (DELETE FROM %s r WHERE %s RETURNING r.customer, r.event)"
						 ", change AS MATERIALIZED (SELECT g.customer, NULL::loyalty.history AS added,"
						 " loyalty.history(g.event) AS removed FROM gone g GROUP BY g.customer)",
						 live->row_name, mine.data);
		put_change(&sql, live, source->number);
		step(steps, STEP_CHANGE, sql.data);
		step(steps, STEP_NONE_LEFT, psprintf("SELECT 1 FROM %s r WHERE %s LIMIT 1", live->row_name, mine.data));
	}
}

List *
change_steps(const Live *live, List *sources, Action action, Oid table, Oid firing)
{
	List	   *steps = NIL;
	ListCell   *lc;

	foreach(lc, sources)
	{
		const Source *source = lfirst(lc);
		ListCell   *lb;

		if (source->relid == table)
		{
			if (action == ACTION_TRUNCATE)
				add_truncate(&steps, live, source, table, firing);
			else
			{
				if (has_plain(source))
					step(&steps, STEP_CHANGE, plain_sql(live, source, action));
				foreach(lb, source->branches)
				{
					const Branch *branch = lfirst(lb);
					StringInfoData keys;

					if (branch->parents == NIL)
						continue;
					initStringInfo(&keys);
					put_row_keys(&keys, branch, action);
					add_joined(&steps, live, source, branch, keys.data, action == ACTION_INSERT);
				}
			}
		}
		if (action != ACTION_UPDATE)
			continue;
		foreach(lb, source->branches)
		{
			const Branch *branch = lfirst(lb);
			ListCell   *lp;

			foreach(lp, branch->parents)
			{
				const Parent *parent = lfirst(lp);

				if (parent->relid == table)
					add_parent(&steps, live, source, branch, parent);
			}
		}
	}
	return steps;
}

char *
known_sql(const Live *live)
{
	return psprintf("SELECT 1 FROM %s b WHERE b.customer %s $1", live->base_name, live->equal);
}

char *
make_known_sql(const Live *live)
{
	return psprintf("INSERT INTO %s (customer) VALUES ($1) ON CONFLICT (customer) DO NOTHING", live->base_name);
}

char *
append_sql(const Live *live, int source)
{
	return psprintf("INSERT INTO %s (customer, source, added, removed) VALUES ($1, %d, $2, $3)",
					live->fragment_name, source);
}

char *
lose_sql(const Live *live, int source)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "WITH change AS MATERIALIZED (SELECT u.customer, NULL::loyalty.history AS added, u.removed"
						   " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2)) u(customer, removed))");
	put_change(&sql, live, source);
	return sql.data;
}

char *
lock_sql(const Live *live)
{
	return psprintf("SELECT count(*) FROM (SELECT 1 FROM %s b WHERE b.customer %s ANY ($1) ORDER BY b.customer FOR UPDATE) l",
					live->base_name, live->equal);
}

char *
settle_sql(const Live *live)
{
	return psprintf("WITH gone AS (DELETE FROM %s f WHERE f.customer %s ANY ($1) RETURNING f.customer, f.added, f.removed)"
					", total AS (SELECT g.customer, count(*) AS fragments, loyalty.history(g.added) AS added,"
					" loyalty.history(g.removed) AS removed FROM gone g GROUP BY g.customer)"
					", done AS (UPDATE %s b SET version = b.version + 1"
					", history = loyalty.settle(b.history, t.added, loyalty.settle(b.missing, t.removed, NULL::loyalty.history))"
					", missing = loyalty.missing(b.history, t.added, loyalty.settle(b.missing, t.removed, NULL::loyalty.history))"
					" FROM total t WHERE b.customer %s ANY ($1) AND b.customer %s t.customer"
					" RETURNING b.customer, b.history, t.fragments)"
					" SELECT * FROM (SELECT count(*) AS customers, coalesce(sum(fragments), 0)::bigint AS fragments FROM done) d"
					", (SELECT count(*) AS expected FROM total) t"
					" LEFT JOIN LATERAL (SELECT d.customer, d.history FROM done d, %s p"
					" WHERE d.customer %s ANY ($2) AND loyalty.overdrawn(d.history, p.program) ORDER BY d.customer) o ON true",
					live->fragment_name, live->equal, live->base_name, live->equal, live->equal,
					live->program_name, live->equal);
}

char *
unsettled_sql(const Live *live)
{
	return psprintf("SELECT 1 FROM %s f WHERE f.customer %s ANY ($1) LIMIT 1", live->fragment_name, live->equal);
}

char *
gone_sql(const Live *live)
{
	return psprintf("SELECT 1 FROM pg_catalog.unnest($1) c(customer)"
					" WHERE NOT EXISTS (SELECT FROM %s b WHERE b.customer %s c.customer) LIMIT 1",
					live->base_name, live->equal);
}

#define WITHOUT_EVENTS "loyalty.history_eq(b.history, '[]'::loyalty.history) AND b.missing IS NULL"

char *
empty_sql(const Live *live)
{
	return psprintf("SELECT b.customer FROM %s b WHERE " WITHOUT_EVENTS, live->base_name);
}

char *
forget_sql(const Live *live)
{
	return psprintf("DELETE FROM %s b WHERE b.customer %s ANY ($1) AND " WITHOUT_EVENTS
					" AND NOT EXISTS (SELECT FROM %s f WHERE f.customer %s b.customer)",
					live->base_name, live->equal, live->fragment_name, live->equal);
}

/* Those that look alike are told apart by their number: one that was overdrawn does not excuse another. */
#define OVERDRAFTS(history) \
	"(SELECT o.*, pg_catalog.row_number() OVER (PARTITION BY o.at, o.points, o.ref ORDER BY o.available DESC) AS nth" \
	" FROM %s p, LATERAL loyalty.overdrafts(" history ", p.program) o)"

char *
explain_sql(const Live *live)
{
	return psprintf("WITH past AS MATERIALIZED " OVERDRAFTS("loyalty.settle($1, $3, $2)")
					", present AS MATERIALIZED " OVERDRAFTS("$1")
					" SELECT i.points::text, i.available::text, i.reason, i.at::text, s.points::text, s.expires_at::text,"
					" EXISTS (SELECT 1 FROM loyalty.events($2) e WHERE e.kind = 'redemption' AND e.at = i.at AND e.points = i.points) AS own"
					", pg_catalog.to_json(i.at AT TIME ZONE 'UTC')::text, pg_catalog.to_json(s.expires_at AT TIME ZONE 'UTC')::text, i.ref"
					" FROM present i, %s p"
					/* what was there, without the redemption itself */
					", LATERAL (SELECT e.event FROM loyalty.events($1) e"
					" WHERE e.kind = 'redemption' AND e.at = i.at AND e.points = i.points AND e.ref IS NOT DISTINCT FROM i.ref LIMIT 1) e"
					" LEFT JOIN LATERAL (SELECT sum(l.remaining) AS points, l.expires_at"
					" FROM loyalty.lots(loyalty.settle(loyalty.until($1, i.at), NULL::loyalty.history, loyalty.add(NULL::loyalty.history, e.event)), p.program, i.at) l"
					" WHERE l.active_at <= i.at AND l.expires_at IS NOT NULL GROUP BY l.expires_at ORDER BY l.expires_at LIMIT 1) s ON true"
					" WHERE NOT EXISTS (SELECT 1 FROM past w WHERE w.at = i.at AND w.points = i.points"
					" AND w.ref IS NOT DISTINCT FROM i.ref AND w.nth = i.nth AND w.available <= i.available)"
					" ORDER BY own DESC, i.at LIMIT 1",
					live->program_name, live->program_name, live->program_name);
}

char *
fill_rows_sql(const Live *live, const Source *source, const Branch *branch)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO %s (source, branch, key, customer, event) SELECT %d, %d, g.key, g.customer, loyalty.live_count(0, g.event) FROM (",
					 live->row_name, source->number, branch->number);
	put_given(&sql, live, branch, NULL);
	appendStringInfoString(&sql, ") g");
	return sql.data;
}

char *
all_events_sql(const Live *live, List *sources)
{
	StringInfoData sql;
	ListCell   *lc;
	bool		first = true;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT e.customer, e.event FROM (");
	foreach(lc, sources)
	{
		const Source *source = lfirst(lc);
		ListCell   *lb;

		if (has_plain(source))
		{
			put_plain(&sql, live, source, NULL, "", first);
			first = false;
		}
		foreach(lb, source->branches)
		{
			const Branch *branch = lfirst(lb);

			if (branch->parents == NIL)
				continue;
			appendStringInfo(&sql, "%sSELECT r.customer, r.event FROM %s r WHERE r.source = %d AND r.branch = %d",
							 first ? "" : " UNION ALL ", live->row_name, source->number, branch->number);
			first = false;
		}
	}
	appendStringInfoString(&sql, ") e WHERE e.customer IS NOT NULL AND e.event IS NOT NULL");
	return sql.data;
}
