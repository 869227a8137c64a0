\set ECHO none
-- For regress tests: runs a statement that must fail, and shows its SQLSTATE, message, detail and hint.
create procedure pg_temp.error(statement text) language plpgsql as $$
declare
	message text; detail text; hint text;
begin
	execute statement;
	raise info 'no error';
exception when others then
	get stacked diagnostics message = message_text, detail = pg_exception_detail, hint = pg_exception_hint;
	-- the server's own words, which are not the same in all versions
	if hint ~ 'You might need to add explicit type casts\.$' then
		detail = '';
		hint = 'You might need to add explicit type casts.';
	end if;
	raise info '%', concat_ws(e'\n\t', sqlstate || ': ' || message, nullif(detail, ''), nullif(hint, ''));
end $$;
\set ECHO all
