-- Members for B11 and B12 among a million others, all in one shuffled table. psql variable: customers.
--   1000001, 1000002   20,000 purchases
--   1000003, 1000004   15,000 purchases, 2,500 refunds, 2,500 redemptions
--   1000005            1,000 purchases
--   2000001 ...        1,000 members of 20 purchases
-- 1,000 events of 1000002, 1000004 and 1000005 come one by one at last and so are open fragments; everything else is
-- in base rows.
\set ON_ERROR_STOP on
SET search_path = bench_live;
SELECT setseed(0.25) \g /dev/null

CREATE TEMP TABLE purchases AS
SELECT customer, n, date_trunc('second', now()) - random() * interval '4 years' AS at, (5 - 40 * ln(1 - random()))::numeric(10,2) AS amount,
       (1 + 4 * random())::numeric(10,2) AS cost
FROM   (VALUES (1000001, 20000), (1000002, 20000), (1000003, 15000), (1000004, 15000), (1000005, 1000)) m(customer, size),
       generate_series(1, size) n
UNION ALL
SELECT 2000000 + c, 0, date_trunc('second', now()) - random() * interval '4 years', (5 - 40 * ln(1 - random()))::numeric(10,2),
       (1 + 4 * random())::numeric(10,2)
FROM   generate_series(1, 1000) c, generate_series(1, 20);

CALL emptied();
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO orders (customer_id, at, amount, cost)
SELECT customer_id, at, amount, cost FROM (
	TABLE incoming
	UNION ALL
	SELECT customer, at, amount, cost FROM purchases WHERE customer NOT IN (1000002, 1000004, 1000005) OR n > 1000) o
ORDER  BY random();
INSERT INTO refunds (order_id, at, amount)
SELECT order_id, at, amount FROM (
	SELECT order_id, at + random() * (now() - at) AS at, 1 AS amount,
	       row_number() OVER (PARTITION BY customer_id ORDER BY random()) AS n
	FROM   orders WHERE customer_id IN (1000003, 1000004)) r
WHERE  n <= 2500;
INSERT INTO redemptions (customer_id, at, points)
SELECT c, now() - random() * interval '3 years', 10 FROM unnest(ARRAY[1000003, 1000004]) c, generate_series(1, 2500);
COMMIT;
SELECT loyalty.rebuild('loyal') \g /dev/null

DO $$
DECLARE
	p record;
BEGIN
	FOR p IN SELECT * FROM purchases WHERE customer IN (1000002, 1000004, 1000005) AND n <= 1000 ORDER BY random() LOOP
		INSERT INTO bench_live.orders (customer_id, at, amount, cost) VALUES (p.customer, p.at, p.amount, p.cost);
	END LOOP;
END $$;

INSERT INTO plain_orders SELECT * FROM orders;
SELECT setval(pg_get_serial_sequence('plain_orders', 'order_id'), max(order_id)) FROM plain_orders \g /dev/null
INSERT INTO pl_orders (customer_id, at, amount, cost) SELECT customer_id, at, amount, cost FROM orders;
UPDATE pl_base b SET history = f.added FROM pl_fragment f WHERE f.customer = b.customer;
TRUNCATE pl_fragment;
VACUUM (FREEZE, ANALYZE);
