# On Citus: what is pushed down, and live histories beside the shards, whose guard a shard that moves does not lose.
# For servers that have the extension citus; others skip it.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($share) = PostgreSQL::Test::Utils::run_command([ 'pg_config', '--sharedir' ]);
plan skip_all => 'the extension citus is not available' unless -e "$share/extension/citus.control";

my @nodes;
for my $name ('coordinator', 'worker1', 'worker2')
{
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', q{
listen_addresses = '127.0.0.1'
shared_preload_libraries = 'citus'
max_prepared_transactions = 20
max_worker_processes = 20
citus.shard_count = 4
citus.node_conninfo = 'sslmode=disable'
citus.local_hostname = '127.0.0.1'
citus.enable_statistics_collection = off
citus.defer_shard_delete_interval = -1
});
	$node->start;
	$node->safe_psql('postgres', 'create extension citus');
	push @nodes, $node;
}
my ($coordinator, @workers) = @nodes;

sub sql { my ($node, $query) = @_; return $node->safe_psql('postgres', $query); }

# every worker: what each says, joined
sub on_workers { my ($query) = @_; return join "\n", grep { $_ ne '' } map { sql($_, $query) } @workers; }

# what a query is refused with, and its SQLSTATE
sub fails
{
	my ($node, $query, $like, $name) = @_;
	my ($rc, $o, $e) = $node->psql('postgres', "\\set VERBOSITY verbose\n$query");
	like($e, $like, $name);
}

sql($coordinator, sprintf("select citus_set_coordinator_host('127.0.0.1', %d)", $coordinator->port));
sql($coordinator, sprintf("select citus_add_node('127.0.0.1', %d)", $_->port)) for @workers;
sql($coordinator, q{
select citus_set_node_property(nodename, nodeport, 'shouldhaveshards', groupid <> 0) from pg_dist_node;
create extension loyalty;
create schema shop;
-- two tables with gaps, and a foreign key that comes later
create table shop.orders (order_id int, customer_id int, at timestamptz not null, total numeric(10,2) not null, cost numeric(10,2), primary key (customer_id, order_id));
create table shop.refunds (refund_id int, customer_id int, gone text, order_id int not null, at timestamptz not null, amount numeric(10,2) not null, primary key (customer_id, refund_id));
create table shop.redemptions (redemption_id int, customer_id int, gone text, at timestamptz not null, points int not null, primary key (customer_id, redemption_id));
create table shop.customers (customer_id int primary key, region text);
create table shop.program (name text primary key, rules loyalty.program);
select create_distributed_table('shop.orders', 'customer_id');
alter table shop.refunds drop column gone;
select create_distributed_table('shop.refunds', 'customer_id', colocate_with => 'shop.orders');
alter table shop.refunds add foreign key (customer_id, order_id) references shop.orders;
alter table shop.refunds validate constraint refunds_customer_id_order_id_fkey;
select create_distributed_table('shop.redemptions', 'customer_id', colocate_with => 'shop.orders');
alter table shop.redemptions drop column gone;
select create_distributed_table('shop.customers', 'customer_id', colocate_with => 'shop.orders');
select create_reference_table('shop.program');
insert into shop.program values ('points', '{"program": "points", "timezone": "UTC", "earn": [{"points": 1}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 200}]}}'),
	('double', '{"program": "double", "timezone": "UTC", "earn": [{"points": 2}], "tiers": {"levels": [{"name": "Base", "at": 0}, {"name": "Gold", "at": 450}]}}');
insert into shop.customers select c, 'region ' || c % 3 from generate_series(1, 200) c;
insert into shop.orders select i, 1 + i % 200, '2025-01-01'::timestamptz + i * interval '5 hours', 10 + i % 37, 5 from generate_series(1, 3000) i;
insert into shop.refunds select i, 1 + i % 200, i, '2025-02-01'::timestamptz + i * interval '5 hours', 3 from generate_series(1, 3000, 7) i;
insert into shop.redemptions select i, 1 + i % 200, '2026-10-10', 20 from generate_series(1, 100) i;
create view shop.customer_event as
select customer_id, loyalty.purchase(at, total, cost, ref => order_id) as event from shop.orders
union all
select o.customer_id, loyalty.refund(r.at, r.amount, ref => o.order_id) from shop.refunds r join shop.orders o on o.customer_id = r.customer_id and o.order_id = r.order_id
union all
select customer_id, loyalty.redemption(at, points) from shop.redemptions;
create table plain as select * from shop.customer_event;
});

# ----- Queries: histories are made where the rows are ---------------------------------------------------------------

sub plan_of { my ($query) = @_; return sql($coordinator, "set citus.explain_all_tasks = off; explain (verbose, costs off) $query"); }

my $by_customer = 'select customer_id, loyalty.points(loyalty.history(event), p.rules, \'2026-11-01\') as points
	from %1$s, shop.program p group by customer_id, p.rules';
my $plan = plan_of(sprintf $by_customer, 'shop.customer_event');
like($plan, qr/Task Count: 4/, 'one task a shard');
like($plan, qr/Task.*loyalty\.history/s, 'histories and points on the shards');
unlike($plan, qr/coord_combine_agg/, 'of which each is whole');

my $by_region = 'select c.region, loyalty.revenue(loyalty.history(e.event)) as revenue, loyalty.orders(loyalty.history(e.event)) as orders
	from %1$s e join %2$s c using (customer_id) group by c.region';
$plan = plan_of(sprintf $by_region, 'shop.customer_event', 'shop.customers');
like($plan, qr/worker_partial_agg/, 'by another column: partial histories on the shards');

my $what_if = 'select p.name, s.tier, count(*), sum(s.points)
	from (select customer_id, loyalty.history(event) as h from %1$s group by customer_id) c, shop.program p, lateral loyalty.standing(c.h, p.rules, \'2026-11-01\') s
	group by p.name, s.tier';
$plan = plan_of(sprintf $what_if, 'shop.customer_event');
like($plan, qr/Task Count: 4.*Task.*loyalty\.standing/s, 'several programs at once on the shards');
unlike($plan, qr/coord_combine_agg/, 'and no history travels');

like(plan_of('select loyalty.history(event) from shop.customer_event where customer_id = 7'), qr/Task Count: 1\n/, 'one customer: one task');

# the same of shards and of plain tables: a query of events and customers, and another of the plain ones if it has to be
sql($coordinator, 'create table plain_customers as select * from shop.customers; create table plain_program as select * from shop.program');
sub equal
{
	my ($query, $name, $plain) = @_;
	my $there = sprintf $query, 'shop.customer_event', 'shop.customers';
	my $here = sprintf $plain // $query, 'plain', 'plain_customers';
	$here =~ s/shop\.program/plain_program/;
	is(sql($coordinator, "select count(a) > 0, count(*) filter (where a is null or b is null) from ($there) a full join ($here) b on a::text = b::text"), 't|0', $name);
}
equal($_, 'equal to a plain table') for ($by_customer, $by_region, $what_if);

my $rollup = $by_region =~ s/group by (.*)/group by rollup ($1)/r;
fails($coordinator, sprintf($rollup, 'shop.customer_event', 'shop.customers'), qr/0A000: .*GROUPING SETS, CUBE, or ROLLUP/, 'groupings at once are refused by Citus');
equal($by_region . ' union all select null, loyalty.revenue(loyalty.history(event)), loyalty.orders(loyalty.history(event)) from %1$s', 'one by one they are not', $rollup);

my $histories = '(select customer_id, loyalty.history(event) as h from %1$s group by customer_id) c';
my %aggregates = (
	ranking => "loyalty.revenue(h)) from $histories",
	effect => "customer_id < 100, loyalty.revenue(h)) from $histories",
	fit => "h, '{\"model\": \"BG/NBD\", \"timezone\": \"UTC\"}', '2026-11-01') from $histories",
	xirr => "loyalty.revenue(h) * case when customer_id < 90 then -1 else 1.2 end, '2026-01-01'::date + customer_id) from $histories",
	mrr_report => q{h, '[2025-03-01, 2025-04-01)') from (select customer_id, loyalty.history(loyalty.subscription('2025-01-01'::timestamptz + customer_id * interval '1 day', customer_id)) as h
		from %2$s group by customer_id) c});
for my $name (sort keys %aggregates)
{
	my $query = "select loyalty.$name($aggregates{$name}";
	like(plan_of(sprintf $query, 'shop.customer_event', 'shop.customers'), qr/coord_combine_agg.*Task.*worker_partial_agg\('loyalty\.$name\(/s, "$name: gathered on the shards");
	equal($query =~ s/ from/ as answer from/r, "$name: equal to plain tables");
}
my $referrals = 'loyalty.referral_value(loyalty.referrals(customer_id, nullif(customer_id / 2, 0), 5), 7)';
fails($coordinator, "select $referrals from shop.customers", qr/ERROR:.*worker_partial_agg/, 'referrals cannot be gathered there');
equal("with c as materialized (select * from %2\$s) select $referrals from c", 'but from rows that are brought first');

my $keep = 'insert into shop.kept select customer_id, loyalty.history(event) from shop.customer_event group by customer_id';
sql($coordinator, q{
create table shop.kept (customer_id int primary key, h loyalty.history);
select create_distributed_table('shop.kept', 'customer_id', colocate_with => 'shop.orders');
});
like(plan_of($keep), qr/^Custom Scan \(Citus Adaptive\).*Task Count: 4.*Task.*Insert on .*kept_/s, 'histories go from shard to shard');
sql($coordinator, $keep);
is(sql($coordinator, q{select count(*), count(distinct s.tier) from shop.kept k, shop.program p, lateral loyalty.standing(k.h, p.rules, '2026-11-01') s where p.name = 'points'}), '200|2',
	'histories kept beside the shards, and standings of them');
is(sql($coordinator, 'select loyalty.orders(loyalty.history(h)) from shop.kept'), 3000, 'a history of histories');

# ----- What cannot be tracked is refused ----------------------------------------------------------------------------

sql($coordinator, q{select loyalty.keep('loyal', 'int')});
sub refused { my ($what, $kind) = @_; fails($coordinator, $what, qr/ERROR:  0A000: .*$kind.*track_shards/s, "$kind: refused, with what to do instead"); }
refused(q{select loyalty.track('shop.customer_event', 'loyal')}, '"orders" is distributed');
sql($coordinator, q{create view shop.reference_event as select 1 as customer, loyalty.activity('2025-01-01', name) as event from shop.program});
refused(q{select loyalty.track('shop.reference_event', 'loyal')}, '"program" is a reference table');
sql($coordinator, q{
create table managed (customer int, at timestamptz);
select citus_add_local_table_to_metadata('managed');
create view managed_event as select customer, loyalty.activity(at, 'visit') as event from managed;
});
refused(q{select loyalty.track('managed_event', 'loyal')}, '"managed" is managed by Citus');
sql($coordinator, q{select loyalty.keep('moved', 'int'); select create_distributed_table('moved_base', 'customer')});
refused(q{select loyalty.verify('moved')}, '"moved_base" of live history "moved" is distributed');

# ----- Live, beside the shards --------------------------------------------------------------------------------------

my $track = q{select count(*) from loyalty.track_shards('shop.customer_event', 'loyal', (select rules from shop.program where name = 'points'))};
is(on_workers($track), "2\n2", 'two groups of shards on each worker');
sql($coordinator, 'alter table shop.redemptions add constraint guarded check (loyalty.guarded(tableoid)) not valid');
is(on_workers(q{select count(*) from loyalty.tracked where state <> 'ok'}), "0\n0", 'all tracked');
my $verify = q{select coalesce(sum((select count(*) from loyalty.verify(live))), 0) from (select distinct live from loyalty.tracked where live is not null) l};
is(on_workers($verify), "0\n0", 'all right');

sub balance { return sql($coordinator, "select loyalty.points(loyalty.history(event), (select rules from plain_program where name = 'points'), '2026-11-20') from shop.customer_event where customer_id = $_[0]"); }
sub redeem
{
	my ($customer, $points, $id) = @_;
	my ($rc, $o, $e) = $coordinator->psql('postgres', "\\set VERBOSITY verbose\ninsert into shop.redemptions values ($id, $customer, '2026-11-20', $points)");
	return $e;
}
my $points = balance(7);
on_workers($track =~ s/'points'/'double'/r);
is(scalar $coordinator->psql('postgres', "begin; insert into shop.redemptions values (9001, 7, '2026-11-20', $points + 1); rollback"), 0, 'another program by another call');
on_workers($track);
like(redeem(7, $points + 1, 9001), qr/LY001.*"reason": "not_enough_points"/s, 'a refusal comes through the coordinator, with its detail');
is(redeem(7, $points - 5, 9002), '', 'what is there may be spent');
like(redeem(7, 6, 9003), qr/LY001/, 'and no more');
is(balance(7), 5, 'the rest');
sql($coordinator, "insert into shop.orders values (9004, 7, '2026-11-19', 50, 1)");
is(redeem(7, 55, 9005), '', 'an order counts at once');

# many customers in one statement: what Citus sends as COPY keeps the words and the fields, not the SQLSTATE
my $one_of_many = "9100 + %1\$s, %1\$s, '2026-11-20', case %1\$s when 150 then 1000000 else 1 end";
my $refusal = 'redemption of 1000000 points refused.*"customer": "150".*"reason": "not_enough_points"';
fails($coordinator, sprintf("insert into shop.redemptions select $one_of_many from generate_series(100, 199) c", 'c'), qr/XX000: $refusal/s, 'one of many is refused');
fails($coordinator, "copy shop.redemptions from stdin with csv;\n9249,149,2026-11-20,1\n9250,150,2026-11-20,1000000\n\\.\n", qr/XX000: $refusal/s, 'of COPY, too');
fails($coordinator, sprintf("insert into shop.redemptions select $one_of_many from shop.customers where customer_id between 100 and 199", 'customer_id'), qr/LY001: $refusal/s, 'from shard to shard as itself');
fails($coordinator, "insert into shop.redemptions values (9249, 149, '2026-11-20', 1), (9250, 150, '2026-11-20', 1000000)", qr/LY001: $refusal/s, 'and of VALUES');
is(sql($coordinator, 'select count(*) from shop.redemptions where redemption_id between 9100 and 9300'), 0, 'all go back');
like($workers[0]->psql('postgres', q{insert into shop.redemptions values (9300, 7, '2026-11-20', 1000000)}, on_error_stop => 1) . sql($workers[0], 'select count(*) from shop.redemptions where redemption_id = 9300'),
	qr/^30$/, 'by way of a worker, too');

# what has only such a name, and what the caller's transaction goes on with
my ($own) = @workers;
sql($own, q{set citus.enable_ddl_propagation = off; set search_path = shop; select loyalty.keep('loyal_2024', 'int')});
is(sql($own, qq{begin; set local client_min_messages = error; $track; show citus.enable_ddl_propagation; commit}), "2\non", 'what was set is set again');
is(sql($own, q{select count(*) from pg_class where relname = 'loyal_2024_base'}), 1, 'a live history of somebody stays, whatever its name is');
sql($own, q{set citus.enable_ddl_propagation = off; drop table shop.loyal_2024_base, shop.loyal_2024_fragment, shop.loyal_2024_row, shop.loyal_2024_program, shop.loyal_2024_source cascade});
(undef, undef, my $without) = $own->psql('postgres', q{select loyalty.track_shards('shop.customer_event', 'loyal')});
like($without, qr/track_shards\(unknown, unknown\) does not exist/, 'a program is not forgotten by leaving it out');

# ----- A shard moves ------------------------------------------------------------------------------------------------

my $shard = sql($coordinator, q{select get_shard_id_for_distribution_column('shop.orders', 7)});
my $from = sql($coordinator, "select nodeport from citus_shards where shardid = $shard");
my ($old) = grep { $_->port == $from } @workers;
my ($new) = grep { $_->port != $from } @workers;
sql($coordinator, sprintf("select citus_move_shard_placement($shard, '127.0.0.1', %d, '127.0.0.1', %d, 'force_logical')", $old->port, $new->port));

like(redeem(7, 1, 9006), qr/55000.*redemptions_\d+" feeds no live history.*track_shards/s, 'where nobody counts, nothing is spent');
like(sql($new, q{select relation || ': ' || state from loyalty.tracked where live is null}), qr/^shop\.redemptions_\d+: not tracked/, 'the new server says so');
like(sql($old, q{select string_agg(relation || ': ' || state, ', ') from loyalty.tracked where state <> 'ok'}), qr/orders_$shard: a shard that does not belong to this server/,
	'so does the old one');
like(sql($old, "select reason from loyalty.verify('shop.loyal_$shard')"), qr/does not belong to this server/, 'also by verify');
sql($coordinator, "insert into shop.orders values (9007, 7, '2026-11-19 01:00', 30, 1)");

# a server that does not know yet that the shard is its own, as the move is but prepared there: it waits, and lets nobody in meanwhile
my ($here, $there) = map { sql($coordinator, 'select groupid from pg_dist_node where nodeport = ' . $_->port) } ($new, $old);
my $moved = "shardid in (select b.shardid from pg_dist_shard a join pg_dist_shard b using (shardminvalue) where a.shardid = $shard)";
sql($new, "update pg_dist_placement set groupid = $there where $moved");
sql($new, "begin; update pg_dist_placement set groupid = $here where $moved; prepare transaction 'arrives'");
my ($waited, $nothing, $late) = $coordinator->psql('postgres', "set statement_timeout = '1s'; insert into shop.redemptions values (9010, 7, '2026-11-20', 1000000)");
like($late, qr/statement timeout/, 'waits where its place is not decided');
sql($new, "commit prepared 'arrives'");
like(redeem(7, 1000000, 9010), qr/55000/, 'and is refused');

is(on_workers($track), $old == $workers[0] ? "1\n3" : "3\n1", 'one call on each server');
is(on_workers(q{select count(*) from loyalty.tracked where state <> 'ok'}), "0\n0", 'mends it');
is(on_workers($verify), "0\n0", 'all right again');
is(sql($old, qq{select count(*) from pg_class where relname like 'loyal\\_$shard\\_%'}), 0, 'and nothing is left');
like(redeem(7, 31, 9008), qr/LY001/, 'what came meanwhile counts');
is(redeem(7, 30, 9009), '', 'to the point');

# and back again
sql($coordinator, 'call citus_cleanup_orphaned_resources()');
sql($coordinator, sprintf("select citus_move_shard_placement($shard, '127.0.0.1', %d, '127.0.0.1', %d, 'block_writes')", $new->port, $old->port));
like(redeem(7, 1, 9010), qr/55000/, 'moved back: refused');
sql($coordinator, 'delete from shop.redemptions where customer_id = 7 and redemption_id = 9009');
is(on_workers($track), "2\n2", 'mended');
like(redeem(7, 31, 9010), qr/LY001/, 'and counted');
is(redeem(7, 30, 9009), '', 'what was given back meanwhile, too');

# a trigger that does not fire for those who write counts nothing
my $redemptions = sql($coordinator, q{select 'shop.redemptions_' || get_shard_id_for_distribution_column('shop.redemptions', 7)});
my $alter = "set citus.enable_ddl_propagation = off; set citus.enable_manual_changes_to_shards = on; alter table $redemptions enable %s trigger loyal_${shard}_insert";
sql($old, sprintf $alter, 'replica');
like(redeem(7, 1, 9011), qr/55000/, 'asleep: refused');
sql($old, sprintf $alter, 'always');
like(redeem(7, 1, 9011), qr/LY001/, 'awake: counted');

# rows go into other tables without the guard, which are then guarded again
my $split = "select citus_split_shard_by_split_points($shard, array[(select (shardminvalue::bigint + 1000)::text from pg_dist_shard where shardid = $shard)],
	array[nodeid, nodeid], 'block_writes') from pg_dist_node where nodeport = " . $old->port;
my $again = q{select alter_distributed_table('shop.orders', shard_count => 6, cascade_to_colocated => true)};
for (['split', $split, $old == $workers[0] ? "3\n2" : "2\n3"], ['made anew', $again, "3\n3"])
{
	my ($name, $change, $tracked) = @$_;
	fails($coordinator, $change, qr/55000: .*feeds no live history/, "$name: refused");
	sql($coordinator, "alter table shop.redemptions drop constraint guarded; $change");
	sql($coordinator, 'alter table shop.redemptions add constraint guarded check (loyalty.guarded(tableoid)) not valid');
	like(redeem(7, 1, 9012), qr/55000/, "$name: not tracked");
	is(on_workers($track), $tracked, 'is');
	is(on_workers($verify), "0\n0", 'and all is right');
	like(redeem(7, 1, 9012), qr/LY001/, 'again');
}
fails($coordinator, q{select undistribute_table('shop.redemptions')}, qr/55000: .*feeds no live history/, 'brought together: refused');
sql($coordinator, q{
alter table shop.redemptions drop constraint guarded;
select undistribute_table('shop.redemptions');
select undistribute_table('shop.refunds', cascade_via_foreign_keys => true);
select loyalty.keep('gathered', 'int', (select rules from shop.program where name = 'points'));
select loyalty.track('shop.customer_event', 'gathered');
alter table shop.redemptions add constraint guarded check (loyalty.guarded(tableoid)) not valid;
});
like(redeem(7, 1, 9012), qr/LY001/, 'tracked as ordinary tables');

done_testing();
