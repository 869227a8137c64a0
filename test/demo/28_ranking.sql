-- Where customers stand, and whom they bring. All answers are as of the end of 2025.
\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';
\set ECHO queries

\echo
\echo 'What each customer has brought, and all of them as rankings: gathered once, asked about each.'
\echo
CREATE VIEW shop.customer_worth AS
SELECT customer_id, loyalty.profit(h) AS profit, loyalty.revenue(h) AS revenue, loyalty.orders(h) AS orders, date '2026-01-01' - loyalty.last_purchase(h)::date AS days
FROM   shop.customer_history;
CREATE TABLE shop.rankings AS
SELECT loyalty.ranking(profit) AS profit, loyalty.ranking(orders) AS orders, loyalty.ranking(-days) AS recency, loyalty.ranking(revenue) AS revenue FROM shop.customer_worth;

\echo 'The whale curve: what the best customers bring together, as rows for a chart.'
SELECT c.customers, round(100 * c.customer_share) AS "customers, %", c.value AS profit, round(100 * c.value_share, 1) AS "profit, %", repeat('#', round(30 * c.value_share)::int) AS chart
FROM   shop.rankings, LATERAL loyalty.whale_curve(profit, 10) c;

\echo 'And in two sentences.'
SELECT format('The top 20 %% of the customers bring %s %% of the profit.', round(100 * loyalty.top_share(profit, 0.20))) AS "first",
       format('%s %% cost money: %s of the %s that the others bring.', round(100.0 * c.losing / c.customers), round(-c.losses), round(c.gains)) AS "second"
FROM   shop.rankings, LATERAL loyalty.concentration(profit) c;

\echo 'Segments by recency, frequency, money: a table that the shop edits; the first that fits counts.'
CREATE TABLE shop.segments (place int PRIMARY KEY, name text NOT NULL, r int4range NOT NULL, f int4range NOT NULL, m int4range NOT NULL);
INSERT INTO shop.segments VALUES
	(1, 'champions',     '[4,5]', '[4,5]', '[4,5]'), (2, 'loyal', '[3,5]', '[3,5]', '[3,5]'), (3, 'do not lose', '[1,2]', '[4,5]', '[4,5]'),
	(4, 'slipping away', '[1,2]', '[3,5]', '[1,5]'), (5, 'new',   '[4,5]', '[1,2]', '[1,5]'), (6, 'lost',        '[1,2]', '[1,2]', '[1,5]'), (7, 'others', '[1,5]', '[1,5]', '[1,5]');
SELECT s.name, count(*) AS customers, round(sum(profit)) AS profit, round(avg(days)) AS "days since", round(avg(orders), 1) AS orders
FROM  (SELECT w.*, loyalty.bucket(k.recency, -days, 5) AS r, loyalty.bucket(k.orders, w.orders, 5) AS f, loyalty.bucket(k.revenue, w.revenue, 5) AS m FROM shop.customer_worth w, shop.rankings k) rfm,
LATERAL (SELECT place, name FROM shop.segments s WHERE s.r @> rfm.r AND s.f @> rfm.f AND s.m @> rfm.m ORDER BY place LIMIT 1) s
GROUP  BY s.place, s.name ORDER BY s.place;

\echo 'Profit now x worth to come, five by five: who was good and will not be stands on the left of the upper rows. Customers, and what the next year of each cell is worth.'
WITH outlook AS MATERIALIZED (
  SELECT loyalty.profit(h) AS now, loyalty.lifetime_value(h, m, '1 year', 0.10, '2026-01-01') AS to_come FROM shop.customer_history, shop.worth),
grid AS (
  SELECT loyalty.bucket(n, now, 5) AS now, loyalty.bucket(t, to_come, 5) AS later, to_come
  FROM   outlook, (SELECT loyalty.ranking(now) AS n, loyalty.ranking(to_come) AS t FROM outlook WHERE to_come IS NOT NULL) r WHERE to_come IS NOT NULL)
SELECT now AS "profit now", string_agg(cell, '') FILTER (WHERE later = 1) AS "to come: 1", string_agg(cell, '') FILTER (WHERE later = 2) AS "2", string_agg(cell, '') FILTER (WHERE later = 3) AS "3",
       string_agg(cell, '') FILTER (WHERE later = 4) AS "4", string_agg(cell, '') FILTER (WHERE later = 5) AS "5"
FROM  (SELECT now, later, format('%s: %s', count(*), round(sum(to_come))) AS cell FROM grid GROUP BY now, later) g
GROUP  BY now ORDER BY now DESC;

\echo 'Advocates: who brought customers, what these are worth, half of that for whom they brought in turn; and where the advocates stand themselves.'
SELECT c.name, a.referred, a.reached, a.value AS "worth of these", w.profit AS own, format('%s of %s', loyalty.place(k.profit, w.profit), (loyalty.concentration(k.profit)).customers) AS "place by own"
FROM   shop.rankings k, (SELECT loyalty.referrals(w.customer_id, r.referrer_id, w.profit) AS r FROM shop.customer_worth w LEFT JOIN shop.referrals r ON r.referred_id = w.customer_id) x,
LATERAL loyalty.advocates(x.r, '{1,0.5}') a
JOIN   shop.customers c ON c.customer_id = a.customer::bigint JOIN shop.customer_worth w USING (customer_id)
ORDER  BY a.value DESC, c.customer_id LIMIT 5;
