-- check: what would surprise in a mapping view

\pset null 'null'
\i test/error.sql

-- A view that is all right gives nothing, with a program too
create table sale (sale_id int primary key, customer_id int, at timestamptz, total numeric, channel text);
create table back (sale_id int, customer_id int, at timestamptz, total numeric);
create view sale_event as
select customer_id, loyalty.purchase(at, total, tags => array[channel], ref => sale_id) as event from sale
union all
select customer_id, loyalty.refund(at, total, ref => sale_id) from back;
insert into sale select i, 1 + i % 5, timestamptz '2025-01-01 09:13:07+00' + i * interval '1 day 37 minutes', 10 + i, 'web' from generate_series(1, 40) i;
insert into back values (3, 4, '2025-02-01 12:00+00', 13), (4, 5, '2025-02-01 12:00+00', 5);
\set web '{"program": "web", "timezone": "Europe/Berlin", "earn": [{"points": 1, "where": {"any": ["web"]}}]}'
select * from loyalty.check('sale_event');
select * from loyalty.check('sale_event', :'web');

-- Rows and customers
begin;
insert into sale values (101, 1, null, 5, 'web'), (102, null, '2025-03-01 10:10+00', 7, 'web'), (103, null, '2025-03-01 10:11+00', 8, 'web'), (104, null, null, 5, 'web'),
	(105, 0, '2025-03-01 10:12+00', 1, 'web');
select * from loyalty.check('sale_event') \gx
rollback;

-- One who has a tenth of all events, among a hundred customers
begin;
insert into sale select 1000 + i, 7 + i % 120, timestamptz '2025-01-01 09:13:07+00' + i * interval '7 minutes 11 seconds', 1, 'web' from generate_series(1, 800) i;
insert into sale select 2000 + i, 6, timestamptz '2025-01-01 09:13:07+00' + i * interval '7 minutes 11 seconds', 1, 'web' from generate_series(1, 99) i;
select * from loyalty.check('sale_event');
insert into sale values (2100, 6, '2025-05-01 09:13:07+00', 1, 'web');
select finding, found, example from loyalty.check('sale_event');
rollback;

-- Refunds: 3 has one of 13 of 13 already
begin;
insert into back values (null, 1, '2025-03-01 10:10+00', 1), (999, 1, '2025-03-01 10:10+00', 2), (999, 1, '2025-03-02 10:10+00', 3), (1, 1, '2025-03-01 10:10+00', 4),
	(6, 2, '2025-01-01 00:01+00', 1), (3, 4, '2025-02-02 12:00+00', 0.01);
select * from loyalty.check('sale_event') \gx
rollback;

-- The same again: one in twenty is said
begin;
insert into sale select i, customer_id, at, total, channel from sale, generate_series(200, 200) i where sale_id = 1;
create view twice as select * from sale_event union all select customer_id, loyalty.purchase(at, total, tags => array[channel], ref => sale_id) from sale where sale_id in (1, 2);
select * from loyalty.check('twice');
create or replace view twice as select * from sale_event union all select customer_id, loyalty.purchase(at, total, tags => array[channel], ref => sale_id) from sale where sale_id in (1, 2, 3);
select * from loyalty.check('twice') \gx
rollback;

-- Instants: far away, on one time of day, of the session
begin;
insert into sale values (301, 1, '9000-01-01 10:10+00', 1, 'web'), (302, 1, '1970-01-01 00:00+00', 1, 'web');
insert into back values (301, 1, '9000-01-01 10:10+00', 1);
select * from loyalty.check('sale_event') \gx
rollback;
begin;
create table day (day_id int, customer_id int, day date);
insert into day select i, i % 3 + 1, date '2025-01-01' + i from generate_series(1, 20) i;
create view session as select customer_id, loyalty.purchase(day, 10, ref => day_id) as event from day;
create view utc as select customer_id, loyalty.purchase(day::timestamp at time zone 'UTC', 10, ref => day_id) as event from day;
create view berlin as select customer_id, loyalty.purchase(day::timestamp at time zone 'Europe/Berlin', 10, ref => day_id) as event from day;
select finding, found, example from loyalty.check('session');
set local timezone to 'Asia/Tokyo';
select finding, found, example from loyalty.check('session');
show timezone;
reset timezone;
select * from loyalty.check('session') offset 1 \gx
select found, example, hint from loyalty.check('utc');
select found, example, hint from loyalty.check('utc', :'web');
select found, example, hint from loyalty.check('berlin');
select found, example, hint from loyalty.check('berlin', :'web');
-- one order in ten is many, one in eleven is not; nor are nine days
create view busy as select * from berlin union all select 1 + i % 50, loyalty.purchase(timestamptz '2025-01-01 00:00:07+00' + i * interval '1 minute', 10, ref => i + 1000) from generate_series(1, 180) i;
create view busier as select * from busy union all select 1, loyalty.purchase('2025-01-01 00:00:09+00', 10, ref => 1);
select finding, found from loyalty.check('busy', :'web');
select * from loyalty.check('busier', :'web');
delete from day where day_id > 9;
select * from loyalty.check('berlin', :'web');
rollback;

-- Currencies: of tables, as long as the view looks at none
begin;
create type money_code as enum ('EUR', 'USD', 'SEK');
create table bill (bill_id int, customer_id int, at timestamptz, total numeric, currency money_code, currency_rate numeric, "Shop Currency" text);
insert into bill values (1, 1, '2025-01-01 10:01+00', 5, 'EUR', 1, 'x'), (2, 1, '2025-01-02 10:01+00', 5, 'USD', 1.1, 'x'), (3, 1, '2025-01-03 10:01+00', 5, 'EUR', 1.2, 'x'), (4, 1, '2025-01-04 10:01+00', 5, null, 1.2, 'x');
create view blind as select customer_id, loyalty.purchase(at, total, ref => bill_id) as event from bill;
create view seeing as select customer_id, loyalty.purchase(at, total, ref => bill_id) as event from bill where currency = 'EUR';
create view bills as select *, currency as currency_code from bill;
create view nested as select customer_id, loyalty.purchase(at, total, ref => bill_id) as event from bills;
select * from loyalty.check('blind') \gx
select * from loyalty.check('seeing');
select finding, found, example from loyalty.check('nested');
-- what the caller may not read is not looked at
create role loyalty_regress_clerk;
grant select on blind to loyalty_regress_clerk;
set local role loyalty_regress_clerk;
select * from loyalty.check('blind');
reset role;
grant select (currency) on bill to loyalty_regress_clerk;
set local role loyalty_regress_clerk;
select finding from loyalty.check('blind');
rollback;

-- Names
begin;
create view named as select * from sale_event union all select 1, loyalty.activity('2025-01-03 10:01+00', 'Joined') union all select 1, loyalty.grant_tier('2025-01-03 10:01+00', 'gold');
\set names '{"program": "names", "timezone": "UTC", "earn": [{"points": 1, "where": {"any": ["web", "Web"], "none": ["gift card"]}}], "bonus": [{"on": "joined", "points": 5}, {"on": "first purchase", "points": 1}, {"on": "review", "points": 1}], "expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["purchase", "usage of app", "redemption"]}], "metrics": {"where": {"sum": "orders", "where": {"all": ["store", "web"]}}}, "tiers": [{"until": "2020-01-01", "levels": [{"name": "Base", "at": 0}]}, {"from": "2020-01-01", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 5}]}]}'
select * from loyalty.check('named', :'names');
create or replace view named as select * from sale_event union all select 1, loyalty.grant_tier('2025-01-03 10:01+00', 'Gold');
select * from loyalty.check('named', :'names') where finding like 'activity%';
update sale set channel = 'shop ' || sale_id;
select * from loyalty.check('named', :'names') where example = '"web"';
update sale set channel = null;
select * from loyalty.check('named', :'names') where example = '"web"';
-- plans go by their own name, or by those that they list
\set plans '{"program": "plans", "timezone": "UTC", "plans": {"Plus": {}, "Prime": {"any": ["prime monthly", "prime yearly"]}}}'
select * from loyalty.check('named', :'plans');
create or replace view named as select * from sale_event union all select 1, loyalty.subscription('2025-01-03 10:01+00', 9, plan => p) from unnest(array['plus', 'prime monthly', null]) p;
select * from loyalty.check('named', :'plans');
-- conditions and benefits name activities, too
\set anchors '{"program": "anchors", "timezone": "UTC", "earn": [{"points": 1, "within": {"after": "Birthday", "for": "1 month"}}, {"points": 1, "within": {"after": "joined", "for": "1 month"}}], "multiply": [{"by": 2, "within": {"after": "first purchase", "for": "1 month"}}], "benefits": [{"name": "cake", "on": "cake eaten", "within": {"after": "Birthday", "for": "1 month"}}, {"name": "lounge"}]}'
create or replace view named as select * from sale_event union all select 1, loyalty.activity('2025-01-03 10:01+00', a) from unnest(array['joined', 'birthday']) a;
select * from loyalty.check('named', :'anchors');
-- a program in which nothing is named
select * from loyalty.check('sale_event', '{"program": "none", "timezone": "UTC"}');
rollback;

-- A row that makes no valid event, or cannot be read
begin;
insert into sale values (401, 1, '2025-01-03 10:01+00', 1.1234567, 'web');
select * from loyalty.check('sale_event') \gx
create or replace view sale_event as select customer_id, loyalty.purchase(at, 1 / (sale_id - 1), ref => sale_id) as event from sale;
select finding, example from loyalty.check('sale_event');
rollback;

-- No rows; NULL; other columns and their order; a table, a materialized view; names that want quoting
select * from loyalty.check('sale_event') where false;
begin;
delete from sale;
delete from back;
select * from loyalty.check('sale_event');
rollback;
select * from loyalty.check(null, :'web');
create table "Stored ""Events" as select event as "the Event", customer_id as "Key%I", 'EUR' || customer_id as currency from sale_event;
create materialized view stored as select "the Event", "Key%I" from "Stored ""Events";
select * from loyalty.check('"Stored ""Events"');
select * from loyalty.check('stored');
insert into "Stored ""Events" values (null, 5);
select finding, found, example from loyalty.check('"Stored ""Events"');
call pg_temp.error($$select loyalty.check('sale')$$);
create view one_column as select event from sale_event;
create view two_events as select customer_id, event, event as again from sale_event;
call pg_temp.error($$select loyalty.check('one_column')$$);
call pg_temp.error($$select loyalty.check('two_events')$$);
call pg_temp.error($$select loyalty.check('sale_pkey')$$);
-- as the caller
create role loyalty_regress_nobody;
set role loyalty_regress_nobody;
call pg_temp.error($$select loyalty.check('sale_event')$$);
reset role;
drop role loyalty_regress_nobody;
-- nothing hangs on the session
set datestyle to 'SQL, DMY';
create view by_day as select at::date as day, event from sale, lateral (select loyalty.purchase(null, 1) as event) x;
select distinct finding, found, example from loyalty.check('by_day');
reset datestyle;
