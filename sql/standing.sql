-- standing: a program folded over a history up to an instant

\pset null 'null'
\i test/error.sql

-- A point for every whole dollar of an order; VIB from 350 in a calendar year, to the end of the next
create temp table program (name text primary key, rules loyalty.program);
insert into program values ('beauty', '{
	"program": "beauty", "timezone": "America/Los_Angeles",
	"earn": [{"points": 1, "per": 1.00}],
	"tiers": {"levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 350}]}
}');

-- Ann buys for 200.00 in March and for 150.00 in June: 350 points, VIB until 2027 begins in Los Angeles
create temp table ann as select loyalty.history(event) as h from (values
	(loyalty.purchase('2025-03-10 09:00-07', 200.00, ref => 1)),
	(loyalty.purchase('2025-06-15 18:00-07', 150.00, ref => 2))) as v(event);
select loyalty.tier(h, rules, '2025-07-01 00:00-07'), loyalty.points(h, rules, '2025-07-01 00:00-07') from ann, program;
\x on
select s.* from ann, program, loyalty.standing(h, rules, '2025-07-01 00:00-07') as s;
-- The day before the second order: Insider from the start, 150 to VIB, no change in sight
select s.* from ann, program, loyalty.standing(h, rules, '2025-06-14 18:00-07') as s;
\x off
-- Time travel is an argument: before anything, at an instant and just before it, next year, after the tier's end, ever
select asof, s.tier, s.tier_since, s.tier_until, s.points, s.qualifying, s.to_next
from ann, program, unnest(array['-infinity', '2025-03-10 09:00-07', '2025-06-15 17:59:59.999999-07', '2025-06-15 18:00-07',
	'2026-12-31 23:59:59-08', '2027-01-01 00:00-08', 'infinity']::timestamptz[]) as asof, loyalty.standing(h, rules, asof) as s;
-- Without asof: now
select loyalty.points(h, rules) = loyalty.points(h, rules, now()) and loyalty.tier(h, rules) = loyalty.tier(h, rules, now()) as now from ann, program;

--
-- Worked cases: given rules and events, what stands there then?
--

-- short for a program in UTC, and for a history
create function pg_temp.rules(text) returns loyalty.program language sql as $$ select ('{"program": "case", "timezone": "UTC", ' || $1 || '}')::loyalty.program $$;
create function pg_temp.events(variadic loyalty.event[]) returns loyalty.history language sql as $$ select loyalty.history(e) from unnest($1) as e $$;

-- given 200.00, then 149.99: a cent short of VIB, 200 + 149 points
select s.tier, s.points, s.to_next from program, loyalty.standing(pg_temp.events(
	loyalty.purchase('2025-03-10', 200.00), loyalty.purchase('2025-06-15', 149.99)), rules, '2025-07-01') as s;
-- given 300.00, then 50.00 at 23:30 on New Year's Eve, which in UTC is next year: it counts for this one
select s.tier, s.tier_until at time zone 'America/Los_Angeles' as until_there, s.qualifying from program, loyalty.standing(pg_temp.events(
	loyalty.purchase('2025-03-10', 300.00), loyalty.purchase('2025-12-31 23:30-08', 50.00)), rules, '2025-12-31 23:59-08') as s;
-- given 300, then 120, and 1.25 points for a VIB: the order that wins the tier is rated before it (300 + 120) or after it (300 + 150)
select rate_at, loyalty.points(pg_temp.events(loyalty.purchase('2025-03-10', 300), loyalty.purchase('2025-06-15', 120)),
	pg_temp.rules(format('"earn": [{"points": 1}], "multiply": [{"by": {"VIB": 1.25}}], "tiers": {"rate_at": "%s",
		"levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 350}]}', rate_at)), '2025-07-01')
from unnest(array['before', 'after']) as rate_at;
-- given an order of three lines of 10.50, which come back one by one: 31, 21, 10, 0
select asof, loyalty.points(pg_temp.events(
	loyalty.purchase('2025-03-01', 10.50, ref => 1, tags => '{a}'), loyalty.purchase('2025-03-01', 10.50, ref => 1, tags => '{b}'), loyalty.purchase('2025-03-01', 10.50, ref => 1, tags => '{c}'),
	loyalty.refund('2025-03-02', 10.50, ref => 1, tags => '{b}'), loyalty.refund('2025-03-03', 10.50, ref => 1, tags => '{a}'), loyalty.refund('2025-03-04', 10.50, ref => 1, tags => '{c}')),
	pg_temp.rules('"earn": [{"points": 1}]'), asof)
from generate_series(timestamptz '2025-03-01', '2025-03-04', '1 day') as asof;
-- given expiry six months after the month of earning: 120 + 100 less 150; the first lot is used up when it dies on August 1, the rest dies on October 1
select asof, s.points, s.expiring, s.expiring_at from unnest(array['2025-07-31', '2025-08-01', '2025-09-30', '2025-10-01']::timestamptz[]) as asof, loyalty.standing(pg_temp.events(
	loyalty.purchase('2025-01-10', 120), loyalty.purchase('2025-03-05', 100), loyalty.redemption('2025-07-20', 150)),
	pg_temp.rules('"earn": [{"points": 1}], "expire": [{"kind": "age", "after": "6 months", "snap": "month"}]'), asof) as s;
-- given 300 points that are spent when their order comes back, then 500 more: -300, then 200; or forgiven
select short, asof, s.points, s.debt from unnest(array['debt', 'forgive']) as short, unnest(array['2025-01-03', '2025-01-04']::timestamptz[]) as asof, loyalty.standing(pg_temp.events(
	loyalty.purchase('2025-01-01', 300, ref => 1), loyalty.redemption('2025-01-02', 300), loyalty.refund('2025-01-03', 300, ref => 1), loyalty.purchase('2025-01-04', 500, ref => 2)),
	pg_temp.rules(format('"earn": [{"points": 1}], "refund": {"short": "%s"}', short)), asof) as s;
-- given two lots of 100, of which the newer one dies first: spending 100 empties that one, or with "oldest first" the other
select ordered, l.* from unnest(array['expiring first', 'oldest first']) as ordered, loyalty.lots(pg_temp.events(
	loyalty.adjustment('2025-01-01', 100, '2027-06-01'), loyalty.adjustment('2025-02-01', 100, '2027-01-01'), loyalty.redemption('2025-03-01', 100)),
	pg_temp.rules(format('"redeem": {"order": "%s"}', ordered)), '2025-03-01') as l;
-- given a hold of 14 days: 40.00 on March 1, half of it back on March 10
select asof, loyalty.points(h, p, asof), loyalty.pending(h, p, asof)
from (select pg_temp.events(loyalty.purchase('2025-03-01', 40.00, ref => 1), loyalty.refund('2025-03-10', 20.00, ref => 1)) as h, pg_temp.rules('"earn": [{"points": 1}], "hold": {"for": "14 days"}') as p) as c,
	unnest(array['2025-03-09', '2025-03-10', '2025-03-14', '2025-03-15']::timestamptz[]) as asof;
-- given 2 % up to 1,250 a year: 1,000, then 400 of which 250 find room, then 200 less of which the cap had swallowed 150: 1,200
select asof, loyalty.points(pg_temp.events(
	loyalty.purchase('2025-01-01', 50000, ref => 1), loyalty.purchase('2025-02-01', 20000, ref => 2), loyalty.refund('2025-03-01', 10000, ref => 2)),
	pg_temp.rules('"earn": [{"points": 2, "per": 100}], "caps": [{"points": 1250, "per": "year"}]'), asof)
from generate_series(timestamptz '2025-01-01', '2025-03-01', '1 month') as asof;
-- given nights that may be won in two ways: 10 nights, or 4 nights and 1,000.00; the highest level met counts, and no number says how far it is
select asof, s.tier, s.qualifying, s.next_tier, s.to_next from unnest(array['2025-01-01', '2025-02-01', '2025-03-01']::timestamptz[]) as asof, loyalty.standing(pg_temp.events(
	loyalty.purchase('2025-01-01', 300, quantity => 3, tags => '{stay}'), loyalty.purchase('2025-02-01', 750, tags => '{spa}'), loyalty.purchase('2025-03-01', 100, quantity => 1, tags => '{stay}')),
	pg_temp.rules('"metrics": {"nights": {"sum": "quantity", "where": {"any": ["stay"]}}},
		"tiers": {"by": "nights", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "needs": [{"nights": 10}, {"nights": 4, "spend": 1000}]}]}'), asof) as s;
-- given a tier by profit: 150 less 60 of cost is not yet 100, an order of 10 more makes it so
select asof, s.tier, s.qualifying, s.to_next from unnest(array['2025-01-01', '2025-02-01']::timestamptz[]) as asof, loyalty.standing(pg_temp.events(
	loyalty.purchase('2025-01-01', 150, cost => 60), loyalty.purchase('2025-02-01', 10)),
	pg_temp.rules('"tiers": {"by": "profit", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 100}]}'), asof) as s;
-- given a tier by hand: Gold from its instant on, until its end
select asof, s.tier, s.tier_since, s.tier_until from unnest(array['2025-01-31', '2025-02-01', '2025-05-01']::timestamptz[]) as asof, loyalty.standing(pg_temp.events(
	loyalty.grant_tier('2025-02-01', 'Gold', '2025-05-01')),
	pg_temp.rules('"tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 100}]}'), asof) as s;
-- given a discount line ten days after the order that won Gold: 95, and Gold stands, for only refunds take a tier; a refund of 1 finds 95, and does not take it either; that of an order of 20, which had made it 114, does
select asof, s.tier, s.tier_until, s.qualifying from unnest(array['2025-01-10', '2025-01-20', '2025-02-01', '2025-03-01', '2025-04-01']::timestamptz[]) as asof, loyalty.standing(pg_temp.events(
	loyalty.purchase('2025-01-10', 100, ref => 1), loyalty.purchase('2025-01-20', -5, ref => 1), loyalty.refund('2025-02-01', 1, ref => 1), loyalty.purchase('2025-03-01', 20, ref => 2), loyalty.refund('2025-04-01', 20, ref => 2)),
	pg_temp.rules('"tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 100}]}'), asof) as s;
-- given 200, of which 100 come back when points are kept, and 50 when they are computed anew: 1,000, 1,000, 750; the rest takes all
select asof, loyalty.points(pg_temp.events(
	loyalty.purchase('2024-06-01', 200, ref => 1), loyalty.refund('2024-07-01', 100, ref => 1), loyalty.refund('2024-08-01', 50, ref => 1), loyalty.refund('2024-09-01', 50, ref => 1)),
	pg_temp.rules('"earn": [{"points": 5}], "refund": [{"earned": "keep", "until": "2024-07-15"}, {"earned": "recompute", "from": "2024-07-15"}]'), asof)
from generate_series(timestamptz '2024-06-01', '2024-09-01', '1 month') as asof;
-- given a basket of 10.00 with a discount line of 5.00, a point for each whole 1.00 and 3 per order, line by line: 10 - 5 + 3
select loyalty.points(pg_temp.events(loyalty.purchase('2025-01-10', 10, ref => 1), loyalty.purchase('2025-01-10', -5, ref => 1)),
	pg_temp.rules('"scope": "line", "earn": [{"points": 1, "steps": true}, {"points": 3, "of": "orders"}]'), '2025-01-10');
-- given an order that has earned nothing when 90 days of inactivity end: a line that joins it later comes too late
select loyalty.points(pg_temp.events(loyalty.purchase('2023-04-30', 0, ref => 1), loyalty.purchase('2024-02-29', 120, ref => 1)),
	pg_temp.rules('"earn": [{"points": 1}], "expire": [{"kind": "inactivity", "after": "90 days"}]'), '2024-03-01');
-- given a cap of 150 a day, an order of 349 and, on another day, a refund of 349 that does not say of what: 150, which is what 349 earn
select loyalty.points(pg_temp.events(loyalty.purchase('2025-01-01', 349, ref => 1), loyalty.refund('2025-02-01', 349)),
	pg_temp.rules('"earn": [{"points": 1}], "caps": [{"points": 150, "per": "day"}]'), '2025-03-01');

--
-- One member's year, in full
--

-- Points are held for a week and die half a year later, at the month's end; Gold (from 100, this year) earns double
insert into program values ('club', '{
	"program": "club", "timezone": "Europe/Berlin",
	"earn": [{"name": "a point per euro", "points": 1, "per": 1}],
	"multiply": [{"name": "Gold doubles", "by": {"Gold": 2}}],
	"bonus": [{"name": "welcome", "on": "joined", "points": 50}, {"on": {"every": 2, "of": "orders"}, "points": 20}],
	"hold": {"for": "7 days"},
	"expire": [{"name": "half a year", "kind": "age", "after": "6 months", "snap": "month"}],
	"redeem": {"minimum": 50, "value": 0.01},
	"tiers": {"valid": "window", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 100}]}
}');
create temp table bob as select loyalty.history(event) as h from (values
	(loyalty.activity('2025-01-02 12:00+00', 'joined')),
	(loyalty.purchase('2025-01-10 12:00+00', 120, ref => 1)),
	(loyalty.purchase('2025-01-12 12:00+00', 30, ref => 2)),
	(loyalty.refund('2025-01-14 12:00+00', 30, ref => 2)),
	(loyalty.redemption('2025-02-01 12:00+00', 100, ref => 'voucher')),
	(loyalty.adjustment('2025-03-01 12:00+00', 25, '2025-03-15 00:00+00', ref => 'goodwill')),
	(loyalty.grant_tier('2025-05-01 12:00+00', 'Platinum'))) as v(event);

-- Welcome: 50.  The first order (120) wins Gold, is itself rated as Base, and held.  The second earns 60 and, as the second, 20;
-- it comes back two days later, and both with it.  120 are released, 100 spent: the 50, which die with them but came first, and 50.
-- A goodwill of 25 ends by itself.  Nobody knows Platinum.  The last 70 die with July, Gold with the year, in Berlin's time.
select t.* from bob, program, loyalty.statement(h, rules, '2026-02-01') as t where name = 'club';
-- Seen from the middle, it ends there; before the first event it is empty
select count(*) from bob, program, loyalty.statement(h, rules, '2025-01-17 11:59:59.999999+00') where name = 'club';
select count(*) from bob, program, loyalty.statement(h, rules, '2025-01-02 11:59:59.999999+00') where name = 'club';

-- Lots on January 13: 50 open, 120, 60 and 20 pending; and in February, when 70 are left
select l.* from bob, program, loyalty.lots(h, rules, '2025-01-13') as l where name = 'club';
select l.* from bob, program, loyalty.lots(h, rules, '2025-02-02') as l where name = 'club';

-- What dies within a month of July 1, of a microsecond before it, within 31 days and within 30, in Berlin; pending points too
select loyalty.expiring(h, rules, '1 month', '2025-07-01 00:00+02') as month, loyalty.expiring(h, rules, '1 month', '2025-06-30 23:59:59.999999+02') as before,
	loyalty.expiring(h, rules, '31 days', '2025-07-01 00:00+02') as days, loyalty.expiring(h, rules, '30 days', '2025-07-01 00:00+02') as fewer,
	loyalty.expiring(h, rules, '1 year', '2025-01-13') as pending, loyalty.expiring(h, rules, '0', '2025-07-01') as nothing,
	loyalty.expiring(h, rules, '100000 years', '2025-02-02') as ever
from bob, program where name = 'club';

-- Liability: 50 and 200 pending at a cent; later 70, of which 80 % are expected to be redeemed
select loyalty.liability(h, rules, '2025-01-13') as january, loyalty.liability(h, rules, '2025-02-02') as february, loyalty.liability(h, rules, '2025-02-02', 0.8) as expected,
	loyalty.liability(h, rules, '2025-02-02', share => 0) as none, loyalty.liability(h, rules, '2026-01-01') as later
from bob, program where name = 'club';
-- where points have no value it is unknown; who owes points is no liability
select loyalty.liability(h, rules) from ann, program where name = 'beauty';
select loyalty.liability(pg_temp.events(loyalty.redemption('2025-01-01', 100)), rules) from program where name = 'club';

-- Did Bob ever spend what was not there?  Where one needs 50 to spend any, in twenties: 40 or 60 of 60 may be spent, nothing else
select loyalty.overdrawn(h, rules) from bob, program where name = 'club';
select had, spent, loyalty.overdrawn(pg_temp.events(loyalty.adjustment('2025-01-01', had), loyalty.redemption('2025-01-02', spent)), pg_temp.rules('"redeem": {"minimum": 50, "step": 20}'))
from (values (60, 40), (60, 50), (49, 40), (60, 60), (60, 80)) as v(had, spent);
-- the whole history is looked at, the future too; until() asks about the past
select loyalty.overdrawn(h, p), loyalty.overdrawn(loyalty.until(h, '2999-01-01'), p) as until_then
from (select pg_temp.events(loyalty.redemption('3000-01-01', 1)) as h, pg_temp.rules('"redeem": {"step": 1}') as p) as c;

-- The answers need not be asked for one by one
select (s.points, s.pending, s.tier) = (loyalty.points(h, rules, asof), loyalty.pending(h, rules, asof), loyalty.tier(h, rules, asof)) as same, count(*)
from bob, program, generate_series(timestamptz '2025-01-01', '2026-02-01', '1 week') as asof, loyalty.standing(h, rules, asof) as s group by 1;

--
-- What if?  Several programs over the same histories
--

create temp table customer_event as select v.* from (values
	(1, loyalty.purchase('2025-03-10', 200.00, ref => 1)), (1, loyalty.purchase('2025-06-15', 150.00, ref => 2)),
	(2, loyalty.purchase('2025-05-01', 1000.00, ref => 3)), (2, loyalty.purchase('2025-07-01', 100.00, ref => 4)),
	(3, loyalty.purchase('2025-08-01', 349.99, ref => 5))) as v(customer_id, event);
create temp table kept as select customer_id, loyalty.history(event) as h from customer_event group by customer_id;
insert into program values
('today', '{"program": "today", "timezone": "America/Los_Angeles", "earn": [{"points": 1}], "redeem": {"value": 0.02},
	"tiers": {"levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 350}, {"name": "Rouge", "at": 1000}]}}'),
('candidate', '{"program": "candidate", "timezone": "America/Los_Angeles", "earn": [{"points": 1}], "multiply": [{"by": {"VIB": 1.5, "Rouge": 2}}], "redeem": {"value": 0.015},
	"tiers": {"levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 300}, {"name": "Rouge", "at": 1000}]}}');

-- 350 + 1100 + 349 today; the candidate gives the second order of customer 2 double (1200), and makes customer 3 a VIB
select name, sum(s.lifetime_points) as issued, count(*) filter (where s.tier = 'Insider') as insider, count(*) filter (where s.tier = 'VIB') as vib,
	count(*) filter (where s.tier = 'Rouge') as rouge, sum(loyalty.liability(h, rules, '2025-12-31')) as liability
from kept, program, loyalty.standing(h, rules, '2025-12-31') as s where name in ('today', 'candidate') group by name order by name desc;
-- and who would notice?
select customer_id, a.tier, b.tier as candidate, b.points - a.points as more
from kept, program as t, program as c, loyalty.standing(h, t.rules, '2025-12-31') as a, loyalty.standing(h, c.rules, '2025-12-31') as b
where t.name = 'today' and c.name = 'candidate' and (a.tier, a.points) <> (b.tier, b.points) order by customer_id;

-- Programs that change with every row, more of them than a call keeps: each is followed
create temp table many as select n, format('{"program": "many", "timezone": "%s", "earn": [{"points": %s}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Won in %s", "at": 1}]}}',
	zone, n, n)::loyalty.program as rules, zone
from (select n, (array['UTC', 'Asia/Kolkata', 'Asia/Tokyo', 'Europe/Berlin', 'America/New_York', 'America/Los_Angeles', 'Australia/Lord_Howe', 'Pacific/Auckland',
	'America/St_Johns', 'Africa/Cairo', 'Asia/Kathmandu', 'Pacific/Apia'])[1 + n % 12] as zone from generate_series(1, 40) as n) as z;
select count(*), count(*) filter (where s.points = 100 * n and s.tier = 'Won in ' || n and s.tier_until = timestamp '2026-01-01' at time zone zone) as right
from many, generate_series(1, 3) as again, loyalty.standing(pg_temp.events(loyalty.purchase('2024-06-01', 100)), rules, '2024-07-01') as s;
select count(*), count(*) filter (where loyalty.points(h, rules, '2024-07-01') = 100 * n) as right
from (select pg_temp.events(loyalty.purchase('2024-06-01', 100)) as h) as c, (select n, rules from many, generate_series(1, 3) as again order by again, hashint4(n)) as m;

-- Programs too large for their row: compressed, and out of line
create temp table large as select ('{"program": "large", "timezone": "UTC", "earn": [' ||
	string_agg(format('{"name": "%s", "points": 1, "where": {"any": ["%s"]}}', repeat(md5(n::text), 3), md5(n::text)), ', ') || ']}')::loyalty.program as rules
from generate_series(1, 60) as n;
create temp table out_of_line (rules loyalty.program);
alter table out_of_line alter rules set storage external;
insert into out_of_line select rules::text::loyalty.program from large;
create temp table compressed (rules loyalty.program);
alter table compressed alter rules set storage main;
insert into compressed select rules from large;
select pg_relation_size(reltoastrelid) > 10000 as out_of_line from pg_class where oid = 'out_of_line'::regclass;
select pg_column_compression(rules) is not null as compressed from compressed;
select loyalty.points(h, o.rules, '2026-01-01') as out_of_line, loyalty.points(h, c.rules, '2026-01-01') as compressed, (select count(*) from loyalty.statement(h, o.rules, '2026-01-01')) as rows
from (select pg_temp.events(loyalty.purchase('2025-01-01', 7, tags => array[md5('60')]), loyalty.purchase('2025-01-01', 9, tags => '{other}'))) as e(h), out_of_line as o, compressed as c;

-- Histories too
create temp table long_history (h loyalty.history);
alter table long_history alter h set storage external;
insert into long_history select loyalty.history(loyalty.purchase(timestamptz '2020-01-01' + n * interval '7 hours 1 second', n % 97 + 0.25, ref => md5(n::text))) from generate_series(1, 5000) as n;
select pg_relation_size(reltoastrelid) > 10000 as out_of_line from pg_class where oid = 'long_history'::regclass;
-- whole points of every order: sum of n % 97
select loyalty.points(h, rules, '2026-01-01') = (select sum(n % 97) from generate_series(1, 5000) as n) as all_of_them from long_history, program where name = 'beauty';

--
-- A view for reports touches the rows of the customer that is asked for
--

create temp table shop_event as select n % 1000 as customer_id, loyalty.purchase(timestamptz '2025-06-01' + n * interval '1 minute', 10, ref => n) as event from generate_series(1, 5000) as n;
create index on shop_event (customer_id);
analyze shop_event;
create temp view customer as
select customer_id, s.*, loyalty.liability(h, rules, '2026-01-01') as liability
from (select customer_id, loyalty.history(event) as h from shop_event group by customer_id) as c, program, loyalty.standing(h, rules, '2026-01-01') as s
where name = 'today';
select customer_id, tier, points, to_next, liability from customer where customer_id = 42;
-- five rows were read, by the index
create function pg_temp.rows_read(query text, relation text) returns table (node text, rows numeric) language plpgsql as $$
declare
	plan jsonb;
begin
	execute 'explain (analyze, format json, costs off, timing off, summary off) ' || query into plan;
	return query select n ->> 'Node Type', (n ->> 'Actual Rows')::numeric + coalesce((n ->> 'Rows Removed by Filter')::numeric, 0)
		from jsonb_path_query(plan, 'strict $.**') as n where n ->> 'Relation Name' = relation;
end $$;
select node ~ 'Index|Bitmap' as index, rows::int from pg_temp.rows_read('select * from customer where customer_id = 42', 'shop_event');
-- its columns are plain types
select string_agg(format('%s %s', attname, format_type(atttypid, atttypmod)), ', ' order by attnum) from pg_attribute where attrelid = 'customer'::regclass and attnum > 0;

-- Money may have more: a lifetime of 20 x 999,999,999,999.99
select s.tier, s.qualifying from loyalty.standing((select loyalty.history(loyalty.purchase(timestamptz '2025-01-01' + n * interval '1 day', 999999999999.99)) from generate_series(1, 20) as n),
	pg_temp.rules('"tiers": {"window": "lifetime", "levels": [{"name": "Base", "at": 0}]}'), '2026-01-01') as s;

-- Promises, use and money lent are not seen: not by points, tiers and their years, nor by what inactivity ends
select standing.* from (values ('without', null::loyalty.history), ('with', pg_temp.events(
		loyalty.subscription('2024-01-01', 9.99, plan => 'plus', ref => 1), loyalty.usage('2024-02-01', 'calls', 100), loyalty.advance('2025-03-01', 500, ref => 'L'),
		loyalty.repayment('2025-03-10', 500, ref => 'L'), loyalty.subscription('2025-03-10', 0, until => '2025-03-10', ref => 1), loyalty.usage('2025-04-01', 'calls')))) as v(seen, more),
	lateral (select seen, s.*, loyalty.overdrawn(h, p), loyalty.expiring(h, p, '1 year', '2025-05-01') as within_a_year from (select loyalty.merge(coalesce(more, '[]'), pg_temp.events(
		loyalty.purchase('2025-03-10', 120, ref => 1), loyalty.redemption('2025-03-20', 30))) as h, pg_temp.rules('"earn": [{"points": 1}],
		"expire": [{"kind": "inactivity", "after": "3 months"}], "tiers": {"window": "membership year", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 100}]}') as p) as c,
		loyalty.standing(h, p, '2025-05-01') as s) as standing;
-- But where a rule says so a subscription ends inactivity, and it comes before what the clock does in its instant
select begins, loyalty.points(pg_temp.events(loyalty.purchase('2025-01-01', 100), loyalty.subscription(begins, 10)), p, '2025-05-01') as points,
	loyalty.points(pg_temp.events(loyalty.purchase('2025-01-01', 100), loyalty.activity(begins, 'visit')), p, '2025-05-01') as "by an activity"
from unnest(array['2025-03-31 23:59', '2025-04-01', '2025-04-01 00:00:00.000001']::timestamptz[]) as begins,
	pg_temp.rules('"earn": [{"points": 1}], "expire": [{"kind": "inactivity", "after": "3 months", "resets_by": ["purchase", "subscription", "visit"]}]') as p;

--
-- Nothing
--

-- No history, no program, no instant, no interval, no share: no answer
select loyalty.points(null, rules, '2026-01-01') as h, loyalty.points(h, null, '2026-01-01') as program, loyalty.points(h, rules, null) as asof,
	loyalty.pending(null, rules) as pending, loyalty.tier(null, rules) as tier, loyalty.overdrawn(null, rules) as overdrawn, loyalty.liability(null, rules) as liability,
	loyalty.liability(h, rules, '2026-01-01', null) as share, loyalty.expiring(h, rules, null) as within, loyalty.expiring(null, rules, '1 day') as expiring
from ann, program where name = 'today';
select 'standing' as of, count(s.points) from ann, program, loyalty.standing(h, rules, null) as s
union all select 'lots', count(*) from ann, program, loyalty.lots(h, null) union all select 'statement', count(*) from program, loyalty.statement(null, rules);
-- A history without events: nothing earned, the tier that is held from the start
\x on
select s.*, loyalty.liability('[]', rules) as liability, loyalty.overdrawn('[]', rules) as overdrawn, loyalty.expiring('[]', rules, '1 year') as expiring_within
from program, loyalty.standing('[]', rules, '2026-01-01') as s where name = 'today';
-- A program without rules: nothing
select s.*, loyalty.expiring(h, pg_temp.rules('"earn": []'), '1 year') as expiring_within from ann, loyalty.standing(h, pg_temp.rules('"earn": []'), '2026-01-01') as s;
\x off
select count(*) from program, loyalty.lots('[]', rules);
select count(*) from program, loyalty.statement('[]', rules, 'infinity') where name <> 'club';

--
-- Errors
--

call pg_temp.error($$ select loyalty.expiring('[]', rules, '-1 day') from program $$);
call pg_temp.error($$ select loyalty.expiring('[]', rules, '1 month -1 day') from program $$);
call pg_temp.error($$ select loyalty.liability('[]', rules, now(), -0.01) from program $$);
call pg_temp.error($$ select loyalty.liability('[]', rules, now(), 1.01) from program $$);
call pg_temp.error($$ select loyalty.liability('[]', rules, now(), 'NaN') from program $$);
call pg_temp.error($$ select loyalty.liability('[]', rules, now(), 0.0000001) from program $$);
-- more points than 12 digits
call pg_temp.error($$ select loyalty.points(pg_temp.events(loyalty.adjustment('2025-01-01', 999999999999), loyalty.adjustment('2025-01-02', 1)), pg_temp.rules('"earn": []')) $$);
call pg_temp.error($$ select loyalty.points(pg_temp.events(loyalty.purchase('2025-01-01', 999999999999)), pg_temp.rules('"earn": [{"points": 2}]')) $$);
call pg_temp.error($$ select loyalty.points('[]', '{"program": "p"}') $$);
call pg_temp.error($$ select loyalty.points('x', '{"program": "p", "timezone": "UTC"}') $$);

-- Lots under `freeze` that end where clocks skip an hour, with and without a suspension of ten days: each ends when
-- PostgreSQL's own AT TIME ZONE says, and the first to end is spent first, of several the one earned first. Zones that
-- skip an hour of the night, midnight, or the hour before; earned where the clock shows an hour twice, too.
WITH term (tz, skipped, tier, after, earned) AS (
	SELECT tz, skipped, tier, '1 day', (skipped - interval '40 minutes' - CASE WHEN tier THEN interval '11 days' ELSE '1 day' END) AT TIME ZONE tz
	FROM (VALUES ('America/New_York', timestamp '2024-03-10 02:00'), ('Africa/Cairo', '2024-04-26 00:00'), ('America/Nuuk', '2024-03-30 23:00'), ('Australia/Lord_Howe', '2024-10-06 02:00')) zone (tz, skipped),
		unnest(ARRAY[false, true]) tier
	UNION ALL
	VALUES ('America/New_York', timestamp '2024-03-10 02:00', false, '4 months 5 days', timestamptz '2023-11-05 05:10+00'), ('America/New_York', '2024-03-10 02:00', true, '3 months 24 days', '2023-11-05 05:10+00')),
member AS (SELECT row_number() OVER () AS member, * FROM term, unnest(ARRAY['none', '03-10', '03-31', '04-26']) snap),
lot AS (
	SELECT member, i, at, CASE WHEN snap = 'none' THEN due
		ELSE (SELECT min(s) FROM (SELECT (year || snap)::timestamp AT TIME ZONE tz FROM unnest(ARRAY['2024-', '2025-']) year) x (s) WHERE s >= due) END AS ends
	FROM member, generate_series(0, 17) i, LATERAL (SELECT earned + i * 7 % 18 * interval '10 minutes') e (at),
		LATERAL (SELECT (at AT TIME ZONE tz + after::interval + CASE WHEN tier THEN interval '10 days' ELSE '0' END) AT TIME ZONE tz) d (due)),
asked AS (
	SELECT m.member, asof, CASE WHEN tier THEN loyalty.add(h, loyalty.grant_tier((skipped - interval '10 days 12 hours') AT TIME ZONE tz, 'Gold', (skipped - interval '12 hours') AT TIME ZONE tz)) ELSE h END AS h,
		format('{"program": "p", "timezone": "%s", "earn": [{"points": 1}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 1e9}]},
			"redeem": {"value": 0.01, "order": "expiring first"}, "expire": [{"after": "%s", "snap": "%s", "suspend": {"tiers": ["Gold"], "resume": "freeze"}}]}', tz, after, snap)::loyalty.program AS rules,
		(SELECT coalesce(sum(2 << i), 0) FROM lot l WHERE l.member = m.member AND ends > asof) AS points,
		(SELECT i::text FROM lot l WHERE l.member = m.member AND ends > asof ORDER BY ends, at LIMIT 1) AS first
	FROM member m JOIN (SELECT member, loyalty.history(loyalty.purchase(at, 2 << i, ref => i::text)) AS h FROM lot GROUP BY member) x ON x.member = m.member,
		LATERAL (SELECT (skipped AT TIME ZONE tz) + n * interval '10 minutes' FROM generate_series(-12, 18) n UNION ALL SELECT '2024-12-31' UNION ALL SELECT skipped AT TIME ZONE tz - interval '13 hours') a (asof))
SELECT count(*), count(*) FILTER (WHERE points > 0) AS with_points, count(*) FILTER (WHERE loyalty.points(h, rules, asof) <> points) AS other_points,
	count(*) FILTER (WHERE first IS DISTINCT FROM (SELECT ref FROM loyalty.lots(loyalty.add(h, loyalty.redemption(asof, 1)), rules, asof) WHERE remaining < earned)) AS other_first
FROM asked;
