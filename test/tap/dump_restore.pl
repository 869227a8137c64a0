# Stored histories and programs come through pg_dump and restore unchanged, to the byte.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->start;

# 300 customers with 1 to 60 events of every kind, out of order, and the odd ones: an empty history and none
$node->safe_psql('postgres', q{
create extension loyalty;
create table member (id int primary key, history loyalty.history, latest loyalty.event);
insert into member
select id, loyalty.history(event), (array_agg(event order by n))[1]
from (select id, n, '2020-02-29 23:59:59.999999+00'::timestamptz + make_interval(hours => (n * 7919 + id) % 40000) as at
      from generate_series(1, 300) id, generate_series(1, 1 + id % 60) n) as raw,
     lateral (values
         (loyalty.purchase(at, id * 1.25 + n, cost => n / 8.0, quantity => 1 + n % 3, tags => array['skin', 'web'], ref => id * 1000 + n)),
         (loyalty.refund(at + interval '3 days', id * 0.25, ref => id * 1000 + n)),
         (loyalty.redemption(at, n, ref => 'r' || n)),
         (loyalty.adjustment(at, -n, expires => at + interval '1 year', tags => array['goodwill'])),
         (loyalty.expense(at, n * 0.000001, tags => array['support'])),
         (loyalty.activity(at, name => 'birthday')),
         (loyalty.grant_tier(at, tier => 'gold', until => at + interval '1 year'))) as kinds (event)
group by id;
insert into member values
    (0, null, null),
    (-1, '[]', null);
create index on member using hash (history);
alter table member add promise loyalty.program;
update member set promise = format('{"program": "größte \"Überraschung\" %s", "timezone": "Europe/Berlin", "earn": [{"points": %s, "where": {"any": ["skin", "web"]}}]}', id, abs(id) + 0.25)::loyalty.program
where id < 100;
});

# everything there is to see of the table: the bytes that a client gets, the size as stored, and what they are worth
sub contents
{
	my ($database) = @_;
	return $node->safe_psql($database, q{
		select id, encode(loyalty.history_send(history), 'hex'), encode(loyalty.event_send(latest), 'hex'),
			pg_column_size(history), loyalty.revenue(history), loyalty.cost(history),
			encode(loyalty.program_send(promise), 'hex'), loyalty.points(history, promise, '2030-01-01')
		from member order by id});
}

my $before = contents('postgres');
is(scalar(split /\n/, $before), 302, 'there is something to lose');

my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';

$node->command_ok([ 'pg_dump', '-d', $node->connstr('postgres'), '-f', "$dump.sql" ], 'dump as SQL');
$node->safe_psql('postgres', 'create database plain');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plain'), '-f', "$dump.sql" ], 'restore by psql');
is(contents('plain'), $before, 'the same histories, by psql');

$node->command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('postgres'), '-f', "$dump.custom" ], 'dump in the custom format');
$node->safe_psql('postgres', 'create database custom');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('custom'), "$dump.custom" ], 'restore by pg_restore');
is(contents('custom'), $before, 'the same histories, by pg_restore');

# the same by the binary protocol
$node->safe_psql('custom', qq{
	copy member to '$dump.binary' with (format binary);
	truncate member;
	copy member from '$dump.binary' with (format binary)});
is(contents('custom'), $before, 'the same histories, by binary COPY');

# What compares histories, as doc/history.md says: what names the schema of its operator, or none at all, is there again
my %stays = (
	'same' => 'loyalty.same(a.h, b.h)',
	'operator' => 'a.h operator(loyalty.=) b.h',
	'by search_path' => 'a.h = b.h',
	'not equal' => 'a.h <> b.h',
	'in a list' => 'a.h in (b.h, \'[]\')',
	'in a query' => 'a.h in (select h from kept)',
	'between' => 'a.h between b.h and b.h',
	'greatest' => 'loyalty.same(greatest(a.h, b.h), b.h)',
	'whole rows' => 'a is not distinct from b',
	'distinct in full' => 'not coalesce(loyalty.same(a.h, b.h), a.h is null and b.h is null)',
	'nullif in full' => q{case when not loyalty.same(a.h, '[]') then a.h end is null},
	'events' => 'a.e operator(loyalty.=) b.e',
	'programs' => 'a.p operator(loyalty.=) b.p',
	'of a case' => 'case when loyalty.same(a.h, b.h) then true end');
my %lost = (
	'is distinct from' => 'a.h is distinct from b.h',
	'is not distinct from' => 'a.h is not distinct from b.h',
	'nullif' => 'nullif(a.h, b.h) is null',
	'case of' => 'case a.h when b.h then true end',
	'rows of columns' => '(a.id, a.h) is distinct from (b.id, b.h)');
my $views = '';
foreach my $name (keys %stays, keys %lost)
{
	my $condition = $stays{$name} // $lost{$name};
	$views .= qq{create view "$name" as select a.id from kept a, kept b where $condition;\n};
}
$node->safe_psql('postgres', qq{
create database compared});
$node->safe_psql('compared', qq{
create extension loyalty;
set search_path = public, loyalty;
create table kept (id int primary key, h loyalty.history, e loyalty.event, p loyalty.program);
create table before (like kept);
$views
create view "in order" as select distinct h, e, p from kept order by h, e, p;
create view "in groups" as select h, count(distinct e) from kept group by h union select h, 1 from before;
create view "join on, with schema" as select a.id from kept a join before b on a.h operator(loyalty.=) b.h;
create view "join on" as select a.id from kept a join before b on a.h = b.h;
create view "join using" as select a.id from kept a join before b using (h);
create view "natural join" as select id from (select id, p from kept) a natural join (select p from before) b;
create view "event is distinct from" as select id from kept where e is distinct from loyalty.activity(null, 'x');
create view "program is distinct from" as select id from kept where p is distinct from '{"program": "p", "timezone": "UTC"}';
create index on kept using hash (h);
alter table kept add constraint once exclude using hash (h with =);
create function note() returns trigger language plpgsql as \$\$ begin return null; end \$\$;
create trigger stays after update on kept for each row when (not loyalty.same(old.h, new.h)) execute function note();
create trigger stays_too after update on kept for each row when (old.* is distinct from new.*) execute function note();
create trigger lost after update on kept for each row when (old.h is distinct from new.h) execute function note();
});
my @lost = (keys %lost, 'join using', 'natural join', 'event is distinct from', 'program is distinct from', 'lost');
my $there = q{
	select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'
	union all select tgname from pg_trigger where not tgisinternal
	union all select conname from pg_constraint where contype = 'x'
	order by 1};
$node->command_ok([ 'pg_dump', '-d', $node->connstr('compared'), '-f', "$dump.compared" ], 'comparisons: dump');
$node->safe_psql('postgres', 'create database restored');
my ($status, $out, $err) = $node->psql('restored', "\\i $dump.compared", on_error_stop => 0);
is(scalar(() = $err =~ /ERROR:  operator does not exist: loyalty\.\w+ = loyalty\.\w+/g), scalar(@lost), 'comparisons: what names no schema fails');
my %lost_here = map { $_ => 1 } @lost;
is($node->safe_psql('restored', $there), join("\n", grep { !$lost_here{$_} } split /\n/, $node->safe_psql('compared', $there)), 'comparisons: and nothing else is missing');

$node->stop;
done_testing();
