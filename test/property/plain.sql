-- Purchases under a plain program are answered in one pass (src/standing/plain.c). An activity that no rule knows
-- changes no answer, but sends the same history through the whole fold: both must say the same.

\set ON_ERROR_STOP on
set client_min_messages = warning;
select setseed(0.5 / :seed) \g /dev/null

create temp table programs as
select format('{"program": "p", "timezone": "%s", "decimals": %s, "round": "%s", "scope": "%s",
                "earn": [{"points": %s, "per": %s}], "multiply": [{"by": {"B": 1.25, "C": 1.5}, "stack": "%s"}], "expire": [%s],
                "tiers": {"window": "%s", "valid": "%s", "rate_at": "%s"%s,
                          "levels": [{"name": "A", "at": %s}, {"name": "B", "at": %s}, {"name": "C", "at": %s}]}}',
              ('{America/Los_Angeles,Europe/Berlin,Asia/Kolkata,Pacific/Auckland}'::text[])[1 + i % 4], i % 3,
              ('{down,half up,up,none}'::text[])[1 + i / 2 % 4], ('{order,line}'::text[])[1 + i % 2],
              ('{1,2,0.5,10}'::text[])[1 + i / 3 % 4], ('{1,3,0.07,1.5}'::text[])[1 + i / 5 % 4],
              ('{multiply,max,replace}'::text[])[1 + i % 3],
              (array['', '{"kind": "age", "after": "12 months"}', '{"kind": "age", "after": "6 months", "snap": "month"}',
                     '{"kind": "age", "after": "36 months", "snap": "09-30"}', '{"kind": "age", "after": "90 days", "snap": "quarter"}'])[1 + i % 5],
              ('{calendar year,year from 04-01,year from 02-29}'::text[])[1 + i / 7 % 3],
              ('{1 year after window,window}'::text[])[1 + i / 2 % 2], ('{before,after}'::text[])[1 + i / 13 % 2],
              (array['', ', "overhang": "2 months"'])[1 + i / 3 % 2], i / 3 % 2 * 50, 100 + i % 2 * 250, 800 + i / 2 % 2 * 700
             )::loyalty.program as program
from generate_series(1, 60) as i;

create temp table histories as
select n, loyalty.history(loyalty.purchase(at, amount, ref => case when n % 2 = 0 then ref end)) as h
from (select n, row_number() over (partition by n order by at) as ref, at, amount
      from (select n, '2021-06-01 00:00+00'::timestamptz + interval '1 second' * floor(random() * 130000000) as at,
                   round((random() * random() * 400 - 5)::numeric, case when n % 4 = 0 then -1 else 2 end) as amount
            from generate_series(1, 150) as n, generate_series(1, 1 + n % 40)) as lines) as orders
group by n;

do $$
declare
	differ bigint;
	asked bigint;
begin
	select count(*), count(*) filter (where plain is distinct from folded) into asked, differ
	from (select loyalty.standing(h, program, asof) as plain,
	             loyalty.standing(loyalty.add(h, loyalty.activity(loyalty.first_purchase(h), 'nothing')), program, asof) as folded
	      from histories, programs,
	           (values ('2022-01-01 08:00+00'::timestamptz), ('2024-12-31 23:30+00'), ('2026-03-01 00:00+00'), ('2031-01-01 00:00+00')) as v (asof)
	      offset 0) as both_ways;
	if asked <> 36000 or differ > 0 then
		raise exception '% of % standings differ', differ, asked;
	end if;
end $$;

select 'ok' as ok;
