-- live_errors: a row that gives no valid event
--
-- The shop's statement fails, and nothing of it is done.  The error's context says for which live history, by which part of
-- which view, and of which row an event was to be made.

set client_min_messages = warning;
set max_parallel_workers_per_gather = 0;
create schema shop;
set search_path = shop;
create table orders (id int primary key, customer int, at timestamptz, weight numeric, price numeric, kind text default 'sale', tags text[]);
create table refunds (shop text, number int, order_id int references orders on update cascade, at timestamptz, amount numeric, primary key (shop, number));
create table visits (customer text, at timestamptz, name text, note text);
create view event as
	select customer, loyalty.purchase(at, weight * price, tags => tags, ref => id) as event from orders where 10 / weight > 0
	union all
	select o.customer, loyalty.refund(r.at, r.amount * o.price, ref => o.id) from refunds r join orders o on o.id = r.order_id
	union all
	select customer::int, loyalty.activity(at, name) from visits;
select loyalty.keep('loyal', 'int', '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'loyal');

-- One row
insert into orders values (1, 1, '2025-01-01 00:00+00', 1.1255, 9.9999);
\echo :SQLSTATE
insert into orders values (1, 1, '2025-01-01 00:00+00', 1, 1e15);
\echo :SQLSTATE
insert into orders values (1, 1, 'infinity', 1, 1);
\echo :SQLSTATE
insert into orders values (1, 1, '2025-01-01 00:00+00', 1, 'NaN');
\echo :SQLSTATE
insert into orders (id, customer, at, weight, price, tags) values (1, 1, '2025-01-01 00:00+00', 1, 1, array_fill('t'::text, array[1000]));
\echo :SQLSTATE
insert into orders (id, customer, at, weight, price, tags) values (1, 1, '2025-01-01 00:00+00', 1, 1, array[repeat('t', 300)]);
\echo :SQLSTATE
-- in the condition
insert into orders values (1, 1, '2025-01-01 00:00+00', 0, 1);
-- in the customer, of a table without a key: its columns stand for the row, as far as the view looks at them, and not too long
insert into visits values ('two', '2025-01-01 00:00+00', 'visit', 'rainy');
insert into visits values ('1', '2025-01-01 00:00+00', repeat('x', 300), 'rainy');
insert into visits values ('1', '2025-01-01 00:00+00', '', null);

-- Several rows: the one of them
insert into orders values (2, 2, '2025-01-01 00:00+00', 1, 20), (3, 3, '2025-01-01 00:00+00', 1.1255, 9.9999), (4, 4, '2025-01-01 00:00+00', 1, 40);
insert into orders values (2, 2, '2025-01-01 00:00+00', 1, 20), (3, 3, '2025-01-01 00:00+00', 0, 30), (4, 4, '2025-01-01 00:00+00', 1, 40);
insert into visits values ('2', '2025-01-01 00:00+00', 'visit'), ('two', '2025-01-02 00:00+00', 'visit'), ('1', '2025-01-03 00:00+00', 'visit');
insert into visits values ('2', '2025-01-01 00:00+00', 'visit'), ('2', '2025-01-02 00:00+00', ''), ('1', '2025-01-03 00:00+00', 'visit');
insert into visits values ('2', '2025-01-01 00:00+00', 'visit'), ('2', '2025-01-02 00:00+00', repeat('long', 1000)), ('1', '2025-01-03 00:00+00', 'visit');
copy orders (id, customer, at, weight, price) from stdin;
2	2	2025-01-01 00:00+00	1	20
3	3	2025-01-01 00:00+00	1.1255	9.9999
\.
insert into orders values (2, 2, '2025-01-01 00:00+00', 1, 20), (3, 3, '2025-01-01 00:00+00', 1, 30), (4, 4, '2025-01-01 00:00+00', 1, 40);
update orders set price = -price, weight = case id when 3 then weight / 3 else weight end;
-- Joined tables: the row whose event it is, also if another has changed
insert into refunds values ('north', 1, 2, '2025-01-02 00:00+00', -1);
insert into refunds values ('north', 1, 3, '2025-01-02 00:00+00', 1), ('north', 2, 2, '2025-01-02 00:00+00', 1);
update orders set price = -price where id in (2, 3) and id > 2;
update refunds set amount = -1 where number = 2;
-- A statement of which nothing is left
select customer, loyalty.revenue(history) from loyal order by 1;
select * from loyalty.verify('loyal');

-- Who may not see the row is told everything but which one it is
create role loyalty_regress_clerk;
grant usage on schema shop to loyalty_regress_clerk;
grant insert on orders, visits to loyalty_regress_clerk;
grant select (id) on orders to loyalty_regress_clerk;
set role loyalty_regress_clerk;
insert into orders values (9, 1, '2025-01-01 00:00+00', 1.1255, 9.9999);
insert into visits values ('1', '2025-01-01 00:00+00', '');
insert into visits values ('1', '2025-01-01 00:00+00', 'visit'), ('1', '2025-01-01 00:00+00', '');
reset role;
alter table orders enable row level security;
create policy mine on orders for insert to loyalty_regress_clerk with check (true);
set role loyalty_regress_clerk;
insert into orders values (9, 1, '2025-01-01 00:00+00', 1.1255, 9.9999);
reset role;
alter table orders disable row level security;
insert into orders values (9, 1, '2025-01-01 00:00+00', 1.1255, 9.9999);

-- track and rebuild: the one among all; verify, which reads the view as it is: at least whose
alter table orders disable trigger all;
insert into orders select n, 1, '2025-01-01 00:00+00', 1, case n when 7777 then 0.0000001 else 1 end from generate_series(10, 20000) n;
alter table orders enable trigger all;
select loyalty.rebuild('loyal');
select * from loyalty.verify('loyal');
select loyalty.keep('other', 'int');
select loyalty.track('event', 'other');
-- such a row is taken out or put right as it came in: unseen
delete from orders where id = 7777;
alter table orders disable trigger all;
delete from orders where id = 7777;
alter table orders enable trigger all;
alter table refunds disable trigger all;
insert into refunds values ('south', 7, 10, '2025-01-02 00:00+00', 0.0000001);
alter table refunds enable trigger all;
select loyalty.rebuild('loyal');
alter table refunds disable trigger all;
delete from refunds where shop = 'south';
alter table refunds enable trigger all;
select loyalty.rebuild('loyal');
select customer, loyalty.orders(history) from loyal order by 1;

-- A partition's rows are named by the table that the view reads; a key that nothing is known of is not written
create type region as enum ('south', 'north');
create table sale (region region, number int, customer int, at timestamptz, total numeric, primary key (region, number)) partition by list (region);
create table sale_north partition of sale for values in ('north');
create view sold as select customer, loyalty.purchase(at, total) as event from sale;
select loyalty.keep('sales', 'int');
select loyalty.track('sold', 'sales');
insert into sale_north values ('north', 1, 1, '2025-01-01 00:00+00', 0.0000001);
insert into sale values ('north', 1, 1, '2025-01-01 00:00+00', 0.0000001);

-- A function of the view may say something of a row before it fails
create table loud (a date primary key, b numeric(8, 2));
create function speak(b numeric) returns numeric immutable language plpgsql as $$
begin
	raise info 'it is %', b;
	return b / 0;
end $$;
create view loudly as select 1 as customer, loyalty.purchase('2025-01-01 00:00+00', speak(b)) as event from loud;
select loyalty.track('loudly', 'sales');
insert into loud values ('2025-02-01', 5);
insert into loud values ('2025-02-01', 5), ('2025-02-02', 6);
-- Anybody may call what marks the rows, with anything
create table odd (a text primary key, at timestamptz);
create function liar(a text) returns text immutable language plpgsql as $$
begin
	perform loyalty.live_row(1, 42);
	perform loyalty.live_row(1, 42::bigint, 'x', null::int);
	perform loyalty.live_row(7, a);
	perform loyalty.live_row(null, a);
	if a = 'done' then
		perform loyalty.live_done(1);
	end if;
	raise exception 'no';
end $$;
create view oddly as select 1 as customer, loyalty.activity(at, liar(a)) as event from odd;
select loyalty.track('oddly', 'sales');
insert into odd values ('one', '2025-01-01 00:00+00');
insert into odd values ('one', '2025-01-01 00:00+00'), ('two', '2025-01-01 00:00+00');
insert into odd values ('done', '2025-01-01 00:00+00');
select loyalty.live_row(1, 'x'), loyalty.live_row(-1, 1), loyalty.live_done(null::text), loyalty.live_done(array[1, 2]);

drop schema shop cascade;
drop role loyalty_regress_clerk;
