-- The oracle's plans: when they are held; and the conditions that look at them and at what happened before.

-- "A segment is in force on [at, least(until, next `at` of its `ref`)); those of one `ref` and instant belong together. A plan is held while
-- one that names it, of amount >= 0 (with `trial` false > 0), is in force. One that runs out at its own `until` is followed by the grace
-- (local addition), up to the next `at` of its `ref`; one that others take the place of, and one with `until` = `at`, by none. All refs add
-- up; times that touch are one." Segments without `ref` stand alone.
create function oracle.hold_plans(m oracle.member, program jsonb) returns oracle.member
language plpgsql immutable as $$
declare
  plan jsonb;
  s oracle.subscribed;
  next timestamptz;
  ends timestamptz;
  paid tstzmultirange;
  grace tstzmultirange;
begin
  m.plan_names := array(select k from jsonb_object_keys(coalesce(program->'plans', '{}')) k order by k collate "C");
  for i in 1 .. cardinality(m.plan_names) loop
    plan := program->'plans'->m.plan_names[i];
    paid := '{}'; grace := '{}';
    foreach s in array m.subscribed loop
      continue when not coalesce(plan->'any', jsonb_build_array(m.plan_names[i])) ? s.name or s.name is null;
      continue when s.amount < 0 or (s.amount = 0 and not coalesce((plan->>'trial')::boolean, true));
      next := coalesce((select min(o.at) from unnest(m.subscribed) o where o.ref = s.ref and o.at > s.at), 'infinity');
      ends := least(coalesce(s.until, 'infinity'), next);
      continue when ends <= s.at;
      paid := paid + tstzmultirange(tstzrange(s.at, ends));
      if s.until < next and plan ? 'grace' then
        ends := least(oracle.plus(s.until, (plan->>'grace')::interval, program->>'timezone'), next);
        grace := grace + tstzmultirange(tstzrange(s.until, greatest(ends, s.until)));
      end if;
    end loop;
    m.plan_paid[i] := paid;
    m.plan_held[i] := paid + grace;
  end loop;
  return m;
end $$;

-- When the member holds a plan, or one of a list; null: never
create function oracle.plan_time(m oracle.member, plans jsonb) returns tstzmultirange
language sql immutable as $$
  select coalesce(range_agg(x), '{}')
  from unnest(m.plan_names, m.plan_held) as p(name, held), unnest(p.held) x
  where case jsonb_typeof(plans) when 'string' then plans #>> '{}' = p.name when 'array' then plans ? p.name end
$$;

-- "`within` holds from the anchor (included) to anchor + `for` (excluded); the anchor is the first `joined` or first order, of another
-- activity the last one up to then; without one the rule does not match."
create function oracle.within(m oracle.member, rule jsonb, at timestamptz, tz text) returns boolean
language plpgsql immutable as $$
declare
  what text := rule->'within'->>'after';
  anchor timestamptz;
begin
  if not rule ? 'within' then
    return true;
  end if;
  anchor := case what
    when 'joined' then m.joined
    when 'first purchase' then m.orders[oracle.first_order(m)].at
    else (select max(a.at) from unnest(m.activities) a where a.name = what and a.at <= within.at) end;
  return coalesce(at >= anchor and at < oracle.plus(anchor, (rule->'within'->>'for')::interval, tz), false);
end $$;

-- The conditions of a rule at an instant; `nth`: of an order, its place among the member's
create function oracle.conditions(m oracle.member, rule jsonb, at timestamptz, tz text, nth int default null) returns boolean
language sql immutable as $$
  select (not rule ? 'plan' or oracle.plan_time(m, rule->'plan') @> at)
     and oracle.within(m, rule, at, tz)
     and (not rule ? 'first' or coalesce(nth <= (rule->>'first')::numeric, false))
$$;

-- "Conditions are looked at as `where` and tier are: at the order's date, for all its lines"
create function oracle.with_conditions(m oracle.member, program jsonb, o oracle.purchase, nth int) returns oracle.purchase
language plpgsql immutable as $$
begin
  o.earns := array(select oracle.conditions(m, r, o.at, program->>'timezone', nth)
    from jsonb_array_elements(coalesce(program->'earn', '[]')) with ordinality as x(r, n) order by n);
  o.multiplies := array(select oracle.conditions(m, r, o.at, program->>'timezone', nth)
    from jsonb_array_elements(coalesce(program->'multiply', '[]')) with ordinality as x(r, n) order by n);
  return o;
end $$;
