-- The program of B2 and B5, and the changed one of B4; and B5's two peers.
\set ON_ERROR_STOP on
CREATE TABLE bench.programs (name text PRIMARY KEY, rules loyalty.program NOT NULL);
INSERT INTO bench.programs VALUES
('today', '{
  "program":  "today",
  "timezone": "America/Los_Angeles",
  "earn":     [ {"points": 1, "per": 1.00} ],
  "multiply": [ {"by": {"VIB": 1.25, "Rouge": 1.5}} ],
  "expire":   [ {"kind": "age", "after": "12 months"} ],
  "tiers":    {"by": "spend", "window": "calendar year", "valid": "1 year after window",
               "levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 350}, {"name": "Rouge", "at": 1000}]}
}'),
('changed', '{
  "program":  "changed",
  "timezone": "America/Los_Angeles",
  "earn":     [ {"points": 1, "per": 1.00} ],
  "multiply": [ {"by": {"VIB": 1.4, "Rouge": 2}} ],
  "expire":   [ {"kind": "age", "after": "12 months"} ],
  "tiers":    {"by": "spend", "window": "calendar year", "valid": "1 year after window",
               "levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 500}, {"name": "Rouge", "at": 1200}]}
}');
ANALYZE bench.programs;

-- The first peer knows the first program by heart, and is handed a customer's orders as arrays sorted by time.
-- Nothing is spent or sent back in this data, so a lot is whole until it dies, and only orders near or after
-- (asof - 12 months) can have points left.
CREATE OR REPLACE FUNCTION bench.standing(ats timestamptz[], amounts numeric[], asof timestamptz,
                                          OUT tier text, OUT points numeric, OUT expiring_at timestamptz)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	zone     constant text := 'America/Los_Angeles';
	names    constant text[] := '{Insider,VIB,Rouge}';
	factors  constant numeric[] := '{1,1.25,1.5}';
	alive    constant timestamptz := asof - interval '1 year 2 days';
	at       timestamptz;
	local_at timestamp;
	year     int;
	in_year  int := 0;      -- the year that spent and reached are of
	spent    numeric := 0;
	reached  int := 1;
	carried  int := 1;      -- what the year before gives
	earned   numeric;
	ends     timestamptz;
BEGIN
	points := 0;
	FOR i IN 1 .. cardinality(ats) LOOP
		at := ats[i];
		EXIT WHEN at > asof;
		local_at := at AT TIME ZONE zone;
		year := date_part('year', local_at);
		IF year <> in_year THEN
			carried := CASE WHEN year = in_year + 1 THEN reached ELSE 1 END;
			in_year := year;
			spent := 0;
			reached := 1;
		END IF;
		IF at > alive THEN
			ends := (local_at + interval '12 months') AT TIME ZONE zone;
			IF ends > asof THEN
				earned := floor(amounts[i] * factors[greatest(carried, reached)]);
				IF earned > 0 THEN
					points := points + earned;
					expiring_at := least(expiring_at, ends);
				END IF;
			END IF;
		END IF;
		spent := spent + amounts[i];
		IF reached < 3 AND spent >= 350 THEN
			reached := CASE WHEN spent >= 1000 THEN 3 ELSE 2 END;
		END IF;
	END LOOP;

	year := date_part('year', asof AT TIME ZONE zone);
	tier := names[CASE year WHEN in_year THEN greatest(carried, reached) WHEN in_year + 1 THEN reached ELSE 1 END];
END $$;

-- The second is what a shop would write that changes its rules now and then: they are a row of a table, read once per
-- query, and a customer's orders come from the orders' table by its index.
DROP TABLE IF EXISTS bench.rules CASCADE;
CREATE TABLE bench.rules (
	zone    text,
	rate    numeric,      -- points per unit of money
	starts  interval,     -- of the tier year, into the calendar year
	valid   int,          -- years after its own that a level is held
	lives   interval,     -- what a point lives
	names   text[],       -- of the levels, lowest first ...
	levels  numeric[],    -- ... where each begins ...
	factors numeric[]     -- ... and what it multiplies by
);
INSERT INTO bench.rules VALUES ('America/Los_Angeles', 1, '0', 1, '12 months', '{Insider,VIB,Rouge}', '{0,350,1000}', '{1,1.25,1.5}');
ANALYZE bench.rules;
CREATE INDEX IF NOT EXISTS sample_customer ON bench.sample (customer_id, at);
CREATE TABLE IF NOT EXISTS bench.members AS SELECT DISTINCT customer_id FROM bench.sample;
ANALYZE bench.members;

CREATE FUNCTION bench.member(customer bigint, rules bench.rules, asof timestamptz,
                             OUT tier text, OUT points numeric, OUT expiring_at timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	zone     constant text := rules.zone;
	rate     constant numeric := rules.rate;
	starts   constant interval := rules.starts;
	lives    constant interval := rules.lives;
	levels   constant numeric[] := rules.levels;
	factors  constant numeric[] := rules.factors;
	top      constant int := cardinality(levels);
	alive    constant timestamptz := asof - lives - interval '2 days';
	held     int[] := array_fill(0, ARRAY[top]);      -- the last year of each level
	at       timestamptz;
	amount   numeric;
	local_at timestamp;
	year     int;
	in_year  int := 0;      -- the year that spent and reached are of
	spent    numeric := 0;
	reached  int := 1;
	current  int := 1;
	earned   numeric;
	ends     timestamptz;
BEGIN
	points := 0;
	FOR at, amount IN
		SELECT o.at, o.amount FROM bench.sample o WHERE o.customer_id = customer AND o.at <= asof ORDER BY o.at
	LOOP
		local_at := at AT TIME ZONE zone;
		year := date_part('year', local_at - starts);
		IF year <> in_year THEN
			in_year := year;
			spent := 0;
			reached := 1;
			current := top;
			WHILE current > 1 AND held[current] < year LOOP
				current := current - 1;
			END LOOP;
		END IF;
		IF at > alive THEN
			ends := (local_at + lives) AT TIME ZONE zone;
			IF ends > asof THEN
				earned := floor(amount * rate * factors[current]);
				IF earned > 0 THEN
					points := points + earned;
					expiring_at := least(expiring_at, ends);
				END IF;
			END IF;
		END IF;
		spent := spent + amount;
		WHILE reached < top AND spent >= levels[reached + 1] LOOP
			reached := reached + 1;
			held[reached] := year + rules.valid;
			current := greatest(current, reached);
		END LOOP;
	END LOOP;

	year := date_part('year', (asof AT TIME ZONE zone) - starts);
	current := top;
	WHILE current > 1 AND held[current] < year LOOP
		current := current - 1;
	END LOOP;
	tier := rules.names[current];
END $$;
