-- Recurring revenue against the oracle: the same answers computed a second time, naively, in SQL and PL/pgSQL, from promises in a
-- plain array. Worked cases, then N random histories; then reports of many customers: any order, serial and parallel.
-- SEED= sets where the random cases begin: a case depends on its own number only.

\set ON_ERROR_STOP on
set client_min_messages = warning;
set jit = off;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '1000') as n \gset

\ir oracle_ask.sql
\ir oracle_subscription_random.sql
\ir oracle_compare.sql
\ir oracle_subscription_cases.sql

call check_cases();
select 'worked cases', count(*) from oracle."case";

-- What must hold of the answers by themselves: a claim that does not, else null
create function contradiction(a oracle.asked) returns text language plpgsql stable parallel safe as $$
declare
	h loyalty.history := history_read(a.history);
	t timestamptz;
	m record;
	r record;
begin
	if not loyalty.same(h, history_gathered(a.history)) or not loyalty.same(h, h::text::loyalty.history) or not loyalty.same(h, h::jsonb::loyalty.history) then
		return 'a history is the same in whatever order and parts its events come, and when written and read again';
	elsif loyalty.mrr(h) is distinct from loyalty.mrr(h, now()) or loyalty.membership(h, 'a') is distinct from loyalty.membership(h, array['a'], now(), 'UTC')
		or loyalty.subscribed(h, 'a') is distinct from loyalty.subscribed(h, 'a', now()) then
		return 'asof is now and the zone UTC if not given';
	elsif (select sum(change) from loyalty.movements(h)) is distinct from (select sum(change) from loyalty.movements(h, '(,)', false, '1 day')) then
		return 'the window changes names only';
	end if;
	for m in select *, lag(at) over line as late, lag(mrr, 1, 0::numeric) over line as before from loyalty.movements(h) with ordinality as x(at, movement, change, mrr, n) window line as (order by n) loop
		if m.change = 0 or m.mrr - m.before <> m.change or m.mrr <> loyalty.mrr(h, m.at) or m.at <= m.late then
			return format('movements lead from one MRR to the next: %s', to_jsonb(m));
		end if;
	end loop;
	if (select min(at) from loyalty.movements(h) where mrr > 0) is distinct from loyalty.first_paid(h) then
		return 'first_paid() is the first movement upwards';
	end if;
	for t in select (q->>'asof')::timestamptz from jsonb_array_elements(a.questions) as q where q ? 'asof' loop
		if loyalty.mrr(h, t) <> (select greatest(coalesce(sum(mrr), 0), 0) from loyalty.subscriptions(h, t)) then
			return format('the MRR is the sum of those in force at %s', t);
		elsif loyalty.mrr(loyalty.until(h, t), t) <> loyalty.mrr(h, t) or loyalty.membership(loyalty.until(h, t), 'a', t) is distinct from loyalty.membership(h, 'a', t)
			or array(select s::text from loyalty.subscriptions(loyalty.until(h, t), t) as s) <> array(select s::text from loyalty.subscriptions(h, t) as s) then
			return format('nothing later is known at %s', t);
		elsif loyalty.membership(h, 'a', t) is distinct from loyalty.membership(h, array['a'], t) or loyalty.subscribed(h, 'a', t) is distinct from (loyalty.membership(h, 'a', t)).member then
			return format('one plan or a list of one at %s', t);
		end if;
	end loop;
	for r in
		select q->>'ask' as ask, (q->>'period')::tstzrange as period, (q->>'window')::interval as win, coalesce((q->>'net')::boolean, false) as net from jsonb_array_elements(a.questions) as q where q ? 'period'
	loop
		select sum(mrr_end - mrr_start) = sum(new + expansion + reactivation - contraction - churn) and sum(mrr_end - mrr_start) = coalesce((select sum(change) from loyalty.movements(h, r.period, r.net, r.win)), 0) as holds
		from (select (loyalty.mrr_report(h, r.period, r.net, r.win)).*) as x into m;
		if not m.holds then
			return format('start + movements = end over %s', r.period);
		end if;
	end loop;
	return null;
end $$;

\set asked oracle.random_asked_subscription
\ir oracle_seeds.sql

----------------------------------------------------------------------------------------------------------------------
-- Many customers

create table customer as
select seed as n, seed % 3 as g, h as history, history_read(h) as h, random() as arrival
from (select seed, (oracle.random_asked_subscription(seed)).history as h from (select generate_series(1, 200) as seed offset 0) as s) as c;
insert into customer values (0, 0, null, null, 0.5);
create table period as
select row_number() over () as p, period, net, win
from (
	select tstzrange(m, m + interval '1 month') as period, false as net, null::interval as win from generate_series('2024-01-01 00:00+00'::timestamptz, '2024-12-01 00:00+00', '3 months') as m
	union all values
		(tstzrange('2024-01-01 00:00+00', '2024-06-01 00:00+00'), false, '90 days'::interval), (tstzrange('2024-06-01 00:00+00', '2024-09-01 00:00+00', '(]'), true, '1 month'), ('(,)', true, null), ('[2024-02-01 00:00+00,)', true, '60 days')) as x;
insert into period values (98, null, false, null), (99, 'empty', false, null);
alter table customer set (parallel_workers = 2);
alter table period set (parallel_workers = 0);
set enable_material = off;
analyze customer;
analyze period;

create table reported as
select g, p, oracle.rates(to_jsonb(oracle.report(array_agg(row(oracle.promises(history), period)::oracle.customer) filter (where history is not null), bool_or(net), max(win)))) as report
from customer, period where period is not null group by g, p
union all select g, 98, null from generate_series(0, 2) as g;

create view report as
select g, p, loyalty.mrr_report(h, period, net, win) as report, loyalty.mrr_report(h, period, net, win order by arrival) as shuffled from customer, period group by g, p;
set max_parallel_workers_per_gather = 0;
create table serial as select g, p, oracle.rates(to_jsonb(report)) as report, report = shuffled or report is null and shuffled is null as any_order from report;
reset max_parallel_workers_per_gather;
call expect_none('a report is the oracle''s', $$
	select g, p, r.report as extension, o.report as oracle from reported as o full join serial as r using (g, p) where r.report is distinct from o.report $$);
call expect_none('a report does not depend on the order of rows', $$ select g, p from serial where not any_order $$);

create view parallel_report as select g, p, loyalty.mrr_report(h, period, net, win) as report from customer, period group by g, p;
call expect_parallel('select * from parallel_report');
create table in_parallel as select g, p, oracle.rates(to_jsonb(report)) as report from parallel_report;
set enable_hashagg = off;
create table in_parallel_sorted as select g, p, oracle.rates(to_jsonb(report)) as report from parallel_report;
reset enable_hashagg;
call expect_none('a parallel plan gives the same report', $$
	select g, p from serial as s full join in_parallel as a using (g, p) full join in_parallel_sorted as b using (g, p) where a.report is distinct from s.report or b.report is distinct from s.report $$);
call expect_none('two arguments are four', $$
	select g, p from (select g, p, loyalty.mrr_report(h, period) as two, loyalty.mrr_report(h, period, false, null) as four from customer, period group by g, p) as x where to_jsonb(two) is distinct from to_jsonb(four) $$);
call expect_none('the customers'' reports make the report of all', $$
	select * from (select p, sum(mrr_start) as s, sum(new) as n, sum(churn) as c, sum(customers_new) as cn, sum(customers_retained) as cr, sum(mrr_end) as e
		from (select n, p, (loyalty.mrr_report(h, period, net, win)).* from customer, period group by n, p) as x group by p) as parts
	join (select p, (loyalty.mrr_report(h, period, net, win)).* from customer, period group by p) as whole using (p)
	where (s, n, c, cn, cr, e) is distinct from (mrr_start, new, churn, customers_new, customers_retained, mrr_end) $$);

-- Twelve adjoining months make the year, for all and for each
create table month as select m as month, tstzrange(m, m + interval '1 month') as period from generate_series('2024-01-01 00:00+00'::timestamptz, '2024-12-01 00:00+00', '1 month') as m;
call expect_none('a month begins with what the one before ended with, and adds up', $$
	select * from (select *, lag(mrr_end) over (order by month) as before from (select month, (loyalty.mrr_report(h, period)).* from customer, month group by month) as r) as x
	where before <> mrr_start or mrr_start + new + expansion + reactivation - contraction - churn <> mrr_end $$);
call expect_none('the months'' movements make the year''s', $$
	select * from (select n, sum(new) as new, sum(expansion) as expansion, sum(reactivation) as reactivation, sum(contraction) as contraction, sum(churn) as churn, sum(customers_new) as customers_new, sum(customers_churned) as customers_churned
		from (select n, month, (loyalty.mrr_report(h, period)).* from customer, month group by n, month) as x group by n) as months
	join (select n, (loyalty.mrr_report(h, '[2024-01-01 00:00+00,2025-01-01 00:00+00)')).* from customer group by n) as year using (n)
	where (months.new, months.expansion, months.reactivation, months.contraction, months.churn, months.customers_new, months.customers_churned) is distinct from (year.new, year.expansion, year.reactivation, year.contraction, year.churn, year.customers_new, year.customers_churned) $$);
select 'reports', count(*) from serial;

call expect_columns($$ select * from loyalty.subscriptions('[]') $$, 'plan, amount, every, quantity, mrr, since, until, renews_at, tags, ref');
call expect_columns($$ select * from loyalty.movements('[]') $$, 'at, movement, change, mrr');
call expect_columns($$ select * from loyalty.membership('[]', 'a') $$, 'member, paying, since, until, term, renews_at');
call expect_columns($$ select (loyalty.mrr_report(h, '(,)')).* from customer $$, 'mrr_start, new, expansion, reactivation, contraction, churn, mrr_end, customers_start, customers_new, customers_reactivated, '
	'customers_churned, customers_retained, customers_end, nrr, grr, logo_churn, quick_ratio, arpa');

-- Nothing given, nothing said
call expect_none('NULL for NULL', $$
	select 1 where loyalty.mrr(null, now()) is not null or loyalty.mrr('[]', null) is not null or loyalty.mrr('[]', now()) <> 0 or loyalty.first_paid(null) is not null or loyalty.first_paid('[]') is not null
		or exists (select from loyalty.subscriptions(null, now())) or exists (select from loyalty.movements(null)) or exists (select from loyalty.movements('[]', null))
		or loyalty.subscribed(null, 'a') is not null or loyalty.subscribed('[]', 'a') or (loyalty.membership(null, 'a')).member is not null or (select loyalty.mrr_report(h, '(,)') from customer where false) is not null $$);

select 'ok';
