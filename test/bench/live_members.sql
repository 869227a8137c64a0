-- Members for B11 and B12 among all the others, ids in time order and rows shuffled on disk as in data.sql.
--   1000001, 1000002   20,000 purchases
--   1000003, 1000004   15,000 purchases, 2,500 refunds within 30 days, 2,500 redemptions
--   1000005            1,000 purchases
--   2000001 to 2001000 20 purchases each
--   2001001 to 2002000 20 purchases each
-- The last 1,000 purchases of 1000002, 1000004 and 1000005, and the last 5 of those from 2001001, come one by one and
-- stay open fragments; everything else is in base rows.
\set ON_ERROR_STOP on
SET search_path = bench_live;
SELECT setseed(0.25) \g /dev/null

CREATE TEMP TABLE coming AS
SELECT row_number() OVER (ORDER BY at) AS order_id, customer_id, at, amount, cost, n <= late AS late
FROM  (SELECT customer AS customer_id, at, amount, cost, late, row_number() OVER (PARTITION BY customer ORDER BY at DESC) AS n
       FROM  (SELECT customer, late, date_trunc('second', now()) - random() * interval '4 years' AS at,
                     (5 - 40 * ln(1 - random()))::numeric(10,2) AS amount, (1 + 4 * random())::numeric(10,2) AS cost
              FROM  (VALUES (1000001, 20000, 0), (1000002, 20000, 1000), (1000003, 15000, 0), (1000004, 15000, 1000), (1000005, 1000, 1000)
                     UNION ALL SELECT c, 20, CASE WHEN c > 2001000 THEN 5 ELSE 0 END FROM generate_series(2000001, 2002000) c)
                    m(customer, purchases, late),
                    generate_series(1, purchases)
              OFFSET 0) p
       UNION ALL
       SELECT customer_id, at, amount, cost, 0, 1 FROM incoming) o;

CALL emptied();
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO orders SELECT order_id, customer_id, at, amount, cost FROM coming WHERE NOT late ORDER BY random();
INSERT INTO refunds (order_id, at, amount)
SELECT order_id, at + random() * least(now() - at, interval '30 days'), 1
FROM  (SELECT order_id, at, row_number() OVER (PARTITION BY customer_id ORDER BY random()) AS n
       FROM   orders WHERE customer_id IN (1000003, 1000004)) r
WHERE  n <= 2500;
INSERT INTO redemptions (customer_id, at, points)
SELECT c, now() - random() * interval '3 years', 10 FROM unnest(ARRAY[1000003, 1000004]) c, generate_series(1, 2500);
COMMIT;
SELECT loyalty.rebuild('loyal') \g /dev/null

-- those that come late, each by a statement of its own
DO $$
DECLARE
	o record;
BEGIN
	FOR o IN SELECT * FROM coming WHERE late ORDER BY order_id LOOP
		INSERT INTO bench_live.orders VALUES (o.order_id, o.customer_id, o.at, o.amount, o.cost);
	END LOOP;
END $$;

INSERT INTO plain_orders SELECT * FROM orders;
INSERT INTO pl_orders SELECT * FROM orders;
UPDATE pl_base b SET history = f.added FROM pl_fragment f WHERE f.customer = b.customer;
TRUNCATE pl_fragment;
SELECT setval(pg_get_serial_sequence('orders', 'order_id'), max(order_id)),
       setval(pg_get_serial_sequence('plain_orders', 'order_id'), max(order_id)),
       setval(pg_get_serial_sequence('pl_orders', 'order_id'), max(order_id)) FROM coming \g /dev/null
VACUUM (FREEZE, ANALYZE) orders, plain_orders, pl_orders, refunds, redemptions, loyal_base, loyal_fragment, loyal_row,
	pl_base, pl_fragment, balances, numbers;
