-- Live histories beside the shards of Citus: one for each group of shards on a server, of its customers.
-- Its catalog is named only where it is there, in statements made up as they run.

CREATE FUNCTION loyalty.live_shard_query(events regclass, tables regclass[], shards regclass[]) RETURNS text
	AS 'MODULE_PATHNAME', 'loyalty_shard_query' LANGUAGE C STABLE STRICT SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION loyalty.live_shard_query(regclass, regclass[], regclass[]) IS
	'internal: the query of a view, of shards in place of their tables';

CREATE FUNCTION loyalty.live_is_root(relation regclass) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_shard_is_root' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION loyalty.live_is_root(regclass) IS
	'internal: do the rows of that table lie in shards?';

CREATE FUNCTION loyalty.guarded(relation regclass) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_shard_guarded' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION loyalty.guarded(regclass) IS
	'true where that table feeds a live history, else 55000. For CHECK (loyalty.guarded(tableoid)) NOT VALID on a table of redemptions: then nothing is written where nobody counts it, as on a shard that has moved to a server where it is not tracked yet. Rows that are copied with a shard are let in';

-- The shards of tables that are on this server, or the one of that number; "here" is false where Citus says that they
-- belong to another server.
CREATE FUNCTION loyalty.live_shards(number bigint DEFAULT NULL)
	RETURNS TABLE (root regclass, shard bigint, relation regclass, minimum text, here boolean)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF to_regclass('pg_catalog.pg_dist_shard') IS NOT NULL THEN
		RETURN QUERY EXECUTE $query$
			SELECT s.logicalrelid, s.shardid, r.relation, s.shardminvalue,
			       EXISTS (SELECT FROM pg_catalog.pg_dist_placement p JOIN pg_catalog.pg_dist_local_group g ON g.groupid = p.groupid
			               WHERE p.shardid = s.shardid AND p.shardstate = 1)
			FROM   pg_catalog.pg_dist_shard s, LATERAL to_regclass(pg_catalog.shard_name(s.logicalrelid, s.shardid)) r(relation)
			WHERE  r.relation IS NOT NULL AND ($1 IS NULL OR s.shardid = $1) $query$ USING number;
	END IF;
END $$;
COMMENT ON FUNCTION loyalty.live_shards(bigint) IS
	'internal: the shards that are on this server, or the one of that number, and whether they belong here';

-- Citus puts a shard's number at the end of its name, and hides shards from those who read pg_class.

CREATE FUNCTION loyalty.live_shard_state(relation regclass) RETURNS text
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
	AS $$
	SELECT CASE WHEN s.here THEN 'here' ELSE 'away' END
	FROM   substring($1::text FROM '_([0-9]{1,18})"?$') n(number), LATERAL loyalty.live_shards(n.number::bigint) s
	WHERE  n.number IS NOT NULL AND s.relation = $1
$$;
COMMENT ON FUNCTION loyalty.live_shard_state(regclass) IS
	'internal: "here" for a shard of this server, "away" for one that has left or is arriving, NULL for other tables';

-- Tables that may be written only where they are tracked, and are not.
CREATE FUNCTION loyalty.live_unguarded() RETURNS TABLE (relation regclass, state text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN QUERY
	SELECT DISTINCT c.conrelid::regclass, 'not tracked, so nothing can be written: loyalty.track_shards() or loyalty.track()'
	FROM   pg_constraint c JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = c.oid
	WHERE  d.refclassid = 'pg_proc'::regclass AND d.refobjid = 'loyalty.guarded(regclass)'::regprocedure AND c.conrelid <> 0
	AND    NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.conrelid AND t.tgfoid = 'loyalty.live_changed()'::regprocedure
	                   AND t.tgtype = 4 AND t.tgenabled IN ('O', 'A'))
	AND    NOT loyalty.live_is_root(c.conrelid) AND loyalty.live_shard_state(c.conrelid) IS DISTINCT FROM 'away';
END $$;
COMMENT ON FUNCTION loyalty.live_unguarded() IS
	'internal: tables whose rows must be counted, and are not';

CREATE FUNCTION loyalty.live_is_of_shard(space name, live name) RETURNS boolean
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(obj_description(to_regclass(format('%I.%I', space, live)), 'pg_class') = 'histories of a shard, kept by loyalty.track_shards()', false)
$$;
COMMENT ON FUNCTION loyalty.live_is_of_shard(name, name) IS
	'internal: was that live history made by track_shards(), whose it is to drop?';

CREATE FUNCTION loyalty.live_drop(space name, live name) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF NOT loyalty.live_is_of_shard(space, live) THEN
		RETURN;
	END IF;
	EXECUTE format('DROP VIEW IF EXISTS %I.%I CASCADE', space, live || '_event');
	EXECUTE format('DROP TABLE IF EXISTS %1$I.%2$I, %1$I.%3$I, %1$I.%4$I, %1$I.%5$I, %1$I.%6$I CASCADE', space,
		live || '_base', live || '_fragment', live || '_row', live || '_program', live || '_source');
END $$;
COMMENT ON FUNCTION loyalty.live_drop(name, name) IS
	'internal: a live history of a shard goes, with its view of events and their triggers';

CREATE FUNCTION loyalty.track_shards(events regclass, live name, program loyalty.program)
	RETURNS SETOF regclass LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	space    name;
	type     regtype;
	roots    regclass[];
	anchor   regclass;
	stranger regclass;
	shards   record;
	name     name;
	gone     name;
	history  regclass;
	before   text := current_setting('citus.enable_ddl_propagation', true);
	made     name[] := '{}';
BEGIN
	IF events IS NULL OR live IS NULL THEN
		RETURN;
	END IF;
	PERFORM loyalty.live_must_be_writable('track_shards');
	IF to_regclass('pg_catalog.pg_dist_shard') IS NULL THEN
		RAISE feature_not_supported USING MESSAGE = 'there are no shards here',
			DETAIL = 'The extension citus is not in this database.',
			HINT = 'SELECT loyalty.track(events, live) is for ordinary tables.';
	END IF;
	SELECT n.nspname INTO space FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = events;
	SELECT a.atttypid INTO type FROM pg_attribute a WHERE a.attrelid = events AND a.attnum = 1;
	SELECT array_agg(DISTINCT d.refobjid::regclass ORDER BY d.refobjid::regclass) INTO roots
	FROM   pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
	WHERE  r.ev_class = events AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> events;
	SELECT min(r.relation) INTO stranger FROM unnest(roots) r(relation) WHERE NOT loyalty.live_is_root(r.relation);
	IF roots IS NULL OR stranger IS NOT NULL THEN
		RAISE feature_not_supported USING MESSAGE = format('view "%s" cannot be followed to its shards', events),
			DETAIL = CASE WHEN roots IS NULL THEN 'It reads no table.' ELSE format('"%s" has none.', stranger) END,
			HINT = 'SELECT create_distributed_table(...), or create_reference_table(...) for tables that every customer needs.';
	END IF;
	EXECUTE $query$ SELECT min(p.logicalrelid::oid::bigint)::oid, CASE WHEN count(DISTINCT p.colocationid) > 1 THEN max(p.logicalrelid::oid::bigint)::oid END
		FROM pg_catalog.pg_dist_partition p WHERE p.logicalrelid = ANY ($1) AND p.partmethod <> 'n' $query$
	INTO anchor, stranger USING roots;
	IF anchor IS NULL OR stranger IS NOT NULL THEN
		RAISE feature_not_supported USING MESSAGE = format('view "%s" cannot be followed to its shards', events),
			DETAIL = CASE WHEN anchor IS NULL THEN 'None of its tables is distributed.' ELSE format('The shards of "%s" and "%s" are not kept together.', anchor, stranger) END,
			HINT = 'Distribute them by the customer: create_distributed_table(..., colocate_with => ...).';
	END IF;
	PERFORM set_config('citus.enable_ddl_propagation', 'off', true);

	FOR shards IN
		SELECT a.shard, array_agg(s.root ORDER BY s.root) AS roots, array_agg(s.relation ORDER BY s.root) AS relations
		FROM   loyalty.live_shards() a JOIN loyalty.live_shards() s ON s.here AND (s.minimum = a.minimum OR s.minimum IS NULL)
		WHERE  a.root = anchor AND a.here AND s.root = ANY (roots)
		GROUP  BY a.shard ORDER BY a.shard
	LOOP
		name := live || '_' || shards.shard;
		made := made || name;
		IF to_regclass(format('%I.%I', space, name || '_event')) IS NULL THEN
			PERFORM loyalty.live_drop(space, name);
			EXECUTE format('CREATE VIEW %I.%I AS %s', space, name || '_event', loyalty.live_shard_query(events, shards.roots, shards.relations));
			history := loyalty.live_make(space, name, type, program);
			EXECUTE format('COMMENT ON VIEW %s IS ''histories of a shard, kept by loyalty.track_shards()''', history);
		ELSE
			history := format('%I.%I', space, name)::regclass;
			PERFORM loyalty.set_program(history, program);
		END IF;
		PERFORM loyalty.track(format('%I.%I', space, name || '_event')::regclass, history);
		RETURN NEXT history;
	END LOOP;

	-- those whose shards have left, or were made anew
	FOR gone IN
		SELECT DISTINCT left(c.relname, -5)
		FROM   pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE  n.nspname = space AND c.relkind = 'r' AND c.relname LIKE '%\_base' AND starts_with(c.relname, live || '_')
		AND    substr(left(c.relname, -5), length(live) + 2) ~ '^[0-9]+$' AND left(c.relname, -5) <> ALL (made)
		AND    loyalty.live_is_of_shard(space, left(c.relname, -5)::name)
	LOOP
		RAISE NOTICE 'dropping "%", whose shard is not here any more', gone;
		PERFORM loyalty.live_drop(space, gone);
	END LOOP;
	PERFORM set_config('citus.enable_ddl_propagation', before, true);
END $$;
COMMENT ON FUNCTION loyalty.track_shards(regclass, name, loyalty.program) IS
	'on a server of Citus: a live history for each group of shards that is here, called <live>_<shard>, in the schema of the view of distributed tables whose events they keep; with the triggers that are missing, and without those whose shards have left. To be called on every server, and again whenever shards have moved or servers were added. Answers with the live histories. program: NULL for none. 0A000 where the view reads tables that are not kept together';

REVOKE EXECUTE ON FUNCTION
	loyalty.live_shard_query(regclass, regclass[], regclass[]),
	loyalty.live_drop(name, name),
	loyalty.track_shards(regclass, name, loyalty.program)
	FROM PUBLIC;
