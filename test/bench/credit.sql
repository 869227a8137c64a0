-- Loans and their repayments, a seller with many sales, and the documents. psql variable: loans
\set ON_ERROR_STOP on
SELECT setseed(0.25) \g /dev/null

CREATE TABLE bench_credit.policies (name text PRIMARY KEY, policy loyalty.credit NOT NULL);
INSERT INTO bench_credit.policies
SELECT name, ('{"credit": "bench", "timezone": "America/Los_Angeles", "terms": [{"name": "a year", "interest": 0.12, "instalments": 12}, {"name": "share", "fee": 0.13, "share": 0.00001}],
	"limit": [{"of": "lowest month", "in": "12 months", "times": 2}, {"of": "sales", "in": "12 months", "times": 0.22}, {"amount": 750000}]}'::jsonb || rules)::loyalty.credit
FROM  (VALUES ('terms', '{}'::jsonb), ('none', '{"limit": [{"amount": 1000}]}'),
	('all', '{"qualify": {"tenure": "1 year", "sales": {"in": "12 months", "least": 100}, "orders": {"in": "12 months", "least": 3}, "profit": {"in": "12 months", "least": 20}, "refunds": {"in": "12 months", "most": 0.1},
		"growth": {"in": "12 months", "least": -0.2}, "profitable": "1 year", "repaid": 0.75}}'),
	('daily', '{"decide": "day", "valid": "1 year", "qualify": {"orders": {"in": "12 months", "least": 1000000}, "growth": {"in": "12 months", "least": 1000}, "profitable": "1 year"}}')) v (name, rules);

-- Each has paid what was due, now and then a month late.
CREATE TABLE bench_credit.advances AS
SELECT loan, timestamptz '2025-01-01 08:00+00' + random() * interval '330 days' AS at, (100 * (10 + floor(random() * 490)))::numeric(10,2) AS amount
FROM   generate_series(1, :loans) loan;
CREATE TABLE bench_credit.repayments AS
SELECT loan, at + k * interval '1 month' + CASE WHEN random() < 0.05 THEN interval '1 month' ELSE interval '0' END AS at, round(amount * 0.088849, 2)::numeric(10,2) AS amount
FROM   bench_credit.advances, generate_series(1, 11) k WHERE at + k * interval '1 month' < '2025-12-31' ORDER BY random();
CREATE TABLE bench_credit.loans AS
SELECT loan, loyalty.history(e) AS h
FROM  (SELECT loan, loyalty.advance(at, amount, ref => loan) AS e FROM bench_credit.advances UNION ALL SELECT loan, loyalty.repayment(at, amount, ref => loan) FROM bench_credit.repayments) x
GROUP  BY loan;

-- Sales of four years, one in ten of them sent back, under a share that they do not repay; a repayment each month.
CREATE TABLE bench_credit.sellers AS
SELECT n, (SELECT loyalty.history(CASE WHEN i % 10 = 0 THEN loyalty.refund(at, 5, ref => i - 1) ELSE loyalty.purchase(at, 10 + i % 90, 6, ref => i) END)
           FROM  (SELECT i, timestamptz '2022-01-01 00:00+00' + interval '4 years' * (i / n::float8) AS at FROM generate_series(1, n) i) s)
          OPERATOR(loyalty.||) loyalty.advance('2022-01-15 00:00+00', 500000, 'share', ref => 1)
          OPERATOR(loyalty.||) (SELECT loyalty.history(loyalty.repayment(timestamptz '2022-02-15 00:00+00' + k * interval '1 month', 1, ref => 1)) FROM generate_series(0, 40) k) AS h
FROM   unnest('{1000,10000,100000}'::int[]) n;
VACUUM (ANALYZE) bench_credit.advances, bench_credit.repayments, bench_credit.loans, bench_credit.sellers;
