-- Programs folded over histories, against the oracle: the same fold written a second time, naively, in PL/pgSQL.
--
-- All worked cases (oracle_cases.sql), every difference once found, and N random cases (oracle_random.sql) are asked of
-- both. The first random case that differs is made as small as possible and shown. N= sets how many there are, SEED=
-- where they begin: a case depends on its own number only.

\set ON_ERROR_STOP on
set client_min_messages = warning;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '2000') as n \gset

\ir oracle.sql
\ir oracle_random.sql
\ir oracle_random_club.sql
\ir oracle_cases.sql
\ir oracle_club_cases.sql

----------------------------------------------------------------------------------------------------------------------
-- The extension's side

-- The events in the order given, read as text; and in two halves, in another order, built by the constructors and merged
create function history_read(events oracle.event[]) returns loyalty.history language sql stable as $$
	select oracle.history(events)::text::loyalty.history
$$;
create function history_gathered(events oracle.event[]) returns loyalty.history language sql stable as $$
	select coalesce(loyalty.history(half), '[]')
	from (
		select loyalty.history(case kind
			when 'purchase' then loyalty.purchase(at, amount, cost, quantity, tags, ref)
			when 'refund' then loyalty.refund(at, amount, cost, quantity, tags, ref)
			when 'redemption' then loyalty.redemption(at, points, ref)
			when 'adjustment' then loyalty.adjustment(at, points, expires, tags, ref)
			when 'expense' then loyalty.expense(at, amount, tags)
			when 'activity' then loyalty.activity(at, name, ref)
			when 'grant' then loyalty.grant_tier(at, tier, until)
			when 'subscription' then loyalty.subscription(at, amount, every, until, name, quantity, tags, ref)
			when 'usage' then loyalty.usage(at, name, quantity, tags, ref)
			when 'advance' then loyalty.advance(at, amount, name, ref)
			when 'repayment' then loyalty.repayment(at, amount, ref) end) as half
		from (select *, row_number() over () as n from unnest(events)) as e
		group by n % 2 order by 1 desc) as halves
$$;

-- The name of a voucher rule, null where the program gives it none and its place is shown
create function named(program loyalty.program, rule text) returns text language sql stable parallel safe as $$
	select rule where exists (select from jsonb_array_elements(program::jsonb -> 'vouchers') as v where v ->> 'name' = rule)
$$;

-- All answers at an instant. The session's zone and styles must not matter, so it has strange ones here.
create function answers(h loyalty.history, program loyalty.program, asof timestamptz, within interval) returns oracle.answers
language sql stable parallel safe set timezone = 'Asia/Kathmandu' set datestyle = 'German' set intervalstyle = 'sql_standard' as $$
	select row(s.*, loyalty.expiring(h, program, within, asof), loyalty.overdrawn(loyalty.until(h, asof), program),
		array(select row(earned_at, active_at, expires_at, ref, sum(earned), sum(remaining))::oracle.lot_row
			from loyalty.lots(h, program, asof)
			group by earned_at, active_at, expires_at, ref order by earned_at, active_at, expires_at, ref collate "C"),
		array(select row(p.*)::oracle.plan_row from loyalty.plans(h, program, asof) as p),
		array(select row(v.ref, v.issued_at, v.expires_at, v.points, v.value, v.state, v.used_at, named(program, v.rule))::oracle.voucher_row
			from loyalty.vouchers(h, program, asof) as v),
		array(select row(named(program, n.rule), n.points, n.settles_at)::oracle.next_voucher_row from loyalty.next_voucher(h, program, asof) as n),
		array(select row(b.*)::oracle.benefit_row from loyalty.benefits(h, program, asof) as b),
		array(select row(t.at, t.entry, coalesce(t.points, 0), t.ref)::oracle.voucher_entry
			from loyalty.statement(h, program, asof) as t where t.entry in ('issue', 'use', 'lapse') order by t.at, t.entry, t.ref collate "C"),
		array(select row(o.at, o.reason, o.ref)::oracle.misused
			from loyalty.overdrafts(loyalty.until(h, asof), program) as o where o.reason like '%voucher%'),
		case when program::jsonb -> 'vouchers' <> '[]' then round(loyalty.liability(h, program, asof), 10) end)::oracle.answers
	from loyalty.standing(h, program, asof) as s
$$;

-- What must hold of the answers by themselves: a claim that does not, else null
create function contradiction(h loyalty.history, again loyalty.history, program loyalty.program, asof timestamptz) returns text
language plpgsql stable parallel safe as $$
declare
	s record := loyalty.standing(h, program, asof);
	found record;
	value numeric := (program::jsonb #>> '{redeem,value}')::numeric;
	period tstzrange;
	f record;
	before timestamptz;
	after timestamptz;
begin
	if not loyalty.same(h, again) then
		return 'a history is the same in whatever order and parts its events come';
	elsif loyalty.program_ne(program, program::text::loyalty.program) or program::text <> program::text::loyalty.program::text
		or loyalty.program_ne(program, program::jsonb::loyalty.program) then
		return 'a program is the same when written and read again';
	elsif loyalty.standing(again, program::text::loyalty.program, asof) is distinct from s
		or loyalty.standing(loyalty.until(h, asof), program, asof) is distinct from s then
		return 'the standing at an instant rests on what happened until then';
	elsif (s.points, s.pending, s.tier) is distinct from
		(loyalty.points(h, program, asof), loyalty.pending(h, program, asof), loyalty.tier(h, program, asof)) then
		return 'points(), pending() and tier() are columns of standing()';
	elsif (s.pending, s.points + s.debt) is distinct from (
		select row(coalesce(sum(remaining) filter (where active_at > asof), 0), coalesce(sum(remaining) filter (where active_at <= asof), 0))
		from loyalty.lots(h, program, asof)) then
		return 'points + debt, and pending, are the sums of lots()';
	elsif s.expiring_at is not null and s.expiring <> loyalty.expiring(h, program, s.expiring_at - asof, asof)
		and program::jsonb ->> 'timezone' = 'UTC' then
		return 'expiring() until the next expiry is what standing() says';
	elsif jsonb_typeof(program::jsonb -> 'redeem') is distinct from 'array' and coalesce(program::jsonb -> 'vouchers', '[]') = '[]'
		and (loyalty.liability(h, program, asof), loyalty.liability(h, program, asof, 0.5))
			is distinct from (greatest(s.points + s.pending, 0) * value, greatest(s.points + s.pending, 0) * value / 2) then
		return 'liability() is the open points times redeem.value';
	end if;

	-- benefits, by name
	for found in select v ->> 'name' as name from jsonb_array_elements(coalesce(program::jsonb -> 'benefits', '[]') || '[{"name": "unknown"}]') as v loop
		if loyalty.entitled(h, program, found.name, asof) is distinct from
			exists (select from loyalty.benefits(h, program, asof) as b where b.benefit = found.name and coalesce(b.remaining > 0, true)) then
			return format('entitled() is a row of benefits() with something left: %s', found.name);
		end if;
	end loop;

	-- the roll-forward: it opens and closes with what standing() says, its movements are the sums of the statement, and parts of a period add up
	foreach period in array array[tstzrange(null, asof, '(]'), tstzrange(asof - interval '200 days', asof, '[]'), tstzrange(asof - interval '1 year', asof, '[)')] loop
		f := loyalty.rollforward(h, program, period);
		before := case when lower_inf(period) then lower(period) else lower(period) - case when lower_inc(period) then interval '1 microsecond' else '0' end end;
		after := upper(period) - case when upper_inc(period) then interval '0' else '1 microsecond' end;
		if f.opening + f.earned + f.bonus + f.adjusted + f.refunded + f.redeemed + f.settled + f.expired + f.forgiven is distinct from f.closing then
			return format('a roll-forward closes with what it opened with and all movements: %s', to_jsonb(f));
		elsif (f.opening, f.closing) is distinct from (
			coalesce(loyalty.points(h, program, before) + loyalty.pending(h, program, before), 0), loyalty.points(h, program, after) + loyalty.pending(h, program, after)) then
			return format('a roll-forward opens and closes with points() and pending(): %s', to_jsonb(f));
		elsif (f.earned + f.bonus, f.adjusted, f.refunded, f.redeemed, f.settled, f.expired) is distinct from (
			select row(coalesce(sum(points) filter (where entry in ('earn', 'bonus', 'hold')), 0), coalesce(sum(points) filter (where entry = 'adjust'), 0),
				coalesce(sum(points) filter (where entry in ('refund', 'clawback', 'return')), 0), coalesce(sum(points) filter (where entry = 'redeem'), 0),
				coalesce(sum(points) filter (where entry = 'issue'), 0), coalesce(sum(points) filter (where entry = 'expire'), 0))
			from loyalty.statement(h, program, after) as t where t.at <@ period) then
			return format('a roll-forward is the sums of the statement: %s', to_jsonb(f));
		elsif not lower_inf(period) and (
			select (sum(x.earned), sum(x.bonus), sum(x.adjusted), sum(x.refunded), sum(x.redeemed), sum(x.settled), sum(x.expired), sum(x.forgiven), min(x.closing) filter (where n = 2))
			from unnest(array[tstzrange(lower(period), lower(period) + interval '70 days'), tstzrange(lower(period) + interval '70 days', upper(period), case when upper_inc(period) then '[]' else '[)' end)])
				with ordinality as half(span, n), loyalty.rollforward(h, program, span) as x)
			is distinct from (f.earned, f.bonus, f.adjusted, f.refunded, f.redeemed, f.settled, f.expired, f.forgiven, f.closing) then
			return format('roll-forwards of adjoining periods add up: %s', to_jsonb(f));
		end if;
	end loop;

	-- the statement: in order of time; each balance is the one before it, changed by no more than the row's points; the
	-- last row of an instant is what standing() says then
	for found in
		select at, entry, points, balance, tier, n, at < lag(at) over line as late, lead(at) over line is distinct from at as last,
			balance - lag(balance, 1, 0) over line as change
		from loyalty.statement(h, program, asof) with ordinality as t(at, entry, points, balance, tier, rule, ref, n)
		window line as (order by n) order by n
	loop
		if found.late or found.at > asof then
			return format('the statement is in order of time: %s', to_jsonb(found));
		elsif found.change not between least(found.points, 0) and greatest(found.points, 0) and found.entry not like 'tier %'
			or found.change <> 0 and found.entry like 'tier %' or found.entry = 'tier up' and found.tier is null then
			return format('a row of the statement says what it did: %s', to_jsonb(found));
		elsif found.last and (found.balance, found.tier) is distinct from
			(loyalty.points(h, program, found.at), loyalty.tier(h, program, found.at)) then
			return format('the last balance and tier of an instant are points() and tier() then: %s', to_jsonb(found));
		end if;
	end loop;
	if coalesce(found.balance, 0) <> s.points
		or (case when found.n is null then loyalty.tier('[]', program, '-infinity') else found.tier end) is distinct from s.tier then
		return format('the statement ends with points() and tier(): %s', to_jsonb(found));
	end if;
	return null;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- The comparison

-- What differs: {"column": ["extension", "oracle"], ...}
create function differences(a oracle.answers, b oracle.answers) returns jsonb language sql immutable as $$
	select jsonb_object_agg(key, jsonb_build_array(x.value, y.value))
	from jsonb_each(to_jsonb(a)) as x join jsonb_each(to_jsonb(b)) as y using (key) where x.value <> y.value
$$;

-- Null if all is well, else what is not
create function wrong(program jsonb, events oracle.event[], asof timestamptz) returns text
language plpgsql stable parallel safe as $$
declare
	within interval := case when cardinality(events) % 2 = 0 then '1 year' else '1 month 3 days' end;
	p loyalty.program := program::text;
	h loyalty.history := history_read(events);
	a oracle.answers := answers(h, p, asof, within);
	o oracle.answers := oracle.answers(events, program, asof, within);
begin
	if a is distinct from o then
		return format('the answers differ, extension and oracle: %s', differences(a, o));
	end if;
	return 'does not hold: ' || contradiction(h, history_gathered(events), p, asof);
end $$;

create function wrong(seed bigint) returns text language plpgsql parallel safe as $$
declare
	program jsonb := oracle.random_program(seed);
	events oracle.event[] := oracle.random_events(seed, program);
begin
	return wrong(program, events, oracle.random_asof(seed, events, program));
end $$;

-- The same, with errors as texts; not for parallel plans
create function fault(program jsonb, events oracle.event[], asof timestamptz) returns text language plpgsql as $$
begin
	return wrong(program, events, asof);
exception when others then
	return 'error ' || sqlstate || ': ' || sqlerrm;
end $$;
create function fault(seed bigint) returns text language plpgsql as $$
begin
	return wrong(seed);
exception when others then
	return 'error ' || sqlstate || ': ' || sqlerrm;
end $$;

-- Every place in a document
create function places(document jsonb) returns setof text[] language sql immutable as $$
	with recursive place(path, value) as (
		select '{}'::text[], document
		union all
		select path || key, inner_value
		from place, lateral (
			select key, x from jsonb_each(case jsonb_typeof(value) when 'object' then value else '{}' end) as o(key, x)
			union all
			select (n - 1)::text, x
			from jsonb_array_elements(case jsonb_typeof(value) when 'array' then value else '[]' end) with ordinality as l(x, n)) as i(key, inner_value))
	select path from place where path <> '{}'
$$;

-- The smallest part of a case that still shows the same kind of fault. Every event, rule and key is left out in turn.
create function smallest(inout program jsonb, inout events oracle.event[], asof timestamptz) language plpgsql as $$
declare
	kind text := left(fault(program, events, asof), 30);
	again boolean := true;
	p text[];
begin
	while again loop
		again := false;
		for i in reverse cardinality(events) .. 1 loop
			if left(fault(program, events[:i - 1] || events[i + 1:], asof), 30) = kind then
				events := events[:i - 1] || events[i + 1:];
				again := true;
			end if;
		end loop;
		for p in select x from places(program) as x order by cardinality(x), x desc loop
			if program #> p is not null and left(fault(program #- p, events, asof), 30) = kind then
				program := program #- p;
				again := true;
			end if;
		end loop;
	end loop;
end $$;

-- Ends the run with a case that is wrong, in the form in which it may be kept
create procedure fail(title text, program jsonb, events oracle.event[], asof timestamptz) language plpgsql as $$
declare
	fault text := fault(program, events, asof);
	small record := smallest(program, events, asof);
begin
	raise exception '%', format(E'%s: %s\n\nprogram %s\nevents %s\nasof %s\n\nmade smaller: %s\n\ncall oracle.keep(''why'',\n %L,\n %L,\n %L);',
		title, fault, program, oracle.history(events), asof, fault(small.program, small.events, asof),
		small.program, oracle.history(small.events), asof);
end $$;

create procedure fail(title text, seed bigint) language plpgsql as $$
declare
	program jsonb := oracle.random_program(seed);
	events oracle.event[] := oracle.random_events(seed, program);
begin
	call fail(title, program, events, oracle.random_asof(seed, events, program));
end $$;

----------------------------------------------------------------------------------------------------------------------
-- The worked cases, and what was once found

do $$
declare
	c oracle."case";
	k oracle.kept;
	events oracle.event[];
	found jsonb;
begin
	for c in select * from oracle."case" order by name loop
		events := oracle.events(c.events);
		found := oracle.asked(c, oracle.answers(events, c.program, c.asof, oracle.within(c)));
		if found <> c.expect then
			raise exception 'the oracle is wrong in %', format(E'%s\n  why      %s\n  expected %s\n  found    %s', c.name, c.why, c.expect, found);
		end if;
		found := oracle.asked(c, answers(history_read(events), c.program::text::loyalty.program, c.asof, oracle.within(c)));
		if found <> c.expect then
			raise exception 'the extension is wrong in %', format(E'%s\n  why      %s\n  expected %s\n  found    %s', c.name, c.why, c.expect, found);
		elsif fault(c.program, events, c.asof) is not null then
			call fail(c.name, c.program, events, c.asof);
		end if;
	end loop;
	for k in select * from oracle.kept loop
		if fault(k.program, oracle.events(k.events), k.asof) is not null then
			call fail(k.why, k.program, oracle.events(k.events), k.asof);
		end if;
	end loop;
end $$;
select 'worked cases', count(*) from oracle."case";
select 'kept', count(*) from oracle.kept;

----------------------------------------------------------------------------------------------------------------------
-- Random cases, on two processors

-- wrong() and its like take the seed itself
\set asked ''
\ir oracle_seeds.sql

-- The binary form of programs, which only COPY shows
create table random_program as select g, oracle.random_program(g)::text::loyalty.program as program from generate_series(1, 2000) as g;
create table read_back as table random_program with no data;
\copy random_program to 'property_standing.bin' (format binary)
\copy read_back from 'property_standing.bin' (format binary)
do $$
begin
	if exists (select g from random_program as p left join read_back as r using (g)
			where r.program is null or loyalty.program_ne(r.program, p.program) or r.program::text <> p.program::text) then
		raise exception 'a program is not the same after binary output and input';
	end if;
end $$;

select 'ok';
