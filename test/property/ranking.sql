-- Rankings and referrals against the same answers in plain SQL: sums and counts over the values themselves, shares as fractions that
-- are compared by multiplying, a walk along referrers by a recursive query. N random populations; SEED= sets where they begin: a
-- case depends on its own number only.

\set ON_ERROR_STOP on
set client_min_messages = warning;
set jit = off;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '600') as n \gset

\ir oracle_expect.sql
create function dice(key bigint, choice text) returns float8 immutable parallel safe language sql as
$$ select (hashint8extended(key, hashtext(choice)) & 9007199254740991) / 9007199254740992.0::float8 $$;

----------------------------------------------------------------------------------------------------------------------
-- Rankings: populations of 1 to 60, most values shared, some of them all the same or all losses, some of every size

create table member as
select seed, i, case
	when dice(seed, 'shape') < .1 then 5
	when dice(seed, 'shape') < .2 then -1 - floor(9 * dice(seed * 1000 + i, 'loss'))
	when dice(seed, 'shape') < .3 then round((2 * dice(seed * 1000 + i, 'sign') - 1)::numeric * 10 ^ floor(18 * dice(seed * 1000 + i, 'size') - 6)::numeric, 6)
	when dice(seed, 'shape') < .6 then floor(20 * dice(seed * 1000 + i, 'few'))::numeric - 4
	else round((100 * dice(seed * 1000 + i, 'many') - 20)::numeric, 1 + (seed % 3)::int) end::numeric as v
from generate_series(:seed * 10000000::bigint, :seed * 10000000::bigint + :n - 1) seed, generate_series(1, 1 + floor(60 * dice(seed, 'members') ^ 2)::int) i;
create index on member (seed);
analyze member;
create table population as select seed, loyalty.ranking(v order by dice(seed * 1000 + i, 'order')) as r, count(*) as n, sum(v) as total, coalesce(sum(v) filter (where v > 0), 0) as gains from member group by seed;
-- what is asked: members, what lies beside them, what nobody could have
create table asked as
select seed, v + d as v from member, unnest(array[0, 0.0000001, -0.0000001, 1]) d where i <= 8
union select seed, v from population, unnest(array[0, 1e20, -1e20]) v;

call expect_none('text', $$ select seed from population where r::text::loyalty.ranking operator(loyalty.<>) r or r::jsonb::loyalty.ranking operator(loyalty.<>) r
	or r::jsonb <> (select jsonb_agg(jsonb_build_array(v, c) order by v) from (select trim_scale(v) as v, count(*) as c from member m where m.seed = population.seed group by 1) x) $$);
call expect_none('any order', $$ select seed from population where r operator(loyalty.<>) (select loyalty.ranking(v order by v) from member m where m.seed = population.seed)
	or r operator(loyalty.<>) (select loyalty.ranking(v order by i) from member m where m.seed = population.seed) $$);

create view counted as
select p.*, a.v, (select count(*) from member m where m.seed = p.seed and m.v < a.v) as below, (select count(*) from member m where m.seed = p.seed and m.v > a.v) as over,
	(select coalesce(sum(m.v), 0) from member m where m.seed = p.seed and m.v > a.v and m.v > 0) as over_gains
from asked a join population p using (seed);
analyze asked;
create table answered as select seed, v, below, over, over_gains, n, gains, r from counted;
call expect_none('bucket', $$ select seed, v, b from answered, unnest(array[1, 2, 3, 5, 10, 100, 2147483647]) b where loyalty.bucket(r, v, b) <> least(b, 1 + floor(b::numeric * below / n)) $$);
call expect_none('place', $$ select seed, v from answered where loyalty.place(r, v) <> 1 + over $$);
call expect_none('abc_class', $$ select seed, v, l from answered, (values ('{0.8,0.95}'::numeric[]), ('{0.5}'), ('{}'), ('{0.1,0.2,0.30000000001,0.999999}')) x(l)
	where gains > 0 and loyalty.abc_class(r, v, l) <> chr(65 + case when v <= 0 then cardinality(l) else (select count(*)::int from unnest(l) as "limit" where over_gains >= "limit" * gains) end) $$);
call expect_none('abc_class where nobody gains', $$ select seed, v from answered where gains = 0 and loyalty.abc_class(r, v) <> case when v > 0 then 'A' else 'C' end $$);

create table ordered as select seed, row_number() over w as place, sum(v) over (w rows unbounded preceding) as sum from member window w as (partition by seed order by v desc);
insert into ordered select seed, 0, 0 from population;
create index on ordered (seed, place);
call expect_none('whale_curve', $$
	select seed, points from population, unnest(array[1, 2, 7, 100]) points where
		array(select (customers, round(customer_share, 12), value, round(value_share, 12))::text from loyalty.whale_curve(r, points) with ordinality x order by ordinality)
		<> array(select (place, round(place / n::numeric, 12), trim_scale(sum), case when total > 0 then round(sum / total, 12) end)::text
			from generate_series(0, least(points, n)) k join ordered o on o.seed = population.seed and place = ceil(k * n / least(points, n)::numeric) order by k) $$);
call expect_none('top_share', $$
	select seed, f from population, unnest(array[0, 0.000001, 0.1, 0.2, 0.333333333333333333333, 0.5, 1]) f
	where round(loyalty.top_share(r, f), 12) is distinct from case when total > 0 then (select round(sum / total, 12) from ordered o where o.seed = population.seed and place = ceil(f * n)) end $$);
call expect_none('concentration', $$
	select p.seed, c from population p, loyalty.concentration(r) c, lateral (
		select sum((o.sum + before.sum) / 2) as area from ordered o join ordered before on before.seed = o.seed and before.place = o.place - 1 where o.seed = p.seed) a
	where (c.customers, c.total, c.gains, c.losses, c.losing) is distinct from (p.n, p.total, p.gains, p.total - p.gains, (select count(*) from member m where m.seed = p.seed and v < 0))
		or round(c.peak, 10) is distinct from case when p.total > 0 then round(p.gains / p.total, 10) end
		or round(c.stobachoff, 8) is distinct from case when p.total > 0 then round((2 * area - p.n * p.total) / (p.n * (2 * p.gains - p.total)), 8) end $$);
select 'rankings', count(*) from population;

----------------------------------------------------------------------------------------------------------------------
-- Referrals: up to 40 customers, several rows of some; referrers among them, beside them, in circles

create table introduced as
select seed, i as customer,
	case when dice(seed * 1000 + i, 'nobody') < .2 then null
		when dice(seed, 'shape') < .3 then nullif(i - 1, 0)
		when dice(seed, 'shape') < .5 then 1 + floor(i * dice(seed * 1000 + i, 'earlier'))::int
		else 1 + floor(45 * dice(seed * 1000 + i, 'anybody'))::int end as referrer,
	case when dice(seed * 1000 + i, 'no value') < .1 then null else round((100 * dice(seed * 1000 + i, 'value') - 20)::numeric, 2) end as value
from generate_series(:seed * 10000000::bigint, :seed * 10000000::bigint + :n - 1) seed, generate_series(1, 1 + floor(40 * dice(seed, 'customers'))::int) i;
-- further rows say nothing new of the referrer
insert into introduced select seed, customer, case when dice(seed * 1000 + customer, 'again') < .1 then referrer end, 3 from introduced where dice(seed * 1000 + customer, 'again') < .2;
create table network as select seed, loyalty.referrals(customer, referrer, value order by dice(seed * 1000 + customer, 'order'), value) as r from introduced group by seed;
create table person as select seed, customer, max(referrer) as referrer, coalesce(sum(value), 0) as value from introduced group by seed, customer;
create index on person (seed, referrer);

-- who comes back to oneself by going from referrer to referrer
create table round_trip as
with recursive walk as (
	select seed, customer as start, referrer as at, 1 as steps from person
	union all
	select w.seed, w.start, p.referrer, w.steps + 1 from walk w join person p on p.seed = w.seed and p.customer = w.at where w.at <> w.start and w.steps < 60)
select distinct seed, start as customer from walk where at = start;
create table brought as select seed, customer, value, case when not exists (select from round_trip t where (t.seed, t.customer) = (p.seed, p.customer)) then referrer end as referrer from person p;
create index on brought (seed, referrer);
create table below as
with recursive down as (
	select seed, referrer as top, customer, value, 1 as level from brought where referrer is not null
	union all
	select d.seed, d.top, b.customer, b.value, d.level + 1 from down d join brought b on b.seed = d.seed and b.referrer = d.customer where d.level < 64)
select seed, top, level, count(*) as n, sum(value) as value from down group by seed, top, level;
create table credit (c numeric[]);
insert into credit values ('{1}'), ('{1,0.5}'), ('{0,0,2}'), (array[1/3::numeric, 0.000001]), (array_fill(1, array[64]));
create index on below (seed, top);
create view worth as
select seed, c, customer, coalesce((select sum(n) from below b where (b.seed, b.top) = (x.seed, x.customer) and level = 1), 0) as referred,
	coalesce((select sum(n) from below b where (b.seed, b.top) = (x.seed, x.customer) and level <= cardinality(c)), 0) as reached,
	coalesce((select sum(value * c[level]) from below b where (b.seed, b.top) = (x.seed, x.customer) and level <= cardinality(c)), 0) as value,
	exists (select from round_trip t where (t.seed, t.customer) = (x.seed, x.customer)) as circle
from credit, (select seed, customer from person union select seed, referrer from person where referrer is not null) x;
create table credited as table worth;
create index on credited (seed);

call expect_none('text of referrals', $$ select seed from network where r::text::loyalty.referrals operator(loyalty.<>) r or r::jsonb::loyalty.referrals operator(loyalty.<>) r
	or r::jsonb <> (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('customer', customer::text, 'referrer', referrer::text, 'value', nullif(trim_scale(value), 0))) order by customer) from person p where p.seed = network.seed) $$);
call expect_none('referrals in any order', $$ select seed from network where r operator(loyalty.<>) (select loyalty.referrals(customer, referrer, value order by customer desc) from introduced i where i.seed = network.seed)
	or r operator(loyalty.<>) (select loyalty.referrals(customer::text, referrer::text, value order by value, customer) from introduced i where i.seed = network.seed) $$);
call expect_none('referral_value', $$ select seed, customer, c from credited join network using (seed) where loyalty.referral_value(r, customer, c) <> value $$);
call expect_none('referral_value of others', $$ select seed from network where loyalty.referral_value(r, 1000) <> 0 or loyalty.referral_value(r, 'x') <> 0 $$);
call expect_none('advocates', $$
	select seed, c from network, credit where
		array(select (customer, referred, reached, trim_scale(value), circle)::text from loyalty.advocates(r, c) with ordinality x order by ordinality)
		<> array(select (customer, referred, reached, trim_scale(value), circle)::text from credited w where w.seed = network.seed and w.c = credit.c
			and customer in (select referrer from person p where p.seed = network.seed) order by w.value desc, w.customer) $$);
-- names in the order of their numbers, some of them numbers: the same network
create function named(n int) returns text immutable strict language sql as $$ select case when n % 3 = 0 and n < 30 then n::text else 'c' || lpad(n::text, 3, '0') end $$;
call expect_none('ids that are names', $$
	select seed, c from network, credit, lateral (select loyalty.referrals(named(customer), named(referrer), value) as named from introduced i where i.seed = network.seed) x where
		array(select (customer, referred, reached, value, circle)::text from loyalty.advocates(named, c) order by 1)
		<> array(select (named(customer::int), referred, reached, value, circle)::text from loyalty.advocates(r, c) order by 1)
		or loyalty.referral_value(named, named(7), c) <> loyalty.referral_value(r, 7, c) $$);
select 'referrals', count(*) from network;

----------------------------------------------------------------------------------------------------------------------
-- One large population: split, merged, serial, parallel; through a client and back

create table crowd as select i, round((100 * dice(i, 'v') ^ 3 - 20)::numeric, 2) as v, case when i % 5 > 0 then floor(i * dice(i, 'referrer'))::int end as referrer from generate_series(1, 150000) i;
alter table crowd set (parallel_workers = 2);
analyze crowd;
create view both_of_them as select loyalty.ranking(v) as ranking, loyalty.referrals(i, referrer, v) as referrals from crowd;
set max_parallel_workers_per_gather = 0;
create table serial as table both_of_them;
set max_parallel_workers_per_gather = 2;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
do $$
declare
	line text;
begin
	for line in explain table both_of_them loop
		if line ~ 'Partial Aggregate' then
			return;
		end if;
	end loop;
	raise exception 'no parallel plan';
end $$;
create table in_parallel as table both_of_them;
call expect_none('a parallel plan gives the same bytes', $$ select 1 from serial s, in_parallel p where loyalty.ranking_send(s.ranking) <> loyalty.ranking_send(p.ranking) or loyalty.referrals_send(s.referrals) <> loyalty.referrals_send(p.referrals) $$);
call expect_none('asked of a table, the same', $$
	select 1 from (select sum(loyalty.bucket(ranking, v, 7)) as b, sum(loyalty.place(ranking, v)) as p, sum(loyalty.referral_value(referrals, i)) as w from crowd, serial) ours,
		(select sum(least(7, 1 + (7 * (up - 1)) / 150000)) as b, sum(down) as p from (select rank() over (order by v) as up, rank() over (order by v desc) as down from crowd) x) theirs
	where ours.b <> theirs.b or ours.p <> theirs.p or ours.w <> (select sum(c.v) from crowd c where c.referrer is not null and c.referrer <> c.i and exists (select from crowd r where r.i = c.referrer)) $$);
\copy (select ranking, referrals from serial) to 'property_ranking.bin' (format binary)
create table read_back (ranking loyalty.ranking, referrals loyalty.referrals);
\copy read_back from 'property_ranking.bin' (format binary)
call expect_none('binary form', $$ select 1 from serial s, read_back b where s.ranking operator(loyalty.<>) b.ranking or s.referrals operator(loyalty.<>) b.referrals $$);
select 'ok';
