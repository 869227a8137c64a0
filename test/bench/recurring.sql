-- Subscriptions of four years and a month of usage, as tables and as histories.
-- psql variables: histories, of mrr_report; usage, events of usage, of `users` customers
\set ON_ERROR_STOP on
DROP SCHEMA IF EXISTS bench_recurring CASCADE;
CREATE SCHEMA bench_recurring;
SET search_path = bench_recurring, pg_catalog;
SELECT setseed(0.5) \g /dev/null

-- Every customer subscribes within three years, two in three until they leave. Three in ten change their price, a few of those after
-- a gap: 1.3 segments each. The table has what a billing tool stores: what is in force when, and what it brings a month.
CREATE FUNCTION segments(histories int) RETURNS TABLE (customer_id int, at timestamptz, until timestamptz, amount numeric, ref int) LANGUAGE sql AS $$
	WITH customer AS (
		SELECT c, timestamptz '2023-01-01 00:00+00' + random() * interval '1095 days' AS at, random() * interval '500 days' AS lives,
		       random() < 0.67 AS leaves, random() < 0.3 AS changes, random() < 0.2 AS pauses, (10 + floor(random() * 90))::numeric(10, 2) AS amount
		FROM generate_series(1, histories) c OFFSET 0)
	SELECT c, at, CASE WHEN changes THEN at + lives / 2 WHEN leaves THEN at + lives END, amount, c FROM customer
	UNION ALL
	SELECT c, at + lives / 2 + CASE WHEN pauses THEN interval '40 days' ELSE '0' END, CASE WHEN leaves THEN at + lives + interval '40 days' END,
	       amount * (0.8 + c % 5 / 10.0), c FROM customer WHERE changes
$$;
CREATE TABLE segment AS SELECT *, amount AS mrr FROM segments(:histories) ORDER BY random();
CREATE TABLE history AS
	SELECT customer_id, loyalty.history(loyalty.subscription(at, amount, until => until, plan => 'pro', ref => ref)) AS h FROM segment GROUP BY customer_id;
-- tenfold
CREATE TABLE history_10 AS
	SELECT customer_id, loyalty.history(loyalty.subscription(at, amount, until => until, plan => 'pro', ref => ref)) AS h FROM segments(10 * :histories) GROUP BY customer_id;
CREATE TABLE month AS SELECT m, tstzrange(m, m + interval '1 month') AS period FROM generate_series('2023-06-01 00:00+00'::timestamptz, '2026-05-01 00:00+00', '1 month') m;

CREATE TABLE used AS
	SELECT 1 + floor(:users * random())::int AS customer_id, timestamptz '2026-01-01 00:00+00' + random() * interval '30.9 days' AS at, (1 + floor(random() * 500))::numeric AS quantity
	FROM generate_series(1, :usage);
CREATE TABLE user_history AS SELECT customer_id, loyalty.history(loyalty.usage(at, 'calls', quantity)) AS h FROM used GROUP BY customer_id;

-- one customer with n segments or n events of usage
CREATE TABLE one AS
	SELECT n, (SELECT loyalty.history(loyalty.subscription(timestamptz '2020-01-01 00:00+00' + i * (interval '5 years' / n), 10 + i % 7, plan => 'pro', ref => 1))
	           FROM generate_series(1, n) i) AS segments,
	       (SELECT loyalty.history(loyalty.usage(timestamptz '2026-01-01 00:00+00' + i * (interval '30 days' / n), 'calls', 1 + i % 7))
	        FROM generate_series(1, n) i) AS usage
	FROM unnest('{10,1000,100000}'::int[]) n;

CREATE FUNCTION tariff() RETURNS loyalty.tariff IMMUTABLE LANGUAGE sql AS $$
	SELECT '{"tariff": "bench", "timezone": "UTC", "meters": {"calls": {"tiers": [{"up_to": 1000, "price": 0.10}, {"up_to": 20000, "price": 0.05}, {"price": 0.02}]}}}'::loyalty.tariff
$$;

VACUUM (FREEZE, ANALYZE) segment, history, history_10, month, used, user_history, one;
