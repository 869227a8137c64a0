# The server is killed in the middle of a sale: what it said was done is there when it comes back, no unit is sold twice,
# and a prepared transaction keeps its unit.  Then the sale goes on from a dump of its middle.
# CYCLES=100 for more than eight times, SEED= for other ones.

use strict;
use warnings;

use IPC::Run;
use Time::HiRes qw(sleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $clients = 8;
my $cycles = $ENV{CYCLES} || 8;
my $seed = $ENV{SEED} || 1;
srand($seed);

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->append_conf('postgresql.conf', "fsync = on\nmax_prepared_transactions = 2\nlog_statement = none\nlog_min_error_statement = panic");
$node->start;

$node->safe_psql('postgres', q{
create extension loyalty;
select loyalty.open_deals('sale', 'int');
create table orders (id bigserial primary key, deal text, customer int);
insert into sale_deal (deal, opens, closes, units, each, hold, turn) values
	('d', clock_timestamp(), 'infinity', 400, 1000, '1 second', '300 milliseconds'), ('last', clock_timestamp(), 'infinity', 1, 1, '100 hours', null);

-- as the client remembers it: what became of the claim, or of the order
create function try_claim(member int, page text) returns text language sql as
	$$ select concat_ws('|', 'claim', member, page, state) from loyalty.claim('sale', 'd', member, ref => page) $$;
create function try_buy(member int, page text) returns text language plpgsql as $$
declare
	made bigint;
begin
	insert into orders (deal, customer) values ('d', member) returning id into made;
	perform loyalty.confirm('sale', 'd', member, made, ref => page);
	return concat_ws('|', 'bought', member, page, made);
exception when sqlstate 'LY002' then
	return 'refused';
end $$;
create view had as
select deal, unit, since, case when bought is not null then coalesce(ended, 'infinity') else least(until, ended) end as until from sale_claim where unit is not null;
});

# the only unit of another deal is claimed by a prepared transaction, which outlives every crash
$node->safe_psql('postgres', q{begin; select loyalty.claim('sale', 'last', 1); prepare transaction 'held'});

my $page = 0;
sub errands
{
	my $errands = '';
	for (1 .. 3000)
	{
		my $member = 1 + int(rand(50));
		$page++;
		$errands .= "select try_claim($member, 'p$page');\n";
		$errands .= "select try_buy($member, 'p$page');\n" if rand() < 0.5;
		$errands .= "begin; select (loyalty.release('sale', 'd', $member)).state \\gset\nrollback;\n" if rand() < 0.1;
	}
	return $errands;
}

my $folder = PostgreSQL::Test::Utils::tempdir();
my $told = "$folder/told";
my $sound = q{
	select 'a unit had twice at once', count(*) from had a join had b on a.deal = b.deal and a.unit = b.unit and a.since < b.since and b.since < a.until having count(*) > 0
	union all select 'an order without a unit', count(*) from orders o where not exists (select from sale_claim c where c.order_ref = o.id::text and c.customer = o.customer and c.bought is not null) having count(*) > 0
	union all select 'a unit without an order', count(*) from sale_claim c where c.bought is not null and not exists (select from orders o where o.id::text = c.order_ref) having count(*) > 0
	union all select 'a unit that does not know its claim', count(*) from sale_unit u join sale_claim c on c.claim = u.claim where u.unit <> c.unit or u.since <> c.since or u.free <> case when c.bought is not null then 'infinity' else coalesce(c.ended, c.until) end having count(*) > 0
	union all select 'units do not add up', count(*) from sale where free + held + bought <> units having count(*) > 0};

foreach my $cycle (1 .. $cycles)
{
	my @psql;
	foreach my $client (1 .. $clients)
	{
		append_to_file("$folder/errands.$client", errands());
		push @psql, IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr('postgres'), '-f', "$folder/errands.$client", '-o', "$told.$client" ], '<', '/dev/null', '>', '/dev/null', '2>', '/dev/null');
	}
	sleep(0.1 + rand(0.6));

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
		append_to_file($told, join('', grep { /^(claim\|\d+\|p\d+\|(held|waiting)|bought\|\d+\|p\d+\|\d+)\n/ } map { "$_\n" } split /\n/, slurp_file("$told.$client")));
		unlink "$told.$client", "$folder/errands.$client";
	}
	is($node->safe_psql('postgres', qq{
		create temp table told (what text, customer int, ref text, answer text);
		copy told from '$told' (delimiter '|');
		select count(*) from told t left join sale_claim c using (customer, ref)
		where c.claim is null or (t.what = 'bought' and (c.bought is null or c.order_ref <> t.answer))}),
		0, "cycle $cycle: every claim and order that a client was told of is there");
	is($node->safe_psql('postgres', $sound), '', "cycle $cycle: no unit is sold twice, each order has its unit");
	is($node->safe_psql('postgres', q{select gid from pg_prepared_xacts}), 'held', "cycle $cycle: the prepared claim is there");
	is($node->safe_psql('postgres', q{select state, place from loyalty.claim('sale', 'last', 2)}), 'waiting|1', "cycle $cycle: and nobody else has its unit");
}
cmp_ok(scalar(split /\n/, slurp_file($told)), '>', 20 * $cycles, 'something was at stake');

# A dump in the middle of the sale
sub contents
{
	my ($database) = @_;
	return $node->safe_psql($database, q{
		select * from loyalty.claims('sale', 'd', '2100-01-01');
		select * from sale_unit order by deal, unit; select * from sale_claim order by claim});
}
$node->safe_psql('postgres', q{
	create role other_owner;
	insert into sale_deal (deal, opens, closes, units, hold) values ('mid', clock_timestamp(), 'infinity', 2, '100 hours');
	select state from generate_series(1, 4) n, loyalty.claim('sale', 'mid', n);
	select loyalty.confirm('sale', 'mid', 1, 'mid-1')});
my $before = contents('postgres');
foreach my $format ('plain', 'custom')
{
	$node->safe_psql('postgres', "create database $format");
	$node->command_ok([ 'pg_dump', "--format=$format", '-d', $node->connstr('postgres'), '-f', "$folder/$format" ], "$format: dump");
	$node->command_ok($format eq 'plain' ?
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($format), '-f', "$folder/plain" ] :
		[ 'pg_restore', '-e', '-j', '2', '-d', $node->connstr($format), "$folder/custom" ], "$format: restore");
	is(contents($format), $before, "$format: the same claims and units");
	is($node->safe_psql($format, q{
		select state from loyalty.claim('sale', 'mid', 2);
		select state, place from loyalty.claim('sale', 'mid', 5);
		select state from loyalty.release('sale', 'mid', 2);
		select state from loyalty.claim('sale', 'mid', 3);
		select state from loyalty.confirm('sale', 'mid', 1, 'mid-1');
		update sale_deal set units = 4 where deal = 'mid';
		select state, free, held, bought, waiting from sale where deal = 'mid'}), "held\nwaiting|3\nreleased\nheld\nbought\nsold out|0|3|1|0", "$format: the sale goes on");
}

$node->safe_psql('postgres', q{commit prepared 'held'});
is($node->safe_psql('postgres', q{select state from loyalty.claim('sale', 'last', 1) union all select state from loyalty.confirm('sale', 'last', 1, 1)}), "held\nbought", 'the prepared claim holds its unit');
$node->stop;
done_testing();
