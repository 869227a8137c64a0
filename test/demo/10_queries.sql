-- What a shop asks first. All answers are as of the end of 2025, so that they never change.
\set ON_ERROR_STOP on
\set asof '''2026-01-01'''
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';
\set ECHO queries

\echo
\echo 'Which customers earn us the most?'
SELECT c.name, loyalty.orders(h) AS orders, loyalty.revenue(h) AS revenue, loyalty.cost(h) AS cost,
       loyalty.profit(h) AS profit, round(100 * loyalty.margin(h)) AS "margin %"
FROM   shop.customer_history JOIN shop.customers c USING (customer_id)
ORDER  BY profit DESC LIMIT 5;

\echo 'And which cost us the most? They bought, too; but returns, parcels and support took more.'
SELECT c.name, loyalty.orders(h) AS orders,
       loyalty.gross_revenue(h) AS bought, loyalty.refunded(h) AS "sent back",
       loyalty.cost(h, 'shipping') AS shipping, loyalty.cost(h, 'support') AS support,
       loyalty.cost(h, 'acquisition') AS acquisition, loyalty.profit(h) AS profit
FROM   shop.customer_history JOIN shop.customers c USING (customer_id)
ORDER  BY profit LIMIT 5;

\echo 'Which channels bring customers who pay back what it cost to win them, and how soon?'
SELECT a.channel, count(*) AS customers, sum(p.revenue) AS revenue,
       sum(loyalty.cost(h, 'acquisition')) AS acquisition, sum(p.profit) AS profit,
       round(avg(p.profit), 2) AS each,
       round(100.0 * count(p.payback) / count(*)) AS "paid back %",
       extract(days FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY p.payback - c.joined_at))
         AS "median days"
FROM   shop.customer_history
JOIN   shop.customers c USING (customer_id)
JOIN   shop.acquisitions a USING (customer_id),
LATERAL loyalty.profitability(h) p
WHERE  a.cost > 0
GROUP  BY a.channel
ORDER  BY profit DESC;

\echo 'Who used to earn us money, but has been losing us money over a trailing year, and since when?'
SELECT c.name, loyalty.profit(loyalty.until(h, '2024-12-31 23:59:59')) AS "profit until 2024",
       loyalty.profit(loyalty.during(h, tstzrange('2025-01-01', '2026-01-01'))) AS "in 2025",
       loyalty.unprofitable_since(h, '1 year', :asof, 'America/Los_Angeles')::date
         AS "losing since",
       loyalty.last_purchase(h)::date AS "last purchase"
FROM   shop.customer_history JOIN shop.customers c USING (customer_id)
WHERE  loyalty.unprofitable_since(h, '1 year', :asof, 'America/Los_Angeles') IS NOT NULL
ORDER  BY "profit until 2024" DESC LIMIT 5;

\echo 'What is in a history? All that happened with this one customer; events() takes it apart again.'
SELECT e.at::timestamp(0) AS at, e.kind, e.amount, e.cost, e.points, e.name, e.tags, e.ref
FROM   shop.customer_history, loyalty.events(h) e
WHERE  customer_id = 304;

\echo 'How did each year''s newcomers spend in each year? during() cuts a history.'
SELECT date_part('year', c.joined_at) AS joined, count(*) AS customers,
       sum(loyalty.revenue(loyalty.during(h, tstzrange('2022-01-01', '2023-01-01')))) AS "2022",
       sum(loyalty.revenue(loyalty.during(h, tstzrange('2023-01-01', '2024-01-01')))) AS "2023",
       sum(loyalty.revenue(loyalty.during(h, tstzrange('2024-01-01', '2025-01-01')))) AS "2024",
       sum(loyalty.revenue(loyalty.during(h, tstzrange('2025-01-01', '2026-01-01')))) AS "2025"
FROM   shop.customer_history JOIN shop.customers c USING (customer_id)
GROUP  BY joined ORDER BY joined;

\echo 'Time travel: how many customers had earned more than they cost, at the end of each year?'
SELECT y.ended::date, count(*) AS customers,
       count(*) FILTER (WHERE loyalty.profit(past) > 0) AS profitable,
       sum(loyalty.profit(past)) AS "profit so far"
FROM   shop.customer_history,
       generate_series(timestamptz '2022-12-31 23:59:59', '2025-12-31 23:59:59', '1 year') y(ended),
LATERAL loyalty.until(h, y.ended) AS past
WHERE  loyalty.first_purchase(past) IS NOT NULL
GROUP  BY y.ended ORDER BY y.ended;
