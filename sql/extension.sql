-- extension: what CREATE EXTENSION has made, looked at from outside

\pset null 'null'
create temp view member as
select classid::regclass as class, objid from pg_depend
where refclassid = 'pg_extension'::regclass and refobjid = (select oid from pg_extension where extname = 'loyalty') and deptype = 'e';
create temp view made as select p.*, p.oid::regprocedure::text as signature from pg_proc as p join member on objid = p.oid and class = 'pg_proc'::regclass;

-- Everything stands in the schema loyalty, which is the extension's own
select class, pg_describe_object(class, objid, 0) as elsewhere from member
where (class = 'pg_proc'::regclass and (select pronamespace from pg_proc where oid = objid) <> 'loyalty'::regnamespace)
	or (class = 'pg_type'::regclass and (select typnamespace from pg_type where oid = objid) <> 'loyalty'::regnamespace)
	or (class = 'pg_operator'::regclass and (select oprnamespace from pg_operator where oid = objid) <> 'loyalty'::regnamespace)
	or (class = 'pg_opclass'::regclass and (select opcnamespace from pg_opclass where oid = objid) <> 'loyalty'::regnamespace)
	or (class = 'pg_opfamily'::regclass and (select opfnamespace from pg_opfamily where oid = objid) <> 'loyalty'::regnamespace);
select extname, extnamespace::regnamespace, extrelocatable from pg_extension where extname = 'loyalty';
select proname from pg_proc where pronamespace = 'loyalty'::regnamespace and oid not in (select oid from made);

-- Nothing acts with its owner's rights or says that it leaks nothing; what is written in PL/pgSQL looks up names in pg_catalog only
select signature from made where prosecdef or proleakproof or proconfig[1] <> 'search_path=pg_catalog, pg_temp'
or proconfig is null and (select lanname from pg_language where oid = prolang) = 'plpgsql';

-- What writes, or evaluates the shop's views, is not for everybody
select string_agg(signature, e'\n' order by signature collate "C") from made where not has_function_privilege('pg_monitor', oid, 'execute');

-- What is a pure function of its arguments says so, and may run in any worker; the others look after live histories
select signature, provolatile, proparallel from made where prolang = (select oid from pg_language where lanname = 'c') and (provolatile <> 'i' or proparallel <> 's') order by signature collate "C";
select signature from made where prokind = 'a' and proparallel <> 's';

-- A NULL argument makes a NULL answer, but for these
select string_agg(signature, e'\n' order by signature collate "C") from made where not proisstrict and prokind = 'f';

-- Casts are explicit; none runs by itself, but where a string is stored
select castsource::regtype, casttarget::regtype, castcontext from pg_cast as c join member on objid = c.oid and class = 'pg_cast'::regclass
order by castsource::regtype::text, casttarget::regtype::text;

-- The aggregates: they may be pushed to workers, share a state, and be asked again and again
select aggfnoid::regprocedure, aggtranstype::regtype, aggcombinefn <> 0 as combines, aggfinalmodify from pg_aggregate join made on made.oid = aggfnoid order by 1::text;

-- Every type, and every function that is called by its name, is described
select signature as undescribed from made
where obj_description(oid, 'pg_proc') is null
	and oid not in (select oprcode from pg_operator union select typinput from pg_type union select typoutput from pg_type union select typreceive from pg_type union select typsend from pg_type
		union select amproc from pg_amproc);
select objid::regtype as undescribed from member where class = 'pg_type'::regclass and obj_description(objid, 'pg_type') is null
	and (select typcategory <> 'A' and typtype <> 'c' from pg_type where oid = objid);

-- The classes hold what the server demands of them
select opcname, amvalidate(opc.oid) from pg_opclass as opc join member on objid = opc.oid and class = 'pg_opclass'::regclass order by opcname, opcmethod;
create function pg_temp.btree_is_used(type text) returns boolean language plpgsql as $$
begin
	execute format('create temp table of_%s (v loyalty.%1$s unique)', type);
	return true;
end $$;
select pg_temp.btree_is_used(type) from unnest(array['event', 'history']) as type;

-- Whatever stands on the search_path, the answers are the same: another numeric, another =, another now()
create schema trap;
create function trap.numeric_add(numeric, numeric) returns numeric language sql as 'select 666.0';
create operator trap.+ (leftarg = numeric, rightarg = numeric, function = trap.numeric_add);
create function trap.texts_differ(text, text) returns boolean language sql as 'select false';
create operator trap.= (leftarg = text, rightarg = text, function = trap.texts_differ);
create function trap.now() returns timestamptz language sql as $$ select timestamptz '2000-01-01 00:00+00' $$;
create domain trap.numeric as text;
set search_path = trap, pg_catalog;
select loyalty.revenue(loyalty.history(e)), loyalty.cost(loyalty.history(e), 'b') as cost_b, loyalty.orders(loyalty.history(e)),
	loyalty.unprofitable_since(loyalty.history(e), '100 years') as since
from (values (loyalty.purchase('2025-01-01 00:00+00', 1, 5, tags => '{a,b}', ref => 'x')), (loyalty.purchase('2025-01-01 00:00+00', 2, ref => 'x'))) as v(e);
reset search_path;
set search_path = '';
select loyalty.history(e) from (values (loyalty.purchase('2025-01-01 00:00+00', 1, ref => 5)), ('{"at": "2025-01-01T00:00Z", "kind": "refund", "amount": 1}')) as v(e);
reset search_path;
set client_min_messages = warning;
drop schema trap cascade;
reset client_min_messages;

-- Anyone may use it, without rights of their own
create role loyalty_regress_analyst;
set role loyalty_regress_analyst;
select loyalty.profit(loyalty.history(now(), 1)) as profit;
reset role;
drop role loyalty_regress_analyst;

-- It can be dropped where no column holds its values, leaves nothing behind, and can be made again
\set here :DBNAME
create database loyalty_regress_other;
\c loyalty_regress_other
create extension loyalty;
create table holder (h loyalty.history);
drop extension loyalty;
drop table holder;
drop extension loyalty;
select count(*) as left_behind from pg_proc where pronamespace = (select oid from pg_namespace where nspname = 'loyalty');
create extension loyalty;
select loyalty.revenue('[]');
\c :here
drop database loyalty_regress_other;
