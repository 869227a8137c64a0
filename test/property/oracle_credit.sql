-- Credit computed a second time, naively, in SQL and PL/pgSQL: plans row by row in exact numerics, shares day by day from the first
-- on, loans by telling the whole story again for each repayment, offers decision by decision over the events themselves.

create schema oracle;

create type oracle.ev as (n int, at timestamptz, kind text, amount numeric, cost numeric, tags text[], ref int, name text);
create type oracle.loan as (i int, ref int, at timestamptz, terms jsonb, d0 date, amount numeric, total numeric, repaid numeric,
	closed_at timestamptz, lost numeric, lost_owed numeric, recovered numeric);
create type oracle.plan_row as (k int, due date, payment numeric, interest numeric, principal numeric, balance numeric);

-- num / den, half up, exactly
create function oracle.rounded(num numeric, den numeric, places int) returns numeric language sql immutable as $$
	select sign(num) * sign(den) * div(2 * abs(num) * 10::numeric ^ places + abs(den), 2 * abs(den)) / 10::numeric ^ places $$;

create function oracle.midnight(d date, zone text) returns timestamptz language sql stable as $$ select d::timestamp at time zone zone $$;
create function oracle.local_date(t timestamptz, zone text) returns date language sql stable as $$ select (t at time zone zone)::date $$;
create function oracle.places(c jsonb) returns int language sql immutable as $$ select coalesce((c->>'decimals')::int, 2) $$;

create function oracle.terms(c jsonb, name text) returns jsonb language sql immutable as $$
	select case when name is null then c->'terms'->0 else (select x from jsonb_array_elements(c->'terms') x where x->>'name' = name) end $$;

create function oracle.months(i interval) returns int language sql immutable as $$ select (extract(year from i) * 12 + extract(month from i))::int $$;

-- The plan of instalments.
create function oracle.plan(c jsonb, t jsonb, p numeric, d0 date) returns setof oracle.plan_row language plpgsql immutable as $$
declare
	n int := t->>'instalments';
	every interval := coalesce(t->>'every', '1 month');
	places int := oracle.places(c);
	interest numeric := t->>'interest';
	in_advance boolean := coalesce((t->>'first')::interval = '0', false);
	rn numeric;
	rd numeric;
	f numeric;
	a numeric;
	grown numeric := 1;
	flat numeric := 1;
	total numeric;
	paid numeric := 0;
	before numeric := 0;
	r oracle.plan_row;
begin
	r.balance := p;
	if interest is null then
		f := oracle.rounded((coalesce(t->>'fee', '0'))::numeric * p, 1, places);
		total := p + f;
		a := oracle.rounded(total, n, places);
	else
		rn := interest * case when oracle.months(every) > 0 then oracle.months(every) else extract(day from every) end;
		rd := case when oracle.months(every) > 0 then 12 else 365 end;
		f := oracle.rounded(coalesce(t->>'residual', '0')::numeric * p, 1, places);
		for i in 1 .. n loop
			grown := grown * (rd + rn);
			flat := flat * rd;
		end loop;
		if rn = 0 then
			a := oracle.rounded(p - f, n, places);
		elsif in_advance then
			a := oracle.rounded((p * grown - f * flat) * rn, (grown - flat) * (rd + rn), places);
		else
			a := oracle.rounded((p * grown - f * flat) * rn, (grown - flat) * rd, places);
		end if;
	end if;
	for k in 1 .. n loop
		r.k := k;
		if t ? 'first' then
			r.due := (d0 + (t->>'first')::interval)::date + (k - 1) * every;
		else
			r.due := d0 + k * every;
		end if;
		if interest is null then
			r.payment := case when k = n then total - paid else least(a, total - paid) end;
			paid := paid + r.payment;
			r.interest := oracle.rounded(f * paid, total, places) - before;
			before := before + r.interest;
		else
			r.interest := case when in_advance and k = 1 then 0 else oracle.rounded(r.balance * rn, rd, places) end;
			if k < n then
				r.payment := least(a, greatest(r.balance + r.interest - f, 0));
			elsif in_advance and f > 0 then
				r.payment := least(a, r.balance + r.interest - case when rn = 0 then f else 0 end);
			else
				r.payment := r.balance + r.interest - f;
			end if;
		end if;
		r.principal := r.payment - r.interest;
		r.balance := r.balance - r.principal;
		return next r;
	end loop;
	if interest is not null and f > 0 then
		r.k := n + 1;
		r.payment := f;
		if in_advance then
			r.due := d0 + n * every;
			r.interest := f - r.balance;
		else
			r.interest := 0;
		end if;
		r.principal := r.payment - r.interest;
		r.balance := 0;
		return next r;
	end if;
end $$;

-- What a share of sales makes due, day by day up to the day of an instant.
create function oracle.share(c jsonb, l oracle.loan, evs oracle.ev[], t timestamptz) returns setof oracle.plan_row language plpgsql stable as $$
declare
	zone text := c->>'timezone';
	places int := oracle.places(c);
	share numeric := l.terms->>'share';
	per interval := l.terms->'minimum'->>'per';
	least_part numeric := oracle.rounded((l.terms->'minimum'->>'part')::numeric * l.total, 1, places);
	running numeric := 0;
	highest numeric := 0;
	given numeric := 0;
	before numeric := 0;
	in_all numeric := 0;
	more numeric;
	period int := 1;
	sold jsonb := (select coalesce(jsonb_object_agg(d, s), '{}') from (select oracle.local_date(e.at, zone) as d, sum(case e.kind when 'purchase' then e.amount else -e.amount end) as s
		from unnest(evs) e where e.kind in ('purchase', 'refund') and not coalesce('credit' = any (e.tags), false) and e.at <= t group by 1) x);
	d date := l.d0;
	r oracle.plan_row;
begin
	while oracle.midnight(d, zone) <= t loop
		-- the day before d has ended
		if d > l.d0 + 1 or d - 1 > l.d0 then
			running := running + coalesce((sold->>(d - 1)::text)::numeric, 0);
			highest := greatest(highest, running);
			more := oracle.rounded(share * highest, 1, places) - given;
			given := given + more;
			more := least(more, l.total - in_all);
			if more > 0 then
				in_all := in_all + more;
				r.due := d; r.payment := more;
				return next r;
			end if;
		end if;
		if per is not null and d = (l.d0 + period * per)::date then
			more := least(greatest(least_part - (given - before), 0), l.total - in_all);
			before := given;
			period := period + 1;
			if more > 0 then
				in_all := in_all + more;
				r.due := d; r.payment := more;
				return next r;
			end if;
		end if;
		d := d + 1;
	end loop;
end $$;

create function oracle.dues(c jsonb, l oracle.loan, evs oracle.ev[], t timestamptz) returns setof oracle.plan_row language plpgsql stable as $$
begin
	if l.terms ? 'instalments' then
		return query select * from oracle.plan(c, l.terms, l.amount, l.d0);
	else
		return query select * from oracle.share(c, l, evs, t);
	end if;
end $$;

create function oracle.fallen(c jsonb, l oracle.loan, evs oracle.ev[], t timestamptz, grace interval default '0') returns numeric language sql stable as $$
	select coalesce(sum(payment), 0) from oracle.dues(c, l, evs, t) where oracle.midnight((due + grace)::date, c->>'timezone') <= t $$;

create function oracle.owed(c jsonb, l oracle.loan, evs oracle.ev[], t timestamptz) returns numeric language plpgsql stable as $$
declare
	zone text := c->>'timezone';
	last date := l.d0;
	balance numeric := l.amount;
	accrued numeric := 0;
	fallen numeric := 0;
	r oracle.plan_row;
begin
	if l.closed_at is not null then
		return 0;
	elsif not l.terms ? 'interest' then
		return l.total - l.repaid;
	end if;
	for r in select * from oracle.plan(c, l.terms, l.amount, l.d0) order by k loop
		if oracle.midnight(r.due, zone) <= t then
			fallen := fallen + r.payment;
			balance := r.balance;
			last := r.due;
		else
			accrued := oracle.rounded(r.interest * greatest(oracle.local_date(t, zone) - last, 0), r.due - last, oracle.places(c));
			exit;
		end if;
	end loop;
	return greatest(fallen + balance + accrued - l.repaid, 0);
end $$;

create function oracle.due(c jsonb, l oracle.loan, evs oracle.ev[], t timestamptz, grace interval default '0') returns numeric language sql stable as $$
	select greatest(least(oracle.fallen(c, l, evs, t, grace) - l.repaid, oracle.owed(c, l, evs, t)), 0) $$;

create function oracle.principal(c jsonb, l oracle.loan) returns numeric language plpgsql stable as $$
declare
	c_left numeric := l.repaid;
	back numeric := 0;
	r oracle.plan_row;
begin
	if not l.terms ? 'interest' then
		return l.amount - (l.repaid - oracle.rounded((l.total - l.amount) * l.repaid, l.total, oracle.places(c)));
	end if;
	for r in select * from oracle.plan(c, l.terms, l.amount, l.d0) order by k loop
		exit when c_left <= 0;
		if c_left >= r.payment then
			back := back + r.principal;
		else
			back := back + greatest(c_left - r.interest, 0);
		end if;
		c_left := c_left - r.payment;
	end loop;
	return l.amount - back;
end $$;

-- All loans as they are at an instant; the events are those of the history in its order.
create function oracle.told(c jsonb, evs oracle.ev[], t timestamptz) returns oracle.loan[] language plpgsql stable as $$
declare
	loans oracle.loan[] := '{}';
	e oracle.ev;
	l oracle.loan;
	left_over numeric;
	taken numeric;
	seen oracle.ev[] := '{}';
begin
	for e in select (x).* from unnest(evs) x where x.at <= t order by x.n loop
		seen := seen || e;
		if e.kind = 'advance' then
			l := (cardinality(loans) + 1, e.ref, e.at, oracle.terms(c, e.name), oracle.local_date(e.at, c->>'timezone'), e.amount, null, 0, null, null, null, 0);
			if l.terms ? 'instalments' then
				l.total := (select sum(payment) from oracle.plan(c, l.terms, l.amount, l.d0));
			else
				l.total := l.amount + oracle.rounded(coalesce(l.terms->>'fee', '0')::numeric * l.amount, 1, oracle.places(c));
			end if;
			loans := loans || l;
		elsif e.kind = 'activity' and e.name = 'written off' then
			for i in 1 .. cardinality(loans) loop
				l := loans[i];
				if l.closed_at is null and l.ref is not distinct from e.ref then
					l.lost := oracle.principal(c, l);
					l.lost_owed := oracle.owed(c, l, seen, e.at);
					l.closed_at := e.at;
					loans[i] := l;
				end if;
			end loop;
		elsif e.kind = 'repayment' then
			left_over := e.amount;
			for pass in 1 .. 3 loop
				for i in 1 .. cardinality(loans) loop
					l := loans[i];
					if pass = 1 then
						continue when e.ref is null or l.ref is distinct from e.ref;
						if l.lost is not null then
							taken := least(left_over, l.lost_owed - l.recovered);
							l.recovered := l.recovered + taken;
							left_over := left_over - taken;
							loans[i] := l;
							continue;
						end if;
					end if;
					continue when l.closed_at is not null or left_over = 0;
					taken := least(left_over, case when pass = 2 then oracle.due(c, l, seen, e.at) else oracle.owed(c, l, seen, e.at) end);
					continue when taken = 0;
					l.repaid := l.repaid + taken;
					left_over := left_over - taken;
					if oracle.owed(c, l, seen, e.at) = 0 then
						l.closed_at := e.at;
					end if;
					loans[i] := l;
				end loop;
			end loop;
		end if;
	end loop;
	return loans;
end $$;

create type oracle.shown as (ref text, at timestamptz, terms text, amount numeric, fee numeric, total numeric, repaid numeric,
	principal numeric, owed numeric, due numeric, overdue numeric, overdue_since timestamptz, next_due_at timestamptz, next_due numeric,
	state text, closed_at timestamptz, written_off numeric, expected_loss numeric);

create function oracle.loans(c jsonb, evs oracle.ev[], t timestamptz) returns setof oracle.shown language plpgsql stable as $$
declare
	zone text := c->>'timezone';
	grace interval := coalesce(c->>'grace', '1 day');
	after_that interval := coalesce(c->>'default', '90 days');
	told oracle.loan[] := oracle.told(c, evs, t);
	l oracle.loan;
	s oracle.shown;
	since date;
	probability numeric;
	step jsonb;
begin
	foreach l in array told loop
		s := (l.ref, l.at, l.terms->>'name', l.amount, l.total - l.amount, l.total, l.repaid, 0, 0, 0, 0, null, null, null, null, l.closed_at, 0, null);
		since := null;
		if l.lost is not null then
			s.state := 'written off';
			s.written_off := l.lost - l.recovered;
		elsif l.closed_at is not null then
			s.state := 'repaid';
		else
			s.principal := oracle.principal(c, l);
			s.owed := oracle.owed(c, l, evs, t);
			s.due := oracle.due(c, l, evs, t);
			s.overdue := oracle.due(c, l, evs, t, grace);
			s.state := 'open';
			if s.overdue > 0 then
				select (due + grace)::date into since from (select due, sum(payment) over (order by due, k) as until from oracle.dues(c, l, evs, t)) x where until > l.repaid order by due, until limit 1;
				s.overdue_since := oracle.midnight(since, zone);
				s.state := case when oracle.midnight((since + after_that)::date, zone) <= t then 'default' else 'late' end;
			end if;
			if l.terms ? 'instalments' then
				select oracle.midnight(due, zone), least(payment, until - l.repaid) into s.next_due_at, s.next_due
				from (select k, due, payment, sum(payment) over (order by k) as until from oracle.plan(c, l.terms, l.amount, l.d0)) x
				where oracle.midnight(due, zone) > t and until > l.repaid and payment > 0 order by k limit 1;
			end if;
		end if;
		if c ? 'loss' then
			for step in select x from jsonb_array_elements(c->'loss'->'probability') x loop
				if probability is null or (since is not null and oracle.midnight((since + (step->>0)::interval)::date, zone) <= t) or (step->>0)::interval = '0' then
					probability := (step->>1)::numeric;
				end if;
			end loop;
			s.expected_loss := oracle.rounded(s.principal * probability * (c->'loss'->>'given_default')::numeric, 1, oracle.places(c));
			probability := null;
		end if;
		return next s;
	end loop;
end $$;

create function oracle.expected_cash(c jsonb, evs oracle.ev[], t timestamptz) returns table (due_at timestamptz, ref text, payment numeric) language sql stable as $$
	select oracle.midnight(x.due, c->>'timezone'), l.ref::text, least(x.payment, x.until - l.repaid)
	from unnest(oracle.told(c, evs, t)) l,
		lateral (select k, due, p.payment, sum(p.payment) over (order by k) as until from oracle.plan(c, l.terms, l.amount, l.d0) p) x
	where l.terms ? 'instalments' and l.closed_at is null and x.until > l.repaid and x.payment > 0 and oracle.midnight(x.due, c->>'timezone') > t
	order by x.due, l.i, x.k $$;

----------------------------------------------------------------------------------------------------------------------
-- Offers

create function oracle.decided(c jsonb, t timestamptz) returns date language sql stable as $$
	select max(d::date) from generate_series(oracle.local_date(t, c->>'timezone') - 100, oracle.local_date(t, c->>'timezone') + 1, '1 day') d
	where oracle.midnight(d::date, c->>'timezone') <= t and d = case coalesce(c->>'decide', 'month') when 'day' then d else date_trunc(coalesce(c->>'decide', 'month'), d) end $$;

create function oracle.history(evs oracle.ev[]) returns loyalty.history language sql immutable as $$
	select coalesce(loyalty.history(case e.kind when 'purchase' then loyalty.purchase(e.at, e.amount, e.cost, tags => e.tags, ref => e.ref) when 'refund' then loyalty.refund(e.at, e.amount, e.cost, tags => e.tags, ref => e.ref)
		when 'expense' then loyalty.expense(e.at, e.amount, e.tags) when 'activity' then loyalty.activity(e.at, e.name, ref => e.ref)
		when 'advance' then loyalty.advance(e.at, e.amount, e.name, e.ref) when 'repayment' then loyalty.repayment(e.at, e.amount, e.ref) end), '[]') from unnest(evs) e $$;

-- What of `qualify` or `needs` is missing at the decision of a day, among what is not tagged `credit`.
create function oracle.missing(c jsonb, needs jsonb, evs oracle.ev[], a date) returns text[] language plpgsql stable as $$
declare
	zone text := c->>'timezone';
	at timestamptz := oracle.midnight(a, zone);
	sales oracle.ev[] := array(select e from unnest(evs) e where e.at < oracle.midnight(a, zone) and e.kind in ('purchase', 'refund', 'expense') and not coalesce('credit' = any (e.tags), false));
	h loyalty.history := oracle.history(sales);
	span interval;
	inside loyalty.history;
	before loyalty.history;
	missing text[] := '{}';
begin
	if needs ? 'tenure' and coalesce((loyalty.first_purchase(h) at time zone zone + (needs->>'tenure')::interval) at time zone zone > at, true) then
		missing := missing || 'tenure'::text;
	end if;
	if needs ? 'sales' then
		inside := loyalty.during(h, tstzrange(oracle.midnight((a - (needs->'sales'->>'in')::interval)::date, zone), at));
		if loyalty.revenue(inside) < (needs->'sales'->>'least')::numeric then missing := missing || 'sales'::text; end if;
	end if;
	if needs ? 'orders' then
		inside := loyalty.during(h, tstzrange(oracle.midnight((a - (needs->'orders'->>'in')::interval)::date, zone), at));
		if loyalty.orders(inside) < (needs->'orders'->>'least')::numeric then missing := missing || 'orders'::text; end if;
	end if;
	if needs ? 'profit' then
		inside := loyalty.during(h, tstzrange(oracle.midnight((a - (needs->'profit'->>'in')::interval)::date, zone), at));
		if loyalty.profit(inside) < (needs->'profit'->>'least')::numeric then missing := missing || 'profit'::text; end if;
	end if;
	if needs ? 'refunds' then
		inside := loyalty.during(h, tstzrange(oracle.midnight((a - (needs->'refunds'->>'in')::interval)::date, zone), at));
		if loyalty.gross_revenue(inside) <= 0 or loyalty.refunded(inside) > (needs->'refunds'->>'most')::numeric * loyalty.gross_revenue(inside) then missing := missing || 'refunds'::text; end if;
	end if;
	if needs ? 'growth' then
		span := needs->'growth'->>'in';
		inside := loyalty.during(h, tstzrange(oracle.midnight((a - span)::date, zone), at));
		before := loyalty.during(h, tstzrange(oracle.midnight((a - 2 * span)::date, zone), oracle.midnight((a - span)::date, zone)));
		if loyalty.revenue(before) <= 0 or loyalty.revenue(inside) - loyalty.revenue(before) < (needs->'growth'->>'least')::numeric * loyalty.revenue(before) then missing := missing || 'growth'::text; end if;
	end if;
	if needs ? 'profitable' and loyalty.unprofitable_since(h, (needs->>'profitable')::interval, at, zone) is not null then
		missing := missing || 'profitable'::text;
	end if;
	return missing;
end $$;

create function oracle.limit(c jsonb, evs oracle.ev[], a date) returns numeric language plpgsql stable as $$
declare
	zone text := c->>'timezone';
	h loyalty.history := oracle.history(array(select e from unnest(evs) e where e.at < oracle.midnight(a, zone) and e.kind in ('purchase', 'refund', 'expense') and not coalesce('credit' = any (e.tags), false)));
	l jsonb;
	one numeric;
	lowest numeric;
begin
	for l in select x from jsonb_array_elements(c->'limit') x loop
		if l ? 'amount' then
			one := l->>'amount';
		elsif l->>'of' = 'lowest month' then
			select min(loyalty.revenue(loyalty.during(h, tstzrange(oracle.midnight((a - k * interval '1 month')::date, zone), oracle.midnight((a - (k - 1) * interval '1 month')::date, zone)))))
			into one from generate_series(1, oracle.months((l->>'in')::interval)) k;
			one := one * (l->>'times')::numeric;
		else
			one := case l->>'of' when 'sales' then loyalty.revenue(loyalty.during(h, tstzrange(oracle.midnight((a - (l->>'in')::interval)::date, zone), oracle.midnight(a, zone))))
				else loyalty.profit(loyalty.during(h, tstzrange(oracle.midnight((a - (l->>'in')::interval)::date, zone), oracle.midnight(a, zone)))) end * (l->>'times')::numeric;
		end if;
		lowest := least(lowest, one);
	end loop;
	return coalesce(lowest, 0);
end $$;

create function oracle.amount(c jsonb, x numeric) returns numeric language sql immutable as $$
	select case when amount > 0 and amount >= coalesce(c->>'minimum', '0')::numeric then amount end
	from (select floor(x / step) * step as amount from (select coalesce((c->>'step')::numeric, 10::numeric ^ -oracle.places(c)) as step) s) a $$;

create function oracle.offered_terms(c jsonb, evs oracle.ev[], a date) returns text[] language sql stable as $$
	select array(select x->>'name' from jsonb_array_elements(c->'terms') with ordinality v(x, n)
		where a >= coalesce((x->>'from')::date, '-infinity') and a < coalesce((x->>'until')::date, 'infinity') and oracle.missing(c, coalesce(x->'needs', '{}'), evs, a) = '{}' order by n) $$;

create type oracle.offer as (qualified boolean, reasons text[], amount numeric, terms text[], decided_at timestamptz, valid_until timestamptz, pay_by date);

create function oracle.offer(c jsonb, evs oracle.ev[], t timestamptz) returns oracle.offer language plpgsql stable as $$
declare
	zone text := c->>'timezone';
	valid interval := coalesce(c->>'valid', '30 days');
	latest date := oracle.decided(c, t);
	a date := latest;
	governing date;
	reasons text[];
	first_reasons text[];
	o oracle.offer;
	loans oracle.loan[] := oracle.told(c, evs, t);
	n int := 0;
	d date;
begin
	loop
		reasons := oracle.missing(c, coalesce(c->'qualify', '{}'), evs, a);
		if oracle.amount(c, oracle.limit(c, evs, a)) is null then reasons := reasons || 'limit'::text; end if;
		if oracle.offered_terms(c, evs, a) = '{}' then reasons := reasons || 'terms'::text; end if;
		first_reasons := coalesce(first_reasons, reasons);
		if reasons = '{}' and oracle.midnight((a + valid)::date, zone) > t then
			governing := a;
			exit;
		end if;
		a := oracle.decided(c, oracle.midnight(a, zone) - interval '1 microsecond');
		exit when oracle.midnight((a + valid)::date, zone) <= t;
	end loop;
	a := coalesce(governing, latest);
	o := (false, '{}', null, null, oracle.midnight(a, zone), oracle.midnight((a + valid)::date, zone), null);
	if governing is null then
		o.reasons := case when first_reasons = '{}' then '{expired}' else first_reasons end;
		return o;
	end if;
	if exists (select from unnest(loans) l where l.at >= o.decided_at) then o.reasons := o.reasons || 'used'::text; end if;
	if exists (select from unnest(loans) l where l.lost is not null) then o.reasons := o.reasons || 'written off'::text; end if;
	if exists (select from unnest(loans) l where oracle.due(c, l, evs, t, coalesce(c->>'grace', '1 day')::interval) > 0) then o.reasons := o.reasons || 'overdue'::text; end if;
	if exists (select from unnest(loans) l where l.closed_at is null and l.repaid < coalesce(c->'qualify'->>'repaid', '1')::numeric * l.total) then o.reasons := o.reasons || 'open'::text; end if;
	o.amount := oracle.amount(c, oracle.limit(c, evs, a) - (select coalesce(sum(oracle.owed(c, l, evs, t)), 0) from unnest(loans) l));
	if o.reasons = '{}' and o.amount is null then o.reasons := '{limit}'; end if;
	if o.reasons <> '{}' then
		o.amount := null;
		return o;
	end if;
	o.qualified := true;
	o.terms := oracle.offered_terms(c, evs, a);
	if c ? 'pay_out' then
		d := oracle.local_date(t, zone);
		while n < (c->'pay_out'->>'working_days')::int loop
			d := d + 1;
			if extract(isodow from d) < 6 and not coalesce(c->'pay_out'->'holidays' ? d::text, false) then n := n + 1; end if;
		end loop;
		o.pay_by := d;
	end if;
	return o;
end $$;
