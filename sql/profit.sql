-- profit: what a history is worth

\pset null 'null'
\i test/error.sql

-- A year of one customer: won by an ad of 60, two lines of order 1, order 2 sent back in part, a call, order 3
create temp table ann as select loyalty.history(event) as h from (values
	(loyalty.expense('2025-01-01 09:00+00', 60.00, '{acquisition,ads}')),
	(loyalty.purchase('2025-01-10 10:00+00', 80.00, cost => 50.00, tags => '{shoes}', ref => 1)),
	(loyalty.purchase('2025-01-10 10:00+00', 20.00, cost => 5.00, tags => '{socks}', ref => 1)),
	(loyalty.purchase('2025-03-01 18:30+00', 100.00, cost => 60.00, quantity => 2, tags => '{shoes}', ref => 2)),
	(loyalty.refund('2025-03-08 12:00+00', 50.00, cost => 30.00, quantity => 1, tags => '{shoes}', ref => 2)),
	(loyalty.expense('2025-03-08 12:00+00', 4.50, '{support}')),
	(loyalty.purchase('2025-06-01 12:00+00', 33.25, cost => 20.00, tags => '{socks,sale}', ref => 'C-3')),
	(loyalty.redemption('2025-06-01 12:00+00', 500, 'C-3'))) as v(event);

-- What came in: 80 + 20 + 100 + 33.25, less the 50 that went back
select loyalty.gross_revenue(h), loyalty.refunded(h), loyalty.revenue(h) from ann;

-- What it cost: 50 + 5 + 60 + 20 of goods, less 30 that came back, and 60 + 4.50 of expenses
select loyalty.cost(h) from ann;

-- Costs by tag, net of what came back; a tag that nothing carries has cost nothing
select tag, loyalty.cost(h, tag) from ann, unnest(array['ads', 'acquisition', 'support', 'shoes', 'socks', 'sale', 'Shoes', 'shoe', '']) as tag;

-- What is left: 183.25 - 169.50, and its share of revenue
select loyalty.profit(h), loyalty.margin(h), loyalty.margin(h) = trim_scale(13.75 / 183.25) as same from ann;

-- Lines with one ref are one order; an order that went back is still one
select loyalty.orders(h), loyalty.average_order_value(h), loyalty.average_order_value(h) = trim_scale(183.25 / 3) as same from ann;

-- When did the customer first and last buy?
select loyalty.first_purchase(h), loyalty.last_purchase(h) from ann;

-- All of that as one row
select p.* from ann, loyalty.profitability(h) as p;
-- Do the columns say what the functions say?
select (p.revenue, p.gross_revenue, p.refunded, p.cost, p.profit, p.margin, p.orders, p.average_order_value, p.first_purchase, p.last_purchase, p.payback)
	is not distinct from (loyalty.revenue(h), loyalty.gross_revenue(h), loyalty.refunded(h), loyalty.cost(h), loyalty.profit(h), loyalty.margin(h),
		loyalty.orders(h), loyalty.average_order_value(h), loyalty.first_purchase(h), loyalty.last_purchase(h), loyalty.payback(h)) as same
from ann, loyalty.profitability(h) as p;
-- They are plain types, which any tool reads
select string_agg(format('%s %s', parameter_name, data_type), ', ' order by ordinal_position)
from information_schema.parameters where specific_schema = 'loyalty' and specific_name like 'profitability%' and parameter_mode = 'OUT';

-- Any part of a history may be asked: the first quarter, and what was known on a day
select loyalty.profit(loyalty.during(h, '[2025-01-01 00:00+00,2025-04-01 00:00+00)')) as first_quarter, loyalty.orders(loyalty.until(h, '2025-02-01 00:00+00')) as orders_then from ann;

--
-- Orders
--

-- One per ref, whatever type it came in, and one per purchase without; refunds and redemptions are none
select loyalty.orders(loyalty.history(e)) from (values
	(loyalty.purchase('2025-01-01 00:00+00', 1, ref => 7)), (loyalty.purchase('2025-01-03 00:00+00', 1, ref => '7')), (loyalty.purchase('2025-01-02 00:00+00', 1, ref => 8::bigint)),
	(loyalty.purchase('2025-01-04 00:00+00', 1, ref => uuid '6f9619ff-8b86-d011-b42d-00cf4fc964ff')),
	(loyalty.purchase('2025-01-05 00:00+00', 1, ref => '6f9619ff-8b86-d011-b42d-00cf4fc964ff')), (loyalty.purchase('2025-01-04 00:00+00', 1, ref => 'a')), (loyalty.purchase('2025-01-05 00:00+00', 1, ref => 'a')),
	(loyalty.purchase('2025-01-01 00:00+00', 1)), (loyalty.purchase('2025-01-01 00:00+00', 1)), (loyalty.refund('2025-01-06 00:00+00', 1, ref => 'b')), (loyalty.redemption('2025-01-06 00:00+00', 1, 9))) as v(e);

-- Do numbers, texts and none, in any order, make the count that plain SQL makes?
select keys, loyalty.orders(loyalty.history(loyalty.purchase(at, 1, ref => ref))), count(distinct ref) + count(*) filter (where ref is null) as plain
from (select keys, timestamptz '2025-01-01 00:00+00' + n * 7919 % 1000 * interval '1 minute' as at,
	case keys when 'numbers' then n * 31 % 700 when 'some negative' then n * 31 % 700 - 350 when 'gaps' then nullif(n % 3, 0) * n end::text as ref from generate_series(1, 1000) as n, unnest(array['numbers', 'some negative', 'gaps', 'none']) as keys
	union all
	select 'texts', timestamptz '2025-01-01 00:00+00' + n * 7919 % 1000 * interval '1 minute', case when n % 10 > 0 then 'order ' || n % 77 end from generate_series(1, 1000) as n) as s
group by keys order by keys;

--
-- Ratios have no answer where there is nothing to divide by, or less: a month that lost all its money would have a margin of 100 %
--

select name, loyalty.revenue(h), loyalty.profit(h), loyalty.margin(h), loyalty.orders(h), loyalty.average_order_value(h)
from (values ('all sent back', loyalty.history_in('[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 5}, {"at": "2025-01-02T00:00Z", "kind": "refund", "amount": 5}]')),
	('costs only', '[{"at": "2025-01-01T00:00Z", "kind": "expense", "amount": 5}]'),
	('less than nothing', '[{"at": "2025-01-01T00:00Z", "kind": "refund", "amount": 5}]'),
	('less than nothing, cheaply', '[{"at": "2025-01-01T00:00Z", "kind": "refund", "amount": 5, "cost": 7}]'),
	('given away', '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 0, "cost": 5}]'),
	('no money', '[{"at": "2025-01-01T00:00Z", "kind": "activity", "name": "joined"}]')) as v(name, h);

-- An empty history: sums are 0, the rest is NULL; and so is everything of a NULL history
select p.*, loyalty.cost('[]', 'a') as cost_a, loyalty.unprofitable_since('[]', '1 year') as unprofitable_since from loyalty.profitability('[]') as p;
select count(*), count(p.revenue) as known from loyalty.profitability(null) as p;
select coalesce(loyalty.revenue(null), loyalty.gross_revenue(null), loyalty.refunded(null), loyalty.cost(null), loyalty.cost(null, 'a'), loyalty.cost('[]', null),
	loyalty.profit(null), loyalty.margin(null), loyalty.orders(null), loyalty.average_order_value(null)) as numbers,
	coalesce(loyalty.first_purchase(null), loyalty.last_purchase(null), loyalty.payback(null), loyalty.unprofitable_since(null, '1 year'),
		loyalty.unprofitable_since('[]', null), loyalty.unprofitable_since('[]', '1 year', null), loyalty.unprofitable_since('[]', '1 year', now(), null)) as instants;

-- Sums are exact beyond what a single amount may hold: 2,000 of the largest
select loyalty.revenue(h), loyalty.revenue(h) = 2000 * 999999999999.999999 as same, loyalty.cost(h), loyalty.profit(h), loyalty.average_order_value(h)
from (select loyalty.history(loyalty.purchase('2025-01-01 00:00+00', 999999999999.999999, cost => -999999999999.999999)) as h from generate_series(1, 2000)) as s;
-- and ratios are the server's own division
select p, q, loyalty.margin(h) = trim_scale((p - q) / p) as same
from (values (0.000001, 999999999999.999999), (999999999999.999999, 0.000001), (3, 1), (7, -3.5), (0.03, 0.01), (123456789.123456, 0.1)) as v(p, q),
	lateral (select loyalty.add(null, loyalty.purchase('2025-01-01 00:00+00', p, cost => q)) as h) as l;

--
-- Numbers of every length come out as numeric itself would write and store them
select count(*) as numbers, count(*) filter (where revenue::text <> trim_scale(v)::text) as otherwise_written, count(*) filter (where numeric_send(revenue) <> numeric_send(trim_scale(v))) as otherwise_stored
from (select sign * (d || 'e' || e)::numeric as v from unnest('{1,9,12,99,105,9999,10000,10001,1234567,999999999999,100000000001}'::bigint[]) as d, generate_series(-12, 11) as e, unnest('{1,-1}'::int[]) as sign) as n,
	lateral (select loyalty.revenue(loyalty.add(null, loyalty.purchase('2025-01-01 00:00+00', v))) as revenue where abs(v) < 1e12 and v = trunc(v, 6)) as r;

-- payback: when did the customer earn back what it took to win them?
--
-- Add up profit from the beginning, event by event.  A customer won by an ad of
-- 30 starts below zero; each order lifts the curve, each cost lowers it:
--
--	 10 |                              ......
--	  0 +---------------------.........--------   paid back on March 1, for good or not
--	-10 |           ..........
--	-30 |  .........
--
create function pg_temp.payback(profits numeric[]) returns timestamptz language sql as $$
	select loyalty.payback(loyalty.history(loyalty.purchase('2025-01-01 00:00+00'::timestamptz + (n - 1) * interval '1 month', p)))
	from unnest(profits) with ordinality as v(p, n)
$$;
-- Won by an ad, lifted by two orders, paid back by the second; when it sinks again later, that was still the day
select loyalty.payback(loyalty.history(e)) from (values (loyalty.expense('2025-01-01 00:00+00', 30, '{ads}')), (loyalty.purchase('2025-02-01 00:00+00', 50, 30)),
	(loyalty.purchase('2025-03-01 00:00+00', 40, 30)), (loyalty.expense('2025-04-01 00:00+00', 30, '{support}')), (loyalty.purchase('2025-05-01 00:00+00', 90))) as v(e);
-- Exactly zero is paid back, a millionth less is not
select pg_temp.payback('{-10,4,6}') as zero, pg_temp.payback('{-10,4,5.999999}') as less, pg_temp.payback('{-10,4,5.999999,0.000001}') as later;
-- Who cost nothing up front paid back at the first purchase, even one of nothing; not at a mere activity
select pg_temp.payback('{5,-10}') as first, pg_temp.payback('{0}') as gift,
	loyalty.payback('[{"at": "2025-01-01T00:00Z", "kind": "activity", "name": "joined"}, {"at": "2025-02-01T00:00Z", "kind": "purchase", "amount": 5, "cost": 1}]') as after_joining;
-- Never: who never bought, who never came up
select loyalty.payback('[{"at": "2025-01-01T00:00Z", "kind": "activity", "name": "joined"}]') as never_bought,
	pg_temp.payback('{-5,4}') as not_yet, loyalty.payback('[]') as empty;
-- The events of one instant count together: a sale and its commission leave no moment in between
select loyalty.payback(loyalty.history(e)) from (values (loyalty.purchase('2025-01-01 00:00+00', 10)), (loyalty.expense('2025-01-01 00:00+00', 15)), (loyalty.purchase('2025-02-01 00:00+00', 5))) as v(e);
select loyalty.payback(loyalty.history(e)) from (values (loyalty.purchase('2025-01-01 00:00+00', 20)), (loyalty.expense('2025-01-01 00:00+00', 15)), (loyalty.purchase('2025-02-01 00:00+00', 5))) as v(e);
-- A cost that came back may pay back, too
select loyalty.payback('[{"at": "2025-01-01T00:00Z", "kind": "expense", "amount": 5}, {"at": "2025-02-01T00:00Z", "kind": "expense", "amount": -5}]');

--
-- unprofitable_since: since when does this customer cost more than they bring?
--
-- Look back over an interval from every instant: what happened within it, added
-- up, is the profit over the trailing interval.  The answer is where the present
-- spell below zero began, and NULL if it is not below zero at `asof`.
--
--	 profit over the last month
--	  10 |  ........            ...
--	   0 +----------.------....-----.---------   asof
--	  -5 |           ......          ........
--	                                 ^ since here
--

-- A sale of 10 on January 1, a call of 5 on January 20: from February 1 on the sale is more than a month ago
create temp table bob as select loyalty.history(e) as h from (values (loyalty.purchase('2025-01-01 12:00+00', 10)), (loyalty.expense('2025-01-20 12:00+00', 5, '{support}'))) as v(e);
select asof, loyalty.unprofitable_since(h, '1 month', asof)
from bob, unnest(array['2024-12-31 12:00+00', '2025-01-20 12:00+00', '2025-02-01 11:59:59.999999+00', '2025-02-01 12:00+00', '2025-02-20 11:59:59.999999+00', '2025-02-20 12:00+00', '2026-01-01 00:00+00']::timestamptz[]) as asof;
-- asof is now, unless it is given; the zone is UTC
select loyalty.unprofitable_since(loyalty.history(loyalty.expense(now() - interval '3 days', 5)), '1 week') = now() - interval '3 days' as since_three_days;
-- A spell that was broken begins anew; one instant at zero breaks it
select loyalty.unprofitable_since(loyalty.history(e), '1 year', '2025-12-01 00:00+00') as anew from (values (loyalty.expense('2025-01-01 00:00+00', 5)), (loyalty.purchase('2025-02-01 00:00+00', 5)), (loyalty.expense('2025-02-01 00:00:00.000001+00', 5))) as v(e);
select loyalty.unprofitable_since(loyalty.history(e), '1 year', '2025-12-01 00:00+00') as unbroken from (values (loyalty.expense('2025-01-01 00:00+00', 5)), (loyalty.purchase('2025-02-01 00:00+00', 4.999999)), (loyalty.expense('2025-02-01 00:00:00.000001+00', 5))) as v(e);
-- What leaves and what comes at one instant count together: on February 1 at 12:00 the sale leaves and another comes
select loyalty.unprofitable_since(loyalty.add(h, loyalty.purchase('2025-02-01 12:00+00', 5)), '1 month', '2025-02-10 00:00+00') from bob;

-- Months end when they end: what happened on January 29, 30 and 31 leaves on February 28, and on the leap day in 2024
select at::date, loyalty.unprofitable_since(loyalty.history(e), '1 month', left_at - interval '1 microsecond') = at as still, loyalty.unprofitable_since(loyalty.history(e), '1 month', left_at) is null as gone
from (values ('2025-01-29 12:00+00'::timestamptz, '2025-02-28 12:00+00'::timestamptz), ('2025-01-30 12:00+00', '2025-02-28 12:00+00'), ('2025-01-31 12:00+00', '2025-02-28 12:00+00'), ('2024-01-31 12:00+00', '2024-02-29 12:00+00'),
	('2024-02-29 12:00+00', '2024-03-29 12:00+00'), ('2025-02-28 12:00+00', '2025-03-28 12:00+00')) as v(at, left_at), lateral (select loyalty.expense(at, 1) as e) as l
group by at, left_at order by at;
select loyalty.unprofitable_since(loyalty.history(loyalty.expense('2024-02-29 12:00+00', 1)), '1 year', asof) as a_year_after_the_leap_day
from unnest(array['2025-02-28 11:59:59.999999+00', '2025-02-28 12:00+00']::timestamptz[]) as asof group by asof order by asof;
-- so the later may leave first: of January 30, 13:00, and January 31, 12:00, it is the latter
select asof, loyalty.unprofitable_since(loyalty.history(e), '1 month', asof) from (values (loyalty.expense('2025-01-30 13:00+00', 1)), (loyalty.purchase('2025-01-31 12:00+00', 1))) as v(e),
	unnest(array['2025-02-28 11:00+00', '2025-02-28 12:30+00', '2025-02-28 13:00+00']::timestamptz[]) as asof group by asof order by asof;

-- Days are days on the zone's clock: in New York the day before 2025-03-09 12:00 had 23 hours, the day before 2025-11-02 12:00 had 25
select zone, hours, loyalty.unprofitable_since(loyalty.history(loyalty.expense(at, 1)), '1 day', at + hours * interval '1 hour' - interval '1 microsecond', zone) is not null as still,
	loyalty.unprofitable_since(loyalty.history(loyalty.expense(at, 1)), '1 day', at + hours * interval '1 hour', zone) is null as gone
from (values ('2025-03-08 12:00-05'::timestamptz, 'America/New_York', 23), ('2025-11-01 12:00-04', 'America/New_York', 25), ('2025-03-08 12:00-05', 'UTC', 24), ('2025-11-01 12:00-04', 'UTC', 24)) as v(at, zone, hours)
group by at, zone, hours order by zone, hours;
-- An hour that the clocks skip is the one after it; one that they show twice is the second
select loyalty.unprofitable_since(loyalty.history(loyalty.expense(at, 1)), '1 day', ('2025-03-09 02:30'::timestamp at time zone 'America/New_York') - interval '1 microsecond', 'America/New_York') is not null as still,
	loyalty.unprofitable_since(loyalty.history(loyalty.expense(at, 1)), '1 day', '2025-03-09 03:30-04', 'America/New_York') is null as gone
from (values ('2025-03-08 02:30-05'::timestamptz)) as v(at) group by at;
select loyalty.unprofitable_since(loyalty.history(loyalty.expense(at, 1)), '1 day', '2025-11-02 01:30-05'::timestamptz - interval '1 microsecond', 'America/New_York') is not null as still,
	loyalty.unprofitable_since(loyalty.history(loyalty.expense(at, 1)), '1 day', '2025-11-02 01:30-05', 'America/New_York') is null as gone
from (values ('2025-11-01 01:30-04'::timestamptz)) as v(at) group by at;

-- Does it leave where the server's own calendar says?  Every 5 days, 5 hours and 29 minutes of eleven years, in zones with odd clocks
select zone, span, count(*) filter (where loyalty.unprofitable_since(h, span, leaves, zone) is not null) as too_late,
	count(*) filter (where loyalty.unprofitable_since(h, span, leaves - interval '1 microsecond', zone) is distinct from at) as too_early
from unnest(array['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Africa/Casablanca', 'Pacific/Apia', 'America/St_Johns']) as zone,
	unnest(array['1 day', '1 month', '1 year', '25 hours', '1 month 3 days 04:05:06.789']::interval[]) as span,
	lateral (select at, (at at time zone zone + span) at time zone zone as leaves, loyalty.add(null, loyalty.expense(at, 1)) as h
		from generate_series(timestamptz '2010-01-01 00:00+00', '2021-01-01 00:00+00', '5 days 5 hours 29 minutes') as at) as l
group by zone, span having count(*) filter (where loyalty.unprofitable_since(h, span, leaves, zone) is not null) > 0
	or count(*) filter (where loyalty.unprofitable_since(h, span, leaves - interval '1 microsecond', zone) is distinct from at) > 0;

-- An interval so long that nothing ever leaves
select loyalty.unprofitable_since(h, '20000 years', '2999-01-01 00:00+00'), loyalty.unprofitable_since(loyalty.add(h, loyalty.expense('2025-03-01 00:00+00', 6)), '20000 years', '2999-01-01 00:00+00') as with_six_more from bob;

-- What is wrong is said
call pg_temp.error($$ select loyalty.unprofitable_since('[]', '0') $$);
call pg_temp.error($$ select loyalty.unprofitable_since('[]', '-1 day') $$);
call pg_temp.error($$ select loyalty.unprofitable_since('[]', '1 month -1 day') $$);
call pg_temp.error($$ select loyalty.unprofitable_since('[]', '1 year', now(), 'Mars/Olympus') $$);
call pg_temp.error($$ select loyalty.unprofitable_since('[]', '1 year', now(), '') $$);
call pg_temp.error($$ select loyalty.unprofitable_since('[]', '1 year', now(), repeat('x', 1000)) $$);
-- Another zone in each row
select zone, loyalty.unprofitable_since(h, '1 day', '2025-03-09 12:30-04', zone) is null as gone
from (select loyalty.add(null, loyalty.expense('2025-03-08 12:00-05', 1)) as h) as s, unnest(array['UTC', 'America/New_York', 'UTC', 'Europe/Berlin', 'America/New_York']) as zone;

--
-- The main question, over a shop's tables: who earns, who costs, in one query
--

create temp table sale (customer int, id int, at timestamptz, amount numeric(10,2), cost numeric(10,2));
insert into sale select n * n % 97, n / 2, timestamptz '2024-01-01 00:00+00' + n * 7919 % 10000 * interval '50 minutes', n % 800 / 4.0 - 10, n % 500 / 4.0 from generate_series(1, 5000) as n;
create temp table sent_back as select customer, id, at + interval '3 days' as at, greatest(amount, 0) as amount from sale where id % 9 = 0;
create temp table ticket as select n % 97 as customer, timestamptz '2024-01-01 00:00+00' + n * interval '9 hours' as at, n % 7 as cost from generate_series(1, 700) as n;
create temp view customer_profit as
select customer, p.* from (select customer, loyalty.history(event) as h from (
		select customer, loyalty.purchase(at, amount, cost, ref => id) as event from sale
		union all select customer, loyalty.refund(at, amount, ref => id) from sent_back
		union all select customer, loyalty.expense(at, cost, '{support}') from ticket) as e group by customer) as c, loyalty.profitability(h) as p;
-- Does it say what plain SQL says, for every customer?
create temp view plain_sums as
select customer, coalesce(sum(amount) filter (where what = 'sale'), 0) as gross_revenue, coalesce(sum(amount) filter (where what = 'back'), 0) as refunded, coalesce(sum(cost), 0) as cost,
	count(distinct id) filter (where what = 'sale') as orders, min(at) filter (where what = 'sale') as first_purchase, max(at) filter (where what = 'sale') as last_purchase
from (select 'sale' as what, * from sale union all select 'back', customer, id, at, amount, 0 from sent_back union all select 'ticket', customer, null, at, 0, cost from ticket) as u group by customer;
create temp view plain_profit as
select customer, gross_revenue - refunded as revenue, gross_revenue, refunded, cost, gross_revenue - refunded - cost as profit,
	case when gross_revenue > refunded then trim_scale(trim_scale(gross_revenue - refunded - cost) / trim_scale(gross_revenue - refunded)) end as margin, orders,
	trim_scale(trim_scale(gross_revenue - refunded) / nullif(orders, 0)) as average_order_value, first_purchase, last_purchase from plain_sums;
(select customer, revenue, gross_revenue, refunded, cost, profit, margin, orders, average_order_value, first_purchase, last_purchase from customer_profit except all table plain_profit)
union all
(table plain_profit except all select customer, revenue, gross_revenue, refunded, cost, profit, margin, orders, average_order_value, first_purchase, last_purchase from customer_profit);
select count(*), sum(profit), count(*) filter (where profit < 0) as at_a_loss from customer_profit;
select count(*), sum(profit), count(*) filter (where profit < 0) as at_a_loss from plain_profit;
-- And when did they pay back?  The first instant at which the sum of all profits is not below zero, if one before was or something was bought by then
create temp view plain_payback as
select customer, min(at) filter (where sum >= 0 and (lowest < 0 or bought)) as payback
from (select customer, at, sum, min(sum) over so_far as lowest, bool_or(sale) over so_far as bought
	from (select customer, at, sum(sum(profit)) over (partition by customer order by at) as sum, bool_or(sale) as sale
		from (select customer, at, amount - cost as profit, true as sale from sale
			union all select customer, at, -amount, false from sent_back
			union all select customer, at, -cost, false from ticket) as u group by customer, at) as instants
	window so_far as (partition by customer order by at)) as curve
group by customer;
(select customer, payback from customer_profit except all table plain_payback) union all (table plain_payback except all select customer, payback from customer_profit);
