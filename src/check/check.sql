-- check: what would surprise in a mapping view
--
-- For whoever has just written one.  It runs as its caller, writes nothing,
-- and the same rows give the same answer whatever the session's settings.

CREATE FUNCTION loyalty.check_columns(events regclass, OUT customer name, OUT event name)
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	of_event integer;
BEGIN
	SELECT min(a.attname::text) FILTER (WHERE a.atttypid = 'loyalty.event'::regtype), count(*) FILTER (WHERE a.atttypid = 'loyalty.event'::regtype),
	       (array_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.atttypid <> 'loyalty.event'::regtype))[1]
	INTO   event, of_event, customer
	FROM   pg_attribute a
	WHERE  a.attrelid = events AND a.attnum > 0 AND NOT a.attisdropped;
	IF of_event <> 1 OR customer IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'wrong_object_type',
			MESSAGE = format('"%s" is not a view of events', (SELECT c.relname FROM pg_class c WHERE c.oid = events)),
			DETAIL = CASE WHEN of_event <> 1 THEN format('It has %s columns of type loyalty.event.', of_event) ELSE 'It has no column for the customer.' END,
			HINT = 'Give a view with two columns, the customer''s key and the event.';
	END IF;
END $$;
COMMENT ON FUNCTION loyalty.check_columns(regclass) IS
	'internal: the columns of a mapping view: that of the event, and the first of the others. 42809 if it has none';

CREATE FUNCTION loyalty.check_customers(events regclass)
	RETURNS TABLE (customer text, h loyalty.history, given bigint, made bigint)
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c record := loyalty.check_columns(events);
BEGIN
	RETURN QUERY EXECUTE format('SELECT v.%1$I::text, loyalty.history(v.%2$I), count(*), count(v.%2$I) FROM %3$s v GROUP BY v.%1$I', c.customer, c.event, events);
END $$;
COMMENT ON FUNCTION loyalty.check_customers(regclass) IS
	'internal: the histories that a mapping view gives, from how many rows and events; customer is NULL for those without one';

CREATE FUNCTION loyalty.check_instants(events regclass) RETURNS jsonb
	LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce(jsonb_object_agg(s.kind, s.sum), '{}')
	FROM  (SELECT x.kind, sum(extract(epoch FROM x.at)) + count(*) AS sum
	       FROM   loyalty.check_customers(events) c, LATERAL loyalty.events(c.h) x
	       GROUP  BY x.kind) s;
$$;
COMMENT ON FUNCTION loyalty.check_instants(regclass) IS
	'internal: for each kind of event a sum of its instants';

CREATE FUNCTION loyalty.check_zones(events regclass) RETURNS text[]
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
	here  jsonb;
	there jsonb;
BEGIN
	here := loyalty.check_instants(events);
	PERFORM set_config('timezone', 'Pacific/Auckland', true);
	there := loyalty.check_instants(events);
	RETURN ARRAY(SELECT k.kind FROM jsonb_object_keys(here || there) k(kind) WHERE here -> k.kind IS DISTINCT FROM there -> k.kind ORDER BY 1);
END $$;
COMMENT ON FUNCTION loyalty.check_zones(regclass) IS
	'internal: the kinds of event that happen at another instant when the session has another time zone';

CREATE FUNCTION loyalty.check_currencies(events regclass)
	RETURNS TABLE (found bigint, example text)
	LANGUAGE plpgsql STABLE STRICT SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	c record;
BEGIN
	FOR c IN
		-- what the view reads, by way of other views too, and which columns of it
		WITH RECURSIVE source AS (
			SELECT events::oid AS relid, NULL::oid AS rule
			UNION
			SELECT d.refobjid, w.oid
			FROM   source s JOIN pg_rewrite w ON w.ev_class = s.relid AND w.ev_type = '1'
			       JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
			WHERE  d.refobjid <> s.relid
		), currency AS (
			SELECT a.attrelid, a.attname, EXISTS (
			           SELECT FROM pg_depend d
			           WHERE  d.classid = 'pg_rewrite'::regclass AND d.objid IN (SELECT s.rule FROM source s)
			           AND    d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum) AS is_read
			FROM   pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
			WHERE  a.attrelid IN (SELECT s.relid FROM source s WHERE s.relid <> events) AND a.attnum > 0 AND NOT a.attisdropped
			AND    a.attname ~* 'currency' AND (t.typcategory IN ('S', 'E') OR a.attname ~* 'currency_?id$')
		)
		SELECT x.attrelid::regclass AS relation, x.attname
		FROM   currency x
		WHERE  has_column_privilege(x.attrelid, x.attname, 'SELECT')
		AND    NOT EXISTS (SELECT FROM currency y WHERE y.attrelid = x.attrelid AND y.is_read)
		ORDER  BY x.attrelid::regclass::text, x.attname
	LOOP
		RETURN QUERY EXECUTE format('
			SELECT (sum(s.n) - max(s.n))::bigint, concat(%L::text, '': '', array_to_string((array_agg(s.word ORDER BY s.n DESC, s.word))[1:8], '', ''))
			FROM   (SELECT r.%I::text COLLATE "C" AS word, count(*) AS n FROM %s r WHERE r.%2$I IS NOT NULL GROUP BY 1) s
			HAVING count(*) > 1', concat_ws('.', c.relation, quote_ident(c.attname)), c.attname, c.relation);
	END LOOP;
END $$;
COMMENT ON FUNCTION loyalty.check_currencies(regclass) IS
	'internal: columns named like a currency that hold several, in tables of which a view looks at no such column';

CREATE FUNCTION loyalty.check_events(events regclass, rules jsonb)
	RETURNS TABLE (finding text, found bigint, example text, hint text)
	LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
WITH customer AS MATERIALIZED (
	SELECT * FROM loyalty.check_customers(events)
), event AS MATERIALIZED (
	SELECT c.customer, x.at, x.kind, x.amount, x.ref COLLATE "C" AS ref, x.tags, x.name, x.tier, x.event
	FROM   customer c, LATERAL loyalty.events(c.h) x
	WHERE  c.customer IS NOT NULL
), purchase AS MATERIALIZED (
	SELECT e.at, count(*) AS n FROM event e WHERE e.kind = 'purchase' GROUP BY e.at
), "order" AS MATERIALIZED (
	SELECT e.customer, e.ref, count(*) FILTER (WHERE e.kind = 'purchase') AS lines, count(*) FILTER (WHERE e.kind = 'refund') AS refunds,
	       sum(e.amount) FILTER (WHERE e.kind = 'purchase') AS bought, sum(e.amount) FILTER (WHERE e.kind = 'refund') AS back,
	       min(e.at) FILTER (WHERE e.kind = 'purchase') AS bought_at
	FROM   event e
	WHERE  e.kind IN ('purchase', 'refund') AND e.ref IS NOT NULL
	GROUP  BY e.customer, e.ref
), refunded AS (
	SELECT o.customer, o.ref, o.refunds, o.bought, o.back, o.lines > 0 AS is_known, p.ref IS NOT NULL AS is_elsewhere
	FROM   "order" o LEFT JOIN (SELECT DISTINCT b.ref FROM "order" b WHERE b.lines > 0) p ON p.ref = o.ref
	WHERE  o.refunds > 0
), again AS (
	SELECT e.kind, e.customer, e.event, count(*) AS n FROM event e GROUP BY e.kind, e.customer, e.event HAVING count(*) > 1
), clock AS (
	SELECT z.place, z.zone, k.clock, sum(p.n) AS n
	FROM   purchase p, (VALUES (1, rules ->> 'timezone'), (2, 'UTC')) z(place, zone),
	       LATERAL (SELECT (p.at AT TIME ZONE z.zone)::time AS clock) k
	WHERE  z.zone IS NOT NULL AND extract(epoch FROM p.at) % 900 = 0
	GROUP  BY 1, 2, 3
	HAVING count(*) >= 10 AND sum(p.n) * 10 >= (SELECT sum(s.n) FROM purchase s)
	ORDER  BY sum(p.n) DESC, k.clock = '00:00' DESC, z.place, k.clock
	LIMIT  1
), named AS (
	SELECT DISTINCT 'tag' AS what, t #>> '{}' COLLATE "C" AS name
	FROM   (VALUES ('$.**.where.any[*]'::jsonpath), ('$.**.where.all[*]'), ('$.**.where.none[*]')) p(path), LATERAL jsonb_path_query(rules, p.path) t
	UNION
	SELECT 'plan', coalesce(a #>> '{}', p.name) FROM jsonb_each(rules -> 'plans') p(name, meaning) LEFT JOIN LATERAL jsonb_path_query(p.meaning, '$.any[*]') a ON true
	UNION
	SELECT 'activity', t #>> '{}'
	FROM   (VALUES ('$.bonus[*].on ? (@.type() == "string")'::jsonpath), ('$.expire[*].resets_by[*]'), ('$.**.within.after'), ('$.benefits[*].on')) p(path), LATERAL jsonb_path_query(rules, p.path) t
	WHERE  t #>> '{}' <> 'first purchase' AND NOT loyalty.is_event_kind(t #>> '{}')
), carried AS MATERIALIZED (
	SELECT DISTINCT 'tag' AS what, t.tag COLLATE "C" AS name FROM event e, LATERAL unnest(e.tags) t(tag) WHERE rules IS NOT NULL
	UNION
	SELECT DISTINCT CASE e.kind WHEN 'activity' THEN 'activity' ELSE 'plan' END, e.name COLLATE "C"
	FROM   event e
	WHERE  e.kind IN ('activity', 'subscription') AND e.name IS NOT NULL AND rules IS NOT NULL
), finding AS (
	SELECT 1 AS place, 'no row' AS finding, 0::bigint AS found, NULL::text AS example,
	       'The view gives nothing at all: look at its WHERE, and whether you may see the rows.' AS hint
	WHERE  NOT EXISTS (SELECT FROM customer)
	UNION ALL
	SELECT 2, 'row without event', sum(c.given - c.made)::bigint, min('customer ' || coalesce(c.customer, 'NULL')),
	       'The instant is NULL, or what happened: an amount, points, a name. Fine if such a row means that nothing happened; WHERE says so more clearly.'
	FROM   customer c
	WHERE  c.given > c.made
	HAVING count(*) > 0
	UNION ALL
	SELECT 3, 'event without customer', sum(c.made)::bigint, min((SELECT x.event::text FROM loyalty.events(c.h) x LIMIT 1)),
	       'The customer is NULL, guests for instance: in no history of a customer. Leave them out by WHERE, or give them a key, such as their email.'
	FROM   customer c
	WHERE  c.customer IS NULL AND c.made > 0
	HAVING count(*) > 0
	UNION ALL
	SELECT 4, 'customer who may be nobody', c.made, format('customer "%s"', c.customer),
	       'Many people''s events under one key are one history. If it means "none", map it with nullif().'
	FROM   customer c
	WHERE  c.made > 0 AND (c.customer IN ('', '0', '-1')
	       OR c.made >= 100 AND c.made * 10 >= (SELECT sum(s.made) FROM customer s) AND (SELECT count(*) FROM customer) >= 100)
	UNION ALL
	SELECT 5, 'refund without ref', count(*), min(format('customer %s: %s', e.customer, e.event)),
	       'It belongs to no order, and takes points as an order below zero. Give the order''s key as ref.'
	FROM   event e
	WHERE  e.kind = 'refund' AND e.ref IS NULL
	HAVING count(*) > 0
	UNION ALL
	SELECT CASE WHEN r.is_elsewhere THEN 7 ELSE 6 END, CASE WHEN r.is_elsewhere THEN 'refund of another customer''s order' ELSE 'refund without order' END,
	       sum(r.refunds)::bigint, min(format('customer %s, order %s: %s', r.customer, r.ref, r.back)),
	       CASE WHEN r.is_elsewhere THEN 'It takes no points. Take the customer from the order that the refund belongs to.'
	            ELSE 'It takes no points. Is ref the same key in both branches, and are the orders there that were refunded in full?' END
	FROM   refunded r
	WHERE  NOT r.is_known
	GROUP  BY r.is_elsewhere
	UNION ALL
	SELECT 8, 'refund before its order', count(*), min(format('customer %s: %s', e.customer, e.event)),
	       'It takes no points. Two clocks, or a date without a time?'
	FROM   event e JOIN "order" o ON o.customer = e.customer AND o.ref = e.ref
	WHERE  e.kind = 'refund' AND e.at < o.bought_at
	HAVING count(*) > 0
	UNION ALL
	SELECT 9, 'refund beyond its order', count(*), min(format('customer %s, order %s: %s of %s', r.customer, r.ref, r.back, r.bought)),
	       'More went back than was paid: with tax or shipping that the order is mapped without, or counted twice? What is beyond takes no points, and lowers revenue.'
	FROM   refunded r
	WHERE  r.is_known AND r.back > r.bought
	HAVING count(*) > 0
	UNION ALL
	SELECT 10, 'same ' || a.kind || ' again', sum(a.n - 1)::bigint, min(format('customer %s, %s times: %s', a.customer, a.n, a.event)),
	       'Fine if it happened so often. A join that finds several rows for one makes several events of one.'
	FROM   again a
	GROUP  BY a.kind
	HAVING sum(a.n - 1) * 20 >= (SELECT count(*) FROM event e WHERE e.kind = a.kind)
	UNION ALL
	SELECT 11, e.kind || ' in the future', count(*), min(format('customer %s: %s', e.customer, e.event)),
	       'Hours ahead: a local time that was read as UTC. Say "at AT TIME ZONE ''Europe/Berlin''". Years ahead: a date that stands for "never".'
	FROM   event e
	WHERE  e.at > now() AND e.kind <> 'subscription'
	GROUP  BY e.kind
	UNION ALL
	SELECT 12, e.kind || ' before 1990', count(*), min(format('customer %s: %s', e.customer, e.event)),
	       'A date that stands for "none", or seconds and milliseconds mixed up?'
	FROM   event e
	WHERE  e.at < '1990-01-01'
	GROUP  BY e.kind
	UNION ALL
	SELECT 13, 'purchases at one time of day', c.n::bigint, format('%s in %s', c.clock, c.zone),
	       CASE WHEN c.clock <> '00:00' OR c.place = 2 AND rules IS NOT NULL AND rules ->> 'timezone' <> 'UTC'
	            THEN format('Days without a time, at midnight of the wrong clock? Say which is right: "day::timestamp AT TIME ZONE ''%s''".', coalesce(rules ->> 'timezone', 'Europe/Berlin'))
	            ELSE format('Days without a time, at midnight in %s: is that the shop''s clock? Whatever happens on one day happens at one instant.', c.zone) END
	FROM   clock c
	UNION ALL
	SELECT 16, n.what || ' that no event carries', 0, to_json(n.name)::text,
	       coalesce((SELECT format('Events carry %s.', to_json(min(c.name))) FROM carried c WHERE c.what = n.what AND lower(btrim(c.name)) = lower(btrim(n.name)) HAVING count(*) > 0),
	                (SELECT format('Events carry %s%s.', array_to_string((array_agg(to_json(c.name)::text ORDER BY c.name))[1:8], ', '), CASE WHEN count(*) > 8 THEN ' and others' END)
	                 FROM   carried c WHERE c.what = n.what HAVING count(*) > 0),
	                CASE n.what WHEN 'tag' THEN 'No event has tags: map them by tags => ARRAY[...].'
	                WHEN 'plan' THEN 'No subscription names a plan: map it by loyalty.subscription(at, amount, plan => name).' ELSE 'There are no activities: map them by loyalty.activity(at, name).' END)
	FROM   named n
	WHERE  NOT EXISTS (SELECT FROM carried c WHERE c.what = n.what AND c.name = n.name)
	UNION ALL
	SELECT 17, 'tier that the program does not have', count(*), min(format('customer %s: %s', e.customer, e.event)),
	       'It is granted, and gives nothing: ' || coalesce((
	           SELECT format('the program has %s. Names are compared byte by byte.', string_agg(t.name, ', ' ORDER BY t.name COLLATE "C"))
	           FROM  (SELECT DISTINCT l::text AS name FROM jsonb_path_query(rules, '$.tiers.levels[*].name') l) t
	           HAVING count(*) > 0), 'the program has no tiers.')
	FROM   event e
	WHERE  e.tier IS NOT NULL AND rules IS NOT NULL AND NOT jsonb_path_exists(rules, '$.tiers.levels[*] ? (@.name == $tier)', jsonb_build_object('tier', e.tier))
	HAVING count(*) > 0
)
SELECT f.finding, f.found, f.example, f.hint FROM finding f ORDER BY f.place, f.finding COLLATE "C", f.example COLLATE "C";
$$;
COMMENT ON FUNCTION loyalty.check_events(regclass, jsonb) IS
	'internal: what check() finds in the events of a view, and in the names of a program';

-- How many names a program has is far less than planned for: to compile for so many would take longer than all else.
CREATE FUNCTION loyalty."check"(events regclass, program loyalty.program DEFAULT NULL)
	RETURNS TABLE (finding text, found bigint, example text, hint text)
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD' SET jit = off AS $$
DECLARE
	kinds   text[];
	message text;
	detail  text;
BEGIN
	IF events IS NULL THEN
		RETURN;
	END IF;
	RETURN QUERY SELECT * FROM loyalty.check_events(events, loyalty.to_jsonb(program));
	kinds := loyalty.check_zones(events);
	IF cardinality(kinds) > 0 THEN
		RETURN QUERY SELECT 'instant that depends on the session', NULL::bigint, array_to_string(kinds, ', '),
			'A date, or a timestamp without time zone, is read in the time zone of whoever asks. Say which clock it was: "at AT TIME ZONE ''Europe/Berlin''", "day::timestamp AT TIME ZONE ...".';
	END IF;
	RETURN QUERY SELECT 'several currencies', c.found, c.example,
		'Nothing here converts, and the view does not look at the currency: choose one by WHERE, or convert in the view.'
	FROM loyalty.check_currencies(events) c;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN QUERY SELECT 'row that makes no valid event', NULL::bigint, concat_ws('. ', message, nullif(detail, '')),
		'The view cannot be read to its end, so nothing else was looked at. A live history says which row it is: keep, track.';
END $$;
COMMENT ON FUNCTION loyalty."check"(regclass, loyalty.program) IS
	'what would surprise in a mapping view: a row per finding, with how many events (NULL: not counted), one of them, and what to do; none if nothing was found. With a program also names in it that no event carries, and tiers that it does not have. Reads the view three times, as its caller; 42809 if it has no column of events';
