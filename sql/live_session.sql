-- live_session: what a session keeps of the live histories it has met, and what errors leave behind

set client_min_messages = warning;
\set SHOW_CONTEXT never
create schema session;
set search_path = session;
create function kept(what text) returns bigint language sql
	return (select count(*) from pg_catalog.pg_backend_memory_contexts where name = what);
create function kept_bytes() returns bigint language sql
	return (select sum(total_bytes) from pg_catalog.pg_backend_memory_contexts where name like 'loyalty%' or name like 'CachedPlan%');

--
-- A live history that is dropped is forgotten by the session at the next change of another
--

create table orders (id int primary key, customer int, at timestamptz, total numeric);
create view event as select customer, loyalty.purchase(at, total, ref => id) as event from orders;
create procedure come_and_go(n int) language plpgsql as $$
begin
	for i in 1 .. n loop
		perform loyalty.keep('brief', 'int', '{"program": "p", "timezone": "UTC", "earn": [{"points": 1}]}');
		perform loyalty.track('event', 'brief');
		insert into orders values (1, 1, '2025-01-01 00:00+00', 1), (2, 2, '2025-01-01 00:00+00', 1);
		insert into orders values (3, 1, '2025-01-01 00:00+00', 1);
		update orders set total = 2;
		truncate orders;
		drop table brief_base, brief_fragment, brief_source, brief_program, brief_row cascade;
	end loop;
end $$;
select loyalty.keep('lasting', 'int');
select loyalty.track('event', 'lasting');
-- (the functions themselves keep plans, which take some calls to be all there)
call come_and_go(8);
insert into orders values (901, 1, '2025-01-01 00:00+00', 1);
select kept('loyalty feed') as feeds, kept_bytes() as bytes \gset
call come_and_go(25);
insert into orders values (902, 1, '2025-01-01 00:00+00', 1);
select kept('loyalty feed') - :feeds as more_feeds, kept_bytes() - :bytes < 100000 as no_more_bytes;
-- So it is with what was made for a table that has changed since
do $$ begin
	for i in 1 .. 25 loop
		alter table orders alter total set statistics 100;
		insert into orders values (100 + i, 1, '2025-01-01 00:00+00', 1);
	end loop;
end $$;
select kept('loyalty feed') - :feeds as more_feeds, kept_bytes() - :bytes < 100000 as no_more_bytes;

-- A trigger of the owner's on the tables of the live history comes back to the shop's table, after something that makes
-- all of it anew, and then fails: what was running meanwhile is not kept either
create function come_back() returns trigger language plpgsql as $$
begin
	if pg_trigger_depth() < 3 then
		execute format('comment on table %I.orders is %L', 'session', clock_timestamp());
		execute 'grant select on session.lasting_program to public';
		insert into session.orders select max(id) + 1, 1, '2025-01-01 00:00+00', 1 from session.orders;
		raise exception 'enough';
	end if;
	return null;
end $$;
create trigger come_back after insert on lasting_fragment for each row execute function come_back();
create procedure fail(n int) language plpgsql as $$
begin
	for i in 1 .. n loop
		begin
			insert into session.orders values (1000, 1, '2025-01-01 00:00+00', 1);
			raise warning 'no error';
		exception when raise_exception then
		end;
	end loop;
end $$;
call fail(8);
select kept('loyalty feed') as feeds, kept_bytes() as bytes \gset
call fail(25);
select kept('loyalty feed') - :feeds as more_feeds, kept_bytes() - :bytes < 100000 as no_more_bytes;
drop trigger come_back on lasting_fragment;
select count(*) from loyalty.verify('lasting');

--
-- A row that was too wide for memory, and an error on the way from it to its event
--

create table notes (id int primary key, customer int, at timestamptz, note text);
create function checked(id int) returns int immutable language plpgsql as $$
begin
	if id > 100 then
		raise exception 'not that one';
	end if;
	return id;
end $$;
create view noted as select customer, loyalty.activity(at, 'note ' || checked(id)::text || ' of ' || length(note)::text) as event from notes;
select loyalty.track('noted', 'lasting');
set work_mem = '64kB';
insert into notes values (101, 1, '2025-01-02 00:00+00', repeat('x', 300000));
insert into notes values (102, 1, '2025-01-02 00:00+00', repeat('x', 300000));
insert into notes values (2, 1, '2025-01-02 00:00+00', repeat('x', 300000));
insert into notes values (3, 1, '2025-01-03 00:00+00', '');
select count(*) from loyalty.verify('lasting');
reset work_mem;

--
-- A function that is called immutable and comes back to the table that it is evaluated for
--

create function more(id int, at timestamptz) returns void language plpgsql as $$
begin
	if id in (11, 12) then
		insert into session.notes values (id + 1, 1, at, 'more') on conflict do nothing;
	end if;
end $$;
create function sly(id int, at timestamptz) returns timestamptz immutable language plpgsql as $$
begin
	perform session.more(id, at);
	return at;
end $$;
create or replace view noted as
	select customer, loyalty.activity(sly(id, at), 'note') as event from notes
	union all
	select customer, loyalty.activity(at, 'note ' || id::text) as event from notes where id > 10;
select loyalty.rebuild('lasting');
insert into notes values (11, 1, '2025-01-04 00:00+00', 'some');
select at, name from lasting, loyalty.events(history) where kind = 'activity' and at > '2025-01-03' order by 1, 2;
select count(*) from loyalty.verify('lasting');

drop schema session cascade;
