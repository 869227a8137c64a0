-- Tables that may be written only where a live history counts what is written; and shards,
-- by a stand-in for the catalog of Citus (test/tap/citus.pl has a real one).
\i test/error.sql
set client_min_messages = warning;
create schema guarded;
set search_path = guarded;

create table payments (id int primary key, customer int, at timestamptz, points int);
insert into payments values (1, 1, '2026-01-01', 0);
alter table payments add constraint counted check (loyalty.guarded(tableoid)) not valid;

-- nobody counts it
insert into payments values (2, 1, '2026-01-02', 0);
\set VERBOSITY sqlstate
update payments set points = 1;
\set VERBOSITY default
select live, events, relation, role, state from loyalty.tracked where relation = 'payments'::regclass;

-- somebody does
create view event as select customer, loyalty.purchase(at, points) as event from payments;
select loyalty.keep('loyal', 'int', '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'loyal');
insert into payments values (2, 1, '2026-01-02', 0);
select live, events, relation, role, state from loyalty.tracked where relation = 'payments'::regclass;


-- a trigger that is disabled does not
alter table payments disable trigger loyal_insert;
insert into payments values (3, 1, '2026-01-02', 0);
select live, relation, role, state from loyalty.tracked where relation = 'payments'::regclass order by live;
alter table payments enable always trigger loyal_insert;
insert into payments values (3, 1, '2026-01-02', 0);
-- nor does one that fires on replicas only
alter table payments enable replica trigger loyal_insert;
insert into payments values (4, 1, '2026-01-02', 0);
select live, relation, role, state from loyalty.tracked where relation = 'payments'::regclass order by live;
alter table payments enable trigger loyal_insert;

-- a trigger of another table's function does not count either
create function noted() returns trigger language plpgsql as $$ begin return null; end $$;
create table noted (n int check (loyalty.guarded(tableoid)));
create trigger noted after insert on noted execute function noted();
insert into noted values (1);

-- a partition is asked by itself
create table parted (id int, customer int, at timestamptz, points int, check (loyalty.guarded(tableoid))) partition by list (id);
create table parted_1 partition of parted for values in (1);
create view parted_event as select customer, loyalty.purchase(at, points) as event from parted;
select loyalty.track('parted_event', 'loyal');
insert into parted values (1, 1, '2026-01-02', 0);
create table parted_2 partition of parted for values in (2);
insert into parted values (2, 1, '2026-01-02', 0);
select live, relation, state from loyalty.tracked where relation = 'parted_2'::regclass order by live;
select loyalty.track('parted_event', 'loyal');
insert into parted values (2, 1, '2026-01-02', 0);

select loyalty.guarded('payments'), loyalty.guarded(null);
select loyalty.guarded('event');
select loyalty.guarded(0);

-- there are no shards
\set VERBOSITY sqlstate
select loyalty.track_shards('event', 'loyal', null);
\set VERBOSITY default
\set SHOW_CONTEXT never
select loyalty.track_shards('event', 'loyal', null);
select count(*) from loyalty.track_shards(null, 'loyal', null);
select * from loyalty.live_shards();

-- the query of a view, of other tables
create table payments_1 (id int primary key, customer int, at timestamptz, points int);
create table payments_2 (gone int, id int primary key, customer int, points int, at timestamptz);
alter table payments_2 drop column gone;
create view union_event as select r.customer, loyalty.purchase(r.at, r.points) as event from payments r
union all select customer, loyalty.activity(at, 'x') from payments;
insert into payments_1 values (7, 70, '2026-02-01', 5);
do $$ begin execute 'create view event_1 as ' || loyalty.live_shard_query('event', array['payments'::regclass], array['payments_1'::regclass]); end $$;
do $$ begin execute 'create view union_event_1 as ' || loyalty.live_shard_query('union_event', array['payments'::regclass], array['payments_1'::regclass]); end $$;
select * from event_1;
select * from union_event_1 order by event;
-- columns at other places; a WITH query of the table's name, a join, the same table again
create view twice_event as with payments as (select id, customer from payments)
select p.customer, loyalty.activity(at, points::text) as event from payments p join guarded.payments using (id) where exists (select from guarded.payments where id = p.id);
insert into payments_2 values (8, 80, 6, '2026-03-01');
do $$ begin execute 'create view event_2 as ' || loyalty.live_shard_query('twice_event', array['payments'::regclass], array['payments_2'::regclass]); end $$;
select * from event_2;
select loyalty.live_shard_query('event', array['payments'::regclass], '{}');
select loyalty.live_shard_query('payments', '{}', '{}');
select loyalty.live_shard_query('event', array['payments'::regclass], array[4294967295::oid::regclass]);

-- Two groups of shards are on this server, which is 1.  The first belongs here, the second to the server 2: it is arriving.
begin;
set local allow_system_table_mods = on;
create table pg_catalog.pg_dist_partition (logicalrelid regclass, partmethod "char", repmodel "char", colocationid int);
create table pg_catalog.pg_dist_shard (logicalrelid regclass, shardid bigint, shardminvalue text);
create table pg_catalog.pg_dist_placement (shardid bigint, shardstate int, groupid int);
create table pg_catalog.pg_dist_local_group (groupid int);
create function pg_catalog.shard_name(relation regclass, shard bigint) returns text language sql as
	$$ select format('%s_%s', relation, shard) $$;
create table orders (id int, customer int, at timestamptz, total int, primary key (customer, id));
create table spent (id int, customer int, at timestamptz, points int, primary key (customer, id));
create table factor (n int primary key);
create table orders_101 (like orders including all);
create table orders_102 (like orders including all);
create table spent_201 (like spent including all);
create table spent_202 (like spent including all);
create table other_101 (n int);
create table other_1234567890123456789012345 (n int);
insert into pg_dist_local_group values (1);
insert into pg_dist_partition values ('orders', 'h', 's', 1), ('spent', 'h', 's', 1);
insert into pg_dist_shard values ('orders', 101, '-2'), ('orders', 102, '0'), ('orders', 103, '2'), ('spent', 201, '-2'), ('spent', 202, '0'), ('spent', 203, '2');
insert into pg_dist_placement values (101, 1, 1), (102, 1, 2), (103, 1, 2), (201, 1, 1), (202, 1, 2), (203, 1, 2);
insert into orders_101 values (1, 1, '2026-01-01', 10);
create view shop_event as
select customer, loyalty.purchase(at, total, ref => id) as event from orders
union all select customer, loyalty.redemption(at, points) from spent;
alter table spent_201 add constraint counted check (loyalty.guarded(tableoid)) not valid;
alter table spent_202 add constraint counted check (loyalty.guarded(tableoid)) not valid;
\set program '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}]}'
call pg_temp.error($$select loyalty.track('guarded.shop_event', 'guarded.loyal')$$);
select * from loyalty.live_shards();
select * from loyalty.live_shards(202);
select relation, loyalty.live_shard_state(relation), loyalty.live_is_root(relation) from unnest(
	array['orders', 'orders_101', 'orders_102', 'payments_1', 'factor', 'other_101', 'other_1234567890123456789012345']::regclass[]) relation;

-- rows of a shard that is arriving are let in, where it belongs they are counted
call pg_temp.error($$insert into guarded.spent_201 values (1, 1, '2026-01-02', 0)$$);
insert into spent_202 values (1, 2, '2026-01-02', 7);
select loyalty.track_shards('shop_event', 'loyal', :'program');
insert into spent_201 values (1, 1, '2026-01-02', 4);
call pg_temp.error($$insert into guarded.spent_201 values (2, 1, '2026-01-02', 7)$$);
select customer, history from loyal_101;
select live, events, relation, state from loyalty.tracked where relation::text ~ '_[12]0[12]$' order by relation::text;

-- it has arrived
update pg_dist_placement set groupid = 1 where shardid in (102, 202);
call pg_temp.error($$insert into guarded.spent_202 values (2, 2, '2026-01-02', 0)$$);
select live, events, relation, state from loyalty.tracked where relation::text ~ '_[12]0[12]$' order by relation::text;
select loyalty.track_shards('shop_event', 'loyal', :'program');
call pg_temp.error($$insert into guarded.spent_202 values (2, 2, '2026-01-02', 1)$$);
select live, events, relation, state from loyalty.tracked where relation::text ~ '_[12]0[12]$' order by relation::text;

-- the other leaves: tracked and verify say so, and its history goes; nobody else's with such a name
update pg_dist_placement set groupid = 2 where shardid in (101, 201);
select loyalty.keep('loyal_7', 'int');
select live, events, relation, state from loyalty.tracked where relation::text ~ '_[12]0[12]$' order by relation::text;
select customer, reason from loyalty.verify('loyal_101') order by reason;
set local client_min_messages = notice;
\set VERBOSITY terse
set local citus.enable_ddl_propagation = 'as it was';
select loyalty.track_shards('shop_event', 'loyal', :'program');
\set VERBOSITY default
set local client_min_messages = warning;
show citus.enable_ddl_propagation;
select to_regclass('loyal_101') as gone, to_regclass('loyal_101_event') as gone_too, to_regclass('loyal_102') as stays, to_regclass('loyal_7') as stays_too;

-- not all of a view's tables have shards, or have them together
create view with_factor as select o.customer, loyalty.purchase(o.at, o.total * f.n) as event from orders o, factor f;
create view only_factor as select n as customer, loyalty.activity('2026-01-01', 'x') as event from factor;
create view no_table as select 1 as customer, loyalty.activity('2026-01-01', 'x') as event;
call pg_temp.error($$select loyalty.track_shards('guarded.with_factor', 'other', null)$$);
call pg_temp.error($$select loyalty.track_shards('guarded.no_table', 'other', null)$$);
insert into pg_dist_partition values ('factor', 'n', 't', 9);
call pg_temp.error($$select loyalty.track_shards('guarded.only_factor', 'other', null)$$);
update pg_dist_partition set colocationid = 2 where logicalrelid = 'spent'::regclass;
call pg_temp.error($$select loyalty.track_shards('guarded.shop_event', 'other', null)$$);
rollback;

set client_min_messages = warning;
drop schema guarded cascade;
