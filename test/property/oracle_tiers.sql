-- The oracle's tiers: windows, what is won in them, and which tier is held when.

-- A version of `tiers`, read once. Levels are lowest first; `at` of a level is null where `needs` or a plan decides.
create type oracle.tier_rules as (
  starts timestamptz, ends timestamptz,  -- `from`, `until`; -infinity, infinity
  metric text, win text, span interval,  -- span: of a rolling window
  valid text, term interval,  -- term: one validity, as an interval
  overhang interval, downgrade text, latch boolean, after boolean,
  rollover text, rollover_cap numeric,
  names text[], ats numeric[], needs jsonb[], plans jsonb[]
);

-- Something that counts: an order at its date, a moved refund or a refund without `ref` at its own, an expense; or a
-- mere look at the clock (no values).
create type oracle.entry as (at timestamptz, seq int, kind text, metrics numeric[]);

-- What a refund with `ref` took from its order's metrics, for windows where `dated: refund` moves it
create type oracle.move as (purchase int, at timestamptz, seq int, metrics numeric[]);

-- A tier won: reached when, held from and until (the steps of `one step` begin later than they are reached)
create type oracle.won as (name text, reached timestamptz, starts timestamptz, ends timestamptz);

-- A level given: by which version, in which window (null in a rolling one), reached when and valid until when, before
-- overhang. `stands`: the story as it is told now does not give it, or not so long, but no refund has taken it.
create type oracle.given as (
  version int, first timestamptz, last timestamptz, anchor date, level int, reached timestamptz, until timestamptz, stands boolean
);

-- What a window has come to, with what was carried in
create type oracle.counted as (first timestamptz, last timestamptz, metrics numeric[]);

-- What a version of the tiers rested on when it was last looked at
create type oracle.known as (entries oracle.entry[], windows oracle.counted[]);

create function oracle.read_tiers(program jsonb) returns oracle.tier_rules[]
language plpgsql immutable as $$
declare
  result oracle.tier_rules[] := '{}';
  tz text := program->>'timezone';
  v jsonb;
  t oracle.tier_rules;
begin
  for v in select value from jsonb_array_elements(oracle.versions(program, 'tiers')) loop
    t.starts := coalesce(oracle.instant(v->>'from', tz), '-infinity');
    t.ends := coalesce(oracle.instant(v->>'until', tz), 'infinity');
    t.metric := coalesce(v->>'by', 'spend');
    t.win := coalesce(v->>'window', 'calendar year');
    t.span := null;
    if t.win not in ('calendar year', 'membership year', 'lifetime') and t.win not like 'year from %' then
      t.span := t.win::interval;
      t.win := 'rolling';
    end if;
    t.valid := case when t.win = 'lifetime' then 'forever'  -- "Lifetime: forever"
            else coalesce(v->>'valid', case when t.win = 'rolling' then 'window' else '1 year after window' end) end;
    t.term := case when t.valid in ('1 year after window', 'forever') then interval '1 year'
             when t.valid = 'window' then coalesce(t.span, interval '1 year')
             else t.valid::interval end;
    t.overhang := (v->>'overhang')::interval;
    t.downgrade := coalesce(v->>'downgrade', 'earned');
    t.latch := coalesce(v->>'on_refund', 'recompute') = 'latch';
    t.after := coalesce(v->>'rate_at', 'before') = 'after';
    t.rollover := v->'rollover'->>'of';
    t.rollover_cap := (v->'rollover'->>'cap')::numeric;
    t.names := array(select l->>'name' from jsonb_array_elements(v->'levels') with ordinality x(l, n) order by n);
    t.ats := array(select (l->>'at')::numeric from jsonb_array_elements(v->'levels') with ordinality x(l, n) order by n);
    t.needs := array(select l->'needs' from jsonb_array_elements(v->'levels') with ordinality x(l, n) order by n);
    t.plans := array(select l->'plan' from jsonb_array_elements(v->'levels') with ordinality x(l, n) order by n);
    result := result || t;
  end loop;
  return result;
end $$;

-- The names of all metrics the program asks for
create function oracle.metric_names(program jsonb) returns text[]
language sql immutable as $$
  select coalesce(array_agg(distinct name), '{}')
  from (
    select coalesce(t->>'by', 'spend') from jsonb_array_elements(oracle.versions(program, 'tiers')) t
    union all
    select t->'rollover'->>'of' from jsonb_array_elements(oracle.versions(program, 'tiers')) t
    union all
    select k from jsonb_array_elements(oracle.versions(program, 'tiers')) t, jsonb_array_elements(t->'levels') l,
        jsonb_array_elements(coalesce(l->'needs', '[]')) n, jsonb_object_keys(n) k
    union all
    select b->'on'->>'of' from jsonb_array_elements(coalesce(program->'bonus', '[]')) b where jsonb_typeof(b->'on') = 'object'
  ) u(name)
  where name is not null
$$;

-- "A threshold is reached at >=". `needs`: "a list of alternatives, each an object metric -> number that must all be
-- met". A level at 0 is held always and needs no winning.
create function oracle.met(v oracle.tier_rules, level int, names text[], metrics numeric[]) returns boolean
language plpgsql immutable as $$
declare
  need jsonb;
begin
  if v.ats[level] is not null then
    return v.ats[level] > 0 and oracle.exact(metrics[array_position(names, v.metric)]) >= v.ats[level];
  end if;
  for need in select n from jsonb_array_elements(v.needs[level]) n loop
    if not exists (select from jsonb_each_text(need) k
             where oracle.exact(metrics[array_position(names, k.key)]) < k.value::numeric) then
      return true;
    end if;
  end loop;
  return false;
end $$;

-- Whether an entry adds to anything the level asks for
create function oracle.adds(v oracle.tier_rules, level int, names text[], metrics numeric[]) returns boolean
language sql immutable as $$
  select case when v.ats[level] is not null then metrics[array_position(names, v.metric)] > 0
    else exists (select from jsonb_array_elements(v.needs[level]) n, jsonb_object_keys(n) k
           where metrics[array_position(names, k)] > 0) end
$$;

create function oracle.added(a numeric[], b numeric[], sign int default 1) returns numeric[]
language plpgsql immutable as $$
begin
  for i in 1 .. coalesce(cardinality(a), 0) loop
    a[i] := a[i] + sign * b[i];
  end loop;
  return a;
end $$;

-- The fixed window that contains t. "A membership year runs from local midnight of the first `joined`'s date, else of
-- the first event's"; "a late `joined` moves membership years from its instant on".
create function oracle.window_at(win text, t timestamptz, joined timestamptz, first_event timestamptz, tz text,
                 out first timestamptz, out last timestamptz, out anchor date)
language plpgsql immutable as $$
begin
  if win = 'lifetime' then
    first := '-infinity'; last := 'infinity';
    return;
  end if;
  anchor := case win
    when 'calendar year' then '2000-01-01'
    when 'membership year' then (coalesce(case when joined <= t then joined end, first_event, t) at time zone tz)::date
    else oracle.month_day(right(win, 5)) end;
  select y.first, y.last into first, last from oracle.year_of(anchor, t, tz) y;
end $$;

-- The end of a tier. `overhang`: "an interval added, snapped to the month's end". `never`: "no loss by time".
create function oracle.tier_end(v oracle.tier_rules, t timestamptz, tz text) returns timestamptz
language sql immutable as $$
  select case when v.downgrade = 'never' or t = 'infinity' then 'infinity'
        when v.overhang is null then t
        else oracle.snap(oracle.plus(t, v.overhang, tz), 'month', tz) end
$$;

-- A level reached and valid until `until` (before overhang) as the tiers it gives. `one step`: "each step lasts one
-- term": anchor + n x term, the anchor being the window's, for an interval the reaching, else the end of the holding.
create function oracle.win(v oracle.tier_rules, level int, reached timestamptz, until timestamptz, anchor date, tz text)
returns oracle.won[]
language plpgsql immutable as $$
declare
  result oracle.won[];
  last timestamptz := oracle.tier_end(v, until, tz);
  next timestamptz;
begin
  result := array[row(v.names[level], reached, reached, last)::oracle.won];
  if v.downgrade = 'one step' and last <> 'infinity' then
    for n in 1 .. level - 1 loop
      next := oracle.plus(until, v.term * n, tz);
      if v.valid not in ('1 year after window', 'window') then
        next := oracle.plus(reached, v.term * (n + 1), tz);
      elsif anchor is not null then
        next := (oracle.year_of(anchor, oracle.plus(until, make_interval(years => n - 1, days => 1), tz), tz)).last;
      end if;
      next := oracle.tier_end(v, next, tz);
      result := result || row(v.names[level - n], reached, last, next)::oracle.won;
      last := next;
    end loop;
  end if;
  return result;
end $$;

-- What a window gives to the next: "the window's own metric, without what was carried in, above the highest reached
-- threshold > 0"
create function oracle.carry(v oracle.tier_rules, names text[], own numeric[], summed numeric[]) returns numeric
language plpgsql immutable as $$
declare
  k int := array_position(names, v.rollover);
  threshold numeric;
begin
  select max(n) into threshold
  from (
    select a from unnest(v.ats) a where v.rollover = v.metric
    union all
    select (alternative->>v.rollover)::numeric from unnest(v.needs) need, jsonb_array_elements(need) alternative
  ) t(n)
  where n > 0 and n <= oracle.exact(summed[k]);
  return coalesce(least(v.rollover_cap, greatest(own[k] - threshold, 0)), 0);
end $$;

-- Fixed windows: walks through all that counts, in order of date, one window after the other.
-- "`on_refund`: `recompute`": the orders stand here net of what came back, so a level they no longer reach is not
-- reached; and a refund that counts at its own date takes a level away if it brings the window below it.
-- A refund "takes a level only if the metric met it just before that refund and no longer does after it".
-- `qualifying`: what stands in the window of the instant `now`.
create function oracle.fixed_windows(v oracle.tier_rules, names text[], entries oracle.entry[], joined timestamptz,
                   first_event timestamptz, tz text, now timestamptz, version int,
                   out given oracle.given[], out windows oracle.counted[], out qualifying numeric)
language plpgsql immutable as $$
declare
  e oracle.entry;
  w record;  -- the window at hand
  x record;
  zero numeric[] := array_fill(0::numeric, array[cardinality(names)]);
  own numeric[];  -- of the window alone
  summed numeric[];  -- with what was carried in
  before numeric[];
  current_first timestamptz;
  current_last timestamptz;
  carried numeric;
  reached timestamptz[];  -- per level
  until timestamptz;
  n int := cardinality(entries);
begin
  given := '{}'; windows := '{}';
  w := oracle.window_at(v.win, now, joined, first_event, tz);
  current_first := w.first; current_last := w.last;
  x := w;
  w.first := null; w.last := null;
  for i in 1 .. n + 1 loop
    e := entries[i];
    if i = n + 1 then
      x.first := null; x.last := null;
    else
      -- what the clock does comes before a joining at that instant
      x := oracle.window_at(v.win, e.at, case when e.kind <> 'look' or joined < e.at then joined end, first_event, tz);
    end if;
    if x.first is distinct from w.first or x.last is distinct from w.last then
      if w.first is not null then  -- this window is done
        for level in 1 .. cardinality(v.names) loop
          continue when reached[level] is null;
          until := case v.valid
            when '1 year after window' then (oracle.year_of(w.anchor, w.last, tz)).last
            when 'window' then w.last
            when 'forever' then 'infinity'
            else oracle.plus(reached[level], v.term, tz) end;  -- "an interval from reaching it"
          given := given || row(version, w.first, w.last, w.anchor, level, reached[level], until, false)::oracle.given;
        end loop;
        windows := windows || row(w.first, w.last, summed)::oracle.counted;
      end if;
      exit when i = n + 1;
      carried := case when w.last = x.first and v.rollover is not null then oracle.carry(v, names, own, summed) else 0 end;
      w := x;
      own := zero; summed := zero; reached := '{}';
      if carried > 0 then
        summed[array_position(names, v.rollover)] := carried;
      end if;
    end if;

    before := summed;
    own := oracle.added(own, e.metrics);
    summed := oracle.added(summed, e.metrics);
    for level in 1 .. cardinality(v.names) loop
      if oracle.met(v, level, names, summed) then
        if e.at >= v.starts and e.at < v.ends then  -- "the version at the crossing grants"
          reached[level] := coalesce(reached[level], e.at);
        end if;
      elsif e.kind = 'refund' and oracle.met(v, level, names, before) then
        reached[level] := null;
      end if;
    end loop;
    if w.first = current_first and w.last = current_last and e.at <= now then
      qualifying := summed[array_position(names, v.metric)];
    end if;
  end loop;
end $$;

-- What a rolling window has come to at an instant: "an entry counts while entry + interval > t"
create function oracle.rolling_sum(v oracle.tier_rules, names text[], entries oracle.entry[], tz text, t timestamptz) returns numeric[]
language plpgsql immutable as $$
declare
  result numeric[] := array_fill(0::numeric, array[cardinality(names)]);
  e oracle.entry;
begin
  foreach e in array entries loop
    if e.at <= t and oracle.plus(e.at, v.span, tz) > t then
      result := oracle.added(result, e.metrics);
    end if;
  end loop;
  return result;
end $$;

create function oracle.rolling_window(v oracle.tier_rules, names text[], entries oracle.entry[], tz text, now timestamptz, version int,
                    out given oracle.given[], out qualifying numeric)
language plpgsql immutable as $$
declare
  ends timestamptz[];  -- when each entry stops counting
  t timestamptz;
  summed numeric[];
  zero numeric[] := array_fill(0::numeric, array[cardinality(names)]);
  since timestamptz[];  -- per level: held since
  n int := cardinality(entries);
begin
  given := '{}';
  for i in 1 .. n loop
    ends[i] := oracle.plus(entries[i].at, v.span, tz);
  end loop;

  if v.valid <> 'window' then
    -- "in rolling windows every entry that meets the threshold extends"
    for i in 1 .. n loop
      continue when entries[i].kind not in ('order', 'look') or entries[i].at < v.starts or entries[i].at >= v.ends;
      summed := zero;
      for j in 1 .. i loop
        if ends[j] > entries[i].at then
          summed := oracle.added(summed, entries[j].metrics);
        end if;
      end loop;
      for level in 1 .. cardinality(v.names) loop
        if (entries[i].kind = 'look' or oracle.adds(v, level, names, entries[i].metrics))
            and oracle.met(v, level, names, summed) then
          given := given || row(version, null, null, null, level, entries[i].at,
              case v.valid when 'forever' then 'infinity' else oracle.plus(entries[i].at, v.term, tz) end, false)::oracle.given;
        end if;
      end loop;
    end loop;
  else
    -- "while the metric holds": looks at every instant at which it may change
    for t in select distinct u from (select unnest(ends) union all select at from unnest(entries)) x(u) order by u loop
      summed := zero;
      for j in 1 .. n loop
        if entries[j].at <= t and ends[j] > t then
          summed := oracle.added(summed, entries[j].metrics);
        end if;
      end loop;
      for level in 1 .. cardinality(v.names) loop
        if not oracle.met(v, level, names, summed) then
          if since[level] is not null then
            given := given || row(version, null, null, null, level, since[level], t, false)::oracle.given;
            since[level] := null;
          end if;
        elsif since[level] is null and t >= v.starts and t < v.ends then
          since[level] := t;
        end if;
      end loop;
    end loop;
  end if;

  qualifying := 0;
  for j in 1 .. n loop
    if entries[j].at <= now and ends[j] > now then
      qualifying := qualifying + entries[j].metrics[array_position(names, v.metric)];
    end if;
  end loop;
end $$;

-- All that counts for one version of the tiers, in order. "`dated`: `purchase` (a refund with a `ref` lowers the tier
-- metric of the order's own window) or `refund`"; "With `ref` a refund always lowers its order in a rolling window; in
-- a fixed window `dated` decides, and within one window the net decides."
create function oracle.entries(v oracle.tier_rules, names text[], orders oracle.purchase[], moves oracle.move[],
                 expenses oracle.entry[], joined timestamptz, first_event timestamptz, tz text)
returns oracle.entry[]
language plpgsql immutable as $$
declare
  result oracle.entry[] := expenses;
  zero numeric[] := array_fill(0::numeric, array[cardinality(names)]);
  e oracle.entry;
  m oracle.move;
  i int;
begin
  for i in 1 .. cardinality(orders) loop
    e := row(orders[i].at, orders[i].seq, case when orders[i].sign > 0 then 'order' else 'refund' end, orders[i].metrics);
    if v.win <> 'rolling' then
      foreach m in array moves loop
        continue when m.purchase <> i or oracle.window_at(v.win, m.at, joined, first_event, tz)
                         = oracle.window_at(v.win, orders[i].at, joined, first_event, tz);
        e.metrics := oracle.added(e.metrics, m.metrics, -1);
        result := result || row(m.at, m.seq, 'refund', m.metrics)::oracle.entry;
      end loop;
    end if;
    result := result || e;
  end loop;

  -- A version of the rules begins: what is met already is reached then.
  if v.starts > '-infinity' then
    result := result || row(v.starts, -1, 'look', zero)::oracle.entry;
  end if;
  -- What is carried over counts from the next window's first instant.
  if v.rollover is not null then
    select result || coalesce(array_agg(row(last, -1, 'look', zero)::oracle.entry), '{}') into result
    from (select distinct (oracle.window_at(v.win, r.at, joined, first_event, tz)).last from unnest(result) r) x;
  end if;

  return array(select row(r.*)::oracle.entry from unnest(result) r order by r.at, r.seq);
end $$;
