-- Random histories of subscriptions and usage, tariffs, and questions about them, the same for the same seed (on one major
-- version of PostgreSQL). Instants fall on purpose on each other, on ends, on renewals, on month ends and DST nights.
-- Needs oracle_ask.sql.

\ir oracle_events.sql
\ir oracle_random.sql

create function oracle.random_zone() returns text
language sql volatile as $$
  select oracle.pick('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'America/Santiago', 'Asia/Beirut', 'Australia/Lord_Howe')
$$;

create function oracle.random_term() returns text
language sql volatile as $$
  select case when oracle.chance(0.5) then '1 month' when oracle.chance(0.1) then '1 day' else
    oracle.pick('12 months', '12 months', '3 months', '3 months', '7 days', '14 days', '30 days', '6 months', '2 months', '5 months', '24 months') end
$$;

-- An instant near something that matters: one already chosen, some terms later, a month end, a night when clocks change
create function oracle.random_moment(known timestamptz[], tz text) returns timestamptz
language plpgsql volatile as $$
declare
  t timestamptz;
begin
  if cardinality(known) > 0 and oracle.chance(0.7) then
    t := known[oracle.between(1, cardinality(known))];
    case oracle.between(1, 10)
      when 1, 2, 3, 4 then null;  -- the same instant
      when 5, 6, 7 then t := oracle.plus(t, oracle.random_term()::interval * oracle.between(1, 4), tz);
      when 8 then t := date_trunc('month', oracle.plus(t, make_interval(months => oracle.between(1, 3)), tz) at time zone tz) at time zone tz;
      when 9 then t := t + oracle.pick('1 microsecond', '-1 microsecond', '1 hour', '5 hours', '23 hours')::interval;
      else t := oracle.plus(t, make_interval(days => oracle.between(1, 60)), tz);
    end case;
  elsif oracle.chance(0.6) then
    t := oracle.pick('2024-01-01', '2023-12-31 23:30', '2024-01-31', '2024-01-31 12:00', '2024-02-29', '2024-03-10 02:30', '2024-03-31', '2024-03-31 00:00', '2024-03-31 02:30', '2024-04-06 23:30',
      '2024-05-31', '2024-07-01', '2024-08-08', '2024-08-31 00:30', '2024-09-08', '2024-09-08 00:30', '2024-10-06 02:15', '2024-10-26 23:30', '2024-10-27 02:30', '2024-11-03 01:30', '2024-12-31 23:59:59',
      '2025-01-01', '2025-02-28', '2025-03-09 02:00', '2025-03-30 00:30')::timestamp at time zone tz;
  else
    t := ('2023-12-01'::date + oracle.between(0, 450))::timestamp at time zone tz + make_interval(mins => oracle.between(0, 1439));
  end if;
  return t;
end $$;

create function oracle.iso(t timestamptz) returns text
language sql stable as $$ select to_char(t at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') $$;

-- Some events; `plans` and `meters` are the names to choose from
create function oracle.random_recurring(tz text, most int, usage boolean, plans text[], meters text[]) returns jsonb
language plpgsql volatile set jit = off as $$
declare
  history jsonb := '[]';
  known timestamptz[] := '{}';
  refs text[] := '{1,1,2,A,007,-4}';
  used jsonb := '[]';  -- the subscriptions with a ref
  e jsonb;
  old jsonb;
  at timestamptz;
  until timestamptz;
begin
  for i in 1 .. case when oracle.chance(0.03) then 0 else oracle.between(1, oracle.between(4, most)) end loop
    at := oracle.random_moment(known, tz);
    if usage and oracle.chance(0.4) then
      e := jsonb_build_object('kind', 'usage', 'meter', oracle.pick(variadic meters))
        || oracle.maybe(0.8, 'quantity', oracle.pick('1', '2', '5', '10', '10.5', '1000', '999.999999', '0.000001', '-3', '0', '1e6')::jsonb)
        || oracle.maybe(0.4, 'tags', to_jsonb(oracle.random_tags())) || oracle.maybe(0.5, 'ref', to_jsonb(oracle.pick('1', '2', '10', 'u', 'v')));
    elsif oracle.chance(0.08) then
      e := oracle.pick('{"kind": "purchase", "amount": 77, "ref": "1"}', '{"kind": "activity", "name": "a"}', '{"kind": "expense", "amount": 3}', '{"kind": "refund", "amount": 7, "ref": "1"}', '{"kind": "grant", "tier": "a"}')::jsonb;
    else
      e := jsonb_build_object('kind', 'subscription', 'every', oracle.random_term(),
          'amount', oracle.pick('0', '0', '-5', '-12.5', '10', '10', '20', '8.99', '49', '99.9', '0.01', '1000', '33.333333', '7', '30', '10', '20')::jsonb)
        || oracle.maybe(0.85, 'plan', to_jsonb(oracle.pick(variadic plans))) || oracle.maybe(0.4, 'quantity', oracle.pick('0', '2', '3', '5', '6', '11', '2.5')::jsonb)
        || oracle.maybe(0.2, 'tags', to_jsonb(oracle.random_tags())) || oracle.maybe(0.75, 'ref', to_jsonb(oracle.pick(variadic refs)));
      -- of the ref of another: another line of its instant, or what comes when it ends, and often much like it
      if jsonb_array_length(used) > 0 and oracle.chance(0.55) then
        old := used->oracle.between(0, jsonb_array_length(used) - 1);
        e := e || jsonb_build_object('ref', old->'ref') || oracle.maybe(0.75, 'every', old->'every') || oracle.maybe(0.6, 'plan', coalesce(old->'plan', '"a"'));
        if oracle.chance(0.25) then
          at := old->>'at';
        elsif oracle.chance(0.3) and old ? 'until' then
          at := old->>'until';
        elsif oracle.chance(0.4) then
          at := oracle.plus((old->>'at')::timestamptz, (old->>'every')::interval * oracle.between(1, 3), tz);
        end if;
      end if;
      until := case oracle.pick('never', 'never', 'never', 'never', 'never', 'at once', 'terms', 'terms', 'days', 'moment', 'moment')
        when 'at once' then at
        when 'terms' then oracle.plus(at, (e->>'every')::interval * oracle.between(1, 3), tz)
        when 'days' then oracle.plus(at, make_interval(days => oracle.between(0, 90)), tz)
        when 'moment' then oracle.random_moment(known, tz) end;
      e := e || jsonb_build_object('at', oracle.iso(at)) || case when until >= at then jsonb_build_object('until', oracle.iso(until)) else '{}' end;
      known := known || case when until >= at then until end;
      if e ? 'ref' then
        used := used || jsonb_build_array(e);
      end if;
    end if;
    known := array_remove(known || at, null);
    history := history || jsonb_build_array(e || jsonb_build_object('at', oracle.iso(at)));
    if oracle.chance(0.04) then
      history := history || jsonb_build_array(history->-1);  -- the same again
    end if;
  end loop;
  return (select coalesce(jsonb_agg(jsonb_strip_nulls(x) order by random()), '[]') from jsonb_array_elements(history) as x);
end $$;

-- A period, its ends where something happens
create function oracle.random_period(known timestamptz[], tz text, bounded boolean) returns tstzrange
language plpgsql volatile as $$
declare
  a timestamptz := oracle.random_moment(known, tz);
  b timestamptz := case when oracle.chance(0.2) then '2025-06-01' when oracle.chance(0.5) then oracle.plus(a, oracle.pick('1 month', '1 month', '3 months', '1 day', '1 year')::interval, tz) else oracle.random_moment(known, tz) end;
begin
  return tstzrange(case when bounded or oracle.chance(0.85) then least(a, b) end, case when bounded or oracle.chance(0.85) then greatest(a, b) end,
    case when bounded and oracle.chance(0.7) then '[)' else oracle.pick('[)', '[)', '()', '(]', '[]') end);
end $$;

create function oracle.instants(history jsonb) returns timestamptz[]
language sql stable as $$
  select coalesce(array_agg(t order by t, n), '{}') from jsonb_array_elements(history) with ordinality as x(e, n), unnest(array[(e->>'at')::timestamptz, (e->>'until')::timestamptz]) as t where t is not null
$$;

create type oracle.asked as (history jsonb, questions jsonb);

create function oracle.random_asked_subscription(seed bigint) returns oracle.asked
language plpgsql volatile set jit = off as $$
declare
  tz text;
  history jsonb;
  known timestamptz[];
  q jsonb := '[]';
begin
  perform oracle.seed(seed, 'subscription');
  tz := oracle.random_zone();
  history := oracle.random_recurring(tz, 11, false, '{a,a,b,pro}', '{calls}');
  known := oracle.instants(history);
  for i in 1 .. 2 loop
    q := q || jsonb_build_object('ask', 'mrr', 'asof', oracle.iso(oracle.random_moment(known, tz)))
      || jsonb_build_object('ask', 'subscriptions', 'asof', oracle.iso(oracle.random_moment(known, tz)), 'timezone', tz);
  end loop;
  for i in 1 .. 4 loop
    q := q || jsonb_build_object('ask', 'membership', 'plans', oracle.pick('["a"]', '["a"]', '["b"]', '["a", "b"]', '["a", "pro", "x"]', '[]')::jsonb, 'asof', oracle.iso(oracle.random_moment(known, tz)), 'timezone', tz);
  end loop;
  q := q || '[{"ask": "first_paid"}, {"ask": "movements", "period": "(,)"}, {"ask": "movements", "period": "empty"}]'::jsonb;
  for i in 1 .. 4 loop
    q := q || (jsonb_build_object('ask', oracle.pick('movements', 'movements', 'report'), 'period', oracle.random_period(known, tz, false), 'net', oracle.chance(0.6))
      || oracle.maybe(0.5, 'window', to_jsonb(oracle.pick('90 days', '1 month', '30 days', '36 hours', '1 year', '0', '-1 day', '1 month 12 hours'))));
  end loop;
  return row(history, q);
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Tariffs

-- A price of a quantity
create function oracle.random_price(meter boolean) returns jsonb
language plpgsql volatile as $$
declare
  result jsonb := '{}';
  tiers jsonb := '[]';
  up_to numeric := 0;
begin
  if oracle.chance(0.45) then
    for i in 1 .. oracle.between(0, 3) loop
      up_to := up_to + oracle.pick('1', '5', '10', '2.5', '1000')::numeric;
      tiers := tiers || jsonb_build_array(jsonb_build_object('up_to', up_to) || oracle.maybe(0.8, 'price', oracle.pick('0.1', '7', '6.5', '0.005', '0')::jsonb) || oracle.maybe(0.3, 'flat', oracle.pick('25', '0.333')::jsonb));
    end loop;
    tiers := tiers || jsonb_build_array(jsonb_build_object('price', oracle.pick('6', '0.05', '1.111111')::jsonb) || oracle.maybe(0.3, 'flat', '15'));
    result := jsonb_build_object('tiers', tiers) || oracle.maybe(0.6, 'mode', to_jsonb(oracle.pick('graduated', 'volume', 'volume')));
  else
    result := jsonb_build_object('price', oracle.pick('9', '0.01', '0.005', '2.333333', '1')::jsonb);
  end if;
  result := result || oracle.maybe(0.3, 'included', oracle.pick('1', '5', '1000', '2.5')::jsonb) || oracle.maybe(0.25, 'size', oracle.pick('10', '3', '0.5', '1000000')::jsonb);
  if meter then
    result := result || oracle.maybe(0.2, 'minimum', oracle.pick('5', '0.015')::jsonb) || oracle.maybe(0.2, 'maximum', oracle.pick('100', '9.999')::jsonb);
  end if;
  return result;
end $$;

-- One entry, or two or three dated ones that do not overlap, with a gap or without, as made by `make`
create function oracle.random_versions(make text, p float8) returns jsonb
language plpgsql volatile as $$
declare
  days text[] := array['2024-02-01', '2024-02-10', '2024-03-31', '2024-03-31T02:30:00', '2024-05-15', '2024-07-01', '2024-09-08', '2024-10-27', '2025-01-01'];
  a int := oracle.between(1, 9);
  b int := oracle.between(1, 9);
  one jsonb;
  two jsonb;
  three jsonb;
begin
  execute 'select ' || make into one;
  if not oracle.chance(p) then
    return case when oracle.chance(0.5) then one else jsonb_build_array(one) end;
  end if;
  execute 'select ' || make into two;
  execute 'select ' || make into three;
  return case oracle.between(1, 5)
    when 1 then jsonb_build_array(one || jsonb_build_object('until', days[least(a, b)]), two || jsonb_build_object('from', days[greatest(a, b)]))
    when 2 then one || jsonb_build_object('from', days[a])
    when 3 then one || jsonb_build_object('until', days[a])
    when 4 then case when a = b then one else jsonb_build_array(one || jsonb_build_object('until', days[least(a, b)]), two || jsonb_build_object('from', days[least(a, b)], 'until', days[greatest(a, b)]),
      three || jsonb_build_object('from', days[greatest(a, b)])) end
    else jsonb_build_array(two || jsonb_build_object('from', days[a]), one || jsonb_build_object('until', days[a])) end;
end $$;

create function oracle.random_meter() returns jsonb
language sql volatile as $$
  select oracle.random_price(true) || oracle.maybe(0.5, 'of', to_jsonb(oracle.pick('sum', 'count', 'max', 'latest', 'unique')))
    || oracle.maybe(0.25, 'where', oracle.random_where())
$$;

-- Entries under their own names, and some that read another meter
create function oracle.random_meters() returns jsonb
language plpgsql volatile as $$
declare
  result jsonb := '{}';
  name text;
begin
  foreach name in array oracle.some('calls', 'calls', 'gb', 'sms', 'x', 'Y') loop
    result := result || jsonb_build_object(name, oracle.random_versions(
      case when name in ('x', 'Y') then format('oracle.random_meter() || jsonb_build_object(''meter'', %L::text)', oracle.pick('calls', 'gb', 'sms')) else 'oracle.random_meter()' end, 0.3));
  end loop;
  return result;
end $$;

create function oracle.random_plan_entry(every text) returns jsonb
language sql volatile as $$
  select jsonb_build_object('every', every) || oracle.maybe(0.8, 'fee', oracle.pick('49', '55', '20', '0', '0', '490', '0.005', '33.333333', '30')::jsonb)
    || case when oracle.chance(0.35) then oracle.random_price(false) else '{}' end
    || case when oracle.chance(0.4) then jsonb_build_object('meters', oracle.random_meters()) else '{}' end
$$;

create function oracle.random_tariff(tz text) returns jsonb
language plpgsql volatile set jit = off as $$
declare
  plans jsonb := '{}';
  entries jsonb;
  name text;
  every text;
begin
  foreach name in array array(select distinct unnest('{a}'::text[] || oracle.some('a', 'b', 'B', 'pro'))) loop
    entries := '[]';
    foreach every in array oracle.some('1 month', '1 month', '1 month', '1 month', '12 months', '7 days', '3 months', '5 months', '30 days') loop
      continue when exists (select from jsonb_array_elements(entries) as e where e->>'every' = every);
      entries := entries || oracle.list(oracle.random_versions(format('oracle.random_plan_entry(%L)', every), 0.75));
    end loop;
    plans := plans || jsonb_build_object(name, case when jsonb_array_length(entries) = 1 and oracle.chance(0.5) then entries->0 else entries end);
  end loop;
  return jsonb_build_object('tariff', 'random', 'timezone', tz)
    || oracle.maybe(0.3, 'round', to_jsonb(oracle.pick('half up', 'down', 'up'))) || oracle.maybe(0.3, 'decimals', to_jsonb(oracle.between(0, 4)))
    || case when oracle.chance(0.1) then '{"round": "none", "decimals": null}'::jsonb else '{}' end
    || oracle.maybe(0.6, 'prorate', to_jsonb(oracle.pick('day', 'second', 'second', 'none'))) || oracle.maybe(0.6, 'credit', to_jsonb(oracle.pick('change', 'always', 'always', 'never')))
    || oracle.maybe(0.5, 'align', to_jsonb(oracle.pick('start', 'calendar', 'calendar'))) || oracle.maybe(0.95, 'plans', plans) || oracle.maybe(0.8, 'meters', oracle.random_meters());
end $$;

create function oracle.random_asked_tariff(seed bigint) returns oracle.asked
language plpgsql volatile set jit = off as $$
declare
  tz text;
  history jsonb;
  tariff jsonb;
  known timestamptz[];
  q jsonb := '[]';
begin
  perform oracle.seed(seed, 'tariff');
  tz := oracle.random_zone();
  history := oracle.random_recurring(tz, 10, oracle.chance(0.6), '{a,a,a,b,B,pro,other}', '{calls,calls,calls,gb,sms,other}');
  tariff := jsonb_strip_nulls(oracle.random_tariff(tz));
  known := oracle.instants(history);
  q := q || '{"ask": "reprice"}'::jsonb;
  for i in 1 .. 2 loop
    q := q || jsonb_build_object('ask', 'bill', 'period', oracle.random_period(known, tz, true));
  end loop;
  q := q || jsonb_build_object('ask', 'billed', 'period', oracle.random_period(known, tz, true));
  for i in 1 .. 2 loop
    q := q || (jsonb_build_object('ask', 'charge', 'meter', oracle.pick('calls', 'gb', 'sms', 'x', 'Y'), 'quantity', oracle.pick('0', '1', '5', '5.000001', '17.5', '1006', '12345.678901', '-1')::jsonb,
      'asof', oracle.iso(oracle.random_moment(known, tz))) || case when tariff ? 'plans' then oracle.maybe(0.5, 'plan', to_jsonb(oracle.pick(variadic array(select jsonb_object_keys(tariff->'plans'))))) else '{}' end);
  end loop;
  return row(history, (select jsonb_agg(x || jsonb_build_object('tariff', tariff)) from jsonb_array_elements(q) as x));
end $$;
