-- The shop's paid club, a plan for advice as its add-on, and sample boxes by use. All answers are as of the end of 2025.
\set ON_ERROR_STOP on
\set asof '''2026-01-01'''
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.dice(key bigint, choice text) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashint8extended(key, hashtext(choice)) & 9007199254740991) / 9007199254740992.0::float8 $$;

-- A log of changes, as billing tools keep it: the next row of a subscription takes over.
CREATE TABLE shop.subscription_log (
	subscription_id bigint NOT NULL,
	customer_id     bigint NOT NULL REFERENCES shop.customers,
	changed_at      timestamptz NOT NULL,
	status          text NOT NULL CHECK (status IN ('trialing', 'active', 'canceled')),
	plan            text NOT NULL,
	price           numeric(10,2) NOT NULL,
	every           interval NOT NULL,
	ends_at         timestamptz                     -- if that is known: a trial's end, a cancellation to come
);
CREATE TABLE shop.sample_boxes (customer_id bigint NOT NULL REFERENCES shop.customers, sent_at timestamptz NOT NULL, boxes int NOT NULL);

-- Who has bought more tries the club more often, for thirty days; some go on by the month, some by the year; some cancel, some come back.
CREATE TEMP TABLE member AS
SELECT customer_id, customer_id AS key, began, pg_temp.dice(customer_id, 'yearly') < .35 AS yearly, pg_temp.dice(customer_id, 'goes on') < .7 AS stays,
       began + '30 days' + CASE WHEN pg_temp.dice(customer_id, 'yearly') < .35 THEN (1 + floor(2.5 * pg_temp.dice(customer_id, 'years'))::int) * interval '1 year'
                                ELSE (1 + floor(-14 * ln(1 - pg_temp.dice(customer_id, 'months')))::int) * interval '1 month' END AS ends
FROM  (SELECT customer_id, date_trunc('hour', joined_at + pg_temp.dice(customer_id, 'later') * interval '600 days') AS began FROM shop.customers) c
WHERE  began < '2025-12-01'
AND    pg_temp.dice(customer_id, 'club') < .2 * (SELECT least(count(*), 3) FROM shop.orders o WHERE o.customer_id = c.customer_id AND ordered_at < began);

INSERT INTO shop.subscription_log
SELECT key, customer_id, began, 'trialing', 'club', 0, interval '1 month', began + '30 days' FROM member
UNION ALL
SELECT key, customer_id, began + '30 days', CASE WHEN stays THEN 'active' ELSE 'canceled' END, 'club', CASE WHEN yearly THEN 49 ELSE 4.90 END,
       CASE WHEN yearly THEN interval '1 year' ELSE interval '1 month' END, CASE WHEN yearly THEN ends END FROM member
UNION ALL   -- the monthly price went up in 2025
SELECT key, customer_id, '2025-04-01'::timestamptz, 'active', 'club', 5.90, interval '1 month', NULL FROM member WHERE stays AND NOT yearly AND began + '30 days' < '2025-04-01' AND ends > '2025-04-01'
UNION ALL
SELECT key, customer_id, ends, 'canceled', 'club', 0, interval '1 month', NULL FROM member WHERE stays AND ends < '2026-01-01'
UNION ALL   -- who comes back takes a new subscription
SELECT 100000 + key, customer_id, ends + '100 days', 'active', 'club', 5.90, interval '1 month', NULL FROM member WHERE stays AND ends + '100 days' BETWEEN '2025-04-01' AND '2025-12-31' AND pg_temp.dice(key, 'back') < .25
UNION ALL
SELECT 200000 + key, customer_id, began + '75 days', 'active', 'advice', 9, interval '1 month', NULL FROM member WHERE stays AND ends > began + interval '75 days' AND pg_temp.dice(key, 'advice') < .2
UNION ALL
SELECT 200000 + key, customer_id, ends, 'canceled', 'advice', 0, interval '1 month', NULL FROM member WHERE stays AND ends > began + interval '75 days' AND ends < '2026-01-01' AND pg_temp.dice(key, 'advice') < .2;
DELETE FROM shop.subscription_log WHERE changed_at >= '2026-01-01';

INSERT INTO shop.sample_boxes
SELECT customer_id, began + n * interval '17 days 5 hours', 1 + floor(3 * pg_temp.dice(key * 100 + n, 'boxes'))::int
FROM   member, generate_series(2, 30) n WHERE stays AND began + n * interval '17 days 5 hours' < least(ends, '2026-01-01') AND pg_temp.dice(key * 100 + n, 'box') < .4;

\set ECHO queries

\echo
\echo 'The club. Its mapping: a row of the log is a subscription from then on, a box is use.'
\echo
CREATE VIEW shop.club_history AS
SELECT customer_id, loyalty.history(event) AS h
FROM  (SELECT customer_id, loyalty.subscription(changed_at, CASE status WHEN 'active' THEN price ELSE 0 END, every, plan => plan, ref => subscription_id,
                until => CASE status WHEN 'canceled' THEN changed_at ELSE ends_at END) AS event
       FROM   shop.subscription_log
       UNION  ALL
       SELECT customer_id, loyalty.usage(sent_at, 'sample box', boxes) FROM shop.sample_boxes) e
GROUP  BY customer_id;

\echo 'Monthly recurring revenue in the second half of 2025, and where it came from and went.'
SELECT m::date AS month, round(r.mrr_start) AS start, round(r.new) AS new, round(r.expansion) AS expansion, round(r.reactivation) AS back, round(r.contraction) AS contraction,
       round(r.churn) AS churn, round(r.mrr_end) AS end, r.customers_end AS customers, round(r.nrr, 3) AS nrr, round(r.logo_churn, 3) AS "logo churn"
FROM  (SELECT m, loyalty.mrr_report(h, tstzrange(m, m + interval '1 month')) AS r
       FROM   shop.club_history, generate_series('2025-07-01'::timestamptz, '2025-12-01', '1 month') m GROUP BY m) x, LATERAL (SELECT (r).*) r
ORDER  BY m;

\echo 'Of those who began to pay in each quarter of 2024, how many still pay, after so many quarters?'
SELECT to_char(loyalty.first_paid(h), 'YYYY "Q"Q') AS cohort, count(DISTINCT customer_id) AS customers,
       round(100 * avg((loyalty.mrr(h, loyalty.first_paid(h) + q * interval '3 months') > 0)::int) FILTER (WHERE q = 1)) AS "1",
       round(100 * avg((loyalty.mrr(h, loyalty.first_paid(h) + q * interval '3 months') > 0)::int) FILTER (WHERE q = 2)) AS "2",
       round(100 * avg((loyalty.mrr(h, loyalty.first_paid(h) + q * interval '3 months') > 0)::int) FILTER (WHERE q = 3)) AS "3",
       round(100 * avg((loyalty.mrr(h, loyalty.first_paid(h) + q * interval '3 months') > 0)::int) FILTER (WHERE q = 4)) AS "4"
FROM   shop.club_history, generate_series(1, 4) q
WHERE  loyalty.first_paid(h) >= '2024-01-01' AND loyalty.first_paid(h) < '2025-01-01'
GROUP  BY 1 ORDER BY 1;

\echo 'Who lapses in January, or is in a trial that ends then: write to them now.'
SELECT c.name, m.since::date, m.until::date, m.paying, m.term
FROM   shop.club_history JOIN shop.customers c USING (customer_id), LATERAL loyalty.membership(h, 'club', :asof, 'America/Los_Angeles') m
WHERE  m.member AND m.until < '2026-02-01'
ORDER  BY m.until, c.name LIMIT 5;

\echo 'What if the club cost 6.90 a month and 59 a year from now on, with three sample boxes a month for free instead of one?'
WITH tariff(today, planned) AS (VALUES (
  '{"tariff": "today", "timezone": "America/Los_Angeles", "plans": {"club": [{"every": "1 month", "fee": 5.90}, {"every": "1 year", "fee": 49}]},
    "meters": {"sample box": {"included": 1, "price": 1.50}}}'::loyalty.tariff,
  '{"tariff": "planned", "timezone": "America/Los_Angeles", "plans": {"club": [{"every": "1 month", "fee": 6.90}, {"every": "1 year", "fee": 59}]},
    "meters": {"sample box": {"included": 3, "price": 1.50}}}'::loyalty.tariff)),
billed AS (
  SELECT loyalty.billed(h, today, p) AS old, loyalty.billed(h, planned, p) AS new
  FROM   shop.club_history, tariff, (SELECT tstzrange('2025-12-01', '2026-01-01')) period(p))
SELECT sum(old) AS old, sum(new) AS new, count(*) FILTER (WHERE new > old) AS "pay more", count(*) FILTER (WHERE new < old) AS "pay less",
       max(new - old) AS worst, round(100 * (1 - sum(old) / sum(new)), 1) AS "may leave before it is a loss, %"
FROM   billed WHERE old > 0 OR new > 0;
