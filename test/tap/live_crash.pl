# The server is killed in the middle of redemptions, orders and refunds: what it said was done is there when it comes
# back, and the kept histories are those of the tables.  CYCLES=500 for more than ten times, SEED= for other ones.

use strict;
use warnings;

use IPC::Run;
use Time::HiRes qw(sleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $clients = 8;
my $cycles = $ENV{CYCLES} || 10;
my $seed = $ENV{SEED} || 1;
srand($seed);

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->append_conf('postgresql.conf', "fsync = on\nmax_prepared_transactions = 2\nlog_statement = none\nlog_min_error_statement = panic");
$node->start;

$node->safe_psql('postgres', q{
create extension loyalty;
create table orders (id bigserial primary key, customer int, total int, at timestamptz default clock_timestamp());
create table refunds (id bigserial primary key, order_id bigint references orders, amount int, at timestamptz default clock_timestamp());
create table redemptions (id bigserial primary key, customer int, points int, at timestamptz default clock_timestamp());
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders
	union all select o.customer, loyalty.refund(r.at, r.amount, ref => r.order_id) from refunds r join orders o on o.id = r.order_id
	union all select customer, loyalty.redemption(at, points) from redemptions;
select loyalty.keep('club', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'club');
insert into orders (customer, total) select n, 1000 from generate_series(0, 20) n;

-- the redemption as the client remembers it, or "refused"
create function redeem(member int, wanted int) returns text language plpgsql as $$
declare
	made bigint;
begin
	insert into redemptions (customer, points) values (member, wanted) returning id into made;
	return format('%s|%s|%s', made, member, wanted);
exception when sqlstate 'LY001' then
	return 'refused';
end $$;
});

# member 0's points are spent by a prepared transaction, which outlives every crash
$node->safe_psql('postgres', q{begin; insert into redemptions (customer, points) values (0, 900); prepare transaction 'held'});

# What one client does: mostly redeem.  What it is told goes to its file, after the commit.
sub errands
{
	my $errands = '';
	for (1 .. 5000)
	{
		my $member = 1 + int(rand(20));
		my $points = 1 + int(rand(50));
		my $dice = rand();
		if ($dice < 0.5)
		{
			$errands .= "select redeem($member, $points);\n";
		}
		elsif ($dice < 0.6)
		{
			$errands .= "begin; insert into orders (customer, total) values ($member, $points); select redeem($member, $points) as told \\gset\ncommit;\n\\qecho :told\n";
		}
		elsif ($dice < 0.65)
		{
			$errands .= "begin; select redeem($member, $points) as told \\gset\nsavepoint a; select redeem($member, 1) \\gset\nrollback to a; commit;\n\\qecho :told\n";
		}
		elsif ($dice < 0.8)
		{
			$errands .= "insert into orders (customer, total) values ($member, $points), (21 - $member, 1);\n";
		}
		elsif ($dice < 0.85)
		{
			$errands .= "insert into refunds (order_id, amount) select id, 1 from orders where customer = $member order by id desc limit 1;\n";
		}
		elsif ($dice < 0.9)
		{
			$errands .= "update orders set total = $points where id = (select max(id) from orders where customer = $member);\n";
		}
		elsif ($dice < 0.95)
		{
			$errands .= "update orders set customer = $member where id = (select max(order_id) from refunds);\n";
		}
		else
		{
			$errands .= "select loyalty.compact('club', 3) \\gset\n";
		}
	}
	return $errands;
}

my $folder = PostgreSQL::Test::Utils::tempdir();
my $told = "$folder/told";

foreach my $cycle (1 .. $cycles)
{
	my @psql;
	foreach my $client (1 .. $clients)
	{
		append_to_file("$folder/errands.$client", errands());
		push @psql, IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr('postgres'), '-f', "$folder/errands.$client", '-o', "$told.$client" ], '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
	}
	sleep(0.1 + rand(0.8));

	my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;
	my @killed = ($postmaster, split ' ', `pgrep -P $postmaster`);
	$node->kill9;
	kill 'KILL', @killed;
	$_->finish foreach @psql;

	# until somebody has taken note of its death, the process is in the way of the next one
	my $patience = 300;
	sleep(0.1) while kill(0, @killed) && $patience-- > 0;
	$node->start;

	foreach my $client (1 .. $clients)
	{
		append_to_file($told, join('', grep { /^\d+\|\d+\|\d+\n/ } map { "$_\n" } split /\n/, slurp_file("$told.$client")));
		unlink "$told.$client", "$folder/errands.$client";
	}
	is($node->safe_psql('postgres', qq{
		create temp table told (id bigint, customer int, points int);
		copy told from '$told' (delimiter '|');
		select count(*) from told t left join redemptions r using (id, customer, points) where r.id is null}),
		0, "cycle $cycle: every redemption that a client was told of is there");
	is($node->safe_psql('postgres', q{select * from loyalty.verify('club')}), '', "cycle $cycle: the histories are those of the tables");
	is($node->safe_psql('postgres', q{select gid from pg_prepared_xacts}), 'held', "cycle $cycle: the prepared redemption is there");
	my ($status, $out, $err) = $node->psql('postgres', q{set lock_timeout = '50ms'; select redeem(0, 1)});
	like($err, qr/lock timeout/, "cycle $cycle: and others wait for it");
}

cmp_ok(scalar(split /\n/, slurp_file($told)), '>', 20 * $cycles, 'something was at stake');
is($node->safe_psql('postgres', 'select count(distinct customer) from redemptions'), 20, 'of every member');

$node->safe_psql('postgres', q{commit prepared 'held'});
is($node->safe_psql('postgres', 'select redeem(0, 101), redeem(0, 100) <> $$refused$$'), 'refused|t', 'the prepared redemption took its points');
is($node->safe_psql('postgres', q{select * from loyalty.verify('club')}), '', 'the histories are those of the tables');

$node->stop;
done_testing();
