-- Effects against plain SQL: avg, var_samp and sums of products by group and stratum, over N random sets of customers; Student's
-- distribution against Simpson's rule.  Then any order, split and merged, serial and parallel: the same bytes.
-- SEED= sets where the random cases begin: a case depends on its own number only.

\set ON_ERROR_STOP on
set client_min_messages = warning;
set jit = off;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '1000') as n \gset

-- A number from 0 to below `below`, by chance
create function pick(c bigint, i bigint, what int, below int) returns int immutable parallel safe language sql return (hashint8extended(c * 1000 + i, what) & 1073741823) % below;

-- Amounts of a shop, with many decimals, large, fine, whole and few, constant
create function amount(c bigint, i bigint, what int, sort int) returns numeric immutable parallel safe language sql return case sort
	when 0 then (pick(c, i, what, 200000) - 20000) / 100.0 when 1 then pick(c, i, what, 100000) / 7.0 when 2 then (pick(c, i, what, 1000000) - 500000) * 1e21 + 0.01
	when 3 then pick(c, i, what, 1000000) * 1e-25 when 4 then pick(c, i, what, 5) when 5 then pick(c, 0, what, 3) else pick(c, i, what, 1000)::numeric(20, 10) end;

create table customer as
select c, i, case when pick(c, i, 1, 40) > 0 then pick(c, i, 2, 10) < pick(c, 0, 3, 12) end as member,
	case when pick(c, i, 4, 40) > 0 then amount(c, i, 5, sort_after) + case pick(c, 0, 14, 2) when 0 then before else 0 end end as after,
	case when pick(c, i, 6, 40) > 0 then before end as before,
	case when pick(c, i, 7, 8) > 0 then chr(65 + pick(c, i, 8, 1 + pick(c, 0, 9, 8))) end as stratum
from generate_series(:seed * 10000000::bigint, :seed * 10000000::bigint + :n - 1) as c,
	lateral (select pick(c, 0, 11, 7) as sort_after, pick(c, 0, 12, 7) as sort_before, case pick(c, 0, 13, 3) when 0 then pick(c, 0, 15, 8) when 1 then pick(c, 0, 15, 40) else pick(c, 0, 15, 300) end as rows) as what,
	generate_series(1, rows) as i, lateral (select amount(c, i, 10, sort_before) as before) as b;
create table ours as
select c, loyalty.effect(member, after, before, stratum) as e from customer group by c;

--
-- The same a second time
--

-- numeric keeps as many decimals in a quotient as it is given
create table counted as select c, i, member, round(after, 130) as after, round(before, 130) as before, stratum from customer where num_nulls(member, after, before) = 0;
create table skipped as select c, count(*) filter (where num_nulls(member, after, before) > 0) as skipped from customer group by c;
-- a group's figures of a quantity
create view side as
select c, count(*) filter (where member) as members, count(*) filter (where not member) as others,
	count(distinct stratum) as named, avg(before) as before,
	avg(after) filter (where member) as a1, avg(after) filter (where not member) as a0, avg(before) filter (where member) as b1, avg(before) filter (where not member) as b0,
	coalesce(var_samp(after) filter (where member), 0) as va1, coalesce(var_samp(after) filter (where not member), 0) as va0,
	coalesce(var_samp(after - before) filter (where member), 0) as vd1, coalesce(var_samp(after - before) filter (where not member), 0) as vd0
from counted group by c;
create table slope as
select c, sum((after - ma) * (before - mb)) as products, sum((before - mb) * (before - mb)) as squares from (
	select c, after, before, avg(after) over w as ma, avg(before) over w as mb from counted window w as (partition by c, member)) as x group by c;
create view residual as
select c, slope, coalesce(var_samp(after - slope * before) filter (where member), 0) as v1, coalesce(var_samp(after - slope * before) filter (where not member), 0) as v0
from counted join (select c, case when squares > 0 then products / squares end as slope from slope) as s using (c) group by c, slope;
-- cells of strata with both
create table cell as
select c, stratum, member, count(*) as n, avg(after) as mean, coalesce(var_samp(after), 0) as variance from counted group by c, stratum, member;
create table used as
select m.c, m.n as n1, o.n as n0, m.mean as m1, o.mean as m0, m.variance as v1, o.variance as v0
from cell as m join cell as o on m.c = o.c and m.stratum is not distinct from o.stratum and m.member and not o.member;
create table pool as
select c, sum(n1 - 1) as df1, sum(n0 - 1) as df0, sum(v1 * (n1 - 1)) / nullif(sum(n1 - 1), 0) as pool1, sum(v0 * (n0 - 1)) / nullif(sum(n0 - 1), 0) as pool0, sum(n1) as n from used group by c;
create view part as
select c, n1::float8 * n1 / pool.n / pool.n * case n1 when 1 then pool1 else v1 end / n1 as w, case n1 when 1 then df1 else n1 - 1 end as df from used join pool using (c)
union all select c, n1::float8 * n1 / pool.n / pool.n * case n0 when 1 then pool0 else v0 end / n0, case n0 when 1 then df0 else n0 - 1 end from used join pool using (c);
create view both_sides as
select c, sum(used.n1) as members, sum(n0) as others, sum(n1 * m1) / sum(n1) as m1, sum(n1 * m0) / sum(n1) as m0, min(df1) as df1, min(df0) as df0, (select sum(w) from part where part.c = used.c) as variance,
	(select sum(w) ^ 2 / nullif(sum(w ^ 2 / nullif(df, 0)), 0) from part where part.c = used.c) as df
from used join pool using (c) group by c;

create function welch_df(v1 float8, n1 bigint, v0 float8, n0 bigint) returns float8 immutable parallel safe language sql
	return case when n1 > 1 and n0 > 1 and v1 + v0 > 0 then (v1 / n1 + v0 / n0) ^ 2 / ((v1 / n1) ^ 2 / (n1 - 1) + (v0 / n0) ^ 2 / (n0 - 1)) end;
create table theirs as
with asked as (select c, coalesce(members, 0) as members, coalesce(others, 0) as others, skipped, coalesce(named, 0) as named, before, a1, a0, b1, b0, va1, va0, vd1, vd0,
		slope, case when v1 + v0 > 1e-90 then v1 else 0 end as vr1, case when v1 + v0 > 1e-90 then v0 else 0 end as vr0
	from skipped left join side using (c) left join residual using (c)),
whole as (
	select c, 'welch' as way, members, others, 0 as unmatched, skipped, a1 as m1, a0 as m0, a1 - a0 as difference, a1 / nullif(a0, 0) as ratio, va1 / nullif(members, 0) + va0 / nullif(others, 0) as variance, welch_df(va1::float8, members, va0::float8, others) as df, null as missing from asked
	union all select c, 'did', members, others, 0, skipped, a1 - b1, a0 - b0, (a1 - b1) - (a0 - b0), (a1 / nullif(b1, 0)) / nullif(a0 / nullif(b0, 0), 0), vd1 / nullif(members, 0) + vd0 / nullif(others, 0), welch_df(vd1::float8, members, vd0::float8, others), null from asked
	union all select c, 'cuped', members, others, 0, skipped, a1 - slope * (b1 - before), a0 - slope * (b0 - before), a1 - a0 - slope * (b1 - b0), null, vr1 / nullif(members, 0) + vr0 / nullif(others, 0), welch_df(vr1::float8, members, vr0::float8, others),
		case when slope is null then 'earlier period does not vary' end from asked)
select c, way, members, others, unmatched, skipped,
	case when missing is null and members > 0 and others > 0 then m1::float8 end as mean_members, case when missing is null and members > 0 and others > 0 then m0::float8 end as mean_others,
	case when missing is null then difference::float8 end as difference, ratio::float8 as ratio, variance::float8 as variance, case when missing is null then df::float8 end as df,
	case when members = 0 then 'no members' when others = 0 then 'no others' when missing is not null then missing when members < 2 or others < 2 then 'too few to tell chance' when df is null then 'no variance' end as reason
from whole
union all
select c, 'matched', coalesce(b.members, 0), coalesce(b.others, 0), a.members - coalesce(b.members, 0), a.skipped, b.m1::float8, b.m0::float8, (b.m1 - b.m0)::float8, (b.m1 / nullif(b.m0, 0))::float8, b.variance::float8, case when b.variance > 0 and df1 > 0 and df0 > 0 then b.df::float8 end,
	case when a.named = 0 then 'no strata' when a.members = 0 then 'no members' when a.others = 0 then 'no others' when b.members is null then 'no stratum has both' when df1 = 0 or df0 = 0 then 'too few to tell chance' when b.variance = 0 then 'no variance' end
from asked as a left join both_sides as b using (c);
-- the only NULL stratum answers nothing
update theirs set mean_members = null, mean_others = null, difference = null, ratio = null, df = null where reason = 'no strata';

create table answered as
select c, w.* from ours, lateral (select 'welch' as way, * from loyalty.welch(e) union all select 'did', * from loyalty.did(e) union all select 'cuped', * from loyalty.cuped(e) union all select 'matched', * from loyalty.matched(e)) as w;

create function far(a float8, b float8, size float8) returns boolean immutable parallel safe language sql
	return (a is null) <> (b is null) or coalesce(abs(a - b) > 1e-9 * greatest(abs(a), abs(b), size), false);
create view wrong as
select o.c, o.way, o.reason, x.reason as reason_theirs, to_jsonb(o) as ours, to_jsonb(x) as theirs
from answered as o full join theirs as x using (c, way), lateral (select greatest(abs(x.mean_members), abs(x.mean_others)) * 1e-4 as size) as s
where (o.members, o.others, o.unmatched, o.skipped, o.reason) is distinct from (x.members, x.others, x.unmatched, x.skipped, x.reason)
	or far(o.mean_members, x.mean_members, size) or far(o.mean_others, x.mean_others, size) or far(o.difference, x.difference, size)
	or (way <> 'cuped' and far(o.ratio, x.ratio, 0)) or (way = 'cuped' and far(o.ratio, o.mean_members / nullif(o.mean_others, 0), 1e-9))
	or far(o.df, x.df, 0) or far(o.t, case when x.df is not null then x.difference / sqrt(x.variance) end, 1)
	or far((o.low + o.high) / 2, case when o.df is not null then o.difference end, size);
select 'answers', count(*), count(*) filter (where reason is null) as whole, count(distinct reason) as reasons from answered;
select * from wrong order by c, way limit 3;
do $$ begin assert not exists (select from wrong), 'answers differ'; end $$;

--
-- Student's distribution: the density summed up by Simpson's rule over the angle whose tangent is t / sqrt(df)
--

create function ln_gamma(x float8) returns float8 immutable parallel safe language sql
	return (x + 19.5) * ln(x + 20) - (x + 20) + ln(2 * pi()) / 2 + 1 / (12 * (x + 20)) - 1 / (360 * (x + 20) ^ 3) - (select sum(ln(x + k)) from generate_series(0, 19) as k);
create function below(t float8, df float8) returns float8 immutable parallel safe language sql
	return (select 2 * exp(ln_gamma((df + 1) / 2) - ln_gamma(df / 2)) / sqrt(pi()) * atan(t / sqrt(df)) / 1000 / 3 * sum(case when k in (0, 1000) then 1 when k % 2 = 1 then 4 else 2 end * cos(k * atan(t / sqrt(df)) / 1000) ^ (df - 1)) from generate_series(0, 1000) as k);
create view off as
select c, way, t, df, p, 1 - below(abs(t), df) as p_theirs, (high - low) / 2 / abs(difference / t) as reach
from answered where c < :seed * 10000000::bigint + 200 and p is not null and abs(t) / sqrt(df) < 12 and abs(t) > 1e-9;
select 'chances', count(*) from off;
do $$ begin assert not exists (select from off where abs(p - p_theirs) > 1e-8 or (reach / sqrt(df) < 12 and abs(below(reach, df) - 0.95) > 1e-8)), 'chances differ'; end $$;
select * from off where abs(p - p_theirs) > 1e-8 limit 3;

--
-- The same bytes
--

create view again as
select c, 'in another order' as how, loyalty.effect(member, after, before, stratum order by hashint8extended(i, c)) as e from customer group by c
union all select c, 'of numbers with zeros behind', loyalty.effect(member, after + 0.0000000000000000000000000000000000, before * 1.00, stratum) from customer group by c
union all select c, 'split and merged', loyalty.effect(e) from (select c, loyalty.effect(member, after, before, stratum) as e from customer group by c, hashint8extended(i, c) % 3) as parts group by c
union all select c, 'by stratum and merged', loyalty.effect(e order by e desc) from (select c, loyalty.effect(member, after, before, stratum) as e from customer group by c, stratum) as parts group by c
union all select c, 'text', e::text::loyalty.effect from ours union all select c, 'jsonb', e::jsonb::loyalty.effect from ours union all select c, 'json', e::json::loyalty.effect from ours;
select 'other ways', count(*), count(*) filter (where loyalty.effect_send(again.e) <> loyalty.effect_send(ours.e)) as different from again join ours using (c);
do $$ begin assert not exists (select from again join ours using (c) where loyalty.effect_send(again.e) <> loyalty.effect_send(ours.e)), 'bytes differ'; end $$;
-- without an earlier period the answers of welch are the same
do $$ begin assert not exists (select from (select c, loyalty.effect(member, after) as e from customer where before is not null or num_nulls(member, after) > 0 group by c) as x join ours using (c), loyalty.welch(x.e) as two, loyalty.welch(ours.e) as four
	where to_jsonb(two) - 'skipped' <> to_jsonb(four) - 'skipped'), 'the form makes a difference'; end $$;

set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
alter table customer set (parallel_workers = 2);
analyze customer;
create function planned(query text) returns text language plpgsql as $$ declare plan json; begin execute 'explain (format json) ' || query into plan; return plan; end $$;
set max_parallel_workers_per_gather = 0;
select loyalty.effect(member, after, before, c % 7 || coalesce(stratum, '')) as serial from customer \gset
set max_parallel_workers_per_gather = 2;
select planned('select loyalty.effect(member, after, before, stratum) from customer') ~ 'Partial' as partial \gset
select loyalty.effect(member, after, before, c % 7 || coalesce(stratum, ''))::text = :'serial' and :'partial' as same from customer \gset
select 'parallel', :'same';
select case when :'same' then 'ok' else 'serial and parallel differ' end;
