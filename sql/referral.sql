-- referral: who brought whom, and what that is worth

\pset null 'null'
\i test/error.sql

-- a brought b and c, c brought d; e and f each other; f brought g
create temp table brought (customer text, referrer text, value numeric);
insert into brought values ('b', 'a', 10), ('c', 'a', 20), ('d', 'c', 40), ('e', 'f', 7), ('f', 'e', 7), ('g', 'f', 3);
select loyalty.referrals(customer, referrer, value) as r from brought \gset
select :'r' as referrals;
select customer, loyalty.referral_value(:'r', customer) as "1", loyalty.referral_value(:'r', customer, '{1,0.5}') as "1, 0.5", loyalty.referral_value(:'r', customer, '{0,1}') as "0, 1" from unnest('{a,b,c,d,e,f,g,nobody}'::text[]) customer;
select * from loyalty.advocates(:'r');
select * from loyalty.advocates(:'r', '{1,0.5}');
select * from loyalty.advocates(:'r', '{0,0}');

-- Rows of one customer add up; a NULL value is 0, a NULL customer is skipped, a NULL referrer is nobody
select loyalty.referrals(customer, referrer, value) from (values (1, null, 2), (1, 2, 3), (1, 2, null), (3, null, null), (null, 4, 5), (5, 6, 0.1), (5, null, -0.1)) x(customer, referrer, value);
select loyalty.referrals(customer, referrer, 1) from (values (null::int, 4)) x(customer, referrer);
select loyalty.referrals(customer, customer, value) from brought where false;
-- Oneself is a circle, too; what hangs below its members counts
select * from loyalty.advocates('[{"customer": 1, "referrer": 1, "value": 5}, {"customer": 2, "referrer": 1, "value": 7}, {"customer": 3, "referrer": 2, "value": 11}]', '{1,1,1}');
select * from loyalty.advocates('[{"customer": 1, "referrer": 3, "value": 5}, {"customer": 2, "referrer": 1, "value": 7}, {"customer": 3, "referrer": 2, "value": 11}, {"customer": 4, "referrer": 3, "value": 13}]', '{1,1,1}');
-- Ids: integers, uuids, texts; one value however it came
select loyalty.referrals(c, r, 1) from (values (1::smallint, 2::smallint)) x(c, r);
select loyalty.referrals(c, r, 1) from (values (1::bigint, 2::int)) x(c, r);
select loyalty.referrals(c, r, 1) from (values ('6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid, 'ffffffff-8b86-d011-b42d-00cf4fc964ff'::uuid)) x(c, r);
select loyalty.referrals(c, r, 1) from (values ('x '::char(5), 'y'::char(5))) x(c, r);
select loyalty.referral_value(r, 1::bigint), loyalty.referral_value(r, '1'), loyalty.referral_value(r, 1::smallint), loyalty.referral_value(r, '01') from (select loyalty.referrals(c::text, r::varchar, 1) from (values ('7', '1')) x(c, r)) x(r);
-- ordered as refs are: numbers by value, also those beyond 64 bits, then texts
select array_agg(customer) from loyalty.advocates((select loyalty.referrals('c' || r, r, 1) from unnest(array['b', 'a', '10', '9', '-3', '99999999999999999999', '-99999999999999999999', '05', '', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', 'ä']) r));
-- by value first
select customer, value from loyalty.advocates('[{"customer": 1, "referrer": 10, "value": -5}, {"customer": 2, "referrer": 11}, {"customer": 3, "referrer": 12, "value": 3}, {"customer": 4, "referrer": 9, "value": 3}]');

-- Many: ids close together, far apart, too far, and of all kinds; rows of one customer apart; in one process, from stored parts, as a window
create temp table crowd as
select kind, case kind when 1 then i when 2 then i * 1000003::bigint - 1e9::bigint when 3 then (i - 60000) * 70000000000000::bigint end as customer, i,
	case when i % 4 > 0 then 1::bigint + i / 3 end as referrer, (i % 1000)::numeric / 100 + case when i % 50 = 0 then 0.000001 else -3 end as value
from generate_series(1, 120000) i, generate_series(1, 3) kind;
update crowd set referrer = case kind when 1 then referrer when 2 then referrer * 1000003::bigint - 1e9::bigint else (referrer - 60000) * 70000000000000::bigint end;
insert into crowd select kind, customer, i, null, 5 from crowd where i % 10 = 0;
create aggregate pg_temp.part(anycompatible, anycompatible, numeric) (sfunc = loyalty.referrals_add, stype = loyalty.referrals);
create aggregate pg_temp.whole(loyalty.referrals) (sfunc = loyalty.referrals_combine, stype = loyalty.referrals, finalfunc = loyalty.referrals_final);
create temp table gathered as select kind, loyalty.referrals(customer, referrer, value) as r, loyalty.referrals('c' || customer, 'c' || referrer, value) as named from crowd group by kind;
select kind, r::jsonb = (select jsonb_agg(jsonb_strip_nulls(jsonb_build_object('customer', customer::text, 'referrer', referrer::text, 'value', nullif(value, 0))) order by customer)
	from (select customer, max(referrer) as referrer, trim_scale(sum(value)) as value from crowd where kind = g.kind group by customer) x) as right,
	(select count(*) from jsonb_array_elements(named::jsonb)) as named,
	(select pg_temp.whole(part) operator(loyalty.=) r from (select pg_temp.part(customer, referrer, value) as part from crowd where kind = g.kind group by i % 2) x) as of_parts,
	(select pg_temp.whole(part) operator(loyalty.=) r from (select loyalty.referrals(customer, referrer, value) as part from crowd where kind = g.kind group by i % 3) x) as of_stored,
	(select w operator(loyalty.=) r from (select loyalty.referrals(customer, referrer, value) over () as w from crowd where kind = g.kind limit 1) x) as windowed
from gathered g order by kind;
call pg_temp.error($$select loyalty.referrals(customer, case when i = 7 then 1 + value::bigint else referrer end, value) from (table crowd union all select 1, 7, 7, 11, 10) x where kind = 1$$);
call pg_temp.error($$select loyalty.referrals(customer, referrer, case when i % 30000 = 0 then 999999999999 else 0 end) from (table crowd union all table crowd) x where kind = 1$$);
select loyalty.referral_value(loyalty.referrals(1, 2, value), 2) from unnest(array_fill(999999999999.999999, array[10]) || array_fill(-999999999999::numeric, array[10])) value;

-- Text, in any order; json, jsonb
select '[{"value": 2.50, "customer": "b"}, {"customer": 1, "referrer": "1", "value": -3}, {"customer": "b", "value": 1}, {"customer": "", "referrer": null, "value": null}]'::loyalty.referrals, '[]'::loyalty.referrals;
select r::text::loyalty.referrals operator(loyalty.=) r as text, r::json::loyalty.referrals operator(loyalty.=) r as json, r::jsonb::loyalty.referrals operator(loyalty.=) r as jsonb, jsonb_typeof(to_jsonb(x) -> 'r') from (select :'r'::loyalty.referrals as r) x;
select count(distinct loyalty.referrals_send(r)) from (
	select loyalty.referrals(customer, referrer, value order by customer) from brought union all select loyalty.referrals(customer, referrer, value order by customer desc) from brought
	union all select loyalty.referrals(customer, referrer, value / 2 order by value) from (table brought union all table brought) x union all select :'r') x(r);

-- What is wrong is refused, with its place and what would be right
call pg_temp.error($$select '{}'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": 1}, 5]'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": 1}, {"referer": 2, "customer": 1}]'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": 1}, {"referrer": 2}]'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": null}]'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": true}]'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": 1, "value": "2"}]'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": 1, "value": 2.1234567}]'::loyalty.referrals$$);
call pg_temp.error($$select '[{"customer": 1, "customer": 2}]'::loyalty.referrals$$);
call pg_temp.error(format('select %L::loyalty.referrals', '[{"customer": "' || repeat('x', 256) || '"}]'));
call pg_temp.error($$select '[{"customer": 7, "referrer": 1}, {"customer": 3, "referrer": 1}, {"customer": 3, "referrer": 2}, {"customer": 7, "referrer": 2}]'::loyalty.referrals$$);
call pg_temp.error($$select loyalty.referrals(c, r, 1) from (values (1, 2), (1, 3)) x(c, r)$$);
call pg_temp.error($$select loyalty.referrals(1, 2, 999999999999) from generate_series(1, 2)$$);
call pg_temp.error($$select loyalty.referrals(1, 2, 1.1234567)$$);
call pg_temp.error($$select loyalty.referrals(1, 2, 'NaN')$$);
call pg_temp.error($$select loyalty.referrals(1.5, 2.5, 1)$$);
call pg_temp.error($$select loyalty.referrals('6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid, 5, 1)$$);
call pg_temp.error($$select loyalty.referrals(repeat('x', 256), 'y', 1)$$);
call pg_temp.error($$select loyalty.referrals_add(null, 1, 2, 3)$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1, '{}')$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1, '{1,-0.5}')$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1, '{1,NULL}')$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1, '{{1},{1}}')$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1, '{Infinity}')$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1, '{0.000000000000000000001}')$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1, array_fill(1, array[65]))$$);
call pg_temp.error($$select loyalty.referral_value('[{"customer": 1, "referrer": 2, "value": 1e11}]', 2, '{1e24}')$$);
call pg_temp.error($$select * from loyalty.advocates('[]', '{}')$$);
call pg_temp.error($$select loyalty.referral_value('[]', 1.5)$$);
-- NULL in, NULL out; exact with any credit
select loyalty.referral_value(null, 1), loyalty.referral_value('[]', null::int), loyalty.referral_value('[]', 1, null), loyalty.referral_value('[]', 1);
select count(*) from loyalty.advocates(null);
select count(*) from loyalty.advocates('[]');
select loyalty.referral_value('[{"customer": 1, "referrer": 2, "value": 0.000003}]', 2, array[1/3::numeric]), loyalty.referral_value('[{"customer": 1, "referrer": 2, "value": 999999999999.999999}]', 2, '{1e10}'), loyalty.referral_value('[{"customer": 1, "referrer": 2, "value": -2}]', 2, '{2.500}');
-- Credit may differ from row to row
select n, loyalty.referral_value(:'r', 'a', case n % 2 when 0 then '{1}' else '{1,0.5}' end::numeric[]) from generate_series(1, 4) n;

-- A chain, a star, a ring with tails: in proportion to their size
create temp table many (shape text, r loyalty.referrals);
insert into many select 'chain', loyalty.referrals(i, i - 1, 1) from generate_series(1, 100000) i;
insert into many select 'star', loyalty.referrals(i, 0, 0.01) from generate_series(1, 200000) i;
insert into many select 'ring', loyalty.referrals(i, case when i > 1000 then i - 1000 else 1 + i % 1000 end, 1) from generate_series(1, 20000) i;
select shape, count(*), sum(referred) as referred, max(reached) as reached, max(value) as value, count(*) filter (where circle) as circle from many, loyalty.advocates(r, array_fill(1, array[64])) group by shape order by shape;
select shape, i, loyalty.referral_value(r, i, '{1,0.5}') from many, unnest('{0,1,99999,100000}'::int[]) i order by shape, i;
