-- N random cases on two processors, each made of its seed by the function that "asked" names: the first that is wrong is made
-- smaller and fails the run. Include it where wrong(), fault() and fail() of such a case are defined.

create table seed as select g as seed from generate_series(:seed * 10000000::bigint, :seed * 10000000::bigint + :n - 1) as g;
alter table seed set (parallel_workers = 1);
analyze seed;
set parallel_setup_cost = 0;
set parallel_tuple_cost = 0;
set min_parallel_table_scan_size = 0;
\set ON_ERROR_STOP off
select coalesce(min(seed)::text, '') as found from (select seed from seed where wrong(:asked(seed)) is not null limit 1) as s \gset
\if :ERROR
	-- which one was it?
	select coalesce(min(seed)::text, '') as found from (select seed from seed where fault(:asked(seed)) is not null limit 1) as s \gset
\endif
\set ON_ERROR_STOP on
select :'found' <> '' as failed \gset
\if :failed
	call fail('case ' || :'found', :asked(:'found'));
\endif
select 'random cases', count(*) from seed;
