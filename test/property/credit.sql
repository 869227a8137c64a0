-- Credit against the oracle: plans, loans, what is due, owed and still to come, and offers, computed a second time, naively. N random
-- documents over random histories at random instants; a case depends on its own number only, SEED= sets where they begin.

\set ON_ERROR_STOP on
set client_min_messages = warning;
set jit = off;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '300') as n \gset

\ir oracle_credit.sql

create function oracle.dice(seed bigint, what text, sides int) returns int language sql immutable as $$ select (hashtextextended(what, seed) & 2147483647)::int % sides $$;
create function oracle.pick(seed bigint, what text, variadic of text[]) returns text language sql immutable as $$ select of[1 + oracle.dice(seed, what, cardinality(of))] $$;

create function oracle.random_needs(seed bigint, what text) returns jsonb language sql immutable as $$
	select jsonb_strip_nulls(jsonb_build_object(
		'tenure', oracle.pick(seed, what || 'tenure', null, null, null, '6 months', '0 days', '1 month 10 days'),
		'sales', oracle.pick(seed, what || 'sales', null, null, '{"in": "12 months", "least": 100}', '{"in": "45 days", "least": 50}')::jsonb,
		'orders', oracle.pick(seed, what || 'orders', null, null, '{"in": "3 months", "least": 2}', '{"in": "1 year", "least": 4}')::jsonb,
		'profit', oracle.pick(seed, what || 'profit', null, null, '{"in": "1 month", "least": -20}', '{"in": "6 months", "least": 10.5}')::jsonb,
		'refunds', oracle.pick(seed, what || 'refunds', null, null, '{"in": "6 months", "most": 0.3}', '{"in": "1 month", "most": 0}')::jsonb,
		'growth', oracle.pick(seed, what || 'growth', null, null, null, '{"in": "1 month", "least": -0.5}', '{"in": "100 days", "least": 0.1}')::jsonb,
		'profitable', oracle.pick(seed, what || 'profitable', null, null, '1 month', '1 year'))) $$;

create function oracle.random_terms(seed bigint, i int) returns jsonb language plpgsql immutable as $$
declare
	t jsonb := jsonb_build_object('name', 't' || i);
	w text := 'terms' || i;
begin
	if oracle.dice(seed, w, 3) = 0 then
		t := t || jsonb_strip_nulls(jsonb_build_object('fee', oracle.pick(seed, w || 'fee', null, '0.13', '0.055')::numeric, 'share', oracle.pick(seed, w || 'share', '0.1', '0.333333', '1')::numeric,
			'minimum', oracle.pick(seed, w || 'minimum', null, '{"part": 0.1, "per": "60 days"}', '{"part": 0.05, "per": "1 month"}')::jsonb));
	else
		t := t || jsonb_strip_nulls(jsonb_build_object('instalments', oracle.pick(seed, w || 'n', '1', '3', '6', '12', '40')::int,
			'every', oracle.pick(seed, w || 'every', null, null, '2 months', '7 days', '30 days'), 'first', oracle.pick(seed, w || 'first', null, null, '0 days', '14 days', '2 months')));
		if oracle.dice(seed, w || 'cost', 3) = 0 then
			t := t || jsonb_build_object('fee', oracle.pick(seed, w || 'fee', '0', '0.1', '0.033')::numeric);
		else
			t := t || jsonb_strip_nulls(jsonb_build_object('interest', oracle.pick(seed, w || 'interest', '0', '0.12', '0.0999', '1.5', '0.06')::numeric, 'residual', oracle.pick(seed, w || 'residual', null, null, '0.166667', '0.5')::numeric));
		end if;
	end if;
	if oracle.dice(seed, w || 'needs', 4) = 0 then
		t := t || jsonb_build_object('needs', oracle.random_needs(seed, w));
	end if;
	return t || jsonb_strip_nulls(jsonb_build_object('from', oracle.pick(seed, w || 'from', null, null, null, '2024-06-01'), 'until', oracle.pick(seed, w || 'until', null, null, null, '2025-07-15')));
end $$;

create function oracle.random_credit(seed bigint) returns jsonb language sql immutable as $$
	select jsonb_strip_nulls(jsonb_build_object('credit', 'c', 'timezone', oracle.pick(seed, 'zone', 'UTC', 'America/New_York', 'Asia/Beirut', 'America/Havana', 'Pacific/Apia', 'Europe/Berlin'),
		'decimals', oracle.pick(seed, 'decimals', null, null, null, '0', '3')::int, 'decide', oracle.pick(seed, 'decide', null, 'day', 'week', 'quarter'), 'valid', oracle.pick(seed, 'valid', null, null, '10 days', '3 months'),
		'qualify', case when oracle.dice(seed, 'qualify', 3) > 0 then jsonb_strip_nulls(jsonb_build_object('repaid', oracle.pick(seed, 'repaid', null, '0', '0.5')::numeric)) || oracle.random_needs(seed, 'q') end,
		'limit', oracle.pick(seed, 'limit', null, '[{"amount": 3000}]', '[{"amount": 100000}, {"of": "sales", "in": "12 months", "times": 1.7}]', '[{"of": "lowest month", "in": "2 months", "times": 2}]', '[{"of": "profit", "in": "90 days", "times": 3.000001}]')::jsonb,
		'minimum', oracle.pick(seed, 'minimum', null, null, '50')::numeric, 'step', oracle.pick(seed, 'step', null, null, '7', '100')::numeric,
		'pay_out', oracle.pick(seed, 'pay_out', null, '{"working_days": 5}', '{"working_days": 1, "holidays": ["2024-12-25", "2025-01-01", "2025-05-01"]}')::jsonb,
		'terms', jsonb_build_array(oracle.random_terms(seed, 1), oracle.random_terms(seed, 2), oracle.random_terms(seed, 3)),
		'grace', oracle.pick(seed, 'grace', null, null, '0 days', '5 days', '1 month'), 'default', oracle.pick(seed, 'default', null, '10 days', '0 days', '2 months'),
		'loss', oracle.pick(seed, 'loss', null, '{"given_default": 0.45, "probability": [["0 days", 0.02], ["30 days", 0.25], ["90 days", 1]]}')::jsonb)) $$;

-- Some instants are midnights of the zone, and some are those of other events.
create function oracle.random_at(seed bigint, i int, zone text) returns timestamptz language sql stable as $$
	select case when oracle.dice(seed, 'midnight' || i, 4) = 0 then oracle.midnight('2024-01-01'::date + oracle.dice(seed, 'day' || i, 700), zone)
		else '2024-01-01 00:00+00'::timestamptz + oracle.dice(seed, 'day' || i / (1 + oracle.dice(seed, 'same' || i, 2)), 700) * interval '1 day' + oracle.dice(seed, 'minute' || i, 1440) * interval '1 minute' end $$;

create function oracle.random_events(seed bigint, zone text) returns oracle.ev[] language sql stable as $$
	with e as (select oracle.random_at(seed, i, zone) as at, oracle.pick(seed, 'kind' || i, 'purchase', 'purchase', 'purchase', 'refund', 'expense', 'activity', 'advance', 'repayment', 'repayment', 'repayment') as kind, i
		from generate_series(1, 5 + oracle.dice(seed, 'events', 40)) i),
	f as (select at, kind, i,
		case kind when 'activity' then null when 'advance' then oracle.pick(seed, 'a' || i, '1000', '10000', '99.99', '0.05', '500.5') when 'repayment' then oracle.pick(seed, 'a' || i, '88.49', '300', '5', '1000', '20000', '0.333')
			when 'purchase' then oracle.pick(seed, 'a' || i, '100', '20.5', '-5', '1000', '0', '60') when 'refund' then oracle.pick(seed, 'a' || i, '10', '100', '0.5') else oracle.pick(seed, 'a' || i, '3', '50', '-2') end::numeric as amount,
		case when kind in ('purchase', 'refund') then oracle.pick(seed, 'c' || i, '0', '7.5', '90')::numeric end as cost,
		case when kind in ('purchase', 'refund', 'expense') then oracle.pick(seed, 't' || i, null, null, null, '{credit}', '{a,credit}', '{credits}')::text[] end as tags,
		case when kind = 'expense' then null when kind in ('purchase', 'refund') then oracle.dice(seed, 'r' || i, 9) else oracle.pick(seed, 'r' || i, null, '1', '2', '3')::int end as ref,
		case kind when 'activity' then oracle.pick(seed, 'n' || i, 'joined', 'written off') when 'advance' then oracle.pick(seed, 'n' || i, null, 't1', 't2', 't3') end as name from e)
	select array(select (row_number() over (order by at, array_position(array['activity', 'purchase', 'refund', 'expense', 'advance', 'repayment'], kind), ref nulls last, amount, name nulls first, i), at, kind, amount, cost, tags, ref, name)::oracle.ev from f
		order by at, array_position(array['activity', 'purchase', 'refund', 'expense', 'advance', 'repayment'], kind), ref nulls last, amount, name nulls first, i) $$;

-- What is wrong in a case, or null.
create function oracle.wrong(seed bigint) returns text language plpgsql stable as $$
declare
	doc jsonb := oracle.random_credit(seed);
	c loyalty.credit := doc::loyalty.credit;
	evs oracle.ev[] := oracle.random_events(seed, doc->>'timezone');
	h loyalty.history := oracle.history(evs);
	t timestamptz;
	ours text;
	theirs text;
	f record;
begin
	if not loyalty.credit_eq(c, c::text::loyalty.credit) or not loyalty.credit_eq(c, c::jsonb::loyalty.credit) then
		return 'a document is the same when written and read again';
	end if;
	for i in 1 .. 3 loop
		t := oracle.random_at(seed, 1000 + i, doc->>'timezone') + case i when 3 then interval '200 days' else '0' end;
		ours := (select string_agg(l::text, e'\n' order by n) from loyalty.loans(h, c, t) with ordinality l(ref, at, terms, amount, fee, total, repaid, principal, owed, due, overdue, overdue_since, next_due_at, next_due, state, closed_at, written_off, expected_loss, n));
		theirs := (select string_agg((l.ref, l.at, l.terms, trim_scale(l.amount), trim_scale(l.fee), trim_scale(l.total), trim_scale(l.repaid), trim_scale(l.principal), trim_scale(l.owed), trim_scale(l.due), trim_scale(l.overdue), l.overdue_since,
			l.next_due_at, trim_scale(l.next_due), l.state, l.closed_at, trim_scale(l.written_off), trim_scale(l.expected_loss), n)::text, e'\n' order by n) from oracle.loans(doc, evs, t) with ordinality l(ref, at, terms, amount, fee, total, repaid, principal, owed, due, overdue, overdue_since, next_due_at, next_due, state, closed_at, written_off, expected_loss, n));
		if ours is distinct from theirs then
			return format(e'loans at %s:\n%s\nshould be\n%s', t, ours, theirs);
		end if;
		select sum(l.owed) as owed, sum(l.due) as due into f from loyalty.loans(h, c, t) l;
		if loyalty.owed(h, c, t) <> coalesce(f.owed, 0) or loyalty.due(h, c, t) <> coalesce(f.due, 0) then
			return 'owed and due are the sums over the loans at ' || t;
		end if;
		ours := (select string_agg(x::text, e'\n' order by n) from loyalty.expected_cash(h, c, t) with ordinality x(due_at, ref, payment, n));
		theirs := (select string_agg((x.due_at, x.ref, trim_scale(x.payment), n)::text, e'\n' order by n) from oracle.expected_cash(doc, evs, t) with ordinality x(due_at, ref, payment, n));
		if ours is distinct from theirs then
			return format(e'expected_cash at %s:\n%s\nshould be\n%s', t, ours, theirs);
		end if;
		select (o.qualified, o.reasons, o.amount, o.terms, o.decided_at, o.valid_until, o.pay_by)::text into ours from loyalty.offer(h, c, t) o;
		select (o.qualified, o.reasons, trim_scale(o.amount), o.terms, o.decided_at, o.valid_until, o.pay_by)::text into theirs from oracle.offer(doc, evs, t) o;
		if ours is distinct from theirs then
			return format(e'offer at %s:\n%s\nshould be\n%s', t, ours, theirs);
		end if;
		if (select o.figures::text::jsonb <> o.figures or o.figures::text <> o.figures::text::jsonb::text from loyalty.offer(h, c, t) o) then
			return 'figures are jsonb';
		end if;
	end loop;
	return null;
end $$;

create function oracle.wrong_plan(seed bigint) returns text language plpgsql stable as $$
declare
	doc jsonb := oracle.random_credit(seed) || jsonb_build_object('terms', jsonb_build_array(oracle.random_terms(seed, 1) || case when oracle.dice(seed, 'long', 3) = 0 and oracle.random_terms(seed, 1) ? 'instalments' then '{"instalments": 60}'::jsonb else '{}' end));
	c loyalty.credit := doc::loyalty.credit;
	amount numeric := round((1 + oracle.dice(seed, 'amount', 1000000)) / 7.0, 2) * 10 ^ oracle.dice(seed, 'size', 4);
	at timestamptz := oracle.random_at(seed, 1, doc->>'timezone');
	ours text;
	theirs text;
begin
	ours := (select string_agg(x::text, e'\n' order by k) from loyalty.instalments(c, amount, at) x);
	if doc->'terms'->0 ? 'instalments' then
		theirs := (select string_agg((k, oracle.midnight(due, doc->>'timezone'), trim_scale(payment), trim_scale(interest), trim_scale(principal), trim_scale(balance))::text, e'\n' order by k)
			from oracle.plan(doc, doc->'terms'->0, amount, oracle.local_date(at, doc->>'timezone')));
	end if;
	return case when ours is distinct from theirs then format(e'plan of %s at %s on %s:\n%s\nshould be\n%s', amount, at, doc->'terms'->0, ours, theirs) end;
end $$;

create table seed as select g as seed from generate_series(:seed * 10000000::bigint, :seed * 10000000::bigint + :n - 1) as g;
create procedure check_all(what text) language plpgsql as $$
declare
	s bigint;
	found text;
begin
	for s in select seed from seed loop
		begin
			execute format('select oracle.%I($1)', what) into found using s;
		exception when others then
			found := sqlerrm;
		end;
		if found is not null then
			raise exception E'case %: %\n%\n%', s, found, oracle.random_credit(s), oracle.history(oracle.random_events(s, oracle.random_credit(s)->>'timezone'));
		end if;
	end loop;
end $$;
call check_all('wrong_plan');
select 'random plans', count(*) from seed;
call check_all('wrong');
select 'random histories', count(*) from seed;

-- Rates: what is found is a root, whatever the order; exactly the same however it was gathered
create table flow as select s.seed, '2024-01-01'::date + oracle.dice(seed, 'd' || i, 900) as day, case when i = 1 then -1000 else (oracle.dice(seed, 'a' || i, 2000) - 300) / 10.0 end::numeric as amount from seed s, generate_series(1, 12) i;
create view rate as select seed, loyalty.xirr(amount, day order by day) as r, loyalty.xirr(amount, day order by amount desc) as other, min(day) as first from flow group by seed;
do $$
begin
	if exists (select from rate where r is distinct from other) then
		raise exception 'a rate depends on the order';
	elsif exists (select from rate join flow using (seed) where r between -0.99 and 100 group by seed, r having abs(sum(amount * (1 + r) ^ (-(day - first) / 365.0))) > 1e-8 * sum(abs(amount) * greatest(1, (1 + r) ^ (-(day - first) / 365.0)))) then
		raise exception 'a rate is no root';
	elsif (select count(r) from rate) < (select count(*) from rate) / 2 then
		raise exception 'hardly a rate';
	end if;
end $$;
alter table flow set (parallel_workers = 2);
analyze flow;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
create table in_parallel as select seed, loyalty.xirr(amount, day) as r from flow group by seed;
set max_parallel_workers_per_gather = 0;
do $$
begin
	if exists (select from in_parallel join rate using (seed) where in_parallel.r is distinct from rate.r) then
		raise exception 'a parallel plan finds another rate';
	end if;
end $$;

select 'ok';
