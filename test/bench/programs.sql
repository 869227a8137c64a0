-- The program of B2 and B5, and the changed one of B4; and B5's peer, which knows the first program by heart.
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

-- One pass over a customer's orders, sorted by time. Nothing is spent or sent back in this data, so a lot is
-- whole until it dies, and only orders near or after (asof - 12 months) can have points left.
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
