-- document: what all types have in common that have a JSON text

\pset null 'null'
create function pg_temp.outcome(statement text) returns text language plpgsql as $$
declare
	message text; hint text; context text;
begin
	execute statement;
	return 'no error';
exception when others then
	get stacked diagnostics message = message_text, hint = pg_exception_hint, context = pg_exception_context;
	-- the server's own words, which are not the same in all versions
	hint := regexp_replace(hint, '^No (function|operator) .*types\. ', '');
	return concat_ws(e'\n\t', sqlstate || ': ' || message, nullif(hint, ''), substring(context from '(?:^|\n)([a-z ]*document of type [a-z.]*)'));
end $$;
create temp table shelf (id int, e loyalty.event, h loyalty.history, p loyalty.program);
insert into shelf values (1, '{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1, "tags": ["a \"b\""]}', '[{"at": "2025-01-01T00:00Z", "kind": "activity", "name": "joined"}]',
	'{"program": "p", "timezone": "UTC", "earn": [{"points": 1}]}'), (2, null, '[]', null);

--
-- JSON
--

-- PostgreSQL's own functions give the JSON that a value is, not a string of it
select row_to_json(shelf) from shelf order by id;
select to_jsonb(shelf) from shelf order by id;
select json_agg(h order by id), jsonb_agg(p order by id), json_build_object('e', (array_agg(e))[1]) from shelf;
select jsonb_build_object('rows', jsonb_agg(shelf order by id)) #> '{rows,0,e,tags,0}' as tag from shelf;
-- The casts give the text form, and read what it reads; each there and back
select e::json::text = e::text as e, h::json::text = h::text as h, p::json::text = p::text as p,
	loyalty.to_json(e)::jsonb = e::jsonb as e_jsonb, loyalty.to_json(h)::jsonb = h::jsonb as h_jsonb, loyalty.to_json(p)::jsonb = p::jsonb as p_jsonb from shelf order by id;
select loyalty.event_eq(e, e::json::loyalty.event) as e, loyalty.history_eq(h, h::json::loyalty.history) as h, loyalty.program_eq(p, p::json::loyalty.program) as p,
	loyalty.event_eq(e, e::jsonb::loyalty.event) as e_jsonb, loyalty.history_eq(h, h::jsonb::loyalty.history) as h_jsonb, loyalty.program_eq(p, p::jsonb::loyalty.program) as p_jsonb
from shelf order by id;
select loyalty.program_from_json('{"timezone": "UTC", "program": "p", "decimals": 0.0}');
-- What is refused: json, unlike jsonb, still has both of two equal keys
select json, pg_temp.outcome(format('select %L::%s::loyalty.%s', json, cast_from, type))
from (values ('event', '{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1, "amount": 2}'), ('history', '[{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 1, "amount": 2}]'),
	('program', '{"program": "p", "timezone": "UTC", "earn": [{"points": 1, "points": 2}]}'), ('event', '5'), ('history', '{}'), ('program', '[]')) as v(type, json),
	unnest(array['json', 'jsonb']) as cast_from;

-- Strings are taken where a row is stored, as drivers send them; where a function is called they are not, nor jsonb anywhere
prepare stored(int, varchar, text, text) as insert into shelf values ($1, $2, $3, $4) returning e, h, p;
execute stored(3, '{"at": "2025-01-01T00:00Z", "kind": "purchase", "amount": 3}', '[]', '{"program": "p", "timezone": "UTC", "earn": [{"points": 3}]}');
delete from shelf where id = 3;
select pg_temp.outcome(statement) from unnest(array[
	$$insert into shelf (id, p) values (4, '{"program": "p", "timezone": "UTC", "earn": [{"point": 3}]}'::varchar)$$,
	$$update shelf set p = p::jsonb$$, $$select loyalty.points('[]', '{}'::text)$$, $$select p from shelf where p operator(loyalty.=) '{}'::text$$]) as statement;
alter table shelf add note varchar default '{"program": "note", "timezone": "UTC", "earn": [{"points": 5}]}';
alter table shelf alter note drop default;
alter table shelf alter note type loyalty.program;
select pg_typeof(note), note from shelf order by id;
alter table shelf drop note;

--
-- Binary
--

-- A client's bytes that are none are the client's fault, whatever is wrong with them: 22P03, and not the XX001 of a damaged table
create function pg_temp.received(type text, bytes bytea) returns text language plpgsql as $$
declare
	file bytea := '\x5047434f50590aff0d0a00' || int4send(0) || int4send(0) || int2send(1::int2) || int4send(length(bytes)) || bytes || int2send(-1::int2);
	octal text;
begin
	select string_agg('\0' || get_byte(file, n) / 64 || get_byte(file, n) / 8 % 8 || get_byte(file, n) % 8, '' order by n) into octal from generate_series(0, length(file) - 1) as n;
	execute format('create temp table if not exists received_%s (v loyalty.%1$s)', type);
	execute format('copy received_%s from program %L (format binary)', type, format('printf %%b ''%s''', octal));
	return 'received';
exception when others then
	return sqlstate || ': ' || sqlerrm;
end $$;
set client_min_messages = warning;
create temp table sent as select 'event' as type, loyalty.event_send(e) as bytes from shelf where id = 1
	union all select 'history', loyalty.history_send(h) from shelf where id = 1 union all select 'program', loyalty.program_send(p) from shelf where id = 1;
select type, pg_temp.received(type, bytes) from sent order by type;
select type, bytes, pg_temp.received(type, bytes)
from unnest(array['event', 'history', 'program']) as type, unnest(array['', '\x00', '\x01', '\x010203', '\xff', '\xff00000000000000000000000000000000']::bytea[]) as bytes;
-- cut off, or with a byte changed: taken where it is another value, else the same
select type, left(pg_temp.received(type, damage), 5) as answer, count(*) > 5 as several
from sent, generate_series(0, length(bytes) - 1, 3) as n, lateral (values (substr(bytes, 1, n)), (set_byte(bytes, n, get_byte(bytes, n) # 32))) as d(damage)
group by 1, 2 order by 1, 2;
reset client_min_messages;

--
-- Time zones
--

-- A zone is a name that pg_timezone_names lists, spelled as there, wherever one is taken; the server itself would read most of these
create temp table zone (name text);
insert into zone values ('UTC'), ('Europe/Berlin'), ('America/Argentina/Buenos_Aires'), ('Etc/GMT+2'), ('GMT'), ('+02'), ('+02:00'), ('-5'), ('Berlin1'), ('Europe/Berlin1'), ('GMT+2junk'), ('<+02>-2'),
	('CET-1CEST,M3.5.0,M10.5.0/3'), ('europe/berlin'), ('utc'), ('Europe'), ('Europe/'), (':Europe/Berlin'), ('../zoneinfo/UTC'), ('/etc/localtime'), ('right/UTC'), (' UTC'), ('');
create function pg_temp.as_program(zone text) returns text language sql as $$
	select pg_temp.outcome(format('select %L::loyalty.program', json_build_object('program', 'p', 'timezone', zone)))
$$;
create function pg_temp.as_argument(zone text) returns text language sql as $$
	select pg_temp.outcome(format('select loyalty.unprofitable_since(''[]'', ''1 day'', now(), %L)', zone))
$$;
select name, split_part(pg_temp.as_program(name), e'\n', 1) as program, split_part(pg_temp.as_argument(name), e'\n', 1) as unprofitable_since from zone;
select pg_temp.as_program(name) as program, pg_temp.as_argument(name) as unprofitable_since from zone where name in ('+02', 'europe/berlin');
insert into zone select repeat('a', n) from unnest(array[253, 254, 255, 256, 1000]) as n;
select name from zone
where (pg_temp.as_program(name) = 'no error') <> exists (select from pg_timezone_names as z where z.name = zone.name) or (pg_temp.as_argument(name) = 'no error') <> (pg_temp.as_program(name) = 'no error');
-- all that are listed are taken, and no other spelling of them
select count(*) > 300 as many, count(*) filter (where pg_temp.as_program(name) <> 'no error' or pg_temp.as_argument(name) <> 'no error') as refused,
	count(*) filter (where lower(name) <> name and pg_temp.as_program(lower(name)) = 'no error') as spelled_otherwise
from pg_timezone_names;

--
-- Many documents side by side
--

-- Each is compiled once in a session.  A grid of 100 programs over a few histories answers what each alone does
create temp table customer as select id, loyalty.history(loyalty.purchase(timestamptz '2025-01-01 00:00+00' + n * interval '9 days', n * id, ref => n)) as h
from generate_series(1, 5) as id, generate_series(1, 20) as n group by id;
create function pg_temp.with_rate(n int) returns loyalty.program language sql as $$
	select format('{"program": "a grid", "timezone": "%s", "earn": [{"points": %s}], "expire": [{"after": "9 years"}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": %2$s}]}}',
		(array['UTC', 'Asia/Tokyo'])[1 + n / 50 % 2], n)::loyalty.program
$$;
create temp table grid as select n, pg_temp.with_rate(n) as p from generate_series(1, 100) as n;
select count(*), count(distinct loyalty.points(h, p, '2026-01-01')) > 100 as differ, count(*) filter (where loyalty.points(h, p, '2026-01-01') <> n * id * 210) as wrong from customer, grid;
select count(*) filter (where loyalty.points(h, p, '2026-01-01') <> n * id * 210) as wrong from grid, customer;
-- Many more than are kept: the answers stay right, the memory bounded
select count(*) filter (where loyalty.points(h, pg_temp.with_rate(n), '2026-01-01') <> n * id * 210) as wrong from generate_series(1, 3000) as n, customer where id = 3;
select count(*) > 300 as many, sum(total_bytes) < 33 * 1024 * 1024 as bounded from pg_backend_memory_contexts where name = 'loyalty document';
select count(*) filter (where loyalty.points(h, p, '2026-01-01') <> n * id * 210) as wrong from customer, grid;
-- Long ones, which are stored compressed or out of line, mixed with others
create temp table long (n int, storage text, p loyalty.program);
alter table long alter p set storage external;
insert into long select n, 'out of line', ((p::jsonb || jsonb_build_object('bonus', (select jsonb_agg(jsonb_build_object('on', 'activity ' || i || repeat('.', 100), 'points', 1)) from generate_series(1, 30) as i)))::loyalty.program)
from grid where n <= 12;
alter table long alter p set storage extended;
insert into long select n, 'compressed', p::text::loyalty.program from long;
insert into long select n, 'as it is', p from grid where n <= 12;
select storage, count(*), bool_or(pg_column_compression(p) is not null) as compressed, max(pg_column_size(p)) > 2000 as long from long group by storage order by storage;
select storage, count(*) filter (where loyalty.points(h, p, '2026-01-01') <> n * id * 210) as wrong from customer, long group by storage order by storage;
