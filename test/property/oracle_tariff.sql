-- The oracle of tariffs: charges, repricing and bills, written a second time from the rules, without looking at the C code.
-- Needs oracle_subscription.sql. A tariff is its own JSON.

create function oracle.list(entries jsonb) returns jsonb
language sql immutable as $$
  select case jsonb_typeof(entries) when 'array' then entries when 'object' then jsonb_build_array(entries) else '[]' end
$$;

-- `decimals`, `round`: "2; half up, down, up (on the magnitude), none (6 decimals, half up)"; of a fraction, exactly
create function oracle.money(num numeric, den numeric, tariff jsonb) returns numeric
language plpgsql immutable strict as $$
declare
  mode text := coalesce(tariff->>'round', 'half up');
  unit numeric := ('1e' || case mode when 'none' then '6' else coalesce(tariff->>'decimals', '2') end)::numeric;
  whole numeric := div(abs(num) * unit, den);
  rest numeric := abs(num) * unit - whole * den;
begin
  return trim_scale(sign(num) * (whole + case
    when mode = 'down' or rest = 0 then 0 when mode = 'up' then 1 when 2 * rest >= den then 1 else 0 end) / unit);
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Charges

-- "Charge for quantity q, in this order: ...", not yet rounded
create function oracle.price_of(entry jsonb, quantity numeric) returns numeric
language plpgsql immutable strict as $$
declare
  q numeric := greatest(quantity, 0);  -- "not below 0"
  size numeric := (entry->>'size')::numeric;
  result numeric := 0;
  low numeric := 0;
  high numeric;
  tier jsonb;
begin
  q := greatest(q - coalesce((entry->>'included')::numeric, 0), 0);  -- "less `included`, not below 0"
  if size is not null then
    q := div(q, size) + case when q - div(q, size) * size > 0 then 1 else 0 end;  -- "the number of packages begun"
  end if;
  if q > 0 then  -- "then 0 for 0"
    if not entry ? 'tiers' then
      result := q * coalesce((entry->>'price')::numeric, 0);
    end if;
    for tier in select t from jsonb_array_elements(coalesce(entry->'tiers', '[]')) with ordinality as x(t, n) order by n loop
      high := coalesce((tier->>'up_to')::numeric, 'infinity');
      if entry->>'mode' = 'volume' then  -- "q x price + flat of the tier that holds q"
        if q > low and q <= high then
          result := q * coalesce((tier->>'price')::numeric, 0) + coalesce((tier->>'flat')::numeric, 0);
        end if;
      elsif q > low then  -- "the units within each tier x its price + `flat` of each tier reached"
        result := result + (least(q, high) - low) * coalesce((tier->>'price')::numeric, 0) + coalesce((tier->>'flat')::numeric, 0);
      end if;
      low := high;
    end loop;
  end if;
  return least(greatest(result, coalesce((entry->>'minimum')::numeric, 0)), coalesce((entry->>'maximum')::numeric, 'infinity'));
end $$;

-- The first of some dated entries in force
create function oracle.entry(entries jsonb, t timestamptz, tz text) returns jsonb
language sql immutable as $$
  select e from jsonb_array_elements(oracle.list(entries)) with ordinality as x(e, n) where oracle.in_force(e, t, tz) order by n limit 1
$$;

-- The entry of a plan for a term
create function oracle.plan_entry(tariff jsonb, plan text, every interval, t timestamptz) returns jsonb
language sql immutable as $$
  select e from jsonb_array_elements(oracle.list(tariff->'plans'->plan)) as e
  where oracle.in_force(e, t, tariff->>'timezone') and (e->>'every')::interval = every and oracle.months((e->>'every')::interval) = oracle.months(every)
$$;

create function oracle.charge(tariff jsonb, meter text, quantity numeric, plan text, asof timestamptz) returns numeric
language plpgsql immutable as $$
declare
  tz text := tariff->>'timezone';
  entry jsonb;
begin
  if plan is null then
    entry := oracle.entry(tariff->'meters'->meter, asof, tz);
  else
    entry := (select oracle.entry(e->'meters'->meter, asof, tz) from jsonb_array_elements(oracle.list(tariff->'plans'->plan)) with ordinality as x(e, n)
      where oracle.in_force(e, asof, tz) and oracle.entry(e->'meters'->meter, asof, tz) is not null order by n limit 1);
  end if;
  return oracle.money(oracle.price_of(entry, quantity), 1, tariff);
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Terms

-- "`calendar`: terms of 1, 2, 3, 4, 6, 12 months begin on the local first of January and every so many months on"
create function oracle.by_calendar(tariff jsonb, every interval) returns boolean
language sql immutable as $$ select coalesce(tariff->>'align' = 'calendar', false) and oracle.months(every) in (1, 2, 3, 4, 6, 12) $$;

-- The starts of terms in [low, high), the first one (the anchor) included
create function oracle.starts(tariff jsonb, anchor timestamptz, every interval, low timestamptz, high timestamptz) returns setof timestamptz
language plpgsql immutable as $$
declare
  tz text := tariff->>'timezone';
begin
  if oracle.by_calendar(tariff, every) then
    return query select t from generate_series(date_trunc('year', low at time zone tz), (high at time zone tz) + interval '1 month', every) as m, lateral (select m at time zone tz as t) as s
      where t >= low and t < high;
  else
    return query select anchor where anchor >= low and anchor < high union select oracle.renewals(anchor, every, low, high, tz);
  end if;
end $$;

-- The terms that have a part in [low, high)
create function oracle.terms(tariff jsonb, anchor timestamptz, every interval, low timestamptz, high timestamptz) returns table (first timestamptz, last timestamptz)
language sql immutable as $$
  select t, next from (
    select t, lead(t) over (order by t) as next
    from oracle.starts(tariff, anchor, every, low - every - interval '5 days', high + 2 * every + interval '5 days') as t) as x
  where t < high and next > low
$$;

----------------------------------------------------------------------------------------------------------------------
-- Reprice

-- What a promise costs by the entry in force at t; its own amount if there is none. "A segment with amount > 0 whose plan
-- has an entry for its `every` costs `fee` + charge of its quantity, rounded. Other plans, gaps, free segments, discounts
-- stay."
create function oracle.cost(tariff jsonb, p oracle.promise, t timestamptz) returns numeric
language plpgsql immutable as $$
declare
  entry jsonb := oracle.plan_entry(tariff, p.plan, p.every, t);
begin
  if p.amount <= 0 or entry is null then
    return p.amount;
  end if;
  return oracle.money(coalesce((entry->>'fee')::numeric, 0) + oracle.price_of(entry - 'minimum' - 'maximum', p.quantity), 1, tariff);
end $$;

-- When entries of plans begin or end: nothing changes after the first renewal after the last of these
create function oracle.last_change(tariff jsonb) returns timestamptz
language sql immutable as $$
  select coalesce(max(oracle.instant(d, tariff->>'timezone')), '-infinity')
  from jsonb_each(coalesce(tariff->'plans', '{}')) as p(name, entries), jsonb_array_elements(oracle.list(entries)) as e, unnest(array[e->>'from', e->>'until']) as d
  where d is not null
$$;

-- A line of a ref's state: a promise at the price that it has by now, from where its terms count, and until when
create type oracle.line as (p oracle.promise, price numeric, anchor timestamptz, ends timestamptz);

-- Where the price of a line changes next, after t
create function oracle.next_price(tariff jsonb, l oracle.line, t timestamptz) returns timestamptz
language sql immutable as $$
  select min(s) from oracle.starts(tariff, l.anchor, (l.p).every, t,
      least(l.ends, greatest(t, oracle.last_change(tariff)) + 2 * (l.p).every + interval '5 days')) as s
  where s > t and (l.p).amount > 0 and oracle.cost(tariff, l.p, s) <> l.price
$$;

-- "By the entry in force at its start and then at each renewal (with `calendar`: start of a term); where that changes, the
-- state of the ref is restated at that instant (without `ref`: cut in two)." State after state, each from its start on.
create function oracle.reprice(promises oracle.promise[], tariff jsonb) returns oracle.promise[]
language plpgsql immutable as $$
declare
  result oracle.promise[] := '{}';
  state record;  -- the lines of one ref and instant; of none: one line
  before oracle.line[];  -- the state of this ref before
  lines oracle.line[];
  l oracle.line;
  p oracle.promise;
  at timestamptz;
  last_ref text;
begin
  for state in
    select ref, x.at, array_agg(row(x.at, amount, every, until, plan, quantity, tags, ref)::oracle.promise order by n) as promises,
      coalesce(lead(x.at) over (partition by ref, case when ref is null then min(n) end order by x.at), 'infinity') as superseded
    from unnest(promises) with ordinality as x(at, amount, every, until, plan, quantity, tags, ref, n)
    group by ref, x.at, case when ref is null then n end order by ref, x.at
  loop
    if state.ref is distinct from last_ref or state.ref is null then
      before := '{}';
    end if;
    last_ref := state.ref;
    at := state.at;
    lines := '{}';
    foreach p in array state.promises loop
      l := row(p, oracle.cost(tariff, p, at), at, least(p.until, state.superseded, 'infinity'))::oracle.line;
      lines := lines || l;
    end loop;
    loop
      -- rule 4 on the prices as they are now
      lines := array(select row(x.p, x.price, coalesce((
            select min(b.anchor) from unnest(before) as b where b.ends >= at and (b.p).every = (x.p).every and oracle.months((b.p).every) = oracle.months((x.p).every)
              and sign(b.price) * sign(x.price) = 1 and state.ref is not null), x.anchor), x.ends)::oracle.line
        from unnest(lines) as x);
      foreach l in array lines loop
        p := l.p;
        p.at := at;
        p.amount := l.price;
        result := result || p;
      end loop;
      before := array(select x::oracle.line from unnest(lines) as x where x.ends > at);
      at := (select min(oracle.next_price(tariff, x, at)) from unnest(before) as x);
      exit when at is null;
      if state.ref is null then
        result[cardinality(result)].until := at;
      end if;
      -- the lines in force then, at the prices then: a price is looked at where a term starts; one that rises from 0 starts
      -- its terms there, and so does what is cut; what costs nothing is looked at where it would have been
      lines := array(
        select row(x.p, case when looked then oracle.cost(tariff, x.p, at) else x.price end,
          case when looked and (state.ref is null or x.price = 0) and oracle.cost(tariff, x.p, at) > 0 then at else x.anchor end, x.ends)::oracle.line
        from unnest(before) as x, lateral (select (x.p).amount > 0 and at in (select oracle.starts(tariff, x.anchor, (x.p).every, at, at + interval '1 microsecond')) as looked) as s
        where x.ends > at);
    end loop;
    before := array(select x::oracle.line from unnest(before) as x where x.ends = state.superseded);
  end loop;
  return result;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Bill

create type oracle.bill_row as (kind text, item text, span tstzrange, quantity numeric, amount numeric, plan text, ref text);

-- What is left of a term at t, and its length: "by `day` both count local dates, and the day of the change belongs to what
-- comes; by `second` they are instants"
create function oracle.part(tariff jsonb, first timestamptz, t timestamptz, last timestamptz, out remaining numeric, out length numeric)
language sql immutable as $$
  select case when tariff->>'prorate' = 'second' then round(extract(epoch from last) * 1000000) - round(extract(epoch from t) * 1000000)
      else (last at time zone tz)::date - (t at time zone tz)::date end,
    case when tariff->>'prorate' = 'second' then round(extract(epoch from last) * 1000000) - round(extract(epoch from first) * 1000000)
      else (last at time zone tz)::date - (first at time zone tz)::date end
  from (select tariff->>'timezone' as tz) as z
$$;

-- "Charged in advance at its start and at each start of a term while in force. A start that begins a term costs the whole;
-- another costs price x part; with `none` a part has no row."
create function oracle.fees(promises oracle.promise[], tariff jsonb, period tstzrange) returns setof oracle.bill_row
language plpgsql immutable as $$
begin
  return query
  select 'fee', s.plan, tstzrange(c, t.last), s.quantity,
    case when c = t.first then oracle.money(s.amount, 1, tariff) else oracle.money(s.amount * part.remaining, part.length, tariff) end, s.plan, s.ref
  from unnest(oracle.segments(promises)) as s,
    oracle.terms(tariff, s.anchor, s.every, s.at, least(s.ends, coalesce(upper(period), s.at) + interval '1 second')) as t,
    greatest(s.at, t.first) as c, oracle.part(tariff, t.first, c, t.last) as part
  where s.amount <> 0 and s.at < s.ends and c <@ period
    and (c = t.first or part.remaining > 0 and coalesce(tariff->>'prorate', 'day') <> 'none');
end $$;

-- "A segment that stops being in force inside a term gives back price x part from then, as a negative row at that instant: if
-- a segment of its ref in force follows at once (`change`), in any case (`always`), or not (`never`, and with `none`)."
create function oracle.credits(promises oracle.promise[], tariff jsonb, period tstzrange) returns setof oracle.bill_row
language plpgsql immutable as $$
begin
  return query with segment as (select * from unnest(oracle.segments(promises))),
    stopped as materialized (select * from segment where amount <> 0 and at < ends and ends < 'infinity' and ends <@ period)
  select 'credit', s.plan, tstzrange(s.ends, t.last), s.quantity, -oracle.money(s.amount * part.remaining, part.length, tariff), s.plan, s.ref
  from stopped as s, oracle.terms(tariff, s.anchor, s.every, s.ends, s.ends) as t, oracle.part(tariff, t.first, s.ends, t.last) as part
  where part.remaining > 0 and coalesce(tariff->>'prorate', 'day') <> 'none'
    and case coalesce(tariff->>'credit', 'change') when 'always' then true when 'never' then false
      else exists (select from segment as f where f.ref = s.ref and f.at = s.ends and f.at < f.ends) end;
end $$;

-- "One row per plan and entry. An event is rated by what is in force at its instant: the plan held then (any amount >= 0) whose
-- entry prices that meter (of several the first by name, bytewise, start, term), else the top level; all matching entries
-- count."
create function oracle.usage(promises oracle.promise[], measures oracle.measure[], tariff jsonb, period tstzrange) returns setof oracle.bill_row
language plpgsql immutable as $$
begin
  return query with segment as (select * from unnest(oracle.segments(promises))),
  event as (
    -- "in event order"
    select row_number() over (order by m.at, m.ref is null, oracle.ref_number(m.ref), m.ref collate "C", m.quantity) as n, m.*
    from unnest(measures) as m where m.at <@ period),
  place as (  -- every entry of a meter, where it stands
    select null::jsonb as holder, null::text as plan, key, e, 'top ' || key || ' ' || n as id, coalesce(e->>'meter', key) as meter
    from jsonb_each(coalesce(tariff->'meters', '{}')) as m(key, entries), jsonb_array_elements(oracle.list(entries)) with ordinality as x(e, n)
    union all
    select h, plan, key, e, plan || ' ' || hn || ' ' || key || ' ' || n, coalesce(e->>'meter', key)
    from jsonb_each(coalesce(tariff->'plans', '{}')) as p(plan, holders), jsonb_array_elements(oracle.list(holders)) with ordinality as y(h, hn),
      jsonb_each(coalesce(h->'meters', '{}')) as m(key, entries), jsonb_array_elements(oracle.list(entries)) with ordinality as x(e, n)),
  level as (  -- which holder's entries rate the event
    select event.*, holder, plan
    from event left join lateral (
      select h as holder, s.plan
      from segment as s, oracle.plan_entry(tariff, s.plan, s.every, event.at) as h
      where s.at <= event.at and event.at < s.ends and s.amount >= 0
        and exists (select from place where place.plan = s.plan and place.holder = h and place.meter = event.meter and oracle.in_force(e, event.at, tariff->>'timezone'))
      order by s.plan collate "C", s.at, s.every limit 1) as held on true),
  rated as (
    select level.n, level.at, level.meter, level.quantity, level.tags, level.ref, place.id, place.key, place.e, place.plan
    from level left join place on place.plan is not distinct from level.plan and place.holder is not distinct from level.holder and place.meter = level.meter
      and oracle.in_force(place.e, level.at, tariff->>'timezone')),
  counted as (
    select coalesce(key, meter) as item, plan, e, case coalesce(e->>'of', 'sum')
        when 'sum' then sum(quantity) when 'count' then count(*) when 'max' then max(quantity)
        when 'latest' then (array_agg(quantity order by n desc))[1] else count(distinct ref) end as quantity
    from rated where e is null or oracle.matches(e, tags) group by id, key, coalesce(key, meter), plan, e)
  select 'usage', item, period, quantity, oracle.money(oracle.price_of(e, quantity), 1, tariff), plan, null from counted;
end $$;

create function oracle.bill(promises oracle.promise[], measures oracle.measure[], tariff jsonb, period tstzrange) returns oracle.bill_row[]
language plpgsql immutable as $$
begin
  return coalesce(array_agg(b::oracle.bill_row order by kind, lower(span), item collate "C", ref is null, oracle.ref_number(ref), ref collate "C", plan collate "C", amount, quantity, upper(span)), '{}')
  from oracle.reprice(promises, tariff) as repriced, lateral (
    select * from oracle.fees(repriced, tariff, period) union all
    select * from oracle.credits(repriced, tariff, period) union all
    select * from oracle.usage(repriced, measures, tariff, period)) as b;
end $$;

create function oracle.billed(promises oracle.promise[], measures oracle.measure[], tariff jsonb, period tstzrange) returns numeric
language sql immutable as $$ select coalesce(sum(amount), 0) from unnest(oracle.bill(promises, measures, tariff, period)) $$;
