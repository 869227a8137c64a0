-- The oracle's lots: points with their own dates, how they die, are released, taken and given back.

-- One lot: of an order (purchase), of a bonus, or neither (adjustment, points given back). `dies` is its end as
-- projected now. `expired`: what was left in it when it died.
create type oracle.lot as (
  earned_at timestamptz, active_at timestamptz, expires timestamptz, ref text, tags text[],
  purchase int, bonus int, earned numeric, remaining numeric, released boolean, alive boolean, expired numeric,
  dies timestamptz
);

-- A bonus paid once: by which rule, for what (of a milestone: which step in which window); `points` while its cause stands
create type oracle.bonus as (
  rule int, at timestamptz, active_at timestamptz, ref text, tags text[], purchase int, multiple numeric, target numeric, win tstzrange
);

-- How far a milestone's steps have been crossed in a window
create type oracle.crossed as (rule int, win tstzrange, step numeric);

-- What a redemption took from a lot (null: what became debt), and how much of it has come back
create type oracle.taken as (ref text, lot int, amount numeric, back numeric);

-- An activity, for `within` and for benefits
create type oracle.activity as (at timestamptz, name text);

-- A segment of a subscription
create type oracle.subscribed as (at timestamptz, until timestamptz, name text, amount numeric, ref text);

-- A voucher issued, by which rule, and when it was used; and a redemption that named one in vain
create type oracle.voucher as (
  ref text, issued_at timestamptz, expires_at timestamptz, points numeric, value numeric, rule int, used_at timestamptz
);
create type oracle.misused as (at timestamptz, reason text, ref text);

-- All that is known about a member so far
create type oracle.member as (
  first_event timestamptz, joined timestamptz, resets timestamptz[],
  orders oracle.purchase[], moves oracle.move[], expenses oracle.entry[], metric_names text[],
  lots oracle.lot[], bonuses oracle.bonus[], crossed oracle.crossed[], taken oracle.taken[], debt numeric, short numeric,
  granted_by_hand numeric, overdrawn boolean,
  tiers oracle.tier_rules[], given oracle.given[], known oracle.known[], wins oracle.won[], qualifying numeric,
  tier_names text[], latched tstzmultirange[], granted tstzmultirange[], held tstzmultirange[],
  line_at timestamptz[], line_tier text[],  -- the tier held from each instant on: what was, then what will be
  suspended tstzmultirange[],  -- per expire rule
  activities oracle.activity[], subscribed oracle.subscribed[],
  plan_names text[], plan_held tstzmultirange[], plan_paid tstzmultirange[],  -- per plan: held, and held without grace
  passed timestamptz,  -- until when vouchers have been issued by the clock
  vouchers oracle.voucher[], misused oracle.misused[]
);

-- The end of a term begun at an instant, before snapping
create function oracle.term_end(rule jsonb, start timestamptz, joined timestamptz, first_event timestamptz, tz text)
returns timestamptz
language plpgsql immutable as $$
declare
  period text := coalesce(rule->>'period', 'calendar year');
begin
  if coalesce(rule->>'kind', 'age') in ('age', 'inactivity') then
    return oracle.plus(start, (rule->>'after')::interval, tz);
  else  -- "the period's end"
    return (oracle.window_at(case when period like '%year' then period else 'year from ' || period end, start, joined, first_event, tz)).last;
  end if;
end $$;

-- The end by one rule of a clock begun at an instant. `suspend`: "`restart` restarts every lot at the tier's end,
-- `freeze` adds the time spent in it before the snap, a lot due exactly when the tier starts dies"; "`snap` comes last,
-- except that `original` does not snap again".
create function oracle.due(rule jsonb, start timestamptz, suspended tstzmultirange, joined timestamptz,
               first_event timestamptz, tz text) returns timestamptz
language plpgsql immutable as $$
declare
  result timestamptz := oracle.snap(oracle.term_end(rule, start, joined, first_event, tz), rule->>'snap', tz);
  -- before it is resolved, for `freeze`: the local time that a term leads to may be missing, or come twice
  raw timestamp := case when coalesce(rule->>'kind', 'age') in ('age', 'inactivity') then (start at time zone tz) + (rule->>'after')::interval
    else oracle.term_end(rule, start, joined, first_event, tz) at time zone tz end;
  span tstzrange;
  from_then timestamptz;
  to_then timestamptz;
begin
  for span in select u from unnest(suspended) u loop
    from_then := greatest(lower(span), start);
    to_then := coalesce(upper(span), 'infinity');
    continue when to_then <= start;
    exit when result <= from_then;
    if to_then = 'infinity' then
      return 'infinity';
    end if;
    case coalesce(rule->'suspend'->>'resume', 'restart')
      when 'restart' then
        result := oracle.snap(oracle.term_end(rule, to_then, joined, first_event, tz), rule->>'snap', tz);
      when 'freeze' then
        raw := raw + ((to_then at time zone tz) - (from_then at time zone tz));
        result := oracle.snap(raw at time zone tz, rule->>'snap', tz);
      when 'original' then
        result := greatest(result, to_then);
    end case;
  end loop;
  return result;
end $$;

-- The end of a lot as projected now: "each lot dies at the earliest that applies"; "The rule in force when the lot was
-- earned governs it"; "An adjustment's `expires` replaces age and period end (inactivity still kills it)".
create function oracle.lot_end(m oracle.member, l oracle.lot, program jsonb) returns timestamptz
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  result timestamptz := coalesce(l.expires, 'infinity');
  rule jsonb;
  start timestamptz;
  n int := 0;
begin
  for rule in select r from jsonb_array_elements(coalesce(program->'expire', '[]')) r loop
    n := n + 1;
    continue when not oracle.in_force(rule, l.earned_at, tz) or not oracle.matches(rule, l.tags);
    if rule->>'kind' = 'plan end' then
      -- "A lot dies at the first end of the plan (grace included, then `snap`) after it was earned, as projected then"
      result := least(result, oracle.snap((
        select min(upper(x)) from unnest(oracle.plan_time(m, rule->'plan')) x where upper(x) > l.earned_at), rule->>'snap', tz));
      continue;
    elsif rule->>'kind' = 'inactivity' then
      -- "`after` since the last of `resets_by`"; "Without any reset event, or granted after the last deadline, a
      -- lot's inactivity clock starts at its earning."
      start := m.resets[n];
      if start is null or oracle.due(rule, start, m.suspended[n], m.joined, m.first_event, tz) <= l.earned_at then
        start := l.earned_at;
      end if;
    else
      continue when l.expires is not null;
      start := case when rule->>'since' = 'release' then l.active_at else l.earned_at end;
    end if;
    result := least(result, oracle.due(rule, start, m.suspended[n], m.joined, m.first_event, tz));
  end loop;
  return result;
end $$;

-- Projects the end of every living lot.
create function oracle.project(m oracle.member, program jsonb) returns oracle.member
language plpgsql immutable as $$
declare
  lots oracle.lot[] := m.lots;
begin
  for i in 1 .. cardinality(lots) loop
    if lots[i].alive then
      lots[i].dies := oracle.lot_end(m, lots[i], program);
    end if;
  end loop;
  m.lots := lots;
  return m;
end $$;

-- "Debt is paid when points become available."
create function oracle.pay_debt(m oracle.member, i int) returns oracle.member
language plpgsql immutable as $$
declare
  paid numeric := least(m.debt, m.lots[i].remaining);
begin
  if m.lots[i].alive and m.lots[i].released and paid > 0 then
    m.debt := m.debt - paid;
    m.lots[i].remaining := m.lots[i].remaining - paid;
  end if;
  return m;
end $$;

-- Opens a lot, empty.
create function oracle.open_lot(m oracle.member, program jsonb, now timestamptz, earned_at timestamptz, active_at timestamptz,
                expires timestamptz, ref text, tags text[], purchase int, bonus int) returns oracle.member
language plpgsql immutable as $$
declare
  l oracle.lot := row(earned_at, active_at, expires, ref, coalesce(tags, '{}'), purchase, bonus, 0, 0, active_at <= now, true, 0, null);
begin
  l.dies := oracle.lot_end(m, l, program);
  l.alive := l.dies > now;  -- "A lot that expires at t cannot be spent at t"
  m.lots := m.lots || l;
  return m;
end $$;

-- Points come into a lot: lost if it is dead, pending if it is held, else they pay debt first.
create function oracle.credit(m oracle.member, i int, amount numeric) returns oracle.member
language plpgsql immutable as $$
begin
  if m.lots[i].alive then
    m.lots[i].remaining := m.lots[i].remaining + amount;
    return oracle.pay_debt(m, i);
  end if;
  m.lots[i].expired := m.lots[i].expired + amount;
  return m;
end $$;

-- Takes available points (with `pending`: pending ones first; with `earned_before`: of lots earned before) in redeem order; what
-- is missing is left in m.short.
-- "Spend order uses the end as projected then; ties by earning, `ref`; never-expiring last."
create function oracle.take(m oracle.member, program jsonb, now timestamptz, amount numeric, pending boolean,
              redemption boolean default false, ref text default null, earned_before timestamptz default null) returns oracle.member
language plpgsql immutable as $$
declare
  by_end boolean := coalesce(oracle.version(program, 'redeem', now)->>'order', 'expiring first') = 'expiring first';
  i int;
  part numeric;
begin
  for i in
    select l.n
    from unnest(m.lots) with ordinality as l(earned_at, active_at, expires, ref, tags, purchase, bonus, earned, remaining,
                         released, alive, expired, dies, n)
    where l.alive and l.remaining > 0 and (l.released or take.pending) and (take.earned_before is null or l.earned_at < take.earned_before)
    order by l.released, case when by_end then l.dies end, l.earned_at,
      l.ref is null, oracle.ref_number(l.ref) nulls last, l.ref collate "C", l.n
  loop
    part := least(amount, m.lots[i].remaining);
    exit when part = 0;
    amount := amount - part;
    m.lots[i].remaining := m.lots[i].remaining - part;
    if redemption then
      m.taken := m.taken || row(ref, i, part, 0)::oracle.taken;
    end if;
  end loop;
  if redemption and amount > 0 then
    m.taken := m.taken || row(ref, null, amount, 0)::oracle.taken;
  end if;
  m.short := amount;
  return m;
end $$;

-- Takes back points earned: "from the order's own lot first (pending or not), then other pending lots, then available
-- ones in redeem order, then debt or forgiveness; what of that lot had already expired is not owed".
create function oracle.take_back(m oracle.member, program jsonb, now timestamptz, own int, amount numeric, forgive boolean)
returns oracle.member
language plpgsql immutable as $$
declare
  part numeric;
begin
  if own is not null then
    part := least(amount, m.lots[own].remaining);
    m.lots[own].remaining := m.lots[own].remaining - part;
    amount := amount - part;
    part := least(amount, m.lots[own].expired);
    m.lots[own].expired := m.lots[own].expired - part;
    amount := amount - part;
  end if;
  m := oracle.take(m, program, now, amount, true);
  if not forgive then
    m.debt := m.debt + m.short;
  end if;
  return m;
end $$;

-- What the clock does up to and including an instant: lots die and are released, in order of time. "a lot that expires
-- and is released at t dies"
create function oracle.clock(m oracle.member, now timestamptz) returns oracle.member
language plpgsql immutable as $$
declare
  c record;
begin
  for c in
    select * from (
      select l.n, l.dies as at, 1 as what, l.earned_at, l.ref
      from unnest(m.lots) with ordinality as l(earned_at, active_at, expires, ref, tags, purchase, bonus, earned, remaining,
                           released, alive, expired, dies, n)
      where l.alive and l.dies <= now
      union all
      select l.n, l.active_at, 2, l.earned_at, l.ref
      from unnest(m.lots) with ordinality as l(earned_at, active_at, expires, ref, tags, purchase, bonus, earned, remaining,
                           released, alive, expired, dies, n)
      where l.alive and not l.released and l.active_at <= now) happenings
    order by at, what, earned_at, ref is null, oracle.ref_number(ref) nulls last, ref collate "C", n
  loop
    continue when not m.lots[c.n].alive;
    if c.what = 1 then
      m.lots[c.n].alive := false;
      m.lots[c.n].expired := m.lots[c.n].remaining;
      m.lots[c.n].remaining := 0;
    else
      m.lots[c.n].released := true;
      m := oracle.pay_debt(m, c.n::int);
    end if;
  end loop;
  return m;
end $$;
