-- What a test expects of a query; whatever else it gives fails the run.

-- No rows: it looks for contradictions, and the first of them is shown
create procedure expect_none(claim text, query text) language plpgsql as $$
declare
	found record;
	n bigint;
begin
	execute query into found;
	get diagnostics n = row_count;
	if n > 0 then
		raise exception '% - does not hold for %', claim, to_jsonb(found);
	end if;
end $$;
-- A plan whose workers aggregate
create procedure expect_parallel(query text) language plpgsql as $$
declare
	line text;
begin
	for line in execute 'explain (costs off) ' || query loop
		if line ~ 'Partial (Hash|Group)?Aggregate' then
			return;
		end if;
	end loop;
	raise exception 'no partial aggregate in the plan of %', query;
end $$;
-- The columns that a query gives, in order
create procedure expect_columns(query text, columns text) language plpgsql as $$
begin
	execute 'create temp view shown as ' || query;
	if (select string_agg(attname, ', ' order by attnum) from pg_attribute where attrelid = 'shown'::regclass and attnum > 0) <> columns then
		raise exception 'not the columns of %: %', query, columns;
	end if;
	drop view shown;
end $$;
