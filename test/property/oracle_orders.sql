-- The oracle's orders: their lines, what comes back, what they earn, what they count for tiers.

-- One line. `left_*` is what has not been refunded; `base_*` is what earns (a refund under `recompute` lowers it, one
-- under `proportional` or `keep` does not). `gone`: nothing of it is left, or nothing of it earns.
create type oracle.line as (
  amount numeric, tags text[], left_amount numeric, left_quantity numeric, gone boolean,
  base_amount numeric, base_quantity numeric, base_gone boolean
);

-- One order: "its lines of one `ref`, dated at the first of them". A refund without `ref` is kept as an order with a
-- minus (sign -1). The order's numbers: remaining total, cost not recovered, whether it was returned in full, and earns
-- nothing as long as it is (void), share given up under `proportional`, the tier that rated it, its raw earning (metric points), its earning with factors, what it stands at after caps,
-- its metrics; and which rules of `earn` and `multiply` have their conditions (`plan`, `within`, `first`) met at its date.
create type oracle.purchase as (
  at timestamptz, seq int, ref text, sign int, lines oracle.line[], tags text[],
  total numeric, remaining numeric, cost numeric, returned boolean, void boolean, given_up numeric,
  tier text, raw numeric, earned numeric, target numeric, metrics numeric[], returned_points numeric,
  earns boolean[], multiplies boolean[]
);

-- What one earn rule gives for a counted value of the lines it sees: a `table`, whole `steps`, or pro rata.
create function oracle.rule_points(rule jsonb, value numeric) returns numeric
language plpgsql immutable as $$
declare
  bracket jsonb;
  points numeric := 0;
begin
  if rule ? 'table' then  -- half-open brackets, ascending
    for bracket in select b from jsonb_array_elements(rule->'table') b loop
      if oracle.exact(value) >= (bracket->>0)::numeric then
        points := (bracket->>1)::numeric;
      end if;
    end loop;
    return points;
  elsif (rule->>'steps')::boolean then  -- whole steps of `per` only, of the magnitude
    return sign(value) * (rule->>'points')::numeric * floor(oracle.exact(oracle.div(abs(value), coalesce((rule->>'per')::numeric, 1))));
  else
    return oracle.div((rule->>'points')::numeric * value, coalesce((rule->>'per')::numeric, 1));
  end if;
end $$;

-- "Several `multiply` rules: if a `replace` matches, the last of them; else if a `max` matches, the largest of all
-- matching; else the product. A `by` object without the member's tier does not match."
create function oracle.factor(program jsonb, at timestamptz, tags text[], tier text, multiplies boolean[]) returns numeric
language plpgsql immutable as $$
declare
  rule jsonb;
  factor numeric;
  product numeric := 1;
  largest numeric;
  replacing numeric;
  any_max boolean := false;
  n int := 0;
begin
  for rule in select r from jsonb_array_elements(coalesce(program->'multiply', '[]')) r loop
    n := n + 1;
    continue when not multiplies[n] or not oracle.in_force(rule, at, program->>'timezone') or not oracle.matches(rule, tags);
    factor := case jsonb_typeof(rule->'by') when 'object' then rule->'by'->>tier else rule->>'by' end;
    continue when factor is null;
    product := product * factor;
    largest := greatest(largest, factor);
    any_max := any_max or coalesce(rule->>'stack', '') = 'max';
    if rule->>'stack' = 'replace' then
      replacing := factor;
    end if;
  end loop;
  return case when replacing is not null then replacing when any_max then largest else product end;
end $$;

-- Rates an order: its raw earning and its earning with factors, before rounding (under scope `line`, each line is
-- rounded here). "all matching rules add up"; "the factor applies to the sum of the earn rules".
create function oracle.rate(o oracle.purchase, program jsonb) returns oracle.purchase
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  by_line boolean := coalesce(program->>'scope', 'order') = 'line';
  rule jsonb;
  counted text;
  total numeric := 0;  -- of the lines that earn
  share numeric := 1;  -- what `proportional` leaves
  points numeric[];  -- per line, before factors
  weights numeric[];  -- per line; null where the rule does not see it
  weight numeric;
  hits int;
  whole numeric;
  line_points numeric;
  i int;
  n int := 0;
begin
  for i in 1 .. cardinality(o.lines) loop
    total := total + o.lines[i].base_amount;
    points[i] := 0;
  end loop;
  total := round(total, 25);

  for rule in select r from jsonb_array_elements(coalesce(program->'earn', '[]')) r loop
    n := n + 1;
    continue when not o.earns[n] or not oracle.in_force(rule, o.at, tz);  -- a later line belongs to the order's date for rules
    continue when oracle.exact(total) < (rule->>'minimum')::numeric;  -- "`minimum` is the whole order, net"
    counted := coalesce(rule->>'of', 'amount');
    continue when counted = 'orders' and o.sign < 0;

    weights := '{}'; weight := 0; hits := 0;
    for i in 1 .. cardinality(o.lines) loop
      weights[i] := null;
      if not o.lines[i].base_gone and oracle.matches(rule, o.lines[i].tags) then
        weights[i] := case when counted = 'quantity' then o.lines[i].base_quantity else o.lines[i].base_amount end;
        weight := weight + weights[i];
        hits := hits + 1;
      end if;
    end loop;
    continue when hits = 0;
    weight := round(weight, 25);

    -- "`steps` and `table` see the order's matching lines together (each line under `scope: line`); `orders` counts
    -- once per order with a matching, not fully returned line"
    whole := case when counted = 'orders' then oracle.rule_points(rule, 1) else oracle.rule_points(rule, weight) end;
    for i in 1 .. cardinality(o.lines) loop
      continue when weights[i] is null;
      if counted = 'orders' and by_line then  -- one part, that of the first matching line: rounded once
        points[i] := points[i] + whole;
        exit;
      elsif counted <> 'orders' and (by_line or not (rule ? 'table' or coalesce((rule->>'steps')::boolean, false))) then
        points[i] := points[i] + oracle.rule_points(rule, weights[i]);
      elsif weight <> 0 then  -- "shared out over the matching lines by amount, or by quantity where that is counted"
        points[i] := points[i] + oracle.div(whole * weights[i], weight);
      else  -- nothing to share by: alike
        points[i] := points[i] + oracle.div(whole, hits);
      end if;
    end loop;
  end loop;

  -- "`proportional` is the unrounded earning x the share that remains"
  if o.given_up <> 0 and oracle.exact(total) <> 0 then
    share := oracle.div(total - o.given_up, total);
  end if;

  o.raw := 0; o.earned := 0;
  if oracle.exact(total) >= 0 and not o.void then  -- "a negative order earns 0"; so does one that was returned in full
    for i in 1 .. cardinality(o.lines) loop
      o.raw := o.raw + points[i] * share;
      if points[i] <> 0 then
        line_points := points[i] * share * oracle.factor(program, o.at, o.lines[i].tags, o.tier, o.multiplies);
        o.earned := o.earned + case when by_line then oracle.rounded(line_points, program) else line_points end;
      end if;
    end loop;
  end if;
  o.raw := greatest(o.raw, 0);
  o.earned := greatest(o.earned, 0);
  return o;
end $$;

-- A new order, without lines
create function oracle.new_order(at timestamptz, seq int, ref text, sign int) returns oracle.purchase
language sql immutable as $$
  select row(at, seq, ref, sign, '{}', '{}', 0, 0, 0, false, false, 0, null, 0, 0, 0, '{}', 0, '{}', '{}')::oracle.purchase
$$;

-- A line joins its order.
create function oracle.with_line(o oracle.purchase, e oracle.event) returns oracle.purchase
language plpgsql immutable as $$
begin
  o.lines := o.lines || row(e.amount, coalesce(e.tags, '{}'), e.amount, coalesce(e.quantity, 1), false,
                e.amount, coalesce(e.quantity, 1), false)::oracle.line;
  o.tags := array(select distinct t from unnest(o.tags || coalesce(e.tags, '{}')) t);
  o.total := o.total + e.amount;
  o.remaining := o.remaining + e.amount;
  o.cost := o.cost + coalesce(e.cost, 0);
  return o;
end $$;

-- A refund with `ref`: "hits lines with exactly its tags if it has any, else and for the excess all lines pro rata of
-- what remains; its quantity, if not given, is pro rata too". "A refund beyond the order's remainder takes no further
-- points and no further metric, cost and quantity included."
create function oracle.with_refund(o oracle.purchase, e oracle.event, earned text) returns oracle.purchase
language plpgsql immutable as $$
declare
  amount numeric := least(e.amount, o.remaining);
  lines oracle.line[] := o.lines;
  l oracle.line;
  hit boolean[];
  hit_amount numeric := 0;
  hit_quantity numeric := 0;
  all_quantity numeric := 0;
  f1 numeric := 0;  -- the share taken of the lines with the refund's tags
  f2 numeric := 0;  -- and then of all lines
  q1 numeric;  -- the same for the quantity
  q2 numeric;
  keep numeric;
  keep_quantity numeric;
  i int;
begin
  if o.remaining < 0 or o.returned then
    return o;  -- nothing remains
  end if;

  for i in 1 .. cardinality(lines) loop
    hit[i] := cardinality(e.tags) > 0 and lines[i].tags <@ e.tags and e.tags <@ lines[i].tags;
    if hit[i] then
      hit_amount := hit_amount + lines[i].left_amount;
      hit_quantity := hit_quantity + lines[i].left_quantity;
    end if;
    all_quantity := all_quantity + lines[i].left_quantity;
  end loop;
  hit_amount := round(hit_amount, 25); hit_quantity := round(hit_quantity, 25); all_quantity := round(all_quantity, 25);

  if hit_amount > 0 then
    f1 := oracle.div(least(amount, hit_amount), hit_amount);
  end if;
  if o.remaining = 0 then
    f2 := 1;  -- an order of nothing comes back as a whole
  elsif amount > least(amount, greatest(hit_amount, 0)) then
    f2 := oracle.div(amount - greatest(hit_amount, 0), o.remaining - greatest(hit_amount, 0));
  end if;

  q1 := f1; q2 := f2;
  if e.quantity is not null then
    q1 := 0; q2 := 0;
    keep := least(e.quantity, all_quantity);
    if hit_quantity > 0 then
      q1 := oracle.div(least(keep, hit_quantity), hit_quantity);
      keep := keep - least(keep, hit_quantity);
    end if;
    if keep > 0 then
      q2 := oracle.div(keep, all_quantity - greatest(hit_quantity, 0));
    end if;
  end if;

  o.remaining := o.remaining - amount;
  o.returned := o.remaining = 0;
  o.void := o.returned and earned <> 'keep';
  o.cost := o.cost - least(coalesce(e.cost, 0), o.cost);

  for i in 1 .. cardinality(lines) loop
    l := lines[i];
    keep := case when o.returned then 0 when hit[i] then (1 - f1) * (1 - f2) else 1 - f2 end;
    keep_quantity := case when o.returned and e.quantity is null then 0
                when hit[i] then (1 - q1) * (1 - q2) else 1 - q2 end;
    -- `recompute`: "the order as if the returned part had never been bought", so it takes off what its own part brought: what
    -- was returned before under `keep` stays
    if earned = 'recompute' then
      l.base_amount := round(l.base_amount - l.left_amount * (1 - keep), 30);
      l.base_quantity := round(l.base_quantity - l.left_quantity * (1 - keep_quantity), 30);
      l.base_gone := l.base_gone or case when l.amount <> 0 then oracle.exact(l.base_amount) = 0
        else keep_quantity <> 1 and oracle.exact(l.base_quantity) = 0 end;
    end if;
    l.left_amount := round(l.left_amount * keep, 30);
    l.left_quantity := round(l.left_quantity * keep_quantity, 30);
    -- a free line has come back when its units have
    l.gone := l.gone or o.returned or oracle.exact(case when l.amount = 0 then keep_quantity else keep end) = 0;
    if o.void then  -- "a full refund leaves 0"
      l.base_amount := 0; l.base_quantity := 0; l.base_gone := true;
    end if;
    lines[i] := l;
  end loop;
  o.lines := lines;
  if o.void then
    o.given_up := 0;
  elsif earned = 'proportional' then
    o.given_up := o.given_up + amount;
  end if;
  return o;
end $$;

-- The metrics of an order, in the order of names: "spend (net money), points (earned by rules, before multipliers and
-- bonuses), orders, quantity, profit, or a name from the top-level `metrics`".
create function oracle.measure(o oracle.purchase, program jsonb, names text[]) returns numeric[]
language plpgsql immutable as $$
declare
  result numeric[];
  metric jsonb;
  value numeric;
  l oracle.line;
  k int;
begin
  for k in 1 .. cardinality(names) loop
    metric := program->'metrics'->names[k];
    value := 0;
    if metric is null then
      case names[k]
        when 'spend' then value := o.remaining;
        when 'profit' then value := o.remaining - o.cost;
        when 'points' then value := o.raw;
        when 'orders' then value := case when o.returned or o.sign < 0 then 0 else 1 end;
        when 'quantity' then
          foreach l in array o.lines loop
            value := value + l.left_quantity;
          end loop;
      end case;
    else
      foreach l in array o.lines loop
        continue when not oracle.matches(metric, l.tags);
        case metric->>'sum'
          when 'amount' then value := value + l.left_amount;
          when 'quantity' then value := value + l.left_quantity;
          when 'orders' then value := greatest(value, case when l.gone or o.returned or o.sign < 0 then 0 else 1 end);
        end case;
      end loop;
    end if;
    result[k] := round(value, 25) * o.sign;
  end loop;
  return result;
end $$;

-- The points every order stands at: rounding and caps, for all orders together.
create function oracle.targets(orders oracle.purchase[], program jsonb, joined timestamptz, first_event timestamptz) returns numeric[]
language plpgsql immutable as $$
declare
  tz text := program->>'timezone';
  by_day boolean := program->>'scope' = 'day';
  result numeric[];
  per text;
  cap jsonb;
  ceiling numeric;
  key text;
  last_key text;
  sum numeric;  -- running sum of the period, and what of it is granted
  granted numeric;
  before numeric;
  alone numeric[];  -- what the amount of a refund without `ref` would earn by itself under the caps so far
  i int;
begin
  for i in 1 .. cardinality(orders) loop  -- orders stand in order of date
    if by_day and orders[i].sign > 0 then
      -- "Under `scope: day` each order gets the difference of the day's rounded running sums."
      key := oracle.period('day', orders[i].at, tz, null, null);
      if key is distinct from last_key then
        last_key := key; sum := 0;
      end if;
      before := oracle.rounded(sum, program);
      sum := sum + orders[i].earned;
      result[i] := oracle.rounded(sum, program) - before;
    else
      result[i] := orders[i].sign * oracle.rounded(orders[i].earned, program);
    end if;
    alone[i] := -result[i];
  end loop;

  -- "caps act in the order order, day, week, month, year, membership year, lifetime"; "a period is recomputed in order of date"; "A cap is on
  -- the net of the period"
  foreach per in array array['order', 'day', 'week', 'month', 'year', 'membership year', 'lifetime'] loop
    for cap in select c from jsonb_array_elements(coalesce(program->'caps', '[]')) c
        where coalesce(c->>'per', 'order') = per loop
      ceiling := (cap->>'points')::numeric;
      last_key := null;
      for i in 1 .. cardinality(orders) loop
        continue when not oracle.in_force(cap, orders[i].at, tz) or not oracle.matches(cap, orders[i].tags);
        key := case when per = 'order' then i::text else oracle.period(per, orders[i].at, tz, joined, first_event)::text end;
        if key is distinct from last_key then
          last_key := key; sum := 0; granted := 0;
        end if;
        before := granted;
        sum := sum + result[i];
        granted := least(sum, ceiling);
        if orders[i].sign < 0 then
          -- "one without takes back what its amount would earn at its own instant": never more than that under the caps, and
          -- what it does not take is not in the net of the period
          alone[i] := least(alone[i], ceiling);
          if before - granted > alone[i] then
            granted := before - alone[i];
            sum := granted;
          end if;
        end if;
        result[i] := granted - before;
      end loop;
    end loop;
  end loop;
  return result;
end $$;
