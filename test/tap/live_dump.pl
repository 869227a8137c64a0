# Live histories come through dumps, upgrades of the extension and of the server, and the loss of the extension.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->start;
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';

my $views = q{
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders
	union all
	select o.customer, loyalty.refund(r.at, r.amount, ref => r.order_id) from refunds r join orders o on o.id = r.order_id
	union all
	select customer, loyalty.redemption(at, points) from redemptions;
create view sold as select customer, loyalty.purchase(at, total) as event from sale;
};
my $keep = q{
select loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'loyal');
select loyalty.keep('Sold "out"', 'text');
select loyalty.track('sold', '"Sold ""out"""');
};

# 40 customers with orders, refunds and redemptions; sales in two partitions; some changes are in the base rows, some beside them
$node->safe_psql('postgres', qq{
create extension loyalty;
create schema shop;
set search_path = shop;
create table orders (id int primary key, customer int, at timestamptz, total numeric);
create table refunds (id int primary key, order_id int references orders on update cascade on delete cascade, at timestamptz, amount numeric);
create table redemptions (id int primary key, customer int, at timestamptz, points int);
create table sale (customer text, at timestamptz, total numeric) partition by range (at);
create table sale_2025 partition of sale for values from ('2025-01-01') to ('2026-01-01');
create table sale_2026 partition of sale for values from ('2026-01-01') to ('2027-01-01');
$views
insert into orders select n, n % 40, '2025-01-01 00:00+00'::timestamptz + n * interval '1 hour', n from generate_series(1, 400) n;
$keep
insert into refunds select n, n * 7, '2025-02-01 00:00+00', 1 from generate_series(1, 40) n;
insert into redemptions select n, n, '2025-03-01 00:00+00', 5 from generate_series(1, 20) n;
update orders set total = total + 1 where id % 10 = 0;
insert into orders select n, n % 50, '2025-04-01 00:00+00', 3 from generate_series(401, 450) n;
insert into sale select n % 7, '2025-12-01 00:00+00'::timestamptz + n * interval '1 day', n from generate_series(1, 60) n;
});

# customers, histories and points; what is wrong with them
sub contents
{
	my ($database, $on) = @_;
	return ($on // $node)->safe_psql($database, q{
		set search_path = shop;
		select customer, encode(loyalty.history_send(history), 'hex'), loyalty.points(history, program) from loyal, loyal_program order by customer;
		select customer, encode(loyalty.history_send(history), 'hex') from "Sold ""out""" order by customer});
}

sub wrong
{
	my ($database, $on) = @_;
	return ($on // $node)->safe_psql($database, q{
		set search_path = shop;
		select 'loyal', customer, reason from loyalty.verify('loyal') union all select 'sold', customer, reason from loyalty.verify('"Sold ""out"""');
		select relation, state from loyalty.tracked where state <> 'ok'});
}

# they go on: a redemption beyond the points is refused, another one and each other kind of change counts; 10 rolls all of it back
sub works
{
	my ($database, $name, $on) = @_;
	$on //= $node;
	my ($status, $out, $err) = $on->psql($database, q{
		set search_path = shop;
		insert into redemptions values (9001, 3, '2025-06-01', 100000)}, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  LY001: redemption of 100000 points refused/, "$name: a redemption beyond the points is refused");
	is($on->safe_psql($database, q{
		set search_path = shop;
		begin;
		insert into orders values (9001, 3, '2025-06-01', 50), (9002, 77, '2025-06-01', 60);
		insert into refunds values (9001, 9001, '2025-06-02', 10);
		insert into redemptions values (9001, 77, '2025-06-02', 45);
		update orders set id = 9003 where id = 9001;
		insert into sale values ('77', '2026-06-01', 5);
		insert into sale_2025 values ('77', '2025-06-01', 6);
		select loyalty.points(history, program) from loyal, loyal_program where customer = 77;
		select loyalty.revenue(history) from "Sold ""out""" where customer = '77';
		select count(*) from loyalty.verify('loyal');
		select count(*) from loyalty.verify('"Sold ""out"""');
		rollback}), "15\n11\n0\n0", "$name: the triggers work");
}

my $before = contents('postgres');
is(scalar(split /\n/, $before), 57, 'fifty customers of the one, seven of the other');
is(wrong('postgres'), '', 'they are right to begin with');
works('postgres', 'before');

# Only types that an upgrade of the server can carry over
is($node->safe_psql('postgres', q{
	select a.attrelid::regclass, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
	where c.relnamespace = 'shop'::regnamespace and a.attnum > 0
	and a.atttypid in ('regproc'::regtype, 'regprocedure'::regtype, 'regoper'::regtype, 'regoperator'::regtype, 'regconfig'::regtype,
		'regdictionary'::regtype, 'regnamespace'::regtype, 'regcollation'::regtype)}), '', 'no column is of a type that pg_upgrade refuses');

# A dump of all
foreach my $format ('plain', 'custom')
{
	$node->safe_psql('postgres', "create database $format");
	$node->command_ok([ 'pg_dump', "--format=$format", '-d', $node->connstr('postgres'), '-f', "$dump.$format" ], "$format: dump");
	$node->command_ok($format eq 'plain' ?
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($format), '-f', "$dump.plain" ] :
		[ 'pg_restore', '-e', '-j', '2', '-d', $node->connstr($format), "$dump.custom" ], "$format: restore");
	is(contents($format), $before, "$format: the same histories");
	is(wrong($format), '', "$format: nothing wrong");
	works($format, $format);
}

# The schema alone: without the rows of loyal_source no view is bound; to track again is enough
$node->safe_psql('postgres', 'create database empty');
$node->command_ok([ 'pg_dump', '--schema-only', '-d', $node->connstr('postgres'), '-f', "$dump.schema" ], 'schema: dump');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('empty'), '-f', "$dump.schema" ], 'schema: restore');
my ($status, $out, $err) = $node->psql('empty', 'insert into shop.orders values (1, 1, now(), 1)', extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($err, qr/ERROR:  55000: .*does not feed live history/, 'schema: a row that would not be counted is refused');
like($err, qr/HINT:  .*loyalty\.track\(\)/, 'schema: and the remedy named');
$node->safe_psql('empty', q{
	set search_path = shop;
	select loyalty.track('event', 'loyal'), loyalty.track('sold', '"Sold ""out"""');
	select loyalty.set_program('loyal', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
	insert into orders values (1, 3, '2025-01-01', 100)});
is(wrong('empty'), '', 'schema: nothing wrong once they are tracked again');
works('empty', 'schema');

# The data alone, into that schema
$node->safe_psql('postgres', 'create database parts');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('parts'), '-f', "$dump.schema" ], 'data: schema');
$node->command_ok([ 'pg_dump', '--data-only', '--disable-triggers', '-d', $node->connstr('postgres'), '-f', "$dump.data" ], 'data: dump');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('parts'), '-f', "$dump.data" ], 'data: restore');
is(contents('parts'), $before, 'data: the same histories');
is(wrong('parts'), '', 'data: nothing wrong');
works('parts', 'data');

# With the triggers on, rows that are in the dumped histories are counted again: that does not pass for right, and rebuild() mends it
$node->safe_psql('postgres', 'create database doubled');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('doubled'), '-f', "$dump.schema" ], 'doubled: schema');
$node->command_ok([ 'pg_dump', '--data-only', '-d', $node->connstr('postgres'), '-f', "$dump.doubled" ], 'doubled: dump');
$node->psql('doubled', "\\i $dump.doubled", on_error_stop => 0);
isnt(wrong('doubled'), '', 'doubled: it does not pass for right');
$node->safe_psql('doubled', q{set search_path = shop; select loyalty.rebuild('loyal'), loyalty.rebuild('"Sold ""out"""')});
is(wrong('doubled'), '', 'doubled: rebuild() mends it');

# The extension cannot go while live histories stand on it; if it is made to go, the shop's rows stay and give the same again
($status, $out, $err) = $node->psql('plain', 'drop extension loyalty');
like($err, qr/cannot drop extension loyalty because other objects depend on it/, 'the extension is not dropped by mistake');
is(contents('plain'), $before, 'and nothing has happened');
$node->safe_psql('plain', 'drop extension loyalty cascade');
is($node->safe_psql('plain', q{
	set search_path = shop;
	select (select count(*) from orders), (select count(*) from refunds), (select count(*) from redemptions), (select count(*) from sale);
	select count(*) from pg_trigger where not tgisinternal;
	insert into orders values (9001, 3, now(), 1);
	delete from orders where id = 9001}), "450|40|20|60\n0", 'without it, the shop has its rows, and works');
$node->safe_psql('plain', qq{
	create extension loyalty;
	set search_path = shop;
	drop table loyal_base, loyal_fragment, loyal_source, loyal_program, loyal_row,
		"Sold ""out""_base", "Sold ""out""_fragment", "Sold ""out""_source", "Sold ""out""_program", "Sold ""out""_row";
	$views
	$keep});
is(contents('plain'), $before, 'the same histories again, from the rows alone');
is(wrong('plain'), '', 'and nothing wrong');
works('plain', 'made again');

# Another version of the extension, with live data and a session that has been there before
my $version = $node->safe_psql('postgres', q{select extversion from pg_extension where extname = 'loyalty'});
my ($sharedir) = PostgreSQL::Test::Utils::run_command([ 'pg_config', '--sharedir' ]);
my $script = "$sharedir/extension/loyalty--$version--${version}test.sql";
append_to_file($script, "CREATE FUNCTION loyalty.news() RETURNS text LANGUAGE sql RETURN 'none';\n");
my $session = $node->background_psql('custom', on_error_die => 1);
$session->query(q{set search_path = shop; insert into orders values (9101, 1, '2025-07-01', 7); insert into refunds values (9101, 9101, '2025-07-02', 1)});
$node->safe_psql('custom', "alter extension loyalty update to '${version}test'");
unlink $script;
is($node->safe_psql('custom', 'select loyalty.news()'), 'none', 'the extension is updated');
$session->query(q{insert into orders values (9102, 1, '2025-07-03', 8); update refunds set amount = 2 where id = 9101; insert into redemptions values (9101, 1, '2025-07-04', 6)});
is($session->query(q{select loyalty.points(history, program) - 7 + 2 - 8 + 6 from loyal, loyal_program where customer = 1}),
	$node->safe_psql('postgres', q{select loyalty.points(history, program) from shop.loyal, shop.loyal_program where customer = 1}), 'an old session goes on');
$session->quit;
is(wrong('custom'), '', 'nothing is wrong after the update');
works('custom', 'updated');
# that version is known nowhere else
$node->safe_psql('postgres', 'drop database custom');

# The server's own upgrade
my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
my ($bindir) = PostgreSQL::Test::Utils::run_command([ 'pg_config', '--bindir' ]);
$node->stop;
chdir PostgreSQL::Test::Utils::tempdir();
command_ok([ 'pg_upgrade', '--no-sync', '-d', $node->data_dir, '-D', $new->data_dir, '-b', $bindir, '-B', $bindir, '-s', $node->host, '-p', $node->port, '-P', $new->port ],
	'pg_upgrade');
$new->start;
is(contents('postgres', $new), $before, 'pg_upgrade: the same histories');
is(wrong('postgres', $new), '', 'pg_upgrade: nothing wrong');
works('postgres', 'pg_upgrade', $new);
works('parts', 'pg_upgrade of what was restored', $new);

$new->stop;
done_testing();
