-- Kept current: triggers on the shop's tables, and redemptions that never take more than there is.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';
SET search_path = shop, public;
\set ECHO queries

\echo
\echo 'From now on the histories are kept by the statements that change the shop''s tables.'
\echo 'The mapping is the same view; lines and refunds find their customer along foreign keys.'
SELECT loyalty.keep('live', 'bigint', rules) FROM shop.programs WHERE name = 'today';
SELECT loyalty.track('shop.customer_event', 'shop.live');

\echo 'A new order counts at once. Its points, 1.25 for each dollar, are held back for 14 days.'
PREPARE paula (timestamptz) AS
SELECT c.name, s.tier, s.points, s.pending, loyalty.orders(k.history) AS orders
FROM   shop.live k JOIN shop.customers c ON c.customer_id = k.customer,
       shop.live_program p, LATERAL loyalty.standing(k.history, p.program, $1) s
WHERE  k.customer = 1929;

EXECUTE paula('2025-12-31 18:00');
INSERT INTO shop.orders VALUES (7001, 1929, '2025-12-31 18:00', 'web', 4.90);
INSERT INTO shop.order_lines VALUES (7001, 1, 7, 2, 20.00, 8.00);
EXECUTE paula('2025-12-31 18:00');

\echo 'She asks for 500 points and has 465: the INSERT is refused, with an SQLSTATE of its own.'
\set ON_ERROR_STOP off
INSERT INTO shop.redemptions VALUES (7001, 1929, 7001, '2025-12-31 18:00', 500);
\echo :SQLSTATE
\echo
\set ON_ERROR_STOP on

\echo 'Two weeks later she gets them. But not twice.'
INSERT INTO shop.redemptions VALUES (7002, 1929, 7001, '2026-01-14 18:00', 500);
EXECUTE paula('2026-01-14 18:00');
\set ON_ERROR_STOP off
INSERT INTO shop.redemptions VALUES (7003, 1929, 7001, '2026-01-14 18:00', 500);
\set ON_ERROR_STOP on

\echo
\echo 'Is what is kept what the view gives? The customers for whom it is not:'
SELECT customer, reason FROM loyalty.verify('shop.live');
