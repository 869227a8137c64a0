-- What functions need while they run, and do not keep: memory of one row, one event, one call. Each query looks at its own
-- memory before it ends; a leak would be many times what is allowed.
set work_mem = '64kB';
create function pg_temp.kilobytes(variadic contexts text[]) returns bigint language sql volatile as $$
	select sum(total_bytes) / 1024 from pg_backend_memory_contexts where name = any(contexts)
$$;

create temp table member as
select loyalty.history(loyalty.purchase(timestamptz '2020-01-01' + g * interval '1 hour', 10, ref => g)) as orders,
	loyalty.history(loyalty.redemption(timestamptz '2020-01-01' + g * interval '1 hour', 10, ref => g)) as redemptions
from generate_series(1, 20000) as g;
create temp table program as
select '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}, {"points": 2}], "hold": {"for": "14 days"}}'::loyalty.program as rules;

-- rows
select r.at, pg_temp.kilobytes('ExprContext', 'Table function arguments', 'loyalty row', 'loyalty labels') < 500 as few
from member, program, loyalty.statement(orders, rules) as r limit 1;
select r.at, pg_temp.kilobytes('ExprContext', 'Table function arguments', 'loyalty row', 'loyalty labels') < 500 as few
from member, program, loyalty.overdrafts(redemptions, rules) as r limit 1;
select r.earned_at, pg_temp.kilobytes('ExprContext', 'Table function arguments', 'loyalty row', 'loyalty labels') < 500 as few
from member, program, loyalty.lots(orders, rules) as r limit 1;
select r.at, pg_temp.kilobytes('ExprContext', 'Table function arguments', 'loyalty row', 'loyalty labels') < 500 as few
from member, loyalty.events(orders) as r limit 1;

-- calls: zones that alternate
select count(loyalty.unprofitable_since(h, '1 year', '2025-06-01', (array['UTC', 'Asia/Tokyo'])[1 + g % 2])) as calls, pg_temp.kilobytes('ExecutorState', 'ExprContext') < 1000 as few
from generate_series(1, 100000) as g, (select '[{"at": "2025-01-01T00:00:00Z", "kind": "expense", "amount": 1}]'::loyalty.history offset 0) as m(h);
