-- What does the club bring? Members beside customers who had not joined yet, over histories alone.
\set ON_ERROR_STOP on
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';
\set ECHO queries

\echo
\echo '"Members spend more than twice as much": what customers have bought so far, who ever joined beside the rest.'
\echo
SELECT customer_id IN (SELECT customer_id FROM shop.club_history) AS member, count(*) AS customers, round(avg(loyalty.revenue(h)), 2) AS "bought so far"
FROM   shop.customer_history
GROUP  BY 1 ORDER BY 1 DESC;

\echo 'Who joins bought more before. What is left of it, four ways: joiners of each month, their half year after it and before it, beside'
\echo 'customers who had not joined yet; profit, matched by month and by what they bought before. The club costs 2,000.'
\echo
SELECT r.way, r.reading, r.members, r.others, round(r.difference::numeric, 2) AS difference, round(r.ratio::numeric, 2) AS ratio,
       round(r.low::numeric, 2) AS low, round(r.high::numeric, 2) AS high, round(r.gain::numeric) AS gain, round(r.gain_low::numeric) AS "at worst", round(r.gain_high::numeric) AS "at best"
FROM  (SELECT loyalty.effect(coalesce(c.joined < m + interval '1 month', false),
                loyalty.profit(loyalty.during(h, tstzrange(m + interval '1 month', m + interval '7 months'))), loyalty.profit(loyalty.during(h, before)),
                concat_ws(' ', m::date, width_bucket(loyalty.revenue(loyalty.during(h, before)), ARRAY[1, 25, 50, 100, 200]::numeric[]))) AS e
       FROM  (SELECT h, (SELECT min(changed_at) FROM shop.subscription_log l WHERE l.customer_id = s.customer_id AND plan = 'club') AS joined FROM shop.customer_history s) c,
              generate_series(timestamptz '2022-09-01', '2025-05-01', '1 month') m, LATERAL (SELECT tstzrange(m - interval '6 months', m) AS before) b
       WHERE  loyalty.first_purchase(h) < lower(before)
       AND   (joined >= m AND joined < m + interval '1 month' OR joined >= m + interval '7 months' OR joined IS NULL)) x,
       LATERAL loyalty.report(e, cost => 2000) r;

\echo 'How many customers would a fair test take, to see 5 more of profit in half a year?'
SELECT round(sd, 2) AS "standard deviation", round(correlation::numeric, 2) AS correlation, s.holdout AS "in each of two halves"
FROM  (SELECT stddev(profit) AS sd, corr(profit, before) AS correlation
       FROM  (SELECT loyalty.profit(loyalty.during(h, '[2025-07-01, 2026-01-01)')) AS profit, loyalty.profit(loyalty.during(h, '[2025-01-01, 2025-07-01)')) AS before FROM shop.customer_history) p) x,
       LATERAL loyalty.sample_size(sd::float8, 5, correlation => correlation) s;
