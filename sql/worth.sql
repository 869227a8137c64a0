-- worth: what a customer will be worth
--
-- Read it from top to bottom: each question stands above its answer.  `error`
-- shows the SQLSTATE, the message, its detail and its hint.

\pset null 'null'
\i test/error.sql
create procedure pg_temp.refused(document text) language sql as $$
	call pg_temp.error(format('select %L::loyalty.model', document))
$$;
-- a day, counted from the first of 2025
create function pg_temp.day(n float8) returns timestamptz immutable language sql as $$
	select timestamptz '2025-01-01 00:00+00' + n * interval '1 day'
$$;
-- who bought for 10 on the days given
create function pg_temp.buyer(variadic days int[]) returns loyalty.history language sql as $$
	select loyalty.history(loyalty.purchase(pg_temp.day(d), 10)) from unnest(days) d
$$;

--
-- The document
--

-- A time zone is enough to begin with; what is the default is not said again
select '{"timezone": "UTC"}'::loyalty.model;
select '{"value": "revenue", "unit": "7 days", "prior": 0, "model": "MBG/NBD", "timezone": "Europe/London"}'::loyalty.model;
select '{"timezone": "UTC", "model": "Pareto/NBD", "unit": "1 day", "value": "profit", "prior": 100.50}'::loyalty.model;

-- Parameters may be written by hand: of how customers buy, of what they spend, or both
select '{"timezone": "UTC", "parameters": {"gamma": 15, "b": 1.60, "r": 5.25e-1, "alpha": 6.183, "a": 0.891, "p": 6, "q": 4}}'::loyalty.model;
select '{"timezone": "UTC", "parameters": {"p": 6.24957158, "q": 3.74422468, "gamma": 15.4435228}}'::loyalty.model::jsonb;
select '{"timezone": "UTC", "model": "Pareto/NBD", "parameters": {"r": 1e-3, "alpha": 0.1, "s": 1e4, "beta": 0.12345678901234567}}'::loyalty.model;
select '{"timezone": "UTC", "model": "sBG", "unit": "1 year", "parameters": {"alpha": 0.704, "beta": 1.182, "mean_value": 49.90}}'::loyalty.model;

-- All that a fit writes comes back as it is
select loyalty.model_eq(m, m::text::loyalty.model) as text, loyalty.model_eq(m, m::jsonb::loyalty.model) as jsonb,
	loyalty.model_eq(m, m::json::loyalty.model) as json, loyalty.model_eq(m, '{"timezone": "UTC"}') as other
from (select '{"timezone": "UTC", "model": "BG/NBD", "prior": 5,
	"parameters": {"r": 0.25, "alpha": 4.5, "a": 0.75, "b": 2.5, "p": 6.25, "q": 3.75, "gamma": 15},
	"standard_errors": {"r": 0.0125, "alpha": 0.375, "a": 0.1875, "b": 0.7, "p": 1.2, "q": 0.25, "gamma": 4},
	"covariance": [[[4, 1, 0, 0], [1, 4, 0, 0], [0, 0, 4, 1], [0, 0, 1, 4]], [[2, 1, 1], [1, 2, 1], [1, 1, 2]]],
	"customers": 2357, "repeat_customers": 946, "valued_customers": 945, "skipped": {"no purchase": 3, "value not above 0": 1},
	"log_likelihood": -9582.429207, "spend_log_likelihood": -4055.917695,
	"status": "fitted", "spend_status": "no mean", "until": "1997-09-30T00:00:00Z"}'::loyalty.model m) as x;

-- What cannot be meant is refused, with its place
call pg_temp.refused('{}');
call pg_temp.refused('{"timezone": "Europe/Atlantis"}');
call pg_temp.refused('{"timezone": "UTC", "modell": "BG/NBD"}');
call pg_temp.refused('{"timezone": "UTC", "model": "BG/NDB"}');
call pg_temp.refused('{"timezone": "UTC", "value": "margin"}');
call pg_temp.refused('{"timezone": "UTC", "unit": "1 month"}');
call pg_temp.refused('{"timezone": "UTC", "unit": "36 hours"}');
call pg_temp.refused('{"timezone": "UTC", "model": "sBG", "value": "profit"}');
call pg_temp.refused('{"timezone": "UTC", "model": "sBG", "unit": "1 month 3 days"}');
call pg_temp.refused('{"timezone": "UTC", "prior": -1}');
call pg_temp.refused('{"timezone": "UTC", "parameters": {"r": 1, "alpha": 1, "a": 1}}');
call pg_temp.refused('{"timezone": "UTC", "parameters": {"r": 1, "alpha": 1, "s": 1, "beta": 1}}');
call pg_temp.refused('{"timezone": "UTC", "parameters": {"r": 1, "alpha": 0, "a": 1, "b": 1}}');
call pg_temp.refused('{"timezone": "UTC", "parameters": {"r": 1, "alpha": 1e400, "a": 1, "b": 1}}');
call pg_temp.refused('{"timezone": "UTC", "parameters": {"r": 1, "alpha": 1e300, "a": 1, "b": 1}}');
call pg_temp.refused('{"timezone": "UTC", "parameters": {"r": "1", "alpha": 1, "a": 1, "b": 1}}');
call pg_temp.refused('{"timezone": "UTC", "parameters": {}}');
call pg_temp.refused('{"timezone": "UTC", "covariance": [[[1, 0], [0, 1]], null]}');
call pg_temp.refused('{"timezone": "UTC", "covariance": [null, [[1, 0.5, 0], [0.25, 1, 0], [0, 0, 1]]]}');
call pg_temp.refused('{"timezone": "UTC", "covariance": [null, [[1, 2, 0], [2, 1, 0], [0, 0, 1]]]}');
call pg_temp.refused('{"timezone": "UTC", "covariance": [null]}');
call pg_temp.refused('{"timezone": "UTC", "customers": 2.5}');
call pg_temp.refused('{"timezone": "UTC", "skipped": {"no purchases": 2}}');
call pg_temp.refused('{"timezone": "UTC", "status": "good"}');
call pg_temp.refused('{"timezone": "UTC", "until": "2025-01-01"}');
call pg_temp.refused('[]');

--
-- What a model sees of a history
--

-- Order 1 of 40 on day 0; 2 of 50 on day 10, returned on 12; 3 of 60 and 4 of 0 on 20; a refund of 5 that names no order on 25
create temp table shop as select loyalty.history(e) as h from (values
	(loyalty.purchase(pg_temp.day(0), 40, cost => 30, ref => 1)),
	(loyalty.expense(pg_temp.day(-5), 8)),
	(loyalty.purchase(pg_temp.day(10), 50, cost => 20, ref => 2)),
	(loyalty.refund(pg_temp.day(12), 50, cost => 15, ref => 2)),
	(loyalty.purchase(pg_temp.day(20), 60, cost => 25, ref => 3)),
	(loyalty.purchase(pg_temp.day(20.5), 0, ref => 4)),
	(loyalty.expense(pg_temp.day(22), 3)),
	(loyalty.refund(pg_temp.day(25), 5))) as events (e);
select d as day, b.* from shop, unnest('{-6, -1, 0, 9, 10, 11, 12, 19, 20, 24, 25, 30}'::int[]) d,
	loyalty.buying(h, '{"timezone": "UTC"}', pg_temp.day(d)) b;

-- In profit the expense of day -5 belongs to the first purchase, and so not to the value; first + x * value is the profit
select d as day, b.*, loyalty.profit(loyalty.until(h, pg_temp.day(d))) from shop, unnest('{0, 9, 10, 11, 12, 20, 24, 30}'::int[]) d,
	loyalty.buying(h, '{"timezone": "UTC", "value": "profit"}', pg_temp.day(d)) b;

-- Lines of an order are one order, dated by the first; several orders of a day are one transaction; days are the zone's
create temp table lines as select loyalty.history(e) as h from (values
	(loyalty.purchase('2025-01-01 12:00+00', 10, ref => 'a')),
	(loyalty.purchase('2025-01-03 12:00+00', 20, ref => 'b')),
	(loyalty.purchase('2025-01-03 23:30+00', 1, ref => 'c')),
	(loyalty.purchase('2025-01-06 12:00+00', 30, ref => 'b')),
	(loyalty.purchase('2025-01-07 12:00+00', -4, ref => 'd')),
	(loyalty.refund('2025-01-02 00:00+00', 2, ref => 'b')),
	(loyalty.refund('2025-01-04 12:00+00', 3, ref => 'nobody knows'))) as events (e);
select zone, b.* from lines, unnest('{UTC, Europe/Berlin}'::text[]) zone,
	loyalty.buying(h, format('{"timezone": %s}', to_json(zone))::loyalty.model, '2025-01-10 00:00+00') b;

-- Returned orders alone, or none at all
select b.* from loyalty.buying((select loyalty.history(e) from (values
	(loyalty.purchase(pg_temp.day(0), 40, ref => 1)), (loyalty.refund(pg_temp.day(1), 40, ref => 1))) as events (e)),
	'{"timezone": "UTC"}', pg_temp.day(9)) b;
select b.* from loyalty.buying('[]', '{"timezone": "UTC"}', pg_temp.day(9)) b;
select b.* from loyalty.buying(null, '{"timezone": "UTC"}') b;

-- A purchase for less than 0 makes no transaction, but what it brought counts
select b.* from loyalty.buying((select loyalty.history(e) from (values
	(loyalty.purchase(pg_temp.day(0), 40)), (loyalty.purchase(pg_temp.day(3), 10)),
	(loyalty.purchase(pg_temp.day(5), -4)), (loyalty.purchase(pg_temp.day(6), 20))) as events (e)),
	'{"timezone": "UTC"}', pg_temp.day(9)) b;

--
-- What it expects: published figures
--

create temp table published (name text, model loyalty.model);
insert into published values
	('BG/NBD', '{"timezone": "UTC", "model": "BG/NBD", "parameters": {"r": 0.242594521, "alpha": 4.41360212, "a": 0.792921802, "b": 2.42590621}}'),
	('MBG/NBD', '{"timezone": "UTC", "parameters": {"r": 0.524843097, "alpha": 6.18308493, "a": 0.891359462, "b": 1.61400265}}'),
	('Pareto/NBD', '{"timezone": "UTC", "model": "Pareto/NBD", "parameters": {"r": 0.5534, "alpha": 10.5802, "s": 0.6061, "beta": 11.6562, "p": 1, "q": 2, "gamma": 1}}'),
	('spend', '{"timezone": "UTC", "parameters": {"p": 6.24957158, "q": 3.74422468, "gamma": 15.4435228}}');

-- 2 repeat purchases, the last on day 213, today is day 272: 39 weeks (note 004: 1.226; BTYDplus: 1.262758847 and 0.7061384876)
select name, round(loyalty.expected_purchases(h, model, '39 weeks', pg_temp.day(272))::numeric, 9) as expected,
	round(loyalty.alive(h, model, pg_temp.day(272))::numeric, 10) as alive
from published, pg_temp.buyer(0, 100, 213) h where name in ('BG/NBD', 'MBG/NBD') order by 1;

-- 7 repeat purchases in 77 weeks, today is week 78; a value of 1, discounted by 0.27 % a week for ever (BTYD: 15.1186295868)
select loyalty.expected_value(h, model, pg_temp.day(546)), loyalty.lifetime_value(h, model, exp(0.0027 * 365.25 / 7)::numeric - 1, pg_temp.day(546)),
	round(loyalty.alive(h, model, pg_temp.day(546))::numeric, 6) as alive
from published, (select loyalty.history(loyalty.purchase(pg_temp.day(d), 1)) h from unnest('{0, 60, 100, 200, 300, 400, 500, 539}'::int[]) d) b
where name = 'Pareto/NBD';

-- 221 repeat purchases until day 724, today is day 725 (0.9995960617)
select round(loyalty.alive(loyalty.history(loyalty.purchase(pg_temp.day(d), 1)),
	'{"timezone": "UTC", "model": "Pareto/NBD", "unit": "1 week", "parameters": {"r": 0.5143, "alpha": 2.8845, "s": 0.2856, "beta": 14.1087}}', pg_temp.day(725))::numeric, 10)
from (select generate_series(0, 220) union select 724) days (d);

-- What is expected of the next purchase: their own mean of 22.345 by 2, of 11.77 by 1, none yet (Fader and Hardie, note 025)
select loyalty.expected_value(h, model, pg_temp.day(9)) from published, (values
	(1, (select loyalty.history(loyalty.purchase(pg_temp.day(d), 22.345)) from unnest('{0, 1, 2}'::int[]) d)),
	(2, (select loyalty.history(loyalty.purchase(pg_temp.day(d), 11.77)) from unnest('{0, 1}'::int[]) d)),
	(3, (select loyalty.history(loyalty.purchase(pg_temp.day(d), 5)) from unnest('{0}'::int[]) d))) as b (n, h)
where name = 'spend' order by n;

-- Who loses money is expected to go on
select loyalty.expected_value(loyalty.history(e), model, pg_temp.day(9)) from published, (values
	(loyalty.purchase(pg_temp.day(0), 40)), (loyalty.purchase(pg_temp.day(3), 10, ref => 1)), (loyalty.refund(pg_temp.day(4), 300))) as events (e)
where name = 'spend' group by model;

--
-- When to talk to them
--

-- By when they will have bought again, and from when on they are presumed lost
create temp table regular as select pg_temp.buyer(0, 30, 60, 90) as h,
	'{"timezone": "Europe/Berlin", "unit": "1 day", "parameters": {"r": 2, "alpha": 40, "a": 1, "b": 5, "p": 1, "q": 2, "gamma": 1}}'::loyalty.model as m;
select d as day, round(loyalty.alive(h, m, pg_temp.day(d))::numeric, 4) as alive,
	loyalty.next_purchase(h, m, asof => pg_temp.day(d)), loyalty.next_purchase(h, m, 0.8, pg_temp.day(d)) as at_80,
	loyalty.presumed_lost(h, m, asof => pg_temp.day(d)), loyalty.presumed_lost(h, m, 0.9, pg_temp.day(d)) as at_90
from regular, unnest('{90, 120, 200, 300}'::int[]) d;

-- It is tomorrow's midnight at the earliest
select loyalty.next_purchase(h, m, 0.0001, pg_temp.day(120.4)) from regular;

-- They are the first days on which that holds
select loyalty.alive(h, m, lost) < 0.5 as lost_then, loyalty.alive(h, m, lost - interval '1 day') < 0.5 as a_day_before
from regular, loyalty.presumed_lost(h, m, asof => pg_temp.day(90)) lost;

-- BG/NBD: a customer who has bought once is one for ever
select loyalty.alive(h, m, pg_temp.day(9999)), loyalty.presumed_lost(h, m, 0.99, pg_temp.day(9999)), loyalty.next_purchase(h, m, 0.9, pg_temp.day(9999))
from pg_temp.buyer(0) h, (select model from published where name = 'BG/NBD') as p (m);

--
-- What they are worth
--

-- A year is 365 or 366 days here, by the calendar; with a discount of 0 the value is purchases times value
select within, round(loyalty.expected_purchases(h, m, within, pg_temp.day(120))::numeric, 12) as purchases,
	loyalty.lifetime_value(h, m, within, 0, pg_temp.day(120)) as value, loyalty.lifetime_value(h, m, within, 0.10, pg_temp.day(120)) as discounted
from regular, unnest('{0, "12 hours", "1 day", "1 month", "1 year", "3 years", "100 years", "5000 years", "20000 years"}'::interval[]) within;
select loyalty.lifetime_value(h, m, 0.10, pg_temp.day(120)), loyalty.lifetime_value(h, m, within => '3 years', discount => 0.10, asof => pg_temp.day(120)) from regular;

-- Somebody who is not a customer yet: the first purchase, and what may follow
select loyalty.prospect_value(m, '0', 0), loyalty.prospect_value(m, '1 year', 0.10), loyalty.prospect_value(m, '12 months', 0.10), loyalty.prospect_value(m, '365.25 days', 0.10),
	loyalty.prospect_value(m, 0.10)
from (select '{"timezone": "UTC", "parameters": {"r": 0.5, "alpha": 6, "a": 0.9, "b": 1.6, "p": 6, "q": 4, "gamma": 15}}'::loyalty.model m) as x;

--
-- The fit
--

-- 300 customers who buy once in 10 weeks and leave once in 3 purchases, on average: chance, but always the same
create function pg_temp.chance(n int, k numeric) returns float8 immutable language sql as $$
	select (('x' || substr(md5(n || '-' || k), 1, 8))::bit(32)::bigint + 0.5) / 2.0 ^ 32
$$;
create temp table customer as
with recursive who as (
	select n, n % 120 as day, -ln(pg_temp.chance(n, 0)) / 70 as rate, 1 - sqrt(pg_temp.chance(n, 1)) as leaves, -20 / ln(pg_temp.chance(n, 2) * pg_temp.chance(n, 0.5) * pg_temp.chance(n, 1.5)) as spends
	from generate_series(1, 300) n),
bought as (
	select n, 0 as k, day::float8 as day from who
	union all
	select n, k + 1, b.day - ln(pg_temp.chance(n, 3 * k + 3)) / rate from bought b join who using (n)
	where pg_temp.chance(n, 3 * k + 4) > leaves and k < 200)
select n, loyalty.history(loyalty.purchase(pg_temp.day(floor(b.day)), round((-spends * ln(pg_temp.chance(n, 3 * k + 5) * pg_temp.chance(n, 3 * k + 5.5)))::numeric, 2))) as h
from bought b join who using (n) where b.day < 600 group by n;
create temp table fitted as
select kind, loyalty.fit(h, format('{"timezone": "UTC", "model": %s}', to_json(kind))::loyalty.model, pg_temp.day(600)) as m
from customer, unnest('{MBG/NBD, BG/NBD, Pareto/NBD}'::text[]) kind group by 1;
-- numbers have 10 digits; what a test can promise of another machine's last ones is less
create function pg_temp.shown(m loyalty.model) returns text language sql as $$
	select regexp_replace(m::text, '(\.0*[1-9]\d{3})\d+', '\1', 'g')
$$;
select pg_temp.shown(m) from fitted where kind = 'MBG/NBD';
select kind, m::jsonb ->> 'status' as status, round((m::jsonb ->> 'log_likelihood')::numeric, 3) as log_likelihood, pg_temp.shown(m)::jsonb -> 'parameters' as parameters
from fitted order by kind collate "C";

-- The same bytes from the rows in another order; asof may differ by row, and the latest is kept
select count(distinct m) from (
	select loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(600)) m from customer
	union all select loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(600) order by n desc) from customer
	union all select loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(600) order by md5(n::text)) from customer) as fits;
select loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(598 + n % 3))::jsonb -> 'until' as until from customer;

-- A window calls the final function again and again
select n, fit::jsonb -> 'customers' as customers, fit::jsonb ->> 'status' as status
from (select n, loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(600)) over (order by n) from customer) as running where n % 60 = 0;

-- In parallel, too
create table worth_customer as select * from customer;
set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set max_parallel_workers_per_gather = 2;
explain (costs off) select loyalty.fit(h, '{"timezone": "UTC"}', '2026-08-24 00:00+00') from worth_customer;
select loyalty.model_eq(loyalty.fit(h, '{"timezone": "UTC"}', '2026-08-24 00:00+00'), (select m from fitted where kind = 'MBG/NBD')) as same from worth_customer;
reset parallel_setup_cost; reset parallel_tuple_cost; reset min_parallel_table_scan_size; reset max_parallel_workers_per_gather;
drop table worth_customer;

-- Rows with a NULL are skipped; over none it is NULL
select loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(600)) from customer where false;
select loyalty.fit(h, '{"timezone": "UTC"}', null) from customer;
select loyalty.model_eq(loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(600)), (select m from fitted where kind = 'MBG/NBD')) as same from (select h from customer union all select null) as x;

-- A group that is too small to fit says so, and answers NULL: no channel must stop a report
create temp table poor as select loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(600)) as m from customer where n < 12;
select m from poor;
select loyalty.alive(h, m, pg_temp.day(600)), loyalty.expected_purchases(h, m, '1 year', pg_temp.day(600)), loyalty.expected_value(h, m, pg_temp.day(600)),
	loyalty.lifetime_value(h, m, '1 year', 0.1, pg_temp.day(600)), loyalty.lifetime_value(h, m, 0.1, pg_temp.day(600)), loyalty.next_purchase(h, m, 0.5, pg_temp.day(600)),
	loyalty.presumed_lost(h, m, 0.5, pg_temp.day(600)), loyalty.prospect_value(m, '1 year', 0.1), loyalty.prospect_value(m, 0.1)
from poor, customer where n = 1;

-- Nobody leaves: there is no maximum. Everybody always pays the same: nor is there one
select m::jsonb ->> 'status' as status, m::jsonb ->> 'spend_status' as spend_status, m::jsonb -> 'parameters' as parameters
from (select loyalty.fit(h, '{"timezone": "UTC", "model": "BG/NBD"}', pg_temp.day(61)) m
	from (select n, loyalty.history(loyalty.purchase(pg_temp.day(n % 3 + g * 2), 10)) h from generate_series(1, 30) n, generate_series(0, 29) g group by n) as x) as y;

-- Spending without a mean: the parameters are shown
select pg_temp.shown(m)::jsonb -> 'parameters' as parameters, m::jsonb ->> 'spend_status' as spend_status, loyalty.expected_value(pg_temp.buyer(0, 1), m, pg_temp.day(2)), loyalty.prospect_value(m, 0.1)
from (select loyalty.fit(h, '{"timezone": "UTC"}', pg_temp.day(61)) m
	from (select n, loyalty.history(loyalty.purchase(pg_temp.day(g * 2), round((-1 / pg_temp.chance(n, 0) ^ 1.8 * ln(pg_temp.chance(n, g + 3) * pg_temp.chance(n, g + 3.5)))::numeric, 2))) h from generate_series(1, 200) n, generate_series(0, 1 + n % 5) g group by n) as x) as y;

-- What was skipped, and values that are not above 0
select m::jsonb -> 'customers' as customers, m::jsonb -> 'repeat_customers' as repeat, m::jsonb -> 'valued_customers' as valued, m::jsonb -> 'skipped' as skipped, m::jsonb ->> 'spend_status' as spend_status
from (select loyalty.fit(h, '{"timezone": "UTC", "value": "profit"}', pg_temp.day(20)) m from (
	select '[]'::loyalty.history union all select pg_temp.buyer(30)
	union all select loyalty.history(loyalty.purchase(pg_temp.day(d), 10, cost => 10 + n % 2)) from generate_series(1, 12) n, generate_series(0, n % 4) d group by n) as x (h)) as y;

--
-- Small channels
--

-- A prior: the model of all counts as so many average customers. A channel of 6 stays near the whole
create temp table whole as select loyalty.fit(h, '{"timezone": "UTC", "prior": 100}', pg_temp.day(600)) as m from customer;
select 'all' as channel, 300 as customers, m::jsonb ->> 'status' as status, pg_temp.shown(m)::jsonb -> 'parameters' as parameters from whole
union all
select channel, customers, m::jsonb ->> 'status', pg_temp.shown(m)::jsonb -> 'parameters' from (
	select case when n % 50 = 0 then 'few' when n % 10 = 1 then 'some' else 'many' end as channel, count(*) as customers, loyalty.fit(h, whole.m, pg_temp.day(600)) as m
	from customer, whole group by 1) as x order by 1;

-- Of nobody nothing is learned
select m::jsonb -> 'parameters' = (select m::jsonb -> 'parameters' from whole) as same, m::jsonb -> 'log_likelihood' as log_likelihood, m::jsonb ->> 'status' as status
from (select loyalty.fit('[]', m, pg_temp.day(600)) m from whole) as x;

-- It takes a fitted model
call pg_temp.error($$ select loyalty.fit('[]', '{"timezone": "UTC", "prior": 3, "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}}', now()) $$);

--
-- Contracts
--

-- The regular customers of Fader and Hardie 2007: of 1000 contracts these are left after each year (alpha 0.704, beta 1.182)
create temp table contract as
with active (year, left_over) as (values (0, 1000), (1, 631), (2, 468), (3, 382), (4, 326), (5, 289), (6, 262), (7, 241))
select year, n, loyalty.history(loyalty.subscription('2000-01-01 00:00+00', 50 + year, '1 year', plan => 'pro', ref => n,
	until => case when year < 7 then timestamptz '2000-01-01 00:00+00' + (year + 1) * interval '1 year' end)) as h
from (select year, left_over - coalesce(lead(left_over) over (order by year), 0) as leaves from active) as y, generate_series(1, leaves) n
group by year, n;
create temp table sbg as select loyalty.fit(h, '{"timezone": "UTC", "model": "sBG", "unit": "1 year"}', '2007-06-30 00:00+00') as m from contract;
select pg_temp.shown(m) from sbg;

-- What it sees: renewals of the last spell, its amount. What it expects: S(8) / S(7) is 8.182 / 8.886
select b.*, loyalty.alive(h, m, asof), round(loyalty.expected_purchases(h, m, '1 year', asof)::numeric, 4) as expected, loyalty.expected_value(h, m, asof) as value,
	loyalty.lifetime_value(h, m, '1 year', 0.10, asof) as year, loyalty.lifetime_value(h, m, 0.10, asof) as life,
	loyalty.next_purchase(h, m, 0.5, asof) as next, loyalty.next_purchase(h, m, 0.95, asof) as surely, loyalty.presumed_lost(h, m, 0.5, asof) as lost
from contract, sbg, (values ('2007-06-30 00:00+00'::timestamptz)) as v (asof), lateral loyalty.buying(h, m, asof) b where n = 1 order by contract.year;

-- A customer at one instant after the other: an end that is to come is not known; two terms of one ref are one spell; other promises do not count
create temp table terms as select loyalty.history(e) as h from (values
	(loyalty.subscription('2024-01-31 10:00+00', 0, '1 month', until => '2024-02-29 10:00+00', ref => 1)),
	(loyalty.subscription('2024-02-29 10:00+00', 20, '1 month', ref => 1)),
	(loyalty.subscription('2024-04-15 10:00+00', 30, '1 month', ref => 1, until => '2024-06-29 10:00+00')),
	(loyalty.subscription('2024-04-20 10:00+00', 5, '1 month', until => '2024-06-01 10:00+00')),
	(loyalty.subscription('2024-05-01 10:00+00', 900, '1 year')),
	(loyalty.subscription('2024-05-01 10:00+00', -4, '1 month')),
	(loyalty.subscription('2024-09-01 10:00+00', 25, '1 month', ref => 'again')),
	(loyalty.purchase('2024-03-05 10:00+00', 99))) as events (e);
select asof, b.*, loyalty.alive(h, m, asof), round(loyalty.expected_purchases(h, m, '2 months', asof)::numeric, 4) as expected, loyalty.expected_value(h, m, asof),
	loyalty.next_purchase(h, m, 0.5, asof), loyalty.presumed_lost(h, m, 0.5, asof)
from terms, (select '{"timezone": "UTC", "model": "sBG", "unit": "1 month", "parameters": {"alpha": 1, "beta": 3}}'::loyalty.model) as p (m),
	unnest('{2024-02-28 10:00+00, 2024-02-29 10:00+00, 2024-03-29 09:59+00, 2024-03-29 10:00+00, 2024-04-15 10:00+00, 2024-05-31 10:00+00,
		2024-06-29 09:59+00, 2024-06-29 10:00+00, 2024-08-31 10:00+00, 2024-11-30 10:00+00}'::timestamptz[]) asof, lateral loyalty.buying(h, m, asof) b;

-- Somebody who is not a customer yet: the mean amount, and renewals that each month may come
select loyalty.prospect_value(m, '0', 0), loyalty.prospect_value(m, '1 month', 0), loyalty.prospect_value(m, '1 year', 0.10), loyalty.prospect_value(m, 0.10),
	loyalty.prospect_value(m, '99 years', 0.10) as sum_99, loyalty.prospect_value(m, 0.000001) as nearly_for_ever
from (select '{"timezone": "UTC", "model": "sBG", "unit": "1 month", "parameters": {"alpha": 1, "beta": 3, "mean_value": 10}}'::loyalty.model) as p (m);
select pg_temp.shown(loyalty.fit(h, '{"timezone": "UTC", "model": "sBG", "unit": "1 month"}', '2024-12-01 00:00+00')) from terms;
call pg_temp.error($$ select loyalty.prospect_value('{"timezone": "UTC", "model": "sBG", "parameters": {"alpha": 1, "beta": 3}}', 0.1) $$);

-- Too few have left to say anything: NULL, and no error
select loyalty.alive(h, m, '2024-12-01 00:00+00'), loyalty.expected_value(h, m, '2024-12-01 00:00+00'), loyalty.lifetime_value(h, m, '1 year', 0.1, '2024-12-01 00:00+00'),
	loyalty.prospect_value(m, '1 year', 0.1), loyalty.prospect_value(m, 0.1)
from terms, (select loyalty.fit(h, '{"timezone": "UTC", "model": "sBG", "unit": "1 month"}', '2024-12-01 00:00+00') from terms) as p (m);

-- For ever, at nearly no discount, is more than there is room for
call pg_temp.error($$ select loyalty.prospect_value('{"timezone": "UTC", "model": "sBG", "unit": "1 month", "parameters": {"alpha": 0.5, "beta": 3, "mean_value": 10}}', 1e-300) $$);

--
-- Errors
--

create temp table one as select pg_temp.buyer(0, 1) as h, '{"timezone": "UTC", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1, "p": 1, "q": 2, "gamma": 1}}'::loyalty.model as m;
call pg_temp.error($$ select loyalty.alive(h, '{"timezone": "UTC"}') from one $$);
call pg_temp.error($$ select loyalty.expected_value(h, '{"timezone": "UTC", "parameters": {"r": 1, "alpha": 1, "a": 1, "b": 1}}') from one $$);
call pg_temp.error($$ select loyalty.prospect_value('{"timezone": "UTC", "parameters": {"p": 1, "q": 2, "gamma": 1}}', 0.1) $$);
call pg_temp.error($$ select loyalty.expected_purchases(h, m, '-1 day') from one $$);
call pg_temp.error($$ select loyalty.expected_purchases(h, m, '1 month -1 day') from one $$);
call pg_temp.error($$ select loyalty.lifetime_value(h, m, '1 day', -0.1) from one $$);
call pg_temp.error($$ select loyalty.lifetime_value(h, m, '1 day', numeric 'NaN') from one $$);
call pg_temp.error($$ select loyalty.lifetime_value(h, m, numeric 'infinity') from one $$);
call pg_temp.error($$ select loyalty.lifetime_value(h, m, 0) from one $$);
call pg_temp.error($$ select loyalty.prospect_value(m, 0) from one $$);
call pg_temp.error($$ select loyalty.next_purchase(h, m, 0) from one $$);
call pg_temp.error($$ select loyalty.next_purchase(h, m, 1) from one $$);
call pg_temp.error($$ select loyalty.presumed_lost(h, m, 1.5) from one $$);
call pg_temp.error($$ select loyalty.presumed_lost(h, m, 'NaN') from one $$);
call pg_temp.error($$ select loyalty.presumed_lost(h, m, '-infinity') from one $$);
call pg_temp.error($$ select loyalty.fit(h, format('{"timezone": "UTC", "prior": %s}', n % 2)::loyalty.model, now()) from customer $$);
call pg_temp.error($$ select loyalty.fit_add(null, h, m, now()) from one $$);
call pg_temp.error($$ select loyalty.fit_final('\x00') $$);

-- Parameters without a type: by name
prepare worth as select loyalty.lifetime_value(h, m, within => $1, discount => $2, asof => pg_temp.day(3)) from one;
execute worth ('1 year', 0.1);
