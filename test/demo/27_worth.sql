-- What customers will be worth, from how they have bought. All answers are as of the end of 2025.
\set ON_ERROR_STOP on
\set asof '''2026-01-01'''
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';
\set ECHO queries

\echo
\echo 'A model of how customers buy and leave, fitted to all of them. The prior is for later: parts of them may lean on it.'
\echo
CREATE TABLE shop.worth AS
SELECT loyalty.fit(h, '{"timezone": "America/Los_Angeles", "value": "profit", "prior": 100}', :asof) AS m FROM shop.customer_history;

\echo 'Does it fit? From what was known at the end of 2024: purchases expected in 2025, and made, by repeat purchases before.'
WITH past AS (
  SELECT loyalty.fit(h, '{"timezone": "America/Los_Angeles", "value": "profit"}', '2025-01-01') AS m FROM shop.customer_history)
SELECT CASE WHEN known.x < 4 THEN known.x::text WHEN known.x < 10 THEN '4-9' ELSE '10+' END AS repeated, count(*) AS customers,
       round(sum(loyalty.expected_purchases(h, m, '1 year', '2025-01-01'))::numeric) AS expected, sum(later.x - known.x) AS made
FROM   shop.customer_history, past, LATERAL loyalty.buying(h, m, '2025-01-01') known, LATERAL loyalty.buying(h, m, :asof) later
WHERE  known.x IS NOT NULL
GROUP  BY 1 ORDER BY min(known.x);

\echo 'Who will be worth most next year?'
SELECT c.name, b.x + 1 AS purchases, loyalty.profit(h) AS "profit so far", round(loyalty.alive(h, m, :asof)::numeric, 2) AS alive,
       round(loyalty.expected_purchases(h, m, '1 year', :asof)::numeric, 1) AS "next year", round(loyalty.expected_value(h, m, :asof), 2) AS each,
       round(loyalty.lifetime_value(h, m, '1 year', 0.10, :asof), 2) AS worth
FROM   shop.customer_history JOIN shop.customers c USING (customer_id), shop.worth, LATERAL loyalty.buying(h, m, :asof) b
WHERE  b.x IS NOT NULL
ORDER  BY worth DESC LIMIT 5;

\echo 'Who is about to be lost? From that day on we have to presume so, unless they buy: talk to them before.'
SELECT c.name, loyalty.last_purchase(h)::date AS "last purchase", round(loyalty.alive(h, m, :asof)::numeric, 2) AS alive, lost::date AS "presumed lost",
       round(loyalty.lifetime_value(h, m, '1 year', 0.10, :asof), 2) AS worth
FROM   shop.customer_history JOIN shop.customers c USING (customer_id), shop.worth, LATERAL loyalty.presumed_lost(h, m, 0.5, :asof) lost
WHERE  lost > :asof AND lost <= '2026-01-15'
ORDER  BY worth DESC LIMIT 5;

\echo 'What will the customers won in 2025 bring, beside what winning them cost? Each channel has a model of its own. Which to stop?'
WITH channel AS (
  SELECT channel, loyalty.fit(h, m, :asof) AS m
  FROM   shop.customer_history JOIN shop.acquisitions USING (customer_id), shop.worth
  GROUP  BY channel)
SELECT channel, count(*) AS customers, round(avg(cost), 2) AS "cost of one", round(avg(loyalty.profit(h) + cost), 2) AS "has brought",
       round(sum(loyalty.lifetime_value(h, m, '1 year', 0.10, :asof)) / count(*), 2) AS "next year",
       round(avg(loyalty.profit(h)) + sum(loyalty.lifetime_value(h, m, '1 year', 0.10, :asof)) / count(*), 2) AS "left of one",
       round(sum(loyalty.profit(h) + coalesce(loyalty.lifetime_value(h, m, '1 year', 0.10, :asof), 0))) AS "left of all"
FROM   shop.customer_history JOIN shop.customers USING (customer_id) JOIN shop.acquisitions USING (customer_id) JOIN channel USING (channel)
WHERE  joined_at >= '2025-01-01'
GROUP  BY channel
ORDER  BY "left of one" DESC;
