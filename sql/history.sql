-- history: all events of one customer

\pset null 'null'
\i test/error.sql

--
-- From a shop's tables to histories
--

create temp table orders (id int primary key, customer text, ordered_at timestamptz, total numeric(10,2), goods numeric(10,2), category text);
create temp table refunds (order_id int references orders, refunded_at timestamptz, amount numeric(10,2));
create temp table tickets (customer text, closed_at timestamptz, minutes int);
insert into orders values
	(1, 'ann', '2025-01-10 10:00+00', 80.00, 50.00, 'shoes'),
	(2, 'bob', '2025-01-11 11:00+00', 20.00, 15.00, 'socks'),
	(3, 'ann', '2025-02-10 10:00+00', 35.50, 20.00, 'socks'),
	(4, null, '2025-02-12 10:00+00', 12.00, 6.00, 'socks');
insert into refunds values (3, '2025-02-15 09:30+00', 35.50);
insert into tickets values ('bob', '2025-01-12 16:00+00', 20), ('ann', '2025-01-12 12:00+00', null);

-- The only mapping that a shop ever writes
create temp view customer_event as
	select customer, loyalty.purchase(ordered_at, total, cost => goods, tags => array[category], ref => id) as event from orders
	union all
	select customer, loyalty.refund(refunded_at, amount, ref => order_id) from refunds join orders on id = order_id
	union all
	select customer, loyalty.expense(closed_at, minutes * 0.9, array['support']) from tickets;

-- A history for each customer; it needs no ORDER BY
select customer, loyalty.history(event) from customer_event group by customer order by customer;

-- Its events again, as rows
select at, kind, amount, cost, quantity, tags, ref
from (select loyalty.history(event) as h from customer_event where customer = 'ann') as c, loyalty.events(h);

-- The short form, for sales without anything else, makes the same events
select loyalty.history(ordered_at, total), loyalty.same(loyalty.history(ordered_at, total), loyalty.history(loyalty.purchase(ordered_at, total)))
from orders where customer = 'ann';

-- NULL over no rows; NULL events are skipped, and nothing but those is NULL again
select loyalty.history(event) as "no rows" from customer_event where customer = 'eve';
select loyalty.history(loyalty.purchase(ordered_at, null)) as "no events", loyalty.history(ordered_at, null) as "no amounts",
	loyalty.history(null, total) as "no instants", loyalty.history(null::loyalty.history) as "no histories" from orders;
select loyalty.history(event) from (values (null), (loyalty.activity('2025-01-01 00:00+00', 'joined')), (null)) as v(event);

-- What the constructors refuse, the short form refuses
call pg_temp.error($$ select loyalty.history('infinity'::timestamptz, 1) $$);
call pg_temp.error($$ select loyalty.history(now(), 'NaN') $$);
call pg_temp.error($$ select loyalty.history(now(), 0.0000001) $$);

-- A parameter may be an event or a history: it must be said which
call pg_temp.error($$ prepare asked as select loyalty.history($1) $$);
call pg_temp.error($$ prepare asked as select loyalty.remove($1, $2) $$);
prepare asked as select loyalty.history($1::loyalty.event), loyalty.remove($2, $1::loyalty.event) as removed;
execute asked('{"at": "2025-01-01T00:00Z", "kind": "redemption", "points": 5}', '[{"at": "2025-01-01T00:00Z", "kind": "redemption", "points": 5}]');

--
-- The aggregate, wherever aggregates may stand
--

-- 3,000 events of 31 customers, shuffled; every kind, same instants, same orders
create table happened as
select customer, n, case n % 10
	when 0 then loyalty.refund(at, n % 7, cost => n % 3, ref => n / 10)
	when 1 then loyalty.redemption(at, 1 + n % 50, n / 7)
	when 2 then loyalty.adjustment(at, n % 50 - 25, expires => at + interval '1 year', tags => array['t' || n % 4])
	when 3 then loyalty.expense(at, n % 9 / 8.0, array['ads', 'n' || n % 3])
	when 4 then loyalty.activity(at, 'name ' || n % 5, 'r' || n % 11)
	when 5 then loyalty.grant_tier(at, 'tier ' || n % 3, at + interval '1 month')
	else loyalty.purchase(at, n % 1000 / 8.0, cost => n % 300 / 10.0, quantity => n % 4, tags => array['c' || n % 6], ref => case when n % 5 > 0 then n / 10 end) end as event
from (select n, n * 7919 % 31 as customer, timestamptz '2024-01-01 00:00+00' + n * 7907 % 1500 * interval '7 hours 1 minute' as at
	from generate_series(1, 3000) as n) as s
order by md5(n::text);
create table kept as select customer, loyalty.history(event) as h from happened group by customer;

-- However many, and in whatever order they come: all of them, in the same bytes
with crowd as (
	select size, n, loyalty.activity(timestamptz '2025-01-01 00:00+00' + (n * 7919 % size / 2) * interval '61 minutes', repeat('x', 1 + n % 150)) as event
	from unnest(array[1, 2, 3, 9, 32, 33, 256, 257, 3000]) as size, generate_series(1, size) as n
), histories as (
	select size, loyalty.history(event order by n) as h from crowd group by size union all
	select size, loyalty.history(event order by event) from crowd group by size union all
	select size, loyalty.history(event order by event desc) from crowd group by size union all
	select size, loyalty.history(event order by md5(n::text)) from crowd group by size
)
select size, count(distinct loyalty.history_send(h)) as forms,
	bool_and((select array_agg(event) from loyalty.events(h)) = (select array_agg(event order by event) from crowd as c where c.size = s.size)) as all_of_them
from histories as s group by size order by size;

-- Is everything in there, once?
(select customer, event from happened except all select customer, event from kept, loyalty.events(h))
union all
(select customer, event from kept, loyalty.events(h) except all select customer, event from happened);

-- Is it in order?
select bool_and(event_is_next) from (
	select loyalty.event_cmp(lag(event) over (partition by customer order by place), event) <= 0 as event_is_next
	from kept, rows from (loyalty.events(h)) with ordinality as e(at, kind, amount, cost, quantity, points, expires, name, tier, every, until, tags, ref, event, place)) as pairs;

-- Does the order of arrival leave a trace?
select count(*), count(*) filter (where loyalty.history_send(a.h) = loyalty.history_send(kept.h) and loyalty.history_send(b.h) = loyalty.history_send(kept.h)) as same_bytes
from kept
join (select customer, loyalty.history(event order by n) as h from happened group by customer) as a using (customer)
join (select customer, loyalty.history(event order by event desc) as h from happened group by customer) as b using (customer);

-- Is a history of histories the whole?
select loyalty.same((select loyalty.history(h) from kept), (select loyalty.history(event) from happened));

-- Hashed or sorted
create function pg_temp.plan(query text) returns setof text language plpgsql as $$
begin
	return query execute 'explain (costs off) ' || query;
end $$;
set enable_hashagg = off;
select trim(p) from pg_temp.plan('select customer, loyalty.history(event) from happened group by customer') as p where p like '%Aggregate%';
select count(*) from (select customer, loyalty.history(event) as h from happened group by customer) as a join kept using (customer) where loyalty.same(a.h, kept.h);
reset enable_hashagg;
set enable_sort = off;
select trim(p) from pg_temp.plan('select customer, loyalty.history(event) from happened group by customer') as p where p like '%Aggregate%';
select count(*) from (select customer, loyalty.history(event) as h from happened group by customer) as a join kept using (customer) where loyalty.same(a.h, kept.h);
-- hashed, and spilled to disk
set work_mem = '64kB';
set hash_mem_multiplier = 1;
select count(*) from (select n % 1000 as g, loyalty.history(event) as h from happened group by 1) as a
join (select g, loyalty.history(event) as h from (select n % 1000 as g, event from happened order by n) as s group by g) as b using (g)
where loyalty.same(a.h, b.h);
reset work_mem;
reset hash_mem_multiplier;
reset enable_sort;

-- In parallel: the states of two workers are combined
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
set max_parallel_workers_per_gather = 2;
set parallel_leader_participation = off;
alter table happened set (parallel_workers = 2);
alter table kept set (parallel_workers = 2);
select trim(p) from pg_temp.plan('select customer, loyalty.history(event) from happened group by customer') as p where p like '%Aggregate%' or p like '%Workers%';
select count(*) from (select customer, loyalty.history(event) as h from happened group by customer) as a join kept using (customer)
where loyalty.history_send(a.h) = loyalty.history_send(kept.h);
select trim(p) from pg_temp.plan('select loyalty.history(h) from kept') as p where p like '%Aggregate%' or p like '%Workers%';
select loyalty.same((select loyalty.history(h) from kept), (select loyalty.history(event) from happened));
-- a worker without events sends a NULL state
select loyalty.history(event) is null as null_everywhere from happened where customer < 0;
select loyalty.history(event) from happened where n = 4;
-- the short form too
create table sale as select at, n / 4.0 as amount from generate_series(1, 1000) as n, lateral (select timestamptz '2025-01-01 00:00+00' + n % 77 * interval '1 hour' as at) as a;
alter table sale set (parallel_workers = 2);
select trim(p) from pg_temp.plan('select loyalty.history(at, amount) from sale') as p where p like '%Aggregate%' or p like '%Workers%';
select loyalty.same((select loyalty.history(at, amount) from sale), (select loyalty.history(loyalty.purchase(at, amount)) from sale));
-- are the accessors run in the workers?
select count(*) from pg_temp.plan('select * from kept where loyalty.profit(loyalty.until(h, ''2025-01-01 00:00+00'')) > 0') as p where p like '%Gather%';
reset parallel_setup_cost;
reset parallel_tuple_cost;
reset min_parallel_table_scan_size;
reset max_parallel_workers_per_gather;
reset parallel_leader_participation;

-- FILTER
select customer, loyalty.same(loyalty.history(event) filter (where n % 2 = 0), (select loyalty.history(event) from happened as o where o.customer = h.customer and n % 2 = 0)) as same
from happened as h where customer in (3, 4) group by customer order by customer;

-- GROUPING SETS: by customer, by parity, all
select customer is not null as by_customer, parity is not null as by_parity, count(*), sum(events)
from (select customer, parity, (select count(*) from loyalty.events(h)) as events
	from (select customer, n % 2 as parity, loyalty.history(event) as h from happened group by grouping sets ((customer), (parity), ())) as g) as c
group by 1, 2 order by 1, 2;

-- DISTINCT counts an event once, without it twice
select loyalty.orders(loyalty.history(distinct event)) as once, loyalty.orders(loyalty.history(event)) as twice
from (values (loyalty.purchase('2025-01-01 00:00+00', 1)), (loyalty.purchase('2025-01-01 00:00+00', 1.0))) as v(event);

-- Of very many, too: at once, and from parts
with sale as (select '2024-01-01 00:00+00'::timestamptz + i * 7919 % 300007 * interval '1 second' as at, i % 100 + 0.01 as amount, i % 2 as part from generate_series(1::bigint, 300000) i),
	gathered as materialized (select loyalty.history(at, amount) as h from sale)
select (select h operator(loyalty.=) (select loyalty.history(part) from (select loyalty.history(at, amount) as part from sale group by sale.part) x) from gathered) as of_parts,
	(select count(*) from gathered, loyalty.events(h)) as events,
	(select count(*) from (select at, amount from gathered, loyalty.events(h) except all select at, amount from sale) x) as others;
-- As a window aggregate: everything so far, and the last two
select id, total, loyalty.revenue(loyalty.history(ordered_at, total) over (order by ordered_at)) as so_far, sum(total) over (order by ordered_at) as sum,
	loyalty.revenue(loyalty.history(ordered_at, total) over (order by ordered_at rows 1 preceding)) as last_two
from orders order by ordered_at;
select bool_and(loyalty.same(h, (select loyalty.history(event) from happened as o where o.customer = 5 and o.n <= w.n and o.n > w.n - 300)))
from (select n, loyalty.history(event) over (order by n range between 299 preceding and current row) as h from happened where customer = 5) as w;

--
-- So many at once that rows wait for their history to be at hand
--

-- 40,000 events of 2,726 customers, shuffled; some are long, most customers have but a few, one has thousands
create table visit as
select customer, n, loyalty.purchase(timestamptz '2025-01-01 00:00+00' + n * interval '61 seconds', n % 1000 / 8.0,
	tags => case when n % 11 = 0 then array[repeat('x', 1 + n % 200), 'long'] end, ref => n) as event
from (select n, case when n % 9 = 0 then 0 else n * 7919 % 5003 % (1 + n % 5003) end as customer from generate_series(1, 40000) as n) as s
order by md5(n::text);
alter table visit set (parallel_workers = 2);
analyze visit;
-- What each history must hold, told without any
create view visits as select customer, count(*) as events, sum(n) as refs from visit group by customer;
create function pg_temp.refs(h loyalty.history) returns numeric language sql immutable as $$ select sum(ref::int) from loyalty.events(h) $$;
create function pg_temp.checked(query text) returns table (customers bigint, correct bigint) language plpgsql as $$
begin
	return query execute 'select count(*), count(*) filter (where v.events = loyalty.orders(h) and v.refs = pg_temp.refs(h)) from visits as v full join ('
		|| query || ') as g using (customer)';
end $$;

-- Hashed: alone, spilled to disk, by two workers, sorted
set enable_sort = off;
select * from pg_temp.checked('select customer, loyalty.history(event) as h from visit group by customer');
(select customer, event from visit except all select customer, event from (select customer, loyalty.history(event) as h from visit group by customer) as g, loyalty.events(h))
union all
(select customer, event from (select customer, loyalty.history(event) as h from visit group by customer) as g, loyalty.events(h) except all select customer, event from visit);
set hash_mem_multiplier = 1;
set work_mem = '1MB';
select * from pg_temp.checked('select customer, loyalty.history(event) as h from visit group by customer');
set work_mem = '64kB';
select * from pg_temp.checked('select customer, loyalty.history(event) as h from visit group by customer');
reset work_mem;
reset hash_mem_multiplier;
reset enable_sort;
set enable_hashagg = off;
select * from pg_temp.checked('select customer, loyalty.history(event) as h from visit group by customer');
reset enable_hashagg;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
set max_parallel_workers_per_gather = 2;
select trim(p) from pg_temp.plan('select customer, loyalty.history(event) from visit group by customer') as p where p like '%Aggregate%' or p like '%Workers%';
select * from pg_temp.checked('select customer, loyalty.history(event) as h from visit group by customer');
reset parallel_setup_cost;
reset parallel_tuple_cost;
reset min_parallel_table_scan_size;
reset max_parallel_workers_per_gather;

-- A history of each customer's histories
select * from pg_temp.checked('select customer, loyalty.history(h) as h from (select customer, loyalty.history(event) as h from visit group by customer, n % 3) as t group by customer');

-- Hashed and not in one plan; several aggregates, of which each needs its own order
set work_mem = '64MB';
select trim(p) from pg_temp.plan('select loyalty.history(event) from visit group by grouping sets (rollup (customer), (n % 2, n % 4), (n % 3000))') as p where p like '%Aggregate%' or p like '%Key%';
select count(*), count(*) filter (where loyalty.orders(h) = events and pg_temp.refs(h) = refs) as correct, count(*) filter (where coalesce(loyalty.orders(few), 0) = few_events) as filtered
from (select count(*) as events, sum(n) as refs, count(*) filter (where n % 3 = 0) as few_events, loyalty.history(event) as h, loyalty.history(event) filter (where n % 3 = 0) as few
	from visit group by grouping sets (rollup (customer), (n % 2, n % 4), (n % 3000))) as g;
reset work_mem;
select count(*), count(*) filter (where loyalty.orders(h) = events and pg_temp.refs(h) = refs) as correct, count(*) filter (where loyalty.same(h, ordered) and loyalty.same(h, single)) as same
from (select count(*) as events, sum(n) as refs, loyalty.history(event) as h, loyalty.history(event order by n desc) as ordered, loyalty.history(distinct event) as single
	from visit group by grouping sets (rollup (customer), (n % 2, n % 4), (n % 3000))) as g;

-- A partition for each customer, all so far
select count(*), count(*) filter (where loyalty.orders(h) = place and pg_temp.refs(h) = refs) as correct
from (select count(*) over w as place, sum(n) over w as refs, loyalty.history(event) over w as h
	from visit where customer > 0 window w as (partition by customer order by n)) as s;

-- Cursors side by side, one of them abandoned
begin;
declare a cursor for select customer, loyalty.history(event) as h from visit group by customer;
declare b cursor for select customer, loyalty.history(event) as h from visit where n % 2 = 0 group by customer;
move 100 in a;
move 2000 in b;
create temp table at_once on commit drop as
select customer, loyalty.history(event) as h from visit group by customer;
move 3000 in a;
close b;
select count(*) from at_once join visits using (customer) where loyalty.orders(h) = events and pg_temp.refs(h) = refs;
move all in a;
commit;

-- A query within a query: an argument asks for histories, too, and fails now and then
create function pg_temp.asked_within(place int) returns bigint language plpgsql as $$
begin
	if place % 20000 = 10000 then
		perform loyalty.history(case when n > 20000 then loyalty.purchase(at, 'NaN') else event end) from visit, now() as at group by customer;
	end if;
	return (select sum(loyalty.orders(h)) from (select loyalty.history(event) as h from visit group by customer) as g);
exception when numeric_value_out_of_range then
	return -1;
end $$;
select * from pg_temp.checked($$ select customer, loyalty.history(case when n % 10000 > 0 or pg_temp.asked_within(n) in (-1, 40000) then event end) as h from visit group by customer $$);

-- An error in the middle, and no trace of it
call pg_temp.error($$ select loyalty.history(case when n = 39999 then loyalty.purchase(now(), 'NaN') else event end) from visit group by customer $$);
select count(*) from (select loyalty.history(event) as h from visit group by customer limit 3) as g;
select * from pg_temp.checked('select customer, loyalty.history(event) as h from visit group by customer');

-- An aggregate that begins with a history, and ends with what was gathered
create aggregate pg_temp.gathered(loyalty.event) (sfunc = loyalty.history_add_event, stype = loyalty.history, initcond = '[]');
select pg_temp.gathered(loyalty.activity('2025-01-01 00:00+00', 'n' || n)) from generate_series(1, 3) as n;
select * from pg_temp.checked('select customer, pg_temp.gathered(event)::text::loyalty.history as h from visit group by customer');

-- What a query has of an aggregate without a final function is for reading
create aggregate pg_temp.bare(loyalty.event) (sfunc = loyalty.history_add_event, stype = loyalty.history);
call pg_temp.error($$ select loyalty.history_add_event(pg_temp.bare(event), loyalty.activity(now(), 'x')) from visit group by customer $$);
select count(*) from (select loyalty.same(pg_temp.bare(event)::text::loyalty.history, loyalty.history(event)) as s from visit group by customer) as g where s;

-- An event of more bytes than any can have
create cast (bytea as loyalty.event) without function;
call pg_temp.error($$ select loyalty.history(('\x01' || decode(repeat('00', size), 'hex'))::loyalty.event) from unnest(array[10, 32767, 32768, 40000, 70000, 200000]) as size $$);
drop cast (bytea as loyalty.event);
drop table visit cascade;

--
-- Adding, merging, taking out, cutting
--

create temp table two as select
	loyalty.history(event) filter (where customer = 'ann') as ann, loyalty.history(event) filter (where customer = 'bob') as bob,
	loyalty.purchase('2025-01-11 11:00+00', 20, 15, tags => '{socks}', ref => '2') as bobs_socks
from customer_event;

-- Two customers become one
select loyalty.merge(ann, bob) from two;
-- Whoever comes first; a history merged with itself has everything twice
select loyalty.same(loyalty.merge(ann, bob), loyalty.merge(bob, ann)), loyalty.orders(ann), loyalty.revenue(loyalty.merge(ann, ann)) from two;

-- An event more, an event less; two of a kind lose one
select loyalty.add(bob, loyalty.activity('2025-01-01 00:00+00', 'joined')) from two;
select loyalty.remove(bob, bobs_socks) from two;
select loyalty.same(loyalty.remove(loyalty.add(bob, bobs_socks), bobs_socks), bob) from two;
-- A history less
select loyalty.same(loyalty.remove(loyalty.merge(ann, bob), ann), bob) from two;

-- What is not in there cannot be taken out
call pg_temp.error($$ select loyalty.remove(ann, bobs_socks) from two $$);
call pg_temp.error($$ select loyalty.remove(bob, ann) from two $$);
call pg_temp.error($$ select loyalty.remove(ann, loyalty.merge(ann, ann)) from two $$);
call pg_temp.error($$ select loyalty.remove('[]', bobs_socks) from two $$);

-- NULL on either side: add ignores it, the others are NULL
select loyalty.same(loyalty.add(bob, null), bob) as added_nothing, loyalty.add(null, bobs_socks) as first_one, loyalty.add(null, null) as nothing,
	loyalty.merge(bob, null) as merged, loyalty.remove(bob, null::loyalty.event) as removed, loyalty.during(bob, null) as during, loyalty.until(null, now()) as until
from two;

-- The part in a range of instants: both ends, as the range has them
create function pg_temp.minutes(h loyalty.history) returns text language sql as $$ select string_agg(to_char(at, 'MI'), ' ') from loyalty.events(h) $$;
create temp table minute as select loyalty.history(loyalty.activity('2025-01-01 00:00+00'::timestamptz + n * interval '1 minute', 'tick')) as h from generate_series(0, 9) as n;
select span, pg_temp.minutes(loyalty.during(h, span))
from minute, (values ('[2025-01-01 00:03+00,2025-01-01 00:05+00)'::tstzrange), ('(2025-01-01 00:03+00,2025-01-01 00:05+00]'),
	('[2025-01-01 00:03+00,2025-01-01 00:03+00]'), ('[2025-01-01 00:03:00.000001+00,2025-01-01 00:04:59.999999+00]'),
	('[,2025-01-01 00:02+00)'), ('(2025-01-01 00:07+00,]'), ('[-infinity,infinity]'), ('(-infinity,infinity)'), ('(,)'),
	('empty'), ('[infinity,]'), ('[,-infinity]'), ('(,-infinity)'), ('(infinity,infinity]')) as s(span);
-- Up to and including an instant
select asof, pg_temp.minutes(loyalty.until(h, asof))
from minute, (values ('2025-01-01 00:02+00'::timestamptz), ('2025-01-01 00:01:59.999999+00'), ('infinity'), ('-infinity'), ('2024-01-01 00:00+00')) as a(asof);
-- They are the rows that plain SQL finds
select count(*), bool_and(loyalty.same(loyalty.during(h, span), coalesce((select loyalty.history(event) from loyalty.events(h) where span @> at), '[]'))
	and loyalty.same(loyalty.until(h, upper(span)), coalesce((select loyalty.history(event) from loyalty.events(h) where at <= upper(span)), '[]'))) as same
from kept, (select tstzrange(a, b, kind) as span from generate_series(timestamptz '2024-01-01 00:00+00', '2025-06-01', '97 days') as a,
	lateral (select a + interval '7 hours 1 minute' * 30 as b) as b, unnest(array['[]', '[)', '(]', '()']) as kind) as s;

-- The operators, with the schema on the search_path
set search_path = loyalty, public;
select (ann || bob) - ann = bob as "merge, remove", (bob || bobs_socks) - bobs_socks = bob as "add, remove", ann <> bob as differ from pg_temp.two;
reset search_path;

--
-- Its rows: which kind fills which columns
--

select kind, amount, cost, quantity, points, expires::date, name, tier, every, until::date, tags, ref
from loyalty.events((select loyalty.history(e) from (values
	(loyalty.purchase('2025-01-01 00:00+00', 1.50, 0.25, 3, '{a,b}', 7)), (loyalty.purchase('2025-01-01 00:00+00', 1)),
	(loyalty.refund('2025-01-01 00:00+00', 1.50, 0.25, 3, '{a}', 7)), (loyalty.refund('2025-01-01 00:00+00', 1)),
	(loyalty.redemption('2025-01-01 00:00+00', 5, 'x')), (loyalty.adjustment('2025-01-01 00:00+00', -5, '2026-01-01', '{c}', 8)),
	(loyalty.expense('2025-01-01 00:00+00', 2, '{ads}')), (loyalty.activity('2025-01-01 00:00+00', 'joined', 9)),
	(loyalty.grant_tier('2025-01-01 00:00+00', 'gold', '2026-01-01')),
	(loyalty.subscription('2025-01-01 00:00+00', 120, '1 year', '2026-01-01', 'pro', 2, '{d}', 10)), (loyalty.subscription('2025-01-01 00:00+00', 0, '7 days')),
	(loyalty.usage('2025-01-01 00:00+00', 'gb', -2.5, '{e}', 11)), (loyalty.usage('2025-01-01 00:00+00', 'gb')),
	(loyalty.advance('2025-01-01 00:00+00', 500, 'a year', 12)), (loyalty.advance('2025-01-01 00:00+00', 500)),
	(loyalty.repayment('2025-01-01 00:00+00', 44.45, 12))) as v(e)));

-- Promises, use and money lent are no revenue, no cost and no order
select p.* from loyalty.profitability((select loyalty.history(e) from (values
	(loyalty.purchase('2025-01-02 00:00+00', 100, 60)), (loyalty.subscription('2025-01-01 00:00+00', 1000, plan => 'pro', ref => 1)),
	(loyalty.usage('2025-01-01 00:00+00', 'gb', 1000)), (loyalty.advance('2025-01-01 00:00+00', 1000)), (loyalty.repayment('2025-01-03 00:00+00', 1000))) as v(e))) as p;

-- Every kind with everything that it may have, and without: none is lost, none is taken for another
create temp table shape as
with may as (select * from (values (null), (0.5)) as c(cost), (values (null), (3)) as q(quantity), (values (null::text[]), ('{a}')) as t(tags),
		(values (null), ('5'), ('x')) as r(ref), (values (null::timestamptz), ('2026-01-01 00:00+00')) as u(until), (values (null), ('n')) as p(name)),
	at as (select timestamptz '2025-01-01 00:00+00' as at)
select distinct e from may, at, lateral (values
	(loyalty.purchase(at, 1, cost, quantity, tags, ref)), (loyalty.refund(at, 1, cost, quantity, tags, ref)), (loyalty.redemption(at, 1, ref)),
	(loyalty.adjustment(at, 1, until, tags, ref)), (loyalty.expense(at, 1, tags)), (loyalty.activity(at, 'a', ref)), (loyalty.grant_tier(at, 'a', until)),
	(loyalty.subscription(at, 1, until => until, plan => name, quantity => quantity, tags => tags, ref => ref)),
	(loyalty.usage(at, 'a', coalesce(quantity, 1), tags, ref)), (loyalty.advance(at, 1, name, ref)), (loyalty.repayment(at, 1, ref))) as v(e);
select event::jsonb ->> 'kind' as kind, count(*) from (select e as event from shape) as s group by 1 order by 1;
select count(*) as came, count(*) filter (where e is not null) as went, bool_and(loyalty.event_eq(h.event, s.e)) as same
from (select row_number() over (order by e), e from shape) as s
full join (select h.* from (select loyalty.history(e order by random()) as h from shape) as a, rows from (loyalty.events(h)) with ordinality as h(at, kind, amount, cost, quantity, points, expires, name, tier, every, until, tags, ref, event, row_number)) as h using (row_number);
select loyalty.same(h, h::text::loyalty.history) as text, loyalty.same(h, h::jsonb::loyalty.history) as jsonb, loyalty.same(loyalty.remove(loyalty.merge(h, h), h), h) as twice
from (select loyalty.history(e) as h from shape) as a;
\copy (select 1, loyalty.history(e) from shape) to 'results/history.bin' (format binary)
create temp table shape_again (n int, h loyalty.history);
\copy shape_again from 'results/history.bin' (format binary)
select loyalty.same(h, (select loyalty.history(e) from shape)) as "binary" from shape_again;

--
-- Text, jsonb and binary form
--

-- Text: a JSON array of events, in any order on the way in
select '[{"at": "2025-02-01T00:00Z", "kind": "redemption", "points": 5}, {"at": "2025-01-01T01:00+01", "kind": "purchase", "amount": 1.50, "ref": 7}]'::loyalty.history;
select ' [ ] '::loyalty.history;
-- and back, whatever the session's settings
select count(*) as same_before from kept where loyalty.same(h, h::text::loyalty.history) and loyalty.same(h, h::jsonb::loyalty.history);
begin;
create temp table texts as select customer, h::text as t from kept;
set local timezone = 'America/New_York';
set local datestyle = 'SQL, MDY';
set local intervalstyle = 'sql_standard';
select count(*) as same_text from kept join texts using (customer) where h::text = t;
select count(*) as same_after from kept where loyalty.same(h, h::text::loyalty.history) and loyalty.same(h, h::jsonb::loyalty.history);
rollback;
-- jsonb: what an analyst expects
select jsonb_pretty(bob::jsonb) from two;
select count(*) filter (where e ->> 'kind' = 'refund') as refunds, sum((e ->> 'amount')::numeric) filter (where e ->> 'kind' = 'refund') as refunded
from kept, jsonb_array_elements(h::jsonb) as e;
select count(*), sum((event::jsonb ->> 'amount')::numeric) from happened where n % 10 = 0;

-- What is wrong is said
call pg_temp.error($$ select ''::loyalty.history $$);
call pg_temp.error($$ select '{}'::loyalty.history $$);
call pg_temp.error($$ select '1'::loyalty.history $$);
call pg_temp.error($$ select '"a"'::jsonb::loyalty.history $$);
call pg_temp.error($$ select '[1]'::loyalty.history $$);
call pg_temp.error($$ select '[[]]'::loyalty.history $$);
call pg_temp.error($$ select '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1}, {}]'::loyalty.history $$);
call pg_temp.error($$ select '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1},]'::loyalty.history $$);
call pg_temp.error($$ select '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1, "amount": 1}]'::loyalty.history $$);
call pg_temp.error($$ select (repeat('[', 32) || repeat(']', 32))::loyalty.history $$);
call pg_temp.error($$ select repeat('[', 33)::loyalty.history $$);
call pg_temp.error($$ select repeat('[', 1000000)::loyalty.history $$);
call pg_temp.error(format($$ select '[{"at": [%s1]}]'::loyalty.history $$, repeat('1,', 65536)));
-- (the limits are those of one event)
select loyalty.orders(('[' || string_agg('{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1}', ',') || ']')::loyalty.history) from generate_series(1, 30000);

-- Binary: COPY BINARY and back
\copy (select customer, h from kept) to 'results/history.bin' (format binary)
create temp table again (like kept);
\copy again from 'results/history.bin' (format binary)
select count(*) from kept join again using (customer) where loyalty.history_send(kept.h) = loyalty.history_send(again.h);

-- Bytes of another version, of something that is no event, or of a second form of the same events are refused
\copy (select 1, '\x0200'::bytea) to 'results/history.bin' (format binary)
\copy again from 'results/history.bin' (format binary)
\copy (select 1, set_byte(b, length(b) - 1, 0) from loyalty.history_send('[{"at": "2025-01-01T00:00Z", "kind": "redemption", "points": 1}]') as b) to 'results/history.bin' (format binary)
\copy again from 'results/history.bin' (format binary)
\copy (select 1, set_byte(b, 2, get_byte(b, 2) + 1) from loyalty.history_send('[{"at": "2025-01-01T00:00Z", "kind": "redemption", "points": 1}]') as b) to 'results/history.bin' (format binary)
\copy again from 'results/history.bin' (format binary)
\copy (select 1, overlay(b placing '\xff' from length(b) - 2) from loyalty.history_send('[{"at": "2025-01-01T00:00Z", "kind": "activity", "name": "äh"}]') as b) to 'results/history.bin' (format binary)
\copy again from 'results/history.bin' (format binary)
select count(*) from again;

-- A value is kept short: the bytes of 30 events, in all, whole hours and cents
select octet_length(loyalty.history_send(loyalty.history(loyalty.purchase('2025-01-01 00:00+00'::timestamptz + n * interval '5 hours', n + 0.25, n, ref => n)))) / 30.0 < 12 as small
from generate_series(1, 30) as n;

--
-- Comparing
--

-- Equal are histories with the same events, each as often: =, GROUP BY, DISTINCT and joins agree on that
set search_path = loyalty, public;
create temp table several (n int, h history);
insert into several values (1, '[]'), (2, '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1}]'),
	(3, '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1}, {"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1}]'),
	(4, '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1}, {"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 2}]'),
	(5, '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 2}]'),
	(6, '[{"at": "2025-01-02T00:00Z", "kind": "activity", "name": "a"}]');
select string_agg(n::text, ' ' order by h desc) as descending from several;
select count(*) as pairs,
	bool_and((a.h < b.h) = (a.n < b.n) and (a.h <= b.h) = (a.n <= b.n) and (a.h = b.h) = (a.n = b.n) and (a.h <> b.h) = (a.n <> b.n)
		and (a.h >= b.h) = (a.n >= b.n) and (a.h > b.h) = (a.n > b.n) and sign(history_cmp(a.h, b.h)) = sign(a.n - b.n)) as agree
from several as a, several as b;
insert into several select n, h::text::history from several;
select count(distinct history_hash(h)), count(distinct history_hash_extended(h, 7)) from several;
set enable_sort = off;
select count(*) from (select h from several group by h having count(*) = 2) as g;
reset enable_sort;
set enable_hashagg = off;
select count(*) from (select h from several group by h having count(*) = 2) as g;
reset enable_hashagg;
select count(*) from (select distinct h from several) as d;
create index on several (h);
create index on several using hash (h);
set enable_seqscan = off;
select n from several where h = '[{"at": "2025-01-01T01:00+01", "kind": "purchase", "amount": 2.00}]';
select count(*) from several where h > '[]';
reset enable_seqscan;
reset search_path;

--
-- An empty history is not NULL
--

-- Where does it come from?
select loyalty.remove(bob, bob) as all_taken_out, loyalty.until(bob, '2000-01-01 00:00+00') as before_all, loyalty.during(bob, 'empty') as empty_range from two;
-- What do the functions answer on it?
select loyalty.merge('[]', '[]') as merge, loyalty.same(loyalty.merge('[]', ann), ann) as merge_right, loyalty.same(loyalty.merge(ann, '[]'), ann) as merge_left,
	loyalty.remove('[]'::loyalty.history, '[]'::loyalty.history) as remove, loyalty.same(loyalty.remove(ann, '[]'::loyalty.history), ann) as remove_nothing,
	loyalty.until('[]', now()) as until, loyalty.during('[]', '(,)') as during, '[]'::loyalty.history::jsonb as jsonb from two;
select count(*) as events from loyalty.events('[]');
-- The aggregate over empty histories is empty, and adds nothing to others
select loyalty.history(h) from (values ('[]'::loyalty.history), ('[]'), (null)) as v(h);
select loyalty.same(loyalty.history(h), (select bob from two)) from (select '[]'::loyalty.history union all select bob from two union all select null) as v(h);

--
-- What is the aggregate's own is not for other hands
--

call pg_temp.error($$ select loyalty.history_add_event(null, loyalty.purchase(now(), 1)) $$);
call pg_temp.error($$ select loyalty.history_add_sale(null, now(), 1) $$);
call pg_temp.error($$ select loyalty.history_add_history('[]', '[]') $$);
select loyalty.history_final(null) as "NULL", loyalty.same(loyalty.history_final(bob), bob) as "packed as it is" from two;

--
-- Bytes that no history has are refused, and damaged stored values are an error
--

-- One activity, a purchase and two refunds, with a ref of each sort
create temp table good as select loyalty.history(e) as h from (values (loyalty.activity('2025-01-01 00:00+00', 'ab', 'xy')),
	(loyalty.purchase('2025-01-02 00:00+00', 1.50, 0.25, 3, '{a,b}', 7)), (loyalty.purchase('2025-01-02 00:00+00', -1.50)),
	(loyalty.refund('2025-01-03 00:00:01+00', 1.50, ref => '6f9619ff-8b86-d011-b42d-00cf4fc964ff')), (loyalty.refund('2025-01-03 00:00+00', 1.50, ref => 8)),
	(loyalty.grant_tier('2025-01-03 00:00+00', 'gold', '2026-01-01 00:00+00')), (loyalty.adjustment('2025-01-03 00:00+00', 7, '2026-02-01 00:00+00'))) as v(e);
create cast (bytea as loyalty.history) without function;
create function pg_temp.answer(question text, bytes bytea) returns text language plpgsql as $$
begin
	execute question using bytes;
	return 'none';
exception when others then
	return sqlstate || ': ' || sqlerrm;
end $$;

-- The beginning alone, every byte another, a byte more: an answer or an error about damage, but nothing worse
create temp table damaged as
select substr(bytes, 1, n) as bytes from (select loyalty.history_send(h) as bytes from good) as g, generate_series(0, octet_length(bytes) - 1) as n
union all
select set_byte(bytes, n, get_byte(bytes, n) # mask) from (select loyalty.history_send(h) as bytes from good) as g,
	generate_series(0, octet_length(bytes) - 1) as n, unnest(array[1, 2, 4, 8, 16, 32, 64, 128, 255]) as mask
union all
select bytes || '\x00' from (select loyalty.history_send(h) as bytes from good) as g
union all
-- the state of an aggregate is no history either: none of these is one
select '\xff'::bytea || substr('\x010000000b0000000000000000000000000161'::bytea, 1, n) from generate_series(0, 18) as n
union all
select '\xff010000000affffff01000000000000000001610000';
select question, count(*) > 100 as many, pg_temp.answer(question, bytes)
from damaged,
	(values ('select $1::loyalty.history::text'), ('select loyalty.profitability($1::loyalty.history)'),
		('select loyalty.merge($1::loyalty.history, $1::loyalty.history)'), ('select loyalty.history(h) from (values ($1::loyalty.history), ($1::loyalty.history)) as v(h)'),
		('select loyalty.history_cmp($1::loyalty.history, (select h from good))'), ('select count(*) from loyalty.events($1::loyalty.history)'),
		('select loyalty.cost($1::loyalty.history, ''a'')'), ('select loyalty.unprofitable_since($1::loyalty.history, ''1 month'')')) as asked(question)
group by 1, 3 having pg_temp.answer(question, bytes) <> 'none'
order by 1, 3;
drop cast (bytea as loyalty.history);
drop table happened, kept, sale;
