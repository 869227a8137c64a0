-- effect: what a program brings, members beside others

\pset null 'null'
\i test/error.sql
set search_path = public, loyalty;
-- a value as it is shown here
create function pg_temp.nine(x float8) returns numeric language sql immutable as $$ select trim_scale(round(x::numeric, 9)) $$;

--
-- Worked cases
--

-- ClickHouse's tests of welchTTest: t 2.798871953, p 0.051807360, -0.026294 to 4.092961
select members, others, pg_temp.nine(mean_members) as mean_members, pg_temp.nine(mean_others) as mean_others, pg_temp.nine(difference) as difference, pg_temp.nine(ratio) as ratio, pg_temp.nine(t) as t, pg_temp.nine(df) as df, pg_temp.nine(p) as p, pg_temp.nine(low) as low, pg_temp.nine(high) as high, unmatched, skipped, reason
from (select effect(m, a) as e from (values (true, 20.3), (true, 22.1), (true, 21.9), (false, 18.9), (false, 20.3), (false, 19)) as v(m, a)) as x, welch(e);

-- Eight customers: members bought twice as much, and did so before
create temp table eight (member boolean, before int, after int);
insert into eight values (true, 400, 460), (true, 900, 980), (true, 1200, 1260), (true, 1500, 1620), (false, 200, 210), (false, 300, 330), (false, 500, 520), (false, 1000, 1040);
select effect(member, after, before) as eight from eight \gset
select :'eight' as eight;
select way, members, others, round(difference::numeric, 6) as difference, round(ratio::numeric, 6) as ratio, pg_temp.nine(low) as low, pg_temp.nine(high) as high, pg_temp.nine(p) as p, pg_temp.nine(gain) as gain, pg_temp.nine(gain_low) as gain_low, pg_temp.nine(gain_high) as gain_high, reason from report(:'eight');
select way, reading from report(:'eight');
select pg_temp.nine(mean_members) as mean_members, pg_temp.nine(mean_others) as mean_others, pg_temp.nine(difference) as difference, pg_temp.nine(ratio) as ratio, pg_temp.nine(t) as t, pg_temp.nine(df) as df, pg_temp.nine(p) as p, pg_temp.nine(low) as low, pg_temp.nine(high) as high from did(:'eight');
select pg_temp.nine(mean_members) as mean_members, pg_temp.nine(mean_others) as mean_others, pg_temp.nine(difference) as difference, pg_temp.nine(t) as t, pg_temp.nine(df) as df from cuped(:'eight');
-- 1,000 -> 1,200 beside 500 -> 600; Card and Krueger (1994): employment 20.44 -> 21.03 beside 23.33 -> 21.17
select pg_temp.nine(d.difference) as difference, pg_temp.nine(d.ratio) as ratio, d.t, d.reason
from (values (1000, 1200, 500, 600), (20.44, 21.03, 23.33, 21.17)) as v(b1, a1, b0, a0), lateral (select effect(m, case when m then a1 else a0 end, case when m then b1 else b0 end) as e from unnest('{true,false}'::boolean[]) as m) as x, did(e) as d;

-- Three strata: twice as much on the face of it, a loss in truth
select effect(member, after, 0, stratum) as three from (values (true, 'low', 20, 210), (true, 'middle', 50, 520), (true, 'high', 30, 1600), (false, 'low', 80, 200), (false, 'middle', 40, 500), (false, 'high', 5, 1560)) as v(member, stratum, n, after), generate_series(1, n) \gset
select :'three' as three;
select way, members, others, pg_temp.nine(difference) as difference, round(ratio::numeric, 4) as ratio, pg_temp.nine(gain) as gain, reason from report(:'three', 0.30, 900);
select pg_temp.nine(mean_members) as mean_members, pg_temp.nine(mean_others) as mean_others, pg_temp.nine(difference) as difference, pg_temp.nine(ratio) as ratio, unmatched, reason from matched(:'three');

-- Before and after by chance, N(100, 30); who had a good half year joins, and falls back: did is too low by 54, cuped sees nothing
select round(d.difference) between -57 and -52 as did, abs(c.difference) < 2 as cuped, abs(w.difference) < 2 as welch
from (select effect(before > 130, after, before) as e
	from (select (100 + 30 * sqrt(-2 * ln(a)) * cos(2 * pi() * b))::numeric as before, (100 + 30 * sqrt(-2 * ln(a)) * sin(2 * pi() * b))::numeric as after
		from (select (hashint8extended(i, 1) & 4294967295) / 4294967296.0::float8 + 1e-10 as a, (hashint8extended(i, 2) & 4294967295) / 4294967296.0::float8 as b from generate_series(1, 20000) as i) as chance) as normal) as x,
	did(e) as d, cuped(e) as c, welch(e) as w;

select sample_size(300, 30) as half, sample_size(300, 30, correlation => 0.7) as adjusted, sample_size(300, 30, share => 0.1) as tenth, sample_size(300, -30, 0.5, 0.9, 0.01) as strict, sample_size(300, 30, correlation => -0.7) as negative;

--
-- Matching by hand: cells of one take their group's pooled variance
--

-- a: {10, 14} beside {8}; b: {30} beside {20, 26, 23}; c: {50} beside nobody; NULL: {5, 7, 9} beside {6, 6}; d: nobody beside {1}
-- Weights 2, 1, 3 of 6: (2 x (12 - 8) + 1 x (30 - 23) + 3 x (7 - 6)) / 6 = 3; others (16 + 23 + 18) / 6 = 9.5
-- Members: 8 / 1, 8 / 2: pool 16 / 3, 3 degrees; others: 18 / 2, 0 / 1: pool 6, 3 degrees
-- Variances: a (1/3)^2 (8 / 2 + 6 / 1), b (1/6)^2 (16/3 / 1 + 9 / 3), NULL (1/2)^2 (4 / 3 + 0 / 2)
select effect(m, a, 0, s) as cells from (values (true, 10, 'a'), (true, 14, 'a'), (false, 8, 'a'), (true, 30, 'b'), (false, 20, 'b'), (false, 26, 'b'), (false, 23, 'b'), (true, 50, 'c'), (true, 5, null), (true, 7, null), (true, 9, null), (false, 6, null), (false, 6, null), (false, 1, 'd')) as v(m, a, s) \gset
with hand(w, df) as (values (4.0 / 9, 1), (6.0 / 9, 3), (16.0 / 108, 3), (3.0 / 36, 2), (4.0 / 12, 2), (0, 1))
select members, others, pg_temp.nine(mean_members) as mean_members, pg_temp.nine(mean_others) as mean_others, pg_temp.nine(difference) as difference, pg_temp.nine(ratio) as ratio, pg_temp.nine(t) as t, pg_temp.nine(df) as df, unmatched, reason,
	abs(t - 3 / sqrt(var)) < 1e-12 as t_by_hand, abs(df - var ^ 2 / by) < 1e-10 as df_by_hand, abs(high - low - 2 * student_t(0.95, var ^ 2 / by) * sqrt(var)) < 1e-10 as interval_by_hand
from matched(:'cells'), (select sum(w)::float8 as var, sum(w ^ 2 / hand.df)::float8 as by from hand) as by_hand;

--
-- Reasons, in their order; the counts are always there
--

create function pg_temp.reasons(e loyalty.effect) returns table (way text, members bigint, others bigint, unmatched bigint, skipped bigint, difference numeric, ratio numeric, chance text, reason text) language sql as $$
	select 'welch', members, others, unmatched, skipped, pg_temp.nine(difference), pg_temp.nine(ratio), case num_nulls(t, df, p, low, high) when 0 then pg_temp.nine(t)::text when 5 then null else 'some' end, reason from welch(e)
	union all select 'did', members, others, unmatched, skipped, pg_temp.nine(difference), pg_temp.nine(ratio), case num_nulls(t, df, p, low, high) when 0 then pg_temp.nine(t)::text when 5 then null else 'some' end, reason from did(e)
	union all select 'cuped', members, others, unmatched, skipped, pg_temp.nine(difference), pg_temp.nine(ratio), case num_nulls(t, df, p, low, high) when 0 then pg_temp.nine(t)::text when 5 then null else 'some' end, reason from cuped(e)
	union all select 'matched', members, others, unmatched, skipped, pg_temp.nine(difference), pg_temp.nine(ratio), case num_nulls(t, df, p, low, high) when 0 then pg_temp.nine(t)::text when 5 then null else 'some' end, reason from matched(e) $$;
create temp table reason_case (n int, what text, member boolean, after numeric, before numeric, stratum text);
insert into reason_case values
	(1, 'all left out', null, 1, 1, 'a'), (1, 'all left out', true, null, 1, 'a'), (1, 'all left out', true, 1, null, 'a'),
	(2, 'members only', true, 1, 1, 'a'), (2, 'members only', true, 2, 3, null), (3, 'others only', false, 1, 1, 'a'),
	(4, 'no stratum has both', true, 1, 1, 'a'), (4, 'no stratum has both', true, 2, 3, 'a'), (4, 'no stratum has both', false, 1, 1, 'b'), (4, 'no stratum has both', false, 3, 4, null),
	(5, 'one member', true, 5, 2, 'a'), (5, 'one member', false, 1, 1, 'a'), (5, 'one member', false, 3, 4, 'a'),
	(6, 'cells of one', true, 5, 2, 'a'), (6, 'cells of one', false, 1, 1, 'a'), (6, 'cells of one', true, 3, 4, 'b'), (6, 'cells of one', false, 1, 2, 'b'),
	(7, 'no variance', true, 5, 1, 'a'), (7, 'no variance', true, 7, 2, 'a'), (7, 'no variance', false, 2, 1, 'a'), (7, 'no variance', false, 4, 2, 'a'),
	(8, 'no variance at all', true, 5, 1, 'a'), (8, 'no variance at all', true, 5, 1, 'a'), (8, 'no variance at all', false, 2, 1, 'a'), (8, 'no variance at all', false, 2, 1, 'a'),
	(9, 'variance in one', true, 5, 1, 'a'), (9, 'variance in one', true, 5, 1, 'a'), (9, 'variance in one', false, 2, 1, 'a'), (9, 'variance in one', false, 4, 2, 'a'),
	(10, 'zeros', true, 5, 0, 'a'), (10, 'zeros', true, 6, 0, 'a'), (10, 'zeros', false, 0, 1, 'a'), (10, 'zeros', false, 0, 3, 'a'),
	(12, 'others came new', true, 5, 1, 'a'), (12, 'others came new', true, 6, 2, 'a'), (12, 'others came new', false, 3, 0, 'a'), (12, 'others came new', false, 5, 0, 'a'),
	(11, 'a mean of 0', true, 5, 1, 'a'), (11, 'a mean of 0', true, 6, 2, 'b'), (11, 'a mean of 0', false, 0.1, -1, 'a'), (11, 'a mean of 0', false, -0.1, 1, 'b');
select n, what, r.* from (select n, what, effect(member, after, before, stratum) as e from reason_case group by n, what) as x, pg_temp.reasons(e) as r order by n, array_position('{welch,did,cuped,matched}', way);
-- without an earlier period, without strata, without either and anybody
select r.* from (select effect(member, after) as e from reason_case where n = 9) as x, pg_temp.reasons(e) as r;
select r.* from (select effect(member, after, before) as e from reason_case where n = 9) as x, pg_temp.reasons(e) as r;
select r.* from (select effect(null, after) as e from reason_case) as x, pg_temp.reasons(e) as r;
-- what is missing is missing in the report
select r.way, members, others, difference, ratio, low, high, p, gain, gain_low, gain_high, reason from (select effect(member, after, before, stratum) as e from reason_case where n = 7) as x, report(e, 2, 10) as r;
select r.way, members, others, difference, gain, reason from (select effect(member, after) as e from reason_case where n = 2) as x, report(e) as r;

--
-- The document
--

-- Nothing of no rows; a NULL member, after or before is a row left out
select effect(member, after) as two, effect(member, after, before) as three, effect(member, after, before, stratum) as four, effect(e) as merged from reason_case, (select null::loyalty.effect as e) as x where false;
select effect(member, after) as two, effect(member, after, before) as three, effect(member, after, before, stratum) as four from reason_case where n = 1;
-- Strata in byte order, NULL last; exact numbers without trailing zeros, of any size
select effect(m, a, b, s) as sorted from (values (true, 1.50, 2, 'b'), (false, 1e3, 0.5, 'B'), (true, -0.000001, 1.000, 'ä'), (true, 7, 0.00, ''), (false, 1, 1, null), (false, 1, 1, 'a"\	'), (true, 999999999999.999999, -999999999999.999999, 'b')) as v(m, a, b, s) \gset
select :'sorted' as sorted;
select effect(m, a, b) as large from (values (true, 1e49, 1 / 3.0), (true, 1e-50, 2.5), (true, -12345678901234567890.12345678901234567890, 0)) as v(m, a, b);
-- The same in any order and any parts: of rows, of effects, of both ways to sum
create temp table many as select i, case when i % 17 > 0 then i % 3 = 0 end as member, case i % 7 when 0 then i / 3.0 when 1 then i * 1e20 when 2 then -i else i / 100.0 end as after, case i % 5 when 0 then 1e-9 * i else i % 100 end as before,
	case when i % 11 > 0 then 's' || i % 23 end as stratum from generate_series(1, 3000) as i;
select count(distinct e) as different from (
	select effect(member, after, before, stratum order by i) as e from many
	union all select effect(member, after, before, stratum order by i desc) from many
	union all select effect(member, after, before, stratum order by hashint4(i)) from many
	union all select effect(e) from (select effect(member, after, before, stratum) as e from many group by i % 50) as x
	union all select effect(e order by e) from (select effect(member, after, before, stratum) as e from many group by stratum) as x
	union all select effect(e::text::loyalty.effect) from (select effect(member, after, before, stratum) as e from many) as x
	union all select effect(member, after * 1.000, before + 0.00, stratum) from many) as x;
set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
create table parallel_many as select * from many;
analyze parallel_many;
explain (costs off) select effect(member, after, before, stratum) from parallel_many;
select (select effect(member, after, before, stratum) from parallel_many)::text = (select effect(member, after, before, stratum) from many)::text as parallel;
select count(*) as groups, bool_and(a.e = b.e) as same from (select i % 3 as g, effect(member, after, before, stratum) as e from parallel_many group by 1) as a join (select i % 3 as g, effect(member, after, before, stratum order by i) as e from many group by 1) as b using (g);
drop table parallel_many;
reset parallel_setup_cost; reset parallel_tuple_cost; reset min_parallel_table_scan_size;
-- A running one: each row's is that of the rows so far
select count(*) as rows, bool_and(running = (select effect(member, after, before) from eight as upto where upto.after <= eight.after)) as same
from (select *, effect(member, after, before) over (order by after) as running from eight) as eight;
-- Text, json, jsonb, binary; sorting, grouping
select e::text::loyalty.effect = e as text, e::json::loyalty.effect = e as json, e::jsonb::loyalty.effect = e as jsonb, e::jsonb #> '{strata,-1,stratum}' as last, (e::json -> 'earlier')::text as earlier, effect_send(e) = '\x01'::bytea || convert_to(e::text, 'UTF8') as binary, position(e'\n' in e::text) as lines
from (values (:'sorted'::loyalty.effect), (:'eight')) as v(e);
-- The same, however it was written
select '{"strata": [{"others": {"after2": 4.00, "n": 1, "after": -2.0}, "stratum": null}, {"members": {"n": 2, "after": -0.0, "after2": 2}, "stratum": "a"}], "skipped": 0, "earlier": false}'::loyalty.effect;
select '{"strata": []}'::loyalty.effect as empty, '{"skipped": 9223372036854775807, "earlier": true, "strata": []}'::loyalty.effect as left_out;
-- Merging needs one form
select pg_typeof(effect(e)), effect(e) as merged from (values (:'eight'::loyalty.effect), (null), (:'eight')) as v(e);
call pg_temp.error(format('select loyalty.effect(e) from (values (%L::loyalty.effect), (%L)) as v(e)', :'eight', '{"strata": []}'));
call pg_temp.error(format('select loyalty.effect(e) from (values (%L::loyalty.effect), (%L)) as v(e)', '{"skipped": 9223372036854775807, "strata": []}', '{"skipped": 1, "strata": []}'));
call pg_temp.error(format('select loyalty.effect(e) from (values (%L::loyalty.effect), (%1$L)) as v(e)', '{"strata": [{"stratum": null, "others": {"n": 9223372036854775807, "after": 0, "after2": 0}}]}'));
call pg_temp.error(format('select loyalty.welch(%L)', '{"strata": [{"stratum": "a", "others": {"n": 9223372036854775807, "after": 0, "after2": 0}}, {"stratum": null, "others": {"n": 1, "after": 0, "after2": 0}}]}'));

-- What is wrong is refused, with its place and what would be right
do $$
declare
	document text;
begin
	foreach document in array array[
		'', '[]', '5', '{}', '{"strata": {}}', '{"strata": null}', '{"strata": [], "stratum": 1}', '{"strata": [], "skipped": -1}', '{"strata": [], "skipped": 1.5}', '{"strata": [], "skipped": 9223372036854775808}', '{"strata": [], "earlier": 1}', '{"strata": [], "strata": []}',
		'{"strata": [5]}', '{"strata": [[1]]}', '[[{"strata": []}]]', '{"strata": [{}]}', '{"strata": [{"stratum": "a"}]}', '{"strata": [{"stratum": 5, "members": {}}]}', '{"strata": [{"stratum": "a", "members": 5}]}', '{"strata": [{"stratum": "a", "members": {}}]}',
		'{"strata": [{"stratum": "a", "members": {"n": 0, "after": 0, "after2": 0}}]}', '{"strata": [{"stratum": "a", "members": {"n": 1, "after": 0}}]}', '{"strata": [{"stratum": "a", "members": {"n": 1, "after": "0", "after2": 0}}]}',
		'{"strata": [{"stratum": "a", "members": {"n": 1, "after": 1e3, "after2": 1e6}}]}', '{"strata": [{"stratum": "a", "members": {"n": 1, "after": 1, "after2": 1, "product": 1}}]}', '{"strata": [{"stratum": "a", "members": {"n": 1, "after": 1, "after2": 1, "before": 1, "before2": 1}}]}',
		'{"strata": [{"stratum": "a", "members": {"n": 1, "after": 1, "after2": 1, "before": 1, "before2": 1, "product": 1}}]}', '{"earlier": true, "strata": [{"stratum": "a", "members": {"n": 1, "after": 1, "after2": 1}}]}',
		'{"earlier": true, "strata": [{"stratum": "a", "members": {"n": 1, "after": 1, "after2": 1, "before": 1, "before2": 1, "product": 1}}, {"stratum": "b", "others": {"n": 1, "after": 1, "after2": 1}}]}',
		'{"strata": [{"stratum": "a", "members": {"n": 1, "after": 1, "after2": 1}}, {"stratum": null, "members": {"n": 1, "after": 1, "after2": 1}}, {"stratum": "a", "others": {"n": 1, "after": 1, "after2": 1}}]}',
		'{"strata": [{"stratum": null, "members": {"n": 1, "after": 1, "after2": 1}}, {"stratum": null, "others": {"n": 1, "after": 1, "after2": 1}}]}',
		'{"strata": [{"stratum": null, "members": {"n": 2, "after": 4, "after2": 7.99}}]}', '{"strata": [{"stratum": null, "others": {"n": 1, "after": 1, "after2": 1.01}}]}',
		'{"earlier": true, "strata": [{"stratum": null, "others": {"n": 2, "after": 3, "after2": 5, "before": 3, "before2": 5, "product": 5.01}}]}', '{"earlier": true, "strata": [{"stratum": null, "others": {"n": 2, "after": 3, "after2": 5, "before": 3, "before2": 4, "product": 5}}]}']
	loop
		raise info '%', document;
		call pg_temp.error(format('select %L::loyalty.effect', document));
	end loop;
	call pg_temp.error(format('select %L::loyalty.effect', '{"strata": [{"stratum": "a", "members": {"n": 1, "after": ' || repeat('9', 70) || ', "after2": 0}}]}'));
end $$;
-- Bytes that are none of ours are a client's fault, or a damaged table
create function pg_temp.received(bytes bytea) returns text language plpgsql as $$
declare
	file bytea := '\x5047434f50590aff0d0a00' || int4send(0) || int4send(0) || int2send(1::int2) || int4send(length(bytes)) || bytes || int2send(-1::int2);
	octal text;
begin
	select string_agg('\0' || get_byte(file, n) / 64 || get_byte(file, n) / 8 % 8 || get_byte(file, n) % 8, '' order by n) into octal from generate_series(0, length(file) - 1) as n;
	create temp table if not exists received (v loyalty.effect);
	execute format('copy received from program %L (format binary)', format('printf %%b ''%s''', octal));
	return 'received';
exception when others then
	return sqlstate || ': ' || sqlerrm;
end $$;
set client_min_messages = warning;
select pg_temp.received(bytes) from (values (1, effect_send(:'eight')), (2, ''), (3, '\x02'), (4, '\x01'), (5, '\x017b7d'), (6, effect_send(:'eight') || '\x01'::bytea)) as v(n, bytes) order by n;
reset client_min_messages;
select e = :'eight' as received from received as r(e);
begin;
create cast (bytea as loyalty.effect) without function;
call pg_temp.error($$select welch('\x02'::bytea::loyalty.effect)$$);
call pg_temp.error($$select '\x'::bytea::loyalty.effect::text$$);
call pg_temp.error(format('select did(%L::bytea::loyalty.effect)', '\x01'::bytea || '{"strata": [{}]}'));
call pg_temp.error(format('select welch(%L::bytea::loyalty.effect)', '\x01'::bytea || '{"strata": [{"stratum": null, "members": {"n": 2, "after": 4, "after2": 1}, "others": {"n": 2, "after": 4, "after2": 8}}]}'));
rollback;

--
-- Arguments
--

call pg_temp.error($$select loyalty.effect(true, 'NaN')$$);
call pg_temp.error($$select loyalty.effect(true, 1, 'Infinity')$$);
call pg_temp.error($$select loyalty.effect(false, '-Infinity', 1, 's')$$);
call pg_temp.error($$select loyalty.effect(true, 1e50)$$);
call pg_temp.error($$select loyalty.effect(true, 1, 1e-51)$$);
select effect(true, 1.000, 2.00000000000000000000000000000000000000000000000000000000000000) as zeros, effect(null, 'NaN') as left_out, effect(true, 'NaN', null) as left_out_too;
-- NULL in, NULL out
select welch(null), did(:'eight', null), cuped(null), matched(null), sample_size(null, 1), student_t(0.95, null), (select count(*) from report(null)) as rows;
do $$
declare
	call text;
begin
	foreach call in array array['welch(e, 0)', 'welch(e, 1)', 'did(e, -0.1)', 'cuped(e, 95)', $x$matched(e, 'NaN')$x$, 'report(e, level => 1)', $x$report(e, 'NaN')$x$, $x$report(e, 1, 'Infinity')$x$,
		'student_t(0, 5)', 'student_t(1, 5)', $x$student_t('NaN', 5)$x$, 'student_t(0.95, 0)', 'student_t(0.95, -1)', $x$student_t(0.95, 'NaN')$x$, 'student_t(0.95, 0.0001)',
		'sample_size(0, 1)', 'sample_size(-1, 1)', $x$sample_size('NaN', 1)$x$, $x$sample_size('Infinity', 1)$x$, 'sample_size(1, 0)', $x$sample_size(1, 'Infinity')$x$, 'sample_size(1, 1, 0)', 'sample_size(1, 1, 1)', 'sample_size(1, 1, power => 1)', 'sample_size(1, 1, power => 0)', 'sample_size(1, 1, alpha => 0)', 'sample_size(1, 1, alpha => 1)',
		'sample_size(1, 1, correlation => 1)', 'sample_size(1, 1, correlation => -1)', $x$sample_size(1, 1, correlation => 'NaN')$x$, 'sample_size(1e30, 1e-30)']
	loop
		raise info '%', call;
		call pg_temp.error(format('select loyalty.%s from (select %L::loyalty.effect as e) as x', call, '{"strata": []}'));
	end loop;
end $$;
-- The transition functions are the aggregate's own; a state that did not come from them is looked at before it is used
call pg_temp.error($$select loyalty.effect_add(null, true, 1)$$);
call pg_temp.error($$select loyalty.effect_combine(null, '\x00')$$);
call pg_temp.error($$select loyalty.effect_final('\xe5000000000000000000')$$);
do $$
declare
	state text;
begin
	foreach state in array array['', 'e5', 'e50000000000000000', 'e500000000ffffffff', 'e50100000018000000' || repeat('00', 24), 'e50000000018000000' || repeat('ff', 24), 'e50000000018000000' || repeat('00', 12) || '1000000008000000' || repeat('00', 4),
		'e50000000038000000' || repeat('00', 12) || '1800000008000000' || repeat('00', 4) || repeat('18000000', 8), 'e500000000380000000000000000000000000000001800000008000000000000000800000030000000ffffffff00000000000000000000000000000000ffffff7f']
	loop
		execute format($x$create or replace aggregate pg_temp.hostile(boolean, numeric) (sfunc = loyalty.effect_add, stype = bytea, finalfunc = loyalty.effect_final, initcond = '\x%s')$x$, state);
		call pg_temp.error('select pg_temp.hostile(true, i), pg_temp.hostile(true, i * 1e20) from generate_series(1, 20) as i');
		execute format($x$create or replace aggregate pg_temp.combined(bytea) (sfunc = loyalty.effect_combine, stype = bytea, finalfunc = loyalty.effect_final)$x$);
		call pg_temp.error(format($x$select pg_temp.combined('\x%s')$x$, state));
	end loop;
end $$;

--
-- Student's distribution
--

-- t with P(|T| <= t) = level, by mpmath 1.3 with 40 digits: where betainc(df/2, 1/2, 0, df/(df+t*t), regularized=True) is 1 - level
create temp table t_value (level float8, df float8, t float8);
insert into t_value values
	(0.000001,1,1.5707963267961885e-6), (0.1,1,0.1583844403245363), (0.5,1,1.0), (0.51,1,1.0319199492804956), (0.8,1,3.0776835371752541),
	(0.9,1,6.3137515146750445), (0.95,1,12.706204736174693), (0.99,1,63.656741162871524), (0.999,1,636.61924876871905), (0.999999999,1,636619790.37241862),
	(0.000001,1.5,1.4674161077012088e-6), (0.1,1.5,0.14762664346094743), (0.5,1.5,0.87259466254157064), (0.51,1.5,0.89740417460350377), (0.8,1.5,2.1963984175655378),
	(0.9,1.5,3.7051808200967523), (0.95,1.5,6.0166631044279283), (0.99,1.5,17.820310514462797), (0.999,1.5,82.847446703657563), (0.999999999,1.5,828539.14158941813),
	(0.000001,2,1.4142135623738021e-6), (0.1,2,0.1421338109037403), (0.5,2,0.81649658092772603), (0.51,2,0.83849149200200675), (0.8,2,1.885618083164127),
	(0.9,2,2.9199855803537261), (0.95,2,4.3026527297494618), (0.99,2,9.9248432009182886), (0.999,2,31.599054576443607), (0.999999999,2,31622.777025143321),
	(0.000001,3.7999,1.3375992135043547e-6), (0.1,3.7999,0.13426705322925475), (0.5,3.7999,0.74444912238520368), (0.51,3.7999,0.76313759498469363), (0.8,3.7999,1.5489512241474387),
	(0.9,3.7999,2.1645144775620309), (0.95,3.7999,2.835067229042353), (0.99,3.7999,4.7739316233552537), (0.999,3.7999,9.1596770443151139), (0.999999999,3.7999,353.86013215473441),
	(0.000001,5,1.3171527620705932e-6), (0.1,5,0.13217517523168727), (0.5,5,0.72668684380042265), (0.51,5,0.74461496647813116), (0.8,5,1.4758840488244813),
	(0.9,5,2.0150483733330244), (0.95,5,2.5705818356363148), (0.99,5,4.0321429835552272), (0.999,5,6.8688266258811089), (0.999999999,5,113.65505171950269),
	(0.000001,10,1.2849890174656351e-6), (0.1,10,0.1288901892932738), (0.5,10,0.69981206131243163), (0.51,10,0.71663111280026437), (0.8,10,1.3721836411103358),
	(0.9,10,1.8124611228116765), (0.95,10,2.2281388519862742), (0.99,10,3.1692726726169507), (0.999,10,4.5868938587026353), (0.999999999,10,21.622044216833571),
	(0.000001,30,1.263800113062027e-6), (0.1,30,0.1267296131320736), (0.5,30,0.68275569332129255), (0.51,30,0.69889644466036879), (0.8,30,1.3104150253913957),
	(0.9,30,1.697260886593958), (0.95,30,2.0422724563012379), (0.99,30,2.749995653567225), (0.999,30,3.6459586350420215), (0.999999999,30,8.7215112357012411),
	(0.000001,99.5,1.2564670740558693e-6), (0.1,99.5,0.12598248984809314), (0.5,99.5,0.67696345140679932), (0.51,99.5,0.69287831359578738), (0.8,99.5,1.2901178824236916),
	(0.9,99.5,1.66031234330733), (0.95,99.5,1.9840936109906239), (0.99,99.5,2.6261466720631479), (0.999,99.5,3.3910073945528802), (0.999999999,99.5,6.7494364764824074),
	(0.000001,199,1.2548896353604125e-6), (0.1,199,0.12582181263736492), (0.5,199,0.67572459561064572), (0.51,199,0.69159143502140298), (0.8,199,1.2858202092594091),
	(0.9,199,1.6525467461665635), (0.95,199,1.9719565442517534), (0.99,199,2.6007602160585159), (0.999,199,3.3400865561614307), (0.999999999,199,6.4160957419708275),
	(0.000001,201,1.254873949141931e-6), (0.1,201,0.12582021491538218), (0.5,201,0.6757122888309559), (0.51,201,0.69157865169660906), (0.8,201,1.2857775925323176),
	(0.9,201,1.6524698419699865), (0.95,201,1.9718365067798589), (0.99,201,2.6005099190831934), (0.999,201,3.3395867889052694), (0.999999999,201,6.4129168730689794),
	(0.000001,1000,1.2536275049672542e-6), (0.1,1000,0.12569326251871639), (0.5,1000,0.67473516460700944), (0.51,1000,0.6905637232690539), (0.8,1000,1.2823987214609246),
	(0.9,1000,1.6463788172854648), (0.95,1000,1.9623390808264081), (0.99,1000,2.5807546980659508), (0.999,1000,3.3002826484239127), (0.999999999,1000,6.1684302524491063),
	(0.000001,12345.6,1.2533395173464854e-6), (0.1,12345.6,0.12566393172370496), (0.5,12345.6,0.67450962297382067), (0.51,12345.6,0.69032946461701415), (0.8,12345.6,1.2816201430954086),
	(0.9,12345.6,1.6449770623609468), (0.95,12345.6,1.9601561582595101), (0.99,12345.6,2.5762276044252137), (0.999,12345.6,3.291315016208747), (0.999999999,12345.6,6.1141547858864043),
	(0.000001,100000,1.2533172706050882e-6), (0.1,100000,0.12566166596959195), (0.5,100000,0.67449220355329221), (0.51,100000,0.69031137208927664), (0.8,100000,1.2815600314493611),
	(0.9,100000,1.6448688647849698), (0.95,100000,1.9599877075346093), (0.99,100000,2.575878469908375), (0.999,100000,3.2906240314118824), (0.999999999,100000,6.1099956137687936),
	(0.000001,1000000,1.2533144506444018e-6), (0.1,1000000,0.1256613787664875), (0.5,1000000,0.67448999553108738), (0.51,1000000,0.6903090787478972), (0.8,1000000,1.2815524121299386),
	(0.9,1000000,1.6448551507220406), (0.95,1000000,1.9599663568141067), (0.99,1000000,2.5758342201053338), (0.999,1000000,3.2905364612486909), (0.999999999,1000000,6.1094687454882505),
	(0.000001,1000001,1.2533144506440885e-6), (0.5,1000001,0.67448999553084204), (0.95,1000001,1.9599663568117344), (0.999999999,1000001,6.109468745429714), (0.000001,10000000,1.2533141686486821e-6),
	(0.5,10000000,0.67448977472957515), (0.95,10000000,1.9599642217672051), (0.999999999,10000000,6.1094160629505945), (0.000001,1000000000,1.2533141376291568e-6), (0.5,1000000000,0.67448975044141667);
select count(*), max(abs(student_t(level, df) / t - 1)) < 1e-10 as "to 10 digits" from t_value;
select pg_temp.nine(student_t(0.95, 'Infinity')) as normal, abs(student_t(0.95, 1000001) / student_t(0.95, 1000000) - 1) < 1e-11 as joins, abs(student_t(0.95, 1e300) - student_t(0.95, 'Infinity')) < 1e-12 as far, abs(student_t(1e-300, 3) / 1.36034952317566338794555869323e-300 - 1) < 1e-12 as tiny;
-- p of a t, by mpmath with 50 digits: that betainc, of t and df from the means and variances that these sums have
create temp table p_value (e loyalty.effect, t float8, df float8, p float8);
insert into p_value values
	('{"strata": [{"stratum": null, "members": {"n": 2, "after": 2, "after2": 3}, "others": {"n": 2, "after": 0, "after2": 1}}]}', 1.0, 2.0, 0.42264973081037424),
	('{"strata": [{"stratum": null, "members": {"n": 2, "after": 14, "after2": 99}, "others": {"n": 3, "after": 0, "after2": 4}}]}', 6.4807406984078602, 2.8823529411764706, 0.008417014210664494),
	('{"strata": [{"stratum": null, "members": {"n": 5, "after": 2.5, "after2": 13.25}, "others": {"n": 4, "after": 0, "after2": 3}}]}', 0.54232614454664043, 6.518796992481203, 0.60562590379835388),
	('{"strata": [{"stratum": null, "members": {"n": 10, "after": 30, "after2": 108}, "others": {"n": 12, "after": 0, "after2": 99}}]}', 3.0779350562554623, 16.237619263970922, 0.0071082566842024291),
	('{"strata": [{"stratum": null, "members": {"n": 30, "after": 60, "after2": 845}, "others": {"n": 30, "after": 0, "after2": 725}}]}', 1.5491933384829668, 58.0, 0.12677501334087978),
	('{"strata": [{"stratum": null, "members": {"n": 100, "after": 100, "after2": 3070}, "others": {"n": 90, "after": 0, "after2": 1780}}]}', 1.3837968120433276, 186.28744939271255, 0.16807646402609441),
	('{"strata": [{"stratum": null, "members": {"n": 1000, "after": 4000, "after2": 915100}, "others": {"n": 1100, "after": 0, "after2": 1099000}}]}', 2.9739235204570474, 2094.1838707202281, 0.0029737708083931371),
	('{"strata": [{"stratum": null, "members": {"n": 50000, "after": 50000, "after2": 20049600}, "others": {"n": 60000, "after": 0, "after2": 29999500}}]}', 7.8246079643595159, 109449.43536199468, 5.1376115449123857e-15),
	('{"strata": [{"stratum": null, "members": {"n": 500000, "after": 500000, "after2": 5000490000}, "others": {"n": 500001, "after": 0, "after2": 5000500000}}]}', 4.9998775047466727, 999998.99769624229, 5.7376418320031721e-7),
	('{"strata": [{"stratum": null, "members": {"n": 3, "after": 120, "after2": 4802}, "others": {"n": 1000000, "after": 0, "after2": 999999}}]}', 69.281928379940464, 2.000012000018, 0.00020825991659041968);
select count(*), max(abs(w.t / v.t - 1)) < 1e-13 as t, max(abs(w.df / v.df - 1)) < 1e-13 as df, max(abs(w.p / v.p - 1)) < 1e-9 as p from p_value as v, welch(v.e) as w;
