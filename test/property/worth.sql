-- What a customer will be worth, against other computations:
--
-- 1. answers of all models with 50 digits (oracle_worth_vectors.sql, made by oracle_worth_vectors.py),
-- 2. what models see of N random histories, against plain SQL,
-- 3. fits, whose derivatives are compared with differences of log-likelihoods, and which no order and no split may change.
--
-- N= sets how many histories there are, SEED= where they begin.

\set ON_ERROR_STOP on
set client_min_messages = warning;
\set n ''
\getenv n N
select coalesce(nullif(:'n', ''), '3000') as n \gset
select setseed((:seed % 10007) / 10007.0) \g /dev/null

\ir oracle_expect.sql

----------------------------------------------------------------------------------------------------------------------
-- 1. Vectors

create table vector (question text, model loyalty.model, x int, t_x int, age int, argument text, answer numeric);
\ir oracle_worth_vectors.sql

create function start() returns timestamptz immutable language sql as $$ select timestamptz '1600-01-01 00:00+00' $$;
-- who bought on the first day, the x - 1 days that follow, and on day t_x, and paid `total` for all but the first
create function buyer(x int, t_x int, total numeric) returns loyalty.history language sql as $$
	select loyalty.history(loyalty.purchase(start() + day * interval '1 day', case when day > 0 and day = t_x then total else 0 end))
	from (select generate_series(0, x - 1) as day union select t_x) as days
$$;
create table vector_buyer as
select x, t_x, total, buyer(x, t_x, total) as h
from (select distinct x, t_x, case when question in ('value', 'spend_log_likelihood') then argument::numeric else 0 end as total from vector) as v;

-- The log-likelihood of a model as it stands: a fit that a prior holds where it is
create function log_likelihood(h loyalty.history, model loyalty.model, asof timestamptz, part text) returns numeric language sql as $$
	select (loyalty.fit(h, (model::jsonb || '{"prior": 1000000, "customers": 1,
		"covariance": [[[1e-12, 0, 0, 0], [0, 1e-12, 0, 0], [0, 0, 1e-12, 0], [0, 0, 0, 1e-12]],
		               [[1e-12, 0, 0], [0, 1e-12, 0], [0, 0, 1e-12]]]}')::loyalty.model, asof)::jsonb ->> part)::numeric
$$;

create table vector_answer as
select v.*, case question
		when 'alive' then loyalty.alive(h, model, asof)::numeric
		when 'expected' then loyalty.expected_purchases(h, model, argument::int * interval '1 day', asof)::numeric
		when 'discounted' then loyalty.lifetime_value(h, model, split_part(argument, ' ', 1)::int * interval '1 day', split_part(argument, ' ', 2)::numeric, asof)
			/ loyalty.expected_value(h, model, asof)
		when 'whole' then loyalty.lifetime_value(h, model, argument::numeric, asof) / loyalty.expected_value(h, model, asof)
		when 'again' then extract(day from loyalty.next_purchase(h, model, argument::float8, asof) - asof)
		when 'lost' then extract(day from loyalty.presumed_lost(h, model, argument::float8, asof) - start()) - t_x
		when 'value' then loyalty.expected_value(h, model, asof)
		when 'log_likelihood' then log_likelihood(h, model, asof, 'log_likelihood')
		when 'spend_log_likelihood' then log_likelihood(h, model, asof, 'spend_log_likelihood')
	end as said
from vector v join vector_buyer b using (x, t_x), lateral (select start() + age * interval '1 day' as asof) as a
where b.total = case when question in ('value', 'spend_log_likelihood') then argument::numeric else 0 end;

-- how far a question's answers may be off, of themselves and in all: no double is
-- below 1e-300, money has 6 decimals, and what is spent on one is 1e9 / (x + 1)
create table allowed (question text, relative numeric, absolute numeric);
insert into allowed values
	('alive', 1e-9, 1e-300), ('expected', 1e-9, 1e-300), ('discounted', 1e-8, 5.1e-16), ('whole', 1e-8, 5.1e-16), ('again', 0, 0), ('lost', 0, 0),
	('value', 1e-9, 0.00000051), ('log_likelihood', 1e-9, 1e-9), ('spend_log_likelihood', 1e-9, 1e-9);
call expect_none('answers are those with 50 digits', $$
	select v.*, abs(said - answer) / nullif(abs(answer), 0) as off from vector_answer v left join allowed using (question)
	where (said is null) <> (answer is null) or relative is null or abs(said - answer) > relative * abs(answer) + absolute * (x + 1) $$);
select 'vectors', count(*), 'questions', count(distinct question), 'largest relative difference of alive and expected',
	max(abs(said - answer) / nullif(abs(answer), 0)) filter (where question in ('alive', 'expected') and answer > 1e-300) from vector_answer;

----------------------------------------------------------------------------------------------------------------------
-- 2. What models see

create function some_ref() returns text language sql volatile as $$
	select case (random() * 5)::int when 0 then null when 1 then 'a' || (random() * 4)::int when 2 then md5((random() * 2)::int::text) else (random() * 8)::int::text end
$$;
create table happened as
select c, case kind
		when 'purchase' then loyalty.purchase(at, amount, cost, ref => ref)
		when 'refund' then loyalty.refund(at, abs(amount), cost, ref => ref)
		when 'expense' then loyalty.expense(at, amount)
		when 'redemption' then loyalty.redemption(at, 1, ref => ref)
		else loyalty.activity(at, 'review', ref => ref) end as event
from (
	select c, timestamptz '2024-02-26 00:00+00' + floor(random() * 2000) * interval '17 minutes 13 seconds' as at, some_ref() as ref,
		round((random() * 20 - case when random() < 0.2 then 10 else 0 end)::numeric, (random() * 2)::int) as amount,
		case when c % 3 > 0 and random() < 0.5 then round((random() * 12)::numeric, 2) end as cost,
		case when c % 5 = 0 then 'purchase' else (array['purchase', 'purchase', 'purchase', 'refund', 'refund', 'expense', 'redemption', 'review'])[1 + floor(random() * 8)::int] end as kind
	from generate_series(1, :n::int) as c, lateral (select generate_series(1, 1 + (c % 23)) offset 0) as events
	offset 0) as drawn;
create table customer as select c, loyalty.history(event) as h from happened group by c;

-- The rulings in plain SQL
create function oracle_buying(history loyalty.history, zone text, profit boolean, upto timestamptz) returns table (x bigint, t_x int, age int, value numeric)
language sql stable as $$
	with event as (
		select kind, ref, amount, (e.at at time zone zone)::date as day, e.at,
			case kind when 'purchase' then amount when 'refund' then -amount else 0 end
			- case when not profit then 0 when kind = 'purchase' then coalesce(cost, 0) when kind = 'refund' then -coalesce(cost, 0) when kind = 'expense' then amount else 0 end as value
		from loyalty.events(history) e where e.at <= upto and kind in ('purchase', 'refund', 'expense')),
	-- an order's lines and refunds, by its ref or, of a purchase without one, by a number of its own
	ordered as (
		select coalesce('ref ' || ref, 'no ' || row_number() over ()) as key, * from event e
		where kind = 'purchase' or kind = 'refund' and exists (select from event p where p.kind = 'purchase' and p.ref = e.ref)),
	orders as (
		select (array_agg(day order by at) filter (where kind = 'purchase'))[1] as day, sum(value) as value,
			coalesce(sum(amount) filter (where kind = 'purchase'), 0) >= 0
			and not (bool_or(kind = 'refund') and sum(case kind when 'purchase' then amount else -amount end) <= 0) as stands
		from ordered group by key),
	items as (
		select day, value from orders
		union all
		select day, value from event e where kind = 'expense' or kind = 'refund' and not exists (select from event p where p.kind = 'purchase' and p.ref = e.ref)),
	transactions as (select day, row_number() over (order by day) - 1 as nth from (select distinct day from orders where stands) as d),
	summed as (
		select sum(i.value) as value
		from items i where exists (select from transactions t where t.day <= i.day and t.nth > 0))
	select max(nth), max(day) - min(day), (upto at time zone zone)::date - min(day),
		case when max(nth) > 0 then (select summed.value from summed) / max(nth) end
	from transactions having count(*) > 0
$$;

create table seen as
select c, zone, profit, asof, b.*, o.x as o_x, o.t_x as o_t_x, o.age as o_age, o.value as o_value
from customer c
	cross join lateral (select (array['UTC', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland'])[1 + c % 4] as zone, c % 2 = 0 as profit,
		timestamptz '2024-02-26 00:00+00' + (c * 37 % 2100) * interval '17 minutes 13 seconds' as asof) as asked
	cross join lateral loyalty.buying(h, format('{"timezone": "%s", "value": "%s"}', zone, case when profit then 'profit' else 'revenue' end)::loyalty.model, asof) as b
	left join lateral oracle_buying(h, zone, profit, asof) as o on true;
call expect_none('a model sees what plain SQL does', $$
	select * from seen where (x, t_x, age) is distinct from (o_x, o_t_x, o_age) or (value is null) <> (o_value is null) or abs(value - o_value) > 1e-12 $$);
select 'histories', count(*), 'with a transaction', count(x), 'repeated', count(*) filter (where x > 0) from seen;

-- Contracts: spells are the unbroken times with one
create table promised as
select c, loyalty.history(loyalty.subscription(at, amount, every, until, ref => ref)) as h from (
	select c, at, case when random() < 0.3 then round((random() * 10 - 5)::numeric) else (10 + floor(random() * 3))::numeric end as amount,
		case when random() < 0.15 then interval '7 days' else interval '1 month' end as every,
		case when random() < 0.6 then at + floor(random() * 90) * interval '1 day' end as until,
		case (random() * 3)::int when 0 then null when 1 then '1' when 2 then '2' else 'three' end as ref
	from generate_series(1, :n::int) as c, lateral (
		select timestamptz '2024-01-26 00:00+00' + floor(random() * 700) * interval '11 hours' as at from generate_series(1, 1 + c % 7) offset 0) as e
	offset 0) as drawn
group by c;
create function oracle_contract(history loyalty.history, zone text, every interval, upto timestamptz) returns table (x bigint, alive float8, value numeric, lost timestamptz)
language sql stable as $$
	with segment as (
		select e.at, e.amount, e.every, e.amount > 0 and e.every = oracle_contract.every as counts,
			least(e.until, (select min(n.at) from loyalty.events(history) n where n.kind = 'subscription' and n.at <= upto and n.ref = e.ref and n.at > e.at)) as ends
		from loyalty.events(history) e where kind = 'subscription' and e.at <= upto),
	contract as (
		select at, amount, case when ends <= upto then ends else 'infinity' end as ends
		from segment where counts and (ends is null or ends > at)),
	spell as (select unnest(range_agg(tstzrange(at, ends))) as span from contract),
	last as (select lower(span) as starts, upper(span) as ends from spell order by 1 desc limit 1)
	select (select count(*) from generate_series(1, 60) k, lateral (select (starts at time zone zone + k * every) at time zone zone as due offset 0) as d
			where case when ends = 'infinity' then due <= upto else due < ends end),
		(ends = 'infinity')::int::float8,
		(select sum(amount) from contract c where c.ends = last.ends),
		nullif(ends, 'infinity')
	from last
$$;
create table promises_seen as
select c, zone, asof, b.x, loyalty.alive(h, m, asof) as alive, b.value, loyalty.presumed_lost(h, m, 0.5, asof) as lost,
	o.x as o_x, o.alive as o_alive, o.value as o_value, o.lost as o_lost
from promised
	cross join lateral (select (array['UTC', 'America/New_York', 'Australia/Lord_Howe'])[1 + c % 3] as zone, timestamptz '2024-01-26 00:00+00' + (c * 37 % 750) * interval '11 hours' as asof) as asked
	cross join lateral (select format('{"timezone": "%s", "model": "sBG", "unit": "1 month", "parameters": {"alpha": 1, "beta": 2}}', zone)::loyalty.model as m) as model
	cross join lateral loyalty.buying(h, m, asof) as b
	left join lateral oracle_contract(h, zone, '1 month', asof) as o on true;
call expect_none('a model of contracts sees what plain SQL does', $$
	select * from promises_seen where (x, alive, value, lost) is distinct from (o_x, o_alive, o_value, o_lost) $$);
select 'contracts', count(*), 'running', count(*) filter (where alive = 1), 'lost', count(*) filter (where alive = 0) from promises_seen;

----------------------------------------------------------------------------------------------------------------------
-- 3. Fits

-- customers as the models have them
create table shopper as
with recursive who as (
	select n, floor(random() * 100) as day, -ln(1 - random()) / 40 as rate, 1 - sqrt(random()) as leaves, -12 / ln(random() * random() * random()) as spends
	from generate_series(1, 400) as n),
bought as (
	select n, 0 as k, day, rate, leaves, spends from who
	union all
	select n, k + 1, day - ln(1 - random()) / rate, rate, leaves, spends from bought where random() > leaves and k < 300)
select n, loyalty.history(loyalty.purchase(start() + floor(day) * interval '1 day', round((-spends * ln(random() * random()))::numeric, 2))) as h
from bought where day < 500 group by n;

create table fitted as
select kind, m, m::jsonb as doc from (
	select kind, loyalty.fit(h, format('{"timezone": "UTC", "model": "%s"}', kind)::loyalty.model, start() + interval '500 days') as m
	from shopper, unnest(array['MBG/NBD', 'BG/NBD', 'Pareto/NBD']) as kind group by kind) as f;
call expect_none('there is a maximum', $$ select * from fitted where doc ->> 'status' <> 'fitted' or doc ->> 'spend_status' <> 'fitted' $$);

-- the log-likelihood of all with parameters moved by so much of their logarithms
create table part (kind text, part int, likelihood text, names text[]);
insert into part
select kind, 0, 'log_likelihood', case kind when 'Pareto/NBD' then '{r, alpha, s, beta}' else '{r, alpha, a, b}'::text[] end from fitted
union all select kind, 1, 'spend_log_likelihood', '{p, q, gamma}' from fitted where kind = 'BG/NBD';
create function moved(doc jsonb, names text[], logs float8[], likelihood text) returns float8 language plpgsql as $$
begin
	for i in 1 .. array_length(names, 1) loop
		doc := jsonb_set(doc, array['parameters', names[i]], to_jsonb((doc #>> array['parameters', names[i]])::float8 * exp(logs[i])));
	end loop;
	return (select loyalty.fit(h, (jsonb_build_object('timezone', 'UTC', 'model', doc -> 'model', 'parameters', doc -> 'parameters') || '{"prior": 1000000, "customers": 1,
		"covariance": [[[1e-12, 0, 0, 0], [0, 1e-12, 0, 0], [0, 0, 1e-12, 0], [0, 0, 0, 1e-12]], [[1e-12, 0, 0], [0, 1e-12, 0], [0, 0, 1e-12]]]}')::loyalty.model,
		start() + interval '500 days')::jsonb ->> likelihood from shopper)::float8;
end $$;
update fitted set doc = jsonb_set(doc, '{model}', to_jsonb(kind));

-- The covariance is the inverse of minus the Hessian: let it be L L', then in steps of L the log-likelihood falls by half the square
-- of how far it goes, whatever way that is. Steps of a tenth: a log-likelihood has ten digits
create function root(covariance jsonb) returns float8[] language plpgsql as $$
declare
	n int := jsonb_array_length(covariance);
	l float8[] := array_fill(0::float8, array[n, n]);
	rest float8;
begin
	for i in 1 .. n loop
		for j in 1 .. i loop
			rest := (covariance -> (i - 1) ->> (j - 1))::float8;
			for k in 1 .. j - 1 loop
				rest := rest - l[i][k] * l[j][k];
			end loop;
			l[i][j] := case when i = j then sqrt(rest) else rest / l[j][j] end;
		end loop;
	end loop;
	return l;
end $$;
create function along(l float8[], i int, j int, share float8) returns float8[] language sql as $$
	select array_agg((l[row][i] + case when j = i then 0 else sign(j) * l[row][abs(j)] end) * share / case when j = i then 1 else sqrt(2) end order by row)
	from generate_series(1, array_length(l, 1)) as row
$$;
create table way as
select kind, part, i, j, moved(doc, names, along(l, i, j, 0.1), likelihood) as there, moved(doc, names, along(l, i, j, -0.1), likelihood) as back, (doc ->> likelihood)::float8 as here
from fitted join part using (kind), lateral (select root(doc #> array['covariance', part::text]) as l offset 0) as r,
	generate_series(1, array_length(names, 1)) as i, generate_series(-i, i) as j
where j not in (0, -i);
call expect_none('the covariance is the inverse of minus the Hessian', $$
	select *, (2 * here - there - back) / 0.01 as curvature from way where abs((2 * here - there - back) / 0.01 - 1) > 0.02 $$);
call expect_none('no step to a side gains anything', $$
	select kind, name, step from fitted join part using (kind), unnest(names) as name, unnest('{-0.001, 0.001}'::float8[]) as step
	where moved(doc, array[name], array[step], likelihood) > (doc ->> likelihood)::float8 $$);
call expect_none('standard errors are those of the parameters', $$
	select kind, names[i] from fitted join part using (kind), generate_series(1, array_length(names, 1)) as i
	where abs((doc #>> array['standard_errors', names[i]])::numeric
		/ ((doc #>> array['parameters', names[i]])::numeric * sqrt((doc #>> array['covariance', part::text, (i - 1)::text, (i - 1)::text])::numeric)) - 1) > 1e-8 $$);

-- Any order, serial or parallel
create table many as select h, random() as place from shopper, generate_series(1, 20);
analyze many;
select loyalty.fit(h, '{"timezone": "UTC"}', start() + interval '500 days') as serial from many \gset
select loyalty.fit(h, '{"timezone": "UTC"}', start() + interval '500 days' order by place) as shuffled from many \gset
set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0; set max_parallel_workers_per_gather = 2;
select loyalty.fit(h, '{"timezone": "UTC"}', start() + interval '500 days') as parallel from many \gset
select format('select %L, %L, %L', :'serial', :'shuffled', :'parallel') as texts \gset
call expect_none('order and plan change nothing', format('select s from (%s) as t (s, o, p) where s <> o or s <> p', :'texts'));

-- Everybody 20 times: the same maximum
call expect_none('twenty times the customers is the same maximum', format($$
	select name, once, often from fitted, jsonb_each_text(doc -> 'parameters') as o (name, once), lateral (select %L::jsonb #>> array['parameters', name] as often) as t
	where kind = 'MBG/NBD' and abs(once::numeric / often::numeric - 1) > 1e-7 $$, :'serial'));

select 'ok' as ok;
