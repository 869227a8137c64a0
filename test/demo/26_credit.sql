-- The shop lends to its best customers, for a bigger order or a sunlamp: whom, how much, and how it went. As of the end of 2025.
\set ON_ERROR_STOP on
\set asof '''2026-01-01 12:00'''
SET client_min_messages = warning;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO, YMD';

CREATE FUNCTION pg_temp.dice(key bigint, choice text) RETURNS float8 IMMUTABLE LANGUAGE sql AS
$$ SELECT (hashint8extended(key, hashtext(choice)) & 9007199254740991) / 9007199254740992.0::float8 $$;

CREATE TABLE shop.advances (
	advance_id  bigint PRIMARY KEY,
	customer_id bigint NOT NULL REFERENCES shop.customers,
	paid_at     timestamptz NOT NULL,
	amount      numeric(10,2) NOT NULL CHECK (amount > 0),
	terms       text NOT NULL
);
CREATE TABLE shop.repayments (advance_id bigint NOT NULL REFERENCES shop.advances, received_at timestamptz NOT NULL, amount numeric(10,2) NOT NULL);
CREATE TABLE shop.write_offs (advance_id bigint NOT NULL REFERENCES shop.advances, decided_at timestamptz NOT NULL);

\set ECHO queries

\echo
\echo 'Who may borrow, how much and on which terms, as a document.'
\echo
CREATE TABLE shop.credit_policy (policy loyalty.credit NOT NULL);
INSERT INTO shop.credit_policy VALUES ('{
  "credit":   "best customers",
  "timezone": "America/Los_Angeles",
  "qualify":  {"tenure": "1 year", "sales": {"in": "12 months", "least": 500}, "refunds": {"in": "12 months", "most": 0.2}, "profitable": "1 year", "repaid": 0.75},
  "limit":    [ {"of": "sales", "in": "12 months", "times": 0.5}, {"of": "profit", "in": "12 months", "times": 3}, {"amount": 1500} ],
  "minimum":  100, "step": 50, "pay_out": {"working_days": 2, "holidays": ["2026-01-01"]},
  "terms":    [ {"name": "half a year", "interest": 0.12, "instalments": 6}, {"name": "a year", "fee": 0.05, "instalments": 12, "needs": {"sales": {"in": "12 months", "least": 800}}} ],
  "loss":     {"given_default": 0.6, "probability": [ ["0 days", 0.02], ["30 days", 0.25], ["90 days", 0.8] ]}
}');

\set ECHO none
-- Some of those to whom it was offered in the spring of 2025 took it; most pay each month, some stop.
INSERT INTO shop.advances
SELECT 1000 + row_number() OVER (ORDER BY customer_id), customer_id, t, o.amount, o.terms[1 + floor(cardinality(o.terms) * pg_temp.dice(customer_id, 'terms'))::int]
FROM   shop.customer_history, shop.credit_policy, LATERAL (SELECT '2025-03-01 10:00'::timestamptz + pg_temp.dice(customer_id, 'when') * interval '120 days') w(t), LATERAL loyalty.offer(h, policy, t) o
WHERE  o.qualified AND pg_temp.dice(customer_id, 'borrows') < .5;
INSERT INTO shop.repayments
SELECT a.advance_id, i.due_at + interval '9 hours' + CASE WHEN pg_temp.dice(a.advance_id * 100 + i.k, 'late') < .1 THEN interval '12 days' ELSE interval '0' END, i.payment
FROM   shop.advances a, shop.credit_policy, LATERAL loyalty.instalments(policy, a.amount, a.paid_at, a.terms) i
WHERE  i.due_at < '2025-12-15' AND i.k <= CASE WHEN pg_temp.dice(a.advance_id, 'stops') < .25 THEN 1 + floor(4 * pg_temp.dice(a.advance_id, 'after'))::int ELSE 12 END;
INSERT INTO shop.write_offs
SELECT advance_id, '2025-12-01' FROM shop.advances WHERE pg_temp.dice(advance_id, 'stops') < .25 AND pg_temp.dice(advance_id, 'after') < .5;
\set ECHO queries

\echo
\echo 'Advances and repayments are events of the same histories.'
\echo
CREATE VIEW shop.credit_history AS
SELECT customer_id, loyalty.history(event) AS h
FROM  (SELECT customer_id, event FROM shop.customer_event
       UNION ALL SELECT customer_id, loyalty.advance(paid_at, amount, terms, ref => advance_id) FROM shop.advances
       UNION ALL SELECT customer_id, loyalty.repayment(r.received_at, r.amount, ref => r.advance_id) FROM shop.repayments r JOIN shop.advances USING (advance_id)
       UNION ALL SELECT customer_id, loyalty.activity(w.decided_at, 'written off', ref => w.advance_id) FROM shop.write_offs w JOIN shop.advances USING (advance_id)) e
GROUP  BY customer_id;

\echo 'Whom to write to: the five largest offers in force.'
SELECT c.name, o.amount, o.terms, o.valid_until::date, o.pay_by
FROM   shop.credit_history JOIN shop.customers c USING (customer_id), shop.credit_policy, LATERAL loyalty.offer(h, policy, :asof) o
WHERE  o.qualified ORDER BY o.amount DESC, c.name LIMIT 5;

\echo 'Who only lacks some sales, and how much.'
SELECT c.name, (o.figures #>> '{sales,asked}')::numeric - (o.figures #>> '{sales,there}')::numeric AS "more in sales"
FROM   shop.credit_history JOIN shop.customers c USING (customer_id), shop.credit_policy, LATERAL loyalty.offer(h, policy, :asof) o
WHERE  o.reasons = '{sales}' ORDER BY 2, 1 LIMIT 5;

\echo 'One loan: its plan, and what has come.'
SELECT l.ref, i.k, i.due_at::date AS due, i.payment, i.interest, i.principal, i.balance, least(i.payment, greatest(l.repaid - (sum(i.payment) OVER (ORDER BY i.k) - i.payment), 0)) AS paid
FROM   shop.credit_history, shop.credit_policy, LATERAL loyalty.loans(h, policy, :asof) l, LATERAL loyalty.instalments(policy, l.amount, l.at, l.terms) i
WHERE  l.ref = (SELECT min(advance_id)::text FROM shop.advances) ORDER BY i.k;

\echo 'What to debit today.'
SELECT count(*) AS customers, sum(due) AS debit, max(due) AS largest
FROM   shop.credit_history, shop.credit_policy, LATERAL loyalty.due(h, policy, :asof) due WHERE due > 0;

\echo 'The portfolio on one line.'
SELECT count(*) AS loans, sum(l.amount) AS lent, sum(l.principal) AS exposure, sum(l.overdue) AS overdue, count(*) FILTER (WHERE l.state = 'default') AS "in default",
       sum(l.expected_loss) AS "expected loss", sum(l.written_off) AS "written off", round(sum(l.written_off) / sum(l.amount), 3) AS "loss rate"
FROM   shop.credit_history, shop.credit_policy, LATERAL loyalty.loans(h, policy, :asof) l;
