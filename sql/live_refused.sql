-- live_refused: what cannot be kept current is refused, with the reason and the remedy
--
-- `error` runs a statement that must fail and shows SQLSTATE, message, detail and hint; `refused` does so with
-- loyalty.track() of a view that is defined by that query.

set client_min_messages = warning;
\set SHOW_CONTEXT never
create schema refused;
set search_path = refused;
create procedure error(statement text) language plpgsql as $$
declare
	message text; detail text; hint text;
begin
	execute statement;
	raise info 'no error';
exception when others then
	get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
	raise info '%', concat_ws(e'\n\t', sqlstate || ': ' || message, nullif(detail, ''), nullif(hint, ''));
end $$;
create procedure refused(query text) language plpgsql as $$
begin
	execute 'create view attempt as ' || query;
	call error($call$select loyalty.track('attempt', 'loyal')$call$);
	drop view attempt;
end $$;

create table customers (id int primary key, name text);
create table orders (id int primary key, customer int references customers, at timestamptz, local timestamp, day date, total numeric, code int, tags text[]);
create table refunds (id int primary key, order_id int references orders, at timestamptz, amount numeric);
select loyalty.keep('loyal', 'int');

--
-- Views that do not give a row's event
--

-- The shape: a view of two columns, the second of them an event
call error($$select loyalty.track('orders', 'loyal')$$);
create materialized view once as select customer, loyalty.purchase(at, total) from orders;
call error($$select loyalty.track('once', 'loyal')$$);
call refused('select loyalty.purchase(at, total) from orders');
call refused('select customer, loyalty.purchase(at, total), id from orders');
call refused('select customer, total from orders');
call refused('select loyalty.purchase(at, total) as event, customer from orders');

-- The customer's key has the type that the histories are kept by
call refused('select customer::bigint, loyalty.purchase(at, total) from orders');
call refused('select name, loyalty.activity(null, name) from customers');
create collation anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create table member (name text collate anycase, at timestamptz);
select loyalty.keep('by_name', 'text');
create view joined as select name, loyalty.activity(at, 'joined') from member;
call error($$select loyalty.track('joined', 'by_name')$$);

-- Anything that makes a row's event depend on other rows
call refused('select customer, loyalty.purchase(max(at), sum(total)) from orders group by customer');
call refused('select customer, loyalty.activity(at, ''day'') from orders group by customer, at');
call refused('select 1, loyalty.purchase(now(), 1) from orders having true');
call refused('select customer, loyalty.purchase(at, total - lag(total) over (order by at)) from orders');
call refused('select distinct customer, loyalty.purchase(at, total) from orders');
call refused('select distinct on (customer) customer, loyalty.purchase(at, total) from orders');
call refused('select customer, loyalty.purchase(at, total) from orders order by at limit 10');
call refused('select customer, loyalty.purchase(at, total) from orders offset 1');
call refused('select customer, loyalty.purchase(at, total) from orders for share');
call refused('select customer, loyalty.purchase(at, total) from orders where not exists (select from refunds where order_id = orders.id)');
call refused('select (select max(id) from customers), loyalty.purchase(at, total) from orders');
call refused('select customer, loyalty.activity(at, unnest(tags)) from orders');
call refused('with o as (select * from orders) select customer, loyalty.purchase(at, total) from o');

-- Equal events are several, and parts do not know of each other; the detail says which part it is
call refused('select customer, loyalty.purchase(at, total) from orders union select customer, loyalty.activity(at, ''ordered'') from orders');
call refused('select customer, loyalty.purchase(at, total) from orders except all select customer, loyalty.activity(at, ''ordered'') from orders');
call refused('select customer, loyalty.purchase(at, total) from orders union all (select customer, loyalty.activity(at, ''ordered'') from orders
	intersect select customer, loyalty.activity(at, ''ordered'') from orders)');
call refused('select customer, loyalty.purchase(at, total) from orders union all select customer, loyalty.activity(at, ''ordered'') from orders limit 1');
call refused('select customer, loyalty.purchase(at, total) from orders union all select customer, loyalty.purchase(max(at), 1) from orders group by customer');
call refused('with o as (select 1) select customer, loyalty.purchase(at, total) from orders union all select customer, loyalty.activity(at, ''ordered'') from orders');

-- Anything that may give another event tomorrow, or in another session
call refused('select customer, loyalty.purchase(local, total) from orders');
call refused('select customer, loyalty.purchase(day, total) from orders');
call refused('select customer, loyalty.purchase(at, total) from orders where at < now()');
call refused('select customer, loyalty.purchase(at, total) from orders where day <= current_date');
call refused('select customer, loyalty.purchase(at, total, ref => current_user::text) from orders');
call refused('select customer, loyalty.purchase(at, total * random()::numeric) from orders');
call refused('select customer, loyalty.purchase(at, total, ref => to_char(at, ''YYYY'')) from orders');
call refused('select customer, loyalty.purchase(at, total, ref => at::text) from orders');
call refused('select customer, loyalty.purchase(at, total, ref => total + 1 || local::text) from orders');
create function rate() returns numeric stable language sql return 1.1;
call refused('select customer, loyalty.purchase(at, total * rate()) from orders');

--
-- Tables whose rows come and go without a trigger, or hide
--

call refused('select 1, loyalty.purchase(''2025-01-01 00:00+00'', 1)');
call refused('select column1, column2 from (values (1, loyalty.purchase(''2025-01-01 00:00+00'', 1))) as v');
call refused('select i, loyalty.purchase(''2025-01-01 00:00+00'', 1) from generate_series(1, 3) as i');
call refused('select customer, loyalty.purchase(at, total) from (select * from orders) as o');
call refused('select customer, loyalty.purchase(at, total) from orders tablesample system (10)');
create view recent as select * from orders where total > 0;
call refused('select customer, loyalty.purchase(at, total) from recent');
create materialized view old as select * from orders;
call refused('select customer, loyalty.purchase(at, total) from old');
create sequence counter;
call refused('select 1, loyalty.purchase(''2025-01-01 00:00+00'', last_value) from counter');
call refused('select relpages, loyalty.purchase(''2025-01-01 00:00+00'', relpages) from pg_class');
create temp table basket (customer int, at timestamptz, total numeric);
create temp view in_basket as select customer, loyalty.purchase(at, total) from basket;
call error($$select loyalty.track('in_basket', 'loyal')$$);
create unlogged table hasty (customer int, at timestamptz, total numeric);
call refused('select customer, loyalty.purchase(at, total) from hasty');
create table by_year (customer int, at timestamptz, total numeric) partition by range (at);
create table year_2025 partition of by_year for values from ('2025-01-01') to ('2026-01-01');
call refused('select customer, loyalty.purchase(at, total) from year_2025');
call refused('select customer, loyalty.purchase(at, total) from only by_year');
create table sale (customer int, at timestamptz, total numeric);
create table web_sale (url text) inherits (sale);
call refused('select customer, loyalty.purchase(at, total) from sale');
call refused('select customer, loyalty.purchase(at, total) from only sale');
call refused('select customer, loyalty.purchase(at, total) from web_sale');
create foreign data wrapper nowhere;
create server elsewhere foreign data wrapper nowhere;
create foreign table abroad (customer int, at timestamptz, total numeric) server elsewhere;
call refused('select customer, loyalty.purchase(at, total) from abroad');
create foreign table year_2026 partition of by_year for values from ('2026-01-01') to ('2027-01-01') server elsewhere;
call refused('select customer, loyalty.purchase(at, total) from by_year');
drop foreign table year_2026;
create table secret (customer int, at timestamptz, total numeric);
alter table secret enable row level security, force row level security;
call refused('select customer, loyalty.purchase(at, total) from secret');

-- What transition tables do not carry
call refused('select customer, loyalty.purchase(at, total, ref => tableoid::bigint) from orders');
call refused('select customer, loyalty.purchase(at, total) from orders where xmin is not null');
call refused('select customer, loyalty.purchase(at, total) from orders where orders is not null');

--
-- Joins that are not many to one
--

call refused('select o.customer, loyalty.refund(r.at, r.amount) from orders o right join refunds r on r.order_id = o.id');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r full join orders o on r.order_id = o.id');
-- begun with the order, which may have several refunds
call refused('select o.customer, loyalty.refund(r.at, r.amount) from orders o left join refunds r on r.order_id = o.id');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r, orders o');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r join orders o on r.id = o.id');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r join orders o on r.order_id < o.id');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r join orders o on r.order_id = o.id or r.id = 1');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r join orders o on r.order_id = o.id + 0');
call refused('select a.customer, loyalty.purchase(a.at, b.total) from orders a join orders b on a.id = b.id');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r join orders o on r.order_id = o.id cross join customers c');
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r, lateral (select * from orders where id = r.order_id) o');
-- the condition stands where it does not choose the order: that is an order for each order
call refused('select c.id, loyalty.refund(r.at, r.amount) from refunds r left join orders o on true left join customers c on r.order_id = o.id and o.customer = c.id');

-- The key must hold at any time, and a row be known again
create table shipment (id int, order_id int, at timestamptz, cost numeric);
call refused('select o.customer, loyalty.expense(s.at, s.cost) from shipment s join orders o on s.order_id = o.id');
alter table shipment add constraint of_order foreign key (order_id) references orders not valid;
call refused('select o.customer, loyalty.expense(s.at, s.cost) from shipment s join orders o on s.order_id = o.id');
alter table shipment drop constraint of_order, add constraint of_order foreign key (order_id) references orders deferrable;
call refused('select o.customer, loyalty.expense(s.at, s.cost) from shipment s join orders o on s.order_id = o.id');
alter table shipment drop constraint of_order, add constraint of_order foreign key (order_id) references orders;
call refused('select o.customer, loyalty.expense(s.at, s.cost) from shipment s join orders o on s.order_id = o.id');
alter table shipment add primary key (id) deferrable;
call refused('select o.customer, loyalty.expense(s.at, s.cost) from shipment s join orders o on s.order_id = o.id');
create table line (shop int, number int, customer int, primary key (shop, number));
create table line_refund (id int primary key, shop int, number int, at timestamptz, amount numeric, foreign key (shop, number) references line);
call refused('select l.customer, loyalty.refund(r.at, r.amount) from line_refund r join line l on r.number = l.number');

--
-- Rights: one owner of all, and only he
--

create role loyalty_regress_shop;
create role loyalty_regress_clerk;
grant all on schema refused to loyalty_regress_shop, loyalty_regress_clerk;
grant select on all tables in schema refused to loyalty_regress_clerk;

-- None of the functions that write is for everybody
set role loyalty_regress_clerk;
call error($$select loyalty.keep('mine', 'int')$$);
call error($$select loyalty.track('joined', 'loyal')$$);
call error($$select loyalty.untrack('joined', 'loyal')$$);
call error($$select loyalty.rebuild('loyal')$$);
call error($$select loyalty.compact('loyal')$$);
call error($$select loyalty.set_program('loyal', null)$$);
call error($$select * from loyalty.verify('loyal')$$);
reset role;

-- and who may call them must own the live history
do $$
begin
	execute (select string_agg(format('grant execute on function %s to loyalty_regress_shop, loyalty_regress_clerk', oid::regprocedure), '; ')
	         from pg_proc where pronamespace = 'loyalty'::regnamespace and not has_function_privilege('loyalty_regress_clerk', oid, 'execute'));
end $$;
set role loyalty_regress_clerk;
create view mine as select customer, loyalty.purchase(at, total) from orders;
call error($$select loyalty.track('mine', 'loyal')$$);
call error($$select loyalty.untrack('joined', 'loyal')$$);
call error($$select loyalty.rebuild('loyal')$$);
call error($$select loyalty.compact('loyal')$$);
call error($$select loyalty.set_program('loyal', null)$$);
call error($$select * from loyalty.verify('loyal')$$);

-- The view, its tables, their partitions and parents must be the owner's as well
select loyalty.keep('clerks', 'int');
call error($$select loyalty.track('mine', 'clerks')$$);
reset role;
call error($$select loyalty.track('mine', 'clerks')$$);
call error($$select loyalty.track('mine', 'loyal')$$);
create view yearly as select customer, loyalty.purchase(at, total) from by_year;
alter table year_2025 owner to loyalty_regress_shop;
call error($$select loyalty.track('yearly', 'loyal')$$);
alter table year_2025 owner to current_user;
alter table orders owner to loyalty_regress_shop;
call refused('select o.customer, loyalty.refund(r.at, r.amount) from refunds r join orders o on r.order_id = o.id');
alter table orders owner to current_user;
-- as must the live history's own tables
alter table loyal_fragment owner to loyalty_regress_shop;
call refused('select customer, loyalty.purchase(at, total) from orders');
alter table loyal_fragment owner to current_user;

--
-- Where, when and with what
--

-- Not with a snapshot that may be older than rows that have come since
create view bought as select customer, loyalty.purchase(at, total) from orders;
begin isolation level repeatable read;
call error($$select loyalty.track('bought', 'loyal')$$);
call error($$select loyalty.untrack('bought', 'loyal')$$);
call error($$select loyalty.rebuild('loyal')$$);
call error($$select loyalty.forget('loyal')$$);
rollback;
begin isolation level serializable;
call error($$select loyalty.track('bought', 'loyal')$$);
rollback;
-- Not where nothing may be written
begin read only;
call error($$select loyalty.keep('other', 'int')$$);
call error($$select loyalty.track('joined', 'loyal')$$);
call error($$select loyalty.untrack('joined', 'loyal')$$);
call error($$select loyalty.rebuild('loyal')$$);
call error($$select loyalty.compact('loyal')$$);
call error($$select loyalty.forget('loyal')$$);
call error($$select loyalty.set_program('loyal', null)$$);
rollback;

-- Not on what is no live history: a table, a view, nothing; not from what does not feed it
call error($$select loyalty.track('bought', 'orders')$$);
call error($$select loyalty.track('bought', 'bought')$$);
call error($$select loyalty.track('bought', 'loyal_base')$$);
call error($$select loyalty.untrack('bought', 'loyal')$$);
call error($$select loyalty.rebuild('orders')$$);
call error($$select loyalty.compact('bought')$$);
call error($$select loyalty.verify('orders')$$);
call error($$select loyalty.set_program('orders', null)$$);
call error($$select loyalty.compact('loyal', -1)$$);
call error($$select loyalty.set_program('loyal', '{"program": "x", "timezone": "nowhere"}')$$);
-- NULL asks for nothing
select loyalty.track(null, 'loyal'), loyalty.track('bought', null), loyalty.untrack(null, null), loyalty.rebuild(null), loyalty.compact(null), loyalty.set_program(null, null);
select * from loyalty.verify(null);
select count(*) from loyalty.tracked where live = 'loyal'::regclass;

-- Histories are kept by a key that has an order
call error($$select loyalty.keep('other', 'json')$$);
call error($$select loyalty.keep('other', 'point')$$);
call error($$select loyalty.keep('other', 'record')$$);
call error($$select loyalty.keep('other', 'anyelement')$$);
call error($$select loyalty.keep('other', 'int[]')$$);

-- A name leaves room for those of its tables: 54 bytes do, 55 do not, in any alphabet
call error($$select loyalty.keep(repeat('n', 55), 'int')$$);
call error($$select loyalty.keep(repeat('ü', 28), 'int')$$);
select loyalty.keep(repeat('ü', 27), 'int');
call error($$select loyalty.keep('', 'int')$$);
select loyalty.keep(null, 'int'), loyalty.keep('other', null);
-- What is there is not touched
call error($$select loyalty.keep('loyal', 'int')$$);
create table taken_program ();
call error($$select loyalty.keep('taken', 'int')$$);
select to_regclass('taken_base'), to_regclass('taken') as taken;
-- It is made in the schema that would take a new table, and nowhere else
set search_path = nowhere;
call refused.error($$select loyalty.keep('other', 'int')$$);
set search_path = pg_temp;
call refused.error($$select loyalty.keep('other', 'int')$$);
set search_path = refused;
revoke create on schema refused from loyalty_regress_clerk;
set role loyalty_regress_clerk;
call error($$select loyalty.keep('other', 'int')$$);
reset role;

--
-- The trigger function
--

call error('select loyalty.live_changed()');
create table own (customer int, at timestamptz, total numeric);
create view owned as select customer, loyalty.purchase(at, total) from own;
-- Not for each row, not without the tables of a statement, not before
create trigger t after insert on own for each row when (loyalty.feeds('owned', 'loyal')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
create or replace trigger t after insert on own when (loyalty.feeds('owned', 'loyal')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
create or replace trigger t after insert on own referencing new table as loyalty_old when (loyalty.feeds('owned', 'loyal')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
create or replace trigger t before insert on own when (loyalty.feeds('owned', 'loyal')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
drop trigger t on own;
create trigger t after truncate on own when (loyalty.feeds('owned', 'loyal')) execute function loyalty.live_changed();
call error('truncate own');
drop trigger t on own;
-- Not without the names of a view and a live history, or with others
create trigger t after insert on own referencing new table as loyalty_new execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
create or replace trigger t after insert on own referencing new table as loyalty_new when (true) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
create or replace trigger t after insert on own referencing new table as loyalty_new when (loyalty.feeds('orders', 'loyal')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
create or replace trigger t after insert on own referencing new table as loyalty_new when (loyalty.feeds('owned', 'orders')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
create or replace trigger t after insert on own referencing new table as loyalty_new when (loyalty.feeds(null, 'loyal')) execute function loyalty.live_changed();
insert into own values (1, now(), 1);
create or replace trigger t after insert on own referencing new table as loyalty_new when (loyalty.feeds(1::oid, 'loyal')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
-- Not from a view that track() has not bound to it
create or replace trigger t after insert on own referencing new table as loyalty_new when (loyalty.feeds('owned', 'loyal')) execute function loyalty.live_changed();
call error('insert into own values (1, now(), 1)');
table loyal;

drop schema refused cascade;
drop foreign data wrapper nowhere cascade;
drop owned by loyalty_regress_clerk, loyalty_regress_shop;
drop role loyalty_regress_clerk, loyalty_regress_shop;
