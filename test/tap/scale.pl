# A shop on several servers: orders, refunds and redemptions by customer on two of them, behind foreign tables on a third;
# and a fourth place for reports, to which both replicate.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($share) = PostgreSQL::Test::Utils::run_command([ 'pg_config', '--sharedir' ]);
plan skip_all => 'the extension postgres_fdw is not available' unless -e "$share/extension/postgres_fdw.control";

my $program = '{"program": "club", "timezone": "UTC", "earn": [{"points": 1}], "tiers": {"by": "spend", "window": "calendar year", '
  . '"valid": "1 year after window", "levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 300}]}}';
my $day = "'2026-02-01 00:00+00'";

# on both servers the same, with the customer in every table; "place" knows who belongs there
my $schema = qq{
create extension loyalty;
create table place (customer_id int) partition by hash (customer_id);
create table orders (order_id bigint, customer_id int, at timestamptz, total numeric(10,2), primary key (order_id, customer_id));
create table refunds (refund_id bigint, order_id bigint, customer_id int, at timestamptz, amount numeric(10,2), primary key (refund_id, customer_id));
create table redemptions (redemption_id bigint, customer_id int, at timestamptz, points int, primary key (redemption_id, customer_id));
create view customer_event as
	select customer_id, loyalty.purchase(at, total, ref => order_id) as event from orders
	union all
	select customer_id, loyalty.refund(at, amount, ref => order_id) from refunds
	union all
	select customer_id, loyalty.redemption(at, points) from redemptions;
create view customer_history as
	select customer_id, loyalty.history(event) as h from customer_event group by customer_id;
select loyalty.keep('loyal', 'int', '$program');
select loyalty.track('customer_event', 'loyal');
};
# whose orders and redemptions may come in
sub belongs
{
	my ($modulus, $remainder) = @_;
	return join '', map { qq{
alter table $_ drop constraint if exists place;
alter table $_ add constraint place check (satisfies_hash_partition('place'::regclass, $modulus, $remainder, customer_id));} } 'orders', 'redemptions';
}
my @shards;
foreach my $name ('one', 'two')
{
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 'logical');
	$node->start;
	$node->safe_psql('postgres', $schema . belongs(2, $name eq 'one' ? 0 : 1));
	push @shards, $node;
}
my $whole = PostgreSQL::Test::Cluster->new('whole');
$whole->init(allows_streaming => 'logical');
$whole->start;
$whole->safe_psql('postgres', 'create database shop; create database reports');

#
# Foreign tables
#
my $tables = 'orders, refunds, redemptions, customer_history, loyal_standing';
$whole->safe_psql('shop', 'create extension loyalty; create extension postgres_fdw');

# a server and what is there, in a schema of its name
sub link_to
{
	my ($node) = @_;
	my ($name, $host, $port) = ($node->name, $node->host, $node->port);
	$whole->safe_psql('shop', qq{
		create server $name foreign data wrapper postgres_fdw
			options (host '$host', port '$port', dbname 'postgres', extensions 'loyalty', async_capable 'true', batch_size '50');
		create user mapping for current_user server $name;
		create schema $name;
		import foreign schema public limit to ($tables) from server $name into $name});
}
link_to($_) foreach @shards;
foreach my $table (split /, /, $tables)
{
	my $key = $table eq 'loyal_standing' ? 'customer' : 'customer_id';
	$whole->safe_psql('shop', qq{
		create table $table (like one.$table) partition by hash ($key);
		alter table $table attach partition one.$table for values with (modulus 2, remainder 0);
		alter table $table attach partition two.$table for values with (modulus 2, remainder 1)});
}
$whole->safe_psql('shop', q{
insert into orders select n, n % 100, '2025-01-01 00:00+00'::timestamptz + n * interval '1 hour', n % 70 + 1 from generate_series(1, 1000) n;
insert into refunds select n, n * 10, n * 10 % 100, '2025-06-01 00:00+00'::timestamptz + n * interval '1 hour', 1 from generate_series(1, 50) n;
insert into redemptions select n, n, '2025-07-01 00:00+00', 5 from generate_series(1, 60) n;
create schema copy;
create table copy.orders as table orders;
create table copy.refunds as table refunds;
create table copy.redemptions as table redemptions;
create view copy.customer_event as
	select customer_id, loyalty.purchase(at, total, ref => order_id) as event from copy.orders
	union all
	select customer_id, loyalty.refund(at, amount, ref => order_id) from copy.refunds
	union all
	select customer_id, loyalty.redemption(at, points) from copy.redemptions;
create view copy.customer_history as
	select customer_id, loyalty.history(event) as h from copy.customer_event group by customer_id;
});
my @rows = map { $_->safe_psql('postgres', 'select count(*) from orders') } @shards;
is($rows[0] + $rows[1], 1000, 'the orders are on the two servers');
cmp_ok($rows[0], '>', 300, 'on either some');
cmp_ok($rows[1], '>', 300, 'on the other too');
is($shards[0]->safe_psql('postgres', 'select count(distinct customer_id) from orders'), $whole->safe_psql('shop',
		q{select count(*) from generate_series(0, 99) n where satisfies_hash_partition('orders'::regclass, 2, 0, n)}), 'where a customer is can be asked');
foreach my $node (@shards)
{
	my ($status, $out, $err) = $node->psql('postgres', q{insert into orders select 5000 + n, n, '2025-01-01 00:00+00', 1 from generate_series(1, 20) n}, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  23514: .*"place"/, $node->name . ': an order of somebody else\'s customer');
}

my $pushed = 'set enable_partitionwise_aggregate = on';

# what the two servers are sent for a statement
sub sent
{
	my ($settings, $query) = @_;
	my $plan = $whole->safe_psql('shop', "$settings; explain (verbose, costs off) $query");
	my @sent = $plan =~ /Remote SQL: (.*)/g;
	return ($plan, @sent);
}

# both are sent something that looks like the first, and nothing like the second
sub shipped
{
	my ($name, $settings, $query, $with, $without) = @_;
	my ($plan, @sent) = sent($settings, $query);
	is(scalar(@sent), 2, "$name: both are asked");
	foreach (@sent)
	{
		like($_, $with, "$name: as hoped");
		unlike($_, $without, "$name: and no more") if $without;
	}
	return $plan;
}

# the same rows from the foreign tables and from the copy
sub equal
{
	my ($name, $query) = @_;
	my $there = $whole->safe_psql('shop', "$pushed; $query");
	is($there, $whole->safe_psql('shop', "set search_path = copy; $query"), "$name: the same");
	isnt($there, '', "$name: something");
}

my $history = 'loyalty.history(loyalty.purchase(at, total, ref => order_id))';
my $each = "select customer_id, $history as h from orders group by customer_id";
my $having = "select customer_id, loyalty.revenue($history) from orders group by customer_id having loyalty.revenue($history) > 300";
my $points = "select customer_id, loyalty.points($history, '$program', $day) from orders group by customer_id";
shipped('settings as they come', 'select', $each, qr/SELECT.*FROM public\.orders$/, qr/loyalty/);
like(shipped('partitionwise', $pushed, $each, qr/SELECT customer_id, loyalty\.history\(.*GROUP BY/), qr/(Async Foreign Scan.*){2}/s, 'both at once');
shipped('a condition on the answer', $pushed, $having, qr/HAVING.*loyalty\.revenue/);
shipped('points', $pushed, $points, qr/loyalty\.points\(.*::loyalty\.program.*GROUP BY/);
shipped('without an instant', $pushed, "select customer_id, loyalty.points($history, '$program') from orders group by customer_id", qr/loyalty\.history/, qr/loyalty\.points/);
shipped('another group', $pushed, "select order_id % 3, loyalty.revenue($history) from orders group by 1", qr/SELECT.*FROM public\.orders$/, qr/loyalty/);
shipped('all customers', $pushed, "select sum(r) from (select loyalty.revenue($history) as r from orders group by customer_id) c", qr/SELECT.*loyalty\.revenue\(.*GROUP BY/);
equal('histories', "select * from ($each) h order by 1");
equal('a condition', "$having order by 1");
equal('points', "$points order by 1");

# histories of the servers' own views
shipped('a function of them', $pushed, 'select customer_id, loyalty.profit(h) from customer_history', qr/^SELECT customer_id, h FROM/);
shipped('by way of the aggregate', $pushed, 'select customer_id, loyalty.profit(loyalty.history(h)) from customer_history group by customer_id', qr/loyalty\.profit\(/);
shipped('a condition on one', $pushed, 'select customer_id from customer_history where loyalty.profit(h) > 100', qr/WHERE.*loyalty\.profit/);
my ($plan, @sent) = sent($pushed, 'select h from customer_history where customer_id = 5');
is(scalar(@sent), 1, 'one customer: one server');
like($sent[0], qr/WHERE.*customer_id = 5/, 'and one row');
equal('their histories', 'select * from customer_history order by 1');
equal('their sums', "select sum(profit), sum(points) from (select loyalty.profit(loyalty.history(h)) as profit, loyalty.points(loyalty.history(h), '$program', $day) as points
	from customer_history group by customer_id) c");
equal('their standings', "select customer_id, s.* from customer_history, loyalty.standing(h, '$program', $day) s order by 1");

# live on each server
shipped('live standings', $pushed, 'select tier, sum(points) from loyal_standing group by tier', qr/^SELECT tier, points FROM public\.loyal_standing$/);
is($whole->safe_psql('shop', 'select sum(points), sum(profit), count(*) from loyal_standing'),
	$whole->safe_psql('shop', "select sum(loyalty.points(h, '$program')) + 0.000000, sum(loyalty.profit(h)) + 0.000000, count(*) from copy.customer_history"), 'live standings: their sums');

sub refused
{
	my ($statement, $pattern, $name) = @_;
	my ($status, $out, $err) = $whole->psql('shop', $statement, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($err, $pattern, $name);
}
my $spent = 'select redemption_id, customer_id, points from redemptions order by 1';
my $before = $whole->safe_psql('shop', $spent);
refused(q{insert into redemptions select 1000 + n, n, '2025-08-01 00:00+00', case n when 90 then 5000 else 1 end from generate_series(60, 90) n},
	qr/ERROR:  LY001: redemption of 5000 points refused.*\nDETAIL:  \{"customer": "90", "points": 5000, "available": \d+, "reason": "not_enough_points"/, 'a redemption without points');
is($whole->safe_psql('shop', $spent), $before, 'nothing of the statement is left, on either server');
$whole->safe_psql('shop', q{insert into redemptions select 1000 + n, n, '2025-08-01 00:00+00', 1 from generate_series(60, 90) n});
is($whole->safe_psql('shop', 'select count(*) from redemptions'), '91', 'redemptions that the points cover');

# what a transaction has read of a server is what it goes on seeing there: another's redemption then is a reason to try again
my $by_another = join "\n", map { sprintf '\! psql -X -q -d "%s" -c "insert into redemptions select 2000, 42, \'2025-09-01 00:00+00\', 1 where exists (select from orders where customer_id = 42)"',
	$_->connstr('postgres') =~ s/'//gr } @shards;
refused(qq{begin; select points from loyal_standing where customer = 42;
$by_another
insert into redemptions values (2001, 42, '2025-09-02 00:00+00', 1)}, qr/ERROR:  40001: could not serialize access/, 'a redemption beside another one');
is($whole->safe_psql('shop', 'select array_agg(redemption_id) from redemptions where redemption_id >= 2000'), '{2000}', 'the other one stays');
$whole->safe_psql('shop', q{insert into redemptions values (2001, 42, '2025-09-02 00:00+00', 1)});
refused(q{create view event as select customer_id, loyalty.redemption(at, points) as event from redemptions;
	select loyalty.keep('own', 'int'); select loyalty.track('event', 'own')}, qr/ERROR:  0A000: .*\nDETAIL:  Its rows change without a trigger/, 'live histories of foreign tables');

# without the option the functions are nobody's that the server knows
$whole->safe_psql('shop', 'alter server one options (drop extensions); alter server two options (drop extensions)');
shipped('an extension not named', $pushed, $each, qr/SELECT.*FROM public\.orders$/, qr/loyalty/);

#
# A place for reports: the tables of both servers arrive in the same ones
#
my $wrong = q{
	select customer, reason from loyalty.verify('loyal');
	select relation, state from loyalty.tracked where state <> 'ok'};
my $contents = q{select customer, encode(loyalty.history_send(history), 'hex') from loyal order by customer};
my $dump = PostgreSQL::Test::Utils::tempdir() . '/schema';
$shards[0]->command_ok([ 'pg_dump', '--schema-only', '-d', $shards[0]->connstr('postgres'), '-f', $dump ], 'schema from the first server');
$whole->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $whole->connstr('reports'), '-f', $dump ], 'to the reports');
# replication tries them
$whole->safe_psql('reports', 'alter table orders drop constraint place; alter table redemptions drop constraint place');
foreach my $node (@shards)
{
	my ($name, $connection) = ($node->name, $node->connstr . ' dbname=postgres');
	# what is the same on both comes from the first
	my $shared = $name eq 'one' ? ', loyal_program, loyal_source' : '';
	$node->safe_psql('postgres', "create publication reports for table orders, refunds, redemptions, loyal_base, loyal_fragment, loyal_row$shared");
	$whole->safe_psql('reports', "create subscription $name connection '$connection' publication reports");
}
# the histories here and there, in the order of the customers
sub everywhere
{
	return join "\n", sort { ($a =~ /^(\d+)/)[0] <=> ($b =~ /^(\d+)/)[0] } map { split /\n/, $_->safe_psql('postgres', $contents) } @shards;
}
$whole->wait_for_subscription_sync($_, $_->name, 'reports') foreach @shards;
is($whole->safe_psql('reports', $contents), everywhere(), 'reports: the first copy');
is($whole->safe_psql('reports', $wrong), '', 'reports: and what the tables there say');
$whole->safe_psql('shop', q{
	insert into orders select 2000 + n, n % 150, '2025-10-01 00:00+00'::timestamptz + n * interval '1 minute', 7 from generate_series(1, 300) n;
	update orders set total = total + 1 where order_id % 5 = 0;
	delete from refunds where refund_id % 5 = 0;
	insert into redemptions select 3000 + n, n, '2025-11-01 00:00+00', 2 from generate_series(1, 20) n});
$_->wait_for_catchup($_->name) foreach @shards;
is($whole->safe_psql('reports', $contents), everywhere(), 'reports: after changes');
is($whole->safe_psql('reports', $wrong), '', 'reports: and what the tables there say, after changes');
is($whole->safe_psql('reports', 'select count(*) from loyal_standing'), '150', 'reports: everybody stands there');
is($_->safe_psql('postgres', $wrong), '', $_->name . ': all is right') foreach @shards;

$whole->safe_psql('reports', 'drop subscription one; drop subscription two');

#
# One server more: a copy of the first takes half of its customers
#
$whole->safe_psql('shop', q{alter server one options (add extensions 'loyalty'); alter server two options (add extensions 'loyalty')});
my $questions = "$pushed; select customer_id, loyalty.revenue(loyalty.history(h)) from customer_history group by customer_id order by 1; select * from loyal_standing order by customer";
my $answers = $whole->safe_psql('shop', $questions);
$shards[0]->backup('copy');
my $three = PostgreSQL::Test::Cluster->new('three');
$three->init_from_backup($shards[0], 'copy', has_streaming => 1);
$three->start;
$shards[0]->wait_for_catchup($three);
$three->promote;
foreach my $half ([ $shards[0], 0, 2 ], [ $three, 2, 0 ])
{
	my ($node, $stays, $goes) = @$half;
	$node->safe_psql('postgres', join(';', map { "delete from $_ where satisfies_hash_partition('place'::regclass, 4, $goes, customer_id)" } 'refunds', 'orders', 'redemptions')
		. ';' . belongs(4, $stays) . q{ select loyalty.forget('loyal')});
	is($node->safe_psql('postgres', $wrong), '', $node->name . ': right after half has gone');
}
link_to($three);
foreach my $table (split /, /, $tables)
{
	$whole->safe_psql('shop', qq{
		begin;
		alter table $table detach partition one.$table;
		alter table $table attach partition one.$table for values with (modulus 4, remainder 0);
		alter table $table attach partition three.$table for values with (modulus 4, remainder 2);
		commit});
}
is($whole->safe_psql('shop', $questions), $answers, 'on three servers: the same answers');
isnt($three->safe_psql('postgres', 'select count(*) from loyal'), '0', 'three: some are there');
refused(q{insert into redemptions select 9000 + n, n, '2026-01-01 00:00+00', 100000 from generate_series(1, 100) n where satisfies_hash_partition('orders'::regclass, 4, 2, n) limit 1},
	qr/ERROR:  LY001: /, 'three: refuses, too');
$three->stop;
$whole->stop;
$_->stop foreach @shards;
done_testing();
