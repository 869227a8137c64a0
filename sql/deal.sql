-- deal: few units, for some minutes, for members only; never sold twice

\pset null 'null'
\i test/error.sql
set client_min_messages = warning;
\set SHOW_CONTEXT never
create schema shop;
set search_path = shop;

--
-- A desk: a view over ordinary tables
--

select loyalty.open_deals('sale', 'int');
\d sale
\d sale_deal
\d sale_unit
\d sale_claim
select objoid::regclass as relation, attname as column, description from pg_description left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0
where classoid = 'pg_class'::regclass and objoid::regclass::text like 'sale%' order by 1, attnum nulls first;

-- one unit from 10:00 to 12:00, held for 15 minutes, 5 for who has waited
create function at(clock text) returns timestamptz language sql immutable as $$ select ('2026-07-15 ' || clock || '+00')::timestamptz $$;
create procedure one_unit(waitlist boolean default true, closes text default '12:00', each int default 1, units int default 1) language plpgsql as $$
begin
	delete from sale_claim;
	delete from sale_deal;
	insert into sale_deal (deal, opens, closes, units, each, turn, waitlist, price, list_price)
	values ('one', at('10:00'), at(one_unit.closes), one_unit.units, one_unit.each, '5 minutes', one_unit.waitlist, 299, 499);
end $$;
create function claim(who int, clock text, ref text default null) returns table (state text, until time, place bigint, price numeric) language sql as
	$$ select state, (until at time zone 'UTC')::time, place, price from loyalty.claim('sale', 'one', who, ref => ref, asof => at(clock)) $$;
create function confirm(who int, order_ref int, clock text, ref text default null) returns text language sql as
	$$ select state from loyalty.confirm('sale', 'one', who, order_ref, ref => ref, asof => at(clock)) $$;
create function release(who int, clock text, ref text default null) returns table (state text, until time, place bigint, price numeric) language sql as
	$$ select state, (until at time zone 'UTC')::time, place, price from loyalty.release('sale', 'one', who, ref => ref, asof => at(clock)) $$;
create function claims(clock text) returns table (customer text, ref text, state text, at time, since time, until time, place bigint, order_ref text) language sql as
	$$ select customer, ref, state, (at at time zone 'UTC')::time, (since at time zone 'UTC')::time, (until at time zone 'UTC')::time, place, order_ref from loyalty.claims('sale', 'one', at(clock)) $$;

-- The very first instant, the very last
call one_unit();
select claim.* from unnest(array['09:59:59.999999', '10:00']) with ordinality as t (clock, n), claim(1, clock) order by n;
call one_unit(waitlist => false);
select * from claim(1, '10:00');
select claim.* from unnest(array['10:14:59.999999', '10:15']) with ordinality as t (clock, n), claim(2, clock) order by n;
call one_unit();
select * from claim(1, '10:00');
begin;
select confirm(1, 9001, '10:14:59.999999');
rollback;
call pg_temp.error($$select shop.confirm(1, 9001, '10:15')$$);

-- Who waits has a turn: 1 at 10:00, 2 at 10:01, 3 at 10:02, 4 at 10:03; 5 comes at 10:16
call one_unit();
select claim.* from generate_series(1, 4) n, claim(n, (time '09:59' + n * interval '1 minute')::text) order by n;
begin;
select * from claim(5, '10:16');
select * from claims('10:16');
-- 3 confirms at 10:24; the order is cancelled at 11:00
select confirm(3, 9003, '10:24');
select * from claims('10:24');
select * from release(3, '11:00');
select * from claims('11:00');
-- what was, and what will be if nothing else happens
select * from claims('10:02');
select * from claims('11:07');
select * from claims('13:00');
rollback;
-- nobody looks until 11:00
select * from claim(5, '11:00');
select * from claims('11:00');
-- these turns were written down with the act on their unit
select unit, claim, since, free from sale_unit;
select claim, customer, slot, unit, since, until from sale_claim order by claim;

-- A ref is spent once
call one_unit();
select * from claim(1, '10:00', 'a');
select * from claim(1, '10:20', 'a');
select * from claim(1, '10:20', 'b');
select * from claim(1, '10:21');
select * from release(1, '10:22', 'a');
select * from release(1, '10:22', 'nothing');
select * from release(2, '10:22');
select * from release(1, '10:22');
select * from release(1, '10:23');
select * from claim(1, '10:24', 'b');
select * from claim(1, '10:24');

-- each = 2
call one_unit(each => 2, units => 5);
select claim.* from unnest(array['a', 'b', 'c']) with ordinality as t (ref, n), claim(1, '10:00', ref) order by n;
-- a claim that waits counts; the newest of the live ones is answered without a ref
select confirm(1, 9001, '10:01', 'b');
select confirm(1, 9001, '10:02');
select confirm(1, 9002, '10:03');
call pg_temp.error($$select shop.confirm(1, 9003, '10:04')$$);
call pg_temp.error($$select shop.confirm(1, 9003, '10:04', 'a')$$);
call pg_temp.error($$select shop.confirm(1, 9003, '10:04', 'c')$$);
call pg_temp.error($$select shop.confirm(2, 9003, '10:04')$$);
select * from claims('10:05');
select * from claim(1, '10:05');
select * from release(1, '10:06', 'a');
select * from claim(1, '10:06', 'd');
select * from claims('10:06');

-- A hold may be confirmed after the deal has closed; who waits is shut out
call one_unit(closes => '11:00');
select * from claim(1, '10:50');
select * from claim(2, '10:51');
select * from claim(1, '11:00');
select * from claim(2, '11:00');
select * from claim(3, '11:00');
call pg_temp.error($$select shop.confirm(2, 9002, '11:04')$$);
select confirm(1, 9001, '11:04');
select * from claims('11:04');
select * from release(2, '11:05');
-- no turn after closing: the unit is free, and stays so
call one_unit(closes => '10:15');
select * from claim(1, '10:00');
select * from claim(2, '10:01');
select * from claims('10:15');
call one_unit(closes => '10:15:00.000001');
select * from claim(1, '10:00');
select * from claim(2, '10:01');
select * from claims('10:15');

-- A deal of no time, of no units
call one_unit(closes => '10:00');
select * from claim(1, '10:00');
call one_unit(units => 0);
select * from claim(1, '10:00');
call one_unit(units => 0, waitlist => false);
select * from claim(1, '10:00');

--
-- Changing a deal.  These begin now, for an UPDATE has the instant of the clock
--

delete from sale_claim;
delete from sale_deal;
create view figures as select state, units, free, held, bought, waiting, lapsed, given from sale;
insert into sale_deal (deal, opens, closes, units, price, list_price) values ('one', clock_timestamp() - interval '1 second', clock_timestamp() + interval '1 hour', 2, 299, 499);
select state from generate_series(1, 5) n, loyalty.claim('sale', 'one', n) order by n;
select state from loyalty.confirm('sale', 'one', 1, 9001);
table figures;
-- more units: for those who wait
update sale_deal set units = 4;
table figures;
select customer, state, place from loyalty.claims('sale', 'one');
-- fewer: only free ones
call pg_temp.error($$update shop.sale_deal set units = 3$$);
update sale_deal set units = 6;
select state from loyalty.release('sale', 'one', 2);
table figures;
call pg_temp.error($$update shop.sale_deal set units = 3$$);
update sale_deal set units = 4;
table figures;
-- close early: what is held may still be bought
update sale_deal set units = 3 + 1, closes = clock_timestamp();
table figures;
select state from loyalty.claim('sale', 'one', 9);
select state from loyalty.confirm('sale', 'one', 3, 9003);
-- open again, cancel, and no more cancelled
update sale_deal set closes = clock_timestamp() + interval '1 hour';
select state from loyalty.claim('sale', 'one', 8);
table figures;
update sale_deal set cancelled = clock_timestamp();
table figures;
select state from loyalty.claim('sale', 'one', 7), pg_sleep(0.001);
select state from loyalty.claim('sale', 'one', 8);
do $$ begin perform loyalty.confirm('shop.sale', 'one', 8, 1); exception when sqlstate 'LY002' then raise info '%', sqlstate; end $$;
select state from loyalty.claims('sale', 'one', customer => 4);
-- what was held is free, and may go
update sale_deal set units = 3;
update sale_deal set cancelled = null, units = 4;
table figures;
select customer, state, order_ref from loyalty.claims('sale', 'one');
-- a deal to come, one that has closed with nobody, one without a list price
insert into sale_deal (deal, opens, closes, units) values ('to come', clock_timestamp() + interval '1 day', 'infinity', 1), ('over', '-infinity', '2020-01-01', 3);
select deal, state, free, given from sale order by deal;

-- What breaks a rule
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units) values ('bad', '2026-01-02', '2026-01-01', 1)$$);
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units) values ('bad', '2026-01-01', '2026-01-02', -1)$$);
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units) values ('bad', '2026-01-01', '2026-01-02', 1000001)$$);
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units, each) values ('bad', '2026-01-01', '2026-01-02', 1, 0)$$);
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units, hold) values ('bad', '2026-01-01', '2026-01-02', 1, '0')$$);
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units, hold) values ('bad', '2026-01-01', '2026-01-02', 1, '1 day')$$);
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units, hold) values ('bad', '2026-01-01', '2026-01-02', 1, '1 month -29 days')$$);
call pg_temp.error($$insert into shop.sale_deal (deal, opens, closes, units, turn) values ('bad', '2026-01-01', '2026-01-02', 1, '-1 minute')$$);
call pg_temp.error($$delete from shop.sale_deal where deal = 'one'$$);
call pg_temp.error($$update shop.sale_deal set deal = 'two' where deal = 'one'$$);
call pg_temp.error($$truncate shop.sale_deal$$);
call pg_temp.error($$insert into shop.sale (deal) values ('new')$$);
call pg_temp.error($$update shop.sale set deal = 'new'$$);
-- a deal without claims may have another name, and go
update sale_deal set deal = 'past' where deal = 'over';
select deal, count(*) from sale_unit group by 1 order by 1;
delete from sale_deal where deal = 'past';
select deal, count(*) from sale_unit group by 1 order by 1;

--
-- Keys: any integer, uuid or text, each for itself
--

call one_unit(units => 100);
select state from loyalty.claim('sale', 'one', 1::smallint, asof => at('10:00'));
select state from loyalty.claim('sale', 'one', 2::bigint, asof => at('10:00'));
select state from loyalty.claim('sale', 'one', '3', asof => at('10:00'));
select state from loyalty.claim('sale', 'one', '4'::text, 'page', at('10:00'));
select state from loyalty.claim('sale', 'one', '5'::varchar, null, at('10:00'));
prepare untyped as select state from loyalty.claim('sale', 'one', $1, asof => at('10:00'));
execute untyped('6');
prepare typed (bigint) as select state from loyalty.claim('sale', 'one', $1, asof => at('10:00'));
execute typed(7);
select state from loyalty.confirm('sale', 'one', 1, 9001, asof => at('10:01'));
select state from loyalty.confirm('sale', 'one', 2::bigint, 9002::smallint, asof => at('10:01'));
select state from loyalty.confirm('sale', 'one', '3', 'A-9003', asof => at('10:01'));
select state from loyalty.confirm('sale', 'one', 4, '6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid, asof => at('10:01'));
select state from loyalty.confirm('sale', 'one', '5', 9005::bigint, null, at('10:01'));
prepare untyped_order as select state from loyalty.confirm('sale', 'one', $1, $2, asof => at('10:01'));
execute untyped_order('6', '9006');
-- an order is one text, however it came
select state from loyalty.confirm('sale', 'one', 1, '9001', asof => at('10:02'));
select customer, state, order_ref from loyalty.claims('sale', 'one', at('10:02'));
select customer, state from loyalty.claims('sale', 'one', at('10:02'), 3);
select customer, state from loyalty.claims('sale', 'one', at('10:02'), '3');
select customer, state from loyalty.claims('sale', 'one', customer => 99::bigint);

select loyalty.open_deals('byuuid', 'uuid'), loyalty.open_deals('bytext', 'text');
insert into byuuid_deal (deal, opens, closes, units) values ('d', at('10:00'), at('12:00'), 2);
insert into bytext_deal (deal, opens, closes, units) values ('d', at('10:00'), at('12:00'), 2);
select state from loyalty.claim('byuuid', 'd', '6F9619FF-8B86-D011-B42D-00CF4FC964FF', asof => at('10:00'));
select state from loyalty.confirm('byuuid', 'd', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid, 5, asof => at('10:01'));
select state from loyalty.claim('bytext', 'd', 42, asof => at('10:00'));
select state from loyalty.claim('bytext', 'd', '42', asof => at('10:01'));
select customer, state, order_ref from loyalty.claims('byuuid', 'd', at('10:01')) union all select customer, state, order_ref from loyalty.claims('bytext', 'd', at('10:01'));

-- NULLs
select * from loyalty.claim(null, 'one', 1);
select * from loyalty.claim('sale', null, 1);
select * from loyalty.claim('sale', 'one', null);
select * from loyalty.claim('sale', 'one', null::int);
select * from loyalty.confirm('sale', 'one', null::int, 1);
select * from loyalty.confirm('sale', 'one', null, null::bigint);
select * from loyalty.release('sale', null, 1);
select * from loyalty.claims(null, 'one');
select * from loyalty.claims('sale', null);
select count(*) from loyalty.claims('sale', 'one', null);
call pg_temp.error($$select loyalty.confirm('shop.sale', 'one', 1, null)$$);
call pg_temp.error($$select loyalty.confirm('shop.sale', 'one', 1, null::bigint)$$);
call pg_temp.error($$select loyalty.confirm('shop.sale', 'one', 1, null::uuid)$$);

-- Errors
call pg_temp.error($$select loyalty.claim('shop.sale', 'none', 1)$$);
call pg_temp.error($$select loyalty.confirm('shop.sale', 'none', 1, 1)$$);
call pg_temp.error($$select loyalty.release('shop.sale', 'none', 1)$$);
call pg_temp.error($$select * from loyalty.claims('shop.sale', 'none')$$);
call pg_temp.error($$select loyalty.claim('shop.sale_deal', 'one', 1)$$);
call pg_temp.error($$select loyalty.claim('shop.figures', 'one', 1)$$);
call pg_temp.error($$select loyalty.claims('pg_class', 'one')$$);
call pg_temp.error($$select loyalty.claim('shop.sale', 'one', 'x')$$);
call pg_temp.error($$select loyalty.claim('shop.sale', 'one', 3000000000)$$);
call pg_temp.error($$select loyalty.claim('shop.sale', 'one', 1.5)$$);
call pg_temp.error($$select loyalty.claim('shop.sale', 'one', 1, asof => 'infinity')$$);
call pg_temp.error($$select loyalty.open_deals('', 'int')$$);
call pg_temp.error($$select loyalty.open_deals(repeat('x', 55), 'int')$$);
call pg_temp.error($$select loyalty.open_deals('sale', 'int')$$);
call pg_temp.error($$set search_path = nowhere; select loyalty.open_deals('other', 'int')$$);
call pg_temp.error($$set search_path = pg_temp; select loyalty.open_deals('other', 'int')$$);
call pg_temp.error($$select loyalty.open_deals('other', 'int', 'shop.sale')$$);
call pg_temp.error($$select loyalty.open_deals('other', 'point')$$);
call pg_temp.error($$set transaction_read_only = on; select loyalty.claim('shop.sale', 'one', 1)$$);
select loyalty.open_deals(null, 'int'), loyalty.open_deals('other', null);
-- its tables are not what they were
begin;
alter table sale_claim rename column slot to place;
call pg_temp.error($$select loyalty.claim('shop.sale', 'one', 1)$$);
rollback;
-- but may have other names, and deals columns of the shop's own
begin;
alter table sale_deal add column picture text;
alter table sale_deal rename to bargains;
alter view sale rename to sales;
create schema elsewhere;
alter table sale_unit set schema elsewhere;
select state from loyalty.claim('sales', 'one', 1, asof => at('10:03'));
update bargains set units = units + 1;
select units, bought from sales where deal = 'one';
rollback;

--
-- Members only
--

create table orders (id int primary key, customer int, at timestamptz, total numeric);
create table subscriptions (id int primary key, customer int, at timestamptz, until timestamptz, plan text);
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders
	union all select customer, loyalty.subscription(at, 10, until => until, plan => plan, ref => id) from subscriptions;
select loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "Europe/Berlin", "tiers": {"window": "lifetime", "levels": [{"name": "Basic", "at": 0}, {"name": "Gold", "at": 100}, {"name": "Platinum", "at": 1000}]}}');
select loyalty.track('event', 'loyal');
call pg_temp.error($$select loyalty.open_deals('club', 'bigint', 'shop.loyal')$$);
select loyalty.open_deals('club', 'int', 'loyal');
insert into club_deal (deal, opens, closes, units, tiers, plan, everyone_from) values
	('tiers', at('10:00'), at('15:00'), 9, '{Gold,Platinum}', null, at('14:00')), ('plan', at('10:00'), at('15:00'), 9, null, 'prime', null),
	('either', at('10:00'), at('15:00'), 9, '{Platinum}', 'prime', null), ('nobody', at('10:00'), at('15:00'), 9, '{}', null, null), ('all', at('10:00'), at('15:00'), 9, null, null, null);
insert into orders values (1, 1, at('12:00'), 100), (2, 2, at('09:00'), 50), (3, 3, at('09:00'), 5000);
insert into subscriptions values (1, 2, at('11:00'), at('13:00'), 'prime'), (2, 4, at('09:00'), at('14:00'), 'other');
-- Gold by a purchase at 12:00:00
select claim.state from unnest(array['11:59:59', '12:00:00']) with ordinality as t (clock, n), loyalty.claim('club', 'tiers', 1, asof => at(clock)) as claim order by n;
-- what changes later does not undo a claim
delete from orders where id = 1;
select state from loyalty.claim('club', 'tiers', 1, asof => at('12:01'));
select state from loyalty.claim('club', 'tiers', 2, asof => at('12:01'));
select state from loyalty.claim('club', 'tiers', 99, asof => at('12:01'));
select state from loyalty.claim('club', 'tiers', 99, asof => at('13:59:59.999999')) union all select state from loyalty.claim('club', 'tiers', 99, asof => at('14:00'));
-- a paid plan, from its first instant to before its last
select clock, claim.state from unnest(array['10:59:59', '11:00', '12:59:59', '13:00']) with ordinality as t (clock, n), loyalty.claim('club', 'plan', 2, ref => clock, asof => at(clock)) as claim order by n;
select state from loyalty.claim('club', 'plan', 4, asof => at('12:00'));
-- one of those given is enough
select n, state from generate_series(1, 4) n, loyalty.claim('club', 'either', n, asof => at('12:00')) order by n;
select state from loyalty.claim('club', 'nobody', 3, asof => at('12:00')) union all select state from loyalty.claim('club', 'all', 99, asof => at('12:00'));
-- a benefit: here of a plan of several names, with grace
begin;
select loyalty.set_program('loyal', '{"program": "club", "timezone": "Europe/Berlin", "plans": {"plus": {"any": ["prime", "pro"], "grace": "30 minutes"}}, "benefits": [{"name": "early", "plan": "plus"}]}');
insert into club_deal (deal, opens, closes, units, "each", benefit) values ('benefit', at('10:00'), at('15:00'), 9, 9, 'early'), ('no benefit', at('10:00'), at('15:00'), 9, 9, 'lounge');
select clock, claim.state from unnest(array['10:59:59', '11:00', '13:29:59', '13:30']) with ordinality as t (clock, n), loyalty.claim('club', 'benefit', 2, ref => clock, asof => at(clock)) as claim order by n;
select n, state from generate_series(3, 4) n, loyalty.claim('club', 'benefit', n, asof => at('12:00')) order by n;
select state from loyalty.claim('club', 'no benefit', 2, asof => at('12:00'));
rollback;
-- no program: no tiers; no live history: no members
begin;
select loyalty.set_program('loyal', null);
select n, state from generate_series(1, 3) n, loyalty.claim('club', 'either', n, ref => 'x', asof => at('12:00')) order by n;
rollback;
update sale_deal set tiers = '{Gold}', closes = 'infinity' where deal = 'one';
select state from loyalty.claim('sale', 'one', 99, asof => at('12:00'));
update sale_deal set tiers = null, benefit = 'lounge' where deal = 'one';
select state from loyalty.claim('sale', 'one', 99, asof => at('12:00'));

--
-- Rights
--

create role loyalty_regress_owner;
create role loyalty_regress_web;
create role loyalty_regress_staff;
create role loyalty_regress_foe;
grant usage on schema shop to loyalty_regress_owner, loyalty_regress_web, loyalty_regress_staff, loyalty_regress_foe;
grant create on schema shop to loyalty_regress_owner;
set role loyalty_regress_web;
call pg_temp.error($$select loyalty.claim('shop.sale', 'one', 1)$$);
call pg_temp.error($$select loyalty.open_deals('own', 'int')$$);
reset role;
grant execute on function loyalty.open_deals, loyalty.claim, loyalty.release to loyalty_regress_owner, loyalty_regress_web, loyalty_regress_staff, loyalty_regress_foe;
grant execute on function loyalty.claims to loyalty_regress_owner, loyalty_regress_web, loyalty_regress_staff, loyalty_regress_foe;
do $$
declare
	f regprocedure;
begin
	for f in select oid from pg_proc where pronamespace = 'loyalty'::regnamespace and proname = 'confirm' loop
		execute format('grant execute on function %s to loyalty_regress_owner, loyalty_regress_web, loyalty_regress_foe', f);
	end loop;
end $$;
set role loyalty_regress_owner;
set search_path = shop;
call pg_temp.error($$select loyalty.open_deals('own', 'int', 'shop.loyal')$$);
select loyalty.open_deals('own', 'int');
insert into own_deal (deal, opens, closes, units) values ('d', now() - interval '1 hour', now() + interval '1 hour', 3);
reset role;
set role loyalty_regress_web;
call pg_temp.error($$select loyalty.claim('shop.own', 'd', 1)$$);
call pg_temp.error($$select loyalty.confirm('shop.own', 'd', 1, 1)$$);
call pg_temp.error($$select loyalty.release('shop.own', 'd', 1)$$);
call pg_temp.error($$select loyalty.claims('shop.own', 'd')$$);
reset role;
grant insert, update on own to loyalty_regress_web;
set role loyalty_regress_web;
select state from loyalty.claim('own', 'd', 1);
select state from loyalty.confirm('own', 'd', 1, 1);
select state from loyalty.claim('own', 'd', 2);
select state from loyalty.release('own', 'd', 2);
select state from loyalty.claim('own', 'd', 3);
call pg_temp.error($$select loyalty.claim('shop.own', 'd', 1, asof => now())$$);
call pg_temp.error($$select loyalty.claims('shop.own', 'd')$$);
call pg_temp.error($$select * from shop.own$$);
call pg_temp.error($$insert into shop.own_claim (deal, customer, at) values ('d', 1, now())$$);
reset role;
-- who sees one of the tables does not see the claims
grant select on own, own_deal to loyalty_regress_staff;
set role loyalty_regress_staff;
call pg_temp.error($$select loyalty.claims('shop.own', 'd')$$);
call pg_temp.error($$select * from shop.own$$);
reset role;
grant select on own_unit, own_claim to loyalty_regress_staff;
grant insert, update on own_deal to loyalty_regress_staff;
set role loyalty_regress_staff;
select customer, state from loyalty.claims('own', 'd');
select state, free, held, bought, waiting, lapsed from own;
-- staff who look after the deals need nothing of the tables under them
update own_deal set units = units + 1;
select units, free from own;
call pg_temp.error($$select loyalty.claim('shop.own', 'd', 1)$$);
reset role;
-- policies choose the rows of claims; what the view counts is of all
grant select on own, own_deal, own_unit, own_claim to loyalty_regress_web;
alter table own_claim enable row level security;
create policy mine on own_claim for select to loyalty_regress_web using (customer = current_setting('app.customer')::int);
set role loyalty_regress_web;
set app.customer = 3;
select customer, state from loyalty.claims('own', 'd');
select customer, state from loyalty.claims('own', 'd', customer => 1);
select units, free, held, bought from own;
select state from loyalty.claim('own', 'd', 1);
reset role;
set role loyalty_regress_owner;
select customer, state from loyalty.claims('own', 'd');
reset role;

-- Nothing of the caller's: a foe with the right to claim, and a search_path full of traps
create table heard (who name, what text);
grant all on heard to public;
grant insert, update on own to loyalty_regress_foe;
create schema trap authorization loyalty_regress_foe;
set role loyalty_regress_foe;
grant usage on schema trap to public;
create function trap.texteq(text, text) returns boolean language plpgsql as $$ begin insert into shop.heard values (current_user, 'texteq'); return true; end $$;
create operator trap.= (leftarg = text, rightarg = text, function = trap.texteq);
create function trap.int4eq(int, int) returns boolean language plpgsql as $$ begin insert into shop.heard values (current_user, 'int4eq'); return true; end $$;
create operator trap.= (leftarg = int, rightarg = int, function = trap.int4eq);
create function trap.int8eq(bigint, bigint) returns boolean language plpgsql as $$ begin insert into shop.heard values (current_user, 'int8eq'); return true; end $$;
create operator trap.= (leftarg = bigint, rightarg = bigint, function = trap.int8eq);
create function trap.timestamptz_eq(timestamptz, timestamptz) returns boolean language plpgsql as $$ begin insert into shop.heard values (current_user, 'timestamptz_eq'); return true; end $$;
create operator trap.= (leftarg = timestamptz, rightarg = timestamptz, function = trap.timestamptz_eq);
set search_path = trap, pg_catalog, shop;
create temp table own_unit (deal text, unit int, claim bigint, since timestamptz, free timestamptz);
create temp table own_claim (claim bigint, deal text, customer int);
select state from loyalty.claim('shop.own', 'd', 7);
select state from loyalty.confirm('shop.own', 'd', 7, 7);
select state from loyalty.claim('shop.own', 'd', 8);
select state from loyalty.release('shop.own', 'd', 8);
select state from loyalty.claim('shop.own', 'd', 9);
-- a trigger or a view of its own that names the desk of another
create table mine (deal text);
create trigger t after insert on mine for each row when (loyalty.desk('shop.own'::regclass)) execute function loyalty.deal_changed();
create view fake with (security_invoker = true) as select 1 as one where loyalty.desk('shop.own_deal'::regclass, 'shop.own_unit'::regclass, 'shop.own_claim'::regclass);
select pg_catalog.set_config('search_path', 'pg_catalog', false);
call pg_temp.error($$select loyalty.claim('trap.fake', 'd', 1)$$);
call pg_temp.error($$select loyalty.deal_figures('shop.own_deal', 'shop.own_unit', 'shop.own_claim', 'd')$$);
call pg_temp.error($$insert into trap.mine values ('x')$$);
reset role;
set search_path = shop;
table heard;
set role loyalty_regress_owner;
select customer, state from loyalty.claims('own', 'd');
reset role;

-- Its own tables are dropped with it
drop schema trap cascade;
drop table own_deal, own_unit, own_claim cascade;
call pg_temp.error($$select loyalty.claim('shop.own', 'd', 1)$$);
set client_min_messages = error;
drop schema shop cascade;
drop owned by loyalty_regress_owner, loyalty_regress_web, loyalty_regress_staff, loyalty_regress_foe;
drop role loyalty_regress_owner, loyalty_regress_web, loyalty_regress_staff, loyalty_regress_foe;
