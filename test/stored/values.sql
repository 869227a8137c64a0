-- What test/stored/write writes down: values of every type, and a live history.
-- Events and programs are those of the SQL tests and of the gallery: a new kind or key is here as soon as it is there.

set client_min_messages = warning;
set search_path = loyalty, public;
create table public.stored (n int generated always as identity, type text, shown text, bytes bytea);
\set events `sed -n '/^insert into many values/,/;$/p' sql/event.sql`
create temp table many (n int, e event);
:events
insert into many values
	(100, purchase('0001-01-01 00:00+00', 999999999999.999999, cost => -999999999999.999999, quantity => 0.000001, tags => array['ä', 'b', '', 'b', repeat('x', 255)], ref => -9223372036854775808)),
	(101, purchase('9999-12-31 23:59:59.999999+00', 0.1, ref => 'A-7')),
	(102, refund('2025-01-01 00:00:00.001+00', 0.01, cost => 0.5, quantity => 0, tags => '{a}', ref => '6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid)),
	(103, redemption('2025-01-01 00:00+00', 0.000001, ref => '')),
	(104, adjustment('2025-01-01 00:00+00', -7, expires => '2026-01-01 00:00+00', tags => '{goodwill}', ref => 9223372036854775807)),
	(105, expense('2025-01-01 00:00+00', -3.5, tags => '{support,phone}')),
	(106, activity('2025-01-01 00:00+00', 'größte Überraschung', ref => '05'));
insert into stored (type, shown, bytes) select 'event', e::text, event_send(e) from many order by n;

insert into stored (type, shown, bytes)
select 'history', h::text, history_send(h)
from (select 1 as n, '[]'::history as h
	union all select 2, history(e) from many
	union all select 3, history(e) from many group by n / 5
	union all select 4, history(e) from many, generate_series(1, 3) where n < 100
	union all select 5, history(purchase(timestamptz '2024-02-29 00:00+00' + i * interval '5 hours 7 seconds', i % 90 + 0.99, cost => i % 50, ref => i)) from generate_series(1, 120) as i
	union all select 6, history(purchase(timestamptz '2024-02-29 00:00+00' + i * interval '1 day', i)) from generate_series(1, 100) as i) as histories
order by n, history_send(h);

\set programs `sed -n "/^INSERT INTO program VALUES/,/^}');$/p" doc/programs/*.md`
\set parts `sed -n '/^insert into said values/,/;$/p' sql/program.sql`
create temp table program (name text, rules loyalty.program);
:programs
create temp table said (part text);
:parts
insert into program select 'part', ('{"program": "p", "timezone": "UTC"' || coalesce(', ' || nullif(part, ''), '') || '}')::loyalty.program from said;
insert into program values ('of every letter', '{"program": "größte \"Überraschung\" \\ \u0001", "timezone": "America/Argentina/Buenos_Aires"}');
insert into stored (type, shown, bytes) select 'program', rules::text, program_send(rules) from program order by name, rules;

insert into stored (type, shown, bytes)
select 'tariff', t::text, tariff_send(t)
from (values (1, '{"tariff": "t", "timezone": "UTC"}'::loyalty.tariff),
	(2, '{"tariff": "größter \"Preis\"", "timezone": "Europe/Berlin", "decimals": 0, "round": "none", "prorate": "second", "credit": "always", "align": "calendar",
		"plans": {"team": {"included": 5, "price": 9, "size": 2, "meters": {"calls": {"price": 0.01, "included": 1000, "where": {"any": ["a", "b"], "none": ["c"]}}}, "fee": 20}, "pro": [{"every": "1 year", "fee": 490}, {"every": "7 days", "fee": 40, "from": "2026-07-01 12:00"}]},
		"meters": {"calls": [{"tiers": [{"up_to": 1000, "price": 0.10, "flat": 3}, {"flat": 0.05}], "mode": "volume", "until": "2026-07-01"}, {"of": "unique", "price": 0, "from": "2026-07-01"}], "peak": {"meter": "gb", "of": "max", "size": 10, "price": 5, "minimum": 5, "maximum": 999999999999.999999}}}')) as v (n, t)
order by n;

insert into stored (type, shown, bytes)
select 'credit', c::text, credit_send(c)
from (values (1, '{"credit": "c", "timezone": "UTC", "terms": [{"name": "t", "share": 1}]}'::loyalty.credit),
	(2, '{"credit": "größter \"Kredit\"", "timezone": "America/Los_Angeles", "decimals": 0, "decide": "quarter", "valid": "1 year",
		"qualify": {"tenure": "14 months 3 days", "sales": {"in": "12 months", "least": 10000}, "orders": {"in": "4 weeks", "least": 3}, "profit": {"in": "1 month", "least": -5}, "refunds": {"in": "1 year", "most": 0.1}, "growth": {"in": "3 months", "least": -0.1}, "profitable": "6 months", "repaid": 0.75},
		"limit": [{"of": "lowest month", "in": "12 months", "times": 2}, {"of": "sales", "in": "12 months", "times": 0.22}, {"of": "profit", "in": "90 days", "times": 1}, {"amount": 750000}], "minimum": 1000, "step": 100, "pay_out": {"working_days": 5, "holidays": ["2026-12-25", "2026-01-01"]},
		"terms": [{"name": "a year", "interest": 0.12, "instalments": 12, "needs": {"profit": {"in": "12 months", "least": 5000}}}, {"name": "machine", "interest": 0, "instalments": 36, "every": "2 weeks", "first": "0 days", "residual": 0.166667}, {"name": "fee", "fee": 0.1, "instalments": 3, "first": "1 month", "from": "2025-01-01", "until": "2026-01-01"},
			{"name": "share", "fee": 0.13, "share": 0.1, "minimum": {"part": 0.1, "per": "60 days"}}], "grace": "0 days", "default": "2 months", "loss": {"given_default": 0.45, "probability": [["0 days", 0.02], ["30 days", 0.25], ["90 days", 1]]}}')) as v (n, c)
order by n;

insert into stored (type, shown, bytes)
select 'model', m::text, model_send(m)
from (values (1, '{"timezone": "UTC"}'::loyalty.model),
	(2, '{"timezone": "America/Argentina/Buenos_Aires", "model": "Pareto/NBD", "unit": "1 day", "value": "profit", "prior": 0.000001, "parameters": {"r": 1e-9, "alpha": 1e15, "s": 0.12345678901234567, "beta": 1}}'),
	(3, '{"timezone": "UTC", "parameters": {"p": 6.24957158, "q": 3.74422468, "gamma": 15.4435228}, "status": "no maximum", "spend_status": "no mean", "until": "9999-12-31T23:59:59.999999Z"}'),
	(4, '{"timezone": "Europe/London", "model": "BG/NBD", "prior": 5, "parameters": {"r": 0.25, "alpha": 4.5, "a": 0.75, "b": 2.5, "p": 6.25, "q": 3.75, "gamma": 15}, "standard_errors": {"r": 0.0125, "alpha": 0.375, "a": 0.1875, "b": 0.7, "p": 1.2, "q": 0.25, "gamma": 4},
		"covariance": [[[4, 1, 0, -0.5], [1, 4, 0, 0], [0, 0, 4, 1], [-0.5, 0, 1, 4]], [[2, 1, 1], [1, 2, 1], [1, 1, 2]]], "customers": 2357, "repeat_customers": 946, "valued_customers": 945, "skipped": {"no purchase": 3, "value not above 0": 1},
		"log_likelihood": -9582.429207, "spend_log_likelihood": -4055.917695, "status": "fitted", "spend_status": "fitted", "until": "1997-09-30T00:00:00Z"}'),
	(5, '{"timezone": "UTC", "model": "sBG", "unit": "1 year", "parameters": {"alpha": 0.704, "beta": 1.182, "mean_value": 49.9}, "covariance": [[[1, 0.5], [0.5, 1]], null]}'),
	(6, '{"timezone": "UTC", "status": "too few repeat customers", "spend_status": "too few values", "customers": 0}')) as v (n, m)
order by n;

insert into stored (type, shown, bytes)
select 'ranking', r::text, ranking_send(r)
from (values (1, '[]'::ranking), (2, '[[0, 5]]'), (3, '[[-999999999999.999999, 1], [999999999999.999999, 2147483646]]'), (4, '[[-1, 1], [1, 3], [2, 1], [3, 1], [10, 2]]'), (5, '[[0.000001, 2], [0.1, 200]]'),
	(6, (select ranking(round(i * i % 9973 / 100.0 - 20, 2)) from generate_series(1, 500) as i)), (7, (select ranking(i / 7) from generate_series(1, 100) as i))) as v (n, r)
order by n;

insert into stored (type, shown, bytes)
select 'referrals', r::text, referrals_send(r)
from (values (1, '[]'::referrals), (2, '[{"customer": 1}]'), (3, '[{"customer": 1, "referrer": 1, "value": -5}, {"customer": 2, "referrer": 1, "value": 999999999999.999999}]'), (4, '[{"customer": "größte \"Überraschung\"", "referrer": "", "value": 2.5}, {"customer": "05", "referrer": "6f9619ff-8b86-d011-b42d-00cf4fc964ff"}]'),
	(5, '[{"customer": 9223372036854775807, "referrer": -9223372036854775808, "value": 0.000001}, {"customer": 9223372036854775808, "referrer": 9223372036854775807}]'),
	(6, (select referrals(i, i / 3, i * 0.5) from generate_series(1, 100) as i)), (7, (select referrals(repeat('x', i), repeat('x', i - 1), i) from generate_series(1, 255, 50) as i))) as v (n, r)
order by n;

insert into stored (type, shown, bytes)
select 'effect', e::text, effect_send(e)
from (select 1 as n, effect(i % 2 = 0, i) as e from generate_series(1, 8) i
	union all select 2, effect(i % 2 = 0, i / 100.0, i / 7.0) from generate_series(1, 8) i
	union all select 3, effect(i % 3 = 0, i * 1e20, -i / 7.0, case when i % 5 > 0 then 'größte "Überraschung" ' || i % 5 end) from generate_series(1, 30) i
	union all select 4, effect(null, i) from generate_series(1, 8) i union all select 5, effect(null, i, i) from generate_series(1, 8) i
	union all select 6, effect(true, 0, 0, '') from generate_series(1, 2) i) as effects order by n;

-- A live history with changes in base rows and beside them, rows that join others, an event missing, a program
create schema shop;
set search_path = shop;
create table orders (id int primary key, customer int, at timestamptz, total numeric);
create table refunds (id int primary key, order_id int references orders on update cascade on delete cascade, at timestamptz, amount numeric);
create table redemptions (id int primary key, customer int, at timestamptz, points int);
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders
	union all
	select o.customer, loyalty.refund(r.at, r.amount, ref => r.order_id) from refunds r join orders o on o.id = r.order_id
	union all
	select customer, loyalty.redemption(at, points) from redemptions;
insert into orders select n, n % 4, '2025-01-01 00:00+00'::timestamptz + n * interval '1 hour', n from generate_series(1, 20) as n;
do $$ begin perform loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}'); perform loyalty.track('event', 'loyal'); end $$;
insert into refunds select n, n * 7, '2025-02-01 00:00+00', 1 from generate_series(1, 2) as n;
insert into redemptions values (1, 1, '2025-03-01 00:00+00', 5);
update orders set total = total + 1 where id % 10 = 0;
delete from orders where id = 3;
do $$ begin perform loyalty.compact('loyal', 2); end $$;
insert into orders values (21, 5, '2025-04-01 00:00+00', 3);
insert into orders values (22, 1, '2025-04-01 00:00+00', 3);
-- what sessions leave that meet a removal before what it removes
update loyal_base set missing = loyalty.add(null, loyalty.activity('2025-04-01 00:00+00', 'visit')) where customer = 1;
insert into loyal_fragment (customer, source, added) select 1, 1, loyalty.add(null, loyalty.activity('2025-04-01 00:00+00', 'visit'));
insert into loyal_fragment (customer, source, added) select 2, 1, loyalty.add(null, loyalty.activity('2025-04-01 00:00+00', 'visit'));
insert into loyal_fragment (customer, source, removed) select 2, 1, loyalty.add(null, loyalty.activity('2025-04-01 00:00+00', 'visit'));

-- the rows of a table as statements, values of our types by their bytes
create function public.rows(relation regclass) returns setof text language plpgsql as $$
declare
	columns text;
	constants text;
begin
	select string_agg(quote_ident(attname), ', ' order by attnum),
		string_agg(case when typnamespace = 'loyalty'::regnamespace then format('coalesce(''''''\x'' || encode(loyalty.%s_send(%I), ''hex'') || ''''''::bytea::loyalty.%1$s'', ''NULL'')', typname, attname)
			else format('quote_nullable(%I)', attname) end, ' || '', '' || ' order by attnum)
	into columns, constants
	from pg_attribute join pg_type as t on t.oid = atttypid where attrelid = relation and attnum > 0;
	return query execute format('select %L || %s || '');'' from %s', format('insert into %s (%s) overriding system value values (', relation, columns), constants, relation);
end $$;
