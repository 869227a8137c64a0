-- The oracle: the fold of a program over a history, written a second time, in plain PL/pgSQL, straight from the rules
-- and without looking at the C code. It is naive on purpose: after every event it works out again what every order
-- stands at, which tiers are held and when every lot dies, and books the differences. Texts in double quotes in the
-- comments are the rules' own sentences.

\set ON_ERROR_STOP on
drop schema if exists oracle cascade;
create schema oracle;

\ir oracle_calendar.sql
\ir oracle_events.sql
\ir oracle_orders.sql
\ir oracle_tiers.sql
\ir oracle_lots.sql
\ir oracle_plans.sql

-- The tier held at an instant, by what is known now: "the effective tier at t is the highest grant valid at t"; "the
-- version at the question ranks"; "a level at 0 is held always, before any event too".
create function oracle.tier_at(m oracle.member, t timestamptz) returns text
language plpgsql immutable as $$
declare
  v oracle.tier_rules;
begin
  foreach v in array m.tiers loop
    continue when t < v.starts or t >= v.ends;
    for level in reverse cardinality(v.names) .. 1 loop
      if v.ats[level] = 0 or m.held[array_position(m.tier_names, v.names[level])] @> t then
        return v.names[level];
      end if;
    end loop;
  end loop;
  return null;
end $$;

-- The end of a given level, with overhang. What is held while the metric is, is known up to now only.
create function oracle.end_known(v oracle.tier_rules, g oracle.given, tz text, now timestamptz) returns timestamptz
language sql immutable as $$
  select oracle.tier_end(v, case when v.win = 'rolling' and v.valid = 'window' then least(g.until, now) else g.until end, tz)
$$;

create function oracle.latest_end(v oracle.tier_rules, list oracle.given[], level int, tz text, now timestamptz) returns timestamptz
language plpgsql immutable as $$
declare
  result timestamptz := '-infinity';
  g oracle.given;
begin
  foreach g in array list loop
    if g.level = latest_end.level and g.reached <= now then
      result := greatest(result, oracle.end_known(v, g, tz, now));
    end if;
  end loop;
  return result;
end $$;

-- What a window has come to, of those counted
create function oracle.come_to(list oracle.counted[], g oracle.given, names text[]) returns numeric[]
language plpgsql immutable as $$
declare
  w oracle.counted;
begin
  foreach w in array list loop
    if w.first = g.first and w.last = g.last then
      return w.metrics;
    end if;
  end loop;
  return array_fill(0::numeric, array[cardinality(names)]);
end $$;

-- What a rolling window has come to since a level was last seen met in it: what it counted then, and all that has come.
-- (What has merely left it meanwhile does not make a refund harmless.)
create function oracle.come_to_since(v oracle.tier_rules, names text[], entries oracle.entry[], tz text, g oracle.given, now timestamptz)
returns numeric[]
language plpgsql immutable as $$
declare
  result numeric[] := array_fill(0::numeric, array[cardinality(names)]);
  seen timestamptz := case when v.valid = 'window' then least(g.until, now) - interval '1 microsecond' else g.reached end;
  e oracle.entry;
begin
  foreach e in array entries loop
    if e.at <= now and oracle.plus(e.at, v.span, tz) > seen then
      result := oracle.added(result, e.metrics);
    end if;
  end loop;
  return result;
end $$;

-- What version n of the tiers gives, now that its story has been told again: `story` is what the orders reach at their
-- dates, as they stand now. "Only refunds take a tier away": what was held before stands, though the story gives it no
-- longer or not so long (a late line has lowered an order, or moved the reaching), until a refund takes it: "a refund takes
-- a level only if the metric met it just before that refund and no longer does after it".
create function oracle.given_now(m oracle.member, n int, story oracle.given[], known oracle.known, now timestamptz, refund boolean, tz text)
returns oracle.given[]
language plpgsql immutable as $$
declare
  v oracle.tier_rules := m.tiers[n];
  names text[] := m.metric_names;
  before oracle.known := m.known[n];
  rolling boolean := v.win = 'rolling';
  while_met boolean := v.win = 'rolling' and v.valid = 'window';
  lasting oracle.given[] := '{}';  -- what has stood against the story so far, and does still
  held oracle.given[] := '{}';  -- what was held before this
  result oracle.given[] := story;
  metrics_before numeric[];
  metrics_after numeric[];
  g oracle.given;
  latest oracle.given;
begin
  foreach g in array m.given loop
    -- what the clock was to bring later was not held yet; nor, while the metric is, what an instant's other events have won
    continue when g.version <> n or g.reached > now or (while_met and g.reached = now);
    if rolling then
      metrics_before := oracle.rolling_sum(v, names, before.entries, tz, now);
      metrics_after := oracle.rolling_sum(v, names, known.entries, tz, now);
    else
      metrics_before := oracle.come_to(before.windows, g, names);
      metrics_after := oracle.come_to(known.windows, g, names);
    end if;
    if while_met then
      g.until := least(g.until, now);
    end if;
    held := held || g;
    -- in a rolling window the story, told again after a refund, says what an order's look gives
    if refund and ((rolling and not g.stands) or (oracle.met(v, g.level, names, metrics_before) and not oracle.met(v, g.level, names, metrics_after))) then
      continue;
    elsif g.stands or not rolling then
      g.stands := true;
      lasting := lasting || g;
    end if;
  end loop;

  -- in a rolling window a level is made shorter by refunds only, and only if the metric met it
  held := array(select row(x.*)::oracle.given from unnest(held) x where not x.stands);
  for i in 1 .. cardinality(v.names) loop
    if rolling and oracle.latest_end(v, held, i, tz, now) > oracle.latest_end(v, story || lasting, i, tz, now) then
      if refund then
        select x.* into latest from unnest(held) x where x.level = i
        order by oracle.end_known(v, row(x.*)::oracle.given, tz, now) desc, x.reached desc limit 1;
        continue when oracle.met(v, i, names, oracle.come_to_since(v, names, before.entries, tz, latest, now));
      end if;
      foreach g in array held loop
        if g.level = i then
          g.stands := true;
          lasting := lasting || g;
        end if;
      end loop;
    end if;
  end loop;

  -- of what stands in a fixed window the longest
  return result || array(
    select distinct row(x.*)::oracle.given from unnest(lasting) x
    where rolling or not exists (select from unnest(lasting) y where (y.first, y.last, y.level) = (x.first, x.last, x.level)
                   and (y.until, y.reached) > (x.until, x.reached)));
end $$;

-- When each rule of `expire` is suspended: "any effective tier of the list, won or granted"; "`suspend` takes `plans` beside or
-- instead of `tiers`".
create function oracle.suspend(m oracle.member, program jsonb) returns oracle.member
language plpgsql immutable as $$
declare
  rule jsonb;
  n int := 0;
begin
  for rule in select x from jsonb_array_elements(coalesce(program->'expire', '[]')) x loop
    n := n + 1;
    continue when not rule ? 'suspend';
    m.suspended[n] := oracle.plan_time(m, rule->'suspend'->'plans') + coalesce((
      select range_agg(tstzrange(s.at, coalesce(m.line_at[s.i + 1], 'infinity')))
      from unnest(m.line_at, m.line_tier) with ordinality as s(at, tier, i)
      where rule->'suspend'->'tiers' ? s.tier), '{}');
  end loop;
  return m;
end $$;

-- Works out the tiers again from all that is known at `now`, and the line of tiers from now on: what was stays.
create function oracle.retier(m oracle.member, program jsonb, now timestamptz, refund boolean default false) returns oracle.member
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  v oracle.tier_rules;
  w oracle.won;
  g oracle.given;
  known oracle.known;
  all_known oracle.known[] := '{}';
  given oracle.given[] := '{}';
  r record;
  t timestamptz;
  n int;
  held tstzmultirange[];
begin
  if cardinality(m.tiers) = 0 then
    return oracle.suspend(m, program);
  end if;

  -- `latch`: what has been reached stays, whatever comes back
  foreach w in array m.wins loop
    n := array_position(m.tier_names, w.name);
    if w.reached <= now then
      m.latched[n] := m.latched[n] + tstzmultirange(tstzrange(w.starts, w.ends));
    end if;
  end loop;

  m.wins := '{}'; m.qualifying := null;
  held := m.granted;
  for i in 1 .. cardinality(m.tiers) loop
    v := m.tiers[i];
    known.entries := oracle.entries(v, m.metric_names, m.orders, m.moves, m.expenses, m.joined, m.first_event, tz);
    if v.win = 'rolling' then
      r := oracle.rolling_window(v, m.metric_names, known.entries, tz, now, i);
      known.windows := '{}';
    else
      r := oracle.fixed_windows(v, m.metric_names, known.entries, m.joined, m.first_event, tz, now, i);
      known.windows := r.windows;
    end if;
    foreach g in array oracle.given_now(m, i, r.given, known, now, refund, tz) loop
      given := given || g;
      foreach w in array oracle.win(v, g.level, g.reached, g.until, g.anchor, tz) loop
        n := array_position(m.tier_names, w.name);
        if w.starts < w.ends then
          held[n] := held[n] + tstzmultirange(tstzrange(w.starts, w.ends));
          if v.latch then
            m.wins := m.wins || w;
          end if;
        end if;
      end loop;
    end loop;
    -- "Levels by a plan are held like a granted tier: from, until, no term, no step down, ..., not longer than their own version"
    for level in 1 .. cardinality(v.names) loop
      n := array_position(m.tier_names, v.names[level]);
      held[n] := held[n] + oracle.plan_time(m, v.plans[level]) * tstzmultirange(tstzrange(v.starts, v.ends));
    end loop;
    if now >= v.starts and now < v.ends then
      m.qualifying := coalesce(r.qualifying, 0);
    end if;
    all_known := all_known || known;
  end loop;
  m.given := given;
  m.known := all_known;
  for n in 1 .. cardinality(held) loop
    held[n] := held[n] + m.latched[n];
  end loop;
  m.held := held;

  while m.line_at[cardinality(m.line_at)] >= now loop
    m.line_at := trim_array(m.line_at, 1); m.line_tier := trim_array(m.line_tier, 1);
  end loop;
  for t in
    select distinct at from (
      select now
      union all select starts from unnest(m.tiers)
      union all select ends from unnest(m.tiers)
      union all select lower(x) from unnest(held) y, unnest(y) x
      union all select upper(x) from unnest(held) y, unnest(y) x) z(at)
    where at >= now and at < 'infinity'
    order by at
  loop
    if cardinality(m.line_at) = 0 or oracle.tier_at(m, t) is distinct from m.line_tier[cardinality(m.line_tier)] then
      m.line_at := m.line_at || t; m.line_tier := m.line_tier || oracle.tier_at(m, t);
    end if;
  end loop;
  return oracle.suspend(m, program);
end $$;

-- A member of whom nothing is known yet
create function oracle.newcomer(program jsonb) returns oracle.member
language plpgsql immutable as $$
declare
  m oracle.member;
  none tstzmultirange[];
begin
  m.resets := '{}';
  m.wins := '{}'; m.given := '{}'; m.known := '{}';
  m.orders := '{}'; m.moves := '{}'; m.expenses := '{}'; m.metric_names := oracle.metric_names(program);
  m.lots := '{}'; m.bonuses := '{}'; m.crossed := '{}'; m.taken := '{}'; m.debt := 0; m.granted_by_hand := 0;
  m.overdrawn := false;
  m.tiers := oracle.read_tiers(program);
  m.tier_names := array(select distinct name from unnest(m.tiers) v, unnest(v.names) name);
  none := array_fill('{}'::tstzmultirange, array[cardinality(m.tier_names)]);
  m.granted := none; m.latched := none; m.held := none;
  m.line_at := '{}'; m.line_tier := '{}';
  m.suspended := array_fill('{}'::tstzmultirange, array[jsonb_array_length(coalesce(program->'expire', '[]'))]);
  m.activities := '{}'; m.subscribed := '{}'; m.passed := '-infinity'; m.vouchers := '{}'; m.misused := '{}';
  m := oracle.hold_plans(m, program);
  return oracle.retier(m, program, '-infinity');
end $$;

-- The lot of an order or of a bonus; null if it has none yet
create function oracle.lot_of(m oracle.member, purchase int, bonus int) returns int
language sql immutable as $$
  select l.n::int
  from unnest(m.lots) with ordinality as l(earned_at, active_at, expires, ref, tags, purchase, bonus, earned, remaining,
                       released, alive, expired, dies, n)
  where l.purchase = lot_of.purchase or l.bonus = lot_of.bonus
$$;

-- `hold`: "earned points are pending until then"; "A bonus caused by a purchase is held like it"
create function oracle.active_at(program jsonb, at timestamptz, tags text[]) returns timestamptz
language sql immutable as $$
  select coalesce(oracle.plus(at, (oracle.version(program, 'hold', at, tags)->>'for')::interval, program->>'timezone'), at)
$$;

-- What a milestone's metric has come to in each of its windows: "milestones in a window count the entries dated in it, each
-- window from 0"; "a refund with `ref` lowers its order's window". Without `window` there is one, the lifetime.
create function oracle.milestone_windows(m oracle.member, milestone jsonb, tz text) returns table (win tstzrange, come_to numeric)
language sql immutable as $$
  select w.win, oracle.exact(sum(x.metrics[array_position(m.metric_names, milestone->>'of')]))
  from (select at, metrics from unnest(m.orders) union all select at, metrics from unnest(m.expenses)) x,
    lateral (select case coalesce(milestone->>'window', 'lifetime')
      when 'lifetime' then '(,)'
      when 'month' then oracle.period('month', x.at, tz, null, null)
      else (select tstzrange(y.first, y.last) from oracle.window_at(milestone->>'window', x.at, m.joined, m.first_event, tz) y) end) as w(win)
  group by w.win order by w.win
$$;

-- The step after a given one (null: the first): "`every` n `above` a is reached at a + n, a + 2n, ..." or the next of the list `at`
create function oracle.next_step(milestone jsonb, step numeric) returns numeric
language sql immutable as $$
  select case when milestone ? 'at'
    then (select min(x::numeric) from jsonb_array_elements_text(milestone->'at') x where step is null or x::numeric > step)
    else coalesce(step, (milestone->>'above')::numeric, 0) + (milestone->>'every')::numeric end
$$;

-- What a bonus stands at: "`clawback`: `true` (a fully refunded cause gives the bonus back)"; a milestone "is held only
-- while the metric stands there".
create function oracle.bonus_target(m oracle.member, program jsonb, b oracle.bonus) returns numeric
language plpgsql immutable as $$
declare
  rule jsonb := program->'bonus'->(b.rule - 1);
begin
  if coalesce((rule->>'clawback')::boolean, true) then
    if b.multiple is not null and coalesce((select x.come_to from oracle.milestone_windows(m, rule->'on', program->>'timezone') x where x.win = b.win), 0) < b.multiple then
      return 0;
    elsif b.multiple is null and b.purchase is not null and m.orders[b.purchase].returned then
      return 0;
    end if;
  end if;
  return (rule->>'points')::numeric;
end $$;

-- "`times` and `per` (how often in a `lifetime`, `year`, `month`, `day`; once in a lifetime for `first purchase` and
-- `joined`, else unlimited)"; "A clawed-back bonus keeps its turn of `times`; `per` without `times` means once".
create function oracle.bonus_due(m oracle.member, program jsonb, n int, at timestamptz, tags text[]) returns boolean
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  rule jsonb := program->'bonus'->(n - 1);
  times numeric := (rule->>'times')::numeric;
  per text := rule->>'per';
begin
  if not oracle.in_force(rule, at, tz) or not oracle.matches(rule, tags) or not oracle.conditions(m, rule, at, tz) then
    return false;
  end if;
  if times is null and (rule ? 'per' or rule->>'on' in ('first purchase', 'joined')) then
    times := 1;
  end if;
  return times is null or times > (
    select count(*) from unnest(m.bonuses) b
    where b.rule = n and oracle.period(per, b.at, tz, m.joined, m.first_event) = oracle.period(per, bonus_due.at, tz, m.joined, m.first_event));
end $$;

create function oracle.first_order(m oracle.member) returns int
language sql immutable as $$
  select array_position(array(select sign from unnest(m.orders) with ordinality as o(at, seq, ref, sign, lines, tags, total,
    remaining, cost, returned, void, given_up, tier, raw, earned, target, metrics, returned_points, earns, multiplies, n) order by n), 1)
$$;

-- Finds the bonuses an event causes. `purchase`: the order it belongs to, if it is a purchase.
create function oracle.new_bonuses(m oracle.member, program jsonb, e oracle.event, purchase int, tags text[]) returns oracle.member
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  rule jsonb;
  w record;
  step numeric;
  first oracle.purchase;
  held_until timestamptz := case when purchase is null then e.at else oracle.active_at(program, e.at, tags) end;
  n int;
begin
  -- milestones last
  for rule, n in
    select r, k from jsonb_array_elements(coalesce(program->'bonus', '[]')) with ordinality as b(r, k)
    order by jsonb_typeof(r->'on') = 'object', k
  loop
    if jsonb_typeof(rule->'on') = 'object' then
      -- "Each step is paid once a window, at its first crossing (if its conditions hold then, else never)"
      for w in select * from oracle.milestone_windows(m, rule->'on', tz) loop
        step := oracle.next_step(rule->'on', (select max(c.step) from unnest(m.crossed) c where c.rule = n and c.win = w.win));
        while w.come_to >= step loop
          if oracle.bonus_due(m, program, n, e.at, tags) then
            m.bonuses := m.bonuses || row(n, e.at, held_until, e.ref, tags, purchase, step, 0, w.win)::oracle.bonus;
          end if;
          m.crossed := m.crossed || row(n, w.win, step)::oracle.crossed;
          step := oracle.next_step(rule->'on', step);
        end loop;
      end loop;
    elsif rule->>'on' = 'first purchase' then
      -- "`first purchase` is the very first one, if it matches"; "due from when its order first matches, and a later line does
      -- not take it back"
      first := m.orders[purchase];
      if purchase = oracle.first_order(m) and not first.returned and not exists (select from unnest(m.bonuses) b where b.rule = n)
          and oracle.bonus_due(m, program, n, first.at, first.tags) then
        m.bonuses := m.bonuses || row(n, first.at, oracle.active_at(program, first.at, first.tags), first.ref,
                        first.tags, purchase, null, 0, null)::oracle.bonus;
      end if;
    elsif e.kind = 'activity' and rule->>'on' = e.name and oracle.bonus_due(m, program, n, e.at, tags) then
      m.bonuses := m.bonuses || row(n, e.at, e.at, e.ref, tags, null, null, 0, null)::oracle.bonus;
    end if;
  end loop;
  return m;
end $$;

-- Books what has changed: every order and every bonus is brought to what it now stands at. "Where one event gives and
-- takes (cap room regained), gains come first."
create function oracle.settle(m oracle.member, program jsonb, now timestamptz, forgive boolean) returns oracle.member
language plpgsql immutable as $$
declare
  targets numeric[] := oracle.targets(m.orders, program, m.joined, m.first_event);
  bonus_targets numeric[];
  delta numeric;
  lot int;
begin
  for i in 1 .. cardinality(m.bonuses) loop
    bonus_targets[i] := oracle.bonus_target(m, program, m.bonuses[i]);
  end loop;

  for i in 1 .. cardinality(m.orders) loop
    delta := targets[i] - m.orders[i].target;
    continue when delta <= 0;
    if m.orders[i].sign < 0 then  -- a refund without `ref` takes less than it did: new points
      m := oracle.open_lot(m, program, now, now, now, null, m.orders[i].ref, m.orders[i].tags, null, null);
      lot := cardinality(m.lots);
      m.lots[lot].earned := delta;
    else
      lot := oracle.lot_of(m, i, null);
    end if;
    m := oracle.credit(m, lot, delta);
  end loop;
  for i in 1 .. cardinality(m.bonuses) loop
    delta := bonus_targets[i] - m.bonuses[i].target;
    continue when delta <= 0;
    lot := oracle.lot_of(m, null, i);
    if lot is null then
      m := oracle.open_lot(m, program, now, m.bonuses[i].at, m.bonuses[i].active_at, null, m.bonuses[i].ref,
                 m.bonuses[i].tags, null, i);
      lot := cardinality(m.lots);
    end if;
    m := oracle.credit(m, lot, delta);
  end loop;

  for i in 1 .. cardinality(m.orders) loop
    delta := targets[i] - m.orders[i].target;
    if delta < 0 then
      m := oracle.take_back(m, program, now, oracle.lot_of(m, i, null), -delta, forgive);
    end if;
    m.orders[i].target := targets[i];
    lot := oracle.lot_of(m, i, null);
    if lot is not null then
      m.lots[lot].earned := targets[i];
    end if;
  end loop;
  for i in 1 .. cardinality(m.bonuses) loop
    delta := bonus_targets[i] - m.bonuses[i].target;
    lot := oracle.lot_of(m, null, i);
    if delta < 0 then
      m := oracle.take_back(m, program, now, lot, -delta, forgive);
    end if;
    m.bonuses[i].target := bonus_targets[i];
    if lot is not null then
      m.lots[lot].earned := bonus_targets[i];
    end if;
  end loop;
  return m;
end $$;

-- A purchase: all lines of one order at one instant.
create function oracle.on_purchase(m oracle.member, program jsonb, lines oracle.event[], seq int) returns oracle.member
language plpgsql immutable as $$
declare
  e oracle.event := lines[1];
  o oracle.purchase;
  v oracle.tier_rules;
  n int := null;
  lot int;
  fresh boolean;
  after boolean := false;
begin
  for i in 1 .. cardinality(m.orders) loop
    if m.orders[i].sign > 0 and m.orders[i].ref = e.ref then
      n := i;
    end if;
  end loop;
  fresh := n is null;
  if fresh then
    n := cardinality(m.orders) + 1;
    o := oracle.new_order(e.at, seq, e.ref, 1);
  else
    o := m.orders[n];  -- "A later line with an old `ref` belongs to the order's date"
  end if;
  foreach e in array lines loop
    o := oracle.with_line(o, e);
  end loop;
  -- "Lines that join a returned order make it an order again if together they bring money": lines of one instant are one step
  o.returned := o.returned and o.remaining <= 0;
  o.void := o.void and o.returned;

  -- Rule 7: "A purchase is rated with the tier held just before it (`rate_at: before`)"; "`rate_at: after` rates an
  -- order by the tier after all its lines of its first instant".
  if fresh then
    o.tier := oracle.tier_at(m, e.at);
    m.orders[n] := o;
    o := oracle.with_conditions(m, program, o, (select count(*) from unnest(m.orders) x where x.sign > 0)::int);
    foreach v in array m.tiers loop
      after := after or (v.after and e.at >= v.starts and e.at < v.ends);
    end loop;
  end if;
  o := oracle.rate(o, program);
  o.metrics := oracle.measure(o, program, m.metric_names);
  m.orders[n] := o;
  if after then
    o.tier := oracle.tier_at(oracle.retier(m, program, e.at), e.at);
    m.orders[n] := oracle.rate(o, program);
  end if;
  -- "A lot dies at its end even when it is empty": an order has one from the beginning. "A lot carries the union of its
  -- lines' tags." Its end by these is known before points are taken.
  if fresh then
    m := oracle.open_lot(m, program, e.at, o.at, oracle.active_at(program, o.at, o.tags), null, o.ref, o.tags, n, null);
  end if;
  lot := oracle.lot_of(m, n, null);
  if m.lots[lot].alive then
    m.lots[lot].tags := o.tags;
    m.lots[lot].dies := oracle.lot_end(m, m.lots[lot], program);
  end if;

  m := oracle.new_bonuses(m, program, e, n, array(select distinct t from unnest(lines) l, unnest(l.tags) t));
  return oracle.settle(m, program, e.at, false);
end $$;

-- `spent`: "points the refunded order had redeemed, matched by `ref`: `none`, `full only`, `pro rata`, into the lots they
-- came from"; "last taken is first returned, `pro rata` is cumulative and rounded as the program rounds".
create function oracle.give_back(m oracle.member, program jsonb, e oracle.event, n int, spent text) returns oracle.member
language plpgsql immutable as $$
declare
  o oracle.purchase := m.orders[n];
  redeemed numeric := (select coalesce(sum(amount), 0) from unnest(m.taken) t where t.ref = e.ref);
  due numeric := 0;
  part numeric;
  paid numeric;
begin
  if o.returned then
    due := redeemed;
  elsif spent = 'pro rata' and o.total > 0 then
    due := oracle.rounded(oracle.div(redeemed * (o.total - o.remaining), o.total), program);
  end if;
  due := due - o.returned_points;
  if spent = 'none' or due <= 0 then
    return m;
  end if;
  m.orders[n].returned_points := m.orders[n].returned_points + due;

  for i in reverse cardinality(m.taken) .. 1 loop
    continue when m.taken[i].ref is distinct from e.ref;
    part := least(due, m.taken[i].amount - m.taken[i].back);
    continue when part = 0;
    due := due - part;
    m.taken[i].back := m.taken[i].back + part;
    if m.taken[i].lot is not null then
      m := oracle.credit(m, m.taken[i].lot, part);  -- "dead ones included": there it is lost
    else
      -- "a part that had become debt first lowers debt (what of that debt is already paid comes back as a new lot
      -- at the refund)"
      paid := least(part, m.debt);
      m.debt := m.debt - paid;
      if part > paid then
        m := oracle.open_lot(m, program, e.at, e.at, e.at, null, e.ref, '{}', null, null);
        m.lots[cardinality(m.lots)].earned := part - paid;
        m := oracle.credit(m, cardinality(m.lots), part - paid);
      end if;
    end if;
  end loop;
  return m;
end $$;

-- A refund, by the `refund` section in force at it
create function oracle.on_refund(m oracle.member, program jsonb, e oracle.event, seq int) returns oracle.member
language plpgsql immutable as $$
declare
  section jsonb := oracle.version(program, 'refund', e.at, e.tags);
  earned text := coalesce(section->>'earned', 'recompute');
  forgive boolean := coalesce(section->>'short', 'debt') = 'forgive';
  o oracle.purchase;
  before numeric[];
  n int := null;
begin
  if e.ref is null then
    -- Rule 8: "one without takes back what its amount would earn at its own instant and lowers the metric of its own
    -- date"; "rated at its instant as an order with a minus".
    e.quantity := coalesce(e.quantity, 0);
    o := oracle.with_line(oracle.new_order(e.at, seq, null, -1), e);
    o.tier := oracle.tier_at(m, e.at);
    o := oracle.with_conditions(m, program, o, null);  -- "a refund without `ref` is none of them"
    if earned = 'keep' then
      o.lines[1].base_gone := true;
    end if;
    o := oracle.rate(o, program);
    o.metrics := oracle.measure(o, program, m.metric_names);
    m.orders := m.orders || o;
  else
    for i in 1 .. cardinality(m.orders) loop
      if m.orders[i].sign > 0 and m.orders[i].ref = e.ref then
        n := i;
      end if;
    end loop;
    if n is null then
      return m;  -- "A refund with an unknown `ref`, or before its order, takes no points and no metric."
    end if;
    before := m.orders[n].metrics;
    o := oracle.rate(oracle.with_refund(m.orders[n], e, earned), program);
    o.metrics := oracle.measure(o, program, m.metric_names);
    m.orders[n] := o;
    if section->>'dated' = 'refund' then
      m.moves := m.moves || row(n, e.at, seq, oracle.added(o.metrics, before, -1))::oracle.move;
    end if;
  end if;

  m := oracle.new_bonuses(m, program, e, null, e.tags);  -- a milestone may be crossed (profit)
  m := oracle.settle(m, program, e.at, forgive);
  if n is not null then
    m := oracle.give_back(m, program, e, n, coalesce(section->>'spent', 'none'));  -- "taking away comes before giving back"
  end if;
  return m;
end $$;

-- A redemption. Rule 12: "beyond what is available is folded as it stands (the balance goes into debt) and `overdrawn`
-- tells"; "`minimum` of redeem: available before >= minimum".
create function oracle.on_redemption(m oracle.member, program jsonb, e oracle.event) returns oracle.member
language plpgsql immutable as $$
declare
  section jsonb := oracle.version(program, 'redeem', e.at);
  available numeric := (select coalesce(sum(remaining), 0) from unnest(m.lots) where alive and released) - m.debt;
begin
  if program->'vouchers' <> '[]' and e.ref like 'voucher %' then
    return oracle.use_voucher(m, e);
  end if;
  m.overdrawn := m.overdrawn or e.points > available
    or coalesce(available < (section->>'minimum')::numeric, false)
    or coalesce(e.points % (section->>'step')::numeric <> 0, false);
  m := oracle.take(m, program, e.at, e.points, false, true, e.ref);
  m.debt := m.debt + m.short;
  return m;
end $$;

\ir oracle_vouchers.sql

-- The fold: all that is known about a member at an instant.
-- (Compiling the many small queries would take longer than the fold: no jit.)
create function oracle.fold(events oracle.event[], program jsonb, asof timestamptz) returns oracle.member
language plpgsql immutable set jit = off as $$
declare
  m oracle.member := oracle.newcomer(program);
  known oracle.event[] := oracle.ordered(oracle.seen(events, program), asof);
  e oracle.event;
  lines oracle.event[];
  rule jsonb;
  resets_by jsonb;
  n int;
  i int := 1;
begin
  while i <= cardinality(known) loop
    e := known[i];
    -- rule 5: what the clock does comes first, but "subscriptions come first of all in their instant"
    m := oracle.pass(m, program, e.at - interval '1 microsecond');
    if e.kind <> 'subscription' then
      m := oracle.pass(m, program, e.at, false);
    end if;

    if e.kind <> 'subscription' or program ? 'plans' then
      m.first_event := coalesce(m.first_event, e.at);
    end if;
    if e.kind = 'activity' and e.name = 'joined' then
      m.joined := coalesce(m.joined, e.at);
    end if;
    n := 0;
    for rule in select r from jsonb_array_elements(coalesce(program->'expire', '[]')) r loop
      n := n + 1;
      resets_by := coalesce(rule->'resets_by', '["purchase", "redemption"]');
      if resets_by ? e.kind or (e.kind = 'activity' and resets_by ? e.name) then
        m.resets[n] := e.at;
      end if;
    end loop;
    m := oracle.project(m, program);
    if e.kind = 'subscription' then
      -- those of one instant are one step
      m.subscribed := m.subscribed || row(e.at, e.until, e.name, e.amount, e.ref)::oracle.subscribed;
      if program ? 'plans' and not coalesce(known[i + 1].kind = 'subscription' and known[i + 1].at = e.at, false) then
        m := oracle.hold_plans(m, program);
        m := oracle.retier(m, program, e.at);
        m := oracle.project(m, program);
        m := oracle.pass(m, program, e.at, false);
      end if;
      m := oracle.end_instant(m, program, known, i);
      i := i + 1;
      continue;
    end if;

    case e.kind
      when 'activity' then
        m.activities := m.activities || row(e.at, e.name)::oracle.activity;
        m := oracle.new_bonuses(m, program, e, null, e.tags);
        m := oracle.settle(m, program, e.at, false);
      when 'purchase' then
        lines := array[e];
        while e.ref is not null and known[i + 1].kind = 'purchase' and known[i + 1].at = e.at and known[i + 1].ref = e.ref loop
          i := i + 1;
          lines := lines || known[i];
        end loop;
        m := oracle.on_purchase(m, program, lines, i);
      when 'refund' then
        m := oracle.on_refund(m, program, e, i);
      when 'redemption' then
        m := oracle.on_redemption(m, program, e);
      when 'adjustment' then
        if e.points >= 0 then
          m := oracle.open_lot(m, program, e.at, e.at, e.at, e.expires, e.ref, e.tags, null, null);
          m.lots[cardinality(m.lots)].earned := e.points;
          m := oracle.credit(m, cardinality(m.lots), e.points);
          m.granted_by_hand := m.granted_by_hand + e.points;
        else
          m := oracle.take(m, program, e.at, -e.points, false);
          m.debt := m.debt + m.short;
        end if;
      when 'expense' then
        m.expenses := m.expenses || row(e.at, i, 'expense',
          array(select case when name = 'profit' then -e.amount else 0 end from unnest(m.metric_names) name))::oracle.entry;
        m := oracle.new_bonuses(m, program, e, null, e.tags);
        m := oracle.settle(m, program, e.at, false);
      when 'grant' then
        n := array_position(m.tier_names, e.tier);  -- "an unknown name is ignored"
        if n is not null and coalesce(e.until, 'infinity') > e.at then
          m.granted[n] := m.granted[n] + tstzmultirange(tstzrange(e.at, coalesce(e.until, 'infinity')));
        end if;
    end case;

    if e.kind in ('activity', 'purchase', 'refund', 'expense', 'grant') then
      m := oracle.retier(m, program, e.at, e.kind = 'refund');
    end if;
    m := oracle.project(m, program);
    m := oracle.clock(m, e.at);  -- what died with the tier just lost
    m := oracle.end_instant(m, program, known, i);
    i := i + 1;
  end loop;
  return oracle.pass(m, program, asof);
end $$;

-- The answers

create type oracle.lot_row as (earned_at timestamptz, active_at timestamptz, expires_at timestamptz, ref text, earned numeric, remaining numeric);

-- All there is to ask at an instant: standing, expiring(within), overdrawn (of what was known then) and lots. Lots with
-- the same dates and ref are summed up. Then plans, vouchers, what next_voucher says, benefits, the vouchers' entries in the
-- statement and overdrafts, and liability (of a program with vouchers).
create type oracle.answers as (
  tier text, tier_since timestamptz, tier_until timestamptz, next_tier text, to_next numeric, points numeric, pending numeric,
  debt numeric, expiring numeric, expiring_at timestamptz, lifetime_points numeric, qualifying numeric,
  expiring_within numeric, overdrawn boolean, lots oracle.lot_row[],
  plans oracle.plan_row[], vouchers oracle.voucher_row[], next_voucher oracle.next_voucher_row[], benefits oracle.benefit_row[],
  voucher_entries oracle.voucher_entry[], misused oracle.misused[], liability numeric);

create function oracle.answers(events oracle.event[], program jsonb, asof timestamptz, within interval) returns oracle.answers
language plpgsql immutable as $$
declare
  m oracle.member := oracle.fold(events, program, asof);
  a oracle.answers;
  v oracle.tier_rules;
  level int;
begin
  a.points := (select coalesce(sum(l.remaining), 0) from unnest(m.lots) l where l.alive and l.released) - m.debt;
  a.pending := (select coalesce(sum(l.remaining), 0) from unnest(m.lots) l where l.alive and not l.released);
  a.debt := m.debt;
  a.overdrawn := m.overdrawn;
  a.expiring_at := (select min(l.dies) from unnest(m.lots) l where l.alive and l.remaining > 0 and l.dies < 'infinity');
  a.expiring := (select coalesce(sum(l.remaining), 0) from unnest(m.lots) l where l.alive and l.dies = a.expiring_at);
  -- "`expiring`: ends <= asof + within (local addition), pending lots included"
  a.expiring_within := (select coalesce(sum(l.remaining), 0) from unnest(m.lots) l
    where l.alive and l.dies <= oracle.plus(asof, within, program->>'timezone'));
  -- "`lots`: remaining > 0, pending included"
  a.lots := array(
    select row(l.earned_at, l.active_at, nullif(l.dies, 'infinity'), l.ref, sum(l.earned), sum(l.remaining))::oracle.lot_row
    from unnest(m.lots) l
    where l.alive and l.remaining > 0
    group by l.earned_at, l.active_at, l.dies, l.ref
    order by l.earned_at, l.active_at, l.dies, l.ref collate "C");
  -- "net earned + bonuses + positive adjustments, redemptions and expiry not subtracted"
  a.lifetime_points := m.granted_by_hand + (select coalesce(sum(o.target), 0) from unnest(m.orders) o)
    + (select coalesce(sum(b.target), 0) from unnest(m.bonuses) b);

  m := oracle.retier(m, program, asof);  -- the window and the version of this instant
  foreach v in array m.tiers loop
    continue when asof < v.starts or asof >= v.ends;
    a.tier := oracle.tier_at(m, asof);
    level := coalesce(array_position(v.names, a.tier), 0);
    a.next_tier := v.names[level + 1];
    a.qualifying := round(m.qualifying, 6);
    -- "to the next level above the held tier, not below 0, NULL where `needs` decides"
    if v.ats[level + 1] is not null then
      a.to_next := greatest(v.ats[level + 1] - a.qualifying, 0);
    end if;
  end loop;

  -- "`tier_until`: the next change if nothing happens ...; `tier_since`: start of the present unbroken run, NULL for a
  -- base level held from the start"
  for n in 1 .. cardinality(m.line_at) loop
    if m.line_at[n] <= asof then
      a.tier_since := case when a.tier is not null then nullif(m.line_at[n], '-infinity') end;
    else
      a.tier_until := coalesce(a.tier_until, m.line_at[n]);
    end if;
  end loop;

  a.plans := oracle.plan_rows(m, asof);
  a.vouchers := oracle.voucher_rows(m, program, asof);
  a.next_voucher := oracle.next_voucher_rows(m, program, asof);
  a.benefits := oracle.benefit_rows(m, program, asof);
  a.voucher_entries := oracle.voucher_entries(m, asof);
  a.misused := m.misused;
  a.liability := oracle.liability(m, program, a.points + a.pending, asof);
  return a;
end $$;
