-- Tariffs against the oracle: charges, repriced histories and bills computed a second time, naively, in SQL and PL/pgSQL. Worked
-- cases, then N random tariffs over random histories. SEED= sets where the random cases begin: a case depends on its own number
-- only.

\set ON_ERROR_STOP on
set client_min_messages = warning;
set jit = off;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '800') as n \gset

\ir oracle_ask.sql
\ir oracle_subscription_random.sql
\ir oracle_compare.sql
\ir oracle_tariff_cases.sql

call check_cases();
select 'worked cases', count(*) from oracle."case";

-- What must hold of the answers by themselves: a claim that does not, else null
create function contradiction(a oracle.asked) returns text language plpgsql stable parallel safe as $$
declare
	h loyalty.history := history_read(a.history);
	t loyalty.tariff := (a.questions->0->'tariff')::text;
	again loyalty.tariff := t::text;
	q jsonb;
	periods tstzrange[];
	whole tstzrange;
	middle timestamptz;
begin
	if again::text <> t::text or not loyalty.tariff_eq(t, again) or not loyalty.tariff_eq(t, t::jsonb::loyalty.tariff) then
		return 'a tariff is the same when written and read again';
	elsif (select jsonb_agg(e order by e::text) from jsonb_array_elements(loyalty.reprice(h, t)::jsonb) as e where e->>'kind' <> 'subscription')
		is distinct from (select jsonb_agg(e order by e::text) from jsonb_array_elements(h::jsonb) as e where e->>'kind' <> 'subscription') then
		return 'what is no subscription stays when repriced';
	end if;
	for q in select x from jsonb_array_elements(a.questions) as x where x ? 'period' loop
		whole := q->>'period';
		if loyalty.billed(h, t, whole) <> (select coalesce(sum(amount), 0) from loyalty.bill(h, t, whole)) then
			return format('billed() is the sum of the bill over %s', whole);
		elsif exists (select from loyalty.bill(h, t, whole) where not whole @> lower(span) and kind <> 'usage' or kind = 'usage' and span <> whole) then
			return format('a row of the bill lies in %s', whole);
		end if;
		continue when isempty(whole) or lower(whole) = upper(whole);
		-- cut somewhere, most of all where a row begins
		middle := (select lower(span) from loyalty.bill(h, t, whole) where kind <> 'usage' and lower(span) > lower(whole) order by md5(lower(span)::text) limit 1);
		middle := coalesce(middle, lower(whole) + (upper(whole) - lower(whole)) / 2);
		continue when middle = lower(whole);   -- a microsecond has no middle
		periods := array[tstzrange(lower(whole), middle, case when lower_inc(whole) then '[)' else '()' end), tstzrange(middle, upper(whole), case when upper_inc(whole) then '[]' else '[)' end)];
		if array(select b::text from loyalty.bill(h, t, whole) as b where kind <> 'usage' order by 1)
			<> array(select b::text from unnest(periods) as p, loyalty.bill(h, t, p) as b where kind <> 'usage' order by 1) then
			return format('fees and credits of %s and %s add up', periods[1], periods[2]);
		end if;
	end loop;
	return null;
end $$;

\set asked oracle.random_asked_tariff
\ir oracle_seeds.sql

----------------------------------------------------------------------------------------------------------------------
-- Over a table, serial and parallel: the same bills

create table customer as
select seed as n, history_read((a).history) as h, ((a).questions->0->'tariff')::text::loyalty.tariff as tariff, (a).questions->0->'tariff' as document
from (select seed, oracle.random_asked_tariff(seed) as a from (select generate_series(1, 400) as seed offset 0) as s) as c;
alter table customer set (parallel_workers = 2);
analyze customer;
create view total as select count(*), sum(loyalty.billed(h, tariff, p)) as billed, sum(hashtext(loyalty.reprice(h, tariff)::text)::bigint) as repriced from customer, (values ('[2024-01-01 00:00+00,2024-07-01 00:00+00)'::tstzrange)) as v(p);
call expect_parallel('select * from total');
create table in_parallel as select * from total;
set max_parallel_workers_per_gather = 0;
call expect_none('a parallel plan bills the same', $$ (table total except table in_parallel) union all (table in_parallel except table total) $$);
reset max_parallel_workers_per_gather;

call expect_columns($$ select b.* from customer, loyalty.bill(h, tariff, 'empty') as b $$, 'kind, item, span, quantity, amount, plan, ref');
call expect_none('a tariff is the same after binary output and input, in whatever order its keys came', $$
	select n from customer where not loyalty.tariff_eq(tariff, document::loyalty.tariff) or tariff::text <> tariff::text::loyalty.tariff::text $$);
\copy (select n, tariff from customer) to 'property_tariff.bin' (format binary)
create table read_back (n int, tariff loyalty.tariff);
\copy read_back from 'property_tariff.bin' (format binary)
call expect_none('a tariff is the same after binary output and input', $$ select n from customer as c left join read_back as r using (n) where r.tariff is null or not loyalty.tariff_eq(c.tariff, r.tariff) $$);

-- Nothing given, nothing said; what cannot be answered is refused
do $$
declare
	t text := '{"tariff": "t", "timezone": "UTC", "plans": {"a": {"every": "1 month", "fee": 1}}, "meters": {"m": {"price": 1}}}';
	asked text;
begin
	foreach asked in array array[format('loyalty.bill(''[]'', %L, ''(,2024-01-01 00:00+00)'')', t), format('loyalty.billed(''[]'', %L, ''[2024-01-01 00:00+00,)'')', t), format('loyalty.billed(''[]'', %L, ''(,)'')', t),
		format('loyalty.charge(%L, ''m'', 1, ''b'')', t), 'loyalty.membership(''[]'', ''a'', now(), ''Nowhere'')', 'loyalty.subscriptions(''[]'', now(), ''Nowhere'')'] loop
		begin
			execute 'select * from ' || asked;
			raise exception 'not refused: %', asked;
		exception when invalid_parameter_value then null;
		end;
	end loop;
	if loyalty.billed('[]', t::loyalty.tariff, 'empty') <> 0 or loyalty.billed('[]', t::loyalty.tariff, '[2024-01-01 00:00+00,2024-02-01 00:00+00)') <> 0 or loyalty.billed(null, t::loyalty.tariff, 'empty') is not null
		or loyalty.billed('[]', null, 'empty') is not null or loyalty.billed('[]', t::loyalty.tariff, null) is not null or loyalty.reprice(null, t::loyalty.tariff) is not null
		or exists (select from loyalty.bill(null, t::loyalty.tariff, 'empty')) or exists (select from loyalty.bill('[]', t::loyalty.tariff, null))
		or loyalty.charge(t::loyalty.tariff, 'm', null) is not null or loyalty.charge(null, 'm', 1) is not null or loyalty.charge(t::loyalty.tariff, 'n', 1) is not null or loyalty.charge(t::loyalty.tariff, 'm', 3) <> 3 then
		raise exception 'NULL for NULL, 0 for nothing';
	end if;
end $$;

select 'ok';
