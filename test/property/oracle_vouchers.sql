-- The oracle's vouchers: on which days and at which instants points become one, and how it is used.

-- The days of a rule with `every` after an instant and up to another: "From an `MM-DD`: that day plus 0, 1, 2 ... times `every`, anew each
-- year (02-29 clamps); from an interval: the membership's first day plus it, then `every` on, from that anchor. Nothing is settled up to the
-- first event."
create function oracle.settlement_days(m oracle.member, rule jsonb, after timestamptz, up_to timestamptz, tz text) returns setof timestamptz
language plpgsql immutable as $$
declare
  days text := coalesce(rule->>'on', '01-01');
  months int := extract(year from (rule->>'every')::interval) * 12 + extract(month from (rule->>'every')::interval);
  low timestamptz := greatest(after, m.first_event);
  t timestamptz;
  k int := 0;
begin
  if not isfinite(low) then
    return;
  elsif days ~ '^\d\d-\d\d$' then
    for y in extract(year from low at time zone tz) - 1 .. extract(year from up_to at time zone tz) + 1 loop
      for k in 0 .. 12 / months - 1 loop
        t := ((oracle.month_day(days) + make_interval(years => y - 2000))::date + make_interval(months => k * months)) at time zone tz;
        if t > low and t <= up_to then
          return next t;
        end if;
      end loop;
    end loop;
  elsif m.first_event is not null then
    loop
      t := ((date_trunc('day', coalesce(m.joined, m.first_event) at time zone tz) + days::interval) + make_interval(months => k * months)) at time zone tz;
      exit when t > up_to;
      if t > low then
        return next t;
      end if;
      k := k + 1;
    end loop;
  end if;
end $$;

-- "A rule acts if it is in force, and the member holds then one of its `tiers` and its `plan`"
create function oracle.acts(m oracle.member, rule jsonb, at timestamptz, tz text) returns boolean
language sql immutable as $$
  select oracle.in_force(rule, at, tz) and oracle.conditions(m, rule, at, tz)
    and (not rule ? 'tiers' or coalesce(rule->'tiers' ? oracle.tier_at(m, at), false))
$$;

-- One rule settles: "available points (balance, so debt comes first; pending ones do not count), of lots earned before the instant less
-- `closing`. If they reach `minimum`, all whole steps go, from those lots in redeem order". `closed`: of all lots if null.
create function oracle.issue(m oracle.member, program jsonb, n int, at timestamptz, closed timestamptz) returns oracle.member
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  rule jsonb := program->'vouchers'->(n - 1);
  step numeric := (rule->>'points')::numeric;
  available numeric := (select coalesce(sum(remaining), 0) from unnest(m.lots) where alive and released and (closed is null or earned_at < closed)) - m.debt;
  steps int := floor(available / step);
  ends timestamptz;
begin
  if not oracle.acts(m, rule, at, tz) or available < coalesce((rule->>'minimum')::numeric, step) or steps < 1 then
    return m;
  end if;
  m := oracle.take(m, program, at, steps * step, false, false, null, closed);
  if rule ? 'valid' then
    ends := oracle.snap(oracle.plus(at, (rule->>'valid')::interval, tz), rule->>'snap', tz);
  end if;
  for i in 1 .. case when coalesce((rule->>'each')::boolean, false) then steps else 1 end loop
    if not coalesce((rule->>'each')::boolean, false) then
      step := step * steps;
    end if;
    m.vouchers := m.vouchers || row('voucher ' || cardinality(m.vouchers) + 1, at, ends, step,
                    step / (rule->>'points')::numeric * (rule->>'value')::numeric, n, null)::oracle.voucher;
  end loop;
  return m;
end $$;

-- "Without `every`: at the end of each instant in which something happened or was released, after all its events, and at the rule's own
-- `from`". `happened`: else only the rules that begin act.
create function oracle.issue_at_threshold(m oracle.member, program jsonb, at timestamptz, happened boolean) returns oracle.member
language plpgsql immutable as $$
declare
  rule jsonb;
  n int := 0;
begin
  for rule in select r from jsonb_array_elements(coalesce(program->'vouchers', '[]')) r loop
    n := n + 1;
    if not rule ? 'every' and (happened or at = oracle.instant(rule->>'from', program->>'timezone')) then
      m := oracle.issue(m, program, n, at, null);
    end if;
  end loop;
  return m;
end $$;

-- The clock, with vouchers: "It is what the clock does, after deaths and releases and before the events of its instant". `over`: nothing
-- else happens at `now`.
create function oracle.pass(m oracle.member, program jsonb, now timestamptz, over boolean default true) returns oracle.member
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  rules jsonb := coalesce(program->'vouchers', '[]');
  days jsonb;
  t timestamptz;
  n int;
  pending int[];
begin
  if now <= m.passed or rules = '[]' then
    return oracle.clock(m, now);
  end if;
  days := (select jsonb_object_agg(d.at, d.rules) from (
    select s.at::text as at, jsonb_agg(r.n order by r.n) as rules
    from jsonb_array_elements(rules) with ordinality as r(rule, n), oracle.settlement_days(m, r.rule, m.passed, now, tz) as s(at)
    where r.rule ? 'every' group by s.at) d);

  loop
    t := (
      select min(x.at) from (
        select d::timestamptz from jsonb_object_keys(coalesce(days, '{}')) d
        union all
        select l.active_at from unnest(m.lots) l where l.alive and not l.released
        union all
        select oracle.instant(r->>'from', tz) from jsonb_array_elements(rules) r where not r ? 'every') x(at)
      where x.at > m.passed and x.at <= now);
    exit when t is null;
    -- a lot with nothing left releases nothing
    pending := array(select i from generate_subscripts(m.lots, 1) i where m.lots[i].alive and not m.lots[i].released and m.lots[i].remaining > 0);
    m := oracle.clock(m, t);
    for n in select x::int from jsonb_array_elements_text(coalesce(days->(t::text), '[]')) with ordinality as y(x, k) order by k loop
      m := oracle.issue(m, program, n, t,
        oracle.plus(t, -coalesce((rules->(n - 1)->>'closing')::interval, '0'), tz));
    end loop;
    if t < now or over then
      m := oracle.issue_at_threshold(m, program, t, exists (select from unnest(pending) i where m.lots[i].released));
    end if;
    m.passed := t;
  end loop;
  m := oracle.clock(m, now);
  m.passed := now;
  return m;
end $$;

-- After event i: is its instant over?
create function oracle.end_instant(m oracle.member, program jsonb, events oracle.event[], i int) returns oracle.member
language sql immutable as $$
  select case when events[i + 1].at = events[i].at then m else oracle.issue_at_threshold(m, program, events[i].at, true) end
$$;

-- A redemption that names a voucher: "It is used, as a whole: no points are taken and `redeem` does not apply ... Unknown, used or expired (an
-- end at t is too late at t; one issued at an instant's end is there from the next): `overdrawn`, and nothing is taken."
create function oracle.use_voucher(m oracle.member, e oracle.event) returns oracle.member
language plpgsql immutable as $$
declare
  n int := (select v.n from unnest(m.vouchers) with ordinality as v(ref, issued_at, expires_at, points, value, rule, used_at, n) where v.ref = e.ref);
  reason text := case when n is null then 'no such voucher' when m.vouchers[n].used_at is not null then 'voucher used'
    when m.vouchers[n].expires_at <= e.at then 'voucher expired' end;
begin
  if reason is null then
    m.vouchers[n].used_at := e.at;
  else
    m.overdrawn := true;
    m.misused := m.misused || row(e.at, reason, e.ref)::oracle.misused;
  end if;
  return m;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- The answers

create type oracle.plan_row as (plan text, since timestamptz, until timestamptz, grace boolean);
create type oracle.voucher_row as (
  ref text, issued_at timestamptz, expires_at timestamptz, points numeric, value numeric, state text, used_at timestamptz, rule text);
create type oracle.next_voucher_row as (rule text, points numeric, settles_at timestamptz);
create type oracle.benefit_row as (benefit text, quantity numeric, used bigint, remaining numeric, since timestamptz, until timestamptz);
create type oracle.voucher_entry as (at timestamptz, entry text, points numeric, ref text);

-- "those of `plans` held at `asof`, by name; `until` as known then, grace included; `grace`: held by it alone"
create function oracle.plan_rows(m oracle.member, asof timestamptz) returns oracle.plan_row[]
language sql immutable as $$
  select array(
    select row(p.name, lower(x), nullif(upper(x), 'infinity'), not p.paid @> asof)::oracle.plan_row
    from unnest(m.plan_names, m.plan_held, m.plan_paid) as p(name, held, paid), unnest(p.held) x
    where x @> asof order by p.name collate "C")
$$;

create function oracle.rule_name(program jsonb, section text, n int) returns text
language sql immutable as $$ select program->section->(n - 1)->>'name' $$;

create function oracle.voucher_rows(m oracle.member, program jsonb, asof timestamptz) returns oracle.voucher_row[]
language sql immutable as $$
  select array(
    select row(v.ref, v.issued_at, v.expires_at, v.points, v.value,
      case when v.used_at is not null then 'used' when v.expires_at <= asof then 'expired' else 'open' end, v.used_at,
      oracle.rule_name(program, 'vouchers', v.rule))::oracle.voucher_row
    from unnest(m.vouchers) with ordinality as v(ref, issued_at, expires_at, points, value, rule, used_at, n) order by n)
$$;

-- `issue`, `use`, `lapse`, "in their instants"
create function oracle.voucher_entries(m oracle.member, asof timestamptz) returns oracle.voucher_entry[]
language sql immutable as $$
  select array(
    select row(x.at, x.entry, x.points, x.ref)::oracle.voucher_entry
    from unnest(m.vouchers) v, lateral (
      values (v.issued_at, 'issue', -v.points, v.ref), (v.used_at, 'use', 0, v.ref),
        (case when v.used_at is null and v.expires_at <= asof then v.expires_at end, 'lapse', 0, v.ref)) as x(at, entry, points, ref)
    where x.at is not null order by x.at, x.entry, x.ref collate "C")
$$;

-- "a row per voucher rule then in force for the member: rule, points (missing to the next step or `minimum`, 0 if none), settles_at (NULL at
-- the threshold)"; nor where the rule ends before. What is earned after the closing of that day is missing on it.
create function oracle.next_voucher_rows(m oracle.member, program jsonb, asof timestamptz) returns oracle.next_voucher_row[]
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  result oracle.next_voucher_row[] := '{}';
  rule jsonb;
  day timestamptz;
  closed timestamptz;
  needed numeric;
  available numeric;
begin
  for rule in select r from jsonb_array_elements(coalesce(program->'vouchers', '[]')) with ordinality as x(r, n) order by n loop
    continue when not oracle.acts(m, rule, asof, tz);
    day := null;
    if rule ? 'every' then
      day := (select min(d) from oracle.settlement_days(m, rule, asof, asof + interval '8 years', tz) d);
    end if;
    closed := oracle.plus(day, -(rule->>'closing')::interval, tz);
    available := (select coalesce(sum(l.remaining), 0) from unnest(m.lots) l where l.alive and l.released and (closed is null or l.earned_at < closed)) - m.debt;
    needed := greatest((rule->>'minimum')::numeric, (rule->>'points')::numeric);
    if day >= oracle.instant(rule->>'until', tz) then
      day := null;
    end if;
    result := result || row(rule->>'name', greatest(needed - available, 0), day)::oracle.next_voucher_row;
  end loop;
  return result;
end $$;

-- "Benefits are had while `tiers`, `plan`, `within`, `from` and `until` all say so at `asof`. `used` counts the activities of that name in the
-- period up to `asof`, also those before it was had; `remaining` is not below 0. ... before the first event no benefit."
create function oracle.benefit_rows(m oracle.member, program jsonb, asof timestamptz) returns oracle.benefit_row[]
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  tier text := oracle.tier_at(m, asof);
  result oracle.benefit_row[] := '{}';
  b jsonb;
  r oracle.benefit_row;
  period tstzrange;
begin
  if m.first_event is null then
    return result;
  end if;
  for b in select x from jsonb_array_elements(coalesce(program->'benefits', '[]')) with ordinality as y(x, n) order by n loop
    continue when not oracle.in_force(b, asof, tz) or not oracle.conditions(m, b, asof, tz) or (b ? 'tiers' and (tier is null or not b->'tiers' ? tier));
    r.benefit := b->>'name';
    r.quantity := case jsonb_typeof(b->'tiers') when 'object' then (b->'tiers'->>tier)::numeric else (b->>'quantity')::numeric end;
    period := oracle.period(coalesce(b->>'per', 'lifetime'), asof, tz, m.joined, m.first_event);
    r.used := (select count(*) from unnest(m.activities) a where a.name = coalesce(b->>'on', b->>'name') and period @> a.at and a.at <= asof);
    r.remaining := case when r.quantity is not null then greatest(r.quantity - r.used, 0) end;
    r.since := lower(period); r.until := upper(period);
    result := result || r;
  end loop;
  return result;
end $$;

-- "`liability` adds open vouchers at their value; a point without `redeem.value` is worth value / points of the first voucher rule then in force
-- (none: 0); NULL only in a program without either"
create function oracle.liability(m oracle.member, program jsonb, points numeric, asof timestamptz) returns numeric
language sql immutable as $$
  select case when program->'vouchers' <> '[]' then
    round(greatest(points, 0) * coalesce((oracle.version(program, 'redeem', asof)->>'value')::numeric, (
        select oracle.div((r->>'value')::numeric, (r->>'points')::numeric)
        from jsonb_array_elements(program->'vouchers') with ordinality as x(r, n)
        where oracle.in_force(r, asof, program->>'timezone') order by n limit 1), 0)
      + (select coalesce(sum(v.value) filter (where v.used_at is null and coalesce(v.expires_at > asof, true)), 0) from unnest(m.vouchers) v), 10) end
$$;
