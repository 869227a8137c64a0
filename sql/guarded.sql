-- Tables that may be written only where a live history counts what is written; and what track_shards says without shards
-- (test/tap/citus.pl has those).
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
create table payments_2 (id int primary key, customer int, points int, at timestamptz);
create view union_event as select r.customer, loyalty.purchase(r.at, r.points) as event from payments r
union all select customer, loyalty.activity(at, 'x') from payments;
insert into payments_1 values (7, 70, '2026-02-01', 5);
do $$ begin execute 'create view event_1 as ' || loyalty.live_shard_query('event', array['payments'::regclass], array['payments_1'::regclass]); end $$;
do $$ begin execute 'create view union_event_1 as ' || loyalty.live_shard_query('union_event', array['payments'::regclass], array['payments_1'::regclass]); end $$;
select * from event_1;
select * from union_event_1 order by event;
select loyalty.live_shard_query('event', array['payments'::regclass], array['payments_2'::regclass]);
select loyalty.live_shard_query('event', array['payments'::regclass], '{}');
select loyalty.live_shard_query('payments', '{}', '{}');

set client_min_messages = warning;
drop schema guarded cascade;
