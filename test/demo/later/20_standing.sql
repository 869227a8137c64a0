-- Programs: what the shop promises, folded over the same histories.
\set ON_ERROR_STOP on
\set asof '''2026-01-01 00:00-08'''
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';

DROP TABLE IF EXISTS shop.programs;
\set ECHO queries
CREATE TABLE shop.programs (name text PRIMARY KEY, rules loyalty.program NOT NULL);

-- today's rules, and a candidate: dearer tiers, points on the web and in the app only, and no bonus for joining
INSERT INTO shop.programs VALUES
('today', '{
  "program":  "beauty",
  "timezone": "America/Los_Angeles",
  "earn":     [ {"points": 1, "per": 1.00} ],
  "multiply": [ {"by": {"VIB": 1.25, "Rouge": 1.5}} ],
  "bonus":    [ {"on": "joined", "points": 100}, {"on": "review", "points": 10, "times": 5, "per": "month"}, {"on": "referred", "points": 200} ],
  "hold":     {"for": "14 days"},
  "expire":   [ {"kind": "inactivity", "after": "12 months"} ],
  "redeem":   {"minimum": 500, "step": 500, "value": 0.02},
  "tiers":    {"by": "spend", "window": "calendar year", "valid": "1 year after window",
               "levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 350}, {"name": "Rouge", "at": 1000}]}
}'),
('candidate', '{
  "program":  "beauty",
  "timezone": "America/Los_Angeles",
  "earn":     [ {"points": 1, "per": 1.00, "where": {"any": ["web", "app", "discount"]}} ],
  "multiply": [ {"by": {"VIB": 1.5, "Rouge": 2}} ],
  "bonus":    [ {"on": "review", "points": 10, "times": 5, "per": "month"}, {"on": "referred", "points": 200} ],
  "hold":     {"for": "14 days"},
  "expire":   [ {"kind": "age", "after": "12 months", "snap": "month"} ],
  "redeem":   {"minimum": 500, "step": 500, "value": 0.02},
  "tiers":    {"by": "profit", "window": "12 months", "valid": "12 months",
               "levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 200}, {"name": "Rouge", "at": 600}]}
}');

\echo 'How many members hold each tier, what are their open points worth, and what do we earn with them?'
SELECT s.tier, count(*) AS members, sum(s.points) AS points, sum(s.pending) AS pending,
       round(sum(loyalty.liability(h, p.rules, :asof)), 2) AS liability, sum(loyalty.profit(h)) AS profit
FROM   shop.customer_history, shop.programs p, LATERAL loyalty.standing(h, p.rules, :asof) s
WHERE  p.name = 'today'
GROUP  BY s.tier ORDER BY members DESC;

\echo 'Who loses most points next month, unless they buy?'
SELECT c.name, s.tier, s.points, loyalty.expiring(h, p.rules, '1 month', :asof) AS "dies next month", s.expiring_at
FROM   shop.customer_history JOIN shop.customers c USING (customer_id), shop.programs p, LATERAL loyalty.standing(h, p.rules, :asof) s
WHERE  p.name = 'today' AND loyalty.expiring(h, p.rules, '1 month', :asof) > 0
ORDER  BY "dies next month" DESC, c.customer_id LIMIT 5;

\echo 'Whom will next New Year take down, if they buy nothing more? The future is one argument.'
SELECT loyalty.tier(h, p.rules, :asof) AS "now", loyalty.tier(h, p.rules, '2027-01-01 00:00-08') AS "in a year", count(*) AS members
FROM   shop.customer_history, shop.programs p
WHERE  p.name = 'today'
GROUP  BY 1, 2 ORDER BY 1, 2;

\echo 'What if? The candidate beside today''s rules, over the same four years.'
SELECT p.name AS program, count(*) FILTER (WHERE s.tier = 'VIB') AS "VIB", count(*) FILTER (WHERE s.tier = 'Rouge') AS "Rouge",
       round(avg(loyalty.profit(h)) FILTER (WHERE s.tier = 'Rouge'), 2) AS "profit per Rouge",
       sum(s.lifetime_points) AS "points issued", round(sum(loyalty.liability(h, p.rules, :asof)), 2) AS liability
FROM   shop.customer_history, shop.programs p, LATERAL loyalty.standing(h, p.rules, :asof) s
GROUP  BY p.name ORDER BY p.name DESC;

\echo 'One member''s statement: every entry says which rule made it.'
SELECT s.at::timestamp(0) AS at, s.entry, s.points, s.balance, s.tier, s.rule, s.ref
FROM   shop.customer_history, shop.programs p, LATERAL loyalty.statement(h, p.rules, :asof) s
WHERE  customer_id = 790 AND p.name = 'today';
