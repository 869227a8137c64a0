-- Purchases under a plain program are answered in one pass (src/standing/plain.c). An activity that no rule knows
-- changes no answer, but sends the same history through the whole fold: both must say the same.

\set ON_ERROR_STOP on
set client_min_messages = warning;
select setseed(0.5 / :seed) \g /dev/null

-- All histories under all programs at all instants: are they as many, and is what is said of them the same with the activity, at that instant?
create procedure pg_temp.compare(histories text, at text, programs text, instants timestamptz[], number bigint) language plpgsql as $$
declare
	differ bigint;
	asked bigint;
begin
	execute format($query$
		select count(*), count(*) filter (where plain is distinct from folded)
		from (select row(loyalty.standing(h, program, asof), loyalty.overdrawn(h, program))::text as plain,
		             row(loyalty.standing(f, program, asof), loyalty.overdrawn(f, program))::text as folded
		      from (select h, loyalty.add(h, loyalty.activity(%s, 'nothing')) as f from %s) as t, %s, unnest($1) as asof
		      offset 0) as both_ways $query$, at, histories, programs) into asked, differ using instants;
	if asked <> number or differ > 0 then
		raise exception '% of % standings differ', differ, asked;
	end if;
end $$;

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

call pg_temp.compare('histories', 'loyalty.first_purchase(h)', 'programs', '{2022-01-01 08:00+00,2024-12-31 23:30+00,2026-03-01 00:00+00,2031-01-01 00:00+00}', 36000);

-- The same with refunds and redemptions (src/standing/traded.c): orders come in the order of their refs, some of them and of
-- their refunds on the days of a leap year that have no like, at the same instants, for the same money.
create temp table traded_programs as
select format('{"program": "p", "timezone": "%s", "decimals": %s, "round": "%s",
                "earn": [{"points": %s, "per": %s}], "multiply": [%s], "expire": [%s]%s%s%s}',
              ('{America/Los_Angeles,Europe/Berlin,Asia/Kolkata}'::text[])[1 + i % 3], i % 3,
              ('{down,half up,up,none}'::text[])[1 + i / 2 % 4],
              ('{1,2,10}'::text[])[1 + i / 3 % 3], ('{1,3,0.07}'::text[])[1 + i / 5 % 3],
              case when i % 11 > 0 then '{"by": {"B": 1.25, "C": 1.5}}' else '' end,
              (array['', '{"kind": "age", "after": "12 months"}', '{"kind": "age", "after": "1 month"}',
                     '{"kind": "age", "after": "6 months", "snap": "month"}', '{"kind": "age", "after": "90 days", "snap": "quarter"}'])[1 + i % 5],
              (array['', ', "redeem": {"minimum": 20, "step": 10}', ', "redeem": {"minimum": 40}',
                     ', "redeem": {"order": "oldest first"}'])[1 + i / 7 % 4],
              (array['', ', "refund": {"short": "forgive"}', ', "refund": {"earned": "recompute"}', '', ', "refund": {"dated": "refund"}',
                     ', "refund": {"earned": "keep"}', '', ', "refund": {"spent": "pro rata"}', ''])[1 + i % 9],
              case when i % 11 > 0 then
                  format(', "tiers": {"window": "%s", "valid": "%s", "rate_at": "%s"%s%s,
                          "levels": [{"name": "A", "at": %s}, {"name": "B", "at": %s}, {"name": "C", "at": %s}]}',
                         ('{calendar year,year from 04-01,year from 02-29}'::text[])[1 + i / 7 % 3],
                         ('{1 year after window,window,forever}'::text[])[1 + i / 2 % 3], ('{before,after}'::text[])[1 + i / 13 % 2],
                         (array['', ', "overhang": "2 months"'])[1 + i / 3 % 2 * (i / 2 % 3 < 2)::int],
                         (array['', ', "downgrade": "never"', '', ', "on_refund": "latch"'])[1 + i / 5 % 4],
                         i / 3 % 2 * 50, 100 + i % 2 * 250, 800 + i / 2 % 2 * 700)
              else '' end
             )::loyalty.program as program
from generate_series(1, 80) as i;

-- instants of which some are like others
create function pg_temp.some_instant(n int) returns timestamptz language sql volatile as $$
	select case when random() < 0.7 then '2021-06-01 00:00+00'::timestamptz + interval '1 second' * floor(random() * 130000000)
	            else (array['2023-12-31 23:00+00', '2024-01-29 09:00+00', '2024-02-28 12:00+00', '2024-03-30 12:00+00']::timestamptz[])[1 + floor(random() * 4)]
	                 + interval '1 hour' * floor(random() * 80) end $$;

create temp table bought as
select n, row_number() over (partition by n order by at, random()) as ref, at, amount
from (select n, pg_temp.some_instant(n) as at, round((random() * random() * 400)::numeric, case when n % 4 = 0 then -1 else 2 end) as amount
      from generate_series(1, 150) as n, generate_series(1, 1 + n % 50)) as orders;

create temp table traded_histories as
select n, loyalty.history(event) as h
from (select n, loyalty.purchase(at, amount, cost => case when n % 3 = 0 then amount / 2 end, quantity => case when random() < 0.2 then 2 end,
                                 tags => case when random() < 0.2 then array['shoes'] end, ref => case when n % 10 > 0 then ref end) as event from bought
      union all
      select n, loyalty.refund(at + random() * random() * interval '1 year' * (random() < 0.9)::int - interval '1 hour' * (random() < 0.05)::int,
                               round((amount * 2 * random())::numeric, 2),
                               quantity => case when random() < 0.2 then 1 end, tags => case when random() < 0.2 then array['hats'] end,
                               ref => ref + (random() < 0.05)::int * 1000)
      from bought, generate_series(1, 2) where random() < 0.2
      union all
      select n, loyalty.refund(at, amount, ref => ref) from bought where random() < 0.1
      union all
      -- the instant at which its points die
      select n, loyalty.refund((at at time zone zone + interval '1 month' * months) at time zone zone, amount, ref => ref)
      from bought, (values ('America/Los_Angeles', 12), ('Europe/Berlin', 1), ('Asia/Kolkata', 12)) as z (zone, months) where random() < 0.05
      union all
      select n, loyalty.redemption(case when random() < 0.1 then at else pg_temp.some_instant(n) end,
                                   (1 + floor(random() * 30) * 10 * (random() < 0.9)::int)::int, ref => case when random() < 0.3 then ref end)
      from bought where random() < 0.25) as events
group by n;

call pg_temp.compare('traded_histories', '''2021-01-01 00:00+00''', 'traded_programs', '{2022-01-01 08:00+00,2024-02-29 10:00+00,2025-03-01 12:00+00,2031-01-01 00:00+00}', 48000);

select 'ok' as ok;
