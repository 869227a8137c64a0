-- deal: few units, for some minutes, for members only; never sold twice
--
-- A desk of deals is a view over ordinary tables of its owner's.  What claims,
-- confirms and releases is in C, as the owner; the DDL is written out below.
-- None of the five functions is for PUBLIC: grant EXECUTE by name.

-- Marks: the view and the triggers name relations by identity in calls of these.

CREATE FUNCTION loyalty.desk(deal regclass, unit regclass, claim regclass) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_live_true' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.desk(regclass, regclass, regclass) IS
	'internal: always true; in a view of deals it names the tables that it is made of';

CREATE FUNCTION loyalty.desk(deal regclass, unit regclass, claim regclass, live regclass) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_live_true' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.desk(regclass, regclass, regclass, regclass) IS
	'internal: the same with the live history that says who the members are';

CREATE FUNCTION loyalty.desk(deals regclass) RETURNS boolean
	AS 'MODULE_PATHNAME', 'loyalty_live_true' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION loyalty.desk(regclass) IS
	'internal: always true; in the WHEN of a trigger it names the view of deals';

-- What the view counts

CREATE FUNCTION loyalty.deal_figures(deal regclass, unit regclass, claim regclass, name text,
		OUT state text, OUT free bigint, OUT held bigint, OUT bought bigint, OUT waiting bigint, OUT lapsed bigint)
	AS 'MODULE_PATHNAME', 'loyalty_deal_figures' LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION loyalty.deal_figures(regclass, regclass, regclass, text) IS
	'internal: how a deal stands at clock_timestamp(), by the tables of its desk; the caller needs SELECT on them';

-- The trigger

CREATE FUNCTION loyalty.deal_changed() RETURNS trigger
	AS 'MODULE_PATHNAME', 'loyalty_deal_changed' LANGUAGE C;
COMMENT ON FUNCTION loyalty.deal_changed() IS
	'internal: the trigger on a table of deals, made by loyalty.open_deals(). 23514 where units that are not free would go, 23503 where a deal with claims would';

-- Making

CREATE FUNCTION loyalty.desk_check_live(live regclass, customer_type regtype) RETURNS void
	AS 'MODULE_PATHNAME', 'loyalty_deal_check_live' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION loyalty.desk_check_live(regclass, regtype) IS
	'internal: error if it is no live history of the caller''s with keys of that type';

CREATE FUNCTION loyalty.desk_make(space name, deals name, customer_type regtype, live regclass)
	RETURNS regclass LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	deal    text;
	unit    text;
	claim   text;
	view    text;
	key     text := format_type(customer_type, -1);   -- "character" alone would be character(1)
	place   text;
	name    name;
	meaning text;
BEGIN
	IF deals IS NULL OR customer_type IS NULL THEN
		RETURN NULL;
	END IF;
	-- so that who is granted open_deals() needs no right on this one
	IF NOT has_function_privilege('loyalty.open_deals(text, regtype, regclass)', 'EXECUTE') THEN
		RAISE insufficient_privilege USING MESSAGE = 'permission denied for function open_deals';
	END IF;
	PERFORM loyalty.live_must_be_makable(space, deals, 'view of deals', customer_type);
	PERFORM loyalty.desk_check_live(live, customer_type);
	deal := format('%I.%I', space, deals || '_deal');
	unit := format('%I.%I', space, deals || '_unit');
	claim := format('%I.%I', space, deals || '_claim');
	view := format('%I.%I', space, deals);
	EXECUTE format('CREATE TABLE %s (
			deal          text PRIMARY KEY,
			opens         timestamptz NOT NULL,
			closes        timestamptz NOT NULL,
			units         integer NOT NULL CHECK (units BETWEEN 0 AND 1000000),
			each          integer NOT NULL DEFAULT 1 CHECK (each BETWEEN 1 AND 1000),
			hold          interval NOT NULL DEFAULT ''15 minutes''
			              CHECK (isfinite(hold) AND hold > ''0'' AND extract(year FROM hold) = 0 AND extract(month FROM hold) = 0 AND extract(day FROM hold) = 0),
			turn          interval
			              CHECK (isfinite(turn) AND turn > ''0'' AND extract(year FROM turn) = 0 AND extract(month FROM turn) = 0 AND extract(day FROM turn) = 0),
			waitlist      boolean NOT NULL DEFAULT true,
			tiers         text[],
			plan          text,
			benefit       text,
			everyone_from timestamptz,
			price         numeric,
			list_price    numeric,
			cancelled     timestamptz,
			CHECK (closes >= opens))', deal);
	EXECUTE format('CREATE TABLE %s (
			deal  text NOT NULL,
			unit  integer NOT NULL,
			claim bigint,
			since timestamptz,
			free  timestamptz NOT NULL,
			PRIMARY KEY (deal, unit)) WITH (fillfactor = 90)', unit);
	EXECUTE format('CREATE INDEX ON %s (deal, free, unit)', unit);
	EXECUTE format('CREATE TABLE %s (
			claim     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			deal      text NOT NULL,
			customer  %s NOT NULL,
			ref       text,
			slot      integer,
			at        timestamptz NOT NULL,
			unit      integer,
			since     timestamptz,
			until     timestamptz,
			bought    timestamptz,
			order_ref text,
			ended     timestamptz,
			outcome   text,
			UNIQUE (deal, customer, slot)) WITH (fillfactor = 90)', claim, key);
	EXECUTE format('CREATE UNIQUE INDEX ON %s (deal, customer, ref) WHERE ref IS NOT NULL', claim);
	EXECUTE format('CREATE INDEX ON %s (deal, claim) WHERE unit IS NULL AND ended IS NULL', claim);
	EXECUTE format('CREATE VIEW %s WITH (security_invoker = true) AS
		SELECT d.deal, f.state, d.opens, d.closes, d.units, f.free, f.held, f.bought, f.waiting, f.lapsed,
		       d.price, d.list_price, f.bought::numeric * (d.list_price - d.price) AS given
		FROM   %s d, LATERAL loyalty.deal_figures(%L::regclass, %L::regclass, %L::regclass, d.deal) f
		WHERE  loyalty.desk(%L::regclass, %L::regclass, %L::regclass%s)',
		view, deal, deal, unit, claim, deal, unit, claim, CASE WHEN live IS NOT NULL THEN format(', %L::regclass', live) END);
	FOR place, name, meaning IN VALUES
		(deal,  NULL,            'deals: a row for each, by plain INSERT and UPDATE'),
		(deal,  'deal',          'the key'),
		(deal,  'opens',         'claims from then on'),
		(deal,  'closes',        'claims until then, excluded'),
		(deal,  'units',         'how many there are to sell'),
		(deal,  'each',          'live claims that one member may have'),
		(deal,  'hold',          'how long a unit is held for who claims it'),
		(deal,  'turn',          'how long for who has waited; NULL: as hold'),
		(deal,  'waitlist',      'whether who comes too late waits'),
		(deal,  'tiers',         'who may claim: members in one of these tiers; all three NULL: everybody'),
		(deal,  'plan',          'or members of this paid plan'),
		(deal,  'benefit',       'or who is entitled to this benefit'),
		(deal,  'everyone_from', 'from then on the others too; NULL: never'),
		(deal,  'price',         'the price of the deal'),
		(deal,  'list_price',    'the price without it'),
		(deal,  'cancelled',     'from then on nothing is held, waits or can be bought'),
		(unit,  NULL,            'a row for each unit; written by the functions'),
		(unit,  'claim',         'the claim that had it last'),
		(unit,  'since',         'since when it did'),
		(unit,  'free',          'free from then on: the end of the hold; infinity once it is bought; -infinity if nobody ever held it'),
		(claim, NULL,            'a row for each claim; written by the functions. What follows by the clock alone is not written: ask loyalty.claims()'),
		(claim, 'claim',         'the order of arrival'),
		(claim, 'slot',          'its number among the live claims of the member'),
		(claim, 'at',            'when it was made'),
		(claim, 'unit',          'the unit that it got; NULL: none yet, as far as is written'),
		(claim, 'since',         'since when it holds that unit'),
		(claim, 'until',         'the end of the hold'),
		(claim, 'bought',        'when it was confirmed'),
		(claim, 'order_ref',     'by which order'),
		(claim, 'ended',         'when it was released, or shut out for good'),
		(claim, 'outcome',       'which of these: released, closed, cancelled'),
		(view,  NULL,            'how each deal stands at this moment'),
		(view,  'deal',          'the deal'),
		(view,  'state',         'cancelled, upcoming, closed, sold out (none free) or open'),
		(view,  'opens',         'claims from then on'),
		(view,  'closes',        'claims until then, excluded'),
		(view,  'units',         'how many there are to sell'),
		(view,  'free',          'neither held nor bought'),
		(view,  'held',          'held now'),
		(view,  'bought',        'bought'),
		(view,  'waiting',       'claims that wait'),
		(view,  'lapsed',        'claims whose hold has ended'),
		(view,  'price',         'the price of the deal'),
		(view,  'list_price',    'the price without it'),
		(view,  'given',         'what the price gave away: bought x (list_price - price)')
	LOOP
		EXECUTE CASE WHEN name IS NOT NULL THEN format('COMMENT ON COLUMN %s.%I IS %L', place, name, meaning)
		             ELSE format('COMMENT ON %s %s IS %L', CASE place WHEN view THEN 'VIEW' ELSE 'TABLE' END, place, meaning) END;
	END LOOP;
	EXECUTE format('CREATE TRIGGER loyalty_changed AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW
		WHEN (loyalty.desk(%L::regclass)) EXECUTE FUNCTION loyalty.deal_changed()', deal, view);
	EXECUTE format('CREATE TRIGGER loyalty_truncated BEFORE TRUNCATE ON %s FOR EACH STATEMENT
		WHEN (loyalty.desk(%L::regclass)) EXECUTE FUNCTION loyalty.deal_changed()', deal, view);
	RETURN view::regclass;
END $$;
COMMENT ON FUNCTION loyalty.desk_make(name, name, regtype, regclass) IS
	'internal: open_deals() in a given schema';

-- SQL and without a search_path of its own: it must see the caller's.
CREATE FUNCTION loyalty.open_deals(name text, customer_type regtype, live regclass DEFAULT NULL)
	RETURNS regclass LANGUAGE sql
	AS $$ SELECT loyalty.desk_make(pg_catalog.current_schema(), $1::pg_catalog.name, $2, $3) $$;
COMMENT ON FUNCTION loyalty.open_deals(text, regtype, regclass) IS
	'make a desk of deals in the current schema: a view of that name, and the tables <name>_deal, <name>_unit and <name>_claim under it. customer_type: the type of the customer''s key; live: the live history that says who the members are, of the same owner and key type';

-- What shops call

CREATE FUNCTION loyalty.claim(deals regclass, deal text, customer anycompatible, ref text DEFAULT NULL, asof timestamptz DEFAULT NULL,
		OUT state text, OUT until timestamptz, OUT place bigint, OUT price numeric)
	AS 'MODULE_PATHNAME', 'loyalty_deal_claim' LANGUAGE C;
COMMENT ON FUNCTION loyalty.claim(regclass, text, anycompatible, text, timestamptz) IS
	'claim a unit of a deal for a customer. One row: state held (until: its end, excluded), waiting (place: 1 is next), or how the claim of this ref, or the newest live claim, stands; or a refusal: cancelled, not open (until: opens), closed, members only, limit, sold out (until: the first end of a hold). Needs INSERT on the view; asof is for its owner. NULL deal or customer: a row of NULLs. Error 42704 for no such deal, 42809 for no view of deals';

CREATE FUNCTION loyalty.confirm(deals regclass, deal text, customer anycompatible, order_ref bigint, ref text DEFAULT NULL, asof timestamptz DEFAULT NULL,
		OUT state text, OUT until timestamptz, OUT place bigint, OUT price numeric)
	AS 'MODULE_PATHNAME', 'loyalty_deal_confirm_bigint' LANGUAGE C;
CREATE FUNCTION loyalty.confirm(deals regclass, deal text, customer anycompatible, order_ref uuid, ref text DEFAULT NULL, asof timestamptz DEFAULT NULL,
		OUT state text, OUT until timestamptz, OUT place bigint, OUT price numeric)
	AS 'MODULE_PATHNAME', 'loyalty_deal_confirm_uuid' LANGUAGE C;
CREATE FUNCTION loyalty.confirm(deals regclass, deal text, customer anycompatible, order_ref text, ref text DEFAULT NULL, asof timestamptz DEFAULT NULL,
		OUT state text, OUT until timestamptz, OUT place bigint, OUT price numeric)
	AS 'MODULE_PATHNAME', 'loyalty_deal_confirm_text' LANGUAGE C;
COMMENT ON FUNCTION loyalty.confirm(regclass, text, anycompatible, bigint, text, timestamptz) IS
	'an order buys the unit that is held for a customer: of the claim with this ref, else of the one that ends first; the same order again gets the same answer. Error LY002 where nothing is held, so that the order is not stored; 22004 for a NULL order_ref. Needs UPDATE on the view; asof is for its owner. NULL deal or customer: a row of NULLs';
COMMENT ON FUNCTION loyalty.confirm(regclass, text, anycompatible, uuid, text, timestamptz) IS
	'the same for orders whose key is a uuid';
COMMENT ON FUNCTION loyalty.confirm(regclass, text, anycompatible, text, text, timestamptz) IS
	'the same for orders whose key is a text';

CREATE FUNCTION loyalty.release(deals regclass, deal text, customer anycompatible, ref text DEFAULT NULL, asof timestamptz DEFAULT NULL,
		OUT state text, OUT until timestamptz, OUT place bigint, OUT price numeric)
	AS 'MODULE_PATHNAME', 'loyalty_deal_release' LANGUAGE C;
COMMENT ON FUNCTION loyalty.release(regclass, text, anycompatible, text, timestamptz) IS
	'end the claim with this ref, else the newest live one, whether it is held, waiting or bought; its unit is free from then on. Else how it stands; NULLs if there is none. Needs UPDATE on the view; asof is for its owner. NULL deal or customer: a row of NULLs';

CREATE FUNCTION loyalty.claims(deals regclass, deal text, asof timestamptz DEFAULT clock_timestamp(), customer anycompatible DEFAULT NULL::text)
	RETURNS TABLE (customer text, ref text, state text, at timestamptz, since timestamptz, until timestamptz, place bigint, order_ref text)
	AS 'MODULE_PATHNAME', 'loyalty_deal_claims' LANGUAGE C STABLE;
COMMENT ON FUNCTION loyalty.claims(regclass, text, timestamptz, anycompatible) IS
	'the claims on a deal, of one customer if given, in the order of arrival, as they stood or will stand at asof if nothing else happens: held (until), waiting (place: 1 is next), bought (order_ref), lapsed, released, closed or cancelled, since when. Needs SELECT on the view and its tables; policies on <name>_claim choose the rows. Error 42704 for no such deal';

REVOKE EXECUTE ON FUNCTION
	loyalty.open_deals(text, regtype, regclass),
	loyalty.claim(regclass, text, anycompatible, text, timestamptz),
	loyalty.confirm(regclass, text, anycompatible, bigint, text, timestamptz),
	loyalty.confirm(regclass, text, anycompatible, uuid, text, timestamptz),
	loyalty.confirm(regclass, text, anycompatible, text, text, timestamptz),
	loyalty.release(regclass, text, anycompatible, text, timestamptz),
	loyalty.claims(regclass, text, timestamptz, anycompatible)
	FROM PUBLIC;
