-- Customers of two years: each buys at a pace of their own, 1 to 100 times, most of them seldom, and stops.
-- psql variable: customers
\set ON_ERROR_STOP on
CREATE SCHEMA IF NOT EXISTS bench_worth;
DROP TABLE IF EXISTS bench_worth.purchase;
SELECT setseed(0.5) \g /dev/null

CREATE TABLE bench_worth.purchase AS
SELECT customer_id, began + spread * (k - CASE WHEN k = 0 THEN 0 ELSE random() END) / greatest(n - 1, 1) AS at, round((-level * ln(random() * random()))::numeric, 2) AS amount
FROM  (SELECT customer_id, timestamptz '2024-01-01 08:00+00' + start * interval '700 days' AS began,
              -- as long as they stay, at most until the end
              (1 - start) * stays * interval '700 days' AS spread, least(100, floor((1 - draw) ^ (-1 / 1.1)))::int AS n, -20 / ln(wealth) AS level
       FROM  (SELECT customer_id, random() AS start, sqrt(random()) AS stays, random() AS draw, random() * random() * random() AS wealth
              FROM   generate_series(1, :customers) customer_id OFFSET 0) d) c,
      LATERAL generate_series(0, n - 1) k;
VACUUM (FREEZE, ANALYZE) bench_worth.purchase;
