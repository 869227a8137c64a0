-- history: all events of one customer

-- the stored form is dense already
ALTER TYPE loyalty.history SET (STORAGE = external);

COMMENT ON TYPE loyalty.history IS
	'all events of one customer, in order, packed. Text form: a JSON array of events';

-- The aggregates.  They need no ORDER BY; NULL events are skipped, and over no
-- rows at all the answer is NULL.

CREATE FUNCTION loyalty.history_add_event(loyalty.history, loyalty.event) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_add_event' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.history_add_sale(loyalty.history, timestamptz, numeric) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_add_sale' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.history_add_history(loyalty.history, loyalty.history) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_add_history' LANGUAGE C IMMUTABLE PARALLEL SAFE;
CREATE FUNCTION loyalty.history_final(loyalty.history) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION loyalty.history_add_event(loyalty.history, loyalty.event) IS
	'internal: state transition of history(event); an error outside an aggregate';
COMMENT ON FUNCTION loyalty.history_add_sale(loyalty.history, timestamptz, numeric) IS
	'internal: state transition of history(at, amount); an error outside an aggregate';
COMMENT ON FUNCTION loyalty.history_add_history(loyalty.history, loyalty.history) IS
	'internal: state transition of history(history), and combine function of all three; an error outside an aggregate';
COMMENT ON FUNCTION loyalty.history_final(loyalty.history) IS
	'internal: the packed history of an aggregate''s state';

CREATE AGGREGATE loyalty.history(loyalty.event) (
	SFUNC = loyalty.history_add_event, STYPE = loyalty.history, SSPACE = 320,
	FINALFUNC = loyalty.history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.history_add_history, PARALLEL = SAFE
);
COMMENT ON AGGREGATE loyalty.history(loyalty.event) IS
	'the history of a customer''s events; NULL over no events';

CREATE AGGREGATE loyalty.history(timestamptz, numeric) (
	SFUNC = loyalty.history_add_sale, STYPE = loyalty.history, SSPACE = 320,
	FINALFUNC = loyalty.history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.history_add_history, PARALLEL = SAFE
);
COMMENT ON AGGREGATE loyalty.history(timestamptz, numeric) IS
	'the history of plain purchases: the same as history(purchase(at, amount)), a little faster';

CREATE AGGREGATE loyalty.history(loyalty.history) (
	SFUNC = loyalty.history_add_history, STYPE = loyalty.history, SSPACE = 1024,
	FINALFUNC = loyalty.history_final, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = loyalty.history_add_history, PARALLEL = SAFE
);
COMMENT ON AGGREGATE loyalty.history(loyalty.history) IS
	'the events of all those histories in one; NULL over no histories';

-- merging, adding, removing, cutting

CREATE FUNCTION loyalty.merge(a loyalty.history, b loyalty.history) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_merge' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.merge(loyalty.history, loyalty.history) IS
	'the events of both; an event in both is there twice. NULL if either is NULL';

CREATE FUNCTION loyalty.add(h loyalty.history, e loyalty.event) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_add' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.add(loyalty.history, loyalty.event) IS
	'the history and one event more. A NULL event adds nothing; to a NULL history it makes one';

CREATE FUNCTION loyalty.remove(h loyalty.history, e loyalty.event) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_remove_event' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.remove(loyalty.history, loyalty.event) IS
	'the history without one event equal to that; error P0002 if there is none. The last one out leaves an empty history. NULL if either is NULL';

CREATE FUNCTION loyalty.remove(h loyalty.history, other loyalty.history) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_remove' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.remove(loyalty.history, loyalty.history) IS
	'the history without the events of the other, each taken out once; error P0002 if one is not in there. NULL if either is NULL';

CREATE FUNCTION loyalty.during(h loyalty.history, span tstzrange) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_during' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.during(loyalty.history, tstzrange) IS
	'the part in that range of instants, perhaps empty. NULL if either is NULL';

CREATE FUNCTION loyalty.until(h loyalty.history, asof timestamptz) RETURNS loyalty.history
	AS 'MODULE_PATHNAME', 'loyalty_history_until' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION loyalty.until(loyalty.history, timestamptz) IS
	'the part up to and including that instant, perhaps empty. NULL if either is NULL';

CREATE FUNCTION loyalty.events(h loyalty.history)
	RETURNS TABLE (at timestamptz, kind text, amount numeric, cost numeric, quantity numeric,
		points numeric, expires timestamptz, name text, tier text, every interval, until timestamptz,
		tags text[], ref text, event loyalty.event)
	AS 'MODULE_PATHNAME', 'loyalty_history_events' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 20;
COMMENT ON FUNCTION loyalty.events(loyalty.history) IS
	'the events in order, a row each; name is an activity''s name, a plan, a meter or terms; columns that an event''s kind does not have are NULL. No rows for an empty or NULL history';

-- comparison, and the operators

CREATE FUNCTION loyalty.same(a loyalty.history, b loyalty.history) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_history_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.same(loyalty.history, loyalty.history) IS
	'whether both hold the same events as a multiset; the operator = as a function. NULL if either is NULL';

COMMENT ON OPERATOR loyalty.= (loyalty.history, loyalty.history) IS
	'both hold the same events as a multiset';
COMMENT ON OPERATOR CLASS loyalty.history_ops USING btree IS
	'event by event, as arrays compare';

CREATE OPERATOR loyalty.|| (
	LEFTARG = loyalty.history, RIGHTARG = loyalty.history, FUNCTION = loyalty.merge,
	COMMUTATOR = OPERATOR(loyalty.||)
);
CREATE OPERATOR loyalty.|| (
	LEFTARG = loyalty.history, RIGHTARG = loyalty.event, FUNCTION = loyalty.add
);
CREATE OPERATOR loyalty.- (
	LEFTARG = loyalty.history, RIGHTARG = loyalty.event, FUNCTION = loyalty.remove
);
CREATE OPERATOR loyalty.- (
	LEFTARG = loyalty.history, RIGHTARG = loyalty.history, FUNCTION = loyalty.remove
);
COMMENT ON OPERATOR loyalty.|| (loyalty.history, loyalty.history) IS 'merge';
COMMENT ON OPERATOR loyalty.|| (loyalty.history, loyalty.event) IS 'add';
COMMENT ON OPERATOR loyalty.- (loyalty.history, loyalty.event) IS 'remove';
COMMENT ON OPERATOR loyalty.- (loyalty.history, loyalty.history) IS 'remove';
