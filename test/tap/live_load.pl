# 64 clients redeem from ten members while orders and refunds come in: at no isolation level are points spent twice.
# ATTEMPTS=200000 for more than the 20,000 redemptions tried at each level.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $clients = 64;
my $attempts = $ENV{ATTEMPTS} || 20_000;

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->append_conf('postgresql.conf', "max_connections = 500\nfsync = off\nlog_statement = none\nlog_min_error_statement = panic\nlog_min_messages = panic");
$node->start;

$node->safe_psql('postgres', q{
create extension loyalty;
create table orders (id bigserial primary key, customer int, total int, at timestamptz default clock_timestamp());
create table refunds (order_id bigint primary key, customer int, amount int, at timestamptz default clock_timestamp());
create table redemptions (id bigserial primary key, customer int, points int, at timestamptz default clock_timestamp());
create index on orders (customer, id);
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders
	union all select customer, loyalty.refund(at, amount, ref => order_id) from refunds
	union all select customer, loyalty.redemption(at, points) from redemptions;
select loyalty.keep('club', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'club');

-- Redeems for some of ten members in one statement.  The ids of the redemptions, NULL if it was refused.
create function redeem(first int, rows int) returns bigint[] language plpgsql as $$
declare
	made bigint[];
begin
	with r as (
		insert into redemptions (customer, points)
		select member, 1 + floor(random() * 100) from generate_series(first, first + 9) member order by random() limit rows
		returning id)
	select array_agg(id) into made from r;
	return made;
exception when sqlstate 'LY001' then
	return null;
end $$;

-- Takes an order back, unless its points have been spent.
create function take_back(member int, nth int) returns void language plpgsql as $$
begin
	insert into refunds (order_id, customer, amount)
	select id, customer, total from orders where customer = member order by id desc offset nth limit 1
	on conflict do nothing;
	if (select loyalty.overdrawn(history, program) from club, club_program where customer = member) then
		raise sqlstate 'LY001';
	end if;
exception when sqlstate 'LY001' then
	null;
end $$;

-- what a client was told, written in a transaction of its own after the redemption's
create table acknowledged (id bigint);
});

my $script = $node->basedir . '/attempt.sql';
append_to_file($script, q{\set dice random(1, 1000)
\set member :first + :dice % 10
\set points random(1, 100)
\if :dice <= 20
insert into orders (customer, total) values (:member, :points);
\elif :dice <= 50
select take_back(:member, :points / 20);
\endif
\set rows 1 + 8 * (:dice % 2)
select coalesce(cardinality(ids), 0) as made, ids from redeem(:first, :rows) ids \gset
\if :made > 0
insert into acknowledged select unnest(:ids::bigint[]);
\endif
});

# points left after each redemption, in the order of their dates, by plain addition; below zero is an overspend
my $replay = q{
select count(*) from (
	select kind, sum(points) over (partition by customer order by at, kind, id) as left
	from (select customer, at, 1 as kind, id, total as points from orders
		union all select customer, at, 2, order_id, -amount from refunds
		union all select customer, at, 3, id, -points from redemptions) as e) as s
where kind = 3 and s.left < 0};

my $first = 1;
foreach my $level ('read committed', 'repeatable read', 'serializable')
{
	$node->safe_psql('postgres', "insert into orders (customer, total) select n, 500 from generate_series($first, $first + 9) n");
	my $before = $node->safe_psql('postgres', 'select last_value from redemptions_id_seq');

	my ($tried, $retries, $began) = (0, 0, time);

	# 40001 is tried again, as a shop would.  The sequence moves for every redemption tried, refused ones too.
	local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . ($level =~ s/ /\\ /r);
	while ($tried < $attempts)
	{
		my ($out, $err) = ('', '');
		IPC::Run::run([ 'pgbench', '-n', '-M', 'prepared', '-c', $clients, '-j', 2, '-T', 3, '--max-tries=100000',
				'-D', "first=$first", '-f', $script, $node->connstr('postgres') ], '>', \$out, '2>', \$err)
		  or die($err);
		$retries += $1 if $out =~ /^total number of retries: (\d+)/m;
		$tried = $node->safe_psql('postgres', 'select last_value from redemptions_id_seq') - $before;
	}
	delete $ENV{PGOPTIONS};

	cmp_ok($tried, '>=', $attempts, "$level: so many redemptions were tried");
	my ($accepted, $back) = split /\|/, $node->safe_psql('postgres', "
		select (select count(*) from redemptions where customer >= $first), (select count(*) from refunds where customer >= $first)");
	cmp_ok($accepted, '>=', $attempts / 2000, "$level: some were accepted");
	cmp_ok($back, '>=', $attempts / 20000, "$level: some orders were taken back");
	note("$level: $tried tried, $accepted accepted, $retries retries in ", time - $began, ' s');

	is($node->safe_psql('postgres', $replay), 0, "$level: no redemption took what was not there");
	is($node->safe_psql('postgres', 'select count(*) from club, club_program where loyalty.overdrawn(history, program)'), 0, "$level: overdrawn agrees");
	is($node->safe_psql('postgres', q{select count(*) from loyalty.verify('club')}), 0, "$level: the histories are those of the tables");
	is($node->safe_psql('postgres', q{
		select count(*) from redemptions r full join acknowledged a using (id) where r.id is null or a.id is null}),
		0, "$level: what was accepted is there, and nothing else");
	$first += 10;
}
is($node->safe_psql('postgres', 'select deadlocks from pg_stat_database where datname = current_database()'), 0, 'no deadlocks');

$node->stop('immediate');
done_testing();
