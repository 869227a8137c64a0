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

$node->stop;
done_testing();
