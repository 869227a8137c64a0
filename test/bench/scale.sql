-- A large shop: orders as they come in, of four years; a tenth as many customers, skewed. Once in the order in which they
-- came in, with an index that holds all that is asked of them; once in 32 partitions by customer; and the kept histories.
-- psql variable: rows
\set ON_ERROR_STOP on
\set customers '(:rows / 10)'
DROP SCHEMA IF EXISTS bench_scale CASCADE;
CREATE SCHEMA bench_scale;
SELECT setseed(0.5) \g /dev/null

CREATE TABLE bench_scale.orders AS
SELECT order_id, 1 + (floor(:customers * random() ^ 2)::bigint * 7919) % :customers AS customer_id,
       timestamptz '2022-01-01 00:00+00' + date_trunc('second', order_id * (interval '1461 days' / :rows)) AS at,
       (5 - 40 * ln(1 - random()))::numeric(10,2) AS amount, (1 + 20 * random())::numeric(10,2) AS cost
FROM   generate_series(1::bigint, :rows) AS order_id;

BEGIN;
CREATE TABLE bench_scale.parted (LIKE bench_scale.orders) PARTITION BY HASH (customer_id);
SELECT format('CREATE TABLE bench_scale.part_%s PARTITION OF bench_scale.parted FOR VALUES WITH (MODULUS 32, REMAINDER %s)', n, n)
FROM   generate_series(0, 31) n \gexec
INSERT INTO bench_scale.parted SELECT * FROM bench_scale.orders;
COMMIT;

SET maintenance_work_mem = '1GB';
CREATE INDEX orders_customer ON bench_scale.orders (customer_id, at) INCLUDE (amount, cost, order_id);
VACUUM (FREEZE, ANALYZE) bench_scale.orders;
VACUUM (FREEZE, ANALYZE) bench_scale.parted;
