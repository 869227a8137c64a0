-- The programs, folded over the same histories: points and tiers, at any instant.
\set ON_ERROR_STOP on
\set asof '''2026-01-01'''
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';
\set ECHO queries

\echo
\echo 'How many members hold each tier, what are their open points worth, and what do we earn with them?'
SELECT s.tier, count(*) AS members, sum(s.points) AS points, sum(s.pending) AS pending,
       round(sum(loyalty.liability(h, rules, :asof)), 2) AS liability,
       sum(loyalty.profit(h)) AS profit
FROM   shop.customer_history, shop.programs, LATERAL loyalty.standing(h, rules, :asof) s
WHERE  name = 'today'
GROUP  BY s.tier
ORDER  BY members DESC;

\echo 'Which members of the upper tiers earn us least? Tier, points and profit come from one history.'
SELECT c.name, s.tier, s.points, loyalty.orders(h) AS orders, loyalty.revenue(h) AS revenue,
       loyalty.cost(h, 'support') AS support, loyalty.profit(h) AS profit
FROM   shop.customer_history JOIN shop.customers c USING (customer_id), shop.programs p,
LATERAL loyalty.standing(h, rules, :asof) s
WHERE  p.name = 'today' AND s.tier <> 'Insider'
ORDER  BY profit LIMIT 5;

\echo 'Who loses most points within a month, unless they buy?'
SELECT c.name, s.tier, s.points, loyalty.expiring(h, rules, '1 month', :asof) AS "to expire",
       s.expiring_at::timestamp(0) AS "from"
FROM   shop.customer_history JOIN shop.customers c USING (customer_id), shop.programs p,
LATERAL loyalty.standing(h, rules, :asof) s
WHERE  p.name = 'today' AND s.points > 0
ORDER  BY "to expire" DESC, customer_id LIMIT 5;

\echo 'What did New Year do to the tiers?'
SELECT loyalty.tier(h, rules, '2025-12-31 23:59:59') AS "New Year's Eve",
       loyalty.tier(h, rules, '2026-01-01') AS "New Year's Day", count(*) AS members
FROM   shop.customer_history, shop.programs
WHERE  name = 'today'
GROUP  BY 1, 2
ORDER  BY members DESC;

\echo 'Seen from 1 December: who falls unless they buy, and for how little? The future is one argument.'
SELECT c.name, s.tier, loyalty.tier(past, rules, '2026-01-01') AS "at New Year",
       CASE s.tier WHEN 'VIB' THEN 350 ELSE 1000 END - s.qualifying AS missing
FROM   shop.customer_history JOIN shop.customers c USING (customer_id), shop.programs p,
LATERAL loyalty.until(h, '2025-12-01') past,
LATERAL loyalty.standing(past, rules, '2025-12-01') s
WHERE  p.name = 'today' AND s.tier <> loyalty.tier(past, rules, '2026-01-01')
ORDER  BY missing, customer_id LIMIT 5;

\echo 'What if? The candidate beside today''s rules, over the same four years.'
SELECT name AS program,
       count(*) FILTER (WHERE s.tier = 'VIB') AS "VIB",
       count(*) FILTER (WHERE s.tier = 'Rouge') AS "Rouge",
       round(avg(loyalty.profit(h)) FILTER (WHERE s.tier = 'Rouge'), 2) AS "profit per Rouge",
       sum(s.lifetime_points) AS "points issued",
       round(sum(loyalty.liability(h, rules, :asof)), 2) AS liability
FROM   shop.customer_history, shop.programs, LATERAL loyalty.standing(h, rules, :asof) s
GROUP  BY name
ORDER  BY name DESC;

\echo 'Whose past redemptions took more points than they would have had?'
SELECT name AS program, count(*) AS members,
       count(*) FILTER (WHERE loyalty.overdrawn(h, rules)) AS overdrawn
FROM   shop.customer_history, shop.programs
GROUP  BY name
ORDER  BY name DESC;

\echo 'One member''s statement: each entry says which rule made it.'
SELECT t.at::timestamp(0) AS at, t.entry, t.points, t.balance, t.tier, t.rule, t.ref
FROM   shop.customer_history, shop.programs, LATERAL loyalty.statement(h, rules, :asof) t
WHERE  customer_id = 790 AND name = 'today';
