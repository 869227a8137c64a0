-- stored: what a version has written, every later one reads
--
-- test/stored has a file for each version that was released: values of every type and the tables of a live history, by
-- their bytes.  `make stored` wrote it (test/stored/write).  Nothing of it is shown here, but whatever is wrong.

\pset null 'null'
create temp view own as select typname from pg_type where typnamespace = 'loyalty'::regnamespace and typtype = 'b' and typelem = 0;
do $$ declare type text; begin for type in select * from own loop execute format('create cast (bytea as loyalty.%I) without function', type); end loop; end $$;
create temp table stored (type text, shown text, bytes bytea);
-- is such a value what it was: as text, as a value, on its way to a client?
create function pg_temp.wrong(type text, shown text, bytes bytea) returns text language plpgsql as $$
declare
	text boolean; value boolean; sent boolean; hash boolean;
begin
	execute format('select $1::loyalty.%1$s::text = $2, loyalty.%1$s_eq($1::loyalty.%1$s, $2::loyalty.%1$s), loyalty.%1$s_send($1::loyalty.%1$s) = $1,
		loyalty.%1$s_hash($1::loyalty.%1$s) = loyalty.%1$s_hash($2::loyalty.%1$s)', type) into text, value, sent, hash using bytes, shown;
	return case when not text then 'another text' when not value then 'another value' when not sent then 'other bytes' when not hash then 'another hash' end;
exception when others then
	return sqlerrm;
end $$;

-- 0.1.0
\getenv directory PG_ABS_SRCDIR
\set file :directory '/test/stored/0.1.0.sql'
\set ECHO none
\o /dev/null
\i :file
\o
\set ECHO all
select type, count(*) > 5 as several, count(distinct bytes) = count(*) as distinct from stored group by type order by type;
select type, shown, pg_temp.wrong(type, shown, bytes) as wrong from stored where pg_temp.wrong(type, shown, bytes) is not null;
-- every history under every program: an answer
select count(*) > 200 as many, count(s.points) = count(*) as answered
from stored as h, stored as p, lateral loyalty.standing(h.bytes::loyalty.history, p.bytes::loyalty.program, '2026-01-01') as s where h.type = 'history' and p.type = 'program' and loyalty.revenue(h.bytes::loyalty.history) < 1000000;
-- the live history is what its view gives, and goes on
set search_path = shop;
select customer, reason from loyalty.verify('loyal');
select count(*) as customers, (select count(missing) from loyal_base) as missing, (select count(added) + count(removed) from loyal_fragment) as fragments, sum(loyalty.points(history, program)) as points from loyal, loyal_program;
insert into orders values (100, 1, '2025-06-01 00:00+00', 50), (101, 9, '2025-06-01 00:00+00', 60);
insert into refunds values (100, 100, '2025-06-02 00:00+00', 10);
insert into redemptions values (100, 9, '2025-06-02 00:00+00', 45);
update orders set customer = 2 where id = 1;
delete from refunds where id = 1;
insert into redemptions values (101, 9, '2025-06-02 00:00+00', 1000);
select customer, reason from loyalty.verify('loyal');
select loyalty.compact('loyal') > 0 as compacted;
select customer, reason from loyalty.verify('loyal');
select count(*) as customers, (select count(missing) from loyal_base) as missing, (select count(*) from loyal_fragment) as fragments, sum(loyalty.points(history, program)) as points from loyal, loyal_program;
reset search_path;
set client_min_messages = warning;
drop schema shop cascade;
do $$ declare type text; begin for type in select * from own loop execute format('drop cast (bytea as loyalty.%I)', type); end loop; end $$;
