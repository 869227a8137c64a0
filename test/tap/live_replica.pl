# Live histories on other servers: a logical subscriber, a physical standby.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $shop = PostgreSQL::Test::Cluster->new('shop');
$shop->init(allows_streaming => 'logical');
$shop->start;

# no schema of its own: names that need a search_path would be found out
$shop->safe_psql('postgres', q{
create extension loyalty;
create table orders (id int primary key, customer int, at timestamptz, total numeric);
create table refunds (id int primary key, order_id int references orders on update cascade on delete cascade, at timestamptz, amount numeric);
create table redemptions (id int primary key, customer int, at timestamptz, points int);
create view event as
	select customer, loyalty.purchase(at, total, ref => id) as event from orders
	union all
	select o.customer, loyalty.refund(r.at, r.amount, ref => r.order_id) from refunds r join orders o on o.id = r.order_id
	union all
	select customer, loyalty.redemption(at, points) from redemptions;
select loyalty.keep('loyal', 'int', '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}]}');
select loyalty.track('event', 'loyal');
insert into orders select n, n % 20, '2025-01-01 00:00+00'::timestamptz + n * interval '1 hour', n from generate_series(1, 200) n;
insert into refunds select n, n * 3, '2025-02-01 00:00+00', 1 from generate_series(1, 20) n;
insert into redemptions select n, n, '2025-03-01 00:00+00', 5 from generate_series(1, 10) n;
insert into orders select n, n % 25, '2025-04-01 00:00+00', 3 from generate_series(201, 250) n;
});

my $contents = q{
	select customer, encode(loyalty.history_send(history), 'hex'), loyalty.points(history, program) from loyal, loyal_program order by customer};
my $wrong = q{
	select customer, reason from loyalty.verify('loyal');
	select relation, state from loyalty.tracked where state <> 'ok'};

# every kind of change; after it each copy must hold the same
my $round = 0;
sub changes
{
	$round++;
	return qq{
		insert into orders select 1000 * $round + n, n % 30, '2025-05-01 00:00+00', n from generate_series(1, 60) n;
		update orders set total = total + 1 where id % 7 = 0;
		update orders set customer = customer + 1 where id % 11 = 0;
		update orders set id = id + 500 where id % 1000 = 13;
		insert into refunds select 1000 * $round + n, 1000 * $round + n, '2025-05-02 00:00+00', 1 from generate_series(20, 30) n;
		delete from refunds where id % 5 = 0;
		delete from orders where id % 23 = 0;
		insert into redemptions values (1000 * $round, 7, '2025-06-01 00:00+00', 2);
		begin;
		insert into orders values (-$round, 99, '2025-06-01 00:00+00', 100);
		rollback;
		select loyalty.compact('loyal', 5);
		insert into orders values (1000 * $round + 100, 100 + $round, '2025-06-01 00:00+00', 40)};
}

#
# Logical replication: the live tables are published with the shop's.  Changes that are applied fire no triggers.
#
my $reports = PostgreSQL::Test::Cluster->new('reports');
$reports->init(allows_streaming => 'logical');
$reports->start;
my $dump = PostgreSQL::Test::Utils::tempdir() . '/schema';
$shop->command_ok([ 'pg_dump', '--schema-only', '-d', $shop->connstr('postgres'), '-f', $dump ], 'schema from the publisher');
$reports->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $reports->connstr('postgres'), '-f', $dump ], 'to the subscriber');
$shop->safe_psql('postgres', q{
	create publication shop for table orders, refunds, redemptions, loyal_base, loyal_fragment, loyal_source, loyal_program, loyal_row});
my $connection = $shop->connstr . ' dbname=postgres';
$reports->safe_psql('postgres', "create subscription reports connection '$connection' publication shop");
$reports->wait_for_subscription_sync($shop, 'reports');

my $there = $shop->safe_psql('postgres', $contents);
is(scalar(split /\n/, $there), 25, 'twenty-five customers');
is($reports->safe_psql('postgres', $contents), $there, 'the first copy is the same');
is($reports->safe_psql('postgres', $wrong), '', 'and right');
for (1 .. 3)
{
	$shop->safe_psql('postgres', changes());
	$shop->wait_for_catchup('reports');
	is($reports->safe_psql('postgres', $contents), $shop->safe_psql('postgres', $contents), "round $round: the same on the subscriber");
	is($reports->safe_psql('postgres', $wrong), '', "round $round: and right");
}
is($shop->safe_psql('postgres', $wrong), '', 'the publisher is right too');
$shop->safe_psql('postgres', 'truncate refunds');
$shop->wait_for_catchup('reports');
is($reports->safe_psql('postgres', $contents), $shop->safe_psql('postgres', $contents), 'after TRUNCATE: the same on the subscriber');
is($reports->safe_psql('postgres', $wrong), '', 'after TRUNCATE: and right');

# A live history of the subscriber's own would miss what is applied: verify() says so
$reports->safe_psql('postgres', q{select loyalty.keep('own', 'int'); select loyalty.track('event', 'own')});
is($reports->safe_psql('postgres', q{select count(*) from loyalty.verify('own')}), '0', 'a history of its own is right at first');
$shop->safe_psql('postgres', q{insert into orders values (90001, 5, '2025-07-01 00:00+00', 10)});
$shop->wait_for_catchup('reports');
like($reports->safe_psql('postgres', q{select customer, reason from loyalty.verify('own')}), qr/^5\|rows changed without a trigger/, 'and then misses what is applied');
is($reports->safe_psql('postgres', $wrong), '', 'unlike the one that is applied too');
$reports->safe_psql('postgres', q{select loyalty.untrack('event', 'own')});

# The subscriber takes over: sequences are not replicated, so fragments are taken in first
$reports->safe_psql('postgres', q{drop subscription reports; select loyalty.rebuild('loyal')});
$reports->safe_psql('postgres', changes());
is($reports->safe_psql('postgres', $wrong), '', 'once it stands alone its triggers work');
my ($status, $out, $err) = $reports->psql('postgres', q{insert into redemptions values (90002, 5, '2025-08-01 00:00+00', 100000)});
like($err, qr/redemption of 100000 points refused/, 'and it refuses what is not there');
$reports->stop;

#
# A physical standby
#
$shop->backup('copy');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($shop, 'copy', has_streaming => 1);
$standby->start;
$shop->safe_psql('postgres', changes());
$shop->safe_psql('postgres', q{insert into orders values (90003, 500, '2025-07-01 00:00+00', 40)});
$shop->wait_for_catchup($standby);
is($standby->safe_psql('postgres', $contents), $shop->safe_psql('postgres', $contents), 'standby: the same points');
is($standby->safe_psql('postgres', $wrong), '', 'standby: verify() and tracked work, and find nothing');
is($standby->safe_psql('postgres', q{select points from loyal_standing where customer = 500}), '40.000000', 'standby: the standing of customer 500');
($status, $out, $err) = $standby->psql('postgres', q{insert into redemptions values (90003, 500, '2025-08-01 00:00+00', 1)}, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($err, qr/ERROR:  25006: cannot execute INSERT in a read-only transaction/, 'standby: a redemption');
foreach my $call (q{compact('loyal')}, q{forget('loyal')}, q{rebuild('loyal')}, q{set_program('loyal', null)}, q{set_program('loyal', '{"program": "p", "timezone": "UTC"}')},
	q{track('event', 'loyal')}, q{untrack('event', 'loyal')}, q{keep('other', 'int')})
{
	my ($name) = $call =~ /^(\w+)/;
	($status, $out, $err) = $standby->psql('postgres', "select loyalty.$call", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  25006: loyalty\.$name\(\) cannot run on a standby\nHINT:  Run it on the primary/, "standby: $call");
}
# reports: aggregates over the shop's tables, with and without a second process, and what all customers together give
foreach my $processes (0, 2)
{
	my $settings = "set max_parallel_workers_per_gather = $processes; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;";
	is($standby->safe_psql('postgres', qq{$settings
		select customer, encode(loyalty.history_send(h), 'hex'), loyalty.points(h, program)
		from (select customer, loyalty.history(event) as h from event where customer is not null group by customer) c, loyal_program order by customer}),
		$standby->safe_psql('postgres', "select * from ($contents) k where customer in (select customer from event)"), "standby: the aggregate over the view, $processes workers");
}
foreach my $question (
	q{loyalty.whale_curve(loyalty.ranking(loyalty.profit(history)))::text from loyal},
	q{loyalty.fit(history, '{"timezone": "UTC"}', '2026-01-01 00:00+00')::text from loyal},
	q{loyalty.mrr_report(history, '[2025-01-01 00:00+00, 2026-01-01 00:00+00)')::text from loyal},
	q{r::text from loyalty.check('event') r},
	q{s::text from loyal, loyal_program, loyalty.standing(history, program, '2025-06-01 00:00+00') s})
{
	my $there = $standby->safe_psql('postgres', "select $question");
	is($there, $shop->safe_psql('postgres', "select $question"), "standby: the same: $question");
	isnt($there, '', 'standby: something');
}
$standby->promote;
$standby->safe_psql('postgres', q{insert into redemptions values (90003, 500, '2025-08-01 00:00+00', 1)});
$standby->safe_psql('postgres', changes());
is($standby->safe_psql('postgres', $wrong), '', 'standby: promoted, it goes on');

$standby->stop;
$shop->stop;
done_testing();
