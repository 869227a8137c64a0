-- ranking: where a customer stands, and what the highest bring

\pset null 'null'
\i test/error.sql

-- The aggregate: equal values together, ascending; NULLs are skipped, over none NULL
create temp table customer (n int, v numeric);
insert into customer select * from unnest('{1,2,3,4,5,6,7,8,9,10}'::int[], '{1,1,1,2,3,-1,10,10,4,5}'::numeric[]);
select loyalty.ranking(v) as r from customer \gset
select :'r' as ranking;
select loyalty.ranking(v) from (values (null::numeric), (2.50), (2.5), (0.000001), (-999999999999.999999), (0)) x(v);
select loyalty.ranking(v) from (values (null::numeric)) x(v);
select loyalty.ranking(v) from customer where false;
select v, loyalty.ranking(n) over (order by n rows between 2 preceding and current row) from customer order by n limit 4;
-- In any order the same bytes
select count(distinct loyalty.ranking_send(r)) from (
	select loyalty.ranking(v order by v) from customer union all select loyalty.ranking(v order by v desc) from customer union all select loyalty.ranking(v order by md5(n::text)) from customer union all select :'r') x(r);
-- Many: by their digits
select loyalty.ranking(v order by md5(v::text)) operator(loyalty.=) loyalty.ranking(v order by v) as same, (loyalty.ranking(v order by md5(v::text)))::jsonb = (select jsonb_agg(jsonb_build_array(i / 100.0, 1) order by i) from generate_series(-3000, 3000) i) as right
from (select i / 100.0 as v from generate_series(-3000, 3000) i) x;
select loyalty.ranking(v) from (select (array[-999999999999.999999, 0, 999999999999.999999])[1 + i % 3] as v from generate_series(1, 3000) i) x;
select r::text = '[[7, 5000]]' as one from (select loyalty.ranking(7::numeric) from generate_series(1, 5000)) x(r);
-- More than are gathered at once: most alike, half of them alike, none; in one process, from parts that were kept, from stored ones
create temp table crowd as select i, (i * 7919 % 1000) / 100.0 as alike, case when i % 2 = 0 then i / 100.0 else 5 end as half, (i * 7919 % 400009)::numeric as different from generate_series(1::bigint, 400000) i;
create aggregate pg_temp.part(numeric) (sfunc = loyalty.ranking_add, stype = loyalty.ranking);
create aggregate pg_temp.whole(loyalty.ranking) (sfunc = loyalty.ranking_combine, stype = loyalty.ranking, finalfunc = loyalty.ranking_final);
create temp table part as select pg_temp.part(alike) as alike, pg_temp.part(half) as half, pg_temp.part(different) as different from crowd group by i / 300000;
create temp table counted as
select jsonb_agg(jsonb_build_array(v, n) order by v) filter (where kind = 1) as alike, jsonb_agg(jsonb_build_array(v, n) order by v) filter (where kind = 2) as half, jsonb_agg(jsonb_build_array(v, n) order by v) filter (where kind = 3) as different
from (select kind, trim_scale(v) as v, count(*) as n from crowd, unnest(array[1, 2, 3], array[alike, half, different]) x(kind, v) group by 1, 2) y;
select one.alike::jsonb = counted.alike as alike, one.half::jsonb = counted.half as half, one.different::jsonb = counted.different as different,
	one.alike operator(loyalty.=) parts.alike and one.half operator(loyalty.=) parts.half and one.different operator(loyalty.=) parts.different as of_parts,
	one.alike operator(loyalty.=) kept.alike and one.half operator(loyalty.=) kept.half and one.different operator(loyalty.=) kept.different as of_stored
from counted, (select loyalty.ranking(alike) as alike, loyalty.ranking(half) as half, loyalty.ranking(different) as different from crowd) one,
	(select pg_temp.whole(alike) as alike, pg_temp.whole(half) as half, pg_temp.whole(different) as different
	 from part) parts,
	(select pg_temp.whole(alike) as alike, pg_temp.whole(half) as half, pg_temp.whole(different) as different
	 from (select loyalty.ranking(alike) as alike, loyalty.ranking(half) as half, loyalty.ranking(different) as different from crowd group by i % 7) x) kept;
select pg_temp.whole(r), pg_temp.part(2)::text as open from (values ('[]'::loyalty.ranking), ('[[2, 3]]'), (null), ('[[1, 1], [2, 1]]')) x(r);
call pg_temp.error($$select pg_temp.whole(r) from (values ('[[1, 2147483647]]'::loyalty.ranking), ('[[2, 1]]')) x(r)$$);

-- Text, in any order; json, jsonb, binary
select '[[3, 2], [-1.50, 1], [3.0, 1], [1e2, 1]]'::loyalty.ranking, '[]'::loyalty.ranking;
select r::text::loyalty.ranking operator(loyalty.=) r as text, r::json::loyalty.ranking operator(loyalty.=) r as json, r::jsonb::loyalty.ranking operator(loyalty.=) r as jsonb, jsonb_typeof(to_jsonb(x) -> 'r'), r operator(loyalty.<>) '[]' as other from (select :'r'::loyalty.ranking as r) x;
-- What is wrong is refused, with its place and what would be right
call pg_temp.error($$select '{}'::loyalty.ranking$$);
call pg_temp.error($$select '[[1, 1], 5]'::loyalty.ranking$$);
call pg_temp.error($$select '[[1, 1], [1]]'::loyalty.ranking$$);
call pg_temp.error($$select '[[1, 1], ["2", 1]]'::loyalty.ranking$$);
call pg_temp.error($$select '[[1, 0]]'::loyalty.ranking$$);
call pg_temp.error($$select '[[1, 1.5]]'::loyalty.ranking$$);
call pg_temp.error($$select '[[1.1234567, 1]]'::loyalty.ranking$$);
call pg_temp.error($$select '[[1, 2147483647], [2, 1]]'::loyalty.ranking$$);
call pg_temp.error($$select loyalty.ranking(v) from (values (1.1234567)) x(v)$$);
call pg_temp.error($$select loyalty.ranking(v) from (values (1e12)) x(v)$$);
call pg_temp.error($$select loyalty.ranking(v) from (values ('NaN'::numeric)) x(v)$$);
call pg_temp.error($$select loyalty.ranking(v) from (values ('-Infinity'::numeric)) x(v)$$);
call pg_temp.error($$select loyalty.ranking_add(null, 1)$$);
call pg_temp.error($$select loyalty.ranking_combine(null, '[]')$$);
-- A literal and a double precision are none of its arguments
call pg_temp.error($$select loyalty.ranking('5')$$);
call pg_temp.error($$select loyalty.ranking(5::float8)$$);
select loyalty.ranking('5'::numeric), loyalty.ranking(5::float8::numeric), loyalty.ranking(5);

--
-- Where one stands
--

-- of any value, whether it is in there or not
select v, loyalty.bucket(:'r', v, 5), loyalty.bucket(:'r', v, 1) as of_one, loyalty.bucket(:'r', v, 2147483647) as of_many, loyalty.place(:'r', v), loyalty.abc_class(:'r', v)
from unnest('{1,2,3,10,11,-7,0,1.00000001,0.99999999,-0.00000001,999999999999.9999999,1e30,-1e30}'::numeric[]) with ordinality x(v, n) order by n;
select loyalty.bucket('[]', 1, 5), loyalty.place('[]', 1), loyalty.top_share('[]', 0.5), loyalty.abc_class('[]', 1), loyalty.abc_class('[]', 0);
select loyalty.bucket(null, 1, 5), loyalty.bucket(:'r', null, 5), loyalty.bucket(:'r', 1, null), loyalty.place(null, 1), loyalty.place(:'r', null), loyalty.abc_class(null, 1), loyalty.abc_class(:'r', null), loyalty.abc_class(:'r', 1, null);
-- A bucket each for the tenths of a thousand; one-time buyers stay together, and low
select bucket, count(*), min(v), max(v) from (select v, loyalty.bucket(r, v, 10) as bucket from generate_series(1, 1000) v, (select loyalty.ranking(v) as r from generate_series(1, 1000) v) x) b group by bucket order by bucket;
select orders, loyalty.bucket('[[1, 70], [2, 20], [3, 10]]', orders, 5) from unnest('{1,2,3}'::numeric[]) orders;
-- Classes: a limit is met by those whom less than it stands above
select v, loyalty.abc_class('[[80, 1], [15, 1], [5, 1]]', v), loyalty.abc_class('[[80, 1], [15, 1], [5, 1]]', v, '{0.5}') as halves, loyalty.abc_class('[[80, 1], [15, 1], [5, 1]]', v, '{}') as one,
	loyalty.abc_class('[[80, 1], [15, 1], [5, 1]]', v, '{0.1,0.2,0.3,0.80000001,0.9500000001}') as many from unnest('{81,80,79,15,5,1,0}'::numeric[]) v;
select v, loyalty.abc_class('[[5, 4], [-100, 3]]', v) from unnest('{5,0,-100}'::numeric[]) v;
-- where nobody has anything, who has is first
select v, loyalty.abc_class('[[-5, 4], [0, 2]]', v) from unnest('{5,0,-5}'::numeric[]) v;
select loyalty.abc_class('[[1, 1]]', 1e-30, array(select i / 26.0 from generate_series(1, 25) i));
-- Limits may differ from row to row
select n, loyalty.abc_class(:'r', 3, case n % 2 when 0 then '{0.8,0.95}' else '{0.1,0.2}' end::numeric[]) from generate_series(1, 4) n;
call pg_temp.error($$select loyalty.bucket('[[1, 1]]', 1, 0)$$);
call pg_temp.error($$select loyalty.bucket('[[1, 1]]', 'NaN', 5)$$);
call pg_temp.error($$select loyalty.place('[[1, 1]]', 'Infinity')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', '-Infinity')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, '{0.95,0.8}')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, '{0.8,0.8}')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, '{0,0.8}')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, '{0.8,1}')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, '{0.8,NULL}')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, '{NaN}')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, '{{0.8},{0.9}}')$$);
call pg_temp.error($$select loyalty.abc_class('[[1, 1]]', 1, array(select i / 27.0 from generate_series(1, 26) i))$$);

--
-- What the highest bring
--

select * from loyalty.whale_curve('[[60, 1], [40, 1], [20, 1], [-20, 1]]', 4);
-- no more rows than customers; 100 of many
select * from loyalty.whale_curve('[[60, 1], [40, 1], [20, 1], [-20, 1]]');
select count(*), min(customers), max(customers), max(value) from loyalty.whale_curve('[[1, 1000], [3, 1]]');
select * from loyalty.whale_curve('[[1, 5], [3, 2]]', 3);
-- no share of what is nothing
select * from loyalty.whale_curve('[[-60, 1], [40, 1], [20, 1]]', 3);
select * from loyalty.whale_curve('[]');
select * from loyalty.whale_curve(null);
select f, loyalty.top_share('[[60, 1], [40, 1], [20, 1], [-20, 1]]', f), loyalty.top_share('[[60, 1], [-60, 1]]', f) as of_nothing from unnest('{0,1e-30,0.25,0.2500000000000000000001,0.5,0.75,1}'::numeric[]) f;
select c.* from unnest(array['[[60, 1], [40, 1], [20, 1], [-20, 1]]', '[[5, 4]]', '[[1, 9], [91, 1]]', '[[0, 4]]', '[[60, 1], [-60, 1]]', '[[-3, 2]]', '[]', null, '[[999999999999.999999, 2147483646], [0.000001, 1]]']::loyalty.ranking[]) with ordinality r(r, n), loyalty.concentration(r) c order by n;
select (loyalty.concentration(null)).*;
call pg_temp.error($$select loyalty.whale_curve('[[1, 1]]', 0)$$);
call pg_temp.error($$select loyalty.top_share('[[1, 1]]', 1.01)$$);
call pg_temp.error($$select loyalty.top_share('[[1, 1]]', -0.01)$$);
call pg_temp.error($$select loyalty.top_share('[[1, 1]]', 'NaN')$$);
select loyalty.top_share(null, 0.5), loyalty.top_share('[[1, 1]]', null);

--
-- Stored, asked row by row, many in turn
--

create temp table stored (country int, r loyalty.ranking);
insert into stored select c, loyalty.ranking(round((c * 37 + i * i % 1009) / 10.0, 1)) from generate_series(1, 300) c, generate_series(1, 200) i group by c;
insert into stored select 0, loyalty.ranking(i * 7919 % 100003 / 100.0) from generate_series(1, 100000) i;
insert into stored values (-1, '[[1, 1]]'), (-2, '[[2, 1]]');
-- toasted ones, inline ones, those of a query's own
select country < 1 as special, count(*), sum(loyalty.place(r, v)) = sum((select 1 + coalesce(sum((e ->> 1)::int), 0) from jsonb_array_elements(r::jsonb) e where (e ->> 0)::numeric > v)) as right
from stored, unnest('{5,50,500}'::numeric[]) v where country <> 0 group by 1 order by 1;
select loyalty.place(r, 500), loyalty.bucket(r, 500, 5), pg_column_size(r) < 200000 as small from stored where country = 0;
select sum(loyalty.place(x.r, s.country)) = sum(loyalty.place(s.r, s.country)) as same from stored s, lateral (select s.r::text::loyalty.ranking as r) x where s.country <> 0;
alter table stored alter r set storage extended;
update stored set r = r::text::loyalty.ranking;
select loyalty.place(r, 500) from stored where country = 0;
