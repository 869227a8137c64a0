-- event: one thing that happened to one customer
--
-- Read it from top to bottom: each question stands above its answer.  `error`
-- runs a statement that must fail, and shows its SQLSTATE and message.

\pset null 'null'
\i test/error.sql

--
-- Making events
--

-- A sale: when, how much, what the goods cost, how many, what rules look at, which order
select loyalty.purchase('2025-03-10 13:00+01', 200.50, 120, 2, array['skin', 'online'], 1001);

-- Everything but the instant and the amount may be left out, or given by name
select loyalty.purchase('2025-03-10 12:00+00', 200.50);
select loyalty.purchase('2025-03-10 12:00+00', 200.50, ref => 'A-17', tags => array['skin']);
select loyalty.purchase(at => '2025-03-10 12:00+00', amount => 200.50, quantity => 0.250, cost => 99.999999);

-- Money given back, with the cost recovered and the units returned
select loyalty.refund('2025-03-12 12:00+00', 100.25, cost => 60, quantity => 1, ref => 1001);

-- Points spent; granted or taken by hand, with an end; a cost of having this customer
select loyalty.redemption('2025-03-13 12:00+00', 500, 1002);
select loyalty.adjustment('2025-03-14 12:00+00', -20, tags => array['goodwill'], ref => 'ticket 9');
select loyalty.adjustment('2025-03-14 12:00+00', 20.5, expires => '2026-03-14 00:00+00');
select loyalty.expense('2025-03-15 12:00+00', 12.80, array['support', 'phone']);

-- Something without money; a tier given by hand, for a time or for ever
select loyalty.activity('2025-03-16 12:00+00', 'review', 'r-1');
select loyalty.grant_tier('2025-03-17 12:00+00', 'gold', until => '2026-01-01 00:00+00');
select loyalty.grant_tier('2025-03-17 12:00+00', 'gold');

-- A promise to pay: from then until an end, so much each time, for a plan; monthly and open unless said otherwise
select loyalty.subscription('2025-03-18 12:00+00', 49.90, interval '1 year', '2026-03-18 12:00+00', 'pro', 3, array['web'], 77);
select loyalty.subscription('2025-03-18 12:00+00', 9);
-- Money lent, under terms, and paid back; something used
select loyalty.advance('2025-03-19 12:00+00', 5000, 'a year', 'L-1'), loyalty.advance('2025-03-19 12:00+00', 0.01) as plain;
select loyalty.repayment('2025-04-19 12:00+00', 888.49, 'L-1');
select loyalty.usage('2025-03-20 12:00+00', 'gb', 2.5, array['eu'], 'k-1');
select loyalty.usage('2025-03-20 12:00+00', 'calls');

-- What may have either sign: a discount line, a cost that came back
select loyalty.purchase('2025-03-10 12:00+00', -5, cost => -1, quantity => -1),
	loyalty.expense('2025-03-10 12:00+00', -5);
-- a recurring discount, a free plan of nothing; less used than was said
select loyalty.subscription('2025-03-10 12:00+00', -5, quantity => 0), loyalty.usage('2025-03-10 12:00+00', 'gb', -2.5);

-- What is nothing: a cost of 0, a quantity of 1, no tags, NULLs among the tags, no ref
select loyalty.purchase('2025-03-10 12:00+00', 0, cost => 0.00, quantity => 1.0, tags => '{}', ref => null);
select loyalty.purchase('2025-03-10 12:00+00', 0, tags => array[null, 'a', null, 'b', 'a', '']);
select loyalty.purchase('2025-03-10 12:00+00', 0, tags => array[null]::text[]);
-- but what is said of a refund's or a sale's quantity of 0 stays
select loyalty.refund('2025-03-10 12:00+00', 0, quantity => 0), loyalty.purchase('2025-03-10 12:00+00', 0, quantity => 0);
-- and so does a refund's quantity of 1: without it the quantity is in proportion
select loyalty.refund('2025-03-10 12:00+00', 0, quantity => 1);

-- NULL instead of the instant, or of what makes the event: a NULL event
select loyalty.purchase(null, 1) is null and loyalty.purchase(now(), null) is null
	and loyalty.refund(null, 1) is null and loyalty.refund(now(), null) is null
	and loyalty.redemption(null, 1) is null and loyalty.redemption(now(), null) is null
	and loyalty.adjustment(null, 1) is null and loyalty.adjustment(now(), null) is null
	and loyalty.expense(null, 1) is null and loyalty.expense(now(), null) is null
	and loyalty.activity(null, 'joined') is null and loyalty.activity(now(), null) is null
	and loyalty.grant_tier(null, 'gold') is null and loyalty.grant_tier(now(), null) is null
	and loyalty.subscription(null, 1) is null and loyalty.subscription(now(), null) is null
	and loyalty.usage(null, 'gb') is null and loyalty.usage(now(), null) is null and loyalty.usage(now(), 'gb', null) is null
	and loyalty.advance(null, 1) is null and loyalty.advance(now(), null) is null
	and loyalty.repayment(null, 1) is null and loyalty.repayment(now(), null) is null as all_null;
-- other NULLs are as if left out
select loyalty.purchase('2025-03-10 12:00+00', 1, null, null, null, null::uuid),
	loyalty.adjustment('2025-03-10 12:00+00', 1, null, null, null::int) as adjustment,
	loyalty.grant_tier('2025-03-10 12:00+00', 'gold', null) as grant_tier;
select loyalty.subscription('2025-03-10 12:00+00', 1, null, null, null, null, null, null::bigint),
	loyalty.usage('2025-03-10 12:00+00', 'gb', 1, null, null::text) as usage,
	loyalty.advance('2025-03-10 12:00+00', 1, null, null::uuid) as advance, loyalty.repayment('2025-03-10 12:00+00', 1, null::int) as repayment;

--
-- The order's key is one text, however it came
--

create domain pg_temp.order_number as int check (value > 0);
create domain pg_temp.order_key as varchar(40);
-- Are all of these the order 5?
select type, e, loyalty.event_eq(e, loyalty.activity('2025-01-01 00:00+00', 'a', '5')) as same
from (values
	('bigint', loyalty.activity('2025-01-01 00:00+00', 'a', 5::bigint)),
	('int', loyalty.activity('2025-01-01 00:00+00', 'a', 5)),
	('smallint', loyalty.activity('2025-01-01 00:00+00', 'a', 5::smallint)),
	('text', loyalty.activity('2025-01-01 00:00+00', 'a', '5'::text)),
	('varchar', loyalty.activity('2025-01-01 00:00+00', 'a', '5'::varchar(3))),
	('char(n)', loyalty.activity('2025-01-01 00:00+00', 'a', '5'::char(8))),
	('domain of int', loyalty.activity('2025-01-01 00:00+00', 'a', 5::pg_temp.order_number)),
	('domain of varchar', loyalty.activity('2025-01-01 00:00+00', 'a', '5'::pg_temp.order_key))) as v(type, e);

-- A uuid is its own text; letters of the other case make another text
select loyalty.event_eq(a, b) as "uuid = lower", loyalty.event_eq(a, c) as "uuid = upper", c
from (select loyalty.activity('2025-01-01 00:00+00', 'a', uuid '6F9619FF-8B86-D011-B42D-00CF4FC964FF') as a,
	loyalty.activity('2025-01-01 00:00+00', 'a', '6f9619ff-8b86-d011-b42d-00cf4fc964ff') as b,
	loyalty.activity('2025-01-01 00:00+00', 'a', '6F9619FF-8B86-D011-B42D-00CF4FC964FF') as c) as e;

-- Do all these texts come back as they were, and are they all different orders?
create temp table odd_ref as
select ref, loyalty.redemption('2025-01-01 00:00+00', 1, ref) as e
from unnest(array['0', '-0', '00', '+1', '1', '-1', '01', ' 1', '1 ', '1.0', '1e3', '-', '',
	'9223372036854775807', '-9223372036854775808', '9223372036854775808', '-9223372036854775809',
	'18446744073709551616', '99999999999999999999999999999999', '0x10', 'ä', 'Ä', 'A', 'a', E'tab\tquote"back\\slash\nline',
	'6f9619ff-8b86-d011-b42d-00cf4fc964ff', '6f9619ff8b86d011b42d00cf4fc964ff', '{6f9619ff-8b86-d011-b42d-00cf4fc964ff}',
	'6f9619ff-8b86-d011-b42d-00cf4fc964fg', '日本', repeat('x', 255), repeat('9', 255)]) as ref;
select count(*), count(distinct e), bool_and(e::jsonb ->> 'ref' = ref) as kept,
	bool_and(loyalty.event_eq(e, e::text::loyalty.event)) as read_back from odd_ref;

-- Their order: numbers by value (beyond 64 bits too), then texts by their bytes, then those without
select string_agg(ref, ' ' order by e) from odd_ref where ref ~ '^(0|-?[1-9][0-9]*)$' and length(ref) < 40;
select string_agg(coalesce(ref, 'none'), ' ' order by e)
from (select ref, loyalty.activity('2025-01-01 00:00+00', 'a', ref) as e
	from unnest(array['b', null, 'B', '10', 'ä', '9', 'a', '-3']) as ref) as x;

-- Types that are none of these are refused, with the way out
call pg_temp.error($$ select loyalty.activity(now(), 'a', 5.0) $$);
call pg_temp.error($$ select loyalty.purchase(now(), 1, ref => 5.0) $$);
call pg_temp.error($$ select loyalty.purchase(now(), 1, ref => current_date) $$);
call pg_temp.error($$ select loyalty.redemption(now(), 1, '{1}'::int[]) $$);

-- 255 bytes are kept
call pg_temp.error($$ select loyalty.purchase(now(), 1, ref => repeat('ä', 128)) $$);

--
-- Numbers are exact: 12 digits before the point, 6 after it
--

select loyalty.purchase('2025-01-01 00:00+00', 999999999999.999999, -999999999999.999999, 0.000001);
-- zeros at the end are no decimals
select loyalty.purchase('2025-01-01 00:00+00', 10.500000000000), loyalty.purchase('2025-01-01 00:00+00', 0e-20) as zero;

-- One more is an error, never a rounding
call pg_temp.error($$ select loyalty.purchase(now(), 1000000000000) $$);
call pg_temp.error($$ select loyalty.purchase(now(), -1e40) $$);
call pg_temp.error($$ select loyalty.purchase(now(), 1e131071) $$);
call pg_temp.error($$ select loyalty.purchase(now(), 0.0000001) $$);
call pg_temp.error($$ select loyalty.purchase(now(), 1, cost => 1.0000001) $$);
call pg_temp.error($$ select loyalty.refund(now(), 1, quantity => 1e-30) $$);
call pg_temp.error($$ select loyalty.redemption(now(), 1/3.0) $$);
call pg_temp.error($$ select loyalty.adjustment(now(), 1e12) $$);

-- NaN and the infinities are no numbers
call pg_temp.error($$ select loyalty.purchase(now(), 'NaN') $$);
call pg_temp.error($$ select loyalty.expense(now(), 'Infinity') $$);
call pg_temp.error($$ select loyalty.purchase(now(), 1, cost => '-Infinity') $$);

-- Where a sign has no meaning, it is refused
call pg_temp.error($$ select loyalty.refund(now(), -1) $$);
call pg_temp.error($$ select loyalty.refund(now(), 1, cost => -1) $$);
call pg_temp.error($$ select loyalty.refund(now(), 1, quantity => -1) $$);
call pg_temp.error($$ select loyalty.redemption(now(), 0) $$);
call pg_temp.error($$ select loyalty.redemption(now(), -1) $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, quantity => -1) $$);
call pg_temp.error($$ select loyalty.advance(now(), 0) $$);
call pg_temp.error($$ select loyalty.advance(now(), -1) $$);
call pg_temp.error($$ select loyalty.repayment(now(), 0) $$);
call pg_temp.error($$ select loyalty.repayment(now(), -0.000001) $$);
-- (an amount of a column that is no numeric is not taken for one)
call pg_temp.error($$ select loyalty.purchase(now(), 9.99::double precision) $$);
call pg_temp.error($$ select loyalty.purchase(now(), 9.99::money) $$);
select loyalty.purchase('2025-03-10 12:00+00', 9.99::double precision::numeric), loyalty.purchase('2025-03-10 12:00+00', '$9.99'::money::numeric) as money;

--
-- Instants, terms, tags and names
--

-- The years 0001 to 9999
select loyalty.activity('0001-01-01 00:00+00', 'first'), loyalty.activity('9999-12-31 23:59:59.999999+00', 'last') as last;
call pg_temp.error($$ select loyalty.purchase('infinity', 1) $$);
call pg_temp.error($$ select loyalty.purchase('-infinity', 1) $$);
call pg_temp.error($$ select loyalty.purchase('0001-12-31 23:59:59+00 BC', 1) $$);
call pg_temp.error($$ select loyalty.purchase('10000-01-01 00:00+00', 1) $$);
call pg_temp.error($$ select loyalty.adjustment(now(), 1, expires => 'infinity') $$);
call pg_temp.error($$ select loyalty.grant_tier(now(), 'gold', until => 'infinity') $$);

call pg_temp.error($$ select loyalty.subscription('infinity', 1) $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, until => 'infinity') $$);
call pg_temp.error($$ select loyalty.usage('-infinity', 'gb') $$);
call pg_temp.error($$ select loyalty.advance('infinity', 1) $$);
call pg_temp.error($$ select loyalty.repayment('infinity', 1) $$);

-- A subscription may end where it begins, not before
select loyalty.subscription('2025-01-01 00:00+00', 1, until => '2025-01-01 00:00+00');
call pg_temp.error($$ select loyalty.subscription('2025-01-01 00:00+00', 1, until => '2024-12-31 23:59:59.999999+00') $$);

-- It is paid every so many months, or days: a year is 12 months, a week 7 days, and a month is not 30 days
select every, loyalty.subscription('2025-01-01 00:00+00', 1, every)::jsonb ->> 'every' as written
from unnest(array['1 month', '12 months', '1 year', '1 year 6 months', '1000 years', '1 day', '7 days', '1 week', '30 days', '366000 days', '2 weeks 3 days']::interval[]) as every;
call pg_temp.error($$ select loyalty.subscription(now(), 1, '0 days') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '-1 month') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '-5 days') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '1 month 1 day') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '1 month -1 day') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '24 hours') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '1 month 00:00:00.000001') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '1000 years 1 month') $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, '366001 days') $$);

-- 64 tags of 255 bytes, in one dimension
select loyalty.expense('2025-01-01 00:00+00', 1, array_fill(repeat('x', 255), array[64]))::text
	= '{"at": "2025-01-01T00:00:00Z", "kind": "expense", "amount": 1, "tags": ["' || repeat(repeat('x', 255) || '", "', 63) || repeat('x', 255) || '"]}' as kept;
call pg_temp.error($$ select loyalty.expense(now(), 1, array_fill('x'::text, array[65])) $$);
call pg_temp.error($$ select loyalty.expense(now(), 1, array['a', repeat('x', 256)]) $$);
call pg_temp.error($$ select loyalty.expense(now(), 1, '{{a,b},{c,d}}') $$);
-- NULLs do not count
select loyalty.expense('2025-01-01 00:00+00', 1, array_fill(null::text, array[100]) || 'a'::text);

-- A name has 1 to 255 bytes
select loyalty.activity('2025-01-01 00:00+00', repeat('n', 255)) is not null as kept;
call pg_temp.error($$ select loyalty.activity(now(), '') $$);
call pg_temp.error($$ select loyalty.activity(now(), repeat('n', 256)) $$);
call pg_temp.error($$ select loyalty.grant_tier(now(), '') $$);
call pg_temp.error($$ select loyalty.grant_tier(now(), repeat('ä', 128)) $$);
call pg_temp.error($$ select loyalty.subscription(now(), 1, plan => '') $$);
call pg_temp.error($$ select loyalty.usage(now(), '') $$);
call pg_temp.error($$ select loyalty.usage(now(), repeat('n', 256)) $$);
call pg_temp.error($$ select loyalty.advance(now(), 1, '') $$);

--
-- The text form: a JSON object
--

-- Keys and instants may be written in any order and any offset
select '{"tags": ["b", "a", "b"], "ref": 7, "amount": 1.50, "kind": "purchase", "at": "2025-07-01 02:00:00.5+02:00"}'::loyalty.event;
select '{"kind": "grant", "at": "2025-07-01T00:00Z", "tier": "gold", "until": "2025-12-31T23:59:59-15:59"}'::loyalty.event;
select '{"kind": "adjustment", "at": "2025-07-01T00:00:00-0330", "points": -0, "expires": "2025-12-31 00:00+05"}'::loyalty.event;
select '{"kind": "purchase", "at": "2025-07-01T00:00Z", "amount": 12.5e2, "cost": 1E-6, "quantity": 1}'::loyalty.event;
-- Escapes are read and written
select '{"kind": "activity", "at": "2025-07-01T00:00Z", "name": "\u00e4\ud83d\ude00\"\\\/\n\t\u0001"}'::loyalty.event;

select '{"ref": 5, "tags": ["a"], "until": "2026-01-01T00:00Z", "quantity": 2, "plan": "pro", "every": "1 year", "amount": 120, "kind": "subscription", "at": "2025-01-01T00:00Z"}'::loyalty.event;
-- What goes without saying is left out: a quantity of 1, but not a refund's; and a cost of 0
select '{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 5, "every": "1 month", "quantity": 1.0}'::loyalty.event,
	'{"at": "2025-07-01T00:00Z", "kind": "usage", "meter": "gb", "quantity": 1}'::loyalty.event as usage,
	'{"at": "2025-07-01T00:00Z", "kind": "refund", "amount": 5, "quantity": 1, "cost": 0}'::loyalty.event as refund;
-- How often is written in whole months or days, and read in years and weeks, too; a month if nothing is said
select every, format('{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 5, "every": "%s"}', every)::loyalty.event::jsonb ->> 'every' as written
from unnest(array['1 month', '01 months', '12 months', '1 year', '2 years 1 month', '1 year 6 mons', '1 mon', '7 days', '1 day', '1 week', '2weeks 1 day', '1000 years', '366000 days']) as every;
select '{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 5}'::loyalty.event;

-- Whatever the session's settings, one text comes out, and it is read as the same event
begin;
create temp table one as select loyalty.adjustment('2025-07-01 12:34:56.789+00', 1234.5, '2026-01-01 00:00+00') as e;
set local timezone = 'Asia/Kathmandu';
set local datestyle = 'German, DMY';
set local intervalstyle = 'iso_8601';
set local extra_float_digits = -10;
select e, loyalty.event_eq(e, e::text::loyalty.event) as same from one;
rollback;

-- jsonb both ways
select e::jsonb, loyalty.event_eq(e::jsonb::loyalty.event, e) as same
from (select loyalty.purchase('2025-03-10 13:00+01', 200.50, 120, 2, array['skin', 'online'], 1001) as e) as x;
select '{"kind": "refund", "at": "2025-07-01T00:00Z", "amount": 10.000}'::jsonb::loyalty.event;
call pg_temp.error($$ select '[1]'::jsonb::loyalty.event $$);

-- What is wrong is said
call pg_temp.error($$ select ''::loyalty.event $$);
call pg_temp.error($$ select '{"at": '::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "activity", "name": "a"} b'::loyalty.event $$);
call pg_temp.error($$ select 'null'::loyalty.event $$);
call pg_temp.error($$ select '[]'::loyalty.event $$);
call pg_temp.error($$ select '"x"'::loyalty.event $$);
call pg_temp.error($$ select 'true'::loyalty.event $$);
call pg_temp.error($$ select '1'::loyalty.event $$);
call pg_temp.error($$ select '{"kind": "purchase", "amount": 1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "amount": 1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "sale", "amount": 1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": 1, "amount": 1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "redemption"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "grant"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "activity"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "activity", "name": ""}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "activity", "name": 1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "activity", "name": "a", "amount": 1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "expense", "amount": 1, "ref": "1"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": "1"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "cost": null}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "amount": 2}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 0.0000001}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1e12}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1234567890123}'::loyalty.event $$);
select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 999999999999.999999, "cost": -0.000001, "quantity": 999999999999999999e-6}'::loyalty.event;
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1e999999999999999999999}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": NaN}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "refund", "amount": -1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "redemption", "points": 0}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "ref": {}}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "tags": "a"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "tags": [1]}'::loyalty.event $$);
call pg_temp.error(format($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "tags": %s}'::loyalty.event $$, to_json(array_fill('a'::text, array[65]))));
call pg_temp.error(format($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "tags": ["%s"]}'::loyalty.event $$, repeat('x', 256)));
call pg_temp.error(format($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "ref": "%s"}'::loyalty.event $$, repeat('x', 256)));
call pg_temp.error(format($$ select '{"at": "2025-07-01T00:00Z", "kind": "activity", "name": "\u0000"}'::loyalty.event $$));

call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "subscription"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 1, "name": "pro"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 1, "plan": ""}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 1, "quantity": -1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 1, "until": "2025-06-30T23:59Z"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 1, "every": 30}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "purchase", "amount": 1, "every": "1 month"}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "usage", "quantity": 1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "usage", "meter": null}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "advance", "amount": 1, "tags": []}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "advance", "amount": 0}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "repayment", "amount": -1}'::loyalty.event $$);
call pg_temp.error($$ select '{"at": "2025-07-01T00:00Z", "kind": "repayment", "amount": 1, "terms": "a"}'::loyalty.event $$);

-- Months and days cannot be mixed; there are no others, no fractions, none below 1 or above 1000 years
create function pg_temp.reads_every(every text) returns text language plpgsql as $$
begin
	return format('{"at": "2025-07-01T00:00Z", "kind": "subscription", "amount": 5, "every": "%s"}', every)::loyalty.event::jsonb ->> 'every';
exception when invalid_text_representation then
	return 'no';
end $$;
select every, pg_temp.reads_every(every) as reads from unnest(array['', ' ', '1', 'month', 'monthly', '1 month 1 day', '1 year 1 week', '0 days', '0 months', '0 months 7 days',
	'-1 month', '1.5 months', '1 Month', '1 hour', '1 month 00:00', '1 months ', ' 1 month', '1 monthss', '1 mo', '1 m', '1 month,', '1 day1 day', '1001 years', '12001 months', '366001 days',
	'99999999999999999999 days', '99999999999999999999 years', 'P1M', '1 day 1 day', '1 year 99999999999999999999 months', '4294967296 months']) as every;
-- A purchase of one unit is one that says nothing of units; a refund of one gives back one, and one that says nothing may give back all
select e, loyalty.event_eq(e, loyalty.purchase('2025-01-01 00:00+00', 5)) as "as without" from unnest(array['{"at": "2025-01-01T00:00:00Z", "kind": "purchase", "amount": 5, "quantity": 1}',
	'{"at": "2025-01-01T00:00:00Z", "kind": "purchase", "amount": 5, "quantity": 2, "cost": 0}']::loyalty.event[]) as e;
select e, loyalty.event_eq(e, loyalty.refund('2025-01-01 00:00+00', 5, quantity => 1)) as "as made" from unnest(array['{"at": "2025-01-01T00:00:00Z", "kind": "refund", "amount": 5, "quantity": 1, "cost": 0}',
	'{"at": "2025-01-01T00:00:00Z", "kind": "refund", "amount": 5}']::loyalty.event[]) as e;

-- An instant without its offset is none, nor is a day that never was
create function pg_temp.reads(at text) returns boolean language plpgsql as $$
begin
	return format('{"at": "%s", "kind": "activity", "name": "a"}', at)::loyalty.event is not null;
exception when invalid_text_representation then
	return false;
end $$;
select at, pg_temp.reads(at) from unnest(array['2024-02-29T12:00Z', '2024-02-29 12:00+0545', '2000-02-29T12:00:00Z', '2025-07-01T00:00:00.123456+01:30:15',
	'2025-07-01T00:00:00', '2025-07-01', '2025-07-01T00:00', '2025-07-01T24:00Z', '2025-07-01T23:60Z', '2025-07-01T23:59:60Z',
	'2025-02-29T12:00Z', '1900-02-29T12:00Z', '2025-13-01T12:00Z', '2025-00-01T12:00Z', '2025-01-00T12:00Z', '2025-06-31T12:00Z', '0000-01-01T00:00Z', '0001-01-01T00:00+01',
	'9999-12-31T23:59-01', '10000-01-01T00:00Z', '25-07-01T00:00Z', '2025-7-1T00:00Z', '2025-07-01T00:00:00.Z', '2025-07-01T00:00:00.1234567Z',
	'2025-07-01T00:00+1', '2025-07-01T00:00+16', '2025-07-01T00:00+01:', '2025-07-01T00:00+01:60', '2025-07-01T00:00 Z', '2025-07-01T00:00Z ',
	'2025-07-01T00:00z', '2025-07-01t00:00Z', 'infinity', 'now', '', '2025-07-01T00:00+01:00:60', '2025/07/01T00:00Z', '-025-07-01T00:00Z']) as at;

-- Limits of what is read
call pg_temp.error(format($$ select '{"at": %s1%s}'::loyalty.event $$, repeat('[', 31), repeat(']', 31)));
call pg_temp.error(format($$ select '{"at": %s1%s}'::loyalty.event $$, repeat('[', 32), repeat(']', 32)));
call pg_temp.error(format($$ select '%s'::loyalty.event $$, repeat('[', 100000)));
call pg_temp.error(format($$ select '{"at": [%s1]}'::loyalty.event $$, repeat('1,', 65536)));
call pg_temp.error($$ select ('{' || string_agg(format('"k%s": 1', n), ',') || '}')::loyalty.event from generate_series(1, 257) as n $$);

--
-- Comparing: =, <, ORDER BY, GROUP BY, DISTINCT
--

-- The operators stand in the schema loyalty
set search_path = loyalty, public;
-- One amount, one order, however written
select purchase('2025-01-01 00:00+00', 10.5, ref => 5) = purchase('2025-01-01 01:00+01', 10.50, 0, 1, '{}', '5') as same,
	purchase('2025-01-01 00:00+00', 10.5) <> purchase('2025-01-01 00:00+00', 10.51) as other,
	refund('2025-01-01 00:00+00', 1) = refund('2025-01-01 00:00+00', 1, quantity => 0) as "no quantity = 0";
-- First by instant, then by kind, ref and content
create temp table many (n int, e event);
insert into many values
	(1, activity('2024-12-31 23:59:59.999999+00', 'z')),
	(2, activity('2025-01-01 00:00+00', 'a')),
	(3, activity('2025-01-01 00:00+00', 'b')),
	(4, activity('2025-01-01 00:00+00', 'ba')),
	(5, purchase('2025-01-01 00:00+00', -1)),
	(6, purchase('2025-01-01 00:00+00', 1, cost => -1)),
	(7, purchase('2025-01-01 00:00+00', 1, quantity => -1)),
	(8, purchase('2025-01-01 00:00+00', 1)),
	(9, purchase('2025-01-01 00:00+00', 1, tags => '{a}')),
	(10, purchase('2025-01-01 00:00+00', 1, tags => '{a,b}')),
	(11, purchase('2025-01-01 00:00+00', 1, tags => '{aa}')),
	(12, purchase('2025-01-01 00:00+00', 1, tags => '{b,a}')),
	(13, refund('2025-01-01 00:00+00', 1)),
	(14, refund('2025-01-01 00:00+00', 1, quantity => 0)),
	(15, redemption('2025-01-01 00:00+00', 1)),
	(16, adjustment('2025-01-01 00:00+00', 1, expires => '2025-01-02 00:00+00')),
	(17, adjustment('2025-01-01 00:00+00', 1)),
	(18, expense('2025-01-01 00:00+00', 1)),
	(19, grant_tier('2025-01-01 00:00+00', 'gold', '2024-01-01 00:00+00')),
	(20, grant_tier('2025-01-01 00:00+00', 'gold')),
	(21, usage('2025-01-01 00:00+00', 'calls')),
	(22, usage('2025-01-01 00:00+00', 'calls', 2)),
	(23, advance('2025-01-01 00:00+00', 1)),
	(24, advance('2025-01-01 00:00+00', 1, 'a')),
	(25, repayment('2025-01-01 00:00+00', 1)),
	(26, subscription('2025-01-01 00:00:00.000001+00', 1, '7 days', plan => 'z')),
	(27, subscription('2025-01-01 00:00:00.000001+00', 1, '30 days')),
	(28, subscription('2025-01-01 00:00:00.000001+00', 1)),
	(29, subscription('2025-01-01 00:00:00.000001+00', 1, plan => 'a', until => '2025-01-01 00:00:00.000001+00')),
	(30, subscription('2025-01-01 00:00:00.000001+00', 1, plan => 'a')),
	(31, subscription('2025-01-01 00:00:00.000001+00', 1, plan => 'b')),
	(32, subscription('2025-01-01 00:00:00.000001+00', 1, '31 days')),
	(33, subscription('2025-01-01 00:00:00.000001+00', 1, '1 year', quantity => 2)),
	(34, activity('2025-01-01 00:00:00.000001+00', 'a', 1)),
	(35, purchase('2025-01-01 00:00:00.000001+00', 0));
select string_agg(n::text, ' ' order by e desc) as descending from many;
-- Do all the operators say so too?
select count(*) as pairs,
	bool_and((a.e < b.e) = (a.n < b.n) and (a.e <= b.e) = (a.n <= b.n) and (a.e = b.e) = (a.n = b.n) and (a.e <> b.e) = (a.n <> b.n)
		and (a.e >= b.e) = (a.n >= b.n) and (a.e > b.e) = (a.n > b.n) and sign(event_cmp(a.e, b.e)) = sign(a.n - b.n)) as agree
from many as a, many as b;
-- Equal events hash alike, others (these at least) do not
select count(distinct event_hash(e)), count(distinct event_hash_extended(e, 1)),
	bool_and(event_hash(e) = event_hash(e::text::event)) as equal from many;
-- Hashed and sorted groups, an index, a merge join
insert into many select n, e::text::event from many;
set enable_sort = off;
select count(*) from (select e from many group by e having count(*) = 2) as g;
reset enable_sort;
set enable_hashagg = off;
select count(*) from (select e from many group by e having count(*) = 2) as g;
reset enable_hashagg;
create index on many (e);
create index on many using hash (e);
set enable_seqscan = off;
select n from many where e = refund('2025-01-01 00:00+00', 1, quantity => 0) order by n;
select count(*) from many where e < refund('2025-01-01 00:00+00', 1);
set enable_hashjoin = off;
set enable_nestloop = off;
select count(*) from many as a join many as b using (e);
reset enable_seqscan;
reset enable_hashjoin;
reset enable_nestloop;
reset search_path;

--
-- The binary form
--

-- COPY BINARY and back: nothing is lost
\copy (select n, e from many order by n, e) to 'results/event.bin' (format binary)
create temp table again (like many);
\copy again from 'results/event.bin' (format binary)
(select n, e from many except all select n, e from again) union all (select n, e from again except all select n, e from many);

-- Bytes that no event has are refused
-- no bytes at all
\copy (select 1, '\x'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- another version
\copy (select 1, '\x020000000000000000000161'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a byte too many
\copy (select 1, '\x01000000000000000000016100'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a byte missing
\copy (select 1, '\x010000000000000000000261'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a name of no bytes
\copy (select 1, '\x0100000000000000000000'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a name that is not UTF8
\copy (select 1, '\x0100000000000000000001ff'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- an instant after 9999
\copy (select 1, '\x0100ffffffffffffff7f0161'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a kind that there is not
\copy (select 1, '\x011f000000000000000000'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a redemption of no points
\copy (select 1, '\x0103000000000000000000'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a cost of 0, a purchase's and a usage's quantity of 1: they go without saying
\copy (select 1, '\x0121000000000000000000c801'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
\copy (select 1, '\x01810400000000000000009003c801'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
\copy (select 1, '\x018804000000000000000090030161'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a refund of a negative quantity, an advance of nothing
\copy (select 1, '\x018204000000000000000002c801'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
\copy (select 1, '\x0109000000000000000000'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a subscription that ends before it begins; one paid every 0 months, every 12001
\copy (select 1, '\x0187080000000000000000ffffffffffffffffc80105'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
\copy (select 1, '\x01070000000000000000c80100'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
\copy (select 1, '\x01070000000000000000c80185f702'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- (said otherwise, all of these are events)
create temp table made (n int, e loyalty.event);
\copy (select n, bytes from (values (1, '\x01210000000000000000c801c801'::bytea), (2, '\x0181040000000000000000c801c801'), (3, '\x0188040000000000000000c8010161'), (4, '\x018204000000000000000000c801'), (5, '\x01090000000000000000c801'), (6, '\x01870800000000000000000000000000000000c80105'), (7, '\x01070000000000000000c80181f702')) as v(n, bytes)) to 'results/event.bin' (format binary)
\copy made from 'results/event.bin' (format binary)
select e from made order by n;
-- 1.00 written as millionths
\copy (select 1, '\x010500000000000000008192f401'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- the number 5 as a text
\copy (select 1, '\x01800200000000000000000274350161'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)
-- a text ref longer than any
\copy (select 1, '\x0180020000000000000000a01f74'::bytea || repeat('a', 3999)::bytea || '\x0161'::bytea) to 'results/event.bin' (format binary)
\copy again from 'results/event.bin' (format binary)

--
-- A damaged stored value is an error, whatever is asked of it, and never a crash
--

create cast (bytea as loyalty.event) without function;
create function pg_temp.answer(question text, bytes bytea) returns text language plpgsql as $$
begin
	execute question using bytes;
	return 'none';
exception when others then
	return sqlstate || ': ' || sqlerrm;
end $$;
select damage, question, pg_temp.answer(question, bytes)
from (values
	('no bytes', ''::bytea),
	('another version', '\x020000000000000000000161'),
	('a byte too many', '\x01000000000000000000016100'),
	('a byte missing', '\x010000000000000000000261'),
	('an unknown kind', '\x011f000000000000000000'),
	('an unknown attribute', '\x0180800800000000000000000161'),
	('an attribute of other kinds', '\x01800800000000000000000161'),
	('an instant after 9999', '\x0100ffffffffffffff7f0161'),
	('a cost of a redemption', '\x01230000000000000000c801c801'),
	('a term of no months', '\x01070000000000000000c80100'),
	('a term of 12001 months', '\x01070000000000000000c80185f702'),
	('a plan of no bytes', '\x01871000000000000000000000c80105'),
	('a second form of 1.00', '\x010500000000000000008192f401'),
	('an amount beyond the limit', '\x01050000000000000000feffffffffffffffff01'),
	('a text ref of no bytes', '\x0180020000000000000000000161'),
	('a text ref of 4000 bytes', '\x0180020000000000000000a01f74'::bytea || repeat('a', 3999)::bytea || '\x0161'),
	('a uuid of 2 bytes', '\x01800200000000000000000275350161'),
	('a text ref longer than the event', '\x018002000000000000000080808080107435'),
	('a tag longer than the list', '\x0185010000000000000000020961c801')) as damaged(damage, bytes),
	(values ('select $1::loyalty.event::text'),
		('select $1::loyalty.event::jsonb'),
		('select loyalty.event_lt($1::loyalty.event, $1::loyalty.event)'),
		('select loyalty.history(e) from (values ($1::loyalty.event), ($1::loyalty.event)) as v(e)'),
		('select loyalty.add(null, $1::loyalty.event)')) as asked(question)
where pg_temp.answer(question, bytes) <> 'XX001: stored value of type loyalty.event is damaged'
	and pg_temp.answer(question, bytes) <> 'XX001: stored value of type loyalty.history is damaged';
drop cast (bytea as loyalty.event);
