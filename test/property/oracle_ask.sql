-- Asks the oracle and the extension the same question, in one form: a history is its JSON text, a question a small object,
-- the answer JSON. Instants in answers are shown in a zone of no importance, alike on both sides: the session's zone must
-- not matter. Includes the oracles of subscriptions and tariffs.

\ir oracle_subscription.sql
\ir oracle_tariff.sql

-- A question: {"ask": "mrr", "asof": ...}, and whatever else that function takes. Answers that are rows: a list of objects.
-- Rates are quotients without end: 12 decimals of them are compared. A report over nothing is NULL.
create function oracle.rates(report jsonb) returns jsonb
language sql immutable as $$
  select case when jsonb_strip_nulls(report) <> '{}' then jsonb_object_agg(key, case when key in ('nrr', 'grr', 'logo_churn', 'quick_ratio', 'arpa') and jsonb_typeof(value) = 'number'
    then to_jsonb(round(value::numeric, 12)) else value end) end
  from jsonb_each(report)
$$;

-- The promises of a history in an order of their own
create function oracle.sorted(promises oracle.promise[]) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.at, p.plan collate "C", p.amount, p.every, p.until, p.quantity, p.ref collate "C", p.tags collate "C"), '[]')
  from unnest(promises) as p
$$;

-- One history, or a list of some
create function oracle.population(history jsonb) returns jsonb
language sql immutable as $$ select case jsonb_typeof(history->0) when 'array' then history else jsonb_build_array(history) end $$;

create function oracle.answer(history jsonb, q jsonb) returns jsonb
language plpgsql stable parallel safe set timezone = 'Asia/Kathmandu' as $$
declare
  promises oracle.promise[] := oracle.promises(case when q->>'ask' <> 'report' then history else '[]' end);
  asof timestamptz := q->>'asof';
  period tstzrange := q->>'period';
  plans text[] := array(select jsonb_array_elements_text(q->'plans'));
  net boolean := coalesce((q->>'net')::boolean, false);
  win interval := q->>'window';
  tz text := coalesce(q->>'timezone', 'UTC');
  tariff jsonb := q->'tariff';
begin
  return case q->>'ask'
    when 'mrr' then to_jsonb(oracle.mrr(promises, asof))
    when 'first_paid' then to_jsonb(oracle.first_paid(promises))
    when 'subscriptions' then to_jsonb(oracle.subscriptions(promises, asof, tz))
    when 'movements' then to_jsonb(oracle.movements(promises, period, net, win))
    when 'report' then oracle.rates(to_jsonb(oracle.report(array(
      select row(oracle.promises(h), period)::oracle.customer from jsonb_array_elements(oracle.population(history)) as h), net, win)))
    when 'membership' then to_jsonb(oracle.membership(promises, plans, asof, tz))
    when 'charge' then to_jsonb(oracle.charge(tariff, q->>'meter', (q->>'quantity')::numeric, q->>'plan', asof))
    when 'reprice' then oracle.sorted(oracle.reprice(promises, tariff))
    when 'bill' then to_jsonb(oracle.bill(promises, oracle.measures(history), tariff, period))
    when 'billed' then to_jsonb(oracle.billed(promises, oracle.measures(history), tariff, period)) end;
end $$;

----------------------------------------------------------------------------------------------------------------------
-- Worked cases, written short: an event is [at, amount, more] (a subscription) or [at, meter, quantity, more] (usage), times
-- are local to the case's zone. `checks` maps questions to answers:
--   "mrr AT"  "first_paid"  "subscriptions AT"  "movements [FROM UNTIL] [net] [window=SPAN]"  "report FROM UNTIL [...]"
--   "membership PLAN,PLAN AT"  "charge METER QUANTITY [plan=PLAN] [at=AT]"  "reprice"  "bill FROM UNTIL"  "billed FROM UNTIL"
-- An object names the columns that matter, a list those from the first on; a bill's row is [kind, item, from, until, quantity,
-- amount, plan, ref], a repriced subscription [at, amount, every, until, plan, quantity, tags, ref].

create table oracle."case" (name text primary key, why text, tz text, history jsonb, question jsonb, expect jsonb);

create function oracle.utc(local text, tz text) returns text
language sql immutable as $$
  select to_char((local::timestamp at time zone tz) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

create function oracle.question(asked text, tz text, tariff jsonb) returns jsonb
language plpgsql immutable as $$
declare
  words text[] := string_to_array(asked, ' ');
  word text;
  q jsonb := jsonb_build_object('ask', words[1], 'timezone', tz) || case when tariff is null then '{}' else jsonb_build_object('tariff', tariff) end;
  plain text[] := '{}';
begin
  foreach word in array words[2:] loop
    if word = 'net' then
      q := q || '{"net": true}';
    elsif word like '%=%' then
      q := q || jsonb_build_object(case split_part(word, '=', 1) when 'at' then 'asof' else split_part(word, '=', 1) end,
        case when word like 'at=%' then oracle.utc(split_part(word, '=', 2), tz) else split_part(word, '=', 2) end);
    else
      plain := plain || word;
    end if;
  end loop;
  return q || case
    when words[1] in ('mrr', 'subscriptions') then jsonb_build_object('asof', oracle.utc(plain[1], tz))
    when words[1] = 'membership' then jsonb_build_object('plans', string_to_array(plain[1], ','), 'asof', oracle.utc(plain[2], tz))
    when words[1] = 'charge' then jsonb_build_object('asof', oracle.utc('2026-01-01', tz), 'meter', plain[1], 'quantity', plain[2]::numeric) || q
    when words[1] in ('movements', 'report', 'bill', 'billed') then jsonb_build_object('period',
      case when cardinality(plain) = 0 then '(,)' else format('[%s,%s)', oracle.utc(plain[1], tz), oracle.utc(plain[2], tz)) end)
    else '{}' end;
end $$;

create function oracle.events(short jsonb, tz text) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_agg(jsonb_build_object('at', oracle.utc(e->>0, tz))
      || case when usage then jsonb_build_object('kind', 'usage', 'meter', e->1, 'quantity', e->2)
        else jsonb_build_object('kind', 'subscription', 'amount', e->1, 'every', '1 month') end
      || more || case when more ? 'until' then jsonb_build_object('until', oracle.utc(more->>'until', tz)) else '{}' end order by n), '[]')
  from jsonb_array_elements(short) with ordinality as x(e, n),
    lateral (select jsonb_typeof(e->1) = 'string') as u(usage), lateral (select coalesce(e->(case when usage then 3 else 2 end), '{}')) as m(more)
$$;

create procedure oracle.given(name text, why text, tz text, tariff jsonb, history jsonb, checks jsonb)
language sql as $$
  insert into oracle."case"
  select name || ': ' || key, why, tz, oracle.events(history, tz), oracle.question(key, tz, jsonb_build_object('tariff', 'case', 'timezone', tz) || tariff), value
  from jsonb_each(checks)
$$;

-- Many customers: [[how many, history], ...]
create procedure oracle.given_many(name text, why text, many jsonb, checks jsonb)
language sql as $$
  insert into oracle."case"
  select name || ': ' || key, why, 'UTC', (
      select jsonb_agg(oracle.events(c->1, 'UTC')) from jsonb_array_elements(many) as c, generate_series(1, (c->>0)::int)),
    oracle.question(key, 'UTC', null), value
  from jsonb_each(checks)
$$;

-- Instants as the case writes them
create function oracle.local(t timestamptz, tz text) returns text
language sql immutable as $$
  select regexp_replace(regexp_replace(to_char(t at time zone tz, 'YYYY-MM-DD HH24:MI:SS.US'), '(:00)?\.000000$', ''), ' 00:00$', '')
$$;

-- An answer as the case writes it
create function oracle.shown(answer jsonb, tz text) returns jsonb
language plpgsql immutable as $$
begin
  return case jsonb_typeof(answer)
    when 'object' then (select jsonb_object_agg(key, oracle.shown(value, tz)) from jsonb_each(answer))
    when 'array' then (select coalesce(jsonb_agg(oracle.shown(value, tz) order by n), '[]') from jsonb_array_elements(answer) with ordinality as x(value, n))
    when 'string' then case when answer #>> '{}' ~ '^\d{4}-\d\d-\d\dT.*[+-]\d\d:\d\d$' then to_jsonb(oracle.local((answer #>> '{}')::timestamptz, tz)) else answer end
    else answer end;
end $$;

create function oracle.columns(r jsonb, ask text, tz text) returns jsonb
language sql immutable as $$
  select case ask
    when 'bill' then jsonb_build_array(r->'kind', r->'item', oracle.local(lower((r->>'span')::tstzrange), tz), oracle.local(upper((r->>'span')::tstzrange), tz),
      r->'quantity', r->'amount', r->'plan', r->'ref')
    when 'movements' then oracle.shown(jsonb_build_array(r->'at', r->'movement', r->'change', r->'mrr'), tz)
    when 'reprice' then oracle.shown(jsonb_build_array(r->'at', r->'amount', r->'every', r->'until', r->'plan', r->'quantity', r->'tags', r->'ref'), tz)
    else oracle.shown(r, tz) end
$$;

-- Is all that was expected there?
create function oracle.fits(expected jsonb, answer jsonb) returns boolean
language plpgsql immutable as $$
begin
  return case
    when jsonb_typeof(expected) is distinct from jsonb_typeof(answer) then false
    when jsonb_typeof(expected) = 'object' then (select bool_and(coalesce(oracle.fits(value, answer->key), false)) from jsonb_each(expected))
    when jsonb_typeof(expected) = 'array' and jsonb_typeof(expected->0) in ('array', 'object') then jsonb_array_length(expected) = jsonb_array_length(answer)
      and (select bool_and(coalesce(oracle.fits(value, answer->(n::int - 1)), false)) from jsonb_array_elements(expected) with ordinality as x(value, n))
    when jsonb_typeof(expected) = 'array' and jsonb_array_length(expected) > 0 then
      (select bool_and(coalesce(value = answer->(n::int - 1), false)) from jsonb_array_elements(expected) with ordinality as x(value, n))
    else expected = answer end;
end $$;

-- What the case says about an answer: null if it is the right one, else the answer in the case's words
create function oracle.fault(c oracle."case", answer jsonb) returns jsonb
language plpgsql immutable as $$
declare
  said jsonb := coalesce(case when jsonb_typeof(answer) = 'array' then (
    select coalesce(jsonb_agg(oracle.columns(r, c.question->>'ask', c.tz) order by n), '[]') from jsonb_array_elements(answer) with ordinality as x(r, n))
    else oracle.shown(answer, c.tz) end, 'null');
begin
  return case when oracle.fits(c.expect, said) then null else said end;
end $$;

create procedure oracle.check_cases()
language plpgsql as $$
declare
  c oracle."case";
  said jsonb;
begin
  for c in select * from oracle."case" order by name loop
    said := oracle.fault(c, oracle.answer(c.history, c.question));
    if said is not null then
      raise exception 'the oracle is wrong in %', format(E'%s\n  why      %s\n  expected %s\n  found    %s', c.name, c.why, c.expect, said);
    end if;
  end loop;
end $$;
