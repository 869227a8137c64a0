-- One member with n events, in several shapes; and programs that together state every section and option of the grammar.
\set ON_ERROR_STOP on
DROP SCHEMA IF EXISTS bench_fold CASCADE;
CREATE SCHEMA bench_fold;

-- Four years of events, evenly spread; each is made from its number. Amounts are 20 in the mean, twice as much in the
-- last two months of a year.
--   plain    purchases alone
--   refunds  every tenth gives the order before it back, half or whole, an hour after it, a few of them without saying which; every
--            25th is a redemption, half of them with an order's ref
--   late     the same with refunds 180 days after their orders, and every 20th a further line of an order of 90 days before, now
--            and then a discount
--   mixed    "refunds" with activities, adjustments, expenses and granted tiers
--   dense    "mixed" in a thousandth of the time, a hundred events to an instant
--   club     "mixed" with a subscription in each twentieth place: begun again before it ends, as it ends and after, now and then
--            cancelled at once, a fifth of them of another plan; half of the redemptions are uses of vouchers
CREATE FUNCTION bench_fold.event(shape text, n int, i int) RETURNS loyalty.event LANGUAGE plpgsql AS $$
DECLARE
	span   interval := CASE shape WHEN 'dense' THEN interval '1 second' * (n / 100.0) ELSE interval '4 years' END;
	at     timestamptz := '2021-01-01 00:00+00'::timestamptz + span * (CASE shape WHEN 'dense' THEN i / 100 * 100 ELSE i END / n::float8);
	before timestamptz := at - CASE shape WHEN 'dense' THEN interval '0' ELSE span / n END;
	wait   interval := CASE shape WHEN 'late' THEN interval '180 days' ELSE interval '1 hour' END;
	old    int := i - n / 16;     -- an order of 90 days before
	mixed  boolean := shape IN ('mixed', 'dense', 'club');
	pro    boolean := i % 100 = 65;
	amount numeric := (10 + i::bigint * 7919 % 2000 / 100.0) * CASE WHEN extract(month FROM at) > 10 THEN 2 ELSE 1 END;
BEGIN
	IF shape <> 'plain' AND i % 10 = 0 THEN
		RETURN loyalty.refund(CASE shape WHEN 'dense' THEN at ELSE before + wait END, CASE WHEN i % 20 = 0 THEN 10 ELSE 100 END, ref => CASE WHEN i % 70 <> 0 THEN i - 1 END);
	ELSIF shape <> 'plain' AND i % 25 = 7 THEN
		RETURN loyalty.redemption(at, 50, ref => CASE WHEN i % 50 <> 7 THEN NULL WHEN shape = 'club' THEN 'voucher ' || i / 50 + 1 ELSE (i + 2)::text END);
	ELSIF shape = 'club' AND i % 20 = 5 THEN
		RETURN loyalty.subscription(at, 9.99, until => at + span / n * (ARRAY[20, 8, 40, 20, 30, 0])[1 + i / 20 % 6], plan => CASE WHEN pro THEN 'pro' ELSE 'plus' END, ref => pro::text);
	ELSIF shape = 'late' AND i % 20 = 13 AND old > 0 THEN
		RETURN loyalty.purchase(at, CASE WHEN i % 60 = 13 THEN -3 ELSE 7 END, tags => '{stay}', ref => old);
	ELSIF mixed AND i % 40 = 1 THEN
		RETURN loyalty.activity(at, CASE WHEN i = 1 THEN 'joined' ELSE (ARRAY['review', 'birthday points', 'profile'])[1 + i / 40 % 3] END);
	ELSIF mixed AND i % 80 = 34 THEN
		RETURN loyalty.adjustment(at, CASE WHEN i % 160 = 34 THEN 25 ELSE -5 END, expires => CASE WHEN i % 160 = 34 THEN at + interval '200 days' END);
	ELSIF mixed AND i % 50 = 3 THEN
		RETURN loyalty.expense(at, 2, '{support}');
	ELSIF mixed AND i % 500 = 44 THEN
		RETURN loyalty.grant_tier(at, 'Silver', at + interval '30 days');
	END IF;
	RETURN loyalty.purchase(at, amount, amount * 0.6, 1 + i % 3,
		(CASE WHEN i % greatest(n / 5, 1) = 2 THEN '{executive fee}' WHEN i % 3 = 0 THEN '{stay,fare,flight,qualifying}' WHEN i % 3 = 1 THEN '{card}' END)::text[], i);
END $$;

CREATE TABLE bench_fold.member AS
SELECT shape, n, (SELECT loyalty.history(bench_fold.event(shape, n, i)) FROM generate_series(1, n) i) AS h
FROM   unnest(:'shapes'::text[]) shape, unnest(:'sizes'::int[]) n;

-- What a program says, in JSON. "<0.5>" stands for half of what the member spends in a year, so that levels and caps are
-- met at every size.
CREATE TABLE bench_fold.program (name text PRIMARY KEY, rules text NOT NULL);

CREATE FUNCTION bench_fold.program_of(program text, n int) RETURNS loyalty.program LANGUAGE plpgsql AS $$
DECLARE
	rules text := (SELECT p.rules FROM bench_fold.program p WHERE p.name = program);
	share text[];
BEGIN
	FOR share IN SELECT DISTINCT regexp_matches(rules, '"<([0-9.]+)>"', 'g') LOOP
		rules := replace(rules, '"<' || share[1] || '>"', round(share[1]::numeric * n / 4 * 20)::text);
	END LOOP;
	RETURN rules;
END $$;

-- Seconds that this session's process has been on a processor, as Linux counts them (in steps of a clock tick); elsewhere, the
-- time. Others on the machine must not make what takes longer than their turn look as if it grew.
CREATE FUNCTION bench_fold.seconds() RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	RETURN split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e9;
EXCEPTION WHEN undefined_file OR insufficient_privilege THEN
	RETURN extract(epoch FROM clock_timestamp());
END $$;

-- Microseconds per event of points() at the end of the four years. The first folds of each statement are not counted: one
-- finds the zone, and takes from the system the memory that all others use again. A size ten times as large is left out if
-- the last one, at the growth seen so far, says that it would take longer than the statement may.
CREATE TABLE bench_fold.measured (program text, shape text, n int, us float8, PRIMARY KEY (program, shape, n));

CREATE PROCEDURE bench_fold.measure(program text, shape text, n int) LANGUAGE plpgsql AS $$
DECLARE
	rules  loyalty.program := bench_fold.program_of(program, n);
	h      loyalty.history := (SELECT m.h FROM bench_fold.member m WHERE m.shape = measure.shape AND m.n = measure.n);
	patience float8 := extract(epoch FROM current_setting('statement_timeout')::interval);
	smaller float8[] := ARRAY(SELECT m.us * m.n / 1e6 FROM bench_fold.measured m WHERE (m.program, m.shape) = (measure.program, measure.shape) ORDER BY m.n DESC);
	began  float8;
	taken  float8;
	warm   boolean := false;
	runs   int := 1;
	points numeric;
BEGIN
	IF n > (SELECT min(m.n) FROM bench_fold.member m) AND (smaller[1] IS NULL OR smaller[1] * greatest(smaller[1] / smaller[2], 10) > patience
		OR NOT EXISTS (SELECT FROM bench_fold.measured m WHERE (m.program, m.shape, m.n) = (measure.program, measure.shape, measure.n / 10))) THEN
		RETURN;
	END IF;
	LOOP
		began := bench_fold.seconds();
		FOR i IN 1 .. runs LOOP
			points := loyalty.points(h, rules, '2025-01-01 00:00+00');
		END LOOP;
		taken := bench_fold.seconds() - began;
		EXIT WHEN warm AND taken >= 0.1;
		IF taken < 0.1 THEN
			runs := runs * 3;
		END IF;
		warm := true;
	END LOOP;
	INSERT INTO bench_fold.measured VALUES (program, shape, n, taken / runs * 1e6 / n);
END $$;

CREATE PROCEDURE bench_fold.given(name text, rules jsonb) LANGUAGE sql AS $$
	INSERT INTO bench_fold.program
	SELECT name, '{"program": "bench", "timezone": "America/New_York", "earn": [{"points": 1}],
		"metrics": {"nights": {"sum": "quantity", "where": {"any": ["stay"]}}}}'::jsonb || rules
$$;
SET search_path = bench_fold, pg_catalog;

-- earn, round, scope, multiply
CALL given('earn', '{}');
CALL given('earn quantity, orders, table, minimum', '{"decimals": 2, "round": "half up", "earn": [{"points": 1, "per": 3}, {"points": 2, "of": "quantity", "where": {"any": ["stay"]}},
	{"points": 5, "of": "orders", "where": {"none": ["card"]}}, {"table": [[15, 2], [25, 6]]}, {"points": 1, "per": 4, "steps": true, "minimum": 12}]}');
CALL given('scope line', '{"scope": "line", "round": "up", "earn": [{"points": 1, "per": 2, "steps": true}, {"points": 1, "of": "orders"}]}');
CALL given('scope day', '{"scope": "day", "earn": [{"points": 1, "per": 3}]}');
CALL given('multiply', '{"round": "none", "multiply": [{"by": 1.5, "where": {"any": ["card"]}}, {"by": {"Gold": 2}}],
	"tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": "<0.5>"}]}}');
CALL given('multiply, max and replace', '{"multiply": [{"by": 1.5, "stack": "max"}, {"by": 2, "stack": "replace", "where": {"any": ["stay"]}, "from": "2022-01-01", "until": "2024-01-01"}]}');

-- bonus
CALL given('bonus', '{"bonus": [{"on": "first purchase", "points": 50}, {"on": "joined", "points": 100}, {"on": "review", "points": 5, "times": 10, "per": "month"},
	{"on": "profile", "points": 1, "per": "day"}, {"on": "birthday points", "points": 50, "per": "year"}]}');
CALL given('first purchase that a tag decides', '{"bonus": [{"on": "first purchase", "points": 50, "where": {"any": ["never"]}}]}');
DO $$
DECLARE
	metric text;
	every int;
	clawback boolean;
BEGIN
	FOR metric, every, clawback IN
		SELECT m, e, c FROM (VALUES ('spend', 40), ('points', 40), ('orders', 1), ('quantity', 5), ('profit', 15), ('nights', 4)) v (m, e), unnest('{t,f}'::boolean[]) c
	LOOP
		CALL given('milestones of ' || metric || CASE WHEN clawback THEN '' ELSE ', no clawback' END,
			jsonb_build_object('bonus', jsonb_build_array(jsonb_build_object('points', 5, 'clawback', clawback, 'on', jsonb_build_object('every', every, 'of', metric)))));
	END LOOP;
END $$;
CALL given('milestones, times a month, and a cap a month', '{"caps": [{"points": "<0.05>", "per": "month"}], "bonus": [{"on": {"every": 1, "of": "orders"}, "points": 5, "times": 100, "per": "month"}]}');

-- caps
CALL given('cap per order', '{"caps": [{"points": 20, "per": "order"}]}');
CALL given('cap per day', '{"caps": [{"points": "<0.003>", "per": "day"}]}');
CALL given('cap per month', '{"caps": [{"points": "<0.08>", "per": "month"}]}');
CALL given('cap per year', '{"caps": [{"points": "<0.9>", "per": "year"}]}');
CALL given('cap per year, reached early', '{"caps": [{"points": "<0.1>", "per": "year"}]}');
CALL given('cap per year, never reached', '{"caps": [{"points": "<9>", "per": "year"}]}');
CALL given('cap per lifetime', '{"caps": [{"points": "<3>", "per": "lifetime"}]}');
CALL given('caps of all periods', '{"scope": "day", "caps": [{"points": 25, "per": "order"}, {"points": "<0.004>", "per": "day"}, {"points": "<0.08>", "per": "month"},
	{"points": "<0.85>", "per": "year"}, {"points": "<3>", "per": "lifetime"}, {"points": "<0.04>", "per": "month", "where": {"any": ["stay"]}}]}');

-- hold, expire
CALL given('hold', '{"hold": {"for": "14 days"}}');
CALL given('hold, versions', '{"hold": [{"for": "30 days", "until": "2023-01-01"}, {"for": "1 month", "from": "2023-01-01", "where": {"any": ["stay"]}}]}');
CALL given('age', '{"expire": [{"after": "12 months"}]}');
CALL given('age, to the quarter', '{"expire": [{"after": "6 months", "snap": "quarter"}]}');
CALL given('age, to a day', '{"expire": [{"after": "3 months", "snap": "09-30"}]}');
CALL given('age since release', '{"hold": {"for": "14 days"}, "expire": [{"after": "12 months", "since": "release"}]}');
CALL given('age by tags', '{"expire": [{"after": "12 months"}, {"after": "6 months", "where": {"any": ["card"]}}]}');
CALL given('inactivity', '{"expire": [{"kind": "inactivity", "after": "12 months"}]}');
CALL given('inactivity, that comes', '{"expire": [{"kind": "inactivity", "after": "10 days", "resets_by": ["review"]}]}');
CALL given('inactivity without resets', '{"expire": [{"kind": "inactivity", "after": "12 months", "resets_by": ["visit"]}]}');
CALL given('hold and inactivity', '{"hold": {"for": "14 days"}, "expire": [{"kind": "inactivity", "after": "12 months"}]}');
CALL given('hold, inactivity and age', '{"hold": {"for": "14 days"}, "expire": [{"kind": "inactivity", "after": "12 months"}, {"after": "24 months"}]}');
CALL given('inactivity and age, to the month', '{"expire": [{"kind": "inactivity", "after": "6 months", "snap": "month"}, {"after": "12 months", "snap": "month"}]}');
CALL given('two inactivities by tags', '{"expire": [{"kind": "inactivity", "after": "12 months", "where": {"any": ["stay"]}}, {"kind": "inactivity", "after": "6 months", "resets_by": ["redemption"]}]}');
CALL given('end of the calendar year', '{"expire": [{"kind": "period end", "period": "calendar year"}]}');
CALL given('end of the membership year', '{"expire": [{"kind": "period end", "period": "membership year"}]}');
CALL given('end of a year of its own', '{"expire": [{"kind": "period end", "period": "09-30"}]}');

-- suspend: by tiers of the year, and by tiers that come and go with every order
DO $$
DECLARE
	resume text;
BEGIN
	FOREACH resume IN ARRAY '{restart,original,freeze}'::text[] LOOP
		CALL given('suspend, ' || resume, jsonb_set('{"expire": [{"after": "12 months", "suspend": {"tiers": ["Gold"]}}],
			"tiers": {"valid": "window", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": "<0.5>"}]}}', '{expire,0,suspend,resume}', to_jsonb(resume)));
		CALL given('suspend while a rolling metric holds, ' || resume, jsonb_set('{"expire": [{"after": "6 months", "suspend": {"tiers": ["Gold"]}}],
			"tiers": {"window": "3 months", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": "<0.25>"}]}}', '{expire,0,suspend,resume}', to_jsonb(resume)));
		CALL given('suspend, extended by each order, ' || resume, jsonb_set('{"expire": [{"after": "12 months", "snap": "month", "suspend": {"tiers": ["Gold"]}}],
			"tiers": {"window": "3 months", "valid": "2 months", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": "<0.25>"}]}}', '{expire,0,suspend,resume}', to_jsonb(resume)));
	END LOOP;
END $$;
CALL given('hold, inactivity, suspend, to the quarter', '{"hold": {"for": "14 days"}, "expire": [{"kind": "inactivity", "after": "9 months", "snap": "quarter", "suspend": {"tiers": ["Gold", "Silver"]}}, {"after": "24 months"}],
	"tiers": {"window": "membership year", "valid": "window", "levels": [{"name": "Base", "at": 0}, {"name": "Silver", "at": "<0.4>"}, {"name": "Gold", "at": "<0.8>"}]}}');

-- redeem, refund
CALL given('oldest first', '{"redeem": {"order": "oldest first", "minimum": 100, "step": 50, "value": 0.01}, "expire": [{"after": "12 months"}, {"after": "6 months", "where": {"any": ["card"]}}]}');
CALL given('refund proportional, spent pro rata', '{"refund": {"earned": "proportional", "spent": "pro rata"}}');
CALL given('refund forgiving, spent when full', '{"hold": {"for": "14 days"}, "refund": {"short": "forgive", "spent": "full only"}}');
CALL given('refund keeps', '{"refund": [{"earned": "keep", "until": "2023-01-01"}, {"earned": "recompute", "from": "2023-01-01"}]}');
CALL given('refund dated at the refund', '{"refund": {"dated": "refund"}, "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": "<0.5>"}]}}');

-- tiers
DO $$
DECLARE
	rule record;
BEGIN
	FOR rule IN
		SELECT * FROM (VALUES
			('calendar year', '{}'),
			('year from 04-01, its end only', '{"window": "year from 04-01", "valid": "window"}'),
			('membership year, one step, overhang', '{"window": "membership year", "downgrade": "one step", "overhang": "2 months"}'),
			('calendar year, an interval', '{"valid": "6 months"}'),
			('calendar year, latch', '{"on_refund": "latch"}'),
			('calendar year, never', '{"downgrade": "never"}'),
			('calendar year, for ever, rated after', '{"valid": "forever", "rate_at": "after"}'),
			('lifetime', '{"window": "lifetime"}'),
			('rolling, while it holds', '{"window": "12 months"}'),
			('rolling, while it holds, latch', '{"window": "12 months", "on_refund": "latch"}'),
			('rolling, while it holds, one step', '{"window": "3 months", "downgrade": "one step", "overhang": "14 days"}'),
			('rolling, an interval', '{"window": "12 months", "valid": "6 months"}'),
			('rolling, an interval, latch', '{"window": "12 months", "valid": "6 months", "on_refund": "latch"}'),
			('rolling, an interval, one step', '{"window": "3 months", "valid": "1 month", "downgrade": "one step"}'),
			('rolling, never', '{"window": "6 months", "downgrade": "never"}'),
			('rollover', '{"rollover": {"of": "spend", "cap": "<0.2>"}, "valid": "window"}'),
			('by points', '{"by": "points"}'), ('by profit', '{"by": "profit"}'), ('by profit, rolling', '{"by": "profit", "window": "6 months"}')) v (name, section)
	LOOP
		CALL given('tiers: ' || rule.name, jsonb_build_object('tiers', '{"levels": [{"name": "Base", "at": 0}, {"name": "Silver", "at": "<0.23>"}, {"name": "Gold", "at": "<0.9>"}]}'::jsonb || rule.section::jsonb));
	END LOOP;
END $$;
CALL given('tiers: needs, rolling', '{"tiers": {"window": "12 months", "levels": [{"name": "Base", "at": 0}, {"name": "Silver", "needs": [{"spend": "<0.5>", "orders": 10}, {"nights": "<0.05>"}]}, {"name": "Gold", "needs": [{"profit": "<0.4>"}]}]}}');
CALL given('tiers: needs, rolling, latch', '{"tiers": {"window": "12 months", "on_refund": "latch", "levels": [{"name": "Base", "at": 0}, {"name": "Silver", "needs": [{"spend": "<0.5>", "orders": 10}, {"nights": "<0.05>"}]}, {"name": "Gold", "needs": [{"profit": "<0.4>"}]}]}}');
CALL given('tiers: versions', '{"tiers": [{"until": "2022-07-01", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": "<0.5>"}]},
	{"from": "2022-07-01", "by": "quantity", "window": "6 months", "levels": [{"name": "Base", "at": 0}, {"name": "Silver", "at": "<0.02>"}, {"name": "Gold", "at": "<0.04>"}]}]}');

-- clubs
DO $$
DECLARE
	plans jsonb := '{"plans": {"plus": {"any": ["plus", "pro"]}, "pro": {}}}';
	rule record;
BEGIN
	FOR rule IN
		SELECT * FROM (VALUES
			('plans', '{"plans": {"plus": {"any": ["plus", "pro"], "grace": "7 days"}, "pro": {"trial": true}}, "earn": [{"points": 1}, {"points": 1, "plan": "plus"}], "multiply": [{"by": 2, "plan": ["pro"]}]}'),
			('within and first', '{"multiply": [{"by": 2, "within": {"after": "joined", "for": "30 days"}}, {"by": 2, "within": {"after": "review", "for": "10 days"}}, {"by": 3, "first": 100}]}'),
			('milestones of the year', '{"bonus": [{"on": {"every": 10, "above": 30, "of": "orders", "window": "calendar year"}, "points": 50}, {"on": {"at": [100, 500, 1000], "of": "spend", "window": "year from 04-01"}, "points": 20}]}'),
			('milestones of the membership year', '{"bonus": [{"on": {"every": 1, "of": "nights", "window": "membership year"}, "points": 5}]}'),
			('milestones of the month, no clawback', '{"bonus": [{"on": {"every": 40, "of": "points", "window": "month"}, "points": 5, "clawback": false, "plan": "plus"}]}'),
			('caps of the week and the membership year', '{"caps": [{"points": "<0.02>", "per": "week"}, {"points": "<0.8>", "per": "membership year"}]}'),
			('levels by a plan', '{"multiply": [{"by": {"Plus": 2}}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": "<0.5>", "plan": "pro"}, {"name": "Plus", "plan": "plus"}]}}'),
			('plan end', '{"expire": [{"kind": "plan end", "plan": "plus"}]}'),
			('plan end, to the quarter, and age', '{"expire": [{"kind": "plan end", "plan": "pro", "snap": "quarter"}, {"after": "12 months"}]}'),
			('suspended by a plan, restart', '{"expire": [{"after": "6 months", "suspend": {"plans": ["pro"]}}]}'),
			('suspended by a plan, freeze', '{"expire": [{"after": "6 months", "suspend": {"plans": ["plus"], "resume": "freeze"}}]}'),
			('suspended by a plan with grace, freeze', '{"plans": {"plus": {"any": ["plus", "pro"], "grace": "2 days"}, "pro": {}}, "expire": [{"after": "6 months", "suspend": {"plans": ["plus"], "resume": "freeze"}}]}'),
			('plan end, with grace', '{"plans": {"plus": {"any": ["plus", "pro"], "grace": "2 days"}, "pro": {}}, "expire": [{"kind": "plan end", "plan": "plus"}]}'),
			('vouchers at the threshold', '{"vouchers": [{"points": 100, "value": 5, "valid": "2 months", "snap": "month"}]}'),
			('vouchers, one a step', '{"vouchers": [{"points": 5, "value": 1, "each": true}]}'),
			('vouchers for a plan, two rules', '{"vouchers": [{"points": 100, "value": 5, "plan": "pro"}, {"points": 200, "value": 5, "plan": "plus", "minimum": 400}]}'),
			('vouchers by the month', '{"vouchers": [{"points": 100, "value": 5, "every": "1 month", "closing": "14 days", "valid": "30 days"}], "expire": [{"after": "12 months"}]}'),
			('vouchers by the membership year', '{"hold": {"for": "14 days"}, "vouchers": [{"points": 1, "value": 0.01, "every": "12 months", "on": "10 months", "each": true}]}'),
			('everything', '{"earn": [{"points": 1}, {"points": 1, "plan": "plus"}], "multiply": [{"by": 2, "within": {"after": "review", "for": "10 days"}}, {"by": 3, "first": 1}],
				"bonus": [{"on": {"every": 10, "above": 30, "of": "orders", "window": "calendar year"}, "points": 50}], "caps": [{"points": "<0.8>", "per": "membership year"}], "hold": {"for": "14 days"},
				"expire": [{"kind": "plan end", "plan": "plus", "snap": "month"}, {"after": "12 months", "suspend": {"plans": ["pro"], "tiers": ["Gold"]}}],
				"tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Silver", "at": "<0.5>"}, {"name": "Gold", "plan": "pro"}]},
				"vouchers": [{"points": 50, "value": 0.50, "minimum": 150, "every": "3 months", "on": "02-10", "valid": "24 months", "snap": "month"}, {"points": 500, "value": 10, "tiers": ["Gold"], "valid": "30 days"}],
				"benefits": [{"name": "review", "tiers": {"Silver": 1, "Gold": 2}, "per": "year"}, {"name": "delivery", "plan": "plus"}]}')) v (name, section)
	LOOP
		CALL given('club: ' || rule.name, plans || rule.section::jsonb);
	END LOOP;
END $$;

-- much at once
CALL given('everything', '{"decimals": 2, "scope": "line", "earn": [{"points": 1}, {"points": 3, "of": "quantity", "steps": true, "where": {"any": ["stay"]}}], "multiply": [{"by": {"Silver": 1.25, "Gold": 1.5}}],
	"bonus": [{"on": "first purchase", "points": 50}, {"on": {"every": 10, "of": "orders"}, "points": 20}, {"on": "review", "points": 5, "times": 10, "per": "month"}],
	"caps": [{"points": 100, "per": "order"}, {"points": "<0.9>", "per": "year"}], "hold": {"for": "14 days"},
	"expire": [{"kind": "inactivity", "after": "12 months", "suspend": {"tiers": ["Gold"]}}, {"after": "18 months", "snap": "month", "suspend": {"tiers": ["Gold"], "resume": "freeze"}}],
	"redeem": {"minimum": 50, "value": 0.01}, "refund": {"earned": "proportional", "spent": "pro rata", "dated": "refund"},
	"tiers": {"rollover": {"of": "spend", "cap": "<0.2>"}, "valid": "window", "levels": [{"name": "Base", "at": 0}, {"name": "Silver", "at": "<0.4>"}, {"name": "Gold", "at": "<0.9>"}]}}');
