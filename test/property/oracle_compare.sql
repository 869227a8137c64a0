-- Asks the extension what oracle_ask.sql asks the oracle, and compares. Needs oracle_ask.sql and oracle_subscription_random.sql.

----------------------------------------------------------------------------------------------------------------------
-- The extension's side

create function event_made(e jsonb) returns loyalty.event language sql immutable as $$
	select case e->>'kind'
		when 'subscription' then loyalty.subscription(at, amount, (e->>'every')::interval, until, e->>'plan', quantity, tags, ref)
		when 'usage' then loyalty.usage(at, e->>'meter', coalesce(quantity, 1), tags, ref)
		when 'purchase' then loyalty.purchase(at, amount, ref => ref)
		when 'refund' then loyalty.refund(at, amount, ref => ref)
		when 'expense' then loyalty.expense(at, amount)
		when 'activity' then loyalty.activity(at, e->>'name', ref)
		when 'grant' then loyalty.grant_tier(at, e->>'tier', until) end
	from (select (e->>'at')::timestamptz, (e->>'amount')::numeric, (e->>'until')::timestamptz, (e->>'quantity')::numeric, oracle.tags(e), e->>'ref') as v(at, amount, until, quantity, tags, ref)
$$;

-- Read as text, in the order given; and in two halves, in another order, built by the constructors and merged
create function history_read(history jsonb) returns loyalty.history language sql stable as $$ select history::text::loyalty.history $$;
create function history_gathered(history jsonb) returns loyalty.history language sql stable as $$
	select coalesce(loyalty.history(half), '[]')
	from (select loyalty.history(event_made(e) order by n desc) as half from jsonb_array_elements(history) with ordinality as x(e, n) group by n % 2) as halves
$$;

-- The answer to a question, of one history or (a report) of many
create function answer(many loyalty.history[], q jsonb) returns jsonb language plpgsql stable parallel safe set timezone = 'Asia/Kathmandu' as $$
declare
	h loyalty.history := many[1];
	asof timestamptz := q->>'asof';
	period tstzrange := q->>'period';
	plans text[] := array(select jsonb_array_elements_text(q->'plans'));
	net boolean := coalesce((q->>'net')::boolean, false);
	win interval := q->>'window';
	tz text := coalesce(q->>'timezone', 'UTC');
begin
	case q->>'ask'
		when 'mrr' then return to_jsonb(loyalty.mrr(h, asof));
		when 'first_paid' then return to_jsonb(loyalty.first_paid(h));
		when 'subscriptions' then return (
			select coalesce(jsonb_agg(to_jsonb(s) - 'n' order by n), '[]')
			from loyalty.subscriptions(h, asof, tz) with ordinality as s(plan, amount, every, quantity, mrr, since, until, renews_at, tags, ref, n));
		when 'movements' then return (
			select coalesce(jsonb_agg(to_jsonb(m) - 'n' order by n), '[]') from loyalty.movements(h, period, net, win) with ordinality as m(at, movement, change, mrr, n));
		when 'report' then return (select to_jsonb(loyalty.mrr_report(x, period, net, win)) from unnest(many) as x);
		when 'membership' then return to_jsonb(loyalty.membership(h, plans, asof, tz));
		when 'charge' then return to_jsonb(loyalty.charge((q->'tariff')::text::loyalty.tariff, q->>'meter', (q->>'quantity')::numeric, q->>'plan', asof));
		when 'reprice' then return oracle.sorted(oracle.promises(loyalty.reprice(h, (q->'tariff')::text::loyalty.tariff)::jsonb));
		when 'bill' then return (
			select coalesce(jsonb_agg(to_jsonb(b) - 'n' order by n), '[]')
			from loyalty.bill(h, (q->'tariff')::text::loyalty.tariff, period) with ordinality as b(kind, item, span, quantity, amount, plan, ref, n));
		when 'billed' then return to_jsonb(loyalty.billed(h, (q->'tariff')::text::loyalty.tariff, period));
	end case;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- The comparison

-- What the rules leave open does not count: the order of rows that are alike in what orders them, the digits of a quotient
create function normal(q jsonb, answer jsonb) returns jsonb language sql immutable as $$
	select case
		when q->>'ask' in ('subscriptions', 'bill') then (
			select jsonb_build_object('rows', coalesce(jsonb_agg(r order by r::text), '[]'),
				'order', coalesce(jsonb_agg(jsonb_build_array(r->'kind', r->'since', lower((r->>'span')::tstzrange), r->'item', case when r ? 'since' then r->'plan' end, r->'ref') order by n), '[]'))
			from jsonb_array_elements(answer) with ordinality as x(r, n))
		when q->>'ask' = 'report' then oracle.rates(answer)
		else answer end
$$;

create function untrimmed(answer jsonb) returns boolean language sql immutable as $$ select answer::text ~ '[0-9]\.[0-9]*0[\],} ]' $$;

-- Null if all is well, else what is not
create function wrong(history jsonb, q jsonb) returns text language plpgsql stable parallel safe as $$
declare
	found jsonb := answer(array(select history_read(h) from jsonb_array_elements(oracle.population(history)) as h), q);
	again jsonb := answer(array(select history_gathered(h) from jsonb_array_elements(oracle.population(history)) as h), q);
	expected jsonb := oracle.answer(history, q);
begin
	if normal(q, found) is distinct from normal(q, expected) then
		return format(E'the answers differ\n extension %s\n oracle    %s', found, expected);
	elsif found is distinct from again then
		return format(E'not the same in another order\n first  %s\n second %s', found, again);
	elsif untrimmed(found) then
		return format('numbers print without trailing zeros: %s', found);
	end if;
	return null;
end $$;

-- The same, with errors as texts; not for parallel plans
create function fault(history jsonb, q jsonb) returns text language plpgsql as $$
begin
	return wrong(history, q);
exception when others then
	return 'error ' || sqlstate || ': ' || sqlerrm;
end $$;

-- Every place in a document, those within it first
create function places(document jsonb) returns setof text[] language sql immutable as $$
	with recursive place(path, value) as (
		select '{}'::text[], document
		union all
		select path || key, x
		from place, lateral (
			select key, x from jsonb_each(case jsonb_typeof(value) when 'object' then value else '{}' end) as o(key, x)
			union all
			select (n - 1)::text, x from jsonb_array_elements(case jsonb_typeof(value) when 'array' then value else '[]' end) with ordinality as l(x, n)) as i)
	select path from place where path <> '{}' order by cardinality(path), path desc
$$;

-- The smallest part of a case that still shows the same kind of fault: events, what they say, and rules are left out in turn
create function smallest(inout history jsonb, inout q jsonb) language plpgsql as $$
declare
	kind text := left(fault(history, q), 15);
	again boolean := true;
	p text[];
begin
	while again loop
		again := false;
		for p in select * from places(history) loop
			if p[cardinality(p)] not in ('at', 'kind', 'amount', 'every', 'meter') and history #> p is not null and left(fault(history #- p, q), 15) = kind then
				history := history #- p;
				again := true;
			end if;
		end loop;
		for p in select * from places(q->'tariff') loop
			if p[cardinality(p)] <> 'every' and q->'tariff' #> p is not null and left(fault(history, jsonb_set(q, '{tariff}', q->'tariff' #- p)), 15) = kind then
				q := jsonb_set(q, '{tariff}', q->'tariff' #- p);
				again := true;
			end if;
		end loop;
	end loop;
end $$;

-- Ends the run with a case that is wrong, in the form in which it may be kept
create procedure fail(title text, history jsonb, q jsonb) language plpgsql as $$
declare
	small record := smallest(history, q);
begin
	raise exception '%', format(E'%s: %s\n\nhistory %s\nquestion %s\n\nmade smaller: %s\n\ncall oracle.keep(''why'',\n %L,\n %L);',
		title, fault(history, q), history, q, fault(small.history, small.q), small.history, small.q);
end $$;

-- What was once found: kept as it was
create table oracle.kept (why text, history jsonb, question jsonb);
create procedure oracle.keep(why text, history jsonb, question jsonb) language sql as $$ insert into oracle.kept values (why, history, question) $$;

-- All worked cases, and what was kept
create procedure check_cases() language plpgsql as $$
declare
	c record;
begin
	call oracle.check_cases();
	for c in select name, history, question from oracle."case" union all select why, history, question from oracle.kept order by name loop
		if fault(c.history, c.question) is not null then
			call fail(c.name, c.history, c.question);
		end if;
	end loop;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Random cases

-- What is wrong with a case: the first question that is answered wrongly, or what does not hold of the answers by themselves
create function wrong(a oracle.asked) returns text language plpgsql stable parallel safe as $$
declare
	q jsonb;
	found text;
begin
	for q in select x from jsonb_array_elements(a.questions) as x loop
		found := wrong(a.history, q);
		if found is not null then
			return found;
		end if;
	end loop;
	return 'does not hold: ' || contradiction(a);
end $$;
create function fault(a oracle.asked) returns text language plpgsql as $$
begin
	return wrong(a);
exception when others then
	return 'error ' || sqlstate || ': ' || sqlerrm;
end $$;

create procedure fail(title text, a oracle.asked) language plpgsql as $$
declare
	q jsonb;
begin
	for q in select x from jsonb_array_elements(a.questions) as x loop
		if fault(a.history, q) is not null then
			call fail(title, a.history, q);
		end if;
	end loop;
	raise exception '%', format(E'%s: %s\n\nhistory %s\nquestions %s', title, fault(a), a.history, a.questions);
end $$;

\ir oracle_expect.sql
