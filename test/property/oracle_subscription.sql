-- The oracle of recurring revenue: what is in force, MRR and its movements, the report, membership, written a second time
-- in plain SQL and PL/pgSQL, straight from the rules and without looking at the C code. It is naive on purpose: every
-- answer starts from all promises again. Texts in double quotes in the comments are the rules' own sentences.

\set ON_ERROR_STOP on
drop schema if exists oracle cascade;
create schema oracle;

\ir oracle_calendar.sql

-- What `subscription(...)` and `usage(...)` say. A history is the product's own JSON: an array of events.
create type oracle.promise as (
  at timestamptz, amount numeric, every interval, until timestamptz, plan text, quantity numeric, tags text[], ref text
);
create type oracle.measure as (at timestamptz, meter text, quantity numeric, tags text[], ref text);

create function oracle.tags(e jsonb) returns text[]
language sql immutable as $$
  select case when jsonb_array_length(e->'tags') > 0 then array(select jsonb_array_elements_text(e->'tags')) end
$$;

create function oracle.promises(history jsonb) returns oracle.promise[]
language sql immutable as $$
  select coalesce(array_agg(row((e->>'at')::timestamptz, (e->>'amount')::numeric, coalesce(e->>'every', '1 month')::interval, (e->>'until')::timestamptz,
      e->>'plan', coalesce(e->>'quantity', '1')::numeric, oracle.tags(e), e->>'ref')::oracle.promise order by n), '{}')
  from jsonb_array_elements(history) with ordinality as h(e, n) where e->>'kind' = 'subscription'
$$;

create function oracle.measures(history jsonb) returns oracle.measure[]
language sql immutable as $$
  select coalesce(array_agg(row((e->>'at')::timestamptz, e->>'meter', coalesce(e->>'quantity', '1')::numeric, oracle.tags(e), e->>'ref')::oracle.measure order by n), '{}')
  from jsonb_array_elements(history) with ordinality as h(e, n) where e->>'kind' = 'usage'
$$;

----------------------------------------------------------------------------------------------------------------------
-- In force, terms

-- "A week is 7 days": is it whole weeks?
create function oracle.days(every interval) returns int
language sql immutable as $$ select extract(day from every)::int $$;
create function oracle.months(every interval) returns int
language sql immutable as $$ select extract(year from every)::int * 12 + extract(month from every)::int $$;

-- Rule 2: "amount / months; a term of whole weeks x 52 / 12 / weeks; other days x 365 / 12 / days; rounded half away from
-- zero to 10 decimals, per segment"
create function oracle.monthly(amount numeric, every interval) returns numeric
language sql immutable as $$
  select round(case
    when oracle.months(every) > 0 then round(amount, 40) / oracle.months(every)
    when oracle.days(every) % 7 = 0 then round(amount * 52, 40) / (12 * (oracle.days(every) / 7))
    else round(amount * 365, 40) / (12 * oracle.days(every)) end, 10)
$$;

-- A promise with the time in which it is in force, [at, ends), which may be empty, and its anchor
create type oracle.segment as (
  n int, at timestamptz, amount numeric, every interval, until timestamptz, plan text, quantity numeric, tags text[], ref text,
  ends timestamptz, anchor timestamptz, mrr numeric
);

-- Rules 1, 4, 5. "Segments with at > asof do not exist yet." Without end: infinity.
create function oracle.segments(promises oracle.promise[], asof timestamptz default 'infinity') returns oracle.segment[]
language plpgsql immutable as $$
declare
  result oracle.segment[];
  s oracle.segment;
begin
  result := array(
    select row(row_number() over (order by at), at, amount, every, until, plan, quantity, tags, ref,
      least(until, (select min(o.at) from unnest(promises) as o where o.ref = p.ref and o.at > p.at and o.at <= asof), 'infinity'),
      at, oracle.monthly(amount, every))::oracle.segment
    from unnest(promises) as p where at <= asof order by at);
  -- "if it continues its ref (a segment of the state before, in force right up to this `at`, same `every`, both amounts
  -- above or both below 0) it is that one's anchor (the earliest of several)"
  for i in 1 .. coalesce(cardinality(result), 0) loop
    s := result[i];
    s.anchor := coalesce((
      select min(b.anchor) from unnest(result[:i - 1]) as b
      where b.ref = s.ref and b.at = (select max(o.at) from unnest(result[:i - 1]) as o where o.ref = s.ref and o.at < s.at)
        and b.ends = s.at and b.every = s.every and oracle.months(b.every) = oracle.months(s.every)
        and sign(b.amount) * sign(s.amount) = 1), s.at);
    result[i] := s;
  end loop;
  return result;
end $$;

-- "Renewals: anchor + k x every (k >= 1), added to local time": those in [low, high)
create function oracle.renewals(anchor timestamptz, every interval, low timestamptz, high timestamptz, tz text) returns setof timestamptz
language sql immutable as $$
  select distinct r
  from generate_series(
      greatest(1, (extract(epoch from low - anchor) / 86400 / (oracle.months(every) * 31 + oracle.days(every)))::int - 2),
      (extract(epoch from nullif(high, 'infinity') - anchor) / 86400 / (oracle.months(every) * 28 + oracle.days(every)))::int + 2) as k,
    oracle.plus(anchor, every * k, tz) as r
  where r >= low and r < high order by r
$$;

-- The first renewal after t in force
create function oracle.next_renewal(s oracle.segment, t timestamptz, tz text) returns timestamptz
language sql immutable as $$
  select min(r) from oracle.renewals(s.anchor, s.every, s.at, least(s.ends, t + 2 * s.every + interval '3 days'), tz) as r where r > t and s.amount <> 0
$$;

----------------------------------------------------------------------------------------------------------------------
-- MRR and its movements

-- Rule 3: "the sum over segments in force at t, not below 0"
create function oracle.mrr(promises oracle.promise[], asof timestamptz) returns numeric
language sql immutable as $$
  select greatest(coalesce(sum(mrr), 0), 0) from unnest(oracle.segments(promises, asof)) where at <= asof and asof < ends
$$;

-- What the MRR is from each instant on at which it changes, and was before; in order
create function oracle.curve(promises oracle.promise[]) returns table (n bigint, at timestamptz, before numeric, mrr numeric)
language sql immutable as $$
  with s as (select * from unnest(oracle.segments(promises))),
    instant as (select s.at from s union select s.ends from s where s.ends < 'infinity'),
    step as (select i.at, greatest(coalesce((select sum(s.mrr) from s where s.at <= i.at and i.at < s.ends), 0), 0) as mrr from instant as i),
    change as (select step.at, lag(step.mrr, 1, 0) over (order by step.at) as before, step.mrr from step)
  select row_number() over (order by c.at), c.* from change as c where c.before <> c.mrr
$$;

create function oracle.first_paid(promises oracle.promise[]) returns timestamptz
language sql immutable as $$ select min(at) from oracle.curve(promises) where mrr > 0 $$;

create type oracle.subscription_row as (
  plan text, amount numeric, every interval, quantity numeric, mrr numeric, since timestamptz, until timestamptz, renews_at timestamptz, tags text[], ref text
);
create function oracle.subscriptions(promises oracle.promise[], asof timestamptz, tz text) returns oracle.subscription_row[]
language sql immutable as $$
  select coalesce(array_agg(row(plan, amount, every, quantity, mrr, at, until, oracle.next_renewal(s, asof, tz), tags, ref)::oracle.subscription_row
    order by at, plan collate "C", ref is null, oracle.ref_number(ref), ref collate "C", amount, quantity, every, until, tags collate "C" nulls first), '{}')
  from unnest(oracle.segments(promises, asof)) as s where at <= asof and asof < ends
$$;

create type oracle.movement_row as (at timestamptz, movement text, change numeric, mrr numeric);

-- "From 0: `new`, or `reactivation` if the MRR was above 0 before; with a window only if t < end of the last paid spell +
-- window (added in UTC), else `new`. To 0: `churn`. Else `expansion`, `contraction`."
create function oracle.kind(before numeric, after numeric, paid_before boolean, in_window boolean) returns text
language sql immutable as $$
  select case when before = 0 and paid_before and in_window then 'reactivation' when before = 0 then 'new' when after = 0 then 'churn'
    when after > before then 'expansion' else 'contraction' end
$$;

create function oracle.movements(promises oracle.promise[], period tstzrange, net boolean, win interval) returns oracle.movement_row[]
language plpgsql immutable as $$
declare
  result oracle.movement_row[] := '{}';
  c record;
  paid boolean := false;  -- before this change
  paid_before boolean := false;  -- before the period
  ended timestamptz;  -- when the last paid spell did
  in_window boolean;  -- of the last rise from 0
  start_mrr numeric := 0;
  end_mrr numeric := 0;
  last timestamptz;
begin
  -- "A period counts the instants in it."
  for c in select * from oracle.curve(promises) where not isempty(period) and not period << tstzrange(at, at, '[]') order by at loop
    if c.before = 0 then
      in_window := win is null or coalesce(c.at < oracle.plus(ended, win, 'UTC'), false);
    end if;
    if c.at <@ period then
      result := result || row(c.at, oracle.kind(c.before, c.mrr, paid, in_window), c.mrr - c.before, c.mrr)::oracle.movement_row;
      last := c.at;
    else
      paid_before := paid_before or c.mrr > 0;
      start_mrr := c.mrr;
    end if;
    end_mrr := c.mrr;
    paid := paid or c.mrr > 0;
    if c.mrr = 0 then
      ended := c.at;
    end if;
  end loop;
  if not net then
    return result;
  end if;
  -- "one movement at most, from the MRR just before the period to that at its end, dated at its last change; whether it is
  -- `new` is asked of the time before the period, the window of the last rise in it"
  return case when start_mrr = end_mrr then '{}'::oracle.movement_row[]
    else array[row(last, oracle.kind(start_mrr, end_mrr, paid_before, in_window), end_mrr - start_mrr, end_mrr)::oracle.movement_row] end;
end $$;

-- MRR just before the period and at its end
create function oracle.ends(promises oracle.promise[], period tstzrange, out before numeric, out after numeric)
language sql immutable as $$
  select coalesce((select mrr from oracle.curve(promises) where tstzrange(at, at, '[]') << period order by at desc limit 1), 0),
    coalesce((select mrr from oracle.curve(promises) where not period << tstzrange(at, at, '[]') order by at desc limit 1), 0)
$$;

create type oracle.report_row as (
  mrr_start numeric, "new" numeric, expansion numeric, reactivation numeric, contraction numeric, churn numeric, mrr_end numeric,
  customers_start bigint, customers_new bigint, customers_reactivated bigint, customers_churned bigint, customers_retained bigint, customers_end bigint,
  nrr numeric, grr numeric, logo_churn numeric, quick_ratio numeric, arpa numeric
);
create type oracle.customer as (promises oracle.promise[], period tstzrange);

-- "One row for all customers." Null promises: a customer without a history. "Movements are sums (losses positive). Rates
-- compare the ends, customer by customer; NULL if the divisor is 0. NULL histories and NULL or empty periods are skipped;
-- over nothing NULL."
create function oracle.report(customers oracle.customer[], net boolean, win interval) returns oracle.report_row
language plpgsql immutable as $$
declare
  r oracle.report_row;
begin
  with counted as (
    select row_number() over () as n, c.promises, c.period from unnest(customers) as c where c.promises is not null and not isempty(c.period)),
  at_ends as (select n, before, after from counted, oracle.ends(promises, period)),
  moved as (select n, m.* from counted, unnest(oracle.movements(promises, period, net, win)) as m),
  ending as (
    select sum(before) as before, sum(after) as after, count(*) filter (where before > 0) as customers_before, count(*) filter (where after > 0) as customers_after,
      count(*) filter (where before > 0 and after > 0) as retained, sum(after) filter (where before > 0) as kept, sum(least(before, after)) as least
    from at_ends),
  moving as (
    select coalesce(sum(change) filter (where movement = 'new'), 0) as new, coalesce(sum(change) filter (where movement = 'expansion'), 0) as expansion,
      coalesce(sum(change) filter (where movement = 'reactivation'), 0) as reactivation, coalesce(-sum(change) filter (where movement = 'contraction'), 0) as contraction,
      coalesce(-sum(change) filter (where movement = 'churn'), 0) as churn, count(*) filter (where movement = 'new') as n_new,
      count(*) filter (where movement = 'reactivation') as n_reactivated, count(*) filter (where movement = 'churn') as n_churned
    from moved)
  select e.before, m.new, m.expansion, m.reactivation, m.contraction, m.churn, e.after,
    e.customers_before, m.n_new, m.n_reactivated, m.n_churned, e.retained, e.customers_after,
    kept / nullif(trim_scale(e.before), 0), least / nullif(trim_scale(e.before), 0), 1 - e.retained::numeric / nullif(e.customers_before, 0),
    (m.new + m.expansion + m.reactivation) / nullif(m.contraction + m.churn, 0), e.after / nullif(e.customers_after, 0)
  into r from ending as e, moving as m where exists (select from counted);
  return r;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Membership

create type oracle.membership_row as (member boolean, paying boolean, since timestamptz, until timestamptz, term bigint, renews_at timestamptz);

-- "Segments of that plan with amount >= 0; those that overlap or adjoin make one run. `member`: the last run holds `asof`."
create function oracle.membership(promises oracle.promise[], plans text[], asof timestamptz, tz text) returns oracle.membership_row
language plpgsql immutable as $$
declare
  line oracle.segment[];  -- the segments of the last run
  m oracle.membership_row;
  paid_at timestamptz;
begin
  line := array(select s::oracle.segment from unnest(oracle.segments(promises, asof)) as s where s.plan = any (plans) and s.amount >= 0 and s.at < s.ends);
  if cardinality(line) = 0 then
    return row(false, false, null, null, null, null)::oracle.membership_row;
  end if;
  -- a run starts where no other segment reaches
  m.since := (select max(s.at) from unnest(line) as s where not exists (select from unnest(line) as o where o.at < s.at and s.at <= o.ends));
  line := array(select s::oracle.segment from unnest(line) as s where s.at >= m.since);
  m.until := (select max(ends) from unnest(line));
  m.member := asof < m.until;
  m.paying := exists (select from unnest(line) as s where s.amount > 0 and asof < s.ends);

  -- "0 until a paid segment of the run has begun, then 1 + the number of distinct later instants up to `asof` that are a
  -- renewal of a paid segment of the run or the start of one that is its own anchor"
  paid_at := (select min(s.at) from unnest(line) as s where s.amount > 0);
  m.term := case when paid_at is null then 0 else 1 + (
    select count(distinct t) from (
      select r as t from unnest(line) as s, oracle.renewals(s.anchor, s.every, s.at, least(s.ends, asof + interval '1 microsecond'), tz) as r where s.amount > 0
      union all
      select s.at from unnest(line) as s where s.amount > 0 and s.anchor = s.at) as x where t > paid_at) end;
  m.renews_at := (select min(oracle.next_renewal(s, asof, tz)) from unnest(line) as s where s.amount > 0 and asof < s.ends);
  m.until := nullif(m.until, 'infinity');
  return m;
end $$;
