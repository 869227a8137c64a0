-- Random programs, histories and instants over the whole grammar, the same for the same seed (on one major version of
-- PostgreSQL: random() differs between them; a case worth keeping is kept as JSON). Programs are always valid. Instants
-- fall on purpose on each other, on deadlines, on month ends, leap days, DST nights and year ends.

create function oracle.seed(seed bigint, salt text) returns void
language sql volatile as $$
  select setseed((hashtextextended(salt, seed) % 1000000007) / 1000000007.0)
$$;

create function oracle.chance(p float8) returns boolean
language sql volatile as $$ select random() < p $$;

create function oracle.between(low int, high int) returns int
language sql volatile as $$ select low + floor(random() * (high - low + 1))::int $$;

-- One of a list
create function oracle.pick(variadic choices text[]) returns text
language sql volatile as $$ select choices[oracle.between(1, cardinality(choices))] $$;

-- Some of a list, in its order, never none
create function oracle.some(variadic choices text[]) returns text[]
language plpgsql volatile as $$
declare
  result text[] := '{}';
  c text;
begin
  foreach c in array choices loop
    if random() < 0.4 then
      result := result || c;
    end if;
  end loop;
  return case when cardinality(result) = 0 then array[oracle.pick(variadic choices)] else result end;
end $$;

create function oracle.random_where() returns jsonb
language sql volatile as $$
  select case oracle.between(1, 5)
    when 1 then jsonb_build_object('all', to_jsonb(oracle.some('a', 'b')))
    when 2 then jsonb_build_object('none', to_jsonb(oracle.some('a', 'b', 'c')))
    when 3 then '{"any": ["a", "b"], "none": ["c"]}'
    else jsonb_build_object('any', to_jsonb(oracle.some('a', 'b', 'c'))) end
$$;

-- `from` or `until` or both, sometimes
create function oracle.random_dates(p float8) returns jsonb
language plpgsql volatile as $$
declare
  day text := oracle.pick('2024-01-01', '2024-02-29', '2024-03-31', '2024-07-01', '2024-10-27', '2025-01-01', '2025-03-01T12:00:00');
begin
  if not oracle.chance(p) then
    return '{}';
  elsif oracle.chance(0.4) then
    return jsonb_build_object('from', day);
  elsif oracle.chance(0.6) then
    return jsonb_build_object('until', day);
  end if;
  return jsonb_build_object('from', day, 'until', oracle.pick('2025-06-01', '2025-12-31', '2026-01-01'));
end $$;

create function oracle.maybe(p float8, key text, value jsonb) returns jsonb
language sql volatile as $$ select case when oracle.chance(p) then jsonb_build_object(key, value) else '{}' end $$;

create function oracle.random_interval() returns text
language sql volatile as $$
  select oracle.pick('1 day', '14 days', '30 days', '1 month', '3 months', '6 months', '12 months', '1 year', '18 months', '1 month 15 days', '36 hours')
$$;

create function oracle.random_earn() returns jsonb
language plpgsql volatile as $$
declare
  rule jsonb := oracle.random_dates(0.2) || oracle.maybe(0.3, 'where', oracle.random_where());
  counted text := oracle.pick('amount', 'amount', 'amount', 'amount', 'quantity', 'orders');
begin
  if counted <> 'amount' or oracle.chance(0.2) then
    rule := rule || jsonb_build_object('of', counted);
  end if;
  if counted <> 'orders' and oracle.chance(0.2) then
    rule := rule || jsonb_build_object('table', case counted when 'amount'
      then oracle.pick('[[0, 1], [100, 10], [350, 50]]', '[[30, 2], [60.5, 6], [120, 16]]')::jsonb
      else '[[1, 3], [4, 20]]'::jsonb end);
  elsif counted = 'amount' then
    rule := rule || jsonb_build_object('points', oracle.pick('1', '1', '2', '4', '0.5')::jsonb, 'per', oracle.pick('1', '1', '1', '2', '3', '5', '10')::jsonb)
      || oracle.maybe(0.3, 'steps', to_jsonb(oracle.chance(0.8)));
  elsif counted = 'quantity' then
    rule := rule || jsonb_build_object('points', oracle.between(1, 5), 'per', oracle.between(1, 3)) || oracle.maybe(0.4, 'steps', 'true');
  else
    rule := rule || jsonb_build_object('points', oracle.between(1, 25), 'per', 1);
  end if;
  return rule || oracle.maybe(0.15, 'minimum', oracle.pick('10', '50', '100', '99.99')::jsonb);
end $$;

create function oracle.random_tiers(names text[]) returns jsonb
language plpgsql volatile as $$
declare
  metric text := oracle.pick('spend', 'spend', 'spend', 'points', 'orders', 'quantity', 'profit', 'nights', 'net a');
  kind text := oracle.pick('fixed', 'fixed', 'fixed', 'rolling', 'lifetime');
  small boolean := metric in ('orders', 'quantity', 'nights');
  result jsonb := '{}';
  levels jsonb := '[]';
  steps numeric[] := case when small then '{2, 4, 7}' else '{100, 350, 1000}' end;
  base numeric := case when oracle.chance(0.85) then 0 when small then 1 else 50 end;
  last int := oracle.between(1, cardinality(names) - 1);
begin
  if metric <> 'spend' or oracle.chance(0.5) then
    result := result || jsonb_build_object('by', metric);
  end if;
  for i in 0 .. last loop
    if i > 1 and i = last and oracle.chance(0.3) then
      levels := levels || jsonb_build_array(jsonb_build_object('name', names[i + 1], 'needs',
        oracle.pick('[{"spend": 300, "orders": 2}, {"nights": 6}]', '[{"points": 500}, {"quantity": 8, "spend": 100}]', '[{"orders": 4}]')::jsonb));
    else
      levels := levels || jsonb_build_array(jsonb_build_object('name', names[i + 1], 'at', case when i = 0 then base else steps[i] end));
    end if;
  end loop;
  result := result || jsonb_build_object('levels', levels) || oracle.maybe(0.3, 'on_refund', to_jsonb(oracle.pick('recompute', 'latch', 'latch')))
    || oracle.maybe(0.3, 'rate_at', to_jsonb(oracle.pick('before', 'after', 'after')));

  if kind = 'lifetime' then
    return result || '{"window": "lifetime", "valid": "forever"}';
  end if;
  result := result || oracle.maybe(0.5, 'downgrade', to_jsonb(oracle.pick('earned', 'one step', 'one step', 'never')))
    || oracle.maybe(0.25, 'overhang', to_jsonb(oracle.pick('1 month', '2 months', '45 days', '14 days')));
  if kind = 'rolling' then
    return result || jsonb_build_object('window', oracle.pick('12 months', '6 months', '90 days', '1 year'),
                      'valid', oracle.pick('window', 'window', '6 months', '12 months', '1 month'));
  end if;
  result := result || oracle.maybe(0.8, 'window', to_jsonb(oracle.pick('calendar year', 'year from 04-01', 'year from 02-29', 'membership year', 'membership year')))
    || oracle.maybe(0.6, 'valid', to_jsonb(oracle.pick('1 year after window', 'window', 'window', '12 months', '3 months', 'forever')));
  if result->>'valid' = 'forever' then
    result := result - 'overhang' - 'downgrade';
  end if;
  if coalesce(result->>'window', '') <> 'membership year' and metric in ('spend', 'nights', 'quantity', 'points') and oracle.chance(0.3) then
    result := result || jsonb_build_object('rollover', jsonb_build_object('of', metric, 'cap', case when small then 5 else 300 end));
  end if;
  return result;
end $$;

create function oracle.random_expire(tiers text[]) returns jsonb
language plpgsql volatile as $$
declare
  rule jsonb := oracle.random_dates(0.15) || oracle.maybe(0.15, 'where', oracle.random_where());
begin
  case oracle.between(1, 5)
    when 1, 2 then
      rule := rule || jsonb_build_object('after', oracle.random_interval()) || oracle.maybe(0.7, 'kind', '"age"') || oracle.maybe(0.2, 'since', '"release"');
    when 3, 4 then
      rule := rule || jsonb_build_object('kind', 'inactivity', 'after', oracle.random_interval())
        || oracle.maybe(0.4, 'resets_by', to_jsonb(oracle.some('purchase', 'redemption', 'refund', 'adjustment', 'activity', 'review', 'joined', 'expense', 'grant', 'subscription')));
    else
      rule := rule || jsonb_build_object('kind', 'period end') || oracle.maybe(0.9, 'period', to_jsonb(oracle.pick('calendar year', 'membership year', '03-31', '02-29', '10-27', '09-30')));
  end case;
  rule := rule || oracle.maybe(0.4, 'snap', to_jsonb(oracle.pick('none', 'month', 'month', 'quarter', 'year', '09-30', '02-29')));
  if cardinality(tiers) > 0 and oracle.chance(0.35) then
    rule := rule || jsonb_build_object('suspend', jsonb_build_object('tiers', to_jsonb(oracle.some(variadic tiers[2:])), 'resume', oracle.pick('restart', 'original', 'freeze')));
  end if;
  return rule;
end $$;

create function oracle.random_bonus() returns jsonb
language plpgsql volatile as $$
declare
  rule jsonb := oracle.random_dates(0.2) || jsonb_build_object('points', oracle.pick('5', '20', '50', '100')::jsonb);
begin
  case oracle.between(1, 6)
    when 1, 2 then
      rule := rule || '{"on": "first purchase"}' || oracle.maybe(0.4, 'where', oracle.random_where());
    when 3 then
      rule := rule || '{"on": "joined"}';
    when 4 then
      rule := rule || '{"on": "review"}' || oracle.maybe(0.5, 'times', to_jsonb(oracle.between(1, 2)))
        || oracle.maybe(0.6, 'per', to_jsonb(oracle.pick('lifetime', 'year', 'month', 'day')));
    else
      rule := rule || jsonb_build_object('on', oracle.pick('{"every": 500, "of": "spend"}', '{"every": 2, "of": "orders"}', '{"every": 7, "of": "quantity"}',
          '{"every": 300, "of": "points"}', '{"every": 400, "of": "profit"}', '{"every": 4, "of": "nights"}')::jsonb)
        || oracle.maybe(0.3, 'times', to_jsonb(oracle.between(1, 2))) || oracle.maybe(0.3, 'per', to_jsonb(oracle.pick('year', 'month', 'day', 'lifetime')));
  end case;
  return rule || oracle.maybe(0.4, 'clawback', to_jsonb(oracle.chance(0.3)));
end $$;

create function oracle.random_refund() returns jsonb
language sql volatile as $$
  select oracle.maybe(0.5, 'earned', to_jsonb(oracle.pick('recompute', 'proportional', 'proportional', 'keep')))
    || oracle.maybe(0.4, 'short', to_jsonb(oracle.pick('debt', 'forgive')))
    || oracle.maybe(0.6, 'spent', to_jsonb(oracle.pick('none', 'full only', 'pro rata', 'pro rata')))
    || oracle.maybe(0.4, 'dated', to_jsonb(oracle.pick('purchase', 'refund', 'refund')))
$$;

create function oracle.random_program(seed bigint) returns jsonb
language plpgsql volatile set jit = off as $$
declare
  p jsonb;
  names text[] := '{}';
  list jsonb;
  day text;
begin
  perform oracle.seed(seed, 'program');
  p := jsonb_build_object('program', 'p' || seed, 'timezone', oracle.pick('UTC', 'America/New_York', 'America/Los_Angeles', 'Europe/Berlin',
    'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Auckland', 'Africa/Cairo'));
  if oracle.chance(0.6) then
    p := p || jsonb_build_object('round', oracle.pick('down', 'half up', 'up', 'none'));
  end if;
  if oracle.chance(0.3) and coalesce(p->>'round', '') <> 'none' then
    p := p || jsonb_build_object('decimals', oracle.between(0, 2));
  end if;
  p := p || oracle.maybe(0.5, 'scope', to_jsonb(oracle.pick('order', 'line', 'day')))
    || '{"metrics": {"nights": {"sum": "quantity", "where": {"any": ["b"]}}, "net a": {"sum": "amount", "where": {"any": ["a"]}}}}';

  if oracle.chance(0.7) then
    names := array['Base', 'Silver', 'Gold', 'Black'];
    day := oracle.pick('2024-06-01', '2025-01-01', '2025-03-30T02:30:00');
    case oracle.between(1, 8)
      when 1 then  -- two versions
        p := p || jsonb_build_object('tiers', jsonb_build_array(oracle.random_tiers(names) || jsonb_build_object('until', day),
                                     oracle.random_tiers(names) || jsonb_build_object('from', day)));
      when 2 then  -- a gap
        p := p || jsonb_build_object('tiers', jsonb_build_array(oracle.random_tiers(names) || jsonb_build_object('from', '2024-01-01', 'until', day),
                                     oracle.random_tiers(names) || jsonb_build_object('from', '2025-07-01')));
      else
        p := p || jsonb_build_object('tiers', oracle.random_tiers(names));
    end case;
    -- only the names the program has
    names := array(select l->>'name' from jsonb_array_elements(oracle.versions(p, 'tiers')) v, jsonb_array_elements(v->'levels') l
             group by 1 order by array_position(names, l->>'name'));
  end if;

  list := '[]';
  for i in 1 .. oracle.between(0, 3) loop
    list := list || jsonb_build_array(oracle.random_earn());
  end loop;
  if list = '[]' or oracle.chance(0.5) then
    list := list || '[{"points": 1, "per": 1}]';
  end if;
  p := p || jsonb_build_object('earn', list);

  if oracle.chance(0.5) then
    list := '[]';
    for i in 1 .. oracle.between(1, 3) loop
      list := list || jsonb_build_array(oracle.random_dates(0.3) || oracle.maybe(0.3, 'where', oracle.random_where())
        || jsonb_build_object('by', case when cardinality(names) > 0 and oracle.chance(0.6)
          then jsonb_build_object(names[oracle.between(1, cardinality(names))], 1.25, names[cardinality(names)], 1.5)
          else oracle.pick('2', '1.5', '3', '0.5')::jsonb end)
        || oracle.maybe(0.5, 'stack', to_jsonb(oracle.pick('multiply', 'max', 'replace'))));
    end loop;
    p := p || jsonb_build_object('multiply', list);
  end if;
  if oracle.chance(0.5) then
    list := '[]';
    for i in 1 .. oracle.between(1, 3) loop
      list := list || jsonb_build_array(oracle.random_bonus());
    end loop;
    p := p || jsonb_build_object('bonus', list);
  end if;
  if oracle.chance(0.4) then
    list := '[]';
    for i in 1 .. oracle.between(1, 2) loop
      list := list || jsonb_build_array(oracle.random_dates(0.2) || oracle.maybe(0.2, 'where', oracle.random_where())
        || jsonb_build_object('points', oracle.pick('30', '50', '100', '250', '400')::jsonb, 'per', oracle.pick('order', 'day', 'month', 'year', 'lifetime')));
    end loop;
    p := p || jsonb_build_object('caps', list);
  end if;
  if oracle.chance(0.5) then
    if oracle.chance(0.2) then
      p := p || jsonb_build_object('hold', jsonb_build_array(jsonb_build_object('for', oracle.random_interval(), 'until', '2024-07-01'),
        jsonb_build_object('for', oracle.random_interval(), 'from', '2024-07-01')));
    else
      p := p || jsonb_build_object('hold', jsonb_build_object('for', oracle.random_interval()) || oracle.random_dates(0.2) || oracle.maybe(0.15, 'where', oracle.random_where()));
    end if;
  end if;
  if oracle.chance(0.7) then
    list := '[]';
    for i in 1 .. oracle.between(1, 2) loop
      list := list || jsonb_build_array(oracle.random_expire(names));
    end loop;
    p := p || jsonb_build_object('expire', list);
  end if;
  if oracle.chance(0.5) then
    p := p || jsonb_build_object('redeem', '{"value": 0.01}' || oracle.maybe(0.3, 'minimum', '50') || oracle.maybe(0.3, 'step', '25')
      || oracle.maybe(0.5, 'order', to_jsonb(oracle.pick('expiring first', 'oldest first', 'oldest first'))));
  end if;
  if oracle.chance(0.7) then
    if oracle.chance(0.35) then
      day := oracle.pick('2024-04-01', '2024-07-01', '2025-01-01');
      p := p || jsonb_build_object('refund', jsonb_build_array(oracle.random_refund() || jsonb_build_object('until', day), oracle.random_refund() || jsonb_build_object('from', day)));
    else
      p := p || jsonb_build_object('refund', oracle.random_refund());
    end if;
  end if;
  return oracle.with_club(seed, p);
end $$;

-- An instant near something that matters: one already chosen, or a term of the program later, or a boundary of the
-- program's calendar; exactly, or a moment beside it.
create function oracle.random_instant(known timestamptz[], program jsonb) returns timestamptz
language plpgsql volatile as $$
declare
  tz text := program->>'timezone';
  terms text[] := array(
    select x #>> '{}' from jsonb_path_query(program, 'strict $.**.*') x where jsonb_typeof(x) = 'string' and x #>> '{}' ~ '^\d+ (day|month|year|hour)s?( \d+ days?)?$');
  t timestamptz;
begin
  if cardinality(known) > 0 and oracle.chance(0.7) then
    t := known[oracle.between(1, cardinality(known))];
    case oracle.between(1, 8)
      when 1, 2 then null;  -- the same instant
      when 3, 4 then
        if cardinality(terms) > 0 then
          t := oracle.plus(t, oracle.pick(variadic terms)::interval, tz);  -- a term later
        end if;
      when 5 then t := oracle.plus(t, oracle.pick('1 year', '1 month', '1 day')::interval, tz);
      when 6 then t := oracle.plus(t, make_interval(days => oracle.between(0, 60)), tz);
      else t := oracle.snap(oracle.plus(t, oracle.random_interval()::interval, tz), oracle.pick('month', 'quarter', 'year', 'none'), tz);
    end case;
  elsif oracle.chance(0.6) then
    t := oracle.pick('2024-01-01', '2023-12-31 23:30', '2024-01-31', '2024-02-29', '2024-02-29 12:00', '2024-03-10 02:30', '2024-03-31', '2024-03-31 02:30',
      '2024-04-26', '2024-05-31', '2024-06-30 23:59:59.999999', '2024-07-01', '2024-09-30', '2024-10-06 02:15', '2024-10-27 02:30', '2024-11-03 01:30', '2024-12-31 23:59:59',
      '2025-01-01', '2025-01-31', '2025-02-28', '2025-03-01', '2025-03-09 02:00', '2025-03-30 02:30', '2025-12-31 23:30')::timestamp at time zone tz;
  else
    t := ('2023-12-01'::date + oracle.between(0, 500))::timestamp at time zone tz + make_interval(mins => oracle.between(0, 1439));
  end if;
  if oracle.chance(0.15) then
    t := t + oracle.pick('1 second', '-1 second', '1 microsecond', '-1 microsecond', '1 day')::interval;
  end if;
  return t;
end $$;

create function oracle.random_tags() returns text[]
language sql volatile as $$
  select case when oracle.chance(0.4) then null else oracle.some('a', 'b', 'c') end
$$;

create function oracle.random_events(seed bigint, program jsonb) returns oracle.event[]
language plpgsql volatile set jit = off as $$
declare
  events oracle.event[] := '{}';
  known timestamptz[] := '{}';
  thresholds text[];
  tiers text[];
  e oracle.event;
  p oracle.event;
  purchases oracle.event[] := '{}';
  none oracle.event;
  late boolean;  -- few orders, of many lines that come later, discounts among them
begin
  perform oracle.seed(seed, 'events');
  late := oracle.chance(0.4);
  thresholds := array(select l->>'at' from jsonb_array_elements(oracle.versions(program, 'tiers')) v, jsonb_array_elements(v->'levels') l
            where (l->>'at')::numeric > 0) || '{100}';
  tiers := array(select l->>'name' from jsonb_array_elements(oracle.versions(program, 'tiers')) v, jsonb_array_elements(v->'levels') l) || '{Unknown}';

  for i in 1 .. oracle.between(0, oracle.between(6, 22)) loop
    e := none;
    e.at := oracle.random_instant(known, program);
    p := none;
    if cardinality(purchases) > 0 then
      p := purchases[oracle.between(1, cardinality(purchases))];
    end if;
    case oracle.between(1, 23)
      when 1, 2, 3, 4, 5, 6, 7, 8, 9 then
        e.kind := 'purchase';
        e.amount := oracle.pick('10', '10.5', '33.33', '50', '99.99', '100', '120', '200', '0.01', '7', '349.99', '0')::numeric;
        if oracle.chance(0.3) then  -- exactly what a threshold asks for, or a cent beside it
          e.amount := oracle.pick(variadic thresholds)::numeric * oracle.pick('1', '0.5', '1')::numeric + oracle.pick('0', '0', '-0.01', '0.01')::numeric;
        end if;
        e.quantity := case when oracle.chance(0.3) then oracle.between(1, 6) else 1 end;
        e.cost := case when oracle.chance(0.3) then round(e.amount * oracle.pick('0.2', '0.8', '1.1')::numeric, 2) end;
        e.tags := oracle.random_tags();
        e.ref := case when oracle.chance(0.8) then oracle.pick('1', '2', '3', '10', '007', 'A7', '-4', 'b') end;
        if p.ref is not null and oracle.chance(case when late then 0.6 else 0.25 end) then  -- another line of an order
          e.ref := p.ref;
          if oracle.chance(case when late then 0.2 else 0.7 end) then
            e.at := p.at;
          end if;
          if oracle.chance(case when late then 0.45 else 0.3 end) then
            e.amount := oracle.pick('-5', '-10.5', '-50', '0')::numeric;
          end if;
        end if;
      when 10, 11, 12, 13 then
        e.kind := 'refund';
        e.amount := oracle.pick('5', '10', '10.5', '33.33', '50', '100', '0.01')::numeric;
        if p.at is not null then
          e.ref := case when oracle.chance(case when late then 0.7 else 0.85 end) then p.ref end;
          if oracle.chance(0.7) then
            e.amount := abs(round(p.amount * oracle.pick('1', '1', '0.5', '0.333333', '1.5')::numeric, 6));
          end if;
          if oracle.chance(0.5) then
            e.at := p.at + oracle.pick('0', '1 day', '14 days', '400 days')::interval;
          end if;
          e.tags := case when oracle.chance(0.3) then p.tags when oracle.chance(0.1) then oracle.random_tags() end;
          e.cost := case when oracle.chance(0.3) then round(p.cost * oracle.pick('0.5', '1', '1.2')::numeric, 6) end;
        end if;
        e.ref := case when oracle.chance(0.05) then '999' else e.ref end;
        e.quantity := case when oracle.chance(0.15) then oracle.between(1, 3) end;
      when 14, 15 then
        e.kind := 'redemption';
        e.points := oracle.pick('10', '25', '50', '100', '30', '75.5', '300')::numeric;
        if p.at is not null and oracle.chance(0.6) then
          e.ref := p.ref;
          if oracle.chance(0.7) then
            e.at := p.at;
          end if;
        end if;
      when 16, 17 then
        e.kind := 'adjustment';
        e.points := oracle.pick('50', '100', '7.25', '-20', '-100', '500')::numeric;
        if e.points > 0 and oracle.chance(0.4) then
          e.expires := oracle.random_instant(known || e.at, program);
        end if;
        e.tags := oracle.random_tags();
        e.ref := case when oracle.chance(0.3) then oracle.pick('1', 'x') end;
      when 18 then
        e.kind := 'activity';
        e.name := oracle.pick('joined', 'review', 'review', 'birthday');
        e.ref := case when oracle.chance(0.2) then oracle.pick('1', 'x') end;
      when 19 then
        e.kind := 'grant';
        e.tier := oracle.pick(variadic tiers);
        e.until := case when oracle.chance(0.7) then oracle.random_instant(known || e.at, program) end;
      when 20, 21 then
        e.kind := 'subscription';
        e.amount := oracle.pick('9.99', '0', '120', '-5')::numeric;
        e.every := oracle.pick('1 month', '1 year', '7 days')::interval;
        e.quantity := oracle.between(0, 2);
        e.name := oracle.pick('plus', 'pro', null);
        e.until := case when oracle.chance(0.3) then e.at + oracle.pick('0', '30 days')::interval end;
        e.ref := oracle.pick('1', 's', null);
        e.tags := oracle.random_tags();
      when 22 then  -- what no program sees
        e.kind := oracle.pick('usage', 'advance', 'repayment');
        e.amount := case when e.kind <> 'usage' then 100 end;
        e.quantity := case when e.kind = 'usage' then oracle.between(-1, 2) end;
        e.name := case e.kind when 'usage' then 'calls' when 'advance' then oracle.pick('a year', null) end;
        e.ref := oracle.pick('1', 'x', null);
      else
        if oracle.chance(0.5) then
          e.kind := 'expense';
          e.amount := oracle.pick('5', '20', '100')::numeric;
          e.tags := '{support}';
        else
          e.kind := 'activity';
          e.name := oracle.pick('joined', 'review');
        end if;
    end case;
    events := events || e;
    known := known || e.at;
    if e.kind = 'purchase' then
      purchases := purchases || e;
    end if;
  end loop;

  -- in no particular order
  return oracle.with_club_events(seed, program, array(select row(x.*)::oracle.event from unnest(events) x order by random()));
end $$;

create function oracle.random_asof(seed bigint, events oracle.event[], program jsonb) returns timestamptz
language plpgsql volatile as $$
declare
  known timestamptz[] := array(select at from unnest(events) order by at, 1);
begin
  perform oracle.seed(seed, 'asof');
  if cardinality(known) = 0 then
    return oracle.random_instant(known, program);
  end if;
  case oracle.between(1, 10)
    when 1 then return '2030-01-01';
    when 2, 3 then return case when oracle.chance(0.5) and program ? 'plans'  -- while something of it is still there
      then oracle.plus(known[cardinality(known)], oracle.pick('1 day', '7 days', '20 days', '2 months')::interval, program->>'timezone')
      else oracle.random_instant(known, program) end;
    when 4, 5, 6 then return known[cardinality(known)];
    else return known[oracle.between(1, cardinality(known))] + oracle.pick('0', '0', '-1 microsecond', '1 day')::interval;
  end case;
end $$;
