-- program: what a shop promises its members
--
-- Read it from top to bottom: each question stands above its answer.  `refused`
-- reads a document, of which only what is wrong with it is written down, and
-- shows the SQLSTATE, the message, its detail and its hint.

\pset null 'null'
create function pg_temp.with_head(part text) returns text language sql as $$
	select '{"program": "p", "timezone": "UTC"' || coalesce(', ' || nullif(part, ''), '') || '}'
$$;
-- a program with such a part
create function pg_temp.program(part text) returns loyalty.program language sql as $$
	select pg_temp.with_head(part)::loyalty.program
$$;
-- the same as text, without its first two keys
create function pg_temp.shown(part text) returns text language sql as $$
	select regexp_replace(pg_temp.program(part)::text, '^\{"program": "p", "timezone": "UTC"(, )?(.*)\}$', '\2')
$$;
create procedure pg_temp.refused_document(document text) language plpgsql as $$
declare
	message text; detail text; hint text;
begin
	perform document::loyalty.program;
	raise info 'no error';
exception when others then
	get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
	raise info '%', concat_ws(e'\n\t', sqlstate || ': ' || message, nullif(detail, ''), nullif(hint, ''));
end $$;
create procedure pg_temp.refused(part text) language sql as $$ call pg_temp.refused_document(pg_temp.with_head(part)) $$;
create procedure pg_temp.refused_tiers(part text) language sql as $$
	call pg_temp.refused('"tiers": {' || part || ', "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 500}]}')
$$;

--
-- A document
--

-- Everything that a program of a shop might say; what is the default anyway is not said again
create temp table example as select '{
	"program":  "beauty",
	"timezone": "America/Los_Angeles",
	"decimals": 0, "round": "down", "scope": "order",
	"earn":     [ {"points": 1, "per": 1.00} ],
	"multiply": [ {"by": {"VIB": 1.25, "Rouge": 1.5}, "from": "2018-08-14", "until": "2020-04-30"} ],
	"bonus":    [ {"on": "joined", "points": 100} ],
	"caps":     [ {"points": 75000, "per": "order"} ],
	"hold":     {"for": "14 days"},
	"expire":   [ {"kind": "inactivity", "after": "12 months"} ],
	"redeem":   {"minimum": 500, "step": 500, "value": 0.02},
	"refund":   {"earned": "recompute", "short": "debt", "spent": "none", "dated": "purchase"},
	"tiers":    {"by": "spend", "window": "calendar year", "valid": "1 year after window",
		"levels": [{"name": "Insider", "at": 0}, {"name": "VIB", "at": 350}, {"name": "Rouge", "at": 1000}]}
}'::loyalty.program as p;
\x
select p from example;
select p::jsonb ->> 'timezone' as zone, jsonb_pretty(p::jsonb -> 'tiers') as tiers from example;
\x

-- A name and a time zone are enough
select '{"program": "nothing yet", "timezone": "Asia/Kathmandu"}'::loyalty.program;

-- Text, jsonb and the binary form all read back as the same program
create temp table said (part text);
insert into said values
	(''),
	('"decimals": 6, "round": "half up", "scope": "line"'),
	('"round": "up", "scope": "day"'),
	('"round": "none"'),
	('"metrics": {"nights": {"sum": "quantity", "where": {"any": ["stay"], "none": ["award"]}}, "worth": {"sum": "profit"}}'),
	('"earn": [{"points": 1}, {"name": "by piece", "points": 2, "per": 5, "of": "quantity", "steps": true, "minimum": 0}]'),
	('"earn": [{"table": [[0, 0], [30, 2], [60.5, 6]], "of": "quantity"}, {"points": 5, "of": "orders", "minimum": 20}, {"points": 0}]'),
	('"earn": [{"points": 1, "where": {"any": ["a", "b"], "all": ["c"], "none": ["d"]}, "from": "2025-01-01", "until": "2025-07-01 12:30:15"}]'),
	('"multiply": [{"by": 2}, {"by": 0, "stack": "max"}, {"name": "happy hour", "by": 1.5, "stack": "replace", "from": "2025-05-01 17:00"}]'),
	('"bonus": [{"on": "first purchase", "points": 50, "clawback": false, "where": {"any": ["app"]}}, {"on": "joined", "points": 100}]'),
	('"bonus": [{"on": "joined", "points": 1, "per": "year"}, {"on": "joined", "points": 1, "times": 3}]'),
	('"bonus": [{"on": "review", "points": 5}, {"on": "review", "points": 5, "times": 1}, {"on": "review", "points": 5, "times": 10, "per": "month"}, {"on": "review", "points": 5, "per": "day"}]'),
	('"bonus": [{"on": {"every": 10, "of": "orders"}, "points": 30}, {"on": {"every": 0.5, "of": "spend"}, "points": 1, "times": 2}]'),
	('"caps": [{"points": 1, "per": "order"}, {"points": 2, "per": "day"}, {"points": 3, "per": "month"}, {"points": 4, "per": "year"}, {"points": 5, "per": "lifetime"}]'),
	('"hold": {"for": "1 year 6 months 10 days 12 hours 30 minutes 1 second"}'),
	('"hold": [{"for": "2 days", "until": "2025-01-01"}, {"for": "36 hours", "from": "2025-01-01", "until": "2026-01-01"}, {"for": "1 month", "from": "2026-02-01"}]'),
	('"expire": [{"kind": "age", "after": "3 years", "snap": "09-30"}, {"kind": "age", "after": "6 months", "since": "release", "snap": "month"}]'),
	('"expire": [{"kind": "inactivity", "after": "1 year 6 months", "resets_by": ["activity", "refund", "login"], "snap": "quarter"}]'),
	('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["purchase", "subscription"]}]'),
	('"expire": [{"kind": "period end"}, {"kind": "period end", "period": "membership year"}, {"kind": "period end", "period": "03-31", "snap": "year"}]'),
	('"expire": [{"kind": "age", "after": "3 years", "suspend": {"tiers": ["A", "B"], "resume": "original"}}, {"kind": "age", "after": "2 years", "suspend": {"tiers": ["B"]}}], "tiers": {"levels": [{"name": "A", "at": 0}, {"name": "B", "at": 1}]}'),
	('"redeem": {"minimum": 100, "step": 50, "value": 0.005, "order": "oldest first"}'),
	('"redeem": [{"minimum": 100, "until": "2025-01-01"}, {"name": "new", "minimum": 200, "from": "2025-01-01"}]'),
	('"refund": {"earned": "proportional", "short": "forgive", "spent": "full only", "dated": "refund"}'),
	('"refund": {"earned": "keep", "spent": "pro rata"}'),
	('"tiers": {"by": "points", "window": "year from 04-01", "valid": "window", "downgrade": "one step", "levels": [{"name": "A", "at": 0.5}]}'),
	('"tiers": {"by": "orders", "window": "membership year", "valid": "1 year 6 months", "overhang": "2 months", "downgrade": "never", "levels": [{"name": "A", "at": 10}]}'),
	('"tiers": {"by": "quantity", "window": "11 months", "valid": "forever", "on_refund": "latch", "rate_at": "after", "levels": [{"name": "A", "at": 10}]}'),
	('"tiers": {"by": "profit", "window": "90 days", "levels": [{"name": "A", "at": 10}]}'),
	('"tiers": {"window": "lifetime", "levels": [{"name": "A", "at": 10}]}'),
	('"metrics": {"nights": {"sum": "quantity"}}, "tiers": {"by": "nights", "rollover": {"of": "nights", "cap": 60}, "levels": [{"name": "A", "at": 0}, {"name": "B", "needs": [{"spend": 1000, "nights": 10}, {"orders": 40, "profit": 0}]}, {"name": "C", "at": 30}]}'),
	('"tiers": {"rollover": {"of": "spend"}, "levels": [{"name": "A", "at": 1}]}');
-- Written as the text form writes it: does each come out as it went in?  None is shown, so all do
select part, pg_temp.shown(part) from said where pg_temp.shown(part) <> part;
select count(*),
	bool_and(loyalty.program_eq(p, p::text::loyalty.program)) as text,
	bool_and(loyalty.program_eq(p, p::jsonb::loyalty.program)) as jsonb,
	count(distinct p) as distinct
from (select pg_temp.program(part) as p from said) as programs;
create temp table sent as select pg_temp.program(part) as p from said;
create temp table received (like sent);
\copy sent to 'results/program.bin' (format binary)
\copy received from 'results/program.bin' (format binary)
select count(*), bool_and(loyalty.program_eq(p, q)) as same
from (select p, row_number() over (order by p) as n from sent) as s join (select p as q, row_number() over (order by p) as n from received) as r using (n);

-- The binary form: a version, then the text
select encode(loyalty.program_send('{"timezone": "UTC", "program": "ä"}'), 'escape');
-- which is read as any text is
create temp table again (like sent);
-- no bytes at all, another version, no document, a name that is not UTF8
\copy (select ''::bytea) to 'results/program.bin' (format binary)
\copy again from 'results/program.bin' (format binary)
\copy (select '\x02'::bytea || '{"program": "p", "timezone": "UTC"}'::bytea) to 'results/program.bin' (format binary)
\copy again from 'results/program.bin' (format binary)
\copy (select '\x01'::bytea || '{"program": "p"}'::bytea) to 'results/program.bin' (format binary)
\copy again from 'results/program.bin' (format binary)
\copy (select '\x01'::bytea || '{"program": "'::bytea || '\xff'::bytea || '", "timezone": "UTC"}'::bytea) to 'results/program.bin' (format binary)
\copy again from 'results/program.bin' (format binary)
\copy (select '\x01'::bytea || '{"program": "p", "timezone": "UTC", "decimals": 0}'::bytea) to 'results/program.bin' (format binary)
\copy again from 'results/program.bin' (format binary)
table again;

--
-- Which documents are the same program
--

create function pg_temp.same(a text, b text) returns text language sql as $$
	select case when loyalty.program_eq(pg_temp.program(a), pg_temp.program(b)) and pg_temp.shown(a) = pg_temp.shown(b) then 'same'
		when not loyalty.program_eq(pg_temp.program(a), pg_temp.program(b)) and pg_temp.shown(a) <> pg_temp.shown(b) then 'different' end
$$;
select pg_temp.same(a, b), a, b
from (values
	('"earn": [{"points": 1}]', '"earn": [{"per": 1.000, "points": 1e0, "of": "amount", "steps": false}]'),
	('"earn": [{"points": 1}]', '"earn": [{"points": 2, "per": 2}]'),
	('"earn": [{"points": 1}, {"points": 2}]', '"earn": [{"points": 2}, {"points": 1}]'),
	('"earn": []', '"decimals": 0, "round": "down", "scope": "order", "metrics": {}'),
	('"earn": [{"points": 1, "where": {"any": ["b", "a", "b"]}}]', '"earn": [{"points": 1, "where": {"any": ["a", "b"]}}]'),
	('"earn": [{"points": 1, "from": "2025-01-01"}]', '"earn": [{"points": 1, "from": "2025-01-01T00:00:00"}]'),
	('"bonus": [{"on": "joined", "points": 1}]', '"bonus": [{"on": "joined", "points": 1, "per": "lifetime", "times": 1, "clawback": true}]'),
	('"bonus": [{"on": "review", "points": 1}]', '"bonus": [{"on": "review", "points": 1, "per": "lifetime"}]'),
	('"bonus": [{"on": "review", "points": 1, "times": 2}]', '"bonus": [{"on": "review", "points": 1, "times": 2, "per": "lifetime"}]'),
	('"caps": [{"points": 1}]', '"caps": [{"points": 1, "per": "order"}]'),
	('"hold": {"for": "2 weeks"}', '"hold": [{"for": "14 days"}]'),
	('"hold": {"for": "24 hours"}', '"hold": {"for": "1 day"}'),
	('"hold": {"for": "90 minutes"}', '"hold": {"for": "30 minutes 1 hour"}'),
	('"hold": [{"for": "1 day", "until": "2025-01-01"}, {"for": "2 days", "from": "2025-01-01"}]', '"hold": [{"for": "2 days", "from": "2025-01-01"}, {"for": "1 day", "until": "2025-01-01"}]'),
	('"expire": {"after": "1 year"}', '"expire": [{"kind": "age", "after": "12 months", "since": "earning", "snap": "none"}]'),
	('"expire": {"kind": "inactivity", "after": "1 year"}', '"expire": {"kind": "inactivity", "after": "1 year", "resets_by": ["redemption", "purchase"]}'),
	('"expire": {"kind": "period end"}', '"expire": {"kind": "period end", "period": "01-01"}'),
	('"expire": {"kind": "period end", "period": "02-28"}', '"expire": {"kind": "period end", "period": "02-29"}'),
	('"expire": {"after": "1 year", "snap": "year"}', '"expire": {"after": "1 year", "snap": "01-01"}'),
	('', '"redeem": {}, "refund": [{"earned": "recompute", "from": "2025-01-01"}], "tiers": []'),
	('"tiers": {"levels": [{"name": "A", "at": 1}]}', '"tiers": {"by": "spend", "window": "year from 01-01", "valid": "1 year after window", "levels": [{"at": 1, "name": "A"}]}'),
	('"tiers": {"window": "1 year", "levels": [{"name": "A", "at": 1}]}', '"tiers": {"window": "12 months", "valid": "window", "levels": [{"name": "A", "at": 1}]}'),
	('"tiers": {"window": "lifetime", "levels": [{"name": "A", "at": 1}]}', '"tiers": {"window": "lifetime", "valid": "window", "levels": [{"name": "A", "at": 1}]}'),
	('"tiers": {"levels": [{"name": "A", "needs": [{"spend": 1, "orders": 2}]}]}', '"tiers": {"levels": [{"name": "A", "needs": [{"orders": 2, "spend": 1}]}]}'),
	('"metrics": {"a": {"sum": "spend"}, "b": {"sum": "orders"}}', '"metrics": {"b": {"sum": "orders"}, "a": {"sum": "amount"}}')) as v(a, b);

--
-- What is refused, and what would be right
--

-- No JSON, no object, keys given twice
call pg_temp.refused_document('');
call pg_temp.refused_document('{"program": "p", "timezone": "UTC"');
call pg_temp.refused_document('simple');
call pg_temp.refused_document('éclair');
call pg_temp.refused_document(e'{\n"program": "p",\n"timezone": "UTC",\n}');
call pg_temp.refused_document('[]');
call pg_temp.refused('"earn": [{"points": 1, "per": 1, "points": 2}]');
call pg_temp.refused_document(repeat('[', 33) || repeat(']', 33));

-- Keys that are missing, unknown or misspelt
call pg_temp.refused_document('{"timezone": "UTC"}');
call pg_temp.refused_document('{"program": "p"}');
call pg_temp.refused_document('{"program": "p", "time_zone": "UTC"}');
call pg_temp.refused('"tires": {}');
call pg_temp.refused('"coupons": []');
call pg_temp.refused('"what is longer than any of our keys": []');

-- Values of the wrong type
call pg_temp.refused_document('{"program": 1, "timezone": "UTC"}');
call pg_temp.refused_document('{"program": "", "timezone": "UTC"}');
call pg_temp.refused_document('{"program": "p", "timezone": null}');
call pg_temp.refused_document('{"program": "p", "timezone": "Mars/Olympus"}');
call pg_temp.refused('"decimals": 7');
call pg_temp.refused('"decimals": 0.5');
call pg_temp.refused('"decimals": -1');
call pg_temp.refused('"decimals": "2"');
call pg_temp.refused('"round": "nearest"');
call pg_temp.refused('"round": "half-up"');
call pg_temp.refused('"scope": ["order"]');
call pg_temp.refused('"earn": {"points": 1}');
call pg_temp.refused('"earn": "all"');
call pg_temp.refused('"earn": [1]');
call pg_temp.refused('"tiers": 5');
call pg_temp.refused('"tiers": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 500}]');
call pg_temp.refused('"hold": "14 days"');

-- earn
call pg_temp.refused('"earn": [{"points": 1}, {}]');
call pg_temp.refused('"earn": [{"point": 1}]');
call pg_temp.refused('"earn": [{"points": "1"}]');
call pg_temp.refused('"earn": [{"points": -1}]');
call pg_temp.refused('"earn": [{"points": 1, "per": 0}]');
call pg_temp.refused('"earn": [{"points": 1, "per": -0.01}]');
call pg_temp.refused('"earn": [{"points": 1, "of": "spend"}]');
call pg_temp.refused('"earn": [{"points": 1, "of": "order"}]');
call pg_temp.refused('"earn": [{"points": 1, "steps": "yes"}]');
call pg_temp.refused('"earn": [{"points": 1, "minimum": -5}]');
call pg_temp.refused('"earn": [{"points": 0.0000001}]');
call pg_temp.refused('"earn": [{"points": 1000000000000}]');
call pg_temp.refused('"earn": [{"points": 1e999999999999}]');
call pg_temp.refused('"earn": [{"table": [[0, 1]], "points": 1}]');
call pg_temp.refused('"earn": [{"table": [[0, 1]], "per": 1}]');
call pg_temp.refused('"earn": [{"table": [[0, 1]], "steps": true}]');
call pg_temp.refused('"earn": [{"table": []}]');
call pg_temp.refused('"earn": [{"table": 5}]');
call pg_temp.refused('"earn": [{"table": [[0, 1], [10]]}]');
call pg_temp.refused('"earn": [{"table": [[0, 1], [10, 2], [10, 3]]}]');
call pg_temp.refused('"earn": [{"table": [[-1, 1]]}]');
call pg_temp.refused('"earn": [{"table": [[0, "1"]]}]');

-- name, from, until, where: every rule may carry them
call pg_temp.refused('"earn": [{"points": 1, "name": ""}]');
call pg_temp.refused('"earn": [{"points": 1, "name": 5}]');
call pg_temp.refused('"earn": [{"points": 1, "name": null}]');
call pg_temp.refused('"earn": [{"points": 1, "from": "2025-02-29"}]');
call pg_temp.refused('"earn": [{"points": 1, "from": "2025-13-01"}]');
call pg_temp.refused('"earn": [{"points": 1, "from": "0000-01-01"}]');
call pg_temp.refused('"earn": [{"points": 1, "from": "2025-01-01 24:00"}]');
call pg_temp.refused('"earn": [{"points": 1, "from": "2025-01-01T12:00:00Z"}]');
call pg_temp.refused('"earn": [{"points": 1, "from": "1 May 2025"}]');
call pg_temp.refused('"earn": [{"points": 1, "from": 2025}]');
call pg_temp.refused('"earn": [{"points": 1, "until": null}]');
call pg_temp.refused('"earn": [{"points": 1, "from": "2025-05-01", "until": "2025-05-01"}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {}}]');
call pg_temp.refused('"earn": [{"points": 1, "where": ["skin"]}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"not": ["skin"]}}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"any": "skin"}}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"any": []}}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"any": ["skin", 5]}}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"any": ["a", ""]}}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"any": ["a", "b"], "none": ["b"]}}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"all": ["a", "b"], "none": ["a"]}}]');

-- multiply
call pg_temp.refused('"multiply": [{}]');
call pg_temp.refused('"multiply": [{"by": "2"}]');
call pg_temp.refused('"multiply": [{"by": -2}]');
call pg_temp.refused('"multiply": [{"by": {}}]');
call pg_temp.refused('"multiply": [{"by": 2, "stack": "add"}]');
call pg_temp.refused('"multiply": [{"by": {"Gold": 2}}]');
call pg_temp.refused('"multiply": [{"by": {"Glod": 2}}], "tiers": {"levels": [{"name": "Silver", "at": 0}, {"name": "Gold", "at": 5}]}');
call pg_temp.refused('"multiply": [{"by": {"Gold": "2"}}], "tiers": {"levels": [{"name": "Gold", "at": 5}]}');

-- bonus
call pg_temp.refused('"bonus": [{"points": 5}]');
call pg_temp.refused('"bonus": [{"on": "joined"}]');
call pg_temp.refused('"bonus": [{"on": "joined", "points": 0}]');
call pg_temp.refused('"bonus": [{"on": 5, "points": 5}]');
call pg_temp.refused('"bonus": [{"on": "", "points": 5}]');
call pg_temp.refused('"bonus": [{"on": "purchase", "points": 5}]');
call pg_temp.refused('"bonus": [{"on": "Purchases", "points": 5}]');
call pg_temp.refused('"bonus": [{"on": "subscription", "points": 5}]');
call pg_temp.refused('"bonus": [{"on": "advances", "points": 5}]');
call pg_temp.refused('"bonus": [{"on": "First Purchase", "points": 5}]');
call pg_temp.refused('"bonus": [{"on": {"every": 10}, "points": 5}]');
call pg_temp.refused('"bonus": [{"on": {"of": "orders"}, "points": 5}]');
call pg_temp.refused('"bonus": [{"on": {"every": 0, "of": "orders"}, "points": 5}]');
call pg_temp.refused('"bonus": [{"on": {"every": 10, "of": "order"}, "points": 5}]');
call pg_temp.refused('"bonus": [{"on": {"every": 10, "of": 5}, "points": 5}]');
call pg_temp.refused('"bonus": [{"on": {"each": 10, "of": "orders"}, "points": 5}]');
call pg_temp.refused('"bonus": [{"on": {"every": 10, "of": "orders"}, "points": 5, "where": {"any": ["a"]}}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 5, "where": {"any": ["a"]}}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 5, "times": 0}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 5, "times": 1.5}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 5, "times": 1000001}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 5, "per": "order"}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 5, "per": "years"}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 5, "clawback": 1}]');

-- caps
call pg_temp.refused('"caps": [{"per": "day"}]');
call pg_temp.refused('"caps": [{"points": -1}]');
call pg_temp.refused('"caps": [{"points": 1, "per": "fortnight"}]');

-- hold, and how intervals are written
call pg_temp.refused('"hold": {}');
call pg_temp.refused('"hold": {"for": 14}');
call pg_temp.refused('"hold": {"for": ""}');
call pg_temp.refused('"hold": {"for": "two weeks"}');
call pg_temp.refused('"hold": {"for": "1.5 days"}');
call pg_temp.refused('"hold": {"for": "-14 days"}');
call pg_temp.refused('"hold": {"for": "P14D"}');
call pg_temp.refused('"hold": {"for": "14 fortnights"}');
call pg_temp.refused('"hold": {"for": "14 dayss"}');
call pg_temp.refused('"hold": {"for": "14"}');
call pg_temp.refused('"hold": {"for": "1 day 2 days"}');
call pg_temp.refused('"hold": {"for": "0 days"}');
call pg_temp.refused('"hold": {"for": "1001 years"}');
call pg_temp.refused('"hold": {"for": "99999999999999999999 seconds"}');

-- versions: one at a time
call pg_temp.refused('"hold": [{"for": "1 day"}, {"for": "2 days"}]');
call pg_temp.refused('"hold": [{"for": "2 days", "from": "2025-01-01"}, {"for": "1 day"}]');
call pg_temp.refused('"refund": [{"from": "2025-01-01"}, {"until": "2025-01-02"}]');
call pg_temp.refused('"redeem": [{"step": 1, "from": "2025-01-01"}, {"step": 2, "from": "2025-01-01", "until": "2026-01-01"}]');
call pg_temp.refused('"tiers": [{"until": "2025-01-01 00:00:01", "levels": [{"name": "A", "at": 0}]}, {"from": "2025-01-01", "levels": [{"name": "A", "at": 0}]}]');
call pg_temp.refused('"hold": [{"for": "1 day", "where": {"any": ["a"]}}, {"for": "2 days", "where": {"any": ["b"]}}]');
call pg_temp.refused('"hold": ["1 day"]');

-- expire
call pg_temp.refused('"expire": [{"kind": "never"}]');
call pg_temp.refused('"expire": [{"kind": "age"}]');
call pg_temp.refused('"expire": [{"kind": "age", "after": "0 months"}]');
call pg_temp.refused('"expire": [{"kind": "age", "after": "1 year", "since": "released"}]');
call pg_temp.refused('"expire": [{"kind": "age", "after": "1 year", "resets_by": ["login"]}]');
call pg_temp.refused('"expire": [{"kind": "age", "after": "1 year", "period": "calendar year"}]');
call pg_temp.refused('"expire": [{"kind": "inactivity"}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "since": "release"}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": []}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": "purchase"}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["purchase", 5]}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["purchases"]}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["Redemption"]}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["purchase", "usage"]}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["advance"]}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["repayment"]}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["repayments"]}]');
call pg_temp.refused('"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["Subscriptions"]}]');
call pg_temp.refused('"expire": [{"kind": "period end", "after": "1 year"}]');
call pg_temp.refused('"expire": [{"kind": "period end", "period": "quarter"}]');
call pg_temp.refused('"expire": [{"kind": "period end", "period": "02-30"}]');
call pg_temp.refused('"expire": [{"kind": "period end", "period": "13-01"}]');
call pg_temp.refused('"expire": [{"after": "1 year", "snap": "mouth"}]');
call pg_temp.refused('"expire": [{"after": "1 year", "snap": "00-10"}]');
call pg_temp.refused('"expire": [{"after": "1 year", "snap": 9}]');
call pg_temp.refused('"expire": [{"after": "1 year", "suspend": {"tiers": ["Gold"]}}]');
call pg_temp.refused('"expire": [{"after": "1 year", "suspend": {"tiers": ["Base", "gold"]}}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 1}]}');
call pg_temp.refused('"expire": [{"after": "1 year", "suspend": {"tiers": []}}]');
call pg_temp.refused('"expire": [{"after": "1 year", "suspend": {"resume": "freeze"}}]');
call pg_temp.refused('"expire": [{"after": "1 year", "suspend": {"tiers": ["Gold"], "resume": "thaw"}}], "tiers": {"levels": [{"name": "Gold", "at": 1}]}');
call pg_temp.refused('"expire": [{"after": "1 year", "suspend": {"tiers": [1]}}], "tiers": {"levels": [{"name": "Gold", "at": 1}]}');

-- redeem, refund
call pg_temp.refused('"redeem": {"minimum": -1}');
call pg_temp.refused('"redeem": {"step": 0}');
call pg_temp.refused('"redeem": {"value": -0.01}');
call pg_temp.refused('"redeem": {"order": "newest first"}');
call pg_temp.refused('"redeem": {"minimum": 1, "where": {"any": ["a"]}}');
call pg_temp.refused('"refund": {"earned": "pro rata"}');
call pg_temp.refused('"refund": {"short": "debts"}');
call pg_temp.refused('"refund": {"spent": "all"}');
call pg_temp.refused('"refund": {"dated": "order"}');

-- metrics
call pg_temp.refused('"metrics": [{"sum": "quantity"}]');
call pg_temp.refused('"metrics": {"orders": {"sum": "quantity"}}');
call pg_temp.refused('"metrics": {"amount": {"sum": "quantity"}}');
call pg_temp.refused('"metrics": {"": {"sum": "quantity"}}');
call pg_temp.refused('"metrics": {"nights": {}}');
call pg_temp.refused('"metrics": {"nights": {"sum": "night"}}');
call pg_temp.refused('"metrics": {"nights": {"sum": "quantity", "from": "2025-01-01"}}');

-- tiers
call pg_temp.refused('"tiers": {}');
call pg_temp.refused('"tiers": {"levels": []}');
call pg_temp.refused('"tiers": {"levels": {"Gold": 500}}');
call pg_temp.refused('"tiers": {"levels": [{"at": 0}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Base"}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Base", "at": "0"}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Base", "at": -1}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Silver", "at": 500}, {"name": "Gold", "at": 350}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Silver", "at": 500}, {"name": "Gold", "at": 500}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "at": 0}, {"name": "Gold", "at": 500}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "at": 0, "needs": [{"orders": 5}]}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "needs": []}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "needs": {"orders": 5}}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "needs": ["orders"]}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "needs": [{}]}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "needs": [{"nights": 5}]}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "needs": [{"orders": -5}]}]}');
call pg_temp.refused('"tiers": {"levels": [{"name": "Gold", "needs": [{"orders": 0, "spend": 0}]}]}');
call pg_temp.refused_tiers('"by": "spent"');
call pg_temp.refused_tiers('"by": {"sum": "spend"}');
call pg_temp.refused_tiers('"where": {"any": ["skin"]}');
call pg_temp.refused_tiers('"window": "month"');
call pg_temp.refused_tiers('"window": "year from 02-30"');
call pg_temp.refused_tiers('"window": "year from April"');
call pg_temp.refused_tiers('"window": 12');
call pg_temp.refused_tiers('"window": "0 months"');
call pg_temp.refused_tiers('"valid": "one year"');
call pg_temp.refused_tiers('"valid": "for ever"');
call pg_temp.refused_tiers('"window": "12 months", "valid": "1 year after window"');
call pg_temp.refused_tiers('"window": "lifetime", "valid": "1 year after window"');
call pg_temp.refused_tiers('"window": "lifetime", "valid": "1 year"');
call pg_temp.refused_tiers('"overhang": 2');
call pg_temp.refused_tiers('"valid": "forever", "overhang": "2 months"');
call pg_temp.refused_tiers('"window": "lifetime", "overhang": "2 months"');
call pg_temp.refused_tiers('"downgrade": "one_step"');
call pg_temp.refused_tiers('"on_refund": "keep"');
call pg_temp.refused_tiers('"rate_at": "during"');
call pg_temp.refused_tiers('"rollover": true');
call pg_temp.refused_tiers('"rollover": {"cap": 5}');
call pg_temp.refused_tiers('"rollover": {"of": "nights"}');
call pg_temp.refused_tiers('"rollover": {"of": "orders"}');
call pg_temp.refused_tiers('"rollover": {"of": "spend", "cap": 0}');
call pg_temp.refused_tiers('"window": "12 months", "rollover": {"of": "spend"}');
call pg_temp.refused_tiers('"window": "lifetime", "rollover": {"of": "spend"}');

-- From jsonb the same; it has already dropped a key's first value, so text input sees more
call pg_temp.refused_document('{"program": "p", "timezone": "UTC", "timezone": "UTC"}');
select '{"program": "p", "timezone": "Mars", "timezone": "UTC"}'::jsonb::loyalty.program;
do $$ begin perform '{"program": "p"}'::jsonb::loyalty.program; exception when others then raise info '%: %', sqlstate, sqlerrm; end $$;

--
-- Limits
--

create function pg_temp.many(pattern text, n int) returns text language sql as $$
	select '[' || string_agg(replace(pattern, '?', i::text), ', ' order by i) || ']' from generate_series(1, n) as i
$$;
-- 64 rules of a section, 32 levels, 64 tiers in all, 11 metrics besides the five, 256 rows of a table, 64 tags, 255 bytes of a name
select jsonb_array_length(pg_temp.program('"earn": ' || pg_temp.many('{"points": ?}', 64))::jsonb -> 'earn') as earn,
	jsonb_array_length(pg_temp.program('"earn": [{"table": ' || pg_temp.many('[?, 1]', 256) || '}]')::jsonb #> '{earn,0,table}') as rows,
	jsonb_array_length(pg_temp.program('"tiers": [{"until": "2025-01-01", "levels": ' || pg_temp.many('{"name": "a?", "at": ?}', 32) || '}, {"from": "2025-01-01", "levels": '
		|| pg_temp.many('{"name": "b?", "at": ?}', 32) || '}]')::jsonb #> '{tiers,1,levels}') as levels,
	length(pg_temp.program('"earn": [{"points": 1, "name": "' || repeat('n', 255) || '"}]')::jsonb #>> '{earn,0,name}') as name;
call pg_temp.refused('"earn": ' || pg_temp.many('{"points": ?}', 65));
call pg_temp.refused('"hold": ' || pg_temp.many('{"for": "? days"}', 65));
call pg_temp.refused('"earn": [{"table": ' || pg_temp.many('[?, 1]', 257) || '}]');
call pg_temp.refused('"earn": [{"points": 1, "where": {"any": ' || pg_temp.many('"?"', 65) || '}}]');
call pg_temp.refused('"tiers": {"levels": ' || pg_temp.many('{"name": "a?", "at": ?}', 33) || '}');
call pg_temp.refused('"tiers": [{"until": "2025-01-01", "levels": ' || pg_temp.many('{"name": "a?", "at": ?}', 32) || '}, {"from": "2026-01-01", "levels": '
	|| pg_temp.many('{"name": "b?", "at": ?}', 32) || '}, {"from": "2025-01-01", "until": "2026-01-01", "levels": [{"name": "c", "at": 1}]}]');
call pg_temp.refused('"tiers": {"levels": [{"name": "a", "needs": ' || pg_temp.many('{"orders": ?}', 65) || '}]}');
select '"metrics": {' || string_agg(format('"m%s": {"sum": "orders"}', i), ', ') || '}' as part from generate_series(1, 12) as i \gset
call pg_temp.refused(:'part');
call pg_temp.refused('"expire": {"kind": "inactivity", "after": "1 year", "resets_by": ' || pg_temp.many('"?"', 65) || '}');
call pg_temp.refused('"earn": [{"points": 1, "name": "' || repeat('n', 256) || '"}]');
call pg_temp.refused('"metrics": {"' || repeat('ä', 128) || '": {"sum": "orders"}}');
-- 1 MB in all, compiled: here 64 rules of 128 tags of some 250 bytes
select '"earn": [' || string_agg(format('{"points": 1, "where": {"any": %s, "all": %s}}', pg_temp.many(format('"any %s ? %s"', i, repeat('x', 230)), 64),
	pg_temp.many(format('"all %s ? %s"', i, repeat('x', 230)), 64)), ', ') || ']' as part from generate_series(1, 64) as i \gset
call pg_temp.refused(:'part');

--
-- In tables
--

-- Programs are kept as their text, also where they are long and stored out of line
create temp table kept (id int primary key, p loyalty.program not null);
insert into kept select 1, p from example;
insert into kept select 2, pg_temp.program('"earn": [' || (select string_agg(format('{"points": 1, "where": {"any": %s}}',
	(select jsonb_agg(md5((i * 64 + j)::text)) from generate_series(1, 64) as j)), ', ') from generate_series(1, 64) as i) || ']');
select id, pg_column_size(p) > 100000 as long, length(p::text) > 100000 as said, loyalty.program_eq(p, p::text::loyalty.program) as same from kept order by id;
-- also within other values, where they are moved about
select loyalty.program_eq((array_agg(p order by id))[1], (select p from example)) as same, (row(1::"char", (array_agg(p order by id))[1])::text like '%beauty%') as within from kept;

-- They can be compared, grouped, joined, ordered and be keys: ordered by text, which begins with the name
select loyalty.program_eq(a, b) as eq, loyalty.program_ne(a, b) as ne, loyalty.program_lt(a, b) as lt, loyalty.program_le(a, b) as le,
	loyalty.program_gt(a, b) as gt, loyalty.program_ge(a, b) as ge, sign(loyalty.program_cmp(a, b)) as cmp
from (values ('{"program": "a", "timezone": "UTC"}'::loyalty.program, '{"program": "b", "timezone": "UTC"}'::loyalty.program), ('{"program": "b", "timezone": "UTC"}', '{"program": "b", "timezone": "UTC"}')) as v(a, b);
select p, count(*) from (values ('{"program": "b", "timezone": "UTC"}'::loyalty.program), ('{"program": "a", "timezone": "UTC"}'), ('{"timezone": "UTC", "program": "b"}')) as v(p)
group by p order by p;
select count(*) from sent as s join received as r on s.p operator(loyalty.=) r.p;
set enable_hashjoin = off;
select count(*) from sent as s join received as r on s.p operator(loyalty.=) r.p;
reset enable_hashjoin;
create unique index on sent (p);
select count(distinct loyalty.program_hash(p)) as hashes, count(distinct loyalty.program_hash_extended(p, 7)) as extended from sent;

--
-- A damaged stored value is an error where it is used, and never a crash
--

create cast (bytea as loyalty.program) without function;
create function pg_temp.answer(question text, bytes bytea) returns text language plpgsql as $$
begin
	execute question using bytes;
	return 'none';
exception when others then
	return sqlstate;
end $$;
-- one that has something of everything
create temp table whole as select loyalty.program_send(pg_temp.program('"metrics": {"nights": {"sum": "quantity", "where": {"any": ["stay"]}}},
	"earn": [{"points": 1, "name": "base", "from": "2025-01-01"}, {"table": [[0, 1], [30, 2]], "where": {"all": ["a"], "none": ["b"]}}],
	"multiply": [{"by": {"A": 2, "B": 3}}], "bonus": [{"on": "review", "points": 5}, {"on": {"every": 10, "of": "nights"}, "points": 1}],
	"caps": [{"points": 100}], "hold": [{"for": "2 days", "until": "2020-01-01"}, {"for": "3 days", "from": "2020-01-01"}],
	"expire": [{"kind": "inactivity", "after": "1 year", "resets_by": ["visit"], "snap": "09-30", "suspend": {"tiers": ["A", "B"]}}, {"kind": "period end", "period": "03-31"}],
	"redeem": {"minimum": 5}, "refund": {"short": "forgive"}, "tiers": {"window": "year from 04-01", "rollover": {"of": "nights", "cap": 5},
		"levels": [{"name": "A", "needs": [{"nights": 10, "orders": 2}]}, {"name": "B", "at": 2}]}')) as bytes;
create temp table asked as select * from (values ('text', 'select $1::loyalty.program::text'), ('json', 'select $1::loyalty.program::json'), ('binary', 'select loyalty.program_send($1::loyalty.program)'),
	('points', 'select loyalty.points(''[]'', $1::loyalty.program, ''2025-01-01'')')) as v(what, question);
-- the version is looked at wherever it is read, the text where it is compiled
select what, pg_temp.answer(question, bytes) as whole, pg_temp.answer(question, '') as nothing, pg_temp.answer(question, set_byte(bytes, 0, 2)) as version,
	pg_temp.answer(question, bytes || '\x20') as longer, pg_temp.answer(question, bytes || '\x00') as longer_by_nul
from whole, asked order by 1;
-- cut off anywhere
select distinct pg_temp.answer(question, substr(bytes, 1, n)) as shorter from whole, asked, generate_series(1, octet_length(bytes) - 1) as n where what = 'points';
-- every byte another: an answer or that error; but a time zone may have left the server, and is asked for only now
select answer, count(*) > 100 as many
from (select pg_temp.answer(question, set_byte(bytes, n, get_byte(bytes, n) # mask)) as answer
	from whole, asked, generate_series(0, octet_length(bytes) - 1) as n, unnest(array[1, 128, 255]) as mask where what = 'points') as a group by 1 order by 1;
create function pg_temp.message(bytes bytea) returns text language plpgsql as $$
declare
	context text;
begin
	perform loyalty.points('[]', bytes::loyalty.program);
	return 'none';
exception when others then
	get stacked diagnostics context = pg_exception_context;
	return concat_ws('; ', sqlstate || ': ' || sqlerrm, substring(context from 'stored document of type [a-z.]*'));
end $$;
select pg_temp.message(set_byte(bytes, 3, 120)) as another_key, pg_temp.message(set_byte(bytes, 31, 88)) as another_zone from loyalty.program_send('{"program": "p", "timezone": "UTC"}') as bytes;
drop cast (bytea as loyalty.program);

--
-- Plans, conditions, milestones of a year, vouchers, benefits
--

create temp table club (part text);
insert into club values
	('"plans": {"plus": {}, "travel": {"any": ["a", "b"], "grace": "7 days", "trial": false}}'),
	('"plans": {"plus": {}, "travel": {}}, "earn": [{"points": 1, "plan": "plus"}, {"points": 2, "plan": ["plus", "travel"], "within": {"after": "birthday", "for": "1 month"}, "first": 3, "where": {"any": ["a"]}}]'),
	('"multiply": [{"by": 3, "first": 1}, {"by": 2, "stack": "max", "within": {"after": "first purchase", "for": "1 year"}}]'),
	('"plans": {"plus": {}}, "bonus": [{"on": "review", "points": 5, "plan": "plus", "within": {"after": "joined", "for": "30 days"}}]'),
	('"bonus": [{"on": {"every": 10, "above": 30, "of": "orders", "window": "calendar year"}, "points": 500, "per": "week"}, {"on": {"at": [40, 60.5], "of": "spend", "window": "month"}, "points": 1}]'),
	('"bonus": [{"on": {"every": 10, "of": "orders", "window": "year from 04-01"}, "points": 5, "times": 2, "per": "membership year"}, {"on": {"at": [1], "of": "orders", "window": "membership year"}, "points": 1, "clawback": false}]'),
	('"caps": [{"points": 1, "per": "week"}, {"points": 2, "per": "membership year"}]'),
	('"plans": {"plus": {}, "travel": {}}, "expire": [{"kind": "plan end", "plan": "plus", "snap": "month"}, {"kind": "plan end", "plan": ["plus", "travel"]}, {"kind": "age", "after": "1 year", "suspend": {"plans": ["plus"], "resume": "freeze"}}]'),
	('"plans": {"plus": {}}, "expire": [{"kind": "age", "after": "1 year", "suspend": {"tiers": ["B"], "plans": ["plus"]}}], "tiers": {"levels": [{"name": "A", "at": 0}, {"name": "B", "plan": "plus"}, {"name": "C", "at": 5, "plan": "plus"}, {"name": "D", "needs": [{"spend": 1}], "plan": "plus"}]}'),
	('"vouchers": [{"points": 1000, "value": 10}, {"name": "reward", "points": 50, "value": 0.5, "every": "3 months", "on": "02-10", "closing": "10 days", "minimum": 150, "valid": "2 years", "snap": "month", "each": true, "from": "2025-01-01"}]'),
	('"plans": {"plus": {}}, "tiers": {"levels": [{"name": "A", "at": 0}, {"name": "B", "at": 1}]}, "vouchers": [{"points": 1, "value": 1, "every": "1 year", "on": "10 months", "tiers": ["A", "B"], "plan": "plus"}, {"points": 1, "value": 1, "every": "1 month"}]'),
	('"plans": {"plus": {}}, "tiers": {"levels": [{"name": "A", "at": 0}, {"name": "B", "at": 1}]}, "benefits": [{"name": "class", "per": "year", "tiers": {"A": 1, "B": 2}, "on": "class taken"}, {"name": "gift", "quantity": 1, "tiers": ["B"], "within": {"after": "birthday", "for": "1 month"}}, {"name": "delivery", "plan": "plus", "until": "2026-01-01"}]');
-- Each comes out as it went in
select part, pg_temp.shown(part) from club where pg_temp.shown(part) <> part;
select count(*), bool_and(loyalty.program_eq(p, p::text::loyalty.program)) as text, bool_and(loyalty.program_eq(p, p::jsonb::loyalty.program)) as jsonb
from (select pg_temp.program(part) as p from club) as programs;
-- What is the default is not said; order and repeats mean nothing where they mean nothing
select pg_temp.shown('"plans": {"b": {"any": ["b"], "trial": true}, "a": {"any": ["y", "x", "y"]}},
	"earn": [{"points": 1, "plan": ["b", "a", "b"]}, {"points": 1, "plan": ["a"]}],
	"bonus": [{"on": {"every": 10, "above": 0, "of": "orders", "window": "lifetime"}, "points": 1}, {"on": {"at": [5], "of": "orders", "window": "year from 01-01"}, "points": 1}],
	"vouchers": [{"points": 5, "value": 1, "minimum": 5, "each": false, "every": "12 months", "on": "01-01", "valid": "24 months", "snap": "01-01"}],
	"benefits": [{"name": "gift", "on": "gift", "per": "lifetime"}]');
-- plans
call pg_temp.refused('"plans": []');
call pg_temp.refused('"plans": {"plus": "monthly"}');
call pg_temp.refused('"plans": {"plus": {"any": []}}');
call pg_temp.refused('"plans": {"plus": {"any": [1]}}');
call pg_temp.refused('"plans": {"plus": {"grace": "0 days"}}');
call pg_temp.refused('"plans": {"plus": {"trial": "yes"}}');
call pg_temp.refused('"plans": {"plus": {"name": "Plus"}}');
call pg_temp.refused('"plans": {"": {}}');
-- conditions
call pg_temp.refused('"earn": [{"points": 1, "plan": "plus"}]');
call pg_temp.refused('"plans": {"plus": {}}, "earn": [{"points": 1, "plan": "pluss"}]');
call pg_temp.refused('"plans": {"plus": {}}, "earn": [{"points": 1, "plan": ["plus", 1]}]');
call pg_temp.refused('"plans": {"plus": {}}, "earn": [{"points": 1, "plan": []}]');
call pg_temp.refused('"earn": [{"points": 1, "within": "30 days"}]');
call pg_temp.refused('"earn": [{"points": 1, "within": {"for": "30 days"}}]');
call pg_temp.refused('"earn": [{"points": 1, "within": {"after": "birthday"}}]');
call pg_temp.refused('"earn": [{"points": 1, "within": {"after": "purchase", "for": "30 days"}}]');
call pg_temp.refused('"earn": [{"points": 1, "within": {"after": "First Purchase", "for": "30 days"}}]');
call pg_temp.refused('"earn": [{"points": 1, "within": {"after": "birthday", "for": "0 days"}}]');
call pg_temp.refused('"earn": [{"points": 1, "first": 0}]');
call pg_temp.refused('"earn": [{"points": 1, "first": 1.5}]');
call pg_temp.refused('"bonus": [{"on": "review", "points": 1, "first": 1}]');
-- milestones
call pg_temp.refused('"bonus": [{"on": {"every": 10, "at": [40], "of": "orders"}, "points": 1}]');
call pg_temp.refused('"bonus": [{"on": {"at": [40], "above": 30, "of": "orders"}, "points": 1}]');
call pg_temp.refused('"bonus": [{"on": {"at": [40, 40], "of": "orders"}, "points": 1}]');
call pg_temp.refused('"bonus": [{"on": {"at": [], "of": "orders"}, "points": 1}]');
call pg_temp.refused('"bonus": [{"on": {"at": 40, "of": "orders"}, "points": 1}]');
call pg_temp.refused('"bonus": [{"on": {"at": [0], "of": "orders"}, "points": 1}]');
call pg_temp.refused('"bonus": [{"on": {"every": 10, "of": "orders", "window": "12 months"}, "points": 1}]');
call pg_temp.refused('"bonus": [{"on": {"every": 10, "of": "orders", "window": "year from 13-01"}, "points": 1}]');
-- levels, expiry
call pg_temp.refused('"tiers": {"levels": [{"name": "A", "plan": "plus"}]}');
call pg_temp.refused('"plans": {"plus": {}}, "tiers": {"levels": [{"name": "A", "at": 5}, {"name": "B", "plan": "plus"}, {"name": "C", "at": 5}]}');
call pg_temp.refused('"plans": {"plus": {}}, "tiers": {"rollover": {"of": "spend"}, "levels": [{"name": "A", "plan": "plus"}]}');
call pg_temp.refused('"expire": [{"kind": "plan end"}]');
call pg_temp.refused('"plans": {"plus": {}}, "expire": [{"kind": "plan end", "plan": "plus", "after": "1 year"}]');
call pg_temp.refused('"plans": {"plus": {}}, "expire": [{"kind": "plan end", "plan": "plus", "period": "calendar year"}]');
call pg_temp.refused('"plans": {"plus": {}}, "expire": [{"kind": "plan end", "plan": "plus", "suspend": {"plans": ["plus"]}}]');
call pg_temp.refused('"plans": {"plus": {}}, "expire": [{"kind": "age", "after": "1 year", "plan": "plus"}]');
call pg_temp.refused('"plans": {"plus": {}}, "expire": [{"kind": "age", "after": "1 year", "suspend": {"plans": "plus"}}]');
call pg_temp.refused('"plans": {"plus": {}}, "expire": [{"kind": "age", "after": "1 year", "suspend": {"resume": "freeze"}}]');
-- vouchers
call pg_temp.refused('"vouchers": {"points": 1, "value": 1}');
call pg_temp.refused('"vouchers": [{"value": 1}]');
call pg_temp.refused('"vouchers": [{"points": 1}]');
call pg_temp.refused('"vouchers": [{"points": 0, "value": 1}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 0}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "on": "02-10"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "closing": "10 days"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "snap": "month"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "every": "5 months"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "every": "24 months"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "every": "30 days"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "every": "1 month", "on": "02-30"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "every": "1 month", "on": "12 hours"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "every": "1 month", "on": "today"}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "tiers": ["Gold"]}]');
call pg_temp.refused('"vouchers": [{"points": 1, "value": 1, "where": {"any": ["a"]}}]');
-- benefits
call pg_temp.refused('"benefits": [{"quantity": 1}]');
call pg_temp.refused('"benefits": [{"name": "gift"}, {"name": "class"}, {"name": "gift"}]');
call pg_temp.refused('"benefits": [{"name": "gift", "on": "purchases"}]');
call pg_temp.refused('"benefits": [{"name": "gift", "on": "first purchase"}]');
call pg_temp.refused('"benefits": [{"name": "gift", "per": "order"}]');
call pg_temp.refused('"benefits": [{"name": "gift", "first": 1}]');
call pg_temp.refused('"benefits": [{"name": "gift", "tiers": {"Gold": 1}}]');
call pg_temp.refused('"benefits": [{"name": "gift", "tiers": []}]');
call pg_temp.refused('"benefits": [{"name": "gift", "tiers": {}}]');
call pg_temp.refused('"benefits": [{"name": "gift", "quantity": 1, "tiers": {"A": 2}}], "tiers": {"levels": [{"name": "A", "at": 0}]}');
-- no more than 64 of each
select format('"plans": {%s}', string_agg(format('"p%s": {}', n), ', ')) as plans from generate_series(1, 65) as n \gset
call pg_temp.refused(:'plans');
