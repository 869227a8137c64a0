-- The oracle's events and their order.

create type oracle.event as (
  at timestamptz, kind text, amount numeric, cost numeric, quantity numeric, points numeric, expires timestamptz,
  name text, tier text, every interval, until timestamptz, tags text[], ref text
);

-- The JSON text form of a history, as events
create function oracle.events(history jsonb) returns oracle.event[]
language sql immutable as $$
  select coalesce(array_agg(row(
      (e->>'at')::timestamptz, e->>'kind', (e->>'amount')::numeric, (e->>'cost')::numeric,
      coalesce((e->>'quantity')::numeric, case when e->>'kind' in ('purchase', 'subscription', 'usage') then 1 end),
      (e->>'points')::numeric, (e->>'expires')::timestamptz, coalesce(e->>'name', e->>'plan', e->>'meter', e->>'terms'), e->>'tier',
      coalesce((e->>'every')::interval, case e->>'kind' when 'subscription' then interval '1 month' end), (e->>'until')::timestamptz,
      case when e ? 'tags' then array(select jsonb_array_elements_text(e->'tags')) end, e->>'ref')::oracle.event
      order by n), '{}')
  from jsonb_array_elements(history) with ordinality as h(e, n)
$$;

-- And back: what loyalty.history reads
create function oracle.history(events oracle.event[]) returns jsonb
language sql immutable as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'kind', e.kind, 'amount', e.amount,
      'cost', e.cost, 'quantity', case when e.kind in ('purchase', 'subscription', 'usage') and e.quantity = 1 then null else e.quantity end,
      'points', e.points, 'expires', to_char(e.expires at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      case e.kind when 'subscription' then 'plan' when 'usage' then 'meter' when 'advance' then 'terms' else 'name' end, e.name,
      'tier', e.tier, 'every', e.every, 'until', to_char(e.until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
      'tags', case when cardinality(e.tags) > 0 then to_jsonb(e.tags) end, 'ref', e.ref)) order by n), '[]')
  from unnest(events) with ordinality as e(at, kind, amount, cost, quantity, points, expires, name, tier, every, until, tags, ref, n)
$$;

-- Rule 5: "Events of one instant come in this order: ... activities, purchases, refunds, redemptions, adjustments,
-- expenses, grants (subscriptions before all ...). Ties by `ref` ..., then by the event's own content: amount, cost,
-- quantity, points by value, `every`, then name, tier, times, tags. ... A redemption with the `ref` and instant of a purchase comes before that
-- instant's purchases." Rule 6: "`asof` t includes events at t." A missing number counts as 0, missing tags come first.
create function oracle.ordered(events oracle.event[], asof timestamptz) returns oracle.event[]
language sql immutable as $$
  select coalesce(array_agg(row(e.*)::oracle.event order by
      e.at,
      case e.kind
        when 'subscription' then 0
        when 'activity' then 1
        when 'purchase' then 3
        when 'refund' then 4
        when 'redemption' then case when exists (
            select from unnest(events) p where p.kind = 'purchase' and p.at = e.at and p.ref = e.ref) then 2 else 5 end
        when 'adjustment' then 6
        when 'expense' then 7
        else 8 end,
      e.ref is null, oracle.ref_number(e.ref) nulls last, e.ref collate "C",
      e.amount, coalesce(e.cost, 0), coalesce(e.quantity, 0), e.points, e.every, e.name collate "C" nulls first, e.tier collate "C", e.expires, e.until,
      e.tags collate "C" nulls first), '{}')
  from unnest(events) e
  where e.at <= asof
$$;

-- "A promise (subscription), a quantity (usage) or money lent (advance, repayment) is not revenue: profit, points and
-- tiers do not see them"; `resets_by` may name the kind subscription. "A program with `plans` reads them as events ..., one
-- without passes over them."
create function oracle.seen(events oracle.event[], program jsonb) returns oracle.event[]
language sql immutable as $$
  select array(
    select row(e.*)::oracle.event from unnest(events) e
    where e.kind not in ('subscription', 'usage', 'advance', 'repayment')
      or (e.kind = 'subscription' and (program ? 'plans' or exists (
        select from jsonb_array_elements(coalesce(program->'expire', '[]')) r where r->'resets_by' ? 'subscription'))))
$$;
