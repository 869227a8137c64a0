-- A deal for members only, and ten shoppers.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';
SET search_path = shop, public;
\set ECHO queries

\echo
\echo 'A deal: three espresso machines for members in VIB and Rouge, at 299 instead of 499, held for 15 minutes, 5 for who has waited.'
SELECT loyalty.open_deals('sale', 'bigint', 'live');
INSERT INTO sale_deal (deal, opens, closes, units, turn, tiers, price, list_price)
VALUES ('espresso', '2025-12-31 10:00', '2025-12-31 11:00', 3, '5 minutes', '{VIB,Rouge}', 299, 499);

\set ECHO none
-- Ten customers, of whom two are in no such tier, come within ten minutes.
CREATE TEMP TABLE shopper AS
SELECT row_number() OVER (ORDER BY md5(customer::text)) AS n, customer, tier
FROM  ((SELECT customer, loyalty.tier(history, rules, '2025-12-31 10:00') AS tier FROM live, programs WHERE name = 'today'
        AND loyalty.tier(history, rules, '2025-12-31 10:00') IN ('VIB', 'Rouge') ORDER BY customer LIMIT 8)
       UNION ALL
       (SELECT customer, loyalty.tier(history, rules, '2025-12-31 10:00') FROM live, programs WHERE name = 'today'
        AND coalesce(loyalty.tier(history, rules, '2025-12-31 10:00'), '') NOT IN ('VIB', 'Rouge') ORDER BY customer LIMIT 2)) s;
\set ECHO queries

\echo 'Ten shoppers press the button, a minute apart.'
WITH pressed AS MATERIALIZED (
  SELECT s.*, a.*
  FROM   (SELECT * FROM shopper ORDER BY n OFFSET 0) s,
         LATERAL loyalty.claim('sale', 'espresso', s.customer, ref => 'page-' || n, asof => '2025-12-31 09:59'::timestamptz + n * interval '1 minute') a)
SELECT n, c.name, tier, state, until::time, place FROM pressed JOIN customers c ON c.customer_id = customer ORDER BY n;

\echo 'The first two order. The third lets the hold end; then those who wait have their turns of five minutes.'
SELECT c.customer, b.state
FROM  (SELECT customer::bigint, row_number() OVER (ORDER BY at) AS k FROM loyalty.claims('sale', 'espresso', '2025-12-31 10:10') WHERE state = 'held') c,
       LATERAL loyalty.confirm('sale', 'espresso', c.customer, 8000 + k, asof => '2025-12-31 10:12') b
WHERE  k <= 2 ORDER BY k;

\echo 'A quarter of an hour later: whose turn it is, and who waits.'
SELECT c.name, l.state, l.since::time, l.until::time, l.place
FROM   loyalty.claims('sale', 'espresso', '2025-12-31 10:24') l JOIN customers c ON c.customer_id = l.customer::bigint ORDER BY l.at;

\echo 'She orders, and it is over: who has bought, and who went away with nothing.'
SELECT b.state
FROM   loyalty.claims('sale', 'espresso', '2025-12-31 10:24') l,
       LATERAL loyalty.confirm('sale', 'espresso', l.customer, 8003, asof => '2025-12-31 10:24') b WHERE l.state = 'held';
SELECT l.state, count(*), string_agg(c.name, ', ' ORDER BY l.at) AS customers
FROM   loyalty.claims('sale', 'espresso', '2025-12-31 11:00') l JOIN customers c ON c.customer_id = l.customer::bigint GROUP BY l.state ORDER BY l.state;
SELECT deal, units, bought, units - bought AS unsold, lapsed, price, list_price, given FROM sale;
\set ECHO none
