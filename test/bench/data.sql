-- The work: orders of four years, ids in time order, rows shuffled on disk; 0.09 customers per order, skewed so
-- that of 5,000,000 orders some 450,000 customers have 8 in the median and a few have thousands.
-- psql variable: rows
\set ON_ERROR_STOP on
\set customers '(:rows * 9 / 100)'
CREATE SCHEMA IF NOT EXISTS bench;
DROP TABLE IF EXISTS bench.orders, bench.sample;
SELECT setseed(0.5) \g /dev/null

CREATE TABLE bench.orders AS
SELECT order_id, customer_id, at, amount, (amount * share)::numeric(10,2) AS cost
FROM  (SELECT row_number() OVER (ORDER BY at) AS order_id, *
       FROM  (SELECT 1 + (floor(:customers * random() ^ 2)::bigint * 7919) % :customers AS customer_id,
                     timestamptz '2022-01-01 00:00:00+00' + random() * interval '1461 days' AS at,
                     (5 - 40 * ln(1 - random()))::numeric(10,2) AS amount,
                     (0.3 + 0.5 * random())::numeric AS share
              FROM generate_series(1, :rows) OFFSET 0) r) o
ORDER  BY random();

-- every 50th customer: what the PL/pgSQL peer of B5 works on
CREATE TABLE bench.sample AS SELECT * FROM bench.orders WHERE customer_id % 50 = 0;

VACUUM (FREEZE, ANALYZE) bench.orders;
VACUUM (FREEZE, ANALYZE) bench.sample;
