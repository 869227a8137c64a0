-- credit: who is offered money, on which terms, and what is owed

\pset null 'null'
\i test/error.sql

--
-- The document: keys in order, defaults left out
--

select '{"terms": [{"instalments": 12, "interest": 0.120, "every": "1 month", "name": "a year", "residual": 0, "needs": {"profit": {"least": 5000, "in": "12 months"}}}, {"name": "share", "share": 0.1, "fee": 0.13, "minimum": {"per": "60 days", "part": 0.1}, "from": "2025-01-01", "until": "2026-01-01"},
		{"name": "weekly", "instalments": 5, "every": "1 week", "first": "7 days", "interest": 0}, {"name": "later", "instalments": 5, "first": "1 month", "fee": 0}, {"name": "machine", "interest": 0, "residual": 0.25, "instalments": 2, "first": "0 days"}],
	"timezone": "America/Los_Angeles", "credit": "stock", "decimals": 2, "decide": "month", "valid": "30 days", "grace": "1 day", "default": "90 days", "step": 0.01, "minimum": 0,
	"qualify": {"repaid": 1, "profitable": "6 months", "growth": {"in": "3 months", "least": -0.1}, "refunds": {"most": 0.1, "in": "12 months"}, "orders": {"in": "4 weeks", "least": 3}, "sales": {"in": "12 months", "least": 10000}, "tenure": "1 year", "profit": {"in": "1 month", "least": -5}},
	"limit": [{"times": 2, "of": "lowest month", "in": "12 months"}, {"of": "sales", "in": "12 months", "times": 0.22}, {"of": "profit", "in": "90 days", "times": 1}, {"amount": 750000}],
	"pay_out": {"working_days": 5, "holidays": ["2026-12-25", "2026-01-01", "2026-12-25"]}, "loss": {"given_default": 0.45, "probability": [["0 days", 0.02], ["30 days", 0.25], ["90 days", 1]]}}'::loyalty.credit as c \gset
select :'c' as credit;
-- The same, however it was written; through jsonb, json, binary form
select :'c'::loyalty.credit operator(loyalty.=) :'c'::jsonb::loyalty.credit as jsonb, :'c'::loyalty.credit operator(loyalty.=) :'c'::json::loyalty.credit as json, :'c'::loyalty.credit::text = :'c' as text, jsonb_typeof(to_jsonb(x) -> 'c') from (select :'c'::loyalty.credit as c) x;
select '{"credit": "c", "timezone": "UTC", "decimals": 0, "decide": "day", "valid": "1 year", "qualify": {"repaid": 0}, "minimum": 5, "step": 10, "pay_out": {"working_days": 1, "holidays": []}, "grace": "0 days", "default": "0 days", "terms": [{"name": "t", "share": 1}]}'::loyalty.credit;

-- What is wrong is refused, with its place and what would be right
create procedure pg_temp.refused(inout part text) language plpgsql as $$ begin call pg_temp.error(format('select %L::loyalty.credit', '{"credit": "c", "timezone": "UTC", ' || part || case when part like '%"terms"%' then '' else ', "terms": [{"name": "t", "share": 1}]' end || '}')); part := null; end $$;
call pg_temp.error($$select '{"timezone": "UTC", "terms": [{"name": "t", "share": 1}]}'::loyalty.credit$$);
call pg_temp.error($$select '{"credit": "c", "terms": [{"name": "t", "share": 1}]}'::loyalty.credit$$);
call pg_temp.error($$select '{"credit": "c", "timezone": "UTC"}'::loyalty.credit$$);
call pg_temp.error($$select '{"credit": "c", "timezone": "Berlin", "terms": [{"name": "t", "share": 1}]}'::loyalty.credit$$);
call pg_temp.error($$select '[]'::loyalty.credit$$);
call pg_temp.error($$select '{"credit": "c", "timezone": "UTC", "terms": [{"name": "t", "share": 1}]'::loyalty.credit$$);
do $$
declare
	part text;
begin
	foreach part in array array[
		'"limits": []', '"decimals": 7', '"decide": "year"', '"decide": 1', '"valid": "0 days"', '"valid": "13 months"', '"valid": "366 days"', '"valid": "36 hours"', '"grace": "1 hour"', '"default": 90', '"minimum": -1', '"step": 0', '"step": 0.001',
		'"qualify": []', '"qualify": {"tenur": "1 year"}', '"qualify": {"tenure": "a year"}', '"qualify": {"sales": 5}', '"qualify": {"sales": {"least": 5}}', '"qualify": {"sales": {"in": "0 days", "least": 5}}', '"qualify": {"sales": {"in": "1 year", "most": 5}}', '"qualify": {"sales": {"in": "1 year"}}',
		'"qualify": {"sales": {"in": "1 year", "least": -5}}', '"qualify": {"refunds": {"in": "1 year", "least": 5}}', '"qualify": {"profitable": "0 days"}', '"qualify": {"repaid": 1.1}', '"qualify": {"repaid": "all"}', '"qualify": {"sales": {"in": "1 year", "least": 1.1234567}}',
		'"limit": []', '"limit": {"amount": 5}', '"limit": [5]', '"limit": [{}]', '"limit": [{"of": "orders", "in": "1 year", "times": 1}]', '"limit": [{"of": "sales", "times": 1}]', '"limit": [{"of": "sales", "in": "1 year"}]', '"limit": [{"of": "sales", "in": "1 year", "times": 0}]',
		'"limit": [{"amount": 5, "times": 2}]', '"limit": [{"amount": -5}]', '"limit": [{"of": "lowest month", "in": "30 days", "times": 1}]', '"limit": [{"of": "lowest month", "in": "121 months", "times": 1}]',
		'"pay_out": 5', '"pay_out": {}', '"pay_out": {"working_days": 0}', '"pay_out": {"working_days": 367}', '"pay_out": {"working_days": 5, "holidays": "2026-12-25"}', '"pay_out": {"working_days": 5, "holidays": ["2026-02-29"]}', '"pay_out": {"working_days": 5, "holidays": ["2026-12-25 12:00"]}',
		'"terms": []', '"terms": {}', '"terms": [5]', '"terms": [{"share": 1}]', '"terms": [{"name": "t"}]', '"terms": [{"name": "", "share": 1}]', '"terms": [{"name": "t", "share": 1}, {"name": "t", "instalments": 1}]', '"terms": [{"name": "t", "share": 1, "instalments": 3}]', '"terms": [{"name": "t", "share": 0}]', '"terms": [{"name": "t", "share": 1.5}]',
		'"terms": [{"name": "t", "share": 1, "interest": 0}]', '"terms": [{"name": "t", "share": 1, "every": "1 month"}]', '"terms": [{"name": "t", "share": 1, "first": "0 days"}]', '"terms": [{"name": "t", "share": 1, "residual": 0.1}]', '"terms": [{"name": "t", "share": 1, "fee": -0.1}]', '"terms": [{"name": "t", "share": 1, "minimum": 0.1}]',
		'"terms": [{"name": "t", "share": 1, "minimum": {"part": 0.1}}]', '"terms": [{"name": "t", "share": 1, "minimum": {"part": 2, "per": "60 days"}}]', '"terms": [{"name": "t", "share": 1, "minimum": {"part": 0.1, "per": "0 days"}}]',
		'"terms": [{"name": "t", "instalments": 0}]', '"terms": [{"name": "t", "instalments": 601}]', '"terms": [{"name": "t", "instalments": 2.5}]', '"terms": [{"name": "t", "instalments": 3, "fee": 0.1, "interest": 0.1}]', '"terms": [{"name": "t", "instalments": 3, "interest": 100.5}]', '"terms": [{"name": "t", "instalments": 3, "interest": -1}]',
		'"terms": [{"name": "t", "instalments": 3, "every": "1 month 3 days"}]', '"terms": [{"name": "t", "instalments": 3, "every": "0 days"}]', '"terms": [{"name": "t", "instalments": 3, "first": "1 month 3 days"}]', '"terms": [{"name": "t", "instalments": 3, "residual": 0.1}]', '"terms": [{"name": "t", "instalments": 3, "fee": 0.1, "residual": 0.1}]',
		'"terms": [{"name": "t", "instalments": 3, "interest": 0.1, "residual": 1}]', '"terms": [{"name": "t", "instalments": 3, "minimum": {"part": 0.1, "per": "60 days"}}]', '"terms": [{"name": "t", "share": 1, "needs": {"repaid": 1}}]', '"terms": [{"name": "t", "share": 1, "from": "2026-01-01 12:00"}]', '"terms": [{"name": "t", "share": 1, "from": "2026-01-01", "until": "2026-01-01"}]',
		'"loss": {}', '"loss": {"given_default": 2, "probability": [["0 days", 1]]}', '"loss": {"given_default": 1}', '"loss": {"given_default": 1, "probability": []}', '"loss": {"given_default": 1, "probability": [["1 day", 1]]}', '"loss": {"given_default": 1, "probability": [["0 days", 1.5]]}', '"loss": {"given_default": 1, "probability": [["0 days"]]}',
		'"loss": {"given_default": 1, "probability": [["0 days", 0.1], ["30 days", 0.2], ["1 month", 0.3]]}', '"decimals": 2, "decimals": 3']
	loop
		raise info '%', part;
		call pg_temp.refused(part);
	end loop;
end $$;

--
-- Plans
--

select '{"credit": "c", "timezone": "UTC", "terms": [{"name": "a year", "interest": 0.12, "instalments": 12}, {"name": "three years", "interest": 0.0999, "instalments": 36}, {"name": "three", "interest": 0.1, "instalments": 3},
	{"name": "machine", "interest": 0.06, "instalments": 36, "residual": 0.166667}, {"name": "machine, in advance", "interest": 0.06, "instalments": 36, "residual": 0.166667, "first": "0 days"}, {"name": "fee", "fee": 0.1, "instalments": 3},
	{"name": "later", "interest": 0.365, "instalments": 3, "every": "10 days", "first": "2 months"}, {"name": "free", "instalments": 3}, {"name": "free machine", "interest": 0, "instalments": 3, "residual": 0.1, "first": "0 days"}, {"name": "once", "interest": 0.12, "instalments": 1, "every": "1 year"},
	{"name": "dear", "interest": 100, "instalments": 600, "every": "12000 months"}, {"name": "thirty years", "interest": 0.05, "instalments": 360}, {"name": "share", "fee": 0.13, "share": 0.1}, {"name": "interest free share", "share": 0.1}]}'::loyalty.credit as c \gset
\pset tuples_only
-- 10,000 at 12 %, a year: 888.49 eleven times, then 888.47
select k, due_at::date, payment, interest, principal, balance from loyalty.instalments(:'c', 10000, '2025-01-15');
-- 100,000 at 9.99 %, three years: 3,226.25; 1,000 at 10 %, three months: 338.90, 338.90, 338.91
select payment, count(*) from loyalty.instalments(:'c', 100000, '2025-01-15', 'three years') group by 1 order by 2 desc;
select array_agg(payment order by k) from loyalty.instalments(:'c', 1000, '2025-01-15', 'three');
-- A machine of 3,000 with a buy-out of 500: the last row comes with the last instalment; in advance a period later
select t, k, due_at::date, payment, interest, principal, balance from unnest('{machine,"machine, in advance"}'::text[]) t, loyalty.instalments(:'c', 3000, '2025-01-15', t) where k in (1, 2, 36, 37);
-- A fee comes back with each payment; month ends keep their day; a first date of its own is where the others are counted from
select k, due_at::date, payment, interest, principal, balance from loyalty.instalments(:'c', 100, '2025-01-31', 'fee');
select k, due_at::date, payment, interest, principal, balance from loyalty.instalments(:'c', 100, '2024-12-31', 'later');
-- Free of interest: the last pays the rest; what is not money to the cent stays with it; no payment exceeds what is left
select t, a, array_agg(payment order by k), array_agg(interest order by k) from unnest('{free,free machine}'::text[]) t, unnest('{100,100.005,0.01,0.02,0.04}'::numeric[]) a, loyalty.instalments(:'c', a, '2025-01-15', t) group by 1, 2 order by 1, 2;
-- Half a cent is rounded up, exactly
select payment from loyalty.instalments(:'c', 100.125, '2025-01-15', 'once') union all select payment from loyalty.instalments(:'c', 0.04, '2025-01-15', 'once') union all select payment from loyalty.instalments(:'c', 0.05, '2025-01-15', 'once') order by 1 desc;
-- Thirty years of 1,000,000: 5,368.22
select payment, count(*) from loyalty.instalments(:'c', 1000000, '2025-01-15', 'thirty years') group by 1 order by 2 desc;
-- No plan of a share; NULLs
select count(*) from loyalty.instalments(:'c', 5000, '2025-01-15', 'share');
select (select count(*) from loyalty.instalments(null, 5000, '2025-01-15')), (select count(*) from loyalty.instalments(:'c', null, '2025-01-15')), (select count(*) from loyalty.instalments(:'c', 5000, null));
select count(*) from loyalty.instalments(:'c', 5000);
\pset tuples_only off
call pg_temp.error(format('select * from loyalty.instalments(%L, 100, %L, %L)', :'c', '2025-01-15', 'two years'));
call pg_temp.error(format('select * from loyalty.instalments(%L, 0, %L)', :'c', '2025-01-15'));
call pg_temp.error(format('select * from loyalty.instalments(%L, 1e12, %L)', :'c', '2025-01-15'));
call pg_temp.error(format('select * from loyalty.instalments(%L, 100, %L)', :'c', 'infinity'));
call pg_temp.error(format('select * from loyalty.instalments(%L, 999999999999, %L, %L)', :'c', '2025-01-15', 'dear'));

-- What it costs a year
select t, round(loyalty.annual_rate(:'c', 5000, '2025-01-15', t, 1000)::numeric, 3) as rate from unnest('{a year,fee,free,machine,"machine, in advance",share,interest free share}'::text[]) t;
select loyalty.annual_rate(:'c', 5000, '2025-01-15', 'share') as unsaid, loyalty.annual_rate(:'c', 5000, '2025-01-15', 'share', 0) as "nothing", loyalty.annual_rate(:'c', 5000, '2025-01-15', 'share', 15.48) is not null as "in ten years", loyalty.annual_rate(:'c', 5000, '2025-01-15', 'share', 15.47) as "not in ten years",
	loyalty.annual_rate(null, 5000, '2025-01-15'), loyalty.annual_rate(:'c', null, '2025-01-15'), loyalty.annual_rate(:'c', 5000, null), round(loyalty.annual_rate(:'c', 5000)::numeric, 2) as now;
call pg_temp.error(format('select loyalty.annual_rate(%L, 100, %L, %L)', :'c', '2025-01-15', 'two years'));
call pg_temp.error(format('select loyalty.annual_rate(%L, 100, %L, %L, %L)', :'c', '2025-01-15', 'share', 'NaN'));

-- The rate of any payments
select loyalty.xirr(a, d) from (values (-100, '2025-01-01'::date), (110, '2025-02-01')) v(a, d);
select round(loyalty.xirr(a, d order by a)::numeric, 10) as sorted, loyalty.xirr(a, d order by a) = loyalty.xirr(a, d order by d desc) as whatever_the_order from (values (-1000.5, '2024-01-01'::date), (500, '2024-06-01'), (null, '2024-06-02'), (5, null), (400.25, '2025-01-15'), (200.25, '2025-01-15'), (0.000000001, '2023-12-31')) v(a, d);
-- One sign, one day, a day that sums up to nothing, no row: none; nor if what came in on the first day was more than went out
select loyalty.xirr(a, d) from (values (5, '2025-01-01'::date), (6, '2025-02-01')) v(a, d);
select loyalty.xirr(a, d) from (values (5, '2025-01-01'::date), (-6, '2025-01-01')) v(a, d);
select loyalty.xirr(a, d) from (values (5, '2025-01-01'::date), (-5, '2025-01-01'), (7, '2025-02-01'), (-7, '2025-02-01')) v(a, d);
select loyalty.xirr(a, d) from (values (-5, '2025-01-01'::date), (7, '2025-01-01'), (7, '2025-02-01')) v(a, d);
select loyalty.xirr(1, '2025-01-01'::date) where false;
-- Two roots, one that is touched, none; near -1; beyond all numbers
select round(loyalty.xirr(a, d)::numeric, 6) in (0.1, 0.2) as one_of_two from (values (-100, '2025-01-01'::date), (230, '2026-01-01'), (-132, '2027-01-01')) v(a, d);
select round(loyalty.xirr(a, d)::numeric, 10) as touched from (values (-100, '2025-01-01'::date), (220, '2026-01-01'), (-121, '2027-01-01')) v(a, d);
select loyalty.xirr(a, d) as none from (values (-100, '2025-01-01'::date), (200, '2026-01-01'), (-121, '2027-01-01')) v(a, d);
select loyalty.xirr(a, d) as lost, loyalty.xirr(-a, d) as turned from (values (-100, '2025-01-01'::date), (1, '2026-01-01')) v(a, d);
select loyalty.xirr(a, d) as beyond from (values (-1, '2025-01-01'::date), (1000, '2025-01-02')) v(a, d);
call pg_temp.error($$select loyalty.xirr('NaN', '2025-01-01')$$);
call pg_temp.error($$select loyalty.xirr(1, 'infinity')$$);
call pg_temp.error($$select loyalty.xirr_add(null, 1, '2025-01-01')$$);
call pg_temp.error($$select loyalty.xirr_combine('\x00', '\x01')$$);
call pg_temp.error($$select loyalty.xirr_final('\x00')$$);

--
-- Loans
--

create function pg_temp.h(variadic events loyalty.event[]) returns loyalty.history language sql as $$ select coalesce(loyalty.history(e), '[]') from unnest(events) e $$;
-- Owed on 31 January: the amount and 16 of 31 days of the next row's interest
select loyalty.owed(pg_temp.h(loyalty.advance('2025-01-15 10:00+00', 10000)), :'c', '2025-01-31'), loyalty.due(pg_temp.h(loyalty.advance('2025-01-15 10:00+00', 10000)), :'c', '2025-02-14 23:59:59+00'), loyalty.due(pg_temp.h(loyalty.advance('2025-01-15 10:00+00', 10000)), :'c', '2025-02-15 00:00+00');
-- 300 on the first due date: the day after it is late
\x
select l.* from loyalty.loans(pg_temp.h(loyalty.advance('2025-01-15 10:00+00', 10000), loyalty.repayment('2025-02-15 12:00+00', 300)), :'c', '2025-02-16') l;
\x
-- Open, late, in default; paid ahead, which counts for the next rows; closed early by what is owed then
create temp table story as select pg_temp.h(loyalty.advance('2025-01-15 10:00+00', 10000, ref => 1), loyalty.repayment('2025-02-20 12:00+00', 888.49, 1), loyalty.repayment('2025-02-21 12:00+00', 1000, 1), loyalty.repayment('2025-08-20 12:00+00', 20000, 1)) as h;
select d::date, l.repaid, l.principal, l.owed, l.due, l.overdue, l.overdue_since::date, l.next_due_at::date, l.next_due, l.state, l.closed_at from story, unnest('{2025-01-14,2025-01-16,2025-02-15,2025-02-16,2025-02-22,2025-03-15,2025-03-16,2025-04-17,2025-06-15,2025-08-20,2025-08-21}'::timestamptz[]) d, loyalty.loans(h, :'c', d) l;
select loyalty.expected_cash(h, :'c', '2025-02-22') from story;
-- Of a machine the buy-out is a row of its own
select * from loyalty.expected_cash(pg_temp.h(loyalty.advance('2025-01-15 10:00+00', 3000, 'machine', ref => 'M')), :'c', '2027-11-20');

-- Returns lower what follows, nothing is given back; what is tagged credit is no sale; the day of the advance does not count
create temp table sold as select pg_temp.h(loyalty.purchase('2025-01-15 12:00+00', 5000), loyalty.advance('2025-01-15 10:00+00', 10000, 'interest free share'), loyalty.purchase('2025-01-16 00:00+00', 1000), loyalty.refund('2025-01-17 12:00+00', 600), loyalty.purchase('2025-01-18 12:00+00', 500), loyalty.purchase('2025-01-18 12:00+00', 100000, tags => '{a,credit}'), loyalty.purchase('2025-01-19 23:59+00', 300)) as h;
select d::date, loyalty.due(h, :'c', d) from sold, generate_series('2025-01-15'::timestamptz, '2025-01-21', '1 day') d;
-- A minimum a period; never more than the total in all
select d::date, l.due, l.owed, l.next_due_at from (select pg_temp.h(loyalty.advance('2025-01-15 10:00+00', 1000, 's'), loyalty.purchase('2025-01-20 10:00+00', 700), loyalty.purchase('2025-04-20 10:00+00', 1000), loyalty.purchase('2025-06-20 10:00+00', 100000)) as h) x, unnest('{2025-01-20,2025-01-21,2025-03-15,2025-03-16,2025-04-21,2025-05-15,2025-06-20,2025-06-21,2025-09-01}'::timestamptz[]) d,
	loyalty.loans(h, '{"credit": "c", "timezone": "UTC", "terms": [{"name": "s", "fee": 0.1, "share": 0.1, "minimum": {"part": 0.1, "per": "60 days"}}]}', d) l;

-- What repayments cover, in turn: what is owed on loans of their ref, what is due, what is owed; the oldest first; the rest nowhere
select d::date, array_agg(coalesce(l.ref, '-') || ' ' || l.repaid || ' ' || l.state order by l.at) from (select pg_temp.h(loyalty.advance('2025-01-01 00:00+00', 300, 'free', 1), loyalty.advance('2025-01-02 00:00+00', 300, 'free', 2), loyalty.advance('2025-01-03 00:00+00', 300, 'free', 3), loyalty.advance('2025-01-04 00:00+00', 300, 'free'),
	loyalty.repayment('2025-01-10 00:00+00', 50, 3), loyalty.repayment('2025-02-02 00:00+00', 170, 'unknown'), loyalty.repayment('2025-02-03 00:00+00', 400, 2), loyalty.repayment('2025-02-06 00:00+00', 155), loyalty.repayment('2025-02-07 00:00+00', 5000)) as h) x, unnest('{2025-01-10,2025-02-02,2025-02-03,2025-02-06,2025-02-07}'::timestamptz[]) d, loyalty.loans(h, :'c', d) l group by 1 order by 1;

-- Written off: what is owed and due is gone, what comes later lowers the loss, up to what was owed; the rest goes on
select d::date, l.ref, l.repaid, l.principal, l.owed, l.due, l.state, l.closed_at::date, l.written_off, l.expected_loss from (select pg_temp.h(loyalty.advance('2025-01-15 00:00+00', 300, 'fee', 1), loyalty.advance('2025-01-16 00:00+00', 500, 'free', 2), loyalty.repayment('2025-02-15 00:00+00', 110, 1), loyalty.activity('2025-06-01 00:00+00', 'written off', 1),
	loyalty.repayment('2025-06-01 00:00+00', 120, 1), loyalty.repayment('2025-06-03 00:00+00', 200, 1)) as h) x, unnest('{2025-05-31,2025-06-01,2025-06-04}'::timestamptz[]) d, loyalty.loans(h, (:'c'::jsonb || '{"loss": {"given_default": 0.45, "probability": [["0 days", 0.02], ["30 days", 0.25], ["90 days", 1]]}}')::loyalty.credit, d) l;
-- In the advance's own instant it ends none; of a ref it ends every loan; without one those that have none
select l.ref, l.at::date, l.state from loyalty.loans(pg_temp.h(loyalty.activity('2025-01-15 00:00+00', 'written off', 1), loyalty.advance('2025-01-15 00:00+00', 300, 'fee', 1), loyalty.advance('2025-01-16 00:00+00', 300, 'fee', 2), loyalty.advance('2025-01-17 00:00+00', 300, 'fee', 2), loyalty.activity('2025-01-18 00:00+00', 'written off', 2), loyalty.advance('2025-01-16 00:00+00', 300), loyalty.activity('2025-01-18 00:00+00', 'written off')), :'c', '2025-02-01') l;

-- What may be lost: by how long it is overdue
select d::date, l.principal, l.state, l.expected_loss from unnest('{2025-02-14,2025-02-16,2025-03-17,2025-03-18,2025-05-17}'::timestamptz[]) d, loyalty.loans(pg_temp.h(loyalty.advance('2025-01-15 00:00+00', 1000, 'free')), (:'c'::jsonb || '{"loss": {"given_default": 0.45, "probability": [["0 days", 0.02], ["30 days", 0.25], ["90 days", 1]]}}')::loyalty.credit, d) l;

-- By the clock of the document: midnight in Los Angeles; where clocks skip or repeat midnight
select d, loyalty.due(pg_temp.h(loyalty.advance('2025-01-16 03:00+00', 300, 'fee')), (:'c'::jsonb || '{"timezone": "America/Los_Angeles"}')::loyalty.credit, d) from unnest('{2025-02-15 07:59:59+00,2025-02-15 08:00+00}'::timestamptz[]) d;
select due_at from loyalty.instalments((:'c'::jsonb || '{"timezone": "America/Havana"}')::loyalty.credit, 300, '2025-02-09 12:00-05', 'free') union all select due_at from loyalty.instalments((:'c'::jsonb || '{"timezone": "America/Havana"}')::loyalty.credit, 300, '2025-10-02 12:00-04', 'free') order by 1;

-- Nothing, NULLs, terms that are not there, histories of a later year
select loyalty.owed('[]', :'c'), loyalty.due('[]', :'c', '2025-01-01'), loyalty.owed(null, :'c'), loyalty.due('[]', null), loyalty.owed('[]', :'c', null), (select count(*) from loyalty.loans('[]', :'c')), (select count(*) from loyalty.expected_cash('[]', :'c')), loyalty.owed(h, :'c', '2025-01-01') as earlier from story;
call pg_temp.error(format('select loyalty.due(%L, %L)', pg_temp.h(loyalty.advance('2025-01-15 00:00+00', 300, 'two years')), :'c'));
call pg_temp.error(format('select * from loyalty.offer(%L, %L)', pg_temp.h(loyalty.advance('2025-01-15 00:00+00', 300, 'two years')), :'c'));
-- Revenue, cost, profit, orders, payback see none of it
select loyalty.profitability(pg_temp.h(loyalty.advance('2025-01-15 00:00+00', 300), loyalty.repayment('2025-02-15 00:00+00', 300)));

--
-- Offers
--

create function pg_temp.c(part jsonb) returns loyalty.credit language sql as $$ select ('{"credit": "c", "timezone": "UTC", "limit": [{"amount": 10000}], "terms": [{"name": "free", "instalments": 10}]}'::jsonb || part)::loyalty.credit $$;
create function pg_temp.o(part jsonb, asof timestamptz, variadic events loyalty.event[]) returns table (q boolean, reasons text[], amount numeric, terms text[], decided date, until date, pay_by date, figures jsonb) language sql as $$
	select qualified, reasons, amount, terms, decided_at::date, valid_until::date, pay_by, figures from loyalty.offer(pg_temp.h(variadic events), pg_temp.c(part), asof) $$;
\set nothing 'array[]::loyalty.event[]'
-- The offer of 1 January, for 30 days; decided by day, week, quarter
select d, o.q, o.reasons, o.amount, o.decided, o.until from unnest('{2025-01-01 00:00+00,2025-01-30 23:59:59+00,2025-01-31 00:00+00,2025-02-01 00:00+00}'::timestamptz[]) d, pg_temp.o('{}', d, variadic :nothing) o;
select p, o.decided, o.until from unnest('{day,week,month,quarter}'::text[]) p, pg_temp.o(jsonb_build_object('decide', p, 'valid', '1 month'), '2025-03-02 15:00+00', variadic :nothing) o;
-- Twice the lowest month of 5,000; the least counts; rounded down; a minimum
select o.amount, o.reasons from (select array_agg(loyalty.purchase('2024-01-10 12:00+00'::timestamptz + n * interval '1 month', 5000 + n % 5)) as e from generate_series(0, 11) n) x, unnest('{"[{\"of\": \"lowest month\", \"in\": \"12 months\", \"times\": 2}]","[{\"of\": \"lowest month\", \"in\": \"12 months\", \"times\": 2}, {\"amount\": 9999.999}]","[{\"of\": \"lowest month\", \"in\": \"13 months\", \"times\": 2}]","[{\"of\": \"sales\", \"in\": \"2 months\", \"times\": 0.333333}]","[{\"of\": \"profit\", \"in\": \"1 year\", \"times\": 0.01}]"}'::jsonb[]) with ordinality l(l, n), pg_temp.o(jsonb_build_object('limit', l), '2025-01-15', variadic e) o order by n;
select o.amount, o.reasons from unnest('{"{\"step\": 300}","{\"minimum\": 10000}","{\"minimum\": 10000.01}","{\"step\": 20000}","{\"limit\": [{\"amount\": 0}]}"}'::jsonb[]) with ordinality l(l, n), pg_temp.o(l, '2025-01-15', variadic :nothing) o order by n;
select o.q, o.reasons from loyalty.offer('[]', '{"credit": "c", "timezone": "UTC", "terms": [{"name": "t", "share": 1}]}', '2025-01-15') o(q, reasons);
-- Three quarters repaid, and less; the offer is the limit less what is owed; used; overdue; written off
select l, o.q, o.reasons, o.amount, o.figures -> 'repaid' as repaid from unnest(array[7499.99, 7500]) l, pg_temp.o('{"qualify": {"repaid": 0.75}}', '2025-02-01', loyalty.advance('2025-01-31 10:00+00', 10000), loyalty.repayment('2025-01-31 10:00+00', l)) o;
select at, o.reasons from unnest('{2025-01-31 23:59:59.999999+00,2025-02-01 00:00+00,2025-02-03 00:00+00,2025-02-03 00:00:01+00}'::timestamptz[]) at, pg_temp.o('{"qualify": {"repaid": 0}}', '2025-02-03', loyalty.advance(at, 5000)) o;
select d, o.reasons from unnest('{2025-03-01 23:59+00,2025-03-02 00:00+00,2025-03-03 00:00+00}'::timestamptz[]) d, pg_temp.o('{"qualify": {"repaid": 1}, "limit": [{"amount": 100000}]}', d, loyalty.advance('2025-02-01 00:00+00', 5000, ref => 1), loyalty.advance('2025-01-15 00:00+00', 5, ref => 2), loyalty.activity('2025-03-03 00:00+00', 'written off', 2)) o;
-- A promise is kept: a later decision that does not qualify leaves it in force, one that does replaces it; without one in force the latest says why
select d, o.q, o.reasons, o.decided, o.until from unnest('{2025-01-31 12:00+00,2025-02-01 00:00+00,2025-02-15 00:00+00,2025-04-10 00:00+00}'::timestamptz[]) d, pg_temp.o('{"valid": "45 days", "qualify": {"sales": {"in": "1 month", "least": 100}}}', d, loyalty.purchase('2024-12-15 00:00+00', 100), loyalty.purchase('2025-03-02 00:00+00', 99)) o;
-- Each rule: what was asked and what was there
select m, o.reasons, o.figures from unnest('{"{\"tenure\": \"11 months\"}","{\"tenure\": \"1 year\"}","{\"sales\": {\"in\": \"12 months\", \"least\": 1000}}","{\"sales\": {\"in\": \"12 months\", \"least\": 1000.000001}}","{\"orders\": {\"in\": \"1 year\", \"least\": 4}}","{\"orders\": {\"in\": \"2 months\", \"least\": 2}}","{\"profit\": {\"in\": \"2 months\", \"least\": 83}}","{\"refunds\": {\"in\": \"12 months\", \"most\": 0.0909}}","{\"refunds\": {\"in\": \"12 months\", \"most\": 0.090910}}","{\"refunds\": {\"in\": \"10 days\", \"most\": 1}}","{\"growth\": {\"in\": \"1 month\", \"least\": 0.5}}","{\"growth\": {\"in\": \"2 weeks\", \"least\": -1}}","{\"profitable\": \"3 months\"}","{\"profitable\": \"1 day\"}"}'::jsonb[]) with ordinality v(m, n),
	pg_temp.o(jsonb_build_object('qualify', m, 'valid', '10 days'), '2025-01-01', loyalty.purchase('2024-01-10 00:00+00', 800, 100, ref => 1), loyalty.purchase('2024-11-10 00:00+00', 100, 20, ref => 2), loyalty.purchase('2024-12-10 00:00+00', 100, 20, ref => 3), loyalty.purchase('2024-12-10 00:00+00', 100, 20, ref => 3), loyalty.refund('2024-12-11 00:00+00', 100, ref => 2), loyalty.purchase('2024-12-31 23:59+00', 0, ref => 4),
		loyalty.purchase('2024-12-12 00:00+00', 5000, tags => '{credit}', ref => 5), loyalty.expense('2024-12-13 00:00+00', 77, '{support}'), loyalty.expense('2024-12-13 00:00+00', 7777, '{bad debt,credit}'), loyalty.purchase('2025-01-01 00:00+00', 5000)) o order by n;
-- All that is missing, in order; terms by their needs and dates
select o.reasons, o.figures from pg_temp.o('{"limit": [{"of": "sales", "in": "1 year", "times": 1}], "terms": [{"name": "t", "share": 1, "from": "2025-01-02"}], "qualify": {"tenure": "1 year", "sales": {"in": "1 year", "least": 1}, "orders": {"in": "1 year", "least": 1}, "profit": {"in": "1 year", "least": 1}, "refunds": {"in": "1 year", "most": 0.1}, "growth": {"in": "1 year", "least": 0}, "profitable": "1 year", "repaid": 0.5}}', '2025-01-01', loyalty.expense('2024-12-01 00:00+00', 5)) o;
select d::date, o.terms, o.reasons from unnest('{2024-12-01,2025-01-01,2025-02-01,2025-03-01}'::timestamptz[]) d, pg_temp.o('{"terms": [{"name": "old", "share": 1, "until": "2025-01-01"}, {"name": "new", "share": 1, "from": "2025-02-01", "until": "2025-03-01"}, {"name": "good", "share": 1, "needs": {"sales": {"in": "1 month", "least": 5}}}]}', d, loyalty.purchase('2025-01-05 00:00+00', 5)) o;
-- The fifth working day, over a weekend and a holiday
select d, o.pay_by from unnest('{2025-12-19 12:00+00,2025-12-20 12:00+00,2025-12-22 12:00+00}'::timestamptz[]) d, pg_temp.o('{"pay_out": {"working_days": 5, "holidays": ["2025-12-25", "2025-12-27"]}, "valid": "1 month"}', d, variadic :nothing) o;
-- All columns; NULLs
select o.* from loyalty.offer('[]', pg_temp.c('{"timezone": "America/Los_Angeles"}'), '2025-01-15') o;
select loyalty.offer(null, pg_temp.c('{}')), loyalty.offer('[]', null), loyalty.offer('[]', pg_temp.c('{}'), null);
-- At the ends of the calendar
select o.reasons, o.valid_until from unnest('{-infinity,infinity}'::timestamptz[]) d, loyalty.offer('[]', pg_temp.c('{"qualify": {"tenure": "1000 years", "growth": {"in": "1000 years", "least": 1}}}'), d) o;
-- Figures are jsonb as the server would make it
select bool_and(figures = figures::text::jsonb and figures::text = figures::text::jsonb::text and (figures #>> '{sales,asked}')::numeric = 1 and figures @> '{"tenure": {"asked": "1 year 2 months 3 days"}}' and (select count(*) from jsonb_object_keys(figures)) = 8)
from generate_series(0, 40) n, pg_temp.o('{"qualify": {"tenure": "14 months 3 days", "sales": {"in": "1 year", "least": 1}, "orders": {"in": "1 year", "least": 1}, "profit": {"in": "1 year", "least": 1}, "refunds": {"in": "1 year", "most": 0.1}, "growth": {"in": "1 year", "least": 0}, "profitable": "1 year", "repaid": 0.5}}', '2025-01-01', loyalty.purchase('2024-01-03 00:00+00', power(7, n % 14)::numeric / 100 - 3, n), loyalty.refund('2024-02-03 00:00+00', n)) o;

-- 100,000 sales under a share: in proportion
select loyalty.due(loyalty.merge(h, pg_temp.h(loyalty.advance('2024-01-01 00:00+00', 50000, 'interest free share'))), :'c', '2025-01-01') from (select loyalty.history(loyalty.purchase('2024-01-02 00:00+00'::timestamptz + n * interval '5 minutes', 1 + n % 7, ref => n)) as h from generate_series(1, 100000) n) x;
