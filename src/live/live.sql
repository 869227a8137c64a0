-- live: histories kept current by triggers
--
-- A live history is a view (customer, history) over ordinary tables of its
-- owner's.  What evaluates the shop's views or writes to those tables does so
-- in C, as the owner; the DDL is written out below.  None of the writing
-- functions is for PUBLIC: grant EXECUTE to those who look after the shop.

-- Marks: views and triggers name relations by identity in calls of these.

CREATE FUNCTION loyalty.kept(base regclass, fragment regclass, source regclass, program regclass, "row" regclass)
	RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_live_true' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.kept(regclass, regclass, regclass, regclass, regclass) IS
	'internal: always true; in the view of a live history it names the tables that it is made of';

-- Not IMMUTABLE: that would be evaluated when each statement begins, which costs more than when it ends.
CREATE FUNCTION loyalty.feeds(events regclass, live regclass) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_live_true' LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.feeds(regclass, regclass) IS
	'internal: always true; in the WHEN of a trigger it names the view to evaluate and the live history to change';

-- Histories as sums: what was added less what was removed.

CREATE FUNCTION loyalty.settle(h loyalty.history, added loyalty.history, removed loyalty.history) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_live_settle' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.settle(loyalty.history, loyalty.history, loyalty.history) IS
	'the events of the first two less those of the third; what the third has beyond them is left out. NULL stands for no events; NULL if the first two are';

CREATE FUNCTION loyalty.missing(h loyalty.history, added loyalty.history, removed loyalty.history) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_live_missing' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.missing(loyalty.history, loyalty.history, loyalty.history) IS
	'the events of the third that the first two lack; NULL if there are none';

CREATE FUNCTION loyalty.lowers(added loyalty.history, removed loyalty.history) RETURNS smallint
	AS 'MODULE_PATHNAME', 'loyalty_live_lowers' LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.lowers(loyalty.history, loyalty.history) IS
	'internal: 0 if such a change can only raise a balance, 2 if it spends points (a redemption, points taken by hand), 1 for the others';

-- The trigger

CREATE FUNCTION loyalty.live_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'loyalty_live_changed' LANGUAGE C;
COMMENT ON FUNCTION loyalty.live_changed() IS
	'internal: the trigger on tracked tables, made by loyalty.track(). LY001 where a redemption would be overdrawn';

CREATE FUNCTION loyalty.live_feed(condition pg_node_tree, OUT events regclass, OUT live regclass)
	AS 'MODULE_PATHNAME', 'loyalty_live_feed' LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.live_feed(pg_node_tree) IS
	'internal: the view and the live history that the WHEN of a trigger names';

-- In the SQL that evaluates a view: which row an error is about

CREATE FUNCTION loyalty.live_row(part integer, VARIADIC columns "any") RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_live_row' LANGUAGE C;
COMMENT ON FUNCTION loyalty.live_row(integer, "any") IS
	'internal: always true; an error from here on is about the row that has these columns';

CREATE FUNCTION loyalty.live_done(value anyelement) RETURNS anyelement
	AS 'MODULE_PATHNAME', 'loyalty_live_done' LANGUAGE C;
COMMENT ON FUNCTION loyalty.live_done(anyelement) IS
	'internal: the same value; an error from here on is about no row';

-- How far a long job has come

CREATE FUNCTION loyalty.live_count(counter integer, value anyelement) RETURNS anyelement
	AS 'MODULE_PATHNAME', 'loyalty_live_count' LANGUAGE C PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.live_count(integer, anyelement) IS
	'internal: the same value; one more event (0) or customer (1) for loyalty.progress';

CREATE FUNCTION loyalty.live_progress()
	RETURNS TABLE (pid integer, live regclass, job text, phase text, events bigint, expected bigint, customers bigint)
	AS 'MODULE_PATHNAME', 'loyalty_live_progress' LANGUAGE C STABLE PARALLEL RESTRICTED;
COMMENT ON FUNCTION loyalty.live_progress() IS
	'internal: what the view loyalty.progress shows';

CREATE VIEW loyalty.progress AS
SELECT p.pid, p.live, p.job, p.phase, p.events, p.expected, p.customers FROM loyalty.live_progress() p;
COMMENT ON VIEW loyalty.progress IS
	'a row for each track(), rebuild() or verify() that is running in this database, as far as the caller may see statistics of its role: how many events it has read of how many that the planner expects, and of how many customers it has put them together. As pg_stat_progress_vacuum and the like';

-- What needs C

CREATE FUNCTION loyalty.live_tables(events regclass)
	RETURNS TABLE (relation regclass, root regclass, parent boolean, partitioned boolean)
	AS 'MODULE_PATHNAME', 'loyalty_live_tables' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION loyalty.live_tables(regclass) IS
	'internal: the tables that a view of events reads, with their partitions; refuses what could not be kept current';
CREATE FUNCTION loyalty.live_bind(live regclass, events regclass, caller text) RETURNS void
	AS 'MODULE_PATHNAME', 'loyalty_live_bind' LANGUAGE C STRICT;
COMMENT ON FUNCTION loyalty.live_bind(regclass, regclass, text) IS
	'internal: lock what a view reads, and write down what that is';
CREATE FUNCTION loyalty.live_unbind(live regclass, events regclass) RETURNS void
	AS 'MODULE_PATHNAME', 'loyalty_live_unbind' LANGUAGE C STRICT;
COMMENT ON FUNCTION loyalty.live_unbind(regclass, regclass) IS
	'internal: forget that a view is tracked';
CREATE FUNCTION loyalty.live_views(live regclass) RETURNS SETOF regclass
	AS 'MODULE_PATHNAME', 'loyalty_live_views' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION loyalty.live_views(regclass) IS
	'internal: the views that feed a live history';
CREATE FUNCTION loyalty.live_fill(live regclass, events regclass) RETURNS void
	AS 'MODULE_PATHNAME', 'loyalty_live_fill' LANGUAGE C;
COMMENT ON FUNCTION loyalty.live_fill(regclass, regclass) IS
	'internal: take in what a view gives; without one, begin anew with all of them';
CREATE FUNCTION loyalty.live_set_program(live regclass, program loyalty.program) RETURNS void
	AS 'MODULE_PATHNAME', 'loyalty_live_set_program' LANGUAGE C;
COMMENT ON FUNCTION loyalty.live_set_program(regclass, loyalty.program) IS
	'internal: store the program of a live history';
CREATE FUNCTION loyalty.live_must_be_writable(caller text) RETURNS void
	AS 'MODULE_PATHNAME', 'loyalty_live_must_be_writable' LANGUAGE C STRICT;
COMMENT ON FUNCTION loyalty.live_must_be_writable(text) IS
	'internal: error 25006 on a standby and in read-only transactions';
CREATE FUNCTION loyalty.live_differences(live regclass)
	RETURNS TABLE (customer text, kept loyalty.history, computed loyalty.history, reason text)
	AS 'MODULE_PATHNAME', 'loyalty_live_differences' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION loyalty.live_differences(regclass) IS
	'internal: customers whose kept history is not what their views give';

CREATE FUNCTION loyalty.compact(live regclass, customers integer DEFAULT NULL) RETURNS bigint
	AS 'MODULE_PATHNAME', 'loyalty_live_compact' LANGUAGE C;
COMMENT ON FUNCTION loyalty.compact(regclass, integer) IS
	'bring the fragments of so many customers (default: all) into their base rows; answers how many fragments. Customers that somebody is changing are left for the next time. For now and then, e.g. by pg_cron';

CREATE FUNCTION loyalty.forget(live regclass) RETURNS bigint
	AS 'MODULE_PATHNAME', 'loyalty_live_forget' LANGUAGE C;
COMMENT ON FUNCTION loyalty.forget(regclass) IS
	'take out the keys of customers who have no events any more; answers how many. For when a person was erased: waits for changes that are under way, and others wait until its transaction ends';

-- The triggers that a view's tables should have, and which they have

CREATE FUNCTION loyalty.live_triggers(events regclass, live regclass)
	RETURNS TABLE (relation regclass, root regclass, parent boolean, action text, name name, state text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY
	WITH wanted AS (
		SELECT DISTINCT t.relation, t.root, t.parent, a.action, a.type
		FROM   loyalty.live_tables(events) t,
		       (VALUES ('insert', 4), ('delete', 8), ('update', 16), ('truncate', 34)) a(action, type)
		WHERE  CASE WHEN t.parent THEN a.action = 'update' ELSE NOT (t.partitioned AND a.action = 'truncate') END
	), found AS (
		SELECT t.tgrelid, t.tgname, t.tgtype, t.tgenabled
		FROM   pg_trigger t, LATERAL loyalty.live_feed(t.tgqual) f
		WHERE  t.tgfoid = 'loyalty.live_changed()'::regprocedure
		AND    f.events = live_triggers.events AND f.live = live_triggers.live
	)
	SELECT w.relation, w.root, bool_and(w.parent), w.action, min(f.tgname::text)::name,
	       CASE WHEN min(f.tgname::text) IS NULL THEN 'no trigger for ' || w.action
	            WHEN bool_or(f.tgenabled IN ('D', 'R')) THEN format('trigger "%s" is disabled', min(f.tgname::text))
	            ELSE 'ok' END
	FROM   wanted w LEFT JOIN found f ON f.tgrelid = w.relation AND f.tgtype = w.type
	GROUP  BY w.relation, w.root, w.action;
END $$;
COMMENT ON FUNCTION loyalty.live_triggers(regclass, regclass) IS
	'internal: the triggers that the tables of a view should have to feed a live history, and whether they are there';

CREATE FUNCTION loyalty.live_state(events regclass, live regclass)
	RETURNS TABLE (relation regclass, role text, state text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY
	SELECT t.relation, CASE WHEN bool_and(t.parent) THEN 'parent' WHEN t.relation <> t.root THEN 'partition' ELSE 'events' END,
	       coalesce(string_agg(t.state, '; ' ORDER BY t.action) FILTER (WHERE t.state <> 'ok'),
	                CASE WHEN loyalty.live_shard_state(t.relation) = 'away' THEN 'a shard that does not belong to this server any more' ELSE 'ok' END)
	FROM   loyalty.live_triggers(events, live) t
	GROUP  BY t.relation, t.root
	UNION  ALL
	SELECT DISTINCT t.tgrelid::regclass, 'none', 'the view does not read it, and its triggers refuse changes'
	FROM   pg_trigger t, LATERAL loyalty.live_feed(t.tgqual) f
	WHERE  t.tgfoid = 'loyalty.live_changed()'::regprocedure
	AND    f.events = live_state.events AND f.live = live_state.live
	AND    t.tgrelid NOT IN (SELECT r.relation FROM loyalty.live_tables(live_state.events) r);
EXCEPTION WHEN others THEN
	RETURN QUERY SELECT NULL::regclass, NULL::text, SQLERRM;
END $$;
COMMENT ON FUNCTION loyalty.live_state(regclass, regclass) IS
	'internal: the tables of a view and whether their triggers are as they should be';

CREATE VIEW loyalty.tracked AS
SELECT f.live, f.events, s.relation, s.role, s.state
FROM   (SELECT DISTINCT f.events, f.live
        FROM   pg_catalog.pg_trigger t, LATERAL loyalty.live_feed(t.tgqual) f
        WHERE  t.tgfoid OPERATOR(pg_catalog.=) 'loyalty.live_changed()'::pg_catalog.regprocedure
        AND    f.events IS NOT NULL) f,
       LATERAL loyalty.live_state(f.events, f.live) s
UNION  ALL
SELECT NULL, NULL, u.relation, 'events', u.state FROM loyalty.live_unguarded() u;
COMMENT ON VIEW loyalty.tracked IS
	'what is attached to what: the tables and partitions behind each view of events that feeds a live history; state is ''ok'' or says what is wrong with the triggers. Without a live history: tables that are guarded and not tracked';

-- Making and feeding

CREATE FUNCTION loyalty.live_must_be_makable(space name, name name, what text, customer_type regtype)
	RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF space IS NULL OR space LIKE 'pg\_temp%' THEN
		RAISE invalid_schema_name USING MESSAGE = 'no schema has been selected to create in',
			HINT = 'The first schema of search_path must exist, and must not be that of temporary tables.';
	END IF;
	IF octet_length(name::text) NOT BETWEEN 1 AND 54 THEN
		RAISE invalid_name USING MESSAGE = format('"%s" cannot be the name of a %s', name, what),
			DETAIL = 'One to 54 bytes leave room for the names of its tables.';
	END IF;
	IF (SELECT typarray FROM pg_type WHERE oid = customer_type) = 0 THEN
		RAISE feature_not_supported USING MESSAGE = format('type %s cannot be that of customers'' keys', customer_type),
			DETAIL = 'There are no arrays of it.';
	END IF;
END $$;
COMMENT ON FUNCTION loyalty.live_must_be_makable(name, name, text, regtype) IS
	'internal: error if a relation of that name, with tables of its own for customers with such keys, cannot be made there';

CREATE FUNCTION loyalty.live_make(space name, live name, customer_type regtype, program loyalty.program)
	RETURNS regclass LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	base     text;
	fragment text;
	source   text;
	promise  text;
	"row"    text;
	equal    text;
	key      text := format_type(customer_type, -1);   -- "character" alone would be character(1)
BEGIN
	IF live IS NULL OR customer_type IS NULL THEN
		RETURN NULL;
	END IF;
	PERFORM loyalty.live_must_be_writable('keep');
	PERFORM loyalty.live_must_be_makable(space, live, 'live history', customer_type);
	base := format('%I.%I', space, live || '_base');
	fragment := format('%I.%I', space, live || '_fragment');
	source := format('%I.%I', space, live || '_source');
	promise := format('%I.%I', space, live || '_program');
	"row" := format('%I.%I', space, live || '_row');
	IF to_regclass(base) IS NOT NULL AND to_regclass(format('%I.%I', space, live)) IS NOT NULL THEN
		RAISE duplicate_table USING MESSAGE = format('live history "%s" already exists', live),
			HINT = format('loyalty.set_program(%L, ...) gives it another program. To be rid of it: DROP TABLE %s CASCADE.', live,
				concat_ws(', ', base, fragment, "row", promise, source));
	END IF;
	EXECUTE format('CREATE TABLE %s (
			customer %s PRIMARY KEY,
			history  loyalty.history NOT NULL DEFAULT ''[]'',
			missing  loyalty.history,
			version  bigint NOT NULL DEFAULT 0) WITH (fillfactor = 70)', base, key);
	EXECUTE format('COMMENT ON TABLE %s IS ''histories as far as they are compacted; this is the row that is locked''', base);
	EXECUTE format('COMMENT ON COLUMN %s.missing IS ''events that were to be removed and were not there''', base);
	EXECUTE format('CREATE TABLE %s (
			customer %s NOT NULL,
			id       bigint GENERATED ALWAYS AS IDENTITY (CACHE 32),
			source   integer NOT NULL,
			added    loyalty.history,
			removed  loyalty.history,
			PRIMARY KEY (customer, id))', fragment, key);
	EXECUTE format('COMMENT ON TABLE %s IS ''changes of histories that are not in the base rows yet''', fragment);
	EXECUTE format('CREATE TABLE %s (
			source     integer PRIMARY KEY,
			events     regclass NOT NULL,
			relation   regclass NOT NULL,
			definition text NOT NULL,
			UNIQUE (events, relation))', source);
	EXECUTE format('COMMENT ON TABLE %s IS ''the tables whose rows make events, and the views that say how''', source);
	EXECUTE format('CREATE TABLE %s (
			one     boolean PRIMARY KEY DEFAULT true CHECK (one),
			program loyalty.program NOT NULL)', promise);
	EXECUTE format('COMMENT ON TABLE %s IS ''the program by which redemptions are judged; one row or none''', promise);
	EXECUTE format('CREATE TABLE %s (
			source   integer NOT NULL,
			branch   integer NOT NULL,
			key      jsonb NOT NULL,
			customer %s NOT NULL,
			event    loyalty.event NOT NULL,
			PRIMARY KEY (source, branch, key))', "row", key);
	EXECUTE format('COMMENT ON TABLE %s IS ''the event that each row of a table gives whose view joins it to others''', "row");

	SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname) INTO STRICT equal
	FROM   pg_index i
	JOIN   pg_opclass c ON c.oid = i.indclass[0]
	JOIN   pg_amop a ON a.amopfamily = c.opcfamily AND a.amopstrategy = 3
	                AND a.amoplefttype = c.opcintype AND a.amoprighttype = c.opcintype
	JOIN   pg_operator o ON o.oid = a.amopopr
	JOIN   pg_namespace n ON n.oid = o.oprnamespace
	WHERE  i.indrelid = base::regclass AND i.indisprimary;

	EXECUTE format('CREATE VIEW %I.%I WITH (security_invoker = true) AS
		SELECT b.customer,
		       (SELECT loyalty.settle(b.history, loyalty.history(f.added),
		                              loyalty.settle(b.missing, loyalty.history(f.removed), NULL::loyalty.history))
		        FROM   %s f WHERE f.customer %s b.customer) AS history
		FROM   %s b
		WHERE  loyalty.kept(%L::regclass, %L::regclass, %L::regclass, %L::regclass, %L::regclass)',
		space, live, fragment, equal, base, base, fragment, source, promise, "row");
	EXECUTE format('COMMENT ON VIEW %I.%I IS ''the history of each customer who ever had an event; empty if all are gone''', space, live);
	EXECUTE format('COMMENT ON COLUMN %I.%I.customer IS ''the customer''''s key''', space, live);
	EXECUTE format('COMMENT ON COLUMN %I.%I.history IS ''all events of the customer: any function of histories may be asked of it''', space, live);
	IF program IS NOT NULL THEN
		PERFORM loyalty.set_program(format('%I.%I', space, live)::regclass, program);
	END IF;
	RETURN format('%I.%I', space, live)::regclass;
END $$;
COMMENT ON FUNCTION loyalty.live_make(name, name, regtype, loyalty.program) IS
	'internal: keep() in a given schema';

-- SQL and without a search_path of its own: it must see the caller's.
CREATE FUNCTION loyalty.keep(name text, customer_type regtype, program loyalty.program DEFAULT NULL)
	RETURNS regclass LANGUAGE sql
	AS $$ SELECT loyalty.live_make(pg_catalog.current_schema(), $1::pg_catalog.name, $2, $3) $$;
COMMENT ON FUNCTION loyalty.keep(text, regtype, loyalty.program) IS
	'make a live history in the current schema: a view of that name (customer, history), the tables under it, and with a program the view <name>_standing. customer_type: the type of the customer''s key';

CREATE FUNCTION loyalty.set_program(live regclass, program loyalty.program) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	space    name;
	bare     name;
	standing text;
	owner    name;
	promise  text;
	name     name;
	meaning  text;
BEGIN
	IF live IS NULL THEN
		RETURN;
	END IF;
	PERFORM loyalty.live_set_program(live, program);
	IF program IS NULL THEN
		RETURN;
	END IF;
	SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) INTO space, bare, owner
	FROM   pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = live;
	IF octet_length(bare || '_standing') > 63 THEN
		RAISE NOTICE 'the name of "%" is too long for a view of standings beside it', bare;
		RETURN;
	END IF;
	standing := format('%I.%I', space, bare || '_standing');
	IF to_regclass(standing) IS NOT NULL THEN
		RETURN;
	END IF;
	SELECT d.refobjid::regclass::text INTO STRICT promise
	FROM   pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
	JOIN   pg_attribute a ON a.attrelid = d.refobjid AND a.attname = 'one'
	WHERE  r.ev_class = live AND d.refclassid = 'pg_class'::regclass;
	-- the history is put together once, and of those who have none there is nothing to say
	EXECUTE format('CREATE VIEW %s WITH (security_invoker = true) AS
		SELECT k.customer, s.tier::varchar(255) AS tier, s.tier_since, s.tier_until,
		       s.next_tier::varchar(255) AS next_tier, s.to_next::numeric(24,6) AS to_next,
		       s.points::numeric(24,6) AS points, s.pending::numeric(24,6) AS pending, s.debt::numeric(24,6) AS debt,
		       s.expiring::numeric(24,6) AS expiring, s.expiring_at,
		       s.lifetime_points::numeric(24,6) AS lifetime_points, s.qualifying::numeric(24,6) AS qualifying,
		       v.revenue::numeric(24,6) AS revenue, v.cost::numeric(24,6) AS cost, v.profit::numeric(24,6) AS profit,
		       v.orders, v.first_purchase, v.last_purchase
		FROM   %s k, %s p, LATERAL (SELECT k.history OFFSET 0) h,
		       LATERAL loyalty.standing(h.history, p.program, now()) s, LATERAL loyalty.profitability(h.history) v
		WHERE  NOT loyalty.same(h.history, ''[]''::loyalty.history)',
		standing, live, promise);
	EXECUTE format('COMMENT ON VIEW %s IS ''where each customer with events stands now, in plain columns''', standing);
	FOR name, meaning IN VALUES
		('customer',        'the customer''s key'),
		('tier',            'the tier held now; NULL for none'),
		('tier_since',      'since when without a break'),
		('tier_until',      'when it changes if nothing else happens; NULL if it does not'),
		('next_tier',       'the tier above; NULL at the top'),
		('to_next',         'what is missing to it, in what the tiers count'),
		('points',          'points that can be spent, less debt: below 0 while more is owed'),
		('pending',         'points earned and still held back'),
		('debt',            'points owed: spent and then lost, with a returned order for instance'),
		('expiring',        'how many points die next, if nothing else happens'),
		('expiring_at',     'when they do; NULL if none will'),
		('lifetime_points', 'points ever earned, less what refunds undid'),
		('qualifying',      'what counts for the tiers in the current window'),
		('revenue',         'purchases less refunds'),
		('cost',            'all costs, less what refunds recovered'),
		('profit',          'revenue less cost'),
		('orders',          'number of orders, returned ones included'),
		('first_purchase',  'instant of the first purchase'),
		('last_purchase',   'instant of the last purchase')
	LOOP
		EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', standing, name, meaning);
	END LOOP;
	EXECUTE format('ALTER VIEW %s OWNER TO %I', standing, owner);
END $$;
COMMENT ON FUNCTION loyalty.set_program(regclass, loyalty.program) IS
	'the program by which redemptions are judged and <name>_standing is computed, from now on; NULL for none: then no redemption is refused';

CREATE FUNCTION loyalty.live_attach(events regclass, live regclass) RETURNS integer
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	t    record;
	stem text;   -- names are cut to 63 bytes, so their ends must be short of that
	name text;
	made integer := 0;
BEGIN
	SELECT c.relname INTO stem FROM pg_class c WHERE c.oid = live;
	WHILE octet_length(stem) > 48 LOOP
		stem := left(stem, -1);
	END LOOP;
	FOR t IN
		SELECT x.relation, x.action FROM loyalty.live_triggers(events, live) x WHERE x.name IS NULL ORDER BY x.relation, x.action
	LOOP
		name := concat_ws('_', stem, t.action);
		-- of other views, of other live histories of that name, of the shop's own
		FOR i IN 2 .. 9999 LOOP
			EXIT WHEN NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.relation AND g.tgname = name);
			name := concat_ws('_', stem, t.action, i);
		END LOOP;
		EXECUTE format('CREATE TRIGGER %I %s ON %s %s FOR EACH STATEMENT WHEN (loyalty.feeds(%L::regclass, %L::regclass)) EXECUTE FUNCTION loyalty.live_changed()',
			name,
			CASE t.action WHEN 'truncate' THEN 'BEFORE TRUNCATE' ELSE 'AFTER ' || t.action END,
			t.relation,
			CASE t.action WHEN 'insert' THEN 'REFERENCING NEW TABLE AS loyalty_new'
			              WHEN 'update' THEN 'REFERENCING OLD TABLE AS loyalty_old NEW TABLE AS loyalty_new'
			              WHEN 'delete' THEN 'REFERENCING OLD TABLE AS loyalty_old' ELSE '' END,
			events, live);
		made := made + 1;
	END LOOP;
	RETURN made;
END $$;
COMMENT ON FUNCTION loyalty.live_attach(regclass, regclass) IS
	'internal: make the triggers that are missing; answers how many';

CREATE FUNCTION loyalty.live_detach(events regclass, live regclass, unless_wanted boolean) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	t record;
BEGIN
	FOR t IN
		SELECT g.tgrelid::regclass AS relation, g.tgname
		FROM   pg_trigger g, LATERAL loyalty.live_feed(g.tgqual) f
		WHERE  g.tgfoid = 'loyalty.live_changed()'::regprocedure
		AND    f.events = live_detach.events AND f.live = live_detach.live
		AND    NOT (unless_wanted AND (g.tgrelid, g.tgname) IN
		            (SELECT w.relation, w.name FROM loyalty.live_triggers(live_detach.events, live_detach.live) w WHERE w.name IS NOT NULL))
		ORDER  BY g.tgrelid, g.tgname
	LOOP
		EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, t.relation);
	END LOOP;
END $$;
COMMENT ON FUNCTION loyalty.live_detach(regclass, regclass, boolean) IS
	'internal: drop the triggers by which a view feeds a live history: all, or those that it no longer needs';

CREATE FUNCTION loyalty.track(events regclass, live regclass) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF events IS NULL OR live IS NULL THEN
		RETURN;
	END IF;
	PERFORM loyalty.live_must_be_writable('track');
	IF events IN (SELECT loyalty.live_views(live)) THEN
		IF loyalty.live_attach(events, live) = 0 THEN
			RAISE NOTICE 'view "%" is tracked already', events;
		END IF;
		RETURN;
	END IF;
	PERFORM loyalty.live_bind(live, events, 'track');
	PERFORM loyalty.live_attach(events, live);
	PERFORM loyalty.live_fill(live, events);
END $$;
COMMENT ON FUNCTION loyalty.track(regclass, regclass) IS
	'feed a live history from a view of events (customer, event): triggers on the tables it reads, and what they hold now. Locks those tables against changes until the transaction ends. On a view that is tracked already: the triggers that are missing, on new partitions say. 0A000 with the remedy where a view cannot be kept current';

CREATE FUNCTION loyalty.untrack(events regclass, live regclass) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF events IS NULL OR live IS NULL THEN
		RETURN;
	END IF;
	PERFORM loyalty.live_unbind(live, events);
	PERFORM loyalty.live_detach(events, live, false);
	PERFORM loyalty.rebuild(live);
END $$;
COMMENT ON FUNCTION loyalty.untrack(regclass, regclass) IS
	'no longer feed a live history from that view, and take its events out';

CREATE FUNCTION loyalty.rebuild(live regclass) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	view regclass;
BEGIN
	IF live IS NULL THEN
		RETURN;
	END IF;
	FOR view IN SELECT loyalty.live_views(live) ORDER BY 1 LOOP
		PERFORM loyalty.live_bind(live, view, 'rebuild');
		PERFORM loyalty.live_detach(view, live, true);
		PERFORM loyalty.live_attach(view, live);
	END LOOP;
	PERFORM loyalty.live_fill(live, NULL::regclass);   -- as everywhere, so that no other function fits better
END $$;
COMMENT ON FUNCTION loyalty.rebuild(regclass) IS
	'compute a live history anew from the views that feed it, as they are now, with their triggers. Locks their tables against changes until the transaction ends';

CREATE FUNCTION loyalty.verify(live regclass)
	RETURNS TABLE (customer text, kept loyalty.history, computed loyalty.history, reason text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	known text;
BEGIN
	IF live IS NULL THEN
		RETURN;
	END IF;
	FOR verify.customer, verify.kept, verify.computed, verify.reason IN SELECT * FROM loyalty.live_differences(live) LOOP
		IF known IS NULL THEN
			SELECT coalesce(string_agg(concat_ws(': ', s.relation::text, s.state), '; ' ORDER BY s.relation::text), '')
			INTO   known
			FROM   loyalty.live_views(live) v, LATERAL loyalty.live_state(v, live) s WHERE s.state <> 'ok';
		END IF;
		verify.reason := coalesce(nullif(concat_ws('; ', verify.reason, nullif(known, '')), ''),
			'rows changed without a trigger (session_replication_role, triggers disabled for a while, a view replaced)');
		RETURN NEXT;
	END LOOP;
	RETURN QUERY
	SELECT NULL::text, NULL::loyalty.history, NULL::loyalty.history, concat_ws(': ', s.relation::text, s.state)
	FROM   loyalty.live_views(live) v, LATERAL loyalty.live_state(v, live) s WHERE loyalty.live_shard_state(s.relation) = 'away';
END $$;
COMMENT ON FUNCTION loyalty.verify(regclass) IS
	'the customers whose kept history is not what the views give, and why as far as that can be known; no rows if all is right. Reads all tables; for its owner';

REVOKE EXECUTE ON FUNCTION
	loyalty.keep(text, regtype, loyalty.program),
	loyalty.track(regclass, regclass),
	loyalty.untrack(regclass, regclass),
	loyalty.rebuild(regclass),
	loyalty.compact(regclass, integer),
	loyalty.forget(regclass),
	loyalty.set_program(regclass, loyalty.program),
	loyalty.verify(regclass),
	loyalty.live_changed(),
	loyalty.live_row(integer, "any"),
	loyalty.live_done(anyelement),
	loyalty.live_count(integer, anyelement),
	loyalty.live_make(name, name, regtype, loyalty.program),
	loyalty.live_attach(regclass, regclass),
	loyalty.live_detach(regclass, regclass, boolean),
	loyalty.live_bind(regclass, regclass, text),
	loyalty.live_unbind(regclass, regclass),
	loyalty.live_fill(regclass, regclass),
	loyalty.live_set_program(regclass, loyalty.program),
	loyalty.live_must_be_writable(text),
	loyalty.live_differences(regclass),
	loyalty.live_views(regclass)
	FROM PUBLIC;
GRANT SELECT ON loyalty.tracked, loyalty.progress TO PUBLIC;
