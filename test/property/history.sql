-- Random histories against plain SQL: every function of a history, any order, any split, any form, the same answers.
-- SEED= repeats a run.

\set ON_ERROR_STOP on
set client_min_messages = warning;
select setseed((:seed % 10007) / 10007.0) \g /dev/null

\ir oracle_expect.sql

-- A number with at most 12 digits before the point and 6 after it, of any size, often round, sometimes at the limit
create function some_number(smallest numeric) returns numeric language sql volatile as $$
	select greatest(smallest, case when smallest < 0 and random() < 0.2 then -1 else 1 end * case (random() * 9)::int
		when 0 then 0 when 1 then 999999999999.999999 when 2 then 0.000001 when 3 then 1
		when 4 then trunc((random() * 10 ^ (random() * 12))::numeric, 6)
		when 5 then trunc((random() * 1000)::numeric, 3)
		else trunc((random() * 1000)::numeric, 2) end)
$$;
create function some_text() returns text language sql volatile as $$
	select (array['a', 'b', 'online', '', 'ä', 'Ä', '日本', '😀', '"', '\', e'tab\t', e'line\n', e'\x01', ' ', '{"a": 1}', 'null', repeat('x', 200)])[1 + (random() * 16)::int]
$$;
create function some_ref() returns text language sql volatile as $$
	select case (random() * 7)::int when 0 then null when 1 then (random() * 20 - 10)::int::text when 2 then (random() * 1e15)::bigint::text
		when 3 then substr('9223372036854775807', 1, 18) || (random() * 9)::int when 4 then '-' || substr('9223372036854775808', 1, 18) || (random() * 9)::int
		when 5 then md5((random() * 5)::int::text)::uuid::text when 6 then '0' || (random() * 5)::int else some_text() end
$$;
create function some_term() returns interval language sql volatile as $$
	select (array['1 month', '1 month', '1 year', '3 months', '1 week', '30 days', '1 day', '365 days', '1000 years', '366000 days', '11999 months']::interval[])[1 + (random() * 10)::int]
$$;
create function some_instant() returns timestamptz language sql volatile as $$
	select case (random() * 12)::int
		when 0 then '2024-02-29 12:00+00'::timestamptz + (random() * 3)::int * interval '1 day'
		when 1 then '2025-03-29 00:00+00'::timestamptz + (random() * 110)::int * interval '15 minutes'
		when 2 then '2025-10-25 00:00+00'::timestamptz + (random() * 110)::int * interval '15 minutes'
		when 3 then '2025-01-28 00:00+00'::timestamptz + (random() * 10)::int * interval '12 hours'
		when 4 then '2025-01-01 00:00+00'::timestamptz + (random() * 1e13)::bigint * interval '1 microsecond'
		else '2023-01-01 00:00+00'::timestamptz + (random() * 1000)::int * interval '1 day' end
$$;

-- 30,000 events of 1,500 customers, few of whom have many
create table happened as
select g, n, random() as arrival, (random() * 3)::int as part, kind, at, amount, cost, quantity, points, every, until, name, nullif(tags, '{}') as tags,
	case when kind not in ('expense', 'grant') then ref end as ref,
	case kind
		when 'purchase' then loyalty.purchase(at, amount, cost, quantity, tags, ref)
		when 'refund' then loyalty.refund(at, amount, cost, quantity, tags, ref)
		when 'redemption' then loyalty.redemption(at, points, ref)
		when 'adjustment' then loyalty.adjustment(at, points, until, tags, ref)
		when 'expense' then loyalty.expense(at, amount, tags)
		when 'activity' then loyalty.activity(at, name, ref)
		when 'grant' then loyalty.grant_tier(at, name, until)
		when 'subscription' then loyalty.subscription(at, amount, every, until, name, quantity, tags, ref)
		when 'usage' then loyalty.usage(at, name, coalesce(quantity, 1), tags, ref)
		when 'advance' then loyalty.advance(at, amount, name, ref)
		when 'repayment' then loyalty.repayment(at, amount, ref) end as event
from (
	select g, n, kind, at, case when kind in ('purchase', 'expense', 'subscription') then some_number(-1e12) when kind = 'refund' then some_number(0)
			when kind in ('advance', 'repayment') then some_number(0.000001) end as amount,
		case when kind = 'purchase' then nullif(some_number(-1e12), 1) when kind = 'refund' then nullif(some_number(0), 1) end as cost,
		case when kind in ('purchase', 'usage') then nullif(some_number(-1e12), 1) when kind in ('refund', 'subscription') then nullif(some_number(0), 1) end as quantity,
		case when kind = 'redemption' then some_number(0.000001) when kind = 'adjustment' then some_number(-1e12) end as points,
		case when kind = 'subscription' then some_term() end as every,
		case when kind in ('adjustment', 'grant') and random() < 0.5 then some_instant() when kind = 'subscription' and random() < 0.5 then greatest(at, some_instant()) end as until,
		case when kind in ('activity', 'grant', 'usage') or (kind in ('subscription', 'advance') and random() < 0.7) then 'n' || some_text() end as name,
		case when kind in ('purchase', 'refund', 'adjustment', 'expense', 'subscription', 'usage') then array(select some_text() from generate_series(1, (random() * 3 * (n % 2))::int) as i where n > 0) end as tags,
		some_ref() as ref
	from (select g, n, some_instant() as at, (array['purchase', 'purchase', 'purchase', 'purchase', 'refund', 'redemption', 'adjustment', 'expense', 'activity', 'grant',
			'subscription', 'subscription', 'usage', 'advance', 'repayment'])[1 + (random() * 14)::int] as kind
		from (select n, (1500 * random() ^ 3)::int as g from generate_series(1, 30000) as n) as s
		union all
		-- some have a few equal events, some one of the ends of time
		select 2000 + n % 100, n, '2025-01-01 00:00+00'::timestamptz + n % 3 * interval '1 microsecond', 'purchase' from generate_series(1, 500) as n
		union all
		select 3000 + n % 100, n, case n % 2 when 0 then '0001-01-01 00:00+00'::timestamptz else '9999-12-31 23:59:59.999999+00' end, 'expense' from generate_series(1, 300) as n) as e) as s;
create index on happened (g);
analyze happened;
create table kept as select g, loyalty.history(event) as h, count(*) as n from happened group by g;
analyze kept;
select 'histories', count(*), 'of events', sum(n) from kept;

create table unpacked as
select g, e.* from kept, loyalty.events(h) with ordinality as e(at, kind, amount, cost, quantity, points, expires, name, tier, every, until, tags, ref, event, place);
analyze unpacked;

call expect_none('every event is in there once, with all that was given', $$
	select * from (
		(select g, at, kind, trim_scale(amount), case when kind in ('purchase', 'refund') then trim_scale(coalesce(cost, 0)) end, case when kind in ('purchase', 'subscription', 'usage') then trim_scale(coalesce(quantity, 1)) when kind = 'refund' then trim_scale(quantity) end,
			trim_scale(points), case when kind = 'adjustment' then until end, case when kind <> 'grant' then name end, case when kind = 'grant' then name end, every, case when kind <> 'adjustment' then until end, tags, ref, event::text from happened
		except all select g, at, kind, amount, cost, quantity, points, expires, name, tier, every, until, tags, ref, event::text from unpacked)) as missing $$);
call expect_none('as many events come out as went in', $$ select g, n, came from kept join (select g, count(*) as came from unpacked group by g) as u using (g) where n <> came $$);
call expect_none('numbers come out without trailing zeros', $$ select g, amount, cost from unpacked where scale(amount) <> min_scale(amount) or scale(cost) <> min_scale(cost) or scale(points) <> min_scale(points) $$);
call expect_none('events stand in order: instant, kind, ref (numbers by value, then texts by bytes, then none), content', $$
	select * from (select g, place_of < lag(place_of) over (partition by g order by place) as wrong, event::text
		from unpacked, lateral (select coalesce(ref ~ '^(0|-?[1-9][0-9]*)$', false) as is_number) as r, lateral (select row(at,
			array_position(array['subscription', 'activity', 'purchase', 'refund', 'redemption', 'adjustment', 'expense', 'grant', 'usage', 'advance', 'repayment'], kind),
			ref is null, not is_number, case when is_number then ref::numeric else 0 end, case when is_number then '' else coalesce(ref, '') end collate "C",
			coalesce(amount, 0), coalesce(cost, 0), coalesce(quantity, 0), coalesce(points, 0), coalesce(every, '0'), coalesce(name, '') collate "C", coalesce(tier, '') collate "C",
			coalesce(until, expires, 'infinity'), coalesce(tags, '{}') collate "C") as place_of) as p) as o where wrong $$);

call expect_none('the order of arrival leaves no trace', $$
	select g from kept join (select g, loyalty.history(event order by arrival) as h from happened group by g) as a using (g) join (select g, loyalty.history(event order by n desc) as h from happened group by g) as b using (g)
	where loyalty.history_send(a.h) <> loyalty.history_send(kept.h) or loyalty.history_send(b.h) <> loyalty.history_send(kept.h) $$);

set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
alter table happened set (parallel_workers = 2);
call expect_parallel('select g, loyalty.history(event) as h from happened group by g');
create table in_parallel as select g, loyalty.history(event) as h from happened group by g;
set enable_hashagg = off;
call expect_parallel('select g, loyalty.history(event) as h from happened group by g');
create table in_parallel_sorted as select g, loyalty.history(event) as h from happened group by g;
reset enable_hashagg;
reset parallel_setup_cost;
reset parallel_tuple_cost;
reset min_parallel_table_scan_size;
call expect_none('a parallel plan makes the same bytes', $$
	select g from kept left join in_parallel as a using (g) left join in_parallel_sorted as b using (g)
	where loyalty.history_send(a.h) is distinct from loyalty.history_send(kept.h) or loyalty.history_send(b.h) is distinct from loyalty.history_send(kept.h) $$);

create table parts as select g, part, loyalty.history(event) as h from happened group by g, part;
call expect_none('parts make the whole, merged in any order', $$
	select g from kept join (select g, loyalty.history(h order by random()) as h from parts group by g) as p using (g) where loyalty.history_send(p.h) <> loyalty.history_send(kept.h) $$);
call expect_none('merging two is merging their events', $$
	select a.g from parts as a join parts as b on a.g = b.g and a.part < b.part
	where loyalty.history_send(loyalty.merge(a.h, b.h)) <> loyalty.history_send((select loyalty.history(event) from (select event from loyalty.events(b.h) union all select event from loyalty.events(a.h)) as e)) $$);
call expect_none('taking out a part leaves the others', $$
	select g from kept join parts as p using (g) where loyalty.history_send(loyalty.remove(kept.h, p.h)) <> loyalty.history_send(coalesce((select loyalty.history(o.h) from parts as o where o.g = p.g and o.part <> p.part), '[]')) $$);
call expect_none('h - e undoes h || e', $$
	select k.g from kept as k join happened as o on o.g = (k.g * 7) % 1500 and k.n < 200
	where loyalty.history_send(loyalty.remove(loyalty.add(k.h, o.event), o.event)) <> loyalty.history_send(k.h) $$);
call expect_none('what is not in there cannot be taken out', $$
	select g from (select g, h, event from kept join happened using (g) where kept.n < 50) as s, lateral (select loyalty.remove(h, event) as less) as r
	where (select count(*) from loyalty.events(less) as e where loyalty.event_eq(e.event, s.event)) <> (select count(*) - 1 from loyalty.events(h) as e where loyalty.event_eq(e.event, s.event)) $$);

call expect_none('text, jsonb and back', $$
	select g from kept where loyalty.history_send(h::text::loyalty.history) <> loyalty.history_send(h) or loyalty.history_send(h::jsonb::loyalty.history) <> loyalty.history_send(h) $$);
call expect_none('text and jsonb say the same', $$ select g from kept where h::text::jsonb <> h::jsonb $$);
call expect_none('an event''s text, jsonb and back', $$
	select event from happened where loyalty.event_send(event::text::loyalty.event) <> loyalty.event_send(event) or loyalty.event_send(event::jsonb::loyalty.event) <> loyalty.event_send(event) $$);
\copy (select g, h, n from kept) to 'property_history.bin' (format binary)
create table read_back (like kept);
\copy read_back from 'property_history.bin' (format binary)
\copy (select g, event from happened) to 'property_history.bin' (format binary)
create table events_read_back (g int, event loyalty.event);
\copy events_read_back from 'property_history.bin' (format binary)
call expect_none('binary and back', $$ select g from kept left join read_back as r using (g) where loyalty.history_send(kept.h) is distinct from loyalty.history_send(r.h) $$);
call expect_none('an event''s binary form and back', $$ select g, event::text from happened except all select g, event::text from events_read_back $$);

call expect_none('a part of a history is what plain SQL finds in the range', $$
	select g, span from (select g, h, tstzrange(least(a, b), greatest(a, b), (array['[]', '[)', '(]', '()'])[1 + g % 4]) as span from kept,
		lateral (select (select at from happened as o where o.g = kept.g and o.part = 0 limit 1) as a, (select at from happened as o where o.g = kept.g and o.part = 1 limit 1) as b) as l) as s
	where loyalty.history_send(loyalty.during(h, span)) <> loyalty.history_send(coalesce((select loyalty.history(event) from happened as o where o.g = s.g and span @> at), '[]'))
		or loyalty.history_send(loyalty.until(h, upper(span))) <> loyalty.history_send(coalesce((select loyalty.history(event) from happened as o where o.g = s.g and at <= upper(span)), '[]')) $$);

-- Two of few events: equality and order are those of their events in order
create table small as select n, coalesce((select loyalty.history(event) from (select event from happened where g between 2000 and 2004 order by random() limit (random() * 3)::int) as e where n > 0), '[]') as h from generate_series(1, 300) as n;
call expect_none('histories compare as their events do', $$
	select a.n, b.n from (select n, h, array(select event from loyalty.events(h)) as events from small) as a, (select n, h, array(select event from loyalty.events(h)) as events from small) as b
	where sign(loyalty.history_cmp(a.h, b.h)) <> sign(btarraycmp(a.events, b.events)) or loyalty.same(a.h, b.h) <> (a.events = b.events)
		or (loyalty.same(a.h, b.h) and loyalty.history_hash(a.h) <> loyalty.history_hash(b.h)) $$);

--
-- What a history is worth
--

create table profits as select g, at, coalesce(case kind when 'purchase' then amount - coalesce(cost, 0) when 'refund' then coalesce(cost, 0) - amount when 'expense' then -amount end, 0) as profit, kind = 'purchase' as sale from happened;
create index on profits (g, at);
analyze profits;
create table plain as
select g, coalesce(sum(amount) filter (where kind = 'purchase'), 0) as gross_revenue, coalesce(sum(amount) filter (where kind = 'refund'), 0) as refunded,
	coalesce(sum(cost) filter (where kind = 'purchase'), 0) - coalesce(sum(cost) filter (where kind = 'refund'), 0) + coalesce(sum(amount) filter (where kind = 'expense'), 0) as cost,
	count(distinct ref) filter (where kind = 'purchase') + count(*) filter (where kind = 'purchase' and ref is null) as orders,
	min(at) filter (where kind = 'purchase') as first_purchase, max(at) filter (where kind = 'purchase') as last_purchase,
	coalesce(sum(case kind when 'purchase' then cost when 'refund' then -cost when 'expense' then amount end) filter (where 'ä' = any (tags)), 0) as cost_ae
from happened group by g;
create table plain_payback as
select g, min(at) filter (where sum >= 0 and (lowest < 0 or bought)) as payback
from (select g, at, sum, min(sum) over so_far as lowest, bool_or(sale) over so_far as bought
	from (select g, at, sum(sum(profit)) over (partition by g order by at) as sum, bool_or(sale) as sale from profits group by g, at) as instants
	window so_far as (partition by g order by at)) as curve
group by g;
call expect_none('each function is its plain sum', $$
	select p.*, h.p as row from plain join (select g, gross_revenue - refunded as revenue, gross_revenue - refunded - cost as profit from plain) as s using (g) join plain_payback using (g)
	join (select g, h, p from kept, loyalty.profitability(h) as p) as h using (g), lateral (select plain.*, s.revenue, s.profit) as p
	where (p.gross_revenue, p.refunded, p.revenue, p.cost, p.profit, p.orders, p.first_purchase, p.last_purchase, p.cost_ae, payback) is distinct from
			(loyalty.gross_revenue(h), loyalty.refunded(h), loyalty.revenue(h), loyalty.cost(h), loyalty.profit(h), loyalty.orders(h), loyalty.first_purchase(h), loyalty.last_purchase(h), loyalty.cost(h, 'ä'), loyalty.payback(h))
		or loyalty.margin(h) is distinct from case when p.revenue > 0 then trim_scale(trim_scale(p.profit) / trim_scale(p.revenue)) end
		or loyalty.average_order_value(h) is distinct from trim_scale(trim_scale(p.revenue) / nullif(p.orders, 0))
		or ((h.p).revenue, (h.p).gross_revenue, (h.p).refunded, (h.p).cost, (h.p).profit, (h.p).margin, (h.p).orders, (h.p).average_order_value, (h.p).first_purchase, (h.p).last_purchase, (h.p).payback) is distinct from
			(loyalty.revenue(h), loyalty.gross_revenue(h), loyalty.refunded(h), loyalty.cost(h), loyalty.profit(h), loyalty.margin(h), loyalty.orders(h), loyalty.average_order_value(h), loyalty.first_purchase(h), loyalty.last_purchase(h), loyalty.payback(h)) $$);

-- unprofitable_since by its definition: at every instant at which something comes or leaves, add up what is there
create table asked as
select g, h, span, zone, case (random() * 5)::int when 0 then '2030-01-01 00:00+00' when 1 then at when 2 then (at at time zone zone + span) at time zone zone else at + random() * 1.1 * span end as asof
from kept, lateral (select coalesce((select at from profits as p where p.g = kept.g and p.at < '9000-01-01' order by random() limit 1), now()) as at,
	(array['1 day', '1 month', '1 year', '3 months 2 days 01:30', '90 minutes', '30 days']::interval[])[1 + (random() * 5 + 0 * g)::int] as span,
	(array['UTC', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Kolkata'])[1 + (random() * 4 + 0 * g)::int] as zone) as a
where n < 60;
create table present as
select g, asof, p.at, p.profit, (p.at at time zone zone + span) at time zone zone as leaves from asked join profits as p using (g) where p.at <= asof;
create index on present (g);
analyze present;
create table trail as
select i.g, i.at, (select sum(profit) from present as p where p.g = i.g and p.at <= i.at and p.leaves > i.at) as profit
from (select g, at from present union select g, leaves from present where leaves <= asof) as i;
call expect_none('unprofitable_since is the start of the last spell below zero', $$
	select g, span, zone, asof, plain.since, loyalty.unprofitable_since(h, span, asof, zone) as answered from asked
	left join (select g, min(at) filter (where at > last_good) as since from (select g, at, max(at) filter (where coalesce(profit, 0) >= 0) over (partition by g) as good_at, profit from trail) as t,
		lateral (select coalesce(good_at, '-infinity') as last_good) as l group by g) as plain using (g)
	where plain.since is distinct from loyalty.unprofitable_since(h, span, asof, zone) $$);
call expect_none('some are unprofitable, some are not', $$ select 1 from asked having count(loyalty.unprofitable_since(h, span, asof, zone)) < 200 or count(*) - count(loyalty.unprofitable_since(h, span, asof, zone)) < 200 $$);

--
-- The reader of numbers, over numerics of all weights and scales
--

create procedure read_numbers(cases int) language plpgsql as $$
declare
	number numeric; written text; kept numeric; read numeric; exponent int;
begin
	for i in 1 .. cases loop
		number := case (random() * 5)::int
			when 0 then trunc((random() * 1e15)::numeric * (10::numeric ^ (random() * 40 - 25)::int), (random() * 30)::int)
			when 1 then (random() * 1e9)::bigint::numeric / (10::numeric ^ (random() * 10)::int)
			when 2 then 10::numeric ^ (random() * 40 - 20)::int
			when 3 then 1000000000000 - (random() * 2)::int / 1000000.0 + (random() * 2)::int / 10000000.0
			when 4 then (random() * 99999999)::int::numeric * 10000::numeric ^ ((random() * 8)::int - 5)
			else trunc((random() * 1000000000000)::numeric, 2) + (random() * 9999)::int / 1000000.0 end;
		number := round(number, least(scale(number) + (random() * 4)::int, 60)) * (1 - 2 * (random() * 1)::int);
		kept := case when abs(number) < 1000000000000 and number = round(number, 6) then number end;
		-- from a numeric
		begin
			read := (loyalty.purchase('2025-01-01 00:00+00', number)::jsonb ->> 'amount')::numeric;
		exception when numeric_value_out_of_range then
			read := null;
		end;
		if read is distinct from kept then
			raise exception 'numeric % is read as %', number, read;
		end if;
		-- from a text, sometimes with an exponent
		exponent := (random() * 20 - 10)::int;
		written := case i % 2 when 0 then number::text else (number * 10::numeric ^ exponent)::text || (array['e', 'E'])[1 + i % 4 / 2] || case when exponent < 0 and i % 3 = 0 then '+' else '' end || -exponent end;
		begin
			read := (format('{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": %s}', written)::loyalty.event::jsonb ->> 'amount')::numeric;
		exception when numeric_value_out_of_range then
			read := null;
		end;
		if read is distinct from kept then
			raise exception 'text % is read as %', written, read;
		end if;
	end loop;
end $$;
call read_numbers(20000);
call expect_none('a sum is what numeric says', $$
	select g from (select n % 500 as g, case when n % 3 = 0 then -1 else 1 end * trunc((random() * 1e12)::numeric, n % 7) as v from generate_series(1, 20000) as n) as s group by g having sum(v) <> loyalty.revenue(loyalty.history('2025-01-01 00:00+00', v)) $$);

select 'ok';
