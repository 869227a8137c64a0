-- club: paid plans, conditions, milestones of a year, vouchers and benefits
--
-- Given rules and events, what stands there then?

\pset null 'null'
\i test/error.sql
-- short for a program in UTC, and for a history
create function pg_temp.rules(text) returns loyalty.program language sql as $$ select ('{"program": "case", "timezone": "UTC", ' || $1 || '}')::loyalty.program $$;
create function pg_temp.events(variadic loyalty.event[]) returns loyalty.history language sql as $$ select loyalty.history(e) from unnest($1) as e $$;

--
-- Plans
--

-- given a free trial to July 15, 10:00, and a paid month from then on: one run without a gap; where trials do not count, it begins with the paid month
select trial, asof, p.* from unnest(array['true', 'false']) as trial, unnest(array['2025-07-10', '2025-07-15 09:59:59', '2025-07-15 10:00', '2025-08-15 10:00']::timestamptz[]) as asof,
	loyalty.plans(pg_temp.events(
		loyalty.subscription('2025-07-01 10:00', 0, '1 month', plan => 'prime', until => '2025-07-15 10:00', ref => 's1'),
		loyalty.subscription('2025-07-15 10:00', 9.99, '1 month', plan => 'prime', until => '2025-08-15 10:00', ref => 's1')),
		pg_temp.rules(format('"plans": {"prime": {"trial": %s}}', trial)), asof) as p
order by trial desc, asof;
-- given seven days of grace: a year that runs out unpaid is held until July 8, the last week by grace alone
create temp table year_paid as select
	pg_temp.events(loyalty.subscription('2024-07-01', 99, '1 year', plan => 'plus', until => '2025-07-01', ref => 1)) as h,
	pg_temp.events(loyalty.subscription('2024-07-01', 99, '1 year', plan => 'plus', ref => 1), loyalty.subscription('2025-05-10', 99, '1 year', plan => 'plus', until => '2025-05-10', ref => 1)) as cancelled,
	pg_temp.rules('"plans": {"plus": {"grace": "7 days"}}, "tiers": {"levels": [{"name": "Basic", "at": 0}, {"name": "Silver", "at": 500}, {"name": "Plus", "plan": "plus"}]}') as p;
select asof, p.* from year_paid, unnest(array['2025-06-30', '2025-07-01', '2025-07-07 23:59', '2025-07-08']::timestamptz[]) as asof, loyalty.plans(h, p, asof) as p;
-- cancelled at once on May 10: over then, without grace
select asof, p.* from year_paid, unnest(array['2025-05-09', '2025-05-10']::timestamptz[]) as asof, loyalty.plans(cancelled, p, asof) as p;
-- a renewal in the grace begins a time that touches it; two subscriptions add up; a plan by several names; what has a minus, another name or no name is none
select asof, p.* from unnest(array['2025-02-01', '2025-03-10', '2025-06-01', '2025-07-01']::timestamptz[]) as asof, loyalty.plans(pg_temp.events(
		loyalty.subscription('2025-01-01', 10, '1 month', plan => 'plus monthly', until => '2025-02-01', ref => 1),
		loyalty.subscription('2025-02-05', 10, '1 month', plan => 'plus monthly', until => '2025-03-05', ref => 1),
		loyalty.subscription('2025-03-01', 5, '1 month', plan => 'plus yearly', until => '2025-06-01', ref => 2),
		loyalty.subscription('2025-01-01', -5, '1 month', plan => 'travel'), loyalty.subscription('2025-01-01', 5, '1 month', plan => 'Plus monthly'), loyalty.subscription('2025-01-01', 5, '1 month')),
	pg_temp.rules('"plans": {"travel": {}, "plus": {"any": ["plus yearly", "plus monthly"], "grace": "7 days"}}'), asof) as p;
-- given a change of the plan by its next event, which no grace follows
select asof, p.* from unnest(array['2025-01-31', '2025-02-01']::timestamptz[]) as asof, loyalty.plans(pg_temp.events(
		loyalty.subscription('2025-01-01', 10, '1 month', plan => 'plus', ref => 1), loyalty.subscription('2025-02-01', 20, '1 month', plan => 'travel', ref => 1)),
	pg_temp.rules('"plans": {"plus": {"grace": "7 days"}, "travel": {}}'), asof) as p;

-- A tier by a plan: from, until, and what is earned takes over; not a number to reach
select asof, s.tier, s.tier_since, s.tier_until, s.next_tier, s.to_next from year_paid, unnest(array['2024-06-01', '2024-07-01', '2025-07-07', '2025-07-08']::timestamptz[]) as asof, loyalty.standing(h, p, asof) as s;
select t.* from year_paid, loyalty.statement(loyalty.add(cancelled, loyalty.purchase('2025-03-01', 600)), p, '2026-12-31') as t;
-- not longer than the version that says so, which the next one may say again
select asof, s.tier, s.tier_since, s.tier_until from unnest(array['2025-01-01', '2025-07-01', '2026-07-01']::timestamptz[]) as asof, loyalty.standing(
	pg_temp.events(loyalty.subscription('2025-01-01', 10, '1 month', plan => 'plus')),
	pg_temp.rules('"plans": {"plus": {}}, "tiers": [{"until": "2025-06-01", "levels": [{"name": "Plus", "plan": "plus"}]},
		{"from": "2025-06-01", "until": "2026-01-01", "levels": [{"name": "Basic", "at": 0}, {"name": "Plus", "at": 5, "plan": "plus"}]},
		{"from": "2026-01-01", "levels": [{"name": "Basic", "at": 0}, {"name": "Plus", "at": 5}]}]'), asof) as s;
-- given a renewal at the end of a term: subscriptions come before all else in their instant, so there is no gap, and an order of that instant has the plan
select t.at, t.entry, t.points, t.tier from loyalty.statement(pg_temp.events(
		loyalty.subscription('2025-01-01', 10, '1 month', plan => 'plus', until => '2025-02-01', ref => 1), loyalty.subscription('2025-02-01', 10, '1 month', plan => 'plus', until => '2025-03-01', ref => 1),
		loyalty.purchase('2025-02-01', 100, ref => 2), loyalty.purchase('2025-03-01', 100, ref => 3)),
	pg_temp.rules('"plans": {"plus": {}}, "earn": [{"points": 1}, {"points": 1, "plan": "plus"}], "expire": [{"kind": "plan end", "plan": "plus"}],
		"tiers": {"levels": [{"name": "Basic", "at": 0}, {"name": "Plus", "plan": "plus"}]}'), '2025-04-01') as t;

-- A plan's end: the balance dies with it, grace included; points earned before it began, or after it ended, die with the next end
create temp table ends as select pg_temp.events(
	loyalty.purchase('2025-01-01', 1), loyalty.subscription('2025-02-01', 10, '1 month', plan => 'plus', until => '2025-03-01'), loyalty.purchase('2025-02-10', 10),
	loyalty.purchase('2025-03-10', 100), loyalty.subscription('2025-04-01', 10, '1 month', plan => 'plus', until => '2025-05-01'), loyalty.purchase('2025-04-10', 1000)) as h;
select snap, asof, loyalty.points(h, p, asof), (select string_agg(concat(remaining, ' to ', to_char(expires_at at time zone 'UTC', 'MM-DD')), ', ' order by earned_at) from loyalty.lots(h, p, asof)) as lots
from ends, unnest(array['none', 'quarter', 'year']) as snap, pg_temp.rules(format('"plans": {"plus": {}}, "earn": [{"points": 1}], "expire": [{"kind": "plan end", "plan": "plus", "snap": "%s"}]', snap)) as p,
	unnest(array['2025-01-15', '2025-02-15', '2025-03-01', '2025-03-15', '2025-04-01', '2025-04-15', '2025-05-01']::timestamptz[]) as asof;
-- given that it is paid on, or cancelled at once
select asof, loyalty.points(loyalty.add(h, loyalty.subscription('2025-04-20', 10, '1 month', plan => 'plus', until => '2025-06-01')), p, asof) as paid_on, loyalty.points(pg_temp.events(
	loyalty.subscription('2025-04-01', 10, '1 month', plan => 'plus', ref => 1), loyalty.purchase('2025-04-10', 1000), loyalty.subscription('2025-04-20', 10, '1 month', plan => 'plus', until => '2025-04-20', ref => 1)), p, asof) as cancelled
from ends, pg_temp.rules('"plans": {"plus": {}}, "earn": [{"points": 1}], "expire": [{"kind": "plan end", "plan": "plus"}]') as p, unnest(array['2025-04-19', '2025-04-20', '2025-05-01', '2025-06-01']::timestamptz[]) as asof;

-- given a paid week that ends as a free one of the same subscription begins, which is no plan here: the plan has ended, and points earned after it do not die with it
select asof, loyalty.points(h, p, asof), (select expires_at from loyalty.lots(h, p, asof)) from pg_temp.events(loyalty.subscription('2025-01-01', 10, '1 month', plan => 'plus', until => '2025-02-01', ref => 's'), loyalty.purchase('2025-01-10', 10),
		loyalty.subscription('2025-02-01', 0, '1 month', plan => 'plus', until => '2025-02-08', ref => 's'), loyalty.purchase('2025-03-01', 100)) as h,
	pg_temp.rules('"plans": {"plus": {"trial": false}}, "earn": [{"points": 1}], "expire": [{"kind": "plan end", "plan": "plus"}]') as p, unnest(array['2025-01-31', '2025-02-01', '2025-03-01']::timestamptz[]) as asof;

-- given points that die with any of two plans, of which the second goes on where the first ends, and a line that joins their order later: they die together, as both have ended
select remaining, expires_at from loyalty.lots(pg_temp.events(
		loyalty.subscription('2025-01-01', 10, '1 month', plan => 'plus', until => '2025-01-05', ref => 1), loyalty.purchase('2025-01-02', 10, ref => 1),
		loyalty.subscription('2025-01-04', 10, '1 month', plan => 'pro', until => '2025-02-04', ref => 2), loyalty.purchase('2025-01-10', 7, ref => 1)),
	pg_temp.rules('"plans": {"plus": {}, "pro": {}}, "earn": [{"points": 1}], "expire": [{"kind": "plan end", "plan": ["plus", "pro"]}]'), '2025-01-12');

-- Points do not expire while a plan is held
select resume, asof, loyalty.points(h, p, asof), (select expires_at from loyalty.lots(h, p, asof) limit 1)
from unnest(array['restart', 'original', 'freeze']) as resume, pg_temp.events(loyalty.purchase('2025-01-01', 10),
		loyalty.subscription('2025-02-01', 10, '1 month', plan => 'plus', until => '2025-05-01')) as h,
	pg_temp.rules(format('"plans": {"plus": {}}, "earn": [{"points": 1}], "expire": [{"kind": "age", "after": "2 months", "suspend": {"plans": ["plus"], "resume": "%s"}}]', resume)) as p,
	unnest(array['2025-01-15', '2025-02-15', '2025-05-01', '2025-06-01']::timestamptz[]) as asof;
-- given a line that joins an old order and brings it under a rule by which it was due before the plan suspended it: due now
select t.at, t.entry, t.points, t.balance from loyalty.statement(pg_temp.events(loyalty.purchase('2024-02-10', 150, ref => 1, tags => '{c}'), loyalty.subscription('2024-12-01', 10, '1 month', plan => 'plus', until => '2024-12-31'), loyalty.purchase('2025-02-01', 50, ref => 1, tags => '{a}')),
	pg_temp.rules('"plans": {"plus": {}}, "earn": [{"points": 1}], "expire": [{"kind": "period end", "period": "03-31", "where": {"any": ["a"]}, "suspend": {"plans": ["plus"]}}]'), '2026-12-31') as t;
-- given a plan that begins at the very end of the points: it is too late for them, as a tier is
select resume, string_agg(concat(to_char(asof, 'MM-DD'), ' ', loyalty.points(h, p, asof)), ', ' order by asof) as points
from unnest(array['restart', 'original', 'freeze']) as resume, pg_temp.events(loyalty.purchase('2025-01-01', 10), loyalty.subscription('2025-03-01', 10, '1 month', plan => 'plus', until => '2025-05-01')) as h,
	pg_temp.rules(format('"plans": {"plus": {}}, "earn": [{"points": 1}], "expire": [{"kind": "age", "after": "2 months", "suspend": {"plans": ["plus"], "resume": "%s"}}]', resume)) as p,
	unnest(array['2025-02-28', '2025-03-01', '2025-04-30', '2025-05-01', '2025-06-30', '2025-07-01']::timestamptz[]) as asof group by resume order by resume desc;

--
-- Conditions
--

-- given 20 % for twelve months from joining, held for 30 days: 49.99 at once, a minute before and at the end of the year
select asof, loyalty.points(h, p, asof) as due, loyalty.pending(h, p, asof) from pg_temp.events(
		loyalty.activity('2025-01-31 12:00', 'joined'), loyalty.purchase('2025-01-31 12:00', 49.99, ref => 1), loyalty.purchase('2026-01-31 11:59', 49.99, ref => 2), loyalty.purchase('2026-01-31 12:00', 49.99, ref => 3)) as h,
	pg_temp.rules('"decimals": 2, "round": "half up", "earn": [{"points": 0.2, "within": {"after": "joined", "for": "12 months"}}], "hold": {"for": "30 days"}') as p,
	unnest(array['2025-03-02 11:59', '2025-03-02 12:00', '2027-01-01']::timestamptz[]) as asof;
-- given 10 % of the first three orders: 100, 50, 30, 500; then the 50 come back, and the place stays taken
select asof, loyalty.points(pg_temp.events(
		loyalty.purchase('2025-01-01', 100, ref => 1), loyalty.purchase('2025-01-02', 50, ref => 2), loyalty.purchase('2025-01-03', 30, ref => 3), loyalty.purchase('2025-01-04', 500, ref => 4), loyalty.refund('2025-01-05', 50, ref => 2)),
	pg_temp.rules('"earn": [{"points": 0.1, "first": 3}]'), asof)
from unnest(array['2025-01-04', '2025-01-05']::timestamptz[]) as asof;
-- a refund without ref is no order; a line that comes later belongs to its order; the factor of the first order
select asof, loyalty.points(pg_temp.events(
		loyalty.refund('2025-01-01', 5), loyalty.purchase('2025-01-02', 10, ref => 1), loyalty.purchase('2025-01-03', 10, ref => 2), loyalty.purchase('2025-01-04', 10, ref => 1), loyalty.refund('2025-01-05', 5)),
	pg_temp.rules('"earn": [{"points": 1}], "multiply": [{"by": 3, "first": 1}]'), asof)
from generate_series(timestamptz '2025-01-01', '2025-01-05', '1 day') as asof;
-- given double points for 30 days from the last birthday, first purchase's week tripled
select asof, loyalty.points(h, p, asof) - coalesce(lag(loyalty.points(h, p, asof)) over (order by asof), 0) as earned from pg_temp.events(
		loyalty.purchase('2024-03-01', 10), loyalty.activity('2024-03-10', 'birthday'), loyalty.purchase('2024-03-10', 10), loyalty.purchase('2024-04-08 23:59', 10), loyalty.purchase('2024-04-09', 10),
		loyalty.activity('2025-03-10', 'birthday'), loyalty.purchase('2025-03-11', 10)) as h,
	pg_temp.rules('"earn": [{"points": 1}], "multiply": [{"by": 2, "within": {"after": "birthday", "for": "30 days"}}, {"by": 3, "within": {"after": "first purchase", "for": "1 week"}}]') as p,
	unnest(array['2024-03-01', '2024-03-10', '2024-04-08 23:59', '2024-04-09', '2025-03-11']::timestamptz[]) as asof;
-- in one instant things come in their order: a review before the first purchase of its instant is not after it
select t.at, t.points from loyalty.statement(pg_temp.events(loyalty.activity('2025-01-01', 'review'), loyalty.purchase('2025-01-01', 1), loyalty.activity('2025-01-02', 'review'), loyalty.activity('2025-01-03', 'review')),
	pg_temp.rules('"bonus": [{"on": "review", "points": 5, "within": {"after": "first purchase", "for": "2 days"}}]'), '2025-04-01') as t;
-- given a rate for the plan: an order keeps it whatever comes, for refunds, later lines and the metric points too
select asof, s.points, s.qualifying from unnest(array['2025-01-15', '2025-02-15', '2025-03-01', '2025-03-02']::timestamptz[]) as asof, loyalty.standing(pg_temp.events(
		loyalty.subscription('2025-01-01', 10, '1 month', plan => 'plus', until => '2025-02-01'), loyalty.purchase('2025-01-10', 100, ref => 1), loyalty.purchase('2025-02-10', 100, ref => 2),
		loyalty.refund('2025-03-01', 50, ref => 1), loyalty.purchase('2025-03-02', 10, ref => 1)),
	pg_temp.rules('"plans": {"plus": {}}, "earn": [{"points": 1}, {"points": 2, "plan": "plus"}], "tiers": {"by": "points", "levels": [{"name": "Gold", "at": 1000}]}'), asof) as s;
-- bonuses look at their own instant, that of the first purchase at its order's date
select t.at, t.entry, t.points, t.rule from loyalty.statement(pg_temp.events(
		loyalty.activity('2025-01-01', 'review'), loyalty.subscription('2025-01-02', 10, '1 month', plan => 'plus', until => '2025-02-01'), loyalty.activity('2025-01-03', 'review'), loyalty.purchase('2025-01-04', 1), loyalty.purchase('2025-02-04', 1), loyalty.purchase('2025-02-05', 1)),
	pg_temp.rules('"plans": {"plus": {}}, "bonus": [{"name": "review", "on": "review", "points": 5, "plan": "plus"}, {"name": "first", "on": "first purchase", "points": 7, "plan": "plus", "within": {"after": "review", "for": "2 days"}}, {"name": "second", "on": {"every": 1, "of": "orders"}, "points": 1, "plan": "plus"}]'), '2025-04-01') as t;

--
-- Milestones in a window, weeks, membership years
--

-- given 10,000 at 40 nights of the year and every 10 more, 30,000 at 60: 35 + 10 + 20 nights, then 12 in the next year, and 40
create temp table nights as select pg_temp.events(
		loyalty.purchase('2025-02-01', 1, quantity => 35, ref => 1), loyalty.purchase('2025-05-01', 1, quantity => 10, ref => 2), loyalty.purchase('2025-12-31', 1, quantity => 20, ref => 3),
		loyalty.purchase('2026-01-01', 1, quantity => 12, ref => 4), loyalty.purchase('2026-07-01', 1, quantity => 28, ref => 5)) as h,
	pg_temp.rules('"bonus": [{"name": "forty", "on": {"every": 10, "above": 30, "of": "quantity", "window": "calendar year"}, "points": 10000}, {"name": "sixty", "on": {"at": [60], "of": "quantity", "window": "calendar year"}, "points": 30000}]') as p;
select t.at, t.points, t.balance, t.rule, t.ref from nights, loyalty.statement(h, p, '2027-01-01') as t;
-- given that orders come back, also of the year before: what their window no longer reaches is taken
select t.at, t.entry, t.points, t.balance, t.rule, t.ref from nights, loyalty.statement(loyalty.add(loyalty.add(h, loyalty.refund('2026-08-01', 1, ref => 3, quantity => 20)), loyalty.refund('2026-09-01', 1, ref => 4, quantity => 12)), p, '2027-01-01') as t where t.at > '2026-07-01';
-- a line that joins an old order counts for its year, and is paid when it comes; won again it returns
select t.at, t.entry, t.points, t.balance, t.rule, t.ref from nights, loyalty.statement(loyalty.merge(h, pg_temp.events(loyalty.purchase('2026-02-01', 0, quantity => 5, ref => 3), loyalty.refund('2026-03-01', 1, ref => 1, quantity => 11), loyalty.purchase('2026-04-01', 0, quantity => 6, ref => 3))), p, '2026-05-01') as t where t.at >= '2026-01-01';
-- by the month, the year from April, the membership year (from March 15, then, with a late joining, from June 10)
select win, string_agg(concat(to_char(t.at, 'YY-MM-DD'), ' ', t.points), ', ' order by t.at) as paid
from unnest(array['lifetime', 'calendar year', 'year from 04-01', 'membership year', 'month']) as win,
	pg_temp.events(loyalty.purchase('2024-03-15', 1), loyalty.purchase('2024-03-31', 1), loyalty.purchase('2024-04-01', 1), loyalty.purchase('2024-12-31', 1), loyalty.purchase('2025-03-14', 1), loyalty.purchase('2025-03-15', 1),
		loyalty.purchase('2025-06-09', 1), loyalty.activity('2025-06-10 12:00', 'joined'), loyalty.purchase('2025-06-10 13:00', 1), loyalty.purchase('2026-06-09', 1), loyalty.purchase('2026-06-10', 1), loyalty.purchase('2026-06-11', 1)) as h,
	loyalty.statement(h, pg_temp.rules(format('"bonus": [{"on": {"every": 2, "of": "orders", "window": "%s"}, "points": 1}]', win)), '2027-01-01') as t
group by win order by 1;
-- a step crossed while its conditions do not hold is used up for its year; once a month at most
select t.at, t.points from loyalty.statement(pg_temp.events(loyalty.purchase('2024-01-10', 3), loyalty.subscription('2024-02-01', 1, '1 month', plan => 'plus'), loyalty.purchase('2024-02-10', 1), loyalty.purchase('2024-02-11', 5), loyalty.purchase('2024-03-11', 1), loyalty.purchase('2025-01-10', 3)),
	pg_temp.rules('"plans": {"plus": {}}, "bonus": [{"on": {"every": 2, "of": "spend", "window": "calendar year"}, "points": 1, "plan": "plus", "per": "month"}]'), '2027-01-01') as t;
-- over the lifetime too there may be a list, and a beginning
select t.at, t.points, t.rule from loyalty.statement(pg_temp.events(loyalty.purchase('2024-01-10', 3), loyalty.purchase('2024-02-10', 2), loyalty.purchase('2026-02-11', 5)),
	pg_temp.rules('"bonus": [{"on": {"at": [2.5, 5, 10], "of": "spend"}, "points": 1}, {"on": {"every": 3, "above": 2, "of": "spend"}, "points": 2}]'), '2027-01-01') as t;

-- Weeks begin on Monday: 10 a week, three orders of 8 around a Sunday; 15 a membership year from May 20
select asof, loyalty.points(h, pg_temp.rules('"earn": [{"points": 1}], "caps": [{"points": 10, "per": "week"}]'), asof) as week,
	loyalty.points(h, pg_temp.rules('"earn": [{"points": 1}], "caps": [{"points": 15, "per": "membership year"}]'), asof) as membership_year
from pg_temp.events(loyalty.activity('2025-05-20', 'joined'), loyalty.purchase('2025-06-07', 8), loyalty.purchase('2025-06-08', 8), loyalty.purchase('2025-06-09', 8), loyalty.purchase('2026-05-19', 8), loyalty.purchase('2026-05-20', 8)) as h,
	unnest(array['2025-06-07', '2025-06-08', '2025-06-09', '2026-05-19', '2026-05-20']::timestamptz[]) as asof;
-- caps act in turn from the shortest period to the longest, whatever their order in the list; a refund gives room again
select asof, loyalty.points(pg_temp.events(loyalty.purchase('2025-06-02', 10, ref => 1), loyalty.purchase('2025-06-03', 10, ref => 2), loyalty.purchase('2025-06-10', 10, ref => 3), loyalty.refund('2025-06-11', 10, ref => 1)),
	pg_temp.rules('"earn": [{"points": 1}], "caps": [{"points": 18, "per": "lifetime"}, {"points": 20, "per": "month"}, {"points": 12, "per": "week"}, {"points": 8, "per": "day"}]'), asof)
from unnest(array['2025-06-02', '2025-06-03', '2025-06-10', '2025-06-11']::timestamptz[]) as asof;
-- a bonus once a week, and once a membership year
select t.at, t.points, t.rule from loyalty.statement(pg_temp.events(loyalty.activity('2025-05-20', 'joined'), loyalty.activity('2025-06-06', 'review'), loyalty.activity('2025-06-08', 'review'), loyalty.activity('2025-06-09', 'review'), loyalty.activity('2026-05-19', 'review'), loyalty.activity('2026-05-20', 'review')),
	pg_temp.rules('"bonus": [{"name": "week", "on": "review", "points": 1, "per": "week"}, {"name": "membership year", "on": "review", "points": 2, "per": "membership year"}]'), '2027-01-01') as t;

--
-- Vouchers
--

-- given steps of 50 for 0.50 from 150 on, settled every three months from February 10, valid for 24 months to the month's end: 265 points, or 149
create temp table reward as select ('{"program": "reward", "timezone": "Europe/London", "earn": [{"points": 1}],
	"vouchers": [{"name": "reward", "points": 50, "value": 0.50, "minimum": 150, "every": "3 months", "on": "02-10", "valid": "24 months", "snap": "month"}]}')::loyalty.program as p;
select v.* from reward, loyalty.vouchers(pg_temp.events(loyalty.purchase('2022-01-20', 265)), p, '2022-02-10') as v;
select amount, asof, loyalty.points(h, p, asof), v.value, v.state, n.points as missing, n.settles_at from reward, unnest(array[265, 149]) as amount, pg_temp.events(loyalty.purchase('2022-01-20', amount)) as h,
	unnest(array['2022-02-09 23:59', '2022-02-10', '2024-02-29 23:59', '2024-03-01']::timestamptz[]) as asof left join lateral loyalty.vouchers(h, p, asof) as v on true, loyalty.next_voucher(h, p, asof) as n order by amount, asof;
-- an order at that midnight waits for the next day, which is May 10 in London, an hour before midnight in UTC
select v.issued_at, v.value from reward, loyalty.vouchers(pg_temp.events(loyalty.purchase('2022-02-10', 265)), p, '2022-12-31') as v;
select asof, loyalty.liability(h, p, asof), loyalty.liability(h, p, asof, 0.5) as half from reward, pg_temp.events(loyalty.purchase('2022-01-20', 265), loyalty.redemption('2023-01-01', 1, ref => 'voucher 1')) as h,
	unnest(array['2022-01-20', '2022-02-10', '2023-01-01']::timestamptz[]) as asof;
-- given 5 % in steps of 5, each a voucher of its own, for 30 days: 230.00 in January make two, and 1.50 stay
create temp table cash as select pg_temp.events(loyalty.purchase('2025-01-15', 230)) as h, pg_temp.rules('"decimals": 2, "earn": [{"points": 0.05}], "vouchers": [{"name": "cash", "points": 5, "value": 5, "every": "1 month", "each": true, "valid": "30 days"}]') as p;
select v.* from cash, loyalty.vouchers(h, p, '2025-03-02 23:59') as v;
select v.ref, v.state from cash, loyalty.vouchers(h, p, '2025-03-03') as v;
select t.* from cash, loyalty.statement(loyalty.add(h, loyalty.redemption('2025-02-14', 99, ref => 'voucher 2')), p, '2025-04-01') as t;
-- given 1,000 points for 10.00 at once: 980, then 45; the 980 come back, and the voucher stands
create temp table at_once as select pg_temp.events(loyalty.purchase('2025-01-01', 980, ref => 1), loyalty.purchase('2025-01-02', 45, ref => 2), loyalty.refund('2025-01-03', 980, ref => 1)) as h,
	pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 1000, "value": 10}]') as p;
select asof, s.points, s.debt, s.lifetime_points, v.ref, v.value, v.state, v.rule, n.points as missing, n.settles_at from at_once, unnest(array['2025-01-01', '2025-01-02', '2025-01-03']::timestamptz[]) as asof, loyalty.standing(h, p, asof) as s
	left join lateral loyalty.vouchers(h, p, asof) as v on true, loyalty.next_voucher(h, p, asof) as n;
select t.* from at_once, loyalty.statement(h, p, '2025-02-01') as t;
-- given 2 % for members of a plan, at most 1,250 a membership year, settled ten months after its beginning, lost with the plan: 50,000 + 20,000 - 10,000; who cancels before gets nothing
create temp table executive as select pg_temp.events(loyalty.subscription('2025-03-10 14:00', 130, '1 year', plan => 'executive', until => '2026-03-10 14:00', ref => 'm'),
		loyalty.purchase('2025-04-01', 50000, ref => 1), loyalty.purchase('2025-06-01', 20000, ref => 2), loyalty.refund('2025-07-01', 10000, ref => 2)) as h,
	pg_temp.rules('"plans": {"executive": {}}, "decimals": 2, "earn": [{"points": 0.02, "plan": "executive"}], "caps": [{"points": 1250, "per": "membership year"}], "expire": [{"kind": "plan end", "plan": "executive"}],
		"tiers": {"levels": [{"name": "Gold Star", "at": 0}, {"name": "Executive", "plan": "executive"}]},
		"vouchers": [{"name": "reward", "points": 0.01, "value": 0.01, "every": "12 months", "on": "10 months", "plan": "executive"}]') as p;
select asof, s.tier, s.points, s.expiring_at, v.ref, v.value, v.issued_at from executive, unnest(array['2025-06-01', '2025-07-01', '2026-01-09 23:59', '2026-01-10', '2026-03-10 14:00']::timestamptz[]) as asof, loyalty.standing(h, p, asof) as s left join lateral loyalty.vouchers(h, p, asof) as v on true;
select asof, s.tier, s.points, (select count(*) from loyalty.vouchers(gone, p, asof)) as vouchers from executive, loyalty.add(h, loyalty.subscription('2025-12-31', 130, '1 year', plan => 'executive', until => '2025-12-31', ref => 'm')) as gone, unnest(array['2025-12-30', '2025-12-31', '2026-02-01']::timestamptz[]) as asof, loyalty.standing(gone, p, asof) as s;

-- Using them: as a whole, whatever the redemption says, and no points are taken; unknown, used, expired, and another ref
create temp table used as select pg_temp.events(loyalty.purchase('2025-01-01', 250, ref => 1), loyalty.redemption('2025-01-01', 1, ref => 'voucher 1'), loyalty.redemption('2025-01-02', 77, ref => 'voucher 1'), loyalty.redemption('2025-01-02', 77, ref => 'voucher 1'),
		loyalty.redemption('2025-01-05', 20, ref => 'voucher x'), loyalty.redemption('2025-01-11', 1, ref => 'voucher 2'), loyalty.redemption('2025-01-12', 1, ref => 'voucher 3'), loyalty.redemption('2025-01-13', 1, ref => 'voucher 02'), loyalty.redemption('2025-01-14', 1, ref => 'voucher 99999999999999999999')) as h,
	pg_temp.rules('"earn": [{"points": 1}], "redeem": {"minimum": 10, "value": 0.1}, "vouchers": [{"points": 100, "value": 5, "each": true, "valid": "10 days"}]') as p;
select t.* from used, loyalty.statement(h, p, '2025-02-01') as t;
select loyalty.overdrawn(h, p), o.* from used, loyalty.overdrafts(h, p) as o;
select v.* from used, loyalty.vouchers(h, p, '2025-02-01') as v;
select asof, loyalty.liability(h, p, asof) from used, unnest(array['2025-01-01', '2025-01-02', '2025-01-11']::timestamptz[]) as asof;
-- without vouchers such a ref is an ordinary one
select loyalty.points(h, pg_temp.rules('"earn": [{"points": 1}]'), '2025-01-02') from used;
-- the use of a voucher resets inactivity, its settlement does not
select asof, loyalty.points(h, p, asof) from pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 100, "value": 5, "every": "1 month"}], "expire": [{"kind": "inactivity", "after": "2 months"}]') as p,
	pg_temp.events(loyalty.purchase('2025-01-15', 150), loyalty.redemption('2025-03-01', 1, ref => 'voucher 1')) as h, unnest(array['2025-02-28', '2025-03-15', '2025-04-30', '2025-05-01']::timestamptz[]) as asof;
select asof, loyalty.points(h, p, asof) from pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 100, "value": 5, "every": "1 month"}], "expire": [{"kind": "inactivity", "after": "2 months"}]') as p,
	pg_temp.events(loyalty.purchase('2025-01-15', 150)) as h, unnest(array['2025-02-28', '2025-03-15']::timestamptz[]) as asof;

-- The days: from one of the year anew each year, the last of February where there is no 29th; from one of the member, which a late joining moves
select every, day, string_agg(to_char(v.issued_at at time zone 'UTC', 'YYYY-MM-DD'), ' ' order by issued_at) as settled
from (values ('1 month', '01-31'), ('4 months', '01-31'), ('6 months', '02-29'), ('12 months', '02-29'), ('1 year', '1 month'), ('6 months', '10 days'), ('1 month', '1 month')) as r(every, day),
	loyalty.vouchers(pg_temp.events(loyalty.purchase('2023-01-31 10:00', 1), loyalty.purchase('2023-06-15', 0), loyalty.activity('2023-08-20 23:00', 'joined'), loyalty.purchase('2024-12-24', 5)), pg_temp.rules(format('"earn": [{"points": 0, "of": "orders"}], "bonus": [{"on": "joined", "points": 100}],
		"vouchers": [{"points": 1, "value": 1, "every": "%s", "on": "%s"}]', every, day)), '2025-06-01') as v group by every, day;
select every, day, n.settles_at from (values ('1 month', '01-31'), ('4 months', '01-31'), ('6 months', '02-29'), ('12 months', '02-29'), ('1 year', '1 month'), ('6 months', '10 days'), ('1 month', '1 month'), ('2 months', '01-01')) as r(every, day),
	unnest(array['2023-02-01', '2023-08-29', '2024-02-28', '2024-02-29']::timestamptz[]) as asof, loyalty.next_voucher(pg_temp.events(loyalty.purchase('2023-01-31 10:00', 1), loyalty.activity('2023-08-20 23:00', 'joined')), pg_temp.rules(format('"vouchers": [{"points": 1, "value": 1, "every": "%s", "on": "%s"}]', every, day)), asof) as n;
-- before the first event there is no first day of a member; a rule that ends before its next day has none
select n.* from loyalty.next_voucher('[]', pg_temp.rules('"vouchers": [{"points": 1, "value": 1, "every": "1 month", "on": "1 month"}, {"points": 1, "value": 1, "every": "1 month"}, {"points": 1, "value": 1, "every": "1 month", "until": "2025-07-01"}, {"points": 1, "value": 1}, {"points": 1, "value": 1, "until": "2025-01-01"}]'), '2025-06-15') as n;
-- given a closing of ten days: points of the last ten days before it stay, whatever they are to be spent on first
select t.at, t.entry, t.points, t.balance from loyalty.statement(pg_temp.events(loyalty.purchase('2025-01-10', 100), loyalty.purchase('2025-01-21 23:59', 100), loyalty.adjustment('2025-01-22', 30, '2025-02-15'), loyalty.purchase('2025-01-31', 40)),
	pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 60, "value": 1, "every": "1 month", "closing": "10 days"}]'), '2025-02-20') as t;
select l.earned_at, l.remaining from loyalty.lots(pg_temp.events(loyalty.purchase('2025-01-10', 100), loyalty.purchase('2025-01-21 23:59', 100), loyalty.adjustment('2025-01-22', 30, '2025-02-15'), loyalty.purchase('2025-01-31', 40)),
	pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 60, "value": 1, "every": "1 month", "closing": "10 days"}]'), '2025-02-01') as l;
select n.* from loyalty.next_voucher(pg_temp.events(loyalty.purchase('2025-01-10', 10), loyalty.purchase('2025-01-25', 40)),
	pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 60, "value": 1, "every": "1 month", "closing": "10 days"}]'), '2025-01-26') as n;
-- rules act in the order of the list; what the clock does in the night comes first: deaths, releases, tiers
select t.at, t.entry, t.points, t.balance, t.rule, t.ref from loyalty.statement(pg_temp.events(loyalty.adjustment('2025-01-01', 70, '2025-02-01'), loyalty.purchase('2025-01-25', 250)),
	pg_temp.rules('"earn": [{"points": 1}], "hold": {"for": "7 days"}, "vouchers": [{"name": "large", "points": 200, "value": 25, "every": "1 month"}, {"name": "small", "points": 20, "value": 2, "every": "1 month", "minimum": 30}]'), '2025-02-02') as t;
-- at once: after all of an instant, a redemption and a discount included; when points are released; when the rule begins
select t.at, t.entry, t.points, t.balance, t.rule, t.ref from loyalty.statement(pg_temp.events(loyalty.purchase('2025-01-01', 100, ref => 1), loyalty.purchase('2025-01-02', 100, ref => 2), loyalty.purchase('2025-01-02', -20, ref => 2), loyalty.redemption('2025-01-08', 30), loyalty.adjustment('2025-01-08', 60), loyalty.redemption('2025-01-20', 20)),
	pg_temp.rules('"earn": [{"points": 1}], "hold": {"for": "7 days"}, "vouchers": [{"points": 100, "value": 5, "until": "2025-01-08"}, {"name": "new", "points": 50, "value": 3, "from": "2025-01-15"}]'), '2025-02-02') as t;
-- for whom: members of a tier, holders of a plan; for others the points stay
select asof, loyalty.points(h, p, asof), (select string_agg(rule, ', ' order by issued_at) from loyalty.vouchers(h, p, asof)) as vouchers, (select string_agg(rule, ', ') from loyalty.next_voucher(h, p, asof)) as next
from pg_temp.events(loyalty.purchase('2025-01-01', 60), loyalty.purchase('2025-01-02', 60), loyalty.subscription('2025-01-03', 1, '1 month', plan => 'plus', until => '2025-02-03'), loyalty.purchase('2025-02-02', 10), loyalty.purchase('2025-02-03', 40)) as h,
	pg_temp.rules('"plans": {"plus": {}}, "earn": [{"points": 1}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 100}]}, "vouchers": [{"name": "gold", "points": 100, "value": 1, "tiers": ["Gold"]}, {"name": "plus", "points": 10, "value": 1, "plan": "plus"}]') as p,
	generate_series(timestamptz '2025-01-01', '2025-01-03', '1 day') as asof union all select null, loyalty.points(h, p, '2025-02-03'), null, null from pg_temp.events(loyalty.purchase('2025-01-01', 5), loyalty.subscription('2025-01-03', 1, '1 month', plan => 'plus', until => '2025-02-03'), loyalty.purchase('2025-02-03', 40)) as h,
	pg_temp.rules('"plans": {"plus": {}}, "earn": [{"points": 1}], "vouchers": [{"name": "plus", "points": 10, "value": 1, "plan": "plus"}]') as p;
-- given points that die at the instant at which a plan begins: what has died is not settled
select asof, loyalty.points(h, p, asof), (select count(*) from loyalty.vouchers(h, p, asof)) as vouchers from pg_temp.events(loyalty.adjustment('2025-01-01', 10, '2025-02-01'), loyalty.subscription('2025-02-01', 1, '1 month', plan => 'plus')) as h,
	pg_temp.rules('"plans": {"plus": {}}, "vouchers": [{"points": 10, "value": 1, "plan": "plus"}]') as p, unnest(array['2025-01-31', '2025-02-01']::timestamptz[]) as asof;
-- given a line that joins an old order and brings its points under a rule by which they are long dead: nothing of them is settled
select t.at, t.entry, t.points, t.balance from loyalty.statement(pg_temp.events(loyalty.purchase('2025-01-01', 30, ref => 1, tags => '{a}'), loyalty.purchase('2025-06-01', 40, ref => 1, tags => '{b}')),
	pg_temp.rules('"earn": [{"points": 1}], "expire": [{"after": "14 days", "where": {"any": ["b"]}}], "vouchers": [{"points": 50, "value": 5}]'), '2025-12-31') as t;
-- debt comes first; redeem order oldest first; forgiven
select t.at, t.entry, t.points, t.balance from loyalty.statement(pg_temp.events(loyalty.adjustment('2025-01-01', -50), loyalty.purchase('2025-01-02', 149), loyalty.purchase('2025-01-03', 1, ref => 1), loyalty.refund('2025-01-04', 1, ref => 1)),
	pg_temp.rules('"earn": [{"points": 1}], "refund": {"short": "forgive"}, "vouchers": [{"points": 100, "value": 5}]'), '2025-02-02') as t;
-- a point without a value is worth what the first rule in force makes of it; none then: 0; in a program without either: NULL
select asof, loyalty.liability(h, pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 300, "value": 1, "from": "2025-01-05"}, {"points": 400, "value": 1, "every": "1 month"}]'), asof) as first, loyalty.liability(h, pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 3000, "value": 1, "from": "2025-01-05"}]'), asof) as none, loyalty.liability(h, pg_temp.rules('"earn": [{"points": 1}]'), asof) as neither
from pg_temp.events(loyalty.purchase('2025-01-01', 600)) as h, unnest(array['2025-01-04', '2025-01-05']::timestamptz[]) as asof;
-- a great many at once are but one thing
select loyalty.liability(h, p, '2025-01-01') as worth, loyalty.points(h, p, '2025-01-01'), (select array_agg(v order by v) from (select v.ref as v from loyalty.vouchers(h, p, '2025-01-01') as v limit 2) as v) as first
from pg_temp.events(loyalty.adjustment('2025-01-01', 1000)) as h, pg_temp.rules('"vouchers": [{"points": 0.01, "value": 0.01, "each": true}]') as p;
select loyalty.points(h, p, 'infinity'), loyalty.liability(h, p, 'infinity') from pg_temp.events(loyalty.purchase('2025-01-10', 100)) as h, pg_temp.rules('"earn": [{"points": 1}], "vouchers": [{"points": 60, "value": 1, "every": "1 month"}]') as p;

--
-- Benefits
--

-- given a class a year for Silver and two for Plus, a gift in the birthday's month, free delivery with the plan
create temp table perks as select pg_temp.events(
		loyalty.activity('2024-12-30', 'beauty class'), loyalty.activity('2025-01-10', 'beauty class'), loyalty.purchase('2025-02-01', 600), loyalty.activity('2025-03-01', 'birthday'), loyalty.activity('2025-03-15', 'gift given'),
		loyalty.subscription('2025-03-20', 9, '1 month', plan => 'plus', until => '2025-06-20'), loyalty.activity('2025-04-01', 'beauty class'), loyalty.activity('2025-04-02', 'beauty class')) as h,
	pg_temp.rules('"plans": {"plus": {}}, "tiers": {"levels": [{"name": "Basic", "at": 0}, {"name": "Silver", "at": 500}, {"name": "Plus", "plan": "plus"}]},
		"benefits": [{"name": "beauty class", "tiers": {"Silver": 1, "Plus": 2}, "per": "year"}, {"name": "free delivery", "plan": "plus"}, {"name": "gift", "quantity": 1, "on": "gift given", "within": {"after": "birthday", "for": "1 month"}, "tiers": ["Silver"]}]') as p;
select asof, b.* from perks, unnest(array['2024-12-01', '2025-01-15', '2025-02-01', '2025-03-01', '2025-03-15', '2025-03-20', '2025-04-01', '2025-04-02', '2025-06-20', '2026-01-01']::timestamptz[]) as asof, loyalty.benefits(h, p, asof) as b;
select asof, loyalty.entitled(h, p, 'beauty class', asof) as class, loyalty.entitled(h, p, 'free delivery', asof) as delivery, loyalty.entitled(h, p, 'gift', asof) as gift, loyalty.entitled(h, p, 'Gift', asof) as unknown
from perks, unnest(array['2024-12-01', '2025-02-01', '2025-03-01', '2025-03-15', '2025-03-20', '2025-04-01', '2025-06-20']::timestamptz[]) as asof;
-- given Prime's trial until July 15, 10:00, and paid from then on: there without a gap, or, where trials do not count, from then on
select trial, array_agg(loyalty.entitled(pg_temp.events(
		loyalty.subscription('2025-07-01 10:00', 0, '1 month', plan => 'prime', until => '2025-07-15 10:00', ref => 's1'),
		loyalty.subscription('2025-07-15 10:00', 9.99, '1 month', plan => 'prime', until => '2025-08-15 10:00', ref => 's1')),
	pg_temp.rules(format('"plans": {"prime": {"trial": %s}}, "benefits": [{"name": "delivery", "plan": "prime"}]', trial)), 'delivery', asof) order by asof)
from unnest(array['true', 'false']) as trial, unnest(array['2025-07-01 09:59', '2025-07-01 10:00', '2025-07-15 09:59', '2025-07-15 10:00', '2025-08-15 09:59', '2025-08-15 10:00']::timestamptz[]) as asof group by trial order by trial desc;
-- The periods, on a Sunday night in Los Angeles; unlimited and by the lifetime; not without an event, nor before the first
select b.* from pg_temp.events(loyalty.activity('2024-05-05 12:00', 'joined'), loyalty.activity('2025-03-03 04:00', 'x'), loyalty.activity('2025-03-03 09:00', 'x')) as h,
	loyalty.benefits(h, '{"program": "p", "timezone": "America/Los_Angeles", "benefits": [{"name": "a", "on": "x", "quantity": 5, "per": "day"}, {"name": "b", "on": "x", "quantity": 0.5, "per": "week"}, {"name": "c", "on": "x", "per": "month"}, {"name": "d", "on": "x", "quantity": 2, "per": "year"},
		{"name": "e", "on": "x", "per": "membership year"}, {"name": "f", "on": "x", "quantity": 1}, {"name": "x"}, {"name": "h", "from": "2025-03-03"}, {"name": "i", "until": "2025-03-03"}]}', '2025-03-03 06:00+00') as b;
select count(*) from loyalty.benefits('[]', pg_temp.rules('"benefits": [{"name": "a"}]'), '2025-01-01');
select loyalty.entitled(pg_temp.events(loyalty.purchase('2025-01-02', 1)), pg_temp.rules('"benefits": [{"name": "a"}]'), 'a', '2025-01-01') as before, loyalty.entitled(pg_temp.events(loyalty.purchase('2025-01-02', 1)), pg_temp.rules('"benefits": [{"name": "a"}]'), 'a', '2025-01-02') as at_once,
	loyalty.entitled(null, pg_temp.rules('"decimals": 0'), 'a', '2025-01-02') as nothing;

--
-- For the books
--

-- a year with all that can happen, by the quarter: opening and movements make the closing, which is the next opening
create temp table books as select pg_temp.events(
		loyalty.activity('2025-01-02', 'joined'), loyalty.purchase('2025-01-10', 600, ref => 1), loyalty.purchase('2025-02-10', 300, ref => 2), loyalty.redemption('2025-03-01', 100), loyalty.adjustment('2025-03-05', 25), loyalty.adjustment('2025-03-06', 7, '2025-03-01'),
		loyalty.refund('2025-03-20', 300, ref => 2), loyalty.purchase('2025-05-01', 450, ref => 3), loyalty.redemption('2025-05-15', 150, ref => 3), loyalty.refund('2025-06-01', 450, ref => 3), loyalty.redemption('2025-06-02', 5, ref => 'voucher 1')) as h,
	pg_temp.rules('"earn": [{"points": 1}], "bonus": [{"on": "joined", "points": 50}, {"on": {"every": 2, "of": "orders"}, "points": 20}], "hold": {"for": "14 days"}, "expire": [{"kind": "age", "after": "6 months"}], "refund": {"short": "forgive", "spent": "full only"},
		"vouchers": [{"points": 400, "value": 4}]') as p;
select period, r.* from books, unnest(array['[2025-01-01,2025-04-01)', '[2025-04-01,2025-07-01)', '[2025-07-01,2026-01-01)', '[2025-01-01,2026-01-01)', '(,)', '[2030-01-01,)', '(,2020-01-01)', 'empty']::tstzrange[]) as period, loyalty.rollforward(h, p, period) as r;
-- the columns are the sums of the statement
select entry, sum(points), count(*) from books, loyalty.statement(h, p, '2026-01-01') group by entry order by entry;
-- a bound that is excluded, or included
select period, r.opening, r.redeemed, r.closing from books, unnest(array['[2025-03-01,2025-03-02)', '(2025-03-01,2025-03-02)', '[2025-02-28,2025-03-01)', '[2025-02-28,2025-03-01]']::tstzrange[]) as period, loyalty.rollforward(h, p, period) as r;
-- on any instants, sums over adjoining periods are those of the whole
select bool_and(a.closing = b.opening and b.closing = c.closing and a.opening = c.opening and a.earned + b.earned = c.earned and a.bonus + b.bonus = c.bonus and a.adjusted + b.adjusted = c.adjusted and a.refunded + b.refunded = c.refunded
	and a.redeemed + b.redeemed = c.redeemed and a.settled + b.settled = c.settled and a.expired + b.expired = c.expired and a.forgiven + b.forgiven = c.forgiven
	and c.opening + c.earned + c.bonus + c.adjusted + c.refunded + c.redeemed + c.settled + c.expired + c.forgiven = c.closing and c.closing = s.points + s.pending) as all_so
from books, generate_series(timestamptz '2025-01-01', '2026-02-01', '5 days') as cut, loyalty.rollforward(h, p, tstzrange('2025-01-01', cut)) as a, loyalty.rollforward(h, p, tstzrange(cut, '2026-02-01', '[]')) as b, loyalty.rollforward(h, p, '[2025-01-01,2026-02-01]') as c,
	loyalty.standing(h, p, '2026-02-01') as s;
