# 64 clients claim, order, cancel and look on one deal, and on a hundred, while units come and go: at no isolation level is
# a unit sold twice or does a member get more than their share, at any instant.
# ATTEMPTS=100000 for more than the 6,000 tries at each level.

use strict;
use warnings;

use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $clients = 64;
my $attempts = $ENV{ATTEMPTS} || 6_000;

my $node = PostgreSQL::Test::Cluster->new('shop');
$node->init;
$node->append_conf('postgresql.conf', "max_connections = 200\nfsync = off\nlog_statement = none\nlog_min_error_statement = panic\nlog_min_messages = panic");
$node->start;

$node->safe_psql('postgres', q{
create extension loyalty;
select loyalty.open_deals('sale', 'int');
create table orders (id bigserial primary key, deal text, customer int);

-- An order and its unit, or neither.
create function buy(wanted text, member int) returns text language plpgsql as $$
declare
	made bigint;
begin
	insert into orders (deal, customer) values (wanted, member) returning id into made;
	return (loyalty.confirm('sale', wanted, member, made)).state;
exception when sqlstate 'LY002' then
	return 'refused';
end $$;

-- the order goes with its unit
create function give_back(wanted text, member int) returns text language plpgsql as $$
declare
	got text;
begin
	got := (loyalty.release('sale', wanted, member)).state;
	delete from orders o where o.deal = wanted and o.customer = member
		and not exists (select from loyalty.claims('sale', wanted, customer => member) c where c.state = 'bought' and c.order_ref = o.id::text);
	return got;
end $$;

-- From when to when a claim had its unit, and from when to when it was live
create view had as
select deal, customer, unit, since, case when bought is not null then coalesce(ended, 'infinity') else least(until, ended) end as until,
	at, case when bought is not null or unit is null then coalesce(ended, 'infinity') else least(until, ended) end as live_until
from sale_claim;
create view wrong as
select 'a unit had twice at once' as what, a.deal, a.unit from had a join had b on a.deal = b.deal and a.unit = b.unit and a.since < b.since and b.since < a.until
union all
select 'more had than there are', deal, 0 from (
	select deal, sum(n) over (partition by deal order by at, n) as out from (select deal, since as at, 1 as n from had where unit is not null union all select deal, until, -1 from had where unit is not null) e) s
	join sale_deal using (deal) where s.out > (select max(u.units) from sale_deal u where u.deal = s.deal)
union all
select 'more live claims than each', deal, customer from (
	select deal, customer, sum(n) over (partition by deal, customer order by at, n) as live from (select deal, customer, at, 1 as n from had union all select deal, customer, live_until, -1 from had) e) s
	join sale_deal using (deal) where s.live > each
union all
select 'an order without a unit', o.deal, o.customer from orders o where not exists (select from sale_claim c where c.deal = o.deal and c.customer = o.customer and c.order_ref = o.id::text and c.bought is not null and c.ended is null)
union all
select 'a unit without its order', c.deal, c.customer from sale_claim c where c.bought is not null and c.ended is null and not exists (select from orders o where o.id::text = c.order_ref)
union all
select 'the view does not add up', deal, 0 from sale where free + held + bought <> units or free < 0;
});

# what one client tries
my $try = q{\set dice random(1, 100)
\set member random(1, :members)
\set n random(1, :deals)
\if :dice <= 60
select state from loyalty.claim('sale', 'KEY' || :n, :member);
\elif :dice <= 70
select state from loyalty.claim('sale', 'KEY' || :n, :member, ref => 'page-' || :dice);
\elif :dice <= 85
select buy('KEY' || :n, :member);
\elif :dice <= 95
select give_back('KEY' || :n, :member);
\elif :dice <= 97
select count(*) from loyalty.claims('sale', 'KEY' || :n);
\else
update sale_deal set units = units + 1 where deal = 'KEY' || :n;
\endif
};

foreach my $level ('read committed', 'repeatable read', 'serializable')
{
	foreach my $deals (1, 100)
	{
		my $name = "$level, $deals deals";
		my $key = ($level =~ s/ /_/r) . "_${deals}_";
		my $script = $node->basedir . "/$key.sql";
		append_to_file($script, $try =~ s/KEY/$key/gr);

		# holds and turns of a moment, so that many come and go; one in two deals without a waiting list
		$node->safe_psql('postgres', "insert into sale_deal (deal, opens, closes, units, each, hold, turn, waitlist)
			select '$key' || n, clock_timestamp(), 'infinity', 300 / $deals, 1 + n % 2, '300 milliseconds', '100 milliseconds', n % 2 = 1 from generate_series(1, $deals) n");
		my ($began, $out, $err) = (time, '', '');
		local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . ($level =~ s/ /\\ /r);
		# 40001 is tried again, as a shop would
		IPC::Run::run([ 'pgbench', '-n', '-M', 'prepared', '-c', $clients, '-j', 2, '-t', 1 + int($attempts / $clients / 2), '--max-tries=100000',
				'-D', "deals=$deals", '-D', 'members=' . ($deals == 1 ? 3000 : 30), '-f', $script, $node->connstr('postgres') ], '>', \$out, '2>', \$err);
		delete $ENV{PGOPTIONS};
		is($err =~ s/^pgbench: (?!error).*\n//mgr, '', "$name: no error but those that are tried again");
		my ($retries) = $out =~ /^total number of retries: (\d+)/m;
		note("$name: ", $retries // 0, ' retries in ', time - $began, ' s');
		is($node->safe_psql('postgres', 'select what, deal, unit, count(*) from wrong group by 1, 2, 3 limit 9'), '', "$name: nothing sold twice, nobody with more than their share");
		my ($claims, $bought) = split /\|/, $node->safe_psql('postgres', "select count(*), count(*) filter (where bought is not null) from sale_claim where deal like '$key%'");
		cmp_ok($claims, '>=', 200, "$name: so many claims were stored");
		cmp_ok($bought, '>=', 10, "$name: and so many confirmed");
	}
}

# 300 units, no holds that end: each of 3,000 members tries once, at each level
foreach my $level ('read committed', 'repeatable read', 'serializable')
{
	my $key = $level =~ s/ /_/r;
	$node->safe_psql('postgres', "insert into sale_deal (deal, opens, closes, units, waitlist, hold) values ('$key', clock_timestamp(), 'infinity', 300, false, '100 hours')");
	my $once = $node->basedir . "/once_$key.sql";
	append_to_file($once, "\\set member random(1, 900)\nselect state from loyalty.claim('sale', '$key', :member);\n");
	my ($out, $err) = ('', '');
	local $ENV{PGOPTIONS} = '-c default_transaction_isolation=' . ($level =~ s/ /\\ /r);
	IPC::Run::run([ 'pgbench', '-n', '-M', 'prepared', '-c', 16, '-j', 2, '-t', 250, '--max-tries=100000', '-f', $once, $node->connstr('postgres') ], '>', \$out, '2>', \$err);
	delete $ENV{PGOPTIONS};
	is($node->safe_psql('postgres', "select held, free, (select count(distinct customer) from sale_claim where deal = '$key'), (select count(*) from sale_claim where deal = '$key') from sale where deal = '$key'"),
		'300|0|300|300', "$level: 300 units, 900 members, 4,000 tries: 300 held by 300 members, none free");
}
is($node->safe_psql('postgres', 'select deadlocks from pg_stat_database where datname = current_database()'), 0, 'no deadlocks');

$node->stop('immediate');
done_testing();
