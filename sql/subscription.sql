-- subscription: recurring revenue

\pset null 'null'
\i test/error.sql

-- What was promised to one customer: a trial, a paid plan, a price change on the renewal day, an add-on, a year
create temp table ann as select loyalty.history(event) as h from (values
	(loyalty.subscription('2024-01-05 00:00+00', 0, until => '2024-02-04 00:00+00', plan => 'plus', ref => 1)),
	(loyalty.subscription('2024-02-04 00:00+00', 8.99, plan => 'plus', ref => 1)),
	(loyalty.subscription('2024-05-04 00:00+00', 9.99, plan => 'plus', ref => 1)),
	(loyalty.subscription('2024-03-10 00:00+00', 2.50, plan => 'magazine', tags => '{add-on}', ref => 'm-1', until => '2024-04-10 00:00+00')),
	(loyalty.subscription('2024-06-10 00:00+00', 89.90, '1 year', plan => 'plus', quantity => 2, ref => 1))) as v(event);

-- MRR at an instant; what holds at t holds from t on, an end is excluded
select t, loyalty.mrr(h, t) from ann, unnest('{2024-01-05,2024-02-03 23:59:59.999999+00,2024-02-04,2024-03-10,2024-04-09,2024-04-10,2024-05-04,2024-06-10,infinity,-infinity}'::timestamptz[]) t;
select loyalty.first_paid(h) from ann;

-- Monthly amounts: months, weeks, other days; half away from zero at the tenth decimal; a discount alone is no MRR
select every, amount, loyalty.mrr(loyalty.add('[]', loyalty.subscription('2024-01-01 00:00+00', amount, every)), '2024-01-01 00:00+00')
from (values ('1 year'::interval, 2000), ('1 year', 100), ('3 months', 0.000001), ('7 days', 10), ('14 days', 10), ('30 days', 10), ('1 day', 1), ('1000 years', 12000), ('1 month', -5)) v(every, amount);
-- Discounts lower what is there, not below 0; without refs segments add up
select loyalty.mrr(loyalty.history(e), '2024-01-01 00:00+00') from (values (loyalty.subscription('2024-01-01 00:00+00', 10)), (loyalty.subscription('2024-01-01 00:00+00', -4)), (loyalty.subscription('2024-01-01 00:00+00', 1.50))) v(e);

-- The segments in force; renewals by the zone's clock, counted from the anchor
select s.* from ann, loyalty.subscriptions(h, '2024-03-20 00:00+00') s;
select tz, s.plan, s.renews_at from unnest('{UTC,Europe/Berlin,America/Los_Angeles}'::text[]) tz, loyalty.subscriptions(loyalty.add('[]', loyalty.subscription('2024-01-31 23:30+00', 10, plan => 'x')), '2024-03-15 00:00+00', tz) s;
-- none last: plan, then ref by value
select s.plan, s.ref, s.amount, s.renews_at from (select loyalty.history(e) as h from (values
	(loyalty.subscription('2024-01-01 00:00+00', 1, ref => 10)), (loyalty.subscription('2024-01-01 00:00+00', 2, ref => 9)), (loyalty.subscription('2024-01-01 00:00+00', 3, plan => 'b')),
	(loyalty.subscription('2024-01-01 00:00+00', 4, plan => 'a', ref => 'z')), (loyalty.subscription('2024-01-01 00:00+00', 0, plan => 'a', ref => 7))) v(e)) y, loyalty.subscriptions(y.h, '2024-01-15 00:00+00') s;

-- Anchors: a new price, quantity or plan keeps the renewal day; a trial's end, another term, a gap, a cancelling row do not
select what, s.amount, s.renews_at::date from (values
	('new price',     array[loyalty.subscription('2024-01-31 00:00+00', 10, ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 1)]),
	('on the day',    array[loyalty.subscription('2024-01-31 00:00+00', 10, ref => 1), loyalty.subscription('2024-02-29 00:00+00', 12, ref => 1)]),
	('after a trial', array[loyalty.subscription('2024-01-31 00:00+00', 0, ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 1)]),
	('another term',  array[loyalty.subscription('2024-01-31 00:00+00', 10, ref => 1), loyalty.subscription('2024-03-10 00:00+00', 120, '1 year', ref => 1)]),
	('after a gap',   array[loyalty.subscription('2024-01-31 00:00+00', 10, until => '2024-03-09 00:00+00', ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 1)]),
	('up to it',      array[loyalty.subscription('2024-01-31 00:00+00', 10, until => '2024-03-10 00:00+00', ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 1)]),
	('cancelled',     array[loyalty.subscription('2024-01-31 00:00+00', 10, ref => 1), loyalty.subscription('2024-03-01 00:00+00', 10, until => '2024-03-01 00:00+00', ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 1)]),
	('of a discount', array[loyalty.subscription('2024-01-31 00:00+00', -10, ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 1)]),
	('other ref',     array[loyalty.subscription('2024-01-31 00:00+00', 10, until => '2024-03-10 00:00+00', ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 2)]),
	('of two lines',  array[loyalty.subscription('2024-01-31 00:00+00', 10, plan => 'a', ref => 1), loyalty.subscription('2024-02-10 00:00+00', 10, plan => 'a', ref => 1), loyalty.subscription('2024-02-10 00:00+00', 5, plan => 'b', ref => 1), loyalty.subscription('2024-03-10 00:00+00', 12, ref => 1)])
	) v(what, events), lateral loyalty.subscriptions((select loyalty.history(e) from unnest(events) e), '2024-03-15 00:00+00') s;

--
-- Movements
--

-- ChartMogul's example: four yearly Gold (one here), two Silver (one here), back after a year
create temp table gold as select loyalty.history(event) as h from (values
	(loyalty.subscription('2024-01-15 00:00+00', 2000, '1 year', until => '2025-01-15 00:00+00', plan => 'Gold')),
	(loyalty.subscription('2024-01-20 00:00+00', 60, until => '2024-02-03 00:00+00', plan => 'Silver')),
	(loyalty.subscription('2025-03-01 00:00+00', 150, plan => 'Gold'))) as v(event);
select m.* from gold, loyalty.movements(h) m;
select m.* from gold, loyalty.movements(h, '[2024-01-01 00:00+00,2024-02-01 00:00+00)', net => true) m;
-- A discount beyond what is paid is churn as long as it lasts
select m.* from (select loyalty.history(e) as h from (values (loyalty.subscription('2024-01-01 00:00+00', 10)), (loyalty.subscription('2024-02-01 00:00+00', -15, until => '2024-03-01 00:00+00'))) v(e)) x, loyalty.movements(h) m;
-- Bounds count as they are
select period, array_agg(m.at::date) from gold, unnest('{"[2024-01-20 00:00+00,2024-02-03 00:00+00)","(2024-01-20 00:00+00,2024-02-03 00:00+00]","[2024-01-20 00:00+00,2024-01-20 00:00+00]",empty}'::tstzrange[]) period left join lateral loyalty.movements(h, period) m on true group by period order by 1;
-- Who comes back later than the window is new: 45 days after 2025-01-15 is the instant of coming back, which is too late
select w, m.at::date, m.movement from gold, unnest('{45 days,46 days,1 month 14 days,0}'::interval[]) w, loyalty.movements(h, '[2025-02-01 00:00+00,)', false, w) m;
-- net: one movement, dated at its last change; whether it is new is asked of the time before the period, the window of the last rise in it
create temp table back as select loyalty.history(event) as h from (values
	(loyalty.subscription('2023-01-01 00:00+00', 10, until => '2023-02-01 00:00+00')),
	(loyalty.subscription('2024-01-02 00:00+00', 10, until => '2024-01-05 00:00+00')),
	(loyalty.subscription('2024-01-10 00:00+00', 10)), (loyalty.subscription('2024-01-20 00:00+00', 5))) as v(event);
select w, m.* from back, unnest('{30 days,7 days,3 days,null}'::interval[]) w, loyalty.movements(h, '[2024-01-01 00:00+00,2024-02-01 00:00+00)', true, w) m;
select w, m.* from back, unnest('{1 day,null}'::interval[]) w, loyalty.movements(h, '(,2024-02-01 00:00+00)', true, w) m;

--
-- The report
--

create temp table kept as select c, loyalty.history(event) as h from (values
	(1, loyalty.subscription('2024-01-01 00:00+00', 100)),
	(2, loyalty.subscription('2024-01-01 00:00+00', 50, ref => 'b')), (2, loyalty.subscription('2024-02-10 00:00+00', 30, ref => 'b')),
	(3, loyalty.subscription('2024-01-01 00:00+00', 20, until => '2024-02-20 00:00+00')), (3, loyalty.subscription('2024-02-25 00:00+00', 40)),
	(4, loyalty.subscription('2024-01-01 00:00+00', 10, until => '2024-02-15 00:00+00')),
	(5, loyalty.subscription('2024-02-02 00:00+00', 7)),
	(6, loyalty.purchase('2024-02-02 00:00+00', 7))) as v(c, event) group by c;
-- start 180: 50 to 30, 20 gone and back as 40, 10 gone, 7 new; of those at the start 170 are left, none for more than at the start 150
\x on
select (loyalty.mrr_report(h, '[2024-02-01 00:00+00,2024-03-01 00:00+00)')).* from kept;
-- net: 20 to 40 is expansion
select (loyalty.mrr_report(h, '[2024-02-01 00:00+00,2024-03-01 00:00+00)', true, null)).* from kept;
-- within a window of a day the one who came back after five days is new
select r.new, r.reactivation, r.customers_new, r.customers_reactivated from (select (loyalty.mrr_report(h, '[2024-02-01 00:00+00,2024-03-01 00:00+00)', false, '1 day')).* from kept) r;
-- an empty history counts, with nothing; over nothing there is no row's content
select (loyalty.mrr_report('[]'::loyalty.history, '[2024-02-01 00:00+00,2024-03-01 00:00+00)')).*;
select r is null as nothing from (select loyalty.mrr_report(h, p) as r from (values (null::loyalty.history, '(,)'::tstzrange), ('[]', null), ('[]', 'empty')) v(h, p)) x;
\x off
-- Histories that look alike are told apart
select (loyalty.mrr_report(h, '(,)')).mrr_end from (select loyalty.add('[]', loyalty.subscription('2024-01-01 00:00+00', amount)) as h from unnest('{10,20,20,30}'::numeric[]) amount) x;
-- Movements of adjoining months add up, and one month begins where the other ended
with r as (select m, (loyalty.mrr_report(h, tstzrange(m, m + interval '1 month'))).* from kept, generate_series('2024-01-01 00:00+00'::timestamptz, '2024-04-01 00:00+00', '1 month') m group by m)
select bool_and(mrr_start + new + expansion + reactivation - contraction - churn = mrr_end) as adds_up, bool_and(mrr_start = before) as adjoins
from (select *, lag(mrr_end, 1, 0) over (order by m) as before from r) x;
-- Months first or customers first, in parallel or not, with or without memory for what was read: the same
create temp table answers as select 'plain' as how, m, loyalty.mrr_report(h, tstzrange(m, m + interval '1 month')) as r from kept, generate_series('2024-01-01 00:00+00'::timestamptz, '2024-04-01 00:00+00', '1 month') m group by m;
insert into answers select 'by month', m, r from generate_series('2024-01-01 00:00+00'::timestamptz, '2024-04-01 00:00+00', '1 month') m, lateral (select loyalty.mrr_report(h, tstzrange(m, m + interval '1 month')) as r from kept) x;
insert into answers select 'backwards', m, loyalty.mrr_report(h, tstzrange(m, m + interval '1 month') order by c desc) from kept, generate_series('2024-01-01 00:00+00'::timestamptz, '2024-04-01 00:00+00', '1 month') m group by m;
create table shared_kept as select * from kept;
alter table shared_kept set (parallel_workers = 2);
set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0; set parallel_tuple_cost = 0;
insert into answers select 'parallel', m, r from (select m, loyalty.mrr_report(h, tstzrange(m, m + interval '1 month')) as r from shared_kept, generate_series('2024-01-01 00:00+00'::timestamptz, '2024-04-01 00:00+00', '1 month') m group by m) x;
do $$
declare
	line text; partial boolean := false;
begin
	for line in explain select loyalty.mrr_report(h, '(,)') from shared_kept loop
		partial := partial or line like '%Partial Aggregate%';
	end loop;
	raise info 'in parallel: %', partial;
end $$;
reset min_parallel_table_scan_size; reset parallel_setup_cost; reset parallel_tuple_cost;
drop table shared_kept;
create temp table parted (c int, h loyalty.history) partition by list (c);
create temp table parted_odd partition of parted for values in (1, 3, 5);
create temp table parted_even partition of parted for values in (2, 4, 6);
insert into parted select * from kept;
set enable_partitionwise_aggregate = on;
explain (costs off) select loyalty.mrr_report(h, '(,)') from parted;
insert into answers select 'in parts', m, (select loyalty.mrr_report(h, tstzrange(m, m + interval '1 month')) from parted) from generate_series('2024-01-01 00:00+00'::timestamptz, '2024-04-01 00:00+00', '1 month') m;
reset enable_partitionwise_aggregate;
select m::date, count(*), count(distinct r::text) as different from answers group by m order by m;
call pg_temp.error($$select loyalty.mrr_report_combine('\x00', '\x00')$$);
call pg_temp.error($$select loyalty.mrr_report_final('\x00')$$);

--
-- Members
--

select t::date, m.* from ann, unnest('{2024-01-04,2024-01-20,2024-02-04,2024-05-03,2024-05-04,2024-06-09,2024-06-10,2025-06-10}'::timestamptz[]) t, loyalty.membership(h, 'plus', t) m;
-- Several plans count as one; a plan that is over leaves its run
select p, m.* from ann, (values ('{magazine}'::text[]), ('{magazine,plus}'), ('{}'), ('{null,magazine}')) v(p), loyalty.membership(h, p, '2024-07-01 00:00+00') m;
select loyalty.subscribed(h, 'plus', '2024-01-05 00:00+00'), loyalty.subscribed(h, 'plus', '2024-01-04 23:59+00'), loyalty.subscribed(h, 'magazine', '2024-04-10 00:00+00'), loyalty.subscribed(h, '', '2024-07-01 00:00+00') from ann;
-- Two seats with renewals on the same day count once; on different days each counts
select m.term from (values (array['2024-01-05 00:00+00', '2024-01-05 00:00+00']), (array['2024-01-05 00:00+00', '2024-01-20 00:00+00'])) v(starts),
	lateral (select loyalty.history(loyalty.subscription(s::timestamptz, 5, plan => 'x', ref => n)) as h from unnest(starts) with ordinality u(s, n)) h, loyalty.membership(h, 'x', '2024-03-10 00:00+00') m;
-- A discount makes nobody a member; a gap starts a new run, touching does not; what is cancelled tomorrow is not known today
select what, m.* from (values
	('discount', array[loyalty.subscription('2024-01-01 00:00+00', -5, plan => 'x')]),
	('gap',      array[loyalty.subscription('2024-01-01 00:00+00', 5, plan => 'x', until => '2024-02-01 00:00+00'), loyalty.subscription('2024-02-02 00:00+00', 5, plan => 'x')]),
	('touching', array[loyalty.subscription('2024-01-01 00:00+00', 5, plan => 'x', until => '2024-02-02 00:00+00'), loyalty.subscription('2024-02-02 00:00+00', 5, plan => 'x')]),
	('later',    array[loyalty.subscription('2024-01-01 00:00+00', 5, plan => 'x', ref => 1), loyalty.subscription('2024-03-01 00:00+00', 5, plan => 'x', ref => 1, until => '2024-03-01 00:00+00')]),
	('an end',   array[loyalty.subscription('2024-01-01 00:00+00', 5, plan => 'x', until => '2024-03-01 00:00+00')])
	) v(what, events), lateral loyalty.membership((select loyalty.history(e) from unnest(events) e), 'x', '2024-02-15 00:00+00') m;
-- What ends now is over
select m.* from (values (loyalty.subscription('2024-01-01 00:00+00', 5, plan => 'x', until => '2024-03-01 00:00+00'))) v(e), loyalty.membership(loyalty.add('[]', e), 'x', '2024-03-01 00:00+00') m;
-- Terms of 1 day to 100 years
select every, m.term, m.renews_at from unnest('{1 day,7 days,1 month,100 years}'::interval[]) every, loyalty.membership(loyalty.add('[]', loyalty.subscription('2000-02-29 00:00+00', 1, every, plan => 'x')), 'x', '2024-02-29 00:00+00') m;

-- NULL, empty, unknown
select loyalty.mrr(null, now()), loyalty.mrr('[]', null), loyalty.mrr('[]', now()), loyalty.first_paid('[]'), loyalty.subscribed('[]', 'x'), loyalty.subscribed(null, 'x');
select m.* from loyalty.membership('[]', 'x') m;
select count(*) from loyalty.subscriptions('[]') union all select count(*) from loyalty.subscriptions(null) union all select count(*) from loyalty.movements(null) union all select count(*) from loyalty.movements('[]', null);
call pg_temp.error($$select * from loyalty.subscriptions('[]', now(), 'Europe/Atlantis')$$);
call pg_temp.error($$select * from loyalty.membership('[]', 'x', now(), '+02')$$);

-- 10,000 segments of one ref, and of as many refs
create temp table many as select loyalty.history(loyalty.subscription('2000-01-01 00:00+00'::timestamptz + n * interval '1 day', n % 7 + 1, plan => 'x', ref => 1)) as one,
	loyalty.history(loyalty.subscription('2000-01-01 00:00+00'::timestamptz + n * interval '1 day', n % 7 + 1, plan => 'x', ref => n)) as each from generate_series(1, 10000) n;
select loyalty.mrr(one, '2020-01-01 00:00+00'), (select count(*) from loyalty.movements(one)), (select term from loyalty.membership(one, 'x', '2020-01-01 00:00+00')),
	loyalty.mrr(each, '2020-01-01 00:00+00') = (select sum(n % 7 + 1) from generate_series(1, 7305) n), (select count(*) from loyalty.movements(each)) from many;
-- Two states of 10,000 lines each: a line of the second continues what stood before it, whichever that is
select loyalty.mrr(h, '2024-04-01 00:00+00'), s.renews_at, count(*) from (select loyalty.history(loyalty.subscription(case when n % 2 = 0 then '2024-01-31 00:00+00'::timestamptz else '2024-02-10 00:00+00' end,
	n % 9 + 1, case n % 3 when 0 then interval '1 year' else '1 month' end, ref => 1)) as h from generate_series(1, 20000) n) x, loyalty.subscriptions(h, '2024-04-01 00:00+00') s group by 1, 2 order by 2;
-- History functions leave events whole; profit and points pass over them
select loyalty.profit(h), loyalty.orders(h), loyalty.points(h, '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}]}') from ann;
