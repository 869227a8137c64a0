-- Deals against a plain replay of their rules. Random sequences of claims, confirmations and releases by the clock, with
-- holds of some milliseconds, units added and taken away, deals closed, cancelled and opened again; after each step the
-- answer, and all claims, must be those of the replay: now, at an instant before, and at one to come.
--
-- N= sets how many sequences there are, one for 20, SEED= where they begin.

\set ON_ERROR_STOP on
set client_min_messages = warning;
set jit = off;
set plan_cache_mode = force_generic_plan;
\set n ''
\getenv n N
select greatest(coalesce(nullif(:'n', '')::int, 2000) / 20, 1) as n \gset

select loyalty.open_deals('sale', 'int') \g /dev/null

----------------------------------------------------------------------------------------------------------------------
-- The replay: one deal, what happens in the order in which it happens

create table deal (opens timestamptz, closes timestamptz, each int, hold interval, turn interval, waitlist boolean, cancelled timestamptz);
create table unit (unit int primary key, free timestamptz);   -- free since then; NULL: held or bought
create table claimed (n serial primary key, customer int, ref text, state text, at timestamptz, since timestamptz, until timestamptz, unit int, order_ref text);
-- what was seen before, to be seen again
create table seen (asof timestamptz, claims text);

-- all that the clock alone does up to t
create function advance(t timestamptz) returns void language plpgsql as $$
declare
	d deal; ends claimed; first claimed; u unit; x timestamptz; next timestamptz;
	cancels timestamptz; closes timestamptz;
begin
	select * into d from deal;
	loop
		select * into ends from claimed where state = 'held' order by until, n limit 1;
		select * into first from claimed where state = 'waiting' order by n limit 1;
		select * into u from unit where free is not null order by free, unit limit 1;
		x := greatest(u.free, first.at);
		if u.unit is null or first.n is null or x >= d.closes or x >= coalesce(d.cancelled, 'infinity') then
			x := null;
		end if;
		cancels := case when exists (select from claimed where state in ('held', 'waiting')) then d.cancelled end;
		closes := case when first.n is not null then d.closes end;
		next := least(ends.until, cancels, closes, x);
		exit when next is null or next > t;
		if next = ends.until then
			update claimed set state = 'lapsed', since = ends.until, until = null where n = ends.n;
			update unit set free = ends.until where unit = ends.unit;
		elsif next = cancels then
			update unit set free = greatest(cancels, c.since) from claimed c where c.state = 'held' and c.unit = unit.unit;
			update claimed set state = 'cancelled', since = greatest(cancels, since), until = null where state in ('held', 'waiting');
		elsif next = closes then
			update claimed set state = 'closed', since = greatest(closes, since) where state = 'waiting';
		else
			update claimed set state = 'held', since = x, until = x + coalesce(d.turn, d.hold), unit = u.unit where n = first.n;
			update unit set free = null where unit = u.unit;
		end if;
	end loop;
end $$;

create function shown(t timestamptz) returns text language sql as $$
	select string_agg(concat_ws('|', customer, coalesce(ref, '-'), state, at, since, coalesce(until::text, '-'),
		coalesce(case when state = 'waiting' then (select count(*) from claimed b where b.state = 'waiting' and b.n <= c.n) end::text, '-'), coalesce(order_ref, '-')), e'\n' order by n)
	from claimed c where at <= t
$$;

create function told(c claimed) returns text language sql as $$
	select concat_ws('|', c.state, case when c.state = 'held' then c.until end,
		case when c.state = 'waiting' then (select count(*) from claimed b where b.state = 'waiting' and b.n <= c.n) end)
$$;

create function my_claim(who int, wanted text, t timestamptz) returns text language plpgsql as $$
declare
	d deal; c claimed; u unit;
begin
	perform advance(t);
	select * into d from deal;
	select * into c from claimed where customer = who and case when wanted is null then state in ('held', 'waiting', 'bought') else ref = wanted end order by n desc limit 1;
	if found then return told(c); end if;
	if t >= d.cancelled then return 'cancelled'; end if;
	if t < d.opens then return concat_ws('|', 'not open', d.opens); end if;
	if t >= d.closes then return 'closed'; end if;
	if (select count(*) from claimed where customer = who and state in ('held', 'waiting', 'bought')) >= d.each then return 'limit'; end if;
	select * into u from unit where free <= t order by free, unit limit 1;
	if found and not exists (select from claimed where state = 'waiting') then
		update unit set free = null where unit = u.unit;
		insert into claimed (customer, ref, state, at, since, until, unit) values (who, wanted, 'held', t, t, t + d.hold, u.unit) returning * into c;
	elsif d.waitlist then
		insert into claimed (customer, ref, state, at, since) values (who, wanted, 'waiting', t, t) returning * into c;
	else
		return concat_ws('|', 'sold out', (select min(until) from claimed where state = 'held'));
	end if;
	return told(c);
end $$;

create function my_confirm(who int, ordered text, wanted text, t timestamptz) returns text language plpgsql as $$
declare
	c claimed;
begin
	perform advance(t);
	if exists (select from claimed where customer = who and state = 'bought' and order_ref = ordered and (wanted is null or ref = wanted)) then return 'bought'; end if;
	select * into c from claimed where customer = who and case when wanted is null then state = 'held' else ref = wanted end order by until, n limit 1;
	if c.state is distinct from 'held' then return 'LY002'; end if;
	update claimed set state = 'bought', since = t, until = null, order_ref = ordered where n = c.n;
	return 'bought';
end $$;

create function my_release(who int, wanted text, t timestamptz) returns text language plpgsql as $$
declare
	c claimed;
begin
	perform advance(t);
	select * into c from claimed where customer = who and (wanted is null or ref = wanted) order by state in ('held', 'waiting', 'bought') desc, n desc limit 1;
	if not found then return ''; end if;
	if c.state not in ('held', 'waiting', 'bought') then return told(c); end if;
	update claimed set state = 'released', since = t, until = null where n = c.n;
	update unit set free = t where unit = c.unit;
	return 'released';
end $$;

----------------------------------------------------------------------------------------------------------------------
-- The sequences

create function ours(t timestamptz) returns text language sql as $$
	select string_agg(concat_ws('|', customer, coalesce(ref, '-'), state, at, since, coalesce(until::text, '-'), coalesce(place::text, '-'), coalesce(order_ref, '-')), e'\n')
	from loyalty.claims('sale', 'd', t)
$$;

create function pick(variadic texts text[]) returns text language sql as $$ select texts[1 + floor(random() * cardinality(texts))] $$;
create function some_time() returns interval language sql as $$ select interval '1 millisecond' * (0.5 + random() * 5) $$;

create procedure must_be(what text, got text, wanted text) language plpgsql as $$
begin
	if got is distinct from wanted then
		raise exception e'%\n-- got:\n%\n-- wanted:\n%\n-- units:\n%\n-- stored:\n%', what, got, wanted,
			(select string_agg(u::text, e'\n') from (select * from sale_unit order by unit) u), (select string_agg(c::text, e'\n') from (select * from sale_claim order by claim) c);
	end if;
end $$;

-- one step; answers what was done
create function step() returns text language plpgsql as $$
declare
	t timestamptz; who int := 1 + floor(random() * 8); wanted text := pick(null, null, null, 'a', 'b', 'c'); ordered text := pick('1', '2', '3');
	dice float := random(); got text; expected text; what text; changed text; before int; later timestamptz; old record;
begin
	-- now, or the very end of a hold that is near, which must be waited for
	t := clock_timestamp();
	if random() < 0.3 then
		select until into later from claimed where state = 'held' and until between t and t + interval '8 milliseconds' order by random() limit 1;
		if found then
			t := later;
			while clock_timestamp() < t loop null; end loop;
		end if;
	elsif random() < 0.3 then
		perform pg_sleep(random() * 0.004);
		t := clock_timestamp();
	end if;
	if dice < 0.5 then
		what := format('claim(%s, %s) at %s', who, wanted, t);
		expected := my_claim(who, wanted, t);
		select concat_ws('|', state, until, place) into got from loyalty.claim('sale', 'd', who, wanted, t);
	elsif dice < 0.68 then
		what := format('confirm(%s, %s, %s) at %s', who, ordered, wanted, t);
		expected := my_confirm(who, ordered, wanted, t);
		begin
			select concat_ws('|', state, until, place) into got from loyalty.confirm('sale', 'd', who, ordered, wanted, t);
		exception when sqlstate 'LY002' then
			got := 'LY002';
		end;
	elsif dice < 0.85 then
		what := format('release(%s, %s) at %s', who, wanted, t);
		expected := my_release(who, wanted, t);
		select concat_ws('|', state, until, place) into got from loyalty.release('sale', 'd', who, wanted, t);
	elsif dice < 0.95 then
		-- a unit is added with each change: it tells when the change was
		changed := pick('each = each', 'each = each', 'closes = greatest(opens, clock_timestamp())', 'closes = greatest(opens, clock_timestamp() + some_time())', 'closes = clock_timestamp() + ''1 hour''',
			'cancelled = clock_timestamp() + some_time()', 'cancelled = null', 'turn = some_time()', 'waitlist = not waitlist', 'each = 3 - each', 'hold = some_time()');
		what := 'units + 1, ' || changed;
		select max(unit) into before from sale_unit;
		execute 'update sale_deal set units = units + 1, ' || changed;
		select free into t from sale_unit where unit > coalesce(before, 0);
		what := format('%s at %s', what, t);
		perform advance(t);
		insert into unit select coalesce(max(unit), 0) + 1, t from unit;
		update deal set (closes, each, hold, turn, waitlist, cancelled) = (select closes, each, hold, turn, waitlist, cancelled from sale_deal);
		perform advance(t);
	else
		what := 'units - 1';
		begin
			update sale_deal set units = units - 1 where units > 0;
			t := clock_timestamp();
			perform advance(t);
			-- one that was free; which of them makes no difference
			if exists (select from unit) and (select count(*) from sale_unit) < (select count(*) from unit) then
				delete from unit where unit = (select unit from unit where free is not null order by free desc limit 1);
				if not found then
					raise exception 'none was free at %', t;
				end if;
			end if;
		exception when check_violation then
			-- none was free when it began to look
			if exists (select from unit where free <= t) and not exists (select from claimed where state = 'waiting') then
				raise exception 'a unit was free at %', t;
			end if;
			t := clock_timestamp();
			perform advance(t);
		end;
	end if;
	call must_be(what, got, expected);
	perform advance(t);
	expected := shown(t);
	call must_be('claims after ' || what, ours(t), expected);
	-- what nobody will remember is also told
	if random() < 0.3 then
		later := t + some_time() * 4;
		begin
			perform advance(later);
			call must_be(format('claims to come at %s after %s', later, what), ours(later), shown(later));
			raise sqlstate 'UNDO1';
		exception when sqlstate 'UNDO1' then
			null;
		end;
	end if;
	if random() < 0.3 then
		for old in select * from seen order by random() limit 2 loop
			call must_be(format('claims of %s after %s', old.asof, what), ours(old.asof), old.claims);
		end loop;
	end if;
	insert into seen values (t, expected);
	-- never sold twice, never more than their share
	if exists (select from sale_deal join lateral (select count(*) filter (where state in ('held', 'bought')) as out from loyalty.claims('sale', 'd', t)) c on true where c.out > units) then
		raise exception 'oversold after %', what;
	end if;
	return what;
end $$;

create procedure sequence(seed float, commits boolean) language plpgsql as $$
declare
	done text[];
begin
	perform setseed(seed);
	delete from sale_claim;
	delete from sale_deal;
	truncate deal, unit, claimed, seen restart identity;
	insert into sale_deal (deal, opens, closes, units, each, hold, turn, waitlist)
	values ('d', clock_timestamp() + some_time() * pick('0', '0', '1')::int, clock_timestamp() + '1 hour', floor(random() * 3), 1 + floor(random() * 2), some_time(), case when random() < 0.7 then some_time() end, random() < 0.8);
	insert into deal select opens, closes, each, hold, turn, waitlist, cancelled from sale_deal;
	insert into unit select unit, free from sale_unit;
	for i in 1 .. 40 loop
		begin
			done := done || step();
		exception when others then
			raise exception e'% after\n%', sqlerrm, array_to_string(done, e'\n');
		end;
		-- some in transactions of their own
		if commits and random() < 0.5 then
			commit;
		end if;
	end loop;
end $$;

-- by turns so and in one transaction block, where turns are written down only together with acts
select unnest(case i % 2 when 0 then array[format('call sequence(%s, true)', seed)] else array['begin', format('call sequence(%s, false)', seed), 'commit'] end)
from generate_series(1, :n) i, lateral (select ((:seed::bigint * 7919 + i) % 100000) / 100000.0 as seed) s order by i \gexec
\echo ok
