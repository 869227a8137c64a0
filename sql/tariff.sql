-- tariff: prices, and what is to be billed

\pset null 'null'
\i test/error.sql

-- The document: keys in order, defaults left out, plans and meters by name, entries by date
select '{"timezone": "Europe/Berlin", "decimals": 2, "meters": {"peak": {"meter": "gb", "of": "max", "size": 10, "price": 5, "minimum": 5}, "calls": {"tiers": [{"up_to": 1000.0, "price": 0.10, "flat": 0}, {"price": 0.050}], "mode": "graduated", "of": "sum", "meter": "calls"}},
	"plans": {"team": {"included": 5, "price": 9, "meters": {"calls": {"price": 0.01, "included": 1000}}, "fee": 20}, "pro": [{"every": "1 month", "fee": 55, "from": "2026-07-01"}, {"every": "1 year", "fee": 490}, {"every": "4 weeks", "fee": 40}, {"every": "1 month", "fee": 49, "until": "2026-07-01"}]},
	"tariff": "2026", "prorate": "day", "credit": "change", "align": "start"}'::loyalty.tariff as t \gset
select :'t' as tariff;
-- The same, however it was written; through jsonb and json
select :'t'::loyalty.tariff operator(loyalty.=) :'t'::jsonb::loyalty.tariff as jsonb, :'t'::loyalty.tariff operator(loyalty.=) :'t'::json::loyalty.tariff as json, :'t'::loyalty.tariff::text = :'t' as text, jsonb_typeof(to_jsonb(x) -> 't') from (select :'t'::loyalty.tariff as t) x;
select '{"tariff": "t", "timezone": "UTC", "plans": {}, "meters": {}, "round": "none", "decimals": 0, "prorate": "second", "credit": "always", "align": "calendar"}'::loyalty.tariff;

-- What is wrong is refused, with its place and what would be right
create procedure pg_temp.refused(inout tariff text) language plpgsql as $$ begin call pg_temp.error(format('select %L::loyalty.tariff', '{"tariff": "t", "timezone": "UTC", ' || tariff || '}')); tariff := null; end $$;
call pg_temp.error($$select '{"timezone": "UTC"}'::loyalty.tariff$$);
call pg_temp.error($$select '{"tariff": "t"}'::loyalty.tariff$$);
call pg_temp.error($$select '{"tariff": "t", "timezone": "Berlin"}'::loyalty.tariff$$);
call pg_temp.error($$select '[]'::loyalty.tariff$$);
do $$
declare
	entry text;
begin
	foreach entry in array array[
		'"plan": {}', '"decimals": 7', '"round": "half down"', '"prorate": "days"', '"credit": true', '"align": "calender"',
		'"plans": []', '"plans": {"pro": 5}', '"plans": {"pro": []}', '"plans": {"pro": [5]}', '"plans": {"": {}}', '"plans": {"pro": {"every": "1 hour"}}', '"plans": {"pro": {"every": "1 month 3 days"}}', '"plans": {"pro": {"every": "0 days"}}',
		'"plans": {"pro": {"fee": -1}}', '"plans": {"pro": {"fee": "49"}}', '"plans": {"pro": {"fee": 1.1234567}}', '"plans": {"pro": {"minimum": 1}}', '"plans": {"pro": {"included": 5}}', '"plans": {"pro": {"price": 1, "tiers": [{"price": 1}]}}',
		'"plans": {"pro": [{"fee": 1}, {"every": "1 month", "fee": 2, "from": "2026-01-01"}]}', '"plans": {"pro": [{"fee": 1, "until": "2026-01-01"}, {"every": "1 year", "fee": 2}, {"fee": 3, "from": "2025-12-31"}]}',
		'"plans": {"pro": {"from": "2026-02-01", "until": "2026-02-01"}}', '"plans": {"pro": {"meters": {"calls": {}}}}',
		'"meters": {"calls": {}}', '"meters": {"calls": {"price": 1, "of": "average"}}', '"meters": {"calls": {"price": 1, "mode": "volume"}}', '"meters": {"calls": {"price": 1, "size": 0}}', '"meters": {"calls": {"price": 1, "minimum": 2, "maximum": 1}}',
		'"meters": {"calls": {"tiers": []}}', '"meters": {"calls": {"tiers": [{"up_to": 5, "price": 1}]}}', '"meters": {"calls": {"tiers": [{"price": 1}, {"price": 2}]}}', '"meters": {"calls": {"tiers": [{"up_to": 5, "price": 1}, {"up_to": 5, "price": 2}, {"price": 3}]}}',
		'"meters": {"calls": {"price": 1, "where": {}}}', '"meters": {"calls": {"price": 1, "where": {"any": ["a"], "none": ["a"]}}}', '"meters": {"calls": [{"price": 1}, {"price": 2}]}', '"meters": {"calls": {"price": 1}, "calls": {"price": 2}}']
	loop
		raise info '%', entry;
		call pg_temp.refused(entry);
	end loop;
end $$;

--
-- Charges
--

create temp table charges (meter text, price text);
insert into charges values
	('plain',     '{"price": 0.015}'), ('included', '{"price": 2, "included": 10}'), ('package', '{"size": 10, "price": 5}'),
	('graduated', '{"tiers": [{"up_to": 10, "price": 1, "flat": 5}, {"up_to": 20, "price": 0.5}, {"price": 0.1, "flat": 2}]}'),
	('volume',    '{"tiers": [{"up_to": 10, "price": 1, "flat": 5}, {"up_to": 20, "price": 0.5}, {"price": 0.1, "flat": 2}], "mode": "volume"}'),
	('bounds',    '{"price": 1, "minimum": 3, "maximum": 12.345}'), ('all',  '{"included": 2, "size": 5, "tiers": [{"up_to": 2, "price": 3}, {"price": 2}]}');
select meter, array_agg(loyalty.charge(t, meter, q) order by q) as "-5 0 1 10 10.5 20 21 1000"
from charges, (select jsonb_build_object('tariff', 't', 'timezone', 'UTC', 'meters', jsonb_object_agg(meter, price::jsonb))::loyalty.tariff as t from charges) x,
	unnest('{-5,0,1,10,10.5,20,21,1000}'::numeric[]) q group by meter order by meter;
-- Rounded once, as the tariff rounds
select round, loyalty.charge(jsonb_build_object('tariff', 't', 'timezone', 'UTC', 'round', round, 'meters', '{"m": {"price": 0.005}}'::jsonb)::loyalty.tariff, 'm', q) as charge, q
from unnest('{half up,down,up,none}'::text[]) round, unnest('{1,0.9}'::numeric[]) q;
-- By plan, by date, none
select '{"tariff": "t", "timezone": "Europe/Berlin", "plans": {"a": [{"every": "1 year", "meters": {"m": {"price": 3}}}, {"meters": {"m": {"price": 4}}}]}, "meters": {"m": [{"price": 1, "until": "2026-07-01"}, {"price": 2, "from": "2026-08-01"}]}}'::loyalty.tariff as t \gset
select at, loyalty.charge(:'t', 'm', 1, asof => at), loyalty.charge(:'t', 'm', 1, 'a', at) as of_plan from unnest('{2026-06-30 21:59:59.999999+00,2026-06-30 22:00+00,2026-07-31 22:00+00}'::timestamptz[]) at;
select loyalty.charge(:'t', 'x', 1, asof => '2026-01-01'), loyalty.charge(:'t', 'x', 1, 'a', '2026-01-01') as of_plan, loyalty.charge(null, 'm', 1), loyalty.charge(:'t', null, 1), loyalty.charge(:'t', 'm', null), loyalty.charge(:'t', 'm', 1, null, null);
call pg_temp.error(format('select loyalty.charge(%L, %L, 5, %L)', :'t', 'm', '2026-01-01'));
call pg_temp.error(format('select loyalty.charge(%L, %L, 1e12)', :'t', 'm'));
call pg_temp.error(format('select loyalty.charge(%L, %L, 999999999999.999999, asof => %L)', '{"tariff": "t", "timezone": "UTC", "meters": {"m": {"price": 999999999999.999999}}}', 'm', '2026-01-01'));

--
-- Other prices
--

create function pg_temp.shown(h loyalty.history) returns table (at timestamptz, amount numeric, plan text, until timestamptz, ref text) language sql as $$ select at, amount, name, until, ref from loyalty.events(h) where kind = 'subscription' $$;
select '{"tariff": "t", "timezone": "Europe/Berlin", "plans": {"pro": [{"fee": 49, "until": "2026-07-01"}, {"fee": 55, "from": "2026-07-01", "until": "2027-01-01"}], "seats": {"fee": 10, "price": 4, "included": 2}}}'::loyalty.tariff as t \gset
-- A month-end anchor keeps its day; in a gap the amount is that of the history again
select s.* from pg_temp.shown(loyalty.reprice(loyalty.add('[]', loyalty.subscription('2026-01-31 00:00+01', 40, plan => 'pro', ref => 1)), :'t')) s;
-- Without a ref it is cut in two
select s.* from pg_temp.shown(loyalty.reprice(loyalty.add('[]', loyalty.subscription('2026-01-31 00:00+01', 40, plan => 'pro', until => '2026-10-01 00:00+02')), :'t')) s;
-- By the calendar at each start of a term
select s.* from pg_temp.shown(loyalty.reprice(loyalty.add('[]', loyalty.subscription('2026-01-31 00:00+01', 40, plan => 'pro', ref => 1, until => '2026-10-01 00:00+02')), (:'t'::jsonb || '{"align": "calendar"}')::loyalty.tariff)) s;
-- The other lines of its state are stated again with it; quantities, free ones, discounts, other plans and terms stay
select s.* from pg_temp.shown(loyalty.reprice((select loyalty.history(e) from (values
	(loyalty.subscription('2026-06-10 00:00+02', 40, plan => 'pro', ref => 1)), (loyalty.subscription('2026-06-10 00:00+02', -5, plan => 'coupon', ref => 1)), (loyalty.subscription('2026-06-10 00:00+02', 1, plan => 'seats', quantity => 5, ref => 2)),
	(loyalty.subscription('2026-06-10 00:00+02', 0, plan => 'pro', ref => 3)), (loyalty.subscription('2026-06-10 00:00+02', 400, '1 year', plan => 'pro', ref => 4)), (loyalty.subscription('2026-06-10 00:00+02', 7, ref => 5)),
	(loyalty.subscription('2026-08-01 00:00+02', 1, plan => 'pro', ref => 1))) v(e)), :'t')) s;
-- Nothing else changes
select loyalty.reprice('[]', :'t'), loyalty.reprice(null, :'t') is null as "null", loyalty.same(loyalty.reprice(h, :'t'), h) as same from (select loyalty.history(e) as h from (values (loyalty.purchase('2026-01-01 00:00+00', 5)), (loyalty.usage('2026-01-01 00:00+00', 'm'))) v(e)) x;

--
-- Bills
--

select '{"tariff": "t", "timezone": "UTC"}'::loyalty.tariff as t \gset
create function pg_temp.charged(tariff jsonb, period tstzrange, variadic events loyalty.event[]) returns table (kind text, span tstzrange, amount numeric, ref text) language sql as $$
	select b.kind, b.span, b.amount, b.ref from loyalty.bill((select loyalty.history(e) from unnest(events) e), ('{"tariff": "t", "timezone": "UTC"}'::jsonb || tariff)::loyalty.tariff, period) b $$;
-- A change within the term: by day, by second, not at all
select p, c.* from unnest('{day,second,none}'::text[]) p, pg_temp.charged(jsonb_build_object('prorate', p), '[2025-05-01,2025-06-01)', loyalty.subscription('2025-05-01 06:00+00', 20, ref => 1), loyalty.subscription('2025-05-11 18:00+00', 40, ref => 1)) c;
-- An end within the term gives back only where that is always so
select p, c.* from unnest('{change,always,never}'::text[]) p, pg_temp.charged(jsonb_build_object('credit', p), '[2025-05-01,2025-06-01)', loyalty.subscription('2025-05-01 00:00+00', 31, until => '2025-05-11 00:00+00', ref => 1)) c;
-- ... a pause is a change; a new beginning of another term ends the old one, too; an end on the renewal gives nothing back
select c.* from pg_temp.charged('{}', '[2025-05-01,2025-07-01)', loyalty.subscription('2025-05-01 00:00+00', 31, ref => 1), loyalty.subscription('2025-05-11 00:00+00', 0, ref => 1)) c;
select c.* from pg_temp.charged('{}', '[2025-05-01,2025-07-01)', loyalty.subscription('2025-05-01 00:00+00', 31, ref => 1), loyalty.subscription('2025-05-11 00:00+00', 365, '1 year', ref => 1)) c;
select c.* from pg_temp.charged('{"credit": "always"}', '[2025-05-01,2025-07-01)', loyalty.subscription('2025-05-01 00:00+00', 31, until => '2025-06-01 00:00+00', ref => 1)) c;
-- ... what had ended before the next one began is no change
select c.* from pg_temp.charged('{}', '[2025-05-01,2025-06-01)', loyalty.subscription('2025-05-01 00:00+00', 31, until => '2025-05-05 00:00+00', ref => 1), loyalty.subscription('2025-05-11 00:00+00', 62, ref => 1)) c;
-- ... nor is a cancellation
select c.* from pg_temp.charged('{}', '[2025-05-01,2025-06-01)', loyalty.subscription('2025-05-01 00:00+00', 31, ref => 1), loyalty.subscription('2025-05-11 00:00+00', 31, until => '2025-05-11 00:00+00', ref => 1)) c;
-- By the calendar: Kill Bill's 24.95 from 23 January; a quarter; terms that no year is made of run from their start
select c.* from pg_temp.charged('{"align": "calendar"}', '[2025-01-01,2025-02-02)', loyalty.subscription('2025-01-23 00:00+00', 24.95, ref => 1)) c;
select c.* from pg_temp.charged('{"align": "calendar"}', '[2025-01-01,2025-05-01)', loyalty.subscription('2025-02-15 00:00+00', 90, '3 months', ref => 1)) c;
select c.* from pg_temp.charged('{"align": "calendar"}', '[2025-01-01,2025-01-20)', loyalty.subscription('2025-01-03 00:00+00', 7, '7 days', ref => 1), loyalty.subscription('2025-01-03 00:00+00', 50, '5 months', ref => 2)) c;
-- Month ends, discounts, free ones, what was over before the period or begins after it
select c.* from pg_temp.charged('{}', '[2025-01-01,2025-04-01)', loyalty.subscription('2025-01-31 00:00+00', 10, ref => 1), loyalty.subscription('2025-02-10 00:00+00', -3, until => '2025-02-20 00:00+00', ref => 2), loyalty.subscription('2025-01-31 00:00+00', 0, ref => 3),
	loyalty.subscription('2024-01-31 00:00+00', 10, until => '2024-12-31 00:00+00', ref => 4), loyalty.subscription('2025-04-01 00:00+00', 10, ref => 5)) c;
-- Terms of 100 years, the last of which ends with the calendar: 92.0 and 80.0 per cent are left of it
select tz, p, c.* from (values ('UTC', 'day'), ('Asia/Tokyo', 'day'), ('Asia/Tokyo', 'second')) v(tz, p), pg_temp.charged(jsonb_build_object('timezone', tz, 'prorate', p), '[9800-01-01,9970-01-01)', loyalty.subscription('9850-01-01 00:00+00', 100, '100 years', ref => 1), loyalty.subscription('9858-01-01 00:00+00', 200, '100 years', ref => 1), loyalty.subscription('9960-01-01 00:00+00', 300, '100 years', ref => 1)) c;
-- Local dates: the day on which the clocks go forward is a day, too
select c.* from pg_temp.charged('{"timezone": "Europe/Berlin"}', '[2025-03-01,2025-04-01)', loyalty.subscription('2025-03-01 00:00+01', 31, ref => 1), loyalty.subscription('2025-03-31 00:00+02', 62, ref => 1)) c;
-- Adjoining periods add up
select loyalty.billed(h, :'t', '[2025-01-01,2025-03-01)') = loyalty.billed(h, :'t', '[2025-01-01,2025-01-31)') + loyalty.billed(h, :'t', '[2025-01-31,2025-03-01)') as adds_up from (select loyalty.add('[]', loyalty.subscription('2025-01-31 00:00+00', 10)) as h) x;

-- New prices within the period: with a ref the renewal day stays, a piece that was cut off renews from its own start
select c.* from unnest('{1,null}'::int[]) r, pg_temp.charged('{"plans": {"pro": [{"fee": 49, "until": "2026-02-15"}, {"fee": 55, "from": "2026-02-15", "until": "2026-03-15"}, {"fee": 60, "from": "2026-03-15"}]}}', '[2026-01-01,2026-05-01)', loyalty.subscription('2026-01-31 00:00+00', 40, plan => 'pro', ref => r)) c;

-- Usage: what each entry counts; by the plan that is held then, else the top level; what nothing prices is shown
select '{"tariff": "t", "timezone": "UTC", "plans": {"a": {"meters": {"gb": {"price": 1}}}, "b": [{"every": "1 month", "meters": {"gb": {"price": 2, "until": "2025-01-20"}}}]},
	"meters": {"gb": {"price": 10}, "gb max": {"meter": "gb", "of": "max", "price": 1}, "gb count": {"meter": "gb", "of": "count", "price": 1}, "gb last": {"meter": "gb", "of": "latest", "price": 1}, "gb who": {"meter": "gb", "of": "unique", "price": 1}, "gb eu": {"meter": "gb", "where": {"any": ["eu"]}, "price": 1}}}'::loyalty.tariff as t \gset
create temp table used as select loyalty.history(e) as h from (values
	(loyalty.usage('2025-01-01 00:00+00', 'gb', 3, '{eu}', 7)), (loyalty.usage('2025-01-02 00:00+00', 'gb', 8, null, '7')), (loyalty.usage('2025-01-03 00:00+00', 'gb', -2, '{eu,x}', 'u')), (loyalty.usage('2025-01-03 00:00+00', 'gb', 1)),
	(loyalty.subscription('2025-01-10 00:00+00', 0, plan => 'b', until => '2025-02-01 00:00+00')), (loyalty.usage('2025-01-10 00:00+00', 'gb', 5)), (loyalty.usage('2025-01-19 23:59:59+00', 'gb', 5)), (loyalty.usage('2025-01-20 00:00+00', 'gb', 100)),
	(loyalty.subscription('2025-01-25 00:00+00', 9, plan => 'a', until => '2025-01-27 00:00+00')), (loyalty.usage('2025-01-26 00:00+00', 'gb', 7)), (loyalty.usage('2025-01-27 00:00+00', 'gb', 50)), (loyalty.usage('2025-02-01 00:00+00', 'gb', 1000)),
	(loyalty.usage('2025-01-05 00:00+00', 'cpu', 4)), (loyalty.usage('2025-01-06 00:00+00', 'cpu', -4))) v(e);
select b.kind, b.item, b.quantity, b.amount, b.plan, b.ref from used, loyalty.bill(h, :'t', '[2025-01-01,2025-02-01)') b;
select loyalty.billed(h, :'t', '[2025-01-01,2025-02-01)'), loyalty.billed(h, :'t', '[2025-01-26,2025-01-27)') as one_day, loyalty.billed(h, :'t', '[2024-01-01,2024-02-01)'), loyalty.billed(h, :'t', 'empty'), loyalty.billed('[]', :'t', '[2024-01-01,2024-02-01)'), loyalty.billed(null, :'t', '[2024-01-01,2024-02-01)') from used;
-- Of two plans that price a meter the first by name, of two terms the shorter; a discount is no plan, a free one is; the most of what is below 0
select n, b.item, b.quantity, b.amount, b.plan from (values
	(1, array[loyalty.subscription('2025-01-01 00:00+00', 1, plan => 'b'), loyalty.subscription('2025-01-02 00:00+00', 0, plan => 'a')]), (2, array[loyalty.subscription('2025-01-01 00:00+00', -1, plan => 'a'), loyalty.subscription('2025-01-01 00:00+00', 1, plan => 'b')]),
	(3, array[loyalty.subscription('2025-01-01 00:00+00', 1, '1 year', plan => 'c'), loyalty.subscription('2025-01-01 00:00+00', 1, '30 days', plan => 'c')]), (4, '{}')) v(n, events),
	loyalty.bill((select loyalty.history(e) from unnest(events || loyalty.usage('2025-01-03 00:00+00', 'm', -1) || loyalty.usage('2025-01-04 00:00+00', 'm', -3)) e),
	'{"tariff": "t", "timezone": "UTC", "plans": {"a": {"meters": {"m": {"price": 2}}}, "b": {"meters": {"m": {"price": 3}}}, "c": [{"every": "1 year", "meters": {"yearly": {"meter": "m", "price": 4}}}, {"every": "30 days", "meters": {"short": {"meter": "m", "price": 5}}}]}, "meters": {"most": {"meter": "m", "of": "max", "price": 1}}}', '[2025-01-01,2025-02-01)') b where b.kind = 'usage' order by n, b.item;
call pg_temp.error(format('select loyalty.billed(%L, %L, %L)', '[]', :'t', '[2024-01-01,)'));
call pg_temp.error(format('select * from loyalty.bill(%L, %L, %L)', '[]', :'t', '[-infinity,2024-01-01)'));
-- 100,000 events of use cost no more each than 1,000
select loyalty.billed(loyalty.history(loyalty.usage('2025-01-01 00:00+00'::timestamptz + n * interval '1 second', 'gb', 1, ref => n)), :'t', '[2025-01-01,2025-02-01)') from generate_series(1, 100000) n;
