-- Random clubs: plans, conditions, milestones in windows, vouchers and benefits put into random programs, and what bites them into
-- histories: renewals at the very end, within the grace and after it, cancellations at once, orders and redemptions at the midnights of
-- settlement, activities that windows begin with, vouchers used, used again, too late or unknown.

create function oracle.random_plan() returns jsonb
language sql volatile as $$
  select to_jsonb(oracle.pick('plus', 'plus', 'pro')) where oracle.chance(0.75) union all select '["plus", "pro"]' limit 1
$$;

create function oracle.random_within() returns jsonb
language sql volatile as $$
  select jsonb_build_object('after', oracle.pick('joined', 'first purchase', 'birthday', 'birthday', 'review'), 'for', oracle.random_interval())
$$;

-- `plan`, `within`, `first`
create function oracle.random_conditions(p float8, of_order boolean) returns jsonb
language sql volatile as $$
  select oracle.maybe(p, 'plan', oracle.random_plan()) || oracle.maybe(p, 'within', oracle.random_within())
    || case when of_order then oracle.maybe(p / 2, 'first', to_jsonb(oracle.between(1, 3))) else '{}' end
$$;

create function oracle.random_milestone() returns jsonb
language plpgsql volatile as $$
declare
  metric text := oracle.pick('spend', 'spend', 'orders', 'quantity', 'points', 'profit', 'nights');
  small boolean := metric in ('orders', 'quantity', 'nights');
begin
  return jsonb_build_object('of', metric)
    || case when oracle.chance(0.3) then jsonb_build_object('at', case when small then '[1, 2, 5]' else oracle.pick('[100, 120, 350]', '[50]', '[99.99, 100]')::jsonb end)
      else jsonb_build_object('every', case when small then oracle.between(1, 4) else oracle.pick('50', '100', '120', '33.33')::numeric end)
        || oracle.maybe(0.5, 'above', case when small then to_jsonb(oracle.between(1, 4)) else oracle.pick('50', '100', '66.67')::jsonb end) end
    || oracle.maybe(0.85, 'window', to_jsonb(oracle.pick('calendar year', 'year from 04-01', 'year from 02-29', 'membership year', 'membership year', 'month', 'month', 'lifetime')));
end $$;

create function oracle.random_voucher(tiers text[]) returns jsonb
language plpgsql volatile as $$
declare
  rule jsonb := jsonb_build_object('points', oracle.pick('5', '10', '25', '50', '100', '7.5')::jsonb, 'value', oracle.pick('5', '0.50', '10')::jsonb)
    || oracle.random_dates(0.2) || oracle.maybe(0.2, 'plan', oracle.random_plan()) || oracle.maybe(0.5, 'name', to_jsonb(oracle.pick('reward', 'dividend')));
begin
  if oracle.chance(0.6) then
    rule := rule || jsonb_build_object('every', oracle.pick('1 month', '1 month', '2 months', '3 months', '4 months', '6 months', '12 months', '1 year'))
      || oracle.maybe(0.8, 'on', to_jsonb(oracle.pick('01-01', '02-29', '03-31', '02-10', '10-27', '04-26', '1 month', '10 months', '30 days', '1 month 15 days', '1 year')))
      || oracle.maybe(0.35, 'closing', to_jsonb(oracle.pick('1 day', '14 days', '1 month', '36 hours')));
  end if;
  rule := rule || oracle.maybe(0.2, 'minimum', oracle.pick('100', '150', '200')::jsonb) || oracle.maybe(0.3, 'each', to_jsonb(oracle.chance(0.8)));
  if oracle.chance(0.6) then
    rule := rule || jsonb_build_object('valid', oracle.random_interval()) || oracle.maybe(0.4, 'snap', to_jsonb(oracle.pick('none', 'month', 'quarter', 'year', '02-29', '09-30')));
  end if;
  if cardinality(tiers) > 0 and oracle.chance(0.3) then
    rule := rule || jsonb_build_object('tiers', to_jsonb(oracle.some(variadic tiers)));
  end if;
  return rule;
end $$;

create function oracle.random_benefit(name text, tiers text[]) returns jsonb
language plpgsql volatile as $$
declare
  rule jsonb := jsonb_build_object('name', name) || oracle.random_dates(0.2) || oracle.maybe(0.4, 'plan', oracle.random_plan())
    || oracle.maybe(0.3, 'within', oracle.random_within()) || oracle.maybe(0.7, 'per', to_jsonb(oracle.pick('lifetime', 'day', 'week', 'week', 'month', 'year', 'membership year')))
    || oracle.maybe(0.3, 'on', to_jsonb(oracle.pick('review', 'class')));
begin
  if cardinality(tiers) > 0 and oracle.chance(0.4) then
    if oracle.chance(0.5) then
      return rule || jsonb_build_object('tiers', jsonb_build_object(tiers[1], 1, tiers[cardinality(tiers)], 2));
    end if;
    rule := rule || jsonb_build_object('tiers', to_jsonb(oracle.some(variadic tiers)));
  end if;
  return rule || oracle.maybe(0.6, 'quantity', to_jsonb(oracle.between(1, 3)));
end $$;

-- Every rule of a list with something more, now and then
create function oracle.with_more(list jsonb, p float8, of_order boolean) returns jsonb
language sql volatile as $$
  select coalesce(jsonb_agg(r || case when jsonb_typeof(r->'on') = 'object' and oracle.chance(0.8) then jsonb_build_object('on', oracle.random_milestone()) else '{}' end
    || case when not of_order and r ? 'per' and oracle.chance(0.5) then jsonb_build_object('per', oracle.pick('week', 'membership year')) else '{}' end
    || oracle.random_conditions(p, of_order) order by n), '[]')
  from jsonb_array_elements(list) with ordinality as x(r, n)
$$;

create function oracle.with_club(seed bigint, p jsonb) returns jsonb
language plpgsql volatile set jit = off as $$
declare
  names text[];
  section text;
  list jsonb;
  v jsonb;
begin
  perform oracle.seed(seed, 'club');
  if oracle.chance(0.35) then
    return p;
  end if;
  if oracle.chance(0.6) then  -- a program of few sections, so that the rest shows
    foreach section in array array['tiers', 'earn', 'multiply', 'bonus', 'caps', 'hold', 'expire', 'redeem', 'refund', 'scope', 'round', 'decimals'] loop
      if oracle.chance(case section when 'tiers' then 0.4 when 'earn' then 0.6 else 0.7 end) then
        p := p - section;
      end if;
    end loop;
    if not p ? 'earn' then
      p := p || '{"earn": [{"points": 1}]}';
    end if;
    if p->>'round' = 'none' then
      p := p - 'decimals';
    end if;
  end if;
  -- a `by` of tiers needs them
  if not p ? 'tiers' then
    p := p || oracle.maybe(case when p ? 'multiply' then 1 else 0 end, 'multiply', '[{"by": 2}]');
    if p ? 'expire' then
      select p || jsonb_build_object('expire', jsonb_agg(r - 'suspend' order by n)) into p from jsonb_array_elements(p->'expire') with ordinality as x(r, n);
    end if;
  end if;

  p := p || jsonb_build_object('plans', jsonb_build_object(
    'plus', oracle.maybe(0.7, 'any', oracle.pick('["plus monthly", "plus yearly"]', '["plus monthly"]', '["plus", "plus yearly"]')::jsonb)
      || oracle.maybe(0.7, 'grace', to_jsonb(oracle.pick('7 days', '1 month', '2 months', '36 hours'))) || oracle.maybe(0.4, 'trial', to_jsonb(oracle.chance(0.3))),
    'pro', oracle.maybe(0.3, 'grace', '"14 days"') || oracle.maybe(0.3, 'any', '["pro", "plus yearly"]')));

  p := p || jsonb_build_object('earn', oracle.with_more(p->'earn', 0.25, true));
  if oracle.chance(0.7) then
    p := p || jsonb_build_object('earn', p->'earn' || '[{"points": 1}]');
  end if;
  if oracle.chance(0.4) then
    p := p || jsonb_build_object('earn', p->'earn' || (jsonb_build_array('{"points": 1}' || oracle.random_conditions(0.5, true))));
  end if;
  if p ? 'multiply' then
    p := p || jsonb_build_object('multiply', oracle.with_more(p->'multiply', 0.3, true));
  elsif oracle.chance(0.4) then
    p := p || jsonb_build_object('multiply', jsonb_build_array('{"by": 2}' || oracle.random_conditions(0.4, true)));
  end if;
  if p ? 'bonus' then
    p := p || jsonb_build_object('bonus', oracle.with_more(p->'bonus', 0.25, false));
  elsif oracle.chance(0.5) then
    p := p || jsonb_build_object('bonus', oracle.with_more(jsonb_build_array(oracle.random_bonus(), oracle.random_bonus() - 'where' || '{"on": {}}'), 0.2, false));
    p := p || jsonb_build_object('bonus', (p->'bonus') - 1 || jsonb_build_array((p->'bonus'->1) || jsonb_build_object('on', oracle.random_milestone())));
  end if;
  if oracle.chance(0.4) then
    p := p || jsonb_build_object('caps', coalesce(p->'caps', '[]') || jsonb_build_array(jsonb_build_object('points', oracle.pick('50', '100', '150', '400')::jsonb,
      'per', oracle.pick('week', 'week', 'membership year')) || oracle.random_dates(0.2)));
  end if;

  -- levels by a plan
  if p ? 'tiers' then
    list := '[]';
    for v in select x from jsonb_array_elements(oracle.versions(p, 'tiers')) with ordinality as y(x, n) order by n loop
      if oracle.chance(0.6) then
        v := v || jsonb_build_object('levels', (
          select jsonb_agg(l || oracle.maybe(0.25, 'plan', oracle.random_plan()) order by n) from jsonb_array_elements(v->'levels') with ordinality as y(l, n)));
        if oracle.chance(0.5) then
          v := v || jsonb_build_object('levels', v->'levels' || (jsonb_build_array(jsonb_build_object('name', oracle.pick('Club', 'Black'), 'plan', oracle.random_plan()))));
          if (select count(distinct l->>'name') < count(*) from jsonb_array_elements(v->'levels') l) then
            v := v || jsonb_build_object('levels', (v->'levels') - (-1));
          end if;
        end if;
      end if;
      list := list || jsonb_build_array(v);
    end loop;
    p := p || jsonb_build_object('tiers', case when jsonb_typeof(p->'tiers') = 'array' then list else list->0 end);
  elsif oracle.chance(0.3) then
    p := p || jsonb_build_object('tiers', jsonb_build_object('levels', jsonb_build_array('{"name": "Base", "at": 0}'::jsonb, '{"name": "Silver", "at": 100}'::jsonb
      || oracle.maybe(0.5, 'plan', oracle.random_plan()), jsonb_build_object('name', 'Club', 'plan', oracle.random_plan()))));
  end if;
  names := array(select l->>'name' from jsonb_array_elements(oracle.versions(p, 'tiers')) x, jsonb_array_elements(x->'levels') l group by 1 order by 1);

  -- ends of plans, and what they suspend
  if p ? 'expire' and oracle.chance(0.5) then
    select p || jsonb_build_object('expire', jsonb_agg(case when r->>'kind' is distinct from 'plan end' and oracle.chance(0.6) then
        r || jsonb_build_object('suspend', coalesce(r->'suspend', jsonb_build_object('resume', oracle.pick('restart', 'original', 'freeze')))
          || jsonb_build_object('plans', to_jsonb(oracle.some('plus', 'pro')))) else r end order by n))
    into p from jsonb_array_elements(p->'expire') with ordinality as x(r, n);
  end if;
  if oracle.chance(0.4) then
    p := p || jsonb_build_object('expire', coalesce(p->'expire', '[]') || jsonb_build_array(jsonb_build_object('kind', 'plan end', 'plan', oracle.random_plan())
      || oracle.maybe(0.4, 'snap', to_jsonb(oracle.pick('none', 'month', 'quarter', '09-30'))) || oracle.random_dates(0.15) || oracle.maybe(0.15, 'where', oracle.random_where())));
  end if;

  if oracle.chance(0.7) then
    list := '[]';
    for i in 1 .. oracle.between(1, 2) loop
      list := list || jsonb_build_array(oracle.random_voucher(names));
    end loop;
    p := p || jsonb_build_object('vouchers', list);
  end if;
  if oracle.chance(0.5) then
    list := '[]';
    for i in 1 .. oracle.between(1, 3) loop
      list := list || jsonb_build_array(oracle.random_benefit((array['class', 'delivery', 'gift'])[i], names));
    end loop;
    p := p || jsonb_build_object('benefits', list);
  end if;
  return p;
end $$;

-- More events, for a program with plans
create function oracle.with_club_events(seed bigint, program jsonb, events oracle.event[]) returns oracle.event[]
language plpgsql volatile set jit = off as $$
declare
  known timestamptz[] := array(select at from unnest(events) order by at);
  subscribed oracle.event[] := '{}';
  tz text := program->>'timezone';
  e oracle.event;
  s oracle.event;
  none oracle.event;
begin
  if not program ? 'plans' then
    return events;
  end if;
  perform oracle.seed(seed, 'club events');
  for i in 1 .. oracle.between(2, oracle.between(6, 24)) loop
    e := none;
    e.at := oracle.random_instant(known, program);
    if oracle.chance(0.3) then  -- at a local midnight, first of a month, a day of settlement
      e.at := oracle.snap(oracle.plus(e.at, '0', tz), oracle.pick('month', 'month', '02-10', '03-31', '02-29', '10-27'), tz) + oracle.pick('0', '0', '0', '-1 microsecond')::interval;
    end if;
    s := none;
    if cardinality(subscribed) > 0 then
      s := subscribed[oracle.between(1, cardinality(subscribed))];
    end if;
    case oracle.between(1, 15)
      when 1, 2, 3, 4, 5, 6 then
        e.kind := 'subscription';
        e.amount := oracle.pick('9.99', '9.99', '0', '0', '120', '-5')::numeric;
        e.every := oracle.pick('1 month', '1 year')::interval;
        e.quantity := 1;
        e.name := oracle.pick('plus', 'plus monthly', 'plus monthly', 'plus yearly', 'pro', 'other', null);
        e.ref := oracle.pick('s', 's', 't', '1', null);
        if s.at is not null and oracle.chance(0.6) then  -- renewed at the very end, in the grace, after it, or replaced before
          e.ref := s.ref;
          e.name := case when oracle.chance(0.7) then s.name else e.name end;
          e.at := case when s.until is null then oracle.plus(s.at, oracle.random_interval()::interval, tz)
            else oracle.plus(s.until, oracle.pick('0', '0', '0', '1 day', '7 days', '-1 day', '1 month')::interval, tz) end;
          if e.at < s.at then
            e.at := s.at;
          end if;
        end if;
        case oracle.between(1, 6)
          when 1, 2, 3 then e.until := oracle.plus(e.at, oracle.pick('1 month', '1 month', '7 days', '1 year', '30 days')::interval, tz);
          when 4 then e.until := e.at;
          when 5 then e.until := oracle.random_instant(known || e.at, program);
          else null;
        end case;
        if e.until < e.at then
          e.until := e.at;
        end if;
        subscribed := subscribed || e;
        if e.until is not null then
          known := known || e.until;
        end if;
      when 7, 8 then
        e.kind := 'activity';
        e.name := oracle.pick('birthday', 'class', 'class', 'delivery', 'review', 'joined');
      when 9, 10 then
        e.kind := 'redemption';
        e.points := oracle.pick('1', '100', '1000')::numeric;
        e.ref := 'voucher ' || oracle.pick('1', '1', '1', '2', '2', '3', '5');
        if oracle.chance(0.6) then  -- late enough that it may be there
          e.at := oracle.plus(coalesce((select max(x) from unnest(known) x), e.at), oracle.pick('0', '1 day', '30 days', '3 months')::interval, tz);
        end if;
      else
        e.kind := 'purchase';
        e.amount := oracle.pick('10', '50', '100', '25', '99.99', '150')::numeric;
        e.quantity := 1;
        e.tags := oracle.random_tags();
        e.ref := case when oracle.chance(0.7) then oracle.pick('1', '2', '3', '11', '12') end;
    end case;
    events := events || e;
    known := known || e.at;
  end loop;
  return array(select row(x.*)::oracle.event from unnest(events) x order by random());
end $$;
