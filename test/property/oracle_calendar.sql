-- The oracle's calendar: local time in the program's zone, and the small words every rule uses.

-- "Adding an interval: to local time, add, back to an instant." PostgreSQL adds months, then days, then time.
create function oracle.plus(t timestamptz, span interval, tz text) returns timestamptz
language sql immutable as $$ select ((t at time zone tz) + span) at time zone tz $$;

-- `from`, `until`: a local date or timestamp.
create function oracle.instant(local text, tz text) returns timestamptz
language sql immutable as $$ select local::timestamp at time zone tz $$;

-- "half-open; the rule is in force for events with from <= at < until"
create function oracle.in_force(rule jsonb, at timestamptz, tz text) returns boolean
language sql immutable as $$
  select (not rule ? 'from' or at >= oracle.instant(rule->>'from', tz))
     and (not rule ? 'until' or at < oracle.instant(rule->>'until', tz))
$$;

-- `where`: any, all, none over the tags
create function oracle.matches(rule jsonb, tags text[]) returns boolean
language sql immutable as $$
  select not rule ? 'where' or (
      (not rule->'where' ? 'any' or rule->'where'->'any' ?| coalesce(tags, '{}'))
    and (not rule->'where' ? 'all' or to_jsonb(coalesce(tags, '{}')) @> (rule->'where'->'all'))
    and (not rule->'where' ? 'none' or not rule->'where'->'none' ?| coalesce(tags, '{}')))
$$;

-- A section stated once or as a list of dated versions, as a list; absent: an empty list.
create function oracle.versions(program jsonb, section text) returns jsonb
language sql immutable as $$
  select case jsonb_typeof(program->section)
      when 'array' then program->section
      when 'object' then jsonb_build_array(program->section)
      else '[]' end
$$;

-- The version in force ("a gap means the section is absent": then an empty object, that is, the defaults).
create function oracle.version(program jsonb, section text, at timestamptz, tags text[] default '{}') returns jsonb
language plpgsql immutable as $$
declare
  v jsonb;
begin
  for v in select value from jsonb_array_elements(oracle.versions(program, section)) loop
    if oracle.in_force(v, at, program->>'timezone') and oracle.matches(v, tags) then
      return v;
    end if;
  end loop;
  return '{}';
end $$;

-- The year that contains t and starts at the anchor's month and day: "anchor + n x term", "02-29 clamps to 02-28".
create function oracle.year_of(anchor date, t timestamptz, tz text, out first timestamptz, out last timestamptz)
language plpgsql immutable as $$
declare
  n int;
begin
  if isfinite(t) then
    n := extract(year from t at time zone tz) - extract(year from anchor);
  end if;
  while n is not null loop
    first := (anchor + make_interval(years => n)) at time zone tz;
    last := (anchor + make_interval(years => n + 1)) at time zone tz;
    exit when first <= t and t < last;
    n := n + case when t < first then -1 else 1 end;
  end loop;
end $$;

-- "MM-DD", in a leap year so that 02-29 is a date and clamps in the others
create function oracle.month_day(mmdd text) returns date
language sql immutable as $$ select ('2000-' || mmdd)::date $$;

-- `snap`: "moves the end to the next local midnight that starts a month, quarter, year or that day; an end already
-- on one stays"
create function oracle.snap(t timestamptz, how text, tz text) returns timestamptz
language plpgsql immutable as $$
declare
  here timestamp;
  y record;
begin
  if how is null or how = 'none' or t = 'infinity' then
    return t;
  elsif how in ('month', 'quarter', 'year') then
    here := date_trunc(how, t at time zone tz);
    if here at time zone tz >= t then
      return here at time zone tz;
    end if;
    return (here + case how when 'month' then interval '1 month' when 'quarter' then interval '3 months'
              else interval '1 year' end) at time zone tz;
  else
    y := oracle.year_of(oracle.month_day(how), t, tz);
    return case when y.first = t then t else y.last end;
  end if;
end $$;

-- The period of an instant: the calendar's ("weeks begin on Monday"), the membership's, or all time (caps; `per` of a bonus
-- and of a benefit)
create function oracle.period(per text, t timestamptz, tz text, joined timestamptz, first_event timestamptz) returns tstzrange
language plpgsql immutable as $$
declare
  w record;
begin
  if per in ('day', 'week', 'month', 'year') then
    return tstzrange(date_trunc(per, t at time zone tz) at time zone tz, (date_trunc(per, t at time zone tz) + ('1 ' || per)::interval) at time zone tz);
  elsif per = 'membership year' then
    w := oracle.window_at(per, t, joined, first_event, tz);
    return tstzrange(w.first, w.last);
  end if;
  return '(,)';
end $$;

-- A quotient exact to 30 decimals, and its noise taken off again before anything is rounded or compared: in effect
-- exact fractions ("Money and points are exact decimals; rounding happens only where a rule says so, and once").
create function oracle.div(a numeric, b numeric) returns numeric
language sql immutable as $$ select round(a, 30) / b $$;

create function oracle.exact(x numeric) returns numeric
language sql immutable as $$ select round(x, 15) $$;

-- `round`: "on the magnitude"; "`none` keeps 6 decimals (half up beyond); other modes round to `decimals`"
create function oracle.rounded(x numeric, program jsonb) returns numeric
language plpgsql immutable as $$
declare
  mode text := coalesce(program->>'round', 'down');
  unit numeric := ('1e' || case when mode = 'none' then '6' else coalesce(program->>'decimals', '0') end)::numeric;
  size numeric := oracle.exact(abs(x)) * unit;
begin
  size := case mode when 'down' then floor(size) when 'up' then ceil(size) else floor(size + 0.5) end;
  return sign(x) * size / unit;
end $$;

-- "Ties by `ref` (numbers by value, then text bytewise, none last)"; "a `ref` is a number when it is a canonical
-- integer (no sign but a leading minus, no leading zeros)"
create function oracle.ref_number(ref text) returns numeric
language sql immutable as $$ select case when ref ~ '^(0|-?[1-9][0-9]*)$' then ref::numeric end $$;
