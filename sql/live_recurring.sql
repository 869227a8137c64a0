-- live_recurring: subscriptions, usage, advances and repayments in live histories

\pset null 'null'
set client_min_messages = warning;
\set SHOW_CONTEXT never
create schema billing;
set search_path = billing;

-- A table of current state whose terms are a number and a unit, a meter's readings, and what partners were lent and paid back
create table subscriptions (id int primary key, customer int, plan text, price numeric, seats int default 1, n int default 1, unit text default 'month',
	trial_end timestamptz, started_at timestamptz, ended_at timestamptz, note text);
create table readings (id int primary key, subscription int references subscriptions on delete cascade, at timestamptz, calls numeric);
create table loans (id int primary key, customer int, terms text, at timestamptz, amount numeric);
create table instalments (loan int references loans on delete cascade, no int, at timestamptz, amount numeric, primary key (loan, no));

-- a term that is put together as text depends on the session's style of intervals: it cannot be tracked
create view by_text as select customer, loyalty.subscription(started_at, price, (n || unit)::interval, plan => plan, ref => id) as event from subscriptions;
select loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('by_text', 'loyal');
\echo :LAST_ERROR_SQLSTATE

create view event as
	select customer, loyalty.subscription(coalesce(trial_end, started_at), price * seats, n * case unit when 'year' then interval '1 year' when 'week' then interval '7 days' else interval '1 month' end,
		plan => plan, quantity => seats, ref => id, until => case when ended_at is not null then greatest(ended_at, trial_end) end) as event
	from subscriptions
	union all
	select customer, loyalty.subscription(started_at, 0, until => least(ended_at, trial_end), plan => plan, ref => id) from subscriptions where trial_end > started_at
	union all
	select s.customer, loyalty.usage(r.at, 'calls', r.calls, ref => r.id) from readings r join subscriptions s on s.id = r.subscription
	union all
	select customer, loyalty.advance(at, amount, terms, ref => id) from loans
	union all
	select l.customer, loyalty.repayment(i.at, i.amount, ref => i.loan) from instalments i join loans l on l.id = i.loan;
insert into subscriptions (id, customer, plan, price, started_at) values (1, 1, 'plus', 9, '2025-01-10 00:00+00');
select loyalty.track('event', 'loyal');

-- What every change must leave: the histories and answers that the view gives when it is read anew
create view fresh as select customer, loyalty.history(event) as history from event group by customer;
create view differences as
	select customer, m::text as kept, n::text as computed
	from (select customer, coalesce(l.history, '[]') as h, coalesce(f.history, '[]') as g from loyal l full join fresh f using (customer)) x,
		loyalty.membership(h, 'plus', '2025-06-15 00:00+00') m, loyalty.membership(g, 'plus', '2025-06-15 00:00+00') n
	where not loyalty.same(h, g) or m is distinct from n;
-- for a BI tool
create view loyal_membership as
	select customer, p.plan, m.*, loyalty.mrr(history, '2025-06-15 00:00+00') as mrr
	from loyal, (select 'plus' union all select 'team') p(plan), loyalty.membership(history, p.plan, '2025-06-15 00:00+00') m where m.since is not null;
select column_name, data_type from information_schema.columns where table_schema = 'billing' and table_name = 'loyal_membership' order by ordinal_position;
\set check 'table differences; select count(*) as wrong from loyalty.verify(''loyal''); select customer, plan, member, paying, since::date, until::date, term, renews_at::date, mrr from loyal_membership order by 1, 2;'
:check

-- INSERT: a trial, seats by the year, weeks, what is used, lent and paid back; several rows at once
insert into subscriptions (id, customer, plan, price, seats, n, unit, trial_end, started_at) values
	(2, 2, 'plus', 9, 1, 1, 'month', '2025-06-20 00:00+00', '2025-06-01 00:00+00'), (3, 2, 'team', 240, 3, 1, 'year', null, '2025-02-01 00:00+00'), (4, 3, 'plus', 4, 1, 2, 'week', null, '2025-03-01 00:00+00');
insert into readings values (1, 3, '2025-06-01 00:00+00', 100), (2, 3, '2025-06-02 00:00+00', -5), (3, 4, '2025-06-03 00:00+00', 7);
insert into loans values (1, 3, 'a year', '2025-03-01 00:00+00', 1000);
insert into instalments values (1, 1, '2025-04-01 00:00+00', 90), (1, 2, '2025-05-01 00:00+00', 90);
:check
-- UPDATE: a price and seats, an end, another customer, a NULL, what no event shows
update subscriptions set price = 12, seats = 2 where id = 1;
update subscriptions set ended_at = '2025-05-20 00:00+00' where id = 4;
:check
update subscriptions set customer = 4 where id = 4;
update subscriptions set trial_end = null where id = 2;
update subscriptions set price = null where id = 3;
update readings set calls = calls + 1 where id = 1;
update instalments set amount = 95 where no = 2;
:check
update subscriptions set price = 240 where id = 3;
select max(version) as version from loyal_base \gset
update subscriptions set note = 'x';
select max(version) = :version as untouched from loyal_base;
-- a usage, an advance or a repayment takes and gives no points
select customer, points, debt from loyal_standing order by customer;
select customer, loyalty.billed(history, '{"tariff": "t", "timezone": "UTC", "meters": {"calls": {"price": 0.5}}}', '[2025-06-01 00:00+00,2025-07-01 00:00+00)') from loyal order by customer;
-- DELETE, with what hangs on it; TRUNCATE
delete from subscriptions where id = 3;
delete from loans;
:check
select customer, e.kind, e.name, e.amount, e.quantity, e.every, e.ref from loyal, loyalty.events(history) e order by customer, e.at, e.ref;
truncate subscriptions, readings;
:check
-- what the constructor refuses is refused with its row, and nothing is changed
insert into subscriptions (id, customer, plan, price, started_at, ended_at) values (9, 9, 'plus', 9, '2025-01-10 00:00+00', '2025-01-09 00:00+00');
insert into subscriptions (id, customer, plan, price, started_at, n) values (9, 9, 'plus', 9, '2025-01-10 00:00+00', 0);
:check
drop schema billing cascade;
