# A view may call anybody's function, and what that looks up is looked up in pg_catalog, never where the caller of the
# shop's statement likes: also if it is written in C, and however the statement is evaluated.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# A module of somebody's, whose function asks SQL, though it is called immutable
my $directory = PostgreSQL::Test::Utils::tempdir();
my ($include) = PostgreSQL::Test::Utils::run_command([ 'pg_config', '--includedir-server' ]);
append_to_file("$directory/foreign.c", q{
#include "postgres.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "utils/builtins.h"

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(magnitude);

Datum
magnitude(PG_FUNCTION_ARGS)
{
	int32		result;
	bool		isnull;
	Oid			type = 23;
	Datum		value = PG_GETARG_DATUM(0);

	SPI_connect();
	SPI_execute_with_args("select abs($1)", 1, &type, &value, NULL, true, 1);
	result = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	PG_RETURN_INT32(result);
}
});
command_ok([ 'cc', '-shared', '-fPIC', "-I$include", '-o', "$directory/foreign.so", "$directory/foreign.c" ], 'a module of somebody\'s');

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->start;
$node->safe_psql('postgres', qq{
create extension loyalty;
create role owner_;
create role clerk;
create schema shop authorization owner_;
create schema lair authorization clerk;
create function magnitude(int) returns int as '$directory/foreign' language c immutable strict;
grant execute on all functions in schema loyalty to owner_;
grant usage on schema shop to clerk;
set role owner_;
set search_path = shop;
create table orders (id int primary key, customer int, at timestamptz, total int);
create table lines (id int primary key, order_id int references orders, at timestamptz, total int);
create view event as
	select customer, loyalty.purchase(at, public.magnitude(total), ref => id) as event from orders;
create view line_event as
	select o.customer, loyalty.purchase(l.at, public.magnitude(l.total), ref => o.id) as event from lines l join orders o on o.id = l.order_id;
select loyalty.keep('loyal', 'int'), loyalty.keep('lined', 'int');
select loyalty.track('event', 'loyal'), loyalty.track('line_event', 'lined');
grant insert, select, update, delete on orders, lines to clerk;

set role clerk;
set search_path = lair;
create table log (who name);
grant insert on log to public;
grant usage on schema lair to public;
create function abs(int) returns int language plpgsql as \$\$
begin
	insert into lair.log values (current_user);
	return 5000;
end \$\$;
});

my $clerk = 'set role clerk; set search_path = lair, pg_catalog;';
foreach my $statement (
	"insert into shop.orders values (1, 1, '2025-01-01', -5)",
	"insert into shop.orders values (2, 1, '2025-01-01', -5), (3, 2, '2025-01-01', -5)",
	'update shop.orders set total = -6 where id = 1',
	'update shop.orders set total = -6',
	"insert into shop.lines values (1, 1, '2025-01-01', -7)",
	'update shop.lines set total = -8',
	'delete from shop.orders where id = 2')
{
	$node->safe_psql('postgres', "$clerk $statement");
	is($node->safe_psql('postgres', 'select count(*) from lair.log'), '0', "nothing of the clerk's was run: $statement");
}
# in one session too, whose first statement has made all ready
$node->safe_psql('postgres', "set role owner_; insert into shop.orders values (10, 9, '2025-01-01', 1); reset role; $clerk insert into shop.orders values (11, 9, '2025-01-01', -1)");
is($node->safe_psql('postgres', 'select count(*) from lair.log'), '0', 'nor in a session that was the owner\'s before');
is($node->safe_psql('postgres', q{
	set role owner_; set search_path = shop;
	select customer, loyalty.revenue(history) from loyal union all select customer, loyalty.revenue(history) from lined order by 1, 2}), "1|6\n1|8\n2|6\n9|2",
	'and the amounts are right');

# An expression that was harmless is not any more once its function has been replaced
$node->safe_psql('postgres', q{
create function magnitude(bigint) returns bigint as 'int8abs' language internal immutable strict;
set role owner_; set search_path = shop;
create or replace view event as select customer, loyalty.purchase(at, public.magnitude(total::bigint), ref => id) as event from orders;
select loyalty.rebuild('loyal');
reset role;
set role clerk; set search_path = lair, pg_catalog;
create function abs(bigint) returns bigint language plpgsql as $$
begin
	insert into lair.log values (current_user);
	return 5000;
end $$;
insert into shop.orders values (20, 20, '2025-01-01', -20);
reset role;
create or replace function public.magnitude(bigint) returns bigint language plpgsql immutable strict as 'begin return abs($1); end';
set role clerk; set search_path = lair, pg_catalog;
insert into shop.orders values (21, 20, '2025-01-01', -20);
});
is($node->safe_psql('postgres', q{
	select count(*) from lair.log;
	set role owner_; set search_path = shop;
	select loyalty.revenue(history) from loyal where customer = 20}), "0\n40", 'a function that is replaced in mid-session');

$node->stop;
done_testing();
