-- live_security: nobody gains points, rights or another's rows
--
-- A shop, and Mallory, who has an account in the same database.

set client_min_messages = warning;
\set SHOW_CONTEXT never
create role loyalty_regress_shop;
create role loyalty_regress_mallory;
create role loyalty_regress_clerk;
\i test/error.sql

-- What the catalogue says: everybody may read, nobody acts with another's rights, no function looks up names where users plant them
-- (of deals, what the view counts by the clock, the trigger, and the maker, which asks for the right to open_deals)
select oid::regprocedure from pg_proc where pronamespace = 'loyalty'::regnamespace and provolatile = 'v' and has_function_privilege('loyalty_regress_mallory', oid, 'execute') order by proname;
select oid::regprocedure from pg_proc where pronamespace = 'loyalty'::regnamespace and prosecdef;
select oid::regprocedure from pg_proc where pronamespace = 'loyalty'::regnamespace and prolang = (select oid from pg_language where lanname = 'plpgsql')
	and not coalesce(proconfig @> array['search_path=pg_catalog, pg_temp'], false);
-- but these, which must know where their caller makes tables, and name all else in full
select oid::regprocedure, prosrc from pg_proc where pronamespace = 'loyalty'::regnamespace and prolang = (select oid from pg_language where lanname = 'sql') and proconfig is null order by proname;

-- Who keeps the histories gets the functions
create schema shop authorization loyalty_regress_shop;
create schema lair authorization loyalty_regress_mallory;
grant execute on all functions in schema loyalty to loyalty_regress_shop;
grant usage on schema shop to loyalty_regress_mallory, loyalty_regress_clerk;
set role loyalty_regress_shop;
set search_path = shop;
create table orders (id int primary key, customer int, at timestamptz, total numeric);
create table refunds (id int primary key, order_id int references orders, at timestamptz, amount numeric);
create table redemptions (id int primary key, customer int, at timestamptz, points int);
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders
	union all
	select o.customer, loyalty.refund(r.at, r.amount, ref => r.order_id) from refunds r join orders o on o.id = r.order_id
	union all
	select customer, loyalty.redemption(at, points) from redemptions;
select loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'loyal');
insert into orders values (1, 1, '2025-01-01 00:00+00', 100), (2, 2, '2025-01-01 00:00+00', 200);
select customer, points from loyal_standing order by customer;

--
-- A trigger on one's own table that names another's history
--

set role loyalty_regress_mallory;
set search_path = lair;
create table orders (id int primary key, customer int, at timestamptz, total numeric);
create trigger forge after insert on orders referencing new table as loyalty_new for each statement
	when (loyalty.feeds('shop.event', 'shop.loyal')) execute function loyalty.live_changed();
-- even if she may use the function, and when that is taken from her again
reset role;
grant execute on all functions in schema loyalty to loyalty_regress_mallory;
set role loyalty_regress_mallory;
create trigger forge after insert on orders referencing new table as loyalty_new for each statement
	when (loyalty.feeds('shop.event', 'shop.loyal')) execute function loyalty.live_changed();
insert into orders values (1, 66, '2025-01-01 00:00+00', 1000000);
reset role;
revoke execute on function loyalty.live_changed() from loyalty_regress_mallory;
set role loyalty_regress_mallory;
insert into orders values (1, 66, '2025-01-01 00:00+00', 1000000);
drop trigger forge on orders;
reset role;
grant execute on function loyalty.live_changed() to loyalty_regress_mallory;
set role loyalty_regress_mallory;

-- with a view of hers into the shop's history, the shop's view into hers, both of hers
create view event as select customer, loyalty.purchase(at, total) as event from orders;
select loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'shop.loyal');
select loyalty.track('shop.event', 'loyal');
select loyalty.track('event', 'loyal');
create trigger forge after insert on orders referencing new table as loyalty_new for each statement
	when (loyalty.feeds('event', 'shop.loyal')) execute function loyalty.live_changed();
insert into orders values (1, 66, '2025-01-01 00:00+00', 1000000);
drop trigger forge on orders;
create trigger forge after insert on orders referencing new table as loyalty_new for each statement
	when (loyalty.feeds('shop.event', 'loyal')) execute function loyalty.live_changed();
insert into orders values (1, 66, '2025-01-01 00:00+00', 1000000);
drop trigger forge on orders;

-- A view that says that the shop's tables are under it
create view fake as select 1 as customer, '[]'::loyalty.history as history
	where loyalty.kept('shop.loyal_base', 'shop.loyal_fragment', 'shop.loyal_source', 'shop.loyal_program', 'shop.loyal_row');
select loyalty.track('event', 'fake');
select loyalty.compact('fake');
create trigger forge after insert on orders referencing new table as loyalty_new for each statement
	when (loyalty.feeds('event', 'fake')) execute function loyalty.live_changed();
insert into orders values (1, 66, '2025-01-01 00:00+00', 1000000);
drop trigger forge on orders;
drop view fake;
-- or that her own table is not what it was
create view fake as select 1 as customer, '[]'::loyalty.history as history
	where loyalty.kept('orders', 'orders', 'orders', 'orders', 'orders');
call pg_temp.error($$select loyalty.compact('fake')$$);
create view none as select 1 as customer, '[]'::loyalty.history as history where loyalty.kept(0::regclass, 0::regclass, 0::regclass, 0::regclass, 0::regclass);
call pg_temp.error($$select loyalty.compact('none')$$);
drop view fake, none;

-- Forged rows in the table that says what is tracked: the shop's view is not hers to evaluate, whoever asks
insert into loyal_source (source, events, relation, definition) values (66, 'shop.event', 'shop.orders', 'x');
call pg_temp.error($$select loyalty.rebuild('loyal')$$);
call pg_temp.error($$select * from loyalty.verify('loyal')$$);
reset role;
call pg_temp.error($$select loyalty.rebuild('lair.loyal')$$);
call pg_temp.error($$select * from loyalty.verify('lair.loyal')$$);
set role loyalty_regress_mallory;
delete from loyal_source where source = 66;

-- The shop's histories, with all the functions in her hands
select * from shop.loyal;
select * from shop.loyal_standing;
select loyalty.untrack('shop.event', 'shop.loyal');
select loyalty.rebuild('shop.loyal');
select loyalty.compact('shop.loyal');
select loyalty.forget('shop.loyal');
select loyalty.set_program('shop.loyal', '{"program": "mine", "timezone": "UTC", "earn": [{"points": 1000}]}');
select * from loyalty.verify('shop.loyal');
select loyalty.live_bind('shop.loyal', 'lair.event', 'track');
select loyalty.live_unbind('shop.loyal', 'shop.event');
select loyalty.live_fill('shop.loyal', null);
select loyalty.live_set_program('shop.loyal', null);
select * from loyalty.live_differences('shop.loyal');
select * from loyalty.live_views('shop.loyal');
select loyalty.live_attach('shop.event', 'shop.loyal');
select loyalty.live_detach('shop.event', 'shop.loyal', false);
-- What everybody may read leaves nothing behind that stands in the shop's way
begin;
select count(*) from loyalty.tracked where live = 'shop.loyal'::regclass;
select count(*) from pg_locks where relation in (select oid from pg_class where relnamespace = 'shop'::regnamespace);
rollback;
set role loyalty_regress_shop;
select * from loyalty.verify('shop.loyal');
select customer, points from shop.loyal_standing order by customer;
select relation, role, state from loyalty.tracked where live = 'shop.loyal'::regclass order by relation, role;

--
-- Functions in a view run as its owner, not as who has the history computed
--

set role loyalty_regress_mallory;
create table log (statement text, run_as name, search_path text, refused text);
create function try() returns void language plpgsql as $$
declare
	attempt text;
begin
	foreach attempt in array array['reset role', 'set session authorization default', 'create temp table orders (id int)'] loop
		begin
			execute attempt;
			raise exception 'done: %', attempt;
		exception when others then
			insert into lair.log values (current_query(), current_user, current_setting('search_path'), sqlerrm);
		end;
	end loop;
end $$;
create function spy(at timestamptz) returns timestamptz immutable language plpgsql as $$
begin
	perform lair.try();
	return at;
end $$;
create or replace view event as select customer, loyalty.purchase(spy(at), total) as event from orders;
reset role;
-- (the view has been changed)
select loyalty.rebuild('lair.loyal');
insert into lair.orders values (1, 66, '2025-01-01 00:00+00', 1000000);
select loyalty.rebuild('lair.loyal');
select loyalty.untrack('lair.event', 'lair.loyal');
select loyalty.track('lair.event', 'lair.loyal');
select * from loyalty.verify('lair.loyal');
update lair.orders set total = 1000001;
delete from lair.orders;
select statement, run_as, search_path, refused from lair.log group by 1, 2, 3, 4 order by 1, 4;
truncate lair.log;
-- neither do these run it, whoever asks
select loyalty.compact('lair.loyal'), loyalty.set_program('lair.loyal', '{"program": "mine", "timezone": "UTC"}');
select count(*) from loyalty.tracked where live = 'lair.loyal'::regclass;
select count(*) as logged from lair.log;
-- nor has anybody become somebody else, or is any setting left behind
select current_user = session_user as myself, current_setting('search_path') as search_path, current_setting('row_security') as row_security, current_setting('enable_seqscan') as enable_seqscan;
do $$ begin
	insert into lair.orders values (2, 66, 'infinity', 1);
exception when others then
	raise info '%', sqlerrm;
end $$;
select current_user = session_user as myself, current_setting('search_path') as search_path, current_setting('row_security') as row_security, current_setting('enable_seqscan') as enable_seqscan;
truncate lair.orders;

--
-- Objects planted where names are looked up
--

grant create on schema public to loyalty_regress_mallory;
set role loyalty_regress_mallory;
create function public.wrong(loyalty.history, loyalty.history) returns boolean immutable language sql return true;
create operator public.= (leftarg = loyalty.history, rightarg = loyalty.history, function = public.wrong);
create function public.int_wrong(int, int) returns boolean immutable language sql return false;
create operator public.= (leftarg = int, rightarg = int, function = public.int_wrong);
create function public.count(anyelement) returns bigint immutable language sql as 'select 0::bigint';
create function public.now() returns timestamptz immutable language sql return '2000-01-01 00:00+00'::timestamptz;
create function public.lowers(loyalty.history, loyalty.history) returns smallint immutable language sql return 0::smallint;
create function public.current_schema() returns name immutable language sql return 'lair'::name;
create domain public.regclass as text;
create domain public.name as text;
set role loyalty_regress_shop;
set search_path = public, pg_catalog, shop, pg_temp;
create temp table orders (id int, customer int, at timestamptz, total numeric);
create temp table refunds (id int);
create temp table loyal_base (customer int, history loyalty.history, missing loyalty.history, version bigint);
create temp table loyal_fragment (customer int, id bigint, source int, added loyalty.history, removed loyalty.history);
create temp table loyal_source (source int, events pg_catalog.regclass, relation pg_catalog.regclass, definition text);
create temp table loyal_program (program loyalty.program);
create temp table loyal_row (source int, branch int, key jsonb, customer int, event loyalty.event);
create temp table loyalty_new (id int, customer int, at timestamptz, total numeric);
create temp table loyalty_old (like loyalty_new);
create temp table change (customer int, added loyalty.history, removed loyalty.history);
create temp view event as select 1 as customer, null::loyalty.event as event;
insert into loyalty_new values (3, 3, '2025-01-01 00:00+00', 999), (4, 3, '2025-01-01 00:00+00', 999);
insert into shop.orders values (3, 3, '2025-01-01 00:00+00', 300), (4, 4, '2025-01-01 00:00+00', 400);
insert into shop.orders values (5, 5, '2025-01-01 00:00+00', 500);
insert into shop.refunds values (3, 3, '2025-01-02 00:00+00', 30);
update shop.orders set total = 350 where pg_catalog.int4eq(id, 3);
insert into shop.redemptions values (3, 3, '2025-01-03 00:00+00', 321);
insert into shop.redemptions values (3, 3, '2025-01-03 00:00+00', 320);
select loyalty.compact('shop.loyal');
select * from loyalty.verify('shop.loyal');
select loyalty.rebuild('shop.loyal');
select loyalty.track('shop.event', 'shop.loyal');
select loyalty.set_program('shop.loyal', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select * from loyalty.verify('shop.loyal');
select customer, points from shop.loyal_standing order by customer;
-- a history is made in the first schema of the path that is there
set search_path = nowhere, shop, public, pg_catalog;
select loyalty.keep('other', 'int', '{"program": "club", "timezone": "UTC"}');
select c.relname from pg_catalog.pg_class c where c.relnamespace operator(pg_catalog.=) 'shop'::regnamespace and c.relkind operator(pg_catalog.=) any ('{r,v}') and c.relname ~~ 'other%' order by 1;
reset search_path;
drop table pg_temp.orders, pg_temp.refunds, pg_temp.loyal_base, pg_temp.loyal_fragment, pg_temp.loyal_source, pg_temp.loyal_program, pg_temp.loyal_row,
	pg_temp.loyalty_new, pg_temp.loyalty_old, pg_temp.change;
drop view pg_temp.event;
set role loyalty_regress_mallory;
drop operator public.= (loyalty.history, loyalty.history);
drop operator public.= (int, int);
drop function public.wrong, public.int_wrong, public.count, public.now, public.lowers, public.current_schema;
drop domain public.regclass, public.name;
reset role;
revoke create on schema public from loyalty_regress_mallory;

--
-- Row security
--

-- A clerk writes orders and has no right to the histories: they are kept all the same
set role loyalty_regress_shop;
set search_path = shop;
grant insert, select, update, delete on orders, redemptions to loyalty_regress_clerk;
set role loyalty_regress_clerk;
insert into orders values (6, 6, '2025-01-01 00:00+00', 60);
update orders set total = 66 where id = 6;
insert into redemptions values (6, 6, '2025-01-01 00:00+00', 67);
select * from loyal;
-- With policies on the orders, which do not bind their owner, no order is missed, and the clerk's view of them stays narrow
set role loyalty_regress_shop;
alter table orders enable row level security;
create policy clerk on orders to loyalty_regress_clerk using (customer = 6) with check (customer = 6);
set role loyalty_regress_clerk;
select count(*) from orders;
insert into orders values (7, 6, '2025-01-02 00:00+00', 7);
insert into orders values (8, 1, '2025-01-02 00:00+00', 7);
update orders set total = 70;
delete from orders where id = 6;
set role loyalty_regress_shop;
insert into refunds values (7, 7, '2025-01-03 00:00+00', 10);
select customer, points from loyal_standing order by customer;
select * from loyalty.verify('loyal');
-- With policies on the histories, whoever reads them sees their own
grant select on loyal, loyal_standing, loyal_base, loyal_fragment, loyal_program to loyalty_regress_clerk;
alter table loyal_base enable row level security;
alter table loyal_fragment enable row level security;
create policy own on loyal_base to loyalty_regress_clerk using (customer = 6);
create policy own on loyal_fragment to loyalty_regress_clerk using (customer = 6);
insert into orders values (9, 6, '2025-01-04 00:00+00', 5), (10, 1, '2025-01-04 00:00+00', 5);
set role loyalty_regress_clerk;
select customer, loyalty.revenue(history) from loyal;
select customer, points from loyal_standing;
insert into orders values (11, 6, '2025-01-05 00:00+00', 1);
select customer, points from loyal_standing;
set role loyalty_regress_shop;
select customer, points from loyal_standing order by customer;
select * from loyalty.verify('loyal');
-- Forced on a source or on the histories themselves, something would be missed: refused
alter table refunds enable row level security, force row level security;
call pg_temp.error($$select loyalty.rebuild('loyal')$$);
reset role;
call pg_temp.error($$insert into refunds values (8, 7, '2025-01-03 00:00+00', 1)$$);
set role loyalty_regress_shop;
alter table refunds no force row level security;
alter table loyal_base force row level security;
call pg_temp.error($$insert into orders values (12, 1, '2025-01-03 00:00+00', 1)$$);
call pg_temp.error($$select * from loyalty.verify('loyal')$$);
alter table loyal_base no force row level security;
select * from loyalty.verify('loyal');

-- A table that changes hands is no longer the owner's to count
reset role;
alter table shop.redemptions owner to loyalty_regress_mallory;
call pg_temp.error($$insert into shop.redemptions values (12, 1, '2025-01-03 00:00+00', 1)$$);
alter table shop.redemptions owner to loyalty_regress_shop;
alter table shop.loyal_program owner to loyalty_regress_mallory;
call pg_temp.error($$insert into shop.redemptions values (12, 1, '2025-01-03 00:00+00', 1)$$);
alter table shop.loyal_program owner to loyalty_regress_shop;

--
-- Parsed expressions cannot be made by hand, and any that the catalogues hold may be asked for a trigger's names
--

call pg_temp.error($$select loyalty.live_feed('({FUNCEXPR})')$$);
call pg_temp.error($$select loyalty.live_feed('({FUNCEXPR})'::text::pg_node_tree)$$);
create table lair.odd (a int default 1 + 1, b int generated always as (a + 1) stored, c text) partition by range (a, (a + 1));
create table lair.odd_1 partition of lair.odd for values from (1, 1) to (5, maxvalue);
create index on lair.odd ((a + b)) where a > 1;
create statistics lair.stx on (a + 2), b from lair.odd_1;
alter table lair.odd_1 enable row level security;
create policy odd on lair.odd_1 using (a > (select count(*) from lair.odd));
create function lair.fun(a int default 5, b text default now()::text) returns int begin atomic insert into lair.odd(a) values (fun.a); select 1; end;
create rule odd as on update to lair.odd_1 where old.a > 1 do also delete from lair.odd;
set role loyalty_regress_mallory;
with tree as (
	select adbin as t from pg_attrdef union all select indexprs from pg_index union all select indpred from pg_index union all select proargdefaults from pg_proc union all select prosqlbody from pg_proc
	union all select ev_action from pg_rewrite union all select ev_qual from pg_rewrite union all select conbin from pg_constraint union all select polqual from pg_policy
	union all select typdefaultbin from pg_type union all select stxexprs from pg_statistic_ext union all select partexprs from pg_partitioned_table union all select null)
select count(f.live) as found from tree, loyalty.live_feed(t) f;
call pg_temp.error($$select count(f.live) from pg_class, loyalty.live_feed(relpartbound) f$$);
reset role;

--
-- Names that must be quoted, and long ones
--

create schema "Sh""op's $$ %s";
set search_path = "Sh""op's $$ %s";
create table "select" ("primary" int primary key, "it's ""me""" text, " at
" timestamptz, "Ö" numeric);
create table abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi (k1 int primary key, loyalty_new int references "select", "b.customer" timestamptz, event numeric);
create view "ev;ent" as
	select "it's ""me""" as "customer; --", loyalty.purchase(" at
", "Ö") as "%I" from "select"
	union all
	select k."it's ""me""", loyalty.refund(c."b.customer", c.event) from abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi c join "select" k on k."primary" = c.loyalty_new;
select loyalty.keep('l''o"y $$ %s \ äöüäöüäöüäöüäöüäö', 'text', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}') as live \gset
select loyalty.track('"ev;ent"', :'live');
insert into "select" values (1, 'a''"\$', '2025-01-01 00:00+00', 10), (2, '; drop', '2025-01-01 00:00+00', 20);
insert into abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi values (1, 1, '2025-01-01 00:00+00', 1), (2, 2, '2025-01-01 00:00+00', 2);
update "select" set "it's ""me""" = '%I' where "primary" = 2;
delete from abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi where k1 = 1;
select customer, loyalty.revenue(history) from :live order by customer;
insert into "select" values (3, '', '2025-01-01 00:00+00', 30);
select loyalty.compact(:'live') as compacted, loyalty.rebuild(:'live');
truncate "select", abcdefghijklmnopqrstuvwxyz_abcdefghijklmnopqrstuvwxyz_abcdefghi;
select customer, loyalty.revenue(history) from :live order by customer;
select * from loyalty.verify(:'live');
select relation, role, state from loyalty.tracked where live = :'live'::regclass order by relation, role;
select loyalty.untrack('"ev;ent"', :'live');

reset search_path;

--
-- Live tables that are not as they were made: an error at worst
--

create procedure pg_temp.survive(statement text) language plpgsql as $$
begin
	execute statement;
exception when others then
	assert sqlerrm not like '%terminat%', sqlerrm;
end $$;
set role loyalty_regress_mallory;
set search_path = lair;
-- keys of another type, here one that is passed by value instead of by reference
create table b (customer numeric primary key, history loyalty.history not null default '[]', missing loyalty.history, version bigint not null default 0);
create table f (customer bigint, id bigint generated always as identity, source int, added loyalty.history, removed loyalty.history);
create table s (source int, events regclass, relation regclass, definition text, filenode oid, unique (events, relation));
create table p (one boolean primary key default true, program loyalty.program);
create table r (source int, branch int, key jsonb, customer numeric, event loyalty.event, primary key (source, branch, key));
create view fake as select customer, history from b where loyalty.kept('b', 'f', 's', 'p', 'r');
create table sales (customer numeric, at timestamptz, total numeric);
create view sold as select customer, loyalty.purchase(at, total) as event from sales;
call pg_temp.survive($$select loyalty.track('sold', 'fake')$$);
call pg_temp.survive($$insert into sales values (123456789, '2025-01-01', 1), (2, '2025-01-01', 2)$$);
call pg_temp.survive($$update sales set total = 3$$);
drop view sold, fake cascade;
-- nothing where something must be
create view sold as select customer, loyalty.purchase(at, total) as event from sales;
select loyalty.keep('broken', 'numeric');
select loyalty.track('sold', 'broken');
alter table broken_source drop constraint broken_source_pkey, alter source drop not null, alter events drop not null, alter relation drop not null, alter definition drop not null;
update broken_source set definition = null;
call pg_temp.survive($$insert into sales values (1, '2025-01-01', 1)$$);
update broken_source set source = null, definition = '';
call pg_temp.survive($$insert into sales values (1, '2025-01-01', 1)$$);
update broken_source set relation = null;
call pg_temp.survive($$insert into sales values (1, '2025-01-01', 1)$$);
update broken_source set events = null;
call pg_temp.survive($$insert into sales values (1, '2025-01-01', 1)$$);
call pg_temp.survive($$select loyalty.verify('broken')$$);
call pg_temp.survive($$select loyalty.rebuild('broken')$$);
drop view broken cascade;
drop table broken_base, broken_fragment, broken_source, broken_program, broken_row;
select loyalty.keep('broken', 'numeric');
select loyalty.track('sold', 'broken');
alter table broken_fragment drop constraint broken_fragment_pkey, alter customer drop not null;
alter table broken_base alter history drop not null, alter version drop not null;
-- what would run later, when those who changed a row are themselves again
create function later() returns trigger language plpgsql as $$ begin raise info 'run as %', current_user; return null; end $$;
create constraint trigger later after insert or update or delete on broken_fragment deferrable initially deferred for each row execute function later();
insert into sales values (1, '2025-01-01', 1);
reset role;
insert into lair.sales values (1, '2025-01-01', 1);
set role loyalty_regress_mallory;
drop trigger later on broken_fragment;
create function nobody() returns trigger language plpgsql as $$ begin new.customer := null; return new; end $$;
create trigger nobody before insert on broken_fragment for each row execute function nobody();
call pg_temp.survive($$insert into sales values (1, '2025-01-01', 1), (2, '2025-01-01', 1)$$);
call pg_temp.survive($$update sales set total = total + 1$$);
call pg_temp.survive($$select loyalty.compact('broken')$$);
call pg_temp.survive($$select loyalty.verify('broken')$$);
call pg_temp.survive($$truncate sales$$);
drop trigger nobody on broken_fragment;
insert into broken_base values (1, null, null, null) on conflict (customer) do update set history = null, version = null;
call pg_temp.survive($$insert into sales values (1, '2025-01-01', 1), (2, '2025-01-01', 1)$$);
call pg_temp.survive($$update sales set total = total + 1$$);
call pg_temp.survive($$select loyalty.verify('broken')$$);
select 'alive' as server;
reset role;
reset search_path;

drop schema shop, lair, "Sh""op's $$ %s" cascade;
drop owned by loyalty_regress_shop, loyalty_regress_mallory, loyalty_regress_clerk;
drop role loyalty_regress_shop, loyalty_regress_mallory, loyalty_regress_clerk;
