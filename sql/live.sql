-- live: histories kept current by triggers
--
-- Read it from top to bottom.  What stands here as an answer of a live history is what its views would give at that
-- moment: loyalty.verify() compares the two and has no rows if they agree.

\pset null 'null'
set client_min_messages = warning;
\set SHOW_CONTEXT never
create schema shop;
set search_path = shop;

--
-- A shop, its mapping view, and a history of each customer
--

create table customers (id int primary key, club boolean not null default true);
create table orders (id int primary key, customer int references customers on update cascade on delete cascade, at timestamptz,
	total numeric(10, 2), shipping numeric(10, 2) default 0, status text default 'paid', note text);
create table refunds (id int primary key, order_id int not null references orders on update cascade on delete cascade, at timestamptz, amount numeric(10, 2));
create table redemptions (id int primary key, customer int, at timestamptz, points int);
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders where status <> 'cancelled'
	union all
	select customer, loyalty.expense(at, shipping, array['shipping']) from orders where status <> 'cancelled' and shipping > 0
	union all
	select o.customer, loyalty.refund(r.at, r.amount, ref => r.order_id) from refunds r join orders o on o.id = r.order_id
	union all
	select customer, loyalty.redemption(at, points) from redemptions;
insert into customers select generate_series(1, 9);
insert into orders (id, customer, at, total, shipping) values
	(1, 1, '2025-01-01 00:00+00', 100, 0), (2, 1, '2025-01-02 00:00+00', 50, 5), (3, 2, '2025-01-03 00:00+00', 30, 0);
insert into refunds values (1, 2, '2025-01-04 00:00+00', 20);

-- A live history by customer number, with a program: a point for every 1.00, which lives 100 years; redeemed in tens; Gold from 350 on
select loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}],
	"expire": [{"kind": "age", "after": "100 years"}], "redeem": {"step": 10},
	"tiers": {"window": "lifetime", "levels": [{"name": "Basic", "at": 0}, {"name": "Gold", "at": 350}]}}');
-- It is a view over ordinary tables
\d loyal
\d loyal_base
\d loyal_fragment
\d loyal_source
\d loyal_program
\d loyal_row
\d loyal_standing
-- whose columns say what they are
select objoid::regclass as view, attname as column, description from pg_description join pg_attribute on attrelid = objoid and attnum = objsubid
where objoid in ('loyal'::regclass, 'loyal_standing'::regclass) order by 1, attnum;

-- Feed it: triggers on the tables that the view reads, and what they hold now
set client_min_messages = notice;
select loyalty.track('event', 'loyal');
-- once is enough
select loyalty.track('event', 'loyal');
set client_min_messages = warning;
table loyalty.tracked;

-- Ann has bought for 100 and 50 and given back 20; it cost 5 to ship
select customer, loyalty.points(history, program), loyalty.revenue(history), loyalty.cost(history) from loyal, loyal_program order by customer;
\x on
select * from loyal_standing where customer = 1;
\x off

-- To read on with: a history in few words, the changes that are not in the base rows yet, and the check
create function brief(history loyalty.history) returns text stable language sql return
	(select string_agg(concat_ws(' ', to_char(at at time zone 'UTC', 'MM-DD'), kind, trim_scale(coalesce(amount, points)), name), ', ' order by n)
	 from loyalty.events(history) with ordinality as e(at, kind, amount, cost, quantity, points, expires, name, tier, until, tags, ref, event, n));
create view kept as select customer, brief(history) as events from loyal order by customer;
create view change as select customer, brief(added) as added, brief(removed) as removed from loyal_fragment order by customer, id;
\set kept 'table kept; select customer, brief(kept) as kept, brief(computed) as computed, reason from loyalty.verify(''loyal'');'
:kept

--
-- Redemptions: rows of the shop's own table, which are refused if the points are not there
--

-- Ann has 130 points: 100 may go, then there are 30
insert into redemptions values (1, 1, '2025-01-05 00:00+00', 100);
insert into redemptions values (2, 1, '2025-01-06 00:00+00', 40);
\echo :LAST_ERROR_SQLSTATE :LAST_ERROR_MESSAGE
-- not in tens
insert into redemptions values (2, 1, '2025-01-06 00:00+00', 25);
-- not before they were earned: on the first day there were 100, and the order at midnight is there by then
insert into redemptions values (2, 1, '2024-12-31 23:59+00', 10);
-- not by a redemption in the past: then there were 130, but the 100 of January 5 would find 90
insert into redemptions values (2, 1, '2025-01-04 12:00+00', 40);
-- not by a larger number, an earlier date or another customer
update redemptions set points = 140;
update redemptions set at = '2025-01-01 12:00+00', points = 110;
update redemptions set customer = 2;
-- nobody has these points
insert into redemptions values (2, 8, '2025-01-06 00:00+00', 10);
-- one of two is too many: none is taken
insert into redemptions values (2, 2, '2025-01-06 00:00+00', 30), (3, 1, '2025-01-06 00:00+00', 40);
-- twice in one transaction; a savepoint takes back the second
begin;
insert into redemptions values (2, 1, '2025-01-06 00:00+00', 20);
savepoint s;
insert into redemptions values (3, 1, '2025-01-06 00:00+00', 20);
rollback to s;
insert into redemptions values (3, 1, '2025-01-06 00:00+00', 10);
commit;
:kept
-- What drivers hand out says all of it, whatever the session's settings: the detail as JSON; points available and the reason as fields
create procedure refusal(statement text) language plpgsql as $$
declare
	schema_ text; table_ text; column_ text; constraint_ text; detail jsonb;
begin
	execute statement;
exception when sqlstate 'LY001' then
	get stacked diagnostics schema_ = schema_name, table_ = table_name, column_ = column_name, constraint_ = constraint_name, detail = pg_exception_detail;
	raise info '%', concat_ws(', ', schema_, table_, column_, constraint_);
	raise info '%', detail;
end $$;
set timezone = 'Asia/Tokyo';
set datestyle = 'German';
call refusal($$insert into redemptions values (4, 1, '2025-01-06 00:00:00.5+00', 1000)$$);
call refusal($$insert into redemptions values (4, 1, '2025-01-04 12:00+00', 100)$$);
call refusal($$insert into redemptions values (4, 2, '2025-01-06 00:00+00', 25)$$);
reset timezone;
reset datestyle;
-- One that is undone gives the points back
delete from redemptions where id in (2, 3);
select customer, points from loyal_standing order by customer;
-- The shop may take an order back although its points are spent: Ann owes 70
delete from orders where id = 1;
select customer, points from loyal_standing order by customer;
-- and redeems nothing before she has paid that with new orders
insert into redemptions values (2, 1, '2025-01-08 00:00+00', 10);
insert into orders (id, customer, at, total) values (1, 1, '2025-01-07 00:00+00', 90);
insert into redemptions values (2, 1, '2025-01-08 00:00+00', 20);
select customer, points from loyal_standing order by customer;
:kept

--
-- Every way in which a row can change
--
truncate redemptions;

-- INSERT: what is gained is appended, once for each customer and statement; no row of the base changes.  A sale to nobody is no event
select customer, version from loyal_base order by customer;
insert into orders (id, customer, at, total) values (4, 1, '2025-02-01 00:00+00', 40), (5, 3, '2025-02-01 00:00+00', 11), (6, 3, '2025-02-02 00:00+00', 22), (7, null, '2025-02-02 00:00+00', 5);
select * from change;
select customer, version from loyal_base order by customer;
:kept

-- UPDATE of an amount, which takes one event and gives another: the base row takes in all of Ann's changes
update orders set total = 45 where id = 4;
select * from change;
select customer, version from loyal_base order by customer;
-- One that changes no event leaves no trace
update orders set note = 'gift', total = total, shipping = 0 where id in (4, 5, 6, 7);
update orders set total = 1 where false;
select * from change;
select customer, version from loyal_base order by customer;
-- A date, a status and back, another customer, nobody, a NULL instead of the amount
update orders set at = at + interval '1 day' where id = 4;
update orders set status = 'cancelled' where customer = 3;
:kept
update orders set status = 'paid' where id = 6;
update orders set customer = 4 where id = 6;
:kept
update orders set customer = null where id = 6;
update orders set customer = 3 where id = 7;
update orders set total = null where id = 4;
:kept
update orders set total = 40 where id = 4;

-- DELETE; a customer without events keeps an empty history, and stands nowhere: counts by tier are counts of members
delete from orders where id in (6, 7);
:kept
select customer, tier, points, debt from loyal_standing order by customer;
-- When such a person was to be erased, the key goes as well; who comes back is a new customer
select loyalty.forget('loyal');
:kept
insert into orders (id, customer, at, total) values (6, 3, '2025-02-02 00:00+00', 22);
select customer, tier, points, debt from loyal_standing order by customer;
delete from orders where id = 6;

-- INSERT ... ON CONFLICT: nothing, and an update (of order 4, to 41) beside an insert
insert into orders (id, customer, at, total) values (4, 5, '2025-02-03 00:00+00', 1) on conflict do nothing;
insert into orders (id, customer, at, total) values (4, 5, '2025-02-03 00:00+00', 41), (8, 5, '2025-02-03 00:00+00', 8) on conflict (id) do update set total = excluded.total;
:kept

-- MERGE: changes 4, deletes 8, makes 9
merge into orders o using (values (4, 42), (8, 0), (9, 9)) as n(id, total) on o.id = n.id
when matched and n.total = 0 then delete
when matched then update set total = n.total
when not matched then insert (id, customer, at, total) values (n.id, 6, '2025-02-04 00:00+00', n.total);
:kept

-- COPY
copy orders (id, customer, at, total) from stdin;
10	5	2025-02-05 00:00+00	10
11	6	2025-02-05 00:00+00	11
\.
:kept

-- One statement that changes several tables, in either order: a sale and its refund come at once, and go at once
with o as (insert into orders (id, customer, at, total) values (12, 7, '2025-02-06 00:00+00', 12) returning id, at)
insert into refunds select 12, id, at, 2 from o;
with r as (insert into refunds values (13, 13, '2025-02-06 00:00+00', 3))
insert into orders (id, customer, at, total) values (13, 7, '2025-02-06 00:00+00', 13);
:kept
with r as (delete from refunds where id = 12) delete from orders where id = 12;
with o as (delete from orders where id = 13) delete from refunds where id = 13;
:kept

-- Cascades: an order's number goes into its refunds, and refunds go with the order; so does all of a customer
insert into refunds values (14, 4, '2025-02-07 00:00+00', 4);
update orders set id = 40 where id = 4;
select loyalty.events(history) from loyal where customer = 1;
delete from orders where id = 40;
:kept
update customers set id = 50 where id = 5;
delete from customers where id = 6;
:kept

-- TRUNCATE, of one table and of several
insert into refunds values (15, 10, '2025-02-08 00:00+00', 1);
:kept
truncate refunds;
:kept
truncate orders, refunds;
:kept

-- Triggers that change what is being inserted, or answer with changes of their own
create function touch() returns trigger language plpgsql as $$
begin
	if new.note = 'double' then
		new.total := new.total * 2;
	elsif new.note = 'more' then
		insert into orders (id, customer, at, total, note) values (new.id + 1, new.customer, new.at, 1, 'more');
	end if;
	return new;
end $$;
create trigger a before insert on orders for each row when (new.note = 'double') execute function touch();
create trigger b after insert on orders for each row when (new.note = 'more' and new.id < 24) execute function touch();
insert into orders (id, customer, at, total, note) values (20, 1, '2025-03-01 00:00+00', 20, 'double'), (21, 1, '2025-03-02 00:00+00', 21, 'more');
:kept
drop function touch cascade;

--
-- Joined tables: rows find their customer along foreign keys
--

-- A second view into the same history.  A ticket may name its customer, or an order, which has one; the club's members only.
-- Bonuses belong to an order and go to its customer
create table tickets (id int primary key, customer int, order_id int references orders on delete set null on update cascade, at timestamptz, minutes int);
create table bonuses (order_id int, line int, at timestamptz, points int, primary key (order_id, line), foreign key (order_id) references orders);
create view service as
	select coalesce(t.customer, o.customer) as customer, loyalty.expense(t.at, t.minutes * 0.5, array['support']) as event
	from tickets t left join orders o on o.id = t.order_id left join customers c on c.id = o.customer where coalesce(c.club, true)
	union all
	select c.id, loyalty.adjustment(b.at, b.points) from bonuses b join (orders o join customers c on c.id = o.customer) on o.id = b.order_id where c.club;
insert into tickets values (1, null, 20, '2025-03-03 00:00+00', 10), (2, 2, null, '2025-03-03 00:00+00', 4);
select loyalty.track('service', 'loyal');
select * from loyalty.tracked order by events, relation, role;
:kept
-- What each row has given is remembered
select relation, branch, key, customer, brief(loyalty.history(event)) from loyal_row join loyal_source using (source) group by 1, 2, 3, 4 order by 1, 2, 3;
insert into tickets values (3, null, 21, '2025-03-04 00:00+00', 6), (4, null, null, '2025-03-04 00:00+00', 8);
insert into bonuses values (20, 1, '2025-03-04 00:00+00', 5), (20, 2, '2025-03-04 00:00+00', 6), (21, 1, '2025-03-04 00:00+00', 7);
:kept
-- Order 20 goes to customer 3, and with it ticket 1 and two bonuses
update orders set customer = 3 where id = 20;
:kept
-- Customer 3 leaves the club, and comes back
update customers set club = false where id = 3;
:kept
update customers set club = true where id = 3;
-- The row itself points elsewhere, changes, goes
update tickets set order_id = 22 where id = 1;
update tickets set minutes = 7 where id = 3;
update bonuses set line = 3 where line = 2;
delete from bonuses where line = 1;
:kept
-- The key of the grandparent goes all the way down; the customer goes, and the order with him: his ticket stays, for nobody
delete from bonuses;
update customers set id = 30 where id = 3;
:kept
update tickets set order_id = 20 where id = 1;
delete from customers where id = 30;
:kept
-- Both at once: the ticket goes to customer 2 while its order goes to customer 8
with o as (update orders set customer = 8 where id = 21) update tickets set customer = 2, order_id = 23 where id = 3;
:kept
-- A change of columns that the view does not look at reaches no row
select max(version) as version from loyal_base \gset
update orders set note = 'x', total = total;
select max(version) = :version as untouched from loyal_base;

--
-- Partitions
--

create table sale (id int, customer int, at timestamptz, total numeric) partition by range (at);
create table sale_2024 partition of sale for values from ('2024-01-01 00:00+00') to ('2025-01-01 00:00+00');
create table sale_2025 partition of sale for values from ('2025-01-01 00:00+00') to ('2026-01-01 00:00+00') partition by list (customer);
create table sale_2025_1 partition of sale_2025 for values in (1);
create table sale_2025_x partition of sale_2025 default;
create view sold as select customer, loyalty.purchase(at, total, ref => id) as event from sale;
insert into sale values (1, 1, '2024-05-01 00:00+00', 10), (2, 1, '2025-05-01 00:00+00', 20);
select loyalty.keep('yearly', 'int');
select loyalty.track('sold', 'yearly');
\set yearly 'select customer, brief(history) as events from yearly order by customer; select customer, brief(kept) as kept, brief(computed) as computed, reason from loyalty.verify(''yearly'');'
\set yearly_state 'select relation, role, state from loyalty.tracked where live = ''yearly''::regclass order by relation;'
:yearly_state

-- Through the parent and through the leaves, in one statement and across partitions
insert into sale values (3, 2, '2024-06-01 00:00+00', 30), (4, 2, '2025-06-01 00:00+00', 40), (5, 1, '2025-06-02 00:00+00', 50);
insert into sale_2025 values (6, 1, '2025-07-01 00:00+00', 60);
insert into sale_2025_x values (7, 3, '2025-07-01 00:00+00', 70);
:yearly
update sale set at = at + interval '1 year' where id = 1;
update sale set customer = 3, total = 51 where id = 5;
update sale_2025 set customer = 1 where id = 7;
delete from sale_2024 where id = 3;
delete from sale where id = 4;
:yearly
truncate sale_2025_1;
:yearly
truncate sale;
:yearly

-- A new partition has no triggers: it is reported, and its rows missed, until it is tracked too
create table sale_2026 partition of sale for values from ('2026-01-01 00:00+00') to ('2027-01-01 00:00+00');
:yearly_state
insert into sale values (8, 1, '2026-01-01 00:00+00', 80);
:yearly
select loyalty.track('sold', 'yearly');
:yearly_state
insert into sale_2026 values (9, 1, '2026-01-02 00:00+00', 90);
:yearly

-- One that is attached with rows in it brings what was never counted; rebuild() counts all anew
create table sale_2027 (total numeric, at timestamptz, note text, customer int, id int);
alter table sale_2027 drop column note;
insert into sale_2027 values (100, '2027-01-01 00:00+00', 1, 10);
alter table sale attach partition sale_2027 for values from ('2027-01-01 00:00+00') to ('2028-01-01 00:00+00');
:yearly
select loyalty.rebuild('yearly');
:yearly
-- then rows go in and out of it, although its columns stand in another order
insert into sale_2027 values (130, '2027-01-02 00:00+00', 2, 13), (140, '2027-01-02 00:00+00', 2, 14);
insert into sale values (15, 1, '2027-01-03 00:00+00', 150);
update sale_2027 set total = total + 1;
update sale set at = '2026-12-31 00:00+00' where id = 14;
delete from sale_2027 where id = 13;
:yearly
-- One that is detached takes its rows with it, unseen: nothing may be done to it before the history is rebuilt, so that somebody notices
alter table sale detach partition sale_2026;
:yearly
:yearly_state
insert into sale_2026 values (11, 1, '2026-01-03 00:00+00', 110);
\echo :LAST_ERROR_SQLSTATE
update sale_2026 set total = 0;
delete from sale_2026;
truncate sale_2026;
-- what changes nothing is free, and so are the partitions that stay
delete from sale_2026 where false;
insert into sale values (11, 1, '2025-01-03 00:00+00', 11);
delete from sale where id = 11;
select loyalty.rebuild('yearly');
-- then its rows are no business of the view's, until it is attached and tracked again
:yearly
insert into sale_2026 values (12, 1, '2026-01-03 00:00+00', 120);
:yearly
:yearly_state
alter table sale attach partition sale_2026 for values from ('2026-01-01 00:00+00') to ('2027-01-01 00:00+00');
select loyalty.rebuild('yearly');
insert into sale_2026 values (16, 2, '2026-01-03 00:00+00', 160);
:yearly
-- One that is partitioned itself goes with all of its own
alter table sale detach partition sale_2025;
insert into sale_2025 values (17, 2, '2025-01-03 00:00+00', 170);
update sale_2025_x set total = 1;
insert into sale_2025_x values (17, 2, '2025-01-03 00:00+00', 170);
delete from sale_2025_1;
drop table sale_2025;
select loyalty.rebuild('yearly');
:yearly

--
-- Tables and views that are changed
--

-- Names may change: columns, tables, schemas, the views themselves and the live history
alter table orders rename column total to amount;
alter table orders rename to sales;
alter table refunds set schema public;
alter view event rename to happened;
alter view loyal rename to member;
alter table loyal_base rename to "Member's base";
\set kept 'table kept; select customer, brief(kept) as kept, brief(computed) as computed, reason from loyalty.verify(''member'');'
insert into sales (id, customer, at, amount) values (31, 1, '2025-04-01 00:00+00', 31);
insert into public.refunds values (31, 31, '2025-04-02 00:00+00', 30);
insert into redemptions values (31, 1, '2025-04-03 00:00+00', 10000);
:kept
-- also in a table that only points to the one that is changed
update sales set customer = 2 where id = 31;
alter table public.refunds rename order_id to sale_id;
update sales set customer = 8 where id = 31;
alter table public.refunds rename to given_back;
update sales set customer = 1 where id = 31;
:kept
alter table public.given_back rename to refunds;
alter table public.refunds rename sale_id to order_id;
alter table sales rename to orders;
alter table public.refunds set schema shop;
alter view happened rename to event;

-- A column that the view needs cannot be dropped, nor can what the triggers name; other columns can, and new ones may come
\set VERBOSITY terse
alter table orders drop column amount;
drop view event;
drop view member;
drop table "Member's base";
drop table loyal_source;
\set VERBOSITY default
alter table orders drop column note, add column channel text default 'web';
insert into orders (id, customer, at, amount) values (32, 1, '2025-04-04 00:00+00', 32);
:kept

-- Another view of the same name is another view: nothing goes in before the history is rebuilt
create or replace view event as
	select customer, loyalty.purchase(at, amount * 2, ref => id) as event from orders
	union all
	select customer, loyalty.redemption(at, points) from redemptions;
insert into orders (id, customer, at, amount) values (33, 1, '2025-04-05 00:00+00', 33);
insert into redemptions values (33, 1, '2025-04-05 00:00+00', 10);
-- a table that the view reads no longer is free already
insert into refunds values (33, 21, '2025-04-05 00:00+00', 1);
select loyalty.rebuild('member');
insert into orders (id, customer, at, amount) values (33, 1, '2025-04-05 00:00+00', 33);
:kept
select events, relation, role, state from loyalty.tracked where live = 'member'::regclass order by events, relation;

-- Changes that no trigger sees are found by verify(), with the reason where there is a lasting one
alter table orders disable trigger all;
insert into orders (id, customer, at, amount) values (34, 2, '2025-04-06 00:00+00', 34);
select events, relation, state from loyalty.tracked where live = 'member'::regclass and state <> 'ok' order by events;
:kept
alter table orders enable trigger all;
set session_replication_role = replica;
insert into orders (id, customer, at, amount) values (35, 4, '2025-04-06 00:00+00', 35);
reset session_replication_role;
:kept
select loyalty.rebuild('member');
-- No trigger sees a column's type being changed either: but the server lets nobody do that to one that a view needs
\set VERBOSITY terse
alter table orders alter amount type numeric using amount + 1;
\set VERBOSITY default
-- A function that was called immutable and is another one now
create table visits (customer int, at timestamptz);
create function greeting() returns text immutable language sql return 'hello';
create view greeted as select customer, loyalty.activity(at, greeting()) as event from visits;
select loyalty.track('greeted', 'member');
insert into visits values (9, '2025-04-06 00:00+00');
create or replace function greeting() returns text immutable language sql return 'goodbye';
:kept
-- what is taken out then is not what was put in: it is marked, and the history stays readable
delete from visits;
:kept
select loyalty.rebuild('member');
select loyalty.untrack('greeted', 'member');
-- A trigger that is gone is made again
drop trigger loyal_delete on orders;
select relation, state from loyalty.tracked where live = 'member'::regclass and state <> 'ok';
select loyalty.track('event', 'member');
select relation, state from loyalty.tracked where live = 'member'::regclass and state <> 'ok';

-- What no longer can be kept current is refused at the next change, not counted wrongly: a foreign key dropped,
-- row security forced, a child table made
alter table tickets drop constraint tickets_order_id_fkey;
insert into tickets values (9, 1, null, '2025-04-07 00:00+00', 1);
select relation, state from loyalty.tracked where live = 'member'::regclass and state <> 'ok';
alter table tickets add foreign key (order_id) references orders;
insert into tickets values (9, 1, null, '2025-04-07 00:00+00', 1);
alter table redemptions enable row level security, force row level security;
insert into redemptions values (34, 1, '2025-04-07 00:00+00', 10);
alter table redemptions no force row level security;
create table web_orders (url text) inherits (orders);
insert into orders (id, customer, at, amount) values (36, 1, '2025-04-08 00:00+00', 36);
select events, relation, state from loyalty.tracked where live = 'member'::regclass and state <> 'ok';
drop table web_orders;
insert into redemptions values (34, 1, '2025-04-07 00:00+00', 10);
:kept

--
-- Housekeeping
--

-- What lowers a balance: 1 what takes back, 2 what spends, 0 the rest; whatever goes away may have raised it
select event::jsonb - 'at' as added, loyalty.lowers(loyalty.add(null, event), null), loyalty.lowers(loyalty.add(null, event), '[]') as "and some removed"
from (select loyalty.history(e) from (values
	(loyalty.purchase('2025-01-01 00:00+00', 10)), (loyalty.purchase('2025-01-01 00:00+00', 10, quantity => 2)),
	(loyalty.purchase('2025-01-01 00:00+00', -10)), (loyalty.purchase('2025-01-01 00:00+00', 0, quantity => -1)), (loyalty.purchase('2025-01-01 00:00+00', -0.000001)),
	(loyalty.refund('2025-01-01 00:00+00', 0)), (loyalty.redemption('2025-01-01 00:00+00', 1)),
	(loyalty.adjustment('2025-01-01 00:00+00', 1)), (loyalty.adjustment('2025-01-01 00:00+00', -1)),
	(loyalty.expense('2025-01-01 00:00+00', -1)), (loyalty.activity('2025-01-01 00:00+00', 'visit')), (loyalty.grant_tier('2025-01-01 00:00+00', 'gold')),
	(loyalty.subscription('2025-01-01 00:00+00', -1)), (loyalty.usage('2025-01-01 00:00+00', 'calls', -1)), (loyalty.advance('2025-01-01 00:00+00', 1)), (loyalty.repayment('2025-01-01 00:00+00', 1))) as v (e)) as g (h), loyalty.events(h);
-- of several events the one that lowers most
select loyalty.lowers('[{"at": "2025-01-01T00:00:00Z", "kind": "purchase", "amount": 1}, {"at": "2025-01-02T00:00:00Z", "kind": "refund", "amount": 1}]', null) as refunded,
	loyalty.lowers('[{"at": "2025-01-01T00:00:00Z", "kind": "refund", "amount": 1}, {"at": "2025-01-02T00:00:00Z", "kind": "redemption", "points": 1}]', null) as spent,
	loyalty.lowers(null, null) as nothing;

-- Changes wait beside the base row until something lowers a balance, or until compact() takes them in: two customers first, then all
insert into orders (id, customer, at, amount) values (41, 1, '2025-05-01 00:00+00', 1), (42, 2, '2025-05-01 00:00+00', 2), (43, 4, '2025-05-01 00:00+00', 3);
insert into orders (id, customer, at, amount) values (44, 1, '2025-05-02 00:00+00', 4);
table change;
select loyalty.compact('member', 0);
select loyalty.compact('member', 2) in (2, 3) as "those of two";
select count(distinct customer) as customers_left from change;
select loyalty.compact('member') in (1, 2) as "those of the third";
select loyalty.compact('member');
table change;
:kept

-- The program may change, and with it answers and refusals.  Ann has bought for 208 and redeemed 10, all in tens
select customer, tier, points, tier_until from loyal_standing where customer = 1;
insert into redemptions values (35, 1, '2025-06-01 00:00+00', 8);
-- Two points for every 1.00, and no steps: 2 * 208 less 10
select loyalty.set_program('member', '{"program": "double", "timezone": "UTC", "earn": [{"points": 2}]}');
select customer, tier, points, tier_until from loyal_standing where customer = 1;
insert into redemptions values (35, 1, '2025-06-01 00:00+00', 8);
-- Without one nothing is refused, and there is no standing
select loyalty.set_program('member', null);
insert into redemptions values (36, 1, '2025-06-01 00:00+00', 100000);
select count(*) from loyal_standing;
-- Under a new one those who are overdrawn stay so, but get no further: 208 less 10, 8 and 100000
select loyalty.set_program('member', '{"program": "single", "timezone": "UTC", "earn": [{"points": 1}]}');
insert into redemptions values (37, 1, '2025-06-02 00:00+00', 1);
delete from redemptions where id = 36;
-- What it asks of a redemption is named in a refusal, with the number
select loyalty.set_program('member', '{"program": "large", "timezone": "UTC", "earn": [{"points": 1}], "redeem": {"minimum": 500}}');
call refusal($$insert into redemptions values (37, 1, '2025-06-02 00:00+00', 1)$$);
select loyalty.set_program('member', '{"program": "single", "timezone": "UTC", "earn": [{"points": 1}]}');
insert into redemptions values (37, 1, '2025-06-02 00:00+00', 1);

-- A use of a voucher that was accepted, and whose order was taken back since, is no excuse for another that looks the same
create table bought (id int primary key, customer int, at timestamptz, amount numeric);
create table used (id int primary key, customer int, at timestamptz, voucher text);
create view club_event as
	select customer, loyalty.purchase(at, amount) as event from bought
	union all select customer, loyalty.redemption(at, 1, ref => voucher) from used;
select loyalty.keep('club', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}], "vouchers": [{"points": 100, "value": 5}]}');
select loyalty.track('club_event', 'club');
insert into bought values (1, 1, '2025-03-01 00:00+00', 100);
insert into used values (1, 1, '2025-03-02 00:00+00', 'voucher 1');
delete from bought;
insert into used values (2, 1, '2025-03-02 00:00+00', 'voucher 1');
select o.* from club, club_program, lateral loyalty.overdrafts(history, program) as o;
insert into bought values (1, 1, '2025-03-01 00:00+00', 100);
insert into used values (2, 1, '2025-03-02 00:00+00', 'voucher 1');
select o.* from club, club_program, lateral loyalty.overdrafts(history, program) as o;

-- No longer fed by a view: its events and triggers go, those of the others stay
select loyalty.untrack('event', 'member');
:kept
select events, relation from loyalty.tracked where live = 'member'::regclass order by events, relation;
drop view event;
select loyalty.untrack('service', 'member');
:kept
select count(*) from pg_trigger where tgrelid = 'orders'::regclass and not tgisinternal;

--
-- Names of any script, as long as they may be
--

create table till (customer int, at timestamptz, total numeric);
create view rung as select customer, loyalty.purchase(at, total) as event from till;
create view rung_twice as select customer, loyalty.purchase(at, 2 * total) as event from till;
create procedure try_name(name text) language plpgsql as $$
begin
	perform loyalty.keep(name, 'int', '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}]}');
	perform loyalty.track('rung', quote_ident(name)::regclass), loyalty.track('rung_twice', quote_ident(name)::regclass);
	insert into till values (1, '2025-01-01 00:00+00', 10);
	update till set total = 11;
	execute format('select points from %I', name || '_standing') into strict name;
	raise info '% points by % triggers', name, (select count(*) from pg_trigger where tgrelid = 'till'::regclass);
	truncate till;
	rollback;
end $$;
call try_name(repeat('顧', 18));
call try_name(repeat('и', 27));
call try_name(repeat('🙂', 13));
call try_name(repeat('x', 54));
call try_name(repeat('é', 26) || '"''');
call try_name('%I.%s $1 \');
call try_name(' ');
-- one byte more is too much
\set VERBOSITY terse
call try_name(repeat('x', 55));
call try_name(repeat('и', 27) || 'x');
call try_name('');
\set VERBOSITY default
-- The shop may have triggers of that name, and give a live history a longer one
select loyalty.keep('tills', 'int');
create function nothing() returns trigger language plpgsql as 'begin return null; end';
create trigger tills_insert after insert on till for each statement execute function nothing();
alter view tills rename to "the most wonderful tills of the whole world, and of every other";
select loyalty.track('rung', "tills"::regclass) from (select oid as "tills" from pg_class where relname like 'the most%') as t;
select tgname from pg_trigger where tgrelid = 'till'::regclass order by 1;
set client_min_messages = notice;
select loyalty.set_program("tills"::regclass, '{"program": "p", "timezone": "UTC"}') from (select oid as "tills" from pg_class where relname like 'the most%') as t;
set client_min_messages = warning;
drop function nothing cascade;

--
-- Reading by the customer's key: index scans of base and fragments, however large they are
--

create table bulk (customer int, at timestamptz, total numeric);
create view bulk_event as select customer, loyalty.purchase(at, total) as event from bulk;
select loyalty.keep('many', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('bulk_event', 'many');
insert into bulk select n % 5000, '2025-01-01 00:00+00', 1 from generate_series(1, 10000) n;
insert into bulk select n, '2025-01-02 00:00+00', 1 from generate_series(0, 4999) n;
analyze many_base, many_fragment;
set enable_bitmapscan = off;
-- the plan; a part of it and an outer column are called differently by server versions
create function pg_temp.plan(query text) returns table (plan text) language plpgsql as $$
begin
	for plan in execute 'explain (costs off) ' || query loop
		plan = replace(regexp_replace(plan, '(SubPlan|InitPlan) .*', '\1'), '$2', 'b.customer');
		return next;
	end loop;
end $$;
select * from pg_temp.plan($$select history from many where customer = 7$$);
select * from pg_temp.plan($$select history from many where customer in (7, 8, 9)$$);
select * from pg_temp.plan($$select history from many where customer = any (array[7, 8, 9])$$);
create table cart (id int, customer int);
insert into cart values (1, 7), (2, 4990);
analyze cart;
select * from pg_temp.plan($$select c.id, m.history from cart c join many m using (customer)$$);
select * from pg_temp.plan($$select c.id, m.history from cart c left join many m using (customer)$$);
select * from pg_temp.plan($$select c.id, m.history from cart c, lateral (select history from many m where m.customer = c.customer) m$$);
select * from pg_temp.plan($$select points from many_standing where customer = 7$$);
select loyalty.compact('many', 1000), (select count(*) from many_fragment) as left;

--
-- Keys of any type with an order: equal keys are one customer
--

create domain member_number as int check (value > 0);
create type region as enum ('south', 'north');
create type desk as (region region, number int);
create procedure try(type text, a text, b text) language plpgsql as $$
declare
	answer record;
	detail text;
begin
	execute format('create table visit (id int primary key, customer %s, at timestamptz, spent int)', type);
	create table review (id int primary key, visit int references visit, at timestamptz);
	execute 'create view visited as select customer, loyalty.activity(at, ''visit'') as event from visit
		union all select v.customer, loyalty.activity(r.at, ''review'') from review r join visit v on v.id = r.visit
		union all select customer, loyalty.redemption(at, spent) from visit where spent > 0';
	execute format('insert into visit values (1, %L, ''2025-01-01 00:00+00'')', a);
	perform loyalty.keep('visitor', type::regtype, '{"program": "p", "timezone": "UTC", "bonus": [{"on": "visit", "points": 1}]}');
	execute 'select loyalty.track(''visited'', ''visitor'')';
	execute format('insert into visit values (2, %L, ''2025-01-02 00:00+00''), (3, %L, ''2025-01-03 00:00+00'')', a, b);
	insert into review values (1, 1, '2025-01-04 00:00+00'), (2, 3, '2025-01-05 00:00+00');
	execute format('update visit set customer = %L where id = 2', b);
	begin
		update visit set spent = 2 where id = 1;
		raise info '%: 2 points from 1', type;
	exception when sqlstate 'LY001' then
		get stacked diagnostics detail = pg_exception_detail;
		execute format('select format(''%%s'', %L::%s)', a, type) into b;
		if detail::jsonb ->> 'customer' is distinct from b then
			raise info '%: % for %', type, detail, b;
		end if;
	end;
	for answer in execute format('select %L as type, customer::text, brief(history), (select count(*) from loyalty.verify(''visitor'')) as wrong from visitor order by visitor.customer', type) loop
		raise info '%', answer;
	end loop;
	execute 'select loyalty.rebuild(''visitor'')';
	update visit set at = '2025-01-02 00:00+00' where id = 3;
	execute 'select loyalty.compact(''visitor'')';
	for answer in execute 'select * from loyalty.verify(''visitor'')' loop
		raise info '%: %', type, answer;
	end loop;
	drop table visit, review, visitor_base, visitor_fragment, visitor_source, visitor_program, visitor_row cascade;
end $$;
-- each type with two keys: two customers, or one if the type says that they are equal
call try('bigint', '1', '2');
call try('text', 'ann', 'Ann');
call try('text', E'it''s "a" \\\n $$', '');
call try('varchar(10)', 'ann', 'bob');
call try('name', 'ann', 'bob');
call try('char(4)', 'ann', 'ann ');
call try('char(4)', 'ann', 'bob');
call try('"char"', 'a', 'b');
call try('numeric', '1', '1.00');
call try('numeric(6, 1)', '1', '1.5');
call try('float8', '0', '-0');
call try('uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11');
call try('bytea', '\x00', '\x0001');
call try('date', '2025-01-01', '2025-01-02');
call try('timestamptz', '2025-01-01 00:00+00', '2025-01-01 01:00+01');
call try('inet', '10.0.0.1', '10.0.0.2');
call try('boolean', 'false', 'true');
call try('region', 'north', 'south');
call try('desk', '(north,1)', '(south,2)');
call try('member_number', '1', '2');
select count(*) > 0 as has_citext from pg_available_extensions where name = 'citext' \gset
\if :has_citext
	create extension citext schema shop;
	call try('citext', 'Ann', 'ANN');
	call try('citext', 'Ann', 'Bob');
\else
	do $$ begin
		raise info '%', '(citext,Ann,"01-01 activity visit, 01-02 activity visit, 01-03 activity visit, 01-04 activity review, 01-05 activity review",0)';
	end $$;
	do $$ begin
		raise info '%', '(citext,Ann,"01-01 activity visit, 01-04 activity review",0)';
		raise info '%', '(citext,Bob,"01-02 activity visit, 01-03 activity visit, 01-05 activity review",0)';
	end $$;
\endif

drop schema shop cascade;
